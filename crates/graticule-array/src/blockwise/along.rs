//! What operations on whole lines of blocks have in common: where an axis must not be cut, and scratch for the keys.

use std::ops::Range;

use crate::blockwise::{Operand, Part};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::lines::{self, Lines};
use crate::kernel::order::key_bytes;

/// The only input of an operation.
pub(crate) fn only<'a, 'b>(label: &str, inputs: &'b [Operand<'a>]) -> Result<&'b Operand<'a>> {
    match inputs {
        [input] => Ok(input),
        _ => Err(Error::argument("inputs", inputs.len(), format!("{label} works on exactly one array"))),
    }
}

/// Refuses axes that are not there, and those that are cut.
pub(crate) fn check_whole(label: &str, axes: &[usize], input: &Operand<'_>) -> Result<()> {
    for &axis in axes {
        let Some(chunks) = input.grid.axes().get(axis) else {
            return Err(Error::Axis { axis: axis as isize, ndim: input.ndim() });
        };
        if chunks.count() > 1 {
            return Err(Error::Chunks {
                problem: format!("{label} needs axis {axis} in one chunk, and it has {}", chunks.count()),
                hint: "rechunk the axis into one chunk".into(),
            });
        }
    }
    Ok(())
}

/// A region of the first input, or nothing where it is empty.
pub(crate) fn part(region: Vec<Range<usize>>) -> Vec<Part> {
    if region.iter().any(Range::is_empty) { Vec::new() } else { vec![Part { input: 0, region }] }
}

/// Bytes of the keys of lines that are worked on together, and of what tells where the lines are.
pub(crate) fn scratch(dtype: DType, block: &[usize], axes: &[usize]) -> usize {
    let len: usize = axes.iter().map(|&axis| block[axis]).product();
    let lines: usize = block.iter().product::<usize>() / len.max(1);
    let keys = lines::width(len, key_bytes(dtype), lines) * lines::stride(len);
    keys * key_bytes(dtype) + Lines::bytes(block, axes)
}

/// The largest block of a grid, with axes of other lengths.
pub(crate) fn largest(grid: &ChunkGrid, lens: impl IntoIterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut shape = grid.max_chunk();
    for (axis, len) in lens {
        shape[axis] = len;
    }
    shape
}
