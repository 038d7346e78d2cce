//! What is compared: an answer as data, in the form of the golden files.

use std::collections::BTreeMap;

use graticule::array::{Buffer, Chunk, DType, NAT, Scalar, TimeUnit};
use graticule::dataset::time::Civil;
use graticule::dataset::{Calendar, Error, Intervals, Result};
use graticule::{DataArray, Dataset, Variable};
use serde_json::{Map, Value, json};

/// What an operation gives.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Array(DataArray),
    Dataset(Dataset),
    List(Vec<Self>),
    Scalar(Value),
}

impl From<DataArray> for Answer {
    fn from(array: DataArray) -> Self {
        Self::Array(array)
    }
}

impl From<Dataset> for Answer {
    fn from(dataset: Dataset) -> Self {
        Self::Dataset(dataset)
    }
}

/// The record of an answer, which is computed here.
pub(super) fn record(answer: &Answer) -> Result<Value> {
    Ok(match answer {
        Answer::Array(array) => of_array(&array.compute()?)?,
        Answer::Dataset(dataset) => of_dataset(&dataset.compute()?)?,
        Answer::List(items) => {
            json!({ "kind": "list", "items": items.iter().map(record).collect::<Result<Vec<_>>>()? })
        }
        Answer::Scalar(value) => json!({ "kind": "scalar", "value": value }),
    })
}

/// The class that an error has in Python.
pub(super) fn error_class(error: &Error) -> &'static str {
    match error {
        Error::Label { .. }
        | Error::UnknownName { .. }
        | Error::UnknownDim { .. }
        | Error::Unindexed { .. } => "KeyError",
        Error::Index { .. } => "IndexError",
        error if error.is_alignment() => "AlignmentError",
        error if error.is_combine() => "MergeError",
        _ => "ValueError",
    }
}

fn of_dataset(dataset: &Dataset) -> Result<Value> {
    let sizes: BTreeMap<String, usize> =
        dataset.sizes().iter().map(|(dim, len)| (dim.to_string(), *len)).collect();
    let mut coords: Vec<&str> = dataset.coords().names().collect();
    coords.sort_unstable();
    let names: Vec<&String> = dataset.data_vars().keys().collect();
    let mut vars = Map::new();
    for name in &names {
        vars.insert((*name).clone(), of_array(&dataset.get(name)?)?);
    }
    Ok(json!({ "kind": "Dataset", "sizes": sizes, "coords": coords, "data_vars": names, "vars": vars }))
}

fn of_array(array: &DataArray) -> Result<Value> {
    let variable = array.variable();
    let block = variable.values()?;
    let items = Items { block: &block, calendar: variable.calendar().unwrap_or_default() };
    let mut attrs: Vec<&String> = array.attrs().keys().collect();
    attrs.sort_unstable();
    let dims: Vec<&str> = array.dims().iter().map(|dim| dim.as_str()).collect();
    let mut coords = Map::new();
    for (name, variable) in array.coords().iter() {
        coords.insert(name.to_owned(), of_coord(variable)?);
    }
    let is_scalar = array.shape().is_empty();
    let samples = if is_scalar { Vec::new() } else { positions(items.len(), 12) };
    let samples = samples.into_iter().map(|at| json!([unravel(at, array.shape()), items.value(at)]));
    Ok(json!({
        "kind": "DataArray",
        "name": array.name(),
        "dims": dims,
        "shape": array.shape(),
        "dtype": items.dtype(),
        "attrs": attrs,
        "stats": items.stats(),
        "coords": coords,
        "samples": samples.collect::<Vec<_>>(),
    }))
}

fn of_coord(variable: &Variable) -> Result<Value> {
    let block = variable.values()?;
    let items = Items { block: &block, calendar: variable.calendar().unwrap_or_default() };
    let dims: Vec<&str> = variable.dims().iter().map(|dim| dim.as_str()).collect();
    let at = |position: Option<usize>| position.map_or(Value::Null, |at| items.value(at));
    Ok(json!({
        "dims": dims,
        "dtype": items.dtype(),
        "size": items.len(),
        "first": at((!block.is_empty()).then_some(0)),
        "last": at(items.len().checked_sub(1)),
    }))
}

/// Positions from the first to the last of `len`, in `parts` equal steps.
fn positions(len: usize, parts: usize) -> Vec<usize> {
    let Some(last) = len.checked_sub(1) else { return Vec::new() };
    let mut positions: Vec<usize> = (0..=parts).map(|i| i * last / parts).collect();
    positions.dedup();
    positions
}

fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (position, len) in index.iter_mut().zip(shape).rev() {
        *position = flat % len;
        flat /= len;
    }
    index
}

fn number(value: f64) -> Value {
    match value {
        value if value.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        value => value.into(),
    }
}

/// The sum, with what each addition rounds away kept beside it (Neumaier).
fn exact_sum(values: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for &value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    if lost.is_finite() { sum + lost } else { sum }
}

fn digest(bytes: impl Iterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.collect();
    hmac_sha256::Hash::hash(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Values in memory with the calendar that times among them count in.
struct Items<'a> {
    block: &'a Chunk,
    calendar: Calendar,
}

impl Items<'_> {
    fn len(&self) -> usize {
        self.block.len()
    }

    /// Whether xarray would hold these times as objects of cftime.
    fn is_cftime(&self) -> bool {
        matches!(self.block.dtype(), DType::Datetime(_))
            && !matches!(self.calendar, Calendar::ProlepticGregorian | Calendar::Standard)
    }

    fn dtype(&self) -> String {
        match self.block.dtype() {
            DType::Datetime(_) if self.is_cftime() => "object".into(),
            DType::Datetime(unit) => format!("M8[{}]", unit.code()),
            DType::Timedelta(unit) => format!("m8[{}]", unit.code()),
            other => other.to_string(),
        }
    }

    fn value(&self, at: usize) -> Value {
        match self.block.get(at).unwrap() {
            Scalar::Bool(value) => value.into(),
            Scalar::Int(value) => value.into(),
            Scalar::UInt(value) => value.into(),
            Scalar::Float(value) => number(value.get()),
            Scalar::Str(text) => self.text(&text),
            Scalar::Datetime(NAT, _) | Scalar::Timedelta(NAT, _) => "NaT".into(),
            Scalar::Timedelta(count, unit) => format!("{}ns", nanos(count, unit)).into(),
            Scalar::Datetime(count, unit) => self.date(count, unit).into(),
        }
    }

    /// A text, or the interval that it is the label of.
    fn text(&self, text: &str) -> Value {
        let edges = || -> Option<Value> {
            Intervals::parse(&[text])?;
            let (low, high) = text.get(1..text.len() - 1)?.split_once(", ")?;
            let closed = match (text.starts_with('['), text.ends_with(']')) {
                (true, true) => "both",
                (true, false) => "left",
                (false, true) => "right",
                (false, false) => "neither",
            };
            let edges = [low.parse::<f64>().ok()?, high.parse::<f64>().ok()?];
            Some(json!({ "interval": edges.map(number), "closed": closed }))
        };
        edges().unwrap_or_else(|| text.into())
    }

    fn date(&self, count: i64, unit: TimeUnit) -> String {
        let at = Civil::from_count_in(count, unit, self.calendar).unwrap();
        let (hour, minute, second) = (at.hour, at.minute, at.second);
        let date = format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}", at.year, at.month, at.day);
        match (self.is_cftime(), at.nanosecond) {
            (true, 0) => date,
            (true, nanosecond) => format!("{date}.{:06}", nanosecond / 1000),
            (false, nanosecond) => format!("{date}.{nanosecond:09}"),
        }
    }

    fn stats(&self) -> Value {
        let mut stats = Map::new();
        stats.insert("size".into(), self.len().into());
        match self.block.buffer() {
            Buffer::F32(_) | Buffer::F64(_) => self.float_stats(&mut stats),
            Buffer::Bool(values) => {
                let bytes = values.iter().map(|&value| u8::from(value));
                stats.insert("count".into(), self.len().into());
                stats.insert("sum".into(), values.iter().filter(|&&value| value).count().into());
                self.add_digest(&mut stats, bytes);
            }
            Buffer::Str(texts) => {
                let joined = texts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("\0");
                stats.insert("count".into(), self.len().into());
                stats.insert("sha256_nulsep".into(), digest(joined.bytes()).into());
            }
            Buffer::I64(counts) if self.block.dtype().is_time() => self.time_stats(&mut stats, counts),
            _ => self.integer_stats(&mut stats),
        }
        let probe = positions(self.len(), 8).into_iter().map(|at| json!([at, self.value(at)]));
        stats.insert("probe".into(), probe.collect::<Vec<_>>().into());
        Value::Object(stats)
    }

    fn add_digest(&self, stats: &mut Map<String, Value>, bytes: impl Iterator<Item = u8>) {
        if !self.block.is_empty() {
            stats.insert("sha256_le".into(), digest(bytes).into());
        }
    }

    fn float_stats(&self, stats: &mut Map<String, Value>) {
        let all = self.block.to_f64();
        let known: Vec<f64> = all.iter().copied().filter(|value| !value.is_nan()).collect();
        stats.insert("count".into(), known.len().into());
        stats.insert("nan".into(), (all.len() - known.len()).into());
        let (Some(first), Some(last)) =
            (all.iter().position(|v| !v.is_nan()), all.iter().rposition(|v| !v.is_nan()))
        else {
            return;
        };
        let count = known.len() as f64;
        let sum = exact_sum(&known);
        let mean = exact_sum(&known) / count;
        let squares: Vec<f64> = known.iter().map(|value| (value - mean).powi(2)).collect();
        stats.insert("min".into(), number(known.iter().copied().fold(f64::INFINITY, f64::min)));
        stats.insert("max".into(), number(known.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
        stats.insert("sum".into(), number(sum));
        stats.insert("mean".into(), number(mean));
        stats.insert("std".into(), number((exact_sum(&squares) / count).sqrt()));
        stats.insert("first_valid".into(), json!([first, self.value(first)]));
        stats.insert("last_valid".into(), json!([last, self.value(last)]));
    }

    fn time_stats(&self, stats: &mut Map<String, Value>, counts: &[i64]) {
        let known = || (0..self.len()).filter(|&at| counts[at] != NAT);
        stats.insert("count".into(), known().count().into());
        let (low, high) = (known().min_by_key(|&at| counts[at]), known().max_by_key(|&at| counts[at]));
        if let (Some(low), Some(high)) = (low, high) {
            stats.insert("min".into(), self.value(low));
            stats.insert("max".into(), self.value(high));
        }
        if self.is_cftime() {
            stats.insert("cftime_calendar".into(), self.calendar.name().into());
            return;
        }
        stats.insert("nan".into(), (self.len() - known().count()).into());
        if let (DType::Datetime(unit) | DType::Timedelta(unit), Some(&first)) =
            (self.block.dtype(), counts.first())
        {
            let first = if first == NAT { NAT.into() } else { nanos(first, unit) };
            stats.insert("int64_ns_first".into(), first.to_string().into());
        }
        self.add_digest(stats, counts.iter().flat_map(|count| count.to_le_bytes()));
    }

    fn integer_stats(&self, stats: &mut Map<String, Value>) {
        let integers: Vec<i128> = (0..self.len())
            .map(|at| match self.block.get(at).unwrap() {
                Scalar::UInt(value) => value.into(),
                value => value.to_i64().unwrap().into(),
            })
            .collect();
        stats.insert("count".into(), self.len().into());
        if let (Some(&low), Some(&high)) = (integers.iter().min(), integers.iter().max()) {
            let sum: i128 = integers.iter().sum();
            stats.insert("min".into(), (low as i64).into());
            stats.insert("max".into(), (high as i64).into());
            stats.insert("sum".into(), sum.to_string().into());
            stats.insert("mean".into(), number(sum as f64 / self.len() as f64));
        }
        let width = self.block.dtype().size();
        self.add_digest(stats, integers.iter().flat_map(|value| value.to_le_bytes().into_iter().take(width)));
    }
}

fn nanos(count: i64, unit: TimeUnit) -> i128 {
    i128::from(count) * i128::from(1_000_000_000 / unit.per_second())
}
