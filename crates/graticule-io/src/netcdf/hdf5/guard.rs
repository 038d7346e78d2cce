//! The edge to the crate that parses HDF5's metadata: its reads, its errors, and its panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hdf5_reader::error::Error as Hdf5Error;
use hdf5_reader::{Storage, StorageBuffer};

use crate::error::{Error, Result};
use crate::file::DataFile;

/// A file as the parser reads it: through the pool, and never beyond its end.
pub(super) struct PooledStorage {
    pub(super) file: Arc<DataFile>,
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
        let mut buffer = vec![0; len];
        self.file.read_at(&mut buffer, offset).map_err(|error| Hdf5Error::Io(std::io::Error::other(error)))?;
        Ok(StorageBuffer::from_vec(buffer))
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
        error => Error::corrupt(file.path(), what, error.to_string()),
    }
}

/// Whether an error may mean that a part of the file is missing at its end.
pub(super) fn is_beyond_end(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. } | Error::Truncated { .. })
}
