//! Stopping computations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Stops computations from another thread, or on Ctrl-C.
///
/// [`CancelHandle::cancel`] stops every computation that runs under the handle and refuses those that start
/// later, until [`CancelHandle::reset`]. A computation that was stopped stays stopped. It ends with
/// [`Error::Cancelled`] as soon as each thread is done with the chunk it is at; its results are dropped.
///
/// A runtime has a handle of its own ([`crate::Runtime::cancel_handle`]); more can be added for some of its
/// computations ([`crate::Runtime::with_cancel`]) or for all ([`crate::RuntimeBuilder::cancel`]).
///
/// ```
/// use graticule_array::{Array, CancelHandle, Runtime};
/// let handle = CancelHandle::new();
/// let runtime = Runtime::current().with_cancel(&handle);
/// let x = Array::arange(10)?.sum(())?;
///
/// handle.cancel();
/// assert!(runtime.compute(&x).unwrap_err().is_cancelled());
/// assert_eq!(x.compute()?.item::<i64>()?, 45); // other runtimes go on
///
/// handle.reset();
/// assert_eq!(runtime.compute(&x)?.item::<i64>()?, 45);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<AtomicU64>);

// The number counts cancellations and resets: it is odd while the handle is cancelled. A computation remembers
// the number it started with, so a reset does not let one go on that was stopped.
impl CancelHandle {
    /// A handle under which nothing runs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops everything that runs under this handle, and refuses what starts later.
    pub fn cancel(&self) {
        self.0.fetch_or(1, Ordering::Relaxed);
    }

    /// Lets computations start under this handle again.
    pub fn reset(&self) {
        let even = |count: u64| (count % 2 == 1).then(|| count.wrapping_add(1));
        // An error says that the handle was not cancelled.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, even);
    }

    /// Whether anybody but the caller still holds this handle.
    #[cfg(feature = "ctrl-c")]
    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Whether the handle was cancelled and not reset.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) % 2 == 1
    }
}

/// What may stop one computation: the handles it was started under.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Vec<(CancelHandle, u64)>);

impl Cancellation {
    /// A computation that starts now under some handles.
    pub fn new<'a>(handles: impl IntoIterator<Item = &'a CancelHandle>) -> Self {
        let start = |handle: &CancelHandle| (handle.clone(), handle.0.load(Ordering::Relaxed) & !1);
        Self(handles.into_iter().map(start).collect())
    }

    /// An error once one of the handles was cancelled.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<()> {
        let stopped = self.0.iter().any(|(handle, start)| handle.0.load(Ordering::Relaxed) != *start);
        if stopped { Err(Error::Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_lets_new_computations_run_but_not_those_that_were_stopped() {
        let (own, added) = (CancelHandle::new(), CancelHandle::new());
        let before = Cancellation::new([&own, &added]);
        assert!(before.check().is_ok());
        added.cancel();
        added.cancel();
        assert!(added.is_cancelled() && before.check().is_err());
        assert!(Cancellation::new([&added]).check().is_err());
        assert!(Cancellation::new([&own]).check().is_ok());
        added.reset();
        added.reset();
        assert!(!added.is_cancelled() && before.check().is_err());
        assert!(Cancellation::new([&added]).check().is_ok());
    }
}
