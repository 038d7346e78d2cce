//! The state of an aggregation: folding tiles in, merging two states, finishing.
//!
//! A state holds one cell for each result. Merging is done in a fixed order, so the outcome does not depend
//! on which thread finished first.

mod edge;
mod extreme;

use crate::aggregation::{Aggregation, Statistic};
use crate::chunk::Buffer;
use crate::dtype::{DType, NAT};
use crate::kernel::co_moments::{CoMoments, HighMoments};
use crate::kernel::exact::ExactSum;
use crate::kernel::lane::{Access, Lane, Values};
use crate::kernel::moments::{self, Moments};
use crate::kernel::state::edge::Edge;
use crate::kernel::state::extreme::{Extreme, Ordered};
use crate::kernel::sums;

/// What an aggregation remembers, one entry a cell.
#[derive(Debug, Clone)]
pub(crate) enum State {
    SumFloat {
        skipna: bool,
        sum: Vec<f64>,
    },
    SumInt {
        nat: Missing,
        sum: Vec<i64>,
    },
    ProdFloat {
        skipna: bool,
        product: Vec<f64>,
    },
    ProdInt {
        product: Vec<i64>,
    },
    Mean {
        skipna: bool,
        sum: Vec<f64>,
        count: Vec<u64>,
    },
    Moments {
        skipna: bool,
        root: bool,
        ddof: usize,
        moments: moments::Cells,
    },
    ExtremeFloat(Extreme<f64>),
    ExtremeInt(Extreme<i64>),
    ExtremeUnsigned(Extreme<u64>),
    ExtremeBool(Extreme<bool>),
    Any(Vec<bool>),
    All(Vec<bool>),
    Count {
        dtype: DType,
        count: Vec<i64>,
    },
    Histogram {
        low: f64,
        high: f64,
        counts: Vec<i64>,
    },
    FirstFloat(Edge<f64>),
    FirstInt(Edge<i64>),
    FirstUnsigned(Edge<u64>),
    FirstBool(Edge<bool>),
    High {
        skipna: bool,
        kurtosis: bool,
        moments: Vec<HighMoments>,
    },
    /// The covariance with that `ddof`, or the correlation.
    Co {
        skipna: bool,
        ddof: Option<usize>,
        moments: Vec<CoMoments>,
    },
    Exact {
        skipna: bool,
        mean: bool,
        sum: Vec<ExactSum>,
        count: Vec<u64>,
    },
}

/// What the lowest integer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A number like any other.
    Number,
    /// NaT, left out.
    Skip,
    /// NaT, which makes the result NaT.
    Spread,
}

/// Where the values of a tile belong: the cell of each, and its position among the folded values.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    pub(crate) cell: Access,
    pub(crate) position: Access,
}

impl Cells {
    /// The same for a part of the box that begins at `origin`.
    pub(crate) fn from(&self, origin: &[usize]) -> Self {
        Self { cell: self.cell.from(origin), position: self.position.from(origin) }
    }
}

impl State {
    /// The state before any value, for values of `dtype`.
    pub(crate) fn new(aggregation: &Aggregation, dtype: DType, cells: usize) -> Self {
        let skipna = aggregation.skipna;
        let nat = match (dtype.is_time(), skipna) {
            (false, _) => Missing::Number,
            (true, true) => Missing::Skip,
            (true, false) => Missing::Spread,
        };
        match aggregation.kind {
            Statistic::Sum if dtype.is_float() => Self::SumFloat { skipna, sum: vec![0.0; cells] },
            Statistic::Sum => Self::SumInt { nat, sum: vec![0; cells] },
            Statistic::Prod if dtype.is_float() => Self::ProdFloat { skipna, product: vec![1.0; cells] },
            Statistic::Prod => Self::ProdInt { product: vec![1; cells] },
            Statistic::Mean => Self::Mean { skipna, sum: vec![0.0; cells], count: vec![0; cells] },
            Statistic::Var { ddof } | Statistic::Std { ddof } => Self::Moments {
                skipna,
                root: matches!(aggregation.kind, Statistic::Std { .. }),
                ddof,
                moments: moments::Cells::new(cells),
            },
            Statistic::Min | Statistic::Max | Statistic::Argmin | Statistic::Argmax => {
                let largest = matches!(aggregation.kind, Statistic::Max | Statistic::Argmax);
                let wants_position = matches!(aggregation.kind, Statistic::Argmin | Statistic::Argmax);
                let float_missing = if skipna { Missing::Skip } else { Missing::Spread };
                match Lane::empty(dtype) {
                    Lane::F64(_) => {
                        Self::ExtremeFloat(Extreme::new(largest, float_missing, wants_position, cells))
                    }
                    Lane::U64(_) => Self::ExtremeUnsigned(Extreme::new(largest, nat, wants_position, cells)),
                    Lane::Bool(_) => Self::ExtremeBool(Extreme::new(largest, nat, wants_position, cells)),
                    Lane::I64(_) | Lane::Str(_) => {
                        Self::ExtremeInt(Extreme::new(largest, nat, wants_position, cells))
                    }
                }
            }
            Statistic::Any => Self::Any(vec![false; cells]),
            Statistic::All => Self::All(vec![true; cells]),
            Statistic::Count => Self::Count { dtype, count: vec![0; cells] },
            Statistic::Histogram { bins, low, high } => {
                Self::Histogram { low: low.get(), high: high.get(), counts: vec![0; bins] }
            }
            Statistic::First | Statistic::Last => {
                let last = matches!(aggregation.kind, Statistic::Last);
                let skip = if skipna { Missing::Skip } else { Missing::Number };
                let number = if dtype.is_time() { skip } else { Missing::Number };
                match Lane::empty(dtype) {
                    Lane::F64(_) => Self::FirstFloat(Edge::new(last, skip, cells)),
                    Lane::U64(_) => Self::FirstUnsigned(Edge::new(last, number, cells)),
                    Lane::Bool(_) => Self::FirstBool(Edge::new(last, number, cells)),
                    Lane::I64(_) | Lane::Str(_) => Self::FirstInt(Edge::new(last, number, cells)),
                }
            }
            Statistic::Skew | Statistic::Kurtosis => Self::High {
                skipna,
                kurtosis: matches!(aggregation.kind, Statistic::Kurtosis),
                moments: vec![HighMoments::default(); cells],
            },
            Statistic::Cov { ddof } => {
                Self::Co { skipna, ddof: Some(ddof), moments: vec![CoMoments::default(); cells] }
            }
            Statistic::Corr => Self::Co { skipna, ddof: None, moments: vec![CoMoments::default(); cells] },
            Statistic::ExactSum | Statistic::ExactMean => Self::Exact {
                skipna,
                mean: matches!(aggregation.kind, Statistic::ExactMean),
                sum: vec![ExactSum::default(); cells],
                count: vec![0; cells],
            },
        }
    }

    /// Folds the values of a tile in. `second` are the values of the other input of a statistic of pairs.
    pub(crate) fn fold(
        &mut self,
        values: Values<'_>,
        second: Option<Values<'_>>,
        dims: &[usize],
        cells: &Cells,
    ) {
        let len = dims.last().copied().unwrap_or(1);
        let inner = cells.cell.inner();
        match (self, values) {
            (Self::SumFloat { skipna, sum }, Values::F64(v)) => cells.cell.rows(dims, |offset, at| {
                let row = &v[offset..offset + len];
                match inner {
                    0 => sum[at as usize] += sums::sum(row, *skipna).0,
                    _ => each_cell(sum, at, inner, row, |s, x| {
                        *s += if *skipna && x.is_nan() { 0.0 } else { x };
                    }),
                }
            }),
            (Self::Mean { skipna, sum, count }, Values::F64(v)) => cells.cell.rows(dims, |offset, at| {
                let row = &v[offset..offset + len];
                let cell = at as usize;
                match inner {
                    0 => {
                        let (total, valid) = sums::sum(row, *skipna);
                        sum[cell] += total;
                        count[cell] += valid;
                    }
                    1 => sums::add(&mut sum[cell..cell + len], &mut count[cell..cell + len], row, *skipna),
                    _ => {
                        each_cell(sum, at, inner, row, |s, x| {
                            *s += if *skipna && x.is_nan() { 0.0 } else { x };
                        });
                        each_cell(count, at, inner, row, |n, x| *n += u64::from(!(*skipna && x.is_nan())));
                    }
                }
            }),
            (Self::Moments { skipna, moments, .. }, Values::F64(v)) => {
                cells.cell.rows(dims, |offset, at| {
                    let row = &v[offset..offset + len];
                    match inner {
                        0 => moments.merge_into(at as usize, &Moments::of(row, *skipna)),
                        1 => moments.push_row(at as usize, row, *skipna),
                        _ => {
                            for (i, &x) in row.iter().enumerate() {
                                if !(*skipna && x.is_nan()) {
                                    moments.push((at + i as isize * inner) as usize, x);
                                }
                            }
                        }
                    }
                });
            }
            (Self::Histogram { low, high, counts }, Values::F64(v)) => {
                let tile = dims.iter().product();
                sums::histogram(&v[..tile], *low, *high, counts);
            }
            (Self::ProdFloat { skipna, product }, Values::F64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| {
                    *p *= if *skipna && x.is_nan() { 1.0 } else { x };
                });
            }),
            (Self::SumInt { nat, sum }, Values::I64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(sum, at, inner, &v[offset..offset + len], |s, x| *s = add_int(*s, x, *nat));
            }),
            (Self::SumInt { sum, .. }, Values::U64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(sum, at, inner, &v[offset..offset + len], |s, x| *s = s.wrapping_add(x as i64));
            }),
            (Self::ProdInt { product }, Values::I64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| *p = p.wrapping_mul(x));
            }),
            (Self::ProdInt { product }, Values::U64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| *p = p.wrapping_mul(x as i64));
            }),
            (Self::Any(any), Values::Bool(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(any, at, inner, &v[offset..offset + len], |a, x| *a |= x);
            }),
            (Self::All(all), Values::Bool(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(all, at, inner, &v[offset..offset + len], |a, x| *a &= x);
            }),
            (Self::ExtremeFloat(extreme), Values::F64(v)) => fold_extreme(extreme, v, dims, cells),
            (Self::ExtremeInt(extreme), Values::I64(v)) => fold_extreme(extreme, v, dims, cells),
            (Self::ExtremeUnsigned(extreme), Values::U64(v)) => fold_extreme(extreme, v, dims, cells),
            // What has no faster way, one value after another.
            (state, values) => {
                let (cell_step, position_step) = (inner, cells.position.inner());
                let mut positions = Vec::new();
                cells.position.rows(dims, |_, at| positions.push(at));
                let mut positions = positions.into_iter();
                cells.cell.rows(dims, |offset, at| {
                    let position = positions.next().unwrap_or(0);
                    let row = offset..offset + len;
                    state.each(
                        values.part(row.clone()),
                        second.map(|second| second.part(row)),
                        |i| Some((at + i as isize * cell_step) as usize),
                        |i| (position + i as isize * position_step) as i64,
                    );
                });
            }
        }
    }

    /// Folds the values of a row in, one after another. `cell` says where each belongs, if anywhere.
    pub(crate) fn each(
        &mut self,
        values: Values<'_>,
        second: Option<Values<'_>>,
        cell: impl Fn(usize) -> Option<usize>,
        position: impl Fn(usize) -> i64,
    ) {
        macro_rules! each {
            ($v:expr, |$x:ident, $cell:ident, $i:ident| $body:expr) => {
                for ($i, &$x) in $v.iter().enumerate() {
                    if let Some($cell) = cell($i) {
                        $body;
                    }
                }
            };
        }
        match (self, values) {
            (Self::SumFloat { skipna, sum }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    sum[c] += x;
                });
            }
            (Self::Mean { skipna, sum, count }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    sum[c] += x;
                    count[c] += 1;
                });
            }
            (Self::Moments { skipna, moments, .. }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    moments.push(c, x);
                });
            }
            (Self::High { skipna, moments, .. }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    moments[c].push(x);
                });
            }
            (Self::Exact { skipna, sum, count, .. }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    sum[c].push(x);
                    count[c] += 1;
                });
            }
            (Self::Co { skipna, moments, .. }, Values::F64(v)) => {
                let Some(Values::F64(w)) = second else { return };
                each!(v, |x, c, i| if !(*skipna && (x.is_nan() || w[i].is_nan())) {
                    moments[c].push(x, w[i]);
                });
            }
            (Self::ProdFloat { skipna, product }, Values::F64(v)) => {
                each!(v, |x, c, i| if !(*skipna && x.is_nan()) {
                    product[c] *= x;
                });
            }
            (Self::SumInt { nat, sum }, Values::I64(v)) => {
                each!(v, |x, c, i| sum[c] = add_int(sum[c], x, *nat));
            }
            (Self::SumInt { sum, .. }, Values::U64(v)) => {
                each!(v, |x, c, i| sum[c] = sum[c].wrapping_add(x as i64));
            }
            (Self::ProdInt { product }, Values::I64(v)) => {
                each!(v, |x, c, i| product[c] = product[c].wrapping_mul(x));
            }
            (Self::ProdInt { product }, Values::U64(v)) => {
                each!(v, |x, c, i| product[c] = product[c].wrapping_mul(x as i64));
            }
            (Self::ExtremeFloat(s), Values::F64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::ExtremeInt(s), Values::I64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::ExtremeUnsigned(s), Values::U64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::ExtremeBool(s), Values::Bool(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::FirstFloat(s), Values::F64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::FirstInt(s), Values::I64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::FirstUnsigned(s), Values::U64(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::FirstBool(s), Values::Bool(v)) => each!(v, |x, c, i| s.offer(c, x, position(i))),
            (Self::Any(any), Values::Bool(v)) => each!(v, |x, c, i| any[c] |= x),
            (Self::All(all), Values::Bool(v)) => each!(v, |x, c, i| all[c] &= x),
            (Self::Count { count, .. }, Values::F64(v)) => {
                each!(v, |x, c, i| count[c] += i64::from(!x.is_nan()));
            }
            (Self::Count { dtype, count }, Values::I64(v)) => {
                let has_nat = dtype.is_time();
                each!(v, |x, c, i| count[c] += i64::from(!(has_nat && x == NAT)));
            }
            (Self::Count { count, .. }, values) => {
                let len = match values {
                    Values::U64(v) => v.len(),
                    Values::Bool(v) => v.len(),
                    Values::Str(v) => v.len(),
                    Values::F64(_) | Values::I64(_) => 0,
                };
                (0..len).filter_map(cell).for_each(|c| count[c] += 1);
            }
            (state, values) => debug_assert!(false, "folding {values:?} into {state:?}"),
        }
    }

    /// Adds what another state of the same aggregation has seen, of values that come after this one's.
    pub(crate) fn merge(&mut self, other: &Self) {
        fn zip<T: Copy>(a: &mut [T], b: &[T], f: impl Fn(&mut T, T)) {
            a.iter_mut().zip(b).for_each(|(a, b)| f(a, *b));
        }
        match (self, other) {
            (Self::SumFloat { sum, .. }, Self::SumFloat { sum: other, .. }) => {
                zip(sum, other, |a, b| *a += b);
            }
            (Self::SumInt { nat, sum }, Self::SumInt { sum: other, .. }) => {
                zip(sum, other, |a, b| *a = add_int(*a, b, *nat));
            }
            (Self::ProdFloat { product, .. }, Self::ProdFloat { product: other, .. }) => {
                zip(product, other, |a, b| *a *= b);
            }
            (Self::ProdInt { product }, Self::ProdInt { product: other }) => {
                zip(product, other, |a, b| *a = a.wrapping_mul(b));
            }
            (Self::Mean { sum, count, .. }, Self::Mean { sum: s, count: c, .. }) => {
                zip(sum, s, |a, b| *a += b);
                zip(count, c, |a, b| *a += b);
            }
            (Self::Moments { moments, .. }, Self::Moments { moments: other, .. }) => moments.merge(other),
            (Self::ExtremeFloat(a), Self::ExtremeFloat(b)) => a.merge(b),
            (Self::ExtremeInt(a), Self::ExtremeInt(b)) => a.merge(b),
            (Self::ExtremeUnsigned(a), Self::ExtremeUnsigned(b)) => a.merge(b),
            (Self::ExtremeBool(a), Self::ExtremeBool(b)) => a.merge(b),
            (Self::Any(a), Self::Any(b)) => zip(a, b, |a, b| *a |= b),
            (Self::All(a), Self::All(b)) => zip(a, b, |a, b| *a &= b),
            (Self::Count { count, .. }, Self::Count { count: other, .. }) => {
                zip(count, other, |a, b| *a += b);
            }
            (Self::Histogram { counts, .. }, Self::Histogram { counts: other, .. }) => {
                zip(counts, other, |a, b| *a += b);
            }
            (Self::FirstFloat(a), Self::FirstFloat(b)) => a.merge(b),
            (Self::FirstInt(a), Self::FirstInt(b)) => a.merge(b),
            (Self::FirstUnsigned(a), Self::FirstUnsigned(b)) => a.merge(b),
            (Self::FirstBool(a), Self::FirstBool(b)) => a.merge(b),
            (Self::High { moments, .. }, Self::High { moments: other, .. }) => {
                moments.iter_mut().zip(other).for_each(|(a, b)| a.merge(b));
            }
            (Self::Co { moments, .. }, Self::Co { moments: other, .. }) => {
                moments.iter_mut().zip(other).for_each(|(a, b)| a.merge(b));
            }
            (Self::Exact { sum, count, .. }, Self::Exact { sum: s, count: c, .. }) => {
                sum.iter_mut().zip(s).for_each(|(a, b)| a.merge(b));
                zip(count, c, |a, b| *a += b);
            }
            (a, b) => debug_assert!(false, "merging {b:?} into {a:?}"),
        }
    }

    /// The results, in the physical type of `dtype`.
    pub(crate) fn finish(self, dtype: DType) -> Buffer {
        match self {
            Self::SumFloat { sum, .. } => float_buffer(sum, dtype),
            Self::ProdFloat { product, .. } => float_buffer(product, dtype),
            Self::SumInt { sum: v, .. } | Self::ProdInt { product: v } | Self::Count { count: v, .. } => {
                int_buffer(v, dtype)
            }
            Self::Histogram { counts, .. } => int_buffer(counts, dtype),
            Self::Mean { mut sum, count, .. } => {
                sum.iter_mut().zip(&count).for_each(|(s, &n)| *s /= n as f64);
                float_buffer(sum, dtype)
            }
            Self::Moments { skipna, root, ddof, moments } => {
                let result =
                    moments.variances(ddof, skipna).map(|var| if root { var.sqrt() } else { var }).collect();
                float_buffer(result, dtype)
            }
            Self::ExtremeFloat(extreme) => {
                let missing = f64::NAN;
                extreme.finish(missing, |best| float_buffer(best, dtype))
            }
            Self::ExtremeInt(extreme) => extreme.finish(NAT, |best| int_buffer(best, dtype)),
            Self::ExtremeUnsigned(extreme) => extreme.finish(0, Buffer::U64),
            Self::ExtremeBool(extreme) => extreme.finish(false, Buffer::Bool),
            Self::Any(v) | Self::All(v) => Buffer::Bool(v),
            Self::FirstFloat(edge) => float_buffer(edge.finish(f64::NAN), dtype),
            Self::FirstInt(edge) => int_buffer(edge.finish(if dtype.is_time() { NAT } else { 0 }), dtype),
            Self::FirstUnsigned(edge) => Buffer::U64(edge.finish(0)),
            Self::FirstBool(edge) => Buffer::Bool(edge.finish(false)),
            Self::High { kurtosis, moments, .. } => {
                let result = moments.iter().map(|m| if kurtosis { m.kurtosis() } else { m.skewness() });
                float_buffer(result.collect(), dtype)
            }
            Self::Co { ddof, moments, .. } => {
                let result =
                    moments.iter().map(|m| ddof.map_or_else(|| m.correlation(), |d| m.covariance(d)));
                float_buffer(result.collect(), dtype)
            }
            Self::Exact { mean, sum, count, .. } => {
                let result = sum.iter().zip(&count).map(|(sum, &n)| match mean {
                    true => sum.value() / n as f64,
                    false => sum.value(),
                });
                float_buffer(result.collect(), dtype)
            }
        }
    }
}

fn each_cell<S, T: Copy>(state: &mut [S], at: isize, stride: isize, row: &[T], f: impl Fn(&mut S, T)) {
    if stride == 1 {
        for (s, &x) in state[at as usize..].iter_mut().zip(row) {
            f(s, x);
        }
        return;
    }
    let mut at = at;
    for &x in row {
        f(&mut state[at as usize], x);
        at += stride;
    }
}

fn fold_extreme<T: Ordered>(extreme: &mut Extreme<T>, values: &[T], dims: &[usize], cells: &Cells) {
    let len = dims.last().copied().unwrap_or(1);
    let (inner, step) = (cells.cell.inner(), cells.position.inner() as i64);
    let mut positions = Vec::new();
    cells.position.rows(dims, |_, at| positions.push(at as i64));
    let mut positions = positions.into_iter();
    cells.cell.rows(dims, |offset, at| {
        let position = positions.next().unwrap_or(0);
        let row = &values[offset..offset + len];
        match inner {
            0 => extreme.offer_row(at as usize, row, position, step),
            1 => extreme.offer_each(at as usize, row, position, step),
            _ => {
                for (i, &x) in row.iter().enumerate() {
                    let cell = at + i as isize * inner;
                    extreme.offer(cell as usize, x, position + i as i64 * step);
                }
            }
        }
    });
}

fn add_int(sum: i64, x: i64, nat: Missing) -> i64 {
    match nat {
        Missing::Skip if x == NAT => sum,
        Missing::Spread if x == NAT || sum == NAT => NAT,
        _ => sum.wrapping_add(x),
    }
}

fn float_buffer(v: Vec<f64>, dtype: DType) -> Buffer {
    match dtype {
        DType::F32 => Buffer::F32(v.into_iter().map(|x| x as f32).collect()),
        _ => Buffer::F64(v),
    }
}

fn int_buffer(v: Vec<i64>, dtype: DType) -> Buffer {
    match dtype {
        DType::I8 => Buffer::I8(v.into_iter().map(|x| x as i8).collect()),
        DType::I16 => Buffer::I16(v.into_iter().map(|x| x as i16).collect()),
        DType::I32 => Buffer::I32(v.into_iter().map(|x| x as i32).collect()),
        DType::U8 => Buffer::U8(v.into_iter().map(|x| x as u8).collect()),
        DType::U16 => Buffer::U16(v.into_iter().map(|x| x as u16).collect()),
        DType::U32 => Buffer::U32(v.into_iter().map(|x| x as u32).collect()),
        DType::U64 => Buffer::U64(v.into_iter().map(|x| x as u64).collect()),
        _ => Buffer::I64(v),
    }
}
