//! Poisson distributed numbers.

use std::f64::consts::TAU;

use super::philox::{Blocks, map_blocks, map_words, open_unit, unit};
use super::words::Words;
use super::{Draw, domain};
use crate::kernel::math::{exp_one, ln_one};

/// The Poisson distribution.
#[derive(Debug, Clone)]
pub(crate) enum Poisson {
    /// A small mean: the cumulative distribution is inverted.
    Inversion(Inversion),
    /// A large mean: transformed rejection.
    Rejection(Rejection),
}

/// Means from here on are drawn by rejection, whose cost does not grow with the mean.
const LARGE: f64 = 64.0;

impl Poisson {
    pub(crate) fn new(mean: f64) -> Self {
        if mean < LARGE {
            Self::Inversion(Inversion::new(mean))
        } else {
            Self::Rejection(Rejection::new(mean))
        }
    }
}

impl Draw for Poisson {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        let domain = domain::POISSON;
        match self {
            Self::Inversion(table) => {
                map_words(seed, domain, first, stride, out, |_, bits| table.find(unit(bits)));
            }
            Self::Rejection(rejection) => {
                map_blocks(seed, domain, first, stride, out, |bits, blocks| rejection.one(bits, blocks));
            }
        }
    }
}

/// The cumulative distribution, from 0 to where probabilities are too small to change the sum.
#[derive(Debug, Clone)]
pub(crate) struct Inversion {
    cumulative: Vec<f64>,
}

impl Inversion {
    fn new(mean: f64) -> Self {
        let (mut probability, mut sum, mut k) = (exp_one(-mean), 0.0, 0.0);
        let mut cumulative = Vec::new();
        while k <= mean || sum + probability > sum {
            sum += probability;
            cumulative.push(sum);
            k += 1.0;
            probability *= mean / k;
        }
        Self { cumulative }
    }

    fn find(&self, u: f64) -> i64 {
        self.cumulative.partition_point(|&sum| sum <= u) as i64
    }
}

/// The method PTRS of Hörmann (*The transformed rejection method for generating Poisson random variables*, 1993).
///
/// Numbers are kept as their distance to the mean, and the probability is that of Loader's saddle-point expansion
/// (*Fast and accurate computation of binomial probabilities*, 2000): the formula of the paper, differences of numbers
/// like `mean * ln(mean)`, loses all digits for means beyond 1e15.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    mean: f64,
    floor: i64,
    fraction: f64,
    a: f64,
    b: f64,
    inverse_alpha: f64,
    quick: f64,
}

impl Rejection {
    fn new(mean: f64) -> Self {
        let b = 0.931 + 2.53 * mean.sqrt();
        Self {
            mean,
            floor: mean as i64,
            fraction: mean - mean.floor(),
            a: -0.059 + 0.02483 * b,
            b,
            inverse_alpha: 1.1239 + 1.1328 / (b - 3.4),
            quick: 0.9277 - 3.6224 / (b - 2.0),
        }
    }

    /// A number from a block of an element and, where it is rejected, from those after it.
    #[inline(always)]
    fn one(&self, mut bits: [u64; 2], blocks: &mut Blocks) -> i64 {
        loop {
            let (u, v) = (open_unit(bits[0]) - 0.5, open_unit(bits[1]));
            let us = 0.5 - u.abs();
            let step = ((2.0 * self.a / us + self.b) * u + self.fraction + 0.43).floor();
            let k = self.floor.saturating_add(step as i64);
            if us >= 0.07 && v <= self.quick {
                return k;
            }
            // 0 has a probability below 1e-27.
            if k > 0 && !(us < 0.013 && v > us) {
                let ratio = v * self.inverse_alpha / (self.a / (us * us) + self.b);
                if self.accepts(ratio, k as f64, step - self.fraction) {
                    return k;
                }
            }
            bits = blocks.next();
        }
    }

    /// Whether `ratio` is at most the probability of `x`, which is `distance` above the mean.
    fn accepts(&self, ratio: f64, x: f64, distance: f64) -> bool {
        ln_one(ratio * (TAU * x).sqrt()) <= -stirling_rest(x) - deviance(x, self.mean, distance)
    }
}

/// Means from here on are drawn by rejection where each element has a mean of its own. It needs at least 10.
const LARGE_ALONE: f64 = 10.0;

/// A number of a distribution that only one element has, from its words. Means beyond [`i64::MAX`] count as that.
pub(super) fn one(mean: f64, words: &mut Words<'_>) -> i64 {
    if mean >= LARGE_ALONE {
        let rejection = Rejection::new(mean.min(i64::MAX as f64));
        return words.with_blocks(|bits, blocks| rejection.one(bits, blocks));
    }
    let (mut left, mut probability, mut k) = (words.open_unit(), exp_one(-mean), 0);
    // Where rounding leaves something beyond the sum of all probabilities, it belongs to the last that changed the sum.
    while left > probability && probability > f64::EPSILON * f64::EPSILON {
        left -= probability;
        k += 1;
        probability *= mean / k as f64;
    }
    k
}

/// What Stirling's formula for the logarithm of the factorial leaves out.
pub(super) fn stirling_rest(x: f64) -> f64 {
    let y = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * y)) / y) / y) / x
}

/// `x * ln(x / mean) + mean - x`, where `x` is `distance` above the mean.
pub(super) fn deviance(x: f64, mean: f64, distance: f64) -> f64 {
    let v = distance / (x + mean);
    if v.abs() > 0.1 {
        return x * ln_one(x / mean) - distance;
    }
    // 2 * x * (v³/3 + v⁵/5 + …) beside the leading term.
    let square = v * v;
    let sum = (1..=7).rev().fold(0.0, |sum, j| square * (1.0 / f64::from(2 * j + 1) + sum));
    distance * v + 2.0 * x * v * sum
}
