//! What datasets must agree about before they are put together.

use graticule_array::{Array, Chunk, Runtime};

use crate::attrs::Attr;
use crate::error::{Disagreement, DisagreementKind, Error, Result, listed};
use crate::index::{difference_text, keys, label_text, labels_equal, largest_difference};
use crate::labeled::Dataset;
use crate::variable::Variable;

/// A dataset and the name under which messages know it.
pub(super) type Source<'a> = (&'a str, &'a Dataset);

/// The disagreements found so far.
#[derive(Default)]
pub(super) struct Found(Vec<Disagreement>);

impl Found {
    pub(super) fn add(&mut self, source: &str, variable: &str, kind: DisagreementKind, what: String) {
        self.0.push(Disagreement { source: source.into(), variable: variable.into(), kind, what });
    }

    /// An error where there are disagreements.
    pub(super) fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Combine { disagreements: self.0 }) }
    }
}

/// Compares names, dimensions, units, dtypes and labels of every dataset with those of the first.
pub(super) fn structure(sources: &[Source<'_>], dim: &str, found: &mut Found) {
    let Some((&(first_source, first), others)) = sources.split_first() else { return };
    for &(source, dataset) in others {
        for name in first.names() {
            let Some(reference) = first.variable(name) else { continue };
            match dataset.variable(name) {
                None => {
                    let what = format!("is missing here, but {first_source} has it");
                    found.add(source, name, DisagreementKind::Missing, what);
                }
                Some(variable) => one_variable(name, reference, variable, first_source, source, dim, found),
            }
        }
        for name in dataset.names().filter(|name| first.variable(name).is_none()) {
            let what = format!("is here, but {first_source} lacks it");
            found.add(source, name, DisagreementKind::Missing, what);
        }
        lengths(first, dataset, first_source, source, dim, found);
    }
}

fn one_variable(
    name: &str,
    reference: &Variable,
    variable: &Variable,
    first_source: &str,
    source: &str,
    dim: &str,
    found: &mut Found,
) {
    if variable.dims() != reference.dims() {
        let (here, there) = (listed(variable.dims()), listed(reference.dims()));
        let what = format!("has dimensions ({here}), but in {first_source} ({there})");
        found.add(source, name, DisagreementKind::Dims, what);
        return;
    }
    let units = |variable: &Variable| variable.attrs().get("units").map(Attr::to_string);
    let (here, there) = (units(variable), units(reference));
    if here != there {
        let text =
            |units: Option<String>| units.map_or_else(|| "no units".into(), |u| format!("units {u:?}"));
        let what = format!("has {}, but in {first_source} {}", text(here), text(there));
        found.add(source, name, DisagreementKind::Units, what);
    }
    if reference.dtype().promote(variable.dtype()).is_err() {
        let what = format!("is {}, but in {first_source} {}", variable.dtype(), reference.dtype());
        found.add(source, name, DisagreementKind::DType, what);
    }
    if let (Some(here), Some(there)) = (variable.calendar(), reference.calendar())
        && here != there
    {
        let what = format!("has times in the calendar {here}, but in {first_source} in {there}");
        found.add(source, name, DisagreementKind::DType, what);
    }
    let is_index = crate::coords::is_index(name, reference);
    if is_index
        && name != dim
        && variable.data() != reference.data()
        && let (Some(here), Some(there)) = (variable.resident(), reference.resident())
        && !labels_equal(here, there)
    {
        found.add(
            source,
            name,
            DisagreementKind::Labels,
            labels_differ(reference, here, there, first_source),
        );
    }
}

/// Lengths of dimensions without labels; where there are labels, they are what is reported.
fn lengths(
    first: &Dataset,
    dataset: &Dataset,
    first_source: &str,
    source: &str,
    dim: &str,
    found: &mut Found,
) {
    let sizes = first.sizes();
    for (name, len) in dataset.sizes() {
        let indexed = first.coords().is_index(&name) && dataset.coords().is_index(&name);
        if name != dim
            && !indexed
            && let Some(&there) = sizes.get(&name)
            && there != len
        {
            let what = format!("dimension has length {len}, but in {first_source} {there}");
            found.add(source, &name, DisagreementKind::Dims, what);
        }
    }
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

/// Variables up to this size are compared in memory; larger ones chunk by chunk.
const IN_MEMORY_BYTES: usize = 1 << 20;

/// How many small variables are read at once.
const BATCH: usize = 512;

/// Up to this size what others are compared with is kept in memory meanwhile.
const KEPT_BYTES: usize = 64 << 20;

/// Compares the values of one variable in every dataset with those in the first.
pub(super) fn values(name: &str, sources: &[Source<'_>], found: &mut Found) -> Result<()> {
    let Some((&(first_source, first), others)) = sources.split_first() else { return Ok(()) };
    let Some(reference) = first.variable(name) else { return Ok(()) };
    let differing: Vec<(&str, &Variable)> = others
        .iter()
        .filter_map(|(source, dataset)| Some((*source, dataset.variable(name)?)))
        .filter(|(_, variable)| variable.data() != reference.data())
        .collect();
    let mut report = |source: &str| {
        let what = format!(
            "has other values than in {first_source}, but does not vary along the dimension of concatenation; \
             use Compat::Override to take the first"
        );
        found.add(source, name, DisagreementKind::Values, what);
    };
    if reference.nbytes() <= IN_MEMORY_BYTES {
        let there = reference.values()?;
        for batch in differing.chunks(BATCH) {
            let lazy: Vec<&Array> =
                batch.iter().map(|(_, v)| v.data()).filter(|data| data.resident().is_none()).collect();
            let mut computed = Runtime::current().compute_all(&lazy)?.into_iter();
            for (source, variable) in batch {
                let same = match variable.resident() {
                    Some(here) => same_values(here, &there),
                    None => computed.next().is_some_and(|here| same_values(&here, &there)),
                };
                if !same {
                    report(source);
                }
            }
        }
        return Ok(());
    }
    // Read once, where it can be kept, and not again beside every other.
    let reference = match reference.nbytes() <= KEPT_BYTES {
        true => reference.persist()?,
        false => reference.clone(),
    };
    for (source, variable) in differing {
        if !reference.same_data(variable)? {
            report(source);
        }
    }
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
