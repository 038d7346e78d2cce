//! Those who see what an executor does: an observer and a sink.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::exec::CancelHandle;
use crate::grid::ChunkGrid;
use crate::kernel::copy;
use crate::observe::{Event, Observer};
use crate::plan::Plan;
use crate::sink::ChunkSink;

/// What was told, as far as the suite looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    PlanStarted,
    StageStarted { stage: usize, tasks: usize },
    TaskStarted { stage: usize, task: usize },
    TaskFinished { stage: usize, task: usize },
    PlanFinished,
}

/// Keeps what it is told, and may cancel the run after some tasks.
#[derive(Debug, Default)]
pub(super) struct Witness {
    told: Mutex<Vec<Told>>,
    cancels_after: Option<(usize, CancelHandle)>,
}

impl Observer for Witness {
    fn on_event(&self, event: &Event) {
        let told = if let Event::PlanStarted { .. } = event {
            Told::PlanStarted
        } else if let &Event::StageStarted { stage, tasks, .. } = event {
            Told::StageStarted { stage, tasks }
        } else if let &Event::TaskStarted { stage, task, .. } = event {
            Told::TaskStarted { stage, task }
        } else if let &Event::TaskFinished { stage, task, .. } = event {
            Told::TaskFinished { stage, task }
        } else if let Event::PlanFinished { .. } = event {
            Told::PlanFinished
        } else {
            return;
        };
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(told);
        if let Some((tasks, handle)) = &self.cancels_after {
            let finished = all.iter().filter(|told| matches!(told, Told::TaskFinished { .. })).count();
            if finished >= *tasks {
                handle.cancel();
            }
        }
    }
}

impl Witness {
    /// One that cancels the run when so many tasks are finished.
    pub(super) fn cancelling_after(tasks: usize, handle: CancelHandle) -> Self {
        Self { told: Mutex::default(), cancels_after: Some((tasks, handle)) }
    }

    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was told of a run, if it is not what should be. Of a run that failed the beginning has to be right.
    pub(super) fn problem(&self, plan: &Plan, succeeded: bool) -> Option<String> {
        let told = self.told();
        let (Some((Told::PlanStarted, rest)), Some(Told::PlanFinished)) = (told.split_first(), told.last())
        else {
            return Some(format!("it begins with {:?} and ends with {:?}", told.first(), told.last()));
        };
        let stages = plan.tasks();
        // Of each task of the stage that runs: whether it is finished.
        let mut running: BTreeMap<usize, bool> = BTreeMap::new();
        let mut next = 0;
        let complete = |running: &BTreeMap<usize, bool>, next: usize| {
            let tasks = next.checked_sub(1).and_then(|stage| stages.get(stage)).copied().unwrap_or(0);
            running.len() == tasks && running.values().all(|&finished| finished)
        };
        for &one in &rest[..rest.len() - 1] {
            let is_right = match one {
                Told::PlanStarted | Told::PlanFinished => false,
                Told::StageStarted { stage, tasks } => {
                    let is_next =
                        stage == next && stages.get(stage) == Some(&tasks) && complete(&running, next);
                    running.clear();
                    next += 1;
                    is_next
                }
                Told::TaskStarted { stage, task } => {
                    stage + 1 == next
                        && stages.get(stage).is_some_and(|&tasks| task < tasks)
                        && running.insert(task, false).is_none()
                }
                Told::TaskFinished { stage, task } => {
                    stage + 1 == next && running.insert(task, true) == Some(false)
                }
            };
            if !is_right {
                return Some(format!("{one:?} comes where it should not, or again"));
            }
        }
        if succeeded && !(next == stages.len() && complete(&running, next)) {
            return Some(format!("{next} of {} stages were told of, or not all their tasks", stages.len()));
        }
        None
    }
}

/// Keeps what it is given, and where.
#[derive(Debug)]
pub(super) struct Kept {
    grid: ChunkGrid,
    values: Mutex<Chunk>,
    regions: Mutex<Vec<Vec<Range<usize>>>>,
    /// Whether it refuses what it is given.
    refuses: bool,
}

impl Kept {
    pub(super) fn new(dtype: DType, grid: ChunkGrid, refuses: bool) -> Self {
        let mut values = Chunk::empty(dtype);
        values.reset(dtype, &grid.shape());
        Self { grid, values: Mutex::new(values), regions: Mutex::default(), refuses }
    }

    pub(super) fn values(&self) -> Chunk {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is wrong with the regions that it was given.
    pub(super) fn problem(&self) -> Option<String> {
        let mut chunks: BTreeSet<Vec<usize>> = BTreeSet::new();
        for region in self.regions.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let mut covered = vec![Vec::new()];
            for (range, axis) in region.iter().zip(self.grid.axes()) {
                let (first, end) = (axis.find(range.start), axis.find(range.end.saturating_sub(1)) + 1);
                let is_whole = axis.range(first).start == range.start && axis.range(end - 1).end == range.end;
                if !is_whole {
                    return Some(format!("{region:?} is not made of whole chunks of {}", self.grid));
                }
                covered = covered
                    .iter()
                    .flat_map(|index: &Vec<usize>| {
                        (first..end).map(|i| index.iter().copied().chain([i]).collect::<Vec<_>>())
                    })
                    .collect();
            }
            for index in covered {
                if !chunks.insert(index.clone()) {
                    return Some(format!("chunk {index:?} was given twice"));
                }
            }
        }
        let all = self.grid.count();
        (chunks.len() != all).then(|| format!("{} of {all} chunks were given", chunks.len()))
    }
}

impl ChunkSink for Kept {
    fn label(&self) -> String {
        "a sink of the suite".into()
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn write(&self, region: &[Range<usize>], values: &Chunk) -> Result<()> {
        if self.refuses {
            let cause = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(Error::Write { path: self.label(), cause: std::sync::Arc::new(cause) });
        }
        copy::scatter(values, &mut self.values.lock().unwrap_or_else(PoisonError::into_inner), region);
        self.regions.lock().unwrap_or_else(PoisonError::into_inner).push(region.to_vec());
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }
}
