//! What nodes without inputs may be: what a method makes always is, what was stored need not be.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};

/// Refuses leaves that are none, and values that their dtype does not hold.
pub(super) fn check(op: &Op, inputs: &[Expr]) -> Result<()> {
    match op {
        Op::Source(_) | Op::Random { .. } => {}
        Op::Full { value, dtype, .. } => {
            if value.convert(*dtype).is_none() {
                return Err(Error::argument("value", value, format!("{dtype} does not hold it")));
            }
        }
        Op::Range { start, step, last, dtype, grid } => {
            if grid.axes().len() != 1 || !matches!(dtype, DType::I64 | DType::F64) {
                let hint = "a range is int64 or float64 and has one axis";
                return Err(Error::argument("range", format!("{dtype} in chunks {grid}"), hint));
            }
            for value in [Some(start), Some(step), last.as_ref()].into_iter().flatten() {
                if value.convert(*dtype).is_none() {
                    return Err(Error::argument("range", value, format!("{dtype} does not hold it")));
                }
            }
        }
        Op::Map(_)
        | Op::Select(_)
        | Op::Reshape(_)
        | Op::Join { .. }
        | Op::Reduce { .. }
        | Op::Group { .. }
        | Op::Rechunk(_)
        | Op::Blockwise(_) => return Ok(()),
    }
    match inputs.len() {
        0 => Ok(()),
        given => Err(Error::argument("inputs", given, "a leaf has none")),
    }
}
