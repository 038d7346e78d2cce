//! Data in the order that their coordinates give.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::checks;
use super::concat::{ConcatDim, joined};
use super::merge::merged;
use super::options::CombineOptions;
use super::series::{Extent, ordered};
use super::source::{Combinable, Entry, Found, entries, nothing, restored};
use crate::align::Join;
use crate::dims::Dim;
use crate::disagreement::{DisagreementKind, Policy};
use crate::error::{Error, Result};
use crate::index::Key;
use crate::labeled::{Dataset, Labeled};
use crate::select::Pick;

/// Arrays or datasets put together by their labels, in whatever order they are given: one after another along one
/// dimension, or tiles along several. Datasets with other variables over the same labels are merged.
///
/// The labels of each must be sorted, all in the same direction, and those of different ones must not overlap.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Variable, combine_by_coords};
/// let tile = |lat: f64, lon: f64| {
///     let data = Variable::new(["lat", "lon"], Array::full(lat + lon, (1, 1), "auto")?)?;
///     let labels = [("lat", lat), ("lon", lon)];
///     let labels = labels.map(|(dim, label)| Ok((dim.to_owned(), Variable::from_vec(dim, vec![label])?)));
///     DataArray::new(Some("adt"), data, labels.into_iter().collect::<graticule_dataset::Result<Vec<_>>>()?)
/// };
/// let map = combine_by_coords(&[tile(1.0, 20.0)?, tile(2.0, 10.0)?, tile(1.0, 10.0)?, tile(2.0, 20.0)?])?;
/// assert_eq!(map.shape(), [2, 2]);
/// assert_eq!(map.coords().labels("lon").map(|lon| lon.to_f64()), Some(vec![10.0, 20.0]));
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Combine`] with everything that the datasets disagree about; [`Error::Argument`] when there are none, no
/// dimension whose labels differ, or a tile that is not there.
pub fn combine_by_coords<S: Combinable>(data: &[S]) -> Result<Labeled<S::Vars>> {
    combine_by_coords_with(data, &CombineOptions::new())
}

/// [`combine_by_coords`] with options.
///
/// ```
/// use graticule_dataset::{
///     CombineOptions, DataArray, DisagreementKind, Policy, Variable, combine_by_coords, combine_by_coords_with,
/// };
/// let days = |labels: Vec<i64>| {
///     let values = Variable::from_vec("time", labels.clone())?;
///     DataArray::new(Some("adt"), values, [("time".into(), Variable::from_vec("time", labels)?)])
/// };
/// let files = [("b.nc", days(vec![2, 3])?), ("c.nc", days(vec![3, 4])?), ("a.nc", days(vec![1])?)];
/// let error = combine_by_coords(&files).unwrap_err().to_string();
/// assert!(error.contains("c.nc: time: the label 3 is also in b.nc"), "{error}");
/// let options = CombineOptions::new().policy(DisagreementKind::Duplicate, Policy::First);
/// assert_eq!(combine_by_coords_with(&files, &options)?.shape(), [4]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`combine_by_coords`].
pub fn combine_by_coords_with<S: Combinable>(
    data: &[S],
    options: &CombineOptions,
) -> Result<Labeled<S::Vars>> {
    options.check()?;
    let mut found = Found::new(options);
    restored(data, combined(&entries(data), &mut found, &mut Vec::new())?)
}

/// Datasets as one, after all checks.
pub(super) fn combined(
    entries: &[Entry],
    found: &mut Found<'_>,
    extents: &mut Vec<Extent>,
) -> Result<Dataset> {
    let layouts = groups(entries, found.options)
        .into_iter()
        .map(|group| Layout::of(group, found.options))
        .collect::<Result<Vec<_>>>()?;
    for layout in &layouts {
        layout.survey(found, extents)?;
    }
    found.check()?;
    let members = layouts.into_iter().map(|layout| {
        let dataset = hypercube(&layout.entries, &layout.dims, found)?;
        Ok(Entry::of_several(&layout.entries, dataset))
    });
    let members = members.collect::<Result<Vec<_>>>()?;
    match members.as_slice() {
        [] => Err(nothing()),
        [only] => Ok(Dataset::clone(&only.dataset)),
        several => merged(several, found),
    }
}

/// The datasets that hold the same variables, where those of different groups have the same labels; else all of them.
fn groups(entries: &[Entry], options: &CombineOptions) -> Vec<Vec<Entry>> {
    let mut groups: IndexMap<BTreeSet<&str>, Vec<&Entry>> = IndexMap::new();
    for entry in entries {
        let names = entry.dataset.data_vars().keys().map(String::as_str).collect();
        groups.entry(names).or_default().push(entry);
    }
    let is_apart = |(a, b): (&BTreeSet<&str>, &BTreeSet<&str>)| a.is_disjoint(b);
    let are_disjoint = groups
        .keys()
        .enumerate()
        .all(|(i, names)| groups.keys().skip(i + 1).all(|other| is_apart((names, other))));
    let labels: Vec<IndexMap<&str, BTreeSet<Key>>> = match groups.len() {
        0 | 1 => Vec::new(),
        _ => groups.values().map(|group| all_labels(group)).collect(),
    };
    let same_labels = labels.first().is_none_or(|first| {
        labels
            .iter()
            .all(|other| first.iter().all(|(dim, labels)| other.get(dim).is_none_or(|other| other == labels)))
    });
    let joins = are_disjoint && options.alignment.join != Join::Exact;
    if groups.len() > 1 && (same_labels || joins) {
        return groups.into_values().map(|group| group.into_iter().cloned().collect()).collect();
    }
    vec![entries.to_vec()]
}

/// The labels that any of the datasets has, by dimension.
fn all_labels<'a>(group: &[&'a Entry]) -> IndexMap<&'a str, BTreeSet<Key>> {
    let mut all: IndexMap<&str, BTreeSet<Key>> = IndexMap::new();
    let mut known = HashSet::new();
    for entry in group {
        let coords = entry.dataset.coords();
        for name in coords.names().filter(|name| coords.is_index(name)) {
            let is_new =
                coords.get(name).is_some_and(|variable| known.insert((name, variable.data().expr().id())));
            if is_new {
                all.entry(name).or_default().extend(coords.index_keys(name).unwrap_or_default());
            }
        }
    }
    all
}

/// Datasets and the dimensions along which they are put together.
struct Layout {
    entries: Vec<Entry>,
    dims: Vec<Dim>,
    /// Tiles that are there twice, with the names of those that are kept.
    twice: Vec<(Entry, String)>,
}

/// What tells the labels of two datasets apart.
type Labels = Option<graticule_array::NodeId>;

fn labels_of(entry: &Entry, dim: &Dim) -> Labels {
    entry.dataset.coords().index_variable(dim).map(|variable| variable.data().expr().id())
}

impl Layout {
    fn of(entries: Vec<Entry>, options: &CombineOptions) -> Result<Self> {
        let alone = |entries, dims| Ok(Self { entries, dims, twice: Vec::new() });
        match (&options.dim, entries.as_slice()) {
            (_, []) => return Err(nothing()),
            (Some(dim), _) => return alone(entries, vec![Dim::new(dim)]),
            (None, [_]) => return alone(entries, Vec::new()),
            (None, _) => {}
        }
        let differing = differing_dims(&entries);
        let tiled: Vec<&Differing> = differing.iter().filter(|dim| dim.is_tiled).collect();
        let places: HashSet<Vec<Labels>> = entries.iter().map(|entry| place(entry, &tiled)).collect();
        let volume = tiled.iter().fold(1usize, |volume, dim| volume.saturating_mul(dim.distinct));
        let is_series = differing.iter().any(|dim| dim.distinct == entries.len());
        if tiled.len() > 1 && volume == places.len() {
            let dims: Vec<Dim> = tiled.iter().map(|dim| dim.dim.clone()).collect();
            let mut kept: HashMap<Vec<Labels>, String> = HashMap::new();
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            for entry in &entries {
                match kept.get(&place(entry, &tiled)) {
                    Some(first) => twice.push((entry.clone(), first.clone())),
                    None => {
                        kept.insert(place(entry, &tiled), entry.source.clone());
                        once.push(entry.clone());
                    }
                }
            }
            return Ok(Self { entries: once, dims, twice });
        }
        if tiled.len() > 1 && !is_series {
            return Err(missing_tile(&entries, &tiled, volume, &places));
        }
        // Of dimensions that differ equally often time is the likelier to be meant, then the first.
        let best = differing.iter().rev().max_by_key(|dim| (dim.distinct, dim.is_time));
        match best {
            Some(best) => alone(entries, vec![best.dim.clone()]),
            None => Err(Error::argument(
                "datasets",
                format!("{} datasets with the same labels", entries.len()),
                "no dimension has labels that differ between the datasets; to stack them use concat with a new \
                 dimension, and leave out datasets given twice",
            )),
        }
    }

    /// Adds what the datasets disagree about.
    fn survey(&self, found: &mut Found<'_>, extents: &mut Vec<Extent>) -> Result<()> {
        checks::structure(&self.entries, &self.dims, found)?;
        for (entry, first) in &self.twice {
            let names: Vec<&str> = self.dims.iter().map(Dim::as_str).collect();
            let what = format!("has the labels of {first} along {}; leave one out", names.join(" and "));
            found.add(entry, "", DisagreementKind::Duplicate, what);
        }
        for dim in &self.dims {
            let mut known: HashSet<Labels> = HashSet::new();
            let is_new = |entry: &&Entry| self.dims.len() < 2 || known.insert(labels_of(entry, dim));
            let along: Vec<Entry> = self.entries.iter().filter(is_new).cloned().collect();
            let (_, extent) = ordered(&along, dim, found)?;
            if let Some(extent) = extent.filter(|extent| extents.iter().all(|other| other.dim != extent.dim))
            {
                extents.push(extent);
            }
        }
        Ok(())
    }
}

/// A dimension whose labels differ between datasets.
struct Differing {
    dim: Dim,
    /// How many different labels there are for all of it.
    distinct: usize,
    is_time: bool,
    /// Whether they do not overlap.
    is_tiled: bool,
}

fn differing_dims(entries: &[Entry]) -> Vec<Differing> {
    let mut candidates: IndexMap<Dim, Vec<&Entry>> = IndexMap::new();
    let mut known: HashSet<(&str, Labels)> = HashSet::new();
    for entry in entries {
        let coords = entry.dataset.coords();
        for name in coords.names().filter(|name| coords.is_index(name)) {
            let dim = Dim::new(name);
            if known.insert((name, labels_of(entry, &dim))) {
                candidates.entry(dim).or_default().push(entry);
            }
        }
    }
    let differing = candidates.into_iter().filter(|(_, distinct)| distinct.len() > 1);
    let described = differing.map(|(dim, distinct)| {
        let labels = |entry: &&Entry| entry.dataset.coords().index_keys(&dim).unwrap_or_default();
        let mut ranges: Vec<(Key, Key)> = distinct
            .iter()
            .filter_map(|entry| {
                let labels = labels(entry);
                Some((labels.iter().min()?.clone(), labels.iter().max()?.clone()))
            })
            .collect();
        ranges.sort();
        let is_tiled = ranges.len() == distinct.len()
            && ranges.iter().zip(ranges.iter().skip(1)).all(|((_, last), (first, _))| last < first);
        let is_time =
            |entry: &Entry| entry.dataset.coords().labels(&dim).is_some_and(|l| l.dtype().is_time());
        let is_time = distinct.first().is_some_and(|entry| is_time(entry));
        Differing { distinct: distinct.len(), is_time, is_tiled, dim }
    });
    described.collect()
}

fn place(entry: &Entry, tiled: &[&Differing]) -> Vec<Labels> {
    tiled.iter().map(|dim| labels_of(entry, &dim.dim)).collect()
}

fn missing_tile(
    entries: &[Entry],
    tiled: &[&Differing],
    volume: usize,
    places: &HashSet<Vec<Labels>>,
) -> Error {
    let mut along: Vec<Vec<(Labels, &Entry)>> = Vec::new();
    for dim in tiled {
        let mut distinct: IndexMap<Labels, &Entry> = IndexMap::new();
        for entry in entries {
            distinct.entry(labels_of(entry, &dim.dim)).or_insert(entry);
        }
        along.push(distinct.into_iter().collect());
    }
    // The first combination, in the order of the dimensions, that no dataset has.
    let absent = (0..volume).find_map(|number| {
        let mut rest = number;
        let mut tile = Vec::with_capacity(along.len());
        for distinct in along.iter().rev() {
            tile.push(*distinct.get(rest % distinct.len().max(1))?);
            rest /= distinct.len().max(1);
        }
        tile.reverse();
        let place: Vec<Labels> = tile.iter().map(|(labels, _)| *labels).collect();
        (!places.contains(&place)).then_some(tile)
    });
    let text = |(dim, (_, entry)): (&&Differing, &(Labels, &Entry))| {
        let index = entry.dataset.coords().index(&dim.dim)?;
        let last = index.len().checked_sub(1)?;
        let first = index.text(0);
        Some(match last {
            0 => format!("{} {first}", dim.dim),
            last => format!("{} {first} to {}", dim.dim, index.text(last)),
        })
    };
    let tile: Vec<String> = absent.iter().flat_map(|tile| tiled.iter().zip(tile).filter_map(text)).collect();
    let names: Vec<&str> = tiled.iter().map(|dim| dim.dim.as_str()).collect();
    Error::argument(
        "datasets",
        format!("{} tiles along {}", entries.len(), names.join(" and ")),
        format!(
            "{volume} tiles would fill the rectangle, and there is none for {}; add what is missing, or combine \
             along one dimension with `along`",
            tile.join(", ")
        ),
    )
}

/// Datasets put together along dimensions, the last of them first.
fn hypercube(entries: &[Entry], dims: &[Dim], found: &mut Found<'_>) -> Result<Dataset> {
    let Some((dim, inner)) = dims.split_first() else {
        return entries.first().map(|entry| Dataset::clone(&entry.dataset)).ok_or_else(nothing);
    };
    let members = if inner.is_empty() {
        entries.to_vec()
    } else {
        let mut slabs: IndexMap<Labels, Vec<Entry>> = IndexMap::new();
        for entry in entries {
            slabs.entry(labels_of(entry, dim)).or_default().push(entry.clone());
        }
        let slab = |slab: &Vec<Entry>| Ok(Entry::of_several(slab, hypercube(slab, inner, found)?));
        slabs.values().map(slab).collect::<Result<Vec<_>>>()?
    };
    // What is wrong with the order is known already.
    let (series, _) = ordered(&members, dim, &mut Found::new(found.options))?;
    let whole = joined(&series.entries, &ConcatDim::from(dim), found)?;
    if !series.interleaved || found.options.policy_of(DisagreementKind::Overlap) != Policy::Convert {
        return Ok(whole);
    }
    let Some(keys) = whole.coords().index_keys(dim) else { return Ok(whole) };
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    positions.sort_by(|&a, &b| {
        let order = keys.get(a).cmp(&keys.get(b));
        if series.decreasing { order.reverse() } else { order }
    });
    whole.pick(dim, &Pick::of_positions(positions))
}
