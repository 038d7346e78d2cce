//! From plans to values: computing, chunks, and what a computation would do.

use std::path::Path;
use std::sync::Arc;

use graticule_array::{Array, AxisChunks, Chunk, ChunkGrid, Chunks, DType, Element, Runtime, Scalar};
use ndarray::ArrayD;

use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::variable::Variable;

/// Chunks asked for by name: `[("time", 10)]`, or by size: `"64MiB"`, `"auto"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChunkSpec {
    /// The length of chunks along some dimensions; 0 for the whole dimension. Others stay as they are.
    Lengths(Vec<(Dim, usize)>),
    /// About as many bytes to a chunk.
    Bytes(String),
}

impl From<&str> for ChunkSpec {
    fn from(bytes: &str) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<S: AsRef<str>, const N: usize> From<[(S, usize); N]> for ChunkSpec {
    fn from(lengths: [(S, usize); N]) -> Self {
        Self::Lengths(lengths.into_iter().map(|(dim, len)| (Dim::new(dim), len)).collect())
    }
}

impl<S: AsRef<str>> From<Vec<(S, usize)>> for ChunkSpec {
    fn from(lengths: Vec<(S, usize)>) -> Self {
        Self::Lengths(lengths.into_iter().map(|(dim, len)| (Dim::new(dim), len)).collect())
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data with all values in memory. What variables share is read and computed once.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
    /// assert!(x.compute()?.data().resident().is_some());
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// What planning and running can meet: the memory limit, a source that fails, cancellation.
    pub fn compute(&self) -> Result<Self> {
        self.compute_with(&Runtime::current())
    }

    /// The same with other threads, limits and observers.
    ///
    /// # Errors
    /// As [`Labeled::compute`].
    pub fn compute_with(&self, runtime: &Runtime) -> Result<Self> {
        let mut results = compute_all_with([self], runtime)?;
        results.pop().ok_or_else(|| graticule_array::Error::Cancelled.into())
    }

    /// Computes all values into memory, in place.
    ///
    /// # Errors
    /// As [`Labeled::compute`]. The data stay as they were.
    pub fn load(&mut self) -> Result<&mut Self> {
        *self = self.compute()?;
        Ok(self)
    }

    /// The data with all values in memory, under the same chunks.
    ///
    /// # Errors
    /// As [`Labeled::compute`].
    pub fn persist(&self) -> Result<Self> {
        let keep_chunks = |variable: &Variable, chunk: Chunk| {
            Array::from_memory(Arc::new(chunk), variable.data().chunks().clone())
        };
        let mut results = load_all(&[self], &Runtime::current(), &keep_chunks)?;
        results.pop().ok_or_else(|| graticule_array::Error::Cancelled.into())
    }

    /// The data in other chunks: by length along named dimensions, or by size.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "lat"], Array::ones((365, 72), "auto")?)?;
    /// let da = DataArray::new(None, data, [])?.chunk([("time", 10)])?;
    /// assert_eq!(da.data().chunks().counts(), [37, 1]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there; when a size cannot be read.
    pub fn chunk(&self, chunks: impl Into<ChunkSpec>) -> Result<Self> {
        let spec = chunks.into();
        if let ChunkSpec::Lengths(lengths) = &spec {
            let all = self.all_dims();
            if let Some((unknown, _)) = lengths.iter().find(|(dim, _)| !all.contains(dim)) {
                return Err(Error::unknown_dim(unknown, all));
            }
        }
        let vars = self.vars.map(|variable| rechunked(variable, &spec))?;
        let coords = self.coords.mapped(|name, variable| {
            let in_memory = self.coords.is_index(name) || variable.ndim() == 0;
            Ok(Some(if in_memory { variable.clone() } else { rechunked(variable, &spec)? }))
        })?;
        Ok(Self::from_parts(vars, coords))
    }

    /// What computing these data would do: what is fused, what is read and how often, and the peak of memory.
    ///
    /// # Errors
    /// As planning: the memory limit.
    pub fn explain(&self) -> Result<String> {
        explained(self.arrays())
    }
}

/// What computing some arrays in one run would do.
pub(crate) fn explained<'a>(arrays: impl Iterator<Item = &'a Array>) -> Result<String> {
    let lazy: Vec<&Array> = arrays.filter(|array| array.resident().is_none()).collect();
    if lazy.is_empty() {
        return Ok("everything is in memory\n".into());
    }
    Ok(Runtime::current().plan(&lazy)?.explain())
}

fn rechunked(variable: &Variable, spec: &ChunkSpec) -> Result<Variable> {
    let chunks: Chunks = match spec {
        ChunkSpec::Bytes(bytes) => bytes.as_str().into(),
        ChunkSpec::Lengths(lengths) => {
            let axes = variable.sizes().zip(variable.data().chunks().axes()).map(|((dim, len), chunks)| {
                let wanted = lengths.iter().find(|(name, _)| *name == dim);
                wanted.map_or_else(|| chunks.clone(), |(_, size)| AxisChunks::regular(len, *size))
            });
            let grid = ChunkGrid::new(axes.collect());
            let sizes: Vec<Vec<usize>> = grid.axes().iter().map(|axis| axis.sizes().collect()).collect();
            sizes.into()
        }
    };
    variable.map(|data| data.rechunk(chunks))
}

/// Computes several arrays or datasets at once: what they share is read and computed once.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Variable, compute_all};
/// let x = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
/// let results = compute_all([&x.mean(())?, &x.max(())?])?;
/// assert_eq!(results[1].item()?, 3.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`Labeled::compute`].
pub fn compute_all<'a, V: DataVars + 'a>(
    arrays: impl IntoIterator<Item = &'a Labeled<V>>,
) -> Result<Vec<Labeled<V>>> {
    compute_all_with(arrays, &Runtime::current())
}

/// The same with other threads, limits and observers.
///
/// # Errors
/// As [`Labeled::compute`].
pub fn compute_all_with<'a, V: DataVars + 'a>(
    arrays: impl IntoIterator<Item = &'a Labeled<V>>,
    runtime: &Runtime,
) -> Result<Vec<Labeled<V>>> {
    let arrays: Vec<&Labeled<V>> = arrays.into_iter().collect();
    load_all(&arrays, runtime, &|_, chunk| Array::from_chunk(chunk))
}

/// Computes all that is lazy in some arrays in one plan; `place` says how the values are held afterwards.
fn load_all<V: DataVars>(
    arrays: &[&Labeled<V>],
    runtime: &Runtime,
    place: &dyn Fn(&Variable, Chunk) -> graticule_array::Result<Array>,
) -> Result<Vec<Labeled<V>>> {
    let lazy: Vec<&Array> =
        arrays.iter().flat_map(|array| array.arrays()).filter(|array| array.resident().is_none()).collect();
    let mut computed = match lazy.as_slice() {
        [] => Vec::new(),
        lazy => runtime.compute_all(lazy)?,
    }
    .into_iter();
    let mut loaded = |variable: &Variable| -> Result<Variable> {
        if variable.resident().is_some() {
            return Ok(variable.clone());
        }
        let chunk = computed.next().ok_or(graticule_array::Error::Cancelled)?;
        variable.with_data(place(variable, chunk)?)
    };
    let results = arrays.iter().map(|array| {
        let vars = array.vars.map(&mut loaded)?;
        let coords = array.coords.mapped(|_, variable| Ok(Some(loaded(variable)?)))?;
        Ok(Labeled::from_parts(vars, coords))
    });
    results.collect()
}

impl DataArray {
    /// The values as an ndarray. Times are `i64` counts of their unit.
    ///
    /// # Errors
    /// As [`Labeled::compute`], and [`graticule_array::Error::Dtype`] when the elements are of another type.
    pub fn values<T: Element>(&self) -> Result<ArrayD<T>> {
        Ok(self.vars.variable.values()?.to_ndarray()?)
    }

    /// The only value, as a float.
    ///
    /// # Errors
    /// As [`Labeled::compute`], and [`graticule_array::Error::Shape`] when there is not exactly one value,
    /// [`graticule_array::Error::Dtype`] when it is a text.
    pub fn item(&self) -> Result<f64> {
        match self.scalar()? {
            Scalar::Str(_) => Err(graticule_array::Error::Dtype {
                operation: "taking the only item as a number".into(),
                dtype: DType::Str,
                hint: "use scalar for a value of any dtype".into(),
            }
            .into()),
            value => Ok(value.to_f64()),
        }
    }

    /// The only value, of any dtype.
    ///
    /// # Errors
    /// As [`Labeled::compute`], and [`graticule_array::Error::Shape`] when there is not exactly one value.
    pub fn scalar(&self) -> Result<Scalar> {
        let one = |chunk: &Chunk| if chunk.len() == 1 { chunk.get(0) } else { None };
        let wrong = || graticule_array::Error::Shape {
            operation: "taking the only item".into(),
            left: vec![1],
            right: self.shape().to_vec(),
            hint: "reduce or select until one element is left".into(),
        };
        if self.data().size() != 1 {
            return Err(wrong().into());
        }
        one(self.vars.variable.values()?.as_ref()).ok_or_else(|| wrong().into())
    }

    /// Draws what computing the array would do into an `.svg` or a `.dot` file.
    ///
    /// # Errors
    /// [`graticule_array::Error::Argument`] for another extension, [`graticule_array::Error::Write`] when the
    /// file cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.data().visualize(path)?)
    }
}
