//! An array in which a region has other values: what `x[2:8:3] = values` leaves, as a new array.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Delivery, Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::copy::c_strides;
use crate::kernel::points::{Steps, copy_points};

/// The first input, with the values of the second in a region that has its shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assign {
    /// The region, axis by axis.
    pub(crate) region: Vec<Stride>,
}

/// The positions `start`, `start + step`, … of an axis, `len` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Stride {
    pub(crate) start: usize,
    /// At least 1.
    pub(crate) step: usize,
    pub(crate) len: usize,
}

impl Stride {
    /// Which of the positions lie in a range.
    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        let before = |position: usize| position.saturating_sub(self.start).div_ceil(self.step).min(self.len);
        before(range.start)..before(range.end)
    }
}

impl Assign {
    /// For each axis, which of the assigned values lie in a block.
    fn assigned(&self, region: &[Range<usize>]) -> Vec<Range<usize>> {
        self.region.iter().zip(region).map(|(stride, range)| stride.inside(range)).collect()
    }
}

impl Kernel for Assign {
    fn label(&self) -> String {
        let axes: Vec<String> = self
            .region
            .iter()
            .map(|&Stride { start, step, len }| match step {
                1 => format!("{start}:{}", start + len),
                step => format!("{start}:{}:{step}", start + step * len),
            })
            .collect();
        format!("assign [{}]", axes.join(", "))
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [array, values] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "values are assigned in exactly one array"));
        };
        let lens: Vec<usize> = self.region.iter().map(|stride| stride.len).collect();
        if array.ndim() != lens.len() || values.grid.shape() != lens || values.dtype != array.dtype {
            return Err(Error::Shape {
                operation: format!("assigning {} to a region of {}", values.dtype, array.dtype),
                left: lens,
                right: values.grid.shape(),
                hint: "the values have the dtype of the array and the shape of the region".into(),
            });
        }
        for (axis, (stride, len)) in self.region.iter().zip(array.grid.shape()).enumerate() {
            if stride.step == 0 {
                return Err(Error::argument("step", 0, "use a positive step"));
            }
            let last = stride.len.checked_sub(1).map(|steps| {
                steps.checked_mul(stride.step).and_then(|distance| distance.checked_add(stride.start))
            });
            if let Some(last) = last
                && last.is_none_or(|last| last >= len)
            {
                let index = last.and_then(|last| isize::try_from(last).ok()).unwrap_or(isize::MAX);
                return Err(Error::Index { index, axis, len });
            }
        }
        Ok((array.dtype, array.grid.clone()))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<Part> {
        let region = grid.region(index);
        let assigned = self.assigned(&region);
        let any = assigned.iter().all(|range| !range.is_empty());
        let all = assigned.iter().zip(&region).all(|(assigned, block)| assigned.len() == block.len());
        let mut parts = Vec::with_capacity(2);
        // What is written over is not asked for.
        if !(any && all) {
            parts.push(Part { input: 0, region });
        }
        if any {
            parts.push(Part { input: 1, region: assigned });
        }
        parts
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let block = grid.max_chunk();
        let assigned = block.iter().zip(&self.region).map(|(&len, stride)| len.min(stride.len)).collect();
        vec![(0, block), (1, assigned)]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    fn delivery(&self) -> Delivery {
        Delivery::OneByOne
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let ([part], Some(Part { input, region })) = (parts, target.parts.get(target.first)) else {
            return Err(Error::defect("there is nothing to assign"));
        };
        let (from, to) = (c_strides(part.shape()), c_strides(out.shape()));
        let mut write = 0;
        let mut outer = Vec::with_capacity(from.len());
        for (axis, &len) in part.shape().iter().enumerate() {
            let stride = match input {
                0 => Stride { start: target.region[axis].start, step: 1, len },
                _ => self.region[axis],
            };
            let first = if *input == 0 { 0 } else { region[axis].start };
            write += (stride.start + first * stride.step - target.region[axis].start) * to[axis];
            outer.push(Steps { len, from: from[axis], to: to[axis] * stride.step });
        }
        // The last axis is one run where it lies together in both.
        let run = match outer.last() {
            Some(Steps { len, from: 1, to: 1 }) => *len,
            Some(_) | None => 1,
        };
        if run > 1 {
            outer.pop();
        }
        copy_points(part.buffer(), out.buffer_mut(), &[(0, write)], &outer, run);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stride_meets_a_range_where_its_positions_lie() {
        let stride = Stride { start: 2, step: 3, len: 4 };
        for (range, inside) in [(0..2, 0..0), (0..3, 0..1), (2..12, 0..4), (3..9, 1..3), (12..20, 4..4)] {
            let expected: Vec<usize> = (0..4).filter(|i| range.contains(&(2 + 3 * i))).collect();
            assert_eq!(stride.inside(&range), inside, "{range:?}");
            assert_eq!(inside.collect::<Vec<_>>(), expected);
        }
    }
}
