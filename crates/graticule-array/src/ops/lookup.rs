//! Functions given by a sorted table in memory.

use std::sync::Arc;

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::Formula;
use crate::function::{Members, Side, Table};
use crate::scalar::{Float, Scalar};

impl Array {
    /// Whether the elements are among some values. Like other constants these take on the dtype of the array;
    /// one that it cannot hold is never met, and NaN is no member.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.isin([3, 1])?;
    /// assert_eq!(x.compute()?.as_slice::<bool>()?, [false, true, false, true, false]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for values of another kind than the array's, such as texts among numbers.
    pub fn isin(&self, values: impl IntoIterator<Item = impl Into<Scalar>>) -> Result<Self> {
        let values: Vec<Scalar> = values.into_iter().map(Into::into).collect();
        let members = Members::new(&values, self.dtype())?;
        let argument = if self.dtype() == DType::Bool { DType::I8 } else { self.dtype() };
        self.map(Formula::lookup(self.dtype(), argument, Table::Member(members))?)
    }

    /// The number of the bin that each element falls into, int64. Bin `i` is from edge `i - 1` to edge `i`; 0 is
    /// before all edges, and the last is after them, where NaN is too.
    ///
    /// A bin is closed at its lower edge, or at its upper one if `right`. Edges go up or down. Elements are
    /// compared with them as float64.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(0.0, 3.0, 4)?;
    /// assert_eq!(x.digitize(&[1.0, 2.5], false)?.compute()?.as_slice::<i64>()?, [0, 1, 1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for edges that go neither up nor down or are NaN, [`Error::Dtype`] for texts and times.
    pub fn digitize(&self, edges: &[f64], right: bool) -> Result<Self> {
        let side = if right { Side::Left } else { Side::Right };
        if edges.is_sorted_by(|a, b| a <= b) && !edges.iter().any(|edge| edge.is_nan()) {
            return self.position_in(edges.iter().copied(), side);
        }
        if edges.is_sorted_by(|a, b| a >= b) {
            let from_end = self.position_in(edges.iter().rev().copied(), side)?;
            return edges.len() as i64 - from_end;
        }
        let hint = "edges go up or go down, and none is NaN";
        Err(Error::argument("edges", format!("{edges:?}"), hint))
    }

    fn position_in(&self, edges: impl Iterator<Item = f64>, side: Side) -> Result<Self> {
        let edges: Arc<[Float]> = edges.map(Float::new).collect();
        self.number_lookup("a position among numbers", Table::Position { edges, side })
    }

    /// The line through the points `(xs[i], ys[i])` at each element, float64. Before the first point and after the
    /// last it is `left` and `right`, or else the value of that point; of NaN it is NaN.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let y = Array::arange(4)?.interp(&[1.0, 3.0], &[10.0, 20.0], None, Some(-1.0))?;
    /// assert_eq!(y.compute()?.as_slice::<f64>()?, [10.0, 10.0, 15.0, 20.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for no points or `xs` that are not sorted, [`Error::Shape`] when there are not as many
    /// `ys`, [`Error::Dtype`] for texts and times.
    pub fn interp(&self, xs: &[f64], ys: &[f64], left: Option<f64>, right: Option<f64>) -> Result<Self> {
        if xs.len() != ys.len() {
            return Err(Error::Shape {
                operation: "interpolation".into(),
                left: vec![xs.len()],
                right: vec![ys.len()],
                hint: "give one value for each point".into(),
            });
        }
        let (Some(&first), Some(&last)) = (ys.first(), ys.last()) else {
            return Err(Error::argument("xs", "[]", "give at least one point"));
        };
        if !xs.is_sorted_by(|a, b| a <= b) || xs.iter().any(|x| x.is_nan()) {
            let hint = "sort the points by xs; none is NaN";
            return Err(Error::argument("xs", format!("{xs:?}"), hint));
        }
        let floats = |values: &[f64]| values.iter().copied().map(Float::new).collect();
        let (left, right) = (Float::new(left.unwrap_or(first)), Float::new(right.unwrap_or(last)));
        self.number_lookup("interpolation", Table::Line { xs: floats(xs), ys: floats(ys), left, right })
    }

    /// [`Array::interp`] on a circle: positions that differ by a multiple of `period` are the same, such as
    /// longitudes by 360. The points may be in any order.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let longitude = Array::arange_step(-90, 450, 180)?;
    /// let y = longitude.interp_periodic(&[0.0, 180.0], &[0.0, 1.0], 360.0)?;
    /// assert_eq!(y.compute()?.as_slice::<f64>()?, [0.5, 0.5, 0.5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::interp`]; [`Error::Argument`] for a period that is not positive and finite.
    pub fn interp_periodic(&self, xs: &[f64], ys: &[f64], period: f64) -> Result<Self> {
        if !(period.is_finite() && period > 0.0) {
            return Err(Error::argument("period", period, "use a positive number"));
        }
        if xs.iter().any(|x| !x.is_finite()) {
            return Err(Error::argument("xs", format!("{xs:?}"), "positions on a circle are finite"));
        }
        let mut points: Vec<(f64, f64)> =
            xs.iter().map(|x| x.rem_euclid(period)).zip(ys.iter().copied()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (Some(&first), Some(&last), true) = (points.first(), points.last(), xs.len() == ys.len()) else {
            return self.interp(xs, ys, None, None);
        };
        // The circle goes on at both ends.
        points.insert(0, (last.0 - period, last.1));
        points.push((first.0 + period, first.1));
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        self.astype(DType::F64)?.remainder(period)?.interp(&xs, &ys, None, None)
    }

    fn number_lookup(&self, operation: &str, table: Table) -> Result<Self> {
        if !self.dtype().is_numeric() {
            let hint = "it works on numbers; cast times to int64 first".into();
            return Err(Error::Dtype { operation: operation.into(), dtype: self.dtype(), hint });
        }
        self.map(Formula::lookup(self.dtype(), DType::F64, table)?)
    }
}
