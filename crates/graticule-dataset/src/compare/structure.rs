//! Names, attributes, dimensions and coordinates side by side.

use super::Agreement;
use super::values::{describe, same};
use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::error::{Result, listed};
use crate::index::difference;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// Whether nothing differs; stops at the first difference.
pub(super) fn agree<V: DataVars>(left: &Labeled<V>, right: &Labeled<V>, how: Agreement) -> Result<bool> {
    for part in parts(left, right) {
        let same = match part {
            Part::Name(left, right) => how != Agreement::Identical || left == right,
            Part::Attrs(left, right) => how != Agreement::Identical || same_attrs(left, right),
            Part::Only(..) => false,
            Part::Both { left, right, .. } => {
                (how != Agreement::Identical || same_attrs(left.attrs(), right.attrs()))
                    && same(left, right, how)?
            }
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A line for each part that differs.
pub(super) fn differences<V: DataVars>(
    left: &Labeled<V>,
    right: &Labeled<V>,
    how: Agreement,
) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for part in parts(left, right) {
        match part {
            Part::Name(left, right) => {
                if how == Agreement::Identical && left != right {
                    let text = |name: Option<&str>| name.map_or("none".into(), |name| format!("{name:?}"));
                    lines.push(format!("name: left {}, right {}", text(left), text(right)));
                }
            }
            Part::Attrs(left, right) => {
                if how == Agreement::Identical {
                    lines.extend(attrs_line("attributes", left, right));
                }
            }
            Part::Only(kind, name, side) => lines.push(format!("{kind} {name:?} is only on the {side}")),
            Part::Both { kind, name, left: a, right: b } => {
                let title = if name.is_empty() { kind.to_owned() } else { format!("{kind} {name:?}") };
                if how == Agreement::Identical {
                    lines.extend(attrs_line(&format!("attributes of {title}"), a.attrs(), b.attrs()));
                }
                if !same(a, b, how)? {
                    lines.push(format!("{title}: {}", what_differs(a, b, how, name, left.coords())?));
                }
            }
        }
    }
    Ok(lines)
}

/// A part of two arrays or datasets.
enum Part<'a> {
    Name(Option<&'a str>, Option<&'a str>),
    Attrs(&'a Attrs, &'a Attrs),
    Only(&'static str, &'a str, &'static str),
    Both { kind: &'static str, name: &'a str, left: &'a Variable, right: &'a Variable },
}

/// All parts, what is cheap to compare first.
fn parts<'a, V: DataVars>(left: &'a Labeled<V>, right: &'a Labeled<V>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let first = |side: &'a Labeled<V>| side.vars.variables().next();
    let (mut a, mut b): (Vec<_>, Vec<_>) = (named(&left.vars), named(&right.vars));
    if V::IS_ARRAY {
        parts.push(Part::Name(
            first(left).and_then(|(name, _)| name),
            first(right).and_then(|(name, _)| name),
        ));
        // The name of an array is no key.
        a.iter_mut().chain(&mut b).for_each(|(name, _)| *name = "");
    } else {
        parts.push(Part::Attrs(left.attrs(), right.attrs()));
    }
    let kind = if V::IS_ARRAY { "values" } else { "variable" };
    let coords = |coords: &'a Coords| coords.iter().collect::<Vec<_>>();
    paired(&mut parts, "coordinate", &coords(left.coords()), &coords(right.coords()));
    paired(&mut parts, kind, &a, &b);
    parts
}

fn named<V: DataVars>(vars: &V) -> Vec<(&str, &Variable)> {
    vars.variables().map(|(name, variable)| (name.unwrap_or(""), variable)).collect()
}

fn paired<'a>(
    parts: &mut Vec<Part<'a>>,
    kind: &'static str,
    left: &[(&'a str, &'a Variable)],
    right: &[(&'a str, &'a Variable)],
) {
    for &(name, a) in left {
        match right.iter().find(|(other, _)| *other == name) {
            Some(&(_, b)) => parts.push(Part::Both { kind, name, left: a, right: b }),
            None => parts.push(Part::Only(kind, name, "left")),
        }
    }
    let is_new = |name: &str| !left.iter().any(|(other, _)| *other == name);
    parts.extend(
        right.iter().filter(|(name, _)| is_new(name)).map(|&(name, _)| Part::Only(kind, name, "right")),
    );
}

fn what_differs(
    left: &Variable,
    right: &Variable,
    how: Agreement,
    name: &str,
    coords: &Coords,
) -> Result<String> {
    if left.dims() != right.dims() && how != Agreement::BroadcastEqual {
        return Ok(format!("dimensions ({}) and ({})", listed(left.dims()), listed(right.dims())));
    }
    let lens =
        |variable: &Variable| variable.sizes().map(|(dim, len)| format!("{dim}: {len}")).collect::<Vec<_>>();
    // Labels are compared as a whole: which are missing says more than where they are.
    let is_index = coords.is_index(name) && matches!(how, Agreement::Equal | Agreement::Identical);
    if let (true, Some(a), Some(b)) = (is_index, left.resident(), right.resident()) {
        return Ok(difference(a, b, left.calendar().unwrap_or_default()));
    }
    if left.dims() == right.dims() && left.shape() != right.shape() {
        return Ok(format!("lengths ({}) and ({})", lens(left).join(", "), lens(right).join(", ")));
    }
    describe(left, right, how, coords)
}

/// Whether attributes are the same in any order.
fn same_attrs(left: &Attrs, right: &Attrs) -> bool {
    left.len() == right.len() && left.iter().all(|(key, value)| right.get(key) == Some(value))
}

fn attrs_line(title: &str, left: &Attrs, right: &Attrs) -> Option<String> {
    let only = |a: &Attrs, b: &Attrs| {
        a.keys().filter(|key| !b.contains_key(*key)).map(|key| format!("{key:?}")).collect::<Vec<_>>()
    };
    let mut texts: Vec<String> = Vec::new();
    for (key, value) in left {
        if let Some(other) = right.get(key).filter(|other| *other != value) {
            let dtypes = (value.dtype(), other.dtype());
            let dtypes = if dtypes.0 == dtypes.1 {
                String::new()
            } else {
                format!(" ({} and {})", dtypes.0, dtypes.1)
            };
            texts.push(format!("{key:?} is {value} on the left and {other} on the right{dtypes}"));
        }
    }
    for (keys, side) in [(only(left, right), "left"), (only(right, left), "right")] {
        if !keys.is_empty() {
            texts.push(format!("{} only on the {side}", keys.join(", ")));
        }
    }
    (!texts.is_empty()).then(|| format!("{title}: {}", texts.join("; ")))
}
