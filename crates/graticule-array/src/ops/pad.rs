//! Padding: more elements at the ends of the axes, in all of numpy's modes.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function::Casting;
use crate::grid::AxisChunks;
use crate::ops::MAX_PARTS;
use crate::ops::create::{constant, positions, zero};
use crate::scalar::Scalar;

/// One value for all sides of an array, or a pair for each axis: before it and after it.
#[derive(Debug, Clone, PartialEq)]
pub enum Sides<T> {
    /// The same on all sides.
    All(T),
    /// For each axis the value before it and the value after it.
    Each(Vec<(T, T)>),
}

impl<T> From<T> for Sides<T> {
    fn from(value: T) -> Self {
        Self::All(value)
    }
}

impl<T> From<Vec<(T, T)>> for Sides<T> {
    fn from(values: Vec<(T, T)>) -> Self {
        Self::Each(values)
    }
}

impl<T> Sides<T> {
    /// The values before and after an axis.
    fn of(&self, axis: usize, ndim: usize) -> Result<(&T, &T)> {
        let pair = match self {
            Self::All(value) => Some((value, value)),
            Self::Each(pairs) if pairs.len() == ndim => {
                pairs.get(axis).map(|(before, after)| (before, after))
            }
            Self::Each(_) => None,
        };
        pair.ok_or_else(|| {
            let hint = format!("give one value, or a pair for each of the {ndim} axes");
            Error::argument("sides", "another number of pairs", hint)
        })
    }
}

/// What the new elements of [`Array::pad`] are.
#[derive(Debug, Clone, PartialEq)]
pub enum PadMode {
    /// A value, which the dtype has to hold.
    Constant(Sides<Scalar>),
    /// Zeros: numpy's `empty`, where values do not matter.
    Empty,
    /// The nearest element.
    Edge,
    /// The elements mirrored at the outermost one, which is not repeated; of a single element itself.
    ///
    /// If `odd`, mirrored at its value too: twice the outermost less the mirrored element.
    Reflect {
        /// Whether values are mirrored too.
        odd: bool,
    },
    /// The elements mirrored at the edge, so that the outermost one is repeated.
    Symmetric {
        /// Whether values are mirrored too.
        odd: bool,
    },
    /// The elements from the other end, as if the axis were a circle.
    Wrap,
    /// A straight line from the outermost element to a value at the new end. In integers it is rounded down.
    LinearRamp(Sides<f64>),
    /// The largest of all elements along the axis, or of so many at the end.
    Maximum(Option<Sides<usize>>),
    /// The smallest of all elements along the axis, or of so many at the end.
    Minimum(Option<Sides<usize>>),
    /// The mean of all elements along the axis, or of so many at the end; in integers rounded, halves to even.
    Mean(Option<Sides<usize>>),
    /// The median of all elements along the axis, or of so many at the end; in integers rounded, halves to even.
    Median(Option<Sides<usize>>),
}

impl PadMode {
    /// A value on all sides.
    pub fn constant(value: impl Into<Scalar>) -> Self {
        Self::Constant(Sides::All(value.into()))
    }
}

impl Array {
    /// The array with `widths[i]` elements more before and after axis `i`.
    ///
    /// Axes are padded one after another, so corners are pads of pads, as in numpy. A pad wider than the array
    /// repeats it. New elements are new chunks at the ends of the axis: a single one for a constant, an edge, a
    /// ramp or a statistic; what is mirrored or wrapped keeps the cuts of the elements it repeats.
    ///
    /// ```
    /// use graticule_array::{Array, PadMode};
    /// let x = Array::arange(3)?;
    /// let zeros = x.pad(&[(1, 2)], &PadMode::constant(0))?;
    /// assert_eq!(zeros.compute()?.as_slice::<i64>()?, [0, 0, 1, 2, 0, 0]);
    /// let wrapped = x.pad(&[(2, 4)], &PadMode::Wrap)?;
    /// assert_eq!(wrapped.compute()?.as_slice::<i64>()?, [1, 2, 0, 1, 2, 0, 1, 2, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there is not a pair of widths for each axis, for an empty axis in other modes than
    /// `Constant` and `Empty`; [`Error::Dtype`] for a constant that the dtype cannot hold, and
    /// where a mode needs arithmetic that the dtype does not have.
    pub fn pad(&self, widths: &[(usize, usize)], mode: &PadMode) -> Result<Self> {
        if widths.len() != self.ndim() {
            let hint = format!("give a pair for each of the {} axes", self.ndim());
            return Err(Error::argument("widths", format!("{widths:?}"), hint));
        }
        let mut padded = self.clone();
        for (axis, &(before, after)) in widths.iter().enumerate() {
            if before == 0 && after == 0 {
                continue;
            }
            let pads = Pads { array: &padded, axis, before, after };
            let (mut parts, last) = pads.both(mode)?;
            parts.push(padded.clone());
            parts.extend(last);
            parts.retain(|part| part.shape()[axis] > 0);
            if !parts.is_empty() {
                padded = Self::concatenate(&parts, axis as isize)?;
            }
        }
        Ok(padded)
    }
}

/// The two pads of one axis.
struct Pads<'a> {
    array: &'a Array,
    axis: usize,
    before: usize,
    after: usize,
}

/// The parts of the pad before the axis, and of that after it.
type Parts = (Vec<Array>, Vec<Array>);

impl Pads<'_> {
    fn both(&self, mode: &PadMode) -> Result<Parts> {
        let len = self.len();
        if len == 0 && !matches!(mode, PadMode::Constant(_) | PadMode::Empty) {
            let hint = "it is empty; only constants can be put there";
            return Err(Error::argument("axis", self.axis, hint));
        }
        let (axis, ndim) = (self.axis, self.array.ndim());
        match mode {
            PadMode::Constant(values) => {
                let (before, after) = values.of(axis, ndim)?;
                Ok((vec![self.filled(before, self.before)?], vec![self.filled(after, self.after)?]))
            }
            PadMode::Empty => {
                let zero = zero(self.array.dtype());
                Ok((vec![self.filled(&zero, self.before)?], vec![self.filled(&zero, self.after)?]))
            }
            PadMode::Reflect { .. } | PadMode::Symmetric { .. } if len == 1 => self.edges(),
            PadMode::Edge => self.edges(),
            PadMode::Reflect { odd } => {
                self.repeated(Repeat { period: len - 1, mirror: Some(len - 1), odd: *odd })
            }
            PadMode::Symmetric { odd } => {
                self.repeated(Repeat { period: len, mirror: Some(len - 1), odd: *odd })
            }
            PadMode::Wrap => self.repeated(Repeat { period: len, mirror: None, odd: false }),
            PadMode::LinearRamp(ends) => {
                let (before, after) = ends.of(axis, ndim)?;
                let first = self.ramp(*before, &self.first()?, self.before)?;
                let last = self.ramp(*after, &self.last()?, self.after)?.flip(axis as isize)?;
                Ok((vec![first], vec![last]))
            }
            PadMode::Maximum(lens) => self.statistics(Statistic::Max, lens.as_ref()),
            PadMode::Minimum(lens) => self.statistics(Statistic::Min, lens.as_ref()),
            PadMode::Mean(lens) => self.statistics(Statistic::Mean, lens.as_ref()),
            PadMode::Median(lens) => self
                .of_ends(lens.as_ref(), |part, axis| part.median(axis as isize)?.expand_dims(axis as isize)),
        }
    }

    fn len(&self) -> usize {
        self.array.shape()[self.axis]
    }

    fn first(&self) -> Result<Array> {
        self.array.part(self.axis, 0..1)
    }

    fn last(&self) -> Result<Array> {
        self.array.part(self.axis, self.len() - 1..self.len())
    }

    fn filled(&self, value: &Scalar, width: usize) -> Result<Array> {
        let mut shape = self.array.shape().to_vec();
        shape[self.axis] = width;
        constant(value, self.array.dtype(), &shape)
    }

    fn edges(&self) -> Result<Parts> {
        let first = self.first()?.stretch(self.axis, self.before)?;
        Ok((vec![first], vec![self.last()?.stretch(self.axis, self.after)?]))
    }

    fn statistics(&self, kind: Statistic, lens: Option<&Sides<usize>>) -> Result<Parts> {
        self.of_ends(lens, |part, axis| {
            part.reduce(Aggregation { kind: kind.clone(), skipna: false }, axis as isize, true)
        })
    }

    /// What is computed of so many elements at either end of the axis, which stays with length 1.
    fn of_ends(
        &self,
        lens: Option<&Sides<usize>>,
        compute: impl Fn(Array, usize) -> Result<Array>,
    ) -> Result<Parts> {
        let (before, after) = match lens {
            Some(lens) => lens.of(self.axis, self.array.ndim())?,
            None => (&usize::MAX, &usize::MAX),
        };
        let len = self.len();
        let statistic = |count: usize, at_end: bool, width: usize| {
            let count = count.min(len);
            if count == 0 {
                return Err(Error::argument(
                    "length",
                    0,
                    "of no values there is no statistic; use at least 1",
                ));
            }
            let range = if at_end { len - count..len } else { 0..count };
            let value = compute(self.array.part(self.axis, range)?, self.axis)?;
            let is_rounded = self.array.dtype().is_integer() && value.dtype().is_float();
            let value = if is_rounded { value.round()? } else { value };
            value.astype(self.array.dtype())?.stretch(self.axis, width)
        };
        Ok((vec![statistic(*before, false, self.before)?], vec![statistic(*after, true, self.after)?]))
    }

    /// `width` values on the line from `end` to `edge`, without the latter.
    fn ramp(&self, end: f64, edge: &Array, width: usize) -> Result<Array> {
        let dtype = self.array.dtype();
        let step = ((edge.astype(DType::F64)? - end)? / width.max(1) as f64)?;
        let mut at = positions(&AxisChunks::regular(width, width))?;
        for _ in self.axis + 1..self.array.ndim() {
            at = at.expand_dims(-1)?;
        }
        let line = ((at * step)? + end)?;
        let line = if dtype.is_integer() { line.floor()? } else { line };
        // Beyond float32 as the numbers themselves would be.
        let casting = if dtype == DType::F32 { Casting::Wrap } else { Casting::Strict };
        line.astype_with(dtype, casting)
    }

    /// The array before and after itself, again and again.
    fn repeated(&self, repeat: Repeat) -> Result<Parts> {
        let (len, too_wide) = (self.len(), || {
            let hint = format!("the pad repeats the array more than {MAX_PARTS} times; pad in several steps");
            Error::argument("widths", format!("{:?}", (self.before, self.after)), hint)
        });
        let end =
            len.checked_add(self.after).and_then(|end| isize::try_from(end).ok()).ok_or_else(too_wide)?;
        let start = isize::try_from(self.before).ok().ok_or_else(too_wide)?;
        if self.before.max(self.after) / repeat.period >= MAX_PARTS {
            return Err(too_wide());
        }
        let before = repeat.segments(-start, 0).into_iter().map(|segment| self.segment(&repeat, segment));
        let after =
            repeat.segments(len as isize, end).into_iter().map(|segment| self.segment(&repeat, segment));
        Ok((before.collect::<Result<_>>()?, after.collect::<Result<_>>()?))
    }

    fn segment(&self, repeat: &Repeat, segment: Segment) -> Result<Array> {
        let Segment { number, start, step, len } = segment;
        let part = self.array.stride_axis(self.axis as isize, start, step, len)?;
        if !repeat.odd {
            return Ok(part);
        }
        let (first, last) = (self.first()?, self.last()?);
        // Each pair of mirrored copies lies higher by twice the rise of the array.
        let lifted = |part: Array, times: isize| -> Result<Array> {
            match times {
                0 => Ok(part),
                times => {
                    let rise = ((&last - &first)? * times.unsigned_abs() as i64)?;
                    if times > 0 { part + rise } else { part - rise }
                }
            }
        };
        match (number.rem_euclid(2), number > 0) {
            (0, _) => lifted(part, number),
            (_, true) => lifted(((&last + &last)? - part)?, number - 1),
            (_, false) => lifted(((&first + &first)? - part)?, number + 1),
        }
    }
}

/// How an axis goes on beyond its ends.
struct Repeat {
    /// After how many elements the next copy begins.
    period: usize,
    /// Every other copy is mirrored: element `i` of it is the original's element `mirror - i`.
    mirror: Option<usize>,
    odd: bool,
}

/// A part of one copy: elements `start`, `start + step`, … of the original.
#[derive(Debug, PartialEq)]
struct Segment {
    /// Which copy; 0 is the original.
    number: isize,
    start: usize,
    step: isize,
    len: usize,
}

impl Repeat {
    /// The parts of copies that cover some positions; the original begins at 0.
    fn segments(&self, start: isize, end: isize) -> Vec<Segment> {
        let period = self.period as isize;
        let mut segments = Vec::new();
        let mut at = start;
        while at < end {
            let (number, inside) = (at.div_euclid(period), at.rem_euclid(period) as usize);
            let stop = end.min((number + 1) * period);
            let (first, step) = match self.mirror {
                Some(mirror) if number.rem_euclid(2) == 1 => (mirror - inside, -1),
                _ => (inside, 1),
            };
            segments.push(Segment { number, start: first, step, len: (stop - at) as usize });
            at = stop;
        }
        segments
    }
}
