//! Putting datasets together.

mod by_coords;
mod checks;
mod concat;

pub use by_coords::{CombineOptions, combine_by_coords};
pub use concat::{ConcatOptions, concat, concat_named};

/// What happens to variables that should be the same in every dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compat {
    /// They are compared, which may read them, and must be equal.
    #[default]
    Equals,
    /// That of the first dataset is taken, without a look at the others.
    Override,
}
