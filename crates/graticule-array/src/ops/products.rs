//! Kronecker products and norms.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::ops::reduce::Axes;

impl Array {
    /// The Kronecker product: every element of this array times the whole other array, side by side, as `numpy.kron`. The
    /// array of fewer axes gets leading ones of length 1.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[1, 10]), "auto")?;
    /// let y = Array::from_array(ndarray::arr2(&[[1, 2], [3, 4]]), "auto")?;
    /// assert_eq!(x.kron(&y)?.compute()?.as_slice::<i32>()?, [1, 2, 10, 20, 3, 4, 30, 40]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] where the dtypes cannot be multiplied, [`Error::Argument`] for a product that is too large.
    pub fn kron(&self, other: &Self) -> Result<Self> {
        let ndim = self.ndim().max(other.ndim());
        let with_axes =
            |array: &Self| (array.ndim()..ndim).try_fold(array.clone(), |array, _| array.expand_dims(0));
        let (x, y) = (with_axes(self)?, with_axes(other)?);
        let mut shape = Vec::with_capacity(ndim);
        for (&a, &b) in x.shape().iter().zip(y.shape()) {
            let len = a.checked_mul(b).filter(|len| isize::try_from(*len).is_ok());
            shape.push(
                len.ok_or_else(|| Error::argument("shape", format!("{a} × {b}"), "take smaller arrays"))?,
            );
        }
        // Each axis becomes two: of this array, and of the other.
        let apart = |array: Self, after: usize| {
            (0..ndim).try_fold(array, |array, axis| array.expand_dims((2 * axis + after) as isize))
        };
        (apart(x, 1)? * apart(y, 0)?)?.reshape_to(shape)
    }

    /// The norm of all that lies along some axes, as `numpy.linalg.vector_norm`: the root of order `order` of the sum of
    /// the absolute values to that power. 2 is the length (over all axes of a matrix the Frobenius norm), 1 the sum,
    /// `f64::INFINITY` the largest, `f64::NEG_INFINITY` the smallest absolute value, 0 the number of elements that are not
    /// 0. Float.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[3.0, -4.0]), "auto")?;
    /// assert_eq!(x.norm(2.0, ())?.compute()?.item::<f64>()?, 5.0);
    /// assert_eq!(x.norm(f64::INFINITY, ())?.compute()?.item::<f64>()?, 4.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for times and text, [`Error::Argument`] for an order
    /// that is NaN.
    pub fn norm(&self, order: f64, axes: impl Into<Axes>) -> Result<Self> {
        let float = self.dtype().to_float();
        let absolute = self.astype(float)?.abs()?;
        let fold = |array: Self, kind: Statistic, axes: Axes| {
            array.reduce(Aggregation { kind, skipna: false }, axes, false)
        };
        let axes = axes.into();
        if order.is_nan() {
            Err(Error::argument("order", order, "use a number, or an infinity for the largest or smallest"))
        } else if order == f64::INFINITY {
            fold(absolute, Statistic::Max, axes)
        } else if order == f64::NEG_INFINITY {
            fold(absolute, Statistic::Min, axes)
        } else if order == 0.0 {
            fold(absolute.not_equal(0.0)?.astype(float)?, Statistic::Sum, axes)
        } else if order == 1.0 {
            fold(absolute, Statistic::Sum, axes)
        } else if order == 2.0 {
            fold(absolute.square()?, Statistic::Sum, axes)?.sqrt()
        } else {
            fold(absolute.pow(order)?, Statistic::Sum, axes)?.pow(1.0 / order)
        }
    }

    /// The distinct values of two arrays together, in order: numpy's `union1d`. Both are computed at once.
    ///
    /// # Errors
    /// As [`Array::unique`]; [`Error::Dtype`] for dtypes that have none in common.
    pub fn union1d(&self, other: &Self) -> Result<Self> {
        let values = Self::concatenate(&[self.ravel()?, other.ravel()?], 0)?.unique()?.values;
        Self::from_chunk(values)
    }

    /// Where the elements on and below a diagonal of a matrix of some shape are: their rows and their columns, int64. See
    /// [`Array::eye`] for `k`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let (rows, columns) = Array::tril_indices((2, 2), 0)?;
    /// assert_eq!(rows.compute()?.as_slice::<i64>()?, [0, 1, 1]);
    /// assert_eq!(columns.compute()?.as_slice::<i64>()?, [0, 0, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for more elements than can be counted.
    pub fn tril_indices((rows, columns): (usize, usize), k: isize) -> Result<(Self, Self)> {
        let end = |row: usize| {
            (row as isize).saturating_add(k).saturating_add(1).clamp(0, columns as isize) as usize
        };
        positions(rows, columns, |row| 0..end(row))
    }

    /// Where the elements on and above a diagonal of a matrix of some shape are, as [`Array::tril_indices`].
    ///
    /// # Errors
    /// As [`Array::tril_indices`].
    pub fn triu_indices((rows, columns): (usize, usize), k: isize) -> Result<(Self, Self)> {
        let start = |row: usize| (row as isize).saturating_add(k).clamp(0, columns as isize) as usize;
        positions(rows, columns, |row| start(row)..columns)
    }
}

/// The rows and the columns of the elements in some columns of each row.
fn positions(
    rows: usize,
    columns: usize,
    inside: impl Fn(usize) -> std::ops::Range<usize> + Copy,
) -> Result<(Array, Array)> {
    crate::ops::create::checked((rows, columns))?;
    let row_numbers = (0..rows).flat_map(|row| inside(row).map(move |_| row as i64));
    let column_numbers = (0..rows).flat_map(|row| inside(row).map(|column| column as i64));
    let line = |values: Vec<i64>| Array::from_array(ndarray::Array1::from(values), "auto");
    Ok((line(row_numbers.collect())?, line(column_numbers.collect())?))
}
