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

    /// Folds a row into one cell. The result is that of offering its values one after another.
    pub(crate) fn offer_row(&mut self, cell: usize, row: &[T], position: i64, step: i64) {
        let (best, is_any_missing) = self.best_of(row);
        let at = if self.missing == Missing::Spread && is_any_missing {
            row.iter().position(|x| x.is_missing())
        } else {
            // Most rows have nothing better than the rows before, so nobody looks for where it is.
            best.filter(|&best| !self.seen[cell] || self.replaces(cell, best, i64::MIN))
                .and_then(|best| row.iter().position(|&x| x == best))
        };
        if let Some(at) = at {
            self.offer(cell, row[at], position + at as i64 * step);
        }
    }

    /// The best value of a row that is not missing, and whether any is. Of equal zeros it may be either.
    fn best_of(&self, row: &[T]) -> (Option<T>, bool) {
        const WIDTH: usize = 16;
        let is_missing = |x: T| self.missing != Missing::Number && x.is_missing();
        let Some(first) = row.iter().copied().find(|&x| !is_missing(x)) else {
            return (None, !row.is_empty());
        };
        let (blocks, rest) = row.as_chunks::<WIDTH>();
        let (mut best, mut missing) = ([first; WIDTH], [false; WIDTH]);
        macro_rules! fold {
            ($better:expr) => {{
                let better = $better;
                for block in blocks {
                    for i in 0..WIDTH {
                        let x = block[i];
                        missing[i] |= is_missing(x);
                        best[i] = if !is_missing(x) && better(x, best[i]) { x } else { best[i] };
                    }
                }
                for (i, &x) in rest.iter().enumerate() {
                    missing[i] |= is_missing(x);
                    best[i] = if !is_missing(x) && better(x, best[i]) { x } else { best[i] };
                }
                best.into_iter().reduce(|a, b| if better(b, a) { b } else { a })
            }};
        }
        let best = if self.largest { fold!(|a: T, b: T| a > b) } else { fold!(|a: T, b: T| a < b) };
        (best, missing.contains(&true))
    }

    /// Folds a row into cells that follow each other, one value each.
    pub(crate) fn offer_each(&mut self, cell: usize, row: &[T], position: i64, step: i64) {
        let cells = cell..cell + row.len();
        if self.wants_position {
            let positions = (0..).map(|i| position + i * step);
            cells.zip(row).zip(positions).for_each(|((cell, &x), position)| self.offer(cell, x, position));
            return;
        }
        let (has_missing, spreads) = (self.missing != Missing::Number, self.missing == Missing::Spread);
        let is_missing = |x: T| has_missing & x.is_missing();
        let (best, seen) = (&mut self.best[cells.clone()], &mut self.seen[cells]);
        macro_rules! fold {
            ($better:expr) => {{
                let replaces = |x: T, best: T| {
                    $better(x, best) & !is_missing(x) & !(spreads & is_missing(best))
                        | (spreads & is_missing(x) & !is_missing(best))
                };
                if seen.iter().all(|&seen| seen) {
                    best.iter_mut()
                        .zip(row)
                        .for_each(|(best, &x)| *best = if replaces(x, *best) { x } else { *best });
                    return;
                }
                for ((best, seen), &x) in best.iter_mut().zip(seen).zip(row) {
                    let counts = spreads | !is_missing(x);
                    *best = if replaces(x, *best) | (!*seen & counts) { x } else { *best };
                    *seen |= counts;
                }
            }};
        }
        if self.largest {
            fold!(|a: T, b: T| a > b);
        } else {
            fold!(|a: T, b: T| a < b);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows are folded as their values one after another are: the same values, signs and positions.
    #[test]
    fn rows_are_folded_as_single_values_are() {
        let value = |i: usize| match i * 7919 % 23 {
            0 => f64::NAN,
            1 => 0.0,
            2 => -0.0,
            3 => f64::INFINITY,
            n => n as f64 - 30.0,
        };
        let rows: Vec<Vec<f64>> =
            (0..40).map(|row| (0..37).map(|i| value(row * 41 + i * 3)).collect()).collect();
        let zeros = [vec![-1.0, -0.0, 0.0, -2.0], vec![0.0, -0.0, f64::NAN, -0.0], vec![f64::NAN; 4]];
        for (largest, missing, wants_position) in [
            (true, Missing::Skip, false),
            (true, Missing::Spread, true),
            (false, Missing::Skip, true),
            (false, Missing::Spread, false),
        ] {
            for rows in [&rows[..], &zeros[..], &zeros[2..], &rows[3..9]] {
                let new = |cells| Extreme::<f64>::new(largest, missing, wants_position, cells);
                let len = rows[0].len();
                let (mut one, mut one_slowly) = (new(1), new(1));
                let (mut each, mut each_slowly) = (new(len), new(len));
                for (number, row) in rows.iter().enumerate() {
                    let start = (number * 100) as i64;
                    one.offer_row(0, row, start, 2);
                    each.offer_each(0, row, start, 2);
                    for (i, &x) in row.iter().enumerate() {
                        one_slowly.offer(0, x, start + 2 * i as i64);
                        each_slowly.offer(i, x, start + 2 * i as i64);
                    }
                }
                assert_eq!(format!("{one:?}"), format!("{one_slowly:?}"));
                assert_eq!(format!("{each:?}"), format!("{each_slowly:?}"));
            }
        }
    }
}
