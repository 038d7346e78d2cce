//! The formula of a map: what is computed at each element, in single-assignment form.
//!
//! Every step refers to earlier steps by number, so a value that is used twice is computed once, and
//! substituting one formula into another never duplicates work.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::{Binary, Unary};
use crate::scalar::{Float, Scalar};

/// One value of a formula. Numbers refer to earlier steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// The element of an input array.
    Input(usize),
    /// A constant.
    Const(Scalar),
    /// A function of one step.
    Unary(Unary, usize),
    /// A function of two steps of equal dtype; comparisons also of an unsigned and a signed integer.
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
    Cast(usize),
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

/// An argument of a function: an input array of some dtype, or a constant.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Input(usize, DType),
    Const(Scalar),
}

impl Formula {
    /// The steps with their dtypes; the last is the result.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&Step, DType)> {
        self.steps.iter().zip(self.dtypes.iter().copied())
    }

    /// Whether every step refers to steps before it, and to one of so many inputs.
    pub(crate) fn fits(&self, inputs: usize) -> bool {
        let refers_back = |(number, step): (usize, &Step)| match step {
            Step::Input(input) => *input < inputs,
            Step::Const(_) => true,
            Step::Unary(_, x) | Step::Cast(x) | Step::MaskScale { packed: x, .. } => *x < number,
            Step::Binary(_, x, y) => *x < number && *y < number,
            Step::Where { cond, yes, no } => [cond, yes, no].into_iter().all(|x| *x < number),
        };
        !self.steps.is_empty()
            && self.steps.len() == self.dtypes.len()
            && self.steps.iter().enumerate().all(refers_back)
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

    /// The step that holds an operand in `dtype`.
    ///
    /// # Errors
    /// [`Error::Dtype`] for a constant that the dtype cannot hold.
    fn operand(&mut self, operand: Operand, dtype: DType) -> Result<usize> {
        match operand {
            Operand::Input(i, from) => {
                let step = self.push(Step::Input(i), from);
                Ok(self.cast_step(step, dtype))
            }
            Operand::Const(value) => match value.convert(dtype) {
                Some(value) => Ok(self.push(Step::Const(value), dtype)),
                None => Err(Error::Dtype {
                    operation: format!("using {value}"),
                    dtype,
                    hint: "the value does not fit; cast the array to a wider dtype first".into(),
                }),
            },
        }
    }

    fn cast_step(&mut self, step: usize, dtype: DType) -> usize {
        if self.dtypes[step] == dtype { step } else { self.push(Step::Cast(step), dtype) }
    }

    pub(crate) fn cast(from: DType, to: DType) -> Result<Self> {
        let possible = match (from, to) {
            (a, b) if a == b => true,
            (DType::Str, _) | (_, DType::Str) => false,
            (DType::Datetime(_), DType::Timedelta(_)) | (DType::Timedelta(_), DType::Datetime(_)) => false,
            (a, b) if a.is_time() => b.is_time() || b == DType::I64,
            (a, b) if b.is_time() => a.is_integer(),
            _ => true,
        };
        if !possible {
            return Err(Error::Dtype {
                operation: format!("casting to {to}"),
                dtype: from,
                hint: "numbers cast to numbers, times to times and int64".into(),
            });
        }
        let mut formula = Self::new();
        let result = formula.operand(Operand::Input(0, from), to)?;
        Ok(formula.finish(result))
    }

    pub(crate) fn unary(function: Unary, dtype: DType) -> Result<Self> {
        let (argument, result) = function.dtypes(dtype)?;
        let mut formula = Self::new();
        let x = formula.operand(Operand::Input(0, dtype), argument)?;
        let y = formula.push(Step::Unary(function, x), result);
        Ok(formula.finish(y))
    }

    pub(crate) fn binary(function: Binary, a: Operand, b: Operand) -> Result<Self> {
        let (left, right) = operand_dtypes(&a, &b);
        if function == Binary::Power
            && left.is_integer()
            && let Operand::Const(Scalar::Int(i64::MIN..=-1)) = b
        {
            return Err(Error::Dtype {
                operation: "a negative power".into(),
                dtype: left,
                hint: "integers have no negative integer powers; cast to float64 first".into(),
            });
        }
        if let Some(formula) = Self::compare_beyond(function, &a, &b) {
            return Ok(formula);
        }
        let rule = function.dtypes(left, right)?;
        let mut formula = Self::new();
        let x = formula.operand(a, rule.left)?;
        let y = formula.operand(b, rule.right)?;
        let z = formula.push(Step::Binary(function, x, y), rule.result);
        Ok(formula.finish(z))
    }

    /// The comparison of an integer array with an integer that its dtype cannot hold: the same for every element.
    fn compare_beyond(function: Binary, a: &Operand, b: &Operand) -> Option<Self> {
        let (input, dtype, value, is_swapped) = match (a, b) {
            (Operand::Input(i, dtype), Operand::Const(value)) => (*i, *dtype, value, false),
            (Operand::Const(value), Operand::Input(i, dtype)) => (*i, *dtype, value, true),
            _ => return None,
        };
        let is_integer = matches!(value, Scalar::Int(_) | Scalar::UInt(_));
        if !dtype.is_integer() || !is_integer || value.convert(dtype).is_some() {
            return None;
        }
        // Every element is less than a value that is too large, and greater than one that is too small.
        let is_less = (value.to_f64() > 0.0) != is_swapped;
        let holds = match function {
            Binary::Equal => false,
            Binary::NotEqual => true,
            Binary::Less | Binary::LessEqual => is_less,
            Binary::Greater | Binary::GreaterEqual => !is_less,
            _ => return None,
        };
        let mut formula = Self::new();
        let x = formula.push(Step::Input(input), dtype);
        // No integer is NaN.
        let never = formula.push(Step::Unary(Unary::Isnan, x), DType::Bool);
        let result =
            if holds { formula.push(Step::Unary(Unary::LogicalNot, never), DType::Bool) } else { never };
        Some(formula.finish(result))
    }

    pub(crate) fn where_(cond: DType, yes: Operand, no: Operand) -> Result<Self> {
        let (left, right) = operand_dtypes(&yes, &no);
        // NaN in an integer array has nowhere to go: the result is float, as in xarray.
        let dtype = left.promote(right)?;
        let mut formula = Self::new();
        let cond = formula.operand(Operand::Input(0, cond), DType::Bool)?;
        let yes = formula.operand(yes, dtype)?;
        let no = formula.operand(no, dtype)?;
        let result = formula.push(Step::Where { cond, yes, no }, dtype);
        Ok(formula.finish(result))
    }

    pub(crate) fn mask_scale(
        from: DType,
        to: DType,
        missing: Vec<Scalar>,
        scale: Option<f64>,
        offset: Option<f64>,
    ) -> Result<Self> {
        if !from.is_numeric() || !to.is_float() {
            return Err(Error::Dtype {
                operation: format!("unpacking to {to}"),
                dtype: from,
                hint: "packed data are numbers and unpack to float32 or float64".into(),
            });
        }
        // A value that the packed dtype cannot hold never occurs.
        let missing: Vec<Scalar> = missing.iter().filter_map(|value| value.convert(from)).collect();
        let (scale, offset) = (scale.map(Float::new), offset.map(Float::new));
        let mut formula = Self::new();
        let packed = formula.push(Step::Input(0), from);
        if !matches!(from, DType::I64 | DType::U64) || missing.is_empty() {
            let result = formula.push(Step::MaskScale { packed, missing, scale, offset }, to);
            return Ok(formula.finish(result));
        }
        // Floats do not tell integers beyond 2^53 apart: those are compared as integers.
        let mut unpacked = formula.push(Step::MaskScale { packed, missing: Vec::new(), scale, offset }, to);
        let nan = formula.push(Step::Const(f64::NAN.into()), to);
        for value in missing {
            let value = formula.push(Step::Const(value), from);
            let cond = formula.push(Step::Binary(Binary::Equal, packed, value), DType::Bool);
            unpacked = formula.push(Step::Where { cond, yes: nan, no: unpacked }, to);
        }
        Ok(formula.finish(unpacked))
    }

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
            Self::Unary(_, x) | Self::Cast(x) | Self::MaskScale { packed: x, .. } => vec![*x],
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
            Self::Cast(x) => Self::Cast(number(*x)),
            Self::MaskScale { packed, missing, scale, offset } => Self::MaskScale {
                packed: number(*packed),
                missing: missing.clone(),
                scale: *scale,
                offset: *offset,
            },
        }
    }
}

/// The dtypes two operands have for promotion: a constant beside an array is weak.
fn operand_dtypes(a: &Operand, b: &Operand) -> (DType, DType) {
    match (a, b) {
        (Operand::Input(_, a), Operand::Input(_, b)) => (*a, *b),
        (Operand::Input(_, a), Operand::Const(b)) => (*a, b.weak_dtype(*a)),
        (Operand::Const(a), Operand::Input(_, b)) => (a.weak_dtype(*b), *b),
        (Operand::Const(a), Operand::Const(b)) => (a.dtype(), b.dtype()),
    }
}

/// The formula as it would be written by hand, with the inputs as `x`, `y`, `z`, …
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 6] = ["x", "y", "z", "u", "v", "w"];
        let mut texts: Vec<String> = Vec::with_capacity(self.steps.len());
        let bare = |text: &str| text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).map(str::to_owned);
        for (step, dtype) in self.steps() {
            let text = match step {
                Step::Input(i) => NAMES.get(*i).map_or_else(|| format!("x{i}"), ToString::to_string),
                Step::Const(value) => value.to_string(),
                Step::Unary(Unary::Negative, x) => format!("-{}", texts[*x]),
                Step::Unary(Unary::LogicalNot, x) => format!("!{}", texts[*x]),
                Step::Unary(g, x) => {
                    let x = &texts[*x];
                    let balanced = bare(x).filter(|inner| is_balanced(inner));
                    format!("{g}({})", balanced.as_ref().unwrap_or(x))
                }
                Step::Binary(g, x, y) => match g.sign() {
                    Some(sign) => format!("({} {sign} {})", texts[*x], texts[*y]),
                    None => format!("{g}({}, {})", texts[*x], texts[*y]),
                },
                Step::Where { cond, yes, no } => {
                    format!("where({}, {}, {})", texts[*cond], texts[*yes], texts[*no])
                }
                Step::Cast(x) => format!("{dtype}({})", texts[*x]),
                Step::MaskScale { packed, missing, scale, offset } => {
                    let mut text = format!("unpack({}", texts[*packed]);
                    for value in missing {
                        text += &format!(", missing {value}");
                    }
                    if let Some(scale) = scale {
                        text += &format!(", scale {scale}");
                    }
                    if let Some(offset) = offset {
                        text += &format!(", offset {offset}");
                    }
                    text + ")"
                }
            };
            // A formula that uses a value many times could be very long when written out.
            texts.push(if text.len() > 400 { "…".into() } else { text });
        }
        let last = texts.pop().unwrap_or_default();
        f.write_str(&bare(&last).filter(|inner| is_balanced(inner)).unwrap_or(last))
    }
}

/// Whether no bracket closes before it opens, so that outer brackets may be dropped.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0;
    text.chars().all(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth >= 0
    })
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
