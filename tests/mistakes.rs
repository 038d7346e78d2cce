//! Mistakes a user makes, and what the message says: the fact, what was possible, what to do.

use graticule::prelude::*;

use crate::aviso::year;

fn message<T: std::fmt::Debug, E: std::fmt::Display + std::fmt::Debug>(result: Result<T, E>) -> String {
    result.unwrap_err().to_string()
}

fn assert_says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is missing in: {message}");
    }
}

#[test]
fn names_that_are_not_there() {
    let ds = year();
    assert_says(&message(ds.get("sla")), &["sla", "adt", "lat_bnds"]);
    let ssh = ds.get("adt").unwrap();
    assert_says(&message(ssh.mean("latitude")), &["latitude", "time", "lat", "lon"]);
    assert_says(&message(ssh.isel("depth", 0)), &["depth", "time", "lat", "lon"]);
    assert_says(&message(ds.coord("altitude")), &["altitude", "lat"]);
}

#[test]
fn labels_that_are_not_there() {
    let ssh = year().get("adt").unwrap();
    assert_says(&message(ssh.sel("lat", 10.0)), &["10", "lat", "10.5"]);
    assert_says(&message(ssh.sel("time", "2016-01-01")), &["2016-01-01", "time", "2015-12-31"]);
    assert_says(&message(ssh.sel("time", "yesterday")), &["yesterday"]);
    assert_says(&message(ssh.isel("lat", 60)), &["60", "lat"]);
    let nearest = ssh.sel("lat", Sel::nearest(10.0)).unwrap();
    assert_eq!(nearest.shape(), [365, 120]);
}

#[test]
fn arrays_that_do_not_fit_together() {
    let ssh = year().get("adt").unwrap();
    let north = ssh.sel("lat", 0.0..=90.0).unwrap();
    let text = message(&ssh - &north);
    assert_says(&text, &["lat", "60", "30"]);
    assert!(text.contains("align") || text.contains("join"), "{text}");
}

#[test]
fn files_that_are_not_there() {
    assert_says(&message(open_dataset("no/such/file.nc")), &["no/such/file.nc"]);
    let pattern = format!("{}/aviso-2015/*.nc4", crate::aviso::fixtures().display());
    assert_says(&message(open_mfdataset(pattern.as_str())), &["*.nc4", "aviso-2015"]);
    assert_says(&message(open_mfdataset(Vec::<String>::new())), &["empty"]);
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert_says(&message(open_dataset(readme)), &["Cargo.toml", "netCDF"]);
}

#[test]
fn files_of_a_year_that_disagree() {
    let days = crate::aviso::fixtures().join("aviso-2015");
    let day = |date: &str| days.join(format!("dt_global_allsat_madt_h_{date}_20150914.nc"));
    let twice = [day("20150101"), day("20150102"), day("20150102")];
    assert_says(&message(open_mfdataset(twice.to_vec())), &["2015-01-02", "20150102_20150914.nc"]);
    // Names in any order give days in order.
    let shuffled = [day("20150103"), day("20150101"), day("20150102")];
    let ds = open_mfdataset(shuffled.to_vec()).unwrap();
    let days = ds.coord("time").unwrap().values::<i64>().unwrap();
    assert!(days.iter().zip(days.iter().skip(1)).all(|(a, b)| a < b), "{days}");
}

#[test]
fn a_memory_limit_that_is_too_small() {
    let mean = year().get("adt").unwrap().mean("time").unwrap();
    let runtime = Runtime::builder().memory_limit("100 KB").unwrap().build();
    let text = message(mean.compute_with(&runtime));
    assert_says(&text, &["memory limit is 97.7 KiB", "Set memory_limit to at least"]);
}

#[test]
fn a_chunk_size_that_does_not_fit() {
    let ssh = year().get("adt").unwrap();
    assert_says(&message(ssh.chunk([("level", 10)])), &["level", "time", "lat", "lon"]);
    assert_eq!(ssh.chunk([("time", 30)]).unwrap().data().chunks().counts(), [13, 1, 1]);
}
