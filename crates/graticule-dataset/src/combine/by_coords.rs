//! Datasets in the order that their coordinates give.

use std::collections::HashSet;

use super::Compat;
use super::checks::{Found, Source};
use super::concat::{ConcatOptions, concat_sources};
use crate::align::{Join, same_calendar};
use crate::dims::Dim;
use crate::error::{DisagreementKind, Error, Result};
use crate::index::{Index, Key, Order};
use crate::labeled::Dataset;

/// How datasets are combined by their coordinates.
#[derive(Debug, Clone, Default)]
pub struct CombineOptions {
    /// The dimension to concatenate along. Default: the one whose labels differ between the datasets.
    pub dim: Option<String>,
    /// What happens to variables that do not vary along that dimension.
    pub compat: Compat,
    /// What happens where the labels of the other dimensions differ.
    pub join: Join,
}

/// Datasets sorted by their labels along one dimension and put one after another.
///
/// Each dataset comes with a name for messages, such as that of its file. The labels of each must be sorted,
/// all in the same direction, and those of different datasets must not overlap.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{Attrs, CombineOptions, Dataset, Variable, combine_by_coords};
/// let day = |name: &str, day: i64| {
///     let adt = Variable::new(["time"], Array::ones(1, "auto")?)?;
///     let time = Variable::from_vec("time", vec![day])?;
///     Ok::<_, graticule_dataset::Error>((
///         name.to_owned(),
///         Dataset::new([("adt".into(), adt)], [("time".into(), time)], Attrs::new())?,
///     ))
/// };
/// let ds = combine_by_coords(&[day("b.nc", 2)?, day("a.nc", 1)?], &CombineOptions::default())?;
/// assert_eq!(ds.coords().labels("time").map(|t| t.to_f64()), Some(vec![1.0, 2.0]));
/// let twice = combine_by_coords(&[day("b.nc", 2)?, day("c.nc", 2)?, day("a.nc", 1)?], &CombineOptions::default());
/// assert!(twice.unwrap_err().to_string().contains("the label 2 is also in b.nc"));
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Combine`] with everything that the datasets disagree about; [`Error::Argument`] when there are no
/// datasets or no dimension whose labels differ.
pub fn combine_by_coords(datasets: &[(String, Dataset)], options: &CombineOptions) -> Result<Dataset> {
    let sources: Vec<Source<'_>> =
        datasets.iter().map(|(source, dataset)| (source.as_str(), dataset)).collect();
    let dim = match (&options.dim, sources.as_slice()) {
        (_, []) => return Err(Error::argument("datasets", "[]", "give at least one dataset")),
        (None, [(_, only)]) => return Ok((*only).clone()),
        (Some(dim), _) => dim.clone(),
        (None, _) => differing_dim(&sources)?.to_string(),
    };
    let coords: Vec<_> = sources.iter().map(|(_, dataset)| dataset.coords()).collect();
    same_calendar(&coords, &Dim::new(&dim))?;
    let sorted = sorted(&sources, &dim)?;
    concat_sources(&sorted, &dim, &ConcatOptions { compat: options.compat, join: options.join })
}

/// The dimension whose labels differ most often between the datasets.
fn differing_dim(sources: &[Source<'_>]) -> Result<Dim> {
    let mut candidates: Vec<Dim> = Vec::new();
    for (_, dataset) in sources {
        for name in dataset.coords().names().filter(|name| dataset.coords().is_index(name)) {
            if !candidates.iter().any(|dim| *dim == name) {
                candidates.push(Dim::new(name));
            }
        }
    }
    let distinct = |dim: &Dim| {
        let labels = sources.iter().filter_map(|(_, dataset)| dataset.coords().index_variable(dim));
        labels.map(|variable| variable.data().expr().id()).collect::<HashSet<_>>().len()
    };
    let is_time = |dim: &Dim| {
        let mut labels = sources.iter().filter_map(|(_, dataset)| dataset.coords().labels(dim));
        labels.next().is_some_and(|labels| labels.dtype().is_time())
    };
    let counted: Vec<(usize, &Dim)> = candidates.iter().map(|dim| (distinct(dim), dim)).collect();
    let differing: Vec<&(usize, &Dim)> = counted.iter().filter(|(distinct, _)| *distinct > 1).collect();
    if differing.len() > 1
        && differing.iter().map(|(distinct, _)| distinct).product::<usize>() == sources.len()
    {
        let names: Vec<&str> = differing.iter().map(|(_, dim)| dim.as_str()).collect();
        return Err(Error::argument(
            "datasets",
            format!("tiles along {}", names.join(" and ")),
            "datasets are combined along one dimension at a time: combine the tiles of each row first, then the rows",
        ));
    }
    // Of dimensions that differ equally often time is the likelier to be meant, then the first.
    match counted.into_iter().rev().max_by_key(|(distinct, dim)| (*distinct, is_time(dim))) {
        Some((2.., dim)) => Ok(dim.clone()),
        _ => Err(Error::argument(
            "datasets",
            format!("{} datasets with the same labels", sources.len()),
            "no dimension has labels that differ between the datasets; to stack them use concat with a new \
             dimension, and leave out datasets given twice",
        )),
    }
}

/// The datasets in the order of their labels.
fn sorted<'a>(sources: &[Source<'a>], dim: &str) -> Result<Vec<Source<'a>>> {
    let mut found = Found::default();
    let mut indexed: Vec<(Source<'a>, Index)> = Vec::with_capacity(sources.len());
    let mut empty: Vec<Source<'a>> = Vec::new();
    for &(source, dataset) in sources {
        match dataset.coords().index(dim) {
            None => {
                let what = format!("there is no index coordinate {dim:?} to sort by");
                found.add(source, dim, DisagreementKind::Missing, what);
            }
            Some(index) if index.is_empty() => empty.push((source, dataset)),
            Some(index) => indexed.push(((source, dataset), index)),
        }
    }
    let mut direction: Option<(Order, &str)> = None;
    for ((source, _), index) in &indexed {
        match (index.order(), direction) {
            (Order::Unsorted, _) => {
                let what = "the labels are not sorted within this dataset; sort or select them first".into();
                found.add(source, dim, DisagreementKind::Overlap, what);
            }
            (_, _) if index.len() < 2 => {}
            (order, None) => direction = Some((order, source)),
            (order, Some((expected, other))) if order != expected => {
                let words = |order| if order == Order::Decreasing { "decrease" } else { "increase" };
                let what = format!("the labels {}, but in {other} they {}", words(order), words(expected));
                found.add(source, dim, DisagreementKind::Overlap, what);
            }
            (_, Some(_)) => {}
        }
    }
    found.check()?;
    let decreasing = direction.is_some_and(|(order, _)| order == Order::Decreasing);
    indexed.sort_by(|(_, a), (_, b)| {
        let order = a.keys().first().cmp(&b.keys().first());
        if decreasing { order.reverse() } else { order }
    });
    overlaps(&indexed, dim, decreasing)?;
    if indexed.is_empty() {
        return Ok(empty);
    }
    Ok(indexed.into_iter().map(|(source, _)| source).collect())
}

/// Complains about datasets whose labels reach into those of the dataset before.
fn overlaps(sorted: &[(Source<'_>, Index)], dim: &str, decreasing: bool) -> Result<()> {
    let mut found = Found::default();
    for (((before_source, _), before), ((source, _), index)) in sorted.iter().zip(sorted.iter().skip(1)) {
        let (Some(last), Some(first)) = (before.keys().last(), index.keys().first()) else { continue };
        if if decreasing { last > first } else { last < first } {
            continue;
        }
        let known: HashSet<&Key> = before.keys().iter().collect();
        let common: Vec<usize> = (0..index.len())
            .filter(|&i| index.keys().get(i).is_some_and(|key| known.contains(key)))
            .collect();
        match common.as_slice() {
            [] => {
                let text = |index: &Index| format!("{} to {}", index.text(0), index.text(index.len() - 1));
                let what = format!(
                    "the labels {} overlap with {} in {before_source}; select so that one comes before the other",
                    text(index),
                    text(before),
                );
                found.add(source, dim, DisagreementKind::Overlap, what);
            }
            [one] => {
                let what =
                    format!("the label {} is also in {before_source}; leave one out", index.text(*one));
                found.add(source, dim, DisagreementKind::Duplicate, what);
            }
            [one, more @ ..] => {
                let what = format!(
                    "the label {} and {} more are also in {before_source}; leave one of the two out",
                    index.text(*one),
                    more.len()
                );
                found.add(source, dim, DisagreementKind::Duplicate, what);
            }
        }
    }
    found.check()
}
