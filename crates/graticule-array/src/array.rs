//! The lazy array: a handle on an expression.

use std::fmt;
use std::sync::Arc;

use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::ChunkGrid;
use crate::observe::Analysis;
use crate::plan::Plan;
use crate::runtime::Runtime;
use crate::sink::ChunkSink;
use crate::source::{ChunkSource, Memory, SourceRef};

/// A lazy n-dimensional array.
///
/// Shape, dtype and chunks are known at once; values are computed by [`Array::compute`], chunk by chunk, in
/// parallel and inside the memory limit.
///
/// ```
/// use graticule_array::{Array, s};
/// let big = Array::ones((200_000, 4_000), (1_000, 1_000))?;
/// let mirrored = (&big * big.slice(s![..;-1, ..;-1])?)?;
/// assert_eq!(mirrored.shape(), [200_000, 4_000]);
/// let small = Array::arange(10)?.sum(())?;
/// assert_eq!(small.compute()?.item::<i64>()?, 45);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Array {
    expr: Expr,
}

impl Array {
    /// The array that an expression describes.
    pub fn from_expr(expr: Expr) -> Self {
        Self { expr }
    }

    /// An array over a source of chunks, such as a variable in a file.
    ///
    /// # Errors
    /// [`Error::Shape`] when what the source has in memory is not what it announces.
    pub fn from_source(source: Arc<dyn ChunkSource>) -> Result<Self> {
        if let Some(chunk) = source.resident() {
            let shape = source.grid().shape();
            if chunk.shape() != shape || chunk.dtype() != source.dtype() || !chunk.is_consistent() {
                return Err(Error::Shape {
                    operation: format!("an array over {}", source.label()),
                    left: shape,
                    right: chunk.shape().to_vec(),
                    hint: "what is in memory must have the shape and the dtype that the source announces"
                        .into(),
                });
            }
        }
        Ok(Self { expr: Expr::new(Op::Source(SourceRef::new(source)), Vec::new())? })
    }

    /// An array over a block in memory, as a single chunk.
    ///
    /// ```
    /// use graticule_array::{Array, Chunk};
    /// let chunk = Chunk::new(vec![3], vec![1.0, 2.0, 3.0])?;
    /// assert_eq!(Array::from_chunk(chunk)?.mean(())?.compute()?.item::<f64>()?, 2.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// None today; see [`Array::from_source`].
    pub fn from_chunk(chunk: impl Into<Arc<Chunk>>) -> Result<Self> {
        let chunk = chunk.into();
        let grid = ChunkGrid::single(chunk.shape());
        Self::from_source(Arc::new(Memory::new(chunk, grid)))
    }

    /// An array over a block in memory that is worked on in the chunks of `grid`.
    ///
    /// # Errors
    /// [`Error::Chunks`] when the grid is not one of the block's shape.
    pub fn from_memory(chunk: Arc<Chunk>, grid: ChunkGrid) -> Result<Self> {
        if grid.shape() != chunk.shape() {
            return Err(Error::Chunks {
                problem: format!(
                    "a grid of shape {:?} for a block of shape {:?}",
                    grid.shape(),
                    chunk.shape()
                ),
                hint: "the grid must cover exactly the block".into(),
            });
        }
        Self::from_source(Arc::new(Memory::new(chunk, grid)))
    }

    /// The expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        self.expr.shape()
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.expr.ndim()
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.shape().iter().product()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.expr.dtype()
    }

    /// Bytes the array takes when it is computed.
    pub fn nbytes(&self) -> usize {
        self.size() * self.dtype().size()
    }

    /// How the array is cut.
    pub fn chunks(&self) -> &ChunkGrid {
        self.expr.grid()
    }

    /// The values, where they are in memory already.
    pub fn resident(&self) -> Option<&Arc<Chunk>> {
        match self.expr.op() {
            Op::Source(source) => source.source().resident(),
            _ => None,
        }
    }

    /// Computes the array with the current [`Runtime`].
    ///
    /// # Errors
    /// What planning and running can meet: the memory limit, a source that fails, cancellation.
    pub fn compute(&self) -> Result<Chunk> {
        Runtime::current().compute(self)
    }

    /// Computes the array and gives it as an ndarray.
    ///
    /// # Errors
    /// As [`Array::compute`], and [`crate::Error::Dtype`] when the elements are of another type.
    pub fn to_ndarray<T: Element>(&self) -> Result<ndarray::ArrayD<T>> {
        self.compute()?.to_ndarray()
    }

    /// Computes the array and keeps it in memory under the same chunks, for use in later expressions.
    ///
    /// # Errors
    /// As [`Array::compute`].
    pub fn persist(&self) -> Result<Self> {
        let mut persisted = persist_all([self])?;
        persisted.pop().ok_or_else(|| Error::defect("a computation gave no result"))
    }

    /// Computes the array into a sink, chunk by chunk: no more than a few chunks are in memory.
    ///
    /// # Errors
    /// As [`Array::compute`], [`Error::Shape`] when the sink has another shape, and what the sink meets.
    pub fn store(&self, sink: Arc<dyn ChunkSink>) -> Result<()> {
        Runtime::current().store_all(&[(self, sink)])
    }

    /// What [`Array::compute`] would do: what is fused, what is read and how often, and the peak of memory.
    ///
    /// # Errors
    /// As planning: [`crate::Error::Memory`] when the plan does not fit.
    pub fn explain(&self) -> Result<String> {
        Ok(Runtime::current().plan(&[self])?.explain())
    }

    /// What [`Array::explain`] says, as JSON. The fields are those of [`crate::PlanReport`].
    ///
    /// # Errors
    /// As [`Array::explain`].
    pub fn explain_json(&self) -> Result<String> {
        Ok(Runtime::current().plan(&[self])?.report().to_json())
    }

    /// Computes the array and says what that took, beside what [`Array::explain`] predicts.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let mean = Array::random_uniform(0.0, 1.0, 7, (1_000, 300), (100, 300))?.mean(())?;
    /// let analysis = mean.explain_analyze()?;
    /// println!("{}", analysis.report());
    /// assert_eq!(analysis.report().stages[0].tasks, 10);
    /// assert!((analysis.results()[0].item::<f64>()? - 0.5).abs() < 0.01);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::compute`].
    pub fn explain_analyze(&self) -> Result<Analysis> {
        Runtime::current().analyze(&[self])
    }

    /// The expression as a tree of text, one node a line with shape, dtype and chunks.
    pub fn tree(&self) -> String {
        crate::expr::to_text(&self.expr)
    }

    /// Draws the expression into an `.svg` or a `.dot` file.
    ///
    /// # Errors
    /// [`crate::Error::Argument`] for another extension, [`crate::Error::Write`] when the file cannot be
    /// written.
    pub fn visualize(&self, path: impl AsRef<std::path::Path>) -> Result<()> {
        crate::expr::draw_to(&self.expr, path.as_ref())
    }
}

impl Runtime {
    /// Computes one array.
    ///
    /// # Errors
    /// As [`Array::compute`].
    pub fn compute(&self, array: &Array) -> Result<Chunk> {
        let mut chunks = self.compute_all(&[array])?;
        chunks.pop().ok_or_else(|| Error::defect("a computation gave no result"))
    }

    /// Computes several arrays: what they share is read and computed once.
    ///
    /// # Errors
    /// As [`Array::compute`].
    pub fn compute_all(&self, arrays: &[&Array]) -> Result<Vec<Chunk>> {
        self.compute_exprs(&exprs(arrays))
    }

    /// Computes several arrays into sinks, chunk by chunk: what they share is read and computed once.
    ///
    /// # Errors
    /// As [`Array::store`].
    pub fn store_all(&self, arrays: &[(&Array, Arc<dyn ChunkSink>)]) -> Result<()> {
        let stored: Vec<(Expr, Arc<dyn ChunkSink>)> =
            arrays.iter().map(|(array, sink)| (array.expr.clone(), Arc::clone(sink))).collect();
        self.store_exprs(&stored)
    }

    /// Computes several arrays and says what that took, beside what was planned.
    ///
    /// # Errors
    /// As [`Array::compute`].
    pub fn analyze(&self, arrays: &[&Array]) -> Result<Analysis> {
        self.analyze_exprs(&exprs(arrays))
    }

    /// Plans what [`Runtime::compute_all`] would do, without doing it.
    ///
    /// # Errors
    /// [`Error::Memory`] when the plan does not fit into the memory limit.
    pub fn plan(&self, arrays: &[&Array]) -> Result<Plan> {
        self.plan_exprs(&exprs(arrays))
    }
}

fn exprs(arrays: &[&Array]) -> Vec<Expr> {
    arrays.iter().map(|array| array.expr.clone()).collect()
}

/// Computes several arrays at once: what they share is read and computed once.
///
/// ```
/// use graticule_array::{Array, compute_all};
/// let x = Array::random_normal(0.0, 1.0, 42, (1_000, 100), (100, 100))?;
/// let results = compute_all([&x.mean(())?, &x.std((), 0)?])?;
/// assert_eq!(results.len(), 2);
/// # Ok::<(), graticule_array::Error>(())
/// ```
///
/// # Errors
/// As [`Array::compute`].
pub fn compute_all<'a>(arrays: impl IntoIterator<Item = &'a Array>) -> Result<Vec<Chunk>> {
    let arrays: Vec<&Array> = arrays.into_iter().collect();
    Runtime::current().compute_all(&arrays)
}

/// Computes several arrays into sinks: what they share is read and computed once.
///
/// # Errors
/// As [`Array::store`].
pub fn store_all<'a>(arrays: impl IntoIterator<Item = (&'a Array, Arc<dyn ChunkSink>)>) -> Result<()> {
    let arrays: Vec<(&Array, Arc<dyn ChunkSink>)> = arrays.into_iter().collect();
    Runtime::current().store_all(&arrays)
}

/// Computes several arrays at once and keeps them in memory: [`Array::persist`] for many, reading once what
/// they share.
///
/// # Errors
/// As [`Array::compute`].
pub fn persist_all<'a>(arrays: impl IntoIterator<Item = &'a Array>) -> Result<Vec<Array>> {
    let arrays: Vec<&Array> = arrays.into_iter().collect();
    let lazy: Vec<&Array> = arrays.iter().copied().filter(|array| array.resident().is_none()).collect();
    let mut computed = Runtime::current().compute_all(&lazy)?.into_iter();
    let persist = |array: &&Array| match array.resident() {
        Some(_) => Ok(Array::clone(array)),
        None => {
            let chunk = computed.next().ok_or_else(|| Error::defect("a computation gave no result"))?;
            Array::from_memory(Arc::new(chunk), array.chunks().clone())
        }
    };
    arrays.iter().map(persist).collect()
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `Array<(200000, 4000), float64, chunks (1000, 1000)>`
impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = ChunkGrid::single(self.shape());
        write!(f, "Array<{shape}, {}, chunks {}>", self.dtype(), self.chunks())
    }
}
