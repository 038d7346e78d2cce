//! Differences, derivatives and integrals along an axis.

use crate::array::Array;
use crate::blockwise::Cumulative;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::{Binary, Casting};
use crate::grid::Chunks;
use crate::ops::create::constant;
use crate::ops::{Argument, normalize_axis};

/// Where the points of an axis are, for derivatives and integrals.
#[derive(Debug, Clone, PartialEq)]
pub enum Spacing {
    /// All neighbours have this distance.
    Distance(f64),
    /// The coordinate of each point.
    Coordinates(Vec<f64>),
}

impl From<f64> for Spacing {
    fn from(distance: f64) -> Self {
        Self::Distance(distance)
    }
}

impl From<&[f64]> for Spacing {
    fn from(coordinates: &[f64]) -> Self {
        Self::Coordinates(coordinates.to_vec())
    }
}

impl From<Vec<f64>> for Spacing {
    fn from(coordinates: Vec<f64>) -> Self {
        Self::Coordinates(coordinates)
    }
}

impl<const N: usize> From<[f64; N]> for Spacing {
    fn from(coordinates: [f64; N]) -> Self {
        Self::Coordinates(coordinates.to_vec())
    }
}

impl Spacing {
    /// The distances between neighbours.
    fn distances(&self, len: usize) -> Result<Distances> {
        let coordinates = match self {
            Self::Distance(distance) => return Ok(Distances::Even(*distance)),
            Self::Coordinates(coordinates) => coordinates,
        };
        if coordinates.len() != len {
            return Err(Error::Shape {
                operation: "coordinates of an axis".into(),
                left: vec![len],
                right: vec![coordinates.len()],
                hint: "give one coordinate for each point".into(),
            });
        }
        let distances: Vec<f64> = coordinates.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Ok(Distances::Uneven(distances))
    }
}

enum Distances {
    Even(f64),
    Uneven(Vec<f64>),
}

impl Array {
    /// The differences of neighbours along an axis, `n` times over; of booleans, whether they differ.
    ///
    /// Unsigned integers wrap. Differences of times are durations.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.square()?;
    /// assert_eq!(x.diff(1, 0)?.compute()?.as_slice::<i64>()?, [1, 3, 5, 7]);
    /// assert_eq!(x.diff(2, 0)?.compute()?.as_slice::<i64>()?, [2, 2, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn diff(&self, n: usize, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let mut array = self.clone();
        for _ in 0..n {
            let len = array.shape()[axis];
            if len == 0 {
                break;
            }
            let function = if array.dtype() == DType::Bool { Binary::NotEqual } else { Binary::Subtract };
            array = array.part(axis, 1..len)?.binary(function, array.part(axis, 0..len - 1)?)?;
        }
        Ok(array)
    }

    /// [`Array::diff`] with values before and after the array: numbers, or arrays that have the axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3i64, 5, 9]), "auto")?;
    /// assert_eq!(x.diff_with(1, 0, Some(0.into()), None)?.compute()?.as_slice::<i64>()?, [3, 2, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::diff`]; [`Error::Shape`] for arrays that do not fit, [`Error::Dtype`] for numbers that do not.
    pub fn diff_with(
        &self,
        n: usize,
        axis: isize,
        prepend: Option<Argument>,
        append: Option<Argument>,
    ) -> Result<Self> {
        let resolved = normalize_axis(axis, self.ndim())?;
        let mut shape = self.shape().to_vec();
        shape[resolved] = 1;
        let part = |argument| match argument {
            Argument::Array(array) => Ok(array),
            Argument::Scalar(value) => constant(&value, self.dtype(), &shape),
        };
        let parts = [prepend.map(part).transpose()?, Some(self.clone()), append.map(part).transpose()?];
        let parts: Vec<Self> = parts.into_iter().flatten().collect();
        Self::concatenate(&parts, axis)?.diff(n, axis)
    }

    /// The differences of neighbours in an array with one axis, between other differences if there are any.
    ///
    /// # Errors
    /// [`Error::Argument`] for an array with another number of axes; as [`Array::diff_with`].
    pub fn ediff1d(&self, to_begin: Option<Argument>, to_end: Option<Argument>) -> Result<Self> {
        if self.ndim() != 1 {
            return Err(Error::argument("axes", self.ndim(), "it works on one axis; use diff on several"));
        }
        let inner = self.diff(1, 0)?;
        let part = |argument| match argument {
            Argument::Array(array) => array.atleast_1d(),
            Argument::Scalar(value) => constant(&value, inner.dtype(), &[1]),
        };
        let parts = [to_begin.map(part).transpose()?, Some(inner.clone()), to_end.map(part).transpose()?];
        Self::concatenate(&parts.into_iter().flatten().collect::<Vec<_>>(), 0)
    }

    /// The derivative along an axis, in second-order central differences; at the ends in one-sided differences of
    /// order `edge_order`, which is 1 or 2.
    ///
    /// With coordinates that are not evenly spaced, neighbours are weighted so that the order is kept, as in
    /// numpy. The unit is that of the array by that of the spacing. Integers give float64. Chunks stay as they are.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(0.0, 4.0, 5)?.square()?;
    /// assert_eq!(x.gradient(1.0, 0, 1)?.compute()?.as_slice::<f64>()?, [1.0, 2.0, 4.0, 6.0, 7.0]);
    /// assert_eq!(x.gradient(1.0, 0, 2)?.compute()?.as_slice::<f64>()?, [0.0, 2.0, 4.0, 6.0, 8.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for another order or an axis that has not
    /// `edge_order + 1` points, [`Error::Shape`] when there is not one coordinate for each point,
    /// [`Error::Dtype`] for times and texts.
    pub fn gradient(&self, spacing: impl Into<Spacing>, axis: isize, edge_order: usize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        if !matches!(edge_order, 1 | 2) {
            return Err(Error::argument("edge_order", edge_order, "use 1 or 2"));
        }
        if len <= edge_order {
            let hint = format!("the axis needs at least {} points", edge_order + 1);
            return Err(Error::argument("length of the axis", len, hint));
        }
        let float = self.dtype().to_float();
        let gradient = match spacing.into().distances(len)? {
            Distances::Even(distance) => self.astype(float)?.even_gradient(distance, axis, edge_order)?,
            distances => {
                // Coordinates are float64, and so is what is computed with them.
                let wide = self.astype(DType::F64)?;
                let gradient = match distances {
                    Distances::Even(distance) => wide.even_gradient(distance, axis, edge_order),
                    Distances::Uneven(d) if d.iter().all(|x| *x == d[0]) => {
                        wide.even_gradient(d[0], axis, edge_order)
                    }
                    Distances::Uneven(d) => wide.uneven_gradient(&d, axis, edge_order),
                };
                gradient?.astype_with(float, Casting::Wrap)?
            }
        };
        // The ends would be chunks of one element.
        let sizes = self.chunks().axes().iter().map(|chunks| chunks.sizes().collect());
        gradient.rechunk(Chunks::Sizes(sizes.collect()))
    }

    fn even_gradient(&self, distance: f64, axis: usize, edge_order: usize) -> Result<Self> {
        let len = self.shape()[axis];
        let at = |i: usize| self.part(axis, i..i + 1);
        let inner = || (self.part(axis, 2..len)? - self.part(axis, 0..len - 2)?)? / (2.0 * distance);
        let [first, last] = if edge_order == 1 {
            [((at(1)? - at(0)?)? / distance)?, ((at(len - 1)? - at(len - 2)?)? / distance)?]
        } else {
            let [a, b, c] = [-1.5, 2.0, -0.5].map(|weight| weight / distance);
            [
                weighted([(&at(0)?, a), (&at(1)?, b), (&at(2)?, c)])?,
                weighted([(&at(len - 3)?, -c), (&at(len - 2)?, -b), (&at(len - 1)?, -a)])?,
            ]
        };
        joined(first, if len > 2 { Some(inner()?) } else { None }, last, axis)
    }

    fn uneven_gradient(&self, d: &[f64], axis: usize, edge_order: usize) -> Result<Self> {
        let len = self.shape()[axis];
        let at = |i: usize| self.part(axis, i..i + 1);
        let inner = || {
            let weights = |weight: fn(f64, f64) -> f64| {
                let weights: Vec<f64> = d.windows(2).map(|pair| weight(pair[0], pair[1])).collect();
                self.line(weights, axis)
            };
            let a = weights(|x, y| -y / (x * (x + y)))?;
            let b = weights(|x, y| (y - x) / (x * y))?;
            let c = weights(|x, y| x / (y * (x + y)))?;
            let left = (a * self.part(axis, 0..len - 2)?)?;
            let middle = (b * self.part(axis, 1..len - 1)?)?;
            (left + middle)? + (c * self.part(axis, 2..len)?)?
        };
        let n = d.len();
        let [first, last] = if edge_order == 1 {
            [((at(1)? - at(0)?)? / d[0])?, ((at(len - 1)? - at(len - 2)?)? / d[n - 1])?]
        } else {
            let (x, y) = (d[0], d[1]);
            let first = [-(2.0 * x + y) / (x * (x + y)), (x + y) / (x * y), -x / (y * (x + y))];
            let (x, y) = (d[n - 2], d[n - 1]);
            let last = [y / (x * (x + y)), -(y + x) / (x * y), (2.0 * y + x) / (y * (x + y))];
            [
                weighted([(&at(0)?, first[0]), (&at(1)?, first[1]), (&at(2)?, first[2])])?,
                weighted([(&at(len - 3)?, last[0]), (&at(len - 2)?, last[1]), (&at(len - 1)?, last[2])])?,
            ]
        };
        joined(first, if len > 2 { Some(inner()?) } else { None }, last, axis)
    }

    /// The integral along an axis by the trapezoidal rule. The unit is that of the array times that of the spacing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(0.0, 4.0, 5)?;
    /// assert_eq!(x.trapezoid(0.5, 0)?.compute()?.item::<f64>()?, 4.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Shape`] when there is not one coordinate for each
    /// point, [`Error::Dtype`] for times and texts.
    pub fn trapezoid(&self, spacing: impl Into<Spacing>, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        // Sums of small integers could wrap.
        let values = self.astype(self.dtype().to_float())?;
        let sums = match len {
            0 => values,
            len => (values.part(axis, 1..len)? + values.part(axis, 0..len - 1)?)?,
        };
        let areas = match spacing.into().distances(len)? {
            Distances::Even(distance) => sums * distance,
            Distances::Uneven(distances) => self.line(distances, axis)? * sums,
        };
        (areas? / 2.0)?.sum(axis as isize)
    }

    /// The integrals from the first point to each along an axis by the trapezoidal rule, float64. The unit is that of
    /// the array times that of the spacing. The first integral is 0, as in xarray's `cumulative_integrate`. Sums and
    /// chunks are those of [`Array::cumsum`]; missing values make all later integrals missing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[1.0, 4.0, 9.0, 16.0]), "auto")?;
    /// let areas = x.cumulative_trapezoid([0.0, 1.0, 3.0, 3.5], 0)?;
    /// assert_eq!(areas.compute()?.as_slice::<f64>()?, [0.0, 2.5, 15.5, 21.75]);
    /// assert_eq!(x.cumulative_trapezoid(2.0, 0)?.compute()?.as_slice::<f64>()?, [0.0, 5.0, 18.0, 43.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::trapezoid`].
    pub fn cumulative_trapezoid(&self, spacing: impl Into<Spacing>, axis: isize) -> Result<Self> {
        let number = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[number];
        // A point is the right end of a trapezoid and, for later points, the left end of another. So no element needs
        // its neighbours, which could be in another chunk.
        let halves: Vec<f64> = match spacing.into().distances(len)? {
            Distances::Even(distance) => vec![distance / 2.0; len.saturating_sub(1)],
            Distances::Uneven(distances) => distances.iter().map(|distance| distance / 2.0).collect(),
        };
        let half = |i: Option<usize>| i.and_then(|i| halves.get(i)).copied().unwrap_or(0.0);
        let left = |i: usize| half(i.checked_sub(1));
        let weights = self.line((0..len).map(|i| left(i) + half(Some(i))).collect(), number)?;
        let before = (self * weights)?.scan(Cumulative::Sum { skipna: false }, axis, true)?;
        let last = (self * self.line((0..len).map(left).collect(), number)?)?;
        // An infinite first value has no part in the first integral.
        let is_later =
            self.line((0..len).map(|i| f64::from(u8::from(i > 0))).collect(), number)?.greater(0.0)?;
        is_later.choose((before + last)?, 0.0)
    }

    /// Weights along one axis of this array.
    fn line(&self, weights: Vec<f64>, axis: usize) -> Result<Self> {
        let line = Self::from_array(ndarray::Array1::from_vec(weights), "auto")?;
        (axis + 1..self.ndim()).try_fold(line, |line, _| line.expand_dims(-1))
    }
}

fn weighted(terms: [(&Array, f64); 3]) -> Result<Array> {
    let [(x, a), (y, b), (z, c)] = terms;
    ((x * a)? + (y * b)?)? + (z * c)?
}

fn joined(first: Array, inner: Option<Array>, last: Array, axis: usize) -> Result<Array> {
    let parts: Vec<Array> = [Some(first), inner, Some(last)].into_iter().flatten().collect();
    Array::concatenate(&parts, axis as isize)
}
