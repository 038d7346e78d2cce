//! Folds in which what was before counts for less with every step: exponentially weighted moments.
//!
//! Of `n` steps the last has the weight 1, the one before the weight `1 - alpha`, and so on; missing values take a step but
//! have no weight. A state ends with the decay over all its steps, so that states of neighbouring blocks can be joined:
//! what came before is multiplied by that.

use std::marker::PhantomData;

use crate::kernel::folds::Real;
use crate::kernel::scan::Fold;

/// What all exponentially weighted folds have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decay {
    alpha: f64,
    decay: f64,
    min_weight: f64,
}

impl Decay {
    pub(crate) fn new(alpha: f64, min_weight: f64) -> Self {
        Self { alpha, decay: 1.0 - alpha, min_weight }
    }

    /// Whether values of a sum of weights are enough for a result. The weights of endless values would be 1.
    fn is_enough(self, weights: f64) -> bool {
        self.alpha * weights >= self.min_weight
    }
}

/// Which of the sums is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weighted {
    Sum,
    Mean,
    Count,
}

/// Sums: of the values and of their weights. The words are these two, whether there was a value, and the decay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightedSum<T> {
    decay: Decay,
    wanted: Weighted,
    of: PhantomData<T>,
}

impl<T> WeightedSum<T> {
    pub(crate) fn new(decay: Decay, wanted: Weighted) -> Self {
        Self { decay, wanted, of: PhantomData }
    }
}

impl<T: Real> Fold<4> for WeightedSum<T> {
    type Item = T;
    type Value = T;
    type Word = f64;
    const START: [f64; 4] = [0.0, 0.0, 0.0, 1.0];

    #[inline(always)]
    fn push(self, [sum, weights, any, steps]: [f64; 4], x: T) -> [f64; 4] {
        let (decay, x) = (self.decay.decay, x.widen());
        let (sum, weights, steps) = (sum * decay, weights * decay, steps * decay);
        if x.is_nan() { [sum, weights, any, steps] } else { [sum + x, weights + 1.0, 1.0, steps] }
    }

    #[inline(always)]
    fn merge(self, before: [f64; 4], [sum, weights, any, steps]: [f64; 4]) -> [f64; 4] {
        let [sum_before, weights_before, any_before, steps_before] = before;
        // Step by step an infinite sum stays infinite, but for steps that leave nothing at all.
        let stays = !sum_before.is_finite() && self.decay.decay > 0.0;
        let earlier = if stays { sum_before } else { sum_before * steps };
        [earlier + sum, weights_before * steps + weights, any_before.max(any), steps_before * steps]
    }

    #[inline(always)]
    fn value(self, [sum, weights, any, _]: [f64; 4]) -> T {
        let value = match self.wanted {
            _ if !self.decay.is_enough(weights) => f64::NAN,
            Weighted::Count => weights,
            _ if any == 0.0 => f64::NAN,
            Weighted::Sum => sum,
            Weighted::Mean => sum / weights,
        };
        T::narrow(value)
    }
}

/// Variances, from deviations of the mean as it was (West 1979). The words are the sum of the weights, that of the products
/// of the weights of any two values, the first value, how far the mean lies from it, the sum of squares about the mean, and
/// the decay.
///
/// That means are kept as distances from a value is what keeps the digits of values that are far from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightedVariance<T> {
    decay: Decay,
    /// Whether the standard deviation is wanted rather than the variance.
    root: bool,
    of: PhantomData<T>,
}

impl<T> WeightedVariance<T> {
    pub(crate) fn new(decay: Decay, root: bool) -> Self {
        Self { decay, root, of: PhantomData }
    }
}

/// A mean, as a value and its distance from that.
type Mean = [f64; 2];

/// The mean of two groups of values with the weights `n` and `m`, and how far their own means are apart. Where one has no
/// weight, the mean is that of the other, and nothing is apart.
#[inline(always)]
fn join((n, before): (f64, Mean), (m, after): (f64, Mean)) -> (Mean, f64) {
    if m == 0.0 {
        (before, 0.0)
    } else if n == 0.0 {
        (after, 0.0)
    } else {
        let apart = (after[0] - before[0]) + (after[1] - before[1]);
        ([before[0], before[1] + apart * (m / (n + m))], apart)
    }
}

/// What the squares of two groups about their common mean have beside those about their own, for each square of the distance.
#[inline(always)]
fn between(n: f64, m: f64) -> f64 {
    if n == 0.0 || m == 0.0 { 0.0 } else { n * m / (n + m) }
}

impl<T: Real> Fold<6> for WeightedVariance<T> {
    type Item = T;
    type Value = T;
    type Word = f64;
    const START: [f64; 6] = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0];

    #[inline(always)]
    fn push(self, state: [f64; 6], x: T) -> [f64; 6] {
        let (decay, x) = (self.decay.decay, x.widen());
        let one = if x.is_nan() { [0.0; 2] } else { [1.0, x] };
        self.merge(state, [one[0], 0.0, one[1], 0.0, 0.0, decay])
    }

    #[inline(always)]
    fn merge(self, before: [f64; 6], after: [f64; 6]) -> [f64; 6] {
        let [weights, pairs, reference, offset, squares, steps] = after;
        let (n, m) = (before[0] * steps, weights);
        let (mean, apart) = join((n, [before[2], before[3]]), (m, [reference, offset]));
        [
            n + m,
            before[1] * steps * steps + pairs + n * m,
            mean[0],
            mean[1],
            before[4] * steps + squares + apart * apart * between(n, m),
            before[5] * steps,
        ]
    }

    #[inline(always)]
    fn value(self, [weights, pairs, _, _, squares, _]: [f64; 6]) -> T {
        // Of one value there is no variance. What is divided by is the sum of the weights less the bias (pandas' `adjust`).
        if !(self.decay.is_enough(weights) && pairs > 0.0 && squares.is_finite()) {
            return T::narrow(f64::NAN);
        }
        let variance = squares / (2.0 * pairs / weights);
        T::narrow(if self.root { variance.sqrt() } else { variance })
    }
}

/// Covariances and correlations of pairs, of which both values have to be there. The words are those of variances, with two
/// means, two sums of squares and one of products.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightedCovariance<T> {
    decay: Decay,
    /// Whether the correlation is wanted rather than the covariance.
    correlation: bool,
    of: PhantomData<T>,
}

impl<T> WeightedCovariance<T> {
    pub(crate) fn new(decay: Decay, correlation: bool) -> Self {
        Self { decay, correlation, of: PhantomData }
    }
}

impl<T: Real> Fold<10> for WeightedCovariance<T> {
    type Item = [T; 2];
    type Value = T;
    type Word = f64;
    const START: [f64; 10] = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];

    #[inline(always)]
    fn push(self, state: [f64; 10], [x, y]: [T; 2]) -> [f64; 10] {
        let (decay, x, y) = (self.decay.decay, x.widen(), y.widen());
        let one = if x.is_nan() || y.is_nan() { [0.0; 3] } else { [1.0, x, y] };
        self.merge(state, [one[0], 0.0, one[1], 0.0, one[2], 0.0, 0.0, 0.0, 0.0, decay])
    }

    #[inline(always)]
    fn merge(self, before: [f64; 10], after: [f64; 10]) -> [f64; 10] {
        let [weights, pairs, x, x_offset, y, y_offset, xx, yy, xy, steps] = after;
        let (n, m) = (before[0] * steps, weights);
        let (x_mean, dx) = join((n, [before[2], before[3]]), (m, [x, x_offset]));
        let (y_mean, dy) = join((n, [before[4], before[5]]), (m, [y, y_offset]));
        let weight = between(n, m);
        [
            n + m,
            before[1] * steps * steps + pairs + n * m,
            x_mean[0],
            x_mean[1],
            y_mean[0],
            y_mean[1],
            before[6] * steps + xx + dx * dx * weight,
            before[7] * steps + yy + dy * dy * weight,
            before[8] * steps + xy + dx * dy * weight,
            before[9] * steps,
        ]
    }

    #[inline(always)]
    fn value(self, [weights, pairs, _, _, _, _, xx, yy, xy, _]: [f64; 10]) -> T {
        if !(self.decay.is_enough(weights) && pairs > 0.0 && xy.is_finite()) {
            return T::narrow(f64::NAN);
        }
        if !self.correlation {
            return T::narrow(xy / (2.0 * pairs / weights));
        }
        let spread = (xx * yy).sqrt();
        T::narrow(if spread > 0.0 && spread.is_finite() { xy / spread } else { f64::NAN })
    }
}
