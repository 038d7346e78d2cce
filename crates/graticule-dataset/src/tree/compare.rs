//! Whether two trees are the same.

use super::{DataTree, Node};
use crate::error::{Error, Result};
use crate::labeled::Dataset;

impl DataTree {
    /// Whether both trees have nodes at the same paths, in whatever order.
    pub fn isomorphic(&self, other: &Self) -> bool {
        self.check_isomorphic(other).is_ok()
    }

    /// An error that names the first node whose children differ.
    pub(super) fn check_isomorphic(&self, other: &Self) -> Result<()> {
        for node in self.subtree() {
            let same = other.node(&node.path())?;
            let (mut left, mut right) = (names(&node), names(&same));
            if left.iter().any(|name| !right.contains(name)) || left.len() != right.len() {
                let only = |own: &mut Vec<&str>, other: &[&str]| {
                    own.retain(|name| !other.contains(name));
                    if own.is_empty() { "none".into() } else { own.join(", ") }
                };
                let (all_left, all_right) = (left.clone(), right.clone());
                let value = format!("a tree that differs below {:?}", node.path());
                let hint = format!(
                    "the trees must have the same nodes; only on the left: {}, only on the right: {}",
                    only(&mut left, &all_right),
                    only(&mut right, &all_left)
                );
                return Err(Error::argument("other", value, hint));
            }
        }
        Ok(())
    }

    /// Whether both have the same nodes and equal data in them, as [`Dataset::equals`](crate::Labeled::equals).
    /// Coordinates may be given at different levels.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn equals(&self, other: &Self) -> Result<bool> {
        self.agrees(other, Dataset::equals)
    }

    /// Whether names and attributes are equal as well.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn identical(&self, other: &Self) -> Result<bool> {
        Ok(self.name() == other.name() && self.agrees(other, Dataset::identical)?)
    }

    fn agrees(&self, other: &Self, same: impl Fn(&Dataset, &Dataset) -> Result<bool>) -> Result<bool> {
        if !self.isomorphic(other) {
            return Ok(false);
        }
        for node in self.subtree() {
            if !same(&node.dataset()?, &other.node(&node.path())?.dataset()?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn names<'a>(node: &Node<'a>) -> Vec<&'a str> {
    node.children().filter_map(|child| child.name()).collect()
}
