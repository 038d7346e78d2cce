//! Other values at listed positions, and the values between listed positions.

use std::collections::BTreeMap;

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::put::Put;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::function::Casting;
use crate::ops::{Argument, normalize_axis};

impl Array {
    /// The array with other values at some positions, in C order over all axes: numpy's `put`, as a new array. Negative
    /// positions count from the end. Values are one for all or one for each, cast to the dtype of this array; of several
    /// for one position the last counts.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(6)?.reshape(&[2, 3])?.put(&[0, -1, 4], &Array::arange(3)?)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 1, 2, 3, 2, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`] for a position outside the array, [`Error::Shape`] when there is not one value for each,
    /// [`Error::Dtype`] for a value that the dtype cannot hold.
    pub fn put(&self, positions: &[isize], values: impl Into<Argument>) -> Result<Self> {
        let size = self.size();
        let mut last = BTreeMap::new();
        for (number, &index) in positions.iter().enumerate() {
            let wrapped = if index < 0 { index + size as isize } else { index };
            let inside = usize::try_from(wrapped).ok().filter(|at| *at < size);
            last.insert(inside.ok_or(Error::Index { index, axis: 0, len: size })?, number as isize);
        }
        let values = self.as_values(values.into(), vec![positions.len()])?;
        let order: Vec<isize> = last.values().copied().collect();
        let values = values.take(0, &order)?;
        let op = Op::Blockwise(Blockwise::Put(Put { positions: last.into_keys().collect() }));
        Ok(Self::from_expr(Expr::new(op, vec![self.expr().clone(), values.expr().clone()])?))
    }

    /// The values between neighbours along an axis: at `lower[i] + weights[i]` that on the line from element `lower[i]` to
    /// the next, with weights from 0 to 1. With the weight 0 it is the element itself whatever the next one is, which need
    /// not be there. This is what interpolation along a coordinate comes down to. Float; float32 stays so.
    ///
    /// Both neighbours are taken in one gather, as [`Array::take`] does it, so that each chunk is read about once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr1(&[0.0, 10.0, 30.0]), "auto")?;
    /// let y = x.take_linear(0, &[0, 1, 2], &[0.5, 0.25, 0.0])?;
    /// assert_eq!(y.compute()?.as_slice::<f64>()?, [5.0, 15.0, 30.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Index`] for an element that is not, [`Error::Shape`] when
    /// there is not one weight for each, [`Error::Argument`] for a weight outside 0 to 1, [`Error::Dtype`] for times and
    /// text.
    pub fn take_linear(&self, axis: isize, lower: &[isize], weights: &[f64]) -> Result<Self> {
        let number = normalize_axis(axis, self.ndim())?;
        if lower.len() != weights.len() {
            return Err(Error::Shape {
                operation: "take_linear".into(),
                left: vec![lower.len()],
                right: vec![weights.len()],
                hint: "give one weight for each element".into(),
            });
        }
        if let Some(weight) = weights.iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
            return Err(Error::argument("weight", weight, "weights are from 0 to 1"));
        }
        let mut pairs = Vec::with_capacity(2 * lower.len());
        for (&index, &weight) in lower.iter().zip(weights) {
            let at = self.position(number, index)?;
            let next = if weight == 0.0 { at } else { self.position(number, at as isize + 1)? };
            pairs.extend([at, next]);
        }
        let float = self.dtype().to_float();
        let pairs = self.take_positions(number, pairs)?.astype(float)?;
        let side = |start: usize| pairs.stride_axis(axis, start.min(2 * lower.len()), 2, lower.len());
        let (lower, upper) = (side(0)?, side(1)?);
        let line = Self::from_array(ndarray::Array1::from(weights.to_vec()), "auto")?
            .astype_with(float, Casting::Wrap)?;
        let weights = (number + 1..self.ndim()).try_fold(line, |line, _| line.expand_dims(-1))?;
        let between = (&lower + ((upper - &lower)? * &weights)?)?;
        weights.equal(0.0)?.choose(&lower, &between)
    }
}
