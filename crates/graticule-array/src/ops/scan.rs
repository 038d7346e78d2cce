//! Running sums, products and extremes along an axis, and gaps filled from before or behind.

use crate::array::Array;
use crate::blockwise::{Blockwise, Cumulative, Pass, Scan};
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};
use crate::ops::normalize_axis;

/// Chunks are joined up to so many bytes, which needs nothing in between; otherwise the array is turned, and kept.
const JOINED_BYTES: usize = 4 * BLOCK_BYTES;

/// Chunks that are shorter along the axis are made longer: what is carried from chunk to chunk takes as much room as one
/// or two elements of each.
const SHORTEST: usize = 16;

/// Where chunks cannot just be joined, they are made as long as that.
const LONGEST: usize = 1 << 16;

impl Array {
    /// The sums of all elements up to each along an axis.
    ///
    /// The dtypes are numpy's: integers and booleans sum in 64 bits, wrapping, floats keep their type. Durations can be
    /// summed too. NaN and NaT make everything after them missing.
    ///
    /// Sums of floats are compensated: what rounding takes from the running sum is kept and added to the results, also
    /// across chunks. With `u = 2⁻⁵³` a sum `S` of `n` terms `x` is off by at most `u|S| + (n u)² Σ|x|`, the last bit in
    /// ordinary data, whatever the chunks; numpy's bound is `n u Σ|x|`. float32 accumulates in float64 and is rounded
    /// once. Only sums beyond the range of a float (1.8e308) become infinite at a place that depends on the chunks.
    ///
    /// # Chunks
    /// The chunks stay. Where the axis is cut, the data are read twice: for the total of each chunk but the last, and for
    /// the values. Chunks of less than 16 elements along the axis are joined, so that totals are few compared to the data;
    /// where such chunks would be larger than 32 MiB, the array is brought into chunks of at most 8 MiB that have the
    /// axis whole (up to 65536 elements) and are cut along the others.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1.0, 2.0], [3.0, f64::NAN], [5.0, 6.0]]), "auto")?;
    /// assert_eq!(x.cumsum(0)?.index_axis(1, 0)?.compute()?.as_slice::<f64>()?, [1.0, 4.0, 9.0]);
    /// assert!(x.cumsum(0)?.compute()?.view::<f64>()?[[2, 1]].is_nan());
    /// // A plain running sum would lose the ones: 0.0.
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 1e100, 1.0, -1e100]), "auto")?;
    /// assert_eq!(x.cumsum(0)?.index_axis(0, -1)?.compute()?.item::<f64>()?, 2.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for times and text.
    pub fn cumsum(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Sum { skipna: false }, axis)
    }

    /// The sums of all elements up to each along an axis, NaN and NaT counted as 0: [`Array::cumsum`] otherwise.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[f64::NAN, 1.0, f64::NAN, 2.0]), "auto")?;
    /// assert_eq!(x.nancumsum(0)?.compute()?.as_slice::<f64>()?, [0.0, 1.0, 1.0, 3.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::cumsum`].
    pub fn nancumsum(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Sum { skipna: true }, axis)
    }

    /// The products of all elements up to each along an axis. Dtypes, NaN and chunks as in [`Array::cumsum`].
    ///
    /// A product of `n` floats is off by a factor of at most `1 ± n 2⁻⁵³`, as in numpy. Its value is that of the product
    /// of all: where products on the way leave the range of a float, numpy stays at infinity or zero for good, but here
    /// later factors can bring them back.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange_step(1, 6, 1)?;
    /// assert_eq!(x.cumprod(0)?.compute()?.as_slice::<i64>()?, [1, 2, 6, 24, 120]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for times, durations and text.
    pub fn cumprod(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Prod { skipna: false }, axis)
    }

    /// The products of all elements up to each along an axis, NaN counted as 1: [`Array::cumprod`] otherwise.
    ///
    /// # Errors
    /// As [`Array::cumprod`].
    pub fn nancumprod(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Prod { skipna: true }, axis)
    }

    /// The largest of all elements up to each along an axis: numpy's `maximum.accumulate`. From a NaN or NaT on the
    /// result is missing. Chunks as in [`Array::cumsum`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[2, 1, 5, 3]), "auto")?;
    /// assert_eq!(x.cummax(0)?.compute()?.as_slice::<i32>()?, [2, 2, 5, 5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for text.
    pub fn cummax(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Max, axis)
    }

    /// The smallest of all elements up to each along an axis: numpy's `minimum.accumulate`. As [`Array::cummax`].
    ///
    /// # Errors
    /// As [`Array::cummax`].
    pub fn cummin(&self, axis: isize) -> Result<Self> {
        self.accumulate(Cumulative::Min, axis)
    }

    /// Missing elements (NaN, NaT) replaced by the last one before them along an axis that is there, at most `limit` steps
    /// away. What has none stays missing; integers, booleans and text have nothing to fill. Chunks as in
    /// [`Array::cumsum`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// let nan = f64::NAN;
    /// let x = Array::from_array(ndarray::arr1(&[1.0, nan, nan, nan, 5.0]), "auto")?;
    /// assert_eq!(x.ffill(0, None)?.compute()?.as_slice::<f64>()?, [1.0, 1.0, 1.0, 1.0, 5.0]);
    /// let near = x.ffill(0, Some(2))?.compute()?;
    /// assert!(near.as_slice::<f64>()?[2] == 1.0 && near.as_slice::<f64>()?[3].is_nan());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn ffill(&self, axis: isize, limit: Option<usize>) -> Result<Self> {
        normalize_axis(axis, self.ndim())?;
        if !self.dtype().has_missing() || limit == Some(0) {
            return Ok(self.clone());
        }
        self.accumulate(Cumulative::Fill { limit }, axis)
    }

    /// Missing elements replaced by the next one behind them along an axis that is there: [`Array::ffill`] backwards.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[1.0, f64::NAN, 5.0]), "auto")?;
    /// assert_eq!(x.bfill(0, None)?.compute()?.as_slice::<f64>()?, [1.0, 5.0, 5.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::ffill`].
    pub fn bfill(&self, axis: isize, limit: Option<usize>) -> Result<Self> {
        let number = normalize_axis(axis, self.ndim())?;
        if !self.dtype().has_missing() || limit == Some(0) {
            return Ok(self.clone());
        }
        let len = self.shape()[number];
        let backwards = |array: &Self| array.stride_axis(axis, len.saturating_sub(1), -1, len);
        backwards(&backwards(self)?.accumulate(Cumulative::Fill { limit }, axis)?)
    }

    /// The integrals from the first point to each along an axis by the trapezoidal rule, float64. Each point has a
    /// coordinate; the unit is that of the array times that of the coordinates. The first integral is 0, as in xarray's
    /// `cumulative_integrate`. Sums are those of [`Array::cumsum`]; missing values make all later integrals missing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 4.0, 9.0, 16.0]), "auto")?;
    /// let areas = x.cumulative_trapezoid(&[0.0, 1.0, 3.0, 3.5], 0)?;
    /// assert_eq!(areas.compute()?.as_slice::<f64>()?, [0.0, 2.5, 15.5, 21.75]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Shape`] when there is not one coordinate for each point,
    /// [`Error::Dtype`] for times and text.
    pub fn cumulative_trapezoid(&self, coordinates: &[f64], axis: isize) -> Result<Self> {
        let number = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[number];
        if coordinates.len() != len {
            return Err(Error::Shape {
                operation: "cumulative_trapezoid".into(),
                left: vec![len],
                right: vec![coordinates.len()],
                hint: "give one coordinate for each point of the axis".into(),
            });
        }
        // A point is the right end of a trapezoid and, for later points, the left end of another. So no element needs its
        // neighbours, which could be in another chunk.
        let halves: Vec<f64> = coordinates.windows(2).map(|pair| (pair[1] - pair[0]) / 2.0).collect();
        let half = |i: Option<usize>| i.and_then(|i| halves.get(i)).copied().unwrap_or(0.0);
        let left = |i: usize| half(i.checked_sub(1));
        let line = |value: &dyn Fn(usize) -> f64| -> Result<Self> {
            let values = ndarray::Array1::from_iter((0..len).map(value));
            let line = Self::from_array(values, "auto")?;
            (number + 1..self.ndim()).try_fold(line, |line, _| line.expand_dims(-1))
        };
        let weights = line(&|i| left(i) + half(Some(i)))?;
        let before = (self * weights)?.scan(Cumulative::Sum { skipna: false }, axis, true)?;
        let last = (self * line(&left)?)?;
        // An infinite first value has no part in the first integral.
        let is_first = line(&|i| f64::from(u8::from(i == 0)))?.greater(0.0)?;
        is_first.choose(0.0, (before + last)?)
    }

    fn accumulate(&self, function: Cumulative, axis: isize) -> Result<Self> {
        self.scan(function, axis, false)
    }

    fn scan(&self, function: Cumulative, axis: isize, exclusive: bool) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let argument = function.argument(self.dtype())?;
        let x = self.astype(argument)?.regrid(|grid| lengthened(grid, axis, argument.size()))?;
        let node = |pass: Pass, inputs: Vec<Expr>| {
            let op = Op::Blockwise(Blockwise::Scan(Scan { function, axis, pass }));
            Ok::<_, Error>(Self::from_expr(Expr::new(op, inputs)?))
        };
        let values = Pass::Values { exclusive };
        if x.chunks().axes()[axis].count() <= 1 {
            return node(values, vec![x.expr().clone()]);
        }
        let totals = node(Pass::Totals, vec![x.expr().clone()])?;
        let size = totals.dtype().size();
        let whole = totals.regrid(|grid| cut_to_fit(grid, axis, totals.shape()[axis], size))?;
        let carries = node(Pass::Carries, vec![whole.expr().clone()])?;
        node(values, vec![x.expr().clone(), carries.expr().clone()])
    }

    fn regrid(&self, grid: impl FnOnce(&ChunkGrid) -> ChunkGrid) -> Result<Self> {
        let grid = grid(self.chunks());
        if grid == *self.chunks() {
            return Ok(self.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Rechunk(grid), vec![self.expr().clone()])?))
    }
}

/// Chunks that are not too short along an axis.
fn lengthened(grid: &ChunkGrid, axis: usize, size: usize) -> ChunkGrid {
    let along = &grid.axes()[axis];
    let is_short = along.count() > 1 && along.len() / along.count() < SHORTEST;
    if !is_short {
        return grid.clone();
    }
    let joined = with_axis(grid, axis, joined(along));
    if bytes(&joined, size) <= JOINED_BYTES {
        return joined;
    }
    cut_to_fit(grid, axis, LONGEST, size)
}

/// Neighbouring chunks joined until none but the last is too short.
fn joined(along: &AxisChunks) -> AxisChunks {
    match along {
        AxisChunks::Regular { len, size } => {
            let size = (*size).max(1);
            AxisChunks::regular(*len, size.saturating_mul(SHORTEST.div_ceil(size)))
        }
        AxisChunks::Irregular { .. } => {
            let mut sizes: Vec<usize> = Vec::new();
            for size in along.sizes() {
                match sizes.last_mut() {
                    Some(last) if *last < SHORTEST => *last += size,
                    Some(_) | None => sizes.push(size),
                }
            }
            AxisChunks::from_sizes(&sizes)
        }
    }
}

/// Chunks of a length along an axis, cut along the others so that they have at most [`BLOCK_BYTES`]. The last axes stay
/// whole as far as they can, so that what is next to each other stays so.
fn cut_to_fit(grid: &ChunkGrid, axis: usize, longest: usize, size: usize) -> ChunkGrid {
    let len = grid.axes()[axis].len();
    let chunk = len.min(longest).max(1);
    let mut axes = grid.axes().to_vec();
    axes[axis] = AxisChunks::regular(len, chunk);
    let mut left = (BLOCK_BYTES / chunk.saturating_mul(size).max(1)).max(1);
    for (_, other) in axes.iter_mut().enumerate().filter(|(other, _)| *other != axis).rev() {
        let own = other.max_size();
        if own > left {
            *other = AxisChunks::regular(other.len(), left);
        }
        left = (left / own.max(1)).max(1);
    }
    ChunkGrid::new(axes)
}

fn with_axis(grid: &ChunkGrid, axis: usize, chunks: AxisChunks) -> ChunkGrid {
    let mut axes = grid.axes().to_vec();
    axes[axis] = chunks;
    ChunkGrid::new(axes)
}

/// The size of the largest chunk.
fn bytes(grid: &ChunkGrid, size: usize) -> usize {
    grid.max_chunk().iter().fold(size, |bytes, &len| bytes.saturating_mul(len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_chunks_are_joined_or_turned() {
        // A chunk a day: 16 days to a chunk.
        let days = ChunkGrid::regular(&[365, 180, 360], &[1, 180, 360]);
        assert_eq!(lengthened(&days, 0, 8), ChunkGrid::regular(&[365, 180, 360], &[16, 180, 360]));
        // 16 days would be 132 MB: all days, a part of the map.
        let fine = ChunkGrid::regular(&[365, 720, 1440], &[1, 720, 1440]);
        let turned = lengthened(&fine, 0, 8);
        assert_eq!(turned, ChunkGrid::regular(&[365, 720, 1440], &[365, 1, 1440]));
        assert!(bytes(&turned, 8) <= BLOCK_BYTES);
        let long = ChunkGrid::regular(&[365, 720, 1440], &[20, 720, 1440]);
        assert_eq!(lengthened(&long, 0, 8), long);
        let whole = ChunkGrid::regular(&[3, 720], &[3, 720]);
        assert_eq!(lengthened(&whole, 0, 8), whole);
        let uneven = ChunkGrid::new(vec![AxisChunks::from_sizes(&[3, 9, 2, 8, 1, 20, 2])]);
        let sizes: Vec<usize> = lengthened(&uneven, 0, 8).axes()[0].sizes().collect();
        assert_eq!(sizes, [22, 21, 2]);
    }

    #[test]
    fn an_axis_longer_than_a_chunk_can_be_is_cut() {
        let long = ChunkGrid::regular(&[10_000_000, 1_000_000], &[1, 1_000_000]);
        let turned = lengthened(&long, 0, 8);
        assert_eq!(turned.max_chunk(), [65_536, 16]);
    }
}
