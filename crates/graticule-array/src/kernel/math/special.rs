//! Functions of numpy that the standard library lacks.

use std::f64::consts::{LN_2, LOG2_E};

/// Chebyshev coefficients of `exp(-x) I0(x)` on `[0, 8]`, highest order first.
const I0_NEAR: [f64; 30] = [
    -4.4153416464793395e-18,
    3.3307945188222384e-17,
    -2.431279846547955e-16,
    1.715391285555133e-15,
    -1.1685332877993451e-14,
    7.676185498604936e-14,
    -4.856446783111929e-13,
    2.95505266312964e-12,
    -1.726826291441556e-11,
    9.675809035373237e-11,
    -5.189795601635263e-10,
    2.6598237246823866e-9,
    -1.300025009986248e-8,
    6.046995022541919e-8,
    -2.670793853940612e-7,
    1.1173875391201037e-6,
    -4.4167383584587505e-6,
    1.6448448070728896e-5,
    -5.754195010082104e-5,
    0.00018850288509584165,
    -0.0005763755745385824,
    0.0016394756169413357,
    -0.004324309995050576,
    0.010546460394594998,
    -0.02373741480589947,
    0.04930528423967071,
    -0.09490109704804764,
    0.17162090152220877,
    -0.3046826723431984,
    0.6767952744094761,
];

/// Chebyshev coefficients of `exp(-x) sqrt(x) I0(x)` on `[8, inf]`.
const I0_FAR: [f64; 25] = [
    -7.233180487874754e-18,
    -4.830504485944182e-18,
    4.46562142029676e-17,
    3.461222867697461e-17,
    -2.8276239805165836e-16,
    -3.425485619677219e-16,
    1.7725601330565263e-15,
    3.8116806693526224e-15,
    -9.554846698828307e-15,
    -4.150569347287222e-14,
    1.54008621752141e-14,
    3.8527783827421426e-13,
    7.180124451383666e-13,
    -1.7941785315068062e-12,
    -1.3215811840447713e-11,
    -3.1499165279632416e-11,
    1.1889147107846439e-11,
    4.94060238822497e-10,
    3.3962320257083865e-9,
    2.266668990498178e-8,
    2.0489185894690638e-7,
    2.8913705208347567e-6,
    6.889758346916825e-5,
    0.0033691164782556943,
    0.8044904110141088,
];

/// A Chebyshev series by Clenshaw's recurrence, as `chbevl` of Moshier's Cephes.
fn chebyshev(x: f64, coefficients: &[f64]) -> f64 {
    let (mut b0, mut b1, mut b2) = (0.0, 0.0, 0.0);
    for c in coefficients {
        (b2, b1) = (b1, b0);
        b0 = x * b1 - b2 + c;
    }
    0.5 * (b0 - b2)
}

/// The modified Bessel function of the first kind and order 0, by the series of Clenshaw (*National Physical
/// Laboratory Mathematical Tables* 5, 1962) that numpy uses.
pub(crate) fn i0(x: f64) -> f64 {
    let x = x.abs();
    if x <= 8.0 {
        x.exp() * chebyshev(x / 2.0 - 2.0, &I0_NEAR)
    } else {
        x.exp() * chebyshev(32.0 / x - 2.0, &I0_FAR) / x.sqrt()
    }
}

/// `ln(exp(x) + exp(y))`, without overflow in between.
pub(crate) fn logaddexp(x: f64, y: f64) -> f64 {
    // Equal infinities have no difference.
    if x == y {
        return x + LN_2;
    }
    let distance = x - y;
    if distance > 0.0 {
        x + (-distance).exp().ln_1p()
    } else if distance <= 0.0 {
        y + distance.exp().ln_1p()
    } else {
        distance
    }
}

/// `log2(2**x + 2**y)`, without overflow in between.
pub(crate) fn logaddexp2(x: f64, y: f64) -> f64 {
    if x == y {
        return x + 1.0;
    }
    let distance = x - y;
    if distance > 0.0 {
        x + LOG2_E * (-distance).exp2().ln_1p()
    } else if distance <= 0.0 {
        y + LOG2_E * distance.exp2().ln_1p()
    } else {
        distance
    }
}

/// 0 before zero, 1 after it, `at_zero` at it.
pub(crate) fn heaviside(x: f64, at_zero: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x == 0.0 {
        at_zero
    } else if x < 0.0 {
        0.0
    } else {
        1.0
    }
}

macro_rules! neighbours {
    ($float:ident $next:ident $spacing:ident) => {
        /// The next float from `x` towards `y`.
        pub(crate) fn $next(x: f64, y: f64) -> f64 {
            let (x, y) = (x as $float, y as $float);
            let next = if x.is_nan() || y.is_nan() {
                $float::NAN
            } else if x == y {
                y
            } else if x < y {
                x.next_up()
            } else {
                x.next_down()
            };
            f64::from(next)
        }

        /// The distance from `x` to the next float away from zero, with the sign of `x`.
        pub(crate) fn $spacing(x: f64) -> f64 {
            let x = x as $float;
            let next = if x < 0.0 { x.next_down() } else { x.next_up() };
            f64::from(if x.is_finite() { next - x } else { $float::NAN })
        }
    };
}

neighbours!(f64 nextafter spacing);
neighbours!(f32 nextafter_single spacing_single);

/// `x` as `m * 2**e` with `0.5 <= |m| < 1`. Zero, infinities and NaN are their own `m`, with `e = 0`.
pub(crate) fn frexp(x: f64) -> (f64, i32) {
    const EXPONENT: u64 = 0x7ff << 52;
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // Below the normal range the exponent field says nothing.
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * super::TWO_54, 54) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = ((bits & EXPONENT) >> 52) as i32 - 1022 - shift;
    (f64::from_bits((bits & !EXPONENT) | (1022 << 52)), exponent)
}

/// `x * 2**exponent`, rounded once.
pub(crate) fn ldexp(x: f64, exponent: i64) -> f64 {
    // Beyond this every number is 0 or infinite.
    let mut left = exponent.clamp(-2200, 2200) as i32;
    let power = |e: i32| f64::from_bits(((e + 1023) as u64) << 52);
    let (mut x, e) = frexp(x);
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    left += e;
    // x is in [0.5, 1): the result is normal from -1021 on, and finite up to 1024.
    if left > 1024 {
        return f64::INFINITY.copysign(x);
    }
    if left < -1080 {
        return 0f64.copysign(x);
    }
    if left > 1000 {
        x *= power(1000);
        left -= 1000;
    } else if left < -1021 {
        // Exact as long as the number is normal; the last factor rounds.
        x *= power(-1000);
        left += 1000;
    }
    x * power(left)
}

/// The greatest common divisor; that of 0 and `x` is `x`.
pub(crate) fn gcd(mut x: u64, mut y: u64) -> u64 {
    while y != 0 {
        (x, y) = (y, x % y);
    }
    x
}

/// The least common multiple, wrapping; 0 where one of the numbers is 0.
pub(crate) fn lcm(x: u64, y: u64) -> u64 {
    match gcd(x, y) {
        0 => 0,
        divisor => (x / divisor).wrapping_mul(y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_its_mantissa_times_a_power_of_two() {
        for x in [1.0, -3.75, 1e300, 5e-324, f64::MAX, f64::MIN_POSITIVE / 8.0, 0.0, -0.0] {
            let (m, e) = frexp(x);
            assert!(x == 0.0 || (0.5..1.0).contains(&m.abs()), "{x} {m}");
            assert_eq!(ldexp(m, e.into()).to_bits(), x.to_bits(), "{x}");
        }
        assert_eq!(frexp(f64::INFINITY), (f64::INFINITY, 0));
    }

    #[test]
    fn a_power_of_two_is_applied_with_one_rounding() {
        assert_eq!(ldexp(1.0, -1074), 5e-324);
        assert_eq!(ldexp(1.0, -1075), 0.0);
        assert_eq!(ldexp(1.5, -1074), 1e-323);
        assert_eq!(ldexp(1.0, i64::MAX), f64::INFINITY);
        assert_eq!(ldexp(-1.0, i64::MIN).to_bits(), (-0.0f64).to_bits());
        assert_eq!(ldexp(5e-324, 2097), 2f64.powi(1023));
        assert_eq!(ldexp(1.9999999999999998, 1023), f64::MAX);
    }

    #[test]
    fn neighbours_are_those_of_the_precision() {
        assert_eq!(nextafter(1.0, 2.0), 1.0 + f64::EPSILON);
        assert_eq!(nextafter_single(1.0, 2.0), 1.0 + f64::from(f32::EPSILON));
        assert_eq!(nextafter(0.0, -1.0), -5e-324);
        assert_eq!(spacing(-1.0), -f64::EPSILON);
        assert_eq!(spacing_single(1.0), f64::from(f32::EPSILON));
        assert!(spacing(f64::INFINITY).is_nan());
    }
}
