//! Aggregations of blocks of neighbouring elements, which do not overlap.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::aggregation::{Aggregation, Statistic};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::copy::c_strides;
use crate::kernel::lane::{Access, Lane, TILE, load};
use crate::kernel::state::{Cells, State};

/// A window along the last axis that is at least as long is folded as a row; shorter ones side by side.
const ROW: usize = 32;

/// How an axis is cut into windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Windows {
    /// The length of a window.
    pub(crate) size: usize,
    /// How many windows there are.
    pub(crate) count: usize,
    /// Where the first window starts: before the axis where that window is short.
    pub(crate) start: isize,
}

impl Windows {
    /// The elements of some windows, as far as an axis of `len` has them.
    fn elements(&self, windows: &Range<usize>, len: usize) -> Range<usize> {
        let at = |window: usize| {
            let position = self.start as i128 + window as i128 * self.size as i128;
            usize::try_from(position.max(0)).map_or(len, |position| position.min(len))
        };
        at(windows.start)..at(windows.end)
    }
}

/// An aggregation of each block of neighbouring elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coarsen {
    /// What is computed.
    pub(crate) aggregation: Aggregation,
    /// The windows of each axis; of axes that stay as they are, windows of one element.
    pub(crate) windows: Vec<Windows>,
}

impl Coarsen {
    fn elements(&self, region: &[Range<usize>], input: &Operand<'_>) -> Vec<Range<usize>> {
        let axes = self.windows.iter().zip(region).enumerate();
        axes.map(|(axis, (windows, range))| windows.elements(range, input.len(axis))).collect()
    }

    /// The chunks of an axis of the result: a window goes with the chunk that holds its last element.
    fn chunks(windows: &Windows, chunks: &AxisChunks) -> AxisChunks {
        if windows.size == 1 {
            return chunks.clone();
        }
        if let AxisChunks::Regular { size, .. } = *chunks
            && windows.start == 0
            && size % windows.size == 0
        {
            return AxisChunks::regular(windows.count, size / windows.size);
        }
        let mut done = 0;
        let sizes = (0..chunks.count()).map(|chunk| {
            let end = chunks.range(chunk).end as i128 - windows.start as i128;
            let complete = usize::try_from(end / windows.size as i128).unwrap_or(usize::MAX);
            let end = if chunk + 1 == chunks.count() { windows.count } else { complete.min(windows.count) };
            end - std::mem::replace(&mut done, end)
        });
        AxisChunks::from_sizes(&sizes.collect::<Vec<_>>())
    }
}

impl Kernel for Coarsen {
    fn label(&self) -> String {
        let sizes: Vec<String> = self.windows.iter().map(|windows| windows.size.to_string()).collect();
        format!("{} of blocks of ({})", self.aggregation, sizes.join(", "))
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let [input] = inputs else {
            return Err(Error::argument("inputs", inputs.len(), "windows are of exactly one array"));
        };
        if self.windows.len() != input.ndim() {
            let hint = format!("give windows for each of the {} axes", input.ndim());
            return Err(Error::argument("windows", self.windows.len(), hint));
        }
        for (axis, windows) in self.windows.iter().enumerate() {
            let Windows { size, count, start } = *windows;
            let len = input.len(axis) as i128;
            let end = start as i128 + size as i128 * count as i128;
            let fits = size > 0
                && count <= input.len(axis)
                && (count == 0 || (start as i128 > -(size as i128) && end - (size as i128) < len));
            if !fits || (size == 1 && (start != 0 || end != len)) {
                return Err(Error::argument("window", size, format!("it does not fit an axis of {len}")));
            }
        }
        if let Statistic::Histogram { .. } | Statistic::Cov { .. } | Statistic::Corr = self.aggregation.kind {
            return Err(Error::argument("statistic", &self.aggregation, "it is a statistic of whole arrays"));
        }
        let (argument, dtype) = self.aggregation.dtypes(input.dtype)?;
        if argument != input.dtype {
            return Err(Error::Dtype {
                operation: self.label(),
                dtype: input.dtype,
                hint: format!("cast to {argument} first"),
            });
        }
        let axes = self.windows.iter().zip(input.grid.axes());
        Ok((dtype, ChunkGrid::new(axes.map(|(windows, chunks)| Self::chunks(windows, chunks)).collect())))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        vec![Part { input: 0, region: self.elements(&grid.region(index), &inputs[0]) }]
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let chunk = grid.max_chunk();
        let axes = self.windows.iter().zip(chunk).enumerate();
        let most =
            axes.map(|(axis, (windows, count))| count.saturating_mul(windows.size).min(inputs[0].len(axis)));
        vec![(0, most.collect())]
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        let cells: usize = grid.max_chunk().iter().product();
        // The state, results as they leave it in 64 bits and in their own dtype, and a tile.
        cells.saturating_mul(self.aggregation.state_bytes() + 16) + TILE * 16 + 4096
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn independent_axes(&self, _: usize) -> Vec<usize> {
        Vec::new()
    }

    fn cut_along(&self, _: usize) -> Vec<usize> {
        let windows = self.windows.iter().enumerate();
        windows.filter(|(_, windows)| windows.size == 1).map(|(axis, _)| axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [values] = parts else { return Err(Error::defect("windows without their values")) };
        let cells = target.region.iter().map(ExactSizeIterator::len).product();
        let mut state = State::new(&self.aggregation, values.dtype(), cells);
        let mut lane = Lane::empty(values.dtype());
        let part = &target.parts[target.first].region;
        // Windows at the ends of an axis may be short: they are folded apart from the others.
        let pieces: Vec<Vec<Piece>> = (0..self.windows.len())
            .map(|axis| pieces(&self.windows[axis], &target.region[axis], &part[axis]))
            .collect();
        let strides = Strides {
            values: c_strides(values.shape()),
            cells: c_strides(out.shape()),
            positions: c_strides(&self.windows.iter().map(|windows| windows.size).collect::<Vec<_>>()),
        };
        let mut chosen = vec![0; pieces.len()];
        loop {
            let piece: Option<Vec<&Piece>> = pieces.iter().zip(&chosen).map(|(of, &i)| of.get(i)).collect();
            let Some(piece) = piece else { break };
            fold(&mut state, values, &piece, &strides, &mut lane);
            let Some(axis) = (0..chosen.len()).rev().find(|&axis| chosen[axis] + 1 < pieces[axis].len())
            else {
                break;
            };
            chosen[axis] += 1;
            chosen[axis + 1..].fill(0);
        }
        *out.buffer_mut() = state.finish(out.dtype());
        Ok(())
    }
}

/// Windows of one length that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// How many windows.
    count: usize,
    /// How many elements of each are there.
    size: usize,
    /// The first element, counted from the start of the part.
    from: usize,
    /// The first window, counted from the start of the block.
    cell: usize,
    /// Where in its window the first element is.
    position: usize,
}

/// The windows of a block along an axis, whose elements are at `part`.
fn pieces(windows: &Windows, block: &Range<usize>, part: &Range<usize>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let start = |window: usize| windows.start as i128 + window as i128 * windows.size as i128;
    let mut window = block.start;
    while window < block.end {
        let begin = start(window);
        let whole = begin >= part.start as i128 && begin + windows.size as i128 <= part.end as i128;
        let count = if whole { ((part.end as i128 - begin) / windows.size as i128) as usize } else { 1 };
        let count = count.min(block.end - window);
        let (from, to) =
            (begin.max(part.start as i128), (begin + windows.size as i128).min(part.end as i128));
        pieces.push(Piece {
            count,
            size: (to - from).max(0) as usize,
            from: (from - part.start as i128).max(0) as usize,
            cell: window - block.start,
            position: (from - begin) as usize,
        });
        window += count;
    }
    pieces
}

/// Distances between neighbours along each axis.
struct Strides {
    values: Vec<usize>,
    cells: Vec<usize>,
    positions: Vec<usize>,
}

/// Folds the windows of a box in, whose lengths are equal along each axis.
///
/// Every axis is two: that of the windows, and that inside a window. The order in which the values of a window come is the
/// same whatever the block, so that results do not depend on the chunks.
fn fold(state: &mut State, values: &Chunk, piece: &[&Piece], strides: &Strides, lane: &mut Lane) {
    let (mut dims, mut from) = (Vec::new(), Access { start: 0, strides: Vec::new() });
    let (mut cell, mut position) = (from.clone(), from.clone());
    for (axis, piece) in piece.iter().enumerate() {
        let (value, result, place) = (strides.values[axis], strides.cells[axis], strides.positions[axis]);
        from.start += (piece.from * value) as isize;
        cell.start += (piece.cell * result) as isize;
        position.start += (piece.position * place) as isize;
        let among = (piece.count, piece.size * value, result, 0);
        let inside = (piece.size, value, 0, place);
        let last = axis + 1 == strides.values.len();
        // Rows run along the windows, unless those are long.
        let order = if last && piece.size < ROW { [inside, among] } else { [among, inside] };
        for (len, value, result, place) in order {
            dims.push(len);
            from.strides.push(value as isize);
            cell.strides.push(result as isize);
            position.strides.push(place as isize);
        }
    }
    tiles(&dims, |origin, dims| {
        lane.reset(values.dtype(), dims.iter().product());
        load(values.buffer(), &from.from(origin), dims, lane);
        let cells = Cells { cell: cell.from(origin), position: position.from(origin) };
        state.fold(lane.values(), None, dims, &cells);
    });
}

/// Cuts a box into tiles of at most [`TILE`] elements, in C order.
fn tiles(dims: &[usize], mut tile: impl FnMut(&[usize], &[usize])) {
    if dims.contains(&0) {
        return;
    }
    // Whole axes at the end, a part of the one before them, single positions along the others.
    let mut shape = vec![1; dims.len()];
    let mut room = TILE;
    for (size, &len) in shape.iter_mut().zip(dims).rev() {
        *size = len.min(room);
        room = if *size == len { room / len } else { 1 };
        if room <= 1 {
            break;
        }
    }
    let mut origin = vec![0; dims.len()];
    loop {
        let own: Vec<usize> =
            dims.iter().zip(&origin).zip(&shape).map(|((len, at), size)| (*size).min(len - at)).collect();
        tile(&origin, &own);
        let next = (0..dims.len()).rev().find(|&axis| origin[axis] + shape[axis] < dims[axis]);
        let Some(axis) = next else { return };
        origin[axis] += shape[axis];
        origin[axis + 1..].fill(0);
    }
}
