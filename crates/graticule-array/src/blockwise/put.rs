//! Other values at listed positions.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::copy::c_strides;
use crate::kernel::points::copy_points;

/// An array with the values of another, which has one axis, at listed positions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Put {
    /// Where each value goes, in C order over all axes; increasing.
    pub(crate) positions: Arc<[usize]>,
}

impl Put {
    /// The values whose positions lie between the first and the last element of a region.
    fn between(&self, region: &[Range<usize>], shape: &[usize]) -> Range<usize> {
        if region.iter().any(|range| range.is_empty()) {
            return 0..0;
        }
        let at = |corner: fn(&Range<usize>) -> usize| {
            region.iter().zip(shape).fold(0, |at, (range, len)| at * len + corner(range))
        };
        let (first, last) = (at(|range| range.start), at(|range| range.end - 1));
        let start = self.positions.partition_point(|position| *position < first);
        start..self.positions.partition_point(|position| *position <= last)
    }
}

impl Kernel for Put {
    fn label(&self) -> String {
        format!("put {} values", self.positions.len())
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [array, values] = inputs else {
            return Err(Error::argument(
                "inputs",
                inputs.len(),
                "give an array and the values to put into it",
            ));
        };
        if values.grid.shape() != [self.positions.len()] || values.dtype != array.dtype {
            return Err(Error::Shape {
                operation: format!("putting {} values into {}", values.dtype, array.dtype),
                left: vec![self.positions.len()],
                right: values.grid.shape(),
                hint: "give one value of the array's dtype for each position".into(),
            });
        }
        let size: usize = array.grid.shape().iter().product();
        let increases = self.positions.is_sorted_by(|a, b| a < b);
        if !increases || self.positions.last().is_some_and(|last| *last >= size) {
            let hint = format!("they increase and are below {size}");
            return Err(Error::argument("positions", self.positions.len(), hint));
        }
        Ok((array.dtype, array.grid.clone()))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<Part> {
        let region = grid.region(index);
        let values = self.between(&region, &grid.shape());
        let array = Part { input: 0, region };
        if values.is_empty() { vec![array] } else { vec![array, Part { input: 1, region: vec![values] }] }
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, grid.max_chunk()), (1, vec![self.positions.len()])]
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        // For each value in the block where it is read and where it goes.
        let block: usize = grid.max_chunk().iter().product();
        2 * block.min(self.positions.len()).saturating_mul(size_of::<(usize, usize)>())
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        // Blocks that lie side by side have the values of each other between their ends.
        grid.axes().iter().skip(1).all(|chunks| chunks.count() <= 1)
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let Some(array) = parts.first() else {
            return Err(Error::defect("values were to be put into nothing"));
        };
        copy_points(array.buffer(), out.buffer_mut(), &[(0, 0)], &[], array.shape().iter().product());
        let Some(values) = parts.get(1) else { return Ok(()) };
        let shape = target.inputs[0].grid.shape();
        let (steps, strides) = (c_strides(out.shape()), c_strides(&shape));
        let mut points = Vec::new();
        for (number, &position) in self.positions[self.between(target.region, &shape)].iter().enumerate() {
            let (mut rest, mut to) = (position, Some(0));
            for ((stride, range), step) in strides.iter().zip(target.region).zip(&steps) {
                let at = rest / stride.max(&1);
                rest %= stride.max(&1);
                to = to.filter(|_| range.contains(&at)).map(|to| to + (at - range.start) * step);
            }
            points.extend(to.map(|to| (number, to)));
        }
        copy_points(values.buffer(), out.buffer_mut(), &points, &[], 1);
        Ok(())
    }
}
