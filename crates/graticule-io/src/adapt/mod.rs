//! Sources over sources, where what a file stores and what an element is differ by more than arithmetic.

mod chars;
mod reinterpret;
mod times;

pub(crate) use chars::{CharRows, Chars};
pub(crate) use reinterpret::Reinterpreted;
pub(crate) use times::{LazyTimes, Meaning, TimeCoding};

use graticule_array::SourceSpec;

/// The spec of a source that is made from another.
fn derived(inner: SourceSpec, how: &str) -> SourceSpec {
    SourceSpec { driver: inner.driver, config: format!("{} | {how}", inner.config) }
}
