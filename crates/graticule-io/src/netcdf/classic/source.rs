//! Chunks of a classic variable: positional reads into the caller's buffer, then the byte order.

use std::sync::Arc;

use graticule_array::{Chunk, ChunkGrid, ChunkSource, DType, SourceSpec};

use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::netcdf::{bytes, scratch, spec};

/// Where the elements of a variable lie.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent {
    /// One after another.
    Whole { bytes: u64 },
    /// Record by record, with those of other variables between them.
    Records { record_bytes: u64, stride: u64 },
}

impl Extent {
    /// The position after the last element, without padding; 0 where there are none.
    pub(super) fn end(self, begin: u64, shape: &[usize]) -> Option<u64> {
        if shape.contains(&0) {
            return Some(0);
        }
        match self {
            Self::Whole { bytes } => begin.checked_add(bytes),
            Self::Records { record_bytes, stride } => {
                let Some(last) = shape.first().and_then(|&records| records.checked_sub(1)) else {
                    return Some(begin);
                };
                (last as u64).checked_mul(stride)?.checked_add(record_bytes)?.checked_add(begin)
            }
        }
        .filter(|&end| end <= i64::MAX as u64)
    }
}

#[derive(Debug)]
pub(super) struct ClassicSource {
    file: Arc<DataFile>,
    name: String,
    dtype: DType,
    shape: Vec<usize>,
    grid: ChunkGrid,
    begin: u64,
    extent: Extent,
    /// The element that stands for what a truncated file lacks; without it, that is an error.
    missing: Option<Vec<u8>>,
}

/// Records that are this close together are read in one go, with what lies between them.
const GAP_BYTES: u64 = 16 << 10;
/// The most that is read in one go to gather small records.
const GATHER_BYTES: u64 = 1 << 20;

impl ClassicSource {
    pub(super) fn new(
        file: &Arc<DataFile>,
        name: &str,
        dtype: DType,
        (shape, grid): (Vec<usize>, ChunkGrid),
        (begin, extent): (u64, Extent),
        missing: Option<Vec<u8>>,
    ) -> Self {
        Self { file: Arc::clone(file), name: name.into(), dtype, shape, grid, begin, extent, missing }
    }

    fn fill(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.dtype, &shape);
        let Some(target) = bytes::bytes_mut(out) else { return Ok(()) };
        if target.is_empty() {
            return Ok(());
        }
        // Chunks are cut so that within a record each is one run of bytes.
        let (outer, inner) = match self.extent {
            Extent::Whole { .. } => (0..1, region.as_slice()),
            Extent::Records { .. } => match region.split_first() {
                Some((records, inner)) => (records.clone(), inner),
                None => return Ok(()),
            },
        };
        let lens = &self.shape[self.shape.len() - inner.len()..];
        let skipped =
            inner.iter().zip(lens).fold(0, |at, (range, &len)| at * len as u64 + range.start as u64);
        let start = self.begin + skipped * self.dtype.size() as u64;
        match self.extent {
            Extent::Whole { .. } => self.read_run(target, start)?,
            Extent::Records { stride, .. } => {
                let first = start + outer.start as u64 * stride;
                self.read_records(target, first, stride, outer.len())?;
            }
        }
        if cfg!(target_endian = "little") {
            bytes::swap(target, self.dtype.size());
        }
        Ok(())
    }

    fn read_records(&self, target: &mut [u8], first: u64, stride: u64, records: usize) -> Result<()> {
        let record_bytes = target.len() / records.max(1);
        let gap = stride.saturating_sub(record_bytes as u64);
        if gap == 0 {
            return self.read_run(target, first);
        }
        let together = usize::try_from(GATHER_BYTES / stride).unwrap_or(1).max(1);
        if gap > GAP_BYTES || together < 2 {
            for (i, record) in target.chunks_exact_mut(record_bytes).enumerate() {
                self.read_run(record, first + i as u64 * stride)?;
            }
            return Ok(());
        }
        let step = record_bytes + usize::try_from(gap).unwrap_or(usize::MAX);
        scratch::with(|scratch| {
            for (i, batch) in target.chunks_mut(record_bytes * together).enumerate() {
                let span = (batch.len() / record_bytes - 1) * step + record_bytes;
                let packed = scratch::room(&mut scratch.packed, span);
                self.read_run(packed, first + (i * together) as u64 * stride)?;
                for (record, from) in batch.chunks_exact_mut(record_bytes).zip(packed.chunks(step)) {
                    record.copy_from_slice(&from[..record_bytes]);
                }
            }
            Ok(())
        })
    }

    /// Reads bytes that are one run in the file; those it does not have become missing where that is asked for.
    fn read_run(&self, target: &mut [u8], start: u64) -> Result<()> {
        let end = start + target.len() as u64;
        if end <= self.file.len() {
            return self.file.read_at(target, start);
        }
        let Some(missing) = &self.missing else {
            return Err(Error::Truncated {
                path: self.file.path().to_owned(),
                what: format!("variable {:?}", self.name),
                needed_bytes: end,
                actual_bytes: self.file.len(),
            });
        };
        let size = self.dtype.size();
        let there = usize::try_from(self.file.len().saturating_sub(start)).unwrap_or(0) / size * size;
        let (there, lost) = target.split_at_mut(there);
        self.file.read_at(there, start)?;
        bytes::fill(lost, missing);
        // All of the target is swapped afterwards.
        if cfg!(target_endian = "little") {
            bytes::swap(lost, size);
        }
        Ok(())
    }
}

impl ChunkSource for ClassicSource {
    fn spec(&self) -> SourceSpec {
        spec(
            self.file.path(),
            &self.file.version(),
            &format!("/{}", self.name),
            self.missing.is_some(),
            &self.shape,
        )
    }

    fn label(&self) -> String {
        crate::text::source_label(&self.name, self.file.path())
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        self.fill(index, out).map_err(|error| {
            error.into_read_error(&format!("variable {:?} of {}", self.name, self.file.path().display()))
        })
    }

    fn scratch_bytes(&self) -> usize {
        match self.extent {
            Extent::Whole { .. } => 0,
            Extent::Records { .. } => GATHER_BYTES as usize,
        }
    }

    fn stored_bytes(&self) -> Option<u64> {
        let elements: usize = self.shape.iter().product();
        Some(elements as u64 * self.dtype.size() as u64)
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
