//! netCDF files, one or many, opened as lazy labeled datasets.

mod backend;
mod error;
mod file;
mod netcdf;
mod unreadable;

pub use backend::{Backend, RawDim, RawGroup, RawKind, RawVariable, Request, Truncated, Warning};
pub use error::{Error, Result};
pub use file::DataFile;
pub use netcdf::{Classic, Hdf5};
