//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arithmetic;
mod cancel;
mod dashboard;
mod explain;
mod laws;
mod limits;
mod observe;
mod reductions;
mod sources;
mod support;
mod terminal;
#[cfg(feature = "tracing")]
mod trace;
