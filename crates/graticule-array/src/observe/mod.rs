//! What happens during a run, as events. The progress bar, reports and tests all listen to the same ones.

mod progress;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use progress::ProgressBar;

/// Something that happened during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A plan starts.
    PlanStarted {
        /// How many stages it has.
        stages: usize,
        /// How many tasks all stages have together.
        tasks: usize,
    },
    /// A stage starts.
    StageStarted {
        /// Its number, from 0.
        stage: usize,
        /// What it computes.
        name: String,
        /// How many tasks it has.
        tasks: usize,
    },
    /// A thread starts a task.
    TaskStarted {
        /// The stage the task belongs to.
        stage: usize,
        /// The number of the task in its stage.
        task: usize,
        /// The thread, from 0.
        thread: usize,
    },
    /// A thread has finished a task.
    TaskFinished {
        /// The stage the task belongs to.
        stage: usize,
        /// The number of the task in its stage.
        task: usize,
        /// The thread, from 0.
        thread: usize,
        /// Bytes that sources delivered to the task, decoded.
        bytes_read: usize,
    },
    /// The plan is done, or has failed.
    PlanFinished {
        /// Whether all results are there.
        succeeded: bool,
    },
}

/// Someone who is told about events. Called from several threads.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An event happened.
    fn on_event(&self, event: &Event);
}

static REGISTERED: Mutex<Vec<Arc<dyn Observer>>> = Mutex::new(Vec::new());

/// The observers that listen to every run of the process.
pub(crate) fn registered() -> Vec<Arc<dyn Observer>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn register(observer: Arc<dyn Observer>) {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
}

fn unregister(observer: &Arc<dyn Observer>) {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, observer));
}
