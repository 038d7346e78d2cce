//! Parts of an array: indices and slices.

use std::ops::Range;

use ndarray::SliceInfoElem;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::{AxisSelect, Expr, Op, Reshape};
use crate::ops::normalize_axis;

impl Array {
    /// A part of the array, written with ndarray's [`s!`](ndarray::s) macro: indices, ranges and steps, negative numbers
    /// counting from the end. A negative step takes the range backwards, as in ndarray: `s![..;-1]` reverses.
    /// Axes that are not named are taken whole; `NewAxis` adds one.
    ///
    /// ```
    /// use graticule_array::{Array, s};
    /// let x = Array::arange(10)?;
    /// assert_eq!(x.slice(s![2..8;3])?.compute()?.as_slice::<i64>()?, [2, 5]);
    /// assert_eq!(x.slice(s![..;-4])?.compute()?.as_slice::<i64>()?, [9, 5, 1]);
    /// assert_eq!(x.slice(s![-1])?.compute()?.item::<i64>()?, 9);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`] for an index or a range outside the axis, [`Error::Shape`] for too many axes.
    pub fn slice(&self, info: impl AsRef<[SliceInfoElem]>) -> Result<Self> {
        let info = info.as_ref();
        let named = info.iter().filter(|elem| !matches!(elem, SliceInfoElem::NewAxis)).count();
        if named > self.ndim() {
            return Err(Error::Shape {
                operation: "slice".into(),
                left: self.shape().to_vec(),
                right: vec![named],
                hint: format!("the array has {} axes, the selection names {named}", self.ndim()),
            });
        }
        let whole = |axis: usize| AxisSelect::Slice { start: 0, step: 1, len: self.shape()[axis] };
        let mut selects = Vec::with_capacity(self.ndim());
        let mut new_axes = Vec::new();
        let mut result_axis = 0;
        for elem in info {
            let axis = selects.len();
            match *elem {
                SliceInfoElem::NewAxis => {
                    new_axes.push(result_axis);
                    result_axis += 1;
                }
                SliceInfoElem::Index(index) => selects.push(AxisSelect::Index(self.position(axis, index)?)),
                SliceInfoElem::Slice { start, end, step } => {
                    selects.push(self.range(axis, start, end, step)?);
                    result_axis += 1;
                }
            }
        }
        selects.extend((selects.len()..self.ndim()).map(whole));
        let mut result = self.select_each(selects)?;
        for axis in new_axes {
            let op = Op::Reshape(Reshape::Expand { axis });
            result = Self::from_expr(Expr::new(op, vec![result.expr().clone()])?);
        }
        Ok(result)
    }

    /// The elements at `index` of one axis, which disappears.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(6)?.reshape(&[2, 3])?;
    /// assert_eq!(x.index_axis(1, -1)?.compute()?.as_slice::<i64>()?, [2, 5]);
    /// assert!(x.index_axis(1, 3).is_err());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Index`] for what is not there.
    pub fn index_axis(&self, axis: isize, index: isize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let select = AxisSelect::Index(self.position(axis, index)?);
        self.select_axis(axis, select)
    }

    /// The elements `start`, `start + step`, … of one axis, `len` of them.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(10)?;
    /// assert_eq!(x.stride_axis(0, 8, -3, 3)?.compute()?.as_slice::<i64>()?, [8, 5, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Index`] for what is not there, [`Error::Argument`] for a step of 0.
    pub fn stride_axis(&self, axis: isize, start: usize, step: isize, len: usize) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        if step == 0 {
            return Err(Error::argument("step", 0, "use a positive step, or a negative one to go backwards"));
        }
        if len > 0 {
            self.position(axis, start as isize)?;
            let last = step.checked_mul(len as isize - 1).and_then(|d| d.checked_add(start as isize));
            match last {
                Some(last) if last >= 0 => self.position(axis, last)?,
                _ => return Err(Error::Index { index: isize::MIN, axis, len: self.shape()[axis] }),
            };
        }
        // Of a single element the step says nothing.
        let step = if len <= 1 { 1 } else { step };
        self.select_axis(axis, AxisSelect::Slice { start, step, len })
    }

    /// A range of one axis that is inside it.
    pub(super) fn part(&self, axis: usize, range: Range<usize>) -> Result<Self> {
        self.select_axis(axis, AxisSelect::Slice { start: range.start, step: 1, len: range.len() })
    }

    pub(super) fn select_axis(&self, axis: usize, select: AxisSelect) -> Result<Self> {
        let whole = self.shape().iter().map(|&len| AxisSelect::Slice { start: 0, step: 1, len });
        let mut selects: Vec<AxisSelect> = whole.collect();
        selects[axis] = select;
        self.select_each(selects)
    }

    pub(super) fn select_each(&self, selects: Vec<AxisSelect>) -> Result<Self> {
        let is_whole =
            |(select, &len): (&AxisSelect, &usize)| *select == AxisSelect::Slice { start: 0, step: 1, len };
        if selects.iter().zip(self.shape()).all(is_whole) {
            return Ok(self.clone());
        }
        Ok(Self::from_expr(Expr::new(Op::Select(selects), vec![self.expr().clone()])?))
    }

    pub(super) fn position(&self, axis: usize, index: isize) -> Result<usize> {
        let len = self.shape()[axis];
        let wrapped = if index < 0 { index + len as isize } else { index };
        usize::try_from(wrapped).ok().filter(|&i| i < len).ok_or(Error::Index { index, axis, len })
    }

    pub(super) fn range(
        &self,
        axis: usize,
        start: isize,
        end: Option<isize>,
        step: isize,
    ) -> Result<AxisSelect> {
        let len = self.shape()[axis];
        let bound = |index: isize| {
            let wrapped = if index < 0 { index + len as isize } else { index };
            usize::try_from(wrapped).ok().filter(|&i| i <= len).ok_or(Error::Index { index, axis, len })
        };
        let (start, end) = (bound(start)?, bound(end.unwrap_or(len as isize))?);
        if step == 0 {
            return Err(Error::argument("step", 0, "use a positive step, or a negative one to go backwards"));
        }
        let count = end.saturating_sub(start).div_ceil(step.unsigned_abs());
        let first = if step > 0 { start } else { end.saturating_sub(1) };
        // Of a single element the step says nothing.
        let step = if count <= 1 { 1 } else { step };
        Ok(AxisSelect::Slice { start: first, step, len: count })
    }
}
