//! Quantiles, percentiles and medians.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::quantile::{Quantile, Sample};
use crate::blockwise::radix::{Digit, RadixCount, RadixFinish, RadixPick};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::BLOCK_BYTES;
use crate::kernel::order::{Measured, with_measured};
use crate::kernel::quantile::{Estimate, QuantileMethod};
use crate::ops::Axes;
use crate::scalar::Float;

/// Of several samples, those of at most this many bytes are taken into memory whole, as one block; larger ones are
/// counted. A single sample is counted beyond [`BLOCK_BYTES`].
const IN_MEMORY: usize = 64 << 20;

/// Large samples for at most this many places on the other axes are counted one by one.
const COUNTED: usize = 64;

/// Which quantiles: a number, or several, which stand along a new first axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    points: Vec<f64>,
    is_one: bool,
}

impl From<f64> for Points {
    fn from(point: f64) -> Self {
        Self { points: vec![point], is_one: true }
    }
}

impl<const N: usize> From<[f64; N]> for Points {
    fn from(points: [f64; N]) -> Self {
        Self { points: points.to_vec(), is_one: false }
    }
}

impl From<&[f64]> for Points {
    fn from(points: &[f64]) -> Self {
        Self { points: points.to_vec(), is_one: false }
    }
}

impl From<Vec<f64>> for Points {
    fn from(points: Vec<f64>) -> Self {
        Self { points, is_one: false }
    }
}

impl Array {
    /// The quantiles `q`, from 0 to 1, over some axes. A number gives an array without those axes; several numbers give
    /// them along a new first axis, as in numpy. NaN or NaT among the values makes the result missing.
    ///
    /// The arithmetic is numpy's, so results over float64 are its bits. float32 stays float32, as numpy's does for a
    /// number `q`; other numbers give float64, but methods that take a value keep the dtype. Times are interpolated in
    /// whole units. As in numpy, interpolating at an infinite value gives NaN, where [`Array::median`] and the methods
    /// that take a value do not.
    ///
    /// The axes are needed in one chunk and are rechunked where they are cut, the other axes so that a chunk takes at most
    /// 8 MiB, or one sample. What is over all axes and more than 8 MiB, or more than 64 MiB and leaves at most 64 places on
    /// the others, is never in memory: it is found by counting values by the bits of theirs, in 1 to 8 passes over the
    /// data, exactly.
    ///
    /// ```
    /// use graticule_array::{Array, QuantileMethod};
    /// let x = Array::from_array(ndarray::arr2(&[[1.0, 4.0], [2.0, 8.0], [3.0, 6.0]]), (1, 2))?;
    /// let middle = x.quantile(0.5, 0, QuantileMethod::Linear)?;
    /// assert_eq!(middle.compute()?.as_slice::<f64>()?, [2.0, 6.0]);
    /// let ends = x.quantile([0.0, 1.0], 0, QuantileMethod::Linear)?;
    /// assert_eq!(ends.shape(), [2, 2]);
    /// assert_eq!(ends.compute()?.as_slice::<f64>()?, [1.0, 4.0, 3.0, 8.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a `q` outside 0 to 1, for the quantile of nothing, or for large samples on many places;
    /// [`Error::Axis`] for an axis that is not there, [`Error::Dtype`] for text.
    pub fn quantile(
        &self,
        q: impl Into<Points>,
        axes: impl Into<Axes>,
        method: QuantileMethod,
    ) -> Result<Self> {
        self.estimate(&q.into(), axes.into(), Estimate::Quantile(method), false)
    }

    /// The quantiles of the values that are not NaN or NaT; missing where there are none.
    ///
    /// # Errors
    /// As [`Array::quantile`].
    pub fn nanquantile(
        &self,
        q: impl Into<Points>,
        axes: impl Into<Axes>,
        method: QuantileMethod,
    ) -> Result<Self> {
        self.estimate(&q.into(), axes.into(), Estimate::Quantile(method), true)
    }

    /// [`Array::quantile`] for `q` from 0 to 100.
    ///
    /// # Errors
    /// As [`Array::quantile`].
    pub fn percentile(
        &self,
        q: impl Into<Points>,
        axes: impl Into<Axes>,
        method: QuantileMethod,
    ) -> Result<Self> {
        self.estimate(&hundredths(q.into())?, axes.into(), Estimate::Quantile(method), false)
    }

    /// [`Array::nanquantile`] for `q` from 0 to 100.
    ///
    /// # Errors
    /// As [`Array::quantile`].
    pub fn nanpercentile(
        &self,
        q: impl Into<Points>,
        axes: impl Into<Axes>,
        method: QuantileMethod,
    ) -> Result<Self> {
        self.estimate(&hundredths(q.into())?, axes.into(), Estimate::Quantile(method), true)
    }

    /// The middle value over some axes, or the mean of the two; NaN where there is one, or nothing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// assert_eq!(Array::arange(10)?.median(())?.compute()?.item::<f64>()?, 4.5);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::quantile`].
    pub fn median(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.estimate(&0.5.into(), axes.into(), Estimate::Median, false)
    }

    /// The median of the values that are not NaN or NaT; missing where there are none.
    ///
    /// # Errors
    /// As [`Array::quantile`].
    pub fn nanmedian(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.estimate(&0.5.into(), axes.into(), Estimate::Median, true)
    }

    fn estimate(&self, q: &Points, axes: Axes, estimate: Estimate, skipna: bool) -> Result<Self> {
        if let Some(&q) = q.points.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(Error::argument("q", q, "use quantiles from 0 to 1, percentiles from 0 to 100"));
        }
        let points = q.points.iter().map(|&q| Float::new(q)).collect();
        // Without missing values there is nothing to skip, and the plan says so.
        let sample = Sample { points, estimate, skipna: skipna && self.dtype().has_missing() };
        let axes = axes.resolve(self.ndim())?;
        let quantiles = self.estimates(axes, sample)?;
        if q.is_one { quantiles.index_axis(0, 0) } else { Ok(quantiles) }
    }

    /// Quantiles along a new first axis.
    fn estimates(&self, axes: Vec<usize>, sample: Sample) -> Result<Self> {
        if axes.is_empty() {
            // Each element is a sample of its own.
            return self.expand_dims(0)?.estimates(vec![0], sample);
        }
        let len: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
        let bytes = len.saturating_mul(self.dtype().size());
        let kept = (0..self.ndim()).filter(|axis| !axes.contains(axis));
        let places: usize = kept.map(|axis| self.shape()[axis]).product();
        if places > COUNTED && bytes > IN_MEMORY {
            let hint = format!(
                "each of {places} quantiles is of {}, which is more than is taken into memory; reduce more axes at once \
                 (up to all of them), or select parts with at most {COUNTED} places",
                crate::bytes::format(bytes)
            );
            return Err(Error::argument("axes", format!("{axes:?} of shape {:?}", self.shape()), hint));
        }
        if places == 0 || self.dtype() == DType::Str {
            return self.estimates_of_blocks(&axes, sample);
        }
        // One sample is counted on all threads, where a block of it would be on one.
        let in_memory = if places == 1 { BLOCK_BYTES } else { IN_MEMORY };
        self.estimates_one_by_one(&axes, &sample, in_memory)
    }

    /// Quantiles from blocks, or, of samples of more than `in_memory` bytes, from one place on the other axes after
    /// another.
    fn estimates_one_by_one(&self, axes: &[usize], sample: &Sample, in_memory: usize) -> Result<Self> {
        let len: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
        if len.saturating_mul(self.dtype().size()) <= in_memory {
            return self.estimates_of_blocks(axes, sample.clone());
        }
        let Some(kept) = (0..self.ndim()).find(|axis| !axes.contains(axis)) else {
            return self.estimates_of_all(sample);
        };
        let below: Vec<usize> = axes.iter().map(|&axis| if axis > kept { axis - 1 } else { axis }).collect();
        let places = (0..self.shape()[kept]).map(|at| {
            self.index_axis(kept as isize, at as isize)?.estimates_one_by_one(&below, sample, in_memory)
        });
        Self::stack(&places.collect::<Result<Vec<_>>>()?, 1)
    }

    /// Quantiles from blocks that have the axes whole.
    fn estimates_of_blocks(&self, axes: &[usize], sample: Sample) -> Result<Self> {
        let kernel = Quantile { axes: axes.to_vec(), sample };
        let mut result = self.whole_along(axes)?.blocks(Blockwise::Quantile(kernel))?;
        let (first, others) = axes.split_first().ok_or_else(|| Error::defect("a quantile along no axes"))?;
        for &axis in others.iter().rev() {
            result = result.index_axis(axis as isize, 0)?;
        }
        let order = std::iter::once(*first).chain((0..result.ndim()).filter(|axis| axis != first));
        result.permute(&order.map(|axis| axis as isize).collect::<Vec<_>>())
    }

    /// Quantiles of all values, by counting.
    fn estimates_of_all(&self, sample: &Sample) -> Result<Self> {
        // What is cut for nothing is cut, so that a thread has little of it.
        let values = if self.is_cut_for_nothing() {
            self.rechunk(format!("{BLOCK_BYTES} B").as_str())?
        } else {
            self.clone()
        };
        let mut known: Option<Self> = None;
        for digit in digits(self.dtype(), 2 * sample.points.len()) {
            let inputs: Vec<Expr> = [Some(&values), known.as_ref()]
                .into_iter()
                .flatten()
                .map(|array| array.expr().clone())
                .collect();
            let count = Op::Blockwise(Blockwise::RadixCount(RadixCount { digit }));
            let counts = Self::from_expr(Expr::new(count, inputs)?).sum(0)?;
            let inputs = [Some(&counts), known.as_ref()]
                .into_iter()
                .flatten()
                .map(|array| array.expr().clone())
                .collect();
            let pick = Op::Blockwise(Blockwise::RadixPick(RadixPick { digit, sample: sample.clone() }));
            known = Some(Self::from_expr(Expr::new(pick, inputs)?));
        }
        let known = known.ok_or_else(|| Error::defect("a key without bits"))?;
        let finish = RadixFinish { dtype: self.dtype(), sample: sample.clone() };
        known.blocks(Blockwise::RadixFinish(finish))
    }
}

/// The digits that keys are counted by, the highest first: 16 bits, then as many as leave the counts for all ranks in
/// 2 MiB, at least 8.
fn digits(dtype: DType, ranks: usize) -> Vec<Digit> {
    let mut left = with_measured!(dtype, K => <K as Measured>::BITS, text => 0);
    let fitting = ((2usize << 20) / size_of::<i64>() / ranks.max(1)).max(1).ilog2();
    let mut digits = Vec::new();
    while left > 0 {
        let bits = if digits.is_empty() { 16 } else { fitting.clamp(8, 16) }.min(left);
        left -= bits;
        digits.push(Digit { shift: left, bits });
    }
    digits
}

fn hundredths(q: Points) -> Result<Points> {
    if let Some(&q) = q.points.iter().find(|q| !(0.0..=100.0).contains(*q)) {
        return Err(Error::argument("q", q, "use percentiles from 0 to 100"));
    }
    Ok(Points { points: q.points.iter().map(|q| q / 100.0).collect(), ..q })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::{Buffer, Chunk};
    use crate::dtype::TimeUnit;

    /// Arrays of every dtype with repeated, extreme and missing values, in small chunks.
    fn arrays() -> Vec<Array> {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        };
        let raw: Vec<u64> = (0..600).map(|_| random()).collect();
        let floats: Vec<f64> =
            raw.iter().map(|&x| (x as f64).sin() * 10f64.powi((x % 9) as i32 - 4)).collect();
        let times: Vec<i64> =
            raw.iter().map(|&x| x as i64 - (1 << 43)).chain([i64::MIN + 1, i64::MAX]).collect();
        let with_nan: Vec<f64> =
            floats.iter().copied().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]).collect();
        let buffers = [
            (DType::F64, Buffer::F64(floats.clone())),
            (DType::F64, Buffer::F64(with_nan)),
            (DType::F64, Buffer::F64(vec![f64::NAN; 5])),
            (DType::F32, Buffer::F32(floats.iter().map(|&x| x as f32).chain([f32::MIN, f32::MAX]).collect())),
            (DType::I8, Buffer::I8(raw.iter().map(|&x| x as i8).collect())),
            (DType::U16, Buffer::U16(raw.iter().map(|&x| x as u16).collect())),
            (DType::I32, Buffer::I32(raw.iter().map(|&x| x as i32).collect())),
            (DType::U64, Buffer::U64(raw.iter().copied().chain([0, u64::MAX]).collect())),
            (DType::Bool, Buffer::Bool(raw.iter().map(|&x| x % 3 == 0).collect())),
            (DType::Datetime(TimeUnit::Second), Buffer::I64(times.clone())),
            (
                DType::Timedelta(TimeUnit::Nanosecond),
                Buffer::I64(times.into_iter().chain([crate::dtype::NAT]).collect()),
            ),
        ];
        let array = |(dtype, buffer): (DType, Buffer)| {
            let chunk = Chunk::from_buffer(vec![buffer.len()], dtype, buffer).unwrap();
            Array::from_chunk(chunk).unwrap().rechunk(7).unwrap()
        };
        buffers.into_iter().map(array).collect()
    }

    #[test]
    fn counting_finds_what_selecting_in_memory_finds() {
        for x in arrays() {
            for skipna in [false, true] {
                let quantiles = QuantileMethod::ALL.map(Estimate::Quantile);
                for estimate in quantiles.into_iter().chain([Estimate::Median]) {
                    let points = [0.0, 0.31, 0.5, 0.98, 1.0].map(Float::new).to_vec();
                    let sample = Sample { points, estimate, skipna };
                    let (a, b) = (
                        x.estimates_of_all(&sample).unwrap().compute().unwrap(),
                        x.estimates_of_blocks(&[0], sample).unwrap().compute().unwrap(),
                    );
                    // Compared as text, in which NaN equals itself.
                    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{estimate:?} of {x}");
                }
            }
        }
    }

    #[test]
    fn many_quantiles_take_more_passes_and_no_more_memory() {
        let bits = |ranks| digits(DType::F64, ranks).iter().map(|digit| digit.bits).collect::<Vec<_>>();
        assert_eq!(bits(2), [16, 16, 16, 16]);
        assert_eq!(bits(20), [16, 13, 13, 13, 9]);
        assert_eq!(bits(100_000), [16, 8, 8, 8, 8, 8, 8]);
        assert_eq!(digits(DType::U8, 2).len(), 1);
        let x = &arrays()[0];
        let points: Vec<Float> = (0..1000).map(|i| Float::new(f64::from(i) / 999.0)).collect();
        let estimate = Estimate::Quantile(QuantileMethod::Hazen);
        let sample = Sample { points, estimate, skipna: false };
        let a = x.estimates_of_all(&sample).unwrap().compute().unwrap();
        assert_eq!(a, x.estimates_of_blocks(&[0], sample).unwrap().compute().unwrap());
    }

    #[test]
    fn a_few_large_samples_are_counted_one_by_one() {
        let x = Array::random_normal(0.0, 1.0, 7, (3, 40, 2), (1, 7, 2)).unwrap();
        let points = vec![Float::new(0.25), Float::new(0.5)];
        let estimate = Estimate::Quantile(QuantileMethod::Linear);
        let sample = Sample { points, estimate, skipna: false };
        let a = x.estimates_one_by_one(&[1], &sample, 0).unwrap().compute().unwrap();
        assert_eq!(a.shape(), [2, 3, 2]);
        assert_eq!(a, x.estimates_of_blocks(&[1], sample).unwrap().compute().unwrap());
    }
}
