//! Filling gaps between known values.

use std::sync::Arc;

use graticule_array::{DType, Scalar};

use super::scale::Origin;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::time::{self, Step};

/// How a gap is filled from the values around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GapMethod {
    /// The straight line between its neighbours.
    #[default]
    Linear,
    /// The nearer neighbour; of two at the same distance the one with the lower label.
    Nearest,
    /// The neighbour with the lower label: xarray's `zero`.
    Zero,
}

/// How gaps along a dimension are filled. A text is the name of a dimension.
///
/// ```
/// use graticule_dataset::{GapMethod, InterpolateNa};
/// let filling = InterpolateNa::along("time").method(GapMethod::Nearest).limit(3);
/// # let _ = filling;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct InterpolateNa {
    dim: String,
    method: GapMethod,
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
        let (dim, method) = (dim.into(), GapMethod::Linear);
        Self { dim, method, limit: None, max_gap: None, places: Places::Index, extrapolate: false }
    }

    /// How gaps are filled.
    pub fn method(mut self, method: GapMethod) -> Self {
        self.method = method;
        self
    }

    /// How many missing values in a row are filled at most, from the start of a gap.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The longest gap that is filled: the distance between the known labels around it, or at the ends between the
    /// known label and the outermost. Along times it is a [`Scalar::Timedelta`].
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
    /// where fewer than two are known, stay missing.
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
    /// Where the values are, rising.
    places: Vec<f64>,
    /// Whether labels fall, so that places are their negatives.
    falls: bool,
    method: GapMethod,
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
                super::scale::Scale { dim: Dim::new(&self.dim), numbers, dtype: DType::I64 }
            }
            Places::Index => on.scale(&self.dim, Some(Step::Nanoseconds), Origin::First)?,
            Places::Coord(name) => on.scale(name, Some(Step::Nanoseconds), Origin::First)?,
        };
        if *scale.dim != *self.dim {
            let value = format!("one along {:?}", &*scale.dim);
            return Err(Error::argument("coordinate", value, format!("take one along {:?}", self.dim)));
        }
        let max_gap = self.max_gap.as_ref().map(|gap| match (gap, scale.dtype.is_time()) {
            (Scalar::Timedelta(count, unit), true) => {
                Ok(i128::from(*count).saturating_mul(time::nanos_per(*unit)) as f64)
            }
            (Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_), false) => Ok(gap.to_f64()),
            (_, true) => Err(Error::argument(
                "max_gap",
                gap,
                "along times it is a duration, such as Scalar::Timedelta",
            )),
            (_, false) => Err(Error::argument("max_gap", gap, "along numbers it is a number")),
        });
        let rises = |numbers: &[f64]| numbers.iter().zip(numbers.iter().skip(1)).all(|(a, b)| a < b);
        let mut places = scale.numbers;
        let falls = !rises(&places);
        if falls {
            places.iter_mut().for_each(|x| *x = -*x);
        }
        if !rises(&places) || places.iter().any(|x| x.is_nan()) {
            return Err(Error::Unindexed {
                dim: scale.dim,
                problem: "has labels that neither rise nor fall throughout".into(),
                hint: "sort by them first, or use use_coordinate(false)".into(),
            });
        }
        let Self { method, limit, extrapolate, .. } = *self;
        Ok(Row { places, falls, method, limit, max_gap: max_gap.transpose()?, extrapolate })
    }
}

impl Row {
    fn filled(&self, y: &[f64]) -> Vec<f64> {
        let mut filled = y.to_vec();
        let known: Vec<(usize, f64, f64)> = (self.places.iter().zip(y).enumerate())
            .filter(|(_, (_, y))| !y.is_nan())
            .map(|(i, (x, y))| (i, *x, *y))
            .collect();
        if known.len() < 2 {
            return filled;
        }
        // The number of known values before the position at hand, and how long the gap is so far.
        let (mut before, mut run) = (0usize, 0usize);
        let ends = (self.places.first().copied(), self.places.last().copied());
        for (place, value) in self.places.iter().zip(&mut filled) {
            if !value.is_nan() {
                (before, run) = (before + 1, 0);
                continue;
            }
            run += 1;
            let left = before.checked_sub(1).and_then(|i| known.get(i));
            let right = known.get(before);
            let start = left.map(|left| left.1).or(ends.0).unwrap_or(f64::NAN);
            let end = right.map(|right| right.1).or(ends.1).unwrap_or(f64::NAN);
            let is_too_long = self.max_gap.is_some_and(|max| end - start > max);
            if self.limit.is_some_and(|limit| run > limit) || is_too_long {
                continue;
            }
            let point = |known: &(usize, f64, f64)| (known.1, known.2);
            *value = match (left, right) {
                (Some(left), Some(right)) => self.between(point(left), point(right), *place),
                _ if !self.extrapolate => f64::NAN,
                (None, _) => {
                    let second = known.get(1).or(right);
                    self.beyond(right.map(point), second.map(point), *place)
                }
                (Some(left), None) => {
                    let second = before.checked_sub(2).and_then(|i| known.get(i));
                    self.beyond(Some(point(left)), second.map(point), *place)
                }
            };
        }
        filled
    }

    fn between(&self, left: (f64, f64), right: (f64, f64), at: f64) -> f64 {
        let negative = |(x, y): (f64, f64)| (-x, y);
        let (left, right, at) =
            if self.falls { (negative(right), negative(left), -at) } else { (left, right, at) };
        match self.method {
            GapMethod::Linear => line(left, right, at),
            // Half of each first, as scipy does, so that ties are the same.
            GapMethod::Nearest if at <= left.0 / 2.0 + right.0 / 2.0 => left.1,
            GapMethod::Nearest => right.1,
            GapMethod::Zero => left.1,
        }
    }

    fn beyond(&self, nearest: Option<(f64, f64)>, second: Option<(f64, f64)>, at: f64) -> f64 {
        match (self.method, nearest, second) {
            (GapMethod::Linear, Some(nearest), Some(second)) => {
                let (a, b) = if nearest.0 < second.0 { (nearest, second) } else { (second, nearest) };
                line(a, b, at)
            }
            (_, Some(nearest), _) => nearest.1,
            (_, None, _) => f64::NAN,
        }
    }
}

fn line(left: (f64, f64), right: (f64, f64), at: f64) -> f64 {
    (right.1 - left.1) / (right.0 - left.0) * (at - left.0) + left.1
}
