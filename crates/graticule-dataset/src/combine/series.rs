//! Datasets in the order of their labels along one dimension, and what is wrong with that order.

use std::collections::HashSet;

use super::source::{Entry, Found};
use crate::dims::Dim;
use crate::disagreement::{DisagreementKind, Policy};
use crate::error::Result;
use crate::index::{Index, Key, Order, difference_text};
use crate::select::Pick;

/// Datasets that can be put one after another.
pub(super) struct Series {
    pub(super) entries: Vec<Entry>,
    /// Whether the labels have to be sorted afterwards, which way round.
    pub(super) interleaved: bool,
    pub(super) decreasing: bool,
}

/// A dataset with its labels.
struct Run {
    entry: Entry,
    index: Index,
}

impl Run {
    /// The dataset with some of its positions.
    fn picked(&self, dim: &Dim, positions: Vec<usize>) -> Result<Self> {
        let dataset = self.entry.dataset.pick(dim, &Pick::of_positions(positions))?;
        let index = dataset.coords().index(dim).unwrap_or_else(|| self.index.clone());
        Ok(Self { entry: self.entry.with(dataset), index })
    }

    fn text(&self) -> String {
        format!("{} to {}", self.index.text(0), self.index.text(self.index.len().saturating_sub(1)))
    }
}

/// The extent of a dimension over all datasets.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Extent {
    /// The dimension.
    pub dim: String,
    /// The number of labels.
    pub len: usize,
    /// The first label as text.
    pub first: String,
    /// The last label as text.
    pub last: String,
    /// The usual distance between labels as text, where there is one.
    pub step: Option<String>,
}

/// The datasets in the order of their labels, as far as the policies make one. What is wrong with them is added to
/// `found`.
pub(super) fn ordered(
    entries: &[Entry],
    dim: &Dim,
    found: &mut Found<'_>,
) -> Result<(Series, Option<Extent>)> {
    let mut runs: Vec<Run> = Vec::with_capacity(entries.len());
    let mut empty: Vec<Entry> = Vec::new();
    for entry in entries {
        match entry.dataset.coords().index(dim) {
            None => {
                let what = format!("there is no index coordinate {:?} to sort by", dim.as_str());
                found.add_as(entry, dim, DisagreementKind::Missing, Policy::Error, what);
            }
            Some(index) if index.is_empty() => empty.push(entry.clone()),
            Some(index) => runs.push(Run { entry: entry.clone(), index }),
        }
    }
    let decreasing = tidied(&mut runs, dim, found)?;
    let sort = |runs: &mut Vec<Run>| {
        runs.sort_by(|a, b| {
            let order = a.index.keys().first().cmp(&b.index.keys().first());
            if decreasing { order.reverse() } else { order }
        });
    };
    sort(&mut runs);
    let is_unsorted = |index: &Index| {
        let wrong = if decreasing { Order::Increasing } else { Order::Decreasing };
        index.order() == Order::Unsorted || (index.len() > 1 && index.order() == wrong)
    };
    // What overlaps is seen only where each dataset is in order.
    if runs.iter().any(|run| is_unsorted(&run.index)) {
        let entries = runs.into_iter().map(|run| run.entry).collect();
        return Ok((Series { entries, interleaved: false, decreasing }, None));
    }
    let duplicates = shared_labels(&runs, dim, decreasing, true, found);
    if duplicates && found.options.policy_of(DisagreementKind::Duplicate) == Policy::First {
        runs = without_duplicates(runs, dim)?;
        sort(&mut runs);
    }
    let interleaved = overlapping(&runs, decreasing);
    shared_labels(&runs, dim, decreasing, false, found);
    let extent = steps(&runs, dim, decreasing, found);
    let mut entries: Vec<Entry> = runs.into_iter().map(|run| run.entry).collect();
    if entries.is_empty() {
        entries = empty;
    }
    Ok((Series { entries, interleaved, decreasing }, extent))
}

/// Sees to the order and the uniqueness of the labels of each dataset. Whether they decrease.
fn tidied(runs: &mut [Run], dim: &Dim, found: &mut Found<'_>) -> Result<bool> {
    let directed = |run: &&Run| run.index.len() > 1 && run.index.order() != Order::Unsorted;
    let first = runs.iter().find(directed).map(|run| (run.index.order(), run.entry.source.clone()));
    let decreasing = first.as_ref().is_some_and(|(order, _)| *order == Order::Decreasing);
    let sorts = found.options.policy_of(DisagreementKind::Unsorted) == Policy::Convert;
    let drops = found.options.policy_of(DisagreementKind::Duplicate) == Policy::First;
    for run in runs {
        if let Some(position) = run.index.keys().iter().position(Key::is_missing) {
            let what = format!("there is no label at position {position}; select the others first");
            found.add_as(&run.entry, dim, DisagreementKind::Unsorted, Policy::Error, what);
            continue;
        }
        let order = run.index.order();
        let words = |decreasing| if decreasing { "decrease" } else { "increase" };
        let what = match (&first, order) {
            (_, Order::Unsorted) => {
                "the labels are not sorted within this dataset; sort or select them first".into()
            }
            (Some((expected, other)), order) if run.index.len() > 1 && order != *expected => {
                format!("the labels {}, but in {other} they {}", words(!decreasing), words(decreasing))
            }
            _ => String::new(),
        };
        if !what.is_empty() {
            found.add(&run.entry, dim, DisagreementKind::Unsorted, what);
            if sorts {
                let mut positions: Vec<usize> = (0..run.index.len()).collect();
                positions.sort_by(|&a, &b| {
                    let order = run.index.keys().get(a).cmp(&run.index.keys().get(b));
                    if decreasing { order.reverse() } else { order }
                });
                *run = run.picked(dim, positions)?;
            }
        }
        let mut known: HashSet<&Key> = HashSet::with_capacity(run.index.len());
        let firsts: Vec<usize> = (0..run.index.len())
            .filter(|&i| run.index.keys().get(i).is_some_and(|key| known.insert(key)))
            .collect();
        let repeated = run.index.len() - firsts.len();
        if repeated > 0 {
            // The first that is not where it would be without repetitions comes after one.
            let again = firsts.iter().enumerate().find(|(i, position)| i != *position);
            let label = run.index.text(again.map_or(firsts.len(), |(i, _)| i));
            let what = match repeated {
                1 => format!("the label {label} is there twice"),
                n => format!("{n} labels are there before, the first of them {label}"),
            };
            found.add(&run.entry, dim, DisagreementKind::Duplicate, what);
            if drops {
                *run = run.picked(dim, firsts)?;
            }
        }
    }
    Ok(decreasing)
}

/// Whether the labels of a dataset reach into those of one before.
fn overlapping(sorted: &[Run], decreasing: bool) -> bool {
    let mut reach: Option<&Key> = None;
    sorted.iter().any(|run| {
        let overlaps = run.index.keys().first().zip(reach).is_some_and(|(first, reach)| match decreasing {
            true => first >= reach,
            false => first <= reach,
        });
        reach = farther(reach, run.index.keys().last(), decreasing);
        overlaps
    })
}

fn farther<'a>(reach: Option<&'a Key>, last: Option<&'a Key>, decreasing: bool) -> Option<&'a Key> {
    match (reach, last) {
        (Some(reach), Some(last)) => Some(if (last > reach) == decreasing { reach } else { last }),
        (reach, last) => reach.or(last),
    }
}

/// Reports datasets whose labels reach into those of one before: those with labels in common, or those without.
/// Whether there are any.
fn shared_labels(runs: &[Run], dim: &Dim, decreasing: bool, common: bool, found: &mut Found<'_>) -> bool {
    let mut any = false;
    let mut farthest: Option<&Run> = None;
    for run in runs {
        let (Some(first), Some(last)) = (run.index.keys().first(), run.index.keys().last()) else { continue };
        let Some(before) = farthest else {
            farthest = Some(run);
            continue;
        };
        let Some(reach) = before.index.keys().last() else { continue };
        if if decreasing { first >= reach } else { first <= reach } {
            let known: HashSet<&Key> = before.index.keys().iter().collect();
            let twice: Vec<usize> = (0..run.index.len())
                .filter(|&i| run.index.keys().get(i).is_some_and(|key| known.contains(key)))
                .collect();
            let source = &before.entry.source;
            let (kind, what) = match twice.as_slice() {
                [] => (
                    DisagreementKind::Overlap,
                    format!(
                        "the labels {} overlap with {} in {source}; select so that one comes before the other",
                        run.text(),
                        before.text(),
                    ),
                ),
                [one] => (
                    DisagreementKind::Duplicate,
                    format!("the label {} is also in {source}; leave one out", run.index.text(*one)),
                ),
                [one, more @ ..] => (
                    DisagreementKind::Duplicate,
                    format!(
                        "the label {} and {} more are also in {source}; leave one of the two out",
                        run.index.text(*one),
                        more.len()
                    ),
                ),
            };
            if twice.is_empty() != common {
                found.add(&run.entry, dim, kind, what);
                any = true;
            }
        }
        if (last > reach) != decreasing {
            farthest = Some(run);
        }
    }
    any
}

/// The datasets without labels that one given before has.
fn without_duplicates(mut runs: Vec<Run>, dim: &Dim) -> Result<Vec<Run>> {
    runs.sort_by_key(|run| run.entry.number);
    let mut known: HashSet<Key> = HashSet::new();
    let mut kept = Vec::with_capacity(runs.len());
    for run in runs {
        let new: Vec<usize> = (0..run.index.len())
            .filter(|&i| run.index.keys().get(i).is_some_and(|key| !known.contains(key)))
            .collect();
        known.extend(run.index.keys().iter().cloned());
        match new.len() {
            0 => {}
            n if n == run.index.len() => kept.push(run),
            _ => kept.push(run.picked(dim, new)?),
        }
    }
    Ok(kept)
}

/// How many of the steps must be like the usual one, and how like it, for there to be a usual one.
const REGULAR: f64 = 0.75;
const LIKE: f64 = 0.2;

/// The extent of the labels, and the steps that are missing where most are alike.
fn steps(runs: &[Run], dim: &Dim, decreasing: bool, found: &mut Found<'_>) -> Option<Extent> {
    let mut places: Vec<(&Run, usize)> =
        runs.iter().flat_map(|run| (0..run.index.len()).map(move |position| (run, position))).collect();
    let key = |(run, position): &(&Run, usize)| run.index.keys().get(*position).cloned();
    if overlapping(runs, decreasing) {
        places.sort_by(|a, b| if decreasing { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
        places.dedup_by(|a, b| key(a) == key(b));
    }
    let (&(first, start), &(last, end)) = (places.first()?, places.last()?);
    let distance = |pair: &[(&Run, usize)]| match pair {
        [a, b] => key(a)?.distance(&key(b)?),
        _ => None,
    };
    let distances: Vec<f64> = places.windows(2).filter_map(distance).collect();
    let mut sorted = distances.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().filter(|usual| *usual > 0.0);
    let alike = |usual: &f64| {
        let alike = distances.iter().filter(|distance| (*distance - usual).abs() <= LIKE * usual).count();
        alike as f64 >= REGULAR * distances.len() as f64
    };
    let is_complete = distances.len() >= 3 && distances.len() + 1 == places.len();
    let usual = usual.filter(|usual| is_complete && alike(usual));
    let step = usual.map(|usual| step_text(&first.index, usual));
    if let (Some(usual), Some(step)) = (usual, &step) {
        for (pair, distance) in places.windows(2).zip(&distances) {
            let ([(before, a), (after, b)], true) = (pair, *distance > 1.5 * usual) else { continue };
            let what = format!(
                "about {} of {step} missing between {} and {}",
                match (distance / usual).round() - 1.0 {
                    count if count < 2.0 => "1 step".to_owned(),
                    count => format!("{count} steps"),
                },
                before.index.text(*a),
                after.index.text(*b)
            );
            found.add(&after.entry, dim, DisagreementKind::Gap, what);
        }
    }
    let (first, last) = (first.index.text(start), last.index.text(end));
    Some(Extent { dim: dim.to_string(), len: places.len(), first, last, step })
}

/// `1 day`, `30.5 days`, `0.25`.
fn step_text(index: &Index, step: f64) -> String {
    if !index.dtype().is_time() {
        return difference_text(index.labels(), step)
            .parse::<f64>()
            .map_or_else(|_| step.to_string(), |x| x.to_string());
    }
    const UNITS: [(&str, f64); 4] = [("day", 86_400e9), ("hour", 3_600e9), ("minute", 60e9), ("second", 1e9)];
    let unit = UNITS.into_iter().find(|(_, nanos)| step >= *nanos);
    let (unit, nanos) = unit.unwrap_or(("nanosecond", 1.0));
    let count = (step / nanos * 100.0).round() / 100.0;
    format!("{count} {unit}{}", if count == 1.0 { "" } else { "s" })
}
