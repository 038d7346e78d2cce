//! Deviations from the means of groups, multiplied and averaged, are variances or covariances by group: one pass over the
//! data, where a climatology first and the anomalies from it are two.
//!
//! What is recognised is `x - m[codes]`, where `m` are means of `x` over axes `G` by groups and `m[codes]` gives each
//! position along one of these axes the mean of its group, however it was brought there (`optimize/origin.rs`). Means and
//! sums of products of two such deviations, and variances of one, are rewritten
//!
//! - over axes that hold all of `G`: the sums of squares of the groups add up, and so do the numbers of values;
//! - by the same groups over such axes: over `G` alone they are the variances of the groups.
//!
//! Codes are in memory and vary along one axis. Values that belong to no group (a negative code) have no mean. Where these are
//! left out, by a fold by groups or because missing values are skipped, that is what moments by group do too; elsewhere
//! nothing is rewritten.
//!
//! Accuracy, infinite values and what others want too: as for deviations from one mean (`centred_moments`).

use std::sync::Arc;

use crate::aggregation::{Aggregation, Statistic};
use crate::chunk::Chunk;
use crate::error::Result;
use crate::expr::{Expr, NodeId, Op, Reshape};
use crate::function::Binary;
use crate::grid::ChunkGrid;
use crate::optimize::Rule;
use crate::optimize::deviation::{
    Counts, Folded, Outcome, canonical, chosen, fitted, shares_deviations, subtraction, with,
};
use crate::optimize::origin::{Along, Origin, Positions, known_along};
use crate::source::{Memory, SourceRef};

pub(crate) struct GroupedMoments;

impl Rule for GroupedMoments {
    fn name(&self) -> &'static str {
        "grouped_moments"
    }

    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (aggregation, outer, input) = match (expr.op(), expr.inputs()) {
            (Op::Reduce { aggregation, axes, keepdims }, [input]) => {
                (aggregation, Outer { axes, keepdims: *keepdims, codes: None }, input)
            }
            (Op::Group { aggregation, axes, groups }, [input, codes]) => {
                (aggregation, Outer { axes, keepdims: false, codes: Some((codes, *groups)) }, input)
            }
            _ => return Ok(None),
        };
        if uses(input.id()) == 0 || shares_deviations(input, uses) {
            return Ok(None);
        }
        let Some(folded) = Folded::new(&aggregation.kind, input)? else { return Ok(None) };
        let Some(left) = Deviation::new(&folded.map, folded.left)? else { return Ok(None) };
        let Some(right) = Deviation::new(&folded.map, folded.right)? else { return Ok(None) };
        if !left.has_groups_of(&right) || left.values.shape() != input.shape() {
            return Ok(None);
        }
        let has_dtype = |x: &Expr| x.dtype() == input.dtype();
        if !has_dtype(&left.values) || !has_dtype(&right.values) {
            return Ok(None);
        }
        // Missing values that the outer fold leaves out must have been left out of the means. Of pairs, each mean leaves
        // out its own.
        let skipna = aggregation.skipna;
        if skipna && !(left.skipna && left.values == right.values) {
            return Ok(None);
        }
        if !left.axes.iter().all(|axis| outer.axes.contains(axis)) {
            return Ok(None);
        }
        let moments = Moments { left: &left, right: &right, skipna };
        let new = match outer.codes {
            None => moments.over_groups(folded.outcome, &outer)?,
            Some((codes, groups)) if left.is_grouped_by(codes, groups) => {
                moments.by_group(folded.outcome, outer.axes)?
            }
            Some(_) => None,
        };
        match new {
            Some(new) => fitted(new, expr),
            None => Ok(None),
        }
    }
}

/// The fold of the deviations.
struct Outer<'a> {
    axes: &'a [usize],
    keepdims: bool,
    /// The codes and the number of groups, where it folds by group.
    codes: Option<(&'a Expr, usize)>,
}

/// Values less the means of their groups.
struct Deviation {
    values: Expr,
    codes: Expr,
    groups: usize,
    /// The axes that are averaged over, increasing.
    axes: Vec<usize>,
    /// The axis that codes vary along, and the code at each position of it; no group is -1.
    along: usize,
    table: Vec<i64>,
    skipna: bool,
}

impl Deviation {
    /// The deviation that a step of a map is, if it is one.
    fn new(map: &Expr, step: usize) -> Result<Option<Self>> {
        let Some((values, mean)) = subtraction(map, step)? else { return Ok(None) };
        let Some(origin) = Origin::stretched(mean, map.shape()) else { return Ok(None) };
        let base = origin.base.clone();
        let (
            Op::Group { aggregation: Aggregation { kind: Statistic::Mean, skipna }, axes, groups },
            [averaged, codes],
        ) = (base.op(), base.inputs())
        else {
            return Ok(None);
        };
        if averaged.shape() != map.shape() || canonical(averaged)?.as_ref() != Some(&values) {
            return Ok(None);
        }
        let Some((along, table)) = table(codes) else { return Ok(None) };
        let deviation = Self {
            values: averaged.clone(),
            codes: codes.clone(),
            groups: *groups,
            axes: axes.clone(),
            along,
            table,
            skipna: *skipna,
        };
        Ok(deviation.is_mean_of_own_group(&origin).then_some(deviation))
    }

    /// For each axis of the means, the axis of the values that it is; nothing for that of the groups.
    fn kept(&self) -> Vec<Option<usize>> {
        let axes = 0..self.values.ndim();
        let own = axes.filter_map(|axis| match self.axes.first() {
            Some(first) if *first == axis => Some(None),
            _ => (!self.axes.contains(&axis)).then_some(Some(axis)),
        });
        own.collect()
    }

    /// Whether means stand where the values that they are means of stand.
    fn is_mean_of_own_group(&self, origin: &Origin) -> bool {
        let fits = |(own, along): (Option<usize>, &Along)| match (own, along) {
            (None, Along::Axis(axis, positions)) if *axis == self.along => {
                let mut codes = self.table.iter().enumerate();
                codes.all(|(i, &code)| positions.at(i) == usize::try_from(code).ok())
            }
            (None, _) => false,
            (Some(own), along) => *along == Along::Axis(own, Positions::ALL) || self.values.shape()[own] == 1,
        };
        self.axes.contains(&self.along)
            && self.table.iter().all(|&code| code < self.groups as i64)
            && self.kept().into_iter().zip(&origin.axes).all(fits)
    }

    fn has_groups_of(&self, other: &Self) -> bool {
        self.along == other.along
            && self.table == other.table
            && self.axes == other.axes
            && self.groups == other.groups
    }

    fn is_grouped_by(&self, codes: &Expr, groups: usize) -> bool {
        let same = || table(codes).is_some_and(|(along, table)| along == self.along && table == self.table);
        self.groups == groups && (*codes == self.codes || same())
    }

    /// How many values each group has for each of its means.
    fn members(&self) -> Vec<i64> {
        let others = self.axes.iter().filter(|&&axis| axis != self.along);
        let each = others.map(|&axis| self.values.shape()[axis]).product::<usize>() as i64;
        let mut members = vec![0; self.groups];
        for &code in &self.table {
            if let Some(members) = usize::try_from(code).ok().and_then(|group| members.get_mut(group)) {
                *members += each;
            }
        }
        members
    }
}

/// The axis that codes vary along and the code at each position of it; no group is -1.
fn table(codes: &Expr) -> Option<(usize, Vec<i64>)> {
    let (along, mut table) = known_along(codes)?;
    table.iter_mut().for_each(|code| *code = (*code).max(-1));
    Some((along, table))
}

/// What is made of deviations from the means of groups.
struct Moments<'a> {
    left: &'a Deviation,
    right: &'a Deviation,
    skipna: bool,
}

impl Moments<'_> {
    /// Over axes that hold all of those of the means.
    fn over_groups(&self, outcome: Outcome, outer: &Outer<'_>) -> Result<Option<Expr>> {
        let values = outer.axes.iter().map(|&axis| self.left.values.shape()[axis]).product();
        // Of no values the sum is 0, and the variance NaN. Of a value without a group nothing is known.
        if values == 0 || !self.skipna && self.left.table.contains(&-1) {
            return Ok(None);
        }
        let is_folded = |own: &Option<usize>| own.is_none_or(|axis| outer.axes.contains(&axis));
        let fold = |sums: &Expr| -> Result<Expr> {
            let mut folded = self.summed(sums, is_folded)?;
            if outer.keepdims {
                for &axis in outer.axes {
                    folded = Expr::new(Op::Reshape(Reshape::Expand { axis }), vec![folded])?;
                }
            }
            Ok(folded)
        };
        let (sums, each) = self.sums()?;
        let counts = if self.skipna { Counts::Each(fold(&each)?) } else { Counts::Known(values) };
        outcome.of_sums(&fold(&sums)?, &counts, self.skipna)
    }

    /// By the same groups, over axes that hold all of those of the means.
    fn by_group(&self, outcome: Outcome, axes: &[usize]) -> Result<Option<Expr>> {
        let kind = match outcome {
            Outcome::Mean => Some(Statistic::Var { ddof: 0 }),
            Outcome::Spread { ddof, root: false } => Some(Statistic::Var { ddof }),
            Outcome::Spread { ddof, root: true } => Some(Statistic::Std { ddof }),
            Outcome::Sum => None,
        };
        if let (true, Some(kind)) = (axes == self.left.axes, kind) {
            return Ok(Some(self.variances(kind)?));
        }
        // The axis of the groups stands where the first folded axis was, which is another one.
        let first = |axes: &[usize]| axes.first().copied().unwrap_or(0);
        if (first(axes)..first(&self.left.axes)).any(|axis| !axes.contains(&axis)) {
            return Ok(None);
        }
        let is_folded = |own: &Option<usize>| own.is_some_and(|axis| axes.contains(&axis));
        let (sums, each) = self.sums()?;
        let counts = match self.skipna {
            true => self.summed(&each, is_folded)?,
            false => {
                let more = axes.iter().filter(|axis| !self.left.axes.contains(axis));
                let more = more.map(|&axis| self.left.values.shape()[axis]).product::<usize>();
                let left: Vec<Option<usize>> =
                    self.left.kept().into_iter().filter(|own| !is_folded(own)).collect();
                self.members(more, &left)?
            }
        };
        outcome.of_sums(&self.summed(&sums, is_folded)?, &Counts::Each(counts), self.skipna)
    }

    /// For each of the means, the sum of the products of deviations from it, and how many there are.
    fn sums(&self) -> Result<(Expr, Expr)> {
        let variances = self.variances(Statistic::Var { ddof: 0 })?;
        let counts = match self.skipna {
            true => self.grouped(Statistic::Count, vec![self.left.values.clone()])?,
            false => self.members(1, &self.left.kept())?,
        };
        // Where there is no value there is nothing to add; any other NaN spreads.
        let sums = chosen(&counts, &with(Binary::Multiply, &variances, &counts)?, 0.0)?;
        Ok((sums, counts))
    }

    /// The numbers of members of the groups, `times` each, along that of some axes of the means.
    fn members(&self, times: usize, axes: &[Option<usize>]) -> Result<Expr> {
        let shape: Vec<usize> = axes.iter().map(|own| own.map_or(self.left.groups, |_| 1)).collect();
        let members = self.left.members().into_iter().map(|n| n * times as i64).collect();
        let grid = ChunkGrid::single(&shape);
        let memory = Memory::new(Arc::new(Chunk::new(shape, members)?), grid);
        Expr::new(Op::Source(SourceRef::new(Arc::new(memory))), Vec::new())
    }

    /// What belongs to the means, added up over some of their axes.
    fn summed(&self, values: &Expr, is_folded: impl Fn(&Option<usize>) -> bool) -> Result<Expr> {
        let kept = self.left.kept();
        let axes: Vec<usize> = (0..kept.len()).filter(|&axis| is_folded(&kept[axis])).collect();
        if axes.is_empty() {
            return Ok(values.clone());
        }
        let aggregation = Aggregation { kind: Statistic::Sum, skipna: false };
        Expr::new(Op::Reduce { aggregation, axes, keepdims: false }, vec![values.clone()])
    }

    /// The variances, or the covariances, of the groups.
    fn variances(&self, kind: Statistic) -> Result<Expr> {
        if self.left.values == self.right.values {
            self.grouped(kind, vec![self.left.values.clone()])
        } else {
            let inputs = vec![self.left.values.clone(), self.right.values.clone()];
            self.grouped(Statistic::Cov { ddof: 0 }, inputs)
        }
    }

    fn grouped(&self, kind: Statistic, mut inputs: Vec<Expr>) -> Result<Expr> {
        let Deviation { codes, groups, axes, .. } = self.left;
        let aggregation = Aggregation { kind, skipna: self.skipna };
        inputs.push(codes.clone());
        Expr::new(Op::Group { aggregation, axes: axes.clone(), groups: *groups }, inputs)
    }
}
