//! Blocks of sources that stay in memory, as they were read, because a later pass needs them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chunk::Chunk;
use crate::error::Result;
use crate::expr::NodeId;
use crate::kernel::copy;
use crate::plan::Retained;

/// The blocks that a run keeps. Which it may keep, and how many bytes of them, its plan says.
#[derive(Debug)]
pub(crate) struct RetainedBlocks<'a> {
    plan: &'a Retained,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    blocks: HashMap<(NodeId, Vec<usize>), Arc<Chunk>>,
    bytes: usize,
}

impl<'a> RetainedBlocks<'a> {
    pub(crate) fn new(plan: &'a Retained) -> Self {
        Self { plan, kept: Mutex::default() }
    }

    /// Brings a block of a source: from memory where it is kept, and otherwise by reading it.
    pub(crate) fn bring(
        &self,
        node: NodeId,
        index: &[usize],
        out: &mut Chunk,
        read: impl FnOnce(&mut Chunk) -> Result<()>,
    ) -> Result<()> {
        if self.plan.first_read(node).is_none() {
            return read(out);
        }
        let key = (node, index.to_vec());
        let found = self.lock().blocks.get(&key).map(Arc::clone);
        if let Some(block) = found {
            out.reset(block.dtype(), block.shape());
            let whole: Vec<_> = block.shape().iter().map(|&len| 0..len).collect();
            copy::gather(&block, &whole, out);
            return Ok(());
        }
        read(out)?;
        let bytes = out.nbytes();
        // Another thread may have read the same block meanwhile, and what was estimated may be too little for all.
        let mut kept = self.lock();
        if kept.bytes + bytes <= self.plan.bytes() && !kept.blocks.contains_key(&key) {
            kept.bytes += bytes;
            kept.blocks.insert(key, Arc::new(out.clone()));
        }
        Ok(())
    }

    /// Gives the memory back after the last stage that reads what is kept.
    pub(crate) fn after(&self, stage: usize) {
        if self.plan.ends_with(stage) {
            *self.lock() = Kept::default();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
