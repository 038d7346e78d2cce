//! Ctrl-C.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::{Error, Result};
use crate::exec::CancelHandle;

/// The exit status of a process that SIGINT ended, as shells report it.
const INTERRUPTED: i32 = 130;

static HANDLES: Mutex<Vec<CancelHandle>> = Mutex::new(Vec::new());

impl CancelHandle {
    /// A handle that is cancelled when the user presses Ctrl-C. When it is pressed again before the handle is reset,
    /// the process ends at once.
    ///
    /// ```
    /// use graticule_array::{CancelHandle, Runtime};
    /// let ctrl_c = CancelHandle::on_ctrl_c()?;
    /// Runtime::current().with_cancel(&ctrl_c).install();
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// From the first call on, Ctrl-C no longer ends the process by itself: a program that computes nothing at the
    /// moment ends at the second.
    ///
    /// # Errors
    /// [`Error::Argument`] when the program handles Ctrl-C already in another way.
    pub fn on_ctrl_c() -> Result<Self> {
        static INSTALLED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
        let installed =
            INSTALLED.get_or_init(|| ctrlc::set_handler(pressed).map_err(|error| error.to_string()));
        if let Err(cause) = installed {
            let hint = "the program handles it already; call CancelHandle::cancel from there";
            return Err(Error::argument("Ctrl-C handler", cause, hint));
        }
        let handle = Self::new();
        HANDLES.lock().unwrap_or_else(PoisonError::into_inner).push(handle.clone());
        Ok(handle)
    }
}

fn pressed() {
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    handles.retain(CancelHandle::is_shared);
    // Nothing is left that could stop: no handle, or a computation that does not come to an end.
    if handles.iter().all(CancelHandle::is_cancelled) {
        std::process::exit(INTERRUPTED);
    }
    handles.iter().for_each(CancelHandle::cancel);
}
