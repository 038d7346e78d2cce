//! A map of a map is one map with a longer formula.

use crate::error::Result;
use crate::expr::{Expr, NodeId, Op};
use crate::optimize::Rule;

pub(crate) struct FuseMap;

/// Longer formulas are not made: maps that stay apart still run in one pass over each tile.
const MAX_STEPS: usize = 64;

impl Rule for FuseMap {
    fn name(&self) -> &'static str {
        "fuse_map"
    }

    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        if !matches!(expr.op(), Op::Map(_)) {
            return Ok(None);
        }
        // A smaller map that is stretched is better computed once beforehand; one that others use too is
        // found again as a whole by whoever shares it.
        let fusible = |input: &&Expr| {
            matches!(input.op(), Op::Map(_)) && input.shape() == expr.shape() && uses(input.id()) <= 1
        };
        let Some(slot) = expr.inputs().iter().position(|input| fusible(&input)) else { return Ok(None) };
        let fused = fused(expr, slot)?;
        Ok(fused.filter(|fused| fused.grid() == expr.grid()))
    }
}

/// A map with the map in one of its inputs written into its formula; nothing where the formula would be too long.
pub(super) fn fused(expr: &Expr, slot: usize) -> Result<Option<Expr>> {
    let (Op::Map(outer), Some(inner)) = (expr.op(), expr.inputs().get(slot)) else { return Ok(None) };
    let Op::Map(inner_formula) = inner.op() else { return Ok(None) };
    if outer.steps().len() + inner_formula.steps().len() > MAX_STEPS {
        return Ok(None);
    }
    let mut inputs: Vec<Expr> = Vec::new();
    let mut number = |input: &Expr| {
        let found = inputs.iter().position(|other| other == input);
        found.unwrap_or_else(|| {
            inputs.push(input.clone());
            inputs.len() - 1
        })
    };
    let inner_numbers: Vec<usize> = inner.inputs().iter().map(&mut number).collect();
    let numbers: Vec<usize> = expr
        .inputs()
        .iter()
        .enumerate()
        .map(|(i, input)| if i == slot { usize::MAX } else { number(input) })
        .collect();
    let formula = outer.substitute(slot, inner_formula, &numbers, &inner_numbers);
    Ok(Some(Expr::new(Op::Map(formula), inputs)?))
}
