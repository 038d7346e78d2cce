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
mod retained;
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

/// Something that runs plans: the threads of this process, those of another, many machines.
///
/// An executor is handed a [`Plan`], which says what is to be computed ([`Plan::roots`]), what goes to which sink
/// ([`Plan::stored`], [`Plan::sinks`]) and within what limits ([`Plan::allowed`]). To run it elsewhere, send
/// [`StoredPlan::from`](crate::StoredPlan) and open that there: planning is a function of what is stored, so the other
/// process has the very same stages and tasks and computes the same bits. [`Plan::fingerprint`] tells whether it has,
/// before anything is computed; it differs where the other process is another build. What cannot travel says so when
/// it is stored (a closure) or opened (a source or a function that the other process does not know). Sinks stay: what
/// is opened has others in their place, which may send the regions that they are given back.
///
/// What an executor promises, and the feature `conformance` has a suite that checks (`conformance::check`):
///
/// - Results are those of the plan's roots in order, the same bits as those of `Threads::new(1)`.
/// - Each sink is given every region of its array once, in whole chunks of its grid.
/// - Observers are told that the plan starts, that each stage starts, in order and with the number of its tasks, that
///   each task of it starts and finishes, once, before the next stage starts, and at last that the plan is finished,
///   even if it failed.
/// - A failure names the node and the chunk; a panic in a source or a function is a failure like any other, and the
///   executor can be used again after it.
/// - A cancelled run ends soon, with [`crate::Error::Cancelled`].
/// - Several threads may run plans at once.
pub trait Executor {
    /// Runs a plan and gives its results in order.
    ///
    /// # Errors
    /// The first failure, with the node and the chunk it came from.
    fn run(&self, plan: &Plan, observers: &[Arc<dyn Observer>], cancel: &Cancellation) -> Result<Vec<Chunk>>;
}
