//! Ranks whose frequency is a power of them: Zipf's distribution.

use super::words::{Words, map_each};
use super::{Draw, domain};
use crate::kernel::math::{exp_m1, exp_one, ln_1p, ln_one};

/// The integer `k` from 1 with a probability in proportion to `k^-a`, by rejection from a continuous distribution
/// (Devroye, *Non-uniform random variate generation*, 1986, X.6.1). What an int64 cannot hold is drawn again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zipf {
    /// `a - 1`.
    power: f64,
    /// `2^(a - 1) - 1`, accurate for `a` near 1.
    base: f64,
    /// The part of the interval from 0 to 1 whose numbers are too large.
    beyond: f64,
}

/// Where 2 and all beyond have no probability that a float could tell from 0.
const ONLY_ONE: f64 = 1024.0;

impl Zipf {
    pub(crate) fn new(a: f64) -> Self {
        let power = a - 1.0;
        let ln_2 = std::f64::consts::LN_2;
        Self { power, base: exp_m1(power * ln_2), beyond: exp_one(-power * 63.0 * ln_2) }
    }

    fn one(&self, words: &mut Words<'_>) -> i64 {
        if self.power >= ONLY_ONE {
            return 1;
        }
        loop {
            let u = words.open_unit();
            let u = u * self.beyond + (1.0 - u);
            let v = words.open_unit();
            let x = exp_one(-ln_one(u) / self.power).floor();
            if !(1.0..i64::MAX as f64).contains(&x) {
                continue;
            }
            // (1 + 1/x)^power - 1
            let t = exp_m1(self.power * ln_1p(1.0 / x));
            if v * x * t / self.base <= (1.0 + t) / (1.0 + self.base) {
                return x as i64;
            }
        }
    }
}

impl Draw for Zipf {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        map_each((seed, domain::ZIPF), first, stride, out, |words| self.one(words));
    }
}
