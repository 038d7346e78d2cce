//! Windows whose weights decay exponentially into the past.

use graticule_array::{Array, DType, Decay};

use crate::attrs::Encoding;
use crate::dims::Dim;
use crate::error::Result;
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::ops::only;

/// Exponentially weighted statistics along a dimension, made by [`Labeled::rolling_exp`]. Results are float64. Weights decay
/// through missing values, at which the last result is repeated; before the first value there is none.
#[derive(Clone)]
pub struct RollingExp<V> {
    obj: Labeled<V>,
    dim: Dim,
    decay: Decay,
}

impl<V: DataVars> Labeled<V> {
    /// Statistics along a dimension with weights that decay exponentially into the past: a span in elements, or another
    /// [`Decay`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Decay, Variable};
    /// let x = DataArray::new(None, Variable::new(["time"], Array::linspace(1.0, 3.0, 3)?)?, [])?;
    /// let smooth = x.rolling_exp("time", Decay::Alpha(0.5)).mean()?;
    /// assert!((smooth.isel("time", 1)?.item()? - (0.5 * 1.0 + 2.0) / 1.5).abs() < 1e-15);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn rolling_exp(&self, dim: impl AsRef<str>, decay: impl Into<Decay>) -> RollingExp<V> {
        RollingExp { obj: self.clone(), dim: Dim::new(dim), decay: decay.into() }
    }
}

macro_rules! statistics {
    ($($name:ident $doc:literal)+) => {
        impl<V: DataVars> RollingExp<V> {$(
            #[doc = $doc]
            ///
            /// Variables of a dataset that lack the dimension stay as they are.
            ///
            /// # Errors
            /// [`crate::Error::UnknownDim`] for a dimension that is not there, [`graticule_array::Error::Argument`] for a decay
            /// outside of its bounds.
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.of_one(|exponential| exponential.$name())
            }
        )+}
    };
}

statistics! {
    mean "The weighted mean of the values so far."
    sum "The weighted sum of the values so far; the newest has weight 1."
    var "The unbiased weighted variance of the values so far."
    std "The square root of [`RollingExp::var`]."
}

impl<V: DataVars> RollingExp<V> {
    fn of_one(
        &self,
        statistic: impl Fn(&graticule_array::RollingExp) -> graticule_array::Result<Array>,
    ) -> Result<Labeled<V>> {
        self.obj.size(&self.dim)?;
        let vars = only(&self.obj.vars, |variable| {
            variable.axis(&self.dim).is_none() || variable.dtype().is_numeric()
        });
        let vars = vars.map(|variable| match variable.axis(&self.dim) {
            None => Ok(variable.clone()),
            Some(axis) => variable
                .apply(|data| statistic(&data.astype(DType::F64)?.rolling_exp(axis as isize, self.decay)?)),
        })?;
        Ok(Labeled::from_parts(vars, self.obj.coords.clone()))
    }
}

impl RollingExp<crate::labeled::One> {
    /// The unbiased weighted covariance with another array so far, of pairs of which both are there.
    ///
    /// # Errors
    /// As [`RollingExp::mean`] and [`Labeled::binary`].
    pub fn cov(&self, other: &DataArray) -> Result<DataArray> {
        self.of_two(other, graticule_array::RollingExp::cov)
    }

    /// The weighted correlation with another array so far, of pairs of which both are there.
    ///
    /// # Errors
    /// As [`RollingExp::mean`] and [`Labeled::binary`].
    pub fn corr(&self, other: &DataArray) -> Result<DataArray> {
        self.of_two(other, graticule_array::RollingExp::corr)
    }

    fn of_two(
        &self,
        other: &DataArray,
        statistic: fn(&graticule_array::RollingExp, &Array) -> graticule_array::Result<Array>,
    ) -> Result<DataArray> {
        self.obj.size(&self.dim)?;
        // A sum has the dimensions, coordinates and name of the result; its values are not computed.
        let both = self.obj.binary(graticule_array::Binary::Add, other)?;
        let dims = both.dims().to_vec();
        let axis = both.variable().axis(&self.dim).unwrap_or(0) as isize;
        let arranged = |array: &DataArray| -> Result<Array> {
            Ok(array.variable().arranged(&dims)?.astype(DType::F64)?.broadcast_to(both.shape().to_vec())?)
        };
        let data = statistic(&arranged(&self.obj)?.rolling_exp(axis, self.decay)?, &arranged(other)?)?;
        let variable = both.variable().with_dims_and_data(dims.clone(), data)?.with_encoding(Encoding::new());
        let mut vars = both.vars.clone();
        vars.variable = variable;
        Ok(Labeled::from_parts(vars, both.coords.clone()))
    }
}
