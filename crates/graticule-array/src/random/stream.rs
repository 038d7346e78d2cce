//! Bits for those who need 64 an element and nothing else: uniform and normal numbers.
//!
//! The elements of a block of [`BLOCK`] come from [`LANES`] generators xoshiro256++ (Blackman and Vigna, *Scrambled linear
//! pseudorandom number generators*, 2021) side by side, one element of each in turn. The state of every generator is
//! drawn from Philox by its position, so a block depends on nothing but the seed and its place, as an element of Philox
//! does, for a third of the work: a vector of generators needs a few additions and shifts where Philox multiplies.
//! A generator is asked for [`STEPS`] numbers only, from a state of 256 random bits.

use super::philox::{Key, RoundKeys, join, key, philox, philox_lane, round_keys};

const LANES: usize = 4;
const STEPS: usize = 32;
/// Elements that are drawn together.
pub(super) const BLOCK: usize = LANES * STEPS;
/// The bits of an element's number that are its place in a block.
const PLACE: u64 = BLOCK as u64 - 1;
/// A larger stride than this meets too few elements of a block to make it worth its while.
const LARGE_STRIDE: u64 = 16;

/// `N` generators side by side: the four words of each.
struct Generators<const N: usize>([[u64; N]; 4]);

impl<const N: usize> Generators<N> {
    /// The generators of the blocks from `first` on.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "vectors are written as loops over lanes")]
    fn new(keys: &RoundKeys, first: u64, domain: u32) -> Self {
        let mut halves = [[[0; 4]; N]; 2];
        let position = |lane: usize| first_position(first).wrapping_add(2 * lane as u64);
        for lane in 0..N {
            let position = position(lane);
            let [a, b] = philox_lane([position, position + 1], position >> 32, domain, keys);
            halves[0][lane] = a;
            halves[1][lane] = b;
        }
        let mut words = [[0; N]; 4];
        for lane in 0..N {
            for (half, of_lanes) in halves.iter().enumerate() {
                let [a, b, c, d] = of_lanes[lane];
                words[2 * half][lane] = join(a, b);
                words[2 * half + 1][lane] = join(c, d);
            }
        }
        Self(words)
    }

    /// The next number of each.
    #[inline(always)]
    fn next(&mut self) -> [u64; N] {
        let Self([s0, s1, s2, s3]) = *self;
        // One operation for all lanes before the next one: so it becomes one instruction.
        let sum = lanes(s0, s3, u64::wrapping_add);
        let out = lanes(sum, s0, |sum, s0| sum.rotate_left(23).wrapping_add(s0));
        let t = s1.map(|s1| s1 << 17);
        let s2 = lanes(s2, s0, |a, b| a ^ b);
        let s3 = lanes(s3, s1, |a, b| a ^ b);
        let s1 = lanes(s1, s2, |a, b| a ^ b);
        let s0 = lanes(s0, s3, |a, b| a ^ b);
        let s2 = lanes(s2, t, |a, b| a ^ b);
        *self = Self([s0, s1, s2, s3.map(|s3| s3.rotate_left(45))]);
        out
    }
}

/// An operation on each lane.
#[inline(always)]
fn lanes<const N: usize>(a: [u64; N], b: [u64; N], f: impl Fn(u64, u64) -> u64) -> [u64; N] {
    let mut out = a;
    for i in 0..N {
        out[i] = f(a[i], b[i]);
    }
    out
}

/// The number of the Philox block that the first generator of a block begins with.
#[inline(always)]
fn first_position(block: u64) -> u64 {
    block.wrapping_mul(2 * LANES as u64)
}

/// The 64 bits of one element.
pub(super) fn word(key: Key, element: u64, domain: u32) -> u64 {
    let place = element & PLACE;
    let position = first_position(element >> PLACE.count_ones()).wrapping_add(2 * (place % LANES as u64));
    let half = |position: u64| {
        let [a, b, c, d] = philox([position as u32, (position >> 32) as u32, 0, domain], key).map(u64::from);
        [join(a, b), join(c, d)]
    };
    let ([a, b], [c, d]) = (half(position), half(position + 1));
    let mut generator = Generators([[a], [b], [c], [d]]);
    for _ in 0..place / LANES as u64 {
        generator.next();
    }
    let [bits] = generator.next();
    bits
}

/// Sets the elements of the blocks from `first` on to `map(bits)`. To be called from a function that is compiled for the
/// vectors of the machine.
#[inline(always)]
pub(super) fn map_blocks<T>(
    keys: &RoundKeys,
    domain: u32,
    first: u64,
    out: &mut [[T; BLOCK]],
    map: impl Fn(u64) -> T,
) {
    let mut block = first;
    // Two blocks at once: the steps of one generator have to wait for each other.
    let (pairs, rest) = out.as_chunks_mut::<2>();
    for [a, b] in pairs {
        let mut generators = Generators::<{ 2 * LANES }>::new(keys, block, domain);
        for (a, b) in a.as_chunks_mut::<LANES>().0.iter_mut().zip(b.as_chunks_mut::<LANES>().0) {
            let bits = generators.next();
            for i in 0..LANES {
                a[i] = map(bits[i]);
            }
            for i in 0..LANES {
                b[i] = map(bits[i + LANES]);
            }
        }
        block = block.wrapping_add(2);
    }
    for a in rest {
        let mut generators = Generators::<LANES>::new(keys, block, domain);
        for a in a.as_chunks_mut::<LANES>().0 {
            let bits = generators.next();
            for i in 0..LANES {
                a[i] = map(bits[i]);
            }
        }
    }
}

/// Sets `out[k]` to the number of element `first + k * stride`. `one` gives the number of an element, `blocks` those of
/// the blocks from a given one on.
#[inline(always)]
pub(super) fn fill<T: Copy + Default>(
    seed: u64,
    first: u64,
    stride: i64,
    out: &mut [T],
    one: impl Fn(Key, u64) -> T,
    blocks: impl Fn(&RoundKeys, u64, &mut [[T; BLOCK]]),
) {
    let key = key(seed);
    let keys = round_keys(key);
    let block_of = |element: u64| element >> PLACE.count_ones();
    // Two blocks of which not all is wanted.
    let mut pair = [[T::default(); BLOCK]; 2];
    if stride.unsigned_abs() == 1 && out.len() > 1 {
        // Backward is forward, turned round.
        let mut element = if stride == 1 { first } else { first.wrapping_sub(out.len() as u64 - 1) };
        let mut rest = &mut *out;
        while !rest.is_empty() {
            let place = (element & PLACE) as usize;
            let whole = if place == 0 { rest.len() / (2 * BLOCK) * (2 * BLOCK) } else { 0 };
            let len = if whole > 0 { whole } else { rest.len().min(2 * BLOCK - place) };
            let (part, after) = rest.split_at_mut(len);
            if whole > 0 {
                blocks(&keys, block_of(element), part.as_chunks_mut().0);
            } else {
                let count = (place + len).div_ceil(BLOCK);
                blocks(&keys, block_of(element), &mut pair[..count]);
                part.copy_from_slice(&pair.as_flattened()[place..place + len]);
            }
            element = element.wrapping_add(len as u64);
            rest = after;
        }
        if stride == -1 {
            out.reverse();
        }
        return;
    }
    let by_block = stride.unsigned_abs() <= LARGE_STRIDE && out.len() > 1;
    let (mut element, mut present) = (first, None);
    for value in out {
        if by_block {
            if present != Some(block_of(element)) {
                blocks(&keys, block_of(element), &mut pair[..1]);
                present = Some(block_of(element));
            }
            *value = pair[0][(element & PLACE) as usize];
        } else {
            *value = one(key, element);
        }
        element = element.wrapping_add_signed(stride);
    }
}
