//! Labels along a dimension: from labels to positions.

use std::sync::Arc;

use graticule_array::Chunk;

use crate::dims::Dim;

/// The labels of one dimension, in memory.
#[derive(Debug, Clone)]
pub struct Index {
    dim: Dim,
    labels: Arc<Chunk>,
}

impl Index {
    pub(crate) fn new(dim: Dim, labels: Arc<Chunk>) -> Self {
        Self { dim, labels }
    }

    /// The dimension.
    pub fn dim(&self) -> &Dim {
        &self.dim
    }

    /// The labels.
    pub fn labels(&self) -> &Arc<Chunk> {
        &self.labels
    }
}
