//! One task: the chunks of it, box by box, into states and finished chunks.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::exec::Cancellation;
use crate::exec::pool::BlockPool;
use crate::exec::tiles::{self, Sink, Slots, Tiles};
use crate::expr::Expr;
use crate::kernel::copy::c_strides;
use crate::kernel::lane::Access;
use crate::kernel::state::{Cells, State};
use crate::plan::axis_map::identity;
use crate::plan::boxes::boxes;
use crate::plan::resolve::Resolver;
use crate::plan::{Fold, Stage};

/// What a thread keeps from task to task: buffers that are used again.
#[derive(Debug)]
pub(crate) struct Scratch {
    tiles: Tiles,
    pub(crate) pool: BlockPool,
    /// For each job whose values are kept, those of the last chunk.
    kept: BTreeMap<usize, Chunk>,
}

impl Scratch {
    /// Buffers for one thread, with as much room for blocks as a box of the stage needs.
    pub(crate) fn new(block_bytes: usize) -> Self {
        Self { tiles: Tiles::default(), pool: BlockPool::new(block_bytes), kept: BTreeMap::new() }
    }
}

/// A state of a job for a block of its results, and how many chunks of the domain are in it.
#[derive(Debug)]
pub(crate) struct Partial {
    pub(crate) job: usize,
    pub(crate) block: usize,
    pub(crate) state: State,
    pub(crate) chunks: usize,
}

/// For each job the states of the blocks of results that a task has met.
type Partials = Vec<BTreeMap<usize, Partial>>;

/// Takes the values of a job (by its number) for a region of its result.
pub(crate) type Keep<'a> = dyn Fn(usize, &[Range<usize>], &Chunk) + Sync + 'a;

/// What a task is run with.
pub(crate) struct Context<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) slots: &'a Slots,
    pub(crate) cancel: &'a Cancellation,
    /// Takes the values of jobs that keep them.
    pub(crate) keep: &'a Keep<'a>,
}

/// Runs a task and gives the states of all folds.
pub(crate) fn run(context: &Context<'_>, task: usize, scratch: &mut Scratch) -> Result<Vec<Partial>> {
    let mut partials: Partials = context.stage.jobs.iter().map(|_| BTreeMap::new()).collect();
    for chunk in context.stage.chunks(task) {
        context.cancel.check()?;
        run_chunk(context, &chunk, &mut partials, scratch).map_err(|error| match error {
            Error::Cancelled => error,
            error => Error::Task { node: context.stage.name(), chunk: chunk.clone(), cause: Box::new(error) },
        })?;
    }
    Ok(partials.into_iter().flat_map(BTreeMap::into_values).collect())
}

fn run_chunk(
    context: &Context<'_>,
    chunk: &[usize],
    partials: &mut Partials,
    scratch: &mut Scratch,
) -> Result<()> {
    let stage = context.stage;
    let region = stage.grid.region(chunk);
    let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
    let block_of: Vec<usize> = stage.jobs.iter().map(|job| job.block(&stage.grid, chunk)).collect();
    for (number, job) in stage.jobs.iter().enumerate() {
        match &job.fold {
            None => {
                let values = scratch.kept.entry(number).or_insert_with(|| {
                    let mut values = Chunk::empty(job.expr.dtype());
                    // Room for the largest chunk, so that later ones never grow the buffer.
                    values.reset(job.expr.dtype(), &stage.grid.max_chunk());
                    values
                });
                values.reset(job.expr.dtype(), &shape);
            }
            Some(fold) => {
                let block = block_of[number];
                let partial = partials[number].entry(block).or_insert_with(|| {
                    let shape = job.block_region(&stage.grid, block);
                    let cells = shape.iter().map(ExactSizeIterator::len).product();
                    let state = State::new(&fold.aggregation, job.expr.dtype(), cells);
                    Partial { job: number, block, state, chunks: 0 }
                });
                partial.chunks += 1;
            }
        }
    }
    let exprs: Vec<&Expr> = stage.jobs.iter().map(|job| &job.expr).collect();
    for part in boxes(&exprs, &stage.known, &region) {
        let origin: Vec<usize> = part.iter().map(|range| range.start).collect();
        let box_shape: Vec<usize> = part.iter().map(ExactSizeIterator::len).collect();
        let mut resolver = Resolver::new(&stage.known, origin.clone());
        let maps = identity(region.len());
        let results = exprs.iter().map(|expr| resolver.resolve(expr, &maps)).collect::<Result<Vec<_>>>()?;
        let mut program = resolver.finish();
        scratch.pool.read(&program.blocks)?;

        let offset: Vec<usize> = origin.iter().zip(&region).map(|(&o, range)| o - range.start).collect();
        let mut sinks = Vec::with_capacity(stage.jobs.len());
        for (number, (job, states)) in stage.jobs.iter().zip(partials.iter_mut()).enumerate() {
            if let (Some(fold), Some(partial)) = (&job.fold, states.get_mut(&block_of[number])) {
                let cells = cells(fold, &stage.grid.shape(), &shape, &origin, &offset);
                sinks.push(Sink::Fold { result: results[number], state: &mut partial.state, cells });
            }
        }
        for (number, values) in &mut scratch.kept {
            let access = c_access(&shape, &offset);
            sinks.push(Sink::Store { result: results[*number], buffer: values.buffer_mut(), access });
        }
        tiles::run(
            &mut program,
            &scratch.pool.blocks(),
            context.slots,
            &box_shape,
            &mut sinks,
            &mut scratch.tiles,
        )?;
    }
    for (number, values) in &scratch.kept {
        (context.keep)(*number, &region, values);
    }
    Ok(())
}

/// Where the elements of a box lie in a chunk of the given shape that contains it at `offset`.
fn c_access(shape: &[usize], offset: &[usize]) -> Access {
    let strides: Vec<isize> = c_strides(shape).into_iter().map(|stride| stride as isize).collect();
    let access = Access { start: 0, strides };
    access.from(offset)
}

/// Where the elements of a box belong among the cells of a fold: axes that are folded do not count.
fn cells(fold: &Fold, whole: &[usize], chunk: &[usize], origin: &[usize], offset: &[usize]) -> Cells {
    let strides = |lens: &[usize], folded: bool| {
        let mut strides = vec![0isize; lens.len()];
        let mut stride = 1;
        for axis in (0..lens.len()).rev() {
            if fold.axes.contains(&axis) == folded {
                strides[axis] = stride;
                stride *= lens[axis] as isize;
            }
        }
        Access { start: 0, strides }
    };
    Cells { cell: strides(chunk, false).from(offset), position: strides(whole, true).from(origin) }
}
