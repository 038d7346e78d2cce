//! Missing values and packed numbers: `_FillValue`, `missing_value`, `scale_factor`, `add_offset`.

use graticule_array::{DType, Scalar};
use graticule_dataset::Attr;

use super::{Context, Data, Pending};
use crate::error::Result;

/// Unpacks lazily: what is read stays packed until it is used.
pub(super) fn decode(variable: &mut Pending, context: &Context<'_>) -> Result<()> {
    let dtype = variable.dtype();
    if !dtype.is_numeric() || dtype == DType::Bool {
        // Text has no element that means "missing"; times have been through this.
        for name in ["_FillValue", "missing_value"] {
            variable.take(name);
        }
        return Ok(());
    }
    let missing = missing_values(variable);
    let (scale, offset) =
        (factor(variable, "scale_factor", context)?, factor(variable, "add_offset", context)?);
    if missing.is_none() && scale.is_none() && offset.is_none() {
        return Ok(());
    }
    if let (None, Some(scale), None) = (&missing, &scale, &offset)
        && scale.dtype.is_integer()
        && dtype.is_integer()
    {
        // A whole scale leaves whole numbers.
        variable.data = Data::Array((variable.array()?.astype(scale.dtype)? * scale.value as i64)?);
        return Ok(());
    }
    let target = float_dtype(dtype, scale.as_ref().map(|f| f.dtype), offset.as_ref().map(|f| f.dtype));
    let missing = missing.unwrap_or_default();
    let array = variable.array()?;
    let array = array.mask_scale(target, missing, scale.map(|f| f.value), offset.map(|f| f.value))?;
    variable.data = Data::Array(array);
    Ok(())
}

/// The values that stand for "missing", as far as an element can equal them. None where the attributes name none,
/// so that integers stay integers.
pub(super) fn missing_values(variable: &mut Pending) -> Option<Vec<Scalar>> {
    let dtype = variable.dtype();
    let mut named = false;
    let mut missing: Vec<Scalar> = Vec::new();
    for name in ["missing_value", "_FillValue"] {
        let Some(attr) = variable.attrs.shift_remove(name) else { continue };
        let values: Vec<Scalar> = scalars(&attr).into_iter().filter(|value| !is_nan(value)).collect();
        if values.is_empty() && dtype.is_integer() {
            // NaN cannot be missing among integers: the attribute is dropped, as xarray does.
            continue;
        }
        named |= !values.is_empty();
        missing.extend(values.into_iter().filter(|value| is_element(value, dtype)));
        // What `_Unsigned` was stored with is already there.
        variable.encoding.entry(name.to_owned()).or_insert(attr);
    }
    missing.dedup();
    named.then_some(missing)
}

fn scalars(attr: &Attr) -> Vec<Scalar> {
    match attr {
        Attr::Number(value, _) => vec![value.clone()],
        Attr::Numbers(values) => (0..values.len()).filter_map(|i| values.get(i)).collect(),
        Attr::Str(text) => vec![text.as_str().into()],
        Attr::Strs(texts) => texts.iter().map(|text| text.as_str().into()).collect(),
    }
}

fn is_nan(value: &Scalar) -> bool {
    matches!(value, Scalar::Float(x) if x.get().is_nan())
}

/// Whether an element of `dtype` can equal `value`: 1e20 is no float32.
fn is_element(value: &Scalar, dtype: DType) -> bool {
    let (low, high) = match dtype {
        DType::I8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
        DType::I16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        DType::I32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        DType::I64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        DType::U8 => (0, i128::from(u8::MAX)),
        DType::U16 => (0, i128::from(u16::MAX)),
        DType::U32 => (0, i128::from(u32::MAX)),
        DType::U64 => (0, i128::from(u64::MAX)),
        DType::F32 => return f64::from(value.to_f64() as f32) == value.to_f64(),
        _ => return !matches!(value, Scalar::Str(_)),
    };
    let whole = match value {
        Scalar::UInt(value) => Some(i128::from(*value)),
        value => value.to_i64().map(i128::from),
    };
    whole.is_some_and(|whole| (low..=high).contains(&whole))
}

/// A factor or an offset, with the dtype it was stored in.
struct Factor {
    value: f64,
    dtype: DType,
}

fn factor(variable: &mut Pending, name: &str, context: &Context<'_>) -> Result<Option<Factor>> {
    let Some(attr) = variable.take(name) else { return Ok(None) };
    match (attr.to_f64(), attr.dtype()) {
        (Some(value), dtype) if dtype.is_numeric() => Ok(Some(Factor { value, dtype })),
        _ => {
            let problem = format!("{name} = {attr} is not one number");
            Err(context.undecodable(&variable.name, problem, "mask_and_scale"))
        }
    }
}

/// The float that xarray unpacks to (its `_choose_float_dtype`).
fn float_dtype(packed: DType, scale: Option<DType>, offset: Option<DType>) -> DType {
    match (scale, offset) {
        // float32 has no room for the digits of a 32-bit integer.
        (Some(DType::F32), Some(DType::F32)) if packed.is_integer() && packed.size() == 4 => DType::F64,
        (Some(DType::F32), Some(DType::F32)) => DType::F32,
        // An offset may need digits that the scale does not.
        (_, Some(_)) => DType::F64,
        (Some(DType::F32), None) => DType::F32,
        (Some(_), None) => DType::F64,
        (None, None) => match packed {
            DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::U16 => DType::F32,
            _ => DType::F64,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_float_is_that_of_xarray() {
        use DType::*;
        assert_eq!(float_dtype(I16, Some(F32), Some(F32)), F32);
        assert_eq!(float_dtype(I32, Some(F32), Some(F32)), F64);
        assert_eq!(float_dtype(I16, Some(F64), Some(F64)), F64);
        assert_eq!(float_dtype(I16, None, Some(F32)), F64);
        assert_eq!(float_dtype(I32, Some(F32), None), F32);
        assert_eq!(float_dtype(I16, None, None), F32);
        assert_eq!(float_dtype(I32, None, None), F64);
        assert_eq!(float_dtype(F32, None, None), F32);
    }

    #[test]
    fn only_values_an_element_can_have_are_missing() {
        assert!(!is_element(&1e20.into(), DType::F32));
        assert!(is_element(&1e20f32.into(), DType::F32));
        assert!(is_element(&(-32_768.0).into(), DType::I16));
        assert!(!is_element(&40_000i64.into(), DType::I16));
        assert!(!is_element(&"n/a".into(), DType::F64));
    }
}
