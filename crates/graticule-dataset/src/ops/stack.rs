//! Several dimensions as one, and one as several.

use std::collections::HashMap;

use graticule_array::{Array, Scalar};
use indexmap::IndexMap;

use super::shape::reshaped;
use crate::align::{Fill, Taken};
use crate::attrs::Encoding;
use crate::coords::Coords;
use crate::dims::{Dim, Over, dims_from};
use crate::error::{Error, Result};
use crate::index::{Key, Level, gather, keys};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// More cells than this are not laid out: the product of levels that hardly any row uses.
const MAX_CELLS: usize = isize::MAX as usize / 64;

impl<V: DataVars> Labeled<V> {
    /// Several dimensions as one, which comes last; their labels become the levels of its multi-index. `"..."` stands
    /// for all dimensions that are not named.
    ///
    /// Variables of a dataset that have some of the dimensions are stretched over the others. A dimension without
    /// labels is given its positions.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![10.0, 20.0])?;
    /// let lon = Variable::from_vec("lon", vec![0.0, 90.0, 180.0])?;
    /// let map = Variable::new(["lat", "lon"], Array::ones((2, 3), "auto")?)?;
    /// let map = DataArray::new(None, map, [("lat".into(), lat), ("lon".into(), lon)])?;
    /// let points = map.stack("point", ["lat", "lon"])?;
    /// assert_eq!(points.dims(), ["point"]);
    /// assert_eq!(points.coords().index_names("point"), ["lat", "lon"]);
    /// assert_eq!(points.sel("lat", 20.0)?.dims(), ["lon"]);
    /// assert_eq!(points.unstack("point")?.dims(), ["lat", "lon"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::DuplicateName`] when the new name is taken, [`Error::Unindexed`] for a dimension
    /// that has a multi-index already.
    pub fn stack(&self, new: &str, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let all = self.sizes();
        let stacked = self.stacked_sizes(new, &dims_from(dims))?;
        if stacked.is_empty() {
            return Err(Error::argument("dims", "[]", "give at least one dimension"));
        }
        if all.contains_key(new) || self.coords.contains(new) {
            let problem = "there is a dimension or a coordinate of this name; choose another".into();
            return Err(Error::DuplicateName { name: new.into(), problem });
        }
        let new = Dim::new(new);
        let cells = stacked.values().try_fold(1usize, |cells, &len| cells.checked_mul(len));
        let cells = cells.filter(|&cells| cells <= MAX_CELLS).ok_or_else(|| {
            Error::argument(
                "dims",
                format!("{:?}", stacked.keys()),
                "together they are longer than can be addressed",
            )
        })?;
        let mut levels = Vec::with_capacity(stacked.len());
        let mut columns = Vec::with_capacity(stacked.len());
        let mut repeat = cells;
        for (dim, &len) in &stacked {
            repeat = repeat.checked_div(len).unwrap_or(0);
            let mut names = self.coords.index_names(dim);
            if names.is_empty() {
                // Labels whose index was dropped are labels still.
                let own =
                    self.coords.get(dim).filter(|variable| variable.dims() == std::slice::from_ref(dim));
                names.extend(own.map(|_| dim.as_str()));
            }
            let (labels, name, variable) = match names.as_slice() {
                [name] => {
                    let variable = self.coord(name)?.vars.variable;
                    (variable.values()?, (*name).to_owned(), variable)
                }
                [] => {
                    let positions: Vec<i64> = (0..len as i64).collect();
                    let positions = Variable::from_vec(dim, positions)?;
                    (positions.values()?, dim.to_string(), positions)
                }
                _ => {
                    return Err(Error::Unindexed {
                        dim: dim.clone(),
                        problem: "has an index of several levels".into(),
                        hint: "reset_index or unstack it before it is stacked again".into(),
                    });
                }
            };
            let positions: Vec<usize> = (0..cells).map(|cell| cell / repeat.max(1) % len.max(1)).collect();
            let column = Array::from_chunk(gather(&labels, &positions)?)?;
            let column =
                variable.with_dims_and_data(vec![new.clone()], column)?.with_encoding(Encoding::new());
            levels.push(Level::ordered(name.clone(), labels));
            columns.push((name, column));
        }
        let vars = self.vars.map(|variable| variable.stacked(&stacked, &new))?;
        let mut coords = Coords::default();
        for (name, variable) in self.coords.iter() {
            if !columns.iter().any(|(level, _)| level == name) {
                coords.insert(name.into(), variable.stacked(&stacked, &new)?)?;
            }
        }
        for (name, column) in columns {
            coords.insert(name, column)?;
        }
        coords.set_levels(new, levels)?;
        coords.inherit_levels(&self.coords)?;
        Ok(Self::from_parts(vars, coords))
    }

    fn stacked_sizes(&self, new: &str, dims: &[Dim]) -> Result<IndexMap<Dim, usize>> {
        let all = self.sizes();
        let mut stacked = IndexMap::new();
        for dim in dims {
            if *dim == "..." {
                let rest = all.iter().filter(|(other, _)| !dims.contains(other));
                stacked.extend(rest.map(|(dim, len)| (dim.clone(), *len)));
            } else if let Some(&len) = all.get(dim) {
                if stacked.insert(dim.clone(), len).is_some() {
                    let problem = format!("it cannot be stacked into {new:?} twice; name it once");
                    return Err(Error::DuplicateName { name: dim.to_string(), problem });
                }
            } else {
                return Err(Error::unknown_dim(dim, all.into_keys()));
            }
        }
        Ok(stacked)
    }

    /// Dimensions with a multi-index as one dimension for each level: one, several, or with `()` all of them.
    ///
    /// The new dimensions come last. Combinations of labels that do not occur are missing, so integers become
    /// floats where there are any; [`Labeled::unstack_with`] gives another value. Labels come in the order that the
    /// dimensions had when they were stacked, or sorted.
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::Unindexed`] for a dimension without a multi-index, [`Error::AmbiguousLabel`]
    /// for a combination of labels that occurs several times, [`Error::DuplicateName`] when a level has the name of
    /// another dimension.
    pub fn unstack(&self, dims: impl Into<Over>) -> Result<Self> {
        self.unstack_filled(&dims.into(), &Fill::default())
    }

    /// [`Labeled::unstack`] with a value for combinations of labels that do not occur.
    ///
    /// # Errors
    /// As [`Labeled::unstack`].
    pub fn unstack_with(&self, dims: impl Into<Over>, fill_value: impl Into<Scalar>) -> Result<Self> {
        self.unstack_filled(&dims.into(), &Fill { default: Some(fill_value.into()), ..Fill::default() })
    }

    fn unstack_filled(&self, over: &Over, fill: &Fill) -> Result<Self> {
        let mut result = self.clone();
        for dim in over.resolve(&self.all_dims())? {
            if self.coords.levels(&dim).is_some_and(|levels| !levels.is_empty()) {
                result = result.unstacked(&dim, fill)?;
            } else if *over != Over::ALL {
                return Err(Error::Unindexed {
                    dim,
                    problem: "has no multi-index".into(),
                    hint: "make one by set_index or stack first".into(),
                });
            }
        }
        Ok(result)
    }

    fn unstacked(&self, dim: &Dim, fill: &Fill) -> Result<Self> {
        let levels = self.coords.levels(dim).unwrap_or_default();
        let rows = self.size(dim)?;
        let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
        let mut labels = Vec::with_capacity(levels.len());
        let mut cells: Vec<usize> = vec![0; rows];
        let mut count = 1usize;
        for level in levels {
            let name = Dim::new(&level.name);
            if name != *dim && self.size(&name).is_ok() {
                let problem = "a level and another dimension have this name; rename one of them first".into();
                return Err(Error::DuplicateName { name: level.name.clone(), problem });
            }
            let column = self.coord(&level.name)?.vars.variable;
            let values = column.values()?;
            let distinct = level.distinct(&values)?;
            let numbers: HashMap<Key, usize> = keys(&distinct).into_iter().zip(0..).collect();
            for (cell, key) in cells.iter_mut().zip(keys(&values)) {
                let number = numbers.get(&key).copied().unwrap_or(0);
                *cell = cell.saturating_mul(distinct.len()).saturating_add(number);
            }
            count = count.saturating_mul(distinct.len());
            sizes.insert(name.clone(), distinct.len());
            let distinct = Array::from_chunk(distinct)?;
            let variable = column.with_dims_and_data(vec![name], distinct)?.with_encoding(Encoding::new());
            labels.push((level.name.clone(), variable));
        }
        if count > MAX_CELLS {
            return Err(Error::argument(
                "dims",
                dim,
                "its levels together have more cells than can be addressed",
            ));
        }
        let mut from: Vec<Option<usize>> = vec![None; count];
        for (row, &cell) in cells.iter().enumerate() {
            if let Some(slot) = from.get_mut(cell)
                && slot.replace(row).is_some()
            {
                let times = cells.iter().filter(|other| **other == cell).count();
                let label = levels
                    .iter()
                    .map(|level| self.coords.level_index(&level.name).map(|index| index.text(row)));
                let label = label.flatten().collect::<Vec<_>>().join(", ");
                return Err(Error::AmbiguousLabel {
                    dim: dim.clone(),
                    label: format!("({label})"),
                    count: times,
                    hint: "each combination of labels may occur once; drop the others first".into(),
                });
            }
        }
        let taken = Taken::of(from);
        let of_variable = |variable: &Variable, fill: Option<&Scalar>, is_coord: bool| {
            variable.taken(dim, &taken, fill, is_coord)?.split(dim, &sizes)
        };
        let vars = self.vars.map_named(|name, variable| of_variable(variable, fill.of(name), false))?;
        let mut coords = Coords::default();
        for (name, variable) in self.coords.iter() {
            if !labels.iter().any(|(level, _)| level == name) {
                coords.insert(name.into(), of_variable(variable, fill.default.as_ref(), true)?)?;
            }
        }
        for (name, variable) in labels {
            coords.insert(name, variable)?;
        }
        coords.inherit_levels(&self.coords)?;
        Ok(Self::from_parts(vars, coords))
    }
}

impl Variable {
    /// Dimensions as one new last dimension; the variable itself where it has none of them.
    fn stacked(&self, stacked: &IndexMap<Dim, usize>, new: &Dim) -> Result<Self> {
        if !stacked.keys().any(|dim| self.axis(dim).is_some()) {
            return Ok(self.clone());
        }
        let mut sizes: IndexMap<Dim, usize> =
            self.sizes().filter(|(dim, _)| !stacked.contains_key(dim)).collect();
        let mut dims: Vec<Dim> = sizes.keys().cloned().collect();
        let mut shape: Vec<usize> = sizes.values().copied().collect();
        dims.push(new.clone());
        shape.push(stacked.values().product());
        sizes.extend(stacked.iter().map(|(dim, &len)| (dim.clone(), len)));
        let data = reshaped(self.stretched(&sizes)?.data(), &shape)?;
        self.with_dims_and_data(dims, data)
    }

    /// One dimension as several last dimensions.
    fn split(&self, dim: &Dim, sizes: &IndexMap<Dim, usize>) -> Result<Self> {
        if self.axis(dim).is_none() {
            return Ok(self.clone());
        }
        let mut dims: Vec<Dim> = self.dims().iter().filter(|other| *other != dim).cloned().collect();
        let mut shape: Vec<usize> = dims.iter().filter_map(|dim| self.size(dim)).collect();
        dims.push(dim.clone());
        let last = self.transpose(&dims)?;
        dims.pop();
        dims.extend(sizes.keys().cloned());
        shape.extend(sizes.values().copied());
        last.with_dims_and_data(dims, reshaped(last.data(), &shape)?)
    }
}
