//! Windows that slide, and blocks.

use graticule::array::Excess;
use graticule::dataset::Decay;

use super::Operations;

pub(super) const OPERATIONS: Operations = &[
    ("rolling_mean5", |c| Ok(c.da.rolling(c.t(), 5).mean()?.into())),
    ("rolling_mean_center_minp", |c| Ok(c.da.rolling(c.t(), 5).center(true).min_periods(2).mean()?.into())),
    ("rolling_max3_last", |c| Ok(c.da.rolling(c.last(), 2).max()?.into())),
    ("rolling_std", |c| Ok(c.da.rolling(c.t(), 7).center(true).std()?.into())),
    ("rolling_construct", |c| Ok(c.da.rolling(c.last(), 2).fill_value(0).construct(["w"])?.sum("w")?.into())),
    ("rolling_2d", |c| Ok(c.da.rolling(c.y(), 2).and(c.x(), 2).min_periods(1).sum()?.into())),
    ("rolling_exp", |c| Ok(c.da.rolling_exp(c.t(), Decay::Span(5.0)).mean()?.into())),
    ("coarsen_trim_mean", |c| Ok(c.da.coarsen(c.first(), 2).boundary(Excess::Trim).mean()?.into())),
    ("coarsen_pad_max", |c| Ok(c.da.coarsen(c.last(), 2).boundary(Excess::Pad).max()?.into())),
    ("coarsen_construct", |c| match c.size(c.t()) {
        ..24 => Ok(c.da.clone().into()),
        len => {
            let whole_years = c.da.isel(c.t(), 0..len / 12 * 12)?;
            Ok(whole_years.coarsen(c.t(), 12).construct([(c.t(), ["yr", "mo"])])?.into())
        }
    }),
    ("coarsen_exact_error", |c| {
        let odd = c.size(c.first()) as isize / 2 * 2 - 1;
        Ok(c.da.isel(c.first(), 0..odd)?.coarsen(c.first(), 2).mean()?.into())
    }),
];
