//! Dates and times of day, and the days between them.
//!
//! The day counts follow Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain):
//! years start in March, so that the leap day is the last of its year.

use std::fmt;

use graticule_array::{NAT, TimeUnit};

use super::nanos_per;

/// Nanoseconds of a day.
pub(crate) const DAY_NANOS: i128 = 86_400_000_000_000;

/// The first day of the Gregorian calendar, 1582-10-15, in days since 1970-01-01.
pub(crate) const GREGORIAN_START: i64 = -141_427;

/// A date and a time of day in the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
    /// The nanosecond of the second.
    pub nanosecond: u32,
}

impl Civil {
    /// The moment that is `nanos` nanoseconds after 1970-01-01.
    pub(crate) fn from_nanos(nanos: i128) -> Self {
        let (days, rest) = (nanos.div_euclid(DAY_NANOS), nanos.rem_euclid(DAY_NANOS));
        let (year, month, day) = civil_from_days(days as i64);
        let seconds = (rest / 1_000_000_000) as u32;
        Self {
            year,
            month,
            day,
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            nanosecond: (rest % 1_000_000_000) as u32,
        }
    }

    /// The moment of a datetime64 count; nothing for NaT.
    pub fn from_count(count: i64, unit: TimeUnit) -> Option<Self> {
        (count != NAT).then(|| Self::from_nanos(i128::from(count) * nanos_per(unit)))
    }

    /// Nanoseconds since 1970-01-01.
    pub(crate) fn to_nanos(self) -> i128 {
        let days = i128::from(days_from_civil(self.year, self.month, self.day));
        days * DAY_NANOS + self.nanos_of_day()
    }

    /// Nanoseconds since midnight.
    pub(crate) fn nanos_of_day(self) -> i128 {
        let seconds = i128::from(self.hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        seconds * 1_000_000_000 + i128::from(self.nanosecond)
    }

    /// Whether the time of day is midnight.
    pub fn is_midnight(self) -> bool {
        self.nanos_of_day() == 0
    }
}

/// `2015-01-01` at midnight, else `2015-01-01T12:30:00`, with as many decimals as it takes.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.year < 0 {
            write!(f, "-{:04}", -self.year)?;
        } else {
            write!(f, "{:04}", self.year)?;
        }
        write!(f, "-{:02}-{:02}", self.month, self.day)?;
        if self.is_midnight() {
            return Ok(());
        }
        write!(f, "T{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        match self.nanosecond {
            0 => Ok(()),
            n if n % 1_000_000 == 0 => write!(f, ".{:03}", n / 1_000_000),
            n if n % 1_000 == 0 => write!(f, ".{:06}", n / 1_000),
            n => write!(f, ".{n:09}"),
        }
    }
}

/// A datetime64 count as ISO text: the date alone at midnight, `NaT` for not-a-time.
pub fn format(count: i64, unit: TimeUnit) -> String {
    Civil::from_count(count, unit).map_or_else(|| "NaT".into(), |civil| civil.to_string())
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let (year, day_of_year) = march_year(year, month, day);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of the proleptic Gregorian calendar that is `days` after 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// Days from 1970-01-01 to a date of the Julian calendar.
pub(crate) fn days_from_julian(year: i64, month: u8, day: u8) -> i64 {
    let (year, day_of_year) = march_year(year, month, day);
    365 * year + year.div_euclid(4) + day_of_year - 719_470
}

/// The number of days of a month. In the Julian calendar every fourth year is a leap year.
pub(crate) fn days_in_month(year: i64, month: u8, julian: bool) -> u8 {
    let leap = year.rem_euclid(4) == 0 && (julian || year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// The year counted from March, and the day within it from 0.
fn march_year(year: i64, month: u8, day: u8) -> (i64, i64) {
    let month = i64::from(month);
    let year = if month <= 2 { year - 1 } else { year };
    let month = if month > 2 { month - 3 } else { month + 9 };
    (year, (153 * month + 2) / 5 + i64::from(day) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..800_000).step_by(13) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(civil_from_days(11_016), (2000, 2, 29));
    }

    #[test]
    fn the_calendars_meet_in_october_1582() {
        assert_eq!(days_from_civil(1582, 10, 15), GREGORIAN_START);
        assert_eq!(days_from_julian(1582, 10, 4), GREGORIAN_START - 1);
        // The two calendars agree in the third century.
        assert_eq!(days_from_julian(250, 6, 1), days_from_civil(250, 6, 1));
        assert_eq!(days_from_julian(1, 1, 1), days_from_civil(1, 1, 1) - 2);
    }

    #[test]
    fn texts_are_as_short_as_they_can_be() {
        assert_eq!(format(0, TimeUnit::Second), "1970-01-01");
        assert_eq!(format(-1, TimeUnit::Second), "1969-12-31T23:59:59");
        assert_eq!(format(1_500, TimeUnit::Millisecond), "1970-01-01T00:00:01.500");
        assert_eq!(format(1, TimeUnit::Nanosecond), "1970-01-01T00:00:00.000000001");
        assert_eq!(format(NAT, TimeUnit::Nanosecond), "NaT");
    }

    #[test]
    fn every_count_has_a_date() {
        for unit in super::super::TIME_UNITS {
            for count in [i64::MIN + 1, i64::MAX] {
                let nanos = Civil::from_count(count, unit).unwrap().to_nanos();
                assert_eq!(nanos, i128::from(count) * nanos_per(unit));
            }
        }
    }
}
