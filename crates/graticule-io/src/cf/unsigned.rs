//! `_Unsigned`: integers whose sign is not that of their stored type.

use std::sync::Arc;

use graticule_array::{DType, Scalar};
use graticule_dataset::Attr;

use super::{Data, Pending};
use crate::adapt::Reinterpreted;

/// Reads the bits as integers of the other sign, and `_FillValue` with them.
pub(super) fn decode(variable: &mut Pending) {
    let unsigned = match variable.attrs.get("_Unsigned").and_then(Attr::as_str) {
        Some("true") => true,
        Some("false") => false,
        Some(_) | None => return,
    };
    variable.take("_Unsigned");
    let Data::Source(source) = &variable.data else { return };
    let Some(other) = Reinterpreted::new(source, unsigned) else { return };
    let dtype = graticule_array::ChunkSource::dtype(&other);
    variable.data = Data::Source(Arc::new(other));
    if let Some(fill) = variable.attrs.get("_FillValue").and_then(Attr::as_scalar) {
        // The mask compares with this one; what was stored is kept for writing.
        let stored = variable.attrs.get("_FillValue").cloned();
        variable.encoding.extend(stored.map(|stored| ("_FillValue".to_owned(), stored)));
        variable.attrs.insert("_FillValue".to_owned(), Attr::Number(same_bits(&fill, dtype), dtype));
    }
}

/// An integer as the one of `dtype` with the same bits.
fn same_bits(value: &Scalar, dtype: DType) -> Scalar {
    let Some(whole) = value.to_i64() else { return value.clone() };
    match dtype {
        DType::U8 => Scalar::from(whole as u8),
        DType::U16 => Scalar::from(whole as u16),
        DType::U32 => Scalar::from(whole as u32),
        DType::U64 => Scalar::from(whole as u64),
        DType::I8 => Scalar::from(whole as i8),
        DType::I16 => Scalar::from(whole as i16),
        DType::I32 => Scalar::from(whole as i32),
        _ => Scalar::from(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fill_value_keeps_its_bits() {
        assert_eq!(same_bits(&Scalar::from(-1i8), DType::U8), Scalar::from(255u8));
        assert_eq!(same_bits(&Scalar::from(65_535u16), DType::I16), Scalar::from(-1i16));
    }
}
