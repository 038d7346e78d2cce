//! Which variables and coordinates there are, and what they are called.

use indexmap::IndexMap;

use crate::align::{self, Join};
use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Dataset, Labeled, Many};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The same data with coordinates added or replaced.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::ones(2, "auto")?)?, [])?;
    /// let da = da.assign_coords([("lat", Variable::from_vec("lat", vec![10.0, 20.0])?)])?;
    /// assert!(da.coords().is_index("lat"));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`DataArray::new`] and [`Dataset::new`].
    pub fn assign_coords(
        &self,
        coords: impl IntoIterator<Item = (impl Into<String>, Variable)>,
    ) -> Result<Self> {
        let mut all: IndexMap<String, Variable> =
            self.coords.iter().map(|(name, variable)| (name.into(), variable.clone())).collect();
        let mut vars = self.vars.clone();
        for (name, variable) in coords {
            let name = name.into();
            vars.retain(|data| data != name);
            all.insert(name, variable);
        }
        Self::checked(vars, all)
    }

    /// The same data without some coordinates or, for a dataset, variables.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there.
    pub fn drop_vars(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut vars = self.vars.clone();
        let mut dropped = Vec::new();
        for name in names {
            self.known(name.as_ref())?;
            vars.retain(|data| data != name.as_ref());
            dropped.push(name.as_ref().to_owned());
        }
        let coords = self.coords.filtered(|name, _| !dropped.iter().any(|d| d == name));
        Ok(Self { vars, coords })
    }

    /// The names that [`Labeled::drop_vars`] can mean.
    fn known(&self, name: &str) -> Result<()> {
        let names = || {
            let data = self.vars.variables().filter_map(|(name, _)| name);
            data.chain(self.coords.names())
        };
        if names().any(|known| known == name) {
            return Ok(());
        }
        let names = names().map(Into::into).collect();
        Err(Error::UnknownName { kind: "variable or coordinate", name: name.into(), names })
    }

    /// The parts as a container, once it is sure that they fit.
    fn checked(vars: V, coords: impl IntoIterator<Item = (String, Variable)>) -> Result<Self> {
        let coords = Coords::new(coords)?;
        let candidate = Self { vars, coords };
        let sizes = candidate.sizes();
        for (name, variable) in candidate.coords.iter() {
            for (dim, len) in variable.sizes() {
                if let Some(&known) = sizes.get(&dim)
                    && known != len
                {
                    return Err(Error::SizeConflict {
                        dim,
                        left: "the data".into(),
                        left_len: known,
                        right: format!("coordinate {name:?}"),
                        right_len: len,
                    });
                }
            }
            candidate.vars.check_coord(name, variable)?;
        }
        Ok(candidate)
    }
}

impl DataArray {
    /// Other names for dimensions and coordinates.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there, [`Error::DuplicateName`] for one that is taken.
    pub fn rename<K: AsRef<str>, T: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let known = self.dims().iter().map(|dim| dim.as_str()).chain(self.coords.names());
        let renames = Renames::new(names, known.collect())?;
        let variable = renames.variable(&self.vars.variable)?;
        let mut vars = self.vars.clone();
        vars.variable = variable;
        Self::checked(vars, renames.coords(&self.coords)?)
    }
}

impl DataArray {
    /// A dataset with this array as its only variable, under the array's name.
    ///
    /// # Errors
    /// [`Error::Argument`] when the array has no name.
    pub fn to_dataset(&self) -> Result<Dataset> {
        let Some(name) = self.name() else {
            return Err(Error::argument("name", "none", "name the array by with_name first"));
        };
        let coords = self.coords.iter().map(|(name, variable)| (name.to_owned(), variable.clone()));
        Dataset::new([(name.to_owned(), self.vars.variable.clone())], coords, Attrs::new())
    }
}

impl Dataset {
    /// The dataset with an array added or replaced, and those of its coordinates that are new.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let adt = Variable::new(["lat"], Array::ones(3, "auto")?)?;
    /// let ds = Dataset::new([("adt".into(), adt)], [], Attrs::new())?;
    /// let ds = ds.with_array("twice", (ds.get("adt")? * 2.0)?)?;
    /// assert_eq!(ds.get("twice")?.shape(), [3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Alignment`] when its labels differ from those of the dataset, and as [`Dataset::new`].
    pub fn with_array(&self, name: &str, array: DataArray) -> Result<Self> {
        align::picks(&[&self.coords, &array.coords], Join::Exact)?;
        let new = array.coords.iter().filter(|(coord, _)| !self.coords.contains(coord) && *coord != name);
        let new: Vec<(String, Variable)> = new.map(|(coord, v)| (coord.to_owned(), v.clone())).collect();
        self.assign([(name, array.vars.variable)])?.assign_coords(new)
    }

    /// Other names for dimensions, variables and coordinates.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let adt = Variable::new(["latitude"], Array::ones(3, "auto")?)?;
    /// let ds = Dataset::new([("adt".into(), adt)], [], Attrs::new())?;
    /// let ds = ds.rename([("latitude", "lat"), ("adt", "ssh")])?;
    /// assert_eq!(ds.get("ssh")?.dims(), ["lat"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there, [`Error::DuplicateName`] for one that is taken.
    pub fn rename<K: AsRef<str>, T: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let dims = self.dims();
        let renames = Renames::new(names, self.names().chain(dims.iter().map(|dim| dim.as_str())).collect())?;
        let variables = self.vars.variables.iter();
        let variables = variables.map(|(name, v)| Ok((renames.name(name), renames.variable(v)?)));
        let variables = variables.collect::<Result<Vec<_>>>()?;
        let mut renamed = Self::new(variables, renames.coords(&self.coords)?, self.vars.attrs.clone())?;
        renamed.vars.encoding = self.vars.encoding.clone();
        Ok(renamed)
    }

    /// Turns data variables into coordinates.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there.
    pub fn set_coords(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut result = self.clone();
        for name in names {
            self.known(name.as_ref())?;
            if let Some((name, variable)) = result.vars.variables.shift_remove_entry(name.as_ref()) {
                result.coords.insert(name, variable)?;
            }
        }
        Ok(result)
    }

    /// Turns coordinates into data variables, all but the indexes.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there, [`Error::Argument`] for an index.
    pub fn reset_coords(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut result = self.clone();
        for name in names {
            let name = name.as_ref();
            self.known(name)?;
            if self.coords.is_index(name) {
                let hint = "an index cannot be a data variable; drop it with drop_vars or rename it";
                return Err(Error::argument("names", name, hint));
            }
            if let Some(variable) = self.coords.get(name) {
                result.vars.variables.insert(name.into(), variable.clone());
                result.coords = result.coords.filtered(|coord, _| coord != name);
            }
        }
        Ok(result)
    }

    /// The dataset with variables added or replaced. Their coordinates are not taken along; lengths must fit.
    ///
    /// # Errors
    /// As [`Dataset::new`].
    pub fn assign(&self, variables: impl IntoIterator<Item = (impl Into<String>, Variable)>) -> Result<Self> {
        let mut all = self.vars.variables.clone();
        for (name, variable) in variables {
            all.insert(name.into(), variable);
        }
        let kept = self.coords.iter().filter(|(name, _)| !all.contains_key(*name));
        let kept: Vec<_> = kept.map(|(name, variable)| (name.to_owned(), variable.clone())).collect();
        let mut assigned = Self::new(all, kept, self.vars.attrs.clone())?;
        assigned.vars.encoding = self.vars.encoding.clone();
        Ok(assigned)
    }

    /// The dataset with only these data variables and the coordinates that belong to them.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not a data variable.
    pub fn select_vars(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut variables = IndexMap::new();
        for name in names {
            match self.vars.variables.get_key_value(name.as_ref()) {
                Some((name, variable)) => variables.insert(name.clone(), variable.clone()),
                None => {
                    let names = self.vars.variables.keys().cloned().collect();
                    return Err(Error::UnknownName { kind: "variable", name: name.as_ref().into(), names });
                }
            };
        }
        let vars = Many { variables, attrs: self.vars.attrs.clone(), encoding: self.vars.encoding.clone() };
        let coords = self.coords.within(&vars.dims());
        Ok(Self { vars, coords })
    }
}

/// A table of new names.
struct Renames(IndexMap<String, String>);

impl Renames {
    fn new<K: AsRef<str>, T: Into<String>>(
        names: impl IntoIterator<Item = (K, T)>,
        known: Vec<&str>,
    ) -> Result<Self> {
        let mut table = IndexMap::new();
        for (old, new) in names {
            let old = old.as_ref();
            if !known.contains(&old) {
                let mut names: Vec<String> = Vec::new();
                for name in known {
                    if !names.iter().any(|n| n == name) {
                        names.push(name.into());
                    }
                }
                return Err(Error::UnknownName { kind: "variable or dimension", name: old.into(), names });
            }
            table.insert(old.to_owned(), new.into());
        }
        Ok(Self(table))
    }

    fn name(&self, name: &str) -> String {
        self.0.get(name).map_or(name, String::as_str).into()
    }

    fn variable(&self, variable: &Variable) -> Result<Variable> {
        let dims = variable.dims().iter().map(|dim| Dim::new(self.name(dim))).collect();
        variable.with_dims_and_data(dims, variable.data().clone())
    }

    fn coords(&self, coords: &Coords) -> Result<Vec<(String, Variable)>> {
        coords.iter().map(|(name, v)| Ok((self.name(name), self.variable(v)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use graticule_array::Array;

    use super::*;

    fn dataset() -> Dataset {
        let adt = Variable::new(["time", "lat"], Array::ones((3, 2), "auto").unwrap()).unwrap();
        let area = Variable::new(["lat"], Array::ones(2, "auto").unwrap()).unwrap();
        let lat = Variable::from_vec("lat", vec![-45.0, 45.0]).unwrap();
        Dataset::new([("adt".into(), adt), ("area".into(), area)], [("lat".into(), lat)], Attrs::new())
            .unwrap()
    }

    #[test]
    fn coordinates_and_variables_change_places() {
        let ds = dataset().set_coords(["area"]).unwrap();
        assert_eq!(ds.coords().names().collect::<Vec<_>>(), ["lat", "area"]);
        assert_eq!(ds.get("adt").unwrap().coords().len(), 2);
        assert_eq!(ds.reset_coords(["area"]).unwrap().data_vars().len(), 2);
        assert!(ds.reset_coords(["lat"]).is_err());
        assert!(ds.set_coords(["areas"]).unwrap_err().to_string().contains("did you mean \"area\"?"));
    }

    #[test]
    fn renaming_reaches_dimensions_and_coordinates() {
        let ds = dataset().rename([("lat", "y"), ("adt", "ssh")]).unwrap();
        assert_eq!(ds.get("ssh").unwrap().dims(), ["time", "y"]);
        assert!(ds.coords().is_index("y"));
        assert!(dataset().rename([("adt", "area")]).is_err());
        assert!(dataset().rename([("depth", "z")]).is_err());
        let da = dataset().get("adt").unwrap().rename([("time", "t")]).unwrap();
        assert_eq!(da.dims(), ["t", "lat"]);
    }

    #[test]
    fn dropping_needs_a_name_that_is_there() {
        let ds = dataset();
        assert_eq!(ds.drop_vars(["adt", "lat"]).unwrap().names().collect::<Vec<_>>(), ["area"]);
        assert!(ds.drop_vars(["sla"]).is_err());
    }

    #[test]
    fn assigned_coordinates_must_fit() {
        let wrong = Variable::from_vec("lat", vec![1.0, 2.0, 3.0]).unwrap();
        let error = dataset().assign_coords([("lat", wrong.clone())]).unwrap_err();
        assert!(error.to_string().contains("has length 2 in the data but 3"), "{error}");
        let da = dataset().get("area").unwrap();
        let depth = Variable::from_vec("depth", vec![1.0]).unwrap();
        assert!(da.assign_coords([("depth", depth)]).is_err());
    }
}
