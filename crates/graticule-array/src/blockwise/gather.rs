//! Elements at listed positions: of one axis (`take`), or of several axes together (`vindex`).

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::blockwise::{Delivery, Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::copy::c_strides;
use crate::kernel::points::{Steps, copy_points};

/// The elements of the input at listed points of some of its axes.
///
/// These axes give way to one axis of points, which is axis `at` of the result; the other axes stay, in their order. A
/// block of the result takes the chunks of the input that its points lie in one after another, each once, and of each
/// only the bounding box of the points.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct Gather {
    listed: Listed,
    /// Stands for all of `listed` where nodes are compared and hashed: the list may be long.
    digest: u128,
    walk: Arc<Walk>,
}

/// What is gathered, as it is stored.
#[derive(Debug, Clone, Hash, Serialize, Deserialize)]
#[serde(rename = "Gather")]
struct Listed {
    /// The axes that points are on, increasing.
    axes: Vec<usize>,
    /// Where the axis of points stands in the result.
    at: usize,
    /// The chunks of these axes in the input: points in one chunk are taken together.
    cuts: Vec<AxisChunks>,
    /// The points in the order of the result, as positions in C order on these axes.
    positions: Arc<[usize]>,
    /// The chunks of the axis of points.
    chunks: AxisChunks,
}

/// The order in which the blocks of the result walk the input, and what that takes.
#[derive(Debug, PartialEq, Eq)]
struct Walk {
    /// For each block, the numbers of its points in the order of the chunks they lie in, and inside a chunk of their
    /// positions. Nothing where all blocks have them in that order.
    order: Option<Arc<[usize]>>,
    /// The largest bounding box of points that are taken together.
    extents: Vec<usize>,
    /// The most chunks that a block takes points from.
    most_parts: usize,
    /// Whether no chunk gives points to more than one block.
    is_disjoint: bool,
}

impl Gather {
    /// The elements at `positions`, in C order on `axes` of an input that is cut there as `cuts` say. The axis of
    /// points is axis `at` of the result and is cut as `chunks` say.
    ///
    /// # Errors
    /// [`Error::Argument`] when the parts do not fit each other or a position is outside the axes.
    pub(crate) fn new(
        axes: Vec<usize>,
        at: usize,
        cuts: Vec<AxisChunks>,
        positions: Arc<[usize]>,
        chunks: AxisChunks,
    ) -> Result<Self> {
        Self::try_from(Listed { axes, at, cuts, positions, chunks })
    }

    /// The number of the point that block `block` takes as its `i`-th, counted from the block's first point, which has
    /// the number `start`.
    fn slot(&self, start: usize, i: usize) -> usize {
        self.walk.order.as_ref().map_or(i, |order| order[start + i])
    }

    /// Where the points are on one axis: that axis of the input, the axis of points of the result, and the positions.
    pub(crate) fn along(&self) -> Option<(usize, usize, &[usize])> {
        match self.listed.axes.as_slice() {
            [axis] => Some((*axis, self.listed.at, &self.listed.positions)),
            _ => None,
        }
    }

    /// The axis of the result that an axis of the input becomes, where no points are on it.
    pub(crate) fn result_axis(&self, axis: usize) -> usize {
        let before = axis - self.listed.axes.iter().filter(|&&gathered| gathered < axis).count();
        before + usize::from(before >= self.listed.at)
    }
}

impl Listed {
    /// Widens a box, given axis by axis, so that it holds a point.
    fn include<'a>(&self, position: usize, bounds: impl DoubleEndedIterator<Item = &'a mut Range<usize>>) {
        let mut rest = position;
        for (bounds, cut) in bounds.rev().zip(self.cuts.iter().rev()) {
            let at = rest % cut.len();
            rest /= cut.len();
            *bounds = if bounds.start >= bounds.end {
                at..at + 1
            } else {
                bounds.start.min(at)..bounds.end.max(at + 1)
            };
        }
    }

    fn check(&self) -> Result<()> {
        let hint = "the axes, their chunks, the positions and the chunks of the result fit each other";
        let refuse = |what: String| Err(Error::argument("positions", what, hint));
        if self.axes.is_empty() || self.axes.len() != self.cuts.len() {
            return refuse(format!("on axes {:?} with {} cuts", self.axes, self.cuts.len()));
        }
        if !self.axes.is_sorted_by(|a, b| a < b) {
            return refuse(format!("on axes {:?}", self.axes));
        }
        if self.chunks.len() != self.positions.len() {
            return refuse(format!("{} in chunks for {}", self.positions.len(), self.chunks.len()));
        }
        let size = self.cuts.iter().map(AxisChunks::len).try_fold(1usize, usize::checked_mul);
        match self.positions.iter().find(|&&position| size.is_none_or(|size| position >= size)) {
            Some(beyond) => refuse(beyond.to_string()),
            None => Ok(()),
        }
    }

    fn walk(&self) -> Walk {
        let mut order = Vec::with_capacity(self.positions.len());
        let mut extents = vec![0; self.axes.len()];
        let (mut most_parts, mut all_in_order) = (0, true);
        // Chunks with the block that takes from them: to see whether one gives to several.
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for block in 0..self.chunks.count() {
            let positions = &self.positions[self.chunks.range(block)];
            let mut points: Vec<(usize, usize, usize)> = positions
                .iter()
                .enumerate()
                .map(|(slot, &position)| (chunk_of(&self.cuts, position), position, slot))
                .collect();
            if !points.is_sorted() {
                all_in_order = false;
                points.sort_unstable();
            }
            let mut parts = 0;
            for together in points.chunk_by(|a, b| a.0 == b.0) {
                parts += 1;
                let mut bounds = vec![0..0; self.axes.len()];
                for &(_, position, _) in together {
                    self.include(position, bounds.iter_mut());
                }
                for (extent, bounds) in extents.iter_mut().zip(&bounds) {
                    *extent = bounds.len().max(*extent);
                }
                taken.extend(together.first().map(|point| (point.0, block)));
            }
            most_parts = parts.max(most_parts);
            order.extend(points.iter().map(|point| point.2));
        }
        taken.sort_unstable();
        Walk {
            order: (!all_in_order).then(|| order.into()),
            extents,
            most_parts,
            is_disjoint: taken.windows(2).all(|pair| pair[0].0 != pair[1].0),
        }
    }
}

impl TryFrom<Listed> for Gather {
    type Error = Error;

    fn try_from(listed: Listed) -> Result<Self> {
        listed.check()?;
        let mut hasher = SipHasher13::new();
        listed.hash(&mut hasher);
        let hash = hasher.finish128();
        let digest = (u128::from(hash.h1) << 64) | u128::from(hash.h2);
        let walk = Arc::new(listed.walk());
        Ok(Self { listed, digest, walk })
    }
}

impl From<Gather> for Listed {
    fn from(gather: Gather) -> Self {
        gather.listed
    }
}

impl PartialEq for Gather {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Gather {}

impl Hash for Gather {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl Kernel for Gather {
    fn label(&self) -> String {
        let points = self.listed.positions.len();
        match self.listed.axes.as_slice() {
            [axis] => format!("take {points} along axis {axis}"),
            axes => format!("take {points} points of axes {axes:?}"),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument(
                "inputs",
                inputs.len(),
                "positions are taken from exactly one array",
            ));
        };
        let Listed { axes, at, cuts, chunks, .. } = &self.listed;
        for (&axis, cut) in axes.iter().zip(cuts) {
            if axis >= input.ndim() {
                return Err(Error::Axis { axis: axis as isize, ndim: input.ndim() });
            }
            if cut.len() != input.len(axis) {
                let hint = format!("the positions are for an axis {axis} of length {}", cut.len());
                return Err(Error::argument("length", input.len(axis), hint));
            }
        }
        let kept = input.grid.axes().iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
        let mut result: Vec<AxisChunks> = kept.map(|(_, chunks)| chunks.clone()).collect();
        if *at > result.len() {
            return Err(Error::Axis { axis: *at as isize, ndim: result.len() + 1 });
        }
        result.insert(*at, chunks.clone());
        Ok((input.dtype, ChunkGrid::new(result)))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let Listed { axes, at, positions, chunks, .. } = &self.listed;
        let empty: Vec<Range<usize>> = (0..inputs[0].ndim())
            .map(|axis| {
                if axes.contains(&axis) {
                    return 0..0;
                }
                let result_axis = self.result_axis(axis);
                grid.axes()[result_axis].range(index[result_axis])
            })
            .collect();
        let block = chunks.range(index[*at]);
        let mut parts: Vec<Part> = Vec::new();
        let mut chunk_before = None;
        for i in 0..block.len() {
            let position = positions[block.start + self.slot(block.start, i)];
            let chunk = chunk_of(&self.listed.cuts, position);
            if chunk_before.replace(chunk) != Some(chunk) {
                parts.push(Part { input: 0, region: empty.clone() });
            }
            if let Some(part) = parts.last_mut() {
                let bounds = part.region.iter_mut().enumerate().filter(|(axis, _)| axes.contains(axis));
                self.listed.include(position, bounds.map(|(_, bounds)| bounds));
            }
        }
        parts
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let mut shape = inputs[0].grid.max_chunk();
        for (&axis, &extent) in self.listed.axes.iter().zip(&self.walk.extents) {
            shape[axis] = extent;
        }
        vec![(0, shape)]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        // The list of parts, twice while it grows, and for each point of a part where it is read and written.
        let part = size_of::<Part>() + inputs[0].ndim() * size_of::<Range<usize>>() + 16;
        2 * self.walk.most_parts * part + 2 * self.listed.chunks.max_size() * size_of::<(usize, usize)>()
    }

    fn delivery(&self) -> Delivery {
        Delivery::OneByOne
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        self.walk.is_disjoint
    }

    fn asked_in(&self, _: usize, inputs: &[Operand<'_>]) -> Option<ChunkGrid> {
        let (Listed { axes, positions, chunks, .. }, [input]) = (&self.listed, inputs) else { return None };
        let ([axis], false) = (axes.as_slice(), self.walk.is_disjoint) else { return None };
        let mut borders = vec![0, input.len(*axis)];
        for block in 0..chunks.count() {
            let mut taken: Vec<usize> = positions[chunks.range(block)].to_vec();
            taken.sort_unstable();
            let together =
                |a: &usize, b: &usize| chunk_of(&self.listed.cuts, *a) == chunk_of(&self.listed.cuts, *b);
            for piece in taken.chunk_by(together) {
                borders.extend(piece.first());
                borders.extend(piece.last().map(|last| last + 1));
            }
        }
        borders.sort_unstable();
        borders.dedup();
        let sizes: Vec<usize> = borders.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut grid = input.grid.axes().to_vec();
        grid[*axis] = AxisChunks::from_sizes(&sizes);
        Some(ChunkGrid::new(grid))
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        // Points of several axes give the others new numbers.
        if self.listed.axes == [self.listed.at] {
            (0..ndim).filter(|axis| *axis != self.listed.at).collect()
        } else {
            Vec::new()
        }
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let ([part], Some(Part { region, .. })) = (parts, target.parts.get(target.first)) else {
            return Err(Error::defect("points were to be taken from no part"));
        };
        let Listed { axes, at, cuts, positions, .. } = &self.listed;
        let block = &target.region[*at];
        let position = |i: usize| positions[block.start + self.slot(block.start, i)];
        let (from, to) = (c_strides(part.shape()), c_strides(out.shape()));

        // The block's points are in the order of the chunks, so those of this part are one run of them.
        let here = region_chunk(region, axes, cuts);
        let first = partition_point(block.len(), |i| chunk_of(&self.listed.cuts, position(i)) < here);
        let end = partition_point(block.len(), |i| chunk_of(&self.listed.cuts, position(i)) <= here);
        let points: Vec<(usize, usize)> = (first..end)
            .map(|i| {
                let mut rest = position(i);
                let mut read = 0;
                for (&axis, cut) in axes.iter().zip(cuts).rev() {
                    read += (rest % cut.len() - region[axis].start) * from[axis];
                    rest /= cut.len();
                }
                (read, self.slot(block.start, i) * to[*at])
            })
            .collect();

        // Axes behind all points lie together in both blocks; the others are walked.
        let last = axes.last().copied().unwrap_or(0);
        let lies_together = |axis: usize| axis > last && self.result_axis(axis) > *at;
        let kept = || (0..from.len()).filter(|axis| !axes.contains(axis));
        let run = kept().filter(|&axis| lies_together(axis)).map(|axis| part.shape()[axis]).product();
        let walked = kept().filter(|&axis| !lies_together(axis));
        let outer: Vec<Steps> = walked
            .map(|axis| Steps { len: part.shape()[axis], from: from[axis], to: to[self.result_axis(axis)] })
            .collect();
        copy_points(part.buffer(), out.buffer_mut(), &points, &outer, run);
        Ok(())
    }
}

/// The number of the chunk, in C order, that holds a position in C order on axes that are cut as `cuts` say.
pub(crate) fn chunk_of(cuts: &[AxisChunks], position: usize) -> usize {
    let (mut rest, mut number, mut scale) = (position, 0, 1);
    for cut in cuts.iter().rev() {
        number += cut.find(rest % cut.len()) * scale;
        rest /= cut.len();
        scale *= cut.count();
    }
    number
}

/// The number of the chunk that the points of a part lie in.
fn region_chunk(region: &[Range<usize>], axes: &[usize], cuts: &[AxisChunks]) -> usize {
    let at = axes.iter().zip(cuts);
    at.fold(0, |number, (&axis, cut)| number * cut.count() + cut.find(region[axis].start))
}

/// The first of `0..len` for which `is_before` does not hold; it holds for all before that one and for none after.
fn partition_point(len: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(positions: &[usize], chunks: AxisChunks) -> Gather {
        Gather::new(vec![0], 0, vec![AxisChunks::regular(12, 4)], positions.into(), chunks).unwrap()
    }

    #[test]
    fn a_block_takes_each_chunk_once_and_of_it_what_holds_the_points() {
        let grid = ChunkGrid::regular(&[12], &[4]);
        let inputs = [Operand { dtype: DType::F64, grid: &grid }];
        let kernel = gather(&[9, 1, 8, 2, 1, 11], AxisChunks::regular(6, 6));
        let (_, result) = kernel.infer(&inputs).unwrap();
        let parts = kernel.parts(&[0], &result, &inputs).into_iter();
        let regions: Vec<Range<usize>> = parts.flat_map(|part| part.region).collect();
        assert_eq!(regions, [1..3, 8..12]);
        assert_eq!(kernel.largest_parts(&result, &inputs), [(0, vec![4])]);
        assert!(kernel.is_disjoint(&result, &inputs));
        assert!(!gather(&[9, 1, 8, 2, 1, 11], AxisChunks::regular(6, 3)).walk.is_disjoint);
    }

    #[test]
    fn a_long_list_is_compared_by_its_digest() {
        let kernel = gather(&[3, 1, 2], AxisChunks::regular(3, 3));
        assert_eq!(kernel, gather(&[3, 1, 2], AxisChunks::regular(3, 3)));
        assert_ne!(kernel, gather(&[3, 2, 1], AxisChunks::regular(3, 3)));
        assert_ne!(kernel, gather(&[3, 1, 2], AxisChunks::regular(3, 2)));
        let again = Gather::try_from(Listed::from(kernel.clone())).unwrap();
        assert_eq!((again.digest, &again.walk), (kernel.digest, &kernel.walk));
        let outside = Listed { positions: [3, 1, 12].into(), ..kernel.listed };
        assert!(Gather::try_from(outside).is_err());
    }
}
