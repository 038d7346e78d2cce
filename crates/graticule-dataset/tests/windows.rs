//! rolling, rolling_exp, cumulative, coarsen and weighted, against the answers of xarray 2026.9.

#![expect(
    clippy::approx_constant,
    reason = "answers are recorded as xarray gave them, whatever number they are near"
)]

use graticule_array::{Array, DType};
use graticule_dataset::{DataArray, Dataset, Decay, Excess, Reduction, Variable, WindowSide};
use proptest::prelude::*;

use crate::support::{attrs, days, values};

const NAN: f64 = f64::NAN;

fn same(array: &DataArray, expected: &[f64]) {
    let values = values(array);
    let equal = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-8 * b.abs().max(1.0);
    let all = values.len() == expected.len() && values.iter().zip(expected).all(|(a, b)| equal(*a, *b));
    assert!(all, "{values:?} is not {expected:?}");
}

/// Two rows of five days, one value missing; in chunks of three.
fn da() -> DataArray {
    let data = ndarray::arr2(&[[3.0, 1.0, NAN, 5.0, 4.0], [6.0, 7.0, 8.0, 9.0, 1.0]]);
    let lazy = (&Array::from_array(data, (1, 3)).unwrap() * 1.0).unwrap();
    let data = Variable::new(["x", "time"], lazy).unwrap().with_attrs(attrs(&[("units", "m")]));
    let coords = [
        ("time", days(10_957, 5)),
        ("x", Variable::from_vec("x", vec![10i64, 20]).unwrap()),
        ("h", Variable::scalar(2.0).unwrap()),
        ("n", Variable::from_vec("time", vec![1i64, 2, 3, 4, 5]).unwrap()),
    ];
    DataArray::new(Some("v"), data, coords.map(|(name, variable)| (name.to_owned(), variable))).unwrap()
}

fn whole() -> DataArray {
    da().fillna(0.0).unwrap().astype(DType::I32).unwrap()
}

fn pair() -> Dataset {
    let array = da();
    let coords = array.coords().iter().map(|(name, variable)| (name.to_owned(), variable.clone()));
    let w = Variable::from_vec("x", vec![1.0, 2.0]).unwrap();
    Dataset::new(
        [("v".to_owned(), array.variable().clone()), ("w".to_owned(), w)],
        coords,
        attrs(&[("t", "1")]),
    )
    .unwrap()
}

#[test]
fn windows_end_at_their_value_or_stand_around_it() {
    let three = da().rolling("time", 3).min_periods(1);
    same(&three.mean().unwrap(), &[3.0, 2.0, 2.0, 3.0, 4.5, 6.0, 6.5, 7.0, 8.0, 6.0]);
    same(&three.sum().unwrap(), &[3.0, 4.0, 4.0, 6.0, 9.0, 6.0, 13.0, 21.0, 24.0, 18.0]);
    same(&three.min().unwrap(), &[3.0, 1.0, 1.0, 1.0, 4.0, 6.0, 6.0, 6.0, 7.0, 1.0]);
    same(&three.max().unwrap(), &[3.0, 3.0, 3.0, 5.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.0]);
    same(&three.median().unwrap(), &[3.0, 2.0, 2.0, 3.0, 4.5, 6.0, 6.5, 7.0, 8.0, 8.0]);
    same(&three.prod().unwrap(), &[3.0, 3.0, 3.0, 5.0, 20.0, 6.0, 42.0, 336.0, 504.0, 72.0]);
    same(
        &three.var().unwrap(),
        &[0.0, 1.0, 1.0, 4.0, 0.25, 0.0, 0.25, 2.0 / 3.0, 2.0 / 3.0, 12.666666666666666],
    );
    let std1 = [
        NAN,
        1.41421356237,
        1.41421356237,
        2.82842712475,
        0.70710678119,
        NAN,
        0.70710678119,
        1.0,
        1.0,
        4.35889894354,
    ];
    same(&three.clone().ddof(1).std().unwrap(), &std1);
    let two = da().rolling("time", 2);
    same(&two.count().unwrap(), &[NAN, 2.0, NAN, NAN, 2.0, NAN, 2.0, 2.0, 2.0, 2.0]);
    same(&two.mean().unwrap(), &[NAN, 2.0, NAN, NAN, 4.5, NAN, 6.5, 7.5, 8.5, 5.0]);
    let around = whole().rolling("time", 4).center(true);
    same(&around.mean().unwrap(), &[NAN, NAN, 2.25, 2.5, NAN, NAN, NAN, 7.5, 6.25, NAN]);
    same(&around.argmin().unwrap(), &[NAN, NAN, 2.0, 1.0, NAN, NAN, NAN, 0.0, 3.0, NAN]);
    let mean = two.mean().unwrap();
    assert_eq!((mean.name(), mean.coords().len(), mean.attrs().contains_key("units")), (Some("v"), 4, true));
}

#[test]
fn positions_count_from_the_start_of_the_window() {
    let three = da().rolling("time", 3).min_periods(1);
    same(&three.argmin().unwrap(), &[2.0, 2.0, 1.0, 0.0, 2.0, 2.0, 1.0, 0.0, 0.0, 2.0]);
    same(&three.argmax().unwrap(), &[2.0, 1.0, 0.0, 2.0, 1.0, 2.0, 2.0, 2.0, 2.0, 1.0]);
}

#[test]
fn dtypes_of_windows_are_those_of_xarray() {
    let narrow = da().astype(DType::F32).unwrap();
    let two = narrow.rolling("time", 2);
    for array in [two.mean(), two.sum(), two.min(), two.std(), two.prod()] {
        assert_eq!(array.unwrap().dtype(), DType::F32);
    }
    for array in [two.count(), two.median(), two.argmax(), whole().rolling("time", 2).max()] {
        assert_eq!(array.unwrap().dtype(), DType::F64);
    }
    let both = narrow.rolling("time", 2).and("x", 2);
    assert_eq!(both.mean().unwrap().dtype(), DType::F32);
    assert_eq!(both.median().unwrap().dtype(), DType::F64);
}

#[test]
fn windows_slide_along_several_dimensions() {
    let full = da().rolling("time", 2).and("x", 2);
    same(&full.sum().unwrap(), &[NAN, NAN, NAN, NAN, NAN, NAN, 17.0, NAN, NAN, 19.0]);
    let two = da().rolling("time", 2).and("x", 2).center_along("time", true).min_periods(2);
    same(&two.sum().unwrap(), &[NAN, 4.0, NAN, NAN, 9.0, 9.0, 17.0, 16.0, 22.0, 19.0]);
    same(&two.mean().unwrap(), &[NAN, 2.0, NAN, NAN, 4.5, 4.5, 4.25, 16.0 / 3.0, 22.0 / 3.0, 4.75]);
    same(&two.max().unwrap(), &[NAN, 3.0, NAN, NAN, 5.0, 6.0, 7.0, 8.0, 9.0, 9.0]);
    same(&two.median().unwrap(), &[NAN, 2.0, NAN, NAN, 4.5, 4.5, 4.5, 7.0, 8.0, 4.5]);
    same(&two.count().unwrap(), &[NAN, 2.0, NAN, NAN, 2.0, 2.0, 4.0, 3.0, 3.0, 4.0]);
    same(&two.prod().unwrap(), &[NAN, 3.0, NAN, NAN, 20.0, 18.0, 126.0, 56.0, 360.0, 180.0]);
    let std = [NAN, 1.0, NAN, NAN, 0.5, 1.5, 2.384848, 3.09120617, 1.69967317, 2.86138079];
    same(&two.std().unwrap(), &std);
}

#[test]
fn windows_longer_than_the_data_are_missing_or_partial() {
    same(&da().rolling("time", 9).mean().unwrap(), &[NAN; 10]);
    let partial = da().rolling("time", 9).min_periods(1).mean().unwrap();
    same(&partial, &[3.0, 2.0, 2.0, 3.0, 3.25, 6.0, 6.5, 7.0, 7.5, 6.2]);
    assert!(da().rolling("time", 2).min_periods(4).mean().is_err());
    assert!(da().rolling("time", 2).min_periods(0).mean().is_err());
    assert!(da().rolling("time", 0).mean().is_err());
    assert!(da().rolling("tme", 2).mean().unwrap_err().to_string().contains("did you mean \"time\"?"));
    let none = da().isel("time", ..0).unwrap().rolling("time", 2).mean().unwrap();
    assert_eq!(none.shape(), [2, 0]);
}

#[test]
fn windows_can_be_had_themselves() {
    let windows = da().rolling("time", 3).stride(2).construct(["w"]).unwrap();
    assert_eq!(windows.dims(), ["x", "time", "w"]);
    let expected = [NAN, NAN, 3.0, 3.0, 1.0, NAN, NAN, 5.0, 4.0, NAN, NAN, 6.0, 6.0, 7.0, 8.0, 8.0, 9.0, 1.0];
    same(&windows, &expected);
    assert_eq!(windows.coords().get("n").unwrap().resident().map(|n| n.to_f64()), Some(vec![1.0, 3.0, 5.0]));
    let filled = whole().rolling("time", 3).fill_value(7i64).construct(["w"]).unwrap();
    assert_eq!(filled.dtype(), DType::I32);
    assert_eq!(whole().rolling("time", 3).construct(["w"]).unwrap().dtype(), DType::F64);
    let both = da().rolling("time", 3).and("x", 2).fill_value(0.0).construct(["w", "z"]).unwrap();
    assert_eq!(both.shape(), [2, 5, 3, 2]);
    same(&both.isel("x", 1).unwrap().isel("time", 0).unwrap(), &[0.0, 0.0, 0.0, 0.0, 3.0, 6.0]);
    assert!(da().rolling("time", 3).construct(["w", "z"]).is_err());
    let sum = da().rolling("time", 2).fill_value(0.0).construct(["w"]).unwrap().sum("w").unwrap();
    same(&sum.isel("x", 0).unwrap(), &[3.0, 4.0, 1.0, 5.0, 9.0]);
}

#[test]
fn functions_of_windows_are_missing_where_too_few_values_are() {
    let max = da().rolling("time", 3).min_periods(2).reduce(|windows, dims| windows.max(dims)).unwrap();
    same(&max, &[NAN, 3.0, 3.0, 5.0, 5.0, NAN, 7.0, 8.0, 9.0, 9.0]);
}

#[test]
fn variables_without_the_dimension_stay() {
    let mean = pair().rolling("time", 2).mean().unwrap();
    same(&mean.get("w").unwrap(), &[1.0, 2.0]);
    same(&mean.get("v").unwrap(), &[NAN, 2.0, NAN, NAN, 4.5, NAN, 6.5, 7.5, 8.5, 5.0]);
    let coarse = pair().coarsen("time", 2).boundary(Excess::Trim).sum().unwrap();
    same(&coarse.get("w").unwrap(), &[1.0, 2.0]);
    same(&coarse.get("v").unwrap(), &[4.0, 5.0, 13.0, 17.0]);
    assert_eq!(coarse.attrs().len(), 1);
}

#[test]
fn all_values_so_far_are_windows_too() {
    let so_far = da().cumulative("time").unwrap();
    same(&so_far.sum().unwrap(), &[3.0, 4.0, 4.0, 9.0, 13.0, 6.0, 13.0, 21.0, 30.0, 31.0]);
    same(&so_far.mean().unwrap(), &[3.0, 2.0, 2.0, 3.0, 3.25, 6.0, 6.5, 7.0, 7.5, 6.2]);
    same(&so_far.median().unwrap(), &[3.0, 2.0, 2.0, 3.0, 3.5, 6.0, 6.5, 7.0, 7.5, 7.0]);
    let both = da().cumulative(["time", "x"]).unwrap().min_periods(2).sum().unwrap();
    same(&both, &[NAN, 4.0, 4.0, 9.0, 13.0, 9.0, 17.0, 25.0, 39.0, 44.0]);
}

proptest! {
    #[test]
    fn what_runs_along_is_the_statistic_of_all_values_so_far(
        numbers in prop::collection::vec(prop_oneof![4 => -9f64..9.0, 1 => Just(f64::NAN)], 1..30),
        shift in prop_oneof![Just(0.0), Just(1e8)],
        chunk in 1usize..8,
        least in 1usize..4,
        ddof in 0usize..3,
    ) {
        let least = least.min(numbers.len());
        let numbers: Vec<f64> = numbers.into_iter().map(|x| x + shift).collect();
        let lazy = (&Array::from_array(ndarray::Array1::from(numbers.clone()), chunk).unwrap() * 1.0).unwrap();
        let data = DataArray::new(None, Variable::new(["x"], lazy).unwrap(), []).unwrap();
        let so_far = data.cumulative("x").unwrap().min_periods(least).ddof(ddof);
        let known = |i: usize| numbers[..=i].iter().copied().filter(|x| !x.is_nan()).collect::<Vec<f64>>();
        let mean = |v: &[f64]| v.iter().map(|x| x - shift).sum::<f64>() / v.len() as f64 + shift;
        let var = |v: &[f64]| {
            let squares: f64 = v.iter().map(|x| (x - mean(v)).powi(2)).sum();
            if v.len() > ddof { squares / (v.len() - ddof) as f64 } else { NAN }
        };
        type Of<'a> = &'a dyn Fn(&[f64]) -> f64;
        let cases: [(_, Of<'_>); 7] = [
            (so_far.sum(), &|v| v.iter().sum()),
            (so_far.mean(), &mean),
            (so_far.var(), &var),
            (so_far.std(), &|v| var(v).sqrt()),
            (so_far.min(), &|v| v.iter().copied().fold(f64::INFINITY, f64::min)),
            (so_far.max(), &|v| v.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            (so_far.count(), &|v| v.len() as f64),
        ];
        for (number, (found, expected)) in cases.into_iter().enumerate() {
            for (i, found) in values(&found.unwrap()).into_iter().enumerate() {
                let known = known(i);
                let expected = if known.len() < least { NAN } else { expected(&known) };
                let close = (found - expected).abs() <= 1e-7 * (1.0 + (expected - shift).abs());
                prop_assert!(close || (found.is_nan() && expected.is_nan()), "{number} {i} {found} {expected}");
            }
        }
    }
}

#[test]
fn dtypes_so_far_are_those_of_windows() {
    for (from, to) in [(DType::F32, DType::F32), (DType::F64, DType::F64), (DType::I32, DType::F64)] {
        let so_far = da().fillna(0.0).unwrap().astype(from).unwrap().cumulative("time").unwrap();
        for found in [so_far.sum(), so_far.mean(), so_far.var(), so_far.max(), so_far.prod()] {
            assert_eq!(found.unwrap().dtype(), to);
        }
        assert_eq!(so_far.count().unwrap().dtype(), DType::F64);
    }
    let empty = da().isel("time", ..0).unwrap();
    assert_eq!(empty.cumulative("time").unwrap().sum().unwrap().shape(), [2, 0]);
    assert_eq!(empty.rolling_exp("time", 3.0).mean().unwrap().shape(), [2, 0]);
}

#[test]
fn exponential_weights_decay_as_in_numbagg() {
    let half = da().rolling_exp("time", 3.0);
    let mean = [
        3.0, 1.66666667, 1.66666667, 4.09090909, 4.03703704, 6.0, 6.66666667, 7.42857143, 8.26666667,
        4.51612903,
    ];
    same(&half.mean().unwrap(), &mean);
    same(&half.sum().unwrap(), &[3.0, 2.5, 1.25, 5.625, 6.8125, 6.0, 10.0, 13.0, 15.5, 8.75]);
    let var = [NAN, 2.0, 2.0, 5.69230769, 1.8019802, NAN, 0.5, 0.92857143, 1.38571429, 21.08709677];
    same(&half.var().unwrap(), &var);
    let std = [
        NAN, 1.41421356, 1.41421356, 2.38585576, 1.34237856, NAN, 0.70710678, 0.96362411, 1.17716366,
        4.5920689,
    ];
    same(&half.std().unwrap(), &std);
    let by_half_life = da().rolling_exp("time", Decay::Halflife(1.5)).mean().unwrap();
    let expected = [
        3.0, 1.77297642, 1.77297642, 3.73248886, 3.86378585, 6.0, 6.61351179, 7.29758562, 8.04530448,
        5.15112471,
    ];
    same(&by_half_life, &expected);
    let other = ((da() * 2.0).unwrap() + da().coord("n").unwrap()).unwrap();
    let cov = [NAN, 3.0, 3.0, 14.69230769, 4.58415842, NAN, 1.5, 2.78571429, 4.15714286, 37.94516129];
    same(&half.cov(&other).unwrap(), &cov);
    let corr = [NAN, 1.0, 1.0, 0.99048858, 0.94230538, NAN, 1.0, 1.0, 1.0, 0.99303238];
    same(&half.corr(&other).unwrap(), &corr);
    assert_eq!(da().astype(DType::F32).unwrap().rolling_exp("time", 3.0).mean().unwrap().dtype(), DType::F64);
    assert!(da().rolling_exp("time", Decay::Alpha(2.0)).mean().is_err());
}

#[test]
fn blocks_become_one_with_their_coordinates() {
    let coarse = da().coarsen("time", 2).boundary(Excess::Trim).mean().unwrap();
    same(&coarse, &[2.0, 5.0, 6.5, 8.5]);
    let text = coarse.to_string();
    assert!(text.contains("2000-01-01T12:00:00"), "{text}");
    same(&coarse.coord("n").unwrap(), &[1.5, 3.5]);
    let both = da().coarsen("time", 2).and("x", 2).boundary(Excess::Trim).mean().unwrap();
    same(&both, &[4.25, 22.0 / 3.0]);
    assert_eq!(both.coords().labels("x").unwrap().to_f64(), [15.0]);
    let blocks = da().coarsen("time", 2).boundary(Excess::Pad);
    same(&blocks.median().unwrap(), &[2.0, 5.0, 4.0, 6.5, 8.5, 1.0]);
    same(&blocks.max().unwrap(), &[3.0, 5.0, 4.0, 7.0, 9.0, 1.0]);
    same(
        &blocks
            .coord_func(Reduction::max())
            .coord_func_of("time", Reduction::min())
            .sum()
            .unwrap()
            .coord("n")
            .unwrap(),
        &[2.0, 4.0, 5.0],
    );
    let right = da().coarsen("time", 2).side(WindowSide::Right);
    same(&right.clone().boundary(Excess::Trim).sum().unwrap(), &[1.0, 9.0, 15.0, 10.0]);
    same(&right.boundary(Excess::Pad).sum().unwrap(), &[3.0, 1.0, 9.0, 6.0, 15.0, 10.0]);
}

#[test]
fn integers_stay_in_blocks_that_are_full() {
    let largest = |values: Vec<i32>| {
        let da = DataArray::new(None, Variable::from_vec("x", values).unwrap(), []).unwrap();
        da.coarsen("x", 2).boundary(Excess::Pad).max().unwrap().dtype()
    };
    assert_eq!(largest(vec![1, 2, 3, 4]), DType::I32);
    assert_eq!(largest(vec![1, 2, 3]), DType::F64);
}

#[test]
fn blocks_that_do_not_fit_say_what_can_be_done() {
    let error = da().coarsen("time", 2).mean().unwrap_err().to_string();
    assert!(error.contains("\"time\" of length 5") && error.contains("Excess::Trim"), "{error}");
    assert_eq!(da().coarsen("time", 7).boundary(Excess::Trim).sum().unwrap().shape(), [2, 0]);
    same(&da().coarsen("time", 7).boundary(Excess::Pad).sum().unwrap(), &[13.0, 31.0]);
    let padded = whole().coarsen("time", 2).boundary(Excess::Pad);
    assert_eq!(padded.sum().unwrap().dtype(), DType::F64);
    assert_eq!(padded.count().unwrap().dtype(), DType::I64);
    let sums = da().coarsen("time", 2).boundary(Excess::Trim).reduce(Reduction::sum().skipna(false)).unwrap();
    same(&sums, &[4.0, NAN, 13.0, 17.0]);
    let sums = da().coarsen("time", 2).boundary(Excess::Trim).reduce(Reduction::sum().min_count(2)).unwrap();
    same(&sums, &[4.0, NAN, 13.0, 17.0]);
}

#[test]
fn blocks_become_a_second_dimension() {
    let table = da().isel("time", ..4).unwrap().coarsen("time", 2).construct([("time", ["a", "b"])]).unwrap();
    assert_eq!(table.dims(), ["x", "a", "b"]);
    assert_eq!(table.coords().get("time").unwrap().dims(), ["a", "b"]);
    same(&table, &[3.0, 1.0, NAN, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert!(da().coarsen("time", 5).construct([("x", ["a", "b"])]).is_err());
    let kept = da().coarsen("time", 5).construct([("time", ["time", "b"])]).unwrap();
    assert_eq!(kept.dims(), ["x", "time", "b"]);
}

/// Three rows, one with a gap, one with nothing.
fn rows() -> DataArray {
    let data = ndarray::arr2(&[[3.0, 1.0, NAN, 5.0, 4.0], [6.0, 7.0, 8.0, 9.0, 1.0], [NAN; 5]]);
    let data = Variable::from_array(["x", "y"], data).unwrap().with_attrs(attrs(&[("units", "m")]));
    let coords = [
        ("y", Variable::from_vec("y", vec![0.0, 1.0, 2.0, 3.0, 4.0]).unwrap()),
        ("h", Variable::scalar(2.0).unwrap()),
    ];
    DataArray::new(Some("v"), data, coords.map(|(name, variable)| (name.to_owned(), variable))).unwrap()
}

fn weights() -> DataArray {
    let coords = [
        ("y".to_owned(), Variable::from_vec("y", vec![0.0, 1.0, 2.0, 3.0, 4.0]).unwrap()),
        ("ww".to_owned(), Variable::from_vec("y", vec![0i64, 1, 2, 3, 4]).unwrap()),
    ];
    DataArray::new(Some("w"), Variable::from_vec("y", vec![1.0, 2.0, 0.0, 1.0, 3.0]).unwrap(), coords)
        .unwrap()
}

#[test]
fn weights_of_less_precision_do_not_take_digits_from_the_data() {
    let weights: Vec<f32> = (0..720).map(|i| (i as f32 * 0.0043).cos().abs()).collect();
    let on = |data: Array| DataArray::new(None, Variable::new(["lat"], data).unwrap(), []).unwrap();
    let weights = on(Array::from_array(ndarray::Array1::from(weights), 720).unwrap());
    let ones = on(Array::ones(720, "auto").unwrap());
    // Both sums are the same numbers, so their quotient is 1 unless one of them was rounded.
    let weighted = ones.weighted(&weights).unwrap();
    assert_eq!(weighted.mean(()).unwrap().item().unwrap(), 1.0);
    assert_eq!(weighted.var(()).unwrap().item().unwrap(), 0.0);
    let narrow = ones.astype(DType::F32).unwrap().weighted(&weights).unwrap().mean(()).unwrap();
    assert_eq!((narrow.dtype(), narrow.item().unwrap()), (DType::F32, 1.0));
}

#[test]
fn weighted_statistics_are_those_of_xarray() {
    let weighted = rows().weighted(&weights()).unwrap();
    same(&weighted.mean("y").unwrap(), &[22.0 / 7.0, 32.0 / 7.0, NAN]);
    same(&weighted.mean(()).unwrap(), &[54.0 / 14.0]);
    same(&weighted.mean("x").unwrap(), &[4.5, 4.0, NAN, 7.0, 2.5]);
    same(&weighted.sum("y").unwrap(), &[22.0, 32.0, 0.0]);
    same(&weighted.sum("x").unwrap(), &[9.0, 16.0, 0.0, 14.0, 15.0]);
    same(&weighted.std("y").unwrap(), &[1.45686272, 3.20076521, NAN]);
    same(&weighted.var(()).unwrap(), &[6.693877551020408]);
    same(&weighted.sum_of_weights("y").unwrap(), &[7.0, 7.0, NAN]);
    same(&weighted.sum_of_squares("y").unwrap(), &[14.85714286, 71.71428571, 0.0]);
    let strict = rows().weighted(&weights()).unwrap().skipna(false);
    same(&strict.mean("y").unwrap(), &[NAN, 32.0 / 7.0, NAN]);
    let mean = weighted.mean("x").unwrap();
    assert_eq!((mean.name(), mean.attrs().len()), (Some("v"), 1));
    assert_eq!(mean.coords().names().collect::<Vec<_>>(), ["y", "h", "ww"]);
    assert!(weighted.mean("z").is_err());
}

#[test]
fn weights_and_data_meet_where_both_have_labels() {
    let some = weights().isel("y", 1..4).unwrap();
    let weighted = rows().weighted(&some).unwrap();
    same(&weighted.mean("y").unwrap(), &[7.0 / 3.0, 23.0 / 3.0, NAN]);
    same(&weighted.mean("x").unwrap(), &[4.0, NAN, 7.0]);
    let members = DataArray::new(None, Variable::from_vec("z", vec![1.0, 2.0]).unwrap(), []).unwrap();
    let weighted = rows().weighted(&members).unwrap();
    assert_eq!(weighted.mean("x").unwrap().dims(), ["y", "z"]);
    same(&weighted.mean("z").unwrap().isel("x", 0).unwrap(), &[3.0, 1.0, NAN, 5.0, 4.0]);
}

#[test]
fn missing_weights_are_refused_at_once_or_when_they_are_computed() {
    let gap = weights().where_(weights().gt(0.0)).unwrap();
    assert!(rows().weighted(&gap.compute().unwrap()).err().unwrap().to_string().contains("fillna(0.0)"));
    let late = rows().weighted(&gap).unwrap().mean("y").unwrap().compute();
    assert!(late.unwrap_err().to_string().contains("fillna(0.0)"));
    let large = rows().weighted(&weights().gt(1.0).unwrap()).unwrap();
    same(&large.mean("y").unwrap(), &[2.5, 4.0, NAN]);
}

#[test]
fn dtypes_of_weighted_statistics_are_those_of_the_products() {
    let narrow = rows().astype(DType::F32).unwrap();
    let w32 = weights().astype(DType::F32).unwrap();
    assert_eq!(narrow.weighted(&w32).unwrap().mean("y").unwrap().dtype(), DType::F32);
    assert_eq!(narrow.weighted(&w32).unwrap().sum_of_weights("y").unwrap().dtype(), DType::F32);
    let days = weights().astype(DType::I64).unwrap();
    assert_eq!(narrow.weighted(&days).unwrap().mean("y").unwrap().dtype(), DType::F64);
}

#[test]
fn weighted_quantiles_have_xarrays_definition() {
    let weighted = rows().weighted(&weights()).unwrap();
    let quantiles = weighted.quantile([0.25, 0.5], "y").unwrap();
    assert_eq!(quantiles.dims(), ["quantile", "x"]);
    same(&quantiles, &[2.43333333, 1.83333333, NAN, 3.73333333, 4.93333333, NAN]);
    same(&weighted.quantile(0.3, "x").unwrap(), &[3.9, 2.8, NAN, 6.2, 1.9]);
    let strict = rows().weighted(&weights()).unwrap().skipna(false);
    same(&strict.quantile(0.3, "y").unwrap(), &[NAN, 2.4, NAN]);
    let all = weighted.quantile(0.3, ()).unwrap();
    same(&all, &[1.65333333]);
    assert!(all.coords().contains("h"));
    let equal = DataArray::new(None, Variable::from_vec("y", vec![1.0; 5]).unwrap(), []).unwrap();
    let plain = rows().quantile([0.1, 0.6, 1.0], "y").unwrap();
    same(&rows().weighted(&equal).unwrap().quantile([0.1, 0.6, 1.0], "y").unwrap(), &values(&plain));
    assert!(weighted.quantile(1.5, "y").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Statistics of windows are those of the windows themselves, in any chunks.
    #[test]
    fn windows_have_the_statistics_of_their_values(
        size in 1usize..7, least in 1usize..7, center: bool, chunk in 1usize..9, seed: u64,
    ) {
        let least = least.min(size);
        let data = Array::random_normal(0.0, 1.0, seed, (2, 12), (1, chunk)).unwrap();
        let da = DataArray::new(None, Variable::new(["x", "time"], data).unwrap(), []).unwrap();
        let da = da.where_(da.gt(-1.0)).unwrap();
        let rolling = da.rolling("time", size).center(center).min_periods(least);
        let direct = values(&rolling.mean().unwrap());
        let slow = values(&rolling.reduce(|windows, dims| windows.mean(dims)).unwrap());
        for (a, b) in direct.iter().zip(&slow) {
            prop_assert!((a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12);
        }
    }

    /// Blocks of blocks are larger blocks.
    #[test]
    fn sums_of_blocks_of_blocks_are_sums_of_larger_blocks(a in 1usize..4, b in 1usize..4, chunk in 1usize..9) {
        let n = a * b * 3;
        let data = Array::random_normal(0.0, 1.0, 3, (n, 2), (chunk, 1)).unwrap();
        let da = DataArray::new(None, Variable::new(["x", "y"], data).unwrap(), []).unwrap();
        let twice = values(&da.coarsen("x", a).sum().unwrap().coarsen("x", b).sum().unwrap());
        let once = values(&da.coarsen("x", a * b).sum().unwrap());
        for (p, q) in twice.iter().zip(&once) {
            prop_assert!((p - q).abs() < 1e-12);
        }
    }
}
