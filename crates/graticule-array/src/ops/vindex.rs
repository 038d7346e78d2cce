//! Points of several axes at once: dask's `vindex`.

use ndarray::{ArrayD, IxDyn, SliceInfoElem};

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::broadcast_shapes;
use crate::grid::BLOCK_BYTES;
use crate::ops::gather::{Limits, gather};

/// What [`Array::vindex`] takes from one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vindex {
    /// One coordinate of every point. The coordinates on all axes broadcast together.
    Points(ArrayD<isize>),
    /// A slice, as in [`Array::slice`]; the axis stays.
    Slice(SliceInfoElem),
}

impl From<Vec<isize>> for Vindex {
    fn from(points: Vec<isize>) -> Self {
        Self::Points(ndarray::Array1::from(points).into_dyn())
    }
}

impl From<&[isize]> for Vindex {
    fn from(points: &[isize]) -> Self {
        points.to_vec().into()
    }
}

impl<const N: usize> From<[isize; N]> for Vindex {
    fn from(points: [isize; N]) -> Self {
        points.to_vec().into()
    }
}

/// The same coordinate for every point.
impl From<isize> for Vindex {
    fn from(point: isize) -> Self {
        Self::Points(ArrayD::from_elem(IxDyn(&[]), point))
    }
}

impl From<ArrayD<isize>> for Vindex {
    fn from(points: ArrayD<isize>) -> Self {
        Self::Points(points)
    }
}

impl From<SliceInfoElem> for Vindex {
    fn from(slice: SliceInfoElem) -> Self {
        Self::Slice(slice)
    }
}

impl From<std::ops::RangeFull> for Vindex {
    fn from(_: std::ops::RangeFull) -> Self {
        Self::Slice(SliceInfoElem::from(..))
    }
}

impl From<std::ops::Range<isize>> for Vindex {
    fn from(range: std::ops::Range<isize>) -> Self {
        Self::Slice(SliceInfoElem::from(range))
    }
}

impl Array {
    /// The elements at points that are given by their coordinates on several axes, as dask's `vindex` and xarray's
    /// pointwise selection give them; other axes are sliced. Axes that are not named are taken whole.
    ///
    /// The axes of the points come first in the result, in the shape to which the coordinates broadcast; then the
    /// axes that are left. That is dask's rule always, and numpy's where a slice stands between coordinates. A result
    /// of up to 8 MiB is one chunk along the points, so each chunk of this array is read once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_fn((4, 5, 6), (2, 2, 6), |at| (at[0] * 100 + at[1] * 10 + at[2]) as i64)?;
    /// let y = x.vindex(&[[0, 3, -1].into(), (..).into(), [5, 0, 1].into()])?;
    /// assert_eq!(y.shape(), [3, 5]);
    /// assert_eq!(y.index_axis(1, 2)?.compute()?.as_slice::<i64>()?, [25, 320, 321]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`] for a coordinate outside its axis, [`Error::Shape`] for too many axes or coordinates that do
    /// not broadcast together, [`Error::Argument`] for a slice that is none.
    pub fn vindex(&self, axes: &[Vindex]) -> Result<Self> {
        if axes.len() > self.ndim() {
            return Err(Error::Shape {
                operation: "vindex".into(),
                left: self.shape().to_vec(),
                right: vec![axes.len()],
                hint: format!("the array has {} axes, the selection names {}", self.ndim(), axes.len()),
            });
        }
        let mut slices = vec![SliceInfoElem::from(..); self.ndim()];
        let mut on: Vec<(usize, &ArrayD<isize>)> = Vec::new();
        for (axis, vindex) in axes.iter().enumerate() {
            match vindex {
                Vindex::Points(points) => on.push((axis, points)),
                Vindex::Slice(slice @ SliceInfoElem::Slice { .. }) => slices[axis] = *slice,
                Vindex::Slice(other) => {
                    let hint = "give coordinates or a slice for each axis; one number is a coordinate";
                    return Err(Error::argument("vindex", format!("{other:?}"), hint));
                }
            }
        }
        let sliced = self.slice(&slices)?;
        if on.is_empty() {
            return Ok(sliced);
        }
        let mut shape = Vec::new();
        for (_, points) in &on {
            shape = broadcast_shapes(&shape, points.shape())?;
        }
        let count = shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len));
        let Some(count) = count.filter(|&count| count <= isize::MAX as usize / 64) else {
            return Err(Error::argument(
                "points",
                format!("{shape:?}"),
                "there are more than can be addressed",
            ));
        };
        let mut positions = vec![0usize; count];
        for &(axis, points) in &on {
            let len = self.shape()[axis];
            let points =
                points.broadcast(IxDyn(&shape)).ok_or_else(|| Error::defect("points do not broadcast"))?;
            for (position, &index) in positions.iter_mut().zip(points) {
                *position = *position * len + self.position(axis, index)?;
            }
        }
        let on: Vec<usize> = on.iter().map(|(axis, _)| *axis).collect();
        sliced.gather_points(&on, positions)?.split_points(&shape)
    }

    /// The elements at points in C order on some axes, along a first axis.
    pub(super) fn gather_points(&self, axes: &[usize], positions: Vec<usize>) -> Result<Self> {
        let largest = self.chunks().max_chunk();
        let kept = (0..self.ndim()).filter(|axis| !axes.contains(axis));
        let row = kept.map(|axis| largest[axis]).product::<usize>().max(1) * self.dtype().size();
        let limit = (BLOCK_BYTES / row).max(1);
        gather(self, axes, 0, positions, Limits { in_order: limit, scattered: limit })
    }

    /// The first axis as several.
    fn split_points(&self, shape: &[usize]) -> Result<Self> {
        let whole = shape.iter().chain(&self.shape()[1..]).copied().collect();
        self.reshape_to(whole)
    }
}
