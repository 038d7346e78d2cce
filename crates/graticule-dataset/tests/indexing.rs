//! Selection beyond one position or label of one dimension. Answers are those of xarray 2026.9.

use graticule_array::{Array, Chunk, DType, Element};
use graticule_dataset::{
    Attrs, By, Closed, DataArray, Dataset, Idx, Intervals, Method, Nearest, NewDims, Positions, Sel,
    Tolerance, Variable, isel, sel,
};

use crate::support::{on, values};

/// 3 x 4, lazy, decreasing latitudes, with coordinates of all kinds.
pub(crate) fn map() -> DataArray {
    let data = ndarray::Array2::from_shape_fn((3, 4), |(i, j)| (i * 4 + j) as f64);
    let data = (&Array::from_array(data, (2, 2)).unwrap() * 1.0).unwrap();
    let text = |values: &[&str]| {
        values.iter().map(|v| std::sync::Arc::from(*v)).collect::<Vec<std::sync::Arc<str>>>()
    };
    let coords = [
        ("lat".to_owned(), Variable::from_vec("lat", vec![30.0, 20.0, 10.0]).unwrap()),
        ("lon".to_owned(), Variable::from_vec("lon", vec![0i64, 90, 180, 270]).unwrap()),
        ("area".to_owned(), Variable::new(["lat", "lon"], Array::ones((3, 4), (2, 2)).unwrap()).unwrap()),
        ("s".to_owned(), Variable::scalar(5).unwrap()),
        ("name".to_owned(), Variable::from_vec("lat", text(&["a", "b", "c"])).unwrap()),
    ];
    DataArray::new(Some("v"), Variable::new(["lat", "lon"], data).unwrap(), coords).unwrap()
}

pub(crate) fn along<T: Element>(dim: &str, values: Vec<T>) -> DataArray {
    DataArray::new(None, Variable::from_vec(dim, values).unwrap(), []).unwrap()
}

fn coord(array: &DataArray, name: &str) -> Vec<f64> {
    array.coords().get(name).unwrap().values().unwrap().to_f64()
}

#[test]
fn arrays_that_share_a_dimension_select_points() {
    let p = along("p", vec![0i64, 2])
        .assign_coords([
            ("p", Variable::from_vec("p", vec![70i64, 71]).unwrap()),
            ("who", Variable::from_vec("p", vec![7i64, 8]).unwrap()),
            ("lat", Variable::scalar(99.0).unwrap()),
        ])
        .unwrap();
    let q = along("p", vec![1i64, 3]);
    let points = map().isel_dims([("lat", &p), ("lon", &q)]).unwrap();
    assert_eq!(points.dims(), ["p"]);
    assert_eq!(values(&points), [1.0, 11.0]);
    assert_eq!(coord(&points, "lat"), [30.0, 10.0]);
    assert_eq!(coord(&points, "lon"), [90.0, 270.0]);
    assert_eq!(coord(&points, "who"), [7.0, 8.0]);
    assert!(points.coords().is_index("p"));
    assert!(!points.coords().is_index("lat"));
    assert_eq!(points.coords().get("area").unwrap().dims(), ["p"]);
    let other = q.assign_coords([("p", Variable::from_vec("p", vec![70i64, 72]).unwrap())]).unwrap();
    assert!(map().isel_dims([("lat", &p), ("lon", &other)]).unwrap_err().is_alignment());
}

#[test]
fn arrays_on_different_dimensions_select_orthogonally() {
    let (a, b) = (along("a", vec![0i64, 2]), along("b", vec![1i64, 3, 0]));
    let part = map().isel_dims([("lat", &a), ("lon", &b)]).unwrap();
    assert_eq!(part.dims(), ["a", "b"]);
    assert_eq!(values(&part), [1.0, 3.0, 0.0, 9.0, 11.0, 8.0]);
    assert_eq!(part.coords().get("name").unwrap().dims(), ["a"]);
    let lists = map().isel("lon", [2, 0, 1]).unwrap().isel("lat", [1, 0]).unwrap();
    assert_eq!(values(&lists), [6.0, 4.0, 5.0, 2.0, 0.0, 1.0]);
}

#[test]
fn positions_may_have_several_dimensions_or_one_that_is_there() {
    let square = Variable::from_array(["a", "b"], ndarray::arr2(&[[0i64, 2], [1, 1]])).unwrap();
    let square = DataArray::new(None, square, []).unwrap();
    let part = map().isel("lat", &square).unwrap();
    assert_eq!(part.dims(), ["a", "b", "lon"]);
    assert_eq!(values(&part)[4..8], [8.0, 9.0, 10.0, 11.0]);
    assert_eq!(part.coords().get("lat").unwrap().dims(), ["a", "b"]);
    assert_eq!(coord(&part, "lat"), [30.0, 10.0, 20.0, 20.0]);
    let both = map().isel_dims([("lat", &square), ("lon", &along("b", vec![0i64, 1]))]).unwrap();
    assert_eq!(both.dims(), ["a", "b"]);
    assert_eq!(values(&both), [0.0, 9.0, 4.0, 5.0]);
    let diagonal = map().isel("lat", &along("lon", vec![0i64, 2, 1, 1])).unwrap();
    assert_eq!(diagonal.dims(), ["lon"]);
    assert_eq!(values(&diagonal), [0.0, 9.0, 6.0, 7.0]);
    assert!(diagonal.coords().is_index("lon"));
    assert!(map().isel("lat", &along("lon", vec![0i64, 2])).is_err());
}

#[test]
fn points_stand_where_their_first_dimension_stood() {
    let (p, q) = (along("p", vec![0i64, 2]), along("p", vec![1i64, 3]));
    let cube = map().expand_dims([("t", 2)]).unwrap();
    assert_eq!(cube.isel_dims([("lat", &p), ("lon", &q)]).unwrap().dims(), ["t", "p"]);
    let cube = cube.transpose(["lat", "t", "lon"]).unwrap();
    let points = cube.isel_dims([("lat", &p), ("lon", &q)]).unwrap();
    assert_eq!(points.dims(), ["p", "t"]);
    assert_eq!(values(&points), [1.0, 1.0, 11.0, 11.0]);
}

#[test]
fn labels_select_points_with_a_method() {
    let (lat, lon) = (along("p", vec![29.0, 11.0]), along("p", vec![80.0, 100.0]));
    let nearest = |labels| Sel::from(labels).method(Method::Nearest);
    let points = map().sel_dims([("lat", nearest(&lat)), ("lon", nearest(&lon))]).unwrap();
    assert_eq!(values(&points), [1.0, 9.0]);
    assert_eq!(coord(&points, "lat"), [30.0, 10.0]);
    let near = nearest(&lat).tolerance(0.5);
    assert!(map().sel_dims([("lat", near)]).unwrap_err().is_not_found());
    let own = map().sel("lat", &map().coord("lat").unwrap().isel("lat", 0..2).unwrap()).unwrap();
    assert_eq!(values(&own), values(&map().isel("lat", 0..2).unwrap()));
}

#[test]
fn pad_and_backfill_follow_the_order_of_the_coordinate() {
    // pandas: the last label before the wanted one, which on decreasing labels is the larger.
    let pick = |sel: Sel| map().sel("lat", sel).unwrap().coord("lat").unwrap().item().unwrap();
    assert_eq!(pick(Sel::pad(14.0)), 20.0);
    assert_eq!(pick(Sel::backfill(14.0)), 10.0);
    assert_eq!(map().sel("lon", Sel::pad(100)).unwrap().coord("lon").unwrap().item().unwrap(), 90.0);
    let shuffled = map().isel("lat", [1, 0, 2]).unwrap();
    assert!(shuffled.sel("lat", Sel::pad(14.0)).unwrap_err().to_string().contains("use sortby first"));
}

#[test]
fn masks_select_where_they_hold() {
    assert_eq!(coord(&map().isel("lat", [true, false, true]).unwrap(), "lat"), [30.0, 10.0]);
    let mask = map().coord("lat").unwrap().gt(15.0).unwrap();
    assert_eq!(coord(&map().isel("lat", &mask).unwrap(), "lat"), [30.0, 20.0]);
    assert!(map().isel("lat", [true, false]).unwrap_err().to_string().contains("give a mask as long"));
    assert!(map().isel("lat", &along("k", vec![true, false, true])).is_err());
    assert!(map().isel("lat", &along("k", vec![0.5])).unwrap_err().to_string().contains("use sel"));
    assert_eq!(map().isel("lat", Positions::Mask(vec![false; 3])).unwrap().shape(), [0, 4]);
}

#[test]
fn parts_are_dropped_and_ends_are_taken() {
    let map = map();
    assert_eq!(coord(&map.drop_sel("lat", [30.0]).unwrap(), "lat"), [20.0, 10.0]);
    assert!(map.drop_sel("lat", [31.0]).unwrap_err().is_not_found());
    assert_eq!(coord(&map.drop_isel("lat", [0, -1]).unwrap(), "lat"), [20.0]);
    assert_eq!(map.head(2).unwrap().shape(), [2, 2]);
    assert_eq!(map.head(()).unwrap().shape(), [3, 4]);
    assert_eq!(map.head([("lat", 1)]).unwrap().shape(), [1, 4]);
    assert_eq!(map.tail([("lat", 0)]).unwrap().shape(), [0, 4]);
    assert_eq!(coord(&map.tail([("lat", 2)]).unwrap(), "lat"), [20.0, 10.0]);
    assert_eq!(map.thin(2).unwrap().shape(), [2, 2]);
    assert!(map.thin([("lat", 0)]).is_err());
    let first = map.isel_drop("lat", 0).unwrap();
    assert_eq!(first.coords().names().collect::<Vec<_>>(), ["lon", "area", "s"]);
}

#[test]
fn where_can_drop_what_is_false_everywhere() {
    let map = map();
    let north = map.where_drop(map.coord("lat").unwrap().gt(10.0)).unwrap();
    assert_eq!((north.shape(), coord(&north, "lat")), ([2, 4].as_slice(), vec![30.0, 20.0]));
    let cond = map.gt(4.0).unwrap().and_(map.lt(7.0)).unwrap();
    assert_eq!(values(&map.where_drop(&cond).unwrap()), [5.0, 6.0]);
    assert_eq!(map.where_drop(map.gt(100.0)).unwrap().shape(), [0, 0]);
    let other = map.where_else_drop(map.gt(5.0), -1.0).unwrap();
    assert_eq!(values(&other), [-1.0, -1.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
}

#[test]
fn where_with_a_value_keeps_the_dtype() {
    let big = (1i64 << 53) + 1;
    let x = along("x", vec![big, 1]);
    let kept = x.where_else(x.gt(2), -1).unwrap();
    assert_eq!(kept.values::<i64>().unwrap().into_raw_vec_and_offset().0, [big, -1]);
    assert_eq!(x.where_else(x.gt(2), -1.5).unwrap().dtype(), DType::F64);
    assert_eq!(along("x", vec![1i32, 5]).where_else(x.gt(2), 7).unwrap().dtype(), DType::I32);
    assert_eq!(along("x", vec![true]).where_else(true, false).unwrap().dtype(), DType::Bool);
    assert_eq!(along("x", vec![1i8]).where_(true).unwrap().dtype(), DType::F32);
    assert!(along("x", vec![1i16]).where_else(true, 70_000).is_err());
}

#[test]
fn membership_is_asked_of_values() {
    let map = map();
    let found = map.isin([1.0, 2.0]).unwrap();
    assert_eq!((found.name(), found.sum(()).unwrap().item().unwrap()), (Some("v"), 2.0));
    assert_eq!(map.isin(&along("k", vec![1i64, 99])).unwrap().sum(()).unwrap().item().unwrap(), 1.0);
    assert_eq!(
        map.where_(map.gt(3.0)).unwrap().isin([f64::NAN]).unwrap().sum(()).unwrap().item().unwrap(),
        0.0
    );
    assert_eq!(map.coord("name").unwrap().isin(["a", "z"]).unwrap().sum(()).unwrap().item().unwrap(), 1.0);
}

#[test]
fn extremes_have_positions_and_labels() {
    let map = map();
    let at = map.argmax_dims(["lon", "lat"]).unwrap();
    assert_eq!(at.keys().collect::<Vec<_>>(), ["lon", "lat"]);
    assert_eq!((at["lat"].item().unwrap(), at["lon"].item().unwrap()), (2.0, 3.0));
    assert_eq!(map.isel_dims(&at).unwrap().item().unwrap(), 11.0);
    let best = map.idxmax("lat").unwrap();
    assert_eq!((best.name(), values(&best)), (Some("lat"), vec![10.0; 4]));
    let holes = map.where_(map.coord("lon").unwrap().gt(0)).unwrap();
    let best = values(&holes.idxmax("lat").unwrap());
    assert!(best[0].is_nan() && best[1..] == [10.0; 3]);
    assert_eq!(
        values(&holes.idxmax_with("lat", &Idx::default().fill_value(-9)).unwrap()),
        [-9.0, 10.0, 10.0, 10.0]
    );
    let gaps = map.where_(map.gt(3.0)).unwrap();
    assert_eq!(values(&gaps.idxmax_with("lat", &Idx::default().skipna(false)).unwrap()), [30.0; 4]);
    // Integers cannot be missing, so their labels stay integers.
    let ints =
        along("x", vec![3i64, 1]).assign_coords([("x", Variable::from_vec("x", vec![5i64, 6]).unwrap())]);
    let least = ints.unwrap().idxmin("x").unwrap();
    assert_eq!((least.dtype(), least.item().unwrap()), (DType::I64, 6.0));
    assert!(along("x", vec![1.0]).idxmin("x").unwrap_err().to_string().contains("has no labels"));
    let empty = holes.argmax_dims("lat").unwrap();
    assert_eq!(values(&empty["lat"])[0], -1.0);
}

#[test]
fn longitudes_lie_on_a_circle() {
    let lon = on("v", (0..8).map(|i| f64::from(i) * 45.0).collect(), (0..8).map(f64::from).collect());
    let sel = |sel: Sel| values(&lon.sel("x", sel.period(360.0)).unwrap());
    assert_eq!(sel((170.0..=-80.0).into()), [4.0, 5.0, 6.0]);
    assert_eq!(sel((-50.0..=50.0).into()), [7.0, 0.0, 1.0]);
    assert_eq!(sel((-180.0..=180.0).into()).len(), 8);
    assert_eq!(sel((-45.0).into()), [7.0]);
    assert_eq!(sel([360.0, -360.0].into()), [0.0, 0.0]);
    assert_eq!(sel(Sel::nearest(-20.0)), [0.0]);
    assert_eq!(sel(Sel::pad(359.0)), [7.0]);
    assert_eq!(sel(Sel::backfill(359.0)), [0.0]);
    assert!(lon.sel("x", Sel::from(10.0).period(360.0)).unwrap_err().is_not_found());
    assert!(lon.sel("x", Sel::nearest(20.0).tolerance(1.0).period(360.0)).is_err());
    assert!(lon.sel("x", Sel::from(..=10.0).period(360.0)).is_err());
    let wrapped = lon.wrap("x", -180.0..180.0).unwrap();
    assert_eq!(coord(&wrapped, "x"), [-180.0, -135.0, -90.0, -45.0, 0.0, 45.0, 90.0, 135.0]);
    assert_eq!(values(&wrapped), [4.0, 5.0, 6.0, 7.0, 0.0, 1.0, 2.0, 3.0]);
    assert_eq!(values(&wrapped.wrap("x", 0.0..360.0).unwrap()), values(&lon));
    let cyclic = on("v", vec![0.0, 180.0, 360.0], vec![1.0; 3]);
    assert!(cyclic.wrap("x", 0.0..360.0).unwrap_err().to_string().contains("the label 0 2 times"));
}

#[test]
fn texts_of_intervals_are_found_by_what_lies_in_them() {
    let bins = Intervals::from_edges(&[0.0, 15.0, 40.0], Closed::Right).unwrap();
    let labels: Vec<std::sync::Arc<str>> = bins.labels().iter().map(|text| text.as_str().into()).collect();
    let binned = along("lat_bins", vec![1.0, 2.0]);
    let binned =
        binned.assign_coords([("lat_bins", Variable::from_vec("lat_bins", labels).unwrap())]).unwrap();
    assert_eq!(binned.sel("lat_bins", 15.0).unwrap().item().unwrap(), 1.0);
    assert_eq!(binned.sel("lat_bins", "(15.0, 40.0]").unwrap().item().unwrap(), 2.0);
    assert_eq!(values(&binned.sel("lat_bins", [20.0, 3.0]).unwrap()), [2.0, 1.0]);
    insta::assert_snapshot!(binned.sel("lat_bins", 100.0).unwrap_err(), @r#"coordinate "lat_bins" has no label 100; no interval holds it; there are 2 of them: (0.0, 15.0] (15.0, 40.0]"#);
}

#[test]
fn points_of_a_curved_grid_are_found_on_the_sphere() {
    let (ny, nx) = (30, 40);
    let lat = ndarray::Array2::from_shape_fn((ny, nx), |(j, i)| -87.0 + 6.0 * j as f64 + 0.02 * i as f64);
    let lon = ndarray::Array2::from_shape_fn((ny, nx), |(j, i)| 9.0 * i as f64 + 0.1 * j as f64);
    let data = ndarray::Array2::from_shape_fn((ny, nx), |(j, i)| (j * 100 + i) as f64);
    let grid = |values: &ndarray::Array2<f64>| {
        Variable::new(["y", "x"], Array::from_array(values.clone(), (7, 9)).unwrap()).unwrap()
    };
    let coords = [("lat".to_owned(), grid(&lat)), ("lon".to_owned(), grid(&lon))];
    let grid = DataArray::new(Some("t"), grid(&data), coords).unwrap().expand_dims([("time", 2)]).unwrap();
    let places = [(-89.9, 12.0), (0.0, 359.9), (45.2, -170.0), (88.0, 200.0)];
    let lats = along("ship", places.map(|(lat, _)| lat).to_vec());
    let lons = along("ship", places.map(|(_, lon)| lon).to_vec());
    let found = grid.sel_nearest("lat", "lon", &Nearest::to(&lats, &lons)).unwrap();
    assert_eq!(found.dims(), ["time", "ship"]);
    // By brute force over all points, with the haversine formula.
    let distance = |a: (f64, f64), b: (f64, f64)| {
        let ((p, l), (q, m)) = ((a.0.to_radians(), a.1.to_radians()), (b.0.to_radians(), b.1.to_radians()));
        let h = ((q - p) / 2.0).sin().powi(2) + p.cos() * q.cos() * ((m - l) / 2.0).sin().powi(2);
        2.0 * h.sqrt().asin() * 6_371_008.8
    };
    let distances = coord(&found, "distance");
    for (i, place) in places.into_iter().enumerate() {
        let points = lat.iter().zip(&lon).zip(&data);
        let nearest = points.map(|((a, b), value)| (distance(place, (*a, *b)), *value));
        let nearest = nearest.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert_eq!(values(&found)[i], nearest.1);
        assert!((distances[i] - nearest.0).abs() < 1e-3, "{} {}", distances[i], nearest.0);
    }
    let far = Nearest::to_point(3.0, 4.5).unwrap().max_distance(1_000.0);
    assert!(grid.sel_nearest("lat", "lon", &far).unwrap_err().is_not_found());
    assert!(grid.sel_nearest("lat", "lon", &Nearest::to_point(95.0, 0.0).unwrap()).is_err());
    assert!(grid.sel_nearest("lat", "depth", &Nearest::to_point(5.0, 0.0).unwrap()).is_err());
}

#[test]
fn data_are_sorted_by_several_keys_and_backwards() {
    let lat = |array: DataArray| coord(&array, "lat");
    let keyed = map().assign_coords([("k", Variable::from_vec("lat", vec![1i64, 1, 0]).unwrap())]).unwrap();
    assert_eq!(lat(keyed.sortby("lat").unwrap()), [10.0, 20.0, 30.0]);
    assert_eq!(lat(keyed.sortby(["k", "lat"]).unwrap()), [10.0, 20.0, 30.0]);
    assert_eq!(lat(keyed.sortby(By::from(["k", "lat"]).descending()).unwrap()), [30.0, 20.0, 10.0]);
    let stable = along("x", vec![0i64, 1, 2, 3, 4]);
    let stable =
        stable.assign_coords([("k", Variable::from_vec("x", vec![1.0, f64::NAN, 0.0, 2.0, 1.0]).unwrap())]);
    let stable = stable.unwrap();
    assert_eq!(values(&stable.sortby("k").unwrap()), [2.0, 0.0, 4.0, 3.0, 1.0]);
    assert_eq!(values(&stable.sortby(By::from("k").descending()).unwrap()), [1.0, 3.0, 4.0, 0.0, 2.0]);
    let partial = on("k", vec![10.0, 20.0], vec![3.0, 1.0]).rename([("x", "lat")]).unwrap();
    assert_eq!(lat(map().sortby(&partial).unwrap()), [20.0, 10.0, 30.0]);
    let both = map().sortby(By::from("lat").then("lon").descending()).unwrap();
    assert_eq!(coord(&both, "lon"), [270.0, 180.0, 90.0, 0.0]);
    assert!(map().sortby("area").unwrap_err().to_string().contains("one dimension"));
    assert!(map().sortby("areas").unwrap_err().is_not_found());
    let ds = Dataset::new([("b".into(), Variable::from_vec("x", vec![2i64, 1]).unwrap())], [], Attrs::new())
        .unwrap();
    assert_eq!(values(&ds.sortby("b").unwrap().get("b").unwrap()), [1.0, 2.0]);
}

#[test]
fn empty_and_single_dimensions_can_be_selected_from() {
    let empty = on("v", vec![], vec![]);
    assert_eq!(empty.isel("x", &along("p", Vec::<i64>::new())).unwrap().shape(), [0]);
    assert_eq!(empty.head(3).unwrap().shape(), [0]);
    assert_eq!(empty.sortby("x").unwrap().shape(), [0]);
    assert!(empty.isel("x", &along("p", vec![0i64])).is_err());
    let one = on("v", vec![3.0], vec![7.0]);
    assert_eq!(one.sel("x", &along("p", vec![3.0, 3.0])).unwrap().shape(), [2]);
    assert_eq!(one.thin(5).unwrap().shape(), [1]);
}

#[test]
fn a_tolerance_fits_the_labels() {
    assert!(map().sel("lat", Sel::nearest(20.0).tolerance(Tolerance::Ulps(1))).is_ok());
    let error =
        map().sel("lat", Sel::nearest(20.0).tolerance(std::time::Duration::from_secs(1))).unwrap_err();
    assert!(error.to_string().contains("give a number"), "{error}");
    let chunk = Chunk::new(vec![1], vec![0.1f32]).unwrap();
    let short =
        along("x", vec![1.0]).assign_coords([("x", Variable::from_chunk(["x"], chunk).unwrap())]).unwrap();
    assert_eq!(short.sel("x", 0.1).unwrap().item().unwrap(), 1.0);
}

#[test]
fn labels_that_are_not_there_need_not_be_dropped() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]);
    assert!(x.drop_sel("x", [2.0, 9.0]).is_err());
    assert_eq!(values(&x.drop_sel_if_present("x", [2.0, 9.0]).unwrap()), [10.0, 30.0]);
    assert_eq!(x.drop_sel_if_present("x", [9.0]).unwrap().shape(), [3]);
    assert_eq!(
        values(&x.drop_sel_if_present("x", &on("w", vec![0.0, 1.0], vec![3.0, 8.0])).unwrap()),
        [10.0, 20.0]
    );
    assert_eq!(values(&x.drop_sel_if_present("x", 2.0..=3.0).unwrap()), [10.0]);
    assert!(x.drop_sel_if_present("z", [2.0]).is_err());
}

#[test]
fn several_dimensions_are_selected_as_one_writes_keywords() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]);
    let rows = x.expand_dims(NewDims::labels("a row", ["north", "south"])).unwrap();
    let one = sel!(rows, x = 2.0..=3.0, "a row" = "south").unwrap();
    assert_eq!(values(&one), [20.0, 30.0]);
    assert_eq!(values(&isel!(rows, x = [-1, 0], "a row" = 0).unwrap()), [30.0, 10.0]);
    assert!(sel!(rows, y = 2.0).unwrap_err().to_string().contains("there is no dimension \"y\""));
}
