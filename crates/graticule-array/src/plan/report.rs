//! The plan as data: what explain prints, what a run is compared with, and what a page draws.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::expr::{Expr, Op};
use crate::plan::graph::PlanGraph;
use crate::plan::known::Placement;
use crate::plan::reads::{Reads, reads};
use crate::plan::{Job, Plan, Stage, StageMemory, window};

/// What a plan will do and what that will take, known before anything is read.
///
/// `Display` gives it as the text of [`crate::Array::explain`]; serde gives it as data.
///
/// ```
/// use graticule_array::{Array, Runtime};
/// let mean = Array::random_uniform(0.0, 1.0, 7, (400, 300), (100, 300))?.mean(0)?;
/// let plan = Runtime::builder().threads(2).build().plan(&[&mean])?;
/// let report = plan.report();
/// assert_eq!((report.stages.len(), report.stages[0].chunks), (1, 4));
/// assert!(report.peak_bytes < report.limit_bytes);
/// assert!(report.to_json().contains("\"peak_bytes\""));
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanReport {
    /// The passes, in the order in which they run.
    pub stages: Vec<StageReport>,
    /// How many threads run it.
    pub threads: usize,
    /// The most memory that running takes beside what the process had before, in bytes.
    pub peak_bytes: usize,
    /// The memory limit, in bytes.
    pub limit_bytes: usize,
    /// How often the data are read, against reading every block once. Nothing where nothing is read.
    pub times_read: Option<f64>,
    /// The operations and what flows between them.
    pub graph: PlanGraph,
}

/// One pass over the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// What it computes.
    pub name: String,
    /// The shape of the domain it passes over.
    pub shape: Vec<usize>,
    /// How many chunks the domain has.
    pub chunks: usize,
    /// How the domain is cut, as text.
    pub chunk_shape: String,
    /// How many tasks it is cut into.
    pub tasks: usize,
    /// How it goes about it, where there is a choice: a line each.
    pub strategy: Vec<String>,
    /// What it reads, by the kind of source.
    pub reads: Vec<ReadReport>,
    /// What it computes from that.
    pub jobs: Vec<JobReport>,
    /// What it needs.
    pub memory: MemoryReport,
}

/// What a stage reads of the sources of one kind. A prediction: of very many chunks the first are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadReport {
    /// The kind of source, such as `netcdf`.
    pub driver: String,
    /// How many sources.
    pub sources: usize,
    /// How many blocks are read, those that are read again included.
    pub blocks: u64,
    /// Bytes that are decoded, blocks that are read again included.
    pub decoded_bytes: u64,
    /// Bytes of the same blocks decoded once.
    pub once_bytes: u64,
    /// Bytes of blocks that an earlier stage read and left in memory, so that they are not read.
    pub found_bytes: u64,
    /// Bytes of the stored form of the whole sources, where it is known.
    pub stored_bytes: Option<u64>,
}

/// One result of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
    /// The operations that run over one tile, from the source to the result.
    pub fused: Vec<FusedReport>,
    /// What becomes of the values: the fold and its axes, or `kept`.
    pub into: String,
    /// The shape of the result.
    pub shape: Vec<usize>,
    /// The type of its elements.
    pub dtype: DType,
}

/// One operation of a chain that is fused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FusedReport {
    /// What it does.
    pub label: String,
    /// Whether an earlier stage computed it, so that it is found in memory.
    pub earlier: bool,
}

/// The parts of a stage's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// How many threads run at once.
    pub running: usize,
    /// Blocks and tiles of one thread.
    pub thread_bytes: usize,
    /// How many states of tasks are held at most.
    pub window: usize,
    /// The states of one task.
    pub task_bytes: usize,
    /// States into which tasks are merged.
    pub merged_bytes: usize,
    /// Results.
    pub results_bytes: usize,
    /// All of it together.
    pub total_bytes: usize,
}

impl PlanReport {
    /// Describes a plan; of each stage at most `sample` chunks are looked at to see what they read.
    pub(crate) fn new(plan: &Plan, sample: usize) -> Self {
        let stages: Vec<_> =
            (0..plan.stages().len()).map(|number| StageReport::new(plan, number, sample)).collect();
        Self {
            threads: plan.threads(),
            peak_bytes: plan.peak_bytes(),
            limit_bytes: plan.memory_limit(),
            times_read: times_read(&stages),
            graph: PlanGraph::new(plan),
            stages,
        }
    }

    /// How many tasks all stages have together.
    pub fn tasks(&self) -> usize {
        self.stages.iter().map(|stage| stage.tasks).sum()
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        // Writing numbers and texts as JSON cannot fail: no map has keys that are not texts.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl StageReport {
    fn new(plan: &Plan, number: usize, sample: usize) -> Self {
        let stage = &plan.stages()[number];
        let memory = StageMemory::of(stage);
        let tasks = stage.tasks();
        let retained = plan.retained().why(number).map(str::to_owned);
        let strategy = stage.jobs.iter().flat_map(strategy).chain(retained).collect();
        // A stage that cannot be resolved fails when it runs, with the reason.
        let reads = reads(plan, number, sample).unwrap_or_default();
        Self {
            name: stage.name(),
            shape: stage.grid.shape(),
            chunks: stage.grid.count(),
            chunk_shape: stage.grid.to_string(),
            tasks,
            strategy,
            reads: reads.into_iter().map(|(driver, reads)| ReadReport::new(driver, &reads)).collect(),
            jobs: stage.jobs.iter().map(|job| JobReport::new(plan, stage, job)).collect(),
            memory: MemoryReport {
                running: plan.threads().min(tasks.max(1)),
                thread_bytes: memory.thread,
                window: window(memory.task, plan.threads()).min(tasks.max(1)),
                task_bytes: memory.task,
                merged_bytes: memory.merged,
                results_bytes: memory.results,
                total_bytes: memory.total(plan.threads(), tasks),
            },
        }
    }

    /// Bytes that the stage will decode.
    pub fn decoded_bytes(&self) -> u64 {
        self.reads.iter().map(|read| read.decoded_bytes).sum()
    }

    /// Blocks that the stage will read.
    pub fn blocks(&self) -> u64 {
        self.reads.iter().map(|read| read.blocks).sum()
    }
}

impl ReadReport {
    fn new(driver: String, reads: &Reads) -> Self {
        Self {
            driver,
            sources: reads.sources,
            blocks: reads.blocks.round() as u64,
            decoded_bytes: reads.decoded.round() as u64,
            once_bytes: reads.once.round() as u64,
            found_bytes: reads.found.round() as u64,
            stored_bytes: (reads.stored > 0).then_some(reads.stored),
        }
    }
}

impl JobReport {
    fn new(plan: &Plan, stage: &Stage, job: &Job) -> Self {
        let fused = below(stage, &job.expr)
            .into_iter()
            .map(|node| FusedReport { earlier: stage.known.contains_key(&node.id()), label: node.label() });
        Self {
            fused: fused.collect(),
            into: match &job.fold {
                Some(fold) => format!("{} over axes {:?}", fold.aggregation, fold.axes),
                None => match &job.placement {
                    Placement::Memory => "kept".to_owned(),
                    Placement::Scratch(grid) => format!("kept on disk in blocks of {grid}"),
                    Placement::Sink(_) => {
                        let label = plan.sink_of(job).map(|sink| sink.label());
                        format!("stored into {}", label.unwrap_or_default())
                    }
                },
            },
            shape: job.result.shape().to_vec(),
            dtype: job.result.dtype(),
        }
    }
}

/// How a job goes about it where there is a choice, and why.
fn strategy(job: &Job) -> Vec<String> {
    let codes = job.fold.as_ref().and_then(|fold| fold.codes.as_ref());
    let groups = codes.map(|(_, grouping)| format!("groups {}", grouping.strategy()));
    let kept = job.kept.as_ref().map(|kept| format!("keep {}: {}", job.result.label(), kept.why));
    groups.into_iter().chain(kept).collect()
}

/// How often the data are read: in all stages together, against reading each block once.
fn times_read(stages: &[StageReport]) -> Option<f64> {
    let decoded: u64 = stages.iter().map(StageReport::decoded_bytes).sum();
    // Stages read the same sources more often than not, so the largest is what there is to read.
    let once = stages.iter().map(|stage| stage.reads.iter().map(|read| read.once_bytes).sum::<u64>());
    let once = once.max().unwrap_or(0);
    (decoded > 0 && once > 0).then(|| decoded as f64 / once as f64)
}

/// Every node of a stage's own work once, inputs first; what earlier stages computed is a leaf. Of a join only
/// the first input is followed: a year of files does the same to each.
fn below(stage: &Stage, expr: &Expr) -> Vec<Expr> {
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    let mut stack = vec![(expr.clone(), false)];
    while let Some((expr, expanded)) = stack.pop() {
        if expanded || stage.known.contains_key(&expr.id()) {
            if seen.insert((expr.id(), true)) {
                order.push(expr);
            }
        } else if seen.insert((expr.id(), false)) {
            stack.push((expr.clone(), true));
            let followed = if matches!(expr.op(), Op::Join { .. }) { 1 } else { expr.inputs().len() };
            stack.extend(expr.inputs().iter().take(followed).rev().map(|input| (input.clone(), false)));
        }
    }
    order
}
