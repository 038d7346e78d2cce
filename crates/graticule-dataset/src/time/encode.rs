//! From datetime64 to numbers.

use graticule_array::{Array, Buffer, Chunk, DType, NAT};

use super::civil::{Civil, DAY_NANOS, GREGORIAN_START};
use super::nanos_per;
use super::units::{Calendar, Step, Units, parse_units};
use crate::attrs::Attr;
use crate::error::{Error, Result};
use crate::variable::Variable;

/// datetime64 as numbers in units such as `days since 1950-01-01`: int64 where every moment is a whole number
/// and none is missing, else float64 with NaN for NaT.
///
/// # Errors
/// [`Error::Time`] for moments before 1582-10-15 in the standard calendar, which is Julian there, or too far
/// from the reference; [`graticule_array::Error::Dtype`] when the values are no datetime64.
pub fn encode(times: &Chunk, units: &Units, calendar: Calendar) -> Result<Chunk> {
    let nanos = moments(times)?;
    let since = units.since_nanos(calendar)?;
    let step = units.step.nanos();
    if calendar == Calendar::Standard
        && let Some(early) = nanos.iter().flatten().find(|&&t| t < i128::from(GREGORIAN_START) * DAY_NANOS)
    {
        return Err(Error::Time {
            what: "date",
            text: Civil::from_nanos(*early).to_string(),
            problem: "lies before 1582-10-15, where the standard calendar is Julian".into(),
            hint: "encode with the calendar proleptic_gregorian".into(),
        });
    }
    let whole: Option<Vec<i64>> = nanos
        .iter()
        .map(|moment| {
            let elapsed = (*moment)? - since;
            (elapsed % step == 0).then(|| i64::try_from(elapsed / step).ok()).flatten()
        })
        .collect();
    let shape = times.shape().to_vec();
    if let Some(counts) = whole {
        return Ok(Chunk::new(shape, counts)?);
    }
    let float = |moment: &Option<i128>| {
        moment.map_or(f64::NAN, |moment| {
            let elapsed = moment - since;
            (elapsed / step) as f64 + (elapsed % step) as f64 / step as f64
        })
    };
    Ok(Chunk::new(shape, nanos.iter().map(float).collect::<Vec<f64>>())?)
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
pub fn infer_units(times: &Chunk) -> Result<Units> {
    let nanos = moments(times)?;
    let first = nanos.iter().flatten().next().copied().unwrap_or(0);
    // The reference is written as a date where the first moment is at midnight; decimals would not survive
    // the precision of all readers, so they are left to the numbers.
    let since_nanos = first.div_euclid(1_000_000_000) * 1_000_000_000;
    let steps =
        [Step::Days, Step::Hours, Step::Minutes, Step::Seconds, Step::Milliseconds, Step::Microseconds];
    let whole = |step: &Step| nanos.iter().flatten().all(|t| (t - since_nanos) % step.nanos() == 0);
    let step = steps.into_iter().find(whole).unwrap_or(Step::Nanoseconds);
    Ok(Units { step, since: Civil::from_nanos(since_nanos), offset_minutes: 0 })
}

/// A variable of datetime64 as one of numbers, in the units and calendar of its encoding where it has them.
///
/// A variable of another dtype comes back as it is. The values are computed.
///
/// # Errors
/// As [`encode`], and what computing can meet.
pub fn encode_variable(variable: &Variable) -> Result<Variable> {
    if !matches!(variable.dtype(), DType::Datetime(_)) {
        return Ok(variable.clone());
    }
    let times = variable.values()?;
    let text = |name: &str| variable.encoding().get(name).and_then(Attr::as_str);
    let units = match text("units") {
        Some(units) => parse_units(units)?,
        None => infer_units(&times)?,
    };
    let calendar = match text("calendar") {
        Some(name) => Calendar::parse(name)?,
        None => Calendar::ProlepticGregorian,
    };
    let units_text = text("units").map_or_else(|| units.to_string(), Into::into);
    let calendar_text = text("calendar").map_or_else(|| calendar.to_string(), Into::into);
    let mut encoded = variable.with_data(Array::from_chunk(encode(&times, &units, calendar)?)?)?;
    encoded.attrs_mut().insert("units".into(), units_text.into());
    encoded.attrs_mut().insert("calendar".into(), calendar_text.into());
    for name in ["units", "calendar"] {
        encoded.encoding_mut().shift_remove(name);
    }
    Ok(encoded)
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
        let days = encode(&seconds(vec![0, 86_400]), &units, Calendar::Standard).unwrap();
        assert_eq!(days.as_slice::<i64>().unwrap(), [0, 1]);
        let halves = encode(&seconds(vec![43_200, NAT]), &units, Calendar::Standard).unwrap();
        assert_eq!(halves.as_slice::<f64>().unwrap()[0], 0.5);
        assert!(halves.as_slice::<f64>().unwrap()[1].is_nan());
    }

    #[test]
    fn units_are_inferred_from_the_steps() {
        let units = |counts| infer_units(&seconds(counts)).unwrap().to_string();
        assert_eq!(units(vec![86_400, 3 * 86_400]), "days since 1970-01-02");
        assert_eq!(units(vec![3_600, 7_200]), "hours since 1970-01-01 01:00:00");
        assert_eq!(units(vec![0, 1]), "seconds since 1970-01-01");
        assert_eq!(units(vec![]), "days since 1970-01-01");
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
