//! Intervals as labels: what `groupby_bins` and `cut` make.
//!
//! An interval is a text such as `(0, 15]`, with numbers or dates at its ends. The text says all there is to
//! know, so a coordinate of such texts needs nothing beside it, and comes back from a file as it was.

use std::fmt::Display;

use graticule_array::{Chunk, DType};

use super::Key;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::time::PartialDate;

/// The end that belongs to an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Closed {
    /// `[0, 15)`
    Left,
    /// `(0, 15]`: what xarray and pandas take by default.
    #[default]
    Right,
    /// `[0, 15]`
    Both,
    /// `(0, 15)`
    Neither,
}

impl Closed {
    fn left(self) -> bool {
        matches!(self, Self::Left | Self::Both)
    }

    fn right(self) -> bool {
        matches!(self, Self::Right | Self::Both)
    }

    fn of(left: bool, right: bool) -> Self {
        match (left, right) {
            (true, true) => Self::Both,
            (true, false) => Self::Left,
            (false, true) => Self::Right,
            (false, false) => Self::Neither,
        }
    }
}

/// Intervals between pairs of bounds.
///
/// ```
/// use graticule_dataset::{Closed, Intervals};
/// let bins = Intervals::from_edges(&[0.0, 15.5, 40.0], Closed::Right)?;
/// assert_eq!(bins.labels(), ["(0.0, 15.5]", "(15.5, 40.0]"]);
/// assert_eq!(bins.position(15.5), Some(0));
/// assert_eq!(bins.position(0.0), None);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    bounds: Vec<(Key, Key)>,
    labels: Vec<String>,
    closed: Closed,
}

impl Intervals {
    /// The intervals between neighbouring edges.
    ///
    /// # Errors
    /// [`Error::Argument`] for fewer than two edges, or edges that do not increase.
    pub fn from_edges(edges: &[f64], closed: Closed) -> Result<Self> {
        let pairs = edges.iter().copied().zip(edges.iter().copied().skip(1));
        if edges.len() < 2 || !pairs.clone().all(|(left, right)| left < right) {
            let hint = "give at least two numbers, each larger than the one before";
            return Err(Error::argument("edges", format!("{edges:?}"), hint));
        }
        let number = |x: f64| format!("{x:?}");
        let bounds = pairs.clone().map(|(left, right)| (Key::of_f64(left), Key::of_f64(right))).collect();
        let labels = pairs.map(|(left, right)| text(number(left), number(right), closed)).collect();
        Ok(Self { bounds, labels, closed })
    }

    /// The intervals that texts describe, all closed at the same ends; nothing where one of them describes none.
    pub fn parse<S: AsRef<str>>(labels: &[S]) -> Option<Self> {
        let mut closed = None;
        let mut bounds = Vec::with_capacity(labels.len());
        for label in labels {
            let (left, right, this) = parse(label.as_ref())?;
            if *closed.get_or_insert(this) != this {
                return None;
            }
            bounds.push((left, right));
        }
        let labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
        Some(Self { bounds, labels, closed: closed? })
    }

    /// The intervals that the texts of a block describe.
    pub(crate) fn of_labels(labels: &Chunk) -> Option<Self> {
        if labels.dtype() != DType::Str {
            return None;
        }
        Self::parse(labels.as_slice::<std::sync::Arc<str>>().ok()?)
    }

    /// The texts, as labels of a coordinate.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Which ends belong to the intervals.
    pub fn closed(&self) -> Closed {
        self.closed
    }

    /// The first interval that a number lies in.
    pub fn position(&self, value: f64) -> Option<usize> {
        self.containing(&Key::of_f64(value)).first().copied()
    }

    /// The intervals that hold a value.
    pub(crate) fn containing(&self, key: &Key) -> Vec<usize> {
        let holds = |(left, right): &(Key, Key)| {
            let above = if self.closed.left() { key >= left } else { key > left };
            let below = if self.closed.right() { key <= right } else { key < right };
            above && below && !key.is_missing()
        };
        let held = self.bounds.iter().enumerate().filter(|(_, bounds)| holds(bounds));
        held.map(|(position, _)| position).collect()
    }

    /// The one interval that holds a value.
    pub(crate) fn one(&self, dim: &Dim, key: &Key, label: String) -> Result<usize> {
        match self.containing(key).as_slice() {
            [position] => Ok(*position),
            [] => {
                let all = self.labels.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(" ");
                let hint = format!("no interval holds it; there are {} of them: {all}", self.labels.len());
                Err(Error::Label { dim: dim.clone(), label, hint })
            }
            several => Err(Error::AmbiguousLabel {
                dim: dim.clone(),
                label,
                count: several.len(),
                hint: "the intervals overlap; select by position with isel, or by the text of one".into(),
            }),
        }
    }
}

/// The text of an interval.
pub(crate) fn text(left: impl Display, right: impl Display, closed: Closed) -> String {
    let (open, close) = (if closed.left() { '[' } else { '(' }, if closed.right() { ']' } else { ')' });
    format!("{open}{left}, {right}{close}")
}

fn parse(label: &str) -> Option<(Key, Key, Closed)> {
    let (first, last) = (label.chars().next()?, label.chars().last()?);
    let closed = match (first, last) {
        ('(' | '[', ')' | ']') => Closed::of(first == '[', last == ']'),
        _ => return None,
    };
    let (left, right) = label.get(1..label.len() - 1)?.split_once(',')?;
    Some((bound(left.trim())?, bound(right.trim())?, closed))
}

fn bound(text: &str) -> Option<Key> {
    match text.parse::<f64>() {
        Ok(number) => Some(Key::of_f64(number)),
        Err(_) => Some(Key::Int(PartialDate::parse(text).ok()?.start_nanos())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_their_closed_ends_say() {
        let right = Intervals::from_edges(&[0.0, 1.0, 5.0], Closed::Right).unwrap();
        assert_eq!([0.0, 1.0, 5.0, 5.1].map(|x| right.position(x)), [None, Some(0), Some(1), None]);
        let left = Intervals::from_edges(&[0.0, 1.0, 5.0], Closed::Left).unwrap();
        assert_eq!([0.0, 1.0, 5.0].map(|x| left.position(x)), [Some(0), Some(1), None]);
        assert_eq!(left.position(f64::NAN), None);
        assert!(Intervals::from_edges(&[1.0, 0.0], Closed::Right).is_err());
    }

    #[test]
    fn the_text_of_an_interval_is_the_interval() {
        let edges = [-1e-7, 0.1, 1.0 / 3.0, 1e300];
        let bins = Intervals::from_edges(&edges, Closed::Both).unwrap();
        assert_eq!(Intervals::parse(bins.labels()), Some(bins));
        // pandas' text of intervals of times.
        let times = Intervals::parse(&["(1999-01-01 00:00:00, 2000-01-01 00:00:00]"]).unwrap();
        let day = PartialDate::parse("1999-06-01").unwrap().start_nanos();
        assert_eq!(times.containing(&Key::Int(day)), [0]);
        assert_eq!(Intervals::parse(&["(0, 1]", "[1, 2)"]), None);
        assert_eq!(Intervals::parse(&["tropics"]), None);
    }
}
