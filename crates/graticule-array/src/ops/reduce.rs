//! Reductions over any set of axes.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::ops::normalize_axis;
use crate::scalar::Float;

/// Which axes are folded: `()` for all, a number, an array or a vector. Negative numbers count from the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes(Option<Vec<isize>>);

impl From<()> for Axes {
    fn from((): ()) -> Self {
        Self(None)
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self(Some(vec![axis]))
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self(Some(axes.to_vec()))
    }
}

impl From<Vec<isize>> for Axes {
    fn from(axes: Vec<isize>) -> Self {
        Self(Some(axes))
    }
}

impl From<&[usize]> for Axes {
    fn from(axes: &[usize]) -> Self {
        Self(Some(axes.iter().map(|&axis| axis as isize).collect()))
    }
}

impl Axes {
    pub(crate) fn resolve(&self, ndim: usize) -> Result<Vec<usize>> {
        let Some(axes) = &self.0 else { return Ok((0..ndim).collect()) };
        let mut resolved = axes.iter().map(|&axis| normalize_axis(axis, ndim)).collect::<Result<Vec<_>>>()?;
        resolved.sort_unstable();
        resolved.dedup();
        Ok(resolved)
    }
}

impl Array {
    /// Folds axes away by an aggregation: the general form of `sum`, `mean` and the others.
    ///
    /// ```
    /// use graticule_array::{Array, Aggregation, Statistic};
    /// let x = Array::ones((4, 5), (2, 5))?;
    /// let sum = Aggregation { kind: Statistic::Sum, skipna: true };
    /// assert_eq!(x.reduce(sum, 0, true)?.shape(), [1, 5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] where the statistic is not defined,
    /// [`Error::Argument`] for the minimum or maximum of nothing.
    pub fn reduce(&self, aggregation: Aggregation, axes: impl Into<Axes>, keepdims: bool) -> Result<Self> {
        let axes = axes.into().resolve(self.ndim())?;
        let folded: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
        let needs_values = matches!(
            aggregation.kind,
            Statistic::Min
                | Statistic::Max
                | Statistic::Argmin
                | Statistic::Argmax
                | Statistic::First
                | Statistic::Last
        );
        if aggregation.inputs() != 1 {
            let hint = "it takes pairs of values; use covariance or correlation";
            return Err(Error::argument("aggregation", aggregation, hint));
        }
        if folded == 0 && needs_values {
            let hint = "of no values there is none; select a part that is not empty";
            return Err(Error::argument("axes", format!("{axes:?} of shape {:?}", self.shape()), hint));
        }
        let (argument, _) = aggregation.dtypes(self.dtype())?;
        let input = self.astype(argument)?;
        // Without missing values there is nothing to skip, and the plan says so.
        let skipna = aggregation.skipna && input.dtype().has_missing();
        let aggregation = Aggregation { skipna, ..aggregation };
        let op = Op::Reduce { aggregation, axes, keepdims };
        Ok(Self::from_expr(Expr::new(op, vec![input.expr().clone()])?))
    }

    /// How many values fall into each of `bins` equal parts of `[low, high]`, int64. As in numpy, parts are
    /// closed on the left, the last on both sides; other values and NaN are not counted.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let counts = Array::linspace(0.0, 1.0, 5)?.histogram(2, (0.0, 1.0))?;
    /// assert_eq!(counts.compute()?.as_slice::<i64>()?, [2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there are no bins or the range is empty, [`Error::Dtype`] for text or times.
    pub fn histogram(&self, bins: usize, range: (f64, f64)) -> Result<Self> {
        let (low, high) = range;
        let kind = Statistic::Histogram { bins, low: Float::new(low), high: Float::new(high) };
        self.reduce(Aggregation { kind, skipna: true }, (), false)
    }

    /// The variance with divisor `n - ddof`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// assert_eq!(x.var((), 0)?.compute()?.item::<f64>()?, 1.25);
    /// assert_eq!(x.var((), 1)?.compute()?.item::<f64>()?, 5.0 / 3.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn var(&self, axes: impl Into<Axes>, ddof: usize) -> Result<Self> {
        self.reduce(Aggregation { kind: Statistic::Var { ddof }, skipna: false }, axes, false)
    }

    /// The standard deviation with divisor `n - ddof`.
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn std(&self, axes: impl Into<Axes>, ddof: usize) -> Result<Self> {
        self.reduce(Aggregation { kind: Statistic::Std { ddof }, skipna: false }, axes, false)
    }

    /// The variance of the values that are not NaN, with divisor `n - ddof`.
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn nanvar(&self, axes: impl Into<Axes>, ddof: usize) -> Result<Self> {
        self.reduce(Aggregation { kind: Statistic::Var { ddof }, skipna: true }, axes, false)
    }

    /// The standard deviation of the values that are not NaN, with divisor `n - ddof`.
    ///
    /// # Errors
    /// As [`Array::reduce`].
    pub fn nanstd(&self, axes: impl Into<Axes>, ddof: usize) -> Result<Self> {
        self.reduce(Aggregation { kind: Statistic::Std { ddof }, skipna: true }, axes, false)
    }
}

macro_rules! reductions {
    ($($name:ident $kind:ident $skipna:literal $doc:literal)+) => {
        impl Array {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Array::reduce`].
            pub fn $name(&self, axes: impl Into<Axes>) -> Result<Self> {
                self.reduce(Aggregation { kind: Statistic::$kind, skipna: $skipna }, axes, false)
            }
        )+}
    };
}

reductions! {
    sum Sum false "The sum. Integers sum in 64 bits; float32 accumulates in float64."
    nansum Sum true "The sum of the values that are not NaN."
    prod Prod false "The product."
    nanprod Prod true "The product of the values that are not NaN."
    mean Mean false "The arithmetic mean."
    nanmean Mean true "The mean of the values that are not NaN; NaN where there is none."
    min Min false "The smallest value; NaN where there is one."
    nanmin Min true "The smallest value that is not NaN; NaN where there is none."
    max Max false "The largest value; NaN where there is one."
    nanmax Max true "The largest value that is not NaN; NaN where there is none."
    argmin Argmin false "The position of the first smallest value; that of the first NaN, where there is one."
    nanargmin Argmin true "The position of the first smallest value that is not NaN; -1 where there is none."
    argmax Argmax false "The position of the first largest value; that of the first NaN, where there is one."
    nanargmax Argmax true "The position of the first largest value that is not NaN; -1 where there is none."
    any Any false "Whether any value is true (not zero)."
    all All false "Whether all values are true (not zero)."
    count Count true "How many values are not NaN or NaT."
    skew Skew false "The skewness, biased as scipy's default: 0 for symmetric values, NaN where they do not vary."
    nanskew Skew true "The skewness of the values that are not NaN."
    kurtosis Kurtosis false "The excess kurtosis, biased as scipy's default: 0 for the normal distribution."
    nankurtosis Kurtosis true "The excess kurtosis of the values that are not NaN."
    sum_exact ExactSum false "The sum without rounding, rounded once: the same bits for any chunks. Takes 592 bytes for each result."
    mean_exact ExactMean false "The exact sum over the number of values: the same bits for any chunks. Takes 592 bytes for each result."
    nansum_exact ExactSum true "The exact sum of the values that are not NaN."
    nanmean_exact ExactMean true "The exact mean of the values that are not NaN."
    first First false "The first value along the axes."
    last Last false "The last value along the axes."
    nanfirst First true "The first value that is not NaN or NaT; NaN where there is none."
    nanlast Last true "The last value that is not NaN or NaT; NaN where there is none."
}
