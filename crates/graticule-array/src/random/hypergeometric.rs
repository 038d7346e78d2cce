//! Hypergeometric numbers.

use super::words::{Words, map_each};
use super::{Draw, domain, poisson};
use crate::kernel::math::ln_one;

/// The number of good ones among `sample` that are taken, without replacement, of `good` and `bad` ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hypergeometric {
    good: i64,
    bad: i64,
    sample: i64,
    /// The smaller of what is taken and what is left.
    taken: i64,
    rejection: Rejection,
}

/// So few are taken one by one; rejection needs at least as many.
const FEW: i64 = 10;

impl Hypergeometric {
    pub(crate) fn new(good: i64, bad: i64, sample: i64) -> Self {
        let taken = sample.min(good + bad - sample);
        Self { good, bad, sample, taken, rejection: Rejection::new(good.min(bad), good.max(bad), taken) }
    }

    fn one(&self, words: &mut Words<'_>) -> i64 {
        let count = if self.taken < FEW {
            self.one_by_one(words)
        } else {
            let rarer = self.rejection.one(words);
            if self.good > self.bad { self.taken - rarer } else { rarer }
        };
        if self.taken < self.sample { self.good - count } else { count }
    }

    fn one_by_one(&self, words: &mut Words<'_>) -> i64 {
        let (mut good, mut all) = (self.good, self.good + self.bad);
        for _ in 0..self.taken {
            // Of at most 2^31 the product with a number of 52 bits is exact enough.
            if ((words.open_unit() * all as f64) as i64) < good {
                good -= 1;
            }
            all -= 1;
        }
        self.good - good
    }
}

impl Draw for Hypergeometric {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        map_each((seed, domain::HYPERGEOMETRIC), first, stride, out, |words| self.one(words));
    }
}

/// The method HRUA of Stadlober (*The ratio of uniforms approach for generating discrete random variates*, 1990).
#[derive(Debug, Clone, Copy)]
struct Rejection {
    rarer: i64,
    others: i64,
    taken: i64,
    center: f64,
    width: f64,
    end: f64,
    peak: f64,
}

impl Rejection {
    fn new(rarer: i64, others: i64, taken: i64) -> Self {
        let all = (rarer + others) as f64;
        let (p, n) = (rarer as f64 / all, taken as f64);
        let mean = n * p;
        let variance = (all - n) * n * p * (1.0 - p) / (all - 1.0).max(1.0);
        let spread = (variance + 0.5).sqrt();
        // 2 √(2/e) and 3 - 2 √(3/e).
        let width = 1.715_527_769_921_413_5 * spread + 0.898_916_162_058_898_8;
        let mode = ((n + 1.0) * (rarer as f64 + 1.0) / (all + 2.0)).floor() as i64;
        let center = mean + 0.5;
        let most = (taken.min(rarer) + 1) as f64;
        let rejection = Self {
            rarer,
            others,
            taken,
            center,
            width,
            // 16 deviations away nothing is left.
            end: most.min((center + 16.0 * spread).floor()),
            peak: 0.0,
        };
        Self { peak: rejection.ln_weight(mode), ..rejection }
    }

    /// The logarithm of what the probability of `k` is proportional to.
    fn ln_weight(&self, k: i64) -> f64 {
        let Self { rarer, others, taken, .. } = *self;
        -[k, rarer - k, taken - k, others - taken + k].map(ln_factorial).iter().sum::<f64>()
    }

    fn one(&self, words: &mut Words<'_>) -> i64 {
        loop {
            let (u, v) = (words.open_unit(), words.open_unit());
            let x = self.center + self.width * (v - 0.5) / u;
            if !(0.0..self.end).contains(&x) {
                continue;
            }
            let k = x as i64;
            let ratio = self.ln_weight(k) - self.peak;
            let accepted = u * (4.0 - u) - 3.0 <= ratio;
            if accepted || (u * (u - ratio) < 1.0 && 2.0 * ln_one(u) <= ratio) {
                return k;
            }
        }
    }
}

/// The logarithm of `k!`.
fn ln_factorial(k: i64) -> f64 {
    // Of negative numbers there is none, and what needs one is never accepted.
    if k < 0 {
        return f64::INFINITY;
    }
    let x = k as f64;
    if k < 16 {
        return ln_one((2..=k).fold(1.0, |product, i| product * i as f64));
    }
    // ln √(2π)
    (x + 0.5) * ln_one(x) - x + 0.918_938_533_204_672_7 + poisson::stirling_rest(x)
}
