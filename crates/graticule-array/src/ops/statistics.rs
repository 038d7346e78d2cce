//! Statistics that are made of reductions, and products of vectors.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Axes, normalize_axis};

impl Array {
    /// The largest value less the smallest, over some axes. Integers wrap where the difference does not fit.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1, 9], [4, 2]]), "auto")?;
    /// assert_eq!(x.ptp(0)?.compute()?.as_slice::<i32>()?, [3, 7]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn ptp(&self, axes: impl Into<Axes>) -> Result<Self> {
        let axes = axes.into();
        self.max(axes.clone())? - self.min(axes)?
    }

    /// How many elements are not zero, int64. NaN is not zero.
    ///
    /// # Errors
    /// As [`Array::reduce`]; [`Error::Dtype`] for texts and times.
    pub fn count_nonzero(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.astype(DType::Bool)?.sum(axes)
    }

    /// The mean power of the distance to the mean: the central moment of an order. That of order 2 is the
    /// variance.
    ///
    /// The array is read twice, first for its mean.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.square()?;
    /// assert_eq!(x.moment(3, ())?.compute()?.item::<f64>()?, 135.6);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn moment(&self, order: u32, axes: impl Into<Axes>) -> Result<Self> {
        let axes = axes.into();
        let kind = Statistic::Mean;
        let mean = self.reduce(Aggregation { kind, skipna: false }, axes.clone(), true)?;
        (self - mean)?.pow(i64::from(order))?.mean(axes)
    }

    /// The mean weighted by `weights`, which have the shape of the array, or one axis where a single axis is folded.
    ///
    /// Where weights add up to zero the mean is NaN or infinite; numpy raises an error there.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(3)?;
    /// assert_eq!(x.average((), &x)?.compute()?.item::<f64>()?, 5.0 / 3.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::reduce`]; [`Error::Shape`] for weights of another shape.
    pub fn average(&self, axes: impl Into<Axes>, weights: &Self) -> Result<Self> {
        let axes = axes.into();
        let folded = axes.resolve(self.ndim())?;
        let is_line = matches!(folded.as_slice(), &[axis] if weights.shape() == [self.shape()[axis]]);
        if weights.shape() != self.shape() && !is_line {
            return Err(Error::Shape {
                operation: "average".into(),
                left: self.shape().to_vec(),
                right: weights.shape().to_vec(),
                hint: "weights have the shape of the array, or the length of the one axis that is folded"
                    .into(),
            });
        }
        let dtype = self.dtype().promote(weights.dtype())?;
        let dtype = if self.dtype().is_float() { dtype } else { dtype.promote(DType::F64)? };
        let weights = weights.astype(dtype)?;
        if weights.shape() == self.shape() {
            return (self.astype(dtype)? * &weights)?.sum(axes.clone())? / weights.sum(axes)?;
        }
        let total = weights.sum(())?;
        let after = folded.iter().flat_map(|&axis| axis + 1..self.ndim());
        let aligned = after.into_iter().try_fold(weights, |weights, _| weights.expand_dims(-1))?;
        (self.astype(dtype)? * aligned)?.sum(axes)? / total
    }

    /// The products of all pairs of elements of two arrays with one axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(2)?.outer(&Array::arange(3)?)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 0, 0, 0, 1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for arrays with another number of axes, [`Error::Dtype`] for texts and times.
    pub fn outer(&self, other: &Self) -> Result<Self> {
        match (self.ndim(), other.ndim()) {
            (1, 1) => self.expand_dims(1)? * other,
            axes => Err(Error::argument("axes", format!("{axes:?}"), "each array has one axis")),
        }
    }

    /// The vector products of vectors with three components along an axis, which both arrays have. Integers wrap.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let basis = Array::eye((3, 3), 0, "auto")?;
    /// let [x, y] = [basis.index_axis(0, 0)?, basis.index_axis(0, 1)?];
    /// assert_eq!(x.cross(&y, -1)?.compute()?.as_slice::<f64>()?, [0.0, 0.0, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for vectors with another number of
    /// components, [`Error::Shape`] where the other axes do not broadcast.
    pub fn cross(&self, other: &Self, axis: isize) -> Result<Self> {
        for array in [self, other] {
            let len = array.shape()[normalize_axis(axis, array.ndim())?];
            if len != 3 {
                return Err(Error::argument(
                    "components",
                    len,
                    "vectors have three components along the axis",
                ));
            }
        }
        let component = |i: isize| {
            let (j, k) = ((i + 1) % 3, (i + 2) % 3);
            let (a, b) = (self.index_axis(axis, j)?, other.index_axis(axis, k)?);
            let (c, d) = (self.index_axis(axis, k)?, other.index_axis(axis, j)?);
            (a * b)? - (c * d)?
        };
        Self::stack(&[component(0)?, component(1)?, component(2)?], axis)
    }
}
