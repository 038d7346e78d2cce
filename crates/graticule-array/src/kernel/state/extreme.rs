//! The smallest or largest value, and where it is.

use crate::chunk::Buffer;
use crate::dtype::NAT;
use crate::kernel::state::Missing;

/// The smallest or largest value so far and, for argmin and argmax, where it was.
#[derive(Debug, Clone)]
pub(crate) struct Extreme<T> {
    largest: bool,
    missing: Missing,
    wants_position: bool,
    seen: Vec<bool>,
    best: Vec<T>,
    position: Vec<i64>,
}

/// A value that can be compared, and may stand for "missing".
pub(crate) trait Ordered: Copy + PartialOrd + Default {
    fn is_missing(self) -> bool;
}

impl Ordered for f64 {
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

impl Ordered for i64 {
    fn is_missing(self) -> bool {
        self == NAT
    }
}

impl Ordered for u64 {
    fn is_missing(self) -> bool {
        false
    }
}

impl Ordered for bool {
    fn is_missing(self) -> bool {
        false
    }
}

impl<T: Ordered> Extreme<T> {
    pub(crate) fn new(largest: bool, missing: Missing, wants_position: bool, cells: usize) -> Self {
        Self {
            largest,
            missing,
            wants_position,
            seen: vec![false; cells],
            best: vec![T::default(); cells],
            position: vec![-1; if wants_position { cells } else { 0 }],
        }
    }

    /// Whether `x` at `position` replaces the best so far in a cell. Of equals the first position wins.
    #[inline]
    fn replaces(&self, cell: usize, x: T, position: i64) -> bool {
        if !self.seen[cell] {
            return true;
        }
        let best = self.best[cell];
        let first = self.wants_position && position < self.position[cell];
        if self.missing == Missing::Spread {
            match (best.is_missing(), x.is_missing()) {
                (true, true) => return first,
                (true, false) => return false,
                (false, true) => return true,
                (false, false) => {}
            }
        }
        if self.largest { x > best || (x == best && first) } else { x < best || (x == best && first) }
    }

    pub(crate) fn offer(&mut self, cell: usize, x: T, position: i64) {
        if self.missing == Missing::Skip && x.is_missing() {
            return;
        }
        if self.replaces(cell, x, position) {
            self.seen[cell] = true;
            self.best[cell] = x;
            if self.wants_position {
                self.position[cell] = position;
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for cell in 0..self.seen.len() {
            if other.seen[cell] {
                let position = other.position.get(cell).copied().unwrap_or(0);
                self.offer(cell, other.best[cell], position);
            }
        }
    }

    pub(crate) fn finish(mut self, missing: T, buffer: impl Fn(Vec<T>) -> Buffer) -> Buffer {
        if self.wants_position {
            return Buffer::I64(self.position);
        }
        for (best, seen) in self.best.iter_mut().zip(&self.seen) {
            if !seen {
                *best = missing;
            }
        }
        buffer(self.best)
    }
}
