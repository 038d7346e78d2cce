//! The elements in the same order under another shape.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::reshape::{ReshapeAxes, is_contiguous};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{AxisSelect, Expr, Op, Reshape};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};
use crate::scalar::Scalar;

impl Array {
    /// The elements in C order under another shape; one length may be -1 and is worked out.
    ///
    /// Axes that stay as they are keep their chunks, and axes of length 1 come and go at no cost. Where axes merge or
    /// split, chunks have to be contiguous, as in dask: all but the first of the merged axes are brought into one
    /// chunk, and the first keeps its cuts. Where a chunk would then be larger than 8 MiB and than the array's own,
    /// it is cut finer, from the first axis on. The result is cut where the array is, as far as its axes allow.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(24)?.reshape(&[2, 3, -1])?;
    /// assert_eq!(x.shape(), [2, 3, 4]);
    /// assert_eq!(x.reshape(&[6, 4])?.index_axis(0, 5)?.compute()?.as_slice::<i64>()?, [20, 21, 22, 23]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of elements differs, [`Error::Argument`] for several lengths of -1, or one that
    /// cannot be worked out.
    pub fn reshape(&self, shape: &[isize]) -> Result<Self> {
        let unknown = shape.iter().filter(|&&len| len == -1).count();
        let text = || format!("{shape:?}");
        if unknown > 1 || shape.iter().any(|&len| len < -1) {
            return Err(Error::argument(
                "shape",
                text(),
                "one length may be -1, the others are not negative",
            ));
        }
        let known = shape.iter().filter(|&&len| len >= 0);
        let known = known.map(|&len| len as usize).try_fold(1usize, usize::checked_mul);
        let missing = match known {
            _ if unknown == 0 => 0,
            Some(known) if known > 0 && self.size().is_multiple_of(known) => self.size() / known,
            _ => {
                let hint = format!("-1 cannot be worked out for {} elements", self.size());
                return Err(Error::argument("shape", text(), hint));
            }
        };
        self.reshape_to(shape.iter().map(|&len| usize::try_from(len).unwrap_or(missing)).collect())
    }

    /// The elements in C order along one axis. See [`Array::reshape`] for the chunks.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1, 2], [3, 4]]), (1, 1))?;
    /// assert_eq!(x.ravel()?.compute()?.as_slice::<i32>()?, [1, 2, 3, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn ravel(&self) -> Result<Self> {
        self.reshape_to(vec![self.size()])
    }

    /// Another name of [`Array::ravel`].
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn flatten(&self) -> Result<Self> {
        self.ravel()
    }

    /// [`Array::reshape`] to a shape that is known.
    pub(super) fn reshape_to(&self, shape: Vec<usize>) -> Result<Self> {
        if shape.iter().try_fold(1usize, |size, &len| size.checked_mul(len)) != Some(self.size()) {
            return Err(Error::Shape {
                operation: "reshape".into(),
                left: self.shape().to_vec(),
                right: shape,
                hint: format!("the shape must have {} elements", self.size()),
            });
        }
        if shape == self.shape() {
            return Ok(self.clone());
        }
        if self.size() == 0 {
            let grid = ChunkGrid::single(&shape);
            let op = Op::Full { value: any_value(self.dtype()), dtype: self.dtype(), grid };
            return Ok(Self::from_expr(Expr::new(op, Vec::new())?));
        }
        // Axes of length 1 say nothing about the order.
        let drop = self.shape().iter().map(|&len| match len {
            1 => AxisSelect::Index(0),
            len => AxisSelect::Slice { start: 0, step: 1, len },
        });
        let mut result = self.select_each(drop.collect())?;
        let longer: Vec<usize> = shape.iter().copied().filter(|&len| len != 1).collect();
        // From the last to the first, so that the numbers of the axes before stay.
        for (old, new) in groups(result.shape(), &longer).into_iter().rev() {
            if old.len() != 1 || new.len() != 1 {
                result = result.reshape_axes(old.start, old.len(), &longer[new])?;
            }
        }
        for (axis, _) in shape.iter().enumerate().filter(|&(_, &len)| len == 1) {
            let op = Op::Reshape(Reshape::Expand { axis });
            result = Self::from_expr(Expr::new(op, vec![result.expr().clone()])?);
        }
        Ok(result)
    }

    /// `count` axes from `first` on under other lengths, with as many elements.
    fn reshape_axes(&self, first: usize, count: usize, lens: &[usize]) -> Result<Self> {
        let own = first..first + count;
        let largest = self.chunks().max_chunk();
        let chunk: usize = largest.iter().product();
        let around = chunk / largest[own.clone()].iter().product::<usize>();
        let limit = (chunk.max(BLOCK_BYTES / self.dtype().size()) / around).max(1);

        let mut axes = self.chunks().axes().to_vec();
        if !is_contiguous(&axes[own.clone()]) {
            let row: usize = self.shape()[first + 1..own.end].iter().product();
            let ends: Vec<usize> = ends(&axes[first]).map(|end| end * row).collect();
            let contiguous = contiguous(&self.shape()[own.clone()], &ends, limit);
            axes.splice(own.clone(), contiguous);
        }
        let input = self.with_grid(ChunkGrid::new(axes.clone()))?;
        let axes = contiguous(lens, &flat_ends(&axes[own]), limit);
        let op = Op::Blockwise(Blockwise::Reshape(ReshapeAxes { first, count, axes }));
        Ok(Self::from_expr(Expr::new(op, vec![input.expr().clone()])?))
    }
}

/// A value of a dtype, for arrays without elements.
fn any_value(dtype: DType) -> Scalar {
    match dtype {
        DType::Bool => false.into(),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => 0i64.into(),
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => 0u64.into(),
        DType::F32 | DType::F64 => 0.0.into(),
        DType::Datetime(unit) => Scalar::Datetime(0, unit),
        DType::Timedelta(unit) => Scalar::Timedelta(0, unit),
        DType::Str => "".into(),
    }
}

/// The fewest neighbouring axes of two shapes that have as many elements: (2, 3, 5) and (6, 5) are (2, 3) and (6),
/// (5) and (5). No length is 0 or 1.
fn groups(old: &[usize], new: &[usize]) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut groups = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        let (first_old, first_new) = (i, j);
        let (mut left, mut right) = (old[i], new[j]);
        (i, j) = (i + 1, j + 1);
        while left != right {
            if left < right && i < old.len() {
                left *= old[i];
                i += 1;
            } else if j < new.len() {
                right *= new[j];
                j += 1;
            } else {
                break;
            }
        }
        groups.push((first_old..i, first_new..j));
    }
    groups
}

/// Where chunks end.
fn ends(axis: &AxisChunks) -> impl Iterator<Item = usize> + '_ {
    (0..axis.count()).map(|chunk| axis.range(chunk).end)
}

/// Where contiguous chunks end, counted in elements in C order.
fn flat_ends(axes: &[AxisChunks]) -> Vec<usize> {
    let cut = axes.iter().position(|axis| axis.max_size() > 1).unwrap_or(axes.len() - 1);
    let product = |axes: &[AxisChunks]| axes.iter().map(AxisChunks::len).product::<usize>();
    let (rows, len, inner) = (product(&axes[..cut]), axes[cut].len(), product(&axes[cut + 1..]));
    (0..rows).flat_map(|row| ends(&axes[cut]).map(move |end| (row * len + end) * inner)).collect()
}

/// Contiguous chunks of at most `limit` elements that end near given places: where the first axis allows it, and
/// further axes only where a row of it is too large.
fn contiguous(lens: &[usize], ends: &[usize], limit: usize) -> Vec<AxisChunks> {
    let row: usize = lens[1..].iter().product();
    if row > limit {
        let mut axes = vec![AxisChunks::regular(lens[0], 1)];
        axes.extend(contiguous(&lens[1..], &[row], limit));
        return axes;
    }
    let most = limit / row;
    let mut sizes = Vec::new();
    let mut start = 0;
    for end in ends {
        let end = (end + row / 2) / row;
        while start < end {
            let size = (end - start).min(most);
            sizes.push(size);
            start += size;
        }
    }
    let mut axes = vec![AxisChunks::from_sizes(&sizes)];
    axes.extend(lens[1..].iter().map(|&len| AxisChunks::regular(len, len)));
    axes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_grouped_where_their_elements_are_as_many() {
        assert_eq!(groups(&[2, 3, 5], &[6, 5]), [(0..2, 0..1), (2..3, 1..2)]);
        assert_eq!(groups(&[4, 6, 7], &[8, 3, 7]), [(0..2, 0..2), (2..3, 2..3)]);
        assert_eq!(groups(&[24], &[2, 3, 4]), [(0..1, 0..3)]);
        assert_eq!(groups(&[], &[]), []);
    }

    #[test]
    fn chunks_end_where_those_of_the_input_do_as_far_as_rows_allow() {
        let sizes = |axes: Vec<AxisChunks>| -> Vec<Vec<usize>> {
            axes.iter().map(|axis| axis.sizes().collect()).collect()
        };
        assert_eq!(sizes(contiguous(&[4, 6], &[5, 10, 15, 20, 24], 100)), [vec![1, 1, 1, 1], vec![6]]);
        assert_eq!(sizes(contiguous(&[24], &[12, 24], 5)), [[5, 5, 2, 5, 5, 2]]);
        assert_eq!(sizes(contiguous(&[2, 6], &[12], 4)), [vec![1, 1], vec![4, 2]]);
        assert_eq!(flat_ends(&[AxisChunks::regular(2, 1), AxisChunks::regular(6, 4)]), [4, 6, 10, 12]);
        assert_eq!(flat_ends(&[AxisChunks::regular(3, 2), AxisChunks::regular(6, 6)]), [12, 18]);
    }
}
