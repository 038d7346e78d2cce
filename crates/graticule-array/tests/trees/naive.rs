//! A naive interpreter of expressions: every node wholly, one element after another, in the order they are written.

use std::collections::HashMap;
use std::sync::Arc;

use graticule_array::{
    Aggregation, Array, AxisSelect, Binary, Buffer, Casting, Chunk, DType, Expr, Formula, Members, NodeId,
    Op, Reshape, Runtime, Scalar, Side, Statistic, Step, Table, Unary,
};
use ndarray::{ArrayD, Axis, Dimension, IxDyn, concatenate};

use super::grow::Note;
use super::statistic::statistic;
use super::value::{EPS, Val, binary, cast, float, unary};

/// What the interpreter knows of nodes already.
pub(super) type Known = HashMap<NodeId, Arc<ArrayD<Val>>>;

/// What is known of nodes when the results of methods are known that have nodes of their own.
pub(super) fn noted(notes: &[Note]) -> Known {
    let mut known = Known::new();
    for Note { method, inputs, result } in notes {
        let values: Vec<_> = inputs.iter().map(|input| evaluate(input.expr(), &mut known)).collect();
        let dtypes: Vec<DType> = inputs.iter().map(Array::dtype).collect();
        let values = values.iter().map(AsRef::as_ref).collect::<Vec<_>>();
        let values = method.naive(&values, &dtypes, result.dtype());
        assert_eq!(values.shape(), result.shape(), "the shape of {method:?} of {}", inputs[0].tree());
        known.entry(result.expr().id()).or_insert_with(|| Arc::new(values));
    }
    known
}

/// The values of a node.
pub(super) fn evaluate(expr: &Expr, known: &mut Known) -> Arc<ArrayD<Val>> {
    if let Some(values) = known.get(&expr.id()) {
        return Arc::clone(values);
    }
    let inputs: Vec<Arc<ArrayD<Val>>> = expr.inputs().iter().map(|input| evaluate(input, known)).collect();
    let mut values = node(expr, &inputs);
    let slack = slack(expr, known);
    if slack > 0.0 {
        values.mapv_inplace(|value| match value {
            Val::Float(x, error) if x.is_finite() => float(x, error + slack, expr.dtype()),
            value => value,
        });
    }
    let values = Arc::new(values);
    assert_eq!(values.shape(), expr.shape(), "the shape of {}", expr.label());
    known.insert(expr.id(), Arc::clone(&values));
    values
}

fn node(expr: &Expr, inputs: &[Arc<ArrayD<Val>>]) -> ArrayD<Val> {
    let shape = IxDyn(expr.shape());
    match expr.op() {
        Op::Source(source) => {
            let (source, grid) = (source.source(), expr.grid());
            let mut values = ArrayD::from_elem(shape, Val::Unknown);
            for (index, ()) in ArrayD::<()>::default(IxDyn(&grid.counts())).indexed_iter() {
                let mut block = Chunk::empty(source.dtype());
                source.read(index.slice(), &mut block).unwrap();
                let mut region = values.view_mut();
                for (axis, range) in grid.region(index.slice()).into_iter().enumerate() {
                    region.slice_axis_inplace(Axis(axis), range.into());
                }
                region.iter_mut().zip(vals(&block)).for_each(|(to, from)| *to = from);
            }
            values
        }
        Op::Full { value, dtype, .. } => ArrayD::from_elem(shape, constant(value, *dtype)),
        Op::Range { start, step, last, dtype, .. } => {
            let len = expr.shape()[0];
            let at = |i: usize| match (start, step, last) {
                (_, _, Some(last)) if i + 1 == len => constant(last, *dtype),
                (Scalar::Int(start), Scalar::Int(step), _) => Val::Int(start + step * i as i64),
                (start, step, _) => float(start.to_f64() + step.to_f64() * i as f64, 0.0, *dtype),
            };
            ArrayD::from_shape_fn(shape, |index| at(index[0]))
        }
        // What a random number is, tests of random numbers know.
        Op::Random { .. } => {
            let chunk = Runtime::builder().threads(1).build().compute(&Array::from_expr(expr.clone()));
            ArrayD::from_shape_vec(shape, vals(&chunk.unwrap())).unwrap()
        }
        Op::Map(formula) => {
            let inputs: Vec<_> = inputs.iter().map(|x| x.broadcast(shape.clone()).unwrap()).collect();
            ArrayD::from_shape_fn(shape, |index| {
                let elements: Vec<Val> = inputs.iter().map(|x| x[&index]).collect();
                apply(formula, &elements)
            })
        }
        Op::Select(selects) => {
            let mut values = inputs[0].as_ref().clone();
            for (axis, select) in selects.iter().enumerate().rev() {
                values = match *select {
                    AxisSelect::Index(i) => values.index_axis_move(Axis(axis), i),
                    AxisSelect::Slice { start, step, len } => {
                        let at = |i: usize| (start as isize + step * i as isize) as usize;
                        values.select(Axis(axis), &(0..len).map(at).collect::<Vec<_>>())
                    }
                };
            }
            values
        }
        Op::Reshape(Reshape::Permute(order)) => inputs[0].as_ref().clone().permuted_axes(order.clone()),
        Op::Reshape(Reshape::Expand { axis }) => inputs[0].as_ref().clone().insert_axis(Axis(*axis)),
        Op::Reshape(Reshape::Broadcast(shape)) => inputs[0].broadcast(IxDyn(shape)).unwrap().to_owned(),
        Op::Join { axis } => {
            let views: Vec<_> = inputs.iter().map(|input| input.view()).collect();
            concatenate(Axis(*axis), &views).unwrap()
        }
        Op::Reduce { aggregation, axes, .. } => {
            if let Statistic::Histogram { bins, low, high } = &aggregation.kind {
                return histogram(&inputs[0], *bins, low.get(), high.get());
            }
            let mut kept: Vec<usize> = expr.inputs()[0].shape().to_vec();
            axes.iter().for_each(|&axis| kept[axis] = 1);
            let folded = fold(aggregation, axes, &kept, inputs, expr.dtype(), |index, _| {
                Some(
                    (0..index.len()).map(|axis| if axes.contains(&axis) { 0 } else { index[axis] }).collect(),
                )
            });
            folded.into_shape_with_order(shape).unwrap()
        }
        Op::Group { aggregation, axes, groups } => {
            let mut kept: Vec<usize> = expr.inputs()[0].shape().to_vec();
            axes.iter().for_each(|&axis| kept[axis] = 1);
            kept[axes[0]] = *groups;
            let (codes, inputs) = inputs.split_last().unwrap();
            if codes.iter().any(|code| *code == Val::Unknown) {
                return ArrayD::from_elem(shape, Val::Unknown);
            }
            let folded = fold(aggregation, axes, &kept, inputs, expr.dtype(), |index, at| {
                let Val::Int(code) = codes[at] else { panic!("a code is an integer") };
                let code = usize::try_from(code).ok()?;
                let own = |axis: usize| match axis {
                    axis if axis == axes[0] => code,
                    axis if axes.contains(&axis) => 0,
                    axis => index[axis],
                };
                Some((0..index.len()).map(own).collect())
            });
            folded.into_shape_with_order(shape).unwrap()
        }
        Op::Rechunk(_) => inputs[0].as_ref().clone(),
        Op::Blockwise(blockwise) => match blockwise.to_string().as_str() {
            // Each block is reversed along its last axis.
            "turned" => {
                let (grid, input) = (expr.grid(), &inputs[0]);
                let last = grid.axes().last().unwrap();
                ArrayD::from_shape_fn(shape, |mut index| {
                    let axis = index.ndim() - 1;
                    let block = last.range(last.find(index[axis]));
                    index[axis] = block.start + block.end - 1 - index[axis];
                    input[index]
                })
            }
            // What a method is made of, as opposed to what it gives, or what the optimizer makes of that.
            _ => ArrayD::from_elem(shape, Val::Unknown),
        },
    }
}

/// How far a fold of deviations from a mean, or of their products, may be from what one pass over the data gives. Of other
/// nodes nothing.
fn slack(expr: &Expr, known: &mut Known) -> f64 {
    let (Op::Reduce { aggregation, .. } | Op::Group { aggregation, .. }, [product, ..]) =
        (expr.op(), expr.inputs())
    else {
        return 0.0;
    };
    let Op::Map(formula) = product.op() else { return 0.0 };
    let is_spread = matches!(aggregation.kind, Statistic::Var { .. } | Statistic::Std { .. });
    let is_square = match formula.steps().last() {
        Some((Step::Unary(Unary::Square, _) | Step::Binary(Binary::Power, ..), _)) => true,
        Some((Step::Binary(Binary::Multiply, x, y), _)) => x == y,
        Some((Step::Binary(Binary::Subtract, ..), _)) if is_spread => false,
        _ => return 0.0,
    };
    let mut size = |expr: &Expr| {
        let values = evaluate(expr, known);
        let sizes = values.iter().map(|value| value.to_float().0.abs());
        sizes.filter(|x| x.is_finite()).fold(0.0, f64::max)
    };
    let of_product = if is_spread { size(product).powi(2) } else { size(product) };
    let (mut largest, mut has_mean) = (of_product.sqrt(), false);
    let mut stack: Vec<&Expr> = product.inputs().iter().collect();
    while let Some(node) = stack.pop() {
        largest = size(node).max(largest);
        match node.op() {
            Op::Map(_) | Op::Reshape(_) | Op::Join { .. } | Op::Select(_) | Op::Blockwise(_) => {
                stack.extend(node.inputs());
            }
            Op::Reduce { aggregation: Aggregation { kind: Statistic::Mean, .. }, .. }
            | Op::Group { aggregation: Aggregation { kind: Statistic::Mean, .. }, .. } => {
                has_mean = true;
                stack.extend(node.inputs());
            }
            _ => {}
        }
    }
    let folded = product.shape().iter().product::<usize>() as f64;
    let step = if product.dtype() == DType::F32 { 1.2e-7 } else { EPS };
    let deviation = if is_square || is_spread { of_product.sqrt() } else { 2.0 * largest };
    let of_mean = 8.0 * step * largest;
    let each = 32.0 * folded * step * deviation * deviation + 2.0 * deviation * of_mean + of_mean * of_mean;
    match aggregation.kind {
        _ if !has_mean => 0.0,
        Statistic::Sum => each * folded,
        // With a divisor of 1 less a variance is up to twice as large; its root is off by the root.
        Statistic::Var { .. } => 2.0 * each,
        Statistic::Std { .. } => (2.0 * each).sqrt(),
        _ => each,
    }
}

/// Collects the values that belong to each cell of `kept`, in C order, and gives the statistic of each.
fn fold(
    aggregation: &Aggregation,
    axes: &[usize],
    kept: &[usize],
    inputs: &[Arc<ArrayD<Val>>],
    dtype: DType,
    cell: impl Fn(&[usize], &IxDyn) -> Option<Vec<usize>>,
) -> ArrayD<Val> {
    let mut values: ArrayD<Vec<(usize, Val)>> = ArrayD::default(IxDyn(kept));
    let mut seconds: ArrayD<Vec<Val>> = ArrayD::default(IxDyn(kept));
    for (index, &value) in inputs[0].indexed_iter() {
        let Some(at) = cell(index.slice(), &index) else { continue };
        let position =
            axes.iter().fold(0, |position, &axis| position * inputs[0].shape()[axis] + index[axis]);
        values[IxDyn(&at)].push((position, value));
        if let Some(second) = inputs.get(1) {
            seconds[IxDyn(&at)].push(second[&index]);
        }
    }
    let each = values.iter().zip(&seconds);
    let results = each.map(|(v, s)| statistic(&aggregation.kind, aggregation.skipna, v, s, dtype)).collect();
    ArrayD::from_shape_vec(IxDyn(kept), results).unwrap()
}

fn histogram(values: &ArrayD<Val>, bins: usize, low: f64, high: f64) -> ArrayD<Val> {
    let edge = |i: usize| if i == bins { high } else { low + i as f64 * ((high - low) / bins as f64) };
    let mut counts = vec![Val::Int(0); bins];
    for value in values {
        let (x, error) = value.to_float();
        if *value == Val::Unknown || (0..=bins).any(|i| error > 0.0 && (x - edge(i)).abs() <= error) {
            return ArrayD::from_elem(IxDyn(&[bins]), Val::Unknown);
        }
        let is_in = |&i: &usize| edge(i) <= x && (x < edge(i + 1) || i + 1 == bins && x == high);
        if let Some(i) = (0..bins).find(is_in)
            && let Val::Int(count) = &mut counts[i]
        {
            *count += 1;
        }
    }
    ArrayD::from_shape_vec(IxDyn(&[bins]), counts).unwrap()
}

/// A formula at one element.
fn apply(formula: &Formula, elements: &[Val]) -> Val {
    let mut done: Vec<(Val, DType)> = Vec::new();
    for (step, dtype) in formula.steps() {
        let value = match step {
            Step::Input(i) => elements[*i],
            Step::Const(value) => constant(value, dtype),
            Step::Unary(function, x) => unary(*function, done[*x].0, done[*x].1),
            Step::Binary(function, x, y) => binary(*function, done[*x].0, done[*y].0, done[*x].1, dtype),
            Step::Where { cond, yes, no } => match done[*cond].0 {
                Val::Bool(true) => done[*yes].0,
                Val::Bool(false) => done[*no].0,
                _ => Val::Unknown,
            },
            Step::Cast { x, casting: Casting::Saturate } => saturate(done[*x].0, done[*x].1, dtype),
            Step::Cast { x, .. } => cast(done[*x].0, done[*x].1, dtype),
            Step::Lookup { x, table } => lookup(table, done[*x].0),
            Step::MaskScale { packed, missing, scale, offset } => {
                let (packed, from) = done[*packed];
                let (x, error) = packed.to_float();
                let is_gone = |m: &Scalar| m.to_f64() == x || m.to_f64().is_nan() && x.is_nan();
                // The factors are doubles; only what they lead to is rounded.
                let multiplied = |x: Val, factor: f64, function| {
                    binary(function, x, Val::Float(factor, 0.0), dtype, dtype)
                };
                match packed {
                    _ if error > 0.0 => Val::Unknown,
                    _ if missing.iter().any(is_gone) => Val::Float(f64::NAN, 0.0),
                    packed => {
                        let mut value = cast(packed, from, dtype);
                        for (factor, function) in [(scale, Binary::Multiply), (offset, Binary::Add)] {
                            if let Some(factor) = factor {
                                value = multiplied(value, factor.get(), function);
                            }
                        }
                        value
                    }
                }
            }
        };
        done.push((value, dtype));
    }
    done.last().unwrap().0
}

fn saturate(x: Val, from: DType, to: DType) -> Val {
    let (low, high) = match to {
        DType::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    match (x, to) {
        (Val::Float(x, _), DType::I32 | DType::I64) if x.is_nan() => Val::Int(0),
        (Val::Float(x, e), DType::I32 | DType::I64) => {
            let held = |x: f64| (x as i64).clamp(low, high);
            if held(x - e) == held(x + e) { Val::Int(held(x)) } else { Val::Unknown }
        }
        (Val::Int(x), DType::I32 | DType::I64) => Val::Int(x.clamp(low, high)),
        (x, _) => cast(x, from, to),
    }
}

fn lookup(table: &Table, x: Val) -> Val {
    let (value, error) = x.to_float();
    let near =
        |y: f64| error > 0.0 && (value - y).abs().partial_cmp(&error) != Some(std::cmp::Ordering::Greater);
    match (table, x) {
        (_, Val::Unknown) => Val::Unknown,
        (Table::Position { edges, .. }, _) if !value.is_nan() && edges.iter().any(|y| near(y.get())) => {
            Val::Unknown
        }
        (Table::Position { edges, side }, _) => {
            let is_before = |y: f64| value.is_nan() || y < value || y == value && *side == Side::Right;
            Val::Int(edges.iter().filter(|y| is_before(y.get())).count() as i64)
        }
        (Table::Member(Members::Signed(members)), Val::Int(x)) => Val::Bool(members.contains(&x)),
        (Table::Member(Members::Floats(members)), _) if members.iter().any(|y| near(y.get())) => Val::Unknown,
        (Table::Member(Members::Floats(members)), _) => Val::Bool(members.iter().any(|y| y.get() == value)),
        (table, x) => panic!("no naive {table} of {x:?}"),
    }
}

fn constant(value: &Scalar, dtype: DType) -> Val {
    match (value, dtype) {
        (value, DType::F64 | DType::F32) => float(value.to_f64(), 0.0, dtype),
        (Scalar::Bool(b), DType::Bool) => Val::Bool(*b),
        (value, _) => Val::Int(value.to_i64().unwrap()),
    }
}

/// The values of a block, as the interpreter writes them.
pub(super) fn vals(chunk: &Chunk) -> Vec<Val> {
    match chunk.buffer() {
        Buffer::Bool(v) => v.iter().map(|&b| Val::Bool(b)).collect(),
        Buffer::I32(v) => v.iter().map(|&i| Val::Int(i.into())).collect(),
        Buffer::I64(v) => v.iter().map(|&i| Val::Int(i)).collect(),
        Buffer::F32(v) => v.iter().map(|&x| Val::Float(x.into(), 0.0)).collect(),
        Buffer::F64(v) => v.iter().map(|&x| Val::Float(x, 0.0)).collect(),
        other => panic!("no tree holds {other:?}"),
    }
}
