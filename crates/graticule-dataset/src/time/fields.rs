//! Parts of times as expressions of the engine: the year, the month, the day of the week.
//!
//! Every part is arithmetic on counts of days, so it stays lazy, is fused with what is around it, and takes the same
//! time in every calendar. Days are computed with as float64: divisions of whole numbers below 2^52, rounded down, are
//! exact there, and faster than those of integers. The formulas are those of `calendar`.

use graticule_array::{Array, Binary, DType, NAT, Result, Scalar, TimeUnit};

use super::nanos_per;
use crate::calendar::{Calendar, GREGORIAN_START, JULIAN_1970};
use crate::error::Error;

/// A part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The year.
    Year,
    /// The month, from 1.
    Month,
    /// The day of the month, from 1.
    Day,
    /// The hour.
    Hour,
    /// The minute.
    Minute,
    /// The second.
    Second,
    /// The microsecond of the second.
    Microsecond,
    /// The nanosecond of the microsecond.
    Nanosecond,
    /// The day of the year, from 1.
    DayOfYear,
    /// The day of the week, from Monday = 0.
    DayOfWeek,
    /// The week of the year, as ISO 8601 counts them.
    Week,
    /// The quarter of the year, from 1.
    Quarter,
    /// `DJF`, `MAM`, `JJA` or `SON`.
    Season,
    /// The number of days of the month.
    DaysInMonth,
    /// The number of days of the year.
    DaysInYear,
    /// Whether the year is a leap year.
    IsLeapYear,
    /// Whether it is the first day of a month.
    IsMonthStart,
    /// Whether it is the last day of a month.
    IsMonthEnd,
    /// Whether it is the first day of a quarter.
    IsQuarterStart,
    /// Whether it is the last day of a quarter.
    IsQuarterEnd,
    /// Whether it is the first day of a year.
    IsYearStart,
    /// Whether it is the last day of a year.
    IsYearEnd,
    /// The year with the part of it that has passed.
    DecimalYear,
    /// The day, as its midnight.
    Date,
    /// The time since midnight.
    Time,
}

/// Every field under the names that xarray has for it.
const NAMES: [(Field, &str); 32] = [
    (Field::Year, "year"),
    (Field::Month, "month"),
    (Field::Day, "day"),
    (Field::Hour, "hour"),
    (Field::Minute, "minute"),
    (Field::Second, "second"),
    (Field::Microsecond, "microsecond"),
    (Field::Nanosecond, "nanosecond"),
    (Field::DayOfYear, "dayofyear"),
    (Field::DayOfYear, "day_of_year"),
    (Field::DayOfWeek, "dayofweek"),
    (Field::DayOfWeek, "day_of_week"),
    (Field::DayOfWeek, "weekday"),
    (Field::Week, "week"),
    (Field::Week, "weekofyear"),
    (Field::Quarter, "quarter"),
    (Field::Season, "season"),
    (Field::DaysInMonth, "days_in_month"),
    (Field::DaysInMonth, "daysinmonth"),
    (Field::DaysInYear, "days_in_year"),
    (Field::IsLeapYear, "is_leap_year"),
    (Field::IsMonthStart, "is_month_start"),
    (Field::IsMonthEnd, "is_month_end"),
    (Field::IsQuarterStart, "is_quarter_start"),
    (Field::IsQuarterEnd, "is_quarter_end"),
    (Field::IsYearStart, "is_year_start"),
    (Field::IsYearEnd, "is_year_end"),
    (Field::DecimalYear, "decimal_year"),
    (Field::Date, "date"),
    (Field::Date, "normalize"),
    (Field::Time, "time"),
    (Field::Time, "timeofday"),
];

impl Field {
    /// Reads the name of a field, such as `month`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for another name.
    pub fn parse(name: &str) -> crate::Result<Self> {
        let found = NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(field, _)| *field).ok_or_else(|| Error::UnknownName {
            kind: "part of a time",
            name: name.into(),
            names: NAMES.iter().map(|(_, known)| (*known).into()).collect(),
        })
    }

    /// xarray's name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }
}

/// A part of times of a calendar.
///
/// Where times in memory hold NaT, numbers are float64 with NaN, and truth values false. Of times that are not in
/// memory it is not known; numbers are int64, and a NaT among them is an error when they are computed.
pub(crate) fn field(times: &Array, calendar: Calendar, field: Field) -> Result<Array> {
    let DType::Datetime(unit) = times.dtype() else { return Err(no_times(times, field.name())) };
    let per_day = per_day(unit);
    let count = times.astype(DType::I64)?;
    let day = count.floor_divide(per_day)?;
    let midnight = (&day * per_day)?;
    match field {
        Field::Date => return as_times(times, &midnight, times.dtype()),
        Field::Time => return as_times(times, &(&count - &midnight)?, DType::Timedelta(unit)),
        _ => {}
    }
    let days = Days { day: day.astype(DType::F64)?, calendar };
    let passed = (&count - &midnight)?.astype(DType::F64)?;
    let nanos = |nanos: i128| nanos as f64 / nanos_per(unit) as f64;
    let clock = |whole: i128, part: i128| within(&floor_div(&passed, nanos(part))?, (whole / part) as f64);
    let numbers = match field {
        Field::Year => days.written_year()?,
        Field::Month => days.parts()?.month,
        Field::Day => days.parts()?.day,
        Field::Hour => floor_div(&passed, nanos(3_600_000_000_000))?,
        Field::Minute => clock(3_600_000_000_000, 60_000_000_000)?,
        Field::Second => clock(60_000_000_000, 1_000_000_000)?,
        Field::Microsecond => clock(1_000_000_000, 1_000)?,
        Field::Nanosecond => clock(1_000, 1)?,
        Field::DayOfYear => (&days.parts()?.day_of_year + 1.0)?,
        Field::DayOfWeek => days.weekday()?,
        Field::Week => days.iso_week()?.1,
        Field::Quarter => days.quarter()?,
        Field::DaysInMonth => days.days_in_month()?,
        Field::DaysInYear => days.days_in_year()?,
        Field::Season => return season(times, &days.parts()?.month),
        Field::IsLeapYear => return truth(times, &days.leap()?.greater(0.0)?),
        Field::IsMonthStart => return truth(times, &days.parts()?.day.equal(1.0)?),
        Field::IsMonthEnd => return truth(times, &days.is_month_end()?),
        Field::IsQuarterStart | Field::IsYearStart => {
            let months = if field == Field::IsYearStart { 12.0 } else { 3.0 };
            let first = within(&(&days.parts()?.month - 1.0)?, months)?.equal(0.0)?;
            return truth(times, &first.logical_and(days.parts()?.day.equal(1.0)?)?);
        }
        Field::IsQuarterEnd | Field::IsYearEnd => {
            let months = if field == Field::IsYearEnd { 12.0 } else { 3.0 };
            let last = within(&days.parts()?.month, months)?.equal(0.0)?;
            return truth(times, &last.logical_and(days.is_month_end()?)?);
        }
        Field::DecimalYear => {
            let per_day = per_day as f64;
            let since_new_year = ((&days.parts()?.day_of_year * per_day)? + passed)?;
            let part = (since_new_year / (days.days_in_year()? * per_day)?)?;
            return times.isnan()?.choose(f64::NAN, (days.written_year()? + part)?);
        }
        Field::Date | Field::Time => midnight,
    };
    whole(times, &numbers)
}

/// Year, week and day of the week by ISO 8601, the last from Monday = 1.
pub(crate) fn isocalendar(times: &Array, calendar: Calendar) -> Result<[Array; 3]> {
    let DType::Datetime(unit) = times.dtype() else { return Err(no_times(times, "isocalendar")) };
    let day = times.astype(DType::I64)?.floor_divide(per_day(unit))?.astype(DType::F64)?;
    let days = Days { day, calendar };
    let (year, week) = days.iso_week()?;
    Ok([whole(times, &year)?, whole(times, &week)?, whole(times, &(days.weekday()? + 1.0)?)?])
}

/// A part of durations: days, and what is left of them in seconds, microseconds and nanoseconds.
pub(crate) fn duration_field(durations: &Array, part: &str) -> Result<Array> {
    let DType::Timedelta(unit) = durations.dtype() else { return Err(no_times(durations, part)) };
    let per = |nanos: i128| (nanos / nanos_per(unit)) as i64;
    let count = durations.astype(DType::I64)?;
    // A unit coarser than the part has none of it.
    let within = |whole: i128, part: i128| match (per(part), per(whole)) {
        (0, _) => &count * 0,
        (part, whole) => count.remainder(whole)?.floor_divide(part),
    };
    let numbers = match part {
        "days" => count.floor_divide(per_day(unit))?,
        "seconds" => within(86_400_000_000_000, 1_000_000_000)?,
        "microseconds" => within(1_000_000_000, 1_000)?,
        "nanoseconds" => within(1_000, 1)?,
        _ => {
            let seconds = (count.astype(DType::F64)? / unit.per_second() as f64)?;
            return durations.isnan()?.choose(f64::NAN, seconds);
        }
    };
    whole(durations, &numbers.astype(DType::F64)?)
}

/// How a time between two steps is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Floor,
    Ceil,
    /// Halves to the even step.
    Round,
}

/// Times or durations at the steps of `span` counts.
pub(crate) fn rounded(times: &Array, span: i64, rounding: Rounding) -> Result<Array> {
    let count = times.astype(DType::I64)?;
    let rest = count.remainder(span)?;
    let floor = (&count - &rest)?;
    let up = match rounding {
        Rounding::Floor => return as_times(times, &floor, times.dtype()),
        Rounding::Ceil => rest.greater(0)?,
        Rounding::Round => {
            let to_next = (span - &rest)?;
            let is_odd = count.floor_divide(span)?.remainder(2)?.equal(1)?;
            rest.greater(&to_next)?.logical_or(rest.equal(&to_next)?.logical_and(is_odd)?)?
        }
    };
    as_times(times, &(floor + (up.astype(DType::I64)? * span)?)?, times.dtype())
}

fn no_times(array: &Array, operation: &str) -> graticule_array::Error {
    let hint = "give datetime64 for dates, timedelta64 for durations".into();
    graticule_array::Error::Dtype { operation: operation.into(), dtype: array.dtype(), hint }
}

fn per_day(unit: TimeUnit) -> i64 {
    86_400 * unit.per_second()
}

/// Counts as times, NaT where `times` is.
fn as_times(times: &Array, counts: &Array, dtype: DType) -> Result<Array> {
    times.isnan()?.choose(Scalar::Int(NAT), counts)?.astype(dtype)
}

/// Whole floats as integers, or, where times in memory are missing, as floats.
fn whole(times: &Array, numbers: &Array) -> Result<Array> {
    let missing =
        times.resident().map(|chunk| chunk.as_slice::<i64>().is_ok_and(|counts| counts.contains(&NAT)));
    match missing {
        Some(false) => numbers.astype(DType::I64),
        Some(true) => times.isnan()?.choose(f64::NAN, numbers),
        None => times.isnan()?.choose(f64::NAN, numbers)?.astype(DType::I64),
    }
}

fn truth(times: &Array, condition: &Array) -> Result<Array> {
    condition.binary(Binary::LogicalAnd, times.isnan()?.logical_not()?)
}

fn season(times: &Array, month: &Array) -> Result<Array> {
    let number = within(&floor_div(month, 3.0)?, 4.0)?;
    let later = number.equal(2.0)?.choose("JJA", "SON")?;
    let spring = number.equal(1.0)?.choose("MAM", later)?;
    times.isnan()?.choose("nan", number.equal(0.0)?.choose("DJF", spring)?)
}

fn floor_div(x: &Array, by: f64) -> Result<Array> {
    (x / by)?.floor()
}

/// `x` modulo `n`, never negative.
fn within(x: &Array, n: f64) -> Result<Array> {
    x - (floor_div(x, n)? * n)?
}

/// Days since 1970-01-01 as whole floats.
struct Days {
    day: Array,
    calendar: Calendar,
}

/// The parts of dates as whole floats.
struct Parts {
    /// On a scale that has a year 0.
    year: Array,
    month: Array,
    day: Array,
    /// From 0.
    day_of_year: Array,
    /// 1 in leap years, else 0.
    leap: Array,
}

impl Days {
    fn parts(&self) -> Result<Parts> {
        if self.calendar != Calendar::Standard {
            return parts(&self.day, self.calendar);
        }
        let new = self.day.greater_equal(GREGORIAN_START as f64)?;
        let after = parts(&self.day, Calendar::ProlepticGregorian)?;
        let before = parts(&(&self.day - JULIAN_1970 as f64)?, Calendar::Julian)?;
        Ok(Parts {
            year: new.choose(after.year, before.year)?,
            month: new.choose(after.month, before.month)?,
            day: new.choose(after.day, before.day)?,
            day_of_year: new.choose(after.day_of_year, before.day_of_year)?,
            leap: new.choose(after.leap, before.leap)?,
        })
    }

    fn written(&self, year: Array) -> Result<Array> {
        match self.calendar.has_year_zero() {
            true => Ok(year),
            false => &year - year.less_equal(0.0)?.astype(DType::F64)?,
        }
    }

    fn written_year(&self) -> Result<Array> {
        self.written(self.parts()?.year)
    }

    fn leap(&self) -> Result<Array> {
        Ok(self.parts()?.leap)
    }

    fn quarter(&self) -> Result<Array> {
        floor_div(&(self.parts()?.month - 1.0)?, 3.0)? + 1.0
    }

    fn weekday(&self) -> Result<Array> {
        within(&(&self.day + self.calendar.first_weekday() as f64)?, 7.0)
    }

    fn days_in_month(&self) -> Result<Array> {
        let Parts { month, leap, .. } = self.parts()?;
        if self.calendar == Calendar::Day360 {
            return (month * 0.0)? + 30.0;
        }
        // From August on the long months are the even ones.
        let long = within(&(&month + floor_div(&month, 8.0)?)?, 2.0)?;
        month.equal(2.0)?.choose((leap + 28.0)?, (long + 30.0)?)
    }

    fn days_in_year(&self) -> Result<Array> {
        let days = if self.calendar == Calendar::Day360 { 360.0 } else { 365.0 };
        self.leap()? + days
    }

    fn is_month_end(&self) -> Result<Array> {
        self.parts()?.day.equal(self.days_in_month()?)
    }

    /// The year that an ISO week belongs to, which is that of its Thursday, and the number of the week.
    fn iso_week(&self) -> Result<(Array, Array)> {
        let to_thursday = (3.0 - self.weekday()?)?;
        let thursday = Self { day: (&self.day + to_thursday)?, calendar: self.calendar };
        let Parts { year, day_of_year, .. } = thursday.parts()?;
        Ok((self.written(year)?, (floor_div(&day_of_year, 7.0)? + 1.0)?))
    }
}

/// The parts of dates by one rule. In years that start in March the leap day is the last.
fn parts(day: &Array, calendar: Calendar) -> Result<Parts> {
    let (year, day_of_march_year) = match calendar {
        Calendar::Day360 => {
            let year = floor_div(day, 360.0)?;
            let day_of_year = (day - (&year * 360.0)?)?;
            let month = floor_div(&day_of_year, 30.0)?;
            let day = ((&day_of_year - (&month * 30.0)?)? + 1.0)?;
            let leap = (day_of_year.clone() * 0.0)?;
            return Ok(Parts { year: (year + 1970.0)?, month: (month + 1.0)?, day, day_of_year, leap });
        }
        Calendar::NoLeap | Calendar::AllLeap => {
            let (length, january_and_february) =
                if calendar == Calendar::NoLeap { (365.0, 59.0) } else { (366.0, 60.0) };
            let day = (day + (length * 1970.0 - january_and_february))?;
            let year = floor_div(&day, length)?;
            let rest = (day - (&year * length)?)?;
            (year, rest)
        }
        Calendar::Julian => {
            let day = (day + (719_470 + JULIAN_1970) as f64)?;
            let year = floor_div(&((&day * 4.0)? + 3.0)?, 1_461.0)?;
            let rest = ((day - (&year * 365.0)?)? - floor_div(&year, 4.0)?)?;
            (year, rest)
        }
        Calendar::ProlepticGregorian | Calendar::Standard => {
            let day = (day + 719_468.0)?;
            let era = floor_div(&day, 146_097.0)?;
            let day = (day - (&era * 146_097.0)?)?;
            let leaps =
                ((floor_div(&day, 36_524.0)? - floor_div(&day, 1_460.0)?)? - floor_div(&day, 146_096.0)?)?;
            let year = floor_div(&(&day + leaps)?, 365.0)?;
            let leaps = (floor_div(&year, 4.0)? - floor_div(&year, 100.0)?)?;
            let rest = ((day - (&year * 365.0)?)? - leaps)?;
            ((year + (era * 400.0)?)?, rest)
        }
    };
    let month = floor_div(&((&day_of_march_year * 5.0)? + 2.0)?, 153.0)?;
    let before_month = floor_div(&((&month * 153.0)? + 2.0)?, 5.0)?;
    let day = ((&day_of_march_year - before_month)? + 1.0)?;
    let next_year = month.greater_equal(10.0)?;
    let year = (year + next_year.astype(DType::F64)?)?;
    let month = next_year.choose((&month - 9.0)?, (&month + 3.0)?)?;
    let leap = leap(&year, calendar)?;
    let from_march = ((&day_of_march_year + 59.0)? + &leap)?;
    let day_of_year = next_year.choose((&day_of_march_year - 306.0)?, from_march)?;
    Ok(Parts { year, month, day, day_of_year, leap })
}

/// 1 in leap years, else 0.
fn leap(year: &Array, calendar: Calendar) -> Result<Array> {
    let divides = |n: f64| within(year, n)?.equal(0.0);
    let leap = match calendar {
        Calendar::NoLeap | Calendar::Day360 => return year * 0.0,
        Calendar::AllLeap => return (year * 0.0)? + 1.0,
        Calendar::Julian => divides(4.0)?,
        Calendar::ProlepticGregorian | Calendar::Standard => {
            let century = divides(100.0)?.logical_and(divides(400.0)?.logical_not()?)?;
            divides(4.0)?.logical_and(century.logical_not()?)?
        }
    };
    leap.astype(DType::F64)
}

#[cfg(test)]
mod tests {
    use graticule_array::{Buffer, Chunk};

    use super::*;
    use crate::time::Civil;

    fn times(counts: Vec<i64>, unit: TimeUnit) -> Array {
        let chunk =
            Chunk::from_buffer(vec![counts.len()], DType::Datetime(unit), Buffer::I64(counts)).unwrap();
        Array::from_chunk(chunk).unwrap()
    }

    fn numbers(times: &Array, calendar: Calendar, of: Field) -> Vec<i64> {
        field(times, calendar, of).unwrap().compute().unwrap().as_slice::<i64>().unwrap().to_vec()
    }

    #[test]
    fn parts_are_those_of_the_calendar_on_every_day() {
        let days: Vec<i64> =
            (-1_000_000..1_000_000).step_by(17).chain(GREGORIAN_START - 40..GREGORIAN_START + 40).collect();
        let at_noon = times(days.iter().map(|day| day * 86_400 + 43_200).collect(), TimeUnit::Second);
        for calendar in Calendar::ALL {
            let dates: Vec<_> = days.iter().map(|&day| calendar.date(day)).collect();
            let expect = |of: Field, part: &dyn Fn(i64, u8, u8) -> i64| {
                let expected: Vec<i64> = dates.iter().map(|&(y, m, d)| part(y, m, d)).collect();
                assert_eq!(numbers(&at_noon, calendar, of), expected, "{calendar} {of:?}");
            };
            let before = |y: i64, m: u8| (1..m).map(|m| i64::from(calendar.days_in_month(y, m))).sum::<i64>();
            expect(Field::Year, &|y, _, _| y);
            expect(Field::Month, &|_, m, _| m.into());
            expect(Field::Day, &|_, _, d| d.into());
            expect(Field::DayOfYear, &|y, m, d| before(y, m) + i64::from(d));
            expect(Field::DaysInMonth, &|y, m, _| calendar.days_in_month(y, m).into());
            expect(Field::DaysInYear, &|y, _, _| calendar.days_in_year(y));
            expect(Field::Hour, &|_, _, _| 12);
        }
    }

    #[test]
    fn the_clock_is_read_in_every_unit() {
        for unit in super::super::TIME_UNITS {
            let count = 1_234_567_890 * unit.per_second() + unit.per_second() / 8;
            let civil = Civil::from_count(count, unit).unwrap();
            let read = |of| numbers(&times(vec![count], unit), Calendar::default(), of)[0];
            assert_eq!((read(Field::Hour), read(Field::Minute), read(Field::Second)), (23, 31, 30));
            assert_eq!(read(Field::Microsecond), i64::from(civil.nanosecond / 1_000), "{unit:?}");
            assert_eq!(read(Field::Nanosecond), i64::from(civil.nanosecond % 1_000));
        }
    }

    #[test]
    fn missing_times_have_no_parts() {
        let held = times(vec![0, NAT], TimeUnit::Second);
        let years = field(&held, Calendar::default(), Field::Year).unwrap().compute().unwrap();
        let years = years.as_slice::<f64>().unwrap();
        assert!(years[0] == 1970.0 && years[1].is_nan());
        let starts = field(&held, Calendar::default(), Field::IsMonthStart).unwrap().compute().unwrap();
        assert_eq!(starts.as_slice::<bool>().unwrap(), [true, false]);
        let lazy = held.isnan().unwrap().choose(Scalar::Datetime(NAT, TimeUnit::Second), &held).unwrap();
        assert!(field(&lazy, Calendar::default(), Field::Year).unwrap().compute().is_err());
    }

    #[test]
    fn iso_weeks_belong_to_the_year_of_their_thursday() {
        // As datetime.date.isocalendar: 2000-01-02, 2000-01-03, 2004-12-31, 2008-12-29, 2009-12-31, 2010-01-03.
        let days = [10_958, 10_959, 12_783, 14_242, 14_609, 14_612].map(|day| day * 86_400).to_vec();
        let [year, week, weekday] = isocalendar(&times(days, TimeUnit::Second), Calendar::default()).unwrap();
        let values = |array: Array| array.compute().unwrap().as_slice::<i64>().unwrap().to_vec();
        assert_eq!(values(year), [1999, 2000, 2004, 2009, 2009, 2009]);
        assert_eq!(values(week), [52, 1, 53, 1, 53, 53]);
        assert_eq!(values(weekday), [7, 1, 5, 1, 4, 7]);
    }

    #[test]
    fn an_unknown_part_names_the_known() {
        assert_eq!(Field::parse("day_of_year").unwrap(), Field::DayOfYear);
        let error = Field::parse("moth").unwrap_err().to_string();
        assert!(error.contains("did you mean \"month\""), "{error}");
    }
}
