//! Folding group by group, pairs, and exact sums, against plain loops.

use graticule_array::{Aggregation, Array, Chunk, DType, Runtime, Statistic};
use ndarray::{ArrayD, Dimension, IxDyn};
use proptest::prelude::*;

fn array(values: &ArrayD<f64>, chunks: &[usize]) -> Array {
    Array::from_array(values.clone(), chunks).unwrap()
}

/// What a statistic gives for some values, computed as its definition says.
fn statistic(kind: &Statistic, values: &[f64]) -> f64 {
    let valid: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = valid.len() as f64;
    let mean = valid.iter().sum::<f64>() / n;
    let about = |p: i32| valid.iter().map(|x| (x - mean).powi(p)).sum::<f64>() / n;
    match kind {
        Statistic::Sum | Statistic::ExactSum => valid.iter().sum(),
        Statistic::Mean | Statistic::ExactMean => mean,
        Statistic::Count => n,
        Statistic::Var { ddof } => {
            let divisor = n - *ddof as f64;
            if divisor > 0.0 { about(2) * n / divisor } else { f64::NAN }
        }
        Statistic::Min => valid.iter().copied().fold(f64::NAN, f64::min),
        Statistic::Max => valid.iter().copied().fold(f64::NAN, f64::max),
        Statistic::First => valid.first().copied().unwrap_or(f64::NAN),
        Statistic::Last => valid.last().copied().unwrap_or(f64::NAN),
        Statistic::Skew => about(3) / about(2).powf(1.5),
        Statistic::Kurtosis => about(4) / about(2).powi(2) - 3.0,
        other => panic!("no loop for {other}"),
    }
}

fn close(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

const KINDS: [Statistic; 12] = [
    Statistic::Sum,
    Statistic::ExactSum,
    Statistic::Mean,
    Statistic::ExactMean,
    Statistic::Count,
    Statistic::Var { ddof: 0 },
    Statistic::Var { ddof: 1 },
    Statistic::Min,
    Statistic::Max,
    Statistic::First,
    Statistic::Last,
    Statistic::Skew,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn groups_are_folded_as_a_loop_would(
        shape in prop::collection::vec(1usize..7, 3),
        chunks in prop::collection::vec(1usize..5, 3),
        folded in 1usize..8,
        along in 0usize..4,
        groups in 1usize..5,
        seed in 0u64..1000,
        kind in prop::sample::select(KINDS.to_vec()),
    ) {
        let axes: Vec<usize> = (0..3).filter(|axis| folded & (1 << axis) != 0).collect();
        let mut state = seed;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64
        };
        let values = ArrayD::from_shape_fn(IxDyn(&shape), |_| {
            let x = random() % 13;
            if x == 0 { f64::NAN } else { x as f64 }
        });
        // Codes along one axis, or for every element.
        let code_shape: Vec<usize> =
            (0..3).map(|axis| if along == 3 || along == axis { shape[axis] } else { 1 }).collect();
        let codes = ArrayD::from_shape_fn(IxDyn(&code_shape), |_| random() % (groups as i64 + 1) - 1);
        let whole = codes.broadcast(IxDyn(&shape)).unwrap();

        let x = array(&values, &chunks);
        let lazy_codes = Array::from_array(codes.clone(), code_shape.clone()).unwrap();
        // Computed with the values.
        let computed = (&lazy_codes + 0i64).unwrap();
        let aggregation = Aggregation { kind: kind.clone(), skipna: true };
        let signed: Vec<isize> = axes.iter().map(|&axis| axis as isize).collect();
        let by_table = x.group_reduce(aggregation.clone(), signed.clone(), &lazy_codes, groups).unwrap();
        let by_tile = x.group_reduce(aggregation, signed, &computed, groups).unwrap();

        let mut expected: std::collections::BTreeMap<Vec<usize>, Vec<f64>> = Default::default();
        for (index, &value) in values.indexed_iter() {
            let index = index.slice().to_vec();
            let code = whole[IxDyn(&index)];
            if code >= 0 {
                let mut at: Vec<usize> = Vec::new();
                for (axis, &position) in index.iter().enumerate() {
                    if axis == axes[0] {
                        at.push(code as usize);
                    }
                    if !axes.contains(&axis) {
                        at.push(position);
                    }
                }
                expected.entry(at).or_default().push(value);
            }
        }
        let one = Runtime::builder().threads(1).build();
        let three = Runtime::builder().threads(3).build();
        for grouped in [by_table, by_tile] {
            let result = one.compute(&grouped).unwrap();
            let bits = |chunk: &Chunk| chunk.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&result), bits(&three.compute(&grouped).unwrap()));
            let counts = matches!(kind, Statistic::Count);
            let result = ArrayD::from_shape_vec(IxDyn(grouped.shape()), result.to_f64()).unwrap();
            for (index, &got) in result.indexed_iter() {
                let wanted = match expected.get(index.slice()) {
                    Some(values) => statistic(&kind, values),
                    None if counts => 0.0,
                    None => statistic(&kind, &[]),
                };
                // Values that do not vary have a skewness of rounding errors in a plain loop.
                let same = close(got, wanted) || (kind == Statistic::Skew && got.is_nan());
                prop_assert!(same, "{kind} {index:?}: {got} instead of {wanted}");
            }
        }
    }

    #[test]
    fn exact_sums_do_not_depend_on_chunks(chunk in 1usize..500, seed in 0u64..50) {
        let x = Array::random_normal(1e3, 1e9, seed, 500, 500).unwrap();
        let x = (&x * x.abs().unwrap()).unwrap();
        let wanted = x.sum_exact(()).unwrap().compute().unwrap();
        let cut = x.rechunk(chunk).unwrap();
        prop_assert_eq!(cut.sum_exact(()).unwrap().compute().unwrap(), wanted);
        let mean = x.mean_exact(()).unwrap().compute().unwrap();
        prop_assert_eq!(cut.mean_exact(()).unwrap().compute().unwrap(), mean);
    }
}

#[test]
fn a_climatology_keeps_states_for_the_months_a_task_meets() {
    // A year of days, each a chunk.
    let x = Array::random_normal(0.0, 1.0, 4, (360, 40, 50), (1, 40, 50)).unwrap();
    let months: Vec<i64> = (0..360).map(|day| day / 30).collect();
    let months =
        Array::from_array(ndarray::Array3::from_shape_vec((360, 1, 1), months).unwrap(), (360, 1, 1));
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let climatology = x.group_reduce(mean.clone(), 0, &months.unwrap(), 12).unwrap();
    let text = climatology.explain().unwrap();
    assert!(text.contains("groups cohorts: 12 groups in 12 cohorts"), "{text}");
    let seasons: Vec<i64> = (0..360).collect();
    let days = Array::from_array(ndarray::Array3::from_shape_vec((360, 1, 1), seasons).unwrap(), (360, 1, 1));
    let daily = x.group_reduce(mean, 0, &days.unwrap(), 360).unwrap();
    let text = daily.explain().unwrap();
    assert!(text.contains("groups blockwise: each of 360 groups lies in one chunk"), "{text}");
    assert_eq!(daily.compute().unwrap(), x.compute().unwrap());
}

#[test]
fn a_code_beyond_the_groups_is_an_error_that_names_it() {
    let x = Array::ones(4, 2).unwrap();
    let codes = Array::from_array(ndarray::arr1(&[0i64, 1, 2, 7]), 4).unwrap();
    let sum = Aggregation { kind: Statistic::Sum, skipna: false };
    for codes in [codes.clone(), (&codes + 0i64).unwrap()] {
        let error = x.group_reduce(sum.clone(), 0, &codes, 3).unwrap().compute().unwrap_err().to_string();
        assert!(error.contains("code = 7") && error.contains("there are 3 groups"), "{error}");
    }
}

#[test]
fn values_are_counted_and_weighted_by_their_own_number() {
    let x = Array::random_integers(0..10, 5, (100, 100), (30, 30)).unwrap();
    let counts = x.bincount(10, None).unwrap().compute().unwrap();
    assert_eq!(counts.as_slice::<i64>().unwrap().iter().sum::<i64>(), 10_000);
    let weighted = x.bincount(10, Some(&x)).unwrap().compute().unwrap();
    let expected: Vec<f64> =
        counts.as_slice::<i64>().unwrap().iter().enumerate().map(|(i, &n)| (i as i64 * n) as f64).collect();
    assert_eq!(weighted.as_slice::<f64>().unwrap(), expected);
}

#[test]
fn pairs_far_from_zero_covary_as_near_it() {
    let x = Array::random_normal(0.0, 1.0, 1, (50, 400), (10, 70)).unwrap();
    let y = (Array::random_normal(0.0, 1.0, 2, (50, 400), (10, 70)).unwrap() + &x).unwrap();
    let near = x.covariance(&y, 1, 1, false).unwrap().to_ndarray::<f64>().unwrap();
    let (far_x, far_y) = ((&x + 1e8).unwrap(), (&y - 1e8).unwrap());
    let far = far_x.covariance(&far_y, 1, 1, false).unwrap().to_ndarray::<f64>().unwrap();
    // Adding 1e8 rounds the values themselves to 1.5e-8.
    assert!(near.iter().zip(far.iter()).all(|(a, b)| (a - b).abs() < 1e-7));
    let r = x.correlation(&y, (), false).unwrap().compute().unwrap().item::<f64>().unwrap();
    assert!((r - 0.5f64.sqrt()).abs() < 0.02, "{r}");
    let two = x.correlation(&x, (), false).unwrap().compute().unwrap().item::<f64>().unwrap();
    assert!((two - 1.0).abs() < 1e-12);
    let text = Array::full("a", 3, 3).unwrap();
    assert!(text.covariance(&text, (), 0, false).is_err());
}

#[test]
fn empty_groups_and_empty_axes_give_what_numpy_gives_for_nothing() {
    let x = Array::ones((0, 3), (1, 3)).unwrap();
    let codes = Array::from_array(ndarray::Array2::<i64>::zeros((0, 1)), (1, 1)).unwrap();
    let sum = Aggregation { kind: Statistic::Sum, skipna: false };
    assert_eq!(x.group_reduce(sum, 0, &codes, 2).unwrap().compute().unwrap().to_f64(), [0.0; 6]);
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let means = x.group_reduce(mean, 0, &codes, 2).unwrap().compute().unwrap();
    assert!(means.to_f64().iter().all(|x| x.is_nan()));
    assert_eq!(means.dtype(), DType::F64);
}
