//! Weighted quantiles.

use graticule_array::{Array, Binary, DType, PadMode};

use super::weighted::{Pair, Weighted};
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::ops::{QUANTILE, Quantile, reshaped};

impl<V: DataVars> Weighted<V> {
    /// Weighted quantiles over one dimension, several, or with `()` all, float64. Several quantiles are a new first dimension
    /// `quantile`.
    ///
    /// The definition is that of xarray: quantiles of type 7 with the effective number of values of Kish, after A. Akinshin,
    /// "Weighted quantile estimators" (2023).
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0, 3.0])?, [])?;
    /// let weights = DataArray::new(None, Variable::from_vec("x", vec![1.0, 1.0, 1.0])?, [])?;
    /// assert_eq!(x.weighted(&weights)?.quantile(0.5, ())?.item()?, 2.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Weighted::mean`]; [`Error::Argument`] for quantiles that are not from 0 to 1 and methods other than linear.
    pub fn quantile(&self, q: impl Into<Quantile>, dims: impl Into<Over>) -> Result<Labeled<V>> {
        let (quantile, over) = (q.into(), self.resolve(&dims.into())?);
        let points = quantile.values();
        if let Some(q) = points.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(Error::argument("q", q, "use quantiles from 0 to 1"));
        }
        if !quantile.is_linear() {
            return Err(Error::argument("method", "of a weighted quantile", "there is only the linear one"));
        }
        let mut result = self.each(&over, |_, pair| {
            let mut dims: Vec<Dim> = pair.dims.iter().filter(|dim| !over.contains(dim)).cloned().collect();
            let sorted = Sorted::new(&pair, self.skips())?;
            let quantiles = points.iter().map(|&q| sorted.quantile(q));
            let quantiles = quantiles.collect::<graticule_array::Result<Vec<_>>>()?;
            let data = match (quantile.len(), quantiles.as_slice()) {
                (None, [one]) => one.clone(),
                (_, all) => {
                    dims.insert(0, Dim::new(QUANTILE));
                    Array::stack(all, 0)?
                }
            };
            Ok((dims, data))
        })?;
        result.coords.insert(QUANTILE.into(), quantile.labels()?)?;
        Ok(result)
    }
}

/// The values along the last axis in order, with the part of the weights that each has and those up to it.
struct Sorted {
    values: Array,
    /// Cumulative weights up to and with each value, of those up to the one before.
    upto: Array,
    before: Array,
    /// The effective number of values, along a last axis of length 1.
    count: Array,
    /// Whether there is no quantile.
    missing: Array,
}

impl Sorted {
    fn new(pair: &Pair, skipna: bool) -> graticule_array::Result<Self> {
        let shape = pair.data.binary(Binary::Multiply, &pair.weights)?.shape().to_vec();
        let flat = |array: &Array| -> graticule_array::Result<Array> {
            let array = array.astype(DType::F64)?.broadcast_to(&shape)?;
            let axes: Vec<isize> = pair.axes.iter().map(|&axis| axis as isize).collect();
            let last: Vec<isize> = (-(axes.len() as isize)..0).collect();
            let moved =
                if axes.is_empty() { array.expand_dims(-1)? } else { array.moveaxis(&axes, &last)? };
            let kept = pair.dims.len() - axes.len();
            let mut shape: Vec<usize> = moved.shape().iter().take(kept).copied().collect();
            shape.push(moved.shape().iter().skip(kept).product());
            reshaped(&moved, &shape)
        };
        let (values, weights) = (flat(&pair.data)?, flat(&pair.weights)?);
        let null = values.isnan()?;
        // What has no weight and what is missing has no part of a quantile, wherever it is in the order.
        let weights = null.choose(0.0, &weights)?;
        let filled = null.choose(0.0, &values)?;
        let order = filled.argsort(-1)?;
        let sorted = filled.take_along_axis(&order, -1)?;
        let weights = weights.take_along_axis(&order, -1)?;
        let total = weights.sum(-1)?.expand_dims(-1)?;
        let squares = weights.square()?.sum(-1)?.expand_dims(-1)?;
        let count = (total.square()? / squares)?;
        let upto = (&weights / &total)?.cumsum(-1)?;
        let mut widths = vec![(0, 0); upto.ndim()];
        if let Some(width) = widths.last_mut() {
            *width = (1, 0);
        }
        let len = upto.shape().last().copied().unwrap_or(0);
        let before = upto.pad(&widths, &PadMode::constant(0.0))?.stride_axis(-1, 0, 1, len)?;
        let mut missing = total.equal(0.0)?.any(-1)?;
        if !skipna {
            missing = (missing | null.any(-1)?)?;
        }
        Ok(Self { values: sorted, upto, before, count, missing })
    }

    fn quantile(&self, q: f64) -> graticule_array::Result<Array> {
        let n = &self.count;
        let h = ((&((n - 1.0)? * q)? + 1.0)?).maximum(1.0)?.minimum(n)?;
        let low = ((&h - 1.0)? / n)?;
        let high = (&h / n)?;
        // The part of each value between the two.
        let clipped = |weights: &Array| low.maximum(high.minimum(weights)?);
        let part = ((clipped(&self.upto)? - clipped(&self.before)?)? * n)?;
        let quantile = (&self.values * part)?.sum(-1)?;
        self.missing.choose(f64::NAN, quantile)
    }
}
