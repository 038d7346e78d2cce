//! Integers of the other sign: `_Unsigned` says that a format without unsigned types stores some.

use std::sync::Arc;

use graticule_array::{Buffer, Chunk, ChunkGrid, ChunkSource, DType, ReadCost, SourceSpec};

use super::derived;

/// The same bits as integers of the other sign.
#[derive(Debug)]
pub(crate) struct Reinterpreted {
    inner: Arc<dyn ChunkSource>,
    dtype: DType,
}

impl Reinterpreted {
    /// None where the source has no integers of the other sign than `unsigned` says.
    pub(crate) fn new(inner: &Arc<dyn ChunkSource>, unsigned: bool) -> Option<Self> {
        let dtype = match (inner.dtype(), unsigned) {
            (DType::I8, true) => DType::U8,
            (DType::I16, true) => DType::U16,
            (DType::I32, true) => DType::U32,
            (DType::I64, true) => DType::U64,
            (DType::U8, false) => DType::I8,
            (DType::U16, false) => DType::I16,
            (DType::U32, false) => DType::I32,
            (DType::U64, false) => DType::I64,
            _ => return None,
        };
        Some(Self { inner: Arc::clone(inner), dtype })
    }
}

/// The same allocation as elements of the other sign.
fn flipped(buffer: Buffer) -> Buffer {
    match buffer {
        Buffer::I8(v) => Buffer::U8(bytemuck::cast_vec(v)),
        Buffer::I16(v) => Buffer::U16(bytemuck::cast_vec(v)),
        Buffer::I32(v) => Buffer::U32(bytemuck::cast_vec(v)),
        Buffer::I64(v) => Buffer::U64(bytemuck::cast_vec(v)),
        Buffer::U8(v) => Buffer::I8(bytemuck::cast_vec(v)),
        Buffer::U16(v) => Buffer::I16(bytemuck::cast_vec(v)),
        Buffer::U32(v) => Buffer::I32(bytemuck::cast_vec(v)),
        Buffer::U64(v) => Buffer::I64(bytemuck::cast_vec(v)),
        other => other,
    }
}

fn flip(chunk: &mut Chunk) {
    let buffer = chunk.buffer_mut();
    *buffer = flipped(std::mem::replace(buffer, Buffer::Bool(Vec::new())));
}

impl ChunkSource for Reinterpreted {
    fn spec(&self) -> SourceSpec {
        derived(self.inner.spec(), &format!("as {}", self.dtype))
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        self.inner.grid()
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        // Both ways, so that the inner source finds the allocation of the chunk before.
        flip(out);
        self.inner.read(index, out)?;
        flip(out);
        let shape = out.shape().to_vec();
        out.reset(self.dtype, &shape);
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        self.inner.scratch_bytes()
    }

    fn stored_bytes(&self) -> Option<u64> {
        self.inner.stored_bytes()
    }

    fn read_cost(&self) -> ReadCost {
        self.inner.read_cost()
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
