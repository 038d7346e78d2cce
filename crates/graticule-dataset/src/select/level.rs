//! Selecting by the levels of a multi-index.

use std::collections::HashSet;
use std::sync::Arc;

use super::position::Pick;
use super::sel::{Labels, Sel};
use crate::dims::Dim;
use crate::error::Result;
use crate::index::{Index, Key, Level};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The data at some labels of one level. With a single label the level becomes a value without axes, and where
    /// one other level is left it becomes the dimension, as in xarray.
    pub(super) fn sel_level(&self, along: &Dim, level: &str, sel: &Sel, index: &Index) -> Result<Self> {
        let positions = self.level_positions(along, sel, index)?;
        let one = matches!(sel.labels, Labels::One(_))
            && matches!(sel.resolve(&self.distinct_labels(along, index)?)?, Pick::One(_));
        let picked = self.pick(along, &Pick::of_positions(positions))?;
        if !one {
            return Ok(picked);
        }
        let levels = self.coords.levels(along).unwrap_or_default();
        let left: Vec<Level> = levels.iter().filter(|other| other.name != level).cloned().collect();
        let mut coords = picked.coords.mapped(|name, variable| {
            Ok(Some(if name == level { variable.pick(along, &Pick::One(0))? } else { variable.clone() }))
        })?;
        let [last] = left.as_slice() else {
            coords.set_levels(along.clone(), left)?;
            return Ok(Self::from_parts(picked.vars, coords));
        };
        let renamed = |variable: &Variable| {
            let dims = variable
                .dims()
                .iter()
                .map(|dim| if dim == along { Dim::new(&last.name) } else { dim.clone() });
            variable.with_dims_and_data(dims.collect(), variable.data().clone())
        };
        let coords = coords.mapped(|_, variable| Ok(Some(renamed(variable)?)))?;
        Ok(Self::from_parts(picked.vars.map(renamed)?, coords))
    }

    /// Where a multi-index has some labels of one level, in order.
    pub(super) fn level_positions(&self, along: &Dim, sel: &Sel, index: &Index) -> Result<Vec<usize>> {
        let distinct = self.distinct_labels(along, index)?;
        let wanted = sel.resolve(&distinct)?.positions();
        let wanted: HashSet<&Key> =
            wanted.iter().filter_map(|&position| distinct.keys().get(position)).collect();
        let found = index.keys().iter().enumerate().filter(|(_, key)| wanted.contains(key));
        Ok(found.map(|(position, _)| position).collect())
    }

    /// The labels of a level, each once, in its order.
    fn distinct_labels(&self, along: &Dim, index: &Index) -> Result<Index> {
        let levels = self.coords.levels(along).unwrap_or_default();
        let labels = match levels.iter().find(|level| index.dim() == level.name.as_str()) {
            Some(level) => level.distinct(index.labels())?,
            None => crate::index::distinct(index.labels())?,
        };
        Ok(Index::new(index.dim().clone(), Arc::new(labels)).with_calendar(index.calendar()))
    }
}
