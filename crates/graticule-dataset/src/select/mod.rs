//! Selecting by position and by label.

mod label;
mod position;
mod sel;

pub(crate) use position::Pick;
pub use position::Positions;
pub use sel::{Label, Method, Sel, Tolerance};
