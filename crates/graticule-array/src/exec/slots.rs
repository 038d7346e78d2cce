//! The results of earlier stages.

use std::collections::HashMap;
use std::sync::Arc;

use crate::chunk::Chunk;
use crate::exec::scratch::Scratch;
use crate::expr::NodeId;

/// A result of an earlier stage.
#[derive(Debug, Clone)]
pub(crate) enum Slot {
    /// In memory.
    Memory(Arc<Chunk>),
    /// On disk.
    Scratch(Arc<Scratch>),
}

/// The results of earlier stages.
pub(crate) type Slots = HashMap<NodeId, Slot>;
