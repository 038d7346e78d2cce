//! One value of any dtype, comparable and hashable to the bit.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dtype::{DType, NAT, TimeUnit};

/// A float kept as its bits, so that expressions that hold one can be compared and hashed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Float(u64);

impl Float {
    /// The bits of `value`.
    pub fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    /// The value of the bits.
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl fmt::Debug for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.get())
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A float.
    Float(Float),
    /// A point in time.
    Datetime(i64, TimeUnit),
    /// A duration.
    Timedelta(i64, TimeUnit),
    /// Text.
    Str(Arc<str>),
}

impl Scalar {
    /// The dtype that holds this value without loss.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Bool(_) => DType::Bool,
            Self::Int(_) => DType::I64,
            Self::UInt(_) => DType::U64,
            Self::Float(_) => DType::F64,
            Self::Datetime(_, unit) => DType::Datetime(*unit),
            Self::Timedelta(_, unit) => DType::Timedelta(*unit),
            Self::Str(_) => DType::Str,
        }
    }

    /// The value as a float; NaT becomes NaN, text too.
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Bool(b) => f64::from(u8::from(*b)),
            Self::Int(i) => *i as f64,
            Self::UInt(u) => *u as f64,
            Self::Float(x) => x.get(),
            Self::Datetime(NAT, _) | Self::Timedelta(NAT, _) | Self::Str(_) => f64::NAN,
            Self::Datetime(t, _) | Self::Timedelta(t, _) => *t as f64,
        }
    }

    /// The value as an integer, where it is one that fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Bool(b) => Some(i64::from(*b)),
            Self::Int(i) => Some(*i),
            Self::UInt(u) => i64::try_from(*u).ok(),
            Self::Float(x) => {
                let x = x.get();
                (x.fract() == 0.0 && (-9.2e18..9.2e18).contains(&x)).then_some(x as i64)
            }
            Self::Datetime(t, _) | Self::Timedelta(t, _) => Some(*t),
            Self::Str(_) => None,
        }
    }

    /// The value as an array of `dtype` would hold it: floats rounded, times in the array's unit. Nothing where
    /// it does not fit.
    pub(crate) fn convert(&self, dtype: DType) -> Option<Self> {
        let integer = match self {
            Self::Bool(b) => Some(i128::from(*b)),
            Self::Int(i) => Some(i128::from(*i)),
            Self::UInt(u) => Some(i128::from(*u)),
            Self::Float(x) => {
                let x = x.get();
                (x.fract() == 0.0 && x.abs() < 1e30).then_some(x as i128)
            }
            Self::Datetime(..) | Self::Timedelta(..) | Self::Str(_) => None,
        };
        let within = |low: i128, high: i128| integer.filter(|i| (low..=high).contains(i));
        let signed = |low: i64, high: i64| within(low.into(), high.into()).map(|i| Self::Int(i as i64));
        let unsigned = |high: u64| within(0, high.into()).map(|i| Self::UInt(i as u64));
        let is_number = !matches!(self, Self::Datetime(..) | Self::Timedelta(..) | Self::Str(_));
        match (dtype, self) {
            (DType::Bool, _) if is_number => Some(Self::Bool(self.to_f64() != 0.0)),
            (DType::I8, _) => signed(i8::MIN.into(), i8::MAX.into()),
            (DType::I16, _) => signed(i16::MIN.into(), i16::MAX.into()),
            (DType::I32, _) => signed(i32::MIN.into(), i32::MAX.into()),
            (DType::I64, _) => signed(i64::MIN, i64::MAX),
            (DType::U8, _) => unsigned(u8::MAX.into()),
            (DType::U16, _) => unsigned(u16::MAX.into()),
            (DType::U32, _) => unsigned(u32::MAX.into()),
            (DType::U64, _) => unsigned(u64::MAX),
            (DType::F32, _) if is_number => Some(f64::from(self.to_f64() as f32).into()),
            (DType::F64, _) if is_number => Some(self.to_f64().into()),
            (DType::Datetime(to), Self::Datetime(t, from)) => {
                Some(Self::Datetime(rescale(*t, *from, to)?, to))
            }
            (DType::Timedelta(to), Self::Timedelta(t, from)) => {
                Some(Self::Timedelta(rescale(*t, *from, to)?, to))
            }
            (DType::Str, Self::Str(_)) => Some(self.clone()),
            (
                DType::Bool | DType::F32 | DType::F64 | DType::Datetime(_) | DType::Timedelta(_) | DType::Str,
                _,
            ) => None,
        }
    }

    /// The value, or, of an integer beyond what an integer dtype can hold, the nearest that it can.
    pub(crate) fn saturated(self, dtype: DType) -> Self {
        if !matches!(self, Self::Int(_) | Self::UInt(_))
            || !dtype.is_integer()
            || self.convert(dtype).is_some()
        {
            return self;
        }
        let is_large = self.to_f64() > 0.0;
        let bits = 8 * dtype.size() as u32;
        match (dtype.is_signed(), is_large) {
            (true, true) => Self::Int(i64::MAX >> (64 - bits)),
            (true, false) => Self::Int(i64::MIN >> (64 - bits)),
            (false, true) => Self::UInt(u64::MAX >> (64 - bits)),
            (false, false) => Self::UInt(0),
        }
    }

    /// The dtype an array of dtype `array` takes on when combined with this value.
    ///
    /// Numbers are weak, as Python's are in numpy (NEP 50): `2.0` does not widen a float32 array and
    /// `1` does not widen an int8 array.
    pub(crate) fn weak_dtype(&self, array: DType) -> DType {
        match self {
            Self::Bool(_) => DType::Bool,
            Self::Int(_) | Self::UInt(_) if array.is_integer() || array.is_float() => array,
            Self::Float(_) if array.is_float() => array,
            Self::Int(_) | Self::UInt(_) if matches!(array, DType::Timedelta(_)) => DType::I64,
            _ => self.dtype(),
        }
    }
}

/// A time in another unit, where that is exact.
fn rescale(t: i64, from: TimeUnit, to: TimeUnit) -> Option<i64> {
    let (from, to) = (from.per_second(), to.per_second());
    match t {
        NAT => Some(NAT),
        _ if to >= from => t.checked_mul(to / from),
        _ => (t % (from / to) == 0).then(|| t / (from / to)),
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(i) => write!(f, "{i}"),
            Self::UInt(u) => write!(f, "{u}"),
            Self::Float(x) => write!(f, "{x}"),
            Self::Datetime(NAT, _) | Self::Timedelta(NAT, _) => f.write_str("NaT"),
            Self::Datetime(t, unit) => write!(f, "{t}{} since 1970", unit.code()),
            Self::Timedelta(t, unit) => write!(f, "{t}{}", unit.code()),
            Self::Str(s) => write!(f, "{s:?}"),
        }
    }
}

macro_rules! scalar_from {
    ($($variant:ident($wide:ty): $($t:ty)+;)+) => {$($(
        impl From<$t> for Scalar {
            fn from(value: $t) -> Self {
                Self::$variant(<$wide>::from(value))
            }
        }
    )+)+};
}

scalar_from! {
    Bool(bool): bool;
    Int(i64): i8 i16 i32 i64;
    UInt(u64): u8 u16 u32 u64;
}

impl From<f32> for Scalar {
    fn from(value: f32) -> Self {
        Self::Float(Float::new(f64::from(value)))
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Float(Float::new(value))
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Str(value.into())
    }
}
