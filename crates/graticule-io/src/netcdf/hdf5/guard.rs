//! The edge to the crate that parses HDF5's metadata: its reads, its errors, and its panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hdf5_reader::error::Error as Hdf5Error;
use hdf5_reader::{Storage, StorageBuffer};

use crate::error::{Error, Result};
use crate::file::DataFile;

/// A file as the parser reads it: through the pool, in blocks, and never beyond its end.
///
/// The parser asks for a few bytes at a time, mostly near each other. Blocks are kept only until
/// [`PooledStorage::forget`]: many files may be open.
pub(super) struct PooledStorage {
    file: Arc<DataFile>,
    blocks: Mutex<Vec<(u64, Arc<Vec<u8>>)>>,
}

const BLOCK_BYTES: u64 = 16 << 10;
const MOST_BLOCKS: usize = 64;

impl PooledStorage {
    pub(super) fn new(file: &Arc<DataFile>) -> Self {
        Self { file: Arc::clone(file), blocks: Mutex::default() }
    }

    /// Gives the memory of the blocks back.
    pub(super) fn forget(&self) {
        *self.blocks() = Vec::new();
    }

    fn blocks(&self) -> MutexGuard<'_, Vec<(u64, Arc<Vec<u8>>)>> {
        // The list is valid at every moment.
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn block(&self, number: u64) -> hdf5_reader::error::Result<Arc<Vec<u8>>> {
        if let Some((_, block)) = self.blocks().iter().find(|(n, _)| *n == number) {
            return Ok(Arc::clone(block));
        }
        let start = number * BLOCK_BYTES;
        let len = (self.file.len() - start).min(BLOCK_BYTES);
        let block = Arc::new(self.read(start, len as usize)?);
        let mut blocks = self.blocks();
        if blocks.len() >= MOST_BLOCKS {
            blocks.remove(0);
        }
        blocks.push((number, Arc::clone(&block)));
        Ok(block)
    }

    fn read(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<Vec<u8>> {
        let mut buffer = vec![0; len];
        self.file
            .read_at(&mut buffer, offset)
            .map_err(|error| Hdf5Error::Io(std::io::Error::other(error)))?;
        Ok(buffer)
    }
}

impl Storage for PooledStorage {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_range(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<StorageBuffer> {
        let available = self.file.len().saturating_sub(offset);
        // Checked before anything is allocated: the length comes from the file.
        if len as u64 > available {
            return Err(Hdf5Error::UnexpectedEof { offset, needed: len as u64, available });
        }
        let start = (offset % BLOCK_BYTES) as usize;
        if len == 0 || start + len > BLOCK_BYTES as usize {
            return Ok(StorageBuffer::from_vec(self.read(offset, len)?));
        }
        StorageBuffer::from_shared_owner(self.block(offset / BLOCK_BYTES)?, start, len)
    }
}

/// Runs the parser. Whatever a hostile file makes it do, what comes out is a result.
pub(super) fn guarded<T>(
    file: &DataFile,
    what: &str,
    f: impl FnOnce() -> hdf5_reader::error::Result<T>,
) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(convert(file, what, error)),
        Err(_) => Err(Error::corrupt(file.path(), what, "its metadata make no sense (the parser gave up)")),
    }
}

fn convert(file: &DataFile, what: &str, error: Hdf5Error) -> Error {
    match error {
        Hdf5Error::Context { source, .. } => convert(file, what, *source),
        Hdf5Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(own) => own.clone(),
            None => Error::io("read", file.path(), error),
        },
        Hdf5Error::UnexpectedEof { offset, needed, available } => Error::corrupt(
            file.path(),
            what,
            format!("{needed} bytes of metadata at byte {offset} are needed, {available} are there"),
        ),
        error @ (Hdf5Error::UnsupportedEncoding(_)
        | Hdf5Error::UnsupportedFilter(_)
        | Hdf5Error::UnsupportedSuperblockVersion(_)
        | Hdf5Error::UnsupportedLinkType(_)) => Error::unsupported(
            file.path(),
            what,
            error.to_string(),
            "convert the file with h5repack or nccopy",
        ),
        error => Error::corrupt(file.path(), what, error.to_string()),
    }
}

/// Whether an error may mean that a part of the file is missing at its end.
pub(super) fn is_beyond_end(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. } | Error::Truncated { .. })
}
