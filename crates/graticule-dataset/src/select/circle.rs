//! Labels on a circle, such as longitudes.

use std::ops::Range;

use graticule_array::{Buffer, Chunk, DType};

use super::label::not_found;
use super::position::Pick;
use super::sel::{Label, Labels, Method, Sel};
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::index::{Index, keys, label_text};
use crate::labeled::{DataVars, Labeled};

/// How far apart labels may be, of the whole circle, to be the same: adding a multiple of the period rounds.
const SAME: f64 = 1e-9;

impl Sel {
    /// The positions of the labels on a circle.
    pub(super) fn resolve_on_circle(&self, index: &Index, period: f64) -> Result<Pick> {
        check(index, period)?;
        match &self.labels {
            Labels::One(label) => Ok(Pick::One(self.on_circle(index, label, period)?)),
            Labels::Many(labels) => {
                let positions = labels.iter().map(|label| self.on_circle(index, label, period));
                Ok(Pick::of_positions(positions.collect::<Result<_>>()?))
            }
            Labels::Array(labels) => Ok(Pick::of_positions(self.positions_of(index, labels.variable())?)),
            Labels::Between(Some(start), Some(end)) => {
                let (start, end) = (degrees(index, start)?, degrees(index, end)?);
                let slack = SAME * period;
                let width = if end - start >= period { period } else { (end - start).rem_euclid(period) };
                let offset = |label: f64| {
                    let offset = (label - start).rem_euclid(period);
                    if offset > period - slack { 0.0 } else { offset }
                };
                let mut found: Vec<(f64, usize)> = index
                    .keys()
                    .iter()
                    .enumerate()
                    .map(|(position, key)| (offset(key.to_f64()), position))
                    .filter(|(offset, _)| *offset <= width + slack)
                    .collect();
                found.sort_by(|a, b| a.0.total_cmp(&b.0));
                Ok(Pick::of_positions(found.into_iter().map(|(_, position)| position).collect()))
            }
            Labels::Between(..) => {
                let hint = "a range on a circle needs both its ends";
                Err(Error::argument("labels", "an open range", hint))
            }
        }
    }

    /// The one position that a label on a circle means.
    pub(super) fn on_circle(&self, index: &Index, label: &Label, period: f64) -> Result<usize> {
        check(index, period)?;
        let wanted = degrees(index, label)?;
        // A whole turn, but for rounding, is none.
        let turned = |way: f64| if way > period * (1.0 - SAME) { 0.0 } else { way };
        let distance = |position: usize| {
            let key = index.keys().get(position);
            let ahead = key.map_or(f64::NAN, |key| turned((key.to_f64() - wanted).rem_euclid(period)));
            match self.method {
                Method::Exact | Method::Nearest => ahead.min(period - ahead),
                Method::Pad => turned(period - ahead),
                Method::Backfill => ahead,
            }
        };
        let nearest = (0..index.len()).map(|position| (distance(position), position));
        let nearest = nearest.filter(|(distance, _)| !distance.is_nan()).min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((nearest, position)) = nearest else {
            return Err(not_found(index, label, index.range_text()));
        };
        let allowed = match (self.method, self.tolerance) {
            (Method::Exact, _) => SAME * period,
            (_, Some(tolerance)) => tolerance.allowed(index.dtype(), &crate::index::Key::of_f64(wanted))?,
            (_, None) => f64::INFINITY,
        };
        if nearest > allowed {
            let near = index.text(position);
            let hint =
                format!("the nearest on the circle is {near}, {nearest} away; use Sel::nearest to take it");
            return Err(not_found(index, label, hint));
        }
        Ok(position)
    }
}

fn check(index: &Index, period: f64) -> Result<()> {
    if !(period.is_finite() && period > 0.0) {
        return Err(Error::argument("period", period, "use a positive number, such as 360.0 for degrees"));
    }
    if !index.dtype().is_numeric() {
        let hint =
            format!("coordinate {:?} holds {}, only numbers lie on a circle", index.dim(), index.dtype());
        return Err(Error::argument("period", period, hint));
    }
    Ok(())
}

fn degrees(index: &Index, label: &Label) -> Result<f64> {
    let value = super::label::key(index, label)?.to_f64();
    if value.is_finite() { Ok(value) } else { Err(not_found(index, label, "give a finite number".into())) }
}

impl<V: DataVars> Labeled<V> {
    /// The data with the labels of a dimension brought into one turn of a circle, and in increasing order.
    ///
    /// `wrap("lon", -180.0..180.0)` turns longitudes from 0 to 360 into such from -180 to 180, and
    /// `wrap("lon", 0.0..360.0)` the other way round.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lon = Variable::from_vec("lon", vec![0.0, 90.0, 180.0, 270.0])?;
    /// let da = DataArray::new(None, Variable::new(["lon"], Array::arange(4)?)?, [("lon".into(), lon)])?;
    /// let da = da.wrap("lon", -180.0..180.0)?;
    /// assert_eq!(da.coords().labels("lon").map(|lon| lon.to_f64()), Some(vec![-180.0, -90.0, 0.0, 90.0]));
    /// assert_eq!(da.values::<i64>()?.into_raw_vec_and_offset().0, [2, 3, 0, 1]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::Unindexed`] for a dimension without labels, [`Error::Argument`] for labels
    /// that are no numbers or a turn that is empty, [`Error::AmbiguousLabel`] for two labels that become one, such
    /// as 0 and 360.
    pub fn wrap(&self, dim: &str, turn: Range<f64>) -> Result<Self> {
        self.size(dim)?;
        let (Some(index), Some(variable)) = (self.coords.index(dim), self.coords.index_variable(dim)) else {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has no labels of one coordinate to wrap".into(),
                hint: "add them with assign_coords".into(),
            });
        };
        check(&index, turn.end - turn.start)?;
        let labels = wrapped(index.labels(), &turn)?;
        let keys = keys(&labels);
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|&a, &b| keys.get(a).cmp(&keys.get(b)));
        let twins = order.iter().zip(order.iter().skip(1)).find(|(a, b)| keys.get(**a) == keys.get(**b));
        if let Some((&first, _)) = twins {
            let count = keys.iter().filter(|key| keys.get(first) == Some(key)).count();
            return Err(Error::AmbiguousLabel {
                dim: dim.into(),
                label: label_text(&labels, first, Calendar::default()),
                count,
                hint: "once wrapped; leave out all but one of them with isel first".into(),
            });
        }
        let relabeled = variable.with_data(graticule_array::Array::from_chunk(labels)?)?;
        let name = index.dim().to_string();
        let coords = self.coords.mapped(|coord, variable| {
            Ok(Some(if coord == name { relabeled.clone() } else { variable.clone() }))
        })?;
        Self::from_parts(self.vars.clone(), coords).pick(dim, &Pick::of_positions(order))
    }
}

/// The labels in one turn, computed in their own dtype.
fn wrapped(labels: &Chunk, turn: &Range<f64>) -> Result<Chunk> {
    let (start, period) = (turn.start, turn.end - turn.start);
    if let Buffer::F32(values) = labels.buffer() {
        let (start, period) = (start as f32, period as f32);
        let wrap = |x: &f32| {
            let offset = (x - start).rem_euclid(period);
            start + if offset >= period { 0.0 } else { offset }
        };
        return Ok(Chunk::new(vec![values.len()], values.iter().map(wrap).collect::<Vec<f32>>())?);
    }
    let wrap = |x: f64| {
        let offset = (x - start).rem_euclid(period);
        start + if offset >= period { 0.0 } else { offset }
    };
    let values: Vec<f64> = labels.to_f64().into_iter().map(wrap).collect();
    if labels.dtype() != DType::F64 && values.iter().all(|x| x.fract() == 0.0) {
        let whole: Vec<i64> = values.iter().map(|&x| x as i64).collect();
        return Ok(Chunk::new(vec![whole.len()], whole)?);
    }
    Ok(Chunk::new(vec![values.len()], values)?)
}
