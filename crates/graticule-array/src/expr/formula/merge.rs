//! One formula put into another, and parts of formulas.

use crate::dtype::DType;
use crate::expr::formula::{Formula, Step};

impl Formula {
    /// This formula with input `slot` replaced by the result of `inner`. `renumber` and `inner_renumber`
    /// give the new number of every input of either formula.
    pub(crate) fn substitute(
        &self,
        slot: usize,
        inner: &Self,
        renumber: &[usize],
        inner_renumber: &[usize],
    ) -> Self {
        let mut merged = Self::new();
        let inner_steps = merged.append(inner, |i| Err(inner_renumber[i]));
        let result = inner_steps.last().copied().unwrap_or(0);
        let steps = merged.append(self, |i| if i == slot { Ok(result) } else { Err(renumber[i]) });
        let last = steps.last().copied().unwrap_or(0);
        merged.finish(last)
    }

    /// Adds the steps of another formula; `input` maps an input to a step (`Ok`) or a new number (`Err`).
    fn append(&mut self, other: &Self, input: impl Fn(usize) -> Result<usize, usize>) -> Vec<usize> {
        let mut map: Vec<usize> = Vec::with_capacity(other.steps.len());
        for (step, dtype) in other.steps() {
            let new = match step {
                Step::Input(i) => match input(*i) {
                    Ok(step) => step,
                    Err(number) => self.push(Step::Input(number), dtype),
                },
                step => self.push(step.renumbered(|x| map[x]), dtype),
            };
            map.push(new);
        }
        map
    }

    /// The formula of one of its steps, and which inputs that needs, in the order in which they are first used. Equal
    /// values have equal formulas, in whatever order their steps were written.
    pub(crate) fn part(&self, step: usize) -> (Self, Vec<usize>) {
        let mut part = Self::new();
        let mut inputs: Vec<usize> = Vec::new();
        let mut map: Vec<Option<usize>> = vec![None; self.steps.len()];
        let mut stack = vec![step];
        while let Some(&at) = stack.last() {
            let missing: Vec<usize> =
                self.steps[at].operands().into_iter().filter(|&x| map[x].is_none()).rev().collect();
            if map[at].is_none() && !missing.is_empty() {
                stack.extend(missing);
                continue;
            }
            stack.pop();
            if map[at].is_some() {
                continue;
            }
            let step = match &self.steps[at] {
                Step::Input(input) => {
                    let found = inputs.iter().position(|other| other == input);
                    Step::Input(found.unwrap_or_else(|| {
                        inputs.push(*input);
                        inputs.len() - 1
                    }))
                }
                step => step.renumbered(|x| map[x].unwrap_or(0)),
            };
            map[at] = Some(part.push(step, self.dtypes[at]));
        }
        let last = map[step].unwrap_or(0);
        (part.finish(last), inputs)
    }

    /// The formula with steps replaced: `simpler` sees each step over those before it, and gives the step that takes its
    /// place or the number of an earlier one that has its value.
    pub(crate) fn simplified(
        &self,
        simpler: impl Fn(&[(Step, DType)], Step, DType) -> Result<Step, usize>,
    ) -> Self {
        let mut done: Vec<(Step, DType)> = Vec::with_capacity(self.steps.len());
        let mut map: Vec<usize> = Vec::with_capacity(self.steps.len());
        for (step, dtype) in self.steps() {
            let number = match simpler(&done, step.renumbered(|x| map[x]), dtype) {
                Ok(step) => {
                    done.push((step, dtype));
                    done.len() - 1
                }
                Err(number) => number,
            };
            map.push(number);
        }
        let (steps, dtypes) = done.into_iter().unzip();
        let last = map.last().copied().unwrap_or(0);
        Self { steps, dtypes }.finish(last)
    }
}

impl Step {
    /// The steps that this one works on.
    pub(crate) fn operands(&self) -> Vec<usize> {
        match self {
            Self::Input(_) | Self::Const(_) => Vec::new(),
            Self::Unary(_, x)
            | Self::Cast { x, .. }
            | Self::Lookup { x, .. }
            | Self::MaskScale { packed: x, .. } => vec![*x],
            Self::Binary(_, x, y) => vec![*x, *y],
            Self::Where { cond, yes, no } => vec![*cond, *yes, *no],
        }
    }

    /// The same step over other steps.
    fn renumbered(&self, number: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Input(_) | Self::Const(_) => self.clone(),
            Self::Unary(function, x) => Self::Unary(*function, number(*x)),
            Self::Binary(function, x, y) => Self::Binary(*function, number(*x), number(*y)),
            Self::Where { cond, yes, no } => {
                Self::Where { cond: number(*cond), yes: number(*yes), no: number(*no) }
            }
            Self::Cast { x, casting } => Self::Cast { x: number(*x), casting: *casting },
            Self::Lookup { x, table } => Self::Lookup { x: number(*x), table: table.clone() },
            Self::MaskScale { packed, missing, scale, offset } => Self::MaskScale {
                packed: number(*packed),
                missing: missing.clone(),
                scale: *scale,
                offset: *offset,
            },
        }
    }
}
