use graticule_array::Runtime;
use graticule_dataset::{DataArray, Dataset, Reduction, Variable, compute_all};

use crate::support::{values, year};

#[test]
fn reduced_dimensions_take_their_coordinates_with_them() {
    let ds = year();
    let mean = ds.mean(["lat", "lon"]).unwrap();
    let adt = mean.get("adt").unwrap();
    assert_eq!(adt.dims(), ["time"]);
    assert_eq!(mean.coords().names().collect::<Vec<_>>(), ["time"]);
    assert_eq!(values(&adt)[..2], [5183.5, 15183.5]);
    assert_eq!(adt.attrs().get("units").unwrap().as_str(), Some("m"));
    assert_eq!(ds.max(()).unwrap().get("adt").unwrap().item().unwrap(), 3_650_367.0);
    assert!(ds.mean("depth").is_err());
}

#[test]
fn a_dataset_reduces_each_variable_over_what_it_has() {
    let area = Variable::from_vec("lat", (0..72).map(f64::from).collect()).unwrap();
    let names = Variable::from_vec("time", vec![std::sync::Arc::<str>::from("a"); 365]).unwrap();
    let ds = year().assign([("area", area), ("names", names)]).unwrap();
    let mean = ds.mean(["time", "lon"]).unwrap();
    assert_eq!(mean.get("adt").unwrap().dims(), ["lat"]);
    assert_eq!(values(&mean.get("area").unwrap())[..3], [0.0, 1.0, 2.0]);
    assert!(mean.get("names").is_err());
    // Over no axes at all, each value stands for itself, as in xarray.
    assert_eq!(values(&ds.std("time").unwrap().get("area").unwrap())[..2], [0.0, 0.0]);
    let count = ds.count("time").unwrap();
    assert_eq!(values(&count.get("area").unwrap())[..2], [1.0, 1.0]);
    assert_eq!(count.get("names").unwrap().item().unwrap(), 365.0);
}

#[test]
fn nothing_sums_to_zero_and_has_no_maximum() {
    let none = year().get("adt").unwrap().sel("lat", 10.1..=10.2).unwrap();
    assert_eq!(none.shape(), [365, 0, 144]);
    assert_eq!(none.sum(()).unwrap().item().unwrap(), 0.0);
    assert!(none.mean(()).unwrap().item().unwrap().is_nan());
    assert!(none.max("lat").unwrap_err().to_string().contains("of no values there is none"));
    assert_eq!(none.values::<f64>().unwrap().len(), 0);
}

#[test]
fn missing_values_are_left_out_unless_asked_for() {
    let x = DataArray::new(None, Variable::from_vec("x", vec![1.0, f64::NAN, 3.0]).unwrap(), []).unwrap();
    assert_eq!(x.mean(()).unwrap().item().unwrap(), 2.0);
    assert_eq!(x.count("x").unwrap().item().unwrap(), 2.0);
    assert_eq!(x.argmax("x").unwrap().item().unwrap(), 2.0);
    assert!(x.reduce(Reduction::mean().skipna(false), "x").unwrap().item().unwrap().is_nan());
    assert_eq!(x.var(()).unwrap().item().unwrap(), 1.0);
    assert_eq!(x.reduce(Reduction::std().ddof(1), ()).unwrap().item().unwrap(), 2f64.sqrt());
    assert_eq!(x.gt(2.0).unwrap().any(()).unwrap().item().unwrap(), 1.0);
}

#[test]
fn results_are_computed_together() {
    let adt = year().get("adt").unwrap();
    let (mean, max) = (adt.mean(()).unwrap(), adt.max("time").unwrap());
    let results = compute_all([&mean, &max]).unwrap();
    assert!(results[0].data().resident().is_some());
    assert_eq!(results[1].shape(), [72, 144]);
    let runtime = Runtime::builder().threads(1).build();
    let loaded = year().mean("time").unwrap().compute_with(&runtime).unwrap();
    assert!(loaded.get("adt").unwrap().data().resident().is_some());
    let mut lazy = year().isel("time", 0).unwrap();
    assert!(lazy.load().unwrap().get("adt").unwrap().data().resident().is_some());
}

#[test]
fn chunks_go_by_name_or_size() {
    let ds: Dataset = year().chunk([("time", 100), ("lon", 0)]).unwrap();
    assert_eq!(ds.get("adt").unwrap().data().chunks().counts(), [4, 1, 1]);
    let ds = ds.chunk("1MiB").unwrap();
    assert!(ds.get("adt").unwrap().data().chunks().count() > 4);
    assert!(ds.chunk([("depth", 1)]).is_err());
    let persisted = year().mean("lon").unwrap().persist().unwrap().get("adt").unwrap();
    assert_eq!(persisted.data().chunks().counts(), [365, 1]);
    assert!(persisted.data().resident().is_some());
}

#[test]
fn an_explanation_names_the_steps() {
    let text = year().mean("time").unwrap().explain().unwrap();
    assert!(text.contains("mean"), "{text}");
    let in_memory = year().mean(()).unwrap().compute().unwrap().explain().unwrap();
    assert_eq!(in_memory, "everything is in memory\n");
}

#[test]
fn the_item_of_many_is_refused() {
    let error = year().get("adt").unwrap().item().unwrap_err().to_string();
    assert!(error.contains("reduce or select until one element is left"), "{error}");
}
