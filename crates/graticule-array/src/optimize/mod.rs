//! Rewriting expressions into equal ones that run better. One rule a file.
//!
//! A rule looks at one node and may give another in its place, with the same shape, dtype and chunks and
//! the same values. The driver walks, repeats until nothing changes, and in debug builds checks that a rule
//! kept what it must keep.

mod centred_moments;
mod constant;
mod deviation;
mod drop_noop;
mod fold_constants;
mod fuse_map;
mod grouped_moments;
mod merge_casts;
mod merge_permute;
mod merge_rechunk;
mod merge_select;
mod origin;
mod push_select;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::children::{rebuild, use_counts};
use crate::expr::{Expr, Formula, NodeId, Op, Step};

/// A rewrite of one node.
pub trait Rule: Sync {
    /// The rule's name, as in its file.
    fn name(&self) -> &'static str;

    /// The node that takes the place of `expr`, or nothing where the rule does not apply.
    ///
    /// # Errors
    /// When building the new node fails, which means that the rule is wrong.
    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>>;
}

/// The rules in the order they are tried.
const RULES: [&dyn Rule; 10] = [
    &fold_constants::FoldConstants,
    &merge_permute::MergePermute,
    &merge_rechunk::MergeRechunk,
    &merge_select::MergeSelect,
    &drop_noop::DropNoop,
    &push_select::PushSelect,
    &fuse_map::FuseMap,
    &merge_casts::MergeCasts,
    // After the others have seen the map that is folded.
    &centred_moments::CentredMoments,
    &grouped_moments::GroupedMoments,
];

/// The rules of the first round.
const FIRST: [&dyn Rule; 2] = [&centred_moments::CentredMoments, &grouped_moments::GroupedMoments];

/// How often the rules are run over an expression; each run moves selections down to the leaves, so two or
/// three settle everything that occurs.
const ROUNDS: usize = 16;

/// Rewrites one expression by all rules.
///
/// # Errors
/// When a rule is wrong; the message names it.
pub fn optimize(expr: &Expr) -> Result<Expr> {
    let mut optimized = optimize_all(std::slice::from_ref(expr))?;
    Ok(optimized.pop().unwrap_or_else(|| expr.clone()))
}

/// Rewrites several expressions that will be computed together.
pub(crate) fn optimize_all(roots: &[Expr]) -> Result<Vec<Expr>> {
    let mut roots = roots.to_vec();
    for round in 0..ROUNDS {
        // Deviations are recognised as they were written, before selections are moved into them.
        let rules = if round == 0 { &FIRST[..] } else { &RULES[..] };
        let counts = use_counts(&roots);
        // 0 of a node that was made in this round: how often it is used shows in the next.
        let uses = |id: NodeId| counts.get(&id).copied().unwrap_or(0);
        let mut changed = false;
        for root in &mut roots {
            *root = rebuild(root, &mut |mut expr| {
                for rule in rules {
                    if let Some(new) = rule.rewrite(&expr, &uses)? {
                        check(*rule, &expr, &new)?;
                        changed = true;
                        expr = new;
                    }
                }
                Ok(expr)
            })?;
        }
        if !changed && round > 0 {
            break;
        }
    }
    Ok(roots)
}

/// A map with the steps of its formula simplified, where that changes it; see [`Formula::simplified`].
fn simpler_map(
    map: &Expr,
    formula: &Formula,
    simpler: impl Fn(&[(Step, DType)], Step, DType) -> Result<Step, usize>,
) -> Result<Option<Expr>> {
    let simplified = formula.simplified(simpler);
    if simplified == *formula {
        return Ok(None);
    }
    let (formula, inputs) = simplified.part(simplified.steps().len() - 1);
    let inputs: Vec<Expr> = inputs.iter().filter_map(|&input| map.inputs().get(input).cloned()).collect();
    let new = Expr::new(Op::Map(formula), inputs)?;
    // An input that is not needed any more may have said what the chunks are.
    Ok((new.grid() == map.grid()).then_some(new))
}

fn check(rule: &dyn Rule, old: &Expr, new: &Expr) -> Result<()> {
    let kept = old.grid() == new.grid() && old.dtype() == new.dtype();
    if kept || !cfg!(debug_assertions) {
        return Ok(());
    }
    Err(Error::Argument {
        argument: "rule",
        value: rule.name().into(),
        hint: format!(
            "it made {} {} of {} {}, which is a defect of graticule",
            new.dtype(),
            new.grid(),
            old.dtype(),
            old.grid()
        ),
    })
}
