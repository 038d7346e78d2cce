//! Code that others wrote: sources, sinks and functions on blocks.

use crate::error::{Error, Result};

/// Runs what others wrote: a panic in it becomes an error, and threads go on to their end.
pub(crate) fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let message = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Error::Panicked { message: message.unwrap_or_else(|| "without a message".into()) })
    })
}
