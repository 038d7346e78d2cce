//! Sources that do as they are told, and note what is read of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use graticule_array::{
    Array, Chunk, ChunkGrid, ChunkSource, DType, Element, Error, ReadCost, Result, SourceSpec,
};

/// The element at a position in C order.
type Value = dyn Fn(usize) -> f64 + Send + Sync;

/// What happens before a block is read: how many were read before it, and which it is.
type OnRead = dyn Fn(usize, &[usize]) -> Result<()> + Send + Sync;

/// What becomes of a block that was read.
type Spoil = dyn Fn(&[usize], &mut Chunk) + Send + Sync;

/// A source that is read block by block, as a file would be: the numbers 0, 1, … in C order, unless it is told otherwise.
pub(crate) struct Supply {
    name: String,
    dtype: DType,
    value: Box<Value>,
    on_read: Box<OnRead>,
    spoil: Box<Spoil>,
    stored_bytes: Option<u64>,
    read_cost: ReadCost,
    reads: Reads,
}

/// What was read of a source.
#[derive(Clone)]
pub(crate) struct Reads {
    grid: ChunkGrid,
    indices: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl Reads {
    /// How many blocks were read.
    pub(crate) fn count(&self) -> usize {
        self.indices.lock().unwrap().len()
    }

    /// How many elements were read.
    pub(crate) fn elements(&self) -> usize {
        let elements =
            |index: &Vec<usize>| self.grid.region(index).iter().map(ExactSizeIterator::len).product();
        self.indices.lock().unwrap().iter().map(elements).map(|elements: usize| elements).sum()
    }

    /// How often each block was read. The count begins anew.
    pub(crate) fn take(&self) -> BTreeMap<Vec<usize>, usize> {
        let mut blocks = BTreeMap::new();
        for index in std::mem::take(&mut *self.indices.lock().unwrap()) {
            *blocks.entry(index).or_insert(0) += 1;
        }
        blocks
    }
}

impl Supply {
    pub(crate) fn new(shape: &[usize], chunk: &[usize]) -> Self {
        static NAMES: AtomicUsize = AtomicUsize::new(0);
        let grid = ChunkGrid::regular(shape, chunk);
        Self {
            name: format!("supply {}", NAMES.fetch_add(1, Ordering::Relaxed)),
            dtype: DType::F64,
            value: Box::new(|position| position as f64),
            on_read: Box::new(|_, _| Ok(())),
            spoil: Box::new(|_, _| {}),
            stored_bytes: None,
            read_cost: ReadCost::Free,
            reads: Reads { grid, indices: Arc::default() },
        }
    }

    /// Sources of one name are one: what is read of one is taken for the other.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.into(), ..self }
    }

    /// int32 instead of float64.
    pub(crate) fn integers(self) -> Self {
        Self { dtype: DType::I32, ..self }
    }

    pub(crate) fn value(self, value: impl Fn(usize) -> f64 + Send + Sync + 'static) -> Self {
        Self { value: Box::new(value), ..self }
    }

    pub(crate) fn on_read(
        self,
        on_read: impl Fn(usize, &[usize]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { on_read: Box::new(on_read), ..self }
    }

    /// Delivers something else than was announced.
    pub(crate) fn spoiled(self, spoil: impl Fn(&[usize], &mut Chunk) + Send + Sync + 'static) -> Self {
        Self { spoil: Box::new(spoil), ..self }
    }

    pub(crate) fn stored_bytes(self, bytes: u64) -> Self {
        Self { stored_bytes: Some(bytes), ..self }
    }

    /// How dear reading is: free unless this says otherwise, so that no plan keeps what it has read.
    pub(crate) fn read_cost(self, read_cost: ReadCost) -> Self {
        Self { read_cost, ..self }
    }

    pub(crate) fn source(self) -> Arc<dyn ChunkSource> {
        Arc::new(self)
    }

    pub(crate) fn array(self) -> Array {
        Array::from_source(self.source()).unwrap()
    }

    /// The array, and what will be read of it.
    pub(crate) fn counted(self) -> (Array, Reads) {
        let reads = self.reads.clone();
        (self.array(), reads)
    }

    /// Puts the values of a block into its buffer, row by row of the last axis.
    fn fill<T: Element>(&self, index: &[usize], out: &mut Chunk, of: impl Fn(f64) -> T) {
        let region = self.grid().region(index);
        let whole = self.grid().shape();
        let row = out.shape().last().copied().unwrap_or(1).max(1);
        let values = T::slice_mut(out.buffer_mut()).unwrap();
        for (number, values) in values.chunks_exact_mut(row).enumerate() {
            // The position of the row's first element, worked out from the last axis to the first.
            let (mut rest, mut stride, mut first) = (number * row, 1, 0);
            for (range, len) in region.iter().zip(&whole).rev() {
                first += (range.start + rest % range.len()) * stride;
                rest /= range.len();
                stride *= len;
            }
            for (i, value) in values.iter_mut().enumerate() {
                *value = of((self.value)(first + i));
            }
        }
    }
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl ChunkSource for Supply {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "supply".into(), config: self.name.clone() }
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.reads.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let before = {
            let mut indices = self.reads.indices.lock().unwrap();
            indices.push(index.to_vec());
            indices.len() - 1
        };
        (self.on_read)(before, index)?;
        let shape: Vec<usize> = self.grid().region(index).iter().map(ExactSizeIterator::len).collect();
        out.reset(self.dtype, &shape);
        match self.dtype {
            DType::I32 => self.fill(index, out, |value| value as i32),
            _ => self.fill(index, out, |value| value),
        }
        (self.spoil)(index, out);
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        self.stored_bytes
    }

    fn read_cost(&self) -> ReadCost {
        self.read_cost
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

/// A vector of zeros in blocks of 100, with something that happens at each.
pub(crate) fn scripted(
    name: &str,
    blocks: usize,
    on_read: impl Fn(usize) -> Result<()> + Send + Sync + 'static,
) -> Array {
    let supply = Supply::new(&[blocks * 100], &[100]).named(name).value(|_| 0.0);
    supply.stored_bytes(blocks as u64 * 400).on_read(move |_, index| on_read(index[0])).array()
}

/// What a source says that cannot be read.
pub(crate) fn unreadable(name: &str, cause: &str) -> Error {
    Error::Read { what: name.into(), cause: Arc::new(std::io::Error::other(cause.to_owned())) }
}
