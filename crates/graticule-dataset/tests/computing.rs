//! Answers of xarray 2026.9, recorded for numbers, integers, bools and times, with and without chunks.

use graticule_array::{Buffer, Chunk, DType, NAT, PadMode, QuantileMethod, TimeUnit};
use graticule_dataset::{
    Along, Attrs, Covariance, DataArray, Dataset, Diff, Quantile, Reduction, Shift, Variable, corr, cov,
    cross, dot, dot_over, where_,
};

use crate::support::{attrs, values};

const NAN: f64 = f64::NAN;

/// Equal numbers, NaN where NaN is.
fn same(left: &[f64], right: &[f64]) -> bool {
    let close = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-12 * b.abs();
    left.len() == right.len() && left.iter().zip(right).all(|(&a, &b)| close(a, b))
}

#[track_caller]
fn assert_values(array: &DataArray, expected: &[f64]) {
    let found = values(array);
    assert!(same(&found, expected), "{found:?} is not {expected:?}");
}

fn labels(array: &DataArray, name: &str) -> Vec<f64> {
    array.coords().get(name).unwrap().values().unwrap().to_f64()
}

fn around(variable: Variable) -> DataArray {
    let coords = [
        ("x".to_owned(), Variable::from_vec("x", vec![0.0, 1.0, 3.0, 6.0]).unwrap()),
        ("c".to_owned(), Variable::from_vec("x", vec![1i64, 2, 3, 4]).unwrap()),
        ("s".to_owned(), Variable::scalar(5).unwrap()),
    ];
    DataArray::new(Some("f"), variable.with_attrs(attrs(&[("units", "m")])), coords).unwrap()
}

fn floats() -> DataArray {
    around(Variable::from_vec("x", vec![1.0, NAN, 3.0, 7.0]).unwrap())
}

/// The same array in memory, in chunks of one element, and as float32.
fn forms(array: &DataArray) -> [DataArray; 3] {
    let lazy = (array * 1.0).unwrap();
    [array.clone(), lazy.chunk([("x", 1)]).unwrap(), lazy.chunk([("x", 3)]).unwrap()]
}

fn ints() -> DataArray {
    around(Variable::from_vec("x", vec![3i16, 1, 2, 2]).unwrap())
}

fn bools() -> DataArray {
    around(Variable::from_vec("x", vec![true, false, true, true]).unwrap())
}

fn times(counts: Vec<i64>) -> DataArray {
    let dtype = DType::Datetime(TimeUnit::Second);
    let chunk = Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts)).unwrap();
    around(Variable::from_chunk(["x"], chunk).unwrap())
}

#[test]
fn reductions_of_each_dtype() {
    for f in forms(&floats()) {
        assert_eq!(f.median("x").unwrap().item().unwrap(), 3.0);
        assert_eq!(f.std("x").unwrap().item().unwrap(), 2.494438257849294);
        assert_eq!(f.first("x").unwrap().item().unwrap(), 1.0);
        assert_eq!(f.last("x").unwrap().item().unwrap(), 7.0);
        assert_eq!(f.reduce(Reduction::sum().min_count(3), "x").unwrap().item().unwrap(), 11.0);
        assert!(f.reduce(Reduction::sum().min_count(4), "x").unwrap().item().unwrap().is_nan());
        assert!(f.reduce(Reduction::median().skipna(false), "x").unwrap().item().unwrap().is_nan());
    }
    let sum = ints().sum("x").unwrap();
    assert_eq!((sum.dtype(), sum.item().unwrap()), (DType::I64, 8.0));
    assert_eq!(ints().reduce(Reduction::sum().min_count(9), "x").unwrap().item().unwrap(), 8.0);
    assert_eq!(ints().min("x").unwrap().dtype(), DType::I16);
    let sum = bools().sum("x").unwrap();
    assert_eq!((sum.dtype(), sum.item().unwrap()), (DType::I64, 3.0));
    assert_eq!(bools().mean("x").unwrap().item().unwrap(), 0.75);
    assert_eq!(bools().min("x").unwrap().dtype(), DType::Bool);
    assert_eq!(bools().median("x").unwrap().item().unwrap(), 1.0);
    let single = floats().astype(DType::F32).unwrap();
    assert_eq!(single.mean("x").unwrap().dtype(), DType::F32);
    // As xarray with numbagg, which it prefers.
    assert_eq!(single.median("x").unwrap().dtype(), DType::F64);
}

#[test]
fn reductions_of_times() {
    // 2000-01-03, NaT, 2000-01-01, 2000-01-02T12.
    let t = times(vec![946_857_600, NAT, 946_684_800, 946_814_400]);
    let mean = t.mean("x").unwrap();
    assert_eq!(mean.dtype(), DType::Datetime(TimeUnit::Second));
    assert_eq!(mean.values::<i64>().unwrap().into_iter().next(), Some(946_785_600));
    let strict = t.reduce(Reduction::mean().skipna(false), "x").unwrap();
    assert!(strict.item().unwrap().is_nan());
    assert_eq!(t.max("x").unwrap().item().unwrap(), 946_857_600.0);
    assert_eq!(t.median("x").unwrap().item().unwrap(), 946_814_400.0);
    assert!(t.sum("x").is_err());
    assert_eq!(t.diff("x", 1).unwrap().dtype(), DType::Timedelta(TimeUnit::Second));
    assert_eq!(values(&t.shift([("x", 1)]).unwrap())[1], 946_857_600.0);
}

#[test]
fn axes_and_attributes_stay_on_request() {
    let kept = floats().reduce(Reduction::mean().keepdims(true).keep_attrs(false), "x").unwrap();
    assert_eq!(kept.shape(), [1]);
    assert!(kept.attrs().is_empty());
    assert_eq!(kept.coords().names().collect::<Vec<_>>(), ["s"]);
    let map = DataArray::new(
        None,
        Variable::from_array(["x", "y"], ndarray::arr2(&[[1.0, 2.0, 3.0], [4.0, NAN, 6.0]])).unwrap(),
        [],
    )
    .unwrap();
    assert_eq!(map.reduce(Reduction::sum().keepdims(true), ["y", "x"]).unwrap().shape(), [1, 1]);
    assert_values(&map.reduce(Reduction::median().keepdims(true), "y").unwrap(), &[2.0, 5.0]);
}

#[test]
fn a_dataset_leaves_out_what_has_no_such_statistic() {
    let text = |t: &str| std::sync::Arc::<str>::from(t);
    let dtype = DType::Datetime(TimeUnit::Second);
    let days = Chunk::from_buffer(vec![2], dtype, Buffer::I64(vec![0, 86_400])).unwrap();
    let ds = Dataset::new(
        [
            ("v".to_owned(), Variable::from_vec("x", vec![1.0, 2.0]).unwrap()),
            ("n".to_owned(), Variable::from_vec("x", vec![text("a"), text("b")]).unwrap()),
            ("t".to_owned(), Variable::from_chunk(["x"], days).unwrap()),
            ("s".to_owned(), Variable::scalar(3).unwrap()),
            ("w".to_owned(), Variable::from_vec("y", vec![1i64, 2]).unwrap()),
        ],
        [],
        attrs(&[("A", "1")]),
    );
    let ds = ds.unwrap();
    let names = |ds: &Dataset| ds.data_vars().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ds.mean("x").unwrap()), ["v", "t", "s", "w"]);
    assert_eq!(names(&ds.cumsum("x").unwrap()), ["v", "s", "w"]);
    assert_eq!(names(&ds.rank("x").unwrap()), ["v", "t"]);
    let ds = ds.select_vars(["v", "s", "w"]).unwrap();
    let quantiles = ds.quantile([0.1, 0.5], "x").unwrap();
    assert_values(&quantiles.get("v").unwrap(), &[1.1, 1.5]);
    assert_values(&quantiles.get("s").unwrap(), &[3.0, 3.0]);
    assert_eq!(quantiles.get("w").unwrap().dims(), ["y"]);
    assert_eq!(quantiles.get("w").unwrap().dtype(), DType::I64);
    assert_eq!(quantiles.attrs(), ds.attrs());
    let mapped = ds.map(|v| v.abs()).unwrap();
    assert_eq!(names(&mapped), ["v", "s", "w"]);
}

#[test]
fn quantiles_have_a_coordinate_of_their_own() {
    for f in forms(&floats()) {
        let half = f.quantile(0.5, ()).unwrap();
        assert_eq!(half.item().unwrap(), 3.0);
        assert_eq!(half.coords().names().collect::<Vec<_>>(), ["quantile"]);
        let two = f.quantile([0.25, 0.5], "x").unwrap();
        assert_eq!(two.dims(), ["quantile"]);
        assert_values(&two, &[2.0, 3.0]);
        assert_eq!(labels(&two, "quantile"), [0.25, 0.5]);
        assert_eq!(two.attrs().len(), 1);
        let strict = Quantile::new(0.5).skipna(false).keep_attrs(false);
        let strict = f.quantile(strict, "x").unwrap();
        assert!(strict.item().unwrap().is_nan());
        assert!(strict.attrs().is_empty());
    }
    let ints = ints().quantile([0.25, 0.5], "x").unwrap();
    assert_eq!(ints.dtype(), DType::F64);
    assert_values(&ints, &[1.75, 2.0]);
    let single = floats().astype(DType::F32).unwrap().quantile(0.5, "x").unwrap();
    assert_eq!(single.dtype(), DType::F64);
    let lower = Quantile::new(0.25).method(QuantileMethod::Lower);
    assert_eq!(floats().quantile(lower, "x").unwrap().item().unwrap(), 1.0);
    assert!(floats().quantile(1.5, "x").is_err());
    assert!(floats().quantile(0.5, "y").is_err());
}

#[test]
fn nothing_has_a_median_that_is_missing() {
    let none = DataArray::new(
        None,
        Variable::from_array(["x", "y"], ndarray::Array2::<f64>::zeros((0, 2))).unwrap(),
        [],
    )
    .unwrap();
    for empty in [none.median("x").unwrap(), none.quantile(0.5, "x").unwrap(), none.mean("x").unwrap()] {
        assert_values(&empty, &[NAN, NAN]);
    }
    assert_values(&none.prod("x").unwrap(), &[1.0, 1.0]);
    assert!(none.min("x").is_err());
    assert_eq!(none.cumsum("x").unwrap().shape(), [0, 2]);
    assert_eq!(none.diff("x", 1).unwrap().shape(), [0, 2]);
    assert_eq!(none.shift([("x", 1)]).unwrap().shape(), [0, 2]);
    let missing = DataArray::new(None, Variable::from_vec("x", vec![NAN, NAN]).unwrap(), []).unwrap();
    assert!(missing.median("x").unwrap().item().unwrap().is_nan());
    assert_values(&missing.cumsum("x").unwrap(), &[0.0, 0.0]);
    assert!(missing.reduce(Reduction::prod().min_count(1), ()).unwrap().item().unwrap().is_nan());
    let one = DataArray::new(None, Variable::from_vec("x", vec![1.0]).unwrap(), []).unwrap();
    assert!(one.reduce(Reduction::var().ddof(1), ()).unwrap().item().unwrap().is_nan());
}

#[test]
fn running_sums_skip_what_is_missing() {
    for f in forms(&floats()) {
        assert_values(&f.cumsum("x").unwrap(), &[1.0, 1.0, 4.0, 11.0]);
        assert_values(&f.cumprod(()).unwrap(), &[1.0, 1.0, 3.0, 21.0]);
        assert_values(&f.cumsum_with_missing("x").unwrap(), &[1.0, NAN, NAN, NAN]);
        assert_values(&f.ffill("x", None).unwrap(), &[1.0, 1.0, 3.0, 7.0]);
        assert_values(&f.bfill("x", None).unwrap(), &[1.0, 3.0, 3.0, 7.0]);
        assert_eq!(f.cumsum("x").unwrap().coords().len(), 3);
    }
    assert_eq!(ints().cumsum("x").unwrap().dtype(), DType::I64);
    assert_eq!(bools().cumprod("x").unwrap().dtype(), DType::I64);
    assert_eq!(ints().ffill("x", 1).unwrap().dtype(), DType::I16);
}

#[test]
fn ranks_share_and_skip() {
    assert_values(&floats().rank("x").unwrap(), &[1.0, NAN, 2.0, 3.0]);
    assert_values(&floats().rank_pct("x").unwrap(), &[1.0 / 3.0, NAN, 2.0 / 3.0, 1.0]);
    assert_values(&ints().rank("x").unwrap(), &[4.0, 1.0, 2.5, 2.5]);
    assert_values(&bools().rank_pct("x").unwrap(), &[0.75, 0.25, 0.75, 0.75]);
    assert!(floats().rank("y").is_err());
}

#[test]
fn differences_lose_labels_where_it_is_said() {
    for f in forms(&floats()) {
        let upper = f.diff("x", 1).unwrap();
        assert_values(&upper, &[NAN, NAN, 4.0]);
        assert_eq!(labels(&upper, "x"), [1.0, 3.0, 6.0]);
        assert_eq!(labels(&upper, "c"), [2.0, 3.0, 4.0]);
        let lower = f.diff("x", Diff::lower(2)).unwrap();
        assert_eq!(labels(&lower, "x"), [0.0, 1.0]);
        assert_eq!(f.diff("x", 9).unwrap().shape(), [0]);
        assert_eq!(f.diff("x", 0).unwrap().shape(), [4]);
    }
    assert_values(&ints().diff("x", 2).unwrap(), &[3.0, -1.0]);
    assert_eq!(ints().diff("x", 1).unwrap().dtype(), DType::I16);
}

#[test]
fn values_move_and_labels_stay() {
    for f in forms(&floats()) {
        assert_values(&f.shift([("x", 1)]).unwrap(), &[NAN, 1.0, NAN, 3.0]);
        assert_eq!(f.shift([("x", 1)]).unwrap().data().chunks(), f.data().chunks());
        assert_values(&f.shift(Shift::by([("x", -1)]).fill_value(0)).unwrap(), &[NAN, 3.0, 7.0, 0.0]);
        assert_values(&f.shift([("x", 50)]).unwrap(), &[NAN; 4]);
        assert_values(&f.roll([("x", 1)]).unwrap(), &[7.0, 1.0, NAN, 3.0]);
        assert_values(&f.roll([("x", -5)]).unwrap(), &[NAN, 3.0, 7.0, 1.0]);
        assert_eq!(labels(&f.roll([("x", 1)]).unwrap(), "x"), [0.0, 1.0, 3.0, 6.0]);
        let rolled = f.roll_coords([("x", 1)]).unwrap();
        assert_eq!(labels(&rolled, "x"), [6.0, 0.0, 1.0, 3.0]);
        assert_eq!(labels(&rolled, "c"), [4.0, 1.0, 2.0, 3.0]);
    }
    assert_eq!(ints().shift([("x", 1)]).unwrap().dtype(), DType::F32);
    assert_eq!(ints().shift(Shift::by([("x", 1)]).fill_value(0)).unwrap().dtype(), DType::I16);
    let error = bools().shift([("x", 1)]).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"fill_value = missing in bool data is not possible: bool cannot be missing; say what to put there, or cast to a float first");
    let filled = bools().shift(Shift::by([("x", 1)]).fill_value(false)).unwrap();
    assert_eq!(filled.dtype(), DType::Bool);
    assert!(bools().shift([("y", 1)]).is_err());
    let two = DataArray::new(
        None,
        Variable::from_array(["x", "y"], ndarray::arr2(&[[1.0, 2.0, 3.0], [4.0, NAN, 6.0]])).unwrap(),
        [],
    )
    .unwrap();
    assert_values(&two.shift([("x", 1), ("y", -1)]).unwrap(), &[NAN, NAN, NAN, 2.0, 3.0, NAN]);
}

#[test]
fn pads_continue_labels_or_leave_them_missing() {
    for f in forms(&floats()) {
        let missing = f.pad([("x", (1, 1))], None).unwrap();
        assert_values(&missing, &[NAN, 1.0, NAN, 3.0, 7.0, NAN]);
        assert!(same(&labels(&missing, "x"), &[NAN, 0.0, 1.0, 3.0, 6.0, NAN]));
        assert!(same(&labels(&missing, "c"), &[NAN, 1.0, 2.0, 3.0, 4.0, NAN]));
        let edge = f.pad([("x", (1, 1))], PadMode::Edge).unwrap();
        assert_values(&edge, &[1.0, 1.0, NAN, 3.0, 7.0, 7.0]);
        assert_eq!(labels(&edge, "x"), [0.0, 0.0, 1.0, 3.0, 6.0, 6.0]);
        let reflect = f.pad([("x", (1, 1))], PadMode::Reflect { odd: false }).unwrap();
        assert_eq!(labels(&reflect, "c"), [2.0, 1.0, 2.0, 3.0, 4.0, 3.0]);
        let five = f.pad([("x", (1, 0))], PadMode::constant(5)).unwrap();
        assert_eq!(values(&five)[0], 5.0);
        assert!(labels(&five, "x")[0].is_nan());
    }
    assert_eq!(ints().pad([("x", (1, 1))], None).unwrap().dtype(), DType::F32);
    let mean = ints().pad([("x", (1, 1))], PadMode::Mean(None)).unwrap();
    assert_eq!(mean.dtype(), DType::I16);
    assert_values(&mean, &[2.0, 3.0, 1.0, 2.0, 2.0, 2.0]);
    assert!(bools().pad([("x", (1, 1))], None).is_err());
    assert!(values(&times(vec![0, 1, 2, 3]).pad([("x", (1, 0))], None).unwrap())[0].is_nan());
}

#[test]
fn derivatives_and_integrals_follow_the_coordinate() {
    let f = around(Variable::from_vec("x", vec![3.0, 1.0, 2.0, 2.0]).unwrap());
    for f in forms(&f) {
        let slope = f.differentiate("x").unwrap();
        assert_values(&slope, &[-2.0, -1.1666666666666667, 0.3, 0.0]);
        assert!(slope.attrs().is_empty());
        assert_eq!(f.integrate("x").unwrap().item().unwrap(), 11.0);
        assert_eq!(f.integrate("x").unwrap().coords().names().collect::<Vec<_>>(), ["s"]);
        assert_values(&f.cumulative_integrate("x").unwrap(), &[0.0, 2.0, 5.0, 11.0]);
        // Along another coordinate of the same dimension.
        assert_eq!(f.integrate("c").unwrap().item().unwrap(), 5.5);
    }
    assert_eq!(ints().differentiate("x").unwrap().dtype(), DType::F64);
    assert_values(&floats().differentiate("x").unwrap(), &[NAN, NAN, NAN, 4.0 / 3.0]);
    assert_values(&floats().cumulative_integrate("x").unwrap(), &[0.0, NAN, NAN, NAN]);
    assert_eq!(f.astype(DType::F32).unwrap().differentiate("x").unwrap().dtype(), DType::F32);
    assert_eq!(f.astype(DType::F32).unwrap().integrate("x").unwrap().dtype(), DType::F64);
    let narrow =
        f.assign_coords([("x", Variable::from_vec("x", vec![0f32, 1.0, 3.0, 6.0]).unwrap())]).unwrap();
    assert_eq!(narrow.astype(DType::F32).unwrap().integrate("x").unwrap().dtype(), DType::F32);
    assert!(f.differentiate("s").is_err());
    assert!(f.differentiate("lat").unwrap_err().is_not_found());
}

#[test]
fn derivatives_along_times_are_in_the_unit_that_is_asked_for() {
    let day = 86_400_000_000_000i64;
    let start = 10_957 * day;
    let dtype = DType::Datetime(TimeUnit::Nanosecond);
    let labels = Chunk::from_buffer(vec![4], dtype, Buffer::I64((0..4).map(|i| start + i * day).collect()));
    let t = Variable::from_chunk(["t"], labels.unwrap()).unwrap();
    let y = Variable::from_vec("t", vec![1.0, 0.0, 3.0, 0.0]).unwrap();
    let y = DataArray::new(None, y, [("t".to_owned(), t)]).unwrap();
    let days = || Along::coord("t").datetime_unit("D");
    assert_values(&y.differentiate(days()).unwrap(), &[-1.0, 1.0, 0.0, -3.0]);
    assert_values(&y.differentiate(days().edge_order(2)).unwrap(), &[-3.0, 1.0, 0.0, -6.0]);
    assert_values(&y.differentiate("t").unwrap(), &[-1.0 / 8.64e13, 1.0 / 8.64e13, 0.0, -3.0 / 8.64e13]);
    assert_eq!(y.integrate(days()).unwrap().item().unwrap(), 3.5);
    let hours = Along::coord("t").datetime_unit("h");
    assert_values(&y.cumulative_integrate(hours).unwrap(), &[0.0, 12.0, 48.0, 84.0]);
    assert!(y.integrate(Along::coord("t").datetime_unit("months")).is_err());
}

fn pair() -> (DataArray, DataArray) {
    let y = || ("y".to_owned(), Variable::from_vec("y", vec![10i64, 20, 30]).unwrap());
    let x = ("x".to_owned(), Variable::from_vec("x", vec![0i64, 1]).unwrap());
    let a = Variable::from_array(["x", "y"], ndarray::arr2(&[[1.0, 2.0, 3.0], [4.0, NAN, 6.0]])).unwrap();
    let b = Variable::from_vec("y", vec![1.0, 2.0, 4.0]).unwrap();
    let a = DataArray::new(Some("a"), a.with_attrs(attrs(&[("u", "m"), ("k", "a")])), [x, y()]).unwrap();
    (a, DataArray::new(Some("b"), b.with_attrs(attrs(&[("u", "m"), ("k", "b")])), [y()]).unwrap())
}

#[test]
fn products_are_summed_over_shared_dimensions() {
    let (a, b) = pair();
    let a = a.fillna(0.0).unwrap();
    let product = dot(&[&a, &b]).unwrap();
    assert_eq!((product.name(), product.attrs()), (Some("a"), a.attrs()));
    assert_eq!(product.coords().names().collect::<Vec<_>>(), ["x"]);
    assert_values(&product, &[17.0, 28.0]);
    assert_eq!(dot_over(&[&a, &b], ()).unwrap().item().unwrap(), 45.0);
    assert_values(&dot_over(&[&a, &b], "x").unwrap(), &[5.0, 4.0, 36.0]);
    assert_eq!(a.dot(&a).unwrap().item().unwrap(), 66.0);
    let lazy = a.chunk([("x", 1), ("y", 2)]).unwrap();
    assert_values(&lazy.dot(&b).unwrap(), &[17.0, 28.0]);
    assert!(a.dot(&b.isel("y", 1..).unwrap()).unwrap_err().is_alignment());
}

#[test]
fn covariances_leave_out_pairs() {
    let (a, b) = pair();
    for a in [a.clone(), a.chunk([("y", 2)]).unwrap()] {
        let covariance = cov(&a, &b, "y").unwrap();
        assert_values(&covariance, &[1.5, 3.0]);
        assert_eq!((covariance.name(), covariance.attrs()), (None, &attrs(&[("u", "m")])));
        assert_values(&corr(&a, &b, "y").unwrap(), &[0.9819805060619659, 1.0]);
        assert_values(&cov(&a, &b, ()).unwrap(), &[1.65]);
        assert_values(&Covariance::new().ddof(0).cov(&a, &b, ()).unwrap(), &[1.32]);
        let weights =
            DataArray::new(None, Variable::from_vec("y", vec![1.0, 2.0, 3.0]).unwrap(), []).unwrap();
        let weighted = Covariance::new().weights(&weights);
        assert_values(&weighted.cov(&a, &b, "y").unwrap(), &[4.0 / 3.0, 2.25]);
        assert_values(&weighted.corr(&a, &b, "y").unwrap(), &[0.9828721869343221, 1.0]);
    }
    let single = a.astype(DType::F32).unwrap();
    assert_eq!(cov(&single, &single, ()).unwrap().dtype(), DType::F64);
    assert_eq!(corr(&single, &single, ()).unwrap().dtype(), DType::F32);
    assert!(cov(&a, &b, "z").is_err());
}

#[test]
fn vector_products_of_two_and_three_components() {
    let vector =
        |values: Vec<f64>| DataArray::new(Some("c"), Variable::from_vec("c", values).unwrap(), []).unwrap();
    let (a, b) = (vector(vec![1.0, 2.0, 3.0]), vector(vec![4.0, 5.0, 6.0]));
    assert_values(&cross(&a, &b, "c").unwrap(), &[-3.0, 6.0, -3.0]);
    let (a2, b2) = (vector(vec![1.0, 2.0]), vector(vec![4.0, 5.0]));
    assert_values(&cross(&a2, &b2, "c").unwrap(), &[-3.0]);
    assert_eq!(cross(&a2, &b2, "c").unwrap().dims().len(), 0);
    assert_values(&cross(&a, &b2, "c").unwrap(), &[-15.0, 12.0, -3.0]);
    assert!(cross(&a, &vector(vec![1.0]), "c").is_err());
    assert!(cross(&a, &b, "d").is_err());
}

#[test]
fn choices_between_arrays_and_numbers() {
    let (a, b) = pair();
    let chosen = where_(&a.gt(2.0).unwrap(), &a, &b).unwrap();
    assert_values(&chosen, &[1.0, 2.0, 3.0, 4.0, 2.0, 6.0]);
    assert_eq!((chosen.name(), chosen.attrs()), (Some("a"), a.attrs()));
    let chosen = where_(&a.gt(2.0).unwrap(), &b, &a).unwrap();
    assert_eq!((chosen.dims(), chosen.attrs()), (a.dims(), b.attrs()));
    let number = where_(&a.gt(2.0).unwrap(), 1, 0).unwrap();
    assert_eq!((number.dtype(), number.attrs().len()), (DType::I64, 0));
    assert_values(&number, &[0.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    let mixed = where_(&a.gt(2.0).unwrap(), 1, &a).unwrap();
    assert_eq!(mixed.dtype(), DType::F64);
    assert_eq!(where_(&bools(), 2.5, ints()).unwrap().dtype(), DType::F64);
    assert_eq!(where_(&bools(), 2, ints()).unwrap().dtype(), DType::I16);
}

#[test]
fn likenesses_keep_all_but_the_values() {
    for (array, ones) in [(floats(), 4.0), (ints(), 4.0), (bools(), 4.0)] {
        let one = array.ones_like().unwrap();
        assert_eq!((one.dtype(), one.attrs()), (array.dtype(), array.attrs()));
        assert_eq!(one.sum(()).unwrap().item().unwrap(), ones);
        assert_eq!(array.zeros_like().unwrap().sum(()).unwrap().item().unwrap(), 0.0);
    }
    assert_values(&ints().full_like(2).unwrap(), &[2.0; 4]);
    assert!(ints().full_like(2.7).is_err());
    assert_eq!(ints().full_like_as(2.7, DType::F64).unwrap().sum(()).unwrap().item().unwrap(), 10.8);
    let rounded = (floats() * 1.2345).unwrap().around(2).unwrap();
    assert_values(&rounded, &[1.23, NAN, 3.7, 8.64]);
    assert_values(&ints().around(1).unwrap(), &[3.0, 1.0, 2.0, 2.0]);
}

#[test]
fn a_first_choice_is_completed() {
    let first = floats();
    let second = floats().full_like(9.0).unwrap();
    assert_values(&first.combine_first(&second).unwrap(), &[1.0, 9.0, 3.0, 7.0]);
    let set = |name: &str, array: &DataArray| {
        Dataset::new([(name.to_owned(), array.variable().clone())], [], Attrs::new()).unwrap()
    };
    let both = set("a", &first).combine_first(&set("b", &second)).unwrap();
    assert_eq!(both.data_vars().keys().collect::<Vec<_>>(), ["a", "b"]);
    let both = set("a", &first).combine_first(&set("a", &second)).unwrap();
    assert_values(&both.get("a").unwrap(), &[1.0, 9.0, 3.0, 7.0]);
}

#[test]
fn chunks_are_unified_by_dimension() {
    let lazy = |n: usize| (floats() * 1.0).unwrap().chunk([("x", n)]).unwrap().variable().clone();
    let ds = Dataset::new([("a".to_owned(), lazy(2)), ("b".to_owned(), lazy(3))], [], Attrs::new()).unwrap();
    let unified = ds.unify_chunks().unwrap();
    for (_, variable) in unified.data_vars() {
        let sizes: Vec<usize> = variable.data().chunks().axes()[0].sizes().collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}
