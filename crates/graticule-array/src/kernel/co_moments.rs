//! Covariance and correlation in one pass, and moments higher than the second.
//!
//! Merged by the pairwise formulas of Chan, Golub & LeVeque (1983) and, for the third and fourth moments, of Pébay
//! (2008, SAND2008-6212). Values are taken relative to the first one seen.

/// The moments of pairs of values seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CoMoments {
    count: f64,
    shift: [f64; 2],
    mean: [f64; 2],
    /// Sums of products of deviations: x with x, y with y, x with y.
    m2: [f64; 3],
}

impl CoMoments {
    /// Adds a pair.
    pub(crate) fn push(&mut self, x: f64, y: f64) {
        if self.count == 0.0 {
            self.shift = [x, y];
        }
        self.count += 1.0;
        let (x, y) = (x - self.shift[0], y - self.shift[1]);
        let before = [x - self.mean[0], y - self.mean[1]];
        self.mean[0] += before[0] / self.count;
        self.mean[1] += before[1] / self.count;
        let after = [x - self.mean[0], y - self.mean[1]];
        self.m2[0] += before[0] * after[0];
        self.m2[1] += before[1] * after[1];
        self.m2[2] += before[0] * after[1];
    }

    /// Adds the moments of other pairs.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = *other;
            return;
        }
        let total = self.count + other.count;
        let delta: [f64; 2] =
            std::array::from_fn(|i| (other.shift[i] - self.shift[i]) + (other.mean[i] - self.mean[i]));
        let weight = self.count * other.count / total;
        for (i, delta) in delta.iter().enumerate() {
            self.mean[i] += delta * (other.count / total);
            self.m2[i] += other.m2[i] + delta * delta * weight;
        }
        self.m2[2] += other.m2[2] + delta[0] * delta[1] * weight;
        self.count = total;
    }

    /// The covariance with divisor `n - ddof`; NaN where that is not positive.
    pub(crate) fn covariance(&self, ddof: usize) -> f64 {
        let divisor = self.count - ddof as f64;
        // From an infinite mean no value has a deviation, in whatever order it came.
        if !self.mean.iter().all(|mean| mean.is_finite()) {
            return f64::NAN;
        }
        if divisor > 0.0 { self.m2[2] / divisor } else { f64::NAN }
    }

    /// The correlation of Pearson; NaN where one of the two does not vary.
    pub(crate) fn correlation(&self) -> f64 {
        let scale = (self.m2[0].sqrt()) * (self.m2[1].sqrt());
        if scale > 0.0 { (self.m2[2] / scale).clamp(-1.0, 1.0) } else { f64::NAN * scale }
    }
}

/// Four moments of the values seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HighMoments {
    count: f64,
    shift: f64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl HighMoments {
    /// Adds one value.
    pub(crate) fn push(&mut self, x: f64) {
        if self.count == 0.0 {
            self.shift = x;
        }
        let before = self.count;
        self.count += 1.0;
        let n = self.count;
        let delta = (x - self.shift) - self.mean;
        let step = delta / n;
        let term = delta * step * before;
        self.mean += step;
        self.m4 +=
            term * step * step * (n * n - 3.0 * n + 3.0) + 6.0 * step * step * self.m2 - 4.0 * step * self.m3;
        self.m3 += term * step * (n - 2.0) - 3.0 * step * self.m2;
        self.m2 += term;
    }

    /// Adds the moments of other values.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = *other;
            return;
        }
        let (a, b) = (self.count, other.count);
        let n = a + b;
        let delta = (other.shift - self.shift) + (other.mean - self.mean);
        let step = delta / n;
        let square = delta * delta * a * b / n;
        self.m4 += other.m4
            + square * (step * step) * (a * a - a * b + b * b)
            + 6.0 * step * step * (a * a * other.m2 + b * b * self.m2)
            + 4.0 * step * (a * other.m3 - b * self.m3);
        self.m3 += other.m3 + square * step * (a - b) + 3.0 * step * (a * other.m2 - b * self.m2);
        self.m2 += other.m2 + square;
        self.mean += step * b;
        self.count = n;
    }

    /// The skewness `m3 / m2^1.5` of the moments about the mean; NaN where the values do not vary.
    pub(crate) fn skewness(&self) -> f64 {
        let (m2, m3) = (self.m2 / self.count, self.m3 / self.count);
        if m2 > 0.0 { m3 / m2.powf(1.5) } else { f64::NAN }
    }

    /// The excess kurtosis `m4 / m2^2 - 3`, which is 0 for the normal distribution; NaN where the values do not vary.
    pub(crate) fn kurtosis(&self) -> f64 {
        let (m2, m4) = (self.m2 / self.count, self.m4 / self.count);
        if m2 > 0.0 { m4 / (m2 * m2) - 3.0 } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> (Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 101)).collect();
        let y: Vec<f64> = (0..1000).map(|i| f64::from(i * 7 % 31) + f64::from(i * i % 101) * 2.0).collect();
        (x, y)
    }

    #[test]
    fn moments_of_parts_merge_to_those_of_the_whole_far_from_zero() {
        let (x, y) = values();
        let far = |v: f64| v + 1e8;
        let n = x.len() as f64;
        let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
        let (mx, my) = (mean(&x), mean(&y));
        let about = |p: i32| x.iter().map(|v| (v - mx).powi(p)).sum::<f64>() / n;
        let cov = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / n;
        let (mut high, mut co) = (HighMoments::default(), CoMoments::default());
        for (x, y) in x.chunks(77).zip(y.chunks(77)) {
            let (mut part, mut pairs) = (HighMoments::default(), CoMoments::default());
            for (&x, &y) in x.iter().zip(y) {
                part.push(far(x));
                pairs.push(far(x), far(y));
            }
            high.merge(&part);
            co.merge(&pairs);
        }
        assert!((high.skewness() / (about(3) / about(2).powf(1.5)) - 1.0).abs() < 1e-9);
        assert!((high.kurtosis() / (about(4) / about(2).powi(2) - 3.0) - 1.0).abs() < 1e-9);
        assert!((co.covariance(0) / cov - 1.0).abs() < 1e-10);
        let deviation = |v: &[f64], m: f64| v.iter().map(|v| (v - m) * (v - m)).sum::<f64>().sqrt();
        let expected = cov * n / (deviation(&x, mx) * deviation(&y, my));
        assert!((co.correlation() - expected).abs() < 1e-12);
    }
}
