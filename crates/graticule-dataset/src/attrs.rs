//! Attributes: what a file says about its variables beside the numbers.

use std::fmt;

use graticule_array::{Buffer, Chunk, DType, Scalar};
use indexmap::IndexMap;

/// One attribute. Numbers keep the dtype they have in the file.
#[derive(Debug, Clone)]
pub enum Attr {
    /// Text.
    Str(String),
    /// Several texts.
    Strs(Vec<String>),
    /// A number of the given dtype.
    Number(Scalar, DType),
    /// Several numbers: a block with one axis.
    Numbers(Chunk),
}

/// Attributes in order.
pub type Attrs = IndexMap<String, Attr>;

/// How a variable was stored, or is to be stored: `_FillValue`, `scale_factor`, `units`, `calendar`, …
pub type Encoding = IndexMap<String, Attr>;

impl Attr {
    /// The text, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Strs(texts) => match texts.as_slice() {
                [text] => Some(text),
                _ => None,
            },
            Self::Number(..) | Self::Numbers(_) => None,
        }
    }

    /// The number, where this is a single one.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match self {
            Self::Number(value, _) => Some(value.clone()),
            Self::Numbers(values) if values.len() == 1 => values.get(0),
            Self::Numbers(_) | Self::Str(_) | Self::Strs(_) => None,
        }
    }

    /// The number as a float, where this is a single one.
    pub fn to_f64(&self) -> Option<f64> {
        self.as_scalar().map(|value| value.to_f64())
    }

    /// The number as an integer, where this is a single one that is whole.
    pub fn to_i64(&self) -> Option<i64> {
        self.as_scalar().and_then(|value| value.to_i64())
    }

    /// The dtype of the number or numbers.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Str(_) | Self::Strs(_) => DType::Str,
            Self::Number(_, dtype) => *dtype,
            Self::Numbers(values) => values.dtype(),
        }
    }

    /// The elements as scalars, one for text.
    fn scalars(&self) -> Vec<Scalar> {
        match self {
            Self::Str(text) => vec![text.as_str().into()],
            Self::Strs(texts) => texts.iter().map(|text| text.as_str().into()).collect(),
            Self::Number(value, _) => vec![value.clone()],
            Self::Numbers(values) => (0..values.len()).filter_map(|i| values.get(i)).collect(),
        }
    }
}

/// Equal dtype and equal values to the bit, so that a `_FillValue` of NaN equals itself.
impl PartialEq for Attr {
    fn eq(&self, other: &Self) -> bool {
        self.dtype() == other.dtype() && self.scalars() == other.scalars()
    }
}

impl fmt::Display for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) => f.write_str(text),
            Self::Strs(texts) => write!(f, "{texts:?}"),
            Self::Number(value, DType::F32) => write!(f, "{}", value.to_f64() as f32),
            Self::Number(value, _) => write!(f, "{value}"),
            Self::Numbers(values) => {
                let texts: Vec<String> = match values.buffer() {
                    Buffer::F32(values) => values.iter().map(ToString::to_string).collect(),
                    _ => self.scalars().iter().map(ToString::to_string).collect(),
                };
                write!(f, "[{}]", texts.join(", "))
            }
        }
    }
}

impl From<&str> for Attr {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Attr {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<Vec<String>> for Attr {
    fn from(texts: Vec<String>) -> Self {
        Self::Strs(texts)
    }
}

impl From<Chunk> for Attr {
    fn from(values: Chunk) -> Self {
        Self::Numbers(values)
    }
}

macro_rules! attr_from_numbers {
    ($($t:ty => $dtype:ident;)+) => {$(
        impl From<$t> for Attr {
            fn from(value: $t) -> Self {
                Self::Number(value.into(), DType::$dtype)
            }
        }

        impl From<Vec<$t>> for Attr {
            fn from(values: Vec<$t>) -> Self {
                Self::Numbers(ndarray::Array1::from_vec(values).into())
            }
        }
    )+};
}

attr_from_numbers! {
    bool => Bool;
    i8 => I8;
    i16 => I16;
    i32 => I32;
    i64 => I64;
    u8 => U8;
    u16 => U16;
    u32 => U32;
    u64 => U64;
    f32 => F32;
    f64 => F64;
}

/// The attributes that all of `others` share with `first`: xarray's `drop_conflicts`.
pub(crate) fn drop_conflicts(left: &Attrs, right: &Attrs) -> Attrs {
    let kept = left.iter().filter(|(key, value)| right.get(*key).is_none_or(|other| other == *value));
    let new = right.iter().filter(|(key, _)| !left.contains_key(*key));
    kept.chain(new).map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_dtype_and_nan_equals_itself() {
        assert_eq!(Attr::from(f64::NAN), Attr::from(f64::NAN));
        assert_ne!(Attr::from(1.0f32), Attr::from(1.0f64));
        assert_eq!(Attr::from(0.1f32).to_string(), "0.1");
        assert_eq!(Attr::from(vec![-1i16, 2]).to_string(), "[-1, 2]");
        assert_eq!(Attr::from(7i32).to_f64(), Some(7.0));
        assert_eq!(Attr::from("m").as_str(), Some("m"));
        assert_eq!(Attr::from(vec![1.0, 2.0]).to_f64(), None);
    }

    #[test]
    fn conflicting_attributes_are_dropped() {
        let left: Attrs = [("units".into(), "m".into()), ("name".into(), "a".into())].into_iter().collect();
        let right: Attrs = [("units".into(), "m".into()), ("name".into(), "b".into())].into_iter().collect();
        let both = drop_conflicts(&left, &right);
        assert_eq!(both.keys().collect::<Vec<_>>(), ["units"]);
    }
}
