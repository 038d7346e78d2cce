//! Windows that slide along dimensions.

use graticule_array::{Array, DType, PadMode, Scalar, Statistic, WindowStatistic};

use super::expanding::moving;
use super::separable::separable;
use crate::align::{able_to_miss, missing_value};
use crate::attrs::Encoding;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// Windows that slide along one dimension or several, made by [`Labeled::rolling`], before it is said what is computed of
/// them.
///
/// The result has the shape and the coordinates of the data: each value belongs to the window that ends there, or with
/// [`Rolling::center`] to the one around it. Missing values are left out. Where fewer than [`Rolling::min_periods`] values
/// are left, or lie inside the data, the result is missing. Results are float64, and float32 of float32 but for counts,
/// positions and medians.
#[derive(Clone)]
pub struct Rolling<V> {
    pub(super) obj: Labeled<V>,
    pub(super) windows: Vec<Window>,
    min_periods: Option<usize>,
    ddof: usize,
    stride: usize,
    fill_value: Option<Scalar>,
}

#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) dim: Dim,
    pub(super) size: usize,
    pub(super) center: bool,
}

impl Window {
    /// How many elements lie before the one that the window belongs to.
    pub(super) fn behind(&self) -> usize {
        if self.center { self.size / 2 } else { self.size.saturating_sub(1) }
    }
}

impl<V: DataVars> Labeled<V> {
    /// Windows of `size` elements that slide along a dimension. [`Rolling::and`] adds other dimensions.
    ///
    /// A statistic takes the same time however long the window is, and reads the data once. What cannot be is told by the
    /// method that computes.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["time"], Array::linspace(0.0, 5.0, 6)?)?, [])?;
    /// let smooth = x.rolling("time", 3).center(true).min_periods(2).mean()?;
    /// assert_eq!(smooth.values::<f64>()?.into_raw_vec_and_offset().0, [0.5, 1.0, 2.0, 3.0, 4.0, 4.5]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn rolling(&self, dim: impl AsRef<str>, size: usize) -> Rolling<V> {
        let obj = self.clone();
        let windows = vec![Window { dim: Dim::new(dim), size, center: false }];
        Rolling { obj, windows, min_periods: None, ddof: 0, stride: 1, fill_value: None }
    }
}

macro_rules! statistics {
    ($($name:ident $statistic:expr, $doc:literal)+) => {
        impl<V: DataVars> Rolling<V> {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Rolling::mean`].
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.statistic(&$statistic)
            }
        )+}
    };
}

statistics! {
    sum WindowStatistic::Of(Statistic::Sum), "The sum of each window."
    prod WindowStatistic::Of(Statistic::Prod), "The product of each window."
    min WindowStatistic::Of(Statistic::Min), "The smallest value of each window."
    max WindowStatistic::Of(Statistic::Max), "The largest value of each window."
    median WindowStatistic::Median, "The middle value of each window, or the mean of the two."
    argmin WindowStatistic::Of(Statistic::Argmin), "Where in its window the first smallest value is, from the start of the window."
    argmax WindowStatistic::Of(Statistic::Argmax), "Where in its window the first largest value is, from the start of the window."
    count WindowStatistic::Of(Statistic::Count), "How many values of each window are not missing."
}

impl<V: DataVars> Rolling<V> {
    /// These windows along another dimension too.
    pub fn and(mut self, dim: impl AsRef<str>, size: usize) -> Self {
        self.windows.push(Window { dim: Dim::new(dim), size, center: false });
        self
    }

    /// Whether a result belongs to the middle of its window instead of its end, along all dimensions. Of an even number of
    /// elements the one after the middle is meant.
    pub fn center(mut self, center: bool) -> Self {
        for window in &mut self.windows {
            window.center = center;
        }
        self
    }

    /// The same along one dimension.
    pub fn center_along(mut self, dim: &str, center: bool) -> Self {
        for window in self.windows.iter_mut().filter(|window| window.dim == dim) {
            window.center = center;
        }
        self
    }

    /// How many values of a window must be there: at least 1. By default all.
    pub fn min_periods(mut self, min_periods: usize) -> Self {
        self.min_periods = Some(min_periods);
        self
    }

    /// Delta degrees of freedom of [`Rolling::var`] and [`Rolling::std`]: their divisor is `n - ddof`.
    pub fn ddof(mut self, ddof: usize) -> Self {
        self.ddof = ddof;
        self
    }

    /// For [`Rolling::construct`]: takes every so many windows along each dimension.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// For [`Rolling::construct`]: what stands for elements outside of the data, instead of missing values. The dtype of the
    /// data stays and has to hold it.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.fill_value = Some(value.into());
        self
    }

    /// The arithmetic mean of each window.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for a window without elements and for
    /// `min_periods` of 0 or above the size of the window, [`graticule_array::Error::Dtype`] where the statistic is not defined.
    pub fn mean(&self) -> Result<Labeled<V>> {
        self.statistic(&WindowStatistic::Of(Statistic::Mean))
    }

    /// The variance of each window.
    ///
    /// # Errors
    /// As [`Rolling::mean`].
    pub fn var(&self) -> Result<Labeled<V>> {
        self.statistic(&WindowStatistic::Of(Statistic::Var { ddof: self.ddof }))
    }

    /// The standard deviation of each window.
    ///
    /// # Errors
    /// As [`Rolling::mean`].
    pub fn std(&self) -> Result<Labeled<V>> {
        self.statistic(&WindowStatistic::Of(Statistic::Std { ddof: self.ddof }))
    }

    /// A statistic of each window, over the dimensions that a variable has. Variables without any stay as they are.
    fn statistic(&self, statistic: &WindowStatistic) -> Result<Labeled<V>> {
        self.check()?;
        let vars = self.obj.vars.map(|variable| {
            let windows: Vec<&Window> = self.windows_of(variable);
            let least = self.least(&windows);
            let data = match windows.as_slice() {
                [] => return Ok(variable.clone()),
                [window] => along(variable, window, statistic, least)?,
                windows => several(variable, windows, statistic, least)?,
            };
            variable
                .with_dims_and_data(variable.dims().to_vec(), data)
                .map(|v| v.with_encoding(Encoding::new()))
        })?;
        Ok(Labeled::from_parts(vars, self.obj.coords.clone()))
    }

    pub(super) fn windows_of(&self, variable: &Variable) -> Vec<&Window> {
        self.windows.iter().filter(|window| variable.axis(&window.dim).is_some()).collect()
    }

    /// How many values of windows along some dimensions must be there.
    pub(super) fn least(&self, windows: &[&Window]) -> usize {
        self.min_periods.unwrap_or_else(|| windows.iter().map(|window| window.size).product())
    }

    fn check(&self) -> Result<()> {
        for (i, window) in self.windows.iter().enumerate() {
            self.obj.size(&window.dim)?;
            if window.size == 0 {
                return Err(Error::argument("size", 0, "use windows of at least one element"));
            }
            if self.windows.iter().take(i).any(|other| other.dim == window.dim) {
                return Err(Error::argument("dim", format!("{:?}", window.dim), "name each dimension once"));
            }
        }
        let elements: usize = self.windows.iter().map(|window| window.size).fold(1, usize::saturating_mul);
        match self.min_periods {
            Some(least) if least == 0 || least > elements => {
                let hint = format!("give 1 to {elements}, the elements of a window");
                Err(Error::argument("min_periods", least, hint))
            }
            _ => Ok(()),
        }
    }

    /// The windows themselves, along a new last dimension for each dimension that they slide along.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
    /// let windows = x.rolling("x", 2).fill_value(0i64).construct(["w"])?;
    /// assert_eq!(windows.values::<i64>()?.into_raw_vec_and_offset().0, [0, 0, 0, 1, 1, 2, 2, 3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there is not one new name for each dimension, and as [`Rolling::mean`].
    pub fn construct(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Labeled<V>> {
        self.check()?;
        let names: Vec<Dim> = names.into_iter().map(Dim::new).collect();
        if names.len() != self.windows.len() {
            let hint = format!(
                "give a name for each of the {} dimensions that the windows slide along",
                self.windows.len()
            );
            return Err(Error::argument("names", crate::error::listed(&names), hint));
        }
        if self.stride == 0 {
            return Err(Error::argument("stride", 0, "use 1 or more"));
        }
        let vars = self.obj.vars.map(|variable| {
            let mut variable = variable.clone();
            for (window, name) in self.windows.iter().zip(&names) {
                if let Some(axis) = variable.axis(&window.dim) {
                    let data = constructed(variable.data(), axis, window, self.fill_value.as_ref())?;
                    let mut dims = variable.dims().to_vec();
                    dims.push(name.clone());
                    variable = variable.with_dims_and_data(dims, data)?.with_encoding(Encoding::new());
                }
            }
            Ok(variable)
        })?;
        let mut result = Labeled::from_parts(vars, self.obj.coords.clone());
        if self.stride > 1 {
            for window in &self.windows {
                let step = isize::try_from(self.stride).unwrap_or(isize::MAX);
                result = result.isel(&window.dim, ndarray::Slice::new(0, None, step))?;
            }
        }
        Ok(result)
    }

    /// A function of the windows: it gets the windows along new dimensions and the names of these, and folds them. Where too
    /// few values are there, the result is missing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(0.0, 3.0, 4)?)?, [])?;
    /// let range = x.rolling("x", 3).reduce(|windows, dims| windows.max(dims)? - windows.min(dims)?)?;
    /// assert_eq!(range.isel("x", -1)?.item()?, 2.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the function gives, and as [`Rolling::mean`].
    pub fn reduce(
        &self,
        function: impl FnOnce(&Labeled<V>, &[Dim]) -> Result<Labeled<V>>,
    ) -> Result<Labeled<V>> {
        let names: Vec<Dim> =
            self.windows.iter().map(|window| Dim::new(format!("_rolling_{}", window.dim))).collect();
        let plain = Self { stride: 1, fill_value: None, ..self.clone() };
        let windows = plain.construct(&names)?;
        let results = function(&windows, &names)?;
        let counts = self.statistic(&WindowStatistic::Of(Statistic::Count))?;
        let mut counts =
            counts.vars.variables().map(|(_, variable)| variable).collect::<Vec<_>>().into_iter();
        let originals = self.obj.vars.variables().map(|(_, variable)| self.windows_of(variable).is_empty());
        let mut untouched = originals.collect::<Vec<_>>().into_iter();
        if results.vars.variables().count() != counts.len() {
            let hint = "the function has to keep all variables";
            return Err(Error::argument("function", "other variables", hint));
        }
        let vars = results.vars.map(|variable| match (counts.next(), untouched.next()) {
            (Some(count), Some(false)) => {
                let data = able_to_miss(variable.data().clone())?;
                let enough = count.transpose(variable.dims())?.data().isnan()?.logical_not()?;
                let missing = missing_value(data.dtype());
                variable.with_dims_and_data(variable.dims().to_vec(), enough.choose(&data, missing)?)
            }
            _ => Ok(variable.clone()),
        })?;
        Ok(Labeled::from_parts(vars, results.coords))
    }
}

/// The dtype that a statistic has in xarray, where it is not that of the engine.
fn dtype_of(statistic: &WindowStatistic) -> Option<DType> {
    match statistic {
        WindowStatistic::Median
        | WindowStatistic::Of(Statistic::Count | Statistic::Argmin | Statistic::Argmax) => Some(DType::F64),
        WindowStatistic::Of(_) => None,
    }
}

fn along(variable: &Variable, window: &Window, statistic: &WindowStatistic, least: usize) -> Result<Array> {
    let axis = variable.axis(&window.dim).unwrap_or(0);
    let data = variable.data();
    let len = data.shape().get(axis).copied().unwrap_or(0);
    if least > len || len == 0 {
        // No window has as many values.
        let dtype = dtype_of(statistic).unwrap_or(able_to_miss(data.clone())?.dtype());
        let dtype = if dtype.is_numeric() && dtype != DType::F32 { DType::F64 } else { dtype };
        return Ok(Array::full(missing_value(dtype), data.shape(), "auto")?.astype(dtype)?);
    }
    let moving = moving(data, axis, window, statistic, least)?;
    match dtype_of(statistic) {
        Some(dtype) if moving.dtype().is_numeric() => Ok(moving.astype(dtype)?),
        _ => Ok(moving),
    }
}

/// A statistic of windows along several dimensions: one dimension after another where that gives the same, else of the
/// windows themselves.
fn several(
    variable: &Variable,
    windows: &[&Window],
    statistic: &WindowStatistic,
    least: usize,
) -> Result<Array> {
    if let Some(result) = separable(variable, windows, statistic, least)? {
        return Ok(result);
    }
    let mut constructed_all = variable.data().clone();
    for window in windows {
        let axis = variable.axis(&window.dim).unwrap_or(0);
        constructed_all = constructed(&constructed_all, axis, window, None)?;
    }
    let new = || -> Vec<isize> { (-(windows.len() as isize)..0).collect() };
    let result = match statistic {
        WindowStatistic::Median => constructed_all.nanmedian(new())?,
        WindowStatistic::Of(kind) => {
            let aggregation = graticule_array::Aggregation { kind: kind.clone(), skipna: true };
            constructed_all.reduce(aggregation, new(), false)?
        }
    };
    let result = match dtype_of(statistic) {
        Some(dtype) => result.astype(dtype)?,
        None => result,
    };
    let count = constructed_all.count(new())?;
    let result = able_to_miss(result)?;
    let missing = missing_value(result.dtype());
    Ok(count.greater_equal(least as i64)?.choose(&result, missing)?)
}

/// Windows along a new last axis.
fn constructed(data: &Array, axis: usize, window: &Window, fill: Option<&Scalar>) -> Result<Array> {
    let Some(fill) = fill else {
        let data = able_to_miss(data.clone())?;
        return Ok(data.rolling(axis as isize, window.size)?.center(window.center).construct()?);
    };
    let mut widths = vec![(0, 0); data.ndim()];
    if let Some(width) = widths.get_mut(axis) {
        *width = (window.behind(), window.size - 1 - window.behind());
    }
    let padded = data.pad(&widths, &PadMode::constant(fill.clone()))?;
    Ok(padded.sliding_window_view(window.size, axis as isize)?)
}
