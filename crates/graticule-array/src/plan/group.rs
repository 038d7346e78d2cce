//! Grouped folds: which group each value belongs to, and how states are kept for few groups at a time.
//!
//! Where the codes are known before the run and vary along one folded axis only (a month for each day), a chunk meets
//! few groups. Groups that meet the same chunks form a cohort; a task has states for the cohorts it meets, and a cohort
//! is finished when its last chunk is in. (flox calls these strategies map-reduce, cohorts and blockwise.)

use std::ops::Range;
use std::sync::Arc;

use crate::expr::{Expr, Op, Reshape};
use crate::grid::AxisChunks;
use crate::plan::axis_map::{AxisMap, identity, input_maps};

/// How a fold keeps groups apart.
#[derive(Debug)]
pub(crate) struct Grouping {
    /// How many groups there are.
    pub(crate) groups: usize,
    /// Where the axis of the groups stands among the axes of the result.
    pub(crate) position: usize,
    /// The codes, where they are known before the run.
    pub(crate) table: Option<Table>,
    /// Runs of groups whose states are kept together. Every group is in one.
    pub(crate) cohorts: Vec<Range<usize>>,
}

/// Codes that vary along one axis.
#[derive(Debug)]
pub(crate) struct Table {
    /// The axis of the domain.
    pub(crate) axis: usize,
    /// The code of each position along it.
    pub(crate) codes: Arc<[i64]>,
    /// For each chunk along it, the cohorts that it meets, increasing.
    pub(crate) met: Vec<Vec<usize>>,
    /// For each cohort, in how many chunks along it it is met.
    pub(crate) chunks: Vec<usize>,
    /// The most groups that are begun and not finished at once, when chunks come in order.
    open: usize,
}

/// So many groups can be looked at one by one, however few codes there are.
const FEW_GROUPS: usize = 1 << 16;

impl Grouping {
    pub(crate) fn new(
        groups: usize,
        position: usize,
        codes: &Expr,
        axes: &[usize],
        domain: &[AxisChunks],
    ) -> Self {
        let whole = || Self { groups, position, table: None, cohorts: std::iter::once(0..groups).collect() };
        let Some((axis, codes)) = known_codes(codes) else { return whole() };
        // Where most groups are met by no chunk, nothing is won by looking at each.
        if !axes.contains(&axis) || groups > codes.len().max(FEW_GROUPS) {
            return whole();
        }
        let (cohorts, met) = cohorts(&codes, &domain[axis], groups);
        let mut chunks = vec![0; cohorts.len()];
        let mut ends = vec![0; cohorts.len()];
        for (chunk, met) in met.iter().enumerate() {
            for &cohort in met {
                chunks[cohort] += 1;
                ends[cohort] = chunk;
            }
        }
        let (mut open, mut most) = (0, 0);
        let mut seen = vec![false; cohorts.len()];
        for (chunk, met) in met.iter().enumerate() {
            for &cohort in met {
                if !std::mem::replace(&mut seen[cohort], true) {
                    open += cohorts[cohort].len();
                }
            }
            most = most.max(open);
            open -= met.iter().filter(|&&c| ends[c] == chunk).map(|&c| cohorts[c].len()).sum::<usize>();
        }
        Self { groups, position, table: Some(Table { axis, codes, met, chunks, open: most }), cohorts }
    }

    /// The cohorts that a chunk of the domain meets.
    pub(crate) fn met(&self, chunk: &[usize]) -> Vec<usize> {
        match &self.table {
            Some(table) => table.met[chunk[table.axis]].clone(),
            None => (0..self.cohorts.len()).collect(),
        }
    }

    /// How many groups states are kept for at once while tasks of `chunks` consecutive chunks are folded, at most.
    pub(crate) fn groups_per_task(&self, chunks: usize) -> usize {
        let Some(table) = &self.table else { return self.groups };
        let window = chunks.clamp(1, table.met.len().max(1));
        // A run of chunks wraps around to the next row, so any window may begin anywhere.
        let most = (0..table.met.len()).map(|start| {
            let mut met: Vec<usize> = (start..start + window)
                .flat_map(|i| table.met[i % table.met.len()].iter().copied())
                .collect();
            met.sort_unstable();
            met.dedup();
            met.iter().map(|&cohort| self.cohorts[cohort].len()).sum()
        });
        if window > 64 { self.groups } else { most.max().unwrap_or(0) }
    }

    /// How many groups are begun and not finished at once, at most, when chunks come in order.
    pub(crate) fn open(&self) -> usize {
        self.table.as_ref().map_or(self.groups, |table| table.open)
    }

    /// The most groups in a cohort.
    pub(crate) fn largest(&self) -> usize {
        self.cohorts.iter().map(ExactSizeIterator::len).max().unwrap_or(0)
    }

    /// What is done, and why, for plans.
    pub(crate) fn strategy(&self) -> String {
        let groups = self.groups;
        match &self.table {
            None => format!(
                "streaming: all {groups} groups are open to the end, because codes are computed with the values"
            ),
            Some(table) if table.chunks.iter().all(|&n| n <= 1) && table.met.len() > 1 => {
                format!("blockwise: each of {groups} groups lies in one chunk and is finished with it")
            }
            Some(table) if self.cohorts.len() > 1 => format!(
                "cohorts: {groups} groups in {} cohorts that meet the same chunks, at most {} groups open at once",
                self.cohorts.len(),
                table.open
            ),
            Some(_) => format!("streaming: every chunk meets all {groups} groups"),
        }
    }
}

/// Groups that are met by the same chunks and follow each other are a cohort. Gives the cohorts, and for each chunk
/// those that it meets.
fn cohorts(codes: &[i64], chunks: &AxisChunks, groups: usize) -> (Vec<Range<usize>>, Vec<Vec<usize>>) {
    let mut chunks_of: Vec<Vec<usize>> = vec![Vec::new(); groups];
    for chunk in 0..chunks.count() {
        for &code in &codes[chunks.range(chunk)] {
            if let Some(met) = usize::try_from(code).ok().and_then(|group| chunks_of.get_mut(group))
                && met.last() != Some(&chunk)
            {
                met.push(chunk);
            }
        }
    }
    let mut cohorts: Vec<Range<usize>> = Vec::new();
    for group in 0..groups {
        match cohorts.last_mut() {
            Some(last) if chunks_of[last.start] == chunks_of[group] => last.end = group + 1,
            _ => cohorts.push(group..group + 1),
        }
    }
    let mut met = vec![Vec::new(); chunks.count()];
    for (number, cohort) in cohorts.iter().enumerate() {
        for &chunk in &chunks_of[cohort.start] {
            met[chunk].push(number);
        }
    }
    (cohorts, met)
}

/// The codes for each position along the one axis that they vary on, where they are in memory.
fn known_codes(codes: &Expr) -> Option<(usize, Arc<[i64]>)> {
    let (mut expr, mut maps) = (codes.clone(), identity(codes.ndim()));
    loop {
        match (expr.op(), expr.inputs()) {
            (Op::Source(source), _) => {
                let data = source.source().resident()?.as_slice::<i64>().ok()?;
                let strides = crate::kernel::copy::c_strides(expr.shape());
                let mut start = 0isize;
                let mut varies: Option<(usize, isize)> = None;
                for ((map, &stride), &len) in maps.iter().zip(&strides).zip(expr.shape()) {
                    match *map {
                        AxisMap::Fixed(i) => start += (i * stride) as isize,
                        AxisMap::Along { start: first, .. } if len == 1 => start += first * stride as isize,
                        AxisMap::Along { axis, start: first, step } if varies.is_none() => {
                            start += first * stride as isize;
                            varies = Some((axis, step * stride as isize));
                        }
                        AxisMap::Along { .. } => return None,
                    }
                }
                let (axis, step) = varies?;
                let along = 0..codes.shape()[axis] as isize;
                let table = along
                    .map(|i| usize::try_from(start + i * step).ok().and_then(|at| data.get(at)).copied());
                return Some((axis, table.collect::<Option<Vec<i64>>>()?.into()));
            }
            (
                Op::Select(_)
                | Op::Rechunk(_)
                | Op::Reshape(Reshape::Permute(_) | Reshape::Expand { .. } | Reshape::Broadcast(_)),
                [input],
            ) => {
                maps = input_maps(&expr, input, &maps);
                expr = input.clone();
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_meet_the_same_chunks_are_one_cohort() {
        // Two years of four seasons in chunks of two: seasons 0 and 1 share chunks, 2 and 3 too.
        let codes = [0, 1, 2, 3, 0, 1, 2, 3];
        let (found, met) = cohorts(&codes, &AxisChunks::regular(8, 2), 5);
        assert_eq!(found, [0..2, 2..4, 4..5]);
        assert_eq!(met, [[0], [1], [0], [1]]);
        let (found, met) = cohorts(&codes, &AxisChunks::regular(8, 4), 4);
        assert_eq!((found.len(), met), (1, vec![vec![0], vec![0]]));
        let (found, _) = cohorts(&[-1, 0, 7], &AxisChunks::regular(3, 1), 2);
        assert_eq!(found, [0..1, 1..2]);
    }
}
