//! Fits and correlation.

use graticule::dataset::{Covariance, Result, corr, polyval};
use graticule::prelude::*;

use super::Operations;
use super::case::{Case, joined};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("polyfit_deg1", |c| Ok(c.da.polyfit(c.t(), 1)?.into())),
    ("polyfit_deg2_x", |c| Ok(c.da.polyfit(c.x(), 2)?.into())),
    ("polyval", |c| {
        let degree = Variable::from_vec("degree", vec![0i64, 1, 2])?;
        let coeffs = Variable::from_vec("degree", vec![1.0, 0.5, -0.01])?;
        let coeffs = DataArray::new(None, coeffs, [("degree".into(), degree)])?;
        Ok(polyval(&c.da.coord(c.x())?.astype(DType::F64)?, &coeffs)?.into())
    }),
    ("linear_trend_by_index", linear_trend_by_index),
    ("corr_cov", |c| {
        let mean = c.da.mean(c.last())?;
        let correlation = corr(&c.da, &mean, c.first())?;
        Ok(joined(&[correlation, Covariance::new().ddof(1).cov(&c.da, &mean, c.first())?], "k")?.into())
    }),
    ("corr_all", |c| Ok(corr(&c.da, &c.da.pow(2)?, ())?.into())),
];

fn linear_trend_by_index(c: &Case) -> Result<Answer> {
    let dim = c.first();
    let positions = Variable::from_vec(dim, (0..c.size(dim)).map(|i| i as f64).collect())?;
    let fit = c.da.assign_coords([(dim, positions)])?.polyfit(dim, 1)?;
    Ok(fit.get("polyfit_coefficients")?.sel("degree", 1)?.into())
}
