//! What runs along a dimension: sums and products so far, and values carried into gaps.

use graticule_array::{Array, DType};

use super::reduce::only;
use crate::dims::Over;
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};

macro_rules! cumulative {
    ($($name:ident $with_missing:ident $skipping:ident $doc:literal)+) => {
        impl<V: DataVars> Labeled<V> {$(
            #[doc = $doc]
            ///
            /// Along one dimension, or several one after the other, or with `()` all. Missing values are left out.
            /// Narrow integers and bools become int64, unsigned ones uint64. Coordinates stay.
            ///
            /// # Errors
            /// [`crate::Error::UnknownDim`] for a dimension that is not there, and what the engine refuses.
            pub fn $name(&self, dims: impl Into<Over>) -> Result<Self> {
                self.accumulated(dims.into(), Array::$skipping)
            }

            /// The same with missing values that make all later ones missing: xarray's `skipna=False`.
            ///
            /// # Errors
            /// As without.
            pub fn $with_missing(&self, dims: impl Into<Over>) -> Result<Self> {
                self.accumulated(dims.into(), Array::$name)
            }
        )+}
    };
}

cumulative! {
    cumsum cumsum_with_missing nancumsum "The sum of the values up to each."
    cumprod cumprod_with_missing nancumprod "The product of the values up to each."
}

impl<V: DataVars> Labeled<V> {
    fn accumulated(
        &self,
        over: Over,
        accumulate: impl Fn(&Array, isize) -> graticule_array::Result<Array>,
    ) -> Result<Self> {
        let over = over.resolve(&self.all_dims())?;
        let defined = |dtype: DType| dtype.is_numeric() || matches!(dtype, DType::Timedelta(_));
        let vars = only(&self.vars, |variable| defined(variable.dtype()));
        let vars = vars.map(|variable| {
            let axes: Vec<usize> = over.iter().filter_map(|dim| variable.axis(dim)).collect();
            variable.apply(|data| {
                axes.iter().try_fold(data.clone(), |data, &axis| accumulate(&data, axis as isize))
            })
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }

    /// Missing values replaced by the last one before them along a dimension, at most `limit` steps away.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let level = Variable::from_vec("time", vec![1.0, f64::NAN, f64::NAN, 4.0])?;
    /// let level = DataArray::new(None, level, [])?;
    /// assert_eq!(level.ffill("time", None)?.sum(())?.item()?, 7.0);
    /// assert_eq!(level.ffill("time", 1)?.sum(())?.item()?, 6.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension that is not there.
    pub fn ffill(&self, dim: &str, limit: impl Into<Option<usize>>) -> Result<Self> {
        let limit = limit.into();
        self.along(dim, |data, axis| data.ffill(axis, limit))
    }

    /// Missing values replaced by the next one behind them along a dimension, at most `limit` steps away.
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension that is not there.
    pub fn bfill(&self, dim: &str, limit: impl Into<Option<usize>>) -> Result<Self> {
        let limit = limit.into();
        self.along(dim, |data, axis| data.bfill(axis, limit))
    }

    /// A function along one dimension, of the variables that have it.
    pub(super) fn along(
        &self,
        dim: &str,
        f: impl Fn(&Array, isize) -> graticule_array::Result<Array>,
    ) -> Result<Self> {
        self.size(dim)?;
        let vars = self.vars.map(|variable| match variable.axis(dim) {
            Some(axis) => variable.apply(|data| f(data, axis as isize)),
            None => Ok(variable.clone()),
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}
