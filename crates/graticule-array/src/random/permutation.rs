//! Permutations of `0..n`, computed element by element.

use super::integers::Integers;
use super::philox::{Blocks, Key, PIECE, key, philox, pieces};
use super::{Draw, domain};

/// Up to this length a permutation is a table.
const TABLE: u64 = 1024;

/// A random permutation of `0..n` for each seed: number `i` is where it takes `i`, and its first numbers are a choice
/// without replacement. Only positions below `n` may be asked for.
///
/// Short ones are shuffled (Fisher and Yates), so that all are equally likely. Of long ones every element is computed
/// by itself, by a cipher: see [`Feistel`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    n: u64,
}

impl Permutation {
    pub(crate) fn new(n: u64) -> Self {
        Self { n }
    }
}

impl Draw for Permutation {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        if self.n > TABLE {
            let cipher = Feistel::new(self.n, key(seed));
            return pieces(first, stride, out, |first, piece| cipher.fill(first, stride, piece));
        }
        let table = shuffled(self.n, key(seed));
        let mut element = first;
        for value in out {
            // Of an empty permutation there is no element.
            *value = table.get(element as usize).copied().unwrap_or(0);
            element = element.wrapping_add_signed(stride);
        }
    }
}

/// `0..n` shuffled.
fn shuffled(n: u64, key: Key) -> Vec<i64> {
    let mut table: Vec<i64> = (0..n as i64).collect();
    for i in (1..table.len()).rev() {
        let mut blocks = Blocks::new(key, i as u64, domain::PERMUTATION);
        let j = Integers::new(0, i as i64).draw(&mut blocks);
        table.swap(i, j as usize);
    }
    table
}

/// Rounds in pairs. Deviations from a uniform distribution of a few elements fall by a factor of the order of the
/// size of a half with each pair.
const PAIRS: usize = 6;

/// Elements that are enciphered together, which hides the latency of the multiplications.
const TOGETHER: usize = 8;

/// A bijection of `0..n`: a Feistel network on the numbers of as many bits as `n - 1` has, applied again while the
/// result is not below `n` ("cycle walking"; Black and Rogaway, *Ciphers with arbitrary finite domains*, 2002).
///
/// The two parts of a number differ by at most one bit and take turns: one is changed by a hash of the other.
struct Feistel {
    n: u64,
    low_bits: u32,
    low_mask: u64,
    high_mask: u64,
    keys: [[u64; 2]; PAIRS],
    /// Whether 0 and 1 are exchanged first. The rounds are even permutations, half of all that there are.
    exchange: u64,
}

impl Feistel {
    fn new(n: u64, key: Key) -> Self {
        let bits = u64::BITS - n.saturating_sub(1).leading_zeros();
        let low_bits = bits.div_ceil(2);
        let mask = |bits: u32| (1u64 << bits) - 1;
        let block = |i: usize| {
            let [a0, a1, b0, b1] = philox([i as u32, 0, 0, domain::PERMUTATION], key).map(u64::from);
            [a1 << 32 | a0, b1 << 32 | b0]
        };
        Self {
            n,
            low_bits,
            low_mask: mask(low_bits),
            high_mask: mask(bits - low_bits),
            keys: std::array::from_fn(block),
            exchange: block(PAIRS)[0] & u64::from(n > 1),
        }
    }

    /// The network on some numbers, a round of all before the next.
    #[inline(always)]
    fn encipher<const N: usize>(&self, numbers: [u64; N]) -> [u64; N] {
        let mut parts = numbers.map(|x| {
            let x = x ^ (self.exchange & u64::from(x < 2));
            [x >> self.low_bits, x & self.low_mask]
        });
        for [for_high, for_low] in self.keys {
            for [high, low] in &mut parts {
                *high ^= mix(*low ^ for_high) & self.high_mask;
            }
            for [high, low] in &mut parts {
                *low ^= mix(*high ^ for_low) & self.low_mask;
            }
        }
        parts.map(|[high, low]| high << self.low_bits | low)
    }

    /// Enciphers a piece; those that are not below `n` yet go round again, together.
    fn fill(&self, first: u64, stride: i64, out: &mut [i64]) {
        let mut numbers = [0; PIECE];
        let mut places = [0; PIECE];
        let mut element = first;
        for (i, (number, place)) in numbers.iter_mut().zip(&mut places).take(out.len()).enumerate() {
            (*number, *place) = (element, i);
            element = element.wrapping_add_signed(stride);
        }
        let mut count = out.len();
        while count > 0 {
            let (groups, rest) = numbers[..count].as_chunks_mut::<TOGETHER>();
            for group in groups {
                *group = self.encipher(*group);
            }
            for number in rest {
                [*number] = self.encipher([*number]);
            }
            let mut waiting = 0;
            for i in 0..count {
                if numbers[i] < self.n {
                    out[places[i]] = numbers[i] as i64;
                } else {
                    (numbers[waiting], places[waiting]) = (numbers[i], places[i]);
                    waiting += 1;
                }
            }
            count = waiting;
        }
    }
}

/// A hash of 64 bits: the variant 13 of Stafford, as in SplitMix64 (Steele, Lea and Flood, *Fast splittable
/// pseudorandom number generators*, 2014).
#[inline(always)]
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
pub(super) fn feistel(n: u64, seed: u64) -> Vec<i64> {
    let mut out = vec![-1; n as usize];
    let cipher = Feistel::new(n, key(seed));
    pieces(0, 1, &mut out, |first, piece| cipher.fill(first, 1, piece));
    out
}
