//! Distributions against what is known of them: moments, exact distribution functions, independence of neighbours,
//! and the same numbers however they are asked for.

mod continuous;
mod discrete;
mod permutation;
mod streams;

use super::Draw;

/// The numbers of `first..first + len`.
fn draw<D: Draw<Value: Default + Clone>>(
    distribution: &D,
    seed: u64,
    first: u64,
    len: usize,
) -> Vec<D::Value> {
    let mut out = vec![D::Value::default(); len];
    distribution.fill(seed, first, 1, &mut out);
    out
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let cov = mean(a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)));
    let va = mean(a.iter().map(|x| (x - ma).powi(2)));
    let vb = mean(b.iter().map(|y| (y - mb).powi(2)));
    cov / (va * vb).sqrt()
}

/// The complementary error function by its continued fraction and series, good to 1e-14.
fn normal_cdf(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let upper = if x < 2.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..60 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        0.5 - sum / std::f64::consts::PI.sqrt()
    } else {
        let fraction = (1..80).rev().fold(0.0, |f, n| f64::from(n) / 2.0 / (x + f));
        0.5 * (-x * x).exp() / std::f64::consts::PI.sqrt() / (x + fraction)
    };
    if z > 0.0 { 1.0 - upper } else { upper }
}

/// The Kolmogorov-Smirnov distance times the square root of the sample size. Above 1.95 with a probability of 0.001.
fn kolmogorov(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = values.iter().enumerate().fold(0.0f64, |d, (i, v)| {
        let p = cdf(*v);
        d.max((p - i as f64 / n).abs()).max(((i + 1) as f64 / n - p).abs())
    });
    distance * n.sqrt()
}

/// Chi-square of counts against probabilities as a standard normal deviate (Wilson and Hilferty 1931). Cells that
/// expect fewer than ten are joined with the next, the last ones with what is left of everything.
fn chi_square(counts: &[u64], probabilities: &[f64]) -> f64 {
    let n: u64 = counts.iter().sum();
    let (mut chi2, mut cells) = (0.0, 0.0);
    let (mut count, mut expected, mut left) = (0.0, 0.0, n as f64);
    let mut counted = 0.0;
    for (c, p) in counts.iter().zip(probabilities) {
        count += *c as f64;
        expected += p * n as f64;
        if expected >= 10.0 && left - expected >= 10.0 {
            chi2 += (count - expected).powi(2) / expected;
            cells += 1.0;
            left -= expected;
            counted += count;
            (count, expected) = (0.0, 0.0);
        }
    }
    // Everything else is one cell.
    chi2 += (n as f64 - counted - left).powi(2) / left;
    let freedom: f64 = cells;
    let ninth = 2.0 / (9.0 * freedom);
    ((chi2 / freedom).cbrt() - (1.0 - ninth)) / ninth.sqrt()
}

/// Asks for the same numbers in parts and with strides.
fn check_positions<D: Draw<Value: Default + Clone + PartialEq + std::fmt::Debug>>(distribution: &D) {
    // Around the carry into the upper half of the position, where fills are split.
    for base in [0, (1 << 32) - 1001, (1 << 33) - 1000, (1 << 36) - 1001] {
        let all = draw(distribution, 7, base, 3000);
        let mut start = 0;
        for len in [1, 2, 255, 256, 257, 600] {
            assert_eq!(draw(distribution, 7, base + start as u64, len), all[start..start + len]);
            start += len;
        }
        for (first, stride) in [(0, 1), (999, -1), (1000, -1), (0, 2), (2801, -4), (3, 7), (5, 0), (2999, -7)]
        {
            for len in [0, 1, 2, 5, 400] {
                let mut part = vec![D::Value::default(); len];
                distribution.fill(7, base + first, stride, &mut part);
                for (k, value) in part.iter().enumerate() {
                    assert_eq!(
                        *value,
                        all[(first as i64 + k as i64 * stride) as usize],
                        "{first} {stride} {k}"
                    );
                }
            }
        }
    }
}

/// Correlations of numbers and of their squares with those some positions on, and with those of other seeds.
fn check_independence(draw: impl Fn(u64, usize) -> Vec<f64>) {
    let n = 300_000;
    let limit = 4.5 / (n as f64).sqrt();
    let base = draw(1, n + 256);
    let center = mean(base.iter().copied());
    let squares: Vec<f64> = base.iter().map(|x| (x - center).powi(2)).collect();
    for lag in [1, 2, 3, 4, 8, 128, 256] {
        let r = correlation(&base[..n], &base[lag..lag + n]);
        assert!(r.abs() < limit, "lag {lag}: {r}");
        let r = correlation(&squares[..n], &squares[lag..lag + n]);
        assert!(r.abs() < limit, "squares, lag {lag}: {r}");
    }
    for seed in [0, 2, 1 << 32, (1 << 32) + 1, u64::MAX] {
        let r = correlation(&base[..n], &draw(seed, n));
        assert!(r.abs() < limit, "seed {seed}: {r}");
    }
}
