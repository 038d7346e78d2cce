//! Labeled arrays: names for dimensions, coordinates along them, attributes, over lazy chunked arrays.
//!
//! A [`DataArray`] is an array with named dimensions and coordinates; a [`Dataset`] is several that share them.
//! Both are [`Labeled`] containers, so every operation is there once and works on both. Operations only write
//! down what is to be done; [`Labeled::compute`] does it.
//!
//! ```
//! use graticule_array::Array;
//! use graticule_dataset::{DataArray, Variable};
//! let data = Variable::new(["time", "lat"], Array::random_normal(0.0, 1.0, 42, (365, 72), (30, 72))?)?;
//! let lat = Variable::from_vec("lat", (0..72).map(|i| -88.75 + 2.5 * f64::from(i)).collect())?;
//! let ssh = DataArray::new(Some("ssh"), data, [("lat".into(), lat)])?;
//!
//! let anomaly = (&ssh - ssh.mean("time"))?;
//! let tropics = anomaly.sel("lat", -30.0..=30.0)?;
//! assert!(tropics.std(())?.item()? > 0.9);
//! # Ok::<(), graticule_dataset::Error>(())
//! ```
//!
//! Modules import only from their left:
//! `dims < attrs < calendar < variable < time < index < coords < labeled < select < align < ops < (group, window) < combine < repr`.

mod align;
mod attrs;
mod calendar;
pub mod combine;
mod coords;
mod dims;
mod error;
pub mod group;
mod index;
mod labeled;
mod ops;
mod repr;
mod select;
pub mod time;
mod variable;
pub mod window;

pub use align::{Join, align};
pub use attrs::{Attr, Attrs, Encoding};
pub use calendar::Calendar;
pub use combine::{CombineOptions, Compat, ConcatOptions, combine_by_coords, concat, concat_named};
pub use coords::Coords;
pub use dims::{Dim, Over, Sizes};
pub use error::{Disagreement, DisagreementKind, Error, Result};
pub use graticule_array::s;
pub use graticule_array::{Excess, WindowSide};
pub use group::{
    BinGrouper, GroupBy, GroupKey, GroupKeys, Grouper, Resample, SeasonGrouper, SeasonResampler,
    TimeResampler, UniqueGrouper,
};
pub use index::{Index, Order};
pub use labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};
pub use ops::{
    AlignOn, ChunkSpec, ConvertCalendar, Dt, IntoOperand, Operand, Reduction, compute_all, compute_all_with,
};
pub use ops::{Along, Covariance, Diff, Quantile, Shift, corr, cov, cross, dot, dot_over, where_};
pub use select::{Label, Method, Positions, Sel, Tolerance};
pub use variable::Variable;
pub use window::{Coarsen, Cumulative, Decay, Rolling, RollingExp, Weighted};
