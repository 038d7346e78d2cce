//! Putting a picture into a file, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// A picture format, chosen by file extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Svg,
}

impl Format {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            _ => Err(Error::UnknownExtension { path: path.to_path_buf(), supported: &["png", "svg"] }),
        }
    }
}

/// Writes `bytes` to `path` by way of a temporary file beside it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |step, cause| Error::Write { path: path.to_path_buf(), step, cause };
    // Renaming over a link would replace the link, not what it points to.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    match fs::metadata(&target) {
        Ok(existing) if existing.is_dir() => {
            return Err(failed("writing over the directory", io::ErrorKind::IsADirectory.into()));
        }
        // A device or pipe cannot be replaced by a file.
        Ok(existing) if !existing.is_file() => {
            let mut file = OpenOptions::new().write(true).open(&target).map_err(|e| failed("opening", e))?;
            return file.write_all(bytes).and_then(|()| file.flush()).map_err(|e| failed("writing", e));
        }
        _ => {}
    }
    let (temporary, file) = create_beside(&target).map_err(|e| failed("creating", e))?;
    let outcome = fill(file, bytes).map_err(|e| failed("writing", e)).and_then(|()| {
        fs::rename(&temporary, &target).map_err(|e| failed("renaming the finished file to", e))
    });
    if outcome.is_err() {
        // The write already failed; a failure to clean up after it would only hide why.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = target.with_file_name(format!(".graticule-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            // Left by a process of the same number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    // Some file systems only report a full disk when asked to put the bytes down.
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.svg");
        fs::write(&path, "old and longer").unwrap();
        write_whole(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["a.svg"]);
    }

    #[test]
    fn a_missing_directory_and_a_directory_in_the_way_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        let error = write_whole(&dir.path().join("none/a.svg"), b"x").unwrap_err();
        assert!(matches!(error, Error::Write { step: "creating", .. }), "{error}");
        fs::create_dir(dir.path().join("b.svg")).unwrap();
        let error = write_whole(&dir.path().join("b.svg"), b"x").unwrap_err();
        assert!(matches!(error, Error::Write { .. }), "{error}");
        assert_eq!(names(dir.path()), ["b.svg"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("real.svg"), "old").unwrap();
        let link = dir.path().join("link.svg");
        std::os::unix::fs::symlink("real.svg", &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(dir.path().join("real.svg")).unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("full.png");
        std::os::unix::fs::symlink("/dev/full", &link).unwrap();
        let error = write_whole(&link, &[0; 10_000]).unwrap_err();
        assert!(matches!(&error, Error::Write { cause, .. } if cause.kind() == io::ErrorKind::StorageFull));
        assert_eq!(names(dir.path()), ["full.png"]);
    }

    #[test]
    fn extensions_choose_the_format() {
        assert_eq!(Format::of(Path::new("a/b.PNG")).unwrap(), Format::Png);
        let error = Format::of(Path::new("a.pdf")).unwrap_err();
        assert!(error.to_string().contains(".png or .svg"), "{error}");
    }
}
