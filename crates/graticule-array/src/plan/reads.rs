//! How often a stage asks for which block, counted on its tasks before they run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::error::Result;
use crate::expr::{Expr, NodeId, Op, operands};
use crate::plan::axis_map::identity;
use crate::plan::boxes::boxes;
use crate::plan::known::Known;
use crate::plan::program::{Block, Supply};
use crate::plan::resolve::Resolver;
use crate::plan::{Plan, Stage};
use crate::source::SourceSpec;

/// What a stage asks of one node that comes in blocks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// The kind of source; what computed blocks are, or `scratch`.
    pub(crate) driver: String,
    /// Whether the blocks are computed rather than read.
    pub(crate) is_computed: bool,
    /// Bytes of all blocks that are asked for, those asked for again included.
    pub(crate) decoded: f64,
    /// Bytes of the same blocks, each once.
    pub(crate) once: f64,
    /// How many blocks are asked for.
    pub(crate) blocks: f64,
    /// Bytes of the stored form of the whole source, where it is known.
    pub(crate) stored: u64,
}

impl Counts {
    /// How often a block is asked for, on average.
    pub(crate) fn times(&self) -> f64 {
        if self.once == 0.0 { 1.0 } else { self.decoded / self.once }
    }
}

/// Counts what a stage asks of each node. Of large stages the first boxes are looked at, up to `sample`, and the
/// counts are scaled.
pub(crate) fn count(stage: &Stage, sample: usize) -> Result<BTreeMap<NodeId, Counts>> {
    let exprs = stage.exprs();
    let mut counter =
        Counter { known: &stage.known, counts: BTreeMap::new(), touched: HashSet::new(), boxes: 0 };
    let mut seen = 0;
    for task in 0..stage.tasks() {
        if counter.boxes >= sample && seen >= 3 {
            break;
        }
        let mut held = Held::default();
        for chunk in stage.chunks(task) {
            // One chunk may take very many boxes; that others ask for the same blocks again shows only in several.
            if counter.boxes >= sample && seen >= 3 {
                break;
            }
            seen += 1;
            counter.region(&exprs, &stage.grid.region(&chunk), &mut held)?;
        }
    }
    let scale = stage.grid.count() as f64 / seen.max(1) as f64;
    let mut counts = counter.counts;
    for count in counts.values_mut() {
        count.decoded *= scale;
        count.once *= scale;
        count.blocks *= scale;
    }
    Ok(counts)
}

/// What a stage reads of the sources of one driver.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// How many sources.
    pub(crate) sources: usize,
    /// Blocks that are read, again or not.
    pub(crate) blocks: f64,
    /// Bytes that are decoded, blocks that are read again included.
    pub(crate) decoded: f64,
    /// Bytes of the same blocks decoded once.
    pub(crate) once: f64,
    /// Bytes of blocks that an earlier stage left in memory.
    pub(crate) found: f64,
    /// Bytes of the stored form of whole sources, where it is known.
    pub(crate) stored: u64,
}

/// Counts what each driver's sources deliver to a stage, given by its number, as [`count`] does.
pub(crate) fn reads(plan: &Plan, number: usize, sample: usize) -> Result<BTreeMap<String, Reads>> {
    let mut reads: BTreeMap<String, Reads> = BTreeMap::new();
    let Some(stage) = plan.stages().get(number) else { return Ok(reads) };
    for (node, mut counts) in count(stage, sample)? {
        if counts.is_computed {
            continue;
        }
        let entry = reads.entry(counts.driver.clone()).or_default();
        entry.sources += 1;
        match plan.retained().first_read(node) {
            Some(first) if first < number => {
                entry.found += counts.once;
                continue;
            }
            Some(_) => {
                counts.blocks /= counts.times();
                counts.decoded = counts.once;
            }
            None => {}
        }
        entry.blocks += counts.blocks;
        entry.decoded += counts.decoded;
        entry.once += counts.once;
        entry.stored += counts.stored;
    }
    Ok(reads)
}

/// The blocks that a thread has: those of the last box, and of each computed node those that its last block took.
#[derive(Debug, Default)]
struct Held {
    blocks: Vec<(NodeId, Vec<usize>)>,
    inner: HashMap<NodeId, Self>,
}

struct Counter<'a> {
    known: &'a Known,
    counts: BTreeMap<NodeId, Counts>,
    touched: HashSet<(NodeId, Vec<usize>)>,
    boxes: usize,
}

impl Counter<'_> {
    fn region(&mut self, exprs: &[&Expr], region: &[Range<usize>], held: &mut Held) -> Result<()> {
        let maps = identity(region.len());
        for part in boxes(exprs, self.known, region) {
            self.boxes += 1;
            let origin = part.iter().map(|range| range.start).collect();
            let mut resolver = Resolver::new(self.known, origin);
            for expr in exprs {
                resolver.resolve(expr, &maps)?;
            }
            let blocks = resolver.finish().blocks;
            held.inner.retain(|id, _| blocks.iter().any(|block| block.node == *id));
            for block in &blocks {
                self.block(block, held)?;
            }
            held.blocks = blocks.into_iter().map(|block| (block.node, block.index)).collect();
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, held: &mut Held) -> Result<()> {
        let key = (block.node, block.index.clone());
        if held.blocks.contains(&key) {
            return Ok(());
        }
        let region = block.supply.grid().region(&block.index);
        let size: usize = region.iter().map(ExactSizeIterator::len).product();
        let bytes = (size * block.supply.dtype().size()) as f64;
        let count = self.counts.entry(block.node).or_insert_with(|| match &block.supply {
            Supply::Source(source) => {
                let SourceSpec { driver, .. } = source.spec();
                Counts { driver, stored: source.stored_bytes().unwrap_or(0), ..Counts::default() }
            }
            Supply::Scratch { .. } => Counts { driver: "scratch".into(), ..Counts::default() },
            Supply::Computed(expr) => Counts { driver: expr.label(), is_computed: true, ..Counts::default() },
        });
        count.decoded += bytes;
        count.blocks += 1.0;
        if self.touched.insert(key) {
            count.once += bytes;
        }
        if let Supply::Computed(expr) = &block.supply
            && let Op::Blockwise(blockwise) = expr.op()
        {
            let inner = held.inner.entry(block.node).or_default();
            let inputs = operands(expr.inputs());
            for part in blockwise.kernel().parts(&block.index, expr.grid(), &inputs) {
                self.region(&[&expr.inputs()[part.input]], &part.region, inner)?;
            }
        }
        Ok(())
    }
}
