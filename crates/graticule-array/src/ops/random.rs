//! Arrays of random numbers.
//!
//! Each number is a function of the seed and of its position (Philox4x32-10): the same for any chunks, any number of
//! threads and any part of the array. Arrays of one distribution that should be independent take different seeds.

use std::ops::{Bound, RangeBounds};

use crate::array::Array;
use crate::error::{Error, Result};
use crate::expr::{Distribution, Op};
use crate::grid::{Chunks, IntoShape};
use crate::ops::create::{checked, leaf};
use crate::scalar::Float;

impl Array {
    /// Random numbers, equally likely in `[low, high)`.
    ///
    /// Each number is a function of the seed and of its position (Philox4x32-10): the same for any chunks,
    /// any number of threads and any part of the array.
    ///
    /// # Errors
    /// [`Error::Argument`] when the interval is empty or not finite, [`Error::Chunks`] when the chunks don't
    /// fit.
    pub fn random_uniform(
        low: f64,
        high: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::Uniform { low: Float::new(low), high: Float::new(high) };
        random(distribution, seed, shape, chunks)
    }

    /// Random numbers from the normal distribution. See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] when a parameter is not finite or the deviation is negative, [`Error::Chunks`]
    /// when the chunks don't fit.
    pub fn random_normal(
        mean: f64,
        std: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::Normal { mean: Float::new(mean), std: Float::new(std) };
        random(distribution, seed, shape, chunks)
    }

    /// Random numbers whose logarithm is normal with this mean and standard deviation. See
    /// [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// As [`Array::random_normal`].
    pub fn random_lognormal(
        mean: f64,
        std: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::LogNormal { mean: Float::new(mean), std: Float::new(std) };
        random(distribution, seed, shape, chunks)
    }

    /// Random numbers from the exponential distribution with the mean `scale`, such as waiting times for events of
    /// the rate `1 / scale`. See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] when the scale is negative or not finite, [`Error::Chunks`] when the chunks don't fit.
    pub fn random_exponential(
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::Exponential { scale: Float::new(scale) }, seed, shape, chunks)
    }

    /// Random numbers from the gamma distribution, whose mean is `shape_param * scale`. See
    /// [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let rain = Array::random_gamma(0.5, 8.0, 1, (365, 100), (73, 100))?;
    /// assert!((rain.mean(())?.compute()?.item::<f64>()? - 4.0).abs() < 0.2);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when a parameter is negative or not finite, [`Error::Chunks`] when the chunks don't fit.
    pub fn random_gamma(
        shape_param: f64,
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::Gamma { shape: Float::new(shape_param), scale: Float::new(scale) };
        random(distribution, seed, shape, chunks)
    }

    /// Random counts, int64, from the Poisson distribution with the mean `lam`. See [`Array::random_uniform`] for
    /// what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] when `lam` is negative, not a number or so large that counts would not fit an int64,
    /// [`Error::Chunks`] when the chunks don't fit.
    pub fn random_poisson(
        lam: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::Poisson { lam: Float::new(lam) }, seed, shape, chunks)
    }

    /// Random integers, int64, each of a range equally likely: `0..10`, `1..=6`, or `..` for all there are. See
    /// [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let dice = Array::random_integers(1..=6, 42, (1_000, 2), (500, 2))?;
    /// assert_eq!(dice.max(())?.compute()?.item::<i64>()?, 6);
    /// let error = Array::random_integers(6..6, 42, 10, 10).unwrap_err();
    /// assert!(error.to_string().contains("no integer"));
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the range is empty, [`Error::Chunks`] when the chunks don't fit.
    pub fn random_integers(
        range: impl RangeBounds<i64>,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let low = match range.start_bound() {
            Bound::Included(&low) => Some(low),
            Bound::Excluded(&before) => before.checked_add(1),
            Bound::Unbounded => Some(i64::MIN),
        };
        let high = match range.end_bound() {
            Bound::Included(&high) => Some(high),
            Bound::Excluded(&end) => end.checked_sub(1),
            Bound::Unbounded => Some(i64::MAX),
        };
        let Some((low, high)) = low.zip(high).filter(|(low, high)| low <= high) else {
            let hint = "it holds no integer; let it hold at least one";
            return Err(Error::argument("range", range_text(&range), hint));
        };
        random(Distribution::Integers { low, high }, seed, shape, chunks)
    }

    /// Random choices from `0..n` with replacement, int64: equally likely, or with the probabilities `p`. See
    /// [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let station = Array::random_choice(3, Some(&[0.5, 0.0, 0.5]), 42, 1_000, 100)?;
    /// assert!(station.compute()?.as_slice::<i64>()?.iter().all(|index| *index != 1));
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when `n` is 0, when there are not `n` probabilities, when one is negative or not a number,
    /// when their sum is farther from 1 than 1e-8; [`Error::Chunks`] when the chunks don't fit.
    pub fn random_choice(
        n: usize,
        p: Option<&[f64]>,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let high = i64::try_from(n).ok().and_then(|n| n.checked_sub(1)).filter(|high| *high >= 0);
        let Some(high) = high else {
            return Err(Error::argument(
                "n",
                n,
                "choose from at least one, and from what an int64 can number",
            ));
        };
        let distribution = match p {
            None => Distribution::Integers { low: 0, high },
            Some(p) => Distribution::Choice { cumulative: cumulative(n, p)?.into() },
        };
        random(distribution, seed, shape, chunks)
    }

    /// Random choices from `0..n` without replacement, int64: no number twice, all orders equally likely. They are
    /// the first numbers of [`Array::random_permutation`] with the same seed.
    ///
    /// # Errors
    /// [`Error::Argument`] when the array has more than `n` elements, [`Error::Chunks`] when the chunks
    /// don't fit.
    pub fn random_choice_without_replacement(
        n: usize,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::Permutation { n: n as u64 }, seed, shape, chunks)
    }

    /// The integers `0..n` in random order, int64. See [`Array::random_uniform`] for what it depends on.
    ///
    /// Every number is computed from its position, so that a part of a permutation of a billion costs no more
    /// than its length.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let shuffled = Array::random_permutation(1_000, 42, 100)?;
    /// assert_eq!(shuffled.sum(())?.compute()?.item::<i64>()?, 999 * 1_000 / 2);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chunks`] when the chunks don't fit.
    pub fn random_permutation(n: usize, seed: u64, chunks: impl Into<Chunks>) -> Result<Self> {
        random(Distribution::Permutation { n: n as u64 }, seed, n, chunks)
    }
}

/// The range as in source code.
fn range_text(range: &impl RangeBounds<i64>) -> String {
    let start = match range.start_bound() {
        Bound::Included(low) => low.to_string(),
        Bound::Excluded(before) => format!("(after {before})"),
        Bound::Unbounded => String::new(),
    };
    match range.end_bound() {
        Bound::Included(high) => format!("{start}..={high}"),
        Bound::Excluded(end) => format!("{start}..{end}"),
        Bound::Unbounded => format!("{start}.."),
    }
}

pub(super) fn random(
    distribution: Distribution,
    seed: u64,
    shape: impl IntoShape,
    chunks: impl Into<Chunks>,
) -> Result<Array> {
    let shape = checked(shape)?;
    distribution.check(&shape)?;
    let grid = chunks.into().resolve(&shape, distribution.dtype())?;
    leaf(Op::Random { distribution, seed, grid })
}

/// How far the sum of probabilities may be from 1.
const TOLERANCE: f64 = 1e-8;

/// The sums of the first 1, 2, … probabilities, scaled so that the last is 1.
fn cumulative(n: usize, p: &[f64]) -> Result<Vec<Float>> {
    if p.len() != n {
        return Err(Error::argument(
            "p",
            format!("{} probabilities", p.len()),
            format!("give one for each of {n}"),
        ));
    }
    if let Some((index, bad)) = p.iter().enumerate().find(|(_, p)| !(p.is_finite() && **p >= 0.0)) {
        let hint = "probabilities are finite and not negative";
        return Err(Error::argument("p", format!("{bad} at index {index}"), hint));
    }
    let mut total = 0.0;
    let sums: Vec<f64> = p
        .iter()
        .map(|p| {
            total += p;
            total
        })
        .collect();
    if (total - 1.0).abs() > TOLERANCE {
        let hint = format!("their sum must be 1 within {TOLERANCE}; divide them by it");
        return Err(Error::argument("p", format!("probabilities with the sum {total}"), hint));
    }
    Ok(sums.into_iter().map(|sum| Float::new(sum / total)).collect())
}
