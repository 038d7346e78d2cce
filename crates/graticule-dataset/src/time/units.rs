//! CF units of time, `days since 1950-01-01`, and calendars.

use std::fmt;

use super::civil::{Civil, DAY_NANOS};
use crate::calendar::Calendar;
use crate::error::{Error, Result};

/// The length of one unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Nanoseconds.
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months of 30 days, in the calendar that has no others.
    Months,
    /// Years of 365 days, in the calendar that has no others.
    CommonYears,
}

impl Step {
    /// Nanoseconds of one unit.
    pub fn nanos(self) -> i128 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
            Self::Minutes => 60_000_000_000,
            Self::Hours => 3_600_000_000_000,
            Self::Days => DAY_NANOS,
            Self::Weeks => 7 * DAY_NANOS,
            Self::Months => 30 * DAY_NANOS,
            Self::CommonYears => 365 * DAY_NANOS,
        }
    }

    /// Reads a unit of time under the names that CF, UDUNITS and xarray use.
    ///
    /// # Errors
    /// [`Error::Time`] for another word, and for years, which have no fixed length. Months have one only in the
    /// calendar of 360 days, which is seen when they are decoded.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text.trim().to_lowercase().as_str() {
            "nanoseconds" | "nanosecond" | "nanosec" | "nanosecs" | "nsec" | "nsecs" | "ns" => {
                Self::Nanoseconds
            }
            "microseconds" | "microsecond" | "microsec" | "microsecs" | "usec" | "us" => Self::Microseconds,
            "milliseconds" | "millisecond" | "millisec" | "millisecs" | "msec" | "msecs" | "ms" => {
                Self::Milliseconds
            }
            "seconds" | "second" | "secs" | "sec" | "s" => Self::Seconds,
            "minutes" | "minute" | "mins" | "min" => Self::Minutes,
            "hours" | "hour" | "hrs" | "hr" | "h" => Self::Hours,
            "days" | "day" | "d" => Self::Days,
            "weeks" | "week" => Self::Weeks,
            "months" | "month" => Self::Months,
            "common_years" | "common_year" => Self::CommonYears,
            "years" | "year" | "yr" | "yrs" => {
                return Err(wrong("time units", text, "have no fixed length", HINT));
            }
            _ => return Err(wrong("time units", text, "are unknown", HINT)),
        })
    }
}

const HINT: &str = "known are weeks, days, hours, minutes, seconds, milliseconds, microseconds and nanoseconds; \
    open with decode_times(false) to get the numbers as they are";

fn wrong(what: &'static str, text: &str, problem: &str, hint: &str) -> Error {
    Error::Time { what, text: text.into(), problem: problem.into(), hint: hint.into() }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nanoseconds => "nanoseconds",
            Self::Microseconds => "microseconds",
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::CommonYears => "common_years",
        })
    }
}

/// Units of time: a step and the moment that numbers count from, still in the words of its calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// The length of one unit.
    pub step: Step,
    /// The date and time that the numbers count from, as written.
    pub since: Civil,
    /// Minutes by which the clock of `since` is ahead of UTC.
    pub offset_minutes: i32,
}

impl Units {
    /// The reference in nanoseconds since 1970-01-01 of the calendar, in UTC.
    ///
    /// # Errors
    /// [`Error::Time`] for a date that the calendar lacks, and for steps that have no fixed length in it.
    pub(crate) fn since_nanos(&self, calendar: Calendar) -> Result<i128> {
        let fixed = match self.step {
            Step::Months => calendar == Calendar::Day360,
            Step::CommonYears => calendar == Calendar::NoLeap,
            _ => true,
        };
        if !fixed {
            return Err(wrong("time units", &self.to_string(), "have no fixed length", HINT));
        }
        let Some(nanos) = self.since.to_nanos_in(calendar) else {
            let hint = match (calendar, self.since.year) {
                (Calendar::Standard, 1582) => "the day after 1582-10-04 is 1582-10-15".into(),
                (_, 0) if !calendar.has_year_zero() => "the year before 1 is -1".into(),
                (_, year) => {
                    format!("the month has {} days", calendar.days_in_month(year, self.since.month))
                }
            };
            let problem = format!("count from a day that the calendar {calendar} lacks");
            return Err(wrong("time units", &self.to_string(), &problem, &hint));
        };
        Ok(nanos - i128::from(self.offset_minutes) * Step::Minutes.nanos())
    }
}

/// As xarray writes them: `days since 1950-01-01 00:00:00`.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { hour, minute, second, nanosecond, .. } = self.since;
        let midnight = Civil::midnight((self.since.year, self.since.month, self.since.day));
        write!(f, "{} since {midnight} {hour:02}:{minute:02}:{second:02}", self.step)?;
        match nanosecond {
            0 => {}
            n if n % 1_000 == 0 => write!(f, ".{:06}", n / 1_000)?,
            n => write!(f, ".{n:09}")?,
        }
        match self.offset_minutes {
            0 => Ok(()),
            m => write!(f, " {}{:02}:{:02}", if m < 0 { '-' } else { '+' }, m.abs() / 60, m.abs() % 60),
        }
    }
}

/// Reads CF units of time, such as `days since 1950-01-01 00:00:00 UTC` or `hours since 1900-1-1 0:0:0.0 -6:00`.
///
/// # Errors
/// [`Error::Time`] when the text is none.
pub fn parse_units(text: &str) -> Result<Units> {
    let no_units = |problem: &str| {
        wrong("time units", text, problem, "write them as \"days since 1950-01-01 00:00:00\"")
    };
    let lower = text.to_lowercase();
    let (step, since) = lower.split_once(" since ").ok_or_else(|| no_units("have no \"since\""))?;
    let step = Step::parse(step)?;
    let (since, offset_minutes) = parse_reference(since.trim()).map_err(|problem| no_units(&problem))?;
    Ok(Units { step, since, offset_minutes })
}

/// `1950-1-1 0:0:0.0 +02:00`, all after the year optional; `19500101`, `jan 1950` and `01-JAN-1950` too.
fn parse_reference(text: &str) -> std::result::Result<(Civil, i32), String> {
    let named = with_named_month(text);
    let text = named.as_deref().unwrap_or(text);
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(unsigned.len());
    let (date, rest) = unsigned.split_at(end);
    let mut fields = date.split('-').map(|field| whole(field, "date"));
    let mut field = |otherwise: i64| fields.next().unwrap_or(Ok(otherwise));
    let (year, month, day) = match field(1)? {
        digits if date.len() == 8 && !date.contains('-') => {
            (digits / 10_000, digits / 100 % 100, digits % 100)
        }
        year => (year, field(1)?, field(1)?),
    };
    if fields.next().is_some() {
        return Err("have a date of more than three parts".into());
    }
    let year = if negative { -year } else { year };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(format!("have the date {date:?}, which does not exist"));
    }
    let mut civil = Civil::midnight((year, month as u8, day as u8));
    let rest = rest.strip_prefix('t').unwrap_or(rest).trim();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    if !clock.is_empty() {
        let mut fields = clock.split(':');
        let hour = whole(fields.next().unwrap_or(""), "hour")?;
        let minute = fields.next().map_or(Ok(0), |field| whole(field, "minute"))?;
        let (second, decimals) = fields.next().map_or(("0", ""), |f| f.split_once('.').unwrap_or((f, "")));
        let second = whole(second, "second")?;
        if fields.next().is_some() || hour > 23 || minute > 59 || second > 59 {
            return Err(format!("have the time of day {clock:?}, which does not exist"));
        }
        let decimals: String = decimals.chars().chain(std::iter::repeat('0')).take(9).collect();
        civil.hour = hour as u8;
        civil.minute = minute as u8;
        civil.second = second as u8;
        civil.nanosecond = whole(&decimals, "decimals")? as u32;
    }
    Ok((civil, parse_zone(zone.trim())?))
}

/// `jan 1899` and `01-jan-1980` with the month as a number; nothing where the text has no name of a month.
fn with_named_month(text: &str) -> Option<String> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (date, rest) = match text.match_indices([' ', 't']).map(|(at, _)| text.split_at(at)).next() {
        Some((first, rest)) if !first.contains('-') => {
            let year = rest.trim_start().split(' ').next().unwrap_or("");
            (format!("1-{first}-{year}"), rest.trim_start().get(year.len()..).unwrap_or(""))
        }
        Some((date, rest)) => (date.to_owned(), rest),
        None => (text.to_owned(), ""),
    };
    let mut parts = date.split('-');
    let (day, name, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = NAMES.iter().position(|known| name.starts_with(known))? + 1;
    Some(format!("{year}-{month}-{day}{rest}"))
}

/// Minutes ahead of UTC.
fn parse_zone(text: &str) -> std::result::Result<i32, String> {
    if matches!(text, "" | "z" | "utc" | "gmt" | "ut") {
        return Ok(0);
    }
    let unknown = || format!("have the time zone {text:?}; use UTC or an offset like +02:00");
    let (sign, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (-1, rest),
        (_, Some(rest)) => (1, rest),
        _ => return Err(unknown()),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    match (whole(hours, "zone"), whole(minutes, "zone")) {
        (Ok(hours @ 0..=23), Ok(minutes @ 0..=59)) => Ok(sign * (hours * 60 + minutes) as i32),
        _ => Err(unknown()),
    }
}

fn whole(text: &str, what: &str) -> std::result::Result<i64, String> {
    let wrong = || format!("have {text:?} where the {what} should be");
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    text.parse().map_err(|_error: std::num::ParseIntError| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_in_all_their_spellings() {
        for (text, read) in [
            ("days since 1950-01-01 00:00:00 UTC", "days since 1950-01-01 00:00:00"),
            ("days since 1950-01-01T00:00:00Z", "days since 1950-01-01 00:00:00"),
            ("Hours since 1900-1-1 0:0:0.0", "hours since 1900-01-01 00:00:00"),
            ("seconds since 1992-10-8 15:15:42.5 -6:00", "seconds since 1992-10-08 15:15:42.500000 -06:00"),
            ("minutes since 2000-01-01 12:00 +0530", "minutes since 2000-01-01 12:00:00 +05:30"),
            ("d since 1-1-1", "days since 0001-01-01 00:00:00"),
            ("ms since 1970", "milliseconds since 1970-01-01 00:00:00"),
            ("days since jan 1899", "days since 1899-01-01 00:00:00"),
            ("days since 01-JAN-1980 06:00", "days since 1980-01-01 06:00:00"),
            ("days since 19800102", "days since 1980-01-02 00:00:00"),
        ] {
            assert_eq!(parse_units(text).unwrap().to_string(), read, "{text}");
        }
    }

    #[test]
    fn units_that_are_none_say_why() {
        for (text, why) in [
            ("meters", "have no \"since\""),
            ("years since 1950-01-01", "have no fixed length"),
            ("fortnights since 1950-01-01", "are unknown"),
            ("days since yesterday", "where the date should be"),
            ("days since 1950-13-01", "does not exist"),
            ("days since 1950-01-01 25:00", "does not exist"),
            ("days since 1950-01-01 00:00:00 CET", "the time zone"),
        ] {
            let error = parse_units(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn an_offset_is_taken_off_to_reach_utc() {
        let units = parse_units("seconds since 1970-01-01 06:00:00 +6:00").unwrap();
        assert_eq!(units.since_nanos(Calendar::Standard).unwrap(), 0);
    }

    #[test]
    fn the_standard_calendar_is_julian_before_1582() {
        let units = parse_units("days since 0001-01-01").unwrap();
        let julian = units.since_nanos(Calendar::Standard).unwrap();
        let gregorian = units.since_nanos(Calendar::ProlepticGregorian).unwrap();
        assert_eq!((gregorian - julian) / DAY_NANOS, 2);
        let gap = parse_units("days since 1582-10-10").unwrap();
        assert!(
            gap.since_nanos(Calendar::Standard)
                .unwrap_err()
                .to_string()
                .contains("the day after 1582-10-04 is 1582-10-15")
        );
    }

    #[test]
    fn units_that_a_calendar_lacks_are_refused() {
        let refused =
            |text: &str, calendar| parse_units(text).unwrap().since_nanos(calendar).unwrap_err().to_string();
        assert!(refused("days since 1950-02-30", Calendar::Standard).contains("the month has 28 days"));
        assert!(refused("days since 2000-02-29", Calendar::NoLeap).contains("the month has 28 days"));
        assert!(refused("days since 0000-01-01", Calendar::Standard).contains("the year before 1 is -1"));
        assert!(refused("months since 2000-01-01", Calendar::NoLeap).contains("no fixed length"));
        assert!(refused("common_years since 2000-01-01", Calendar::Standard).contains("no fixed length"));
        assert!(parse_units("days since 2000-02-30").unwrap().since_nanos(Calendar::Day360).is_ok());
        assert!(parse_units("months since 2000-01-01").unwrap().since_nanos(Calendar::Day360).is_ok());
    }
}
