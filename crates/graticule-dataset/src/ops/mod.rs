//! What can be done with labeled arrays, one file a family. Each file adds its own `impl`.

mod arithmetic;
mod calculus;
mod chunks;
mod compute;
mod create;
mod cumulative;
mod dt;
mod elementwise;
mod missing;
mod names;
mod operand;
mod order;
mod pairs;
mod reduce;
mod scale;
mod shape;
mod shift;

pub(crate) use arithmetic::between_datasets;
pub use calculus::{Along, Diff};
pub use compute::{ChunkSpec, compute_all, compute_all_with};
pub use create::where_;
pub use dt::{AlignOn, ConvertCalendar, Dt};
pub(crate) use missing::{able_to_miss, missing_value};
pub(crate) use operand::union;
pub use operand::{IntoOperand, Operand};
pub(crate) use order::QUANTILE;
pub use order::Quantile;
pub use pairs::{Covariance, corr, cov, cross, dot, dot_over};
pub use reduce::Reduction;
pub(crate) use reduce::{Fold, of_nothing, only};
pub(crate) use shape::reshaped;
pub use shift::Shift;
