//! The calendars of the CF conventions, and the days that their dates count.
//!
//! A time is a count of units since 1970-01-01 *in its own calendar*: in a calendar of 360 days, 1971-01-01 is 360 days
//! later. So the engine treats the times of all calendars alike, and only what reads or writes a date has to know.
//!
//! The day counts follow Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain): years start in
//! March, so that the leap day is the last of its year.

use std::fmt;

use crate::error::{Error, Result};

/// The first day of the Gregorian calendar, 1582-10-15, in days since 1970-01-01.
pub(crate) const GREGORIAN_START: i64 = -141_427;

/// The day that the Julian calendar calls 1970-01-01, in days since the Gregorian one.
pub(crate) const JULIAN_1970: i64 = 13;

/// A calendar of the CF conventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Calendar {
    /// Gregorian at all times: that of plain datetime64.
    #[default]
    ProlepticGregorian,
    /// CF's `standard` or `gregorian`: Gregorian from 1582-10-15, Julian before, without a year 0.
    Standard,
    /// Every fourth year is a leap year; there is no year 0.
    Julian,
    /// No year is a leap year: 365 days.
    NoLeap,
    /// Every year is a leap year: 366 days.
    AllLeap,
    /// Twelve months of 30 days.
    Day360,
}

/// A year, a month from 1 and a day from 1, in some calendar.
pub(crate) type Date = (i64, u8, u8);

impl Calendar {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ProlepticGregorian, Self::Standard, Self::Julian, Self::NoLeap, Self::AllLeap, Self::Day360];

    /// Reads the name of a calendar, under any of the names that CF has for it. No name is the standard calendar.
    ///
    /// # Errors
    /// [`Error::Time`] for `none` and unknown names.
    pub fn parse(name: &str) -> Result<Self> {
        let problem = match name.trim().to_lowercase().as_str() {
            "standard" | "gregorian" | "" => return Ok(Self::Standard),
            "proleptic_gregorian" => return Ok(Self::ProlepticGregorian),
            "julian" => return Ok(Self::Julian),
            "noleap" | "no_leap" | "365_day" => return Ok(Self::NoLeap),
            "all_leap" | "366_day" => return Ok(Self::AllLeap),
            "360_day" => return Ok(Self::Day360),
            "none" => "has no dates",
            _ => "is unknown",
        };
        let known = Self::ALL.map(Self::name).join(", ");
        Err(Error::Time {
            what: "calendar",
            text: name.into(),
            problem: problem.into(),
            hint: format!(
                "the calendars are {known}; open with decode_times(false) to get the numbers as they are"
            ),
        })
    }

    /// CF's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ProlepticGregorian => "proleptic_gregorian",
            Self::Standard => "standard",
            Self::Julian => "julian",
            Self::NoLeap => "noleap",
            Self::AllLeap => "all_leap",
            Self::Day360 => "360_day",
        }
    }

    /// Whether there is a year 0. Without one the year before 1 is -1.
    pub fn has_year_zero(self) -> bool {
        !matches!(self, Self::Standard | Self::Julian)
    }

    /// Whether a year has a 29 February where others have none.
    pub fn is_leap_year(self, year: i64) -> bool {
        let gregorian = |y: i64| y.rem_euclid(4) == 0 && (y.rem_euclid(100) != 0 || y.rem_euclid(400) == 0);
        match self {
            Self::ProlepticGregorian => gregorian(year),
            Self::Standard if year >= 1582 => gregorian(year),
            Self::Standard | Self::Julian => self.astronomical(year).rem_euclid(4) == 0,
            Self::NoLeap | Self::Day360 => false,
            Self::AllLeap => true,
        }
    }

    /// The number of days of a year. That of 1582 in the standard calendar counts the days that were left out, as
    /// xarray's does.
    pub fn days_in_year(self, year: i64) -> i64 {
        match self {
            Self::Day360 => 360,
            _ if self.is_leap_year(year) => 366,
            _ => 365,
        }
    }

    /// The number of the last day of a month.
    pub fn days_in_month(self, year: i64, month: u8) -> u8 {
        match (self, month) {
            (Self::Day360, _) | (_, 4 | 6 | 9 | 11) => 30,
            (_, 2) => 28 + u8::from(self.is_leap_year(year)),
            _ => 31,
        }
    }

    /// Days from 1970-01-01 to a date; nothing for a date that the calendar lacks.
    pub(crate) fn days(self, (year, month, day): Date) -> Option<i64> {
        if !(1..=12).contains(&month) || (year == 0 && !self.has_year_zero()) {
            return None;
        }
        // Beyond, days would not fit.
        if year.abs() > 1 << 50 || day < 1 || day > self.days_in_month(year, month) {
            return None;
        }
        let y = self.astronomical(year);
        match self {
            Self::ProlepticGregorian => Some(gregorian_days(y, month, day)),
            Self::Julian => Some(julian_days(y, month, day) - JULIAN_1970),
            Self::Standard => match gregorian_days(y, month, day) {
                days if days >= GREGORIAN_START => Some(days),
                _ => Some(julian_days(y, month, day)).filter(|&days| days < GREGORIAN_START),
            },
            Self::NoLeap => {
                let (y, day_of_year) = march_year(y, month, day);
                Some(365 * y + day_of_year + 59 - 365 * 1970)
            }
            Self::AllLeap => {
                let (y, day_of_year) = march_year(y, month, day);
                Some(366 * y + day_of_year + 60 - 366 * 1970)
            }
            Self::Day360 => Some(360 * (y - 1970) + 30 * (i64::from(month) - 1) + i64::from(day) - 1),
        }
    }

    /// The date that is some days after 1970-01-01.
    pub(crate) fn date(self, days: i64) -> Date {
        let (year, month, day) = match self {
            Self::ProlepticGregorian => gregorian_date(days),
            Self::Standard if days >= GREGORIAN_START => gregorian_date(days),
            Self::Standard => julian_date(days),
            Self::Julian => julian_date(days + JULIAN_1970),
            Self::NoLeap => {
                let days = days - 59 + 365 * 1970;
                from_march_year(days.div_euclid(365), days.rem_euclid(365))
            }
            Self::AllLeap => {
                let days = days - 60 + 366 * 1970;
                from_march_year(days.div_euclid(366), days.rem_euclid(366))
            }
            Self::Day360 => {
                let (year, day) = (1970 + days.div_euclid(360), days.rem_euclid(360));
                (year, (day / 30 + 1) as u8, (day % 30 + 1) as u8)
            }
        };
        (if year <= 0 && !self.has_year_zero() { year - 1 } else { year }, month, day)
    }

    /// The day of the week that 1970-01-01 is, from Monday = 0, as in cftime.
    pub(crate) fn first_weekday(self) -> i64 {
        match self {
            Self::ProlepticGregorian | Self::Standard | Self::NoLeap => 3,
            Self::Julian | Self::Day360 => 2,
            Self::AllLeap => 6,
        }
    }

    /// The year on a scale without a gap: 1 BC is 0.
    pub(crate) fn astronomical(self, year: i64) -> i64 {
        if year < 0 && !self.has_year_zero() { year + 1 } else { year }
    }

    /// The year as the calendar writes it, from a scale without a gap.
    pub(crate) fn written(self, astronomical: i64) -> i64 {
        if astronomical <= 0 && !self.has_year_zero() { astronomical - 1 } else { astronomical }
    }

    /// An error when this and another calendar differ: their counts cannot be compared.
    pub(crate) fn check_same(self, other: Self, what: &str) -> Result<()> {
        if self == other {
            return Ok(());
        }
        Err(Error::Calendars { what: what.into(), left: self, right: other })
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn gregorian_days(year: i64, month: u8, day: u8) -> i64 {
    let (year, day_of_year) = march_year(year, month, day);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn gregorian_date(days: i64) -> Date {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    from_march_year(year_of_era + era * 400, day_of_year)
}

/// Days since the Gregorian 1970-01-01, which is what the standard calendar counts from.
fn julian_days(year: i64, month: u8, day: u8) -> i64 {
    let (year, day_of_year) = march_year(year, month, day);
    365 * year + year.div_euclid(4) + day_of_year - 719_470
}

fn julian_date(days: i64) -> Date {
    let days = days + 719_470;
    let year = (4 * days + 3).div_euclid(1_461);
    from_march_year(year, days - 365 * year - year.div_euclid(4))
}

/// The year counted from March, and the day within it from 0.
fn march_year(year: i64, month: u8, day: u8) -> (i64, i64) {
    let month = i64::from(month);
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    (year, (153 * month + 2) / 5 + i64::from(day) - 1)
}

fn from_march_year(year: i64, day_of_year: i64) -> Date {
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse_in_every_calendar() {
        for calendar in Calendar::ALL {
            let mut before = calendar.date(-800_001);
            for days in -800_000..800_000 {
                let date = calendar.date(days);
                assert!(date > before, "{calendar}: {date:?} after {before:?}");
                assert_eq!(calendar.days(date), Some(days), "{calendar}: {date:?}");
                before = date;
            }
            assert_eq!(calendar.date(0), (1970, 1, 1), "{calendar}");
        }
        assert_eq!(Calendar::ProlepticGregorian.date(11_016), (2000, 2, 29));
    }

    #[test]
    fn dates_that_a_calendar_lacks_have_no_day() {
        for (calendar, date) in [
            (Calendar::NoLeap, (2000, 2, 29)),
            (Calendar::ProlepticGregorian, (1900, 2, 29)),
            (Calendar::Standard, (1582, 10, 5)),
            (Calendar::Standard, (1582, 10, 14)),
            (Calendar::Standard, (0, 1, 1)),
            (Calendar::Julian, (0, 1, 1)),
            (Calendar::Day360, (2000, 1, 31)),
            (Calendar::AllLeap, (2000, 2, 30)),
            (Calendar::ProlepticGregorian, (i64::MAX, 1, 1)),
        ] {
            assert_eq!(calendar.days(date), None, "{calendar} {date:?}");
        }
        assert!(Calendar::Day360.days((2000, 2, 30)).is_some());
        assert!(Calendar::NoLeap.days((0, 1, 1)).is_some());
        assert!(Calendar::Julian.days((1900, 2, 29)).is_some());
    }

    #[test]
    fn the_calendars_meet_in_october_1582() {
        let standard = Calendar::Standard;
        assert_eq!(standard.days((1582, 10, 15)), Some(GREGORIAN_START));
        assert_eq!(standard.days((1582, 10, 4)), Some(GREGORIAN_START - 1));
        assert_eq!(standard.date(GREGORIAN_START - 1), (1582, 10, 4));
        let first = (1, 1, 1);
        assert_eq!(standard.days(first), Calendar::ProlepticGregorian.days(first).map(|days| days - 2));
        assert_eq!(standard.date(standard.days(first).unwrap() - 1), (-1, 12, 31));
    }

    #[test]
    fn names_are_those_of_cf_in_any_case() {
        for calendar in Calendar::ALL {
            assert_eq!(Calendar::parse(calendar.name()).unwrap(), calendar);
        }
        assert_eq!(Calendar::parse("Gregorian").unwrap(), Calendar::Standard);
        assert_eq!(Calendar::parse("365_day").unwrap(), Calendar::NoLeap);
        assert_eq!(Calendar::parse("366_DAY").unwrap(), Calendar::AllLeap);
        let error = Calendar::parse("bogus").unwrap_err().to_string();
        assert!(error.contains("the calendars are proleptic_gregorian, standard, julian"), "{error}");
        assert!(Calendar::parse("none").unwrap_err().to_string().contains("has no dates"));
    }
}
