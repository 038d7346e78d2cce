//! Times as text by a format, as in C and Python.

use super::civil::Civil;
use crate::calendar::Calendar;
use crate::error::{Error, Result};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A format that was read once and is written for many times.
#[derive(Debug, Clone)]
pub(crate) struct Format(Vec<Item>);

#[derive(Debug, Clone)]
enum Item {
    Text(String),
    Code(char),
}

impl Format {
    /// Reads a format: text with codes such as `%Y`.
    pub(crate) fn parse(format: &str) -> Result<Self> {
        let mut items = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let item = match c {
                '%' => Item::Code(chars.next().unwrap_or('\0')),
                c => Item::Text(c.into()),
            };
            match item {
                Item::Code('%') => items.push(Item::Text('%'.into())),
                Item::Code(code) if !"YmdHMSfjybBaApIUWwuFTDeGVs".contains(code) => {
                    let hint = "the codes are %Y %m %d %H %M %S %f %j %y %b %B %a %A %p %I %U %W %w %u %G %V %F %T %D %e %s %%";
                    return Err(Error::argument("format", format!("{format:?}"), hint));
                }
                item => items.push(item),
            }
        }
        Ok(Self(items))
    }

    /// A moment in this format; years have at least four digits. Days of the week are those of cftime.
    pub(crate) fn write(&self, nanos: i128, calendar: Calendar) -> String {
        let day = nanos.div_euclid(super::civil::DAY_NANOS) as i64;
        let civil = Civil::from_nanos(nanos, calendar);
        let day_of_year = |civil: &Civil| {
            let before = (1..civil.month).map(|month| i64::from(calendar.days_in_month(civil.year, month)));
            before.sum::<i64>() + i64::from(civil.day)
        };
        let weekday = (day + calendar.first_weekday()).rem_euclid(7);
        let year = |year: i64| if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") };
        let name =
            |names: &[&'static str], at: i64| usize::try_from(at).ok().and_then(|at| names.get(at)).copied();
        let month = name(&MONTHS, i64::from(civil.month) - 1).unwrap_or("");
        let of_week = name(&WEEKDAYS, weekday).unwrap_or("");
        let iso = || {
            let thursday = Civil::midnight(calendar.date(day + 3 - weekday));
            (thursday.year, (day_of_year(&thursday) - 1) / 7 + 1)
        };
        let mut text = String::new();
        for item in &self.0 {
            let piece = match item {
                Item::Text(piece) => piece.clone(),
                Item::Code(code) => match code {
                    'Y' => year(civil.year),
                    'm' => format!("{:02}", civil.month),
                    'd' => format!("{:02}", civil.day),
                    'e' => format!("{:2}", civil.day),
                    'H' => format!("{:02}", civil.hour),
                    'I' => format!("{:02}", (civil.hour + 11) % 12 + 1),
                    'M' => format!("{:02}", civil.minute),
                    'S' => format!("{:02}", civil.second),
                    'f' => format!("{:06}", civil.nanosecond / 1_000),
                    'p' => if civil.hour < 12 { "AM" } else { "PM" }.into(),
                    'j' => format!("{:03}", day_of_year(&civil)),
                    'y' => format!("{:02}", civil.year.rem_euclid(100)),
                    'b' => month.chars().take(3).collect(),
                    'B' => month.into(),
                    'a' => of_week.chars().take(3).collect(),
                    'A' => of_week.into(),
                    'u' => (weekday + 1).to_string(),
                    'w' => ((weekday + 1) % 7).to_string(),
                    // Weeks from the first Sunday, and from the first Monday.
                    'U' => format!("{:02}", (day_of_year(&civil) + 6 - (weekday + 1) % 7) / 7),
                    'W' => format!("{:02}", (day_of_year(&civil) + 6 - weekday) / 7),
                    'G' => year(iso().0),
                    'V' => format!("{:02}", iso().1),
                    'F' => format!("{}-{:02}-{:02}", year(civil.year), civil.month, civil.day),
                    'T' => format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second),
                    'D' => format!("{:02}/{:02}/{:02}", civil.month, civil.day, civil.year.rem_euclid(100)),
                    's' => nanos.div_euclid(1_000_000_000).to_string(),
                    other => format!("%{other}"),
                },
            };
            text.push_str(&piece);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::PartialDate;

    fn written(date: &str, format: &str, calendar: Calendar) -> String {
        let nanos = PartialDate::parse_in(date, calendar).unwrap().start_nanos();
        Format::parse(format).unwrap().write(nanos, calendar)
    }

    #[test]
    fn formats_are_written_as_in_python() {
        let all = "%Y %j %U %W %d-%b-%y %A %a %H:%M:%S.%f %I%p %w %u %G-%V %%";
        // As cftime's strftime, whose years below 1000 are wrong, and datetime's.
        let plain = Calendar::ProlepticGregorian;
        let text = "2001 062 08 09 03-Mar-01 Saturday Sat 16:05:06.000007 04PM 6 6 2001-09 %";
        assert_eq!(written("2001-03-03T16:05:06.000007", all, plain), text);
        let text = "1582 288 41 42 15-Oct-82 Monday Mon";
        assert_eq!(written("1582-10-15", "%Y %j %U %W %d-%b-%y %A %a", Calendar::NoLeap), text);
        assert_eq!(written("2000-02-30", "%F %B %j", Calendar::Day360), "2000-02-30 February 060");
        assert_eq!(written("0001-02-03", "%Y%m%d", Calendar::NoLeap), "00010203");
    }

    #[test]
    fn unknown_codes_are_an_error() {
        assert!(Format::parse("%Q").unwrap_err().to_string().contains("the codes are"));
        assert!(Format::parse("100%").is_err());
    }
}
