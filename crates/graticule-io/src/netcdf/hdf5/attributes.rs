//! Attributes as netCDF shows them: numbers and text, without HDF5's bookkeeping.

use graticule_dataset::{Attr, Attrs};
use hdf5_reader::{Attribute, Datatype, StringSize};

use super::element::Element;
use crate::netcdf::{HIDDEN, bytes};
use crate::text::attribute_text;

/// Those attributes that are not hidden and can be represented. References and compounds, which only HDF5 has,
/// are left out.
pub(super) fn visible(attributes: &[Attribute], resolve: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Attrs {
    let shown = attributes.iter().filter(|attribute| !HIDDEN.contains(&attribute.name.as_str()));
    shown.filter_map(|attribute| Some((attribute.name.clone(), convert(attribute, &resolve)?))).collect()
}

fn convert(attribute: &Attribute, resolve: &impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Attr> {
    let count = usize::try_from(attribute.num_elements().ok()?).ok()?;
    match Element::of(&attribute.datatype) {
        Element::Number { dtype, swap } => {
            let mut stored = attribute.raw_data.get(..count.checked_mul(dtype.size())?)?.to_vec();
            if swap {
                bytes::swap(&mut stored, dtype.size());
            }
            let values = bytes::chunk_from_bytes(dtype, &stored)?;
            Some(match values.get(0) {
                Some(value) if values.len() == 1 => Attr::Number(value, dtype),
                _ => Attr::Numbers(values),
            })
        }
        Element::Half { swap } => {
            let halves = attribute.raw_data.as_chunks::<2>().0.iter().map(|bits| u16::from_ne_bytes(*bits));
            let values: Vec<f32> =
                halves.map(|bits| bytes::widen_half(if swap { bits.swap_bytes() } else { bits })).collect();
            Some(match values.as_slice() {
                [one] => Attr::from(*one),
                _ => Attr::from(values),
            })
        }
        Element::Char | Element::FixedText { .. } => {
            let width = match attribute.datatype {
                Datatype::String { size: StringSize::Fixed(bytes), .. } => bytes as usize,
                _ => 1,
            };
            let fields = attribute.raw_data.chunks_exact(width.max(1)).take(count);
            Some(texts(fields.map(attribute_text).collect(), count))
        }
        Element::VariableText => {
            if let Some(decoded) = &attribute.decoded_strings {
                return Some(texts(decoded.clone(), count));
            }
            // Text that is not UTF-8: the parser resolved a single one but did not decode it.
            if count == 1 && matches!(attribute.datatype, Datatype::VarLen { .. }) {
                return Some(Attr::Str(attribute_text(&attribute.raw_data)));
            }
            let width = attribute.raw_data.len().checked_div(count)?;
            let references = attribute.raw_data.chunks_exact(width.max(1));
            let found: Vec<String> = references
                .map(|reference| resolve(reference).map(|text| attribute_text(&text)))
                .collect::<Option<_>>()?;
            Some(texts(found, count))
        }
        Element::Unsupported(_) => None,
    }
}

fn texts(mut texts: Vec<String>, count: usize) -> Attr {
    match (count, texts.pop()) {
        // A text of no length has no elements in HDF5.
        (_, None) => Attr::Str(String::new()),
        (1, Some(text)) => Attr::Str(text),
        (_, Some(last)) => {
            texts.push(last);
            Attr::Strs(texts)
        }
    }
}
