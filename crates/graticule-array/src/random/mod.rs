//! Random numbers keyed by element position.
//!
//! Element `i` of the stream of a seed is a pure function of the seed and `i`, so an array of random numbers
//! has the same values however it is chunked, tiled, sliced or spread over threads.
//!
//! Bits come from Philox4x32-10 (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*,
//! SC'11). An element whose bits are rejected draws further bits from blocks of its own, never from a
//! neighbour's.

mod binomial;
mod choice;
mod exponential;
mod gamma;
mod hypergeometric;
mod integers;
mod noncentral;
mod normal;
mod permutation;
mod philox;
mod poisson;
mod uniform;
mod vonmises;
mod words;
mod zipf;

pub(crate) use binomial::{Binomial, Multinomial, NegativeBinomial};
pub(crate) use choice::Choice;
pub(crate) use exponential::Exponential;
pub(crate) use gamma::Gamma;
pub(crate) use hypergeometric::Hypergeometric;
pub(crate) use integers::Integers;
pub(crate) use noncentral::NoncentralChisquare;
pub(crate) use normal::{LogNormal, Normal};
pub(crate) use permutation::Permutation;
pub(crate) use poisson::Poisson;
pub(crate) use uniform::Uniform;
pub(crate) use vonmises::VonMises;
pub(crate) use zipf::Zipf;

/// A distribution made ready to be drawn from.
pub(crate) trait Draw {
    /// The type of its numbers.
    type Value;

    /// Sets `out[k]` to the number of element `first + k * stride` in the stream of `seed`.
    fn fill(&self, seed: u64, first: u64, stride: i64, out: &mut [Self::Value]);
}

/// The last word of a counter keeps the streams of the distributions apart.
mod domain {
    pub(super) const UNIFORM: u32 = 0;
    pub(super) const NORMAL: u32 = 1;
    pub(super) const NORMAL_RETRY: u32 = 2;
    pub(super) const LOGNORMAL: u32 = 3;
    pub(super) const EXPONENTIAL: u32 = 4;
    pub(super) const GAMMA: u32 = 5;
    pub(super) const GAMMA_BOOST: u32 = 6;
    pub(super) const POISSON: u32 = 7;
    pub(super) const INTEGERS: u32 = 8;
    pub(super) const CHOICE: u32 = 9;
    pub(super) const PERMUTATION: u32 = 10;
    pub(super) const BINOMIAL: u32 = 11;
    pub(super) const NEGATIVE_BINOMIAL: u32 = 12;
    pub(super) const MULTINOMIAL: u32 = 13;
    pub(super) const HYPERGEOMETRIC: u32 = 14;
    pub(super) const VONMISES: u32 = 15;
    pub(super) const ZIPF: u32 = 16;
    pub(super) const NONCENTRAL_CHISQUARE: u32 = 17;
}

#[cfg(test)]
mod tests;
