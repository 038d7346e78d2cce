//! Interpolation to the labels of other data.

use super::method::{Interp, InterpMethod};
use super::target::bare;
use crate::align::Reindex;
use crate::error::Result;
use crate::labeled::{DataArray, DataVars, Labeled};

impl<V: DataVars> Labeled<V> {
    /// The data at the labels that other data have along the dimensions of both, on lines between the known ones. Along
    /// texts they are reindexed; dimensions without labels in the other stay as they are.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let on = |labels: Vec<f64>, values: Vec<f64>| {
    ///     DataArray::new(None, Variable::from_vec("x", values)?, [("x".into(), Variable::from_vec("x", labels)?)])
    /// };
    /// let coarse = on(vec![0.0, 10.0], vec![1.0, 3.0])?;
    /// let fine = on(vec![0.0, 5.0, 10.0], vec![0.0; 3])?;
    /// assert_eq!(coarse.interp_like(&fine)?.values::<f64>()?.into_raw_vec_and_offset().0, [1.0, 2.0, 3.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::interp`].
    pub fn interp_like<W: DataVars>(&self, other: &Labeled<W>) -> Result<Self> {
        self.interp_like_with(other, InterpMethod::Linear)
    }

    /// The same by another method, or with other values outside the known labels.
    ///
    /// # Errors
    /// As [`Labeled::interp_with`].
    pub fn interp_like_with<W: DataVars>(
        &self,
        other: &Labeled<W>,
        options: impl Into<Interp>,
    ) -> Result<Self> {
        let mut labels: Vec<(String, DataArray)> = Vec::new();
        let mut result = self.clone();
        for dim in self.all_dims() {
            let Some(wanted) = other.coords.index_variable(&dim) else { continue };
            if wanted.dtype().is_numeric() && wanted.dtype() != graticule_array::DType::Bool
                || wanted.dtype().is_time()
            {
                labels.push((dim.to_string(), bare(wanted)?));
            } else {
                result = result.reindex(&dim, Reindex::to(wanted))?;
            }
        }
        result.interp_with(labels.iter().map(|(dim, wanted)| (dim, wanted)), options)
    }
}
