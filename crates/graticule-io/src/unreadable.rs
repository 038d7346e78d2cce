//! A variable that is there but cannot be read.

use std::sync::Arc;

use graticule_array::{Chunk, ChunkGrid, ChunkSource, DType, SourceSpec};

use crate::error::Error;
use crate::file::DataFile;
use crate::limits;

/// Stands for a variable whose elements have no counterpart in memory or whose header makes no sense.
///
/// The variable is listed, so that it does not vanish without a word; reading it is an error that says why. Its
/// dtype is that of text.
#[derive(Debug)]
pub(crate) struct Unreadable {
    what: String,
    version: String,
    grid: ChunkGrid,
    error: Error,
}

impl Unreadable {
    pub(crate) fn new(file: &Arc<DataFile>, name: &str, shape: &[usize], error: Error) -> Self {
        let what = format!("variable {name:?} of {}", file.path().display());
        // A shape that is itself the damage must not reach anybody who multiplies its lengths.
        let is_sound = limits::elements(shape.iter().map(|&len| len as u64)).is_some();
        let shape = if is_sound { shape.to_vec() } else { vec![0; shape.len()] };
        Self { what, version: file.version(), grid: ChunkGrid::single(&shape), error }
    }
}

impl ChunkSource for Unreadable {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "unreadable".into(), config: format!("{} {}", self.what, self.version) }
    }

    fn label(&self) -> String {
        self.what.clone()
    }

    fn dtype(&self) -> DType {
        DType::Str
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, _: &[usize], _: &mut Chunk) -> graticule_array::Result<()> {
        Err(self.error.clone().into_read_error(&self.what))
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
