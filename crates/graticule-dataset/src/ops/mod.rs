//! What can be done with labeled arrays, one file a family. Each file adds its own `impl`.

mod arithmetic;
mod compute;
mod dataset;
mod elementwise;
mod expand;
mod extreme;
mod indexes;
mod mask;
mod missing;
mod names;
mod operand;
mod reduce;
mod shape;
mod sort;
mod stack;

pub use compute::{ChunkSpec, compute_all, compute_all_with};
pub use expand::NewDims;
pub use extreme::Idx;
pub use operand::{IntoOperand, Joined, Operand};
pub use reduce::Reduction;
pub use sort::By;
