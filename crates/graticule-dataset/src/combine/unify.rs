//! One variable in place of those of one name that should be the same.

use graticule_array::{Array, Chunk, Runtime};
use indexmap::IndexMap;

use super::options::Compat;
use super::source::{Entry, Found};
use crate::compare::{Agreement, describe, same};
use crate::dims::Dim;
use crate::disagreement::DisagreementKind;
use crate::error::{Result, listed};
use crate::index::keys;
use crate::ops::filled;
use crate::variable::Variable;

/// A variable as one of the datasets has it.
pub(super) type Part<'a> = (&'a Entry, &'a Variable);

/// Variables up to this size are compared in memory; larger ones chunk by chunk.
const IN_MEMORY_BYTES: usize = 1 << 20;

/// How many small variables are read at once.
const BATCH: usize = 512;

/// Up to this size what others are compared with is kept in memory meanwhile.
const KEPT_BYTES: usize = 64 << 20;

/// How many differences are described; for others it is said that there are some.
const DESCRIBED: usize = 3;

/// The one variable, where there can be one; what keeps it from being one is added to `found`, with a hint. A conflict
/// that `Compat::Minimal` leaves out gives nothing.
pub(super) fn unified(
    name: &str,
    parts: &[Part<'_>],
    hint: &str,
    found: &mut Found<'_>,
) -> Result<Option<Variable>> {
    let Some((&(first_entry, first), others)) = parts.split_first() else { return Ok(None) };
    let compat = found.options.compat;
    if others.is_empty() || compat == Compat::Override {
        return Ok(Some(first.clone()));
    }
    if let Some((entry, other)) = others.iter().find(|(_, other)| other.calendar() != first.calendar()) {
        let (here, there) = (other.dtype_text(), first.dtype_text());
        let what = format!("is {here}, but in {} {there}", first_entry.source);
        found.add(entry, name, DisagreementKind::Calendar, what);
        return Ok(None);
    }
    match compat {
        Compat::Equals | Compat::Identical | Compat::Override => {
            if compat == Compat::Identical {
                attributes(name, first_entry, first, others, found);
            }
            let how = Agreement::Equal;
            for (entry, other) in differing(first, others, how)? {
                conflict(name, (first_entry, first), (entry, other), how, hint, found)?;
            }
            Ok(Some(first.clone()))
        }
        Compat::BroadcastEquals | Compat::Minimal => {
            let how = Agreement::BroadcastEqual;
            let conflicts = differing(first, others, how)?;
            let is_coord = first_entry.dataset.coords().contains(name);
            if !conflicts.is_empty() && compat == Compat::Minimal && is_coord {
                return Ok(None);
            }
            for (entry, other) in &conflicts {
                conflict(name, (first_entry, first), (entry, other), how, hint, found)?;
            }
            if !conflicts.is_empty() {
                return Ok(None);
            }
            let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
            parts.iter().for_each(|(_, part)| sizes.extend(part.sizes()));
            Ok(Some(if sizes.len() == first.ndim() { first.clone() } else { first.stretched(&sizes)? }))
        }
        Compat::NoConflicts => {
            let how = Agreement::NoConflict;
            let mut together = first.clone();
            for &(entry, other) in others {
                if other.dims() == together.dims() && other.data() == together.data() {
                    continue;
                }
                if !same(&together, other, how)? {
                    conflict(name, (first_entry, &together), (entry, other), how, hint, found)?;
                    continue;
                }
                together = filled(&together, other)?;
                if together.nbytes() <= IN_MEMORY_BYTES && others.len() > 1 {
                    together = together.persist()?;
                }
            }
            Ok(Some(together))
        }
    }
}

/// Whether a variable differs between the datasets, in the sense of the options.
pub(super) fn differs(parts: &[Part<'_>], compat: Compat) -> Result<bool> {
    let Some((&(_, first), others)) = parts.split_first() else { return Ok(false) };
    let how = match compat {
        Compat::BroadcastEquals | Compat::Minimal => Agreement::BroadcastEqual,
        Compat::NoConflicts => Agreement::NoConflict,
        Compat::Equals | Compat::Identical | Compat::Override => Agreement::Equal,
    };
    let attributes =
        compat == Compat::Identical && others.iter().any(|(_, other)| other.attrs() != first.attrs());
    Ok(attributes || !differing(first, others, how)?.is_empty())
}

fn attributes(name: &str, first_entry: &Entry, first: &Variable, others: &[Part<'_>], found: &mut Found<'_>) {
    for (entry, other) in others {
        if other.attrs() != first.attrs() {
            let key = first.attrs().keys().chain(other.attrs().keys());
            let key = key.into_iter().find(|key| first.attrs().get(*key) != other.attrs().get(*key));
            let key = key.map(String::as_str).unwrap_or_default();
            let what = format!("attribute {key:?} is not that of {}", first_entry.source);
            found.add(entry, name, DisagreementKind::Attrs, what);
        }
    }
}

/// The parts whose values are not those of the first.
fn differing<'a>(first: &Variable, others: &[Part<'a>], how: Agreement) -> Result<Vec<Part<'a>>> {
    let is_same = |other: &Variable| other.dims() == first.dims() && other.data() == first.data();
    let candidates: Vec<Part<'a>> = others.iter().filter(|(_, other)| !is_same(other)).copied().collect();
    let has_shape = |(_, other): &Part<'a>| how != Agreement::Equal || other.shape() == first.shape();
    let (candidates, mut differing): (Vec<Part<'a>>, Vec<Part<'a>>) =
        candidates.into_iter().partition(has_shape);
    let is_small = first.nbytes() <= IN_MEMORY_BYTES && how == Agreement::Equal;
    if !is_small || candidates.iter().any(|(_, other)| other.dims() != first.dims()) {
        if candidates.is_empty() {
            return Ok(differing);
        }
        // Read once, where it can be kept, and not again beside every other.
        let kept = if first.nbytes() <= KEPT_BYTES { first.persist()? } else { first.clone() };
        for (entry, other) in candidates {
            if !same(&kept, other, how)? {
                differing.push((entry, other));
            }
        }
        return Ok(differing);
    }
    let there = first.values()?;
    for batch in candidates.chunks(BATCH) {
        let lazy: Vec<&Array> =
            batch.iter().map(|(_, v)| v.data()).filter(|data| data.resident().is_none()).collect();
        let mut computed = Runtime::current().compute_all(&lazy)?.into_iter();
        for (entry, other) in batch {
            let equal = match other.resident() {
                Some(here) => same_values(here, &there),
                None => computed.next().is_some_and(|here| same_values(&here, &there)),
            };
            if !equal {
                differing.push((entry, other));
            }
        }
    }
    Ok(differing)
}

fn conflict(
    name: &str,
    (first_entry, first): Part<'_>,
    (entry, other): Part<'_>,
    how: Agreement,
    hint: &str,
    found: &mut Found<'_>,
) -> Result<()> {
    let kind = DisagreementKind::Values;
    let source = &first_entry.source;
    let described = found.disagreements.iter().filter(|d| d.kind == kind && d.variable == name).count();
    if other.dims() != first.dims() && how == Agreement::Equal {
        let what = format!(
            "has dimensions ({}), but in {source} ({}); use Compat::BroadcastEquals where values repeat",
            listed(other.dims()),
            listed(first.dims())
        );
        found.add(entry, name, DisagreementKind::Dims, what);
        return Ok(());
    }
    let what = if described < DESCRIBED {
        let place = describe(first, other, how, first_entry.dataset.coords())?;
        format!("differs from {source}, which is left here: {place}; {hint}")
    } else {
        format!("differs from {source}; {hint}")
    };
    found.add(entry, name, kind, what);
    Ok(())
}

/// Whether all values are equal; missing values equal each other.
fn same_values(left: &Chunk, right: &Chunk) -> bool {
    if left.shape() != right.shape() {
        return false;
    }
    if left.dtype() == right.dtype() && left.buffer() == right.buffer() {
        return true;
    }
    if !left.dtype().has_missing() && left.dtype() == right.dtype() {
        return false;
    }
    keys(left) == keys(right)
}
