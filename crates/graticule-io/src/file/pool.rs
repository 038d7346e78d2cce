//! The open handles of the whole process: a bounded number, the longest unused closed first.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The most handles that are kept, where the process may have many more.
const MOST_HANDLES: usize = 32;

struct Pool {
    capacity: usize,
    /// The handle used last comes last. So few that looking through them is faster than a map.
    handles: Mutex<Vec<(u64, Arc<File>)>>,
}

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| {
        // A quarter of what the process may open leaves room for threads that hold one each and for others.
        let capacity = descriptor_limit().map_or(MOST_HANDLES, |limit| (limit / 4).clamp(2, MOST_HANDLES));
        Pool { capacity, handles: Mutex::new(Vec::with_capacity(capacity + 1)) }
    })
}

/// How many files the process may open, where the system tells.
fn descriptor_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

fn handles() -> MutexGuard<'static, Vec<(u64, Arc<File>)>> {
    // Nothing panics while the lock is held, and the list is valid at every moment.
    pool().handles.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a file. When the process has no descriptor left, those of the pool are given up first.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    match File::open(path) {
        Err(error) if matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) => {
            let closed = std::mem::take(&mut *handles());
            drop(closed);
            File::open(path)
        }
        result => result,
    }
}

/// "Too many open files", of the process and of the system; the same on Linux and macOS.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// The handle of a file, if it is in the pool.
pub(super) fn get(key: u64) -> Option<Arc<File>> {
    let mut handles = handles();
    let at = handles.iter().rposition(|(k, _)| *k == key)?;
    let entry = handles.remove(at);
    let handle = Arc::clone(&entry.1);
    handles.push(entry);
    Some(handle)
}

/// Keeps a handle; the longest unused one makes room.
pub(super) fn put(key: u64, handle: &Arc<File>) {
    let evicted = {
        let mut handles = handles();
        if handles.iter().any(|(k, _)| *k == key) {
            return;
        }
        handles.push((key, Arc::clone(handle)));
        if handles.len() > pool().capacity { Some(handles.remove(0)) } else { None }
    };
    // Closing may take long on a network file system: not under the lock.
    drop(evicted);
}

/// Closes the handle of a file that nobody will read again.
pub(super) fn remove(key: u64) {
    let removed = {
        let mut handles = handles();
        handles.iter().position(|(k, _)| *k == key).map(|at| handles.remove(at))
    };
    drop(removed);
}
