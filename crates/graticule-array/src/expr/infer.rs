//! The dtype and the chunks of a node, from its operation and its inputs. The shape is the grid's.

use crate::aggregation::{Aggregation, Statistic};
use crate::blockwise::Operand;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{AxisSelect, Expr, Op, Reshape, leaf};
use crate::grid::{AxisChunks, ChunkGrid};

/// The dtype and grid of the node `op` over `inputs`.
pub(crate) fn infer(op: &Op, inputs: &[Expr]) -> Result<(DType, ChunkGrid)> {
    leaf::check(op, inputs)?;
    match op {
        Op::Source(source) => Ok((source.source().dtype(), source.source().grid().clone())),
        Op::Full { dtype, grid, .. } | Op::Range { dtype, grid, .. } => Ok((*dtype, grid.clone())),
        Op::Random { distribution, grid, .. } => {
            distribution.check(&grid.shape())?;
            Ok((distribution.dtype(), grid.clone()))
        }
        Op::Map(formula) => {
            if !formula.fits(&inputs.iter().map(Expr::dtype).collect::<Vec<_>>()) {
                let hint = "steps refer to steps before them and to inputs that are there, and have the dtypes \
                            that their functions take and give";
                return Err(Error::argument("formula", format!("{} steps", formula.steps().len()), hint));
            }
            Ok((formula.dtype(), broadcast_grid(inputs)?))
        }
        Op::Select(selects) => {
            let input = only(inputs)?;
            check_selects(selects, input.shape())?;
            let axes = selects.iter().zip(input.grid().axes()).filter_map(|(select, axis)| match *select {
                AxisSelect::Index(_) => None,
                AxisSelect::Slice { start, step, len } => Some(axis.select(start, step, len)),
            });
            Ok((input.dtype(), ChunkGrid::new(axes.collect::<Result<_>>()?)))
        }
        Op::Reshape(reshape) => {
            let input = only(inputs)?;
            Ok((input.dtype(), reshape_grid(reshape, input.grid())?))
        }
        Op::Join { axis } => join(*axis, inputs),
        Op::Blockwise(blockwise) => blockwise.kernel().infer(&operands(inputs)),
        Op::Group { aggregation, axes, groups } => group(aggregation, axes, *groups, inputs),
        Op::Reduce { aggregation, axes, keepdims } => {
            let (input, dtype) = folded(aggregation, axes, inputs)?;
            if let Statistic::Histogram { bins, low, high } = aggregation.kind {
                let (low, high) = (low.get(), high.get());
                if bins == 0 || bins > 1 << 24 {
                    return Err(Error::argument("bins", bins, "use 1 to 16777216 bins"));
                }
                if !(low.is_finite() && high.is_finite() && low < high) {
                    let hint = "low must be below high, both finite";
                    return Err(Error::argument("range", format!("({low}, {high})"), hint));
                }
                if axes.len() != input.ndim() || *keepdims {
                    let hint = "a histogram counts all values and keeps no axes";
                    return Err(Error::argument("axes", format!("{axes:?}"), hint));
                }
                return Ok((dtype, ChunkGrid::single(&[bins])));
            }
            let kept = input.grid().axes().iter().enumerate().filter_map(|(axis, chunks)| {
                match (axes.contains(&axis), keepdims) {
                    (false, _) => Some(chunks.clone()),
                    (true, true) => Some(AxisChunks::regular(1, 1)),
                    (true, false) => None,
                }
            });
            Ok((dtype, ChunkGrid::new(kept.collect())))
        }
        Op::Rechunk(grid) => {
            let input = only(inputs)?;
            if grid.shape() == input.shape() {
                return Ok((input.dtype(), grid.clone()));
            }
            Err(Error::Shape {
                operation: "rechunk".into(),
                left: input.shape().to_vec(),
                right: grid.shape(),
                hint: "chunks must cover exactly the array".into(),
            })
        }
    }
}

/// The first input of a fold, and the dtype of its result. All inputs have the same shape.
fn folded<'a>(aggregation: &Aggregation, axes: &[usize], inputs: &'a [Expr]) -> Result<(&'a Expr, DType)> {
    let wanted = aggregation.inputs();
    let Some(first) = inputs.first().filter(|_| inputs.len() == wanted) else {
        return Err(Error::argument("inputs", inputs.len(), format!("{aggregation} takes {wanted}")));
    };
    if let Some(&axis) = axes.iter().find(|&&axis| axis >= first.ndim()) {
        return Err(Error::Axis { axis: axis as isize, ndim: first.ndim() });
    }
    if !axes.is_sorted_by(|a, b| a < b) {
        return Err(Error::argument("axes", format!("{axes:?}"), "name each axis once, in increasing order"));
    }
    let (argument, dtype) = aggregation.dtypes(first.dtype())?;
    for input in inputs {
        if input.shape() != first.shape() {
            return Err(Error::Shape {
                operation: aggregation.to_string(),
                left: first.shape().to_vec(),
                right: input.shape().to_vec(),
                hint: "broadcast them to one shape first".into(),
            });
        }
        if argument != input.dtype() {
            return Err(Error::Dtype {
                operation: aggregation.to_string(),
                dtype: input.dtype(),
                hint: format!("cast to {argument} first"),
            });
        }
    }
    Ok((first, dtype))
}

/// The most groups that can be folded apart.
const MAX_GROUPS: usize = 1 << 32;

fn group(
    aggregation: &Aggregation,
    axes: &[usize],
    groups: usize,
    inputs: &[Expr],
) -> Result<(DType, ChunkGrid)> {
    let Some((codes, values)) = inputs.split_last() else {
        return Err(Error::argument("inputs", 0, "give values and the group of each"));
    };
    let (first, dtype) = folded(aggregation, axes, values)?;
    if codes.shape() != first.shape() || codes.dtype() != DType::I64 {
        return Err(Error::Shape {
            operation: format!("{aggregation} by group, with codes of {}", codes.dtype()),
            left: first.shape().to_vec(),
            right: codes.shape().to_vec(),
            hint: "codes are int64 and have the shape of the values".into(),
        });
    }
    if groups > MAX_GROUPS {
        return Err(Error::argument("groups", groups, format!("use at most {MAX_GROUPS} groups")));
    }
    let counts_all = matches!(aggregation.kind, Statistic::Histogram { .. });
    let (Some(&position), false) = (axes.first(), counts_all) else {
        let hint = "group over at least one axis, with a statistic that gives one value for each group";
        return Err(Error::argument("axes", format!("{axes:?}"), hint));
    };
    let mut kept: Vec<AxisChunks> = Vec::new();
    for (axis, chunks) in first.grid().axes().iter().enumerate() {
        if axis == position {
            kept.push(AxisChunks::regular(groups, groups));
        }
        if !axes.contains(&axis) {
            kept.push(chunks.clone());
        }
    }
    Ok((dtype, ChunkGrid::new(kept)))
}

/// What a kernel on blocks is told of its inputs.
pub(crate) fn operands(inputs: &[Expr]) -> Vec<Operand<'_>> {
    inputs.iter().map(|input| Operand { dtype: input.dtype(), grid: input.grid() }).collect()
}

/// The most elements an array can have: their bytes can be counted with room to spare.
const MAX_ELEMENTS: usize = isize::MAX as usize / 64;

/// Refuses what has more elements than can be counted.
pub(crate) fn check_size(grid: &ChunkGrid) -> Result<()> {
    // Empty axes do not make others harmless: a selection could leave them out.
    let mut lens = grid.axes().iter().map(|axis| axis.len().max(1));
    match lens.try_fold(1usize, usize::checked_mul) {
        Some(n) if n <= MAX_ELEMENTS => Ok(()),
        _ => {
            let hint = "it has more elements than can be addressed";
            Err(Error::argument("shape", format!("{:?}", grid.shape()), hint))
        }
    }
}

/// Refuses a selection of what is not there.
fn check_selects(selects: &[AxisSelect], shape: &[usize]) -> Result<()> {
    if selects.len() != shape.len() {
        let hint = format!("select from each of the {} axes", shape.len());
        return Err(Error::argument("selections", selects.len(), hint));
    }
    for (axis, (select, &len)) in selects.iter().zip(shape).enumerate() {
        let ends = match *select {
            AxisSelect::Index(i) => [i as i128; 2],
            // Of one element the step says nothing, but it would be multiplied with others.
            AxisSelect::Slice { step, len: many, .. }
                if (step == 0 && many > 1) || step.unsigned_abs() > len.max(1) =>
            {
                let hint = format!("axis {axis} has {len} elements; use a step from one of them to another");
                return Err(Error::argument("step", step, hint));
            }
            AxisSelect::Slice { len: 0, start, .. } if start <= len => continue,
            AxisSelect::Slice { start, step, len } => {
                let last = start as i128 + step as i128 * (len as i128 - 1);
                [start as i128, last]
            }
        };
        if let Some(&beyond) = ends.iter().find(|&&end| end < 0 || end >= len as i128) {
            return Err(Error::Index { index: isize::try_from(beyond).unwrap_or(isize::MAX), axis, len });
        }
    }
    Ok(())
}

fn only(inputs: &[Expr]) -> Result<&Expr> {
    match inputs {
        [input] => Ok(input),
        _ => Err(Error::argument("inputs", inputs.len(), "this operation works on exactly one array")),
    }
}

/// The shape that shapes broadcast to by numpy's rule: aligned at the last axis, 1 stretches.
pub(crate) fn broadcast_shapes(left: &[usize], right: &[usize]) -> Result<Vec<usize>> {
    let ndim = left.len().max(right.len());
    let len = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(ndim).and_then(|i| shape.get(i)).copied().unwrap_or(1)
    };
    (0..ndim)
        .map(|axis| match (len(left, axis), len(right, axis)) {
            (a, b) if a == b => Ok(a),
            (1, b) => Ok(b),
            (a, 1) => Ok(a),
            _ => Err(Error::Shape {
                operation: "broadcasting".into(),
                left: left.to_vec(),
                right: right.to_vec(),
                hint: "aligned at the last axis, lengths must be equal or 1".into(),
            }),
        })
        .collect()
}

/// The grid of a map: on each axis the chunks of the input that is cut finest there. Inputs that are cut
/// elsewhere are read across their chunk borders.
fn broadcast_grid(inputs: &[Expr]) -> Result<ChunkGrid> {
    let mut shape = Vec::new();
    for input in inputs {
        shape = broadcast_shapes(&shape, input.shape())?;
    }
    let axes = shape.iter().enumerate().map(|(axis, &len)| {
        let mut best: Option<&AxisChunks> = None;
        for input in inputs {
            let candidate = (axis + input.ndim())
                .checked_sub(shape.len())
                .and_then(|i| input.grid().axes().get(i))
                .filter(|chunks| chunks.len() == len);
            if let Some(chunks) = candidate
                && best.is_none_or(|best| chunks.count() > best.count())
            {
                best = Some(chunks);
            }
        }
        best.cloned().unwrap_or_else(|| AxisChunks::regular(len, len))
    });
    Ok(ChunkGrid::new(axes.collect()))
}

fn reshape_grid(reshape: &Reshape, grid: &ChunkGrid) -> Result<ChunkGrid> {
    let axes = grid.axes();
    match reshape {
        Reshape::Permute(order) => {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if !sorted.into_iter().eq(0..axes.len()) {
                let hint = format!("name each of the {} axes once", axes.len());
                return Err(Error::argument("order", format!("{order:?}"), hint));
            }
            let permuted = order.iter().map(|&axis| {
                axes.get(axis).cloned().ok_or(Error::Axis { axis: axis as isize, ndim: axes.len() })
            });
            Ok(ChunkGrid::new(permuted.collect::<Result<_>>()?))
        }
        Reshape::Expand { axis } => {
            let mut axes = axes.to_vec();
            if *axis > axes.len() {
                return Err(Error::Axis { axis: *axis as isize, ndim: axes.len() + 1 });
            }
            axes.insert(*axis, AxisChunks::regular(1, 1));
            Ok(ChunkGrid::new(axes))
        }
        Reshape::Broadcast(shape) => {
            if broadcast_shapes(&grid.shape(), shape)? != *shape {
                return Err(Error::Shape {
                    operation: "broadcast_to".into(),
                    left: grid.shape(),
                    right: shape.clone(),
                    hint: "only axes of length 1 can be stretched".into(),
                });
            }
            let missing = shape.len() - axes.len();
            let stretched = shape.iter().enumerate().map(|(axis, &len)| {
                match axis.checked_sub(missing).and_then(|i| axes.get(i)) {
                    Some(chunks) if chunks.len() == len => chunks.clone(),
                    _ => AxisChunks::regular(len, len),
                }
            });
            Ok(ChunkGrid::new(stretched.collect()))
        }
    }
}

fn join(axis: usize, inputs: &[Expr]) -> Result<(DType, ChunkGrid)> {
    let Some(first) = inputs.first() else {
        return Err(Error::argument("arrays", "[]", "give at least one array to concatenate"));
    };
    if axis >= first.ndim() {
        return Err(Error::Axis { axis: axis as isize, ndim: first.ndim() });
    }
    for input in inputs {
        let same = input.ndim() == first.ndim()
            && input.dtype() == first.dtype()
            && (0..first.ndim()).all(|i| i == axis || input.shape()[i] == first.shape()[i]);
        if !same {
            return Err(Error::Shape {
                operation: format!("concatenating {} and {} along axis {axis}", first.dtype(), input.dtype()),
                left: first.shape().to_vec(),
                right: input.shape().to_vec(),
                hint: "all other axes must have equal lengths, and the dtypes must be equal".into(),
            });
        }
    }
    let mut axes = first.grid().axes().to_vec();
    for (i, chunks) in axes.iter_mut().enumerate() {
        if i == axis {
            *chunks = AxisChunks::concat(inputs.iter().map(|input| &input.grid().axes()[i]))?;
        } else if let Some(finest) =
            inputs.iter().map(|input| &input.grid().axes()[i]).max_by_key(|c| c.count())
            && finest.count() > chunks.count()
        {
            *chunks = finest.clone();
        }
    }
    Ok((first.dtype(), ChunkGrid::new(axes)))
}
