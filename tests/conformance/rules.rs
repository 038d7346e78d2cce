//! Where answers may differ, and why: by decision, by rounding, because a function is not there yet.

use graticule::array::Bins;
use graticule::dataset::{Attrs, Order, Result};
use graticule::prelude::*;
use serde_json::Value;

use super::case::Case;
use super::judge::Tolerance;
use super::record::Answer;

/// A difference that is meant, as `docs/differences.md` says.
pub(super) struct Decision {
    pub(super) operation: &'static str,
    /// Whether the data show the difference.
    pub(super) applies: fn(&Case) -> bool,
    /// The answer as xarray would give it, where that can be made from ours: it is compared all the same.
    pub(super) as_xarray: Option<fn(&Case, Answer) -> Result<Answer>>,
    /// What `docs/differences.md` says, word for word.
    pub(super) because: &'static str,
}

pub(super) const DECISIONS: &[Decision] = &[
    Decision {
        operation: "sel_slice_y_wrong_order_is_empty",
        applies: |c| c.da.coords().index(c.y()).is_some_and(|index| index.order() == Order::Decreasing),
        as_xarray: None,
        because: "A range of labels on a falling coordinate may be written either way round",
    },
    Decision {
        operation: "diff_n2_lower",
        applies: |c| {
            let mut coords = c.da.coords().iter();
            c.size(c.first()) > 2 && coords.any(|(_, coord)| coord.axis(c.first()).is_some())
        },
        as_xarray: Some(|c, answer| {
            let middle = c.da.isel(c.first(), 1..)?.isel(c.first(), ..-1)?;
            let coords = middle.coords().iter().map(|(name, coord)| (name.to_owned(), coord.clone()));
            changed(answer, |da| da.assign_coords(coords))
        }),
        because: "Second differences with lower labels have the labels of the first of three elements",
    },
    Decision {
        operation: "climatology_anomaly",
        applies: |c| c.da.coords().iter().any(|(_, coord)| coord.ndim() == 0),
        as_xarray: Some(|c, answer| {
            changed(answer, |da| {
                let scalars = da.coords().iter().filter(|(_, coord)| coord.ndim() == 0);
                let repeated = scalars.map(|(name, _)| {
                    let repeated = da.coord(name)?.expand_dims([(c.t(), c.size(c.t()))])?;
                    Ok((name.to_owned(), repeated.variable().clone()))
                });
                da.assign_coords(repeated.collect::<Result<Vec<_>>>()?)
            })
        }),
        because: "`&groups - &climatology` leaves coordinates without dimensions as they are",
    },
    Decision {
        operation: "groupby_cumsum",
        applies: |c| c.t() != c.last(),
        as_xarray: Some(|c, answer| {
            changed(answer, |da| da.transpose(c.others(&[c.t()]).into_iter().chain([c.t()])))
        }),
        because: "Cumulative sums by group keep the order of dimensions",
    },
    Decision {
        operation: "combine_nested_2d",
        applies: |c| !c.da.attrs().is_empty(),
        as_xarray: Some(|_, answer| changed(answer, |da| Ok(da.clone().with_attrs(Attrs::new())))),
        because: "In xarray, `combine_nested` drops them",
    },
    Decision {
        operation: "interp_cubic_1d",
        applies: |c| {
            let whole = c.da.notnull().and_then(|known| known.all(c.x()));
            let is_some_whole = whole.and_then(|whole| whole.any(())?.item()).is_ok_and(|any| any != 0.0);
            is_some_whole && c.has_missing().is_ok_and(|missing| missing)
        },
        as_xarray: Some(|_, answer| changed(answer, |da| da.where_(false))),
        because: "A missing value makes those lines of a spline missing that it is on",
    },
    Decision {
        operation: "mean_keepdims",
        applies: |c| c.size(c.first()) == 1,
        as_xarray: Some(|c, answer| {
            let labels = c.da.coord(c.first())?;
            changed(answer, |da| da.assign_coords([(c.first(), labels.variable().clone())]))
        }),
        because: "A reduction with `keepdims` drops the labels of the dimension, also where it has length 1",
    },
    Decision {
        operation: "fillna",
        applies: |c| !c.da.dtype().is_float(),
        as_xarray: Some(|_, answer| changed(answer, |da| da.astype(DType::F64))),
        because: "`fillna` leaves integers as they are",
    },
    Decision {
        operation: "weighted_quantile",
        applies: |c| c.others(&[c.y()]).into_iter().any(|dim| c.size(dim) == 1),
        as_xarray: Some(|_, answer| changed(answer, |da| da.squeeze(()))),
        because: "Weighted quantiles lose the dimension `quantile` for a single one only",
    },
    Decision {
        operation: "to_dataset_dim",
        applies: |c| c.da.coord(c.first()).is_ok_and(|labels| labels.dtype() == DType::F32),
        as_xarray: Some(|c, answer| {
            let labels = c.da.coord(c.first())?.variable().values()?;
            let names = labels.to_f64().into_iter().take(2).map(|x| ((x as f32).to_string(), x.to_string()));
            match answer {
                Answer::Dataset(dataset) => Ok(dataset.rename_vars(names)?.into()),
                other => Ok(other),
            }
        }),
        because: "Variables named by float32 labels have the digits of float32",
    },
    Decision {
        operation: "histogram_np",
        applies: |c| {
            let differ = |(own, theirs): (Vec<f64>, Vec<f64>)| Ok(counted(c, &own)? != counted(c, &theirs)?);
            c.da.dtype() == DType::F32 && extreme_edges(c).and_then(differ).is_ok_and(|differ| differ)
        },
        as_xarray: Some(|c, _| along_bins(counted(c, &extreme_edges(c)?.1)?)),
        because: "A histogram of float32 counts against float64 edges",
    },
    Decision {
        operation: "histogram_range_density",
        applies: |c| c.da.dtype() == DType::F32,
        as_xarray: Some(|c, _| {
            let ends = (c.quantile(0.05)?, c.quantile(0.95)?);
            let edges: Vec<f64> =
                Bins::from((20, ends)).edges()?.into_iter().map(|x| f64::from(x as f32)).collect();
            let counts = counted(c, &edges)?;
            let total: f64 = counts.iter().sum();
            let widths = edges.windows(2).map(|ends| f64::from(ends[1] as f32 - ends[0] as f32));
            along_bins(counts.iter().zip(widths).map(|(count, width)| count / width / total).collect())
        }),
        because: "A histogram of float32 counts against float64 edges",
    },
];

/// An answer that is an array, after a function.
fn changed(answer: Answer, f: impl FnOnce(&DataArray) -> Result<DataArray>) -> Result<Answer> {
    match answer {
        Answer::Array(array) => Ok(f(&array)?.into()),
        other => Ok(other),
    }
}

/// The edges of ten bins over all values: in float64, and as numpy computes them in float32.
fn extreme_edges(c: &Case) -> Result<(Vec<f64>, Vec<f64>)> {
    let ends = (c.da.min(())?.item()?, c.da.max(())?.item()?);
    let (low, high) = (ends.0 as f32, ends.1 as f32);
    let step = (high - low) / 10.0;
    let theirs = (0..10).map(|i| f64::from(i as f32 * step + low)).chain([f64::from(high)]).collect();
    Ok((Bins::from((10, ends)).edges()?, theirs))
}

fn counted(c: &Case, edges: &[f64]) -> Result<Vec<f64>> {
    Ok(c.da.data().histogram_edges(edges)?.compute()?.to_f64())
}

fn along_bins(values: Vec<f64>) -> Result<Answer> {
    let is_count = values.iter().all(|value| value.fract() == 0.0);
    let values = DataArray::new(None, Variable::from_vec("bin", values)?, [])?;
    Ok(if is_count { values.astype(DType::I64)? } else { values }.into())
}

/// A looser tolerance, where xarray computes in float32 or where what is left is rounding.
pub(super) struct Noise {
    pub(super) operation: &'static str,
    /// In parts of the value.
    pub(super) relative: f64,
    /// How many roundings of the largest value of the data, in their dtype, a result may be away.
    pub(super) roundings: f64,
    /// Whether each value of the data adds as many.
    pub(super) each: bool,
    pub(super) because: &'static str,
}

const NO_NOISE: Noise = Noise { operation: "", relative: 0.0, roundings: 0.0, each: false, because: "" };

#[rustfmt::skip]
pub(super) const NOISE: &[Noise] = &[
    Noise { operation: "sum_all_minus_mean", roundings: 10.0, each: true,
        because: "the sum of deviations from the mean is nothing but rounding", ..NO_NOISE },
    Noise { operation: "climatology_anomaly", roundings: 16.0,
        because: "differences of nearly equal float32, from means that xarray adds up in float32", ..NO_NOISE },
    Noise { operation: "groupby_standardize", roundings: 16.0,
        because: "the same divided by a standard deviation", ..NO_NOISE },
    Noise { operation: "seed_anomaly_series", roundings: 16.0,
        because: "means of differences that cancel", ..NO_NOISE },
    Noise { operation: "groupby_cumsum", relative: 1e-4,
        because: "running sums in float32", ..NO_NOISE },
    Noise { operation: "differentiate", roundings: 1.0,
        because: "differences of nearly equal float32", ..NO_NOISE },
    Noise { operation: "integrate", relative: 1e-6,
        because: "neighbours are added up in float32, also where the labels are float64", ..NO_NOISE },
    Noise { operation: "cumulative_integrate", relative: 1e-6,
        because: "the same", ..NO_NOISE },
    Noise { operation: "corr_cov", relative: 2e-4,
        because: "means and products in float32, also where the result is float64", ..NO_NOISE },
    Noise { operation: "apply_ufunc_vectorize", relative: 1e-6,
        because: "nansum adds up in float32 before the result is made float64", ..NO_NOISE },
    Noise { operation: "resample_upsample_interp", relative: 1e-6,
        because: "scipy subtracts neighbours in float32", ..NO_NOISE },
    Noise { operation: "interp_linear", relative: 1e-6,
        because: "scipy subtracts neighbours in float32", ..NO_NOISE },
    Noise { operation: "interp_linear_2d", relative: 1e-6,
        because: "the same", ..NO_NOISE },
    Noise { operation: "interp_outside_nan", relative: 1e-6,
        because: "the same", ..NO_NOISE },
    Noise { operation: "interp_extrapolate", relative: 1e-6,
        because: "the same", ..NO_NOISE },
    Noise { operation: "interp_like", relative: 1e-6,
        because: "the same", ..NO_NOISE },
    Noise { operation: "weighted_mean_coslat", relative: 1e-5,
        because: "weights of float32 latitudes are float32, and xarray adds them up so", ..NO_NOISE },
    Noise { operation: "weighted_sum_std", relative: 1e-5,
        because: "weights of float32 latitudes are float32", ..NO_NOISE },
    Noise { operation: "weighted_quantile", relative: 1e-5, roundings: 1.0,
        because: "weights of float32 latitudes are float32", ..NO_NOISE },
    Noise { operation: "polyfit_deg2_x", relative: 1e-8, roundings: 1.0,
        because: "powers of labels far from zero are nearly parallel", ..NO_NOISE },
    Noise { operation: "linear_trend_by_index", roundings: 1.0,
        because: "coefficients that are zero but for rounding", ..NO_NOISE },
    Noise { operation: "rolling_mean5", roundings: 1.0,
        because: "running sums of bottleneck keep what rounding left of values that have passed", ..NO_NOISE },
    Noise { operation: "rolling_mean_center_minp", roundings: 1.0,
        because: "the same", ..NO_NOISE },
];

impl Noise {
    /// The tolerance of an operation on data, whose record is `input`.
    pub(super) fn widened(operation: &str, input: &Value, tolerance: Tolerance) -> Tolerance {
        let Some(noise) = NOISE.iter().find(|noise| noise.operation == operation) else { return tolerance };
        let ends = ["min", "max"].map(|end| input["stats"][end].as_f64().unwrap_or_default().abs());
        let rounding = if input["dtype"] == "float32" { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let times = if noise.each { input["stats"]["count"].as_f64().unwrap_or_default() } else { 1.0 };
        Tolerance {
            relative: tolerance.relative.max(noise.relative),
            absolute: noise.roundings * times * rounding * ends[0].max(ends[1]),
        }
    }
}

/// Operations for which there is no function yet.
pub(super) const NOT_YET: &[(&str, &str)] = &[
    ("curvefit_linear", "curvefit"),
    ("roundtrip_netcdf4", "writing netCDF"),
    ("roundtrip_netcdf3", "writing netCDF"),
    ("roundtrip_packed_i2", "writing netCDF"),
    ("roundtrip_zarr_v2", "writing Zarr"),
    ("roundtrip_zarr_v3", "writing Zarr"),
    ("split_mfdataset_by_coords", "writing netCDF"),
];
