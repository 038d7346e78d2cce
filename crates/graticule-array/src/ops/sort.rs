//! Values in order: sorting, ranks, the largest and the smallest, and where values belong.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::searchsorted::SearchSorted;
use crate::blockwise::sort::{Sort, Sorted};
use crate::blockwise::topk::{Best, TopK};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::children::postorder;
use crate::expr::{Expr, Op};
use crate::function::Side;
use crate::grid::{AxisChunks, ChunkGrid};
use crate::ops::normalize_axis;

/// What a block that has an axis whole aims at, in bytes: large enough that reading is not done in crumbs, small enough
/// that each of many threads can have one.
pub(crate) const WHOLE_BYTES: usize = 32 << 20;

/// The same where smaller blocks cost nothing: what stays in a cache.
pub(crate) const CACHED_BYTES: usize = 2 << 20;

impl Array {
    /// The elements along an axis in increasing order, NaN and NaT last. Text is in the order of its code points.
    ///
    /// The axis is needed in one chunk: where it is cut it is rechunked, and the other axes are cut so that a chunk takes
    /// at most 32 MiB, or what one place on them takes; 2 MiB where the array is made of what is in memory.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3.0, f64::NAN, 1.0, 2.0]), 2)?.sort(0)?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?[..3], [1.0, 2.0, 3.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Axis`] for an axis that is not there.
    pub fn sort(&self, axis: isize) -> Result<Self> {
        self.sorted(axis, Sorted::Values)
    }

    /// The positions along an axis that put its elements in order, int64. Equal elements keep their order.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3, 1, 3, 2]), 2)?.argsort(0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [1, 3, 0, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::sort`].
    pub fn argsort(&self, axis: isize) -> Result<Self> {
        self.sorted(axis, Sorted::Positions)
    }

    /// The rank of each element along an axis, from 1, float64; equal elements share the mean of their ranks. NaN and NaT
    /// have no rank, which is NaN, and are not counted. This is scipy's `rankdata` that omits NaN, and xarray's `rank`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[30, 10, 30, 20]), 2)?.rank(0)?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?, [3.5, 1.0, 3.5, 2.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::sort`].
    pub fn rank(&self, axis: isize) -> Result<Self> {
        self.sorted(axis, Sorted::Ranks)
    }

    /// The `k` largest elements along an axis, the largest first; for a negative `k` the `-k` smallest, the smallest
    /// first. Where the axis has fewer, all of them. As in dask, NaN and NaT are larger than all.
    ///
    /// A cut axis is not needed whole: pieces of up to 32 MiB give their best, and of these the best are taken.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3, 1, 5, 2]), 2)?;
    /// assert_eq!(x.topk(2, 0)?.compute()?.as_slice::<i32>()?, [5, 3]);
    /// assert_eq!(x.topk(-2, 0)?.compute()?.as_slice::<i32>()?, [1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::sort`].
    pub fn topk(&self, k: isize, axis: isize) -> Result<Self> {
        self.topk_of_pieces(k, axis, WHOLE_BYTES)
    }

    fn topk_of_pieces(&self, k: isize, axis: isize, bytes: usize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let count = k.unsigned_abs();
        let topk = |gives| Blockwise::TopK(TopK { axis, count, largest: k > 0, gives });
        let best = match self.in_pieces(axis, count, bytes)? {
            Some(pieces) => pieces.blocks(topk(Best::Values))?,
            None => self.clone(),
        };
        best.whole_along(&[axis])?.blocks(topk(Best::Values))
    }

    /// The positions along an axis of what [`Array::topk`] gives, int64; of equal elements those that come first.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3, 1, 5, 5]), 2)?;
    /// assert_eq!(x.argtopk(2, 0)?.compute()?.as_slice::<i64>()?, [2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::sort`].
    pub fn argtopk(&self, k: isize, axis: isize) -> Result<Self> {
        self.argtopk_of_pieces(k, axis, WHOLE_BYTES)
    }

    fn argtopk_of_pieces(&self, k: isize, axis: isize, bytes: usize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let count = k.unsigned_abs();
        let topk = |gives| Blockwise::TopK(TopK { axis, count, largest: k > 0, gives });
        match self.in_pieces(axis, count, bytes)? {
            Some(pieces) if self.dtype() != DType::Str => {
                let pairs = pieces.blocks(topk(Best::Pairs))?;
                pairs.whole_along(&[axis])?.blocks(topk(Best::PositionsOfPairs))
            }
            Some(_) | None => self.whole_along(&[axis])?.blocks(topk(Best::Positions)),
        }
    }

    /// The array with an axis in pieces of which the `count` best are worth taking first: larger ones than the chunks
    /// there are, up to so many bytes. Nothing where the axis comes in one piece, or where the best are not much fewer.
    fn in_pieces(&self, axis: usize, count: usize, bytes: usize) -> Result<Option<Self>> {
        let chunks = &self.chunks().axes()[axis];
        if chunks.count() <= 1 {
            return Ok(None);
        }
        let chunk: usize = self.chunks().max_chunk().iter().product();
        // Sixteen times the best is enough for what is kept to be little.
        let enough = count.saturating_mul(16).div_ceil(chunks.max_size().max(1));
        let together = (bytes / (chunk * self.dtype().size()).max(1)).min(enough).max(1);
        let largest = chunks.max_size().saturating_mul(together);
        if count.saturating_mul(4) > largest || together >= chunks.count() {
            return Ok(None);
        }
        if together == 1 {
            return Ok(Some(self.clone()));
        }
        let mut axes = self.chunks().axes().to_vec();
        axes[axis] = match chunks {
            AxisChunks::Regular { len, size } => AxisChunks::regular(*len, size.saturating_mul(together)),
            AxisChunks::Irregular { .. } => {
                let sizes: Vec<usize> = chunks.sizes().collect();
                AxisChunks::from_sizes(
                    &sizes.chunks(together).map(|sizes| sizes.iter().sum()).collect::<Vec<_>>(),
                )
            }
        };
        let op = Op::Rechunk(ChunkGrid::new(axes));
        Ok(Some(Self::from_expr(Expr::new(op, vec![self.expr().clone()])?)))
    }

    /// For each of `values` the position in this sorted array, which has one axis, before which it belongs: before equal
    /// elements, or after them. int64, as numpy's `searchsorted`. Both are compared in the dtype that holds both.
    ///
    /// ```
    /// use graticule_array::{Array, Side};
    /// let (edges, x) = (Array::linspace(0.0, 3.0, 4)?, Array::linspace(0.5, 2.0, 4)?);
    /// assert_eq!(edges.searchsorted(&x, Side::Left)?.compute()?.as_slice::<i64>()?, [1, 1, 2, 2]);
    /// assert_eq!(edges.searchsorted(&x, Side::Right)?.compute()?.as_slice::<i64>()?, [1, 2, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Argument`] when this array does not have one axis, [`crate::Error::Dtype`] when the dtypes cannot
    /// be compared; while computing, [`crate::Error::Argument`] when this array is not sorted.
    pub fn searchsorted(&self, values: &Self, side: Side) -> Result<Self> {
        let dtype = self.dtype().promote(values.dtype())?;
        let inputs = vec![self.astype(dtype)?.expr().clone(), values.astype(dtype)?.expr().clone()];
        let op = Op::Blockwise(Blockwise::SearchSorted(SearchSorted { side }));
        Ok(Self::from_expr(Expr::new(op, inputs)?))
    }

    fn sorted(&self, axis: isize, gives: Sorted) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        self.whole_along(&[axis])?.blocks(Blockwise::Sort(Sort { axis, gives }))
    }

    /// An operation on the blocks of this array.
    pub(crate) fn blocks(&self, operation: Blockwise) -> Result<Self> {
        Ok(Self::from_expr(Expr::new(Op::Blockwise(operation), vec![self.expr().clone()])?))
    }

    /// The array with some axes in one chunk. Where they are already, its chunks stay as they are, unless it is made
    /// of what is in memory. Otherwise the chunks of the other axes become smaller, the slowest first, until a chunk takes
    /// at most [`WHOLE_BYTES`] (or [`CACHED_BYTES`]), or has one place on the other axes.
    pub(crate) fn whole_along(&self, axes: &[usize]) -> Result<Self> {
        let is_whole = axes.iter().all(|&axis| self.chunks().axes()[axis].count() <= 1);
        let target = if self.is_cut_for_nothing() { CACHED_BYTES } else { WHOLE_BYTES };
        if is_whole && target == WHOLE_BYTES {
            return Ok(self.clone());
        }
        let size = self.dtype().size();
        let whole: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
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
            let others: usize =
                sizes.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, n)| n).product();
            let room = (target / size / whole.saturating_mul(others).max(1)).max(1);
            if sizes[axis] > room {
                chunks[axis] = cut(&chunks[axis], room);
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

/// Chunks of at most `size` elements, cut within the chunks there are, so that each lies in one of them.
fn cut(chunks: &AxisChunks, size: usize) -> AxisChunks {
    match chunks {
        AxisChunks::Regular { len, size: own } if chunks.count() <= 1 || own % size == 0 => {
            AxisChunks::regular(*len, size)
        }
        AxisChunks::Regular { .. } | AxisChunks::Irregular { .. } => {
            let pieces = chunks.sizes().flat_map(|own| {
                let count = own.div_ceil(size);
                // As even as they can be.
                (0..count).map(move |i| own * (i + 1) / count - own * i / count)
            });
            AxisChunks::from_sizes(&pieces.collect::<Vec<_>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::Chunk;

    #[test]
    fn the_best_of_pieces_are_the_best_of_all() {
        let values: Vec<f64> = (0..3 * 50 * 2)
            .map(|i| i * 7919 % 31)
            .map(|i| if i == 3 { f64::NAN } else { f64::from(i) - 15.0 })
            .collect();
        let x = Array::from_chunk(Chunk::new(vec![3, 50, 2], values).unwrap()).unwrap();
        for cut in
            [x.rechunk((2, 9, 1)).unwrap(), x.rechunk(vec![vec![3], vec![20, 1, 12, 17], vec![2]]).unwrap()]
        {
            for k in [2isize, -2, 1, -4, 0] {
                let pieces = cut.in_pieces(1, k.unsigned_abs(), 0).unwrap();
                assert!(k == -4 || pieces.is_some());
                // Two chunks together, and each alone.
                for bytes in [0, 2 * 8 * 9 * 2, 2 * 8 * 20 * 6] {
                    let (a, b) = (cut.topk_of_pieces(k, 1, bytes).unwrap(), x.topk(k, 1).unwrap());
                    assert_eq!(format!("{:?}", a.compute().unwrap()), format!("{:?}", b.compute().unwrap()));
                    let (a, b) = (cut.argtopk_of_pieces(k, 1, bytes).unwrap(), x.argtopk(k, 1).unwrap());
                    assert_eq!(a.compute().unwrap(), b.compute().unwrap());
                }
            }
        }
    }

    #[test]
    fn axes_are_made_whole_within_the_chunks_of_the_others() {
        let of_blocks = |shape: &[usize], chunk: &[usize]| {
            let x = Array::zeros(shape, chunk).unwrap();
            x.map_blocks("same", DType::F64, |block| Ok(block.clone())).unwrap()
        };
        let rechunked = |x: &Array| x.whole_along(&[0]).unwrap().chunks().to_string();
        // 32 MiB are 4194304 values: 11 rows of 360 over 1000 days.
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[1, 180, 360])), "(1000, 11, 360)");
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[100, 10, 10])), "(1000, 10, 10)");
        assert_eq!(rechunked(&of_blocks(&[1000, 180, 360], &[1000, 180, 360])), "(1000, 180, 360)");
        assert_eq!(rechunked(&of_blocks(&[10_000_000, 3], &[1000, 3])), "(10000000, 1)");
        // What is made of nothing is cut to stay in a cache.
        assert_eq!(rechunked(&Array::zeros((1000, 180, 360), (1, 180, 360)).unwrap()), "(1000, 1, 262)");
        assert_eq!(rechunked(&of_blocks(&[0, 5], &[1, 2])), "(0, 2)");
    }
}
