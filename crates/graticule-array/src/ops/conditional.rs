//! Elements chosen by conditions.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::Argument;
use crate::ops::create::zero;
use crate::scalar::Scalar;

impl Array {
    /// At each element the choice of the first condition that holds, else `default`. The dtype is the one that
    /// holds all choices.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?;
    /// let y = Array::select(&[x.less(1)?, x.less(3)?], &[(&x * 10)?.into(), (-1).into()], 7)?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [0, -1, -1, 7, 7]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there are not as many choices as conditions or none, [`Error::Dtype`] for conditions
    /// that are not bool and for choices without a common dtype, [`Error::Shape`] where shapes do not broadcast.
    pub fn select(conditions: &[Self], choices: &[Argument], default: impl Into<Argument>) -> Result<Self> {
        check_conditions(conditions, choices.len(), conditions.len())?;
        let default = default.into();
        let dtype = Argument::common_dtype(choices.iter().chain([&default]))?;
        let mut selected = default.cast(dtype)?;
        for (condition, choice) in conditions.iter().zip(choices).rev() {
            selected = condition.choose_in(dtype, choice.clone(), selected)?.into();
        }
        match selected {
            Argument::Array(selected) => Ok(selected),
            Argument::Scalar(_) => Err(Error::argument("conditions", "[]", "give at least one condition")),
        }
    }

    /// A function in pieces: at each element the value of the last condition that holds. Where none holds it is 0,
    /// or the value that comes after those of the conditions. Values are cast to the dtype of this array.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = (Array::arange(5)? - 2)?;
    /// let y = x.piecewise(&[x.less(0)?], &[(-1).into(), (&x * 10)?.into()])?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [-1, -1, 0, 10, 20]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::select`]; a number that the dtype cannot hold is an error at once, an element of an array when it
    /// is computed.
    pub fn piecewise(&self, conditions: &[Self], values: &[Argument]) -> Result<Self> {
        check_conditions(
            conditions,
            values.len(),
            conditions.len() + usize::from(values.len() > conditions.len()),
        )?;
        let otherwise = values.get(conditions.len()).cloned();
        let mut pieces: Argument =
            otherwise.unwrap_or_else(|| zero(self.dtype()).into()).cast(self.dtype())?;
        for (condition, value) in conditions.iter().zip(values) {
            pieces = condition.choose_in(self.dtype(), value.clone(), pieces)?.into();
        }
        match pieces {
            Argument::Array(pieces) => Ok(pieces),
            Argument::Scalar(value) => self.full_like(value),
        }
    }

    /// `choose` between arguments that are cast to a dtype.
    fn choose_in(&self, dtype: DType, yes: Argument, no: Argument) -> Result<Self> {
        // Two numbers alone would have their own dtype.
        self.choose(yes.cast(dtype)?, no.cast(dtype)?)?.astype(dtype)
    }

    /// NaN replaced by a number, and infinities by others: by default the largest and the smallest number of the
    /// dtype. Integers stay.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = (1.0 / Array::arange(2)?)?;
    /// assert_eq!(x.nan_to_num(0.0, None, None)?.compute()?.as_slice::<f64>()?, [f64::MAX, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn nan_to_num(&self, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Result<Self> {
        if !self.dtype().is_numeric() {
            let hint = "it works on numbers; use isnan and choose on times".into();
            return Err(Error::Dtype { operation: "nan_to_num".into(), dtype: self.dtype(), hint });
        }
        if !self.dtype().is_float() {
            return Ok(self.clone());
        }
        let largest = if self.dtype() == DType::F32 { f64::from(f32::MAX) } else { f64::MAX };
        let finite = self.isnan()?.choose(nan, self)?;
        let finite = self.isposinf()?.choose(posinf.unwrap_or(largest), finite)?;
        self.isneginf()?.choose(neginf.unwrap_or(-largest), finite)
    }

    /// Whether the elements are positive infinity.
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn isposinf(&self) -> Result<Self> {
        self.astype(self.dtype().to_float())?.equal(Scalar::from(f64::INFINITY))
    }

    /// Whether the elements are negative infinity.
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn isneginf(&self) -> Result<Self> {
        self.astype(self.dtype().to_float())?.equal(Scalar::from(f64::NEG_INFINITY))
    }
}

fn check_conditions(conditions: &[Array], given: usize, wanted: usize) -> Result<()> {
    if let Some(condition) = conditions.iter().find(|condition| condition.dtype() != DType::Bool) {
        let hint = "compare it with a value first".into();
        return Err(Error::Dtype { operation: "a condition".into(), dtype: condition.dtype(), hint });
    }
    if given == wanted {
        return Ok(());
    }
    let hint = format!("give one for each of the {} conditions", conditions.len());
    Err(Error::argument("choices", given, hint))
}
