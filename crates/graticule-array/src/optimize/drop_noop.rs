//! Operations that change nothing are dropped.

use crate::error::Result;
use crate::expr::{AxisSelect, Expr, NodeId, Op, Reshape, Step};
use crate::optimize::Rule;

pub(crate) struct DropNoop;

impl Rule for DropNoop {
    fn name(&self) -> &'static str {
        "drop_noop"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let [input] = expr.inputs() else { return Ok(None) };
        let noop = match expr.op() {
            Op::Select(selects) => selects
                .iter()
                .zip(input.shape())
                .all(|(select, &len)| *select == AxisSelect::Slice { start: 0, step: 1, len }),
            Op::Reshape(Reshape::Permute(order)) => order.iter().copied().eq(0..order.len()),
            Op::Reshape(Reshape::Broadcast(shape)) => shape == input.shape(),
            Op::Reshape(Reshape::Expand { .. }) => false,
            Op::Map(formula) => formula.steps().all(|(step, _)| matches!(step, Step::Input(_))),
            Op::Join { .. } => true,
            Op::Rechunk(_) => true,
            Op::Source(_)
            | Op::Full { .. }
            | Op::Range { .. }
            | Op::Random { .. }
            | Op::Reduce { .. }
            | Op::Group { .. }
            | Op::Blockwise(_) => false,
        };
        Ok((noop && input.grid() == expr.grid()).then(|| input.clone()))
    }
}
