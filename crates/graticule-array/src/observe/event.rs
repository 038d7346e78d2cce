//! The events of a run, and who is told about them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::plan::PlanReport;

/// Tells the runs of a process apart: several may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(u64);

impl RunId {
    /// An id that no other run of this process has.
    #[expect(clippy::new_without_default, reason = "a default would be another id every time")]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// `run 3`
impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", self.0)
    }
}

/// Something that happened during a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A plan starts.
    PlanStarted {
        /// The run.
        run: RunId,
        /// What will be done.
        plan: Arc<PlanReport>,
    },
    /// A stage starts.
    StageStarted {
        /// The run.
        run: RunId,
        /// Its number, from 0.
        stage: usize,
        /// What it computes.
        name: String,
        /// How many tasks it has.
        tasks: usize,
    },
    /// A thread starts a task.
    TaskStarted {
        /// The run.
        run: RunId,
        /// The stage the task belongs to.
        stage: usize,
        /// The number of the task in its stage.
        task: usize,
        /// The thread of the run, from 0.
        thread: usize,
    },
    /// A thread has finished a task, or the task has failed.
    TaskFinished {
        /// The run.
        run: RunId,
        /// The stage the task belongs to.
        stage: usize,
        /// The number of the task in its stage.
        task: usize,
        /// The thread of the run, from 0.
        thread: usize,
        /// Bytes that sources delivered to the task, decoded.
        bytes_read: usize,
        /// Blocks that sources delivered to the task.
        blocks_read: usize,
        /// How much of the task was waiting for sources: reading and decoding.
        reading: Duration,
    },
    /// All tasks of a stage are finished and its results are there.
    StageFinished {
        /// The run.
        run: RunId,
        /// Its number, from 0.
        stage: usize,
    },
    /// The plan is done, or has failed.
    PlanFinished {
        /// The run.
        run: RunId,
        /// How it ended.
        outcome: Outcome,
    },
}

impl Event {
    /// The run in which it happened.
    pub fn run(&self) -> RunId {
        match self {
            Self::PlanStarted { run, .. }
            | Self::StageStarted { run, .. }
            | Self::TaskStarted { run, .. }
            | Self::TaskFinished { run, .. }
            | Self::StageFinished { run, .. }
            | Self::PlanFinished { run, .. } => *run,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All results are there.
    Succeeded,
    /// It was stopped by a [`crate::CancelHandle`].
    Cancelled,
    /// It failed, with the text of its error.
    Failed(String),
}

impl Outcome {
    pub(crate) fn of<T>(result: &Result<T>) -> Self {
        match result {
            Ok(_) => Self::Succeeded,
            Err(error) if error.is_cancelled() => Self::Cancelled,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

/// Someone who is told about events. Called from the threads that compute, several at once: what takes long
/// here holds up the run.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An event happened.
    fn on_event(&self, event: &Event);
}

static REGISTERED: Mutex<Vec<Arc<dyn Observer>>> = Mutex::new(Vec::new());

/// The observers that listen to every run of the process.
pub(crate) fn registered() -> Vec<Arc<dyn Observer>> {
    let observers = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    #[cfg(feature = "tracing")]
    let observers = observers.into_iter().chain(crate::observe::trace::observer()).collect();
    observers
}

/// A place among the observers of every run, until it is dropped.
#[derive(Debug)]
pub(crate) struct Registration(Arc<dyn Observer>);

impl Registration {
    pub(crate) fn new(observer: Arc<dyn Observer>) -> Self {
        REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&observer));
        Self(observer)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut observers = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|other| !Arc::ptr_eq(other, &self.0));
    }
}

/// Starts a thread that helps to observe. A process that may not start more threads is an error, not a panic.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(format!("graticule-{name}")).spawn(work).map_err(|error| {
        Error::argument("threads", "one more", format!("the process cannot start a thread: {error}"))
    })
}
