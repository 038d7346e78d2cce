//! Datasets in a tree, as groups in a file: [`DataTree`].

mod arithmetic;
mod compare;
mod filter;
mod inherit;
mod map;
mod node;
mod path;

use indexmap::IndexMap;

pub use arithmetic::{IntoTreeOperand, TreeOperand};
pub use inherit::Inherit;
pub use map::map_over_datasets;
pub use node::Node;

use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, Dataset, Labeled, Many};

/// How many levels a tree may have: what walks down a tree is recursive.
const DEEPEST: usize = 1000;

/// Datasets in a tree: each node has one, and other nodes below it, by name and in order.
///
/// A node inherits the index coordinates of the nodes above it. So what lies along a dimension must have the labels
/// that are given for it further up, and the length. A [`Node`] is a place in a tree: it sees what it inherits, and
/// walks to others by path.
///
/// ```
/// use graticule_dataset::{Attrs, DataTree, Dataset, Variable};
/// let time = Variable::from_vec("time", vec![0.0, 1.0, 2.0])?;
/// let root = Dataset::new([], [("time".into(), time)], Attrs::new())?;
/// let level = Variable::from_vec("time", vec![0.1, 0.4, 0.7])?;
/// let gauge = Dataset::new([("level".into(), level)], [], Attrs::new())?;
/// let tree = DataTree::from_dict([("/", root), ("/gauges/brest", gauge)])?;
/// assert_eq!(tree.groups(), ["/", "/gauges", "/gauges/brest"]);
/// assert!(tree.node("gauges/brest")?.dataset()?.coords().contains("time"));
/// assert_eq!(tree.sel("time", 1.0)?.get("gauges/brest/level")?.item()?, 0.4);
/// assert_eq!(tree.mean("time")?.get("gauges/brest/level")?.item()?.to_string(), "0.39999999999999997");
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct DataTree {
    name: Option<String>,
    top: Branch,
}

/// A node without what it inherits, and all below it.
#[derive(Clone)]
struct Branch {
    data: Dataset,
    children: IndexMap<String, Self>,
}

impl Default for Branch {
    fn default() -> Self {
        Self { data: empty(), children: IndexMap::new() }
    }
}

impl Branch {
    /// The branch under some names, which is made where it is not there.
    fn grow(&mut self, names: &[&str]) -> Result<&mut Self> {
        if names.len() > DEEPEST {
            let value = format!("a path of {} names", names.len());
            return Err(Error::argument("path", value, format!("a tree has at most {DEEPEST} levels")));
        }
        Ok(names.iter().fold(self, |branch, name| branch.children.entry((*name).to_owned()).or_default()))
    }
}

/// What can be put into a tree: nodes with all below them, datasets of nodes, and arrays, which are variables of the
/// node that their path leads to.
#[derive(Clone)]
pub enum TreeItem {
    /// A node and all below it.
    Tree(DataTree),
    /// The dataset of a node.
    Dataset(Dataset),
    /// A variable of a node.
    Array(Box<DataArray>),
}

impl From<DataTree> for TreeItem {
    fn from(tree: DataTree) -> Self {
        Self::Tree(tree)
    }
}

impl From<Dataset> for TreeItem {
    fn from(dataset: Dataset) -> Self {
        Self::Dataset(dataset)
    }
}

impl From<DataArray> for TreeItem {
    fn from(array: DataArray) -> Self {
        Self::Array(Box::new(array))
    }
}

impl DataTree {
    /// A tree of one node.
    ///
    /// # Errors
    /// [`Error::Argument`] for a variable with a `/` in its name.
    pub fn new(dataset: Dataset) -> Result<Self> {
        Self::from_dict([("/", dataset)])
    }

    /// A tree of nodes by path. Nodes that a path leads through are made without data.
    ///
    /// # Errors
    /// [`Error::Unaligned`] for labels that are not those of the nodes above, [`Error::DuplicateName`] for a path that is
    /// given twice or is that of a variable too, [`Error::Argument`] for a `/` in a name and for a path above the root.
    pub fn from_dict(
        nodes: impl IntoIterator<Item = (impl AsRef<str>, impl Into<TreeItem>)>,
    ) -> Result<Self> {
        let nodes = nodes.into_iter().map(|(path, item)| (path.as_ref().to_owned(), item.into()));
        let mut nodes: Vec<(String, TreeItem)> = nodes.collect();
        // Nodes before what is below them, so that a tree does not replace nodes that were given by themselves.
        let mut placed = Vec::with_capacity(nodes.len());
        for (path, _) in &nodes {
            let names: Vec<String> = path::resolve(&[], path)?.into_iter().map(Into::into).collect();
            if placed.contains(&names) {
                let problem = "two items have this path; leave one of them out".to_owned();
                return Err(Error::DuplicateName { name: path.clone(), problem });
            }
            placed.push(names);
        }
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|&i| placed.get(i).map_or(0, Vec::len));
        let mut tree = Self::default();
        for i in order {
            if let (Some(names), Some((_, item))) = (placed.get(i), nodes.get_mut(i)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let whole = path::absolute(&names);
                let is_there = match item {
                    TreeItem::Array(_) => tree.get(&whole).is_ok(),
                    TreeItem::Tree(_) | TreeItem::Dataset(_) => {
                        !names.is_empty() && tree.node(&whole).is_ok()
                    }
                };
                if is_there {
                    let problem = "an item above it has it too; leave one of them out".to_owned();
                    return Err(Error::DuplicateName { name: whole, problem });
                }
                tree.put(&names, std::mem::replace(item, TreeItem::Dataset(empty())))?;
            }
        }
        tree.settled()
    }

    /// The datasets of all nodes by path, each with the index coordinates that it inherits.
    ///
    /// # Errors
    /// None for a tree that exists.
    pub fn to_dict(&self) -> Result<IndexMap<String, Dataset>> {
        self.subtree().map(|node| Ok((node.path(), node.dataset()?))).collect()
    }

    /// The name of the tree, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same tree under a name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Puts a node or a variable at a path, in place of what is there. Nodes on the way are made.
    ///
    /// A dataset takes the place of that of the node; nodes below stay.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, DataTree, Variable};
    /// let mut tree = DataTree::default();
    /// tree.set("model/ssh", DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0])?, [])?)?;
    /// assert_eq!(tree.get("model/ssh")?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`DataTree::from_dict`]. The tree stays as it was.
    pub fn set(&mut self, path: &str, item: impl Into<TreeItem>) -> Result<()> {
        *self = self.assign([(path, item)])?;
        Ok(())
    }

    /// The tree with items put at paths, as by [`DataTree::set`].
    ///
    /// # Errors
    /// As [`DataTree::from_dict`].
    pub fn assign(
        &self,
        items: impl IntoIterator<Item = (impl AsRef<str>, impl Into<TreeItem>)>,
    ) -> Result<Self> {
        let mut tree = self.clone();
        for (path, item) in items {
            tree.put(&path::resolve(&[], path.as_ref())?, item.into())?;
        }
        tree.settled()
    }

    /// Puts an item under some names, whatever there is above or below.
    fn put(&mut self, names: &[&str], item: TreeItem) -> Result<()> {
        match item {
            TreeItem::Tree(tree) => *self.top.grow(names)? = tree.top,
            TreeItem::Dataset(dataset) => self.top.grow(names)?.data = dataset,
            TreeItem::Array(array) => {
                let Some((name, above)) = names.split_last() else {
                    return Err(Error::argument(
                        "path",
                        "\"/\"",
                        "an array needs a name after the path of its node",
                    ));
                };
                let branch = self.top.grow(above)?;
                branch.data = branch.data.with_array(name, *array)?;
            }
        }
        Ok(())
    }

    /// The tree without some nodes and all below them.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a path without a node, [`Error::Argument`] for the root.
    pub fn drop_nodes(&self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let paths: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        for path in &paths {
            self.node(path)?;
        }
        self.drop_nodes_if_present(paths)
    }

    /// [`DataTree::drop_nodes`] that passes over paths without a node: xarray's `errors="ignore"`.
    ///
    /// # Errors
    /// [`Error::Argument`] for the root.
    pub fn drop_nodes_if_present(&self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut tree = self.clone();
        for path in paths {
            let names = path::resolve(&[], path.as_ref())?;
            let Some((name, above)) = names.split_last() else {
                return Err(Error::argument(
                    "path",
                    "\"/\"",
                    "the root stays; give the paths of nodes below it",
                ));
            };
            if self.node(&path::absolute(&names)).is_ok() {
                tree.top.grow(above)?.children.shift_remove(*name);
            }
        }
        Ok(tree)
    }

    /// The root as a place to walk from.
    pub fn root(&self) -> Node<'_> {
        Node::root_of(self)
    }

    /// The node at a path.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is none, and [`Error::Argument`] for a path above the root.
    pub fn node(&self, path: &str) -> Result<Node<'_>> {
        self.root().node(path)
    }

    /// The variable or coordinate at a path, inherited ones included: `tree.get("model/ssh")`.
    ///
    /// # Errors
    /// As [`DataTree::node`], and [`Error::UnknownName`] for a name that the node does not have.
    pub fn get(&self, path: &str) -> Result<DataArray> {
        self.root().get(path)
    }

    /// Whether there is a node or a variable at a path.
    pub fn contains(&self, path: &str) -> bool {
        self.node(path).is_ok() || self.get(path).is_ok()
    }

    /// The nodes below the root, in order.
    pub fn children(&self) -> impl Iterator<Item = Node<'_>> {
        self.root().children()
    }

    /// The root and all nodes below it, level by level.
    pub fn subtree(&self) -> impl Iterator<Item = Node<'_>> {
        self.root().subtree()
    }

    /// The nodes of [`DataTree::subtree`] with their paths from the root, which is `.`.
    pub fn subtree_with_keys(&self) -> impl Iterator<Item = (String, Node<'_>)> {
        self.root().subtree_with_keys()
    }

    /// All nodes but the root, level by level.
    pub fn descendants(&self) -> impl Iterator<Item = Node<'_>> {
        self.subtree().skip(1)
    }

    /// The nodes that have none below them.
    pub fn leaves(&self) -> impl Iterator<Item = Node<'_>> {
        self.root().leaves()
    }

    /// The paths of all nodes, level by level.
    pub fn groups(&self) -> Vec<String> {
        self.subtree().map(|node| node.path()).collect()
    }

    /// The greatest level of a node; that of the root is 0.
    pub fn depth(&self) -> usize {
        self.root().height()
    }

    /// Whether only leaves have data.
    pub fn is_hollow(&self) -> bool {
        self.subtree().all(|node| node.is_leaf() || !node.has_data())
    }

    /// The dataset of the root.
    pub fn dataset(&self) -> &Dataset {
        &self.top.data
    }

    /// The attributes of the root.
    pub fn attrs(&self) -> &Attrs {
        self.top.data.attrs()
    }

    /// Bytes that all variables and coordinates take when they are computed, inherited ones once.
    pub fn nbytes(&self) -> usize {
        self.subtree().map(|node| node.own().nbytes()).sum()
    }

    /// A tree of nodes that have been made from those of this one, in the order of [`DataTree::subtree`].
    fn rebuilt<'a>(&self, nodes: impl IntoIterator<Item = Result<(Node<'a>, Dataset)>>) -> Result<Self> {
        let mut tree = Self { name: self.name.clone(), top: Branch::default() };
        for made in nodes {
            let (node, dataset) = made?;
            tree.top.grow(&node.names())?.data = dataset;
        }
        tree.settled()
    }

    /// The tree after its names and labels have been checked; labels that a node has from above are not kept twice.
    fn settled(mut self) -> Result<Self> {
        inherit::settle(&mut self.top, &mut Vec::new(), &inherit::Above::default())?;
        Ok(self)
    }
}

/// A dataset without anything.
fn empty() -> Dataset {
    Labeled::from_parts(Many::default(), Coords::default())
}
