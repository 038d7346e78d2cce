//! Values that stand for what is not there.

use graticule_array::{DType, Scalar};
use graticule_dataset::{Attr, Attrs};

/// The value netCDF fills with where a file says nothing, as a number of `dtype`.
fn default_fill(dtype: DType) -> Option<Scalar> {
    Some(match dtype {
        DType::I8 => (-127i8).into(),
        DType::U8 => u8::MAX.into(),
        DType::I16 => (-32_767i16).into(),
        DType::U16 => u16::MAX.into(),
        DType::I32 => (-2_147_483_647i32).into(),
        DType::U32 => u32::MAX.into(),
        DType::I64 => (-9_223_372_036_854_775_806i64).into(),
        DType::U64 => 18_446_744_073_709_551_614u64.into(),
        DType::F32 | DType::F64 => f64::from(9.969_21e36f32).into(),
        DType::Bool | DType::Str | DType::Datetime(_) | DType::Timedelta(_) => return None,
    })
}

/// An element that decodes as missing, in native bytes. Where the attributes know none, adds a `_FillValue`.
pub(super) fn missing_bytes(dtype: DType, attrs: &mut Attrs) -> Vec<u8> {
    for name in ["_FillValue", "missing_value"] {
        let value = attrs.get(name).and_then(Attr::as_scalar);
        if let Some(bytes) = value.and_then(|value| element_bytes(dtype, &value)) {
            return bytes;
        }
    }
    if dtype.is_float() {
        return element_bytes(dtype, &f64::NAN.into()).unwrap_or_default();
    }
    let Some(value) = default_fill(dtype) else { return Vec::new() };
    let bytes = element_bytes(dtype, &value).unwrap_or_default();
    attrs.insert("_FillValue".into(), Attr::Number(value, dtype));
    bytes
}

/// A number as an element of `dtype` in native byte order, where it is one.
pub(super) fn element_bytes(dtype: DType, value: &Scalar) -> Option<Vec<u8>> {
    macro_rules! whole {
        ($t:ty) => {
            match value {
                Scalar::UInt(value) => <$t>::try_from(*value).ok(),
                value => value.to_i64().and_then(|value| <$t>::try_from(value).ok()),
            }
            .map(|value| value.to_ne_bytes().to_vec())
        };
    }
    if matches!(value, Scalar::Str(_)) {
        return None;
    }
    match dtype {
        DType::I8 => whole!(i8),
        DType::U8 => whole!(u8),
        DType::I16 => whole!(i16),
        DType::U16 => whole!(u16),
        DType::I32 => whole!(i32),
        DType::U32 => whole!(u32),
        DType::I64 => whole!(i64),
        DType::U64 => whole!(u64),
        DType::F32 => Some((value.to_f64() as f32).to_ne_bytes().to_vec()),
        DType::F64 => Some(value.to_f64().to_ne_bytes().to_vec()),
        DType::Bool | DType::Str | DType::Datetime(_) | DType::Timedelta(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_decodes_as_missing() {
        let mut attrs = Attrs::new();
        assert_eq!(missing_bytes(DType::I16, &mut attrs), (-32_767i16).to_ne_bytes());
        assert_eq!(attrs.get("_FillValue").and_then(Attr::to_i64), Some(-32_767));
        let mut attrs: Attrs = [("missing_value".into(), Attr::from(-5i16))].into_iter().collect();
        assert_eq!(missing_bytes(DType::I16, &mut attrs), (-5i16).to_ne_bytes());
        assert_eq!(attrs.len(), 1);
        assert!(
            f32::from_ne_bytes(missing_bytes(DType::F32, &mut Attrs::new()).try_into().unwrap()).is_nan()
        );
        assert_eq!(element_bytes(DType::U8, &300i32.into()), None);
    }
}
