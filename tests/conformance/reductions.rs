//! Over whole dimensions.

use graticule::array::{Array, Bins, Element};
use graticule::dataset::{ApplyUfunc, Quantile, QuantileMethod, Result, dot_over};
use graticule::prelude::*;
use ndarray::{ArrayD, Axis};

use super::Operations;
use super::case::{Case, joined};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("mean_all", |c| Ok(c.da.mean(())?.into())),
    ("sum_all_minus_mean", |c| Ok((&c.da - c.da.mean(()))?.sum(())?.into())),
    ("min_max", |c| Ok((c.da.max(())? - c.da.min(()))?.into())),
    ("mean_dim0", |c| Ok(c.da.mean(c.first())?.into())),
    ("mean_keepdims", |c| Ok(c.da.reduce(Reduction::mean().keepdims(true), c.first())?.into())),
    ("mean_skipna_false", |c| Ok(c.da.reduce(Reduction::mean().skipna(false), c.first())?.into())),
    ("sum_min_count", |c| Ok(c.da.reduce(Reduction::sum().min_count(2), c.last())?.into())),
    ("std_ddof0", |c| Ok(c.da.std(c.first())?.into())),
    ("std_ddof1", |c| Ok(c.da.reduce(Reduction::std().ddof(1), c.first())?.into())),
    ("var_ddof1_all", |c| Ok(c.da.reduce(Reduction::var().ddof(1), ())?.into())),
    ("median_dim0", |c| Ok(c.da.median(c.first())?.into())),
    ("prod_small", |c| {
        let start = c.da.isel(c.first(), 0..3)?;
        Ok((1 + (start * 1e-3)?)?.prod(c.first())?.into())
    }),
    ("quantile_scalar", |c| Ok(c.da.quantile(0.9, c.first())?.into())),
    ("quantile_list_lastdim", |c| Ok(c.da.quantile([0.05, 0.5, 0.95], c.last())?.into())),
    ("quantile_methods", quantile_methods),
    ("argmax_dim0", |c| Ok(c.da.fillna(-1e30)?.argmax(c.first())?.into())),
    ("argmin_last", |c| Ok(c.da.fillna(1e30)?.argmin(c.last())?.into())),
    ("idxmax_last", |c| Ok(c.da.idxmax(c.last())?.into())),
    ("idxmin_dim0", |c| Ok(c.da.idxmin(c.first())?.into())),
    ("all_any", |c| {
        let positive = c.da.gt(0)?;
        Ok(joined(&[positive.any(c.last())?, positive.all(c.last())?], "k")?.into())
    }),
    ("dot", |c| {
        let known = c.da.fillna(0)?;
        Ok(dot_over(&[&known, &known], c.last())?.into())
    }),
    ("dot_einsum3", |c| {
        let known = c.da.fillna(0)?;
        let start = known.isel_drop(c.first(), 0)?;
        Ok(dot_over(&[&known, &start], c.others(&[c.first()]))?.into())
    }),
    ("histogram_np", |c| {
        let finite = finite(c)?;
        let ends = |end: Array| Ok::<f64, graticule::array::Error>(end.compute()?.to_f64()[0]);
        let bins = (10, (ends(finite.min(())?)?, ends(finite.max(())?)?));
        counts(finite.histogram_over(bins, None)?.counts)
    }),
    ("histogram_range_density", |c| {
        let bins: Bins = (20, (c.quantile(0.05)?, c.quantile(0.95)?)).into();
        counts(finite(c)?.histogram_over(bins, None)?.density()?)
    }),
    ("apply_ufunc_core", |c| match c.da.dtype() {
        DType::F32 => spread::<f32>(&c.da, c),
        DType::F64 => spread::<f64>(&c.da, c),
        _ => spread::<f64>(&c.da.astype(DType::F64)?, c),
    }),
    ("apply_ufunc_vectorize", |c| match c.da.dtype() {
        DType::F32 => sum_of_products::<f32>(&c.da, c),
        DType::F64 => sum_of_products::<f64>(&c.da, c),
        _ => sum_of_products::<f64>(&c.da.astype(DType::F64)?, c),
    }),
    ("map_dataset", |c| {
        let ds = c.da.clone().with_name("v").to_dataset()?;
        let ds = ds.with_array("w", (ds.get("v")? * 2.0)?)?;
        Ok(ds.map(DataArray::abs)?.mean(())?.into())
    }),
    ("reduce_custom", |c| match c.da.dtype() {
        DType::F32 => peak_to_peak::<f32>(&c.da, c),
        DType::F64 => peak_to_peak::<f64>(&c.da, c),
        _ => peak_to_peak::<f64>(&c.da.astype(DType::F64)?, c),
    }),
];

fn quantile_methods(c: &Case) -> Result<Answer> {
    use QuantileMethod::{Hazen, Higher, Lower, MedianUnbiased, Midpoint, Nearest, Weibull};
    let methods = [Lower, Higher, Midpoint, Nearest, Hazen, Weibull, MedianUnbiased];
    let quantiles = methods.map(|method| c.da.quantile(Quantile::new(0.3).method(method), ()));
    Ok(joined(&quantiles.into_iter().collect::<Result<Vec<_>>>()?, "m")?.into())
}

/// The known values in one row.
fn finite(c: &Case) -> Result<Array> {
    let data = c.da.data();
    let known = data.isfinite()?.compute()?;
    Ok(Array::from_chunk(data.compute()?)?.extract(&Array::from_chunk(known)?)?)
}

fn counts(counts: Array) -> Result<Answer> {
    Ok(DataArray::new(None, Variable::new(["bin"], counts)?, [])?.into())
}

/// What the functions of a user are made of here.
trait Float: Element + Copy + Into<f64> + std::ops::Sub<Output = Self> + std::ops::Mul<Output = Self> {
    const MISSING: Self;
    fn larger(self, other: Self) -> Self;
    fn smaller(self, other: Self) -> Self;
    fn is_missing(self) -> bool;
}

macro_rules! float {
    ($($t:ty)+) => {$(
        impl Float for $t {
            const MISSING: Self = <$t>::NAN;
            fn larger(self, other: Self) -> Self {
                self.max(other)
            }
            fn smaller(self, other: Self) -> Self {
                self.min(other)
            }
            fn is_missing(self) -> bool {
                self.is_nan()
            }
        }
    )+};
}

float! { f32 f64 }

/// The largest less the smallest of known values along the last axis; `all` of them must be known, or one.
fn range_of<T: Float>(block: &ndarray::ArrayViewD<'_, T>, all: bool) -> ArrayD<T> {
    let row = |row: ndarray::ArrayView1<'_, T>| {
        if all && row.iter().any(|value| value.is_missing()) {
            return T::MISSING;
        }
        let fold = |f: fn(T, T) -> T| row.iter().copied().fold(T::MISSING, f);
        fold(T::larger) - fold(T::smaller)
    };
    block.map_axis(Axis(block.ndim() - 1), row)
}

fn spread<T: Float>(da: &DataArray, c: &Case) -> Result<Answer> {
    let ufunc = ApplyUfunc::new("spread").input_core_dims([[c.first()]]);
    Ok(ufunc.apply::<T, T>(&[da], |blocks| Ok(range_of(&blocks[0], false)))?.into())
}

fn peak_to_peak<T: Float>(da: &DataArray, c: &Case) -> Result<Answer> {
    let ufunc = ApplyUfunc::new("ptp").input_core_dims([[c.last()]]);
    Ok(ufunc.apply::<T, T>(&[da], |blocks| Ok(range_of(&blocks[0], true)))?.into())
}

fn sum_of_products<T: Float>(da: &DataArray, c: &Case) -> Result<Answer> {
    let start = da.isel(c.first(), 0..3)?;
    let ufunc = ApplyUfunc::new("dot").input_core_dims([[c.last()], [c.last()]]);
    let sum = ufunc.vectorize::<T, f64>(&[&start, &start], |rows| {
        let products = rows[0].iter().zip(&rows[1]).map(|(&a, &b)| a * b);
        let known = products.filter(|product| !product.is_missing());
        Ok(ndarray::arr0(known.map(Into::into).sum::<f64>()).into_dyn())
    })?;
    Ok(sum.into())
}
