//! Arrays from nothing: constants, ranges, data in memory.

use std::sync::Arc;

use crate::array::Array;
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op, check_size};
use crate::grid::{AxisChunks, ChunkGrid, Chunks, IntoShape};
use crate::ops::elementwise::held;
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

    /// The floats `start`, `start + step`, … before `stop`, in chunks of 64 MiB.
    ///
    /// The length is the quotient rounded up, as in numpy, so with a step that floats cannot hold exactly the last
    /// number may reach `stop`; [`Array::linspace`] says how many numbers there are.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange_float(0.5, 2.0, 0.5)?;
    /// assert_eq!(x.compute()?.as_slice::<f64>()?, [0.5, 1.0, 1.5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the step is 0 or a number is not finite.
    pub fn arange_float(start: f64, stop: f64, step: f64) -> Result<Self> {
        let len = ((stop - start) / step).ceil();
        if step == 0.0 || !len.is_finite() || !start.is_finite() {
            let hint = "use finite numbers and a step that is not 0";
            return Err(Error::argument("range", format!("({start}, {stop}, {step})"), hint));
        }
        let grid = Chunks::from("auto").resolve(&checked(len.max(0.0) as usize)?, DType::F64)?;
        // numpy's step, which is that between the first two numbers as they are rounded.
        let step = (start + step) - start;
        leaf(Op::Range { start: start.into(), step: step.into(), last: None, dtype: DType::F64, grid })
    }

    /// One value in the shape, the dtype and the chunks of this array.
    ///
    /// # Errors
    /// [`Error::Dtype`] for a value that the dtype cannot hold.
    pub fn full_like(&self, value: impl Into<Scalar>) -> Result<Self> {
        let value = held(&value.into(), self.dtype())?;
        leaf(Op::Full { value, dtype: self.dtype(), grid: self.chunks().clone() })
    }

    /// Ones in the shape, the dtype and the chunks of this array.
    ///
    /// # Errors
    /// [`Error::Dtype`] for texts and times.
    pub fn ones_like(&self) -> Result<Self> {
        self.full_like(1)
    }

    /// Zeros in the shape, the dtype and the chunks of this array: false, empty texts, 1970 and no time of theirs.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn zeros_like(&self) -> Result<Self> {
        self.full_like(zero(self.dtype()))
    }

    /// An array whose values do not matter, in the shape, the dtype and the chunks of this one. They are zeros.
    ///
    /// # Errors
    /// None for an array that exists.
    pub fn empty_like(&self) -> Result<Self> {
        self.zeros_like()
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

/// The zero of a dtype.
pub(super) fn zero(dtype: DType) -> Scalar {
    match dtype {
        DType::Datetime(unit) => Scalar::Datetime(0, unit),
        DType::Timedelta(unit) => Scalar::Timedelta(0, unit),
        DType::Str => "".into(),
        DType::Bool => false.into(),
        DType::F32 | DType::F64 => 0.0.into(),
        DType::I8
        | DType::I16
        | DType::I32
        | DType::I64
        | DType::U8
        | DType::U16
        | DType::U32
        | DType::U64 => 0.into(),
    }
}

/// The positions along an axis, int64, in its chunks.
pub(super) fn positions(chunks: &AxisChunks) -> Result<Array> {
    let grid = ChunkGrid::new(vec![chunks.clone()]);
    leaf(Op::Range { start: 0.into(), step: 1.into(), last: None, dtype: DType::I64, grid })
}

/// An array of one value in a dtype that can hold it, as one chunk.
pub(super) fn constant(value: &Scalar, dtype: DType, shape: &[usize]) -> Result<Array> {
    leaf(Op::Full { value: held(value, dtype)?, dtype, grid: ChunkGrid::single(shape) })
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
