//! The same elements under other axes or other chunks.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op, Reshape};
use crate::grid::{Chunks, IntoShape};
use crate::ops::normalize_axis;

impl Array {
    /// The axes in another order: axis `i` of the result is axis `order[i]` of this array.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((2, 3, 4), "auto")?;
    /// assert_eq!(x.permute(&[2, 0, 1])?.shape(), [4, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when not every axis appears once.
    pub fn permute(&self, order: &[isize]) -> Result<Self> {
        let axes = order.iter().map(|&axis| normalize_axis(axis, self.ndim())).collect::<Result<Vec<_>>>()?;
        let mut sorted = axes.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..self.ndim()) {
            let hint = format!("name each of the {} axes once", self.ndim());
            return Err(Error::argument("order", format!("{order:?}"), hint));
        }
        if axes == sorted {
            return Ok(self.clone());
        }
        self.reshape_by(Reshape::Permute(axes))
    }

    /// The axes in reverse order.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn transpose(&self) -> Result<Self> {
        let order: Vec<isize> = (0..self.ndim() as isize).rev().collect();
        self.permute(&order)
    }

    /// A new axis of length 1 before axis `axis`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((2, 3), "auto")?;
    /// assert_eq!(x.expand_dims(0)?.shape(), [1, 2, 3]);
    /// assert_eq!(x.expand_dims(-1)?.shape(), [2, 3, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] when `axis` is more than one past the last.
    pub fn expand_dims(&self, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim() + 1)?;
        self.reshape_by(Reshape::Expand { axis })
    }

    /// The array stretched to a shape by numpy's broadcasting rule.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(3)?.broadcast_to((2, 3))?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 1, 2, 0, 1, 2]);
    /// assert!(x.broadcast_to((2, 4)).is_err());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when the array does not broadcast to the shape.
    pub fn broadcast_to(&self, shape: impl IntoShape) -> Result<Self> {
        let shape = shape.into_shape();
        if shape == self.shape() {
            return Ok(self.clone());
        }
        self.reshape_by(Reshape::Broadcast(shape))
    }

    /// The same array in other chunks.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((100, 100), (10, 100))?.rechunk((100, 10))?;
    /// assert_eq!(x.chunks().counts(), [1, 10]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape.
    pub fn rechunk(&self, chunks: impl Into<Chunks>) -> Result<Self> {
        let grid = chunks.into().resolve(self.shape(), self.dtype())?;
        if grid == *self.chunks() {
            return Ok(self.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Rechunk(grid), vec![self.expr().clone()])?))
    }

    /// An axis of length 1 stretched to a length.
    pub(super) fn stretch(&self, axis: usize, len: usize) -> Result<Self> {
        let mut shape = self.shape().to_vec();
        shape[axis] = len;
        self.broadcast_to(shape)
    }

    fn reshape_by(&self, reshape: Reshape) -> Result<Self> {
        Ok(Self::from_expr(Expr::new(Op::Reshape(reshape), vec![self.expr().clone()])?))
    }
}
