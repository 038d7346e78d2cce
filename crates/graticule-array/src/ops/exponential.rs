//! Exponentially weighted statistics along an axis: xarray's `rolling_exp`.

use crate::array::Array;
use crate::blockwise::{Cumulative, Exponential, ExponentialStatistic};
use crate::error::{Error, Result};
use crate::ops::normalize_axis;
use crate::ops::scan::scan;
use crate::scalar::Float;

/// How fast the weights of what is past decay, in one of the usual measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decay {
    /// The span `s` of at least 1: alpha is `2 / (s + 1)`.
    Span(f64),
    /// The center of mass `c` of at least 0: alpha is `1 / (1 + c)`.
    Com(f64),
    /// The steps of more than 0 after which a weight is halved.
    Halflife(f64),
    /// The share of the last value itself, more than 0 and at most 1.
    Alpha(f64),
    /// Nothing decays: all values so far count alike, as in windows that reach from the start. A minimal weight makes no
    /// sense then.
    Never,
}

/// A span.
impl From<f64> for Decay {
    fn from(span: f64) -> Self {
        Self::Span(span)
    }
}

impl Decay {
    fn alpha(self) -> Result<f64> {
        let (value, alpha) = match self {
            Self::Span(span) => (span, if span >= 1.0 { 2.0 / (span + 1.0) } else { f64::NAN }),
            Self::Com(com) => (com, if com >= 0.0 { 1.0 / (1.0 + com) } else { f64::NAN }),
            Self::Halflife(steps) => {
                (steps, if steps > 0.0 { -(-std::f64::consts::LN_2 / steps).exp_m1() } else { f64::NAN })
            }
            Self::Alpha(alpha) => (alpha, alpha),
            Self::Never => return Ok(0.0),
        };
        if alpha > 0.0 && alpha <= 1.0 {
            return Ok(alpha);
        }
        let hint = "use a finite span from 1, a center of mass from 0, a halflife above 0, or an alpha above 0 up to 1";
        Err(Error::argument("decay", value, hint))
    }
}

/// Exponentially weighted statistics, made by [`Array::rolling_exp`], before it is said which.
///
/// Element `i` of the result is of the values up to `i`, of which the last has the weight 1, the one before `1 - alpha`, and
/// so on. Missing values take a step but have no weight, as in numbagg's `move_exp_nanmean` and its like, which xarray's
/// `rolling_exp` calls. Results are of float64; of float32, computed in float64, float32.
///
/// Sums are off by at most `2⁻⁵³ / alpha` of the largest sum of absolute values on the way; variances and covariances come
/// from deviations of the running mean and have the accuracy of two passes, where differences of squares have none left.
/// Values do not depend on the chunks but for such roundings.
///
/// # Chunks
/// Those of [`Array::cumsum`]: where the axis is cut, the data are read twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollingExp {
    array: Array,
    axis: isize,
    alpha: Float,
    min_weight: Float,
}

impl Array {
    /// Exponentially weighted statistics along an axis; a method of [`RollingExp`] says which.
    ///
    /// ```
    /// use graticule_array::{Array, Decay};
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 2.0, f64::NAN, 4.0]), "auto")?;
    /// let sum = x.rolling_exp(0, Decay::Alpha(0.5))?.sum()?.compute()?;
    /// assert_eq!(sum.as_slice::<f64>()?, [1.0, 2.5, 1.25, 4.625]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for a decay outside its range.
    pub fn rolling_exp(&self, axis: isize, decay: Decay) -> Result<RollingExp> {
        normalize_axis(axis, self.ndim())?;
        let alpha = Float::new(decay.alpha()?);
        Ok(RollingExp { array: self.clone(), axis, alpha, min_weight: Float::new(0.0) })
    }
}

impl RollingExp {
    /// The weight that must be there, from 0 (the default) to 1, where the weights of endless values without a gap add up
    /// to 1; with less the result is missing.
    pub fn min_weight(self, min_weight: f64) -> Self {
        Self { min_weight: Float::new(min_weight), ..self }
    }

    fn statistic(&self, statistic: ExponentialStatistic, arrays: &[Array]) -> Result<Array> {
        let Self { alpha, min_weight, .. } = *self;
        let function = Cumulative::Exponential(Exponential { statistic, alpha, min_weight });
        scan(arrays, function, self.axis, false)
    }

    fn of_pairs(&self, statistic: ExponentialStatistic, other: &Array) -> Result<Array> {
        let pair = Array::broadcast_arrays(&[self.array.clone(), other.clone()])?;
        if pair.first().map(Array::shape) != Some(self.array.shape()) {
            return Err(Error::Shape {
                operation: "an exponentially weighted covariance".into(),
                left: self.array.shape().to_vec(),
                right: other.shape().to_vec(),
                hint: "the other array has the shape of this one, or broadcasts to it".into(),
            });
        }
        self.statistic(statistic, &pair)
    }

    /// The covariance with another array, of the pairs of which both values are there, without the bias of a finite
    /// number of values; NaN of fewer than two pairs.
    ///
    /// # Errors
    /// As [`RollingExp::mean`]; [`Error::Shape`] when the other array does not broadcast to this one.
    pub fn cov(&self, other: &Array) -> Result<Array> {
        self.of_pairs(ExponentialStatistic::Cov, other)
    }

    /// The correlation with another array, of the pairs of which both values are there; NaN of fewer than two pairs, and
    /// where one does not vary.
    ///
    /// # Errors
    /// As [`RollingExp::cov`].
    pub fn corr(&self, other: &Array) -> Result<Array> {
        self.of_pairs(ExponentialStatistic::Corr, other)
    }
}

macro_rules! statistics {
    ($($name:ident $kind:ident $doc:literal)+) => {
        impl RollingExp {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`Error::Argument`] for a minimal weight that is not from 0 to 1, [`Error::Dtype`] for times and text.
            pub fn $name(&self) -> Result<Array> {
                self.statistic(ExponentialStatistic::$kind, std::slice::from_ref(&self.array))
            }
        )+}
    };
}

statistics! {
    mean Mean "The mean; NaN before the first value."
    sum Sum "The sum; NaN before the first value."
    count Count "The sum of the weights of the values that are there."
    var Var "The variance, without the bias of a finite number of values; NaN of fewer than two."
    std Std "The standard deviation: the root of the variance."
}
