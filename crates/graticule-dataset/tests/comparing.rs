//! Comparison of arrays and datasets, and what its messages say; values as items, texts and tables.

use graticule_array::{Array, DType};
use graticule_dataset::{
    Attrs, DataArray, Variable, assert_allclose, assert_allclose_within, assert_equal, assert_identical,
};
use proptest::prelude::*;

use crate::support::{attrs, days, on, year};

fn map(values: [[f64; 3]; 2]) -> DataArray {
    let data = Variable::from_array(["time", "lat"], ndarray::arr2(&values)).unwrap();
    let lat = Variable::from_vec("lat", vec![-10.5, 0.0, 10.5]).unwrap();
    let coords = [("time".to_owned(), days(16_436, 2)), ("lat".to_owned(), lat)];
    DataArray::new(Some("adt"), data.with_attrs(attrs(&[("units", "m")])), coords).unwrap()
}

const BASE: [[f64; 3]; 2] = [[1.0, 2.0, f64::NAN], [4.0, 5.0, 6.0]];

#[test]
fn equality_ignores_names_attributes_dtypes_and_chunks() {
    let a = map(BASE);
    assert!(a.equals(&a).unwrap() && a.identical(&a).unwrap() && a.broadcast_equals(&a).unwrap());
    let renamed = a.clone().with_name("zz");
    assert!(a.equals(&renamed).unwrap() && !a.identical(&renamed).unwrap());
    let bare = a.clone().with_attrs(Attrs::new());
    assert!(a.equals(&bare).unwrap() && !a.identical(&bare).unwrap());
    let lazy = (&a * 1.0).unwrap().chunk([("lat", 2)]).unwrap();
    assert!(a.equals(&lazy).unwrap());
    assert!(!a.equals(&(&a + 1.0).unwrap()).unwrap());
    assert!(!a.equals(&a.transpose(["lat", "time"]).unwrap()).unwrap());
    assert!(!a.equals(&a.isel("lat", ..2).unwrap()).unwrap());
    assert!(!a.equals(&a.drop_vars(["lat"]).unwrap()).unwrap());
    let whole = on("x", vec![1.0, 2.0], vec![1.0, 2.0]);
    assert!(whole.identical(&whole.astype(DType::I64).unwrap()).unwrap());
    let one = DataArray::new(None, Variable::scalar(1.0).unwrap(), []).unwrap();
    let many = DataArray::new(None, Variable::from_vec("x", vec![1.0, 1.0]).unwrap(), []).unwrap();
    assert!(!one.equals(&many).unwrap() && one.broadcast_equals(&many).unwrap());
    let none = a.isel("lat", 0..0).unwrap();
    assert!(none.equals(&none.clone()).unwrap());
}

#[test]
fn a_difference_says_where_and_how_large() {
    let a = map(BASE);
    let b = map([[1.0, 2.5, f64::NAN], [4.0, 5.0, 9.0]]);
    insta::assert_snapshot!(assert_equal(&a, &b).unwrap_err(), @r"
    left and right are not equal:
      values: 2 of 6 values differ, first at time 2015-01-01, lat 0: left 2, right 2.5; the largest difference is 3 at time 2015-01-02, lat 10.5: left 6, right 9
    ");
    let relabeled = a.assign_coords([("lat", Variable::from_vec("lat", vec![-10.5, 0.0, 11.5]).unwrap())]);
    insta::assert_snapshot!(assert_equal(&a, &relabeled.unwrap()).unwrap_err(), @r#"
    left and right are not equal:
      coordinate "lat": 1 of 3 labels are only on the left (10.5), 1 of 3 only on the right (11.5), the largest difference is 1e0
    "#);
    insta::assert_snapshot!(assert_equal(&a, &a.isel("lat", 0).unwrap()).unwrap_err(), @r#"
    left and right are not equal:
      coordinate "lat": dimensions (lat) and ()
      values: dimensions (time, lat) and (time)
    "#);
    let other = a.clone().with_name("ssh").with_attrs(attrs(&[("units", "cm"), ("source", "x")]));
    assert!(assert_equal(&a, &other).is_ok());
    insta::assert_snapshot!(assert_identical(&a, &other).unwrap_err(), @r#"
    left and right are not identical:
      name: left "adt", right "ssh"
      attributes of values: "units" is m on the left and cm on the right; "source" only on the right
    "#);
    assert_eq!(
        format!("{:?}", assert_equal(&a, &b).unwrap_err()),
        assert_equal(&a, &b).unwrap_err().to_string()
    );
}

#[test]
fn closeness_has_tolerances() {
    let a = map(BASE);
    let near = (&a * (1.0 + 1e-6)).unwrap();
    assert!(assert_allclose(&a, &near).is_ok());
    assert!(assert_allclose_within(&a, &near, 1e-8, 0.0).is_err());
    assert!(assert_allclose_within(&a, &near, 0.0, 1e-5).is_ok());
    let missing = map([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let text = assert_allclose(&a, &missing).unwrap_err().to_string();
    assert!(
        text.contains("1 of 6 values differ, first at time 2015-01-01, lat 10.5: left NaN, right 3"),
        "{text}"
    );
    let narrow = a.astype(DType::F32).unwrap();
    assert!(assert_allclose(&a, &narrow).is_ok());
    let later = a.assign_coords([("time", days(16_437, 2))]).unwrap();
    assert!(assert_allclose(&a, &later).is_err());
}

#[test]
fn datasets_name_the_variables_that_differ() {
    let a = year().isel("time", 0..2).unwrap();
    let b = a
        .assign([("adt", a.variable("adt").unwrap().clone()), ("extra", Variable::scalar(1).unwrap())])
        .unwrap();
    let text = assert_equal(&a, &b).unwrap_err().to_string();
    assert!(text.contains("variable \"extra\" is only on the right"), "{text}");
    assert!(a.identical(&a).unwrap());
    assert!(!a.identical(&a.clone().with_attrs(Attrs::new())).unwrap());
    let text = assert_equal(&a, &(&a + &a).unwrap()).unwrap_err();
    assert!(text.lines()[0].starts_with("variable \"adt\": "), "{text}");
    assert!(
        text.to_string().contains("first at time 2015-01-01, lat -88.75, lon 3.75: left 1, right 2"),
        "{text}"
    );
}

#[test]
fn values_in_memory_are_seen_without_a_copy() {
    let a = map(BASE);
    let view = a.view::<f64>().unwrap();
    assert_eq!((view.shape(), view[[1, 2]]), (&[2usize, 3][..], 6.0));
    assert_eq!(view.as_ptr(), a.view::<f64>().unwrap().as_ptr());
    assert!(a.view::<f32>().is_err());
    let lazy = DataArray::new(None, Variable::new(["x"], Array::arange(3).unwrap()).unwrap(), []).unwrap();
    insta::assert_snapshot!(lazy.view::<i64>().unwrap_err(), @"view = of lazy values is not possible: they are not in memory; call compute, load or persist first, or take values");
    assert_eq!(lazy.to_ndarray::<i64>().unwrap().len(), 3);
    let items: Vec<_> = a.items().unwrap().collect();
    assert_eq!(items.len(), 6);
    assert_eq!((items[4].0[1].to_f64(), items[4].1.to_f64()), (0.0, 5.0));
    assert_eq!(lazy.items().unwrap().last().unwrap().0[0].to_i64(), Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_difference_is_found_wherever_it_is(at in 0usize..24, chunk in 1usize..5, step in 0.5..100.0f64) {
        let values: Vec<f64> = (0..24).map(f64::from).collect();
        let mut changed = values.clone();
        changed[at] += step;
        let of = |values: Vec<f64>| {
            let data = Variable::from_array(["a", "b"], ndarray::Array2::from_shape_vec((4, 6), values).unwrap()).unwrap();
            DataArray::new(None, data, []).unwrap().chunk([("a", chunk), ("b", chunk)]).unwrap()
        };
        prop_assert!(of(values.clone()).equals(&of(values.clone())).unwrap());
        let text = assert_equal(&of(values), &of(changed)).unwrap_err().to_string();
        let place = format!("1 of 24 values differ, first at a position {}, b position {}: left {at}, ", at / 6, at % 6);
        prop_assert!(text.contains(&place), "{}", text);
    }
}

#[cfg(feature = "serde")]
#[test]
fn texts_come_back_as_they_were() {
    use graticule_dataset::Dataset;

    let text = |t: &str| std::sync::Arc::<str>::from(t);
    let special = vec![f64::NAN, f64::INFINITY, -0.1];
    let ds = Dataset::new(
        [
            ("f".to_owned(), Variable::from_vec("x", special).unwrap().with_attrs(attrs(&[("units", "m")]))),
            ("s".to_owned(), Variable::from_vec("x", vec![0.1f32, 2.5, f32::NAN]).unwrap()),
            ("n".to_owned(), Variable::from_vec("x", vec![u64::MAX, 0, 1]).unwrap()),
            ("b".to_owned(), Variable::from_vec("y", vec![true, false]).unwrap()),
            ("t".to_owned(), Variable::from_vec("y", vec![text("a"), text("")]).unwrap()),
            ("none".to_owned(), Variable::new(["z", "y"], Array::ones((0, 2), "auto").unwrap()).unwrap()),
        ],
        [("time".to_owned(), days(16_436, 2))],
        attrs(&[("title", "T")]),
    )
    .unwrap();
    let json = serde_json::to_string(&ds).unwrap();
    let again: Dataset = serde_json::from_str(&json).unwrap();
    assert_identical(&ds, &again).unwrap();
    for (name, variable) in ds.data_vars() {
        assert_eq!(again.variable(name).unwrap().dtype(), variable.dtype(), "{name}");
    }
    let a = map(BASE);
    let json = serde_json::to_string(&a).unwrap();
    assert!(json.starts_with(r#"{"dims":["time","lat"],"attrs":{"units":"m"},"dtype":"float64","shape":[2,3],"data":[[1.0,2.0,null],[4.0,"#), "{json}");
    assert!(json.contains(r#""data":["2015-01-01","2015-01-02"]"#), "{json}");
    assert_identical(&a, &serde_json::from_str(&json).unwrap()).unwrap();
    // As xarray's to_dict writes it.
    let plain = r#"{"dims": ["y"], "attrs": {"k": 1}, "data": [[1, 2]], "coords": {}, "name": "a"}"#;
    assert!(serde_json::from_str::<DataArray>(plain).is_err());
    let plain = r#"{"dims": ["y"], "attrs": {"k": 1}, "data": [1, 2], "coords": {}, "name": "a"}"#;
    let plain: DataArray = serde_json::from_str(plain).unwrap();
    assert_eq!((plain.dtype(), plain.name()), (DType::I64, Some("a")));
    let ragged = r#"{"dims": ["x", "y"], "data": [[1, 2], [3]], "name": null}"#;
    assert!(serde_json::from_str::<DataArray>(ragged).unwrap_err().to_string().contains("different lengths"));
}

#[cfg(feature = "arrow")]
#[test]
fn a_long_table_has_a_row_for_each_place() {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, TimestampNanosecondType};
    let a = map(BASE).chunk([("lat", 2)]).unwrap();
    let batches: Vec<_> = a.record_batches().unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).collect::<Vec<_>>(), [4, 2]);
    let schema = batches[0].schema();
    assert_eq!(
        schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
        ["time", "lat", "adt"]
    );
    let lat = batches[0].column(1).as_primitive::<Float64Type>().values().to_vec();
    assert_eq!(lat, [-10.5, 0.0, -10.5, 0.0]);
    let adt = batches[0].column(2).as_primitive::<Float64Type>().values().to_vec();
    assert_eq!(adt, [1.0, 2.0, 4.0, 5.0]);
    let time = batches[1].column(0).as_primitive::<TimestampNanosecondType>();
    assert_eq!(time.value(1), 16_437 * 86_400_000_000_000);
    let unnamed = DataArray::new(None, Variable::scalar(2.0).unwrap(), []).unwrap();
    let rows: usize = unnamed.record_batches().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 1);
}
