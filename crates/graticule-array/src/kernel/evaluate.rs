//! One step of a formula on a tile.

use std::cmp::Ordering;

use multiversion::multiversion;

use crate::dtype::{DType, NAT};
use crate::function::{Binary, Unary};
use crate::kernel::lane::{Lane, Values};
use crate::kernel::math;

/// Applies a function of one argument to a tile of `dtype`, in place: the type of the tile stays.
pub(crate) fn unary(function: Unary, lane: &mut Lane, dtype: DType) {
    match lane {
        Lane::F64(v) if function == Unary::Spacing && dtype == DType::F32 => {
            v.iter_mut().for_each(|x| *x = math::spacing_single(*x));
        }
        Lane::F64(v) => {
            unary_float(function, v);
            if dtype == DType::F32 {
                round_to_single(v);
            }
        }
        Lane::I64(v) => {
            unary_signed(function, v, dtype);
            wrap(v, dtype);
        }
        Lane::U64(v) => {
            for x in v {
                *x = match function {
                    Unary::Negative => x.wrapping_neg(),
                    Unary::Sign => u64::from(*x != 0),
                    Unary::Square => x.wrapping_mul(*x),
                    Unary::Invert => !*x,
                    Unary::BitwiseCount => x.count_ones().into(),
                    _ => *x,
                };
            }
        }
        Lane::Bool(v) => {
            if matches!(function, Unary::LogicalNot | Unary::Invert) {
                v.iter_mut().for_each(|x| *x = !*x);
            }
        }
        Lane::Str(_) => {}
    }
}

/// Whether the values of a tile are NaN, infinite, finite or below zero.
pub(crate) fn classify(function: Unary, values: Values<'_>, dtype: DType, out: &mut [bool]) {
    let test: fn(f64) -> bool = match function {
        Unary::Isinf => f64::is_infinite,
        Unary::Isfinite => f64::is_finite,
        Unary::Signbit => f64::is_sign_negative,
        _ => f64::is_nan,
    };
    match values {
        Values::F64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = test(x)),
        Values::I64(v) if dtype.is_time() => {
            out.iter_mut().zip(v).for_each(|(out, &t)| *out = test(if t == NAT { f64::NAN } else { 0.0 }));
        }
        Values::I64(_) | Values::U64(_) | Values::Bool(_) | Values::Str(_) => out.fill(test(0.0)),
    }
}

fn unary_float(function: Unary, v: &mut [f64]) {
    let each = |v: &mut [f64], f: fn(f64) -> f64| v.iter_mut().for_each(|x| *x = f(*x));
    match function {
        Unary::Negative => v.iter_mut().for_each(|x| *x = -*x),
        Unary::Absolute => v.iter_mut().for_each(|x| *x = x.abs()),
        // Zero has no sign; adding 0.0 makes -0.0 the plain zero, and leaves NaN.
        Unary::Sign => each(v, |x| if x == 0.0 || x.is_nan() { x + 0.0 } else { x.signum() }),
        Unary::Square => math::square(v),
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
        Unary::Spacing => each(v, math::spacing),
        Unary::I0 => each(v, math::i0),
        Unary::Mantissa => each(v, |x| math::frexp(x).0),
        Unary::Exponent => each(v, |x| math::frexp(x).1.into()),
        // Of another type of argument or result; the formula never asks for them here.
        Unary::Isnan
        | Unary::Isinf
        | Unary::Isfinite
        | Unary::Signbit
        | Unary::LogicalNot
        | Unary::Invert
        | Unary::BitwiseCount => {}
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
            Unary::BitwiseCount => x.unsigned_abs().count_ones().into(),
            _ => *x,
        };
    }
}

/// Applies a function of two arguments of one type, into `out`.
pub(crate) fn binary_into(function: Binary, a: Values<'_>, b: Values<'_>, out: &mut Lane, result: DType) {
    match (a, b, &mut *out) {
        (Values::F64(a), Values::F64(b), Lane::F64(out)) if is_arithmetic(function) => {
            arithmetic(function, a, b, out);
            if result == DType::F32 {
                round_to_single(out);
            }
        }
        (a, b, out) => {
            out.copy_from(a);
            binary(function, out, b, result);
        }
    }
}

fn is_arithmetic(function: Binary) -> bool {
    matches!(function, Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide)
}

#[multiversion(targets("x86_64+avx2"))]
fn arithmetic(function: Binary, a: &[f64], b: &[f64], out: &mut [f64]) {
    let triples = out.iter_mut().zip(a).zip(b);
    match function {
        Binary::Add => triples.for_each(|((out, x), y)| *out = x + y),
        Binary::Subtract => triples.for_each(|((out, x), y)| *out = x - y),
        Binary::Multiply => triples.for_each(|((out, x), y)| *out = x * y),
        _ => triples.for_each(|((out, x), y)| *out = x / y),
    }
}

/// Applies a function of two arguments of one type to the first, in place: the type of the tile stays.
pub(crate) fn binary(function: Binary, a: &mut Lane, b: Values<'_>, result: DType) {
    match (a, b) {
        (Lane::F64(a), Values::F64(b)) if function == Binary::Nextafter && result == DType::F32 => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = math::nextafter_single(*x, *y));
        }
        (Lane::F64(a), Values::I64(b)) if function == Binary::Ldexp => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = math::ldexp(*x, *y));
            if result == DType::F32 {
                round_to_single(a);
            }
        }
        (Lane::F64(a), Values::F64(b)) => {
            binary_float(function, a, b);
            if result == DType::F32 {
                round_to_single(a);
            }
        }
        (Lane::I64(a), Values::I64(b)) if result.is_time() => binary_time(function, a, b),
        (Lane::I64(a), Values::I64(b)) => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_signed(function, *x, *y));
            wrap(a, result);
        }
        (Lane::U64(a), Values::U64(b)) => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_unsigned(function, *x, *y));
        }
        (Lane::Bool(a), Values::Bool(b)) => {
            a.iter_mut().zip(b).for_each(|(x, y)| *x = binary_bool(function, *x, *y));
        }
        (a, b) => debug_assert!(false, "{function} of {a:?} and {b:?}"),
    }
}

/// Compares two tiles. Integers of different signedness are compared by value.
pub(crate) fn compare(function: Binary, a: Values<'_>, b: Values<'_>, argument: DType, out: &mut [bool]) {
    let Some(test) = comparison(function) else { return };
    fn each<A: Copy, B: Copy>(
        a: &[A],
        b: &[B],
        out: &mut [bool],
        test: fn(Option<Ordering>) -> bool,
        order: impl Fn(A, B) -> Option<Ordering>,
    ) {
        for ((out, &x), &y) in out.iter_mut().zip(a).zip(b) {
            *out = test(order(x, y));
        }
    }
    match (a, b) {
        (Values::F64(a), Values::F64(b)) => compare_floats(function, a, b, out),
        (Values::I64(a), Values::I64(b)) if argument.is_time() => {
            each(a, b, out, test, |x, y| (x != NAT && y != NAT).then(|| x.cmp(&y)));
        }
        (Values::I64(a), Values::I64(b)) => each(a, b, out, test, |x, y| Some(x.cmp(&y))),
        (Values::U64(a), Values::U64(b)) => each(a, b, out, test, |x, y| Some(x.cmp(&y))),
        (Values::U64(a), Values::I64(b)) => {
            each(a, b, out, test, |x, y| Some(i128::from(x).cmp(&i128::from(y))));
        }
        (Values::I64(a), Values::U64(b)) => {
            each(a, b, out, test, |x, y| Some(i128::from(x).cmp(&i128::from(y))));
        }
        (Values::Bool(a), Values::Bool(b)) => each(a, b, out, test, |x, y| Some(x.cmp(&y))),
        (Values::Str(a), Values::Str(b)) => {
            for ((out, x), y) in out.iter_mut().zip(a).zip(b) {
                *out = test(Some(x.cmp(y)));
            }
        }
        (a, b) => debug_assert!(false, "{function} of {a:?} and {b:?}"),
    }
}

/// Written out, so that each comparison is one vector instruction.
fn compare_floats(function: Binary, a: &[f64], b: &[f64], out: &mut [bool]) {
    let pairs = out.iter_mut().zip(a).zip(b);
    match function {
        Binary::Equal => pairs.for_each(|((out, x), y)| *out = x == y),
        Binary::NotEqual => pairs.for_each(|((out, x), y)| *out = x != y),
        Binary::Less => pairs.for_each(|((out, x), y)| *out = x < y),
        Binary::LessEqual => pairs.for_each(|((out, x), y)| *out = x <= y),
        Binary::Greater => pairs.for_each(|((out, x), y)| *out = x > y),
        _ => pairs.for_each(|((out, x), y)| *out = x >= y),
    }
}

/// The ratio of two durations of one unit; NaN where one is NaT.
pub(crate) fn divide_times(a: &[i64], b: &[i64], out: &mut [f64]) {
    for ((out, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *out = if x == NAT || y == NAT { f64::NAN } else { x as f64 / y as f64 };
    }
}

/// How a comparison judges an ordering; no ordering means that one side is NaN or NaT.
pub(crate) fn comparison(function: Binary) -> Option<fn(Option<Ordering>) -> bool> {
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

#[multiversion(targets("x86_64+avx2"))]
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
        Binary::Fmod => each(a, |x, y| x % y),
        Binary::Power => each(a, f64::powf),
        Binary::Arctan2 => each(a, f64::atan2),
        Binary::Hypot => each(a, f64::hypot),
        Binary::Copysign => each(a, f64::copysign),
        Binary::Nextafter => each(a, math::nextafter),
        Binary::Heaviside => each(a, math::heaviside),
        Binary::Logaddexp => each(a, math::logaddexp),
        Binary::Logaddexp2 => each(a, math::logaddexp2),
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
        | Binary::RightShift
        | Binary::Ldexp
        | Binary::Gcd
        | Binary::Lcm => {}
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

/// The quotient rounded down, worked out from the remainder as numpy does, so that both belong together.
fn floor_divide(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return x / y;
    }
    let r = x % y;
    let mut quotient = (x - r) / y;
    if r != 0.0 && (r < 0.0) != (y < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0f64.copysign(x / y);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// A power by repeated squaring, wrapping.
fn power(mut x: i64, mut exponent: u64) -> i64 {
    let mut result = 1i64;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(x);
        }
        x = x.wrapping_mul(x);
        exponent >>= 1;
    }
    result
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
        Binary::Fmod => x.checked_rem(y).unwrap_or(0),
        Binary::Gcd => math::gcd(x.unsigned_abs(), y.unsigned_abs()) as i64,
        Binary::Lcm => math::lcm(x.unsigned_abs(), y.unsigned_abs()) as i64,
        Binary::Power => match (u64::try_from(y), x) {
            (Ok(y), _) => power(x, y),
            // 1 / x**|y| rounded towards zero; refused for constants when the formula is made.
            (Err(_), 1) => 1,
            (Err(_), -1) => 1 - 2 * (y & 1),
            (Err(_), _) => 0,
        },
        Binary::Maximum | Binary::Fmax => x.max(y),
        Binary::Minimum | Binary::Fmin => x.min(y),
        Binary::BitwiseAnd => x & y,
        Binary::BitwiseOr => x | y,
        Binary::BitwiseXor => x ^ y,
        Binary::LeftShift => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)).unwrap_or(0),
        // Too far, or by a negative number, as by all bits.
        Binary::RightShift => x >> if (0..64).contains(&y) { y } else { 63 },
        _ => x,
    }
}

fn binary_unsigned(function: Binary, x: u64, y: u64) -> u64 {
    match function {
        Binary::Add => x.wrapping_add(y),
        Binary::Subtract => x.wrapping_sub(y),
        Binary::Multiply => x.wrapping_mul(y),
        Binary::FloorDivide => x.checked_div(y).unwrap_or(0),
        Binary::Remainder | Binary::Fmod => x.checked_rem(y).unwrap_or(0),
        Binary::Gcd => math::gcd(x, y),
        Binary::Lcm => math::lcm(x, y),
        // Two's complement: the product's bits do not depend on the sign.
        Binary::Power => power(x as i64, y) as u64,
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

/// Times: NaT spreads through arithmetic. A sum beyond the range is NaT.
fn binary_time(function: Binary, a: &mut [i64], b: &[i64]) {
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
}

/// `yes` where `cond` holds, else `no`; written over `yes`.
pub(crate) fn choose(cond: Values<'_>, yes: &mut Lane, no: Values<'_>) {
    let Values::Bool(cond) = cond else { return debug_assert!(false, "{cond:?} decides") };
    fn pick<T: Clone>(cond: &[bool], yes: &mut [T], no: &[T]) {
        for ((&cond, yes), no) in cond.iter().zip(yes).zip(no) {
            if !cond {
                yes.clone_from(no);
            }
        }
    }
    match (yes, no) {
        (Lane::F64(yes), Values::F64(no)) => {
            for ((&cond, yes), &no) in cond.iter().zip(yes).zip(no) {
                *yes = if cond { *yes } else { no };
            }
        }
        (Lane::I64(yes), Values::I64(no)) => pick(cond, yes, no),
        (Lane::U64(yes), Values::U64(no)) => pick(cond, yes, no),
        (Lane::Bool(yes), Values::Bool(no)) => pick(cond, yes, no),
        (Lane::Str(yes), Values::Str(no)) => pick(cond, yes, no),
        (yes, no) => debug_assert!(false, "choosing between {yes:?} and {no:?}"),
    }
}

pub(crate) fn round_to_single(v: &mut [f64]) {
    v.iter_mut().for_each(|x| *x = f64::from(*x as f32));
}

/// Wraps integers to the width of their dtype.
pub(crate) fn wrap(v: &mut [i64], dtype: DType) {
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
    fn narrow_integers_wrap() {
        let mut lane = Lane::I64(vec![127]);
        binary(Binary::Add, &mut lane, Values::I64(&[1]), DType::I8);
        assert!(matches!(lane, Lane::I64(v) if v == [-128]));
    }
}
