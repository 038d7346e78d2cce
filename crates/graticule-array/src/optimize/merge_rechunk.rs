//! Of several rechunks only the last counts.

use crate::error::Result;
use crate::expr::{Expr, NodeId, Op};
use crate::optimize::Rule;

pub(crate) struct MergeRechunk;

impl Rule for MergeRechunk {
    fn name(&self) -> &'static str {
        "merge_rechunk"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Rechunk(grid), [input]) = (expr.op(), expr.inputs()) else { return Ok(None) };
        let Op::Rechunk(_) = input.op() else { return Ok(None) };
        Ok(Some(Expr::new(Op::Rechunk(grid.clone()), input.inputs().to_vec())?))
    }
}
