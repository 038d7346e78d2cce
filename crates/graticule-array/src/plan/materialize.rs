//! Which intermediate results are computed once and kept, and where: in memory, or on disk.
//!
//! What is above a selection, a rechunk or an operation on blocks may ask for the same block of what is below again and
//! again. The plan counts how often, on its own tasks, and where that is too often computes what is below once in a
//! stage of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::children::postorder;
use crate::expr::{Expr, NodeId, Op, operands};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::plan::known::Placement;
use crate::plan::lower::{Lowered, Wanted, lower_wanted};
use crate::plan::reads::{Counts, count};
use crate::plan::{Kept, Output, Stage};
use crate::sink::ChunkSink;

/// A block of a source may be read this often before what it feeds is kept, and so may all that a stage reads: a few
/// files of many that are read twice where windows overlap are not worth passes of their own.
const READS: f64 = 1.5;

/// A block may be computed this often before it is kept: computing costs more than reading.
const COMPUTATIONS: f64 = 1.2;

/// Boxes that are looked at to count how often blocks are asked for.
const SAMPLE: usize = 5_000;

/// Lowers expressions to stages, `stored` are those that go to sinks, in the order of the sinks. Gives the stages, and
/// whether some keep what would otherwise be asked for again and again.
pub(crate) fn lower(results: &[Expr], stored: &[Expr], keeps: bool) -> Result<(Lowered, bool)> {
    let mut wanted = Wanted::default();
    let roots: Vec<&Expr> = results.iter().chain(stored).collect();
    let order = postorder(roots.iter().copied());
    let moves_blocks = |expr: &Expr| matches!(expr.op(), Op::Rechunk(_) | Op::Blockwise(_));
    loop {
        let lowered = lower_wanted(&order, results, stored, &wanted);
        if !keeps || !order.iter().any(moves_blocks) {
            return Ok((lowered, false));
        }
        match costliest(&lowered.stages, &order, &wanted)? {
            Some((node, kept)) => wanted.insert(node, kept),
            None => return Ok((lowered, !wanted.is_empty())),
        }
    }
}

/// The node that is most worth keeping, and the chunks in which it will be asked for. Nothing where no block is read
/// or computed too often.
fn costliest(stages: &[Stage], order: &[Expr], wanted: &Wanted) -> Result<Option<(NodeId, Kept)>> {
    let mut computed_in: BTreeMap<NodeId, usize> = BTreeMap::new();
    for stage in stages {
        let counts = count(stage, SAMPLE)?;
        // What is nearest to the results first: where that is kept, what is below may be asked for once.
        for node in order.iter().rev().map(Expr::id) {
            let Some(counted) = counts.get(&node) else { continue };
            if !counted.is_computed || wanted.contains(node) {
                continue;
            }
            *computed_in.entry(node).or_insert(0) += 1;
            let times = counted.times();
            let has_own_pass = has_own_pass(order, node);
            if times > COMPUTATIONS || computed_in[&node] > 1 || has_own_pass {
                let why = if has_own_pass {
                    "its blocks are computed in parallel".into()
                } else if times > COMPUTATIONS {
                    format!("its blocks would be computed {times:.1} times each")
                } else {
                    "several stages need it".into()
                };
                return Ok(Some((node, Kept { asked_in: asked_in(order, node), why })));
            }
        }
        let read = counts.values().filter(|counted| !counted.is_computed);
        let (decoded, once) =
            read.fold((0.0, 0.0), |(decoded, once), of| (decoded + of.decoded, once + of.once));
        if decoded <= READS * once {
            continue;
        }
        let often = |(node, counted): &(&NodeId, &Counts)| {
            !counted.is_computed && counted.times() > READS && !wanted.contains(**node)
        };
        for (source, counted) in counts.iter().filter(often) {
            let Some(source) = order.iter().find(|expr| expr.id() == *source) else { continue };
            if let Some((node, asked_in)) = kept_above(stage, order, source, wanted) {
                let why =
                    format!("blocks of {} would be read {:.1} times each", counted.driver, counted.times());
                return Ok(Some((node, Kept { asked_in, why })));
            }
        }
    }
    Ok(None)
}

/// The chunks in which what is above a node asks for it, where that is known: those of the first node above that has the
/// same shape and cuts it otherwise.
fn asked_in(order: &[Expr], node: NodeId) -> Option<ChunkGrid> {
    let own = order.iter().find(|expr| expr.id() == node)?;
    let mut same = BTreeSet::from([node]);
    for expr in order {
        if let Op::Blockwise(blockwise) = expr.op()
            && let Some(input) = expr.inputs().iter().position(|input| input.id() == node)
            && let Some(grid) = blockwise.kernel().asked_in(input, &operands(expr.inputs()))
        {
            return Some(grid);
        }
        if expr.shape() != own.shape() || !expr.inputs().iter().any(|input| same.contains(&input.id())) {
            continue;
        }
        if expr.grid() != own.grid() {
            return Some(expr.grid().clone());
        }
        same.insert(expr.id());
    }
    None
}

/// Whether the operation of a node asks for a pass of its own.
fn has_own_pass(order: &[Expr], node: NodeId) -> bool {
    let op = order.iter().find(|expr| expr.id() == node).map(Expr::op);
    matches!(op, Some(Op::Blockwise(blockwise)) if blockwise.kernel().has_own_pass())
}

/// Below which node what a source feeds is to be kept: the lowest that asks for blocks in another order than they come.
fn kept_above(
    stage: &Stage,
    order: &[Expr],
    source: &Expr,
    wanted: &Wanted,
) -> Option<(NodeId, Option<ChunkGrid>)> {
    let mut above: BTreeSet<NodeId> = BTreeSet::from([source.id()]);
    let in_stage: BTreeSet<NodeId> = postorder(stage.exprs()).iter().map(Expr::id).collect();
    for expr in order {
        let Some(input) = expr.inputs().iter().find(|input| above.contains(&input.id())) else { continue };
        above.insert(expr.id());
        if !in_stage.contains(&expr.id()) || wanted.contains(input.id()) || input.dtype() == DType::Str {
            continue;
        }
        match expr.op() {
            Op::Rechunk(grid) => return Some(smaller(source, input, Some(grid))),
            Op::Blockwise(blockwise) => {
                let inputs = operands(expr.inputs());
                if !blockwise.kernel().is_disjoint(expr.grid(), &inputs) {
                    return Some(smaller(source, input, None));
                }
            }
            Op::Source(_)
            | Op::Full { .. }
            | Op::Range { .. }
            | Op::Random { .. }
            | Op::Map(_)
            | Op::Select(_)
            | Op::Reshape(_)
            | Op::Join { .. }
            | Op::Reduce { .. }
            | Op::Group { .. } => {}
        }
    }
    None
}

/// Of a source and of what is made of it, what takes less room: packed data rather than what they unpack to.
fn smaller(source: &Expr, made: &Expr, asked_in: Option<&ChunkGrid>) -> (NodeId, Option<ChunkGrid>) {
    let bytes = |expr: &Expr| expr.shape().iter().product::<usize>() * expr.dtype().size();
    let kept = if bytes(made) <= bytes(source) { made } else { source };
    (kept.id(), asked_in.filter(|_| kept.shape() == made.shape()).cloned())
}

/// Of the intermediate results that are in memory while a stage runs, the largest that could be on disk.
pub(crate) fn largest_in_memory(
    stages: &[Stage],
    outputs: &[Output],
    stage: usize,
    tried: &BTreeSet<NodeId>,
) -> Option<NodeId> {
    let is_output =
        |id: NodeId| outputs.iter().any(|output| matches!(output, Output::Slot(slot) if *slot == id));
    let jobs = stages.iter().take(stage + 1).flat_map(|stage| &stage.jobs);
    jobs.filter(|job| job.fold.is_none() && job.placement == Placement::Memory)
        .filter(|job| job.result.dtype() != DType::Str && !is_output(job.result.id()))
        .filter(|job| !tried.contains(&job.result.id()))
        .max_by_key(|job| job.result_bytes())
        .map(|job| job.result.id())
}

/// Moves an intermediate result to disk.
pub(crate) fn spill(stages: &mut [Stage], id: NodeId) {
    let mut placement = None;
    for stage in stages {
        if let (Some(placement), Some(known)) = (&placement, stage.known.get_mut(&id)) {
            *known = Placement::clone(placement);
        }
        let grid = stage.grid.clone();
        for job in &mut stage.jobs {
            if job.result.id() == id {
                let asked = job.kept.as_ref().and_then(|kept| kept.asked_in.as_ref());
                let blocks = asked.map_or_else(|| grid.clone(), |asked| refine(&grid, asked));
                job.placement = Placement::Scratch(blocks);
                placement = Some(job.placement.clone());
            }
        }
    }
}

/// Blocks that are cut wherever one of two grids is cut, so that whole blocks are written and whole blocks are read.
fn refine(a: &ChunkGrid, b: &ChunkGrid) -> ChunkGrid {
    let axes = a.axes().iter().zip(b.axes()).map(|(a, b)| match (a, b) {
        (a, b) if a == b || b.count() <= 1 => a.clone(),
        (a, b) if a.count() <= 1 => b.clone(),
        (a, b) => {
            let ends: BTreeSet<usize> =
                [a, b].iter().flat_map(|axis| (0..axis.count()).map(|i| axis.range(i).end)).collect();
            let sizes = ends.iter().scan(0, |before, &end| Some(end - std::mem::replace(before, end)));
            AxisChunks::from_sizes(&sizes.collect::<Vec<_>>())
        }
    });
    ChunkGrid::new(axes.collect())
}

/// The expression in chunks that are made of whole chunks of a sink.
pub(crate) fn cut_for_sink(expr: &Expr, sink: &dyn ChunkSink) -> Result<Expr> {
    let stored = sink.grid();
    if stored.shape() != expr.shape() {
        return Err(Error::Shape {
            operation: format!("storing into {}", sink.label()),
            left: stored.shape(),
            right: expr.shape().to_vec(),
            hint: "what is stored has the shape of the place it goes to".into(),
        });
    }
    // Every border between chunks must be one between stored chunks.
    let fits = |(own, stored): (&AxisChunks, &AxisChunks)| {
        (1..own.count()).all(|i| {
            let start = own.range(i).start;
            stored.range(stored.find(start)).start == start
        })
    };
    if expr.grid().axes().iter().zip(stored.axes()).all(fits) {
        return Ok(expr.clone());
    }
    Expr::new(Op::Rechunk(stored.clone()), vec![expr.clone()])
}
