//! Decompositions of matrices and what follows from them.

use crate::array::Array;
use crate::blockwise::{Blockwise, Qr, SmallMatrix};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};

impl Array {
    /// The QR factorization of a matrix, `Q` with orthonormal columns and `R` upper triangular, as `numpy.linalg.qr`.
    ///
    /// For tall matrices: the columns are brought into one chunk, chunks of rows are factorized by themselves and their
    /// triangles together (direct TSQR; Benson, Gleich & Demmel 2013). The data are passed over twice, once for `R` and
    /// once for `Q`. The diagonal of `R` is not negative, so that the factors do not depend on the chunks beyond
    /// rounding; LAPACK's, and numpy's with them, may have other signs. Everything is computed in float64; the result
    /// of float32 is rounded at the end.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::random_normal(0.0, 1.0, 7, (1000, 5), (100, 5))?;
    /// let (q, r) = x.qr()?;
    /// let error = (q.matmul(&r)? - &x)?.abs()?.max(())?;
    /// assert!(error.compute()?.item::<f64>()? < 1e-13);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the array does not have two axes, [`Error::Dtype`] for text and times.
    pub fn qr(&self) -> Result<(Self, Self)> {
        let factors = Factors::of(&matrix(self, "qr")?)?;
        Ok((self.like(&factors.times(None)?)?, self.like(&factors.triangle)?))
    }

    /// The singular value decomposition of a matrix, `(U, s, Vᵀ)` with `A = U · diag(s) · Vᵀ`, as `numpy.linalg.svd`
    /// with `full_matrices=False`.
    ///
    /// For matrices with one short side, by way of [`Array::qr`] and one-sided Jacobi rotations of the small triangle.
    /// Of each pair of vectors, the one on the shorter side has its largest component positive.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::random_normal(0.0, 1.0, 7, (6, 1000), (6, 100))?;
    /// let (u, s, vt) = x.svd()?;
    /// assert_eq!((u.shape(), s.shape(), vt.shape()), (&[6, 6][..], &[6][..], &[6, 1000][..]));
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::qr`]; while computing, [`Error::Argument`] where an element is NaN or infinite.
    pub fn svd(&self) -> Result<(Self, Self, Self)> {
        let whole = matrix(self, "svd")?;
        let (u, s, vt) = if self.shape()[0] >= self.shape()[1] {
            tall_svd(&whole)?
        } else {
            let (u, s, vt) = tall_svd(&whole.transpose()?)?;
            (vt.transpose()?, s, u.transpose()?)
        };
        Ok((self.like(&u)?, self.like(&s)?, self.like(&vt)?))
    }

    /// The largest `rank` singular values of a matrix with two long sides and their vectors, `(U, s, Vᵀ)`,
    /// approximately: from products with random vectors (Halko, Martinsson & Tropp 2011).
    ///
    /// More `oversampling` (10 is usual) and more `power_iterations` (0 to 4; for values that decrease slowly) make it
    /// more accurate; each iteration passes over the matrix twice. The same seed gives the same result.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::random_normal(0.0, 1.0, 7, (300, 3), (100, 3))?;
    /// let low = x.matmul(&x.transpose()?)?;
    /// let (u, s, vt) = low.svd_compressed(3, 5, 1, 42)?;
    /// let scaled = (u * s)?;
    /// let error = (scaled.matmul(&vt)? - &low)?.abs()?.max(())?;
    /// assert!(error.compute()?.item::<f64>()? < 1e-10);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::svd`]; [`Error::Argument`] when `rank` is 0 or more than there are singular values.
    pub fn svd_compressed(
        &self,
        rank: usize,
        oversampling: usize,
        power_iterations: usize,
        seed: u64,
    ) -> Result<(Self, Self, Self)> {
        let a = matrix(self, "svd_compressed")?;
        let (rows, columns) = (a.shape()[0], a.shape()[1]);
        let most = rows.min(columns);
        if rank == 0 || rank > most {
            let hint =
                format!("a matrix of shape {:?} has 1 to {most} singular values to ask for", self.shape());
            return Err(Error::argument("rank", rank, hint));
        }
        let samples = rank.saturating_add(oversampling).min(most);
        let chunks = [a.chunks().axes()[1].max_size(), samples];
        let random = Self::random_normal(0.0, 1.0, seed, (columns, samples), chunks)?;
        let turned = a.transpose()?;
        let basis = |product: Self| -> Result<Self> { Factors::of(&product.whole_along(&[1])?)?.times(None) };
        let mut q = basis(a.matmul(&random)?)?;
        for _ in 0..power_iterations {
            let z = basis(turned.matmul(&q)?)?;
            q = basis(a.matmul(&z)?)?;
        }
        let (vectors, s, rotation) = tall_svd(&turned.matmul(&q)?)?;
        let u = q.matmul(&rotation.transpose()?)?;
        let first = |array: &Self, axis: isize| array.stride_axis(axis, 0, 1, rank);
        let vt = first(&vectors, 1)?.transpose()?;
        Ok((self.like(&first(&u, 1)?)?, self.like(&first(&s, 0)?)?, self.like(&vt)?))
    }

    /// The least-squares solution of `A · x = b`: `(x, residuals, rank, singular values)`, as `numpy.linalg.lstsq`.
    ///
    /// `b` has one axis, or a column for each problem. Singular values up to `rcond` times the largest count as zero;
    /// without `rcond` that is the machine's precision times the longer side of `A`, and `x` is the shortest of the
    /// solutions where there are several. Residuals are the squared lengths of `b - A · x` for each column; numpy gives
    /// none where `A` has not full rank, here they are always there. One pass over the data: the factorization is that
    /// of `A` and `b` side by side.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(0.0, 9.0, 10)?;
    /// let a = Array::stack(&[x.clone(), Array::ones(10, 10)?], 1)?;
    /// let (line, _, rank, _) = a.lstsq(&((2.0 * &x)? + 1.0)?, None)?;
    /// let line = line.compute()?;
    /// assert!((line.as_slice::<f64>()?[0] - 2.0).abs() < 1e-14);
    /// assert_eq!(rank.compute()?.item::<i64>()?, 2);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when `b` does not have the rows of `A`, and as [`Array::svd`].
    pub fn lstsq(&self, b: &Self, rcond: Option<f64>) -> Result<(Self, Self, Self, Self)> {
        let a = matrix(self, "lstsq")?;
        if b.ndim() == 0 || b.ndim() > 2 || b.shape()[0] != a.shape()[0] {
            return Err(Error::Shape {
                operation: "lstsq".into(),
                left: self.shape().to_vec(),
                right: b.shape().to_vec(),
                hint: "the right side has one axis or two, with as many rows as the matrix".into(),
            });
        }
        let is_vector = b.ndim() == 1;
        let right = if is_vector { b.expand_dims(1)? } else { b.clone() };
        let right = matrix(&right, "lstsq")?;
        let (rows, columns, problems) = (a.shape()[0], a.shape()[1], right.shape()[1]);
        let side_by_side = Self::concatenate(&[a, right], 1)?.whole_along(&[1])?;
        let triangle = Factors::of(&side_by_side)?.triangle;
        let inner = rows.min(columns);
        let part = |top: usize, height: usize, left: usize, width: usize| {
            triangle.stride_axis(0, top, 1, height)?.stride_axis(1, left, 1, width)
        };
        let outer = triangle.shape()[0] - inner;
        let (ut, s, vt) = small_svd(&part(0, inner, 0, columns)?)?;
        // Of the right sides, how much lies along each left vector, and how much beside all of them.
        let along = ut.matmul(&part(0, inner, columns, problems)?)?;
        let beside = part(inner, outer, columns, problems)?.square()?.sum(0)?;
        let rcond = rcond.unwrap_or(f64::EPSILON * rows.max(columns) as f64);
        let smallest = if inner == 0 { s.sum(0)? } else { (s.index_axis(0, 0)? * rcond)? };
        let counts = s.greater(&smallest)?;
        let by_row = counts.expand_dims(1)?;
        let shares = by_row.choose((&along / s.expand_dims(1)?)?, 0.0)?;
        let x = vt.transpose()?.matmul(&shares)?;
        let left_out = by_row.choose(0.0, &along.square()?)?.sum(0)?;
        let x = if is_vector { x.index_axis(1, 0)? } else { x };
        let residuals = (beside + left_out)?;
        Ok((x, residuals, counts.sum(0)?, s))
    }

    /// The solution of `A · x = b` for a square matrix, as `numpy.linalg.solve`; `b` has one axis, or a column for each
    /// system. The matrix is brought into one chunk.
    ///
    /// # Errors
    /// [`Error::Shape`] when the shapes do not fit, [`Error::Dtype`] for text and times; while computing,
    /// [`Error::Argument`] for a singular matrix.
    pub fn solve(&self, b: &Self) -> Result<Self> {
        let a = square(self, "solve")?;
        if b.ndim() == 0 || b.ndim() > 2 || b.shape()[0] != a.shape()[0] {
            return Err(Error::Shape {
                operation: "solve".into(),
                left: self.shape().to_vec(),
                right: b.shape().to_vec(),
                hint: "the right side has one axis or two, with as many rows as the matrix".into(),
            });
        }
        let right = if b.ndim() == 1 { b.expand_dims(1)? } else { b.clone() };
        let right = matrix(&right, "solve")?.whole_along(&[0])?;
        let x = node(Blockwise::SmallMatrix(SmallMatrix::Solve), &[&a, &right])?;
        let x = if b.ndim() == 1 { x.index_axis(1, 0)? } else { x };
        if self.dtype() == DType::F32 && b.dtype() == DType::F32 { x.astype(DType::F32) } else { Ok(x) }
    }

    /// The inverse of a square matrix, as `numpy.linalg.inv`. To solve equations, [`Array::solve`] is more accurate.
    ///
    /// # Errors
    /// As [`Array::solve`].
    pub fn inv(&self) -> Result<Self> {
        let size = square(self, "inv")?.shape()[0];
        let identity = Self::from_array(ndarray::Array2::<f64>::eye(size), [0, 0])?;
        self.like(&self.solve(&identity)?)
    }

    /// The lower triangle whose product with its transpose is the matrix, as `numpy.linalg.cholesky`. The matrix is
    /// brought into one chunk; its lower triangle is read.
    ///
    /// # Errors
    /// [`Error::Argument`] when the matrix is not square or, while computing, not positive definite; [`Error::Dtype`]
    /// for text and times.
    pub fn cholesky(&self) -> Result<Self> {
        self.like(&node(Blockwise::SmallMatrix(SmallMatrix::Cholesky), &[&square(self, "cholesky")?])?)
    }

    /// A float64 result in the dtype that this array's results have.
    fn like(&self, result: &Self) -> Result<Self> {
        result.astype(self.dtype().to_float())
    }
}

/// A matrix in chunks of rows, as triangles of triangles.
struct Factors {
    /// The matrix, the triangles of its chunks, the triangles of groups of those, and so on to a single chunk.
    levels: Vec<Array>,
    /// The triangle of the whole.
    triangle: Array,
}

impl Factors {
    fn of(matrix: &Array) -> Result<Self> {
        // Chunks that have the columns whole stay: of fewer rows than columns there is nothing to factorize.
        let is_whole = matrix.chunks().axes()[1].count() <= 1;
        let mut level = if is_whole { matrix.clone() } else { matrix.whole_along(&[1])? };
        let columns = level.shape()[1];
        // Triangles of chunks are gathered, and factorized again.
        let group = (BLOCK_BYTES / 8 / columns.max(1)).max(2 * columns).max(1);
        let mut levels = Vec::new();
        loop {
            let triangles = node(Blockwise::Qr(Qr::Triangles), &[&level])?;
            let is_last = level.chunks().axes()[0].count() <= 1;
            levels.push(level);
            if is_last {
                return Ok(Self { levels, triangle: triangles });
            }
            let rows = AxisChunks::regular(triangles.shape()[0], group);
            let grid = ChunkGrid::new(vec![rows, triangles.chunks().axes()[1].clone()]);
            level = Array::from_expr(Expr::new(Op::Rechunk(grid), vec![triangles.expr().clone()])?);
        }
    }

    /// Q times a matrix; Q itself where there is none.
    fn times(&self, carried: Option<Array>) -> Result<Array> {
        let mut carried = carried;
        for level in self.levels.iter().rev() {
            let inputs: Vec<&Array> = std::iter::once(level).chain(carried.as_ref()).collect();
            carried = Some(node(Blockwise::Qr(Qr::Products), &inputs)?);
        }
        carried.ok_or_else(|| Error::defect("a factorization without a matrix"))
    }
}

/// The singular value decomposition of a matrix that is not wider than tall.
fn tall_svd(matrix: &Array) -> Result<(Array, Array, Array)> {
    let factors = Factors::of(matrix)?;
    let (ut, s, vt) = small_svd(&factors.triangle)?;
    Ok((factors.times(Some(ut.transpose()?))?, s, vt))
}

/// The singular value decomposition of a matrix in one chunk, `(Uᵀ, s, Vᵀ)`.
fn small_svd(matrix: &Array) -> Result<(Array, Array, Array)> {
    let (rows, columns) = (matrix.shape()[0], matrix.shape()[1]);
    let packed = node(Blockwise::SmallMatrix(SmallMatrix::Svd), &[matrix])?;
    let ut = packed.stride_axis(1, 0, 1, rows)?;
    let s = packed.index_axis(1, rows as isize)?;
    Ok((ut, s, packed.stride_axis(1, rows + 1, 1, columns)?))
}

/// A matrix in float64.
fn matrix(array: &Array, operation: &str) -> Result<Array> {
    if array.ndim() != 2 {
        let hint = format!("{operation} needs a matrix, with two axes");
        return Err(Error::argument("axes", array.ndim(), hint));
    }
    if !array.dtype().is_numeric() {
        return Err(Error::Dtype {
            operation: operation.into(),
            dtype: array.dtype(),
            hint: "convert to numbers first".into(),
        });
    }
    array.astype(DType::F64)
}

/// A square matrix in float64, in one chunk.
fn square(array: &Array, operation: &str) -> Result<Array> {
    let matrix = matrix(array, operation)?;
    if matrix.shape()[0] != matrix.shape()[1] {
        let hint = format!("{operation} needs a square matrix");
        return Err(Error::argument("shape", format!("{:?}", array.shape()), hint));
    }
    matrix.whole_along(&[0, 1])
}

fn node(blockwise: Blockwise, inputs: &[&Array]) -> Result<Array> {
    let inputs = inputs.iter().map(|input| input.expr().clone()).collect();
    Ok(Array::from_expr(Expr::new(Op::Blockwise(blockwise), inputs)?))
}
