//! What the live page shows, kept up to date by the events of all runs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::observe::event::{Event, Observer, Outcome, RunId};
use crate::observe::process::{Usage, usage};
use crate::observe::record::micros;
use crate::plan::{PlanGraph, PlanReport, StageReport};

/// Runs that are remembered, and more until pages were told how they ended, ...
const RUNS: usize = 50;
/// ... but never more than this.
const UNTOLD_RUNS: usize = 1_000;
/// Runs of which the plan is remembered, too.
const PLANS: usize = 8;
/// Seconds of tasks and samples that are remembered.
const SECONDS: f64 = 120.0;
/// Blocks of work that are remembered, whatever their time.
const SPANS: usize = 6_000;
/// Tasks of one thread that follow each other within this time are one block of work, in seconds, ...
const GAP: f64 = 0.02;
/// ... until the block is this long. A page has no more points than that.
const LONGEST: f64 = 0.1;

/// The state of the page.
#[derive(Debug)]
pub(super) struct Live {
    origin: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Goes up with every change; what changed carries the number of its last change.
    version: u64,
    /// The last version that pages were told.
    told: u64,
    runs: Vec<Run>,
    spans: VecDeque<Span>,
    next_span: u64,
    /// Of each lane the task that it is at.
    current: BTreeMap<usize, Current>,
    samples: VecDeque<Sample>,
    bytes: usize,
    tasks: usize,
    before: Option<(f64, usize, usize, Option<Usage>)>,
}

#[derive(Debug, Clone, Serialize)]
struct Run {
    run: RunId,
    #[serde(skip)]
    version: u64,
    /// The version at which the run began: before it, nobody knows its plan.
    #[serde(skip)]
    born: u64,
    started: f64,
    finished: Option<f64>,
    outcome: Option<Outcome>,
    threads: usize,
    /// The first of the lanes that its threads have on the page.
    lane: usize,
    memory_before: Option<usize>,
    peak_bytes: usize,
    limit_bytes: usize,
    stages: Vec<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Arc<Described>>,
}

#[derive(Debug, Clone, Serialize)]
struct Stage {
    name: String,
    tasks: usize,
    done: usize,
    running: usize,
    bytes_read: usize,
    decoded_bytes: u64,
    busy: f64,
    reading: f64,
    started: Option<f64>,
    finished: Option<f64>,
}

/// What a page is told once about a run.
#[derive(Debug, Serialize)]
struct Described {
    text: String,
    graph: PlanGraph,
}

/// What a thread did for a while: one task, or several short ones.
#[derive(Debug, Clone, Copy, Serialize)]
struct Span {
    id: u64,
    #[serde(skip)]
    version: u64,
    run: RunId,
    lane: usize,
    stage: usize,
    tasks: usize,
    start: f64,
    end: f64,
    bytes_read: usize,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Current {
    run: RunId,
    lane: usize,
    stage: usize,
    task: usize,
    since: f64,
    /// The last block of work of the lane.
    #[serde(skip)]
    span: Option<u64>,
    #[serde(skip)]
    idle: bool,
}

/// What the process took around a moment.
#[derive(Debug, Clone, Copy, Serialize)]
struct Sample {
    at: f64,
    #[serde(skip)]
    version: u64,
    memory: Option<usize>,
    /// CPU time in a second: 2 is two processors.
    cpu: Option<f64>,
    bytes_per_second: f64,
    tasks_per_second: f64,
}

/// What a page is told: everything, or what changed.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    /// Whether this is everything, and the page has to forget what it knew.
    all: bool,
    now: f64,
    process: u32,
    runs: Vec<Run>,
    current: Vec<Current>,
    spans: Vec<Span>,
    samples: Vec<Sample>,
}

impl Message {
    pub(super) fn to_json(&self) -> String {
        // Writing numbers and texts as JSON cannot fail: no map has keys that are not texts.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Live {
    pub(super) fn new() -> Self {
        Self { origin: Instant::now(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> f64 {
        self.origin.elapsed().as_secs_f64()
    }

    /// Whether a run is under way.
    pub(super) fn is_active(&self) -> bool {
        self.state().runs.iter().any(|run| run.finished.is_none())
    }

    /// Takes down what the process takes now.
    pub(super) fn sample(&self) {
        let (now, usage) = (self.now(), usage());
        let mut state = self.state();
        let (bytes, tasks) = (state.bytes, state.tasks);
        if let Some((at, bytes_before, tasks_before, usage_before)) = state.before {
            let per_second = |n: f64| n / (now - at).max(1e-3);
            state.version += 1;
            let sample = Sample {
                at: now,
                version: state.version,
                memory: usage.map(|usage| usage.memory),
                cpu: usage.zip(usage_before).map(|(now, before)| per_second(now.cpu - before.cpu)),
                bytes_per_second: per_second((bytes - bytes_before) as f64),
                tasks_per_second: per_second((tasks - tasks_before) as f64),
            };
            state.samples.push_back(sample);
            // As long as a run is in view, so are its samples.
            let oldest = state.runs.last().map_or(now, |run| run.finished.unwrap_or(now)) - SECONDS;
            while state.samples.front().is_some_and(|sample| sample.at < oldest)
                || state.samples.len() > SPANS
            {
                state.samples.pop_front();
            }
        }
        state.before = Some((now, bytes, tasks, usage));
    }

    /// Everything, and the version it is of.
    pub(super) fn all(&self) -> (Message, u64) {
        let state = self.state();
        (state.message(self.now(), 0, true), state.version)
    }

    /// Takes note that nobody waits for anything that has happened.
    pub(super) fn nobody_listens(&self) {
        let mut state = self.state();
        state.told = state.version;
    }

    /// What changed since a version, and the version of now; nothing when nothing did. Who asks tells the pages.
    pub(super) fn since(&self, version: u64) -> Option<(Message, u64)> {
        let mut state = self.state();
        state.told = state.version;
        (state.version > version).then(|| (state.message(self.now(), version, false), state.version))
    }
}

impl State {
    fn message(&self, now: f64, since: u64, all: bool) -> Message {
        let changed = self.runs.iter().filter(|run| run.version > since).cloned();
        let runs = changed.map(|run| if run.born > since { run } else { Run { plan: None, ..run } });
        Message {
            all,
            now,
            process: std::process::id(),
            runs: runs.collect(),
            current: self.current.values().filter(|current| !current.idle).copied().collect(),
            spans: self.spans.iter().filter(|span| span.version > since).copied().collect(),
            samples: self.samples.iter().filter(|sample| sample.version > since).copied().collect(),
        }
    }

    fn start_run(&mut self, id: RunId, plan: &PlanReport, now: f64) {
        // The first lanes that no run under way has.
        let mut lane = 0;
        while let Some(other) = self.runs.iter().find(|run| {
            run.finished.is_none() && run.lane < lane + plan.threads && lane < run.lane + run.threads
        }) {
            lane = other.lane + other.threads;
        }
        self.runs.push(Run {
            run: id,
            version: self.version,
            born: self.version,
            started: now,
            finished: None,
            outcome: None,
            threads: plan.threads,
            lane,
            memory_before: usage().map(|usage| usage.memory),
            peak_bytes: plan.peak_bytes,
            limit_bytes: plan.limit_bytes,
            stages: plan.stages.iter().map(Stage::new).collect(),
            plan: Some(Arc::new(Described { text: plan.to_string(), graph: plan.graph.clone() })),
        });
        let many = self.runs.len().saturating_sub(PLANS);
        self.runs.iter_mut().take(many).filter(|run| run.finished.is_some()).for_each(|run| run.plan = None);
        let ended =
            |run: &Run| run.finished.is_some() && (run.version <= self.told || self.runs.len() > UNTOLD_RUNS);
        if self.runs.len() > RUNS
            && let Some(oldest) = self.runs.iter().position(ended)
        {
            self.runs.remove(oldest);
        }
    }

    /// Adds a task to what its lane did.
    fn add_span(&mut self, lane: usize, bytes_read: usize, now: f64) -> Option<f64> {
        let current = self.current.get_mut(&lane)?;
        current.idle = true;
        let (run, stage, start) = (current.run, current.stage, current.since);
        let front = self.spans.front().map_or(self.next_span, |span| span.id);
        let last = current.span.and_then(|id| usize::try_from(id.checked_sub(front)?).ok());
        if let Some(last) = last.and_then(|position| self.spans.get_mut(position))
            && (last.run, last.stage) == (run, stage)
            && start - last.end < GAP
            && now - last.start < LONGEST
        {
            last.version = self.version;
            last.end = micros(now);
            last.tasks += 1;
            last.bytes_read += bytes_read;
            return Some(now - start);
        }
        let (id, version) = (self.next_span, self.version);
        let (start_at, end) = (micros(start), micros(now));
        self.spans.push_back(Span {
            id,
            version,
            run,
            lane,
            stage,
            tasks: 1,
            start: start_at,
            end,
            bytes_read,
        });
        current.span = Some(id);
        self.next_span += 1;
        while self.spans.len() > SPANS || self.spans.front().is_some_and(|span| span.end < now - SECONDS) {
            self.spans.pop_front();
        }
        Some(now - start)
    }
}

impl Observer for Live {
    fn on_event(&self, event: &Event) {
        let now = self.now();
        let mut state = self.state();
        state.version += 1;
        let version = state.version;
        if let Event::PlanStarted { run, plan } = event {
            state.start_run(*run, plan, now);
            return;
        }
        let State { runs, current, .. } = &mut *state;
        let Some(run) = runs.iter_mut().rev().find(|run| run.run == event.run()) else { return };
        run.version = version;
        match event {
            Event::PlanStarted { .. } => {}
            Event::StageStarted { stage, .. } => {
                if let Some(stage) = run.stages.get_mut(*stage) {
                    stage.started = Some(now);
                }
            }
            Event::TaskStarted { run: id, stage, task, thread } => {
                if let Some(stage) = run.stages.get_mut(*stage) {
                    stage.running += 1;
                }
                let lane = run.lane + thread;
                let span = current.get(&lane).and_then(|before| before.span);
                let (run, stage, task) = (*id, *stage, *task);
                current.insert(lane, Current { run, lane, stage, task, since: now, span, idle: false });
            }
            Event::TaskFinished { stage, thread, bytes_read, reading, .. } => {
                let lane = run.lane + thread;
                let (id, stage) = (run.run, *stage);
                state.bytes += bytes_read;
                state.tasks += 1;
                let took = state.add_span(lane, *bytes_read, now).unwrap_or(0.0);
                let run = state.runs.iter_mut().rev().find(|run| run.run == id);
                if let Some(stage) = run.and_then(|run| run.stages.get_mut(stage)) {
                    stage.running = stage.running.saturating_sub(1);
                    stage.done += 1;
                    stage.bytes_read += bytes_read;
                    stage.busy += took;
                    stage.reading += reading.as_secs_f64();
                }
            }
            Event::StageFinished { stage, .. } => {
                if let Some(stage) = run.stages.get_mut(*stage) {
                    stage.finished = Some(now);
                }
            }
            Event::PlanFinished { run: id, outcome } => {
                run.finished = Some(now);
                run.outcome = Some(outcome.clone());
                run.stages.iter_mut().for_each(|stage| stage.running = 0);
                current
                    .values_mut()
                    .filter(|current| current.run == *id)
                    .for_each(|current| current.idle = true);
            }
        }
    }
}

impl Stage {
    fn new(planned: &StageReport) -> Self {
        Self {
            name: planned.name.clone(),
            tasks: planned.tasks,
            done: 0,
            running: 0,
            bytes_read: 0,
            decoded_bytes: planned.decoded_bytes(),
            busy: 0.0,
            reading: 0.0,
            started: None,
            finished: None,
        }
    }
}
