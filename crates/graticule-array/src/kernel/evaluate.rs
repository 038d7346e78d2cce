//! One step of a formula on a tile.

use std::cmp::Ordering;

use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::function::{Binary, Unary};
use crate::kernel::lane::Lane;
use crate::kernel::math;

/// Applies a function of one argument to a tile of `dtype`, in place where the type stays.
pub(crate) fn unary(function: Unary, lane: Lane, dtype: DType) -> Lane {
    match function {
        Unary::Isnan => return classify(lane, dtype, f64::is_nan, true),
        Unary::Isinf => return classify(lane, dtype, f64::is_infinite, false),
        Unary::Isfinite => return classify_finite(lane, dtype),
        _ => {}
    }
    match lane {
        Lane::F64(mut v) => {
            unary_float(function, &mut v);
            if dtype == DType::F32 {
                round_to_single(&mut v);
            }
            Lane::F64(v)
        }
        Lane::I64(mut v) => {
            unary_signed(function, &mut v, dtype);
            wrap(&mut v, dtype);
            Lane::I64(v)
        }
        Lane::U64(mut v) => {
            for x in &mut v {
                *x = match function {
                    Unary::Negative => x.wrapping_neg(),
                    Unary::Sign => u64::from(*x != 0),
                    Unary::Square => x.wrapping_mul(*x),
                    Unary::Invert => !*x,
                    _ => *x,
                };
            }
            Lane::U64(v)
        }
        Lane::Bool(mut v) => {
            if matches!(function, Unary::LogicalNot | Unary::Invert) {
                v.iter_mut().for_each(|x| *x = !*x);
            }
            Lane::Bool(v)
        }
        Lane::Str(v) => Lane::Str(v),
    }
}

fn classify(lane: Lane, dtype: DType, test: fn(f64) -> bool, nat: bool) -> Lane {
    Lane::Bool(match lane {
        Lane::F64(v) => v.into_iter().map(test).collect(),
        Lane::I64(v) => v.into_iter().map(|x| nat && dtype.is_time() && x == NAT).collect(),
        Lane::U64(v) => vec![false; v.len()],
        Lane::Bool(v) => vec![false; v.len()],
        Lane::Str(v) => vec![false; v.len()],
    })
}

fn classify_finite(lane: Lane, dtype: DType) -> Lane {
    Lane::Bool(match lane {
        Lane::F64(v) => v.into_iter().map(f64::is_finite).collect(),
        Lane::I64(v) => v.into_iter().map(|x| !(dtype.is_time() && x == NAT)).collect(),
        Lane::U64(v) => vec![true; v.len()],
        Lane::Bool(v) => vec![true; v.len()],
        Lane::Str(v) => vec![true; v.len()],
    })
}

fn unary_float(function: Unary, v: &mut [f64]) {
    let each = |v: &mut [f64], f: fn(f64) -> f64| v.iter_mut().for_each(|x| *x = f(*x));
    match function {
        Unary::Negative => v.iter_mut().for_each(|x| *x = -*x),
        Unary::Absolute => v.iter_mut().for_each(|x| *x = x.abs()),
        Unary::Sign => each(v, |x| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                x
            }
        }),
        Unary::Square => v.iter_mut().for_each(|x| *x *= *x),
        Unary::Reciprocal => v.iter_mut().for_each(|x| *x = 1.0 / *x),
        Unary::Sqrt => math::sqrt(v),
        Unary::Cbrt => math::cbrt(v),
        Unary::Exp => math::exp(v),
        Unary::Exp2 => math::exp2(v),
        Unary::Expm1 => math::expm1(v),
        Unary::Log => math::ln(v),
        Unary::Log2 => math::log2(v),
        Unary::Log10 => math::log10(v),
        Unary::Log1p => math::log1p(v),
        Unary::Sin => math::sin(v),
        Unary::Cos => math::cos(v),
        Unary::Tan => math::tan(v),
        Unary::Arcsin => math::asin(v),
        Unary::Arccos => math::acos(v),
        Unary::Arctan => math::atan(v),
        Unary::Sinh => math::sinh(v),
        Unary::Cosh => math::cosh(v),
        Unary::Tanh => math::tanh(v),
        Unary::Arcsinh => each(v, f64::asinh),
        Unary::Arccosh => each(v, f64::acosh),
        Unary::Arctanh => each(v, f64::atanh),
        Unary::Deg2rad => v.iter_mut().for_each(|x| *x *= std::f64::consts::PI / 180.0),
        Unary::Rad2deg => v.iter_mut().for_each(|x| *x *= 180.0 / std::f64::consts::PI),
        Unary::Floor => each(v, f64::floor),
        Unary::Ceil => each(v, f64::ceil),
        Unary::Trunc => each(v, f64::trunc),
        Unary::Rint => each(v, f64::round_ties_even),
        // Of another type of argument or result; the formula never asks for them here.
        Unary::Isnan | Unary::Isinf | Unary::Isfinite | Unary::LogicalNot | Unary::Invert => {}
    }
}

fn unary_signed(function: Unary, v: &mut [i64], dtype: DType) {
    for x in v {
        if dtype.is_time() && *x == NAT {
            continue;
        }
        *x = match function {
            Unary::Negative => x.wrapping_neg(),
            Unary::Absolute => x.wrapping_abs(),
            Unary::Sign => x.signum(),
            Unary::Square => x.wrapping_mul(*x),
            Unary::Invert => !*x,
            _ => *x,
        };
    }
}

/// Applies a function of two arguments of one type. The first tile is written to where the type stays.
pub(crate) fn binary(function: Binary, a: Lane, b: &Lane, argument: DType, result: DType) -> Lane {
    match (a, b) {
        (Lane::F64(mut a), Lane::F64(b)) => {
            if let Some(test) = comparison(function) {
                return Lane::Bool(a.iter().zip(b).map(|(x, y)| test(x.partial_cmp(y))).collect());
            }
            binary_float(function, &mut a, b);
            if result == DType::F32 {
                round_to_single(&mut a);
            }
            Lane::F64(a)
        }
        (Lane::I64(a), Lane::I64(b)) if argument.is_time() || result.is_time() => binary_time(function, a, b),
        (Lane::I64(mut a), Lane::I64(b)) => {
            if let Some(test) = comparison(function) {
                return Lane::Bool(a.iter().zip(b).map(|(x, y)| test(Some(x.cmp(y)))).collect());
            }
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_signed(function, *x, *y));
            wrap(&mut a, result);
            Lane::I64(a)
        }
        (Lane::U64(mut a), Lane::U64(b)) => {
            if let Some(test) = comparison(function) {
                return Lane::Bool(a.iter().zip(b).map(|(x, y)| test(Some(x.cmp(y)))).collect());
            }
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_unsigned(function, *x, *y));
            Lane::U64(a)
        }
        (Lane::Bool(mut a), Lane::Bool(b)) => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_bool(function, *x, *y));
            Lane::Bool(a)
        }
        (Lane::Str(a), Lane::Str(b)) => {
            let equal = function == Binary::Equal;
            Lane::Bool(a.iter().zip(b).map(|(x, y)| (x == y) == equal).collect())
        }
        // The formula casts both arguments to one dtype, so there are no other pairs.
        (a, _) => a,
    }
}

/// How a comparison judges an ordering; no ordering means that one side is NaN or NaT.
fn comparison(function: Binary) -> Option<fn(Option<Ordering>) -> bool> {
    Some(match function {
        Binary::Equal => |o| o == Some(Ordering::Equal),
        Binary::NotEqual => |o| o != Some(Ordering::Equal),
        Binary::Less => |o| o == Some(Ordering::Less),
        Binary::LessEqual => |o| matches!(o, Some(Ordering::Less | Ordering::Equal)),
        Binary::Greater => |o| o == Some(Ordering::Greater),
        Binary::GreaterEqual => |o| matches!(o, Some(Ordering::Greater | Ordering::Equal)),
        _ => return None,
    })
}

fn binary_float(function: Binary, a: &mut [f64], b: &[f64]) {
    let each = |a: &mut [f64], f: fn(f64, f64) -> f64| {
        a.iter_mut().zip(b).for_each(|(x, y)| *x = f(*x, *y));
    };
    match function {
        Binary::Add => a.iter_mut().zip(b).for_each(|(x, y)| *x += y),
        Binary::Subtract => a.iter_mut().zip(b).for_each(|(x, y)| *x -= y),
        Binary::Multiply => a.iter_mut().zip(b).for_each(|(x, y)| *x *= y),
        Binary::Divide => a.iter_mut().zip(b).for_each(|(x, y)| *x /= y),
        Binary::FloorDivide => each(a, floor_divide),
        Binary::Remainder => each(a, remainder),
        Binary::Power => each(a, f64::powf),
        Binary::Arctan2 => each(a, f64::atan2),
        Binary::Hypot => each(a, f64::hypot),
        Binary::Copysign => each(a, f64::copysign),
        Binary::Maximum => each(a, |x, y| if x >= y || x.is_nan() { x } else { y }),
        Binary::Minimum => each(a, |x, y| if x <= y || x.is_nan() { x } else { y }),
        Binary::Fmax => each(a, |x, y| if x >= y || y.is_nan() { x } else { y }),
        Binary::Fmin => each(a, |x, y| if x <= y || y.is_nan() { x } else { y }),
        // Of another type of argument or result; the formula never asks for them here.
        Binary::Equal
        | Binary::NotEqual
        | Binary::Less
        | Binary::LessEqual
        | Binary::Greater
        | Binary::GreaterEqual
        | Binary::LogicalAnd
        | Binary::LogicalOr
        | Binary::LogicalXor
        | Binary::BitwiseAnd
        | Binary::BitwiseOr
        | Binary::BitwiseXor
        | Binary::LeftShift
        | Binary::RightShift => {}
    }
}

/// The remainder with the sign of the divisor, as in numpy and Python.
fn remainder(x: f64, y: f64) -> f64 {
    let r = x % y;
    if r != 0.0 && (r < 0.0) != (y < 0.0) {
        r + y
    } else if r == 0.0 {
        r.abs().copysign(y)
    } else {
        r
    }
}

/// The quotient rounded down such that `x == floor_divide(x, y) * y + remainder(x, y)` as nearly as can be.
fn floor_divide(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return x / y;
    }
    let quotient = (x - remainder(x, y)) / y;
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// Integers wrap; division by zero gives 0, as in numpy.
fn binary_signed(function: Binary, x: i64, y: i64) -> i64 {
    match function {
        Binary::Add => x.wrapping_add(y),
        Binary::Subtract => x.wrapping_sub(y),
        Binary::Multiply => x.wrapping_mul(y),
        Binary::FloorDivide if y == 0 => 0,
        Binary::FloorDivide => {
            let q = x.wrapping_div(y);
            if x.wrapping_rem(y) != 0 && (x < 0) != (y < 0) { q - 1 } else { q }
        }
        Binary::Remainder if y == 0 => 0,
        Binary::Remainder => {
            let r = x.wrapping_rem(y);
            if r != 0 && (r < 0) != (y < 0) { r + y } else { r }
        }
        Binary::Power => match u32::try_from(y) {
            Ok(y) => x.wrapping_pow(y),
            Err(_) if y > 0 => x.wrapping_pow((y & 0x7fff_fffe) as u32 | (y & 1) as u32),
            // 1 / x**|y| rounded towards zero; refused for constants when the formula is made.
            Err(_) => match x {
                1 => 1,
                -1 => 1 - 2 * (y & 1),
                _ => 0,
            },
        },
        Binary::Maximum | Binary::Fmax => x.max(y),
        Binary::Minimum | Binary::Fmin => x.min(y),
        Binary::BitwiseAnd => x & y,
        Binary::BitwiseOr => x | y,
        Binary::BitwiseXor => x ^ y,
        Binary::LeftShift => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)).unwrap_or(0),
        Binary::RightShift => x >> y.clamp(0, 63),
        _ => x,
    }
}

fn binary_unsigned(function: Binary, x: u64, y: u64) -> u64 {
    match function {
        Binary::Add => x.wrapping_add(y),
        Binary::Subtract => x.wrapping_sub(y),
        Binary::Multiply => x.wrapping_mul(y),
        Binary::FloorDivide => x.checked_div(y).unwrap_or(0),
        Binary::Remainder => x.checked_rem(y).unwrap_or(0),
        Binary::Power => x.wrapping_pow(u32::try_from(y).unwrap_or(u32::MAX)),
        Binary::Maximum | Binary::Fmax => x.max(y),
        Binary::Minimum | Binary::Fmin => x.min(y),
        Binary::BitwiseAnd => x & y,
        Binary::BitwiseOr => x | y,
        Binary::BitwiseXor => x ^ y,
        Binary::LeftShift => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)).unwrap_or(0),
        Binary::RightShift => u32::try_from(y).ok().and_then(|y| x.checked_shr(y)).unwrap_or(0),
        _ => x,
    }
}

fn binary_bool(function: Binary, x: bool, y: bool) -> bool {
    match function {
        Binary::Add | Binary::LogicalOr | Binary::BitwiseOr | Binary::Maximum | Binary::Fmax => x | y,
        Binary::Multiply | Binary::LogicalAnd | Binary::BitwiseAnd | Binary::Minimum | Binary::Fmin => x & y,
        Binary::LogicalXor | Binary::BitwiseXor | Binary::NotEqual => x ^ y,
        Binary::Equal => x == y,
        Binary::Less => !x & y,
        Binary::LessEqual => !x | y,
        Binary::Greater => x & !y,
        Binary::GreaterEqual => x | !y,
        _ => x,
    }
}

/// Times: NaT spreads through arithmetic and compares like NaN. A sum beyond the range is NaT.
fn binary_time(function: Binary, mut a: Vec<i64>, b: &[i64]) -> Lane {
    if let Some(test) = comparison(function) {
        let order = |x: i64, y: i64| (x != NAT && y != NAT).then(|| x.cmp(&y));
        return Lane::Bool(a.iter().zip(b).map(|(&x, &y)| test(order(x, y))).collect());
    }
    if function == Binary::Divide {
        let ratio = |x: i64, y: i64| if x == NAT || y == NAT { f64::NAN } else { x as f64 / y as f64 };
        return Lane::F64(a.iter().zip(b).map(|(&x, &y)| ratio(x, y)).collect());
    }
    for (x, &y) in a.iter_mut().zip(b) {
        *x = match (*x == NAT, y == NAT, function) {
            (true, _, Binary::Fmax | Binary::Fmin) => y,
            (_, true, Binary::Fmax | Binary::Fmin) => *x,
            (true, _, _) | (_, true, _) => NAT,
            (_, _, Binary::Add) => x.checked_add(y).unwrap_or(NAT),
            (_, _, Binary::Subtract) => x.checked_sub(y).unwrap_or(NAT),
            (_, _, Binary::Multiply) => x.checked_mul(y).unwrap_or(NAT),
            (_, _, Binary::Maximum | Binary::Fmax) => (*x).max(y),
            (_, _, Binary::Minimum | Binary::Fmin) => (*x).min(y),
            (false, false, _) => *x,
        };
    }
    Lane::I64(a)
}

/// `yes` where `cond` holds, else `no`.
pub(crate) fn choose(cond: &Lane, yes: Lane, no: &Lane) -> Lane {
    let Lane::Bool(cond) = cond else { return yes };
    fn pick<T: Clone>(cond: &[bool], yes: &mut [T], no: &[T]) {
        for ((&cond, yes), no) in cond.iter().zip(yes).zip(no) {
            if !cond {
                yes.clone_from(no);
            }
        }
    }
    match (yes, no) {
        (Lane::F64(mut yes), Lane::F64(no)) => {
            for ((&cond, yes), &no) in cond.iter().zip(&mut yes).zip(no) {
                *yes = if cond { *yes } else { no };
            }
            Lane::F64(yes)
        }
        (Lane::I64(mut yes), Lane::I64(no)) => {
            pick(cond, &mut yes, no);
            Lane::I64(yes)
        }
        (Lane::U64(mut yes), Lane::U64(no)) => {
            pick(cond, &mut yes, no);
            Lane::U64(yes)
        }
        (Lane::Bool(mut yes), Lane::Bool(no)) => {
            pick(cond, &mut yes, no);
            Lane::Bool(yes)
        }
        (Lane::Str(mut yes), Lane::Str(no)) => {
            pick(cond, &mut yes, no);
            Lane::Str(yes)
        }
        (yes, _) => yes,
    }
}

/// A tile of `from` as a tile of `to`.
///
/// # Errors
/// [`Error::Dtype`] for a value that `to` cannot hold: NaN or 1e20 as an integer, 300 as int8.
pub(crate) fn cast(lane: Lane, from: DType, to: DType) -> Result<Lane> {
    let refused = |value: String| Error::Dtype {
        operation: format!("casting {value} to {to}"),
        dtype: from,
        hint: "the value does not fit; mask or clip such values first".into(),
    };
    if let (Some(a), Some(b)) = (unit(from), unit(to)) {
        let Lane::I64(v) = lane else { return Ok(lane) };
        let rescaled: Result<Vec<i64>, i64> = v.into_iter().map(|t| rescale_time(t, a, b)).collect();
        return rescaled.map(Lane::I64).map_err(|t| refused(t.to_string()));
    }
    if to == DType::Bool {
        return Ok(Lane::Bool(match lane {
            Lane::F64(v) => v.into_iter().map(|x| x != 0.0).collect(),
            Lane::I64(v) => v.into_iter().map(|x| x != 0).collect(),
            Lane::U64(v) => v.into_iter().map(|x| x != 0).collect(),
            Lane::Bool(v) => v,
            Lane::Str(v) => vec![true; v.len()],
        }));
    }
    if to.is_float() {
        let mut v: Vec<f64> = match lane {
            Lane::F64(v) => v,
            Lane::I64(v) => v.into_iter().map(|x| x as f64).collect(),
            Lane::U64(v) => v.into_iter().map(|x| x as f64).collect(),
            Lane::Bool(v) => v.into_iter().map(|x| f64::from(u8::from(x))).collect(),
            Lane::Str(v) => vec![f64::NAN; v.len()],
        };
        if to == DType::F32 {
            round_to_single(&mut v);
        }
        return Ok(Lane::F64(v));
    }
    let (low, high) = bounds(to);
    let mut wide: Vec<i128> = Vec::with_capacity(crate::kernel::lane::TILE);
    match lane {
        Lane::F64(v) => {
            for x in v {
                let t = x.trunc();
                if !(t >= low as f64 && t <= high as f64) || (t as i128) > high {
                    return Err(refused(x.to_string()));
                }
                wide.push(t as i128);
            }
        }
        Lane::I64(v) => wide.extend(v.into_iter().map(i128::from)),
        Lane::U64(v) => wide.extend(v.into_iter().map(i128::from)),
        Lane::Bool(v) => wide.extend(v.into_iter().map(i128::from)),
        Lane::Str(_) => {}
    }
    if let Some(x) = wide.iter().find(|x| !(low..=high).contains(*x)) {
        return Err(refused(x.to_string()));
    }
    Ok(match to {
        DType::U64 => Lane::U64(wide.into_iter().map(|x| x as u64).collect()),
        _ => Lane::I64(wide.into_iter().map(|x| x as i64).collect()),
    })
}

fn unit(dtype: DType) -> Option<i64> {
    match dtype {
        DType::Datetime(unit) | DType::Timedelta(unit) => Some(unit.per_second()),
        _ => None,
    }
}

/// A count of `1/from` seconds as a count of `1/to` seconds, rounded down; the count itself where it does
/// not fit.
fn rescale_time(t: i64, from: i64, to: i64) -> Result<i64, i64> {
    if t == NAT {
        Ok(NAT)
    } else if to >= from {
        t.checked_mul(to / from).ok_or(t)
    } else {
        Ok(t.div_euclid(from / to))
    }
}

fn bounds(dtype: DType) -> (i128, i128) {
    match dtype {
        DType::I8 => (i8::MIN.into(), i8::MAX.into()),
        DType::I16 => (i16::MIN.into(), i16::MAX.into()),
        DType::I32 => (i32::MIN.into(), i32::MAX.into()),
        DType::U8 => (0, u8::MAX.into()),
        DType::U16 => (0, u16::MAX.into()),
        DType::U32 => (0, u32::MAX.into()),
        DType::U64 => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

fn round_to_single(v: &mut [f64]) {
    v.iter_mut().for_each(|x| *x = f64::from(*x as f32));
}

/// Wraps integers to the width of their dtype.
fn wrap(v: &mut [i64], dtype: DType) {
    match dtype {
        DType::I8 => v.iter_mut().for_each(|x| *x = i64::from(*x as i8)),
        DType::I16 => v.iter_mut().for_each(|x| *x = i64::from(*x as i16)),
        DType::I32 => v.iter_mut().for_each(|x| *x = i64::from(*x as i32)),
        DType::U8 => v.iter_mut().for_each(|x| *x = i64::from(*x as u8)),
        DType::U16 => v.iter_mut().for_each(|x| *x = i64::from(*x as u16)),
        DType::U32 => v.iter_mut().for_each(|x| *x = i64::from(*x as u32)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_with_a_remainder_follows_python() {
        for (x, y, q, r) in [(7.0, 2.0, 3.0, 1.0), (-7.0, 2.0, -4.0, 1.0), (7.0, -2.0, -4.0, -1.0)] {
            assert_eq!((floor_divide(x, y), remainder(x, y)), (q, r));
            let (xi, yi) = (x as i64, y as i64);
            assert_eq!(binary_signed(Binary::FloorDivide, xi, yi), q as i64);
            assert_eq!(binary_signed(Binary::Remainder, xi, yi), r as i64);
        }
        assert_eq!(binary_signed(Binary::FloorDivide, i64::MIN, -1), i64::MIN);
        assert_eq!(binary_signed(Binary::Remainder, 5, 0), 0);
    }

    #[test]
    fn a_cast_that_loses_a_value_is_an_error() {
        let cast_one = |x: f64, to| cast(Lane::F64(vec![x]), DType::F64, to);
        assert!(matches!(cast_one(-3.9, DType::I8), Ok(Lane::I64(v)) if v == [-3]));
        for (x, to) in [
            (f64::NAN, DType::I64),
            (300.0, DType::I8),
            (-1.0, DType::U16),
            (1e19, DType::I64),
            (9_223_372_036_854_775_808.0, DType::I64),
            (18_446_744_073_709_551_616.0, DType::U64),
        ] {
            assert!(cast_one(x, to).is_err(), "{x} {to}");
        }
    }

    #[test]
    fn narrow_integers_wrap() {
        let lane = binary(Binary::Add, Lane::I64(vec![127]), &Lane::I64(vec![1]), DType::I8, DType::I8);
        assert!(matches!(lane, Lane::I64(v) if v == [-128]));
    }
}
