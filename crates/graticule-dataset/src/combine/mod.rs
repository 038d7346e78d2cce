//! Putting arrays and datasets together, and saying what keeps them from it.
//!
//! ```text
//! concat ──────────┐                 checks   what is seen without reading data
//! merge ───────────┤
//! combine_nested ──┼── Found ◄────── series   the order of labels
//! combine_by_coords┘     │           unify    values of what should be the same
//!                        ▼
//!        Error::Combine or CombineReport
//! ```
//!
//! Every disagreement goes to `Found`, with the [`Policy`](crate::Policy) that the options have for it; what has none
//! becomes one error with all of them. [`report`] gives the list without combining anything.

mod attrs;
mod by_coords;
mod checks;
mod concat;
mod merge;
mod nested;
mod options;
mod report;
mod series;
mod source;
mod unify;

pub use by_coords::{combine_by_coords, combine_by_coords_with};
pub use concat::{ConcatDim, concat, concat_with};
pub use merge::{merge, merge_with};
pub use nested::{Nested, NestedDim, combine_nested, combine_nested_with};
pub use options::{CombineAttrs, CombineOptions, Compat, ConcatVars};
pub use report::{CombineReport, combine_by_coords_reporting, report};
pub use series::Extent;
pub use source::Combinable;
