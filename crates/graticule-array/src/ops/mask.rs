//! Elements where a mask holds, and where that is.
//!
//! How many elements a mask takes is part of the shape of the result, so the mask is computed at once, by the current
//! [`Runtime`](crate::Runtime): in memory one byte an element, and then 8 bytes for each element that it takes. The array
//! that it is applied to stays lazy.

use std::sync::Arc;

use crate::array::Array;
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::ops::normalize_axis;

impl Array {
    /// The elements of one axis where a mask holds. The mask has one axis as long, and is computed at once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(6)?;
    /// let even = (&x % 2)?.equal(0)?;
    /// assert_eq!(x.compress(&even, 0)?.compute()?.as_slice::<i64>()?, [0, 2, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for a mask that is not bool, [`Error::Shape`]
    /// when it is not as long as the axis; what computing the mask meets.
    pub fn compress(&self, mask: &Self, axis: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        if mask.shape() != [self.shape()[axis]] {
            return Err(Error::Shape {
                operation: format!("compress along axis {axis}"),
                left: self.shape().to_vec(),
                right: mask.shape().to_vec(),
                hint: format!("the mask has one axis, of length {}", self.shape()[axis]),
            });
        }
        self.take_positions(axis, mask.true_positions()?)
    }

    /// The elements where a mask holds, in C order along a first axis: numpy's `x[mask]`. The mask has the first axes
    /// of this array, or all; those that it lacks stay. It is computed at once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1.0, 5.0], [7.0, 2.0]]), (1, 2))?;
    /// assert_eq!(x.mask(&x.greater(1.5)?)?.compute()?.as_slice::<f64>()?, [5.0, 7.0, 2.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for a mask that is not bool, [`Error::Shape`] when its axes are not the first of this array;
    /// what computing the mask meets.
    pub fn mask(&self, mask: &Self) -> Result<Self> {
        if mask.ndim() == 0 || !self.shape().starts_with(mask.shape()) {
            return Err(Error::Shape {
                operation: "mask".into(),
                left: self.shape().to_vec(),
                right: mask.shape().to_vec(),
                hint: "the mask has the shape of the array, or of its first axes".into(),
            });
        }
        let positions = mask.true_positions()?;
        if mask.ndim() == 1 {
            return self.take_positions(0, positions);
        }
        let axes: Vec<usize> = (0..mask.ndim()).collect();
        self.gather_points(&axes, positions)
    }

    /// The elements where a condition holds, in C order along one axis: numpy's `extract`, with the condition first
    /// taken for true where it is not 0. It is computed at once.
    ///
    /// # Errors
    /// [`Error::Shape`] when the condition has another shape; what computing it meets.
    pub fn extract(&self, condition: &Self) -> Result<Self> {
        if condition.shape() != self.shape() {
            return Err(Error::Shape {
                operation: "extract".into(),
                left: self.shape().to_vec(),
                right: condition.shape().to_vec(),
                hint: "the condition has the shape of the array".into(),
            });
        }
        if self.ndim() == 0 {
            return self.ravel()?.mask(&condition.is_nonzero()?.ravel()?);
        }
        self.mask(&condition.is_nonzero()?)
    }

    /// Where the elements are not 0: one row a position, in C order, int64. The array is computed at once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[0, 5], [7, 0]]), (1, 2))?;
    /// assert_eq!(x.argwhere()?.compute()?.as_slice::<i64>()?, [0, 1, 1, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] for text and times; what computing the array meets.
    pub fn argwhere(&self) -> Result<Self> {
        let positions = self.is_nonzero()?.true_positions()?;
        let ndim = self.ndim();
        let mut rows = vec![0i64; positions.len() * ndim];
        if ndim > 0 {
            for (row, position) in rows.chunks_exact_mut(ndim).zip(&positions) {
                let mut rest = *position;
                for (index, len) in row.iter_mut().zip(self.shape()).rev() {
                    *index = (rest % len) as i64;
                    rest /= len;
                }
            }
        }
        in_memory(vec![positions.len(), ndim], rows)
    }

    /// Where the elements are not 0: for each axis the positions, int64. The array is computed at once.
    ///
    /// # Errors
    /// As [`Array::argwhere`].
    pub fn nonzero(&self) -> Result<Vec<Self>> {
        let rows = self.argwhere()?;
        (0..self.ndim()).map(|axis| rows.index_axis(1, axis as isize)).collect()
    }

    /// Where the elements are not 0, as positions in C order, int64. The array is computed at once.
    ///
    /// # Errors
    /// As [`Array::argwhere`].
    pub fn flatnonzero(&self) -> Result<Self> {
        let positions = self.is_nonzero()?.true_positions()?;
        in_memory(vec![positions.len()], positions.into_iter().map(|position| position as i64).collect())
    }

    /// Whether the elements are not 0.
    fn is_nonzero(&self) -> Result<Self> {
        if self.dtype() == DType::Bool { Ok(self.clone()) } else { self.not_equal(0) }
    }

    /// Where a mask holds, as positions in C order. Computes the mask.
    fn true_positions(&self) -> Result<Vec<usize>> {
        if self.dtype() != DType::Bool {
            return Err(Error::Dtype {
                operation: "a mask".into(),
                dtype: self.dtype(),
                hint: "compare first, as in x.greater(0); to take at positions, use take or vindex".into(),
            });
        }
        let computed;
        let mask = match self.resident() {
            Some(chunk) => chunk.as_ref(),
            None => {
                computed = self.compute()?;
                &computed
            }
        };
        let values = bool::slice(mask.buffer()).ok_or_else(|| Error::defect("a mask of another type"))?;
        let mut positions = Vec::with_capacity(values.iter().filter(|&&holds| holds).count());
        positions
            .extend(values.iter().enumerate().filter(|&(_, &holds)| holds).map(|(position, _)| position));
        Ok(positions)
    }
}

fn in_memory(shape: Vec<usize>, values: Vec<i64>) -> Result<Array> {
    let chunk = Chunk::new(shape, values)?;
    let grid = ChunkGrid::single(chunk.shape());
    Array::from_memory(Arc::new(chunk), grid)
}
