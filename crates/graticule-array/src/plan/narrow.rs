//! Blocks that are computed in pieces, where memory is short.
//!
//! The chunks of a result are chosen when an operation is called, for speed and without knowledge of the limit. A plan
//! that does not fit computes blocks in pieces along the axes on which an operation does the same to every element, and
//! puts them together without a copy: the result, its values and its chunks stay what they were.

use crate::blockwise::Kernel;
use crate::error::Result;
use crate::expr::children::rebuild;
use crate::expr::{Expr, Op, operands};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};
use crate::plan::materialize::cut_for_sink;
use crate::plan::memory::computed_in;
use crate::sink::ChunkSink;

/// What a block and what it is computed from may take, in bytes, in the order in which that is tried. These do not depend on
/// the limit: a plan that is refused says truly which limit is enough.
pub(crate) const PIECES: [usize; 2] = [BLOCK_BYTES, BLOCK_BYTES / 4];

/// The expression with operations on blocks done in smaller blocks, each with what it is computed from in at most so many
/// bytes, as far as its axes allow.
pub(crate) fn narrowed(root: &Expr, bytes: usize) -> Result<Expr> {
    rebuild(root, &mut |expr| {
        let Op::Blockwise(blockwise) = expr.op() else { return Ok(expr) };
        let narrow = narrow(&expr, blockwise.kernel(), bytes)?;
        if narrow == expr {
            return Ok(expr);
        }
        Expr::new(Op::Rechunk(expr.grid().clone()), vec![narrow])
    })
}

/// [`narrowed`] for what goes to a sink. Only the sink's chunks matter there, so the smaller blocks go to it as they are
/// wherever they are made of whole ones, and what is still large goes chunk by chunk.
pub(crate) fn narrowed_for_sink(root: &Expr, sink: &dyn ChunkSink, bytes: usize) -> Result<Expr> {
    let narrow = narrowed(root, bytes)?;
    let blocks = match (narrow.op(), narrow.inputs()) {
        (Op::Rechunk(_), [blocks]) => blocks,
        _ => &narrow,
    };
    let cut = cut_for_sink(blocks, sink)?;
    if block_bytes(&cut) <= bytes || cut.grid() == sink.grid() {
        return Ok(cut);
    }
    Expr::new(Op::Rechunk(sink.grid().clone()), vec![blocks.clone()])
}

/// The bytes of the largest block.
fn block_bytes(expr: &Expr) -> usize {
    expr.grid().max_chunk().iter().fold(expr.dtype().size(), |bytes, &len| bytes.saturating_mul(len))
}

/// The operation on finer chunks of its inputs, cut along the slowest axes first.
fn narrow(expr: &Expr, kernel: &dyn Kernel, bytes: usize) -> Result<Expr> {
    let mut narrow = expr.clone();
    for axis in kernel.cut_along(expr.ndim()) {
        let chunks = &narrow.grid().axes()[axis];
        let inputs = operands(narrow.inputs());
        let needed = block_bytes(&narrow).saturating_add(computed_in(kernel, narrow.grid(), &inputs));
        let size = chunks.max_size() / needed.div_ceil(bytes).max(1);
        if needed <= bytes || size >= chunks.max_size() {
            continue;
        }
        let finer = chunks.cut(size);
        let inputs =
            narrow.inputs().iter().map(|input| with_axis(input, axis, &finer)).collect::<Result<_>>()?;
        narrow = Expr::new(narrow.op().clone(), inputs)?;
    }
    Ok(narrow)
}

/// An expression in other chunks along an axis.
fn with_axis(expr: &Expr, axis: usize, chunks: &AxisChunks) -> Result<Expr> {
    let mut axes = expr.grid().axes().to_vec();
    axes[axis] = chunks.clone();
    let below = match (expr.op(), expr.inputs()) {
        (Op::Rechunk(_), [input]) => input.clone(),
        _ => expr.clone(),
    };
    Expr::new(Op::Rechunk(ChunkGrid::new(axes)), vec![below])
}
