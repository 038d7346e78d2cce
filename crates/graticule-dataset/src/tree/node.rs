//! A place in a tree.

use std::collections::VecDeque;

use super::{Branch, DataTree, Inherit, inherit, path};
use crate::attrs::Attrs;
use crate::dims::Sizes;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, Dataset, Labeled};

/// A place in a [`DataTree`], from where one sees the node with what it inherits, and walks to others.
///
/// ```
/// use graticule_dataset::{Attrs, DataTree, Dataset};
/// let nothing = || Dataset::new([], [], Attrs::new());
/// let tree = DataTree::from_dict([("/model/high", nothing()?), ("/model/low", nothing()?)])?;
/// let high = tree.node("model/high")?;
/// assert_eq!(high.node("../low")?.path(), "/model/low");
/// assert_eq!(high.parent().map(|parent| parent.path()).as_deref(), Some("/model"));
/// assert_eq!((high.level(), high.is_leaf()), (2, true));
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Clone)]
pub struct Node<'a> {
    tree: &'a DataTree,
    /// The names and branches from the one below the root to this one.
    lineage: Vec<(&'a str, &'a Branch)>,
}

impl<'a> Node<'a> {
    pub(super) fn root_of(tree: &'a DataTree) -> Self {
        Self { tree, lineage: Vec::new() }
    }

    fn branch(&self) -> &'a Branch {
        self.lineage.last().map_or(&self.tree.top, |(_, branch)| branch)
    }

    /// The names from the root to this node.
    pub(super) fn names(&self) -> Vec<&'a str> {
        self.lineage.iter().map(|(name, _)| *name).collect()
    }

    /// This node's own variables, coordinates and attributes, without what it inherits.
    pub(crate) fn own(&self) -> &'a Dataset {
        &self.branch().data
    }

    /// The name: for the root that of the tree, if it has one.
    pub fn name(&self) -> Option<&'a str> {
        self.lineage.last().map_or(self.tree.name.as_deref(), |(name, _)| Some(name))
    }

    /// The path from the root: `/model/high`, or `/`.
    pub fn path(&self) -> String {
        path::absolute(&self.names())
    }

    /// How many nodes are above.
    pub fn level(&self) -> usize {
        self.lineage.len()
    }

    /// How many levels there are below.
    pub fn height(&self) -> usize {
        let levels = self.subtree().map(|node| node.level()).max().unwrap_or(0);
        levels.saturating_sub(self.level())
    }

    /// How many nodes of the tree are on this level.
    pub fn width(&self) -> usize {
        self.tree.subtree().filter(|node| node.level() == self.level()).count()
    }

    /// Whether no node is above.
    pub fn is_root(&self) -> bool {
        self.lineage.is_empty()
    }

    /// Whether no node is below.
    pub fn is_leaf(&self) -> bool {
        self.branch().children.is_empty()
    }

    /// Whether there are variables or coordinates of the node's own.
    pub fn has_data(&self) -> bool {
        self.own().names().next().is_some()
    }

    /// Whether there are attributes.
    pub fn has_attrs(&self) -> bool {
        !self.attrs().is_empty()
    }

    /// Whether there are neither data nor attributes.
    pub fn is_empty(&self) -> bool {
        !self.has_data() && !self.has_attrs()
    }

    /// The attributes.
    pub fn attrs(&self) -> &'a Attrs {
        self.own().attrs()
    }

    /// The length of every dimension, those of inherited coordinates included.
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn sizes(&self) -> Result<Sizes> {
        Ok(self.dataset()?.sizes())
    }

    /// The data with the index coordinates that are inherited.
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn dataset(&self) -> Result<Dataset> {
        self.to_dataset(Inherit::Indexes)
    }

    /// The data with inherited coordinates: `true` for indexes, `false` for none, [`Inherit::AllCoords`] for all.
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn to_dataset(&self, inherit: impl Into<Inherit>) -> Result<Dataset> {
        let inherit = inherit.into();
        let own = self.own();
        let mut coords = own.coords().clone();
        for above in self.parents() {
            coords = match inherit {
                Inherit::Indexes => inherit::inherited(&coords, above.own().coords())?,
                Inherit::AllCoords => inherit::with_all(&coords, above.own().coords())?,
                Inherit::Nothing => break,
            };
        }
        // A variable of the node's own stands before what would be inherited under its name.
        let coords = coords.filtered(|name, _| !own.data_vars().contains_key(name));
        Ok(Labeled::from_parts(own.vars.clone(), coords))
    }

    /// This node and all below it as a tree of its own, with the index coordinates that are inherited.
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn to_tree(&self) -> Result<DataTree> {
        let mut top = self.branch().clone();
        top.data = self.dataset()?;
        DataTree { name: self.name().map(Into::into), top }.settled()
    }

    /// The root of the tree.
    pub fn root(&self) -> Self {
        Self::root_of(self.tree)
    }

    /// The node above; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.lineage.pop().map(|_| parent)
    }

    /// The nodes above, nearest first.
    pub fn parents(&self) -> impl Iterator<Item = Self> + use<'a> {
        std::iter::successors(self.parent(), Self::parent)
    }

    /// The nodes below this one, in order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let above = self.clone();
        self.branch().children.iter().map(move |(name, branch)| {
            let mut child = above.clone();
            child.lineage.push((name, branch));
            child
        })
    }

    /// The other nodes below the node above.
    pub fn siblings(&self) -> impl Iterator<Item = Self> + use<'a> {
        let own = self.lineage.last().map(|(name, _)| *name);
        let family = self.parent().into_iter().flat_map(|parent| parent.children().collect::<Vec<_>>());
        family.filter(move |node| node.name() != own)
    }

    /// This node and all below it, level by level.
    pub fn subtree(&self) -> impl Iterator<Item = Self> + use<'a> {
        let mut queue = VecDeque::from([self.clone()]);
        std::iter::from_fn(move || {
            let node = queue.pop_front()?;
            queue.extend(node.children());
            Some(node)
        })
    }

    /// The nodes of [`Node::subtree`] with their paths from here; this one's is `.`.
    pub fn subtree_with_keys(&self) -> impl Iterator<Item = (String, Self)> + use<'a> {
        let from = self.names();
        self.subtree().map(move |node| (path::relative(&from, &node.names()), node))
    }

    /// The nodes below this one at any level, level by level.
    pub fn descendants(&self) -> impl Iterator<Item = Self> + use<'a> {
        self.subtree().skip(1)
    }

    /// The nodes of [`Node::subtree`] that have none below them.
    pub fn leaves(&self) -> impl Iterator<Item = Self> + use<'a> {
        self.subtree().filter(Self::is_leaf)
    }

    /// The node at a path from here (`high`, `../low`) or from the root (`/model`).
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is none, and [`Error::Argument`] for a path above the root.
    pub fn node(&self, path: &str) -> Result<Self> {
        let mut node = self.root();
        for name in path::resolve(&self.names(), path)? {
            let Some((name, branch)) = node.branch().children.get_key_value(name) else {
                return Err(Error::UnknownName {
                    kind: "node",
                    name: name.into(),
                    names: node.branch().children.keys().cloned().collect(),
                }
                .in_node(&node));
            };
            node.lineage.push((name, branch));
        }
        Ok(node)
    }

    /// The variable or coordinate at a path from here (`ssh`, `../low/ssh`) or from the root, inherited ones included.
    ///
    /// # Errors
    /// As [`Node::node`], and [`Error::UnknownName`] for a name that the node does not have.
    pub fn get(&self, path: &str) -> Result<DataArray> {
        let (above, name) = path.rsplit_once('/').unwrap_or((".", path));
        let node = self.node(if above.is_empty() { "/" } else { above })?;
        node.dataset()?.get(name).map_err(|error| error.in_node(&node))
    }

    /// The path to this node from another of the same tree.
    ///
    /// # Errors
    /// [`Error::Argument`] for a node of another tree.
    pub fn relative_to(&self, other: &Node<'_>) -> Result<String> {
        if !std::ptr::eq(self.tree, other.tree) {
            let hint = "it is in another tree, from which no path leads here";
            return Err(Error::argument("other", format!("{:?}", other.path()), hint));
        }
        Ok(path::relative(&other.names(), &self.names()))
    }
}

impl Error {
    /// The same error, which says in which node of a tree it was met.
    pub(super) fn in_node(self, node: &Node<'_>) -> Self {
        Self::Node { path: node.path(), cause: Box::new(self) }
    }
}
