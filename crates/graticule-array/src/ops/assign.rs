//! Arrays with other values in a region.

use ndarray::SliceInfoElem;

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::assign::{Assign, Stride};
use crate::error::{Error, Result};
use crate::expr::{AxisSelect, Expr, Op};
use crate::grid::ChunkGrid;
use crate::ops::Argument;

impl Array {
    /// The array with other values in a part that is selected as in [`Array::slice`]: what `x[selection] = values`
    /// leaves in numpy, as a new array. Values broadcast to the part and are cast to the dtype of this array; what it
    /// cannot hold is an error. Chunks that are written over are not computed.
    ///
    /// ```
    /// use graticule_array::{Array, s};
    /// let x = Array::arange(6)?.assign(s![1..6;2], -1)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, -1, 2, -1, 4, -1]);
    /// let y = x.assign(s![..;-1], &Array::arange(6)?)?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [5, 4, 3, 2, 1, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`] for an index or a range outside the axis, [`Error::Shape`] for too many axes or values that do
    /// not broadcast to the part, [`Error::Dtype`] for a value that the dtype cannot hold, [`Error::Argument`] for a
    /// new axis in the selection.
    pub fn assign(
        &self,
        selection: impl AsRef<[SliceInfoElem]>,
        values: impl Into<Argument>,
    ) -> Result<Self> {
        let selection = selection.as_ref();
        if selection.len() > self.ndim() {
            return Err(Error::Shape {
                operation: "assign".into(),
                left: self.shape().to_vec(),
                right: vec![selection.len()],
                hint: format!("the array has {} axes, the selection names {}", self.ndim(), selection.len()),
            });
        }
        let mut region = Vec::with_capacity(self.ndim());
        // Of the part: its shape, which of its axes run backwards, and which axes of the array it lacks.
        let (mut shape, mut backwards, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for axis in 0..self.ndim() {
            let select = match selection.get(axis) {
                Some(&SliceInfoElem::Index(index)) => AxisSelect::Index(self.position(axis, index)?),
                Some(&SliceInfoElem::Slice { start, end, step }) => self.range(axis, start, end, step)?,
                None => AxisSelect::Slice { start: 0, step: 1, len: self.shape()[axis] },
                Some(SliceInfoElem::NewAxis) => {
                    let hint = "values are assigned to axes that are there; select with indices and slices";
                    return Err(Error::argument("selection", "NewAxis", hint));
                }
            };
            match select {
                AxisSelect::Index(start) => {
                    missing.push(axis);
                    region.push(Stride { start, step: 1, len: 1 });
                }
                AxisSelect::Slice { start, step, len } => {
                    let stride = step.unsigned_abs();
                    let first = if step < 0 { start - stride * len.saturating_sub(1) } else { start };
                    if step < 0 {
                        backwards.push(shape.len());
                    }
                    shape.push(len);
                    region.push(Stride { start: first, step: stride, len });
                }
            }
        }
        let mut values = self.as_values(values.into(), shape)?;
        for axis in backwards {
            let len = values.shape()[axis];
            values = values.stride_axis(axis as isize, len - 1, -1, len)?;
        }
        for axis in missing {
            values = values.expand_dims(axis as isize)?;
        }
        let op = Op::Blockwise(Blockwise::Assign(Assign { region }));
        Ok(Self::from_expr(Expr::new(op, vec![self.expr().clone(), values.expr().clone()])?))
    }

    /// The array with another value where a mask, which broadcasts against it, holds: `x[mask] = value`. Lazy.
    ///
    /// # Errors
    /// [`Error::Dtype`] for a value that the dtype cannot hold, [`Error::Shape`] when the mask does not broadcast to
    /// the shape of the array.
    pub fn assign_where(&self, mask: &Self, values: impl Into<Argument>) -> Result<Self> {
        let mask = mask.broadcast_to(self.shape())?;
        let values = self.as_values(values.into(), self.shape().to_vec())?;
        mask.choose(&values, self)
    }

    /// Values in a shape and in the dtype of this array.
    pub(super) fn as_values(&self, values: Argument, shape: Vec<usize>) -> Result<Self> {
        match values {
            Argument::Array(values) => values.astype(self.dtype())?.broadcast_to(shape),
            Argument::Scalar(value) => {
                let Some(converted) = value.convert(self.dtype()) else {
                    return Err(Error::Dtype {
                        operation: format!("assigning {value}"),
                        dtype: self.dtype(),
                        hint: "the value does not fit; cast the array to a wider dtype first".into(),
                    });
                };
                let grid = ChunkGrid::single(&shape);
                let op = Op::Full { value: converted, dtype: self.dtype(), grid };
                Ok(Self::from_expr(Expr::new(op, Vec::new())?))
            }
        }
    }
}
