//! One block of an array in memory.

use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::scalar::Scalar;

/// The elements of a block, one vector per physical type. Times are stored as `I64`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are their element types")]
pub enum Buffer {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Str(Vec<Arc<str>>),
}

/// Runs one expression for whichever vector a [`Buffer`] holds.
#[macro_export]
macro_rules! with_buffer {
    ($buffer:expr, $v:ident => $body:expr) => {
        match $buffer {
            $crate::Buffer::Bool($v) => $body,
            $crate::Buffer::I8($v) => $body,
            $crate::Buffer::I16($v) => $body,
            $crate::Buffer::I32($v) => $body,
            $crate::Buffer::I64($v) => $body,
            $crate::Buffer::U8($v) => $body,
            $crate::Buffer::U16($v) => $body,
            $crate::Buffer::U32($v) => $body,
            $crate::Buffer::U64($v) => $body,
            $crate::Buffer::F32($v) => $body,
            $crate::Buffer::F64($v) => $body,
            $crate::Buffer::Str($v) => $body,
        }
    };
}

impl Buffer {
    /// An empty buffer for elements of `dtype`.
    pub fn empty(dtype: DType) -> Self {
        match dtype {
            DType::Bool => Self::Bool(Vec::new()),
            DType::I8 => Self::I8(Vec::new()),
            DType::I16 => Self::I16(Vec::new()),
            DType::I32 => Self::I32(Vec::new()),
            DType::I64 | DType::Datetime(_) | DType::Timedelta(_) => Self::I64(Vec::new()),
            DType::U8 => Self::U8(Vec::new()),
            DType::U16 => Self::U16(Vec::new()),
            DType::U32 => Self::U32(Vec::new()),
            DType::U64 => Self::U64(Vec::new()),
            DType::F32 => Self::F32(Vec::new()),
            DType::F64 => Self::F64(Vec::new()),
            DType::Str => Self::Str(Vec::new()),
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        with_buffer!(self, v => v.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many elements fit without allocating.
    fn capacity(&self) -> usize {
        with_buffer!(self, v => v.capacity())
    }

    /// Makes room for `len` elements of `dtype`, keeping the allocation where the type is the same and it is
    /// large enough. The values are unspecified.
    pub fn reset(&mut self, dtype: DType, len: usize) {
        let wanted = Self::empty(dtype);
        if std::mem::discriminant(self) != std::mem::discriminant(&wanted) {
            *self = wanted;
        } else if self.capacity() < len {
            // The values are unspecified, so growing would copy for nothing and hold both for a while.
            *self = wanted;
            with_buffer!(self, v => v.reserve_exact(len));
        }
        match self {
            Self::Str(v) => v.resize_with(len, || Arc::from("")),
            Self::Bool(v) => v.resize(len, false),
            Self::I8(v) => v.resize(len, 0),
            Self::I16(v) => v.resize(len, 0),
            Self::I32(v) => v.resize(len, 0),
            Self::I64(v) => v.resize(len, 0),
            Self::U8(v) => v.resize(len, 0),
            Self::U16(v) => v.resize(len, 0),
            Self::U32(v) => v.resize(len, 0),
            Self::U64(v) => v.resize(len, 0),
            Self::F32(v) => v.resize(len, 0.0),
            Self::F64(v) => v.resize(len, 0.0),
        }
    }
}

/// A Rust type that array elements can have.
pub trait Element: Clone + Send + Sync + fmt::Debug + 'static {
    /// The dtype of arrays made of this type.
    const DTYPE: DType;

    /// The vector as a buffer.
    fn into_buffer(values: Vec<Self>) -> Buffer;

    /// The elements of a buffer, where it holds this type.
    fn slice(buffer: &Buffer) -> Option<&[Self]>;

    /// The elements of a buffer for writing, where it holds this type.
    fn slice_mut(buffer: &mut Buffer) -> Option<&mut Vec<Self>>;
}

macro_rules! element {
    ($($t:ty => $variant:ident, $dtype:ident;)+) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;

            fn into_buffer(values: Vec<Self>) -> Buffer {
                Buffer::$variant(values)
            }

            fn slice(buffer: &Buffer) -> Option<&[Self]> {
                if let Buffer::$variant(values) = buffer { Some(values) } else { None }
            }

            fn slice_mut(buffer: &mut Buffer) -> Option<&mut Vec<Self>> {
                if let Buffer::$variant(values) = buffer { Some(values) } else { None }
            }
        }
    )+};
}

element! {
    bool => Bool, Bool;
    i8 => I8, I8;
    i16 => I16, I16;
    i32 => I32, I32;
    i64 => I64, I64;
    u8 => U8, U8;
    u16 => U16, U16;
    u32 => U32, U32;
    u64 => U64, U64;
    f32 => F32, F32;
    f64 => F64, F64;
    Arc<str> => Str, Str;
}

/// A block of an array in memory, in C order.
///
/// ```
/// use graticule_array::Chunk;
/// let chunk = Chunk::new(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!(chunk.view::<f64>()?[[1, 0]], 4.0);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    shape: Vec<usize>,
    dtype: DType,
    buffer: Buffer,
}

impl Chunk {
    /// A block of the given shape.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of values is not the product of the shape.
    pub fn new<T: Element>(shape: Vec<usize>, values: Vec<T>) -> Result<Self> {
        Self::from_buffer(shape, T::DTYPE, T::into_buffer(values))
    }

    /// A block of the given shape and dtype over a buffer; the way to make times, which are stored as i64.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of values is not the product of the shape, [`Error::Dtype`] when
    /// the buffer does not store that dtype.
    pub fn from_buffer(shape: Vec<usize>, dtype: DType, buffer: Buffer) -> Result<Self> {
        if shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d)) != Some(buffer.len()) {
            return Err(Error::Shape {
                operation: "making a block".into(),
                left: shape,
                right: vec![buffer.len()],
                hint: "the number of values must be the product of the shape".into(),
            });
        }
        if std::mem::discriminant(&buffer) != std::mem::discriminant(&Buffer::empty(dtype)) {
            return Err(Error::Dtype {
                operation: "making a block over another type's buffer".into(),
                dtype,
                hint: "give a buffer of the same physical type (i64 for times)".into(),
            });
        }
        Ok(Self { shape, dtype, buffer })
    }

    /// A block without axes that holds one value.
    pub fn from_scalar(value: &Scalar) -> Self {
        let buffer = match value {
            Scalar::Bool(b) => Buffer::Bool(vec![*b]),
            Scalar::Int(i) | Scalar::Datetime(i, _) | Scalar::Timedelta(i, _) => Buffer::I64(vec![*i]),
            Scalar::UInt(u) => Buffer::U64(vec![*u]),
            Scalar::Float(x) => Buffer::F64(vec![x.get()]),
            Scalar::Str(s) => Buffer::Str(vec![Arc::clone(s)]),
        };
        Self { shape: Vec::new(), dtype: value.dtype(), buffer }
    }

    /// An empty block, to be filled by a source.
    pub fn empty(dtype: DType) -> Self {
        Self { shape: vec![0], dtype, buffer: Buffer::empty(dtype) }
    }

    /// Gives the block a new shape and dtype, keeping its allocation where it can.
    /// The values are unspecified afterwards: the caller overwrites all of them.
    pub fn reset(&mut self, dtype: DType, shape: &[usize]) {
        self.buffer.reset(dtype, shape.iter().product());
        self.dtype = dtype;
        self.shape.clear();
        self.shape.extend_from_slice(shape);
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The elements in C order.
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// The elements in C order, for writing. The number of elements must stay as it is.
    pub fn buffer_mut(&mut self) -> &mut Buffer {
        &mut self.buffer
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Bytes that are allocated for elements.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.buffer.capacity() * self.dtype.size()
    }

    /// Whether there are as many elements as the shape says, of the type that stores the dtype. Whoever writes
    /// through [`Chunk::buffer_mut`] can break that.
    pub(crate) fn is_consistent(&self) -> bool {
        let wanted = Buffer::empty(self.dtype);
        self.len() == self.shape.iter().product::<usize>()
            && std::mem::discriminant(&self.buffer) == std::mem::discriminant(&wanted)
    }

    /// Bytes the elements take.
    pub fn nbytes(&self) -> usize {
        self.len() * self.dtype.size()
    }

    /// The elements in C order. Times can be seen as `i64`.
    ///
    /// # Errors
    /// [`Error::Dtype`] when the elements are of another type.
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        T::slice(&self.buffer).ok_or_else(|| Error::Dtype {
            operation: format!("a view of {}", T::DTYPE),
            dtype: self.dtype,
            hint: format!("ask for the array's own type, or use astype({}) first", T::DTYPE),
        })
    }

    /// The block as an ndarray view, without a copy. Times can be seen as `i64`.
    ///
    /// # Errors
    /// [`Error::Dtype`] when the elements are of another type.
    pub fn view<T: Element>(&self) -> Result<ArrayViewD<'_, T>> {
        let values = self.as_slice::<T>()?;
        ArrayViewD::from_shape(IxDyn(&self.shape), values).map_err(|error| Error::Shape {
            operation: error.to_string(),
            left: self.shape.clone(),
            right: vec![values.len()],
            hint: "this block is inconsistent, which is a defect of graticule".into(),
        })
    }

    /// The one value of a block that holds a single element.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not exactly one element, [`Error::Dtype`] when it is of another type.
    pub fn item<T: Element>(&self) -> Result<T> {
        match self.as_slice::<T>()? {
            [value] => Ok(value.clone()),
            _ => Err(Error::Shape {
                operation: "taking the only item".into(),
                left: vec![1],
                right: self.shape.clone(),
                hint: "reduce or select until one element is left".into(),
            }),
        }
    }

    /// The element at a flat position in C order, if there is one.
    pub fn get(&self, position: usize) -> Option<Scalar> {
        Some(match &self.buffer {
            Buffer::Bool(v) => (*v.get(position)?).into(),
            Buffer::I8(v) => (*v.get(position)?).into(),
            Buffer::I16(v) => (*v.get(position)?).into(),
            Buffer::I32(v) => (*v.get(position)?).into(),
            Buffer::I64(v) => match (self.dtype, *v.get(position)?) {
                (DType::Datetime(unit), t) => Scalar::Datetime(t, unit),
                (DType::Timedelta(unit), t) => Scalar::Timedelta(t, unit),
                (_, i) => i.into(),
            },
            Buffer::U8(v) => (*v.get(position)?).into(),
            Buffer::U16(v) => (*v.get(position)?).into(),
            Buffer::U32(v) => (*v.get(position)?).into(),
            Buffer::U64(v) => (*v.get(position)?).into(),
            Buffer::F32(v) => (*v.get(position)?).into(),
            Buffer::F64(v) => (*v.get(position)?).into(),
            Buffer::Str(v) => Scalar::Str(Arc::clone(v.get(position)?)),
        })
    }

    /// The elements as floats in C order; NaT becomes NaN, text too.
    pub fn to_f64(&self) -> Vec<f64> {
        match &self.buffer {
            Buffer::Bool(v) => v.iter().map(|&b| f64::from(u8::from(b))).collect(),
            Buffer::I8(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::I16(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::I32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::I64(v) if self.dtype.is_time() => {
                v.iter().map(|&t| if t == NAT { f64::NAN } else { t as f64 }).collect()
            }
            Buffer::I64(v) => v.iter().map(|&x| x as f64).collect(),
            Buffer::U8(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::U16(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::U32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::U64(v) => v.iter().map(|&x| x as f64).collect(),
            Buffer::F32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Buffer::F64(v) => v.clone(),
            Buffer::Str(v) => vec![f64::NAN; v.len()],
        }
    }
}

impl<T: Element, D: ndarray::Dimension> From<ndarray::Array<T, D>> for Chunk {
    fn from(array: ndarray::Array<T, D>) -> Self {
        let shape = array.shape().to_vec();
        let values = if array.is_standard_layout() && array.len() == shape.iter().product::<usize>() {
            array.into_iter().collect()
        } else {
            array.iter().cloned().collect()
        };
        Self { shape, dtype: T::DTYPE, buffer: T::into_buffer(values) }
    }
}

impl Chunk {
    /// The block as an owned ndarray.
    ///
    /// # Errors
    /// [`Error::Dtype`] when the elements are of another type.
    pub fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        Ok(self.view::<T>()?.to_owned())
    }
}

impl fmt::Display for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.buffer, self.get(0)) {
            (_, Some(value)) if self.shape.is_empty() => write!(f, "{value}"),
            (buffer, _) => with_buffer!(buffer, v => match ArrayViewD::from_shape(IxDyn(&self.shape), v) {
                Ok(view) => write!(f, "{view}"),
                Err(_) => f.write_str("inconsistent block"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::TimeUnit;

    #[test]
    fn a_block_checks_its_size_and_type() {
        assert!(Chunk::new(vec![2, 2], vec![1.0, 2.0, 3.0]).is_err());
        assert!(Chunk::new(vec![usize::MAX, 2], vec![1.0]).is_err());
        let days =
            Chunk::from_buffer(vec![2], DType::Datetime(TimeUnit::Second), Buffer::I64(vec![86_400, NAT]))
                .unwrap();
        assert!(days.to_f64()[1].is_nan());
        assert_eq!(days.view::<i64>().unwrap()[[0]], 86_400);
        assert!(days.view::<f64>().is_err());
        assert!(Chunk::from_buffer(vec![1], DType::F32, Buffer::F64(vec![0.0])).is_err());
    }

    #[test]
    fn an_ndarray_in_any_order_becomes_c_order() {
        let transposed = ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]).reversed_axes();
        let chunk = Chunk::from(transposed);
        assert_eq!(chunk.shape(), [3, 2]);
        assert_eq!(chunk.as_slice::<i32>().unwrap(), [1, 4, 2, 5, 3, 6]);
    }
}
