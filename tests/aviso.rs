//! The analysis of the bundled year, against what xarray computes on the same files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graticule::array::{Event, Observer};
use graticule::dataset::compute_all_with;
use graticule::prelude::*;
use serde_json::Value;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-fixtures")
}

pub(crate) fn year() -> Dataset {
    open_mfdataset(format!("{}/aviso-2015/*.nc", fixtures().display())).unwrap()
}

fn golden() -> Value {
    let text = std::fs::read_to_string(fixtures().join("golden/aviso.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A list of numbers of any nesting, flat, in which "NaN" is NaN.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        Value::Number(number) => vec![number.as_f64().unwrap()],
        _ => vec![f64::NAN],
    }
}

fn assert_close(mine: &[f64], theirs: &[f64], relative: f64, absolute: f64) {
    assert_eq!(mine.len(), theirs.len());
    for (i, (a, b)) in mine.iter().zip(theirs).enumerate() {
        let close = (a - b).abs() <= absolute + relative * b.abs() || (a.is_nan() && b.is_nan());
        assert!(close, "number {i}: {a} is not {b}");
    }
}

/// The three results of the lecture.
fn analysis(ds: &Dataset) -> [DataArray; 3] {
    let ssh = ds.get("adt").unwrap();
    let mean = ssh.mean("time").unwrap();
    let anomaly = (&ssh - &mean).unwrap();
    let variance = anomaly.pow(2).unwrap().mean(["lon", "time"]).unwrap();
    let weight = ds.coord("lat").unwrap().deg2rad().unwrap().cos().unwrap();
    let weight = (&weight / weight.mean("lat").unwrap()).unwrap();
    let series = (&anomaly * &weight).unwrap().mean(["lon", "lat"]).unwrap();
    [mean, variance, series]
}

fn values(array: &DataArray) -> Vec<f64> {
    array.data().compute().unwrap().to_f64()
}

#[test]
fn the_three_results_are_xarrays() {
    let golden = golden();
    let [mean, variance, series] = analysis(&year());
    assert_close(&values(&mean), &numbers(&golden["mean_time"]), 1e-10, 0.0);
    assert_close(&values(&variance), &numbers(&golden["anomaly_variance"]), 1e-10, 0.0);
    // xarray's weight is float32, because lat is: 1e-7 is what its rounding leaves.
    assert_close(&values(&series), &numbers(&golden["weighted_anomaly"]), 0.0, 1e-7);
}

#[test]
fn the_year_is_what_xarray_says_it_is() {
    let golden = golden();
    let ds = year();
    let ssh = ds.get("adt").unwrap();
    assert_eq!(
        ssh.shape().to_vec(),
        numbers(&golden["shape"]).iter().map(|&n| n as usize).collect::<Vec<_>>()
    );
    assert_eq!(ssh.nbytes() as u64, golden["nbytes"].as_u64().unwrap());
    assert_eq!(values(&ds.coord("lat").unwrap()), numbers(&golden["lat"]));
    assert_eq!(values(&ds.coord("lon").unwrap()), numbers(&golden["lon"]));
    assert_eq!(ssh.min(()).unwrap().item().unwrap(), golden["min"].as_f64().unwrap());
    assert_eq!(ssh.max(()).unwrap().item().unwrap(), golden["max"].as_f64().unwrap());
    assert_eq!(ssh.count(()).unwrap().item().unwrap(), golden["count"].as_f64().unwrap());
    let missing = ssh.isnull().unwrap().sum(["lat", "lon"]).unwrap();
    assert_eq!(values(&missing), numbers(&golden["nan_by_day"]));
    let text = ds.to_string();
    assert!(text.contains("2015-01-01 2015-01-02 ... 2015-12-31"), "{text}");
}

#[test]
fn results_are_the_same_bits_with_any_number_of_threads() {
    let results = analysis(&year());
    let bits = |threads: usize| -> Vec<Vec<u64>> {
        let runtime = Runtime::builder().threads(threads).build();
        let computed = compute_all_with(&results, &runtime).unwrap();
        computed.iter().map(|array| values(array).iter().map(|x| x.to_bits()).collect()).collect()
    };
    let one = bits(1);
    assert_eq!(one, bits(2));
    assert_eq!(one, bits(7));
}

/// Counts what sources deliver.
#[derive(Debug, Default)]
struct BytesRead(AtomicUsize);

impl Observer for BytesRead {
    fn on_event(&self, event: &Event) {
        if let Event::TaskFinished { bytes_read, .. } = event {
            self.0.fetch_add(*bytes_read, Ordering::Relaxed);
        }
    }
}

#[test]
fn the_plan_says_how_often_the_files_are_read_and_the_run_keeps_to_it() {
    let [mean, variance, series] = analysis(&year());
    let read = Arc::new(BytesRead::default());
    let runtime = Runtime::builder().threads(2).observer(Arc::clone(&read) as Arc<dyn Observer>).build();
    let packed = 365 * 60 * 120 * 4;

    // The variance alone is one pass.
    let plan = runtime.plan(&[variance.data()]).unwrap().explain();
    assert!(plan.contains("reads its data once"), "{plan}");
    assert!(plan.contains("nanvar over axes [0]"), "{plan}");
    runtime.compute(variance.data()).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), packed);

    // The series is two; what the first has read stays in memory where that is little beside the limit.
    let plan = runtime.plan(&[series.data()]).unwrap().explain();
    assert!(plan.contains("reads its data once") && plan.contains("keep 365 sources as read"), "{plan}");
    runtime.compute(series.data()).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), packed);

    let observer = Arc::clone(&read) as Arc<dyn Observer>;
    let small = Runtime::builder().threads(2).memory_limit("64MiB").unwrap().observer(observer).build();
    let plan = small.plan(&[series.data()]).unwrap().explain();
    assert!(
        plan.contains("reads its data 2 times") && plan.contains("more than 1/32 of the limit"),
        "{plan}"
    );
    small.compute(series.data()).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), 2 * packed);

    // All three together read no more than that.
    small.compute_all(&[mean.data(), variance.data(), series.data()]).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), 2 * packed);
}

#[test]
fn a_variance_written_in_steps_reads_the_files_once() {
    let read = Arc::new(BytesRead::default());
    let runtime = Runtime::builder().threads(2).observer(Arc::clone(&read) as Arc<dyn Observer>).build();
    let ssh = year().get("adt").unwrap();
    let square = (&ssh - ssh.mean("time").unwrap()).unwrap().pow(2).unwrap();
    let by_latitude = square.mean("time").unwrap().mean("lon").unwrap();
    runtime.compute(by_latitude.data()).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), 365 * 60 * 120 * 4);
}

#[test]
fn one_day_is_read_from_one_file() {
    let read = Arc::new(BytesRead::default());
    let runtime = Runtime::builder().observer(Arc::clone(&read) as Arc<dyn Observer>).build();
    let ssh = year().get("adt").unwrap();
    let day = ssh.sel("time", "2015-07-22").unwrap();
    runtime.compute(day.data()).unwrap();
    assert_eq!(read.0.swap(0, Ordering::Relaxed), 60 * 120 * 4);
    assert_eq!(day.shape().iter().product::<usize>(), 60 * 120);
    let july = ssh.sel("time", "2015-07").unwrap();
    assert_eq!(july.shape(), [31, 60, 120]);
}

#[test]
fn every_picture_of_the_analysis_is_drawn() {
    let folder = std::env::temp_dir().join(format!("graticule-aviso-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ds = year();
    let [mean, variance, series] = analysis(&ds);
    for (name, array) in [("mean", &mean), ("variance", &variance), ("series", &series)] {
        for extension in ["png", "svg"] {
            let path = folder.join(format!("{name}.{extension}"));
            array.plot().unwrap().save(&path).unwrap();
            assert!(std::fs::metadata(path).unwrap().len() > 2_000);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
