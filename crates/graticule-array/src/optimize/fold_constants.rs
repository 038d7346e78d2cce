//! What is known without computing: parts, other chunks and exact statistics of constants, parts of ranges, and steps of
//! formulas that change nothing.
//!
//! Only what gives the same bits is rewritten: `x - 0.0` is `x` for every float, `x + 0.0` is not for -0.0.

use crate::aggregation::Statistic;
use crate::dtype::{DType, NAT};
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
            (Op::Map(formula), inputs) => {
                // A power with a constant exponent is computed otherwise than one with an array of exponents.
                let is_exponent = |input: usize| {
                    let steps: Vec<&Step> = formula.steps().map(|(step, _)| step).collect();
                    let raises = |step: &&Step| matches!(step, Step::Binary(Binary::Power, _, y) if *steps[*y] == Step::Input(input));
                    steps.iter().any(raises)
                };
                super::simpler_map(expr, formula, |done, step, dtype| match step {
                    Step::Input(input) => match inputs.get(input).map(Expr::op) {
                        Some(Op::Full { value, .. }) if !is_exponent(input) => Ok(Step::Const(value.clone())),
                        _ => Ok(step),
                    },
                    step => simpler(done, step, dtype),
                })
            }
            (Op::Reduce { aggregation, axes, .. }, [input]) => match input.op() {
                Op::Full { value, .. } => {
                    let folded = axes.iter().map(|&axis| input.shape()[axis]).product();
                    match of_equals(&aggregation.kind, value, folded) {
                        Some(value) => {
                            let op = Op::Full { value, dtype: expr.dtype(), grid: expr.grid().clone() };
                            Ok(Some(Expr::new(op, Vec::new())?))
                        }
                        None => Ok(None),
                    }
                }
                _ => Ok(None),
            },
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

/// A statistic of `n` equal values, where it is exact.
fn of_equals(kind: &Statistic, value: &Scalar, n: usize) -> Option<Scalar> {
    let is_missing = match value {
        Scalar::Float(x) => x.get().is_nan(),
        Scalar::Datetime(t, _) | Scalar::Timedelta(t, _) => *t == NAT,
        Scalar::Bool(_) | Scalar::Int(_) | Scalar::UInt(_) | Scalar::Str(_) => false,
    };
    match (kind, value) {
        (Statistic::Count, _) => Some(Scalar::Int(if is_missing { 0 } else { n as i64 })),
        (Statistic::Min | Statistic::Max | Statistic::First | Statistic::Last, value) if n > 0 => {
            Some(value.clone())
        }
        (Statistic::Any, Scalar::Bool(value)) => Some((*value && n > 0).into()),
        (Statistic::All, Scalar::Bool(value)) => Some((*value || n == 0).into()),
        (Statistic::Sum, Scalar::Int(value)) => Some(value.wrapping_mul(n as i64).into()),
        (Statistic::Sum, Scalar::UInt(value)) => Some(value.wrapping_mul(n as u64).into()),
        _ => None,
    }
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
        | Step::Cast { .. }
        | Step::Lookup { .. }
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
