//! Axes brought into one chunk.

use crate::array::Array;
use crate::error::Result;
use crate::expr::children::postorder;
use crate::expr::{Expr, Op};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};

impl Array {
    /// The array with some axes in one chunk. Where they are already, its chunks stay as they are, unless cutting them
    /// costs nothing. Otherwise the chunks of the other axes become smaller, the slowest first, until a chunk takes at
    /// most [`BLOCK_BYTES`], or has one place on the other axes. They are cut within the chunks there are.
    pub(crate) fn whole_along(&self, axes: &[usize]) -> Result<Self> {
        let line =
            axes.iter().map(|&axis| self.shape()[axis]).fold(self.dtype().size(), usize::saturating_mul);
        self.whole_lines(axes, line)
    }

    /// [`Array::whole_along`] where each place on the other axes takes `line` bytes: for what is made of a block and is
    /// larger than the block.
    pub(crate) fn whole_lines(&self, axes: &[usize], line: usize) -> Result<Self> {
        let is_whole = axes.iter().all(|&axis| self.chunks().axes()[axis].count() <= 1);
        if is_whole && !self.is_cut_for_nothing() {
            return Ok(self.clone());
        }
        let mut sizes = self.chunks().max_chunk();
        for &axis in axes {
            sizes[axis] = 1;
        }
        let mut chunks = self.chunks().axes().to_vec();
        for axis in 0..sizes.len() {
            if axes.contains(&axis) {
                chunks[axis] = AxisChunks::regular(self.shape()[axis], 0);
                continue;
            }
            let others = sizes.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, &size)| size);
            let room = (BLOCK_BYTES / others.fold(line, usize::saturating_mul).max(1)).max(1);
            if sizes[axis] > room {
                chunks[axis] = chunks[axis].cut(room);
                sizes[axis] = room;
            }
        }
        let grid = ChunkGrid::new(chunks);
        if grid == *self.chunks() {
            return Ok(self.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Rechunk(grid), vec![self.expr().clone()])?))
    }

    /// Whether smaller chunks cost nothing: no block is read or computed whole.
    pub(crate) fn is_cut_for_nothing(&self) -> bool {
        postorder([self.expr()]).iter().all(|expr| match expr.op() {
            Op::Source(source) => source.source().resident().is_some(),
            Op::Blockwise(_) | Op::Reduce { .. } | Op::Group { .. } => false,
            Op::Full { .. }
            | Op::Range { .. }
            | Op::Random { .. }
            | Op::Map(_)
            | Op::Select(_)
            | Op::Reshape(_)
            | Op::Join { .. }
            | Op::Rechunk(_) => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType;

    #[test]
    fn axes_are_made_whole_within_the_chunks_of_the_others() {
        let of_blocks = |shape: &[usize], chunk: &[usize]| {
            let x = Array::zeros(shape, chunk).unwrap();
            x.map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap()
        };
        let rechunked = |x: &Array| x.whole_along(&[0]).unwrap().chunks().to_string();
        // 8 MiB are 1048576 values: 2 rows of 360 over 1000 days.
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[1, 180, 360])), "(1000, 2, 360)");
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[100, 10, 10])), "(1000, 10, 10)");
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[1000, 180, 360])), "(1000, 180, 360)");
        assert_eq!(rechunked(&of_blocks(&[10_000_000, 3], &[1000, 3])), "(10000000, 1)");
        // Cutting what is made of nothing costs nothing.
        assert_eq!(rechunked(&Array::zeros((1000, 180, 360), (1000, 180, 360)).unwrap()), "(1000, 2, 360)");
        assert_eq!(rechunked(&of_blocks(&[0, 5], &[1, 2])), "(0, 2)");
    }

    #[test]
    fn what_is_made_of_a_block_counts_where_it_is_larger() {
        let x = Array::zeros((1000, 180, 360), (1, 180, 360)).unwrap().astype(DType::I8).unwrap();
        assert_eq!(x.whole_lines(&[0], 8000).unwrap().chunks().to_string(), "(1000, 2, 360)");
    }
}
