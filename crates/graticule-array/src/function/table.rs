//! Functions that are given by a small sorted table.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::{Float, Scalar};

/// Where equal values go in a sorted table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Before them.
    Left,
    /// After them.
    Right,
}

/// A function of one argument that looks its value up in a sorted table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Table {
    /// How many of the edges are before the argument, int64. NaN is after all numbers.
    Position {
        /// Not decreasing.
        edges: Arc<[Float]>,
        /// Whether edges that equal the argument are before it.
        side: Side,
    },
    /// Whether the argument is one of some values, bool.
    Member(Members),
    /// The line through some points at the argument, float64.
    Line {
        /// Where the points are, not decreasing.
        xs: Arc<[Float]>,
        /// Their values, as many.
        ys: Arc<[Float]>,
        /// The value before the first point.
        left: Float,
        /// The value after the last.
        right: Float,
    },
}

/// The values of a membership test: sorted, in the type that the argument is computed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are the types of the values")]
pub enum Members {
    Floats(Arc<[Float]>),
    Signed(Arc<[i64]>),
    Unsigned(Arc<[u64]>),
    Texts(Arc<[Arc<str>]>),
}

impl Table {
    /// The dtype of the result.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::Position { .. } => DType::I64,
            Self::Member(_) => DType::Bool,
            Self::Line { .. } => DType::F64,
        }
    }

    /// Whether the table is sorted, as looking things up in it needs.
    pub(crate) fn is_sorted(&self) -> bool {
        let floats = |values: &[Float]| values.is_sorted_by(|a, b| a.get() <= b.get() || b.get().is_nan());
        match self {
            Self::Position { edges, .. } => floats(edges),
            Self::Line { xs, ys, .. } => !xs.is_empty() && xs.len() == ys.len() && floats(xs),
            Self::Member(Members::Floats(values)) => floats(values),
            Self::Member(Members::Signed(values)) => values.is_sorted(),
            Self::Member(Members::Unsigned(values)) => values.is_sorted(),
            Self::Member(Members::Texts(values)) => values.is_sorted(),
        }
    }
}

impl Members {
    /// The values that elements of `dtype` can be equal to. Others, NaN and NaT among them, equal none.
    ///
    /// # Errors
    /// [`Error::Dtype`] for a value of another kind than the dtype, such as a text among numbers.
    pub(crate) fn new(values: &[Scalar], dtype: DType) -> Result<Self> {
        let is_same_kind = |value: &Scalar| match dtype {
            DType::Str => matches!(value, Scalar::Str(_)),
            DType::Datetime(_) => matches!(value, Scalar::Datetime(..)),
            DType::Timedelta(_) => matches!(value, Scalar::Timedelta(..)),
            _ => !matches!(value, Scalar::Str(_) | Scalar::Datetime(..) | Scalar::Timedelta(..)),
        };
        if let Some(value) = values.iter().find(|value| !is_same_kind(value)) {
            let hint = "test for values of the array's own kind".into();
            return Err(Error::Dtype { operation: format!("isin with {value}"), dtype, hint });
        }
        // As a bool every number but 0 is true, yet only 1 is equal to it.
        let held = if dtype == DType::Bool { DType::I8 } else { dtype };
        let held = values.iter().filter_map(|value| value.convert(held)).filter(|value| !is_missing(value));
        Ok(match dtype {
            DType::F32 | DType::F64 => {
                let mut values: Vec<f64> = held.map(|value| value.to_f64()).collect();
                values.sort_by(f64::total_cmp);
                Self::Floats(values.into_iter().map(Float::new).collect())
            }
            DType::U64 => {
                let values = held.filter_map(|value| match value {
                    Scalar::UInt(value) => Some(value),
                    _ => None,
                });
                let mut values: Vec<u64> = values.collect();
                values.sort_unstable();
                Self::Unsigned(values.into())
            }
            DType::Str => {
                let values = held.filter_map(|value| match value {
                    Scalar::Str(text) => Some(text),
                    _ => None,
                });
                let mut values: Vec<Arc<str>> = values.collect();
                values.sort_unstable();
                Self::Texts(values.into())
            }
            DType::Bool
            | DType::I8
            | DType::I16
            | DType::I32
            | DType::I64
            | DType::U8
            | DType::U16
            | DType::U32
            | DType::Datetime(_)
            | DType::Timedelta(_) => {
                let mut values: Vec<i64> = held.filter_map(|value| value.to_i64()).collect();
                values.sort_unstable();
                Self::Signed(values.into())
            }
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Signed(values) => values.len(),
            Self::Unsigned(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }
}

fn is_missing(value: &Scalar) -> bool {
    match value {
        Scalar::Float(x) => x.get().is_nan(),
        Scalar::Datetime(..) | Scalar::Timedelta(..) => value.to_f64().is_nan(),
        Scalar::Bool(_) | Scalar::Int(_) | Scalar::UInt(_) | Scalar::Str(_) => false,
    }
}

/// What the table does, to be followed by its argument.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { edges, side: Side::Left } => write!(f, "edges_below[{}]", edges.len()),
            Self::Position { edges, side: Side::Right } => write!(f, "edges_up_to[{}]", edges.len()),
            Self::Member(members) => write!(f, "isin[{}]", members.len()),
            Self::Line { xs, .. } => write!(f, "interp[{}]", xs.len()),
        }
    }
}
