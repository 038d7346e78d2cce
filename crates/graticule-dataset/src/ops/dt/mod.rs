//! What times are made of: xarray's accessor `dt`.

mod convert;

use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, Custom, DType, NAT, blockwise};
use indexmap::IndexMap;

pub use convert::{AlignOn, ConvertCalendar};

use crate::attrs::{Attrs, Encoding};
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};
use crate::time::strftime::Format;
use crate::time::{self, Field, Frequency, fields};
use crate::variable::Variable;

/// The parts of times or durations, by [`DataArray::dt`].
///
/// Everything is lazy where the times are, works on every calendar, and keeps attributes. NaT has no parts: where
/// times are in memory, numbers are float64 with NaN for it, as in xarray; where they are not, int64, and computing
/// them fails on a NaT.
#[derive(Debug, Clone, Copy)]
pub struct Dt<'a> {
    array: &'a DataArray,
}

impl DataArray {
    /// What the times or durations of this array are made of.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, time::date_range};
    /// let time = DataArray::new(Some("time"), date_range("time", "2000-01-31", "2000-06-30", "ME")?, [])?;
    /// assert_eq!(time.dt()?.month()?.sum(())?.item()?, 21.0);
    /// assert_eq!(time.dt()?.days_in_month()?.values::<i64>()?[1], 29);
    /// assert_eq!(time.dt()?.season()?.values::<std::sync::Arc<str>>()?[2].as_ref(), "MAM");
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] when the values are neither datetime64 nor timedelta64.
    pub fn dt(&self) -> Result<Dt<'_>> {
        if self.dtype().is_time() {
            return Ok(Dt { array: self });
        }
        Err(graticule_array::Error::Dtype {
            operation: "dt".into(),
            dtype: self.dtype(),
            hint: "only datetime64 and timedelta64 have parts; decode the times first".into(),
        }
        .into())
    }
}

macro_rules! fields {
    ($($name:ident $field:ident $doc:literal)+) => {
        impl Dt<'_> {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`graticule_array::Error::Dtype`] when the values are no datetime64.
            pub fn $name(&self) -> Result<DataArray> {
                Ok(self.field(Field::$field)?.with_name(stringify!($name)))
            }
        )+}
    };
}

fields! {
    year Year "The year."
    month Month "The month, 1 to 12."
    day Day "The day of the month, from 1."
    hour Hour "The hour."
    minute Minute "The minute."
    second Second "The second."
    microsecond Microsecond "The microseconds of the second, below a million."
    nanosecond Nanosecond "The nanoseconds of the microsecond, below a thousand."
    dayofyear DayOfYear "The day of the year, from 1."
    dayofweek DayOfWeek "The day of the week, from Monday = 0."
    weekday DayOfWeek "The day of the week, from Monday = 0."
    week Week "The week of the year by ISO 8601."
    quarter Quarter "The quarter, 1 to 4."
    season Season "The season: `DJF`, `MAM`, `JJA` or `SON`."
    days_in_month DaysInMonth "The number of days of the month."
    days_in_year DaysInYear "The number of days of the year."
    is_leap_year IsLeapYear "Whether the year is a leap year."
    is_month_start IsMonthStart "Whether it is the first day of a month."
    is_month_end IsMonthEnd "Whether it is the last day of a month."
    is_quarter_start IsQuarterStart "Whether it is the first day of a quarter."
    is_quarter_end IsQuarterEnd "Whether it is the last day of a quarter."
    is_year_start IsYearStart "Whether it is the first day of a year."
    is_year_end IsYearEnd "Whether it is the last day of a year."
    decimal_year DecimalYear "The year and the part of it that has passed: 2000.5."
    date Date "The day, as datetime64 at its midnight."
    normalize Date "The day, as datetime64 at its midnight."
    time Time "The time since midnight, as timedelta64."
}

macro_rules! duration_fields {
    ($($name:ident $doc:literal)+) => {
        impl Dt<'_> {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`graticule_array::Error::Dtype`] when the values are no timedelta64.
            pub fn $name(&self) -> Result<DataArray> {
                self.named(stringify!($name), |data| fields::duration_field(data, stringify!($name)))
            }
        )+}
    };
}

duration_fields! {
    days "The whole days of durations; -1 for a second less than nothing."
    seconds "The seconds of durations beside whole days."
    microseconds "The microseconds of durations beside whole seconds."
    nanoseconds "The nanoseconds of durations beside whole microseconds."
    total_seconds "Durations in seconds, float64."
}

impl Dt<'_> {
    /// The calendar of the times; nothing for durations.
    pub fn calendar(&self) -> Option<Calendar> {
        self.array.variable().calendar()
    }

    /// A part of the times, by its name in [`Field`].
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] when the values are no datetime64.
    pub fn field(&self, field: Field) -> Result<DataArray> {
        let calendar = self.calendar().unwrap_or_default();
        self.named(field.name(), |data| fields::field(data, calendar, field))
    }

    /// Times or durations at the step at or before them, such as `"D"` or `"6h"`. Steps are counted from 1970-01-01.
    ///
    /// # Errors
    /// [`Error::Time`] for a text that is no frequency, [`Error::Argument`] for a frequency without a fixed length.
    pub fn floor(&self, freq: &str) -> Result<DataArray> {
        self.rounded("floor", freq, fields::Rounding::Floor)
    }

    /// Times or durations at the step at or after them.
    ///
    /// # Errors
    /// As [`Dt::floor`].
    pub fn ceil(&self, freq: &str) -> Result<DataArray> {
        self.rounded("ceil", freq, fields::Rounding::Ceil)
    }

    /// Times or durations at the nearest step, halves at the even one.
    ///
    /// # Errors
    /// As [`Dt::floor`].
    pub fn round(&self, freq: &str) -> Result<DataArray> {
        self.rounded("round", freq, fields::Rounding::Round)
    }

    fn rounded(&self, name: &str, freq: &str, rounding: fields::Rounding) -> Result<DataArray> {
        let frequency = Frequency::parse(freq)?;
        let (DType::Datetime(unit) | DType::Timedelta(unit)) = self.array.dtype() else {
            return self.named(name, |data| Ok(data.clone()));
        };
        let per = time::nanos_per(unit);
        match frequency.nanos() {
            // A step finer than the unit: all are at one already.
            Some(span) if span > 0 && per % span == 0 => self.named(name, |data| Ok(data.clone())),
            Some(span) if span > 0 && span % per == 0 => {
                let hint = "it is longer than the times reach";
                let span = i64::try_from(span / per)
                    .map_err(|_too_large| Error::argument("freq", frequency, hint))?;
                self.named(name, |data| fields::rounded(data, span, rounding))
            }
            _ => {
                let hint = format!(
                    "round to a positive multiple of D, h, min, s, ms, us or ns that fits times in {}",
                    unit.code()
                );
                Err(Error::argument("freq", frequency, hint))
            }
        }
    }

    /// Times as texts, by a format such as `"%Y-%m-%d"`; `NaT` for NaT. As in xarray attributes are not kept.
    ///
    /// # Errors
    /// [`Error::Argument`] for a code that is not known, [`graticule_array::Error::Dtype`] when the values are no
    /// datetime64.
    pub fn strftime(&self, format: &str) -> Result<DataArray> {
        let written = Format::parse(format)?;
        let calendar = self.calendar().unwrap_or_default();
        let texts = self.named("strftime", |data| {
            let DType::Datetime(unit) = data.dtype() else {
                return fields::field(data, calendar, Field::Year);
            };
            let per = time::nanos_per(unit);
            let write = move |chunk: &Chunk| {
                let text = |&count: &i64| match count {
                    NAT => "NaT".into(),
                    count => written.write(i128::from(count) * per, calendar).into(),
                };
                Chunk::new(
                    chunk.shape().to_vec(),
                    chunk.as_slice::<i64>()?.iter().map(text).collect::<Vec<Arc<str>>>(),
                )
            };
            if let Some(chunk) = data.resident() {
                return Array::from_chunk(write(chunk)?);
            }
            let axes: String = ('a'..='z').take(data.ndim()).collect();
            let config = format!("{calendar} {} {format}", unit.code());
            let on_blocks = move |_: graticule_array::BlockInfo<'_>, blocks: &[&Chunk]| match blocks {
                [block, ..] => write(block),
                [] => Chunk::from_buffer(vec![0], DType::Str, Buffer::Str(Vec::new())),
            };
            let custom = Custom::registered("strftime", &config, DType::Str, Arc::new(on_blocks));
            blockwise(custom.axes(&format!("{axes}->{axes}"))?, &[data])
        })?;
        Ok(texts.with_attrs(Attrs::new()))
    }

    /// Year, week and day of the week (from Monday = 1) by ISO 8601, as a dataset of `year`, `week` and `weekday`.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] when the values are no datetime64.
    pub fn isocalendar(&self) -> Result<Dataset> {
        let parts = fields::isocalendar(self.array.data(), self.calendar().unwrap_or_default())?;
        let mut variables = IndexMap::new();
        for (name, data) in ["year", "week", "weekday"].into_iter().zip(parts) {
            let part = finished(self.array.variable(), data)?.with_attrs(Attrs::new());
            variables.insert(name.to_owned(), part);
        }
        let vars = Many { variables, attrs: Attrs::new(), encoding: Encoding::new() };
        Ok(Labeled::from_parts(vars, self.array.coords.clone()))
    }

    /// The frequency of times along one dimension, where they have one: xarray's `infer_freq`. The times are read.
    ///
    /// # Errors
    /// As [`time::infer_freq`], and what computing can meet.
    pub fn infer_freq(&self) -> Result<Option<Frequency>> {
        time::infer_freq(&*self.array.variable().values()?, self.calendar().unwrap_or_default())
    }

    /// The result of a function of the values under a new name.
    fn named(
        &self,
        name: &str,
        f: impl FnOnce(&Array) -> graticule_array::Result<Array>,
    ) -> Result<DataArray> {
        let variable = self.array.variable();
        let vars = One { name: Some(name.into()), variable: finished(variable, f(variable.data())?)? };
        Ok(Labeled::from_parts(vars, self.array.coords.clone()))
    }
}

/// A part of times that are in memory is in memory too, to be grouped by and looked at.
fn finished(times: &Variable, data: Array) -> Result<Variable> {
    let part = times.with_data(data)?.with_encoding(Encoding::new());
    if times.resident().is_some() { part.persist() } else { Ok(part) }
}

impl<V: DataVars> Labeled<V> {
    /// A coordinate, or a part of its times: `"time.month"`, `"time.season"`, `"time.dayofyear"`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable, time::date_range};
    /// let time = date_range("time", "2000-01-01", "2000-12-31", "D")?;
    /// let da = DataArray::new(None, Variable::new(["time"], Array::ones(366, "auto")?)?, [("time".into(), time)])?;
    /// assert_eq!(da.coord_field("time.month")?.max(())?.item()?, 12.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] when there is no such coordinate or part, [`graticule_array::Error::Dtype`] when it
    /// holds no times.
    pub fn coord_field(&self, name: &str) -> Result<DataArray> {
        match name.rsplit_once('.') {
            Some((coord, field)) if !self.coords.contains(name) => {
                let coord = self.coord(coord)?;
                coord.dt()?.field(Field::parse(field)?).map(|part| part.with_name(field))
            }
            _ => self.coord(name),
        }
    }
}
