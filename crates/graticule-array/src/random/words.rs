//! The bits of one element as a sequence, for numbers that take as many as they need.

use super::gamma::Gamma;
use super::normal::standard_normal;
use super::philox::{Blocks, map_blocks, open_unit};
use crate::kernel::math::{exp_one, ln_one};

/// The 64-bit words that belong to one element, one after another.
pub(super) struct Words<'a> {
    spare: Option<u64>,
    first: Option<[u64; 2]>,
    blocks: &'a mut Blocks,
}

impl<'a> Words<'a> {
    /// The words of blocks from the next on.
    pub(super) fn of(blocks: &'a mut Blocks) -> Self {
        Self { spare: None, first: None, blocks }
    }

    /// Two words of one block.
    pub(super) fn pair(&mut self) -> [u64; 2] {
        self.first.take().unwrap_or_else(|| self.blocks.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        if let Some(word) = self.spare.take() {
            return word;
        }
        let [word, spare] = self.pair();
        self.spare = Some(spare);
        word
    }

    /// A number strictly between 0 and 1.
    pub(super) fn open_unit(&mut self) -> f64 {
        open_unit(self.next())
    }

    /// A standard normal number.
    pub(super) fn normal(&mut self) -> f64 {
        let word = self.next();
        standard_normal(word, self.blocks)
    }

    /// A gamma number with the scale 1.
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape == 0.0 {
            return 0.0;
        }
        let bits = self.pair();
        let number = Gamma::new(shape, 1.0).one(bits, self.blocks);
        if shape < 1.0 { number * exp_one(ln_one(self.open_unit()) / shape) } else { number }
    }

    /// What `draw` makes of the next block and, as far as it needs them, of those after it.
    pub(super) fn with_blocks<T>(&mut self, draw: impl FnOnce([u64; 2], &mut Blocks) -> T) -> T {
        let bits = self.pair();
        draw(bits, self.blocks)
    }
}

/// Sets every element to what `draw` makes of its words.
#[inline(always)]
pub(super) fn map_each<T>(
    (seed, domain): (u64, u32),
    first: u64,
    stride: i64,
    out: &mut [T],
    draw: impl Fn(&mut Words<'_>) -> T,
) {
    map_blocks(seed, domain, first, stride, out, |bits, blocks| {
        draw(&mut Words { spare: None, first: Some(bits), blocks })
    });
}
