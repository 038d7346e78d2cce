//! From numbers to datetime64.

use graticule_array::{Buffer, Chunk, DType, NAT, Scalar, TimeUnit};

use super::civil::Civil;
use super::units::{Step, Units, parse_units};
use super::{TIME_UNITS, nanos_per};
use crate::attrs::Attr;
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::variable::Variable;

/// Numbers in units such as `days since 1950-01-01` as datetime64, with the calendar of the result.
///
/// Times of the standard and the proleptic Gregorian calendar become plain datetime64 in nanoseconds where all fit
/// (1678 to 2262). Others keep their calendar, in microseconds, or the finest unit in which all fit; so dates before
/// 1582-10-15 are Julian in the standard calendar. Integers decode exactly. Floats are rounded to the nanosecond, or
/// to the micro- or millisecond where the number itself is not more precise than that, so that steps of 0.1 days come
/// out as whole minutes. NaN and the values in `missing` become NaT.
///
/// # Errors
/// [`Error::Time`] when a moment does not fit any unit or is infinite, or the calendar lacks the date counted from;
/// [`graticule_array::Error::Dtype`] when the values are no numbers.
pub fn decode(
    numbers: &Chunk,
    units: &Units,
    calendar: Calendar,
    missing: &[Scalar],
) -> Result<(Chunk, Calendar)> {
    let moments = Moments::new(numbers, units, calendar, missing)?;
    let mut range: Option<(i128, i128)> = None;
    for i in 0..moments.len() {
        if let Some(nanos) = moments.nanos(i)? {
            range = Some(range.map_or((nanos, nanos), |(low, high)| (low.min(nanos), high.max(nanos))));
        }
    }
    let (low, high) = range.unwrap_or((0, 0));
    let fits = |unit: TimeUnit| fits(low, unit) && fits(high, unit);
    let plain = matches!(calendar, Calendar::Standard | Calendar::ProlepticGregorian);
    let unit = match TIME_UNITS.into_iter().filter(|&unit| fits(unit)).collect::<Vec<_>>().as_slice() {
        [] => {
            let extreme = if low < 0 { low } else { high };
            return Err(out_of_range(units, extreme, calendar, TimeUnit::Second));
        }
        [TimeUnit::Nanosecond, ..] if plain || moments.need_nanos() => TimeUnit::Nanosecond,
        [TimeUnit::Nanosecond, coarser, ..] => *coarser,
        [finest, ..] => *finest,
    };
    let of_result =
        if plain && unit == TimeUnit::Nanosecond { Calendar::ProlepticGregorian } else { calendar };
    Ok((counted(&moments, numbers.shape(), unit)?, of_result))
}

/// As [`decode`], but in a unit that is known beforehand: for numbers that are read in parts, which must agree. The
/// calendar of the result is the one given, which in nanoseconds is plain datetime64 for the standard calendar.
///
/// # Errors
/// As [`decode`]; [`Error::Time`] for a moment that does not fit the unit.
pub fn decode_as(
    numbers: &Chunk,
    units: &Units,
    calendar: Calendar,
    missing: &[Scalar],
    unit: TimeUnit,
) -> Result<Chunk> {
    let moments = Moments::new(numbers, units, calendar, missing)?;
    for i in 0..moments.len() {
        if let Some(nanos) = moments.nanos(i)?.filter(|&nanos| !fits(nanos, unit)) {
            return Err(out_of_range(units, nanos, calendar, unit));
        }
    }
    counted(&moments, numbers.shape(), unit)
}

fn fits(nanos: i128, unit: TimeUnit) -> bool {
    (i128::from(NAT) + 1..=i128::from(i64::MAX)).contains(&nanos.div_euclid(nanos_per(unit)))
}

/// The moments in a unit that holds all.
fn counted(moments: &Moments, shape: &[usize], unit: TimeUnit) -> Result<Chunk> {
    let per = nanos_per(unit);
    // What is finer than the unit is rounded, halves to even.
    let rounded = |nanos: i128| {
        let (below, rest) = (nanos.div_euclid(per), nanos.rem_euclid(per));
        let up = 2 * rest > per || (2 * rest == per && below % 2 != 0);
        (below + i128::from(up)).min(i128::from(i64::MAX)) as i64
    };
    let counts = (0..moments.len()).map(|i| Ok(moments.nanos(i)?.map_or(NAT, rounded)));
    let counts = counts.collect::<Result<Vec<i64>>>()?;
    Ok(Chunk::from_buffer(shape.to_vec(), DType::Datetime(unit), Buffer::I64(counts))?)
}

fn out_of_range(units: &Units, nanos: i128, calendar: Calendar, unit: TimeUnit) -> Error {
    let moment = Civil::from_nanos(nanos, calendar);
    Error::Time {
        what: "time units",
        text: units.to_string(),
        problem: format!("give a moment, {moment}, that is beyond what datetime64[{}] can hold", unit.code()),
        hint: "open with decode_times(false) to get the numbers as they are".into(),
    }
}

/// The moments that a block of numbers stands for.
struct Moments {
    numbers: Numbers,
    step_nanos: i128,
    since_nanos: i128,
    units: Units,
}

enum Numbers {
    Whole(Vec<Option<i128>>),
    Float(Vec<f64>),
}

/// Moments beyond this many nanoseconds from 1970 do not fit datetime64[s] either.
const FARTHEST_NANOS: i128 = (i64::MAX as i128) * 1_000_000_000;

impl Moments {
    fn new(numbers: &Chunk, units: &Units, calendar: Calendar, missing: &[Scalar]) -> Result<Self> {
        macro_rules! whole {
            ($values:expr) => {{
                let fills: Vec<i128> = missing.iter().filter_map(whole_of).collect();
                let values = $values.iter().map(|&x| i128::from(x));
                Numbers::Whole(values.map(|x| (!fills.contains(&x)).then_some(x)).collect())
            }};
        }
        let float = |values: Vec<f64>| {
            let fills: Vec<f64> = missing.iter().map(Scalar::to_f64).collect();
            Numbers::Float(
                values.into_iter().map(|x| if fills.contains(&x) { f64::NAN } else { x }).collect(),
            )
        };
        let numbers = match numbers.buffer() {
            Buffer::I8(values) => whole!(values),
            Buffer::I16(values) => whole!(values),
            Buffer::I32(values) => whole!(values),
            Buffer::I64(values) if !numbers.dtype().is_time() => whole!(values),
            Buffer::U8(values) => whole!(values),
            Buffer::U16(values) => whole!(values),
            Buffer::U32(values) => whole!(values),
            Buffer::U64(values) => whole!(values),
            Buffer::F32(_) | Buffer::F64(_) => float(numbers.to_f64()),
            Buffer::I64(_) | Buffer::Bool(_) | Buffer::Str(_) => {
                let hint = "times are decoded from integers or floats".into();
                let operation = format!("decoding {units}");
                return Err(graticule_array::Error::Dtype { operation, dtype: numbers.dtype(), hint }.into());
            }
        };
        let since_nanos = units.since_nanos(calendar)?;
        Ok(Self { numbers, step_nanos: units.step.nanos(), since_nanos, units: *units })
    }

    fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Whole(values) => values.len(),
            Numbers::Float(values) => values.len(),
        }
    }

    /// Whether moments may lie between microseconds. Decimals of floats do not count: they are hardly meant so.
    fn need_nanos(&self) -> bool {
        let since = self.since_nanos % 1_000 != 0;
        matches!(self.numbers, Numbers::Whole(_)) && (self.units.step == Step::Nanoseconds || since)
    }

    /// Nanoseconds since 1970-01-01; nothing where the number is missing.
    fn nanos(&self, i: usize) -> Result<Option<i128>> {
        let beyond = |value: String| Error::Time {
            what: "time units",
            text: self.units.to_string(),
            problem: format!("with the number {value} give no moment that datetime64 can hold"),
            hint: "open with decode_times(false) to get the numbers as they are".into(),
        };
        let (nanos, value) = match &self.numbers {
            Numbers::Whole(values) => match values.get(i).copied().flatten() {
                None => return Ok(None),
                Some(value) => (value * self.step_nanos + self.since_nanos, value.to_string()),
            },
            Numbers::Float(values) => {
                let value = values.get(i).copied().unwrap_or(f64::NAN);
                if value.is_nan() {
                    return Ok(None);
                }
                if value.abs() * self.step_nanos as f64 > FARTHEST_NANOS as f64 {
                    return Err(beyond(value.to_string()));
                }
                (float_nanos(value, self.step_nanos) + self.since_nanos, value.to_string())
            }
        };
        if nanos.abs() > FARTHEST_NANOS { Err(beyond(value)) } else { Ok(Some(nanos)) }
    }
}

fn whole_of(value: &Scalar) -> Option<i128> {
    match value {
        Scalar::UInt(value) => Some(i128::from(*value)),
        _ => value.to_i64().map(i128::from),
    }
}

/// `value * step_nanos`, rounded to what the precision of `value` is worth.
fn float_nanos(value: f64, step_nanos: i128) -> i128 {
    let whole = value.trunc();
    let fraction = value - whole;
    let nanos = whole as i128 * step_nanos + (fraction * step_nanos as f64).round() as i128;
    if fraction == 0.0 {
        return nanos;
    }
    let magnitude = value.abs();
    let uncertain_nanos = (magnitude.next_up() - magnitude) * step_nanos as f64 / 2.0;
    let quantum = match uncertain_nanos {
        n if n < 0.5 => 1,
        n if n < 500.0 => 1_000,
        n if n < 500_000.0 => 1_000_000,
        _ => 1_000_000_000,
    };
    (nanos + quantum / 2).div_euclid(quantum) * quantum
}

/// A variable of numbers as one of datetime64, where its attribute `units` says that it holds times.
///
/// `units`, `calendar`, `_FillValue` and `missing_value` move from the attributes to the encoding. A variable
/// without such units comes back as it is. The values are computed, so that a unit can be found that fits.
///
/// # Errors
/// [`Error::Time`] when units, calendar or values cannot be decoded, and what computing can meet.
pub fn decode_variable(variable: &Variable) -> Result<Variable> {
    let attr = |name: &str| variable.attrs().get(name);
    let Some(units) = attr("units").and_then(Attr::as_str).filter(|units| units.contains("since")) else {
        return Ok(variable.clone());
    };
    let units = parse_units(units)?;
    let calendar = Calendar::parse(attr("calendar").and_then(Attr::as_str).unwrap_or("standard"))?;
    let missing: Vec<Scalar> =
        ["_FillValue", "missing_value"].iter().filter_map(|name| attr(name)?.as_scalar()).collect();
    let numbers = variable.values()?;
    let (times, calendar) = decode(&numbers, &units, calendar, &missing)?;
    let mut decoded = variable.with_data(graticule_array::Array::from_chunk(times)?)?.with_calendar(calendar);
    decoded.encoding_mut().entry("dtype".into()).or_insert_with(|| numbers.dtype().to_string().into());
    for name in ["units", "calendar", "_FillValue", "missing_value"] {
        if let Some(value) = decoded.attrs_mut().shift_remove(name) {
            decoded.encoding_mut().insert(name.into(), value);
        }
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::format_in;

    fn decoded<T: graticule_array::Element>(values: Vec<T>, units: &str) -> Result<Vec<String>> {
        let numbers = Chunk::new(vec![values.len()], values)?;
        let (times, calendar) = decode(&numbers, &parse_units(units)?, Calendar::Standard, &[])?;
        let DType::Datetime(unit) = times.dtype() else { panic!("not times") };
        let text = |&t: &i64| format!("{} {}", format_in(t, unit, calendar), unit.code());
        Ok(times.as_slice::<i64>()?.iter().map(text).collect())
    }

    #[test]
    fn steps_of_a_tenth_of_a_day_are_whole_minutes() {
        let times = decoded(vec![20000.1, 20000.2, 20000.3], "days since 1950-01-01").unwrap();
        assert_eq!(times, ["2004-10-04T02:24:00 ns", "2004-10-04T04:48:00 ns", "2004-10-04T07:12:00 ns"]);
        let times = decoded(vec![735000.1], "days since 0001-01-01").unwrap();
        assert_eq!(times, ["2013-05-11T02:24:00 ns"]);
        let times = decoded(vec![1.5e9 + 0.1], "seconds since 1970-01-01").unwrap();
        assert_eq!(times, ["2017-07-14T02:40:00.100 ns"]);
    }

    #[test]
    fn integers_are_exact_and_far_dates_take_a_coarser_unit() {
        assert_eq!(
            decoded(vec![0i32, 1], "days since 1950-01-01").unwrap(),
            ["1950-01-01 ns", "1950-01-02 ns"]
        );
        let far = decoded(vec![0i64, 400_000], "days since 1970-01-01").unwrap();
        assert_eq!(far, ["1970-01-01 us", "3065-03-01 us"]);
        let fine = decoded(vec![1_234_567_890_123_456_789i64], "ns since 1970-01-01").unwrap();
        assert_eq!(fine, ["2009-02-13T23:31:30.123456789 ns"]);
    }

    #[test]
    fn nothing_wraps() {
        assert!(decoded(vec![i64::MAX], "weeks since 1970-01-01").is_err());
        assert!(decoded(vec![f64::INFINITY], "days since 1970-01-01").is_err());
        assert!(decoded(vec![1e300], "days since 1970-01-01").is_err());
        let edge = decoded(vec![i64::MAX], "ns since 1970-01-01").unwrap();
        assert_eq!(edge, ["2262-04-11T23:47:16.854775807 ns"]);
        // The count that stands for NaT is a moment here, so it needs the next unit.
        assert_eq!(
            decoded(vec![i64::MIN], "ns since 1970-01-01").unwrap(),
            ["1677-09-21T00:12:43.145224 us"]
        );
    }

    #[test]
    fn missing_numbers_become_nat() {
        assert_eq!(
            decoded(vec![f64::NAN, 1.0], "days since 1970-01-01").unwrap(),
            ["NaT ns", "1970-01-02 ns"]
        );
        let numbers = Chunk::new(vec![2], vec![-999i32, 1]).unwrap();
        let units = parse_units("days since 1970-01-01").unwrap();
        let (times, _) = decode(&numbers, &units, Calendar::Standard, &[Scalar::Int(-999)]).unwrap();
        assert_eq!(times.as_slice::<i64>().unwrap()[0], NAT);
    }

    #[test]
    fn early_dates_of_the_standard_calendar_are_julian() {
        let days = decoded(vec![0i32, 1], "days since 1582-10-04").unwrap();
        assert_eq!(days, ["1582-10-04 us", "1582-10-15 us"]);
        assert_eq!(decoded(vec![-1i32], "days since 0001-01-01").unwrap(), ["-0001-12-31 us"]);
    }

    #[test]
    fn every_calendar_counts_its_own_days() {
        let decoded = |calendar| {
            let numbers = Chunk::new(vec![1], vec![60i32]).unwrap();
            let units = parse_units("days since 2000-01-01").unwrap();
            let (times, of_result) = decode(&numbers, &units, calendar, &[]).unwrap();
            let DType::Datetime(unit) = times.dtype() else { panic!("not times") };
            format!("{} {of_result}", format_in(times.as_slice::<i64>().unwrap()[0], unit, of_result))
        };
        assert_eq!(decoded(Calendar::Standard), "2000-03-01 proleptic_gregorian");
        assert_eq!(decoded(Calendar::Julian), "2000-03-01 julian");
        assert_eq!(decoded(Calendar::NoLeap), "2000-03-02 noleap");
        assert_eq!(decoded(Calendar::AllLeap), "2000-03-01 all_leap");
        assert_eq!(decoded(Calendar::Day360), "2000-03-01 360_day");
    }
}
