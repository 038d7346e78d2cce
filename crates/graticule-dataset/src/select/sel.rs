//! What `sel` is asked for: labels, ranges of labels, the nearest.

use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};
use std::time::Duration;

use graticule_array::{Scalar, TimeUnit};

use crate::calendar::Calendar;

/// One label: a number, a text, a date.
///
/// A date of chrono's is the date of that name in the calendar of the labels; a [`Scalar`] is a value as the
/// coordinate holds it, so one that counts days counts those of its calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(pub(super) Scalar, pub(super) Option<Calendar>);

impl Label {
    fn of(value: impl Into<Scalar>) -> Self {
        Self(value.into(), None)
    }
}

macro_rules! labels_from {
    ($($t:ty: $value:ident => $label:expr;)+) => {$(
        impl From<$t> for Label {
            fn from($value: $t) -> Self {
                $label
            }
        }

        impl From<$t> for Sel {
            fn from(value: $t) -> Self {
                Self::exact(Labels::One(value.into()))
            }
        }
    )+};
}

labels_from! {
    f64: value => Self::of(value);
    f32: value => Self::of(value);
    i64: value => Self::of(value);
    i32: value => Self::of(value);
    u64: value => Self::of(value);
    bool: value => Self::of(value);
    &str: text => Self::of(text);
    String: text => Self::of(text.as_str());
    Scalar: value => Self::of(value);
    chrono::NaiveDate: date => civil(date.into());
    chrono::NaiveDateTime: moment => civil(moment);
}

/// Nanoseconds where they fit, else microseconds, which hold every moment that chrono has.
fn civil(moment: chrono::NaiveDateTime) -> Label {
    let utc = moment.and_utc();
    let count = match utc.timestamp_nanos_opt() {
        Some(nanos) => Scalar::Datetime(nanos, TimeUnit::Nanosecond),
        None => Scalar::Datetime(utc.timestamp_micros(), TimeUnit::Microsecond),
    };
    Label(count, Some(Calendar::ProlepticGregorian))
}

/// Which label to take where a wanted one is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The wanted label itself.
    Exact,
    /// The nearest; of two at the same distance, the larger.
    Nearest,
    /// The largest that is not above the wanted one.
    Pad,
    /// The smallest that is not below the wanted one.
    Backfill,
}

/// The largest distance between a wanted label and the one taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// In the units of the coordinate.
    Number(f64),
    /// For times.
    Time(Duration),
}

impl From<f64> for Tolerance {
    fn from(distance: f64) -> Self {
        Self::Number(distance)
    }
}

impl From<Duration> for Tolerance {
    fn from(distance: Duration) -> Self {
        Self::Time(distance)
    }
}

/// Labels to select: one, several, or all within an inclusive range.
///
/// ```
/// use graticule_dataset::Sel;
/// let _: [Sel; 5] = [
///     10.5.into(),
///     [10.5, 12.5].into(),
///     (-30.0..=30.0).into(),
///     "2015-03".into(),
///     Sel::nearest(12.3).tolerance(0.5),
/// ];
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sel {
    pub(super) labels: Labels,
    pub(super) method: Method,
    pub(super) tolerance: Option<Tolerance>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Labels {
    One(Label),
    Many(Vec<Label>),
    Between(Option<Label>, Option<Label>),
}

impl Sel {
    fn exact(labels: Labels) -> Self {
        Self { labels, method: Method::Exact, tolerance: None }
    }

    /// The label nearest to a wanted one; of two at the same distance, the larger.
    pub fn nearest(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Nearest)
    }

    /// The largest label that is not above a wanted one.
    pub fn pad(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Pad)
    }

    /// The smallest label that is not below a wanted one.
    pub fn backfill(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Backfill)
    }

    /// The same labels, found by another method. Ranges have none.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The largest distance accepted between a wanted label and the one taken.
    pub fn tolerance(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.tolerance = Some(tolerance.into());
        self
    }
}

impl From<Label> for Sel {
    fn from(label: Label) -> Self {
        Self::exact(Labels::One(label))
    }
}

impl<L: Into<Label>> From<Vec<L>> for Sel {
    fn from(labels: Vec<L>) -> Self {
        Self::exact(Labels::Many(labels.into_iter().map(Into::into).collect()))
    }
}

impl<L: Into<Label> + Clone> From<&[L]> for Sel {
    fn from(labels: &[L]) -> Self {
        labels.to_vec().into()
    }
}

impl<L: Into<Label>, const N: usize> From<[L; N]> for Sel {
    fn from(labels: [L; N]) -> Self {
        Self::exact(Labels::Many(labels.into_iter().map(Into::into).collect()))
    }
}

impl<L: Into<Label>> From<RangeInclusive<L>> for Sel {
    fn from(range: RangeInclusive<L>) -> Self {
        let (start, end) = range.into_inner();
        Self::exact(Labels::Between(Some(start.into()), Some(end.into())))
    }
}

impl<L: Into<Label>> From<RangeFrom<L>> for Sel {
    fn from(range: RangeFrom<L>) -> Self {
        Self::exact(Labels::Between(Some(range.start.into()), None))
    }
}

impl<L: Into<Label>> From<RangeToInclusive<L>> for Sel {
    fn from(range: RangeToInclusive<L>) -> Self {
        Self::exact(Labels::Between(None, Some(range.end.into())))
    }
}

impl From<RangeFull> for Sel {
    fn from(_: RangeFull) -> Self {
        Self::exact(Labels::Between(None, None))
    }
}
