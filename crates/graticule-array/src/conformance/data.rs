//! The sources and functions of the suite. They are made from text alone, so another process can make them again.

use std::sync::Arc;

use crate::array::Array;
use crate::blockwise::{BlockFn, Custom};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::{DType, NAT, TimeUnit};
use crate::error::{Error, Result};
use crate::expr::Registry;
use crate::grid::ChunkGrid;
use crate::ops::blockwise;
use crate::source::{ChunkSource, SourceSpec};

/// What opens the sources of the suite and makes its functions again.
pub fn registry() -> Registry {
    Registry::default()
        .with("conformance", |spec| Ok(Arc::new(Numbers::open(&spec.config)?)))
        .with_function("half", |_| Ok(half()))
        .with_function("panics", |_| Ok(panics()))
}

/// Numbers that are a function of their position, some of them missing.
#[derive(Debug)]
struct Numbers {
    config: String,
    dtype: DType,
    grid: ChunkGrid,
    /// The whole array, where the text asks for it to be in memory.
    resident: Option<Arc<Chunk>>,
    /// The chunk along the first axis that cannot be read.
    broken: Option<usize>,
}

impl Numbers {
    /// The source that a text such as `float64 20x30 7x11 stored` describes: dtype, shape, chunks, and where it is:
    /// `stored`, in `memory`, or `broken3` at chunk 3.
    fn open(config: &str) -> Result<Self> {
        let bad =
            || Error::argument("config", format!("{config:?}"), "use the text of a source of the suite");
        let words: Vec<&str> = config.split(' ').collect();
        let &[dtype, shape, chunks, place] = words.as_slice() else { return Err(bad()) };
        let dtype = match dtype {
            "float64" => DType::F64,
            "float32" => DType::F32,
            "int32" => DType::I32,
            "uint8" => DType::U8,
            "bool" => DType::Bool,
            "datetime64" => DType::Datetime(TimeUnit::Nanosecond),
            _ => return Err(bad()),
        };
        let lens = |text: &str| -> Result<Vec<usize>> {
            text.split('x').map(|len| len.parse().map_err(|_not_a_number| bad())).collect()
        };
        let (shape, chunks) = (lens(shape)?, lens(chunks)?);
        let grid = ChunkGrid::regular(&shape, &chunks);
        let broken = place.strip_prefix("broken").and_then(|chunk| chunk.parse().ok());
        let mut source = Self { config: config.into(), dtype, grid, resident: None, broken };
        if place == "memory" {
            let mut whole = Chunk::empty(dtype);
            let region: Vec<_> = shape.iter().map(|&len| 0..len).collect();
            source.fill(&region, &mut whole)?;
            source.resident = Some(Arc::new(whole));
        }
        Ok(source)
    }

    fn fill(&self, region: &[std::ops::Range<usize>], out: &mut Chunk) -> Result<()> {
        let whole = self.grid.shape();
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let number = |mut i: usize| {
            let mut position = 0;
            let mut stride = 1;
            for ((range, &len), &all) in region.iter().zip(&shape).zip(&whole).rev() {
                position += (range.start + i % len) * stride;
                stride *= all;
                i /= len;
            }
            // Steps of a generator of Steele, Lea & Flood (2014).
            let mut z = (position as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (z >> 40) as i64 % 20_011 - 10_005
        };
        let numbers = (0..shape.iter().product()).map(number);
        let float = |x: i64| if x % 31 == 0 { f64::NAN } else { x as f64 / 7.0 };
        let buffer = match self.dtype {
            DType::F32 => Buffer::F32(numbers.map(|x| float(x) as f32).collect()),
            DType::I32 => Buffer::I32(numbers.map(|x| x as i32).collect()),
            DType::U8 => Buffer::U8(numbers.map(|x| x.rem_euclid(256) as u8).collect()),
            DType::Bool => Buffer::Bool(numbers.map(|x| x % 3 == 0).collect()),
            DType::Datetime(_) => {
                Buffer::I64(numbers.map(|x| if x % 31 == 0 { NAT } else { x * 86_400_000_000_000 }).collect())
            }
            _ => Buffer::F64(numbers.map(float).collect()),
        };
        *out = Chunk::from_buffer(shape, self.dtype, buffer)?;
        Ok(())
    }
}

impl ChunkSource for Numbers {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "conformance".into(), config: self.config.clone() }
    }

    fn label(&self) -> String {
        self.config.clone()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        if index.first().copied() == self.broken && self.broken.is_some() {
            let cause = std::io::Error::other("a chunk of the suite cannot be read");
            return Err(Error::Read { what: self.config.clone(), cause: Arc::new(cause) });
        }
        self.fill(&self.grid.region(index), out)
    }

    fn scratch_bytes(&self) -> usize {
        // A block is made beside the one it replaces.
        self.grid.max_chunk().iter().product::<usize>() * self.dtype.size()
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        self.resident.as_ref()
    }
}

/// The array over the source of a text.
pub(super) fn numbers(config: &str) -> Result<Array> {
    Array::from_source(Arc::new(Numbers::open(config)?))
}

/// A block of halves.
fn half() -> Arc<BlockFn> {
    Arc::new(|_, blocks| {
        let Some(block) = blocks.first() else { return Err(Error::defect("a function got no block")) };
        Chunk::new(block.shape().to_vec(), block.as_slice::<f64>()?.iter().map(|x| x / 2.0).collect())
    })
}

/// What the panic of the suite says.
pub(super) const PANIC: &str = "this panic is a part of the suite";

/// The block at which the function of the suite panics.
pub(super) const PANICS_AT: usize = 5;

/// Ends the thread in one block, and gives the others as they are.
#[expect(clippy::panic, reason = "an executor has to survive it")]
fn panics() -> Arc<BlockFn> {
    Arc::new(|info, blocks| {
        if info.index.first() == Some(&PANICS_AT) {
            panic!("{PANIC}");
        }
        blocks
            .first()
            .map(|block| Chunk::clone(block))
            .ok_or_else(|| Error::defect("a function got no block"))
    })
}

/// One of the functions of the suite on the blocks of an array of floats.
pub(super) fn on_blocks(name: &str, array: &Array) -> Result<Array> {
    let function = if name == "panics" { panics() } else { half() };
    let names: String = ('a'..='z').take(array.ndim()).collect();
    let custom = Custom::registered(name, "", DType::F64, function).axes(&format!("{names}->{names}"))?;
    let block: usize = array.chunks().max_chunk().iter().product();
    blockwise(custom.scratch(block * DType::F64.size()), &[array])
}
