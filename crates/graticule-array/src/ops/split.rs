//! Cutting an array along an axis, and taking out or putting in elements.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::ops::create::constant;
use crate::ops::{Argument, normalize_axis};

impl Array {
    /// The array cut into parts of equal length along an axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let halves = Array::arange(6)?.split(2, 0)?;
    /// assert_eq!(halves[1].compute()?.as_slice::<i64>()?, [3, 4, 5]);
    /// assert!(Array::arange(5)?.split(2, 0).is_err());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when its length is not a multiple of
    /// `parts`; see [`Array::array_split`].
    pub fn split(&self, parts: usize, axis: isize) -> Result<Vec<Self>> {
        let len = self.shape()[normalize_axis(axis, self.ndim())?];
        if parts == 0 || !len.is_multiple_of(parts) {
            let hint = format!("the axis has length {len}; array_split makes parts of unequal length");
            return Err(Error::argument("parts", parts, hint));
        }
        self.array_split(parts, axis)
    }

    /// The array cut into parts along an axis, the first ones longer by one where the length does not divide.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let parts = Array::arange(5)?.array_split(3, 0)?;
    /// assert_eq!(parts.iter().map(|part| part.size()).collect::<Vec<_>>(), [2, 2, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for no parts.
    pub fn array_split(&self, parts: usize, axis: isize) -> Result<Vec<Self>> {
        let axis = normalize_axis(axis, self.ndim())?;
        if parts == 0 {
            return Err(Error::argument("parts", 0, "cut into at least one part"));
        }
        let len = self.shape()[axis];
        let (size, longer) = (len / parts, len % parts);
        let start = |i: usize| i * size + i.min(longer);
        (0..parts).map(|i| self.part(axis, start(i)..start(i + 1))).collect()
    }

    /// The array cut before the given positions of an axis. As in numpy, positions count from the end where
    /// negative, those outside cut at the ends, and one before its predecessor makes an empty part.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let parts = Array::arange(5)?.split_at(&[1, 4], 0)?;
    /// assert_eq!(parts.iter().map(|part| part.size()).collect::<Vec<_>>(), [1, 3, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn split_at(&self, positions: &[isize], axis: isize) -> Result<Vec<Self>> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        let cut =
            |&at: &isize| if at < 0 { len.saturating_sub(at.unsigned_abs()) } else { len.min(at as usize) };
        let starts = [0].into_iter().chain(positions.iter().map(cut));
        let ends = positions.iter().map(cut).chain([len]);
        starts.zip(ends).map(|(start, end)| self.part(axis, start..end.max(start))).collect()
    }

    /// The array without the elements at some positions of an axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.delete(&[1, -1], 0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Index`] for what is not there.
    pub fn delete(&self, positions: &[isize], axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let mut gone = positions.iter().map(|&at| self.position(axis, at)).collect::<Result<Vec<_>>>()?;
        gone.sort_unstable();
        gone.dedup();
        let starts = [0].into_iter().chain(gone.iter().map(|at| at + 1));
        let ends = gone.iter().copied().chain([self.shape()[axis]]);
        let parts = starts.zip(ends).filter(|(start, end)| start < end);
        let parts = parts.map(|(start, end)| self.part(axis, start..end)).collect::<Result<Vec<_>>>()?;
        if parts.is_empty() { self.part(axis, 0..0) } else { Self::concatenate(&parts, axis as isize) }
    }

    /// The array with values put in before some positions of an axis, which are counted before anything is put
    /// in.
    ///
    /// Values are broadcast. Along the axis they have length 1, or one element for each position; at a single
    /// position they can have any length. A number has to fit the dtype of this array; arrays are promoted.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(3)?.insert(&[0, 3], 9, 0)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [9, 0, 1, 2, 9]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Index`] for what is not there, [`Error::Shape`] for values that do not
    /// broadcast, [`Error::Dtype`] for a number that does not fit.
    pub fn insert(&self, positions: &[isize], values: impl Into<Argument>, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let len = self.shape()[axis];
        let before = |&index: &isize| {
            let wrapped = if index < 0 { index + len as isize } else { index };
            usize::try_from(wrapped).ok().filter(|&at| at <= len).ok_or(Error::Index { index, axis, len })
        };
        let positions = positions.iter().map(before).collect::<Result<Vec<_>>>()?;
        let values = values.into();
        let mut shape = self.shape().to_vec();
        shape[axis] = match (positions.as_slice(), &values) {
            ([_], Argument::Array(values)) => {
                let own = (axis + values.ndim()).checked_sub(self.ndim());
                own.and_then(|axis| values.shape().get(axis)).copied().unwrap_or(1)
            }
            (positions, _) => positions.len(),
        };
        let values = match values {
            Argument::Scalar(value) => constant(&value, self.dtype(), &shape)?,
            Argument::Array(values) => values.broadcast_to(shape)?,
        };
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_by_key(|&i| positions[i]);
        let mut parts = Vec::with_capacity(2 * order.len() + 1);
        let mut done = 0;
        for i in order {
            let here = positions[i];
            parts.push(self.part(axis, done..here)?);
            parts.push(if positions.len() == 1 { values.clone() } else { values.part(axis, i..i + 1)? });
            done = here;
        }
        parts.push(self.part(axis, done..len)?);
        parts.retain(|part| part.shape()[axis] > 0);
        if parts.is_empty() { Ok(self.clone()) } else { Self::concatenate(&parts, axis as isize) }
    }
}
