//! Numbers that mean times: decoded at once, or chunk by chunk where there are too many.

use std::sync::Arc;

use graticule_array::{
    Buffer, Chunk, ChunkGrid, ChunkSource, DType, NAT, ReadCost, Scalar, SourceSpec, TimeUnit,
};
use graticule_dataset::time::{Calendar, Step, Units, decode, decode_as};

use super::derived;

/// What numbers mean.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// So many units since a moment.
    Moments { units: Units, calendar: Calendar },
    /// So many steps, to be counted in a unit.
    Durations { step: Step, unit: TimeUnit },
}

/// How times are stored as numbers.
#[derive(Debug, Clone)]
pub(crate) struct TimeCoding {
    pub(crate) meaning: Meaning,
    /// Scale and offset of packed numbers.
    pub(crate) packing: Option<(f64, f64)>,
    /// Stored numbers that stand for missing times.
    pub(crate) missing: Vec<Scalar>,
}

/// Why numbers are no times.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTimes {
    #[error(transparent)]
    Moments(#[from] graticule_dataset::Error),
    #[error("a duration does not fit the unit")]
    Durations,
}

impl From<graticule_array::Error> for NoTimes {
    fn from(error: graticule_array::Error) -> Self {
        Self::Moments(error.into())
    }
}

impl TimeCoding {
    /// The times that numbers mean, and their calendar.
    pub(crate) fn decode(&self, numbers: &Chunk) -> Result<(Chunk, Calendar), NoTimes> {
        self.unpacked(numbers, |numbers, missing| match &self.meaning {
            Meaning::Moments { units, calendar } => Ok(decode(numbers, units, *calendar, missing)?),
            Meaning::Durations { step, unit } => {
                Ok((durations_chunk(numbers, missing, *step, *unit)?, Calendar::default()))
            }
        })
    }

    /// The times that some of the numbers mean, in the unit of [`TimeCoding::lazy_dtype`].
    fn decode_part(&self, numbers: &Chunk) -> Result<Chunk, NoTimes> {
        self.unpacked(numbers, |numbers, missing| match &self.meaning {
            Meaning::Moments { units, calendar } => {
                Ok(decode_as(numbers, units, *calendar, missing, lazy_unit(*calendar))?)
            }
            Meaning::Durations { step, unit } => durations_chunk(numbers, missing, *step, *unit),
        })
    }

    fn unpacked<T>(
        &self,
        numbers: &Chunk,
        decode: impl FnOnce(&Chunk, &[Scalar]) -> Result<T, NoTimes>,
    ) -> Result<T, NoTimes> {
        let Some((scale, offset)) = self.packing else { return decode(numbers, &self.missing) };
        let missing: Vec<f64> = self.missing.iter().map(Scalar::to_f64).collect();
        let unpack = |x: f64| if missing.contains(&x) { f64::NAN } else { x * scale + offset };
        let values = numbers.to_f64().into_iter().map(unpack).collect();
        // What was missing is NaN by now.
        decode(&Chunk::new(numbers.shape().to_vec(), values)?, &[])
    }

    /// The dtype of times that are decoded chunk by chunk.
    fn lazy_dtype(&self) -> DType {
        match self.meaning {
            Meaning::Moments { calendar, .. } => DType::Datetime(lazy_unit(calendar)),
            Meaning::Durations { unit, .. } => DType::Timedelta(unit),
        }
    }

    /// The calendar of times that are decoded chunk by chunk.
    pub(crate) fn lazy_calendar(&self) -> Calendar {
        match self.meaning {
            Meaning::Moments { calendar: Calendar::Standard, .. } | Meaning::Durations { .. } => {
                Calendar::default()
            }
            Meaning::Moments { calendar, .. } => calendar,
        }
    }
}

/// Plain datetime64 is in nanoseconds as long as nothing else is known; other calendars go far beyond those.
fn lazy_unit(calendar: Calendar) -> TimeUnit {
    match calendar {
        Calendar::Standard | Calendar::ProlepticGregorian => TimeUnit::Nanosecond,
        Calendar::Julian | Calendar::NoLeap | Calendar::AllLeap | Calendar::Day360 => TimeUnit::Microsecond,
    }
}

fn durations_chunk(
    numbers: &Chunk,
    missing: &[Scalar],
    step: Step,
    unit: TimeUnit,
) -> Result<Chunk, NoTimes> {
    let counts = durations(numbers, missing, step, unit).ok_or(NoTimes::Durations)?;
    Ok(Chunk::from_buffer(numbers.shape().to_vec(), DType::Timedelta(unit), Buffer::I64(counts))?)
}

/// Counts of `unit`; none where one does not fit.
fn durations(numbers: &Chunk, missing: &[Scalar], step: Step, unit: TimeUnit) -> Option<Vec<i64>> {
    let step_nanos = step.nanos();
    let unit_nanos = 1_000_000_000 / i128::from(unit.per_second());
    let count = |value: Scalar| {
        if missing.contains(&value) {
            return Some(NAT);
        }
        let nanos = match value {
            Scalar::Float(x) if x.get().is_nan() => return Some(NAT),
            Scalar::Float(x) => {
                let nanos = x.get() * step_nanos as f64;
                if nanos.abs() > 9.2e27 {
                    return None;
                }
                nanos.round_ties_even() as i128
            }
            Scalar::UInt(x) => i128::from(x) * step_nanos,
            x => match x.to_i64()? {
                NAT => return Some(NAT),
                x => i128::from(x) * step_nanos,
            },
        };
        i64::try_from((nanos + unit_nanos / 2).div_euclid(unit_nanos)).ok()
    };
    (0..numbers.len()).map(|i| count(numbers.get(i)?)).collect()
}

/// Numbers decoded chunk by chunk, moments in nanoseconds, or in microseconds of calendars that datetime64 lacks.
///
/// Which unit would hold all moments is not known without reading them all, so a moment beyond what the unit can hold
/// is an error of the chunk.
#[derive(Debug)]
pub(crate) struct LazyTimes {
    inner: Arc<dyn ChunkSource>,
    coding: TimeCoding,
}

impl LazyTimes {
    pub(crate) fn new(inner: &Arc<dyn ChunkSource>, coding: TimeCoding) -> Self {
        Self { inner: Arc::clone(inner), coding }
    }
}

impl ChunkSource for LazyTimes {
    fn spec(&self) -> SourceSpec {
        derived(self.inner.spec(), &format!("{:?}", self.coding))
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn dtype(&self) -> DType {
        self.coding.lazy_dtype()
    }

    fn grid(&self) -> &ChunkGrid {
        self.inner.grid()
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> graticule_array::Result<()> {
        let mut numbers = Chunk::empty(self.inner.dtype());
        self.inner.read(index, &mut numbers)?;
        let times = self
            .coding
            .decode_part(&numbers)
            .map_err(|error| graticule_array::Error::Read { what: self.label(), cause: Arc::new(error) })?;
        *out = times;
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        let elements: usize = self.inner.grid().max_chunk().iter().product();
        // The numbers, stored and unpacked, the times while they are computed, and the result before it replaces
        // the chunk.
        self.inner.scratch_bytes() + elements * (self.inner.dtype().size() + 8 + 32 + 8)
    }

    fn stored_bytes(&self) -> Option<u64> {
        self.inner.stored_bytes()
    }

    fn read_cost(&self) -> ReadCost {
        self.inner.read_cost()
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use graticule_array::{Array, Op};
    use graticule_dataset::time::parse_units;

    use super::*;

    fn source(numbers: Chunk) -> Arc<dyn ChunkSource> {
        let grid = ChunkGrid::regular(numbers.shape(), &[2]);
        let array = Array::from_memory(Arc::new(numbers), grid).unwrap();
        let Op::Source(source) = array.expr().op() else { panic!("memory is a source") };
        Arc::clone(source.source())
    }

    #[test]
    fn times_decoded_chunk_by_chunk_are_those_decoded_at_once() {
        let numbers = Chunk::new(vec![5], vec![0i16, 5, -999, 100, 7]).unwrap();
        let moments = Meaning::Moments {
            units: parse_units("days since 2000-01-01").unwrap(),
            calendar: Calendar::Standard,
        };
        let of_360_days = Meaning::Moments {
            units: parse_units("days since 0001-02-30").unwrap(),
            calendar: Calendar::Day360,
        };
        let durations = Meaning::Durations { step: Step::Hours, unit: TimeUnit::Second };
        for (meaning, packing) in [
            (of_360_days, None),
            (moments.clone(), None),
            (moments, Some((0.5, 10.0))),
            (durations.clone(), None),
            (durations, Some((0.25, 0.0))),
        ] {
            let coding = TimeCoding { meaning, packing, missing: vec![(-999).into()] };
            let (at_once, calendar) = coding.decode(&numbers).unwrap();
            assert_eq!(coding.lazy_calendar(), calendar);
            assert_eq!(at_once.as_slice::<i64>().unwrap()[2], NAT);
            let lazy = LazyTimes::new(&source(numbers.clone()), coding);
            let lazy = Array::from_source(Arc::new(lazy)).unwrap().compute().unwrap();
            assert_eq!(lazy, at_once);
        }
    }

    #[test]
    fn a_duration_too_long_for_its_unit_is_refused() {
        let numbers = Chunk::new(vec![1], vec![1e9]).unwrap();
        let meaning = Meaning::Durations { step: Step::Days, unit: TimeUnit::Nanosecond };
        let coding = TimeCoding { meaning, packing: None, missing: Vec::new() };
        assert!(coding.decode(&numbers).unwrap_err().to_string().contains("does not fit"));
    }
}
