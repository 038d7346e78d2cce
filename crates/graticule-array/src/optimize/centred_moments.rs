//! Deviations from a mean, multiplied and averaged, are a variance or a covariance: one pass over the data, where the mean
//! first and the deviations from it are two.
//!
//! What is recognised is a mean or a sum over axes `B` of `(x - mean(x, A)) * (y - mean(y, A))`, or of a square of one of
//! them, where `B` holds all of `A`. Over `A` alone that is a variance or a covariance (times the number of values). Over
//! more axes, the sums of squares over `A` add up over the rest, and so do the numbers of values. Deviations have the mean 0,
//! so their variance over `B` is that mean of squares too.
//!
//! Where something else wants the deviations too, they are computed in a second pass in any case, and so is this: that takes
//! less memory.
//!
//! The statistics take values relative to the first one (`kernel/moments.rs`), so that they are at least as accurate as the
//! two passes; last bits differ. float32 is rounded once at the end rather than after each step. Only where values are
//! infinite and missing values are left out is the result another, NaN instead of infinity.

use crate::aggregation::{Aggregation, Statistic};
use crate::error::Result;
use crate::expr::{Expr, NodeId, Op};
use crate::function::Binary;
use crate::optimize::Rule;
use crate::optimize::deviation::{
    Counts, Folded, Outcome, canonical, chosen, fitted, shares_deviations, subtraction, with, with_value,
};
use crate::optimize::origin::{Along, Origin, Positions};

pub(crate) struct CentredMoments;

impl Rule for CentredMoments {
    fn name(&self) -> &'static str {
        "centred_moments"
    }

    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Reduce { aggregation, axes, keepdims }, [input]) = (expr.op(), expr.inputs()) else {
            return Ok(None);
        };
        if uses(input.id()) == 0 || shares_deviations(input, uses) {
            return Ok(None);
        }
        let Some(folded) = Folded::new(&aggregation.kind, input)? else { return Ok(None) };
        let Some(left) = deviation(&folded.map, folded.left)? else { return Ok(None) };
        let Some(right) = deviation(&folded.map, folded.right)? else { return Ok(None) };
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
        match moments.folded(folded.outcome, axes, *keepdims)? {
            Some(new) => fitted(new, expr),
            None => Ok(None),
        }
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

/// The deviation that a step of a map is, if it is one.
fn deviation(map: &Expr, step: usize) -> Result<Option<Deviation>> {
    let Some((values, mean)) = subtraction(map, step)? else { return Ok(None) };
    let Some(Origin { base, axes: from }) = Origin::stretched(mean, map.shape()) else { return Ok(None) };
    let (
        Op::Reduce { aggregation: Aggregation { kind: Statistic::Mean, skipna }, axes, keepdims },
        [averaged],
    ) = (base.op(), base.inputs())
    else {
        return Ok(None);
    };
    if averaged.shape() != map.shape() || canonical(averaged)?.as_ref() != Some(&values) {
        return Ok(None);
    }
    // Which axis of the averaged values each axis of the mean is.
    let kept: Vec<usize> = (0..averaged.ndim()).filter(|axis| *keepdims || !axes.contains(axis)).collect();
    let mut folded = Vec::with_capacity(map.ndim());
    for (axis, &len) in map.shape().iter().enumerate() {
        let follows = |along: &Along| matches!(along, Along::Axis(own, _) if *own == axis);
        let place = from.iter().position(follows);
        let own = place.and_then(|place| kept.get(place).copied());
        let is_whole = place.is_none_or(|place| from[place] == Along::Axis(axis, Positions::ALL));
        match (own, axes.contains(&axis)) {
            _ if len == 1 => folded.push(None),
            (Some(own), false) if own == axis && is_whole => folded.push(Some(false)),
            (None, true) => folded.push(Some(true)),
            _ => return Ok(None),
        }
    }
    Ok(Some(Deviation { values: averaged.clone(), folded, skipna: *skipna }))
}

/// What is made of deviations over the axes of their mean.
struct Moments<'a> {
    left: &'a Expr,
    right: &'a Expr,
    axes: &'a [usize],
    skipna: bool,
}

impl Moments<'_> {
    /// What a fold over `axes` makes of the deviations.
    fn folded(&self, outcome: Outcome, axes: &[usize], keepdims: bool) -> Result<Option<Expr>> {
        let values = |axes: &[usize]| axes.iter().map(|&axis| self.left.shape()[axis]).product::<usize>();
        let kind = match outcome {
            Outcome::Mean => Some(Statistic::Var { ddof: 0 }),
            Outcome::Spread { ddof, root: false } => Some(Statistic::Var { ddof }),
            Outcome::Spread { ddof, root: true } => Some(Statistic::Std { ddof }),
            Outcome::Sum => None,
        };
        if let (true, Some(kind)) = (axes == self.axes, kind) {
            return Ok(Some(self.variance(kind, keepdims)?));
        }
        // Of no values the sum is 0, and the variance NaN.
        let each = values(self.axes);
        if each == 0 {
            return Ok(None);
        }
        let outer_fold = |kind: Statistic, input: Expr| {
            let aggregation = Aggregation { kind, skipna: false };
            Expr::new(Op::Reduce { aggregation, axes: axes.to_vec(), keepdims }, vec![input])
        };
        let variance = self.variance(Statistic::Var { ddof: 0 }, true)?;
        if !self.skipna {
            // The same number of values everywhere.
            if outcome == Outcome::Mean {
                return Ok(Some(outer_fold(Statistic::Mean, variance)?));
            }
            let sums = outer_fold(Statistic::Sum, with_value(Binary::Multiply, &variance, each as f64)?)?;
            return outcome.of_sums(&sums, &Counts::Known(values(axes)), false);
        }
        let count = self.fold(Statistic::Count, vec![self.left.clone()], true)?;
        // Where there is no value there is nothing to add; any other NaN spreads.
        let sums = chosen(&count, &with(Binary::Multiply, &variance, &count)?, 0.0)?;
        let sums = outer_fold(Statistic::Sum, sums)?;
        outcome.of_sums(&sums, &Counts::Each(outer_fold(Statistic::Sum, count)?), true)
    }

    /// The variance, or the covariance, over the axes of the mean.
    fn variance(&self, kind: Statistic, keepdims: bool) -> Result<Expr> {
        if self.left == self.right {
            self.fold(kind, vec![self.left.clone()], keepdims)
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
