use std::path::Path;

use graticule_array::{Chunk, DType};
use graticule_io::{Error, OpenOptions, Request, Truncated, open_dataset};

use crate::support::{Scratch, aviso_files, fixtures, open_raw, read_all};

fn damaged(name: &str) -> std::path::PathBuf {
    fixtures().join("netcdf/damaged").join(name)
}

/// Opens a file and reads all of it; the first error with what caused it.
fn everything(path: &Path) -> Result<(), String> {
    let dataset = open_dataset(path).map_err(|error| error.to_string())?;
    for name in dataset.names() {
        if let Err(error) = dataset.variable(name).unwrap().values() {
            let mut text = error.to_string();
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                text = format!("{text}: {next}");
                cause = next;
            }
            return Err(text);
        }
    }
    Ok(())
}

#[test]
fn damaged_files_give_an_error_that_names_them() {
    let mut seen = 0;
    for entry in std::fs::read_dir(fixtures().join("netcdf/damaged")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let error = everything(&path).expect_err(&name);
        assert!(error.contains(&name), "{error}");
        seen += 1;
    }
    assert!(seen >= 8);
}

#[test]
fn a_truncated_file_is_refused_and_says_what_is_missing() {
    for name in ["truncated_netcdf3.nc", "truncated_netcdf4.nc"] {
        let error = open_dataset(damaged(name)).err().unwrap();
        assert!(error.is_truncated(), "{error}");
        let size = std::fs::metadata(damaged(name)).unwrap().len();
        assert!(error.to_string().contains(&format!("the file has {size}")), "{error}");
    }
}

#[test]
fn on_request_what_a_truncated_file_lacks_is_missing() {
    // Cut one day in the middle of its data, in both formats.
    let scratch = Scratch::new("truncated");
    let classic = fixtures().join("netcdf/packed3.nc");
    let bytes = std::fs::read(&classic).unwrap();
    let whole = open_dataset(&classic).unwrap();
    let path = scratch.path().join("cut.nc");
    let mut cuts = 0;
    for len in (bytes.len() / 2..bytes.len()).step_by(37) {
        std::fs::write(&path, &bytes[..len]).unwrap();
        // Without its header a file says nothing.
        let Ok(opened) = OpenOptions::new().truncated(Truncated::Missing).open_reporting(&path) else {
            continue;
        };
        assert_eq!(opened.warnings.len(), 1, "{:?}", opened.warnings);
        for (name, variable) in opened.dataset.data_vars() {
            let Some(expected) = whole.variable(name) else { continue };
            let (found, expected) =
                (variable.values().unwrap().to_f64(), expected.values().unwrap().to_f64());
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    found == expected || found.is_nan(),
                    "{name}: {found} is neither missing nor {expected}"
                );
            }
            cuts += usize::from(
                found.iter().filter(|x| x.is_nan()).count() > expected.iter().filter(|x| x.is_nan()).count(),
            );
        }
    }
    assert!(cuts > 0, "something was cut off");
}

#[test]
fn on_request_the_chunks_that_a_truncated_netcdf4_file_lacks_are_missing() {
    let scratch = Scratch::new("truncated4");
    let day = &aviso_files()[0];
    let bytes = std::fs::read(day).unwrap();
    let whole = open_dataset(day).unwrap();
    let path = scratch.path().join("cut.nc");
    let (mut lost, mut kept) = (0, 0);
    for tenths in 1..10 {
        std::fs::write(&path, &bytes[..bytes.len() * tenths / 10]).unwrap();
        assert!(open_dataset(&path).err().unwrap().is_truncated());
        // Where the metadata are gone too there is nothing to read.
        let Ok(opened) = OpenOptions::new().truncated(Truncated::Missing).open_reporting(&path) else {
            continue;
        };
        assert!(!opened.warnings.is_empty());
        for (name, variable) in opened.dataset.data_vars() {
            let (Some(expected), Ok(found)) = (whole.variable(name), variable.values()) else { continue };
            for (found, expected) in found.to_f64().iter().zip(&expected.values().unwrap().to_f64()) {
                assert!(
                    found == expected || found.is_nan(),
                    "{name}: {found} is neither missing nor {expected}"
                );
                lost += usize::from(found.is_nan() && !expected.is_nan());
                kept += usize::from(found == expected);
            }
        }
    }
    assert!(lost > 0 && kept > 0, "{lost} lost, {kept} kept");
}

#[test]
fn other_formats_are_named() {
    let scratch = Scratch::new("formats");
    let write = |name: &str, bytes: &[u8]| {
        let path = scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let text = |path: &Path| open_dataset(path).err().unwrap().to_string();
    assert!(text(&write("empty.nc", b"")).contains("it is empty"));
    assert!(text(&write("a.nc.gz", b"\x1f\x8b\x08\x00")).contains("compressed with gzip"));
    assert!(text(&write("a.html", b"<!DOCTYPE html><html>")).contains("starts with \"<!DOCTYPE html><\""));
    assert!(text(scratch.path()).contains("it is a directory"));
    let missing = open_dataset(scratch.path().join("emtpy.nc")).err().unwrap();
    assert!(missing.is_not_found());
    assert!(missing.to_string().contains("\"empty.nc\""), "{missing}");
}

#[test]
fn a_file_that_changed_is_not_read() {
    let scratch = Scratch::new("changed");
    let path = scratch.path().join("a.nc");
    for (file, other) in [("classic.nc", "offset64.nc"), ("chunks.nc", "filters.nc")] {
        std::fs::copy(fixtures().join("netcdf").join(file), &path).unwrap();
        let group = open_raw(&path, &Request::default()).unwrap();
        let variable = &group.variables[0];
        read_all(&variable.source).unwrap();
        // Overwritten in place, with another size.
        std::fs::write(&path, std::fs::read(fixtures().join("netcdf").join(other)).unwrap()).unwrap();
        let mut chunk = Chunk::empty(DType::F64);
        let index = vec![0; variable.dims.len()];
        let error = variable.source.read(&index, &mut chunk).unwrap_err();
        assert!(error.to_string().contains("has changed since it was opened"), "{error}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn an_unknown_group_lists_those_there_are() {
    let path = fixtures().join("netcdf/groups.nc");
    let error = OpenOptions::new().group("/forecst").open(&path).err().unwrap();
    assert!(matches!(error, Error::UnknownGroup { .. }));
    assert!(error.to_string().contains("/forecast"), "{error}");
}
