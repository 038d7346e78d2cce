//! Sums of products over axes that two arrays share: `tensordot`, `matmul`, `einsum`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::gemm::{self, Sizes};

/// Sums of products of two arrays, over one chunk of the contracted axes at a time.
///
/// The axes of the left array are those of the batch, its own, and the contracted ones; of the right array the batch,
/// the contracted ones, and its own. The result has the batch, the left's own, the right's own, and for each contracted
/// axis one with an element for each chunk: summing over those completes the product.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contract {
    /// How many leading axes both arrays have and keep.
    pub(crate) batch: usize,
    /// How many axes are summed over.
    pub(crate) contracted: usize,
}

/// The axes of the two arrays and of the result, by role.
struct Roles {
    left_own: Range<usize>,
    left_contracted: Range<usize>,
    right_contracted: Range<usize>,
    right_own: Range<usize>,
}

impl Contract {
    fn roles(&self, inputs: &[Operand<'_>]) -> Roles {
        let (left, right) = (inputs[0].ndim(), inputs[1].ndim());
        Roles {
            left_own: self.batch..left - self.contracted,
            left_contracted: left - self.contracted..left,
            right_contracted: self.batch..self.batch + self.contracted,
            right_own: self.batch + self.contracted..right,
        }
    }
}

impl Kernel for Contract {
    fn label(&self) -> String {
        let axes = if self.contracted == 1 { "axis" } else { "axes" };
        format!("contract {} {axes}", self.contracted)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [left, right] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "a contraction is one of two arrays"));
        };
        let needed = self.batch + self.contracted;
        if left.ndim() < needed || right.ndim() < needed {
            let hint = format!("both arrays need the {needed} axes that they share");
            return Err(Error::argument("axes", left.ndim().min(right.ndim()), hint));
        }
        let computes = matches!(left.dtype, DType::F64 | DType::F32 | DType::I64 | DType::U64 | DType::Bool);
        if left.dtype != right.dtype || !computes {
            return Err(Error::Dtype {
                operation: format!("a contraction with {}", right.dtype),
                dtype: left.dtype,
                hint: "cast both to the same of bool, int64, uint64, float32 and float64".into(),
            });
        }
        let roles = self.roles(inputs);
        let (left, right) = (left.grid.axes(), right.grid.axes());
        let batch = left[..self.batch].iter().zip(&right[..self.batch]);
        let contracted = left[roles.left_contracted.clone()].iter().zip(&right[roles.right_contracted]);
        if let Some((left, right)) = batch.chain(contracted).find(|(left, right)| left != right) {
            return Err(Error::Chunks {
                problem: format!(
                    "shared axes are cut into {left} of {} and {right} of {}",
                    left.len(),
                    right.len()
                ),
                hint: "rechunk both arrays to equal chunks along the axes that they share".into(),
            });
        }
        let partial = left[roles.left_contracted].iter().map(|axis| AxisChunks::regular(axis.count(), 1));
        let kept = left[..roles.left_own.end].iter().chain(&right[roles.right_own]).cloned();
        Ok((inputs[0].dtype, ChunkGrid::new(kept.chain(partial).collect())))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let roles = self.roles(inputs);
        let (batch, rest) = index.split_at(self.batch);
        let (left_own, rest) = rest.split_at(roles.left_own.len());
        let (right_own, contracted) = rest.split_at(roles.right_own.len());
        let left = [batch, left_own, contracted].concat();
        let right = [batch, contracted, right_own].concat();
        let part = |input: usize, chunk: &[usize]| Part { input, region: inputs[input].grid.region(chunk) };
        vec![part(0, &left), part(1, &right)]
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        inputs.iter().map(|input| input.grid.max_chunk()).enumerate().collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        gemm::PACKING_BYTES
    }

    fn is_disjoint(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> bool {
        // A chunk of the one goes with every chunk of the other's own axes.
        let roles = self.roles(inputs);
        let one = |axes: &[AxisChunks]| axes.iter().all(|axis| axis.count() <= 1);
        one(&inputs[0].grid.axes()[roles.left_own]) && one(&inputs[1].grid.axes()[roles.right_own])
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [left, right] = parts else {
            return Err(Error::defect("a contraction was not given two blocks"));
        };
        let roles = self.roles(target.inputs);
        let product = |lens: &[usize]| lens.iter().product::<usize>();
        let sizes = Sizes {
            batch: product(&left.shape()[..self.batch]),
            rows: product(&left.shape()[roles.left_own]),
            inner: product(&left.shape()[roles.left_contracted]),
            columns: product(&right.shape()[roles.right_own]),
        };
        match (left.buffer(), right.buffer(), out.buffer_mut()) {
            (Buffer::F64(a), Buffer::F64(b), Buffer::F64(out)) => gemm::floats(sizes, a, b, out),
            (Buffer::F32(a), Buffer::F32(b), Buffer::F32(out)) => gemm::floats(sizes, a, b, out),
            (Buffer::I64(a), Buffer::I64(b), Buffer::I64(out)) => gemm::signed(sizes, a, b, out),
            (Buffer::U64(a), Buffer::U64(b), Buffer::U64(out)) => gemm::unsigned(sizes, a, b, out),
            (Buffer::Bool(a), Buffer::Bool(b), Buffer::Bool(out)) => gemm::booleans(sizes, a, b, out),
            _ => return Err(Error::defect("a contraction was given blocks of other dtypes")),
        }
        Ok(())
    }
}
