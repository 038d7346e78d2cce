//! Which coordinates are the index of a dimension.

use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::Level;
use crate::labeled::{DataVars, Labeled};

impl<V: DataVars> Labeled<V> {
    /// Coordinates along a dimension as its index. One takes the name of the dimension; several become the levels of
    /// a multi-index, which is sorted where it is unstacked. What was the index before is left out.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let coord = |values: Vec<i64>| Variable::from_vec("obs", values);
    /// let coords = [("x".into(), coord(vec![2, 1, 2, 1])?), ("y".into(), coord(vec![7, 7, 9, 9])?)];
    /// let da = DataArray::new(None, Variable::new(["obs"], Array::arange(4)?)?, coords)?;
    /// let da = da.set_index("obs", ["x", "y"])?;
    /// assert_eq!(da.sel("x", 2)?.sel("y", 9)?.item()?, 2.0);
    /// assert_eq!(da.unstack("obs")?.shape(), [2, 2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::UnknownName`], [`Error::CoordDims`] for a coordinate that does not lie along the
    /// dimension alone.
    pub fn set_index(&self, dim: &str, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let names = self.checked_along(dim, names)?;
        let old: Vec<String> = self.coords.index_names(dim).into_iter().map(Into::into).collect();
        let kept =
            self.coords.filtered(|name, _| names.iter().any(|n| n == name) || !old.iter().any(|o| o == name));
        let mut coords = match names.as_slice() {
            [one] => {
                kept.renamed(|name| if name == one { dim.into() } else { name.into() }, str::to_owned)?
            }
            _ => kept,
        };
        if let [_, _, ..] = names.as_slice() {
            coords.set_levels(dim.into(), names.into_iter().map(Level::sorted).collect())?;
        }
        Ok(Self::from_parts(self.vars.clone(), coords))
    }

    /// More levels for the index of a dimension: xarray's `set_index(append=True)`.
    ///
    /// # Errors
    /// As [`Labeled::set_index`]; [`Error::Unindexed`] for a dimension whose index has its own name, which cannot be
    /// a level beside others.
    pub fn append_index(&self, dim: &str, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let new = self.checked_along(dim, names)?;
        let mut levels = self.coords.levels(dim).unwrap_or_default().to_vec();
        if levels.is_empty() && self.coords.is_index(dim) {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has an index of its own name".into(),
                hint: "rename it with rename_vars, or make other coordinates the index by set_index".into(),
            });
        }
        levels.extend(new.into_iter().map(Level::sorted));
        self.with_levels(dim, levels)
    }

    /// The same data without the index of a dimension; its coordinates stay as values.
    ///
    /// Given the name of one level of a multi-index, only that level leaves it.
    ///
    /// # Errors
    /// [`Error::Unindexed`] when there is no such index or level.
    pub fn reset_index(&self, name: &str) -> Result<Self> {
        if let Some(dim) = self.coords.indexed_dim(name) {
            let left = self.coords.levels(dim).unwrap_or_default().iter().filter(|level| level.name != name);
            return self.with_levels(&dim.clone(), left.cloned().collect());
        }
        if self.coords.levels(name).is_some_and(|levels| !levels.is_empty()) {
            return self.with_levels(name, Vec::new());
        }
        Err(Error::Unindexed {
            dim: name.into(),
            problem: "has no index".into(),
            hint: "give a dimension with an index, or a level of one".into(),
        })
    }

    /// The same data without some indexes; the coordinates stay as values, also those named like their dimension.
    ///
    /// # Errors
    /// As [`Labeled::reset_index`].
    pub fn drop_indexes(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        names.into_iter().try_fold(self.clone(), |data, name| data.reset_index(name.as_ref()))
    }

    /// The levels of a multi-index in another order.
    ///
    /// # Errors
    /// [`Error::Argument`] unless each level is named once.
    pub fn reorder_levels(
        &self,
        dim: &str,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self> {
        let levels = self.coords.levels(dim).unwrap_or_default();
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let ordered: Vec<Level> = names
            .iter()
            .filter_map(|name| levels.iter().find(|level| level.name == *name))
            .cloned()
            .collect();
        let is_once = levels.iter().all(|level| names.contains(&level.name));
        if levels.is_empty() || ordered.len() != names.len() || ordered.len() != levels.len() || !is_once {
            let known = levels.iter().map(|level| level.name.as_str()).collect::<Vec<_>>().join(", ");
            let hint = format!("name each level of {dim:?} once; they are ({known})");
            return Err(Error::argument("names", format!("{names:?}"), hint));
        }
        // The coordinates stand in the order of the levels, after the others.
        let mut coords = self.coords.filtered(|name, _| !names.iter().any(|level| level == name));
        for name in &names {
            if let Some(variable) = self.coords.get(name) {
                coords.insert(name.clone(), variable.clone())?;
            }
        }
        coords.set_levels(dim.into(), ordered)?;
        Ok(Self::from_parts(self.vars.clone(), coords))
    }

    /// Coordinates along one dimension that has no index as its index, under their own names: `sel` finds by them.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let station = Variable::from_vec("obs", vec![70i64, 90])?;
    /// let da = DataArray::new(None, Variable::new(["obs"], Array::arange(2)?)?, [("station".into(), station)])?;
    /// assert!(da.sel("station", 90).is_err());
    /// assert_eq!(da.set_xindex(["station"])?.sel("station", 90)?.item()?, 1.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::CoordDims`] for a coordinate that does not lie along one dimension alone,
    /// [`Error::Unindexed`] when the dimension has an index.
    pub fn set_xindex(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let Some(first) = names.first() else {
            return Err(Error::argument("names", "[]", "give at least one coordinate"));
        };
        let dim = match self.coords.get(first).map(|variable| variable.dims()) {
            Some([dim]) => dim.clone(),
            _ => self.coord(first)?.dims().first().cloned().unwrap_or_else(|| first.as_str().into()),
        };
        let names = self.checked_along(&dim, names)?;
        if let [index, ..] = self.coords.index_names(&dim).as_slice() {
            return Err(Error::Unindexed {
                problem: format!("has the index {index:?}"),
                hint: format!("a dimension has one; take it away by drop_indexes([{index:?}]) first"),
                dim,
            });
        }
        if names == [dim.to_string()] {
            let mut coords = self.coords.clone();
            if let Some(variable) = self.coords.get(&dim) {
                coords.insert(dim.to_string(), variable.clone())?;
            }
            return Ok(Self::from_parts(self.vars.clone(), coords));
        }
        self.with_levels(&dim, names.into_iter().map(Level::sorted).collect())
    }

    fn with_levels(&self, dim: &str, levels: Vec<Level>) -> Result<Self> {
        let mut coords: Coords = self.coords.clone();
        coords.set_levels(Dim::new(dim), levels)?;
        Ok(Self::from_parts(self.vars.clone(), coords))
    }

    /// The names, once it is sure that they are coordinates along the dimension alone.
    fn checked_along(
        &self,
        dim: &str,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<String>> {
        self.size(dim)?;
        let mut along: Vec<String> = Vec::new();
        for name in names {
            let name = name.as_ref();
            let coord = self.coord(name)?;
            if coord.dims() != [Dim::new(dim)] {
                return Err(Error::CoordDims {
                    coord: name.into(),
                    coord_dims: coord.dims().to_vec(),
                    dims: vec![dim.into()],
                    hint: "an index is made of coordinates along its dimension alone".into(),
                });
            }
            if along.iter().any(|known| known == name) {
                let problem = "it would be two levels; name it once".into();
                return Err(Error::DuplicateName { name: name.into(), problem });
            }
            along.push(name.to_owned());
        }
        if along.is_empty() {
            return Err(Error::argument("names", "[]", "give at least one coordinate"));
        }
        Ok(along)
    }
}
