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
//! `dims < attrs < calendar < variable < time < index < coords < labeled < select < align < ops < (group, interp, window) < (combine, compare, convert) < tree < repr`.

mod align;
mod attrs;
mod calendar;
pub mod combine;
mod compare;
mod convert;
mod coords;
mod dims;
mod disagreement;
mod error;
pub mod group;
mod index;
mod interp;
mod labeled;
mod ops;
mod repr;
mod select;
pub mod time;
mod tree;
mod variable;
pub mod window;

pub use align::{Alignment, Join, Reindex, Values, align, broadcast};
pub use attrs::{Attr, Attrs, Encoding};
pub use calendar::Calendar;
pub use combine::{
    Combinable, CombineAttrs, CombineOptions, CombineReport, Compat, ConcatDim, ConcatVars, Nested,
    NestedDim, combine_by_coords, combine_by_coords_with, combine_nested, combine_nested_with, concat,
    concat_with, merge, merge_with,
};
pub use compare::{Difference, assert_allclose, assert_allclose_within, assert_equal, assert_identical};
pub use convert::Items;
#[cfg(feature = "arrow")]
pub use convert::RecordBatches;
pub use coords::Coords;
pub use dims::{Dim, Over, Sizes};
pub use disagreement::{Disagreement, DisagreementKind, Policy};
pub use error::{Error, Result};
pub use graticule_array::{Decay, Excess, PadMode, QuantileMethod, WindowSide, s};
pub use group::{
    BinGrouper, GroupBy, GroupKey, GroupKeys, Grouper, Resample, SeasonGrouper, SeasonResampler,
    TimeResampler, UniqueGrouper,
};
pub use index::{Closed, Index, Intervals, Order};
pub use interp::{Interp, InterpMethod, InterpolateNa};
pub use labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};
pub use ops::{AlignOn, ConvertCalendar, Dt};
pub use ops::{
    Along, ApplyUfunc, By, ChunkSpec, Covariance, Diff, DropNa, Idx, IntoOperand, Joined, NewDims, Operand,
    Polyfit, Quantile, Reduction, Shift, compute_all, compute_all_with, corr, cov, cross, dot, dot_over,
    polyval, where_,
};
pub use select::{ByDim, Keep, Label, Method, Nearest, Positions, Sel, Tolerance};
pub use tree::{DataTree, Inherit, IntoTreeOperand, Node, TreeItem, TreeOperand, map_over_datasets};
pub use variable::Variable;
pub use window::{Coarsen, Cumulative, Rolling, RollingExp, Weighted};
