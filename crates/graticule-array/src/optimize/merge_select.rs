//! A selection from a selection is one selection.

use crate::error::Result;
use crate::expr::{AxisSelect, Expr, NodeId, Op};
use crate::optimize::Rule;

pub(crate) struct MergeSelect;

impl Rule for MergeSelect {
    fn name(&self) -> &'static str {
        "merge_select"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Select(outer), [input]) = (expr.op(), expr.inputs()) else { return Ok(None) };
        let Op::Select(inner) = input.op() else { return Ok(None) };
        let mut outer = outer.iter();
        let merged = inner.iter().map(|select| match *select {
            AxisSelect::Index(i) => Some(AxisSelect::Index(i)),
            AxisSelect::Slice { start, step, .. } => {
                let at = |i: usize| (start as isize + step * i as isize) as usize;
                Some(match *outer.next()? {
                    AxisSelect::Index(i) => AxisSelect::Index(at(i)),
                    AxisSelect::Slice { len: 0, .. } => AxisSelect::Slice { start: 0, step: 1, len: 0 },
                    AxisSelect::Slice { start: i, step: s, len } => {
                        AxisSelect::Slice { start: at(i), step: step * s, len }
                    }
                })
            }
        });
        let Some(merged) = merged.collect::<Option<Vec<_>>>() else { return Ok(None) };
        let merged = Expr::new(Op::Select(merged), input.inputs().to_vec())?;
        // Taking every second chunk border twice can give other chunks; then the two stay two.
        Ok((merged.grid() == expr.grid()).then_some(merged))
    }
}
