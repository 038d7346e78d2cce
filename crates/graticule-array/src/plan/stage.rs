//! A stage: one pass over a domain, cut into tasks.

use std::ops::Range;

use crate::aggregation::{Aggregation, Statistic};
use crate::expr::{Expr, NodeId};
use crate::grid::ChunkGrid;
use crate::plan::group::Grouping;
use crate::plan::known::{Known, Placement};

/// Something a stage computes: the values of an expression, kept or folded.
#[derive(Debug)]
pub(crate) struct Job {
    /// The expression over the domain of the stage.
    pub(crate) expr: Expr,
    /// The chunks in which it is worked on.
    pub(crate) grid: ChunkGrid,
    /// How its values are folded; kept as they are where there is nothing.
    pub(crate) fold: Option<Fold>,
    /// The node whose result this is.
    pub(crate) result: Expr,
    /// Where the result is kept.
    pub(crate) placement: Placement,
    /// Of an intermediate result that is kept so that it is not computed or read again and again: why.
    pub(crate) kept: Option<Kept>,
}

/// How the values of a job are folded.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) aggregation: Aggregation,
    pub(crate) axes: Vec<usize>,
    /// The other input of a statistic of pairs.
    pub(crate) second: Option<Expr>,
    /// The group of each value, where groups are folded apart.
    pub(crate) codes: Option<(Expr, Grouping)>,
}

/// Why an intermediate result is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The chunks in which others ask for it, where those differ from its own.
    pub(crate) asked_in: Option<ChunkGrid>,
    /// What would happen otherwise.
    pub(crate) why: String,
}

/// One pass over a domain. All jobs of a stage share its domain and what they read.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) jobs: Vec<Job>,
    /// The chunks of the domain.
    pub(crate) grid: ChunkGrid,
    /// Nodes that earlier stages computed: this stage finds them in memory.
    pub(crate) known: Known,
    /// Results that no later stage needs.
    pub(crate) frees: Vec<NodeId>,
    /// The order of the domain's axes, slowest first: axes that the main job keeps, then those it folds,
    /// so that its results are finished one after another.
    order: Vec<usize>,
    /// How many chunks make a row: those that go into one result of the main job.
    row: usize,
    /// How many chunks make a task. Tasks do not span rows.
    per_task: usize,
    /// The job whose states are the largest.
    main: usize,
}

/// The number of tasks a stage aims at: enough to keep threads busy to the end. It is not a function of the
/// number of threads, so that results are not either.
const TASKS: usize = 64;

impl Stage {
    pub(crate) fn new(jobs: Vec<Job>, grid: ChunkGrid) -> Self {
        let ndim = grid.axes().len();
        let main = (0..jobs.len()).max_by_key(|&i| jobs[i].state_bytes_of_all()).unwrap_or(0);
        let main_fold = jobs.get(main).and_then(|job| job.fold.as_ref());
        let folded = |axis: &usize| main_fold.is_some_and(|fold| fold.axes.contains(axis));
        let (kept, folded): (Vec<usize>, Vec<usize>) = (0..ndim).partition(|axis| !folded(axis));
        let counts = grid.counts();
        let row: usize = folded.iter().map(|&axis| counts[axis]).product();
        let rows: usize = kept.iter().map(|&axis| counts[axis]).product();
        let stores = jobs.iter().any(|job| job.fold.is_none());
        let (row, per_task) = if stores || folded.is_empty() {
            // Kept values leave a task chunk by chunk; small chunks are bundled.
            (row * rows, (row * rows).div_ceil(TASKS * TASKS).max(1))
        } else {
            (row, row.div_ceil(TASKS.div_ceil(rows.max(1))).max(1))
        };
        let order = kept.into_iter().chain(folded).collect();
        Self { jobs, grid, known: Known::new(), frees: Vec::new(), order, row, per_task, main }
    }

    /// How many tasks the stage has.
    pub(crate) fn tasks(&self) -> usize {
        let chunks = self.grid.count();
        match self.row {
            0 => 0,
            row => chunks / row * row.div_ceil(self.per_task),
        }
    }

    /// The chunks of a task, in the order they are worked on.
    pub(crate) fn chunks(&self, task: usize) -> impl Iterator<Item = Vec<usize>> + '_ {
        let per_row = self.row.div_ceil(self.per_task).max(1);
        let start = task / per_row * self.row + task % per_row * self.per_task;
        let end = (start + self.per_task).min((task / per_row + 1) * self.row);
        (start..end).map(|number| self.chunk(number))
    }

    /// How many chunks the longest task has.
    pub(crate) fn chunks_per_task(&self) -> usize {
        self.per_task.min(self.grid.count())
    }

    /// The chunk of a number in the order of the stage.
    fn chunk(&self, mut number: usize) -> Vec<usize> {
        let counts = self.grid.counts();
        let mut index = vec![0; counts.len()];
        for &axis in self.order.iter().rev() {
            index[axis] = number % counts[axis];
            number /= counts[axis];
        }
        index
    }

    /// Whether a job is the one whose results are finished one after another.
    pub(crate) fn is_main(&self, job: &Job) -> bool {
        self.jobs.get(self.main).is_some_and(|main| main.result == job.result)
    }

    /// What the stage is called in reports.
    pub(crate) fn name(&self) -> String {
        let names: Vec<String> = self.jobs.iter().map(|job| job.result.label()).collect();
        names.join(", ")
    }

    /// All expressions that are evaluated over the domain.
    pub(crate) fn exprs(&self) -> Vec<&Expr> {
        self.jobs.iter().flat_map(Job::exprs).collect()
    }

    /// Of a job, the bytes of the states that a task can have.
    pub(crate) fn task_state_bytes(&self, job: &Job) -> usize {
        let Some(fold) = &job.fold else { return 0 };
        let chunks = self.chunks_per_task();
        // Tasks walk the folded axes in C order, so only along the last of several chunks follow each other.
        let groups = match &fold.codes {
            None => 1,
            Some((_, grouping)) => grouping.groups_per_task(chunks),
        };
        let per_group = job.kept_cells(&self.grid).saturating_mul(fold.aggregation.state_bytes());
        per_group.saturating_mul(groups).saturating_mul(self.blocks_per_task(job))
    }

    /// Of a job, the bytes of the states into which those of tasks are merged.
    pub(crate) fn merged_state_bytes(&self, job: &Job) -> usize {
        let Some(fold) = &job.fold else { return 0 };
        let (all, _) = job.kept_blocks(&self.grid);
        // Results of the main job are finished one after another, others possibly at the end.
        let blocks = if self.is_main(job) { all.min(2) } else { all };
        let open = match &fold.codes {
            None => 1,
            Some((_, grouping)) => {
                let folds_other_axes = fold.axes.iter().any(|&axis| {
                    grouping.table.as_ref().is_none_or(|table| table.axis != axis)
                        && self.grid.axes()[axis].count() > 1
                });
                // A state that is being merged, and one that is being finished, are beside the open ones.
                if folds_other_axes { grouping.groups } else { grouping.open() + grouping.largest() }
            }
        };
        let per_group = job.kept_cells(&self.grid).saturating_mul(fold.aggregation.state_bytes());
        per_group.saturating_mul(open).saturating_mul(blocks)
    }

    /// Of a job, how many blocks of kept axes a task can touch.
    fn blocks_per_task(&self, job: &Job) -> usize {
        let Some(fold) = &job.fold else { return 1 };
        if matches!(fold.aggregation.kind, Statistic::Histogram { .. }) {
            return 1;
        }
        let counts = self.grid.counts();
        let all: usize = counts
            .iter()
            .enumerate()
            .filter(|(axis, _)| !fold.axes.contains(axis))
            .map(|(_, &n)| n)
            .product();
        // A task is a piece of a row; along the row the main job has one block, others one for each chunk
        // on axes that they keep.
        let in_row: usize = self
            .order
            .iter()
            .rev()
            .scan(self.row, |left, &axis| {
                let inside = *left > 1;
                *left /= counts[axis].max(1);
                Some((axis, inside))
            })
            .filter(|(axis, inside)| *inside && !fold.axes.contains(axis))
            .map(|(axis, _)| counts[axis])
            .product();
        in_row.min(self.chunks_per_task()).min(all).max(1)
    }
}

impl Job {
    /// The expressions that are evaluated over the domain: the values, the other values of pairs, the codes where they
    /// are not known before.
    pub(crate) fn exprs(&self) -> Vec<&Expr> {
        let mut exprs = vec![&self.expr];
        if let Some(fold) = &self.fold {
            exprs.extend(&fold.second);
            let unknown = fold.codes.as_ref().filter(|(_, grouping)| grouping.table.is_none());
            exprs.extend(unknown.map(|(codes, _)| codes));
        }
        exprs
    }

    /// How many cohorts of groups there are.
    fn cohorts(&self) -> usize {
        let codes = self.fold.as_ref().and_then(|fold| fold.codes.as_ref());
        codes.map_or(1, |(_, grouping)| grouping.cohorts.len())
    }

    /// The blocks of results that a chunk of the domain contributes to: their numbers among such blocks, in C order of
    /// the kept axes, then by cohort.
    pub(crate) fn blocks_of(&self, grid: &ChunkGrid, chunk: &[usize]) -> Vec<usize> {
        let Some(fold) = &self.fold else { return vec![0] };
        if matches!(fold.aggregation.kind, Statistic::Histogram { .. }) {
            return vec![0];
        }
        let counts = grid.counts();
        let kept = (0..chunk.len()).filter(|axis| !fold.axes.contains(axis));
        let block = kept.fold(0, |number, axis| number * counts[axis] + chunk[axis]);
        match &fold.codes {
            None => vec![block],
            Some((_, grouping)) => grouping
                .met(chunk)
                .into_iter()
                .map(|cohort| block * grouping.cohorts.len() + cohort)
                .collect(),
        }
    }

    /// How many blocks of kept axes there are, and how many chunks each has.
    fn kept_blocks(&self, grid: &ChunkGrid) -> (usize, usize) {
        let Some(fold) = &self.fold else { return (1, grid.count()) };
        if matches!(fold.aggregation.kind, Statistic::Histogram { .. }) {
            return (1, grid.count());
        }
        let counts = grid.counts();
        let product = |folded: bool| {
            let axes = (0..counts.len()).filter(|axis| fold.axes.contains(axis) == folded);
            axes.map(|axis| counts[axis]).product()
        };
        (product(false), product(true))
    }

    /// How many blocks of results there are.
    pub(crate) fn blocks(&self, grid: &ChunkGrid) -> usize {
        self.kept_blocks(grid).0 * self.cohorts()
    }

    /// How many chunks of the domain contribute to a block of results.
    pub(crate) fn chunks_of(&self, grid: &ChunkGrid, block: usize) -> usize {
        let (_, chunks) = self.kept_blocks(grid);
        match self.fold.as_ref().and_then(|fold| fold.codes.as_ref()) {
            Some((_, Grouping { table: Some(table), cohorts, .. })) => {
                let along = grid.axes()[table.axis].count().max(1);
                chunks / along * table.chunks[block % cohorts.len()]
            }
            _ => chunks,
        }
    }

    /// The groups of a block of results, where groups are folded apart.
    pub(crate) fn groups_of(&self, block: usize) -> Option<Range<usize>> {
        let (_, grouping) = self.fold.as_ref()?.codes.as_ref()?;
        grouping.cohorts.get(block % grouping.cohorts.len().max(1)).cloned()
    }

    /// The part of the result (without folded axes, with the axis of groups where there is one) that a block covers.
    pub(crate) fn block_region(&self, grid: &ChunkGrid, block: usize) -> Vec<Range<usize>> {
        let Some(fold) = &self.fold else { return Vec::new() };
        if let Statistic::Histogram { bins, .. } = fold.aggregation.kind {
            return std::iter::once(0..bins).collect();
        }
        let mut left = block / self.cohorts().max(1);
        let kept = grid.axes().iter().enumerate().filter(|(axis, _)| !fold.axes.contains(axis));
        let mut region: Vec<Range<usize>> = kept
            .rev()
            .map(|(_, chunks)| {
                let count = chunks.count().max(1);
                let range = chunks.range(left % count);
                left /= count;
                range
            })
            .collect();
        region.reverse();
        if let (Some((_, grouping)), Some(groups)) = (&fold.codes, self.groups_of(block)) {
            region.insert(grouping.position, groups);
        }
        region
    }

    /// Cells of the largest block of kept axes.
    fn kept_cells(&self, grid: &ChunkGrid) -> usize {
        let Some(fold) = &self.fold else { return 0 };
        if let Statistic::Histogram { bins, .. } = fold.aggregation.kind {
            return bins;
        }
        let max = grid.max_chunk();
        max.iter().enumerate().filter(|(axis, _)| !fold.axes.contains(axis)).map(|(_, &n)| n).product()
    }

    /// Bytes of state for all results together.
    fn state_bytes_of_all(&self) -> usize {
        let size: usize = self.result.shape().iter().product();
        self.fold.as_ref().map_or(0, |fold| size.saturating_mul(fold.aggregation.state_bytes()))
    }

    /// Bytes of memory that the finished result takes.
    pub(crate) fn result_bytes(&self) -> usize {
        match self.placement {
            Placement::Memory => self.result.shape().iter().product::<usize>() * self.result.dtype().size(),
            Placement::Scratch(_) | Placement::Sink(_) => 0,
        }
    }
}
