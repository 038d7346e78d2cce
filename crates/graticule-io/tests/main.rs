//! The integration tests of this crate, in one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

/// What backends promise, on every fixture.
mod conformance;
/// Files damaged at random: an error, or the right numbers.
mod corruption;
/// Values and attributes as netCDF4 and xarray give them.
mod golden;
/// Many files: handles, order, disagreements, options.
mod many;
/// The C library against pure Rust.
#[cfg(feature = "netcdf-c")]
mod netcdf_c;
/// Reading sources in tests.
mod support;
/// Groups, side by side and as trees.
mod trees;
/// Truncated and changed files, and files of other formats.
mod trouble;
