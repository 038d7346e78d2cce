//! Folding group by group: `groupby` with integer codes, and what is made of it.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::ops::{Axes, normalize_axis};
use crate::scalar::Scalar;

impl Array {
    /// Folds axes away group by group. `codes` broadcasts against the array and says, for each value, the number of its
    /// group, `0..groups`; values with a negative code are left out. A new axis of `groups` stands where the first
    /// folded axis was.
    ///
    /// Where the codes are in memory and vary along one folded axis (a month for each day), a task keeps states for the
    /// groups it meets only; `explain` prints how.
    ///
    /// ```
    /// use graticule_array::{Aggregation, Array, Statistic};
    /// use ndarray::arr2;
    /// // Three days of two cells; the first and the last day belong to group 0.
    /// let x = Array::from_array(arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), (1, 2))?;
    /// let codes = Array::from_array(arr2(&[[0], [1], [0]]), (3, 1))?;
    /// let mean = Aggregation { kind: Statistic::Mean, skipna: true };
    /// let means = x.group_reduce(mean, 0, &codes, 2)?;
    /// assert_eq!(means.to_ndarray::<f64>()?, arr2(&[[3.0, 4.0], [3.0, 4.0]]).into_dyn());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when the codes do not broadcast to the array, [`Error::Dtype`] when they are no integers or the
    /// statistic is not defined, [`Error::Argument`] for no axes or too many groups; while computing,
    /// [`Error::Argument`] for a code of `groups` or more.
    pub fn group_reduce(
        &self,
        aggregation: Aggregation,
        axes: impl Into<Axes>,
        codes: &Self,
        groups: usize,
    ) -> Result<Self> {
        let axes = axes.into().resolve(self.ndim())?;
        if !(codes.dtype().is_integer() || codes.dtype() == DType::Bool) {
            return Err(Error::Dtype {
                operation: "grouping by codes".into(),
                dtype: codes.dtype(),
                hint: "codes are integers: the number of the group of each value".into(),
            });
        }
        let (argument, _) = aggregation.dtypes(self.dtype())?;
        let input = self.astype(argument)?;
        let skipna = aggregation.skipna && input.dtype().has_missing();
        let aggregation = Aggregation { skipna, ..aggregation };
        // Codes in memory stay in memory in their new dtype, where the plan can look at them.
        let codes = match (codes.resident(), codes.dtype()) {
            (Some(_), dtype) if dtype != DType::I64 => codes.astype(DType::I64)?.persist()?,
            _ => codes.astype(DType::I64)?,
        };
        let codes = codes.broadcast_to(self.shape().to_vec())?;
        let op = Op::Group { aggregation, axes, groups };
        Ok(Self::from_expr(Expr::new(op, vec![input.expr().clone(), codes.expr().clone()])?))
    }

    /// What belongs to groups, at every member of them: `codes` says for each position of the result along `axis` which
    /// group of this array it takes. A negative code belongs to none and gives a missing value. With
    /// [`Array::group_reduce`] before and a subtraction behind it, these are anomalies from a climatology; their variances
    /// are computed in one pass over the data.
    ///
    /// ```
    /// use graticule_array::{Aggregation, Array, Statistic};
    /// use ndarray::{arr1, arr2};
    /// // The first and the last of three days belong to group 0.
    /// let days = [0, 1, 0];
    /// let x = Array::from_array(arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), (1, 2))?;
    /// let codes = Array::from_array(arr1(&days), 3)?.expand_dims(1)?;
    /// let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    /// let climatology = x.group_reduce(mean, 0, &codes, 2)?;
    /// let anomalies = (&x - climatology.group_broadcast(0, &days)?)?;
    /// assert_eq!(anomalies.to_ndarray::<f64>()?, arr2(&[[-2.0, -2.0], [0.0, 0.0], [2.0, 2.0]]).into_dyn());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Index`] for a code beyond the groups, [`Error::Dtype`] for a
    /// negative code where the dtype has no missing value.
    pub fn group_broadcast(&self, axis: isize, codes: &[i64]) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        let groups = self.shape()[axis];
        if let Some(&beyond) = codes.iter().find(|&&code| code >= groups as i64) {
            return Err(Error::Index {
                index: isize::try_from(beyond).unwrap_or(isize::MAX),
                axis,
                len: groups,
            });
        }
        let all = if codes.iter().any(|&code| code < 0) { self.with_missing(axis)? } else { self.clone() };
        let position = |&code: &i64| usize::try_from(code).unwrap_or(groups);
        all.take_positions(axis, codes.iter().map(position).collect())
    }

    /// The array and behind it, along an axis, one more element that is missing.
    fn with_missing(&self, axis: usize) -> Result<Self> {
        let value = match self.dtype() {
            DType::F32 | DType::F64 => f64::NAN.into(),
            DType::Datetime(unit) => Scalar::Datetime(NAT, unit),
            DType::Timedelta(unit) => Scalar::Timedelta(NAT, unit),
            dtype => {
                return Err(Error::Dtype {
                    operation: "giving values to what belongs to no group".into(),
                    dtype,
                    hint: "cast to float64 first, which has a missing value, or use no negative codes".into(),
                });
            }
        };
        let mut axes = self.chunks().axes().to_vec();
        axes[axis] = AxisChunks::regular(1, 1);
        let op = Op::Full { value, dtype: self.dtype(), grid: ChunkGrid::new(axes) };
        Self::concatenate(&[self.clone(), Self::from_expr(Expr::new(op, Vec::new())?)], axis as isize)
    }

    /// How often each of the integers `0..length` occurs among the values, int64; with `weights`, the sums of the
    /// weights of the values, float64. Negative values are left out.
    ///
    /// ```
    /// use graticule_array::{Array, Chunk};
    /// let x = Array::from_chunk(Chunk::new(vec![5], vec![0i64, 2, 2, 1, 2])?)?;
    /// assert_eq!(x.bincount(4, None)?.compute()?.as_slice::<i64>()?, [1, 1, 3, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::group_reduce`]; while computing, [`Error::Argument`] for a value of `length` or more, where numpy
    /// would make the result longer.
    pub fn bincount(&self, length: usize, weights: Option<&Self>) -> Result<Self> {
        let axes: Vec<isize> = (0..self.ndim() as isize).collect();
        let (values, kind) = match weights {
            Some(weights) => {
                (weights.astype(DType::F64)?.broadcast_to(self.shape().to_vec())?, Statistic::Sum)
            }
            None => (self.clone(), Statistic::Count),
        };
        values.group_reduce(Aggregation { kind, skipna: false }, axes, self, length)
    }

    /// [`Array::bincount`] with as many integers as there are: up to the largest value, and at least `minlength`. The
    /// largest value is computed at once, so the array is read twice.
    ///
    /// ```
    /// use graticule_array::{Array, Chunk};
    /// let x = Array::from_chunk(Chunk::new(vec![4], vec![0i64, 2, 2, 3])?)?;
    /// assert_eq!(x.bincount_auto(0, None)?.compute()?.as_slice::<i64>()?, [1, 0, 2, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::bincount`] and [`Array::compute`].
    pub fn bincount_auto(&self, minlength: usize, weights: Option<&Self>) -> Result<Self> {
        let integer = self.dtype().is_integer() || self.dtype() == DType::Bool;
        if self.size() == 0 || !integer {
            return self.bincount(minlength, weights);
        }
        let largest = self.astype(DType::I64)?.max(())?.compute()?.item::<i64>()?;
        let length = usize::try_from(largest).map_or(0, |largest| largest.saturating_add(1));
        self.bincount(length.max(minlength), weights)
    }
}
