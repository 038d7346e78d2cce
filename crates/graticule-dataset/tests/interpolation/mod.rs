//! interp, interp_like and interp_calendar against the answers of xarray 2026.9 (scipy 1.17).

mod answers;

use std::sync::Arc;

use graticule_array::{Array, Chunk, ChunkGrid, ChunkSource, DType, Result, Scalar, SourceSpec, TimeUnit, s};
use graticule_dataset::time::{DateRange, date_range};
use graticule_dataset::{
    Attrs, Calendar, DataArray, Dataset, Interp, InterpMethod, InterpolateNa, Variable, assert_allclose,
    assert_equal,
};
use proptest::prelude::*;

use self::answers::answers;
use crate::support::{attrs, days, values};

const NAN: f64 = f64::NAN;

#[track_caller]
fn same(array: &DataArray, expected: &[f64]) {
    let found = values(array);
    let close = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-11 * b.abs().max(1.0);
    let all = found.len() == expected.len() && found.iter().zip(expected).all(|(&a, &b)| close(a, b));
    assert!(all, "{found:?} is not {expected:?}");
}

fn line(name: &str, labels: Vec<f64>) -> (String, Variable) {
    (name.to_owned(), Variable::from_vec(name, labels).unwrap())
}

/// Two rows over six places, in memory.
fn rows() -> DataArray {
    let data = ndarray::arr2(&[[1.0, 6.0, 3.0, 7.0, 8.0, 2.0], [2.0, 5.0, 4.0, 9.0, 1.0, 0.0]]);
    let coords = [line("x", vec![0.0, 1.0, 2.0, 4.0, 5.0, 7.0]), line("y", vec![10.0, 20.0])];
    DataArray::new(Some("v"), Variable::from_array(["y", "x"], data).unwrap(), coords).unwrap()
}

/// The same as a computation in chunks.
fn lazy(array: &DataArray, chunks: [(&str, usize); 2]) -> DataArray {
    (array * 1.0).unwrap().chunk(chunks).unwrap()
}

/// Two rows of four with one value missing.
fn gappy() -> DataArray {
    let data = ndarray::arr2(&[[1.0, NAN, 3.0, 7.0], [2.0, 5.0, 4.0, 9.0]]);
    let coords = [line("x", vec![0.0, 1.0, 2.0, 4.0]), line("y", vec![10.0, 20.0])];
    DataArray::new(Some("v"), Variable::from_array(["y", "x"], data).unwrap(), coords).unwrap()
}

/// A smooth surface over uneven labels.
fn surface() -> DataArray {
    let (ys, xs) = (vec![0.0, 1.0, 3.0, 4.0, 6.0], vec![0.0, 2.0, 3.0, 5.0, 6.0, 8.0]);
    let data = ndarray::Array2::from_shape_fn((5, 6), |(j, i)| {
        let (y, x): (f64, f64) = (ys[j], xs[i]);
        y.cos() * x.sin() + y * 0.1
    });
    DataArray::new(None, Variable::from_array(["y", "x"], data).unwrap(), [line("y", ys), line("x", xs)])
        .unwrap()
}

/// Labels along another dimension.
fn along(dim: &str, labels: Vec<f64>) -> DataArray {
    DataArray::new(None, Variable::from_vec(dim, labels).unwrap(), []).unwrap()
}

const AT: [f64; 8] = [-1.0, 0.0, 0.3, 1.0, 3.0, 4.5, 7.0, 8.0];

#[test]
fn values_between_labels_are_those_of_scipy() {
    for data in [rows(), lazy(&rows(), [("y", 1), ("x", 2)]), lazy(&rows(), [("y", 2), ("x", 6)])] {
        for (method, mut expected) in answers() {
            let beyond = data.interp_with([("x", AT)], Interp::new(method).extrapolate()).unwrap();
            same(&beyond, &expected);
            for outside in [0, 7, 8, 15] {
                expected[outside] = NAN;
            }
            same(&data.interp_with([("x", AT)], method).unwrap(), &expected);
            let filled = data.interp_with([("x", AT)], Interp::new(method).fill_values(-9.0, 99.0)).unwrap();
            assert_eq!((values(&filled)[0], values(&filled)[15]), (-9.0, 99.0));
        }
    }
}

#[test]
fn labels_may_be_in_any_order() {
    let sorted = rows();
    let falling = sorted.isel("x", s![..;-1]).unwrap();
    let mixed = lazy(&sorted, [("y", 2), ("x", 3)]).isel("x", [3, 0, 5, 1, 4, 2]).unwrap();
    for (method, _) in answers() {
        let expected = sorted.interp_with([("x", AT)], method).unwrap();
        for data in [&falling, &mixed] {
            assert_equal(&data.interp_with([("x", AT)], method).unwrap(), &expected).unwrap();
        }
        let backwards: Vec<f64> = AT.into_iter().rev().collect();
        let reversed = sorted.interp_with([("x", backwards)], method).unwrap();
        assert_equal(&reversed.isel("x", s![..;-1]).unwrap(), &expected).unwrap();
    }
}

#[test]
fn missing_values_spread_to_what_they_are_neighbours_of() {
    let at = [-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0];
    let second = [NAN, 2.0, 3.5, 5.0, 4.5, 4.0, 6.5, 9.0, NAN];
    let with = |first: [f64; 9]| [first, second].concat();
    // A label is on the line from the one before it.
    let linear = gappy().interp("x", at).unwrap();
    same(&linear, &with([NAN, NAN, NAN, NAN, NAN, NAN, 5.0, 7.0, NAN]));
    let slinear = gappy().interp_with([("x", at)], InterpMethod::Slinear).unwrap();
    same(&slinear, &with([NAN, NAN, NAN, NAN, NAN, 3.0, 5.0, 7.0, NAN]));
    // A single line of float64 is worked on by numpy, for which a known label is known.
    let row = gappy().isel("y", 0).unwrap();
    same(&row.interp("x", at).unwrap(), &[NAN, 1.0, NAN, NAN, NAN, 3.0, 5.0, 7.0, NAN]);
    let single = row.astype(DType::F32).unwrap().interp("x", at).unwrap();
    same(&single, &[NAN, NAN, NAN, NAN, NAN, NAN, 5.0, 7.0, NAN]);
    let extrapolated = row.interp_with([("x", at)], Interp::default().extrapolate()).unwrap();
    same(&extrapolated, &[NAN, NAN, NAN, NAN, NAN, NAN, 5.0, 7.0, 9.0]);
    // Steps have no neighbours; a missing label has no value.
    for method in [InterpMethod::Nearest, InterpMethod::Zero] {
        let steps = row.interp_with([("x", [0.5, 1.0, 1.5, 2.0, NAN])], method).unwrap();
        same(&steps, &[1.0, NAN, NAN, 3.0, NAN]);
    }
    // Of a spline the line is missing, of cubics with local slopes what is near.
    let cubic = gappy().interp_with([("x", [0.5, 3.0])], InterpMethod::Cubic).unwrap();
    assert_eq!(values(&cubic.isel("y", 1).unwrap()).iter().filter(|x| x.is_nan()).count(), 0);
    assert!(values(&cubic.isel("y", 0).unwrap()).iter().all(|x| x.is_nan()));
    let wide = along("x", vec![NAN, 1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 7.0]);
    for method in [InterpMethod::Pchip, InterpMethod::Akima] {
        let found = values(&wide.interp_with([("x", [0.5, 5.5])], method).unwrap());
        assert!(found[0].is_nan() && !found[1].is_nan(), "{found:?}");
    }
}

#[test]
fn lists_make_grids_and_arrays_make_points() {
    let data = surface();
    let cubic = Interp::new(InterpMethod::Cubic);
    let grid = data.interp_with([("y", vec![0.5, 3.5]), ("x", vec![1.0, 5.5, 7.0])], cubic).unwrap();
    let expected = [
        0.9723072753536695,
        -0.5779554109183914,
        0.6494371656577537,
        -0.620972339360666,
        1.0110891517903424,
        -0.28106615614112673,
    ];
    same(&grid, &expected);
    let (y, x) = (along("p", vec![0.5, 3.5, 6.0, 2.0]), along("p", vec![1.0, 5.5, 8.0, 9.0]));
    let points = [("y", &y), ("x", &x)];
    for data in [data.clone(), lazy(&data, [("y", 2), ("x", 4)])] {
        let linear = data.interp_dims(points).unwrap();
        same(&linear, &[0.4001482308148909, 0.8588449940920816, 1.549952391260276, NAN]);
        assert_eq!(linear.dims(), ["p"]);
        assert_eq!(linear.coords().names().collect::<Vec<_>>(), ["y", "x"]);
        let nearest = data.interp_with(points, InterpMethod::Nearest).unwrap();
        same(&nearest, &[0.0, 1.2493278367245317, 1.549952391260276, NAN]);
        let pchip = data.interp_with(points, InterpMethod::Pchip).unwrap();
        same(&pchip, &[0.6631266899325172, 0.9513111820509043, 1.549952391260276, NAN]);
        // The points of a cubic surface are those of its grid.
        let points = data.interp_with(points, cubic).unwrap();
        same(&points, &[expected[0], expected[4], values(&data)[29], NAN]);
        let filled = data.interp_with([("y", &y), ("x", &x)], Interp::default().fill_value(-9.0)).unwrap();
        assert_eq!(values(&filled)[3], -9.0);
    }
    // A label is on the line to the one behind it.
    let data = ndarray::arr2(&[[1.0, NAN, 3.0, 7.0], [2.0, 5.0, 4.0, 9.0], [0.0, 1.0, 2.0, 8.0]]);
    let coords = [line("x", vec![0.0, 1.0, 2.0, 4.0]), line("y", vec![10.0, 20.0, 30.0])];
    let data = DataArray::new(None, Variable::from_array(["y", "x"], data).unwrap(), coords).unwrap();
    let y = along("p", vec![20.0, 15.0, 20.0, 25.0, 10.0, 30.0, 20.0]);
    let x = along("p", vec![0.0, 0.5, 1.0, 1.5, 2.0, 4.0, 5.0]);
    let points = [("y", &y), ("x", &x)];
    same(&data.interp_dims(points).unwrap(), &[2.0, NAN, 5.0, 3.0, 3.0, 8.0, NAN]);
    let beyond = data.interp_with(points, Interp::default().extrapolate()).unwrap();
    same(&beyond, &[2.0, NAN, 5.0, 3.0, 3.0, 8.0, 11.5]);
    let nearest = data.interp_with(points, InterpMethod::Nearest).unwrap();
    same(&nearest, &[2.0, 1.0, 5.0, 5.0, 3.0, 8.0, NAN]);
}

#[test]
fn arrays_of_labels_bring_their_dimensions() {
    let data = surface();
    let table = Variable::from_array(["a", "b"], ndarray::arr2(&[[1.0, 2.0], [7.0, 5.0]])).unwrap();
    let table = DataArray::new(None, table, [line("a", vec![7.0, 8.0])]).unwrap();
    let wide = data.interp("x", &table).unwrap();
    assert_eq!(wide.dims(), ["y", "a", "b"]);
    assert_eq!(wide.coord("x").unwrap().dims(), ["a", "b"]);
    assert_eq!(wide.coords().labels("a").unwrap().to_f64(), [7.0, 8.0]);
    let first = [0.45464871341284085, 0.9092974268256817, 0.354971374212228, -0.9589242746631385];
    same(&wide.isel("y", 0).unwrap(), &first);
    let other = Variable::from_array(["a", "b"], ndarray::arr2(&[[0.5, 1.0], [2.0, 5.0]])).unwrap();
    let other = DataArray::new(None, other, []).unwrap();
    let curved = data.interp_dims([("x", &table), ("y", &other)]).unwrap();
    same(&curved, &[0.4001482308148909, 0.5912954964338819, 0.12018642751299732, 0.35303206967276335]);
    let mixed = data.interp_dims([("x", &table), ("y", &along("a", vec![0.5, 1.0]))]).unwrap();
    assert_eq!(mixed.dims(), ["a", "b"]);
    same(&mixed, &[0.4001482308148909, 0.7502964616297818, 0.2917918520040491, -0.41810899675342716]);
    // A dimension that the data have too: one label for each of its places.
    let own = along("y", vec![1.0, 2.0, 3.0, 4.0, 7.5]);
    let cases = [
        (
            InterpMethod::Linear,
            [
                0.45464871341284085,
                0.5912954964338819,
                0.16029225090053711,
                0.6672762709901364,
                1.2453926786951526,
            ],
        ),
        (
            InterpMethod::Cubic,
            [
                1.046116408006684,
                0.5912954964338819,
                0.16029225090053711,
                0.8518828816532039,
                1.535176754131454,
            ],
        ),
        (
            InterpMethod::Pchip,
            [
                0.7721152471291602,
                0.5912954964338819,
                0.16029225090053711,
                0.7739928416680729,
                1.2557034112243242,
            ],
        ),
    ];
    for (method, expected) in cases {
        for data in [data.clone(), lazy(&data, [("y", 2), ("x", 4)])] {
            let found = data.interp_with([("x", &own)], method).unwrap();
            same(&found, &expected);
            assert_eq!(
                (found.dims(), found.coord("x").unwrap().dims()),
                (&["y".into()][..], &["y".into()][..])
            );
        }
    }
    assert!(data.interp("x", &along("y", vec![1.0])).is_err());
    let strange =
        DataArray::new(None, Variable::from_vec("y", vec![1.0; 5]).unwrap(), [line("y", vec![1.0; 5])]);
    let error = data.interp("x", &strange.unwrap()).unwrap_err();
    assert!(error.is_alignment(), "{error}");
    let crossed = data.interp_dims([("x", &own), ("y", &along("q", vec![1.0]))]).unwrap_err();
    insta::assert_snapshot!(crossed, @r#"labels = along "y" for "x" is not possible: "y" is interpolated too; rename that dimension of the labels"#);
}

#[test]
fn one_label_leaves_a_value() {
    let data = rows().with_attrs(attrs(&[("units", "m")]));
    let one = data.interp("x", 0.3).unwrap();
    same(&one, &[2.5, 2.9]);
    assert_eq!((one.dims(), one.coord("x").unwrap().item().unwrap()), (&["y".into()][..], 0.3));
    assert!(one.attrs().contains_key("units"));
    let both = data.interp_dims([("x", 0.3), ("y", 15.0)]).unwrap();
    assert!((both.item().unwrap() - 2.7).abs() < 1e-12);
    assert_eq!(both.coords().len(), 2);
    let none = data.interp("x", Vec::<f64>::new()).unwrap();
    assert_eq!(none.shape(), [2, 0]);
    // The label of a dimension of length 1 is known; xarray gives nothing.
    let short = data.isel("x", 2..3).unwrap();
    same(&short.interp("x", [2.0, 3.0]).unwrap(), &[3.0, NAN, 4.0, NAN]);
}

#[test]
fn labels_keep_their_attributes_and_their_own_labels() {
    let mut data = rows();
    let x = data.coords().get("x").unwrap().clone().with_attrs(attrs(&[("units", "km")]));
    data = data.assign_coords([("x", x)]).unwrap();
    let list = data.interp("x", [0.5]).unwrap();
    assert_eq!(list.coord("x").unwrap().attrs().len(), 1);
    assert_eq!(data.interp("x", 0.5).unwrap().coord("x").unwrap().attrs().len(), 1);
    let array = data.interp("x", &along("x", vec![0.5])).unwrap();
    assert_eq!(array.coord("x").unwrap().attrs().len(), 0);
    assert_eq!(array.coords().labels("x").unwrap().to_f64(), [0.5]);
    let named = Variable::from_vec("x", vec![0.3, 1.0]).unwrap();
    let shifted = DataArray::new(None, named, [line("x", vec![100.0, 200.0])]).unwrap();
    let found = data.interp("x", &shifted).unwrap();
    same(&found, &[2.5, 6.0, 2.9, 5.0]);
    assert_eq!(found.coords().labels("x").unwrap().to_f64(), [100.0, 200.0]);
}

#[test]
fn dtypes_are_those_of_xarray() {
    let narrow = rows().astype(DType::F32).unwrap();
    let x = Variable::from_vec("x", vec![0.0f32, 1.0, 2.0, 4.0, 5.0, 7.0]).unwrap();
    let narrower = narrow.assign_coords([("x", x)]).unwrap();
    let wanted = DataArray::new(None, Variable::from_vec("x", vec![0.5f32]).unwrap(), []).unwrap();
    assert_eq!(narrow.interp("x", [0.5]).unwrap().dtype(), DType::F64);
    assert_eq!(narrower.interp("x", [0.5]).unwrap().dtype(), DType::F64);
    assert_eq!(narrower.interp("x", &wanted).unwrap().dtype(), DType::F32);
    let nearest = InterpMethod::Nearest;
    assert_eq!(narrow.interp_with([("x", [0.5])], nearest).unwrap().dtype(), DType::F32);
    assert_eq!(narrow.interp_with([("x", [0.5])], InterpMethod::Zero).unwrap().dtype(), DType::F64);
    assert_eq!(narrower.interp_with([("x", &wanted)], InterpMethod::Cubic).unwrap().dtype(), DType::F64);
    let ints = rows().astype(DType::I32).unwrap();
    assert_eq!(ints.interp_with([("x", [0.5])], nearest).unwrap().dtype(), DType::F64);
    let float32 = narrower.interp("x", &wanted).unwrap().coord("x").unwrap();
    assert_eq!(float32.dtype(), DType::F32);
}

#[test]
fn times_are_interpolated_along_and_between() {
    let data = Variable::from_vec("time", vec![1.0, 2.0, 4.0, 3.0]).unwrap();
    let time = days(10_957, 4);
    let da = DataArray::new(None, data, [("time".to_owned(), time.clone())]).unwrap();
    same(&da.interp("time", ["2000-01-01T12", "2000-01-03"]).unwrap(), &[1.5, 4.0]);
    let one = da.interp("time", "2000-01-03T06").unwrap();
    assert_eq!(one.item().unwrap(), 3.75);
    assert!(one.to_string().contains("2000-01-03T06:00"), "{one}");
    let moment = chrono::NaiveDate::from_ymd_opt(2000, 1, 2).unwrap();
    assert_eq!(da.interp("time", moment).unwrap().item().unwrap(), 2.0);
    // The labels of the array of times are those of the result.
    let step =
        DataArray::new(None, Variable::scalar(Scalar::Timedelta(36 * 3600, TimeUnit::Second)).unwrap(), []);
    let later = (da.coord("time").unwrap().isel("time", ..2).unwrap() + step.unwrap()).unwrap();
    let found = da.interp("time", &later).unwrap();
    same(&found, &[3.0, 3.5]);
    assert!(found.to_string().contains("2000-01-01"), "{found}");
    for wrong in [da.interp("time", 1.0), rows().interp("x", "2000"), rows().interp("x", &later)] {
        assert!(wrong.is_err());
    }
    insta::assert_snapshot!(da.interp("time", [1.0]).unwrap_err(), @r#"labels = 1 along "time" is not possible: its labels are times; give times or texts such as "2000-01-31""#);
    let noleap = DateRange::new("D").unwrap().start("2000-01-01").periods(4).calendar(Calendar::NoLeap);
    let noleap = noleap.along("time").unwrap();
    let other = DataArray::new(None, noleap.clone(), []).unwrap();
    insta::assert_snapshot!(da.interp("time", &other).unwrap_err(), @r#"interpolating along "time" needs times of one calendar, but one is in proleptic_gregorian, the other in noleap; bring one of them to the other's with convert_calendar"#);
    let da = DataArray::new(None, da.variable().clone(), [("time".to_owned(), noleap)]).unwrap();
    let half = da.interp("time", ["2000-01-01T12"]).unwrap();
    same(&half, &[1.5]);
    assert_eq!(half.coord("time").unwrap().variable().calendar(), Some(Calendar::NoLeap));
    // Times as data: exact, and rounded to their unit.
    let moments = DataArray::new(None, time.transpose(["time"]).unwrap(), []).unwrap();
    let between = moments.interp("time", [0.5, 1.0, 1.25, 7.0]).unwrap();
    assert!(between.dtype().is_time());
    let text = between.to_string();
    assert!(text.contains("2000-01-01T12:00:00") && text.contains("NaT"), "{text}");
}

#[test]
fn everything_in_a_dataset_is_interpolated_as_it_can_be() {
    let masks = Variable::from_vec("x", vec![true, false, true, false]).unwrap();
    let texts: Vec<Arc<str>> = ["a", "b", "c", "d"].map(Arc::from).to_vec();
    let ds = Dataset::new(
        [
            ("v".to_owned(), gappy().variable().clone()),
            ("b".to_owned(), masks),
            ("t".to_owned(), Variable::from_vec("x", texts).unwrap()),
            ("w".to_owned(), Variable::from_vec("y", vec![1i64, 2]).unwrap()),
            ("n".to_owned(), Variable::from_vec("x", vec![0i64, 1, 2, 3]).unwrap()),
        ],
        [
            line("x", vec![0.0, 1.0, 2.0, 4.0]),
            line("y", vec![10.0, 20.0]),
            (
                "area".to_owned(),
                Variable::from_array(["y", "x"], ndarray::Array2::from_elem((2, 4), 2.0)).unwrap(),
            ),
        ],
        Attrs::new(),
    )
    .unwrap();
    let found = ds.interp("x", [0.5, 1.5, 9.0, -3.0]).unwrap();
    let get = |name: &str| found.get(name).unwrap();
    assert_eq!(get("b").values::<bool>().unwrap().into_raw_vec_and_offset().0, [false, true, false, true]);
    let texts = get("t").values::<Arc<str>>().unwrap().into_raw_vec_and_offset().0;
    assert_eq!(texts.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["b", "c", "d", "a"]);
    same(&get("n"), &[0.5, 1.5, NAN, NAN]);
    assert_eq!(get("w").dtype(), DType::I64);
    same(&get("area").isel("y", 0).unwrap(), &[2.0, 2.0, NAN, NAN]);
    assert!(found.coords().contains("area"));
    // Bools and texts at points and at one label too, which xarray leaves out.
    assert_eq!(ds.interp("x", &along("p", vec![0.2, 4.0])).unwrap().get("t").unwrap().dims(), ["p"]);
    assert_eq!(ds.interp("x", 0.2).unwrap().get("b").unwrap().item().unwrap(), 1.0);
    insta::assert_snapshot!(ds.get("b").unwrap().interp("x", [0.5]).unwrap_err(), @"data = bool is not possible: there is nothing between bools or texts; take the nearest with sel or reindex, or cast them");
}

#[test]
fn what_cannot_be_interpolated_says_why() {
    let data = rows();
    let twice =
        data.assign_coords([("x", Variable::from_vec("x", vec![0.0, 1.0, 1.0, 2.0, 3.0, 4.0]).unwrap())]);
    insta::assert_snapshot!(twice.unwrap().interp("x", [0.5]).unwrap_err(), @r#"coordinate "x" has the label 1 2 times; a label has one value to interpolate from; use drop_duplicates, or groupby and mean"#);
    let short = data.isel("x", ..3).unwrap().interp_with([("x", [0.5])], InterpMethod::Cubic).unwrap_err();
    insta::assert_snapshot!(short, @r#"method = Cubic is not possible: it needs at least 4 labels, and "x" has 3"#);
    insta::assert_snapshot!(data.interp("x", 0.0..=1.0).unwrap_err(), @"labels = a range is not possible: give labels, or an array of labels; ranges, methods and tolerances are for sel");
    insta::assert_snapshot!(data.interp("z", 0.0).unwrap_err(), @r#"there is no dimension "z"; did you mean "y"? The dimensions are y, x"#);
    assert!(data.interp_dims([("x", 0.0), ("x", 1.0)]).is_err());
    assert!(data.isel("x", ..0).unwrap().interp("x", [0.5]).is_err());
    assert!(data.stack("z", ["x", "y"]).unwrap().interp("z", [0.5]).is_err());
    assert!(InterpMethod::parse("cubik").is_err());
}

#[test]
fn the_labels_of_other_data_are_taken() {
    let fine = rows().interp("x", [0.5, 1.0, 3.0]).unwrap().isel("y", 0).unwrap();
    let found = rows().interp_like(&fine).unwrap();
    same(&found, &[3.5, 6.0, 5.0, 3.5, 5.0, 6.5]);
    let cubic = rows().interp_like_with(&fine, InterpMethod::Cubic).unwrap();
    assert_allclose(&cubic, &rows().interp_with([("x", [0.5, 1.0, 3.0])], InterpMethod::Cubic).unwrap())
        .unwrap();
    let texts = |names: [&str; 2], x: Vec<f64>| {
        let data = Variable::from_array(["s", "x"], ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]])).unwrap();
        let names = Variable::from_vec("s", names.map(Arc::<str>::from).to_vec()).unwrap();
        DataArray::new(None, data, [("s".to_owned(), names), line("x", x)]).unwrap()
    };
    let found = texts(["a", "b"], vec![0.0, 1.0]).interp_like(&texts(["b", "c"], vec![0.5, 1.0])).unwrap();
    same(&found, &[3.5, 4.0, NAN, NAN]);
}

#[test]
fn times_of_another_calendar_are_reached_through_the_parts_of_years() {
    let time = Variable::from_vec("time", vec![0i64, 183, 366, 731]).unwrap();
    let nanos: Vec<i64> = values(&DataArray::new(None, time, []).unwrap())
        .iter()
        .map(|day| (10_957 + *day as i64) * 86_400_000_000_000)
        .collect();
    let dtype = DType::Datetime(TimeUnit::Nanosecond);
    let chunk = Chunk::from_buffer(vec![4], dtype, graticule_array::Buffer::I64(nanos)).unwrap();
    let time = Variable::from_chunk(["time"], chunk).unwrap();
    let data = Variable::from_vec("time", vec![0.0, 10.0, 20.0, 50.0]).unwrap();
    let da = DataArray::new(None, data, [("time".to_owned(), time)]).unwrap();
    let cases = [
        (Calendar::NoLeap, 5824, [0.0, 13.296803652970084, 29.89041095890343, 49.83561643835856]),
        (Calendar::Day360, 5752, [0.0, 13.3148148148166, 29.94444444444298, 49.91666666666788]),
    ];
    for (calendar, hours, expected) in cases {
        let range = DateRange::new(&format!("{hours}h")).unwrap().start("2000-01-01").periods(4);
        let target = range.calendar(calendar).along("time").unwrap();
        let target = DataArray::new(None, target, []).unwrap();
        let found = da.interp_calendar(&target, "time").unwrap();
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        assert!(values(&found).iter().zip(&expected).all(close), "{:?}", values(&found));
        assert_eq!(found.coord("time").unwrap().variable().calendar(), Some(calendar));
    }
    let quarters = da.resample("time", "QS").unwrap();
    let linear = [
        0.0,
        4.972677595628415,
        9.94535519125683,
        14.972677595628415,
        20.0,
        27.397260273972602,
        34.87671232876713,
        42.43835616438356,
        50.0,
    ];
    same(&quarters.interpolate("linear").unwrap(), &linear);
    let cubic = [
        0.0,
        5.130998348663711,
        9.94765803857371,
        14.814932554422343,
        20.0,
        25.688485400075187,
        32.36894955970976,
        40.3882463405338,
        50.0,
    ];
    same(&quarters.interpolate("cubic").unwrap(), &cubic);
    let zero = [0.0, 0.0, 0.0, 10.0, 20.0, 20.0, 20.0, 20.0, 50.0];
    same(&quarters.interpolate("zero").unwrap(), &zero);
    let nearest = [0.0, 0.0, 10.0, 10.0, 20.0, 20.0, 20.0, 50.0, 50.0];
    same(&quarters.interpolate("nearest").unwrap(), &nearest);
    assert!(da.interp_calendar(&rows(), "time").is_err());
    assert!(date_range("time", "2000-01-01", "2000-01-02", "D").is_ok());
}

#[test]
fn gaps_are_filled_by_every_method_as_in_xarray() {
    let x = vec![0.0, 1.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0, 11.0, 12.0, 13.0, 15.0];
    let y = vec![1.0, NAN, NAN, 4.0, 3.0, NAN, 0.0, 2.0, NAN, NAN, 7.0, NAN];
    let data = DataArray::new(None, Variable::from_vec("x", y).unwrap(), [line("x", x)]).unwrap();
    let row =
        |a: f64, b: f64, c: f64, d: f64, e: f64, f: f64| [1.0, a, b, 4.0, 3.0, c, 0.0, 2.0, d, e, 7.0, f];
    use InterpMethod as M;
    let cubic = row(
        2.686166007905136,
        3.786166007905136,
        0.01585419411506428,
        7.8225296442687755,
        8.922529644268776,
        NAN,
    );
    let cases = [
        (M::Slinear, row(1.75, 2.5, 1.0, 4.5, 5.75, NAN)),
        (
            M::Quadratic,
            row(
                2.8173985086992555,
                3.9231980115990073,
                -0.1674399337199673,
                5.358492129246066,
                6.393869096934549,
                NAN,
            ),
        ),
        (M::Cubic, cubic),
        (
            M::Quintic,
            row(
                0.21538461538461387,
                1.9865384615384578,
                -0.023076923076918388,
                10.138461538461533,
                12.117948717948707,
                NAN,
            ),
        ),
        (M::Pchip, row(2.678125, 3.575, 0.5555555555555556, 4.981451612903227, 6.155544354838709, NAN)),
        (M::Akima, row(2.5703125, 3.8125, 1.0, 4.7625, 5.989062499999999, NAN)),
        (
            M::Makima,
            row(2.266796875, 3.409375, 0.6049382716049383, 4.892940900562852, 6.102881683864915, NAN),
        ),
    ];
    let fill = |filling: InterpolateNa| data.interpolate_na(filling).unwrap();
    let by = |method: M| InterpolateNa::along("x").method(method);
    for (method, expected) in cases {
        same(&fill(by(method)), &expected);
        let back = data.isel("x", s![..;-1]).unwrap().interpolate_na(by(method)).unwrap();
        same(&back.isel("x", s![..;-1]).unwrap(), &expected);
    }
    let beyond = fill(by(M::Cubic).extrapolate(true));
    assert!((values(&beyond)[11] + 11.357707509881418).abs() < 1e-10);
    let limited = row(cubic[1], NAN, cubic[5], cubic[8], NAN, NAN);
    same(&fill(by(M::Cubic).limit(1)), &limited);
    same(&fill(by(M::Cubic).max_gap(2.5)), &row(NAN, NAN, NAN, NAN, NAN, NAN));
    // Times of another coordinate along the dimension say where the values are.
    let hours = |day: i64, hour: i64| (10_957 + day) * 86_400 + hour * 3600;
    let at: Vec<i64> = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 11]
        .into_iter()
        .zip(0..)
        .map(|(day, hour)| hours(day, hour))
        .collect();
    let chunk =
        Chunk::from_buffer(vec![12], DType::Datetime(TimeUnit::Second), graticule_array::Buffer::I64(at))
            .unwrap();
    let timed = data.assign_coords([("t", Variable::from_chunk(["x"], chunk).unwrap())]).unwrap();
    let found = timed.interpolate_na(by(M::Cubic).coordinate("t")).unwrap();
    let expected = row(
        2.0889439312145965,
        3.220259417959104,
        0.9366284483897367,
        5.408457053374354,
        7.862685580061532,
        NAN,
    );
    same(&found, &expected);
    let gap = |text: &str| timed.interpolate_na(by(M::Linear).coordinate("t").max_gap(text));
    assert_eq!(values(&gap("60h").unwrap()).iter().filter(|x| x.is_nan()).count(), 5);
    assert!(gap("1MS").is_err());
    // Fewer known values than a spline needs stay alone.
    let three = along("x", vec![1.0, NAN, 2.0, NAN, 3.0]);
    same(&three.interpolate_na(by(M::Cubic)).unwrap(), &[1.0, NAN, 2.0, NAN, 3.0]);
}

/// A source that notes what is read of it: element `i` in C order is `i`.
#[derive(Debug)]
struct Counting {
    grid: ChunkGrid,
    reads: Arc<std::sync::Mutex<Vec<Vec<usize>>>>,
}

impl ChunkSource for Counting {
    fn spec(&self) -> SourceSpec {
        SourceSpec { driver: "counting".into(), config: format!("{:p}", Arc::as_ptr(&self.reads)) }
    }

    fn label(&self) -> String {
        "counting".into()
    }

    fn dtype(&self) -> DType {
        DType::F64
    }

    fn grid(&self) -> &ChunkGrid {
        &self.grid
    }

    fn read(&self, index: &[usize], out: &mut Chunk) -> Result<()> {
        self.reads.lock().unwrap().push(index.to_vec());
        let region = self.grid.region(index);
        let (rows, columns) = (region[0].clone(), region[1].clone());
        let whole = self.grid.shape()[1];
        let numbers = rows.flat_map(|row| columns.clone().map(move |column| (row * whole + column) as f64));
        *out =
            Chunk::new(region.iter().map(ExactSizeIterator::len).collect(), numbers.collect::<Vec<f64>>())?;
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        0
    }

    fn stored_bytes(&self) -> Option<u64> {
        None
    }

    fn resident(&self) -> Option<&Arc<Chunk>> {
        None
    }
}

#[test]
fn only_chunks_that_hold_neighbours_are_read_and_each_once() {
    let reads = Arc::new(std::sync::Mutex::new(Vec::new()));
    let source = Counting { grid: ChunkGrid::regular(&[100, 80], &[10, 20]), reads: Arc::clone(&reads) };
    let data = Variable::new(["y", "x"], Array::from_source(Arc::new(source)).unwrap()).unwrap();
    let labels = |n: u32| (0..n).map(f64::from).collect::<Vec<f64>>();
    let falling: Vec<f64> = labels(100).into_iter().rev().collect();
    let da = DataArray::new(None, data, [line("y", falling), line("x", labels(80))]).unwrap();
    let read = |array: graticule_dataset::Result<DataArray>| {
        let found = values(&array.unwrap());
        let mut read = std::mem::take(&mut *reads.lock().unwrap());
        read.sort();
        (found, read)
    };
    // 99 - y rows of 80 and x columns.
    let value = |y: f64, x: f64| (99.0 - y) * 80.0 + x;
    let (found, chunks) = read(da.interp_dims([("y", [94.5, 3.25]), ("x", [19.5, 70.5])]));
    assert_eq!(found, [value(94.5, 19.5), value(94.5, 70.5), value(3.25, 19.5), value(3.25, 70.5)]);
    assert_eq!(chunks, [[0, 0], [0, 1], [0, 3], [9, 0], [9, 1], [9, 3]]);
    let (y, x) = (along("p", vec![94.5, 3.25, 200.0]), along("p", vec![10.5, 70.5, 30.0]));
    for method in [InterpMethod::Linear, InterpMethod::Nearest] {
        let (_, chunks) = read(da.interp_with([("y", &y), ("x", &x)], method));
        assert_eq!(chunks, [[0, 0], [9, 3]], "{method:?}");
    }
    let (_, chunks) = read(da.interp("x", [5.5, 500.0]));
    assert_eq!(chunks, (0..10).map(|row| [row, 0]).collect::<Vec<_>>());
    let (found, chunks) = read(da.interp_with([("y", [94.5]), ("x", [5.0])], InterpMethod::Akima));
    assert_eq!(chunks, [[0, 0]]);
    assert!((found[0] - value(94.5, 5.0)).abs() < 1e-9);
    let (_, chunks) = read(da.interp_with([("y", [94.5]), ("x", [5.0])], InterpMethod::Cubic));
    assert_eq!(chunks.len(), 40);
    let (_, chunks) = read(da.interp("y", labels(99).iter().map(|y| y + 0.5).collect::<Vec<f64>>()));
    assert_eq!(chunks.len(), 40);
}

proptest! {
    #[test]
    fn lines_are_lines_and_labels_have_their_values(
        steps in prop::collection::vec(0.1f64..10.0, 6..12),
        numbers in prop::collection::vec(-50f64..50.0, 12),
        share in 0f64..1.0,
        method in 0usize..11,
    ) {
        let (method, _) = answers()[method];
        let places: Vec<f64> = steps.iter().scan(-5.0, |at, step| { *at += step; Some(*at) }).collect();
        let on = |values: Vec<f64>| {
            DataArray::new(None, Variable::from_vec("x", values).unwrap(), [line("x", places.clone())]).unwrap()
        };
        let data = on(numbers[..places.len()].to_vec());
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-7 * (1.0 + b.abs()));
        let again = data.interp_with([("x", places.clone())], method).unwrap();
        prop_assert!(close(&values(&again), &values(&data)));
        // Every method but steps keeps a line, and all keep a constant, exactly so those of lines.
        let at = places[0] + share * (places[places.len() - 1] - places[0]);
        let steady = on(vec![0.1; places.len()]).interp_with([("x", at)], method).unwrap().item().unwrap();
        prop_assert!((steady - 0.1).abs() < 1e-12);
        if !matches!(method, InterpMethod::Nearest | InterpMethod::Zero) {
            let straight = on(places.iter().map(|x| 3.0 - 2.0 * x).collect());
            let found = straight.interp_with([("x", at)], method).unwrap().item().unwrap();
            prop_assert!((found - (3.0 - 2.0 * at)).abs() < 1e-7 * (1.0 + at.abs()), "{method:?} {found} {at}");
        }
    }
}
