//! Characters as text.

use std::sync::Arc;

use graticule_array::{AxisChunks, Buffer, Chunk, ChunkGrid, ChunkSource, DType, ReadCost, SourceSpec};

use super::derived;
use crate::load;
use crate::text::{before_padding, text_from};

/// Each character as a text of its own; NUL is the empty text.
#[derive(Debug)]
pub(crate) struct Chars {
    inner: Arc<dyn ChunkSource>,
}

impl Chars {
    pub(crate) fn new(inner: &Arc<dyn ChunkSource>) -> Self {
        Self { inner: Arc::clone(inner) }
    }
}

impl ChunkSource for Chars {
    fn spec(&self) -> SourceSpec {
        derived(self.inner.spec(), "characters")
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn dtype(&self) -> DType {
        DType::Str
    }

    fn grid(&self) -> &ChunkGrid {
        self.inner.grid()
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        let mut bytes = Chunk::empty(DType::U8);
        self.inner.read(index, &mut bytes)?;
        out.reset(DType::Str, bytes.shape());
        if let Buffer::Str(texts) = out.buffer_mut() {
            for (text, &byte) in texts.iter_mut().zip(bytes.as_slice::<u8>()?) {
                *text = text_from(before_padding(&[byte])).into();
            }
        }
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        self.inner.scratch_bytes() + self.inner.grid().max_chunk().iter().product::<usize>()
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

/// The characters along the last axis as one text.
#[derive(Debug)]
pub(crate) struct CharRows {
    inner: Arc<dyn ChunkSource>,
    grid: ChunkGrid,
    /// The chunks along the last axis.
    last: AxisChunks,
}

impl CharRows {
    /// None for a source without axes.
    pub(crate) fn new(inner: &Arc<dyn ChunkSource>) -> Option<Self> {
        let (last, kept) = inner.grid().axes().split_last()?;
        let grid = ChunkGrid::new(kept.to_vec());
        Some(Self { grid, last: last.clone(), inner: Arc::clone(inner) })
    }
}

impl ChunkSource for CharRows {
    fn spec(&self) -> SourceSpec {
        derived(self.inner.spec(), "texts")
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn dtype(&self) -> DType {
        DType::Str
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        let mut shape: Vec<usize> = self.grid.region(index).iter().map(ExactSizeIterator::len).collect();
        out.reset(DType::Str, &shape);
        let width = self.last.len();
        shape.push(width);
        let mut rows = Chunk::empty(DType::U8);
        rows.reset(DType::U8, &shape);
        let mut part = Chunk::empty(DType::U8);
        for i in 0..self.last.count() {
            let at: Vec<usize> = index.iter().copied().chain([i]).collect();
            self.inner.read(&at, &mut part)?;
            let mut region: Vec<_> = shape.iter().map(|&len| 0..len).collect();
            if let Some(last) = region.last_mut() {
                *last = self.last.range(i);
            }
            load::scatter(&part, &mut rows, &region);
        }
        if let Buffer::Str(texts) = out.buffer_mut() {
            let rows = rows.as_slice::<u8>()?;
            for (i, text) in texts.iter_mut().enumerate() {
                let field = rows.get(i * width..(i + 1) * width).unwrap_or_default();
                *text = text_from(before_padding(field)).into();
            }
        }
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        let kept: usize = self.grid.max_chunk().iter().product();
        self.inner.scratch_bytes() + 2 * kept * self.last.len()
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
