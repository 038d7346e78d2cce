//! How often a stage reads what, counted on its tasks before they run.

use std::collections::{BTreeMap, HashSet};

use crate::error::Result;
use crate::expr::{Expr, NodeId};
use crate::plan::Stage;
use crate::plan::axis_map::identity;
use crate::plan::boxes::boxes;
use crate::plan::memory::block_bytes;
use crate::plan::resolve::Resolver;
use crate::source::SourceSpec;

/// What a stage reads of the sources of one driver.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// The sources.
    pub(crate) sources: HashSet<NodeId>,
    /// Blocks that are read, again or not.
    pub(crate) blocks: f64,
    /// Bytes that are decoded, blocks that are read again included.
    pub(crate) decoded: f64,
    /// Bytes of the same blocks decoded once.
    pub(crate) once: f64,
    /// Bytes of the stored form of whole sources, where it is known.
    pub(crate) stored: u64,
}

/// Counts what each driver's sources deliver to a stage. At most `sample` chunks of the domain are looked at; of
/// more, the first are.
pub(crate) fn reads(stage: &Stage, sample: usize) -> Result<BTreeMap<String, Reads>> {
    let exprs: Vec<&Expr> = stage.jobs.iter().map(|job| &job.expr).collect();
    let maps = identity(stage.grid.axes().len());
    let mut reads: BTreeMap<String, Reads> = BTreeMap::new();
    let mut touched: HashSet<(NodeId, Vec<usize>)> = HashSet::new();
    let mut seen = 0;
    for task in 0..stage.tasks() {
        if seen >= sample {
            break;
        }
        let mut held: Vec<(NodeId, Vec<usize>)> = Vec::new();
        for chunk in stage.chunks(task).take(sample - seen) {
            seen += 1;
            let region = stage.grid.region(&chunk);
            for part in boxes(&exprs, &stage.known, &region) {
                let origin = part.iter().map(|range| range.start).collect();
                let mut resolver = Resolver::new(&stage.known, origin);
                for expr in &exprs {
                    resolver.resolve(expr, &maps)?;
                }
                let blocks = resolver.finish().blocks;
                for block in &blocks {
                    let key = (block.node, block.index.clone());
                    if held.contains(&key) {
                        continue;
                    }
                    let SourceSpec { driver, .. } = block.source.spec();
                    let entry = reads.entry(driver).or_default();
                    let region = block.source.grid().region(&block.index);
                    let size: usize = region.iter().map(ExactSizeIterator::len).product();
                    let bytes = (size * block.source.dtype().size()).min(block_bytes(block.source.as_ref()));
                    entry.blocks += 1.0;
                    entry.decoded += bytes as f64;
                    if entry.sources.insert(block.node) {
                        entry.stored += block.source.stored_bytes().unwrap_or(0);
                    }
                    if touched.insert(key) {
                        entry.once += bytes as f64;
                    }
                }
                held = blocks.into_iter().map(|block| (block.node, block.index)).collect();
            }
        }
    }
    let scale = stage.grid.count() as f64 / seen.max(1) as f64;
    for read in reads.values_mut() {
        read.blocks *= scale;
        read.decoded *= scale;
        read.once *= scale;
    }
    Ok(reads)
}
