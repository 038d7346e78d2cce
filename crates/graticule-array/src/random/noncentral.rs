//! Sums of squares of normal numbers whose means are not 0.

use super::words::map_each;
use super::{Draw, domain, poisson};

/// The noncentral chi-square distribution: a gamma number whose shape is raised by a Poisson number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoncentralChisquare {
    freedom: f64,
    noncentrality: f64,
}

impl NoncentralChisquare {
    pub(crate) fn new(freedom: f64, noncentrality: f64) -> Self {
        Self { freedom, noncentrality }
    }
}

impl Draw for NoncentralChisquare {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        map_each((seed, domain::NONCENTRAL_CHISQUARE), first, stride, out, |words| {
            let raised = poisson::one(self.noncentrality / 2.0, words) as f64;
            2.0 * words.gamma(self.freedom / 2.0 + raised)
        });
    }
}
