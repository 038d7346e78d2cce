//! Between arrays and datasets, and choosing variables of a dataset.

use std::sync::Arc;

use graticule_array::{Array, Chunk, Scalar};
use indexmap::IndexMap;

use crate::align::{self, Join};
use crate::attrs::{Attr, Attrs, Encoding};
use crate::coords::Coords;
use crate::dims::{Dim, dims_from};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, Dataset, Many, One};
use crate::variable::Variable;

impl DataArray {
    /// A dataset with a variable for each label of a dimension, named by its text: numbers count up where the
    /// dimension has no labels.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, NewDims, Variable};
    /// let wind = DataArray::new(None, Variable::new(["x"], Array::ones(3, "auto")?)?, [])?;
    /// let wind = wind.expand_dims(NewDims::labels("component", ["u", "v"]))?;
    /// let ds = wind.to_dataset_dim("component")?;
    /// assert_eq!(ds.names().collect::<Vec<_>>(), ["u", "v"]);
    /// assert_eq!(ds.to_dataarray("component")?.dims(), ["component", "x"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::DuplicateName`] for labels that repeat or are names of coordinates.
    pub fn to_dataset_dim(&self, dim: &str) -> Result<Dataset> {
        let len = self.size(dim)?;
        let names: Vec<String> = match self.coords.index(dim) {
            Some(index) => (0..len)
                .map(|i| match index.labels().get(i) {
                    Some(Scalar::Str(text)) => text.to_string(),
                    _ => index.text(i),
                })
                .collect(),
            None => (0..len).map(|i| i.to_string()).collect(),
        };
        let bare = self.clone().with_attrs(Attrs::new());
        let mut variables = IndexMap::new();
        for (position, name) in names.into_iter().enumerate() {
            let part = bare.isel(dim, position as isize)?;
            if variables.contains_key(&name) || self.coords.contains(&name) {
                let problem =
                    format!("a label of {dim:?} and another name are the same; rename or select first");
                return Err(Error::DuplicateName { name, problem });
            }
            variables.insert(name, part.vars.variable);
        }
        let along = Dim::new(dim);
        let coords = self.coords.filtered(|_, variable| !variable.dims().contains(&along));
        let vars = Many { variables, attrs: self.attrs().clone(), encoding: Encoding::new() };
        Ok(Dataset { vars, coords })
    }
}

impl Dataset {
    /// The variables side by side along a new first dimension, whose labels are their names. They are stretched over
    /// each other's dimensions, and dtypes are promoted to one that holds all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let u = Variable::new(["x"], Array::ones(3, "auto")?)?;
    /// let ds = Dataset::new([("u".into(), u.clone()), ("v".into(), u)], [], Attrs::new())?;
    /// let both = ds.to_dataarray("variable")?;
    /// assert_eq!(both.shape(), [2, 3]);
    /// assert_eq!(both.sel("variable", "v")?.shape(), [3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a dataset without variables, [`Error::DuplicateName`] when the new name is taken, and
    /// [`graticule_array::Error::Dtype`] for variables without a common dtype.
    pub fn to_dataarray(&self, dim: &str) -> Result<DataArray> {
        if self.data_vars().is_empty() {
            return Err(Error::argument(
                "dataset",
                "without variables",
                "there is nothing to put side by side",
            ));
        }
        if self.size(dim).is_ok() || self.variable(dim).is_some() {
            let problem = "there is a dimension or a variable of this name; choose another".into();
            return Err(Error::DuplicateName { name: dim.into(), problem });
        }
        let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
        for variable in self.data_vars().values() {
            sizes.extend(variable.sizes());
        }
        let mut times = self.data_vars().values().filter(|variable| variable.calendar().is_some());
        let calendar = times.next().and_then(|first| first.calendar().map(|calendar| (first, calendar)));
        if let Some((first, _)) = calendar {
            times.try_for_each(|other| first.check_calendar(other, "putting variables side by side"))?;
        }
        let parts = self.data_vars().values().map(|variable| Ok(variable.stretched(&sizes)?.data().clone()));
        let data = Array::stack(&parts.collect::<Result<Vec<_>>>()?, 0)?;
        let mut dims = vec![Dim::new(dim)];
        dims.extend(sizes.into_keys());
        let names: Vec<Arc<str>> = self.data_vars().keys().map(|name| Arc::from(name.as_str())).collect();
        let labels = Variable::from_chunk([dim], Chunk::new(vec![names.len()], names)?)?;
        let mut coords = Coords::new([(dim.to_owned(), labels)])?;
        let within = self.coords.within(&dims);
        for (name, variable) in within.iter() {
            coords.insert(name.into(), variable.clone())?;
        }
        coords.inherit_levels(&within)?;
        let variable = Variable::new(dims, data)?.with_attrs(self.attrs().clone());
        let variable = variable.with_calendar(calendar.map(|(_, calendar)| calendar).unwrap_or_default());
        Ok(DataArray { vars: One { name: None, variable }, coords })
    }

    /// The same as [`Dataset::to_dataarray`], under its older name.
    ///
    /// # Errors
    /// As [`Dataset::to_dataarray`].
    pub fn to_array(&self, dim: &str) -> Result<DataArray> {
        self.to_dataarray(dim)
    }

    /// A function of each data variable, as an array with its coordinates. Attributes stay, as in xarray.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let x = Variable::new(["x"], Array::ones(3, "auto")?)?;
    /// let ds = Dataset::new([("a".into(), x)], [], Attrs::new())?;
    /// assert_eq!(ds.map(|x| x.sum("x"))?.get("a")?.item()?, 3.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first that `f` gives; [`Error::Alignment`] when labels of the results differ, [`Error::SizeConflict`]
    /// when lengths do.
    pub fn map(&self, mut f: impl FnMut(&DataArray) -> Result<DataArray>) -> Result<Self> {
        let mut variables = IndexMap::new();
        let mut coords = Coords::default();
        for (name, variable) in self.data_vars() {
            let result = f(&self.get(name)?)?;
            align::picks(&[&coords, &result.coords], Join::Exact)?;
            coords = coords.merged(&result.coords)?;
            variables.insert(name.clone(), result.vars.variable.with_attrs(variable.attrs().clone()));
        }
        Self::checked(Many { variables, ..self.vars.clone() }, coords)
    }

    /// The dataset without some dimensions, and without the variables and coordinates that have them.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn drop_dims(&self, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let dims = dims_from(dims);
        for dim in &dims {
            self.size(dim)?;
        }
        self.drop_dims_if_present(dims)
    }

    /// [`Dataset::drop_dims`] that passes over dimensions that are not there: xarray's `errors="ignore"`.
    ///
    /// # Errors
    /// None for a dataset that exists.
    pub fn drop_dims_if_present(&self, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let dims = dims_from(dims);
        let stays = |variable: &Variable| !variable.dims().iter().any(|dim| dims.contains(dim));
        let mut result = self.clone();
        result.vars.variables.retain(|_, variable| stays(variable));
        result.coords = self.coords.filtered(|_, variable| stays(variable));
        Ok(result)
    }

    /// The dataset with only the variables that have attributes of these values, and the coordinates that belong to
    /// them.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let metres: Attrs = [("units".to_owned(), "m".into())].into_iter().collect();
    /// let (a, b) = (Variable::scalar(1.0)?.with_attrs(metres), Variable::scalar(2.0)?);
    /// let ds = Dataset::new([("a".into(), a), ("b".into(), b)], [], Attrs::new())?;
    /// assert_eq!(ds.filter_by_attrs([("units", "m")])?.names().collect::<Vec<_>>(), ["a"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for a dataset that exists.
    pub fn filter_by_attrs<K: AsRef<str>, T: Into<Attr>>(
        &self,
        attrs: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let wanted: Vec<(String, Attr)> =
            attrs.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value.into())).collect();
        self.filter_vars(|_, variable| {
            wanted.iter().all(|(name, value)| variable.attrs().get(name) == Some(value))
        })
    }

    /// The dataset with only the variables that a function of name and variable accepts, and the coordinates that
    /// belong to them.
    ///
    /// # Errors
    /// None for a dataset that exists.
    pub fn filter_vars(&self, mut accept: impl FnMut(&str, &Variable) -> bool) -> Result<Self> {
        let accepted = self.data_vars().iter().filter(|(name, variable)| accept(name, variable));
        let accepted: Vec<&String> = accepted.map(|(name, _)| name).collect();
        self.select_vars(accepted)
    }
}
