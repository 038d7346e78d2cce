//! What several passes read: whether it stays in memory between them, as it was read, or is read again.
//!
//! Reading again costs time, keeping costs memory. How much memory it may cost depends on what is read: what takes no
//! time is never kept, what a file's blocks unpack from is kept where it is little, what comes over a network is kept
//! where it is much.

use std::collections::{BTreeMap, HashSet};

use crate::bytes;
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Expr, NodeId, Op};
use crate::plan::reads::count;
use crate::plan::{Plan, Stage, memory};
use crate::source::ReadCost;

/// Boxes of a stage that are looked at to see how much of its sources it reads.
const SAMPLE: usize = 1_000;

/// Blocks of sources that stay in memory from the first stage that reads them to the last.
#[derive(Debug, Default)]
pub(crate) struct Retained {
    /// The sources, and the first stage that reads each.
    nodes: BTreeMap<NodeId, usize>,
    /// The first stage that reads any of them, and the last.
    stages: (usize, usize),
    /// The most bytes that are kept. Blocks beyond are read again.
    bytes: usize,
    /// What was decided, by the stage where it shows.
    why: Vec<(usize, String)>,
}

/// What the stages of a plan have in common among the sources of one cost.
#[derive(Debug, Default)]
struct Shared {
    /// For each source the first stage that reads it, and the bytes of all its blocks.
    nodes: BTreeMap<NodeId, (usize, usize)>,
    first: usize,
    last: usize,
}

impl Retained {
    /// What is kept beside what the plan needs anyway, which is below its limit.
    pub(crate) fn of(plan: &Plan) -> Result<Self> {
        let mut retained = Self::default();
        if plan.stages().len() < 2 {
            return Ok(retained);
        }
        let limit = plan.memory_limit();
        // What is dearest to read again has the first claim.
        for (cost, shared) in shared(plan.stages()).into_iter().rev() {
            let Some(share) = share(cost) else { continue };
            let sources = shared.nodes.len();
            let (noun, them) = if sources == 1 { ("source", "it") } else { ("sources", "them") };
            let needed = bytes_read(plan.stages(), &shared, limit / share)?;
            let text = bytes::format(needed);
            if needed > limit / share {
                let line = format!("read {sources} {noun} again: {text} is more than 1/{share} of the limit");
                retained.why.push((shared.last, line));
                continue;
            }
            let mut more = retained.with(&shared, needed);
            if memory::peak_with(plan, &more).0 > limit {
                let line = format!("read {sources} {noun} again: the limit has no room for {text} more");
                retained.why.push((shared.last, line));
                continue;
            }
            let last = shared.last + 1;
            let line = format!("keep {sources} {noun} as read, {text}: stage {last} needs {them} too");
            more.why.push((shared.first, line));
            retained = more;
        }
        Ok(retained)
    }

    fn with(&self, shared: &Shared, bytes: usize) -> Self {
        let Self { stages, nodes, .. } = self;
        let stages = if nodes.is_empty() {
            (shared.first, shared.last)
        } else {
            (stages.0.min(shared.first), stages.1.max(shared.last))
        };
        let own = nodes.iter().map(|(&node, &first)| (node, first));
        let nodes = own.chain(shared.nodes.iter().map(|(&node, &(first, _))| (node, first))).collect();
        Self { nodes, stages, bytes: self.bytes.saturating_add(bytes), why: self.why.clone() }
    }

    /// The first stage that reads a source whose blocks are kept.
    pub(crate) fn first_read(&self, node: NodeId) -> Option<usize> {
        self.nodes.get(&node).copied()
    }

    /// The most bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes that are kept while a stage runs.
    pub(crate) fn bytes_during(&self, stage: usize) -> usize {
        let (first, last) = self.stages;
        if self.nodes.is_empty() || stage < first || stage > last { 0 } else { self.bytes }
    }

    /// Whether a stage is the last that reads what is kept.
    pub(crate) fn ends_with(&self, stage: usize) -> bool {
        !self.nodes.is_empty() && self.stages.1 == stage
    }

    /// What was decided about what a stage reads, a line each.
    pub(crate) fn why(&self, stage: usize) -> impl Iterator<Item = &str> {
        self.why.iter().filter(move |(number, _)| *number == stage).map(|(_, line)| line.as_str())
    }
}

/// Which part of the memory limit may be spent on not reading again. Nothing where reading takes no time.
fn share(cost: ReadCost) -> Option<usize> {
    match cost {
        ReadCost::Free => None,
        ReadCost::Decoded => Some(32),
        ReadCost::Fetched => Some(4),
    }
}

/// The sources that more than one stage reads, by what reading them costs.
fn shared(stages: &[Stage]) -> BTreeMap<ReadCost, Shared> {
    let mut by_cost: BTreeMap<ReadCost, Shared> = BTreeMap::new();
    let mut seen: BTreeMap<NodeId, usize> = BTreeMap::new();
    for (number, stage) in stages.iter().enumerate() {
        for expr in sources(stage) {
            let Op::Source(source) = expr.op() else { continue };
            let first = *seen.entry(expr.id()).or_insert(number);
            // The bytes of texts are known only after they were read.
            if first == number || expr.dtype() == DType::Str {
                continue;
            }
            let shared = by_cost.entry(source.source().read_cost()).or_insert(Shared {
                nodes: BTreeMap::new(),
                first,
                last: number,
            });
            let size = expr.shape().iter().fold(expr.dtype().size(), |all, &len| all.saturating_mul(len));
            shared.nodes.insert(expr.id(), (first, size));
            shared.first = shared.first.min(first);
            shared.last = number;
        }
    }
    by_cost
}

/// The sources that a stage reads block by block.
fn sources(stage: &Stage) -> Vec<Expr> {
    let mut found = Vec::new();
    let mut seen: HashSet<NodeId> = HashSet::new();
    let mut stack: Vec<&Expr> = stage.exprs();
    while let Some(expr) = stack.pop() {
        if stage.known.contains_key(&expr.id()) || !seen.insert(expr.id()) {
            continue;
        }
        stack.extend(expr.inputs());
        if let Op::Source(source) = expr.op()
            && source.source().resident().is_none()
        {
            found.push(expr.clone());
        }
    }
    found
}

/// The bytes of the blocks that the stages read of the sources that they share. Where whole sources are little enough
/// nobody looks which of their blocks are read.
fn bytes_read(stages: &[Stage], shared: &Shared, enough: usize) -> Result<usize> {
    let whole = shared.nodes.values().fold(0, |all: usize, &(_, bytes)| all.saturating_add(bytes));
    if whole <= enough {
        return Ok(whole);
    }
    let mut most: BTreeMap<NodeId, f64> = BTreeMap::new();
    for stage in &stages[shared.first..=shared.last] {
        for (node, counts) in count(stage, SAMPLE)? {
            let bytes = most.entry(node).or_insert(0.0);
            *bytes = bytes.max(counts.once);
        }
    }
    let read = shared.nodes.keys().filter_map(|node| most.get(node)).sum::<f64>();
    Ok(whole.min(read.ceil() as usize))
}
