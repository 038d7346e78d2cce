//! Attributes and encodings of several as those of one.

use super::options::CombineAttrs;
use super::source::{Entry, Found};
use crate::attrs::{Attr, Attrs, Encoding};
use crate::disagreement::{DisagreementKind, Policy};
use crate::variable::Variable;

/// How packed numbers are unpacked.
const PACKING: [&str; 4] = ["scale_factor", "add_offset", "_FillValue", "missing_value"];

/// The attributes of several; `variable` is whose they are, for messages.
pub(super) fn combined(all: &[(&Entry, &Attrs)], variable: &str, found: &mut Found<'_>) -> Attrs {
    let Some((&(first_entry, first), others)) = all.split_first() else { return Attrs::new() };
    let differs = |key: &str, value: &Attr, other: &Attr, whose: &str| {
        format!("attribute {key:?} is {value}, but in {whose} {other}")
    };
    match found.options.attrs {
        CombineAttrs::Override => first.clone(),
        CombineAttrs::Drop => Attrs::new(),
        CombineAttrs::Identical => {
            for &(entry, attrs) in others {
                let whose = &first_entry.source;
                let changed = first.iter().find_map(|(key, value)| match attrs.get(key) {
                    Some(other) if other == value => None,
                    Some(other) => Some(differs(key, other, value, whose)),
                    None => Some(format!("attribute {key:?} is missing here, but {whose} has it")),
                });
                let new = attrs.keys().find(|key| !first.contains_key(*key));
                let new = new.map(|key| format!("attribute {key:?} is here, but {whose} lacks it"));
                if let Some(what) = changed.or(new) {
                    found.add(entry, variable, DisagreementKind::Attrs, what);
                }
            }
            first.clone()
        }
        CombineAttrs::NoConflicts => {
            let mut union = first.clone();
            for &(entry, attrs) in others {
                for (key, value) in attrs {
                    match union.get(key) {
                        None => {
                            union.insert(key.clone(), value.clone());
                        }
                        Some(other) if other == value => {}
                        Some(other) => {
                            let what = differs(key, value, other, "those before");
                            found.add(entry, variable, DisagreementKind::Attrs, what);
                        }
                    }
                }
            }
            union
        }
        CombineAttrs::DropConflicts => {
            let mut union = first.clone();
            let mut dropped: Vec<&String> = Vec::new();
            for &(_, attrs) in others {
                for (key, value) in attrs {
                    if dropped.contains(&key) {
                        continue;
                    }
                    if union.get(key).is_some_and(|other| other != value) {
                        union.shift_remove(key);
                        dropped.push(key);
                    } else {
                        union.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
            }
            union
        }
    }
}

/// How two variables were packed, where that differs.
pub(super) fn packing_differs(here: &Variable, there: &Variable) -> Option<String> {
    let key = PACKING.into_iter().find(|key| here.encoding().get(*key) != there.encoding().get(*key))?;
    let text = |variable: &Variable| variable.encoding().get(key).map_or("none".into(), Attr::to_string);
    Some(format!("{key} {}, but {}", text(here), text(there)))
}

/// The encoding of the first; how its numbers were packed only if that is how all were, since a scale of one may not
/// have room for the numbers of another.
pub(super) fn encoding(parts: &[(&Entry, &Variable)], found: &Found<'_>) -> Encoding {
    let Some(((_, first), others)) = parts.split_first() else { return Encoding::new() };
    let mut encoding = first.encoding().clone();
    let keeps = found.options.policy_of(DisagreementKind::Packing) == Policy::First;
    if !keeps && others.iter().any(|(_, other)| packing_differs(other, first).is_some()) {
        encoding.retain(|key, _| !PACKING.contains(&key.as_str()) && key != "dtype");
    }
    encoding
}
