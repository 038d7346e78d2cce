//! Quantiles against numpy's answers, and against themselves: however an array is cut, and on however many threads.

use graticule_array::{Array, Buffer, Chunk, DType, QuantileMethod, Runtime, TimeUnit};
use ndarray::{ArrayD, IxDyn, arr1};
use proptest::prelude::*;

const NAT: i64 = i64::MIN;

const Q: [f64; 9] = [0.0, 0.05, 0.25, 1.0 / 3.0, 0.5, 0.61, 0.9, 0.999, 1.0];

const X: [f64; 10] = [3.25, -1.5, 7.125, 0.1, 2.7, 9.3, -4.4, 0.30000000000000004, 5.6, 1e-3];

#[test]
fn all_methods_give_the_bits_that_numpy_gives() {
    // numpy 2.4.
    let recorded: [(&str, [f64; 9]); 13] = [
        ("inverted_cdf", [-4.4, -4.4, 0.001, 0.1, 0.30000000000000004, 3.25, 7.125, 9.3, 9.3]),
        ("averaged_inverted_cdf", [-4.4, -4.4, 0.001, 0.1, 1.5, 3.25, 8.2125, 9.3, 9.3]),
        ("closest_observation", [-4.4, -4.4, -1.5, 0.001, 0.30000000000000004, 2.7, 7.125, 9.3, 9.3]),
        (
            "interpolated_inverted_cdf",
            [
                -4.4,
                -4.4,
                -0.7494999999999999,
                0.033999999999999975,
                0.30000000000000004,
                2.755,
                7.125,
                9.278250000000002,
                9.3,
            ],
        ),
        ("hazen", [-4.4, -4.4, 0.001, 0.08349999999999998, 1.5, 3.03, 8.2125, 9.3, 9.3]),
        (
            "weibull",
            [-4.4, -4.4, -0.37424999999999997, 0.06699999999999999, 1.5, 3.0905, 9.082500000000001, 9.3, 9.3],
        ),
        ("linear", [-4.4, -3.095, 0.025750000000000002, 0.1, 1.5, 2.9695, 7.342499999999999, 9.280425, 9.3]),
        (
            "median_unbiased",
            [-4.4, -4.4, -0.12408333333333355, 0.078, 1.5, 3.0501666666666667, 8.5025, 9.3, 9.3],
        ),
        (
            "normal_unbiased",
            [-4.4, -4.4, -0.09281249999999999, 0.07937499999999999, 1.5, 3.0451249999999996, 8.43, 9.3, 9.3],
        ),
        ("lower", [-4.4, -4.4, 0.001, 0.1, 0.30000000000000004, 2.7, 7.125, 7.125, 9.3]),
        ("higher", [-4.4, -1.5, 0.1, 0.1, 2.7, 3.25, 9.3, 9.3, 9.3]),
        ("midpoint", [-4.4, -2.95, 0.0505, 0.1, 1.5, 2.975, 8.2125, 8.2125, 9.3]),
        ("nearest", [-4.4, -4.4, 0.001, 0.1, 0.30000000000000004, 2.7, 7.125, 9.3, 9.3]),
    ];
    for (method, expected) in recorded {
        let x = Array::from_array(arr1(&X), 3).unwrap();
        let method: QuantileMethod = method.parse().unwrap();
        let computed = x.quantile(Q, 0, method).unwrap().compute().unwrap();
        assert_eq!(computed.as_slice::<f64>().unwrap(), expected, "{method}");
    }
}

#[test]
fn float32_stays_float32_and_has_the_bits_of_numpy() {
    // numpy 2.4.
    let recorded: [(&str, [f32; 9]); 13] = [
        ("inverted_cdf", [-2.3, -2.3, 0.7, 0.7, 1.1, 3.3, 9.9, 9.9, 9.9]),
        ("averaged_inverted_cdf", [-2.3, -2.3, 0.7, 0.7, 1.1, 3.3, 9.9, 9.9, 9.9]),
        ("closest_observation", [-2.3, -2.3, -2.3, 0.7, 0.7, 1.1, 3.3, 9.9, 9.9]),
        ("interpolated_inverted_cdf", [-2.3, -2.3, -1.55, -0.3, 0.9, 1.21, 6.6, 9.867, 9.9]),
        ("hazen", [-2.3, -2.3, -0.050000012, 0.76666665, 1.1, 2.31, 9.9, 9.9, 9.9]),
        ("weibull", [-2.3, -2.3, -0.8, 0.7, 1.1, 2.552, 9.9, 9.9, 9.9]),
        ("linear", [-2.3, -1.6999999, 0.7, 0.8333334, 1.1, 2.0679998, 7.2599998, 9.8736, 9.9]),
        ("median_unbiased", [-2.3, -2.3, -0.3, 0.74444443, 1.1, 2.3906667, 9.9, 9.9, 9.9]),
        ("normal_unbiased", [-2.3, -2.3, -0.23750001, 0.75, 1.1, 2.3705, 9.9, 9.9, 9.9]),
        ("lower", [-2.3, -2.3, 0.7, 0.7, 1.1, 1.1, 3.3, 3.3, 9.9]),
        ("higher", [-2.3, 0.7, 0.7, 1.1, 1.1, 3.3, 9.9, 9.9, 9.9]),
        ("midpoint", [-2.3, -0.8, 0.7, 0.9, 1.1, 2.2, 6.6, 6.6, 9.9]),
        ("nearest", [-2.3, -2.3, 0.7, 0.7, 1.1, 1.1, 9.9, 9.9, 9.9]),
    ];
    for (method, expected) in recorded {
        let x = Array::from_array(arr1(&[1.1f32, -2.3, 0.7, 9.9, 3.3]), 2).unwrap();
        let method: QuantileMethod = method.parse().unwrap();
        let computed = x.quantile(Q, 0, method).unwrap().compute().unwrap();
        assert_eq!(computed.as_slice::<f32>().unwrap(), expected, "{method}");
    }
}

#[test]
fn integers_are_interpolated_in_float64_and_taken_as_they_are() {
    // numpy 2.4.
    let recorded: [(&str, [f64; 9]); 13] = [
        ("inverted_cdf", [-100.0, -100.0, -4.0, -4.0, 7.0, 7.0, 120.0, 120.0, 120.0]),
        ("averaged_inverted_cdf", [-100.0, -100.0, -4.0, 1.5, 7.0, 7.0, 120.0, 120.0, 120.0]),
        ("closest_observation", [-100.0, -100.0, -4.0, -4.0, 7.0, 7.0, 9.0, 120.0, 120.0]),
        (
            "interpolated_inverted_cdf",
            [-100.0, -100.0, -52.0, -4.0, 7.0, 7.0, 53.40000000000004, 119.33399999999997, 120.0],
        ),
        ("hazen", [-100.0, -100.0, -4.0, 1.5, 7.0, 7.32, 108.90000000000003, 120.0, 120.0]),
        (
            "weibull",
            [-100.0, -100.0, -28.0, -0.3333333333333317, 7.0, 7.540000000000001, 120.0, 120.0, 120.0],
        ),
        ("linear", [-100.0, -76.0, -1.25, 3.3333333333333317, 7.0, 7.1, 64.5, 119.44500000000001, 120.0]),
        (
            "median_unbiased",
            [
                -100.0,
                -100.0,
                -11.999999999999993,
                0.8888888888888911,
                7.0,
                7.393333333333334,
                120.0,
                120.0,
                120.0,
            ],
        ),
        ("normal_unbiased", [-100.0, -100.0, -10.0, 1.0416666666666679, 7.0, 7.375, 120.0, 120.0, 120.0]),
        ("lower", [-100.0, -100.0, -4.0, -4.0, 7.0, 7.0, 9.0, 9.0, 120.0]),
        ("higher", [-100.0, -4.0, 7.0, 7.0, 7.0, 9.0, 120.0, 120.0, 120.0]),
        ("midpoint", [-100.0, -52.0, 1.5, 1.5, 7.0, 8.0, 64.5, 64.5, 120.0]),
        ("nearest", [-100.0, -100.0, -4.0, 7.0, 7.0, 7.0, 9.0, 120.0, 120.0]),
    ];
    for (method, expected) in recorded {
        let x = Array::from_array(arr1(&[9, -4, 7, 7, 120, -100]), 2).unwrap();
        let method: QuantileMethod = method.parse().unwrap();
        let computed = x.quantile(Q, 0, method).unwrap().compute().unwrap();
        assert_eq!(computed.dtype(), if method.takes_a_value() { DType::I32 } else { DType::F64 });
        assert_eq!(computed.to_f64(), expected, "{method}");
    }
    // numpy subtracts in int8, which wraps, and gives 127.5.
    let ends = Array::from_array(arr1(&[-128i8, 127]), 2).unwrap();
    let middle = ends.quantile(0.5, (), QuantileMethod::Linear).unwrap();
    assert_eq!(middle.compute().unwrap().item::<f64>().unwrap(), -0.5);
}

#[test]
fn nan_is_left_out_where_that_is_asked_for() {
    // numpy 2.4.
    let recorded: [(&str, [f64; 9]); 13] = [
        ("inverted_cdf", [-4.4, -4.4, -1.5, 0.001, 0.1, 0.30000000000000004, 5.6, 5.6, 5.6]),
        (
            "averaged_inverted_cdf",
            [-4.4, -4.4, -0.7494999999999999, 0.001, 0.2, 0.30000000000000004, 5.6, 5.6, 5.6],
        ),
        ("closest_observation", [-4.4, -4.4, -1.5, 0.001, 0.1, 0.30000000000000004, 3.25, 5.6, 5.6]),
        ("interpolated_inverted_cdf", [-4.4, -4.4, -1.5, -0.4993333333333335, 0.1, 0.276, 3.72, 5.5812, 5.6]),
        (
            "hazen",
            [-4.4, -4.4, -0.7494999999999999, 0.017499999999999988, 0.2, 1.212, 4.8950000000000005, 5.6, 5.6],
        ),
        ("weibull", [-4.4, -4.4, -1.1247500000000001, 0.001, 0.2, 1.4760000000000006, 5.6, 5.6, 5.6]),
        (
            "linear",
            [
                -4.4,
                -3.3850000000000002,
                -0.37424999999999997,
                0.033999999999999975,
                0.2,
                0.9479999999999991,
                3.9549999999999996,
                5.583550000000001,
                5.6,
            ],
        ),
        (
            "median_unbiased",
            [
                -4.4,
                -4.4,
                -0.8745833333333336,
                0.011999999999999962,
                0.2,
                1.300000000000001,
                5.208333333333335,
                5.6,
                5.6,
            ],
        ),
        (
            "normal_unbiased",
            [
                -4.4,
                -4.4,
                -0.8433125,
                0.013375000000000001,
                0.2,
                1.2779999999999996,
                5.129999999999999,
                5.6,
                5.6,
            ],
        ),
        ("lower", [-4.4, -4.4, -1.5, 0.001, 0.1, 0.30000000000000004, 3.25, 3.25, 5.6]),
        ("higher", [-4.4, -1.5, 0.001, 0.1, 0.30000000000000004, 2.7, 5.6, 5.6, 5.6]),
        ("midpoint", [-4.4, -2.95, -0.7494999999999999, 0.0505, 0.2, 1.5, 4.425, 4.425, 5.6]),
        ("nearest", [-4.4, -4.4, 0.001, 0.001, 0.30000000000000004, 0.30000000000000004, 3.25, 5.6, 5.6]),
    ];
    let mut y = X;
    (y[2], y[5]) = (f64::NAN, f64::NAN);
    let x = Array::from_array(arr1(&y), 3).unwrap();
    for (method, expected) in recorded {
        let method: QuantileMethod = method.parse().unwrap();
        let computed = x.nanquantile(Q, 0, method).unwrap().compute().unwrap();
        assert_eq!(computed.as_slice::<f64>().unwrap(), expected, "{method}");
        let with = x.quantile(Q, 0, method).unwrap().compute().unwrap();
        assert!(with.to_f64().iter().all(|x| x.is_nan()), "{method}");
    }
}

#[test]
fn times_are_interpolated_in_whole_units() {
    // numpy 2.4.
    let recorded: [(&str, [i64; 3]); 13] = [
        ("inverted_cdf", [0, 3, 11]),
        ("averaged_inverted_cdf", [0, 7, 11]),
        ("closest_observation", [0, 3, 11]),
        ("interpolated_inverted_cdf", [0, 3, 11]),
        ("hazen", [0, 7, 11]),
        ("weibull", [0, 7, 11]),
        ("linear", [2, 7, 11]),
        ("median_unbiased", [0, 7, 11]),
        ("normal_unbiased", [0, 7, 11]),
        ("lower", [0, 3, 10]),
        ("higher", [3, 10, 11]),
        ("midpoint", [2, 7, 11]),
        ("nearest", [3, 10, 11]),
    ];
    let dtype = DType::Datetime(TimeUnit::Second);
    let time = |values: &[i64]| {
        Array::from_chunk(
            Chunk::from_buffer(vec![values.len()], dtype, Buffer::I64(values.to_vec())).unwrap(),
        )
        .unwrap()
    };
    for (method, expected) in recorded {
        let method: QuantileMethod = method.parse().unwrap();
        let computed = time(&[11, 0, 10, 3]).quantile([0.2, 0.5, 0.9], 0, method).unwrap();
        let computed = computed.compute().unwrap();
        assert_eq!(computed.dtype(), dtype);
        assert_eq!(computed.as_slice::<i64>().unwrap(), expected, "{method}");
    }
    let missing = time(&[11, 0, NAT, 10]);
    let only = |x: Array| x.compute().unwrap().item::<i64>().unwrap();
    assert_eq!(only(missing.quantile(0.2, 0, QuantileMethod::Linear).unwrap()), NAT);
    assert_eq!(only(missing.nanquantile(0.2, 0, QuantileMethod::Linear).unwrap()), 4);
    assert_eq!(only(time(&[0, 3]).median(0).unwrap()), 1);
    assert_eq!(only(time(&[NAT]).nanmedian(0).unwrap()), NAT);
}

#[test]
fn medians_percentiles_and_corner_cases_are_those_of_numpy() {
    let float = |x: graticule_array::Result<Array>| x.unwrap().compute().unwrap().item::<f64>().unwrap();
    let x = Array::from_array(arr1(&X), 4).unwrap();
    assert_eq!(float(x.median(())), 1.5);
    let bits = |x: f64| x.to_bits();
    // numpy: np.median is the mean of both, np.quantile interpolates; here they differ in the last bit.
    let pair = Array::from_array(arr1(&[0.1, 0.7]), 2).unwrap();
    assert_eq!(bits(float(pair.median(()))), bits((0.1 + 0.7) / 2.0));
    assert_eq!(bits(float(pair.quantile(0.5, (), QuantileMethod::Linear))), bits(0.7 - (0.7 - 0.1) * 0.5));
    assert_eq!(
        float(x.percentile(33.3, (), QuantileMethod::Linear)),
        float(x.quantile(33.3 / 100.0, (), QuantileMethod::Linear))
    );
    let truth = Array::from_array(arr1(&[true, false]), 2).unwrap();
    assert_eq!(float(truth.median(())), 0.5);
    let one = Array::full(5.0, Vec::new(), "auto").unwrap();
    assert_eq!(float(one.quantile(0.3, (), QuantileMethod::Linear)), 5.0);
    // Interpolation at infinity is NaN in numpy, the median is not.
    let infinite = Array::from_array(arr1(&[1.0, 2.0, f64::INFINITY]), 2).unwrap();
    assert!(float(infinite.quantile(0.5, (), QuantileMethod::Linear)).is_nan());
    assert_eq!(float(infinite.quantile(0.5, (), QuantileMethod::Lower)), 2.0);
    assert_eq!(float(infinite.median(())), 2.0);
    let none = x.quantile(Vec::new(), 0, QuantileMethod::Linear).unwrap();
    assert_eq!(none.compute().unwrap().shape(), [0]);
}

#[test]
fn of_nothing_there_is_no_quantile_but_a_missing_median() {
    let nothing = Array::zeros((0, 3), "auto").unwrap();
    let error = nothing.quantile(0.5, 0, QuantileMethod::Linear).unwrap_err().to_string();
    assert!(error.contains("select a part that is not empty"), "{error}");
    for array in [nothing.median(0), nothing.nanmedian(0), nothing.nanquantile(0.5, 0, QuantileMethod::Lower)]
    {
        let computed = array.unwrap().compute().unwrap();
        assert_eq!(computed.shape(), [3]);
        assert!(computed.to_f64().iter().all(|x| x.is_nan()));
    }
    let empty = nothing.quantile([0.1, 0.5], 1, QuantileMethod::Linear).unwrap();
    assert_eq!(empty.compute().unwrap().shape(), [2, 0]);
    assert!(nothing.astype(DType::I32).unwrap().nanquantile(0.5, 0, QuantileMethod::Lower).is_err());
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let x = Array::arange(5).unwrap();
    for q in [-0.1, 1.1, f64::NAN] {
        assert!(x.quantile(q, (), QuantileMethod::Linear).is_err());
    }
    let error = x.quantile(50.0, (), QuantileMethod::Linear).unwrap_err().to_string();
    assert!(error.contains("percentiles from 0 to 100"), "{error}");
    assert!(x.percentile(101.0, (), QuantileMethod::Linear).is_err());
    let text = Array::full("a", 3, 3).unwrap();
    assert!(text.median(()).unwrap_err().to_string().contains("text has no distances"));
    let many = Array::zeros((1 << 24, 100), (1 << 16, 100)).unwrap();
    let error = many.median(0).unwrap_err().to_string();
    assert!(error.contains("each of 100 quantiles is of 128 MiB"), "{error}");
}

/// numpy's linear quantile, written down naively.
fn naive(values: &[f64], q: f64, skipna: bool) -> f64 {
    let mut valid: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    if valid.is_empty() || (valid.len() < values.len() && !skipna) {
        return f64::NAN;
    }
    valid.sort_by(f64::total_cmp);
    let index = (valid.len() - 1) as f64 * q;
    let low = index.floor();
    let (a, b) = (valid[low as usize], valid[(low as usize + 1).min(valid.len() - 1)]);
    let t = index - low;
    if t >= 0.5 { b - (b - a) * (1.0 - t) } else { a + (b - a) * t }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn quantiles_along_any_axes_are_those_of_the_lines(
        shape in prop::collection::vec(1..6usize, 1..4),
        chunk in prop::collection::vec(1..5usize, 3),
        along in prop::collection::vec(any::<bool>(), 3),
        seed in 0..1000usize,
        missing in 2..9usize,
        threads in 1..4usize,
    ) {
        let size: usize = shape.iter().product();
        let values: Vec<f64> = (0..size)
            .map(|i| (i + seed) * 7919 % 101)
            .map(|i| if i % missing == 0 { f64::NAN } else { i as f64 / 7.0 })
            .collect();
        let eager = ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap();
        let lazy = Array::from_array(eager.clone(), chunk[..shape.len()].to_vec()).unwrap();
        let axes: Vec<usize> = (0..shape.len()).filter(|&axis| along[axis]).collect();
        let kept: Vec<usize> = (0..shape.len()).filter(|&axis| !along[axis]).collect();
        let order: Vec<usize> = kept.iter().chain(&axes).copied().collect();
        let lines = eager.permuted_axes(IxDyn(&order));
        let len: usize = axes.iter().map(|&axis| shape[axis]).product();
        let all: Vec<f64> = lines.iter().copied().collect();
        let q = [0.9, 0.0, 1.0 / 3.0];
        let runtime = Runtime::builder().threads(threads).build();
        for skipna in [false, true] {
            let axes: Vec<isize> = axes.iter().map(|&axis| axis as isize).collect();
            let lazy = match skipna {
                false => lazy.quantile(q, axes, QuantileMethod::Linear).unwrap(),
                true => lazy.nanquantile(q, axes, QuantileMethod::Linear).unwrap(),
            };
            let expected: Vec<u64> = q.iter()
                .flat_map(|&q| all.chunks(len).map(move |line| naive(line, q, skipna)))
                .map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() })
                .collect();
            let computed = runtime.compute(&lazy).unwrap();
            prop_assert_eq!(computed.shape()[0], 3);
            let computed: Vec<u64> = computed.to_f64().iter().map(|x| x.to_bits()).collect();
            prop_assert_eq!(computed, expected);
        }
    }
}

#[test]
fn quantiles_of_more_than_is_taken_into_memory_are_exact() {
    // 72 MB, in which nothing of that size is ever made.
    let x = Array::random_normal(0.0, 1.0, 7, (3000, 3000), (500, 3000)).unwrap();
    let q = [0.0, 0.1, 0.5, 0.999];
    let lazy = x.quantile(q, (), QuantileMethod::Linear).unwrap();
    let narrow = Runtime::builder().threads(2).memory_limit("80MiB").unwrap().build();
    let computed = narrow.compute(&lazy).unwrap().to_f64();
    let mut all = x.compute().unwrap().to_f64();
    let expected: Vec<f64> = q
        .iter()
        .map(|&q| {
            let index = (all.len() - 1) as f64 * q;
            let low = index as usize;
            all.select_nth_unstable_by(low, f64::total_cmp);
            let a = all[low];
            let b = all[low + 1..].iter().copied().fold(f64::INFINITY, f64::min);
            let t = index - low as f64;
            if t >= 0.5 { b - (b - a) * (1.0 - t) } else { a + (b - a) * t }
        })
        .collect();
    assert_eq!(computed, expected);
    assert_eq!(Runtime::builder().threads(1).build().compute(&lazy).unwrap().to_f64(), expected);
}
