//! Frequencies of time: `D`, `6h`, `MS`, `QS-DEC`, `2YE-JUN`, under the names of pandas and xarray.

use std::fmt;
use std::str::FromStr;

use super::civil::DAY_NANOS;
use crate::error::{Error, Result};

/// How often something happens: every so many days or hours, or at the start or the end of months, quarters or years.
///
/// Moments follow each other by the arithmetic of a calendar, so the frequencies are the same for all calendars.
///
/// ```
/// use graticule_dataset::time::Frequency;
/// assert_eq!(Frequency::parse("2QS-DEC")?.to_string(), "2QS-DEC");
/// assert_eq!(Frequency::parse("W")?.to_string(), "W-SUN");
/// assert!(Frequency::parse("B").is_err());
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frequency {
    pub(super) count: i64,
    pub(super) base: Base,
}

/// What a frequency is a multiple of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// Spans of a fixed length.
    Span(Span),
    /// A day of the week, from Monday = 0.
    Week(u8),
    /// The first or the last day of every 1, 3 or 12 months; one of these months is `month`, from 1.
    Months { every: i64, month: u8, end: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Span {
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

const SPANS: [(Span, &str, i128); 7] = [
    (Span::Day, "D", DAY_NANOS),
    (Span::Hour, "h", 3_600_000_000_000),
    (Span::Minute, "min", 60_000_000_000),
    (Span::Second, "s", 1_000_000_000),
    (Span::Millisecond, "ms", 1_000_000),
    (Span::Microsecond, "us", 1_000),
    (Span::Nanosecond, "ns", 1),
];

const WEEKDAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

impl Span {
    fn entry(self) -> (&'static str, i128) {
        let found = SPANS.iter().find(|(span, ..)| *span == self);
        found.map_or(("ns", 1), |(_, name, nanos)| (name, *nanos))
    }
}

impl Frequency {
    pub(super) fn new(count: i64, base: Base) -> Self {
        Self { count, base }
    }

    /// The longest span of fixed length of which `nanos` is a multiple: 6 hours rather than 360 minutes.
    pub(super) fn of_nanos(nanos: i128) -> Option<Self> {
        let (span, _, per) = SPANS.iter().find(|(_, _, per)| nanos % per == 0)?;
        Some(Self::new(i64::try_from(nanos / per).ok()?, Base::Span(*span)))
    }

    /// Reads a frequency: a whole number, if it is not 1, a name, and perhaps `-` and the month or the day of the
    /// week that it is tied to.
    ///
    /// # Errors
    /// [`Error::Time`] for another text, a multiple of zero, and business days, which are not known.
    pub fn parse(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let at = trimmed.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
        let (count, name) = trimmed.split_at(at);
        let count = match count {
            "" | "+" => 1,
            "-" => -1,
            digits => digits.parse().map_err(|_error: std::num::ParseIntError| {
                wrong(text, "does not start with a whole number")
            })?,
        };
        if count == 0 {
            return Err(wrong(text, "is a multiple of zero"));
        }
        let (name, anchor) = name.split_once('-').map_or((name, None), |(name, anchor)| (name, Some(anchor)));
        if let Some((span, ..)) = SPANS.iter().find(|(_, known, _)| *known == name) {
            return match anchor {
                None => Ok(Self::new(count, Base::Span(*span))),
                Some(_) => {
                    Err(wrong(text, &format!("ties {name} to something, which only W, Q and Y can be")))
                }
            };
        }
        let position = |names: &[&str], default: &str| {
            let anchor = anchor.unwrap_or(default);
            let found = names.iter().position(|known| *known == anchor);
            found.map(|at| at as u8).ok_or_else(|| {
                wrong(text, &format!("is tied to {anchor:?}, which is none of {}", names.join(", ")))
            })
        };
        let base = match name {
            "W" => Base::Week(position(&WEEKDAYS, "SUN")?),
            "MS" | "ME" if anchor.is_none() => Base::Months { every: 1, month: 1, end: name == "ME" },
            "QS" => Base::Months { every: 3, month: 1 + position(&MONTHS, "JAN")?, end: false },
            "QE" => Base::Months { every: 3, month: 1 + position(&MONTHS, "DEC")?, end: true },
            "YS" => Base::Months { every: 12, month: 1 + position(&MONTHS, "JAN")?, end: false },
            "YE" => Base::Months { every: 12, month: 1 + position(&MONTHS, "DEC")?, end: true },
            "MS" | "ME" => return Err(wrong(text, "ties months to something, which only W, Q and Y can be")),
            "M" | "Q" | "Y" | "A" => {
                return Err(wrong(text, "does not say whether it is the start or the end: add S or E"));
            }
            "B" | "BMS" | "BME" | "BQS" | "BQE" | "BYS" | "BYE" | "C" | "bh" => {
                return Err(wrong(text, "counts business days, which no calendar here has"));
            }
            _ => return Err(wrong(text, "is no frequency")),
        };
        Ok(Self::new(count, base))
    }

    /// How many of its unit one step is: 2 for `2MS`.
    pub fn multiple(&self) -> i64 {
        self.count
    }

    /// The length of a step, where all steps have the same: nothing for weeks, months, quarters and years, which are
    /// tied to days of the calendar.
    pub fn nanos(&self) -> Option<i128> {
        match self.base {
            Base::Span(span) => Some(i128::from(self.count) * span.entry().1),
            Base::Week(_) | Base::Months { .. } => None,
        }
    }

    /// Whether moments lie at the end of what they stand for: bins of such frequencies are closed and labeled on the
    /// right by default.
    pub fn is_end(&self) -> bool {
        match self.base {
            Base::Span(_) => false,
            Base::Week(_) => true,
            Base::Months { end, .. } => end,
        }
    }
}

fn wrong(text: &str, problem: &str) -> Error {
    Error::Time {
        what: "frequency",
        text: text.into(),
        problem: problem.into(),
        hint: "write D, h, min, s, ms, us, ns, W, MS, ME, QS, QE, YS or YE, perhaps with a number before it, such as 6h, \
               and with a month or a day after it, such as QS-DEC or W-MON"
            .into(),
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => {}
            -1 => f.write_str("-")?,
            count => write!(f, "{count}")?,
        }
        let month = |month: u8| MONTHS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or("JAN");
        let side = |end: bool| if end { 'E' } else { 'S' };
        match self.base {
            Base::Span(span) => f.write_str(span.entry().0),
            Base::Week(day) => write!(f, "W-{}", WEEKDAYS.get(usize::from(day)).copied().unwrap_or("SUN")),
            Base::Months { every: 1, end, .. } => write!(f, "M{}", side(end)),
            Base::Months { every: 3, month: anchor, end } => write!(f, "Q{}-{}", side(end), month(anchor)),
            Base::Months { month: anchor, end, .. } => write!(f, "Y{}-{}", side(end), month(anchor)),
        }
    }
}

impl FromStr for Frequency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Frequency {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for (text, written) in [
            ("D", "D"),
            ("6h", "6h"),
            ("-1D", "-D"),
            ("15min", "15min"),
            ("100ms", "100ms"),
            ("W", "W-SUN"),
            ("2W-MON", "2W-MON"),
            ("MS", "MS"),
            ("2ME", "2ME"),
            ("QS", "QS-JAN"),
            ("QE", "QE-DEC"),
            ("QS-DEC", "QS-DEC"),
            ("YS-APR", "YS-APR"),
            ("3YE", "3YE-DEC"),
        ] {
            assert_eq!(Frequency::parse(text).unwrap().to_string(), written);
        }
    }

    #[test]
    fn texts_that_are_no_frequencies_say_why() {
        for (text, why) in [
            ("B", "business days"),
            ("M", "add S or E"),
            ("H", "is no frequency"),
            ("0D", "multiple of zero"),
            ("1.5h", "whole number"),
            ("D-MON", "only W, Q and Y"),
            ("QS-FOO", "none of JAN"),
            ("", "is no frequency"),
        ] {
            let error = Frequency::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
