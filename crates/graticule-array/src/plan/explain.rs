//! The plan as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bytes;
use crate::expr::{Expr, NodeId, Op};
use crate::grid::ChunkGrid;
use crate::plan::{Plan, Stage, StageMemory, window};

/// What a stage reads from the sources of one kind.
#[derive(Default)]
struct Read {
    sources: usize,
    decoded: usize,
    stored: Option<u64>,
}

pub(crate) fn explain(plan: &Plan) -> String {
    let mut text = String::new();
    let stages = plan.stages();
    let passes = passes(plan);
    let reads = match passes {
        0 => "reads nothing".to_owned(),
        1 => "reads its data once".to_owned(),
        n => format!("reads its data {n} times"),
    };
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "{} {}, {reads}, at most {} of memory (limit {}) on {} {}",
        stages.len(),
        plural(stages.len(), "stage"),
        bytes::format(plan.peak_bytes()),
        bytes::format(plan.limit_bytes),
        plan.threads(),
        plural(plan.threads(), "thread"),
    );
    for (number, stage) in stages.iter().enumerate() {
        explain_stage(&mut text, plan, number, stage);
    }
    text
}

fn explain_stage(text: &mut String, plan: &Plan, number: usize, stage: &Stage) {
    let memory = StageMemory::of(stage);
    let tasks = stage.tasks();
    let _ = writeln!(
        text,
        "stage {}: {} in {} {} of {}, {tasks} {}",
        number + 1,
        ChunkGrid::single(&stage.grid.shape()),
        stage.grid.count(),
        plural(stage.grid.count(), "chunk"),
        stage.grid,
        plural(tasks, "task"),
    );
    for (driver, read) in reads(stage) {
        let stored =
            read.stored.map_or_else(String::new, |n| format!(" from {} stored", bytes::format(n as usize)));
        let _ = writeln!(
            text,
            "  read   {driver}: {} {}, {}{stored}",
            read.sources,
            plural(read.sources, "source"),
            bytes::format(read.decoded),
        );
    }
    for job in &stage.jobs {
        let _ = writeln!(text, "  fuse   {}", fused(stage, &job.expr));
        let what = match &job.fold {
            Some(fold) => format!("{} over axes {:?}", fold.aggregation, fold.axes),
            None => "kept".to_owned(),
        };
        let shape = ChunkGrid::single(job.result.shape());
        let _ = writeln!(text, "  into   {what} -> {shape} {}", job.result.dtype());
    }
    let window = window(memory.task, plan.threads()).min(tasks.max(1));
    let running = plan.threads().min(tasks.max(1));
    let _ = writeln!(
        text,
        "  memory {running} x {} blocks and tiles + {window} x {} states + {} merging + {} results = {}",
        bytes::format(memory.thread),
        bytes::format(memory.task),
        bytes::format(memory.merged),
        bytes::format(memory.results),
        bytes::format(memory.total(plan.threads(), tasks)),
    );
}

/// How often the source that is read most often is read.
fn passes(plan: &Plan) -> usize {
    let mut passes: BTreeMap<NodeId, usize> = BTreeMap::new();
    for stage in plan.stages() {
        for (id, times) in leaf_uses(stage) {
            *passes.entry(id).or_insert(0) += times.1;
        }
    }
    passes.values().copied().max().unwrap_or(0)
}

/// The sources that a stage reads, each with how often a box reads from it: a source that is used at two
/// places, as in `x * x[::-1]`, is read at both.
fn leaf_uses(stage: &Stage) -> BTreeMap<NodeId, (Expr, usize)> {
    let mut uses: BTreeMap<NodeId, (Expr, usize)> = BTreeMap::new();
    // A node is visited once under each selection above it.
    let mut seen = std::collections::BTreeSet::new();
    let mut stack: Vec<(Expr, Option<NodeId>)> =
        stage.jobs.iter().map(|job| (job.expr.clone(), None)).collect();
    while let Some((expr, selection)) = stack.pop() {
        if stage.known.contains(&expr.id()) || !seen.insert((expr.id(), selection)) {
            continue;
        }
        if let Op::Source(source) = expr.op() {
            if source.source().resident().is_none() {
                uses.entry(expr.id()).or_insert_with(|| (expr.clone(), 0)).1 += 1;
            }
            continue;
        }
        let below = match expr.op() {
            Op::Select(_) | Op::Reshape(_) => Some(expr.id()),
            _ => selection,
        };
        stack.extend(expr.inputs().iter().map(|input| (input.clone(), below)));
    }
    uses
}

fn reads(stage: &Stage) -> BTreeMap<String, Read> {
    let mut reads: BTreeMap<String, Read> = BTreeMap::new();
    for (expr, times) in leaf_uses(stage).into_values() {
        let Op::Source(source) = expr.op() else { continue };
        let read = reads.entry(source.spec().driver.clone()).or_default();
        let bytes = expr.shape().iter().product::<usize>() * expr.dtype().size();
        read.sources += 1;
        read.decoded += bytes * times;
        if let Some(stored) = source.source().stored_bytes() {
            *read.stored.get_or_insert(0) += stored * times as u64;
        }
    }
    reads
}

/// The chain of operations that run over one tile, from the source to the result. In brackets is what earlier
/// stages computed.
fn fused(stage: &Stage, expr: &Expr) -> String {
    let mut parts: Vec<String> = Vec::new();
    for node in below(stage, expr) {
        let known = stage.known.contains(&node.id());
        parts.push(if known { format!("[{}]", node.label()) } else { node.label() });
    }
    parts.join(" -> ")
}

/// Every node of a stage's own work once, inputs first; what earlier stages computed is a leaf. Of a join only
/// the first input is followed: a year of files does the same to each.
fn below(stage: &Stage, expr: &Expr) -> Vec<Expr> {
    let mut order = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut stack = vec![(expr.clone(), false)];
    while let Some((expr, expanded)) = stack.pop() {
        if expanded || stage.known.contains(&expr.id()) {
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

fn plural(n: usize, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}
