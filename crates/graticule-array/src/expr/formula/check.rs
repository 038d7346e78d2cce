//! Whether a formula is one: what methods make always is, what was stored need not be.

use crate::dtype::DType;
use crate::expr::formula::{Formula, Step, can_cast};
use crate::function::{Members, Table};

impl Formula {
    /// Whether every step refers to steps before it and to inputs that are there, has the dtype that its function
    /// gives for those it takes, and whether tables are sorted.
    pub(crate) fn fits(&self, inputs: &[DType]) -> bool {
        !self.steps.is_empty()
            && self.steps.len() == self.dtypes.len()
            && self.steps().enumerate().all(|(number, (step, dtype))| {
                step_fits(step, dtype, self.dtypes.get(..number).unwrap_or_default(), inputs)
            })
    }
}

/// Whether a step gives `dtype` over steps that have the dtypes `before`.
fn step_fits(step: &Step, dtype: DType, before: &[DType], inputs: &[DType]) -> bool {
    let is = |step: &usize, wanted: DType| before.get(*step) == Some(&wanted);
    match step {
        Step::Input(input) => inputs.get(*input) == Some(&dtype),
        Step::Const(value) => value.convert(dtype).is_some(),
        Step::Unary(function, x) => before
            .get(*x)
            .is_some_and(|&argument| function.dtypes(argument).is_ok_and(|rule| rule == (argument, dtype))),
        Step::Binary(function, x, y) => match (before.get(*x), before.get(*y)) {
            (Some(&left), Some(&right)) => function
                .dtypes(left, right)
                .is_ok_and(|rule| (rule.left, rule.right, rule.result) == (left, right, dtype)),
            _ => false,
        },
        Step::Where { cond, yes, no } => is(cond, DType::Bool) && is(yes, dtype) && is(no, dtype),
        Step::Cast { x, .. } => before.get(*x).is_some_and(|&from| can_cast(from, dtype)),
        Step::Lookup { x, table } => {
            let takes = before.get(*x).is_some_and(|&argument| takes(table, argument));
            takes && dtype == table.dtype() && table.is_sorted()
        }
        Step::MaskScale { packed, missing, .. } => before.get(*packed).is_some_and(|&from| {
            from.is_numeric() && dtype.is_float() && missing.iter().all(|value| value.convert(from).is_some())
        }),
    }
}

/// Whether a table is one of values of a dtype.
fn takes(table: &Table, argument: DType) -> bool {
    match table {
        Table::Position { .. } | Table::Line { .. } => argument == DType::F64,
        Table::Member(Members::Floats(_)) => argument.is_float(),
        Table::Member(Members::Unsigned(_)) => argument == DType::U64,
        Table::Member(Members::Texts(_)) => argument == DType::Str,
        Table::Member(Members::Signed(_)) => {
            argument.is_time() || (argument.is_integer() && argument != DType::U64)
        }
    }
}
