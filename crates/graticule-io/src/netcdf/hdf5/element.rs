//! What an element is in the file, and how it becomes one in memory.

use graticule_array::DType;
use hdf5_reader::{ByteOrder, Datatype, StringSize};

use crate::netcdf::bytes;

/// How stored elements become elements of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// Numbers; the bytes are reversed where the file has the other order.
    Number { dtype: DType, swap: bool },
    /// IEEE half precision, widened to float32.
    Half { swap: bool },
    /// Characters of one byte.
    Char,
    /// Text in a field of fixed size.
    FixedText { bytes: usize },
    /// Text kept elsewhere in the file.
    VariableText,
    /// What has no counterpart in memory; says what it is.
    Unsupported(String),
}

impl Element {
    pub(super) fn of(datatype: &Datatype) -> Self {
        match datatype {
            Datatype::FixedPoint { size, signed, byte_order } => Self::integer(*size, *signed, *byte_order),
            Datatype::Bitfield { size, byte_order } => Self::integer(*size, false, *byte_order),
            Datatype::FloatingPoint { size, byte_order } => match size {
                2 => Self::Half { swap: differs(*byte_order) },
                4 => Self::Number { dtype: DType::F32, swap: differs(*byte_order) },
                8 => Self::Number { dtype: DType::F64, swap: differs(*byte_order) },
                size => Self::Unsupported(format!("floats of {size} bytes")),
            },
            Datatype::Enum { base, .. } => Self::of(base),
            Datatype::String { size: StringSize::Fixed(1), .. } => Self::Char,
            Datatype::String { size: StringSize::Fixed(bytes), .. } => {
                Self::FixedText { bytes: *bytes as usize }
            }
            Datatype::String { size: StringSize::Variable, .. } => Self::VariableText,
            Datatype::VarLen { base, kind: hdf5_reader::VarLenKind::String, .. }
                if base.is_vlen_string_base() =>
            {
                Self::VariableText
            }
            Datatype::VarLen { .. } => Self::Unsupported("sequences of variable length".into()),
            Datatype::Compound { fields, .. } => {
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).take(8).collect();
                let more = if fields.len() > names.len() { ", …" } else { "" };
                Self::Unsupported(format!("compounds of ({}{more})", names.join(", ")))
            }
            Datatype::Opaque { size, .. } => Self::Unsupported(format!("opaque blocks of {size} bytes")),
            Datatype::Reference { .. } => Self::Unsupported("references to other objects".into()),
            Datatype::Array { dims, .. } => Self::Unsupported(format!("arrays of shape {dims:?}")),
        }
    }

    fn integer(size: u8, signed: bool, order: ByteOrder) -> Self {
        let dtype = match (size, signed) {
            (1, true) => DType::I8,
            (1, false) => DType::U8,
            (2, true) => DType::I16,
            (2, false) => DType::U16,
            (4, true) => DType::I32,
            (4, false) => DType::U32,
            (8, true) => DType::I64,
            (8, false) => DType::U64,
            _ => return Self::Unsupported(format!("integers of {size} bytes")),
        };
        Self::Number { dtype, swap: size > 1 && differs(order) }
    }

    /// The dtype in memory; that of text for what has none.
    pub(super) fn dtype(&self) -> DType {
        match self {
            Self::Number { dtype, .. } => *dtype,
            Self::Half { .. } => DType::F32,
            Self::Char => DType::U8,
            Self::FixedText { .. } | Self::VariableText | Self::Unsupported(_) => DType::Str,
        }
    }

    /// A number in native byte order as the bytes of a stored element, or the other way round.
    pub(super) fn reorder(&self, element: &mut [u8]) {
        if let Self::Number { dtype, swap: true } = self {
            bytes::swap(element, dtype.size());
        }
    }
}

fn differs(order: ByteOrder) -> bool {
    (order == ByteOrder::LittleEndian) != cfg!(target_endian = "little")
}

/// Whether the stored bits are laid out as IEEE 754 or two's complement have it.
///
/// The parsed datatype knows only sizes; `raw` is the message itself. A float of 16 bits may be bfloat16, an
/// integer may use 12 of its 16 bits.
pub(super) fn is_plain(raw: &[u8]) -> bool {
    let Some((header, properties)) = raw.split_at_checked(8) else { return false };
    let bits = 8 * u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    let u16_at = |at: usize| Some(u32::from(*properties.get(at)?) | u32::from(*properties.get(at + 1)?) << 8);
    let whole = u16_at(0) == Some(0) && u16_at(2) == Some(bits);
    match header[0] & 0x0f {
        0 | 4 => whole,
        1 => {
            let vax = header[1] & 0x41 == 0x41;
            let layout: Option<[u8; 4]> = properties.get(4..8).and_then(|layout| layout.try_into().ok());
            let bias = properties.get(8..12).and_then(|bias| bias.try_into().ok()).map(u32::from_le_bytes);
            // Where the exponent starts, its bits, where the fraction starts, its bits; the bias.
            let ieee = match bits {
                16 => ([10, 5, 0, 10], 15),
                32 => ([23, 8, 0, 23], 127),
                64 => ([52, 11, 0, 52], 1023),
                _ => return false,
            };
            whole && !vax && layout == Some(ieee.0) && bias == Some(ieee.1)
        }
        // An enumeration holds the message of its integer.
        8 => is_plain(properties),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bfloat16_is_not_taken_for_half_precision() {
        let half = [0x11, 0x20, 0x0f, 0, 2, 0, 0, 0, 0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0];
        assert!(is_plain(&half));
        let bfloat = [0x11, 0x20, 0x0f, 0, 2, 0, 0, 0, 0, 0, 16, 0, 7, 8, 0, 7, 127, 0, 0, 0];
        assert!(!is_plain(&bfloat));
        let twelve_bits = [0x10, 0x08, 0, 0, 2, 0, 0, 0, 0, 0, 12, 0];
        assert!(!is_plain(&twelve_bits));
        assert!(!is_plain(&[0x10]));
    }
}
