//! Covariance and correlation matrices.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};

impl Array {
    /// The covariance matrix of variables, as `numpy.cov`: of the rows of a matrix, or of its columns where `by_rows` is
    /// false. The divisor is the number of observations less `ddof` (numpy's default is 1). An array with one axis is one
    /// variable; the result then has no axes.
    ///
    /// Observations are taken relative to the mean of their variable, in float64: two passes over the data, and no
    /// digits lost where means are large.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]), (2, 2))?;
    /// assert_eq!(x.cov(true, 1)?.compute()?.as_slice::<f64>()?, [1.0, -1.0, -1.0, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for more than two axes, [`Error::Dtype`] for text and times.
    pub fn cov(&self, by_rows: bool, ddof: usize) -> Result<Self> {
        let centered = centered(self, by_rows)?;
        let observations = centered.shape()[1];
        let products = centered.matmul(&centered.transpose()?)?;
        let covariance = (products / observations.saturating_sub(ddof) as f64)?;
        if self.ndim() < 2 { covariance.index_axis(0, 0)?.index_axis(0, 0) } else { Ok(covariance) }
    }

    /// The correlation matrix of variables, as `numpy.corrcoef`: of the rows of a matrix, or of its columns where
    /// `by_rows` is false. NaN where a variable does not vary.
    ///
    /// # Errors
    /// As [`Array::cov`].
    pub fn corrcoef(&self, by_rows: bool) -> Result<Self> {
        if self.ndim() < 2 {
            // 1, or NaN where the variable does not vary.
            return self.expand_dims(0)?.corrcoef(true)?.index_axis(0, 0)?.index_axis(0, 0);
        }
        let covariance = self.cov(by_rows, 1)?;
        let deviation = covariance.diagonal(0, 0, 1)?.sqrt()?;
        let correlation = ((covariance / deviation.expand_dims(1)?)? / deviation)?;
        // Rounding must not make a correlation of more than 1.
        correlation.clip(-1.0, 1.0)
    }
}

/// Variables by observations, each less the mean of its variable.
fn centered(array: &Array, by_rows: bool) -> Result<Array> {
    let matrix = match (array.ndim(), by_rows) {
        (0, _) => array.expand_dims(0)?.expand_dims(0)?,
        (1, _) => array.expand_dims(0)?,
        (2, true) => array.clone(),
        (2, false) => array.transpose()?,
        (ndim, _) => {
            return Err(Error::argument("axes", ndim, "a covariance is one of variables by observations"));
        }
    };
    let matrix = matrix.astype(DType::F64)?;
    let mean = matrix.reduce(Aggregation { kind: Statistic::Mean, skipna: false }, 1, true)?;
    matrix - mean
}
