//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod arithmetic;
mod blocks;
mod calculus;
mod explain;
mod faults;
mod golden;
mod groups;
mod histograms;
mod laws;
mod limits;
mod manipulation;
mod padding;
mod random;
mod reductions;
mod sources;
mod ufuncs;
