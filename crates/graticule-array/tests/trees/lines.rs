//! What methods give along one axis: from a line of values to a line of values.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use graticule_array::{DType, QuantileMethod};
use ndarray::{ArrayD, Axis, IxDyn};

use super::methods::Kind;
use super::value::{EPS, Val, cast, float};
use Val::{Bool, Float, Int, Unknown};

/// Every line along an axis replaced by another.
pub(super) fn lanes(x: &ArrayD<Val>, axis: usize, f: impl Fn(&[Val]) -> Vec<Val>) -> ArrayD<Val> {
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

/// A line with the values of each group replaced by others; what has no group is missing.
pub(super) fn by_group(v: &[Val], codes: &[i64], f: impl Fn(&[Val]) -> Vec<Val>) -> Vec<Val> {
    let mut result = vec![Float(f64::NAN, 0.0); v.len()];
    for group in codes.iter().copied().filter(|&code| code >= 0).collect::<BTreeSet<i64>>() {
        let members: Vec<usize> = (0..v.len()).filter(|&i| codes[i] == group).collect();
        let values = f(&members.iter().map(|&i| v[i]).collect::<Vec<_>>());
        members.into_iter().zip(values).for_each(|(i, value)| result[i] = value);
    }
    result
}

pub(super) fn one_each(x: &ArrayD<Val>, axis: usize, f: impl Fn(&[Val]) -> Val) -> ArrayD<Val> {
    lanes(x, axis, |v| vec![f(v)]).index_axis_move(Axis(axis), 0)
}

/// The order of two values, NaN last; nothing where rounding decides.
pub(super) fn order(x: Val, y: Val) -> Option<Ordering> {
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
pub(super) fn sorted(v: &[Val], dtype: DType) -> Vec<Val> {
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
pub(super) fn positions(v: &[Val], reverse: bool, count: usize) -> Vec<Val> {
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
pub(super) fn ranked(v: &[Val], skipna: bool, dtype: DType, f: impl Fn(&[Val]) -> Val) -> Val {
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

pub(super) fn quantile(v: &[Val], q: f64, method: QuantileMethod) -> Val {
    let rank = (v.len() - 1) as f64 * q;
    let rank = match method {
        QuantileMethod::Lower => rank.floor(),
        QuantileMethod::Higher => rank.ceil(),
        QuantileMethod::Nearest => rank.round_ties_even(),
        other => panic!("no naive {other}"),
    };
    v[rank as usize]
}

pub(super) fn running_sum(v: &[Val], skipna: bool, from: DType, to: DType) -> Vec<Val> {
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

pub(super) fn running_extreme(v: &[Val], largest: bool) -> Vec<Val> {
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

pub(super) fn fill(v: &[Val], limit: usize) -> Vec<Val> {
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
pub(super) fn window(v: &[Val], kind: Kind, min_periods: usize, from: DType, to: DType) -> Val {
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

pub(super) fn difference(x: Val, y: Val, dtype: DType) -> Val {
    let function = match dtype {
        DType::Bool => graticule_array::Binary::NotEqual,
        _ => graticule_array::Binary::Subtract,
    };
    super::value::binary(function, x, y, dtype, dtype)
}

/// Sums of products over an axis of both.
pub(super) fn product(
    x: &ArrayD<Val>,
    y: &ArrayD<Val>,
    (of_x, of_y): (usize, usize),
    to: DType,
) -> ArrayD<Val> {
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
