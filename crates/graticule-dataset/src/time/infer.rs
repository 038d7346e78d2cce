//! The frequency that times have: `infer_freq`.

use graticule_array::{Chunk, NAT};

use super::bins::moments;
use super::civil::{Civil, DAY_NANOS};
use super::frequency::{Base, Frequency};
use super::nanos_per;
use crate::calendar::Calendar;
use crate::error::{Error, Result};

/// The frequency of times, where they have one: the same steps, or the same place in every month, quarter or year.
///
/// The rules are those of pandas and xarray; business days are not looked for.
///
/// # Errors
/// [`Error::Argument`] for fewer than three times, [`graticule_array::Error::Dtype`] for values that are no datetime64.
pub fn infer_freq(times: &Chunk, calendar: Calendar) -> Result<Option<Frequency>> {
    let (unit, counts) = moments(times)?;
    if counts.len() < 3 {
        return Err(Error::argument("times", counts.len(), "a frequency is seen in three times or more"));
    }
    let nanos: Vec<i128> = counts.iter().map(|&t| i128::from(t) * nanos_per(unit)).collect();
    let steps = distinct_steps(&nanos);
    let rises = nanos.iter().zip(nanos.iter().skip(1)).all(|(a, b)| a < b);
    let falls = nanos.iter().zip(nanos.iter().skip(1)).all(|(a, b)| a > b);
    if counts.contains(&NAT) || !(rises || falls) {
        return Ok(None);
    }
    let whole_days = steps.iter().all(|step| step % DAY_NANOS == 0);
    if whole_days && let Some(found) = tied(&nanos, calendar) {
        return Ok(Some(found));
    }
    let [step] = steps.as_slice() else { return Ok(None) };
    let days = step / DAY_NANOS;
    // As pandas does for the calendar that it has, and xarray for others does not.
    if whole_days && days % 7 == 0 && calendar == Calendar::ProlepticGregorian {
        let first = nanos.first().map_or(0, |t| t.div_euclid(DAY_NANOS));
        let weekday = (first + i128::from(calendar.first_weekday())).rem_euclid(7) as u8;
        return Ok(i64::try_from(days / 7).ok().map(|weeks| Frequency::new(weeks, Base::Week(weekday))));
    }
    Ok(Frequency::of_nanos(*step))
}

/// The frequency of times that all are the first, or all the last days of months, quarters or years.
fn tied(nanos: &[i128], calendar: Calendar) -> Option<Frequency> {
    let dates: Vec<Civil> = nanos.iter().map(|&t| Civil::from_nanos(t, calendar)).collect();
    let is_last = |date: &Civil| date.day == calendar.days_in_month(date.year, date.month);
    let end = match (dates.iter().all(|date| date.day == 1), dates.iter().all(is_last)) {
        (true, _) => false,
        (_, true) => true,
        (false, false) => return None,
    };
    let years: Vec<i128> = dates.iter().map(|date| i128::from(calendar.astronomical(date.year))).collect();
    let months: Vec<i128> =
        years.iter().zip(&dates).map(|(year, date)| year * 12 + i128::from(date.month)).collect();
    let first = dates.first()?;
    let [step] = distinct_steps(&months)[..] else { return None };
    let same_month = dates.iter().all(|date| date.month == first.month);
    let (every, month) = match step {
        step if step % 12 == 0 && same_month => (12, first.month),
        step if step % 3 == 0 => (3, [12, 10, 11][usize::from(first.month % 3)]),
        _ => (1, 1),
    };
    let count = i64::try_from(step).ok()? / every;
    Some(Frequency::new(count, Base::Months { every, month, end }))
}

/// The differences between neighbours, each once.
fn distinct_steps(values: &[i128]) -> Vec<i128> {
    let mut steps: Vec<i128> = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b - a).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DateRange;

    fn inferred(freq: &str, start: &str, calendar: Calendar) -> String {
        let times =
            DateRange::new(freq).unwrap().start(start).periods(9).calendar(calendar).along("t").unwrap();
        let found = infer_freq(&times.values().unwrap(), times.calendar().unwrap()).unwrap();
        found.map_or_else(|| "none".into(), |freq| freq.to_string())
    }

    #[test]
    fn what_a_range_was_made_with_is_found() {
        for calendar in Calendar::ALL {
            for freq in [
                "D", "3D", "h", "6h", "15min", "s", "ms", "us", "MS", "ME", "2MS", "YS-JAN", "YE-DEC",
                "3YS-APR",
            ] {
                assert_eq!(inferred(freq, "2001-01-01", calendar), freq, "{calendar}");
            }
        }
        // As pandas.infer_freq says.
        let plain = Calendar::ProlepticGregorian;
        assert_eq!(inferred("QS-DEC", "2001-01-01", plain), "QS-DEC");
        assert_eq!(inferred("QS-JAN", "2001-01-01", plain), "QS-OCT");
        assert_eq!(inferred("QE-NOV", "2001-01-01", plain), "QE-NOV");
        assert_eq!(inferred("W-WED", "2001-01-01", plain), "W-WED");
        assert_eq!(inferred("2W-MON", "2001-01-01", plain), "2W-MON");
        assert_eq!(inferred("30D", "2001-01-16", Calendar::Day360), "30D");
    }

    #[test]
    fn times_without_a_frequency_have_none() {
        let times = |counts: Vec<i64>| {
            let dtype = graticule_array::DType::Datetime(graticule_array::TimeUnit::Second);
            Chunk::from_buffer(vec![counts.len()], dtype, graticule_array::Buffer::I64(counts)).unwrap()
        };
        let plain = Calendar::default();
        assert_eq!(infer_freq(&times(vec![0, 1, 3]), plain).unwrap(), None);
        assert_eq!(infer_freq(&times(vec![0, 2, 1]), plain).unwrap(), None);
        assert_eq!(infer_freq(&times(vec![0, 1, NAT]), plain).unwrap(), None);
        assert!(infer_freq(&times(vec![0, 1]), plain).unwrap_err().to_string().contains("three"));
    }
}
