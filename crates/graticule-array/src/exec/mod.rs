//! Running plans. [`Executor`] is the boundary: threads are one implementation.

pub(crate) mod admission;
mod draw;
mod evaluate;
mod group;
mod guard;
mod pool;
mod schedule;
mod scratch;
mod slots;
pub(crate) mod small;
mod task;
mod threads;
mod tiles;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::observe::Observer;
use crate::plan::Plan;

pub use threads::Threads;

/// Something that runs plans.
pub trait Executor {
    /// Runs a plan and gives its results in order.
    ///
    /// # Errors
    /// The first failure, with the node and the chunk it came from.
    fn run(&self, plan: &Plan, observers: &[Arc<dyn Observer>], cancel: &CancelHandle) -> Result<Vec<Chunk>>;
}

/// Stops a computation from another thread.
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<AtomicBool>);

impl CancelHandle {
    /// Stops everything that this handle belongs to, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once [`CancelHandle::cancel`] was called.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}
