//! Weights, and the analysis of sea level that started it all.

use graticule::dataset::Result;

use super::Operations;
use super::case::{Case, joined};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("weighted_mean_coslat", |c| {
        let others = c.others(&[c.y(), c.x()]);
        let dims = c.others(&others);
        Ok(c.da.weighted(&c.cos_lat()?)?.mean(dims)?.into())
    }),
    ("weighted_sum_std", |c| {
        let weighted = c.da.weighted(&c.cos_lat()?)?;
        let (sum, std) = (weighted.sum(c.y())?, weighted.std(c.y())?);
        Ok(joined(&[sum, std, weighted.sum_of_weights(c.y())?], "k")?.into())
    }),
    ("weighted_quantile", |c| Ok(c.da.weighted(&c.cos_lat()?)?.quantile([0.25, 0.5], c.y())?.into())),
    ("weighted_by_days_in_month", |c| {
        let days = c.da.coord_field(&format!("{}.days_in_month", c.t()))?;
        Ok(c.da.weighted(&days)?.mean(c.t())?.into())
    }),
    ("seed_anomaly_series", seed_anomaly_series),
    ("seed_variance_lonmean", |c| {
        let anomaly = (&c.da - c.da.mean(c.t()))?;
        Ok(anomaly.pow(2)?.mean([c.x(), c.t()])?.into())
    }),
];

fn seed_anomaly_series(c: &Case) -> Result<Answer> {
    let anomaly = (&c.da - c.da.mean(c.t()))?;
    let weight = (&c.cos_lat()? / c.cos_lat()?.mean(()))?;
    Ok((anomaly * weight)?.mean(c.others(&[c.t()]))?.into())
}
