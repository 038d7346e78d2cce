//! Filling gaps between known values.

use std::sync::Arc;

use graticule_array::{DType, Scalar};

use super::curve::{Curve, Touch};
use super::method::InterpMethod;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::ops::{Origin, Scale};
use crate::time::{self, Frequency, Step};

/// How gaps along a dimension are filled. A text is the name of a dimension.
///
/// ```
/// use graticule_dataset::{InterpMethod, InterpolateNa};
/// let filling = InterpolateNa::along("time").method(InterpMethod::Nearest).limit(3);
/// # let _ = filling;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct InterpolateNa {
    dim: String,
    method: InterpMethod,
    limit: Option<usize>,
    max_gap: Option<Scalar>,
    places: Places,
    extrapolate: bool,
}

/// What says where values are along the dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Places {
    Index,
    Positions,
    Coord(String),
}

impl InterpolateNa {
    /// Linear filling between the labels of a dimension.
    pub fn along(dim: impl Into<String>) -> Self {
        let (dim, method) = (dim.into(), InterpMethod::Linear);
        Self { dim, method, limit: None, max_gap: None, places: Places::Index, extrapolate: false }
    }

    /// How gaps are filled.
    pub fn method(mut self, method: InterpMethod) -> Self {
        self.method = method;
        self
    }

    /// How many missing values in a row are filled at most, from the start of a gap.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The longest gap that is filled: the distance between the known labels around it, or at the ends between the
    /// known label and the outermost. Along times it is a text such as `"3D"`, or a [`Scalar::Timedelta`].
    pub fn max_gap(mut self, max_gap: impl Into<Scalar>) -> Self {
        self.max_gap = Some(max_gap.into());
        self
    }

    /// Whether labels say where values are, which is the default; otherwise they are evenly spaced, 1 apart.
    pub fn use_coordinate(mut self, use_coordinate: bool) -> Self {
        self.places = if use_coordinate { Places::Index } else { Places::Positions };
        self
    }

    /// Another coordinate of the dimension says where values are.
    pub fn coordinate(mut self, name: impl Into<String>) -> Self {
        self.places = Places::Coord(name.into());
        self
    }

    /// Whether gaps at the ends are filled too: xarray's `fill_value="extrapolate"`.
    pub fn extrapolate(mut self, extrapolate: bool) -> Self {
        self.extrapolate = extrapolate;
        self
    }
}

impl From<&str> for InterpolateNa {
    fn from(dim: &str) -> Self {
        Self::along(dim)
    }
}

impl<V: DataVars> Labeled<V> {
    /// Missing numbers filled in from the values around them along a dimension. Values at the ends of the dimension, and
    /// where fewer are known than the method needs, stay missing.
    ///
    /// Labels must rise, or fall throughout. The dimension is needed in one chunk. Variables without missing values
    /// (integers, bools, texts) stay as they are.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, InterpolateNa, Variable};
    /// let x = Variable::from_vec("x", vec![0.0, 1.0, 4.0])?;
    /// let y = DataArray::new(None, Variable::from_vec("x", vec![2.0, f64::NAN, 6.0])?, [("x".into(), x)])?;
    /// assert_eq!(y.interpolate_na("x")?.variable().values()?.as_slice::<f64>()?, [2.0, 3.0, 6.0]);
    /// assert!(y.interpolate_na(InterpolateNa::along("x").max_gap(3.0))?.values::<f64>()?[1].is_nan());
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Unindexed`] for labels that do not rise or fall,
    /// [`Error::Argument`] for a `max_gap` that is no duration along times, and for data that are times.
    pub fn interpolate_na(&self, filling: impl Into<InterpolateNa>) -> Result<Self> {
        let filling = filling.into();
        self.size(&filling.dim)?;
        let row = Arc::new(filling.row(self)?);
        let vars = self.vars.map(|variable| {
            let (Some(axis), true) = (variable.axis(&filling.dim), variable.dtype().has_missing()) else {
                return Ok(variable.clone());
            };
            let dtype = variable.dtype();
            if dtype.is_time() {
                let hint = "times are not interpolated; subtract a time and divide by a duration first";
                return Err(Error::argument("data", dtype, hint));
            }
            let row = Arc::clone(&row);
            variable.apply(|data| {
                let fill = move |y: &[f64]| Ok(row.filled(y));
                let filled = data.astype(DType::F64)?.apply_along_axis(
                    "interpolate_na",
                    axis as isize,
                    data.shape().get(axis).copied().unwrap_or(0),
                    fill,
                )?;
                filled.astype_with(dtype, graticule_array::Casting::Wrap)
            })
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}

/// What filling one row needs.
struct Row {
    /// Where the values are; they rise, or fall.
    places: Vec<f64>,
    falls: bool,
    method: InterpMethod,
    limit: Option<usize>,
    max_gap: Option<f64>,
    extrapolate: bool,
}

impl InterpolateNa {
    fn row<V: DataVars>(&self, on: &Labeled<V>) -> Result<Row> {
        let scale = match &self.places {
            Places::Positions => {
                let len = on.size(&self.dim)?;
                let numbers = (0..len).map(|i| i as f64).collect();
                Scale { dim: Dim::new(&self.dim), numbers, dtype: DType::I64 }
            }
            Places::Index => on.scale(&self.dim, Some(Step::Nanoseconds), Origin::First)?,
            Places::Coord(name) => on.scale(name, Some(Step::Nanoseconds), Origin::First)?,
        };
        if *scale.dim != *self.dim {
            let value = format!("one along {:?}", &*scale.dim);
            return Err(Error::argument("coordinate", value, format!("take one along {:?}", self.dim)));
        }
        let max_gap = self.max_gap.as_ref().map(|gap| longest(gap, scale.dtype.is_time())).transpose()?;
        let places = scale.numbers;
        let pairs = || places.iter().zip(places.iter().skip(1));
        let falls = pairs().all(|(a, b)| a > b) && places.len() > 1;
        if !(falls || pairs().all(|(a, b)| a < b)) || places.iter().any(|x| x.is_nan()) {
            return Err(Error::Unindexed {
                dim: scale.dim,
                problem: "has labels that neither rise nor fall throughout".into(),
                hint: "sort by them first, or use use_coordinate(false)".into(),
            });
        }
        let Self { method, limit, extrapolate, .. } = *self;
        Ok(Row { places, falls, method, limit, max_gap, extrapolate })
    }
}

/// The longest gap that is filled, as a number on the scale.
fn longest(gap: &Scalar, along_times: bool) -> Result<f64> {
    let nanos = match (gap, along_times) {
        (Scalar::Timedelta(count, unit), true) => {
            i128::from(*count).saturating_mul(time::nanos_per(*unit)) as f64
        }
        (Scalar::Str(text), true) => match Frequency::parse(text)?.nanos() {
            Some(nanos) => nanos as f64,
            None => {
                return Err(Error::argument("max_gap", gap, "its length varies; use days, such as \"3D\""));
            }
        },
        (Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_), false) => gap.to_f64(),
        (_, true) => {
            let hint = "along times it is a duration, such as \"3D\" or a Scalar::Timedelta";
            return Err(Error::argument("max_gap", gap, hint));
        }
        (_, false) => return Err(Error::argument("max_gap", gap, "along numbers it is a number")),
    };
    Ok(nanos)
}

impl Row {
    fn filled(&self, y: &[f64]) -> Vec<f64> {
        let mut filled = y.to_vec();
        let mut known: Vec<(f64, f64)> =
            self.places.iter().copied().zip(y.iter().copied()).filter(|(_, y)| !y.is_nan()).collect();
        if known.len() == y.len() || known.len() < self.method.least().max(2) {
            return filled;
        }
        // Where each gap starts and ends: at the known places around it, or at the end of the row.
        let ends = (self.places.first().copied(), self.places.last().copied());
        let spans: Vec<(Option<f64>, Option<f64>)> = {
            let places: Vec<f64> = known.iter().map(|(x, _)| *x).collect();
            let at = |number: Option<usize>| number.and_then(|number| places.get(number)).copied();
            let mut before = 0usize;
            let span = |y: &f64| {
                before += usize::from(!y.is_nan());
                (at(before.checked_sub(1)), at(Some(before)))
            };
            y.iter().map(span).collect()
        };
        if self.falls {
            known.reverse();
        }
        let (places, values): (Vec<f64>, Vec<f64>) = known.into_iter().unzip();
        let curve = Curve::new(self.method, places, Touch::Alone);
        let coefficients = curve.coefficients(&values);
        let mut run = 0;
        for ((place, value), (left, right)) in self.places.iter().zip(&mut filled).zip(spans) {
            if !value.is_nan() {
                run = 0;
                continue;
            }
            run += 1;
            let (start, end) = (left.or(ends.0).unwrap_or(f64::NAN), right.or(ends.1).unwrap_or(f64::NAN));
            let is_too_long = self.max_gap.is_some_and(|max| (end - start).abs() > max);
            let is_at_end = left.is_none() || right.is_none();
            if self.limit.is_some_and(|limit| run > limit) || is_too_long || (is_at_end && !self.extrapolate)
            {
                continue;
            }
            *value = curve.at(&coefficients, *place);
        }
        filled
    }
}
