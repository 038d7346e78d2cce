//! Integers of a range, each equally likely.

use super::philox::{Blocks, key, map_words};
use super::{Draw, domain};

/// The integers from `low` to `high`, both included.
///
/// A product of 64 bits and the number of integers, whose upper half is the result, would favour some of them. As in
/// Lemire, *Fast random integer generation in an interval*, 2019, the products that do are drawn again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Integers {
    low: i64,
    /// How many integers there are; 0 stands for all 2^64.
    count: u64,
    /// Products whose lower half is below this are drawn again.
    threshold: u64,
}

impl Integers {
    pub(crate) fn new(low: i64, high: i64) -> Self {
        let count = (high.wrapping_sub(low) as u64).wrapping_add(1);
        // 2^64 modulo the count.
        let threshold = count.wrapping_neg().checked_rem(count).unwrap_or(0);
        Self { low, count, threshold }
    }

    #[inline(always)]
    fn accept(&self, bits: u64) -> Option<i64> {
        let product = u128::from(bits) * u128::from(self.count);
        let offset = (product >> 64) as i64;
        (product as u64 >= self.threshold).then(|| self.low.wrapping_add(offset))
    }

    /// An integer from the blocks of an element alone.
    #[inline(never)]
    pub(super) fn draw(&self, blocks: &mut Blocks) -> i64 {
        loop {
            let [a, b] = blocks.next();
            if let Some(integer) = self.accept(a).or_else(|| self.accept(b)) {
                return integer;
            }
        }
    }
}

impl Draw for Integers {
    type Value = i64;

    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [i64]) {
        let domain = domain::INTEGERS;
        if self.count == 0 {
            return map_words(seed, domain, first, stride, out, |_, bits| bits as i64);
        }
        let key = key(seed);
        map_words(seed, domain, first, stride, out, |element, bits| {
            self.accept(bits).unwrap_or_else(|| self.draw(&mut Blocks::new(key, element, domain)))
        });
    }
}
