//! The memory of a plan, known before it runs.

use std::collections::{BTreeMap, HashSet};

use crate::expr::{Expr, NodeId, Op};
use crate::kernel::lane::TILE;
use crate::plan::{Plan, Stage};

/// What a thread needs beside blocks and states: its stack's touched part and small allocations.
const THREAD_BYTES: usize = 256 << 10;

/// The parts of a stage's memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StageMemory {
    /// Decoded blocks, scratch and tiles of one thread, and the chunks that it keeps values in.
    pub(crate) thread: usize,
    /// The states of one task.
    pub(crate) task: usize,
    /// States into which tasks are merged.
    pub(crate) merged: usize,
    /// Results of this stage.
    pub(crate) results: usize,
}

/// How many tasks may be running or waiting to be merged: one more than threads where states are large.
pub(crate) fn window(task_bytes: usize, threads: usize) -> usize {
    if task_bytes > 1 << 20 { threads + 1 } else { 4 * threads }
}

impl StageMemory {
    pub(crate) fn of(stage: &Stage) -> Self {
        let mut blocks = BTreeMap::new();
        let mut nodes = HashSet::new();
        for job in &stage.jobs {
            leaves(&job.expr, &stage.known, &mut blocks);
            count_nodes(&job.expr, &stage.known, &mut nodes);
        }
        let chunk: usize = stage.grid.max_chunk().iter().product();
        let mut memory = Self::default();
        let tiles = nodes.len() * (TILE.min(chunk.max(1)) * 8 + 128);
        memory.thread = THREAD_BYTES + tiles + blocks.values().sum::<usize>();
        for job in &stage.jobs {
            memory.results += job.result_bytes();
            match &job.fold {
                None => memory.thread += chunk * job.expr.dtype().size(),
                Some(_) => {
                    let block = job.state_bytes(&stage.grid);
                    memory.task += block * stage.blocks_per_task(job);
                    let (all, contributions) = job.blocks(&stage.grid);
                    // Results of the main job are finished one after another, others at the end.
                    let open = if contributions <= stage.chunks_per_task() {
                        1
                    } else {
                        all.min(stage.blocks_per_task(job) + 1)
                    };
                    let open = if stage.is_main(job) { open.min(2) } else { all.max(open) };
                    memory.merged += block * open;
                }
            }
        }
        memory
    }

    pub(crate) fn total(&self, threads: usize, tasks: usize) -> usize {
        let running = threads.min(tasks.max(1));
        let window = window(self.task, threads).min(tasks.max(1));
        running * self.thread + window * self.task + self.merged + self.results
    }
}

/// The peak of the plan, and the stage that has it.
pub(crate) fn peak(plan: &Plan) -> (usize, usize) {
    let mut held: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut peak = (0, 0);
    for (number, stage) in plan.stages().iter().enumerate() {
        let memory = StageMemory::of(stage);
        let here = held.values().sum::<usize>() + memory.total(plan.threads(), stage.tasks());
        if here >= peak.0 {
            peak = (here, number);
        }
        for job in &stage.jobs {
            held.insert(job.result.id(), job.result_bytes());
        }
        for id in &stage.frees {
            held.remove(id);
        }
    }
    peak
}

/// What needs most in a stage, for the error message.
pub(crate) fn largest(plan: &Plan, stage: usize) -> (String, usize) {
    let mut largest = (String::from("nothing"), 0);
    let mut offer = |name: String, bytes: usize| {
        if bytes > largest.1 {
            largest = (name, bytes);
        }
    };
    let Some(stage) = plan.stages().get(stage) else { return largest };
    for job in &stage.jobs {
        offer(format!("the result of {}", job.result.label()), job.result_bytes());
        let states = job.state_bytes(&stage.grid) * (stage.blocks_per_task(job) + 1);
        offer(format!("the state of {}", job.result.label()), states);
        if job.fold.is_none() {
            let chunk: usize = stage.grid.max_chunk().iter().product();
            offer(format!("a chunk of {}", job.expr.label()), chunk * job.expr.dtype().size());
        }
        let mut blocks = BTreeMap::new();
        leaves(&job.expr, &stage.known, &mut blocks);
        offer(format!("the blocks that {} reads", job.result.label()), blocks.values().sum());
    }
    largest
}

/// Bytes of decoded blocks that one box of an expression sees, by what reads them. A join sees one of its
/// inputs; a selection sees its input at another place than someone who uses the input itself.
fn leaves(expr: &Expr, slots: &HashSet<NodeId>, found: &mut BTreeMap<NodeId, usize>) {
    if slots.contains(&expr.id()) || found.contains_key(&expr.id()) {
        return;
    }
    let sum = |input: &Expr| {
        let mut inner = BTreeMap::new();
        leaves(input, slots, &mut inner);
        inner.values().sum::<usize>()
    };
    match expr.op() {
        Op::Source(source) => {
            let source = source.source();
            if source.resident().is_none() {
                let chunk: usize = source.grid().max_chunk().iter().product();
                found.insert(expr.id(), chunk * source.dtype().size() + source.scratch_bytes());
            }
        }
        Op::Full { .. } | Op::Range { .. } | Op::Random { .. } => {}
        Op::Map(_) | Op::Rechunk(_) => expr.inputs().iter().for_each(|input| leaves(input, slots, found)),
        Op::Select(_) | Op::Reshape(_) | Op::Reduce { .. } => {
            let bytes = expr.inputs().iter().map(sum).sum();
            found.insert(expr.id(), bytes);
        }
        Op::Join { .. } => {
            let bytes = expr.inputs().iter().map(sum).max().unwrap_or(0);
            found.insert(expr.id(), bytes);
        }
    }
}

/// The tiles an expression can need: one for each step of each formula. Of a join, those of one input.
fn count_nodes(expr: &Expr, slots: &HashSet<NodeId>, nodes: &mut HashSet<(NodeId, usize)>) {
    if !nodes.insert((expr.id(), 0)) || slots.contains(&expr.id()) {
        return;
    }
    if let Op::Map(formula) = expr.op() {
        nodes.extend((1..=formula.steps().len()).map(|step| (expr.id(), step)));
    }
    match expr.op() {
        Op::Join { .. } => {
            let counts = expr.inputs().iter().map(|input| {
                let mut inner = HashSet::new();
                count_nodes(input, slots, &mut inner);
                inner
            });
            nodes.extend(counts.max_by_key(HashSet::len).unwrap_or_default());
        }
        _ => expr.inputs().iter().for_each(|input| count_nodes(input, slots, nodes)),
    }
}
