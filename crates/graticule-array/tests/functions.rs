//! Functions with core axes, products, norms, values at positions, and values between them.

use graticule_array::{Array, DType, Error, PadMode, Result, Runtime, Sides, compute_all};
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, arr0, arr1};
use proptest::prelude::*;

use crate::support::scripted;

fn array<T: graticule_array::Element>(shape: &[usize], chunks: &[usize], values: Vec<T>) -> Array {
    Array::from_array(ArrayD::from_shape_vec(IxDyn(shape), values).unwrap(), chunks.to_vec()).unwrap()
}

fn numbers(len: usize) -> Vec<f64> {
    (0..len).map(|i| (i * 37 % 101) as f64).collect()
}

#[test]
fn pads_of_medians_are_numpys() -> Result<()> {
    let x = array(&[5], &[2], vec![5i64, 1, 4, 2, 9]);
    let mode = PadMode::Median(Some(Sides::Each(vec![(4, 2)])));
    assert_eq!(x.pad(&[(2, 3)], &mode)?.compute()?.as_slice::<i64>()?, [3, 3, 5, 1, 4, 2, 9, 6, 6, 6]);
    let x = array(&[2, 3], &[1, 2], vec![5.0, 1.0, 4.0, 2.0, 9.0, f64::NAN]);
    let padded = x.pad(&[(1, 1), (1, 1)], &PadMode::Median(None))?.compute()?.to_f64();
    let nan = f64::NAN;
    let expected =
        [nan, 3.5, 5.0, nan, nan, 4.0, 5.0, 1.0, 4.0, 4.0, nan, 2.0, 9.0, nan, nan, nan, 3.5, 5.0, nan, nan];
    assert!(padded.iter().zip(expected).all(|(a, b)| *a == b || (a.is_nan() && b.is_nan())), "{padded:?}");
    Ok(())
}

#[test]
fn kronecker_products_and_norms_are_numpys() -> Result<()> {
    let x = array(&[2, 3], &[1, 2], (0..6i64).collect());
    let y = array(&[2, 2], &[2, 1], vec![1i64, 2, 3, 4]);
    let expected = [0, 0, 1, 2, 2, 4, 0, 0, 3, 4, 6, 8, 3, 6, 4, 8, 5, 10, 9, 12, 12, 16, 15, 20];
    assert_eq!(x.kron(&y)?.shape(), [4, 6]);
    assert_eq!(x.kron(&y)?.compute()?.as_slice::<i64>()?, expected);
    assert_eq!(Array::zeros((0, 3), "auto")?.kron(&y)?.shape(), [0, 6]);
    let x = array(&[2, 3], &[1, 2], vec![1.0, -2.0, 0.0, 3.0, 4.0, -0.5]);
    for (order, expected) in [
        (0.0, 5.0),
        (1.0, 10.5),
        (2.0, 5.5),
        (3.0, 4.643522023687861),
        (f64::INFINITY, 4.0),
        (f64::NEG_INFINITY, 0.0),
    ] {
        let norm = x.norm(order, ())?.compute()?.item::<f64>()?;
        assert!((norm - expected).abs() < 1e-14, "{order}: {norm}");
    }
    assert_eq!(x.norm(1.0, 0)?.compute()?.as_slice::<f64>()?, [4.0, 6.0, 0.5]);
    assert!(x.norm(f64::NAN, ()).is_err());
    Ok(())
}

#[test]
fn sets_and_triangles() -> Result<()> {
    let union = array(&[2, 2], &[1, 2], vec![3, 1, 1, 7]).union1d(&array(&[3], &[2], vec![7, 2, 1]))?;
    assert_eq!(union.compute()?.as_slice::<i32>()?, [1, 2, 3, 7]);
    let pair = |(rows, columns): (Array, Array)| -> Result<(Vec<f64>, Vec<f64>)> {
        Ok((rows.compute()?.to_f64(), columns.compute()?.to_f64()))
    };
    assert_eq!(pair(Array::tril_indices((3, 2), -1)?)?, (vec![1.0, 2.0, 2.0], vec![0.0, 0.0, 1.0]));
    assert_eq!(pair(Array::triu_indices((2, 3), 1)?)?, (vec![0.0, 0.0, 1.0], vec![1.0, 2.0, 2.0]));
    assert_eq!(pair(Array::triu_indices((2, 2), 9)?)?, (vec![], vec![]));
    assert_eq!(Array::tril_indices((2, 2), isize::MAX)?.0.shape(), [4]);
    Ok(())
}

#[test]
fn functions_with_core_axes_are_called_for_each_position_on_the_others() -> Result<()> {
    let (x, y) = (array(&[3, 4, 5], &[2, 3, 2], numbers(60)), array(&[4, 5], &[2, 5], numbers(20)));
    let dot = Array::apply_gufunc(
        "dot",
        "(i),(i)->(),(i, pair)",
        &[&x, &y],
        &[("pair", 2)],
        |lines: &[ArrayViewD<'_, f64>]| {
            let products = &lines[0] * &lines[1];
            let both = ndarray::stack(Axis(1), &[lines[0].view(), products.view()]).unwrap();
            Ok(vec![arr0(products.sum()).into_dyn(), both])
        },
    )?;
    assert_eq!([dot[0].shape(), dot[1].shape()], [&[3, 4][..], &[3, 4, 5, 2]]);
    let results = compute_all(&dot)?;
    let sums = (&x * &y)?.sum(-1)?.compute()?;
    assert_eq!(results[0], sums);
    let both = Array::stack(&[x.clone(), (&x * &y)?], 3)?.compute()?;
    assert_eq!(results[1], both);
    // Axes of length 1 are stretched, and there may be no core axis at all.
    let add = Array::apply_gufunc(
        "add",
        "(),()->()",
        &[&x, &y.slice(graticule_array::s![1..2, ..])?],
        &[],
        |numbers: &[ArrayViewD<'_, f64>]| Ok(vec![&numbers[0] + &numbers[1]]),
    )?;
    assert_eq!(add[0].compute()?, (&x + y.slice(graticule_array::s![1..2, ..])?)?.compute()?);
    Ok(())
}

#[test]
fn functions_that_do_not_fit_their_signature_are_refused() -> Result<()> {
    let (x, y) = (Array::ones((2, 3), "auto")?, Array::ones((2, 4), "auto")?);
    let apply = |signature: &str, inputs: &[&Array]| {
        Array::apply_gufunc("f", signature, inputs, &[], |x: &[ArrayViewD<'_, f64>]| {
            Ok(vec![x[0].to_owned()])
        })
    };
    for signature in
        ["", "(i)", "i->i", "(i)->", "(i,i)->()", "(i)->(j)", "(i,j,k)->()", "(i),(i)->()", "(i)(j)->()"]
    {
        assert!(apply(signature, &[&x]).is_err(), "{signature}");
    }
    assert!(matches!(apply("(i),(i)->()", &[&x, &y]), Err(Error::Shape { .. })));
    assert!(matches!(apply("(),()->()", &[&x, &y]), Err(Error::Shape { .. })));
    assert!(apply("(i)->()", &[&x.astype(DType::I64)?]).is_err());
    let error = apply("(i)->()", &[&x])?[0].compute().unwrap_err();
    assert!(error.to_string().contains("announced"), "{error}");
    Ok(())
}

#[test]
fn the_last_of_several_values_for_a_position_counts() -> Result<()> {
    let x = array(&[2, 3], &[1, 2], vec![0, 1, 2, 3, 4, 5]);
    let put = x.put(&[4, 0, -2], array(&[3], &[2], vec![7i64, 8, 9]))?;
    assert_eq!(put.dtype(), DType::I32);
    assert_eq!(put.compute()?.as_slice::<i32>()?, [8, 1, 2, 3, 9, 5]);
    assert_eq!(x.put(&[1, 3], 6)?.compute()?.as_slice::<i32>()?, [0, 6, 2, 6, 4, 5]);
    assert_eq!(x.put(&[], 6)?.compute()?, x.compute()?);
    assert!(x.put(&[6], 1).is_err());
    assert!(x.put(&[0], 1.5).is_err());
    assert!(x.put(&[0, 1], &Array::arange(3)?).is_err());
    Ok(())
}

#[test]
fn values_between_neighbours_read_each_chunk_once() -> Result<()> {
    let reads = std::sync::Arc::new(std::sync::Mutex::new(vec![0; 40]));
    let counted = std::sync::Arc::clone(&reads);
    let x = scripted("between", 40, move |block| {
        counted.lock().unwrap()[block] += 1;
        Ok(())
    });
    let lower: Vec<isize> = (0..3990).map(|i| (i * 3 + i % 7) / 3).collect();
    let weights: Vec<f64> = (0..3990).map(|i| f64::from(i % 10) / 10.0).collect();
    let y = x.take_linear(0, &lower, &weights)?;
    for threads in [1, 2] {
        reads.lock().unwrap().fill(0);
        Runtime::builder().threads(threads).build().compute(&y)?;
        let reads = reads.lock().unwrap();
        let total: i32 = reads.iter().sum();
        assert!(reads.iter().all(|n| (1..=2).contains(n)) && total <= 50, "{threads}: {reads:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn values_between_neighbours_are_on_the_line(
        shape in prop::collection::vec(1..12usize, 1..4),
        chunk in prop::collection::vec(1..6usize, 3),
        axis in 0..3usize,
        targets in prop::collection::vec((0..1000usize, 0..5usize), 0..40),
        threads in 1..4usize,
    ) {
        let axis = axis % shape.len();
        let chunks: Vec<usize> = shape.iter().zip(&chunk).map(|(len, chunk)| (*chunk).min(*len)).collect();
        let values = numbers(shape.iter().product());
        let x = array(&shape, &chunks, values.clone());
        let eager = ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap();
        let lower: Vec<usize> = targets.iter().map(|(at, _)| at % shape[axis]).collect();
        let weights: Vec<f64> = targets.iter().zip(&lower).map(|((_, w), at)| if at + 1 == shape[axis] { 0.0 } else { *w as f64 / 4.0 }).collect();
        let got = x.take_linear(axis as isize, &lower.iter().map(|at| *at as isize).collect::<Vec<_>>(), &weights).unwrap();
        let got = Runtime::builder().threads(threads).build().compute(&got).unwrap();
        for (i, (at, weight)) in lower.iter().zip(&weights).enumerate() {
            let next = (at + 1).min(shape[axis] - 1);
            let line = &eager.index_axis(Axis(axis), *at) * (1.0 - weight) + &eager.index_axis(Axis(axis), next) * *weight;
            let view = got.view::<f64>().unwrap();
            prop_assert!((&view.index_axis(Axis(axis), i) - &line).iter().all(|d| d.abs() < 1e-12));
        }
    }

    #[test]
    fn values_are_put_where_they_belong(
        shape in prop::collection::vec(1..9usize, 1..4),
        chunk in prop::collection::vec(1..5usize, 3),
        puts in prop::collection::vec((0..1000usize, -50..50i64), 0..30),
        threads in 1..4usize,
    ) {
        let chunks: Vec<usize> = shape.iter().zip(&chunk).map(|(len, chunk)| (*chunk).min(*len)).collect();
        let size: usize = shape.iter().product();
        let mut values: Vec<i64> = (0..size as i64).collect();
        let x = array(&shape, &chunks, values.clone());
        let positions: Vec<isize> = puts.iter().map(|(at, _)| (at % size) as isize).collect();
        let new = Array::from_array(arr1(&puts.iter().map(|(_, v)| *v).collect::<Vec<_>>()), 4).unwrap();
        for (at, (_, value)) in positions.iter().zip(&puts) {
            values[*at as usize] = *value;
        }
        let got = Runtime::builder().threads(threads).build().compute(&x.put(&positions, &new).unwrap()).unwrap();
        prop_assert_eq!(got.as_slice::<i64>().unwrap(), values);
    }
}
