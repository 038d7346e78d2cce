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

/// Blocks computed side by side.
const LANES: usize = 8;
/// Elements of [`LANES`] blocks.
const BATCH: usize = 2 * LANES;

type Key = [u32; 2];
type Lanes = [u64; LANES];

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

/// Philox4x32-10 of the counters `[block, attempt 0, domain]`, a lane for each block. A word is in the low
/// half of its lane; the high half is arbitrary, which spares the masks because the multiplications of
/// 32 by 32 bits ignore it.
#[inline(always)]
fn philox_lanes(blocks: Lanes, domain: u32, key: Key) -> [Lanes; 4] {
    let mut c0 = blocks;
    let mut c1 = blocks.map(|b| b >> 32);
    let mut c2 = [0; LANES];
    let mut c3 = [u64::from(domain); LANES];
    let mut k = key;
    for _ in 0..10 {
        let (k0, k1) = (u64::from(k[0]), u64::from(k[1]));
        for l in 0..LANES {
            let p0 = (c0[l] & LOW) * M0;
            let p1 = (c2[l] & LOW) * M1;
            c0[l] = (p1 >> 32) ^ c1[l] ^ k0;
            c1[l] = p1;
            c2[l] = (p0 >> 32) ^ c3[l] ^ k1;
            c3[l] = p0;
        }
        k = [k[0].wrapping_add(W0), k[1].wrapping_add(W1)];
    }
    [c0, c1, c2, c3]
}

/// Maps the two words of an element to its value.
trait Map: Copy {
    const DOMAIN: u32;
    /// The value of 64 bits given as two words in the low halves of `lo` and `hi`.
    fn map(self, lo: u64, hi: u64) -> f64;
}

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

impl Map for Uniform {
    const DOMAIN: u32 = UNIFORM;

    #[inline(always)]
    fn map(self, lo: u64, hi: u64) -> f64 {
        // u = (64 bits >> 11) * 2^-53, exactly: the high word lands in a double with unit 2^-32, the 21 bits
        // of the low word in one with unit 2^-53.
        let high = f64::from_bits((hi & LOW) | ((1023 + 20) << 52)) - (1_048_576.0 + 0.5);
        let low = f64::from_bits(((lo & LOW) >> 11) | ((1023 - 1) << 52));
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
const TAIL: f64 = 3.654_152_885_361_008_8;
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

/// The standard normal of an element whose value `x` in `layer` is not inside the layer above.
#[cold]
#[inline(never)]
fn normal_retry(ziggurat: &Ziggurat, key: Key, element: u64, mut layer: usize, mut x: f64) -> f64 {
    let mut attempt = 0u32;
    let mut draw = || {
        attempt = attempt.wrapping_add(1);
        let [a0, a1, b0, b1] = philox([element as u32, (element >> 32) as u32, attempt, NORMAL_RETRY], key);
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
        let (below, above) = (ziggurat.density[layer], ziggurat.density[layer + 1]);
        if below + open_unit(a) * (above - below) < exp_one(-0.5 * x * x) {
            return x;
        }
        layer = (b & 255) as usize;
        x = signed_mantissa(b, b >> 32) * ziggurat.layers[layer].width;
        if x.abs() < ziggurat.layers[layer].inner {
            return x;
        }
    }
}

/// Where the elements of a fill are: `first + k * stride` for output `k`.
#[inline(always)]
fn element(first: u64, stride: i64, k: usize) -> u64 {
    first.wrapping_add((k as u64).wrapping_mul(stride as u64))
}

/// Hands `emit` the two words of every element of a batch: output `k`, low word, high word.
#[inline(always)]
fn lanes_contiguous(first_block: u64, domain: u32, key: Key) -> [Lanes; 4] {
    philox_lanes(std::array::from_fn(|l| first_block.wrapping_add(l as u64)), domain, key)
}

/// Uniform numbers of consecutive elements, the first of them even, into whole batches.
#[multiversion(targets("x86_64+avx+avx2"))]
fn uniform_batches(key: Key, first_block: u64, out: &mut [f64], map: Uniform) {
    let mut block = first_block;
    for chunk in out.chunks_exact_mut(BATCH) {
        let [c0, c1, c2, c3] = lanes_contiguous(block, UNIFORM, key);
        for l in 0..LANES {
            chunk[2 * l] = map.map(c0[l], c1[l]);
            chunk[2 * l + 1] = map.map(c2[l], c3[l]);
        }
        block = block.wrapping_add(LANES as u64);
    }
}

#[derive(Clone, Copy)]
struct Normal {
    mean: f64,
    std: f64,
}

/// Normal numbers of consecutive elements, the first of them even, into whole batches.
#[multiversion(targets("x86_64+avx+avx2"))]
fn normal_batches(key: Key, first_block: u64, out: &mut [f64], map: Normal) {
    let ziggurat = &*ZIGGURAT;
    let mut block = first_block;
    for chunk in out.chunks_exact_mut(BATCH) {
        let [c0, c1, c2, c3] = lanes_contiguous(block, NORMAL, key);
        let mut layer = [0u64; BATCH];
        for l in 0..LANES {
            chunk[2 * l] = signed_mantissa(c0[l], c1[l]);
            chunk[2 * l + 1] = signed_mantissa(c2[l], c3[l]);
            layer[2 * l] = c0[l];
            layer[2 * l + 1] = c2[l];
        }
        for k in 0..BATCH {
            let index = (layer[k] & 255) as usize;
            let Layer { width, inner } = ziggurat.layers[index];
            let mut x = chunk[k] * width;
            if x.abs() >= inner {
                let element = block.wrapping_mul(2).wrapping_add(k as u64);
                x = normal_retry(ziggurat, key, element, index, x);
            }
            chunk[k] = map.mean + map.std * x;
        }
        block = block.wrapping_add(LANES as u64);
    }
}

/// Splits a contiguous fill into whole batches that start at an even element.
#[inline(always)]
fn fill(first: u64, out: &mut [f64], batches: impl Fn(u64, &mut [f64])) {
    let mut one_batch = |first_block: u64, skip: usize, out: &mut [f64]| {
        let mut batch = [0.0; BATCH];
        batches(first_block, &mut batch);
        out.copy_from_slice(&batch[skip..skip + out.len()]);
    };
    let odd = (first & 1) as usize;
    // An odd start takes a whole batch but its first element.
    let head = if odd == 1 { out.len().min(BATCH - 1) } else { 0 };
    let (head, rest) = out.split_at_mut(head);
    if !head.is_empty() {
        one_batch(first / 2, 1, head);
    }
    let block = if odd == 1 { first / 2 + LANES as u64 } else { first / 2 };
    let whole = rest.len() - rest.len() % BATCH;
    let (body, tail) = rest.split_at_mut(whole);
    if !tail.is_empty() {
        one_batch(block.wrapping_add(whole as u64 / 2), 0, tail);
    }
    batches(block, body);
}

/// A fill of any stride from contiguous ones.
#[inline(always)]
fn strided(first: u64, stride: i64, out: &mut [f64], contiguous: impl Fn(u64, &mut [f64])) {
    match stride {
        1 => contiguous(first, out),
        -1 if !out.is_empty() => {
            contiguous(first.wrapping_sub(out.len() as u64 - 1), out);
            out.reverse();
        }
        _ => {
            for (k, value) in out.iter_mut().enumerate() {
                contiguous(element(first, stride, k), std::slice::from_mut(value));
            }
        }
    }
}

/// Fills `out` with uniform numbers of the half-open interval from `low` to `high`: `out[k]` is the number of
/// element `first + k` in the stream of `seed`.
pub(crate) fn fill_uniform(seed: u64, first: u64, out: &mut [f64], low: f64, high: f64) {
    let map = Uniform::new(low, high);
    fill(first, out, |block, out| uniform_batches(key(seed), block, out, map));
}

/// Like [`fill_uniform`], where `out[k]` is the number of element `first + k * stride`.
pub(crate) fn fill_uniform_strided(seed: u64, first: u64, stride: i64, out: &mut [f64], low: f64, high: f64) {
    strided(first, stride, out, |first, out| fill_uniform(seed, first, out, low, high));
}

/// Fills `out` with normal numbers: `out[k]` is the number of element `first + k` in the stream of `seed`.
pub(crate) fn fill_normal(seed: u64, first: u64, out: &mut [f64], mean: f64, std: f64) {
    let map = Normal { mean, std };
    fill(first, out, |block, out| normal_batches(key(seed), block, out, map));
}

/// Like [`fill_normal`], where `out[k]` is the number of element `first + k * stride`.
pub(crate) fn fill_normal_strided(seed: u64, first: u64, stride: i64, out: &mut [f64], mean: f64, std: f64) {
    strided(first, stride, out, |first, out| fill_normal(seed, first, out, mean, std));
}
