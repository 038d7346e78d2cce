//! Where values are wanted, and where they are known.

use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, DType, Scalar, TimeUnit};

use crate::attrs::Encoding;
use crate::calendar::Calendar;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, keys, label_text};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::ops::reshaped;
use crate::select::{Label, Labels, Sel};
use crate::time::{Civil, PartialDate, nanos_per};
use crate::variable::Variable;

/// A dimension along which values are wanted: its labels as numbers, and those that are wanted.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) along: Dim,
    /// The labels in rising order.
    pub(super) places: Vec<f64>,
    /// The position of each of them in the data.
    pub(super) order: Vec<usize>,
    /// The dtype of the labels.
    pub(super) dtype: DType,
    /// The wanted labels, on the dimensions that stand for this one.
    pub(super) wanted: Variable,
    /// The same as numbers, in C order.
    pub(super) at: Vec<f64>,
    /// What else the array of wanted labels has as coordinates.
    pub(super) attached: Coords,
}

impl Axis {
    /// The dimensions of the wanted labels.
    pub(super) fn dims(&self) -> &[Dim] {
        self.wanted.dims()
    }
}

/// The labels of a dimension before they are numbers.
struct Known {
    along: Dim,
    labels: Arc<Chunk>,
    keys: Vec<Key>,
    calendar: Calendar,
}

impl<V: DataVars> Labeled<V> {
    /// A dimension with the labels that are wanted along it.
    pub(super) fn axis(&self, dim: &str, wanted: Sel) -> Result<Axis> {
        let known = self.labels_along(dim)?;
        let (wanted, attached) = known.wanted(wanted)?;
        let name = self.coords.index_variable(dim).or(self.coords.get(dim));
        let wanted = match (name, attached.is_none()) {
            (Some(own), true) => wanted.with_attrs(own.attrs().clone()),
            _ => wanted,
        };
        let times = known.labels.dtype().is_time();
        let whole = |key: &Key| match key {
            Key::Int(count) => Some(*count),
            _ => None,
        };
        // Times are counted from the first, so that differences keep their precision.
        let zero = if times { known.keys.iter().filter_map(whole).min().unwrap_or(0) } else { 0 };
        let number = |key: &Key| match key {
            Key::Int(count) => (count - zero) as f64,
            key => key.to_f64(),
        };
        let mut labels: Vec<(f64, usize)> = known.keys.iter().map(number).zip(0..).collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        known.check(&labels)?;
        let at = keys(wanted.values()?.as_ref()).iter().map(number).collect();
        let (places, order) = labels.into_iter().unzip();
        let dtype = known.labels.dtype();
        let attached = attached.unwrap_or_default();
        Ok(Axis { along: known.along, places, order, dtype, wanted, at, attached })
    }

    fn labels_along(&self, dim: &str) -> Result<Known> {
        let len = self.size(dim)?;
        let along = Dim::new(dim);
        if let [_, _, ..] = self.coords.index_names(dim).as_slice() {
            return Err(Error::Unindexed {
                dim: along,
                problem: "has an index of several levels, between which there is nothing".into(),
                hint: "unstack it first".into(),
            });
        }
        let own = self.coords.get(dim).filter(|variable| *variable.dims() == [along.clone()]);
        let (labels, calendar) = match self.coords.index_variable(dim).or(own) {
            Some(variable) => (variable.values()?, variable.calendar().unwrap_or_default()),
            None => {
                let positions: Vec<i64> = (0..len).map(|i| i as i64).collect();
                (Arc::new(Chunk::new(vec![len], positions)?), Calendar::default())
            }
        };
        let keys = keys(&labels);
        Ok(Known { along, labels, keys, calendar })
    }
}

impl Known {
    /// Refuses labels between which no value can be found.
    fn check(&self, sorted: &[(f64, usize)]) -> Result<()> {
        let unusable = |problem: &str, hint: &str| {
            Err(Error::Unindexed { dim: self.along.clone(), problem: problem.into(), hint: hint.into() })
        };
        if self.labels.dtype() == DType::Str {
            return unusable("has texts as labels, between which there is nothing", "use reindex or sel");
        }
        if self.keys.is_empty() {
            return unusable("is empty, so nothing is known along it", "interpolate along other dimensions");
        }
        if self.keys.iter().any(Key::is_missing) {
            return unusable("has missing labels", "drop them with dropna or isel first");
        }
        let pairs = sorted.iter().zip(sorted.iter().skip(1));
        match pairs.into_iter().find(|(a, b)| a.0 == b.0) {
            None => Ok(()),
            Some((twice, _)) => Err(Error::AmbiguousLabel {
                dim: self.along.clone(),
                label: label_text(&self.labels, twice.1, self.calendar),
                count: sorted.iter().filter(|(number, _)| *number == twice.0).count(),
                hint: "a label has one value to interpolate from; use drop_duplicates, or groupby and mean"
                    .into(),
            }),
        }
    }

    /// The wanted labels, and the coordinates of the array that held them, where it was one.
    fn wanted(&self, wanted: Sel) -> Result<(Variable, Option<Coords>)> {
        let hint = "give labels, or an array of labels; ranges, methods and tolerances are for sel";
        if !wanted.is_plain() {
            return Err(Error::argument("labels", "a selection", hint));
        }
        match wanted.labels {
            Labels::One(label) => {
                let one = self.of_labels(&[label])?;
                Ok((Variable::new([] as [&str; 0], reshaped(one.data(), &[])?)?.of(&one), None))
            }
            Labels::Many(labels) => Ok((self.of_labels(&labels)?, None)),
            Labels::Between(..) => Err(Error::argument("labels", "a range", hint)),
            Labels::Array(array) => {
                let variable = array.variable();
                let values = match variable.values()?.buffer() {
                    Buffer::Str(texts) => {
                        let labels: Vec<Label> =
                            texts.iter().map(|text| Label::from(text.as_ref())).collect();
                        let line = self.of_labels(&labels)?;
                        variable.with_data(reshaped(line.data(), variable.shape())?)?.of(&line)
                    }
                    _ => variable.clone(),
                };
                let dtypes = (self.labels.dtype(), values.dtype());
                match dtypes {
                    (DType::Datetime(_), DType::Datetime(_)) => {
                        let own = values.calendar().unwrap_or_default();
                        self.calendar.check_same(own, &format!("interpolating along {:?}", self.along))?;
                    }
                    (DType::Timedelta(_), DType::Timedelta(_)) => {}
                    (known, wanted) if known.is_time() || wanted.is_time() => {
                        return Err(self.misfit(&wanted.to_string()));
                    }
                    _ if values.dtype() == DType::Bool => return Err(self.misfit("bools")),
                    _ => {}
                }
                let values = values.with_encoding(Encoding::new()).persist()?;
                Ok((values, Some(array.coords)))
            }
        }
    }

    fn misfit(&self, wanted: &str) -> Error {
        let hint = match self.labels.dtype() {
            DType::Datetime(_) => "its labels are times; give times or texts such as \"2000-01-31\"",
            DType::Timedelta(_) => "its labels are durations; give durations",
            _ => "its labels are numbers; give numbers",
        };
        Error::argument("labels", format!("{wanted} along {:?}", self.along), hint)
    }

    /// Labels along the dimension, of the kind of its own.
    fn of_labels(&self, wanted: &[Label]) -> Result<Variable> {
        let is_text = wanted.iter().any(|label| matches!(label.0, Scalar::Str(_) | Scalar::Bool(_)));
        match self.labels.dtype() {
            DType::Datetime(unit) => {
                let (unit, counts) = self.counted(unit, wanted.iter().map(|label| self.moment(label)))?;
                let chunk =
                    Chunk::from_buffer(vec![counts.len()], DType::Datetime(unit), Buffer::I64(counts))?;
                Ok(Variable::from_chunk([&self.along], chunk)?.with_calendar(self.calendar))
            }
            DType::Timedelta(unit) => {
                let nanos = wanted.iter().map(|label| match &label.0 {
                    Scalar::Timedelta(count, unit) => Ok(i128::from(*count) * nanos_per(*unit)),
                    other => Err(self.misfit(&other.to_string())),
                });
                let (unit, counts) = self.counted(unit, nanos)?;
                let dtype = DType::Timedelta(unit);
                Variable::from_chunk(
                    [&self.along],
                    Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts))?,
                )
            }
            _ if is_text || wanted.iter().any(|label| label.0.dtype().is_time()) => {
                let odd = wanted.iter().find(|label| !label.0.dtype().is_numeric() || is_text);
                Err(self.misfit(&odd.map_or_else(String::new, |label| label.0.to_string())))
            }
            _ => {
                let whole = wanted.iter().map(|label| match label.0 {
                    Scalar::Int(number) => Some(number),
                    _ => None,
                });
                match whole.collect::<Option<Vec<i64>>>() {
                    Some(numbers) if !numbers.is_empty() => Variable::from_vec(&self.along, numbers),
                    _ => {
                        Variable::from_vec(&self.along, wanted.iter().map(|label| label.0.to_f64()).collect())
                    }
                }
            }
        }
    }

    /// Nanoseconds as counts of a unit, or of nanoseconds where they are finer.
    fn counted(
        &self,
        unit: TimeUnit,
        nanos: impl Iterator<Item = Result<i128>>,
    ) -> Result<(TimeUnit, Vec<i64>)> {
        let nanos = nanos.collect::<Result<Vec<i128>>>()?;
        let is_whole = nanos.iter().all(|nanos| nanos % nanos_per(unit) == 0);
        let unit = if is_whole { unit } else { TimeUnit::Nanosecond };
        let counts = nanos.iter().map(|nanos| i64::try_from(nanos / nanos_per(unit)).ok());
        match counts.collect::<Option<Vec<i64>>>() {
            Some(counts) => Ok((unit, counts)),
            None => Err(self.misfit("a time too far for nanoseconds")),
        }
    }

    /// A time in nanoseconds since 1970 of the calendar of the labels.
    fn moment(&self, label: &Label) -> Result<i128> {
        match &label.0 {
            Scalar::Str(text) => Ok(PartialDate::parse_in(text, self.calendar)?.start_nanos()),
            Scalar::Datetime(count, unit) => {
                let nanos = i128::from(*count) * nanos_per(*unit);
                match label.1 {
                    // A date by its name.
                    Some(calendar) => Civil::from_nanos(nanos, calendar)
                        .to_nanos_in(self.calendar)
                        .ok_or_else(|| self.misfit(&format!("a date that {} lacks", self.calendar))),
                    None => Ok(nanos),
                }
            }
            other => Err(self.misfit(&other.to_string())),
        }
    }
}

impl Variable {
    /// The values as times of the calendar of another variable.
    fn of(self, other: &Self) -> Self {
        self.with_calendar(other.calendar().unwrap_or_default())
    }
}

/// An array without coordinates.
pub(super) fn bare(variable: &Variable) -> Result<DataArray> {
    DataArray::new(None, variable.clone(), [])
}

/// Numbers laid out along dimensions.
pub(super) fn laid_out(dims: &[Dim], shape: &[usize], numbers: Vec<f64>) -> Result<Variable> {
    Variable::new(dims, Array::from_chunk(Chunk::new(shape.to_vec(), numbers)?)?)
}
