//! Intermediate results on disk, where the disk is full or gone.

use std::path::{Path, PathBuf};

use graticule_array::{Array, DType, Error, Result, Runtime};

use crate::support::start_by;

/// Runs into so little memory that 8 MB are kept in a folder.
fn narrow(folder: &Path, threads: usize) -> Result<Runtime> {
    Ok(Runtime::builder().threads(threads).memory_limit("6MiB")?.spill_dir(folder)?.build())
}

fn same(x: &Array) -> Result<Array> {
    x.map_blocks("same", DType::F64, |block| Ok(block.clone()))
}

/// Blocks in rows that are asked for in columns, so that a runtime keeps them all.
fn turned(rows: usize) -> Result<Array> {
    let x = Array::random_uniform(0.0, 1.0, 3, (rows, 1000), (rows / 10, 1000))?;
    same(&same(&x)?.rechunk((rows, 100))?)?.sum(0)
}

#[test]
fn a_folder_that_cannot_be_made_or_goes_away_is_named() -> Result<()> {
    let error = Runtime::builder().spill_dir("/proc/nowhere").unwrap_err().to_string();
    assert!(error.contains("/proc/nowhere"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let runtime = narrow(folder.path(), 1)?;
    std::fs::remove_dir(folder.path()).unwrap();
    let error = runtime.compute(&turned(1000)?).unwrap_err().to_string();
    assert!(error.contains(folder.path().to_str().unwrap()) && error.contains("spill_dir"), "{error}");
    Ok(())
}

#[test]
fn nothing_is_left_of_what_was_kept_on_disk() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let wanted = turned(1000)?.compute()?;
    assert_eq!(narrow(folder.path(), 2)?.compute(&turned(1000)?)?, wanted);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(open_in(folder.path()), Vec::<PathBuf>::new());
    Ok(())
}

/// The files in a folder that this process holds open, with and without names, where the system tells them.
pub(crate) fn open_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let open = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    open.filter(|file| file.starts_with(folder)).collect()
}

/// Where [`meets_a_full_disk`] keeps its results.
const FOLDER: &str = "GRATICULE_TEST_SPILL";

#[test]
#[ignore = "a program for other tests, for which its disk is full after a megabyte"]
fn meets_a_full_disk() -> Result<()> {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    for threads in [1, 3] {
        let runtime = narrow(&folder, threads)?;
        let error = runtime.compute(&turned(1000)?).unwrap_err();
        let mut cause = &error;
        while let Error::Task { cause: within, .. } = cause {
            cause = within;
        }
        assert!(matches!(cause, Error::Spill { wanted_bytes: 8_000_000, .. }), "{error:?}");
        let text = error.to_string();
        for part in [folder.to_str().unwrap(), "7.63 MiB", "Make room there", "spill_dir", "memory_limit"] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        assert_eq!(open_in(&folder), Vec::<PathBuf>::new());
        // The room is given back, so the next result finds it.
        let less = Runtime::builder().threads(threads).memory_limit("800KiB")?.spill_dir(&folder)?.build();
        assert!(less.plan(&[&turned(100)?])?.explain().contains("kept on disk"));
        assert_eq!(less.compute(&turned(100)?)?, turned(100)?.compute()?);
        assert_eq!(runtime.compute(&Array::ones(10, 5)?.sum(())?)?.item::<f64>()?, 10.0);
    }
    println!("met it");
    Ok(())
}

/// Runs [`meets_a_full_disk`] in a shell after a command that fills the disk; what it said where that could not be done.
#[cfg(unix)]
fn meet_a_full_disk(program: &[&str], fill: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{fill} || exit 77; exec \"$0\" \"$@\"");
    let program = [program, &["sh", "-c", &script]].concat();
    let mut command = start_by(&program, "spill::meets_a_full_disk");
    let output = command.env(FOLDER, folder.path()).output().ok()?;
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    let ran = said.contains("running 1 test");
    assert!(!ran || output.status.success() && said.contains("met it"), "{said}");
    ran.then_some(said)
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_grow_is_an_error_that_says_what_to_do() {
    // The signal would end the process; without it writing fails. Blocks are of 512 bytes, in some shells of 1024.
    let said = meet_a_full_disk(&[], "trap '' XFSZ && ulimit -f 2000");
    assert!(said.is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_says_what_to_do() {
    // Where the system lets nobody mount a disk of a megabyte, the test before this one stands alone.
    let mount = format!("mount -t tmpfs -o size=1m none \"${FOLDER}\"");
    if meet_a_full_disk(&["unshare", "-rm"], &mount).is_none() {
        eprintln!("no disk could be mounted");
    }
}
