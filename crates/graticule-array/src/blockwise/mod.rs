//! Operations that need whole blocks: what cannot be said element by element.
//!
//! Each is data, a value of [`Blockwise`], with a [`Kernel`] in a file of its own. A kernel says which regions of its
//! inputs a block of its result is computed from, what it needs beside them, and computes the block. The rest is the
//! same for all: a block of such a node is to a plan what a block of a file is, only that it is computed rather than
//! read. So maps and reductions above it, and maps and selections below it, run in the same pass.

pub(crate) mod along;
pub(crate) mod assign;
pub(crate) mod coarsen;
mod contract;
pub(crate) mod custom;
mod diagonal;
mod fourier;
pub(crate) mod gather;
pub(crate) mod in_range;
pub(crate) mod overlap;
mod qr;
pub(crate) mod quantile;
pub(crate) mod radix;
pub(crate) mod reshape;
pub(crate) mod scan;
pub(crate) mod searchsorted;
pub(crate) mod sliding;
mod small_matrix;
pub(crate) mod sort;
pub(crate) mod take_along;
pub(crate) mod topk;
pub(crate) mod window;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::Result;
use crate::grid::ChunkGrid;

pub use coarsen::{Coarsen, Windows};
pub use contract::Contract;
pub(crate) use custom::BlockRegistry;
pub use custom::{BlockFn, BlockInfo, Custom};
pub use diagonal::Diagonal;
pub use fourier::{Fourier, FourierNorm, FourierTransform};
pub use overlap::{Boundary, Halo, Overlap, Trim};
pub use qr::Qr;
pub use quantile::Quantile;
pub use radix::{RadixCount, RadixFinish, RadixPick};
pub use scan::{Cumulative, Pass, Scan};
pub use searchsorted::SearchSorted;
pub use sliding::Sliding;
pub use small_matrix::SmallMatrix;
pub use sort::Sort;
pub use topk::TopK;
pub use window::{Window, WindowStatistic};

/// The operations on whole blocks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Blockwise {
    /// A function of the user's.
    Custom(Custom),
    /// A fold along an axis of which every intermediate value is wanted.
    Scan(Scan),
    /// Quantiles along axes.
    Quantile(Quantile),
    /// Counts of the values by some bits of theirs.
    RadixCount(RadixCount),
    /// In which counts the values of some ranks are.
    RadixPick(RadixPick),
    /// Quantiles from the values of some ranks.
    RadixFinish(RadixFinish),
    /// Where values belong among sorted ones.
    SearchSorted(SearchSorted),
    /// The elements along an axis in order.
    Sort(Sort),
    /// The best elements along an axis.
    TopK(TopK),
    /// A region with other values.
    Assign(assign::Assign),
    /// Elements at listed positions.
    Gather(gather::Gather),
    /// Indices that are refused outside a range.
    InRange(in_range::InRange),
    /// Neighbouring axes under other lengths.
    Reshape(reshape::ReshapeAxes),
    /// Elements at computed positions along an axis.
    TakeAlongAxis(take_along::TakeAlongAxis),
    /// Sums of products of two arrays.
    Contract(Contract),
    /// The diagonal of two axes.
    Diagonal(Diagonal),
    /// A discrete Fourier transform along one axis.
    Fourier(Fourier),
    /// A factor of chunks of rows of a tall matrix.
    Qr(Qr),
    /// An operation on a matrix in one chunk.
    SmallMatrix(SmallMatrix),
    /// A statistic of windows that slide along an axis.
    Window(Window),
    /// The elements of those windows, along a new last axis.
    Sliding(Sliding),
    /// An aggregation of blocks of neighbouring elements.
    Coarsen(Coarsen),
    /// Each chunk with the elements around it.
    Overlap(Overlap),
    /// Chunks without the elements around them.
    Trim(Trim),
}

impl Blockwise {
    /// The kernel of the operation.
    pub(crate) fn kernel(&self) -> &dyn Kernel {
        match self {
            Self::Custom(kernel) => kernel,
            Self::Scan(kernel) => kernel,
            Self::Quantile(kernel) => kernel,
            Self::RadixCount(kernel) => kernel,
            Self::RadixPick(kernel) => kernel,
            Self::RadixFinish(kernel) => kernel,
            Self::SearchSorted(kernel) => kernel,
            Self::Sort(kernel) => kernel,
            Self::TopK(kernel) => kernel,
            Self::Assign(kernel) => kernel,
            Self::Gather(kernel) => kernel,
            Self::InRange(kernel) => kernel,
            Self::Reshape(kernel) => kernel,
            Self::TakeAlongAxis(kernel) => kernel,
            Self::Contract(kernel) => kernel,
            Self::Diagonal(kernel) => kernel,
            Self::Fourier(kernel) => kernel,
            Self::Qr(kernel) => kernel,
            Self::SmallMatrix(kernel) => kernel,
            Self::Window(kernel) => kernel,
            Self::Sliding(kernel) => kernel,
            Self::Coarsen(kernel) => kernel,
            Self::Overlap(kernel) => kernel,
            Self::Trim(kernel) => kernel,
        }
    }
}

/// The operation in a few words, for plans and messages.
impl fmt::Display for Blockwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kernel().label())
    }
}

/// An input, as far as it is known before it is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand<'a> {
    pub(crate) dtype: DType,
    pub(crate) grid: &'a ChunkGrid,
}

impl Operand<'_> {
    pub(crate) fn ndim(&self) -> usize {
        self.grid.axes().len()
    }

    /// The length of an axis.
    pub(crate) fn len(&self, axis: usize) -> usize {
        self.grid.axes()[axis].len()
    }
}

/// A region of an input that a block needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which input.
    pub(crate) input: usize,
    /// Where, in elements. It lies inside the input.
    pub(crate) region: Vec<Range<usize>>,
}

/// Whether the parts of a block are in memory together when its kernel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The kernel runs once, with all parts.
    Together,
    /// The kernel runs once for each part, in order, with that part alone: the block collects them.
    OneByOne,
}

/// The block that is being computed.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// The number of the block along each axis.
    pub(crate) index: &'a [usize],
    /// The elements of the result that it covers.
    pub(crate) region: &'a [Range<usize>],
    /// All inputs.
    pub(crate) inputs: &'a [Operand<'a>],
    /// All parts of the block, as [`Kernel::parts`] named them.
    pub(crate) parts: &'a [Part],
    /// The number of the first part that is delivered: 0 where they come together.
    pub(crate) first: usize,
}

/// What an operation on whole blocks has to say and do. Kernels are pure: the same parts give the same block.
pub(crate) trait Kernel {
    /// The operation in a few words, such as `cumsum along axis 0`.
    fn label(&self) -> String;

    /// The dtype and the chunks of the result.
    ///
    /// # Errors
    /// When the operation is not possible on these inputs. All that can be wrong with an operation is found here:
    /// the other methods are only called on what `infer` accepted.
    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)>;

    /// What block `index` of the result (whose chunks are `grid`) is computed from. Inputs of which a block needs
    /// nothing are left out. The order is that in which the parts are delivered.
    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part>;

    /// For each part of a block, its input and the largest shape it has in any block: a bound on what is in memory.
    /// Where parts come one by one, one entry for each input suffices.
    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)>;

    /// The most bytes that [`Kernel::run`] needs beside the parts and the block.
    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize;

    /// How parts are delivered.
    fn delivery(&self) -> Delivery {
        Delivery::Together
    }

    /// Whether every element of an input is part of at most one block: then nothing below is computed twice.
    fn is_disjoint(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> bool;

    /// Whether the result is computed in a pass of its own wherever it is asked for: since who asks for it takes many
    /// blocks for one of his own, and would compute them on one thread.
    fn has_own_pass(&self) -> bool {
        false
    }

    /// The chunks in which blocks ask for an input, where they ask for parts of its chunks that do not overlap: cut so,
    /// an input that is kept on disk is read once. Nothing where its own chunks serve as well.
    fn asked_in(&self, input: usize, inputs: &[Operand<'_>]) -> Option<ChunkGrid> {
        let _ = (input, inputs);
        None
    }

    /// Axes along which the operation does the same to every element: element `i` of the result depends only on the
    /// elements `i` of the inputs, which all have the axes of the result. A selection on such an axis may be done
    /// before the operation.
    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        let _ = ndim;
        Vec::new()
    }

    /// Axes along which a block can be computed in pieces: where every input has the same elements along the axis as the
    /// result, and is cut alike there, so is the result, and its values are what they were.
    fn cut_along(&self, ndim: usize) -> Vec<usize> {
        self.independent_axes(ndim)
    }

    /// Fills `out`, which has the shape and dtype of the block and unspecified values. Where parts come one by one,
    /// `out` keeps what earlier parts wrote.
    ///
    /// # Errors
    /// When values make the operation impossible, such as a singular matrix.
    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()>;
}
