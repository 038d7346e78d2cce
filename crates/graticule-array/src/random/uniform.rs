//! Uniform numbers of an interval.

use multiversion::multiversion;

use super::philox::{Key, LOW, RoundKeys};
use super::stream::{self, BLOCK};
use super::{Draw, domain};

/// Numbers of an interval, every one equally likely: the map from the 64 bits of an element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Uniform {
    low: f64,
    span: f64,
    cap: f64,
    domain: u32,
}

impl Uniform {
    /// Every number from `low` up to but not including `high`.
    pub(crate) fn new(low: f64, high: f64) -> Self {
        // `low + span * u` may round up to `high`, which the interval excludes.
        let cap = if high > low { high.next_down() } else { f64::INFINITY };
        Self { low, span: high - low, cap, domain: domain::UNIFORM }
    }

    /// Every multiple of 2^-53 from 0 up to but not including 1, from the bits of another distribution's domain.
    pub(super) fn unit(domain: u32) -> Self {
        Self { domain, ..Self::new(0.0, 1.0) }
    }

    /// The number of an element. With `UNIT` the interval is known to be from 0 to 1.
    #[inline(always)]
    pub(super) fn map<const UNIT: bool>(self, bits: u64) -> f64 {
        // u = (bits >> 11) * 2^-53, exactly, without a conversion of integers of 64 bits: the upper half lands in a
        // double with unit 2^-32, the 21 bits of the lower half in one with unit 2^-53.
        let high = f64::from_bits((bits >> 32) | ((1023 + 20) << 52)) - (1_048_576.0 + 0.5);
        let low = f64::from_bits(((bits & LOW) >> 11) | ((1023 - 1) << 52));
        if UNIT {
            return high + low;
        }
        let y = self.low + self.span * (high + low);
        if y > self.cap { self.cap } else { y }
    }
}

/// The uniform numbers of the blocks from `first` on.
#[multiversion(targets("x86_64+avx+avx2"))]
fn uniform_blocks(keys: &RoundKeys, first: u64, out: &mut [[f64; BLOCK]], map: Uniform) {
    // The affine map of the unit interval changes nothing.
    if map.low == 0.0 && map.span == 1.0 {
        stream::map_blocks(keys, map.domain, first, out, |bits| map.map::<true>(bits));
    } else {
        stream::map_blocks(keys, map.domain, first, out, |bits| map.map::<false>(bits));
    }
}

pub(super) fn uniform_one(key: Key, element: u64, map: Uniform) -> f64 {
    map.map::<false>(stream::word(key, element, map.domain))
}

impl Draw for Uniform {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        let map = *self;
        let one = |key, element| uniform_one(key, element, map);
        stream::fill(seed, first, stride, out, one, |keys, block, out| uniform_blocks(keys, block, out, map));
    }
}
