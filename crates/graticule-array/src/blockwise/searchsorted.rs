//! Where values belong among sorted ones.

use serde::{Deserialize, Serialize};

use crate::blockwise::sort::{stored, written_as};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::Side;
use crate::grid::ChunkGrid;
use crate::kernel::order::{Ordered, with_ordered};

/// For each value the position among sorted ones before which it can be put. The first input are the sorted values,
/// given whole to every block; the second the values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SearchSorted {
    pub(crate) side: Side,
}

impl Kernel for SearchSorted {
    fn label(&self) -> String {
        match self.side {
            Side::Left => "searchsorted".into(),
            Side::Right => "searchsorted (right)".into(),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [sorted, values] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "give sorted values and the values to find"));
        };
        if sorted.ndim() != 1 {
            let hint = "the sorted values stand along one axis";
            return Err(Error::argument("axes of the sorted values", sorted.ndim(), hint));
        }
        if sorted.dtype != values.dtype {
            return Err(Error::Dtype {
                operation: self.label(),
                dtype: values.dtype,
                hint: format!("cast it to {} first, which the sorted values have", sorted.dtype),
            });
        }
        Ok((DType::I64, values.grid.clone()))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let values = Part { input: 1, region: grid.region(index) };
        match inputs.first().map_or(0, |sorted| sorted.len(0)) {
            0 => vec![values],
            len => vec![Part { input: 0, region: std::iter::once(0..len).collect() }, values],
        }
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let sorted = inputs.first().map_or(0, |sorted| sorted.len(0));
        vec![(0, vec![sorted]), (1, grid.max_chunk())]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    /// The sorted values are part of every block.
    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        grid.count() <= 1
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let out = written_as::<i64>(out)?;
        let [sorted, values] = parts else {
            out.fill(0);
            return Ok(());
        };
        with_ordered!(sorted.dtype(), K => {
            let (sorted, values) =
                (stored::<<K as Ordered>::Element>(sorted)?, stored::<<K as Ordered>::Element>(values)?);
            if let Some(at) = sorted.windows(2).position(|pair| K::equal_key(&pair[0]) > K::equal_key(&pair[1])) {
                let hint = "they must increase, NaN and NaT last; sort them first";
                return Err(Error::argument("the sorted values", format!("those at {at} and {}", at + 1), hint));
            }
            for (out, value) in out.iter_mut().zip(values) {
                let value = K::equal_key(value);
                *out = match self.side {
                    Side::Left => sorted.partition_point(|x| K::equal_key(x) < value),
                    Side::Right => sorted.partition_point(|x| K::equal_key(x) <= value),
                } as i64;
            }
        });
        Ok(())
    }
}
