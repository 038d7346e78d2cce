use graticule_array::{Array, DType};
use graticule_dataset::{Attrs, DataArray, Dataset, Join, Result, Variable, align};

use crate::support::{attrs, on, values, year};

#[test]
fn anomalies_read_as_a_formula() {
    let adt = year().get("adt").unwrap();
    let anomaly = (&adt - adt.mean("time")).unwrap();
    assert_eq!(anomaly.dims(), ["time", "lat", "lon"]);
    assert_eq!(anomaly.coords().len(), 3);
    assert_eq!(anomaly.attrs().get("units").unwrap().as_str(), Some("m"));
    assert!(anomaly.mean(()).unwrap().item().unwrap().abs() < 1e-6);
}

#[test]
fn dimensions_broadcast_by_name_in_any_order() {
    let left = Variable::from_array(["x", "y"], ndarray::arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).unwrap();
    let right = Variable::from_array(["z", "x"], ndarray::arr2(&[[10.0, 20.0]])).unwrap();
    let left = DataArray::new(None, left, []).unwrap();
    let right = DataArray::new(None, right, []).unwrap();
    let sum = (&left + &right).unwrap();
    assert_eq!(sum.dims(), ["x", "y", "z"]);
    assert_eq!(values(&sum), [11.0, 12.0, 13.0, 24.0, 25.0, 26.0]);
    let swapped = (right + left).unwrap();
    assert_eq!(swapped.dims(), ["z", "x", "y"]);
    assert_eq!(values(&swapped), [11.0, 12.0, 13.0, 24.0, 25.0, 26.0]);
}

#[test]
fn equal_names_with_unequal_lengths_are_refused_even_if_one_is_one() {
    let short = DataArray::new(None, Variable::from_vec("x", vec![1.0]).unwrap(), []).unwrap();
    let long = DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0]).unwrap(), []).unwrap();
    let error = (short + long).unwrap_err().to_string();
    assert!(error.contains("has length 1 in the left operand but 2 in the right operand"), "{error}");
}

#[test]
fn labels_that_differ_are_described() {
    let a = on("a", vec![1.0, 2.0, 3.0], vec![1.0; 3]);
    let b = on("b", vec![1.0, 2.0, 3.0000001], vec![1.0; 3]);
    let error = (&a + &b).unwrap_err();
    assert!(error.is_alignment());
    insta::assert_snapshot!(error, @r#"coordinate "x" differs between the operands: 1 of 3 labels are only on the left (3), 1 of 3 only on the right (3.0000001), the largest difference is 1e-7; select the labels you want, use align(.., Join::Inner) for those that all have, or, where they differ by rounding only, replace one "x" by the other with assign_coords or give a tolerance"#);
}

#[test]
fn an_inner_join_keeps_what_both_have() {
    let a = on("a", vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]);
    let b = on("b", vec![4.0, 3.0, 1.0], vec![0.4, 0.3, 0.1]);
    let aligned = align(&[&a, &b], Join::Inner).unwrap();
    assert_eq!(values(&aligned[0]), [10.0, 30.0]);
    assert_eq!(values(&aligned[1]), [0.1, 0.3]);
    let sum = (&aligned[0] + &aligned[1]).unwrap();
    assert_eq!(values(&sum), [10.1, 30.3]);
}

#[test]
fn names_and_attributes_stay_where_operands_agree() {
    let a = on("a", vec![1.0], vec![1.0]).with_attrs(attrs(&[("units", "m"), ("source", "first")]));
    let b = on("a", vec![1.0], vec![2.0]).with_attrs(attrs(&[("units", "m"), ("source", "second")]));
    let sum = (&a + &b).unwrap();
    assert_eq!(sum.name(), Some("a"));
    assert_eq!(sum.attrs(), &attrs(&[("units", "m")]));
    assert_eq!((&a + &b.with_name("b")).unwrap().name(), None);
    assert_eq!((2.0 * &a).unwrap().name(), Some("a"));
    assert_eq!((2.0 * &a).unwrap().attrs(), a.attrs());
}

#[test]
fn conflicting_coordinates_are_dropped() {
    let at = |depth: f64| {
        let depth = Variable::scalar(depth).unwrap();
        on("a", vec![1.0], vec![1.0]).assign_coords([("depth", depth)]).unwrap()
    };
    assert!((at(5.0) + at(5.0)).unwrap().coords().contains("depth"));
    assert!(!(at(5.0) + at(6.0)).unwrap().coords().contains("depth"));
}

#[test]
fn scalars_stand_on_both_sides_and_do_not_widen() {
    let x = on("x", vec![1.0, 2.0], vec![1.0, 4.0]).astype(DType::F32).unwrap();
    for (result, expected) in [
        (&x + 1.0, [2.0, 5.0]),
        (1.0 - &x, [0.0, -3.0]),
        (&x * 2, [2.0, 8.0]),
        (8i64 / &x, [8.0, 2.0]),
        (&x % 3.0, [1.0, 1.0]),
        (-&x, [-1.0, -4.0]),
    ] {
        let result = result.unwrap();
        assert_eq!(result.dtype(), DType::F32);
        assert_eq!(values(&result), expected);
    }
}

#[test]
fn functions_and_comparisons_chain() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![-1.0, 4.0, f64::NAN]);
    assert_eq!(values(&x.abs().unwrap().sqrt().unwrap())[..2], [1.0, 2.0]);
    assert_eq!(values(&x.gt(0.0).unwrap()), [0.0, 1.0, 0.0]);
    assert_eq!(values(&x.eq_(&x).unwrap()), [1.0, 1.0, 0.0]);
    assert_eq!(values(&x.isnull().unwrap()), [0.0, 0.0, 1.0]);
    assert_eq!(values(&x.notnull().unwrap()), [1.0, 1.0, 0.0]);
    assert_eq!(values(&x.clip(0.0, 2.0).unwrap())[..2], [0.0, 2.0]);
    assert_eq!(values(&x.fillna(7.0).unwrap()), [-1.0, 4.0, 7.0]);
    assert_eq!(values(&x.fillna(on("y", vec![1.0, 2.0, 3.0], vec![0.5; 3])).unwrap()), [-1.0, 4.0, 0.5]);
    assert_eq!(values(&x.pow(2).unwrap())[..2], [1.0, 16.0]);
    assert_eq!(values(&(!x.gt(0.0).unwrap()).unwrap()), [1.0, 0.0, 1.0]);
}

#[test]
fn where_makes_room_for_missing_values() {
    let ints = DataArray::new(None, Variable::from_vec("x", vec![1i16, 2, 3]).unwrap(), []).unwrap();
    let masked = ints.where_(ints.ge(2)).unwrap();
    assert_eq!(masked.dtype(), DType::F32);
    assert!(values(&masked)[0].is_nan());
    assert_eq!(ints.astype(DType::I32).unwrap().where_(ints.ge(2)).unwrap().dtype(), DType::F64);
    assert_eq!(values(&ints.where_else(ints.ge(2), 0).unwrap()), [0.0, 2.0, 3.0]);
    let map =
        DataArray::new(None, Variable::new(["y", "x"], Array::ones((2, 3), "auto").unwrap()).unwrap(), [])
            .unwrap();
    let masked = map.where_(ints.ge(2)).unwrap();
    assert_eq!(masked.dims(), ["y", "x"]);
    assert_eq!(masked.count(()).unwrap().item().unwrap(), 4.0);
}

#[test]
fn datasets_take_part() -> Result<()> {
    let ds = Dataset::new(
        [
            ("a".to_owned(), Variable::from_vec("x", vec![1.0, 2.0])?),
            ("b".to_owned(), Variable::from_vec("x", vec![3i32, 4])?),
        ],
        [],
        Attrs::new(),
    )?;
    let doubled = (&ds * 2.0)?;
    assert_eq!(values(&doubled.get("b")?), [6.0, 8.0]);
    let sum = (&ds + &doubled)?;
    assert_eq!(values(&sum.get("a")?), [3.0, 6.0]);
    let scaled = (&ds * ds.get("a")?)?;
    assert_eq!(values(&scaled.get("b")?), [3.0, 8.0]);
    Ok(())
}

#[test]
fn an_index_on_either_side_is_kept() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]);
    let first = x.isel("x", 0).unwrap();
    for difference in [(&first - &x).unwrap(), (&x - &first).unwrap()] {
        assert_eq!(difference.coords().labels("x").unwrap().to_f64(), [1.0, 2.0, 3.0]);
        assert!(difference.sel("x", 2.0).is_ok());
    }
}

#[test]
fn equal_coordinates_are_kept_whether_or_not_they_are_loaded() {
    let lazy = |low: f64| {
        let area = Variable::new(["x"], Array::linspace(low, 2.0, 3).unwrap()).unwrap();
        let on = on("x", vec![1.0, 2.0, 3.0], vec![1.0; 3]);
        on.assign_coords([("area", area)]).unwrap()
    };
    // The same values from another expression.
    let halves = Array::linspace(0.0, 1.0, 3).unwrap();
    let doubled = Variable::new(["x"], (&halves + &halves).unwrap()).unwrap();
    let other = on("x", vec![1.0, 2.0, 3.0], vec![1.0; 3]).assign_coords([("area", doubled)]).unwrap();
    assert!((&lazy(0.0) + &other).unwrap().coords().contains("area"));
    assert!((lazy(0.0).chunk([("x", 2)]).unwrap() + lazy(0.0)).unwrap().coords().contains("area"));
    assert!(!(lazy(0.0) + lazy(0.5)).unwrap().coords().contains("area"));
}

#[test]
fn an_override_replaces_labels_and_checks_lengths() {
    let a = on("x", vec![1.0, 2.0], vec![1.0; 2]);
    let b = on("x", vec![1.1, 2.1], vec![1.0; 2]);
    let aligned = align(&[&a, &b], Join::Override).unwrap();
    assert_eq!(aligned[1].coords().labels("x").unwrap().to_f64(), [1.0, 2.0]);
    let longer = on("x", vec![1.0, 2.0, 3.0], vec![1.0; 3]);
    assert!(align(&[&a, &longer], Join::Override).unwrap_err().is_alignment());
}

#[test]
fn an_inner_join_does_not_guess_for_arrays_without_labels() {
    let a = on("x", vec![1.0, 2.0, 3.0], vec![1.0; 3]);
    let b = on("x", vec![2.0, 3.0], vec![1.0; 2]);
    let bare = DataArray::new(None, Variable::from_vec("x", vec![1.0; 3]).unwrap(), []).unwrap();
    let error = align(&[&a, &b, &bare], Join::Inner).unwrap_err().to_string();
    assert!(error.contains("one has length 2, another 3"), "{error}");
}

#[test]
fn clip_takes_bounds_beyond_the_dtype() {
    let x = DataArray::new(None, Variable::from_vec("x", vec![1u8, 5, 200]).unwrap(), []).unwrap();
    assert_eq!(values(&x.clip(-10, 300).unwrap()), [1.0, 5.0, 200.0]);
}

#[test]
fn conditions_and_fillings_can_be_joined() {
    let x = on("x", vec![1.0, 2.0, 3.0], vec![10.0, f64::NAN, 30.0]);
    let other = on("y", vec![2.0, 3.0, 4.0], vec![0.0, 5.0, 6.0]);
    assert!(x.where_(other.gt(1.0)).is_err());
    // xarray: x.where(y > 1) and x.fillna(y).
    let kept = x.where_(other.gt(1.0).unwrap().joined(Join::Inner)).unwrap();
    assert_eq!(kept.coords().labels("x").unwrap().to_f64(), [2.0, 3.0]);
    assert!(values(&kept)[0].is_nan() && values(&kept)[1] == 30.0);
    assert_eq!(values(&x.fillna(other.joined(Join::Left)).unwrap()), [10.0, 0.0, 30.0]);
    assert_eq!(values(&x.where_else(x.gt(20.0), other.joined(Join::Inner)).unwrap()), [0.0, 30.0]);
}
