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
    let last_uses = last_uses(program, sinks);
    let places: Vec<Option<&Buffer>> = program
        .instructions
        .iter()
        .map(|instruction| match instruction {
            Instruction::Load { place, .. } | Instruction::LoadUnpacked { place, .. } => match place {
                Place::Block(number) => blocks.get(*number).map(|chunk| chunk.buffer()),
                Place::Memory(chunk) => Some(chunk.buffer()),
                Place::Slot(id) => match slots.get(id) {
                    Some(Slot::Memory(chunk)) => Some(chunk.buffer()),
                    Some(Slot::Scratch(_)) | None => None,
                },
            },
            _ => None,
        })
        .collect();
    let mut origin = vec![0; dims.len()];
    let mut is_first = true;
    loop {
        let dims_here: Vec<usize> =
            origin.iter().zip(&dims).zip(&tile).map(|((&o, &d), &t)| t.min(d - o)).collect();
        run_tile(program, &places, &origin, &dims_here, &last_uses, tiles, is_first)?;
        is_first = false;
        for sink in sinks.iter_mut() {
            match sink {
                Sink::Fold { result, second, state, cells } => {
                    let second = second.map(|second| tiles.lanes[second].values());
                    state.fold(tiles.lanes[*result].values(), second, &dims_here, &cells.from(&origin));
                }
                Sink::Group { result, second, codes, states, groups, kept, cells } => {
                    let cells = cells.from(&origin);
                    let codes = match codes {
                        CodesAt::Table(table, access) => {
                            Codes::Table(Arc::clone(table), access.from(&origin))
                        }
                        CodesAt::Result(number) => match tiles.lanes[*number].values() {
                            Values::I64(codes) => Codes::Tile(codes),
                            _ => return Err(Error::defect("codes of groups that are not int64")),
                        },
                    };
                    let second = second.map(|second| tiles.lanes[second].values());
                    let mut into = Groups { states, groups: *groups, kept: *kept, cells: &cells };
                    into.fold(tiles.lanes[*result].values(), second, &codes, &dims_here)?;
                }
                Sink::Store { result, buffer, access } => {
                    lane::store(&tiles.lanes[*result], &dims_here, buffer, &access.from(&origin));
                }
            }
        }
        let Some(axis) = (0..dims.len()).rev().find(|&axis| origin[axis] + tile[axis] < dims[axis]) else {
            return Ok(());
        };
        origin[axis] += tile[axis];
        origin[axis + 1..].fill(0);
    }
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

fn run_tile(
    program: &Program,
    places: &[Option<&Buffer>],
    origin: &[usize],
    dims: &[usize],
    last_uses: &[usize],
    tiles: &mut Tiles,
    is_first: bool,
) -> Result<()> {
    let len: usize = dims.iter().product();
    for (number, instruction) in program.instructions.iter().enumerate() {
        let dtype = program.dtypes[number];
        if number == tiles.lanes.len() {
            tiles.lanes.push(Lane::empty(dtype));
        }
        match instruction {
            Instruction::Load { access, .. } => {
                let lane = tiles.at(number, dtype, len);
                if let Some(buffer) = places[number] {
                    lane::load(buffer, &access.from(origin), dims, lane);
                }
            }
            Instruction::LoadUnpacked { access, unpack, .. } => {
                let lane = tiles.at(number, dtype, len);
                if let (Some(buffer), Lane::F64(v)) = (places[number], lane) {
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
                    evaluate::classify(*function, &before[*x], *argument, out);
                }
            }
            Instruction::Unary { function, x, argument } => {
                let lane = tiles.over(*x, number, dtype, len, last_uses[*x] == number);
                evaluate::unary(*function, lane, *argument);
            }
            Instruction::Binary { function, x, y, argument } => {
                let is_comparison = evaluate::comparison(*function).is_some();
                if is_comparison || dtype != *argument {
                    let (before, out) = tiles.before(number, dtype, len);
                    match (&before[*x], &before[*y], out) {
                        (a, b, Lane::Bool(out)) => evaluate::compare(*function, a, b, *argument, out),
                        (Lane::I64(a), Lane::I64(b), Lane::F64(out)) => evaluate::divide_times(a, b, out),
                        // A duration times a number, a time and a duration: in place, as below.
                        (a, b, out) => {
                            out.copy_from(a);
                            evaluate::binary(*function, out, b, dtype);
                        }
                    }
                } else {
                    let is_last = last_uses[*x] == number && x != y;
                    tiles.over(*x, number, dtype, len, is_last);
                    let (before, out) = tiles.before(number, dtype, len);
                    evaluate::binary(*function, out, &before[*y], dtype);
                }
            }
            Instruction::Where { cond, yes, no } => {
                let is_last = last_uses[*yes] == number && yes != no && yes != cond;
                tiles.over(*yes, number, dtype, len, is_last);
                let (before, out) = tiles.before(number, dtype, len);
                evaluate::choose(&before[*cond], out, &before[*no]);
            }
            Instruction::Cast { x, from, casting } => {
                let (before, out) = tiles.before(number, dtype, len);
                cast::cast(&before[*x], *from, dtype, *casting, out)?;
            }
            Instruction::Lookup { x, table } => {
                let (before, out) = tiles.before(number, dtype, len);
                table::lookup(table, &before[*x], out);
            }
            Instruction::Unpack { x, unpack } => {
                if let Lane::F64(v) = tiles.over(*x, number, dtype, len, last_uses[*x] == number) {
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
    fn over(&mut self, x: usize, number: usize, dtype: DType, len: usize, is_last: bool) -> &mut Lane {
        if is_last {
            self.lanes.swap(x, number);
        } else {
            let (before, rest) = self.lanes.split_at_mut(number);
            rest[0].reset(dtype, len);
            rest[0].copy_from(&before[x]);
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
