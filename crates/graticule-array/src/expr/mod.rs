//! The expression: what is to be computed, one node an operation.
//!
//! A node never stands for a chunk, so an array of a million chunks costs as much to write down as one of
//! four. Nodes are immutable and shared; equal nodes have equal ids, so a subexpression that appears twice
//! is one node to everything that walks the expression.

pub(crate) mod children;
mod distribution;
mod draw;
pub(crate) mod formula;
mod infer;
mod leaf;
mod stored;
mod text;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::aggregation::Aggregation;
use crate::blockwise::Blockwise;
use crate::dtype::DType;
use crate::error::Result;
use crate::grid::ChunkGrid;
use crate::scalar::Scalar;
use crate::source::SourceRef;

pub use distribution::Distribution;
pub(crate) use draw::draw_to;
pub use draw::{to_dot, to_svg};
pub use formula::{Formula, Step};
pub(crate) use infer::{broadcast_shapes, check_size, operands};
pub(crate) use stored::StoredNodes;
pub use stored::{OpenSource, Registry, StoredExpr};
pub(crate) use text::to_text;

/// The kinds of operation. A new method is a new value of a kind; a new kind is earned only by a new
/// structure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// Data from outside: memory or a file.
    Source(SourceRef),
    /// One value everywhere.
    Full {
        /// The value.
        value: Scalar,
        /// The dtype it is held in.
        dtype: DType,
        /// The chunks, and with them the shape.
        grid: ChunkGrid,
    },
    /// `start + step * i` along a single axis.
    Range {
        /// The first value.
        start: Scalar,
        /// The difference from one value to the next.
        step: Scalar,
        /// The last value, where it is given exactly: adding up steps would miss it by rounding.
        last: Option<Scalar>,
        /// The dtype of the values.
        dtype: DType,
        /// The chunks, and with them the length.
        grid: ChunkGrid,
    },
    /// Random numbers, each a function of the seed and of its position.
    Random {
        /// What is drawn from.
        distribution: Distribution,
        /// The stream of numbers.
        seed: u64,
        /// The chunks, and with them the shape.
        grid: ChunkGrid,
    },
    /// A formula evaluated element by element over inputs that broadcast together.
    Map(Formula),
    /// A part of the input: for each of its axes one index or a slice.
    Select(Vec<AxisSelect>),
    /// The same elements under other axes.
    Reshape(Reshape),
    /// The inputs one after another along an axis.
    Join {
        /// The axis they follow each other on.
        axis: usize,
    },
    /// Axes folded away by an aggregation.
    Reduce {
        /// What is computed.
        aggregation: Aggregation,
        /// The axes folded, increasing.
        axes: Vec<usize>,
        /// Whether folded axes stay with length 1.
        keepdims: bool,
    },
    /// Axes folded away by an aggregation, group by group: a new axis of groups takes the place of the first of them.
    /// The last input gives the group of each value; values whose group is negative are left out.
    Group {
        /// What is computed.
        aggregation: Aggregation,
        /// The axes folded, increasing; at least one.
        axes: Vec<usize>,
        /// How many groups there are.
        groups: usize,
    },
    /// The same array in other chunks.
    Rechunk(ChunkGrid),
    /// A function of whole blocks of the inputs.
    Blockwise(Blockwise),
}

/// What is taken from one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AxisSelect {
    /// One position; the axis disappears.
    Index(usize),
    /// The positions `start`, `start + step`, … (`len` of them).
    Slice {
        /// The first position.
        start: usize,
        /// From one position to the next; negative runs backwards.
        step: isize,
        /// How many positions.
        len: usize,
    },
}

/// The same elements under other axes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reshape {
    /// Axis `i` of the result is axis `order[i]` of the input.
    Permute(Vec<usize>),
    /// A new axis of length 1 before axis `axis` of the result.
    Expand {
        /// Where the new axis stands in the result.
        axis: usize,
    },
    /// Axes of length 1 repeated and new leading axes added, until the shape is this one.
    Broadcast(Vec<usize>),
}

/// The identity of a node: a digest of its operation and its inputs' identities.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u128);

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0 >> 96)
    }
}

/// A node of an expression.
#[derive(Debug)]
pub struct Node {
    op: Op,
    inputs: Vec<Expr>,
    dtype: DType,
    shape: Vec<usize>,
    grid: ChunkGrid,
    id: NodeId,
    /// Of a join: where each input begins along the axis.
    seams: Vec<usize>,
}

/// A handle on a node. Cloning shares the node.
#[derive(Debug, Clone)]
pub struct Expr(Arc<Node>);

impl Expr {
    /// A node over inputs, with its shape, dtype and chunks worked out.
    ///
    /// # Errors
    /// When the operation is not possible on these inputs.
    pub fn new(op: Op, inputs: Vec<Self>) -> Result<Self> {
        let (dtype, grid) = infer::infer(&op, &inputs)?;
        infer::check_size(&grid)?;
        let mut hasher = SipHasher13::new();
        op.hash(&mut hasher);
        for input in &inputs {
            input.id().0.hash(&mut hasher);
        }
        let digest = hasher.finish128();
        let id = NodeId((u128::from(digest.h1) << 64) | u128::from(digest.h2));
        let seams = match op {
            Op::Join { axis } => {
                let lens = inputs.iter().map(|input| input.shape()[axis]);
                lens.scan(0, |seam, len| {
                    *seam += len;
                    Some(*seam - len)
                })
                .collect()
            }
            _ => Vec::new(),
        };
        Ok(Self(Arc::new(Node { op, inputs, dtype, shape: grid.shape(), grid, id, seams })))
    }

    /// The operation.
    pub fn op(&self) -> &Op {
        &self.0.op
    }

    /// What the operation works on.
    pub fn inputs(&self) -> &[Self] {
        &self.0.inputs
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// How the result is cut into chunks.
    pub fn grid(&self) -> &ChunkGrid {
        &self.0.grid
    }

    /// Of a join: where each input begins along the axis; of other operations nothing.
    pub(crate) fn seams(&self) -> &[usize] {
        &self.0.seams
    }

    /// Of a join: the input that holds a position of the axis. Empty inputs hold none.
    pub(crate) fn join_input_at(&self, position: usize) -> usize {
        self.0.seams.partition_point(|&seam| seam <= position).saturating_sub(1)
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.0.shape.len()
    }

    /// The identity: equal for equal expressions.
    pub fn id(&self) -> NodeId {
        self.0.id
    }
}

/// Dropping a node drops its inputs one after another, however deep the expression is.
impl Drop for Node {
    fn drop(&mut self) {
        let mut stack = std::mem::take(&mut self.inputs);
        while let Some(Expr(node)) = stack.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                stack.append(&mut node.inputs);
            }
        }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Expr {}

impl Hash for Expr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}
