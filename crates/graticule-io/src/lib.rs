//! netCDF files, one or many, opened as lazy labeled datasets.
//!
//! ```text
//! path ──► DataFile ──► Backend ──► RawGroup ──► cf ──► Dataset ──► combined
//!          a handle     netCDF-3    variables    decoded             many files
//!          when read    netCDF-4    as stored                        as one
//! ```
//!
//! [`open_dataset`] opens one file, [`open_mfdataset`] many; [`OpenOptions`] says how. Headers and coordinates are
//! read, data wait until they are computed. No file stays open in between: handles come from a bounded pool.
//!
//! A variable that cannot be represented (a compound, a reference, an unknown filter) is listed like the others;
//! reading it is an error that says why. With the feature `netcdf-c`, [`OpenOptions::backend`] opens a file through
//! the C library instead, which has filters that are not here (`NetcdfC`; needs `libnetcdf`).

mod adapt;
mod backend;
mod cf;
mod error;
mod file;
mod groups;
mod limits;
mod load;
mod multi;
mod netcdf;
mod open;
mod paths;
mod text;
mod unreadable;

pub use backend::{Backend, RawDim, RawGroup, RawKind, RawVariable, Request, Truncated, Warning};
pub use cf::{Decode, DecodeCoords};
pub use error::{Error, Result};
pub use file::DataFile;
pub use groups::{open_datatree, open_groups};
pub use multi::open_mfdataset;
#[cfg(feature = "netcdf-c")]
pub use netcdf::NetcdfC;
pub use netcdf::{Classic, Hdf5};
pub use open::{OpenOptions, Opened, open_dataset};
pub use paths::IntoPaths;
