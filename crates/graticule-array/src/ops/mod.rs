//! What can be done with an array, one file a family. Every method only builds an expression.

mod assign;
mod block_access;
mod blocks;
mod create;
mod elementwise;
mod gather;
mod index;
mod join;
mod mask;
mod reduce;
mod reshape;
mod reshape_order;
mod select;
mod take;
mod vindex;

pub use blocks::blockwise;
pub use elementwise::Argument;
pub use reduce::Axes;
pub use vindex::Vindex;

use crate::error::{Error, Result};

/// The axis that a possibly negative number means.
pub(crate) fn normalize_axis(axis: isize, ndim: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis + ndim as isize } else { axis };
    usize::try_from(wrapped).ok().filter(|&a| a < ndim).ok_or(Error::Axis { axis, ndim })
}
