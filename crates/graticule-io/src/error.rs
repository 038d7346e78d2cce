//! The one error of this crate: which file, what is wrong with it, what to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that can go wrong between a path and a dataset.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system could not open or read a file.
    #[error("cannot {action} {}: {cause}", path.display())]
    Io {
        /// What was being done: `open`, `read`, …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: Arc<std::io::Error>,
    },
    /// No file answers to a path or pattern.
    #[error("no file matches {pattern:?}; {hint}")]
    NoFiles {
        /// The path or pattern that was asked for.
        pattern: String,
        /// Where was looked and what is there.
        hint: String,
    },
    /// A file in a format that is not read here.
    #[error("{} is not a netCDF file: {problem}; {hint}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What its first bytes are.
        problem: String,
        /// What would have been read.
        hint: String,
    },
    /// A file that ends before its data do.
    #[error(
        "{} is truncated: {what} needs {needed_bytes} bytes but the file has {actual_bytes}; get it again, \
         or open it with `truncated(Truncated::Missing)` to read what is not there as missing", path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The part that is not all there.
        what: String,
        /// The size the file should have at least.
        needed_bytes: u64,
        /// The size it has.
        actual_bytes: u64,
    },
    /// A file that contradicts itself.
    #[error("{} is damaged: {what}: {problem}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The part of the file, such as a variable and a chunk.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A valid file with something that is not supported.
    #[error("{what} of {} cannot be read: {problem}; {hint}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The variable or other part.
        what: String,
        /// What is not supported.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A file that is not the one that was opened.
    #[error("{} has changed since it was opened: {difference}; open it again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// How it differs.
        difference: String,
    },
    /// A group that is not in the file.
    #[error("{} has no group {group:?}; the groups there are: {}", path.display(), groups.join(", "))]
    UnknownGroup {
        /// The file.
        path: PathBuf,
        /// The group that was asked for.
        group: String,
        /// The groups beside it.
        groups: Vec<String>,
    },
    /// A variable whose attributes say something that cannot be decoded.
    #[error("variable {variable:?} of {} cannot be decoded: {problem}; {hint}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// The variable.
        variable: String,
        /// What cannot be decoded.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A step of opening that failed for one file of several.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: Box<Self>,
    },
    /// An argument outside its domain.
    #[error("{argument} = {value} is not possible: {hint}")]
    Argument {
        /// The name of the argument.
        argument: &'static str,
        /// The value that was given.
        value: String,
        /// What would have been accepted.
        hint: String,
    },
    /// The labels of the dataset or datasets do not fit together.
    #[error(transparent)]
    Dataset(#[from] graticule_dataset::Error),
    /// The engine refused or failed.
    #[error(transparent)]
    Array(#[from] graticule_array::Error),
}

/// The result of opening files.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether a file, a pattern or a group was not found.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NoFiles { .. } | Self::UnknownGroup { .. } => true,
            Self::Io { cause, .. } => cause.kind() == std::io::ErrorKind::NotFound,
            Self::File { cause, .. } => cause.is_not_found(),
            _ => false,
        }
    }

    /// Whether a file ends before its data do.
    pub fn is_truncated(&self) -> bool {
        match self {
            Self::Truncated { .. } => true,
            Self::File { cause, .. } => cause.is_truncated(),
            _ => false,
        }
    }

    /// Whether a file is damaged, truncated or of another format.
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::Corrupt { .. } | Self::Truncated { .. } | Self::Format { .. } => true,
            Self::File { cause, .. } => cause.is_corrupt(),
            _ => false,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path, cause: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), cause: Arc::new(cause) }
    }

    pub(crate) fn corrupt(path: &Path, what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), what: what.into(), problem: problem.into() }
    }

    pub(crate) fn unsupported(
        path: &Path,
        what: impl Into<String>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Unsupported {
            path: path.to_owned(),
            what: what.into(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// This error as the engine reports it, for a variable of a file.
    pub(crate) fn into_read_error(self, what: &str) -> graticule_array::Error {
        graticule_array::Error::Read { what: what.into(), cause: Arc::new(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_file_and_the_way_out() {
        let error = Error::Truncated {
            path: "a.nc".into(),
            what: "variable \"adt\"".into(),
            needed_bytes: 100,
            actual_bytes: 60,
        };
        assert_eq!(
            error.to_string(),
            "a.nc is truncated: variable \"adt\" needs 100 bytes but the file has 60; get it again, \
             or open it with `truncated(Truncated::Missing)` to read what is not there as missing"
        );
        assert!(error.is_truncated() && error.is_corrupt() && !error.is_not_found());
    }
}
