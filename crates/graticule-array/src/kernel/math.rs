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

use multiversion::multiversion;

/// Adding this to a double of magnitude below 2^51 rounds it to an integer, whose two's complement is then
/// in the low bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// Largest argument magnitude reduced here: quotients by π/2 then fit 20 bits, as the splitting of π/2 needs.
const TRIG_LIMIT: f64 = 1_048_576.0; // 2^20
/// Elements looked at together when arguments are checked against [`TRIG_LIMIT`].
const BLOCK: usize = 256;

// π/2 as three parts of 33 bits and a rest.
const PIO2_1: f64 = 1.570_796_326_734_125_6;
const PIO2_2: f64 = 6.077_100_506_303_966e-11;
const PIO2_3: f64 = 2.022_266_248_711_166_5e-21;
const PIO2_4: f64 = 8.478_427_660_368_9e-32;

const S1: f64 = -1.666_666_666_666_663_243_48e-01;
const S2: f64 = 8.333_333_333_322_489_461_24e-03;
const S3: f64 = -1.984_126_982_985_794_931_34e-04;
const S4: f64 = 2.755_731_370_707_006_767_89e-06;
const S5: f64 = -2.505_076_025_340_686_341_95e-08;
const S6: f64 = 1.589_690_995_211_550_102_21e-10;

const C1: f64 = 4.166_666_666_666_660_190_37e-02;
const C2: f64 = -1.388_888_888_887_410_957_49e-03;
const C3: f64 = 2.480_158_728_947_672_941_78e-05;
const C4: f64 = -2.755_731_435_139_066_330_35e-07;
const C5: f64 = 2.087_572_321_298_174_827_90e-09;
const C6: f64 = -1.135_964_755_778_819_482_65e-11;

// ln 2 as a part of 33 bits and a rest.
const LN2_HI: f64 = 6.931_471_803_691_238_164_90e-01;
const LN2_LO: f64 = 1.908_214_929_270_587_700_02e-10;

const LG1: f64 = 6.666_666_666_666_735_130e-01;
const LG2: f64 = 3.999_999_999_940_941_908e-01;
const LG3: f64 = 2.857_142_874_366_239_149e-01;
const LG4: f64 = 2.222_219_843_214_978_396e-01;
const LG5: f64 = 1.818_357_216_161_805_012e-01;
const LG6: f64 = 1.531_383_769_920_937_332e-01;
const LG7: f64 = 1.479_819_860_511_658_591e-01;

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

/// Sine when `COS` is false, cosine when it is true, of a magnitude up to [`TRIG_LIMIT`]; NaN gives NaN.
#[inline(always)]
fn trig<const COS: bool>(x: f64) -> f64 {
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUND;
    let quadrant = shifted.to_bits().wrapping_add(COS as u64);
    let n = shifted - ROUND;
    // hi + lo = x - n * π/2. The first three products are exact.
    let r1 = x - n * PIO2_1;
    let w2 = n * PIO2_2;
    let r2 = r1 - w2;
    let e2 = (r1 - r2) - w2;
    let w3 = n * PIO2_3;
    let r3 = r2 - w3;
    let e3 = (r2 - r3) - w3;
    let rest = (e2 + e3) - n * PIO2_4;
    let hi = r3 + rest;
    let lo = (r3 - hi) + rest;

    let z = hi * hi;
    let s = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
    let v = z * hi;
    let sin = hi - ((z * (0.5 * lo - v * s) - lo) - v * S1);
    let c = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))));
    let half = 0.5 * z;
    let w = 1.0 - half;
    let cos = w + (((1.0 - w) - half) + (z * c - hi * lo));

    // Odd quadrants take the cosine of the rest, quadrants 2 and 3 change sign.
    let odd = 0u64.wrapping_sub(quadrant & 1);
    let sign = (quadrant & 2) << 62;
    f64::from_bits(((cos.to_bits() & odd) | (sin.to_bits() & !odd)) ^ sign)
}

#[inline(always)]
fn trig_slice<const COS: bool>(x: &mut [f64]) {
    for block in x.chunks_mut(BLOCK) {
        let beyond = block.iter().fold(0u64, |any, v| any | u64::from(v.abs() > TRIG_LIMIT));
        if beyond == 0 {
            for v in block {
                *v = trig::<COS>(*v);
            }
        } else {
            for v in block {
                *v = match (v.abs() > TRIG_LIMIT, COS) {
                    (false, _) => trig::<COS>(*v),
                    (true, true) => v.cos(),
                    (true, false) => v.sin(),
                };
            }
        }
    }
}

/// `e` to the power `x`, the same on every machine.
#[inline(always)]
pub(crate) fn exp_one(x: f64) -> f64 {
    // Beyond these bounds the result is 0 or infinity all the same; a NaN passes.
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let hi = x - n * LN2_HI;
    let lo = n * LN2_LO;
    let r = hi - lo;
    let err = (hi - r) - lo;
    let z = r * r;
    let mut q = EXP[9];
    for i in (0..9).rev() {
        q = q * r + EXP[i];
    }
    let y = 1.0 + (r + (z * (0.5 + r * q) + err));
    // 2^n in two steps, so that results below the normal range are rounded once and above it overflow.
    let biased = shifted.to_bits().wrapping_add(2 * 1023) & 0xfff;
    let half = biased >> 1;
    y * f64::from_bits(half << 52) * f64::from_bits((biased - half) << 52)
}

/// Natural logarithm of `x`, the same on every machine.
#[inline(always)]
pub(crate) fn ln_one(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x }; // 2^54
    let bias =
        if subnormal { 4_503_599_627_370_496.0 + 1023.0 + 54.0 } else { 4_503_599_627_370_496.0 + 1023.0 };
    // scaled = 2^k * (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2)
    const BASE: u64 = 0x3fe6_a09e_0000_0000;
    let bits = scaled.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - BASE);
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - bias;
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + BASE) - 1.0;
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (LG2 + w * (LG4 + w * LG6));
    let t2 = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
    let y = s * (half + (t1 + t2)) + k * LN2_LO - half + f + k * LN2_HI;
    // Everything that has no finite logarithm: +inf and NaN stay, zero gives -inf, negatives give NaN.
    let special = if x == 0.0 { f64::NEG_INFINITY } else { x };
    let special = if x < 0.0 { f64::NAN } else { special };
    if x > 0.0 && x < f64::INFINITY { y } else { special }
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
    for v in x {
        *v = exp_one(*v);
    }
}

/// Replaces every element with its natural logarithm.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn ln(x: &mut [f64]) {
    for v in x {
        *v = ln_one(*v);
    }
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
