//! What a file format has to provide: variables as they are stored, undecoded and unread.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use graticule_array::ChunkSource;
use graticule_dataset::Attrs;

use crate::error::Result;
use crate::file::DataFile;

/// Reads one file format. What the numbers mean is not its business: that is decoded afterwards.
pub trait Backend: fmt::Debug + Send + Sync {
    /// The name of the format.
    fn name(&self) -> &'static str;

    /// Whether a file that starts with these bytes is of this format.
    fn recognises(&self, head: &[u8]) -> bool;

    /// One group of a file, with sources that have not read any data yet.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`], [`crate::Error::Truncated`] and [`crate::Error::UnknownGroup`]. A single
    /// variable that cannot be read is not an error here: its source reports it when it is read.
    fn open(&self, file: &Arc<DataFile>, request: &Request) -> Result<RawGroup>;
}

/// What to open of a file.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The group, such as `/forecast/surface`; empty for the root.
    pub group: String,
    /// What to do about data that are not in the file any more.
    pub truncated: Truncated,
}

/// What to do about a file that ends before its data do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Truncated {
    /// Opening it is an error, or where that cannot be seen, reading the missing part.
    #[default]
    Error,
    /// The missing part is read as missing values, with a [`Warning`].
    Missing,
}

/// Something worth knowing that did not keep a file from being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub path: PathBuf,
    /// The variable or other part of it; empty for the whole file.
    pub what: String,
    /// What was met and what was done about it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if !self.what.is_empty() {
            write!(f, "{}: ", self.what)?;
        }
        f.write_str(&self.message)
    }
}

/// A group as it is stored.
#[derive(Debug, Default)]
pub struct RawGroup {
    /// The dimensions defined in this group.
    pub dims: Vec<RawDim>,
    /// The attributes of the group.
    pub attrs: Attrs,
    /// The variables of the group, in the order of the file.
    pub variables: Vec<RawVariable>,
    /// The names of the groups inside this one.
    pub groups: Vec<String>,
    /// What is worth knowing about the file.
    pub warnings: Vec<Warning>,
}

/// A dimension as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawDim {
    /// The name.
    pub name: String,
    /// The length now.
    pub len: usize,
    /// Whether the length may grow.
    pub unlimited: bool,
}

/// A variable as it is stored.
#[derive(Debug, Clone)]
pub struct RawVariable {
    /// The name.
    pub name: String,
    /// The name of every dimension.
    pub dims: Vec<String>,
    /// What the elements are.
    pub kind: RawKind,
    /// The elements. Characters are given as their bytes.
    pub source: Arc<dyn ChunkSource>,
    /// The attributes, none decoded.
    pub attrs: Attrs,
    /// How the variable is stored: `chunksizes`, `zlib`, …
    pub encoding: Attrs,
}

/// What the elements of a variable are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RawKind {
    /// Numbers of the source's dtype.
    Number,
    /// Characters of one byte, given as `u8`.
    Char,
    /// Whole texts.
    Text,
}
