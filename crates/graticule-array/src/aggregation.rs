//! Aggregations as data: what a reduction computes, and what it needs to remember on the way.
//!
//! Each aggregation is four steps: an initial state, folding values in, merging two states, and finishing.
//! The steps themselves are kernels; this table says which dtype goes in, which comes out and how many
//! bytes the state of one result takes, so that a plan knows its memory before it runs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::Float;

/// What a reduction computes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Aggregation {
    /// The statistic.
    pub kind: Statistic,
    /// Whether missing values (NaN, NaT) are left out; otherwise they make the result missing.
    pub skipna: bool,
}

/// The statistics that a reduction can compute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Statistic {
    /// The sum; 0 for no values.
    Sum,
    /// The product; 1 for no values.
    Prod,
    /// The arithmetic mean.
    Mean,
    /// The variance with divisor `n - ddof`.
    Var {
        /// Delta degrees of freedom.
        ddof: usize,
    },
    /// The standard deviation with divisor `n - ddof`.
    Std {
        /// Delta degrees of freedom.
        ddof: usize,
    },
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The position of the first smallest value, in C order over the folded axes.
    Argmin,
    /// The position of the first largest value, in C order over the folded axes.
    Argmax,
    /// Whether any value is true.
    Any,
    /// Whether all values are true.
    All,
    /// How many values are not missing.
    Count,
    /// The value at the first position, in C order over the folded axes.
    First,
    /// The value at the last position, in C order over the folded axes.
    Last,
    /// The skewness: the third moment about the mean over the second to the power of 1.5.
    Skew,
    /// The excess kurtosis: the fourth moment about the mean over the square of the second, less 3.
    Kurtosis,
    /// The covariance of pairs of values of two inputs, with divisor `n - ddof`.
    Cov {
        /// Delta degrees of freedom.
        ddof: usize,
    },
    /// Pearson's correlation of pairs of values of two inputs.
    Corr,
    /// The sum without rounding, rounded once at the end: the same bits for any chunks.
    ExactSum,
    /// The mean as the exact sum over the number of values: the same bits for any chunks.
    ExactMean,
    /// How many values fall into each of `bins` equal parts of `[low, high]`, the last part closed.
    Histogram {
        /// The number of parts.
        bins: usize,
        /// The start of the first part.
        low: Float,
        /// The end of the last part.
        high: Float,
    },
}

impl Aggregation {
    /// The dtype that values are cast to before they are folded in, and that of the result.
    ///
    /// Integers sum in 64 bits and average in float64; float32 keeps its type but accumulates in float64.
    pub(crate) fn dtypes(&self, dtype: DType) -> Result<(DType, DType)> {
        let refuse =
            |hint: &str| Err(Error::Dtype { operation: self.kind.to_string(), dtype, hint: hint.into() });
        match self.kind {
            Statistic::Count => Ok((dtype, DType::I64)),
            _ if dtype == DType::Str => refuse("text can only be counted"),
            Statistic::Any | Statistic::All if dtype.is_numeric() => Ok((DType::Bool, DType::Bool)),
            Statistic::Min | Statistic::Max | Statistic::First | Statistic::Last => Ok((dtype, dtype)),
            Statistic::Argmin | Statistic::Argmax => Ok((dtype, DType::I64)),
            Statistic::Sum if matches!(dtype, DType::Timedelta(_)) => Ok((dtype, dtype)),
            _ if dtype.is_time() => refuse("of times there are min, max and count"),
            Statistic::Sum | Statistic::Prod => {
                let result = match dtype {
                    DType::F32 | DType::F64 => dtype,
                    _ if dtype.is_unsigned() => DType::U64,
                    _ => DType::I64,
                };
                Ok((result, result))
            }
            Statistic::Mean
            | Statistic::Var { .. }
            | Statistic::Std { .. }
            | Statistic::Skew
            | Statistic::Kurtosis
            | Statistic::Cov { .. }
            | Statistic::Corr
            | Statistic::ExactSum
            | Statistic::ExactMean => Ok((dtype.to_float(), dtype.to_float())),
            Statistic::Histogram { .. } => Ok((dtype.to_float(), DType::I64)),
            Statistic::Any | Statistic::All => refuse("compare it with a value first"),
        }
    }

    /// Bytes of state for each result while values are folded in.
    pub(crate) fn state_bytes(&self) -> usize {
        match self.kind {
            Statistic::Any | Statistic::All => 1,
            Statistic::Sum | Statistic::Prod | Statistic::Count | Statistic::Histogram { .. } => 8,
            Statistic::Min | Statistic::Max => 9,
            Statistic::Mean => 16,
            Statistic::Argmin | Statistic::Argmax => 17,
            Statistic::First | Statistic::Last => 16,
            Statistic::Var { .. } | Statistic::Std { .. } => 32,
            Statistic::Skew | Statistic::Kurtosis => 48,
            Statistic::Cov { .. } | Statistic::Corr => 64,
            Statistic::ExactSum | Statistic::ExactMean => 592,
        }
    }

    /// How many arrays the values come from.
    pub(crate) fn inputs(&self) -> usize {
        if matches!(self.kind, Statistic::Cov { .. } | Statistic::Corr) { 2 } else { 1 }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum => f.write_str("sum"),
            Self::Prod => f.write_str("prod"),
            Self::Mean => f.write_str("mean"),
            Self::Var { ddof: 0 } => f.write_str("var"),
            Self::Var { ddof } => write!(f, "var(ddof={ddof})"),
            Self::Std { ddof: 0 } => f.write_str("std"),
            Self::Std { ddof } => write!(f, "std(ddof={ddof})"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Argmin => f.write_str("argmin"),
            Self::Argmax => f.write_str("argmax"),
            Self::Any => f.write_str("any"),
            Self::All => f.write_str("all"),
            Self::Count => f.write_str("count"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Skew => f.write_str("skew"),
            Self::Kurtosis => f.write_str("kurtosis"),
            Self::Cov { ddof: 0 } => f.write_str("cov"),
            Self::Cov { ddof } => write!(f, "cov(ddof={ddof})"),
            Self::Corr => f.write_str("corr"),
            Self::ExactSum => f.write_str("exact sum"),
            Self::ExactMean => f.write_str("exact mean"),
            Self::Histogram { bins, low, high } => write!(f, "histogram({bins} bins, {low} to {high})"),
        }
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skips = self.skipna && !matches!(self.kind, Statistic::Count | Statistic::Histogram { .. });
        write!(f, "{}{}", if skips { "nan" } else { "" }, self.kind)
    }
}
