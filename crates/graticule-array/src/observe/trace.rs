//! Runs as spans of the crate `tracing`: a plan, in it its stages, in them their tasks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::span::EnteredSpan;
use tracing::{Level, Span, field};

use crate::observe::event::{Event, Observer, Outcome, RunId};

/// An observer that makes spans, when somebody is there to see them.
pub(crate) fn observer() -> Option<Arc<dyn Observer>> {
    tracing::enabled!(Level::INFO).then(|| Arc::new(Spans::default()) as Arc<dyn Observer>)
}

/// The open spans of the runs that are under way.
#[derive(Debug, Default)]
struct Spans {
    open: Mutex<BTreeMap<RunId, (Span, Option<Span>)>>,
}

thread_local! {
    /// The task that this thread is at: what sources report while they read belongs to it.
    static TASK: RefCell<Option<EnteredSpan>> = const { RefCell::new(None) };
}

impl Observer for Spans {
    fn on_event(&self, event: &Event) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::PlanStarted { run, plan } => {
                let span = tracing::info_span!(
                    "plan",
                    %run,
                    stages = plan.stages.len(),
                    tasks = plan.tasks(),
                    threads = plan.threads,
                    peak_bytes = plan.peak_bytes,
                    outcome = field::Empty,
                );
                open.insert(*run, (span, None));
            }
            Event::StageStarted { run, stage, name, tasks } => {
                if let Some((plan, current)) = open.get_mut(run) {
                    *current = Some(tracing::info_span!(parent: &*plan, "stage", stage, name, tasks));
                }
            }
            Event::TaskStarted { run, stage, task, thread } => {
                let parent = open.get(run).and_then(|(_, stage)| stage.as_ref());
                let parent = parent.and_then(Span::id);
                let span = tracing::debug_span!(
                    parent: parent,
                    "task",
                    stage,
                    task,
                    thread,
                    bytes_read = field::Empty,
                    blocks_read = field::Empty
                );
                drop(open);
                TASK.set(Some(span.entered()));
            }
            Event::TaskFinished { bytes_read, blocks_read, .. } => {
                drop(open);
                if let Some(span) = TASK.take() {
                    span.record("bytes_read", bytes_read).record("blocks_read", blocks_read);
                }
            }
            Event::StageFinished { run, .. } => {
                if let Some((_, stage)) = open.get_mut(run) {
                    *stage = None;
                }
            }
            Event::PlanFinished { run, outcome } => {
                if let Some((plan, _)) = open.remove(run) {
                    match outcome {
                        Outcome::Succeeded => plan.record("outcome", "succeeded"),
                        Outcome::Cancelled => plan.record("outcome", "cancelled"),
                        Outcome::Failed(message) => {
                            tracing::error!(parent: &plan, "{message}");
                            plan.record("outcome", "failed")
                        }
                    };
                }
            }
        }
    }
}
