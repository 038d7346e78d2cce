//! What can be done with an array, one file a family. Every method only builds an expression.

mod apply;
mod arrange;
mod assign;
mod axes;
mod block;
mod block_access;
mod blocks;
mod calculus;
mod coarsen;
mod compare;
mod conditional;
mod contract;
mod covariance;
mod create;
mod distributions;
mod einsum;
mod elementwise;
mod exponential;
mod fft;
mod gather;
mod group;
mod gufunc;
mod histogram;
mod index;
mod indices;
mod join;
mod linalg;
mod lookup;
mod mask;
mod matrix;
mod overlap;
mod pad;
mod pairs;
mod products;
mod put;
mod quantile;
mod random;
mod reduce;
mod repeat;
mod reshape;
mod reshape_order;
mod rolling;
mod rolling_axes;
mod scan;
mod select;
mod sort;
mod split;
mod statistics;
mod take;
mod ufuncs;
mod unique;
mod vindex;
mod whole;
mod window_chunks;

pub use block::Block;
pub use blocks::blockwise;
pub use calculus::Spacing;
pub use coarsen::{Coarsening, Excess, WindowSide};
pub use contract::ContractAxes;
pub use einsum::einsum;
pub use elementwise::Argument;
pub use exponential::{Decay, RollingExp};
pub use histogram::{Bins, Histogram};
pub use indices::Indexing;
pub use overlap::Depth;
pub use pad::{PadMode, Sides};
pub use quantile::Points;
pub use reduce::Axes;
pub use rolling::Rolling;
pub use rolling_axes::RollingAxes;
pub use unique::Unique;
pub use vindex::Vindex;

use crate::error::{Error, Result};

/// The most parts that one method makes of an array. Each is a node: more would be slow to plan.
const MAX_PARTS: usize = 1 << 16;

/// The axis that a possibly negative number means.
pub(crate) fn normalize_axis(axis: isize, ndim: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis + ndim as isize } else { axis };
    usize::try_from(wrapped).ok().filter(|&a| a < ndim).ok_or(Error::Axis { axis, ndim })
}
