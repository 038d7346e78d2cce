//! Sums of products, decompositions, covariances and Fourier transforms, against numpy's answers and definitions.

use std::sync::Arc;

use graticule_array::{Array, Chunk, ContractAxes, DType, FourierNorm, Result, Runtime, einsum, s};
use ndarray::{Array2, ArrayD, IxDyn};
use proptest::prelude::*;

/// The numbers `((37 i + 11) mod 101) / 8 - 6`, as the script that asked numpy made them.
fn numbers(shape: &[usize]) -> ArrayD<f64> {
    with_step(shape, 37)
}

fn with_step(shape: &[usize], step: usize) -> ArrayD<f64> {
    let len = shape.iter().product::<usize>();
    let values = (0..len).map(|i| ((i * step + 11) % 101) as f64 / 8.0 - 6.0);
    ArrayD::from_shape_vec(IxDyn(shape), values.collect()).unwrap()
}

fn chunked(values: &ArrayD<f64>, chunks: &[usize]) -> Array {
    Array::from_array(values.clone(), chunks).unwrap()
}

fn close(array: &Array, expected: &[f64], tolerance: f64) {
    let values = array.compute().unwrap().to_f64();
    assert_eq!(values.len(), expected.len(), "{:?}", array.shape());
    for (i, (x, y)) in values.iter().zip(expected).enumerate() {
        let same = (x - y).abs() <= tolerance || (x.is_nan() && y.is_nan()) || x == y;
        assert!(same, "element {i} is {x}, not {y}");
    }
}

fn matrix(array: &Array) -> Array2<f64> {
    array.to_ndarray::<f64>().unwrap().into_dimensionality().unwrap()
}

fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |m, x| if x.is_nan() { x } else { m.max(x.abs()) })
}

fn off_identity(q: &Array2<f64>) -> f64 {
    largest(q.t().dot(q) - Array2::<f64>::eye(q.ncols()))
}

// --- sums of products ---------------------------------------------------------------------------------------------

/// The product of two labeled arrays by its definition.
fn naive(a: (&ArrayD<f64>, &str), b: (&ArrayD<f64>, &str), out: &str) -> ArrayD<f64> {
    let mut letters: Vec<char> = out.chars().collect();
    for c in a.1.chars().chain(b.1.chars()) {
        if !letters.contains(&c) {
            letters.push(c);
        }
    }
    let len = |c: char| {
        let find = |(array, names): (&ArrayD<f64>, &str)| names.find(c).map(|axis| array.shape()[axis]);
        find(a).or_else(|| find(b)).unwrap()
    };
    let lens: Vec<usize> = letters.iter().map(|&c| len(c)).collect();
    let mut result = ArrayD::zeros(IxDyn(&lens[..out.len()]));
    for index in ndarray::indices(IxDyn(&lens)) {
        let at = |names: &str| -> Vec<usize> {
            names.chars().map(|c| index[letters.iter().position(|&l| l == c).unwrap()]).collect()
        };
        result[IxDyn(&at(out))] += a.0[IxDyn(&at(a.1))] * b.0[IxDyn(&at(b.1))];
    }
    result
}

fn values(len: usize) -> impl Strategy<Value = Vec<f64>> {
    let one = prop_oneof![
        40 => (-8i32..8).prop_map(|x| f64::from(x) / 4.0),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ];
    prop::collection::vec(one, len)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn sums_of_products_are_those_of_the_definition(
        form in prop::sample::select(vec![
            "ij,jk->ik", "ij,jk->ki", "bij,bjk->bik", "ij,kj->ik", "ijk,jk->i", "ij,ij->", "ij,jk->", "i,j->ij",
            "ijk,kl->ijl", "bi,bi->b", "ij,k->jk",
        ]),
        lens in prop::collection::vec(0usize..5, 26),
        cuts in prop::collection::vec(1usize..4, 8),
        seed in values(1250),
        threads in 1usize..5,
    ) {
        let (inputs, out) = form.split_once("->").unwrap();
        let (left, right) = inputs.split_once(',').unwrap();
        let build = |names: &str, skip: usize| {
            let shape: Vec<usize> = names.bytes().map(|c| lens[usize::from(c - b'a')]).collect();
            let len = shape.iter().product::<usize>();
            let array = ArrayD::from_shape_vec(IxDyn(&shape), seed[skip..skip + len].to_vec()).unwrap();
            let lazy = Array::from_array(array.clone(), &cuts[skip % 5..][..shape.len()]).unwrap();
            (array, lazy)
        };
        let (a, lazy_a) = build(left, 0);
        let (b, lazy_b) = build(right, 626);
        let expected = naive((&a, left), (&b, right), out);
        let lazy = einsum(form, &[&lazy_a, &lazy_b]).unwrap();
        prop_assert_eq!(lazy.shape(), expected.shape());
        let got = Runtime::builder().threads(threads).build().compute(&lazy).unwrap();
        // All numbers are small multiples of 1/16: sums are exact in any order.
        for (x, y) in got.to_f64().iter().zip(expected.iter()) {
            prop_assert!(x == y || (x.is_nan() && y.is_nan()), "{} {}", x, y);
        }
        let narrow = lazy_a.nan_to_zero();
        let (ints, other) = (narrow.0, lazy_b.nan_to_zero().0);
        let (ia, ib) = (narrow.1, lazy_b.nan_to_zero().1);
        let exact = naive((&ia, left), (&ib, right), out);
        let lazy = einsum(form, &[&ints, &other]).unwrap();
        prop_assert_eq!(lazy.dtype(), DType::I64);
        prop_assert_eq!(lazy.compute().unwrap().to_f64(), exact.iter().copied().collect::<Vec<_>>());
        let f32s = einsum(form, &[&ints.astype(DType::F32).unwrap(), &other.astype(DType::F32).unwrap()]).unwrap();
        prop_assert_eq!(f32s.dtype(), DType::F32);
        prop_assert_eq!(f32s.compute().unwrap().to_f64(), exact.iter().copied().collect::<Vec<_>>());
    }
}

/// The same chunks with int32 numbers in place of fractions, and those numbers.
trait Integers {
    fn nan_to_zero(&self) -> (Array, ArrayD<f64>);
}

impl Integers for Array {
    fn nan_to_zero(&self) -> (Array, ArrayD<f64>) {
        let finite = self.isfinite().unwrap().choose(self, 0.0).unwrap();
        let ints = (finite * 4.0).unwrap().astype(DType::I32).unwrap();
        let values = ints.astype(DType::F64).unwrap().to_ndarray::<f64>().unwrap();
        (ints, values)
    }
}

#[test]
fn matmul_broadcasts_stacks_as_numpy_does() {
    let shapes: [(&[usize], &[usize], &[usize]); 8] = [
        (&[3], &[3], &[]),
        (&[3], &[3, 4], &[4]),
        (&[2, 3], &[3], &[2]),
        (&[5, 2, 3], &[3, 4], &[5, 2, 4]),
        (&[2, 3], &[5, 3, 4], &[5, 2, 4]),
        (&[5, 1, 2, 3], &[6, 3, 4], &[5, 6, 2, 4]),
        (&[3], &[5, 3, 4], &[5, 4]),
        (&[1, 2, 3], &[1, 3, 1], &[1, 2, 1]),
    ];
    for (left, right, shape) in shapes {
        let (a, b) = (numbers(left), with_step(right, 23));
        let product = chunked(&a, &vec![2; left.len()]).matmul(&chunked(&b, &vec![2; right.len()])).unwrap();
        assert_eq!(product.shape(), shape);
        // Against matrices one by one.
        let a4 = if left.len() == 1 { a.clone().insert_axis(ndarray::Axis(0)) } else { a.clone() };
        let b4 = if right.len() == 1 { b.clone().insert_axis(ndarray::Axis(1)) } else { b.clone() };
        let stack = |array: &ArrayD<f64>| array.shape()[..array.ndim() - 2].to_vec();
        let ndim = a4.ndim().max(b4.ndim()) - 2;
        let lens: Vec<usize> = (0..ndim)
            .map(|i| {
                let len = |s: Vec<usize>| (i + s.len()).checked_sub(ndim).map_or(1, |i| s[i]);
                len(stack(&a4)).max(len(stack(&b4)))
            })
            .collect();
        let full = |array: &ArrayD<f64>| {
            let shape = [&lens[..], &array.shape()[array.ndim() - 2..]].concat();
            array.broadcast(IxDyn(&shape)).unwrap().to_owned()
        };
        let names = |tail: &str| format!("{}{tail}", &"abcd"[..ndim]);
        let expected = naive((&full(&a4), &names("ij")), (&full(&b4), &names("jk")), &names("ik"));
        close(&product, expected.as_slice().unwrap(), 1e-12);
    }
    let x = Array::ones((2, 3), (2, 3)).unwrap();
    assert!(x.matmul(&x).unwrap_err().to_string().contains("last but one"));
    assert!(x.matmul(&Array::full(1.0, [0; 0], [0; 0]).unwrap()).is_err());
}

#[test]
fn tensordot_sums_over_the_axes_it_is_told() {
    let (a, b) = (numbers(&[3, 4, 5]), with_step(&[5, 4, 2], 23));
    let (x, y) = (chunked(&a, &[2, 3, 2]), chunked(&b, &[3, 1, 2]));
    let expected = naive((&a, "abc"), (&b, "cbd"), "ad");
    close(&x.tensordot(&y, ([1, 2], [1, 0])).unwrap(), expected.as_slice().unwrap(), 1e-12);
    close(&x.tensordot(&y, (vec![-2, -1], vec![-2, 0])).unwrap(), expected.as_slice().unwrap(), 1e-12);
    assert_eq!(x.tensordot(&y, 1).unwrap().shape(), [3, 4, 4, 2]);
    assert_eq!(x.tensordot(&y, 0).unwrap().shape(), [3, 4, 5, 5, 4, 2]);
    assert_eq!(x.inner(&y.transpose().unwrap()).unwrap().shape(), [3, 4, 2, 4]);
    assert_eq!(x.dot(&chunked(&b, &[5, 2, 2]).permute(&[1, 0, 2]).unwrap()).unwrap().shape(), [3, 4, 4, 2]);
    assert_eq!(ContractAxes::from(2), ContractAxes::Count(2));
    assert!(x.tensordot(&y, 4).is_err() && x.tensordot(&y, ([0, 0], [1, 1])).is_err());
    assert!(x.tensordot(&y, (0, 0)).unwrap_err().to_string().contains("equal lengths"));
    close(&x.vdot(&x).unwrap(), &[a.iter().map(|v| v * v).sum()], 1e-10);
    let v = Array::arange(3).unwrap();
    assert_eq!(
        v.outer(&v).unwrap().compute().unwrap().as_slice::<i64>().unwrap(),
        [0, 0, 0, 0, 1, 2, 0, 2, 4]
    );
}

#[test]
fn einsum_understands_the_everyday_forms() {
    let a = numbers(&[4, 4]);
    let (x, y) = (chunked(&a, &[3, 2]), chunked(&with_step(&[4, 3], 23), &[2, 2]));
    let trace: f64 = (0..4).map(|i| a[[i, i]]).sum();
    close(&einsum("ii", &[&x]).unwrap(), &[trace], 1e-12);
    close(&x.trace(0, 0, 1).unwrap(), &[trace], 1e-12);
    close(&einsum("ii->i", &[&x]).unwrap(), a.diag().to_vec().as_slice(), 0.0);
    close(&einsum("ba", &[&x]).unwrap(), a.t().iter().copied().collect::<Vec<_>>().as_slice(), 0.0);
    close(&einsum(" ij , jk ", &[&x, &y]).unwrap(), matrix(&x).dot(&matrix(&y)).as_slice().unwrap(), 1e-12);
    let three = einsum("ij,jk,lk->il", &[&x, &y, &y]).unwrap();
    let expected = matrix(&x).dot(&matrix(&y)).dot(&matrix(&y).t());
    close(&three, &expected.iter().copied().collect::<Vec<_>>(), 1e-11);
    let stack = chunked(&numbers(&[5, 4, 4]), &[2, 4, 4]);
    assert_eq!(einsum("...ij,jk->...ik", &[&stack, &y]).unwrap().shape(), [5, 4, 3]);
    assert_eq!(einsum("...ij,...jk", &[&stack, &y]).unwrap().shape(), [5, 4, 3]);
    let one = chunked(&numbers(&[1, 4, 4]), &[1, 4, 4]);
    let broadcast = einsum("...ij,...jk->...ik", &[&one, &stack]).unwrap();
    assert_eq!(broadcast.compute().unwrap(), one.matmul(&stack).unwrap().compute().unwrap());
    for (form, part) in [
        ("ij,jk->iz", "letters of the arrays"),
        ("ij->ij", "each of the 2 arrays"),
        ("ij,j->i", "has 2 axes, but 1"),
        ("i1,jk->i", "not a letter"),
        ("ij,jk->ii", "each once"),
        ("...ij,jk->ik", "write `...` there too"),
    ] {
        let inputs: &[&Array] = if form.starts_with("...") { &[&stack, &y] } else { &[&x, &y] };
        let error = einsum(form, inputs).unwrap_err().to_string();
        assert!(error.contains(part), "{form}: {error}");
    }
    assert!(einsum("ij,jk->ik", &[&x, &x.slice(s![..3, ..]).unwrap()]).is_err());
    assert!(einsum("ii->i", &[&y]).unwrap_err().to_string().contains("equal lengths"));
}

#[test]
fn booleans_and_integers_have_products_that_do_not_wrap_early() {
    let t = Array::from_array(ndarray::arr2(&[[true, false], [false, false]]), (1, 1)).unwrap();
    let u = Array::from_array(ndarray::arr2(&[[true, true], [false, true]]), (1, 1)).unwrap();
    let both = t.matmul(&u).unwrap().compute().unwrap();
    assert_eq!(both.as_slice::<bool>().unwrap(), [true, true, false, false]);
    assert_eq!(einsum("ij,ij->", &[&t, &u]).unwrap().compute().unwrap().item::<bool>().unwrap(), true);
    let bytes = Array::from_array(ndarray::arr1(&[200u8, 200]), 1).unwrap();
    let product = bytes.dot(&bytes).unwrap().compute().unwrap();
    assert_eq!((product.dtype(), product.item::<u64>().unwrap()), (DType::U64, 80_000));
    let times = bytes.astype(DType::Timedelta(graticule_array::TimeUnit::Second));
    assert!(times.is_err() || times.unwrap().dot(&bytes).is_err());
}

#[test]
fn products_are_the_same_bits_for_any_number_of_threads() {
    let x = Array::random_normal(0.0, 1.0, 1, (130, 700), (50, 60)).unwrap();
    let y = Array::random_normal(0.0, 1.0, 2, (700, 90), (100, 40)).unwrap();
    let z = x.matmul(&y).unwrap();
    let cov = x.cov(true, 1).unwrap();
    let (u, s, vt) = y.svd().unwrap();
    let spectrum = x.rfft(0, None, FourierNorm::Backward).unwrap();
    let all = [&z, &cov, &u, &s, &vt, &spectrum];
    let one = Runtime::builder().threads(1).build().compute_all(&all).unwrap();
    for threads in 2..5 {
        let many = Runtime::builder().threads(threads).build().compute_all(&all).unwrap();
        assert!(one.iter().zip(&many).all(|(a, b)| a == b), "{threads} threads");
    }
    let expected = matrix(&x).dot(&matrix(&y));
    close(&z, expected.as_slice().unwrap(), 1e-11);
}

#[test]
fn a_product_of_long_vectors_is_cut_into_blocks_of_sensible_size() {
    let x = Array::ones((100_000, 1), (100_000, 1)).unwrap();
    let product = x.matmul(&x.transpose().unwrap()).unwrap();
    let block: usize = product.chunks().max_chunk().iter().product();
    assert!(block * 8 <= 64 << 20, "{:?}", product.chunks());
    let corner = product.slice(s![..3, -2..]).unwrap().compute().unwrap();
    assert_eq!(corner.as_slice::<f64>().unwrap(), [1.0; 6]);
}

#[test]
fn diagonals_of_any_offset_are_numpys() {
    let a = numbers(&[4, 3, 5]);
    let x = chunked(&a, &[3, 2, 2]);
    for offset in -5isize..6 {
        let expected: Vec<f64> = (0..3)
            .flat_map(|j| {
                let a = &a;
                (0..4isize).filter_map(move |i| {
                    let column = i + offset;
                    (0..5).contains(&column).then(|| a[[i as usize, j, column as usize]])
                })
            })
            .collect();
        close(&x.diagonal(offset, 0, 2).unwrap(), &expected, 0.0);
    }
    assert!(x.diagonal(0, 1, 1).is_err());
}

// --- decompositions -----------------------------------------------------------------------------------------------

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

// --- Fourier transforms -------------------------------------------------------------------------------------------

#[test]
fn fourier_transforms_are_numpys() {
    let c = chunked(&numbers(&[3, 7]), &[2, 3]);
    #[rustfmt::skip]
    let expected = [
        1.625, 0.0, -6.371826791198469, 1.5639802834014223, -14.937231957268041, -6.23004709369796, 4.30905874846651,
        2.6097492951310866, 1.0, 0.0, 2.75, 5.956820543201127, 2.75, 15.94904026375644, 2.75, -4.220933389805267, 0.375,
        0.0, -3.5625, -10.744484607894101, -3.5624999999999996, -0.7522648873387907, -3.5625, 12.480371761289963,
    ];
    close(&c.rfft(1, None, FourierNorm::Backward).unwrap(), &expected, 1e-13);
    let long = c.fft(0, Some(5), FourierNorm::Ortho).unwrap().slice(s![.., ..2, ..]).unwrap();
    #[rustfmt::skip]
    let expected = [
        -2.2919696769372844, 0.0, -1.732952682562337, 0.0, -0.6374611797498106, -0.27471684226134935,
        -1.3480118293594157, 1.9121331943713136, -3.3874611797498106, -1.9331401026769768, 2.2144881706405846,
        2.1369143401136497, -3.3874611797498106, 1.9331401026769768, 2.2144881706405846, -2.1369143401136497,
        -0.6374611797498106, 0.27471684226134935, -1.3480118293594157, -1.9121331943713136,
    ];
    close(&long, &expected, 1e-14);
    let z = chunked(&numbers(&[4, 3, 2]), &[2, 2, 1]);
    #[rustfmt::skip]
    let expected = [
        -0.5833333333333333, 0.3958333333333333, -0.7291666666666666, 0.25, 1.2291666666666665, 0.10416666666666666,
        -2.5408650880638817, 0.3932425905628721, 0.5375801578602785, -2.6852026553612878, 1.5118587371177719,
        2.0892090063073976,
    ];
    close(
        &z.ifft(0, Some(6), FourierNorm::Backward).unwrap().slice(s![..2, .., ..]).unwrap(),
        &expected,
        1e-14,
    );
    #[rustfmt::skip]
    let expected = [
        -0.875, -2.145833333333333, 2.895833333333333, -3.8317301761277633, 0.22099364905389032, 2.169550807568877,
        0.721687836487032, 2.8258545031536983, -1.3824788301796345, -0.4166666666666668, 1.6875, 1.6874999999999996,
        -0.721687836487032, 1.3824788301796345, -2.8258545031536983, 0.49839684279442986, 0.6540063509461097,
        -1.294550807568877,
    ];
    close(&z.irfft(0, None, FourierNorm::Backward).unwrap(), &expected, 1e-14);
    let short = z.irfft(0, Some(5), FourierNorm::Forward).unwrap().slice(s![..2, ..]).unwrap();
    let expected = [-8.125, -12.375, 21.25, -17.178220076275235, 5.833961861691243, 3.5961437996577246];
    close(&short, &expected, 1e-13);
    let long = z.irfft(0, Some(11), FourierNorm::Backward).unwrap().slice(s![1, ..]).unwrap();
    close(&long, &[-0.9419028033087372, -1.5595612318866918, 1.8317687204243085], 1e-14);
    #[rustfmt::skip]
    let expected = [
        3.0, 0.0, -7.184326791198469, -3.2236837812915518, -15.749731957268041, 8.96672828271969, 3.4965587484665104,
        10.869187666615781, 0.9375, -0.5412658773652741, 8.498177746005899, -1.5089730456413593, -0.06722742006367,
        -19.295220143296056, -9.748445788737861, -6.986755252000529, 0.9375, 0.5412658773652741, -20.42933132840284,
        9.424597677137179, -28.994736494472413, -8.361649420517518, 19.179063285670882, 3.9468154707780077,
    ];
    let half = c.rfftn(&[0, 1], FourierNorm::Backward).unwrap();
    close(&half, &expected, 1e-13);
    let all = c.fftn(&[0, 1], FourierNorm::Backward).unwrap();
    close(&all.slice(s![.., ..4, ..]).unwrap(), &expected, 1e-13);
    let values = numbers(&[3, 7]).into_raw_vec_and_offset().0;
    close(&half.irfftn(&[0, 1], Some(7), FourierNorm::Backward).unwrap(), &values, 1e-14);
    close(&all.ifftn(&[0, 1], FourierNorm::Backward).unwrap().real().unwrap(), &values, 1e-14);
    let same = Array::complex(&c, &(&c * 0.0).unwrap())
        .unwrap()
        .fft_complex(1, None, FourierNorm::Backward)
        .unwrap();
    close(&same, &c.fft(1, None, FourierNorm::Backward).unwrap().compute().unwrap().to_f64(), 1e-13);
}

#[test]
fn frequencies_and_shifts_are_numpys() {
    close(&Array::fftfreq(5, 0.1).unwrap(), &[0.0, 2.0, 4.0, -4.0, -2.0], 0.0);
    close(&Array::rfftfreq(5, 0.3).unwrap(), &[0.0, 0.6666666666666666, 1.3333333333333333], 0.0);
    assert!(Array::fftfreq(0, 1.0).is_err() && Array::rfftfreq(3, 0.0).is_err());
    let x = Array::arange(5).unwrap();
    close(&x.fftshift(&[0]).unwrap(), &[3.0, 4.0, 0.0, 1.0, 2.0], 0.0);
    close(&x.ifftshift(&[0]).unwrap(), &[2.0, 3.0, 4.0, 0.0, 1.0], 0.0);
    let z = Array::complex(&Array::full(3.0, 2, 1).unwrap(), &Array::full(-4.0, 2, 1).unwrap()).unwrap();
    close(&z.complex_abs().unwrap(), &[5.0, 5.0], 0.0);
    close(&z.angle().unwrap(), &[(-4.0f64).atan2(3.0); 2], 1e-15);
}

#[test]
fn transforms_of_what_is_not_complex_or_has_no_points_are_refused() {
    let x = Array::ones((4, 3), (2, 3)).unwrap();
    assert!(
        x.ifft(0, None, FourierNorm::Backward).unwrap_err().to_string().contains("last axis of length 2")
    );
    assert!(
        x.rfft(0, Some(0), FourierNorm::Backward).is_err() && x.rfft(2, None, FourierNorm::Backward).is_err()
    );
    let empty = Array::ones((0, 3), (1, 3)).unwrap();
    assert!(empty.rfft(0, None, FourierNorm::Backward).is_err());
    close(&empty.rfft(0, Some(1), FourierNorm::Backward).unwrap(), &[0.0; 6], 0.0);
    assert_eq!(empty.rfft(1, None, FourierNorm::Backward).unwrap().compute().unwrap().shape(), [0, 2, 2]);
    let single = x.astype(DType::F32).unwrap().rfft(0, None, FourierNorm::Ortho).unwrap();
    assert_eq!(
        (single.dtype(), x.astype(DType::I16).unwrap().fft(0, None, FourierNorm::Ortho).unwrap().dtype()),
        (DType::F32, DType::F64)
    );
    close(&single.slice(s![0, 0, ..]).unwrap(), &[2.0, 0.0], 0.0);
}

#[test]
fn functions_along_an_axis_get_each_row() -> Result<()> {
    let x = chunked(&numbers(&[5, 6, 3]), &[2, 2, 2]);
    for axis in 0..3 {
        let reversed = x.apply_along_axis("reverse", axis, x.shape()[axis as usize], |row: &[f64]| {
            Ok(row.iter().rev().copied().collect::<Vec<f64>>())
        })?;
        let mut selection = [s![..;-1, .., ..], s![.., ..;-1, ..], s![.., .., ..;-1]];
        let expected = x.slice(std::mem::replace(&mut selection[axis as usize], s![.., .., ..]))?;
        assert_eq!(reversed.compute()?, expected.compute()?);
    }
    let counts = x.apply_along_axis("count", 1, 1, |row: &[f64]| Ok(vec![row.len() as i64]))?;
    assert_eq!((counts.shape(), counts.sum(())?.compute()?.item::<i64>()?), (&[5, 1, 3][..], 90));
    assert!(x.apply_along_axis("ints", 0, 1, |row: &[i64]| Ok(row.to_vec())).is_err());
    let wrong = x.apply_along_axis("wrong", 0, 1, |row: &[f64]| Ok(row.to_vec()))?;
    assert!(wrong.compute().unwrap_err().to_string().contains("announced to give 1"));
    Ok(())
}

#[test]
fn plans_of_products_read_what_is_in_memory_by_view_and_keep_what_is_drawn() {
    let memory = Arc::new(Chunk::from(numbers(&[400, 300])));
    let grid = graticule_array::ChunkGrid::regular(&[400, 300], &[100, 100]);
    let x = Array::from_memory(memory, grid).unwrap();
    let runtime = Runtime::builder().threads(2).build();
    let text = runtime.plan(&[&x.matmul(&x.transpose().unwrap()).unwrap()]).unwrap().explain();
    assert!(text.starts_with("1 stage") && !text.contains("keep"), "{text}");
    let (q, r) = x.qr().unwrap();
    let text = runtime.plan(&[&q, &r]).unwrap().explain();
    assert!(!text.contains("disk"), "{text}");
    println!("{text}");
    let (u, s, vt) = Array::random_normal(0.0, 1.0, 1, (4000, 20), (500, 20)).unwrap().svd().unwrap();
    println!("{}", runtime.plan(&[&u, &s, &vt]).unwrap().explain());
}
