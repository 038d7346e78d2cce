//! Indices with given probabilities.

use super::philox::{map_words, unit};
use super::{Draw, domain};
use crate::scalar::Float;

/// The index `i` with the probability by which `cumulative[i]` is above the one before, by inversion, as numpy's
/// `choice`. The sums do not decrease and end with 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    cumulative: &'a [Float],
}

impl<'a> Choice<'a> {
    pub(crate) fn new(cumulative: &'a [Float]) -> Self {
        Self { cumulative }
    }
}

impl Draw for Choice<'_> {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        map_words(seed, domain::CHOICE, first, stride, out, |_, bits| {
            let u = unit(bits);
            self.cumulative.partition_point(|sum| sum.get() <= u) as i64
        });
    }
}
