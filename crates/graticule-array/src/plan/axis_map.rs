//! Which element of a node is which element of a domain.

use crate::expr::{AxisSelect, Expr, Op, Reshape};

/// Where an axis of a node is, for the elements of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AxisMap {
    /// At one position, whatever the element.
    Fixed(usize),
    /// At `start + step * i`, where `i` is the element's index on a domain axis.
    Along { axis: usize, start: isize, step: isize },
}

/// The map of a domain onto itself.
pub(crate) fn identity(ndim: usize) -> Vec<AxisMap> {
    (0..ndim).map(|axis| AxisMap::Along { axis, start: 0, step: 1 }).collect()
}

/// The maps of a map's input: aligned at the last axis, stretched axes fixed at 0.
pub(crate) fn broadcast_maps(expr: &Expr, input: &Expr, maps: &[AxisMap]) -> Vec<AxisMap> {
    let missing = expr.ndim() - input.ndim();
    let stretched = |axis: usize| input.shape()[axis] == 1 && expr.shape()[axis + missing] != 1;
    (0..input.ndim())
        .map(|axis| if stretched(axis) { AxisMap::Fixed(0) } else { maps[axis + missing] })
        .collect()
}

/// The maps of the input of a node that only moves elements.
pub(crate) fn input_maps(expr: &Expr, input: &Expr, maps: &[AxisMap]) -> Vec<AxisMap> {
    match expr.op() {
        Op::Select(selects) => {
            let mut kept = maps.iter();
            selects
                .iter()
                .map(|select| match *select {
                    AxisSelect::Index(i) => AxisMap::Fixed(i),
                    AxisSelect::Slice { start: first, step: stride, .. } => {
                        match kept.next().copied().unwrap_or(AxisMap::Fixed(0)) {
                            AxisMap::Fixed(i) => {
                                AxisMap::Fixed((first as isize + stride * i as isize) as usize)
                            }
                            AxisMap::Along { axis, start, step } => AxisMap::Along {
                                axis,
                                start: first as isize + stride * start,
                                step: stride * step,
                            },
                        }
                    }
                })
                .collect()
        }
        Op::Reshape(Reshape::Permute(order)) => {
            let mut result = vec![AxisMap::Fixed(0); order.len()];
            for (map, &axis) in maps.iter().zip(order) {
                result[axis] = *map;
            }
            result
        }
        Op::Reshape(Reshape::Expand { axis }) => {
            let mut result = maps.to_vec();
            result.remove(*axis);
            result
        }
        Op::Reshape(Reshape::Broadcast(_)) | Op::Map(_) => broadcast_maps(expr, input, maps),
        Op::Rechunk(_)
        | Op::Source(_)
        | Op::Full { .. }
        | Op::Range { .. }
        | Op::Random { .. }
        | Op::Join { .. }
        | Op::Reduce { .. }
        | Op::Group { .. }
        | Op::Blockwise(_) => maps.to_vec(),
    }
}

/// The maps of a join's input that begins at `seam`.
pub(crate) fn shifted(maps: &[AxisMap], axis: usize, seam: usize) -> Vec<AxisMap> {
    let mut maps = maps.to_vec();
    maps[axis] = match maps[axis] {
        AxisMap::Fixed(i) => AxisMap::Fixed(i - seam),
        AxisMap::Along { axis, start, step } => AxisMap::Along { axis, start: start - seam as isize, step },
    };
    maps
}
