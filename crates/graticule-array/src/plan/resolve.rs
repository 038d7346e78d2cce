//! From an expression to a program on tiles, for one box of the expression's domain.
//!
//! Selections, transpositions, broadcasts, joins and rechunks move no data: they only say which element of
//! the input an element of the output is. Along each axis that is `start + step * i`, so a chain of them
//! ends in a start and strides into a block. Boxes are cut (`boxes.rs`) so that each sees one block of every
//! source.

use std::sync::Arc;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Formula, NodeId, Op, Step};
use crate::function::Casting;
use crate::kernel::copy::c_strides;
use crate::kernel::lane::{Access, Unpack};
use crate::plan::axis_map::{AxisMap, broadcast_maps, input_maps, shifted};
use crate::plan::known::{Known, Placement};
use crate::plan::program::{Block, Instruction, Place, Program, Supply};
use crate::scalar::Scalar;

/// Builds the program of one box.
pub(crate) struct Resolver<'a> {
    /// Nodes whose results are in memory already.
    slots: &'a Known,
    /// The first element of the box in the domain.
    origin: Vec<usize>,
    program: Program,
    seen: Vec<(NodeId, Vec<AxisMap>, usize)>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(slots: &'a Known, origin: Vec<usize>) -> Self {
        Self { slots, origin, program: Program::default(), seen: Vec::new() }
    }

    pub(crate) fn finish(self) -> Program {
        self.program
    }

    /// Adds what `expr` needs, and gives the number of its result.
    pub(crate) fn resolve(&mut self, expr: &Expr, maps: &[AxisMap]) -> Result<usize> {
        if let Some((.., number)) = self.seen.iter().find(|(id, m, _)| *id == expr.id() && m == maps) {
            return Ok(*number);
        }
        let number = self.resolve_new(expr, maps)?;
        self.seen.push((expr.id(), maps.to_vec(), number));
        Ok(number)
    }

    fn resolve_new(&mut self, expr: &Expr, maps: &[AxisMap]) -> Result<usize> {
        if let Some((place, access)) = self.storage(expr, maps) {
            return Ok(self.push(Instruction::Load { place, access }, expr.dtype()));
        }
        let input = expr.inputs().first();
        match (expr.op(), input) {
            (Op::Full { value, .. }, _) => Ok(self.push(Instruction::Const(value.clone()), expr.dtype())),
            (Op::Range { start, step, last, .. }, _) => {
                let access = self.access(maps, &[1], &[0]);
                let (start, step) = (start.clone(), step.clone());
                let last = last.clone().map(|value| (expr.shape()[0].saturating_sub(1), value));
                Ok(self.push(Instruction::Ramp { start, step, last, access }, expr.dtype()))
            }
            (Op::Random { distribution, seed, .. }, _) => {
                let access = self.access(maps, &c_strides(expr.shape()), &vec![0; maps.len()]);
                let distribution = distribution.clone();
                Ok(self.push(Instruction::Random { distribution, seed: *seed, access }, expr.dtype()))
            }
            (Op::Map(formula), _) => self.formula(expr, formula, maps),
            (Op::Select(_) | Op::Reshape(_) | Op::Rechunk(_), Some(input)) => {
                self.resolve(input, &input_maps(expr, input, maps))
            }
            (Op::Join { axis }, _) => {
                let position = match maps[*axis] {
                    AxisMap::Fixed(i) => i,
                    AxisMap::Along { axis, start, step } => {
                        (start + step * self.origin[axis] as isize) as usize
                    }
                };
                let number = expr.join_input_at(position);
                match expr.inputs().get(number) {
                    Some(input) => self.resolve(input, &shifted(maps, *axis, expr.seams()[number])),
                    None => Err(defect(expr, "a position past the end of a join")),
                }
            }
            (Op::Source(_) | Op::Blockwise(_), _) => {
                Err(defect(expr, "a source that is neither in memory nor in blocks"))
            }
            (Op::Reduce { .. } | Op::Group { .. }, _) => {
                Err(defect(expr, "a reduction that no earlier stage computed"))
            }
            (Op::Select(_) | Op::Reshape(_) | Op::Rechunk(_), None) => Err(defect(expr, "no input")),
        }
    }

    /// Where the values of a node lie, if they lie anywhere: in memory or in a block of a source.
    fn storage(&mut self, expr: &Expr, maps: &[AxisMap]) -> Option<(Place, Access)> {
        let whole = c_strides(expr.shape());
        let zero = vec![0; maps.len()];
        let supply = match (self.slots.get(&expr.id()), expr.op()) {
            (Some(Placement::Memory), _) => {
                return Some((Place::Slot(expr.id()), self.access(maps, &whole, &zero)));
            }
            (Some(Placement::Scratch(grid)), _) => {
                Supply::Scratch { dtype: expr.dtype(), grid: grid.clone() }
            }
            (Some(Placement::Sink(_)) | None, Op::Source(source)) => match source.source().resident() {
                Some(data) => {
                    return Some((Place::Memory(Arc::clone(data)), self.access(maps, &whole, &zero)));
                }
                None => Supply::Source(Arc::clone(source.source())),
            },
            (Some(Placement::Sink(_)) | None, Op::Blockwise(_)) => Supply::Computed(expr.clone()),
            (Some(Placement::Sink(_)) | None, _) => return None,
        };
        let grid = supply.grid();
        let index: Vec<usize> = maps
            .iter()
            .zip(grid.axes())
            .map(|(map, chunks)| match *map {
                AxisMap::Fixed(i) => chunks.find(i),
                AxisMap::Along { axis, start, step } => {
                    chunks.find((start + step * self.origin[axis] as isize) as usize)
                }
            })
            .collect();
        let region = grid.region(&index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let first: Vec<usize> = region.iter().map(|range| range.start).collect();
        let access = self.access(maps, &c_strides(&shape), &first);
        let blocks = &mut self.program.blocks;
        let found = blocks.iter().position(|block| block.node == expr.id() && block.index == index);
        let number = found.unwrap_or_else(|| {
            blocks.push(Block { node: expr.id(), supply, index });
            blocks.len() - 1
        });
        Some((Place::Block(number), access))
    }

    /// Start and strides into storage with `strides` whose first element is `first` of the node.
    fn access(&self, maps: &[AxisMap], strides: &[usize], first: &[usize]) -> Access {
        let mut access = Access { start: 0, strides: vec![0; self.origin.len()] };
        for ((map, &stride), &first) in maps.iter().zip(strides).zip(first) {
            let stride = stride as isize;
            access.start -= first as isize * stride;
            match *map {
                AxisMap::Fixed(i) => access.start += i as isize * stride,
                AxisMap::Along { axis, start, step } => {
                    access.start += (start + step * self.origin[axis] as isize) * stride;
                    access.strides[axis] += step * stride;
                }
            }
        }
        access
    }

    fn push(&mut self, instruction: Instruction, dtype: DType) -> usize {
        self.program.instructions.push(instruction);
        self.program.dtypes.push(dtype);
        self.program.instructions.len() - 1
    }

    fn formula(&mut self, expr: &Expr, formula: &Formula, maps: &[AxisMap]) -> Result<usize> {
        let mut numbers: Vec<usize> = Vec::with_capacity(formula.steps().len());
        let steps: Vec<(&Step, DType)> = formula.steps().collect();
        let input = |i: usize| expr.inputs().get(i).ok_or_else(|| defect(expr, "a missing input"));
        for (i, (step, dtype)) in steps.iter().enumerate() {
            let instruction = match step {
                Step::Input(n) => {
                    // Packed data go straight into registers as floats, where nothing else wants them.
                    let users = steps.iter().filter(|(step, _)| uses(step, i)).count();
                    let unpacks = |(step, _): &(&Step, DType)| matches!(step, Step::MaskScale { packed, .. } if *packed == i);
                    if users == 1 && steps.iter().any(unpacks) {
                        numbers.push(usize::MAX);
                        continue;
                    }
                    let input = input(*n)?;
                    numbers.push(self.resolve(input, &broadcast_maps(expr, input, maps))?);
                    continue;
                }
                Step::Const(value) => Instruction::Const(value.clone()),
                Step::Unary(function, x) => {
                    Instruction::Unary { function: *function, x: numbers[*x], argument: steps[*x].1 }
                }
                Step::Binary(function, x, y) => {
                    let (argument, x) = (steps[*x].1, numbers[*x]);
                    let cheaper = match steps[*y].0 {
                        Step::Const(right) => function.with_constant(right, argument),
                        _ => None,
                    };
                    match cheaper {
                        Some(function) => Instruction::Unary { function, x, argument },
                        None => Instruction::Binary { function: *function, x, y: numbers[*y], argument },
                    }
                }
                Step::Where { cond, yes, no } => {
                    Instruction::Where { cond: numbers[*cond], yes: numbers[*yes], no: numbers[*no] }
                }
                Step::Cast { x, casting } => {
                    Instruction::Cast { x: numbers[*x], from: steps[*x].1, casting: *casting }
                }
                Step::Lookup { x, table } => Instruction::Lookup { x: numbers[*x], table: table.clone() },
                Step::MaskScale { packed, missing, scale, offset } => {
                    let unpack = Unpack {
                        missing: missing.iter().map(Scalar::to_f64).collect(),
                        scale: scale.map(crate::scalar::Float::get),
                        offset: offset.map(crate::scalar::Float::get),
                        single: *dtype == DType::F32,
                    };
                    match (numbers[*packed], steps[*packed].0) {
                        (usize::MAX, Step::Input(n)) => {
                            let input = input(*n)?;
                            self.unpacked(input, &broadcast_maps(expr, input, maps), unpack)?
                        }
                        (x, _) => self.widened(x, steps[*packed].1, unpack),
                    }
                }
            };
            numbers.push(self.push_shared(instruction, *dtype));
        }
        numbers.last().copied().ok_or_else(|| defect(expr, "an empty formula"))
    }

    /// The instruction that unpacks the values of a node, straight from storage if they lie there.
    fn unpacked(&mut self, input: &Expr, maps: &[AxisMap], unpack: Unpack) -> Result<Instruction> {
        // Moves between the map and the source only change where values lie.
        let (mut node, mut maps) = (input.clone(), maps.to_vec());
        while let (Op::Select(_) | Op::Reshape(_) | Op::Rechunk(_), Some(inner)) =
            (node.op(), node.inputs().first())
        {
            if self.slots.contains_key(&node.id()) {
                break;
            }
            maps = input_maps(&node, inner, &maps);
            node = inner.clone();
        }
        if let Some((place, access)) = self.storage(&node, &maps) {
            return Ok(Instruction::LoadUnpacked { place, access, unpack });
        }
        let x = self.resolve(&node, &maps)?;
        Ok(self.widened(x, node.dtype(), unpack))
    }

    fn widened(&mut self, x: usize, from: DType, unpack: Unpack) -> Instruction {
        let cast = Instruction::Cast { x, from, casting: Casting::Strict };
        let x = if from.is_float() { x } else { self.push(cast, DType::F64) };
        Instruction::Unpack { x, unpack }
    }

    /// Adds an instruction, or finds an equal one: two results that share a value compute it once.
    fn push_shared(&mut self, instruction: Instruction, dtype: DType) -> usize {
        let same = |(other, d): (&Instruction, &DType)| *d == dtype && equal(other, &instruction);
        let found = self.program.instructions.iter().zip(&self.program.dtypes).position(same);
        found.unwrap_or_else(|| self.push(instruction, dtype))
    }
}

fn equal(a: &Instruction, b: &Instruction) -> bool {
    match (a, b) {
        (Instruction::Const(a), Instruction::Const(b)) => a == b,
        (
            Instruction::Unary { function, x, argument },
            Instruction::Unary { function: f, x: y, argument: d },
        ) => (function, x, argument) == (f, y, d),
        (
            Instruction::Binary { function, x, y, argument },
            Instruction::Binary { function: f, x: a, y: b, argument: d },
        ) => (function, x, y, argument) == (f, a, b, d),
        (Instruction::Where { cond, yes, no }, Instruction::Where { cond: c, yes: y, no: n }) => {
            (cond, yes, no) == (c, y, n)
        }
        (Instruction::Cast { x, from, casting }, Instruction::Cast { x: y, from: f, casting: c }) => {
            (x, from, casting) == (y, f, c)
        }
        (Instruction::Lookup { x, table }, Instruction::Lookup { x: y, table: t }) => (x, table) == (y, t),
        (
            Instruction::LoadUnpacked { place: Place::Block(a), access, unpack },
            Instruction::LoadUnpacked { place: Place::Block(b), access: other, unpack: u },
        ) => (a, access, unpack) == (b, other, u),
        _ => false,
    }
}

fn uses(step: &Step, number: usize) -> bool {
    match step {
        Step::Input(_) | Step::Const(_) => false,
        Step::Unary(_, x) | Step::Cast { x, .. } | Step::Lookup { x, .. } => *x == number,
        Step::Binary(_, x, y) => *x == number || *y == number,
        Step::Where { cond, yes, no } => [cond, yes, no].contains(&&number),
        Step::MaskScale { packed, .. } => *packed == number,
    }
}

fn defect(expr: &Expr, what: &str) -> Error {
    Error::defect(format!("planning `{}` met {what}", expr.label()))
}
