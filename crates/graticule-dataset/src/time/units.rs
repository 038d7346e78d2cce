//! CF units of time, `days since 1950-01-01`, and calendars.

use std::fmt;

use super::civil::{Civil, DAY_NANOS, GREGORIAN_START, days_from_civil, days_from_julian, days_in_month};
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
}

impl Step {
    /// Nanoseconds of one unit.
    pub(crate) fn nanos(self) -> i128 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
            Self::Minutes => 60_000_000_000,
            Self::Hours => 3_600_000_000_000,
            Self::Days => DAY_NANOS,
            Self::Weeks => 7 * DAY_NANOS,
        }
    }

    /// Reads a unit of time under the names that CF, UDUNITS and xarray use.
    ///
    /// # Errors
    /// [`Error::Time`] for another word, and for months and years, which have no fixed length.
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
            "months" | "month" | "years" | "year" | "yr" | "yrs" => {
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
    /// The reference in nanoseconds since 1970-01-01 (proleptic Gregorian), in UTC.
    ///
    /// # Errors
    /// [`Error::Time`] for a date that the calendar skips, 1582-10-05 to 1582-10-14 in the standard one.
    pub(crate) fn since_nanos(&self, calendar: Calendar) -> Result<i128> {
        let Civil { year, month, day, .. } = self.since;
        let gregorian = days_from_civil(year, month, day);
        let days = match calendar {
            Calendar::ProlepticGregorian => gregorian,
            Calendar::Standard if gregorian >= GREGORIAN_START => gregorian,
            Calendar::Standard => {
                let julian = days_from_julian(year, month, day);
                if julian >= GREGORIAN_START {
                    let hint = "the day after 1582-10-04 is 1582-10-15";
                    return Err(wrong(
                        "time units",
                        &self.to_string(),
                        "count from a day that never was",
                        hint,
                    ));
                }
                julian
            }
        };
        let leap_day_is_julian = calendar == Calendar::Standard && days < GREGORIAN_START;
        if day > days_in_month(year, month, leap_day_is_julian) {
            let hint = format!("the month has {} days", days_in_month(year, month, leap_day_is_julian));
            return Err(wrong("time units", &self.to_string(), "count from a day that never was", &hint));
        }
        let offset = i128::from(self.offset_minutes) * Step::Minutes.nanos();
        Ok(i128::from(days) * DAY_NANOS + self.since.nanos_of_day() - offset)
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.to_string();
        write!(f, "{} since {}", self.step, since.replace('T', " "))?;
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

/// `1950-1-1 0:0:0.0 +02:00`, all after the year optional.
fn parse_reference(text: &str) -> std::result::Result<(Civil, i32), String> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(unsigned.len());
    let (date, rest) = unsigned.split_at(end);
    let mut fields = date.split('-').map(|field| whole(field, "date"));
    let mut field = |otherwise: i64| fields.next().unwrap_or(Ok(otherwise));
    let (year, month, day) = (field(1)?, field(1)?, field(1)?);
    if fields.next().is_some() {
        return Err("have a date of more than three parts".into());
    }
    let year = if negative { -year } else { year };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(format!("have the date {date:?}, which does not exist"));
    }
    if day > i64::from(days_in_month(year, month as u8, true)) {
        return Err(format!("have the date {date:?}, which does not exist"));
    }
    let mut civil =
        Civil { year, month: month as u8, day: day as u8, hour: 0, minute: 0, second: 0, nanosecond: 0 };
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

/// A calendar whose dates datetime64 can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// CF's `standard` or `gregorian`: Gregorian from 1582-10-15, Julian before.
    Standard,
    /// Gregorian also before 1582.
    ProlepticGregorian,
}

impl Calendar {
    /// Reads the name of a calendar.
    ///
    /// # Errors
    /// [`Error::Time`] for calendars whose dates datetime64 cannot hold, such as `noleap`, and unknown ones.
    pub fn parse(name: &str) -> Result<Self> {
        let problem = match name.trim().to_lowercase().as_str() {
            "standard" | "gregorian" | "" => return Ok(Self::Standard),
            "proleptic_gregorian" => return Ok(Self::ProlepticGregorian),
            "noleap" | "365_day" => "has no 29 February",
            "all_leap" | "366_day" => "has a 29 February in every year",
            "360_day" => "has a 30 February",
            "julian" => "has leap years that the Gregorian calendar lacks",
            "none" => "has no dates",
            _ => "is unknown",
        };
        let hint = "datetime64 holds standard and proleptic_gregorian dates; \
            open with decode_times(false) to get the numbers as they are";
        Err(wrong("calendar", name, &format!("{problem}, so its dates cannot be decoded"), hint))
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::ProlepticGregorian => "proleptic_gregorian",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_in_all_their_spellings() {
        for (text, read) in [
            ("days since 1950-01-01 00:00:00 UTC", "days since 1950-01-01"),
            ("days since 1950-01-01T00:00:00Z", "days since 1950-01-01"),
            ("Hours since 1900-1-1 0:0:0.0", "hours since 1900-01-01"),
            ("seconds since 1992-10-8 15:15:42.5 -6:00", "seconds since 1992-10-08 15:15:42.500 -06:00"),
            ("minutes since 2000-01-01 12:00 +0530", "minutes since 2000-01-01 12:00:00 +05:30"),
            ("d since 1-1-1", "days since 0001-01-01"),
            ("ms since 1970", "milliseconds since 1970-01-01"),
        ] {
            assert_eq!(parse_units(text).unwrap().to_string(), read, "{text}");
        }
    }

    #[test]
    fn units_that_are_none_say_why() {
        for (text, why) in [
            ("meters", "have no \"since\""),
            ("months since 1950-01-01", "have no fixed length"),
            ("days since yesterday", "where the date should be"),
            ("days since 1950-13-01", "does not exist"),
            ("days since 1950-02-30", "does not exist"),
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
        assert!(gap.since_nanos(Calendar::Standard).unwrap_err().to_string().contains("never was"));
    }

    #[test]
    fn other_calendars_are_refused_by_name() {
        let text = Calendar::parse("noleap").unwrap_err().to_string();
        let expected = "calendar \"noleap\" has no 29 February, so its dates cannot be decoded; datetime64 holds \
            standard and proleptic_gregorian dates; open with decode_times(false) to get the numbers as they are";
        assert_eq!(text, expected);
    }
}
