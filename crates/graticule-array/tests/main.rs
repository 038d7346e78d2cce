//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod arithmetic;
mod calculus;
mod explain;
mod golden;
mod laws;
mod limits;
mod manipulation;
mod padding;
mod reductions;
mod sources;
mod ufuncs;
