//! Labeled data as other things: views, sequences of values with their labels, tables, texts.

#[cfg(feature = "serde")]
mod dict;
mod items;
#[cfg(feature = "arrow")]
mod table;

pub use items::Items;
#[cfg(feature = "arrow")]
pub use table::RecordBatches;
