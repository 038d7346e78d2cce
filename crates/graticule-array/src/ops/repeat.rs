//! The same elements many times over. Nothing is copied: the expression says where they come from.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::grid::Chunks;
use crate::ops::{MAX_PARTS, normalize_axis};

impl Array {
    /// The whole array `reps[i]` times over along axis `i`. Missing numbers are leading ones, and more numbers
    /// than axes make new leading axes.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(2)?.tile(&[2, 2])?;
    /// assert_eq!(x.shape(), [2, 4]);
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 1, 0, 1, 0, 1, 0, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for more than 65536 times along an axis.
    pub fn tile(&self, reps: &[usize]) -> Result<Self> {
        let ndim = self.ndim().max(reps.len());
        let mut tiled = (self.ndim()..ndim).try_fold(self.clone(), |array, _| array.expand_dims(0))?;
        for (axis, &times) in (ndim - reps.len()..).zip(reps) {
            tiled = match (times, tiled.shape()[axis]) {
                (0, _) => tiled.part(axis, 0..0)?,
                (1, _) => tiled,
                // A single element is stretched.
                (_, 1) => tiled.stretch(axis, times)?,
                (2..=MAX_PARTS, _) => Self::concatenate(&vec![tiled; times], axis as isize)?,
                _ => return Err(too_many("reps", times)),
            };
        }
        Ok(tiled)
    }

    /// Each element `times` times over along an axis; chunks grow with them. [`Array::repeat_each`] takes a number for each element.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(3)?.repeat(2, 0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 0, 1, 1, 2, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn repeat(&self, times: usize, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        match (times, len) {
            (0, _) => self.part(axis, 0..0),
            (1, _) | (_, 0) => Ok(self.clone()),
            (_, 1) => self.stretch(axis, times),
            _ => {
                let sizes = self.chunks().axes().iter().enumerate().map(|(i, chunks)| {
                    let times = if i == axis { times } else { 1 };
                    chunks.sizes().map(|size| size * times).collect()
                });
                self.repeat_each(&[times], axis as isize)?.rechunk(Chunks::Sizes(sizes.collect()))
            }
        }
    }
}

fn too_many(argument: &'static str, value: usize) -> Error {
    let hint =
        format!("the expression would have a part for each; use at most {MAX_PARTS}, or a smaller part");
    Error::argument(argument, value, hint)
}
