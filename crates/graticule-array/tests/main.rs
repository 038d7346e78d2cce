//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arithmetic;
mod blocks;
mod explain;
mod laws;
mod limits;
mod reductions;
mod sources;
mod windows;
