//! Where answers may differ, and why: by decision, by rounding, because a function is not there yet.

use graticule::dataset::Order;

use super::case::Case;
use super::judge::Tolerance;
use super::record::Answer;

/// A difference that is meant, as `docs/differences.md` says.
pub(super) struct Decision {
    pub(super) operation: &'static str,
    /// Whether the data show the difference.
    pub(super) applies: fn(&Case) -> bool,
    /// The answer as xarray would give it, where that can be made from ours: it is compared all the same.
    pub(super) as_xarray: Option<fn(&Case, Answer) -> Answer>,
    /// What `docs/differences.md` says, word for word.
    pub(super) because: &'static str,
}

pub(super) const DECISIONS: &[Decision] = &[Decision {
    operation: "sel_slice_y_wrong_order_is_empty",
    applies: |c| c.da.coords().index(c.y()).is_some_and(|index| index.order() == Order::Decreasing),
    as_xarray: None,
    because: "A range of labels on a falling coordinate may be written either way round",
}];

/// A looser tolerance, for data that were read as float32.
pub(super) struct Noise {
    pub(super) operation: &'static str,
    pub(super) relative: f64,
    /// In parts of the largest value of the data.
    pub(super) of_input: f64,
    pub(super) because: &'static str,
}

pub(super) const NOISE: &[Noise] = &[];

impl Noise {
    /// The tolerance of an operation on data whose largest value is `scale`.
    pub(super) fn widened(operation: &str, scale: f64, tolerance: Tolerance) -> Tolerance {
        match NOISE.iter().find(|noise| noise.operation == operation) {
            None => tolerance,
            Some(noise) => Tolerance {
                relative: tolerance.relative.max(noise.relative),
                absolute: noise.of_input * scale,
            },
        }
    }
}

/// Operations for which there is no function yet.
pub(super) const NOT_YET: &[(&str, &str)] = &[
    ("interp_linear", "interp"),
    ("interp_linear_2d", "interp"),
    ("interp_nearest", "interp"),
    ("interp_cubic_1d", "interp"),
    ("interp_outside_nan", "interp"),
    ("interp_extrapolate", "interp"),
    ("interp_pointwise", "interp"),
    ("interp_time", "interp"),
    ("interp_like", "interp_like"),
    ("merge_two", "merge"),
    ("merge_conflict_error", "merge"),
    ("combine_nested_2d", "combine_nested"),
    ("dropna_last", "dropna"),
    ("stack_dropna_unstack", "dropna"),
    ("curvefit_linear", "curvefit"),
    ("roundtrip_netcdf4", "writing netCDF"),
    ("roundtrip_netcdf3", "writing netCDF"),
    ("roundtrip_packed_i2", "writing netCDF"),
    ("roundtrip_zarr_v2", "writing Zarr"),
    ("roundtrip_zarr_v3", "writing Zarr"),
    ("split_mfdataset_by_coords", "writing netCDF"),
];
