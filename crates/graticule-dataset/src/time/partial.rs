//! ISO texts that may leave out the end: `2015` is a year, `2015-03` a month, `2015-03-01T12` an hour.

use std::fmt;

use graticule_array::TimeUnit;

use super::civil::{Civil, DAY_NANOS};
use super::nanos_per;
use crate::calendar::Calendar;
use crate::error::{Error, Result};

/// The finest part that a date text gives, or that the labels of an index use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Years: `2015`.
    Year,
    /// Months: `2015-03`.
    Month,
    /// Days: `2015-03-01`.
    Day,
    /// Hours: `2015-03-01T12`.
    Hour,
    /// Minutes: `2015-03-01T12:30`.
    Minute,
    /// Seconds: `2015-03-01T12:30:15`.
    Second,
    /// Decimals of seconds: 1 to 9.
    Decimal(u8),
}

impl Resolution {
    /// The coarsest resolution, from days down, in which a moment is whole.
    pub(crate) fn of_nanos(nanos: i128) -> Self {
        // The time of day is the same in every calendar.
        let civil = Civil::from_nanos(nanos.rem_euclid(DAY_NANOS), Calendar::default());
        if civil.nanosecond != 0 {
            let n = civil.nanosecond;
            return Self::Decimal(match n {
                n if n % 1_000_000 == 0 => 3,
                n if n % 1_000 == 0 => 6,
                _ => 9,
            });
        }
        match (civil.hour, civil.minute, civil.second) {
            (0, 0, 0) => Self::Day,
            (_, 0, 0) => Self::Hour,
            (_, _, 0) => Self::Minute,
            _ => Self::Second,
        }
    }
}

/// A date text and the span of time that it stands for.
///
/// ```
/// use graticule_array::TimeUnit;
/// use graticule_dataset::time::{PartialDate, format};
/// let march = PartialDate::parse("2015-03")?;
/// let (start, end) = march.bounds(TimeUnit::Second);
/// assert_eq!(format(start, TimeUnit::Second), "2015-03-01");
/// assert_eq!(format(end, TimeUnit::Second), "2015-03-31T23:59:59");
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    start_nanos: i128,
    /// The first nanosecond after the span.
    after_nanos: i128,
    resolution: Resolution,
    calendar: Calendar,
}

impl PartialDate {
    /// Reads `YYYY[-MM[-DD[THH[:MM[:SS[.f]]]]]]`, with a space or a `T`, and perhaps a `Z` at the end.
    ///
    /// # Errors
    /// [`Error::Time`] when the text is no date.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_in(text, Calendar::ProlepticGregorian)
    }

    /// Reads a date of a calendar, as [`PartialDate::parse`].
    ///
    /// # Errors
    /// [`Error::Time`] when the text is no date, or one that the calendar lacks.
    pub fn parse_in(text: &str, calendar: Calendar) -> Result<Self> {
        let wrong = |problem: String| Error::Time {
            what: "date",
            text: text.into(),
            problem,
            hint: "write 2015, 2015-03, 2015-03-01, 2015-03-01T12, 2015-03-01T12:30 or finer".into(),
        };
        let (civil, resolution) = parse_iso(text, calendar).map_err(wrong)?;
        let nanos = |civil: Civil| {
            let missing = || wrong(format!("is no date of the calendar {calendar}"));
            civil.to_nanos_in(calendar).ok_or_else(missing)
        };
        let next_year = calendar.written(calendar.astronomical(civil.year) + 1);
        let start_nanos = nanos(civil)?;
        let after_nanos = match resolution {
            Resolution::Year => nanos(Civil { year: next_year, ..civil })?,
            Resolution::Month if civil.month == 12 => nanos(Civil { year: next_year, month: 1, ..civil })?,
            Resolution::Month => nanos(Civil { month: civil.month + 1, ..civil })?,
            Resolution::Day => start_nanos + DAY_NANOS,
            Resolution::Hour => start_nanos + 3_600_000_000_000,
            Resolution::Minute => start_nanos + 60_000_000_000,
            Resolution::Second => start_nanos + 1_000_000_000,
            Resolution::Decimal(digits) => start_nanos + 10i128.pow(9 - u32::from(digits.min(9))),
        };
        Ok(Self { start_nanos, after_nanos, resolution, calendar })
    }

    /// The finest part that the text gave.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The first and the last count of `unit` within the span. A span finer than the unit that holds no
    /// count gives a last count before the first. Counts beyond the range of `unit` stop at its ends.
    pub fn bounds(&self, unit: TimeUnit) -> (i64, i64) {
        let per = nanos_per(unit);
        let first_at_or_after = |nanos: i128| nanos.div_euclid(per) + i128::from(nanos.rem_euclid(per) != 0);
        let fit = |count: i128| count.clamp(i128::from(i64::MIN + 1), i128::from(i64::MAX)) as i64;
        (fit(first_at_or_after(self.start_nanos)), fit(first_at_or_after(self.after_nanos) - 1))
    }

    /// Nanoseconds from 1970-01-01 to the start of the span.
    pub(crate) fn start_nanos(&self) -> i128 {
        self.start_nanos
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = Civil::from_nanos(self.start_nanos, self.calendar);
        match self.resolution {
            Resolution::Year => write!(f, "{:04}", civil.year),
            Resolution::Month => write!(f, "{:04}-{:02}", civil.year, civil.month),
            _ => civil.fmt(f),
        }
    }
}

/// The moment at the start of an ISO text, and how fine the text is. The error says what is wrong.
fn parse_iso(text: &str, calendar: Calendar) -> std::result::Result<(Civil, Resolution), String> {
    let trimmed = text.trim();
    let trimmed = trimmed.strip_suffix(['Z', 'z']).unwrap_or(trimmed);
    let (date, time) = match trimmed.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (trimmed, None),
    };
    let (sign, date) = match date.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, date.strip_prefix('+').unwrap_or(date)),
    };
    let mut civil = Civil { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
    let mut parts = date.split('-');
    let year = parts.next().unwrap_or("");
    if year.len() < 4 || year.len() > 9 {
        return Err("does not start with a year of four digits".into());
    }
    civil.year = sign * number(year, "year", 0, 999_999_999)?;
    let mut resolution = Resolution::Year;
    if let Some(month) = parts.next() {
        civil.month = number(month, "month", 1, 12)? as u8;
        resolution = Resolution::Month;
    }
    if let Some(day) = parts.next() {
        let last = calendar.days_in_month(civil.year, civil.month);
        civil.day = number(day, "day", 1, i64::from(last))? as u8;
        resolution = Resolution::Day;
    }
    if parts.next().is_some() {
        return Err("has more than year, month and day".into());
    }
    let Some(time) = time else { return Ok((civil, resolution)) };
    if resolution != Resolution::Day {
        return Err("has a time of day but no day".into());
    }
    let mut parts = time.split(':');
    civil.hour = number(parts.next().unwrap_or(""), "hour", 0, 23)? as u8;
    resolution = Resolution::Hour;
    if let Some(minute) = parts.next() {
        civil.minute = number(minute, "minute", 0, 59)? as u8;
        resolution = Resolution::Minute;
    }
    if let Some(second) = parts.next() {
        let (whole, decimals) = second.split_once('.').unwrap_or((second, ""));
        civil.second = number(whole, "second", 0, 59)? as u8;
        resolution = Resolution::Second;
        if !decimals.is_empty() {
            if decimals.len() > 9 {
                return Err("has more than nine decimals of a second".into());
            }
            let digits = number(decimals, "decimals", 0, 999_999_999)?;
            civil.nanosecond = (digits * 10i64.pow(9 - decimals.len() as u32)) as u32;
            resolution = Resolution::Decimal(decimals.len() as u8);
        }
    }
    match parts.next() {
        Some(_) => Err("has more than hour, minute and second".into()),
        None => Ok((civil, resolution)),
    }
}

fn number(text: &str, what: &str, low: i64, high: i64) -> std::result::Result<i64, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("has {text:?} where the {what} should be"));
    }
    match text.parse() {
        Ok(n) if (low..=high).contains(&n) => Ok(n),
        _ => Err(format!("has the {what} {text}, which is not in {low} to {high}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::format;

    fn span(text: &str) -> String {
        let (start, end) = PartialDate::parse(text).unwrap().bounds(TimeUnit::Nanosecond);
        format!("{} {}", format(start, TimeUnit::Nanosecond), format(end, TimeUnit::Nanosecond))
    }

    #[test]
    fn a_text_stands_for_all_that_it_leaves_open() {
        assert_eq!(span("2015"), "2015-01-01 2015-12-31T23:59:59.999999999");
        assert_eq!(span("2016-02"), "2016-02-01 2016-02-29T23:59:59.999999999");
        assert_eq!(span("2015-12"), "2015-12-01 2015-12-31T23:59:59.999999999");
        assert_eq!(span("2015-03-01"), "2015-03-01 2015-03-01T23:59:59.999999999");
        assert_eq!(span("2015-03-01T12"), "2015-03-01T12:00:00 2015-03-01T12:59:59.999999999");
        assert_eq!(span("2015-03-01 12:30Z"), "2015-03-01T12:30:00 2015-03-01T12:30:59.999999999");
        assert_eq!(span("2015-03-01T12:30:15.5"), "2015-03-01T12:30:15.500 2015-03-01T12:30:15.599999999");
    }

    #[test]
    fn texts_that_are_no_dates_say_why() {
        for (text, why) in [
            ("15-03", "year of four digits"),
            ("2015-13", "month 13"),
            ("2015-02-29", "day 29, which is not in 1 to 28"),
            ("2015-03T12", "no day"),
            ("2015-03-01T25", "hour 25"),
            ("march", "where the year should be"),
            ("2015-03-01T12:00:00.1234567890", "nine decimals"),
            ("2015-03-01-04", "more than"),
        ] {
            let error = PartialDate::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn bounds_stop_at_the_range_of_the_unit() {
        let far = PartialDate::parse("9999").unwrap();
        assert_eq!(far.bounds(TimeUnit::Nanosecond), (i64::MAX, i64::MAX));
        let (start, end) = PartialDate::parse("2015-03-01T12:30:15.5").unwrap().bounds(TimeUnit::Second);
        assert!(end < start);
    }
}
