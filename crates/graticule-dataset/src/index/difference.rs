//! How labels differ, in words.

use std::collections::HashMap;

use graticule_array::Chunk;

use super::{Key, keys, label_text};
use crate::calendar::Calendar;

/// How two label vectors differ, in words; times are those of a calendar.
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

/// How often each label occurs.
fn by_key(labels: &Chunk) -> HashMap<Key, usize> {
    let mut counts = HashMap::new();
    for key in keys(labels) {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
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
}
