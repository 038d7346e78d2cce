//! Polynomials, gaps and functions of one's own, against answers of xarray 2026.9.

use graticule_array::{Array, Buffer, Chunk, DType, Scalar, TimeUnit};
use graticule_dataset::{
    ApplyUfunc, Attrs, DataArray, Dataset, InterpMethod, InterpolateNa, Polyfit, Variable, polyval,
};

use crate::support::{attrs, days, values};

const NAN: f64 = f64::NAN;

#[track_caller]
fn assert_close(array: &DataArray, expected: &[f64], relative: f64) {
    let found = values(array);
    let close = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= relative * b.abs();
    let all = found.len() == expected.len() && found.iter().zip(expected).all(|(&a, &b)| close(a, b));
    assert!(all, "{found:?} is not {expected:?}");
}

fn series() -> DataArray {
    let rows = ndarray::arr2(&[[1.0, 2.0, 4.0, 4.0, 5.0, 7.0], [NAN, 1.0, 3.0, NAN, 2.0, 2.0]]);
    let data = Variable::from_array(["k", "time"], rows).unwrap().with_attrs(attrs(&[("u", "m")]));
    let coords = [
        ("time".to_owned(), days(10_957, 6)),
        ("k".to_owned(), Variable::from_vec("k", vec![1i64, 2]).unwrap()),
        ("s".to_owned(), Variable::scalar(5).unwrap()),
    ];
    DataArray::new(Some("da"), data, coords).unwrap()
}

#[test]
fn a_line_along_times_is_fitted_place_by_place() {
    for da in [series(), series().chunk([("time", 2), ("k", 1)]).unwrap()] {
        let fit = da.polyfit("time", Polyfit::degree(1).full(true).cov(true)).unwrap();
        let names: Vec<&String> = fit.data_vars().keys().collect();
        let expected = [
            "time_matrix_rank",
            "time_singular_values",
            "polyfit_coefficients",
            "polyfit_residuals",
            "polyfit_covariance",
        ];
        assert_eq!(names, expected);
        assert_eq!(fit.coords().names().collect::<Vec<_>>(), ["degree", "k"]);
        assert!(fit.attrs().is_empty());
        let get = |name: &str| fit.get(name).unwrap();
        assert_eq!(get("time_matrix_rank").item().unwrap(), 2.0);
        assert_close(&get("time_singular_values"), &[1.4142135580803974, 0.00011018885148514996], 1e-6);
        let coefficients = get("polyfit_coefficients");
        assert_eq!(coefficients.dims(), ["degree", "k"]);
        let expected =
            [1.2896825396834995e-14, 1.1574074074024768e-15, -12208.180952390047, -1093.9999999953309];
        assert_close(&coefficients, &expected, 1e-6);
        assert_close(&get("polyfit_residuals"), &[1.1047619047602446, 1.900000000000976], 1e-6);
        let covariance = get("polyfit_covariance");
        assert_eq!(covariance.dims(), ["cov_i", "cov_j", "k"]);
        let expected = [
            2.114185849176063e-30,
            3.636035145788578e-30,
            -2.0019242719334933e-12,
            -3.442964588375321e-12,
            -2.0019242719334933e-12,
            -3.442964588375321e-12,
            1895623.740664988,
            3260146.002270928,
        ];
        assert_close(&covariance, &expected, 1e-6);
        let fitted = polyval(&da.coord("time").unwrap(), &coefficients).unwrap();
        assert_eq!(fitted.dims(), ["time", "k"]);
        assert_eq!(fitted.name(), None);
        let first = fitted.isel("time", 0).unwrap();
        assert_close(&first, &[1.0476190476110787, 1.7000000000014097], 1e-6);
    }
}

#[test]
fn a_dataset_is_fitted_by_name() {
    let ds = Dataset::new(
        [("q".to_owned(), series().variable().clone()), ("n".to_owned(), Variable::scalar(1).unwrap())],
        [("time".to_owned(), days(10_957, 6))],
        attrs(&[("z", "1")]),
    )
    .unwrap();
    let fit = ds.polyfit("time", 1).unwrap();
    assert_eq!(fit.data_vars().keys().collect::<Vec<_>>(), ["q_polyfit_coefficients"]);
    assert_eq!(fit.attrs(), ds.attrs());
    assert_eq!(fit.coords().labels("degree").unwrap().to_f64(), [1.0, 0.0]);
}

fn points(x: Vec<f64>, y: Vec<f64>) -> DataArray {
    let x = Variable::from_vec("x", x).unwrap();
    DataArray::new(Some("g"), Variable::from_vec("x", y).unwrap(), [("x".to_owned(), x)]).unwrap()
}

#[test]
fn fits_with_too_few_points_and_with_weights() {
    let few = points(vec![1.0, 2.0], vec![1.0, 2.0]).polyfit("x", 3).unwrap();
    let expected = [0.05099514803445889, 0.12030894147935439, 0.2821071393207246, 0.5465887711654611];
    assert_close(&few.get("polyfit_coefficients").unwrap(), &expected, 1e-9);
    let three = points(vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 5.0]);
    let weighted = Polyfit::degree(1).weights(vec![1.0, 2.0, 1.0]);
    let fit = three.polyfit("x", weighted.clone().unscaled_cov()).unwrap();
    assert_close(&fit.get("polyfit_coefficients").unwrap(), &[2.0, -5.0 / 3.0], 1e-12);
    assert_close(&fit.get("polyfit_covariance").unwrap(), &[0.5, -1.0, -1.0, 13.0 / 6.0], 1e-12);
    assert!(three.polyfit("x", Polyfit::degree(1).weights(vec![1.0])).is_err());
    assert!(three.polyfit("x", Polyfit::degree(2).cov(true)).is_err());
    assert!(three.polyfit("y", 1).unwrap_err().is_not_found());
    let missing = points(vec![1.0, 2.0, 3.0], vec![NAN; 3]).polyfit("x", 1).unwrap();
    assert_close(&missing.get("polyfit_coefficients").unwrap(), &[NAN, NAN], 0.0);
    let strict = points(vec![1.0, 2.0, 3.0], vec![1.0, NAN, 3.0]);
    let strict = strict.polyfit("x", Polyfit::degree(1).skipna(false)).unwrap();
    assert_close(&strict.get("polyfit_coefficients").unwrap(), &[NAN, NAN], 0.0);
}

#[test]
fn polynomials_need_powers_as_labels() {
    let x = points(vec![1.0, 2.0], vec![1.0, 2.0]);
    let bare = DataArray::new(None, Variable::from_vec("degree", vec![1.0]).unwrap(), []).unwrap();
    let error = polyval(&x, &bare).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"dimension "degree" has no labels; give it a coordinate with the power of each coefficient, such as 2, 1, 0"#);
}

fn gaps() -> DataArray {
    points(vec![0.0, 1.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0], vec![1.0, NAN, NAN, NAN, 5.0, NAN, 2.0, NAN])
}

#[test]
fn gaps_are_filled_as_in_xarray() {
    let along = || InterpolateNa::along("x");
    let cases = [
        (along(), [1.0, 1.8, 2.6, 4.2, 5.0, 3.0, 2.0, NAN]),
        (along().limit(1), [1.0, 1.8, NAN, NAN, 5.0, 3.0, 2.0, NAN]),
        (along().limit(2), [1.0, 1.8, 2.6, NAN, 5.0, 3.0, 2.0, NAN]),
        (along().max_gap(3), [1.0, NAN, NAN, NAN, 5.0, 3.0, 2.0, NAN]),
        (along().max_gap(5.0), [1.0, 1.8, 2.6, 4.2, 5.0, 3.0, 2.0, NAN]),
        (along().max_gap(1), [1.0, NAN, NAN, NAN, 5.0, NAN, 2.0, NAN]),
        (along().use_coordinate(false), [1.0, 2.0, 3.0, 4.0, 5.0, 3.5, 2.0, NAN]),
        (along().method(InterpMethod::Nearest), [1.0, 1.0, 1.0, 5.0, 5.0, 2.0, 2.0, NAN]),
        (along().method(InterpMethod::Zero), [1.0, 1.0, 1.0, 1.0, 5.0, 5.0, 2.0, NAN]),
        (along().extrapolate(true), [1.0, 1.8, 2.6, 4.2, 5.0, 3.0, 2.0, 1.0]),
    ];
    let lazy = (gaps() * 1.0).unwrap().chunk([("x", 3)]).unwrap();
    for (filling, expected) in cases {
        for data in [gaps(), lazy.clone()] {
            assert_close(&data.interpolate_na(filling.clone()).unwrap(), &expected, 1e-15);
        }
        // Falling labels, which xarray refuses, are filled with the same values.
        if filling != along().limit(1) && filling != along().limit(2) {
            let back = gaps().isel("x", graticule_array::s![..;-1]).unwrap().interpolate_na(filling).unwrap();
            let reversed: Vec<f64> = expected.into_iter().rev().collect();
            assert_close(&back, &reversed, 1e-15);
        }
    }
    let single = gaps().astype(DType::F32).unwrap().interpolate_na("x").unwrap();
    assert_eq!(single.dtype(), DType::F32);
    let ints = points(vec![0.0, 1.0], vec![1.0, 2.0]).astype(DType::I16).unwrap();
    assert_eq!(ints.interpolate_na("x").unwrap().dtype(), DType::I16);
    let one = points(vec![0.0, 1.0], vec![1.0, NAN]);
    assert_close(&one.interpolate_na("x").unwrap(), &[1.0, NAN], 0.0);
    let unsorted = points(vec![0.0, 2.0, 1.0], vec![1.0, NAN, 3.0]);
    assert!(unsorted.interpolate_na("x").is_err());
}

#[test]
fn gaps_in_time_are_measured_by_durations() {
    let data = Variable::from_vec("time", vec![1.0, NAN, 3.0, NAN]).unwrap();
    let da = DataArray::new(None, data, [("time".to_owned(), days(10_957, 4))]).unwrap();
    let hours = |n: i64| InterpolateNa::along("time").max_gap(Scalar::Timedelta(n * 3600, TimeUnit::Second));
    assert_close(&da.interpolate_na(hours(48)).unwrap(), &[1.0, 2.0, 3.0, NAN], 0.0);
    assert_close(&da.interpolate_na(hours(36)).unwrap(), &[1.0, NAN, 3.0, NAN], 0.0);
    assert!(da.interpolate_na(InterpolateNa::along("time").max_gap(2)).is_err());
}

fn table() -> DataArray {
    let data = Variable::from_array(["x", "y"], ndarray::arr2(&[[1.0, 2.0, 3.0], [4.0, NAN, 6.0]])).unwrap();
    let coords = [
        ("x".to_owned(), Variable::from_vec("x", vec![0i64, 1]).unwrap()),
        ("y".to_owned(), Variable::from_vec("y", vec![10i64, 20, 30]).unwrap()),
    ];
    DataArray::new(Some("a"), data.with_attrs(attrs(&[("u", "m")])), coords).unwrap()
}

#[test]
fn functions_see_core_dimensions_whole() {
    let row = DataArray::new(
        Some("b"),
        Variable::from_vec("y", vec![1.0, 2.0, 4.0]).unwrap(),
        [("y".to_owned(), Variable::from_vec("y", vec![10i64, 20, 30]).unwrap())],
    )
    .unwrap();
    for a in [table(), table().chunk([("x", 1), ("y", 2)]).unwrap()] {
        let sum = ApplyUfunc::new("sum").input_core_dims([["y"]]);
        let sum = sum
            .apply::<f64, f64>(&[&a], |blocks| Ok(blocks[0].sum_axis(ndarray::Axis(1)).into_dyn()))
            .unwrap();
        assert_close(&sum, &[6.0, NAN], 0.0);
        assert_eq!((sum.name(), sum.attrs(), sum.dims().len()), (Some("a"), a.attrs(), 1));
        assert_eq!(sum.coords().names().collect::<Vec<_>>(), ["x"]);
        let both = ApplyUfunc::new("add").input_core_dims([["y"], ["y"]]).output_core_dims([("y", 3)]);
        let both =
            both.apply::<f64, f64>(&[&a, &row], |blocks| Ok((&blocks[0] + &blocks[1]).into_dyn())).unwrap();
        assert_eq!(both.dims(), ["x", "y"]);
        assert_close(&both, &[2.0, 4.0, 7.0, 5.0, NAN, 10.0], 0.0);
        assert_eq!(both.coords().labels("y").unwrap().to_f64(), [10.0, 20.0, 30.0]);
        let dot = ApplyUfunc::new("dot").input_core_dims([["y"], ["y"]]).keep_attrs(false);
        let dot = dot
            .vectorize::<f64, f64>(&[&a, &row], |rows| {
                Ok(ndarray::arr0(rows[0].iter().zip(rows[1].iter()).map(|(a, b)| a * b).sum::<f64>())
                    .into_dyn())
            })
            .unwrap();
        assert_close(&dot, &[17.0, NAN], 0.0);
        assert!(dot.attrs().is_empty());
        // Without core dimensions all are broadcast, whatever their chunks.
        let product = ApplyUfunc::new("times")
            .apply::<f64, f64>(&[&row, &a], |blocks| Ok((&blocks[0] * &blocks[1]).into_dyn()));
        let product = product.unwrap();
        assert_eq!(product.dims(), ["y", "x"]);
        assert_close(&product, &[1.0, 4.0, 4.0, NAN, 12.0, 24.0], 0.0);
    }
    let unknown = ApplyUfunc::new("f").input_core_dims([["z"]]);
    assert!(
        unknown.apply::<f64, f64>(&[&table()], |blocks| Ok(blocks[0].to_owned())).unwrap_err().is_not_found()
    );
    let wrong = ApplyUfunc::new("f")
        .apply(&[&table()], |blocks: &[ndarray::ArrayViewD<'_, i64>]| Ok(blocks[0].to_owned()));
    assert!(wrong.is_err());
    let shape = ApplyUfunc::new("f").apply(&[&table()], |_: &[ndarray::ArrayViewD<'_, f64>]| {
        Ok(ndarray::Array1::<f64>::zeros(7).into_dyn())
    });
    assert!(shape.unwrap().values::<f64>().is_err());
}

#[test]
fn blocks_come_with_their_labels() {
    for a in [table(), table().chunk([("x", 1), ("y", 2)]).unwrap()] {
        let moved =
            a.map_blocks("moved", DType::F64, |block| block + block.coord("x")?.astype(DType::F64)?).unwrap();
        assert_close(&moved, &[1.0, 2.0, 3.0, 5.0, NAN, 7.0], 0.0);
        assert_eq!((moved.name(), moved.attrs()), (Some("a"), a.attrs()));
        let wrong = a.map_blocks("wrong", DType::F64, |block| block.mean("x")).unwrap();
        let error = wrong.values::<f64>().unwrap_err().to_string();
        assert!(error.contains("it has to keep the dimensions x, y"), "{error}");
    }
}

#[test]
fn a_polynomial_over_datasets_and_times() {
    let degree = Variable::from_vec("degree", vec![1i64]).unwrap();
    let slope = Variable::from_vec("degree", vec![2.0]).unwrap();
    let ds = Dataset::new([("v".to_owned(), slope)], [("degree".to_owned(), degree)], Attrs::new()).unwrap();
    let dtype = DType::Datetime(TimeUnit::Second);
    let seconds = Chunk::from_buffer(vec![2], dtype, Buffer::I64(vec![0, 3])).unwrap();
    let t = DataArray::new(None, Variable::from_chunk(["t"], seconds).unwrap(), []).unwrap();
    let line = polyval(&t, &ds).unwrap();
    assert_close(&line.get("v").unwrap(), &[0.0, 6e9], 0.0);
    let x = DataArray::new(None, Variable::new(["x"], Array::arange(3).unwrap()).unwrap(), []).unwrap();
    assert_close(&polyval(&x, &ds).unwrap().get("v").unwrap(), &[0.0, 2.0, 4.0], 0.0);
}
