//! What the crate promises, area by area.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Operators, alignment, broadcasting, functions of elements, missing values.
mod arithmetic;
/// concat and combine_by_coords, and what they refuse.
mod combine;
/// Statistics, calculus, shifts, products and fits against xarray's answers.
mod computing;
/// Times as xarray decodes, encodes and makes them.
mod golden_time;
/// Groups and resampling.
mod groups;
/// Laws that hold for any data.
mod laws;
/// Reductions by name, and computing.
mod reduce;
/// Text forms.
mod repr;
/// isel and sel.
mod selection;
/// The grid that most tests use.
mod support;
/// Calendars, parts of times, frequencies.
mod times;
/// Windows, blocks and weights.
mod windows;
