//! From expressions to stages: reductions are computed in passes of their own, later ones from the results
//! of earlier ones, and passes over the same data are made one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::expr::children::postorder;
use crate::expr::{Expr, NodeId, Op};
use crate::plan::{Fold, Job, Output, Stage};

pub(crate) struct Lowered {
    pub(crate) stages: Vec<Stage>,
    pub(crate) outputs: Vec<Output>,
}

/// A map that is stretched over a larger one is computed once beforehand when it is at most this large.
const HOISTED_BYTES: usize = 16 << 20;

pub(crate) fn lower(roots: &[Expr]) -> Lowered {
    let order = postorder(roots);
    let mut wanted: HashSet<NodeId> = HashSet::new();
    for expr in &order {
        if matches!(expr.op(), Op::Reduce { .. }) {
            wanted.insert(expr.id());
        }
        // Otherwise cos(lat) would be computed again for every longitude and every day.
        if let Op::Map(_) = expr.op() {
            wanted.extend(expr.inputs().iter().filter(|input| is_hoisted(expr, input)).map(Expr::id));
        }
    }
    wanted.extend(roots.iter().filter(|root| resident(root).is_none()).map(Expr::id));

    // A job can run once all jobs that its expression refers to have run.
    let mut levels: HashMap<NodeId, usize> = HashMap::new();
    let mut jobs: Vec<(usize, Job)> = Vec::new();
    for expr in &order {
        let below = |input: &Expr| {
            let level = levels.get(&input.id()).copied().unwrap_or(0);
            level + usize::from(wanted.contains(&input.id()))
        };
        let level = expr.inputs().iter().map(below).max().unwrap_or(0);
        levels.insert(expr.id(), level);
        if wanted.contains(&expr.id()) {
            jobs.push((level, job(expr)));
        }
    }
    jobs.sort_by_key(|(level, _)| *level);

    let mut groups: Vec<(usize, HashSet<NodeId>, Vec<Job>)> = Vec::new();
    for (level, job) in jobs {
        let reads = reads(&job.expr, &wanted);
        let shares = groups.iter_mut().find(|(other, shared, group)| {
            *other == level && group[0].expr.grid() == job.expr.grid() && !shared.is_disjoint(&reads)
        });
        match shares {
            Some((_, shared, group)) => {
                shared.extend(reads);
                group.push(job);
            }
            None => groups.push((level, reads, vec![job])),
        }
    }
    let mut stages: Vec<Stage> = groups
        .into_iter()
        .map(|(.., jobs)| {
            let grid = jobs[0].expr.grid().clone();
            Stage::new(jobs, grid)
        })
        .collect();
    let outputs: Vec<Output> = roots
        .iter()
        .map(|root| resident(root).map_or_else(|| Output::Slot(root.id()), Output::Memory))
        .collect();
    let mut known = HashSet::new();
    for stage in &mut stages {
        stage.known.clone_from(&known);
        known.extend(stage.jobs.iter().map(|job| job.result.id()));
    }
    free_early(&mut stages, &outputs);
    Lowered { stages, outputs }
}

fn job(expr: &Expr) -> Job {
    match (expr.op(), expr.inputs()) {
        (Op::Reduce { aggregation, axes, .. }, [input]) => Job {
            expr: input.clone(),
            fold: Some(Fold { aggregation: aggregation.clone(), axes: axes.clone() }),
            result: expr.clone(),
        },
        _ => Job { expr: expr.clone(), fold: None, result: expr.clone() },
    }
}

fn resident(expr: &Expr) -> Option<Arc<crate::chunk::Chunk>> {
    match expr.op() {
        Op::Source(source) => source.source().resident().cloned(),
        _ => None,
    }
}

/// Whether `input` is computed, and smaller than the map that it is stretched over.
fn is_hoisted(map: &Expr, input: &Expr) -> bool {
    let size = |expr: &Expr| expr.shape().iter().product::<usize>();
    let computes = postorder([input]).iter().any(|node| matches!(node.op(), Op::Map(_)));
    computes && size(input) * 2 <= size(map) && size(input) * input.dtype().size() <= HOISTED_BYTES
}

/// The leaves that are worth reading once for several jobs.
fn reads(expr: &Expr, slots: &HashSet<NodeId>) -> HashSet<NodeId> {
    let mut reads = HashSet::new();
    let mut seen = HashSet::new();
    let mut stack = vec![expr.clone()];
    while let Some(expr) = stack.pop() {
        if !seen.insert(expr.id()) || slots.contains(&expr.id()) {
            continue;
        }
        match expr.op() {
            Op::Source(_) | Op::Random { .. } if resident(&expr).is_none() => {
                reads.insert(expr.id());
            }
            _ => stack.extend(expr.inputs().iter().cloned()),
        }
    }
    reads
}

/// Notes after which stage each result is not needed any more.
fn free_early(stages: &mut [Stage], outputs: &[Output]) {
    let kept: HashSet<NodeId> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Slot(id) => Some(*id),
            Output::Memory(_) => None,
        })
        .collect();
    let mut freed = HashSet::new();
    for i in (0..stages.len()).rev() {
        let used: Vec<NodeId> = stages[i]
            .jobs
            .iter()
            .flat_map(|job| postorder([&job.expr]))
            .map(|expr| expr.id())
            .filter(|id| stages[i].known.contains(id) && !kept.contains(id))
            .collect();
        for id in used {
            if freed.insert(id) {
                stages[i].frees.push(id);
            }
        }
    }
}
