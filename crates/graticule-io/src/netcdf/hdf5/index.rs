//! Where the stored chunks of a variable are.

use hdf5_reader::messages::layout::ChunkIndexing;
use hdf5_reader::{Hdf5File, btree_v1, chunk_index, extensible_array, fixed_array};

use super::filters::Filters;
use super::guard::guarded;
use crate::error::{Error, Result};
use crate::file::DataFile;

/// One stored chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its number in C order of the chunks.
    number: u64,
    /// Its first byte in the file.
    pub(super) address: u64,
    /// Its bytes in the file.
    pub(super) stored: u64,
    /// Which filters were left out.
    pub(super) mask: u32,
}

/// The stored chunks in order of their numbers. Chunks that were never written are not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
}

/// What is known about the chunks of a variable before their index is read.
#[derive(Debug, Clone)]
pub(super) struct ChunkLayout {
    pub(super) index_address: u64,
    /// None for the B-tree of the first versions.
    pub(super) indexing: Option<ChunkIndexing>,
    /// The length of the stored variable, which may be shorter than its dimension.
    pub(super) shape: Vec<usize>,
    pub(super) max_shape: Option<Vec<u64>>,
    /// The length of a chunk along every axis.
    pub(super) chunk: Vec<usize>,
    pub(super) element_bytes: usize,
    pub(super) chunk_bytes: usize,
    pub(super) filters: Filters,
}

impl ChunkLayout {
    /// How many chunks there are along every axis.
    pub(super) fn counts(&self) -> Vec<u64> {
        self.shape.iter().zip(&self.chunk).map(|(&len, &size)| len.div_ceil(size) as u64).collect()
    }

    /// Whether a chunk that starts at `offsets` is not all inside the variable.
    fn reaches_beyond(&self, offsets: &[u64]) -> bool {
        let mut axes = offsets.iter().zip(&self.chunk).zip(&self.shape);
        axes.any(|((&offset, &size), &len)| offset.saturating_add(size as u64) > len as u64)
    }
}

impl Index {
    /// Reads the index. `plain_edges` says that chunks which reach beyond the variable are not filtered.
    pub(super) fn read(
        file: &DataFile,
        h5: &Hdf5File,
        layout: &ChunkLayout,
        plain_edges: bool,
        what: &str,
    ) -> Result<Self> {
        let superblock = h5.superblock();
        let undefined =
            |address: u64| hdf5_reader::io::Cursor::is_undefined_offset(address, superblock.offset_size);
        if undefined(layout.index_address) || layout.shape.contains(&0) {
            return Ok(Self::default());
        }
        let found = collect(file, h5, layout, what)?;
        let counts = layout.counts();
        let mut entries = Vec::with_capacity(found.len());
        for entry in found {
            if undefined(entry.address) {
                continue;
            }
            let Some(number) = number(&entry.offsets, layout, &counts) else {
                let problem =
                    format!("its index has a chunk at {:?}, which is none of its grid", entry.offsets);
                return Err(Error::corrupt(file.path(), what, problem));
            };
            // Chunks beyond a variable that was shortened stay in the index.
            let Some(number) = number else { continue };
            let mask = if plain_edges && layout.reaches_beyond(&entry.offsets) {
                u32::MAX
            } else {
                entry.filter_mask
            };
            let plain = layout.filters.is_plain(mask) || entry.size == 0;
            if plain && entry.size != 0 && entry.size != layout.chunk_bytes as u64 {
                let problem = format!("its index gives an unfiltered chunk {} bytes", entry.size);
                return Err(Error::corrupt(file.path(), what, problem));
            }
            let stored = if plain { layout.chunk_bytes as u64 } else { entry.size };
            let address = entry
                .address
                .checked_add(superblock.base_address)
                .filter(|at| at.checked_add(stored).is_some());
            let Some(address) = address else {
                return Err(Error::corrupt(
                    file.path(),
                    what,
                    "its index has a chunk at an impossible address",
                ));
            };
            entries.push(Entry { number, address, stored, mask });
        }
        entries.sort_unstable_by_key(|entry| entry.number);
        if entries.windows(2).any(|pair| pair[0].number == pair[1].number) {
            return Err(Error::corrupt(file.path(), what, "its index has a chunk twice"));
        }
        Ok(Self { entries })
    }

    /// The stored chunk with this number, if it was ever written.
    pub(super) fn get(&self, number: u64) -> Option<Entry> {
        // Where all chunks were written, a chunk's number is its place.
        let guess = usize::try_from(number).ok().and_then(|at| self.entries.get(at));
        if let Some(entry) = guess.filter(|entry| entry.number == number) {
            return Some(*entry);
        }
        let at = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        self.entries.get(at).copied()
    }

    /// The bytes of all chunks in the file.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.stored).sum()
    }

    /// The last byte of any chunk.
    pub(super) fn end(&self) -> u64 {
        self.entries.iter().map(|entry| entry.address + entry.stored).max().unwrap_or(0)
    }
}

/// The number of the chunk that starts at `offsets`: none outside the variable, an error off its grid.
fn number(offsets: &[u64], layout: &ChunkLayout, counts: &[u64]) -> Option<Option<u64>> {
    let mut number = Some(0u64);
    for (axis, &count) in counts.iter().enumerate() {
        let (&offset, size) = (offsets.get(axis)?, layout.chunk[axis] as u64);
        if offset % size != 0 {
            return None;
        }
        let at = offset / size;
        number =
            number.filter(|_| at < count).and_then(|n| n.checked_mul(count)).and_then(|n| n.checked_add(at));
    }
    Some(number)
}

fn collect(
    file: &DataFile,
    h5: &Hdf5File,
    layout: &ChunkLayout,
    what: &str,
) -> Result<Vec<chunk_index::ChunkEntry>> {
    let storage = h5.storage();
    let superblock = h5.superblock();
    let (offset_size, length_size) = (superblock.offset_size, superblock.length_size);
    let address = layout.index_address;
    let shape: Vec<u64> = layout.shape.iter().map(|&len| len as u64).collect();
    let chunk: Vec<u32> = layout.chunk.iter().map(|&len| u32::try_from(len).unwrap_or(u32::MAX)).collect();
    let rank = shape.len() as u32;
    guarded(file, what, || match &layout.indexing {
        None => {
            let leaves = btree_v1::collect_btree_v1_leaves_storage(
                storage,
                address,
                offset_size,
                length_size,
                Some(rank),
                &chunk,
                None,
            )?;
            Ok(leaves.into_iter().filter_map(|(key, address)| leaf(key, address)).collect())
        }
        Some(ChunkIndexing::SingleChunk { filtered_size, filters }) => {
            Ok(vec![chunk_index::single_chunk_entry(address, *filtered_size, *filters, shape.len())])
        }
        Some(ChunkIndexing::Implicit) => chunk_index::collect_implicit_chunk_entries(
            address,
            &shape,
            &chunk,
            layout.element_bytes,
            None,
            storage.len(),
        ),
        Some(ChunkIndexing::FixedArray { .. }) => fixed_array::collect_fixed_array_chunk_entries_storage(
            storage,
            address,
            offset_size,
            length_size,
            &shape,
            &chunk,
            None,
        ),
        Some(ChunkIndexing::ExtensibleArray { .. }) => {
            extensible_array::collect_extensible_array_chunk_entries_storage(
                storage,
                address,
                offset_size,
                length_size,
                &shape,
                layout.max_shape.as_deref(),
                &chunk,
                None,
            )
        }
        Some(ChunkIndexing::BTreeV2) => chunk_index::collect_v2_chunk_entries_storage(
            storage,
            address,
            offset_size,
            length_size,
            rank,
            &chunk,
            None,
        ),
    })
}

fn leaf(key: btree_v1::BTreeV1Key, address: u64) -> Option<chunk_index::ChunkEntry> {
    match key {
        btree_v1::BTreeV1Key::RawData { chunk_size, filter_mask, offsets } => {
            Some(chunk_index::ChunkEntry { address, size: u64::from(chunk_size), filter_mask, offsets })
        }
        btree_v1::BTreeV1Key::Group { .. } => None,
    }
}
