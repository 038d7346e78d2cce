//! The whole: the lecture's analysis against xarray's numbers, mistakes and their messages, the architecture, and
//! what the documents say of the operations.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod architecture;
mod aviso;
mod conformance;
mod documents;
mod mistakes;
