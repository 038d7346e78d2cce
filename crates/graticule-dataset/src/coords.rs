//! Coordinates: labels along dimensions, and other variables that describe positions.

use std::sync::Arc;

use graticule_array::Chunk;
use indexmap::IndexMap;

use crate::dims::{Dim, unify_sizes};
use crate::error::{Error, Result};
use crate::index::{Index, Key, Level, keys, rows};
use crate::variable::Variable;

/// The coordinates of a labeled array, in order.
///
/// A coordinate with one dimension that has the coordinate's own name is an index: its values are labels to
/// select and align by, and are always in memory. In its place other coordinates along the dimension can be
/// its index, one ([`Labeled::set_xindex`](crate::Labeled::set_xindex)) or several, which are then the levels of a
/// multi-index ([`Labeled::stack`](crate::Labeled::stack), [`Labeled::set_index`](crate::Labeled::set_index)).
/// Every other coordinate stays lazy.
#[derive(Debug, Clone, Default)]
pub struct Coords {
    variables: IndexMap<String, Variable>,
    /// The indexes that are not the coordinate of the dimension's name; no level means no index.
    levels: IndexMap<Dim, Vec<Level>>,
}

impl Coords {
    /// Coordinates from names and variables. Index coordinates are read into memory.
    ///
    /// # Errors
    /// [`Error::DuplicateName`] for a name given twice, [`Error::SizeConflict`] when two coordinates give
    /// one dimension different lengths, and what reading an index can meet.
    pub fn new(coords: impl IntoIterator<Item = (String, Variable)>) -> Result<Self> {
        let mut built = Self::default();
        let mut sizes = IndexMap::new();
        for (name, variable) in coords {
            if built.contains(&name) {
                let problem = "two coordinates have this name; rename one of them".into();
                return Err(Error::DuplicateName { name, problem });
            }
            unify_sizes(&mut sizes, &format!("coordinate {name:?}"), variable.sizes())?;
            built.variables.insert(name, variable);
        }
        built.settle()?;
        Ok(built)
    }

    /// Adds or replaces a coordinate. The caller has checked that the lengths agree.
    pub(crate) fn insert(&mut self, name: String, variable: Variable) -> Result<()> {
        if is_index(&name, &variable) && self.levels.get(name.as_str()).is_some_and(Vec::is_empty) {
            self.levels.shift_remove(name.as_str());
        }
        self.variables.insert(name, variable);
        self.settle()
    }

    /// The coordinate of a name, where there is one.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Whether there is a coordinate of a name.
    pub fn contains(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// The number of coordinates.
    pub fn len(&self) -> usize {
        self.variables.len()
    }

    /// Whether there are no coordinates.
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Names and variables in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Whether a coordinate is the index of its dimension, or a level of it.
    pub fn is_index(&self, name: &str) -> bool {
        match self.get(name).map(Variable::dims) {
            Some([dim]) => match self.levels.get(dim) {
                Some(levels) => levels.iter().any(|level| level.name == name),
                None => *dim == name,
            },
            _ => false,
        }
    }

    /// The names of the coordinates that are the index of a dimension: one, or the levels of a multi-index.
    pub fn index_names(&self, dim: &str) -> Vec<&str> {
        match self.levels.get(dim) {
            Some(levels) => levels.iter().map(|level| level.name.as_str()).collect(),
            None => self
                .variables
                .get_key_value(dim)
                .filter(|(name, v)| is_index(name, v))
                .map(|(name, _)| name.as_str())
                .into_iter()
                .collect(),
        }
    }

    /// The index variable of a dimension, where it has one and only one.
    pub fn index_variable(&self, dim: &str) -> Option<&Variable> {
        match self.index_names(dim).as_slice() {
            [name] => self.get(name),
            _ => None,
        }
    }

    /// The index of a dimension, where it has one. A multi-index has one for each level; see
    /// [`Coords::index_names`].
    pub fn index(&self, dim: &str) -> Option<Index> {
        match self.index_names(dim).as_slice() {
            [name] => self.level_index(name),
            _ => None,
        }
    }

    /// The labels of a coordinate that is an index or a level of one.
    pub(crate) fn level_index(&self, name: &str) -> Option<Index> {
        let variable = self.get(name).filter(|_| self.is_index(name))?;
        let index = Index::new(Dim::new(name), Arc::clone(variable.resident()?));
        Some(index.with_calendar(variable.calendar()))
    }

    /// The labels of a dimension, where it has an index of one coordinate.
    pub fn labels(&self, dim: &str) -> Option<&Chunk> {
        self.index_variable(dim)?.resident().map(AsRef::as_ref)
    }

    /// The labels of a dimension as keys, tuples for a multi-index.
    pub(crate) fn index_keys(&self, dim: &str) -> Option<Vec<Key>> {
        let names = self.index_names(dim);
        let levels = names.iter().map(|name| self.get(name)?.resident().map(AsRef::as_ref));
        let levels: Vec<&Chunk> = levels.collect::<Option<_>>()?;
        match levels.as_slice() {
            [] => None,
            [labels] => Some(keys(labels)),
            several => Some(rows(several)),
        }
    }

    /// The levels that are the index of a dimension in place of the coordinate of its name.
    pub(crate) fn levels(&self, dim: &str) -> Option<&[Level]> {
        self.levels.get(dim).map(Vec::as_slice)
    }

    /// Makes some coordinates along a dimension its index; no levels for none at all.
    pub(crate) fn set_levels(&mut self, dim: Dim, levels: Vec<Level>) -> Result<()> {
        self.levels.insert(dim, levels);
        self.settle()
    }

    /// Takes over the indexes of dimensions that have none here.
    pub(crate) fn adopt_levels(&mut self, other: &Self) -> Result<()> {
        for (dim, levels) in &other.levels {
            if self.index_names(dim).is_empty() {
                self.levels.insert(dim.clone(), levels.clone());
            }
        }
        self.settle()
    }

    /// The indexes that `other` has, where the same coordinates are here.
    pub(crate) fn inherit_levels(&mut self, other: &Self) -> Result<()> {
        for (dim, levels) in &other.levels {
            self.levels.entry(dim.clone()).or_insert_with(|| levels.clone());
        }
        self.settle()
    }

    /// The coordinate along one dimension that is an index or a level of this name, and that dimension.
    pub(crate) fn indexed_dim(&self, name: &str) -> Option<&Dim> {
        self.get(name).filter(|_| self.is_index(name))?.dims().first()
    }

    /// Forgets the indexes whose coordinates have gone or changed dimensions, and reads the others.
    fn settle(&mut self) -> Result<()> {
        let variables = &self.variables;
        let along =
            |name: &str, dim: &Dim| variables.get(name).is_some_and(|v| matches!(v.dims(), [d] if d == dim));
        self.levels.retain(|dim, levels| match levels.as_slice() {
            [] => along(dim, dim),
            levels => levels.iter().all(|level| along(&level.name, dim)),
        });
        let lazy =
            |(name, variable): &(&str, &Variable)| variable.resident().is_none() && self.is_index(name);
        let lazy: Vec<String> = self.iter().filter(lazy).map(|(name, _)| name.to_owned()).collect();
        for name in lazy {
            if let Some(variable) = self.variables.get_mut(&name) {
                *variable = variable.persist()?;
            }
        }
        Ok(())
    }

    /// The coordinates that `keep` accepts.
    pub(crate) fn filtered(&self, mut keep: impl FnMut(&str, &Variable) -> bool) -> Self {
        let kept = self.variables.iter().filter(|(name, variable)| keep(name, variable));
        let variables = kept.map(|(name, variable)| (name.clone(), variable.clone())).collect();
        let mut filtered = Self { variables, levels: self.levels.clone() };
        filtered.levels.retain(|dim, levels| match levels.as_slice() {
            [] => filtered.variables.contains_key(dim.as_str()),
            levels => levels.iter().all(|level| filtered.variables.contains_key(&level.name)),
        });
        filtered
    }

    /// The coordinates after `f`; a coordinate that `f` turns into nothing is left out.
    pub(crate) fn mapped(
        &self,
        mut f: impl FnMut(&str, &Variable) -> Result<Option<Variable>>,
    ) -> Result<Self> {
        self.replaced(|name, variable| Ok(f(name, variable)?.map(|variable| (name.to_owned(), variable))))
    }

    /// The coordinates after `f`, which may give them other names.
    pub(crate) fn replaced(
        &self,
        mut f: impl FnMut(&str, &Variable) -> Result<Option<(String, Variable)>>,
    ) -> Result<Self> {
        let mut replaced = Self { variables: IndexMap::new(), levels: self.levels.clone() };
        for (name, variable) in self.iter() {
            if let Some((name, variable)) = f(name, variable)? {
                replaced.variables.insert(name, variable);
            }
        }
        replaced.settle()?;
        Ok(replaced)
    }

    /// The coordinates under other names and over dimensions of other names. What is the index of a dimension stays it.
    ///
    /// # Errors
    /// [`Error::DuplicateName`] when two coordinates would have one name.
    pub(crate) fn renamed(
        &self,
        name: impl Fn(&str) -> String,
        dim: impl Fn(&str) -> String,
    ) -> Result<Self> {
        let mut renamed = Self::default();
        for (old, variable) in self.iter() {
            let new = name(old);
            if renamed.contains(&new) {
                let problem = "two coordinates would have this name; rename one of them to another".into();
                return Err(Error::DuplicateName { name: new, problem });
            }
            let dims = variable.dims().iter().map(|old| Dim::new(dim(old))).collect();
            let variable = variable.with_dims_and_data(dims, variable.data().clone())?;
            renamed.variables.insert(new, variable);
            if let Some(along) = self.indexed_dim(old)
                && self.levels(along).is_none()
                && dim(along) != name(old)
            {
                renamed.levels.insert(Dim::new(dim(along)), vec![Level::sorted(name(old))]);
            }
        }
        for (along, levels) in &self.levels {
            let rename = |level: &Level| Level { name: name(&level.name), order: level.order.clone() };
            renamed.levels.insert(Dim::new(dim(along)), levels.iter().map(rename).collect());
        }
        renamed.settle()?;
        Ok(renamed)
    }

    /// The coordinates whose dimensions are all among `dims`.
    pub(crate) fn within(&self, dims: &[Dim]) -> Self {
        self.filtered(|_, variable| variable.dims().iter().all(|dim| dims.contains(dim)))
    }
}

/// Whether a variable of this name is the index of its dimension.
pub(crate) fn is_index(name: &str, variable: &Variable) -> bool {
    matches!(variable.dims(), [dim] if *dim == name)
}

#[cfg(test)]
mod tests {
    use graticule_array::Array;

    use super::*;

    #[test]
    fn an_index_is_one_dimensional_under_its_own_name() {
        let lat = Variable::from_vec("lat", vec![1.0, 2.0]).unwrap();
        let area = Variable::new(["lat"], Array::ones(2, "auto").unwrap()).unwrap();
        let coords = Coords::new([("lat".into(), lat), ("area".into(), area)]).unwrap();
        assert!(coords.is_index("lat"));
        assert!(!coords.is_index("area"));
        assert!(coords.get("area").unwrap().resident().is_none());
        assert_eq!(coords.labels("lat").unwrap().to_f64(), [1.0, 2.0]);
    }

    #[test]
    fn lengths_must_agree() {
        let lat = Variable::from_vec("lat", vec![1.0, 2.0]).unwrap();
        let area = Variable::from_vec("lat", vec![1.0, 2.0, 3.0]).unwrap();
        let error = Coords::new([("lat".into(), lat), ("area".into(), area)]).unwrap_err();
        let text = "dimension \"lat\" has length 2 in coordinate \"lat\" but 3 in coordinate \"area\"; \
            rename the dimension of one of them, or select so that the lengths agree";
        assert_eq!(error.to_string(), text);
    }
}
