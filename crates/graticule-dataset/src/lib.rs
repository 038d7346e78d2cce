//! Labeled arrays: names for dimensions, coordinates along them, attributes, over lazy chunked arrays.

mod align;
mod attrs;
pub mod combine;
mod coords;
mod dims;
mod error;
mod index;
mod labeled;
mod ops;
mod repr;
mod select;
pub mod time;
mod variable;

pub use align::{Join, align};
pub use attrs::{Attr, Attrs, Encoding};
pub use combine::{CombineOptions, Compat, ConcatOptions, combine_by_coords, concat};
pub use coords::Coords;
pub use dims::{Dim, Over, Sizes};
pub use error::{Disagreement, DisagreementKind, Error, Result};
pub use graticule_array::s;
pub use index::{Index, Order};
pub use labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};
pub use ops::{ChunkSpec, IntoOperand, Operand, Reduction, compute_all, compute_all_with};
pub use select::{Label, Method, Positions, Sel, Tolerance};
pub use variable::Variable;
