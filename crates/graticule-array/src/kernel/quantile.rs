//! Which values of a sorted sample make a quantile: the methods of numpy, in its arithmetic.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a quantile that falls between two values is found, by numpy's names.
///
/// The first nine are those of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician
/// 50(4), 1996, in their order; the others are older names of numpy's. Those that take a value as it is keep the dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum QuantileMethod {
    /// Method 1: the smallest value at or below which there are at least `q` of all. Takes a value.
    InvertedCdf,
    /// Method 2: as method 1, the mean of two values where it jumps.
    AveragedInvertedCdf,
    /// Method 3: the value whose rank is nearest to `q * n`, the even one of two. Takes a value.
    ClosestObservation,
    /// Method 4: method 1, interpolated.
    InterpolatedInvertedCdf,
    /// Method 5: interpolates between the middles of the steps.
    Hazen,
    /// Method 6: interpolates between the expected ranks of a uniform sample.
    Weibull,
    /// Method 7, the default of numpy, R and Excel: `q = 0` is the smallest value, `q = 1` the largest.
    #[default]
    Linear,
    /// Method 8: about unbiased for the median, whatever the distribution.
    MedianUnbiased,
    /// Method 9: about unbiased for a normal distribution.
    NormalUnbiased,
    /// Of the two values of method 7 the lower. Takes a value.
    Lower,
    /// Of the two values of method 7 the higher. Takes a value.
    Higher,
    /// Of the two values of method 7 the mean.
    Midpoint,
    /// Of the two values of method 7 the nearer; in the middle, the one of even rank from 0. Takes a value.
    Nearest,
}

impl QuantileMethod {
    /// All methods.
    pub const ALL: [Self; 13] = [
        Self::InvertedCdf,
        Self::AveragedInvertedCdf,
        Self::ClosestObservation,
        Self::InterpolatedInvertedCdf,
        Self::Hazen,
        Self::Weibull,
        Self::Linear,
        Self::MedianUnbiased,
        Self::NormalUnbiased,
        Self::Lower,
        Self::Higher,
        Self::Midpoint,
        Self::Nearest,
    ];

    /// numpy's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvertedCdf => "inverted_cdf",
            Self::AveragedInvertedCdf => "averaged_inverted_cdf",
            Self::ClosestObservation => "closest_observation",
            Self::InterpolatedInvertedCdf => "interpolated_inverted_cdf",
            Self::Hazen => "hazen",
            Self::Weibull => "weibull",
            Self::Linear => "linear",
            Self::MedianUnbiased => "median_unbiased",
            Self::NormalUnbiased => "normal_unbiased",
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Midpoint => "midpoint",
            Self::Nearest => "nearest",
        }
    }

    /// Whether the result is one of the values, so that it keeps their dtype.
    pub fn takes_a_value(self) -> bool {
        match self {
            Self::InvertedCdf | Self::ClosestObservation | Self::Lower | Self::Higher | Self::Nearest => true,
            Self::AveragedInvertedCdf
            | Self::InterpolatedInvertedCdf
            | Self::Hazen
            | Self::Weibull
            | Self::Linear
            | Self::MedianUnbiased
            | Self::NormalUnbiased
            | Self::Midpoint => false,
        }
    }
}

impl fmt::Display for QuantileMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for QuantileMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|method| method.name()).collect();
            Error::argument("method", format!("{name:?}"), format!("use one of {}", names.join(", ")))
        })
    }
}

/// What is estimated from a sorted sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Estimate {
    Quantile(QuantileMethod),
    /// The middle value, or the mean of both: numpy's `median`, which rounds otherwise than the quantile does.
    Median,
}

impl Estimate {
    pub(crate) fn takes_a_value(self) -> bool {
        match self {
            Self::Quantile(method) => method.takes_a_value(),
            Self::Median => false,
        }
    }
}

/// What is made of two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Blend {
    /// The first; both are the same.
    Value,
    /// A value so far from the first to the second.
    Lerp(f64),
    /// The mean.
    Mean,
}

/// A quantile of a sorted sample: two positions, and what is made of the values there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Position {
    pub(crate) low: usize,
    pub(crate) high: usize,
    pub(crate) blend: Blend,
}

/// Where the quantile `q` of `n` sorted values is, for `n` of at least 1. The arithmetic is that of numpy 2.4
/// (`_QuantileMethods`, `_get_indexes` and `_get_gamma`), so that results are its bits.
pub(crate) fn position(estimate: Estimate, q: f64, n: usize) -> Position {
    let Estimate::Quantile(method) = estimate else {
        let (low, high) = ((n - 1) / 2, n / 2);
        return Position { low, high, blend: if low == high { Blend::Value } else { Blend::Mean } };
    };
    let count = n as f64;
    let along = (n - 1) as f64 * q;
    // Hyndman and Fan's family: where the plotting positions begin and end.
    let plotted = |alpha: f64, beta: f64| count * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
    match method {
        QuantileMethod::Lower => value(along.floor(), n),
        QuantileMethod::Higher => value(along.ceil(), n),
        QuantileMethod::Nearest => value(along.round_ties_even(), n),
        QuantileMethod::InvertedCdf => {
            let index = count * q - 1.0;
            value(index.ceil(), n)
        }
        QuantileMethod::ClosestObservation => {
            let index = count * q - 1.0 - 0.5;
            let before = index.floor();
            let stays = index == before && before.rem_euclid(2.0) == 1.0;
            value(if stays { before } else { before + 1.0 }, n)
        }
        QuantileMethod::AveragedInvertedCdf => {
            let index = count * q - 1.0;
            between(index, n, |fraction| if fraction == 0.0 { 0.5 } else { 1.0 })
        }
        QuantileMethod::Midpoint => {
            let index = 0.5 * (along.floor() + along.ceil());
            between(index, n, |fraction| if fraction == 0.0 { 0.0 } else { 0.5 })
        }
        QuantileMethod::InterpolatedInvertedCdf => between(plotted(0.0, 1.0), n, |fraction| fraction),
        QuantileMethod::Hazen => between(plotted(0.5, 0.5), n, |fraction| fraction),
        QuantileMethod::Weibull => between(plotted(0.0, 0.0), n, |fraction| fraction),
        QuantileMethod::Linear => between(along, n, |fraction| fraction),
        QuantileMethod::MedianUnbiased => between(plotted(1.0 / 3.0, 1.0 / 3.0), n, |fraction| fraction),
        QuantileMethod::NormalUnbiased => between(plotted(3.0 / 8.0, 3.0 / 8.0), n, |fraction| fraction),
    }
}

/// The value at an index, or the nearest there is.
fn value(index: f64, n: usize) -> Position {
    // A negative float becomes 0.
    let at = (index as usize).min(n - 1);
    Position { low: at, high: at, blend: Blend::Value }
}

/// Between the values around an index; beyond the ends the value there.
fn between(index: f64, n: usize, weight: impl Fn(f64) -> f64) -> Position {
    let last = n - 1;
    let (low, high) = if index >= last as f64 {
        (last, last)
    } else if index < 0.0 {
        (0, 0)
    } else {
        (index as usize, index as usize + 1)
    };
    // Of one value twice, the weight does not matter; infinite ones give NaN, as in numpy.
    let weight = if low == high { 0.0 } else { weight(index - low as f64) };
    Position { low, high, blend: Blend::Lerp(weight) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for method in QuantileMethod::ALL {
            assert_eq!(method.name().parse::<QuantileMethod>().unwrap(), method);
        }
        let error = "best".parse::<QuantileMethod>().unwrap_err().to_string();
        assert!(error.contains("linear, median_unbiased"), "{error}");
    }

    #[test]
    fn positions_are_inside_whatever_the_method() {
        for method in QuantileMethod::ALL {
            for n in [1, 2, 3, 7, 100] {
                for q in [0.0, 1e-300, 0.1, 0.25, 1.0 / 3.0, 0.5, 0.99, 1.0] {
                    let at = position(Estimate::Quantile(method), q, n);
                    assert!(at.low <= at.high && at.high < n && at.high - at.low <= 1, "{method} {q} {n}");
                }
            }
        }
    }
}
