//! Functions of one argument.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::snake_case;

/// Functions of one argument, under numpy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are numpy's ufuncs of these names")]
pub enum Unary {
    Negative,
    Absolute,
    Sign,
    Square,
    Reciprocal,
    Sqrt,
    Cbrt,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    Arcsinh,
    Arccosh,
    Arctanh,
    Deg2rad,
    Rad2deg,
    Floor,
    Ceil,
    Trunc,
    Rint,
    Spacing,
    I0,
    /// The first of numpy's `frexp`.
    Mantissa,
    /// The second of numpy's `frexp`, as a float.
    Exponent,
    BitwiseCount,
    Isnan,
    Isinf,
    Isfinite,
    Signbit,
    LogicalNot,
    Invert,
}

impl Unary {
    /// The dtype the argument is cast to, and the dtype of the result.
    pub(crate) fn dtypes(self, dtype: DType) -> Result<(DType, DType)> {
        let refuse = |hint: &str| Err(Error::Dtype { operation: self.to_string(), dtype, hint: hint.into() });
        if dtype == DType::Str {
            return refuse("it works on numbers and times");
        }
        match self {
            Self::Isnan | Self::Isinf | Self::Isfinite => Ok((dtype, DType::Bool)),
            Self::Signbit if dtype.is_numeric() => Ok((dtype.to_float(), DType::Bool)),
            Self::LogicalNot if dtype.is_numeric() => Ok((DType::Bool, DType::Bool)),
            Self::Negative if dtype == DType::Bool => refuse("use logical_not (`!`) on booleans"),
            Self::Sign | Self::Square if dtype == DType::Bool => refuse("cast to an integer first"),
            Self::Negative | Self::Absolute if matches!(dtype, DType::Timedelta(_)) => Ok((dtype, dtype)),
            _ if dtype.is_time() => refuse("it works on numbers; take a difference of times first"),
            Self::Negative
            | Self::Absolute
            | Self::Sign
            | Self::Square
            | Self::Floor
            | Self::Ceil
            | Self::Trunc
            | Self::Rint => Ok((dtype, dtype)),
            Self::Invert if dtype.is_float() => refuse("cast to an integer or a bool first"),
            Self::Invert => Ok((dtype, dtype)),
            Self::BitwiseCount if !dtype.is_integer() => refuse("it counts the bits of integers"),
            Self::BitwiseCount => Ok((dtype, dtype)),
            Self::LogicalNot
            | Self::Signbit
            | Self::Spacing
            | Self::I0
            | Self::Mantissa
            | Self::Exponent
            | Self::Reciprocal
            | Self::Sqrt
            | Self::Cbrt
            | Self::Exp
            | Self::Exp2
            | Self::Expm1
            | Self::Log
            | Self::Log2
            | Self::Log10
            | Self::Log1p
            | Self::Sin
            | Self::Cos
            | Self::Tan
            | Self::Arcsin
            | Self::Arccos
            | Self::Arctan
            | Self::Sinh
            | Self::Cosh
            | Self::Tanh
            | Self::Arcsinh
            | Self::Arccosh
            | Self::Arctanh
            | Self::Deg2rad
            | Self::Rad2deg => Ok((dtype.to_float(), dtype.to_float())),
        }
    }
}

impl fmt::Display for Unary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}
