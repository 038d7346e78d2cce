//! Values in order: sorting, ranks, the largest and the smallest, and where values belong.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::searchsorted::SearchSorted;
use crate::blockwise::sort::{Sort, Sorted};
use crate::blockwise::topk::{Best, TopK};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Expr, Op};
use crate::function::Side;
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};
use crate::ops::normalize_axis;

impl Array {
    /// The elements along an axis in increasing order, NaN and NaT last. Text is in the order of its code points.
    ///
    /// The axis is needed in one chunk: where it is cut it is rechunked, and the other axes are cut so that a chunk takes
    /// at most 8 MiB, or what one place on them takes.
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
    /// A cut axis is not needed whole: pieces of up to 8 MiB give their best, and of these the best are taken.
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
        self.topk_of_pieces(k, axis, BLOCK_BYTES)
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
        self.argtopk_of_pieces(k, axis, BLOCK_BYTES)
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
        let size = match gives {
            Sorted::Values => self.dtype().size(),
            Sorted::Positions | Sorted::Ranks => self.dtype().size().max(size_of::<i64>()),
        };
        self.whole_lines(&[axis], self.shape()[axis].saturating_mul(size))?
            .blocks(Blockwise::Sort(Sort { axis, gives }))
    }

    /// An operation on the blocks of this array.
    pub(crate) fn blocks(&self, operation: Blockwise) -> Result<Self> {
        Ok(Self::from_expr(Expr::new(Op::Blockwise(operation), vec![self.expr().clone()])?))
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
}
