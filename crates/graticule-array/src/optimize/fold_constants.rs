//! What is known without computing: parts and other chunks of constants and ranges, and steps of formulas that change
//! nothing.
//!
//! Only what gives the same bits is rewritten: `x - 0.0` is `x` for every float, `x + 0.0` is not for -0.0.

use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{AxisSelect, Expr, NodeId, Op, Reshape, Step};
use crate::function::{Binary, Unary};
use crate::optimize::Rule;
use crate::scalar::Scalar;

pub(crate) struct FoldConstants;

impl Rule for FoldConstants {
    fn name(&self) -> &'static str {
        "fold_constants"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        match (expr.op(), expr.inputs()) {
            (Op::Map(formula), _) => super::simpler_map(expr, formula, simpler),
            (Op::Select(selects), [input]) => of_part(expr, selects, input),
            (Op::Rechunk(_), [input]) => match input.op() {
                Op::Range { start, step, last, dtype, .. } => {
                    let (start, step, last) = (start.clone(), step.clone(), last.clone());
                    let op = Op::Range { start, step, last, dtype: *dtype, grid: expr.grid().clone() };
                    Ok(Some(Expr::new(op, Vec::new())?))
                }
                _ => full(expr, input),
            },
            (Op::Reshape(Reshape::Permute(_) | Reshape::Expand { .. } | Reshape::Broadcast(_)), [input]) => {
                full(expr, input)
            }
            (Op::Join { .. }, [first, rest @ ..]) => {
                let value = |input: &Expr| match input.op() {
                    Op::Full { value, .. } => Some(value.clone()),
                    _ => None,
                };
                let same = rest.iter().all(|input| value(input) == value(first));
                if same { full(expr, first) } else { Ok(None) }
            }
            _ => Ok(None),
        }
    }
}

/// The value of a constant array under the chunks of `expr`.
fn full(expr: &Expr, input: &Expr) -> Result<Option<Expr>> {
    let Op::Full { value, dtype, .. } = input.op() else { return Ok(None) };
    let op = Op::Full { value: value.clone(), dtype: *dtype, grid: expr.grid().clone() };
    Ok(Some(Expr::new(op, Vec::new())?))
}

fn of_part(expr: &Expr, selects: &[AxisSelect], input: &Expr) -> Result<Option<Expr>> {
    let Op::Range {
        start: Scalar::Int(first), step: Scalar::Int(stride), last: None, dtype: DType::I64, ..
    } = input.op()
    else {
        return full(expr, input);
    };
    // Floats of a range are `start + step * i`, which from another start would be rounded otherwise.
    let at = |i: usize| first.wrapping_add(stride.wrapping_mul(i as i64));
    let grid = expr.grid().clone();
    let op = match selects {
        [AxisSelect::Index(i)] => Op::Full { value: at(*i).into(), dtype: DType::I64, grid },
        [AxisSelect::Slice { start, step, .. }] => Op::Range {
            start: at(*start).into(),
            step: stride.wrapping_mul(*step as i64).into(),
            last: None,
            dtype: DType::I64,
            grid,
        },
        _ => return Ok(None),
    };
    Ok(Some(Expr::new(op, Vec::new())?))
}

/// The step, or the earlier one that has its value.
fn simpler(done: &[(Step, DType)], step: Step, dtype: DType) -> Result<Step, usize> {
    let constant = |x: usize| match &done[x].0 {
        Step::Const(value) => Some(value.clone()),
        _ => None,
    };
    let is_number = dtype.is_integer() || dtype.is_float();
    let same = match &step {
        Step::Unary(Unary::Negative, x) if is_number => match done[*x].0 {
            Step::Unary(Unary::Negative, inner) => Some(inner),
            _ => None,
        },
        Step::Unary(Unary::LogicalNot | Unary::Invert, x) if dtype == DType::Bool => match done[*x].0 {
            Step::Unary(Unary::LogicalNot | Unary::Invert, inner) => Some(inner),
            _ => None,
        },
        Step::Binary(function, x, y) if is_number => {
            let right = constant(*y).filter(|value| is_neutral(*function, value, dtype));
            let commutes = matches!(function, Binary::Add | Binary::Multiply);
            let left = constant(*x).filter(|value| commutes && is_neutral(*function, value, dtype));
            match (right, left) {
                (Some(_), _) => Some(*x),
                (None, Some(_)) => Some(*y),
                (None, None) => None,
            }
        }
        Step::Where { cond, yes, no } => match constant(*cond) {
            _ if yes == no => Some(*yes),
            Some(Scalar::Bool(true)) => Some(*yes),
            Some(Scalar::Bool(false)) => Some(*no),
            _ => None,
        },
        Step::Input(_)
        | Step::Const(_)
        | Step::Unary(..)
        | Step::Binary(..)
        | Step::Cast(_)
        | Step::MaskScale { .. } => None,
    };
    match same {
        Some(x) if done[x].1 == dtype => Err(x),
        _ => Ok(step),
    }
}

/// Whether a function with this value on its right gives back what is on its left, to the bit.
fn is_neutral(function: Binary, value: &Scalar, dtype: DType) -> bool {
    let value = value.to_f64();
    let is_zero = |sign_negative: bool| {
        value == 0.0 && (dtype.is_integer() || value.is_sign_negative() == sign_negative)
    };
    match function {
        Binary::Add => is_zero(true),
        Binary::Subtract => is_zero(false),
        Binary::Multiply | Binary::Power => value == 1.0,
        Binary::Divide => value == 1.0 && dtype.is_float(),
        _ => false,
    }
}
