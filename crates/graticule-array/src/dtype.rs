//! Element types and numpy's rules for combining them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The unit of a datetime64 or timedelta64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
    /// Microseconds.
    Microsecond,
    /// Nanoseconds.
    Nanosecond,
}

impl TimeUnit {
    /// How many of this unit make a second.
    pub fn per_second(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Millisecond => 1_000,
            Self::Microsecond => 1_000_000,
            Self::Nanosecond => 1_000_000_000,
        }
    }

    /// numpy's code: `s`, `ms`, `us`, `ns`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Millisecond => "ms",
            Self::Microsecond => "us",
            Self::Nanosecond => "ns",
        }
    }
}

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DType {
    /// True or false.
    Bool,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits.
    I32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Unsigned, 32 bits.
    U32,
    /// Unsigned, 64 bits.
    U64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
    /// A point in time: a count of units since 1970-01-01, with `i64::MIN` for "not a time".
    Datetime(TimeUnit),
    /// A duration: a count of units, with `i64::MIN` for "not a time".
    Timedelta(TimeUnit),
    /// Text, in memory only.
    Str,
}

/// The count that stands for "not a time" in datetime64 and timedelta64.
pub const NAT: i64 = i64::MIN;

impl DType {
    /// Bytes of one element in memory. A string counts as its handle.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::Datetime(_) | Self::Timedelta(_) => 8,
            Self::Str => 16,
        }
    }

    /// Whether this is f32 or f64.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Whether this is a signed or unsigned integer.
    pub fn is_integer(self) -> bool {
        self.is_signed() || self.is_unsigned()
    }

    /// Whether this is a signed integer.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64)
    }

    /// Whether this is an unsigned integer.
    pub fn is_unsigned(self) -> bool {
        matches!(self, Self::U8 | Self::U16 | Self::U32 | Self::U64)
    }

    /// Whether this is bool, an integer or a float.
    pub fn is_numeric(self) -> bool {
        self == Self::Bool || self.is_integer() || self.is_float()
    }

    /// Whether this is datetime64 or timedelta64.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Datetime(_) | Self::Timedelta(_))
    }

    /// Whether elements can say that they are missing (NaN or NaT).
    pub fn has_missing(self) -> bool {
        self.is_float() || self.is_time()
    }

    /// The float that holds the result of true division, `sqrt`, `mean` and the like.
    pub fn to_float(self) -> Self {
        match self {
            Self::F32 => Self::F32,
            _ => Self::F64,
        }
    }

    /// The smallest dtype that holds both, by numpy's promotion table.
    ///
    /// # Errors
    /// [`Error::Dtype`] for pairs that numpy does not combine, such as a string and a number.
    ///
    /// ```
    /// use graticule_array::DType;
    /// assert_eq!(DType::I32.promote(DType::F32)?, DType::F64);
    /// assert_eq!(DType::U64.promote(DType::I64)?, DType::F64);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    pub fn promote(self, other: Self) -> Result<Self> {
        use DType::{Bool, Datetime, F32, F64, Str, Timedelta};
        Ok(match (self, other) {
            (a, b) if a == b => a,
            (Datetime(a), Datetime(b)) => Datetime(a.max(b)),
            (Timedelta(a), Timedelta(b)) => Timedelta(a.max(b)),
            (Bool, b) if b.is_numeric() => b,
            (a, Bool) if a.is_numeric() => a,
            (F64, b) if b.is_numeric() => F64,
            (a, F64) if a.is_numeric() => F64,
            (F32, b) | (b, F32) if b.is_integer() => {
                if b.size() <= 2 {
                    F32
                } else {
                    F64
                }
            }
            (a, b) if a.is_signed() == b.is_signed() && a.is_integer() && b.is_integer() => {
                if a.size() >= b.size() { a } else { b }
            }
            (a, b) if a.is_integer() && b.is_integer() => {
                let (signed, unsigned) = if a.is_signed() { (a, b) } else { (b, a) };
                Self::signed_of_size(signed.size().max(2 * unsigned.size()))
            }
            (Str, _)
            | (_, Str)
            | (Datetime(_) | Timedelta(_), _)
            | (_, Datetime(_) | Timedelta(_))
            | (_, _) => {
                return Err(Error::Dtype {
                    operation: format!("combining {self} with {other}"),
                    dtype: self,
                    hint: "cast one of them with astype first".into(),
                });
            }
        })
    }

    /// i16, i32 or i64; past 64 bits f64, as numpy does for `uint64` with a signed integer.
    fn signed_of_size(bytes: usize) -> Self {
        match bytes {
            0..=1 => Self::I8,
            2 => Self::I16,
            3..=4 => Self::I32,
            5..=8 => Self::I64,
            _ => Self::F64,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::Str => "str",
            Self::Datetime(unit) => return write!(f, "datetime64[{}]", unit.code()),
            Self::Timedelta(unit) => return write!(f, "timedelta64[{}]", unit.code()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_follows_numpy() {
        use DType::*;
        // Read off numpy 2.4's np.promote_types.
        for (a, b, both) in [
            (I8, U8, I16),
            (I16, U8, I16),
            (I32, U32, I64),
            (I64, U32, I64),
            (I64, U64, F64),
            (I16, F32, F32),
            (U16, F32, F32),
            (I32, F32, F64),
            (Bool, I8, I8),
            (Bool, F32, F32),
            (F32, F64, F64),
            (U8, U32, U32),
        ] {
            assert_eq!(a.promote(b).unwrap(), both, "{a} {b}");
            assert_eq!(b.promote(a).unwrap(), both, "{b} {a}");
        }
        let s = Datetime(TimeUnit::Second);
        let ns = Datetime(TimeUnit::Nanosecond);
        assert_eq!(s.promote(ns).unwrap(), ns);
        assert!(Str.promote(F64).is_err());
        assert!(s.promote(F64).is_err());
    }
}
