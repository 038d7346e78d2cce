//! What random numbers are drawn from.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::Float;

/// What random numbers are drawn from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Distribution {
    /// Every value in `[low, high)` equally likely.
    Uniform {
        /// The smallest value.
        low: Float,
        /// The end of the interval, never reached.
        high: Float,
    },
    /// The normal distribution.
    Normal {
        /// Its mean.
        mean: Float,
        /// Its standard deviation.
        std: Float,
    },
    /// Numbers whose logarithm is normal.
    LogNormal {
        /// The mean of the logarithm.
        mean: Float,
        /// The standard deviation of the logarithm.
        std: Float,
    },
    /// The exponential distribution.
    Exponential {
        /// Its mean, the inverse of the rate.
        scale: Float,
    },
    /// The gamma distribution.
    Gamma {
        /// The shape, often called k.
        shape: Float,
        /// The scale: the mean is `shape * scale`.
        scale: Float,
    },
    /// The Poisson distribution.
    Poisson {
        /// Its mean.
        lam: Float,
    },
    /// Every integer of a range equally likely.
    Integers {
        /// The smallest.
        low: i64,
        /// The largest, included.
        high: i64,
    },
    /// Indices from 0, each with a probability of its own.
    Choice {
        /// For every index the probability of it or one before it: not decreasing, the last 1.
        cumulative: Arc<[Float]>,
    },
    /// The integers `0..n` in random order: positions hold different integers.
    Permutation {
        /// How many integers there are, at least as many as positions.
        n: u64,
    },
}

/// The largest mean whose Poisson numbers fit an int64, with ten standard deviations to spare, as in numpy.
const MAX_LAM: f64 = 9.223_372_006_484_771e18;

impl Distribution {
    /// The type of the numbers.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Uniform { .. }
            | Self::Normal { .. }
            | Self::LogNormal { .. }
            | Self::Exponential { .. }
            | Self::Gamma { .. } => DType::F64,
            Self::Poisson { .. } | Self::Integers { .. } | Self::Choice { .. } | Self::Permutation { .. } => {
                DType::I64
            }
        }
    }

    /// Refuses parameters of which there is no distribution, or none that fills an array of this shape.
    pub(crate) fn check(&self, shape: &[usize]) -> Result<()> {
        match self {
            Self::Uniform { low, high } => {
                let (low, high) = (low.get(), high.get());
                if low.is_finite() && high.is_finite() && low < high {
                    return Ok(());
                }
                let hint = "low must be below high, both finite";
                Err(Error::argument("interval", format!("[{low}, {high})"), hint))
            }
            Self::Normal { mean, std } | Self::LogNormal { mean, std } => {
                let (mean, std) = (mean.get(), std.get());
                if mean.is_finite() && std.is_finite() && std >= 0.0 {
                    return Ok(());
                }
                let value = format!("mean {mean}, std {std}");
                Err(Error::argument("parameters", value, "both must be finite and std not negative"))
            }
            Self::Exponential { scale } => not_negative("scale", *scale),
            Self::Gamma { shape, scale } => {
                not_negative("shape_param", *shape)?;
                not_negative("scale", *scale)
            }
            Self::Poisson { lam } => {
                not_negative("lam", *lam)?;
                if lam.get() <= MAX_LAM {
                    return Ok(());
                }
                Err(Error::argument("lam", lam, format!("counts must fit int64: use at most {MAX_LAM}")))
            }
            Self::Integers { low, high } => {
                if low <= high {
                    return Ok(());
                }
                let hint = "the range holds no integer; the lower end comes first";
                Err(Error::argument("range", format!("{low}..={high}"), hint))
            }
            Self::Choice { cumulative } => {
                let mut sums = cumulative.iter().map(|sum| sum.get());
                let is_increasing = sums.clone().is_sorted() && sums.clone().all(|sum| sum >= 0.0);
                if is_increasing && sums.next_back() == Some(1.0) {
                    return Ok(());
                }
                let hint = "sums of probabilities begin with 0 or more, do not decrease and end with 1";
                Err(Error::argument("cumulative", format!("{} sums", cumulative.len()), hint))
            }
            Self::Permutation { n } => {
                let wanted = shape.iter().try_fold(1u64, |size, &len| size.checked_mul(len as u64));
                if *n > i64::MAX as u64 {
                    return Err(Error::argument("n", n, "the integers must fit int64"));
                }
                if wanted.is_some_and(|wanted| wanted <= *n) {
                    return Ok(());
                }
                let hint =
                    format!("at most {n} can be taken without replacement; raise n or draw with replacement");
                Err(Error::argument("shape", format!("{shape:?}"), hint))
            }
        }
    }
}

fn not_negative(name: &'static str, value: Float) -> Result<()> {
    let value = value.get();
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::argument(name, value, "it must be finite and not negative"))
}

/// How many probabilities are written out.
const SHOWN: usize = 4;

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform { low, high } => write!(f, "uniform [{low}, {high})"),
            Self::Normal { mean, std } => write!(f, "normal {mean} ± {std}"),
            Self::LogNormal { mean, std } => write!(f, "lognormal {mean} ± {std}"),
            Self::Exponential { scale } => write!(f, "exponential scale {scale}"),
            Self::Gamma { shape, scale } => write!(f, "gamma shape {shape} scale {scale}"),
            Self::Poisson { lam } => write!(f, "poisson {lam}"),
            Self::Integers { low, high } => write!(f, "integers [{low}, {high}]"),
            Self::Choice { cumulative } => {
                let before = std::iter::once(0.0).chain(cumulative.iter().map(|sum| sum.get()));
                let differences = cumulative.iter().zip(before).take(SHOWN).map(|(sum, b)| sum.get() - b);
                // What rounding did to the sums is of no interest here.
                let mut shown: Vec<String> =
                    differences.map(|p| ((p * 1e6).round() / 1e6).to_string()).collect();
                if cumulative.len() > SHOWN {
                    shown.push("…".into());
                }
                write!(f, "choice of {} with probabilities [{}]", cumulative.len(), shown.join(", "))
            }
            Self::Permutation { n } => write!(f, "permutation of {n}"),
        }
    }
}
