//! Labels along a dimension: comparing them, and finding their positions.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use graticule_array::{Buffer, Chunk, DType, Element, NAT, Scalar, with_buffer};

use crate::calendar::Calendar;
use crate::dims::Dim;
use crate::error::Result;
use crate::time;

mod difference;
mod interval;
mod levels;

pub(crate) use difference::{difference, difference_text, largest_difference};
pub(crate) use interval::text as interval_text;
pub use interval::{Closed, Intervals};
pub(crate) use levels::{Level, distinct, rows};

/// The labels of one dimension, in memory.
#[derive(Debug, Clone)]
pub struct Index {
    dim: Dim,
    labels: Arc<Chunk>,
    keys: Vec<Key>,
    order: Order,
    calendar: Calendar,
}

/// The positions of every label.
pub(crate) type Lookup<'a> = HashMap<&'a Key, Vec<usize>>;

/// How labels follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each label is at least the one before.
    Increasing,
    /// Each label is at most the one before.
    Decreasing,
    /// Neither.
    Unsorted,
}

/// A label that can be compared and hashed, whatever its dtype. Whole floats are integers, times are
/// nanoseconds; missing labels equal each other and come last.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    Int(i128),
    Float(f64),
    Text(Arc<str>),
    /// One label of each level of a multi-index.
    Tuple(Arc<[Self]>),
    Missing,
}

impl Key {
    pub(crate) fn of_f64(value: f64) -> Self {
        match value {
            x if x.is_nan() => Self::Missing,
            x if x.fract() == 0.0 && x.abs() < 1e36 => Self::Int(x as i128),
            x => Self::Float(x),
        }
    }

    pub(crate) fn of_scalar(value: &Scalar) -> Self {
        match value {
            Scalar::Bool(b) => Self::Int(i128::from(*b)),
            Scalar::Int(i) => Self::Int(i128::from(*i)),
            Scalar::UInt(u) => Self::Int(i128::from(*u)),
            Scalar::Float(x) => Self::of_f64(x.get()),
            Scalar::Datetime(NAT, _) | Scalar::Timedelta(NAT, _) => Self::Missing,
            Scalar::Datetime(t, unit) | Scalar::Timedelta(t, unit) => {
                Self::Int(i128::from(*t) * time::nanos_per(*unit))
            }
            Scalar::Str(text) => Self::Text(Arc::clone(text)),
        }
    }

    /// The label as a number; nanoseconds for times, NaN for text.
    pub(crate) fn to_f64(&self) -> f64 {
        match self {
            Self::Int(i) => *i as f64,
            Self::Float(x) => *x,
            Self::Text(_) | Self::Tuple(_) | Self::Missing => f64::NAN,
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The distance to another label; nothing between texts.
    pub(crate) fn distance(&self, other: &Self) -> Option<f64> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.abs_diff(*b) as f64),
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                Some((self.to_f64() - other.to_f64()).abs())
            }
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Int(_) | Self::Float(_) => 0,
            Self::Text(_) => 1,
            Self::Tuple(_) => 2,
            Self::Missing => 3,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Tuple(a), Self::Tuple(b)) => a.cmp(b),
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                self.to_f64().total_cmp(&other.to_f64())
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            // As a float, so that an integer hashes like the float that equals it.
            Self::Int(_) | Self::Float(_) => self.to_f64().to_bits().hash(state),
            Self::Text(text) => text.hash(state),
            Self::Tuple(keys) => keys.hash(state),
            Self::Missing => 0u8.hash(state),
        }
    }
}

impl Index {
    pub(crate) fn new(dim: Dim, labels: Arc<Chunk>) -> Self {
        let keys = keys(&labels);
        let order = order(&keys);
        Self { dim, labels, keys, order, calendar: Calendar::default() }
    }

    /// The index with its labels read as times of a calendar, where they are times.
    pub(crate) fn with_calendar(self, calendar: Option<Calendar>) -> Self {
        Self { calendar: calendar.unwrap_or_default(), ..self }
    }

    /// The calendar of the labels, where they are times.
    pub fn calendar(&self) -> Option<Calendar> {
        matches!(self.dtype(), DType::Datetime(_)).then_some(self.calendar)
    }

    /// The dimension.
    pub fn dim(&self) -> &Dim {
        &self.dim
    }

    /// The labels.
    pub fn labels(&self) -> &Arc<Chunk> {
        &self.labels
    }

    /// The type of the labels.
    pub fn dtype(&self) -> DType {
        self.labels.dtype()
    }

    /// The number of labels.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no labels.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// How the labels follow each other. Fewer than two labels, or equal ones, count as increasing.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The positions of a label, in order.
    pub(crate) fn positions(&self, key: &Key) -> Vec<usize> {
        let range = match self.order {
            Order::Increasing => {
                self.keys.partition_point(|k| k < key)..self.keys.partition_point(|k| k <= key)
            }
            Order::Decreasing => {
                self.keys.partition_point(|k| k > key)..self.keys.partition_point(|k| k >= key)
            }
            Order::Unsorted => {
                return (0..self.len()).filter(|&position| self.keys.get(position) == Some(key)).collect();
            }
        };
        range.collect()
    }

    /// The positions of every label, for looking up many at once.
    pub(crate) fn lookup(&self) -> Lookup<'_> {
        let mut lookup = Lookup::with_capacity(self.len());
        for (position, key) in self.keys.iter().enumerate() {
            lookup.entry(key).or_default().push(position);
        }
        lookup
    }

    /// The position of the greatest label that is not greater than a key.
    pub(crate) fn at_or_before(&self, key: &Key) -> Option<usize> {
        match self.order {
            Order::Increasing => self.keys.partition_point(|k| k <= key).checked_sub(1),
            Order::Decreasing => Some(self.keys.partition_point(|k| k > key)).filter(|&i| i < self.len()),
            Order::Unsorted => self.extreme(|k| k <= key, Key::cmp),
        }
    }

    /// The position of the least label that is not less than a key.
    pub(crate) fn at_or_after(&self, key: &Key) -> Option<usize> {
        match self.order {
            Order::Increasing => Some(self.keys.partition_point(|k| k < key)).filter(|&i| i < self.len()),
            Order::Decreasing => self.keys.partition_point(|k| k >= key).checked_sub(1),
            Order::Unsorted => self.extreme(|k| k >= key, |a, b| b.cmp(a)),
        }
    }

    /// The position of the greatest accepted label in some order.
    fn extreme(
        &self,
        accept: impl Fn(&Key) -> bool,
        order: impl Fn(&Key, &Key) -> Ordering,
    ) -> Option<usize> {
        let accepted = self.keys.iter().enumerate().filter(|(_, k)| !k.is_missing() && accept(k));
        accepted.max_by(|(_, a), (_, b)| order(a, b)).map(|(position, _)| position)
    }

    /// The label at a position as text.
    pub(crate) fn text(&self, position: usize) -> String {
        label_text(&self.labels, position, self.calendar)
    }

    /// `labels run from -88.75 to 88.75`, for messages.
    pub(crate) fn range_text(&self) -> String {
        match self.len() {
            0 => "it is empty".into(),
            1 => format!("its only label is {}", self.text(0)),
            n => format!("its {n} labels run from {} to {}", self.text(0), self.text(n - 1)),
        }
    }

    /// The position of the label nearest to a key; of two at the same distance, the larger label.
    pub(crate) fn nearest(&self, key: &Key) -> Option<usize> {
        // The nearest label is one of the two neighbours.
        let neighbours = [self.at_or_after(key), self.at_or_before(key)];
        let distances =
            neighbours.into_iter().flatten().filter_map(|i| Some((self.keys.get(i)?.distance(key)?, i)));
        let nearer = |a: &(f64, usize), b: &(f64, usize)| {
            let label = |i: usize| self.keys.get(i);
            a.0.total_cmp(&b.0).then_with(|| label(b.1).cmp(&label(a.1)))
        };
        distances.min_by(nearer).map(|(_, position)| position)
    }
}

fn order(keys: &[Key]) -> Order {
    let pairs = || keys.iter().zip(keys.iter().skip(1));
    if keys.len() > 1 && keys.iter().any(Key::is_missing) {
        Order::Unsorted
    } else if pairs().all(|(a, b)| a <= b) {
        Order::Increasing
    } else if pairs().all(|(a, b)| a >= b) {
        Order::Decreasing
    } else {
        Order::Unsorted
    }
}

/// The labels of a block as keys.
pub(crate) fn keys(labels: &Chunk) -> Vec<Key> {
    match labels.buffer() {
        Buffer::F64(values) => values.iter().map(|&x| Key::of_f64(x)).collect(),
        Buffer::F32(values) => values.iter().map(|&x| Key::of_f64(f64::from(x))).collect(),
        _ => (0..labels.len()).filter_map(|i| labels.get(i)).map(|label| Key::of_scalar(&label)).collect(),
    }
}

/// Whether two blocks hold the same labels in the same order, whatever their dtypes.
pub(crate) fn labels_equal(left: &Chunk, right: &Chunk) -> bool {
    if left.shape() != right.shape() {
        return false;
    }
    if std::ptr::eq(left, right) || (left.dtype() == right.dtype() && left.buffer() == right.buffer()) {
        return true;
    }
    keys(left) == keys(right)
}

/// The values at some positions of a block with one axis.
pub(crate) fn gather(labels: &Chunk, positions: &[usize]) -> Result<Chunk> {
    fn pick<T: Element>(values: &[T], positions: &[usize]) -> Buffer {
        T::into_buffer(positions.iter().filter_map(|&i| values.get(i).cloned()).collect())
    }
    let buffer = with_buffer!(labels.buffer(), values => pick(values, positions));
    Ok(Chunk::from_buffer(vec![positions.len()], labels.dtype(), buffer)?)
}

/// A value of a block as text: dates as ISO text, float32 as short as it is.
pub(crate) fn label_text(labels: &Chunk, position: usize, calendar: Calendar) -> String {
    if let Buffer::F32(values) = labels.buffer() {
        return values.get(position).map(ToString::to_string).unwrap_or_default();
    }
    labels.get(position).map(|label| scalar_text(&label, calendar)).unwrap_or_default()
}

/// A value as text: dates as ISO text, texts in quotes.
pub(crate) fn scalar_text(value: &Scalar, calendar: Calendar) -> String {
    match value {
        Scalar::Datetime(count, unit) => time::format_in(*count, *unit, calendar),
        Scalar::Str(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use graticule_array::TimeUnit;

    use super::*;

    fn index<T: Element>(values: Vec<T>) -> Index {
        Index::new(Dim::new("x"), Arc::new(Chunk::new(vec![values.len()], values).unwrap()))
    }

    #[test]
    fn the_order_of_labels_is_seen() {
        assert_eq!(index(vec![1.0, 2.0, 2.5]).order(), Order::Increasing);
        assert_eq!(index(vec![3i32, 2, 1]).order(), Order::Decreasing);
        assert_eq!(index(vec![3i32, 1, 2]).order(), Order::Unsorted);
        assert_eq!(index(vec![1.0, f64::NAN]).order(), Order::Unsorted);
        assert_eq!(index::<f64>(vec![]).order(), Order::Increasing);
    }

    #[test]
    fn labels_are_equal_across_dtypes_and_units() {
        let ints = Chunk::new(vec![2], vec![1i32, 2]).unwrap();
        let floats = Chunk::new(vec![2], vec![1.0, 2.0]).unwrap();
        assert!(labels_equal(&ints, &floats));
        let times =
            |unit, counts| Chunk::from_buffer(vec![1], DType::Datetime(unit), Buffer::I64(counts)).unwrap();
        assert!(labels_equal(
            &times(TimeUnit::Second, vec![1]),
            &times(TimeUnit::Nanosecond, vec![1_000_000_000])
        ));
        let nan = Chunk::new(vec![1], vec![f64::NAN]).unwrap();
        assert!(labels_equal(&nan, &nan.clone()));
    }

    #[test]
    fn the_larger_of_two_equally_near_labels_wins() {
        assert_eq!(index(vec![0.0, 1.0]).nearest(&Key::of_f64(0.5)), Some(1));
        assert_eq!(index(vec![1.0, 0.0]).nearest(&Key::of_f64(0.5)), Some(0));
        assert_eq!(index(vec![0.0, 1.0]).nearest(&Key::of_f64(0.4)), Some(0));
        assert_eq!(index::<f64>(vec![]).nearest(&Key::of_f64(0.4)), None);
    }
}
