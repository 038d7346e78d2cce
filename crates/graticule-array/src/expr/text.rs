//! The expression as text: a label for each node, and the whole as a tree.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::expr::{AxisSelect, Expr, Op, Reshape};

impl Expr {
    /// What the node does, in a few words.
    pub fn label(&self) -> String {
        match self.op() {
            Op::Source(source) => source.source().label(),
            Op::Full { value, .. } => format!("full {value}"),
            Op::Range { start, step, .. } => format!("range from {start} step {step}"),
            Op::Random { distribution, seed, .. } => format!("random {distribution} seed {seed}"),
            Op::Map(formula) => formula.to_string(),
            Op::Select(selects) => {
                let axes: Vec<String> = selects
                    .iter()
                    .zip(self.inputs()[0].shape())
                    .map(|(s, &len)| select_text(*s, len))
                    .collect();
                format!("select [{}]", axes.join(", "))
            }
            Op::Reshape(Reshape::Permute(order)) => format!("permute {order:?}"),
            Op::Reshape(Reshape::Expand { axis }) => format!("expand axis {axis}"),
            Op::Reshape(Reshape::Broadcast(shape)) => format!("broadcast to {shape:?}"),
            Op::Join { axis } => format!("join {} along axis {axis}", self.inputs().len()),
            Op::Reduce { aggregation, axes, .. } if axes.len() == self.inputs()[0].ndim() => {
                aggregation.to_string()
            }
            Op::Reduce { aggregation, axes, .. } => format!("{aggregation} over axes {axes:?}"),
            Op::Group { aggregation, axes, groups } => {
                format!("{aggregation} of {groups} groups over axes {axes:?}")
            }
            Op::Rechunk(grid) => format!("rechunk {grid}"),
            Op::Blockwise(blockwise) => blockwise.to_string(),
        }
    }
}

/// As in Python, with what is left out left out.
fn select_text(select: AxisSelect, axis_len: usize) -> String {
    match select {
        AxisSelect::Index(i) => i.to_string(),
        AxisSelect::Slice { start: 0, step: 1, len } if len == axis_len => ":".into(),
        AxisSelect::Slice { start, step: -1, len } if len == axis_len && start + 1 == len => "::-1".into(),
        AxisSelect::Slice { start, step, len } => {
            let stop = start as isize + step * len as isize;
            let stop = if stop < 0 { String::new() } else { stop.to_string() };
            if step == 1 { format!("{start}:{stop}") } else { format!("{start}:{stop}:{step}") }
        }
    }
}

/// How many of a join's inputs are written out.
const SHOWN_INPUTS: usize = 3;

/// The expression as a tree, one node a line with its shape, dtype and chunks. A node that was written
/// before is referred to, not written again.
pub(crate) fn to_text(expr: &Expr) -> String {
    let mut text = String::new();
    let mut seen = HashSet::new();
    let mut stack = vec![(expr.clone(), 0)];
    while let Some((expr, depth)) = stack.pop() {
        let indent = "  ".repeat(depth);
        let again = !expr.inputs().is_empty() && !seen.insert(expr.id());
        let shape: Vec<String> = expr.shape().iter().map(ToString::to_string).collect();
        let (label, shape) = (expr.label(), shape.join("×"));
        // Writing into a String cannot fail.
        let _ = match (again, expr.ndim()) {
            (true, _) => writeln!(text, "{indent}{label} (as above)"),
            (false, 0) => writeln!(text, "{indent}{label}  {}", expr.dtype()),
            (false, _) => {
                writeln!(text, "{indent}{label}  {} {shape}, chunks {}", expr.dtype(), expr.grid())
            }
        };
        if again {
            continue;
        }
        let hidden = expr.inputs().len().saturating_sub(SHOWN_INPUTS);
        if hidden > 1 {
            let shown = expr.inputs().iter().take(SHOWN_INPUTS).rev();
            let _ = writeln!(text, "{indent}  ({hidden} more inputs, not shown)");
            stack.extend(shown.map(|input| (input.clone(), depth + 1)));
        } else {
            stack.extend(expr.inputs().iter().rev().map(|input| (input.clone(), depth + 1)));
        }
    }
    text
}
