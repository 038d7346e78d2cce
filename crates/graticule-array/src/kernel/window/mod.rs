//! Statistics of windows that slide along an axis, each computed from the values of its window alone.
//!
//! The axis is cut into blocks as long as the window, at multiples of that length. A window is then the end of one block
//! and the beginning of the next: a fold from the right, kept for one block, joined with a fold from the left. That is
//! three steps a value whatever the length of the window (van Herk 1992; Gil & Werman 1993). Nothing is ever
//! subtracted, so what has left a window (a NaN, an infinity, a value of 1e16) leaves no trace. Blocks are counted from
//! the start of the array, so the order in which a window's values are added, and with it every bit of the result, does
//! not depend on how the array is cut into chunks.

mod folds;
mod median;
mod pairs;
mod value;

use std::ops::Range;

pub(crate) use folds::{Argextremes, Counts, Extremes, Means, Moments, Products, Sums};
pub(crate) use median::median;
pub(crate) use pairs::CoMoments;
pub(crate) use value::{Number, Outcome, Time};

/// Windows that are computed side by side.
pub(crate) const LANES: usize = 16;

/// What the results of windows depend on beside their values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// The number of values that must be there; with fewer the result is missing. At least 1.
    pub(crate) least: f64,
    /// Delta degrees of freedom.
    pub(crate) ddof: f64,
    /// Whether the standard deviation is wanted rather than the variance.
    pub(crate) root: bool,
}

/// A fold over windows, of `L` windows side by side. Folding from the left, from the right and joining are the same
/// associative operation.
pub(crate) trait Fold<const L: usize> {
    /// A value of a window.
    type Value: Copy + Default;
    /// What is remembered of the values so far.
    type State: Copy;
    /// The result of a window.
    type Out: Copy;

    /// The state of no values.
    fn empty() -> Self::State;

    /// Adds the value at position `at`, which is after all before.
    fn append(state: &mut Self::State, x: &[Self::Value; L], at: i64);

    /// Adds the value at position `at`, which is before all others.
    fn prepend(state: &mut Self::State, x: &[Self::Value; L], at: i64);

    /// The results of windows that start at `start` and consist of `first` and `then`.
    fn result(first: &Self::State, then: &Self::State, start: i64, rule: Rule) -> [Self::Out; L];
}

/// Windows along an axis, in positions of the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The length of a window.
    pub(crate) size: usize,
    /// The elements at hand: all those of the windows that the array has.
    pub(crate) input: Range<usize>,
    /// The last position of each window. It may lie past the end of the axis, as may the first before its start.
    pub(crate) ends: Range<usize>,
}

/// A block of several arrays seen along one axis: `outer` times `len` times `inner` elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) outer: usize,
    pub(crate) inner: usize,
}

/// The bytes that [`slide`] needs for windows of `size` over `rows` elements of each of `lanes` lines of elements.
pub(crate) fn slide_bytes(size: usize, rows: usize, lanes: usize, state: usize) -> usize {
    let block = size.min(rows);
    let width = if lanes >= LANES || segment(size, rows, LANES / lanes.max(1)) > 0 { LANES } else { 1 };
    // Values, results and states of a block, for each lane.
    block.saturating_mul(width).saturating_mul(8 + 8 + state)
}

/// Computes the windows of `span` along the axis of `layout`: `load` turns elements of `from` into values, `store`
/// results into elements of `to`.
pub(crate) fn slide<F, S, T>(
    (from, to): (&[S], &mut [T]),
    (load, store): (impl Fn(S) -> <F as Fold<1>>::Value + Copy, impl Fn(<F as Fold<1>>::Out) -> T + Copy),
    layout: Layout,
    span: &Span,
    rule: Rule,
) where
    F: Fold<1> + Fold<LANES, Value = <F as Fold<1>>::Value, Out = <F as Fold<1>>::Out>,
    S: Copy,
    T: Copy,
{
    let Layout { outer, inner } = layout;
    let (rows, windows) = (span.input.len(), span.ends.len());
    // A lane is a line of elements along the axis: where its first element and its first result are.
    let lane = |number: usize| {
        let (block, offset) = (number / inner.max(1), number % inner.max(1));
        (block * rows * inner + offset, block * windows * inner + offset)
    };
    let lanes = outer * inner;
    if lanes == 0 || windows == 0 {
        return;
    }
    let mut copy = Copies { from, to, inner, load, store };
    if lanes >= LANES {
        let mut work = Work::<F, LANES>::new();
        for first in (0..lanes).step_by(LANES) {
            // Lanes that are not there compute and store what the last one does.
            let group = std::array::from_fn(|i| lane((first + i).min(lanes - 1)));
            work.strip(&mut copy, &group, span, rule);
        }
        return;
    }
    // Of few long lanes, segments are computed side by side.
    let inside = span.inside();
    let segments = LANES / lanes;
    let len = segment(span.size, inside.len(), segments);
    let middle = inside.start..inside.start + len * segments;
    let mut single = Work::<F, 1>::new();
    let mut edges = [span.ends.start..middle.start, middle.end..span.ends.end];
    if len == 0 {
        edges = [span.ends.clone(), 0..0];
    } else {
        let part = span.part(middle.start..middle.start + len);
        let group = std::array::from_fn(|i| {
            let (segment, (from, to)) = (i / lanes % segments, lane(i % lanes));
            let (skipped, done) = (part.input.start - span.input.start, part.ends.start - span.ends.start);
            (from + (skipped + segment * len) * inner, to + (done + segment * len) * inner)
        });
        Work::<F, LANES>::new().strip(&mut copy, &group, &part, rule);
    }
    for ends in edges {
        let part = span.part(ends);
        for number in 0..lanes {
            let (from, to) = lane(number);
            let skipped = (part.input.start - span.input.start) * inner;
            let done = (part.ends.start.saturating_sub(span.ends.start)) * inner;
            single.strip(&mut copy, &[(from + skipped, to + done)], &part, rule);
        }
    }
}

/// The length of the segments that `rows` windows are cut into: a multiple of the window, so that blocks stand alike in
/// all of them. 0 where it is not worth it.
fn segment(size: usize, rows: usize, segments: usize) -> usize {
    let len = rows / segments.max(1) / size.max(1) * size;
    if segments > 1 && len >= 2 * size { len } else { 0 }
}

impl Span {
    /// The ends of those windows that lie inside the axis as far as it is at hand.
    fn inside(&self) -> Range<usize> {
        let start = self.ends.start.max(self.input.start + self.size - 1).min(self.ends.end);
        start..self.ends.end.min(self.input.end).max(start)
    }

    /// The windows with these ends, and the elements that they need.
    fn part(&self, ends: Range<usize>) -> Self {
        let start = (ends.start + 1).saturating_sub(self.size).clamp(self.input.start, self.input.end);
        let end = ends.end.clamp(start, self.input.end.max(start));
        Self { size: self.size, input: start..end, ends }
    }
}

/// The elements and the results, and how to turn one into the other.
struct Copies<'a, S, T, Load, Store> {
    from: &'a [S],
    to: &'a mut [T],
    /// The distance between neighbours along the axis.
    inner: usize,
    load: Load,
    store: Store,
}

impl<S: Copy, T: Copy, Load, Store> Copies<'_, S, T, Load, Store> {
    fn load<V: Copy + Default, const L: usize>(
        &self,
        lanes: &[(usize, usize); L],
        rows: Range<usize>,
        values: &mut Vec<[V; L]>,
    ) where
        Load: Fn(S) -> V,
    {
        let first = lanes[0].0;
        let adjacent = lanes.iter().enumerate().all(|(i, lane)| lane.0 == first + i);
        values.resize(rows.len(), [V::default(); L]);
        for (row, values) in rows.zip(values) {
            let offset = row * self.inner;
            if adjacent {
                let from = &self.from[first + offset..first + offset + L];
                values.iter_mut().zip(from).for_each(|(x, from)| *x = (self.load)(*from));
            } else {
                values
                    .iter_mut()
                    .zip(lanes)
                    .for_each(|(x, lane)| *x = (self.load)(self.from[lane.0 + offset]));
            }
        }
    }

    fn store<O: Copy, const L: usize>(&mut self, lanes: &[(usize, usize); L], row: usize, results: &[[O; L]])
    where
        Store: Fn(O) -> T,
    {
        let first = lanes[0].1;
        let adjacent = lanes.iter().enumerate().all(|(i, lane)| lane.1 == first + i);
        for (row, results) in (row..).zip(results) {
            let offset = row * self.inner;
            if adjacent {
                let to = &mut self.to[first + offset..first + offset + L];
                to.iter_mut().zip(results).for_each(|(to, x)| *to = (self.store)(*x));
            } else {
                lanes.iter().zip(results).for_each(|(lane, x)| self.to[lane.1 + offset] = (self.store)(*x));
            }
        }
    }
}

/// What lanes side by side are computed in.
struct Work<F: Fold<L>, const L: usize> {
    /// The values of a block.
    values: Vec<[F::Value; L]>,
    /// The folds from each position of the block before to its end.
    suffixes: Vec<F::State>,
    results: Vec<[F::Out; L]>,
}

impl<F: Fold<L>, const L: usize> Work<F, L> {
    fn new() -> Self {
        Self { values: Vec::new(), suffixes: Vec::new(), results: Vec::new() }
    }

    /// Computes the windows of some lanes. A lane is where its first element and its first result are.
    fn strip<S: Copy, T: Copy>(
        &mut self,
        copy: &mut Copies<'_, S, T, impl Fn(S) -> F::Value, impl Fn(F::Out) -> T>,
        lanes: &[(usize, usize); L],
        span: &Span,
        rule: Rule,
    ) {
        let Span { size, input, ends } = span;
        if ends.is_empty() {
            return;
        }
        self.suffixes.clear();
        // Where the suffixes at hand start.
        let mut suffixes_at = 0;
        let mut start = input.start.min(ends.start) / size * size;
        while start < ends.end {
            let block = start..start.saturating_add(*size);
            let rows = start.clamp(input.start, input.end)..block.end.clamp(input.start, input.end);
            copy.load(lanes, rows.start - input.start..rows.end - input.start, &mut self.values);
            let suffixes = Suffixes { states: &self.suffixes, start: suffixes_at };
            let results = &mut self.results;
            let wanted = ends.start.max(start)..ends.end.min(block.end);
            prefixes::<F, L>((&self.values, rows.start), suffixes, (&wanted, &block, *size), rule, results);
            copy.store(lanes, wanted.start - ends.start, results);
            if block.end < ends.end {
                suffixes_at = rows.start;
                suffixes_of::<F, L>(&self.values, rows.start, &mut self.suffixes);
            }
            start = block.end;
        }
    }
}

/// The folds from each position of a block to its end.
struct Suffixes<'a, State> {
    states: &'a [State],
    start: usize,
}

/// Folds a block from the left, and gives the results of the windows that end in it.
#[inline(always)]
fn prefixes<F: Fold<L>, const L: usize>(
    (values, first): (&[[F::Value; L]], usize),
    suffixes: Suffixes<'_, F::State>,
    (wanted, block, size): (&Range<usize>, &Range<usize>, usize),
    rule: Rule,
    results: &mut Vec<[F::Out; L]>,
) {
    results.clear();
    results.reserve(wanted.len());
    let empty = F::empty();
    let mut prefix = empty;
    let mut values = values.iter().zip(first..);
    for (x, at) in values.by_ref().take(wanted.start.saturating_sub(first)) {
        F::append(&mut prefix, x, at as i64);
    }
    for end in wanted.clone() {
        if let Some((x, at)) = values.next() {
            F::append(&mut prefix, x, at as i64);
        }
        let start = end as i64 + 1 - size as i64;
        // A window that is a block has nothing of the block before.
        let before = usize::try_from(start).ok().filter(|&start| start < block.start);
        let suffix = before.and_then(|start| suffixes.states.get(start.wrapping_sub(suffixes.start)));
        results.push(F::result(suffix.unwrap_or(&empty), &prefix, start, rule));
    }
}

/// Folds a block from the right.
#[inline(always)]
fn suffixes_of<F: Fold<L>, const L: usize>(
    values: &[[F::Value; L]],
    first: usize,
    suffixes: &mut Vec<F::State>,
) {
    let mut suffix = F::empty();
    suffixes.clear();
    suffixes.resize(values.len(), suffix);
    for ((i, x), kept) in values.iter().enumerate().zip(suffixes).rev() {
        F::prepend(&mut suffix, x, (first + i) as i64);
        *kept = suffix;
    }
}

#[cfg(test)]
mod tests;
