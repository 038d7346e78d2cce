use std::collections::HashSet;
use std::process::Command;

use graticule_array::{Chunk, DType};
use graticule_dataset::{DisagreementKind, Policy};
use graticule_io::{OpenOptions, Request, open_dataset, open_mfdataset};

use crate::support::{Scratch, aviso_files, fixtures, indices, open_raw};

#[test]
fn a_year_of_files_is_one_dataset_in_order_of_time() {
    let mut files = aviso_files();
    files.reverse();
    let ds = open_mfdataset(&files).unwrap();
    assert_eq!(ds.size("time").unwrap(), 365);
    let time = ds.coords().labels("time").unwrap();
    let days = time.as_slice::<i64>().unwrap();
    assert!(days.windows(2).all(|pair| pair[0] < pair[1]));
    let pattern = format!("{}/*.nc", fixtures().join("aviso-2015").display());
    let by_pattern = open_mfdataset(pattern.as_str()).unwrap();
    assert_eq!(by_pattern.coords().labels("time"), ds.coords().labels("time"));
    assert_eq!(by_pattern.get("adt").unwrap().shape(), ds.get("adt").unwrap().shape());
}

#[test]
fn chunks_and_preprocessing_are_applied() {
    let files: Vec<_> = aviso_files().into_iter().take(6).collect();
    let options = OpenOptions::new().chunks([("time", 3), ("lat", 0)]).preprocess(|ds, path| {
        assert!(path.extension().is_some());
        Ok(ds.select_vars(["adt"])?)
    });
    let ds = options.open_many(&files).unwrap();
    let adt = ds.get("adt").unwrap();
    assert_eq!(adt.data().chunks().axes()[0].sizes().collect::<Vec<_>>(), [3, 3]);
    assert_eq!(adt.data().chunks().axes()[1].count(), 1);
    let error = OpenOptions::new().chunks([("tiem", 3)]).open_many(&files).err().unwrap();
    assert!(error.to_string().contains("the dimensions are"), "{error}");
}

#[test]
fn files_that_do_not_fit_are_named() {
    let scratch = Scratch::new("misfit");
    let day = &aviso_files()[0];
    let twice = [scratch.path().join("a.nc"), scratch.path().join("b.nc"), scratch.path().join("c.nc")];
    std::fs::copy(day, &twice[0]).unwrap();
    std::fs::copy(&aviso_files()[1], &twice[1]).unwrap();
    std::fs::copy(day, &twice[2]).unwrap();
    let error = open_mfdataset(&twice).err().unwrap().to_string();
    assert!(error.contains("c.nc") && error.contains("time"), "{error}");
    std::fs::write(&twice[1], b"not a file").unwrap();
    let error = open_mfdataset(&twice).err().unwrap().to_string();
    assert!(error.contains("b.nc is not a netCDF file"), "{error}");
}

#[test]
fn what_files_disagree_about_is_reported_at_once() {
    let scratch = Scratch::new("report");
    let days = aviso_files();
    let names = ["a.nc", "b.nc", "c.nc", "d.nc", "e.nc"].map(|name| scratch.path().join(name));
    for (name, day) in names.iter().zip([0, 1, 2, 2, 9]) {
        std::fs::copy(&days[day], name).unwrap();
    }
    let bytes = std::fs::read(&names[1]).unwrap();
    std::fs::write(&names[1], &bytes[..bytes.len() / 3]).unwrap();
    let report = OpenOptions::new().report(&names).unwrap();
    assert!(!report.combines());
    assert_eq!(report.sources.len(), 5);
    let found: Vec<(DisagreementKind, usize)> =
        report.errors().map(|found| (found.kind, found.number)).collect();
    assert!(found.contains(&(DisagreementKind::Duplicate, 3)), "{report}");
    let broken = [DisagreementKind::Truncated, DisagreementKind::Unreadable];
    assert!(found.iter().any(|(kind, number)| broken.contains(kind) && *number == 1), "{report}");
    let text = report.to_string();
    assert!(text.contains("b.nc") && text.contains("labels that appear twice"), "{text}");
    // Files that are not whole are left out on request, and that is told.
    let some = [&names[0], &names[1], &names[2]];
    assert!(OpenOptions::new().open_many(some).is_err());
    let leave_out =
        broken.iter().fold(OpenOptions::new(), |options, kind| options.policy(*kind, Policy::Drop));
    let opened = leave_out.open_many_reporting(some).unwrap();
    assert_eq!(opened.dataset.size("time").unwrap(), 2);
    assert!(opened.warnings.iter().any(|warning| warning.message.starts_with("left out: ")));
}

#[test]
fn policies_and_given_orders_are_kept() {
    let days = aviso_files();
    let files = [&days[2], &days[0], &days[0], &days[5]];
    let options = OpenOptions::new().policy(DisagreementKind::Duplicate, Policy::First);
    let opened = options.open_many_reporting(files).unwrap();
    assert_eq!(opened.dataset.size("time").unwrap(), 3);
    // What was accepted is told.
    assert!(
        opened.warnings.iter().any(|warning| warning.message.contains("is also in")),
        "{:?}",
        opened.warnings
    );
    let in_turn = OpenOptions::new().concat_dim("time").in_given_order().open_many(files).unwrap();
    let times = in_turn.coords().labels("time").unwrap().as_slice::<i64>().unwrap().to_vec();
    assert_eq!(times.len(), 4);
    assert!(times[0] > times[1] && times[1] == times[2] && times[2] < times[3]);
    let nested = vec![vec![days[2].clone()], vec![days[0].clone()]];
    let stacked = OpenOptions::new().open_nested(nested.clone(), ["time", "run"]).unwrap();
    assert_eq!(stacked.get("adt").unwrap().dims()[..2], ["run", "time"]);
    assert!(OpenOptions::new().open_nested(nested, ["time"]).is_err());
}

/// What the process does when the test below runs it again with few descriptors.
#[test]
fn reads_a_year_with_several_threads() {
    let files = aviso_files();
    let sums = |path: &std::path::PathBuf| {
        let group = open_raw(path, &Request::default()).unwrap();
        let adt = group.variables.iter().find(|variable| variable.name == "adt").unwrap();
        std::sync::Arc::clone(&adt.source)
    };
    let sources: Vec<_> = files.iter().map(sums).collect();
    let checksum = |source: &std::sync::Arc<dyn graticule_array::ChunkSource>| {
        let mut chunk = Chunk::empty(DType::I32);
        let mut total = 0.0;
        for index in indices(source.as_ref()) {
            source.read(&index, &mut chunk).unwrap();
            total += chunk.to_f64().iter().sum::<f64>();
        }
        total
    };
    let alone: Vec<f64> = sources.iter().map(checksum).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let sources = &sources;
                // Each thread starts elsewhere, so that handles are taken from each other.
                scope.spawn(move || {
                    (0..sources.len())
                        .map(|i| (i * 7 + thread * 91) % sources.len())
                        .map(|i| (i, checksum(&sources[i])))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for thread in threads {
            for (i, sum) in thread.join().unwrap() {
                assert_eq!(sum.to_bits(), alone[i].to_bits(), "file {i}");
            }
        }
    });
    assert!(alone.iter().map(|sum| sum.to_bits()).collect::<HashSet<_>>().len() > 300);
}

#[cfg(unix)]
#[test]
fn a_year_can_be_read_with_64_descriptors() {
    let this = std::env::current_exe().unwrap();
    let test = "many::reads_a_year_with_several_threads";
    let script = format!("ulimit -n 64 && exec {} --exact {test} --nocapture", this.display());
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn decoding_can_be_switched_off() {
    let path = fixtures().join("netcdf/packed4.nc");
    let raw = OpenOptions::new().decode_cf(false).open(&path).unwrap();
    let decoded = open_dataset(&path).unwrap();
    let packed = raw.data_vars().values().filter(|v| v.attrs().contains_key("scale_factor")).count();
    assert!(packed > 0);
    assert!(decoded.data_vars().values().all(|v| !v.attrs().contains_key("scale_factor")));
    let some = raw.data_vars().keys().next().unwrap().clone();
    let without = OpenOptions::new().drop_variables([some.as_str()]).open(&path).unwrap();
    assert!(without.variable(&some).is_none());
}
