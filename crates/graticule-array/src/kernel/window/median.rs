//! Medians of windows.

use crate::kernel::window::{Layout, Rule, Span};

/// Computes the medians of the windows of `span`. The values of a window are kept in order: a value that enters or
/// leaves is found in `log(size)` steps, and those between the two places move by one.
pub(crate) fn median<S: Copy, T: Copy>(
    (from, to): (&[S], &mut [T]),
    (load, store): (impl Fn(S) -> f64, impl Fn(f64) -> T),
    layout: Layout,
    span: &Span,
    rule: Rule,
) {
    let Layout { outer, inner } = layout;
    let Span { size, input, ends } = span;
    let mut sorted: Vec<f64> = Vec::with_capacity((*size).min(input.len()));
    for line in 0..outer * inner {
        let (block, offset) = (line / inner, line % inner);
        let value = |at: usize| load(from[(block * input.len() + at - input.start) * inner + offset]);
        sorted.clear();
        let mut entered = input.start;
        let mut left = input.start;
        for end in ends.clone() {
            while entered < input.end && entered <= end {
                enter(&mut sorted, value(entered));
                entered += 1;
            }
            while left + size <= end && left < entered {
                leave(&mut sorted, value(left));
                left += 1;
            }
            let result = if sorted.len() as f64 >= rule.least { middle(&sorted) } else { f64::NAN };
            to[(block * ends.len() + end - ends.start) * inner + offset] = store(result);
        }
    }
}

fn enter(sorted: &mut Vec<f64>, x: f64) {
    if !x.is_nan() {
        let place = sorted.partition_point(|y| y.total_cmp(&x).is_lt());
        sorted.insert(place, x);
    }
}

fn leave(sorted: &mut Vec<f64>, x: f64) {
    if !x.is_nan() {
        let place = sorted.partition_point(|y| y.total_cmp(&x).is_lt());
        sorted.remove(place);
    }
}

/// The middle of values in order, the mean of the two middle ones where they are even in number.
fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match sorted.get(half.saturating_sub(1)..=half) {
        Some([below, above]) if sorted.len().is_multiple_of(2) => (below + above) / 2.0,
        _ => sorted.get(half).copied().unwrap_or(f64::NAN),
    }
}
