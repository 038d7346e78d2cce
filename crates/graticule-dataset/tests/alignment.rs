//! align, reindex, broadcast. Answers are those of xarray 2026.9.

use graticule_array::{Array, DType};
use graticule_dataset::{Alignment, DataArray, Join, Method, Reindex, Tolerance, Variable, align, broadcast};

use crate::indexing::{along, map};
use crate::support::{on, values, year};

const NAN: f64 = f64::NAN;

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

fn x(array: &DataArray) -> Vec<f64> {
    array.coords().labels("x").unwrap().to_f64()
}

fn pair() -> (DataArray, DataArray) {
    let (a, b) = (
        on("a", vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 3.0]),
        on("b", vec![5.0, 3.0, 1.0], vec![1.0, 2.0, 3.0]),
    );
    (a.astype(DType::I64).unwrap(), b.astype(DType::I64).unwrap())
}

#[test]
fn labels_of_dimensions_that_are_left_out_are_not_replaced() {
    let (a, b) = pair();
    let aligned = align(&[&a, &b], Alignment::new(Join::Override).exclude(["x"])).unwrap();
    assert_eq!((x(&aligned[0]), x(&aligned[1])), (x(&a), x(&b)));
}

#[test]
fn joins_bring_labels_together() {
    let (a, b) = pair();
    for (join, labels, left, right) in [
        (Join::Inner, vec![3.0, 1.0], vec![1.0, 2.0], vec![2.0, 3.0]),
        (Join::Outer, vec![1.0, 2.0, 3.0, 5.0], vec![2.0, 3.0, 1.0, NAN], vec![3.0, NAN, 2.0, 1.0]),
        (Join::Left, vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 3.0], vec![2.0, 3.0, NAN]),
        (Join::Right, vec![5.0, 3.0, 1.0], vec![NAN, 1.0, 2.0], vec![1.0, 2.0, 3.0]),
        (Join::Override, vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]),
    ] {
        let aligned = align(&[&a, &b], join).unwrap();
        assert_eq!((x(&aligned[0]), x(&aligned[1])), (labels.clone(), labels), "{join:?}");
        assert!(same(&values(&aligned[0]), &left), "{join:?}");
        assert!(same(&values(&aligned[1]), &right), "{join:?}");
    }
    // What is complete keeps its dtype.
    let left = align(&[&a, &b], Join::Left).unwrap();
    assert_eq!((left[0].dtype(), left[1].dtype()), (DType::I64, DType::F64));
    // So do labels that one array gives alone.
    let ints = a.assign_coords([("x", Variable::from_vec("x", vec![3i64, 1, 2]).unwrap())]).unwrap();
    let dtype = |join| align(&[&ints, &b], join).unwrap()[1].coords().labels("x").unwrap().dtype();
    assert_eq!([Join::Left, Join::Right, Join::Outer].map(dtype), [DType::I64, DType::F64, DType::F64]);
    let filled = align(&[&a, &b], Alignment::new(Join::Outer).fill_value(-9)).unwrap();
    assert_eq!((filled[0].dtype(), values(&filled[0])), (DType::I64, vec![2.0, 3.0, 1.0, -9.0]));
    assert!(align(&[&a, &b], Join::Exact).unwrap_err().is_alignment());
    let excluded =
        align(&[&a, &b.isel("x", 0..2).unwrap()], Alignment::new(Join::Exact).exclude(["x"])).unwrap();
    assert_eq!(excluded[1].shape(), [2]);
}

#[test]
fn an_inner_join_that_leaves_nothing_is_an_error() {
    let (a, b) = (on("a", vec![1.0, 2.0], vec![1.0; 2]), on("b", vec![7.0, 8.0], vec![1.0; 2]));
    insta::assert_snapshot!(align(&[&a, &b], Join::Inner).unwrap_err(), @r#"coordinate "x" differs between the operands: 2 of 2 labels are only on the left (1, 2), 2 of 2 only on the right (7, 8), the largest difference is 6e0; an inner join would leave nothing; use Join::Outer, or select what belongs together, or give a tolerance where the labels differ by rounding"#);
    let empty = b.isel("x", 0..0).unwrap();
    assert_eq!(align(&[&a, &empty], Join::Inner).unwrap()[0].shape(), [0]);
    assert_eq!(x(&align(&[&a, &empty], Join::Outer).unwrap()[1]), [1.0, 2.0]);
}

#[test]
fn labels_that_repeat_do_not_align() {
    let (a, _) = pair();
    let twice = on("b", vec![1.0, 1.0, 3.0], vec![1.0; 3]);
    let error = align(&[&a, &twice], Join::Outer).unwrap_err().to_string();
    assert!(error.contains("has the label 1 2 times"), "{error}");
    assert!(twice.reindex("x", [1.0]).unwrap_err().to_string().contains("2 times"));
    assert!(twice.reindex("x", Reindex::to([1.0]).method(Method::Nearest)).is_err());
}

#[test]
fn labels_within_a_tolerance_are_the_same() {
    let a = on("a", vec![0.1, 0.2, 0.3], vec![1.0, 2.0, 3.0]);
    let b = on("b", vec![0.1, 0.2, 0.1 + 0.2], vec![10.0, 20.0, 30.0]);
    assert!((&a + &b).is_err());
    let sum = (&a + b.joined(Alignment::new(Join::Exact).tolerance(Tolerance::Ulps(2)))).unwrap();
    assert_eq!((values(&sum), x(&sum)), (vec![11.0, 22.0, 33.0], vec![0.1, 0.2, 0.3]));
    let short: Vec<f32> = vec![0.1, 0.2, 0.3];
    let short = b.assign_coords([("x", Variable::from_vec("x", short).unwrap())]).unwrap();
    assert!((&a + &short).is_err());
    let sum = (&a + short.joined(Alignment::new(Join::Inner).tolerance(Tolerance::Ulps(1)))).unwrap();
    assert_eq!(values(&sum), [11.0, 22.0, 33.0]);
    let near = Alignment::new(Join::Exact).tolerance(1e-20);
    assert!(align(&[&a, &b], near).unwrap_err().is_alignment());
    // Two labels within the tolerance of one are not told apart.
    let crowd = on("b", vec![0.1, 0.1 + 1e-12, 0.2], vec![1.0; 3]);
    let error = align(&[&a, &crowd], Alignment::new(Join::Outer).tolerance(1e-6)).unwrap_err();
    assert!(
        error.to_string().contains("2 times; labels that repeat, or that a tolerance makes the same"),
        "{error}"
    );
}

#[test]
fn arithmetic_can_join_where_it_is_asked_to() {
    let (a, b) = pair();
    let outer = (&a + b.joined(Join::Outer)).unwrap();
    assert!(same(&values(&outer), &[5.0, NAN, 3.0, NAN]));
    assert_eq!(values(&(&a * b.joined(Join::Inner)).unwrap()), [2.0, 6.0]);
    assert_eq!(values(&a.lt(b.joined(Join::Inner)).unwrap()), [1.0, 1.0]);
    let ds = a.to_dataset().unwrap();
    let other = b.with_name("a").to_dataset().unwrap();
    assert!((&ds - &other).is_err());
    assert_eq!(values(&(&ds - other.joined(Join::Inner)).unwrap().get("a").unwrap()), [-1.0, -1.0]);
}

#[test]
fn an_array_without_labels_takes_those_of_the_others() {
    let (a, b) = pair();
    let bare = b.drop_vars(["x"]).unwrap();
    let aligned = align(&[&a, &bare], Join::Outer).unwrap();
    assert_eq!(x(&aligned[1]), [3.0, 1.0, 2.0]);
    let short = bare.isel("x", 0..2).unwrap();
    assert!(align(&[&a, &short], Join::Outer).unwrap_err().is_alignment());
    assert!((&a + &short).is_err());
}

#[test]
fn reindexing_takes_what_is_there() {
    let map = map();
    let part = map.reindex("lat", [10, 40]).unwrap();
    let labels = part.coords().labels("lat").unwrap();
    assert_eq!((labels.dtype(), labels.to_f64()), (DType::I32, vec![10.0, 40.0]));
    assert!(same(&values(&part), &[8.0, 9.0, 10.0, 11.0, NAN, NAN, NAN, NAN]));
    assert_eq!(part.coords().get("name").unwrap().values().unwrap().get(0), Some("c".into()));
    assert_eq!(part.coords().get("name").unwrap().values().unwrap().get(1), Some("".into()));
    assert!(same(&part.coords().get("area").unwrap().values().unwrap().to_f64()[4..], &[NAN; 4]));
    let filled = map.reindex("lat", Reindex::to([10.0, 40.0]).fill_value(-1)).unwrap();
    assert_eq!(values(&filled)[4..], [-1.0; 4]);
    assert_eq!(filled.coords().get("area").unwrap().values().unwrap().to_f64()[4..], [-1.0; 4]);
    let rows = |method: Method| {
        let part = map.reindex("lat", Reindex::to([9.0, 14.0, 26.0]).method(method)).unwrap();
        values(&part.isel("lon", 0).unwrap())
    };
    assert_eq!(rows(Method::Nearest), [8.0, 8.0, 0.0]);
    assert_eq!(rows(Method::Pad), [8.0, 4.0, 0.0]);
    let near = Reindex::to([9.0, 14.0, 26.0]).method(Method::Nearest).tolerance(2.0);
    assert!(same(&values(&map.reindex("lat", near).unwrap().isel("lon", 0).unwrap()), &[8.0, NAN, NAN]));
    assert_eq!(map.reindex("lat", [10.0, 10.0]).unwrap().shape(), [2, 4]);
    assert!(map.reindex("depth", [1.0]).is_err());
}

#[test]
fn float32_labels_are_found_by_what_rounds_to_them() {
    let labels = Variable::from_vec("x", vec![0.1f32, 0.2, 359.5301, 359.5346]).unwrap();
    let da = along("x", vec![1.0, 2.0, 3.0, 4.0]).assign_coords([("x", labels)]).unwrap();
    let asked = vec![0.1, 0.2, 0.25];
    let found = da.reindex("x", asked.clone()).unwrap();
    assert!(same(&values(&found), &[1.0, 2.0, NAN]));
    let labels = found.coords().labels("x").unwrap();
    assert_eq!((labels.dtype(), labels.to_f64()), (DType::F64, asked));
    // As float32 it is as far from one as from the other.
    let near = Reindex::to([359.532336]).method(Method::Nearest);
    assert_eq!(values(&da.reindex("x", near).unwrap()), [3.0]);
    let before = Reindex::to([0.2]).method(Method::Pad);
    assert_eq!(values(&da.reindex("x", before).unwrap()), [2.0]);
}

#[test]
fn reindexing_widens_only_where_something_is_missing() {
    let dtype = |array: &DataArray, to: Reindex| array.reindex("x", to).unwrap().dtype();
    let ints = along("x", vec![1i8, 2]).reindex("x", [0.0, 1.0]).unwrap();
    assert!(ints.coords().is_index("x"));
    assert_eq!(dtype(&ints, [1.0, 0.0].into()), DType::I8);
    assert_eq!(dtype(&ints, [1.0, 2.0].into()), DType::F32);
    assert_eq!(dtype(&ints, Reindex::to([1.0, 2.0]).fill_value(-1)), DType::I8);
    assert_eq!(dtype(&ints, Reindex::to([1.0, 2.0]).fill_value(-1.5)), DType::F64);
    assert!(ints.reindex("x", Reindex::to([1.0, 2.0]).fill_value(1000)).is_err());
    assert_eq!(dtype(&ints.gt(1).unwrap(), [5.0].into()), DType::F64);
    let none = ints.isel("x", 0..0).unwrap();
    assert_eq!(dtype(&none, Reindex::to([1.0]).fill_value(-1)), DType::I8);
    assert!(values(&none.reindex("x", [1.0]).unwrap())[0].is_nan());
    assert_eq!(none.reindex("x", Vec::<f64>::new()).unwrap().shape(), [0]);
    assert!(along("x", vec![1.0]).reindex("x", [1.0, 2.0]).unwrap_err().is_alignment());
    let days = year().get("adt").unwrap().isel("lat", 0).unwrap().isel("lon", 0).unwrap();
    let two = days.reindex("time", ["2015-01-02", "2016-01-01"]).unwrap();
    assert!(same(&values(&two), &[10_000.0, NAN]));
}

#[test]
fn reindexing_like_others_takes_all_their_labels() {
    let map = map();
    let like = on("q", vec![20.0, 25.0], vec![0.0; 2]).rename([("x", "lat")]).unwrap();
    let part = map.reindex_like(&like).unwrap();
    assert!(same(&values(&part)[..5], &[4.0, 5.0, 6.0, 7.0, NAN]));
    assert_eq!(map.reindex_like(&along("other", vec![1.0])).unwrap().shape(), [3, 4]);
    assert!(map.reindex_like(&along("lat", vec![1.0])).unwrap_err().is_alignment());
    let back = map.isel("lat", 1..).unwrap().reindex_like(&map).unwrap();
    assert!(same(&values(&back)[3..5], &[NAN, 4.0]));
    let stacked = map.stack("z", ["lat", "lon"]).unwrap();
    let some = stacked.isel("z", [5, 1]).unwrap();
    assert!(same(&values(&some.reindex_like(&stacked).unwrap())[..3], &[NAN, 1.0, NAN]));
}

#[test]
fn broadcasting_stretches_over_all_dimensions() {
    let (a, b) = pair();
    let square =
        DataArray::new(None, Variable::new(["k", "y"], Array::ones((2, 3), "auto").unwrap()).unwrap(), []);
    let both = broadcast(&[&a, &square.unwrap()]).unwrap();
    assert_eq!(
        (both[0].dims(), both[1].dims()),
        (["x", "k", "y"].map(Into::into).as_slice(), both[0].dims())
    );
    assert_eq!(x(&both[1]), [3.0, 1.0, 2.0]);
    assert_eq!(values(&both[0])[..7], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
    assert_eq!(x(&broadcast(&[&a, &b]).unwrap()[0]), [1.0, 2.0, 3.0, 5.0]);
    let map = map();
    let row = map.isel("lat", 0).unwrap().broadcast_like(&map).unwrap();
    assert_eq!((row.dims(), values(&row)[4..8].to_vec()), (map.dims(), vec![0.0, 1.0, 2.0, 3.0]));
    assert!(row.coords().is_index("lat"));
    assert_eq!(map.isel_drop("lon", 0).unwrap().broadcast_like(&map).unwrap().shape(), [3, 4]);
}
