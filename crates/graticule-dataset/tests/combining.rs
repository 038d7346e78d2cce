//! concat, merge and combine_nested with xarray's options; answers are those of xarray 2026.9.

use graticule_array::{Array, DType};
use graticule_dataset::{
    Attrs, CombineAttrs, CombineOptions, Compat, ConcatDim, ConcatVars, DataArray, Dataset, DisagreementKind,
    Join, NestedDim, Policy, Variable, assert_identical, combine, combine_by_coords_with, combine_nested,
    combine_nested_with, concat, concat_with, merge, merge_with,
};
use proptest::prelude::*;

use crate::support::{DAY_2015, attrs, days, on, values};

fn var(dim: &str, values: Vec<f64>) -> Variable {
    Variable::from_vec(dim, values).unwrap()
}

fn dataset(vars: &[(&str, Variable)], coords: &[(&str, Variable)]) -> Dataset {
    let named = |pairs: &[(&str, Variable)]| {
        pairs.iter().map(|(name, variable)| ((*name).to_owned(), variable.clone())).collect::<Vec<_>>()
    };
    Dataset::new(named(vars), named(coords), Attrs::new()).unwrap()
}

fn get(ds: &Dataset, name: &str) -> Vec<f64> {
    values(&ds.get(name).unwrap())
}

fn options() -> CombineOptions {
    CombineOptions::new()
}

#[test]
fn labels_of_a_new_dimension_are_given_in_many_ways() {
    let (a, b) = (on("v", vec![0.0, 1.0], vec![1.0, 2.0]), on("v", vec![0.0, 1.0], vec![3.0, 4.0]));
    let scale = var("scale", vec![1.5, 2.5]).with_attrs(attrs(&[("long_name", "a scale")]));
    let of_variable = concat(&[&a, &b], scale.clone()).unwrap();
    assert_eq!(of_variable.dims(), ["scale", "x"]);
    assert_eq!(of_variable.name(), Some("v"));
    assert_eq!(of_variable.coords().get("scale").unwrap().attrs(), scale.attrs());
    let of_array = concat(&[&a, &b], DataArray::new(Some("q"), scale, []).unwrap()).unwrap();
    assert_identical(&of_array, &of_variable).unwrap();
    let named = concat(&[&a, &b], ConcatDim::labels("run", ["one", "two"])).unwrap();
    assert_eq!(values(&named.sel("run", "two").unwrap()), [3.0, 4.0]);
    assert!(!concat(&[&a, &b], "run").unwrap().coords().contains("run"));
    let error = concat(&[a, b], var("scale", vec![1.5])).unwrap_err().to_string();
    assert!(error.contains("the data have length 2 along it"), "{error}");
}

#[test]
fn a_value_without_dimensions_is_one_step() {
    let series = dataset(&[("u", var("x", vec![3.0, 4.0]))], &[("x", var("x", vec![2.0, 3.0]))]);
    let one = dataset(&[("u", Variable::scalar(5.0).unwrap())], &[("x", Variable::scalar(9.0).unwrap())]);
    let ds = concat(&[series.clone(), one.clone()], "x").unwrap();
    assert_eq!(get(&ds, "u"), [3.0, 4.0, 5.0]);
    assert_eq!(ds.coords().labels("x").unwrap().to_f64(), [2.0, 3.0, 9.0]);
    assert_eq!(get(&concat(&[one, series], "x").unwrap(), "u"), [5.0, 3.0, 4.0]);
}

#[test]
fn the_order_of_dimensions_is_that_of_the_first() {
    let data = |dims: [&str; 2], shape: (usize, usize), value: f64| {
        dataset(&[("u", Variable::new(dims, Array::full(value, shape, "auto").unwrap()).unwrap())], &[])
    };
    let ds = concat(&[data(["x", "y"], (2, 3), 0.0), data(["y", "x"], (3, 1), 1.0)], "x").unwrap();
    assert_eq!(ds.get("u").unwrap().dims(), ["x", "y"]);
    assert_eq!(get(&ds, "u"), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn more_variables_vary_when_asked_for() {
    let part = |labels: Vec<f64>, k: f64| {
        dataset(
            &[("u", var("x", labels.clone())), ("k", var("z", vec![k, 2.0]))],
            &[("x", var("x", labels)), ("c", Variable::scalar(3.0).unwrap())],
        )
    };
    let pair = [part(vec![0.0, 1.0], 1.0), part(vec![2.0, 3.0, 4.0], 1.0)];
    let all = options().data_vars(ConcatVars::All).coords(ConcatVars::All);
    let ds = concat_with(&pair, "x", &all).unwrap();
    assert_eq!(ds.get("k").unwrap().dims(), ["x", "z"]);
    assert_eq!(get(&ds, "k"), [1.0, 2.0].repeat(5));
    assert_eq!(get(&ds, "c"), [3.0; 5]);
    assert_eq!(concat(&pair, "x").unwrap().get("k").unwrap().dims(), ["z"]);
    let named = concat_with(&pair, "x", &options().coords(["c"])).unwrap();
    assert_eq!(
        (named.get("c").unwrap().dims(), named.get("k").unwrap().dims().len()),
        (["x".into()].as_slice(), 1)
    );
    let error = concat_with(&pair, "x", &options().coords(["b"])).unwrap_err().to_string();
    assert!(error.contains("\"b\"") && error.contains('c'), "{error}");

    let other = [part(vec![0.0], 1.0), part(vec![2.0], 7.0)];
    let error = concat(&other, "x").unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the datasets do not combine:
      dataset 1: k: differs from dataset 0, which is left here: 1 of 2 values differ, first at z position 0: left 1, right 7; data_vars(ConcatVars::Different) keeps each along "x", Compat::Override takes the first
    "#);
    let different = options().data_vars(ConcatVars::Different).coords(ConcatVars::Different);
    let ds = concat_with(&other, "x", &different).unwrap();
    assert_eq!(get(&ds, "k"), [1.0, 2.0, 7.0, 2.0]);
    assert!(ds.get("c").unwrap().dims().is_empty());
    let error = concat_with(&other, "x", &different.compat(Compat::Override)).unwrap_err().to_string();
    assert!(error.contains("never looks"), "{error}");
    let minimal = options().data_vars(ConcatVars::Minimal);
    assert!(
        concat_with(&[&pair[0], &pair[0]], "new", &minimal)
            .unwrap_err()
            .to_string()
            .contains("nothing would vary")
    );
}

#[test]
fn absent_variables_are_filled_or_left_out_on_request() {
    let ints = Variable::from_vec("x", vec![1i64, 2]).unwrap();
    let a = dataset(
        &[("u", ints.clone()), ("w", ints), ("k", Variable::scalar(1.0).unwrap())],
        &[("x", var("x", vec![0.0, 1.0]))],
    );
    let b = dataset(
        &[("u", Variable::from_vec("x", vec![3i64, 4]).unwrap())],
        &[("x", var("x", vec![2.0, 3.0]))],
    );
    let error = concat(&[&a, &b], "x").unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      dataset 1: w: is missing here, but dataset 0 has it
      dataset 1: k: is missing here, but dataset 0 has it
    ");
    let fill = options().policy(DisagreementKind::Missing, Policy::Convert);
    let ds = concat_with(&[&a, &b], "x", &fill).unwrap();
    let w = ds.get("w").unwrap();
    assert_eq!(w.dtype(), DType::F64);
    assert!(values(&w)[2].is_nan() && values(&w)[..2] == [1.0, 2.0]);
    assert_eq!(get(&ds, "k"), [1.0]);
    let ds = concat_with(&[&b, &a], "x", &fill.fill_values([("w", -1i64)])).unwrap();
    assert_eq!(get(&ds, "w"), [-1.0, -1.0, 1.0, 2.0]);
    assert_eq!(ds.get("w").unwrap().dtype(), DType::I64);
    let ds = concat_with(&[&a, &b], "x", &options().policy(DisagreementKind::Missing, Policy::Drop)).unwrap();
    assert_eq!(ds.names().collect::<Vec<_>>(), ["u", "x"]);
}

#[test]
fn numbers_that_a_common_dtype_cannot_hold_are_an_error() {
    let of = |variable: Variable| dataset(&[("u", variable)], &[]);
    let ints = of(Variable::from_vec("x", vec![i64::MAX]).unwrap());
    let floats = of(var("x", vec![0.5]));
    let error = concat(&[&ints, &floats], "x").unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      dataset 1: u: is float64, but in dataset 0 int64; float64 does not hold all of their values
    ");
    let promote = options().policy(DisagreementKind::DType, Policy::Convert);
    assert_eq!(concat_with(&[&ints, &floats], "x", &promote).unwrap().get("u").unwrap().dtype(), DType::F64);
    let shorts = of(Variable::from_vec("x", vec![1i16]).unwrap());
    assert!(concat(&[&shorts, &floats], "x").is_ok());
    let error = concat_with(&[&ints, &floats], "x", &options().policy(DisagreementKind::DType, Policy::Drop));
    assert!(error.unwrap_err().to_string().contains("Policy::Convert"));
}

#[test]
fn joins_bring_other_labels_together() {
    let (a, b) = (on("v", vec![0.0, 1.0], vec![1.0, 2.0]), on("v", vec![1.0, 2.0], vec![3.0, 4.0]));
    let joined = |join| concat_with(&[&a, &b], "n", &options().join(join).fill_value(-1.0)).unwrap();
    assert_eq!(values(&joined(Join::Outer)), [1.0, 2.0, -1.0, -1.0, 3.0, 4.0]);
    assert_eq!(values(&joined(Join::Inner)), [2.0, 3.0]);
    assert_eq!(values(&joined(Join::Left)), [1.0, 2.0, -1.0, 3.0]);
    assert_eq!(values(&joined(Join::Right)), [2.0, -1.0, 3.0, 4.0]);
    let over = joined(Join::Override);
    assert_eq!(over.coords().labels("x").unwrap().to_f64(), [0.0, 1.0]);
    assert_eq!(values(&over), [1.0, 2.0, 3.0, 4.0]);
    let error = concat(&[("a.nc", &a), ("b.nc", &b)], "n").unwrap_err();
    assert!(error.is_alignment() && error.is_combine());
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      b.nc: x: differs from a.nc first at position 0 (1 instead of 0), by at most 1e0
    ");
    let near = on("v", vec![0.0, 1.0 + 1e-9], vec![5.0, 6.0]);
    let ds = concat_with(&[&a, &near], "n", &options().tolerance(1e-6)).unwrap();
    assert_eq!(ds.coords().labels("x").unwrap().to_f64(), [0.0, 1.0]);
    assert!(concat_with(&[&a, &near], "n", &options().tolerance(1e-12)).is_err());
}

#[test]
fn attributes_are_combined_as_asked_for() {
    let of = |pairs: &[(&str, &str)]| {
        dataset(&[("u", var("x", vec![0.0]).with_attrs(attrs(pairs)))], &[]).with_attrs(attrs(pairs))
    };
    let pair = [of(&[("source", "a"), ("id", "1")]), of(&[("source", "a"), ("id", "2"), ("more", "m")])];
    let keys = |how| {
        let ds = concat_with(&pair, "x", &options().combine_attrs(how))?;
        let of = |attrs: &Attrs| attrs.keys().cloned().collect::<Vec<_>>().join(" ");
        Ok::<_, graticule_dataset::Error>([of(ds.attrs()), of(ds.get("u")?.attrs())])
    };
    assert_eq!(keys(CombineAttrs::Override).unwrap(), ["source id"; 2]);
    assert_eq!(keys(CombineAttrs::Drop).unwrap(), [""; 2]);
    assert_eq!(keys(CombineAttrs::DropConflicts).unwrap(), ["source more"; 2]);
    let error = keys(CombineAttrs::NoConflicts).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the datasets do not combine:
      dataset 1: u: attribute "id" is 2, but in those before 1
      dataset 1: attribute "id" is 2, but in those before 1
    "#);
    assert_eq!(keys(CombineAttrs::Identical).unwrap_err().disagreements()[0].kind, DisagreementKind::Attrs);
}

#[test]
fn variables_of_one_name_are_merged_as_asked_for() {
    let a = dataset(&[("a", var("x", vec![1.0, f64::NAN, 3.0]))], &[]);
    let b = dataset(&[("a", var("x", vec![1.0, 2.0, f64::NAN]))], &[]);
    let error = merge(&[("a.nc", &a), ("b.nc", &b)]).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      b.nc: a: differs from a.nc, which is left here: 2 of 3 values differ, first at x position 1: left NaN, right 2; Compat::NoConflicts takes what is missing in one from the other, Compat::Override the first
    ");
    assert_eq!(get(&merge_with(&[&a, &b], Compat::NoConflicts).unwrap(), "a"), [1.0, 2.0, 3.0]);
    assert!(get(&merge_with(&[&a, &b], Compat::Override).unwrap(), "a")[1].is_nan());
    let c = dataset(&[("a", var("x", vec![9.0, 5.0, f64::NAN]))], &[]);
    let error = merge_with(&[("a.nc", &a), ("b.nc", &b), ("c.nc", &c)], Compat::NoConflicts).unwrap_err();
    assert_eq!(error.disagreements()[0].source, "c.nc");
    assert!(
        error.to_string().contains("2 of 3 values differ, first at x position 0: left 1, right 9"),
        "{error}"
    );
    // What neither of two says is not a conflict between others: xarray compares with the first only.
    let gap = dataset(&[("a", var("x", vec![f64::NAN; 3]))], &[]);
    assert!(merge_with(&[gap, a.clone(), c], Compat::NoConflicts).is_err());

    let map = Variable::new(["y", "x"], Array::ones((2, 3), "auto").unwrap()).unwrap();
    let (flat, tall) = (dataset(&[("a", var("x", vec![1.0; 3]))], &[]), dataset(&[("a", map)], &[]));
    assert!(merge(&[&flat, &tall]).unwrap_err().to_string().contains("BroadcastEquals"));
    let both = merge_with(&[&flat, &tall], Compat::BroadcastEquals).unwrap();
    assert_eq!(both.get("a").unwrap().dims(), ["x", "y"]);

    let with = |c: f64| dataset(&[("d", var("x", vec![c]))], &[("q", Variable::scalar(c).unwrap())]);
    let minimal = merge_with(&[with(1.0), with(2.0).rename([("d", "e")]).unwrap()], Compat::Minimal).unwrap();
    assert_eq!(minimal.names().collect::<Vec<_>>(), ["d", "e"]);
    assert!(merge_with(&[with(1.0), with(2.0)], Compat::Minimal).is_err());
    let named = a.clone().assign_attrs([("title", "t")]);
    assert!(merge_with(&[&named, &a], Compat::Identical).is_ok());
    let units = a.data_vars()["a"].clone().with_attrs(attrs(&[("long_name", "l")]));
    assert!(merge_with(&[&a.assign([("a", units)]).unwrap(), &a], Compat::Identical).is_err());
}

#[test]
fn merged_labels_are_joined() {
    let a = on("a", vec![0.0, 1.0], vec![1.0, 2.0]);
    let b = on("b", vec![1.0, 2.0], vec![3.0, 4.0]);
    let error = merge(&[&a, &b]).unwrap_err();
    assert!(error.is_alignment(), "{error}");
    let ds = merge_with(&[&a, &b], Join::Outer).unwrap();
    assert_eq!(ds.coords().labels("x").unwrap().to_f64(), [0.0, 1.0, 2.0]);
    assert!(get(&ds, "a")[2].is_nan() && get(&ds, "b")[0].is_nan());
    let ds = a.to_dataset().unwrap().merge_with(&b, Join::Inner).unwrap();
    assert_eq!((get(&ds, "a"), get(&ds, "b")), (vec![2.0], vec![3.0]));
    let over = a.to_dataset().unwrap().merge_with(&b, Join::Override).unwrap();
    assert_eq!(get(&over, "b"), [3.0, 4.0]);
    let unnamed = DataArray::new(None, var("x", vec![1.0, 2.0]), []).unwrap();
    assert!(merge(&[unnamed]).unwrap_err().to_string().contains("with_name"));
    let data = dataset(&[("q", var("x", vec![1.0]))], &[]);
    let coord = dataset(&[], &[("q", var("x", vec![1.0]))]);
    assert_eq!(data.merge(&coord).unwrap_err().disagreements()[0].kind, DisagreementKind::Role);
}

#[test]
fn updating_replaces() {
    let a = on("a", vec![0.0, 1.0], vec![1.0, 2.0]).to_dataset().unwrap();
    let b = on("a", vec![0.0, 1.0], vec![3.0, 4.0]).to_dataset().unwrap();
    assert_eq!(get(&a.update(&b).unwrap(), "a"), [3.0, 4.0]);
    assert!(
        a.update(&on("b", vec![0.0, 2.0], vec![3.0, 4.0]).to_dataset().unwrap()).unwrap_err().is_alignment()
    );
}

#[test]
fn lists_of_lists_are_tiles_or_variables() {
    let part = |name: &str, t: f64| dataset(&[(name, var("t", vec![t, t + 0.5]))], &[]);
    let grid = [
        [part("temperature", 1.0), part("precipitation", 10.0)],
        [part("temperature", 2.0), part("precipitation", 20.0)],
    ];
    let ds = combine_nested(grid.clone(), [Some("t"), None]).unwrap();
    assert_eq!(get(&ds, "temperature"), [1.0, 1.5, 2.0, 2.5]);
    assert_eq!(get(&ds, "precipitation"), [10.0, 10.5, 20.0, 20.5]);
    let error = combine_nested(grid, ["t"]).unwrap_err().to_string();
    assert!(error.contains("2 deep"), "{error}");
    let array = on("v", vec![0.0], vec![1.0]);
    let ragged = vec![vec![array.clone()], vec![array.clone(), array.clone()]];
    let error = combine_nested(ragged, ["y", "x"]).unwrap_err().to_string();
    assert!(error.contains("all lists of a level are of one length"), "{error}");
    let error = combine_nested([array.clone()], [NestedDim::Merge]).unwrap_err().to_string();
    assert!(error.contains("to_dataset"), "{error}");
    let runs =
        combine_nested_with([array.clone(), array], ["n"], &options().combine_attrs(CombineAttrs::Drop));
    assert_eq!(runs.unwrap().dims(), ["n", "x"]);
}

/// Ten days of files with a day each, the sixth of them absent.
fn week() -> Vec<(String, Dataset)> {
    let day = |day: i64| {
        let ds = dataset(&[("adt", var("time", vec![day as f64]))], &[("time", days(DAY_2015 + day, 1))]);
        (format!("{day}.nc"), ds)
    };
    (0..10).filter(|n| *n != 5).map(day).collect()
}

#[test]
fn a_report_lists_everything_without_combining() {
    let mut files = week();
    let report = combine::report(&files, &options()).unwrap();
    assert!(report.combines());
    insta::assert_snapshot!(report, @r"
    9 datasets, 9 labels along time from 2015-01-01 to 2015-01-10, steps of 1 day
    Accepted:
      gaps
        6.nc: time: about 1 step of 1 day missing between 2015-01-05 and 2015-01-07
    ");
    for (_, ds) in files.iter_mut().skip(6) {
        let adt = ds.data_vars()["adt"].clone();
        let mut encoded = adt.with_attrs(attrs(&[("units", "cm")]));
        encoded.encoding_mut().insert("scale_factor".into(), 0.01.into());
        *ds = ds.assign([("adt", encoded)]).unwrap();
    }
    files.push(files[2].clone());
    files[3].1 = files[3].1.drop_vars(["adt"]).unwrap();
    let report = combine::report(&files, &options()).unwrap();
    assert!(!report.combines());
    insta::assert_snapshot!(report, @r#"
    10 datasets, 9 labels along time from 2015-01-01 to 2015-01-10, steps of 1 day
    They do not combine:
      absent variables
        3.nc: adt: is missing here, but 0.nc has it
      labels that appear twice
        2.nc: time: the label 2015-01-03 is also in 2.nc; leave one out
      units
        7.nc to 9.nc (3 in all): adt: has units "cm", but in 0.nc no units
    Accepted:
      gaps
        6.nc: time: about 1 step of 1 day missing between 2015-01-05 and 2015-01-07
      packing: made to agree
        7.nc to 9.nc (3 in all): adt: was packed with scale_factor 0.01, but none in 0.nc
    "#);
    let units: Vec<usize> = report
        .errors()
        .filter(|found| found.kind == DisagreementKind::Units)
        .map(|found| found.number)
        .collect();
    assert_eq!(units, [6, 7, 8]);
    let accept = options()
        .policy(DisagreementKind::Units, Policy::First)
        .policy(DisagreementKind::Duplicate, Policy::First)
        .policy(DisagreementKind::Missing, Policy::Convert);
    assert!(combine::report(&files, &accept).unwrap().combines());
    let ds = combine_by_coords_with(&files, &accept).unwrap();
    assert_eq!(ds.size("time").unwrap(), 9);
    assert!(get(&ds, "adt")[3].is_nan());
    assert_eq!(ds.get("adt").unwrap().attrs().get("units"), None);
    let strict = options().policy(DisagreementKind::Gap, Policy::Error);
    let error = combine_by_coords_with(&week(), &strict).unwrap_err().to_string();
    assert!(
        error.contains("6.nc: time: about 1 step of 1 day missing between 2015-01-05 and 2015-01-07"),
        "{error}"
    );
}

#[test]
fn another_packing_is_not_written_again() {
    let packed = |first: f64, scale: f64| {
        let mut v = var("x", vec![first]);
        v.encoding_mut().extend([("scale_factor".into(), scale.into()), ("zlib".into(), true.into())]);
        dataset(&[("v", v)], &[("x", var("x", vec![first]))])
    };
    let same = concat(&[packed(0.0, 0.1), packed(1.0, 0.1)], "x").unwrap();
    assert!(same.data_vars()["v"].encoding().contains_key("scale_factor"));
    let mixed = concat(&[packed(0.0, 0.1), packed(1.0, 0.2)], "x").unwrap();
    assert_eq!(mixed.data_vars()["v"].encoding().keys().collect::<Vec<_>>(), ["zlib"]);
}

#[test]
fn labels_out_of_order_are_sorted_on_request() {
    let part = |labels: Vec<f64>| on("v", labels.clone(), labels).to_dataset().unwrap();
    let files = [part(vec![3.0, 1.0]), part(vec![2.0, 6.0]), part(vec![8.0, 7.0, 7.0])];
    let sort = options()
        .policy(DisagreementKind::Unsorted, Policy::Convert)
        .policy(DisagreementKind::Overlap, Policy::Convert)
        .policy(DisagreementKind::Duplicate, Policy::First);
    let ds = combine_by_coords_with(&files, &sort).unwrap();
    assert_eq!(get(&ds, "v"), [8.0, 7.0, 6.0, 3.0, 2.0, 1.0]);
    assert_eq!(ds.coords().labels("x").unwrap().to_f64(), get(&ds, "v"));
    let error = combine_by_coords_with(&files, &options()).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      dataset 1: x: the labels increase, but in dataset 0 they decrease
      dataset 2: x: the label 7 is there twice
    ");
    // A long dataset is seen over the short ones that lie within it.
    let files = [part(vec![1.0, 9.0]), part(vec![2.0]), part(vec![4.0])];
    let error = combine_by_coords_with(&files, &options()).unwrap_err();
    assert_eq!(error.disagreements().len(), 2);
}

#[test]
fn files_of_other_variables_and_other_tiles_are_put_together() {
    let tile = |name: &str, x: f64, y: f64| {
        let data = Array::full(x + 10.0 * y, (1, 1), "auto").unwrap();
        let crs = ("crs", Variable::scalar(1i32).unwrap());
        dataset(
            &[(name, Variable::new(["y", "x"], data).unwrap()), crs],
            &[("y", var("y", vec![y])), ("x", var("x", vec![x]))],
        )
    };
    let mut tiles: Vec<Dataset> = Vec::new();
    for name in ["u", "v"] {
        for (x, y) in [(2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (2.0, 2.0)] {
            tiles.push(tile(name, x, y));
        }
    }
    let ds = graticule_dataset::combine_by_coords(&tiles).unwrap();
    assert_eq!(get(&ds, "u"), [11.0, 12.0, 21.0, 22.0]);
    assert_identical(&ds.get("u").unwrap().with_name("v"), &ds.get("v").unwrap()).unwrap();
    let error = graticule_dataset::combine_by_coords(&tiles[..3]).unwrap_err();
    insta::assert_snapshot!(error, @"datasets = 3 tiles along y and x is not possible: 4 tiles would fill the rectangle, and there is none for y 2, x 2; add what is missing, or combine along one dimension with `along`");
    let twice = [&tiles[..4], &tiles[1..2]].concat();
    let error = graticule_dataset::combine_by_coords(&twice).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      dataset 4: has the labels of dataset 1 along y and x; leave one out
    ");
    // One file that lacks the variable of the others is no file of another variable.
    let series = |name: &str, t: f64| on(name, vec![t], vec![t]).to_dataset().unwrap();
    let error = graticule_dataset::combine_by_coords(&[series("a", 1.0), series("a", 2.0), series("b", 3.0)]);
    assert_eq!(error.unwrap_err().disagreements()[0].kind, DisagreementKind::Missing);
}

#[test]
fn arrays_without_a_name_are_combined_too() {
    let part =
        |x: f64| DataArray::new(None, var("x", vec![x]), [("x".to_owned(), var("x", vec![x]))]).unwrap();
    let whole = graticule_dataset::combine_by_coords(&[part(2.0), part(1.0)]).unwrap();
    assert_eq!((values(&whole), whole.name()), (vec![1.0, 2.0], None));
    // A coordinate as an array has the name of its dimension.
    let x = whole.coord("x").unwrap();
    let twice = concat(&[x.clone(), x], "n").unwrap();
    assert_eq!((twice.dims().len(), twice.name()), (2, Some("x")));
}

#[test]
fn nothing_and_all_missing_are_concatenated() {
    let empty = on("v", vec![], vec![]);
    let gaps = on("v", vec![1.0], vec![f64::NAN]);
    let both = concat(&[&empty, &gaps, &empty], "x").unwrap();
    assert_eq!(both.shape(), [1]);
    assert_eq!(concat(&[&empty, &empty], "x").unwrap().shape(), [0]);
    assert_eq!(concat(&[&gaps], "x").unwrap().shape(), [1]);
    assert_eq!(merge(&[&gaps, &gaps]).unwrap().data_vars().len(), 1);
}

fn map(rows: usize, columns: usize) -> DataArray {
    let data = ndarray::Array2::from_shape_fn((rows, columns), |(y, x)| (y * 10 + x) as f64);
    let labels = |dim: &str, n: usize| (dim.to_owned(), var(dim, (0..n).map(|i| i as f64).collect()));
    let data = Array::from_array(data, (2, 3)).unwrap();
    DataArray::new(
        Some("v"),
        Variable::new(["y", "x"], data).unwrap(),
        [labels("y", rows), labels("x", columns)],
    )
    .unwrap()
}

fn pieces(len: usize, cuts: &[prop::sample::Index]) -> Vec<std::ops::Range<usize>> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| 1 + cut.index(len)).collect();
    ends.extend([0, len]);
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn tiles_in_any_order_are_the_whole(
        rows in 1..6usize, columns in 1..6usize,
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..3),
        turn in any::<prop::sample::Index>(),
    ) {
        let whole = map(rows, columns);
        let mut tiles = Vec::new();
        for y in pieces(rows, &cuts) {
            for x in pieces(columns, &cuts) {
                tiles.push(whole.isel("y", y.clone()).unwrap().isel("x", x).unwrap());
            }
        }
        let turn = turn.index(tiles.len());
        tiles.rotate_left(turn);
        let again = graticule_dataset::combine_by_coords(&tiles).unwrap();
        prop_assert!(again.identical(&whole).unwrap());
        let rows: Vec<Vec<DataArray>> = pieces(rows, &cuts).into_iter().map(|y| {
            pieces(columns, &cuts).into_iter()
                .map(|x| whole.isel("y", y.clone()).unwrap().isel("x", x).unwrap()).collect()
        }).collect();
        prop_assert!(combine_nested(rows, ["y", "x"]).unwrap().identical(&whole).unwrap());
    }

    #[test]
    fn merging_is_associative(
        known in proptest::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..12),
    ) {
        let part = |pick: fn(&(bool, bool, bool)) -> bool, extra: &str| {
            let values = known.iter().enumerate().map(|(i, k)| if pick(k) { i as f64 } else { f64::NAN });
            dataset(&[("v", var("x", values.collect())), (extra, Variable::scalar(1.0).unwrap())], &[])
        };
        let (a, b, c) = (part(|k| k.0, "a"), part(|k| k.1, "b"), part(|k| k.2, "c"));
        let options = Compat::NoConflicts;
        let left = a.merge_with(&b, options).unwrap().merge_with(&c, options).unwrap();
        let right = a.merge_with(&b.merge_with(&c, options).unwrap(), options).unwrap();
        prop_assert!(left.identical(&right).unwrap());
        prop_assert!(left.identical(&merge_with(&[&a, &b, &c], options).unwrap()).unwrap());
    }
}
