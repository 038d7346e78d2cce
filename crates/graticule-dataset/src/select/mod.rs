//! Selecting by position and by label.

mod label;
mod position;

pub use label::{Label, Method, Sel, Tolerance};
pub use position::Positions;
pub(crate) use position::Pick;
