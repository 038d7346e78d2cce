//! What depends on the order of values: quantiles and ranks.

use graticule_array::{Array, DType, Points, QuantileMethod};

use super::reduce::{of_nothing, only};
use crate::attrs::Encoding;
use crate::dims::{Dim, Over};
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// The name of the dimension and of the coordinate of quantiles.
pub(crate) const QUANTILE: &str = "quantile";

/// Which quantiles, and how they are estimated. A number is one quantile, a list several.
///
/// ```
/// use graticule_array::{Array, QuantileMethod};
/// use graticule_dataset::{DataArray, Quantile, Variable};
/// let x = DataArray::new(None, Variable::new(["x"], Array::arange(11)?)?, [])?;
/// assert_eq!(x.quantile(0.25, "x")?.item()?, 2.5);
/// assert_eq!(x.quantile([0.0, 1.0], "x")?.dims(), ["quantile"]);
/// let lower = Quantile::new(0.25).method(QuantileMethod::Lower);
/// assert_eq!(x.quantile(lower, "x")?.item()?, 2.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Quantile {
    q: Vec<f64>,
    is_one: bool,
    method: QuantileMethod,
    skipna: bool,
    keep_attrs: bool,
}

impl Quantile {
    /// A quantile, or several, of the values that are not missing, by linear interpolation.
    pub fn new(q: impl Into<Self>) -> Self {
        q.into()
    }

    fn of(q: Vec<f64>, is_one: bool) -> Self {
        Self { q, is_one, method: QuantileMethod::Linear, skipna: true, keep_attrs: true }
    }

    /// How a quantile between two values is estimated.
    pub fn method(mut self, method: QuantileMethod) -> Self {
        self.method = method;
        self
    }

    /// Whether missing values are left out, which is the default; otherwise they make the result missing.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// Whether attributes stay, which is the default.
    pub fn keep_attrs(mut self, keep_attrs: bool) -> Self {
        self.keep_attrs = keep_attrs;
        self
    }

    fn points(&self) -> Points {
        match self.q.as_slice() {
            [q] if self.is_one => Points::from(*q),
            q => Points::from(q),
        }
    }

    /// How many there are, where they are a list.
    pub(crate) fn len(&self) -> Option<usize> {
        (!self.is_one).then_some(self.q.len())
    }

    /// Which.
    pub(crate) fn values(&self) -> &[f64] {
        &self.q
    }

    /// Whether they are estimated by linear interpolation.
    pub(crate) fn is_linear(&self) -> bool {
        self.method == QuantileMethod::Linear
    }

    /// Those of the values along the last axis; several along a new first one.
    pub(crate) fn along_last(&self, values: &Array) -> graticule_array::Result<Array> {
        match self.skipna {
            true => values.nanquantile(self.points(), -1, self.method),
            false => values.quantile(self.points(), -1, self.method),
        }
    }

    /// The coordinate that says which.
    pub(crate) fn labels(&self) -> Result<Variable> {
        match self.q.as_slice() {
            [q] if self.is_one => Variable::scalar(*q),
            q => Variable::from_vec(QUANTILE, q.to_vec()),
        }
    }

    fn apply(&self, variable: &Variable, over: &[Dim]) -> Result<Variable> {
        let axes: Vec<usize> = over.iter().filter_map(|dim| variable.axis(dim)).collect();
        if axes.is_empty() && variable.ndim() > 0 {
            return Ok(variable.clone());
        }
        let data = variable.data();
        let data = if data.dtype().is_time() { data.clone() } else { data.astype(DType::F64)? };
        let mut dims: Vec<Dim> = variable.dims().iter().filter(|dim| !over.contains(dim)).cloned().collect();
        let folded: usize = axes.iter().filter_map(|&axis| data.shape().get(axis)).product();
        let same_for_all = match axes.is_empty() {
            true => Some(data.clone()),
            false if folded == 0 => Some(of_nothing(&data, &axes)?),
            false => None,
        };
        let quantiles = match same_for_all {
            Some(value) if self.is_one => value,
            Some(value) => Array::stack(&vec![value; self.q.len()], 0)?,
            None if self.skipna => data.nanquantile(self.points(), axes.as_slice(), self.method)?,
            None => data.quantile(self.points(), axes.as_slice(), self.method)?,
        };
        if !self.is_one {
            dims.insert(0, Dim::new(QUANTILE));
        }
        let mut variable = variable.with_dims_and_data(dims, quantiles)?.with_encoding(Encoding::new());
        if !self.keep_attrs {
            variable.attrs_mut().clear();
        }
        Ok(variable)
    }
}

impl From<f64> for Quantile {
    fn from(q: f64) -> Self {
        Self::of(vec![q], true)
    }
}

impl<const N: usize> From<[f64; N]> for Quantile {
    fn from(q: [f64; N]) -> Self {
        Self::of(q.to_vec(), false)
    }
}

impl From<&[f64]> for Quantile {
    fn from(q: &[f64]) -> Self {
        Self::of(q.to_vec(), false)
    }
}

impl From<Vec<f64>> for Quantile {
    fn from(q: Vec<f64>) -> Self {
        Self::of(q, false)
    }
}

impl<V: DataVars> Labeled<V> {
    /// Quantiles over one dimension, several, or with `()` all; float64 of numbers, and the dtype of times.
    ///
    /// A coordinate `quantile` says which; several quantiles are a new first dimension of that name. As in xarray,
    /// coordinates without dimensions are dropped, and variables of a dataset that lack all of the dimensions stay
    /// as they are. Texts and bools of a dataset are left out. Infinite values and memory are as in
    /// [`Array::quantile`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "x"], Array::ones((5, 3), "auto")?)?;
    /// let extremes = DataArray::new(None, data, [])?.quantile([0.05, 0.95], "time")?;
    /// assert_eq!(extremes.dims(), ["quantile", "x"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension that is not there; as [`Array::quantile`].
    pub fn quantile(&self, q: impl Into<Quantile>, dims: impl Into<Over>) -> Result<Self> {
        let (quantile, over) = (q.into(), dims.into().resolve(&self.all_dims())?);
        let vars = only(&self.vars, |variable| !matches!(variable.dtype(), DType::Str | DType::Bool));
        let mut vars = vars.map(|variable| quantile.apply(variable, &over))?;
        if !quantile.keep_attrs {
            vars.attrs_mut().clear();
        }
        let mut coords = self.coords.filtered(|name, variable| {
            name != QUANTILE && variable.ndim() > 0 && !variable.dims().iter().any(|dim| over.contains(dim))
        });
        coords.insert(QUANTILE.into(), quantile.labels()?)?;
        Ok(Self::from_parts(vars, coords))
    }

    /// The rank of each value along a dimension, from 1, float64; equal values share the mean of their ranks. What is
    /// missing has no rank. Variables of a dataset that lack the dimension are left out.
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension that is not there; text has no rank.
    pub fn rank(&self, dim: &str) -> Result<Self> {
        self.ranked(dim, |data, axis| data.rank(axis))
    }

    /// The rank of each value among those that are not missing, from just above 0 to 1: xarray's `rank(pct=True)`.
    ///
    /// # Errors
    /// As [`Labeled::rank`].
    pub fn rank_pct(&self, dim: &str) -> Result<Self> {
        self.ranked(dim, |data, axis| data.rank(axis)? / data.count(axis)?.expand_dims(axis)?)
    }

    fn ranked(
        &self,
        dim: &str,
        rank: impl Fn(&Array, isize) -> graticule_array::Result<Array>,
    ) -> Result<Self> {
        self.size(dim)?;
        let vars =
            only(&self.vars, |variable| variable.axis(dim).is_some() && variable.dtype() != DType::Str);
        let vars = vars.map(|variable| match variable.axis(dim) {
            Some(axis) => variable.apply(|data| rank(data, axis as isize)),
            None => Err(crate::error::Error::unknown_dim(dim, variable.dims().to_vec())),
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}
