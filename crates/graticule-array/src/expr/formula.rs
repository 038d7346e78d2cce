//! The formula of a map: what is computed at each element, in single-assignment form.
//!
//! Every step refers to earlier steps by number, so a value that is used twice is computed once, and
//! substituting one formula into another never duplicates work.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::{Float, Scalar};

/// Functions of one argument, under numpy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are numpy's ufuncs of these names")]
pub enum Unary {
    Negative,
    Absolute,
    Sign,
    Square,
    Reciprocal,
    Sqrt,
    Cbrt,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    Arcsinh,
    Arccosh,
    Arctanh,
    Deg2rad,
    Rad2deg,
    Floor,
    Ceil,
    Trunc,
    Rint,
    Isnan,
    Isinf,
    Isfinite,
    LogicalNot,
    Invert,
}

/// Functions of two arguments, under numpy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are numpy's ufuncs of these names")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    Arctan2,
    Hypot,
    Copysign,
    Maximum,
    Minimum,
    Fmax,
    Fmin,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    LogicalAnd,
    LogicalOr,
    LogicalXor,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    LeftShift,
    RightShift,
}

/// One value of a formula. Numbers refer to earlier steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// The element of an input array.
    Input(usize),
    /// A constant.
    Const(Scalar),
    /// A function of one step.
    Unary(Unary, usize),
    /// A function of two steps of equal dtype.
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

    fn operand(&mut self, operand: Operand, dtype: DType) -> usize {
        match operand {
            Operand::Input(i, from) => {
                let step = self.push(Step::Input(i), from);
                self.cast_step(step, dtype)
            }
            Operand::Const(value) => self.push(Step::Const(value), dtype),
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
        let result = formula.operand(Operand::Input(0, from), to);
        Ok(formula.finish(result))
    }

    pub(crate) fn unary(function: Unary, dtype: DType) -> Result<Self> {
        let (argument, result) = function.dtypes(dtype)?;
        let mut formula = Self::new();
        let x = formula.operand(Operand::Input(0, dtype), argument);
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
        let rule = function.dtypes(left, right)?;
        let mut formula = Self::new();
        let x = formula.operand(a, rule.left);
        let y = formula.operand(b, rule.right);
        let z = formula.push(Step::Binary(function, x, y), rule.result);
        Ok(formula.finish(z))
    }

    pub(crate) fn where_(cond: DType, yes: Operand, no: Operand) -> Result<Self> {
        let (left, right) = operand_dtypes(&yes, &no);
        // NaN in an integer array has nowhere to go: the result is float, as in xarray.
        let dtype = left.promote(right)?;
        let mut formula = Self::new();
        let cond = formula.operand(Operand::Input(0, cond), DType::Bool);
        let yes = formula.operand(yes, dtype);
        let no = formula.operand(no, dtype);
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
        let mut formula = Self::new();
        let packed = formula.push(Step::Input(0), from);
        let (scale, offset) = (scale.map(Float::new), offset.map(Float::new));
        let result = formula.push(Step::MaskScale { packed, missing, scale, offset }, to);
        Ok(formula.finish(result))
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
                Step::Const(value) => self.push(Step::Const(value.clone()), dtype),
                Step::Unary(f, x) => self.push(Step::Unary(*f, map[*x]), dtype),
                Step::Binary(f, x, y) => self.push(Step::Binary(*f, map[*x], map[*y]), dtype),
                Step::Where { cond, yes, no } => {
                    self.push(Step::Where { cond: map[*cond], yes: map[*yes], no: map[*no] }, dtype)
                }
                Step::Cast(x) => self.push(Step::Cast(map[*x]), dtype),
                Step::MaskScale { packed, missing, scale, offset } => self.push(
                    Step::MaskScale {
                        packed: map[*packed],
                        missing: missing.clone(),
                        scale: *scale,
                        offset: *offset,
                    },
                    dtype,
                ),
            };
            map.push(new);
        }
        map
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

impl Unary {
    /// The dtype the argument is cast to, and the dtype of the result.
    fn dtypes(self, dtype: DType) -> Result<(DType, DType)> {
        let refuse = |hint: &str| {
            Err(Error::Dtype { operation: self.to_string(), dtype, hint: hint.into() })
        };
        if dtype == DType::Str {
            return refuse("it works on numbers and times");
        }
        match self {
            Self::Isnan | Self::Isinf | Self::Isfinite => Ok((dtype, DType::Bool)),
            Self::LogicalNot if dtype.is_numeric() => Ok((DType::Bool, DType::Bool)),
            Self::Negative if dtype == DType::Bool => refuse("use logical_not (`!`) on booleans"),
            Self::Negative | Self::Absolute if matches!(dtype, DType::Timedelta(_)) => Ok((dtype, dtype)),
            _ if dtype.is_time() => refuse("it works on numbers; take a difference of times first"),
            Self::Negative
            | Self::Absolute
            | Self::Sign
            | Self::Square
            | Self::Floor
            | Self::Ceil
            | Self::Trunc
            | Self::Rint => Ok((dtype, dtype)),
            Self::Invert if dtype.is_float() => refuse("cast to an integer or a bool first"),
            Self::Invert => Ok((dtype, dtype)),
            Self::LogicalNot
            | Self::Reciprocal
            | Self::Sqrt
            | Self::Cbrt
            | Self::Exp
            | Self::Exp2
            | Self::Expm1
            | Self::Log
            | Self::Log2
            | Self::Log10
            | Self::Log1p
            | Self::Sin
            | Self::Cos
            | Self::Tan
            | Self::Arcsin
            | Self::Arccos
            | Self::Arctan
            | Self::Sinh
            | Self::Cosh
            | Self::Tanh
            | Self::Arcsinh
            | Self::Arccosh
            | Self::Arctanh
            | Self::Deg2rad
            | Self::Rad2deg => Ok((dtype.to_float(), dtype.to_float())),
        }
    }
}

/// The dtypes that the operands are cast to, and that of the result.
struct BinaryDtypes {
    left: DType,
    right: DType,
    result: DType,
}

impl Binary {
    fn dtypes(self, a: DType, b: DType) -> Result<BinaryDtypes> {
        use DType::{Bool, Datetime, F64, I64, Str, Timedelta};
        let rule = |left, right, result| Ok(BinaryDtypes { left, right, result });
        let refuse = |dtype: DType, hint: &str| {
            let operation = format!("{self} of {a} and {b}");
            Err(Error::Dtype { operation, dtype, hint: hint.into() })
        };
        match (self, a, b) {
            (Self::Equal | Self::NotEqual, Str, Str) => return rule(Str, Str, Bool),
            (_, Str, _) | (_, _, Str) => return refuse(Str, "text can only be compared with text for equality"),
            (Self::Subtract, Datetime(u), Datetime(v)) => {
                let unit = u.max(v);
                return rule(Datetime(unit), Datetime(unit), Timedelta(unit));
            }
            (Self::Add | Self::Subtract, Datetime(u), Timedelta(v)) => {
                let unit = u.max(v);
                return rule(Datetime(unit), Timedelta(unit), Datetime(unit));
            }
            (Self::Add, Timedelta(u), Datetime(v)) => {
                let unit = u.max(v);
                return rule(Timedelta(unit), Datetime(unit), Datetime(unit));
            }
            (Self::Multiply, Timedelta(u), other) if other.is_integer() => {
                return rule(Timedelta(u), I64, Timedelta(u));
            }
            (Self::Multiply, other, Timedelta(u)) if other.is_integer() => {
                return rule(I64, Timedelta(u), Timedelta(u));
            }
            (Self::Divide, Timedelta(u), Timedelta(v)) => {
                let unit = Timedelta(u.max(v));
                return rule(unit, unit, F64);
            }
            _ => {}
        }
        let common = a.promote(b)?;
        if common.is_time() {
            let same = match self {
                Self::Add | Self::Subtract => matches!(common, Timedelta(_)),
                Self::Maximum | Self::Minimum | Self::Fmax | Self::Fmin => true,
                _ => false,
            };
            if same {
                return rule(common, common, common);
            }
        }
        match self {
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual => rule(common, common, Bool),
            _ if common.is_time() => refuse(common, "times can be compared, subtracted, and shifted by durations"),
            Self::LogicalAnd | Self::LogicalOr | Self::LogicalXor => rule(Bool, Bool, Bool),
            Self::Subtract if common == Bool => refuse(common, "use logical_xor on booleans"),
            Self::Add if common == Bool => rule(Bool, Bool, Bool),
            Self::FloorDivide | Self::Remainder | Self::Power if common == Bool => {
                refuse(common, "cast to an integer first")
            }
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::FloorDivide
            | Self::Remainder
            | Self::Power
            | Self::Maximum
            | Self::Minimum
            | Self::Fmax
            | Self::Fmin => rule(common, common, common),
            Self::Divide | Self::Arctan2 | Self::Hypot | Self::Copysign => {
                let float = common.to_float();
                rule(float, float, float)
            }
            Self::BitwiseAnd | Self::BitwiseOr | Self::BitwiseXor if !common.is_float() => {
                rule(common, common, common)
            }
            Self::LeftShift | Self::RightShift if common.is_integer() => rule(common, common, common),
            Self::BitwiseAnd | Self::BitwiseOr | Self::BitwiseXor | Self::LeftShift | Self::RightShift => {
                refuse(common, "it works on integers")
            }
        }
    }

    fn sign(self) -> Option<&'static str> {
        Some(match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::BitwiseAnd => "&",
            Self::BitwiseOr => "|",
            Self::BitwiseXor => "^",
            Self::LeftShift => "<<",
            Self::RightShift => ">>",
            Self::Arctan2
            | Self::Hypot
            | Self::Copysign
            | Self::Maximum
            | Self::Minimum
            | Self::Fmax
            | Self::Fmin
            | Self::LogicalAnd
            | Self::LogicalOr
            | Self::LogicalXor => return None,
        })
    }
}

/// numpy's name: `logical_not` for `LogicalNot`.
fn snake_case(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut text = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    f.write_str(&text)
}

impl fmt::Display for Unary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
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
        let square = Formula::binary(
            Binary::Multiply,
            Operand::Input(0, DType::F64),
            Operand::Input(0, DType::F64),
        )
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
