//! Arrays from nothing: constants, ranges, data in memory.

use std::sync::Arc;

use crate::array::Array;
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op, check_size};
use crate::grid::{ChunkGrid, Chunks, IntoShape};
use crate::scalar::Scalar;

impl Array {
    /// An array of one value. The dtype is that of the value.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::full(7, (2, 3), "auto")?;
    /// assert_eq!(x.sum(())?.compute()?.item::<i64>()?, 42);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape.
    pub fn full(value: impl Into<Scalar>, shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        let value = value.into();
        let dtype = value.dtype();
        let grid = chunks.into().resolve(&checked(shape)?, dtype)?;
        leaf(Op::Full { value, dtype, grid })
    }

    /// An array of ones, float64.
    ///
    /// # Errors
    /// As [`Array::full`].
    pub fn ones(shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        Self::full(1.0, shape, chunks)
    }

    /// An array of zeros, float64.
    ///
    /// # Errors
    /// As [`Array::full`].
    pub fn zeros(shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        Self::full(0.0, shape, chunks)
    }

    /// The integers `0..stop`, int64, in chunks of 64 MiB.
    ///
    /// # Errors
    /// [`Error::Argument`] when `stop` does not fit an int64.
    pub fn arange(stop: usize) -> Result<Self> {
        let grid = Chunks::from("auto").resolve(&checked(stop)?, DType::I64)?;
        leaf(Op::Range { start: 0.into(), step: 1.into(), last: None, dtype: DType::I64, grid })
    }

    /// The integers `start`, `start + step`, … before `stop`, int64, in chunks of 64 MiB.
    ///
    /// ```
    /// use graticule_array::Array;
    /// assert_eq!(Array::arange_step(10, 0, -4)?.compute()?.as_slice::<i64>()?, [10, 6, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the step is 0.
    pub fn arange_step(start: i64, stop: i64, step: i64) -> Result<Self> {
        if step == 0 {
            return Err(Error::argument("step", 0, "use a positive step, or a negative one to go down"));
        }
        let distance = (i128::from(stop) - i128::from(start)) * i128::from(step.signum());
        let stride = i128::from(step.unsigned_abs());
        let len = usize::try_from((distance.max(0) + stride - 1) / stride).unwrap_or(usize::MAX);
        let grid = Chunks::from("auto").resolve(&checked(len)?, DType::I64)?;
        leaf(Op::Range { start: start.into(), step: step.into(), last: None, dtype: DType::I64, grid })
    }

    /// `len` floats from `start` to `stop`, both included, at equal distances.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::linspace(-1.0, 1.0, 5)?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?, [-1.0, -0.5, 0.0, 0.5, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when `len` is beyond any memory.
    pub fn linspace(start: f64, stop: f64, len: usize) -> Result<Self> {
        let step = if len > 1 { (stop - start) / (len - 1) as f64 } else { 0.0 };
        let grid = Chunks::from("auto").resolve(&checked(len)?, DType::F64)?;
        let last = (len > 1).then(|| stop.into());
        leaf(Op::Range { start: start.into(), step: step.into(), last, dtype: DType::F64, grid })
    }

    /// Data in memory, an ndarray of any layout, worked on in chunks.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]), (1, 2))?;
    /// assert_eq!(x.max(())?.compute()?.item::<f64>()?, 4.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape.
    pub fn from_array<T: Element, D: ndarray::Dimension>(
        data: ndarray::Array<T, D>,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let chunk = Chunk::from(data);
        let grid = chunks.into().resolve(chunk.shape(), chunk.dtype())?;
        Self::from_memory(Arc::new(chunk), grid)
    }
}

pub(super) fn leaf(op: Op) -> Result<Array> {
    Ok(Array::from_expr(Expr::new(op, Vec::new())?))
}

/// A shape whose number of elements can be counted.
pub(super) fn checked(shape: impl IntoShape) -> Result<Vec<usize>> {
    let shape = shape.into_shape();
    check_size(&ChunkGrid::single(&shape))?;
    Ok(shape)
}
