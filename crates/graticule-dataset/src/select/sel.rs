//! What `sel` is asked for: labels, ranges of labels, the nearest.

use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};
use std::time::Duration;

use graticule_array::{DType, Scalar, TimeUnit};

use crate::error::{Error, Result};
use crate::index::Key;
use crate::labeled::DataArray;

use crate::calendar::Calendar;

/// One label: a number, a text, a date.
///
/// A date of chrono's is the date of that name in the calendar of the labels; a [`Scalar`] is a value as the
/// coordinate holds it, so one that counts days counts those of its calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(pub(crate) Scalar, pub(crate) Option<Calendar>);

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
    /// The last label before the wanted one in the order of the coordinate: the largest that is not above it, or,
    /// on decreasing labels, the smallest that is not below it. As in xarray.
    Pad,
    /// The next label after the wanted one in the order of the coordinate: the smallest that is not below it, or,
    /// on decreasing labels, the largest that is not above it. As in xarray.
    Backfill,
}

/// The largest distance between a wanted label and the one taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// In the units of the coordinate.
    Number(f64),
    /// For times.
    Time(Duration),
    /// In units in the last place, the distance between neighbouring floats: for labels that differ by rounding
    /// only. Where one of the labels is a float32, it is that of float32.
    Ulps(u32),
}

impl Tolerance {
    /// The distance that is allowed from a label of some dtype.
    pub(crate) fn allowed(self, dtype: DType, key: &Key) -> Result<f64> {
        match (self, dtype.is_time()) {
            (Self::Number(allowed), false) => Ok(allowed),
            (Self::Time(allowed), true) => Ok(allowed.as_nanos() as f64),
            (Self::Ulps(count), false) => {
                let value = key.to_f64().abs();
                let spacing = match dtype {
                    DType::F32 => f64::from((value as f32).next_up()) - f64::from(value as f32),
                    _ => value.next_up() - value,
                };
                Ok(f64::from(count) * spacing)
            }
            (Self::Number(_) | Self::Ulps(_), true) => {
                let hint = "on times, give a std::time::Duration";
                Err(Error::argument("tolerance", format!("{self:?}"), hint))
            }
            (Self::Time(_), false) => Err(Error::argument(
                "tolerance",
                format!("{self:?}"),
                "the labels are numbers, give a number",
            )),
        }
    }
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
#[derive(Debug, Clone)]
pub struct Sel {
    pub(crate) labels: Labels,
    pub(super) method: Method,
    pub(super) tolerance: Option<Tolerance>,
    pub(super) period: Option<f64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Labels {
    One(Label),
    Many(Vec<Label>),
    Between(Option<Label>, Option<Label>),
    Array(Box<DataArray>),
}

impl Sel {
    fn exact(labels: Labels) -> Self {
        Self { labels, method: Method::Exact, tolerance: None, period: None }
    }

    /// Whether nothing is said about how labels are found.
    pub(crate) fn is_plain(&self) -> bool {
        self.method == Method::Exact && self.tolerance.is_none() && self.period.is_none()
    }

    /// The label nearest to a wanted one; of two at the same distance, the larger.
    pub fn nearest(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Nearest)
    }

    /// The last label before a wanted one in the order of the coordinate, or itself: [`Method::Pad`].
    pub fn pad(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Pad)
    }

    /// The next label after a wanted one in the order of the coordinate, or itself: [`Method::Backfill`].
    pub fn backfill(label: impl Into<Label>) -> Self {
        Self::exact(Labels::One(label.into())).method(Method::Backfill)
    }

    /// Each of several labels by itself.
    pub(super) fn each(self) -> Result<Vec<Self>> {
        let labels: Vec<Label> = match &self.labels {
            Labels::One(_) | Labels::Between(..) => return Ok(vec![self]),
            Labels::Many(labels) => labels.clone(),
            Labels::Array(labels) => {
                let (values, calendar) = (labels.variable().values()?, labels.variable().calendar());
                let values = (0..values.len()).filter_map(|position| values.get(position));
                values.map(|value| Label(value, calendar)).collect()
            }
        };
        Ok(labels.into_iter().map(|label| Self { labels: Labels::One(label), ..self.clone() }).collect())
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

    /// Labels on a circle: those that differ by a multiple of `period` are the same, such as longitudes by 360.
    ///
    /// A range goes from its start upwards around the circle to its end, so `170.0..=-170.0` crosses the dateline,
    /// and gives the labels in that order, as they are written on the coordinate. [`Labeled::wrap`] writes them anew.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Sel, Variable};
    /// let lon = Variable::from_vec("lon", vec![0.0, 90.0, 180.0, 270.0])?;
    /// let da = DataArray::new(None, Variable::new(["lon"], Array::arange(4)?)?, [("lon".into(), lon)])?;
    /// let pacific = da.sel("lon", Sel::from(170.0..=-80.0).period(360.0))?;
    /// assert_eq!(pacific.values::<i64>()?.into_raw_vec_and_offset().0, [2, 3]);
    /// let greenwich = da.sel("lon", Sel::from(-95.0..=10.0).period(360.0))?;
    /// assert_eq!(greenwich.values::<i64>()?.into_raw_vec_and_offset().0, [3, 0]);
    /// assert_eq!(da.sel("lon", Sel::nearest(-2.0).period(360.0))?.item()?, 0.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// [`Labeled::wrap`]: crate::Labeled::wrap
    pub fn period(mut self, period: f64) -> Self {
        self.period = Some(period);
        self
    }
}

/// The labels that an array holds: the result has the dimensions and the coordinates of that array in place of the
/// dimension. See [`Labeled::sel_dims`](crate::Labeled::sel_dims).
impl From<&DataArray> for Sel {
    fn from(labels: &DataArray) -> Self {
        Self::exact(Labels::Array(Box::new(labels.clone())))
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
