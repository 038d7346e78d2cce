//! Operations on every node of a tree.

use graticule_array::Runtime;

use super::{DataTree, Node, inherit};
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::Dataset;
use crate::ops::{ChunkSpec, Reduction, compute_all_with, each_statistic, explained};
use crate::select::{Positions, Sel};

macro_rules! statistics_of_trees {
    ($($name:ident $statistic:expr, $doc:literal)+) => {
        impl DataTree {$(
            #[doc = $doc]
            ///
            /// In every node over those of the dimensions that it has; [`DataTree::reduce`] has options.
            ///
            /// # Errors
            /// As [`DataTree::reduce`].
            pub fn $name(&self, dims: impl Into<Over>) -> Result<Self> {
                self.reduce(Reduction::$name(), dims)
            }
        )+}
    };
}

each_statistic!(statistics_of_trees);

/// A function of the datasets of several trees, node by node. Each comes with the index coordinates that it inherits.
///
/// ```
/// use graticule_dataset::{Attrs, DataTree, Dataset, Variable, map_over_datasets};
/// let of = |value: f64| Dataset::new([("a".into(), Variable::scalar(value)?)], [], Attrs::new());
/// let (one, two) = (DataTree::from_dict([("x", of(1.0)?)])?, DataTree::from_dict([("x", of(2.0)?)])?);
/// let sum = map_over_datasets([&one, &two], |[one, two]| one + two)?;
/// assert_eq!(sum.get("x/a")?.item()?, 3.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for trees that do not have the same nodes, and the first error that `f` gives, with the path of
/// the node.
pub fn map_over_datasets<const N: usize>(
    trees: [&DataTree; N],
    mut f: impl FnMut([&Dataset; N]) -> Result<Dataset>,
) -> Result<DataTree> {
    let Some((first, others)) = trees.split_first() else { return Ok(DataTree::default()) };
    for other in others {
        first.check_isomorphic(other)?;
    }
    first.mapped(false, |node, dataset| {
        let path = node.path();
        let mut datasets = vec![dataset.clone()];
        for other in others {
            datasets.push(other.node(&path)?.dataset()?);
        }
        let datasets: Vec<&Dataset> = datasets.iter().collect();
        match <[&Dataset; N]>::try_from(datasets) {
            Ok(datasets) => f(datasets),
            Err(_) => Ok(dataset.clone()),
        }
    })
}

impl DataTree {
    /// A function of every node and its dataset with what it inherits. What is inherited still belongs to the nodes above
    /// in the result.
    pub(super) fn mapped(
        &self,
        selected: bool,
        mut f: impl FnMut(&Node<'_>, &Dataset) -> Result<Dataset>,
    ) -> Result<Self> {
        self.rebuilt(self.subtree().map(|node| {
            let dataset = node.dataset()?;
            let result = f(&node, &dataset).map_err(|error| error.in_node(&node))?;
            let result = match node.is_root() {
                true => result,
                false => inherit::disinherited(node.own(), result, dataset.coords(), selected),
            };
            Ok((node, result))
        }))
    }

    /// A function of the dataset of every node, which comes with the index coordinates that it inherits.
    ///
    /// ```
    /// use graticule_dataset::{Attrs, DataTree, Dataset, Variable};
    /// let ds = Dataset::new([("a".into(), Variable::from_vec("x", vec![1.0, 3.0])?)], [], Attrs::new())?;
    /// let tree = DataTree::from_dict([("/", ds.clone()), ("/below", ds)])?;
    /// let spread = tree.map_over_datasets(|ds| &ds.max(())? - &ds.min(())?)?;
    /// assert_eq!(spread.get("below/a")?.item()?, 2.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first that `f` gives, with the path of the node; as [`DataTree::from_dict`] where results do not fit below
    /// each other.
    pub fn map_over_datasets(&self, mut f: impl FnMut(&Dataset) -> Result<Dataset>) -> Result<Self> {
        self.mapped(false, |_, dataset| f(dataset))
    }

    /// A reduction in every node over those of the dimensions that it has itself; with `()` over all. A node that has none
    /// of those that are named stays as it is.
    ///
    /// ```
    /// use graticule_dataset::{Attrs, DataTree, Dataset, Reduction, Variable};
    /// let on = |dim: &str| {
    ///     Dataset::new([("a".into(), Variable::from_vec(dim, vec![1.0, 3.0])?)], [], Attrs::new())
    /// };
    /// let tree = DataTree::from_dict([("on_x", on("x")?), ("on_y", on("y")?)])?;
    /// let deviation = tree.reduce(Reduction::std().ddof(1), "x")?;
    /// assert_eq!(deviation.get("on_x/a")?.item()?, 2f64.sqrt());
    /// assert_eq!(deviation.get("on_y/a")?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that no node has, and what [`Dataset::reduce`](crate::Labeled::reduce)
    /// can meet in a node.
    pub fn reduce(&self, reduction: Reduction, dims: impl Into<Over>) -> Result<Self> {
        let dims = dims.into();
        let over = dims.resolve(&self.dims())?;
        self.mapped(false, |node, dataset| {
            let own = node.own().sizes();
            let here: Vec<&Dim> = over.iter().filter(|dim| own.contains_key(*dim)).collect();
            match dims.names() {
                Some(_) if here.is_empty() => Ok(dataset.clone()),
                _ => dataset.reduce(reduction.clone(), here),
            }
        })
    }

    /// The middle values in every node, as [`DataTree::reduce`].
    ///
    /// # Errors
    /// As [`DataTree::reduce`].
    pub fn median(&self, dims: impl Into<Over>) -> Result<Self> {
        self.reduce(Reduction::median(), dims)
    }

    /// Positions along a dimension in every node that has it; other nodes stay as they are.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that no node has; [`Error::Index`] for a position outside one.
    pub fn isel(&self, dim: &str, positions: impl Into<Positions>) -> Result<Self> {
        let positions = positions.into();
        self.selected(dim, |dataset| dataset.isel(dim, positions.clone()))
    }

    /// Labels along a dimension in every node that has it; other nodes stay as they are.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that no node has, and what [`Dataset::sel`](crate::Labeled::sel) can meet
    /// in a node, such as a label that one of them lacks.
    pub fn sel(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        let labels = labels.into();
        self.selected(dim, |dataset| dataset.sel(dim, labels.clone()))
    }

    fn selected(&self, dim: &str, mut f: impl FnMut(&Dataset) -> Result<Dataset>) -> Result<Self> {
        let has = |dataset: &Dataset| dataset.size(dim).is_ok() || dataset.coords().is_index(dim);
        if !self.subtree().any(|node| has(node.own())) {
            return Err(Error::unknown_dim(dim, self.dims()));
        }
        self.mapped(true, |_, dataset| if has(dataset) { f(dataset) } else { Ok(dataset.clone()) })
    }

    /// All dimensions of all nodes, each once.
    pub fn dims(&self) -> Vec<Dim> {
        let mut dims: Vec<Dim> = Vec::new();
        for dim in self.subtree().flat_map(|node| node.own().dims()) {
            if !dims.contains(&dim) {
                dims.push(dim);
            }
        }
        dims
    }

    /// All data in other chunks, as [`Dataset::chunk`](crate::Labeled::chunk): in every node along the dimensions that it
    /// has.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that no node has; when a size cannot be read.
    pub fn chunk(&self, chunks: impl Into<ChunkSpec>) -> Result<Self> {
        let spec = chunks.into();
        let dims = self.dims();
        if let ChunkSpec::Lengths(lengths) = &spec
            && let Some((unknown, _)) = lengths.iter().find(|(dim, _)| !dims.contains(dim))
        {
            return Err(Error::unknown_dim(unknown, dims));
        }
        self.rebuilt(self.subtree().map(|node| {
            let here = match &spec {
                ChunkSpec::Bytes(_) => spec.clone(),
                ChunkSpec::Lengths(lengths) => {
                    let own = node.own().sizes();
                    let here = lengths.iter().filter(|(dim, _)| own.contains_key(dim));
                    ChunkSpec::Lengths(here.cloned().collect())
                }
            };
            let chunked = node.own().chunk(here).map_err(|error| error.in_node(&node))?;
            Ok((node, chunked))
        }))
    }

    /// The tree with all values in memory. All nodes are computed in one run: what they share is read once.
    ///
    /// # Errors
    /// As [`Dataset::compute`](crate::Labeled::compute).
    pub fn compute(&self) -> Result<Self> {
        self.compute_with(&Runtime::current())
    }

    /// The same with other threads, limits and observers.
    ///
    /// # Errors
    /// As [`DataTree::compute`].
    pub fn compute_with(&self, runtime: &Runtime) -> Result<Self> {
        let nodes: Vec<Node<'_>> = self.subtree().collect();
        let computed = compute_all_with(nodes.iter().map(Node::own), runtime)?;
        self.rebuilt(nodes.into_iter().zip(computed).map(Ok))
    }

    /// Computes all values into memory, in place.
    ///
    /// # Errors
    /// As [`DataTree::compute`]. The tree stays as it was.
    pub fn load(&mut self) -> Result<&mut Self> {
        *self = self.compute()?;
        Ok(self)
    }

    /// What computing the tree would do, as [`Dataset::explain`](crate::Labeled::explain).
    ///
    /// # Errors
    /// As planning: the memory limit.
    pub fn explain(&self) -> Result<String> {
        explained(self.subtree().flat_map(|node| node.own().arrays().collect::<Vec<_>>()))
    }
}
