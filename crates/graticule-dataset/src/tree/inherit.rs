//! What nodes have from the nodes above them, and what must agree for that.

use indexmap::IndexMap;

use super::{Branch, path};
use crate::align::{self, Join};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::Dataset;
use crate::variable::Variable;

/// Which coordinates of the nodes above belong to the dataset of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Inherit {
    /// Those that are indexes.
    #[default]
    Indexes,
    /// All.
    AllCoords,
    /// None: the node's own variables and coordinates.
    Nothing,
}

impl From<bool> for Inherit {
    fn from(inherit: bool) -> Self {
        if inherit { Self::Indexes } else { Self::Nothing }
    }
}

/// What the nodes above a node say about dimensions.
#[derive(Clone, Default)]
pub(super) struct Above {
    /// Their indexes.
    indexes: Coords,
    /// The lengths of all dimensions, with the path of the nearest node that has each.
    sizes: IndexMap<Dim, (usize, String)>,
}

/// Checks the names and labels of a branch against what is above it, and leaves out indexes that it has from there.
///
/// # Errors
/// [`Error::Unaligned`], [`Error::DuplicateName`], [`Error::Argument`].
pub(super) fn settle<'a>(branch: &'a mut Branch, names: &mut Vec<&'a str>, above: &Above) -> Result<()> {
    let path = path::absolute(names);
    check_names(branch, &path)?;
    check_labels(&branch.data, &path, above)?;
    let coords = branch.data.coords();
    let repeated = |name: &str| {
        let dim = coords.indexed_dim(name);
        dim.is_some_and(|dim| {
            let levels = coords.index_names(dim);
            let same = |name: &&str| match (coords.get(name), above.indexes.get(name)) {
                (Some(own), Some(other)) => is_same_index(own, other),
                _ => false,
            };
            levels == above.indexes.index_names(dim) && levels.iter().all(same)
        })
    };
    branch.data.coords = coords.filtered(|name, _| !repeated(name));
    if branch.children.is_empty() {
        return Ok(());
    }
    let all = inherited(branch.data.coords(), &above.indexes)?;
    let mut below = Above { indexes: all.filtered(|name, _| all.is_index(name)), sizes: above.sizes.clone() };
    for (dim, len) in branch.data.sizes() {
        below.sizes.insert(dim, (len, path.clone()));
    }
    for (name, child) in &mut branch.children {
        names.push(name);
        settle(child, names, &below)?;
        names.pop();
    }
    Ok(())
}

fn check_names(branch: &Branch, path: &str) -> Result<()> {
    if let Some(name) = branch.data.names().find(|name| name.contains('/')) {
        let hint = format!("rename it in node {path:?}: a slash stands between the names of a path");
        return Err(Error::argument("variable", format!("{name:?}"), hint));
    }
    match branch.children.keys().find(|name| branch.data.variable(name).is_some()) {
        None => Ok(()),
        Some(name) => {
            let problem = format!("node {path:?} has a variable and a node of this name; rename one of them");
            Err(Error::DuplicateName { name: name.clone(), problem })
        }
    }
}

/// An error where a length or the labels along a dimension are not those of the nodes above.
fn check_labels(data: &Dataset, path: &str, above: &Above) -> Result<()> {
    let hint = "rename the dimension, or put the node elsewhere";
    let unaligned = |dim: Dim, difference: String| Error::Unaligned {
        path: path.into(),
        dim,
        difference,
        hint: hint.into(),
    };
    match align::picks(&[data.coords(), &above.indexes], Join::Exact) {
        Ok(_) => {}
        Err(Error::Alignment { dim, difference, .. }) => {
            return Err(unaligned(dim, format!("{difference} (left: the node, right: its parents)")));
        }
        Err(error) => return Err(Error::Node { path: path.into(), cause: Box::new(error) }),
    }
    for (dim, len) in data.sizes() {
        if let Some((other, owner)) = above.sizes.get(&dim).filter(|(other, _)| *other != len) {
            return Err(unaligned(dim, format!("it has length {len} here and {other} in {owner:?}")));
        }
    }
    Ok(())
}

/// Whether nothing is lost when one of two indexes with equal labels is left out.
fn is_same_index(own: &Variable, other: &Variable) -> bool {
    own.dtype() == other.dtype() && own.calendar() == other.calendar() && own.attrs() == other.attrs()
}

/// Coordinates with those indexes of another node that they leave room for.
pub(super) fn inherited(own: &Coords, from: &Coords) -> Result<Coords> {
    let free = |name: &str| match from.indexed_dim(name) {
        Some(dim) => {
            own.index_names(dim).is_empty() && from.index_names(dim).iter().all(|level| !own.contains(level))
        }
        None => false,
    };
    with(own, &from.filtered(|name, _| free(name)))
}

/// Coordinates with all those of another node whose names are free.
pub(super) fn with_all(own: &Coords, from: &Coords) -> Result<Coords> {
    let indexed = inherited(own, from)?;
    with(&indexed, &from.filtered(|name, _| !from.is_index(name) && !indexed.contains(name)))
}

fn with(own: &Coords, more: &Coords) -> Result<Coords> {
    let mut all = own.clone();
    for (name, variable) in more.iter() {
        all.insert(name.into(), variable.clone())?;
    }
    all.inherit_levels(more)?;
    Ok(all)
}

/// A result for a node without the coordinates that it inherited and that belong to the nodes above: labels that
/// nothing of its own lies along, and with `selected` also what a selection has made of labels.
pub(super) fn disinherited(
    own: &Dataset,
    mut result: Dataset,
    inherited: &Coords,
    selected: bool,
) -> Dataset {
    let from_above = |name: &str| inherited.contains(name) && !own.coords().contains(name);
    let data = result.data_vars().values();
    let coords = result.coords().iter().filter(|(name, _)| !from_above(name)).map(|(_, variable)| variable);
    let along: Vec<Dim> = data.chain(coords).flat_map(|variable| variable.dims().to_vec()).collect();
    let kept = result.coords().filtered(|name, variable| {
        if !from_above(name) {
            return true;
        }
        let is_used = variable.dims().iter().all(|dim| along.contains(dim));
        is_used && (!selected || result.coords().is_index(name))
    });
    result.coords = kept;
    result
}
