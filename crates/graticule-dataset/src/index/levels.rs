//! Levels of an index that is not the coordinate of its dimension's name: those of a multi-index.

use std::collections::HashSet;
use std::sync::Arc;

use graticule_array::Chunk;

use super::{Key, gather, keys};
use crate::error::Result;

/// One level: the coordinate that holds its label at every position, and the order of its distinct labels.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) name: String,
    /// The distinct labels in the order in which unstacking lays them out; nothing for sorted.
    pub(crate) order: Option<Arc<Chunk>>,
}

impl Level {
    pub(crate) fn sorted(name: impl Into<String>) -> Self {
        Self { name: name.into(), order: None }
    }

    pub(crate) fn ordered(name: impl Into<String>, order: Arc<Chunk>) -> Self {
        Self { name: name.into(), order: Some(order) }
    }

    /// The labels that occur in `values`, each once, in the order of the level.
    pub(crate) fn distinct(&self, values: &Chunk) -> Result<Chunk> {
        let Some(order) = &self.order else { return distinct(values) };
        let used: HashSet<Key> = keys(values).into_iter().collect();
        let kept = keys(order).into_iter().enumerate().filter(|(_, key)| used.contains(key));
        let kept: Vec<usize> = kept.map(|(position, _)| position).collect();
        // An order that knows all the labels; else they have been changed since.
        if kept.len() == used.len() { gather(order, &kept) } else { distinct(values) }
    }
}

/// The different labels of a block, sorted.
pub(crate) fn distinct(values: &Chunk) -> Result<Chunk> {
    let keys = keys(values);
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    positions.sort_by(|&a, &b| keys.get(a).cmp(&keys.get(b)));
    positions.dedup_by(|a, b| keys.get(*a) == keys.get(*b));
    gather(values, &positions)
}

/// The labels of several levels at every position, as one key each.
pub(crate) fn rows(levels: &[&Chunk]) -> Vec<Key> {
    let columns: Vec<Vec<Key>> = levels.iter().map(|level| keys(level)).collect();
    let len = columns.first().map_or(0, Vec::len);
    let row = |i: usize| columns.iter().filter_map(|column| column.get(i).cloned()).collect();
    (0..len).map(|i| Key::Tuple(row(i))).collect()
}
