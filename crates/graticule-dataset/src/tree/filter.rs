//! Some nodes of a tree.

use std::collections::HashSet;

use super::{DataTree, Node, path};
use crate::error::Result;

impl DataTree {
    /// The tree of the nodes that `keep` accepts, with nodes without data where the way to them leads through others.
    ///
    /// ```
    /// use graticule_dataset::{Attrs, DataTree, Dataset};
    /// let nothing = || Dataset::new([], [], Attrs::new());
    /// let tree = DataTree::from_dict([("/a/A", nothing()?), ("/a/B", nothing()?), ("/b/B", nothing()?)])?;
    /// assert_eq!(tree.filter(|node| node.path().ends_with('A'))?.groups(), ["/", "/a", "/a/A"]);
    /// assert_eq!(tree.match_("*/B")?.groups(), ["/", "/a", "/b", "/a/B", "/b/B"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn filter(&self, mut keep: impl FnMut(&Node<'_>) -> bool) -> Result<Self> {
        self.rebuilt(self.subtree().filter(|node| keep(node)).map(|node| {
            let dataset = node.dataset()?;
            Ok((node, dataset))
        }))
    }

    /// The tree of the nodes that another tree has too.
    ///
    /// # Errors
    /// As [`DataTree::filter`].
    pub fn filter_like(&self, other: &Self) -> Result<Self> {
        let wanted: HashSet<String> = other.groups().into_iter().collect();
        self.filter(|node| wanted.contains(&node.path()))
    }

    /// The tree of the nodes whose paths end as a pattern says, or are as it says where it begins with `/`. `*`, `?`,
    /// `[abc]` and `[!abc]` stand for parts of one name. It is `match` in xarray.
    ///
    /// # Errors
    /// As [`DataTree::filter`].
    pub fn match_(&self, pattern: &str) -> Result<Self> {
        self.filter(|node| path::matches(&node.names(), pattern))
    }

    /// The tree of the nodes that have data variables.
    ///
    /// # Errors
    /// As [`DataTree::filter`].
    pub fn prune(&self) -> Result<Self> {
        self.filter(|node| !node.own().data_vars().is_empty())
    }
}
