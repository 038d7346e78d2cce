//! Histograms against numpy's answers and against plain loops.

use graticule_array::{Array, Bins, Chunk, DType, Runtime};
use ndarray::{Array1, arr1, arr2};
use proptest::prelude::*;

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

fn values() -> Array {
    let x = [0.0, 1.0, 1.5, 2.0, 2.0, 3.0, 5.0, NAN, INF, -INF, -1.0, 0.1];
    Array::from_array(arr1(&x), 5).unwrap()
}

fn ints(array: &Array) -> Vec<i64> {
    array.compute().unwrap().as_slice::<i64>().unwrap().to_vec()
}

fn floats(array: &Array) -> Vec<f64> {
    array.compute().unwrap().as_slice::<f64>().unwrap().to_vec()
}

// The answers of numpy 2.4's np.histogram, np.histogram2d and np.histogramdd.

#[test]
fn uneven_edges_count_as_numpy_does() {
    for (edges, counts) in [
        (vec![0.0, 1.0, 2.0, 5.0], vec![2, 2, 4]),
        (vec![1.0, 1.0, 2.0], vec![0, 4]),
        (vec![0.0, 2.0, 2.0], vec![4, 2]),
        (vec![-INF, 0.0, 1.0, INF], vec![2, 2, 7]),
        (vec![0.0, 0.1, 5.0], vec![1, 7]),
    ] {
        assert_eq!(ints(&values().histogram_edges(&edges).unwrap()), counts, "{edges:?}");
    }
}

#[test]
fn float32_values_are_compared_with_float64_edges() {
    let x = Array::from_array(arr1(&[0.1f32, 0.2, 0.3, 1.0]), 4).unwrap();
    assert_eq!(ints(&x.histogram_edges(&[0.0, 0.1, 0.2, 0.3, 1.0]).unwrap()), [0, 1, 1, 2]);
    // float32(0.1) is above 0.1, so the last bin does not hold it.
    assert_eq!(ints(&x.histogram_edges(&[0.0, 0.1]).unwrap()), [0]);
}

#[test]
fn weights_are_summed_and_densities_integrate_to_one_as_numpy_does() {
    let weights = (Array::arange(12).unwrap() / 4.0).unwrap();
    let edges = [0.0, 1.0, 2.0, 5.0];
    let plain = values().histogram_over(edges, None).unwrap();
    assert_eq!(floats(&plain.density().unwrap()), [0.25, 0.25, 1.0 / 6.0]);
    let weighted = values().histogram_over(edges, Some(&weights)).unwrap();
    assert_eq!(floats(&weighted.counts), [2.75, 0.75, 4.5]);
    assert_eq!(floats(&weighted.density().unwrap()), [0.34375, 0.09375, 0.1875]);
    let counted = values().histogram_weighted(edges, &Array::arange(12).unwrap()).unwrap();
    assert_eq!(ints(&counted), [11, 3, 18]);
    let single = values().histogram_weighted(edges, &weights.astype(DType::F32).unwrap()).unwrap();
    assert_eq!(single.dtype(), DType::F32);
}

#[test]
fn several_dimensions_count_as_numpy_does() {
    let x = Array::from_array(arr1(&[0.0, 1.0, 1.5, 2.0, 2.0, 3.0, 5.0]), 3).unwrap();
    let y = Array::from_array(arr1(&[0.0, 0.5, 1.0, 1.0, 2.0, 2.0, 2.0]), 2).unwrap();
    let (xs, ys) = ([0.0, 1.0, 2.0, 5.0], [0.0, 1.0, 2.0]);
    let pairs = x.histogram2d(&y, xs, ys, None).unwrap();
    assert_eq!(ints(&pairs.counts), [1, 0, 1, 1, 0, 4]);
    assert_eq!((pairs.counts.shape(), pairs.edges[1].as_slice()), ([3, 2].as_slice(), ys.as_slice()));
    let seventh = 0.14285714285714285;
    let density = [seventh, 0.0, seventh, seventh, 0.0, 0.19047619047619047];
    assert_eq!(floats(&pairs.density().unwrap()), density);
    let weights = (Array::arange(7).unwrap() / 4.0).unwrap();
    let weighted = x.histogram2d(&y, xs, ys, Some(&weights)).unwrap();
    assert_eq!(floats(&weighted.counts), [0.0, 0.0, 0.25, 0.5, 0.0, 4.5]);

    let points = arr2(&[
        [0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [0.5, 1.0, 0.2],
        [2.0, 0.0, 1.0],
        [NAN, 0.0, 0.0],
        [1.0, 1.0, -1.0],
    ]);
    let points = Array::from_array(points, (2, 3)).unwrap();
    let bins: [Bins; 3] = [(2, (0.0, 2.0)).into(), [0.0, 0.5, 1.0].into(), [0.0, 1.0].into()];
    let histogram = points.histogramdd_rows(&bins, None).unwrap();
    assert_eq!(histogram.counts.shape(), [2, 2, 1]);
    assert_eq!(ints(&histogram.counts), [1, 1, 1, 1]);
}

#[test]
fn nothing_and_single_values_are_counted_too() {
    let empty = Array::zeros((0, 3), (1, 3)).unwrap();
    assert_eq!(ints(&empty.histogram_edges(&[0.0, 1.0, 2.0]).unwrap()), [0, 0]);
    let density = empty.histogram_over([0.0, 1.0], None).unwrap().density().unwrap();
    assert!(density.compute().unwrap().to_f64()[0].is_nan());
    let one = Array::full(1.0, Vec::new(), "auto").unwrap();
    assert_eq!(ints(&one.histogram_edges(&[0.0, 1.0, 2.0]).unwrap()), [0, 1]);
    let pairs = one.histogram2d(&one, [0.0, 1.0], [0.0, 2.0], Some(&one)).unwrap();
    assert_eq!(floats(&pairs.counts), [1.0]);
}

#[test]
fn bins_that_are_none_are_refused_with_what_would_be_possible() {
    let x = values();
    for bins in [
        Bins::from([1.0]),
        Bins::from([1.0, 0.0]),
        Bins::from([0.0, NAN]),
        (0, (0.0, 1.0)).into(),
        (2, (1.0, 1.0)).into(),
        (2, (0.0, INF)).into(),
        (usize::MAX, (0.0, 1.0)).into(),
    ] {
        assert!(x.histogram_over(bins.clone(), None).is_err(), "{bins:?}");
    }
    let bins: Bins = (1 << 20, (0.0, 1.0)).into();
    assert!(Array::histogramdd(&[&x, &x], &[bins.clone(), bins.clone()], None).is_err());
    assert!(Array::histogramdd(&[&x], &[bins.clone(), bins.clone()], None).is_err());
    assert!(Array::histogramdd(&[], &[], None).is_err());
    let other = Array::arange(3).unwrap();
    let error = x.histogram2d(&other, [0.0, 1.0], [0.0, 1.0], None).unwrap_err().to_string();
    assert!(error.contains("[12]") && error.contains("[3]"), "{error}");
    assert!(x.histogram_weighted([0.0, 1.0], &other).is_err());
    assert!(x.histogramdd_rows(&[[0.0, 1.0].into()], None).is_err());
}

#[test]
fn bincount_is_as_long_as_the_largest_value_asks_for() {
    let x = Array::from_chunk(Chunk::new(vec![6], vec![0u8, 3, 3, 1, 0, 5]).unwrap()).unwrap();
    assert_eq!(ints(&x.bincount_auto(0, None).unwrap()), [2, 1, 0, 2, 0, 1]);
    assert_eq!(ints(&x.bincount_auto(8, None).unwrap()), [2, 1, 0, 2, 0, 1, 0, 0]);
    let weights = Array::arange(6).unwrap();
    assert_eq!(floats(&x.bincount_auto(2, Some(&weights)).unwrap()), [4.0, 3.0, 0.0, 3.0, 0.0, 5.0]);
    let nothing = Array::from_chunk(Chunk::new(vec![0], Vec::<i64>::new()).unwrap()).unwrap();
    assert_eq!(ints(&nothing.bincount_auto(2, None).unwrap()), [0, 0]);
    assert!(Array::ones(3, 3).unwrap().bincount_auto(0, None).is_err());
}

/// The bin of a value by looking at each.
fn bin(edges: &[f64], x: f64) -> Option<usize> {
    let last = edges.len() - 2;
    (0..=last).rev().find(|&i| edges[i] <= x && (x < edges[i + 1] || (i == last && x == edges[i + 1])))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn histograms_count_as_a_loop_would(
        rows in 0usize..40,
        chunk in 1usize..20,
        mut xs in prop::collection::vec(-6i32..7, 2..8),
        mut ys in prop::collection::vec(-6i32..7, 2..5),
        seed in 0u64..1000,
        kind in 0usize..4,
    ) {
        xs.sort_unstable();
        ys.sort_unstable();
        let halves = |edges: &[i32]| edges.iter().map(|&x| f64::from(x) / 2.0).collect::<Vec<_>>();
        let (xs, ys) = (halves(&xs), halves(&ys));
        let mut state = seed;
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let mut sample = |_| match (random(20), kind) {
            (0, 0 | 1) => NAN,
            (1, 0 | 1) => -INF,
            // What int32 and bool hold too.
            (_, 2) => random(7) as f64 - 3.0,
            (_, 3) => random(2) as f64,
            _ => (random(33) as f64 - 16.0) / 4.0,
        };
        let x: Array1<f64> = (0..rows).map(&mut sample).collect();
        let y: Array1<f64> = (0..rows).map(&mut sample).collect();
        let w: Array1<f64> = (0..rows).map(|i| (i % 5) as f64 - 1.0).collect();
        let dtype = [DType::F64, DType::F32, DType::I32, DType::Bool][kind];
        let lazy = |data: &Array1<f64>, chunk: usize| Array::from_array(data.clone(), chunk).unwrap();
        let a = lazy(&x, chunk).astype(dtype).unwrap();
        let b = lazy(&y, chunk + 3).astype(dtype).unwrap();
        let weights = lazy(&w, 7);

        let mut one = vec![0i64; xs.len() - 1];
        let mut two = vec![0i64; (xs.len() - 1) * (ys.len() - 1)];
        let mut sums = vec![0.0; two.len()];
        for i in 0..rows {
            if let Some(first) = bin(&xs, x[i]) {
                one[first] += 1;
                if let Some(second) = bin(&ys, y[i]) {
                    two[first * (ys.len() - 1) + second] += 1;
                    sums[first * (ys.len() - 1) + second] += w[i];
                }
            }
        }
        let counted = a.histogram_edges(&xs).unwrap();
        prop_assert_eq!(ints(&counted), one);
        let pairs = a.histogram2d(&b, xs.clone(), ys.clone(), None).unwrap();
        prop_assert_eq!(ints(&pairs.counts), two);
        // Small integers add up without rounding.
        let weighted = a.histogram2d(&b, xs, ys, Some(&weights)).unwrap();
        prop_assert_eq!(floats(&weighted.counts), sums);
        let density = weighted.density().unwrap();
        let bits = |threads: usize| {
            let runtime = Runtime::builder().threads(threads).build();
            let values = runtime.compute(&density).unwrap().to_f64();
            values.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        prop_assert_eq!(bits(1), bits(4));
    }
}

#[test]
fn bins_of_two_dimensions_may_be_many() {
    let x = Array::arange(200_000).unwrap();
    let pairs =
        x.histogram2d(&(&x % 2).unwrap(), (100_000, (0.0, 200_000.0)), (2, (0.0, 2.0)), None).unwrap();
    assert_eq!(pairs.counts.shape(), [100_000, 2]);
    let counts = pairs.counts.compute().unwrap();
    assert!(counts.as_slice::<i64>().unwrap().iter().all(|&count| count == 1));
}
