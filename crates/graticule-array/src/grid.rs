//! How an array is cut into chunks.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dtype::DType;
use crate::error::{Error, Result};

/// The chunk size that `"auto"` aims at, in bytes.
pub const AUTO_CHUNK_BYTES: usize = 64 << 20;

/// What a block takes, in bytes, where an operation may choose: one that has an axis whole, collects scattered elements,
/// or is counted or factorized together. A thread holds about three such blocks, one that goes in, one that comes out,
/// and what is needed between, so two threads stay below 64 MiB. Smaller ones would save little and cost crumbs where
/// they are read from disk: sorting 1 GB of daily maps along time through a file took 4.2 CPU seconds with 32 MiB, 5.3
/// with 8 MiB, 6.0 with 4 MiB, and 3.7, 3.5 and 3.4 in memory.
pub(crate) const BLOCK_BYTES: usize = 8 << 20;

/// The chunks along one axis.
///
/// Regular cuts cost nothing to keep, however many there are. Irregular cuts keep where each chunk ends.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub enum AxisChunks {
    /// Chunks of one size; the last may be shorter.
    Regular {
        /// The length of the axis.
        len: usize,
        /// The size of a chunk, at least 1.
        size: usize,
    },
    /// Chunks of any size, given by the position after the last element of each.
    Irregular {
        /// Strictly increasing positions; the last is the length of the axis.
        ends: Arc<[usize]>,
    },
}

/// Chunks along one axis as they are read from storage, before they are known to be ones.
#[derive(Deserialize)]
#[serde(rename = "AxisChunks")]
enum Stored {
    Regular { len: usize, size: usize },
    Irregular { ends: Arc<[usize]> },
}

impl TryFrom<Stored> for AxisChunks {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        match stored {
            Stored::Regular { size: 0, .. } => {
                Err(Error::argument("size", 0, "a chunk has at least 1 element"))
            }
            Stored::Regular { len, size } => Ok(Self::Regular { len, size }),
            Stored::Irregular { ends } => {
                keepable(ends.len())?;
                if ends.first() != Some(&0) && ends.is_sorted_by(|a, b| a < b) && !ends.is_empty() {
                    return Ok(Self::Irregular { ends });
                }
                let hint = "chunks end at increasing positions, the first after 0";
                Err(Error::argument("ends", format!("{} positions", ends.len()), hint))
            }
        }
    }
}

impl AxisChunks {
    /// Chunks of one size; a size of 0 or one above the length means a single chunk.
    pub fn regular(len: usize, size: usize) -> Self {
        let size = if size == 0 { len } else { size.min(len) };
        Self::Regular { len, size: size.max(1) }
    }

    /// Chunks of the given sizes. Empty chunks are dropped.
    pub fn from_sizes(sizes: &[usize]) -> Self {
        let sizes: Vec<usize> = sizes.iter().copied().filter(|&size| size > 0).collect();
        let len = sizes.iter().sum();
        match sizes.as_slice() {
            [] => Self::regular(0, 1),
            [first, middle @ .., last] if middle.iter().all(|s| s == first) && last <= first => {
                Self::regular(len, *first)
            }
            [_] => Self::regular(len, len),
            _ => {
                let ends = sizes.iter().scan(0, |end, size| {
                    *end += size;
                    Some(*end)
                });
                Self::Irregular { ends: ends.collect() }
            }
        }
    }

    /// The length of the axis.
    pub fn len(&self) -> usize {
        match self {
            Self::Regular { len, .. } => *len,
            Self::Irregular { ends } => ends.last().copied().unwrap_or(0),
        }
    }

    /// Whether the axis has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many chunks there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Regular { len, size } => len.div_ceil((*size).max(1)),
            Self::Irregular { ends } => ends.len(),
        }
    }

    /// The positions of chunk `i`; empty past the last chunk.
    pub fn range(&self, i: usize) -> Range<usize> {
        match self {
            // Past the last chunk, or with a size above the length, the product may be beyond counting.
            Self::Regular { len, size } => {
                let start = i.saturating_mul(*size).min(*len);
                start..start.saturating_add(*size).min(*len)
            }
            Self::Irregular { ends } => {
                let end = |i: usize| ends.get(i).copied().unwrap_or(self.len());
                if i == 0 { 0..end(0) } else { end(i - 1)..end(i) }
            }
        }
    }

    /// The chunk that holds a position inside the axis.
    pub fn find(&self, position: usize) -> usize {
        match self {
            Self::Regular { size, .. } => position / (*size).max(1),
            Self::Irregular { ends } => ends.partition_point(|&end| end <= position),
        }
    }

    /// The size of every chunk in order.
    pub fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count()).map(|i| self.range(i).len())
    }

    /// The size of the largest chunk.
    pub fn max_size(&self) -> usize {
        match self {
            Self::Regular { len, size } => (*size).min(*len),
            Self::Irregular { .. } => self.sizes().max().unwrap_or(0),
        }
    }

    /// Chunks of at most `size` elements, cut within the chunks there are, so that each lies in one of them.
    pub(crate) fn cut(&self, size: usize) -> Self {
        let size = size.max(1);
        match self {
            Self::Regular { len, size: own } if self.count() <= 1 || own % size == 0 => {
                Self::regular(*len, size)
            }
            Self::Regular { .. } | Self::Irregular { .. } => {
                let pieces = self.sizes().flat_map(|own| {
                    let count = own.div_ceil(size);
                    // As even as they can be.
                    (0..count).map(move |i| own * (i + 1) / count - own * i / count)
                });
                Self::from_sizes(&pieces.collect::<Vec<_>>())
            }
        }
    }

    /// The chunks of the elements `start`, `start + step`, … (`len` of them).
    ///
    /// # Errors
    /// [`Error::Chunks`] when that takes more irregular chunks than can be kept.
    pub(crate) fn select(&self, start: usize, step: isize, len: usize) -> Result<Self> {
        if len == 0 {
            return Ok(Self::regular(0, 1));
        }
        if step == 1 && start == 0 && len == self.len() {
            return Ok(self.clone());
        }
        if self.count() == 1 {
            return Ok(Self::regular(len, len));
        }
        if let (Self::Regular { size, .. }, 1, 0) = (self, step, start % self.max_size().max(1)) {
            return Ok(Self::regular(len, *size));
        }
        let stride = step.unsigned_abs().max(1);
        let mut sizes = Vec::new();
        let mut done = 0;
        while done < len {
            let position = (start as isize + step * done as isize) as usize;
            let chunk = self.range(self.find(position));
            let room = if step >= 0 { chunk.end - 1 - position } else { position - chunk.start };
            let taken = (room / stride + 1).min(len - done);
            sizes.push(taken);
            done += taken;
            keepable(sizes.len())?;
        }
        Ok(Self::from_sizes(&sizes))
    }

    /// The chunks of one axis after another.
    ///
    /// # Errors
    /// [`Error::Chunks`] when there are more than can be kept.
    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Result<Self> {
        let mut sizes: Vec<usize> = Vec::new();
        for part in parts {
            keepable(sizes.len().saturating_add(part.count()))?;
            sizes.extend(part.sizes());
        }
        let total = sizes.iter().copied().try_fold(0usize, usize::checked_add);
        match total {
            Some(_) => Ok(Self::from_sizes(&sizes)),
            None => Err(Error::Chunks {
                problem: "the joined axis is longer than can be counted".into(),
                hint: "join fewer or shorter arrays".into(),
            }),
        }
    }
}

/// Irregular chunks are kept one by one, up to this many along an axis.
const MAX_IRREGULAR: usize = 1 << 24;

fn keepable(chunks: usize) -> Result<()> {
    if chunks <= MAX_IRREGULAR {
        return Ok(());
    }
    Err(Error::Chunks {
        problem: format!("an axis would be cut into more than {MAX_IRREGULAR} irregular chunks"),
        hint: "rechunk into larger chunks first".into(),
    })
}

impl fmt::Debug for AxisChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `1000` for equal chunks, `365×1` for many equal ones in full form, `(3, 5, 2)` for irregular ones.
impl fmt::Display for AxisChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regular { len, size } => write!(f, "{}", (*size).min(*len)),
            Self::Irregular { .. } => {
                let sizes: Vec<String> = self.sizes().take(4).map(|s| s.to_string()).collect();
                let more = if self.count() > 4 { ", …" } else { "" };
                write!(f, "[{}{more}]", sizes.join(", "))
            }
        }
    }
}

/// The chunks along every axis.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChunkGrid {
    axes: Vec<AxisChunks>,
}

impl ChunkGrid {
    /// A grid from the chunks of each axis.
    pub fn new(axes: Vec<AxisChunks>) -> Self {
        Self { axes }
    }

    /// A grid with a single chunk.
    pub fn single(shape: &[usize]) -> Self {
        Self { axes: shape.iter().map(|&len| AxisChunks::regular(len, len)).collect() }
    }

    /// A grid of equal chunks.
    pub fn regular(shape: &[usize], chunk: &[usize]) -> Self {
        Self { axes: shape.iter().zip(chunk).map(|(&len, &size)| AxisChunks::regular(len, size)).collect() }
    }

    /// The chunks of each axis.
    pub fn axes(&self) -> &[AxisChunks] {
        &self.axes
    }

    /// The length of every axis.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(AxisChunks::len).collect()
    }

    /// How many chunks there are along each axis.
    pub fn counts(&self) -> Vec<usize> {
        self.axes.iter().map(AxisChunks::count).collect()
    }

    /// How many chunks there are.
    pub fn count(&self) -> usize {
        self.axes.iter().map(AxisChunks::count).product()
    }

    /// The positions that a chunk covers.
    pub fn region(&self, index: &[usize]) -> Vec<Range<usize>> {
        self.axes.iter().zip(index).map(|(axis, &i)| axis.range(i)).collect()
    }

    /// The same cuts or fewer: equal chunks are put together, last axes first, until a chunk has about `elements`.
    pub(crate) fn coarsened(&self, elements: usize) -> Self {
        let mut axes = self.axes.clone();
        let mut have: usize = self.max_chunk().iter().product();
        for axis in axes.iter_mut().rev() {
            let AxisChunks::Regular { len, size } = *axis else { continue };
            if have == 0 || have >= elements {
                break;
            }
            let together = (elements / have).clamp(1, axis.count().max(1));
            *axis = AxisChunks::regular(len, size * together);
            have *= together;
        }
        Self { axes }
    }

    /// The shape of the largest chunk.
    pub fn max_chunk(&self) -> Vec<usize> {
        self.axes.iter().map(AxisChunks::max_size).collect()
    }
}

impl fmt::Debug for ChunkGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ChunkGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<String> = self.axes.iter().map(ToString::to_string).collect();
        match axes.as_slice() {
            [one] => write!(f, "({one},)"),
            axes => write!(f, "({})", axes.join(", ")),
        }
    }
}

/// How a user asks for chunks.
///
/// ```
/// use graticule_array::Chunks;
/// let by_shape: Chunks = (1000, 1000).into();
/// let by_axis: Chunks = vec![vec![2, 3], vec![5]].into();
/// let by_bytes: Chunks = "64MiB".into();
/// let auto: Chunks = "auto".into();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunks {
    /// One size for each axis; 0 means the whole axis.
    Shape(Vec<usize>),
    /// The sizes of all chunks, for each axis.
    Sizes(Vec<Vec<usize>>),
    /// About as many bytes to a chunk; the text form, `"64MiB"`, or `"auto"` for 64 MiB.
    Bytes(String),
}

impl Chunks {
    /// The grid these chunks make of an array.
    ///
    /// Sizes given in bytes cut the slowest axes first, so that chunks stay contiguous in C order.
    ///
    /// # Errors
    /// [`Error::Chunks`] when the number of axes differs or the sizes don't add up to the shape.
    pub fn resolve(&self, shape: &[usize], dtype: DType) -> Result<ChunkGrid> {
        let same_ndim = |given: usize| {
            if given == shape.len() {
                Ok(())
            } else {
                Err(Error::Chunks {
                    problem: format!("{given} axes of chunks for an array with {} axes", shape.len()),
                    hint: format!("give one entry for each axis of {shape:?}"),
                })
            }
        };
        match self {
            Self::Shape(chunk) => {
                same_ndim(chunk.len())?;
                Ok(ChunkGrid::regular(shape, chunk))
            }
            Self::Sizes(sizes) => {
                same_ndim(sizes.len())?;
                let axes = sizes.iter().zip(shape).enumerate().map(|(axis, (sizes, &len))| {
                    let sum = sizes.iter().fold(0usize, |sum, &size| sum.saturating_add(size));
                    if sum == len {
                        Ok(AxisChunks::from_sizes(sizes))
                    } else {
                        Err(Error::Chunks {
                            problem: format!("the chunks {sizes:?} of axis {axis} add up to {sum}"),
                            hint: format!("they must add up to the length of the axis, {len}"),
                        })
                    }
                });
                Ok(ChunkGrid::new(axes.collect::<Result<_>>()?))
            }
            Self::Bytes(text) => {
                let bytes = match text.trim() {
                    "auto" => AUTO_CHUNK_BYTES,
                    text => crate::bytes::parse(text)?,
                };
                let mut left = (bytes / dtype.size()).max(1);
                let mut chunk = vec![1; shape.len()];
                for (size, &len) in chunk.iter_mut().zip(shape).rev() {
                    *size = len.min(left).max(1);
                    left = (left / len.max(1)).max(1);
                }
                Ok(ChunkGrid::regular(shape, &chunk))
            }
        }
    }
}

impl From<usize> for Chunks {
    fn from(size: usize) -> Self {
        Self::Shape(vec![size])
    }
}

impl From<&str> for Chunks {
    fn from(text: &str) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<Vec<usize>> for Chunks {
    fn from(chunk: Vec<usize>) -> Self {
        Self::Shape(chunk)
    }
}

impl From<&[usize]> for Chunks {
    fn from(chunk: &[usize]) -> Self {
        Self::Shape(chunk.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Chunks {
    fn from(chunk: [usize; N]) -> Self {
        Self::Shape(chunk.to_vec())
    }
}

impl From<Vec<Vec<usize>>> for Chunks {
    fn from(sizes: Vec<Vec<usize>>) -> Self {
        Self::Sizes(sizes)
    }
}

/// A shape given as a number, a tuple, an array, a slice or a vector.
pub trait IntoShape {
    /// The length of every axis.
    fn into_shape(self) -> Vec<usize>;
}

impl IntoShape for usize {
    fn into_shape(self) -> Vec<usize> {
        vec![self]
    }
}

impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Vec<usize> {
        self
    }
}

impl IntoShape for &[usize] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoShape for &Vec<usize> {
    fn into_shape(self) -> Vec<usize> {
        self.clone()
    }
}

impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

macro_rules! tuple_shape {
    ($($t:ident $name:ident),+) => {
        impl IntoShape for ($($t,)+) {
            fn into_shape(self) -> Vec<usize> {
                let ($($name,)+) = self;
                vec![$($name),+]
            }
        }

        impl From<($($t,)+)> for Chunks {
            fn from(chunk: ($($t,)+)) -> Self {
                Self::Shape(chunk.into_shape())
            }
        }
    };
}

type Len = usize;
tuple_shape!(Len a);
tuple_shape!(Len a, Len b);
tuple_shape!(Len a, Len b, Len c);
tuple_shape!(Len a, Len b, Len c, Len d);
tuple_shape!(Len a, Len b, Len c, Len d, Len e);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_chunks_agree() {
        for axis in [AxisChunks::regular(10, 3), AxisChunks::from_sizes(&[1, 4, 2, 3])] {
            assert_eq!(axis.len(), 10);
            assert_eq!(axis.sizes().sum::<usize>(), 10);
            for position in 0..10 {
                assert!(axis.range(axis.find(position)).contains(&position));
            }
        }
    }

    #[test]
    fn equal_sizes_are_kept_as_regular() {
        assert_eq!(AxisChunks::from_sizes(&[3, 3, 0, 1]), AxisChunks::regular(7, 3));
        assert_eq!(AxisChunks::from_sizes(&[7]), AxisChunks::regular(7, 7));
        assert!(matches!(AxisChunks::from_sizes(&[3, 1, 3]), AxisChunks::Irregular { .. }));
    }

    #[test]
    fn a_slice_keeps_the_cuts_of_the_axis() {
        let axis = AxisChunks::regular(10, 4);
        assert_eq!(axis.select(9, -1, 10).unwrap().sizes().collect::<Vec<_>>(), [2, 4, 4]);
        assert_eq!(axis.select(1, 2, 5).unwrap().sizes().collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(axis.select(3, 1, 2).unwrap().sizes().collect::<Vec<_>>(), [1, 1]);
        assert_eq!(axis.select(3, 1, 0).unwrap().len(), 0);
    }

    #[test]
    fn chunks_in_bytes_cut_the_slow_axes() {
        let grid = Chunks::from("8MB").resolve(&[365, 720, 1440], DType::F64).unwrap();
        assert_eq!(grid.max_chunk(), [1, 694, 1440]);
        let grid = Chunks::from("auto").resolve(&[100, 100], DType::F64).unwrap();
        assert_eq!(grid.count(), 1);
    }

    #[test]
    fn chunks_that_do_not_add_up_are_refused() {
        let error = Chunks::from(vec![vec![2, 2], vec![5]]).resolve(&[5, 5], DType::F64).unwrap_err();
        assert_eq!(
            error.to_string(),
            "chunks do not fit: the chunks [2, 2] of axis 0 add up to 4; they must add up to the length of the axis, 5"
        );
        assert!(Chunks::from((2, 2)).resolve(&[5], DType::F64).is_err());
    }
}
