//! The decoded blocks of one thread, in buffers that are used again.

use crate::chunk::Chunk;
use crate::error::{Error, Result};
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
}

impl BlockPool {
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, held: Vec::new(), spare: Vec::new() }
    }

    /// The blocks that were asked for last, in the order asked for.
    pub(crate) fn blocks(&self) -> Vec<&Chunk> {
        self.held.iter().map(|held| &held.chunk).collect()
    }

    /// Makes the held blocks those of a program, filling only what is not there.
    pub(crate) fn fetch(
        &mut self,
        wanted: &[Block],
        mut fill: impl FnMut(&Block, &mut Chunk) -> Result<()>,
    ) -> Result<()> {
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
                let capacity = block.supply.block_bytes();
                used += capacity;
                let mut chunk = self.buffer(block, capacity, used);
                // Room for the largest block, so that later ones never grow the buffer.
                chunk.reset(block.supply.dtype(), &block.supply.grid().max_chunk());
                fill(block, &mut chunk)?;
                check(block, &chunk)?;
                *slot = Some(Held { block: block.clone(), chunk, capacity });
            }
        }
        self.held = found.into_iter().flatten().collect();
        Ok(())
    }

    /// A buffer for any block of a source, made for exactly that or used before. Spare buffers give way until
    /// all that is in `used` and they stay below the budget.
    fn buffer(&mut self, block: &Block, capacity: usize, used: usize) -> Chunk {
        let dtype = block.supply.dtype();
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

/// Refuses a block that is not what was announced.
fn check(block: &Block, chunk: &Chunk) -> Result<()> {
    let region = block.supply.grid().region(&block.index);
    let expected: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
    if chunk.shape() == expected && chunk.dtype() == block.supply.dtype() && chunk.is_consistent() {
        return Ok(());
    }
    Err(Error::Shape {
        operation: format!("reading block {:?} of {}", block.index, block.supply.label()),
        left: expected,
        right: chunk.shape().to_vec(),
        hint: "the source delivered another shape, dtype or number of values than it announced".into(),
    })
}
