//! Arrays of random numbers that are functions of simpler ones, or counts.
//!
//! As all random numbers, each depends on the seed and on its position alone. What takes several numbers for one draws them
//! from arrays whose seeds are digests of the distribution's name and the seed that is given, so that a distribution has
//! nothing in common with another of the same seed.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::Distribution;
use crate::grid::{Chunks, IntoShape};
use crate::ops::create::checked;
use crate::ops::random::random;
use crate::scalar::Float;

/// What random numbers of one distribution are made of.
struct Streams {
    name: &'static str,
    seed: u64,
    shape: Vec<usize>,
    chunks: Chunks,
}

impl Streams {
    fn new(name: &'static str, seed: u64, shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        Ok(Self { name, seed, shape: checked(shape)?, chunks: chunks.into() })
    }

    fn draw(&self, number: u64, distribution: Distribution) -> Result<Array> {
        let mut hasher = SipHasher13::new();
        hasher.write(self.name.as_bytes());
        hasher.write(&number.to_le_bytes());
        hasher.write(&self.seed.to_le_bytes());
        random(distribution, hasher.finish(), self.shape.clone(), self.chunks.clone())
    }

    /// Numbers strictly between 0 and 1.
    fn uniform(&self, number: u64) -> Result<Array> {
        // Half the distance between neighbours, which the numbers of `[0, 1)` have from 0.
        let low = f64::EPSILON / 4.0;
        self.draw(number, Distribution::Uniform { low: Float::new(low), high: Float::new(1.0) })
    }

    fn normal(&self, number: u64) -> Result<Array> {
        self.draw(number, Distribution::Normal { mean: Float::new(0.0), std: Float::new(1.0) })
    }

    fn exponential(&self, number: u64) -> Result<Array> {
        self.draw(number, Distribution::Exponential { scale: Float::new(1.0) })
    }

    fn gamma(&self, number: u64, shape: f64, scale: f64) -> Result<Array> {
        let (shape, scale) = (Float::new(shape), Float::new(scale));
        self.draw(number, Distribution::Gamma { shape, scale })
    }

    fn chisquare(&self, number: u64, df: f64) -> Result<Array> {
        positive("df", df)?;
        self.gamma(number, df / 2.0, 2.0)
    }
}

fn positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::argument(name, value, "it must be finite and more than 0"))
}

fn location_and_scale(loc: f64, scale: f64) -> Result<()> {
    if loc.is_finite() && scale.is_finite() && scale >= 0.0 {
        return Ok(());
    }
    let value = format!("loc {loc}, scale {scale}");
    Err(Error::argument("parameters", value, "both must be finite and the scale not negative"))
}

/// Counts as int64; those beyond it are its largest.
fn count(counts: &Array) -> Result<Array> {
    // The largest float below 2^63.
    counts.clip(1.0, 9_223_372_036_854_774_784.0)?.astype(DType::I64)
}

impl Array {
    /// Random numbers from the Laplace (double exponential) distribution around `loc`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_laplace(
        loc: f64,
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        location_and_scale(loc, scale)?;
        let streams = Streams::new("laplace", seed, shape, chunks)?;
        let difference = (streams.exponential(0)? - streams.exponential(1)?)?;
        (difference * scale)? + loc
    }

    /// Random numbers from the logistic distribution around `loc`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_logistic(
        loc: f64,
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        location_and_scale(loc, scale)?;
        let u = Streams::new("logistic", seed, shape, chunks)?.uniform(0)?;
        let odds = (u.ln()? - (1.0 - &u)?.ln()?)?;
        (odds * scale)? + loc
    }

    /// Random numbers from the Gumbel distribution, that of largest values, with the mode `loc`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_gumbel(
        loc: f64,
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        location_and_scale(loc, scale)?;
        let u = Streams::new("gumbel", seed, shape, chunks)?.uniform(0)?;
        ((-&u.ln()?)?.ln()? * -scale)? + loc
    }

    /// Random numbers from the Rayleigh distribution with the mode `scale`: lengths of vectors of two normal numbers.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_rayleigh(
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        location_and_scale(0.0, scale)?;
        (Streams::new("rayleigh", seed, shape, chunks)?.exponential(0)? * 2.0)?.sqrt()? * scale
    }

    /// Random numbers from the Weibull distribution of the shape `a` and the scale 1.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_weibull(
        a: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        positive("a", a)?;
        Streams::new("weibull", seed, shape, chunks)?.exponential(0)?.pow(1.0 / a)
    }

    /// Random numbers from the Pareto II (Lomax) distribution of the shape `a`, from 0 on, as numpy's: add 1 for the classical one
    /// from 1 on.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_pareto(
        a: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        positive("a", a)?;
        (Streams::new("pareto", seed, shape, chunks)?.exponential(0)? / a)?.expm1()
    }

    /// Random numbers from 0 to 1 whose density is `a * x^(a - 1)`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_power(a: f64, seed: u64, shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        positive("a", a)?;
        (Streams::new("power", seed, shape, chunks)?.exponential(0)? / -a)?.exp()
    }

    /// Random numbers from `left` to `right`, most likely at `mode`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_triangular(
        left: f64,
        mode: f64,
        right: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        if !(left.is_finite() && right.is_finite() && left <= mode && mode <= right && left < right) {
            let value = format!("({left}, {mode}, {right})");
            return Err(Error::argument(
                "parameters",
                value,
                "the mode lies between the ends, which are finite",
            ));
        }
        let u = Streams::new("triangular", seed, shape, chunks)?.uniform(0)?;
        let (width, below, above) = (right - left, mode - left, right - mode);
        let rising = ((&u * (width * below))?.sqrt()? + left)?;
        let falling = (right - ((1.0 - &u)? * (width * above))?.sqrt()?)?;
        u.less(below / width)?.choose(&rising, &falling)
    }

    /// Random numbers from the Cauchy distribution around 0 with the scale 1.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_standard_cauchy(
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let u = Streams::new("standard_cauchy", seed, shape, chunks)?.uniform(0)?;
        ((u - 0.5)? * std::f64::consts::PI)?.tan()
    }

    /// Random numbers from the chi-square distribution of `df` degrees of freedom.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_chisquare(
        df: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        Streams::new("chisquare", seed, shape, chunks)?.chisquare(0, df)
    }

    /// Random numbers from Student's t distribution of `df` degrees of freedom.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_standard_t(
        df: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let streams = Streams::new("standard_t", seed, shape, chunks)?;
        streams.normal(0)? / (streams.chisquare(1, df)? / df)?.sqrt()?
    }

    /// Random numbers from the F distribution of `dfnum` and `dfden` degrees of freedom.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_f(
        dfnum: f64,
        dfden: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let streams = Streams::new("f", seed, shape, chunks)?;
        (streams.chisquare(0, dfnum)? / dfnum)? / (streams.chisquare(1, dfden)? / dfden)?
    }

    /// Random numbers from the noncentral F distribution of `dfnum` and `dfden` degrees of freedom with the noncentrality `nonc`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_noncentral_f(
        dfnum: f64,
        dfden: f64,
        nonc: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let streams = Streams::new("noncentral_f", seed, shape, chunks)?;
        let numerator = Distribution::NoncentralChisquare { df: Float::new(dfnum), nonc: Float::new(nonc) };
        (streams.draw(0, numerator)? / dfnum)? / (streams.chisquare(1, dfden)? / dfden)?
    }

    /// Random numbers from 0 to 1 from the beta distribution of the shapes `a` and `b`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let share = Array::random_beta(2.0, 3.0, 1, (100, 100), (50, 100))?;
    /// assert!((share.mean(())?.compute()?.item::<f64>()? - 0.4).abs() < 0.01);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_beta(
        a: f64,
        b: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        positive("a", a)?;
        positive("b", b)?;
        let streams = Streams::new("beta", seed, shape, chunks)?;
        if a >= 1.0 && b >= 1.0 {
            let x = streams.gamma(0, a, 1.0)?;
            return &x / (&x + streams.gamma(1, b, 1.0)?)?;
        }
        // Gamma numbers of small shapes may both be 0, but not their logarithms: x is y * u^(1/a) of y with the shape a + 1.
        let ln_gamma = |number: u64, shape: f64| {
            let raised = streams.gamma(number, shape + 1.0, 1.0)?.ln()?;
            raised - (streams.exponential(number + 2)? / shape)?
        };
        1.0 / ((ln_gamma(1, b)? - ln_gamma(0, a)?)?.exp()? + 1.0)?
    }

    /// Random numbers from the Wald (inverse Gaussian) distribution.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_wald(
        mean: f64,
        scale: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        positive("mean", mean)?;
        positive("scale", scale)?;
        let streams = Streams::new("wald", seed, shape, chunks)?;
        // Michael, Schucany & Haas (1976): of two roots, whose product is mean², one or the other. Written with a factor
        // that loses no digits where the roots are far apart.
        let t = (streams.normal(0)?.abs()? * (mean / (4.0 * scale)).sqrt())?;
        let factor = ((&t * &t)? + 1.0)?.sqrt()? + &t;
        let factor = factor?.square()?;
        let is_lower = streams.uniform(1)?.less_equal((&factor / (&factor + 1.0)?)?)?;
        is_lower.choose((mean / &factor)?, (&factor * mean)?)
    }

    /// Random counts, int64, of the trials up to the first success, each of which has the probability `p`. Counts beyond an int64 are
    /// the largest of these.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_geometric(
        p: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        if !(p > 0.0 && p <= 1.0) {
            return Err(Error::argument("p", p, "a probability of more than 0 and at most 1"));
        }
        let trials =
            (Streams::new("geometric", seed, shape, chunks)?.exponential(0)? / -(-p).ln_1p())?.ceil()?;
        count(&trials)
    }

    /// Random counts, int64, from the logarithmic series distribution. Counts beyond an int64 are the largest of these.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_logseries(
        p: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        if !(0.0..1.0).contains(&p) {
            return Err(Error::argument("p", p, "use at least 0 and less than 1"));
        }
        let streams = Streams::new("logseries", seed, shape, chunks)?;
        // Kemp, *Efficient generation of logarithmically distributed pseudo-random variables* (1981): a geometric number
        // whose probability is itself random.
        let q = (-&(streams.uniform(0)? * (-p).ln_1p())?.expm1()?)?;
        count(&((streams.uniform(1)?.ln()? / q.ln()?)?.floor()? + 1.0)?)
    }

    /// Random counts, int64, of the successes among `n` trials, each of the probability `p`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let heads = Array::random_binomial(10, 0.5, 42, 10_000, 1_000)?;
    /// assert_eq!(heads.max(())?.compute()?.item::<i64>()?, 10);
    /// assert!((heads.mean(())?.compute()?.item::<f64>()? - 5.0).abs() < 0.1);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_binomial(
        n: i64,
        p: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::Binomial { n, p: Float::new(p) }, seed, shape, chunks)
    }

    /// Random counts, int64, of the failures before `n` successes, each of the probability `p`; `n` need not be whole.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_negative_binomial(
        n: f64,
        p: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::NegativeBinomial { n: Float::new(n), p: Float::new(p) }, seed, shape, chunks)
    }

    /// Random counts, int64, of the good ones among `sample` that are taken without replacement of `good` and `bad` ones.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for counts that are negative, above 10⁹ or too large a sample, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_hypergeometric(
        good: i64,
        bad: i64,
        sample: i64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        random(Distribution::Hypergeometric { good, bad, sample }, seed, shape, chunks)
    }

    /// Random angles from -π to π, in radians, from the von Mises distribution around `mu`: the larger `kappa`, the closer.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_vonmises(
        mu: f64,
        kappa: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::VonMises { mu: Float::new(mu), kappa: Float::new(kappa) };
        random(distribution, seed, shape, chunks)
    }

    /// Random integers, int64, from 1 on, of frequencies in proportion to their power `-a`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_zipf(a: f64, seed: u64, shape: impl IntoShape, chunks: impl Into<Chunks>) -> Result<Self> {
        random(Distribution::Zipf { a: Float::new(a) }, seed, shape, chunks)
    }

    /// Random numbers from the noncentral chi-square distribution of `df` degrees of freedom with the noncentrality `nonc`.
    /// See [`Array::random_uniform`] for what they depend on.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters of which there is no distribution, [`Error::Chunks`] when the
    /// chunks don't fit.
    pub fn random_noncentral_chisquare(
        df: f64,
        nonc: f64,
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let distribution = Distribution::NoncentralChisquare { df: Float::new(df), nonc: Float::new(nonc) };
        random(distribution, seed, shape, chunks)
    }

    /// Random counts, int64, of the outcomes of `n` trials: outcome `i` has the probability `p[i]` and is element `i` along a
    /// new last axis, which is one chunk. See [`Array::random_uniform`] for what they depend on.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let rolls = Array::random_multinomial(20, &[0.5, 0.3, 0.2], 42, (4, 5), (2, 5))?;
    /// assert_eq!(rolls.shape(), [4, 5, 3]);
    /// assert_eq!(rolls.sum(-1)?.min(())?.compute()?.item::<i64>()?, 20);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when `n` or a probability is negative or their sum is farther from 1 than 1e-8, [`Error::Chunks`]
    /// when the chunks don't fit.
    pub fn random_multinomial(
        n: i64,
        p: &[f64],
        seed: u64,
        shape: impl IntoShape,
        chunks: impl Into<Chunks>,
    ) -> Result<Self> {
        let mut shape = checked(shape)?;
        let mut cut: Vec<Vec<usize>> = chunks
            .into()
            .resolve(&shape, DType::I64)?
            .axes()
            .iter()
            .map(|axis| axis.sizes().collect())
            .collect();
        shape.push(p.len());
        cut.push(vec![p.len()]);
        let distribution = Distribution::Multinomial { n, p: p.iter().map(|p| Float::new(*p)).collect() };
        random(distribution, seed, shape, Chunks::Sizes(cut))
    }
}
