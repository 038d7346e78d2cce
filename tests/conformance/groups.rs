//! Groups, and spans of time.

use graticule::dataset::time::Side;
use graticule::dataset::{AlignOn, Calendar, ConvertCalendar, One};
use graticule::dataset::{BinGrouper, GroupBy, Result, TimeResampler, UniqueGrouper};
use serde_json::Value;

use super::Operations;
use super::case::Case;
use super::record::Answer;

fn by(c: &Case, field: &str) -> Result<GroupBy<One>> {
    c.da.groupby(format!("{}.{field}", c.t()).as_str())
}

pub(super) const OPERATIONS: Operations = &[
    ("groupby_month_mean", |c| Ok(by(c, "month")?.mean()?.into())),
    ("groupby_season_mean", |c| Ok(by(c, "season")?.mean()?.into())),
    ("groupby_year_max", |c| Ok(by(c, "year")?.max()?.into())),
    ("groupby_dayofyear_count", |c| Ok(by(c, "dayofyear")?.count()?.into())),
    ("climatology_anomaly", |c| {
        let months = by(c, "month")?;
        Ok((&months - months.mean()?)?.into())
    }),
    ("groupby_standardize", |c| {
        Ok(by(c, "month")?.map(|month| (month - month.mean(()))? / month.std(()))?.into())
    }),
    ("groupby_two", |c| {
        let keys = ["year", "month"].map(|field| (format!("{}.{field}", c.t()), UniqueGrouper::new()));
        let keys = keys.each_ref().map(|(key, grouper)| (key.as_str(), grouper.clone()));
        Ok(c.da.groupby(keys)?.mean()?.into())
    }),
    ("groupby_bins", |c| Ok(c.da.groupby_bins(c.y(), c.numbers(["ylo", "ymid", "yhi"]))?.mean()?.into())),
    ("groupby_bins_labels", |c| {
        Ok(c.da.groupby_bins(c.y(), BinGrouper::new(3).labels(["a", "b", "c"]))?.count()?.into())
    }),
    ("groupby_quantile", |c| Ok(by(c, "month")?.quantile(0.5)?.into())),
    ("groupby_first_last", |c| {
        let years = by(c, "year")?;
        Ok((years.first()? + years.last()?)?.into())
    }),
    ("groupby_cumsum", |c| Ok(by(c, "year")?.cumsum()?.into())),
    ("resample_MS_mean", |c| Ok(c.da.resample(c.t(), "MS")?.mean()?.into())),
    ("resample_ME_sum", |c| Ok(c.da.resample(c.t(), "ME")?.sum()?.into())),
    ("resample_QSDEC_mean", |c| Ok(c.da.resample(c.t(), "QS-DEC")?.mean()?.into())),
    ("resample_YS_max", |c| Ok(c.da.resample(c.t(), "YS")?.max()?.into())),
    ("resample_2MS_count_right", |c| {
        let spans = TimeResampler::new("2MS").closed(Side::Right).label(Side::Right);
        Ok(c.da.resample(c.t(), spans)?.count()?.into())
    }),
    ("resample_10D_mean", resample_10d_mean),
    ("resample_upsample_ffill", |c| Ok(c.da.isel(c.t(), 0..4)?.resample(c.t(), "5D")?.ffill()?.into())),
    ("resample_upsample_interp", |c| {
        Ok(c.da.isel(c.t(), 0..4)?.resample(c.t(), "5D")?.interpolate("linear")?.into())
    }),
    ("convert_calendar_noleap", |c| converted(c, Calendar::NoLeap, AlignOn::Date)),
    ("convert_calendar_360", |c| converted(c, Calendar::Day360, AlignOn::Year)),
    ("convert_calendar_std_missing", |c| {
        if c.size(c.t()) >= 1500 || c.times()?.dt()?.infer_freq()?.is_none() {
            return Ok(c.da.clone().into());
        }
        let to = ConvertCalendar::to(Calendar::Standard).align_on(AlignOn::Date).missing(f64::NAN);
        Ok(c.da.convert_calendar(to.dim(c.t()))?.into())
    }),
    ("infer_freq", |c| {
        let freq = c.times()?.dt()?.infer_freq()?;
        Ok(Answer::Scalar(Value::String(freq.map_or("None".into(), |freq| freq.to_string()))))
    }),
];

fn resample_10d_mean(c: &Case) -> Result<Answer> {
    let step = c.times()?.isel(c.t(), 0..2)?.diff(c.t(), 1)?;
    let is_short = c.size(c.t()) < 1500 && step.dt()?.days()?.max(())?.item()? < 5.0;
    if is_short { Ok(c.da.resample(c.t(), "10D")?.mean()?.into()) } else { Ok(c.da.clone().into()) }
}

fn converted(c: &Case, to: Calendar, align_on: AlignOn) -> Result<Answer> {
    Ok(c.da.convert_calendar(ConvertCalendar::to(to).dim(c.t()).align_on(align_on))?.into())
}
