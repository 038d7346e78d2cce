//! Making the labels of several arrays agree.

use std::collections::HashMap;

use graticule_array::Chunk;
use indexmap::IndexMap;

use crate::calendar::Calendar;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, keys, label_text, labels_equal};
use crate::labeled::{DataVars, Labeled};
use crate::select::Pick;
use crate::variable::Variable;

/// How labels that differ are made to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Join {
    /// Labels must be equal, in the same order.
    #[default]
    Exact,
    /// The labels that all have, in the order of the first.
    Inner,
    /// The labels of the first, which the others must have all.
    Left,
    /// The labels of the last, which the others must have all.
    Right,
    /// The labels are not compared; lengths must be equal and those of the first are taken.
    Override,
}

/// Arrays with equal labels along every dimension that they share and that has labels in more than one.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Join, Variable, align};
/// let on = |labels: Vec<f64>| {
///     let data = Variable::new(["x"], Array::ones(labels.len(), "auto")?)?;
///     DataArray::new(None, data, [("x".into(), Variable::from_vec("x", labels)?)])
/// };
/// let (a, b) = (on(vec![1.0, 2.0, 3.0])?, on(vec![2.0, 3.0, 4.0])?);
/// assert!(align(&[&a, &b], Join::Exact).is_err());
/// let aligned = align(&[&a, &b], Join::Inner)?;
/// assert_eq!(aligned[1].coords().labels("x").map(|x| x.to_f64()), Some(vec![2.0, 3.0]));
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Alignment`] when labels differ and `join` does not bring them together.
pub fn align<V: DataVars>(arrays: &[&Labeled<V>], join: Join) -> Result<Vec<Labeled<V>>> {
    let coords: Vec<&Coords> = arrays.iter().map(|array| array.coords()).collect();
    let picks = picks(&coords, join)?;
    let aligned = arrays.iter().enumerate().map(|(i, array)| apply(array, &picks, i));
    let aligned = aligned.collect::<Result<Vec<_>>>()?;
    if join == Join::Override {
        return overridden(aligned);
    }
    for (dim, _) in &picks {
        same_length(&aligned, dim, "give it labels, or select the wanted positions with isel first")?;
    }
    Ok(aligned)
}

/// The arrays under the labels of the first that has some.
fn overridden<V: DataVars>(arrays: Vec<Labeled<V>>) -> Result<Vec<Labeled<V>>> {
    let mut labels: IndexMap<Dim, Variable> = IndexMap::new();
    for array in &arrays {
        for (name, variable) in array.coords().iter().filter(|(name, _)| array.coords().is_index(name)) {
            labels.entry(Dim::new(name)).or_insert_with(|| variable.clone());
        }
    }
    for dim in labels.keys() {
        same_length(&arrays, dim, "labels can only be replaced by as many others")?;
    }
    let relabel = |array: Labeled<V>| {
        let coords = array.coords().mapped(|name, variable| {
            let replaced = labels.get(&Dim::new(name)).filter(|_| array.coords().is_index(name));
            Ok(Some(replaced.unwrap_or(variable).clone()))
        })?;
        Ok(Labeled::from_parts(array.vars, coords))
    };
    arrays.into_iter().map(relabel).collect()
}

fn same_length<V: DataVars>(arrays: &[Labeled<V>], dim: &Dim, hint: &str) -> Result<()> {
    let mut lengths = arrays.iter().filter_map(|array| array.sizes().get(dim).copied());
    let Some(first) = lengths.next() else { return Ok(()) };
    match lengths.find(|&len| len != first) {
        None => Ok(()),
        Some(other) => Err(Error::Alignment {
            dim: dim.clone(),
            difference: format!("one has length {first}, another {other}"),
            hint: hint.into(),
        }),
    }
}

/// For each dimension to be changed the positions that each operand takes of it.
pub(crate) type Picks = Vec<(Dim, Vec<Option<Pick>>)>;

/// The selections that make the labels of several operands agree.
pub(crate) fn picks(operands: &[&Coords], join: Join) -> Result<Picks> {
    let mut dims: Vec<Dim> = Vec::new();
    for coords in operands {
        for (name, variable) in coords.iter() {
            if coords.is_index(name) && !dims.iter().any(|dim| *dim == name) {
                dims.extend(variable.dims().first().cloned());
            }
        }
    }
    let mut picks = Vec::new();
    for dim in dims {
        same_calendar(operands, &dim)?;
        let indexes = operands.iter().filter_map(|coords| coords.index_variable(&dim));
        let calendar = indexes.filter_map(Variable::calendar).next().unwrap_or_default();
        let labels: Vec<Option<&Chunk>> = operands.iter().map(|coords| coords.labels(&dim)).collect();
        let present: Vec<&Chunk> = labels.iter().copied().flatten().collect();
        let Some((first, others)) = present.split_first() else { continue };
        if join == Join::Override || others.iter().all(|other| labels_equal(first, other)) {
            continue;
        }
        let wanted = match join {
            Join::Exact | Join::Override => {
                let other = others.iter().find(|other| !labels_equal(first, other)).unwrap_or(first);
                return Err(mismatch(&dim, first, other, calendar));
            }
            Join::Inner => intersection(&present),
            Join::Left => keys(first),
            Join::Right => keys(others.last().unwrap_or(first)),
        };
        let found =
            labels.iter().map(|labels| labels.map(|l| positions(&dim, l, &wanted, calendar)).transpose());
        picks.push((dim.clone(), found.collect::<Result<_>>()?));
    }
    Ok(picks)
}

/// An error when operands label a dimension by times of different calendars.
pub(crate) fn same_calendar(operands: &[&Coords], dim: &Dim) -> Result<()> {
    let indexes: Vec<&Variable> = operands.iter().filter_map(|coords| coords.index_variable(dim)).collect();
    let pairs = indexes.iter().zip(indexes.iter().skip(1));
    let what = format!("bringing the labels of {dim:?} together");
    pairs.into_iter().try_for_each(|(left, right)| left.check_calendar(right, &what))
}

/// One operand under the selections of its dimensions.
pub(crate) fn apply<V: DataVars>(array: &Labeled<V>, picks: &Picks, operand: usize) -> Result<Labeled<V>> {
    let mut result = array.clone();
    for (dim, picks) in picks {
        if let Some(Some(pick)) = picks.get(operand) {
            result = result.pick(dim, pick)?;
        }
    }
    Ok(result)
}

/// The labels that all have, in the order of the first.
fn intersection(labels: &[&Chunk]) -> Vec<Key> {
    let Some((first, others)) = labels.split_first() else { return Vec::new() };
    let sets: Vec<HashMap<Key, usize>> = others.iter().map(|other| by_key(other)).collect();
    keys(first).into_iter().filter(|key| sets.iter().all(|set| set.contains_key(key))).collect()
}

/// How often each label occurs.
fn by_key(labels: &Chunk) -> HashMap<Key, usize> {
    let mut counts = HashMap::new();
    for key in keys(labels) {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

/// Where the wanted labels are.
fn positions(dim: &Dim, labels: &Chunk, wanted: &[Key], calendar: Calendar) -> Result<Pick> {
    let mut at: HashMap<Key, usize> = HashMap::new();
    for (position, key) in keys(labels).into_iter().enumerate() {
        if at.insert(key, position).is_some() {
            return Err(Error::AmbiguousLabel {
                dim: dim.clone(),
                label: label_text(labels, position, calendar),
                count: 2,
                hint: "labels that repeat cannot be aligned; select so that each occurs once".into(),
            });
        }
    }
    let found = wanted.iter().map(|key| {
        at.get(key).copied().ok_or_else(|| Error::Alignment {
            dim: dim.clone(),
            difference: "an operand lacks labels that the join asks for".into(),
            hint: "use Join::Inner for the labels that all have".into(),
        })
    });
    Ok(Pick::of_positions(found.collect::<Result<_>>()?))
}

fn mismatch(dim: &Dim, left: &Chunk, right: &Chunk, calendar: Calendar) -> Error {
    Error::Alignment {
        dim: dim.clone(),
        difference: difference(left, right, calendar),
        hint: format!(
            "select the labels you want, use align(.., Join::Inner) for those that all have, or, where they differ \
             by rounding only, replace one {dim:?} by the other with assign_coords"
        ),
    }
}

/// How two label vectors differ, in words.
pub(crate) fn difference(left: &Chunk, right: &Chunk, calendar: Calendar) -> String {
    let (left_counts, right_counts) = (by_key(left), by_key(right));
    let only = |labels: &Chunk, other: &HashMap<Key, usize>| -> (usize, String) {
        let missing = keys(labels).into_iter().enumerate().filter(|(_, key)| !other.contains_key(key));
        let missing: Vec<usize> = missing.map(|(position, _)| position).collect();
        let mut shown: Vec<String> =
            missing.iter().take(3).map(|&p| label_text(labels, p, calendar)).collect();
        if missing.len() > 3 {
            shown.push("…".into());
        }
        (missing.len(), shown.join(", "))
    };
    let (only_left, left_text) = only(left, &right_counts);
    let (only_right, right_text) = only(right, &left_counts);
    if only_left == 0 && only_right == 0 {
        if left.len() != right.len() {
            return format!(
                "{} labels on the left, {} on the right, some of them twice",
                left.len(),
                right.len()
            );
        }
        return "the same labels in another order".into();
    }
    let mut parts = Vec::new();
    if left.len() != right.len() {
        parts.push(format!("lengths {} and {}", left.len(), right.len()));
    }
    if only_left > 0 {
        parts.push(format!("{only_left} of {} labels are only on the left ({left_text})", left.len()));
    }
    if only_right > 0 {
        parts.push(format!("{only_right} of {} only on the right ({right_text})", right.len()));
    }
    if left.len() == right.len()
        && let Some(largest) = largest_difference(left, right)
    {
        parts.push(format!("the largest difference is {}", difference_text(left, largest)));
    }
    parts.join(", ")
}

/// The largest distance between labels at the same position.
pub(crate) fn largest_difference(left: &Chunk, right: &Chunk) -> Option<f64> {
    let pairs = keys(left).into_iter().zip(keys(right));
    let distances = pairs.map(|(a, b)| a.distance(&b)).collect::<Option<Vec<f64>>>()?;
    distances.into_iter().max_by(f64::total_cmp)
}

/// A distance between labels in words, with three digits: times in seconds, numbers as they are.
pub(crate) fn difference_text(labels: &Chunk, distance: f64) -> String {
    let three_digits = |value: f64| {
        let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
        format!("{rounded:e}")
    };
    if labels.dtype().is_time() {
        format!("{} s", three_digits(distance / 1e9))
    } else {
        three_digits(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Calendar = Calendar::ProlepticGregorian;

    fn chunk(values: Vec<f64>) -> Chunk {
        Chunk::new(vec![values.len()], values).unwrap()
    }

    #[test]
    fn a_mismatch_is_described() {
        let text = difference(&chunk(vec![1.0, 2.0, 3.0]), &chunk(vec![2.0, 3.0, 4.0, 5.0]), PLAIN);
        let expected =
            "lengths 3 and 4, 1 of 3 labels are only on the left (1), 2 of 4 only on the right (4, 5)";
        assert_eq!(text, expected);
        let text = difference(&chunk(vec![1.0, 2.0]), &chunk(vec![1.0, 2.5]), PLAIN);
        let expected = "1 of 2 labels are only on the left (2), 1 of 2 only on the right (2.5), \
            the largest difference is 5e-1";
        assert_eq!(text, expected);
        assert_eq!(
            difference(&chunk(vec![1.0, 2.0]), &chunk(vec![2.0, 1.0]), PLAIN),
            "the same labels in another order"
        );
    }

    #[test]
    fn the_intersection_keeps_the_order_of_the_first() {
        let (a, b) = (chunk(vec![3.0, 1.0, 2.0]), chunk(vec![1.0, 3.0]));
        assert_eq!(intersection(&[&a, &b]), keys(&chunk(vec![3.0, 1.0])));
    }
}
