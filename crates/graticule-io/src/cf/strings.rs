//! Character arrays as text.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Data, Pending};
use crate::adapt::{CharRows, Chars};
use crate::backend::{RawKind, RawVariable};

/// The dimensions that only say how long texts are: the last one of character arrays and of nothing else.
pub(super) fn joinable_dims(variables: &[RawVariable]) -> HashSet<String> {
    let mut joinable = HashSet::new();
    let mut other = HashSet::new();
    for variable in variables {
        other.insert(variable.name.clone());
        for (axis, dim) in variable.dims.iter().enumerate() {
            let last = axis + 1 == variable.dims.len();
            let set = if last && variable.kind == RawKind::Char { &mut joinable } else { &mut other };
            set.insert(dim.clone());
        }
    }
    joinable.retain(|dim| !other.contains(dim));
    joinable
}

/// Makes text of characters: of each row along the last dimension, or of each character.
pub(super) fn decode(variable: &mut Pending, join: bool) {
    let (RawKind::Char, Data::Source(source)) = (variable.kind, &variable.data) else { return };
    let rows = if join { CharRows::new(source) } else { None };
    match rows {
        Some(rows) => {
            variable.data = Data::Source(Arc::new(rows));
            if let Some(dim) = variable.dims.pop() {
                variable.encoding.insert("char_dim_name".to_owned(), dim.into());
            }
        }
        None => variable.data = Data::Source(Arc::new(Chars::new(source))),
    }
    variable.kind = RawKind::Text;
    variable.take("_Encoding");
}
