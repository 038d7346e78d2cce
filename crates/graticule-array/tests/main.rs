//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arithmetic;
mod blocks;
mod explain;
mod groups;
mod laws;
mod limits;
mod random;
mod reductions;
mod rules;
mod sources;
mod trees;
