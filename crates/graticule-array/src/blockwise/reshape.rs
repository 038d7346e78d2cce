//! The elements in the same order (C order) under other axes: `reshape`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Delivery, Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::points::{Steps, copy_points};

/// Neighbouring axes of the input under other lengths: (4, 6) becomes (24,), or (8, 3). The axes around them stay.
///
/// A chunk of the result is contiguous on the new axes, so it is a range of elements in C order. On the old axes such a
/// range is made of a few boxes: of shape (4, 6) the elements 4 to 20 are the end of a row, two whole rows, and the
/// beginning of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReshapeAxes {
    /// The first of the axes.
    pub(crate) first: usize,
    /// How many axes of the input they are.
    pub(crate) count: usize,
    /// The axes that take their place.
    pub(crate) axes: Vec<AxisChunks>,
}

impl ReshapeAxes {
    /// The elements of the new axes, counted in C order, that a region covers.
    fn range(&self, region: &[Range<usize>]) -> Range<usize> {
        let new = &region[self.first..self.first + self.axes.len()];
        let start = new.iter().zip(&self.axes).fold(0, |at, (range, axis)| at * axis.len() + range.start);
        start..start + new.iter().map(ExactSizeIterator::len).product::<usize>()
    }
}

impl Kernel for ReshapeAxes {
    fn label(&self) -> String {
        let lens: Vec<usize> = self.axes.iter().map(AxisChunks::len).collect();
        format!("reshape {} from axis {} to {lens:?}", self.count, self.first)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "exactly one array is reshaped"));
        };
        let end = self.first.checked_add(self.count).filter(|&end| end <= input.ndim() && self.count > 0);
        let Some(end) = end else {
            return Err(Error::Axis { axis: self.first as isize, ndim: input.ndim() });
        };
        let old: Vec<usize> = (self.first..end).map(|axis| input.len(axis)).collect();
        let new: Vec<usize> = self.axes.iter().map(AxisChunks::len).collect();
        let size = |lens: &[usize]| lens.iter().try_fold(1usize, |size, &len| size.checked_mul(len));
        if size(&old) != size(&new) || new.is_empty() {
            return Err(Error::Shape {
                operation: "reshape".into(),
                left: old,
                right: new,
                hint: "the number of elements stays the same".into(),
            });
        }
        if !is_contiguous(&self.axes) {
            return Err(Error::Chunks {
                problem: format!(
                    "{} cuts elements that follow each other apart",
                    ChunkGrid::new(self.axes.clone())
                ),
                hint: "before a cut axis chunks have one element, behind it they are whole".into(),
            });
        }
        let axes = input.grid.axes();
        let result = axes[..self.first].iter().chain(&self.axes).chain(&axes[end..]);
        Ok((input.dtype, ChunkGrid::new(result.cloned().collect())))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let region = grid.region(index);
        let old: Vec<usize> = (self.first..self.first + self.count).map(|axis| inputs[0].len(axis)).collect();
        let (before, after) = (&region[..self.first], &region[self.first + self.axes.len()..]);
        let part = |own: Vec<Range<usize>>| Part {
            input: 0,
            region: before.iter().cloned().chain(own).chain(after.iter().cloned()).collect(),
        };
        pieces(&old, self.range(&region)).into_iter().map(part).collect()
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        // No part has more elements than the block, or than the input has on these axes.
        let largest = grid.max_chunk();
        let new = self.first..self.first + self.axes.len();
        let mut shape = inputs[0].grid.max_chunk();
        shape[self.first] = largest[new].iter().product();
        shape[self.first + 1..self.first + self.count].fill(1);
        vec![(0, shape)]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        // The list of at most two parts for each old axis.
        let part = size_of::<Part>() + inputs[0].ndim() * size_of::<Range<usize>>() + 16;
        4 * self.count * part
    }

    fn delivery(&self) -> Delivery {
        Delivery::OneByOne
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let ([part], Some(Part { region, .. })) = (parts, target.parts.get(target.first)) else {
            return Err(Error::defect("there is nothing to reshape"));
        };
        let own = self.first..self.first + self.count;
        let lens = own.clone().map(|axis| target.inputs[0].len(axis));
        let first = region[own.clone()].iter().zip(lens).fold(0, |at, (range, len)| at * len + range.start);
        let block = self.range(target.region);
        let product = |lens: &[usize]| lens.iter().product::<usize>();
        // Both lie in memory as (axes before, elements of these axes, axes after).
        let inner = product(&part.shape()[own.end..]);
        let run = product(&part.shape()[own]) * inner;
        let outer = Steps { len: product(&part.shape()[..self.first]), from: run, to: block.len() * inner };
        let point = (0, (first - block.start) * inner);
        copy_points(part.buffer(), out.buffer_mut(), &[point], &[outer], run);
        Ok(())
    }
}

/// Whether every chunk is a range of elements in C order: after the first axis on which chunks have several elements
/// come only axes in one chunk.
pub(crate) fn is_contiguous(axes: &[AxisChunks]) -> bool {
    let single = axes.iter().take_while(|axis| axis.max_size() <= 1).count();
    axes.iter().skip(single + 1).all(|axis| axis.count() <= 1)
}

/// The boxes that make up a range of elements in C order, in that order.
fn pieces(shape: &[usize], range: Range<usize>) -> Vec<Vec<Range<usize>>> {
    let [len, rest @ ..] = shape else { return vec![Vec::new()] };
    let row: usize = rest.iter().product();
    if range.is_empty() || *len == 0 || row == 0 {
        return Vec::new();
    }
    // A part of a row, whole rows, a part of a row: each where there is one.
    let rows = range.start.div_ceil(row)..range.end / row;
    let in_row = |number: usize| {
        let of_row =
            range.start.max(number * row) - number * row..range.end.min((number + 1) * row) - number * row;
        pieces(rest, of_row)
            .into_iter()
            .map(move |piece| std::iter::once(number..number + 1).chain(piece).collect::<Vec<_>>())
    };
    let mut all = Vec::new();
    if rows.start > rows.end {
        // All inside one row.
        all.extend(in_row(rows.end));
        return all;
    }
    if range.start < rows.start * row {
        all.extend(in_row(rows.start - 1));
    }
    if !rows.is_empty() {
        let mut axes = vec![rows.clone()];
        axes.extend(rest.iter().map(|&len| 0..len));
        all.push(axes);
    }
    if rows.end * row < range.end {
        all.extend(in_row(rows.end));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_elements_is_made_of_few_boxes() {
        assert_eq!(pieces(&[4, 6], 4..20), [[0..1, 4..6], [1..3, 0..6], [3..4, 0..2]]);
        assert_eq!(pieces(&[4, 6], 7..9), [[1..2, 1..3]]);
        assert_eq!(pieces(&[4, 6], 6..24), [[1..4, 0..6]]);
        assert_eq!(pieces(&[24], 3..5).concat(), std::slice::from_ref(&(3..5)));
        for (start, end) in (0..24).flat_map(|start| (start..=24).map(move |end| (start, end))) {
            let elements: Vec<usize> = pieces(&[2, 3, 4], start..end)
                .into_iter()
                .flat_map(|piece| {
                    let [a, b, c] = <[Range<usize>; 3]>::try_from(piece).unwrap();
                    a.flat_map(move |i| {
                        let c = c.clone();
                        b.clone().flat_map(move |j| c.clone().map(move |k| (i * 3 + j) * 4 + k))
                    })
                })
                .collect();
            assert_eq!(elements, (start..end).collect::<Vec<_>>());
        }
    }

    #[test]
    fn chunks_are_contiguous_where_nothing_behind_a_longer_one_is_cut() {
        let axes = |sizes: &[(usize, usize)]| -> Vec<AxisChunks> {
            sizes.iter().map(|&(len, size)| AxisChunks::regular(len, size)).collect()
        };
        assert!(is_contiguous(&axes(&[(5, 1), (6, 2), (4, 4)])));
        assert!(is_contiguous(&axes(&[(5, 2), (6, 6), (4, 4)])));
        assert!(!is_contiguous(&axes(&[(5, 2), (6, 3), (4, 4)])));
        assert!(!is_contiguous(&axes(&[(5, 1), (6, 3), (4, 2)])));
    }
}
