//! The plan: what is computed in which pass over which chunks, and what that needs.

pub(crate) mod axis_map;
pub(crate) mod boxes;
mod explain;
mod lower;
mod memory;
pub(crate) mod program;
mod reads;
pub(crate) mod resolve;
mod stage;

use std::sync::Arc;

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::expr::{Expr, NodeId, children};
use crate::optimize::optimize_all;

pub(crate) use memory::{StageMemory, block_bytes, window};
pub(crate) use stage::{Fold, Job, Stage};

/// How many operations may stand on each other in a plan: walking down them must fit a thread's stack.
const MAX_DEPTH: usize = 1000;

/// A result of a plan.
#[derive(Debug)]
pub(crate) enum Output {
    /// What a stage computes.
    Slot(NodeId),
    /// What was in memory before.
    Memory(Arc<Chunk>),
}

/// What will be computed, pass by pass, with a bound on its memory.
#[derive(Debug)]
pub struct Plan {
    stages: Vec<Stage>,
    outputs: Vec<Output>,
    threads: usize,
    peak_bytes: usize,
    limit_bytes: usize,
}

impl Plan {
    /// Plans the computation of some expressions on at most `threads` threads in `limit_bytes` of memory.
    ///
    /// # Errors
    /// [`Error::Memory`] when no number of threads keeps the peak below the limit. Nothing is read.
    pub fn new(roots: &[Expr], threads: usize, limit_bytes: usize) -> Result<Self> {
        let roots = optimize_all(roots)?;
        let depth = children::depth(&roots);
        if depth > MAX_DEPTH {
            let hint = format!("at most {MAX_DEPTH} can stand on each other; persist a result on the way");
            return Err(Error::argument("operations on each other", depth, hint));
        }
        let lowered = lower::lower(&roots);
        let mut plan = Self {
            stages: lowered.stages,
            outputs: lowered.outputs,
            threads: threads.max(1),
            peak_bytes: 0,
            limit_bytes,
        };
        loop {
            let (peak, stage) = memory::peak(&plan);
            plan.peak_bytes = peak;
            if peak <= plan.limit_bytes {
                return Ok(plan);
            }
            if plan.threads == 1 {
                let (node, node_bytes) = memory::largest(&plan, stage);
                return Err(Error::Memory {
                    node,
                    node_bytes,
                    needed_bytes: peak,
                    limit_bytes: plan.limit_bytes,
                });
            }
            plan.threads -= 1;
        }
    }

    /// The most memory that running the plan takes, beside what the process had before.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes
    }

    /// How many threads the plan is run with: those of the runtime, or fewer to stay inside the limit.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The plan as text: every pass with what it reads, fuses, computes and needs.
    pub fn explain(&self) -> String {
        explain::explain(self)
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    pub(crate) fn outputs(&self) -> &[Output] {
        &self.outputs
    }
}
