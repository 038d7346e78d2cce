//! Normal numbers, and those whose logarithm is normal.
//!
//! The ziggurat of 256 layers (Marsaglia and Tsang, *The ziggurat method for generating random variables*, 2000),
//! with the layer and the value taken from separate bits (Doornik, *An improved ziggurat method to generate
//! normal random samples*, 2005).

use std::sync::LazyLock;

use multiversion::multiversion;

use super::philox::{
    BATCH, Blocks, Key, LOW, RoundKeys, batch, fill, fill_strided, key, open_unit, philox_lane, round_keys,
    words,
};
use super::{Draw, domain};
use crate::kernel::math::{self, exp_one, ln_one};

/// The first stage of a normal: the signed 53-bit integer of the bits above the lowest eleven.
#[inline(always)]
pub(super) fn signed_mantissa(lo: u64, hi: u64) -> f64 {
    let high = f64::from_bits(((hi & LOW) ^ 0x8000_0000) | ((1023 + 73) << 52))
        - (9_444_732_965_739_290_427_392.0 + 9_007_199_254_740_992.0);
    let low = f64::from_bits(((lo & LOW) >> 11) | ((1023 + 52) << 52));
    high + low
}

/// A layer of the ziggurat: the 53-bit integers `m` span it as `m * width`, and values of magnitude below
/// `inner` lie inside the layer above as well, hence under the curve.
#[derive(Clone, Copy)]
pub(super) struct Layer {
    pub(super) width: f64,
    pub(super) inner: f64,
}

pub(super) struct Ziggurat {
    pub(super) layers: [Layer; 256],
    /// `exp(-x²/2)` at the outer edge of a layer, and 1 at the top.
    pub(super) density: [f64; 257],
}

/// Where the tail starts, and the area of a layer.
pub(super) const TAIL: f64 = 3.654_152_885_361_009;
pub(super) const AREA: f64 = 0.004_928_673_233_974_655;

pub(super) static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    // Edges from the outside in; the lowest layer holds the tail and has the width of a box of equal area.
    let mut edge = [0.0; 257];
    let mut density = [1.0; 257];
    edge[1] = TAIL;
    density[1] = exp_one(-0.5 * TAIL * TAIL);
    edge[0] = AREA / density[1];
    density[0] = 0.0;
    for i in 2..256 {
        density[i] = AREA / edge[i - 1] + density[i - 1];
        edge[i] = (-2.0 * ln_one(density[i])).sqrt();
    }
    let unit = 1.0 / 4_503_599_627_370_496.0; // 2^-52
    let layers = std::array::from_fn(|i| Layer { width: edge[i] * unit, inner: edge[i + 1] });
    Ziggurat { layers, density }
});

/// The normal distribution: the map from a standard normal number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normal {
    mean: f64,
    std: f64,
    domain: u32,
    retry_domain: u32,
}

impl Normal {
    pub(crate) fn new(mean: f64, std: f64) -> Self {
        Self { mean, std, domain: domain::NORMAL, retry_domain: domain::NORMAL_RETRY }
    }

    #[inline(always)]
    fn map(self, z: f64) -> f64 {
        self.mean + self.std * z
    }
}

/// Normal numbers of pairs of elements, whose blocks share their upper 32 bits.
#[multiversion(targets("x86_64+avx+avx2"))]
fn normal_pairs(keys: &RoundKeys, first_block: u64, out: &mut [[f64; 2]], map: Normal) {
    let ziggurat = &*ZIGGURAT;
    let (batches, rest) = out.as_chunks_mut::<BATCH>();
    let mut layers = [[0; 2]; BATCH];
    let high = first_block >> 32;
    let mut first = first_block;
    for pairs in batches {
        batch(keys, first, high, map.domain, |i, [a0, a1, b0, b1]| {
            pairs[i] = [signed_mantissa(a0, a1), signed_mantissa(b0, b1)];
            layers[i] = [a0, b0];
        });
        ziggurat.finish(keys, first, pairs, &layers, map);
        first = first.wrapping_add(BATCH as u64);
    }
    for (i, (pair, layers)) in rest.iter_mut().zip(&mut layers).enumerate() {
        let [[a0, a1, b0, b1]] = philox_lane([first.wrapping_add(i as u64)], high, map.domain, keys);
        *pair = [signed_mantissa(a0, a1), signed_mantissa(b0, b1)];
        *layers = [a0, b0];
    }
    ziggurat.finish(keys, first, rest, &layers, map);
}

impl Ziggurat {
    /// The standard normal where the value `x` in `layer` is not inside the layer above.
    #[cold]
    #[inline(never)]
    fn retry(&self, mut layer: usize, mut x: f64, blocks: &mut Blocks) -> f64 {
        loop {
            let [mut a, mut b] = blocks.next();
            if layer == 0 {
                // Marsaglia's tail: an exponential proposal beyond the start of the tail.
                loop {
                    let t = -ln_one(open_unit(a)) / TAIL;
                    if -2.0 * ln_one(open_unit(b)) > t * t {
                        return (TAIL + t).copysign(x);
                    }
                    [a, b] = blocks.next();
                }
            }
            let (below, above) = (self.density[layer], self.density[layer + 1]);
            if below + open_unit(a) * (above - below) < exp_one(-0.5 * x * x) {
                return x;
            }
            layer = (b & 255) as usize;
            x = signed_mantissa(b, b >> 32) * self.layers[layer].width;
            if x.abs() < self.layers[layer].inner {
                return x;
            }
        }
    }

    /// Turns the mantissas of consecutive elements into normal numbers.
    #[inline(always)]
    fn finish(
        &self,
        keys: &RoundKeys,
        first_block: u64,
        pairs: &mut [[f64; 2]],
        layers: &[[u64; 2]; BATCH],
        map: Normal,
    ) {
        for (k, (value, layer)) in pairs.as_flattened_mut().iter_mut().zip(layers.as_flattened()).enumerate()
        {
            let layer = (layer & 255) as usize;
            let Layer { width, inner } = self.layers[layer];
            let mut z = *value * width;
            if z.abs() >= inner {
                let key = [keys[0][0] as u32, keys[0][1] as u32];
                let element = first_block.wrapping_mul(2).wrapping_add(k as u64);
                z = self.retry(layer, z, &mut Blocks::new(key, element, map.retry_domain));
            }
            *value = map.map(z);
        }
    }
}

/// A standard normal number of 64 bits. Where the ziggurat rejects, it takes further blocks.
#[inline(always)]
pub(super) fn standard_normal(bits: u64, blocks: &mut Blocks) -> f64 {
    let ziggurat = &*ZIGGURAT;
    let layer = (bits & 255) as usize;
    let Layer { width, inner } = ziggurat.layers[layer];
    let z = signed_mantissa(bits, bits >> 32) * width;
    if z.abs() < inner { z } else { ziggurat.retry(layer, z, blocks) }
}

pub(super) fn normal_one(key: Key, element: u64, map: Normal) -> f64 {
    let [lo, hi] = words(key, element, map.domain);
    let mut blocks = Blocks::new(key, element, map.retry_domain);
    map.map(standard_normal(hi << 32 | lo, &mut blocks))
}

impl Draw for Normal {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        let (key, map) = (key(seed), *self);
        let keys = round_keys(key);
        let one = |element| normal_one(key, element, map);
        fill_strided(first, stride, out, one, |first, out| {
            fill(first, out, one, |block, pairs| normal_pairs(&keys, block, pairs, map));
        });
    }
}

/// The distribution of numbers whose logarithm is normal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogNormal(Normal);

impl LogNormal {
    /// `mean` and `std` are those of the logarithm.
    pub(crate) fn new(mean: f64, std: f64) -> Self {
        let domain = domain::LOGNORMAL;
        Self(Normal { mean, std, domain, retry_domain: domain })
    }
}

impl Draw for LogNormal {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        self.0.fill(seed, first, stride, out);
        math::exp(out);
    }
}
