//! What a user of the engine relies on, by family.

mod explain;
mod numpy;
