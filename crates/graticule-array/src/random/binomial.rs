//! Numbers of successes: binomial, multinomial and negative binomial.

use std::f64::consts::TAU;

use super::philox::{Blocks, key};
use super::poisson;
use super::words::{Words, map_each};
use super::{Draw, domain};
use crate::kernel::math::{exp_one, ln_1p, ln_one};
use crate::scalar::Float;

/// The binomial distribution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binomial {
    n: i64,
    /// Whether failures are counted, which are rarer.
    turned: bool,
    method: Method,
}

#[derive(Debug, Clone, Copy)]
enum Method {
    /// A small mean: probabilities are subtracted from a uniform number until it is used up.
    Inversion {
        /// The probability of 0.
        none: f64,
        odds: f64,
    },
    /// A large mean: transformed rejection.
    Rejection(Rejection),
}

/// Means from here on are drawn by rejection, whose cost does not grow with the mean. It needs at least 10.
const LARGE: f64 = 10.0;

impl Binomial {
    /// `n` trials, each a success with probability `p`.
    pub(crate) fn new(n: i64, p: f64) -> Self {
        let turned = p > 0.5;
        let p = if turned { 1.0 - p } else { p };
        let method = if n as f64 * p < LARGE {
            Method::Inversion { none: exp_one(n as f64 * ln_1p(-p)), odds: p / (1.0 - p) }
        } else {
            Method::Rejection(Rejection::new(n, p))
        };
        Self { n, turned, method }
    }

    fn one(&self, words: &mut Words<'_>) -> i64 {
        let count = match self.method {
            Method::Inversion { none, odds } => self.invert(none, odds, words),
            Method::Rejection(rejection) => rejection.one(words),
        };
        if self.turned { self.n - count } else { count }
    }

    fn invert(&self, none: f64, odds: f64, words: &mut Words<'_>) -> i64 {
        loop {
            let (mut left, mut probability) = (words.open_unit(), none);
            for k in 0..=self.n {
                if left <= probability {
                    return k;
                }
                left -= probability;
                probability *= (self.n - k) as f64 / (k + 1) as f64 * odds;
                if probability == 0.0 {
                    break;
                }
            }
            // Rounding has left a number beyond the sum of all probabilities.
        }
    }
}

impl Draw for Binomial {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        map_each((seed, domain::BINOMIAL), first, stride, out, |words| self.one(words));
    }
}

/// The method BTRS of Hörmann (*The generation of binomial random variates*, 1993).
///
/// As for Poisson numbers, counts are kept as their distance to the mean and probabilities are those of Loader's
/// expansion, which keeps its digits where factorials have none left.
#[derive(Debug, Clone, Copy)]
struct Rejection {
    n: i64,
    p: f64,
    floor: i64,
    fraction: f64,
    a: f64,
    b: f64,
    alpha: f64,
    quick: f64,
    /// The logarithm of the probability of the mode.
    peak: f64,
}

impl Rejection {
    fn new(n: i64, p: f64) -> Self {
        let (mean, spread) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
        let b = 1.15 + 2.53 * spread;
        let floor = mean as i64;
        let rejection = Self {
            n,
            p,
            floor,
            fraction: mean - mean.floor(),
            a: -0.0873 + 0.0248 * b + 0.01 * p,
            b,
            alpha: (2.83 + 5.1 / b) * spread,
            quick: 0.92 - 4.2 / b,
            peak: 0.0,
        };
        let mode = ((n as f64 + 1.0) * p).floor();
        Self { peak: rejection.ln_probability(mode as i64, mode - mean), ..rejection }
    }

    #[inline(always)]
    fn one(&self, words: &mut Words<'_>) -> i64 {
        loop {
            let (u, v) = (words.open_unit() - 0.5, words.open_unit());
            let us = 0.5 - u.abs();
            let step = ((2.0 * self.a / us + self.b) * u + self.fraction + 0.5).floor();
            let k = self.floor.saturating_add(step as i64);
            if us >= 0.07 && v <= self.quick {
                return k;
            }
            if (0..=self.n).contains(&k) {
                let ratio = v * self.alpha / (self.a / (us * us) + self.b);
                if ln_one(ratio) <= self.ln_probability(k, step - self.fraction) - self.peak {
                    return k;
                }
            }
        }
    }

    /// The logarithm of the probability of `k`, which is `distance` above the mean.
    fn ln_probability(&self, k: i64, distance: f64) -> f64 {
        let (n, p, q) = (self.n as f64, self.p, 1.0 - self.p);
        let (x, y) = (k as f64, (self.n - k) as f64);
        if k == 0 {
            return n * ln_1p(-p);
        }
        if k == self.n {
            return n * ln_one(p);
        }
        let rests = poisson::stirling_rest(n) - poisson::stirling_rest(x) - poisson::stirling_rest(y);
        let deviances = poisson::deviance(x, n * p, distance) + poisson::deviance(y, n * q, -distance);
        rests - deviances + 0.5 * ln_one(n / (TAU * x * y))
    }
}

/// The negative binomial distribution: a Poisson number whose mean is a gamma number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NegativeBinomial {
    n: f64,
    scale: f64,
}

impl NegativeBinomial {
    /// The number of failures before `n` successes, each of probability `p`.
    pub(crate) fn new(n: f64, p: f64) -> Self {
        Self { n, scale: (1.0 - p) / p }
    }
}

impl Draw for NegativeBinomial {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        map_each((seed, domain::NEGATIVE_BINOMIAL), first, stride, out, |words| {
            let mean = self.scale * words.gamma(self.n);
            poisson::one(mean, words)
        });
    }
}

/// The multinomial distribution. The last axis holds the counts of one experiment: each is binomial, of the trials that
/// are left and with its share of the probability that is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Multinomial<'a> {
    n: i64,
    p: &'a [Float],
}

impl<'a> Multinomial<'a> {
    /// `n` trials, outcome `i` of probability `p[i]`.
    pub(crate) fn new(n: i64, p: &'a [Float]) -> Self {
        Self { n, p }
    }

    fn experiment(&self, words: &mut Words<'_>, counts: &mut Vec<i64>) {
        let (mut trials, mut probability) = (self.n, 1.0);
        counts.clear();
        for (outcome, p) in self.p.iter().enumerate() {
            let share =
                if outcome + 1 == self.p.len() { 1.0 } else { (p.get() / probability).clamp(0.0, 1.0) };
            // What rounding has left of the probability must not bring up an outcome that has none.
            let share =
                if p.get() == 0.0 && outcome + 1 != self.p.len() || share.is_nan() { 0.0 } else { share };
            let count = if trials == 0 || share == 0.0 { 0 } else { Binomial::new(trials, share).one(words) };
            counts.push(count);
            trials -= count;
            probability -= p.get();
        }
    }
}

impl Draw for Multinomial<'_> {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        let outcomes = self.p.len().max(1) as u64;
        let key = key(seed);
        let mut counts = Vec::with_capacity(self.p.len());
        let mut current = None;
        let mut element = first;
        for value in out {
            let experiment = element / outcomes;
            if current.replace(experiment) != Some(experiment) {
                let mut blocks = Blocks::new(key, experiment, domain::MULTINOMIAL);
                self.experiment(&mut Words::of(&mut blocks), &mut counts);
            }
            *value = counts.get((element % outcomes) as usize).copied().unwrap_or(0);
            element = element.wrapping_add_signed(stride);
        }
    }
}
