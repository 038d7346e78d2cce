use graticule_array::Array;
use graticule_dataset::{Attrs, DataArray, DataTree, Dataset, Variable};

use crate::support::{attrs, days, on, year};

#[test]
fn a_dataset_reads_like_xarrays() {
    let mut ds = year();
    ds.attrs_mut().insert("comment".into(), "long ".repeat(40).into());
    ds.attrs_mut().insert("lines".into(), "one\ntwo".into());
    ds.attrs_mut().insert("resolution".into(), 2.5.into());
    insta::assert_snapshot!(ds, @r"
    <graticule.Dataset> Size: 30MB
    Dimensions:  (time: 365, lat: 72, lon: 144)
    Coordinates:
      * time     (time) datetime64[ns] 3kB 2015-01-01 2015-01-02 ... 2015-12-31
      * lat      (lat) float64 576B -88.75 -86.25 -83.75 ... 83.75 86.25 88.75
      * lon      (lon) float64 1kB 1.25 3.75 6.25 8.75 ... 351.2 353.8 356.2 358.8
    Data variables:
        adt      (time, lat, lon) float64 30MB chunks (1, 72, 144)
    Attributes:
        title:       Sea level, gridded
        comment:     long long long long long long long long long long long long ...
        lines:       one\ntwo
        resolution:  2.5
    ");
}

#[test]
fn an_array_shows_its_chunks_while_it_is_lazy() {
    insta::assert_snapshot!(year().get("adt").unwrap(), @r"
    <graticule.DataArray 'adt' (time: 365, lat: 72, lon: 144)> Size: 30MB
    lazy float64, chunks (1, 72, 144)
    Coordinates:
      * time     (time) datetime64[ns] 3kB 2015-01-01 2015-01-02 ... 2015-12-31
      * lat      (lat) float64 576B -88.75 -86.25 -83.75 ... 83.75 86.25 88.75
      * lon      (lon) float64 1kB 1.25 3.75 6.25 8.75 ... 351.2 353.8 356.2 358.8
    Attributes:
        units:      m
        long_name:  Absolute dynamic topography
    ");
}

#[test]
fn an_array_in_memory_shows_its_values() {
    insta::assert_snapshot!(on("speed", vec![1.0, 2.0, 3.0], vec![0.5, f64::NAN, 12.25]), @r"
    <graticule.DataArray 'speed' (x: 3)> Size: 24B
    array([  0.5,   nan, 12.25])
    Coordinates:
      * x        (x) float64 24B 1.0 2.0 3.0
    ");
    let map =
        Variable::from_array(["y", "x"], ndarray::Array2::from_shape_fn((20, 30), |(y, x)| (y * x) as f32));
    insta::assert_snapshot!(DataArray::new(None, map.unwrap(), []).unwrap(), @r"
    <graticule.DataArray (y: 20, x: 30)> Size: 2kB
    array([[  0.0,   0.0,   0.0, ...,   0.0,   0.0,   0.0],
           [  0.0,   1.0,   2.0, ...,  27.0,  28.0,  29.0],
           [  0.0,   2.0,   4.0, ...,  54.0,  56.0,  58.0],
           ...,
           [  0.0,  17.0,  34.0, ..., 459.0, 476.0, 493.0],
           [  0.0,  18.0,  36.0, ..., 486.0, 504.0, 522.0],
           [  0.0,  19.0,  38.0, ..., 513.0, 532.0, 551.0]], dtype=float32)
    Dimensions without coordinates: y, x
    ");
}

#[test]
fn values_without_axes_texts_and_empty_things() {
    let names =
        Variable::from_vec("station", vec!["Brest".into(), "Newlyn".into()] as Vec<std::sync::Arc<str>>);
    let lazy = Variable::new(["station"], (&Array::ones(2, "auto").unwrap() * 2.0).unwrap()).unwrap();
    let hours = Variable::from_chunk(["hour"], days(0, 3).resident().unwrap().as_ref().clone()).unwrap();
    let ds = Dataset::new(
        [
            ("height_above_reference".to_owned(), lazy),
            ("scale".to_owned(), Variable::scalar(5.5).unwrap()),
            ("none".to_owned(), Variable::from_vec("z", Vec::<f64>::new()).unwrap()),
        ],
        [
            ("station".to_owned(), names.unwrap()),
            ("hour".to_owned(), hours),
            ("flag".to_owned(), Variable::scalar(true).unwrap()),
        ],
        Attrs::new(),
    )
    .unwrap();
    insta::assert_snapshot!(ds, @r"
    <graticule.Dataset> Size: 81B
    Dimensions:                 (station: 2, z: 0, hour: 3)
    Coordinates:
      * station                 (station) str 32B 'Brest' 'Newlyn'
      * hour                    (hour) datetime64[ns] 24B 1970-01-01 ... 1970-01-03
        flag                    bool 1B true
    Dimensions without coordinates: z
    Data variables:
        height_above_reference  (station) float64 16B chunks (2,)
        scale                   float64 8B 5.5
        none                    (z) float64 0B
    ");
    insta::assert_snapshot!(Dataset::new([], [], Attrs::new()).unwrap(), @r"
    <graticule.Dataset> Size: 0B
    Dimensions:  ()
    Data variables:
        *empty*
    ");
    insta::assert_snapshot!(Dataset::new([], [], attrs(&[("title", "nothing")])).unwrap(), @r"
    <graticule.Dataset> Size: 0B
    Dimensions:  ()
    Data variables:
        *empty*
    Attributes:
        title:    nothing
    ");
    insta::assert_snapshot!(year().get("adt").unwrap().mean(()).unwrap(), @r"
    <graticule.DataArray 'adt' ()> Size: 8B
    lazy float64
    Attributes:
        units:      m
        long_name:  Absolute dynamic topography
    ");
}

#[test]
fn a_tree_reads_like_xarrays() {
    let root = on("a", vec![1.0, 2.0, 3.0], vec![0.0, 1.0, 2.0]).to_dataset().unwrap();
    let coarse = Variable::from_vec("x", vec![5i64, 6, 7]).unwrap();
    let level = Variable::from_vec("z", vec![0.5]).unwrap();
    let coarse = Dataset::new(
        [("b".to_owned(), coarse), ("c".to_owned(), level)],
        [("height".to_owned(), Variable::scalar(2.0).unwrap())],
        attrs(&[("units", "m")]),
    );
    let nothing = || Dataset::new([], [], Attrs::new()).unwrap();
    let many = (0..20).map(|i| (format!("/many/n{i}"), nothing()));
    let nodes = [
        ("/".to_owned(), root),
        ("/coarse/deep".to_owned(), nothing()),
        ("coarse".to_owned(), coarse.unwrap()),
    ];
    let tree = DataTree::from_dict(nodes.into_iter().chain(many)).unwrap().with_name("all");
    insta::assert_snapshot!(tree);
    insta::assert_snapshot!("node", tree.node("coarse").unwrap());
    assert_eq!(DataTree::default().to_string(), "<graticule.DataTree>\nGroup: /");
}

// Which lines are shown, and where they break, is as xarray has it.
#[test]
fn much_is_shown_in_part() {
    let one = Variable::from_vec("x", vec![1i64]).unwrap();
    let variables = (0..200).map(|i| (format!("v{i}"), one.clone()));
    let mut wide = Dataset::new(variables, [], Attrs::new()).unwrap();
    wide.attrs_mut().extend((0..30).map(|i| (format!("attribute_{i}"), i.into())));
    insta::assert_snapshot!("wide", wide);
    let dims: Vec<String> = (0..8).map(|i| format!("dimension_{i}")).collect();
    let deep = Variable::new(&dims, Array::zeros([2usize; 8].to_vec(), "auto").unwrap()).unwrap();
    insta::assert_snapshot!("deep", DataArray::new(Some("deep"), deep.clone(), []).unwrap());
    insta::assert_snapshot!(
        "deep_dataset",
        Dataset::new([("deep".to_owned(), deep)], [], Attrs::new()).unwrap()
    );
}
