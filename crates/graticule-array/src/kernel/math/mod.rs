//! Elementary functions over slices of `f64`, in place.
//!
//! The hot functions ([`sin`], [`cos`], [`exp`], [`ln`]) are straight-line code that the compiler turns into
//! vector instructions, with a clone for AVX2 that is chosen at run time. Every clone performs the same
//! IEEE operations in the same order and none uses a fused multiply-add, so a value does not depend on the
//! machine, on its position in a slice or on the length of the slice. The one exception is `sin` and `cos`
//! beyond [`TRIG_LIMIT`], which defer to the platform's library.
//!
//! The polynomials of `sin`, `cos` and `ln`, and the two- and three-part argument reductions (Cody and Waite,
//! *Software Manual for the Elementary Functions*, 1980), are those of Sun's fdlibm (`k_sin.c`, `k_cos.c`,
//! `e_rem_pio2.c`, `e_log.c`, `e_exp.c`). The polynomial of `exp` is a Chebyshev fit of
//! `(exp(r) - 1 - r - r²/2) / r³` on `|r| <= ln(2)/2`. Errors stay below one unit in the last place.

mod special;

use std::ops::{Add, Div, Mul, Sub};

use multiversion::multiversion;

pub(crate) use special::{
    frexp, gcd, heaviside, i0, lcm, ldexp, logaddexp, logaddexp2, nextafter, nextafter_single, spacing,
    spacing_single,
};

/// Adding this to a double of magnitude below 2^51 rounds it to an integer, whose two's complement is then
/// in the low bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// Largest argument magnitude reduced here: quotients by π/2 then fit 20 bits, as the splitting of π/2 needs.
const TRIG_LIMIT: f64 = 1_048_576.0; // 2^20
/// Elements computed together.
const BLOCK: usize = 128;
const TWO_52: f64 = 4_503_599_627_370_496.0;
const TWO_54: f64 = 18_014_398_509_481_984.0;

// π/2 as three parts of 33 bits and a rest.
const PIO2_1: f64 = 1.570_796_326_734_125_6;
const PIO2_2: f64 = 6.077_100_506_303_966e-11;
const PIO2_3: f64 = 2.022_266_248_711_166_5e-21;
const PIO2_4: f64 = 8.478_427_660_368_9e-32;

const S1: f64 = -0.166_666_666_666_666_32;
const S2: f64 = 0.008_333_333_333_322_49;
const S3: f64 = -0.000_198_412_698_298_579_5;
const S4: f64 = 2.755_731_370_707_006_8e-6;
const S5: f64 = -2.505_076_025_340_686_3e-8;
const S6: f64 = 1.589_690_995_211_55e-10;

const C1: f64 = 0.041_666_666_666_666_6;
const C2: f64 = -0.001_388_888_888_887_411;
const C3: f64 = 2.480_158_728_947_673e-5;
const C4: f64 = -2.755_731_435_139_066_3e-7;
const C5: f64 = 2.087_572_321_298_175e-9;
const C6: f64 = -1.135_964_755_778_819_5e-11;

// ln 2 as a part of 33 bits and a rest.
const LN2_HI: f64 = 0.693_147_180_369_123_8;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;

const LG1: f64 = 0.666_666_666_666_673_5;
const LG2: f64 = 0.399_999_999_994_094_2;
const LG3: f64 = 0.285_714_287_436_623_9;
const LG4: f64 = 0.222_221_984_321_497_84;
const LG5: f64 = 0.181_835_721_616_180_5;
const LG6: f64 = 0.153_138_376_992_093_73;
const LG7: f64 = 0.147_981_986_051_165_86;

/// Coefficients of r^3..r^12 in `exp(r)`.
const EXP: [f64; 10] = [
    0.166_666_666_666_666_69,
    0.041_666_666_666_666_664,
    0.008_333_333_333_330_062,
    0.001_388_888_888_888_655_2,
    0.000_198_412_698_630_536_18,
    2.480_158_731_714_449_8e-05,
    2.755_726_845_999_706_4e-06,
    2.755_728_296_954_995e-07,
    2.510_038_549_551_032e-08,
    2.091_123_663_026_154_5e-09,
];

/// `N` numbers computed together. Each operation is written out for all of them before the next one, which
/// interleaves their chains of dependent operations and hides the latency of one behind the other.
#[derive(Clone, Copy)]
struct Lanes<const N: usize>([f64; N]);

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(other.0) {
            *a = f(*a, b);
        }
        Self(out)
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident $op:tt;)*) => {
        $(
            impl<const N: usize> $operator for Lanes<N> {
                type Output = Self;

                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    self.zip(other, |a, b| a $op b)
                }
            }

            impl<const N: usize> $operator<f64> for Lanes<N> {
                type Output = Self;

                #[inline(always)]
                fn $method(self, other: f64) -> Self {
                    self.map(|a| a $op other)
                }
            }

            impl<const N: usize> $operator<Lanes<N>> for f64 {
                type Output = Lanes<N>;

                #[inline(always)]
                fn $method(self, other: Lanes<N>) -> Lanes<N> {
                    other.map(|b| self $op b)
                }
            }
        )*
    };
}

operators! {
    Add add +;
    Sub sub -;
    Mul mul *;
    Div div /;
}

/// Sines when `COS` is false, cosines when it is true, of magnitudes up to [`TRIG_LIMIT`]; NaN gives NaN.
#[inline(always)]
fn trig<const COS: bool, const N: usize>(x: Lanes<N>) -> Lanes<N> {
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    // hi + lo = x - n * π/2, with lo about a unit in the last place of hi. The first three products are exact.
    let r1 = x - n * PIO2_1;
    let w2 = n * PIO2_2;
    let r2 = r1 - w2;
    let e2 = (r1 - r2) - w2;
    let w3 = n * PIO2_3;
    let r3 = r2 - w3;
    let e3 = (r2 - r3) - w3;
    let hi = r3;
    let lo = (e2 + e3) - n * PIO2_4;

    let z = hi * hi;
    let w = z * z;
    let s = (S2 + z * (S3 + z * S4)) + z * w * (S5 + z * S6);
    let v = z * hi;
    let sin = hi - ((z * (0.5 * lo - v * s) - lo) - v * S1);
    let c = z * (C1 + z * (C2 + z * C3)) + w * w * (C4 + z * (C5 + z * C6));
    let half = 0.5 * z;
    let top = 1.0 - half;
    let cos = top + (((1.0 - top) - half) + (z * c - hi * lo));

    // Odd quadrants take the cosine of the rest, quadrants 2 and 3 change sign.
    let mut out = shifted.0;
    for ((out, sin), cos) in out.iter_mut().zip(sin.0).zip(cos.0) {
        let quadrant = out.to_bits().wrapping_add(u64::from(COS));
        let odd = 0u64.wrapping_sub(quadrant & 1);
        let sign = (quadrant & 2) << 62;
        *out = f64::from_bits(((cos.to_bits() & odd) | (sin.to_bits() & !odd)) ^ sign);
    }
    Lanes(out)
}

/// `e` to the powers `x`.
#[inline(always)]
fn exp_lanes<const N: usize>(x: Lanes<N>) -> Lanes<N> {
    // Beyond these bounds the result is 0 or infinity all the same; a NaN passes.
    let x = x.map(|x| if x < -746.0 { -746.0 } else { x });
    let x = x.map(|x| if x > 710.0 { 710.0 } else { x });
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let hi = x - n * LN2_HI;
    let lo = n * LN2_LO;
    let r = hi - lo;
    let err = (hi - r) - lo;
    let z = r * r;
    let w = z * z;
    let [e3, e4, e5, e6, e7, e8, e9, e10, e11, e12] = EXP;
    let low = (e3 + r * e4) + z * (e5 + r * e6);
    let high = ((e7 + r * e8) + z * (e9 + r * e10)) + w * (e11 + r * e12);
    let q = low + w * high;
    let y = 1.0 + (r + (z * (0.5 + r * q) + err));
    // 2^n in two steps, so that results below the normal range are rounded once and above it overflow.
    y.zip(shifted, |y, shifted| {
        let biased = shifted.to_bits().wrapping_add(2 * 1023) & 0xfff;
        let half = biased >> 1;
        y * f64::from_bits(half << 52) * f64::from_bits((biased - half) << 52)
    })
}

/// Natural logarithms of `x`.
#[inline(always)]
fn ln_lanes<const N: usize>(x: Lanes<N>) -> Lanes<N> {
    // scaled = 2^k * (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2)
    const BASE: u64 = 0x3fe6_a09e_0000_0000;
    let scaled = x.map(|x| if x < f64::MIN_POSITIVE { x * TWO_54 } else { x });
    let bias = x.map(|x| if x < f64::MIN_POSITIVE { TWO_52 + 1023.0 + 54.0 } else { TWO_52 + 1023.0 });
    let shift = |x: f64| x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - BASE);
    let k = scaled.map(|x| f64::from_bits((shift(x) >> 52) | 0x4330_0000_0000_0000)) - bias;
    let f = scaled.map(|x| f64::from_bits((shift(x) & 0x000f_ffff_ffff_ffff) + BASE)) - 1.0;
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (LG2 + w * (LG4 + w * LG6));
    let t2 = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
    let y = s * (half + (t1 + t2)) + k * LN2_LO - half + f + k * LN2_HI;
    // Everything that has no finite logarithm: +inf and NaN stay, zero gives -inf, negatives give NaN.
    y.zip(x, |y, x| {
        let special = if x == 0.0 { f64::NEG_INFINITY } else { x };
        let special = if x < 0.0 { f64::NAN } else { special };
        if x > 0.0 && x < f64::INFINITY { y } else { special }
    })
}

/// `e` to the power `x`, the same on every machine.
pub(crate) fn exp_one(x: f64) -> f64 {
    exp_lanes(Lanes([x])).0[0]
}

/// Natural logarithm of `x`, the same on every machine.
pub(crate) fn ln_one(x: f64) -> f64 {
    ln_lanes(Lanes([x])).0[0]
}

/// `ln(1 + x)` without loss of digits near 0, the same on every machine (Higham, *Accuracy and stability of numerical
/// algorithms*, 2002, problem 1.5).
pub(crate) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum == 1.0 || sum.is_infinite() { x } else { x * (ln_one(sum) / (sum - 1.0)) }
}

/// `e` to the power `x`, less 1, without loss of digits near 0, the same on every machine (Higham, 1.14.1).
pub(crate) fn exp_m1(x: f64) -> f64 {
    let power = exp_one(x);
    if power == 1.0 {
        x
    } else if power.is_infinite() || power - 1.0 == -1.0 {
        power - 1.0
    } else {
        x * ((power - 1.0) / ln_one(power))
    }
}

/// Replaces the elements of a block by pairs.
#[inline(always)]
fn block_map(block: &mut [f64; BLOCK], pair: impl Fn(Lanes<2>) -> Lanes<2>) {
    for i in 0..BLOCK / 2 {
        let Lanes([a, b]) = pair(Lanes([block[i], block[i + BLOCK / 2]]));
        block[i] = a;
        block[i + BLOCK / 2] = b;
    }
}

/// Replaces all elements, in blocks and then one by one.
#[inline(always)]
fn slice_map(x: &mut [f64], pair: impl Fn(Lanes<2>) -> Lanes<2>, one: impl Fn(Lanes<1>) -> Lanes<1>) {
    let (blocks, rest) = x.as_chunks_mut();
    for block in blocks {
        block_map(block, &pair);
    }
    for v in rest {
        *v = one(Lanes([*v])).0[0];
    }
}

#[inline(always)]
fn trig_slice<const COS: bool>(x: &mut [f64]) {
    let (blocks, rest) = x.as_chunks_mut();
    for block in blocks {
        let beyond = block.iter().fold(0u64, |any, v| any | u64::from(v.abs() > TRIG_LIMIT));
        if beyond == 0 {
            block_map(block, trig::<COS, 2>);
        } else {
            block.iter_mut().for_each(trig_any::<COS>);
        }
    }
    rest.iter_mut().for_each(trig_any::<COS>);
}

/// The sine or cosine of a number of any magnitude.
#[inline(always)]
fn trig_any<const COS: bool>(v: &mut f64) {
    *v = match (v.abs() > TRIG_LIMIT, COS) {
        (false, _) => trig::<COS, 1>(Lanes([*v])).0[0],
        (true, true) => v.cos(),
        (true, false) => v.sin(),
    };
}

/// Replaces every element with its sine.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn sin(x: &mut [f64]) {
    trig_slice::<false>(x);
}

/// Replaces every element with its cosine.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn cos(x: &mut [f64]) {
    trig_slice::<true>(x);
}

/// Replaces every element with `e` to its power.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn exp(x: &mut [f64]) {
    slice_map(x, exp_lanes, exp_lanes);
}

/// Replaces every element with its natural logarithm.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn ln(x: &mut [f64]) {
    slice_map(x, ln_lanes, ln_lanes);
}

/// Replaces every element with its square root.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn sqrt(x: &mut [f64]) {
    for v in x {
        *v = v.sqrt();
    }
}

/// Functions of the standard library, element by element.
macro_rules! element_by_element {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)*) => {
        $(
            $(#[$doc])*
            pub(crate) fn $name(x: &mut [f64]) {
                for v in x {
                    *v = v.$method();
                }
            }
        )*
    };
}

element_by_element! {
    /// Replaces every element with its tangent.
    tan = tan;
    /// Replaces every element with its arcsine.
    asin = asin;
    /// Replaces every element with its arccosine.
    acos = acos;
    /// Replaces every element with its arctangent.
    atan = atan;
    /// Replaces every element with its hyperbolic sine.
    sinh = sinh;
    /// Replaces every element with its hyperbolic cosine.
    cosh = cosh;
    /// Replaces every element with its hyperbolic tangent.
    tanh = tanh;
    /// Replaces every element with 2 to its power.
    exp2 = exp2;
    /// Replaces every element with `exp(x) - 1`, accurate near zero.
    expm1 = exp_m1;
    /// Replaces every element with its logarithm to base 2.
    log2 = log2;
    /// Replaces every element with its logarithm to base 10.
    log10 = log10;
    /// Replaces every element with `ln(1 + x)`, accurate near zero.
    log1p = ln_1p;
    /// Replaces every element with its cube root.
    cbrt = cbrt;
}

#[cfg(test)]
mod tests;
