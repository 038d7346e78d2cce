//! QR factorization of tall matrices, chunk by chunk of rows (direct TSQR; Benson, Gleich & Demmel 2013).

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::householder::Qr as Factors;

/// One factor of each chunk of rows of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Qr {
    /// The triangles R of the chunks, one below the other.
    Triangles,
    /// The products of each chunk's Q with its rows of a second matrix, which has as many rows as the triangles; of a
    /// single chunk without a second matrix Q itself.
    Products,
}

/// The rows of the triangle of a chunk of `rows` rows.
fn rank(rows: usize, columns: usize) -> usize {
    rows.min(columns)
}

/// Where the triangle of a chunk begins among all triangles.
fn first_row(rows: &AxisChunks, columns: usize, chunk: usize) -> usize {
    match rows {
        AxisChunks::Regular { size, .. } => chunk * rank(*size, columns),
        AxisChunks::Irregular { .. } => rows.sizes().take(chunk).map(|len| rank(len, columns)).sum(),
    }
}

impl Kernel for Qr {
    fn label(&self) -> String {
        match self {
            Self::Triangles => "qr: R of chunks".into(),
            Self::Products => "qr: Q of chunks".into(),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let is_matrix = |input: &Operand<'_>| input.ndim() == 2 && input.dtype == DType::F64;
        if inputs.is_empty() || !inputs.iter().all(is_matrix) {
            return Err(Error::argument(
                "inputs",
                inputs.len(),
                "a factorization is one of float64 matrices",
            ));
        }
        if let Some(input) = inputs.iter().find(|input| input.grid.axes()[1].count() > 1) {
            return Err(Error::Chunks {
                problem: format!(
                    "the columns of a matrix to factorize are cut into {}",
                    input.grid.axes()[1]
                ),
                hint: "rechunk so that all columns are in one chunk".into(),
            });
        }
        let (rows, columns) = (&inputs[0].grid.axes()[0], inputs[0].len(1));
        let triangles: Vec<usize> = rows.sizes().map(|len| rank(len, columns)).collect();
        let axes = match (self, inputs) {
            (Self::Triangles, [matrix]) => {
                vec![AxisChunks::from_sizes(&triangles), matrix.grid.axes()[1].clone()]
            }
            (Self::Products, [_]) if rows.count() <= 1 => {
                let rank = triangles.iter().sum();
                vec![rows.clone(), AxisChunks::regular(rank, rank)]
            }
            (Self::Products, [_, second]) if second.len(0) == triangles.iter().sum::<usize>() => {
                vec![rows.clone(), second.grid.axes()[1].clone()]
            }
            (Self::Triangles | Self::Products, _) => {
                let hint = "the second matrix has a row for each of the triangles; a single chunk needs none";
                return Err(Error::argument("inputs", inputs.len(), hint));
            }
        };
        Ok((DType::F64, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let (matrix, columns) = (inputs[0].grid, inputs[0].len(1));
        let region = matrix.region(&[index[0], 0]);
        let start = first_row(&matrix.axes()[0], columns, index[0]);
        let triangle = start..start + rank(region[0].len(), columns);
        let second = inputs.get(1).map(|second| Part { input: 1, region: vec![triangle, 0..second.len(1)] });
        std::iter::once(Part { input: 0, region }).chain(second).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let rows = inputs[0].grid.max_chunk()[0];
        let columns = inputs[0].len(1);
        let second = inputs.get(1).map(|second| (1, vec![rank(rows, columns), second.len(1)]));
        std::iter::once((0, vec![rows, columns])).chain(second).collect()
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let carried = match self {
            Self::Triangles => 0,
            Self::Products => grid.max_chunk()[1],
        };
        Factors::bytes(inputs[0].grid.max_chunk()[0], inputs[0].len(1), carried)
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let matrix = parts.first().ok_or_else(|| Error::defect("a factorization was given no block"))?;
        let factors = Factors::of(matrix.shape()[0], matrix.shape()[1], matrix.as_slice::<f64>()?);
        let second = parts.get(1).map(|second| second.as_slice::<f64>()).transpose()?;
        let Buffer::F64(out) = out.buffer_mut() else {
            return Err(Error::defect("a factor is to be of another dtype"));
        };
        match self {
            Self::Triangles => factors.triangle(out),
            Self::Products => factors.times(second, target.region[1].len(), out),
        }
        Ok(())
    }
}
