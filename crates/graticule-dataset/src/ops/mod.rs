//! What can be done with labeled arrays, one file a family. Each file adds its own `impl`.

mod arithmetic;
mod compute;
mod dt;
mod elementwise;
mod missing;
mod names;
mod operand;
mod reduce;
mod shape;

pub use compute::{ChunkSpec, compute_all, compute_all_with};
pub use dt::{AlignOn, ConvertCalendar, Dt};
pub use operand::{IntoOperand, Operand};
pub use reduce::Reduction;
