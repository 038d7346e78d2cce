//! Bits: the blocks of the Philox4x32-10 generator, and which of them belong to an element.
//!
//! The four words of a counter are the two halves of a position, the number of an attempt and a domain. Of
//! attempt 0 there are two layouts. Where 64 bits are enough, a block serves the two neighbouring elements of its
//! position ([`map_words`]); where 128 are needed, every element has a block ([`map_blocks`]). Further attempts
//! always are blocks of the element alone ([`Blocks`]).

use multiversion::multiversion;

const M0: u64 = 0xd251_1f53;
const M1: u64 = 0xcd9e_8d57;
const W0: u32 = 0x9e37_79b9;
const W1: u32 = 0xbb67_ae85;
pub(super) const LOW: u64 = 0xffff_ffff;

/// Blocks between the two that are computed with their rounds interleaved, which hides the latency of the
/// multiplications.
const HALF: usize = 64;
/// Blocks, hence pairs of elements, in a batch.
const BATCH: usize = 2 * HALF;

pub(super) type Key = [u32; 2];

pub(super) fn key(seed: u64) -> Key {
    [seed as u32, (seed >> 32) as u32]
}

/// The Philox4x32-10 block of a counter.
pub(super) fn philox(mut c: [u32; 4], mut key: Key) -> [u32; 4] {
    for _ in 0..10 {
        let p0 = M0 * u64::from(c[0]);
        let p1 = M1 * u64::from(c[2]);
        c = [(p1 >> 32) as u32 ^ c[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ key[1], p0 as u32];
        key = [key[0].wrapping_add(W0), key[1].wrapping_add(W1)];
    }
    c
}

/// The ten round keys of a key, in the low halves.
pub(super) type RoundKeys = [[u64; 2]; 10];

pub(super) fn round_keys(key: Key) -> RoundKeys {
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
pub(super) fn philox_lane<const N: usize>(
    low: [u64; N],
    high: u64,
    domain: u32,
    keys: &RoundKeys,
) -> [[u64; 4]; N] {
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

/// A number strictly between 0 and 1 from the upper 52 bits.
pub(super) fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}

/// The 64 bits of one element as two words.
fn words(key: Key, element: u64, domain: u32) -> [u64; 2] {
    let block = element >> 1;
    let [a0, a1, b0, b1] = philox([block as u32, (block >> 32) as u32, 0, domain], key);
    (if element & 1 == 0 { [a0, a1] } else { [b0, b1] }).map(u64::from)
}

/// The numbers of the 64-bit words of two lanes, whose high halves are arbitrary.
#[inline(always)]
pub(super) fn join(lo: u64, hi: u64) -> u64 {
    (hi << 32) | (lo & LOW)
}

/// A number of `[0, 1)`, a multiple of 2^-53, from the upper bits.
pub(super) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// The blocks that only one element draws from, numbered from 1.
pub(super) struct Blocks {
    key: Key,
    element: u64,
    domain: u32,
    attempt: u32,
}

impl Blocks {
    pub(super) fn new(key: Key, element: u64, domain: u32) -> Self {
        Self { key, element, domain, attempt: 0 }
    }

    /// The 128 bits of the next block.
    pub(super) fn next(&mut self) -> [u64; 2] {
        self.attempt = self.attempt.wrapping_add(1);
        let counter = [self.element as u32, (self.element >> 32) as u32, self.attempt, self.domain];
        let [a0, a1, b0, b1] = philox(counter, self.key).map(u64::from);
        [join(a0, a1), join(b0, b1)]
    }
}

/// Calls `run` for parts of `out`, which belongs to the blocks from `first` on, such that the blocks of a part share
/// their upper 32 bits.
#[inline(always)]
fn runs<T>(first: u64, mut out: &mut [T], run: impl Fn(u64, &mut [T])) {
    let mut block = first;
    while !out.is_empty() {
        let until_carry = (1 << 32) - (block & LOW);
        let (part, rest) = out.split_at_mut(out.len().min(until_carry as usize));
        run(block, part);
        block = block.wrapping_add(part.len() as u64);
        out = rest;
    }
}

/// Splits a fill of consecutive elements into runs of pairs whose blocks share their upper 32 bits, and at
/// most one half of a pair at either end.
#[inline(always)]
fn fill<T>(first: u64, mut out: &mut [T], one: impl Fn(u64) -> T, pairs: impl Fn(u64, &mut [[T; 2]])) {
    let mut block = first >> 1;
    if first & 1 == 1
        && let Some((head, rest)) = std::mem::take(&mut out).split_first_mut()
    {
        *head = one(first);
        block = block.wrapping_add(1);
        out = rest;
    }
    let (body, tail) = out.as_chunks_mut::<2>();
    if let [last] = tail {
        *last = one(block.wrapping_add(body.len() as u64).wrapping_mul(2));
    }
    runs(block, body, pairs);
}

/// A fill of any stride. Backward ones are filled forward and turned round.
#[inline(always)]
fn fill_strided<T>(
    first: u64,
    stride: i64,
    out: &mut [T],
    one: impl Fn(u64) -> T,
    contiguous: impl Fn(u64, &mut [T]),
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

/// The bits of consecutive blocks that share their upper 32 bits.
#[multiversion(targets("x86_64+avx+avx2"))]
fn block_bits(keys: &RoundKeys, first_block: u64, domain: u32, out: &mut [[u64; 2]]) {
    let (batches, rest) = out.as_chunks_mut::<BATCH>();
    let high = first_block >> 32;
    let mut first = first_block;
    for bits in batches {
        for i in 0..HALF {
            let block = first.wrapping_add(i as u64);
            let [a, b] = philox_lane([block, block.wrapping_add(HALF as u64)], high, domain, keys);
            bits[i] = [join(a[0], a[1]), join(a[2], a[3])];
            bits[i + HALF] = [join(b[0], b[1]), join(b[2], b[3])];
        }
        first = first.wrapping_add(BATCH as u64);
    }
    for (i, bits) in rest.iter_mut().enumerate() {
        let [[a0, a1, b0, b1]] = philox_lane([first.wrapping_add(i as u64)], high, domain, keys);
        *bits = [join(a0, a1), join(b0, b1)];
    }
}

/// Elements whose bits are drawn together, before any is turned into a number.
pub(super) const PIECE: usize = 2 * BATCH;

/// Calls `fill` for parts of at most [`PIECE`] elements, with the first element of each.
#[inline(always)]
pub(super) fn pieces<T>(first: u64, stride: i64, out: &mut [T], mut fill: impl FnMut(u64, &mut [T])) {
    let mut first = first;
    for piece in out.chunks_mut(PIECE) {
        fill(first, piece);
        first = first.wrapping_add_signed(stride.wrapping_mul(piece.len() as i64));
    }
}

/// Sets every element to `map(element, bits)` of its 64 bits.
#[inline(always)]
pub(super) fn map_words<T>(
    seed: u64,
    domain: u32,
    first: u64,
    stride: i64,
    out: &mut [T],
    map: impl Fn(u64, u64) -> T,
) {
    let key = key(seed);
    let keys = round_keys(key);
    let one = |element| {
        let [lo, hi] = words(key, element, domain);
        join(lo, hi)
    };
    let contiguous = |first, bits: &mut [u64]| {
        fill(first, bits, one, |block, pairs| block_bits(&keys, block, domain, pairs));
    };
    let mut bits = [0; PIECE];
    pieces(first, stride, out, |first, piece| {
        let bits = &mut bits[..piece.len()];
        fill_strided(first, stride, bits, one, contiguous);
        let mut element = first;
        for (value, &bits) in piece.iter_mut().zip(&*bits) {
            *value = map(element, bits);
            element = element.wrapping_add_signed(stride);
        }
    });
}

/// Sets every element to `map(bits, blocks)` of the 128 bits of its own first block, and the blocks after it.
#[inline(always)]
pub(super) fn map_blocks<T>(
    seed: u64,
    domain: u32,
    first: u64,
    stride: i64,
    out: &mut [T],
    map: impl Fn([u64; 2], &mut Blocks) -> T,
) {
    let key = key(seed);
    let keys = round_keys(key);
    let contiguous = |first, bits: &mut [[u64; 2]]| {
        runs(first, bits, |block, bits| block_bits(&keys, block, domain, bits));
    };
    let one = |element| {
        let mut bits = [[0; 2]];
        contiguous(element, &mut bits);
        bits[0]
    };
    let mut bits = [[0; 2]; PIECE];
    pieces(first, stride, out, |first, piece| {
        let bits = &mut bits[..piece.len()];
        fill_strided(first, stride, bits, one, contiguous);
        let mut element = first;
        for (value, &bits) in piece.iter_mut().zip(&*bits) {
            *value = map(bits, &mut Blocks::new(key, element, domain));
            element = element.wrapping_add_signed(stride);
        }
    });
}
