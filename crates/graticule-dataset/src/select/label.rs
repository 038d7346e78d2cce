//! Selecting by label: `sel`.

use graticule_array::{DType, Scalar};

use super::position::Pick;
use super::sel::{Label, Labels, Method, Sel, Tolerance};
use crate::error::{Error, Result};
use crate::index::{Index, Key, Lookup, Order, scalar_text};
use crate::labeled::{DataVars, Labeled};
use crate::time::{Civil, PartialDate, Resolution};

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
        self.size(dim)?;
        let Some(index) = self.coords.index(dim) else {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has no coordinate to select by".into(),
                hint: "use isel with positions, or add labels with assign_coords".into(),
            });
        };
        self.pick(dim, &labels.into().resolve(&index)?)
    }
}

impl Sel {
    /// The positions of the labels in an index.
    pub(crate) fn resolve(&self, index: &Index) -> Result<Pick> {
        match &self.labels {
            Labels::One(label) => self.one(index, label),
            Labels::Many(labels) => {
                // In sorted labels each is found by bisection; in others a table saves walking through all for each.
                let table = (index.order() == Order::Unsorted).then(|| index.lookup());
                let positions = labels.iter().map(|label| self.position(index, label, table.as_ref()));
                Ok(Pick::of_positions(positions.collect::<Result<_>>()?))
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
        let key = key(index, label)?;
        if key.is_missing() {
            return Err(not_found(index, label, "missing labels cannot be selected; use isel".into()));
        }
        let found = match self.method {
            Method::Exact => None,
            Method::Nearest => index.nearest(&key),
            Method::Pad => index.at_or_before(&key),
            Method::Backfill => index.at_or_after(&key),
        };
        if self.method == Method::Exact && self.tolerance.is_some() {
            let hint = "an exact label needs none; use Sel::nearest, Sel::pad or Sel::backfill";
            return Err(Error::argument("tolerance", "given", hint));
        }
        let Some(position) = found else { return self.exact_position(index, label, &key, table) };
        if let (Some(tolerance), Some(taken)) = (self.tolerance, index.keys().get(position)) {
            let allowed = match (tolerance, index.dtype().is_time()) {
                (Tolerance::Number(allowed), false) => allowed,
                (Tolerance::Time(allowed), true) => allowed.as_nanos() as f64,
                (Tolerance::Number(x), true) => {
                    return Err(Error::argument("tolerance", x, "on times, give a std::time::Duration"));
                }
                (Tolerance::Time(x), false) => {
                    return Err(Error::argument(
                        "tolerance",
                        format!("{x:?}"),
                        "the labels are numbers, give a number",
                    ));
                }
            };
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

fn not_found(index: &Index, label: &Label, hint: String) -> Error {
    Error::Label {
        dim: index.dim().clone(),
        label: scalar_text(&label.0, label.1.or(index.calendar()).unwrap_or_default()),
        hint,
    }
}

/// A label as the index would hold it.
fn key(index: &Index, label: &Label) -> Result<Key> {
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
            let own = index.calendar().unwrap_or_default();
            match Civil::from_count_in(*count, *unit, label.1.unwrap_or(own)) {
                None => Key::Missing,
                Some(civil) => match civil.to_nanos_in(own) {
                    Some(nanos) => Key::Int(nanos),
                    None => return wrong(&format!("the calendar {own} has no such date")),
                },
            }
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
        Key::Float(_) | Key::Text(_) | Key::Missing => None,
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
