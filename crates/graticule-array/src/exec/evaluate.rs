//! Evaluating expressions over regions, on one thread: programs over boxes, blocks read, blocks computed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::blockwise::{Delivery, Target};
use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::exec::Cancellation;
use crate::exec::guard::guarded;
use crate::exec::pool::BlockPool;
use crate::exec::retained::RetainedBlocks;
use crate::exec::slots::{Slot, Slots};
use crate::exec::tiles::{self, Sink, Tiles};
use crate::expr::{Expr, NodeId, Op, operands};
use crate::kernel::copy::c_strides;
use crate::kernel::lane::Access;
use crate::plan::axis_map::identity;
use crate::plan::blocks_of_box;
use crate::plan::boxes::boxes;
use crate::plan::known::Known;
use crate::plan::program::{Block, Program, Supply};
use crate::plan::resolve::Resolver;

/// What expressions are evaluated in.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// Where the results of earlier stages are.
    pub(crate) known: &'a Known,
    /// Those results.
    pub(crate) slots: &'a Slots,
    /// Blocks that stay in memory.
    pub(crate) retained: &'a RetainedBlocks<'a>,
    pub(crate) cancel: &'a Cancellation,
}

/// What one thread evaluates with: buffers that are used again for every box.
#[derive(Debug)]
pub(crate) struct Evaluator {
    tiles: Tiles,
    pool: BlockPool,
    /// For each node whose blocks are computed, what they are computed in.
    inner: BTreeMap<NodeId, Inner>,
    /// What sources delivered since it was taken last.
    delivered: Delivered,
}

/// What sources delivered to a thread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Delivered {
    /// Bytes of decoded blocks.
    pub(crate) bytes: usize,
    /// Blocks.
    pub(crate) blocks: usize,
    /// How long that took.
    pub(crate) time: Duration,
}

impl Delivered {
    /// Reads a block, and counts it.
    fn read(&mut self, chunk: &mut Chunk, read: impl FnOnce(&mut Chunk) -> Result<()>) -> Result<()> {
        let start = Instant::now();
        read(chunk)?;
        self.time += start.elapsed();
        self.bytes += chunk.nbytes();
        self.blocks += 1;
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.time += other.time;
        self.bytes += other.bytes;
        self.blocks += other.blocks;
    }
}

/// What the blocks of one node are computed in.
#[derive(Debug)]
struct Inner {
    parts: Vec<Chunk>,
    evaluator: Evaluator,
}

/// A box, ready to run: its program, and for each expression the number of its result.
pub(crate) struct Prepared {
    program: Program,
    pub(crate) results: Vec<usize>,
}

impl Evaluator {
    /// Buffers for one thread, with as much room for blocks as a box of the expressions needs.
    pub(crate) fn new(exprs: &[&Expr], known: &Known) -> Self {
        let pool = BlockPool::new(blocks_of_box(exprs, known));
        Self { tiles: Tiles::default(), pool, inner: BTreeMap::new(), delivered: Delivered::default() }
    }

    /// What sources delivered since this was asked last.
    pub(crate) fn take_delivered(&mut self) -> Delivered {
        let mut delivered = std::mem::take(&mut self.delivered);
        for inner in self.inner.values_mut() {
            delivered.add(inner.evaluator.take_delivered());
        }
        delivered
    }

    /// Makes the program of a box and brings the blocks it needs.
    pub(crate) fn prepare(
        &mut self,
        around: Surroundings<'_>,
        exprs: &[&Expr],
        part: &[Range<usize>],
    ) -> Result<Prepared> {
        let origin: Vec<usize> = part.iter().map(|range| range.start).collect();
        let mut resolver = Resolver::new(around.known, origin);
        let maps = identity(part.len());
        let results = exprs.iter().map(|expr| resolver.resolve(expr, &maps)).collect::<Result<Vec<_>>>()?;
        let program = resolver.finish();
        let Self { pool, inner, delivered, .. } = self;
        // What the last box computed blocks in and this one does not, gives its memory back.
        inner.retain(|id, inner| {
            let is_used = program.blocks.iter().any(|block| block.node == *id);
            if !is_used {
                delivered.add(inner.evaluator.take_delivered());
            }
            is_used
        });
        pool.fetch(&program.blocks, |block, chunk| match &block.supply {
            Supply::Source(source) => around.retained.bring(block.node, &block.index, chunk, |chunk| {
                delivered.read(chunk, |chunk| source.read(&block.index, chunk))
            }),
            Supply::Scratch { .. } => match around.slots.get(&block.node) {
                Some(Slot::Scratch(scratch)) => {
                    delivered.read(chunk, |chunk| scratch.read(&block.index, chunk))
                }
                Some(Slot::Memory(_)) | None => Err(Error::defect("a result on disk is not there")),
            },
            Supply::Computed(expr) => {
                let inner = inner.entry(block.node).or_insert_with(|| {
                    let inputs: Vec<&Expr> = expr.inputs().iter().collect();
                    Inner { parts: Vec::new(), evaluator: Self::for_any(&inputs, around.known) }
                });
                inner.compute(around, expr, block, chunk)
            }
        })?;
        Ok(Prepared { program, results })
    }

    /// Buffers for one thread that evaluates one of several expressions at a time.
    fn for_any(exprs: &[&Expr], known: &Known) -> Self {
        let budget = exprs.iter().map(|expr| blocks_of_box(&[expr], known)).max().unwrap_or(0);
        Self {
            tiles: Tiles::default(),
            pool: BlockPool::new(budget),
            inner: BTreeMap::new(),
            delivered: Delivered::default(),
        }
    }

    /// Runs what was prepared.
    pub(crate) fn run(
        &mut self,
        around: Surroundings<'_>,
        prepared: &mut Prepared,
        shape: &[usize],
        sinks: &mut [Sink<'_>],
    ) -> Result<()> {
        tiles::run(&mut prepared.program, &self.pool.blocks(), around.slots, shape, sinks, &mut self.tiles)
    }

    /// The values of an expression over a region, into `out`.
    fn values(
        &mut self,
        around: Surroundings<'_>,
        expr: &Expr,
        region: &[Range<usize>],
        out: &mut Chunk,
    ) -> Result<()> {
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(expr.dtype(), &shape);
        for part in boxes(&[expr], around.known, region) {
            around.cancel.check()?;
            let mut prepared = self.prepare(around, &[expr], &part)?;
            let offset: Vec<usize> =
                part.iter().zip(region).map(|(part, whole)| part.start - whole.start).collect();
            let part_shape: Vec<usize> = part.iter().map(ExactSizeIterator::len).collect();
            let sink = Sink::Store {
                result: prepared.results[0],
                buffer: out.buffer_mut(),
                access: c_access(&shape, &offset),
            };
            self.run(around, &mut prepared, &part_shape, &mut [sink])?;
        }
        Ok(())
    }
}

impl Inner {
    /// Computes a block of a node from the parts of its inputs.
    fn compute(
        &mut self,
        around: Surroundings<'_>,
        expr: &Expr,
        block: &Block,
        out: &mut Chunk,
    ) -> Result<()> {
        let Op::Blockwise(blockwise) = expr.op() else {
            return Err(Error::defect(format!("`{}` was to be computed in blocks", expr.label())));
        };
        let kernel = blockwise.kernel();
        let inputs = operands(expr.inputs());
        let region = expr.grid().region(&block.index);
        let shape: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        out.reset(expr.dtype(), &shape);
        let parts = kernel.parts(&block.index, expr.grid(), &inputs);
        let together = kernel.delivery() == Delivery::Together;
        let buffers = if together { parts.len() } else { 1 };
        self.parts.resize_with(buffers, || Chunk::empty(expr.dtype()));
        let run = |first: usize, chunks: &[Chunk], out: &mut Chunk| {
            let target =
                Target { index: &block.index, region: &region, inputs: &inputs, parts: &parts, first };
            guarded(|| kernel.run(&target, chunks, out)).map_err(|cause| Error::Task {
                node: expr.label(),
                chunk: block.index.clone(),
                cause: Box::new(cause),
            })
        };
        for (number, part) in parts.iter().enumerate() {
            let buffer = &mut self.parts[if together { number } else { 0 }];
            self.evaluator.values(around, &expr.inputs()[part.input], &part.region, buffer)?;
            if !together {
                run(number, &self.parts, out)?;
            }
        }
        if together {
            run(0, &self.parts, out)?;
        }
        Ok(())
    }
}

/// Where the elements of a box lie in a chunk of the given shape that contains it at `offset`.
pub(crate) fn c_access(shape: &[usize], offset: &[usize]) -> Access {
    let strides: Vec<isize> = c_strides(shape).into_iter().map(|stride| stride as isize).collect();
    let access = Access { start: 0, strides };
    access.from(offset)
}
