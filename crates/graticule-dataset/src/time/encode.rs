//! From datetime64 to numbers.

use graticule_array::{Array, Buffer, Chunk, DType, NAT};

use super::civil::Civil;
use super::decode::decode;
use super::nanos_per;
use super::units::{Step, Units, parse_units};
use crate::attrs::Attr;
use crate::calendar::{Calendar, GREGORIAN_START};
use crate::error::{Error, Result};
use crate::variable::Variable;

/// Times of the calendar `from` as numbers of the calendar `to` in units such as `days since 1950-01-01`: int64 where
/// every moment is a whole number and none is missing, else float64 with NaN for NaT.
///
/// Between two calendars it is the dates that stay the same, not the time that has passed.
///
/// # Errors
/// [`Error::Time`] for a date that the calendar `to` lacks, and for plain datetime64 before 1582-10-15 in the
/// standard calendar, which is Julian there; [`graticule_array::Error::Dtype`] when the values are no datetime64.
pub fn encode(times: &Chunk, from: Calendar, units: &Units, to: Calendar) -> Result<Chunk> {
    numbers(times.shape(), &elapsed(times, from, units, to)?, units.step)
}

/// Nanoseconds as numbers of steps.
fn numbers(shape: &[usize], elapsed: &[Option<i128>], step: Step) -> Result<Chunk> {
    let step = step.nanos();
    let whole = |elapsed: &Option<i128>| {
        (*elapsed)
            .filter(|elapsed| elapsed % step == 0)
            .and_then(|elapsed| i64::try_from(elapsed / step).ok())
    };
    if let Some(counts) = elapsed.iter().map(whole).collect::<Option<Vec<i64>>>() {
        return Ok(Chunk::new(shape.to_vec(), counts)?);
    }
    let float = |elapsed: &Option<i128>| {
        elapsed.map_or(f64::NAN, |elapsed| (elapsed / step) as f64 + (elapsed % step) as f64 / step as f64)
    };
    Ok(Chunk::new(shape.to_vec(), elapsed.iter().map(float).collect::<Vec<f64>>())?)
}

/// Nanoseconds since the reference; nothing for NaT.
fn elapsed(times: &Chunk, from: Calendar, units: &Units, to: Calendar) -> Result<Vec<Option<i128>>> {
    let since = units.since_nanos(to)?;
    let elapsed = |moment: Option<i128>| moment.map(|t| Ok(converted(t, from, to)? - since)).transpose();
    moments(times)?.into_iter().map(elapsed).collect()
}

/// The moment of the same date in another calendar.
fn converted(nanos: i128, from: Calendar, to: Calendar) -> Result<i128> {
    if from == to {
        return Ok(nanos);
    }
    let civil = Civil::from_nanos(nanos, from);
    let wrong = |problem: String, hint: &str| {
        Err(Error::Time { what: "date", text: civil.to_string(), problem, hint: hint.into() })
    };
    if from == Calendar::ProlepticGregorian && to == Calendar::Standard {
        if nanos < i128::from(GREGORIAN_START) * Step::Days.nanos() {
            let problem = "lies before 1582-10-15, where the standard calendar is Julian".into();
            return wrong(problem, "encode with the calendar proleptic_gregorian");
        }
        return Ok(nanos);
    }
    match civil.to_nanos_in(to) {
        Some(nanos) => Ok(nanos),
        None => {
            wrong(format!("of the calendar {from} is none in {to}"), "encode in the calendar of the times")
        }
    }
}

/// Nanoseconds since 1970-01-01.
fn moments(times: &Chunk) -> Result<Vec<Option<i128>>> {
    match (times.dtype(), times.buffer()) {
        (DType::Datetime(unit), Buffer::I64(counts)) => {
            let per = nanos_per(unit);
            Ok(counts.iter().map(|&t| (t != NAT).then(|| i128::from(t) * per)).collect())
        }
        (dtype, _) => Err(graticule_array::Error::Dtype {
            operation: "encoding times".into(),
            dtype,
            hint: "give datetime64".into(),
        }
        .into()),
    }
}

/// The coarsest units in which every moment is a whole number, counted from the first moment.
///
/// # Errors
/// [`graticule_array::Error::Dtype`] when the values are no datetime64.
pub fn infer_units(times: &Chunk, calendar: Calendar) -> Result<Units> {
    let nanos = moments(times)?;
    let first = nanos.iter().flatten().next().copied().unwrap_or(0);
    let since_first = nanos.iter().map(|t| t.map(|t| t - first));
    let step = whole_step(since_first);
    Ok(Units { step, since: Civil::from_nanos(first, calendar), offset_minutes: 0 })
}

/// The longest step of which all are a whole number.
fn whole_step(elapsed: impl Iterator<Item = Option<i128>> + Clone) -> Step {
    let steps =
        [Step::Days, Step::Hours, Step::Minutes, Step::Seconds, Step::Milliseconds, Step::Microseconds];
    let whole = |step: &Step| elapsed.clone().flatten().all(|t| t % step.nanos() == 0);
    steps.into_iter().find(whole).unwrap_or(Step::Nanoseconds)
}

/// A variable of datetime64 as one of numbers, in the units and calendar of its encoding where it has them.
///
/// What is decoded again is the same. So where units that were asked for would lose something, finer ones are used,
/// unless the encoding asks for a float `dtype`; and where floats would lose something beside a NaT, the numbers are
/// int64 with a `_FillValue`. A variable of another dtype comes back as it is. The values are computed.
///
/// # Errors
/// As [`encode`], and what computing can meet.
pub fn encode_variable(variable: &Variable) -> Result<Variable> {
    let Some(from) = variable.calendar() else { return Ok(variable.clone()) };
    let times = variable.values()?;
    let text = |name: &str| variable.encoding().get(name).and_then(Attr::as_str);
    let calendar = match text("calendar") {
        Some(name) => Calendar::parse(name)?,
        None => from,
    };
    let (mut units, mut units_text) = match text("units") {
        Some(text) => (parse_units(text)?, text.to_owned()),
        None => infer_units(&times, from).map(|units| (units, units.to_string()))?,
    };
    let as_float = text("dtype").is_some_and(|dtype| dtype.trim_start_matches('<').starts_with('f'));
    let elapsed = elapsed(&times, from, &units, calendar)?;
    let mut numbers = numbers(times.shape(), &elapsed, units.step)?;
    let mut fill = None;
    if as_float {
        numbers = Chunk::new(times.shape().to_vec(), numbers.to_f64())?;
    } else if !is_exact(&numbers, &elapsed, &units, calendar)? {
        units.step = whole_step(elapsed.iter().copied());
        units_text = units.to_string();
        let counts = elapsed.iter().map(|elapsed| match elapsed {
            None => Ok(NAT),
            Some(elapsed) => i64::try_from(elapsed / units.step.nanos()).map_err(|_too_large| Error::Time {
                what: "time units",
                text: units.to_string(),
                problem: "are too far from the times to count them in int64".into(),
                hint: "choose units that count from a moment among the times".into(),
            }),
        });
        let counts = counts.collect::<Result<Vec<i64>>>()?;
        fill = counts.contains(&NAT).then_some(NAT);
        numbers = Chunk::new(times.shape().to_vec(), counts)?;
    }
    let mut encoded = variable.with_data(Array::from_chunk(numbers)?)?;
    let calendar_text = text("calendar").map_or_else(|| calendar.to_string(), Into::into);
    encoded.attrs_mut().insert("units".into(), units_text.into());
    encoded.attrs_mut().insert("calendar".into(), calendar_text.into());
    if let Some(fill) = fill {
        encoded.attrs_mut().insert("_FillValue".into(), fill.into());
    }
    for name in ["units", "calendar"] {
        encoded.encoding_mut().shift_remove(name);
    }
    Ok(encoded)
}

/// Whether numbers decode to the times that they were made from.
fn is_exact(numbers: &Chunk, elapsed: &[Option<i128>], units: &Units, calendar: Calendar) -> Result<bool> {
    if numbers.dtype() == DType::I64 {
        return Ok(true);
    }
    let since = units.since_nanos(calendar)?;
    let (again, _) = decode(numbers, units, calendar, &[])?;
    Ok(moments(&again)?.iter().zip(elapsed).all(|(again, elapsed)| *again == elapsed.map(|t| t + since)))
}

#[cfg(test)]
mod tests {
    use graticule_array::TimeUnit;

    use super::*;
    use crate::time::decode_variable;

    fn seconds(counts: Vec<i64>) -> Chunk {
        let dtype = DType::Datetime(TimeUnit::Second);
        Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts)).unwrap()
    }

    #[test]
    fn whole_numbers_stay_integers() {
        let units = parse_units("days since 1970-01-01").unwrap();
        let days =
            encode(&seconds(vec![0, 86_400]), Calendar::ProlepticGregorian, &units, Calendar::Standard)
                .unwrap();
        assert_eq!(days.as_slice::<i64>().unwrap(), [0, 1]);
        let halves =
            encode(&seconds(vec![43_200, NAT]), Calendar::ProlepticGregorian, &units, Calendar::Standard)
                .unwrap();
        assert_eq!(halves.as_slice::<f64>().unwrap()[0], 0.5);
        assert!(halves.as_slice::<f64>().unwrap()[1].is_nan());
    }

    #[test]
    fn units_are_inferred_from_the_steps() {
        let units = |counts| infer_units(&seconds(counts), Calendar::default()).unwrap().to_string();
        assert_eq!(units(vec![86_400, 3 * 86_400]), "days since 1970-01-02 00:00:00");
        assert_eq!(units(vec![3_600, 7_200]), "hours since 1970-01-01 01:00:00");
        assert_eq!(units(vec![0, 1]), "seconds since 1970-01-01 00:00:00");
        assert_eq!(units(vec![]), "days since 1970-01-01 00:00:00");
    }

    #[test]
    fn a_variable_comes_back_from_its_encoding() {
        let mut stored = Variable::from_vec("time", vec![0i64, 10]).unwrap();
        stored.attrs_mut().insert("units".into(), "hours since 2000-01-01 06:00:00".into());
        stored.attrs_mut().insert("calendar".into(), "gregorian".into());
        let times = decode_variable(&stored).unwrap();
        assert_eq!(times.dtype(), DType::Datetime(TimeUnit::Nanosecond));
        assert!(times.attrs().is_empty());
        let again = encode_variable(&times).unwrap();
        assert_eq!(again.attrs(), stored.attrs());
        assert_eq!(again.resident().unwrap().as_slice::<i64>().unwrap(), [0, 10]);
    }
}
