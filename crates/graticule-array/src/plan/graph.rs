//! The operations of a plan as a graph, small enough to be drawn.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::expr::{Expr, NodeId, Op};
use crate::plan::Plan;

/// The operations of a plan and what flows between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGraph {
    /// The operations, inputs before those that use them.
    pub nodes: Vec<GraphNode>,
    /// From an operation to one that uses it, as positions in `nodes`.
    pub edges: Vec<(usize, usize)>,
}

/// An operation in a [`PlanGraph`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    /// The identity of the operation; equal expressions have equal ones.
    pub id: String,
    /// What it does.
    pub label: String,
    /// Its shape, dtype and chunks in a few words; empty for what stands for several.
    pub detail: String,
    /// What sort of operation it is.
    pub kind: NodeKind,
    /// The stages that work on it.
    pub stages: Vec<usize>,
}

/// Sorts of operation, as they are told apart by colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// Where values come from.
    Source,
    /// Arithmetic, element by element.
    Map,
    /// Axes folded away.
    Reduce,
    /// A function of whole blocks.
    Block,
    /// The same values elsewhere.
    Move,
    /// Further inputs that are not drawn one by one.
    More,
}

/// How many inputs of a join are drawn; of more, the first is.
const INPUTS: usize = 3;

/// More operations than this are not drawn.
const NODES: usize = 400;

impl PlanGraph {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut graph = Self::default();
        let mut known: HashMap<NodeId, usize> = HashMap::new();
        for (number, stage) in plan.stages().iter().enumerate() {
            for job in &stage.jobs {
                graph.walk(&job.result, number, &mut known, &|expr| stage.known.contains_key(&expr.id()));
            }
        }
        graph
    }

    /// Adds what a stage works on for one result, down to what earlier stages computed.
    fn walk(
        &mut self,
        root: &Expr,
        stage: usize,
        known: &mut HashMap<NodeId, usize>,
        earlier: &dyn Fn(&Expr) -> bool,
    ) {
        let mut stack = vec![(root.clone(), false)];
        while let Some((expr, expanded)) = stack.pop() {
            if earlier(&expr) {
                continue;
            }
            if let Some(&position) = known.get(&expr.id()) {
                if self.nodes[position].stages.contains(&stage) {
                    continue;
                }
                self.nodes[position].stages.push(stage);
                if let Some(more) = position.checked_sub(1).filter(|&i| self.nodes[i].kind == NodeKind::More)
                {
                    self.nodes[more].stages.push(stage);
                }
                // Its inputs are worked on again, too.
                stack.extend(drawn(&expr).0.iter().map(|input| (input.clone(), false)));
            } else if expanded {
                self.add(&expr, stage, known);
            } else if self.nodes.len() + stack.len() < NODES {
                stack.push((expr.clone(), true));
                stack.extend(drawn(&expr).0.iter().rev().map(|input| (input.clone(), false)));
            }
        }
    }

    fn add(&mut self, expr: &Expr, stage: usize, known: &mut HashMap<NodeId, usize>) {
        let (inputs, hidden) = drawn(expr);
        let mut used: Vec<usize> =
            inputs.iter().filter_map(|input| known.get(&input.id()).copied()).collect();
        used.sort_unstable();
        used.dedup();
        if hidden > 0 {
            used.push(self.nodes.len());
            self.nodes.push(GraphNode {
                id: format!("{:?}+", expr.id()),
                label: format!("{hidden} more"),
                detail: String::new(),
                kind: NodeKind::More,
                stages: vec![stage],
            });
        }
        let position = self.nodes.len();
        self.edges.extend(used.into_iter().map(|input| (input, position)));
        known.insert(expr.id(), position);
        self.nodes.push(GraphNode {
            id: format!("{:?}", expr.id()),
            label: expr.label(),
            detail: detail(expr),
            kind: NodeKind::of(expr.op()),
            stages: vec![stage],
        });
    }
}

impl NodeKind {
    fn of(op: &Op) -> Self {
        match op {
            Op::Source(_) | Op::Full { .. } | Op::Range { .. } | Op::Random { .. } => Self::Source,
            Op::Map(_) => Self::Map,
            Op::Reduce { .. } | Op::Group { .. } => Self::Reduce,
            Op::Blockwise(_) => Self::Block,
            Op::Select(_) | Op::Reshape(_) | Op::Join { .. } | Op::Rechunk(_) => Self::Move,
        }
    }
}

/// The inputs that are drawn, and how many are not.
fn drawn(expr: &Expr) -> (&[Expr], usize) {
    let inputs = expr.inputs();
    if inputs.len() > INPUTS { (&inputs[..1], inputs.len() - 1) } else { (inputs, 0) }
}

fn detail(expr: &Expr) -> String {
    let shape: Vec<String> = expr.shape().iter().map(ToString::to_string).collect();
    match (expr.ndim(), expr.grid().count()) {
        (0, _) => expr.dtype().to_string(),
        (_, 1) => format!("{} {} · 1 chunk", shape.join("×"), expr.dtype()),
        (_, chunks) => format!("{} {} · {chunks} chunks", shape.join("×"), expr.dtype()),
    }
}
