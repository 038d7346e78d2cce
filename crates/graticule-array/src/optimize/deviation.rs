//! Maps as the rules on deviations from a mean see them: one formula, whatever maps it was written as.

use crate::aggregation::{Aggregation, Statistic};
use crate::error::Result;
use crate::expr::formula::Operand;
use crate::expr::{Expr, Formula, NodeId, Op, Step};
use crate::function::{Binary, Casting, Unary};
use crate::optimize::fuse_map::fused;
use crate::optimize::origin::Origin;
use crate::scalar::Scalar;

/// What a fold makes of deviations from a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The mean of the products of two.
    Mean,
    /// The sum of the products of two.
    Sum,
    /// The variance, or its root.
    Spread { ddof: usize, root: bool },
}

/// A fold of deviations: the map that it folds, as one formula, and the steps of that which may be deviations.
pub(super) struct Folded {
    pub(super) map: Expr,
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) outcome: Outcome,
}

impl Folded {
    /// What a fold of `input` makes of deviations, if the input can be some: means and sums of products, and what is known
    /// to be about the mean.
    pub(super) fn new(kind: &Statistic, input: &Expr) -> Result<Option<Self>> {
        let outcome = match *kind {
            Statistic::Mean => Outcome::Mean,
            Statistic::Sum => Outcome::Sum,
            Statistic::Var { ddof } => Outcome::Spread { ddof, root: false },
            Statistic::Std { ddof } => Outcome::Spread { ddof, root: true },
            _ => return Ok(None),
        };
        if !input.dtype().is_float() {
            return Ok(None);
        }
        let Some(map) = flattened(input)? else { return Ok(None) };
        let Op::Map(formula) = map.op() else { return Ok(None) };
        let steps = match outcome {
            Outcome::Mean | Outcome::Sum => multiplied(formula),
            Outcome::Spread { .. } => formula.steps().len().checked_sub(1).map(|last| (last, last)),
        };
        Ok(steps.map(|(left, right)| Self { map, left, right, outcome }))
    }
}

/// Whether the input of a fold, or a map below it that subtracts a mean, is used by others as well: then the deviations
/// are computed in any case.
pub(super) fn shares_deviations(input: &Expr, uses: &dyn Fn(NodeId) -> usize) -> bool {
    let Op::Map(formula) = input.op() else { return false };
    // A product may be folded twice, each time in one pass.
    let mut stack: Vec<&Expr> = match multiplied(formula) {
        Some(_) => input.inputs().iter().collect(),
        None => vec![input],
    };
    while let Some(map) = stack.pop() {
        if !matches!(map.op(), Op::Map(_)) || map.shape() != input.shape() {
            continue;
        }
        let is_mean = |input: &Expr| match Origin::of(input).as_ref().map(|origin| origin.base.op()) {
            Some(Op::Reduce { aggregation, .. } | Op::Group { aggregation, .. }) => {
                matches!(aggregation, Aggregation { kind: Statistic::Mean, .. })
            }
            _ => false,
        };
        if map.inputs().iter().any(is_mean) {
            if uses(map.id()) != 1 {
                return true;
            }
            stack.extend(map.inputs());
        }
    }
    false
}

/// The two steps that a formula multiplies, if that is what it does.
fn multiplied(formula: &Formula) -> Option<(usize, usize)> {
    let steps: Vec<&Step> = formula.steps().map(|(step, _)| step).collect();
    match steps.last()? {
        Step::Unary(Unary::Square, x) => Some((*x, *x)),
        Step::Binary(Binary::Multiply, x, y) => Some((*x, *y)),
        Step::Binary(Binary::Power, x, y) => match steps[*y] {
            Step::Const(exponent) if exponent.to_f64() == 2.0 => Some((*x, *x)),
            _ => None,
        },
        _ => None,
    }
}

/// A step that subtracts an input from values: the values in a form that is equal for equal ones, and the input.
pub(super) fn subtraction(map: &Expr, step: usize) -> Result<Option<(Expr, &Expr)>> {
    let Op::Map(formula) = map.op() else { return Ok(None) };
    let steps: Vec<&Step> = formula.steps().map(|(step, _)| step).collect();
    let Step::Binary(Binary::Subtract, values, mean) = steps[step] else { return Ok(None) };
    let Step::Input(mean) = steps[*mean] else { return Ok(None) };
    let (Some(values), Some(mean)) = (part(map, formula, *values)?, map.inputs().get(*mean)) else {
        return Ok(None);
    };
    Ok(Some((values, mean)))
}

/// A map with all maps of its shape below it written into one formula, whoever else uses them.
fn flattened(expr: &Expr) -> Result<Option<Expr>> {
    let mut map = expr.clone();
    loop {
        let is_map = |input: &Expr| matches!(input.op(), Op::Map(_)) && input.shape() == map.shape();
        let Some(slot) = map.inputs().iter().position(is_map) else {
            return Ok(matches!(map.op(), Op::Map(_)).then_some(map));
        };
        match fused(&map, slot)? {
            Some(fused) => map = fused,
            None => return Ok(None),
        }
    }
}

/// An expression in a form that is equal for equal values, whatever maps they were written as.
pub(super) fn canonical(expr: &Expr) -> Result<Option<Expr>> {
    let Some(map) = flattened(expr)? else { return Ok(Some(expr.clone())) };
    let Op::Map(formula) = map.op() else { return Ok(None) };
    part(&map, formula, formula.steps().len() - 1)
}

/// A step of a map as an expression, in the same form.
fn part(map: &Expr, formula: &Formula, step: usize) -> Result<Option<Expr>> {
    let (part, inputs) = formula.part(step);
    let inputs: Vec<Expr> = inputs.iter().filter_map(|&input| map.inputs().get(input).cloned()).collect();
    let is_plain = part.steps().len() == 1;
    match inputs.as_slice() {
        [] => Ok(None),
        [only] if is_plain => Ok(Some(only.clone())),
        _ => Ok(Some(Expr::new(Op::Map(part), inputs)?)),
    }
}

/// How many values went into sums.
pub(super) enum Counts {
    /// The same number into each.
    Known(usize),
    /// Another number into each, int64.
    Each(Expr),
}

impl Outcome {
    /// What sums of products of deviations come to; nothing where there are too few values for that.
    pub(super) fn of_sums(self, sums: &Expr, counts: &Counts, skipna: bool) -> Result<Option<Expr>> {
        let ddof = match self {
            Self::Sum => return Ok(Some(sums.clone())),
            Self::Mean => 0,
            Self::Spread { ddof, .. } => ddof,
        };
        let result = match (counts, self) {
            (Counts::Known(n), _) if *n <= ddof => return Ok(None),
            (Counts::Known(n), _) => with_value(Binary::Divide, sums, (n - ddof) as f64)?,
            (Counts::Each(counts), Self::Mean) => with(Binary::Divide, sums, counts)?,
            (Counts::Each(counts), _) => {
                let divisor = with_value(Binary::Subtract, counts, ddof as i64)?;
                let divisor = with_value(Binary::Maximum, &divisor, 0)?;
                let quotient = with(Binary::Divide, sums, &divisor)?;
                // numpy divides by 0 where there are too few values, but of values that are not missing it gives NaN.
                if skipna { chosen(&divisor, &quotient, f64::NAN)? } else { quotient }
            }
        };
        match self {
            Self::Spread { root: true, .. } => {
                Ok(Some(Expr::new(Op::Map(Formula::unary(Unary::Sqrt, result.dtype())?), vec![result])?))
            }
            Self::Mean | Self::Sum | Self::Spread { .. } => Ok(Some(result)),
        }
    }
}

/// The result in the dtype and the place of what it stands for, if it has its chunks.
pub(super) fn fitted(result: Expr, expr: &Expr) -> Result<Option<Expr>> {
    let result = match result.dtype() == expr.dtype() {
        true => result,
        // Beyond float32 two passes give infinity.
        false => {
            let formula = Formula::cast(result.dtype(), expr.dtype(), Casting::Wrap)?;
            Expr::new(Op::Map(formula), vec![result])?
        }
    };
    Ok((result.grid() == expr.grid()).then_some(result))
}

/// The values where `cond` is not zero, elsewhere `other`.
pub(super) fn chosen(cond: &Expr, values: &Expr, other: f64) -> Result<Expr> {
    let values_at = Operand::Input(1, values.dtype());
    let formula = Formula::where_(cond.dtype(), values_at, Operand::Const(other.into()))?;
    Expr::new(Op::Map(formula), vec![cond.clone(), values.clone()])
}

pub(super) fn with(function: Binary, a: &Expr, b: &Expr) -> Result<Expr> {
    let formula = Formula::binary(function, Operand::Input(0, a.dtype()), Operand::Input(1, b.dtype()))?;
    Expr::new(Op::Map(formula), vec![a.clone(), b.clone()])
}

pub(super) fn with_value(function: Binary, a: &Expr, value: impl Into<Scalar>) -> Result<Expr> {
    let formula = Formula::binary(function, Operand::Input(0, a.dtype()), Operand::Const(value.into()))?;
    Expr::new(Op::Map(formula), vec![a.clone()])
}
