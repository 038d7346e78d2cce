//! The plan: what is computed in which pass over which chunks, where results are kept, and what that needs.

pub(crate) mod axis_map;
pub(crate) mod boxes;
mod explain;
mod graph;
pub(crate) mod group;
pub(crate) mod known;
mod lower;
mod materialize;
mod memory;
mod narrow;
pub(crate) mod program;
mod reads;
mod report;
pub(crate) mod resolve;
mod retain;
mod stage;
mod stored;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::expr::{Expr, NodeId, children};
use crate::optimize::optimize_all;
use crate::plan::known::Placement;
use crate::sink::ChunkSink;

pub use graph::{GraphNode, NodeKind, PlanGraph};
pub(crate) use memory::{StageMemory, blocks_of_box, window};
pub use report::{FusedReport, JobReport, MemoryReport, PlanReport, ReadReport, StageReport};
pub(crate) use retain::Retained;
pub(crate) use stage::{Fold, Job, Kept, Stage};
pub use stored::StoredPlan;

/// How many operations may stand on each other in a plan: walking down them must fit a thread's stack.
///
/// Without optimization a level takes up to 4 KiB of stack, of which a thread has 2 MiB.
const MAX_DEPTH: usize = if cfg!(debug_assertions) { 300 } else { 1000 };

/// Boxes of a stage that are looked at to see what they read; of more, the first are.
const REPORTED_BOXES: usize = 100_000;

/// The same for the summary that a run starts with.
const SUMMARY_BOXES: usize = 1_000;

/// What a plan may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// How many threads compute.
    pub threads: usize,
    /// The most memory, in bytes.
    pub memory_limit: usize,
    /// A folder for intermediate results that do not fit into memory; without one they have to.
    pub spill_dir: Option<Arc<Path>>,
}

/// A result of a plan.
#[derive(Debug)]
pub(crate) enum Output {
    /// What a stage computes.
    Slot(NodeId),
    /// What was in memory before.
    Memory(Arc<Chunk>),
    /// What a sink has taken.
    Sink,
}

/// What will be computed, pass by pass, with a bound on its memory.
#[derive(Debug)]
pub struct Plan {
    stages: Vec<Stage>,
    outputs: Vec<Output>,
    sinks: Vec<Arc<dyn ChunkSink>>,
    /// What the plan was made from: what is computed, what goes to the sinks, and what was allowed.
    roots: Vec<Expr>,
    stored: Vec<Expr>,
    allowed: Resources,
    /// What the plan uses of what was allowed.
    resources: Resources,
    peak_bytes: usize,
    /// What stays in memory because several stages read it.
    retained: Retained,
    report: OnceLock<Arc<PlanReport>>,
}

impl Plan {
    /// Plans the computation of some expressions.
    ///
    /// # Errors
    /// [`Error::Memory`] when neither fewer threads nor intermediate results on disk keep the peak below the limit.
    /// Nothing is read.
    pub fn new(roots: &[Expr], resources: &Resources) -> Result<Self> {
        Self::with_sinks(roots, &[], resources)
    }

    /// Plans the computation of some expressions, and of others that go to sinks. Each of those is cut so that every
    /// call of a sink covers whole chunks of its grid.
    ///
    /// # Errors
    /// As [`Plan::new`], and [`Error::Shape`] when a sink has another shape than what it is to take.
    pub fn with_sinks(
        roots: &[Expr],
        stored: &[(Expr, Arc<dyn ChunkSink>)],
        resources: &Resources,
    ) -> Result<Self> {
        let mut all = roots.to_vec();
        for (expr, sink) in stored {
            all.push(materialize::cut_for_sink(expr, sink.as_ref())?);
        }
        let all = optimize_all(&all)?;
        let depth = children::depth(&all);
        if depth > MAX_DEPTH {
            let hint = format!("at most {MAX_DEPTH} can stand on each other; persist a result on the way");
            return Err(Error::argument("operations on each other", depth, hint));
        }
        let plan = |all: &[Expr], keeps: bool| -> Result<(Self, bool)> {
            let (results, stored_exprs) = all.split_at(roots.len());
            let (lowered, is_kept) = materialize::lower(results, stored_exprs, keeps)?;
            let plan = Self {
                stages: lowered.stages,
                outputs: lowered.outputs,
                sinks: stored.iter().map(|(_, sink)| Arc::clone(sink)).collect(),
                roots: roots.to_vec(),
                stored: stored.iter().map(|(expr, _)| expr.clone()).collect(),
                allowed: resources.clone(),
                resources: Resources { threads: resources.threads.max(1), ..resources.clone() },
                peak_bytes: 0,
                retained: Retained::default(),
                report: OnceLock::new(),
            };
            Ok((plan, is_kept))
        };
        let (mut first, is_kept) = plan(&all, true)?;
        let Err(mut refused) = first.fit() else { return Ok(first) };
        let mut pieces: Vec<Vec<Expr>> = Vec::new();
        for bytes in narrow::PIECES {
            let narrowed = |(number, expr): (usize, &Expr)| match number
                .checked_sub(roots.len())
                .and_then(|number| stored.get(number))
            {
                Some((_, sink)) => narrow::narrowed_for_sink(expr, sink.as_ref(), bytes),
                None => narrow::narrowed(expr, bytes),
            };
            let narrow = all.iter().enumerate().map(narrowed).collect::<Result<Vec<_>>>()?;
            if narrow != all && !pieces.contains(&narrow) {
                pieces.push(narrow);
            }
        }
        // Blocks in pieces are read and written in crumbs. What cannot be kept is asked for again and again, which takes
        // more time yet, but no memory.
        let keeping = pieces.iter().map(|narrow| (narrow, true));
        let repeating = std::iter::once(&all).filter(|_| is_kept).chain(&pieces).map(|all| (all, false));
        for (all, keeps) in keeping.chain(repeating) {
            let (mut again, _) = plan(all, keeps)?;
            match again.fit() {
                Ok(()) => return Ok(again),
                Err(error) => refused = cheaper(refused, error),
            }
        }
        Err(refused)
    }

    /// Makes the plan fit into its memory: by keeping intermediate results on disk, and by fewer threads. What goes to disk
    /// is decided as if there were one thread: blocks on disk are folded one by one, which rounds otherwise than one
    /// piece in memory, and results do not depend on the number of threads.
    fn fit(&mut self) -> Result<()> {
        let limit = self.resources.memory_limit;
        let threads = std::mem::replace(&mut self.resources.threads, 1);
        let mut tried = BTreeSet::new();
        loop {
            let (peak, stage) = memory::peak(self);
            if peak <= limit {
                break;
            }
            let largest = materialize::largest_in_memory(&self.stages, &self.outputs, stage, &tried);
            let Some(id) = largest.filter(|_| self.resources.spill_dir.is_some()) else {
                self.peak_bytes = peak;
                let (node, node_bytes) = memory::largest(self, stage);
                return Err(Error::Memory { node, node_bytes, needed_bytes: peak, limit_bytes: limit });
            };
            tried.insert(id);
            materialize::spill(&mut self.stages, id);
        }
        for threads in (1..=threads).rev() {
            self.resources.threads = threads;
            (self.peak_bytes, _) = memory::peak(self);
            if self.peak_bytes <= limit {
                break;
            }
        }
        self.retained = Retained::of(self)?;
        (self.peak_bytes, _) = memory::peak(self);
        Ok(())
    }

    /// The most memory that running the plan takes, beside what the process had before.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes
    }

    /// How many threads the plan is run with: those of the runtime, or fewer to stay inside the limit.
    pub fn threads(&self) -> usize {
        self.resources.threads
    }

    /// The most memory that the plan was made for, in bytes.
    pub fn memory_limit(&self) -> usize {
        self.resources.memory_limit
    }

    /// The folder for intermediate results on disk.
    pub fn spill_dir(&self) -> Option<&Arc<Path>> {
        self.resources.spill_dir.as_ref()
    }

    /// The expressions whose values the plan gives, in order and as they were before it rewrote them. With
    /// [`Plan::stored`], [`Plan::sinks`] and [`Plan::allowed`] these are all that the plan was made from.
    pub fn roots(&self) -> &[Expr] {
        &self.roots
    }

    /// The expressions whose values go to the sinks, one for each of [`Plan::sinks`].
    pub fn stored(&self) -> &[Expr] {
        &self.stored
    }

    /// The sinks, in order.
    pub fn sinks(&self) -> &[Arc<dyn ChunkSink>] {
        &self.sinks
    }

    /// What the plan was allowed to use. It may use fewer threads: [`Plan::threads`].
    pub fn allowed(&self) -> &Resources {
        &self.allowed
    }

    /// For each stage, how many tasks it has.
    pub fn tasks(&self) -> Vec<usize> {
        self.stages.iter().map(Stage::tasks).collect()
    }

    /// The plan as text: every pass with what it reads, fuses, computes and needs.
    pub fn explain(&self) -> String {
        self.report().to_string()
    }

    /// The plan as data: all that [`Plan::explain`] says, and the graph of its operations.
    pub fn report(&self) -> &PlanReport {
        self.report.get_or_init(|| Arc::new(PlanReport::new(self, REPORTED_BOXES)))
    }

    /// The report that observers of a run are given. Looking at every chunk of a large plan would hold up the
    /// run, so fewer are looked at where nobody asked for the whole report before.
    pub(crate) fn summary(&self) -> Arc<PlanReport> {
        self.report.get().cloned().unwrap_or_else(|| Arc::new(PlanReport::new(self, SUMMARY_BOXES)))
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    pub(crate) fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// What stays in memory because several stages read it.
    pub(crate) fn retained(&self) -> &Retained {
        &self.retained
    }

    /// The sink that takes the values of a job, where one does.
    pub(crate) fn sink_of(&self, job: &Job) -> Option<&Arc<dyn ChunkSink>> {
        match job.placement {
            Placement::Sink(number) => self.sinks.get(number),
            Placement::Memory | Placement::Scratch(_) => None,
        }
    }
}

/// Of two refusals, the one that asks for less memory.
fn cheaper(a: Error, b: Error) -> Error {
    match (&a, &b) {
        (Error::Memory { needed_bytes: first, .. }, Error::Memory { needed_bytes: second, .. })
            if second < first =>
        {
            b
        }
        _ => a,
    }
}
