//! Where numbers come from and go to without taking memory of their own: as a file would be read and written.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, ChunkGrid, ChunkSink, ChunkSource, DType, Result, SourceSpec};

/// float64 numbers from 0 to 1 that look random, made when a chunk is read.
#[derive(Debug)]
struct Made(ChunkGrid);

/// An array of numbers that are made when they are read.
pub(crate) fn made(shape: &[usize], chunks: &[usize]) -> Result<Array> {
    Array::from_source(Arc::new(Made(ChunkGrid::regular(shape, chunks))))
}

impl ChunkSource for Made {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "made".into(), config: format!("{:?}", self.0.shape()) }
    }

    fn label(&self) -> String {
        "made".into()
    }

    fn dtype(&self) -> DType {
        DType::F64
    }

    fn grid(&self) -> &ChunkGrid {
        &self.0
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let shape: Vec<usize> =
            self.0.axes().iter().zip(index).map(|(axis, &number)| axis.range(number).len()).collect();
        out.reset(DType::F64, &shape);
        let mut state = index.iter().fold(1u64, |state, &i| state.wrapping_mul(1_000_003) + i as u64);
        let Buffer::F64(values) = out.buffer_mut() else {
            unreachable!("a chunk that was just made one of float64 is another");
        };
        for value in values {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *value = (state >> 11) as f64 / (1u64 << 53) as f64;
        }
        Ok(())
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

/// A sink that keeps nothing.
pub(crate) struct Emptied(ChunkGrid);

impl Emptied {
    pub(crate) fn new(shape: &[usize], chunks: &[usize]) -> Self {
        Self(ChunkGrid::regular(shape, chunks))
    }
}

impl fmt::Debug for Emptied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("emptied")
    }
}

impl ChunkSink for Emptied {
    fn label(&self) -> String {
        "emptied".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.0
    }

    fn write(&self, _: &[Range<usize>], _: &Chunk) -> Result<()> {
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }
}
