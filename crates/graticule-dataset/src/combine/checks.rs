//! What datasets must agree about before they are put together, as far as it is seen without reading data.

use std::collections::HashMap;

use graticule_array::{Chunk, DType};
use indexmap::IndexMap;

use super::attrs::packing_differs;
use super::options::Compat;
use super::source::{Entry, Found};
use crate::align::Join;
use crate::attrs::Attr;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::disagreement::{DisagreementKind, Policy};
use crate::error::{Result, listed};
use crate::index::{difference_text, keys, label_text, labels_equal, largest_difference};
use crate::labeled::Dataset;
use crate::variable::Variable;

/// Compares names, dimensions, units, dtypes and labels of every dataset with those of the first. Along `dims` they
/// may differ.
pub(super) fn structure(entries: &[Entry], dims: &[Dim], found: &mut Found<'_>) -> Result<()> {
    absent(entries, dims, found);
    shared(entries, dims, found)
}

/// The same for variables that several of the datasets have, whoever lacks them.
pub(super) fn shared(entries: &[Entry], dims: &[Dim], found: &mut Found<'_>) -> Result<()> {
    let mut firsts: IndexMap<&str, First<'_>> = IndexMap::new();
    let mut lengths: HashMap<Dim, (usize, &Entry)> = HashMap::new();
    let has_any = |entry: &Entry| entry.dataset.sizes().keys().any(|dim| dims.contains(dim));
    // Along a new dimension all data vary.
    let stacks = !dims.is_empty() && !entries.iter().any(has_any);
    for entry in entries {
        let coords = entry.dataset.coords();
        let sizes = entry.dataset.sizes();
        let lacks = |dim: &Dim| !sizes.contains_key(dim);
        let lacking: Vec<&Dim> = dims.iter().filter(|dim| lacks(dim)).collect();
        for name in entry.dataset.names() {
            let Some(variable) = entry.dataset.variable(name) else { continue };
            let here = First { entry, variable, coords, lacking: lacking.clone() };
            match firsts.get(name) {
                Some(first) => one_variable(name, first, &here, dims, stacks, found)?,
                None => {
                    firsts.insert(name, here);
                }
            }
        }
        for (dim, len) in &sizes {
            let is_labeled = !coords.index_names(dim).is_empty();
            if dims.contains(dim) || is_labeled {
                continue;
            }
            match lengths.get(dim) {
                Some((there, first)) if there != len => {
                    let what = format!("dimension has length {len}, but in {} {there}", first.source);
                    found.add(entry, dim, DisagreementKind::Dims, what);
                }
                Some(_) => {}
                None => {
                    lengths.insert(dim.clone(), (*len, entry));
                }
            }
        }
    }
    Ok(())
}

/// A variable in the first dataset that has it.
struct First<'a> {
    entry: &'a Entry,
    variable: &'a Variable,
    coords: &'a Coords,
    /// The dimensions of concatenation that this dataset lacks altogether.
    lacking: Vec<&'a Dim>,
}

/// Names that are not in all datasets.
fn absent(entries: &[Entry], dims: &[Dim], found: &mut Found<'_>) {
    let Some((first, others)) = entries.split_first() else { return };
    let along = |dataset: &Dataset, name: &str| {
        dataset.coords().is_index(name)
            && dataset.variable(name).is_some_and(|v| v.dims().iter().any(|dim| dims.contains(dim)))
    };
    // A step without its label cannot be put anywhere.
    let policy = |found: &Found<'_>, is_label: bool| match is_label {
        true => Policy::Error,
        false => found.options.policy_of(DisagreementKind::Missing),
    };
    for entry in others {
        for name in first.dataset.names().filter(|name| entry.dataset.variable(name).is_none()) {
            let what = format!("is missing here, but {} has it", first.source);
            let policy = policy(found, along(&first.dataset, name));
            found.add_as(entry, name, DisagreementKind::Missing, policy, what);
        }
        for name in entry.dataset.names().filter(|name| first.dataset.variable(name).is_none()) {
            let what = format!("is here, but {} lacks it", first.source);
            let policy = policy(found, along(&entry.dataset, name));
            found.add_as(entry, name, DisagreementKind::Missing, policy, what);
        }
    }
}

fn one_variable(
    name: &str,
    first: &First<'_>,
    here: &First<'_>,
    dims: &[Dim],
    stacks: bool,
    found: &mut Found<'_>,
) -> Result<()> {
    let (variable, reference, source) = (here.variable, first.variable, &first.entry.source);
    let (is_coord, was_coord) = (here.coords.contains(name), first.coords.contains(name));
    if is_coord != was_coord {
        let role = |is_coord| if is_coord { "a coordinate" } else { "data" };
        let what = format!(
            "is {}, but {} in {source}; use set_coords or reset_coords",
            role(is_coord),
            role(was_coord)
        );
        found.add(here.entry, name, DisagreementKind::Role, what);
        return Ok(());
    }
    let compat = found.options.compat;
    let along = |variable: &Variable| variable.dims().iter().any(|dim| dims.contains(dim));
    let varies = (stacks && !is_coord) || along(variable) || along(reference);
    let is_label = here.coords.is_index(name) && first.coords.is_index(name);
    if !varies && !is_label && compat == Compat::Override {
        return Ok(());
    }
    // A dataset that lacks a dimension of concatenation is one step along it.
    let counts = |dim: &&Dim| !here.lacking.contains(dim) && !first.lacking.contains(dim);
    let sorted = |variable: &Variable| {
        let mut dims: Vec<Dim> = variable.dims().iter().filter(counts).cloned().collect();
        dims.sort();
        dims
    };
    let broadcasts = !varies && !matches!(compat, Compat::Equals | Compat::Identical);
    if !broadcasts && variable.dims() != reference.dims() && sorted(variable) != sorted(reference) {
        let (here_dims, there) = (listed(variable.dims()), listed(reference.dims()));
        let hint = if varies { "" } else { "; use Compat::BroadcastEquals where values repeat" };
        let what = format!("has dimensions ({here_dims}), but in {source} ({there}){hint}");
        found.add(here.entry, name, DisagreementKind::Dims, what);
        return Ok(());
    }
    let units = |variable: &Variable| variable.attrs().get("units").map(Attr::to_string);
    let (here_units, there_units) = (units(variable), units(reference));
    if here_units != there_units {
        let text =
            |units: Option<String>| units.map_or_else(|| "no units".into(), |u| format!("units {u:?}"));
        let what = format!("has {}, but in {source} {}", text(here_units), text(there_units));
        found.add(here.entry, name, DisagreementKind::Units, what);
    }
    dtypes(name, first, here, found);
    if let (Some(calendar), Some(there)) = (variable.calendar(), reference.calendar())
        && calendar != there
    {
        let what =
            format!("has times in the calendar {calendar}, but in {source} in {there}; use convert_calendar");
        found.add(here.entry, name, DisagreementKind::Calendar, what);
    }
    if let Some(differs) = packing_differs(variable, reference) {
        found.add(
            here.entry,
            name,
            DisagreementKind::Packing,
            format!("was packed with {differs} in {source}"),
        );
    }
    if is_label
        && !along(variable)
        && variable.data() != reference.data()
        && let (Some(labels), Some(there)) = (variable.resident(), reference.resident())
        && !labels_equal(labels, there)
    {
        differing_labels(name, first, here, (labels, there), found)?;
    }
    Ok(())
}

fn dtypes(name: &str, first: &First<'_>, here: &First<'_>, found: &mut Found<'_>) {
    let (dtype, there) = (here.variable.dtype(), first.variable.dtype());
    let source = &first.entry.source;
    match dtype.promote(there) {
        Err(_) => {
            let what = format!("is {dtype}, but in {source} {there}");
            found.add_as(here.entry, name, DisagreementKind::DType, Policy::Error, what);
        }
        Ok(both) if !holds(both, dtype) || !holds(both, there) => {
            let what =
                format!("is {dtype}, but in {source} {there}; {both} does not hold all of their values");
            found.add(here.entry, name, DisagreementKind::DType, what);
        }
        Ok(_) => {}
    }
}

/// Whether every value of a dtype is one of another.
fn holds(wide: DType, narrow: DType) -> bool {
    if !wide.is_float() || !narrow.is_integer() {
        return true;
    }
    let digits = if wide == DType::F32 { 3 } else { 7 };
    narrow.size() < digits
}

/// Labels that are not those of the first dataset: an error, unless the join or a tolerance brings them together.
fn differing_labels(
    name: &str,
    first: &First<'_>,
    here: &First<'_>,
    (labels, there): (&Chunk, &Chunk),
    found: &mut Found<'_>,
) -> Result<()> {
    let alignment = &found.options.alignment;
    let policy = match alignment.join {
        Join::Exact if within(alignment.tolerance, labels, there)? => Policy::Convert,
        Join::Exact => Policy::Error,
        Join::Override if labels.len() != there.len() => Policy::Error,
        Join::Override => Policy::First,
        Join::Inner | Join::Outer | Join::Left | Join::Right => Policy::Convert,
    };
    let what = labels_differ(first.variable, labels, there, &first.entry.source);
    found.add_as(here.entry, name, DisagreementKind::Labels, policy, what);
    let scale = if labels.dtype().is_time() { 1e-9 } else { 1.0 };
    let largest = (labels.len() == there.len()).then(|| largest_difference(labels, there)).flatten();
    if let Some(last) = found.disagreements.last_mut() {
        last.largest = largest.map(|largest| largest * scale);
    }
    Ok(())
}

fn within(tolerance: Option<crate::select::Tolerance>, labels: &Chunk, there: &Chunk) -> Result<bool> {
    let Some(tolerance) = tolerance.filter(|_| labels.len() == there.len()) else { return Ok(false) };
    let dtype = if labels.dtype() == DType::F32 { DType::F32 } else { there.dtype() };
    for (a, b) in keys(labels).iter().zip(&keys(there)) {
        match a.distance(b) {
            Some(distance) if distance <= tolerance.allowed(dtype, b)? => {}
            _ if a == b => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn labels_differ(reference: &Variable, here: &Chunk, there: &Chunk, first_source: &str) -> String {
    if here.len() != there.len() {
        return format!("has {} labels, but {first_source} has {}", here.len(), there.len());
    }
    let differs = keys(here).into_iter().zip(keys(there)).position(|(a, b)| a != b).unwrap_or(0);
    let calendar = reference.calendar().unwrap_or_default();
    let (a, b) = (label_text(here, differs, calendar), label_text(there, differs, calendar));
    let mut text = format!("differs from {first_source} first at position {differs} ({a} instead of {b})");
    if let Some(largest) = largest_difference(here, there) {
        text.push_str(&format!(", by at most {}", difference_text(here, largest)));
    }
    text
}
