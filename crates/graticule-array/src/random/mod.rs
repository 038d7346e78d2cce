//! Random numbers keyed by element position.
//!
//! Element `i` of the stream of a seed is a pure function of the seed and `i`, so an array of random numbers
//! has the same values however it is chunked, tiled, sliced or spread over threads.
//!
//! Bits come from Philox4x32-10 (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*,
//! SC'11). One block of the generator gives the 64 bits of two neighbouring elements. Normal numbers use the
//! ziggurat of 256 layers (Marsaglia and Tsang, *The ziggurat method for generating random variables*, 2000),
//! with the layer and the value taken from separate bits (Doornik, *An improved ziggurat method to generate
//! normal random samples*, 2005). An element that the ziggurat rejects draws further bits from blocks of its
//! own, never from a neighbour's.

use std::sync::LazyLock;

use multiversion::multiversion;

use crate::kernel::math::{exp_one, ln_one};

const M0: u64 = 0xd251_1f53;
const M1: u64 = 0xcd9e_8d57;
const W0: u32 = 0x9e37_79b9;
const W1: u32 = 0xbb67_ae85;
const LOW: u64 = 0xffff_ffff;

// The last counter word keeps the streams of the distributions apart.
const UNIFORM: u32 = 0;
const NORMAL: u32 = 1;
const NORMAL_RETRY: u32 = 2;

/// Blocks between the two that are computed with their rounds interleaved, which hides the latency of the
/// multiplications.
const HALF: usize = 64;
/// Blocks, hence pairs of elements, in a batch.
const BATCH: usize = 2 * HALF;

type Key = [u32; 2];

fn key(seed: u64) -> Key {
    [seed as u32, (seed >> 32) as u32]
}

/// The Philox4x32-10 block of a counter.
fn philox(mut c: [u32; 4], mut key: Key) -> [u32; 4] {
    for _ in 0..10 {
        let p0 = M0 * u64::from(c[0]);
        let p1 = M1 * u64::from(c[2]);
        c = [(p1 >> 32) as u32 ^ c[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ key[1], p0 as u32];
        key = [key[0].wrapping_add(W0), key[1].wrapping_add(W1)];
    }
    c
}

/// The ten round keys of a key, in the low halves.
type RoundKeys = [[u64; 2]; 10];

fn round_keys(key: Key) -> RoundKeys {
    std::array::from_fn(|i| {
        let i = i as u32;
        let k0 = key[0].wrapping_add(W0.wrapping_mul(i));
        let k1 = key[1].wrapping_add(W1.wrapping_mul(i));
        [u64::from(k0), u64::from(k1)]
    })
}

/// Philox4x32-10 of `N` counters `[low[n], high, 0, domain]` with their rounds interleaved, in a form that loops
/// over counters can be vectorised with. A word is in the low half of its lane; the high half is arbitrary,
/// which spares the masks because the multiplications of 32 by 32 bits ignore it.
#[inline(always)]
fn philox_lane<const N: usize>(low: [u64; N], high: u64, domain: u32, keys: &RoundKeys) -> [[u64; 4]; N] {
    let mut c = low.map(|low| [low, high, 0, u64::from(domain)]);
    for [k0, k1] in keys {
        for [c0, c1, c2, c3] in &mut c {
            let p0 = (*c0 & LOW) * M0;
            let p1 = (*c2 & LOW) * M1;
            [*c0, *c1, *c2, *c3] = [(p1 >> 32) ^ (*c1 ^ k0), p1, (p0 >> 32) ^ (*c3 ^ k1), p0];
        }
    }
    c
}

/// The map from the 64 bits of an element to a uniform number.
#[derive(Clone, Copy)]
struct Uniform {
    low: f64,
    span: f64,
    cap: f64,
}

impl Uniform {
    fn new(low: f64, high: f64) -> Self {
        // `low + span * u` may round up to `high`, which the interval excludes.
        let cap = if high > low { high.next_down() } else { f64::INFINITY };
        Self { low, span: high - low, cap }
    }
}

impl Uniform {
    /// The number of an element, whose words are in the low halves of `lo` and `hi`. With `UNIT` the interval is
    /// known to be from 0 to 1.
    #[inline(always)]
    fn map<const UNIT: bool>(self, lo: u64, hi: u64) -> f64 {
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

/// The first stage of a normal: the signed 53-bit integer of the bits above the lowest eleven.
#[inline(always)]
fn signed_mantissa(lo: u64, hi: u64) -> f64 {
    let high = f64::from_bits(((hi & LOW) ^ 0x8000_0000) | ((1023 + 73) << 52))
        - (9_444_732_965_739_290_427_392.0 + 9_007_199_254_740_992.0);
    let low = f64::from_bits(((lo & LOW) >> 11) | ((1023 + 52) << 52));
    high + low
}

/// A layer of the ziggurat: the 53-bit integers `m` span it as `m * width`, and values of magnitude below
/// `inner` lie inside the layer above as well, hence under the curve.
#[derive(Clone, Copy)]
struct Layer {
    width: f64,
    inner: f64,
}

struct Ziggurat {
    layers: [Layer; 256],
    /// `exp(-x²/2)` at the outer edge of a layer, and 1 at the top.
    density: [f64; 257],
}

/// Where the tail starts, and the area of a layer.
const TAIL: f64 = 3.654_152_885_361_009;
const AREA: f64 = 0.004_928_673_233_974_655;

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
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

/// A number strictly between 0 and 1 from the upper 52 bits.
fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}

/// Calls `emit(i, words)` for every `i` of a batch with the words of block `first_block + i`.
#[inline(always)]
fn batch(keys: &RoundKeys, first_block: u64, high: u64, domain: u32, mut emit: impl FnMut(usize, [u64; 4])) {
    for i in 0..HALF {
        let block = first_block.wrapping_add(i as u64);
        let [a, b] = philox_lane([block, block.wrapping_add(HALF as u64)], high, domain, keys);
        emit(i, a);
        emit(i + HALF, b);
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
        batch(keys, first, high, UNIFORM, |i, [a0, a1, b0, b1]| {
            pairs[i] = [map.map::<UNIT>(a0, a1), map.map::<UNIT>(b0, b1)]
        });
        first = first.wrapping_add(BATCH as u64);
    }
    for (i, pair) in rest.iter_mut().enumerate() {
        let [[a0, a1, b0, b1]] = philox_lane([first.wrapping_add(i as u64)], high, UNIFORM, keys);
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

/// The map from a standard normal number to a normal number.
#[derive(Clone, Copy)]
struct Normal {
    mean: f64,
    std: f64,
}

impl Normal {
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
        batch(keys, first, high, NORMAL, |i, [a0, a1, b0, b1]| {
            pairs[i] = [signed_mantissa(a0, a1), signed_mantissa(b0, b1)];
            layers[i] = [a0, b0];
        });
        ziggurat.finish(keys, first, pairs, &layers, map);
        first = first.wrapping_add(BATCH as u64);
    }
    for (i, (pair, layers)) in rest.iter_mut().zip(&mut layers).enumerate() {
        let [[a0, a1, b0, b1]] = philox_lane([first.wrapping_add(i as u64)], high, NORMAL, keys);
        *pair = [signed_mantissa(a0, a1), signed_mantissa(b0, b1)];
        *layers = [a0, b0];
    }
    ziggurat.finish(keys, first, rest, &layers, map);
}

impl Ziggurat {
    /// The standard normal of an element whose value `x` in `layer` is not inside the layer above.
    #[cold]
    #[inline(never)]
    fn retry(&self, key: Key, element: u64, mut layer: usize, mut x: f64) -> f64 {
        let mut attempt = 0u32;
        let mut draw = || {
            attempt = attempt.wrapping_add(1);
            let [a0, a1, b0, b1] =
                philox([element as u32, (element >> 32) as u32, attempt, NORMAL_RETRY], key);
            (u64::from(a1) << 32 | u64::from(a0), u64::from(b1) << 32 | u64::from(b0))
        };
        loop {
            let (a, b) = draw();
            if layer == 0 {
                // Marsaglia's tail: an exponential proposal beyond the start of the tail.
                let (mut a, mut b) = (a, b);
                loop {
                    let t = -ln_one(open_unit(a)) / TAIL;
                    if -2.0 * ln_one(open_unit(b)) > t * t {
                        return (TAIL + t).copysign(x);
                    }
                    (a, b) = draw();
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
                z = self.retry(key, first_block.wrapping_mul(2).wrapping_add(k as u64), layer, z);
            }
            *value = map.map(z);
        }
    }
}

/// The 64 bits of one element as two words.
fn words(key: Key, element: u64, domain: u32) -> [u64; 2] {
    let block = element >> 1;
    let [a0, a1, b0, b1] = philox([block as u32, (block >> 32) as u32, 0, domain], key);
    (if element & 1 == 0 { [a0, a1] } else { [b0, b1] }).map(u64::from)
}

fn uniform_one(key: Key, element: u64, map: Uniform) -> f64 {
    let [lo, hi] = words(key, element, UNIFORM);
    map.map::<false>(lo, hi)
}

fn normal_one(key: Key, element: u64, map: Normal) -> f64 {
    let ziggurat = &*ZIGGURAT;
    let [lo, hi] = words(key, element, NORMAL);
    let layer = (lo & 255) as usize;
    let z = signed_mantissa(lo, hi) * ziggurat.layers[layer].width;
    if z.abs() < ziggurat.layers[layer].inner {
        map.map(z)
    } else {
        map.map(ziggurat.retry(key, element, layer, z))
    }
}

/// Splits a fill of consecutive elements into runs of pairs whose blocks share their upper 32 bits, and at
/// most one half of a pair at either end.
#[inline(always)]
fn fill(first: u64, mut out: &mut [f64], one: impl Fn(u64) -> f64, pairs: impl Fn(u64, &mut [[f64; 2]])) {
    let mut block = first >> 1;
    if first & 1 == 1
        && let Some((head, rest)) = std::mem::take(&mut out).split_first_mut()
    {
        *head = one(first);
        block = block.wrapping_add(1);
        out = rest;
    }
    let (mut body, tail) = out.as_chunks_mut::<2>();
    if let [last] = tail {
        *last = one(block.wrapping_add(body.len() as u64).wrapping_mul(2));
    }
    while !body.is_empty() {
        let until_carry = (1 << 32) - (block & LOW);
        let (run, rest) = body.split_at_mut(body.len().min(until_carry as usize));
        pairs(block, run);
        block = block.wrapping_add(run.len() as u64);
        body = rest;
    }
}

/// A fill of any stride. Backward ones are filled forward and turned round.
#[inline(always)]
fn fill_strided(
    first: u64,
    stride: i64,
    out: &mut [f64],
    one: impl Fn(u64) -> f64,
    contiguous: impl Fn(u64, &mut [f64]),
) {
    match stride {
        1 => contiguous(first, out),
        -1 if !out.is_empty() => {
            contiguous(first.wrapping_sub(out.len() as u64 - 1), out);
            out.reverse();
        }
        _ => {
            let mut element = first;
            for value in out {
                *value = one(element);
                element = element.wrapping_add_signed(stride);
            }
        }
    }
}

/// Fills `out` with uniform numbers of the interval from `low` up to but not including `high`: `out[k]` is the
/// number of element `first + k` in the stream of `seed`.
pub(crate) fn fill_uniform(seed: u64, first: u64, out: &mut [f64], low: f64, high: f64) {
    let (key, map) = (key(seed), Uniform::new(low, high));
    let keys = round_keys(key);
    fill(
        first,
        out,
        |element| uniform_one(key, element, map),
        |block, pairs| uniform_pairs(&keys, block, pairs, map),
    );
}

/// Like [`fill_uniform`], where `out[k]` is the number of element `first + k * stride`.
pub(crate) fn fill_uniform_strided(seed: u64, first: u64, stride: i64, out: &mut [f64], low: f64, high: f64) {
    let (key, map) = (key(seed), Uniform::new(low, high));
    fill_strided(
        first,
        stride,
        out,
        |element| uniform_one(key, element, map),
        |first, out| fill_uniform(seed, first, out, low, high),
    );
}

/// Fills `out` with normal numbers: `out[k]` is the number of element `first + k` in the stream of `seed`.
pub(crate) fn fill_normal(seed: u64, first: u64, out: &mut [f64], mean: f64, std: f64) {
    let (key, map) = (key(seed), Normal { mean, std });
    let keys = round_keys(key);
    fill(
        first,
        out,
        |element| normal_one(key, element, map),
        |block, pairs| normal_pairs(&keys, block, pairs, map),
    );
}

/// Like [`fill_normal`], where `out[k]` is the number of element `first + k * stride`.
pub(crate) fn fill_normal_strided(seed: u64, first: u64, stride: i64, out: &mut [f64], mean: f64, std: f64) {
    let (key, map) = (key(seed), Normal { mean, std });
    fill_strided(
        first,
        stride,
        out,
        |element| normal_one(key, element, map),
        |first, out| fill_normal(seed, first, out, mean, std),
    );
}

#[cfg(test)]
mod tests;
