//! Arrays laid out as blocks of a larger one.

use crate::array::Array;
use crate::error::{Error, Result};

/// The layout of [`Array::block`]: an array, or a list of layouts side by side.
///
/// Rust's nested arrays and vectors become one: `[[&a, &b], [&c, &d]]`.
#[derive(Debug, Clone)]
pub enum Block {
    /// One array.
    Array(Array),
    /// Layouts one after another, along the last axis for the innermost lists.
    List(Vec<Self>),
}

impl From<Array> for Block {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<&Array> for Block {
    fn from(array: &Array) -> Self {
        Self::Array(array.clone())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Block {
    fn from(list: [T; N]) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>> From<Vec<T>> for Block {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl Array {
    /// An array laid out from blocks. The innermost lists are joined along the last axis, those around them
    /// along the one before it, and so on; arrays with too few axes get leading ones.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let [a, b] = [Array::ones((2, 2), "auto")?, Array::zeros((2, 1), "auto")?];
    /// let x = Array::block([[&a, &b], [&b, &a]])?;
    /// assert_eq!(x.shape(), [4, 3]);
    /// assert_eq!(x.sum(1)?.compute()?.as_slice::<f64>()?, [2.0; 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an empty list or lists nested to different depths, [`Error::Shape`] when blocks
    /// do not fit beside each other.
    pub fn block(blocks: impl Into<Block>) -> Result<Self> {
        let blocks = blocks.into();
        let depth = blocks.depth()?;
        let ndim = blocks.ndim().max(depth);
        blocks.join(ndim, depth)
    }
}

impl Block {
    /// How many lists are around every array.
    fn depth(&self) -> Result<usize> {
        let Self::List(list) = self else { return Ok(0) };
        let depths = list.iter().map(Self::depth).collect::<Result<Vec<_>>>()?;
        match depths.as_slice() {
            [] => Err(Error::argument("blocks", "[]", "give at least one array in each list")),
            [first, rest @ ..] if rest.iter().all(|depth| depth == first) => Ok(first + 1),
            _ => {
                let hint = "nest all arrays equally deep";
                Err(Error::argument("blocks", format!("lists of depths {depths:?}"), hint))
            }
        }
    }

    fn ndim(&self) -> usize {
        match self {
            Self::Array(array) => array.ndim(),
            Self::List(list) => list.iter().map(Self::ndim).max().unwrap_or(0),
        }
    }

    /// The blocks as one array with `ndim` axes; `depth` lists are around the arrays.
    fn join(&self, ndim: usize, depth: usize) -> Result<Array> {
        match self {
            Self::Array(array) => {
                (array.ndim()..ndim).try_fold(array.clone(), |array, _| array.expand_dims(0))
            }
            Self::List(list) => {
                let parts =
                    list.iter().map(|block| block.join(ndim, depth - 1)).collect::<Result<Vec<_>>>()?;
                Array::concatenate(&parts, -(depth as isize))
            }
        }
    }
}
