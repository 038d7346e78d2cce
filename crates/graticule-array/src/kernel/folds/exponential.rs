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
/// of the weights of any two values, the mean, the sum of squares about it, and the decay.
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

impl<T: Real> Fold<5> for WeightedVariance<T> {
    type Item = T;
    type Value = T;
    type Word = f64;
    const START: [f64; 5] = [0.0, 0.0, 0.0, 0.0, 1.0];

    #[inline(always)]
    fn push(self, state: [f64; 5], x: T) -> [f64; 5] {
        let (decay, x) = (self.decay.decay, x.widen());
        let one = if x.is_nan() { [0.0, 0.0, 0.0, 0.0, decay] } else { [1.0, 0.0, x, 0.0, decay] };
        self.merge(state, one)
    }

    #[inline(always)]
    fn merge(self, before: [f64; 5], after: [f64; 5]) -> [f64; 5] {
        let [weights, pairs, mean, squares, steps] = after;
        let (n, m) = (before[0] * steps, weights);
        let total = n + m;
        let apart = mean - before[2];
        let (center, between) = if m == 0.0 {
            (before[2], 0.0)
        } else if n == 0.0 {
            (mean, 0.0)
        } else {
            (before[2] + apart * (m / total), apart * apart * (n * m / total))
        };
        let pairs = before[1] * steps * steps + pairs + n * m;
        [total, pairs, center, before[3] * steps + squares + between, before[4] * steps]
    }

    #[inline(always)]
    fn value(self, [weights, pairs, _, squares, _]: [f64; 5]) -> T {
        // Of one value there is no variance. What is divided by is the sum of the weights less the bias (pandas' `adjust`).
        if !(self.decay.is_enough(weights) && pairs > 0.0) {
            return T::narrow(f64::NAN);
        }
        let variance = squares / (2.0 * pairs / weights);
        T::narrow(if self.root { variance.sqrt() } else { variance })
    }
}

/// Covariances and correlations of pairs, of which both values have to be there. The words are those of variances, with
/// two means, two sums of squares and one of products.
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

impl<T: Real> Fold<8> for WeightedCovariance<T> {
    type Item = [T; 2];
    type Value = T;
    type Word = f64;
    const START: [f64; 8] = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];

    #[inline(always)]
    fn push(self, state: [f64; 8], [x, y]: [T; 2]) -> [f64; 8] {
        let (decay, x, y) = (self.decay.decay, x.widen(), y.widen());
        let is_missing = x.is_nan() || y.is_nan();
        let one = if is_missing { [0.0, 0.0, 0.0, 0.0] } else { [1.0, 0.0, x, y] };
        self.merge(state, [one[0], one[1], one[2], one[3], 0.0, 0.0, 0.0, decay])
    }

    #[inline(always)]
    fn merge(self, before: [f64; 8], after: [f64; 8]) -> [f64; 8] {
        let [weights, pairs, x, y, xx, yy, xy, steps] = after;
        let (n, m) = (before[0] * steps, weights);
        let total = n + m;
        let (dx, dy) = (x - before[2], y - before[3]);
        let (center, weight) = if m == 0.0 {
            ([before[2], before[3]], None)
        } else if n == 0.0 {
            ([x, y], None)
        } else {
            ([before[2] + dx * (m / total), before[3] + dy * (m / total)], Some(n * m / total))
        };
        let join = |before: f64, after: f64, product: f64| {
            before * steps + after + weight.map_or(0.0, |weight| product * weight)
        };
        [
            total,
            before[1] * steps * steps + pairs + n * m,
            center[0],
            center[1],
            join(before[4], xx, dx * dx),
            join(before[5], yy, dy * dy),
            join(before[6], xy, dx * dy),
            before[7] * steps,
        ]
    }

    #[inline(always)]
    fn value(self, [weights, pairs, _, _, xx, yy, xy, _]: [f64; 8]) -> T {
        if !(self.decay.is_enough(weights) && pairs > 0.0) {
            return T::narrow(f64::NAN);
        }
        if !self.correlation {
            return T::narrow(xy / (2.0 * pairs / weights));
        }
        let spread = (xx * yy).sqrt();
        T::narrow(if spread > 0.0 { xy / spread } else { f64::NAN })
    }
}
