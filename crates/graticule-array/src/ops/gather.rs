//! How a gather is cut: so that every chunk of the input is read about once.
//!
//! Where the points walk the input chunk by chunk, the result keeps these cuts. Where they jump about, a block of the
//! result takes what it needs of one chunk after another; as long as few chunks are needed by several blocks, that is
//! all. Otherwise the points are gathered twice: first in the order of the chunks, each of which is then read once, and
//! from there, where what a block needs of a chunk lies together, into the order of the result. The plan keeps what is
//! between the two, in memory or on disk, and no element is copied more than twice.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::gather::{Gather, chunk_of};
use crate::error::Result;
use crate::expr::{Expr, Op};
use crate::grid::AxisChunks;

/// How many points a block of the result may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Where points walk the input chunk by chunk.
    pub(super) in_order: usize,
    /// Where they jump about: large blocks need each chunk fewer times.
    pub(super) scattered: usize,
}

/// The elements at `positions`, in C order on `axes` (increasing); the axis of points is axis `at` of the result.
pub(super) fn gather(
    array: &Array,
    axes: &[usize],
    at: usize,
    positions: Vec<usize>,
    limits: Limits,
) -> Result<Array> {
    let cuts: Vec<AxisChunks> = axes.iter().map(|&axis| array.chunks().axes()[axis].clone()).collect();
    let chunks: Vec<usize> = positions.iter().map(|&position| chunk_of(&cuts, position)).collect();
    let visits: Vec<usize> = chunks.chunk_by(|a, b| a == b).map(<[usize]>::len).collect();
    let touched = distinct(chunks.clone());
    let once = |array: &Array, positions: Vec<usize>, chunks: AxisChunks| {
        let kernel = Gather::new(axes.to_vec(), at, cuts.clone(), positions.into(), chunks)?;
        node(array, kernel)
    };
    if few_again(visits.len(), touched) {
        return once(array, positions, AxisChunks::from_sizes(&merged(&visits, limits.in_order.max(1))));
    }
    let limit = limits.scattered.max(1);
    let blocks = AxisChunks::regular(positions.len(), limit);
    let asked: usize = chunks.chunks(limit).map(|block| distinct(block.to_vec())).sum();
    if few_again(asked, touched) {
        return once(array, positions, blocks);
    }

    // The points by chunk of the input, and inside a block of that result in the order in which they are wanted.
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by_key(|&point| chunks[point]);
    let by_chunk: Vec<usize> = order.chunk_by(|&a, &b| chunks[a] == chunks[b]).map(<[usize]>::len).collect();
    let sorted = AxisChunks::from_sizes(&merged(&by_chunk, limit));
    for block in 0..sorted.count() {
        order[sorted.range(block)].sort_unstable();
    }
    let first = once(array, order.iter().map(|&point| positions[point]).collect(), sorted.clone())?;
    let mut back = vec![0; order.len()];
    for (place, &point) in order.iter().enumerate() {
        back[point] = place;
    }
    node(&first, Gather::new(vec![at], at, vec![sorted], back.into(), blocks)?)
}

fn node(array: &Array, kernel: Gather) -> Result<Array> {
    let op = Op::Blockwise(Blockwise::Gather(kernel));
    Ok(Array::from_expr(Expr::new(op, vec![array.expr().clone()])?))
}

/// Whether chunks that are asked for so often, of so many, are read about once.
fn few_again(asked: usize, touched: usize) -> bool {
    2 * asked <= 3 * touched
}

fn distinct(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.len()
}

/// Sizes with as many neighbours put together as stay within a limit, and what is above it cut.
fn merged(sizes: &[usize], limit: usize) -> Vec<usize> {
    let mut merged: Vec<usize> = Vec::new();
    for &size in sizes {
        match merged.last_mut() {
            Some(last) if *last + size <= limit => *last += size,
            _ => {
                merged.extend(std::iter::repeat_n(limit, size / limit));
                merged.extend(Some(size % limit).filter(|&rest| rest > 0));
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_points_and_any_limit_gives_the_same_elements() {
        let shape = [6usize, 7, 5];
        let x = Array::from_fn(shape, [2, 3, 2], |at| (at[0] * 35 + at[1] * 5 + at[2]) as i64).unwrap();
        for axes in [vec![1], vec![0, 1], vec![0, 2], vec![0, 1, 2]] {
            let size: usize = axes.iter().map(|&axis| shape[axis]).product();
            let positions: Vec<usize> = (0..3 * size).map(|i| (i * i * 13 + i * 5) % size).collect();
            let kept: Vec<usize> = (0..3).filter(|axis| !axes.contains(axis)).collect();
            for at in 0..=kept.len() {
                let mut expected = Vec::new();
                let mut lens: Vec<usize> = kept.iter().map(|&axis| shape[axis]).collect();
                lens.insert(at, positions.len());
                for number in 0..lens.iter().product() {
                    let (mut rest, mut index) = (number, vec![0; lens.len()]);
                    for (i, len) in index.iter_mut().zip(&lens).rev() {
                        (*i, rest) = (rest % len, rest / len);
                    }
                    let mut point = positions[index.remove(at)];
                    let mut whole = [0; 3];
                    for &axis in axes.iter().rev() {
                        (whole[axis], point) = (point % shape[axis], point / shape[axis]);
                    }
                    for (&axis, i) in kept.iter().zip(index) {
                        whole[axis] = i;
                    }
                    expected.push((whole[0] * 35 + whole[1] * 5 + whole[2]) as i64);
                }
                for limit in [1, 4, 1000] {
                    let limits = Limits { in_order: limit, scattered: limit };
                    let gathered = gather(&x, &axes, at, positions.clone(), limits).unwrap();
                    let computed = gathered.compute().unwrap();
                    assert_eq!(computed.shape(), lens);
                    assert_eq!(computed.as_slice::<i64>().unwrap(), expected, "{axes:?} {at} {limit}");
                }
            }
        }
    }

    #[test]
    fn small_visits_are_put_together_and_long_ones_cut() {
        assert_eq!(merged(&[1, 1, 1, 3, 9, 2], 4), [3, 3, 4, 4, 3]);
        assert_eq!(merged(&[8], 4), [4, 4]);
        assert_eq!(merged(&[], 4), [0; 0]);
    }
}
