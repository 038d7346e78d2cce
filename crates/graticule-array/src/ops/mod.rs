//! What can be done with an array, one file a family. Every method only builds an expression.

mod blocks;
mod coarsen;
mod create;
mod elementwise;
mod join;
mod overlap;
mod reduce;
mod reshape;
mod rolling;
mod select;
mod window_chunks;

pub use blocks::blockwise;
pub use coarsen::{Coarsening, Excess, Side};
pub use elementwise::Argument;
pub use overlap::Depth;
pub use reduce::Axes;
pub use rolling::Rolling;

use crate::error::{Error, Result};

/// The axis that a possibly negative number means.
pub(crate) fn normalize_axis(axis: isize, ndim: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis + ndim as isize } else { axis };
    usize::try_from(wrapped).ok().filter(|&a| a < ndim).ok_or(Error::Axis { axis, ndim })
}
