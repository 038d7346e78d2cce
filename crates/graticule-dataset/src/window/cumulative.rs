//! Statistics of all elements so far.

use super::rolling::Rolling;
use crate::dims::Over;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};

/// Windows that reach from the start of dimensions to each element, made by [`Labeled::cumulative`]. They are those of
/// [`Rolling`] with the size of the dimension.
pub type Cumulative<V> = Rolling<V>;

impl<V: DataVars> Labeled<V> {
    /// Windows from the start of a dimension, or several, to each element: `min_periods` is 1 unless it is set. Sums,
    /// products, means, variances, extremes and counts along one dimension are running ones, over its chunks.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(1.0, 3.0, 3)?)?, [])?;
    /// assert_eq!(x.cumulative("x")?.mean()?.values::<f64>()?.into_raw_vec_and_offset().0, [1.0, 1.5, 2.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for no dimensions.
    pub fn cumulative(&self, dims: impl Into<Over>) -> Result<Cumulative<V>> {
        let dims = dims.into().resolve(&self.all_dims())?;
        let mut rolling: Option<Rolling<V>> = None;
        for dim in &dims {
            let size = self.size(dim)?.max(1);
            rolling = Some(match rolling {
                None => self.rolling(dim, size),
                Some(rolling) => rolling.and(dim, size),
            });
        }
        let rolling = rolling.ok_or_else(|| Error::argument("dims", "()", "there are no dimensions"))?;
        Ok(rolling.min_periods(1))
    }
}
