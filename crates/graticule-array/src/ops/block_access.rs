//! The chunks of an array as arrays, and ways to ask for other chunks.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::AxisSelect;
use crate::grid::{AxisChunks, ChunkGrid, Chunks};
use crate::ops::normalize_axis;

impl Array {
    /// How many chunks there are: dask's `npartitions`.
    pub fn npartitions(&self) -> usize {
        self.chunks().count()
    }

    /// How many chunks there are along each axis: dask's `numblocks`.
    pub fn numblocks(&self) -> Vec<usize> {
        self.chunks().counts()
    }

    /// One chunk as an array: dask's `x.blocks[i, j]`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((5, 4), (2, 4))?;
    /// assert_eq!(x.block_at(&[2, 0])?.shape(), [1, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a chunk that is not there.
    pub fn block_at(&self, index: &[usize]) -> Result<Self> {
        let counts = self.numblocks();
        if index.len() != counts.len() || index.iter().zip(&counts).any(|(i, count)| i >= count) {
            let hint = format!("there are {counts:?} chunks along the axes");
            return Err(Error::argument("block", format!("{index:?}"), hint));
        }
        let region = self.chunks().region(index).into_iter();
        let slices = region.map(|range| AxisSelect::Slice { start: range.start, step: 1, len: range.len() });
        self.select_each(slices.collect())
    }

    /// Every chunk as an array, in C order of their numbers.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.rechunk(2)?;
    /// let sums = x.iter_blocks().map(|block| block?.sum(())?.compute()?.item::<i64>());
    /// assert_eq!(sums.collect::<Result<Vec<_>, _>>()?, [1, 5, 4]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    pub fn iter_blocks(&self) -> impl ExactSizeIterator<Item = Result<Self>> + '_ {
        let counts = self.numblocks();
        (0..self.npartitions()).map(move |number| {
            let mut rest = number;
            let mut index = vec![0; counts.len()];
            for (i, count) in index.iter_mut().zip(&counts).rev() {
                *i = rest % count;
                rest /= count;
            }
            self.block_at(&index)
        })
    }

    /// The same array with other chunks along some axes, of one size each; 0 means the whole axis. The other axes keep
    /// theirs.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((100, 100), (10, 100))?.rechunk_axes(&[(1, 50), (0, 0)])?;
    /// assert_eq!(x.chunks().counts(), [1, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there.
    pub fn rechunk_axes(&self, sizes: &[(isize, usize)]) -> Result<Self> {
        let mut axes = self.chunks().axes().to_vec();
        for &(axis, size) in sizes {
            let axis = normalize_axis(axis, self.ndim())?;
            axes[axis] = AxisChunks::regular(self.shape()[axis], size);
        }
        self.with_grid(ChunkGrid::new(axes))
    }

    /// The same array in chunks that are about the given ones, all of nearly one size: along each axis as many chunks
    /// as were asked for, without a short one at the end where that is possible.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(10)?.rechunk_balanced(4)?;
    /// assert_eq!(x.chunks().axes()[0].sizes().collect::<Vec<_>>(), [4, 3, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit the shape.
    pub fn rechunk_balanced(&self, chunks: impl Into<Chunks>) -> Result<Self> {
        let grid = chunks.into().resolve(self.shape(), self.dtype())?;
        let axes = grid.axes().iter().map(|axis| match axis.count() {
            0 | 1 => axis.clone(),
            // As many as there are, the first of them one longer where the length is no multiple.
            count => {
                let (size, longer) = (axis.len() / count, axis.len() % count);
                let sizes = (0..count).map(|chunk| size + usize::from(chunk < longer));
                AxisChunks::from_sizes(&sizes.collect::<Vec<_>>())
            }
        });
        self.with_grid(ChunkGrid::new(axes.collect()))
    }
}
