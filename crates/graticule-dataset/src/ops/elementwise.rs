//! Maths element by element, under numpy's names.

use graticule_array::{Array, Binary, DType, Unary};

use super::operand::{IntoOperand, Operand};
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};

macro_rules! unary_methods {
    ($($name:ident $doc:literal)+) => {
        impl<V: DataVars> Labeled<V> {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`graticule_array::Error::Dtype`] where the function is not defined for the dtype.
            pub fn $name(&self) -> Result<Self> {
                self.unary(Array::$name)
            }
        )+}
    };
}

unary_methods! {
    abs "The absolute value."
    sign "-1, 0 or 1."
    square "The square."
    reciprocal "One divided by the elements, a float also of integers."
    sqrt "The square root; NaN of negative numbers."
    cbrt "The cube root."
    exp "e to the power of the elements."
    exp2 "2 to the power of the elements."
    expm1 "e to the power of the elements, less 1; accurate near zero."
    ln "The natural logarithm: numpy's `log`."
    log2 "The logarithm to base 2."
    log10 "The logarithm to base 10."
    log1p "The natural logarithm of 1 and the elements; accurate near zero."
    sin "The sine of radians."
    cos "The cosine of radians."
    tan "The tangent of radians."
    arcsin "The angle in radians with this sine."
    arccos "The angle in radians with this cosine."
    arctan "The angle in radians with this tangent."
    sinh "The hyperbolic sine."
    cosh "The hyperbolic cosine."
    tanh "The hyperbolic tangent."
    arcsinh "The inverse of the hyperbolic sine."
    arccosh "The inverse of the hyperbolic cosine."
    arctanh "The inverse of the hyperbolic tangent."
    deg2rad "Degrees to radians."
    rad2deg "Radians to degrees."
    floor "The largest integer that is not greater."
    ceil "The smallest integer that is not less."
    trunc "The elements without their fraction."
    round "The nearest integer, halves to even; to decimals with [`Labeled::around`]."
    isinf "Whether the elements are infinite, of either sign."
    isfinite "Whether the elements are neither infinite nor missing."
    signbit "Whether the sign bit is set: below zero, or -0.0."
    invert "Every bit the other way round; of bools `!`."
}

macro_rules! binary_methods {
    ($($name:ident $function:ident $doc:literal)+) => {
        impl<V: DataVars> Labeled<V> {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Labeled::binary`].
            pub fn $name(&self, other: impl IntoOperand) -> Result<Self> {
                self.binary(Binary::$function, other)
            }
        )+}
    };
}

binary_methods! {
    lt Less "Whether the elements are less."
    le LessEqual "Whether the elements are less or equal."
    gt Greater "Whether the elements are greater."
    ge GreaterEqual "Whether the elements are greater or equal."
    eq_ Equal "Whether the elements are equal."
    ne_ NotEqual "Whether the elements differ."
    and_ LogicalAnd "Whether both elements are true (not zero)."
    or_ LogicalOr "Whether one of the elements is true (not zero)."
    xor_ LogicalXor "Whether exactly one of the elements is true (not zero)."
    maximum Maximum "The larger of the elements; NaN where one is NaN."
    minimum Minimum "The smaller of the elements; NaN where one is NaN."
    fmax Fmax "The larger of the elements; the other one where one is NaN."
    fmin Fmin "The smaller of the elements; the other one where one is NaN."
    pow Power "The elements to a power."
    fmod Fmod "The remainder with the sign of the dividend, as in C; `%` has that of the divisor."
    hypot Hypot "The hypotenuse of a right triangle with these legs."
    copysign Copysign "The elements with the signs of the others."
    heaviside Heaviside "0 of negative elements, 1 of positive ones, the other of zero."
    nextafter Nextafter "The next float towards the others."
    logaddexp Logaddexp "The logarithm of the sum of exponentials, without overflow in between."
    bitand BitwiseAnd "The bits that are set in both."
    bitor BitwiseOr "The bits that are set in one."
    bitxor BitwiseXor "The bits that are set in exactly one."
    floor_div FloorDivide "The largest integer that is not greater than the quotient."
    arctan2 Arctan2 "The angle of the point whose y these data are and whose x the others."
}

impl<V: DataVars> Labeled<V> {
    /// A numpy ufunc of one argument, for those that have no method of their own.
    ///
    /// ```
    /// use graticule_array::{Array, Unary};
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(0.0, 1.0, 3)?)?, [])?;
    /// assert_eq!(x.ufunc(Unary::Expm1)?.values::<f64>()?[0], 0.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] where the function is not defined for the dtype.
    pub fn ufunc(&self, function: Unary) -> Result<Self> {
        self.unary(|data| data.unary(function))
    }

    /// The elements, no less than `min` and no more than `max`. NaN stays NaN. Numbers beyond what an integer
    /// dtype can hold bound nothing.
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn clip(&self, min: impl IntoOperand, max: impl IntoOperand) -> Result<Self> {
        match (min.into_operand()?, max.into_operand()?) {
            (Operand::Scalar(min), Operand::Scalar(max)) => {
                self.unary(|data| data.clip(min.clone(), max.clone()))
            }
            (min, max) => self.maximum(min)?.minimum(max),
        }
    }

    /// The elements, no less than `min`: xarray's `clip(min=..)`.
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn clip_min(&self, min: impl IntoOperand) -> Result<Self> {
        match min.into_operand()? {
            Operand::Scalar(min) => self.unary(|data| data.clip_min(min.clone())),
            min => self.maximum(min),
        }
    }

    /// The elements, no more than `max`: xarray's `clip(max=..)`.
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn clip_max(&self, max: impl IntoOperand) -> Result<Self> {
        match max.into_operand()? {
            Operand::Scalar(max) => self.unary(|data| data.clip_max(max.clone())),
            max => self.minimum(max),
        }
    }

    /// The data in another dtype. A value that the dtype cannot hold fails the computation.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] where there is no such cast, such as from text.
    pub fn astype(&self, dtype: DType) -> Result<Self> {
        self.unary(|data| data.astype(dtype))
    }
}
