//! Diagonals and triangles.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{Chunks, IntoShape};
use crate::ops::create::{checked, constant, positions, zero};

impl Array {
    /// Ones on a diagonal and zeros elsewhere, float64. Diagonal `k` begins `k` columns to the right, or `-k` rows
    /// down.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::eye((2, 3), 1, "auto")?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the shape has not two axes, [`Error::Chunks`] when the chunks don't fit it.
    pub fn eye(shape: impl IntoShape, k: isize, chunks: impl Into<Chunks>) -> Result<Self> {
        diagonal_number(shape, chunks)?.equal(k as i64)?.astype(DType::F64)
    }

    /// Ones on and below a diagonal and zeros above it, float64. See [`Array::eye`] for `k`.
    ///
    /// # Errors
    /// As [`Array::eye`].
    pub fn tri(shape: impl IntoShape, k: isize, chunks: impl Into<Chunks>) -> Result<Self> {
        diagonal_number(shape, chunks)?.less_equal(k as i64)?.astype(DType::F64)
    }

    /// The elements on and below a diagonal of the last two axes, and zeros above it. See [`Array::eye`] for `k`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((2, 2), "auto")?.tril(0)?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?, [1.0, 0.0, 1.0, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for less than two axes.
    pub fn tril(&self, k: isize) -> Result<Self> {
        self.own_diagonal_number()?.less_equal(k as i64)?.choose(self, zero(self.dtype()))
    }

    /// The elements on and above a diagonal of the last two axes, and zeros below it. See [`Array::eye`] for `k`.
    ///
    /// # Errors
    /// [`Error::Argument`] for less than two axes.
    pub fn triu(&self, k: isize) -> Result<Self> {
        self.own_diagonal_number()?.greater_equal(k as i64)?.choose(self, zero(self.dtype()))
    }

    /// The diagonal of a matrix, or the matrix with this diagonal and zeros elsewhere. See [`Array::eye`] for `k`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = (Array::arange(2)? + 1)?.diag(0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [1, 0, 0, 2]);
    /// assert_eq!(x.diag(0)?.compute()?.as_slice::<i64>()?, [1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an array that has neither one nor two axes, or a matrix whose diagonal is too
    /// long for [`Array::diagonal`].
    pub fn diag(&self, k: isize) -> Result<Self> {
        match self.ndim() {
            1 => self.matrix_with_diagonal(k),
            2 => self.diagonal(k, 0, 1),
            ndim => Err(Error::argument("axes", ndim, "diag works on one or two axes; see diagonal")),
        }
    }

    fn matrix_with_diagonal(&self, k: isize) -> Result<Self> {
        let zero = zero(self.dtype());
        let line = match k.unsigned_abs() {
            0 => self.clone(),
            more => self.append(&constant(&zero, self.dtype(), &[more])?, 0)?,
        };
        let cuts = &line.chunks().axes()[0];
        let at = positions(cuts)?;
        let number = (at.expand_dims(0)? - at.expand_dims(1)?)?;
        // Element i is in row i, or in column i, whichever has no row or column before it.
        let spread = line.expand_dims(if k >= 0 { 1 } else { 0 })?;
        number.equal(k as i64)?.choose(spread, zero)
    }

    /// The number of the diagonal that each element of the last two axes is on.
    fn own_diagonal_number(&self) -> Result<Self> {
        let [.., rows, columns] = self.chunks().axes() else {
            return Err(Error::argument("axes", self.ndim(), "a triangle needs at least two axes"));
        };
        positions(columns)?.expand_dims(0)? - positions(rows)?.expand_dims(1)?
    }
}

/// The number of the diagonal that each element of a matrix is on.
fn diagonal_number(shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Array> {
    let shape = checked(shape)?;
    let grid = chunks.into().resolve(&shape, DType::F64)?;
    let [rows, columns] = grid.axes() else {
        return Err(Error::argument("shape", format!("{shape:?}"), "give the number of rows and of columns"));
    };
    positions(columns)?.expand_dims(0)? - positions(rows)?.expand_dims(1)?
}
