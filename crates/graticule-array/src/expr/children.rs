//! Walking an expression and replacing parts of it.

use std::collections::HashMap;

use crate::error::Result;
use crate::expr::{Expr, NodeId};

/// Every node once, inputs before the nodes that use them.
///
/// The walk keeps its own stack: an expression may be as deep as a program made it.
pub(crate) fn postorder<'a>(roots: impl IntoIterator<Item = &'a Expr>) -> Vec<Expr> {
    let mut seen = std::collections::HashSet::new();
    let mut order = Vec::new();
    for root in roots {
        let mut stack = vec![(root.clone(), false)];
        while let Some((expr, expanded)) = stack.pop() {
            if expanded {
                order.push(expr);
            } else if seen.insert(expr.id()) {
                stack.push((expr.clone(), true));
                stack.extend(expr.inputs().iter().rev().map(|input| (input.clone(), false)));
            }
        }
    }
    order
}

/// Rebuilds an expression bottom-up: `change` sees each node once, over inputs that were changed already.
pub(crate) fn rebuild(root: &Expr, change: &mut dyn FnMut(Expr) -> Result<Expr>) -> Result<Expr> {
    let mut done: HashMap<NodeId, Expr> = HashMap::new();
    for expr in postorder([root]) {
        let inputs: Vec<Expr> =
            expr.inputs().iter().map(|input| done.get(&input.id()).unwrap_or(input).clone()).collect();
        let unchanged = inputs.iter().zip(expr.inputs()).all(|(new, old)| new == old);
        let node = if unchanged { expr.clone() } else { Expr::new(expr.op().clone(), inputs)? };
        done.insert(expr.id(), change(node)?);
    }
    Ok(done.remove(&root.id()).unwrap_or_else(|| root.clone()))
}

/// How often each node is used by others, for deciding whether it may be merged into its user.
pub(crate) fn use_counts(roots: &[Expr]) -> HashMap<NodeId, usize> {
    let mut counts = HashMap::new();
    for expr in postorder(roots) {
        for input in expr.inputs() {
            *counts.entry(input.id()).or_insert(0) += 1;
        }
    }
    for root in roots {
        *counts.entry(root.id()).or_insert(0) += 1;
    }
    counts
}

/// The number of nodes on the longest way from a root to a leaf.
pub(crate) fn depth(roots: &[Expr]) -> usize {
    let mut depths: HashMap<NodeId, usize> = HashMap::new();
    for expr in postorder(roots) {
        let below = expr.inputs().iter().filter_map(|input| depths.get(&input.id())).max();
        let depth = below.copied().unwrap_or(0) + 1;
        depths.insert(expr.id(), depth);
    }
    roots.iter().filter_map(|root| depths.get(&root.id())).copied().max().unwrap_or(0)
}
