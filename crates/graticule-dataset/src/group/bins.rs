//! Groups that are intervals: `groupby_bins`, after `pandas.cut`.

use graticule_array::Chunk;

use super::factor::Factor;
use super::key::Found;
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::index::{Closed, Key, interval_text, keys, label_text};

/// Intervals as groups: a number of equal ones, or those between edges.
///
/// The label of an interval is a text such as `(0.0, 15.0]`, whose ends are rounded; values are compared with the exact edges.
///
/// ```
/// use graticule_dataset::BinGrouper;
/// let zones = BinGrouper::new([-90.0, -30.0, 30.0, 90.0]).labels(["south", "tropics", "north"]);
/// let tenths = BinGrouper::new(10);
/// ```
#[derive(Debug, Clone)]
pub struct BinGrouper {
    bins: Bins,
    right: bool,
    include_lowest: bool,
    precision: i32,
    labels: Option<BinLabels>,
}

/// A number of intervals of equal length between the smallest and the largest value, or the edges between intervals.
#[derive(Debug, Clone)]
pub enum Bins {
    /// So many intervals of equal length. The outermost end is moved outwards by a thousandth of the range, so that it
    /// includes the extreme value.
    Count(usize),
    /// Edges in increasing order: numbers or times.
    Edges(Chunk),
}

/// Labels for intervals: texts, or numbers such as their centres.
#[derive(Debug, Clone)]
pub struct BinLabels(Chunk);

macro_rules! bins_from {
    ($($t:ty)+) => {$(
        impl<const N: usize> From<[$t; N]> for Bins {
            fn from(edges: [$t; N]) -> Self {
                Self::Edges(ndarray::Array1::from_vec(edges.to_vec()).into())
            }
        }

        impl From<Vec<$t>> for Bins {
            fn from(edges: Vec<$t>) -> Self {
                Self::Edges(ndarray::Array1::from_vec(edges).into())
            }
        }

        impl<const N: usize> From<[$t; N]> for BinLabels {
            fn from(labels: [$t; N]) -> Self {
                Self(ndarray::Array1::from_vec(labels.to_vec()).into())
            }
        }

        impl From<Vec<$t>> for BinLabels {
            fn from(labels: Vec<$t>) -> Self {
                Self(ndarray::Array1::from_vec(labels).into())
            }
        }
    )+};
}

bins_from! { f64 i64 i32 }

impl From<usize> for Bins {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<i32> for Bins {
    fn from(count: i32) -> Self {
        Self::Count(usize::try_from(count).unwrap_or(0))
    }
}

impl From<Chunk> for Bins {
    fn from(edges: Chunk) -> Self {
        Self::Edges(edges)
    }
}

impl From<Chunk> for BinLabels {
    fn from(labels: Chunk) -> Self {
        Self(labels)
    }
}

impl<const N: usize> From<[&str; N]> for BinLabels {
    fn from(labels: [&str; N]) -> Self {
        Self(texts(labels.iter().map(|text| (*text).into()).collect()))
    }
}

impl<B: Into<Bins>> From<B> for BinGrouper {
    fn from(bins: B) -> Self {
        Self::new(bins)
    }
}

impl BinGrouper {
    /// A number of equal intervals, or the intervals between edges. Each includes its right end.
    pub fn new(bins: impl Into<Bins>) -> Self {
        Self { bins: bins.into(), right: true, include_lowest: false, precision: 3, labels: None }
    }

    /// Whether the right end belongs to an interval, which is the default; otherwise the left does.
    pub fn right(mut self, right: bool) -> Self {
        self.right = right;
        self
    }

    /// Whether the first interval includes its left end too.
    pub fn include_lowest(mut self, include_lowest: bool) -> Self {
        self.include_lowest = include_lowest;
        self
    }

    /// How many digits the ends have in the labels: decimals, or significant digits below 1. 3 by default; more where ends
    /// would become equal.
    pub fn precision(mut self, precision: u8) -> Self {
        self.precision = i32::from(precision);
        self
    }

    /// Labels in place of the intervals.
    pub fn labels(mut self, labels: impl Into<BinLabels>) -> Self {
        self.labels = Some(labels.into());
        self
    }

    pub(super) fn factorize(&self, found: &Found) -> Result<Factor> {
        let values = keys(found.values()?.as_ref());
        let edges = match &self.bins {
            Bins::Edges(edges) => edges.clone(),
            Bins::Count(count) => ndarray::Array1::from_vec(self.equal(&values, *count)?).into(),
        };
        let bounds = keys(&edges);
        if bounds.len() < 2 || !bounds.iter().zip(bounds.iter().skip(1)).all(|(left, right)| left < right) {
            let hint = "give at least two edges, each larger than the one before";
            return Err(Error::argument("bins", format!("{} edges", bounds.len()), hint));
        }
        let code = |key: &Key| {
            let before = match self.right {
                true => bounds.partition_point(|edge| edge < key),
                false => bounds.partition_point(|edge| edge <= key),
            };
            match before {
                _ if key.is_missing() => -1,
                _ if self.include_lowest && Some(key) == bounds.first() => 0,
                0 => -1,
                n if n == bounds.len() => -1,
                n => n as i64 - 1,
            }
        };
        let codes = values.iter().map(code).collect();
        let labels = match &self.labels {
            Some(BinLabels(labels)) if labels.len() + 1 == bounds.len() => labels.clone(),
            Some(BinLabels(labels)) => {
                let hint = format!("there are {} intervals; give a label for each", bounds.len() - 1);
                return Err(Error::argument("labels", format!("{} labels", labels.len()), hint));
            }
            None => texts(self.interval_texts(&edges, found.variable.calendar().unwrap_or_default())),
        };
        Factor::new(found, &format!("{}_bins", found.name), codes, labels)
    }

    /// The edges of equal intervals over the range of the values.
    fn equal(&self, values: &[Key], count: usize) -> Result<Vec<f64>> {
        let known = || values.iter().filter(|key| !key.is_missing()).map(Key::to_f64).filter(|x| !x.is_nan());
        let (min, max) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        if count == 0 || !(min.is_finite() && max.is_finite()) {
            let hint = "give at least 1, and values that are finite numbers";
            return Err(Error::argument("bins", count, hint));
        }
        let (low, high) = match min == max {
            true if min == 0.0 => (-0.001, 0.001),
            true => (min - 0.001 * min.abs(), max + 0.001 * max.abs()),
            false => (min, max),
        };
        let step = (high - low) / count as f64;
        let mut edges: Vec<f64> = (0..count).map(|i| low + step * i as f64).collect();
        edges.push(high);
        if min != max {
            let beyond = (max - min) * 0.001;
            let (end, by) =
                if self.right { (edges.first_mut(), -beyond) } else { (edges.last_mut(), beyond) };
            if let Some(end) = end {
                *end += by;
            }
        }
        Ok(edges)
    }

    /// The intervals as text, ends rounded so that they stay different.
    fn interval_texts(&self, edges: &Chunk, calendar: Calendar) -> Vec<std::sync::Arc<str>> {
        let closed = if self.right { Closed::Right } else { Closed::Left };
        let ends: Vec<String> = match edges.dtype().is_time() {
            true => (0..edges.len()).map(|position| label_text(edges, position, calendar)).collect(),
            false => self.rounded(&edges.to_f64()).into_iter().map(|x| format!("{x:?}")).collect(),
        };
        let pairs = ends.iter().zip(ends.iter().skip(1));
        pairs.map(|(left, right)| interval_text(left, right, closed).into()).collect()
    }

    fn rounded(&self, edges: &[f64]) -> Vec<f64> {
        let at = |precision: i32| edges.iter().map(|&x| round(x, precision)).collect::<Vec<f64>>();
        let differ = |ends: &[f64]| ends.iter().zip(ends.iter().skip(1)).all(|(a, b)| a != b);
        let precision = (self.precision..20).find(|&p| differ(&at(p))).unwrap_or(self.precision);
        let mut ends = at(precision);
        if self.right
            && self.include_lowest
            && let Some(first) = ends.first_mut()
        {
            *first -= 10f64.powi(-precision);
        }
        ends
    }
}

fn texts(labels: Vec<std::sync::Arc<str>>) -> Chunk {
    ndarray::Array1::from_vec(labels).into()
}

/// A number with so many decimals, or significant digits where it is less than 1.
fn round(x: f64, precision: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let decimals = if x.trunc() == 0.0 { precision - 1 - x.abs().log10().floor() as i32 } else { precision };
    // Through text, so that the result is the number nearest to the decimals.
    let text = format!("{x:.*}", usize::try_from(decimals).unwrap_or(0));
    text.parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts_of(grouper: &BinGrouper, edges: &[f64]) -> Vec<String> {
        let edges: Chunk = ndarray::Array1::from_vec(edges.to_vec()).into();
        grouper.interval_texts(&edges, Calendar::default()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ends_are_rounded_as_in_pandas_but_stay_different() {
        let bins = BinGrouper::new(1);
        assert_eq!(texts_of(&bins, &[0.0, 1.0 / 3.0, 20.0]), ["(0.0, 0.333]", "(0.333, 20.0]"]);
        assert_eq!(texts_of(&bins, &[0.0, 1.0001, 1.0002]), ["(0.0, 1.0001]", "(1.0001, 1.0002]"]);
        assert_eq!(texts_of(&bins, &[0.0, 1.23456e-9, 1e-8]), ["(0.0, 1.23e-9]", "(1.23e-9, 1e-8]"]);
        let left = BinGrouper::new(1).right(false);
        assert_eq!(texts_of(&left, &[10.0, 20.0]), ["[10.0, 20.0)"]);
        let lowest = BinGrouper::new(1).include_lowest(true);
        assert_eq!(texts_of(&lowest, &[10.0, 15.0, 20.0]), ["(9.999, 15.0]", "(15.0, 20.0]"]);
    }

    #[test]
    fn equal_bins_reach_a_little_beyond_the_range() {
        let values: Vec<Key> = [10.0, 20.0].map(Key::of_f64).to_vec();
        assert_eq!(BinGrouper::new(2).equal(&values, 2).unwrap(), [9.99, 15.0, 20.0]);
        assert_eq!(BinGrouper::new(2).right(false).equal(&values, 2).unwrap(), [10.0, 15.0, 20.01]);
        assert_eq!(BinGrouper::new(1).equal(&[Key::of_f64(5.0)], 1).unwrap(), [4.995, 5.005]);
        assert!(BinGrouper::new(0).equal(&values, 0).is_err());
    }
}
