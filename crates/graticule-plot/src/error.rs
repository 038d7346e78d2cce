//! What can go wrong when a figure is drawn or saved.

use std::path::PathBuf;
use std::{fmt, io};

/// Result of the fallible functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a figure could not be drawn or saved.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Two lists that belong together have different lengths.
    LengthMismatch {
        /// What was being checked, such as `y values of line "north"`.
        what: String,
        /// The length the other list asks for.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A mesh coordinate, or the edges of a histogram, contain NaN or an infinity.
    NonFinite {
        /// Which list it is.
        what: String,
        /// Position of the first offending value.
        index: usize,
        /// The value there.
        value: f64,
    },
    /// A mesh coordinate, or the edges of a histogram, neither rise nor fall throughout.
    NonMonotonic {
        /// Which list it is.
        what: String,
        /// Position of the first value that turns back.
        index: usize,
    },
    /// No colormap has this name.
    UnknownColormap {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A lower limit is not below its upper limit, or a limit is not finite.
    BadLimits {
        /// What the limits are for: the x axis, the y axis or the colours.
        what: &'static str,
        /// The lower limit.
        min: f64,
        /// The upper limit.
        max: f64,
    },
    /// The picture would be too small to hold axes, or too large to hold in memory.
    BadSize {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
        /// Pixel density asked for.
        scale: f64,
    },
    /// The file name does not end in an extension this crate can write.
    UnknownExtension {
        /// The path given.
        path: PathBuf,
        /// The extensions that can be written.
        supported: &'static [&'static str],
    },
    /// The file could not be written; nothing was left at `path`.
    Write {
        /// The path given.
        path: PathBuf,
        /// What was being done: creating, writing or renaming.
        step: &'static str,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The values to draw could not be computed, or have a type that cannot be drawn.
    Data {
        /// Why.
        cause: graticule_dataset::Error,
    },
    /// The picture could not be encoded.
    Encode {
        /// The format being written.
        format: &'static str,
        /// What the encoder said.
        reason: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LengthMismatch { what, expected, found } => {
                write!(f, "{what}: expected {expected} values, found {found}; pass lists of matching length")
            }
            Self::NonFinite { what, index, value } => write!(
                f,
                "{what}: the value at index {index} is {value}; only finite values have a place on an axis, \
                 so drop or fill it first"
            ),
            Self::NonMonotonic { what, index } => write!(
                f,
                "{what}: the values turn back at index {index}; they must only rise or only fall, \
                 so sort along this coordinate first"
            ),
            Self::UnknownColormap { name, known } => write!(
                f,
                "no colormap is named {name:?}; choose one of {}, or add _r to reverse one",
                known.join(", ")
            ),
            Self::BadLimits { what, min, max } => write!(
                f,
                "the limits of {what} are {min} and {max}; give two finite numbers, the smaller first"
            ),
            Self::BadSize { width, height, scale } => write!(
                f,
                "a picture of {width} x {height} pixels at scale {scale} cannot be drawn; \
                 width and height may be {} to {}, and at most {} million pixels after scaling",
                crate::figure::MIN_SIDE,
                crate::figure::MAX_SIDE,
                crate::figure::MAX_PIXELS / 1_000_000
            ),
            Self::UnknownExtension { path, supported } => write!(
                f,
                "cannot tell which picture format {:?} should have; end the file name in .{}",
                path.display().to_string(),
                supported.join(" or .")
            ),
            Self::Write { path, step, cause } => write!(
                f,
                "{step} {:?} failed: {cause}; no partial file was left, check the directory and its free space",
                path.display().to_string()
            ),
            Self::Data { cause } => write!(f, "the values to draw could not be had: {cause}"),
            Self::Encode { format, reason } => {
                write!(f, "the {format} picture could not be encoded: {reason}")
            }
        }
    }
}

// The text of an error includes that of its cause, so `source` gives nothing more.
impl std::error::Error for Error {}
