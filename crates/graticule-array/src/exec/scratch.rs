//! A result on disk, in blocks, until no stage needs it any more.
//!
//! The file has no name (where the system can do that), so its space is given back when the process ends, however it
//! ends: nothing is left to clean up.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::copy;

/// An array in blocks on disk. Threads write and read different blocks at once.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: File,
    folder: Arc<Path>,
    dtype: DType,
    grid: ChunkGrid,
}

impl Scratch {
    /// An array whose blocks are still to be written, in a file in `folder`.
    pub(crate) fn create(folder: Arc<Path>, dtype: DType, grid: ChunkGrid) -> Result<Self> {
        match tempfile::tempfile_in(&folder) {
            Ok(file) => Ok(Self { file, folder, dtype, grid }),
            Err(cause) => Err(failed(&folder, dtype, &grid, cause)),
        }
    }

    /// Writes the values of a region, which is made of whole blocks.
    pub(crate) fn write(&self, region: &[Range<usize>], values: &Chunk) -> Result<()> {
        let blocks: Vec<Range<usize>> = region
            .iter()
            .zip(self.grid.axes())
            .map(|(range, chunks)| match range.is_empty() {
                true => 0..0,
                false => chunks.find(range.start)..chunks.find(range.end - 1) + 1,
            })
            .collect();
        if blocks.iter().any(Range::is_empty) {
            return Ok(());
        }
        let mut index: Vec<usize> = blocks.iter().map(|range| range.start).collect();
        let mut block = Chunk::empty(self.dtype);
        loop {
            let block_region = self.grid.region(&index);
            let inside: Vec<Range<usize>> = block_region
                .iter()
                .zip(region)
                .map(|(block, whole)| {
                    block.start.saturating_sub(whole.start)..block.end.saturating_sub(whole.start)
                })
                .collect();
            let whole = inside.iter().zip(values.shape()).all(|(range, &len)| *range == (0..len));
            if whole {
                self.write_block(&block_region, values)?;
            } else {
                let shape: Vec<usize> = inside.iter().map(ExactSizeIterator::len).collect();
                block.reset(self.dtype, &shape);
                copy::gather(values, &inside, &mut block);
                self.write_block(&block_region, &block)?;
            }
            let Some(axis) = (0..index.len()).rev().find(|&axis| index[axis] + 1 < blocks[axis].end) else {
                return Ok(());
            };
            index[axis] += 1;
            for later in axis + 1..index.len() {
                index[later] = blocks[later].start;
            }
        }
    }

    /// Fills `out` with a block.
    pub(crate) fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.dtype, &shape);
        let at = self.offset(&region);
        let read = match out.buffer_mut() {
            Buffer::Bool(v) => {
                let mut bytes = vec![0u8; v.len()];
                let read = self.read_at(&mut bytes, at);
                v.iter_mut().zip(bytes).for_each(|(x, byte)| *x = byte != 0);
                read
            }
            Buffer::I8(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::I16(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::I32(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::I64(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::U8(v) => self.read_at(v, at),
            Buffer::U16(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::U32(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::U64(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::F32(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::F64(v) => self.read_at(bytemuck::cast_slice_mut(v), at),
            Buffer::Str(_) => return Err(text_on_disk()),
        };
        read.map_err(|cause| failed(&self.folder, self.dtype, &self.grid, cause))
    }

    fn write_block(&self, region: &[Range<usize>], values: &Chunk) -> Result<()> {
        let at = self.offset(region);
        let written = match values.buffer() {
            Buffer::Bool(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::I8(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::I16(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::I32(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::I64(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::U8(v) => self.write_at(v, at),
            Buffer::U16(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::U32(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::U64(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::F32(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::F64(v) => self.write_at(bytemuck::cast_slice(v), at),
            Buffer::Str(_) => return Err(text_on_disk()),
        };
        written.map_err(|cause| failed(&self.folder, self.dtype, &self.grid, cause))
    }

    /// Where a block begins in the file. Blocks follow each other in C order of their numbers, so before a block lie,
    /// axis by axis, all earlier rows of the block's own extent on the axes before.
    fn offset(&self, region: &[Range<usize>]) -> u64 {
        let shape = self.grid.shape();
        let mut extent = 1u64;
        let mut elements = 0u64;
        for (axis, range) in region.iter().enumerate() {
            let rest: u64 = shape[axis + 1..].iter().map(|&len| len as u64).product();
            elements += extent * range.start as u64 * rest;
            extent *= range.len() as u64;
        }
        elements * self.dtype.size() as u64
    }

    #[cfg(unix)]
    fn read_at(&self, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, at)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], at: u64) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, at)
    }

    #[cfg(windows)]
    fn read_at(&self, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let n = std::os::windows::fs::FileExt::seek_read(&self.file, bytes, at)?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            bytes = &mut bytes[n..];
            at += n as u64;
        }
        Ok(())
    }

    #[cfg(windows)]
    fn write_at(&self, mut bytes: &[u8], mut at: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let n = std::os::windows::fs::FileExt::seek_write(&self.file, bytes, at)?;
            bytes = &bytes[n..];
            at += n as u64;
        }
        Ok(())
    }
}

fn failed(folder: &Path, dtype: DType, grid: &ChunkGrid, cause: std::io::Error) -> Error {
    let elements: u64 = grid.axes().iter().map(|axis| axis.len() as u64).product();
    Error::Spill {
        folder: folder.display().to_string(),
        wanted_bytes: elements * dtype.size() as u64,
        cause: Arc::new(cause),
    }
}

fn text_on_disk() -> Error {
    Error::defect("text was to be kept on disk")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::AxisChunks;

    #[test]
    fn blocks_come_back_as_they_were_written_in_any_order() {
        let grid = ChunkGrid::new(vec![AxisChunks::from_sizes(&[2, 3, 1]), AxisChunks::regular(5, 2)]);
        let folder: Arc<Path> = std::env::temp_dir().into();
        let scratch = Scratch::create(folder, DType::I32, grid.clone()).unwrap();
        let whole = Chunk::new(vec![6, 5], (0..30i32).collect()).unwrap();
        // Rows of blocks, last first.
        for rows in [5..6, 2..5, 0..2] {
            let mut values = Chunk::empty(DType::I32);
            values.reset(DType::I32, &[rows.len(), 5]);
            copy::gather(&whole, &[rows.clone(), 0..5], &mut values);
            scratch.write(&[rows, 0..5], &values).unwrap();
        }
        let mut block = Chunk::empty(DType::I32);
        for i in 0..3 {
            for j in 0..3 {
                scratch.read(&[i, j], &mut block).unwrap();
                let mut expected = Chunk::empty(DType::I32);
                let region = grid.region(&[i, j]);
                let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
                expected.reset(DType::I32, &shape);
                copy::gather(&whole, &region, &mut expected);
                assert_eq!(block, expected);
            }
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder: Arc<Path> = Path::new("/nowhere/at/all").into();
        let error = Scratch::create(folder, DType::F64, ChunkGrid::single(&[1])).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
