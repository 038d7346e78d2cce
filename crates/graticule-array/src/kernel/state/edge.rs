//! The first or the last value.

use crate::kernel::state::Missing;
use crate::kernel::state::extreme::Ordered;

/// The value at the lowest or highest position so far.
#[derive(Debug, Clone)]
pub(crate) struct Edge<T> {
    last: bool,
    skips: bool,
    /// Where the value is; -1 before any.
    position: Vec<i64>,
    value: Vec<T>,
}

impl<T: Ordered> Edge<T> {
    pub(crate) fn new(last: bool, missing: Missing, cells: usize) -> Self {
        Self {
            last,
            skips: missing == Missing::Skip,
            position: vec![-1; cells],
            value: vec![T::default(); cells],
        }
    }

    pub(crate) fn offer(&mut self, cell: usize, x: T, position: i64) {
        if self.skips && x.is_missing() {
            return;
        }
        let before = self.position[cell];
        if before < 0 || (position > before) == self.last {
            self.position[cell] = position;
            self.value[cell] = x;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (cell, (&position, &x)) in other.position.iter().zip(&other.value).enumerate() {
            if position >= 0 {
                self.offer(cell, x, position);
            }
        }
    }

    /// The values, with `missing` where there was none.
    pub(crate) fn finish(mut self, missing: T) -> Vec<T> {
        for (x, &position) in self.value.iter_mut().zip(&self.position) {
            if position < 0 {
                *x = missing;
            }
        }
        self.value
    }
}
