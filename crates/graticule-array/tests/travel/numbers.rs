//! A source that a text is enough to open again.

use std::sync::Arc;

use graticule_array::{
    Array, BlockFn, Buffer, Chunk, ChunkGrid, ChunkSource, DType, Error, NAT, Registry, Result, SourceSpec,
    TimeUnit,
};
use serde::{Deserialize, Serialize};

/// Numbers that are a function of position, some missing.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Config {
    dtype: DType,
    grid: ChunkGrid,
    in_memory: bool,
}

#[derive(Debug)]
struct Numbers {
    text: String,
    config: Config,
    resident: Option<Arc<Chunk>>,
}

impl Numbers {
    fn open(text: &str) -> Result<Self> {
        let config: Config = serde_json::from_str(text).map_err(|error| Error::Argument {
            argument: "config",
            value: text.into(),
            hint: error.to_string(),
        })?;
        // The most that a test makes; a damaged text may ask for anything.
        if config.grid.axes().iter().map(|axis| axis.len() as u128).product::<u128>() > 1 << 16 {
            let hint = "numbers are for tests: ask for few".into();
            return Err(Error::Argument { argument: "config", value: text.into(), hint });
        }
        let whole = config.in_memory.then(|| values(&config, &ChunkGrid::single(&config.grid.shape()), 0));
        Ok(Self { text: text.into(), config, resident: whole.transpose()?.map(Arc::new) })
    }
}

/// The values of a chunk of the source, in the chunks of `grid`; `number` counts the chunks.
fn values(config: &Config, grid: &ChunkGrid, mut number: usize) -> Result<Chunk> {
    let mut index = vec![0; grid.axes().len()];
    for (at, count) in index.iter_mut().zip(grid.counts()).rev() {
        *at = number % count.max(1);
        number /= count.max(1);
    }
    let (region, whole) = (grid.region(&index), config.grid.shape());
    let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
    let numbers = (0..shape.iter().product()).map(|mut i: usize| {
        let (mut position, mut stride) = (0usize, 1);
        for axis in (0..shape.len()).rev() {
            position += (region[axis].start + i % shape[axis]) * stride;
            stride *= whole[axis];
            i /= shape[axis];
        }
        ((position as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as i64 % 1001 - 500
    });
    let float = |x: i64| if x % 13 == 0 { f64::NAN } else { x as f64 / 7.0 };
    let buffer = match config.dtype {
        DType::Bool => Buffer::Bool(numbers.map(|x| x % 3 == 0).collect()),
        DType::I8 => Buffer::I8(numbers.map(|x| x as i8).collect()),
        DType::I16 => Buffer::I16(numbers.map(|x| x as i16).collect()),
        DType::I32 => Buffer::I32(numbers.map(|x| x as i32).collect()),
        DType::I64 => Buffer::I64(numbers.collect()),
        DType::U8 => Buffer::U8(numbers.map(|x| x as u8).collect()),
        DType::U16 => Buffer::U16(numbers.map(|x| x.unsigned_abs() as u16).collect()),
        DType::U32 => Buffer::U32(numbers.map(|x| x.unsigned_abs() as u32).collect()),
        DType::U64 => Buffer::U64(numbers.map(i64::unsigned_abs).collect()),
        DType::F32 => Buffer::F32(numbers.map(|x| float(x) as f32).collect()),
        DType::F64 => Buffer::F64(numbers.map(float).collect()),
        DType::Datetime(_) | DType::Timedelta(_) => {
            Buffer::I64(numbers.map(|x| if x % 13 == 0 { NAT } else { x * 1000 }).collect())
        }
        DType::Str => Buffer::Str(numbers.map(|x| Arc::from(format!("text {}", x % 5))).collect()),
    };
    Chunk::from_buffer(shape, config.dtype, buffer)
}

impl ChunkSource for Numbers {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "numbers".into(), config: self.text.clone() }
    }

    fn label(&self) -> String {
        format!("{} numbers", self.config.dtype)
    }

    fn dtype(&self) -> DType {
        self.config.dtype
    }

    fn grid(&self) -> &ChunkGrid {
        &self.config.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        let grid = &self.config.grid;
        let number = index.iter().zip(grid.counts()).fold(0, |number, (&i, count)| number * count + i);
        *out = values(&self.config, grid, number)?;
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        self.config.grid.max_chunk().iter().product::<usize>() * 16
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        self.resident.as_ref()
    }
}

fn open(dtype: DType, shape: &[usize], chunks: Vec<Vec<usize>>, in_memory: bool) -> Array {
    let axes = chunks.iter().map(|sizes| graticule_array::AxisChunks::from_sizes(sizes)).collect();
    let grid = ChunkGrid::new(axes);
    assert_eq!(grid.shape(), shape);
    let text = serde_json::to_string(&Config { dtype, grid, in_memory }).unwrap();
    Array::from_source(Arc::new(Numbers::open(&text).unwrap())).unwrap()
}

/// Numbers in chunks of some sizes along each axis.
pub(crate) fn numbers(dtype: DType, chunks: &[&[usize]]) -> Array {
    let chunks: Vec<Vec<usize>> = chunks.iter().map(|sizes| sizes.to_vec()).collect();
    let shape: Vec<usize> = chunks.iter().map(|sizes| sizes.iter().sum()).collect();
    open(dtype, &shape, chunks, false)
}

/// Numbers that are in memory.
pub(crate) fn in_memory(dtype: DType, chunks: &[&[usize]]) -> Array {
    let chunks: Vec<Vec<usize>> = chunks.iter().map(|sizes| sizes.to_vec()).collect();
    let shape: Vec<usize> = chunks.iter().map(|sizes| sizes.iter().sum()).collect();
    open(dtype, &shape, chunks, true)
}

/// The unit of the times here.
pub(crate) const TIME: DType = DType::Datetime(TimeUnit::Second);

/// A function on blocks: its floats times a factor.
pub(crate) fn times(factor: &str) -> Result<Arc<BlockFn>> {
    let factor: f64 = factor.parse().map_err(|error: std::num::ParseFloatError| Error::Argument {
        argument: "factor",
        value: factor.into(),
        hint: error.to_string(),
    })?;
    Ok(Arc::new(move |_, blocks| match blocks {
        [block, ..] => {
            Chunk::new(block.shape().to_vec(), block.to_f64().iter().map(|x| x * factor).collect())
        }
        [] => Chunk::new(vec![0], Vec::<f64>::new()),
    }))
}

/// A function on blocks: the outer product of two.
pub(crate) fn outer() -> Arc<BlockFn> {
    Arc::new(|_, blocks| match blocks {
        [a, b] => {
            let (a, b) = (a.to_f64(), b.to_f64());
            let products = a.iter().flat_map(|x| b.iter().map(move |y| x * y)).collect();
            Chunk::new(vec![a.len(), b.len()], products)
        }
        _ => Chunk::new(vec![0, 0], Vec::<f64>::new()),
    })
}

/// A function on blocks: the positions along the only axis.
pub(crate) fn positions() -> Arc<BlockFn> {
    Arc::new(|info, _| match info.region {
        [range] => Chunk::new(vec![range.len()], range.clone().map(|i| i as f64).collect()),
        _ => Chunk::new(vec![0], Vec::<f64>::new()),
    })
}

/// What both processes know.
pub(crate) fn registry() -> Registry {
    Registry::default()
        .with("numbers", |spec| Ok(Arc::new(Numbers::open(&spec.config)?)))
        .with_function("times", times)
        .with_function("outer", |_| Ok(outer()))
        .with_function("positions", |_| Ok(positions()))
}
