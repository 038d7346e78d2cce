//! A coordinate as numbers, for what is measured along it: derivatives, integrals, fits, filling of gaps.

use graticule_array::{Array, Casting, Chunk, DType, TimeUnit};

use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, keys};
use crate::labeled::{DataVars, Labeled};
use crate::time::{self, Step};

/// The numbers along a dimension.
pub(crate) struct Scale {
    /// The dimension.
    pub(crate) dim: Dim,
    /// A number for each position; for times, counts of a unit after `origin`.
    pub(crate) numbers: Vec<f64>,
    /// The dtype of the coordinate.
    pub(crate) dtype: DType,
}

/// Where times count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The earliest time: differences keep their precision.
    First,
    /// 1970, as in the coefficients of a fit.
    Epoch,
}

/// A unit of time for results, under the names that numpy, CF and xarray use: `"D"`, `"hours"`, `"ns"`.
pub(super) fn parse_unit(text: &str) -> Result<Step> {
    match text {
        "W" => Ok(Step::Weeks),
        "m" => Ok(Step::Minutes),
        _ => match Step::parse(text)? {
            // CF's units in the calendar of 360 days; here they would silently be 30 days of any calendar.
            Step::Months | Step::CommonYears => {
                Err(Error::argument("datetime_unit", format!("{text:?}"), "its length varies; use \"D\""))
            }
            step => Ok(step),
        },
    }
}

/// The step of a unit of the engine.
pub(super) fn step_of(unit: TimeUnit) -> Step {
    match unit {
        TimeUnit::Second => Step::Seconds,
        TimeUnit::Millisecond => Step::Milliseconds,
        TimeUnit::Microsecond => Step::Microseconds,
        TimeUnit::Nanosecond => Step::Nanoseconds,
    }
}

impl<V: DataVars> Labeled<V> {
    /// A coordinate with one dimension as numbers; of a dimension without coordinate its positions. Times count units
    /// of `unit`, or of their own.
    pub(crate) fn scale(&self, coord: &str, unit: Option<Step>, origin: Origin) -> Result<Scale> {
        let Some(variable) = self.coords.get(coord) else {
            let len = self.sizes().get(coord).copied().ok_or_else(|| Error::UnknownName {
                kind: "coordinate",
                name: coord.into(),
                names: self.coords.names().map(Into::into).collect(),
            })?;
            let numbers = (0..len).map(|i| i as f64).collect();
            return Ok(Scale { dim: Dim::new(coord), numbers, dtype: DType::I64 });
        };
        let [dim] = variable.dims() else {
            let value = format!("{coord:?} with {} dimensions", variable.ndim());
            return Err(Error::argument("coord", value, "take a coordinate with one dimension"));
        };
        let labels = variable.values()?;
        let dtype = labels.dtype();
        let numbers = match dtype {
            DType::Str => {
                let hint = "texts are no numbers; take a coordinate of numbers or times";
                return Err(Error::argument("coord", format!("{coord:?}"), hint));
            }
            DType::Datetime(own) | DType::Timedelta(own) => {
                counts(&labels, unit.unwrap_or(step_of(own)), origin)
            }
            _ => labels.to_f64(),
        };
        Ok(Scale { dim: dim.clone(), numbers, dtype })
    }
}

/// Times as counts of a unit; NaN for NaT.
fn counts(times: &Chunk, unit: Step, origin: Origin) -> Vec<f64> {
    let keys = keys(times);
    let nanos = keys.iter().map(|key| match key {
        Key::Int(nanos) => Some(*nanos),
        Key::Float(_) | Key::Text(_) | Key::Tuple(_) | Key::Missing => None,
    });
    let zero = match origin {
        Origin::First => nanos.clone().flatten().min().unwrap_or(0),
        Origin::Epoch => 0,
    };
    nanos.map(|nanos| nanos.map_or(f64::NAN, |nanos| ratio(nanos - zero, unit.nanos()))).collect()
}

/// A quotient, exact where it is a whole number.
fn ratio(nanos: i128, unit: i128) -> f64 {
    if unit != 0 && nanos % unit == 0 { (nanos / unit) as f64 } else { nanos as f64 / unit as f64 }
}

/// How many units of `step` one count of a time unit is.
pub(super) fn units_per_count(unit: TimeUnit, step: Step) -> f64 {
    ratio(time::nanos_per(unit), step.nanos())
}

/// Times as nanoseconds after 1970, durations as counts of their unit, both float64; numbers as they are.
pub(super) fn numbers_since_epoch(data: &Array) -> graticule_array::Result<Array> {
    let counts = || {
        let counts = data.astype_with(DType::I64, Casting::Wrap)?.astype(DType::F64)?;
        data.isnan()?.choose(f64::NAN, counts)
    };
    match data.dtype() {
        DType::Datetime(unit) => counts()? * units_per_count(unit, Step::Nanoseconds),
        DType::Timedelta(_) => counts(),
        _ => Ok(data.clone()),
    }
}
