//! Along one axis, for every element of an array of positions the element at that position: `take_along_axis`.

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::copy::c_strides;
use crate::kernel::points::copy_points;

/// So many elements are found before they are copied.
const TOGETHER: usize = 1 << 12;

/// Of the first input, at the positions (int64) that the second holds, along an axis that the first has in one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TakeAlongAxis {
    /// The axis.
    pub(crate) axis: usize,
}

impl Kernel for TakeAlongAxis {
    fn label(&self) -> String {
        format!("take_along_axis {}", self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [array, positions] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "give an array and the positions"));
        };
        if self.axis >= array.ndim() {
            return Err(Error::Axis { axis: self.axis as isize, ndim: array.ndim() });
        }
        if positions.dtype != DType::I64 {
            return Err(Error::Dtype {
                operation: self.label(),
                dtype: positions.dtype,
                hint: "positions are int64".into(),
            });
        }
        let others = |input: &Operand<'_>| {
            let mut axes = input.grid.axes().to_vec();
            axes.remove(self.axis);
            axes
        };
        if array.ndim() != positions.ndim() || others(array) != others(positions) {
            return Err(Error::Chunks {
                problem: format!("an array in chunks {} and positions in {}", array.grid, positions.grid),
                hint: "on all other axes they need equal lengths and chunks".into(),
            });
        }
        if array.grid.axes()[self.axis].count() > 1 {
            let problem = format!("{} chunks along axis {}", array.grid.axes()[self.axis].count(), self.axis);
            return Err(Error::Chunks { problem, hint: "the axis is needed in one chunk".into() });
        }
        Ok((array.dtype, positions.grid.clone()))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let positions = grid.region(index);
        let mut region = positions.clone();
        region[self.axis] = 0..inputs[0].len(self.axis);
        vec![Part { input: 0, region }, Part { input: 1, region: positions }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, inputs[0].grid.max_chunk()), (1, grid.max_chunk())]
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        // Where each of some elements is read and written.
        grid.max_chunk().iter().product::<usize>().min(TOGETHER) * size_of::<(usize, usize)>()
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        grid.axes()[self.axis].count() <= 1
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [array, positions] = parts else {
            return Err(Error::defect("take_along_axis got no positions"));
        };
        let positions = i64::slice(positions.buffer())
            .ok_or_else(|| Error::defect("take_along_axis got positions of another type"))?;
        let axis = self.axis;
        let len = array.shape()[axis];
        let inner = c_strides(array.shape())[axis];
        let rows = out.shape()[axis];
        let of = |write: usize, position: i64| -> Result<(usize, usize)> {
            let wrapped = if position < 0 { position + len as i64 } else { position };
            let at = usize::try_from(wrapped).ok().filter(|&at| at < len);
            let outside = || Error::Index { index: position as isize, axis, len };
            // Both blocks lie in memory as (axes before, the axis, axes after).
            let (outer, column) = (write / (rows * inner), write % inner);
            Ok(((outer * len + at.ok_or_else(outside)?) * inner + column, write))
        };
        debug_assert_eq!(target.parts.len(), 2, "an array and positions");
        let mut points: Vec<(usize, usize)> = Vec::with_capacity(positions.len().min(TOGETHER));
        for (number, together) in positions.chunks(TOGETHER).enumerate() {
            points.clear();
            for (i, &position) in together.iter().enumerate() {
                points.push(of(number * TOGETHER + i, position)?);
            }
            copy_points(array.buffer(), out.buffer_mut(), &points, &[], 1);
        }
        Ok(())
    }
}
