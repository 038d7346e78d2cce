//! Deviations from a mean, multiplied and averaged, are a variance or a covariance: one pass over the data, where the mean
//! first and the deviations from it are two.
//!
//! What is recognised is a mean or a sum over axes `B` of `(x - mean(x, A)) * (y - mean(y, A))`, or of a square of one of
//! them, where `B` holds all of `A`. Over `A` alone that is a variance or a covariance (times the number of values). Over
//! more axes, the sums of squares over `A` add up over the rest, and so do the numbers of values.
//!
//! Where something else wants the deviations too, they are computed in a second pass in any case, and so is this: that takes
//! less memory.
//!
//! The statistics take values relative to the first one (`kernel/moments.rs`), so that they are at least as accurate as the
//! two passes; last bits differ. float32 is rounded once at the end rather than after each step. Only where values are
//! infinite and missing values are left out is the result another, NaN instead of infinity.

use crate::aggregation::{Aggregation, Statistic};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::formula::Operand;
use crate::expr::{Expr, Formula, NodeId, Op, Reshape, Step};
use crate::function::{Binary, Casting, Unary};
use crate::optimize::Rule;
use crate::optimize::fuse_map::fused;

pub(crate) struct CentredMoments;

impl Rule for CentredMoments {
    fn name(&self) -> &'static str {
        "centred_moments"
    }

    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Reduce { aggregation, axes, .. }, [input]) = (expr.op(), expr.inputs()) else {
            return Ok(None);
        };
        if !matches!(aggregation.kind, Statistic::Mean | Statistic::Sum) || !input.dtype().is_float() {
            return Ok(None);
        }
        if uses(input.id()) == 0 || shares_deviations(input, uses) {
            return Ok(None);
        }
        let Some(product) = flattened(input)? else { return Ok(None) };
        let Some((left, right)) = factors(&product)? else { return Ok(None) };
        let Some(inner) = left.common_axes(&right, input.ndim()) else { return Ok(None) };
        if !inner.iter().all(|axis| axes.contains(axis)) {
            return Ok(None);
        }
        // Missing values that the outer fold leaves out must have been left out of the mean. Of pairs, each mean leaves
        // out its own.
        let skipna = aggregation.skipna;
        if skipna && !(left.skipna && left.values == right.values) {
            return Ok(None);
        }
        let same_shape = |x: &Expr| x.shape() == input.shape() && x.dtype() == input.dtype();
        if !same_shape(&left.values) || !same_shape(&right.values) {
            return Ok(None);
        }
        let moments = Moments { left: &left.values, right: &right.values, axes: &inner, skipna };
        let new = moments.folded(expr, aggregation, axes)?;
        Ok(new.filter(|new| new.grid() == expr.grid() && new.dtype() == expr.dtype()))
    }
}

/// Values less their mean over some axes.
struct Deviation {
    values: Expr,
    /// For each axis of the values, whether the mean is over it. An axis of length 1 may count as either.
    folded: Vec<Option<bool>>,
    skipna: bool,
}

impl Deviation {
    /// The axes that both are centred over.
    fn common_axes(&self, other: &Self, ndim: usize) -> Option<Vec<usize>> {
        let mut axes = Vec::new();
        for axis in 0..ndim {
            match (self.folded.get(axis)?, other.folded.get(axis)?) {
                (Some(true), Some(true) | None) | (None, Some(true)) => axes.push(axis),
                (Some(false), Some(false) | None) | (None, Some(false) | None) => {}
                (Some(true), Some(false)) | (Some(false), Some(true)) => return None,
            }
        }
        Some(axes)
    }
}

/// Whether a map below `product` that subtracts a mean is used by others as well.
fn shares_deviations(product: &Expr, uses: &dyn Fn(NodeId) -> usize) -> bool {
    let mut stack: Vec<&Expr> = product.inputs().iter().collect();
    while let Some(map) = stack.pop() {
        if !matches!(map.op(), Op::Map(_)) || map.shape() != product.shape() {
            continue;
        }
        let is_mean = |input: &Expr| {
            let mean = below_moves(input, map).map(|(mean, _)| mean.op());
            matches!(mean, Some(Op::Reduce { aggregation: Aggregation { kind: Statistic::Mean, .. }, .. }))
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

/// The two deviations that a map multiplies, if that is what it does.
fn factors(product: &Expr) -> Result<Option<(Deviation, Deviation)>> {
    let Op::Map(formula) = product.op() else { return Ok(None) };
    let steps: Vec<(&Step, DType)> = formula.steps().collect();
    let (left, right) = match steps.last() {
        Some((Step::Unary(Unary::Square, x), _)) => (*x, *x),
        Some((Step::Binary(Binary::Multiply, x, y), _)) => (*x, *y),
        Some((Step::Binary(Binary::Power, x, y), _)) => match steps[*y].0 {
            Step::Const(exponent) if exponent.to_f64() == 2.0 => (*x, *x),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let Some(first) = deviation(product, formula, left)? else { return Ok(None) };
    let Some(second) = deviation(product, formula, right)? else { return Ok(None) };
    Ok(Some((first, second)))
}

/// The deviation that a step of a map is, if it is one.
fn deviation(map: &Expr, formula: &Formula, step: usize) -> Result<Option<Deviation>> {
    let steps: Vec<(&Step, DType)> = formula.steps().collect();
    let Step::Binary(Binary::Subtract, values, mean) = steps[step].0 else { return Ok(None) };
    let Step::Input(mean) = steps[*mean].0 else { return Ok(None) };
    let Some((mean, places)) = map.inputs().get(*mean).and_then(|mean| below_moves(mean, map)) else {
        return Ok(None);
    };
    let (
        Op::Reduce { aggregation: Aggregation { kind: Statistic::Mean, skipna }, axes, keepdims },
        [averaged],
    ) = (mean.op(), mean.inputs())
    else {
        return Ok(None);
    };
    let (Some(averaged_form), Some(form)) = (canonical(averaged)?, part(map, formula, *values)?) else {
        return Ok(None);
    };
    if averaged.shape() != map.shape() || averaged_form != form {
        return Ok(None);
    }
    // Which axis of the averaged values each axis of the mean is.
    let kept: Vec<usize> = (0..averaged.ndim()).filter(|axis| *keepdims || !axes.contains(axis)).collect();
    let mut folded = Vec::with_capacity(map.ndim());
    for (axis, place) in places.iter().enumerate() {
        let is_single = map.shape()[axis] == 1;
        match (place.and_then(|place| kept.get(place).copied()), axes.contains(&axis)) {
            _ if is_single => folded.push(None),
            (Some(own), false) if own == axis => folded.push(Some(false)),
            (None, true) => folded.push(Some(true)),
            _ => return Ok(None),
        }
    }
    Ok(Some(Deviation { values: averaged.clone(), folded, skipna: *skipna }))
}

/// What is below nodes that only move axes, and for each axis of `map` the axis that it is there; nothing where the input
/// is stretched along it.
fn below_moves<'a>(input: &'a Expr, map: &Expr) -> Option<(&'a Expr, Vec<Option<usize>>)> {
    let mut node = input;
    let mut places = stretched(input.shape(), map.shape());
    loop {
        let inner = match (node.op(), node.inputs()) {
            (Op::Reshape(_), [inner]) => inner,
            _ => return Some((node, places)),
        };
        let Op::Reshape(reshape) = node.op() else { return None };
        let own: Vec<Option<usize>> = match reshape {
            Reshape::Permute(order) => order.iter().map(|&axis| Some(axis)).collect(),
            Reshape::Expand { axis } => (0..node.ndim())
                .map(|i| match i.cmp(axis) {
                    std::cmp::Ordering::Less => Some(i),
                    std::cmp::Ordering::Equal => None,
                    std::cmp::Ordering::Greater => Some(i - 1),
                })
                .collect(),
            Reshape::Broadcast(shape) => stretched(inner.shape(), shape),
        };
        for place in &mut places {
            *place = place.and_then(|axis| own.get(axis).copied().flatten());
        }
        node = inner;
    }
}

/// For each axis of a shape, the axis of a smaller shape that it is broadcast from; nothing where it is stretched.
fn stretched(from: &[usize], to: &[usize]) -> Vec<Option<usize>> {
    let missing = to.len().saturating_sub(from.len());
    let own = |axis: usize| axis.checked_sub(missing).filter(|&own| from.get(own) == to.get(axis));
    (0..to.len()).map(own).collect()
}

/// An expression in a form that is equal for equal values, whatever maps they were written as.
fn canonical(expr: &Expr) -> Result<Option<Expr>> {
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

/// What is made of deviations over the axes of their mean.
struct Moments<'a> {
    left: &'a Expr,
    right: &'a Expr,
    axes: &'a [usize],
    skipna: bool,
}

impl Moments<'_> {
    /// The mean or the sum of products of deviations that `outer` is.
    fn folded(&self, outer: &Expr, aggregation: &Aggregation, axes: &[usize]) -> Result<Option<Expr>> {
        let Op::Reduce { keepdims, .. } = outer.op() else { return Ok(None) };
        let is_mean = matches!(aggregation.kind, Statistic::Mean);
        let each: usize = self.axes.iter().map(|&axis| self.left.shape()[axis]).product();
        if axes == self.axes && is_mean {
            return Ok(Some(self.variance(*keepdims)?));
        }
        // Of no values the sum is 0, and the variance NaN.
        if each == 0 {
            return Ok(None);
        }
        let outer_fold = |kind: Statistic, input: Expr| {
            let op = Op::Reduce {
                aggregation: Aggregation { kind, skipna: false },
                axes: axes.to_vec(),
                keepdims: *keepdims,
            };
            Expr::new(op, vec![input])
        };
        let variance = self.variance(true)?;
        if !self.skipna {
            // The same number of values everywhere.
            let part = if is_mean { variance } else { with_value(Binary::Multiply, &variance, each as f64)? };
            return Ok(Some(outer_fold(aggregation.kind.clone(), part)?));
        }
        let count = self.fold(Statistic::Count, vec![self.left.clone()], true)?;
        let sums = with(Binary::Multiply, &variance, &count)?;
        // Where there is no value there is nothing to add; any other NaN spreads.
        let formula =
            Formula::where_(count.dtype(), Operand::Input(1, sums.dtype()), Operand::Const(0.0.into()))?;
        let sums = outer_fold(Statistic::Sum, Expr::new(Op::Map(formula), vec![count.clone(), sums])?)?;
        let result = match is_mean {
            true => with(Binary::Divide, &sums, &outer_fold(Statistic::Sum, count)?)?,
            false => sums,
        };
        if result.dtype() == outer.dtype() {
            return Ok(Some(result));
        }
        let formula = Formula::cast(result.dtype(), outer.dtype(), Casting::Strict)?;
        Ok(Some(Expr::new(Op::Map(formula), vec![result])?))
    }

    /// The variance or the covariance over the axes of the mean.
    fn variance(&self, keepdims: bool) -> Result<Expr> {
        if self.left == self.right {
            self.fold(Statistic::Var { ddof: 0 }, vec![self.left.clone()], keepdims)
        } else {
            let inputs = vec![self.left.clone(), self.right.clone()];
            self.fold(Statistic::Cov { ddof: 0 }, inputs, keepdims)
        }
    }

    fn fold(&self, kind: Statistic, inputs: Vec<Expr>, keepdims: bool) -> Result<Expr> {
        let aggregation = Aggregation { kind, skipna: self.skipna };
        Expr::new(Op::Reduce { aggregation, axes: self.axes.to_vec(), keepdims }, inputs)
    }
}

fn with(function: Binary, a: &Expr, b: &Expr) -> Result<Expr> {
    let formula = Formula::binary(function, Operand::Input(0, a.dtype()), Operand::Input(1, b.dtype()))?;
    Expr::new(Op::Map(formula), vec![a.clone(), b.clone()])
}

fn with_value(function: Binary, a: &Expr, value: f64) -> Result<Expr> {
    let formula = Formula::binary(function, Operand::Input(0, a.dtype()), Operand::Const(value.into()))?;
    Expr::new(Op::Map(formula), vec![a.clone()])
}
