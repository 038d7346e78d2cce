//! Operations on whole blocks, through the methods that make them, and what each gives by its definition.
//!
//! Such a method may make several nodes, of which the naive interpreter knows nothing; so what it gives is noted for
//! the last of them.

use std::cmp::Ordering;

use graticule_array::{Array, DType, Excess, PadMode, QuantileMethod, Result, Side, Vindex, WindowSide};
use ndarray::{ArrayD, Axis, IxDyn};

use super::lines::{
    by_group, difference, fill, lanes, one_each, order, positions, product, quantile, ranked,
    running_extreme, running_sum, sorted, window,
};
use super::value::{EPS, Val, cast, float};
use Val::{Float, Int, Unknown};

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
    /// The same by the group that each position of the axis has.
    GroupCumSum {
        axis: usize,
        skipna: bool,
        codes: Vec<i64>,
    },
    GroupFill {
        axis: usize,
        limit: Option<usize>,
        codes: Vec<i64>,
    },
    /// What belongs to groups, at every member.
    GroupBroadcast {
        axis: usize,
        codes: Vec<i64>,
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
            Self::GroupCumSum { axis, skipna: true, codes } => x.group_nancumsum(*axis as isize, codes),
            Self::GroupCumSum { axis, codes, .. } => x.group_cumsum(*axis as isize, codes),
            Self::GroupFill { axis, limit, codes } => x.group_ffill(*axis as isize, codes, *limit),
            Self::GroupBroadcast { axis, codes } => x.group_broadcast(*axis as isize, codes),
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
            Self::GroupCumSum { axis, skipna, codes } => {
                lanes(x, *axis, |v| by_group(v, codes, |v| running_sum(v, *skipna, from, to)))
            }
            Self::GroupFill { axis, limit, codes } => {
                lanes(x, *axis, |v| by_group(v, codes, |v| fill(v, limit.unwrap_or(usize::MAX))))
            }
            Self::GroupBroadcast { axis, codes } => lanes(x, *axis, |v| {
                let at = |&code: &i64| usize::try_from(code).map_or(Float(f64::NAN, 0.0), |group| v[group]);
                codes.iter().map(at).collect()
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
