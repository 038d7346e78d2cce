//! Functions on blocks that also see the elements around their block.

use crate::array::Array;
use crate::blockwise::{Blockwise, Boundary, Halo, Overlap, Trim};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::ChunkGrid;

/// How far blocks reach beyond their chunk, and what lies outside the array: what [`Array::map_overlap`] takes.
///
/// ```
/// use graticule_array::{Boundary, Depth};
/// // One element in every direction along axis 0, periodic; three before and none after along axis 1.
/// let depth = Depth::new().axis(0, 1, 1, Boundary::Periodic).axis(1, 3, 0, Boundary::None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Depth {
    axes: Vec<(isize, Halo)>,
}

impl Depth {
    /// No overlap along any axis.
    pub fn new() -> Self {
        Self::default()
    }

    /// With an overlap of `before` elements before and `after` elements after each chunk along an axis.
    pub fn axis(mut self, axis: isize, before: usize, after: usize, boundary: Boundary) -> Self {
        self.axes.push((axis, Halo { before, after, boundary }));
        self
    }

    fn halos(&self, ndim: usize) -> Result<Vec<Halo>> {
        let mut halos = vec![Halo { before: 0, after: 0, boundary: Boundary::None }; ndim];
        let mut named = vec![false; ndim];
        for (axis, halo) in &self.axes {
            let axis = crate::ops::normalize_axis(*axis, ndim)?;
            if std::mem::replace(&mut named[axis], true) {
                return Err(Error::argument("axis", axis, "name every axis once"));
            }
            halos[axis] = halo.clone();
        }
        Ok(halos)
    }
}

impl Array {
    /// Calls a function on each block together with the elements around it, as dask's `map_overlap`. The function gives a
    /// block of the same shape, of which the elements around are then cut off again.
    ///
    /// Chunks may be smaller than the overlap, which then comes from several of them.
    ///
    /// ```
    /// use graticule_array::{Array, Boundary, Chunk, DType, Depth};
    /// let x = Array::arange(6)?.rechunk(2)?;
    /// let depth = Depth::new().axis(0, 1, 1, Boundary::Nearest);
    /// let sums = x.map_overlap("three", DType::I64, &depth, |block| {
    ///     let x = block.as_slice::<i64>()?;
    ///     let at = |i: usize| x.get(i).copied().unwrap_or(0);
    ///     Chunk::new(vec![x.len()], (0..x.len()).map(|i| at(i.wrapping_sub(1)) + at(i) + at(i + 1)).collect())
    /// })?;
    /// assert_eq!(sums.compute()?.as_slice::<i64>()?, [1, 3, 6, 9, 12, 14]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::overlap`]; while computing, what the function gives, and [`Error::Shape`] when its block has another
    /// shape or dtype.
    pub fn map_overlap(
        &self,
        name: &str,
        dtype: DType,
        depth: &Depth,
        function: impl Fn(&Chunk) -> Result<Chunk> + Send + Sync + 'static,
    ) -> Result<Self> {
        self.overlap(depth)?.map_blocks(name, dtype, function)?.trim_overlap(depth, self.chunks())
    }

    /// Each chunk with the elements around it: an array whose chunks repeat elements of their neighbours. This is for
    /// functions on blocks; [`Array::trim_overlap`] cuts the repeated elements off.
    ///
    /// ```
    /// use graticule_array::{Array, Boundary, Depth};
    /// let x = Array::arange(6)?.rechunk(3)?;
    /// let depth = Depth::new().axis(0, 1, 1, Boundary::Reflect);
    /// assert_eq!(x.overlap(&depth)?.compute()?.as_slice::<i64>()?, [0, 0, 1, 2, 3, 2, 3, 4, 5, 5]);
    /// assert_eq!(x.overlap(&depth)?.trim_overlap(&depth, x.chunks())?.compute()?, x.compute()?);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there; [`Error::Argument`] for one that is named twice, an overlap longer than
    /// its axis, and a value outside the array that the dtype cannot hold, or that is not the same along all axes.
    pub fn overlap(&self, depth: &Depth) -> Result<Self> {
        let op = Op::Blockwise(Blockwise::Overlap(Overlap { halos: depth.halos(self.ndim())? }));
        Ok(Self::from_expr(Expr::new(op, vec![self.expr().clone()])?))
    }

    /// The array without the elements that [`Array::overlap`] added around each chunk; `chunks` are those that it was called
    /// on.
    ///
    /// # Errors
    /// [`Error::Axis`] and [`Error::Argument`] as [`Array::overlap`]; [`Error::Chunks`] when the array's chunks are not those
    /// with their overlap.
    pub fn trim_overlap(&self, depth: &Depth, chunks: &ChunkGrid) -> Result<Self> {
        let halos = depth.halos(self.ndim())?;
        if chunks.axes().len() != halos.len() {
            let hint = format!("give the chunks of an array with {} axes", halos.len());
            return Err(Error::argument("chunks", chunks, hint));
        }
        let own = halos.iter().zip(chunks.axes());
        let chunks = own.map(|(halo, chunks)| (!halo.is_none()).then(|| chunks.clone())).collect();
        let op = Op::Blockwise(Blockwise::Trim(Trim { halos, chunks }));
        Ok(Self::from_expr(Expr::new(op, vec![self.expr().clone()])?))
    }
}
