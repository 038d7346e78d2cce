//! Chunks of a variable, as the C library decodes them.

use std::sync::Arc;

use graticule_array::{Buffer, Chunk, ChunkGrid, ChunkSource, DType, SourceSpec};
use netcdf::{Extent, Extents};

use super::calls;
use super::handle::Handle;
use crate::error::{Error, Result};
use crate::netcdf::{bytes, spec};

/// What the library keeps of the chunks of a variable, unless it was told otherwise.
const CACHE_BYTES: usize = 16 << 20;

#[derive(Debug)]
pub(super) struct CSource {
    handle: Arc<Handle>,
    /// The path of the variable in the file.
    name: String,
    dtype: DType,
    shape: Vec<usize>,
    grid: ChunkGrid,
}

impl CSource {
    pub(super) fn new(
        handle: &Arc<Handle>,
        name: &str,
        dtype: DType,
        shape: &[usize],
        grid: ChunkGrid,
    ) -> Self {
        Self { handle: Arc::clone(handle), name: name.into(), dtype, shape: shape.to_vec(), grid }
    }

    fn what(&self) -> String {
        format!("variable {:?}", self.name)
    }

    fn fill(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.dtype, &shape);
        if out.is_empty() {
            return Ok(());
        }
        self.handle.check()?;
        let extent = |range: &std::ops::Range<usize>| Extent::SliceCount {
            start: range.start,
            count: range.len(),
            stride: 1,
        };
        let extents = Extents::from(region.iter().map(extent).collect::<Vec<_>>());
        let read = self.handle.with(|file| {
            // A path for the crate does not start at the root.
            let Some(variable) = file.variable(self.name.trim_start_matches('/')) else {
                return Err(netcdf::Error::NotFound(self.what()));
            };
            if let Buffer::Str(out) = out.buffer_mut() {
                return calls::texts(&variable, extents, out);
            }
            bytes::bytes_mut(out).map_or(Ok(()), |out| variable.get_raw_values_into(out, extents))
        });
        read.map_err(|problem| {
            let hint = "it is damaged, or stored with a filter that is not in HDF5_PLUGIN_PATH";
            Error::unsupported(self.handle.file().path(), self.what(), problem, hint)
        })
    }
}

impl ChunkSource for CSource {
    fn spec(&self) -> SourceSpec {
        let file = self.handle.file();
        let spec = spec(file.path(), &file.version(), &self.name, false, &self.shape);
        SourceSpec { driver: "netcdf-c".into(), ..spec }
    }

    fn label(&self) -> String {
        crate::text::source_label(&self.name, self.handle.file().path())
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        let of = || format!("{} of {}", self.what(), self.handle.file().path().display());
        self.fill(index, out).map_err(|error| error.into_read_error(&of()))
    }

    fn scratch_bytes(&self) -> usize {
        let elements: usize = self.grid.max_chunk().iter().product();
        let pointers = if self.dtype == DType::Str { elements * size_of::<usize>() } else { 0 };
        CACHE_BYTES + pointers
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
