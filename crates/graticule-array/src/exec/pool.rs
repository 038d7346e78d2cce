//! The decoded blocks of one thread, in buffers that are used again.

use std::time::{Duration, Instant};

use crate::chunk::Chunk;
use crate::error::{Error, Result};
use crate::plan::block_bytes;
use crate::plan::program::Block;

/// A block, in a buffer that was made for the largest block of its source.
#[derive(Debug)]
struct Held {
    block: Block,
    chunk: Chunk,
    capacity: usize,
}

/// The blocks that the last box saw, and buffers for the next. Together they stay below a budget that the plan
/// knows: what one box needs at most.
#[derive(Debug)]
pub(crate) struct BlockPool {
    budget: usize,
    held: Vec<Held>,
    spare: Vec<(Chunk, usize)>,
    /// What sources delivered since it was taken last.
    pub(crate) delivered: Delivered,
}

/// What sources delivered to a thread.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// Bytes, decoded.
    pub(crate) bytes: usize,
    /// Blocks.
    pub(crate) blocks: usize,
    /// Time spent waiting for them.
    pub(crate) time: Duration,
}

impl BlockPool {
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, held: Vec::new(), spare: Vec::new(), delivered: Delivered::default() }
    }

    /// The blocks that were asked for last, in the order asked for.
    pub(crate) fn blocks(&self) -> Vec<&Chunk> {
        self.held.iter().map(|held| &held.chunk).collect()
    }

    /// Makes the held blocks those of a program, reading only what is not there.
    pub(crate) fn read(&mut self, wanted: &[Block]) -> Result<()> {
        let mut before: Vec<Option<Held>> = std::mem::take(&mut self.held).into_iter().map(Some).collect();
        let mut found: Vec<Option<Held>> = wanted.iter().map(|block| take(&mut before, block)).collect();
        for held in before.into_iter().flatten() {
            // A source that put a buffer of its own in place of ours may have left a larger one.
            if held.chunk.capacity_bytes() <= held.capacity {
                self.spare.push((held.chunk, held.capacity));
            }
        }
        let mut used: usize = found.iter().flatten().map(|held| held.capacity).sum();
        for (slot, block) in found.iter_mut().zip(wanted) {
            if slot.is_none() {
                let capacity = block_bytes(block.source.as_ref());
                used += capacity;
                let mut chunk = self.buffer(block, capacity, used);
                let start = Instant::now();
                let result = read(block, &mut chunk);
                self.delivered.time += start.elapsed();
                result?;
                self.delivered.bytes += chunk.nbytes();
                self.delivered.blocks += 1;
                *slot = Some(Held { block: block.clone(), chunk, capacity });
            }
        }
        self.held = found.into_iter().flatten().collect();
        Ok(())
    }

    /// A buffer for any block of a source, made for exactly that or used before. Spare buffers give way until
    /// all that is in `used` and they stay below the budget.
    fn buffer(&mut self, block: &Block, capacity: usize, used: usize) -> Chunk {
        let dtype = block.source.dtype();
        let fits = |(chunk, size): &(Chunk, usize)| *size == capacity && chunk.dtype().size() == dtype.size();
        if let Some(i) = self.spare.iter().position(fits) {
            return self.spare.swap_remove(i).0;
        }
        while used + self.spare.iter().map(|(_, size)| size).sum::<usize>() > self.budget {
            if self.spare.pop().is_none() {
                break;
            }
        }
        Chunk::empty(dtype)
    }
}

fn take(held: &mut [Option<Held>], wanted: &Block) -> Option<Held> {
    let same = |held: &Held| held.block.node == wanted.node && held.block.index == wanted.index;
    held.iter_mut().find(|slot| slot.as_ref().is_some_and(same)).and_then(Option::take)
}

fn read(block: &Block, chunk: &mut Chunk) -> Result<()> {
    let grid = block.source.grid();
    let largest = grid.max_chunk();
    // Room for the largest block, so that later ones never grow the buffer.
    chunk.reset(block.source.dtype(), &largest);
    block.source.read(&block.index, chunk)?;
    let expected: Vec<usize> = grid.region(&block.index).iter().map(ExactSizeIterator::len).collect();
    if chunk.shape() == expected && chunk.dtype() == block.source.dtype() && chunk.is_consistent() {
        return Ok(());
    }
    Err(Error::Shape {
        operation: format!("reading block {:?} of {}", block.index, block.source.label()),
        left: expected,
        right: chunk.shape().to_vec(),
        hint: "the source delivered another shape, dtype or number of values than it announced".into(),
    })
}
