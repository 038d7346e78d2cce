//! Where results go that are not kept in memory: the door through which data leave the engine.

use std::fmt;
use std::ops::Range;

use crate::chunk::Chunk;
use crate::error::Result;
use crate::grid::ChunkGrid;

/// A taker of chunks, such as a variable in a file that is being written. Called from several threads at once, for
/// different regions.
pub trait ChunkSink: fmt::Debug + Send + Sync {
    /// The sink in a few words, for plans and messages.
    fn label(&self) -> String;

    /// How what is written is cut. Every call of `write` covers whole chunks of this grid, and every chunk is covered by
    /// exactly one call, so that no two threads ever write the same stored chunk.
    fn grid(&self) -> &ChunkGrid;

    /// Writes the values of a region.
    ///
    /// # Errors
    /// [`crate::Error::Write`] that names the place and the cause.
    fn write(&self, region: &[Range<usize>], values: &Chunk) -> Result<()>;

    /// The most bytes that `write` needs beside the values.
    fn scratch_bytes(&self) -> usize;
}
