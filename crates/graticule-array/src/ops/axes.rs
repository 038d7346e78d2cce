//! The axes of an array: their order, and those of length 1.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::broadcast_shapes;
use crate::grid::{AxisChunks, Chunks};
use crate::ops::{Axes, normalize_axis};

impl Array {
    /// Two axes in each other's place.
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn swapaxes(&self, first: isize, second: isize) -> Result<Self> {
        let mut order: Vec<isize> = (0..self.ndim() as isize).collect();
        order.swap(normalize_axis(first, self.ndim())?, normalize_axis(second, self.ndim())?);
        self.permute(&order)
    }

    /// Some axes at other places; the rest keep their order.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((3, 4, 5), "auto")?;
    /// assert_eq!(x.moveaxis(&[0], &[-1])?.shape(), [4, 5, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when an axis or a place is named
    /// twice, or when there are not as many places as axes.
    pub fn moveaxis(&self, axes: &[isize], places: &[isize]) -> Result<Self> {
        let resolve = |axes: &[isize]| {
            axes.iter().map(|&axis| normalize_axis(axis, self.ndim())).collect::<Result<Vec<_>>>()
        };
        let mut moves: Vec<(usize, usize)> = resolve(places)?.into_iter().zip(resolve(axes)?).collect();
        moves.sort_unstable();
        let mut order: Vec<usize> =
            (0..self.ndim()).filter(|axis| moves.iter().all(|m| m.1 != *axis)).collect();
        let is_once =
            moves.windows(2).all(|pair| pair[0].0 != pair[1].0) && order.len() + moves.len() == self.ndim();
        if axes.len() != places.len() || !is_once {
            let hint = "name as many places as axes, each once";
            return Err(Error::argument("axes", format!("{axes:?} to {places:?}"), hint));
        }
        for (place, axis) in moves {
            order.insert(place, axis);
        }
        self.permute(&order.into_iter().map(|axis| axis as isize).collect::<Vec<_>>())
    }

    /// The array without some axes of length 1; `()` for all of those.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((1, 3, 1), "auto")?;
    /// assert_eq!(x.squeeze(())?.shape(), [3]);
    /// assert_eq!(x.squeeze(-1)?.shape(), [1, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for one of another length.
    pub fn squeeze(&self, axes: impl Into<Axes>) -> Result<Self> {
        let axes = axes.into();
        let mut dropped = axes.resolve(self.ndim())?;
        if axes == ().into() {
            dropped.retain(|&axis| self.shape()[axis] == 1);
        }
        let mut squeezed = self.clone();
        for axis in dropped.into_iter().rev() {
            if self.shape()[axis] != 1 {
                let hint = format!("it has length {}; only axes of length 1 can go", self.shape()[axis]);
                return Err(Error::argument("axis", axis, hint));
            }
            squeezed = squeezed.index_axis(axis as isize, 0)?;
        }
        Ok(squeezed)
    }

    /// The array with at least one axis.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn atleast_1d(&self) -> Result<Self> {
        if self.ndim() == 0 { self.expand_dims(0) } else { Ok(self.clone()) }
    }

    /// The array with at least two axes: new ones come first.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn atleast_2d(&self) -> Result<Self> {
        let array = self.atleast_1d()?;
        if array.ndim() == 1 { array.expand_dims(0) } else { Ok(array) }
    }

    /// The array with at least three axes, as numpy adds them: `n` becomes `(1, n, 1)`, `(m, n)` becomes
    /// `(m, n, 1)`.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn atleast_3d(&self) -> Result<Self> {
        let array = self.atleast_2d()?;
        if array.ndim() == 2 { array.expand_dims(2) } else { Ok(array) }
    }

    /// Arrays stretched to the one shape that they broadcast to.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let pair = Array::broadcast_arrays(&[Array::arange(3)?, Array::ones((2, 1), "auto")?])?;
    /// assert_eq!([pair[0].shape(), pair[1].shape()], [[2, 3], [2, 3]]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn broadcast_arrays(arrays: &[Self]) -> Result<Vec<Self>> {
        let shape = common_shape(arrays)?;
        arrays.iter().map(|array| array.broadcast_to(&shape)).collect()
    }

    /// Arrays in the chunks that arithmetic between them would have: on each axis, aligned at the last, those of
    /// the array that is cut finest there. Axes that would be stretched stay as they are.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let both = Array::unify_chunks(&[Array::ones((6, 4), (2, 4))?, Array::ones(4, 2)?])?;
    /// assert_eq!(both[0].chunks().counts(), [3, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn unify_chunks(arrays: &[Self]) -> Result<Vec<Self>> {
        let shape = common_shape(arrays)?;
        let finest: Vec<AxisChunks> =
            shape.iter().enumerate().map(|(axis, &len)| finest(arrays, shape.len() - axis, len)).collect();
        let unify = |array: &Self| {
            let own = array.chunks().axes();
            let aligned = finest.iter().skip(finest.len() - own.len());
            let axes = own.iter().zip(aligned).map(|(own, finest)| {
                if own.len() == finest.len() { finest } else { own }.sizes().collect::<Vec<usize>>()
            });
            array.rechunk(Chunks::Sizes(axes.collect()))
        };
        arrays.iter().map(unify).collect()
    }
}

/// The shape that arrays broadcast to.
pub(super) fn common_shape<'a>(arrays: impl IntoIterator<Item = &'a Array>) -> Result<Vec<usize>> {
    arrays.into_iter().try_fold(Vec::new(), |shape, array| broadcast_shapes(&shape, array.shape()))
}

/// The chunks of the array that is cut finest along an axis of length `len`, counted from the end.
fn finest(arrays: &[Array], from_end: usize, len: usize) -> AxisChunks {
    let mut finest = AxisChunks::regular(len, len);
    for array in arrays {
        let own = array.ndim().checked_sub(from_end).and_then(|axis| array.chunks().axes().get(axis));
        if let Some(own) = own
            && own.len() == len
            && own.count() > finest.count()
        {
            finest = own.clone();
        }
    }
    finest
}
