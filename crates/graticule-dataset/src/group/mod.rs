//! Groups: `groupby` by values, fields of times, bins and seasons, and `resample`.
//!
//! A key becomes codes, the number of the group of each value, and labels, one for each group (`factor`). Everything else
//! works on codes: reductions are one pass of the engine, anomalies take what belongs to each value's group.

mod arithmetic;
mod bins;
mod factor;
mod grouped;
mod grouper;
mod join;
mod key;
mod map;
mod reduce;
mod resample;
mod resampler;
mod running;
mod season;
mod times;

pub use arithmetic::GroupOperand;
pub use bins::{BinGrouper, BinLabels, Bins};
pub use grouped::GroupBy;
pub use grouper::{Grouper, UniqueGrouper};
pub use key::{GroupKey, GroupKeys};
pub use resample::{Resample, Spans};
pub use resampler::TimeResampler;
pub use season::{SeasonGrouper, SeasonResampler};
