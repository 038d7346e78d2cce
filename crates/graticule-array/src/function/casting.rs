//! What a cast does with a value that the new dtype cannot hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::function::snake_case;

/// What a cast does with a value that the new dtype cannot hold. Nothing is lost unless it is asked for.
///
/// In every mode a float becomes an integer without its fraction (-3.9 is -3), an integer becomes the nearest
/// float with ties to even, a number becomes `true` unless it is zero, and times are cast strictly.
///
/// | value                     | `Strict`  | `Wrap`                 | `Saturate`      |
/// |---------------------------|-----------|------------------------|-----------------|
/// | 300 as uint8              | an error  | 44, modulo 2^8         | 255             |
/// | -1 as uint8               | an error  | 255                    | 0               |
/// | -129.5 as int8            | an error  | 127, after truncation  | -128            |
/// | infinity as an integer    | an error  | an error               | the largest     |
/// | NaN as an integer         | an error  | an error               | 0               |
/// | 1e300 as float32          | an error  | infinity, as IEEE 754  | the largest     |
/// | infinity or NaN as float32| itself    | itself                 | itself          |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Casting {
    /// Such a value fails the computation, and the error names it.
    #[default]
    Strict,
    /// Integers wrap in two's complement, as in C and numpy; floats overflow to infinity.
    Wrap,
    /// The nearest value that the dtype can hold, as Rust's `as` from float to integer; NaN becomes 0.
    Saturate,
}

impl fmt::Display for Casting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        snake_case(f, &format!("{self:?}"))
    }
}
