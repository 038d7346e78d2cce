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
    /// The number of successes of some trials.
    Binomial {
        /// How many trials.
        n: i64,
        /// The probability of a success.
        p: Float,
    },
    /// The number of failures before some successes.
    NegativeBinomial {
        /// How many successes; it need not be whole.
        n: Float,
        /// The probability of a success.
        p: Float,
    },
    /// Along the last axis, how often each outcome comes up in some trials.
    Multinomial {
        /// How many trials.
        n: i64,
        /// The probability of each outcome.
        p: Arc<[Float]>,
    },
    /// The number of good ones in a sample without replacement.
    Hypergeometric {
        /// How many good ones there are.
        good: i64,
        /// How many bad ones there are.
        bad: i64,
        /// How many are taken.
        sample: i64,
    },
    /// Angles from -π to π around a direction: the von Mises distribution.
    VonMises {
        /// The direction.
        mu: Float,
        /// How close to it: 0 for all directions alike.
        kappa: Float,
    },
    /// Integers from 1, of a frequency that is a power of them.
    Zipf {
        /// The power, more than 1.
        a: Float,
    },
    /// Sums of squares of normal numbers whose means are not 0.
    NoncentralChisquare {
        /// The degrees of freedom.
        df: Float,
        /// The sum of the squares of the means.
        nonc: Float,
    },
}

/// The largest group and sample of a hypergeometric distribution, as in numpy: logarithms of factorials of larger numbers
/// have too few digits left.
const MAX_GROUP: i64 = 1_000_000_000;

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
            | Self::Gamma { .. }
            | Self::VonMises { .. }
            | Self::NoncentralChisquare { .. } => DType::F64,
            Self::Poisson { .. }
            | Self::Integers { .. }
            | Self::Choice { .. }
            | Self::Permutation { .. }
            | Self::Binomial { .. }
            | Self::NegativeBinomial { .. }
            | Self::Multinomial { .. }
            | Self::Hypergeometric { .. }
            | Self::Zipf { .. } => DType::I64,
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
            Self::Binomial { n, p } => {
                not_negative("n", Float::new(*n as f64))?;
                probability("p", *p)
            }
            Self::NegativeBinomial { n, p } => {
                positive("n", *n)?;
                probability("p", *p)?;
                // The mean of the counts and ten deviations of what is their mean.
                let (n, p) = (n.get(), p.get());
                if p > 0.0 && (1.0 - p) / p * (n + 10.0 * n.sqrt()) <= MAX_LAM {
                    return Ok(());
                }
                Err(Error::argument("p", p, "counts must fit int64: use a larger p or a smaller n"))
            }
            Self::Multinomial { n, p } => {
                not_negative("n", Float::new(*n as f64))?;
                p.iter().try_for_each(|p| probability("p", *p))?;
                let sum = p.iter().fold(0.0, |sum, p| sum + p.get());
                if shape.last() == Some(&p.len()) && (sum - 1.0).abs() <= 1e-8 {
                    return Ok(());
                }
                let hint = "give probabilities with the sum 1, one for each element of the last axis";
                Err(Error::argument("p", format!("{} probabilities with the sum {sum}", p.len()), hint))
            }
            Self::Hypergeometric { good, bad, sample } => {
                let counts = [good, bad, sample];
                let all = good.saturating_add(*bad);
                if counts.iter().all(|n| (0..=MAX_GROUP).contains(*n)) && *sample <= all {
                    return Ok(());
                }
                let value = format!("{sample} of {good} good and {bad} bad ones");
                let hint = format!("take no more than there are, of at most {MAX_GROUP} each");
                Err(Error::argument("sample", value, hint))
            }
            Self::VonMises { mu, kappa } => {
                not_negative("kappa", *kappa)?;
                if mu.get().is_finite() {
                    return Ok(());
                }
                Err(Error::argument("mu", mu, "it must be finite"))
            }
            Self::Zipf { a } => {
                if a.get() > 1.0 && a.get().is_finite() {
                    return Ok(());
                }
                Err(Error::argument("a", a, "it must be finite and more than 1"))
            }
            Self::NoncentralChisquare { df, nonc } => {
                positive("df", *df)?;
                not_negative("nonc", *nonc)?;
                if nonc.get() <= MAX_LAM {
                    return Ok(());
                }
                Err(Error::argument("nonc", nonc, format!("use at most {MAX_LAM}")))
            }
        }
    }
}

fn positive(name: &'static str, value: Float) -> Result<()> {
    let value = value.get();
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::argument(name, value, "it must be finite and more than 0"))
}

fn probability(name: &'static str, value: Float) -> Result<()> {
    let value = value.get();
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::argument(name, value, "a probability is from 0 to 1"))
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
            Self::Binomial { n, p } => write!(f, "binomial {n} trials of {p}"),
            Self::NegativeBinomial { n, p } => write!(f, "negative binomial {n} successes of {p}"),
            Self::Multinomial { n, p } => write!(f, "multinomial {n} trials of {} outcomes", p.len()),
            Self::Hypergeometric { good, bad, sample } => {
                write!(f, "hypergeometric {sample} of {good} good and {bad} bad")
            }
            Self::VonMises { mu, kappa } => write!(f, "von Mises around {mu} kappa {kappa}"),
            Self::Zipf { a } => write!(f, "zipf {a}"),
            Self::NoncentralChisquare { df, nonc } => write!(f, "noncentral chi-square {df} degrees {nonc}"),
        }
    }
}
