//! Coordinates: labels along dimensions, and other variables that describe positions.

use std::sync::Arc;

use graticule_array::Chunk;
use indexmap::IndexMap;

use crate::dims::{Dim, unify_sizes};
use crate::error::{Error, Result};
use crate::index::Index;
use crate::variable::Variable;

/// The coordinates of a labeled array, in order.
///
/// A coordinate with one dimension that has the coordinate's own name is an index: its values are labels to
/// select and align by, and are always in memory. Every other coordinate stays lazy.
#[derive(Debug, Clone, Default)]
pub struct Coords {
    variables: IndexMap<String, Variable>,
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
            built.insert(name, variable)?;
        }
        Ok(built)
    }

    /// Adds or replaces a coordinate. The caller has checked that the lengths agree.
    pub(crate) fn insert(&mut self, name: String, variable: Variable) -> Result<()> {
        let variable = if is_index(&name, &variable) { variable.persist()? } else { variable };
        self.variables.insert(name, variable);
        Ok(())
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

    /// Whether a coordinate is the index of its dimension.
    pub fn is_index(&self, name: &str) -> bool {
        self.get(name).is_some_and(|variable| is_index(name, variable))
    }

    /// The index variable of a dimension, where it has one.
    pub fn index_variable(&self, dim: &str) -> Option<&Variable> {
        self.get(dim).filter(|variable| is_index(dim, variable))
    }

    /// The index of a dimension, where it has one.
    pub fn index(&self, dim: &str) -> Option<Index> {
        let variable = self.index_variable(dim)?;
        let labels = Arc::clone(variable.resident()?);
        Some(Index::new(Dim::new(dim), labels).with_calendar(variable.calendar()))
    }

    /// The labels of a dimension, where it has an index.
    pub fn labels(&self, dim: &str) -> Option<&Chunk> {
        self.index_variable(dim)?.resident().map(AsRef::as_ref)
    }

    /// The coordinates that `keep` accepts.
    pub(crate) fn filtered(&self, mut keep: impl FnMut(&str, &Variable) -> bool) -> Self {
        let kept = self.variables.iter().filter(|(name, variable)| keep(name, variable));
        Self { variables: kept.map(|(name, variable)| (name.clone(), variable.clone())).collect() }
    }

    /// The coordinates after `f`; a coordinate that `f` turns into nothing is left out.
    pub(crate) fn mapped(
        &self,
        mut f: impl FnMut(&str, &Variable) -> Result<Option<Variable>>,
    ) -> Result<Self> {
        let mut mapped = Self::default();
        for (name, variable) in self.iter() {
            if let Some(variable) = f(name, variable)? {
                mapped.insert(name.into(), variable)?;
            }
        }
        Ok(mapped)
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
