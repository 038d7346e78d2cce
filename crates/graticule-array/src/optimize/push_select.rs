//! A selection moves towards the sources, so that nothing is read or computed that is not wanted.

use crate::aggregation::{Aggregation, Statistic};
use crate::blockwise::Blockwise;
use crate::error::Result;
use crate::expr::{AxisSelect, Expr, NodeId, Op, Reshape};
use crate::optimize::Rule;

pub(crate) struct PushSelect;

impl Rule for PushSelect {
    fn name(&self) -> &'static str {
        "push_select"
    }

    fn rewrite(&self, expr: &Expr, uses: &dyn Fn(NodeId) -> usize) -> Result<Option<Expr>> {
        let (Op::Select(selects), [input]) = (expr.op(), expr.inputs()) else { return Ok(None) };
        // What others want whole is computed whole: selecting below it would compute it twice.
        if uses(input.id()) > 1 && matches!(input.op(), Op::Reduce { .. } | Op::Group { .. } | Op::Rechunk(_))
        {
            return Ok(None);
        }
        let pushed = match input.op() {
            Op::Map(_) => through_map(selects, input)?,
            Op::Join { axis } => through_join(selects, input, *axis)?,
            Op::Reduce { aggregation, axes, keepdims } => match (&aggregation.kind, keepdims) {
                (Statistic::Histogram { .. }, _) => None,
                (_, true) => through_kept(selects, input, axes)?,
                (_, false) => through_reduce(selects, input, axes)?,
            },
            Op::Group { aggregation, axes, groups } => {
                through_group(selects, input, aggregation, axes, *groups)?
            }
            Op::Reshape(Reshape::Permute(order)) => through_permute(selects, input, order)?,
            Op::Reshape(Reshape::Expand { axis }) => through_expand(selects, input, *axis)?,
            Op::Reshape(Reshape::Broadcast(_)) => through_broadcast(selects, input)?,
            Op::Rechunk(_) => match input.inputs() {
                // The chunks that the selection leaves are asked for below as well.
                [inner] => {
                    let selected = select(selects.to_vec(), inner)?;
                    Some(Expr::new(Op::Rechunk(expr.grid().clone()), vec![selected])?)
                }
                _ => None,
            },
            Op::Blockwise(blockwise) => through_blocks(selects, input, blockwise)?,
            Op::Select(_) | Op::Source(_) | Op::Full { .. } | Op::Range { .. } | Op::Random { .. } => None,
        };
        Ok(pushed.filter(|new| new.grid() == expr.grid()))
    }
}

fn select(selects: Vec<AxisSelect>, input: &Expr) -> Result<Expr> {
    Expr::new(Op::Select(selects), vec![input.clone()])
}

/// Each input is selected on the axes it has; a stretched axis keeps its only element.
fn through_map(selects: &[AxisSelect], map: &Expr) -> Result<Option<Expr>> {
    let mut inputs = Vec::with_capacity(map.inputs().len());
    for input in map.inputs() {
        let missing = map.ndim() - input.ndim();
        let own = (0..input.ndim()).map(|axis| {
            let stretched = input.shape()[axis] == 1 && map.shape()[axis + missing] != 1;
            match selects[axis + missing] {
                AxisSelect::Index(_) if stretched => AxisSelect::Index(0),
                AxisSelect::Slice { .. } if stretched => AxisSelect::Slice { start: 0, step: 1, len: 1 },
                select => select,
            }
        });
        let own: Vec<AxisSelect> = own.collect();
        inputs.push(if own.is_empty() { input.clone() } else { select(own, input)? });
    }
    Ok(Some(Expr::new(map.op().clone(), inputs)?))
}

/// Only the inputs that the selection meets remain, each selected where it is met.
fn through_join(selects: &[AxisSelect], join: &Expr, axis: usize) -> Result<Option<Expr>> {
    let mut parts = Vec::new();
    let mut seam = 0;
    for input in join.inputs() {
        let len = input.shape()[axis];
        let part = match selects[axis] {
            AxisSelect::Index(i) => (seam..seam + len).contains(&i).then(|| AxisSelect::Index(i - seam)),
            AxisSelect::Slice { start, step, len: count } => slice_within(start, step, count, seam, len),
        };
        if let Some(part) = part {
            let mut own = selects.to_vec();
            own[axis] = part;
            parts.push(select(own, input)?);
        }
        seam += len;
    }
    if let AxisSelect::Slice { step, .. } = selects[axis]
        && step < 0
    {
        parts.reverse();
    }
    match parts.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => {
            let removed = selects[..axis].iter().filter(|s| matches!(s, AxisSelect::Index(_))).count();
            Ok(Some(Expr::new(Op::Join { axis: axis - removed }, parts)?))
        }
    }
}

/// The part of a slice that lies in `seam..seam + len`, counted from `seam`.
fn slice_within(start: usize, step: isize, count: usize, seam: usize, len: usize) -> Option<AxisSelect> {
    if count == 0 || len == 0 {
        return None;
    }
    let at = |i: usize| start as isize + step * i as isize;
    let inside = |i: &usize| at(*i) >= seam as isize && at(*i) < (seam + len) as isize;
    // The slice is monotonic, so what lies inside is one run. Both of its ends can be computed.
    let stride = step.unsigned_abs().max(1);
    let first = if step > 0 {
        seam.saturating_sub(start).div_ceil(stride)
    } else {
        (start + 1).saturating_sub(seam + len).div_ceil(stride)
    };
    if first >= count || !inside(&first) {
        return None;
    }
    let position = at(first) as usize;
    let room = if step > 0 { seam + len - 1 - position } else { position - seam };
    let taken = (room / stride + 1).min(count - first);
    Some(AxisSelect::Slice { start: position - seam, step: if taken == 1 { 1 } else { step }, len: taken })
}

/// Along axes on which the operation does the same to every element, the selection is done before it.
fn through_blocks(selects: &[AxisSelect], input: &Expr, blockwise: &Blockwise) -> Result<Option<Expr>> {
    let independent = blockwise.kernel().independent_axes(input.ndim());
    let all = |axis: usize| AxisSelect::Slice { start: 0, step: 1, len: input.shape()[axis] };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (axis, &select) in selects.iter().enumerate() {
        let (own, rest) = match (independent.contains(&axis), select) {
            (false, select) => (all(axis), select),
            (true, AxisSelect::Index(i)) => {
                (AxisSelect::Slice { start: i, step: 1, len: 1 }, AxisSelect::Index(0))
            }
            (true, AxisSelect::Slice { len, .. }) => (select, AxisSelect::Slice { start: 0, step: 1, len }),
        };
        before.push(own);
        after.push(rest);
    }
    if before.iter().enumerate().all(|(axis, &select)| select == all(axis)) {
        return Ok(None);
    }
    let inputs = input.inputs().iter().map(|below| {
        // On the other axes each input is taken whole, and may have another length.
        let own = before.iter().enumerate().map(|(axis, &own)| {
            let whole = AxisSelect::Slice { start: 0, step: 1, len: below.shape()[axis] };
            if independent.contains(&axis) { own } else { whole }
        });
        select(own.collect(), below)
    });
    let inputs = inputs.collect::<Result<_>>()?;
    Ok(Some(select(after, &Expr::new(input.op().clone(), inputs)?)?))
}

/// Axes that the reduction keeps are selected before it.
fn through_reduce(selects: &[AxisSelect], reduce: &Expr, axes: &[usize]) -> Result<Option<Expr>> {
    let Some(input) = reduce.inputs().first() else { return Ok(None) };
    let mut kept = selects.iter();
    let mut own = Vec::with_capacity(input.ndim());
    let mut folded = Vec::new();
    let mut position = 0;
    for (axis, &len) in input.shape().iter().enumerate() {
        let select = if axes.contains(&axis) {
            folded.push(position);
            AxisSelect::Slice { start: 0, step: 1, len }
        } else {
            match kept.next() {
                Some(select) => *select,
                None => return Ok(None),
            }
        };
        position += usize::from(matches!(select, AxisSelect::Slice { .. }));
        own.push(select);
    }
    let Op::Reduce { aggregation, keepdims, .. } = reduce.op() else { return Ok(None) };
    let op = Op::Reduce { aggregation: aggregation.clone(), axes: folded, keepdims: *keepdims };
    let inputs = reduce.inputs().iter().map(|input| select(own.clone(), input)).collect::<Result<_>>()?;
    Ok(Some(Expr::new(op, inputs)?))
}

/// As for a reduction; what is selected of the axes that were folded and kept is selected afterwards.
fn through_kept(selects: &[AxisSelect], reduce: &Expr, axes: &[usize]) -> Result<Option<Expr>> {
    let Some(input) = reduce.inputs().first() else { return Ok(None) };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (axis, (&select, &len)) in selects.iter().zip(input.shape()).enumerate() {
        let (own, rest) = match (axes.contains(&axis), select) {
            (true, select) => (AxisSelect::Slice { start: 0, step: 1, len }, select),
            (false, AxisSelect::Index(i)) => {
                (AxisSelect::Slice { start: i, step: 1, len: 1 }, AxisSelect::Index(0))
            }
            (false, AxisSelect::Slice { len, .. }) => (select, AxisSelect::Slice { start: 0, step: 1, len }),
        };
        before.push(own);
        after.push(rest);
    }
    let is_whole =
        |(select, &len): (&AxisSelect, &usize)| *select == AxisSelect::Slice { start: 0, step: 1, len };
    if before.iter().zip(input.shape()).all(is_whole) {
        return Ok(None);
    }
    let inputs = reduce.inputs().iter().map(|input| select(before.clone(), input)).collect::<Result<_>>()?;
    Ok(Some(select(after, &Expr::new(reduce.op().clone(), inputs)?)?))
}

/// The new axis has one element, which is there or is not.
fn through_expand(selects: &[AxisSelect], expand: &Expr, axis: usize) -> Result<Option<Expr>> {
    let [input] = expand.inputs() else { return Ok(None) };
    let mut own = selects.to_vec();
    let new = own.remove(axis);
    let selected = if own.is_empty() { input.clone() } else { select(own, input)? };
    match new {
        AxisSelect::Index(_) => Ok(Some(selected)),
        AxisSelect::Slice { len: 1, .. } => {
            let removed = selects[..axis].iter().filter(|s| matches!(s, AxisSelect::Index(_))).count();
            Ok(Some(Expr::new(Op::Reshape(Reshape::Expand { axis: axis - removed }), vec![selected])?))
        }
        AxisSelect::Slice { .. } => Ok(None),
    }
}

/// The input is selected on the axes it has, and stretched to what is left of the others.
fn through_broadcast(selects: &[AxisSelect], broadcast: &Expr) -> Result<Option<Expr>> {
    let [input] = broadcast.inputs() else { return Ok(None) };
    let missing = broadcast.ndim() - input.ndim();
    let own = selects.iter().enumerate().skip(missing).map(|(axis, &select)| {
        let stretched = input.shape()[axis - missing] == 1 && broadcast.shape()[axis] != 1;
        match select {
            AxisSelect::Index(_) if stretched => AxisSelect::Index(0),
            AxisSelect::Slice { .. } if stretched => AxisSelect::Slice { start: 0, step: 1, len: 1 },
            select => select,
        }
    });
    let own: Vec<AxisSelect> = own.collect();
    let selected = if own.is_empty() { input.clone() } else { select(own, input)? };
    let lens = selects.iter().filter_map(|select| match *select {
        AxisSelect::Index(_) => None,
        AxisSelect::Slice { len, .. } => Some(len),
    });
    Ok(Some(Expr::new(Op::Reshape(Reshape::Broadcast(lens.collect())), vec![selected])?))
}

/// As for a reduction; what is selected of the groups is selected afterwards.
fn through_group(
    selects: &[AxisSelect],
    group: &Expr,
    aggregation: &Aggregation,
    axes: &[usize],
    groups: usize,
) -> Result<Option<Expr>> {
    let (Some(input), Some(&position)) = (group.inputs().first(), axes.first()) else { return Ok(None) };
    let mut kept =
        selects.iter().enumerate().filter(|(axis, _)| *axis != position).map(|(_, select)| *select);
    let mut own = Vec::with_capacity(input.ndim());
    let mut after = Vec::new();
    for (axis, &len) in input.shape().iter().enumerate() {
        if axis == position {
            after.push(selects[position]);
        }
        let all = AxisSelect::Slice { start: 0, step: 1, len };
        if axes.contains(&axis) {
            own.push(all);
            continue;
        }
        // An index keeps its axis until after the fold, so that the folded axes keep their numbers.
        match kept.next() {
            Some(AxisSelect::Index(i)) => {
                own.push(AxisSelect::Slice { start: i, step: 1, len: 1 });
                after.push(AxisSelect::Index(0));
            }
            Some(slice @ AxisSelect::Slice { len, .. }) => {
                own.push(slice);
                after.push(AxisSelect::Slice { start: 0, step: 1, len });
            }
            None => return Ok(None),
        }
    }
    if own.iter().zip(input.shape()).all(|(&s, &len)| s == AxisSelect::Slice { start: 0, step: 1, len }) {
        return Ok(None);
    }
    let inputs = group.inputs().iter().map(|input| select(own.clone(), input)).collect::<Result<_>>()?;
    let op = Op::Group { aggregation: aggregation.clone(), axes: axes.to_vec(), groups };
    Ok(Some(select(after, &Expr::new(op, inputs)?)?))
}

fn through_permute(selects: &[AxisSelect], permute: &Expr, order: &[usize]) -> Result<Option<Expr>> {
    let [input] = permute.inputs() else { return Ok(None) };
    let mut own = vec![AxisSelect::Index(0); order.len()];
    for (select, &axis) in selects.iter().zip(order) {
        own[axis] = *select;
    }
    let kept: Vec<usize> =
        (0..own.len()).filter(|&axis| matches!(own[axis], AxisSelect::Slice { .. })).collect();
    let new_order: Vec<usize> =
        order.iter().filter_map(|axis| kept.iter().position(|kept| kept == axis)).collect();
    let selected = select(own, input)?;
    if new_order.is_empty() {
        return Ok(Some(selected));
    }
    Ok(Some(Expr::new(Op::Reshape(Reshape::Permute(new_order)), vec![selected])?))
}
