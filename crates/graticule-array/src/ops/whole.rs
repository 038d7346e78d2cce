//! Axes brought into one chunk.

use crate::array::Array;
use crate::error::Result;
use crate::expr::{Expr, Op};
use crate::grid::{AUTO_CHUNK_BYTES, AxisChunks, ChunkGrid};

/// A chunk may become this large, however small the chunks were before.
const SMALLEST_ROOM: usize = 1 << 20;

/// The array with some axes in one chunk. The others are cut finer, until a chunk has no more bytes than before, at
/// least 1 MiB and at most 64 MiB, or until nothing is left to cut.
pub(crate) fn whole_along(array: &Array, axes: &[usize]) -> Result<Array> {
    let cut = array.chunks().axes();
    if axes.iter().all(|&axis| cut[axis].count() <= 1) {
        return Ok(array.clone());
    }
    let bytes = |axes: &[AxisChunks]| {
        axes.iter().map(AxisChunks::max_size).fold(array.dtype().size(), usize::saturating_mul)
    };
    let room = bytes(cut).clamp(SMALLEST_ROOM, AUTO_CHUNK_BYTES);
    let mut wanted = cut.to_vec();
    for &axis in axes {
        wanted[axis] = AxisChunks::regular(wanted[axis].len(), 0);
    }
    while bytes(&wanted) > room {
        let others = wanted.iter_mut().enumerate().filter(|(axis, _)| !axes.contains(axis));
        match others.map(|(_, chunks)| chunks).max_by_key(|chunks| chunks.max_size()) {
            Some(largest) if largest.max_size() > 1 => {
                *largest = AxisChunks::regular(largest.len(), largest.max_size().div_ceil(2));
            }
            Some(_) | None => break,
        }
    }
    Ok(Array::from_expr(Expr::new(Op::Rechunk(ChunkGrid::new(wanted)), vec![array.expr().clone()])?))
}
