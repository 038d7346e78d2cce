//! Poisson counts, integers and choices.

use super::{check_independence, check_positions, chi_square, draw, kolmogorov, mean, normal_cdf};
use crate::random::{Choice, Integers, Poisson};
use crate::scalar::Float;

const N: usize = 500_000;

fn floats(values: Vec<i64>) -> Vec<f64> {
    values.into_iter().map(|v| v as f64).collect()
}

fn counts(values: &[i64], cells: usize) -> Vec<u64> {
    let mut counts = vec![0; cells];
    values.iter().for_each(|v| counts[usize::try_from(*v).unwrap()] += 1);
    counts
}

/// Probabilities of `0..cells`, from ratios of neighbours outwards from the mode.
fn poisson_probabilities(mean: f64, cells: usize) -> Vec<f64> {
    let mode = mean as usize;
    let mut p = vec![0.0; cells];
    p[mode] = 1.0;
    for k in mode + 1..cells {
        p[k] = p[k - 1] * mean / k as f64;
    }
    for k in (0..mode).rev() {
        p[k] = p[k + 1] * (k + 1) as f64 / mean;
    }
    let total: f64 = p.iter().sum();
    p.into_iter().map(|p| p / total).collect()
}

#[test]
fn poisson_counts_are_poisson_distributed() {
    for (lam, seed) in
        [(0.01, 0), (0.5, 1), (5.0, 2), (12.5, 3), (50.0, 4), (63.9, 5), (64.3, 6), (100.0, 7), (1e4, 8)]
    {
        let values = draw(&Poisson::new(lam), seed, 0, N);
        let cells = (lam + 20.0 * lam.sqrt() + 20.0) as usize;
        let z = chi_square(&counts(&values, cells), &poisson_probabilities(lam, cells));
        assert!(z.abs() < 3.5, "{lam}: {z}");
        let m = mean(values.iter().map(|v| *v as f64));
        assert!((m - lam).abs() < 4.0 * (lam / N as f64).sqrt(), "{lam}: {m}");
        let var = mean(values.iter().map(|v| (*v as f64 - lam).powi(2)));
        assert!((var - lam).abs() < 4.0 * ((lam + 2.0 * lam * lam) / N as f64).sqrt(), "{lam}: {var}");
    }
    assert_eq!(draw(&Poisson::new(0.0), 1, 0, 5), [0; 5]);
}

#[test]
fn large_poisson_counts_are_normal_in_the_limit() {
    for lam in [1e9, 1e13, 1e16, 9.223_372_006_484_771e18] {
        let values = draw(&Poisson::new(lam), 11, 0, N);
        let mean_floor = lam as i64;
        // Differences are exact where the counts as floats are not.
        let z = |v: i64| (v - mean_floor) as f64 / lam.sqrt();
        let zs: Vec<f64> = values.iter().map(|v| z(*v)).collect();
        let root = (N as f64).sqrt();
        let var = mean(zs.iter().map(|z| z * z));
        assert!((var - 1.0).abs() < 4.0 * 2f64.sqrt() / root, "{lam}: {var}");
        let k = kolmogorov(zs, normal_cdf);
        assert!(k < 1.95, "{lam}: {k}");
        // The lowest bits are random too.
        let last = counts(&values.iter().map(|v| v & 7).collect::<Vec<_>>(), 8);
        let chi = chi_square(&last, &[0.125; 8]);
        assert!(chi.abs() < 3.5, "{lam}: {last:?}");
    }
}

#[test]
fn integers_are_equally_likely() {
    for (low, count) in [(-1, 3), (5, 7), (0, 256), (-500, 1000)] {
        let values = draw(&Integers::new(low, low + count - 1), 1, 0, N);
        let cells: Vec<i64> = values.iter().map(|v| v - low).collect();
        let expected = vec![1.0 / count as f64; count as usize];
        let z = chi_square(&counts(&cells, count as usize), &expected);
        assert!(z.abs() < 3.5, "{count}: {z}");
    }
    assert_eq!(draw(&Integers::new(9, 9), 1, 0, 3), [9; 3]);
}

#[test]
fn integers_of_large_ranges_are_equally_likely() {
    for (low, high) in [(0, 1 << 40), (-7, i64::MAX), (i64::MIN, i64::MAX), (i64::MIN, -1)] {
        let values = draw(&Integers::new(low, high), 2, 0, N);
        assert!(values.iter().all(|v| (low..=high).contains(v)));
        let span = high as f64 - low as f64;
        let share: Vec<f64> = values.iter().map(|v| (*v as f64 - low as f64) / span).collect();
        let k = kolmogorov(share, |x| x.clamp(0.0, 1.0));
        assert!(k < 1.95, "{low} {high}: {k}");
        for bit in 0..40 {
            let ones = values.iter().filter(|v| *v >> bit & 1 == 1).count() as f64;
            let deviation = (ones - N as f64 / 2.0) / (N as f64 / 4.0).sqrt();
            assert!(deviation.abs() < 4.5, "bit {bit} of {low}..={high}: {deviation}");
        }
    }
}

#[test]
fn integers_that_the_product_would_favour_are_not_favoured() {
    // Of 16 words three integers get 6, 5 and 5 by the product alone.
    let values = draw(&Integers::new(0, (3 << 60) - 1), 3, 0, N);
    let thirds: Vec<i64> = values.iter().map(|v| v % 3).collect();
    let z = chi_square(&counts(&thirds, 3), &[1.0 / 3.0; 3]);
    assert!(z.abs() < 3.5, "{z}");
}

#[test]
fn choices_have_their_probabilities() {
    let p = [0.0, 0.25, 0.0, 0.5, 0.125, 0.125, 0.0];
    let cumulative: Vec<Float> = p
        .iter()
        .scan(0.0, |sum, p| {
            *sum += p;
            Some(Float::new(*sum))
        })
        .collect();
    let values = draw(&Choice::new(&cumulative), 4, 0, N);
    let counts = counts(&values, p.len());
    assert_eq!([counts[0], counts[2], counts[6]], [0; 3]);
    let possible: Vec<u64> = counts.iter().copied().filter(|c| *c > 0).collect();
    let z = chi_square(&possible, &[0.25, 0.5, 0.125, 0.125]);
    assert!(z.abs() < 3.5, "{counts:?}");
    check_positions(&Choice::new(&cumulative));
}

#[test]
fn numbers_belong_to_their_position() {
    check_positions(&Poisson::new(3.0));
    check_positions(&Poisson::new(70.5));
    check_positions(&Integers::new(0, 9));
    // Half of all draws are drawn again.
    check_positions(&Integers::new(i64::MIN, 1));
    check_positions(&Integers::new(i64::MIN, i64::MAX));
}

#[test]
fn neighbours_and_seeds_are_uncorrelated() {
    check_independence(|seed, len| floats(draw(&Poisson::new(4.0), seed, 0, len)));
    check_independence(|seed, len| floats(draw(&Poisson::new(70.5), seed, 0, len)));
    check_independence(|seed, len| floats(draw(&Integers::new(0, 99), seed, 0, len)));
    check_independence(|seed, len| floats(draw(&Integers::new(i64::MIN, 1), seed, 0, len)));
}
