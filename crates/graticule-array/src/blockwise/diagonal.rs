//! The diagonal of two axes.

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};

/// The elements `[.., row + i, column + i]` for `i` in `0..len`, over the last two axes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagonal {
    /// Where the diagonal starts on the last axis but one.
    pub(crate) row: usize,
    /// Where it starts on the last axis.
    pub(crate) column: usize,
    /// How many elements it has.
    pub(crate) len: usize,
}

impl Kernel for Diagonal {
    fn label(&self) -> String {
        match (self.row, self.column) {
            (0, column) => format!("diagonal {column}"),
            (row, _) => format!("diagonal -{row}"),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "a diagonal is one of one array"));
        };
        let [kept @ .., rows, columns] = input.grid.axes() else {
            return Err(Error::argument("axes", input.ndim(), "a diagonal needs two axes"));
        };
        let fits = |start: usize, axis: &AxisChunks| {
            start.checked_add(self.len).is_some_and(|end| end <= axis.len())
        };
        if !fits(self.row, rows) || !fits(self.column, columns) {
            return Err(Error::argument("diagonal", self.len, "it must lie inside the last two axes"));
        }
        // A block of the diagonal is cut out of a square, which is not to be larger than a chunk.
        let size = rows.max_size().min(columns.max_size());
        let axes = kept.iter().cloned().chain([AxisChunks::regular(self.len, size)]);
        Ok((input.dtype, ChunkGrid::new(axes.collect())))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<Part> {
        let mut region = grid.region(index);
        if let Some(along) = region.pop() {
            region.push(along.start + self.row..along.end + self.row);
            region.push(along.start + self.column..along.end + self.column);
        }
        vec![Part { input: 0, region }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let mut shape = grid.max_chunk();
        shape.extend(shape.last().copied());
        vec![(0, shape)]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let len = target.region.last().map_or(0, ExactSizeIterator::len);
        let (Some(square), true) = (parts.first(), len > 0) else { return Ok(()) };
        macro_rules! same_type {
            ($($variant:ident)+) => {
                match (square.buffer(), out.buffer_mut()) {
                    $((Buffer::$variant(from), Buffer::$variant(to)) => diagonals(from, len, to),)+
                    _ => return Err(Error::defect("a diagonal was given a block of another dtype")),
                }
            };
        }
        same_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
        Ok(())
    }
}

/// The diagonals of squares of `len` by `len` elements.
fn diagonals<T: Clone>(squares: &[T], len: usize, out: &mut [T]) {
    for (square, out) in squares.chunks_exact(len * len).zip(out.chunks_exact_mut(len)) {
        for (out, element) in out.iter_mut().zip(square.iter().step_by(len + 1)) {
            *out = element.clone();
        }
    }
}
