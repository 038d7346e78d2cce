//! Weighted statistics.

use graticule_array::{Array, Binary, DType};

use crate::align::{self, Join};
use crate::attrs::Encoding;
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::ops::union;
use crate::variable::Variable;

/// Data with weights, made by [`Labeled::weighted`], before it is said what is computed of them.
///
/// Missing data have no weight. Where all weights are 0 or all data missing, there is no mean and no variance.
#[derive(Clone)]
pub struct Weighted<V> {
    pub(super) obj: Labeled<V>,
    pub(super) weights: DataArray,
    skipna: bool,
    keep_attrs: bool,
}

impl<V: DataVars> Labeled<V> {
    /// The data with weights, which may lack dimensions of the data: `cos(lat)` for areas of a grid, the days of months.
    /// Labels that only one of them has are left out.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![0.0, 60.0])?;
    /// let data = Variable::from_vec("lat", vec![1.0, 4.0])?;
    /// let t2m = DataArray::new(Some("t2m"), data, [("lat".into(), lat)])?;
    /// let weights = t2m.coord("lat")?.deg2rad()?.cos()?;
    /// assert!((t2m.weighted(&weights)?.mean(())?.item()? - 2.0).abs() < 1e-12);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for missing weights; those that are lazy give the error while they are computed.
    /// [`Error::Alignment`] for labels that occur twice.
    pub fn weighted(&self, weights: &DataArray) -> Result<Weighted<V>> {
        let picks = align::picks(&[&self.coords, weights.coords()], Join::Inner)?;
        let (obj, weights) = (align::apply(self, &picks, 0)?, align::apply(weights, &picks, 1)?);
        union(&[weights.variable()])?;
        for (_, variable) in obj.vars.variables() {
            union(&[variable, weights.variable()])?;
        }
        let variable = weights.variable();
        let numbers = match variable.dtype() {
            DType::Bool => variable.map(|data| data.astype(DType::I64))?,
            dtype if !dtype.is_numeric() => {
                return Err(Error::argument("weights", format!("of {dtype}"), "weights are numbers"));
            }
            _ => variable.clone(),
        };
        let numbers = known(&numbers)?;
        let mut vars = weights.vars.clone();
        vars.variable = numbers;
        let weights = Labeled::from_parts(vars, weights.coords);
        Ok(Weighted { obj, weights, skipna: true, keep_attrs: true })
    }
}

/// The weights, none of which may be missing.
fn known(weights: &Variable) -> Result<Variable> {
    const HINT: &str = "weights cannot be missing; replace them first, such as by weights.fillna(0.0)";
    if !weights.dtype().has_missing() {
        return Ok(weights.clone());
    }
    if let Some(values) = weights.resident() {
        if values.to_f64().iter().any(|weight| weight.is_nan()) {
            return Err(Error::argument("weights", "NaN", HINT));
        }
        return Ok(weights.clone());
    }
    weights.map(|data| {
        data.map_blocks("weights", data.dtype(), |block| {
            if block.to_f64().iter().any(|weight| weight.is_nan()) {
                let hint = HINT.to_owned();
                return Err(graticule_array::Error::Argument {
                    argument: "weights",
                    value: "NaN".into(),
                    hint,
                });
            }
            Ok(block.clone())
        })
    })
}

/// A variable with its weights and what is summed over, arranged to broadcast.
pub(super) struct Pair {
    pub(super) dims: Vec<Dim>,
    pub(super) data: Array,
    pub(super) weights: Array,
    /// The axes to be folded.
    pub(super) axes: Vec<usize>,
}

impl<V: DataVars> Weighted<V> {
    /// Whether missing data are left out, which is the default; otherwise they make the result missing.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// Whether attributes stay, which is the default.
    pub fn keep_attrs(mut self, keep_attrs: bool) -> Self {
        self.keep_attrs = keep_attrs;
        self
    }

    pub(super) fn skips(&self) -> bool {
        self.skipna
    }

    /// The weighted mean over one dimension, several, or with `()` all.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that neither data nor weights have, and what the engine refuses.
    pub fn mean(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), |pair| pair.mean(self.skipna))
    }

    /// The sum of data times weights; 0 where all data are missing.
    ///
    /// # Errors
    /// As [`Weighted::mean`].
    pub fn sum(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), |pair| pair.sum(&pair.data, self.skipna))
    }

    /// The sum of the weights of data that are not missing; missing where it is 0.
    ///
    /// # Errors
    /// As [`Weighted::mean`].
    pub fn sum_of_weights(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), Pair::sum_of_weights)
    }

    /// The weighted sum of squared deviations from the weighted mean.
    ///
    /// # Errors
    /// As [`Weighted::mean`].
    pub fn sum_of_squares(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), |pair| pair.sum_of_squares(self.skipna))
    }

    /// The weighted variance: [`Weighted::sum_of_squares`] over [`Weighted::sum_of_weights`], without correction for bias.
    ///
    /// # Errors
    /// As [`Weighted::mean`].
    pub fn var(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), |pair| pair.var(self.skipna))
    }

    /// The square root of [`Weighted::var`].
    ///
    /// # Errors
    /// As [`Weighted::mean`].
    pub fn std(&self, dims: impl Into<Over>) -> Result<Labeled<V>> {
        self.fold(dims.into(), |pair| pair.var(self.skipna)?.sqrt())
    }

    /// The dimensions meant, out of those of data and weights.
    pub(super) fn resolve(&self, over: &Over) -> Result<Vec<Dim>> {
        let mut all = self.obj.all_dims();
        all.extend(self.weights.dims().iter().filter(|dim| self.obj.size(dim).is_err()).cloned());
        over.resolve(&all)
    }

    fn fold(&self, over: Over, f: impl Fn(&Pair) -> graticule_array::Result<Array>) -> Result<Labeled<V>> {
        let over = self.resolve(&over)?;
        self.each(&over, |_, pair| {
            let dims = pair.dims.iter().filter(|dim| !over.contains(dim)).cloned().collect();
            Ok((dims, f(&pair)?))
        })
    }

    /// A function of each variable with its weights.
    pub(super) fn each(
        &self,
        over: &[Dim],
        f: impl Fn(&Variable, Pair) -> Result<(Vec<Dim>, Array)>,
    ) -> Result<Labeled<V>> {
        let weights = self.weights.variable();
        let mut vars = self.obj.vars.map(|variable| {
            let dims = union(&[variable, weights])?;
            let axes =
                dims.iter().enumerate().filter(|(_, dim)| over.contains(dim)).map(|(axis, _)| axis).collect();
            let pair =
                Pair { data: variable.arranged(&dims)?, weights: weights.arranged(&dims)?, axes, dims };
            let (dims, data) = f(variable, pair)?;
            let mut result = variable.with_dims_and_data(dims, data)?.with_encoding(Encoding::new());
            if !self.keep_attrs {
                result.attrs_mut().clear();
            }
            Ok(result)
        })?;
        if !self.keep_attrs {
            vars.attrs_mut().clear();
        }
        let coords = self.obj.coords.merged(&self.weights.coords)?;
        let coords = coords.filtered(|_, variable| !variable.dims().iter().any(|dim| over.contains(dim)));
        let kept: Vec<Dim> = vars.dims();
        let coords = coords.filtered(|name, variable| {
            self.obj.coords.contains(name) || variable.dims().iter().all(|dim| kept.contains(dim))
        });
        Ok(Labeled::from_parts(vars, coords))
    }
}

impl Pair {
    /// The sum of values times weights.
    fn sum(&self, values: &Array, skipna: bool) -> graticule_array::Result<Array> {
        let filled = match skipna && values.dtype().has_missing() {
            true => values.isnan()?.choose(0.0, values)?,
            false => values.clone(),
        };
        self.total(&(&filled * &self.weights)?)
    }

    fn total(&self, products: &Array) -> graticule_array::Result<Array> {
        // Axes that only one of them has are those of the product, except leading ones that both lack.
        let missing = self.dims.len() - products.ndim();
        let axes: Vec<usize> = self.axes.iter().filter_map(|axis| axis.checked_sub(missing)).collect();
        products.sum(axes.as_slice())
    }

    fn sum_of_weights(&self) -> graticule_array::Result<Array> {
        let present = match (self.data.dtype().has_missing(), self.weights.dtype().is_float()) {
            (true, true) => self.data.isnan()?.choose(0.0, &self.weights)?,
            (true, false) => self.data.isnan()?.logical_not()?.binary(Binary::Multiply, &self.weights)?,
            (false, _) => {
                Array::full(true, self.data.shape(), "auto")?.binary(Binary::Multiply, &self.weights)?
            }
        };
        let total = self.total(&present)?;
        let total = if total.dtype().has_missing() { total } else { total.astype(DType::F64)? };
        total.equal(0.0)?.choose(f64::NAN, &total)
    }

    /// The sum of the weights in the dtype of data times weights: float32 weights would give their digits to a mean of
    /// float64 data.
    fn divisor(&self) -> graticule_array::Result<Array> {
        let dtype = (&self.data * &self.weights)?.dtype();
        if !dtype.is_float() || !self.weights.dtype().is_float() {
            return self.sum_of_weights();
        }
        let Self { dims, data, weights, axes } = self;
        let weights = weights.astype(dtype)?;
        Self { dims: dims.clone(), data: data.clone(), weights, axes: axes.clone() }.sum_of_weights()
    }

    fn mean(&self, skipna: bool) -> graticule_array::Result<Array> {
        self.sum(&self.data, skipna)? / self.divisor()?
    }

    fn sum_of_squares(&self, skipna: bool) -> graticule_array::Result<Array> {
        let mut mean = self.mean(skipna)?;
        for &axis in &self.axes {
            mean = mean.expand_dims(axis as isize)?;
        }
        self.sum(&(&self.data - mean)?.square()?, skipna)
    }

    fn var(&self, skipna: bool) -> graticule_array::Result<Array> {
        self.sum_of_squares(skipna)? / self.divisor()?
    }
}
