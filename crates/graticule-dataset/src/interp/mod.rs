//! Values between known labels: `interp`, `interp_like`, `interp_calendar`, `interpolate_na`.
//!
//! Every method is two steps: the values along a dimension become coefficients (nothing is to be done for lines), and a few
//! of these, times weights that labels alone decide, make up a value. So it reads what it needs and no more, and points
//! of several dimensions are as easy as a grid.

mod apply;
mod calendar;
mod curve;
mod gaps;
mod like;
mod method;
mod slopes;
mod spline;
mod stencil;
mod target;

use indexmap::IndexMap;

pub use gaps::InterpolateNa;
pub use method::{Interp, InterpMethod};

use self::target::Axis;
use crate::coords::Coords;
use crate::dims::unify_sizes;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::{Sel, attach};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The data at other labels of a dimension, on lines between those that are known: xarray's `interp`.
    ///
    /// - Labels are numbers, times (or texts such as `"2000-01-31"`), one or a list; one leaves a value without the
    ///   dimension. An array of labels gives its dimensions and its coordinates to the result in place of the
    ///   dimension; where the data have one of these dimensions, each of its places gets a label of its own.
    /// - The labels of the data may be in any order. A dimension without labels is counted from 0.
    /// - Outside the known labels results are missing; [`Labeled::interp_with`] has other ways, and other methods.
    /// - Numbers become float64. Times are interpolated and rounded to their unit. Of bools and texts in a dataset, and of
    ///   coordinates, the nearest is taken. Variables without the dimension stay as they are.
    ///
    /// A missing value makes everything missing that it is a neighbour of, and as in xarray a label itself has a neighbour:
    /// that before it, or for points of several dimensions that behind it. Only where a single line of float64 is
    /// interpolated, a label is known whatever is beside it.
    ///
    /// What is read are the chunks that hold the neighbours.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![10.0, 20.0, 40.0])?;
    /// let data = Variable::from_vec("lat", vec![1.0, 3.0, 7.0])?;
    /// let da = DataArray::new(None, data, [("lat".into(), lat)])?;
    /// assert_eq!(da.interp("lat", [15.0, 25.0])?.values::<f64>()?.into_raw_vec_and_offset().0, [2.0, 4.0]);
    /// assert!(da.interp("lat", 50.0)?.item()?.is_nan());
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::AmbiguousLabel`] where labels repeat, [`Error::Unindexed`] where they are texts, missing
    /// or levels of a multi-index, [`Error::Argument`] for labels of another kind and for an array of bools or texts,
    /// [`Error::Calendars`] for times of another calendar.
    pub fn interp(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        self.interp_with([(dim, labels)], InterpMethod::Linear)
    }

    /// The data at other labels of several dimensions: all combinations of lists, or, where arrays of labels share a
    /// dimension, one value for each of its points.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let map = Array::from_array(ndarray::arr2(&[[0.0, 1.0], [2.0, 3.0]]), "auto")?;
    /// let (lat, lon) = (Variable::from_vec("lat", vec![0.0, 10.0])?, Variable::from_vec("lon", vec![0.0, 10.0])?);
    /// let map = Variable::new(["lat", "lon"], map)?;
    /// let map = DataArray::new(None, map, [("lat".into(), lat), ("lon".into(), lon)])?;
    /// assert_eq!(map.interp_dims([("lat", [5.0]), ("lon", [2.5])])?.item()?, 1.25);
    ///
    /// let along = |degrees: Vec<f64>| DataArray::new(None, Variable::from_vec("ship", degrees)?, []);
    /// let (lats, lons) = (along(vec![0.0, 5.0, 10.0])?, along(vec![2.5, 5.0, 10.0])?);
    /// let track = map.interp_dims([("lat", &lats), ("lon", &lons)])?;
    /// assert_eq!(track.dims(), ["ship"]);
    /// assert_eq!(track.values::<f64>()?.into_raw_vec_and_offset().0, [0.25, 1.5, 3.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::interp`]; [`Error::SizeConflict`] where arrays give one dimension different lengths, and
    /// [`Error::Alignment`] where their labels differ from those of the data.
    pub fn interp_dims(
        &self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl Into<Sel>)>,
    ) -> Result<Self> {
        self.interp_with(labels, InterpMethod::Linear)
    }

    /// The same by another method, or with other values outside the known labels.
    ///
    /// A spline depends on all values of its line: it needs the dimension in one chunk, and one missing value makes the line
    /// missing. The other methods read the neighbours only.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Interp, InterpMethod, Variable};
    /// let x = Variable::from_vec("x", vec![0.0, 1.0, 2.0, 3.0])?;
    /// let y = Variable::from_vec("x", vec![0.0, 1.0, 8.0, 27.0])?;
    /// let cubes = DataArray::new(None, y, [("x".into(), x)])?;
    /// let between = cubes.interp_with([("x", 1.5)], InterpMethod::Cubic)?;
    /// assert!((between.item()? - 3.375).abs() < 1e-12);
    /// let beyond = cubes.interp_with([("x", 4.0)], Interp::new(InterpMethod::Cubic).extrapolate())?;
    /// assert!((beyond.item()? - 64.0).abs() < 1e-12);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::interp_dims`]; [`Error::Argument`] where there are fewer labels than the method needs.
    pub fn interp_with(
        &self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl Into<Sel>)>,
        options: impl Into<Interp>,
    ) -> Result<Self> {
        let options = options.into();
        let mut axes: Vec<Axis> = Vec::new();
        for (dim, labels) in labels {
            let dim = dim.as_ref();
            if axes.iter().any(|axis| axis.along == *dim) {
                let problem = "the interpolation names it twice; put the two into one".into();
                return Err(Error::DuplicateName { name: dim.into(), problem });
            }
            axes.push(self.axis(dim, labels.into())?);
        }
        self.check_axes(&axes)?;
        self.interpolated(&axes, &options)
    }

    fn check_axes(&self, axes: &[Axis]) -> Result<()> {
        let mut sizes = IndexMap::new();
        for axis in axes {
            unify_sizes(&mut sizes, &format!("the labels for {:?}", axis.along), axis.wanted.sizes())?;
            let other = axes.iter().find(|other| {
                other.along != axis.along
                    && axis.dims().contains(&other.along)
                    && *other.dims() != [other.along.clone()]
            });
            if let Some(other) = other {
                let hint =
                    format!("{:?} is interpolated too; rename that dimension of the labels", other.along);
                return Err(Error::argument(
                    "labels",
                    format!("along {:?} for {:?}", other.along, axis.along),
                    hint,
                ));
            }
        }
        let untouched =
            self.sizes().into_iter().filter(|(dim, _)| !axes.iter().any(|axis| axis.along == *dim));
        unify_sizes(&mut sizes, "the data", untouched)?;
        let odd = self.vars.variables().find(|(_, variable)| {
            let is_concerned = axes.iter().any(|axis| variable.axis(&axis.along).is_some());
            V::IS_ARRAY && is_concerned && !apply::has_between(variable)
        });
        match odd {
            None => Ok(()),
            Some((_, variable)) => {
                let hint = "there is nothing between bools or texts; take the nearest with sel or reindex, or cast them";
                Err(Error::argument("data", variable.dtype(), hint))
            }
        }
    }

    fn interpolated(&self, axes: &[Axis], options: &Interp) -> Result<Self> {
        let vars = self.vars.map(|variable| variable.interpolated(axes, options))?;
        let asked = |name: &str| axes.iter().find(|axis| axis.along == *name);
        let is_old = |name: &str| {
            let along = self.coords.indexed_dim(name);
            along.is_some_and(|along| along != name && axes.iter().any(|axis| axis.along == *along))
        };
        let mut coords = self.coords.mapped(|name, variable| match asked(name) {
            Some(axis) => Ok(Some(axis.wanted.clone())),
            None if is_old(name) => Ok(None),
            None => variable.interpolated(axes, options).map(Some),
        })?;
        for axis in axes {
            if !coords.contains(&axis.along) {
                coords.insert(axis.along.to_string(), axis.wanted.clone())?;
            }
        }
        for axis in axes {
            self.attach_labels(&mut coords, axis)?;
        }
        Ok(Self::from_parts(vars, coords))
    }

    /// The coordinates of an array of wanted labels beside what was interpolated at them.
    fn attach_labels(&self, coords: &mut Coords, axis: &Axis) -> Result<()> {
        for (name, variable) in axis.attached.iter() {
            if self.vars.holds(name) {
                continue;
            }
            // What is wanted along a dimension of the same name has labels of its own.
            let is_own = axis.along == *name && *variable.dims() == [axis.along.clone()];
            match is_own {
                true => coords.insert(name.into(), variable.clone())?,
                false if axis.along == *name => {}
                false => attach(coords, name, variable, &axis.attached)?,
            }
        }
        coords.adopt_levels(&axis.attached)
    }
}

/// A coordinate in place of that of a dimension.
fn relabeled<V: DataVars>(data: &Labeled<V>, dim: &str, labels: Variable) -> Result<Labeled<V>> {
    let mut result = data.clone();
    result.coords.insert(dim.into(), labels)?;
    Ok(result)
}
