//! Differences, derivatives and integrals along a coordinate.

use graticule_array::{Array, DType};

use super::scale::{Origin, Scale, parse_unit, step_of, units_per_count};
use crate::attrs::{Attrs, Encoding};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::Pick;
use crate::time::Step;
use crate::variable::Variable;

/// How often differences are taken, and which labels they get. A number is an order, with upper labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diff {
    order: usize,
    lower: bool,
}

impl Diff {
    /// Differences of differences, `order` times over, under the labels of the later element.
    pub fn upper(order: usize) -> Self {
        Self { order, lower: false }
    }

    /// The same under the labels of the earlier element.
    pub fn lower(order: usize) -> Self {
        Self { order, lower: true }
    }
}

impl From<usize> for Diff {
    fn from(order: usize) -> Self {
        Self::upper(order)
    }
}

/// A coordinate to differentiate or integrate along, with options. A text is the name of a coordinate.
///
/// ```
/// use graticule_dataset::Along;
/// let along = Along::coord("time").datetime_unit("D").edge_order(2);
/// # let _ = along;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Along {
    coord: String,
    edge_order: usize,
    unit: Option<String>,
}

impl Along {
    /// A coordinate with one dimension, or a dimension, whose positions count where it has no coordinate.
    pub fn coord(name: impl Into<String>) -> Self {
        Self { coord: name.into(), edge_order: 1, unit: None }
    }

    /// The order of the one-sided differences at the ends, 1 or 2. Integrals ignore it.
    pub fn edge_order(mut self, edge_order: usize) -> Self {
        self.edge_order = edge_order;
        self
    }

    /// The unit of time along a coordinate of times, such as `"D"`, `"h"`, `"s"`. Without one it is the unit in
    /// which the times are stored, often nanoseconds.
    pub fn datetime_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    fn step(&self) -> Result<Option<Step>> {
        self.unit.as_deref().map(parse_unit).transpose()
    }
}

impl From<&str> for Along {
    fn from(name: &str) -> Self {
        Self::coord(name)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The differences of neighbours along a dimension, `1` or more times over. Coordinates lose as many labels at the
    /// start, or with [`Diff::lower`] at the end. Differences of times are durations, those of bools say whether they
    /// differ; unsigned integers wrap.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Diff, Variable};
    /// let x = Variable::from_vec("x", vec![10.0, 20.0, 30.0])?;
    /// let y = DataArray::new(None, Variable::from_vec("x", vec![1, 4, 9])?, [("x".into(), x)])?;
    /// assert_eq!(y.diff("x", 1)?.variable().values()?.as_slice::<i32>()?, [3, 5]);
    /// let labels = |y: DataArray| y.coords().labels("x").map(|x| x.to_f64());
    /// assert_eq!(labels(y.diff("x", 1)?), Some(vec![20.0, 30.0]));
    /// assert_eq!(labels(y.diff("x", Diff::lower(1))?), Some(vec![10.0, 20.0]));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there; texts have no differences.
    pub fn diff(&self, dim: &str, n: impl Into<Diff>) -> Result<Self> {
        let Diff { order, lower } = n.into();
        let len = self.size(dim)?;
        let kept = len.saturating_sub(order);
        let start = if lower || kept == 0 { 0 } else { order };
        let pick = Pick::Stride { start, step: 1, len: kept };
        let coords = self.coords.mapped(|_, variable| Ok(Some(variable.pick(dim, &pick)?)))?;
        let differences = self.along(dim, |data, axis| data.diff(order, axis))?;
        Ok(Self::from_parts(differences.vars, coords))
    }

    /// The derivative along a coordinate, by second-order central differences, one-sided at the ends.
    ///
    /// Neighbours are weighted by their distances, as in numpy's `gradient`. Along times it is per their unit, or per
    /// that of [`Along::datetime_unit`]. Integers give float64. The attributes of variables that are
    /// differentiated are dropped, as in xarray: their units are no longer true.
    ///
    /// ```
    /// use graticule_dataset::{Along, DataArray, Variable};
    /// let x = Variable::from_vec("x", vec![0.0, 1.0, 3.0])?;
    /// let y = DataArray::new(None, Variable::from_vec("x", vec![0.0, 1.0, 9.0])?, [("x".into(), x)])?;
    /// assert_eq!(y.differentiate("x")?.variable().values()?.as_slice::<f64>()?, [1.0, 2.0, 4.0]);
    /// assert_eq!(y.differentiate(Along::coord("x").edge_order(2))?.variable().values()?.as_slice::<f64>()?, [0.0, 2.0, 6.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a coordinate that is not there, [`Error::Argument`] for one with several dimensions
    /// and for too few points.
    pub fn differentiate(&self, along: impl Into<Along>) -> Result<Self> {
        let along = along.into();
        let step = along.step()?;
        let scale = self.scale(&along.coord, step, Origin::First)?;
        let vars = self.vars.map(|variable| {
            let Some(axis) = variable.axis(&scale.dim) else { return Ok(variable.clone()) };
            let data = numbers(variable.data(), step)?;
            let slope = data.gradient(scale.numbers.clone(), axis as isize, along.edge_order)?;
            measured(variable, variable.dims().to_vec(), slope)
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }

    /// The integral along a coordinate by the trapezoidal rule. Missing values make it missing. Along several
    /// coordinates, integrate one after the other.
    ///
    /// Coordinates along the dimension vanish, and the attributes of variables that are integrated. Along times the
    /// unit is that of [`Along::datetime_unit`], or that in which they are stored.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = Variable::from_vec("x", vec![0.0, 1.0, 3.0])?;
    /// let y = DataArray::new(None, Variable::from_vec("x", vec![1.0, 3.0, 1.0])?, [("x".into(), x)])?;
    /// assert_eq!(y.integrate("x")?.item()?, 6.0);
    /// assert_eq!(y.cumulative_integrate("x")?.variable().values()?.as_slice::<f64>()?, [0.0, 2.0, 6.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::differentiate`]; times and texts have no integral.
    pub fn integrate(&self, along: impl Into<Along>) -> Result<Self> {
        let along = along.into();
        let scale = self.scale(&along.coord, along.step()?, Origin::First)?;
        let vars = self.vars.map(|variable| {
            let Some(axis) = variable.axis(&scale.dim) else { return Ok(variable.clone()) };
            let area = variable.data().trapezoid(scale.numbers.clone(), axis as isize)?;
            let dims = variable.dims().iter().filter(|dim| **dim != scale.dim).cloned().collect();
            measured(variable, dims, area.astype(integral_dtype(variable.dtype(), &scale))?)
        })?;
        let coords = self.coords.filtered(|_, variable| variable.axis(&scale.dim).is_none());
        Ok(Self::from_parts(vars, coords))
    }

    /// The integrals from the first point to each along a coordinate by the trapezoidal rule. The first is 0; missing
    /// values make all later ones missing. Coordinates stay; the rest is as in [`Labeled::integrate`].
    ///
    /// # Errors
    /// As [`Labeled::integrate`].
    pub fn cumulative_integrate(&self, along: impl Into<Along>) -> Result<Self> {
        let along = along.into();
        let scale = self.scale(&along.coord, along.step()?, Origin::First)?;
        let vars = self.vars.map(|variable| {
            let Some(axis) = variable.axis(&scale.dim) else { return Ok(variable.clone()) };
            let area = variable.data().cumulative_trapezoid(scale.numbers.as_slice(), axis as isize)?;
            let dtype = integral_dtype(variable.dtype(), &scale);
            measured(variable, variable.dims().to_vec(), area.astype(dtype)?)
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}

/// A result in other units than its variable: without its attributes.
fn measured(variable: &Variable, dims: Vec<crate::dims::Dim>, data: Array) -> Result<Variable> {
    Ok(variable.with_dims_and_data(dims, data)?.with_attrs(Attrs::new()).with_encoding(Encoding::new()))
}

/// As numpy promotes data and coordinate: float32 only where both are no wider.
fn integral_dtype(data: DType, scale: &Scale) -> DType {
    let is_narrow = |dtype: DType| dtype.is_numeric() && dtype.size() <= 2 || dtype == DType::F32;
    if scale.dtype == DType::F32 && is_narrow(data) { DType::F32 } else { DType::F64 }
}

/// Times as numbers, counted from the first of them in a unit; numbers as they are.
fn numbers(data: &Array, unit: Option<Step>) -> Result<Array> {
    let own = match data.dtype() {
        DType::Datetime(unit) | DType::Timedelta(unit) => unit,
        DType::Str => {
            return Err(Error::argument("data", "text", "only numbers and times have a derivative"));
        }
        _ => return Ok(data.clone()),
    };
    let since = if matches!(data.dtype(), DType::Datetime(_)) && data.size() > 0 {
        (data - data.nanmin(())?)?
    } else {
        data.clone()
    };
    let counts = since.isnan()?.choose(f64::NAN, since.astype(DType::I64)?.astype(DType::F64)?)?;
    Ok((counts * units_per_count(own, unit.unwrap_or(step_of(own))))?)
}
