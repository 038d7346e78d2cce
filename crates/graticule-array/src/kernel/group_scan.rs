//! Folds along an axis, group by group, whose every intermediate value is wanted.
//!
//! Lanes and states are those of [`crate::kernel::scan`], with a state for each group.

use multiversion::multiversion;

use crate::kernel::scan::{Fold, Lanes};

/// What stands for the group of an element that belongs to none.
pub(crate) const NO_GROUP: u32 = u32::MAX;

/// Lanes that are worked on together.
pub(crate) const STRIP: usize = 512;

/// The elements of a block that belong together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members<'a> {
    /// The group of each element along the axis, [`NO_GROUP`] where it has none.
    pub(crate) group: &'a [u32],
    /// How many groups there are.
    pub(crate) groups: usize,
}

/// The states of some groups, one after another along the axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct States<'a, Word> {
    pub(crate) groups: &'a [u32],
    pub(crate) words: &'a [Word],
}

/// What a fold by groups gives.
#[derive(Debug)]
pub(crate) enum Out<'a, Item, Word> {
    /// At each element what the elements of its group up to it come to; where there is no group, nothing is written.
    Values(&'a mut [Item]),
    /// The states of some groups after the last element.
    States { groups: &'a [u32], words: &'a mut [Word] },
}

/// Folds every lane of `x`, starting from the states of `carried` for the groups that it has.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn fold<const W: usize, F: Fold<W>>(
    fold: F,
    x: &[F::Item],
    lanes: Lanes,
    members: Members<'_>,
    carried: States<'_, F::Word>,
    out: &mut Out<'_, F::Item, F::Word>,
) {
    let Lanes { outer, len, inner } = lanes;
    let mut states: Vec<F::Word> = Vec::new();
    for outer in 0..outer {
        for start in (0..inner).step_by(STRIP) {
            let width = STRIP.min(inner - start);
            // Where the word of a state that is the `number`-th of `count` along the axis lies.
            let place = |count: usize, number: usize, word: usize| {
                let at = ((outer * count + number) * W + word) * inner + start;
                at..at + width
            };
            states.clear();
            for _ in 0..members.groups {
                F::START.iter().for_each(|&word| states.extend(std::iter::repeat_n(word, width)));
            }
            let row = |group: u32, word: usize| {
                let at = (group as usize * W + word) * width;
                at..at + width
            };
            for (number, &group) in carried.groups.iter().enumerate() {
                for word in 0..W {
                    let from = place(carried.groups.len(), number, word);
                    states[row(group, word)].copy_from_slice(&carried.words[from]);
                }
            }
            for (k, &group) in members.group[..len].iter().enumerate() {
                if group == NO_GROUP {
                    continue;
                }
                let at = (outer * len + k) * inner + start;
                let x = &x[at..at + width];
                let states = &mut states[row(group, 0).start..row(group, W - 1).end];
                match out {
                    Out::Values(values) => {
                        push(fold, states, x, |j, state| values[at + j] = fold.value(state));
                    }
                    Out::States { .. } => push(fold, states, x, |_, _| {}),
                }
            }
            if let Out::States { groups, words } = out {
                for (number, &group) in groups.iter().enumerate() {
                    for word in 0..W {
                        words[place(groups.len(), number, word)].copy_from_slice(&states[row(group, word)]);
                    }
                }
            }
        }
    }
}

/// Pushes a row of elements onto the states of their lanes, whose words are rows.
#[inline(always)]
fn push<const W: usize, F: Fold<W>>(
    fold: F,
    states: &mut [F::Word],
    x: &[F::Item],
    mut seen: impl FnMut(usize, [F::Word; W]),
) {
    let width = x.len();
    for (j, &x) in x.iter().enumerate() {
        let state = fold.push(std::array::from_fn(|word| states[word * width + j]), x);
        for (word, value) in state.into_iter().enumerate() {
            states[word * width + j] = value;
        }
        seen(j, state);
    }
}

/// A state among those of all groups of all blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// The number of the state among the totals.
    pub(crate) total: usize,
    /// The number of the state of the same group that comes before it, among the merged ones.
    pub(crate) before: Option<usize>,
}

/// Of totals, the states of everything in a group up to each. What comes before a link has a smaller number.
pub(crate) fn merge<const W: usize, F: Fold<W>>(
    fold: F,
    totals: &[F::Word],
    lanes: Lanes,
    links: &[Link],
    out: &mut [F::Word],
) {
    let Lanes { outer, inner, .. } = lanes;
    for lane in 0..outer * inner {
        let (block, column) = (lane / inner * links.len() * W * inner, lane % inner);
        let at = |number: usize, word: usize| block + (number * W + word) * inner + column;
        for (number, link) in links.iter().enumerate() {
            let before = match link.before {
                Some(before) => std::array::from_fn(|word| out[at(before, word)]),
                None => F::START,
            };
            let merged = fold.merge(before, std::array::from_fn(|word| totals[at(link.total, word)]));
            for (word, value) in merged.into_iter().enumerate() {
                out[at(number, word)] = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::folds::IntegerSum;
    use std::marker::PhantomData;

    const SUM: IntegerSum<i64> = IntegerSum(PhantomData);

    #[test]
    fn groups_are_summed_apart_and_carried_on() {
        for (outer, inner) in [(1, 1), (3, 1), (2, 5), (1, 1030)] {
            let lanes = Lanes::along(&[outer, 4, inner], 1);
            let x: Vec<i64> = (0..(outer * 4 * inner) as i64).collect();
            let group = [1, NO_GROUP, 0, 1];
            let words: Vec<i64> = vec![1000; outer * inner];
            let mut values = vec![-7; x.len()];
            let members = Members { group: &group, groups: 2 };
            fold(
                SUM,
                &x,
                lanes,
                members,
                States { groups: &[1], words: &words },
                &mut Out::Values(&mut values),
            );
            let mut totals = vec![0; outer * inner];
            let none = States { groups: &[], words: &[] };
            fold(SUM, &x, lanes, members, none, &mut Out::States { groups: &[1], words: &mut totals });
            for o in 0..outer {
                for j in 0..inner {
                    let at = |k: usize| (o * 4 + k) * inner + j;
                    let wanted = [1000 + x[at(0)], -7, x[at(2)], 1000 + x[at(0)] + x[at(3)]];
                    assert_eq!([0, 1, 2, 3].map(|k| values[at(k)]), wanted);
                    assert_eq!(totals[o * inner + j], x[at(0)] + x[at(3)]);
                }
            }
        }
    }

    #[test]
    fn totals_are_merged_along_their_links() {
        let links = [
            Link { total: 1, before: None },
            Link { total: 0, before: None },
            Link { total: 2, before: Some(0) },
        ];
        let mut out = [0; 6];
        merge(SUM, &[1, 2, 10, 20, 100, 200], Lanes::along(&[3, 2], 0), &links, &mut out);
        assert_eq!(out, [10, 20, 1, 2, 110, 220]);
    }
}
