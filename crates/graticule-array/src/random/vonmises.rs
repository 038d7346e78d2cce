//! Angles around a direction: the von Mises distribution.

use std::f64::consts::{PI, TAU};

use super::words::{Words, map_each};
use super::{Draw, domain};
use crate::kernel::math::ln_one;

/// Angles from -π to π around `mu` by the method of Best and Fisher (*Efficient simulation of the von Mises distribution*,
/// 1979).
#[derive(Debug, Clone, Copy)]
pub(crate) struct VonMises {
    mu: f64,
    kappa: f64,
    s: f64,
}

/// Below this all angles are equally likely as far as floats can tell.
const FLAT: f64 = 1e-8;
/// Above this the distribution is a normal one as far as floats can tell.
const SHARP: f64 = 1e6;

impl VonMises {
    pub(crate) fn new(mu: f64, kappa: f64) -> Self {
        let s = if kappa < 1e-5 {
            // The formula below would lose its digits.
            1.0 / kappa + kappa
        } else {
            let r = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
            let rho = (r - (2.0 * r).sqrt()) / (2.0 * kappa);
            (1.0 + rho * rho) / (2.0 * rho)
        };
        Self { mu, kappa, s }
    }

    fn one(&self, words: &mut Words<'_>) -> f64 {
        if self.kappa < FLAT {
            return PI * (2.0 * words.open_unit() - 1.0);
        }
        if self.kappa > SHARP {
            return wrapped(self.mu + words.normal() / self.kappa.sqrt());
        }
        loop {
            let z = (PI * words.open_unit()).cos();
            let w = (1.0 + self.s * z) / (self.s + z);
            let y = self.kappa * (self.s - w);
            let v = words.open_unit();
            if y * (2.0 - y) >= v || ln_one(y / v) + 1.0 - y >= 0.0 {
                let angle = w.clamp(-1.0, 1.0).acos();
                let is_left = words.next() & 1 == 0;
                return wrapped(self.mu + if is_left { -angle } else { angle });
            }
        }
    }
}

/// The same angle from -π to π.
fn wrapped(angle: f64) -> f64 {
    if angle.abs() <= PI { angle } else { (angle + PI).rem_euclid(TAU) - PI }
}

impl Draw for VonMises {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        map_each((seed, domain::VONMISES), first, stride, out, |words| self.one(words));
    }
}
