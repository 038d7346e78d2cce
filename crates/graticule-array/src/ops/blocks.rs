//! Functions of the user's on whole blocks.

use std::sync::Arc;

use crate::array::Array;
use crate::blockwise::{BlockInfo, Blockwise, Custom};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Expr, Op, check_size};
use crate::grid::{Chunks, IntoShape};

impl Array {
    /// Calls a function on each block. It gives a block of the same shape, of the dtype that is announced here.
    ///
    /// The function runs on several threads at once. A panic in it becomes an error that names the block.
    ///
    /// ```
    /// use graticule_array::{Array, Chunk, DType};
    /// let x = Array::linspace(0.0, 3.0, 4)?.rechunk(2)?;
    /// let last = x.map_blocks("running", DType::F64, |block| {
    ///     let mut sum = 0.0;
    ///     let running = block.as_slice::<f64>()?.iter().map(|v| { sum += v; sum });
    ///     Chunk::new(block.shape().to_vec(), running.collect())
    /// })?;
    /// assert_eq!(last.compute()?.as_slice::<f64>()?, [0.0, 1.0, 2.0, 5.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// None here; while computing, what the function gives, and [`crate::Error::Shape`] when its block has another
    /// shape or dtype.
    pub fn map_blocks(
        &self,
        name: &str,
        dtype: DType,
        function: impl Fn(&Chunk) -> Result<Chunk> + Send + Sync + 'static,
    ) -> Result<Self> {
        let on_blocks = move |_: BlockInfo<'_>, blocks: &[&Chunk]| match blocks {
            [block, ..] => function(block),
            [] => Err(crate::error::Error::defect("a function was called without its block")),
        };
        let names: String = ('a'..='z').take(self.ndim()).collect();
        let custom = Custom::closure(name, dtype, Arc::new(on_blocks)).axes(&format!("{names}->{names}"))?;
        blockwise(custom, &[self])
    }

    /// An array whose elements are a function of their position.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let table = Array::from_fn((3, 4), (2, 2), |at| (at[0] * at[1]) as i64)?;
    /// assert_eq!(table.sum(())?.compute()?.item::<i64>()?, 18);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Chunks`] when the chunks don't fit the shape, [`crate::Error::Argument`] for more than 26 axes.
    pub fn from_fn<T: Element>(
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
        function: impl Fn(&[usize]) -> T + Send + Sync + 'static,
    ) -> Result<Self> {
        let grid = chunks.into().resolve(&shape.into_shape(), T::DTYPE)?;
        check_size(&grid)?;
        let on_blocks = move |block: BlockInfo<'_>, _: &[&Chunk]| {
            let shape: Vec<usize> = block.region.iter().map(ExactSizeIterator::len).collect();
            let len = shape.iter().product();
            let mut at: Vec<usize> = block.region.iter().map(|range| range.start).collect();
            let mut values = Vec::with_capacity(len);
            for _ in 0..len {
                values.push(function(&at));
                for (position, range) in at.iter_mut().zip(block.region).rev() {
                    *position += 1;
                    if *position < range.end {
                        break;
                    }
                    *position = range.start;
                }
            }
            Chunk::new(shape, values)
        };
        let names: Vec<char> = ('a'..='z').take(grid.axes().len()).collect();
        let text: String = names.iter().collect();
        let custom = Custom::closure("from_fn", T::DTYPE, Arc::new(on_blocks)).axes(&format!("->{text}"))?;
        let axes = names.into_iter().zip(grid.axes());
        blockwise(axes.fold(custom, |custom, (name, chunks)| custom.chunks(name, chunks.clone())), &[])
    }
}

/// Calls a function on blocks of several arrays; [`Custom`] says which go together.
///
/// ```
/// use std::sync::Arc;
/// use graticule_array::{Array, Chunk, Custom, DType, blockwise};
/// let (x, y) = (Array::ones((4, 6), (2, 6))?, Array::ones((6, 3), (6, 3))?);
/// let product = Custom::closure("product", DType::F64, Arc::new(|_, blocks| {
///     let dim2 = |i: usize| -> graticule_array::Result<_> {
///         Ok(blocks[i].view::<f64>()?.into_dimensionality::<ndarray::Ix2>().expect("two axes"))
///     };
///     Ok(Chunk::from(dim2(0)?.dot(&dim2(1)?)))
/// }));
/// let z = blockwise(product.axes("ij,jk->ik")?, &[&x, &y])?;
/// assert_eq!(z.sum(())?.compute()?.item::<f64>()?, 72.0);
/// # Ok::<(), graticule_array::Error>(())
/// ```
///
/// # Errors
/// [`crate::Error::Chunks`] when shared axes have different chunks, [`crate::Error::Argument`] when the names do not fit
/// the arrays.
pub fn blockwise(function: Custom, inputs: &[&Array]) -> Result<Array> {
    let inputs = inputs.iter().map(|input| input.expr().clone()).collect();
    Ok(Array::from_expr(Expr::new(Op::Blockwise(Blockwise::Custom(function)), inputs)?))
}
