//! Decompositions, least squares and covariances.

use graticule_array::{Array, DType, s};
use ndarray::Array2;
use proptest::prelude::*;

use super::{chunked, close, largest, matrix, numbers, off_identity, with_step};

#[test]
fn qr_and_singular_values_are_numpys() {
    let x = chunked(&numbers(&[6, 4]), &[2, 3]);
    let (q, r) = x.qr().unwrap();
    // np.linalg.qr, rows turned so that the diagonal is positive.
    #[rustfmt::skip]
    let expected = [
        9.625811654089228, 0.1071338227942476, -2.689708248031341, 1.0713382279424781,
        0.0, 8.963698865089874, -5.744625299019445, 4.292756151145992,
        0.0, 0.0, 5.658157802177129, -5.626060328545197,
        0.0, 0.0, 0.0, 3.7341396877617243,
    ];
    close(&r, &expected, 1e-13);
    close(&q.matmul(&r).unwrap(), numbers(&[6, 4]).as_slice().unwrap(), 1e-13);
    let (_, s, _) = x.svd().unwrap();
    close(&s, &[13.366536961354598, 9.540629612872573, 5.907020828767181, 2.4200580941851406], 1e-13);
}

fn check_svd(x: &Array) {
    let a = matrix(x);
    let (u, s, vt) = x.svd().unwrap();
    let (u, s, vt) = (matrix(&u), s.compute().unwrap().to_f64(), matrix(&vt));
    let rank = a.nrows().min(a.ncols());
    assert_eq!((u.dim(), s.len(), vt.dim()), ((a.nrows(), rank), rank, (rank, a.ncols())));
    let size = s.first().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
    let again = (&u * &ndarray::Array1::from(s.clone())).dot(&vt);
    assert!(largest(&again - &a) <= 1e-13 * size, "{}", largest(&again - &a) / size);
    assert!(off_identity(&u) < 1e-13 && off_identity(&vt.t().to_owned()) < 1e-13);
    assert!(s.windows(2).all(|w| w[0] >= w[1]));
}

fn check_qr(x: &Array) {
    let a = matrix(x);
    let (q, r) = x.qr().unwrap();
    let (q, r) = (matrix(&q), matrix(&r));
    let rank = a.nrows().min(a.ncols());
    assert_eq!((q.dim(), r.dim()), ((a.nrows(), rank), (rank, a.ncols())));
    assert!(largest(q.dot(&r) - &a) <= 1e-12 * largest(a.iter().copied()).max(f64::MIN_POSITIVE));
    assert!(off_identity(&q) < 1e-13, "{}", off_identity(&q));
    assert!(r.indexed_iter().all(|((i, j), &v)| i < j || (i == j && v >= 0.0) || v == 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn decompositions_hold_for_any_shape_and_chunks(
        rows in 0usize..40, columns in 0usize..9, cut in 1usize..12, columns_cut in 1usize..9, seed in 0u64..1000,
    ) {
        let x = Array::random_normal(0.0, 1.0, seed, (rows, columns), (cut, columns_cut)).unwrap();
        check_qr(&x);
        check_svd(&x);
        check_svd(&x.transpose().unwrap());
        check_qr(&x.transpose().unwrap());
    }
}

#[test]
fn matrices_far_from_orthogonal_have_orthogonal_factors() {
    // A Hilbert matrix below another: its condition is about 1e13.
    let hilbert = |at: &[usize]| 1.0 / ((at[0] % 37) as f64 + at[1] as f64 + 1.0);
    let x = Array::from_fn((500, 10), (64, 10), hilbert).unwrap();
    let (_, s, _) = x.svd().unwrap();
    let s = s.compute().unwrap().to_f64();
    assert!(s[0] / s[9] > 1e10);
    check_qr(&x);
    check_svd(&x);
    let twice = Array::concatenate(&[x.clone(), x], 1).unwrap();
    check_qr(&twice);
    check_svd(&twice);
    check_svd(&Array::zeros((30, 4), (7, 4)).unwrap());
}

#[test]
fn triangles_of_many_chunks_are_gathered_in_groups() {
    let x = Array::random_normal(0.0, 1.0, 5, (12_000, 200), (250, 200)).unwrap();
    let (q, r) = x.qr().unwrap();
    let error = (q.matmul(&r).unwrap() - &x).unwrap().abs().unwrap().max(()).unwrap();
    let gram = q.transpose().unwrap().matmul(&q).unwrap();
    let results = graticule_array::compute_all([&error, &gram]).unwrap();
    assert!(results[0].item::<f64>().unwrap() < 1e-12);
    let gram = results[1].to_ndarray::<f64>().unwrap();
    assert!(largest(&gram - &Array2::<f64>::eye(200).into_dyn()) < 1e-13);
}

#[test]
fn decompositions_of_float32_are_float32() {
    let x = Array::random_normal(0.0, 1.0, 5, (50, 3), (20, 3)).unwrap().astype(DType::F32).unwrap();
    let (q, r) = x.qr().unwrap();
    let (u, s, vt) = x.svd().unwrap();
    assert!([&q, &r, &u, &s, &vt].iter().all(|a| a.dtype() == DType::F32));
    let error = (q.matmul(&r).unwrap() - &x).unwrap().abs().unwrap().max(()).unwrap().compute().unwrap();
    assert!(error.item::<f32>().unwrap() < 1e-6);
}

#[test]
fn there_are_no_singular_values_of_nan() {
    let mut values = numbers(&[6, 2]);
    values[[3, 1]] = f64::NAN;
    let (_, s, _) = chunked(&values, &[2, 2]).svd().unwrap();
    let error = s.compute().unwrap_err().to_string();
    assert!(error.contains("NaN or infinity"), "{error}");
}

#[test]
fn a_compressed_decomposition_finds_what_is_large() {
    let left = Array::random_normal(0.0, 1.0, 1, (400, 6), (90, 6)).unwrap();
    let right = Array::random_normal(0.0, 1.0, 2, (6, 300), (6, 70)).unwrap();
    let noise = (Array::random_normal(0.0, 1.0, 3, (400, 300), (90, 70)).unwrap() * 1e-6).unwrap();
    let x = (left.matmul(&right).unwrap() + noise).unwrap().persist().unwrap();
    let (u, s, vt) = x.svd_compressed(6, 10, 2, 11).unwrap();
    let (_, exact, _) = x.svd().unwrap();
    let exact = exact.compute().unwrap().to_f64();
    close(&s, &exact[..6], 1e-9 * exact[0]);
    let (u, vt) = (matrix(&u), matrix(&vt));
    assert!(off_identity(&u) < 1e-12 && off_identity(&vt.t().to_owned()) < 1e-12);
    let again = (&u * &ndarray::Array1::from(s.compute().unwrap().to_f64())).dot(&vt);
    assert!(largest(again - matrix(&x)) < 1e-4);
    assert!(x.svd_compressed(0, 10, 0, 1).is_err() && x.svd_compressed(301, 10, 0, 1).is_err());
}

#[test]
fn least_squares_are_numpys() {
    let (a, b) = (numbers(&[6, 4]), with_step(&[6, 2], 23));
    let (x, residuals, rank, values) = chunked(&a, &[4, 2]).lstsq(&chunked(&b, &[3, 1]), None).unwrap();
    let expected =
        [1.0, 0.0, -0.0529100529100532, 0.42857142857142827, 0.14285714285714268, 0.14285714285714246];
    close(&x.slice(s![..3, ..]).unwrap(), &expected, 1e-14);
    close(&x.slice(s![3, ..]).unwrap(), &[0.19576719576719553, 0.7142857142857144], 1e-14);
    close(&residuals, &[0.0, 0.0], 1e-28);
    close(&rank, &[4.0], 0.0);
    close(&values, &[13.366536961354598, 9.540629612872568, 5.907020828767182, 2.4200580941851406], 1e-13);

    // One column depends on two others: of all solutions the shortest.
    let mut dependent = a;
    for i in 0..6 {
        dependent[[i, 3]] = 2.0 * dependent[[i, 0]] - dependent[[i, 1]];
    }
    let (x, residuals, rank, _) = chunked(&dependent, &[2, 4]).lstsq(&chunked(&b, &[6, 2]), None).unwrap();
    #[rustfmt::skip]
    let expected = [
        0.2946113914347498, 0.06592444622588947, 0.2526578136824238, 0.2236613922647,
        -0.0517995090504038, -0.567376587075797, 0.336564969187076, -0.091812499812921,
    ];
    close(&x, &expected, 1e-13);
    close(&residuals, &[0.5343932453001006, 7.114183269243487], 1e-12);
    close(&rank, &[3.0], 0.0);

    // More unknowns than equations.
    let (x, residuals, rank, _) =
        chunked(&numbers(&[3, 5]), &[2, 2]).lstsq(&chunked(&numbers(&[3]), &[2]), None).unwrap();
    let expected = [
        0.39921924592110136,
        -0.15822190007303152,
        -0.25931171724922664,
        0.39921924592110153,
        -0.18554347228281406,
    ];
    close(&x, &expected, 1e-14);
    close(&residuals, &[0.0], 1e-28);
    close(&rank, &[3.0], 0.0);

    let nothing = Array::zeros((0, 2), (1, 2)).unwrap();
    let (x, _, rank, _) = nothing.lstsq(&Array::zeros(0, 1).unwrap(), None).unwrap();
    close(&x, &[0.0, 0.0], 0.0);
    close(&rank, &[0.0], 0.0);
    assert!(nothing.lstsq(&Array::zeros(3, 1).unwrap(), None).is_err());
}

#[test]
fn equations_inverses_and_cholesky_factors_are_numpys() {
    let a = &numbers(&[4, 4]) + &(Array2::<f64>::eye(4) * 10.0).into_dyn();
    let x = chunked(&a, &[3, 2]);
    let solution = x.solve(&chunked(&numbers(&[4]), &[2])).unwrap();
    let expected = [-0.9525706403373261, 0.10990689973915467, -0.14400688834299896, -0.3440293482665181];
    close(&solution, &expected, 1e-14);
    let identity = x.inv().unwrap().matmul(&x).unwrap();
    close(&identity, Array2::<f64>::eye(4).as_slice().unwrap(), 1e-14);
    let positive = x.matmul(&x.transpose().unwrap()).unwrap();
    let lower = positive.cholesky().unwrap();
    close(&lower.matmul(&lower.transpose().unwrap()).unwrap(), &positive.compute().unwrap().to_f64(), 1e-12);
    let error = Array::ones((3, 3), (3, 3)).unwrap().inv().unwrap().compute().unwrap_err().to_string();
    assert!(error.contains("singular"), "{error}");
    assert!(chunked(&numbers(&[3, 4]), &[3, 4]).inv().is_err());
}

#[test]
fn covariances_are_numpys() {
    let c = chunked(&numbers(&[3, 7]), &[2, 3]);
    #[rustfmt::skip]
    let expected = [
        15.73139880952381, -7.038690476190475, 3.857886904761904, -7.038690476190475, 15.73139880952381,
        -7.527157738095237, 3.857886904761904, -7.527157738095237, 14.754464285714286,
    ];
    close(&c.cov(true, 1).unwrap(), &expected, 1e-13);
    close(&c.transpose().unwrap().cov(false, 1).unwrap(), &expected, 1e-13);
    let expected = [
        9.29513888888889,
        -8.414930555555554,
        -8.414930555555555,
        -8.414930555555554,
        9.29513888888889,
        9.29513888888889,
    ];
    close(&c.cov(false, 0).unwrap().slice(s![..2, ..3]).unwrap(), &expected, 1e-13);
    let correlation = c.corrcoef(true).unwrap();
    close(&correlation.slice(s![0, ..]).unwrap(), &[1.0, -0.44742940926074815, 0.25322355335592833], 1e-15);
    close(&c.slice(s![0, ..]).unwrap().cov(true, 1).unwrap(), &[15.73139880952381], 1e-13);
    let constant = Array::from_array(ndarray::arr2(&[[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]), (2, 3)).unwrap();
    close(&constant.corrcoef(true).unwrap(), &[f64::NAN, f64::NAN, f64::NAN, 1.0], 0.0);
    close(&constant.slice(s![.., ..1]).unwrap().cov(true, 1).unwrap(), &[f64::NAN; 4], 0.0);
}

#[test]
fn covariances_keep_their_digits_far_from_zero() {
    let near = Array::random_normal(0.0, 1.0, 9, (3, 20_000), (2, 3000)).unwrap();
    // Rounded to what is left of them far away, so that both are the same numbers.
    let far = (&near + 1e8).unwrap();
    let back = (&far - 1e8).unwrap();
    let expected = back.cov(true, 1).unwrap().compute().unwrap().to_f64();
    close(&far.cov(true, 1).unwrap(), &expected, 1e-13);
}
