//! The memory of a plan, known before it runs.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::blockwise::{Blockwise, Delivery, Kernel, Operand};
use crate::expr::{Expr, NodeId, Op, operands};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::lane::TILE;
use crate::plan::axis_map::{AxisMap, identity, input_maps, shifted};
use crate::plan::known::{Known, Placement};
use crate::plan::{Output, Plan, Retained, Stage};

/// What running any plan needs beside its stages: the plan itself, its tasks' bookkeeping.
const PLAN_BYTES: usize = 64 << 10;

/// What a thread needs beside blocks and states: its stack's touched part and small allocations.
const THREAD_BYTES: usize = 256 << 10;

/// The parts of a stage's memory, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StageMemory {
    /// Decoded blocks of one thread.
    pub(crate) blocks: usize,
    /// All that one thread needs: blocks, what reading them takes, tiles, and chunks of values that are kept.
    pub(crate) thread: usize,
    /// The states of one task.
    pub(crate) task: usize,
    /// States into which tasks are merged.
    pub(crate) merged: usize,
    /// Results of this stage.
    pub(crate) results: usize,
}

/// A sum that stays at the most that can be counted: what is beyond counting does not fit either.
fn total(bytes: impl IntoIterator<Item = usize>) -> usize {
    bytes.into_iter().fold(0, usize::saturating_add)
}

/// How many tasks may be running or waiting to be merged: one more than threads where states are large.
pub(crate) fn window(task_bytes: usize, threads: usize) -> usize {
    if task_bytes > 1 << 20 { threads + 1 } else { 4 * threads }
}

impl StageMemory {
    pub(crate) fn of(stage: &Stage) -> Self {
        let needs = needs(&stage.exprs(), &stage.known, &stage.grid.max_chunk());
        let chunk: usize = stage.grid.max_chunk().iter().product();
        let mut memory = Self { blocks: needs.blocks, ..Self::default() };
        memory.thread = THREAD_BYTES + needs.bytes(chunk);
        for job in &stage.jobs {
            memory.results = total([memory.results, job.result_bytes()]);
            match &job.fold {
                None => {
                    let bytes = chunk * job.expr.dtype().size();
                    memory.thread = total([memory.thread, bytes]);
                    // Into a file go bytes, of which there is a copy.
                    if job.placement != Placement::Memory {
                        memory.thread = total([memory.thread, bytes]);
                    }
                }
                Some(_) => {
                    memory.task = total([memory.task, stage.task_state_bytes(job)]);
                    memory.merged = total([memory.merged, stage.merged_state_bytes(job)]);
                }
            }
        }
        memory
    }

    pub(crate) fn total(&self, threads: usize, tasks: usize) -> usize {
        let running = threads.min(tasks.max(1));
        let window = window(self.task, threads).min(tasks.max(1));
        let parts = [
            running.saturating_mul(self.thread),
            window.saturating_mul(self.task),
            self.merged,
            self.results,
        ];
        total(parts)
    }
}

/// The peak of the plan, and the stage that has it.
pub(crate) fn peak(plan: &Plan) -> (usize, usize) {
    peak_with(plan, plan.retained())
}

/// The same if these blocks stay in memory.
pub(crate) fn peak_with(plan: &Plan, retained: &Retained) -> (usize, usize) {
    let mut held: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut peak = (0, 0);
    for (number, stage) in plan.stages().iter().enumerate() {
        let mut memory = StageMemory::of(stage);
        // Each thread may be writing.
        memory.thread += stage
            .jobs
            .iter()
            .filter_map(|job| plan.sink_of(job))
            .map(|sink| sink.scratch_bytes())
            .sum::<usize>();
        let before = total(held.values().copied());
        let kept = retained.bytes_during(number);
        let here = total([PLAN_BYTES, before, kept, memory.total(plan.threads(), stage.tasks())]);
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
    // What was in memory before, and what is asked for twice, is copied at the end.
    let mut given = HashSet::new();
    let copies = plan.outputs().iter().map(|output| match output {
        Output::Memory(chunk) => chunk.nbytes(),
        Output::Sink => 0,
        Output::Slot(id) if given.insert(*id) => 0,
        Output::Slot(id) => held.get(id).copied().unwrap_or(0),
    });
    let end = total([PLAN_BYTES, total(copies), total(held.values().copied())]);
    if end > peak.0 { (end, plan.stages().len()) } else { peak }
}

/// What needs most in a stage, for the error message.
pub(crate) fn largest(plan: &Plan, stage: usize) -> (String, usize) {
    let Some(stage) = plan.stages().get(stage) else {
        return ("copies of results that are asked for twice, or were in memory".into(), plan.peak_bytes());
    };
    let memory = StageMemory::of(stage);
    let mut largest = (format!("the blocks that {} reads", stage.name()), memory.blocks);
    let mut offer = |name: String, bytes: usize| {
        if bytes > largest.1 {
            largest = (name, bytes);
        }
    };
    for job in &stage.jobs {
        offer(format!("the result of {}", job.result.label()), job.result_bytes());
        let states = stage.task_state_bytes(job) + stage.merged_state_bytes(job);
        offer(format!("the state of {}", job.result.label()), states);
        if job.fold.is_none() {
            let chunk: usize = stage.grid.max_chunk().iter().product();
            offer(format!("a chunk of {}", job.expr.label()), chunk * job.expr.dtype().size());
        }
    }
    largest
}

/// What one box of some expressions needs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    /// Bytes of decoded blocks.
    pub(crate) blocks: usize,
    /// Bytes that the sources use while they read.
    scratch: usize,
    /// Tiles, one for each step of each formula.
    tiles: usize,
    /// Bytes in which blocks are computed: parts of inputs, and what computing those needs in turn.
    inner: usize,
    /// Where blocks cut the region into boxes, at most.
    borders: usize,
}

impl Needs {
    /// All bytes, for boxes of at most `elements` elements.
    fn bytes(&self, elements: usize) -> usize {
        // A tile holds numbers of 8 bytes, or the 16 bytes of a text's handle.
        let tiles = self.tiles * (TILE.min(elements.max(1)) * 16 + 128);
        // A list of borders grows to twice its length.
        let borders = 2 * size_of::<usize>() * self.borders;
        total([tiles, self.blocks, self.scratch, self.inner, borders])
    }

    /// What is needed for the one or the other, whichever comes.
    fn or(self, other: Self) -> Self {
        Self {
            blocks: self.blocks.max(other.blocks),
            scratch: self.scratch.max(other.scratch),
            tiles: self.tiles.max(other.tiles),
            inner: self.inner.max(other.inner),
            borders: self.borders.max(other.borders),
        }
    }
}

/// The bytes of the decoded blocks that a box of some expressions sees.
pub(crate) fn blocks_of_box(exprs: &[&Expr], known: &Known) -> usize {
    let ndim = exprs.first().map_or(0, |expr| expr.ndim());
    needs(exprs, known, &vec![0; ndim]).blocks
}

/// What evaluating some expressions over regions of at most some shape needs.
fn needs(exprs: &[&Expr], known: &Known, region: &[usize]) -> Needs {
    let mut walk = Walk { known, joins: HashMap::new(), computed: HashMap::new() };
    walk.needs_of(exprs, region)
}

/// The bytes in which a block is computed, beside the block: its parts, and what the kernel needs.
pub(crate) fn computed_in(kernel: &dyn Kernel, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
    let mut parts = 0;
    for (input, shape) in kernel.largest_parts(grid, inputs) {
        let bytes = shape.iter().fold(inputs[input].dtype.size(), |all, &len| all.saturating_mul(len));
        parts = match kernel.delivery() {
            Delivery::Together => total([parts, bytes]),
            Delivery::OneByOne => parts.max(bytes),
        };
    }
    total([parts, kernel.scratch_bytes(grid, inputs)])
}

/// Where blocks of a grid can cut a region: the most borders, on all axes together.
fn borders(grid: &ChunkGrid, maps: &[AxisMap], region: &[usize]) -> usize {
    let on_axis = |(chunks, map): (&AxisChunks, &AxisMap)| match *map {
        AxisMap::Fixed(_) => 0,
        AxisMap::Along { axis, step, .. } => {
            let len = region.get(axis).copied().unwrap_or(0);
            let within = match chunks {
                AxisChunks::Regular { size, .. } => {
                    len.saturating_mul(step.unsigned_abs()) / (*size).max(1) + 1
                }
                AxisChunks::Irregular { .. } => usize::MAX,
            };
            within.min(chunks.count().saturating_sub(1)).min(len)
        }
    };
    grid.axes().iter().zip(maps).map(on_axis).sum()
}

/// Walks expressions as the resolver does: a node counts once for each way its elements map to the domain.
struct Walk<'a> {
    known: &'a Known,
    /// What joins need: the most that one of their inputs does, since a box sees one input.
    joins: HashMap<(NodeId, Vec<AxisMap>, Vec<usize>), Needs>,
    /// What computing a block of a node needs.
    computed: HashMap<NodeId, usize>,
}

impl Walk<'_> {
    fn needs_of(&mut self, exprs: &[&Expr], region: &[usize]) -> Needs {
        self.needs(exprs.iter().map(|expr| (Expr::clone(expr), identity(expr.ndim()))).collect(), region)
    }

    fn needs(&mut self, mut stack: Vec<(Expr, Vec<AxisMap>)>, region: &[usize]) -> Needs {
        let mut needs = Needs::default();
        let mut seen: HashSet<(NodeId, Vec<AxisMap>)> = HashSet::new();
        // Of each node that comes in blocks, how many blocks a box sees and how large they are.
        let mut blocks: BTreeMap<NodeId, (usize, usize)> = BTreeMap::new();
        while let Some((expr, maps)) = stack.pop() {
            if !seen.insert((expr.id(), maps.clone())) {
                continue;
            }
            needs.tiles += 1;
            let mut block = |grid: &ChunkGrid| {
                needs.borders = total([needs.borders, borders(grid, &maps, region)]);
                let elements: usize = grid.max_chunk().iter().product();
                let bytes = elements.saturating_mul(expr.dtype().size());
                let (count, _) = blocks.entry(expr.id()).or_insert((0, bytes));
                *count = (*count + 1).min(grid.count());
                *count
            };
            match self.known.get(&expr.id()) {
                Some(Placement::Memory) => continue,
                Some(Placement::Scratch(grid)) => {
                    // Blocks on disk are read through a buffer of bytes.
                    let elements: usize = grid.max_chunk().iter().product();
                    needs.scratch = needs.scratch.max(elements.saturating_mul(expr.dtype().size()));
                    block(grid);
                    continue;
                }
                Some(Placement::Sink(_)) | None => {}
            }
            match expr.op() {
                Op::Source(source) => {
                    let source = source.source();
                    if source.resident().is_none() {
                        block(source.grid());
                        needs.scratch = needs.scratch.max(source.scratch_bytes());
                    }
                }
                Op::Full { .. } | Op::Range { .. } | Op::Random { .. } => {}
                Op::Map(_)
                | Op::Select(_)
                | Op::Reshape(_)
                | Op::Rechunk(_)
                | Op::Reduce { .. }
                | Op::Group { .. } => {
                    if let Op::Map(formula) = expr.op() {
                        needs.tiles += formula.steps().len();
                    }
                    let below = |input: &Expr| (input.clone(), input_maps(&expr, input, &maps));
                    stack.extend(expr.inputs().iter().map(below));
                }
                Op::Join { axis } => {
                    let join = self.join(&expr, &maps, *axis, region);
                    needs.blocks = total([needs.blocks, join.blocks]);
                    needs.scratch = needs.scratch.max(join.scratch);
                    needs.tiles += join.tiles;
                    needs.inner = total([needs.inner, join.inner]);
                    let seams = expr.inputs().len().min(region.iter().copied().max().unwrap_or(0));
                    needs.borders = total([needs.borders, join.borders.saturating_mul(seams.max(1)), seams]);
                }
                Op::Blockwise(blockwise) => {
                    if block(expr.grid()) == 1 {
                        needs.inner = total([needs.inner, self.computed(&expr, blockwise)]);
                    }
                }
            }
        }
        let seen = total(blocks.values().map(|(count, bytes)| count.saturating_mul(*bytes)));
        needs.blocks = total([needs.blocks, seen]);
        needs
    }

    /// The bytes in which blocks of a node are computed, beside the blocks themselves.
    fn computed(&mut self, expr: &Expr, blockwise: &Blockwise) -> usize {
        if let Some(bytes) = self.computed.get(&expr.id()) {
            return *bytes;
        }
        let (kernel, inputs) = (blockwise.kernel(), operands(expr.inputs()));
        let mut regions: Vec<Vec<usize>> = inputs.iter().map(|input| vec![0; input.ndim()]).collect();
        for (input, shape) in kernel.largest_parts(expr.grid(), &inputs) {
            regions[input].iter_mut().zip(shape).for_each(|(most, len)| *most = len.max(*most));
        }
        let mut below = Needs::default();
        for (input, region) in expr.inputs().iter().zip(&regions) {
            below = below.or(self.needs_of(&[input], region));
        }
        let bytes = total([computed_in(kernel, expr.grid(), &inputs), below.bytes(TILE)]);
        self.computed.insert(expr.id(), bytes);
        bytes
    }

    fn join(&mut self, expr: &Expr, maps: &[AxisMap], axis: usize, region: &[usize]) -> Needs {
        let key = (expr.id(), maps.to_vec(), region.to_vec());
        if let Some(needs) = self.joins.get(&key) {
            return *needs;
        }
        let seen = match maps[axis] {
            AxisMap::Fixed(position) => {
                let number = expr.join_input_at(position);
                number..(number + 1).min(expr.inputs().len())
            }
            AxisMap::Along { .. } => 0..expr.inputs().len(),
        };
        let mut most = Needs::default();
        for (input, &seam) in expr.inputs()[seen.clone()].iter().zip(&expr.seams()[seen]) {
            most = most.or(self.needs(vec![(input.clone(), shifted(maps, axis, seam))], region));
        }
        self.joins.insert(key, most);
        most
    }
}
