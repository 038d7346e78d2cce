//! The formulas of single operations.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::formula::{Formula, Step};
use crate::function::{Binary, Casting, Table, Unary};
use crate::scalar::{Float, Scalar};

/// An argument of a function: an input array of some dtype, or a constant.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Input(usize, DType),
    Const(Scalar),
}

impl Formula {
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
        if self.dtypes[step] == dtype {
            return step;
        }
        self.push(Step::Cast { x: step, casting: Casting::Strict }, dtype)
    }

    pub(crate) fn cast(from: DType, to: DType, casting: Casting) -> Result<Self> {
        if !can_cast(from, to) {
            return Err(Error::Dtype {
                operation: format!("casting to {to}"),
                dtype: from,
                hint: "numbers cast to numbers, times to times and int64".into(),
            });
        }
        let mut formula = Self::new();
        let x = formula.push(Step::Input(0), from);
        let result = if from == to { x } else { formula.push(Step::Cast { x, casting }, to) };
        Ok(formula.finish(result))
    }

    /// What a table gives for the input, which is cast to `argument` first.
    pub(crate) fn lookup(dtype: DType, argument: DType, table: Table) -> Result<Self> {
        let mut formula = Self::new();
        let x = formula.operand(Operand::Input(0, dtype), argument)?;
        let result = table.dtype();
        let y = formula.push(Step::Lookup { x, table }, result);
        Ok(formula.finish(y))
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
}

/// Whether there is a cast from one dtype to another.
pub(super) fn can_cast(from: DType, to: DType) -> bool {
    match (from, to) {
        (a, b) if a == b => true,
        (DType::Str, _) | (_, DType::Str) => false,
        (DType::Datetime(_), DType::Timedelta(_)) | (DType::Timedelta(_), DType::Datetime(_)) => false,
        (a, b) if a.is_time() => b.is_time() || b == DType::I64,
        (a, b) if b.is_time() => a.is_integer(),
        _ => true,
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
