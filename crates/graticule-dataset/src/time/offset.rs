//! Steps of a frequency on the days of a calendar.

use super::civil::DAY_NANOS;
use super::frequency::{Base, Frequency};
use crate::calendar::Calendar;
use crate::error::{Error, Result};

/// The days that a frequency is tied to, numbered: each is the next after the one before.
#[derive(Clone, Copy)]
struct Anchors {
    base: Base,
    calendar: Calendar,
}

impl Anchors {
    /// The number of the last anchor at or before a day.
    fn at_or_before(self, day: i64) -> Option<i64> {
        match self.base {
            Base::Span(_) => Some(day),
            Base::Week(_) => Some((day - self.phase()).div_euclid(7)),
            Base::Months { every, .. } => {
                let (year, month, _) = self.calendar.date(day);
                let months = self.calendar.astronomical(year) * 12 + i64::from(month) - 1;
                let number = (months - self.phase()).div_euclid(every);
                // The end of its own month may still be to come.
                Some(if self.day(number)? > day { number - 1 } else { number })
            }
        }
    }

    /// The day of an anchor, where the calendar reaches so far.
    fn day(self, number: i64) -> Option<i64> {
        match self.base {
            Base::Span(_) => Some(number),
            Base::Week(_) => number.checked_mul(7)?.checked_add(self.phase()),
            Base::Months { every, end, .. } => {
                let months = number.checked_mul(every)?.checked_add(self.phase())?;
                if end { Some(self.first_of_month(months + 1)? - 1) } else { self.first_of_month(months) }
            }
        }
    }

    /// The first day of a month, counted from that of January of year 0.
    fn first_of_month(self, months: i64) -> Option<i64> {
        let year = self.calendar.written(months.div_euclid(12));
        self.calendar.days((year, (months.rem_euclid(12) + 1) as u8, 1))
    }

    /// Where anchor 0 lies: in days for weeks, in months for months.
    fn phase(self) -> i64 {
        match self.base {
            Base::Span(_) => 0,
            Base::Week(weekday) => (i64::from(weekday) - self.calendar.first_weekday()).rem_euclid(7),
            Base::Months { every, month, .. } => (i64::from(month) - 1).rem_euclid(every),
        }
    }
}

impl Frequency {
    /// The moment that is `steps` steps after another, in nanoseconds since 1970-01-01 of the calendar.
    ///
    /// As in pandas, from between two anchors the first step forward leads to the next anchor, the first step back to
    /// the previous. The time of day stays.
    ///
    /// # Errors
    /// [`Error::Time`] beyond what the calendar can hold.
    pub(crate) fn shifted(&self, nanos: i128, steps: i64, calendar: Calendar) -> Result<i128> {
        if let Some(span) = self.nanos() {
            return Ok(nanos + span * i128::from(steps));
        }
        let total = self.count.checked_mul(steps);
        self.moved(nanos, calendar, |number, is_on| {
            let total = total?;
            // From between anchors the number is that of the one before.
            number
                .checked_add(if total < 0 && !is_on { total + 1 } else { total })?
                .checked_add(i64::from(total == 0 && !is_on))
        })
    }

    /// The moment itself where it is on an anchor, else at the next.
    pub(crate) fn rolled_forward(&self, nanos: i128, calendar: Calendar) -> Result<i128> {
        self.moved(nanos, calendar, |number, is_on| number.checked_add(i64::from(!is_on)))
    }

    /// The moment itself where it is on an anchor, else at the previous.
    pub(crate) fn rolled_back(&self, nanos: i128, calendar: Calendar) -> Result<i128> {
        self.moved(nanos, calendar, |number, _| Some(number))
    }

    fn moved(
        &self,
        nanos: i128,
        calendar: Calendar,
        to: impl FnOnce(i64, bool) -> Option<i64>,
    ) -> Result<i128> {
        if self.nanos().is_some() {
            return Ok(nanos);
        }
        let anchors = Anchors { base: self.base, calendar };
        let (day, time) = (nanos.div_euclid(DAY_NANOS), nanos.rem_euclid(DAY_NANOS));
        let moved = || {
            let day = i64::try_from(day).ok()?;
            let number = anchors.at_or_before(day)?;
            anchors.day(to(number, anchors.day(number)? == day)?)
        };
        match moved() {
            Some(day) => Ok(i128::from(day) * DAY_NANOS + time),
            None => Err(Error::Time {
                what: "frequency",
                text: self.to_string(),
                problem: format!("leads beyond the years of the calendar {calendar}"),
                hint: "take fewer or shorter steps".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Civil, PartialDate};

    fn shifted(frequency: &str, date: &str, steps: i64, calendar: Calendar) -> String {
        let nanos = PartialDate::parse_in(date, calendar).unwrap().start_nanos();
        let shifted = Frequency::parse(frequency).unwrap().shifted(nanos, steps, calendar).unwrap();
        Civil::from_nanos(shifted, calendar).to_string()
    }

    #[test]
    fn steps_go_from_anchor_to_anchor() {
        let plain = Calendar::ProlepticGregorian;
        // As pandas.Timestamp + steps * pandas.tseries.frequencies.to_offset(frequency).
        for (frequency, date, steps, to) in [
            ("MS", "2000-01-30", 1, "2000-02-01"),
            ("MS", "2000-01-30", -1, "2000-01-01"),
            ("MS", "2000-01-01", -1, "1999-12-01"),
            ("MS", "2000-01-15T06", 0, "2000-02-01T06:00:00"),
            ("ME", "2000-01-30", 1, "2000-01-31"),
            ("ME", "2000-01-31", 1, "2000-02-29"),
            ("2ME", "2000-01-15", 1, "2000-02-29"),
            ("QS-DEC", "2000-01-15", 1, "2000-03-01"),
            ("QS-DEC", "2000-01-15", -1, "1999-12-01"),
            ("QE-NOV", "2000-01-15", 2, "2000-05-31"),
            ("YE-JUN", "2000-07-01", 1, "2001-06-30"),
            ("W-SUN", "2000-01-01", 1, "2000-01-02"),
            ("W-SUN", "2000-01-02", 1, "2000-01-09"),
            ("W-SUN", "2000-01-01", -1, "1999-12-26"),
            ("36h", "2000-01-01", 2, "2000-01-04"),
        ] {
            assert_eq!(shifted(frequency, date, steps, plain), to, "{frequency} {date} {steps}");
        }
        assert_eq!(shifted("ME", "2000-02-01", 1, Calendar::Day360), "2000-02-30");
        assert_eq!(shifted("ME", "2000-02-01", 1, Calendar::NoLeap), "2000-02-28");
        assert_eq!(shifted("ME", "1900-02-01", 1, Calendar::Julian), "1900-02-29");
        assert_eq!(shifted("YS", "0001-06-01", -2, Calendar::Standard), "-0001-01-01");
        assert_eq!(shifted("MS", "1582-10-01", 1, Calendar::Standard), "1582-11-01");
    }

    #[test]
    fn steps_beyond_all_years_are_an_error() {
        let year = Frequency::parse("YS").unwrap();
        assert!(year.shifted(0, i64::MAX, Calendar::default()).is_err());
    }
}
