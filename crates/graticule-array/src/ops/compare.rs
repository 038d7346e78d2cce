//! Whether arrays are equal, exactly or nearly.

use crate::array::Array;
use crate::error::Result;
use crate::ops::Argument;

impl Array {
    /// Whether the elements are equal, or differ by no more than `absolute + relative * |other|`. numpy's
    /// tolerances are 1e-5 relative and 1e-8 absolute. NaN is equal to NaN if `equal_nan`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(1.0, 2.0, 2)?;
    /// assert!(x.isclose((&x + 1e-9)?, 1e-5, 1e-8, false)?.all(())?.compute()?.item::<bool>()?);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`]; texts and times are not close.
    pub fn isclose(
        &self,
        other: impl Into<Argument>,
        relative: f64,
        absolute: f64,
        equal_nan: bool,
    ) -> Result<Self> {
        let float = self.dtype().to_float();
        let other = match other.into() {
            Argument::Array(other) => other.astype(other.dtype().to_float())?,
            Argument::Scalar(value) => Self::full(value, Vec::new(), "auto")?.astype(float)?,
        };
        let tolerance = ((other.abs()? * relative)? + absolute)?;
        let is_near = (self - &other)?.abs()?.less_equal(tolerance)?;
        let close = (is_near & other.isfinite()?)? | self.equal(&other)?;
        if equal_nan { close? | (self.isnan()? & other.isnan()?)? } else { close }
    }

    /// Whether all elements are close: [`Array::isclose`] folded to one lazy bool.
    ///
    /// # Errors
    /// As [`Array::isclose`].
    pub fn allclose(
        &self,
        other: impl Into<Argument>,
        relative: f64,
        absolute: f64,
        equal_nan: bool,
    ) -> Result<Self> {
        self.isclose(other, relative, absolute, equal_nan)?.all(())
    }

    /// Whether the arrays have one shape and equal elements, as one lazy bool. NaN is equal to NaN if `equal_nan`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(3)?;
    /// assert!(x.array_equal(&x, false)?.compute()?.item::<bool>()?);
    /// assert!(!x.array_equal(&Array::arange(4)?, false)?.compute()?.item::<bool>()?);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] for dtypes that cannot be compared.
    pub fn array_equal(&self, other: &Self, equal_nan: bool) -> Result<Self> {
        if self.shape() != other.shape() {
            return Self::full(false, Vec::new(), "auto");
        }
        let equal = self.equal(other)?;
        let equal = if equal_nan { (equal | (self.isnan()? & other.isnan()?)?)? } else { equal };
        equal.all(())
    }
}
