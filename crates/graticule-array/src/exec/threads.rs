//! Running a plan on the threads of this process.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::chunk::{Buffer, Chunk};
use crate::error::{Error, Result};
use crate::exec::schedule::{Next, Schedule};
use crate::exec::task::{self, Context, Partial, Scratch};
use crate::exec::tiles::Slots;
use crate::exec::{Cancellation, Executor};
use crate::kernel::copy;
use crate::kernel::state::State;
use crate::observe::{EndOnPanic, Event, Observer, Outcome, RunId};
use crate::plan::{Output, Plan, Stage, StageMemory, window};

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
        let tell = |event: Event| observers.iter().for_each(|observer| observer.on_event(&event));
        let run = RunId::new();
        // Describing the plan takes a while, so it is done only for somebody who wants to know.
        if !observers.is_empty() {
            tell(Event::PlanStarted { run, plan: plan.summary() });
        }
        let guard = EndOnPanic { run, tell: &tell };
        let result = self.run_stages(run, plan, &tell, cancel);
        drop(guard);
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
        for (number, stage) in plan.stages().iter().enumerate() {
            tell(Event::StageStarted { run, stage: number, name: stage.name(), tasks: stage.tasks() });
            let results = run_stage((run, number), stage, threads, &slots, tell, cancel)?;
            for (job, result) in stage.jobs.iter().zip(results) {
                slots.insert(job.result.id(), Arc::new(result));
            }
            for id in &stage.frees {
                slots.remove(id);
            }
            tell(Event::StageFinished { run, stage: number });
        }
        let mut uses: BTreeMap<_, usize> = BTreeMap::new();
        for output in plan.outputs() {
            if let Output::Slot(id) = output {
                *uses.entry(*id).or_insert(0) += 1;
            }
        }
        plan.outputs()
            .iter()
            .map(|output| match output {
                Output::Memory(chunk) => Ok(Chunk::clone(chunk)),
                Output::Slot(id) => {
                    let left = uses.entry(*id).and_modify(|n| *n -= 1).or_insert(0);
                    let chunk = if *left == 0 { slots.remove(id) } else { slots.get(id).cloned() };
                    let missing = || Error::defect("a plan computed everything but one of its results");
                    chunk.map(Arc::unwrap_or_clone).ok_or_else(missing)
                }
            })
            .collect()
    }
}

/// What the threads of a stage share.
struct Shared {
    schedule: Schedule<Vec<Partial>>,
    merger: Merger,
    failure: Option<(usize, Error)>,
}

/// Lets the other threads stop when a source that somebody else wrote panics in this one.
struct StopOnPanic<'a> {
    shared: &'a Mutex<Shared>,
    changed: &'a Condvar,
}

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(self.shared).schedule.stop();
            self.changed.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_stage(
    (run, number): (RunId, usize),
    stage: &Stage,
    threads: usize,
    slots: &Slots,
    tell: &(dyn Fn(Event) + Sync),
    cancel: &Cancellation,
) -> Result<Vec<Chunk>> {
    cancel.check()?;
    let tasks = stage.tasks();
    let memory = StageMemory::of(stage);
    let window = window(memory.task, threads);
    let kept: Vec<Mutex<Chunk>> = stage
        .jobs
        .iter()
        .map(|job| {
            let mut chunk = Chunk::empty(job.result.dtype());
            if job.fold.is_none() {
                chunk.reset(job.result.dtype(), job.result.shape());
            }
            Mutex::new(chunk)
        })
        .collect();
    let keep = |job: usize, region: &[Range<usize>], values: &Chunk| {
        copy::scatter(values, &mut lock(&kept[job]), region);
    };
    let context = Context { stage, slots, cancel, keep: &keep };
    let shared = Mutex::new(Shared {
        schedule: Schedule::new(tasks, window),
        merger: Merger::new(stage),
        failure: None,
    });
    let changed = Condvar::new();

    let worker = |thread: usize| {
        let mut scratch = Scratch::new(memory.blocks);
        let _guard = StopOnPanic { shared: &shared, changed: &changed };
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
            let delivered = std::mem::take(&mut scratch.pool.delivered);
            let mut shared = lock(&shared);
            let merged = result.and_then(|partials| {
                let Shared { schedule, merger, .. } = &mut *shared;
                schedule.finished(task, partials).into_iter().try_for_each(|ready| merger.merge(stage, ready))
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
            if job.fold.is_some() {
                let (blocks, _) = job.blocks(&stage.grid);
                if blocks > 1 {
                    chunk.reset(job.result.dtype(), &unfolded_shape(stage, job));
                }
            }
            chunk
        });
        let finished = stage.jobs.iter().map(|job| vec![false; job.blocks(&stage.grid).0]);
        Self { open: BTreeMap::new(), results: results.collect(), finished: finished.collect() }
    }

    fn merge(&mut self, stage: &Stage, partials: Vec<Partial>) -> Result<()> {
        for partial in partials {
            let key = (partial.job, partial.block);
            let complete = stage.jobs[partial.job].blocks(&stage.grid).1;
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
        let shape = region.iter().map(ExactSizeIterator::len).collect();
        let values = Chunk::from_buffer(shape, dtype, buffer)?;
        if self.finished[partial.job].len() == 1 {
            self.results[partial.job] = values;
        } else {
            copy::scatter(&values, &mut self.results[partial.job], &region);
        }
        self.finished[partial.job][partial.block] = true;
        Ok(())
    }

    fn finish(mut self, stage: &Stage, kept: Vec<Mutex<Chunk>>) -> Result<Vec<Chunk>> {
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
            if job.fold.is_none() {
                return Ok(kept.into_inner().unwrap_or_else(PoisonError::into_inner));
            }
            let mut folded = folded;
            let buffer = std::mem::replace(folded.buffer_mut(), Buffer::Bool(Vec::new()));
            // Folded axes that stay have length 1, so only the shape changes.
            Chunk::from_buffer(job.result.shape().to_vec(), job.result.dtype(), buffer)
        });
        results.collect()
    }
}

fn unfolded_shape(stage: &Stage, job: &crate::plan::Job) -> Vec<usize> {
    let shape = stage.grid.shape();
    match &job.fold {
        Some(fold) => {
            let kept = shape.iter().enumerate().filter(|(axis, _)| !fold.axes.contains(axis));
            kept.map(|(_, &len)| len).collect()
        }
        None => shape,
    }
}
