//! What can be done with labeled arrays, one file a family. Each file adds its own `impl`.

mod apply;
mod arithmetic;
mod calculus;
mod chunks;
mod compute;
mod create;
mod cumulative;
mod dt;
mod elementwise;
mod gaps;
mod least_squares;
mod missing;
mod names;
mod operand;
mod order;
mod pairs;
mod polyfit;
mod reduce;
mod scale;
mod shape;
mod shift;

pub use apply::ApplyUfunc;
pub use calculus::{Along, Diff};
pub use compute::{ChunkSpec, compute_all, compute_all_with};
pub use create::where_;
pub use dt::{AlignOn, ConvertCalendar, Dt};
pub use gaps::{GapMethod, InterpolateNa};
pub use operand::{IntoOperand, Operand};
pub use order::Quantile;
pub use pairs::{Covariance, corr, cov, cross, dot, dot_over};
pub use polyfit::{Polyfit, polyval};
pub use reduce::Reduction;
pub use shift::Shift;
