//! Values in order along an axis, the positions that put them in order, and their ranks.

use serde::{Deserialize, Serialize};

use crate::blockwise::along::{check_whole, only, part, scratch};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;
use crate::kernel::lines::{self, Lines};
use crate::kernel::order::{self, Ordered, key_bytes, with_ordered};

/// Puts the elements along an axis in order, which is in one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    pub(crate) axis: usize,
    pub(crate) gives: Sorted,
}

/// What of the order is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Sorted {
    /// The values in order.
    Values,
    /// Their positions, those of equal values in order.
    Positions,
    /// For each value its rank from 1; equal values share the mean of theirs.
    Ranks,
}

impl Kernel for Sort {
    fn label(&self) -> String {
        let name = match self.gives {
            Sorted::Values => "sort",
            Sorted::Positions => "argsort",
            Sorted::Ranks => "rank",
        };
        format!("{name} along axis {}", self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let input = only(&self.label(), inputs)?;
        check_whole(&self.label(), &[self.axis], input)?;
        let dtype = match self.gives {
            Sorted::Values => input.dtype,
            Sorted::Positions => DType::I64,
            Sorted::Ranks => DType::F64,
        };
        Ok((dtype, input.grid.clone()))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<Part> {
        part(grid.region(index))
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, grid.max_chunk())]
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let Some(input) = inputs.first() else { return 0 };
        let block = grid.max_chunk();
        let len = block[self.axis];
        let pairs = match self.gives {
            Sorted::Values => 0,
            Sorted::Positions | Sorted::Ranks => {
                // Pairs of a key and a position, and what is written of the lines that are worked on together.
                let width = lines::width(len, key_bytes(input.dtype), usize::MAX);
                len * (key_bytes(input.dtype).max(8) + 8) + width * lines::stride(len) * 8
            }
        };
        scratch(input.dtype, &block, &[self.axis]) + pairs
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [x] = parts else { return Ok(()) };
        with_ordered!(x.dtype(), K => self.order::<K>(x, out))
    }
}

impl Sort {
    fn order<O: Ordered>(&self, x: &Chunk, out: &mut Chunk) -> Result<()> {
        let lines = Lines::new(x.shape(), &[self.axis]);
        let values = stored::<O::Element>(x)?;
        let key = match self.gives {
            Sorted::Values => O::key,
            Sorted::Positions | Sorted::Ranks => O::equal_key,
        };
        let Some(first) = values.first() else { return Ok(()) };
        let (len, stride) = (lines.len, lines::stride(lines.len));
        let width = lines::width(len, key_bytes(x.dtype()), x.len() / len);
        let mut keys = vec![key(first); width * stride];
        let mut pairs = Vec::new();
        let mut written: Vec<i64> = Vec::new();
        let mut ranks: Vec<f64> = Vec::new();
        match self.gives {
            Sorted::Values => {}
            Sorted::Positions => written.resize(width * stride, 0),
            Sorted::Ranks => ranks.resize(width * stride, 0.0),
        }
        for bundle in lines.bundles(width) {
            lines.gather(bundle, values, &mut keys, stride, key);
            let rows = keys.chunks_mut(stride).take(bundle.width).map(|row| &mut row[..len]);
            match self.gives {
                Sorted::Values => {
                    rows.for_each(<[O::Key]>::sort_unstable);
                    lines.scatter(bundle, written_as::<O::Element>(out)?, |line, i| {
                        O::value(&keys[line * stride + i])
                    });
                }
                Sorted::Positions => {
                    for (line, row) in rows.enumerate() {
                        order::argsort(row, &mut pairs);
                        for (to, (_, position)) in written[line * stride..].iter_mut().zip(&pairs) {
                            *to = *position as i64;
                        }
                    }
                    lines.scatter(bundle, written_as::<i64>(out)?, |line, i| written[line * stride + i]);
                }
                Sorted::Ranks => {
                    for (line, row) in rows.enumerate() {
                        let to = &mut ranks[line * stride..];
                        order::rank::<O>(row, &mut pairs, |position, rank| to[position] = rank);
                    }
                    lines.scatter(bundle, written_as::<f64>(out)?, |line, i| ranks[line * stride + i]);
                }
            }
        }
        Ok(())
    }
}

/// The elements of a part, as what its dtype is stored as.
pub(crate) fn stored<T: Element>(chunk: &Chunk) -> Result<&[T]> {
    T::slice(chunk.buffer()).ok_or_else(|| Error::defect(format!("{} was not stored as such", chunk.dtype())))
}

/// The elements of a block, to be written.
pub(crate) fn written_as<T: Element>(chunk: &mut Chunk) -> Result<&mut Vec<T>> {
    let dtype = chunk.dtype();
    T::slice_mut(chunk.buffer_mut()).ok_or_else(|| Error::defect(format!("{dtype} was not stored as such")))
}
