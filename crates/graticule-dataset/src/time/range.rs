//! Times at a frequency: `date_range`.

use graticule_array::{Buffer, Chunk, DType, TimeUnit};

use super::bins::{Side, count};
use super::frequency::Frequency;
use super::nanos_per;
use super::partial::PartialDate;
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::variable::Variable;

/// Times from one moment to another, or so many of them, at a frequency.
///
/// ```
/// use graticule_dataset::time::{Calendar, DateRange};
/// let time = DateRange::new("ME")?.start("2000-01-30").periods(2).calendar(Calendar::Day360).along("time")?;
/// let dates = graticule_dataset::DataArray::new(None, time, [])?;
/// assert!(dates.to_string().contains("2000-01-30"), "{dates}");
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DateRange {
    freq: Frequency,
    start: Option<String>,
    end: Option<String>,
    periods: Option<usize>,
    calendar: Calendar,
    without: [Option<Side>; 2],
}

impl DateRange {
    /// Times at a frequency. Two of start, end and number of periods have to be given.
    ///
    /// # Errors
    /// [`Error::Time`] for a text that is no frequency.
    pub fn new(freq: &str) -> Result<Self> {
        let freq = Frequency::parse(freq)?;
        Ok(Self {
            freq,
            start: None,
            end: None,
            periods: None,
            calendar: Calendar::Standard,
            without: [None; 2],
        })
    }

    /// The moment at or before the first; a date such as `2000-01-30` is its start.
    pub fn start(mut self, date: &str) -> Self {
        self.start = Some(date.into());
        self
    }

    /// The moment at or after the last; a date such as `2000-01-30` is its start.
    pub fn end(mut self, date: &str) -> Self {
        self.end = Some(date.into());
        self
    }

    /// How many times.
    pub fn periods(mut self, periods: usize) -> Self {
        self.periods = Some(periods);
        self
    }

    /// The calendar; the standard one by default.
    pub fn calendar(mut self, calendar: Calendar) -> Self {
        self.calendar = calendar;
        self
    }

    /// Leaves out a time that is exactly the start, or the end: xarray's `inclusive`, the other way round.
    pub fn without(mut self, side: Side) -> Self {
        self.without[usize::from(side == Side::Right)] = Some(side);
        self
    }

    /// The times along a dimension. Those of the standard and the proleptic Gregorian calendar are plain datetime64
    /// in nanoseconds where they fit, others in microseconds of their calendar.
    ///
    /// # Errors
    /// [`Error::Argument`] when not two of start, end and periods are given, [`Error::Time`] for a date that the
    /// calendar lacks or times beyond what datetime64 can hold.
    pub fn along(&self, dim: &str) -> Result<Variable> {
        let calendar = self.calendar;
        let nanos = |text: &Option<String>| match text {
            Some(text) => Ok(Some(PartialDate::parse_in(text, calendar)?.start_nanos())),
            None => Ok::<_, Error>(None),
        };
        let (start, end) = (nanos(&self.start)?, nanos(&self.end)?);
        let mut moments = match (start, end, self.periods) {
            (Some(start), Some(end), None) => self.freq.moments(start, end, calendar)?,
            (Some(start), None, Some(periods)) => self.counted(start, periods, 1)?,
            (None, Some(end), Some(periods)) => {
                let mut moments = self.counted(end, periods, -1)?;
                moments.reverse();
                moments
            }
            _ => {
                let hint = "give two of start, end and periods";
                return Err(Error::argument("date_range", self.freq, hint));
            }
        };
        let [left, right] = self.without;
        moments.retain(|t| (left.is_none() || Some(*t) != start) && (right.is_none() || Some(*t) != end));
        variable(dim, &moments, calendar)
    }

    /// So many moments from one on, forwards or backwards.
    fn counted(&self, from: i128, periods: usize, step: i64) -> Result<Vec<i128>> {
        let forward = (self.freq.count > 0) == (step > 0);
        let mut moment = match forward {
            true => self.freq.rolled_forward(from, self.calendar)?,
            false => self.freq.rolled_back(from, self.calendar)?,
        };
        let mut moments = Vec::with_capacity(periods.min(1 << 20));
        while moments.len() < periods {
            moments.push(moment);
            if moments.len() < periods {
                moment = self.freq.shifted(moment, step, self.calendar)?;
            }
        }
        Ok(moments)
    }
}

/// Times from a start to an end at a frequency, both included, in the standard calendar: xarray's `date_range`.
/// [`DateRange`] has options.
///
/// ```
/// use graticule_dataset::time::date_range;
/// let time = date_range("time", "2000-01-01", "2000-12-31", "MS")?;
/// assert_eq!(time.shape(), [12]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`DateRange::along`].
pub fn date_range(dim: &str, start: &str, end: &str, freq: &str) -> Result<Variable> {
    DateRange::new(freq)?.start(start).end(end).along(dim)
}

/// Moments as a variable: in the unit and calendar that decoding would give them.
pub(crate) fn variable(dim: &str, moments: &[i128], calendar: Calendar) -> Result<Variable> {
    let plain = matches!(calendar, Calendar::Standard | Calendar::ProlepticGregorian);
    let fit = |unit: TimeUnit| {
        moments.iter().all(|&t| i64::try_from(t.div_euclid(nanos_per(unit))).is_ok_and(|t| t != i64::MIN))
    };
    let need_nanos = moments.iter().any(|t| t % 1_000 != 0);
    let candidates = [TimeUnit::Microsecond, TimeUnit::Millisecond, TimeUnit::Second];
    let (unit, calendar) = match fit(TimeUnit::Nanosecond) {
        true if plain => (TimeUnit::Nanosecond, Calendar::ProlepticGregorian),
        true if need_nanos => (TimeUnit::Nanosecond, calendar),
        _ => (candidates.into_iter().find(|&unit| fit(unit)).unwrap_or(TimeUnit::Second), calendar),
    };
    let counts = moments.iter().map(|&nanos| count(nanos, unit, calendar)).collect::<Result<Vec<i64>>>()?;
    let chunk = Chunk::from_buffer(vec![counts.len()], DType::Datetime(unit), Buffer::I64(counts))?;
    Ok(Variable::from_chunk([dim], chunk)?.with_calendar(calendar))
}
