//! A transposition of a transposition is one transposition.

use crate::error::Result;
use crate::expr::{Expr, NodeId, Op, Reshape};
use crate::optimize::Rule;

pub(crate) struct MergePermute;

impl Rule for MergePermute {
    fn name(&self) -> &'static str {
        "merge_permute"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Reshape(Reshape::Permute(outer)), [input]) = (expr.op(), expr.inputs()) else {
            return Ok(None);
        };
        let Op::Reshape(Reshape::Permute(inner)) = input.op() else { return Ok(None) };
        let merged = outer.iter().filter_map(|&axis| inner.get(axis).copied()).collect();
        Ok(Some(Expr::new(Op::Reshape(Reshape::Permute(merged)), input.inputs().to_vec())?))
    }
}
