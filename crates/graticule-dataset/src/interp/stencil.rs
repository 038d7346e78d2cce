//! The neighbours of wanted labels, and how much of each they take.

use super::curve::Curve;
use super::method::{Beyond, Interp, InterpMethod};
use super::target::Axis;

/// Which coefficients along a dimension make up the values that are wanted, and their weights.
pub(super) struct Stencil {
    /// How many coefficients make up a value.
    pub(super) width: usize,
    /// How many of them, from the first, have weights that add up to 1; the others are slopes.
    pub(super) values: usize,
    /// Their positions, `width` for each wanted value.
    pub(super) positions: Vec<usize>,
    /// Their weights in the same order.
    pub(super) weights: Vec<f64>,
    /// What stands in place of a value that is not between known ones.
    pub(super) instead: Vec<Option<f64>>,
}

impl Stencil {
    /// For the labels that are wanted along an axis, but for those that are `unneeded`, since the same point lies outside
    /// along another axis.
    pub(super) fn new(curve: &Curve, axis: &Axis, beyond: Beyond, unneeded: &[bool]) -> Self {
        let width = curve.width();
        let (mut positions, mut weights) = (Vec::with_capacity(width * axis.at.len()), Vec::new());
        let instead: Vec<Option<f64>> = axis.at.iter().map(|&at| instead(curve, at, beyond)).collect();
        for (i, (&at, instead)) in axis.at.iter().zip(&instead).enumerate() {
            match instead {
                None if !unneeded.get(i).copied().unwrap_or(false) => {
                    curve.append(at, &mut positions, &mut weights);
                }
                _ => {
                    // The neighbours of the value before: nothing is read for what is not wanted.
                    let before = positions.len().saturating_sub(width);
                    positions.extend_from_within(before..);
                    weights.extend_from_within(weights.len().saturating_sub(width)..);
                }
            }
        }
        // Those at the start take the neighbours of the first that has some.
        let missing = width * axis.at.len() - positions.len();
        let filler = |values: usize| values.min(width);
        let first: Vec<usize> = positions.iter().copied().take(filler(positions.len())).collect();
        let first_weights: Vec<f64> = weights.iter().copied().take(filler(weights.len())).collect();
        let pad = |i: usize| first.get(i % width.max(1)).copied().unwrap_or(0);
        positions.splice(0..0, (0..missing).map(pad));
        weights
            .splice(0..0, (0..missing).map(|i| first_weights.get(i % width.max(1)).copied().unwrap_or(0.0)));
        Self { width, values: curve.values(), positions, weights, instead }
    }
}

/// What stands for a value at a label, where it is not that of the curve.
fn instead(curve: &Curve, at: f64, beyond: Beyond) -> Option<f64> {
    let (below, above) = curve.is_beyond(at);
    match beyond {
        _ if at.is_nan() => Some(f64::NAN),
        Beyond::Values(value, _) if below => Some(value),
        Beyond::Values(_, value) if above => Some(value),
        // No line leads on from a single point.
        Beyond::Extrapolated if (below || above) && curve.places().len() == 1 && curve.width() == 2 => {
            Some(f64::NAN)
        }
        Beyond::Values(..) | Beyond::Extrapolated => None,
    }
}

/// The labels of an axis that a method needs for what is wanted: a range of their numbers in rising order.
pub(super) fn needed(method: InterpMethod, axis: &Axis, options: &Interp) -> std::ops::Range<usize> {
    let all = 0..axis.places.len();
    if method.is_weighted() || !method.is_local() || matches!(options.beyond, Beyond::Extrapolated) {
        return all;
    }
    let inside = |at: &&f64| {
        axis.places.first().is_some_and(|first| first <= at)
            && axis.places.last().is_some_and(|last| last >= at)
    };
    let (mut start, mut end) = (all.end, 0);
    for at in axis.at.iter().filter(inside) {
        let behind = axis.places.partition_point(|place| place <= at);
        // A slope at a neighbour needs the two beyond it.
        start = start.min(behind.saturating_sub(4));
        end = end.max((behind + 4).min(all.end));
    }
    if start < end { start..end } else { 0..all.end.min(2) }
}

/// For each point of several axes whether it lies outside along one of them; nothing where the axes have not the same
/// dimensions.
pub(super) fn outside(group: &[&Axis], beyond: Beyond) -> Vec<bool> {
    let Some(first) = group.first().filter(|_| group.len() > 1) else { return Vec::new() };
    if group.iter().any(|axis| axis.dims() != first.dims()) {
        return Vec::new();
    }
    let is_outside = |axis: &&Axis, i: usize| {
        let at = axis.at.get(i).copied().unwrap_or(f64::NAN);
        let is_inside =
            axis.places.first().zip(axis.places.last()).is_some_and(|(a, b)| (*a..=*b).contains(&at));
        at.is_nan() || (!is_inside && beyond != Beyond::Extrapolated)
    };
    (0..first.at.len()).map(|i| group.iter().any(|axis| is_outside(axis, i))).collect()
}
