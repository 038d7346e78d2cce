//! Functions of the user's on what lies along an axis.

use std::sync::Arc;

use crate::array::Array;
use crate::blockwise::{BlockInfo, Custom};
use crate::chunk::{Chunk, Element};
use crate::error::{Error, Result};
use crate::grid::AxisChunks;
use crate::ops::{blockwise, normalize_axis};

impl Array {
    /// Calls a function on everything that lies along an axis, as `numpy.apply_along_axis`: it gets the elements of
    /// each row in order, and gives `len` values that take their place.
    ///
    /// The axis is brought into one chunk, for which the other axes may be cut finer. The function runs on several
    /// threads at once. A panic in it becomes an error that names the block.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_array(ndarray::arr2(&[[3.0, 1.0, 2.0], [9.0, 8.0, 7.0]]), (1, 2))?;
    /// let extremes = x.apply_along_axis("extremes", -1, 2, |row: &[f64]| {
    ///     Ok(vec![row.iter().copied().fold(f64::MAX, f64::min), row.iter().copied().fold(f64::MIN, f64::max)])
    /// })?;
    /// assert_eq!(extremes.compute()?.as_slice::<f64>()?, [1.0, 3.0, 7.0, 9.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] when the elements are of another type than the
    /// function takes, [`Error::Argument`] for more than 25 axes; while computing, what the function gives, and
    /// [`Error::Argument`] when it does not give `len` values.
    pub fn apply_along_axis<T: Element, U: Element>(
        &self,
        name: &str,
        axis: isize,
        len: usize,
        function: impl Fn(&[T]) -> Result<Vec<U>> + Send + Sync + 'static,
    ) -> Result<Self> {
        let axis = normalize_axis(axis, self.ndim())?;
        // Refuses a function of another type now, rather than while computing.
        Chunk::empty(self.dtype()).as_slice::<T>()?;
        let names: Vec<char> = ('a'..='y').take(self.ndim()).collect();
        if names.len() < self.ndim() {
            return Err(Error::argument("axes", self.ndim(), "a function can be applied to up to 25 axes"));
        }
        let on_blocks = move |_: BlockInfo<'_>, blocks: &[&Chunk]| match blocks {
            [block, ..] => along(block, axis, len, &function),
            [] => Err(Error::defect("a function was called without its block")),
        };
        let mut result = names.clone();
        result[axis] = 'z';
        let line =
            (self.shape()[axis].saturating_mul(self.dtype().size())).max(len.saturating_mul(U::DTYPE.size()));
        let whole = self.whole_lines(&[axis], line)?;
        // The rows of a block are collected before they are put in order, beside the two rows at hand.
        let mut rows = whole.chunks().max_chunk();
        rows[axis] = len;
        let collected = rows.iter().fold(U::DTYPE.size(), |bytes, &n| bytes.saturating_mul(n));
        let text = |names: &[char]| names.iter().collect::<String>();
        let custom = Custom::closure(name, U::DTYPE, Arc::new(on_blocks))
            .axes(&format!("{}->{}", text(&names), text(&result)))?
            .chunks('z', AxisChunks::regular(len, len))
            .scratch(collected + self.shape()[axis] * self.dtype().size() + len * U::DTYPE.size());
        blockwise(custom, &[&whole])
    }
}

/// Calls the function on each row of a block.
fn along<T: Element, U: Element>(
    block: &Chunk,
    axis: usize,
    len: usize,
    function: &impl Fn(&[T]) -> Result<Vec<U>>,
) -> Result<Chunk> {
    let from = block.as_slice::<T>()?;
    let given = block.shape()[axis];
    let outer: usize = block.shape()[..axis].iter().product();
    let inner: usize = block.shape()[axis + 1..].iter().product();
    let mut shape = block.shape().to_vec();
    shape[axis] = len;
    // Results come row by row; where rows lie across each other in memory they are put in order at the end.
    let mut by_row: Vec<U> = Vec::with_capacity(outer * inner * len);
    let mut row: Vec<T> = Vec::with_capacity(given);
    for o in 0..outer {
        for j in 0..inner {
            row.clear();
            row.extend((0..given).map(|i| from[(o * given + i) * inner + j].clone()));
            let values = function(&row)?;
            if values.len() != len {
                let hint = format!("it was announced to give {len} for each row");
                return Err(Error::argument("values of the function", values.len(), hint));
            }
            by_row.extend(values);
        }
    }
    if inner == 1 {
        return Chunk::new(shape, by_row);
    }
    let position = |o: usize, i: usize, j: usize| (o * inner + j) * len + i;
    let in_order =
        (0..outer).flat_map(|o| (0..len).flat_map(move |i| (0..inner).map(move |j| position(o, i, j))));
    let values = in_order.map(|at| by_row[at].clone()).collect();
    Chunk::new(shape, values)
}
