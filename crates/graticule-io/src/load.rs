//! Small variables in full, without the engine: coordinates are needed before there is anything to plan.

use std::ops::Range;
use std::sync::Arc;

use graticule_array::{Buffer, Chunk, ChunkSource};

use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::limits;

/// All of a variable.
///
/// # Errors
/// [`Error::Corrupt`] when the file cannot hold as much as the variable claims, and what reading can meet.
pub(crate) fn load(file: &DataFile, name: &str, source: &Arc<dyn ChunkSource>) -> Result<Chunk> {
    let grid = source.grid();
    let shape = grid.shape();
    let elements = shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len));
    let bytes = elements.and_then(|n| n.checked_mul(source.dtype().size())).unwrap_or(usize::MAX);
    if !limits::can_hold(file.len(), bytes as u64) {
        let problem = format!("its {bytes} bytes cannot be in a file of {}", file.len());
        return Err(Error::corrupt(file.path(), format!("variable {name:?}"), problem));
    }
    let mut whole = Chunk::empty(source.dtype());
    let counts = grid.counts();
    if grid.count() == 1 {
        source.read(&vec![0; counts.len()], &mut whole)?;
        return Ok(whole);
    }
    whole.reset(source.dtype(), &shape);
    let mut part = Chunk::empty(source.dtype());
    for number in 0..grid.count() {
        let index = index_of(number, &counts);
        source.read(&index, &mut part)?;
        scatter(&part, &mut whole, &grid.region(&index));
    }
    Ok(whole)
}

/// The index of a chunk from its number in C order.
fn index_of(mut number: usize, counts: &[usize]) -> Vec<usize> {
    let mut index = vec![0; counts.len()];
    for (at, &count) in index.iter_mut().zip(counts).rev() {
        *at = number % count.max(1);
        number /= count.max(1);
    }
    index
}

/// Copies all of `part` into a region of `whole`, which has the same dtype.
pub(crate) fn scatter(part: &Chunk, whole: &mut Chunk, region: &[Range<usize>]) {
    let shape = whole.shape().to_vec();
    macro_rules! same_type {
        ($($variant:ident)+) => {
            match (part.buffer(), whole.buffer_mut()) {
                $((Buffer::$variant(part), Buffer::$variant(whole)) => copy(part, whole, &shape, region),)+
                // Both were reset to the dtype of one source.
                _ => {}
            }
        };
    }
    same_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 Str);
}

fn copy<T: Clone>(part: &[T], whole: &mut [T], shape: &[usize], region: &[Range<usize>]) {
    let run = region.last().map_or(1, ExactSizeIterator::len);
    let outer: Vec<usize> =
        region.iter().take(region.len().saturating_sub(1)).map(ExactSizeIterator::len).collect();
    for (row, values) in part.chunks_exact(run.max(1)).enumerate() {
        let mut at: Vec<usize> = index_of(row, &outer);
        at.push(0);
        let start = region
            .iter()
            .zip(shape)
            .zip(&at)
            .fold(0, |start, ((range, &len), &at)| start * len + range.start + at);
        if let Some(target) = whole.get_mut(start..start + values.len()) {
            target.clone_from_slice(values);
        }
    }
}
