//! The functions that work element by element, and numpy's rules for their dtypes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};

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
    Isnan,
    Isinf,
    Isfinite,
    LogicalNot,
    Invert,
}

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
    Power,
    Arctan2,
    Hypot,
    Copysign,
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

impl Unary {
    /// The dtype the argument is cast to, and the dtype of the result.
    pub(crate) fn dtypes(self, dtype: DType) -> Result<(DType, DType)> {
        let refuse = |hint: &str| Err(Error::Dtype { operation: self.to_string(), dtype, hint: hint.into() });
        if dtype == DType::Str {
            return refuse("it works on numbers and times");
        }
        match self {
            Self::Isnan | Self::Isinf | Self::Isfinite => Ok((dtype, DType::Bool)),
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
            Self::LogicalNot
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

/// The dtypes that the operands are cast to, and that of the result.
pub(crate) struct BinaryDtypes {
    pub(crate) left: DType,
    pub(crate) right: DType,
    pub(crate) result: DType,
}

impl Binary {
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
            Self::FloorDivide | Self::Remainder | Self::Power if common == Bool => {
                refuse(common, "cast to an integer first")
            }
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::FloorDivide
            | Self::Remainder
            | Self::Power
            | Self::Maximum
            | Self::Minimum
            | Self::Fmax
            | Self::Fmin => rule(common, common, common),
            Self::Divide | Self::Arctan2 | Self::Hypot | Self::Copysign => {
                let float = common.to_float();
                rule(float, float, float)
            }
            Self::BitwiseAnd | Self::BitwiseOr | Self::BitwiseXor if !common.is_float() => {
                rule(common, common, common)
            }
            Self::LeftShift | Self::RightShift if common.is_integer() => rule(common, common, common),
            Self::BitwiseAnd
            | Self::BitwiseOr
            | Self::BitwiseXor
            | Self::LeftShift
            | Self::RightShift
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
            Self::Arctan2
            | Self::Hypot
            | Self::Copysign
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

/// numpy's name: `logical_not` for `LogicalNot`.
fn snake_case(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut text = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    f.write_str(&text)
}

impl fmt::Display for Unary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}
