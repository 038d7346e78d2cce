//! Functions of numpy that are made of others.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::{Binary, Casting, Unary};
use crate::ops::Argument;

impl Array {
    /// The array itself, where it is of numbers or durations.
    ///
    /// # Errors
    /// [`Error::Dtype`] for booleans, texts and dates.
    pub fn positive(&self) -> Result<Self> {
        match self.dtype() {
            dtype @ (DType::Bool | DType::Str | DType::Datetime(_)) => {
                let hint = "it works on numbers and durations".into();
                Err(Error::Dtype { operation: "positive".into(), dtype, hint })
            }
            _ => Ok(self.clone()),
        }
    }

    /// The absolute value as a float, also of integers.
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn fabs(&self) -> Result<Self> {
        self.astype(self.dtype().to_float())?.abs()
    }

    /// `sin(πx) / πx`, and 1 at 0.
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn sinc(&self) -> Result<Self> {
        let x = (self.astype(self.dtype().to_float())? * std::f64::consts::PI)?;
        x.equal(0.0)?.choose(1.0, (x.sin()? / &x)?)
    }

    /// The elements rounded to so many decimals, halves to even; negative numbers round to tens, hundreds and so on.
    ///
    /// Floats are scaled, rounded and scaled back, as in numpy: 0.285 to two decimals is 0.28, since 28.499…
    /// is. A number that scaling would make infinite stays as it is. Integers are rounded exactly, and wrap where the result does not fit their dtype.
    ///
    /// ```
    /// use graticule_array::Array;
    /// assert_eq!((Array::arange(3)? * 25)?.around(-1)?.compute()?.as_slice::<i64>()?, [0, 20, 50]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for booleans, texts and times, [`Error::Argument`] for more decimals than a float has.
    pub fn around(&self, decimals: i32) -> Result<Self> {
        let dtype = self.dtype();
        if dtype.is_float() {
            if decimals == 0 {
                return self.round();
            }
            if decimals.unsigned_abs() > 300 {
                return Err(Error::argument("decimals", decimals, "use -300 to 300"));
            }
            let scale = 10f64.powi(decimals.abs());
            let (up, down) = if decimals > 0 {
                (Binary::Multiply, Binary::Divide)
            } else {
                (Binary::Divide, Binary::Multiply)
            };
            let rounded = self.binary(up, scale)?.round()?.binary(down, scale)?;
            return rounded.isfinite()?.choose(rounded, self);
        }
        if !dtype.is_integer() {
            let hint = "it works on integers and floats".into();
            return Err(Error::Dtype { operation: "around".into(), dtype, hint });
        }
        match decimals {
            0.. => Ok(self.clone()),
            -18..0 => self.round_to_multiple(10i64.pow(decimals.unsigned_abs())),
            _ => {
                Err(Error::argument("decimals", decimals, "integers round to 10**18 at most: use -18 and up"))
            }
        }
    }

    /// Integers rounded to the nearest multiple; the even one of two that are equally near.
    fn round_to_multiple(&self, step: i64) -> Result<Self> {
        let wide = self.astype(if self.dtype() == DType::U64 { DType::U64 } else { DType::I64 })?;
        let down = wide.floor_divide(step)?;
        let rest = wide.remainder(step)?;
        let is_odd = down.bitwise_and(1)?.not_equal(0)?;
        let is_half = (rest.equal(step / 2)? & is_odd)?;
        let up = (rest.greater(step / 2)? | is_half)?.choose(1, 0)?.astype(wide.dtype())?;
        ((down + up)? * step)?.astype_with(self.dtype(), Casting::Wrap)
    }

    /// The elements to a power, in float64 whatever their dtype, so that integers have negative powers.
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn float_power(&self, exponent: impl Into<Argument>) -> Result<Self> {
        self.astype(DType::F64)?.pow(exponent.into().cast(DType::F64)?)
    }

    /// The quotient rounded down, and the remainder.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let (quotient, rest) = (Array::arange(3)? - 1)?.divmod(2)?;
    /// assert_eq!(quotient.compute()?.as_slice::<i64>()?, [-1, 0, 0]);
    /// assert_eq!(rest.compute()?.as_slice::<i64>()?, [1, 0, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn divmod(&self, divisor: impl Into<Argument>) -> Result<(Self, Self)> {
        let divisor = divisor.into();
        Ok((self.floor_divide(divisor.clone())?, self.remainder(divisor)?))
    }

    /// The fraction and the integer of each element, as floats with its sign.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let (fraction, whole) = Array::from_array(ndarray::arr1(&[-1.25, 2.5]), "auto")?.modf()?;
    /// assert_eq!(fraction.compute()?.as_slice::<f64>()?, [-0.25, 0.5]);
    /// assert_eq!(whole.compute()?.as_slice::<f64>()?, [-1.0, 2.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn modf(&self) -> Result<(Self, Self)> {
        let x = self.astype(self.dtype().to_float())?;
        let integer = x.trunc()?;
        // An infinite number is an integer.
        let fraction = x.isinf()?.choose(0.0, (&x - &integer)?)?.copysign(&x)?;
        Ok((fraction, integer))
    }

    /// A float of magnitude 0.5 to 1, and the power of 2 (int32) that it is multiplied by to give the element.
    /// Infinities and NaN are their own first part.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let (mantissa, exponent) = Array::linspace(3.0, 8.0, 2)?.frexp()?;
    /// assert_eq!(mantissa.compute()?.as_slice::<f64>()?, [0.75, 0.5]);
    /// assert_eq!(exponent.compute()?.as_slice::<i32>()?, [2, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn frexp(&self) -> Result<(Self, Self)> {
        Ok((self.unary(Unary::Mantissa)?, self.unary(Unary::Exponent)?.astype(DType::I32)?))
    }

    /// How many bits of the absolute value of each integer are set, uint8.
    ///
    /// # Errors
    /// [`Error::Dtype`] for other dtypes than integers.
    pub fn bitwise_count(&self) -> Result<Self> {
        self.unary(Unary::BitwiseCount)?.astype(DType::U8)
    }
}
