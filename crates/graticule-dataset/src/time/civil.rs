//! Dates and times of day of any calendar, and the moments that they are.

use std::fmt;

use graticule_array::{NAT, TimeUnit};

use super::nanos_per;
use crate::calendar::{Calendar, Date};

/// Nanoseconds of a day.
pub(crate) const DAY_NANOS: i128 = 86_400_000_000_000;

/// A date and a time of day, in whichever calendar.
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
    /// Midnight of a date.
    pub(crate) fn midnight((year, month, day): Date) -> Self {
        Self { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0 }
    }

    /// The moment that is `nanos` nanoseconds after 1970-01-01 of a calendar.
    pub(crate) fn from_nanos(nanos: i128, calendar: Calendar) -> Self {
        let (days, rest) = (nanos.div_euclid(DAY_NANOS), nanos.rem_euclid(DAY_NANOS));
        let (year, month, day) = calendar.date(days as i64);
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

    /// The moment of a plain datetime64 count; nothing for NaT.
    pub fn from_count(count: i64, unit: TimeUnit) -> Option<Self> {
        Self::from_count_in(count, unit, Calendar::ProlepticGregorian)
    }

    /// The moment of a count of a calendar's; nothing for NaT.
    pub fn from_count_in(count: i64, unit: TimeUnit, calendar: Calendar) -> Option<Self> {
        (count != NAT).then(|| Self::from_nanos(i128::from(count) * nanos_per(unit), calendar))
    }

    /// Nanoseconds since 1970-01-01 of a calendar; nothing where the calendar lacks the date.
    pub(crate) fn to_nanos_in(self, calendar: Calendar) -> Option<i128> {
        let days = calendar.days((self.year, self.month, self.day))?;
        Some(i128::from(days) * DAY_NANOS + self.nanos_of_day())
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

/// A plain datetime64 count as ISO text: the date alone at midnight, `NaT` for not-a-time.
pub fn format(count: i64, unit: TimeUnit) -> String {
    format_in(count, unit, Calendar::ProlepticGregorian)
}

/// A count of a calendar's as ISO text, as [`format()`].
pub fn format_in(count: i64, unit: TimeUnit, calendar: Calendar) -> String {
    Civil::from_count_in(count, unit, calendar).map_or_else(|| "NaT".into(), |civil| civil.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_short_as_they_can_be() {
        assert_eq!(format(0, TimeUnit::Second), "1970-01-01");
        assert_eq!(format(-1, TimeUnit::Second), "1969-12-31T23:59:59");
        assert_eq!(format(1_500, TimeUnit::Millisecond), "1970-01-01T00:00:01.500");
        assert_eq!(format(1, TimeUnit::Nanosecond), "1970-01-01T00:00:00.000000001");
        assert_eq!(format(NAT, TimeUnit::Nanosecond), "NaT");
        assert_eq!(format_in(59 * 86_400, TimeUnit::Second, Calendar::Day360), "1970-02-30");
    }

    #[test]
    fn every_count_has_a_date() {
        for calendar in Calendar::ALL {
            for unit in super::super::TIME_UNITS {
                for count in [i64::MIN + 1, i64::MAX] {
                    let civil = Civil::from_count_in(count, unit, calendar).unwrap();
                    assert_eq!(civil.to_nanos_in(calendar), Some(i128::from(count) * nanos_per(unit)));
                }
            }
        }
    }
}
