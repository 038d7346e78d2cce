//! Exponentially distributed numbers.

use super::uniform::Uniform;
use super::{Draw, domain};
use crate::kernel::math;

/// The exponential distribution, by inversion: `-scale * ln(1 - u)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exponential {
    scale: f64,
    bits: Uniform,
}

impl Exponential {
    /// `scale` is the mean.
    pub(crate) fn new(scale: f64) -> Self {
        Self::of_domain(scale, domain::EXPONENTIAL)
    }

    pub(super) fn of_domain(scale: f64, domain: u32) -> Self {
        Self { scale, bits: Uniform::unit(domain) }
    }
}

impl Draw for Exponential {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        self.bits.fill(seed, first, stride, out);
        // `1 - u` is exact and never 0.
        out.iter_mut().for_each(|u| *u = 1.0 - *u);
        math::ln(out);
        // Where `u` is 0 the product would be -0.
        out.iter_mut().for_each(|ln| *ln = 0.0 - self.scale * *ln);
    }
}
