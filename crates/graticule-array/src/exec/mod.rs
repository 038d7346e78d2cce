//! Running plans. [`Executor`] is the boundary: threads are one implementation.

pub(crate) mod admission;
mod cancel;
#[cfg(feature = "ctrl-c")]
mod ctrl_c;
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

use crate::chunk::Chunk;
use crate::error::Result;
use crate::observe::Observer;
use crate::plan::Plan;

pub use cancel::{CancelHandle, Cancellation};
pub use threads::Threads;

/// Something that runs plans.
pub trait Executor {
    /// Runs a plan and gives its results in order.
    ///
    /// # Errors
    /// The first failure, with the node and the chunk it came from.
    fn run(&self, plan: &Plan, observers: &[Arc<dyn Observer>], cancel: &Cancellation) -> Result<Vec<Chunk>>;
}
