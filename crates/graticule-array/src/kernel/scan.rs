//! Folds whose every intermediate value is wanted: running sums, products, extremes, and the last value that is there.
//!
//! A block is looked at as `outer × len × inner` elements with the axis in the middle. The state of a fold is a few
//! words; the words of all lanes follow each other as rows, so that the states of a block are themselves a block, of
//! shape `outer × words × inner`, and can be carried from one block to the next.

use multiversion::multiversion;

/// A fold over one lane, with a state of `W` words.
pub(crate) trait Fold<const W: usize>: Copy {
    /// What is folded.
    type Item: Copy;
    /// What comes out.
    type Value: Copy;
    /// What states are made of.
    type Word: Copy;

    /// The state before the first element.
    const START: [Self::Word; W];

    /// The state after one more element.
    fn push(self, state: [Self::Word; W], x: Self::Item) -> [Self::Word; W];

    /// The state after the elements of one state and then those of another.
    fn merge(self, before: [Self::Word; W], after: [Self::Word; W]) -> [Self::Word; W];

    /// What the elements so far come to.
    fn value(self, state: [Self::Word; W]) -> Self::Value;
}

/// A block around an axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lanes {
    /// The number of elements before the axis.
    outer: usize,
    /// The length of the axis.
    len: usize,
    /// The number of elements after the axis.
    inner: usize,
}

impl Lanes {
    /// The lanes along an axis of a block.
    pub(crate) fn along(shape: &[usize], axis: usize) -> Self {
        let (before, rest) = shape.split_at(axis.min(shape.len()));
        let inner = rest.iter().skip(1).product();
        Self { outer: before.iter().product(), len: rest.first().copied().unwrap_or(1), inner }
    }
}

/// What a fold gives.
#[derive(Debug)]
pub(crate) enum Out<'a, Value, Word> {
    /// At each element what the elements up to it come to; where `exclusive`, those before it.
    Values { values: &'a mut [Value], exclusive: bool },
    /// The state after the last element.
    States(&'a mut [Word]),
}

/// Lanes that are worked on together. Their states stay in the first-level cache.
const STRIP: usize = 512;

/// Rows that are worked on together where the axis is the last: one alone would wait for each addition to end.
const ROWS: usize = 4;

/// Folds every lane of `x`, starting from the states of `carry` where there are any.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn fold<const W: usize, F: Fold<W>>(
    fold: F,
    x: &[F::Item],
    lanes: Lanes,
    carry: Option<&[F::Word]>,
    out: &mut Out<'_, F::Value, F::Word>,
) {
    if lanes.inner == 1 {
        let whole = lanes.outer - lanes.outer % ROWS;
        for row in (0..whole).step_by(ROWS) {
            fold_rows::<W, ROWS, F>(fold, x, lanes.len, row, carry, out);
        }
        for row in whole..lanes.outer {
            fold_rows::<W, 1, F>(fold, x, lanes.len, row, carry, out);
        }
        return;
    }
    for outer in 0..lanes.outer {
        for start in (0..lanes.inner).step_by(STRIP) {
            fold_strip(fold, x, lanes, (outer, start), carry, out);
        }
    }
}

/// Folds `N` neighbouring rows, where the axis is the last.
#[inline(always)]
fn fold_rows<const W: usize, const N: usize, F: Fold<W>>(
    fold: F,
    x: &[F::Item],
    len: usize,
    row: usize,
    carry: Option<&[F::Word]>,
    out: &mut Out<'_, F::Value, F::Word>,
) {
    let mut states = [F::START; N];
    if let Some(carry) = carry {
        for (state, words) in states.iter_mut().zip(carry[row * W..].as_chunks::<W>().0) {
            *state = *words;
        }
    }
    let block = row * len..(row + N) * len;
    let x: [&[F::Item]; N] = std::array::from_fn(|n| &x[block.clone()][n * len..(n + 1) * len]);
    match out {
        Out::Values { values, exclusive } => {
            let mut rest = &mut values[block];
            let values: [&mut [F::Value]; N] = std::array::from_fn(|_| {
                let (first, others) = std::mem::take(&mut rest).split_at_mut(len);
                rest = others;
                first
            });
            if *exclusive {
                for k in 0..len {
                    for n in 0..N {
                        values[n][k] = fold.value(states[n]);
                        states[n] = fold.push(states[n], x[n][k]);
                    }
                }
            } else {
                for k in 0..len {
                    for n in 0..N {
                        states[n] = fold.push(states[n], x[n][k]);
                        values[n][k] = fold.value(states[n]);
                    }
                }
            }
        }
        Out::States(words) => {
            for k in 0..len {
                for (state, x) in states.iter_mut().zip(&x) {
                    *state = fold.push(*state, x[k]);
                }
            }
            for (words, state) in words[row * W..].as_chunks_mut::<W>().0.iter_mut().zip(states) {
                *words = state;
            }
        }
    }
}

/// Folds up to [`STRIP`] neighbouring lanes, where the axis is not the last.
#[inline(always)]
fn fold_strip<const W: usize, F: Fold<W>>(
    fold: F,
    x: &[F::Item],
    lanes: Lanes,
    (outer, start): (usize, usize),
    carry: Option<&[F::Word]>,
    out: &mut Out<'_, F::Value, F::Word>,
) {
    let width = STRIP.min(lanes.inner - start);
    let word_row = |word: usize| {
        let at = (outer * W + word) * lanes.inner + start;
        at..at + width
    };
    let mut states = F::START.map(|word| [word; STRIP]);
    if let Some(carry) = carry {
        for (word, row) in states.iter_mut().enumerate() {
            row[..width].copy_from_slice(&carry[word_row(word)]);
        }
    }
    for k in 0..lanes.len {
        let at = (outer * lanes.len + k) * lanes.inner + start;
        let x = &x[at..at + width];
        match out {
            Out::Values { values, exclusive: false } => {
                let values = &mut values[at..at + width];
                for j in 0..width.min(STRIP) {
                    let state = fold.push(states.each_ref().map(|row| row[j]), x[j]);
                    put(&mut states, j, state);
                    values[j] = fold.value(state);
                }
            }
            Out::Values { values, exclusive: true } => {
                let values = &mut values[at..at + width];
                for j in 0..width.min(STRIP) {
                    let state = states.each_ref().map(|row| row[j]);
                    put(&mut states, j, fold.push(state, x[j]));
                    values[j] = fold.value(state);
                }
            }
            Out::States(_) => {
                for j in 0..width.min(STRIP) {
                    let state = fold.push(states.each_ref().map(|row| row[j]), x[j]);
                    put(&mut states, j, state);
                }
            }
        }
    }
    if let Out::States(words) = out {
        for (word, row) in states.iter().enumerate() {
            words[word_row(word)].copy_from_slice(&row[..width]);
        }
    }
}

/// Puts the words of one state into rows.
#[inline(always)]
fn put<const W: usize, Word: Copy>(rows: &mut [[Word; STRIP]; W], j: usize, state: [Word; W]) {
    for (row, word) in rows.iter_mut().zip(state) {
        row[j] = word;
    }
}

/// Of states that follow each other along the axis, `W` words each, the states of everything up to each.
pub(crate) fn merge<const W: usize, F: Fold<W>>(
    fold: F,
    states: &[F::Word],
    lanes: Lanes,
    out: &mut [F::Word],
) {
    let Lanes { outer, len, inner } = lanes;
    for lane in 0..outer * inner {
        let first = lane / inner * len * inner + lane % inner;
        let mut so_far = F::START;
        for at in (first..first + len * inner).step_by(W * inner) {
            so_far = fold.merge(so_far, std::array::from_fn(|word| states[at + word * inner]));
            for (word, value) in so_far.into_iter().enumerate() {
                out[at + word * inner] = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts what it has seen, and keeps the last of it.
    #[derive(Clone, Copy)]
    struct Last;

    impl Fold<2> for Last {
        type Item = i64;
        type Value = i64;
        type Word = i64;
        const START: [i64; 2] = [0, -1];

        fn push(self, [seen, _]: [i64; 2], x: i64) -> [i64; 2] {
            [seen + 1, x]
        }

        fn merge(self, [before, _]: [i64; 2], [after, last]: [i64; 2]) -> [i64; 2] {
            [before + after, last]
        }

        fn value(self, [seen, last]: [i64; 2]) -> i64 {
            100 * seen + last
        }
    }

    fn values(x: &[i64], lanes: Lanes, carry: Option<&[i64]>, exclusive: bool) -> Vec<i64> {
        let mut values = vec![0; x.len()];
        fold(Last, x, lanes, carry, &mut Out::Values { values: &mut values, exclusive });
        values
    }

    #[test]
    fn every_lane_is_folded_in_order_whatever_surrounds_the_axis() {
        for shape in
            [vec![3], vec![7, 3], vec![3, 5], vec![2, 3, 4], vec![2, 3, 1200], vec![0, 3], vec![2, 0]]
        {
            for axis in 0..shape.len() {
                let x = ndarray::ArrayD::from_shape_fn(shape.clone(), |at| {
                    shape.iter().enumerate().fold(0, |n, (d, len)| n * len + at[d]) as i64 % 90
                });
                let flat: Vec<i64> = x.iter().copied().collect();
                let lanes = Lanes::along(&shape, axis);
                let expected = |exclusive: bool| {
                    let mut y = x.clone();
                    for mut lane in y.lanes_mut(ndarray::Axis(axis)) {
                        let own = lane.to_vec();
                        for (k, y) in lane.iter_mut().enumerate() {
                            let seen = if exclusive { k } else { k + 1 };
                            *y = 100 * seen as i64 + if seen == 0 { -1 } else { own[seen - 1] };
                        }
                    }
                    y.iter().copied().collect::<Vec<i64>>()
                };
                assert_eq!(values(&flat, lanes, None, false), expected(false), "{shape:?} {axis}");
                assert_eq!(values(&flat, lanes, None, true), expected(true), "{shape:?} {axis}");
            }
        }
    }

    #[test]
    fn states_carry_a_fold_from_one_block_to_the_next() {
        for (outer, inner) in [(1, 1), (5, 1), (2, 3), (1, 700)] {
            let x: Vec<i64> = (0..(outer * 6 * inner) as i64).map(|i| i * 7 % 90).collect();
            let whole = values(&x, Lanes { outer, len: 6, inner }, None, false);
            // The same in three blocks of two along the axis.
            let block = |of: &[i64], k: usize, len: usize| -> Vec<i64> {
                let rows = (0..outer).map(|o| (o * (of.len() / outer)) + k * len * inner);
                rows.flat_map(|at| of[at..at + len * inner].to_vec()).collect()
            };
            let lanes = Lanes { outer, len: 2, inner };
            let totals: Vec<Vec<i64>> = (0..3)
                .map(|k| {
                    let mut states = vec![0; outer * 2 * inner];
                    fold(Last, &block(&x, k, 2), lanes, None, &mut Out::States(&mut states));
                    states
                })
                .collect();
            let side_by_side: Vec<i64> = (0..outer)
                .flat_map(|o| totals.iter().flat_map(move |t| t[o * 2 * inner..(o + 1) * 2 * inner].to_vec()))
                .collect();
            let mut carries = vec![0; side_by_side.len()];
            merge(Last, &side_by_side, Lanes { outer, len: 6, inner }, &mut carries);
            for k in 1..3 {
                let carry = block(&carries, k - 1, 2);
                assert_eq!(values(&block(&x, k, 2), lanes, Some(&carry), false), block(&whole, k, 2));
            }
        }
    }
}
