//! Times divided into bins of a frequency, as resampling needs them. The rules are those of pandas' `Grouper`, which
//! xarray follows for all calendars.

use graticule_array::{Buffer, Chunk, DType, NAT, TimeUnit};

use super::civil::DAY_NANOS;
use super::frequency::Frequency;
use super::nanos_per;
use crate::calendar::Calendar;
use crate::error::{Error, Result};

/// A side of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The earlier.
    Left,
    /// The later.
    Right,
}

/// The moment from which bins of a fixed length are counted. Weeks, months and longer are tied to the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// Midnight of the day of the first time.
    #[default]
    StartDay,
    /// The first time.
    Start,
    /// 1970-01-01.
    Epoch,
    /// The last time; bins are counted backwards.
    End,
    /// Midnight after the last time; bins are counted backwards.
    EndDay,
    /// Another moment, in nanoseconds since 1970-01-01 of the calendar of the times.
    Nanos(i128),
}

/// How times are divided into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Binning {
    /// The side at which a bin contains its edge. By default the right one for frequencies at the end of something
    /// (`ME`, `QE`, `YE`, `W`) and for an origin at the end, else the left one.
    pub closed: Option<Side>,
    /// The side whose edge is the label of a bin. The default is that of `closed`.
    pub label: Option<Side>,
    /// Where bins of a fixed length are counted from.
    pub origin: Origin,
    /// Nanoseconds to add to the origin.
    pub offset_nanos: i128,
}

/// The bin of each time, and the label of each bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// For each time the number of its bin, -1 for NaT.
    pub codes: Vec<i64>,
    /// The labels of all bins in order, empty ones included, in the unit and calendar of the times.
    pub labels: Chunk,
}

/// More bins than anybody can want; they would only fill the memory.
const MOST: usize = 1 << 28;

impl Frequency {
    /// Divides times into bins, from that of the first to that of the last. The times may be in any order.
    ///
    /// ```
    /// use graticule_array::{Buffer, Chunk, DType, TimeUnit};
    /// use graticule_dataset::time::{Binning, Calendar, Frequency, format};
    /// let days = (0..60).map(|day| day * 86_400).collect();
    /// let times = Chunk::from_buffer(vec![60], DType::Datetime(TimeUnit::Second), Buffer::I64(days))?;
    /// let bins = Frequency::parse("MS")?.bins(&times, Calendar::default(), &Binning::default())?;
    /// assert_eq!((bins.codes[30], bins.codes[31]), (0, 1));
    /// assert_eq!(format(bins.labels.as_slice::<i64>()?[2], TimeUnit::Second), "1970-03-01");
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] for values that are no datetime64, [`Error::Argument`] for a frequency that
    /// goes backwards, is finer than the unit of the times, or makes more than 268 million bins.
    pub fn bins(&self, times: &Chunk, calendar: Calendar, binning: &Binning) -> Result<Bins> {
        let (unit, counts) = moments(times)?;
        let known = || counts.iter().copied().filter(|&t| t != NAT);
        let (Some(first), Some(last)) = (known().min(), known().max()) else {
            let labels = Chunk::from_buffer(vec![0], times.dtype(), Buffer::I64(Vec::new()))?;
            return Ok(Bins { codes: vec![-1; counts.len()], labels });
        };
        let per = nanos_per(unit);
        if self.count < 0 {
            let hint = "bins follow each other forwards: give a positive multiple";
            return Err(Error::argument("freq", self, hint));
        }
        if self.nanos().is_some_and(|span| span % per != 0) || binning.offset_nanos % per != 0 {
            let hint = format!("the times are in {}, which it is no multiple of", unit.code());
            return Err(Error::argument("freq", self, hint));
        }
        let from_end = self.nanos().is_some() && matches!(binning.origin, Origin::End | Origin::EndDay);
        let default = if self.is_end() || from_end { Side::Right } else { Side::Left };
        let closed = binning.closed.unwrap_or(default);
        let label = binning.label.unwrap_or(default);
        let (first, last) = (i128::from(first) * per, i128::from(last) * per);
        let mut labels = self.edges(first, last, closed, binning, calendar)?;
        let to_end_of_day = if self.is_end() && closed == Side::Right { DAY_NANOS - per } else { 0 };
        // Times of day on the last day may have made the last bin empty.
        if self.is_end()
            && labels.len() > 2
            && labels.iter().rev().nth(1).is_some_and(|t| t + to_end_of_day > last)
        {
            labels.pop();
        }
        let edges: Vec<i128> = labels.iter().map(|label| label + to_end_of_day).collect();
        let code = |&count: &i64| {
            let t = i128::from(count) * per;
            let before = match closed {
                _ if count == NAT => 0,
                Side::Left => edges.partition_point(|&edge| edge <= t),
                Side::Right => edges.partition_point(|&edge| edge < t),
            };
            before as i64 - 1
        };
        let codes = counts.iter().map(code).collect();
        let bins = labels.len().saturating_sub(1);
        let labels = labels.into_iter().skip(usize::from(label == Side::Right)).take(bins);
        let counts = labels.map(|nanos| count(nanos, unit, calendar)).collect::<Result<Vec<i64>>>()?;
        Ok(Bins {
            codes,
            labels: Chunk::from_buffer(vec![counts.len()], times.dtype(), Buffer::I64(counts))?,
        })
    }

    /// The edges of bins, from one at or before the first time to one at or after the last.
    fn edges(
        &self,
        first: i128,
        last: i128,
        closed: Side,
        binning: &Binning,
        calendar: Calendar,
    ) -> Result<Vec<i128>> {
        let midnight = |nanos: i128| nanos.div_euclid(DAY_NANOS) * DAY_NANOS;
        let Some(span) = self.nanos() else {
            let (first, last) = (midnight(first), midnight(last));
            let start = match closed {
                Side::Left => self.rolled_back(first, calendar)?,
                Side::Right => self.shifted(first, -1, calendar)?,
            };
            return self.moments(start, self.shifted(last, 1, calendar)?, calendar);
        };
        let (first, origin) = match binning.origin {
            Origin::StartDay => (first, midnight(first)),
            Origin::Start => (first, first),
            Origin::Epoch => (first, 0),
            Origin::Nanos(nanos) => (first, nanos),
            Origin::End | Origin::EndDay => {
                let end = if binning.origin == Origin::End { last } else { -midnight(-last) };
                let steps = (end - first).div_euclid(span) + i128::from(closed == Side::Left);
                (end - steps * span, end - steps * span)
            }
        };
        let origin = origin + binning.offset_nanos;
        let (before, after) = ((first - origin).rem_euclid(span), (last - origin).rem_euclid(span));
        let start = if before == 0 && closed == Side::Right { first - span } else { first - before };
        let end = match (after, closed) {
            (0, Side::Right) => last,
            (after, _) => last + span - after,
        };
        self.moments(start, end, calendar)
    }

    /// The moments from the first anchor at or after `start` to the last at or before `end`.
    pub(crate) fn moments(&self, start: i128, end: i128, calendar: Calendar) -> Result<Vec<i128>> {
        let start = match self.count > 0 {
            true => self.rolled_forward(start, calendar)?,
            false => self.rolled_back(start, calendar)?,
        };
        let mut moments = Vec::new();
        let mut moment = start;
        while if self.count > 0 { moment <= end } else { moment >= end } {
            if moments.len() >= MOST {
                let hint = format!("it makes more than {MOST} moments; take a coarser one");
                return Err(Error::argument("freq", self, hint));
            }
            moments.push(moment);
            moment = self.shifted(moment, 1, calendar)?;
        }
        Ok(moments)
    }
}

/// The counts of datetime64 values.
pub(super) fn moments(times: &Chunk) -> Result<(TimeUnit, &[i64])> {
    match (times.dtype(), times.buffer()) {
        (DType::Datetime(unit), Buffer::I64(counts)) => Ok((unit, counts)),
        (dtype, _) => Err(graticule_array::Error::Dtype {
            operation: "a frequency of times".into(),
            dtype,
            hint: "give datetime64".into(),
        }
        .into()),
    }
}

/// Nanoseconds as a count of a unit.
pub(super) fn count(nanos: i128, unit: TimeUnit, calendar: Calendar) -> Result<i64> {
    match i64::try_from(nanos.div_euclid(nanos_per(unit))) {
        Ok(count) if count != NAT => Ok(count),
        _ => Err(Error::Time {
            what: "date",
            text: super::Civil::from_nanos(nanos, calendar).to_string(),
            problem: format!("is beyond what datetime64[{}] can hold", unit.code()),
            hint: "use a coarser unit of time".into(),
        }),
    }
}
