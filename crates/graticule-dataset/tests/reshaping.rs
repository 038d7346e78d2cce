//! Stacking, indexes, names and dimensions. Answers are those of xarray 2026.9.

use graticule_array::{Array, DType};
use graticule_dataset::{Attrs, DataArray, Dataset, Join, NewDims, Variable, align};

use crate::indexing::{along, map};
use crate::support::values;

fn coord(array: &DataArray, name: &str) -> Vec<f64> {
    array.coords().get(name).unwrap().values().unwrap().to_f64()
}

fn names(array: &DataArray) -> Vec<&str> {
    array.coords().names().collect()
}

/// Four observations with two labels each.
fn points() -> DataArray {
    let text: Vec<std::sync::Arc<str>> = ["y", "x", "x", "y"].map(Into::into).to_vec();
    along("p", vec![0.0, 1.0, 2.0, 3.0])
        .assign_coords([
            ("a", Variable::from_vec("p", vec![2i64, 1, 2, 1]).unwrap()),
            ("b", Variable::from_vec("p", text).unwrap()),
            ("c", Variable::from_vec("p", vec![1.0, 2.0, 3.0, 4.0]).unwrap()),
        ])
        .unwrap()
}

#[test]
fn stacking_makes_levels_of_labels() {
    let stacked = map().stack("z", ["lat", "lon"]).unwrap();
    assert_eq!((stacked.dims(), stacked.shape()), (["z".into()].as_slice(), [12].as_slice()));
    assert_eq!(values(&stacked), (0..12).map(f64::from).collect::<Vec<_>>());
    assert_eq!(coord(&stacked, "lat")[3..5], [30.0, 20.0]);
    assert_eq!(coord(&stacked, "lon")[3..5], [270.0, 0.0]);
    assert_eq!(stacked.coords().index_names("z"), ["lat", "lon"]);
    assert_eq!(stacked.coords().get("area").unwrap().dims(), ["z"]);
    assert_eq!(stacked.coords().get("name").unwrap().dims(), ["z"]);
    let one = map().stack("z", ["lon"]).unwrap();
    assert_eq!(
        (one.dims(), one.coords().index_names("z")),
        (["lat".into(), "z".into()].as_slice(), vec!["lon"])
    );
    let other = map().stack("z", ["lon", "lat"]).unwrap();
    assert_eq!(values(&other)[..4], [0.0, 4.0, 8.0, 1.0]);
    let bare =
        DataArray::new(None, Variable::new(["x", "y"], Array::ones((2, 3), "auto").unwrap()).unwrap(), []);
    let bare = bare.unwrap().stack("z", ["..."]).unwrap();
    assert_eq!(coord(&bare, "y"), [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    assert!(map().stack("s", ["lat", "lon"]).is_err());
    assert!(map().stack("z", ["lat", "depth"]).is_err());
    assert!(stacked.stack("k", ["z"]).is_err());
    assert_eq!(stacked.std("z",).unwrap().item().unwrap(), map().std(()).unwrap().item().unwrap());
}

#[test]
fn a_multi_index_is_shown() {
    insta::assert_snapshot!(map().stack("z", ["lat", "lon"]).unwrap().compute().unwrap(), @r"
    <graticule.DataArray 'v' (z: 12)> Size: 96B
    array([ 0.0,  1.0,  2.0,  3.0,  4.0,  5.0,  6.0,  7.0,  8.0,  9.0, 10.0, 11.0])
    Coordinates:
        area     (z) float64 96B 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
        s        int64 8B 5
        name     (z) str 192B 'a' 'a' 'a' 'a' 'b' 'b' 'b' 'b' 'c' 'c' 'c' 'c'
      * lat      (z) float64 96B 30.0 30.0 30.0 30.0 20.0 ... 10.0 10.0 10.0 10.0
      * lon      (z) int64 96B 0 90 180 270 0 90 180 270 0 90 180 270
      * z        (z) MultiIndex: lat, lon
    ");
}

#[test]
fn levels_select() {
    let stacked = map().stack("z", ["lat", "lon"]).unwrap();
    let row = stacked.sel("lat", 20.0).unwrap();
    assert_eq!((row.dims(), values(&row)), (["lon".into()].as_slice(), vec![4.0, 5.0, 6.0, 7.0]));
    assert!(row.coords().is_index("lon"));
    assert_eq!(coord(&row, "lat"), [20.0]);
    let cell = row.sel("lon", 90).unwrap();
    assert_eq!((cell.item().unwrap(), coord(&cell, "lon")), (5.0, vec![90.0]));
    assert_eq!(stacked.sel_dims([("lat", 20.0), ("lon", 90.0)]).unwrap().item().unwrap(), 5.0);
    let rows = stacked.sel("lat", 30.0..=20.0).unwrap();
    assert_eq!((rows.dims(), rows.shape()), (["z".into()].as_slice(), [8].as_slice()));
    assert_eq!(values(&stacked.sel("lat", [30.0, 10.0]).unwrap()).len(), 8);
    assert_eq!(stacked.drop_sel("lat", 30.0).unwrap().shape(), [8]);
    assert!(stacked.sel("lat", 21.0).unwrap_err().to_string().contains("the nearest is 20"));
    assert!(stacked.sel("z", 1).unwrap_err().to_string().contains("select by one of its levels: lat, lon"));
}

#[test]
fn unstacking_lays_out_levels() {
    let stacked = map().stack("z", ["lat", "lon"]).unwrap();
    let back = stacked.unstack("z").unwrap();
    assert_eq!((back.dims(), values(&back)), (map().dims(), values(&map())));
    assert!(back.coords().is_index("lat") && back.coords().is_index("lon"));
    // Labels that no row has any more are left out; the others stay in their order.
    let part = stacked.isel("z", [1, 2, 6, 9]).unwrap();
    let filled = part.unstack_with("z", -1).unwrap();
    assert_eq!(values(&filled), [1.0, 2.0, -1.0, 6.0, 9.0, -1.0]);
    assert_eq!((coord(&filled, "lat"), coord(&filled, "lon")), (vec![30.0, 20.0, 10.0], vec![90.0, 180.0]));
    let holes = part.unstack(()).unwrap();
    assert!(values(&holes)[2].is_nan() && coord(&holes, "area")[2].is_nan());
    let late = stacked.isel("z", [1, 4, 5]).unwrap().unstack("z").unwrap();
    assert_eq!(coord(&late, "lon"), [0.0, 90.0]);
    insta::assert_snapshot!(stacked.isel("z", [1, 1]).unwrap().unstack("z").unwrap_err(), @r#"coordinate "z" has the label (30, 90) 2 times; each combination of labels may occur once; drop the others first"#);
    assert!(map().unstack("lat").unwrap_err().to_string().contains("has no multi-index"));
    let cube = map().expand_dims([("t", 2)]).unwrap().stack("z", ["lat", "t"]).unwrap();
    assert_eq!(cube.unstack("z").unwrap().dims(), ["lon", "lat", "t"]);
}

#[test]
fn a_dataset_is_stacked_over_all_dimensions_named() {
    let ds = map().to_dataset().unwrap();
    let b = map().isel_drop("lon", 0).unwrap().variable().clone();
    let ds = ds
        .assign([("b", b), ("c", Variable::scalar(1.0).unwrap())])
        .unwrap()
        .stack("z", ["lat", "lon"])
        .unwrap();
    assert_eq!(values(&ds.get("b").unwrap())[3..5], [0.0, 4.0]);
    assert_eq!(ds.get("c").unwrap().dims().len(), 0);
    assert_eq!(ds.unstack("z").unwrap().get("v").unwrap().shape(), [3, 4]);
}

#[test]
fn coordinates_become_indexes() {
    let multi = points().set_index("p", ["a", "b"]).unwrap();
    assert_eq!(multi.coords().index_names("p"), ["a", "b"]);
    let square = multi.unstack("p").unwrap();
    assert_eq!(
        (square.dims(), values(&square)),
        (["a".into(), "b".into()].as_slice(), vec![1.0, 3.0, 2.0, 0.0])
    );
    assert_eq!(coord(&square, "c"), [2.0, 4.0, 3.0, 1.0]);
    let single = points().set_index("p", ["a"]).unwrap();
    assert_eq!((names(&single), coord(&single, "p")), (vec!["p", "b", "c"], vec![2.0, 1.0, 2.0, 1.0]));
    assert_eq!(multi.append_index("p", ["c"]).unwrap().coords().index_names("p"), ["a", "b", "c"]);
    let turned = multi.reorder_levels("p", ["b", "a"]).unwrap();
    assert_eq!(turned.unstack("p").unwrap().dims(), ["b", "a"]);
    assert!(multi.reorder_levels("p", ["b"]).is_err());
    assert!(points().set_index("p", ["d"]).unwrap_err().is_not_found());
}

#[test]
fn indexes_go_and_coordinates_stay() {
    let multi = points().set_index("p", ["a", "b"]).unwrap();
    let plain = multi.reset_index("p").unwrap();
    assert_eq!((names(&plain), plain.coords().index_names("p").len()), (vec!["a", "b", "c"], 0));
    assert_eq!(multi.reset_index("a").unwrap().coords().index_names("p"), ["b"]);
    let bare = map().drop_indexes(["lat"]).unwrap();
    assert!(bare.coords().contains("lat") && !bare.coords().is_index("lat"));
    assert!(bare.sel("lat", 20.0).unwrap_err().to_string().contains("no coordinate to select by"));
    assert!(bare.isel("lat", 0..2).unwrap().coords().index_names("lat").is_empty());
    assert!(bare.set_xindex(["lat"]).unwrap().sel("lat", 20.0).is_ok());
    assert_eq!(multi.drop_vars(["p"]).unwrap().coords().names().collect::<Vec<_>>(), ["c"]);
    assert!(multi.drop_vars(["a"]).unwrap_err().to_string().contains("reset_index first"));
    assert!(map().reset_index("name").is_err());
}

#[test]
fn dropped_indexes_stay_dropped() {
    let bare = map().drop_indexes(["lat"]).unwrap();
    let is_bare = |array: &DataArray| array.coords().contains("lat") && !array.coords().is_index("lat");
    assert!(is_bare(&bare.expand_dims("k").unwrap()));
    assert!(is_bare(&bare.stack("z", ["lon"]).unwrap()) && is_bare(&bare.mean("lon").unwrap()));
    assert!(is_bare(&(&bare + 1.0).unwrap()) && is_bare(&bare.rename([("lon", "x")]).unwrap()));
    assert!(is_bare(&bare.to_dataset().unwrap().get("v").unwrap()));
    assert_eq!(coord(&bare.stack("z", ["lat", "lon"]).unwrap(), "lat")[3..5], [30.0, 20.0]);
}

#[test]
fn dimensions_of_no_length_are_stacked() {
    let none = map().isel("lat", 0..0).unwrap().stack("z", ["lat", "lon"]).unwrap();
    assert_eq!((none.shape(), coord(&none, "lon").len()), ([0].as_slice(), 0));
    assert!(values(&none).is_empty());
    assert_eq!(none.unstack("z").unwrap().shape(), [0, 0]);
    let one = map().isel("lat", [1]).unwrap().isel("lon", [2]).unwrap();
    assert_eq!(values(&one.stack("z", ["lon", "lat"]).unwrap().unstack("z").unwrap()), [6.0]);
}

#[test]
fn a_coordinate_under_its_own_name_is_an_index() {
    let station = points().set_xindex(["c"]).unwrap();
    assert_eq!(station.sel("c", 3.0).unwrap().item().unwrap(), 2.0);
    assert_eq!(values(&station.sel("c", 2.0..=3.0).unwrap()), [1.0, 2.0]);
    assert!(points().sel("c", 3.0).unwrap_err().to_string().contains("set_xindex"));
    assert!(station.set_xindex(["a"]).unwrap_err().to_string().contains("drop_indexes"));
    assert_eq!(points().set_xindex(["a", "b"]).unwrap().coords().index_names("p"), ["a", "b"]);
    assert!(points().set_xindex(["nothing"]).unwrap_err().is_not_found());
}

#[test]
fn multi_indexes_align_by_their_rows() {
    let stacked = map().stack("z", ["lat", "lon"]).unwrap();
    let part = stacked.isel("z", [5, 1]).unwrap();
    assert!((&stacked + &part).unwrap_err().is_alignment());
    let sum = (&stacked + part.joined(Join::Inner)).unwrap();
    assert_eq!((values(&sum), coord(&sum, "lon")), (vec![2.0, 10.0], vec![90.0, 90.0]));
    assert_eq!(sum.coords().index_names("z"), ["lat", "lon"]);
    let two = align(&[&stacked.isel("z", [0, 1]).unwrap(), &part], Join::Outer).unwrap();
    assert_eq!(
        (coord(&two[0], "lat"), coord(&two[0], "lon")),
        (vec![20.0, 30.0, 30.0], vec![90.0, 0.0, 90.0])
    );
    assert!(values(&two[0])[0].is_nan());
    let other = stacked.reorder_levels("z", ["lon", "lat"]).unwrap();
    assert!((&stacked + &other).unwrap_err().to_string().contains("reorder_levels"));
}

#[test]
fn names_follow_indexes() {
    let stacked = map().stack("z", ["lat", "lon"]).unwrap();
    let renamed = stacked.rename([("lat", "y"), ("z", "k")]).unwrap();
    assert_eq!(
        (renamed.dims(), renamed.coords().index_names("k")),
        (["k".into()].as_slice(), vec!["y", "lon"])
    );
    let ds = map().to_dataset().unwrap();
    let vars = ds.rename_vars([("lat", "y")]).unwrap();
    assert_eq!(vars.coords().index_names("lat"), ["y"]);
    assert_eq!(vars.sel("y", 20.0).unwrap().get("v").unwrap().shape(), [4]);
    let dims = ds.rename_dims([("lat", "y")]).unwrap();
    assert_eq!(
        (dims.coords().index_names("y"), dims.get("v").unwrap().dims()[0].as_str()),
        (vec!["lat"], "y")
    );
    assert!(ds.rename_dims([("lat", "lon")]).unwrap_err().to_string().contains("use swap_dims"));
    assert!(ds.rename_vars([("time", "t")]).is_err());
    assert!(map().rename([("lat", "name")]).is_err());
    assert!(map().rename([("lat", "lon")]).is_err());
}

#[test]
fn coordinates_turn_with_the_data() {
    let turned = map().transpose(["lon", "lat"]).unwrap();
    assert_eq!(turned.coords().get("area").unwrap().dims(), ["lon", "lat"]);
    assert_eq!(turned.coords().get("name").unwrap().dims(), ["lat"]);
    assert!(turned.coords().is_index("lat"));
    let both = map().to_dataset().unwrap().transpose(["...", "lat"]).unwrap();
    assert_eq!(both.coords().get("area").unwrap().dims(), ["lon", "lat"]);
}

#[test]
fn a_coordinate_takes_the_place_of_its_dimension() {
    let swapped = map().swap_dims([("lat", "name")]).unwrap();
    assert_eq!(swapped.dims(), ["name", "lon"]);
    assert!(swapped.coords().is_index("name") && !swapped.coords().is_index("lat"));
    assert_eq!(values(&swapped.sel("name", "b").unwrap()), [4.0, 5.0, 6.0, 7.0]);
    assert_eq!(map().swap_dims([("lat", "new")]).unwrap().dims(), ["new", "lon"]);
    for wrong in ["area", "lon", "s"] {
        assert!(map().swap_dims([("lat", wrong)]).is_err(), "{wrong}");
    }
}

#[test]
fn dimensions_are_added_anywhere() {
    let shape = |dims: NewDims| map().expand_dims(dims).unwrap().shape().to_vec();
    assert_eq!(shape("k".into()), [1, 3, 4]);
    assert_eq!(shape([("k", 2), ("l", 1)].into()), [2, 1, 3, 4]);
    assert_eq!(shape(NewDims::from([("k", 2), ("l", 1)]).at([0, -1])), [2, 3, 4, 1]);
    assert_eq!(shape(NewDims::from([("k", 2)]).at([1])), [3, 2, 4]);
    let labeled = map().expand_dims(NewDims::labels("k", [10, 20])).unwrap();
    assert_eq!(values(&labeled.sel("k", 20).unwrap()), values(&map()));
    let scalar = map().expand_dims("s").unwrap();
    assert_eq!((names(&scalar)[0], coord(&scalar, "s")), ("s", vec![5.0]));
    for wrong in [NewDims::from("lat"), "area".into(), [("s", 2)].into(), NewDims::from("k").at([5])] {
        assert!(map().expand_dims(wrong.clone()).is_err(), "{wrong:?}");
    }
    let one = map().isel("lat", [0]).unwrap();
    assert_eq!(names(&one.squeeze_drop(()).unwrap()), ["lon", "area", "s"]);
    assert_eq!(map().expand_dims([("k", 0)]).unwrap().shape(), [0, 3, 4]);
}

#[test]
fn coordinates_leave_arrays() {
    let ds = map().reset_coords(()).unwrap();
    assert_eq!(ds.data_vars().keys().collect::<Vec<_>>(), ["area", "s", "name", "v"]);
    assert_eq!(map().reset_coords("area").unwrap().data_vars().len(), 2);
    assert_eq!(names(&map().reset_coords_drop(()).unwrap()), ["lat", "lon"]);
    assert!(map().reset_coords("lat").is_err());
    assert!(along("x", vec![1.0]).reset_coords(()).unwrap_err().to_string().contains("with_name"));
    assert_eq!(names(&map().drop_vars_if_present(["lat", "nope"]).unwrap()), ["lon", "area", "s", "name"]);
    assert!(map().drop_vars(["nope"]).is_err());
}

#[test]
fn arrays_and_datasets_turn_into_each_other() {
    let a = Variable::new(["x", "y"], Array::ones((2, 3), "auto").unwrap()).unwrap();
    let b = Variable::from_vec("x", vec![1i64, 2]).unwrap();
    let title: Attrs = [("t".to_owned(), 1.into())].into_iter().collect();
    let ds = Dataset::new([("a".into(), a), ("b".into(), b)], [], title).unwrap();
    let both = ds.to_dataarray("variable").unwrap();
    assert_eq!((both.shape(), both.dtype(), both.attrs().len()), ([2, 2, 3].as_slice(), DType::F64, 1));
    assert_eq!(values(&both)[6..], [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    let back = both.to_dataset_dim("variable").unwrap();
    assert_eq!(back.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(
        map().to_dataset_dim("lon").unwrap().names().take(4).collect::<Vec<_>>(),
        ["0", "90", "180", "270"]
    );
    assert!(Dataset::new([], [], Attrs::new()).unwrap().to_dataarray("variable").is_err());
    assert!(map().to_dataset_dim("depth").is_err());
    let none = ds.drop_dims(["y"]).unwrap();
    assert_eq!(none.names().collect::<Vec<_>>(), ["b"]);
    assert!(ds.drop_dims(["z"]).unwrap_err().is_not_found());
    assert_eq!(ds.drop_dims_if_present(["z"]).unwrap().names().count(), 2);
}

#[test]
fn datasets_are_mapped_and_filtered() {
    let metres: Attrs = [("units".to_owned(), "m".into())].into_iter().collect();
    let a = Variable::from_vec("x", vec![1.0, 2.0]).unwrap().with_attrs(metres);
    let b = Variable::from_vec("y", vec![1.0]).unwrap();
    let y = Variable::from_vec("y", vec![9.0]).unwrap();
    let ds = Dataset::new([("a".into(), a), ("b".into(), b)], [("y".into(), y)], Attrs::new()).unwrap();
    let doubled = ds.map(|array| array + array).unwrap();
    assert_eq!(values(&doubled.get("a").unwrap()), [2.0, 4.0]);
    assert!(doubled.coords().is_index("y"));
    assert_eq!(ds.filter_by_attrs([("units", "m")]).unwrap().names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(ds.filter_vars(|_, v| v.attrs().is_empty()).unwrap().data_vars().len(), 1);
    assert_eq!(ds.pipe(|ds| ds.data_vars().len()), 2);
    assert_eq!(ds.assign_attrs([("b", 1)]).attrs().len(), 1);
}

#[test]
fn an_array_that_is_put_into_a_dataset_brings_its_multi_index() {
    let data = Variable::new(["x", "y"], Array::ones((2, 2), "auto").unwrap()).unwrap();
    let stacked = DataArray::new(None, data, []).unwrap();
    let labels = |dim: &str| (dim.to_owned(), Variable::from_vec(dim, vec![1.0, 2.0]).unwrap());
    let stacked =
        stacked.assign_coords([labels("x"), labels("y")]).unwrap().stack("point", ["x", "y"]).unwrap();
    let ds = Dataset::new([], [], Attrs::new()).unwrap().with_array("a", stacked).unwrap();
    assert_eq!(ds.coords().index_names("point"), ["x", "y"]);
}

// xarray's numbers and labels.
#[test]
fn variables_of_different_dimensions_are_stacked_side_by_side() {
    let a = Variable::from_array(["y", "x"], ndarray::arr2(&[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]])).unwrap();
    let b = Variable::from_vec("x", vec![6i64, 7]).unwrap();
    let names = Variable::from_vec("y", ["u", "v", "w"].map(std::sync::Arc::<str>::from).to_vec()).unwrap();
    let x = Variable::from_vec("x", vec![10i64, 20]).unwrap();
    let coords = [("y".to_owned(), names), ("x".to_owned(), x)];
    let ds = Dataset::new([("a".to_owned(), a), ("b".to_owned(), b)], coords, Attrs::new()).unwrap();
    let stacked = ds.to_stacked_array("z", ["x"]).unwrap();
    assert_eq!(
        (stacked.dims(), stacked.name(), stacked.dtype()),
        (&["x".into(), "z".into()][..], Some("a"), DType::F64)
    );
    assert_eq!(values(&stacked), [0.0, 1.0, 2.0, 6.0, 3.0, 4.0, 5.0, 7.0]);
    assert_eq!(stacked.coords().index_names("z"), ["variable", "y"]);
    assert_eq!(coord(&stacked, "x"), [10.0, 20.0]);
    let back = stacked.to_unstacked_dataset("z").unwrap();
    assert_eq!(back.get("b").unwrap().dims(), ["x"]);
    assert!(back.get("a").unwrap().transpose(["y", "x"]).unwrap().equals(&ds.get("a").unwrap()).unwrap());
    let error = ds.to_stacked_array("z", ["y"]).unwrap_err().to_string();
    assert!(error.contains("variable \"b\" has no dimension \"y\""), "{error}");
    assert!(ds.to_stacked_array("x", ["x"]).is_err());
    assert!(
        ds.get("a")
            .unwrap()
            .to_unstacked_dataset("x")
            .unwrap_err()
            .to_string()
            .contains("has no multi-index")
    );
}

#[test]
fn several_dimensions_are_stacked_and_found_again() {
    let cube = |dims: [&str; 3]| {
        Variable::new(dims, Array::arange(24).unwrap().reshape(&[2, 3, 4]).unwrap()).unwrap()
    };
    let line = Variable::from_vec("t", vec![1i64, 2]).unwrap();
    let variables = [("cube".to_owned(), cube(["t", "y", "x"])), ("line".to_owned(), line)];
    let ds = Dataset::new(variables, [], Attrs::new()).unwrap();
    let stacked = ds.to_stacked_array("z", ["t"]).unwrap();
    assert_eq!(stacked.shape(), [2, 13]);
    let back = stacked.to_unstacked_dataset("z").unwrap();
    assert_eq!(back.get("cube").unwrap().dims(), ["t", "y", "x"]);
    assert_eq!(values(&back.get("cube").unwrap()), values(&ds.get("cube").unwrap()));
    assert_eq!(coord(&back.get("cube").unwrap(), "x"), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(values(&back.get("line").unwrap()), [1.0, 2.0]);
}
