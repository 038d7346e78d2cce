//! Exponential, gamma and lognormal numbers.

use super::{check_independence, check_positions, draw, kolmogorov, mean, normal_cdf};
use crate::random::{Exponential, Gamma, LogNormal, Normal};

const N: usize = 500_000;

/// The regularised lower incomplete gamma function, given the logarithm of the complete one: series and continued
/// fraction (Lentz).
fn gamma_cdf(shape: f64, ln_gamma: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = (shape * x.ln() - x - ln_gamma).exp();
    if x < shape + 1.0 {
        let (mut term, mut sum) = (1.0 / shape, 1.0 / shape);
        for n in 1..120 {
            term *= x / (shape + f64::from(n));
            sum += term;
        }
        return front * sum;
    }
    let fraction = (1..120).rev().fold(0.0, |f, n| {
        let n = f64::from(n);
        n * (n - shape) / (x + 2.0 * n + 1.0 - shape - f)
    });
    1.0 - front / (x + 1.0 - shape - fraction)
}

#[test]
fn the_gamma_function_of_these_tests_is_that_of_scipy() {
    for (shape, ln_gamma, x, expected) in [
        (0.3, LN_GAMMA_0_3, 0.01, 0.279_240_996_359_014_84),
        (0.3, LN_GAMMA_0_3, 2.0, 0.977_974_019_172_853),
        (20.0, LN_GAMMA_20, 15.0, 0.124_781_215_032_524_96),
        (20.0, LN_GAMMA_20, 30.0, 0.978_126_531_558_609_1),
    ] {
        assert!((gamma_cdf(shape, ln_gamma, x) - expected).abs() < 1e-12, "{shape} {x}");
    }
}

const LN_GAMMA_0_3: f64 = 1.095_797_994_818_075_5;
const LN_GAMMA_2_5: f64 = 0.284_682_870_472_919_2;
const LN_GAMMA_20: f64 = 39.339_884_187_199_49;

#[test]
fn exponentials_are_exponential() {
    for scale in [1.0, 250.0] {
        let values = draw(&Exponential::new(scale), 3, 0, N);
        let m = mean(values.iter().map(|v| v / scale));
        let square = mean(values.iter().map(|v| (v / scale).powi(2)));
        let root = (N as f64).sqrt();
        assert!((m - 1.0).abs() < 4.0 / root, "{m}");
        assert!((square - 2.0).abs() < 4.0 * 20f64.sqrt() / root, "{square}");
        assert!(values.iter().all(|v| *v >= 0.0 && v.is_sign_positive()));
        let k = kolmogorov(values, |v| -(-v / scale).exp_m1());
        assert!(k < 1.95, "{k}");
    }
    assert_eq!(draw(&Exponential::new(0.0), 3, 0, 5), [0.0; 5]);
}

#[test]
fn gammas_are_gamma_distributed() {
    for (shape, ln_gamma, seed) in
        [(0.3, LN_GAMMA_0_3, 1), (1.0, 0.0, 2), (2.5, LN_GAMMA_2_5, 3), (20.0, LN_GAMMA_20, 4)]
    {
        let scale = 3.0;
        let values = draw(&Gamma::new(shape, scale), seed, 0, N);
        let root = (N as f64).sqrt();
        let m = mean(values.iter().map(|v| v / scale));
        assert!((m - shape).abs() < 4.0 * shape.sqrt() / root, "{shape}: mean {m}");
        // The fourth central moment is 3 * shape² + 6 * shape.
        let var = mean(values.iter().map(|v| (v / scale - shape).powi(2)));
        let error = (2.0 * shape * shape + 6.0 * shape).sqrt() / root;
        assert!((var - shape).abs() < 4.0 * error, "{shape}: variance {var}");
        let k = kolmogorov(values, |v| gamma_cdf(shape, ln_gamma, v / scale));
        assert!(k < 1.95, "{shape}: {k}");
    }
    assert_eq!(draw(&Gamma::new(0.0, 2.0), 1, 0, 5), [0.0; 5]);
}

#[test]
fn the_smallest_gammas_have_their_share() {
    // P(X < x) is x^shape / Γ(shape + 1) for small x: with the shape 0.02 half of all numbers are below 1e-15.
    let (shape, ln_gamma_plus_1) = (0.02, -0.011_218_489_329_770_12);
    let values = draw(&Gamma::new(shape, 1.0), 8, 0, N);
    for x in [1e-100, 1e-30, 1e-15, 1e-6] {
        let expected = (shape * f64::ln(x) - ln_gamma_plus_1).exp();
        let share = values.iter().filter(|v| **v < x).count() as f64 / N as f64;
        assert!((share - expected).abs() < 4.0 * (0.25 / N as f64).sqrt(), "{x}: {share} {expected}");
    }
}

#[test]
fn gammas_of_large_shape_are_normal_in_the_limit() {
    // Where a naive acceptance test is all rounding errors.
    for shape in [1e9, 1e14, 1e18] {
        let values = draw(&Gamma::new(shape, 1.0), 5, 0, N);
        let skew = 2.0 / f64::sqrt(shape);
        let k = kolmogorov(values, |v| {
            let z = (v - shape) / shape.sqrt();
            normal_cdf(z) - skew / 6.0 * (z * z - 1.0) * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
        });
        assert!(k < 1.95, "{shape}: {k}");
    }
}

#[test]
fn lognormals_are_exponentials_of_normals_of_their_own() {
    let values = draw(&LogNormal::new(1.0, 0.5), 6, 0, N);
    let k = kolmogorov(values.clone(), |v| normal_cdf((v.ln() - 1.0) / 0.5));
    assert!(k < 1.95, "{k}");
    let normals = draw(&Normal::new(0.0, 1.0), 6, 0, N);
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    assert!(super::correlation(&logs, &normals).abs() < 4.5 / (N as f64).sqrt());
}

#[test]
fn numbers_belong_to_their_position() {
    check_positions(&Exponential::new(2.0));
    check_positions(&Gamma::new(0.3, 2.0));
    check_positions(&Gamma::new(3.0, 2.0));
    check_positions(&LogNormal::new(0.0, 1.0));
}

#[test]
fn neighbours_and_seeds_are_uncorrelated() {
    check_independence(|seed, len| draw(&Exponential::new(1.0), seed, 0, len));
    check_independence(|seed, len| draw(&Gamma::new(0.7, 1.0), seed, 0, len));
    check_independence(|seed, len| draw(&Gamma::new(5.0, 1.0), seed, 0, len));
}
