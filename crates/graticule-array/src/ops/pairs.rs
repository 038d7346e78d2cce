//! Statistics of pairs of values.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::error::Result;
use crate::expr::{Expr, Op};
use crate::ops::Axes;

impl Array {
    /// The covariance with another array along some axes, with divisor `n - ddof`, in one pass with the accuracy of
    /// two. With `skipna`, pairs of which one is NaN are left out.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(0.0, 4.0, 5)?;
    /// let y = (&x * 3.0)?;
    /// assert_eq!(x.covariance(&y, (), 0, false)?.compute()?.item::<f64>()?, 6.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when the arrays do not broadcast together, [`crate::Error::Axis`] for an axis that is not
    /// there, [`crate::Error::Dtype`] for text and times.
    pub fn covariance(&self, other: &Self, axes: impl Into<Axes>, ddof: usize, skipna: bool) -> Result<Self> {
        self.pairs(other, Statistic::Cov { ddof }, axes.into(), skipna)
    }

    /// Pearson's correlation with another array along some axes, in one pass; NaN where one of the two does not vary.
    ///
    /// # Errors
    /// As [`Array::covariance`].
    pub fn correlation(&self, other: &Self, axes: impl Into<Axes>, skipna: bool) -> Result<Self> {
        self.pairs(other, Statistic::Corr, axes.into(), skipna)
    }

    fn pairs(&self, other: &Self, kind: Statistic, axes: Axes, skipna: bool) -> Result<Self> {
        let aggregation = Aggregation { kind, skipna };
        // The sum says which dtype and shape both have together.
        let both = (self + other)?;
        let axes = axes.resolve(both.ndim())?;
        let (argument, _) = aggregation.dtypes(both.dtype())?;
        let input = |array: &Self| array.broadcast_to(both.shape().to_vec())?.astype(argument);
        let inputs = vec![input(self)?.expr().clone(), input(other)?.expr().clone()];
        Ok(Self::from_expr(Expr::new(Op::Reduce { aggregation, axes, keepdims: false }, inputs)?))
    }
}
