//! Functions of two arguments.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::{Unary, snake_case};
use crate::scalar::Scalar;

/// Functions of two arguments, under numpy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are numpy's ufuncs of these names")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Fmod,
    Power,
    Arctan2,
    Hypot,
    Copysign,
    Nextafter,
    Heaviside,
    Ldexp,
    Logaddexp,
    Logaddexp2,
    Gcd,
    Lcm,
    Maximum,
    Minimum,
    Fmax,
    Fmin,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    LogicalAnd,
    LogicalOr,
    LogicalXor,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    LeftShift,
    RightShift,
}

/// The dtypes that the operands are cast to, and that of the result.
pub(crate) struct BinaryDtypes {
    pub(crate) left: DType,
    pub(crate) right: DType,
    pub(crate) result: DType,
}

impl Binary {
    /// A cheaper function of the left operand with the same result, where the right one is this constant.
    pub(crate) fn with_constant(self, right: &Scalar, argument: DType) -> Option<Unary> {
        match (self, right.to_f64()) {
            (Self::Power, 2.0) => Some(Unary::Square),
            (Self::Power, -1.0) if argument.is_float() => Some(Unary::Reciprocal),
            _ => None,
        }
    }

    /// The dtypes the arguments are cast to, and the dtype of the result.
    pub(crate) fn dtypes(self, a: DType, b: DType) -> Result<BinaryDtypes> {
        use DType::{Bool, Datetime, F64, I64, Str, Timedelta};
        let rule = |left, right, result| Ok(BinaryDtypes { left, right, result });
        let refuse = |dtype: DType, hint: &str| {
            let operation = format!("{self} of {a} and {b}");
            Err(Error::Dtype { operation, dtype, hint: hint.into() })
        };
        match (self, a, b) {
            (Self::Equal | Self::NotEqual, Str, Str) => return rule(Str, Str, Bool),
            (_, Str, _) | (_, _, Str) => {
                return refuse(Str, "text can only be compared with text for equality");
            }
            (Self::Subtract, Datetime(u), Datetime(v)) => {
                let unit = u.max(v);
                return rule(Datetime(unit), Datetime(unit), Timedelta(unit));
            }
            (Self::Add | Self::Subtract, Datetime(u), Timedelta(v)) => {
                let unit = u.max(v);
                return rule(Datetime(unit), Timedelta(unit), Datetime(unit));
            }
            (Self::Add, Timedelta(u), Datetime(v)) => {
                let unit = u.max(v);
                return rule(Timedelta(unit), Datetime(unit), Datetime(unit));
            }
            (Self::Multiply, Timedelta(u), other) if other.is_integer() => {
                return rule(Timedelta(u), I64, Timedelta(u));
            }
            (Self::Multiply, other, Timedelta(u)) if other.is_integer() => {
                return rule(I64, Timedelta(u), Timedelta(u));
            }
            (Self::Divide, Timedelta(u), Timedelta(v)) => {
                let unit = Timedelta(u.max(v));
                return rule(unit, unit, F64);
            }
            _ => {}
        }
        let is_comparison = matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual
        );
        // As floats, large integers would be equal that are not.
        if is_comparison && a == DType::U64 && b.is_signed() {
            return rule(a, I64, Bool);
        }
        if is_comparison && a.is_signed() && b == DType::U64 {
            return rule(I64, b, Bool);
        }
        let common = a.promote(b)?;
        if common.is_time() {
            let same = match self {
                Self::Add | Self::Subtract => matches!(common, Timedelta(_)),
                Self::Maximum | Self::Minimum | Self::Fmax | Self::Fmin => true,
                _ => false,
            };
            if same {
                return rule(common, common, common);
            }
        }
        match self {
            _ if is_comparison => rule(common, common, Bool),
            _ if common.is_time() => {
                refuse(common, "times can be compared, subtracted, and shifted by durations")
            }
            Self::LogicalAnd | Self::LogicalOr | Self::LogicalXor => rule(Bool, Bool, Bool),
            Self::Subtract if common == Bool => refuse(common, "use logical_xor on booleans"),
            Self::Add if common == Bool => rule(Bool, Bool, Bool),
            Self::FloorDivide | Self::Remainder | Self::Fmod | Self::Power if common == Bool => {
                refuse(common, "cast to an integer first")
            }
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::FloorDivide
            | Self::Remainder
            | Self::Fmod
            | Self::Power
            | Self::Maximum
            | Self::Minimum
            | Self::Fmax
            | Self::Fmin => rule(common, common, common),
            Self::Ldexp if b.is_float() || b == DType::U64 => {
                refuse(b, "the exponents are integers of at most 64 bits, signed if they have 64")
            }
            Self::Ldexp => rule(a.to_float(), I64, a.to_float()),
            Self::Divide
            | Self::Arctan2
            | Self::Hypot
            | Self::Copysign
            | Self::Nextafter
            | Self::Heaviside
            | Self::Logaddexp
            | Self::Logaddexp2 => {
                let float = common.to_float();
                rule(float, float, float)
            }
            Self::BitwiseAnd | Self::BitwiseOr | Self::BitwiseXor if !common.is_float() => {
                rule(common, common, common)
            }
            Self::LeftShift | Self::RightShift | Self::Gcd | Self::Lcm if common.is_integer() => {
                rule(common, common, common)
            }
            Self::BitwiseAnd
            | Self::BitwiseOr
            | Self::BitwiseXor
            | Self::LeftShift
            | Self::RightShift
            | Self::Gcd
            | Self::Lcm
            | Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual => refuse(common, "it works on integers"),
        }
    }

    /// The sign between the arguments, for functions that are written with one.
    pub(crate) fn sign(self) -> Option<&'static str> {
        Some(match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::BitwiseAnd => "&",
            Self::BitwiseOr => "|",
            Self::BitwiseXor => "^",
            Self::LeftShift => "<<",
            Self::RightShift => ">>",
            Self::Fmod
            | Self::Arctan2
            | Self::Hypot
            | Self::Copysign
            | Self::Nextafter
            | Self::Heaviside
            | Self::Ldexp
            | Self::Logaddexp
            | Self::Logaddexp2
            | Self::Gcd
            | Self::Lcm
            | Self::Maximum
            | Self::Minimum
            | Self::Fmax
            | Self::Fmin
            | Self::LogicalAnd
            | Self::LogicalOr
            | Self::LogicalXor => return None,
        })
    }
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}
