//! Windows that slide, blocks of neighbouring elements, and blocks with what is around them.

use graticule_array::{
    Array, Boundary, Chunk, DType, Depth, Excess, Result, Rolling, Runtime, Statistic, TimeUnit, WindowSide,
    WindowStatistic, s,
};
use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;

use crate::supply::Supply;

const NAN: f64 = f64::NAN;

fn array(values: &[f64], chunk: usize) -> Array {
    Array::from_array(ndarray::Array1::from(values.to_vec()), chunk).unwrap()
}

fn values(array: Result<Array>) -> Vec<f64> {
    array.unwrap().compute().unwrap().to_f64()
}

fn assert_close(a: &[f64], b: &[f64]) {
    let same =
        |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= 1e-14 * b.abs() || (a.is_nan() && b.is_nan());
    assert!(a.len() == b.len() && a.iter().zip(b).all(same), "{a:?} {b:?}");
}

fn bits(chunk: &Chunk) -> Vec<u64> {
    chunk.to_f64().iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect()
}

/// Every statistic of windows of floats.
fn statistics() -> Vec<WindowStatistic> {
    let of = [
        Statistic::Sum,
        Statistic::Prod,
        Statistic::Mean,
        Statistic::Var { ddof: 0 },
        Statistic::Std { ddof: 1 },
        Statistic::Min,
        Statistic::Max,
        Statistic::Argmin,
        Statistic::Argmax,
        Statistic::Count,
    ];
    of.into_iter().map(WindowStatistic::Of).chain([WindowStatistic::Median]).collect()
}

/// What xarray 2026.9 gives for `DataArray([1, 2, nan, 4, 5, 7, -1, 3]).rolling(...)`.
#[test]
fn moving_statistics_are_those_of_xarray() {
    let x = [1.0, 2.0, NAN, 4.0, 5.0, 7.0, -1.0, 3.0];
    for chunk in [1, 3, 8] {
        let x = array(&x, chunk);
        let three = x.rolling(0, 3).unwrap();
        assert_close(&values(three.sum()), &[NAN, NAN, NAN, NAN, NAN, 16.0, 11.0, 9.0]);
        assert_close(&values(three.count()), &[NAN, NAN, NAN, NAN, NAN, 3.0, 3.0, 3.0]);
        assert_close(&values(three.prod()), &[NAN, NAN, NAN, NAN, NAN, 140.0, -35.0, -21.0]);
        assert_close(&values(three.argmin()), &[NAN, NAN, NAN, NAN, NAN, 0.0, 2.0, 1.0]);
        assert_close(
            &values(three.std(0)),
            &[NAN, NAN, NAN, NAN, NAN, 1.247219128924647, 3.39934634239519, 3.265986323710904],
        );
        let two_of_three = three.min_periods(2);
        assert_close(&values(two_of_three.mean()), &[NAN, 1.5, 1.5, 3.0, 4.5, 16.0 / 3.0, 11.0 / 3.0, 3.0]);
        assert_close(
            &values(two_of_three.var(0)),
            &[NAN, 0.25, 0.25, 1.0, 0.25, 14.0 / 9.0, 104.0 / 9.0, 32.0 / 3.0],
        );
        assert_close(&values(two_of_three.argmax()), &[NAN, 2.0, 1.0, 2.0, 2.0, 2.0, 1.0, 0.0]);
        assert_close(
            &values(x.rolling(0, 3).unwrap().min_periods(1).std(1)),
            &[
                NAN,
                0.5f64.sqrt(),
                0.5f64.sqrt(),
                2f64.sqrt(),
                0.5f64.sqrt(),
                1.5275252316519474,
                4.163331998932265,
                4.0,
            ],
        );
        let even = x.rolling(0, 4).unwrap().center(true);
        assert_close(&values(even.median()), &[NAN, NAN, NAN, NAN, NAN, 4.5, 4.0, NAN]);
        let even = even.min_periods(1);
        assert_close(&values(even.sum()), &[3.0, 3.0, 7.0, 11.0, 16.0, 15.0, 14.0, 9.0]);
        assert_close(&values(even.min()), &[1.0, 1.0, 1.0, 2.0, 4.0, -1.0, -1.0, -1.0]);
        assert_close(&values(even.median()), &[1.5, 1.5, 2.0, 4.0, 5.0, 4.5, 4.0, 3.0]);
        assert_close(&values(even.argmin()), &[2.0, 1.0, 0.0, 0.0, 1.0, 3.0, 2.0, 1.0]);
        assert_close(&values(even.argmax()), &[3.0, 2.0, 3.0, 3.0, 3.0, 2.0, 1.0, 0.0]);
        let odd = x.rolling(0, 5).unwrap().center(true).min_periods(1);
        assert_close(&values(odd.max()), &[2.0, 4.0, 5.0, 7.0, 7.0, 7.0, 7.0, 7.0]);
        assert_close(&values(odd.argmin()), &[2.0, 1.0, 0.0, 0.0, 4.0, 3.0, 2.0, 1.0]);
        // xarray without bottleneck; with it, a window longer than the axis is an error.
        let long = x.rolling(0, 10).unwrap().min_periods(1);
        assert_close(&values(long.mean()), &[1.0, 1.5, 1.5, 7.0 / 3.0, 3.0, 3.8, 3.0, 3.0]);
    }
}

#[test]
fn windows_inside_the_axis_keep_integers() {
    let x = Array::arange(6).unwrap().rechunk(2).unwrap();
    let valid = x.rolling(0, 3).unwrap().valid();
    for (result, dtype, expected) in [
        (valid.sum(), DType::I64, [3.0, 6.0, 9.0, 12.0]),
        (valid.mean(), DType::F64, [1.0, 2.0, 3.0, 4.0]),
        (valid.argmax(), DType::I64, [2.0; 4]),
        (valid.count(), DType::I64, [3.0; 4]),
        (valid.median(), DType::F64, [1.0, 2.0, 3.0, 4.0]),
    ] {
        let result = result.unwrap();
        assert_eq!(result.dtype(), dtype);
        assert_close(&values(Ok(result)), &expected);
    }
    let small = x.astype(DType::I16).unwrap();
    assert_eq!(small.rolling(0, 3).unwrap().valid().max().unwrap().dtype(), DType::I16);
    assert_eq!(small.rolling(0, 3).unwrap().max().unwrap().dtype(), DType::F64);
    assert_eq!(x.astype(DType::F32).unwrap().rolling(0, 3).unwrap().mean().unwrap().dtype(), DType::F32);
    // Sums beyond 2^53 are exact.
    let large = (&x + (1i64 << 60)).unwrap();
    let sum = large.rolling(0, 2).unwrap().valid().sum().unwrap().compute().unwrap();
    assert_eq!(sum.as_slice::<i64>().unwrap()[0], (1 << 61) + 1);
}

#[test]
fn of_times_there_are_extremes_and_counts() {
    let days = Array::arange(4).unwrap().astype(DType::Datetime(TimeUnit::Second)).unwrap();
    let latest = days.rolling(0, 2).unwrap().max().unwrap();
    assert_eq!(latest.dtype(), days.dtype());
    assert_close(&values(Ok(latest)), &[NAN, 1.0, 2.0, 3.0]);
    assert_close(&values(days.rolling(0, 2).unwrap().min_periods(1).count()), &[1.0, 2.0, 2.0, 2.0]);
    assert!(days.rolling(0, 2).unwrap().mean().is_err());
}

#[test]
fn what_has_left_a_window_leaves_no_trace() {
    let mut x: Vec<f64> = (0..1000).map(|i| f64::from(i % 13) * 0.1).collect();
    for (at, wild) in [(10, 1e16), (100, f64::INFINITY), (200, NAN), (300, -1e300), (400, f64::NEG_INFINITY)]
    {
        x[at] = wild;
    }
    for size in [2, 7, 30, 64] {
        let rolling = array(&x, 17).rolling(0, size).unwrap();
        let (sum, var) = (values(rolling.sum()), values(rolling.var(0)));
        for end in size - 1..x.len() {
            let window = &x[end + 1 - size..=end];
            let direct: f64 = window.iter().sum();
            if window.iter().any(|x| !x.is_finite()) {
                assert!(!sum[end].is_finite() && var[end].is_nan());
                continue;
            }
            // Beside a value of 1e16 the order of additions shows; once it has left, nothing does.
            let tame = window.iter().all(|x| x.abs() < 10.0);
            let terms = if tame { 4.0 } else { size as f64 };
            assert!((sum[end] - direct).abs() <= terms * f64::EPSILON * direct.abs(), "{size} {end}");
            if tame {
                let mean = direct / size as f64;
                let squares = window.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / size as f64;
                assert!((var[end] - squares).abs() <= 1e-14 * squares, "{size} {end}");
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_computed() {
    let x = array(&[1.0, 2.0, 3.0], 2);
    let message = |rolling: Rolling| rolling.mean().unwrap_err().to_string();
    assert_eq!(
        message(x.rolling(0, 5).unwrap()),
        "min_periods = 5 is not possible: an axis of 3 elements has no window with so many; use a shorter window, or set min_periods"
    );
    assert!(message(x.rolling(0, 0).unwrap()).contains("at least one element"));
    assert!(message(x.rolling(0, 2).unwrap().min_periods(3)).contains("use 1 to 2"));
    assert!(message(x.rolling(0, 2).unwrap().min_periods(0)).contains("use 1 to 2"));
    assert!(message(x.rolling(0, 4).unwrap().valid()).contains("no window of that size"));
    assert!(x.rolling(1, 2).is_err());
    assert!(x.rolling(0, usize::MAX).unwrap().min_periods(1).mean().is_err());
    assert!(x.sliding_window_view(4, 0).is_err());
}

#[test]
fn empty_axes_have_empty_windows() {
    for shape in [[0, 3], [3, 0]] {
        let x = Array::ones(shape, (1, 1)).unwrap();
        for axis in [0, 1] {
            assert_eq!(x.rolling(axis, 2).unwrap().mean().unwrap().compute().unwrap().shape(), shape);
            assert_eq!(x.rolling(axis, 2).unwrap().median().unwrap().compute().unwrap().shape(), shape);
            let windows = x.rolling(axis, 2).unwrap().construct().unwrap();
            assert_eq!(windows.compute().unwrap().shape(), [shape[0], shape[1], 2]);
        }
        let coarse = x.coarsen(&[(0, 2), (1, 2)]).unwrap().excess(Excess::Pad).sum().unwrap();
        assert!(coarse.compute().unwrap().is_empty());
        let depth = Depth::new().axis(0, 1, 1, Boundary::Periodic).axis(1, 1, 2, Boundary::Reflect);
        let same = x.map_overlap("same", DType::F64, &depth, |block| Ok(block.clone())).unwrap();
        assert_eq!(same.compute().unwrap().shape(), shape);
    }
}

#[test]
fn windows_as_an_axis_are_those_of_numpy() {
    // np.lib.stride_tricks.sliding_window_view(np.arange(12).reshape(3, 4), 2, axis=0)[:, 1]
    let x = Array::from_array(ndarray::Array::from_shape_fn((3, 4), |(i, j)| (i * 4 + j) as i64), (1, 3))
        .unwrap();
    let view = x.sliding_window_view(2, 0).unwrap();
    assert_eq!(view.shape(), [2, 4, 2]);
    assert_eq!(view.slice(s![.., 1]).unwrap().compute().unwrap().as_slice::<i64>().unwrap(), [1, 5, 5, 9]);
    let padded = x.rolling(1, 3).unwrap().center(true).construct().unwrap().slice(s![1]).unwrap();
    assert_close(&values(Ok(padded)), &[NAN, 4.0, 5.0, 4.0, 5.0, 6.0, 5.0, 6.0, 7.0, 6.0, 7.0, NAN]);
}

/// What xarray 2026.9 gives for `coarsen` of two rows of seven, one value missing.
#[test]
fn coarse_statistics_are_those_of_xarray() {
    let table =
        ndarray::Array::from_shape_fn(
            (2, 7),
            |(i, j)| if (i, j) == (0, 1) { NAN } else { (i * 7 + j) as f64 },
        );
    for chunk in [(1, 1), (2, 3), (1, 5), (2, 7)] {
        let x = Array::from_array(table.clone(), chunk).unwrap();
        let of = |excess, side| x.coarsen(&[(1, 3)]).unwrap().excess(excess).side(side);
        let error = of(Excess::Exact, WindowSide::Left).sum().unwrap_err().to_string();
        assert!(error.contains("no multiple of it"), "{error}");
        let trim = of(Excess::Trim, WindowSide::Left);
        assert_close(&values(trim.sum()), &[2.0, 12.0, 24.0, 33.0]);
        assert_close(&values(trim.std(0)), &[1.0, 0.816496580927726, 0.816496580927726, 0.816496580927726]);
        assert_close(&values(trim.skipna(false).sum()), &[NAN, 12.0, 24.0, 33.0]);
        let trim = of(Excess::Trim, WindowSide::Right);
        assert_close(&values(trim.mean()), &[2.5, 5.0, 9.0, 12.0]);
        assert_close(&values(trim.prod()), &[6.0, 120.0, 720.0, 1716.0]);
        let pad = of(Excess::Pad, WindowSide::Left);
        assert_close(&values(pad.max()), &[2.0, 5.0, 6.0, 9.0, 12.0, 13.0]);
        assert_close(&values(pad.count()), &[2.0, 3.0, 1.0, 3.0, 3.0, 1.0]);
        let pad = of(Excess::Pad, WindowSide::Right);
        assert_close(&values(pad.mean()), &[0.0, 2.5, 5.0, 7.0, 9.0, 12.0]);
        assert_close(&values(pad.argmax()), &[2.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
        let both = x.coarsen(&[(0, 2), (-1, 3)]).unwrap();
        assert_close(&values(both.clone().excess(Excess::Trim).mean()), &[5.2, 7.5]);
        assert_close(
            &values(both.excess(Excess::Pad).var(0)),
            &[12.559999999999999, 12.916666666666666, 12.25],
        );
    }
}

#[test]
fn a_window_that_is_too_long_for_memory_is_a_reduction() {
    // A window of 400 MB.
    let x = Array::random_uniform(0.0, 1.0, 1, (100, 1000, 1000), (1, 1000, 1000)).unwrap();
    let mean = x.coarsen(&[(0, 50)]).unwrap().mean().unwrap();
    let plan = Runtime::builder().threads(2).memory_limit("200MiB").unwrap().build().plan(&[&mean]).unwrap();
    assert!(plan.peak_bytes() < 200 << 20);
    assert_eq!(mean.shape(), [2, 1000, 1000]);
    // Several axes at once are cut elsewhere.
    let both = x.coarsen(&[(0, 50), (1, 2)]).unwrap().mean().unwrap();
    assert!(both.chunks().max_chunk()[1] < 500);
}

fn border(at: isize, len: usize, boundary: &Boundary) -> Option<usize> {
    let n = len as isize;
    let at = match boundary {
        _ if (0..n).contains(&at) => at,
        Boundary::None | Boundary::Constant(_) => return None,
        Boundary::Reflect if at < 0 => -1 - at,
        Boundary::Reflect => 2 * n - 1 - at,
        Boundary::Nearest => at.clamp(0, n - 1),
        Boundary::Periodic => at.rem_euclid(n),
    };
    Some(at as usize)
}

#[test]
fn blocks_see_what_is_around_them() {
    let (rows, columns) = (5, 7);
    let x = ndarray::Array::from_shape_fn((rows, columns), |(i, j)| (i * 10 + j) as f64);
    let boundaries = [
        Boundary::None,
        Boundary::Constant((-1.5).into()),
        Boundary::Reflect,
        Boundary::Nearest,
        Boundary::Periodic,
    ];
    for chunk in [(1, 1), (2, 3), (5, 7), (3, 1)] {
        let lazy = Array::from_array(x.clone(), chunk).unwrap();
        for down in &boundaries {
            for across in &boundaries {
                let depth = Depth::new().axis(0, 2, 1, down.clone()).axis(1, 0, 3, across.clone());
                // The sum of an element, those before it in its column, and the third after it in its row.
                let sum = lazy
                    .map_overlap("sum", DType::F64, &depth, |block| {
                        let view = block.view::<f64>()?.into_dimensionality::<ndarray::Ix2>().unwrap();
                        let at = |i: Option<usize>, j: usize| {
                            i.and_then(|i| view.get((i, j))).copied().unwrap_or(0.0)
                        };
                        let sums = ndarray::Array::from_shape_fn(view.dim(), |(i, j)| {
                            view[(i, j)] + at(i.checked_sub(2), j) + at(Some(i), j + 3)
                        });
                        Ok(Chunk::from(sums))
                    })
                    .unwrap();
                assert_eq!(sum.chunks(), lazy.chunks());
                let constant =
                    |boundary: &Boundary| if matches!(boundary, Boundary::Constant(_)) { -1.5 } else { 0.0 };
                let expected = ndarray::Array::from_shape_fn((rows, columns), |(i, j)| {
                    let above = border(i as isize - 2, rows, down).map_or(constant(down), |i| x[(i, j)]);
                    let after =
                        border(j as isize + 3, columns, across).map_or(constant(across), |j| x[(i, j)]);
                    x[(i, j)] + above + after
                });
                let sum = sum.to_ndarray::<f64>().unwrap();
                assert!(sum.iter().eq(expected.iter()), "{chunk:?} {down:?} {across:?} {sum} {expected}");
            }
        }
    }
    let lazy = Array::from_array(x, (2, 3)).unwrap();
    assert!(lazy.overlap(&Depth::new().axis(0, 6, 0, Boundary::Periodic)).is_err());
    let integers = lazy.astype(DType::I32).unwrap();
    assert!(integers.overlap(&Depth::new().axis(0, 1, 0, Boundary::Constant(0.5.into()))).is_err());
}

#[test]
fn little_is_read_twice() -> Result<()> {
    let x = Supply::new(&[1000, 100], &[1, 100]).value(|position| (position / 100) as f64).array();
    let mean = x.rolling(0, 7)?.mean()?;
    assert_eq!(mean.chunks().max_chunk(), [28, 100]);
    let plan = Runtime::builder().threads(2).build().plan(&[&mean])?.explain();
    assert!(plan.contains("every block 1.2 times"), "{plan}");
    assert_eq!(mean.compute()?.to_f64()[700], 4.0);
    let selected = mean.slice(s![500..600, 3])?.compute()?;
    assert!(selected.to_f64().iter().enumerate().all(|(i, &x)| x == (497 + i) as f64));
    Ok(())
}

/// A statistic of the values of one window, directly.
fn direct(window: &[f64], statistic: &WindowStatistic, least: usize) -> f64 {
    let present: Vec<f64> = window.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = present.len() as f64;
    if present.len() < least {
        return NAN;
    }
    let sum: f64 = present.iter().sum();
    let variance = |ddof: f64| {
        let squares = present.iter().map(|x| (x - sum / n) * (x - sum / n)).sum::<f64>();
        if n > ddof { squares / (n - ddof) } else { NAN }
    };
    let extreme = |largest: bool| {
        present.iter().copied().reduce(|a, b| if largest == (b > a) && a != b { b } else { a }).unwrap_or(NAN)
    };
    let first = |x: f64| window.iter().position(|y| *y == x).map_or(NAN, |at| at as f64);
    match statistic {
        WindowStatistic::Of(Statistic::Sum) => sum,
        WindowStatistic::Of(Statistic::Prod) => present.iter().product(),
        WindowStatistic::Of(Statistic::Mean) => sum / n,
        WindowStatistic::Of(Statistic::Var { ddof }) => variance(*ddof as f64),
        WindowStatistic::Of(Statistic::Std { ddof }) => variance(*ddof as f64).sqrt(),
        WindowStatistic::Of(Statistic::Min) => extreme(false),
        WindowStatistic::Of(Statistic::Max) => extreme(true),
        WindowStatistic::Of(Statistic::Argmin) => first(extreme(false)),
        WindowStatistic::Of(Statistic::Argmax) => first(extreme(true)),
        WindowStatistic::Of(Statistic::Count) => n,
        WindowStatistic::Of(_) => NAN,
        WindowStatistic::Median => {
            let mut sorted = present;
            sorted.sort_by(f64::total_cmp);
            let half = sorted.len() / 2;
            if sorted.len().is_multiple_of(2) {
                (sorted[half - 1] + sorted[half]) / 2.0
            } else {
                sorted[half]
            }
        }
    }
}

/// Some values, one in ten of them missing and one in forty infinite.
fn wild(shape: &[usize], seed: usize) -> ArrayD<f64> {
    let size: usize = shape.iter().product();
    let one = |i: usize| {
        let mixed = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15usize ^ seed) >> 40;
        match mixed % 40 {
            0 => f64::INFINITY,
            1..5 => NAN,
            _ => (mixed % 1000) as f64 / 16.0 - 20.0,
        }
    };
    ArrayD::from_shape_vec(IxDyn(shape), (0..size).map(one).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn moving_statistics_are_those_of_each_window(
        shape in prop::collection::vec(1..40usize, 1..4),
        chunk in prop::collection::vec(1..12usize, 3),
        axis in 0..3usize,
        size in 1..20usize,
        least in 1..20usize,
        center in any::<bool>(),
        single in any::<bool>(),
        seed in 0..1000usize,
    ) {
        let axis = axis % shape.len();
        let least = least.min(size).min(shape[axis]);
        let eager = wild(&shape, seed);
        let lazy = Array::from_array(eager.clone(), chunk[..shape.len()].to_vec()).unwrap();
        let whole = Array::from_array(eager.clone(), shape.clone()).unwrap();
        let dtype = if single { DType::F32 } else { DType::F64 };
        let rolling = |x: &Array| {
            x.astype(dtype).unwrap().rolling(axis as isize, size).unwrap().center(center).min_periods(least)
        };
        let (one, four) = (Runtime::builder().threads(1).build(), Runtime::builder().threads(4).build());
        let behind = if center { size / 2 } else { size - 1 } as isize;
        for statistic in statistics() {
            let result = one.compute(&rolling(&lazy).reduce(statistic.clone()).unwrap()).unwrap();
            let again = four.compute(&rolling(&lazy).reduce(statistic.clone()).unwrap()).unwrap();
            let uncut = four.compute(&rolling(&whole).reduce(statistic.clone()).unwrap()).unwrap();
            prop_assert_eq!(bits(&result), bits(&again));
            prop_assert_eq!(bits(&result), bits(&uncut), "{}", &statistic);
            let result = ArrayD::from_shape_vec(IxDyn(&shape), result.to_f64()).unwrap();
            for (line, of) in eager.lanes(Axis(axis)).into_iter().zip(result.lanes(Axis(axis))) {
                for (i, &value) in of.iter().enumerate() {
                    let start = i as isize - behind;
                    let window: Vec<f64> = (start..start + size as isize)
                        .map(|at| usize::try_from(at).ok().and_then(|at| line.get(at)).copied().unwrap_or(NAN))
                        .collect();
                    let expected = direct(&window, &statistic, least);
                    let expected = if single { f64::from(expected as f32) } else { expected };
                    let scale = window.iter().filter(|x| x.is_finite()).map(|x| x.abs()).sum::<f64>();
                    let tolerance = if single { 1e-6 } else { 1e-12 };
                    let same = value == expected
                        || (value.is_nan() && expected.is_nan())
                        || (value - expected).abs() <= tolerance * (expected.abs() + scale);
                    prop_assert!(same, "{}: {} {} of {:?}", &statistic, value, expected, window);
                }
            }
        }
    }

    #[test]
    fn coarse_statistics_are_those_of_each_block(
        shape in prop::collection::vec(1..20usize, 2),
        chunk in prop::collection::vec(1..9usize, 2),
        sizes in prop::collection::vec(1..7usize, 2),
        side in prop::sample::select(vec![WindowSide::Left, WindowSide::Right]),
        excess in prop::sample::select(vec![Excess::Trim, Excess::Pad]),
        long in any::<bool>(),
        seed in 0..1000usize,
    ) {
        // Windows of 32 elements and more are folded as rows.
        let (shape, sizes) = if long { (vec![shape[0], shape[1] * 9], vec![sizes[0], sizes[1] + 31]) } else { (shape, sizes) };
        let eager = wild(&shape, seed);
        let starts: Vec<Vec<(isize, isize)>> = shape.iter().zip(&sizes).map(|(&len, &size)| {
            let rest = len % size;
            let first = match (side, excess) {
                (WindowSide::Left, _) => 0,
                (WindowSide::Right, Excess::Pad) if rest > 0 => rest as isize - size as isize,
                (WindowSide::Right, _) => rest as isize,
            };
            (first..len as isize).step_by(size).map(|start| (start, start + size as isize))
                .filter(|&(_, end)| excess == Excess::Pad || end <= len as isize).collect()
        }).collect();
        for chunk in [chunk, shape.clone()] {
            let lazy = Array::from_array(eager.clone(), chunk).unwrap();
            let coarse = lazy.coarsen(&[(0, sizes[0]), (1, sizes[1])]).unwrap().excess(excess).side(side);
            for statistic in statistics() {
                let WindowStatistic::Of(kind) = &statistic else { continue };
                let result = coarse.reduce(kind.clone()).unwrap();
                prop_assert_eq!(result.shape(), [starts[0].len(), starts[1].len()]);
                let mut results = result.compute().unwrap().to_f64().into_iter();
                for &(top, bottom) in &starts[0] {
                    for &(left, right) in &starts[1] {
                        let window: Vec<f64> = (top..bottom).flat_map(|i| (left..right).map(move |j| (i, j)))
                            .map(|(i, j)| match (usize::try_from(i), usize::try_from(j)) {
                                (Ok(i), Ok(j)) => eager.get([i, j].as_slice()).copied().unwrap_or(NAN),
                                _ => NAN,
                            }).collect();
                        let value = results.next().unwrap();
                        let present = window.iter().any(|x| !x.is_nan());
                        let expected = match kind {
                            Statistic::Sum if !present => 0.0,
                            Statistic::Prod if !present => 1.0,
                            Statistic::Argmin | Statistic::Argmax if !present => -1.0,
                            _ => direct(&window, &statistic, 0),
                        };
                        let scale = window.iter().filter(|x| x.is_finite()).map(|x| x.abs()).sum::<f64>();
                        let same = value == expected || (value.is_nan() && expected.is_nan())
                            || (value - expected).abs() <= 1e-12 * (expected.abs() + scale);
                        prop_assert!(same, "{}: {} {} of {:?}", &statistic, value, expected, window);
                    }
                }
            }
        }
        // The same bits however it is cut.
        let bits_of = |chunk: Vec<usize>| {
            let lazy = Array::from_array(eager.clone(), chunk).unwrap();
            bits(&lazy.coarsen(&[(0, sizes[0]), (1, sizes[1])]).unwrap().excess(excess).side(side).std(0).unwrap().compute().unwrap())
        };
        prop_assert_eq!(bits_of(vec![1, 1]), bits_of(shape.clone()));
    }
}
