//! Ticks at round dates and times of day.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use crate::ticks::{Tick, Ticks, linear};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTH: f64 = 30.44 * DAY as f64;
const YEAR: f64 = 365.25 * DAY as f64;

/// The distance from one tick to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Interval {
    Seconds(i64),
    Days(u32),
    Months(u32),
    Years(i32),
}

const INTERVALS: [Interval; 36] = {
    use Interval::{Days, Months, Seconds, Years};
    [
        Seconds(1),
        Seconds(2),
        Seconds(5),
        Seconds(10),
        Seconds(15),
        Seconds(30),
        Seconds(MINUTE),
        Seconds(2 * MINUTE),
        Seconds(5 * MINUTE),
        Seconds(10 * MINUTE),
        Seconds(15 * MINUTE),
        Seconds(30 * MINUTE),
        Seconds(HOUR),
        Seconds(2 * HOUR),
        Seconds(3 * HOUR),
        Seconds(6 * HOUR),
        Seconds(12 * HOUR),
        Days(1),
        Days(2),
        Days(5),
        Days(10),
        Days(15),
        Months(1),
        Months(2),
        Months(3),
        Months(6),
        Years(1),
        Years(2),
        Years(5),
        Years(10),
        Years(20),
        Years(50),
        Years(100),
        Years(200),
        Years(500),
        Years(1000),
    ]
};

impl Interval {
    fn seconds(self) -> f64 {
        match self {
            Self::Seconds(n) => n as f64,
            Self::Days(n) => f64::from(n) * DAY as f64,
            Self::Months(n) => f64::from(n) * MONTH,
            Self::Years(n) => f64::from(n) * YEAR,
        }
    }

    /// The first tick at or before `from`.
    fn start(self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Seconds(n) => DateTime::from_timestamp(from.timestamp().div_euclid(n) * n, 0),
            Self::Days(_) => midnight(from.date_naive().with_day(1)?),
            Self::Months(n) => midnight(NaiveDate::from_ymd_opt(from.year(), from.month0() / n * n + 1, 1)?),
            Self::Years(n) => midnight(NaiveDate::from_ymd_opt(from.year().div_euclid(n) * n, 1, 1)?),
        }
    }

    /// The tick after `tick`.
    fn next(self, tick: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Seconds(n) => DateTime::from_timestamp(tick.timestamp() + n, 0),
            Self::Days(n) => {
                let date = tick.date_naive();
                let next = date.checked_add_days(chrono::Days::new(n.into()))?;
                let first_of_next = date.with_day(1)?.checked_add_months(Months::new(1))?;
                // Days count from the first of each month; a last one close to the next first is left out.
                let room = (first_of_next - next).num_days();
                midnight(if room * 2 > i64::from(n) { next } else { first_of_next })
            }
            Self::Months(n) => tick.checked_add_months(Months::new(n)),
            Self::Years(n) => midnight(NaiveDate::from_ymd_opt(tick.year() + n, 1, 1)?),
        }
    }

    fn label(self, tick: DateTime<Utc>) -> String {
        match self {
            Self::Seconds(n) if n < MINUTE => tick.format("%H:%M:%S").to_string(),
            Self::Seconds(_) => tick.format("%H:%M").to_string(),
            Self::Days(_) => tick.day().to_string(),
            Self::Months(_) => tick.format("%b").to_string(),
            Self::Years(_) => year(tick),
        }
    }

    fn context(self, tick: DateTime<Utc>) -> Option<String> {
        match self {
            Self::Seconds(_) => Some(format!("{} {} {}", tick.day(), tick.format("%b"), year(tick))),
            Self::Days(_) => Some(format!("{} {}", tick.format("%b"), year(tick))),
            Self::Months(_) => Some(year(tick)),
            Self::Years(_) => None,
        }
    }
}

fn year(tick: DateTime<Utc>) -> String {
    crate::label::fixed(tick.year().into(), 0)
}

fn midnight(date: NaiveDate) -> Option<DateTime<Utc>> {
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}

/// Ticks at round dates from `low` to `high` seconds since 1970, about `most` at most. The part of the date
/// that few ticks change, such as the year of a month, is the context of the first tick that has it.
///
/// Spans of less than a second, and times no calendar date can express, read as plain numbers of seconds.
pub(crate) fn time(low: f64, high: f64, most: usize) -> Ticks {
    let raw = (high - low) / most.max(1) as f64;
    if raw < 0.5 {
        return linear(low, high, most);
    }
    let interval = INTERVALS.into_iter().find(|interval| interval.seconds() >= raw * 0.999);
    let ticks = interval.and_then(|interval| dates(interval, low, high));
    ticks.map_or_else(|| linear(low, high, most), |ticks| Ticks { ticks, note: None })
}

fn dates(interval: Interval, low: f64, high: f64) -> Option<Vec<Tick>> {
    // Out of range of i64, the cast saturates, which chrono then refuses.
    let mut tick = interval.start(DateTime::from_timestamp(low.floor() as i64, 0)?)?;
    let mut ticks: Vec<Tick> = Vec::new();
    let mut shown = None;
    while tick.timestamp() as f64 <= high {
        if tick.timestamp() as f64 >= low {
            let context = interval.context(tick);
            let changed = (context != shown).then(|| context.clone()).flatten();
            ticks.push(Tick { at: tick.timestamp() as f64, label: interval.label(tick), context: changed });
            shown = context;
        }
        tick = interval.next(tick)?;
    }
    Some(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(date: &str) -> f64 {
        DateTime::parse_from_rfc3339(date).unwrap().timestamp() as f64
    }

    /// Labels of the ticks between two dates, each with its context after a slash.
    fn labels(from: &str, to: &str, most: usize) -> Vec<String> {
        let ticks = time(seconds(from), seconds(to), most).ticks;
        let text = |tick: &Tick| match &tick.context {
            Some(context) => format!("{}/{context}", tick.label),
            None => tick.label.clone(),
        };
        ticks.iter().map(text).collect()
    }

    #[test]
    fn months_of_a_year_carry_the_year_once() {
        assert_eq!(
            labels("2019-12-20T00:00:00Z", "2021-01-01T00:00:00Z", 7),
            ["Jan/2020", "Mar", "May", "Jul", "Sep", "Nov", "Jan/2021"]
        );
    }

    #[test]
    fn ticks_fall_on_the_first_of_the_month() {
        let ticks = time(seconds("2021-02-10T00:00:00Z"), seconds("2021-05-10T00:00:00Z"), 4).ticks;
        let expected = ["2021-03-01", "2021-04-01", "2021-05-01"].map(|d| seconds(&format!("{d}T00:00:00Z")));
        assert_eq!(ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn decades_days_and_hours() {
        assert_eq!(
            labels("1949-06-01T00:00:00Z", "1991-01-01T00:00:00Z", 5),
            ["1950", "1960", "1970", "1980", "1990"]
        );
        assert_eq!(
            labels("2021-01-18T00:00:00Z", "2021-02-12T00:00:00Z", 6),
            ["21/Jan 2021", "26", "1/Feb 2021", "6", "11"]
        );
        assert_eq!(
            labels("2021-01-31T10:00:00Z", "2021-02-01T08:00:00Z", 4),
            ["12:00/31 Jan 2021", "18:00", "00:00/1 Feb 2021", "06:00"]
        );
        assert_eq!(labels("2021-01-31T10:00:00Z", "2021-01-31T10:00:09Z", 3)[1], "10:00:05");
    }

    #[test]
    fn times_beyond_the_calendar_read_as_numbers() {
        assert_eq!(time(-1e300, 1e300, 5), linear(-1e300, 1e300, 5));
        assert_eq!(time(0.0, 0.5, 5), linear(0.0, 0.5, 5));
        assert!(time(-7e10, 7e10, 8).ticks.iter().any(|tick| tick.label == "0"));
    }
}
