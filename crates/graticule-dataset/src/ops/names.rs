//! Which variables and coordinates there are, and what they are called.

use indexmap::IndexMap;

use crate::align::{self, Join};
use crate::attrs::Attr;
use crate::coords::{Coords, is_index};
use crate::dims::{Dim, Over, unify_sizes};
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
        let mut all = self.coords.clone();
        let mut vars = self.vars.clone();
        for (name, variable) in coords {
            let name = name.into();
            vars.retain(|data| data != name);
            all.insert(name, variable)?;
        }
        Self::checked(vars, all)
    }

    /// The same data with attributes added or replaced.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let da = DataArray::new(None, Variable::scalar(1.0)?, [])?.assign_attrs([("units", "m")]);
    /// assert_eq!(da.attrs()["units"].as_str(), Some("m"));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn assign_attrs(
        &self,
        attrs: impl IntoIterator<Item = (impl Into<String>, impl Into<Attr>)>,
    ) -> Self {
        let mut result = self.clone();
        result.attrs_mut().extend(attrs.into_iter().map(|(name, value)| (name.into(), value.into())));
        result
    }

    /// What a function makes of these data, so that steps read in their order.
    pub fn pipe<T>(&self, f: impl FnOnce(&Self) -> T) -> T {
        f(self)
    }

    /// The same data without some coordinates or, for a dataset, variables. The name of a dimension with a
    /// multi-index stands for all levels.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there, [`Error::Argument`] for one level of a multi-index.
    pub fn drop_vars(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        for name in &names {
            let is_multi = self.coords.levels(name).is_some_and(|levels| !levels.is_empty());
            if !is_multi {
                self.known(name)?;
            }
        }
        self.drop_vars_if_present(names)
    }

    /// [`Labeled::drop_vars`] that passes over names that are not there: xarray's `errors="ignore"`.
    ///
    /// # Errors
    /// [`Error::Argument`] for one level of a multi-index.
    pub fn drop_vars_if_present(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut vars = self.vars.clone();
        let mut dropped: Vec<String> = Vec::new();
        for name in names {
            let name = name.as_ref();
            match self.coords.levels(name) {
                Some(levels) if !levels.is_empty() => {
                    dropped.extend(levels.iter().map(|level| level.name.clone()))
                }
                _ => dropped.push(name.to_owned()),
            }
            if self.vars.holds(name) {
                vars.retain(|data| data != name);
            }
        }
        let is_dropped = |name: &str| dropped.iter().any(|dropped| dropped == name);
        for name in &dropped {
            let along = self.coords.indexed_dim(name).and_then(|dim| self.coords.levels(dim));
            if along.is_some_and(|levels| levels.iter().any(|level| !is_dropped(&level.name))) {
                let hint = "it is a level of a multi-index; take it out by reset_index first";
                return Err(Error::argument("names", name, hint));
            }
        }
        let coords = self.coords.filtered(|name, _| !is_dropped(name));
        Ok(Self { vars, coords })
    }

    /// The same data without coordinates that are no indexes: those of some names, or with `()` all.
    /// xarray's `reset_coords(drop=True)`.
    ///
    /// # Errors
    /// As [`Labeled::reset_coords`].
    pub fn reset_coords_drop(&self, names: impl Into<Over>) -> Result<Self> {
        let names = self.reset_names(&names.into())?;
        let coords = self.coords.filtered(|name, _| !names.iter().any(|n| n == name));
        Ok(Self { vars: self.vars.clone(), coords })
    }

    /// The coordinates that are meant to be coordinates no longer.
    fn reset_names(&self, names: &Over) -> Result<Vec<String>> {
        let Some(names) = names.names() else {
            let all = self.coords.names().filter(|name| !self.coords.is_index(name));
            return Ok(all.map(Into::into).collect());
        };
        for name in names {
            self.coord(name)?;
            if self.coords.is_index(name) {
                let hint = "an index cannot be a data variable; drop it with drop_vars or rename it";
                return Err(Error::argument("names", name, hint));
            }
        }
        Ok(names.iter().map(ToString::to_string).collect())
    }

    /// The names that [`Labeled::drop_vars`] can mean.
    fn known(&self, name: &str) -> Result<()> {
        let names = || {
            let data =
                self.vars.variables().filter_map(|(name, _)| name).filter(|name| self.vars.holds(name));
            data.chain(self.coords.names())
        };
        if names().any(|known| known == name) {
            return Ok(());
        }
        let names = names().map(Into::into).collect();
        Err(Error::UnknownName { kind: "variable or coordinate", name: name.into(), names })
    }

    /// The parts as a container, once it is sure that they fit.
    pub(crate) fn checked(vars: V, coords: Coords) -> Result<Self> {
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
        let mut vars = self.vars.clone();
        vars.variable = renames.dims_of(&self.vars.variable)?;
        Self::checked(vars, self.coords.renamed(|name| renames.name(name), |dim| renames.name(dim))?)
    }

    /// Turns coordinates that are no indexes into variables of a dataset, beside the array: those of some names, or
    /// with `()` all.
    ///
    /// # Errors
    /// As [`DataArray::to_dataset`]; [`Error::UnknownName`] for a name that is not there, [`Error::Argument`] for an
    /// index.
    pub fn reset_coords(&self, names: impl Into<Over>) -> Result<Dataset> {
        let names = self.reset_names(&names.into())?;
        let (name, variable) = self.named()?;
        let mut dataset = Dataset { vars: Many::default(), coords: self.coords.clone() };
        dataset.reset(&names);
        dataset.vars.variables.insert(name, variable);
        Ok(dataset)
    }

    /// The name and the variable, once it is sure that a dataset can have them.
    fn named(&self) -> Result<(String, Variable)> {
        let Some(name) = self.name() else {
            return Err(Error::argument("name", "none", "name the array by with_name first"));
        };
        if self.coords.contains(name) {
            let problem =
                "the array and one of its coordinates have this name; rename one of them by with_name";
            return Err(Error::DuplicateName { name: name.into(), problem: problem.into() });
        }
        Ok((name.to_owned(), self.vars.variable.clone()))
    }
}

impl DataArray {
    /// A dataset with this array as its only variable, under the array's name.
    ///
    /// # Errors
    /// [`Error::Argument`] when the array has no name.
    pub fn to_dataset(&self) -> Result<Dataset> {
        let (name, variable) = self.named()?;
        let mut vars = Many::default();
        vars.variables.insert(name, variable);
        Ok(Dataset { vars, coords: self.coords.clone() })
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
        let mut result = self.assign([(name, array.vars.variable)])?.assign_coords(new)?;
        result.coords.adopt_levels(&array.coords)?;
        Ok(result)
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
        self.renamed(|name| renames.name(name), |dim| renames.name(dim))
    }

    /// Other names for variables and coordinates, not for dimensions. A coordinate that was the index of its
    /// dimension stays it under its new name.
    ///
    /// # Errors
    /// As [`Dataset::rename`].
    pub fn rename_vars<K: AsRef<str>, T: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let renames = Renames::new(names, self.names().collect())?;
        self.renamed(|name| renames.name(name), str::to_owned)
    }

    /// Other names for dimensions, not for coordinates. A coordinate that was the index of a dimension stays it.
    ///
    /// # Errors
    /// As [`Dataset::rename`]; [`Error::DuplicateName`] also for the name of a coordinate, for which there is
    /// [`Labeled::swap_dims`].
    pub fn rename_dims<K: AsRef<str>, T: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let dims = self.dims();
        let renames = Renames::new(names, dims.iter().map(|dim| dim.as_str()).collect())?;
        for (old, new) in &renames.0 {
            if old != new && (self.size(new).is_ok() || self.variable(new).is_some()) {
                let problem =
                    "there is a dimension or a variable of this name; use swap_dims to make it the dimension";
                return Err(Error::DuplicateName { name: new.clone(), problem: problem.into() });
            }
        }
        self.renamed(str::to_owned, |dim| renames.name(dim))
    }

    fn renamed(&self, name: impl Fn(&str) -> String, dim: impl Fn(&str) -> String) -> Result<Self> {
        let mut coords = self.coords.renamed(&name, &dim)?;
        let mut vars = Many { variables: IndexMap::new(), ..self.vars.clone() };
        for (old, variable) in &self.vars.variables {
            let new = name(old);
            if vars.variables.contains_key(&new) || coords.contains(&new) {
                let problem = "two variables would have this name; rename one of them to another".into();
                return Err(Error::DuplicateName { name: new, problem });
            }
            let dims = variable.dims().iter().map(|old| Dim::new(dim(old))).collect();
            let variable = variable.with_dims_and_data(dims, variable.data().clone())?;
            if is_index(&new, &variable) {
                coords.insert(new, variable)?;
            } else {
                vars.variables.insert(new, variable);
            }
        }
        let mut distinct: Vec<String> = Vec::new();
        for old in self.dims() {
            let new = dim(&old);
            if distinct.contains(&new) {
                let problem = "two dimensions would have this name; rename one of them to another".into();
                return Err(Error::DuplicateName { name: new, problem });
            }
            distinct.push(new);
        }
        Self::checked(vars, coords)
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

    /// Turns coordinates into data variables: those of some names, or with `()` all but the indexes.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not there, [`Error::Argument`] for an index.
    pub fn reset_coords(&self, names: impl Into<Over>) -> Result<Self> {
        let names = self.reset_names(&names.into())?;
        let mut result = self.clone();
        result.reset(&names);
        Ok(result)
    }

    /// Makes coordinates data variables.
    fn reset(&mut self, names: &[String]) {
        for (name, variable) in self.coords.iter().filter(|(name, _)| names.iter().any(|n| n == name)) {
            self.vars.variables.insert(name.into(), variable.clone());
        }
        self.coords = self.coords.filtered(|coord, _| !names.iter().any(|name| name == coord));
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
        let mut coords = self.coords.filtered(|name, _| !all.contains_key(name));
        let promoted: Vec<String> =
            all.iter().filter(|(name, v)| is_index(name, v)).map(|(name, _)| name.clone()).collect();
        for name in promoted {
            if let Some(variable) = all.shift_remove(&name) {
                coords.insert(name, variable)?;
            }
        }
        let mut sizes = IndexMap::new();
        for (name, variable) in coords.iter() {
            unify_sizes(&mut sizes, &format!("coordinate {name:?}"), variable.sizes())?;
        }
        for (name, variable) in &all {
            unify_sizes(&mut sizes, &format!("variable {name:?}"), variable.sizes())?;
        }
        Ok(Self { vars: Many { variables: all, ..self.vars.clone() }, coords })
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

    /// A variable over dimensions of other names.
    fn dims_of(&self, variable: &Variable) -> Result<Variable> {
        let dims = variable.dims().iter().map(|dim| Dim::new(self.name(dim))).collect();
        variable.with_dims_and_data(dims, variable.data().clone())
    }
}

#[cfg(test)]
mod tests {
    use graticule_array::Array;

    use super::*;
    use crate::attrs::Attrs;

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
