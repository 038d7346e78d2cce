//! The integration tests of this crate, in one binary.

/// What both backends promise, on every fixture.
mod conformance;
/// Values and attributes as netCDF4 and xarray give them.
mod golden;
/// Reading sources in tests.
mod support;
