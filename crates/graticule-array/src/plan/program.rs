//! A program: what is computed for each element of a box, instruction by instruction.

use std::sync::Arc;

use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::expr::{Distribution, Expr, NodeId};
use crate::function::{Binary, Casting, Table, Unary};
use crate::grid::ChunkGrid;
use crate::kernel::lane::{Access, Unpack};
use crate::scalar::Scalar;
use crate::source::ChunkSource;

/// Where a program finds values.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A block of a source: its number among the program's blocks.
    Block(usize),
    /// An array in memory.
    Memory(Arc<Chunk>),
    /// The result of an earlier stage.
    Slot(NodeId),
}

/// A block that a program reads.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) node: NodeId,
    pub(crate) supply: Supply,
    pub(crate) index: Vec<usize>,
}

/// Where blocks come from.
#[derive(Debug, Clone)]
pub(crate) enum Supply {
    /// From a source.
    Source(Arc<dyn ChunkSource>),
    /// From the result of an earlier stage that is on disk.
    Scratch { dtype: DType, grid: ChunkGrid },
    /// From the kernel of a node.
    Computed(Expr),
}

impl Supply {
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::Source(source) => source.dtype(),
            Self::Scratch { dtype, .. } => *dtype,
            Self::Computed(expr) => expr.dtype(),
        }
    }

    pub(crate) fn grid(&self) -> &ChunkGrid {
        match self {
            Self::Source(source) => source.grid(),
            Self::Scratch { grid, .. } => grid,
            Self::Computed(expr) => expr.grid(),
        }
    }

    pub(crate) fn label(&self) -> String {
        match self {
            Self::Source(source) => source.label(),
            Self::Scratch { .. } => "scratch".into(),
            Self::Computed(expr) => expr.label(),
        }
    }

    /// The bytes a buffer for any block takes.
    pub(crate) fn block_bytes(&self) -> usize {
        let elements: usize = self.grid().max_chunk().iter().product();
        elements.saturating_mul(self.dtype().size())
    }
}

/// One instruction. Its result is the tile of the same number; numbers refer to earlier instructions.
#[derive(Debug, Clone)]
pub(crate) enum Instruction {
    Load {
        place: Place,
        access: Access,
    },
    LoadUnpacked {
        place: Place,
        access: Access,
        unpack: Unpack,
    },
    Random {
        distribution: Distribution,
        seed: u64,
        access: Access,
    },
    /// `start + step * position`, but at the position of `last` the value there.
    Ramp {
        start: Scalar,
        step: Scalar,
        last: Option<(usize, Scalar)>,
        access: Access,
    },
    Const(Scalar),
    Unary {
        function: Unary,
        x: usize,
        argument: DType,
    },
    Binary {
        function: Binary,
        x: usize,
        y: usize,
        argument: DType,
    },
    Where {
        cond: usize,
        yes: usize,
        no: usize,
    },
    Cast {
        x: usize,
        from: DType,
        casting: Casting,
    },
    Lookup {
        x: usize,
        table: Table,
    },
    Unpack {
        x: usize,
        unpack: Unpack,
    },
}

/// What is computed for each element of a box.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) dtypes: Vec<DType>,
    pub(crate) blocks: Vec<Block>,
}
