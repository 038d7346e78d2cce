//! netCDF: the classic formats and HDF5.

mod bytes;
mod classic;
mod fill;
mod hdf5;
#[cfg(feature = "netcdf-c")]
mod netcdf_c;
mod scratch;

pub use classic::Classic;
pub use hdf5::Hdf5;
#[cfg(feature = "netcdf-c")]
pub use netcdf_c::NetcdfC;

use std::path::Path;

use graticule_array::{AxisChunks, ChunkGrid, SourceSpec};

/// Attributes that netCDF and HDF5 keep for themselves.
const HIDDEN: [&str; 9] = [
    "CLASS",
    "NAME",
    "REFERENCE_LIST",
    "DIMENSION_LIST",
    "_Netcdf4Dimid",
    "_Netcdf4Coordinates",
    "_NCProperties",
    "_nc3_strict",
    "_NCCOPY_Fill_Status",
];

/// Contiguous data are cut into pieces of about this size: large enough that the cost of a task does not
/// show, small enough to stay in a cache between two operations.
const PIECE_BYTES: usize = 8 << 20;

/// Stored chunks below this size are read several at once: the cost of a task would show.
const SMALL_CHUNK_BYTES: usize = 64 << 10;
/// How much is read at once then.
const GROUPED_BYTES: usize = 1 << 20;

/// Cuts data that lie in C order into pieces that are each one run of bytes.
fn contiguous_grid(shape: &[usize], element_bytes: usize) -> ChunkGrid {
    let mut room = (PIECE_BYTES / element_bytes.max(1)).max(1);
    let mut chunk = vec![1; shape.len()];
    for (size, &len) in chunk.iter_mut().zip(shape).rev() {
        *size = len.min(room).max(1);
        if len > room {
            break;
        }
        room /= len.max(1);
    }
    ChunkGrid::regular(shape, &chunk)
}

/// As [`contiguous_grid`] where the first axis lies scattered: a piece has many whole records or a part of one.
fn record_grid(shape: &[usize], element_bytes: usize) -> ChunkGrid {
    let Some((&records, record)) = shape.split_first() else { return ChunkGrid::single(shape) };
    let record_bytes = record.iter().product::<usize>() * element_bytes;
    let inner = contiguous_grid(record, element_bytes);
    let together = if inner.count() > 1 { 1 } else { (PIECE_BYTES / record_bytes.max(1)).max(1) };
    let first = AxisChunks::regular(records, together);
    ChunkGrid::new(std::iter::once(first).chain(inner.axes().iter().cloned()).collect())
}

/// The grid of the stored chunks; whole multiples of them where they are small.
fn grouped_grid(shape: &[usize], chunk: &[usize], element_bytes: usize) -> ChunkGrid {
    let mut size: Vec<usize> = chunk.iter().zip(shape).map(|(&size, &len)| size.min(len.max(1))).collect();
    let bytes = |size: &[usize]| size.iter().product::<usize>() * element_bytes;
    if bytes(&size) < SMALL_CHUNK_BYTES {
        for axis in (0..size.len()).rev() {
            let times = (GROUPED_BYTES / bytes(&size).max(1)).max(1);
            let grown = (chunk[axis] * times).min(shape[axis].next_multiple_of(chunk[axis]).max(chunk[axis]));
            size[axis] = grown;
            if grown < shape[axis] {
                break;
            }
            size[axis] = shape[axis].max(1);
        }
    }
    ChunkGrid::new(shape.iter().zip(&size).map(|(&len, &size)| AxisChunks::regular(len, size)).collect())
}

/// What a variable of a netCDF file is, so that equal specs mean equal data.
fn spec(path: &Path, version: &str, variable: &str, padded: bool, shape: &[usize]) -> SourceSpec {
    let missing = if padded { " missing" } else { "" };
    SourceSpec {
        driver: "netcdf".into(),
        config: format!("{}#{variable} {shape:?} {version}{missing}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_single_runs_of_bytes() {
        assert_eq!(contiguous_grid(&[365, 720, 1440], 4).max_chunk(), [2, 720, 1440]);
        assert_eq!(contiguous_grid(&[4, 30_000_000], 1).max_chunk(), [1, 8 << 20]);
        assert_eq!(contiguous_grid(&[10, 20], 8).count(), 1);
        assert_eq!(contiguous_grid(&[], 8).count(), 1);
        assert_eq!(contiguous_grid(&[0, 5], 8).count(), 0);
        assert_eq!(record_grid(&[365, 720, 1440], 4).max_chunk(), [2, 720, 1440]);
        assert_eq!(record_grid(&[365, 7200, 14400], 4).max_chunk(), [1, 145, 14400]);
        assert_eq!(record_grid(&[365], 4).count(), 1);
    }

    #[test]
    fn small_chunks_are_read_several_at_once() {
        assert_eq!(grouped_grid(&[8760], &[1], 8).max_chunk(), [8760]);
        assert_eq!(grouped_grid(&[1, 720, 1440], &[1, 180, 360], 4).max_chunk(), [1, 180, 360]);
        // 10 x 10 x 10 shorts: all of the last axis, then as much of the one before as makes a megabyte.
        let grid = grouped_grid(&[1000, 1000, 1000], &[10, 10, 10], 2);
        assert_eq!(grid.max_chunk(), [10, 50, 1000]);
        assert_eq!(grouped_grid(&[0], &[1024], 8).count(), 0);
        assert_eq!(grouped_grid(&[5], &[1024], 8).max_chunk(), [5]);
    }
}
