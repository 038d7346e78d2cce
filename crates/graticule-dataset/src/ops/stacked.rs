//! Variables with different dimensions side by side in one array, and back.

use std::sync::Arc;

use graticule_array::{Array, Chunk, Scalar};
use indexmap::IndexMap;

use super::shape::reshaped;
use crate::align::Taken;
use crate::attrs::{Attrs, Encoding};
use crate::coords::Coords;
use crate::dims::{Dim, dims_from};
use crate::error::{Error, Result, listed};
use crate::index::{Key, Level, keys};
use crate::labeled::{DataArray, Dataset, Labeled, Many, One};
use crate::select::Pick;
use crate::variable::Variable;

/// The level that holds the names of variables.
const VARIABLE: &str = "variable";

impl Dataset {
    /// All variables in one array: the dimensions that all of them have stay, the others are stacked into a new last one,
    /// whose multi-index has the name of the variable as its first level, `variable`.
    ///
    /// A variable that lacks a stacked dimension has a missing label there, for which whole numbers become floats.
    /// [`DataArray::to_unstacked_dataset`] leads back.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let map = Variable::new(["time", "lat"], Array::ones((4, 3), "auto")?)?;
    /// let line = Variable::new(["time"], Array::zeros(4, "auto")?)?;
    /// let ds = Dataset::new([("map".into(), map), ("line".into(), line)], [], Attrs::new())?;
    /// let features = ds.to_stacked_array("feature", ["time"])?;
    /// assert_eq!(features.shape(), [4, 4]);
    /// assert_eq!(features.sel("variable", "line")?.shape(), [4, 1]);
    /// assert_eq!(features.to_unstacked_dataset("feature")?.get("map")?.shape(), [4, 3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a dataset without variables, for a variable that lacks one of the dimensions that stay, and
    /// for coordinates of several dimensions of which some are stacked; [`Error::DuplicateName`] when a new name is
    /// taken; [`graticule_array::Error::Dtype`] for variables without a common dtype.
    pub fn to_stacked_array(
        &self,
        new_dim: &str,
        sample_dims: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<DataArray> {
        let samples = dims_from(sample_dims);
        let Some((first_name, first)) = self.data_vars().first() else {
            return Err(Error::argument("dataset", "without variables", "there is nothing to stack"));
        };
        for (name, variable) in self.data_vars() {
            if let Some(dim) = samples.iter().find(|dim| variable.axis(dim).is_none()) {
                let hint = format!(
                    "variable {name:?} has no dimension {dim:?}; drop it, or leave the dimension out"
                );
                return Err(Error::argument("sample_dims", listed(&samples), hint));
            }
            first.check_calendar(variable, "stacking variables")?;
        }
        for name in [new_dim, VARIABLE] {
            if self.size(name).is_ok() || self.variable(name).is_some() {
                let problem = "there is a dimension or a variable of this name; rename it first".into();
                return Err(Error::DuplicateName { name: name.into(), problem });
            }
        }
        let new = Dim::new(new_dim);
        let mut dims: Vec<Dim> = first.dims().iter().filter(|dim| samples.contains(dim)).cloned().collect();
        let mut stacked: IndexMap<Dim, Vec<Option<usize>>> = IndexMap::new();
        for dim in self.data_vars().values().flat_map(Variable::dims).filter(|dim| !samples.contains(dim)) {
            stacked.entry(dim.clone()).or_default();
        }
        let mut parts = Vec::with_capacity(self.data_vars().len());
        let mut names: Vec<Arc<str>> = Vec::new();
        for (name, variable) in self.data_vars() {
            let own: Vec<(&Dim, usize)> =
                stacked.keys().filter_map(|dim| Some((dim, variable.size(dim)?))).collect();
            let cells: usize = own.iter().map(|(_, len)| len).product();
            let order: Vec<&Dim> = dims.iter().chain(own.iter().map(|(dim, _)| *dim)).collect();
            let ordered = variable.transpose(order)?;
            let mut shape: Vec<usize> = dims.iter().filter_map(|dim| variable.size(dim)).collect();
            shape.push(cells);
            parts.push(reshaped(ordered.data(), &shape)?);
            names.extend(std::iter::repeat_n(Arc::from(name.as_str()), cells));
            let sizes: Vec<(Dim, usize)> = own.into_iter().map(|(dim, len)| (dim.clone(), len)).collect();
            for (dim, positions) in &mut stacked {
                let inner = sizes.iter().skip_while(|(other, _)| other != dim).skip(1).map(|(_, len)| len);
                let repeat = inner.product::<usize>().max(1);
                let len = sizes.iter().find(|(other, _)| other == dim).map(|(_, len)| *len);
                positions.extend((0..cells).map(|cell| len.map(|len| cell / repeat % len.max(1))));
            }
        }
        let data = Array::concatenate(&parts, -1)?;
        let mut coords = self.coords.within(&dims);
        let mut levels = vec![Level::ordered(VARIABLE, self.name_labels()?)];
        coords
            .insert(VARIABLE.into(), Variable::from_chunk([&new], Chunk::new(vec![names.len()], names)?)?)?;
        for (dim, positions) in stacked {
            for (name, column) in self.columns_along(&dim)? {
                let taken = Taken::of(positions.clone());
                let column = column.taken(&dim, &taken, None, true)?;
                let column =
                    column.with_dims_and_data(vec![new.clone()], column.data().clone())?.persist()?;
                if name == *dim || self.coords.is_index(&name) {
                    let order = column.resident().cloned();
                    levels.extend(order.map(|_| Level::sorted(name.clone())));
                }
                coords.insert(name, column.with_encoding(Encoding::new()))?;
            }
        }
        dims.push(new.clone());
        coords.set_levels(new, levels)?;
        let variable = Variable::new(dims, data)?.with_attrs(first.attrs().clone());
        let variable = variable.with_calendar(first.calendar().unwrap_or_default());
        Ok(Labeled::from_parts(One { name: Some(first_name.clone()), variable }, coords))
    }

    /// The names of the data variables as labels.
    fn name_labels(&self) -> Result<Arc<Chunk>> {
        let names: Vec<Arc<str>> = self.data_vars().keys().map(|name| Arc::from(name.as_str())).collect();
        Ok(Arc::new(Chunk::new(vec![names.len()], names)?))
    }

    /// The coordinates along a dimension, its labels first; positions where it has none.
    fn columns_along(&self, dim: &Dim) -> Result<Vec<(String, Variable)>> {
        let mut columns = Vec::new();
        if let [_, _, ..] = self.coords.index_names(dim).as_slice() {
            return Err(Error::Unindexed {
                dim: dim.clone(),
                problem: "has an index of several levels".into(),
                hint: "unstack it before it is stacked again".into(),
            });
        }
        if self.coords.index_names(dim).is_empty() && !self.coords.contains(dim) {
            let positions = (0..self.size(dim)?).map(|position| position as i64).collect();
            columns.push((dim.to_string(), Variable::from_vec(dim, positions)?));
        }
        for (name, variable) in self.coords.iter().filter(|(_, variable)| variable.axis(dim).is_some()) {
            if variable.ndim() > 1 {
                let hint =
                    format!("coordinate {name:?} has several dimensions; drop it, or make it a variable");
                return Err(Error::argument("dataset", format!("with coordinate {name:?}"), hint));
            }
            columns.push((name.to_owned(), variable.clone()));
        }
        Ok(columns)
    }
}

impl DataArray {
    /// The dataset of which [`Dataset::to_stacked_array`] has made this array: a variable for each label of the first
    /// level of a multi-index, with the other levels as dimensions where it has labels for them.
    ///
    /// # Errors
    /// [`Error::Unindexed`] for a dimension without a multi-index; [`Error::AmbiguousLabel`] for labels that repeat;
    /// [`Error::Alignment`] where a dimension has other labels in one variable than in another.
    pub fn to_unstacked_dataset(&self, dim: &str) -> Result<Dataset> {
        let levels = self.coords.levels(dim).unwrap_or_default().to_vec();
        let Some((first, rest)) = levels.split_first() else {
            self.size(dim)?;
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has no multi-index".into(),
                hint: "stack it first, or use to_dataset_dim".into(),
            });
        };
        let names = self.coord(&first.name)?.vars.variable.values()?;
        let mut groups: IndexMap<String, Vec<usize>> = IndexMap::new();
        for position in 0..names.len() {
            let name = match names.get(position) {
                Some(Scalar::Str(text)) => text.to_string(),
                Some(other) => other.to_string(),
                None => continue,
            };
            groups.entry(name).or_default().push(position);
        }
        let mut dataset = Labeled::from_parts(Many::default(), Coords::default());
        for (name, positions) in groups {
            let part = self.pick(dim, &Pick::of_positions(positions))?;
            let part = part.unstacked_part(dim, &first.name, rest, &name)?;
            dataset = dataset.with_array(&name, part.with_attrs(Attrs::new()))?;
        }
        Ok(dataset)
    }

    /// The values of one variable along the levels for which it has labels.
    fn unstacked_part(&self, dim: &str, first: &str, rest: &[Level], variable: &str) -> Result<Self> {
        let mut gone = vec![first.to_owned()];
        let mut kept = Vec::new();
        for level in rest {
            let labels = self.coord(&level.name)?.vars.variable.values()?;
            let is_none = |key: &Key| key.is_missing() || matches!(key, Key::Text(text) if text.is_empty());
            match keys(&labels).iter().all(is_none) {
                true => gone.push(level.name.clone()),
                false => kept.push(level.clone()),
            }
        }
        let coords = self.coords.filtered(|name, _| !gone.iter().any(|gone| gone == name));
        let mut part = Self::from_parts(self.vars.clone(), coords);
        match kept.as_slice() {
            [] if part.size(dim)? == 1 => part.isel_drop(dim, 0),
            [] => Err(Error::AmbiguousLabel {
                dim: dim.into(),
                label: format!("{variable:?}"),
                count: part.size(dim)?,
                hint: "no other level tells them apart".into(),
            }),
            [one] => part.swap_dims([(dim, one.name.as_str())]),
            _ => {
                part.coords.set_levels(Dim::new(dim), kept)?;
                part.unstack(dim)
            }
        }
    }
}
