//! From expressions to stages: reductions are computed in passes of their own, later ones from the results
//! of earlier ones, and passes over the same data are made one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::expr::children::postorder;
use crate::expr::{Expr, NodeId, Op};
use crate::grid::ChunkGrid;
use crate::plan::group::Grouping;
use crate::plan::known::{Known, Placement};
use crate::plan::{Fold, Job, Kept, Output, Stage};

pub(crate) struct Lowered {
    pub(crate) stages: Vec<Stage>,
    pub(crate) outputs: Vec<Output>,
}

/// Nodes that are to be computed in stages of their own, and why.
#[derive(Debug, Default)]
pub(crate) struct Wanted(BTreeMap<NodeId, Kept>);

impl Wanted {
    pub(crate) fn insert(&mut self, id: NodeId, kept: Kept) {
        self.0.insert(id, kept);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, id: NodeId) -> bool {
        self.0.contains_key(&id)
    }
}

/// A map that is stretched over a larger one is computed once beforehand when it is at most this large.
const HOISTED_BYTES: usize = 16 << 20;

/// Lowers expressions, which `order` lists with all they are made of, inputs first.
pub(crate) fn lower_wanted(order: &[Expr], results: &[Expr], stored: &[Expr], also: &Wanted) -> Lowered {
    let mut wanted: HashSet<NodeId> = also.0.keys().copied().collect();
    // Nodes with a map in or below them.
    let mut computing: HashSet<NodeId> = HashSet::new();
    for expr in order {
        if matches!(expr.op(), Op::Map(_) | Op::Blockwise(_))
            || expr.inputs().iter().any(|input| computing.contains(&input.id()))
        {
            computing.insert(expr.id());
        }
        if matches!(expr.op(), Op::Reduce { .. } | Op::Group { .. }) {
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
    wanted.extend(results.iter().filter(|root| resident(root).is_none()).map(Expr::id));

    let mut stages = stages(order, &wanted, stored, also);
    let outputs: Vec<Output> = results
        .iter()
        .map(|root| resident(root).map_or_else(|| Output::Slot(root.id()), Output::Memory))
        .chain(stored.iter().map(|_| Output::Sink))
        .collect();
    let mut known = Known::new();
    for stage in &mut stages {
        stage.known.clone_from(&known);
        let kept = stage.jobs.iter().filter(|job| !matches!(job.placement, Placement::Sink(_)));
        known.extend(kept.map(|job| (job.result.id(), job.placement.clone())));
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
fn stages(order: &[Expr], wanted: &HashSet<NodeId>, stored: &[Expr], also: &Wanted) -> Vec<Stage> {
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
            let job = job(expr, wanted, also.0.get(&expr.id()).cloned());
            let (reads, needs) = leaves(expr, wanted);
            candidates.push(Candidate { job, earliest, needs, reads });
        }
    }
    for (number, expr) in stored.iter().enumerate() {
        let (reads, mut needs) = leaves(expr, wanted);
        let mut earliest = levels.get(&expr.id()).copied().unwrap_or(0);
        if wanted.contains(&expr.id()) {
            earliest += 1;
            needs.insert(expr.id());
        }
        let placement = Placement::Sink(number);
        let grid = working_grid(&[expr], wanted);
        let job = Job { expr: expr.clone(), grid, fold: None, result: expr.clone(), placement, kept: None };
        candidates.push(Candidate { job, earliest, needs, reads });
    }
    // From the last level to the first, so that the level of everyone who needs a result is known.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.earliest));
    let mut placed: HashMap<NodeId, usize> = HashMap::new();
    let mut groups: Vec<(usize, HashSet<NodeId>, Vec<Job>)> = Vec::new();
    for Candidate { job, earliest, needs, reads } in candidates {
        let needed_at = match job.placement {
            Placement::Sink(_) => usize::MAX,
            Placement::Memory | Placement::Scratch(_) => {
                placed.get(&job.result.id()).copied().unwrap_or(usize::MAX)
            }
        };
        let suits = groups.iter_mut().find(|(level, shared, group)| {
            (earliest..needed_at).contains(level) && group[0].grid == job.grid && !shared.is_disjoint(&reads)
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
        let grid = jobs[0].grid.clone();
        Stage::new(jobs, grid)
    };
    groups.into_iter().map(stage).collect()
}

fn job(expr: &Expr, wanted: &HashSet<NodeId>, kept: Option<Kept>) -> Job {
    let inputs: Vec<&Expr> = expr.inputs().iter().collect();
    let (values, grid, fold) = match (expr.op(), expr.inputs()) {
        (Op::Reduce { aggregation, axes, .. }, [input, second @ ..]) => {
            let second = second.first().cloned();
            let fold = Fold { aggregation: aggregation.clone(), axes: axes.clone(), second, codes: None };
            (input, working_grid(&inputs, wanted), Some(fold))
        }
        (Op::Group { aggregation, axes, groups }, [input, second @ .., codes]) => {
            let first = axes.first().copied().unwrap_or(0);
            let grid = working_grid(&inputs, wanted);
            let grouping = Grouping::new(*groups, first, codes, axes, grid.axes());
            let fold = Fold {
                aggregation: aggregation.clone(),
                axes: axes.clone(),
                second: second.first().cloned(),
                codes: Some((codes.clone(), grouping)),
            };
            (input, grid, Some(fold))
        }
        _ => (expr, working_grid(&[expr], wanted), None),
    };
    Job { expr: values.clone(), grid, fold, result: expr.clone(), placement: Placement::Memory, kept }
}

/// Chunks with fewer elements are worked on together where nothing comes in blocks: each costs a little beside its work.
const SMALL_CHUNK: usize = 1 << 15;

/// The chunks in which expressions over one domain are worked on.
fn working_grid(exprs: &[&Expr], wanted: &HashSet<NodeId>) -> ChunkGrid {
    let Some(first) = exprs.first() else { return ChunkGrid::single(&[]) };
    let grid = first.grid();
    if grid.max_chunk().iter().product::<usize>() >= SMALL_CHUNK || grid.count() <= 1 {
        return grid.clone();
    }
    let mut seen = HashSet::new();
    let mut stack: Vec<(Expr, bool)> = exprs.iter().map(|expr| (Expr::clone(expr), true)).collect();
    while let Some((expr, is_root)) = stack.pop() {
        if !seen.insert(expr.id()) || (!is_root && wanted.contains(&expr.id())) {
            continue;
        }
        match expr.op() {
            Op::Source(_) if resident(&expr).is_none() => return grid.clone(),
            Op::Blockwise(_) => return grid.clone(),
            _ => stack.extend(expr.inputs().iter().map(|input| (input.clone(), false))),
        }
    }
    grid.coarsened(SMALL_CHUNK)
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
            Output::Memory(_) | Output::Sink => None,
        })
        .collect();
    let mut freed = HashSet::new();
    for i in (0..stages.len()).rev() {
        let used: Vec<NodeId> = stages[i]
            .jobs
            .iter()
            .flat_map(|job| postorder(job.exprs()))
            .map(|expr| expr.id())
            .filter(|id| stages[i].known.contains_key(id) && !kept.contains(id))
            .collect();
        for id in used {
            if freed.insert(id) {
                stages[i].frees.push(id);
            }
        }
    }
}
