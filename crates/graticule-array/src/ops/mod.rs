//! What can be done with an array, one file a family. Every method only builds an expression.

mod apply;
mod blocks;
mod contract;
mod covariance;
mod create;
mod einsum;
mod elementwise;
mod fft;
mod join;
mod linalg;
mod reduce;
mod reshape;
mod select;
mod whole;

pub use blocks::blockwise;
pub use contract::ContractAxes;
pub use einsum::einsum;
pub use elementwise::Argument;
pub use reduce::Axes;

use crate::error::{Error, Result};

/// The axis that a possibly negative number means.
pub(crate) fn normalize_axis(axis: isize, ndim: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis + ndim as isize } else { axis };
    usize::try_from(wrapped).ok().filter(|&a| a < ndim).ok_or(Error::Axis { axis, ndim })
}
