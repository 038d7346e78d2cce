//! Copying rectangles between blocks.

use std::ops::Range;

use crate::chunk::{Buffer, Chunk};
use crate::error::Result;

/// Copies `region` of `from` into the whole of `to`, which has its shape and dtype.
pub(crate) fn gather(from: &Chunk, region: &[Range<usize>], to: &mut Chunk) {
    let strides = c_strides(from.shape());
    let origin: usize = region.iter().zip(&strides).map(|(range, stride)| range.start * stride).sum();
    let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
    let to_strides = c_strides(&shape);
    copy_buffer(from.buffer(), origin, &strides, to.buffer_mut(), 0, &to_strides, &shape);
}

/// Copies the whole of `from` into `region` of `to`.
pub(crate) fn scatter(from: &Chunk, to: &mut Chunk, region: &[Range<usize>]) {
    let strides = c_strides(to.shape());
    let origin: usize = region.iter().zip(&strides).map(|(range, stride)| range.start * stride).sum();
    let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
    let from_strides = c_strides(&shape);
    copy_buffer(from.buffer(), 0, &from_strides, to.buffer_mut(), origin, &strides, &shape);
}

/// A block whose first axis has moved behind the `position` axes that followed it.
pub(crate) fn move_first_axis(from: &Chunk, position: usize) -> Result<Chunk> {
    let Some((&first, rest)) = from.shape().split_first() else { return Ok(from.clone()) };
    let position = position.min(rest.len());
    let (before, after): (usize, usize) =
        (rest[..position].iter().product(), rest[position..].iter().product());
    let mut to = Chunk::empty(from.dtype());
    let mut shape = rest.to_vec();
    shape.insert(position, first);
    to.reset(from.dtype(), &shape);
    let strides = [after, before * after, 1];
    copy_buffer(
        from.buffer(),
        0,
        &strides,
        to.buffer_mut(),
        0,
        &[first * after, after, 1],
        &[before, first, after],
    );
    Ok(to)
}

/// The distance, in elements, from one index to the next along each axis of a block in C order.
pub(crate) fn c_strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

fn copy_buffer(
    from: &Buffer,
    from_start: usize,
    from_strides: &[usize],
    to: &mut Buffer,
    to_start: usize,
    to_strides: &[usize],
    shape: &[usize],
) {
    macro_rules! same_type {
        ($($variant:ident)+) => {
            match (from, to) {
                $((Buffer::$variant(from), Buffer::$variant(to)) => {
                    copy(from, from_start, from_strides, to, to_start, to_strides, shape);
                })+
                (from, to) => debug_assert!(false, "copying {from:?} into {to:?}"),
            }
        };
    }
    same_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
}

fn copy<T: Clone>(
    from: &[T],
    from_start: usize,
    from_strides: &[usize],
    to: &mut [T],
    to_start: usize,
    to_strides: &[usize],
    shape: &[usize],
) {
    match shape {
        [] => to[to_start] = from[from_start].clone(),
        [len] => to[to_start..to_start + len].clone_from_slice(&from[from_start..from_start + len]),
        [len, rest @ ..] => {
            for i in 0..*len {
                copy(
                    from,
                    from_start + i * from_strides[0],
                    &from_strides[1..],
                    to,
                    to_start + i * to_strides[0],
                    &to_strides[1..],
                    rest,
                );
            }
        }
    }
}
