//! Running a plan on the threads of this process.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::chunk::{Buffer, Chunk};
use crate::error::{Error, Result};
use crate::exec::admission::Working;
use crate::exec::guard::guarded;
use crate::exec::retained::RetainedBlocks;
use crate::exec::schedule::{Next, Schedule};
use crate::exec::scratch::Scratch as OnDisk;
use crate::exec::slots::{Slot, Slots};
use crate::exec::task::{self, Context, Partial, Scratch};
use crate::exec::{Cancellation, Executor};
use crate::kernel::copy;
use crate::kernel::state::State;
use crate::observe::{Event, Observer, Outcome, RunId};
use crate::plan::known::Placement;
use crate::plan::{Job, Output, Plan, Stage, StageMemory, window};
use crate::sink::ChunkSink;

/// An executor on threads of this process.
#[derive(Debug)]
pub struct Threads {
    threads: usize,
}

impl Threads {
    /// An executor with at most this many threads; a plan may ask for fewer to stay inside its memory.
    pub fn new(threads: usize) -> Self {
        Self { threads: threads.max(1) }
    }
}

impl Executor for Threads {
    fn run(&self, plan: &Plan, observers: &[Arc<dyn Observer>], cancel: &Cancellation) -> Result<Vec<Chunk>> {
        // An observer that panics misses what it was told; the run goes on.
        let tell = |event: Event| {
            for observer in observers {
                let _ = guarded(|| {
                    observer.on_event(&event);
                    Ok(())
                });
            }
        };
        let run = RunId::new();
        // Describing the plan takes a while, so it is done only for somebody who wants to know.
        if !observers.is_empty() {
            tell(Event::PlanStarted { run, plan: plan.summary() });
        }
        let result = self.run_stages(run, plan, &tell, cancel);
        tell(Event::PlanFinished { run, outcome: Outcome::of(&result) });
        result
    }
}

impl Threads {
    fn run_stages(
        &self,
        run: RunId,
        plan: &Plan,
        tell: &(dyn Fn(Event) + Sync),
        cancel: &Cancellation,
    ) -> Result<Vec<Chunk>> {
        let mut slots = Slots::new();
        let threads = self.threads.min(plan.threads());
        let retained = RetainedBlocks::new(plan.retained());
        for (number, stage) in plan.stages().iter().enumerate() {
            tell(Event::StageStarted { run, stage: number, name: stage.name(), tasks: stage.tasks() });
            let (found, retained) = (&slots, &retained);
            let stage_run =
                StageRun { run, number, stage, threads, slots: found, retained, plan, tell, cancel };
            for (job, result) in stage.jobs.iter().zip(stage_run.run()?) {
                if let Some(slot) = result {
                    slots.insert(job.result.id(), slot);
                }
            }
            for id in &stage.frees {
                slots.remove(id);
            }
            retained.after(number);
            tell(Event::StageFinished { run, stage: number });
        }
        let mut uses: BTreeMap<_, usize> = BTreeMap::new();
        for output in plan.outputs() {
            if let Output::Slot(id) = output {
                *uses.entry(*id).or_insert(0) += 1;
            }
        }
        let mut results = Vec::new();
        for output in plan.outputs() {
            match output {
                Output::Memory(chunk) => results.push(Chunk::clone(chunk)),
                Output::Sink => {}
                Output::Slot(id) => {
                    let left = uses.entry(*id).and_modify(|n| *n -= 1).or_insert(0);
                    let slot = if *left == 0 { slots.remove(id) } else { slots.get(id).cloned() };
                    let Some(Slot::Memory(chunk)) = slot else {
                        return Err(Error::defect("a plan computed everything but one of its results"));
                    };
                    results.push(Arc::unwrap_or_clone(chunk));
                }
            }
        }
        Ok(results)
    }
}

/// What the threads of a stage share.
struct Shared {
    schedule: Schedule<Vec<Partial>>,
    merger: Merger,
    failure: Option<(usize, Error)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the values of a job that keeps them go, chunk by chunk.
enum Kept {
    /// The job folds its values.
    Nothing,
    Memory(Mutex<Chunk>),
    Scratch(Arc<OnDisk>),
    Sink(Arc<dyn ChunkSink>),
}

impl Kept {
    fn new(job: &Job, plan: &Plan) -> Result<Self> {
        if job.fold.is_some() {
            return Ok(Self::Nothing);
        }
        match &job.placement {
            Placement::Memory => {
                let mut chunk = Chunk::empty(job.result.dtype());
                chunk.reset(job.result.dtype(), job.result.shape());
                Ok(Self::Memory(Mutex::new(chunk)))
            }
            Placement::Scratch(grid) => {
                let missing = || Error::defect("a plan without a folder keeps a result on disk");
                let folder = plan.spill_dir().cloned().ok_or_else(missing)?;
                Ok(Self::Scratch(Arc::new(OnDisk::create(folder, job.result.dtype(), grid.clone())?)))
            }
            Placement::Sink(_) => {
                let missing = || Error::defect("a plan stores into a sink that it does not have");
                plan.sink_of(job).cloned().map(Self::Sink).ok_or_else(missing)
            }
        }
    }

    fn take(&self, region: &[Range<usize>], values: &Chunk) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Memory(chunk) => {
                copy::scatter(values, &mut lock(chunk), region);
                Ok(())
            }
            Self::Scratch(scratch) => scratch.write(region, values),
            Self::Sink(sink) => sink.write(region, values),
        }
    }
}

/// One stage, about to run.
struct StageRun<'a> {
    run: RunId,
    number: usize,
    stage: &'a Stage,
    threads: usize,
    slots: &'a Slots,
    retained: &'a RetainedBlocks<'a>,
    plan: &'a Plan,
    tell: &'a (dyn Fn(Event) + Sync),
    cancel: &'a Cancellation,
}

impl StageRun<'_> {
    /// Runs all tasks and gives, for each job, its result where one is kept.
    fn run(self) -> Result<Vec<Option<Slot>>> {
        let Self { run, number, stage, threads, slots, retained, plan, tell, cancel } = self;
        cancel.check()?;
        let tasks = stage.tasks();
        let memory = StageMemory::of(stage);
        let window = window(memory.task, threads);
        let kept = stage.jobs.iter().map(|job| Kept::new(job, plan)).collect::<Result<Vec<_>>>()?;
        let keep = |job: usize, region: &[Range<usize>], values: &Chunk| kept[job].take(region, values);
        let context = Context { stage, slots, retained, cancel, keep: &keep };
        let shared = Mutex::new(Shared {
            schedule: Schedule::new(tasks, window),
            merger: Merger::new(stage),
            failure: None,
        });
        let changed = Condvar::new();

        let worker = |thread: usize| {
            let _working = Working::begin();
            let mut scratch = Scratch::new(stage);
            loop {
                let task = {
                    let mut shared = lock(&shared);
                    loop {
                        match shared.schedule.next() {
                            Next::Run(task) => break task,
                            Next::Wait => {
                                shared = changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
                            }
                            Next::Done => return,
                        }
                    }
                };
                tell(Event::TaskStarted { run, stage: number, task, thread });
                let result = task::run(&context, task, &mut scratch);
                let delivered = scratch.evaluator.take_delivered();
                let mut shared = lock(&shared);
                let merged = result.and_then(|partials| {
                    let Shared { schedule, merger, .. } = &mut *shared;
                    let mut ready = schedule.finished(task, partials).into_iter();
                    ready.try_for_each(|ready| merger.merge(stage, ready))
                });
                if let Err(error) = merged {
                    shared.schedule.stop();
                    // Of several failures the first in the order of the plan is reported.
                    if shared.failure.as_ref().is_none_or(|(first, _)| task < *first) {
                        shared.failure = Some((task, error));
                    }
                }
                drop(shared);
                changed.notify_all();
                tell(Event::TaskFinished {
                    run,
                    stage: number,
                    task,
                    thread,
                    bytes_read: delivered.bytes,
                    blocks_read: delivered.blocks,
                    reading: delivered.time,
                });
            }
        };
        std::thread::scope(|scope| {
            for thread in 1..threads.min(tasks.max(1)) {
                let worker = &worker;
                let builder = std::thread::Builder::new().name(format!("graticule-{thread}"));
                // A process that may not start more threads computes with those it has.
                if builder.spawn_scoped(scope, move || worker(thread)).is_err() {
                    break;
                }
            }
            worker(0);
        });

        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        match shared.failure {
            Some((_, error)) => Err(error),
            None => shared.merger.finish(stage, kept),
        }
    }
}

/// Merges the states of tasks in the order of the tasks, and finishes results as soon as they are complete.
struct Merger {
    open: BTreeMap<(usize, usize), Partial>,
    results: Vec<Chunk>,
    finished: Vec<Vec<bool>>,
}

impl Merger {
    fn new(stage: &Stage) -> Self {
        let results = stage.jobs.iter().map(|job| {
            let mut chunk = Chunk::empty(job.result.dtype());
            if job.fold.is_some() && job.blocks(&stage.grid) > 1 {
                chunk.reset(job.result.dtype(), &unfolded_shape(stage, job));
            }
            chunk
        });
        let finished = stage.jobs.iter().map(|job| vec![false; job.blocks(&stage.grid)]);
        Self { open: BTreeMap::new(), results: results.collect(), finished: finished.collect() }
    }

    fn merge(&mut self, stage: &Stage, partials: Vec<Partial>) -> Result<()> {
        for partial in partials {
            let key = (partial.job, partial.block);
            let complete = stage.jobs[partial.job].chunks_of(&stage.grid, partial.block);
            let merged = match self.open.remove(&key) {
                Some(mut open) => {
                    open.state.merge(&partial.state);
                    open.chunks += partial.chunks;
                    open
                }
                None => partial,
            };
            if merged.chunks == complete {
                self.complete(stage, merged)?;
            } else {
                self.open.insert(key, merged);
            }
        }
        Ok(())
    }

    /// Writes the finished values of a block into its place in the result.
    fn complete(&mut self, stage: &Stage, partial: Partial) -> Result<()> {
        let job = &stage.jobs[partial.job];
        let region = job.block_region(&stage.grid, partial.block);
        let dtype = job.result.dtype();
        let buffer = partial.state.finish(dtype);
        let mut shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let codes = job.fold.as_ref().and_then(|fold| fold.codes.as_ref());
        let position = codes.map_or(0, |(_, grouping)| grouping.position);
        // A state holds group by group; in the result the axis of groups may stand further back.
        if position > 0 {
            shape[..=position].rotate_right(1);
        }
        let values = Chunk::from_buffer(shape, dtype, buffer)?;
        let values = if position > 0 { copy::move_first_axis(&values, position)? } else { values };
        if self.finished[partial.job].len() == 1 {
            self.results[partial.job] = values;
        } else {
            copy::scatter(&values, &mut self.results[partial.job], &region);
        }
        self.finished[partial.job][partial.block] = true;
        Ok(())
    }

    fn finish(mut self, stage: &Stage, kept: Vec<Kept>) -> Result<Vec<Option<Slot>>> {
        for (number, job) in stage.jobs.iter().enumerate() {
            // Blocks that no chunk contributed to: folds over nothing.
            let Some(fold) = &job.fold else { continue };
            for block in 0..self.finished[number].len() {
                if !self.finished[number][block] {
                    let region = job.block_region(&stage.grid, block);
                    let cells = region.iter().map(ExactSizeIterator::len).product();
                    let state = State::new(&fold.aggregation, job.expr.dtype(), cells);
                    self.complete(stage, Partial { job: number, block, state, chunks: 0 })?;
                }
            }
        }
        let results = stage.jobs.iter().zip(self.results).zip(kept).map(|((job, folded), kept)| {
            match kept {
                Kept::Nothing => {}
                Kept::Memory(chunk) => {
                    let chunk = chunk.into_inner().unwrap_or_else(PoisonError::into_inner);
                    return Ok(Some(Slot::Memory(Arc::new(chunk))));
                }
                Kept::Scratch(scratch) => return Ok(Some(Slot::Scratch(scratch))),
                Kept::Sink(_) => return Ok(None),
            }
            let mut folded = folded;
            let buffer = std::mem::replace(folded.buffer_mut(), Buffer::Bool(Vec::new()));
            // Folded axes that stay have length 1, so only the shape changes.
            let chunk = Chunk::from_buffer(job.result.shape().to_vec(), job.result.dtype(), buffer)?;
            Ok(Some(Slot::Memory(Arc::new(chunk))))
        });
        results.collect()
    }
}

/// The shape of a job's result without folded axes that stay with length 1.
fn unfolded_shape(stage: &Stage, job: &Job) -> Vec<usize> {
    let shape = stage.grid.shape();
    let Some(fold) = &job.fold else { return shape };
    let kept = shape.iter().enumerate().filter(|(axis, _)| !fold.axes.contains(axis));
    let mut kept: Vec<usize> = kept.map(|(_, &len)| len).collect();
    if let Some((_, grouping)) = &fold.codes {
        kept.insert(grouping.position, grouping.groups);
    }
    kept
}
