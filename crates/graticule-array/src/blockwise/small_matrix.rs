//! What is done with a matrix that is in one chunk.

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::elimination;
use crate::kernel::jacobi::Svd;

/// Operations on a matrix in one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SmallMatrix {
    /// The singular value decomposition, in one matrix: of each triple in a row the left vector, the value and the
    /// right vector. So it is computed once for all three.
    Svd,
    /// The solutions of linear equations, whose right sides are the columns of a second matrix.
    Solve,
    /// The lower Cholesky factor.
    Cholesky,
}

impl SmallMatrix {
    fn name(&self) -> &'static str {
        match self {
            Self::Svd => "svd",
            Self::Solve => "solve",
            Self::Cholesky => "cholesky",
        }
    }
}

impl Kernel for SmallMatrix {
    fn label(&self) -> String {
        self.name().into()
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let is_matrix = |input: &Operand<'_>| input.ndim() == 2 && input.dtype == DType::F64;
        if !inputs.iter().all(is_matrix) {
            return Err(Error::argument("inputs", inputs.len(), "they must be float64 matrices"));
        }
        let whole = |axis: &AxisChunks| axis.count() <= 1;
        let (axes, is_square) = match (self, inputs) {
            (Self::Svd, [matrix]) => {
                let (rows, columns) = (matrix.len(0), matrix.len(1));
                let packed = [rows.min(columns), rows + 1 + columns];
                (ChunkGrid::single(&packed).axes().to_vec(), true)
            }
            (Self::Solve, [matrix, right])
                if right.len(0) == matrix.len(0) && whole(&right.grid.axes()[0]) =>
            {
                (right.grid.axes().to_vec(), matrix.len(0) == matrix.len(1))
            }
            (Self::Cholesky, [matrix]) => (matrix.grid.axes().to_vec(), matrix.len(0) == matrix.len(1)),
            (Self::Svd | Self::Solve | Self::Cholesky, _) => {
                return Err(Error::argument("inputs", inputs.len(), "their number or lengths do not fit"));
            }
        };
        if !is_square || !inputs[0].grid.axes().iter().all(whole) {
            let hint = "the matrix must be square and in one chunk";
            return Err(Error::argument("matrix", format!("{:?}", inputs[0].grid.shape()), hint));
        }
        Ok((DType::F64, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let whole = vec![0..inputs[0].len(0), 0..inputs[0].len(1)];
        let right = match self {
            Self::Solve => Some(Part { input: 1, region: grid.region(index) }),
            Self::Svd | Self::Cholesky => None,
        };
        std::iter::once(Part { input: 0, region: whole }).chain(right).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        inputs.iter().map(|input| input.grid.max_chunk()).enumerate().collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let (rows, columns) = (inputs[0].len(0), inputs[0].len(1));
        match self {
            Self::Svd => Svd::bytes(rows, columns),
            Self::Solve => rows * columns * 8,
            Self::Cholesky => 0,
        }
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        grid.count() <= 1
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let matrix = parts.first().ok_or_else(|| Error::defect("a matrix was not given"))?;
        let (rows, columns) = (matrix.shape()[0], matrix.shape()[1]);
        let matrix = matrix.as_slice::<f64>()?;
        let Buffer::F64(out) = out.buffer_mut() else {
            return Err(Error::defect("a matrix is to be of another dtype"));
        };
        let refuse = |value: String, hint: &str| Err(Error::argument("matrix", value, hint));
        match self {
            Self::Svd => {
                let Some(Svd { left, values, right }) = Svd::of(rows, columns, matrix) else {
                    let hint =
                        "singular values are those of finite numbers; fill or drop what is missing first";
                    return refuse("one with NaN or infinity".into(), hint);
                };
                for (number, out) in out.chunks_exact_mut(rows + 1 + columns).enumerate() {
                    let value = values.get(number).into_iter();
                    let triple = left.column(number).into_iter().chain(value).chain(right.column(number));
                    out.iter_mut().zip(triple).for_each(|(out, x)| *out = *x);
                }
            }
            Self::Solve => {
                let right = parts.get(1).ok_or_else(|| Error::defect("a right side was not given"))?;
                out.copy_from_slice(right.as_slice::<f64>()?);
                let solved = elimination::solve(rows, &mut matrix.to_vec(), target.region[1].len(), out);
                if let Err(column) = solved {
                    let hint = format!("column {column} depends on those before it; use lstsq");
                    return refuse("a singular one".into(), &hint);
                }
            }
            Self::Cholesky => {
                if let Err(row) = elimination::cholesky(rows, matrix, out) {
                    let hint =
                        format!("it must be symmetric and positive definite, which fails at row {row}");
                    return refuse("one without a Cholesky factor".into(), &hint);
                }
            }
        }
        Ok(())
    }
}
