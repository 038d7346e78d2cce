//! Arrays of positions and coordinates.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid, Chunks, IntoShape};
use crate::ops::create::{checked, positions};

/// The order of the axes of [`Array::meshgrid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexing {
    /// As on a map: the first array varies along axis 1, the second along axis 0.
    Xy,
    /// As in a matrix: array `i` varies along axis `i`.
    Ij,
}

impl Array {
    /// The coordinates of every point of a grid, one array for each of its axes.
    ///
    /// ```
    /// use graticule_array::{Array, Indexing};
    /// let grid = Array::meshgrid(&[Array::arange(3)?, Array::arange(2)?], Indexing::Xy)?;
    /// assert_eq!(grid[0].compute()?.as_slice::<i64>()?, [0, 1, 2, 0, 1, 2]);
    /// assert_eq!(grid[1].compute()?.as_slice::<i64>()?, [0, 0, 0, 1, 1, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an array with several axes.
    pub fn meshgrid(arrays: &[Self], indexing: Indexing) -> Result<Vec<Self>> {
        let lines = arrays.iter().map(Self::atleast_1d).collect::<Result<Vec<_>>>()?;
        if let Some(array) = lines.iter().find(|array| array.ndim() > 1) {
            let hint = "coordinates have one axis each";
            return Err(Error::argument("shape", format!("{:?}", array.shape()), hint));
        }
        let cuts: Vec<AxisChunks> =
            lines.iter().filter_map(|line| line.chunks().axes().first().cloned()).collect();
        let grid = lines.iter().enumerate().map(|(axis, line)| {
            let array = along(line, axis, &cuts)?;
            if indexing == Indexing::Xy && lines.len() > 1 { array.swapaxes(0, 1) } else { Ok(array) }
        });
        grid.collect()
    }

    /// The positions of every element of a shape, int64: axis 0 of the result says along which axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::indices((2, 3), "auto")?;
    /// assert_eq!(x.shape(), [2, 2, 3]);
    /// assert_eq!(x.index_axis(0, 1)?.compute()?.as_slice::<i64>()?, [0, 1, 2, 0, 1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape, [`Error::Argument`] for a shape without axes.
    pub fn indices(shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        let arrays = index_arrays(shape, chunks)?;
        if arrays.is_empty() {
            return Err(Error::argument("shape", "()", "give at least one axis"));
        }
        Self::stack(&arrays, 0)
    }

    /// An array whose elements are an expression of their positions: `function` gets an int64 array of positions
    /// for each axis, in the whole shape, and builds the expression.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_function((2, 3), "auto", |at| &at[0] * &at[1])?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [0, 0, 0, 0, 1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape; what `function` gives.
    pub fn from_function(
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
        function: impl FnOnce(&[Self]) -> Result<Self>,
    ) -> Result<Self> {
        function(&index_arrays(shape, chunks)?)
    }
}

/// The positions along each axis of a shape, in the whole shape.
fn index_arrays(shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Vec<Array>> {
    let grid = chunks.into().resolve(&checked(shape)?, DType::I64)?;
    let cuts = grid.axes();
    cuts.iter().enumerate().map(|(axis, chunks)| along(&positions(chunks)?, axis, cuts)).collect()
}

/// A line of values along one axis of a shape, the same at all places of the others, in the given chunks.
fn along(line: &Array, axis: usize, cuts: &[AxisChunks]) -> Result<Array> {
    let after = (axis + 1..cuts.len()).try_fold(line.clone(), |array, _| array.expand_dims(-1))?;
    let grid = ChunkGrid::new(cuts.to_vec());
    let sizes = cuts.iter().map(|chunks| chunks.sizes().collect());
    after.broadcast_to(grid.shape())?.rechunk(Chunks::Sizes(sizes.collect()))
}
