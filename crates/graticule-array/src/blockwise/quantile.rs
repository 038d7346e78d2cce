//! Quantiles along axes that are in one chunk.

use serde::{Deserialize, Serialize};

use crate::blockwise::along::{check_whole, largest, only, part, scratch};
use crate::blockwise::sort::{stored, written_as};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::lines::{self, Lines};
use crate::kernel::order::{Measured, Ordered, key_bytes, place, with_measured};
use crate::kernel::quantile::{Blend, Estimate, Position, position};
use crate::scalar::Float;

/// Quantiles along some axes. The first of them holds the quantiles in the result, the others have one element.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantile {
    /// Increasing, at least one.
    pub(crate) axes: Vec<usize>,
    pub(crate) sample: Sample,
}

/// What is asked of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Which quantiles, from 0 to 1.
    pub(crate) points: Vec<Float>,
    pub(crate) estimate: Estimate,
    /// Whether missing values are left out; otherwise one makes the result missing.
    pub(crate) skipna: bool,
}

impl Sample {
    /// The dtype of the result.
    pub(crate) fn dtype(&self, dtype: DType) -> Result<DType> {
        match dtype {
            DType::Str => Err(Error::Dtype {
                operation: self.label(),
                dtype,
                hint: "text has no distances; sort or unique put it in order".into(),
            }),
            _ if self.estimate.takes_a_value() || dtype.is_time() => Ok(dtype),
            DType::F32 => Ok(DType::F32),
            DType::Bool
            | DType::I8
            | DType::I16
            | DType::I32
            | DType::I64
            | DType::U8
            | DType::U16
            | DType::U32
            | DType::U64
            | DType::F64
            | DType::Datetime(_)
            | DType::Timedelta(_) => Ok(DType::F64),
        }
    }

    pub(crate) fn label(&self) -> String {
        let nan = if self.skipna { "nan" } else { "" };
        let points = match self.points.as_slice() {
            points @ ([] | [_] | [_, _] | [_, _, _]) => {
                points.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            points => format!("{} points", points.len()),
        };
        match self.estimate {
            Estimate::Median => format!("{nan}median"),
            Estimate::Quantile(method) => format!("{nan}quantile({points}; {method})"),
        }
    }

    /// Where the quantiles of `n` sorted values are.
    pub(crate) fn positions(&self, n: usize) -> Vec<Position> {
        self.points.iter().map(|q| position(self.estimate, q.get(), n)).collect()
    }
}

impl Kernel for Quantile {
    fn label(&self) -> String {
        format!("{} along axes {:?}", self.sample.label(), self.axes)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let input = only(&self.label(), inputs)?;
        check_whole(&self.label(), &self.axes, input)?;
        let Some(&first) = self.axes.first() else {
            return Err(Error::argument("axes", "[]", "a quantile is taken along at least one axis"));
        };
        let dtype = self.sample.dtype(input.dtype)?;
        let len: usize = self.axes.iter().map(|&axis| input.len(axis)).product();
        let gives_nan = self.sample.skipna || self.sample.estimate == Estimate::Median;
        if len == 0 && !(gives_nan && dtype.has_missing()) {
            let hint = "of no values there is none; select a part that is not empty";
            return Err(Error::argument(
                "axes",
                format!("{:?} of shape {:?}", self.axes, input.grid.shape()),
                hint,
            ));
        }
        let axes = input.grid.axes().iter().enumerate().map(|(axis, chunks)| {
            if axis == first {
                AxisChunks::regular(self.sample.points.len(), 0)
            } else if self.axes.contains(&axis) {
                AxisChunks::regular(1, 1)
            } else {
                chunks.clone()
            }
        });
        Ok((dtype, ChunkGrid::new(axes.collect())))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let mut region = grid.region(index);
        for &axis in &self.axes {
            region[axis] = 0..inputs.first().map_or(0, |input| input.len(axis));
        }
        part(region)
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let Some(input) = inputs.first() else { return Vec::new() };
        vec![(0, largest(grid, self.axes.iter().map(|&axis| (axis, input.len(axis)))))]
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let Some(input) = inputs.first() else { return 0 };
        let block = largest(grid, self.axes.iter().map(|&axis| (axis, input.len(axis))));
        let points = self.sample.points.len();
        let results = points * (64 * size_of::<u64>() + size_of::<Position>() + 2 * size_of::<usize>());
        scratch(input.dtype, &block, &self.axes) + results + Lines::bytes(&grid.max_chunk(), &self.axes)
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|axis| !self.axes.contains(axis)).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let defect = || Err(Error::defect("a quantile of text was accepted"));
        let dtype = target.inputs.first().map_or(DType::F64, |input| input.dtype);
        with_measured!(dtype, K => {
            let Some(x) = parts.first() else { return nothing::<K>(&self.sample, out) };
            if self.sample.estimate.takes_a_value() {
                self.select::<K, _>(x, out, |low, _, _| K::value(&low), || K::value(&K::no_value()))
            } else {
                self.select::<K, _>(x, out, blend::<K>, K::no_mean)
            }
        }, text => defect())
    }
}

/// What is made of two values.
pub(crate) fn blend<M: Measured>(low: M::Key, high: M::Key, how: Blend) -> M::Between {
    match how {
        Blend::Value => M::as_mean(low),
        Blend::Lerp(weight) => M::lerp(low, high, weight),
        Blend::Mean => M::mean(low, high),
    }
}

/// The quantiles of no values.
pub(crate) fn nothing<M: Measured>(sample: &Sample, out: &mut Chunk) -> Result<()> {
    if sample.estimate.takes_a_value() {
        written_as::<M::Element>(out)?.fill(M::value(&M::no_value()));
    } else {
        written_as::<M::Between>(out)?.fill(M::no_mean());
    }
    Ok(())
}

impl Quantile {
    fn select<M: Measured, T: Element>(
        &self,
        x: &Chunk,
        out: &mut Chunk,
        blend: impl Fn(M::Key, M::Key, Blend) -> T,
        none: impl Fn() -> T,
    ) -> Result<()> {
        let (lines, to) = (Lines::new(x.shape(), &self.axes), Lines::new(out.shape(), &self.axes));
        let values = stored::<M::Element>(x)?;
        let out = written_as::<T>(out)?;
        let stride = lines::stride(lines.len);
        let width = lines::width(lines.len, key_bytes(x.dtype()), x.len() / lines.len.max(1));
        let mut keys = vec![M::no_value(); width * stride];
        let points = self.sample.points.len();
        let mut results = vec![none(); width * points];
        let mut wanted = Wanted::default();
        for bundle in lines.bundles(width) {
            lines.gather(bundle, values, &mut keys, stride, M::key);
            for (row, results) in
                keys.chunks_mut(stride).take(bundle.width).zip(results.chunks_mut(points.max(1)))
            {
                let row = &mut row[..lines.len];
                let valid = drop_missing::<M>(row);
                if valid == 0 || (valid < row.len() && !self.sample.skipna) {
                    results.fill(none());
                    continue;
                }
                let row = &mut row[..valid];
                wanted.set(&self.sample, valid);
                place(row, &wanted.places);
                for (result, at) in results.iter_mut().zip(&wanted.positions) {
                    *result = blend(row[at.low], row[at.high], at.blend);
                }
            }
            to.scatter(bundle, out, |line, i| results[line * points + i].clone());
        }
        Ok(())
    }
}

/// Moves keys of values to the front, in order, and says how many there are.
fn drop_missing<M: Measured>(row: &mut [M::Key]) -> usize {
    let missing = row.iter().filter(|key| M::is_missing(key)).count();
    if missing == 0 {
        return row.len();
    }
    let mut valid = 0;
    for i in 0..row.len() {
        let key = row[i];
        row[valid] = key;
        valid += usize::from(!M::is_missing(&key));
    }
    valid
}

/// Where quantiles are in samples of one size.
#[derive(Default)]
struct Wanted {
    size: usize,
    positions: Vec<Position>,
    /// All positions that values are taken from, increasing.
    places: Vec<usize>,
}

impl Wanted {
    fn set(&mut self, sample: &Sample, size: usize) {
        if self.size == size {
            return;
        }
        self.size = size;
        self.positions = sample.positions(size);
        self.places = self.positions.iter().flat_map(|at| [at.low, at.high]).collect();
        self.places.sort_unstable();
        self.places.dedup();
    }
}
