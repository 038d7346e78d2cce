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
    /// Its tasks, in the order in which they ended. After the first 50,000 of a recording, short ones that follow each
    /// other on a thread are one record.
    pub tasks: Vec<TaskRecord>,
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

/// A task that ended. Serde writes it as a row: stage, task, thread, start, end, bytes read, how many tasks.
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
    /// How many tasks this is: more than one where they were too many to be listed one by one.
    pub tasks: usize,
}

type Row = (usize, usize, usize, f64, f64, usize, usize);

impl From<TaskRecord> for Row {
    fn from(task: TaskRecord) -> Self {
        (
            task.stage,
            task.task,
            task.thread,
            micros(task.start),
            micros(task.end),
            task.bytes_read,
            task.tasks,
        )
    }
}

impl From<Row> for TaskRecord {
    fn from((stage, task, thread, start, end, bytes_read, tasks): Row) -> Self {
        Self { stage, task, thread, start, end, bytes_read, tasks }
    }
}

/// Seconds without digits below a microsecond.
pub(crate) fn micros(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Tasks that are listed one by one.
const LISTED_TASKS: usize = 50_000;
/// Later ones that follow each other within this time are one record, in seconds, ...
const GAP: f64 = 0.02;
/// ... until it is this long, and this share of the whole recording: it then has few records, however long it is.
const LONGEST: f64 = 0.1;
const LONGEST_SHARE: f64 = 1e-3;

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
    /// The last record of a thread of a run, by its position.
    last: BTreeMap<(RunId, usize), usize>,
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
        let Notes { runs, open, last, usage: begun, listed, unwritten_runs } = &mut *notes;
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
                let (stage, task, thread, bytes_read) = (*stage, *task, *thread, *bytes_read);
                let task = TaskRecord { stage, task, thread, start, end: now, bytes_read, tasks: 1 };
                let before = last.get(&(*run, thread)).and_then(|&position| record.tasks.get_mut(position));
                match before.filter(|before| *listed >= LISTED_TASKS && before.is_continued_by(&task)) {
                    Some(before) => before.append(&task),
                    None => {
                        *listed += 1;
                        last.insert((*run, thread), record.tasks.len());
                        record.tasks.push(task);
                    }
                }
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
                last.retain(|(other, _), _| other != run);
                record.finished = Some(now);
                record.outcome = Some(outcome.clone());
            }
        }
    }
}

impl TaskRecord {
    /// Whether a task of the same thread is more of the same.
    fn is_continued_by(&self, next: &Self) -> bool {
        let longest = LONGEST.max(next.end * LONGEST_SHARE);
        self.stage == next.stage && next.start - self.end < GAP && next.end - self.start < longest
    }

    fn append(&mut self, next: &Self) {
        self.end = next.end;
        self.bytes_read += next.bytes_read;
        self.tasks += next.tasks;
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
        }
    }

    /// Bytes that sources delivered to all stages, decoded.
    pub fn bytes_read(&self) -> usize {
        self.stages.iter().map(|stage| stage.bytes_read).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_tasks_none_is_forgotten_and_few_are_listed() {
        let recorder = Recorder::new(Instant::now());
        let run = RunId::new();
        let resources = crate::plan::Resources { threads: 1, memory_limit: 1 << 30, spill_dir: None };
        let plan = crate::plan::Plan::new(&[], &resources).unwrap().report().clone();
        recorder.on_event(&Event::PlanStarted { run, plan: Arc::new(plan) });
        for task in 0..LISTED_TASKS + 20_000 {
            let thread = task % 2;
            recorder.on_event(&Event::TaskStarted { run, stage: 0, task, thread });
            let reading = std::time::Duration::ZERO;
            let (bytes_read, blocks_read) = (3, 1);
            recorder.on_event(&Event::TaskFinished {
                run,
                stage: 0,
                task,
                thread,
                bytes_read,
                blocks_read,
                reading,
            });
        }
        recorder.on_event(&Event::PlanFinished { run, outcome: Outcome::Succeeded });
        let runs = recorder.runs();
        let tasks = &runs.first().unwrap().tasks;
        assert!(tasks.len() < LISTED_TASKS + 5_000, "{}", tasks.len());
        assert_eq!(tasks.iter().map(|task| task.tasks).sum::<usize>(), LISTED_TASKS + 20_000);
        assert_eq!(tasks.iter().map(|task| task.bytes_read).sum::<usize>(), 3 * (LISTED_TASKS + 20_000));
        assert!(tasks.iter().all(|task| task.start <= task.end));
    }
}
