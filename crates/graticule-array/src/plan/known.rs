//! Where the results of earlier stages are.

use std::collections::HashMap;

use crate::expr::NodeId;
use crate::grid::ChunkGrid;

/// Where a result is kept until the last stage that needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In memory, in one piece.
    Memory,
    /// On disk, in blocks.
    Scratch(ChunkGrid),
    /// Nowhere: it was given to a sink, by its number in the plan.
    Sink(usize),
}

/// The results that a stage finds, and where they are.
pub(crate) type Known = HashMap<NodeId, Placement>;
