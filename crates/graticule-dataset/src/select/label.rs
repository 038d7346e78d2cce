//! Selecting by label: `sel`.

use graticule_array::{DType, Scalar, TimeUnit};

use super::position::Pick;
use super::sel::{Label, Labels, Method, Sel};
use crate::calendar::Calendar;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Index, Intervals, Key, Lookup, Order, scalar_text};
use crate::labeled::{DataVars, Labeled};
use crate::time::{Civil, PartialDate, Resolution};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The data at some labels of a dimension: one, several, or all within a range.
    ///
    /// - A range includes both ends and takes the labels within it, in the order of the coordinate, whether
    ///   that increases or decreases.
    /// - On times a text selects all that it leaves open: `"2015-03"` is a month. A text as fine as the labels,
    ///   such as a day on daily data, selects one.
    /// - A label is cast to the dtype of the coordinate before it is compared, so `0.1` finds the float32 `0.1`.
    /// - [`Sel::nearest`] finds labels that are not exactly there.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Sel, Variable};
    /// let data = Variable::new(["lat"], Array::ones(4, "auto")?)?;
    /// let lat = Variable::from_vec("lat", vec![60.0, 20.0, -20.0, -60.0])?;
    /// let da = DataArray::new(None, data, [("lat".into(), lat)])?;
    /// assert_eq!(da.sel("lat", 20.0)?.dims().len(), 0);
    /// assert_eq!(da.sel("lat", -30.0..=30.0)?.shape(), [2]);
    /// assert_eq!(da.sel("lat", Sel::nearest(18.5).tolerance(2.0))?.dims().len(), 0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::Unindexed`] for a dimension without labels, [`Error::Label`] for a label
    /// that is not there, [`Error::AmbiguousLabel`] for one that is there several times, [`Error::Time`] for a
    /// text that is no date.
    pub fn sel(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        let sel = labels.into();
        if let Labels::Array(_) = sel.labels {
            return self.sel_dims([(dim, sel)]);
        }
        match self.indexed(dim)? {
            Indexed::Whole(along, index) => self.pick(&along, &sel.resolve(&index)?),
            Indexed::Level(along, index) => self.sel_level(&along, dim, &sel, &index),
        }
    }

    /// The index that a name means: that of a dimension, or of a coordinate that is an index or a level of one.
    pub(super) fn indexed(&self, name: &str) -> Result<Indexed> {
        let along = match self.coords.indexed_dim(name) {
            Some(along) => along.clone(),
            None if self.coords.contains(name) && self.size(name).is_err() => {
                return Err(Error::Unindexed {
                    dim: name.into(),
                    problem: "is a coordinate that is no index".into(),
                    hint: "make it one with set_xindex, or use where_ with a comparison".into(),
                });
            }
            None => {
                self.size(name)?;
                name.into()
            }
        };
        let levels = self.coords.index_names(&along);
        let index = self.coords.level_index(name).or_else(|| self.coords.index(name));
        match (levels.as_slice(), index) {
            ([_], Some(index)) => Ok(Indexed::Whole(along, index)),
            ([_, _, ..], Some(index)) => Ok(Indexed::Level(along, index)),
            ([_, _, ..], None) => Err(Error::Unindexed {
                dim: along.clone(),
                problem: "has an index of several levels".into(),
                hint: format!("select by one of its levels: {}", levels.join(", ")),
            }),
            _ => Err(Error::Unindexed {
                dim: along,
                problem: "has no coordinate to select by".into(),
                hint: "use isel with positions, or add labels with assign_coords".into(),
            }),
        }
    }
}

/// What the name of a dimension or a coordinate gives to select by, and the dimension along which that is.
pub(super) enum Indexed {
    /// The only index of the dimension.
    Whole(Dim, Index),
    /// A level of a multi-index.
    Level(Dim, Index),
}

impl Sel {
    /// The positions of the labels in an index.
    pub(crate) fn resolve(&self, index: &Index) -> Result<Pick> {
        if let Some(period) = self.period {
            return self.resolve_on_circle(index, period);
        }
        match &self.labels {
            Labels::Array(labels) => Ok(Pick::of_positions(self.positions_of(index, labels.variable())?)),
            Labels::One(label) => self.one(index, label),
            Labels::Many(labels) => {
                let positions = self.positions(index, labels.iter().cloned())?;
                Ok(Pick::of_positions(positions))
            }
            Labels::Between(start, end) => {
                if self.method != Method::Exact {
                    let hint = "a range takes the labels within it; select its ends by isel instead";
                    return Err(Error::argument("method", format!("{:?}", self.method), hint));
                }
                let bound = |label: &Option<Label>| {
                    let Some(label) = label else { return Ok(None) };
                    let span = span(index, label)?;
                    if span.0.is_missing() {
                        return Err(not_found(
                            index,
                            label,
                            "a missing value bounds nothing; leave it out".into(),
                        ));
                    }
                    Ok(Some(span))
                };
                let (start, end) = (bound(start)?, bound(end)?);
                Ok(between(index, start, end))
            }
        }
    }

    /// Where each of several labels is.
    fn positions(&self, index: &Index, labels: impl Iterator<Item = Label>) -> Result<Vec<usize>> {
        // In sorted labels each is found by bisection; in others a table saves walking through all for each.
        let table = (index.order() == Order::Unsorted).then(|| index.lookup());
        labels.map(|label| self.position(index, &label, table.as_ref())).collect()
    }

    /// Where each label of a variable is; times are dates of the variable's calendar.
    pub(super) fn positions_of(&self, index: &Index, labels: &Variable) -> Result<Vec<usize>> {
        let (values, calendar) = (labels.values()?, labels.calendar());
        let labels = (0..values.len()).filter_map(|i| values.get(i)).map(|value| Label(value, calendar));
        match self.period {
            Some(period) => labels.map(|label| self.on_circle(index, &label, period)).collect(),
            None => self.positions(index, labels),
        }
    }

    fn one(&self, index: &Index, label: &Label) -> Result<Pick> {
        if let (DType::Datetime(unit), Scalar::Str(text), Method::Exact) =
            (index.dtype(), &label.0, self.method)
        {
            let date = PartialDate::parse_in(text, index.calendar().unwrap_or_default())?;
            if date.resolution() < resolution(index) {
                let (first, last) = date.bounds(unit);
                let key = |count| Key::of_scalar(&Scalar::Datetime(count, unit));
                let within = |k: &Key| *k >= key(first) && *k <= key(last) && !k.is_missing();
                let found = index.keys().iter().enumerate().filter(|(_, k)| within(k));
                let positions: Vec<usize> = found.map(|(i, _)| i).collect();
                if positions.is_empty() {
                    let hint = format!("nothing lies within it; {}", index.range_text());
                    return Err(not_found(index, label, hint));
                }
                return Ok(Pick::of_positions(positions));
            }
        }
        Ok(Pick::One(self.position(index, label, None)?))
    }

    /// The one position that a label means.
    fn position(&self, index: &Index, label: &Label, table: Option<&Lookup<'_>>) -> Result<usize> {
        if let (DType::Str, false) = (index.dtype(), matches!(label.0, Scalar::Str(_)))
            && let Some(intervals) = Intervals::of_labels(index.labels())
        {
            // Dates at the ends of intervals are plain ones.
            let plain = Calendar::default();
            let key = match label.0 {
                Scalar::Datetime(count, unit) => moment(index, label, count, unit, plain)?,
                _ => Key::of_scalar(&label.0),
            };
            return intervals.one(index.dim(), &key, scalar_text(&label.0, label.1.unwrap_or(plain)));
        }
        let key = key(index, label)?;
        if key.is_missing() {
            return Err(not_found(index, label, "missing labels cannot be selected; use isel".into()));
        }
        if self.method == Method::Exact && self.tolerance.is_some() {
            let hint = "an exact label needs none; use Sel::nearest, Sel::pad or Sel::backfill";
            return Err(Error::argument("tolerance", "given", hint));
        }
        let Some(position) = index.find(&key, self.method)? else {
            return self.exact_position(index, label, &key, table);
        };
        if let (Some(tolerance), Some(taken)) = (self.tolerance, index.keys().get(position)) {
            let allowed = tolerance.allowed(index.dtype(), &key)?;
            if taken.distance(&key).is_none_or(|distance| distance > allowed) {
                let hint = format!("the nearest label is {}, beyond the tolerance", index.text(position));
                return Err(not_found(index, label, hint));
            }
        }
        Ok(position)
    }

    fn exact_position(
        &self,
        index: &Index,
        label: &Label,
        key: &Key,
        table: Option<&Lookup<'_>>,
    ) -> Result<usize> {
        let positions = match table {
            Some(table) => table.get(key).cloned().unwrap_or_default(),
            None => index.positions(key),
        };
        match positions.as_slice() {
            [position] => Ok(*position),
            [] => {
                let near =
                    index.nearest(key).map(|position| format!("the nearest is {}, ", index.text(position)));
                let hint = match (near, self.method) {
                    (Some(near), Method::Exact) => {
                        format!("{near}{}; use Sel::nearest for the nearest label", index.range_text())
                    }
                    (near, _) => format!("{}{}", near.unwrap_or_default(), index.range_text()),
                };
                Err(not_found(index, label, hint))
            }
            several => Err(Error::AmbiguousLabel {
                dim: index.dim().clone(),
                label: scalar_text(&label.0, label.1.or(index.calendar()).unwrap_or_default()),
                count: several.len(),
                hint: "select by position with isel, or by a range of labels".into(),
            }),
        }
    }
}

impl Index {
    /// The position of the label that a method takes for a key; nothing where there is none, or for
    /// [`Method::Exact`].
    ///
    /// # Errors
    /// [`Error::Unindexed`] for the label before or after on labels without an order.
    pub(crate) fn find(&self, key: &Key, method: Method) -> Result<Option<usize>> {
        match (method, self.order()) {
            (Method::Exact, _) => Ok(None),
            (Method::Nearest, _) => Ok(self.nearest(key)),
            (Method::Pad, Order::Increasing) | (Method::Backfill, Order::Decreasing) => {
                Ok(self.at_or_before(key))
            }
            (Method::Backfill, Order::Increasing) | (Method::Pad, Order::Decreasing) => {
                Ok(self.at_or_after(key))
            }
            (Method::Pad | Method::Backfill, Order::Unsorted) => Err(Error::Unindexed {
                dim: self.dim().clone(),
                problem: "has labels in no order, so none comes before or after a wanted one".into(),
                hint: "use sortby first".into(),
            }),
        }
    }
}

pub(super) fn not_found(index: &Index, label: &Label, hint: String) -> Error {
    let calendar = label.1.or(index.calendar()).unwrap_or_default();
    Error::Label { dim: index.dim().clone(), label: scalar_text(&label.0, calendar), hint }
}

/// A label as the index would hold it.
pub(super) fn key(index: &Index, label: &Label) -> Result<Key> {
    Ok(span(index, label)?.0)
}

/// The first and the last key that a label means at an end of a range: different for dates that leave
/// something open, else the same.
fn span(index: &Index, label: &Label) -> Result<(Key, Key)> {
    let wrong =
        |hint: &str| Err(not_found(index, label, format!("its labels are {}; {hint}", index.dtype())));
    let key = match (index.dtype(), &label.0) {
        (DType::Datetime(unit), Scalar::Str(text)) => {
            let date = PartialDate::parse_in(text, index.calendar().unwrap_or_default())?;
            let last = Key::of_scalar(&Scalar::Datetime(date.bounds(unit).1, unit));
            return Ok((Key::Int(date.start_nanos()), last));
        }
        (DType::Datetime(_), Scalar::Datetime(count, unit)) => {
            moment(index, label, *count, *unit, index.calendar().unwrap_or_default())?
        }
        (DType::Timedelta(_), Scalar::Timedelta(..)) => Key::of_scalar(&label.0),
        (DType::Datetime(_), _) => return wrong("give a date such as \"2015-03-01\", or a chrono date"),
        (DType::Timedelta(_), _) => return wrong("give a timedelta"),
        (DType::Str, Scalar::Str(_)) => Key::of_scalar(&label.0),
        (DType::Str, _) => return wrong("give a text"),
        (_, Scalar::Str(_) | Scalar::Datetime(..) | Scalar::Timedelta(..)) => return wrong("give a number"),
        (DType::F32, value) => Key::of_f64(f64::from(value.to_f64() as f32)),
        (_, value) => Key::of_scalar(value),
    };
    Ok((key.clone(), key))
}

/// The moment of a calendar that has the date of a label.
fn moment(index: &Index, label: &Label, count: i64, unit: TimeUnit, calendar: Calendar) -> Result<Key> {
    let Some(civil) = Civil::from_count_in(count, unit, label.1.unwrap_or(calendar)) else {
        return Ok(Key::Missing);
    };
    let no_such_date = || {
        let hint = format!("its labels are {}; the calendar {calendar} has no such date", index.dtype());
        not_found(index, label, hint)
    };
    civil.to_nanos_in(calendar).map(Key::Int).ok_or_else(no_such_date)
}

/// The positions of the labels from the start of one span to the end of another.
fn between(index: &Index, start: Option<(Key, Key)>, end: Option<(Key, Key)>) -> Pick {
    // On decreasing labels xarray writes the larger end first; both ways are understood.
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) if start.0 > end.1 && index.order() == Order::Decreasing => {
            (Some(end.0), Some(start.1))
        }
        (start, end) => (start.map(|span| span.0), end.map(|span| span.1)),
    };
    let within = |key: &Key| {
        !key.is_missing()
            && start.as_ref().is_none_or(|start| key >= start)
            && end.as_ref().is_none_or(|end| key <= end)
    };
    if start.is_none() && end.is_none() {
        return Pick::Stride { start: 0, step: 1, len: index.len() };
    }
    let found = index.keys().iter().enumerate().filter(|(_, key)| within(key));
    Pick::of_positions(found.map(|(position, _)| position).collect())
}

/// The finest resolution that the labels use: days where all are at midnight.
fn resolution(index: &Index) -> Resolution {
    let nanos = index.keys().iter().filter_map(|key| match key {
        Key::Int(nanos) => Some(*nanos),
        Key::Float(_) | Key::Text(_) | Key::Tuple(_) | Key::Missing => None,
    });
    nanos.map(Resolution::of_nanos).max().unwrap_or(Resolution::Day)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use graticule_array::{Buffer, Chunk, Element, TimeUnit};

    use super::*;
    use crate::dims::Dim;

    fn index<T: Element>(values: Vec<T>) -> Index {
        Index::new(Dim::new("lat"), Arc::new(Chunk::new(vec![values.len()], values).unwrap()))
    }

    fn days(counts: Vec<i64>) -> Index {
        let dtype = DType::Datetime(TimeUnit::Second);
        let counts: Vec<i64> = counts.into_iter().map(|day| day * 86_400).collect();
        let chunk = Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts)).unwrap();
        Index::new(Dim::new("time"), Arc::new(chunk))
    }

    fn found(index: &Index, sel: impl Into<Sel>) -> Vec<usize> {
        sel.into().resolve(index).unwrap().positions()
    }

    fn message(index: &Index, sel: impl Into<Sel>) -> String {
        sel.into().resolve(index).unwrap_err().to_string()
    }

    #[test]
    fn ranges_include_both_ends_in_either_order() {
        let up = index(vec![-60.0, -20.0, 20.0, 60.0]);
        assert_eq!(found(&up, -20.0..=60.0), [1, 2, 3]);
        assert_eq!(found(&up, ..=-20.0), [0, 1]);
        assert_eq!(found(&up, 20.0..), [2, 3]);
        let down = index(vec![60.0, 20.0, -20.0, -60.0]);
        assert_eq!(found(&down, -20.0..=60.0), [0, 1, 2]);
        let reversed = 60.0..=-20.0;
        assert_eq!(found(&down, reversed), [0, 1, 2]);
    }

    #[test]
    fn a_float32_label_is_found_by_its_float64_text() {
        let index = index(vec![0.1f32, 0.2, 0.3]);
        assert_eq!(found(&index, 0.2), [1]);
        assert_eq!(found(&index, [0.3, 0.1]), [2, 0]);
    }

    #[test]
    fn a_label_that_is_not_there_names_the_nearest() {
        let lat = index(vec![-88.75, 0.0, 88.75]);
        let text = "coordinate \"lat\" has no label 12.3; the nearest is 0, its 3 labels run from -88.75 to 88.75; \
            use Sel::nearest for the nearest label";
        assert_eq!(message(&lat, 12.3), text);
        let text = "coordinate \"lat\" has no label 12.3; the nearest label is 0, beyond the tolerance";
        assert_eq!(message(&lat, Sel::nearest(12.3).tolerance(1.0)), text);
        assert!(message(&lat, "north").contains("its labels are float64; give a number"));
        let text = "coordinate \"lat\" has the label 1 2 times; select by position with isel, or by a range of labels";
        assert_eq!(message(&index(vec![1i32, 1]), 1), text);
    }

    #[test]
    fn methods_take_a_neighbour() {
        let index = index(vec![10.0, 20.0, 30.0]);
        assert_eq!(found(&index, Sel::nearest(14.0)), [0]);
        assert_eq!(found(&index, Sel::pad(29.0)), [1]);
        assert_eq!(found(&index, Sel::backfill(11.0)), [1]);
        assert!(Sel::pad(5.0).resolve(&index).is_err());
        assert!(message(&index, Sel::from(10.0).tolerance(1.0)).contains("use Sel::nearest"));
    }

    #[test]
    fn dates_select_what_they_leave_open() {
        let time = days((0..400).collect());
        assert_eq!(found(&time, "1970-02").len(), 28);
        assert_eq!(found(&time, "1970").len(), 365);
        assert_eq!(Sel::from("1970-02-01").resolve(&time).unwrap(), Pick::One(31));
        assert_eq!(found(&time, "1970-01-30"..="1970-02").len(), 30);
        assert_eq!(found(&time, chrono::NaiveDate::from_ymd_opt(1970, 1, 2).unwrap()), [1]);
        assert!(
            message(&time, "1980").contains("nothing lies within it; its 400 labels run from 1970-01-01")
        );
        assert!(message(&time, 5).contains("give a date"));
        assert_eq!(found(&time, Sel::nearest("1970-01-02T13").tolerance(Duration::from_secs(43_200))), [2]);
    }

    #[test]
    fn a_day_on_hourly_labels_selects_all_its_hours() {
        let dtype = DType::Datetime(TimeUnit::Second);
        let hours: Vec<i64> = (0..48).map(|hour| hour * 3_600).collect();
        let chunk = Chunk::from_buffer(vec![48], dtype, Buffer::I64(hours)).unwrap();
        let time = Index::new(Dim::new("time"), Arc::new(chunk));
        assert_eq!(found(&time, "1970-01-02"), (24..48).collect::<Vec<_>>());
        assert_eq!(Sel::from("1970-01-02T03").resolve(&time).unwrap(), Pick::One(27));
    }
}
