//! Integers that are refused outside a range: indices that later steps rely on.

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;

/// The input (int64), none of whose elements may be below 0, or `len` or more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InRange {
    /// How many values are possible.
    pub(crate) len: u64,
    /// What asks for the check, for messages.
    pub(crate) what: String,
}

impl Kernel for InRange {
    fn label(&self) -> String {
        format!("{} in 0..{}", self.what, self.len)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        match inputs {
            [input] if input.dtype == DType::I64 => Ok((input.dtype, input.grid.clone())),
            [input] => Err(Error::Dtype {
                operation: self.what.clone(),
                dtype: input.dtype,
                hint: "it takes int64".into(),
            }),
            _ => Err(Error::argument("inputs", inputs.len(), "exactly one array is checked")),
        }
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<Part> {
        vec![Part { input: 0, region: grid.region(index) }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, grid.max_chunk())]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).collect()
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let values = parts.first().and_then(|part| i64::slice(part.buffer()));
        let (Some(values), Some(out)) = (values, i64::slice_mut(out.buffer_mut())) else {
            return Err(Error::defect("a check of indices got another type"));
        };
        let is_outside = |value: &&i64| u64::try_from(**value).map_or(true, |value| value >= self.len);
        if let Some(outside) = values.iter().find(is_outside) {
            let hint = match self.len {
                0 => format!("{}: nothing can be chosen from", self.what),
                len => format!("{}: use 0 to {}", self.what, len - 1),
            };
            return Err(Error::argument("index", outside, hint));
        }
        out.clone_from_slice(values);
        Ok(())
    }
}
