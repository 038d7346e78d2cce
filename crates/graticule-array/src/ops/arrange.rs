//! The elements of an array in another order along its axes.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::ops::{Axes, normalize_axis};

impl Array {
    /// The elements in reverse order along some axes; `()` for all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// assert_eq!(Array::arange(3)?.flip(0)?.compute()?.as_slice::<i64>()?, [2, 1, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn flip(&self, axes: impl Into<Axes>) -> Result<Self> {
        let mut flipped = self.clone();
        for axis in axes.into().resolve(self.ndim())? {
            let len = self.shape()[axis];
            flipped = flipped.stride_axis(axis as isize, len.saturating_sub(1), -1, len)?;
        }
        Ok(flipped)
    }

    /// The rows, along axis 0, in reverse order.
    ///
    /// # Errors
    /// [`Error::Axis`] for an array without axes.
    pub fn flipud(&self) -> Result<Self> {
        self.flip(0)
    }

    /// The columns, along axis 1, in reverse order.
    ///
    /// # Errors
    /// [`Error::Axis`] for an array with less than two axes.
    pub fn fliplr(&self) -> Result<Self> {
        self.flip(1)
    }

    /// The elements moved on by `shift` places along an axis; what leaves at one end comes in at the other.
    /// Several axes are rolled one after another.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?;
    /// assert_eq!(x.roll(2, 0)?.compute()?.as_slice::<i64>()?, [3, 4, 0, 1, 2]);
    /// assert_eq!(x.roll(-1, 0)?.compute()?.as_slice::<i64>()?, [1, 2, 3, 4, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn roll(&self, shift: isize, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        if len == 0 {
            return Ok(self.clone());
        }
        let moved = shift.rem_euclid(len as isize) as usize;
        if moved == 0 {
            return Ok(self.clone());
        }
        let parts = [self.part(axis, len - moved..len)?, self.part(axis, 0..len - moved)?];
        Self::concatenate(&parts, axis as isize)
    }

    /// The array turned by 90 degrees so many times, from the first of two axes towards the second.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1, 2], [3, 4]]), "auto")?;
    /// assert_eq!(x.rot90(1, (0, 1))?.compute()?.as_slice::<i32>()?, [2, 4, 1, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when the axes are the same.
    pub fn rot90(&self, times: isize, axes: (isize, isize)) -> Result<Self> {
        let first = normalize_axis(axes.0, self.ndim())? as isize;
        let second = normalize_axis(axes.1, self.ndim())? as isize;
        if first == second {
            return Err(Error::argument("axes", format!("{axes:?}"), "name two different axes"));
        }
        match times.rem_euclid(4) {
            0 => Ok(self.clone()),
            1 => self.flip(second)?.swapaxes(first, second),
            2 => self.flip([first, second]),
            _ => self.swapaxes(first, second)?.flip(second),
        }
    }
}
