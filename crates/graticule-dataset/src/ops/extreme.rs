//! Where the extremes are: positions over several dimensions, and labels.

use graticule_array::{Binary, DType, Scalar};
use indexmap::IndexMap;

use super::reduce::Reduction;
use crate::align::missing_value;
use crate::attrs::Encoding;
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::variable::Variable;

/// What the labels of extremes are: options of [`Labeled::idxmin`] and [`Labeled::idxmax`].
#[derive(Debug, Clone)]
pub struct Idx {
    skipna: bool,
    fill: Option<Scalar>,
}

impl Default for Idx {
    fn default() -> Self {
        Self { skipna: true, fill: None }
    }
}

impl Idx {
    /// Whether missing values are left out, which is the default; otherwise the first missing value is the extreme.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// The label where all values are missing; by default it is missing.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.fill = Some(value.into());
        self
    }
}

impl DataArray {
    /// The positions of the first smallest value over several dimensions, one array for each of them.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let map = Array::from_array(ndarray::arr2(&[[5.0, 1.0], [0.5, 3.0]]), (1, 2))?;
    /// let map = DataArray::new(None, Variable::new(["lat", "lon"], map)?, [])?;
    /// let at = map.argmin_dims(())?;
    /// assert_eq!((at["lat"].item()?, at["lon"].item()?), (1.0, 0.0));
    /// assert_eq!(map.isel_dims(&at)?.item()?, 0.5);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::argmin`].
    pub fn argmin_dims(&self, dims: impl Into<Over>) -> Result<IndexMap<Dim, Self>> {
        self.arg_dims(&Reduction::argmin(), dims.into())
    }

    /// The positions of the first largest value over several dimensions, as [`DataArray::argmin_dims`].
    ///
    /// # Errors
    /// As [`Labeled::argmax`].
    pub fn argmax_dims(&self, dims: impl Into<Over>) -> Result<IndexMap<Dim, Self>> {
        self.arg_dims(&Reduction::argmax(), dims.into())
    }

    fn arg_dims(&self, reduction: &Reduction, dims: Over) -> Result<IndexMap<Dim, Self>> {
        let over = dims.resolve(self.dims())?;
        // The engine counts in C order over the axes in the order of the array.
        let order: Vec<Dim> = self.dims().iter().filter(|dim| over.contains(dim)).cloned().collect();
        let flat = self.reduce(reduction.clone(), over.clone())?;
        let mut rest = flat.data().clone();
        let missing = flat.data().less(0)?;
        let mut found = IndexMap::new();
        for dim in order.iter().rev() {
            let len = (self.size(dim)?.max(1)) as i64;
            let along = missing.choose(-1, rest.binary(Binary::Remainder, len)?)?;
            rest = rest.binary(Binary::FloorDivide, len)?;
            let mut one = flat.clone();
            one.vars.variable = flat.variable().with_data(along)?;
            found.insert(dim.clone(), one);
        }
        let in_order = over.iter().filter_map(|dim| found.get(dim).map(|array| (dim.clone(), array.clone())));
        Ok(in_order.collect())
    }
}

impl<V: DataVars> Labeled<V> {
    /// The label of the first smallest value along a dimension; missing where all values are.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let depth = Variable::from_vec("depth", vec![0.0, 10.0, 20.0])?;
    /// let oxygen = Variable::from_vec("depth", vec![6.0, 2.5, 4.0])?;
    /// let oxygen = DataArray::new(None, oxygen, [("depth".into(), depth)])?;
    /// assert_eq!(oxygen.idxmin("depth")?.item()?, 10.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::Unindexed`] for a dimension without labels.
    pub fn idxmin(&self, dim: &str) -> Result<Self> {
        self.idxmin_with(dim, &Idx::default())
    }

    /// The label of the first largest value along a dimension; missing where all values are.
    ///
    /// # Errors
    /// As [`Labeled::idxmin`].
    pub fn idxmax(&self, dim: &str) -> Result<Self> {
        self.idxmax_with(dim, &Idx::default())
    }

    /// [`Labeled::idxmin`] with options.
    ///
    /// # Errors
    /// As [`Labeled::idxmin`].
    pub fn idxmin_with(&self, dim: &str, options: &Idx) -> Result<Self> {
        self.idx(dim, &Reduction::argmin(), options)
    }

    /// [`Labeled::idxmax`] with options.
    ///
    /// # Errors
    /// As [`Labeled::idxmin`].
    pub fn idxmax_with(&self, dim: &str, options: &Idx) -> Result<Self> {
        self.idx(dim, &Reduction::argmax(), options)
    }

    fn idx(&self, dim: &str, reduction: &Reduction, options: &Idx) -> Result<Self> {
        self.size(dim)?;
        let Some(labels) = self.coords.index_variable(dim) else {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has no labels of one coordinate to name extremes by".into(),
                hint: "use argmin or argmax for positions, or add labels with assign_coords".into(),
            });
        };
        let positions = self.reduce(reduction.clone().skipna(options.skipna), dim)?;
        let mut vars = positions.vars.map_named(|name, positions| {
            let source = self.vars.variables().find(|(own, _)| *own == name).map(|(_, source)| source);
            let can_miss = source.is_some_and(|source| source.dtype().has_missing());
            named(labels, positions, options.skipna && can_miss, options)
        })?;
        vars.set_name(dim);
        Ok(Self::from_parts(vars, positions.coords))
    }
}

/// The labels at positions, of which -1 is none.
fn named(labels: &Variable, positions: &Variable, may_miss: bool, options: &Idx) -> Result<Variable> {
    let ndim = positions.ndim() as isize;
    let mut along = labels.data().clone();
    for _ in 0..ndim {
        along = along.expand_dims(0)?;
    }
    let at = positions.data().expand_dims(ndim)?;
    let found = along.take_along_axis(&at, ndim)?.squeeze(ndim)?;
    let found = if may_miss {
        let found = crate::align::able_to_miss(found)?;
        let missing = match (&options.fill, labels.dtype()) {
            (Some(value), _) => value.clone(),
            (None, DType::Str) => "".into(),
            (None, _) => missing_value(found.dtype()),
        };
        positions.data().less(0)?.choose(missing, &found)?
    } else {
        found
    };
    let found = positions.with_data(found)?.with_encoding(Encoding::new());
    Ok(found.with_calendar(labels.calendar().unwrap_or_default()))
}
