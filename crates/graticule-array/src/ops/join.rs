//! Arrays one after another.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::ops::normalize_axis;

impl Array {
    /// Arrays one after another along an axis that they have. Dtypes are promoted to one that holds all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let parts = [Array::arange(3)?, Array::arange(2)?];
    /// assert_eq!(Array::concatenate(&parts, 0)?.compute()?.as_slice::<i64>()?, [0, 1, 2, 0, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for no arrays, [`Error::Axis`] for an axis that is not there, [`Error::Shape`]
    /// when the other axes differ.
    pub fn concatenate(arrays: &[Self], axis: isize) -> Result<Self> {
        let Some(first) = arrays.first() else {
            return Err(Error::argument("arrays", "[]", "give at least one array to concatenate"));
        };
        let axis = normalize_axis(axis, first.ndim())?;
        let mut dtype = first.dtype();
        for array in arrays {
            dtype = dtype.promote(array.dtype())?;
        }
        let inputs = arrays.iter().map(|array| Ok(array.astype(dtype)?.expr().clone()));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        if inputs.len() == 1 {
            return Ok(first.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Join { axis }, inputs)?))
    }

    /// Arrays of one shape side by side along a new axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let parts = [Array::arange(3)?, Array::arange(3)?];
    /// assert_eq!(Array::stack(&parts, 0)?.shape(), [2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::concatenate`].
    pub fn stack(arrays: &[Self], axis: isize) -> Result<Self> {
        let expanded = arrays.iter().map(|array| array.expand_dims(axis)).collect::<Result<Vec<_>>>()?;
        Self::concatenate(&expanded, axis)
    }
    /// Arrays on top of each other: joined along axis 0, where one-dimensional arrays are rows.
    ///
    /// # Errors
    /// As [`Array::concatenate`].
    pub fn vstack(arrays: &[Self]) -> Result<Self> {
        let rows = arrays.iter().map(Self::atleast_2d).collect::<Result<Vec<_>>>()?;
        Self::concatenate(&rows, 0)
    }

    /// Arrays beside each other: joined along axis 1, one-dimensional arrays along their only axis.
    ///
    /// # Errors
    /// As [`Array::concatenate`].
    pub fn hstack(arrays: &[Self]) -> Result<Self> {
        let arrays = arrays.iter().map(Self::atleast_1d).collect::<Result<Vec<_>>>()?;
        let is_flat = arrays.first().is_some_and(|array| array.ndim() == 1);
        Self::concatenate(&arrays, if is_flat { 0 } else { 1 })
    }

    /// Arrays behind each other: joined along axis 2, after [`Array::atleast_3d`].
    ///
    /// # Errors
    /// As [`Array::concatenate`].
    pub fn dstack(arrays: &[Self]) -> Result<Self> {
        let deep = arrays.iter().map(Self::atleast_3d).collect::<Result<Vec<_>>>()?;
        Self::concatenate(&deep, 2)
    }

    /// Another array after this one along an axis.
    ///
    /// # Errors
    /// As [`Array::concatenate`].
    pub fn append(&self, values: &Self, axis: isize) -> Result<Self> {
        Self::concatenate(&[self.clone(), values.clone()], axis)
    }
}
