//! Resampling: to fewer times by statistics of the spans, to more by filling between.

use std::ops::Deref;
use std::time::Duration;

use graticule_array::Array;

use super::factor::Factor;
use super::grouped::GroupBy;
use super::grouper::Grouper;
use super::key::GroupKey;
use crate::align::able_to_miss;
use crate::coords::Coords;
use crate::error::{Error, Result};
use crate::index::{Index, Key};
use crate::interp::InterpMethod;
use crate::labeled::{DataArray, DataVars, Labeled};

/// Data divided into spans of time, made by [`Labeled::resample`]. It has all methods of [`GroupBy`] for fewer times, and
/// its own for more.
#[derive(Clone)]
pub struct Resample<V> {
    groups: GroupBy<V>,
    tolerance: Option<Duration>,
}

impl<V> Deref for Resample<V> {
    type Target = GroupBy<V>;

    fn deref(&self) -> &GroupBy<V> {
        &self.groups
    }
}

impl<V: DataVars> Labeled<V> {
    /// Divides a dimension of times, of any calendar, into spans of a frequency such as `MS`, `QS-DEC`, `5D`, `6h`.
    /// [`crate::TimeResampler`] has options; [`crate::SeasonResampler`] makes seasons that stay whole over the turn of the
    /// year.
    ///
    /// The dimension keeps its name and has the labels of all spans, those without data included: their results are missing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::time::date_range;
    /// use graticule_dataset::{DataArray, Variable};
    /// let time = date_range("time", "2000-01-01", "2000-03-31", "D")?;
    /// let da = DataArray::new(None, Variable::new(["time"], Array::ones(91, "auto")?)?, [("time".into(), time)])?;
    /// let days = da.resample("time", "MS")?.sum()?;
    /// assert_eq!(days.values::<f64>()?.into_raw_vec_and_offset().0, [31.0, 29.0, 31.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] when there is no such dimension, [`Error::Unindexed`] when it has no times,
    /// [`Error::Time`] for an unknown frequency.
    pub fn resample(&self, dim: &str, grouper: impl Into<Spans>) -> Result<Resample<V>> {
        self.size(dim)?;
        let times = self.coords.get(dim).filter(|_| self.coords.is_index(dim));
        if times.is_none_or(|times| times.calendar().is_none()) {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has no times as labels".into(),
                hint: "resample a dimension of datetimes; decode numbers with units, or use groupby_bins"
                    .into(),
            });
        }
        let grouper = grouper.into().0;
        let factor = grouper.factorize(&self.group_key(GroupKey::from(dim))?)?;
        Ok(Resample { groups: GroupBy::new(self, vec![factor])?, tolerance: None })
    }
}

/// How [`Labeled::resample`] divides times: by a frequency, or into the seasons of each year.
#[derive(Debug, Clone)]
pub struct Spans(Grouper);

impl From<&str> for Spans {
    fn from(freq: &str) -> Self {
        Self(super::resampler::TimeResampler::new(freq).into())
    }
}

macro_rules! spans_from {
    ($($t:ty)+) => {$(
        impl From<$t> for Spans {
            fn from(grouper: $t) -> Self {
                Self(grouper.into())
            }
        }
    )+};
}

spans_from! { super::resampler::TimeResampler super::season::SeasonResampler }

impl<V: DataVars> Resample<V> {
    /// How far a value may be from the label that it is taken for by [`Resample::ffill`], [`Resample::bfill`] and
    /// [`Resample::nearest`].
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// The value of each label: that of the last time at or before it. Missing values are values too: they are not filled.
    ///
    /// # Errors
    /// As [`Labeled::sel`].
    pub fn ffill(&self) -> Result<Labeled<V>> {
        self.taken(|index, key| index.at_or_before(key))
    }

    /// The value of each label: that of the first time at or after it.
    ///
    /// # Errors
    /// As [`Resample::ffill`].
    pub fn bfill(&self) -> Result<Labeled<V>> {
        self.taken(|index, key| index.at_or_after(key))
    }

    /// The value of each label: that of the nearest time; of two equally near ones the later.
    ///
    /// # Errors
    /// As [`Resample::ffill`].
    pub fn nearest(&self) -> Result<Labeled<V>> {
        self.taken(Index::nearest)
    }

    /// The mean of each span, missing where it has no data: the data at the new labels, with gaps between.
    ///
    /// # Errors
    /// As [`GroupBy::mean`].
    pub fn asfreq(&self) -> Result<Labeled<V>> {
        self.groups.mean()
    }

    /// Values at the labels between those of the data, by a method of [`InterpMethod`] under its name: `linear`, `nearest`,
    /// `zero`, `cubic` and so on. Labels outside the data are missing. Numbers become float64.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an unknown method, and as [`Labeled::interp_with`].
    pub fn interpolate(&self, kind: &str) -> Result<Labeled<V>> {
        let method = InterpMethod::parse(kind)?;
        let factor = self.groups.one_factor("resampling")?;
        let obj = &self.groups.obj;
        let Some(labels) = &factor.labels else {
            return Err(Error::unknown_dim(&factor.name, obj.all_dims()));
        };
        let labels = DataArray::new(None, labels.clone(), [])?;
        let coords = obj
            .coords
            .filtered(|name, variable| name == &*factor.name || variable.axis(&factor.name).is_none());
        Labeled::from_parts(obj.vars.clone(), coords).interp_with([(&factor.name, &labels)], method)
    }
}

type Find = fn(&Index, &Key) -> Option<usize>;

impl<V: DataVars> Resample<V> {
    fn factor(&self) -> Result<(&Factor, Index, Index)> {
        let factor = self.groups.one_factor("resampling")?;
        let dim = &factor.name;
        let old = self.groups.obj.coords.index(dim);
        let mut labels = Coords::default();
        if let Some(new) = &factor.labels {
            labels.insert(dim.to_string(), new.clone())?;
        }
        match (old, labels.index(dim)) {
            (Some(old), Some(new)) => Ok((factor, old, new)),
            _ => Err(Error::unknown_dim(dim, self.groups.obj.all_dims())),
        }
    }

    /// The data at positions that are found for the labels.
    fn taken(&self, find: Find) -> Result<Labeled<V>> {
        let (_, old, new) = self.factor()?;
        let reach = self.tolerance.map(|reach| reach.as_nanos() as f64);
        let near = |key: &Key, at: usize| match (reach, old.keys().get(at)) {
            (Some(reach), Some(label)) => label.distance(key).is_some_and(|distance| distance <= reach),
            _ => true,
        };
        let places = new
            .keys()
            .iter()
            .map(|key| find(&old, key).filter(|&at| near(key, at)).map_or(-1, |at| at as i64));
        self.at(&places.collect::<Vec<i64>>())
    }

    /// The data at positions of their dimension, missing at -1, under the labels of the spans.
    fn at(&self, places: &[i64]) -> Result<Labeled<V>> {
        self.each(|data, axis| {
            let data = if places.contains(&-1) { able_to_miss(data.clone())? } else { data.clone() };
            data.group_broadcast(axis, places)
        })
    }

    /// Data along the dimension after a function, under the labels of the spans.
    fn each(&self, f: impl Fn(&Array, isize) -> graticule_array::Result<Array>) -> Result<Labeled<V>> {
        let factor = self.groups.one_factor("resampling")?;
        let dim = &factor.name;
        let obj = &self.groups.obj;
        let vars = obj.vars.map(|variable| match variable.axis(dim) {
            Some(axis) => variable.apply(|data| f(data, axis as isize)),
            None => Ok(variable.clone()),
        })?;
        let coords = obj.coords.filtered(|_, variable| variable.axis(dim).is_none());
        Ok(Labeled::from_parts(vars, self.groups.with_labels(coords)?))
    }
}
