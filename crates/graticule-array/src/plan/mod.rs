//! The plan: what is computed in which pass over which chunks, and what that needs.

pub(crate) mod axis_map;
pub(crate) mod boxes;
mod explain;
mod graph;
mod lower;
mod memory;
pub(crate) mod program;
mod reads;
mod report;
pub(crate) mod resolve;
mod stage;

use std::sync::{Arc, OnceLock};

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::expr::{Expr, NodeId, children};
use crate::optimize::optimize_all;

pub use graph::{GraphNode, NodeKind, PlanGraph};
pub(crate) use memory::{StageMemory, block_bytes, window};
pub use report::{FusedReport, JobReport, MemoryReport, PlanReport, ReadReport, StageReport};
pub(crate) use stage::{Fold, Job, Stage};

/// How many operations may stand on each other in a plan: walking down them must fit a thread's stack.
const MAX_DEPTH: usize = 1000;

/// Chunks of a stage that are looked at to see what they read; of more, the first are.
const REPORTED_CHUNKS: usize = 100_000;

/// The same for the summary that a run starts with.
const SUMMARY_CHUNKS: usize = 1_000;

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
    report: OnceLock<Arc<PlanReport>>,
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
            report: OnceLock::new(),
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
        self.report().to_string()
    }

    /// The plan as data: all that [`Plan::explain`] says, and the graph of its operations.
    pub fn report(&self) -> &PlanReport {
        self.report.get_or_init(|| Arc::new(PlanReport::new(self, REPORTED_CHUNKS)))
    }

    /// The report that observers of a run are given. Looking at every chunk of a large plan would hold up the
    /// run, so fewer are looked at where nobody asked for the whole report before.
    pub(crate) fn summary(&self) -> Arc<PlanReport> {
        self.report.get().cloned().unwrap_or_else(|| Arc::new(PlanReport::new(self, SUMMARY_CHUNKS)))
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    pub(crate) fn outputs(&self) -> &[Output] {
        &self.outputs
    }
}
