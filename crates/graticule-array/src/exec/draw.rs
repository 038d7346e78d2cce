//! Tiles of random numbers.

use crate::expr::Distribution;
use crate::kernel::lane::{Access, Lane};
use crate::random::{
    Binomial, Choice, Draw, Exponential, Gamma, Hypergeometric, Integers, LogNormal, Multinomial,
    NegativeBinomial, NoncentralChisquare, Normal, Permutation, Poisson, Uniform, VonMises, Zipf,
};

/// Fills a tile with the numbers of the positions that `access` walks through.
pub(super) fn draw(distribution: &Distribution, seed: u64, access: &Access, dims: &[usize], lane: &mut Lane) {
    let tile = Tile { seed, access, dims, lane };
    match distribution {
        Distribution::Uniform { low, high } => tile.fill(&Uniform::new(low.get(), high.get())),
        Distribution::Normal { mean, std } => tile.fill(&Normal::new(mean.get(), std.get())),
        Distribution::LogNormal { mean, std } => tile.fill(&LogNormal::new(mean.get(), std.get())),
        Distribution::Exponential { scale } => tile.fill(&Exponential::new(scale.get())),
        Distribution::Gamma { shape, scale } => tile.fill(&Gamma::new(shape.get(), scale.get())),
        Distribution::Poisson { lam } => tile.fill(&Poisson::new(lam.get())),
        Distribution::Integers { low, high } => tile.fill(&Integers::new(*low, *high)),
        Distribution::Choice { cumulative } => tile.fill(&Choice::new(cumulative)),
        Distribution::Permutation { n } => tile.fill(&Permutation::new(*n)),
        Distribution::Binomial { n, p } => tile.fill(&Binomial::new(*n, p.get())),
        Distribution::NegativeBinomial { n, p } => tile.fill(&NegativeBinomial::new(n.get(), p.get())),
        Distribution::Multinomial { n, p } => tile.fill(&Multinomial::new(*n, p)),
        Distribution::Hypergeometric { good, bad, sample } => {
            tile.fill(&Hypergeometric::new(*good, *bad, *sample));
        }
        Distribution::VonMises { mu, kappa } => tile.fill(&VonMises::new(mu.get(), kappa.get())),
        Distribution::Zipf { a } => tile.fill(&Zipf::new(a.get())),
        Distribution::NoncentralChisquare { df, nonc } => {
            tile.fill(&NoncentralChisquare::new(df.get(), nonc.get()));
        }
    }
}

struct Tile<'a> {
    seed: u64,
    access: &'a Access,
    dims: &'a [usize],
    lane: &'a mut Lane,
}

impl Tile<'_> {
    fn fill<D: Draw<Value: Number>>(self, distribution: &D) {
        let Some(to) = D::Value::of(self.lane) else {
            debug_assert!(false, "a tile of another dtype than the distribution's");
            return;
        };
        let len = self.dims.last().copied().unwrap_or(1);
        let stride = self.access.inner() as i64;
        self.access.rows(self.dims, |offset, at| {
            distribution.fill(self.seed, at as u64, stride, &mut to[offset..offset + len]);
        });
    }
}

/// A type that random numbers have.
trait Number: Sized {
    /// The tile, where it holds this type.
    fn of(lane: &mut Lane) -> Option<&mut [Self]>;
}

impl Number for f64 {
    fn of(lane: &mut Lane) -> Option<&mut [Self]> {
        if let Lane::F64(values) = lane { Some(values) } else { None }
    }
}

impl Number for i64 {
    fn of(lane: &mut Lane) -> Option<&mut [Self]> {
        if let Lane::I64(values) = lane { Some(values) } else { None }
    }
}
