//! Running sums, products and extremes, and gaps filled, group by group.

use std::sync::Arc;

use crate::array::Array;
use crate::blockwise::group_scan::{AxisGroups, GroupPass, GroupScan};
use crate::blockwise::{Blockwise, Cumulative};
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::ops::normalize_axis;
use crate::ops::scan::{CHUNK_BYTES, LONGEST, SHORTEST, bytes, cut_to_fit, with_axis};

impl Array {
    /// The sums of all elements of the same group up to each along an axis. `codes` says for each position of the axis which
    /// group it belongs to; any numbers that are not negative will do, and groups may come and go. What has a negative code
    /// belongs to no group and is missing in the result.
    ///
    /// Dtypes, missing values and the accuracy of sums are those of [`Array::cumsum`].
    ///
    /// # Chunks
    /// The chunks stay. Where a group is in several chunks, the data are read twice: for the totals of groups that go on in
    /// a later chunk, and for the values. Where these totals would be more than a sixteenth of the elements along the axis,
    /// neighbouring chunks are joined until they are not; where such chunks would be larger than 32 MiB, the array is
    /// brought into chunks of at most 32 MiB that have the axis whole (up to 65536 elements) and are cut along the others.
    ///
    /// ```
    /// use graticule_array::Array;
    /// // Rain of five days in two years.
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 2.0, 4.0, 8.0, 16.0]), "auto")?;
    /// let sums = x.group_cumsum(0, &[2001, 2001, 2001, 2002, 2002])?;
    /// assert_eq!(sums.compute()?.as_slice::<f64>()?, [1.0, 3.0, 7.0, 8.0, 24.0]);
    /// let sums = x.group_cumsum(0, &[0, 1, 0, -1, 1])?.compute()?;
    /// assert_eq!(sums.as_slice::<f64>()?[..3], [1.0, 2.0, 5.0]);
    /// assert!(sums.as_slice::<f64>()?[3].is_nan() && sums.as_slice::<f64>()?[4] == 18.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::cumsum`]; [`Error::Argument`] when there is not one code for each position of the axis, [`Error::Dtype`]
    /// for a negative code where the dtype has no missing value.
    pub fn group_cumsum(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Sum { skipna: false }, axis, codes)
    }

    /// [`Array::group_cumsum`] with NaN and NaT counted as 0.
    ///
    /// # Errors
    /// As [`Array::group_cumsum`].
    pub fn group_nancumsum(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Sum { skipna: true }, axis, codes)
    }

    /// The products of all elements of the same group up to each along an axis: [`Array::cumprod`] by the groups of
    /// [`Array::group_cumsum`].
    ///
    /// # Errors
    /// As [`Array::cumprod`] and [`Array::group_cumsum`].
    pub fn group_cumprod(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Prod { skipna: false }, axis, codes)
    }

    /// [`Array::group_cumprod`] with NaN counted as 1.
    ///
    /// # Errors
    /// As [`Array::group_cumprod`].
    pub fn group_nancumprod(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Prod { skipna: true }, axis, codes)
    }

    /// The largest of all elements of the same group up to each along an axis: [`Array::cummax`] by the groups of
    /// [`Array::group_cumsum`].
    ///
    /// # Errors
    /// As [`Array::cummax`] and [`Array::group_cumsum`].
    pub fn group_cummax(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Max, axis, codes)
    }

    /// The smallest of all elements of the same group up to each along an axis, as [`Array::group_cummax`].
    ///
    /// # Errors
    /// As [`Array::group_cummax`].
    pub fn group_cummin(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        self.group_scan(Cumulative::Min, axis, codes)
    }

    /// Missing elements (NaN, NaT) replaced by the last one of their group before them that is there, at most `limit`
    /// elements of the group away: [`Array::ffill`] by the groups of [`Array::group_cumsum`]. What belongs to no group is
    /// missing, whatever was there.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let nan = f64::NAN;
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 2.0, nan, nan]), "auto")?;
    /// let filled = x.group_ffill(0, &[0, 1, 0, 1], None)?;
    /// assert_eq!(filled.compute()?.as_slice::<f64>()?, [1.0, 2.0, 1.0, 2.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::group_cumsum`].
    pub fn group_ffill(&self, axis: isize, codes: &[i64], limit: Option<usize>) -> Result<Self> {
        if !self.dtype().has_missing() {
            // Nothing is missing; whether the codes are right is still to be seen.
            return self.group_scan(Cumulative::Max, axis, codes).map(|_| self.clone());
        }
        self.group_scan(Cumulative::Fill { limit }, axis, codes)
    }

    /// Missing elements replaced by the next one of their group behind them: [`Array::group_ffill`] backwards.
    ///
    /// # Errors
    /// As [`Array::group_ffill`].
    pub fn group_bfill(&self, axis: isize, codes: &[i64], limit: Option<usize>) -> Result<Self> {
        let backwards: Vec<i64> = codes.iter().rev().copied().collect();
        self.flip(axis)?.group_ffill(axis, &backwards, limit)?.flip(axis)
    }

    fn group_scan(&self, function: Cumulative, axis: isize, codes: &[i64]) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        if codes.len() != self.shape()[axis] {
            let hint = format!("give one for each of the {} positions of axis {axis}", self.shape()[axis]);
            return Err(Error::argument("codes", format!("{} of them", codes.len()), hint));
        }
        let argument = function.argument(self.dtype())?;
        let codes: Arc<[i64]> = codes.into();
        let grid = lengthened(self.chunks(), axis, argument.size(), &codes)?;
        let x = self.astype(argument)?.regrid(|_| grid)?;
        let groups = AxisGroups::new(codes, x.chunks().axes()[axis].clone())?;
        let node = |pass: GroupPass, inputs: Vec<Expr>| {
            let kernel = GroupScan { function, axis, groups: groups.clone(), pass };
            Ok::<_, Error>(Self::from_expr(Expr::new(Op::Blockwise(Blockwise::GroupScan(kernel)), inputs)?))
        };
        if groups.states() == 0 {
            return node(GroupPass::Values, vec![x.expr().clone()]);
        }
        let totals = node(GroupPass::Totals, vec![x.expr().clone()])?;
        let size = totals.dtype().size();
        let whole = totals.regrid(|grid| cut_to_fit(grid, axis, totals.shape()[axis], size))?;
        let carries = node(GroupPass::Carries, vec![whole.expr().clone()])?;
        node(GroupPass::Values, vec![x.expr().clone(), carries.expr().clone()])
    }
}

/// Chunks along an axis that few states go from one to another of.
fn lengthened(grid: &ChunkGrid, axis: usize, size: usize, codes: &Arc<[i64]>) -> Result<ChunkGrid> {
    let mut grid = grid.clone();
    loop {
        let along = &grid.axes()[axis];
        let states = AxisGroups::new(Arc::clone(codes), along.clone())?.states();
        if states * SHORTEST <= along.len() {
            return Ok(grid);
        }
        let joined = with_axis(&grid, axis, in_pairs(along));
        if bytes(&joined, size) > CHUNK_BYTES {
            return Ok(cut_to_fit(&grid, axis, LONGEST, size));
        }
        grid = joined;
    }
}

/// Every two neighbouring chunks as one.
fn in_pairs(along: &AxisChunks) -> AxisChunks {
    match along {
        AxisChunks::Regular { len, size } => AxisChunks::regular(*len, size.saturating_mul(2).max(1)),
        AxisChunks::Irregular { .. } => {
            let sizes: Vec<usize> = along.sizes().collect();
            let pairs: Vec<usize> = sizes.chunks(2).map(|pair| pair.iter().sum()).collect();
            AxisChunks::from_sizes(&pairs)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_until_few_states_are_carried() {
        let along = |grid: &ChunkGrid| grid.axes()[0].clone();
        let grid = ChunkGrid::regular(&[720, 4], &[24, 4]);
        // Two years of 24 halves of months, then years one after another.
        let months: Arc<[i64]> = (0..720).map(|day| day % 24).collect();
        let joined = lengthened(&grid, 0, 8, &months).unwrap();
        assert_eq!(along(&joined), AxisChunks::regular(720, 384));
        let years: Arc<[i64]> = (0..720).map(|day| day / 36).collect();
        assert_eq!(lengthened(&grid, 0, 8, &years).unwrap(), grid);
        // Two chunks of 32 MB would be one of 64.
        let large = ChunkGrid::regular(&[720, 200_000], &[20, 200_000]);
        let turned = lengthened(&large, 0, 8, &months).unwrap();
        assert_eq!(along(&turned), AxisChunks::regular(720, 720));
        assert!(bytes(&turned, 8) <= CHUNK_BYTES);
    }
}
