//! Windows that slide, blocks that do not overlap, and weights: `rolling`, `rolling_exp`, `cumulative`, `coarsen`,
//! `weighted`.

mod coarsen;
mod cumulative;
mod expanding;
mod rolling;
mod rolling_exp;
mod separable;
mod weighted;
mod weighted_quantile;

pub use coarsen::Coarsen;
pub use cumulative::Cumulative;
pub use rolling::Rolling;
pub use rolling_exp::RollingExp;
pub use weighted::Weighted;
