//! Reductions: values, missing values, precision, and independence of the number of threads.

use graticule_array::{Aggregation, Array, Chunk, Result, Runtime, Statistic, compute_all};
use ndarray::arr2;

use crate::empty::fold;
use crate::golden::{Precision, cases};

const NAN: f64 = f64::NAN;

#[test]
fn missing_and_infinite_values_are_folded_as_numpy_folds_them() {
    for case in cases(include_str!("golden/reductions.json")) {
        let (name, over) = case.op().rsplit_once(' ').unwrap();
        // The order of additions is another.
        case.check(Precision::Ulps(8.0), |x| Ok(vec![fold(name, &x[0], over).unwrap()?]));
    }
}

fn table() -> Array {
    Array::from_array(arr2(&[[1.0, NAN, 3.0], [4.0, NAN, -6.0]]), (1, 2)).unwrap()
}

fn values(array: Result<Array>) -> Vec<f64> {
    array.unwrap().compute().unwrap().to_f64()
}

fn assert_same(a: &[f64], b: &[f64]) {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    assert!(a.len() == b.len() && a.iter().zip(b).all(same), "{a:?} {b:?}");
}

#[test]
fn missing_values_are_skipped_or_spread() {
    let x = table();
    assert_same(&values(x.sum(0)), &[5.0, NAN, -3.0]);
    assert_same(&values(x.nansum(0)), &[5.0, 0.0, -3.0]);
    assert_same(&values(x.nanmean(1)), &[2.0, -1.0]);
    assert_same(&values(x.nanmean(0)), &[2.5, NAN, -1.5]);
    assert_same(&values(x.nanvar(0, 0)), &[2.25, NAN, 20.25]);
    assert_same(&values(x.nanvar(0, 1)), &[4.5, NAN, 40.5]);
    assert_same(&values(x.nanprod(1)), &[3.0, -24.0]);
    assert_same(&values(x.min(1)), &[NAN, NAN]);
    assert_same(&values(x.nanmin(1)), &[1.0, -6.0]);
    assert_same(&values(x.nanmax(0)), &[4.0, NAN, 3.0]);
    assert_same(&values(x.count(0)), &[2.0, 0.0, 2.0]);
    assert_same(&values(x.argmax(1)), &[1.0, 1.0]);
    assert_same(&values(x.nanargmax(1)), &[2.0, 0.0]);
    assert_same(&values(x.nanargmin(())), &[5.0]);
}

#[test]
fn reductions_of_nothing_are_what_numpy_gives() {
    let empty = Array::ones((0, 3), (1, 1)).unwrap();
    assert_same(&values(empty.sum(0)), &[0.0; 3]);
    assert_same(&values(empty.prod(0)), &[1.0; 3]);
    assert_same(&values(empty.mean(0)), &[NAN; 3]);
    assert_same(&values(empty.all(())), &[1.0]);
    assert_same(&values(empty.any(())), &[0.0]);
    assert_same(&values(empty.sum(1)), &[]);
    let error = empty.max(0).unwrap_err();
    assert!(error.to_string().contains("no values"), "{error}");
}

#[test]
fn axes_may_be_many_negative_and_kept() {
    let x = Array::arange(24).unwrap();
    let x = Array::stack(&[x.clone(), (&x * 2).unwrap(), (&x * 3).unwrap()], 0).unwrap();
    assert_same(&values(x.sum([0, -1])), &[6.0 * 276.0]);
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    assert_eq!(x.reduce(mean.clone(), [-1], true).unwrap().shape(), [3, 1]);
    assert_eq!(x.reduce(mean, (), true).unwrap().compute().unwrap().shape(), [1, 1]);
    assert!(x.sum(2).is_err());
    assert!(x.sum(-3).is_err());
}

#[test]
fn a_mean_of_float32_accumulates_in_double() {
    let x = Array::full(0.1, 10_000_000, 1_000_000).unwrap().astype(graticule_array::DType::F32).unwrap();
    // In memory, since the mean of a constant would be known.
    let x = x.persist().unwrap();
    let mean = x.mean(()).unwrap().compute().unwrap().item::<f32>().unwrap();
    assert_eq!(mean, 0.1);
}

#[test]
fn a_variance_keeps_its_digits_far_from_zero() {
    let x = Array::random_normal(0.0, 1.0, 5, (1000, 50), (100, 7)).unwrap();
    let far = (&x + 1e8).unwrap();
    // What adding 1e8 and taking it away again leaves of x.
    let near = (&far - 1e8).unwrap();
    for axes in [vec![0], vec![1], vec![0, 1]] {
        for (a, b) in values(far.var(axes.clone(), 0)).iter().zip(values(near.var(axes, 0))) {
            assert!((a - b).abs() < 1e-12 * b, "{a} {b}");
        }
    }
}

#[test]
fn results_are_the_same_bits_with_any_number_of_threads() {
    let x = Array::random_normal(1.0, 3.0, 11, (730, 40, 50), (7, 40, 11)).unwrap();
    let x = x.greater(-1.0).unwrap().choose(&x, NAN).unwrap();
    let anomaly = (&x - x.nanmean(0).unwrap()).unwrap();
    let wanted = [
        x.nanmean(0).unwrap(),
        anomaly.pow(2).unwrap().nanmean([0, 2]).unwrap(),
        x.nanstd(1, 1).unwrap(),
        x.nansum(()).unwrap(),
        x.histogram(13, (-2.0, 9.0)).unwrap(),
    ];
    let runs: Vec<Vec<Chunk>> = [1, 2, 7]
        .into_iter()
        .map(|threads| {
            let runtime = Runtime::builder().threads(threads).build();
            runtime.compute_all(&wanted.iter().collect::<Vec<_>>()).unwrap()
        })
        .collect();
    for run in &runs[1..] {
        for (a, b) in run.iter().zip(&runs[0]) {
            let bits = |chunk: &Chunk| chunk.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(a), bits(b));
        }
    }
}

#[test]
fn several_results_come_in_the_order_asked_for() {
    let x = Array::random_uniform(0.0, 1.0, 3, (100, 100), (10, 10)).unwrap();
    let (mean, max) = (x.mean(()).unwrap(), x.max(()).unwrap());
    let results = compute_all([&mean, &max, &mean, &x]).unwrap();
    assert_eq!(results[0], results[2]);
    assert_eq!(results[3].shape(), [100, 100]);
    let whole = results[3].to_f64();
    assert_eq!(results[1].item::<f64>().unwrap(), whole.iter().copied().fold(0.0, f64::max));
    let sum: f64 = whole.iter().sum();
    assert!((results[0].item::<f64>().unwrap() - sum / 1e4).abs() < 1e-14);
}
