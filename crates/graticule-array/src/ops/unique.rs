//! The distinct values of an array.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::array::Array;
use crate::bytes;
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::Side;
use crate::grid::ChunkGrid;
use crate::kernel::order::{Ordered, key_bytes, with_ordered};
use crate::runtime::Runtime;
use crate::sink::ChunkSink;

/// The distinct values of an array.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The values in increasing order, one axis. Of NaN and NaT there is one, at the end; `-0.0` counts as `0.0`.
    pub values: Arc<Chunk>,
    /// How often each value is there, int64.
    pub counts: Arc<Chunk>,
    /// For each element of the array the position of its value in `values`, int64. Lazy.
    pub inverse: Array,
}

impl Array {
    /// The distinct values in order, how often each is there, and where each element is among them. Computes: how many
    /// there are is not known before. The array is read chunk by chunk; the distinct values must fit into half of the
    /// memory limit.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let unique = Array::from_array(ndarray::arr1(&[5, 3, 5, 5]), 2)?.unique()?;
    /// assert_eq!(unique.values.as_slice::<i32>()?, [3, 5]);
    /// assert_eq!(unique.counts.as_slice::<i64>()?, [1, 3]);
    /// assert_eq!(unique.inverse.compute()?.as_slice::<i64>()?, [1, 0, 1, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::compute`], and [`Error::Argument`] when there are more values than fit.
    pub fn unique(&self) -> Result<Unique> {
        Runtime::current().unique(self)
    }

    /// How many distinct values there are; NaN or NaT is one of them. Computes.
    ///
    /// # Errors
    /// As [`Array::unique`].
    pub fn nunique(&self) -> Result<usize> {
        Ok(Runtime::current().distinct(self)?.0.len())
    }
}

impl Runtime {
    /// [`Array::unique`] with this runtime.
    ///
    /// # Errors
    /// As [`Array::unique`].
    pub fn unique(&self, array: &Array) -> Result<Unique> {
        let (values, counts) = self.distinct(array)?;
        let values = Arc::new(values);
        let inverse = Array::from_chunk(Arc::clone(&values))?.searchsorted(array, Side::Left)?;
        Ok(Unique { values, counts: Arc::new(counts), inverse })
    }

    fn distinct(&self, array: &Array) -> Result<(Chunk, Chunk)> {
        with_ordered!(array.dtype(), K => self.distinct_as::<K>(array))
    }

    fn distinct_as<O: Ordered<Key: Sync> + 'static>(&self, array: &Array) -> Result<(Chunk, Chunk)> {
        let half = self.memory_limit_bytes() / 2;
        let sink = Arc::new(Distinct::<O> {
            grid: array.chunks().clone(),
            dtype: array.dtype(),
            limit: half,
            runs: Mutex::default(),
        });
        self.within(half).store_all(&[(array, Arc::clone(&sink) as Arc<dyn ChunkSink>)])?;
        let mut runs = std::mem::take(&mut *sink.runs.lock().unwrap_or_else(PoisonError::into_inner));
        let mut all = runs.pop().unwrap_or_default();
        while let Some(run) = runs.pop() {
            all = merged(run, all);
        }
        let (values, counts): (Vec<O::Element>, Vec<i64>) =
            all.iter().map(|(key, count)| (O::value(key), *count)).unzip();
        let shape = vec![values.len()];
        let values = Chunk::from_buffer(shape.clone(), array.dtype(), O::Element::into_buffer(values))?;
        Ok((values, Chunk::new(shape, counts)?))
    }
}

/// Distinct keys in order, and how often each is there.
type Run<K> = Vec<(K, i64)>;

/// Collects distinct values. Runs are merged with ones of about their length, so that each value is moved a logarithmic
/// number of times.
struct Distinct<O: Ordered> {
    grid: ChunkGrid,
    dtype: DType,
    /// Bytes that the runs may take.
    limit: usize,
    /// From the longest to the shortest.
    runs: Mutex<Vec<Run<O::Key>>>,
}

impl<O: Ordered> fmt::Debug for Distinct<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distinct").field("dtype", &self.dtype).finish_non_exhaustive()
    }
}

impl<O: Ordered<Key: Sync> + 'static> ChunkSink for Distinct<O>
where
    O::Key: Send,
{
    fn label(&self) -> String {
        "distinct values".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn write(&self, _: &[Range<usize>], values: &Chunk) -> Result<()> {
        let values = O::Element::slice(values.buffer())
            .ok_or_else(|| Error::defect(format!("{} was not stored as such", self.dtype)))?;
        let mut keys: Vec<O::Key> = values.iter().map(O::equal_key).collect();
        keys.sort_unstable();
        let run = keys.chunk_by(|a, b| a == b).map(|equal| (equal[0].clone(), equal.len() as i64));
        self.add(run.collect())
    }

    fn scratch_bytes(&self) -> usize {
        let chunk: usize = self.grid.max_chunk().iter().product();
        chunk * (key_bytes(self.dtype) + size_of::<(O::Key, i64)>())
    }
}

impl<O: Ordered> Distinct<O> {
    fn add(&self, mut run: Run<O::Key>) -> Result<()> {
        // Merging is done outside the lock, with what is taken out: others go on meanwhile.
        loop {
            let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            let fits = runs.last().is_none_or(|last| last.len() > 2 * run.len());
            let held: usize = runs.iter().map(Vec::len).sum();
            let entries = self.limit / size_of::<(O::Key, i64)>();
            // Merging two runs holds them and the result.
            let is_full = held + 2 * run.len() > entries / 2;
            match runs.pop() {
                Some(last) if !fits || is_full => {
                    drop(runs);
                    run = merged(last, run);
                }
                last => {
                    runs.extend(last);
                    if is_full {
                        return Err(Error::argument(
                            "distinct values",
                            format!("more than {}", run.len()),
                            format!(
                                "half of the memory limit, {}, does not hold them; raise the limit, or round or bin the \
                                 values first",
                                bytes::format(self.limit)
                            ),
                        ));
                    }
                    runs.push(run);
                    return Ok(());
                }
            }
        }
    }
}

/// Two runs as one.
fn merged<K: Ord>(a: Run<K>, b: Run<K>) -> Run<K> {
    let mut merged: Run<K> = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (Some((x, _)), Some((y, _))) => x.cmp(y),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        match order {
            std::cmp::Ordering::Less => merged.extend(a.next()),
            std::cmp::Ordering::Greater => merged.extend(b.next()),
            std::cmp::Ordering::Equal => {
                merged.extend(a.next().zip(b.next()).map(|((key, m), (_, n))| (key, m + n)));
            }
        }
    }
    merged.shrink_to_fit();
    merged
}
