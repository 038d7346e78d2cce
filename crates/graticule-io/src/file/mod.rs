//! Files that are opened when they are read and closed when others need the handle.

mod pool;

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::error::{Error, Result};

/// A file that was seen once and can be read at any time.
///
/// It holds no handle: each read borrows one from a pool that the whole process shares. Every time, the
/// file must still be the one that was seen.
#[derive(Debug)]
pub struct DataFile {
    path: PathBuf,
    key: u64,
    identity: Identity,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    len: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok(), inode: inode(metadata) }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

impl DataFile {
    /// Opens the file and remembers what it is.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be opened, [`Error::Format`] when it is not a regular file.
    pub fn open(path: &Path) -> Result<Arc<Self>> {
        static NEXT_KEY: AtomicU64 = AtomicU64::new(0);
        // The working directory may change before the file is opened again.
        let path = std::path::absolute(path).map_err(|error| Error::io("find", path, error))?;
        let handle = pool::open(&path).map_err(|error| Error::io("open", &path, error))?;
        let metadata = handle.metadata().map_err(|error| Error::io("open", &path, error))?;
        if !metadata.is_file() {
            let problem = if metadata.is_dir() { "it is a directory" } else { "it is not a regular file" };
            let hint = "give the path of a netCDF-3, netCDF-4 or HDF5 file";
            return Err(Error::Format { path, problem: problem.into(), hint: hint.into() });
        }
        let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
        pool::put(key, &Arc::new(handle));
        Ok(Arc::new(Self { path, key, identity: Identity::of(&metadata) }))
    }

    /// The absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The size in bytes.
    pub fn len(&self) -> u64 {
        self.identity.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.identity.len == 0
    }

    /// What distinguishes this state of the file from others, as text.
    pub fn version(&self) -> String {
        let modified =
            self.identity.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        format!("{}-{}", self.identity.len, modified.map_or(0, |time| time.as_nanos()))
    }

    /// Fills `out` with the bytes from `offset` on.
    ///
    /// The caller has checked that they are inside the file; that they are not is reported all the same.
    ///
    /// # Errors
    /// [`Error::Io`] when they cannot be read, [`Error::Changed`] when the file is not as it was.
    pub fn read_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        let handle = self.handle()?;
        read_exact_at(&handle, out, offset).map_err(|error| Error::io("read", &self.path, error))
    }

    /// For backends that open the file themselves: whether what is at the path now is what was seen.
    ///
    /// # Errors
    /// [`Error::Io`] when it is not there any more, [`Error::Changed`] when it is not as it was.
    pub fn check(&self) -> Result<()> {
        let metadata = self.path.metadata().map_err(|error| Error::io("find", &self.path, error))?;
        self.unchanged(&metadata)
    }

    fn unchanged(&self, metadata: &Metadata) -> Result<()> {
        let now = Identity::of(metadata);
        if now != self.identity {
            return Err(Error::Changed { path: self.path.clone(), difference: self.difference(&now) });
        }
        Ok(())
    }

    fn handle(&self) -> Result<Arc<File>> {
        let (handle, reopened) = match pool::get(self.key) {
            Some(handle) => (handle, false),
            None => {
                let handle = pool::open(&self.path).map_err(|error| Error::io("open", &self.path, error))?;
                (Arc::new(handle), true)
            }
        };
        // A file may be overwritten in place while its handle is kept, so this asks every time: 0.3 µs.
        let metadata = handle.metadata().map_err(|error| Error::io("read", &self.path, error))?;
        self.unchanged(&metadata)?;
        if reopened {
            pool::put(self.key, &handle);
        }
        Ok(handle)
    }

    fn difference(&self, now: &Identity) -> String {
        if now.len != self.identity.len {
            return format!("it had {} bytes and has {} now", self.identity.len, now.len);
        }
        if now.modified != self.identity.modified {
            return "it was written to".into();
        }
        "another file is in its place".into()
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        pool::remove(self.key);
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, out: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut out: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset) {
            Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                out = &mut out[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
