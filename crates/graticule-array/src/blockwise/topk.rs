//! The largest or smallest elements along an axis.
//!
//! Along an axis that is cut, each chunk gives its best, and of these the best are taken once more: the axis is never
//! needed whole. For positions each chunk gives pairs of a key and a position, packed into two `u64`.

use serde::{Deserialize, Serialize};

use crate::blockwise::along::{check_whole, largest, only, part, scratch};
use crate::blockwise::sort::{stored, written_as};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::lines::{self, Bundle, Lines};
use crate::kernel::order::{Measured, Ordered, best, best_first, key_bytes, with_measured, with_ordered};

/// The best `count` elements along an axis, or all where there are fewer, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TopK {
    pub(crate) axis: usize,
    pub(crate) count: usize,
    /// Whether large is good. NaN and NaT are larger than all.
    pub(crate) largest: bool,
    pub(crate) gives: Best,
}

/// What of the best elements is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Best {
    /// The best of each chunk.
    Values,
    /// The positions of the best of the axis, which is in one chunk.
    Positions,
    /// The best of each chunk, as keys and positions: one axis more, of length 2.
    Pairs,
    /// The positions of the best of such pairs, whose axis is in one chunk.
    PositionsOfPairs,
}

impl TopK {
    /// The lengths of the chunks along the axis.
    fn kept(&self, chunks: &AxisChunks) -> AxisChunks {
        match chunks {
            AxisChunks::Regular { len, .. } if *len == 0 => chunks.clone(),
            chunks if self.count == 0 => AxisChunks::regular(0, chunks.max_size()),
            chunks => {
                AxisChunks::from_sizes(&chunks.sizes().map(|size| size.min(self.count)).collect::<Vec<_>>())
            }
        }
    }
}

impl Kernel for TopK {
    fn label(&self) -> String {
        let name = match self.gives {
            Best::Values => "topk",
            Best::Positions | Best::PositionsOfPairs => "argtopk",
            Best::Pairs => "argtopk of chunks",
        };
        let end = if self.largest { "largest" } else { "smallest" };
        format!("{name} ({} {end}) along axis {}", self.count, self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let input = only(&self.label(), inputs)?;
        let mut axes = input.grid.axes().to_vec();
        let Some(chunks) = axes.get_mut(self.axis) else {
            return Err(Error::Axis { axis: self.axis as isize, ndim: input.ndim() });
        };
        *chunks = self.kept(chunks);
        match self.gives {
            Best::Values => Ok((input.dtype, ChunkGrid::new(axes))),
            Best::Positions => {
                check_whole(&self.label(), &[self.axis], input)?;
                Ok((DType::I64, ChunkGrid::new(axes)))
            }
            Best::Pairs => {
                if input.dtype == DType::Str {
                    let hint = "of text the axis is needed whole".into();
                    return Err(Error::Dtype { operation: self.label(), dtype: input.dtype, hint });
                }
                axes.push(AxisChunks::regular(2, 2));
                Ok((DType::U64, ChunkGrid::new(axes)))
            }
            Best::PositionsOfPairs => {
                check_whole(&self.label(), &[self.axis, input.ndim() - 1], input)?;
                if input.dtype != DType::U64 || input.len(input.ndim() - 1) != 2 || axes.len() < 2 {
                    let hint = "pairs are two uint64 along the last axis".into();
                    return Err(Error::Dtype { operation: self.label(), dtype: input.dtype, hint });
                }
                axes.pop();
                Ok((DType::I64, ChunkGrid::new(axes)))
            }
        }
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let Some(input) = inputs.first() else { return Vec::new() };
        // The last axis of pairs is always whole.
        let numbers = index.iter().copied().chain(std::iter::once(0));
        part(input.grid.axes().iter().zip(numbers).map(|(chunks, number)| chunks.range(number)).collect())
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        inputs.iter().take(1).map(|input| (0, input.grid.max_chunk())).collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let Some(input) = inputs.first() else { return 0 };
        let block = largest(input.grid, []);
        let len = block[self.axis];
        let width = lines::width(len, key_bytes(input.dtype), usize::MAX);
        let pair = key_bytes(input.dtype).max(8) + 8;
        // Pairs of a line, and the best of those that are worked on together.
        scratch(input.dtype, &block, &[self.axis])
            + pair * (len + width * self.count.min(len))
            + Lines::bytes(&block, &[self.axis])
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        match self.gives {
            Best::Values | Best::Positions => (0..ndim).filter(|&axis| axis != self.axis).collect(),
            Best::Pairs | Best::PositionsOfPairs => Vec::new(),
        }
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [x] = parts else { return Ok(()) };
        let start = target.parts.first().map_or(0, |part| part.region[self.axis].start);
        let lines = Lines::new(x.shape(), &[self.axis]);
        let to = Lines::new(out.shape(), &[self.axis]);
        let defect = || Err(Error::defect("text has no keys of 64 bits"));
        match self.gives {
            Best::Values => with_ordered!(x.dtype(), K => self.values::<K>(x, &lines, &to, out)),
            Best::Positions => with_ordered!(x.dtype(), K => {
                let out = written_as::<i64>(out)?;
                self.each::<K>(x, &lines, |bundle, best| {
                    to.scatter(bundle, out, |line, i| best[line][i].1 as i64);
                })
            }),
            Best::Pairs => {
                with_measured!(x.dtype(), K => {
                    let out = written_as::<u64>(out)?;
                    let shape: Vec<usize> = target.region.iter().map(ExactSizeIterator::len).collect();
                    let (keys, positions) = pair_lines(&shape, self.axis);
                    let mut number = 0;
                    self.each::<K>(x, &lines, |bundle, best| {
                        for best in best.iter().take(bundle.width) {
                            for (i, (key, position)) in best.iter().enumerate() {
                                out[keys(number, i)] = <K as Measured>::to_bits(*key);
                                out[positions(number, i)] = (start + position) as u64;
                            }
                            number += 1;
                        }
                    })
                }, text => defect())
            }
            Best::PositionsOfPairs => {
                let pairs = stored::<u64>(x)?;
                let out = written_as::<i64>(out)?;
                let (keys, positions) = pair_lines(x.shape(), self.axis);
                let len = x.shape()[self.axis];
                let mut line = Vec::with_capacity(len);
                for (number, bundle) in to.bundles(1).enumerate() {
                    line.clear();
                    line.extend(
                        (0..len).map(|i| (pairs[keys(number, i)], pairs[positions(number, i)] as usize)),
                    );
                    best(&mut line, self.count, self.largest);
                    to.scatter(bundle, out, |_, i| line[i].1 as i64);
                }
                Ok(())
            }
        }
    }
}

impl TopK {
    /// Writes the best values of each line.
    fn values<O: Ordered>(&self, x: &Chunk, lines: &Lines, to: &Lines, out: &mut Chunk) -> Result<()> {
        let values = stored::<O::Element>(x)?;
        let out = written_as::<O::Element>(out)?;
        let Some(first) = values.first() else { return Ok(()) };
        let stride = lines::stride(lines.len);
        let width = lines::width(lines.len, key_bytes(x.dtype()), x.len() / lines.len);
        let mut keys = vec![O::key(first); width * stride];
        for bundle in lines.bundles(width) {
            lines.gather(bundle, values, &mut keys, stride, O::key);
            for row in keys.chunks_mut(stride).take(bundle.width) {
                best_first(&mut row[..lines.len], self.count, self.largest);
            }
            to.scatter(bundle, out, |line, i| O::value(&keys[line * stride + i]));
        }
        Ok(())
    }

    /// Calls a function with the best of the lines that lie side by side, bundle by bundle.
    fn each<O: Ordered>(
        &self,
        x: &Chunk,
        lines: &Lines,
        mut put: impl FnMut(Bundle, &[Vec<(O::Key, usize)>]),
    ) -> Result<()> {
        let values = stored::<O::Element>(x)?;
        let Some(first) = values.first() else { return Ok(()) };
        // Zeros of either sign are equal where positions are wanted.
        let key = O::equal_key;
        let stride = lines::stride(lines.len);
        let width = lines::width(lines.len, key_bytes(x.dtype()), x.len() / lines.len);
        let mut keys = vec![key(first); width * stride];
        let count = self.count.min(lines.len);
        let mut best_of: Vec<Vec<(O::Key, usize)>> = vec![Vec::with_capacity(count); width];
        let mut pairs = Vec::with_capacity(lines.len);
        for bundle in lines.bundles(width) {
            lines.gather(bundle, values, &mut keys, stride, key);
            for (row, best_of) in keys.chunks(stride).take(bundle.width).zip(&mut best_of) {
                pairs.clear();
                pairs.extend(row[..lines.len].iter().cloned().zip(0..));
                best(&mut pairs, count, self.largest);
                best_of.clear();
                best_of.append(&mut pairs);
            }
            put(bundle, &best_of);
        }
        Ok(())
    }
}

/// Where the keys and the positions of a line are in an array of pairs: for the number of the line in C order of the
/// other axes, and the place in the line.
fn pair_lines(
    shape: &[usize],
    axis: usize,
) -> (impl Fn(usize, usize) -> usize + use<>, impl Fn(usize, usize) -> usize + use<>) {
    let len = shape[axis];
    let after: usize = shape[axis + 1..shape.len() - 1].iter().product();
    let at = move |number: usize, i: usize| 2 * ((number / after * len + i) * after + number % after);
    (at, move |number, i| at(number, i) + 1)
}
