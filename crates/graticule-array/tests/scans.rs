//! Running sums, products and extremes, and gaps filled.

use std::sync::Arc;

use graticule_array::{Array, Buffer, Chunk, DType, NAT, Registry, Result, Runtime, StoredExpr, TimeUnit, s};
use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;

use crate::supply::{Reads, Supply};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// The values with one bit pattern for every NaN, so that equality means the same bits otherwise.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| if v.is_nan() { NAN.to_bits() } else { v.to_bits() }).collect()
}

/// Values on an axis that is cut into three, in the middle of the values.
fn cut(values: &[f64]) -> Array {
    let n = values.len();
    assert!(n >= 48, "chunks of less than 16 elements are joined");
    let sizes = vec![vec![16, n - 32, 16]];
    Array::from_array(ndarray::arr1(values), sizes).unwrap()
}

/// The values, with what leaves sums and products as they are before and behind them.
fn padded(values: &[f64], neutral: f64, before: usize) -> Array {
    let mut all = vec![neutral; before];
    all.extend(values);
    all.resize(64.max(all.len() + 16), neutral);
    cut(&all)
}

#[test]
fn missing_and_infinite_values_spread_over_the_borders_of_chunks_as_in_numpy() {
    // np.cumsum([1, inf, 2, -inf, 3]), np.cumsum([1, nan, 2]), np.cumprod([0, inf, 1])
    for before in 8..20 {
        let slice = |y: Array, n: usize| {
            y.slice(s![before as isize..(before + n) as isize]).unwrap().compute().unwrap().to_f64()
        };
        let x = padded(&[1.0, INF, 2.0, -INF, 3.0], 0.0, before).cumsum(0).unwrap();
        assert_eq!(bits(&slice(x, 5)), bits(&[1.0, INF, INF, NAN, NAN]));
        let x = padded(&[1.0, NAN, 2.0], 0.0, before).cumsum(0).unwrap();
        assert!(x.index_axis(0, -1).unwrap().compute().unwrap().item::<f64>().unwrap().is_nan());
        assert_eq!(bits(&slice(x, 3)), bits(&[1.0, NAN, NAN]));
        let x = padded(&[NAN, 1.0, NAN, 2.0], 0.0, before).nancumsum(0).unwrap();
        assert_eq!(slice(x, 4), [0.0, 1.0, 1.0, 3.0]);
        let x = padded(&[NAN, 2.0, NAN, 3.0], 1.0, before).nancumprod(0).unwrap();
        assert_eq!(slice(x, 4), [1.0, 2.0, 2.0, 6.0]);
        let x = padded(&[0.0, INF, 1.0], 1.0, before).cumprod(0).unwrap();
        assert_eq!(bits(&slice(x, 3)), bits(&[0.0, NAN, NAN]));
        let x = padded(&[-0.0, -0.0], -0.0, before).cumsum(0).unwrap();
        assert_eq!(bits(&slice(x, 2)), bits(&[-0.0, -0.0]));
        let x = padded(&[1.0, 3.0, NAN, 9.0], -INF, before).cummax(0).unwrap();
        assert_eq!(bits(&slice(x, 4)), bits(&[1.0, 3.0, NAN, NAN]));
        let x = padded(&[1.0, -3.0, -2.0, NAN], INF, before).cummin(0).unwrap();
        assert_eq!(bits(&slice(x, 4)), bits(&[1.0, -3.0, -3.0, NAN]));
    }
}

#[test]
fn dtypes_are_those_of_numpy() {
    use DType::*;
    let x = Array::from_array(ndarray::arr1(&[1, 0, 1]), "auto").unwrap();
    // np.cumsum(a).dtype, np.maximum.accumulate(a).dtype
    for (dtype, sum) in [
        (Bool, I64),
        (I8, I64),
        (I16, I64),
        (I32, I64),
        (I64, I64),
        (U8, U64),
        (U16, U64),
        (U32, U64),
        (U64, U64),
        (F32, F32),
        (F64, F64),
    ] {
        let x = x.astype(dtype).unwrap();
        for (y, expected, values) in [
            (x.cumsum(0), sum, [1.0, 1.0, 2.0]),
            (x.nancumsum(0), sum, [1.0, 1.0, 2.0]),
            (x.cumprod(0), sum, [1.0, 0.0, 0.0]),
            (x.nancumprod(0), sum, [1.0, 0.0, 0.0]),
            (x.cummax(0), dtype, [1.0, 1.0, 1.0]),
            (x.cummin(0), dtype, [1.0, 0.0, 0.0]),
            (x.ffill(0, None), dtype, [1.0, 0.0, 1.0]),
            (x.bfill(0, Some(1)), dtype, [1.0, 0.0, 1.0]),
        ] {
            let y = y.unwrap().compute().unwrap();
            assert_eq!(y.dtype(), expected, "{dtype}");
            assert_eq!(y.to_f64(), values, "{dtype}");
        }
    }
    // np.cumsum([2**63 - 1, 1]), np.cumprod([2**32, 2**32, 3])
    let wraps = Array::from_array(ndarray::arr1(&[i64::MAX, 1]), "auto").unwrap().cumsum(0).unwrap();
    assert_eq!(wraps.compute().unwrap().as_slice::<i64>().unwrap(), [i64::MAX, i64::MIN]);
    let wraps = Array::from_array(ndarray::arr1(&[1u64 << 32, 1 << 32, 3]), "auto").unwrap();
    assert_eq!(wraps.cumprod(0).unwrap().compute().unwrap().as_slice::<u64>().unwrap(), [1 << 32, 0, 0]);
}

fn times(dtype: DType, values: Vec<i64>, chunk: usize) -> Array {
    let chunk_of_all = Chunk::from_buffer(vec![values.len()], dtype, Buffer::I64(values)).unwrap();
    Array::from_chunk(chunk_of_all).unwrap().rechunk(chunk).unwrap()
}

#[test]
fn times_that_are_missing_spread_or_are_filled() {
    let (date, duration) = (DType::Datetime(TimeUnit::Second), DType::Timedelta(TimeUnit::Second));
    let mut values: Vec<i64> = (0..60).collect();
    values[20] = NAT;
    values[40] = NAT;
    let get = |y: Result<Array>, dtype: DType| {
        let y = y.unwrap().compute().unwrap();
        assert_eq!(y.dtype(), dtype);
        y.as_slice::<i64>().unwrap().to_vec()
    };
    let sums = get(times(duration, values.clone(), 16).cumsum(0), duration);
    assert_eq!((sums[19], sums[20], sums[59]), (190, NAT, NAT));
    let skipped = get(times(duration, values.clone(), 16).nancumsum(0), duration);
    assert_eq!((skipped[19], skipped[20], skipped[59]), (190, 190, 59 * 30 - 60));
    let latest = get(times(date, values.clone(), 16).cummax(0), date);
    assert_eq!((latest[19], latest[20], latest[59]), (19, NAT, NAT));
    let filled = get(times(date, values.clone(), 16).ffill(0, Some(1)), date);
    assert_eq!((filled[20], filled[40], filled[59]), (19, 39, 59));
    let filled = get(times(duration, values.clone(), 16).bfill(0, None), duration);
    assert_eq!((filled[20], filled[40]), (21, 41));
    assert!(
        times(date, values.clone(), 16).cumsum(0).unwrap_err().to_string().contains("cumsum is not defined")
    );
    assert!(times(duration, values, 16).cumprod(0).is_err());
}

#[test]
fn gaps_longer_than_chunks_are_filled_as_far_as_the_limit() {
    // pd.Series.ffill and bfill, limit as given.
    let mut values = vec![NAN; 100];
    values[3] = 1.0;
    values[90] = 2.0;
    let x = Array::from_array(ndarray::arr1(&values), 16).unwrap();
    for limit in [1, 12, 13, 40, 86, 87, 200] {
        let forward = x.ffill(0, Some(limit)).unwrap().compute().unwrap().to_f64();
        let back = x.bfill(0, Some(limit)).unwrap().compute().unwrap().to_f64();
        for i in 0..100 {
            let ahead = [(3, 1.0), (90, 2.0)].into_iter().rev().find(|(at, _)| *at <= i);
            let expected = ahead.filter(|(at, _)| i - at <= limit).map_or(NAN, |(_, value)| value);
            assert_eq!(forward[i].to_bits(), expected.to_bits(), "limit {limit} at {i}");
            let behind = [(3, 1.0), (90, 2.0)].into_iter().find(|(at, _)| *at >= i);
            let expected = behind.filter(|(at, _)| at - i <= limit).map_or(NAN, |(_, value)| value);
            assert_eq!(back[i].to_bits(), expected.to_bits(), "limit {limit} at {i}");
        }
    }
    assert_eq!(x.ffill(0, Some(0)).unwrap(), x);
}

#[test]
fn sums_are_exact_to_the_last_bit_whatever_the_chunks() {
    // Multiples of 2^-40 up to 2^20: exact sums are known, and most of what a float can hold is lost on the way.
    let n = 200_000;
    let draws = Array::random_uniform(-1.0, 1.0, 11, n, n).unwrap().compute().unwrap().to_f64();
    let scale = f64::from(1 << 20) * f64::from(1 << 20);
    let exponents = [20, 0, -10, 10];
    let units: Vec<i128> = draws
        .iter()
        .enumerate()
        .map(|(i, draw)| (draw * 2f64.powi(exponents[i % 4]) * scale).round() as i128)
        .collect();
    let values: Vec<f64> = units.iter().map(|&unit| unit as f64 / scale).collect();
    let mut exact = 0i128;
    let expected: Vec<i128> = units
        .iter()
        .map(|unit| {
            exact += unit;
            exact
        })
        .collect();
    for chunk in [n, 20_000, 777, 16] {
        let x = Array::from_array(ndarray::arr1(&values), chunk).unwrap();
        let sums = x.cumsum(0).unwrap().compute().unwrap().to_f64();
        for (i, (sum, exact)) in sums.iter().zip(&expected).enumerate() {
            let correct = *exact as f64 / scale;
            let off = (sum - correct).abs();
            assert!(off <= correct.abs() * f64::EPSILON, "{sum} {correct} at {i} in chunks of {chunk}");
        }
    }
    // float32 is rounded once.
    let x = Array::from_array(ndarray::arr1(&vec![0.1f32; n]), 5000).unwrap();
    let sums = x.cumsum(0).unwrap().compute().unwrap();
    let last = (f64::from(0.1f32) * n as f64) as f32;
    assert_eq!(sums.as_slice::<f32>().unwrap()[n - 1], last);
}

#[test]
fn products_come_back_into_range_whatever_the_chunks() {
    let values: Vec<f64> = (0..6000).map(|i| if i < 3000 { 1.5 } else { 0.5 }).collect();
    for chunk in [6000, 1000, 16] {
        let x = Array::from_array(ndarray::arr1(&values), chunk).unwrap();
        let products = x.cumprod(0).unwrap().compute().unwrap().to_f64();
        // 1.5^3000 = 1.97e528, and 0.5 of it for each of 1000 more.
        assert_eq!(products[2999], INF);
        let expected = 10f64.powf(3000.0 * 1.5f64.log10() - 1000.0 * 2f64.log10());
        assert!((products[3999] / expected - 1.0).abs() < 1e-11, "{} {expected}", products[3999]);
        assert_eq!(products[5999], 0.0);
    }
}

/// The naive answer: each lane from its first element to its last.
fn naive(x: &ArrayD<f64>, axis: usize, along: impl Fn(&[f64]) -> Vec<f64>) -> ArrayD<f64> {
    let mut y = x.clone();
    for mut lane in y.lanes_mut(Axis(axis)) {
        let values = along(&lane.to_vec());
        lane.iter_mut().zip(values).for_each(|(y, value)| *y = value);
    }
    y
}

fn running(start: f64, step: impl Fn(f64, f64) -> f64) -> impl Fn(&[f64]) -> Vec<f64> {
    move |lane: &[f64]| {
        let next = |so_far: &mut f64, x: &f64| {
            *so_far = step(*so_far, *x);
            Some(*so_far)
        };
        lane.iter().scan(start, next).collect()
    }
}

fn filled(lane: &[f64], limit: usize) -> Vec<f64> {
    let mut last: Option<(usize, f64)> = None;
    let mut fill = |(i, &x): (usize, &f64)| {
        if !x.is_nan() {
            last = Some((i, x));
        }
        last.filter(|(at, _)| i - at <= limit).map_or(NAN, |(_, value)| value)
    };
    lane.iter().enumerate().map(&mut fill).collect()
}

fn reversed(lane: &[f64]) -> Vec<f64> {
    lane.iter().rev().copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_axis_of_any_shape_in_any_chunks_is_accumulated_from_its_first_element(
        len in prop_oneof![0..3usize, 30..90usize],
        others in prop::collection::vec(0..5usize, 0..3),
        place in 0..3usize,
        cuts in prop::collection::vec(1..40usize, 0..5),
        chunk in 1..4usize,
        missing in 0..4u64,
        limit in prop_oneof![Just(usize::MAX), 0..40usize],
        seed in any::<u64>(),
        threads in 1..5usize,
    ) {
        let axis = place % (others.len() + 1);
        let mut shape = others.clone();
        shape.insert(axis, len);
        // Whole numbers, whose sums are exact, and powers of two, whose products are; and what is not finite.
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 40
        };
        let special = |draw: u64, number: f64| match draw % 32 {
            0 if missing > 1 => INF,
            1 if missing > 2 => -INF,
            n if n < 8 * missing => if missing == 1 && n > 1 { number } else { NAN },
            _ => number,
        };
        let numbers = ArrayD::from_shape_simple_fn(IxDyn(&shape), || {
            let number = (draw() % 100) as f64 - 50.0;
            special(draw(), number)
        });
        let powers = ArrayD::from_shape_simple_fn(IxDyn(&shape), || {
            let number = [0.5, -1.0, 2.0, -0.5, 1.0, -2.0][(draw() % 6) as usize];
            special(draw(), number)
        });
        let mut along: Vec<usize> = Vec::new();
        for cut in cuts {
            along.push(cut.min(len - along.iter().sum::<usize>()));
        }
        along.push(len - along.iter().sum::<usize>());
        let chunks: Vec<Vec<usize>> = (0..shape.len()).map(|i| {
            if i == axis {
                along.clone()
            } else {
                (0..shape[i]).step_by(chunk).map(|start| chunk.min(shape[i] - start)).collect()
            }
        }).collect();
        let x = Array::from_array(numbers.clone(), chunks.clone()).unwrap();
        let p = Array::from_array(powers.clone(), chunks).unwrap();
        let signed = axis as isize - if seed % 2 == 0 { shape.len() as isize } else { 0 };
        let or = |x: f64, other: f64| if x.is_nan() { other } else { x };
        let max = |a: f64, b: f64| if b >= a || b.is_nan() { b } else { a };
        let min = |a: f64, b: f64| if b <= a || b.is_nan() { b } else { a };
        let cases = [
            ("cumsum", x.cumsum(signed), naive(&numbers, axis, running(0.0, |a, b| a + b))),
            ("nancumsum", x.nancumsum(signed), naive(&numbers, axis, running(0.0, |a, b| a + or(b, 0.0)))),
            ("cumprod", p.cumprod(signed), naive(&powers, axis, running(1.0, |a, b| a * b))),
            ("nancumprod", p.nancumprod(signed), naive(&powers, axis, running(1.0, |a, b| a * or(b, 1.0)))),
            ("cummax", x.cummax(signed), naive(&numbers, axis, running(-INF, max))),
            ("cummin", x.cummin(signed), naive(&numbers, axis, running(INF, min))),
            ("ffill", x.ffill(signed, None), naive(&numbers, axis, |lane| filled(lane, usize::MAX))),
            ("ffill to a limit", x.ffill(signed, Some(limit)), naive(&numbers, axis, |lane| filled(lane, limit))),
            ("bfill to a limit", x.bfill(signed, Some(limit)), naive(&numbers, axis, |lane| {
                reversed(&filled(&reversed(lane), limit))
            })),
        ];
        let runtime = Runtime::builder().threads(threads).build();
        for (name, y, expected) in &cases {
            let y = y.as_ref().unwrap();
            prop_assert_eq!(y.shape(), expected.shape());
            let values = runtime.compute(y).unwrap().to_f64();
            let expected: Vec<f64> = expected.iter().copied().collect();
            prop_assert_eq!(bits(&values), bits(&expected), "{} of {:?}\n{}", name, numbers, y.tree());
        }
        // The same in other dtypes, which hold what is finite here.
        let whole = numbers.mapv(|v| if v.is_finite() { v } else { 7.0 });
        let w = Array::from_array(whole.clone(), x.chunks().axes().iter().map(|a| a.sizes().collect()).collect::<Vec<Vec<usize>>>()).unwrap();
        for dtype in [DType::I8, DType::I32, DType::F32] {
            let w = w.astype(dtype).unwrap();
            for (y, expected) in [
                (w.cumsum(signed), naive(&whole, axis, running(0.0, |a, b| a + b))),
                (w.cummin(signed), naive(&whole, axis, running(INF, min))),
            ] {
                let values = runtime.compute(&y.unwrap()).unwrap().to_f64();
                prop_assert_eq!(values, expected.iter().copied().collect::<Vec<f64>>());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn results_are_the_same_bits_with_any_number_of_threads_and_after_any_selection(
        seed in any::<u64>(), chunk in 16..50usize, start in 0..100isize, column in 0..7isize,
    ) {
        let x = Array::random_normal(0.0, 1.0, seed, (120, 7), (chunk, 3)).unwrap();
        for y in [x.cumsum(0), x.cumprod(0), x.cumsum(1), x.greater(1.0).unwrap().choose(&x, NAN).unwrap().ffill(0, Some(30))] {
            let y = y.unwrap();
            let one = Runtime::builder().threads(1).build().compute(&y).unwrap();
            for threads in 2..5 {
                let more = Runtime::builder().threads(threads).build().compute(&y).unwrap();
                prop_assert_eq!(bits(&one.to_f64()), bits(&more.to_f64()));
            }
            let part = y.slice(s![start..;-3, column]).unwrap().compute().unwrap().to_f64();
            let all = Array::from_chunk(one).unwrap();
            let expected = all.slice(s![start..;-3, column]).unwrap().compute().unwrap().to_f64();
            prop_assert_eq!(bits(&part), bits(&expected));
        }
    }
}

#[test]
fn data_are_read_once_for_totals_and_once_for_values() {
    let ones = |shape: &[usize], chunk: &[usize]| Supply::new(shape, chunk).value(|_| 1.0).counted();
    let runtime = Runtime::builder().threads(2).build();
    let read = |array: &Array, reads: &Reads| {
        reads.take();
        let chunk = runtime.compute(array).unwrap();
        (chunk, reads.elements())
    };
    // The last of five chunks needs no total.
    let (x, reads) = ones(&[100, 40], &[20, 10]);
    let (sums, count) = read(&x.cumsum(0).unwrap(), &reads);
    assert_eq!(count, 80 * 40 + 100 * 40);
    assert_eq!(sums.view::<f64>().unwrap()[[99, 7]], 100.0);
    // An axis that is not cut.
    let (_, count) = read(&x.rechunk((100, 10)).unwrap().cumsum(0).unwrap(), &reads);
    assert_eq!(count, 100 * 40);
    // Short chunks are joined: each is still read once or twice.
    let (x, reads) = ones(&[100, 40], &[1, 40]);
    let (_, count) = read(&x.cumsum(0).unwrap(), &reads);
    assert_eq!(count, 96 * 40 + 100 * 40);
    // Of a selection along the other axes, only the chunks that hold it.
    let (x, reads) = ones(&[100, 40], &[20, 10]);
    let (_, count) = read(&x.cumsum(0).unwrap().index_axis(1, 3).unwrap(), &reads);
    assert_eq!(count, 80 * 10 + 100 * 10);
    // Before the second chunk of the axis, one total; of the first chunk, none.
    let (_, count) = read(&x.cumsum(0).unwrap().slice(s![..20, ..]).unwrap(), &reads);
    assert_eq!(count, 20 * 40);
    // A mean above runs in the same pass.
    let (_, count) = read(&x.cumsum(0).unwrap().mean(()).unwrap(), &reads);
    assert_eq!(count, 80 * 40 + 100 * 40);
}

#[test]
fn totals_are_computed_in_a_pass_of_their_own() {
    let x = Array::random_normal(0.0, 1.0, 1, 1_000_000, 100_000).unwrap();
    let text = Runtime::builder().threads(2).build().plan(&[&x.cumsum(0).unwrap()]).unwrap().explain();
    assert!(text.contains("totals of cumsum along axis 0") && text.contains("9 tasks"), "{text}");
}

#[test]
fn little_memory_gives_the_same_sums() {
    let x = Array::random_normal(0.0, 1.0, 1, (1600, 1000), (16, 100)).unwrap();
    let y = x.cumsum(0).unwrap().square().unwrap().sum(0).unwrap();
    let wide = Runtime::builder().threads(2).build();
    let peak = wide.plan(&[&y]).unwrap().peak_bytes();
    let expected = wide.compute(&y).unwrap();
    let folder = std::env::temp_dir().join("graticule-spill-scans");
    let limit = format!("{}B", peak / 2);
    let on_disk = Runtime::builder().threads(2).memory_limit(limit.as_str()).unwrap();
    let on_disk = on_disk.spill_dir(folder).unwrap().build();
    let text = on_disk.plan(&[&y]).unwrap().explain();
    assert!(text.contains("kept on disk"), "{text}");
    assert_eq!(on_disk.compute(&y).unwrap(), expected);
}

#[test]
fn a_running_sum_is_stored_and_opened_again() {
    let x = Array::random_normal(0.0, 1.0, 1, (100, 5), (20, 5)).unwrap().cumsum(0).unwrap();
    let text = serde_json::to_string(&StoredExpr::from(x.expr())).unwrap();
    let stored: StoredExpr = serde_json::from_str(&text).unwrap();
    assert_eq!(Array::from_expr(stored.open(&Registry::default()).unwrap()), x);
    // What was changed on the way is refused, not run.
    for (from, to) in [("\"axis\":0", "\"axis\":2"), ("\"Totals\"", "\"Carries\"")] {
        assert!(text.contains(from));
        let changed: StoredExpr = serde_json::from_str(&text.replace(from, to)).unwrap();
        assert!(changed.open(&Registry::default()).is_err(), "{to}");
    }
}

#[test]
fn integrals_are_those_of_xarray() {
    // xr.DataArray([1, 4, 9, 16], coords={"x": [0, 1, 3, 3.5]}).cumulative_integrate("x")
    let x = Array::from_array(ndarray::arr1(&[1, 4, 9, 16]), "auto").unwrap();
    let areas = x.cumulative_trapezoid([0.0, 1.0, 3.0, 3.5], 0).unwrap();
    assert_eq!(areas.compute().unwrap().as_slice::<f64>().unwrap(), [0.0, 2.5, 15.5, 21.75]);
    let error = x.cumulative_trapezoid([0.0], 0).unwrap_err().to_string();
    assert!(error.contains("one coordinate for each point"), "{error}");
    // Over the borders of chunks, along either axis, with gaps of very different sizes.
    let coordinates: Vec<f64> = (0..100).map(|i| f64::from(i) + if i > 50 { 1e10 } else { 0.0 }).collect();
    let values = ndarray::Array2::from_shape_fn((100, 3), |(i, j)| ((i * 7 + j) % 13) as f64);
    let x = Array::from_array(values.clone(), (20, 2)).unwrap();
    let along_first = x.cumulative_trapezoid(coordinates.clone(), 0).unwrap().to_ndarray::<f64>().unwrap();
    let along_last = x.transpose().unwrap().cumulative_trapezoid(coordinates.clone(), -1).unwrap();
    let along_last = along_last.to_ndarray::<f64>().unwrap();
    for j in 0..3 {
        let mut area = 0.0;
        for i in 0..100 {
            if i > 0 {
                area += (values[[i, j]] + values[[i - 1, j]]) / 2.0 * (coordinates[i] - coordinates[i - 1]);
            }
            assert!((along_first[[i, j]] - area).abs() <= 1e-14 * area, "{i} {j}");
            assert_eq!(along_first[[i, j]], along_last[[j, i]]);
        }
    }
    // An infinite value is part of the trapezoids beside it, not of the first integral.
    let x = Array::from_array(ndarray::arr1(&[INF, 1.0]), "auto").unwrap();
    assert_eq!(x.cumulative_trapezoid([0.0, 1.0], 0).unwrap().compute().unwrap().to_f64(), [0.0, INF]);
    let none = Array::zeros(0, 1).unwrap().cumulative_trapezoid([], 0).unwrap();
    assert_eq!(none.compute().unwrap().len(), 0);
}

#[test]
fn an_axis_that_is_not_there_is_refused() {
    let x = Array::ones((2, 3), "auto").unwrap();
    for y in [
        x.cumsum(2),
        x.cummax(-3),
        x.ffill(2, None),
        x.bfill(5, Some(0)),
        x.index_axis(0, 0).unwrap().cumsum(1),
    ] {
        assert!(y.unwrap_err().to_string().contains("does not exist"));
    }
    let text = Array::from_array(ndarray::arr1(&[Arc::<str>::from("a")]), "auto").unwrap();
    assert!(text.cumsum(0).is_err() && text.cummax(0).is_err());
    assert_eq!(text.ffill(0, None).unwrap(), text);
}
