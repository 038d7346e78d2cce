//! The labels that a join gives along one dimension, and where each operand has them.

use std::collections::HashMap;
use std::sync::Arc;

use graticule_array::{Array, Chunk, DType};

use super::{Alignment, Join, Joined, Taken, labels_variable};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Index, Key, Level, difference, gather};
use crate::select::Tolerance;

/// What is to be done along a dimension that has an index in some of the operands; nothing where all agree.
pub(super) fn joined(dim: Dim, operands: &[&Coords], alignment: &Alignment) -> Result<Option<Joined>> {
    let indexed: Vec<usize> = (0..operands.len())
        .filter(|&i| operands.get(i).is_some_and(|coords| !coords.index_names(&dim).is_empty()))
        .collect();
    let Some(first) = indexed.first().and_then(|&i| operands.get(i)) else { return Ok(None) };
    check_levels(&dim, &indexed, operands)?;
    super::same_calendar(operands, &dim)?;
    if alignment.tolerance.is_none() && indexed.len() == operands.len() && are_same(&dim, operands) {
        return Ok(None);
    }
    let mut keys: Vec<Vec<Key>> = Vec::with_capacity(indexed.len());
    for coords in indexed.iter().filter_map(|&i| operands.get(i)) {
        keys.push(coords.index_keys(&dim).unwrap_or_default());
    }
    let snapped = match alignment.tolerance {
        Some(tolerance) => snap(&dim, &indexed, operands, &mut keys, tolerance)?,
        None => false,
    };
    let Some((first_keys, others)) = keys.split_first() else { return Ok(None) };
    if others.iter().all(|other| other == first_keys) {
        let is_complete = indexed.len() == operands.len();
        if is_complete && !snapped {
            return Ok(None);
        }
        let taken = operands.iter().map(|_| None).collect();
        return Ok(Some(Joined { index: index_of(first, &dim)?, dim, taken }));
    }
    let wanted = wanted(&dim, &indexed, operands, &keys, alignment.join)?;
    let mut taken: Vec<Option<Taken>> = operands.iter().map(|_| None).collect();
    let mut origin: Vec<Option<(usize, usize)>> = vec![None; wanted.len()];
    for ((&operand, own), number) in indexed.iter().zip(&keys).zip(0..) {
        let positions = if *own == wanted {
            (0..wanted.len()).map(Some).collect()
        } else {
            positions(&dim, own, &wanted, |row| row_text(operands.get(operand), &dim, row))?
        };
        for (origin, position) in origin.iter_mut().zip(&positions) {
            *origin = origin.or(position.map(|position| (number, position)));
        }
        if *own != wanted
            && let Some(taken) = taken.get_mut(operand)
        {
            *taken = Some(Taken::of(positions));
        }
    }
    let sources: Vec<&Coords> = indexed.iter().filter_map(|&i| operands.get(i).copied()).collect();
    let index = gathered(&dim, &sources, &origin)?;
    Ok(Some(Joined { dim, taken, index }))
}

/// Whether all have the same labels, as can be seen without making keys of them: most operands come from one place.
fn are_same(dim: &Dim, operands: &[&Coords]) -> bool {
    let Some((first, others)) = operands.split_first() else { return true };
    let labels = |coords: &Coords, name: &str| coords.get(name).and_then(|level| level.resident().cloned());
    first.index_names(dim).into_iter().all(|name| {
        let Some(first) = labels(first, name) else { return false };
        others.iter().all(|other| {
            labels(other, name).is_some_and(|other| {
                Arc::ptr_eq(&first, &other)
                    || (first.dtype() == other.dtype() && first.buffer() == other.buffer())
            })
        })
    })
}

/// The index of a dimension alone.
fn index_of(coords: &Coords, dim: &Dim) -> Result<Coords> {
    let names = coords.index_names(dim);
    let mut index = coords.filtered(|name, _| names.contains(&name));
    index.adopt_levels(coords)?;
    Ok(index)
}

/// An index with labels from several operands: for each label the number of the operand and the position there.
fn gathered(dim: &Dim, sources: &[&Coords], origin: &[Option<(usize, usize)>]) -> Result<Coords> {
    let Some(first) = sources.first() else { return Ok(Coords::default()) };
    let mut index = Coords::default();
    // Only operands that give labels decide about their dtype; where none does, the first.
    let mut givers: Vec<usize> = origin.iter().flatten().map(|(number, _)| *number).collect();
    givers.sort_unstable();
    givers.dedup();
    if givers.is_empty() {
        givers.push(0);
    }
    for name in first.index_names(dim) {
        let mut blocks: Vec<&Chunk> = Vec::with_capacity(givers.len());
        let mut starts: HashMap<usize, usize> = HashMap::with_capacity(givers.len());
        let mut len = 0;
        for &number in &givers {
            let Some(block) = sources.get(number).and_then(|coords| coords.get(name)?.resident()) else {
                continue;
            };
            starts.insert(number, len);
            len += block.len();
            blocks.push(block.as_ref());
        }
        let place = |(number, position): &(usize, usize)| Some(starts.get(number)? + position);
        let positions: Vec<usize> = origin.iter().flatten().filter_map(place).collect();
        let labels = gather(&joined_blocks(dim, &blocks)?, &positions)?;
        let calendar = sources.iter().find_map(|coords| coords.get(name)?.calendar());
        index.insert(name.into(), labels_variable(dim, labels, calendar)?)?;
    }
    if let Some(levels) = first.levels(dim) {
        let several = levels.len() > 1;
        let levels =
            levels.iter().map(|level| if several { Level::sorted(&level.name) } else { level.clone() });
        index.set_levels(dim.clone(), levels.collect())?;
    }
    Ok(index)
}

/// Labels one after another, in a dtype that holds all.
fn joined_blocks(dim: &Dim, blocks: &[&Chunk]) -> Result<Chunk> {
    let Some(first) = blocks.first() else { return Ok(Chunk::empty(DType::F64)) };
    if blocks.len() == 1 {
        return Ok((*first).clone());
    }
    let arrays =
        blocks.iter().filter(|block| !block.is_empty()).map(|block| Array::from_chunk((*block).clone()));
    let arrays = arrays.collect::<graticule_array::Result<Vec<_>>>()?;
    if arrays.is_empty() {
        return Ok((*first).clone());
    }
    Array::concatenate(&arrays, 0).and_then(|all| all.compute()).map_err(|error| Error::Alignment {
        dim: dim.clone(),
        difference: format!("its labels have dtypes that cannot be put together: {error}"),
        hint: "cast the labels of one with assign_coords".into(),
    })
}

/// The labels of the result.
fn wanted(
    dim: &Dim,
    indexed: &[usize],
    operands: &[&Coords],
    keys: &[Vec<Key>],
    join: Join,
) -> Result<Vec<Key>> {
    let Some((first, others)) = keys.split_first() else { return Ok(Vec::new()) };
    match join {
        Join::Exact | Join::Override => Err(mismatch(dim, indexed, operands, keys)),
        Join::Left => Ok(first.clone()),
        Join::Right => Ok(others.last().unwrap_or(first).clone()),
        Join::Inner => {
            let counted: Vec<HashMap<&Key, usize>> = others.iter().map(|other| counts(other)).collect();
            let common = first.iter().filter(|key| counted.iter().all(|other| other.contains_key(key)));
            let common: Vec<Key> = common.cloned().collect();
            if common.is_empty() && keys.iter().all(|own| !own.is_empty()) {
                let Error::Alignment { dim, difference, .. } = mismatch(dim, indexed, operands, keys) else {
                    return Ok(common);
                };
                let hint = "an inner join would leave nothing; use Join::Outer, or select what belongs together, or \
                            give a tolerance where the labels differ by rounding";
                return Err(Error::Alignment { dim, difference, hint: hint.into() });
            }
            Ok(common)
        }
        Join::Outer => {
            let mut all = first.clone();
            for other in others {
                if all == *other || other.is_empty() {
                    continue;
                }
                if !all.is_empty() {
                    all.extend(other.iter().cloned());
                    all.sort();
                    // Labels that one operand has twice are reported when they are looked for.
                    all.dedup();
                } else {
                    all.clone_from(other);
                }
            }
            Ok(all)
        }
    }
}

fn counts(keys: &[Key]) -> HashMap<&Key, usize> {
    let mut counts = HashMap::with_capacity(keys.len());
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

/// Where the wanted labels are; `text` writes the label at a position.
pub(super) fn positions(
    dim: &Dim,
    own: &[Key],
    wanted: &[Key],
    text: impl Fn(usize) -> String,
) -> Result<Vec<Option<usize>>> {
    let mut at: HashMap<&Key, usize> = HashMap::with_capacity(own.len());
    for (position, key) in own.iter().enumerate() {
        if at.insert(key, position).is_some() {
            return Err(Error::AmbiguousLabel {
                dim: dim.clone(),
                label: text(position),
                count: own.iter().filter(|other| *other == key).count(),
                hint: "labels that repeat, or that a tolerance makes the same, cannot be aligned; select so that each \
                       occurs once"
                    .into(),
            });
        }
    }
    Ok(wanted.iter().map(|key| at.get(key).copied()).collect())
}

/// The labels of all levels at a position.
fn row_text(coords: Option<&&Coords>, dim: &Dim, row: usize) -> String {
    let Some(coords) = coords else { return String::new() };
    let labels = coords.index_names(dim).into_iter().filter_map(|name| coords.level_index(name));
    let labels: Vec<String> = labels.map(|labels| labels.text(row)).collect();
    match labels.as_slice() {
        [label] => label.clone(),
        several => format!("({})", several.join(", ")),
    }
}

fn mismatch(dim: &Dim, indexed: &[usize], operands: &[&Coords], keys: &[Vec<Key>]) -> Error {
    let first = keys.first();
    let differing = indexed.iter().zip(keys).find(|(_, own)| Some(*own) != first);
    let sides = (indexed.first(), differing.map(|(operand, _)| operand));
    let index = |operand: Option<&usize>| operands.get(*operand?)?.index(dim);
    let difference = match (index(sides.0), index(sides.1)) {
        (Some(left), Some(right)) => {
            difference(left.labels(), right.labels(), left.calendar().unwrap_or_default())
        }
        _ => "the combinations of its levels are not the same".into(),
    };
    Error::Alignment {
        dim: dim.clone(),
        difference,
        hint: format!(
            "select the labels you want, use align(.., Join::Inner) for those that all have, or, where they differ \
             by rounding only, replace one {dim:?} by the other with assign_coords or give a tolerance"
        ),
    }
}

/// An index of one coordinate and a multi-index do not agree, nor do levels of other names.
fn check_levels(dim: &Dim, indexed: &[usize], operands: &[&Coords]) -> Result<()> {
    let mut names = indexed.iter().filter_map(|&i| operands.get(i)).map(|coords| coords.index_names(dim));
    let Some(first) = names.next() else { return Ok(()) };
    match names.find(|other| *other != first) {
        None => Ok(()),
        Some(other) => Err(Error::Alignment {
            dim: dim.clone(),
            difference: format!(
                "its index is ({}) in one and ({}) in another",
                first.join(", "),
                other.join(", ")
            ),
            hint: "make the same coordinates its index with set_index, reset_index or reorder_levels".into(),
        }),
    }
}

/// Replaces labels by those of the first operand that are no farther than the tolerance. Whether any was.
fn snap(
    dim: &Dim,
    indexed: &[usize],
    operands: &[&Coords],
    keys: &mut [Vec<Key>],
    tolerance: Tolerance,
) -> Result<bool> {
    let Some(reference) = indexed.first().and_then(|&i| operands.get(i)?.index(dim)) else {
        return Err(Error::argument(
            "tolerance",
            format!("{tolerance:?}"),
            "a multi-index is compared exactly",
        ));
    };
    let mut snapped = false;
    for (own, &operand) in keys.iter_mut().zip(indexed).skip(1) {
        let dtype = operands.get(operand).and_then(|coords| coords.index(dim)).map(|index| index.dtype());
        let dtype = if dtype == Some(DType::F32) { DType::F32 } else { reference.dtype() };
        for key in own.iter_mut() {
            if let Some(near) = near(&reference, key, tolerance, dtype)? {
                snapped |= near != *key || dtype != reference.dtype();
                *key = near;
            }
        }
    }
    Ok(snapped)
}

fn near(reference: &Index, key: &Key, tolerance: Tolerance, dtype: DType) -> Result<Option<Key>> {
    let Some(near) = reference.nearest(key).and_then(|position| reference.keys().get(position)) else {
        return Ok(None);
    };
    let Some(distance) = near.distance(key) else { return Ok(None) };
    Ok((distance <= tolerance.allowed(dtype, near)?).then(|| near.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coords(labels: Vec<f64>) -> Coords {
        Coords::new([("x".into(), crate::variable::Variable::from_vec("x", labels).unwrap())]).unwrap()
    }

    fn labels(a: &[f64], b: &[f64], join: Join) -> Vec<f64> {
        let (a, b) = (coords(a.to_vec()), coords(b.to_vec()));
        let joined = joined("x".into(), &[&a, &b], &join.into()).unwrap().unwrap();
        joined.index.labels("x").unwrap().to_f64()
    }

    #[test]
    fn joins_order_labels_as_pandas_does() {
        // Answers of xarray 2026.9.
        let (a, b) = ([3.0, 1.0, 2.0], [5.0, 3.0, 1.0]);
        assert_eq!(labels(&a, &b, Join::Inner), [3.0, 1.0]);
        assert_eq!(labels(&a, &b, Join::Outer), [1.0, 2.0, 3.0, 5.0]);
        assert_eq!(labels(&a, &b, Join::Left), a);
        assert_eq!(labels(&a, &b, Join::Right), b);
        assert_eq!(labels(&a, &[], Join::Outer), a);
        assert_eq!(labels(&a, &[1.0, 2.0, 3.0], Join::Outer), [1.0, 2.0, 3.0]);
        assert_eq!(labels(&a, &[1.0, 2.0, 3.0], Join::Inner), a);
    }

    #[test]
    fn labels_that_repeat_are_counted() {
        let (a, b) = (coords(vec![1.0, 2.0]), coords(vec![1.0, 1.0, 1.0]));
        let error = joined("x".into(), &[&a, &b], &Join::Outer.into()).unwrap_err();
        assert!(error.to_string().contains("has the label 1 3 times"), "{error}");
    }
}
