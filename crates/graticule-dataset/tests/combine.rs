use graticule_array::{Array, DType};
use graticule_dataset::{
    Attrs, CombineOptions, Compat, Dataset, DisagreementKind, Join, Variable, combine_by_coords,
    combine_by_coords_with, concat,
};

use crate::support::{DAY_2015, attrs, days, values, year};

/// A file of one or more days with a map, a scalar and bounds that never vary.
fn file(first: i64, count: i64) -> Dataset {
    let map = (&Array::full(first as f64, (count as usize, 2), "auto").unwrap() * 1.0).unwrap();
    let adt = Variable::new(["time", "lat"], map).unwrap().with_attrs(attrs(&[("units", "m")]));
    let bounds = Variable::from_array(["lat", "nv"], ndarray::arr2(&[[0.0, 1.0], [1.0, 2.0]])).unwrap();
    let coords = [
        ("time".to_owned(), days(DAY_2015 + first, count)),
        ("lat".to_owned(), Variable::from_vec("lat", vec![0.5f32, 1.5]).unwrap()),
    ];
    let vars = [
        ("crs".to_owned(), Variable::scalar(0i32).unwrap()),
        ("lat_bnds".to_owned(), bounds),
        ("adt".to_owned(), adt),
    ];
    Dataset::new(vars, coords, attrs(&[("history", &format!("day {first}"))])).unwrap()
}

fn named(files: Vec<Dataset>) -> Vec<(String, Dataset)> {
    files.into_iter().enumerate().map(|(i, ds)| (format!("{i}.nc"), ds)).collect()
}

fn combined(files: Vec<Dataset>) -> graticule_dataset::Result<Dataset> {
    combine_by_coords(&named(files))
}

#[test]
fn files_in_any_order_become_one_series() {
    let ds = combined(vec![file(3, 2), file(0, 1), file(1, 2)]).unwrap();
    assert_eq!(ds.size("time").unwrap(), 5);
    assert_eq!(values(&ds.get("adt").unwrap().isel("lat", 0).unwrap()), [0.0, 1.0, 1.0, 3.0, 3.0]);
    let labels = ds.coords().labels("time").unwrap().as_slice::<i64>().unwrap().to_vec();
    assert!(labels.is_sorted());
    // What does not vary is there once, and the first in order says what is said of all.
    assert_eq!(ds.get("lat_bnds").unwrap().dims(), ["lat", "nv"]);
    assert_eq!(ds.attrs().get("history").unwrap().as_str(), Some("day 0"));
    assert_eq!(ds.data_vars().keys().collect::<Vec<_>>(), ["crs", "lat_bnds", "adt"]);
}

#[test]
fn decreasing_labels_stay_decreasing() {
    let part = |labels: Vec<f64>| {
        let v = Variable::from_vec("z", labels.clone()).unwrap();
        Dataset::new([("v".to_owned(), v.clone().with_attrs(Attrs::new()))], [], Attrs::new())
            .unwrap()
            .assign_coords([("z", Variable::from_vec("z", labels).unwrap())])
            .unwrap()
    };
    let ds = combined(vec![part(vec![2.0, 1.0]), part(vec![4.0, 3.0])]).unwrap();
    assert_eq!(ds.coords().labels("z").unwrap().to_f64(), [4.0, 3.0, 2.0, 1.0]);
    let error = combined(vec![part(vec![2.0, 1.0]), part(vec![3.0, 4.0])]).unwrap_err().to_string();
    assert!(error.contains("the labels increase, but in 0.nc they decrease"), "{error}");
}

#[test]
fn duplicates_and_overlaps_are_named() {
    let error = combined(vec![file(0, 2), file(1, 1), file(5, 1)]).unwrap_err();
    assert_eq!(error.disagreements()[0].kind, DisagreementKind::Duplicate);
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      1.nc: time: the label 2015-01-02 is also in 0.nc; leave one out
    ");
    let gap = |ds: Dataset| ds.isel("time", [0, 2]).unwrap();
    let error = combined(vec![gap(file(0, 3)), file(1, 1)]).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      1.nc: time: the labels 2015-01-02 to 2015-01-02 overlap with 2015-01-01 to 2015-01-03 in 0.nc; select so that one comes before the other
    ");
    let error = combined(vec![file(0, 1), file(0, 1)]).unwrap_err().to_string();
    assert!(error.contains("no dimension has labels that differ"), "{error}");
}

#[test]
fn all_disagreements_are_reported_at_once() {
    let moved = |ds: Dataset| {
        ds.assign_coords([("lat", Variable::from_vec("lat", vec![0.5f32, 1.625]).unwrap())]).unwrap()
    };
    let mut centimetres = file(2, 1);
    let adt = centimetres.data_vars()["adt"].clone().with_attrs(attrs(&[("units", "cm")]));
    centimetres = centimetres.assign([("adt", adt)]).unwrap();
    let without = file(3, 1).drop_vars(["crs"]).unwrap();
    let extra = file(4, 1).assign([("sla", Variable::scalar(1.0).unwrap())]).unwrap();
    let short = file(5, 1).isel("lat", ..1).unwrap();
    let error =
        combined(vec![file(0, 1), moved(file(1, 1)), centimetres, without, extra, short]).unwrap_err();
    assert!(error.is_combine());
    insta::assert_snapshot!(error, @r#"
    the datasets do not combine:
      1.nc: lat: differs from 0.nc first at position 1 (1.625 instead of 1.5), by at most 1.25e-1
      2.nc: adt: has units "cm", but in 0.nc units "m"
      3.nc: crs: is missing here, but 0.nc has it
      4.nc: sla: is here, but 0.nc lacks it
      5.nc: lat: has 1 labels, but 0.nc has 2
    "#);
}

#[test]
fn of_two_dimensions_that_differ_time_is_the_one_meant() {
    let lat_first = |ds: Dataset, lat: Vec<f64>| {
        let coords = [
            ("lat".to_owned(), Variable::from_vec("lat", lat).unwrap()),
            ("time".to_owned(), ds.coords().get("time").unwrap().clone()),
        ];
        Dataset::new([("adt".to_owned(), ds.data_vars()["adt"].clone())], coords, Attrs::new()).unwrap()
    };
    let error =
        combined(vec![lat_first(file(0, 1), vec![0.5, 1.5]), lat_first(file(1, 1), vec![0.5, 1.500001])])
            .unwrap_err();
    insta::assert_snapshot!(error, @r"
    the datasets do not combine:
      1.nc: lat: differs from 0.nc first at position 1 (1.500001 instead of 1.5), by at most 1e-6
    ");
}

#[test]
fn what_should_not_vary_is_compared_unless_overridden() {
    let other = file(1, 1).assign([("crs", Variable::scalar(7i32).unwrap())]).unwrap();
    let files = named(vec![file(0, 1), other]);
    let error = combine_by_coords(&files).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the datasets do not combine:
      1.nc: crs: differs from 0.nc, which is left here: left 0, right 7; data_vars(ConcatVars::Different) keeps each along "time", Compat::Override takes the first
    "#);
    let options = CombineOptions::new().compat(Compat::Override);
    assert_eq!(combine_by_coords_with(&files, &options).unwrap().get("crs").unwrap().item().unwrap(), 0.0);
}

#[test]
fn lazy_constants_are_compared_by_value() {
    let lazy = |ds: Dataset, value: f64| {
        let mask = (&Array::ones(2, "auto").unwrap() * value).unwrap();
        let big = (&Array::full(f64::NAN, (400, 400), (100, 100)).unwrap() * value).unwrap();
        ds.assign([
            ("mask", Variable::new(["lat"], mask).unwrap()),
            ("big", Variable::new(["p", "q"], big).unwrap()),
        ])
        .unwrap()
    };
    // 1 * 6 and 1 * 6.0 differ as expressions only where the values do, so one side is computed another way.
    let same = file(1, 1).assign([
        ("mask", Variable::from_vec("lat", vec![6.0, 6.0]).unwrap()),
        (
            "big",
            Variable::new(
                ["p", "q"],
                (&Array::full(f64::NAN, (400, 400), (50, 100)).unwrap() * 2.0).unwrap(),
            )
            .unwrap(),
        ),
    ]);
    assert!(combined(vec![lazy(file(0, 1), 6.0), same.unwrap()]).is_ok());
    let error = combined(vec![lazy(file(0, 1), 6.0), lazy(file(1, 1), 7.0)]).unwrap_err();
    assert_eq!(error.disagreements().len(), 1);
    assert_eq!(error.disagreements()[0].variable, "mask");
}

#[test]
fn dtypes_are_promoted_and_labels_joined_on_request() {
    let single = file(1, 1);
    let adt = single.data_vars()["adt"].clone();
    let adt = adt.with_data(adt.data().astype(DType::F32).unwrap()).unwrap();
    let ds = combined(vec![single.assign([("adt", adt)]).unwrap(), file(0, 1)]).unwrap();
    assert_eq!(ds.get("adt").unwrap().dtype(), DType::F64);
    let short = file(1, 1).isel("lat", 1..).unwrap();
    let options = CombineOptions::new().join(Join::Inner);
    let ds = combine_by_coords_with(&named(vec![file(0, 1), short]), &options).unwrap();
    assert_eq!(ds.coords().labels("lat").unwrap().to_f64(), [1.5]);
    assert_eq!(ds.get("adt").unwrap().shape(), [2, 1]);
}

#[test]
fn a_new_dimension_stacks() {
    let maps: Vec<Dataset> = (0..3).map(|day| year().isel("time", day).unwrap()).collect();
    let ds = concat(&maps, "time").unwrap();
    assert_eq!(ds.get("adt").unwrap().dims(), ["time", "lat", "lon"]);
    assert!(ds.coords().is_index("time"));
    let runs = concat(&[file(0, 1), file(0, 1)], "run").unwrap();
    assert_eq!(runs.get("adt").unwrap().dims(), ["run", "time", "lat"]);
    assert!(concat::<Dataset>(&[], "time").is_err());
}

#[test]
fn ten_thousand_files_are_put_together_quickly() {
    let files: Vec<Dataset> = (0..10_000).rev().map(|day| file(day, 1)).collect();
    let start = std::time::Instant::now();
    let ds = combined(files).unwrap();
    assert_eq!(ds.size("time").unwrap(), 10_000);
    assert!(start.elapsed().as_secs() < 5, "took {:?}", start.elapsed());
}

#[test]
fn tiles_along_two_dimensions_become_a_map() {
    let tile = |x: f64, y: f64| {
        let data = Variable::new(["y", "x"], Array::full(x + 10.0 * y, (1, 1), "auto").unwrap()).unwrap();
        let labels = [("x", x), ("y", y)]
            .map(|(dim, label)| (dim.to_string(), Variable::from_vec(dim, vec![label]).unwrap()));
        let name = format!("{x}-{y}.nc");
        (name, Dataset::new([("v".to_string(), data)], labels, Attrs::new()).unwrap())
    };
    let tiles = [tile(0.0, 0.0), tile(0.0, 1.0), tile(1.0, 0.0), tile(1.0, 1.0)];
    let map = combine_by_coords(&tiles).unwrap();
    assert_eq!(map.get("v").unwrap().dims(), ["y", "x"]);
    assert_eq!(map.get("v").unwrap().shape(), [2, 2]);
    assert_eq!(values(&map.get("v").unwrap()), [0.0, 1.0, 10.0, 11.0]);
}
