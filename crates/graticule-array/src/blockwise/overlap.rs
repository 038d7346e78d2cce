//! Blocks with elements of their neighbours around them, and such blocks without those elements again.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Delivery, Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::copy::c_strides;
use crate::scalar::Scalar;

/// What lies outside an array, around the blocks at its border.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Boundary {
    /// Nothing: blocks end at the border.
    None,
    /// A value.
    Constant(Scalar),
    /// The elements at the border in reverse order, the first one included: `c b a | a b c`, which dask.array and
    /// scipy.ndimage call `reflect` and numpy.pad `symmetric`.
    Reflect,
    /// The element at the border again and again: `a a a | a b c`.
    Nearest,
    /// The elements at the other end: `x y z | a b c … x y z`.
    Periodic,
}

/// How far blocks reach beyond their chunk along an axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Halo {
    /// Elements before the chunk.
    pub(crate) before: usize,
    /// Elements after the chunk.
    pub(crate) after: usize,
    /// What lies outside the array.
    pub(crate) boundary: Boundary,
}

impl Halo {
    pub(crate) fn is_none(&self) -> bool {
        self.before == 0 && self.after == 0
    }

    /// How far the chunk at `range` of an axis of `len` reaches before and after itself.
    fn of(&self, range: &Range<usize>, len: usize) -> (usize, usize) {
        match self.boundary {
            Boundary::None => (self.before.min(range.start), self.after.min(len - range.end)),
            Boundary::Constant(_) | Boundary::Reflect | Boundary::Nearest | Boundary::Periodic => {
                (self.before, self.after)
            }
        }
    }

    /// The chunks of an axis, each with the elements around it.
    fn around(&self, chunks: &AxisChunks) -> AxisChunks {
        if self.is_none() {
            return chunks.clone();
        }
        let ranges = (0..chunks.count()).map(|i| chunks.range(i));
        let sizes = ranges.map(|range| {
            let (before, after) = self.of(&range, chunks.len());
            before + range.len() + after
        });
        AxisChunks::from_sizes(&sizes.collect::<Vec<_>>())
    }
}

fn label(what: &str, halos: &[Halo]) -> String {
    let depths: Vec<String> = halos
        .iter()
        .map(|halo| match (halo.before, halo.after) {
            (before, after) if before == after => before.to_string(),
            (before, after) => format!("{before}+{after}"),
        })
        .collect();
    format!("{what} overlap of ({})", depths.join(", "))
}

fn only<'a>(inputs: &'a [Operand<'a>], halos: &[Halo]) -> Result<&'a Operand<'a>> {
    match inputs {
        [input] if input.ndim() == halos.len() => Ok(input),
        [input] => {
            let hint = format!("give one for each of the {} axes", input.ndim());
            Err(Error::argument("depths", halos.len(), hint))
        }
        _ => Err(Error::argument("inputs", inputs.len(), "blocks overlap in exactly one array")),
    }
}

/// Each chunk with the elements around it: the chunks of the result overlap in what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Overlap {
    /// How far along each axis.
    pub(crate) halos: Vec<Halo>,
}

/// Elements of a block along one axis, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    /// Where in the block.
    to: Range<usize>,
    /// Which elements of the input.
    from: Range<usize>,
    /// How the position in the input changes from one element to the next: 1, -1, or 0 for a single element.
    step: isize,
}

/// What a block consists of along an axis. What is left out is the constant outside the array.
fn segments(
    chunk: &Range<usize>,
    (before, after): (usize, usize),
    len: usize,
    boundary: &Boundary,
) -> Vec<Segment> {
    let inside = chunk.start.saturating_sub(before)..(chunk.end + after).min(len);
    let left = before - (chunk.start - inside.start);
    let right = after - (inside.end - chunk.end);
    let end = left + inside.len();
    let (outside, step) = match boundary {
        Boundary::None | Boundary::Constant(_) => (None, 0),
        Boundary::Reflect => (Some((0..left, len - right..len)), -1),
        Boundary::Nearest => (Some((0..1, len - 1..len)), 0),
        Boundary::Periodic => (Some((len - left..len, 0..right)), 1),
    };
    let mut segments = vec![Segment { to: left..end, from: inside, step: 1 }];
    if let Some((head, tail)) = outside {
        segments.push(Segment { to: 0..left, from: head, step });
        segments.push(Segment { to: end..end + right, from: tail, step });
    }
    segments.retain(|segment| !segment.to.is_empty());
    segments
}

impl Overlap {
    /// What block `index` consists of: one segment of each axis.
    fn boxes(&self, index: &[usize], input: &Operand<'_>) -> Vec<Vec<Segment>> {
        let mut boxes = vec![Vec::new()];
        for ((halo, chunks), &i) in self.halos.iter().zip(input.grid.axes()).zip(index) {
            let (range, len) = (chunks.range(i), chunks.len());
            let segments = segments(&range, halo.of(&range, len), len, &halo.boundary);
            boxes = boxes
                .iter()
                .flat_map(|of| {
                    segments.iter().map(|segment| [of.as_slice(), std::slice::from_ref(segment)].concat())
                })
                .collect();
        }
        boxes
    }
}

impl Kernel for Overlap {
    fn label(&self) -> String {
        label("blocks with an", &self.halos)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let input = only(inputs, &self.halos)?;
        let mut axes = Vec::with_capacity(self.halos.len());
        let mut constant = None;
        for (axis, (halo, chunks)) in self.halos.iter().zip(input.grid.axes()).enumerate() {
            let depth = halo.before.max(halo.after);
            if depth > chunks.len() && !chunks.is_empty() {
                let hint = format!("axis {axis} has {} elements; use at most as many", chunks.len());
                return Err(Error::argument("depth", depth, hint));
            }
            if chunks.count().checked_mul(2 * depth).is_none_or(|more| more > isize::MAX as usize / 64) {
                return Err(Error::argument(
                    "depth",
                    depth,
                    "the result has more elements than can be counted",
                ));
            }
            if let (Boundary::Constant(value), false) = (&halo.boundary, halo.is_none()) {
                if value.convert(input.dtype).is_none() {
                    let hint = format!("{} cannot hold it", input.dtype);
                    return Err(Error::argument("boundary", value, hint));
                }
                if constant.is_some_and(|other| other != value) {
                    return Err(Error::argument("boundary", value, "use one value for all axes"));
                }
                constant = Some(value);
            }
            axes.push(halo.around(chunks));
        }
        Ok((input.dtype, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let boxes = self.boxes(index, &inputs[0]).into_iter();
        boxes
            .map(|of| Part { input: 0, region: of.into_iter().map(|segment| segment.from).collect() })
            .collect()
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, grid.max_chunk())]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    /// The elements at a border may be needed several times: they come one after another.
    fn delivery(&self) -> Delivery {
        Delivery::OneByOne
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        self.halos.iter().zip(grid.axes()).all(|(halo, chunks)| {
            let outside = matches!(halo.boundary, Boundary::None | Boundary::Constant(_));
            halo.is_none() || (chunks.count() <= 1 && outside)
        })
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| self.halos[axis].is_none()).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [values] = parts else { return Err(Error::defect("an overlap without its elements")) };
        let boxes = self.boxes(target.index, &target.inputs[0]);
        let Some(of) = boxes.get(target.first) else {
            return Err(Error::defect("a part of an overlap that was not asked for"));
        };
        if target.first == 0 {
            let constant = self.halos.iter().find_map(|halo| match &halo.boundary {
                Boundary::Constant(value) if !halo.is_none() => value.convert(out.dtype()),
                Boundary::Constant(_)
                | Boundary::None
                | Boundary::Reflect
                | Boundary::Nearest
                | Boundary::Periodic => None,
            });
            if let Some(constant) = constant {
                fill(out, &constant);
            }
        }
        place(values, of, out);
        Ok(())
    }
}

fn fill(out: &mut Chunk, value: &Scalar) {
    macro_rules! fill {
        ($integer:expr, $($variant:ident as $t:ty),+) => {
            match out.buffer_mut() {
                $(Buffer::$variant(v) => v.fill($integer as $t),)+
                Buffer::Bool(v) => v.fill(value.to_f64() != 0.0),
                Buffer::F32(v) => v.fill(value.to_f64() as f32),
                Buffer::F64(v) => v.fill(value.to_f64()),
                Buffer::U64(v) => v.fill(match value {
                    Scalar::UInt(u) => *u,
                    other => other.to_i64().unwrap_or(0) as u64,
                }),
                Buffer::Str(v) => v.fill(match value {
                    Scalar::Str(text) => text.clone(),
                    _ => "".into(),
                }),
            }
        };
    }
    fill!(
        match value {
            Scalar::UInt(u) => *u as i64,
            other => other.to_i64().unwrap_or(0),
        },
        I8 as i8,
        I16 as i16,
        I32 as i32,
        I64 as i64,
        U8 as u8,
        U16 as u16,
        U32 as u32
    );
}

/// Copies a part to where the segments say.
fn place(values: &Chunk, of: &[Segment], out: &mut Chunk) {
    let (from_strides, to_strides) = (c_strides(values.shape()), c_strides(out.shape()));
    let (mut from_start, mut to_start) = (0, 0);
    let mut axes = Vec::with_capacity(of.len());
    for (axis, segment) in of.iter().enumerate() {
        to_start += segment.to.start * to_strides[axis];
        if segment.step < 0 {
            from_start += (segment.from.len() - 1) * from_strides[axis];
        }
        axes.push(Walk {
            len: segment.to.len(),
            from: segment.step * from_strides[axis] as isize,
            to: to_strides[axis],
        });
    }
    macro_rules! same_type {
        ($($variant:ident)+) => {
            match (values.buffer(), out.buffer_mut()) {
                $((Buffer::$variant(from), Buffer::$variant(to)) => {
                    copy(from, from_start as isize, to, to_start, &axes);
                })+
                (from, to) => debug_assert!(false, "copying {from:?} into {to:?}"),
            }
        };
    }
    same_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
}

/// Steps along one axis, in two blocks at once.
struct Walk {
    len: usize,
    from: isize,
    to: usize,
}

fn copy<T: Clone>(from: &[T], from_start: isize, to: &mut [T], to_start: usize, axes: &[Walk]) {
    match axes {
        [] => to[to_start] = from[from_start as usize].clone(),
        [Walk { len, from: 1, to: 1 }] => {
            let start = from_start as usize;
            to[to_start..to_start + len].clone_from_slice(&from[start..start + len]);
        }
        [walk, rest @ ..] => {
            for i in 0..walk.len {
                copy(from, from_start + walk.from * i as isize, to, to_start + walk.to * i, rest);
            }
        }
    }
}

/// Blocks that overlap, without what they overlap by: undoes [`Overlap`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trim {
    /// How far the blocks overlap along each axis.
    pub(crate) halos: Vec<Halo>,
    /// The chunks of the result along the axes on which blocks overlap.
    pub(crate) chunks: Vec<Option<AxisChunks>>,
}

impl Kernel for Trim {
    fn label(&self) -> String {
        label("blocks without an", &self.halos)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let input = only(inputs, &self.halos)?;
        let mut axes = input.grid.axes().to_vec();
        for ((axis, own), halo) in axes.iter_mut().zip(&self.chunks).zip(&self.halos) {
            let Some(own) = own else { continue };
            if halo.around(own) != *axis {
                return Err(Error::Chunks {
                    problem: format!("chunks of {own} with what is around them are not {axis}"),
                    hint: "give the chunks and the depth that the overlap was made with".into(),
                });
            }
            *axis = own.clone();
        }
        Ok((input.dtype, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let axes = self.halos.iter().zip(inputs[0].grid.axes()).zip(grid.axes()).zip(index);
        let region = axes.map(|(((halo, chunks), own), &i)| {
            let range = own.range(i);
            let (before, _) = if halo.is_none() { (0, 0) } else { halo.of(&range, own.len()) };
            let start = chunks.range(i).start + before;
            start..start + range.len()
        });
        vec![Part { input: 0, region: region.collect() }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        vec![(0, grid.max_chunk())]
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        0
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| self.halos[axis].is_none()).collect()
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [values] = parts else { return Err(Error::defect("an overlap without its elements")) };
        let whole: Vec<Range<usize>> = values.shape().iter().map(|&len| 0..len).collect();
        crate::kernel::copy::gather(values, &whole, out);
        Ok(())
    }
}
