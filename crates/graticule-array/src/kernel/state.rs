//! The state of an aggregation: folding tiles in, merging two states, finishing.
//!
//! A state holds one cell for each result. Merging is done in a fixed order, so the outcome does not depend
//! on which thread finished first.

use crate::aggregation::{Aggregation, Statistic};
use crate::chunk::Buffer;
use crate::dtype::{DType, NAT};
use crate::kernel::lane::{Access, Lane};
use crate::kernel::moments::Moments;
use crate::kernel::sums;

/// What an aggregation remembers, one entry a cell.
#[derive(Debug, Clone)]
pub(crate) enum State {
    SumFloat { skipna: bool, sum: Vec<f64> },
    SumInt { nat: Missing, sum: Vec<i64> },
    ProdFloat { skipna: bool, product: Vec<f64> },
    ProdInt { product: Vec<i64> },
    Mean { skipna: bool, sum: Vec<f64>, count: Vec<u64> },
    Moments { skipna: bool, root: bool, ddof: usize, moments: Vec<Moments> },
    ExtremeFloat(Extreme<f64>),
    ExtremeInt(Extreme<i64>),
    ExtremeUnsigned(Extreme<u64>),
    ExtremeBool(Extreme<bool>),
    Any(Vec<bool>),
    All(Vec<bool>),
    Count { dtype: DType, count: Vec<i64> },
    Histogram { low: f64, high: f64, counts: Vec<i64> },
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

/// The smallest or largest value so far and, for argmin and argmax, where it was.
#[derive(Debug, Clone)]
pub(crate) struct Extreme<T> {
    largest: bool,
    missing: Missing,
    wants_position: bool,
    seen: Vec<bool>,
    best: Vec<T>,
    position: Vec<i64>,
}

/// Where the values of a tile belong: the cell of each, and its position among the folded values.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    pub(crate) cell: Access,
    pub(crate) position: Access,
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
                moments: vec![Moments::default(); cells],
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
        }
    }

    /// Folds the values of a tile in.
    pub(crate) fn fold(&mut self, lane: &Lane, dims: &[usize], cells: &Cells) {
        let len = dims.last().copied().unwrap_or(1);
        let inner = cells.cell.inner();
        match (self, lane) {
            (Self::SumFloat { skipna, sum }, Lane::F64(v)) => cells.cell.rows(dims, |offset, at| {
                let row = &v[offset..offset + len];
                match inner {
                    0 => sum[at as usize] += sums::sum(row, *skipna).0,
                    _ => each_cell(sum, at, inner, row, |s, x| {
                        *s += if *skipna && x.is_nan() { 0.0 } else { x };
                    }),
                }
            }),
            (Self::Mean { skipna, sum, count }, Lane::F64(v)) => cells.cell.rows(dims, |offset, at| {
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
            (Self::Moments { skipna, moments, .. }, Lane::F64(v)) => {
                cells.cell.rows(dims, |offset, at| {
                    let row = &v[offset..offset + len];
                    if inner == 0 {
                        moments[at as usize].merge(&Moments::of(row, *skipna));
                    } else {
                        let mut cell = at;
                        for &x in row {
                            if !(*skipna && x.is_nan()) {
                                moments[cell as usize].push(x);
                            }
                            cell += inner;
                        }
                    }
                });
            }
            (Self::Histogram { low, high, counts }, Lane::F64(v)) => {
                let tile = dims.iter().product();
                sums::histogram(&v[..tile], *low, *high, counts);
            }
            (Self::ProdFloat { skipna, product }, Lane::F64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| {
                    *p *= if *skipna && x.is_nan() { 1.0 } else { x };
                });
            }),
            (Self::SumInt { nat, sum }, Lane::I64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(sum, at, inner, &v[offset..offset + len], |s, x| *s = add_int(*s, x, *nat));
            }),
            (Self::SumInt { sum, .. }, Lane::U64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(sum, at, inner, &v[offset..offset + len], |s, x| *s = s.wrapping_add(x as i64));
            }),
            (Self::ProdInt { product }, Lane::I64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| *p = p.wrapping_mul(x));
            }),
            (Self::ProdInt { product }, Lane::U64(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(product, at, inner, &v[offset..offset + len], |p, x| *p = p.wrapping_mul(x as i64));
            }),
            (Self::ExtremeFloat(extreme), Lane::F64(v)) => extreme.fold(v, dims, cells),
            (Self::ExtremeInt(extreme), Lane::I64(v)) => extreme.fold(v, dims, cells),
            (Self::ExtremeUnsigned(extreme), Lane::U64(v)) => extreme.fold(v, dims, cells),
            (Self::ExtremeBool(extreme), Lane::Bool(v)) => extreme.fold(v, dims, cells),
            (Self::Any(any), Lane::Bool(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(any, at, inner, &v[offset..offset + len], |a, x| *a |= x);
            }),
            (Self::All(all), Lane::Bool(v)) => cells.cell.rows(dims, |offset, at| {
                each_cell(all, at, inner, &v[offset..offset + len], |a, x| *a &= x);
            }),
            (Self::Count { dtype, count }, lane) => cells.cell.rows(dims, |offset, at| {
                let present = |i: usize| match lane {
                    Lane::F64(v) => !v[i].is_nan(),
                    Lane::I64(v) => !(dtype.is_time() && v[i] == NAT),
                    Lane::U64(_) | Lane::Bool(_) | Lane::Str(_) => true,
                };
                let mut cell = at;
                for i in offset..offset + len {
                    count[cell as usize] += i64::from(present(i));
                    cell += inner;
                }
            }),
            (state, lane) => debug_assert!(false, "folding {lane:?} into {state:?}"),
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
            (Self::Moments { moments, .. }, Self::Moments { moments: other, .. }) => {
                moments.iter_mut().zip(other).for_each(|(a, b)| a.merge(b));
            }
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
                let variance = moments.iter().map(|moments| moments.variance(ddof, skipna));
                let result = variance.map(|var| if root { var.sqrt() } else { var }).collect();
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

/// A value that can be compared, and may stand for "missing".
pub(crate) trait Ordered: Copy + PartialOrd + Default {
    fn is_missing(self) -> bool;
}

impl Ordered for f64 {
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

impl Ordered for i64 {
    fn is_missing(self) -> bool {
        self == NAT
    }
}

impl Ordered for u64 {
    fn is_missing(self) -> bool {
        false
    }
}

impl Ordered for bool {
    fn is_missing(self) -> bool {
        false
    }
}

impl<T: Ordered> Extreme<T> {
    fn new(largest: bool, missing: Missing, wants_position: bool, cells: usize) -> Self {
        Self {
            largest,
            missing,
            wants_position,
            seen: vec![false; cells],
            best: vec![T::default(); cells],
            position: vec![-1; if wants_position { cells } else { 0 }],
        }
    }

    /// Whether `x` at `position` replaces the best so far in a cell. Of equals the first position wins.
    #[inline]
    fn replaces(&self, cell: usize, x: T, position: i64) -> bool {
        if !self.seen[cell] {
            return true;
        }
        let best = self.best[cell];
        let first = self.wants_position && position < self.position[cell];
        if self.missing == Missing::Spread {
            match (best.is_missing(), x.is_missing()) {
                (true, true) => return first,
                (true, false) => return false,
                (false, true) => return true,
                (false, false) => {}
            }
        }
        if self.largest { x > best || (x == best && first) } else { x < best || (x == best && first) }
    }

    fn offer(&mut self, cell: usize, x: T, position: i64) {
        if self.missing == Missing::Skip && x.is_missing() {
            return;
        }
        if self.replaces(cell, x, position) {
            self.seen[cell] = true;
            self.best[cell] = x;
            if self.wants_position {
                self.position[cell] = position;
            }
        }
    }

    fn fold(&mut self, values: &[T], dims: &[usize], cells: &Cells) {
        let len = dims.last().copied().unwrap_or(1);
        let (cell_step, position_step) = (cells.cell.inner(), cells.position.inner());
        let mut positions = Vec::new();
        cells.position.rows(dims, |_, at| positions.push(at));
        let mut positions = positions.into_iter();
        cells.cell.rows(dims, |offset, at| {
            let (mut cell, mut position) = (at, positions.next().unwrap_or(0));
            for &x in &values[offset..offset + len] {
                self.offer(cell as usize, x, position as i64);
                cell += cell_step;
                position += position_step;
            }
        });
    }

    fn merge(&mut self, other: &Self) {
        for cell in 0..self.seen.len() {
            if other.seen[cell] {
                let position = other.position.get(cell).copied().unwrap_or(0);
                self.offer(cell, other.best[cell], position);
            }
        }
    }

    fn finish(mut self, missing: T, buffer: impl Fn(Vec<T>) -> Buffer) -> Buffer {
        if self.wants_position {
            return Buffer::I64(self.position);
        }
        for (best, seen) in self.best.iter_mut().zip(&self.seen) {
            if !seen {
                *best = missing;
            }
        }
        buffer(self.best)
    }
}
