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
    sqrt "The square root; NaN of negative numbers."
    exp "e to the power of the elements."
    ln "The natural logarithm."
    log10 "The logarithm to base 10."
    sin "The sine of radians."
    cos "The cosine of radians."
    tan "The tangent of radians."
    deg2rad "Degrees to radians."
    rad2deg "Radians to degrees."
    floor "The largest integer that is not greater."
    ceil "The smallest integer that is not less."
    round "The nearest integer, halves to even."
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
    pow Power "The elements to a power."
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

    /// The data in another dtype. A value that the dtype cannot hold fails the computation.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] where there is no such cast, such as from text.
    pub fn astype(&self, dtype: DType) -> Result<Self> {
        self.unary(|data| data.astype(dtype))
    }
}
