//! The formula of a map: what is computed at each element, in single-assignment form.
//!
//! Every step refers to earlier steps by number, so a value that is used twice is computed once, and
//! substituting one formula into another never duplicates work.

mod build;
mod check;
mod merge;
mod text;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::function::{Binary, Casting, Table, Unary};
use crate::scalar::{Float, Scalar};

pub(crate) use build::Operand;
use build::can_cast;

/// One value of a formula. Numbers refer to earlier steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// The element of an input array.
    Input(usize),
    /// A constant.
    Const(Scalar),
    /// A function of one step.
    Unary(Unary, usize),
    /// A function of two steps of equal dtype; comparisons also of an unsigned and a signed integer, `ldexp` of a
    /// float and an integer.
    Binary(Binary, usize, usize),
    /// `yes` where `cond` holds, else `no`.
    Where {
        /// The step that decides; bool.
        cond: usize,
        /// The step taken where it holds.
        yes: usize,
        /// The step taken elsewhere.
        no: usize,
    },
    /// A step in this step's dtype.
    Cast {
        /// The step.
        x: usize,
        /// What is done with a value that the dtype cannot hold.
        casting: Casting,
    },
    /// What a table gives for a step.
    Lookup {
        /// The step.
        x: usize,
        /// The table.
        table: Table,
    },
    /// NaN where the packed value is one of `missing`, else `value * scale + offset`.
    MaskScale {
        /// The packed step.
        packed: usize,
        /// Packed values that stand for missing data.
        missing: Vec<Scalar>,
        /// The factor, if any.
        scale: Option<Float>,
        /// The summand, if any.
        offset: Option<Float>,
    },
}

/// What is computed at each element of a map. The last step is the result.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Formula {
    steps: Vec<Step>,
    dtypes: Vec<DType>,
}

impl Formula {
    /// The steps with their dtypes; the last is the result.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&Step, DType)> {
        self.steps.iter().zip(self.dtypes.iter().copied())
    }

    /// The dtype of the result.
    pub fn dtype(&self) -> DType {
        self.dtypes.last().copied().unwrap_or(DType::Bool)
    }

    fn new() -> Self {
        Self { steps: Vec::new(), dtypes: Vec::new() }
    }

    /// Adds a step, or finds the equal one that is there.
    fn push(&mut self, step: Step, dtype: DType) -> usize {
        let found = self.steps().position(|(s, d)| *s == step && d == dtype);
        found.unwrap_or_else(|| {
            self.steps.push(step);
            self.dtypes.push(dtype);
            self.steps.len() - 1
        })
    }

    /// Makes `step` the result.
    fn finish(mut self, step: usize) -> Self {
        if step + 1 != self.steps.len() {
            let (value, dtype) = (self.steps[step].clone(), self.dtypes[step]);
            self.steps.push(value);
            self.dtypes.push(dtype);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_do_not_widen_arrays() {
        let input = Operand::Input(0, DType::F32);
        let formula = Formula::binary(Binary::Multiply, input, Operand::Const(2.5.into())).unwrap();
        assert_eq!(formula.dtype(), DType::F32);
        let input = Operand::Input(0, DType::I16);
        let formula = Formula::binary(Binary::Add, input.clone(), Operand::Const(1.into())).unwrap();
        assert_eq!(formula.dtype(), DType::I16);
        let formula = Formula::binary(Binary::Add, input, Operand::Const(0.5.into())).unwrap();
        assert_eq!(formula.dtype(), DType::F64);
    }

    #[test]
    fn a_shared_value_stays_one_step_when_formulas_are_merged() {
        let square =
            Formula::binary(Binary::Multiply, Operand::Input(0, DType::F64), Operand::Input(0, DType::F64))
                .unwrap();
        let mut deep = square.clone();
        for _ in 0..40 {
            deep = square.substitute(0, &deep, &[0], &[0]);
        }
        assert_eq!(deep.steps().len(), 42);
    }

    #[test]
    fn a_formula_reads_as_it_would_be_written() {
        let x = Operand::Input(0, DType::F64);
        let diff = Formula::binary(Binary::Subtract, x, Operand::Input(1, DType::F64)).unwrap();
        let square =
            Formula::binary(Binary::Power, Operand::Input(0, DType::F64), Operand::Const(2.into())).unwrap();
        assert_eq!(square.substitute(0, &diff, &[0], &[0, 1]).to_string(), "(x - y) ** 2");
        let cos = Formula::unary(Unary::Cos, DType::F64).unwrap();
        assert_eq!(cos.substitute(0, &diff, &[0], &[0, 1]).to_string(), "cos(x - y)");
    }

    #[test]
    fn what_numpy_refuses_is_refused_with_a_way_out() {
        let text = Operand::Input(0, DType::Str);
        assert!(Formula::binary(Binary::Add, text, Operand::Const(1.into())).is_err());
        let error = Formula::unary(Unary::Negative, DType::Bool).unwrap_err();
        assert!(error.to_string().contains("logical_not"), "{error}");
        let ints = Operand::Input(0, DType::I32);
        assert!(Formula::binary(Binary::Power, ints, Operand::Const((-1).into())).is_err());
    }
}
