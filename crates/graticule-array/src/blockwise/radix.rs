//! Values of given ranks among all values of an array that is larger than memory.
//!
//! A value's key is a number of at most 64 bits with the order of the values (`kernel/order.rs`). The values are counted by
//! the first bits of their keys; the counts say with which bits the value of a rank begins. Then those that begin so are
//! counted by their next bits, until all bits are known: radix selection, from the most significant digit (Knuth, The Art
//! of Computer Programming 3, 5.2.5). Every level reads the values once and keeps only counts.
//!
//! What is known after a level is a small array of `u64`: for each rank a row with the bits so far and the rank among the
//! values that begin with them, and one more row with the number of values and whether a result is missing.

use serde::{Deserialize, Serialize};

use crate::blockwise::along::only;
use crate::blockwise::quantile::{Sample, blend, nothing};
use crate::blockwise::sort::{stored, written_as};
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, BLOCK_BYTES, ChunkGrid};
use crate::kernel::order::{Measured, Ordered, with_measured};
use crate::kernel::quantile::Blend;

/// Some bits of a key: `bits` of them, above the lowest `shift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Digit {
    pub(crate) shift: u32,
    pub(crate) bits: u32,
}

impl Digit {
    /// How many values it can have.
    fn buckets(self) -> usize {
        1 << self.bits
    }

    fn of(self, key: u64) -> usize {
        (key >> self.shift) as usize & (self.buckets() - 1)
    }

    /// The bits of a key above the digit.
    fn before(self, key: u64) -> u64 {
        key.checked_shr(self.shift + self.bits).unwrap_or(0)
    }

    fn check(self) -> Result<()> {
        if self.bits == 0 || self.bits > 16 || self.shift + self.bits > 64 {
            return Err(Error::argument("bits", self.bits, "a digit has 1 to 16 of the 64 bits of a key"));
        }
        Ok(())
    }
}

/// Counts values by a digit of their keys: rows of counts, each of some chunks. Of the first digit all values are counted,
/// and in one more column the missing ones. Of later digits there are as many columns for each rank, of the values that
/// begin as the second input says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RadixCount {
    pub(crate) digit: Digit,
}

/// The bits of the values of some ranks, by one digit more, from the counts and from what is known so far.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RadixPick {
    pub(crate) digit: Digit,
    pub(crate) sample: Sample,
}

/// Quantiles from the values of their ranks, all bits of which are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RadixFinish {
    pub(crate) dtype: DType,
    pub(crate) sample: Sample,
}

/// What stands in the last row where a missing value, or none at all, makes the results missing.
const MISSING: u64 = 1;

/// How many chunks are counted together: a row of counts for each would cost more than counting.
fn together(input: &Operand<'_>) -> usize {
    let chunk: usize = input.grid.max_chunk().iter().product();
    (BLOCK_BYTES / (chunk * input.dtype.size()).max(1)).max(1)
}

/// How many ranks an array of what is known has.
fn ranks(known: &Operand<'_>) -> Result<usize> {
    match known.grid.shape().as_slice() {
        [rows, 2] if *rows > 0 && known.dtype == DType::U64 => Ok(rows - 1),
        shape => {
            Err(Error::argument("what is known of ranks", format!("{shape:?}"), "it has rows of two uint64"))
        }
    }
}

fn whole(input: usize, operand: &Operand<'_>) -> Part {
    Part { input, region: operand.grid.axes().iter().map(|axis| 0..axis.len()).collect() }
}

impl Kernel for RadixCount {
    fn label(&self) -> String {
        let Digit { shift, bits } = self.digit;
        format!("counts by bits {shift} to {} of the values", shift + bits - 1)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        self.digit.check()?;
        let (values, columns) = match inputs {
            [values] => (values, self.digit.buckets() + 1),
            [values, known] => (values, ranks(known)? * self.digit.buckets()),
            _ => {
                return Err(Error::argument(
                    "inputs",
                    inputs.len(),
                    "give values, and what is known of ranks",
                ));
            }
        };
        if values.dtype == DType::Str {
            let hint = "of text there are no bits to count".into();
            return Err(Error::Dtype { operation: self.label(), dtype: values.dtype, hint });
        }
        let rows = values.grid.count().div_ceil(together(values));
        let rows = AxisChunks::regular(rows, 1);
        Ok((DType::I64, ChunkGrid::new(vec![rows, AxisChunks::regular(columns, columns)])))
    }

    fn parts(&self, index: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let Some(values) = inputs.first() else { return Vec::new() };
        let counts = values.grid.counts();
        let together = together(values);
        let first = index.first().copied().unwrap_or(0) * together;
        let chunks = (first..(first + together).min(values.grid.count())).map(|number| {
            let mut left = number;
            let mut chunk = vec![0; counts.len()];
            for (at, count) in chunk.iter_mut().zip(&counts).rev() {
                *at = left % count;
                left /= count;
            }
            Part { input: 0, region: values.grid.region(&chunk) }
        });
        let known = inputs.get(1).map(|known| whole(1, known));
        known.into_iter().chain(chunks).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let Some(values) = inputs.first() else { return Vec::new() };
        let chunks = together(values).min(values.grid.count());
        let known = inputs.get(1).map(|known| (1, known.grid.shape()));
        known.into_iter().chain((0..chunks).map(|_| (0, values.grid.max_chunk()))).collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        inputs.get(1).map_or(0, |known| 4 * known.len(0) * size_of::<(u64, usize)>())
    }

    /// What is known is part of every block.
    fn is_disjoint(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> bool {
        inputs.len() == 1 || grid.count() <= 1
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let counts = written_as::<i64>(out)?;
        counts.fill(0);
        let first = target.inputs.len() == 1;
        let (known, values) = parts.split_at(usize::from(!first));
        let begins = known.first().map(begins).transpose()?.unwrap_or_default();
        let defect = || Err(Error::defect("text was to be counted by its bits"));
        for values in values {
            with_measured!(values.dtype(), K => {
                if first { self.all::<K>(values, counts)?; } else { self.beginning::<K>(values, &begins, counts)?; }
            }, text => return defect());
        }
        Ok(())
    }
}

/// With which bits values begin that are looked for, each once, and the first rank of each.
fn begins(known: &Chunk) -> Result<Vec<(u64, usize)>> {
    let rows = stored::<u64>(known)?.chunks_exact(2);
    let mut begins: Vec<(u64, usize)> = rows.map(|row| row[0]).zip(0..).collect();
    begins.pop();
    begins.sort_unstable();
    begins.dedup_by_key(|(bits, _)| *bits);
    Ok(begins)
}

impl RadixCount {
    fn all<M: Measured>(&self, values: &Chunk, counts: &mut [i64]) -> Result<()> {
        let missing = self.digit.buckets();
        for value in stored::<M::Element>(values)? {
            let key = M::key(value);
            let bucket = if M::is_missing(&key) { missing } else { self.digit.of(M::to_bits(key)) };
            counts[bucket] += 1;
        }
        Ok(())
    }

    fn beginning<M: Measured>(
        &self,
        values: &Chunk,
        begins: &[(u64, usize)],
        counts: &mut [i64],
    ) -> Result<()> {
        let (Some((lowest, _)), Some((highest, _))) = (begins.first(), begins.last()) else { return Ok(()) };
        for value in stored::<M::Element>(values)? {
            let bits = M::to_bits(M::key(value));
            let before = self.digit.before(bits);
            // Most values begin otherwise.
            if before < *lowest || before > *highest {
                continue;
            }
            if let Ok(found) = begins.binary_search_by_key(&before, |(begin, _)| *begin) {
                counts[begins[found].1 * self.digit.buckets() + self.digit.of(bits)] += 1;
            }
        }
        Ok(())
    }
}

impl Kernel for RadixPick {
    fn label(&self) -> String {
        format!("ranks of {} in the counts", self.sample.label())
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        self.digit.check()?;
        let ranks = 2 * self.sample.points.len();
        let columns = match inputs {
            [_] => self.digit.buckets() + 1,
            [_, known] if self::ranks(known)? == ranks => ranks * self.digit.buckets(),
            _ => {
                return Err(Error::argument(
                    "inputs",
                    inputs.len(),
                    "give counts, and what is known of ranks",
                ));
            }
        };
        if inputs.first().map(|counts| counts.grid.shape()) != Some(vec![columns]) {
            return Err(Error::argument("counts", self.label(), format!("there must be {columns}")));
        }
        Ok((DType::U64, ChunkGrid::single(&[ranks + 1, 2])))
    }

    fn parts(&self, _: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let with_elements = inputs.iter().enumerate().filter(|(_, operand)| operand.len(0) > 0);
        with_elements.map(|(input, operand)| whole(input, operand)).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        inputs.iter().enumerate().map(|(input, operand)| (input, operand.grid.shape())).collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        self.sample.points.len() * 160
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let out = written_as::<u64>(out)?;
        let buckets = self.digit.buckets();
        if target.inputs.len() == 1 {
            let [counts] = parts else { return Err(Error::defect("there are no counts")) };
            let counts = stored::<i64>(counts)?;
            let valid = counts[..buckets].iter().sum::<i64>() as u64;
            let is_missing = valid == 0 || (counts[buckets] > 0 && !self.sample.skipna);
            out.fill(0);
            if let [.., count, missing] = out.as_mut_slice() {
                *count = valid;
                *missing = if is_missing { MISSING } else { 0 };
            }
            if is_missing {
                return Ok(());
            }
            let places = self.sample.positions(valid as usize).into_iter().flat_map(|at| [at.low, at.high]);
            for (row, place) in out.chunks_exact_mut(2).zip(places) {
                row.copy_from_slice(&self.pick(0, place as u64, &counts[..buckets]));
            }
            return Ok(());
        }
        // Without ranks there are no counts.
        let Some(known) = parts.last() else { return Err(Error::defect("nothing is known of ranks")) };
        let known = stored::<u64>(known)?;
        out.copy_from_slice(known);
        let [counts, _] = parts else { return Ok(()) };
        let counts = stored::<i64>(counts)?;
        if known.last() == Some(&MISSING) {
            return Ok(());
        }
        let rows = known.len() / 2 - 1;
        for row in 0..rows {
            let (begin, rank) = (known[2 * row], known[2 * row + 1]);
            // Values that begin alike were counted once, for the first rank of theirs.
            let first = (0..row).find(|&other| known[2 * other] == begin).unwrap_or(row);
            let picked = self.pick(begin, rank, &counts[first * buckets..][..buckets]);
            out[2 * row..][..2].copy_from_slice(&picked);
        }
        Ok(())
    }
}

impl RadixPick {
    /// The bits of the value of a rank, by one digit more, and its rank among those that begin with them.
    fn pick(&self, begin: u64, mut rank: u64, counts: &[i64]) -> [u64; 2] {
        let mut digit = 0;
        for &count in counts {
            if rank < count as u64 {
                break;
            }
            rank -= count as u64;
            digit += 1;
        }
        [begin << self.digit.bits | digit, rank]
    }
}

impl Kernel for RadixFinish {
    fn label(&self) -> String {
        self.sample.label()
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let known = only(&self.label(), inputs)?;
        let points = self.sample.points.len();
        if ranks(known)? != 2 * points {
            return Err(Error::argument("ranks", points, "there are two for each quantile"));
        }
        Ok((self.sample.dtype(self.dtype)?, ChunkGrid::single(&[points])))
    }

    fn parts(&self, _: &[usize], _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        inputs.iter().take(1).map(|known| whole(0, known)).collect()
    }

    fn largest_parts(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        inputs.iter().take(1).map(|known| (0, known.grid.shape())).collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> usize {
        self.sample.points.len() * 64
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn run(&self, _: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let [known] = parts else { return Err(Error::defect("nothing is known of ranks")) };
        let known = stored::<u64>(known)?;
        let defect = || Err(Error::defect("a quantile of text was accepted"));
        with_measured!(self.dtype, K => {
            if self.sample.estimate.takes_a_value() {
                self.finish::<K, _>(known, out, |low, _, _| K::value(&low))
            } else {
                self.finish::<K, _>(known, out, blend::<K>)
            }
        }, text => defect())
    }
}

impl RadixFinish {
    fn finish<M: Measured, T: Element>(
        &self,
        known: &[u64],
        out: &mut Chunk,
        blend: impl Fn(M::Key, M::Key, Blend) -> T,
    ) -> Result<()> {
        let [ranks @ .., count, missing] = known else { return Ok(()) };
        if *missing == MISSING {
            return nothing::<M>(&self.sample, out);
        }
        let positions = self.sample.positions(*count as usize);
        for ((out, row), at) in written_as::<T>(out)?.iter_mut().zip(ranks.chunks_exact(4)).zip(positions) {
            *out = blend(M::from_bits(row[0]), M::from_bits(row[2]), at.blend);
        }
        Ok(())
    }
}
