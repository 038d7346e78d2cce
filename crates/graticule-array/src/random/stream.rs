//! Bits for those who need 64 an element and nothing else: uniform and normal numbers.
//!
//! The elements of a block of [`BLOCK`] come from [`LANES`] generators xoshiro256++ (Blackman and Vigna, *Scrambled linear
//! pseudorandom number generators*, 2021) side by side, one element of each in turn. The state of every generator is
//! drawn from Philox by its position, so a block depends on nothing but the seed and its place, as an element of Philox
//! does, for a third of the work: a vector of generators needs a few additions and shifts where Philox multiplies.
//! A generator is asked for [`STEPS`] numbers only, from a state of 256 random bits.

use super::philox::{Key, LOW, RoundKeys, join, key, philox, philox_lane, round_keys};

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
    fn new(keys: &RoundKeys, first: u64, domain: u32) -> Self {
        let mut words = [[0; N]; 4];
        for lane in 0..N {
            let position = first_position(first).wrapping_add(2 * lane as u64);
            let [a, b] = philox_lane([position, position + 1], position >> 32, domain, keys);
            words[0][lane] = join(a[0], a[1]);
            words[1][lane] = join(a[2], a[3]);
            words[2][lane] = join(b[0], b[1]);
            words[3][lane] = join(b[2], b[3]);
        }
        Self(words)
    }

    /// The next number of each.
    #[inline(always)]
    fn next(&mut self) -> [u64; N] {
        let Self([s0, s1, s2, s3]) = self;
        let mut out = [0; N];
        for i in 0..N {
            out[i] = s0[i].wrapping_add(s3[i]).rotate_left(23).wrapping_add(s0[i]);
            let t = s1[i] << 17;
            s2[i] ^= s0[i];
            s3[i] ^= s1[i];
            s1[i] ^= s2[i];
            s0[i] ^= s3[i];
            s2[i] ^= t;
            s3[i] = s3[i].rotate_left(45);
        }
        out
    }
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
    let mut block = [[T::default(); BLOCK]];
    if stride.unsigned_abs() == 1 && out.len() > 1 {
        // Backward is forward, turned round.
        let first = if stride == 1 { first } else { first.wrapping_sub(out.len() as u64 - 1) };
        let place = (first & PLACE) as usize;
        let (head, rest) = out.split_at_mut(if place == 0 { 0 } else { out.len().min(BLOCK - place) });
        if !head.is_empty() {
            blocks(&keys, block_of(first), &mut block);
            head.copy_from_slice(&block[0][place..place + head.len()]);
        }
        let next = block_of(first.wrapping_add(head.len() as u64));
        let (body, tail) = rest.as_chunks_mut::<BLOCK>();
        blocks(&keys, next, body);
        if !tail.is_empty() {
            blocks(&keys, next.wrapping_add(body.len() as u64), &mut block);
            tail.copy_from_slice(&block[0][..tail.len()]);
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
                blocks(&keys, block_of(element), &mut block);
                present = Some(block_of(element));
            }
            *value = block[0][(element & PLACE) as usize];
        } else {
            *value = one(key, element);
        }
        element = element.wrapping_add_signed(stride);
    }
}
