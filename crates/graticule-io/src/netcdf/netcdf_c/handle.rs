//! Files that the C library has open: few, each until its sources are gone, one used at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::calls;
use crate::error::Error;
use crate::file::DataFile;

/// The library keeps up to 16 MiB of decoded chunks for every variable of an open file.
const MOST_FILES: usize = 4;

/// The open files; the one used last comes last.
static OPEN: Mutex<Vec<(u64, netcdf::File)>> = Mutex::new(Vec::new());

fn open_files() -> MutexGuard<'static, Vec<(u64, netcdf::File)>> {
    // The list is valid at every moment.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file as the library sees it. The library closes it when this is dropped, or before when others need its place.
#[derive(Debug)]
pub(super) struct Handle {
    key: u64,
    file: Arc<DataFile>,
}

impl Handle {
    pub(super) fn new(file: &Arc<DataFile>) -> Self {
        static NEXT_KEY: AtomicU64 = AtomicU64::new(0);
        Self { key: NEXT_KEY.fetch_add(1, Ordering::Relaxed), file: Arc::clone(file) }
    }

    pub(super) fn file(&self) -> &Arc<DataFile> {
        &self.file
    }

    /// Runs `f` on the open file. The error is what the library or the crate around it has to say.
    pub(super) fn with<T>(&self, f: impl FnOnce(&netcdf::File) -> netcdf::Result<T>) -> Result<T, String> {
        let mut open = open_files();
        calls::quieten();
        let file = match open.iter().position(|(key, _)| *key == self.key) {
            Some(at) => open.remove(at).1,
            None => {
                while open.len() >= MOST_FILES {
                    open.remove(0);
                }
                caught(|| netcdf::open(self.file.path()))?
            }
        };
        let result = caught(|| f(&file));
        open.push((self.key, file));
        result
    }

    /// An error if the file is not the one that was opened any more.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.file.check()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        open_files().retain(|(key, _)| *key != self.key);
    }
}

/// Runs a part of the crate `netcdf`, which panics where a name or type is not as it expects.
pub(super) fn caught<T>(f: impl FnOnce() -> netcdf::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it has a name or type that the crate around the C library gives up on".into()),
    }
}
