//! Where chunks come from: the one door through which data enter the engine.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::ChunkGrid;

/// What a source is, as data: enough to find it again, here or in another process.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceSpec {
    /// The kind of source, such as `memory` or `netcdf`.
    pub driver: String,
    /// What distinguishes this source from others of its kind, such as a path and a variable.
    pub config: String,
}

/// What reading a block costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadCost {
    /// About what copying it costs: it is in memory, or computed as fast.
    Free,
    /// It is read from a local file, and unpacked.
    Decoded,
    /// It is fetched over a network.
    Fetched,
}

/// A supplier of chunks. Implementations are read by several threads at once.
pub trait ChunkSource: fmt::Debug + Send + Sync {
    /// What this source is. Two sources with equal specs must deliver equal data.
    fn spec(&self) -> SourceSpec;

    /// The source in a few words, for plans and messages, such as `adt in 2015-01-01.nc`.
    fn label(&self) -> String;

    /// The type of the elements that [`ChunkSource::read`] delivers.
    fn dtype(&self) -> DType;

    /// How the data are cut. `read` is asked for whole chunks of this grid.
    fn grid(&self) -> &ChunkGrid;

    /// Fills `out` with chunk `index`. `out` may hold an earlier chunk: reset it, so that its allocation
    /// is used again.
    ///
    /// # Errors
    /// [`crate::Error::Read`] that names the source and the cause.
    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()>;

    /// The most bytes that `read` needs beside the chunk it fills.
    fn scratch_bytes(&self) -> usize;

    /// Bytes of the stored form of all chunks, where that is known.
    fn stored_bytes(&self) -> Option<u64>;

    /// What reading a block costs, from which a plan decides whether to keep what several passes read. A source around
    /// another says what that one does.
    fn read_cost(&self) -> ReadCost {
        ReadCost::Decoded
    }

    /// The whole array, where it is in memory already.
    fn resident(&self) -> Option<&Arc<Chunk>>;
}

/// A source inside an expression: compared and hashed by its spec and its chunks.
#[derive(Debug, Clone)]
pub struct SourceRef {
    spec: SourceSpec,
    source: Arc<dyn ChunkSource>,
}

impl SourceRef {
    pub(crate) fn new(source: Arc<dyn ChunkSource>) -> Self {
        Self { spec: source.spec(), source }
    }

    /// What the source is.
    pub fn spec(&self) -> &SourceSpec {
        &self.spec
    }

    /// The source.
    pub fn source(&self) -> &Arc<dyn ChunkSource> {
        &self.source
    }
}

impl PartialEq for SourceRef {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec && self.source.grid() == other.source.grid()
    }
}

impl Eq for SourceRef {}

impl Hash for SourceRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spec.hash(state);
        self.source.grid().hash(state);
    }
}

/// A source as it is stored: what it is, without a way to its data.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename = "Source")]
struct Unopened {
    spec: SourceSpec,
    dtype: DType,
    grid: ChunkGrid,
}

impl Serialize for SourceRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Unopened {
            spec: self.spec.clone(),
            dtype: self.source.dtype(),
            grid: self.source.grid().clone(),
        };
        stored.serialize(serializer)
    }
}

/// What is read back is described, but delivers nothing until [`crate::StoredExpr::open`] has opened it.
impl<'de> Deserialize<'de> for SourceRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(Arc::new(Unopened::deserialize(deserializer)?)))
    }
}

impl ChunkSource for Unopened {
    fn spec(&self) -> SourceSpec {
        self.spec.clone()
    }

    fn label(&self) -> String {
        format!("{} {}", self.spec.driver, self.spec.config)
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, _: &[usize], _: &mut Chunk) -> Result<()> {
        Err(Error::argument("source", self.label(), "it was stored and is not open; use StoredExpr::open"))
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

/// An array that is in memory. Its spec is a digest of the values, so equal data are one source.
#[derive(Debug)]
pub(crate) struct Memory {
    data: Arc<Chunk>,
    grid: ChunkGrid,
    digest: u128,
}

impl Memory {
    pub(crate) fn new(data: Arc<Chunk>, grid: ChunkGrid) -> Self {
        let digest = digest(&data);
        Self { data, grid, digest }
    }
}

impl ChunkSource for Memory {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "memory".into(), config: format!("{:032x}", self.digest) }
    }

    fn label(&self) -> String {
        "memory".into()
    }

    fn dtype(&self) -> DType {
        self.data.dtype()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let region = self.grid.region(index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(self.data.dtype(), &shape);
        crate::kernel::copy::gather(&self.data, &region, out);
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        Some(&self.data)
    }
}

/// 128 bits of SipHash over dtype, shape and values: far beyond accidental collision.
pub(crate) fn digest(data: &Chunk) -> u128 {
    let mut hasher = SipHasher13::new();
    data.dtype().hash(&mut hasher);
    data.shape().hash(&mut hasher);
    match data.buffer() {
        Buffer::F32(v) => v.iter().for_each(|x| hasher.write_u32(x.to_bits())),
        Buffer::F64(v) => v.iter().for_each(|x| hasher.write_u64(x.to_bits())),
        Buffer::Str(v) => v.hash(&mut hasher),
        Buffer::Bool(v) => v.hash(&mut hasher),
        Buffer::I8(v) => v.hash(&mut hasher),
        Buffer::I16(v) => v.hash(&mut hasher),
        Buffer::I32(v) => v.hash(&mut hasher),
        Buffer::I64(v) => v.hash(&mut hasher),
        Buffer::U8(v) => v.hash(&mut hasher),
        Buffer::U16(v) => v.hash(&mut hasher),
        Buffer::U32(v) => v.hash(&mut hasher),
        Buffer::U64(v) => v.hash(&mut hasher),
    }
    let hash = hasher.finish128();
    (u128::from(hash.h1) << 64) | u128::from(hash.h2)
}
