//! Laws of selecting, aligning and stacking that hold for any labels.

use std::collections::BTreeSet;

use graticule_array::Array;
use graticule_dataset::{Alignment, DataArray, Join, Method, Reindex, Sel, Variable, align};
use proptest::prelude::*;

use crate::support::values;

/// A lazy array over distinct labels along `x` and `y`, with the labels in some order.
fn array(x: &[i32], y: &[i32]) -> DataArray {
    let data =
        ndarray::Array2::from_shape_fn((x.len(), y.len()), |(i, j)| f64::from(x[i]) * 1e4 + f64::from(y[j]));
    let data = (&Array::from_array(data, (2, 3)).unwrap() * 1.0).unwrap();
    let labels = |dim: &str, labels: &[i32]| {
        Variable::from_vec(dim, labels.iter().map(|&label| f64::from(label) / 4.0).collect::<Vec<f64>>())
            .unwrap()
    };
    let coords = [("x".to_owned(), labels("x", x)), ("y".to_owned(), labels("y", y))];
    DataArray::new(Some("v"), Variable::new(["x", "y"], data).unwrap(), coords).unwrap()
}

fn labels(max: usize) -> impl Strategy<Value = Vec<i32>> {
    prop::collection::hash_set(-20..20i32, 1..max).prop_map(|set| {
        let mut labels: Vec<i32> = set.into_iter().collect();
        labels.sort_unstable_by_key(|x| x.wrapping_mul(7919).rem_euclid(31));
        labels
    })
}

fn bits(array: &DataArray) -> Vec<u64> {
    values(array).into_iter().map(f64::to_bits).collect()
}

fn axis(array: &DataArray, dim: &str) -> Vec<f64> {
    array.coords().labels(dim).unwrap().to_f64()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn unstacking_undoes_stacking(x in labels(7), y in labels(7)) {
        let array = array(&x, &y);
        for dims in [["x", "y"], ["y", "x"]] {
            let back = array.stack("z", dims).unwrap().unstack("z").unwrap().transpose(["x", "y"]).unwrap();
            prop_assert_eq!(bits(&back), bits(&array));
            prop_assert_eq!((axis(&back, "x"), axis(&back, "y")), (axis(&array, "x"), axis(&array, "y")));
        }
    }

    #[test]
    fn any_rows_of_a_stack_come_back_where_they_were(x in labels(6), y in labels(6), keep in any::<u64>()) {
        let array = array(&x, &y);
        let stacked = array.stack("z", ["x", "y"]).unwrap();
        let rows: Vec<usize> = (0..x.len() * y.len()).filter(|i| keep >> (i % 64) & 1 == 1).collect();
        let back = stacked.isel("z", rows.clone()).unwrap().unstack("z").unwrap().reindex_like(&array).unwrap();
        let back = values(&back);
        for (i, (a, b)) in values(&array).into_iter().zip(back).enumerate() {
            prop_assert_eq!(if rows.contains(&i) { a.to_bits() } else { f64::NAN.to_bits() }, b.to_bits());
        }
    }

    #[test]
    fn selecting_labels_is_selecting_their_positions(x in labels(9), picks in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let array = array(&x, &[1, 2]);
        let positions: Vec<usize> = picks.iter().map(|pick| pick.index(x.len())).collect();
        let wanted: Vec<f64> = positions.iter().map(|&i| f64::from(x[i]) / 4.0).collect();
        let by_position = array.isel("x", positions.clone()).unwrap();
        prop_assert_eq!(bits(&array.sel("x", wanted.clone()).unwrap()), bits(&by_position));
        let along = DataArray::new(None, Variable::from_vec("p", wanted).unwrap(), []).unwrap();
        let points = array.sel("x", &along).unwrap();
        prop_assert_eq!(bits(&points), bits(&by_position));
        prop_assert_eq!(points.dims()[0].as_str(), "p");
    }

    #[test]
    fn points_are_elements(x in labels(7), y in labels(7), picks in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..8)) {
        let array = array(&x, &y);
        let along = |positions: Vec<i64>| DataArray::new(None, Variable::from_vec("p", positions).unwrap(), []).unwrap();
        let i: Vec<i64> = picks.iter().map(|pick| pick.0.index(x.len()) as i64).collect();
        let j: Vec<i64> = picks.iter().map(|pick| pick.1.index(y.len()) as i64).collect();
        let points = values(&array.isel_dims([("x", &along(i.clone())), ("y", &along(j.clone()))]).unwrap());
        for ((i, j), value) in i.iter().zip(&j).zip(points) {
            prop_assert_eq!(array.isel("x", *i).unwrap().isel("y", *j).unwrap().item().unwrap(), value);
        }
    }

    #[test]
    fn reindexing_to_the_own_labels_changes_nothing(x in labels(9), y in labels(5)) {
        let array = array(&x, &y);
        prop_assert_eq!(bits(&array.reindex_like(&array).unwrap()), bits(&array));
        let mut turned = x.clone();
        turned.reverse();
        let turned = array.reindex("x", turned.iter().map(|&x| f64::from(x) / 4.0).collect::<Vec<f64>>()).unwrap();
        prop_assert_eq!(bits(&turned.reindex_like(&array).unwrap()), bits(&array));
        let nearest = Reindex::to(x.iter().map(|&x| f64::from(x) / 4.0 + 0.1).collect::<Vec<f64>>()).method(Method::Nearest).tolerance(0.11);
        prop_assert_eq!(bits(&array.reindex("x", nearest).unwrap()), bits(&array));
    }

    #[test]
    fn joins_are_sets_of_labels_and_idempotent(x in labels(9), y in labels(9)) {
        let (a, b) = (array(&x, &[1]), array(&y, &[1]));
        let set = |labels: &[i32]| labels.iter().copied().collect::<BTreeSet<i32>>();
        let (sx, sy) = (set(&x), set(&y));
        let found = |array: &DataArray| axis(array, "x").into_iter().map(|x| (x * 4.0) as i32).collect::<BTreeSet<i32>>();
        let outer = align(&[&a, &b], Join::Outer).unwrap();
        prop_assert_eq!(found(&outer[0]), sx.union(&sy).copied().collect::<BTreeSet<i32>>());
        let turned = align(&[&b, &a], Join::Outer).unwrap();
        prop_assert_eq!(axis(&outer[0], "x").len(), axis(&turned[0], "x").len());
        if sx != sy || x == y {
            prop_assert_eq!(bits(&outer[0]), bits(&turned[1]));
        }
        let again = align(&[&outer[0], &outer[1]], Join::Exact).unwrap();
        prop_assert_eq!(bits(&again[0]), bits(&outer[0]));
        match align(&[&a, &b], Join::Inner) {
            Ok(inner) => {
                prop_assert_eq!(found(&inner[0]), sx.intersection(&sy).copied().collect::<BTreeSet<i32>>());
                prop_assert_eq!(axis(&inner[0], "x"), axis(&inner[1], "x"));
                let sum = (&a + b.joined(Join::Inner)).unwrap();
                prop_assert_eq!(bits(&sum), bits(&(&inner[0] + &inner[1]).unwrap()));
            }
            Err(error) => {
                prop_assert!(error.is_alignment());
                prop_assert!(sx.is_disjoint(&sy));
            }
        }
        let left = align(&[&a, &b], Alignment::new(Join::Left).fill_value(-1.0)).unwrap();
        prop_assert_eq!(axis(&left[1], "x"), axis(&a, "x"));
        prop_assert_eq!(values(&left[1]).iter().filter(|v| **v == -1.0).count(), sx.difference(&sy).count());
    }

    #[test]
    fn transposing_there_and_back_changes_nothing(x in labels(6), y in labels(6)) {
        let array = array(&x, &y);
        let back = array.transpose(["y", "x"]).unwrap().transpose(["x", "..."]).unwrap();
        prop_assert_eq!(bits(&back), bits(&array));
    }

    #[test]
    fn a_sorted_array_has_its_labels_in_order(x in labels(9)) {
        let array = array(&x, &[1, 2]);
        let sorted = array.sortby("x").unwrap();
        prop_assert!(axis(&sorted, "x").is_sorted());
        prop_assert_eq!(bits(&sorted.reindex_like(&array).unwrap()), bits(&array));
    }

    #[test]
    fn a_turn_of_the_circle_changes_no_label(start in -720i32..720, x in prop::collection::hash_set(0..360i32, 1..12)) {
        let x: Vec<i32> = x.into_iter().map(|x| x * 4).collect();
        let array = array(&x, &[1]);
        let wrapped = array.wrap("x", f64::from(start)..f64::from(start) + 360.0).unwrap();
        prop_assert!(axis(&wrapped, "x").is_sorted());
        for &label in &x {
            let label = f64::from(label) / 4.0;
            let on_circle = Sel::from(label).period(360.0);
            prop_assert_eq!(bits(&wrapped.sel("x", on_circle).unwrap()), bits(&array.sel("x", label).unwrap()));
        }
    }
}
