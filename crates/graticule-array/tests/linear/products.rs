//! Sums of products.

use graticule_array::{Array, ContractAxes, DType, Runtime, einsum, s};
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

use super::{chunked, close, matrix, numbers, with_step};

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
        // All numbers are small multiples of 1/16: sums are exact in any order. Only infinities could tell that an
        // axis of one array alone is summed over before the product.
        let sums_before = ["ij,jk->", "ij,k->jk"].contains(&form);
        for (x, y) in got.to_f64().iter().zip(expected.iter()).filter(|_| !sums_before) {
            prop_assert!(x == y || (x.is_nan() && y.is_nan()), "{} {}", x, y);
        }
        let ((ints, a), (other, b)) = (integers(&lazy_a), integers(&lazy_b));
        let exact = naive((&a, left), (&b, right), out);
        let lazy = einsum(form, &[&ints, &other]).unwrap();
        prop_assert_eq!(lazy.dtype(), DType::I64);
        prop_assert_eq!(lazy.compute().unwrap().to_f64(), exact.iter().copied().collect::<Vec<_>>());
        let f32s = einsum(form, &[&ints.astype(DType::F32).unwrap(), &other.astype(DType::F32).unwrap()]).unwrap();
        prop_assert_eq!(f32s.dtype(), DType::F32);
        prop_assert_eq!(f32s.compute().unwrap().to_f64(), exact.iter().copied().collect::<Vec<_>>());
    }
}

/// Four times the finite numbers of an array and zeros for the others, as int32 in the same chunks; and as floats.
fn integers(array: &Array) -> (Array, ArrayD<f64>) {
    let finite = array.isfinite().unwrap().choose(array, 0.0).unwrap();
    let ints = (finite * 4.0).unwrap().astype(DType::I32).unwrap();
    let values = ints.astype(DType::F64).unwrap().to_ndarray::<f64>().unwrap();
    (ints, values)
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
    assert!(einsum("ij,ij->", &[&t, &u]).unwrap().compute().unwrap().item::<bool>().unwrap());
    let bytes = Array::from_array(ndarray::arr1(&[200u8, 200]), 1).unwrap();
    let product = bytes.dot(&bytes).unwrap().compute().unwrap();
    assert_eq!((product.dtype(), product.item::<u64>().unwrap()), (DType::U64, 80_000));
    let times = bytes.astype(DType::Timedelta(graticule_array::TimeUnit::Second));
    assert!(times.is_err() || times.unwrap().dot(&bytes).is_err());
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
