//! Data in another calendar: `convert_calendar`.

use graticule_array::{Array, Chunk, DType, NAT, Scalar};

use crate::calendar::Calendar;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::Pick;
use crate::time::{self, Civil, Frequency, infer_freq, times_variable};
use crate::variable::Variable;

/// Which dates of two calendars belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlignOn {
    /// Those of the same name; dates that the other calendar lacks are left out.
    Date,
    /// Those at the same part of the year.
    Year,
    /// As [`AlignOn::Year`], but with the five days that come in or go out chosen at random, one in each fifth of the
    /// year. The seed and the year decide, so it is the same every time.
    Random {
        /// Another seed, other days.
        seed: u64,
    },
}

/// A conversion to another calendar with its options.
///
/// ```
/// use graticule_dataset::{AlignOn, Calendar, ConvertCalendar};
/// let _ = ConvertCalendar::to(Calendar::Day360).align_on(AlignOn::Year).missing(f64::NAN);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConvertCalendar {
    calendar: Calendar,
    dim: String,
    align_on: Option<AlignOn>,
    missing: Option<Scalar>,
}

impl ConvertCalendar {
    /// To a calendar, along `time`.
    pub fn to(calendar: Calendar) -> Self {
        Self { calendar, dim: "time".into(), align_on: None, missing: None }
    }

    /// Along another dimension than `time`.
    pub fn dim(mut self, dim: &str) -> Self {
        self.dim = dim.into();
        self
    }

    /// Which dates belong together. It has to be said where one of the calendars is that of 360 days; between others
    /// it is always [`AlignOn::Date`].
    pub fn align_on(mut self, align_on: AlignOn) -> Self {
        self.align_on = Some(align_on);
        self
    }

    /// Puts in the dates that are left out at the frequency of the times, with this value; NaN makes integers floats.
    pub fn missing(mut self, value: impl Into<Scalar>) -> Self {
        self.missing = Some(value.into());
        self
    }
}

impl From<Calendar> for ConvertCalendar {
    fn from(calendar: Calendar) -> Self {
        Self::to(calendar)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data with their times in another calendar: the dates are kept, and those that the calendar lacks left out,
    /// such as 29 February.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Calendar, DataArray, Variable, time::date_range};
    /// let time = date_range("time", "2000-02-27", "2000-03-02", "D")?;
    /// let da = DataArray::new(None, Variable::new(["time"], Array::ones(5, "auto")?)?, [("time".into(), time)])?;
    /// assert_eq!(da.convert_calendar(Calendar::NoLeap)?.shape(), [4]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unindexed`] without a coordinate of times, [`Error::Argument`] where [`ConvertCalendar::align_on`] is
    /// needed but not given, or where dates are to be put in but the times have no frequency.
    pub fn convert_calendar(&self, to: impl Into<ConvertCalendar>) -> Result<Self> {
        let ConvertCalendar { calendar: to, dim, align_on, missing } = to.into();
        self.size(&dim)?;
        let Some((times, from)) = self.coords.index_variable(&dim).and_then(|v| Some((v, v.calendar()?)))
        else {
            return Err(Error::Unindexed {
                dim: Dim::new(&dim),
                problem: "has no coordinate of datetime64".into(),
                hint: "decode its times, or name the dimension of time with ConvertCalendar::dim".into(),
            });
        };
        if from == to {
            return Ok(self.clone());
        }
        let moments = moments(times)?;
        let align_on = match (align_on, from == Calendar::Day360 || to == Calendar::Day360) {
            (_, false) => AlignOn::Date,
            (Some(align_on), true) => align_on,
            (None, true) => {
                let hint = "say with align_on whether dates of the same name (Date) or at the same part of the year \
                            (Year, Random) belong together";
                return Err(Error::argument("align_on", "none", hint));
            }
        };
        let mut converted: Vec<(i128, usize)> = Vec::with_capacity(moments.len());
        for (position, &nanos) in moments.iter().enumerate() {
            converted.extend(convert(nanos, from, to, align_on)?.map(|nanos| (nanos, position)));
        }
        if align_on != AlignOn::Date {
            // Two days of a longer year may meet in one of a shorter: the first stays.
            converted.sort_unstable();
            converted.dedup_by_key(|(nanos, _)| *nanos);
        }
        let wanted = match missing {
            None => converted.iter().map(|&(nanos, position)| (nanos, Some(position))).collect(),
            Some(_) => filled(&moments, times, from, to, &converted)?,
        };
        let labels: Vec<i128> = wanted.iter().map(|(nanos, _)| *nanos).collect();
        let mut labels = times_variable(&dim, &labels, to)?.with_attrs(times.attrs().clone());
        labels.attrs_mut().shift_remove("calendar");
        let positions: Vec<Option<usize>> = wanted.into_iter().map(|(_, position)| position).collect();
        let fill = missing.unwrap_or_else(|| f64::NAN.into());
        let vars = self.vars.map(|variable| taken(variable, &dim, &positions, &fill))?;
        let coords = self.coords.mapped(|name, variable| {
            Ok(Some(if name == dim { labels.clone() } else { taken(variable, &dim, &positions, &fill)? }))
        })?;
        Ok(Self::from_parts(vars, coords))
    }
}

/// Nanoseconds since 1970-01-01 of the calendar.
fn moments(times: &Variable) -> Result<Vec<i128>> {
    let DType::Datetime(unit) = times.dtype() else { return Ok(Vec::new()) };
    let values = times.values()?;
    let counts = values.as_slice::<i64>()?;
    if counts.contains(&NAT) {
        return Err(Error::argument(
            "time",
            "NaT",
            "a missing time has no date; leave it out with isel first",
        ));
    }
    Ok(counts.iter().map(|&count| i128::from(count) * time::nanos_per(unit)).collect())
}

/// The moment in the other calendar; nothing where it has none.
fn convert(nanos: i128, from: Calendar, to: Calendar, align_on: AlignOn) -> Result<Option<i128>> {
    let civil = Civil::from_nanos(nanos, from);
    if civil.year == 0 && !to.has_year_zero() {
        let hint = format!("the calendar {to} has no year 0; select other times first");
        return Err(Error::argument("time", civil, hint));
    }
    let day = match align_on {
        AlignOn::Date => return Ok(civil.to_nanos_in(to)),
        AlignOn::Year => {
            let (own, other) = (from.days_in_year(civil.year), to.days_in_year(civil.year));
            Some((((other * day_of_year(&civil, from)) as f64 / own as f64).round_ties_even()) as i64)
        }
        AlignOn::Random { seed } => random_day(&civil, from, to, seed),
    };
    let Some((day, first)) = day.zip(to.days((civil.year, 1, 1))) else { return Ok(None) };
    let (year, month, day) = to.date(first + day - 1);
    Ok(Civil { year, month, day, ..civil }.to_nanos_in(to))
}

fn day_of_year(civil: &Civil, calendar: Calendar) -> i64 {
    let before = (1..civil.month).map(|month| i64::from(calendar.days_in_month(civil.year, month)));
    before.sum::<i64>() + i64::from(civil.day)
}

/// The day of the year with one day of each fifth of 72 days left out, and 29 February.
fn random_day(civil: &Civil, from: Calendar, to: Calendar, seed: u64) -> Option<i64> {
    let chosen: Vec<i64> = (0..5).map(|fifth| 72 * fifth + draw(seed, civil.year, fifth)).collect();
    let has_leap_day = |calendar: Calendar| calendar.days_in_year(civil.year) == 366;
    let day = day_of_year(civil, from);
    if from == Calendar::Day360 {
        let day = day + chosen.iter().filter(|&&left_out| day - 1 > left_out).count() as i64;
        return Some(day + i64::from(has_leap_day(to) && day >= 60));
    }
    if has_leap_day(from) && day == 60 {
        return None;
    }
    let day = day - i64::from(has_leap_day(from) && day > 60);
    // In the longer year the days left out come each one later than those before.
    let left_out: Vec<i64> = (1..).zip(&chosen).map(|(n, chosen)| chosen + n).collect();
    let before = left_out.iter().filter(|&&left_out| left_out < day).count() as i64;
    (!left_out.contains(&day)).then_some(day - before)
}

/// A number below 72 that seed, year and fifth decide (SplitMix64; Steele, Lea & Flood 2014).
fn draw(seed: u64, year: i64, fifth: i64) -> i64 {
    let mut z = seed
        .wrapping_add((year.wrapping_mul(5).wrapping_add(fifth) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % 72) as i64
}

/// All moments of the frequency of the times in the other calendar, with the positions of those that there are.
fn filled(
    moments: &[i128],
    times: &Variable,
    from: Calendar,
    to: Calendar,
    converted: &[(i128, usize)],
) -> Result<Vec<(i128, Option<usize>)>> {
    let Some(freq) = infer_freq(&*times.values()?, from)? else {
        let hint = "dates are put in at the frequency of the times, but these have none; leave `missing` out";
        return Err(Error::argument("missing", "given", hint));
    };
    let (Some(&first), Some(&last)) = (moments.iter().min(), moments.iter().max()) else {
        return Ok(Vec::new());
    };
    let (start, end) = if freq.multiple() < 0 { (last, first) } else { (first, last) };
    let end = end_of_month(end, &freq, from, to).or_else(|| or_before(end, from, to));
    let Some((start, end)) = or_before(start, from, to).zip(end) else { return Ok(Vec::new()) };
    let at: std::collections::HashMap<i128, usize> = converted.iter().copied().collect();
    let wanted = freq.moments(start, end, to)?;
    Ok(wanted.into_iter().map(|nanos| (nanos, at.get(&nanos).copied())).collect())
}

/// The same date in the other calendar, or the last before it that there is.
fn or_before(nanos: i128, from: Calendar, to: Calendar) -> Option<i128> {
    let civil = Civil::from_nanos(nanos, from);
    (0..4).find_map(|back| Civil { day: civil.day.checked_sub(back)?, ..civil }.to_nanos_in(to))
}

/// The last day of a month, where it is the last and the frequency is of days or ends.
fn end_of_month(nanos: i128, freq: &Frequency, from: Calendar, to: Calendar) -> Option<i128> {
    let civil = Civil::from_nanos(nanos, from);
    let is_last = civil.day == from.days_in_month(civil.year, civil.month);
    let counts = freq.is_end() || freq.nanos().is_some_and(|span| span % time::DAY_NANOS == 0);
    let day = to.days_in_month(civil.year, civil.month);
    (is_last && counts).then(|| Civil { day, ..civil }.to_nanos_in(to)).flatten()
}

/// The values at some positions of a dimension, and `fill` where there is none.
fn taken(variable: &Variable, dim: &str, positions: &[Option<usize>], fill: &Scalar) -> Result<Variable> {
    let Some(axis) = variable.axis(dim) else { return Ok(variable.clone()) };
    let picked =
        variable.pick(dim, &Pick::of_positions(positions.iter().map(|p| p.unwrap_or(0)).collect()))?;
    if positions.iter().all(Option::is_some) {
        return Ok(picked);
    }
    let mut shape = vec![1; variable.ndim()];
    if let Some(len) = shape.get_mut(axis) {
        *len = positions.len();
    }
    let there = Array::from_chunk(Chunk::new(shape, positions.iter().map(Option::is_some).collect())?)?;
    let fill = match (variable.dtype(), fill) {
        (DType::Datetime(unit), Scalar::Float(x)) if x.get().is_nan() => Scalar::Datetime(NAT, unit),
        (DType::Timedelta(unit), Scalar::Float(x)) if x.get().is_nan() => Scalar::Timedelta(NAT, unit),
        (_, fill) => fill.clone(),
    };
    picked.with_data(there.choose(picked.data(), fill)?)
}
