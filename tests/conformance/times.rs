//! Parts of times.

use graticule::dataset::time::Field;
use graticule::dataset::{Attrs, Result};
use graticule::prelude::*;

use super::Operations;
use super::case::Case;
use super::record::Answer;

pub(super) const OPERATIONS: Operations = &[
    ("dt_fields", dt_fields),
    ("dt_season", |c| Ok(c.times()?.dt()?.season()?.into())),
    ("dt_strftime", |c| Ok(c.times()?.dt()?.strftime("%Y-%m-%d %H")?.into())),
    ("dt_floor", |c| Ok(c.times()?.dt()?.floor("D")?.into())),
    ("time_mean_of_axis", |c| Ok(c.times()?.mean(())?.into())),
    ("time_diff_days", |c| Ok(c.times()?.diff(c.t(), 1)?.into())),
];

fn dt_fields(c: &Case) -> Result<Answer> {
    let times = c.times()?;
    let mut fields = Dataset::new([], [], Attrs::new())?;
    for name in ["year", "month", "day", "hour", "dayofyear", "dayofweek", "days_in_month"] {
        fields = fields.with_array(name, times.dt()?.field(Field::parse(name)?)?)?;
    }
    Ok(fields.into())
}
