//! One task: the chunks of it, box by box, into states and finished chunks.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::exec::Cancellation;
use crate::exec::evaluate::{Evaluator, Surroundings, c_access};
use crate::exec::guard::guarded;
use crate::exec::retained::RetainedBlocks;
use crate::exec::slots::Slots;
use crate::exec::tiles::{CodesAt, Sink};
use crate::kernel::lane::Access;
use crate::kernel::state::{Cells, State};
use crate::plan::boxes::boxes;
use crate::plan::{Fold, Stage};

/// What a thread keeps from task to task: buffers that are used again.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) evaluator: Evaluator,
    /// For each job whose values are kept, those of the last chunk.
    kept: BTreeMap<usize, Chunk>,
}

impl Scratch {
    /// Buffers for one thread.
    pub(crate) fn new(stage: &Stage) -> Self {
        Self { evaluator: Evaluator::new(&stage.exprs(), &stage.known), kept: BTreeMap::new() }
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
pub(crate) type Keep<'a> = dyn Fn(usize, &[Range<usize>], &Chunk) -> Result<()> + Sync + 'a;

/// What a task is run with.
pub(crate) struct Context<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) slots: &'a Slots,
    pub(crate) retained: &'a RetainedBlocks<'a>,
    pub(crate) cancel: &'a Cancellation,
    /// Takes the values of jobs that keep them.
    pub(crate) keep: &'a Keep<'a>,
}

/// Runs a task and gives the states of all folds.
pub(crate) fn run(context: &Context<'_>, task: usize, scratch: &mut Scratch) -> Result<Vec<Partial>> {
    let mut partials: Partials = context.stage.jobs.iter().map(|_| BTreeMap::new()).collect();
    for chunk in context.stage.chunks(task) {
        context.cancel.check()?;
        guarded(|| run_chunk(context, &chunk, &mut partials, scratch)).map_err(|error| match error {
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
    let blocks_of: Vec<Vec<usize>> = stage.jobs.iter().map(|job| job.blocks_of(&stage.grid, chunk)).collect();
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
                for &block in &blocks_of[number] {
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
    }
    let exprs = stage.exprs();
    let Context { slots, retained, cancel, .. } = *context;
    let around = Surroundings { known: &stage.known, slots, retained, cancel };
    for part in boxes(&exprs, &stage.known, &region) {
        let origin: Vec<usize> = part.iter().map(|range| range.start).collect();
        let box_shape: Vec<usize> = part.iter().map(ExactSizeIterator::len).collect();
        let mut prepared = scratch.evaluator.prepare(around, &exprs, &part)?;
        let results = prepared.results.clone();

        let offset: Vec<usize> = origin.iter().zip(&region).map(|(&o, range)| o - range.start).collect();
        let mut sinks = Vec::with_capacity(stage.jobs.len());
        let mut results = results.into_iter();
        let mut stored = scratch.kept.iter_mut();
        for (number, (job, states)) in stage.jobs.iter().zip(partials.iter_mut()).enumerate() {
            let own: Vec<usize> = results.by_ref().take(job.exprs().len()).collect();
            let Some(&result) = own.first() else { continue };
            match &job.fold {
                None => {
                    if let Some((_, values)) = stored.next() {
                        let access = c_access(&shape, &offset);
                        sinks.push(Sink::Store { result, buffer: values.buffer_mut(), access });
                    }
                }
                Some(fold) => {
                    let cells = cells(fold, &stage.grid.shape(), &shape, &origin, &offset);
                    let second = fold.second.as_ref().and_then(|_| own.get(1).copied());
                    let states = states.iter_mut().filter(|(block, _)| blocks_of[number].contains(block));
                    match &fold.codes {
                        None => sinks.extend(states.map(|(_, partial)| Sink::Fold {
                            result,
                            second,
                            state: &mut partial.state,
                            cells: cells.clone(),
                        })),
                        Some((_, grouping)) => {
                            let codes = match (&grouping.table, own.last()) {
                                (Some(table), _) => {
                                    let mut strides = vec![0; region.len()];
                                    strides[table.axis] = 1;
                                    let access = Access { start: origin[table.axis] as isize, strides };
                                    CodesAt::Table(Arc::clone(&table.codes), access)
                                }
                                (None, last) => CodesAt::Result(last.copied().unwrap_or(result)),
                            };
                            let kept = (0..shape.len()).filter(|axis| !fold.axes.contains(axis));
                            let states = states.filter_map(|(&block, partial)| {
                                job.groups_of(block).map(|groups| (groups, &mut partial.state))
                            });
                            sinks.push(Sink::Group {
                                result,
                                second,
                                codes,
                                states: states.collect(),
                                groups: grouping.groups,
                                kept: kept.map(|axis| shape[axis]).product(),
                                cells,
                            });
                        }
                    }
                }
            }
        }
        scratch.evaluator.run(around, &mut prepared, &box_shape, &mut sinks)?;
    }
    for (number, values) in &scratch.kept {
        (context.keep)(*number, &region, values)?;
    }
    Ok(())
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
