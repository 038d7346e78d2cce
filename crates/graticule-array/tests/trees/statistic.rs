//! Statistics of a list of values, as their definitions say.

use graticule_array::{DType, Statistic};

use super::value::{EPS, Val, float};
use Val::{Bool, Float, Int, Unknown};

/// The statistic of values in the order of their positions. `second` are the values that `first` is paired with.
pub(super) fn statistic(
    kind: &Statistic,
    skipna: bool,
    values: &[(usize, Val)],
    second: &[Val],
    dtype: DType,
) -> Val {
    let missing = |x: &Val| x.is_nan();
    match kind {
        Statistic::Count if values.iter().any(|(_, x)| *x == Unknown) => return Unknown,
        Statistic::Count => return Int(values.iter().filter(|(_, x)| !missing(x)).count() as i64),
        Statistic::Cov { .. } | Statistic::Corr => return of_pairs(kind, skipna, values, second, dtype),
        _ => {}
    }
    if values.iter().any(|(_, x)| *x == Unknown) {
        return Unknown;
    }
    let kept: Vec<(usize, Val)> = values.iter().copied().filter(|(_, x)| !(skipna && missing(x))).collect();
    match kind {
        Statistic::Any | Statistic::All => {
            let wanted = matches!(kind, Statistic::Any);
            Bool(kept.iter().any(|(_, x)| *x == Bool(wanted)) == wanted)
        }
        Statistic::First | Statistic::Last => {
            let found = if matches!(kind, Statistic::First) { kept.first() } else { kept.last() };
            found.map_or_else(|| nothing(dtype), |(_, x)| *x)
        }
        Statistic::Min | Statistic::Max | Statistic::Argmin | Statistic::Argmax => {
            extreme(kind, &kept, dtype)
        }
        Statistic::Sum | Statistic::Prod if !dtype.is_float() => {
            let ints = kept.iter().map(|(_, x)| if let Int(i) = x { *i } else { 0 });
            Int(match kind {
                Statistic::Sum => ints.fold(0, i64::wrapping_add),
                _ => ints.fold(1, i64::wrapping_mul),
            })
        }
        _ => {
            let floats: Vec<(f64, f64)> = kept.iter().map(|(_, x)| x.to_float()).collect();
            of_floats(kind, skipna, &floats, dtype)
        }
    }
}

/// What an extreme of no values is: NaN among floats; of other dtypes nothing is promised.
fn nothing(dtype: DType) -> Val {
    if dtype.is_float() { Float(f64::NAN, 0.0) } else { Unknown }
}

fn extreme(kind: &Statistic, kept: &[(usize, Val)], dtype: DType) -> Val {
    let wants_position = matches!(kind, Statistic::Argmin | Statistic::Argmax);
    if let Some((position, nan)) = kept.iter().find(|(_, x)| x.is_nan()) {
        return if wants_position { Int(*position as i64) } else { *nan };
    }
    let sign = if matches!(kind, Statistic::Max | Statistic::Argmax) { 1.0 } else { -1.0 };
    let better = |x: Val, y: Val| match (x, y) {
        (Int(a), Int(b)) => {
            if sign > 0.0 {
                a > b
            } else {
                a < b
            }
        }
        (x, y) => sign * x.to_float().0 > sign * y.to_float().0,
    };
    let mut kept_iter = kept.iter();
    let Some(mut best) = kept_iter.next() else {
        return if wants_position { Int(-1) } else { nothing(dtype) };
    };
    for other in kept_iter {
        if better(other.1, best.1) {
            best = other;
        }
    }
    let Float(value, error) = best.1 else {
        return if wants_position { Int(best.0 as i64) } else { best.1 };
    };
    let most = kept.iter().map(|(_, x)| x.to_float().1).fold(error, f64::max);
    if wants_position {
        let rivals = |(at, x): &(usize, Val)| {
            let (other, error) = x.to_float();
            *at != best.0 && (value - other).abs() <= error + most && (error > 0.0 || most > 0.0)
        };
        return if kept.iter().any(rivals) { Unknown } else { Int(best.0 as i64) };
    }
    // Of two zeros of different sign either is the smallest.
    let zeros = |negative: bool| {
        kept.iter().any(|(_, x)| matches!(x, Float(z, _) if *z == 0.0 && z.is_sign_negative() == negative))
    };
    if value == 0.0 && zeros(true) && zeros(false) { Unknown } else { float(value, most, dtype) }
}

/// Whether sums of such values are exact in any order: multiples of 1/1024 that are not too large.
fn adds_exactly(values: &[(f64, f64)]) -> bool {
    let fits = |(x, e): &(f64, f64)| *e == 0.0 && x.abs() < 1e9 && (x * 1024.0).fract() == 0.0;
    values.iter().all(fits)
}

fn sum(values: &[(f64, f64)]) -> (f64, f64) {
    let total: f64 = values.iter().fold(0.0, |sum, (x, _)| sum + x);
    if adds_exactly(values) || values.iter().any(|(x, _)| !x.is_finite()) {
        return (total, 0.0);
    }
    let size: f64 = values.iter().map(|(x, e)| x.abs() + e).sum();
    (total, values.iter().map(|(_, e)| e).sum::<f64>() + values.len() as f64 * EPS * size + f64::MIN_POSITIVE)
}

fn of_floats(kind: &Statistic, skipna: bool, values: &[(f64, f64)], dtype: DType) -> Val {
    let n = values.len() as f64;
    let finite = values.iter().all(|(x, _)| x.is_finite());
    match kind {
        Statistic::Sum | Statistic::ExactSum => {
            let (total, error) = sum(values);
            float(total, error, dtype)
        }
        Statistic::Mean | Statistic::ExactMean => {
            let (total, error) = sum(values);
            float(total / n, if error == 0.0 { 0.0 } else { error / n + EPS * (total / n).abs() }, dtype)
        }
        Statistic::Prod => {
            let product: f64 = values.iter().map(|(x, _)| x).product();
            let size: f64 = values.iter().map(|(x, e)| x.abs() + e).product();
            let plain: f64 = values.iter().map(|(x, _)| x.abs()).product();
            if values.iter().any(|(x, _)| x.is_nan()) {
                return Float(f64::NAN, 0.0);
            }
            let exact = |(x, e): &(f64, f64)| *e == 0.0 && x.fract() == 0.0;
            let whole: f64 = values.iter().map(|(x, _)| x.abs().max(1.0)).product();
            if values.iter().all(exact) && whole < 1e15 {
                return float(product, 0.0, dtype);
            }
            let tiny = values.iter().map(|(x, _)| x.abs().min(1.0)).product::<f64>() < 1e-200;
            if whole > 1e200 || tiny || !finite {
                return Unknown;
            }
            float(product, size - plain + n * EPS * size + f64::MIN_POSITIVE, dtype)
        }
        Statistic::Var { ddof } | Statistic::Std { ddof } => {
            let divisor = n - *ddof as f64;
            if skipna && divisor <= 0.0 || values.is_empty() {
                return Float(f64::NAN, 0.0);
            }
            if !finite {
                return Float(f64::NAN, 0.0);
            }
            let (m2, error) = m2(values, values);
            let (value, error) = match divisor > 0.0 {
                true => (m2 / divisor, error / divisor + if error > 0.0 { EPS * m2 / divisor } else { 0.0 }),
                false if error > 0.0 && m2 <= error => return Unknown,
                false => return Float(if m2 > 0.0 { f64::INFINITY } else { f64::NAN }, 0.0),
            };
            match kind {
                Statistic::Var { .. } => float(value, error, dtype),
                _ if error == 0.0 => float(value.sqrt(), 0.0, dtype),
                _ => {
                    let root = value.sqrt();
                    float(
                        root,
                        (value + error).sqrt() - root + error.sqrt().min(error / root) + EPS * root,
                        dtype,
                    )
                }
            }
        }
        Statistic::Skew | Statistic::Kurtosis => {
            let mean = values.iter().map(|(x, _)| x).sum::<f64>() / n;
            let about = |p: i32| values.iter().map(|(x, _)| (x - mean).powi(p)).sum::<f64>() / n;
            let range = range(values);
            let size = values.iter().fold(0.0, |size: f64, (x, _)| size.max(x.abs()));
            if !finite || values.is_empty() {
                return if values.iter().any(|(x, _)| x.is_nan()) || values.is_empty() {
                    Float(f64::NAN, 0.0)
                } else {
                    Unknown
                };
            }
            let inexact: f64 = values.iter().map(|(_, e)| e).sum();
            if range == 0.0 && inexact == 0.0 {
                return Float(f64::NAN, 0.0);
            }
            if range < 1e-6 * size || inexact > 1e-9 * range {
                return Unknown;
            }
            let value = match kind {
                Statistic::Skew => about(3) / about(2).powf(1.5),
                _ => about(4) / about(2).powi(2) - 3.0,
            };
            float(value, 1e-4 * (1.0 + value.abs()), dtype)
        }
        kind => panic!("no naive {kind}"),
    }
}

fn range(values: &[(f64, f64)]) -> f64 {
    let high = values.iter().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    let low = values.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    (high - low).max(0.0)
}

/// The sum of products of deviations from the means, and its error.
fn m2(x: &[(f64, f64)], y: &[(f64, f64)]) -> (f64, f64) {
    let n = x.len() as f64;
    let about_first = |v: &[(f64, f64)]| -> Vec<f64> { v.iter().map(|(x, _)| x - v[0].0).collect() };
    let (dx, dy) = (about_first(x), about_first(y));
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (mx, my) = (mean(&dx), mean(&dy));
    let total = dx.iter().zip(&dy).map(|(a, b)| (a - mx) * (b - my)).sum();
    let off = |v: &[(f64, f64)]| v.iter().map(|(_, e)| e).sum::<f64>();
    let (rx, ry) = (range(x), range(y));
    let error = n * 16.0 * EPS * n.sqrt() * rx * ry + 2.0 * (rx * off(y) + ry * off(x) + off(x) * off(y));
    (total, error)
}

fn of_pairs(kind: &Statistic, skipna: bool, values: &[(usize, Val)], second: &[Val], dtype: DType) -> Val {
    let pairs = values.iter().zip(second).filter(|((_, x), y)| !(skipna && (x.is_nan() || y.is_nan())));
    let (x, y): (Vec<Val>, Vec<Val>) = pairs.map(|((_, x), y)| (*x, *y)).unzip();
    if x.iter().chain(&y).any(|x| *x == Unknown) {
        return Unknown;
    }
    let floats = |v: &[Val]| -> Vec<(f64, f64)> { v.iter().map(|x| x.to_float()).collect() };
    let (x, y) = (floats(&x), floats(&y));
    let n = x.len() as f64;
    if x.is_empty() {
        return Float(f64::NAN, 0.0);
    }
    if x.iter().chain(&y).any(|(x, _)| !x.is_finite()) {
        let infinite = x.iter().chain(&y).any(|(x, _)| x.is_infinite());
        return if infinite { Unknown } else { Float(f64::NAN, 0.0) };
    }
    let (xy, error) = m2(&x, &y);
    if let Statistic::Cov { ddof } = kind {
        let divisor = n - *ddof as f64;
        return match divisor > 0.0 {
            true => {
                float(xy / divisor, error / divisor + EPS * (xy / divisor).abs() + f64::MIN_POSITIVE, dtype)
            }
            false => Float(f64::NAN, 0.0),
        };
    }
    let ((xx, ex), (yy, ey)) = (m2(&x, &x), m2(&y, &y));
    if xx == 0.0 && ex == 0.0 || yy == 0.0 && ey == 0.0 {
        return Float(f64::NAN, 0.0);
    }
    if ex > 1e-6 * xx || ey > 1e-6 * yy {
        return Unknown;
    }
    let r = xy / (xx.sqrt() * yy.sqrt());
    float(r, 1e-5, dtype)
}
