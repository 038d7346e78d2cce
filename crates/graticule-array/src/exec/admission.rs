//! One memory limit for everything that a runtime computes at once.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::error::Result;
use crate::exec::Cancellation;

/// The memory that runs of one runtime share. A run begins when its peak fits beside those that are running.
#[derive(Debug)]
pub(crate) struct Admission {
    limit: usize,
    used: Mutex<usize>,
    freed: Condvar,
}

/// Memory that a run may use until this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    bytes: usize,
}

thread_local! {
    /// Whether this thread works on a task.
    static WORKING: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as one that works on tasks, until it is dropped.
#[derive(Debug)]
pub(crate) struct Working {
    before: bool,
}

impl Working {
    pub(crate) fn begin() -> Self {
        Self { before: WORKING.replace(true) }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORKING.set(self.before);
    }
}

impl Admission {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: Mutex::new(0), freed: Condvar::new() })
    }

    /// Waits until a run with this peak fits beside the others. A run inside a task of another, as when a function on
    /// blocks computes something, does not wait: the task would wait for itself.
    pub(crate) fn enter(self: &Arc<Self>, bytes: usize, cancel: &Cancellation) -> Result<Permit> {
        let bytes = if WORKING.get() { 0 } else { bytes.min(self.limit) };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while *used + bytes > self.limit {
            cancel.check()?;
            // Woken when memory is freed; now and then to look whether the run was cancelled.
            let wait = self.freed.wait_timeout(used, Duration::from_millis(50));
            used = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        *used += bytes;
        Ok(Permit { admission: Arc::clone(self), bytes })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.admission.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.admission.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::CancelHandle;

    #[test]
    fn a_run_waits_until_its_peak_fits() {
        let admission = Admission::new(100);
        let cancel = Cancellation::new(&[CancelHandle::new()]);
        let first = admission.enter(70, &cancel).unwrap();
        let other = {
            let (admission, cancel) = (Arc::clone(&admission), cancel.clone());
            std::thread::spawn(move || admission.enter(50, &cancel).map(|permit| permit.bytes))
        };
        let beside = admission.enter(30, &cancel).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert!(!other.is_finished());
        drop((first, beside));
        assert_eq!(other.join().unwrap().unwrap(), 50);
    }

    #[test]
    fn who_waits_can_be_cancelled() {
        let admission = Admission::new(100);
        let handle = CancelHandle::new();
        let cancel = Cancellation::new([&handle]);
        let _first = admission.enter(100, &cancel).unwrap();
        handle.cancel();
        assert!(admission.enter(1, &cancel).unwrap_err().is_cancelled());
    }

    #[test]
    fn a_run_inside_a_task_does_not_wait_for_it() {
        let admission = Admission::new(100);
        let _first = admission.enter(100, &Cancellation::new(&[])).unwrap();
        let working = Working::begin();
        assert!(admission.enter(100, &Cancellation::new(&[])).is_ok());
        drop(working);
    }
}
