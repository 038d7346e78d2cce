//! Maths element by element, with numpy's names, promotion and broadcasting.

use std::ops::{Add, Div, Mul, Neg, Not, Rem, Sub};

use crate::array::Array;
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::formula::Operand;
use crate::expr::{Expr, Formula, Op};
use crate::function::{Binary, Unary};
use crate::scalar::Scalar;

/// What can stand beside an array: another array, or one value.
///
/// Values are weak, as Python's are in numpy: `2.0` does not widen a float32 array.
#[derive(Debug, Clone)]
pub enum Argument {
    /// An array, broadcast against the other.
    Array(Array),
    /// One value.
    Scalar(Scalar),
}

impl From<Array> for Argument {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<&Array> for Argument {
    fn from(array: &Array) -> Self {
        Self::Array(array.clone())
    }
}

impl<S: Into<Scalar>> From<S> for Argument {
    fn from(value: S) -> Self {
        Self::Scalar(value.into())
    }
}

/// Collects the arrays among some arguments as inputs of a map.
struct Inputs(Vec<Expr>);

impl Inputs {
    fn operand(&mut self, argument: &Argument) -> Operand {
        match argument {
            Argument::Scalar(value) => Operand::Const(value.clone()),
            Argument::Array(array) => {
                let found = self.0.iter().position(|input| input == array.expr());
                let number = found.unwrap_or_else(|| {
                    self.0.push(array.expr().clone());
                    self.0.len() - 1
                });
                Operand::Input(number, array.dtype())
            }
        }
    }

    fn map(self, formula: Formula) -> Result<Array> {
        Ok(Array::from_expr(Expr::new(Op::Map(formula), self.0)?))
    }
}

impl Array {
    /// A numpy ufunc of one argument.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where the function is not defined for the dtype.
    pub fn unary(&self, function: Unary) -> Result<Self> {
        Inputs(vec![self.expr().clone()]).map(Formula::unary(function, self.dtype())?)
    }

    /// A numpy ufunc of two arguments, this array first.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where the function is not defined for the dtypes, [`crate::Error::Shape`]
    /// where the shapes do not broadcast.
    pub fn binary(&self, function: Binary, other: impl Into<Argument>) -> Result<Self> {
        map_binary(function, &self.into(), &other.into())
    }

    /// `yes` where this array is true (not zero), else `no`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// let y = x.binary(graticule_array::Binary::Greater, 1)?.choose(&x, -1)?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [-1, -1, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn choose(&self, yes: impl Into<Argument>, no: impl Into<Argument>) -> Result<Self> {
        let mut inputs = Inputs(vec![self.expr().clone()]);
        let yes = inputs.operand(&yes.into());
        let no = inputs.operand(&no.into());
        inputs.map(Formula::where_(self.dtype(), yes, no)?)
    }

    /// The elements, none less than `min` and none greater than `max`; NaN stays NaN. Bounds beyond what an
    /// integer dtype can hold bound nothing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.clip(1, 3)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [1, 1, 2, 3, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn clip(&self, min: impl Into<Argument>, max: impl Into<Argument>) -> Result<Self> {
        let bounded = |array: &Self, function, bound: Argument| match bound {
            Argument::Scalar(value) => array.binary(function, value.saturated(array.dtype())),
            Argument::Array(bound) => array.binary(function, bound),
        };
        bounded(&bounded(self, Binary::Maximum, min.into())?, Binary::Minimum, max.into())
    }

    /// The array in another dtype. A value that the dtype cannot hold fails the computation.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where there is no such cast, such as from text.
    pub fn astype(&self, dtype: DType) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        Inputs(vec![self.expr().clone()]).map(Formula::cast(self.dtype(), dtype)?)
    }

    /// Packed data unpacked: NaN where the value is one of `missing`, else `value * scale + offset`,
    /// in float32 or float64.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] when the array is not numeric or the target is not a float.
    pub fn mask_scale(
        &self,
        dtype: DType,
        missing: Vec<Scalar>,
        scale: Option<f64>,
        offset: Option<f64>,
    ) -> Result<Self> {
        let formula = Formula::mask_scale(self.dtype(), dtype, missing, scale, offset)?;
        Inputs(vec![self.expr().clone()]).map(formula)
    }

    /// The array to a power.
    ///
    /// # Errors
    /// As [`Array::binary`]; integers have no negative powers.
    pub fn pow(&self, exponent: impl Into<Argument>) -> Result<Self> {
        self.binary(Binary::Power, exponent)
    }
}

fn map_binary(function: Binary, left: &Argument, right: &Argument) -> Result<Array> {
    let mut inputs = Inputs(Vec::new());
    let a = inputs.operand(left);
    let b = inputs.operand(right);
    inputs.map(Formula::binary(function, a, b)?)
}

macro_rules! unary_methods {
    ($($name:ident $function:ident $doc:literal)+) => {
        impl Array {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`crate::Error::Dtype`] where the function is not defined for the dtype.
            pub fn $name(&self) -> Result<Self> {
                self.unary(Unary::$function)
            }
        )+}
    };
}

unary_methods! {
    abs Absolute "The absolute value."
    sign Sign "-1, 0 or 1."
    square Square "The square."
    sqrt Sqrt "The square root; NaN of negative numbers."
    exp Exp "e to the power of the elements."
    ln Log "The natural logarithm."
    log10 Log10 "The logarithm to base 10."
    sin Sin "The sine of radians."
    cos Cos "The cosine of radians."
    tan Tan "The tangent of radians."
    deg2rad Deg2rad "Degrees to radians."
    rad2deg Rad2deg "Radians to degrees."
    floor Floor "The largest integer that is not greater."
    ceil Ceil "The smallest integer that is not less."
    round Rint "The nearest integer, halves to even."
    isnan Isnan "Whether the elements are NaN or NaT."
    isfinite Isfinite "Whether the elements are neither infinite nor NaN."
}

macro_rules! comparison_methods {
    ($($name:ident $function:ident $doc:literal)+) => {
        impl Array {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Array::binary`].
            pub fn $name(&self, other: impl Into<Argument>) -> Result<Self> {
                self.binary(Binary::$function, other)
            }
        )+}
    };
}

comparison_methods! {
    equal Equal "Whether the elements are equal."
    not_equal NotEqual "Whether the elements differ."
    less Less "Whether the elements are less."
    less_equal LessEqual "Whether the elements are less or equal."
    greater Greater "Whether the elements are greater."
    greater_equal GreaterEqual "Whether the elements are greater or equal."
    maximum Maximum "The larger of the elements; NaN where one is NaN."
    minimum Minimum "The smaller of the elements; NaN where one is NaN."
}

macro_rules! operators {
    ($($op:ident $method:ident $function:ident;)+) => {$(
        operators!(@array &Array, $op $method $function);
        operators!(@array Array, $op $method $function);
        operators!(@scalar $op $method $function: f64 i64);
    )+};
    (@array $left:ty, $op:ident $method:ident $function:ident) => {
        impl $op<&Array> for $left {
            type Output = Result<Array>;

            fn $method(self, right: &Array) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<Array> for $left {
            type Output = Result<Array>;

            fn $method(self, right: Array) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<Result<Array>> for $left {
            type Output = Result<Array>;

            fn $method(self, right: Result<Array>) -> Result<Array> {
                self.binary(Binary::$function, right?)
            }
        }
    };
    (@scalar $op:ident $method:ident $function:ident: $($t:ty)+) => {$(
        impl $op<$t> for &Array {
            type Output = Result<Array>;

            fn $method(self, right: $t) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<$t> for Array {
            type Output = Result<Array>;

            fn $method(self, right: $t) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<&Array> for $t {
            type Output = Result<Array>;

            fn $method(self, right: &Array) -> Result<Array> {
                map_binary(Binary::$function, &self.into(), &right.into())
            }
        }

        impl $op<Array> for $t {
            type Output = Result<Array>;

            fn $method(self, right: Array) -> Result<Array> {
                map_binary(Binary::$function, &self.into(), &right.into())
            }
        }
    )+};
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
    Rem rem Remainder;
}

impl Neg for &Array {
    type Output = Result<Array>;

    fn neg(self) -> Result<Array> {
        self.unary(Unary::Negative)
    }
}

impl Not for &Array {
    type Output = Result<Array>;

    fn not(self) -> Result<Array> {
        self.unary(Unary::LogicalNot)
    }
}
