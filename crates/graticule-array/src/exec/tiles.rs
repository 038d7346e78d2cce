//! Running a program over a box, tile by tile: nothing larger than a tile exists between a source and a
//! result.

use std::ops::Range;
use std::sync::Arc;

use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::exec::draw::draw;
use crate::exec::group::{Codes, Groups};
use crate::exec::slots::{Slot, Slots};
use crate::function::Unary;
use crate::kernel::lane::{self, Access, Lane, TILE, Values};
use crate::kernel::state::{Cells, State};
use crate::kernel::{cast, evaluate, table};
use crate::plan::program::{Instruction, Place, Program};
use crate::scalar::Scalar;

/// Where the values of a program go.
pub(crate) enum Sink<'a> {
    /// Into the cells of an aggregation.
    Fold { result: usize, second: Option<usize>, state: &'a mut State, cells: Cells },
    /// Into the cells of an aggregation, group by group.
    Group {
        result: usize,
        second: Option<usize>,
        codes: CodesAt,
        states: Vec<(Range<usize>, &'a mut State)>,
        groups: usize,
        kept: usize,
        cells: Cells,
    },
    /// Into a block.
    Store { result: usize, buffer: &'a mut Buffer, access: Access },
}

/// Where the codes of a program's values are.
pub(crate) enum CodesAt {
    /// In a table along one axis of the domain.
    Table(Arc<[i64]>, Access),
    /// Among its results.
    Result(usize),
}

impl Sink<'_> {
    fn accesses(&mut self) -> Vec<&mut Access> {
        match self {
            Self::Fold { cells, .. } => vec![&mut cells.cell, &mut cells.position],
            Self::Group { cells, codes: CodesAt::Table(_, access), .. } => {
                vec![&mut cells.cell, &mut cells.position, access]
            }
            Self::Group { cells, .. } => vec![&mut cells.cell, &mut cells.position],
            Self::Store { access, .. } => vec![access],
        }
    }

    /// The numbers of the results that it takes.
    fn results(&self) -> Vec<usize> {
        match self {
            Self::Fold { result, second, .. } => std::iter::once(*result).chain(*second).collect(),
            Self::Group { result, second, codes, .. } => {
                let codes = if let CodesAt::Result(codes) = codes { Some(*codes) } else { None };
                std::iter::once(*result).chain(*second).chain(codes).collect()
            }
            Self::Store { result, .. } => vec![*result],
        }
    }
}

/// The tiles of one thread, one for each instruction, used again for every tile and every box.
#[derive(Debug, Default)]
pub(crate) struct Tiles {
    lanes: Vec<Lane>,
}

/// Runs a program over a box of the given shape.
pub(crate) fn run(
    program: &mut Program,
    blocks: &[&Chunk],
    slots: &Slots,
    shape: &[usize],
    sinks: &mut [Sink<'_>],
    tiles: &mut Tiles,
) -> Result<()> {
    if shape.contains(&0) {
        return Ok(());
    }
    let dims = coalesce(shape, program, sinks);
    let tile = tile_shape(&dims);
    let order = order(&dims, sinks);
    let last_uses = last_uses(program, sinks);
    let buffers = buffers(program, blocks, slots);
    // A tile of one row is one run of every storage that it walks through step by step.
    let is_row = tile.split_last().is_some_and(|(_, outer)| outer.iter().all(|&len| len == 1));
    let mut origin = vec![0; dims.len()];
    let mut dims_here = tile.clone();
    let mut is_first = true;
    loop {
        for (axis, here) in dims_here.iter_mut().enumerate() {
            *here = tile[axis].min(dims[axis] - origin[axis]);
        }
        let len = dims_here.iter().product();
        let around = Around { program, buffers: &buffers, origin: &origin, dims: &dims_here, len, is_row };
        run_tile(&around, &last_uses, tiles, is_first)?;
        is_first = false;
        for sink in sinks.iter_mut() {
            into_sink(sink, &around, &tiles.lanes)?;
        }
        let Some(at) = order.iter().rposition(|&axis| origin[axis] + tile[axis] < dims[axis]) else {
            return Ok(());
        };
        origin[order[at]] += tile[order[at]];
        for &axis in &order[at + 1..] {
            origin[axis] = 0;
        }
    }
}

/// The buffers that instructions load from.
fn buffers<'a>(program: &'a Program, blocks: &[&'a Chunk], slots: &'a Slots) -> Vec<Option<&'a Buffer>> {
    let buffer = |instruction: &'a Instruction| match instruction {
        Instruction::Load { place, .. } | Instruction::LoadUnpacked { place, .. } => match place {
            Place::Block(number) => blocks.get(*number).map(|chunk| chunk.buffer()),
            Place::Memory(chunk) => Some(chunk.buffer()),
            Place::Slot(id) => match slots.get(id) {
                Some(Slot::Memory(chunk)) => Some(chunk.buffer()),
                Some(Slot::Scratch(_)) | None => None,
            },
        },
        _ => None,
    };
    program.instructions.iter().map(buffer).collect()
}

/// The order in which tiles are walked through, slowest axis first: axes that all sinks fold come last, so that cells
/// stay in cache while values are folded into them. Axes that are folded keep their order, so each cell meets its
/// values in the same order.
fn order(dims: &[usize], sinks: &mut [Sink<'_>]) -> Vec<usize> {
    let mut is_folded = vec![true; dims.len()];
    for sink in sinks {
        let cells = match sink {
            Sink::Fold { cells, .. } | Sink::Group { cells, .. } => &cells.cell,
            Sink::Store { access, .. } => access,
        };
        for (is_folded, &stride) in is_folded.iter_mut().zip(&cells.strides) {
            *is_folded &= stride == 0;
        }
    }
    let (folded, kept): (Vec<usize>, Vec<usize>) = (0..dims.len()).partition(|&axis| is_folded[axis]);
    kept.into_iter().chain(folded).collect()
}

/// A tile of a box, and where its values come from.
struct Around<'a> {
    program: &'a Program,
    buffers: &'a [Option<&'a Buffer>],
    origin: &'a [usize],
    dims: &'a [usize],
    len: usize,
    is_row: bool,
}

impl<'a> Around<'a> {
    /// The values of a load where they lie, if they lie there as a tile holds them.
    fn in_place(&self, number: usize) -> Option<Values<'a>> {
        match &self.program.instructions[number] {
            Instruction::Load { access, .. } if self.is_row && access.inner() == 1 => {
                let start = usize::try_from(access.at(self.origin)).ok()?;
                Values::of(self.buffers[number]?, start, self.len)
            }
            _ => None,
        }
    }

    /// The values of an instruction.
    fn values<'b>(&self, lanes: &'b [Lane], number: usize) -> Values<'b>
    where
        'a: 'b,
    {
        self.in_place(number).unwrap_or_else(|| lanes[number].values())
    }
}

fn into_sink(sink: &mut Sink<'_>, around: &Around<'_>, lanes: &[Lane]) -> Result<()> {
    let Around { origin, dims, .. } = *around;
    match sink {
        Sink::Fold { result, second, state, cells } => {
            let second = second.map(|second| around.values(lanes, second));
            state.fold(around.values(lanes, *result), second, dims, &cells.from(origin));
        }
        Sink::Group { result, second, codes, states, groups, kept, cells } => {
            let cells = cells.from(origin);
            let codes = match codes {
                CodesAt::Table(table, access) => Codes::Table(Arc::clone(table), access.from(origin)),
                CodesAt::Result(number) => match around.values(lanes, *number) {
                    Values::I64(codes) => Codes::Tile(codes),
                    _ => return Err(Error::defect("codes of groups that are not int64")),
                },
            };
            let second = second.map(|second| around.values(lanes, second));
            let mut into = Groups { states, groups: *groups, kept: *kept, cells: &cells };
            into.fold(around.values(lanes, *result), second, &codes, dims)?;
        }
        Sink::Store { result, buffer, access } => {
            lane::store(around.values(lanes, *result), dims, buffer, &access.from(origin));
        }
    }
    Ok(())
}

/// Joins neighbouring axes that every storage walks through evenly, and drops axes of length 1: long rows
/// make fast loops.
fn coalesce(shape: &[usize], program: &mut Program, sinks: &mut [Sink<'_>]) -> Vec<usize> {
    let mut accesses: Vec<&mut Access> = program
        .instructions
        .iter_mut()
        .filter_map(|instruction| match instruction {
            Instruction::Load { access, .. }
            | Instruction::LoadUnpacked { access, .. }
            | Instruction::Random { access, .. }
            | Instruction::Ramp { access, .. } => Some(access),
            _ => None,
        })
        .collect();
    accesses.extend(sinks.iter_mut().flat_map(Sink::accesses));
    let mut dims: Vec<usize> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    for (axis, &len) in shape.iter().enumerate() {
        if len == 1 {
            continue;
        }
        let joins = kept.last().is_some_and(|&before| {
            accesses.iter().all(|a| a.strides[before] == a.strides[axis] * len as isize)
        });
        match (joins, dims.last_mut(), kept.last_mut()) {
            (true, Some(dim), Some(before)) => {
                *dim *= len;
                *before = axis;
            }
            _ => {
                dims.push(len);
                kept.push(axis);
            }
        }
    }
    for access in accesses {
        access.strides = kept.iter().map(|&axis| access.strides[axis]).collect();
    }
    dims
}

/// The shape of a tile: as many of the last axes as fit, whole, and a part of the next.
fn tile_shape(dims: &[usize]) -> Vec<usize> {
    let mut tile = vec![1; dims.len()];
    let mut left = TILE;
    for (size, &len) in tile.iter_mut().zip(dims).rev() {
        *size = len.min(left).max(1);
        left /= *size;
        if *size < len {
            break;
        }
    }
    tile
}

/// The number of the last instruction that uses each result. Results that sinks take, and constants, which are
/// filled in once, are used forever.
fn last_uses(program: &Program, sinks: &[Sink<'_>]) -> Vec<usize> {
    let mut last = vec![0; program.instructions.len()];
    for (number, instruction) in program.instructions.iter().enumerate() {
        match instruction {
            Instruction::Unary { x, .. }
            | Instruction::Cast { x, .. }
            | Instruction::Lookup { x, .. }
            | Instruction::Unpack { x, .. } => last[*x] = number,
            Instruction::Binary { x, y, .. } => {
                last[*x] = number;
                last[*y] = number;
            }
            Instruction::Where { cond, yes, no } => {
                last[*cond] = number;
                last[*yes] = number;
                last[*no] = number;
            }
            Instruction::Load { .. }
            | Instruction::LoadUnpacked { .. }
            | Instruction::Random { .. }
            | Instruction::Ramp { .. }
            | Instruction::Const(_) => {}
        }
    }
    for (number, instruction) in program.instructions.iter().enumerate() {
        if matches!(instruction, Instruction::Const(_)) {
            last[number] = usize::MAX;
        }
    }
    for sink in sinks {
        for result in sink.results() {
            last[result] = usize::MAX;
        }
    }
    last
}

fn run_tile(around: &Around<'_>, last_uses: &[usize], tiles: &mut Tiles, is_first: bool) -> Result<()> {
    let Around { program, buffers, origin, dims, len, .. } = *around;
    for (number, instruction) in program.instructions.iter().enumerate() {
        let dtype = program.dtypes[number];
        if number == tiles.lanes.len() {
            tiles.lanes.push(Lane::empty(dtype));
        }
        match instruction {
            Instruction::Load { access, .. } => {
                if around.in_place(number).is_some() {
                    continue;
                }
                let lane = tiles.at(number, dtype, len);
                if let Some(buffer) = buffers[number] {
                    lane::load(buffer, &access.from(origin), dims, lane);
                }
            }
            Instruction::LoadUnpacked { access, unpack, .. } => {
                let lane = tiles.at(number, dtype, len);
                if let (Some(buffer), Lane::F64(v)) = (buffers[number], lane) {
                    lane::load_unpacked(buffer, &access.from(origin), dims, unpack, v);
                }
            }
            Instruction::Random { distribution, seed, access } => {
                let lane = tiles.at(number, dtype, len);
                draw(distribution, *seed, &access.from(origin), dims, lane);
            }
            Instruction::Ramp { start, step, last, access } => {
                let lane = tiles.at(number, dtype, len);
                ramp(start, step, last.as_ref(), &access.from(origin), dims, lane);
            }
            Instruction::Const(value) => {
                let is_filled = !is_first && tiles.lanes[number].len() == len;
                if !is_filled {
                    tiles.at(number, dtype, len).fill(value);
                }
            }
            Instruction::Unary {
                function: function @ (Unary::Isnan | Unary::Isinf | Unary::Isfinite | Unary::Signbit),
                x,
                argument,
            } => {
                let (before, out) = tiles.before(number, dtype, len);
                if let Lane::Bool(out) = out {
                    evaluate::classify(*function, around.values(before, *x), *argument, out);
                }
            }
            Instruction::Unary { function, x, argument } => {
                let lane = tiles.over(around, *x, number, last_uses[*x] == number);
                evaluate::unary(*function, lane, *argument);
            }
            Instruction::Binary { function, x, y, argument } => {
                let is_comparison = evaluate::comparison(*function).is_some();
                let is_free = last_uses[*x] == number && x != y && around.in_place(*x).is_none();
                if !is_comparison && dtype == *argument && is_free {
                    tiles.lanes.swap(*x, number);
                    let (before, out) = tiles.before(number, dtype, len);
                    evaluate::binary(*function, out, around.values(before, *y), dtype);
                    continue;
                }
                let (before, out) = tiles.before(number, dtype, len);
                let (a, b) = (around.values(before, *x), around.values(before, *y));
                match (a, b, out) {
                    (a, b, Lane::Bool(out)) if is_comparison => {
                        evaluate::compare(*function, a, b, *argument, out);
                    }
                    // The only function of times whose result is a number.
                    (Values::I64(a), Values::I64(b), Lane::F64(out)) => evaluate::divide_times(a, b, out),
                    (a, b, out) => evaluate::binary_into(*function, a, b, out, dtype),
                }
            }
            Instruction::Where { cond, yes, no } => {
                let is_last = last_uses[*yes] == number && yes != no && yes != cond;
                tiles.over(around, *yes, number, is_last);
                let (before, out) = tiles.before(number, dtype, len);
                evaluate::choose(around.values(before, *cond), out, around.values(before, *no));
            }
            Instruction::Cast { x, from, casting } => {
                let (before, out) = tiles.before(number, dtype, len);
                cast::cast(around.values(before, *x), *from, dtype, *casting, out)?;
            }
            Instruction::Lookup { x, table } => {
                let (before, out) = tiles.before(number, dtype, len);
                table::lookup(table, around.values(before, *x), out);
            }
            Instruction::Unpack { x, unpack } => {
                if let Lane::F64(v) = tiles.over(around, *x, number, last_uses[*x] == number) {
                    lane::unpack_in_place(v, unpack);
                }
            }
        }
    }
    Ok(())
}

impl Tiles {
    /// The tile of an instruction, made ready to be written.
    fn at(&mut self, number: usize, dtype: DType, len: usize) -> &mut Lane {
        let lane = &mut self.lanes[number];
        lane.reset(dtype, len);
        lane
    }

    /// The tile of an instruction, made ready to be written, beside those of all earlier ones.
    fn before(&mut self, number: usize, dtype: DType, len: usize) -> (&[Lane], &mut Lane) {
        let (before, rest) = self.lanes.split_at_mut(number);
        let out = &mut rest[0];
        out.reset(dtype, len);
        (before, out)
    }

    /// The tile of an instruction, holding the values of an earlier one: taken over where nobody needs them any
    /// more, else copied.
    fn over(&mut self, around: &Around<'_>, x: usize, number: usize, is_last: bool) -> &mut Lane {
        if is_last && around.in_place(x).is_none() {
            self.lanes.swap(x, number);
        } else {
            let (before, out) = self.before(number, around.program.dtypes[number], around.len);
            out.copy_from(around.values(before, x));
        }
        &mut self.lanes[number]
    }
}

fn ramp(
    start: &Scalar,
    step: &Scalar,
    last: Option<&(usize, Scalar)>,
    access: &Access,
    dims: &[usize],
    lane: &mut Lane,
) {
    let len = dims.last().copied().unwrap_or(1);
    access.rows(dims, |offset, at| match lane {
        Lane::F64(v) => {
            let (start, step) = (start.to_f64(), step.to_f64());
            for (i, x) in v[offset..offset + len].iter_mut().enumerate() {
                let position = at + i as isize * access.inner();
                *x = match last {
                    Some((end, value)) if position == *end as isize => value.to_f64(),
                    _ => start + step * position as f64,
                };
            }
        }
        Lane::I64(v) => {
            let (start, step) = (start.to_i64().unwrap_or(0), step.to_i64().unwrap_or(0));
            for (i, x) in v[offset..offset + len].iter_mut().enumerate() {
                let position = (at + i as isize * access.inner()) as i64;
                *x = start.wrapping_add(step.wrapping_mul(position));
            }
        }
        // Ranges are made of int64 and float64 only.
        Lane::U64(_) | Lane::Bool(_) | Lane::Str(_) => {}
    });
}
