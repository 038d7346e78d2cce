//! Operations on whole blocks, through the methods that make them, and what each gives by its definition.
//!
//! Such a method may make several nodes, of which the naive interpreter knows nothing; so what it gives is noted for
//! the last of them.

use std::cmp::Ordering;

use graticule_array::{Array, DType, Excess, PadMode, QuantileMethod, Result, Side, Vindex, WindowSide};
use ndarray::{ArrayD, Axis, IxDyn};

use super::value::{EPS, Val, cast, float};
use Val::{Bool, Float, Int, Unknown};

/// A method with its arguments. Axes are not negative.
#[derive(Debug, Clone)]
pub(super) enum Method {
    CumSum {
        axis: usize,
        skipna: bool,
    },
    CumExtreme {
        axis: usize,
        largest: bool,
    },
    Fill {
        axis: usize,
        limit: Option<usize>,
        backwards: bool,
    },
    Sort {
        axis: usize,
    },
    Argsort {
        axis: usize,
    },
    TopK {
        axis: usize,
        k: isize,
        positions: bool,
    },
    Quantile {
        axis: usize,
        q: f64,
        method: QuantileMethod,
        skipna: bool,
    },
    Median {
        axis: usize,
        skipna: bool,
    },
    Take {
        axis: usize,
        positions: Vec<usize>,
    },
    /// Points on the first two axes.
    Vindex {
        points: Vec<(usize, usize)>,
    },
    Reshape {
        shape: Vec<usize>,
    },
    Rolling {
        axis: usize,
        size: usize,
        center: bool,
        min_periods: usize,
        valid: bool,
        kind: Kind,
    },
    Windows {
        axis: usize,
        size: usize,
    },
    Coarsen {
        axis: usize,
        size: usize,
        excess: Excess,
        side: WindowSide,
        kind: Kind,
    },
    Diff {
        axis: usize,
        n: usize,
    },
    Roll {
        axis: usize,
        shift: isize,
    },
    Flip {
        axis: usize,
    },
    PadEdge {
        axis: usize,
        before: usize,
        after: usize,
    },
    PadWrap {
        axis: usize,
        before: usize,
        after: usize,
    },
    TakeAlong {
        axis: usize,
    },
    SearchSorted {
        side: Side,
    },
    Matmul,
    /// Over the first axis of both.
    Tensordot,
}

/// What is computed of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Sum,
    Min,
    Max,
    Count,
}

impl Method {
    pub(super) fn call(&self, x: &[Array]) -> Result<Array> {
        let (x, second) = (&x[0], x.get(1));
        match self {
            Self::CumSum { axis, skipna: true } => x.nancumsum(*axis as isize),
            Self::CumSum { axis, .. } => x.cumsum(*axis as isize),
            Self::CumExtreme { axis, largest: true } => x.cummax(*axis as isize),
            Self::CumExtreme { axis, .. } => x.cummin(*axis as isize),
            Self::Fill { axis, limit, backwards: true } => x.bfill(*axis as isize, *limit),
            Self::Fill { axis, limit, .. } => x.ffill(*axis as isize, *limit),
            Self::Sort { axis } => x.sort(*axis as isize),
            Self::Argsort { axis } => x.argsort(*axis as isize),
            Self::TopK { axis, k, positions: true } => x.argtopk(*k, *axis as isize),
            Self::TopK { axis, k, .. } => x.topk(*k, *axis as isize),
            Self::Quantile { axis, q, method, skipna: true } => x.nanquantile(*q, *axis as isize, *method),
            Self::Quantile { axis, q, method, .. } => x.quantile(*q, *axis as isize, *method),
            Self::Median { axis, skipna: true } => x.nanmedian(*axis as isize),
            Self::Median { axis, .. } => x.median(*axis as isize),
            Self::Take { axis, positions } => {
                x.take(*axis as isize, &positions.iter().map(|&i| i as isize).collect::<Vec<_>>())
            }
            Self::Vindex { points } => {
                let on = |f: fn(&(usize, usize)) -> usize| -> Vindex {
                    points.iter().map(|point| f(point) as isize).collect::<Vec<_>>().into()
                };
                x.vindex(&[on(|point| point.0), on(|point| point.1)])
            }
            Self::Reshape { shape } => x.reshape(&shape.iter().map(|&len| len as isize).collect::<Vec<_>>()),
            Self::Rolling { axis, size, center, min_periods, valid, kind } => {
                let rolling = x.rolling(*axis as isize, *size)?.center(*center).min_periods(*min_periods);
                let rolling = if *valid { rolling.valid() } else { rolling };
                match kind {
                    Kind::Sum => rolling.sum(),
                    Kind::Min => rolling.min(),
                    Kind::Max => rolling.max(),
                    Kind::Count => rolling.count(),
                }
            }
            Self::Windows { axis, size } => x.sliding_window_view(*size, *axis as isize),
            Self::Coarsen { axis, size, excess, side, kind } => {
                let coarse = x.coarsen(&[(*axis as isize, *size)])?.excess(*excess).side(*side);
                match kind {
                    Kind::Sum => coarse.sum(),
                    Kind::Min => coarse.min(),
                    Kind::Max => coarse.max(),
                    Kind::Count => coarse.count(),
                }
            }
            Self::Diff { axis, n } => x.diff(*n, *axis as isize),
            Self::Roll { axis, shift } => x.roll(*shift, *axis as isize),
            Self::Flip { axis } => x.flip(*axis as isize),
            Self::PadEdge { axis, before, after } => {
                x.pad(&widths(x, *axis, *before, *after), &PadMode::Edge)
            }
            Self::PadWrap { axis, before, after } => {
                x.pad(&widths(x, *axis, *before, *after), &PadMode::Wrap)
            }
            Self::TakeAlong { axis } => x.take_along_axis(second.unwrap(), *axis as isize),
            Self::SearchSorted { side } => x.searchsorted(second.unwrap(), *side),
            Self::Matmul => x.matmul(second.unwrap()),
            Self::Tensordot => x.tensordot(second.unwrap(), (0, 0)),
        }
    }

    /// What the method gives of values of these dtypes.
    pub(super) fn naive(&self, x: &[&ArrayD<Val>], from: &[DType], to: DType) -> ArrayD<Val> {
        let (x, second) = (x[0], x.get(1).copied());
        let (from, argument) = (from[0], from.get(1).copied());
        match self {
            Self::CumSum { axis, skipna } => lanes(x, *axis, |v| running_sum(v, *skipna, from, to)),
            Self::CumExtreme { axis, largest } => lanes(x, *axis, |v| running_extreme(v, *largest)),
            Self::Fill { axis, limit, backwards } => lanes(x, *axis, |v| {
                let mut v = v.to_vec();
                if *backwards {
                    v.reverse();
                }
                let mut filled = fill(&v, limit.unwrap_or(usize::MAX));
                if *backwards {
                    filled.reverse();
                }
                filled
            }),
            Self::Sort { axis } => lanes(x, *axis, |v| sorted(v, to)),
            Self::Argsort { axis } => lanes(x, *axis, |v| positions(v, false, v.len())),
            Self::TopK { axis, k, positions: wants_positions } => lanes(x, *axis, |v| {
                let count = k.unsigned_abs().min(v.len());
                if *wants_positions {
                    return positions(v, *k > 0, count);
                }
                let mut best = sorted(v, to);
                if *k > 0 {
                    best.reverse();
                }
                best.truncate(count);
                best
            }),
            Self::Quantile { axis, q, method, skipna } => {
                one_each(x, *axis, |v| ranked(v, *skipna, to, |v| quantile(v, *q, *method)))
            }
            Self::Median { axis, skipna } => one_each(x, *axis, |v| {
                ranked(v, *skipna, to, |v| match v.len() % 2 {
                    1 => cast(v[v.len() / 2], from, to),
                    _ => {
                        let (a, e) = v[v.len() / 2 - 1].to_float();
                        let (b, f) = v[v.len() / 2].to_float();
                        match (a + b) / 2.0 {
                            mean if mean.is_nan() => Float(mean, 0.0),
                            mean if mean.is_infinite() => Unknown,
                            mean => float(mean, e.max(f) + EPS * mean.abs() + 1e-300, to),
                        }
                    }
                })
            }),
            Self::Take { axis, positions } => x.select(Axis(*axis), positions),
            Self::Vindex { points } => {
                let shape: Vec<usize> =
                    std::iter::once(points.len()).chain(x.shape()[2..].iter().copied()).collect();
                ArrayD::from_shape_fn(IxDyn(&shape), |at| {
                    let point = points[at[0]];
                    let mut from = vec![point.0, point.1];
                    from.extend((1..shape.len()).map(|axis| at[axis]));
                    x[IxDyn(&from)]
                })
            }
            Self::Reshape { shape } => {
                ArrayD::from_shape_vec(IxDyn(shape), x.iter().copied().collect()).unwrap()
            }
            Self::Rolling { axis, size, center, min_periods, valid, kind } => lanes(x, *axis, |v| {
                let behind = match (valid, center) {
                    (true, _) => 0,
                    (_, true) => size / 2,
                    _ => size - 1,
                };
                let results = if *valid { v.len() + 1 - size } else { v.len() };
                let of = |i: usize| {
                    let end = (i + size).saturating_sub(behind).min(v.len());
                    window(&v[i.saturating_sub(behind).min(end)..end], *kind, *min_periods, from, to)
                };
                (0..results).map(of).collect()
            }),
            Self::Windows { axis, size } => {
                let mut shape = x.shape().to_vec();
                shape[*axis] = shape[*axis] + 1 - size;
                shape.push(*size);
                ArrayD::from_shape_fn(IxDyn(&shape), |at| {
                    let mut from: Vec<usize> = (0..x.ndim()).map(|axis| at[axis]).collect();
                    from[*axis] += at[x.ndim()];
                    x[IxDyn(&from)]
                })
            }
            Self::Coarsen { axis, size, excess, side, kind } => lanes(x, *axis, |v| {
                let rest = v.len() % size;
                let windows: Vec<&[Val]> = match (excess, side) {
                    (Excess::Pad, WindowSide::Left) => v.chunks(*size).collect(),
                    (Excess::Pad, WindowSide::Right) if rest > 0 => {
                        std::iter::once(&v[..rest]).chain(v[rest..].chunks(*size)).collect()
                    }
                    (_, WindowSide::Left) => v.chunks_exact(*size).collect(),
                    (_, WindowSide::Right) => v[rest..].chunks_exact(*size).collect(),
                };
                windows.into_iter().map(|v| window(v, *kind, 0, from, to)).collect()
            }),
            Self::Diff { axis, n } => (0..*n).fold(x.clone(), |x, _| {
                lanes(&x, *axis, |v| v.windows(2).map(|v| difference(v[1], v[0], to)).collect())
            }),
            Self::Roll { axis, shift } => lanes(x, *axis, |v| {
                let at = |i: usize| v[(i as isize - shift).rem_euclid(v.len() as isize) as usize];
                (0..v.len()).map(at).collect()
            }),
            Self::Flip { axis } => lanes(x, *axis, |v| v.iter().rev().copied().collect()),
            Self::PadEdge { axis, before, after } => lanes(x, *axis, |v| {
                let at = |i: usize| v[i.saturating_sub(*before).min(v.len() - 1)];
                (0..before + v.len() + after).map(at).collect()
            }),
            Self::PadWrap { axis, before, after } => lanes(x, *axis, |v| {
                let at = |i: usize| v[(i as isize - *before as isize).rem_euclid(v.len() as isize) as usize];
                (0..before + v.len() + after).map(at).collect()
            }),
            Self::TakeAlong { axis } => {
                let at = second.unwrap();
                ArrayD::from_shape_fn(at.raw_dim(), |mut index| match at[&index] {
                    Int(position) => {
                        index[*axis] = position as usize;
                        x[index]
                    }
                    _ => Unknown,
                })
            }
            Self::SearchSorted { side } => second.unwrap().mapv(|value| {
                let dtype = from.promote(argument.unwrap()).unwrap();
                let value = cast(value, argument.unwrap(), dtype);
                let before = |edge: &Val| {
                    let order = order(cast(*edge, from, dtype), value)?;
                    Some(order == Ordering::Less || order == Ordering::Equal && *side == Side::Right)
                };
                let before: Option<Vec<bool>> = x.iter().map(before).collect();
                before.map_or(Unknown, |before| Int(before.into_iter().filter(|&is| is).count() as i64))
            }),
            Self::Matmul => product(x, second.unwrap(), (x.ndim() - 1, 0), to),
            Self::Tensordot => product(x, second.unwrap(), (0, 0), to),
        }
    }
}

fn widths(x: &Array, axis: usize, before: usize, after: usize) -> Vec<(usize, usize)> {
    (0..x.ndim()).map(|own| if own == axis { (before, after) } else { (0, 0) }).collect()
}

/// Every line along an axis replaced by another.
fn lanes(x: &ArrayD<Val>, axis: usize, f: impl Fn(&[Val]) -> Vec<Val>) -> ArrayD<Val> {
    let line = |line: ndarray::ArrayView1<'_, Val>| f(&line.to_vec());
    let lines: Vec<Vec<Val>> = x.lanes(Axis(axis)).into_iter().map(line).collect();
    let mut shape = x.shape().to_vec();
    // Of no lines, one of no known values says how long they would be.
    shape[axis] = match lines.first() {
        Some(line) => line.len(),
        None => f(&vec![Unknown; shape[axis]]).len(),
    };
    let mut result = ArrayD::from_elem(IxDyn(&shape), Unknown);
    for (mut to, from) in result.lanes_mut(Axis(axis)).into_iter().zip(lines) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from);
    }
    result
}

fn one_each(x: &ArrayD<Val>, axis: usize, f: impl Fn(&[Val]) -> Val) -> ArrayD<Val> {
    lanes(x, axis, |v| vec![f(v)]).index_axis_move(Axis(axis), 0)
}

/// The order of two values, NaN last; nothing where rounding decides.
fn order(x: Val, y: Val) -> Option<Ordering> {
    match (x, y) {
        (Unknown, _) | (_, Unknown) => None,
        (Int(a), Int(b)) => Some(a.cmp(&b)),
        (Bool(a), Bool(b)) => Some(a.cmp(&b)),
        (x, y) => {
            let ((a, e), (b, f)) = (x.to_float(), y.to_float());
            match (a.is_nan(), b.is_nan()) {
                (false, false) if e + f > 0.0 && (a - b).abs() <= e + f => None,
                (false, false) => a.partial_cmp(&b),
                (a, b) => Some(a.cmp(&b)),
            }
        }
    }
}

/// The values in order. Which of two nearly equal values comes first, or of the two zeros, is left open.
fn sorted(v: &[Val], dtype: DType) -> Vec<Val> {
    if v.contains(&Unknown) {
        return vec![Unknown; v.len()];
    }
    let error = v.iter().map(|x| x.to_float().1).fold(0.0, f64::max);
    let key = |x: &Val| if let Float(x, _) = x { Float(*x, 0.0) } else { *x };
    let mut v: Vec<Val> = v.iter().map(key).collect();
    v.sort_by(|x, y| order(*x, *y).unwrap());
    for x in &mut v {
        match x {
            Float(value, _) if error > 0.0 && value.is_finite() => *x = float(*value, error, dtype),
            Float(0.0, _) => *x = Float(0.0, f64::MIN_POSITIVE),
            _ => {}
        }
    }
    v
}

/// The positions of values in order, or in reverse order, of which equal ones keep theirs.
fn positions(v: &[Val], reverse: bool, count: usize) -> Vec<Val> {
    let open = v.iter().enumerate().any(|(i, x)| v[..i].iter().any(|y| order(*x, *y).is_none()));
    if open || v.contains(&Unknown) {
        return vec![Unknown; count];
    }
    let mut at: Vec<usize> = (0..v.len()).collect();
    at.sort_by(|&i, &j| {
        let order = order(v[i], v[j]).unwrap();
        if reverse { order.reverse() } else { order }
    });
    at.into_iter().take(count).map(|i| Int(i as i64)).collect()
}

/// A value that is found among sorted ones, of which NaN is none.
fn ranked(v: &[Val], skipna: bool, dtype: DType, f: impl Fn(&[Val]) -> Val) -> Val {
    if v.contains(&Unknown) {
        return Unknown;
    }
    let numbers: Vec<Val> = v.iter().copied().filter(|x| !x.is_nan()).collect();
    match numbers.is_empty() || !skipna && numbers.len() < v.len() {
        true if dtype.is_float() => Float(f64::NAN, 0.0),
        true => Unknown,
        false => f(&sorted(&numbers, dtype)),
    }
}

fn quantile(v: &[Val], q: f64, method: QuantileMethod) -> Val {
    let rank = (v.len() - 1) as f64 * q;
    let rank = match method {
        QuantileMethod::Lower => rank.floor(),
        QuantileMethod::Higher => rank.ceil(),
        QuantileMethod::Nearest => rank.round_ties_even(),
        other => panic!("no naive {other}"),
    };
    v[rank as usize]
}

fn running_sum(v: &[Val], skipna: bool, from: DType, to: DType) -> Vec<Val> {
    let (mut results, mut ints, mut sum, mut size, mut error) = (Vec::new(), 0i64, 0.0, 0.0, 0.0);
    let (mut open, mut beyond) = (false, false);
    for (i, x) in v.iter().enumerate() {
        open |= *x == Unknown;
        if let Int(x) = cast(*x, from, DType::I64)
            && !to.is_float()
        {
            ints = ints.wrapping_add(x);
        }
        let (x, e) = x.to_float();
        if !(skipna && x.is_nan()) {
            (sum, size, error) = (sum + x, size + x.abs(), error + e);
        }
        beyond |= x.is_infinite();
        results.push(match to {
            _ if open => Unknown,
            DType::F32 | DType::F64 if sum.is_nan() => Float(sum, 0.0),
            DType::F32 | DType::F64 if beyond => {
                if sum.is_finite() {
                    Unknown
                } else {
                    Float(sum, 0.0)
                }
            }
            DType::F32 | DType::F64 => float(sum, error + (i + 1) as f64 * EPS * size + 1e-300, to),
            _ => Int(ints),
        });
    }
    results
}

fn running_extreme(v: &[Val], largest: bool) -> Vec<Val> {
    (1..=v.len()).map(|end| extreme(&v[..end], largest)).collect()
}

/// The largest or smallest of some values; NaN where one is.
fn extreme(v: &[Val], largest: bool) -> Val {
    if v.contains(&Unknown) {
        return Unknown;
    }
    if let Some(nan) = v.iter().find(|x| x.is_nan()) {
        return *nan;
    }
    let error = v.iter().map(|x| x.to_float().1).fold(0.0, f64::max);
    let exact = v.iter().map(|x| if let Float(x, _) = x { Float(*x, 0.0) } else { *x });
    let better = |x: Val, y: Val| {
        let wanted = if largest { Ordering::Greater } else { Ordering::Less };
        if order(y, x) == Some(wanted) { y } else { x }
    };
    match exact.reduce(better).unwrap() {
        // Which of the two zeros is taken is left open.
        Float(x, _) if x.is_finite() && error > 0.0 || x == 0.0 => Float(x, error.max(f64::MIN_POSITIVE)),
        x => x,
    }
}

fn fill(v: &[Val], limit: usize) -> Vec<Val> {
    let at = |i: usize| {
        let last = (0..=i).rev().find(|&j| !v[j].is_nan());
        match last {
            // Whether a value is missing is not known.
            Some(_) if v[..=i].contains(&Unknown) => Unknown,
            Some(j) if i - j <= limit => v[j],
            _ => v[i],
        }
    };
    (0..v.len()).map(at).collect()
}

/// A statistic of the values that are not missing.
fn window(v: &[Val], kind: Kind, min_periods: usize, from: DType, to: DType) -> Val {
    if v.contains(&Unknown) {
        return Unknown;
    }
    let there: Vec<Val> = v.iter().copied().filter(|x| !x.is_nan()).collect();
    if there.len() < min_periods {
        return if to.is_float() { Float(f64::NAN, 0.0) } else { Unknown };
    }
    match kind {
        Kind::Count => cast(Int(there.len() as i64), DType::I64, to),
        Kind::Sum => {
            running_sum(&there, true, from, if from.is_float() { to } else { DType::I64 }).last().map_or_else(
                || cast(Int(0), DType::I64, to),
                |sum| cast(*sum, if from.is_float() { to } else { DType::I64 }, to),
            )
        }
        Kind::Min | Kind::Max if there.is_empty() => {
            if to.is_float() {
                Float(f64::NAN, 0.0)
            } else {
                Unknown
            }
        }
        Kind::Min | Kind::Max => cast(extreme(&there, kind == Kind::Max), from, to),
    }
}

fn difference(x: Val, y: Val, dtype: DType) -> Val {
    let function = match dtype {
        DType::Bool => graticule_array::Binary::NotEqual,
        _ => graticule_array::Binary::Subtract,
    };
    super::value::binary(function, x, y, dtype, dtype)
}

/// Sums of products over an axis of both.
fn product(x: &ArrayD<Val>, y: &ArrayD<Val>, (of_x, of_y): (usize, usize), to: DType) -> ArrayD<Val> {
    let (rows, columns) = (x.lanes(Axis(of_x)), y.lanes(Axis(of_y)));
    let mut shape: Vec<usize> =
        (0..x.ndim()).filter(|&axis| axis != of_x).map(|axis| x.shape()[axis]).collect();
    shape.extend((0..y.ndim()).filter(|&axis| axis != of_y).map(|axis| y.shape()[axis]));
    let columns: Vec<Vec<Val>> = columns.into_iter().map(|line| line.to_vec()).collect();
    let rows = rows.into_iter().map(|line| line.to_vec());
    let values = rows.flat_map(|row| columns.iter().map(|column| dot(&row, column, to)).collect::<Vec<_>>());
    ArrayD::from_shape_vec(IxDyn(&shape), values.collect()).unwrap()
}

fn dot(x: &[Val], y: &[Val], to: DType) -> Val {
    if x.contains(&Unknown) || y.contains(&Unknown) {
        return Unknown;
    }
    if to == DType::Bool {
        return Bool(x.iter().zip(y).any(|(x, y)| x.is_true() == Some(true) && y.is_true() == Some(true)));
    }
    let (mut ints, mut sum, mut size, mut error) = (0i64, 0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let int = |x: &Val| match x {
            Int(x) => *x,
            x => x.to_float().0 as i64,
        };
        ints = ints.wrapping_add(int(x).wrapping_mul(int(y)));
        let ((a, e), (b, f)) = (x.to_float(), y.to_float());
        sum += a * b;
        size += (a * b).abs();
        error += a.abs() * f + b.abs() * e + e * f;
    }
    let step = if to == DType::F32 { 2.4e-7 } else { EPS };
    match to {
        DType::F32 | DType::F64 if sum.is_nan() => Float(sum, 0.0),
        DType::F32 | DType::F64 if sum.is_infinite() => Unknown,
        DType::F32 | DType::F64 => float(sum, error + (x.len() + 1) as f64 * step * size + 1e-40, to),
        _ => Int(ints),
    }
}
