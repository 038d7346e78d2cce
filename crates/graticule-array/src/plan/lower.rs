//! From expressions to stages: reductions are computed in passes of their own, later ones from the results
//! of earlier ones, and passes over the same data are made one.

use std::collections::{BTreeSet, HashMap, HashSet};
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
    // Nodes with a map in or below them.
    let mut computing: HashSet<NodeId> = HashSet::new();
    for expr in &order {
        if matches!(expr.op(), Op::Map(_))
            || expr.inputs().iter().any(|input| computing.contains(&input.id()))
        {
            computing.insert(expr.id());
        }
        if matches!(expr.op(), Op::Reduce { .. }) {
            wanted.insert(expr.id());
        }
        // Otherwise cos(lat) would be computed again for every longitude and every day.
        if let Op::Map(_) = expr.op() {
            wanted.extend(
                expr.inputs()
                    .iter()
                    .filter(|input| computing.contains(&input.id()) && is_stretched(expr, input))
                    .map(Expr::id),
            );
        }
    }
    wanted.extend(roots.iter().filter(|root| resident(root).is_none()).map(Expr::id));

    let mut stages = stages(&order, &wanted);
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

/// A job before it has found its stage.
struct Candidate {
    job: Job,
    /// The first level it can run at: after all jobs that its expression refers to.
    earliest: usize,
    /// The results that it refers to.
    needs: BTreeSet<NodeId>,
    /// The leaves that it reads.
    reads: HashSet<NodeId>,
}

/// Jobs over one domain that share what they read run in one stage, at the latest level that suits all: what
/// must wait for a result takes along what could have run before.
fn stages(order: &[Expr], wanted: &HashSet<NodeId>) -> Vec<Stage> {
    let mut levels: HashMap<NodeId, usize> = HashMap::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for expr in order {
        let below = |input: &Expr| {
            let level = levels.get(&input.id()).copied().unwrap_or(0);
            level + usize::from(wanted.contains(&input.id()))
        };
        let earliest = expr.inputs().iter().map(below).max().unwrap_or(0);
        levels.insert(expr.id(), earliest);
        if wanted.contains(&expr.id()) {
            let job = job(expr);
            let (reads, needs) = leaves(expr, wanted);
            candidates.push(Candidate { job, earliest, needs, reads });
        }
    }
    // From the last level to the first, so that the level of everyone who needs a result is known.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.earliest));
    let mut placed: HashMap<NodeId, usize> = HashMap::new();
    let mut groups: Vec<(usize, HashSet<NodeId>, Vec<Job>)> = Vec::new();
    for Candidate { job, earliest, needs, reads } in candidates {
        let needed_at = placed.get(&job.result.id()).copied().unwrap_or(usize::MAX);
        let suits = groups.iter_mut().find(|(level, shared, group)| {
            (earliest..needed_at).contains(level)
                && group[0].expr.grid() == job.expr.grid()
                && !shared.is_disjoint(&reads)
        });
        let level = suits.as_ref().map_or(earliest, |(level, ..)| *level);
        for id in needs {
            let at = placed.entry(id).or_insert(usize::MAX);
            *at = level.min(*at);
        }
        match suits {
            Some((_, shared, group)) => {
                shared.extend(reads);
                group.push(job);
            }
            None => groups.push((level, reads, vec![job])),
        }
    }
    groups.sort_by_key(|(level, ..)| *level);
    let stage = |(_, _, mut jobs): (usize, HashSet<NodeId>, Vec<Job>)| {
        jobs.reverse();
        let grid = jobs[0].expr.grid().clone();
        Stage::new(jobs, grid)
    };
    groups.into_iter().map(stage).collect()
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

/// Whether `input` is smaller than the map that it is stretched over, and small enough to be kept.
fn is_stretched(map: &Expr, input: &Expr) -> bool {
    let size = |expr: &Expr| expr.shape().iter().product::<usize>();
    size(input) * 2 <= size(map) && size(input) * input.dtype().size() <= HOISTED_BYTES
}

/// Below a node: the leaves that are worth reading once for several jobs, and the results of other jobs.
fn leaves(root: &Expr, wanted: &HashSet<NodeId>) -> (HashSet<NodeId>, BTreeSet<NodeId>) {
    let (mut reads, mut needs) = (HashSet::new(), BTreeSet::new());
    let mut seen = HashSet::new();
    let mut stack = vec![root.clone()];
    while let Some(expr) = stack.pop() {
        if !seen.insert(expr.id()) {
            continue;
        }
        if expr != *root && wanted.contains(&expr.id()) {
            needs.insert(expr.id());
            continue;
        }
        match expr.op() {
            Op::Source(_) | Op::Random { .. } if resident(&expr).is_none() => {
                reads.insert(expr.id());
            }
            _ => stack.extend(expr.inputs().iter().cloned()),
        }
    }
    (reads, needs)
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
