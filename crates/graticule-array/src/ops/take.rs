//! Elements at listed positions of one axis.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::take_along::TakeAlongAxis;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{AxisSelect, Expr, Op};
use crate::grid::{BLOCK_BYTES, ChunkGrid};
use crate::ops::gather::{Limits, gather};
use crate::ops::normalize_axis;

/// Positions that are so few slices stay slices, which maps and reductions run through without a copy.
const MAX_SLICES: usize = 16;

impl Array {
    /// The elements at several positions of one axis, in the order given; positions may repeat, and negative ones count
    /// from the end.
    ///
    /// Positions that are a few slices become slices. Otherwise, positions that go through the axis chunk by chunk
    /// give a result with the cuts of this array (small ones put together), so every chunk is read once. Positions in
    /// any other order give chunks of the size of this array's, of 8 MiB at least; where these would need the same
    /// chunks again and again, as in a shuffle, what is taken is kept between two steps, once in the order of the
    /// chunks: as much memory as the result, or disk where there is a [`spill_dir`](crate::RuntimeBuilder::spill_dir).
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(10)?.take(0, &[1, 3, 5, -1, 0])?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [1, 3, 5, 9, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Index`] for what is not there.
    pub fn take(&self, axis: isize, positions: &[isize]) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let positions = positions.iter().map(|&index| self.position(axis, index)).collect::<Result<_>>()?;
        self.take_positions(axis, positions)
    }

    /// [`Array::take`] for positions that are known to be inside the axis.
    pub(super) fn take_positions(&self, axis: usize, positions: Vec<usize>) -> Result<Self> {
        if positions.is_empty() {
            return self.select_axis(axis, AxisSelect::Slice { start: 0, step: 1, len: 0 });
        }
        if let Some(slices) = slices(&positions) {
            let parts = slices.into_iter().map(|slice| self.select_axis(axis, slice));
            return Self::concatenate(&parts.collect::<Result<Vec<_>>>()?, axis as isize);
        }
        let largest = self.chunks().max_chunk();
        let own = largest[axis].max(1);
        let row = (largest.iter().product::<usize>() / own).max(1) * self.dtype().size();
        let limits = Limits { in_order: own, scattered: own.max(BLOCK_BYTES / row) };
        gather(self, &[axis], axis, positions, limits)
    }

    /// Each element of one axis as often as `counts` says, one after another: numpy's `repeat`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?.repeat_each(&[2, 0, 1, 3], 0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 0, 2, 3, 3, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when there are not as many counts as
    /// elements (one count stands for all).
    pub fn repeat_each(&self, counts: &[usize], axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        let count = |i: usize| if let [all] = counts { *all } else { counts[i] };
        if counts.len() != 1 && counts.len() != len {
            let hint = format!("give one count for all, or one for each of the {len} elements");
            return Err(Error::argument("counts", format!("{} of them", counts.len()), hint));
        }
        let total = (0..len).map(count).try_fold(0usize, |total, count| total.checked_add(count));
        if total.is_none_or(|total| total > isize::MAX as usize / 64) {
            return Err(Error::argument(
                "counts",
                "their sum",
                "the result would be longer than can be addressed",
            ));
        }
        self.take_positions(axis, (0..len).flat_map(|i| std::iter::repeat_n(i, count(i))).collect())
    }

    /// The element at every position in `indices`, along one axis: numpy's `take_along_axis`. It brings what
    /// `argmax` or an argsort found. Both arrays have the same other axes, or of length 1 to be stretched; negative
    /// positions count from the end.
    ///
    /// The axis is brought into one chunk; the other axes are cut finer where chunks would be larger than 8 MiB.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]]), (1, 2))?;
    /// let order = Array::from_array(ndarray::arr2(&[[1i64, 2, 0], [0, 2, 1]]), (2, 3))?;
    /// let sorted = x.take_along_axis(&order, 1)?.compute()?;
    /// assert_eq!(sorted.as_slice::<f64>()?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for positions that are no integers,
    /// [`Error::Shape`] when the other axes do not fit together; while computing, [`Error::Index`] for a position
    /// outside the axis.
    pub fn take_along_axis(&self, indices: &Self, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        if !indices.dtype().is_integer() {
            return Err(Error::Dtype {
                operation: "taking at positions".into(),
                dtype: indices.dtype(),
                hint: "positions are integers; to choose by a mask, use compress or mask".into(),
            });
        }
        let misfit = || Error::Shape {
            operation: format!("take_along_axis on axis {axis}"),
            left: self.shape().to_vec(),
            right: indices.shape().to_vec(),
            hint: "give as many axes, equal or of length 1 but for that axis".into(),
        };
        if indices.ndim() != self.ndim() {
            return Err(misfit());
        }
        let (mut shape, mut positions) = (self.shape().to_vec(), indices.shape().to_vec());
        for other in (0..self.ndim()).filter(|&other| other != axis) {
            let stretched = match (shape[other], positions[other]) {
                (a, b) if a == b => a,
                (1, b) => b,
                (a, 1) => a,
                _ => return Err(misfit()),
            };
            (shape[other], positions[other]) = (stretched, stretched);
        }
        // Along the axis a block has all elements of the array, and the positions of a chunk.
        let picked = indices.chunks().axes()[axis].max_size();
        let line = (shape[axis].saturating_mul(self.dtype().size()))
            .max(picked.saturating_mul(self.dtype().size().max(size_of::<i64>())));
        let array = self.broadcast_to(shape)?.whole_lines(&[axis], line)?;
        let mut axes = array.chunks().axes().to_vec();
        axes[axis] = indices.chunks().axes()[axis].clone();
        let indices = indices.astype(DType::I64)?.broadcast_to(positions)?.with_grid(ChunkGrid::new(axes))?;
        let op = Op::Blockwise(Blockwise::TakeAlongAxis(TakeAlongAxis { axis }));
        Ok(Self::from_expr(Expr::new(op, vec![array.expr().clone(), indices.expr().clone()])?))
    }

    /// The same array in the chunks of a grid.
    pub(super) fn with_grid(&self, grid: ChunkGrid) -> Result<Self> {
        if grid == *self.chunks() {
            return Ok(self.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Rechunk(grid), vec![self.expr().clone()])?))
    }
}

/// Positions as slices, where a greedy walk finds few.
fn slices(positions: &[usize]) -> Option<Vec<AxisSelect>> {
    let mut slices = Vec::new();
    let mut rest = positions;
    while let Some(&start) = rest.first() {
        if slices.len() == MAX_SLICES {
            return None;
        }
        let step = rest.get(1).map_or(1, |&next| next as isize - start as isize);
        let step = if step == 0 { 1 } else { step };
        let follows = |entry: &(usize, &usize)| *entry.1 as isize == start as isize + step * entry.0 as isize;
        let len = rest.iter().enumerate().take_while(follows).count();
        // Two positions far apart are as likely the end of one slice and the start of the next.
        let len = if len == 2 && rest.len() > 2 && step.abs() != 1 { 1 } else { len };
        slices.push(AxisSelect::Slice { start, step: if len == 1 { 1 } else { step }, len });
        rest = &rest[len..];
    }
    Some(slices)
}
