//! Selecting by position and by label.

mod circle;
mod drop;
mod label;
mod level;
mod macros;
mod nearest;
mod points;
mod position;
mod sel;

pub use drop::{ByDim, Keep};
pub use nearest::Nearest;
pub(crate) use points::attach;
pub(crate) use position::Pick;
pub use position::Positions;
pub(crate) use sel::Labels;
pub use sel::{Label, Method, Sel, Tolerance};
