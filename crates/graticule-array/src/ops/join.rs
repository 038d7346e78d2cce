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
}
