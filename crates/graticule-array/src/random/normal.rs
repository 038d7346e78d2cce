//! Normal numbers, and those whose logarithm is normal.
//!
//! The ziggurat of 256 layers (Marsaglia and Tsang, *The ziggurat method for generating random variables*, 2000),
//! with the layer and the value taken from separate bits (Doornik, *An improved ziggurat method to generate
//! normal random samples*, 2005).

use std::sync::LazyLock;

use multiversion::multiversion;

use super::philox::{Blocks, Key, RoundKeys, open_unit};
use super::stream::{self, BLOCK};
use super::{Draw, domain};
use crate::kernel::math::{self, exp_one, ln_one};

/// The signed 53-bit integer of the bits above the lowest eleven.
#[inline(always)]
pub(super) fn signed_mantissa(bits: u64) -> f64 {
    ((bits as i64) >> 11) as f64
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

/// The normal numbers of the blocks from `first` on.
#[multiversion(targets("x86_64+avx+avx2"))]
fn normal_blocks(keys: &RoundKeys, first: u64, out: &mut [[f64; BLOCK]], map: Normal) {
    let ziggurat = &*ZIGGURAT;
    let mut bits = [[0; BLOCK]; 2];
    for (i, out) in out.chunks_mut(bits.len()).enumerate() {
        let block = first.wrapping_add(2 * i as u64);
        let bits = &mut bits[..out.len()];
        stream::map_blocks(keys, map.domain, block, bits, |bits| bits);
        ziggurat.finish(keys, block, bits.as_flattened(), out.as_flattened_mut(), map);
    }
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
            x = signed_mantissa(b) * self.layers[layer].width;
            if x.abs() < self.layers[layer].inner {
                return x;
            }
        }
    }

    /// Turns the bits of consecutive elements into normal numbers.
    #[inline(always)]
    fn finish(&self, keys: &RoundKeys, first_block: u64, bits: &[u64], out: &mut [f64], map: Normal) {
        for (k, (value, &bits)) in out.iter_mut().zip(bits).enumerate() {
            let layer = (bits & 255) as usize;
            let Layer { width, inner } = self.layers[layer];
            let mut z = signed_mantissa(bits) * width;
            if z.abs() >= inner {
                let key = [keys[0][0] as u32, keys[0][1] as u32];
                let element = first_block.wrapping_mul(BLOCK as u64).wrapping_add(k as u64);
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
    let z = signed_mantissa(bits) * width;
    if z.abs() < inner { z } else { ziggurat.retry(layer, z, blocks) }
}

pub(super) fn normal_one(key: Key, element: u64, map: Normal) -> f64 {
    let mut blocks = Blocks::new(key, element, map.retry_domain);
    map.map(standard_normal(stream::word(key, element, map.domain), &mut blocks))
}

impl Draw for Normal {
    type Value = f64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [f64]) {
        let map = *self;
        let one = |key, element| normal_one(key, element, map);
        stream::fill(seed, first, stride, out, one, |keys, block, out| normal_blocks(keys, block, out, map));
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
