//! A source that is read chunk by chunk.

use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, ChunkGrid, ChunkSource, DType, Result, SourceSpec};

/// A block in memory that is delivered chunk by chunk, as a file would be.
#[derive(Debug)]
pub(super) struct Blocks {
    id: graticule_array::NodeId,
    whole: Chunk,
    grid: ChunkGrid,
}

impl Blocks {
    pub(super) fn new(whole: Chunk, grid: ChunkGrid) -> Self {
        let id = Array::from_chunk(whole.clone()).unwrap().expr().id();
        Self { id, whole, grid }
    }
}

impl ChunkSource for Blocks {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "blocks".into(), config: format!("{:?} {:?}", self.id, self.whole.buffer()) }
    }

    fn label(&self) -> String {
        "blocks".into()
    }

    fn dtype(&self) -> DType {
        self.whole.dtype()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let strides: Vec<usize> =
            (0..region.len()).map(|axis| self.whole.shape()[axis + 1..].iter().product()).collect();
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.dtype(), &shape);
        let offsets = ndarray::ArrayD::from_shape_fn(shape, |at| {
            (0..region.len()).map(|axis| (region[axis].start + at[axis]) * strides[axis]).sum::<usize>()
        });
        macro_rules! copy {
            ($($variant:ident)+) => {
                match (self.whole.buffer(), out.buffer_mut()) {
                    $((Buffer::$variant(from), Buffer::$variant(to)) => {
                        to.iter_mut().zip(&offsets).for_each(|(to, &at)| *to = from[at]);
                    })+
                    (from, _) => panic!("no tree holds {from:?}"),
                }
            };
        }
        copy!(Bool I32 I64 F32 F64);
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
