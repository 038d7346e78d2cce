//! The container of both public types: data variables and the coordinates they share.

use std::fmt::Debug;

use graticule_array::Array;
use indexmap::IndexMap;

use crate::attrs::{Attrs, Encoding};
use crate::coords::{Coords, is_index};
use crate::dims::{Dim, Sizes, unify_sizes};
use crate::error::{Error, Result};
use crate::variable::Variable;

/// Data variables with the coordinates they share: the type behind [`DataArray`] and [`Dataset`].
///
/// Operations are written once, for any `V`.
#[derive(Clone)]
pub struct Labeled<V> {
    pub(crate) vars: V,
    pub(crate) coords: Coords,
}

/// One array with named dimensions, coordinates and attributes.
pub type DataArray = Labeled<One>;

/// Several arrays that share dimensions and coordinates.
pub type Dataset = Labeled<Many>;

/// The data variable of a [`DataArray`].
#[derive(Debug, Clone)]
pub struct One {
    pub(crate) name: Option<String>,
    pub(crate) variable: Variable,
}

/// The data variables of a [`Dataset`], and what is said about all of them.
#[derive(Debug, Clone, Default)]
pub struct Many {
    pub(crate) variables: IndexMap<String, Variable>,
    pub(crate) attrs: Attrs,
    pub(crate) encoding: Encoding,
}

mod sealed {
    /// Only the data variables of this crate go into a container.
    pub trait Sealed {}
    impl Sealed for super::One {}
    impl Sealed for super::Many {}
}

/// The data variables of a [`Labeled`]: [`One`] or [`Many`].
pub trait DataVars: sealed::Sealed + Clone + Debug + Sized {
    /// Whether there is always one variable, whose name is no key.
    const IS_ARRAY: bool;

    /// The variables with their names, in order.
    fn variables(&self) -> impl Iterator<Item = (Option<&str>, &Variable)>;

    /// The same variables after `f`, which is told their names.
    ///
    /// # Errors
    /// The first that `f` gives.
    fn map_named(&self, f: impl FnMut(Option<&str>, &Variable) -> Result<Variable>) -> Result<Self>;

    /// The same variables after `f`.
    ///
    /// # Errors
    /// The first that `f` gives.
    fn map(&self, mut f: impl FnMut(&Variable) -> Result<Variable>) -> Result<Self> {
        self.map_named(|_, variable| f(variable))
    }

    /// The dimensions of all variables, in order of appearance.
    fn dims(&self) -> Vec<Dim> {
        let mut dims: Vec<Dim> = Vec::new();
        for (_, variable) in self.variables() {
            for dim in variable.dims() {
                if !dims.contains(dim) {
                    dims.push(dim.clone());
                }
            }
        }
        dims
    }

    /// Drops the name of an array where that of the other operand differs.
    fn merge_name(&mut self, other: Option<&str>);

    /// Names the variable of a [`DataArray`]; those of a dataset keep their names.
    fn set_name(&mut self, name: &str);

    /// Whether a data variable is found by this name, so that a coordinate cannot have it. An array is found by none.
    fn holds(&self, name: &str) -> bool;

    /// Leaves out the variables that `keep` refuses. The variable of a [`DataArray`] always stays.
    fn retain(&mut self, keep: impl FnMut(&str) -> bool);

    /// The variables of a dataset in the place of these; an array takes the first, under its own name.
    fn replaced(&self, vars: Many) -> Self;

    /// Whether a coordinate of these dimensions can stand beside the data.
    ///
    /// # Errors
    /// [`Error::CoordDims`] when it has a dimension that the array lacks.
    fn check_coord(&self, coord: &str, variable: &Variable) -> Result<()>;

    /// The attributes of the container: those of the array, or those of the dataset.
    fn attrs(&self) -> &Attrs;

    /// The attributes of the container, to change.
    fn attrs_mut(&mut self) -> &mut Attrs;

    /// How the container was stored, or is to be stored.
    fn encoding(&self) -> &Encoding;

    /// How the container is to be stored, to change.
    fn encoding_mut(&mut self) -> &mut Encoding;
}

impl DataVars for One {
    const IS_ARRAY: bool = true;

    fn variables(&self) -> impl Iterator<Item = (Option<&str>, &Variable)> {
        std::iter::once((self.name.as_deref(), &self.variable))
    }

    fn map_named(&self, mut f: impl FnMut(Option<&str>, &Variable) -> Result<Variable>) -> Result<Self> {
        Ok(Self { name: self.name.clone(), variable: f(self.name.as_deref(), &self.variable)? })
    }

    fn merge_name(&mut self, other: Option<&str>) {
        if self.name.as_deref() != other {
            self.name = None;
        }
    }

    fn set_name(&mut self, name: &str) {
        self.name = Some(name.into());
    }

    fn holds(&self, _name: &str) -> bool {
        false
    }

    fn retain(&mut self, _keep: impl FnMut(&str) -> bool) {}

    fn replaced(&self, vars: Many) -> Self {
        let variable = vars.variables.into_values().next();
        Self { name: self.name.clone(), variable: variable.unwrap_or_else(|| self.variable.clone()) }
    }

    fn check_coord(&self, coord: &str, variable: &Variable) -> Result<()> {
        match variable.dims().iter().find(|dim| self.variable.axis(dim).is_none()) {
            None => Ok(()),
            Some(extra) => Err(Error::CoordDims {
                coord: coord.into(),
                coord_dims: variable.dims().to_vec(),
                dims: self.variable.dims().to_vec(),
                hint: format!("leave it out, or give the data a dimension {extra:?}"),
            }),
        }
    }

    fn attrs(&self) -> &Attrs {
        self.variable.attrs()
    }

    fn attrs_mut(&mut self) -> &mut Attrs {
        self.variable.attrs_mut()
    }

    fn encoding(&self) -> &Encoding {
        self.variable.encoding()
    }

    fn encoding_mut(&mut self) -> &mut Encoding {
        self.variable.encoding_mut()
    }
}

impl DataVars for Many {
    const IS_ARRAY: bool = false;

    fn variables(&self) -> impl Iterator<Item = (Option<&str>, &Variable)> {
        self.variables.iter().map(|(name, variable)| (Some(name.as_str()), variable))
    }

    fn map_named(&self, mut f: impl FnMut(Option<&str>, &Variable) -> Result<Variable>) -> Result<Self> {
        let mapped =
            self.variables.iter().map(|(name, variable)| Ok((name.clone(), f(Some(name), variable)?)));
        let variables = mapped.collect::<Result<_>>()?;
        Ok(Self { variables, attrs: self.attrs.clone(), encoding: self.encoding.clone() })
    }

    fn merge_name(&mut self, _other: Option<&str>) {}

    fn set_name(&mut self, _name: &str) {}

    fn holds(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.variables.retain(|name, _| keep(name));
    }

    fn replaced(&self, vars: Many) -> Self {
        vars
    }

    fn check_coord(&self, _coord: &str, _variable: &Variable) -> Result<()> {
        Ok(())
    }

    fn attrs(&self) -> &Attrs {
        &self.attrs
    }

    fn attrs_mut(&mut self) -> &mut Attrs {
        &mut self.attrs
    }

    fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    fn encoding_mut(&mut self) -> &mut Encoding {
        &mut self.encoding
    }
}

impl<V: DataVars> Labeled<V> {
    /// A container whose parts are known to fit.
    pub(crate) fn from_parts(vars: V, coords: Coords) -> Self {
        Self { vars, coords }
    }

    /// The coordinates.
    pub fn coords(&self) -> &Coords {
        &self.coords
    }

    /// A coordinate as an array with the coordinates that belong to it.
    ///
    /// # Errors
    /// [`Error::UnknownName`] when there is no such coordinate.
    pub fn coord(&self, name: &str) -> Result<DataArray> {
        match self.coords.get(name) {
            Some(variable) => Ok(one(name, variable, &self.coords)),
            None => Err(Error::UnknownName {
                kind: "coordinate",
                name: name.into(),
                names: self.coords.names().map(Into::into).collect(),
            }),
        }
    }

    /// The attributes.
    pub fn attrs(&self) -> &Attrs {
        self.vars.attrs()
    }

    /// The attributes, to change.
    pub fn attrs_mut(&mut self) -> &mut Attrs {
        self.vars.attrs_mut()
    }

    /// The same data with these attributes.
    pub fn with_attrs(mut self, attrs: Attrs) -> Self {
        *self.vars.attrs_mut() = attrs;
        self
    }

    /// How the data were stored, or are to be stored.
    pub fn encoding(&self) -> &Encoding {
        self.vars.encoding()
    }

    /// How the data are to be stored, to change.
    pub fn encoding_mut(&mut self) -> &mut Encoding {
        self.vars.encoding_mut()
    }

    /// The length of every dimension: those of the data in order, then those of the coordinates.
    pub fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::new();
        let variables = self.vars.variables().map(|(_, v)| v).chain(self.coords.iter().map(|(_, v)| v));
        for (dim, len) in variables.flat_map(Variable::sizes) {
            sizes.entry(dim).or_insert(len);
        }
        sizes
    }

    /// All dimensions, in the order of [`Labeled::sizes`].
    pub(crate) fn all_dims(&self) -> Vec<Dim> {
        self.sizes().into_keys().collect()
    }

    /// The length of a dimension.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] when there is no such dimension.
    pub fn size(&self, dim: &str) -> Result<usize> {
        let sizes = self.sizes();
        sizes.get(dim).copied().ok_or_else(|| Error::unknown_dim(dim, sizes.into_keys()))
    }

    /// The arrays of all data variables and of all coordinates.
    pub(crate) fn arrays(&self) -> impl Iterator<Item = &Array> {
        let data = self.vars.variables().map(|(_, variable)| variable.data());
        data.chain(self.coords.iter().map(|(_, variable)| variable.data()))
    }
}

/// One variable as an array, with the coordinates that lie within its dimensions.
fn one(name: &str, variable: &Variable, coords: &Coords) -> DataArray {
    let vars = One { name: Some(name.into()), variable: variable.clone() };
    Labeled { vars, coords: coords.within(variable.dims()) }
}

impl DataArray {
    /// An array with a name, if it has one, and coordinates.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["lat", "lon"], Array::ones((2, 3), "auto")?)?;
    /// let lat = Variable::from_vec("lat", vec![-45.0, 45.0])?;
    /// let adt = DataArray::new(Some("adt"), data, [("lat".into(), lat)])?;
    /// assert_eq!(adt.dims(), ["lat", "lon"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CoordDims`] when a coordinate has a dimension that the data lack, [`Error::SizeConflict`]
    /// when lengths differ, [`Error::DuplicateName`] when two coordinates have one name.
    pub fn new(
        name: Option<&str>,
        variable: Variable,
        coords: impl IntoIterator<Item = (String, Variable)>,
    ) -> Result<Self> {
        let coords = Coords::new(coords)?;
        let owner = name.map_or_else(|| "the data".into(), |name| format!("variable {name:?}"));
        let mut sizes = IndexMap::new();
        unify_sizes(&mut sizes, &owner, variable.sizes())?;
        let vars = One { name: name.map(Into::into), variable };
        for (coord, values) in coords.iter() {
            vars.check_coord(coord, values)?;
            unify_sizes(&mut sizes, &format!("coordinate {coord:?}"), values.sizes())?;
        }
        Ok(Self { vars, coords })
    }

    /// The name, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.vars.name.as_deref()
    }

    /// The same array under a name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.vars.name = Some(name.into());
        self
    }

    /// The array without its coordinates.
    pub fn variable(&self) -> &Variable {
        &self.vars.variable
    }

    /// The names of the axes.
    pub fn dims(&self) -> &[Dim] {
        self.vars.variable.dims()
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        self.vars.variable.shape()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> graticule_array::DType {
        self.vars.variable.dtype()
    }

    /// The array of the engine.
    pub fn data(&self) -> &Array {
        self.vars.variable.data()
    }

    /// Bytes the values take when they are computed.
    pub fn nbytes(&self) -> usize {
        self.vars.variable.nbytes()
    }
}

impl Dataset {
    /// Data variables that share dimensions and coordinates.
    ///
    /// As in xarray, a data variable with one dimension of its own name is a coordinate.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let adt = Variable::new(["time", "lat"], Array::ones((3, 2), "auto")?)?;
    /// let lat = Variable::from_vec("lat", vec![-45.0, 45.0])?;
    /// let ds = Dataset::new([("adt".into(), adt)], [("lat".into(), lat)], Attrs::new())?;
    /// assert_eq!(ds.get("adt")?.shape(), [3, 2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SizeConflict`] when two variables give one dimension different lengths,
    /// [`Error::DuplicateName`] when a name appears twice.
    pub fn new(
        data_vars: impl IntoIterator<Item = (String, Variable)>,
        coords: impl IntoIterator<Item = (String, Variable)>,
        attrs: Attrs,
    ) -> Result<Self> {
        let mut coords: Vec<(String, Variable)> = coords.into_iter().collect();
        let mut variables: IndexMap<String, Variable> = IndexMap::new();
        let mut promoted = Vec::new();
        for (name, variable) in data_vars {
            let twice = |problem: &str| Error::DuplicateName { name: name.clone(), problem: problem.into() };
            if variables.contains_key(&name) {
                return Err(twice("two data variables have this name; rename one of them"));
            }
            if coords.iter().any(|(coord, _)| *coord == name) {
                return Err(twice("a data variable and a coordinate have this name; rename one of them"));
            }
            if is_index(&name, &variable) {
                promoted.push((name, variable));
            } else {
                variables.insert(name, variable);
            }
        }
        coords.extend(promoted);
        let coords = Coords::new(coords)?;
        let mut sizes = IndexMap::new();
        for (name, variable) in coords.iter() {
            unify_sizes(&mut sizes, &format!("coordinate {name:?}"), variable.sizes())?;
        }
        for (name, variable) in &variables {
            unify_sizes(&mut sizes, &format!("variable {name:?}"), variable.sizes())?;
        }
        Ok(Self { vars: Many { variables, attrs, encoding: Encoding::new() }, coords })
    }

    /// A variable or a coordinate as an array, with the coordinates that belong to it.
    ///
    /// # Errors
    /// [`Error::UnknownName`] when there is none of this name.
    pub fn get(&self, name: &str) -> Result<DataArray> {
        match self.vars.variables.get(name).or_else(|| self.coords.get(name)) {
            Some(variable) => Ok(one(name, variable, &self.coords)),
            None => Err(Error::UnknownName {
                kind: "variable",
                name: name.into(),
                names: self.names().map(Into::into).collect(),
            }),
        }
    }

    /// The data variables by name, in order.
    pub fn data_vars(&self) -> &IndexMap<String, Variable> {
        &self.vars.variables
    }

    /// A data variable or coordinate, where there is one of this name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.vars.variables.get(name).or_else(|| self.coords.get(name))
    }

    /// The names of all data variables, then of all coordinates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.vars.variables.keys().map(String::as_str).chain(self.coords.names())
    }

    /// All dimensions.
    pub fn dims(&self) -> Vec<Dim> {
        self.all_dims()
    }

    /// Bytes that all variables and coordinates take when they are computed.
    pub fn nbytes(&self) -> usize {
        self.arrays().map(Array::nbytes).sum()
    }
}
