//! Uniform numbers of an interval.

use multiversion::multiversion;

use super::philox::{
    BATCH, Key, LOW, RoundKeys, batch, fill, fill_strided, key, philox_lane, round_keys, words,
};
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

    /// The number of an element, whose words are in the low halves of `lo` and `hi`. With `UNIT` the interval is
    /// known to be from 0 to 1.
    #[inline(always)]
    pub(super) fn map<const UNIT: bool>(self, lo: u64, hi: u64) -> f64 {
        // u = (64 bits >> 11) * 2^-53, exactly: the high word lands in a double with unit 2^-32, the 21 bits
        // of the low word in one with unit 2^-53.
        let high = f64::from_bits((hi & LOW) | ((1023 + 20) << 52)) - (1_048_576.0 + 0.5);
        let low = f64::from_bits(((lo & LOW) >> 11) | ((1023 - 1) << 52));
        if UNIT {
            return high + low;
        }
        let y = self.low + self.span * (high + low);
        if y > self.cap { self.cap } else { y }
    }
}

/// Uniform numbers of pairs of elements, whose blocks share their upper 32 bits.
#[inline(always)]
fn uniform_pairs_as<const UNIT: bool>(
    keys: &RoundKeys,
    first_block: u64,
    out: &mut [[f64; 2]],
    map: Uniform,
) {
    let (batches, rest) = out.as_chunks_mut::<BATCH>();
    let high = first_block >> 32;
    let mut first = first_block;
    for pairs in batches {
        batch(keys, first, high, map.domain, |i, [a0, a1, b0, b1]| {
            pairs[i] = [map.map::<UNIT>(a0, a1), map.map::<UNIT>(b0, b1)]
        });
        first = first.wrapping_add(BATCH as u64);
    }
    for (i, pair) in rest.iter_mut().enumerate() {
        let [[a0, a1, b0, b1]] = philox_lane([first.wrapping_add(i as u64)], high, map.domain, keys);
        *pair = [map.map::<UNIT>(a0, a1), map.map::<UNIT>(b0, b1)];
    }
}

/// Uniform numbers of pairs of elements, whose blocks share their upper 32 bits.
#[multiversion(targets("x86_64+avx+avx2"))]
fn uniform_pairs(keys: &RoundKeys, first_block: u64, out: &mut [[f64; 2]], map: Uniform) {
    // The affine map of the unit interval changes nothing.
    if map.low == 0.0 && map.span == 1.0 {
        uniform_pairs_as::<true>(keys, first_block, out, map);
    } else {
        uniform_pairs_as::<false>(keys, first_block, out, map);
    }
}

pub(super) fn uniform_one(key: Key, element: u64, map: Uniform) -> f64 {
    let [lo, hi] = words(key, element, map.domain);
    map.map::<false>(lo, hi)
}

impl Draw for Uniform {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        let (key, map) = (key(seed), *self);
        let keys = round_keys(key);
        let one = |element| uniform_one(key, element, map);
        fill_strided(first, stride, out, one, |first, out| {
            fill(first, out, one, |block, pairs| uniform_pairs(&keys, block, pairs, map));
        });
    }
}
