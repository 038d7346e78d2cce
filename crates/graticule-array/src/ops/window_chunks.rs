//! Chunks in which windows read little twice.

use crate::dtype::DType;
use crate::grid::{AUTO_CHUNK_BYTES, AxisChunks, ChunkGrid};

/// The windows that a chunk holds: a quarter more is read than there are results.
const WINDOWS: usize = 4;

/// With fewer windows than these, it is better to cut other axes.
const FEWEST: usize = 2;

/// The chunks in which windows of `size` elements along `axis` are computed.
///
/// Neighbouring chunks along the axis become one until it holds [`WINDOWS`] windows, as far as it stays below 64 MiB, or
/// the size of the largest chunk that is there. Other axes are left as they are, since the blocks of a source would be read
/// once for each part they are cut into: only if not even [`FEWEST`] windows fit are they cut, the slowest first.
pub(crate) fn window_chunks(grid: &ChunkGrid, dtype: DType, axis: usize, size: usize) -> ChunkGrid {
    let mut axes = grid.axes().to_vec();
    let chunk = grid.max_chunk();
    let len = axes[axis].len();
    let wanted = size.saturating_mul(WINDOWS).min(len);
    if chunk.contains(&0) || axes[axis].sizes().all(|size| size >= wanted) {
        return grid.clone();
    }
    let elements: usize = chunk.iter().product();
    let limit = elements.max(AUTO_CHUNK_BYTES / dtype.size());
    let room = limit / (elements / chunk[axis]);
    if room >= size.saturating_mul(FEWEST).min(len) {
        axes[axis] = merged(&axes[axis], wanted, room);
        return ChunkGrid::new(axes);
    }
    axes[axis] = merged(&axes[axis], wanted, limit);
    let elements = elements / chunk[axis] * axes[axis].max_size();
    cut_others(&mut axes, &[axis], elements, limit);
    ChunkGrid::new(axes)
}

/// Cuts axes other than `kept`, the slowest first, until blocks of `elements` have at most `limit`.
pub(crate) fn cut_others(axes: &mut [AxisChunks], kept: &[usize], mut elements: usize, limit: usize) {
    for (axis, chunks) in axes.iter_mut().enumerate() {
        if elements > limit && !kept.contains(&axis) {
            let whole = chunks.max_size().max(1);
            *chunks = split(chunks, whole.div_ceil(elements.div_ceil(limit)).max(1));
            elements = elements / whole * chunks.max_size();
        }
    }
}

/// Neighbouring chunks as one, until each has `wanted` elements, but never more than `most` where a chunk alone has not.
fn merged(chunks: &AxisChunks, wanted: usize, most: usize) -> AxisChunks {
    if let AxisChunks::Regular { len, size } = *chunks {
        let together = wanted.div_ceil(size).min(most / size).max(1);
        return AxisChunks::regular(len, size.saturating_mul(together));
    }
    let mut sizes: Vec<usize> = Vec::new();
    for size in chunks.sizes() {
        match sizes.last_mut() {
            Some(last) if *last < wanted && *last + size <= most => *last += size,
            _ => sizes.push(size),
        }
    }
    AxisChunks::from_sizes(&sizes)
}

/// The same chunks, those of more than `most` elements in equal parts.
fn split(chunks: &AxisChunks, most: usize) -> AxisChunks {
    if let (AxisChunks::Regular { len, .. }, 0..=1) = (chunks, chunks.count()) {
        return AxisChunks::regular(*len, len.div_ceil(len.div_ceil(most).max(1)));
    }
    let parts = chunks.sizes().flat_map(|size| {
        let part = size.div_ceil(size.div_ceil(most).max(1)).max(1);
        (0..size).step_by(part).map(move |start| part.min(size - start))
    });
    AxisChunks::from_sizes(&parts.collect::<Vec<_>>())
}

/// The chunks of an array whose elements become windows of `size` elements along a new axis: so small that the windows of
/// a chunk have at most 64 MiB, or the size of the largest chunk that is there.
pub(crate) fn view_chunks(grid: &ChunkGrid, dtype: DType, axis: usize, size: usize) -> ChunkGrid {
    let elements: usize = grid.max_chunk().iter().product();
    let limit = elements.max(AUTO_CHUNK_BYTES / dtype.size());
    let mut axes = grid.axes().to_vec();
    let windows = elements.saturating_mul(size);
    if windows > limit {
        // Cutting along the axis reads what windows share again, so that comes last.
        cut_others(&mut axes, &[axis], windows, limit);
        let others: usize =
            (0..axes.len()).filter(|&other| other != axis).map(|i| axes[i].max_size()).product();
        let row = others.saturating_mul(size).max(1);
        if row.saturating_mul(axes[axis].max_size()) > limit {
            axes[axis] = split(&axes[axis], (limit / row).max(1));
        }
    }
    ChunkGrid::new(axes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(shape: &[usize], chunk: &[usize], axis: usize, size: usize) -> Vec<usize> {
        window_chunks(&ChunkGrid::regular(shape, chunk), DType::F64, axis, size).max_chunk()
    }

    #[test]
    fn a_chunk_holds_four_windows() {
        assert_eq!(chunks(&[1000, 10], &[1, 10], 0, 7), [28, 10]);
        assert_eq!(chunks(&[1000, 10], &[10, 10], 0, 7), [30, 10]);
        assert_eq!(chunks(&[1000, 10], &[100, 10], 0, 7), [100, 10]);
        assert_eq!(chunks(&[20, 10], &[1, 10], 0, 7), [20, 10]);
        let irregular = ChunkGrid::new(vec![AxisChunks::from_sizes(&[3, 1, 20, 2, 9, 1])]);
        let merged = window_chunks(&irregular, DType::F64, 0, 2);
        assert_eq!(merged.axes()[0].sizes().collect::<Vec<_>>(), [24, 11, 1]);
    }

    #[test]
    fn large_chunks_hold_fewer_windows_before_other_axes_are_cut() {
        // A day of a global map has 8 MB: eight of them fit, which are two windows of four days.
        assert_eq!(chunks(&[365, 720, 1440], &[1, 720, 1440], 0, 4), [8, 720, 1440]);
        // But not two weeks.
        let cut = chunks(&[365, 720, 1440], &[1, 720, 1440], 0, 14);
        assert_eq!(cut, [56, 103, 1440]);
        assert!(cut.iter().product::<usize>() * 8 <= AUTO_CHUNK_BYTES);
    }

    #[test]
    fn a_chunk_is_never_larger_than_the_limit_or_what_was_there() {
        for (shape, chunk, axis, size) in [
            ([100_000_000, 1], [1000, 1], 0, 30_000_000),
            ([4000, 40_000], [40, 40_000], 0, 365),
            ([40_000, 4000], [1, 4000], 1, 3999),
            ([10_000, 10_000], [5000, 5000], 0, 2000),
        ] {
            let (before, after) = (chunk.iter().product::<usize>(), chunks(&shape, &chunk, axis, size));
            let elements: usize = after.iter().product();
            assert!(elements <= before.max(AUTO_CHUNK_BYTES / 8), "{shape:?} {after:?}");
        }
    }

    #[test]
    fn nothing_is_cut_where_nothing_is() {
        assert_eq!(chunks(&[0, 10], &[1, 10], 0, 7), [0, 10]);
        assert_eq!(chunks(&[10, 0], &[1, 10], 0, 7), [1, 0]);
    }
}
