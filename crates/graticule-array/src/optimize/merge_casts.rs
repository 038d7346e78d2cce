//! A cast that loses nothing does not stand between a value and its last cast.

use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Expr, NodeId, Op, Step};
use crate::optimize::Rule;

pub(crate) struct MergeCasts;

impl Rule for MergeCasts {
    fn name(&self) -> &'static str {
        "merge_casts"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let Op::Map(formula) = expr.op() else { return Ok(None) };
        super::simpler_map(expr, formula, simpler)
    }
}

fn simpler(done: &[(Step, DType)], step: Step, dtype: DType) -> Result<Step, usize> {
    let Step::Cast { mut x, casting } = step else { return Ok(step) };
    while let (Step::Cast { x: inner, .. }, between) = &done[x]
        && is_lossless(done[*inner].1, *between)
    {
        x = *inner;
    }
    if done[x].1 == dtype { Err(x) } else { Ok(Step::Cast { x, casting }) }
}

/// Whether every value of a dtype is one of the other. Of the numbers only: a time in another unit can be too large.
fn is_lossless(from: DType, to: DType) -> bool {
    let digits = |dtype: DType| if dtype == DType::F32 { 24 } else { 53 };
    match (from, to) {
        (a, b) if a == b => true,
        (DType::Bool, b) => b.is_numeric(),
        (DType::F32, b) => b == DType::F64,
        (a, b) if a.is_integer() && b.is_float() => 8 * a.size() <= digits(b),
        (a, b) if a.is_integer() && b.is_integer() => {
            a.size() < b.size() && (a.is_unsigned() || b.is_signed())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_lossless;
    use crate::dtype::DType::{Bool, F32, F64, I8, I16, I32, I64, U16, U32, U64};

    #[test]
    fn only_wider_dtypes_hold_everything() {
        for (from, to) in [(I16, F32), (I32, F64), (U32, F64), (U16, I32), (I8, I64), (F32, F64), (Bool, F32)]
        {
            assert!(is_lossless(from, to), "{from} {to}");
            assert!(!is_lossless(to, from), "{to} {from}");
        }
        for (from, to) in [(I32, F32), (I64, F64), (U64, F64), (I32, U64), (U64, I64), (F64, I64)] {
            assert!(!is_lossless(from, to), "{from} {to}");
        }
    }
}
