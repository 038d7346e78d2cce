//! Gamma distributed numbers.

use super::exponential::Exponential;
use super::normal::standard_normal;
use super::philox::{Blocks, PIECE, map_blocks, open_unit, pieces};
use super::{Draw, domain};
use crate::kernel::math::{self, ln_one};

/// The gamma distribution by the method of Marsaglia and Tsang (*A simple method for generating gamma variables*,
/// 2000): a number with the shape `d + 1/3` is `d * (1 + c * x)³` of a normal `x`, accepted or drawn again. A shape
/// below 1 is raised by 1 and the number multiplied by `u^(1/shape)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gamma {
    shape: f64,
    scale: f64,
    d: f64,
    c: f64,
}

impl Gamma {
    pub(crate) fn new(shape: f64, scale: f64) -> Self {
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        Self { shape, scale, d, c: 1.0 / (9.0 * d).sqrt() }
    }

    /// A number from a block of an element and, where it is rejected, from those after it.
    #[inline(always)]
    pub(super) fn one(&self, mut bits: [u64; 2], blocks: &mut Blocks) -> f64 {
        loop {
            let x = standard_normal(bits[0], blocks);
            let t = self.c * x;
            if t > -1.0 {
                let u = open_unit(bits[1]);
                let squeeze = 1.0 - 0.0331 * (x * x) * (x * x);
                if u < squeeze || ln_one(u) < 3.0 * self.d * ln_remainder(t) {
                    return self.d * ((1.0 + t) * (1.0 + t) * (1.0 + t));
                }
            }
            bits = blocks.next();
        }
    }
}

/// `ln(1 + t) - t + t²/2 - t³/3`. Times `3 * d` it is the bound `x²/2 + d - d * v + d * ln(v)` of the paper, written
/// so that the large terms do not cancel when the shape is large.
fn ln_remainder(t: f64) -> f64 {
    if t.abs() > 0.1 {
        return ln_one(1.0 + t) - t * (1.0 - t * (0.5 - t / 3.0));
    }
    // -t⁴/4 + t⁵/5 - … + t¹⁵/15
    let sum = (4..=15).rev().fold(0.0, |sum, n| 1.0 / f64::from(n) - t * sum);
    -(t * t) * (t * t) * sum
}

impl Draw for Gamma {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        if self.shape == 0.0 {
            return out.fill(0.0);
        }
        map_blocks(seed, domain::GAMMA, first, stride, out, |bits, blocks| {
            self.scale * self.one(bits, blocks)
        });
        if self.shape < 1.0 {
            // u^(1/shape) is exp(-e/shape) of an exponential number e.
            let exponent = Exponential::of_domain(-1.0 / self.shape, domain::GAMMA_BOOST);
            let mut factors = [0.0; PIECE];
            pieces(first, stride, out, |first, piece| {
                let factors = &mut factors[..piece.len()];
                exponent.fill(seed, first, stride, factors);
                math::exp(factors);
                for (value, factor) in piece.iter_mut().zip(factors) {
                    *value *= *factor;
                }
            });
        }
    }
}
