//! Labeled arrays: names for dimensions, coordinates along them, attributes, over lazy chunked arrays.

mod attrs;
mod coords;
mod dims;
mod error;
mod index;
mod labeled;
mod ops;
pub mod time;
mod variable;

pub use attrs::{Attr, Attrs, Encoding};
pub use coords::Coords;
pub use dims::{Dim, Over, Sizes};
pub use error::{Disagreement, DisagreementKind, Error, Result};
pub use index::Index;
pub use labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};
pub use variable::Variable;
