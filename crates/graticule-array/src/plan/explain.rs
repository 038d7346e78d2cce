//! The plan as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bytes;
use crate::expr::{Expr, Op};
use crate::grid::ChunkGrid;
use crate::plan::known::Placement;
use crate::plan::reads::{Reads, reads};
use crate::plan::{Plan, Stage, StageMemory, window};

pub(crate) fn explain(plan: &Plan) -> String {
    let mut text = String::new();
    let stages = plan.stages();
    // A plan that cannot be resolved fails when it runs, with the reason.
    let reads: Vec<_> = stages.iter().map(|stage| reads(stage).unwrap_or_default()).collect();
    let times = times_read(&reads);
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "{} {}, {times}, at most {} of memory (limit {}) on {} {}",
        stages.len(),
        plural(stages.len(), "stage"),
        bytes::format(plan.peak_bytes()),
        bytes::format(plan.memory_limit()),
        plan.threads(),
        plural(plan.threads(), "thread"),
    );
    for (number, (stage, reads)) in stages.iter().zip(&reads).enumerate() {
        explain_stage(&mut text, plan, number, stage, reads);
    }
    text
}

fn explain_stage(
    text: &mut String,
    plan: &Plan,
    number: usize,
    stage: &Stage,
    reads: &BTreeMap<String, Reads>,
) {
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
    for (driver, read) in reads {
        let (decoded, sources) = (bytes::format(read.decoded as usize), read.sources);
        let stored = match read.stored {
            0 => String::new(),
            n => format!(" from {} stored", bytes::format(n as usize)),
        };
        let again = match read.decoded / read.once {
            times if times < 1.05 => String::new(),
            times => format!(", every block {times:.1} times"),
        };
        let sources = format!("{sources} {}", plural(sources, "source"));
        let _ = writeln!(text, "  read   {driver}: {sources}, {decoded}{stored}{again}");
    }
    for job in &stage.jobs {
        let _ = writeln!(text, "  fuse   {}", fused(stage, &job.expr));
        let what = match &job.fold {
            Some(fold) => format!("{} over axes {:?}", fold.aggregation, fold.axes),
            None => match &job.placement {
                Placement::Memory => "kept".to_owned(),
                Placement::Scratch(grid) => format!("kept on disk in blocks of {grid}"),
                Placement::Sink(number) => {
                    let label = plan.sinks().get(*number).map(|sink| sink.label());
                    format!("stored into {}", label.unwrap_or_default())
                }
            },
        };
        let shape = ChunkGrid::single(job.result.shape());
        let _ = writeln!(text, "  into   {what} -> {shape} {}", job.result.dtype());
        if let Some((_, grouping)) = job.fold.as_ref().and_then(|fold| fold.codes.as_ref()) {
            let _ = writeln!(text, "  group  {}", grouping.strategy());
        }
        if let Some(kept) = &job.kept {
            let _ = writeln!(text, "  keep   {}", kept.why);
        }
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

/// How often the data are read: in all stages together, against reading each block once.
fn times_read(stages: &[BTreeMap<String, Reads>]) -> String {
    let decoded: f64 = stages.iter().flat_map(BTreeMap::values).map(|reads| reads.decoded).sum();
    // Stages read the same sources more often than not, so the largest is what there is to read.
    let once = stages.iter().map(|reads| reads.values().map(|read| read.once).sum::<f64>());
    let once = once.fold(0.0, f64::max);
    let times = decoded / once;
    match times {
        _ if decoded == 0.0 => "reads nothing".into(),
        _ if times < 1.05 => "reads its data once".into(),
        _ if (times - times.round()).abs() < 0.05 => format!("reads its data {times:.0} times"),
        _ => format!("reads its data {times:.1} times"),
    }
}

/// The chain of operations that run over one tile, from the source to the result. In brackets is what earlier
/// stages computed.
fn fused(stage: &Stage, expr: &Expr) -> String {
    let mut parts: Vec<String> = Vec::new();
    for node in below(stage, expr) {
        let known = stage.known.contains_key(&node.id());
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

fn plural(n: usize, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}
