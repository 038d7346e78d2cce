//! What the crate promises, area by area.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// align, reindex, broadcast.
mod alignment;
/// Operators, alignment, broadcasting, functions of elements, missing values.
mod arithmetic;
/// concat and combine_by_coords, and what they refuse.
mod combine;
/// concat, merge, combine_nested with options, and the report.
mod combining;
/// equals, assert_equal and their messages; items, serde and Arrow.
mod comparing;
/// Statistics, calculus, shifts, products and fits against xarray's answers.
mod computing;
/// polyfit, interpolate_na, apply_ufunc and map_blocks.
mod fits;
/// Times as xarray decodes, encodes and makes them.
mod golden_time;
/// Groups and resampling.
mod groups;
/// Notebook forms.
mod html;
/// Laws of selecting, aligning and stacking.
mod index_laws;
/// Points, masks, circles, intervals, extremes, sorting.
mod indexing;
/// interp, interp_like, interp_calendar, and gaps by every method.
mod interpolation;
/// Laws that hold for any data.
mod laws;
/// Reductions by name, and computing.
mod reduce;
/// Text forms.
mod repr;
/// Stacking, indexes, names, dimensions.
mod reshaping;
/// isel and sel.
mod selection;
/// The grid that most tests use.
mod support;
/// Calendars, parts of times, frequencies.
mod times;
/// Trees of datasets.
mod trees;
/// Windows, blocks and weights.
mod windows;
