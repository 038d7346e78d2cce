//! Chunks of an HDF5 variable: read, unfiltered and put in native byte order in the caller's buffer.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use graticule_array::{Buffer, Chunk, ChunkGrid, ChunkSource, DType, SourceSpec};
use hdf5_reader::{Dataset, Hdf5File};

use super::element::{Element, is_plain};
use super::guard::{PooledStorage, guarded, is_beyond_end};
use super::header;
use super::index::{ChunkLayout, Entry, Index};
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::netcdf::bytes::{self, Corner, copy_box};
use crate::netcdf::scratch::{self, Scratch, room};
use crate::netcdf::spec;
use crate::text::{before_padding, text_from};

/// Where the elements of a variable lie.
#[derive(Debug)]
pub(super) enum Storage {
    /// Nowhere: none was ever written.
    Unwritten,
    /// In the object header.
    Compact(Vec<u8>),
    /// One after another from an address on.
    Contiguous { address: u64 },
    /// In chunks.
    Chunked(ChunkLayout),
}

/// A variable of an HDF5 file.
pub(super) struct Hdf5Source {
    pub(super) file: Arc<DataFile>,
    /// What `h5` reads from.
    pub(super) metadata: Arc<PooledStorage>,
    pub(super) h5: Hdf5File,
    pub(super) dataset: Dataset,
    /// The path of the variable in the file.
    pub(super) name: String,
    pub(super) element: Element,
    /// The bytes of a stored element.
    pub(super) element_bytes: usize,
    /// The lengths of the dimensions.
    pub(super) shape: Vec<usize>,
    /// The lengths of what is stored, which may be less along unlimited dimensions.
    pub(super) stored_shape: Vec<usize>,
    pub(super) grid: ChunkGrid,
    pub(super) storage: Storage,
    /// What stands for elements that were never written, in stored form; zeros if empty.
    pub(super) fill: Vec<u8>,
    /// What stands for elements that a truncated file lacks, in stored form; without it, that is an error.
    pub(super) missing: Option<Vec<u8>>,
    pub(super) index: OnceLock<Result<Index>>,
}

impl fmt::Debug for Hdf5Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hdf5Source")
            .field("path", &self.file.path())
            .field("name", &self.name)
            .field("element", &self.element)
            .field("grid", &self.grid)
            .finish_non_exhaustive()
    }
}

impl Hdf5Source {
    fn what(&self) -> String {
        format!("variable {:?}", self.name)
    }

    fn corrupt(&self, problem: impl Into<String>) -> Error {
        Error::corrupt(self.file.path(), self.what(), problem)
    }

    /// The chunk index; the first reader reads it.
    pub(super) fn index(&self, layout: &ChunkLayout) -> Result<&Index> {
        let index = self.index.get_or_init(|| {
            // The option is as old as the chunk indexes of the second generation.
            let plain_edges = layout.indexing.is_some()
                && !layout.filters.is_empty()
                && header::edges_are_plain(&self.h5, self.dataset.address());
            let index = self
                .check_layout()
                .and_then(|()| Index::read(&self.file, &self.h5, layout, plain_edges, &self.what()));
            self.metadata.forget();
            match index {
                Err(error) if self.missing.is_some() && is_beyond_end(&error) => Ok(Index::default()),
                result => result,
            }
        });
        index.as_ref().map_err(Error::clone)
    }

    /// What opening does not look at: whether the bits of an element are where its size suggests.
    pub(super) fn check_layout(&self) -> Result<()> {
        let raw = guarded(&self.file, &self.what(), || self.dataset.raw_datatype())?;
        if is_plain(&raw) {
            return Ok(());
        }
        let problem = "its numbers are not laid out as IEEE 754 or two's complement have it";
        Err(Error::unsupported(
            self.file.path(),
            self.what(),
            problem,
            "convert the file with h5repack or h5py",
        ))
    }

    fn fill_chunk(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.element.dtype(), &shape);
        let count: usize = shape.iter().product();
        match &self.element {
            Element::Number { dtype, swap } => {
                let Some(target) = bytes::bytes_mut(out) else { return Ok(()) };
                scratch::with(|scratch| self.assemble(&region, target, scratch))?;
                if *swap {
                    bytes::swap(target, dtype.size());
                }
                Ok(())
            }
            Element::Char => match bytes::bytes_mut(out) {
                Some(target) => scratch::with(|scratch| self.assemble(&region, target, scratch)),
                None => Ok(()),
            },
            Element::Half { .. } | Element::FixedText { .. } | Element::VariableText => {
                scratch::with(|scratch| {
                    let mut elements = std::mem::take(&mut scratch.elements);
                    let stored = room(&mut elements, count * self.element_bytes);
                    let result = self.assemble(&region, stored, scratch);
                    let result = result.and_then(|()| self.convert(stored, out.buffer_mut()));
                    scratch.elements = elements;
                    result
                })
            }
            Element::Unsupported(_) => Ok(()),
        }
    }

    /// Elements whose form in memory is another than the stored one.
    fn convert(&self, stored: &[u8], out: &mut Buffer) -> Result<()> {
        let elements = stored.chunks_exact(self.element_bytes.max(1));
        match (&self.element, out) {
            (Element::Half { swap }, Buffer::F32(out)) => {
                for (out, bits) in out.iter_mut().zip(stored.as_chunks::<2>().0) {
                    let bits = u16::from_ne_bytes(*bits);
                    *out = bytes::widen_half(if *swap { bits.swap_bytes() } else { bits });
                }
            }
            (Element::FixedText { .. }, Buffer::Str(out)) => {
                for (out, field) in out.iter_mut().zip(elements) {
                    *out = text_from(before_padding(field)).into();
                }
            }
            (Element::VariableText, Buffer::Str(out)) => {
                for (out, reference) in out.iter_mut().zip(elements) {
                    let text = guarded(&self.file, &self.what(), || {
                        self.dataset.resolve_vlen_reference_bytes(reference, 1)
                    })?;
                    *out = text_from(before_padding(&text)).into();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Fills `out` with the stored form of the elements of a region of the grid.
    fn assemble(&self, region: &[Range<usize>], out: &mut [u8], scratch: &mut Scratch) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        match &self.storage {
            Storage::Unwritten => bytes::fill(out, &self.fill),
            Storage::Compact(data) => {
                let from = Corner { shape: &self.stored_shape, start: &starts(region) };
                let shape = lens(region);
                let to = Corner { shape: &shape, start: &vec![0; shape.len()] };
                if data.len() < self.stored_shape.iter().product::<usize>() * self.element_bytes {
                    return Err(self.corrupt("its header holds less data than its shape asks for"));
                }
                copy_box((data, from), (out, to), &shape, self.element_bytes);
            }
            Storage::Contiguous { address } => {
                let at = region.iter().zip(&self.shape).fold(0, |at, (range, &len)| at * len + range.start);
                self.read_run(address + (at * self.element_bytes) as u64, out)?;
            }
            Storage::Chunked(layout) => self.assemble_chunks(layout, region, out, scratch)?,
        }
        Ok(())
    }

    fn assemble_chunks(
        &self,
        layout: &ChunkLayout,
        region: &[Range<usize>],
        out: &mut [u8],
        scratch: &mut Scratch,
    ) -> Result<()> {
        let index = self.index(layout)?;
        let inside = |range: &Range<usize>, len: usize| range.start.min(len)..range.end.min(len);
        let stored: Vec<Range<usize>> =
            region.iter().zip(&layout.shape).map(|(range, &len)| inside(range, len)).collect();
        if stored != region {
            // The dimension has grown beyond this variable.
            bytes::fill(out, &self.fill);
        }
        if stored.iter().any(Range::is_empty) {
            return Ok(());
        }
        let counts = layout.counts();
        let first: Vec<usize> =
            stored.iter().zip(&layout.chunk).map(|(range, &size)| range.start / size).collect();
        let last: Vec<usize> =
            stored.iter().zip(&layout.chunk).map(|(range, &size)| (range.end - 1) / size).collect();
        let out_shape = lens(region);
        let mut at = first.clone();
        loop {
            let number = at.iter().zip(&counts).fold(0, |number, (&i, &count)| number * count + i as u64);
            let start: Vec<usize> = at.iter().zip(&layout.chunk).map(|(&i, &size)| i * size).collect();
            if out_shape == layout.chunk && stored == region && first == last {
                self.read_chunk(layout, &at, index.get(number), out, scratch)?;
            } else {
                let mut plain = std::mem::take(&mut scratch.plain);
                let chunk = room(&mut plain, layout.chunk_bytes);
                let result = self.read_chunk(layout, &at, index.get(number), chunk, scratch);
                if result.is_ok() {
                    // What is wanted of this chunk, as positions in the variable.
                    let wanted: Vec<Range<usize>> = (stored.iter().zip(&start).zip(&layout.chunk))
                        .map(|((range, &start), &size)| range.start.max(start)..range.end.min(start + size))
                        .collect();
                    let from: Vec<usize> =
                        wanted.iter().zip(&start).map(|(range, start)| range.start - start).collect();
                    let to: Vec<usize> =
                        wanted.iter().zip(region).map(|(range, all)| range.start - all.start).collect();
                    let from = Corner { shape: &layout.chunk, start: &from };
                    let to = Corner { shape: &out_shape, start: &to };
                    copy_box((chunk, from), (out, to), &lens(&wanted), self.element_bytes);
                }
                scratch.plain = plain;
                result?;
            }
            // The next chunk, like an odometer.
            let mut axis = at.len();
            loop {
                if axis == 0 {
                    return Ok(());
                }
                axis -= 1;
                if at[axis] < last[axis] {
                    at[axis] += 1;
                    break;
                }
                at[axis] = first[axis];
            }
        }
    }

    /// One stored chunk, in full.
    fn read_chunk(
        &self,
        layout: &ChunkLayout,
        at: &[usize],
        entry: Option<Entry>,
        out: &mut [u8],
        scratch: &mut Scratch,
    ) -> Result<()> {
        let Some(entry) = entry else {
            // A truncated file may have lost the index: then nobody knows what was never written.
            bytes::fill(out, self.missing.as_ref().unwrap_or(&self.fill));
            return Ok(());
        };
        let chunk = || format!("variable {:?}, chunk {at:?}", self.name);
        if entry.address + entry.stored > self.file.len() {
            let Some(missing) = &self.missing else {
                return Err(Error::Truncated {
                    path: self.file.path().to_owned(),
                    what: chunk(),
                    needed_bytes: entry.address + entry.stored,
                    actual_bytes: self.file.len(),
                });
            };
            bytes::fill(out, missing);
            return Ok(());
        }
        if let Some(filter) = layout.filters.unsupported(entry.mask) {
            let problem = format!("it is stored with the filter {filter}");
            let hint = "deflate, shuffle and fletcher32 are supported: convert the file with h5repack or nccopy, or \
                        open it with the backend `NetcdfC` of the feature `netcdf-c`";
            return Err(Error::unsupported(self.file.path(), self.what(), problem, hint));
        }
        if layout.filters.is_plain(entry.mask) {
            return self.file.read_at(out, entry.address);
        }
        if !layout.filters.size_is_plausible(entry.mask, entry.stored, out.len() as u64) {
            let problem = format!("{} stored bytes cannot be a chunk of {}", entry.stored, out.len());
            return Err(Error::corrupt(self.file.path(), chunk(), problem));
        }
        let stored = usize::try_from(entry.stored).unwrap_or(usize::MAX);
        self.file.read_at(room(&mut scratch.packed, stored), entry.address)?;
        let undone = layout.filters.undo(entry.mask, scratch, stored, out);
        undone.map_err(|problem| Error::corrupt(self.file.path(), chunk(), problem))
    }

    /// Bytes that are one run in the file.
    fn read_run(&self, start: u64, out: &mut [u8]) -> Result<()> {
        let end = start.saturating_add(out.len() as u64);
        if end <= self.file.len() {
            return self.file.read_at(out, start);
        }
        let Some(missing) = &self.missing else {
            return Err(Error::Truncated {
                path: self.file.path().to_owned(),
                what: self.what(),
                needed_bytes: end,
                actual_bytes: self.file.len(),
            });
        };
        let there = usize::try_from(self.file.len().saturating_sub(start)).unwrap_or(0);
        let (there, lost) = out.split_at_mut(there / self.element_bytes * self.element_bytes);
        bytes::fill(lost, missing);
        self.file.read_at(there, start)
    }
}

fn starts(region: &[Range<usize>]) -> Vec<usize> {
    region.iter().map(|range| range.start).collect()
}

fn lens(region: &[Range<usize>]) -> Vec<usize> {
    region.iter().map(ExactSizeIterator::len).collect()
}

impl ChunkSource for Hdf5Source {
    fn spec(&self) -> SourceSpec {
        spec(self.file.path(), &self.file.version(), &self.name, self.missing.is_some(), &self.shape)
    }

    fn label(&self) -> String {
        crate::text::source_label(&self.name, self.file.path())
    }

    fn dtype(&self) -> DType {
        self.element.dtype()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        self.fill_chunk(index, out).map_err(|error| {
            error.into_read_error(&format!("variable {:?} of {}", self.name, self.file.path().display()))
        })
    }

    fn scratch_bytes(&self) -> usize {
        let elements: usize = self.grid.max_chunk().iter().product();
        let converted = match self.element {
            Element::Half { .. } | Element::FixedText { .. } | Element::VariableText => {
                elements * self.element_bytes
            }
            Element::Number { .. } | Element::Char | Element::Unsupported(_) => 0,
        };
        let chunks = match &self.storage {
            // Packed, between two filters, and unpacked where only a part is wanted.
            Storage::Chunked(layout) if !layout.filters.is_empty() => 3 * layout.chunk_bytes,
            Storage::Chunked(layout) => layout.chunk_bytes,
            Storage::Unwritten | Storage::Compact(_) | Storage::Contiguous { .. } => 0,
        };
        converted + chunks
    }

    fn stored_bytes(&self) -> Option<u64> {
        match &self.storage {
            Storage::Chunked(layout) => self.index(layout).ok().map(Index::stored_bytes),
            Storage::Compact(data) => Some(data.len() as u64),
            Storage::Contiguous { .. } => {
                let elements: usize = self.stored_shape.iter().product();
                Some(elements as u64 * self.element_bytes as u64)
            }
            Storage::Unwritten => Some(0),
        }
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}
