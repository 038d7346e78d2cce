//! Selecting by position and by label.

mod label;
mod position;

pub use label::{Label, Method, Sel, Tolerance};
pub(crate) use position::Pick;
pub use position::Positions;
