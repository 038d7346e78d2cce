//! What a user of the engine relies on, by family.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod arithmetic;
mod asynchronous;
mod blocks;
mod calculus;
mod cancel;
mod climatology;
mod constants;
mod dashboard;
mod distributions;
mod empty;
mod explain;
mod faults;
mod functions;
mod gather;
mod golden;
mod group_scans;
mod groups;
mod histograms;
mod laws;
mod limits;
mod linear;
mod manipulation;
mod moving;
mod observe;
mod order;
mod padding;
mod quantiles;
mod random;
mod reductions;
mod retained;
mod rules;
mod scans;
mod shapes;
mod sources;
mod spill;
mod supply;
mod support;
mod terminal;
#[cfg(feature = "tracing")]
mod trace;
mod trees;
mod ufuncs;
mod windows;
