//! What is known without computing: formulas of constants, their parts, other chunks and exact statistics, parts of ranges,
//! and steps of formulas that change nothing.
//!
//! Only what gives the same bits is rewritten: `x - 0.0` is `x` for every float, `x + 0.0` is not for -0.0.

use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{AxisSelect, Expr, NodeId, Op, Reshape, Step};
use crate::function::{Binary, Unary};
use crate::optimize::Rule;
use crate::optimize::constant::{of_fold, of_formula};
use crate::scalar::Scalar;

pub(crate) struct FoldConstants;

impl Rule for FoldConstants {
    fn name(&self) -> &'static str {
        "fold_constants"
    }

    fn rewrite(&self, expr: &Expr, _: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        match (expr.op(), expr.inputs()) {
            (Op::Map(formula), inputs) => {
                let constants: Option<Vec<&Scalar>> = inputs.iter().map(constant).collect();
                if let Some(value) = constants.and_then(|constants| of_formula(formula, &constants)) {
                    return as_full(expr, value);
                }
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
                Op::Full { value, dtype, .. } => {
                    let folded = axes.iter().map(|&axis| input.shape()[axis]).product();
                    let held = value.convert(*dtype);
                    let result = held.and_then(|value| of_fold(aggregation, &value, folded));
                    match result.and_then(|value| value.convert(expr.dtype())) {
                        Some(value) => as_full(expr, value),
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
                let same = rest.iter().all(|input| constant(input) == constant(first));
                if same { full(expr, first) } else { Ok(None) }
            }
            _ => Ok(None),
        }
    }
}

/// The value of a constant array.
fn constant(expr: &Expr) -> Option<&Scalar> {
    match expr.op() {
        Op::Full { value, .. } => Some(value),
        _ => None,
    }
}

/// A constant array in the place of `expr`.
fn as_full(expr: &Expr, value: Scalar) -> Result<Option<Expr>> {
    let op = Op::Full { value, dtype: expr.dtype(), grid: expr.grid().clone() };
    Ok(Some(Expr::new(op, Vec::new())?))
}

/// The value of a constant array under the chunks of `expr`.
fn full(expr: &Expr, input: &Expr) -> Result<Option<Expr>> {
    constant(input).map_or(Ok(None), |value| as_full(expr, value.clone()))
}

/// A part of a constant or of a range.
fn of_part(expr: &Expr, selects: &[AxisSelect], input: &Expr) -> Result<Option<Expr>> {
    let Op::Range { start: first, step: stride, last, dtype, .. } = input.op() else {
        return full(expr, input);
    };
    let len = input.grid().axes()[0].len();
    let range = |start: Scalar, step: Scalar, last: Option<Scalar>| {
        let op = Op::Range { start, step, last, dtype: *dtype, grid: expr.grid().clone() };
        Ok(Some(Expr::new(op, Vec::new())?))
    };
    match (first, stride, last, selects) {
        (Scalar::Int(first), Scalar::Int(stride), None, [select]) if *dtype == DType::I64 => {
            let at = |i: usize| first.wrapping_add(stride.wrapping_mul(i as i64));
            match *select {
                AxisSelect::Index(i) => as_full(expr, at(i).into()),
                AxisSelect::Slice { start, step, .. } => {
                    range(at(start).into(), stride.wrapping_mul(step as i64).into(), None)
                }
            }
        }
        (first, stride, last, [AxisSelect::Index(i)]) if *dtype == DType::F64 => {
            let end = last.as_ref().filter(|_| i + 1 == len);
            let at = || (first.to_f64() + stride.to_f64() * *i as f64).into();
            as_full(expr, end.cloned().unwrap_or_else(at))
        }
        // Floats of a range are `start + step * i`, which from another start would be rounded otherwise.
        (first, stride, last, [AxisSelect::Slice { start: 0, step: 1, len: taken }]) => {
            range(first.clone(), stride.clone(), last.clone().filter(|_| *taken == len))
        }
        _ => Ok(None),
    }
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
