use graticule_dataset::{DataArray, Sel, Variable, s};

use crate::support::{on, values, year};

#[test]
fn a_position_leaves_its_label_behind() {
    let day = year().isel("time", 0).unwrap();
    assert_eq!(day.get("adt").unwrap().dims(), ["lat", "lon"]);
    let time = day.coord("time").unwrap();
    assert_eq!(time.dims().len(), 0);
    assert!(time.data().resident().is_some());
    assert!(!day.coords().is_index("time"));
}

#[test]
fn positions_select_data_and_labels_together() {
    let adt = year().get("adt").unwrap();
    let part = adt.isel("lon", s![1..10;4]).unwrap().isel("lat", [-1, 0]).unwrap().isel("time", 1).unwrap();
    assert_eq!(part.coords().labels("lon").unwrap().to_f64(), [3.75, 13.75, 23.75]);
    assert_eq!(part.coords().labels("lat").unwrap().to_f64(), [88.75, -88.75]);
    let row = |lat: f64| [1.0, 5.0, 9.0].map(|lon| 10_000.0 + lat * 144.0 + lon);
    assert_eq!(values(&part), [row(71.0), row(0.0)].concat());
}

#[test]
fn dates_select_days_and_months() {
    let ds = year();
    let march = ds.sel("time", "2015-03").unwrap();
    assert_eq!(march.size("time").unwrap(), 31);
    let spring = ds.sel("time", "2015-03"..="2015-05-15").unwrap();
    assert_eq!(spring.size("time").unwrap(), 31 + 30 + 15);
    let day = ds.sel("time", "2015-03-01").unwrap();
    let first = day.get("adt").unwrap().isel("lat", 0).unwrap().isel("lon", 0).unwrap();
    assert_eq!(first.item().unwrap(), 590_000.0);
    let error = ds.sel("time", "2016-03").unwrap_err();
    assert!(error.is_not_found());
    insta::assert_snapshot!(error, @r#"coordinate "time" has no label "2016-03"; nothing lies within it; its 365 labels run from 2015-01-01 to 2015-12-31"#);
}

#[test]
fn labels_select_boxes() {
    let adt = year().get("adt").unwrap();
    let tropics = adt.sel("lat", -30.0..=30.0).unwrap();
    assert_eq!(tropics.shape(), [365, 24, 144]);
    let point =
        adt.sel("lat", Sel::nearest(12.0)).unwrap().sel("lon", Sel::nearest(180.1).tolerance(1.25)).unwrap();
    assert_eq!(point.coord("lat").unwrap().item().unwrap(), 11.25);
    assert_eq!(point.coord("lon").unwrap().item().unwrap(), 181.25);
    let two = adt.sel("lat", [1.25, -1.25]).unwrap();
    assert_eq!(two.coords().labels("lat").unwrap().to_f64(), [1.25, -1.25]);
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let ds = year();
    let adt = ds.get("adt").unwrap();
    insta::assert_snapshot!(adt.isel("latitude", 0).unwrap_err(), @r#"there is no dimension "latitude"; the dimensions are time, lat, lon"#);
    insta::assert_snapshot!(adt.sel("lat", 12.0).unwrap_err(), @r#"coordinate "lat" has no label 12; the nearest is 11.25, its 72 labels run from -88.75 to 88.75; use Sel::nearest for the nearest label"#);
    insta::assert_snapshot!(adt.isel("time", 365).unwrap_err(), @r#"index 365 is outside dimension "time" of length 365; use -365 to 364"#);
    insta::assert_snapshot!(ds.get("adf").unwrap_err(), @r#"there is no variable "adf"; did you mean "adt"? The names are adt, time, lat, lon"#);
    let bare = DataArray::new(None, Variable::from_vec("x", vec![1.0]).unwrap(), []).unwrap();
    insta::assert_snapshot!(bare.sel("x", 1.0).unwrap_err(), @r#"dimension "x" has no coordinate to select by; use isel with positions, or add labels with assign_coords"#);
}

#[test]
fn a_dimension_can_come_and_go() {
    let adt = year().get("adt").unwrap().isel("time", 5).unwrap();
    let again = adt.expand_dims("time").unwrap();
    assert_eq!(again.dims(), ["time", "lat", "lon"]);
    assert!(again.coords().is_index("time"));
    assert_eq!(again.squeeze(()).unwrap().dims(), ["lat", "lon"]);
    assert!(again.squeeze("lat").unwrap_err().to_string().contains("only dimensions of length 1"));
    assert_eq!(again.transpose(["lon", "..."]).unwrap().shape(), [144, 1, 72]);
    assert!(again.transpose(["lon", "lat"]).is_err());
}

#[test]
fn many_labels_are_found_quickly_in_any_order() {
    let labels: Vec<f64> = (0..40_000).map(|i| f64::from((i * 7919) % 40_000)).collect();
    let x = on("x", labels.clone(), vec![1.0; 40_000]);
    let start = std::time::Instant::now();
    assert_eq!(x.sel("x", labels).unwrap().shape(), [40_000]);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn a_position_too_large_is_not_one_from_the_end() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![1.0; 3]);
    assert!(x.isel("x", usize::MAX).is_err());
    let all = x.isel("x", 0..usize::MAX);
    assert!(all.is_err() || all.unwrap().shape() == [3]);
}

#[test]
fn a_missing_bound_is_refused() {
    let x = on("x", vec![60.0, 0.0, -60.0], vec![1.0; 3]);
    let error = x.sel("x", f64::NAN..=5.0).unwrap_err().to_string();
    assert!(error.contains("bounds nothing"), "{error}");
}
