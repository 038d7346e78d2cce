//! What can be done with an array, one file a family. Every method only builds an expression.

mod arrange;
mod axes;
mod block;
mod blocks;
mod calculus;
mod compare;
mod conditional;
mod create;
mod elementwise;
mod group;
mod histogram;
mod indices;
mod join;
mod lookup;
mod matrix;
mod pad;
mod pairs;
mod random;
mod reduce;
mod repeat;
mod reshape;
mod select;
mod split;
mod statistics;
mod ufuncs;

pub use block::Block;
pub use blocks::blockwise;
pub use calculus::Spacing;
pub use elementwise::Argument;
pub use histogram::{Bins, Histogram};
pub use indices::Indexing;
pub use pad::{PadMode, Sides};
pub use reduce::Axes;

use crate::error::{Error, Result};

/// The most parts that one method makes of an array. Each is a node: more would be slow to plan.
const MAX_PARTS: usize = 1 << 16;

/// The axis that a possibly negative number means.
pub(crate) fn normalize_axis(axis: isize, ndim: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis + ndim as isize } else { axis };
    usize::try_from(wrapped).ok().filter(|&a| a < ndim).ok_or(Error::Axis { axis, ndim })
}
