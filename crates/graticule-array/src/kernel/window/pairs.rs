//! Covariances and correlations of windows.

use crate::kernel::window::{Fold, Rule};

/// Covariances or, where `CORRELATION`, correlations of the pairs of which both values are there.
pub(crate) struct CoMoments<const CORRELATION: bool>;

/// Pairs relative to the one that was seen first: the sums of differences, of their squares and of their products.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairDeviations<const L: usize> {
    count: [f64; L],
    reference: [[f64; L]; 2],
    sum: [[f64; L]; 2],
    squares: [[f64; L]; 2],
    products: [f64; L],
}

impl<const L: usize> PairDeviations<L> {
    #[inline(always)]
    fn add(&mut self, pairs: &[[f64; 2]; L]) {
        for (i, [x, y]) in pairs.iter().copied().enumerate() {
            let is_missing = x.is_nan() || y.is_nan();
            let is_first = self.count[i] == 0.0 && !is_missing;
            let mut deviation = [x, y];
            for (side, deviation) in deviation.iter_mut().enumerate() {
                let reference = &mut self.reference[side][i];
                *reference = if is_first { *deviation } else { *reference };
                *deviation = if is_missing { 0.0 } else { *deviation - *reference };
                self.sum[side][i] += *deviation;
                self.squares[side][i] += *deviation * *deviation;
            }
            self.products[i] += deviation[0] * deviation[1];
            self.count[i] += if is_missing { 0.0 } else { 1.0 };
        }
    }

    /// Of one lane the number of pairs, how far their means lie from the reference, and the sums of squares and products
    /// about the means.
    #[inline(always)]
    fn moments(&self, i: usize) -> (f64, [f64; 2], [f64; 3]) {
        let n = self.count[i];
        let at_least_one = if n > 1.0 { n } else { 1.0 };
        let (sx, sy) = (self.sum[0][i], self.sum[1][i]);
        let means = [sx / at_least_one, sy / at_least_one];
        let about = [
            self.squares[0][i] - sx * sx / at_least_one,
            self.squares[1][i] - sy * sy / at_least_one,
            self.products[i] - sx * sy / at_least_one,
        ];
        (n, means, about)
    }
}

impl<const CORRELATION: bool, const L: usize> Fold<L> for CoMoments<CORRELATION> {
    type Value = [f64; 2];
    type State = PairDeviations<L>;
    type Out = f64;

    fn empty() -> Self::State {
        let (zero, two) = ([0.0; L], [[0.0; L]; 2]);
        PairDeviations { count: zero, reference: two, sum: two, squares: two, products: zero }
    }

    #[inline(always)]
    fn append(state: &mut Self::State, x: &[[f64; 2]; L], _: i64) {
        state.add(x);
    }

    #[inline(always)]
    fn prepend(state: &mut Self::State, x: &[[f64; 2]; L], _: i64) {
        state.add(x);
    }

    #[inline(always)]
    fn result(first: &Self::State, then: &Self::State, _: i64, rule: Rule) -> [f64; L] {
        std::array::from_fn(|i| {
            let ((n, means, about), (m, others, about_others)) = (first.moments(i), then.moments(i));
            let count = n + m;
            if count < rule.least {
                return f64::NAN;
            }
            // Chan, Golub & LeVeque (1983), eq. 2.1, for products as for squares.
            let weight = if n > 0.0 && m > 0.0 { n * m / count } else { 0.0 };
            // Sums with the references themselves would lose the digits that these were taken for.
            let distance = |side: usize| {
                (then.reference[side][i] - first.reference[side][i]) + (others[side] - means[side])
            };
            let apart = if weight > 0.0 { [distance(0), distance(1)] } else { [0.0; 2] };
            let between = [apart[0] * apart[0], apart[1] * apart[1], apart[0] * apart[1]];
            let total = |k: usize| about[k] + about_others[k] + between[k] * weight;
            if !CORRELATION {
                let divisor = count - rule.ddof;
                return if divisor > 0.0 { total(2) / divisor } else { f64::NAN };
            }
            let spread = (total(0) * total(1)).sqrt();
            if spread > 0.0 { (total(2) / spread).clamp(-1.0, 1.0) } else { f64::NAN }
        })
    }
}
