//! Conditions, missing values, and what is put beside the data.

use graticule::array::{DType, PadMode};
use graticule::dataset::{DropNa, Result, where_};

use super::Operations;
use super::case::{Case, joined};
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("where_mask", |c| Ok(c.da.where_(c.above_mean())?.into())),
    ("where_drop", |c| Ok(c.da.where_drop(c.da.coord(c.y())?.gt(c.number("ymid")))?.into())),
    ("where_other", |c| Ok(c.da.where_else(c.above_mean(), -1.0)?.into())),
    ("xr_where_fn", |c| Ok(where_(&c.above_mean()?, 1, 0)?.into())),
    ("isnull_sum", |c| Ok(c.da.isnull()?.sum(())?.into())),
    ("count_dim0", |c| Ok(c.da.count(c.first())?.into())),
    ("fillna", |c| Ok(c.da.fillna(-999.0)?.into())),
    ("dropna_last", |c| Ok(c.da.dropna(DropNa::along(c.last()).all())?.into())),
    ("clip", |c| Ok(c.da.clip(c.quantile(0.1)?, c.quantile(0.9)?)?.into())),
    ("isin", isin),
    ("shift", |c| Ok(c.da.shift([(c.first(), 1)])?.into())),
    ("interpolate_na", |c| Ok(c.above(0.2)?.interpolate_na(c.x())?.into())),
    ("ffill_bfill", |c| {
        let gappy = c.above(0.3)?;
        Ok(joined(&[gappy.ffill(c.x(), None)?, gappy.bfill(c.x(), 1)?], "k")?.into())
    }),
    ("pad_modes", pad_modes),
    ("pad_constant", |c| Ok(c.da.pad([(c.last(), (1, 2))], PadMode::constant(-5))?.into())),
];

fn isin(c: &Case) -> Result<Answer> {
    Ok(match c.has_missing()? {
        false => c.da.astype(DType::I64)?.isin([1i64, 2, 3, 280, 290])?,
        true => c.da.fillna(0.0)?.astype(DType::I64)?.isin([0i64, 1, 2, 3])?,
    }
    .into())
}

fn pad_modes(c: &Case) -> Result<Answer> {
    let dim = c.last();
    if c.size(dim) <= 2 {
        return Ok(joined(std::slice::from_ref(&c.da), "m")?.into());
    }
    let line = c.along(&[dim])?;
    let modes =
        [PadMode::Edge, PadMode::Wrap, PadMode::Reflect { odd: false }, PadMode::Symmetric { odd: false }];
    let padded = modes.into_iter().map(|mode| line.pad([(dim, (2, 1))], mode)?.drop_vars_if_present([dim]));
    Ok(joined(&padded.collect::<Result<Vec<_>>>()?, "m")?.into())
}
