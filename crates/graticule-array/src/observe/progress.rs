//! Progress bars on the terminal.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::bytes;
use crate::observe::analysis::seconds;
use crate::observe::event::{Event, Observer, Outcome, Registration, RunId};
use crate::observe::process::usage;

/// A progress bar for every computation while this value lives: how much is done and how fast, what is left, which
/// stage, and the memory of the process. Computations that run at once have a line each. Quiet when standard error
/// is not a terminal.
///
/// ```
/// use graticule_array::{Array, ProgressBar};
/// let _bar = ProgressBar::start();
/// let mean = Array::random_uniform(0.0, 1.0, 7, (1_000, 1_000), (100, 1_000))?.mean(())?.compute()?;
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgressBar {
    _bars: Arc<Shown>,
}

impl ProgressBar {
    /// Shows bars from now on, until the value is dropped. Several such values show each computation once.
    pub fn start() -> Self {
        static SHOWN: OnceLock<Mutex<Weak<Shown>>> = OnceLock::new();
        let mut shown = SHOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let bars = shown.upgrade().unwrap_or_else(|| {
            let bars = Arc::new(Shown { _registration: Registration::new(Arc::new(Bars::default())) });
            *shown = Arc::downgrade(&bars);
            bars
        });
        Self { _bars: bars }
    }
}

/// What all bars of the process share: one place that writes to the terminal.
#[derive(Debug)]
struct Shown {
    _registration: Registration,
}

#[derive(Debug, Default)]
struct Bars {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The lines of computations that overlap. Those that do not get lines of their own, so that what a program
    /// writes between two computations stays.
    lines: Option<indicatif::MultiProgress>,
    runs: BTreeMap<RunId, Line>,
}

/// The line of one computation.
#[derive(Debug)]
struct Line {
    bar: indicatif::ProgressBar,
    started: Instant,
    written: Option<Instant>,
    stages: usize,
    stage: usize,
    name: String,
    tasks: usize,
    done: usize,
    bytes: usize,
}

/// How often a line changes at most. The clock of a line that waits for a long task goes on by itself.
const EVERY: Duration = Duration::from_millis(100);

impl Observer for Bars {
    fn on_event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::PlanStarted { run, plan } => {
                let bar = indicatif::ProgressBar::new(plan.tasks() as u64);
                style(&bar, RUNNING);
                let bar = state.lines.get_or_insert_default().add(bar);
                if !bar.is_hidden() {
                    bar.enable_steady_tick(Duration::from_millis(500));
                }
                state.runs.insert(*run, Line::new(bar, plan.stages.len(), plan.tasks()));
            }
            Event::StageStarted { run, stage, name, .. } => {
                if let Some(line) = state.runs.get_mut(run) {
                    line.stage = *stage;
                    line.name = shortened(name);
                    line.write(true);
                }
            }
            Event::TaskStarted { .. } | Event::StageFinished { .. } => {}
            Event::TaskFinished { run, bytes_read, .. } => {
                if let Some(line) = state.runs.get_mut(run) {
                    line.bytes += bytes_read;
                    line.done += 1;
                    line.write(false);
                }
            }
            Event::PlanFinished { run, outcome } => {
                if let Some(line) = state.runs.remove(run) {
                    line.finish(outcome);
                }
                if state.runs.is_empty() {
                    state.lines = None;
                }
            }
        }
    }
}

const RUNNING: &str = "{bar:24} {percent:>3}% {elapsed:>4}  {wide_msg}";
const ENDED: &str = "{bar:24} {percent:>3}%  {wide_msg}";

/// Changes how a bar is written. A template that is not understood leaves it as it was.
fn style(bar: &indicatif::ProgressBar, template: &str) {
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

impl Line {
    fn new(bar: indicatif::ProgressBar, stages: usize, tasks: usize) -> Self {
        let started = Instant::now();
        Self { bar, started, written: None, stages, stage: 0, name: String::new(), tasks, done: 0, bytes: 0 }
    }

    fn write(&mut self, now: bool) {
        if self.bar.is_hidden() || !now && self.written.is_some_and(|written| written.elapsed() < EVERY) {
            return;
        }
        self.written = Some(Instant::now());
        self.bar.set_position(self.done as u64);
        let memory = usage().map(|usage| usage.memory);
        self.bar.set_message(self.message(self.started.elapsed().as_secs_f64(), memory));
    }

    /// `stage 2/3 · 412 MiB/s · 3.1 s left · memory 250 MiB · std`: what changes first, since a narrow terminal cuts
    /// off the end.
    fn message(&self, elapsed: f64, memory: Option<usize>) -> String {
        let mut parts = Vec::new();
        if self.stages > 1 {
            parts.push(format!("stage {}/{}", self.stage + 1, self.stages));
        }
        parts.extend(self.rate(elapsed));
        if self.done > 0 && self.done < self.tasks {
            let left = elapsed / self.done as f64 * (self.tasks - self.done) as f64;
            parts.push(format!("{} left", seconds(left)));
        }
        parts.extend(memory.map(|bytes| format!("memory {}", bytes::format(bytes))));
        parts.push(self.name.clone());
        parts.join(" · ")
    }

    /// Bytes a second where something is read, tasks a second elsewhere.
    fn rate(&self, elapsed: f64) -> Option<String> {
        match (self.bytes, self.done) {
            _ if elapsed <= 0.0 => None,
            (0, 0) => None,
            (0, done) => Some(format!("{:.0} tasks/s", done as f64 / elapsed)),
            (bytes, _) => Some(format!("{}/s", bytes::format((bytes as f64 / elapsed) as usize))),
        }
    }

    fn finish(self, outcome: &Outcome) {
        let elapsed = self.started.elapsed().as_secs_f64();
        style(&self.bar, ENDED);
        self.bar.set_position(self.done as u64);
        let took = seconds(elapsed);
        match outcome {
            Outcome::Succeeded => {
                let read = match self.bytes {
                    0 => String::new(),
                    bytes => format!(", read {}", bytes::format(bytes)),
                };
                let rate = self.rate(elapsed).map(|rate| format!(" at {rate}")).unwrap_or_default();
                self.bar.finish_with_message(format!("done in {took}{read}{rate}"));
            }
            Outcome::Cancelled => self.bar.abandon_with_message(format!("cancelled after {took}")),
            Outcome::Failed(_) => self.bar.abandon_with_message(format!("failed after {took}")),
        }
    }
}

fn shortened(name: &str) -> String {
    match name.chars().count() {
        0..=40 => name.to_owned(),
        _ => name.chars().take(39).collect::<String>() + "…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_fast_it_goes_and_what_is_left() {
        let mut line = Line::new(indicatif::ProgressBar::hidden(), 3, 100);
        line.name = "std".into();
        assert_eq!(line.message(0.0, None), "stage 1/3 · std");
        (line.stage, line.done, line.bytes) = (1, 25, 512 << 20);
        assert_eq!(
            line.message(2.0, Some(250 << 20)),
            "stage 2/3 · 256 MiB/s · 6.00 s left · memory 250 MiB · std"
        );
        (line.stages, line.bytes) = (1, 0);
        assert_eq!(line.message(2.0, None), "12 tasks/s · 6.00 s left · std");
    }
}
