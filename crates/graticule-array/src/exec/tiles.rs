//! Running a program over a box, tile by tile: nothing larger than a tile exists between a source and a
//! result.

use std::collections::HashMap;
use std::sync::Arc;

use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::Result;
use crate::exec::resolve::{Instruction, Place, Program};
use crate::expr::{Distribution, NodeId};
use crate::kernel::evaluate;
use crate::kernel::lane::{self, Access, Lane, TILE};
use crate::kernel::state::{Cells, State};
use crate::random;
use crate::scalar::Scalar;

/// The results of earlier stages.
pub(crate) type Slots = HashMap<NodeId, Arc<Chunk>>;

/// Where the values of a program go.
pub(crate) enum Sink<'a> {
    /// Into the cells of an aggregation.
    Fold { result: usize, state: &'a mut State, cells: Cells },
    /// Into a block.
    Store { result: usize, buffer: &'a mut Buffer, access: Access },
}

impl Sink<'_> {
    fn accesses(&mut self) -> Vec<&mut Access> {
        match self {
            Self::Fold { cells, .. } => vec![&mut cells.cell, &mut cells.position],
            Self::Store { access, .. } => vec![access],
        }
    }
}

/// The tiles of one thread, used again for every box.
#[derive(Debug, Default)]
pub(crate) struct Tiles {
    lanes: Vec<Lane>,
    /// Lanes that no result uses at the moment, for the next instruction that needs one.
    spare: Vec<Lane>,
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
                Place::Slot(id) => slots.get(id).map(|chunk| chunk.buffer()),
            },
            _ => None,
        })
        .collect();
    let mut origin = vec![0; dims.len()];
    loop {
        let dims_here: Vec<usize> =
            origin.iter().zip(&dims).zip(&tile).map(|((&o, &d), &t)| t.min(d - o)).collect();
        run_tile(program, &places, &origin, &dims_here, &last_uses, tiles)?;
        for sink in sinks.iter_mut() {
            match sink {
                Sink::Fold { result, state, cells } => {
                    let cells =
                        Cells { cell: cells.cell.from(&origin), position: cells.position.from(&origin) };
                    state.fold(&tiles.lanes[*result], &dims_here, &cells);
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

/// The number of the last instruction that uses each result; results that sinks take are used forever.
fn last_uses(program: &Program, sinks: &[Sink<'_>]) -> Vec<usize> {
    let mut last = vec![0; program.instructions.len()];
    for (number, instruction) in program.instructions.iter().enumerate() {
        match instruction {
            Instruction::Unary { x, .. } | Instruction::Cast { x, .. } | Instruction::Unpack { x, .. } => {
                last[*x] = number;
            }
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
    for sink in sinks {
        let (Sink::Fold { result, .. } | Sink::Store { result, .. }) = sink;
        last[*result] = usize::MAX;
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
) -> Result<()> {
    let len: usize = dims.iter().product();
    // What was taken over by a later instruction has left an empty lane behind.
    tiles.spare.extend(tiles.lanes.drain(..).filter(|lane| lane.capacity() > 0));
    for (number, instruction) in program.instructions.iter().enumerate() {
        let dtype = program.dtypes[number];
        let lane = match instruction {
            Instruction::Load { access, .. } => {
                let mut lane = tiles.fresh(dtype, len);
                if let Some(buffer) = places[number] {
                    lane::load(buffer, &access.from(origin), dims, &mut lane);
                }
                lane
            }
            Instruction::LoadUnpacked { access, unpack, .. } => {
                let mut lane = tiles.fresh(dtype, len);
                if let (Some(buffer), Lane::F64(v)) = (places[number], &mut lane) {
                    lane::load_unpacked(buffer, &access.from(origin), dims, unpack, v);
                }
                lane
            }
            Instruction::Random { distribution, seed, access } => {
                let mut lane = tiles.fresh(dtype, len);
                if let Lane::F64(v) = &mut lane {
                    draw(*distribution, *seed, &access.from(origin), dims, v);
                }
                lane
            }
            Instruction::Ramp { start, step, access } => {
                let mut lane = tiles.fresh(dtype, len);
                ramp(start, step, &access.from(origin), dims, &mut lane, dtype);
                lane
            }
            Instruction::Const(value) => {
                let mut lane = tiles.fresh(dtype, len);
                lane.fill(value);
                lane
            }
            Instruction::Unary { function, x, argument } => {
                let x = tiles.take(*x, last_uses[*x] == number);
                evaluate::unary(*function, x, *argument)
            }
            Instruction::Binary { function, x, y, argument } => {
                let a = tiles.take(*x, last_uses[*x] == number && x != y);
                evaluate::binary(*function, a, &tiles.lanes[*y], *argument, dtype)
            }
            Instruction::Where { cond, yes, no } => {
                let a = tiles.take(*yes, last_uses[*yes] == number && yes != no && yes != cond);
                evaluate::choose(&tiles.lanes[*cond], a, &tiles.lanes[*no])
            }
            Instruction::Cast { x, from } => {
                let x = tiles.take(*x, last_uses[*x] == number);
                evaluate::cast(x, *from, dtype)?
            }
            Instruction::Unpack { x, unpack } => {
                let mut lane = tiles.take(*x, last_uses[*x] == number);
                if let Lane::F64(v) = &mut lane {
                    lane::unpack_in_place(v, unpack);
                }
                lane
            }
        };
        tiles.lanes.push(lane);
    }
    Ok(())
}

impl Tiles {
    /// A lane whose values are unspecified.
    fn fresh(&mut self, dtype: DType, len: usize) -> Lane {
        let wanted = std::mem::discriminant(&Lane::empty(dtype));
        let found =
            self.spare.iter().rposition(|lane| std::mem::discriminant(lane) == wanted && lane.capacity() > 0);
        let mut lane = found.map_or_else(|| Lane::empty(dtype), |i| self.spare.swap_remove(i));
        lane.reset(dtype, len);
        lane
    }

    /// The values of a lane to work on: the lane itself where nobody needs it any more, else a copy.
    fn take(&mut self, number: usize, last: bool) -> Lane {
        if last {
            return std::mem::replace(&mut self.lanes[number], Lane::Bool(Vec::new()));
        }
        let found = self
            .spare
            .iter()
            .rposition(|lane| std::mem::discriminant(lane) == std::mem::discriminant(&self.lanes[number]));
        match found {
            Some(i) => {
                let mut lane = self.spare.swap_remove(i);
                lane.clone_from(&self.lanes[number]);
                lane
            }
            None => self.lanes[number].clone(),
        }
    }
}

fn draw(distribution: Distribution, seed: u64, access: &Access, dims: &[usize], to: &mut [f64]) {
    let len = dims.last().copied().unwrap_or(1);
    let stride = access.inner() as i64;
    access.rows(dims, |offset, at| {
        let row = &mut to[offset..offset + len];
        let first = at as u64;
        match distribution {
            Distribution::Uniform { low, high } => {
                random::fill_uniform_strided(seed, first, stride, row, low.get(), high.get());
            }
            Distribution::Normal { mean, std } => {
                random::fill_normal_strided(seed, first, stride, row, mean.get(), std.get());
            }
        }
    });
}

fn ramp(start: &Scalar, step: &Scalar, access: &Access, dims: &[usize], lane: &mut Lane, dtype: DType) {
    let len = dims.last().copied().unwrap_or(1);
    access.rows(dims, |offset, at| match lane {
        Lane::F64(v) => {
            let (start, step) = (start.to_f64(), step.to_f64());
            for (i, x) in v[offset..offset + len].iter_mut().enumerate() {
                *x = start + step * (at + i as isize * access.inner()) as f64;
                if dtype == DType::F32 {
                    *x = f64::from(*x as f32);
                }
            }
        }
        Lane::I64(v) => {
            let (start, step) = (start.to_i64().unwrap_or(0), step.to_i64().unwrap_or(0));
            for (i, x) in v[offset..offset + len].iter_mut().enumerate() {
                *x = start + step * (at + i as isize * access.inner()) as i64;
            }
        }
        // Ranges are made of int64 and float64 only.
        Lane::U64(_) | Lane::Bool(_) | Lane::Str(_) => {}
    });
}
