//! What happened in some runs, written down with times.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::observe::event::{Event, Observer, Outcome, RunId};
use crate::observe::process::{Usage, usage};
use crate::plan::PlanReport;

/// What happened in one run. Times are seconds since recording began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run.
    pub run: RunId,
    /// What was planned.
    pub plan: Arc<PlanReport>,
    /// When it started.
    pub started: f64,
    /// When it ended, if it did.
    pub finished: Option<f64>,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
    /// Resident memory of the process when it started, where the system says.
    pub memory_before: Option<usize>,
    /// What its stages did, in the order of the plan.
    pub stages: Vec<StageRecord>,
    /// Its tasks, in the order in which they ended.
    pub tasks: Vec<TaskRecord>,
    /// Tasks that ended after the first 50,000; they count in the stages but are not listed.
    pub unlisted_tasks: usize,
}

/// What a stage did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// When it started, if it did.
    pub started: Option<f64>,
    /// When it was finished, if it was.
    pub finished: Option<f64>,
    /// CPU time of the process meanwhile, in seconds, where the system says. Whatever else the process did counts.
    pub cpu: Option<f64>,
    /// Tasks that ended.
    pub tasks: usize,
    /// Bytes that sources delivered, decoded.
    pub bytes_read: usize,
    /// Blocks that sources delivered.
    pub blocks_read: usize,
    /// Seconds of all threads together inside tasks.
    pub busy: f64,
    /// Of these, waiting for sources: reading and decoding.
    pub reading: f64,
    /// Seconds of the longest task.
    pub longest: f64,
}

/// A task that ended. Serde writes it as a row: stage, task, thread, start, end, bytes read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct TaskRecord {
    /// The stage.
    pub stage: usize,
    /// Its number in the stage.
    pub task: usize,
    /// The thread that ran it.
    pub thread: usize,
    /// When it started.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// Bytes that sources delivered to it, decoded.
    pub bytes_read: usize,
}

type Row = (usize, usize, usize, f64, f64, usize);

impl From<TaskRecord> for Row {
    fn from(task: TaskRecord) -> Self {
        (task.stage, task.task, task.thread, micros(task.start), micros(task.end), task.bytes_read)
    }
}

impl From<Row> for TaskRecord {
    fn from((stage, task, thread, start, end, bytes_read): Row) -> Self {
        Self { stage, task, thread, start, end, bytes_read }
    }
}

/// Seconds without digits below a microsecond.
pub(crate) fn micros(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Tasks that are listed one by one.
const LISTED_TASKS: usize = 50_000;

/// Runs that are written down.
const RUNS: usize = 1_000;

/// Writes down what it is told.
#[derive(Debug)]
pub(crate) struct Recorder {
    origin: Instant,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    runs: Vec<RunRecord>,
    /// When the task began that a thread of a run is at.
    open: BTreeMap<(RunId, usize), f64>,
    /// What the process had taken when the stage of a run began.
    usage: BTreeMap<RunId, Usage>,
    listed: usize,
    unwritten_runs: usize,
}

impl Recorder {
    /// A recorder whose times count from `origin`.
    pub(crate) fn new(origin: Instant) -> Self {
        Self { origin, notes: Mutex::default() }
    }

    /// What was written down until now.
    pub(crate) fn runs(&self) -> Vec<RunRecord> {
        self.notes().runs.clone()
    }

    /// How many runs were too many to be written down.
    pub(crate) fn unwritten_runs(&self) -> usize {
        self.notes().unwritten_runs
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn on_event(&self, event: &Event) {
        let now = self.origin.elapsed().as_secs_f64();
        let mut notes = self.notes();
        let Notes { runs, open, usage: begun, listed, unwritten_runs } = &mut *notes;
        if let Event::PlanStarted { run, plan } = event {
            if runs.len() >= RUNS {
                *unwritten_runs += 1;
            } else {
                runs.push(RunRecord::new(*run, Arc::clone(plan), now));
            }
            return;
        }
        // Runs that are under way are among the last.
        let Some(record) = runs.iter_mut().rev().find(|record| record.run == event.run()) else { return };
        match event {
            Event::PlanStarted { .. } => {}
            Event::StageStarted { run, stage, .. } => {
                if let Some(stage) = record.stages.get_mut(*stage) {
                    stage.started = Some(now);
                }
                begun.extend(usage().map(|usage| (*run, usage)));
            }
            Event::TaskStarted { run, thread, .. } => {
                open.insert((*run, *thread), now);
            }
            Event::TaskFinished { run, stage, task, thread, bytes_read, blocks_read, reading } => {
                let start = open.remove(&(*run, *thread)).unwrap_or(now);
                if let Some(record) = record.stages.get_mut(*stage) {
                    record.tasks += 1;
                    record.bytes_read += bytes_read;
                    record.blocks_read += blocks_read;
                    record.reading += reading.as_secs_f64();
                    record.busy += now - start;
                    record.longest = record.longest.max(now - start);
                }
                if *listed >= LISTED_TASKS {
                    record.unlisted_tasks += 1;
                    return;
                }
                *listed += 1;
                let (stage, task, thread, bytes_read) = (*stage, *task, *thread, *bytes_read);
                record.tasks.push(TaskRecord { stage, task, thread, start, end: now, bytes_read });
            }
            Event::StageFinished { run, stage } => {
                let before = begun.remove(run);
                if let Some(stage) = record.stages.get_mut(*stage) {
                    stage.finished = Some(now);
                    stage.cpu = usage().zip(before).map(|(now, before)| now.cpu - before.cpu);
                }
            }
            Event::PlanFinished { run, outcome } => {
                begun.remove(run);
                open.retain(|(other, _), _| other != run);
                record.finished = Some(now);
                record.outcome = Some(outcome.clone());
            }
        }
    }
}

impl RunRecord {
    fn new(run: RunId, plan: Arc<PlanReport>, started: f64) -> Self {
        Self {
            run,
            stages: vec![StageRecord::default(); plan.stages.len()],
            plan,
            started,
            finished: None,
            outcome: None,
            memory_before: usage().map(|usage| usage.memory),
            tasks: Vec::new(),
            unlisted_tasks: 0,
        }
    }

    /// Bytes that sources delivered to all stages, decoded.
    pub fn bytes_read(&self) -> usize {
        self.stages.iter().map(|stage| stage.bytes_read).sum()
    }
}
