//! Running sums and their like along an axis.
//!
//! Where the axis is cut, three nodes share the work, so that blocks are computed independently of each other:
//!
//! ```text
//! x ──► totals ──► carries ──► values
//! └──────────────────────────────┘
//! ```
//!
//! Totals are the state of the fold after each block but the last; carries are the states of everything up to the end of
//! each block, and with them every block starts where the one before ends. (Blelloch 1990, "Prefix sums and their
//! applications".) Where the axis is in one block, the values need no carries, and `x` is read once.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Chunk, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::folds::exponential::{Decay, Weighted, WeightedCovariance, WeightedSum, WeightedVariance};
use crate::kernel::folds::{
    DurationSum, Extreme, FloatProduct, FloatSum, IntegerProduct, IntegerSum, Last, LastWithin, Real,
    TimeExtreme,
};
use crate::kernel::scan::{Fold, Lanes, Out, fold, merge};
use crate::scalar::Float;

/// What is accumulated along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cumulative {
    /// The sum.
    Sum {
        /// Whether missing values count as 0; otherwise everything from them on is missing.
        skipna: bool,
    },
    /// The product.
    Prod {
        /// Whether missing values count as 1; otherwise everything from them on is missing.
        skipna: bool,
    },
    /// The largest value; from a missing one on, missing.
    Max,
    /// The smallest value; from a missing one on, missing.
    Min,
    /// The last value that is not missing.
    Fill {
        /// How many steps away it may be.
        limit: Option<usize>,
    },
    /// A statistic in which what was before counts for less with every step.
    Exponential(Exponential),
}

/// An exponentially weighted statistic. Missing values are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Exponential {
    /// What is computed.
    pub statistic: ExponentialStatistic,
    /// The share of the last value: those before count `1 - alpha` times as much with every step.
    pub alpha: Float,
    /// The sum of the weights that must be there, where those of endless values are 1; with less the result is missing.
    pub min_weight: Float,
}

/// What can be computed with exponential weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExponentialStatistic {
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// The sum of the weights.
    Count,
    /// The variance, without the bias of a finite number of values.
    Var,
    /// The standard deviation: the root of that variance.
    Std,
    /// The covariance of two arrays, without bias.
    Cov,
    /// The correlation of two arrays.
    Corr,
}

impl ExponentialStatistic {
    fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Count => "count",
            Self::Var => "var",
            Self::Std => "std",
            Self::Cov => "cov",
            Self::Corr => "corr",
        }
    }
}

/// Which part of the work a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pass {
    /// Of an array, the state of the fold after each block but the last.
    Totals,
    /// Of totals that are in one block along the axis, the states after all blocks up to each.
    Carries,
    /// Of an array and, where the axis is cut, of carries, the values.
    Values {
        /// Whether an element itself is left out of its value.
        exclusive: bool,
    },
}

/// A fold along an axis of which every intermediate value is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scan {
    /// What is accumulated.
    pub function: Cumulative,
    /// Along which axis.
    pub axis: usize,
    /// The part of the work.
    pub pass: Pass,
}

impl Cumulative {
    /// The dtype in which an array is accumulated, which is that of the result: numbers sum and multiply in 64 bits or as
    /// floats.
    ///
    /// # Errors
    /// [`Error::Dtype`] where the function is not defined.
    pub(crate) fn argument(self, dtype: DType) -> Result<DType> {
        let refuse =
            |hint: &str| Err(Error::Dtype { operation: self.to_string(), dtype, hint: hint.to_owned() });
        match (self, dtype) {
            (Self::Fill { .. }, _) if dtype.has_missing() => Ok(dtype),
            (Self::Fill { .. }, _) => refuse("nothing is missing"),
            (_, DType::Str) => refuse("text can be neither added nor accumulated"),
            (Self::Exponential(_), _) if dtype.is_time() => refuse("cast it to float64 first"),
            (Self::Exponential(_), _) => Ok(dtype.to_float()),
            (Self::Max | Self::Min, _) => Ok(dtype),
            (Self::Sum { .. }, DType::Timedelta(_)) | (_, DType::F32 | DType::F64) => Ok(dtype),
            (Self::Sum { .. }, DType::Datetime(_)) => refuse("subtract a time first: durations can be added"),
            (Self::Prod { .. }, DType::Datetime(_) | DType::Timedelta(_)) => {
                refuse("divide by a duration first: numbers can be multiplied")
            }
            (_, DType::U8 | DType::U16 | DType::U32 | DType::U64) => Ok(DType::U64),
            (_, DType::Bool | DType::I8 | DType::I16 | DType::I32 | DType::I64) => Ok(DType::I64),
        }
    }

    /// How many words a state has when the argument is of a dtype, and their dtype.
    pub(crate) fn state(self, argument: DType) -> (usize, DType) {
        let wide = if argument.is_float() { DType::F64 } else { argument };
        match self {
            Self::Sum { .. } | Self::Prod { .. } => (if argument.is_float() { 2 } else { 1 }, wide),
            Self::Max | Self::Min | Self::Fill { limit: None } => (1, argument),
            Self::Fill { limit: Some(_) } => (2, wide),
            Self::Exponential(Exponential { statistic, .. }) => match statistic {
                ExponentialStatistic::Sum | ExponentialStatistic::Mean | ExponentialStatistic::Count => {
                    (4, wide)
                }
                ExponentialStatistic::Var | ExponentialStatistic::Std => (6, wide),
                ExponentialStatistic::Cov | ExponentialStatistic::Corr => (10, wide),
            },
        }
    }

    /// How many arrays are folded together.
    fn arrays(self) -> usize {
        match self {
            Self::Exponential(Exponential {
                statistic: ExponentialStatistic::Cov | ExponentialStatistic::Corr,
                ..
            }) => 2,
            Self::Exponential(_)
            | Self::Sum { .. }
            | Self::Prod { .. }
            | Self::Max
            | Self::Min
            | Self::Fill { .. } => 1,
        }
    }
}

/// The name of the method.
impl fmt::Display for Cumulative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum { skipna: false } => "cumsum",
            Self::Sum { skipna: true } => "nancumsum",
            Self::Prod { skipna: false } => "cumprod",
            Self::Prod { skipna: true } => "nancumprod",
            Self::Max => "cummax",
            Self::Min => "cummin",
            Self::Fill { limit: None } => "ffill",
            Self::Fill { limit: Some(limit) } => return write!(f, "ffill(limit={limit})"),
            Self::Exponential(Exponential { statistic, alpha, .. }) => {
                return write!(f, "exponential {}(alpha={alpha})", statistic.name());
            }
        })
    }
}

impl Scan {
    /// How many inputs are arrays; carries may follow. Of carries themselves the only input is the totals.
    fn arrays(&self) -> usize {
        if self.pass == Pass::Carries { 1 } else { self.function.arrays() }
    }

    /// The grid with other chunks along the axis.
    fn with_axis(&self, grid: &ChunkGrid, chunks: AxisChunks) -> ChunkGrid {
        let mut axes = grid.axes().to_vec();
        axes[self.axis] = chunks;
        ChunkGrid::new(axes)
    }

    /// The totals of an array: along the axis, the words of the state of each block but the last.
    fn totals(&self, x: &Operand<'_>) -> (DType, ChunkGrid) {
        let (words, dtype) = self.function.state(x.dtype);
        let blocks = x.grid.axes()[self.axis].count().saturating_sub(1);
        (dtype, self.with_axis(x.grid, AxisChunks::regular(words * blocks, words)))
    }

    fn chunks_error(&self, problem: String) -> Error {
        Error::Chunks { problem, hint: format!("use the method for {}, which sees to that", self.function) }
    }
}

impl Kernel for Scan {
    fn label(&self) -> String {
        let Self { function, axis, pass } = self;
        match pass {
            Pass::Totals => format!("totals of {function} along axis {axis}"),
            Pass::Carries => format!("carries of {function} along axis {axis}"),
            Pass::Values { exclusive: false } => format!("{function} along axis {axis}"),
            Pass::Values { exclusive: true } => format!("exclusive {function} along axis {axis}"),
        }
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let arrays = self.arrays();
        let Some(((x, others), carries)) = inputs
            .split_at_checked(arrays)
            .filter(|(_, carries)| carries.len() <= 1)
            .and_then(|(arrays, carries)| Some((arrays.split_first()?, carries)))
        else {
            let hint = format!("accumulate {arrays} arrays, with or without carries");
            return Err(Error::argument("inputs", inputs.len(), hint));
        };
        if let Some(other) = others.iter().find(|other| other.dtype != x.dtype || other.grid != x.grid) {
            return Err(self.chunks_error(format!(
                "arrays of {} in {} and {} in {}",
                x.dtype, x.grid, other.dtype, other.grid
            )));
        }
        if let Cumulative::Exponential(Exponential { alpha, min_weight, .. }) = self.function
            && !((0.0..=1.0).contains(&alpha.get()) && (0.0..=1.0).contains(&min_weight.get()))
        {
            let value = format!("alpha {alpha}, min_weight {min_weight}");
            let hint = "alpha and min_weight are from 0 to 1";
            return Err(Error::argument("weights", value, hint));
        }
        if self.axis >= x.ndim() {
            return Err(Error::Axis { axis: self.axis as isize, ndim: x.ndim() });
        }
        let along = &x.grid.axes()[self.axis];
        let argument = self.function.argument(x.dtype)?;
        if argument != x.dtype {
            return Err(Error::Dtype {
                operation: self.function.to_string(),
                dtype: x.dtype,
                hint: format!("cast to {argument} first"),
            });
        }
        match (self.pass, carries) {
            (Pass::Totals, []) => Ok(self.totals(x)),
            (Pass::Carries, []) => {
                let totals = x;
                let (words, dtype) = self.function.state(totals.dtype);
                if along.count() > 1 || along.len() % words != 0 || totals.dtype != dtype {
                    return Err(self.chunks_error(format!("totals are {} in {along}", totals.dtype)));
                }
                Ok((totals.dtype, totals.grid.clone()))
            }
            (Pass::Values { .. }, []) if along.count() <= 1 => Ok((x.dtype, x.grid.clone())),
            (Pass::Values { .. }, [carries]) => {
                let (dtype, grid) = self.totals(x);
                if carries.dtype != dtype || carries.grid.shape() != grid.shape() {
                    return Err(self.chunks_error(format!("carries are {}", carries.grid)));
                }
                Ok((x.dtype, x.grid.clone()))
            }
            (Pass::Totals | Pass::Carries | Pass::Values { .. }, _) => {
                Err(self.chunks_error(format!("{} inputs for an axis of {along}", inputs.len())))
            }
        }
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let block = |input: usize, along: Range<usize>| {
            let mut region = grid.region(index);
            region[self.axis] = along;
            Part { input, region }
        };
        let number = index[self.axis];
        let own = inputs[0].grid.axes()[self.axis].range(number);
        let (words, _) = self.function.state(inputs[0].dtype);
        let arrays = self.arrays();
        let mut parts: Vec<Part> = (0..arrays).map(|input| block(input, own.clone())).collect();
        if let (Pass::Values { .. }, 1..) = (self.pass, number) {
            parts.push(block(arrays, (number - 1) * words..number * words));
        }
        parts
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let block = |input: usize, len: usize| {
            let mut shape = grid.max_chunk();
            shape[self.axis] = len;
            (input, shape)
        };
        let (own, arrays) = (inputs[0].grid.axes()[self.axis].max_size(), self.arrays());
        let carries = inputs.get(arrays).map(|_| block(arrays, self.function.state(inputs[0].dtype).0));
        (0..arrays).map(|input| block(input, own)).chain(carries).collect()
    }

    fn scratch_bytes(&self, _: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        // The states of a strip of lanes are on the stack. Two arrays are folded as one of pairs.
        match self.arrays() {
            1 => 0,
            arrays => {
                let elements: usize = inputs[0].grid.max_chunk().iter().product();
                elements.saturating_mul(arrays * inputs[0].dtype.size())
            }
        }
    }

    fn is_disjoint(&self, _: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        true
    }

    fn has_own_pass(&self) -> bool {
        self.pass == Pass::Totals
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        // Of carries the dtype is that of the states, which take the same fold.
        let (dtype, work) = (target.inputs[0].dtype, BlockWork { scan: self, parts, out });
        match self.function {
            Cumulative::Exponential(exponential) => work.exponential(dtype, exponential),
            function => with_fold(function, dtype, work),
        }
    }
}

/// What is to be done with a fold, whatever it is.
pub(super) trait Work: Sized {
    fn run<const W: usize, F: Fold<W>>(self, of: F) -> Result<()>
    where
        F::Item: Element,
        F::Value: Element,
        F::Word: Element;
}

/// Does the work with the fold that a function takes for a dtype.
pub(super) fn with_fold(function: Cumulative, dtype: DType, work: impl Work) -> Result<()> {
    match function {
        Cumulative::Sum { skipna: false } => sum::<false>(dtype, work),
        Cumulative::Sum { skipna: true } => sum::<true>(dtype, work),
        Cumulative::Prod { skipna: false } => product::<false>(dtype, work),
        Cumulative::Prod { skipna: true } => product::<true>(dtype, work),
        Cumulative::Max => extreme::<true>(dtype, work),
        Cumulative::Min => extreme::<false>(dtype, work),
        Cumulative::Fill { limit: None } => fill(dtype, work),
        Cumulative::Fill { limit: Some(limit) } => fill_within(dtype, limit, work),
        // Its folds have values of another type than what they fold; it is not accumulated by group.
        Cumulative::Exponential(_) => undefined(dtype),
    }
}

fn sum<const SKIPNA: bool>(dtype: DType, work: impl Work) -> Result<()> {
    match dtype {
        DType::F32 => work.run(FloatSum::<f32, SKIPNA>(PhantomData)),
        DType::F64 => work.run(FloatSum::<f64, SKIPNA>(PhantomData)),
        DType::I64 => work.run(IntegerSum::<i64>(PhantomData)),
        DType::U64 => work.run(IntegerSum::<u64>(PhantomData)),
        DType::Timedelta(_) => work.run(DurationSum::<SKIPNA>),
        other => undefined(other),
    }
}

fn product<const SKIPNA: bool>(dtype: DType, work: impl Work) -> Result<()> {
    match dtype {
        DType::F32 => work.run(FloatProduct::<f32, SKIPNA>(PhantomData)),
        DType::F64 => work.run(FloatProduct::<f64, SKIPNA>(PhantomData)),
        DType::I64 => work.run(IntegerProduct::<i64>(PhantomData)),
        DType::U64 => work.run(IntegerProduct::<u64>(PhantomData)),
        other => undefined(other),
    }
}

fn extreme<const MAX: bool>(dtype: DType, work: impl Work) -> Result<()> {
    match dtype {
        DType::Bool => work.run(Extreme::<bool, MAX>(PhantomData)),
        DType::I8 => work.run(Extreme::<i8, MAX>(PhantomData)),
        DType::I16 => work.run(Extreme::<i16, MAX>(PhantomData)),
        DType::I32 => work.run(Extreme::<i32, MAX>(PhantomData)),
        DType::I64 => work.run(Extreme::<i64, MAX>(PhantomData)),
        DType::U8 => work.run(Extreme::<u8, MAX>(PhantomData)),
        DType::U16 => work.run(Extreme::<u16, MAX>(PhantomData)),
        DType::U32 => work.run(Extreme::<u32, MAX>(PhantomData)),
        DType::U64 => work.run(Extreme::<u64, MAX>(PhantomData)),
        DType::F32 => work.run(Extreme::<f32, MAX>(PhantomData)),
        DType::F64 => work.run(Extreme::<f64, MAX>(PhantomData)),
        DType::Datetime(_) | DType::Timedelta(_) => work.run(TimeExtreme::<MAX>),
        DType::Str => undefined(dtype),
    }
}

fn fill(dtype: DType, work: impl Work) -> Result<()> {
    match dtype {
        DType::F32 => work.run(Last::<f32>(PhantomData)),
        DType::F64 => work.run(Last::<f64>(PhantomData)),
        DType::Datetime(_) | DType::Timedelta(_) => work.run(Last::<i64>(PhantomData)),
        other => undefined(other),
    }
}

fn fill_within(dtype: DType, limit: usize, work: impl Work) -> Result<()> {
    match dtype {
        DType::F32 => work.run(LastWithin::<f32>::new(limit)),
        DType::F64 => work.run(LastWithin::<f64>::new(limit)),
        DType::Datetime(_) | DType::Timedelta(_) => work.run(LastWithin::<i64>::new(limit)),
        other => undefined(other),
    }
}

fn undefined(dtype: DType) -> Result<()> {
    Err(Error::defect(format!("what is accumulated of {dtype} has no fold")))
}

/// A block that is to be computed, waiting for the fold that its dtype takes.
struct BlockWork<'a> {
    scan: &'a Scan,
    parts: &'a [Chunk],
    out: &'a mut Chunk,
}

impl Work for BlockWork<'_> {
    fn run<const W: usize, F: Fold<W>>(self, of: F) -> Result<()>
    where
        F::Item: Element,
        F::Value: Element,
        F::Word: Element,
    {
        let items = self.parts.first().and_then(|x| F::Item::slice(x.buffer())).unwrap_or(&[]);
        self.fold(of, items)
    }
}

impl BlockWork<'_> {
    fn exponential(self, dtype: DType, of: Exponential) -> Result<()> {
        match dtype {
            DType::F32 => self.exponential_of::<f32>(of),
            DType::F64 => self.exponential_of::<f64>(of),
            other => undefined(other),
        }
    }

    fn exponential_of<T: Real>(self, of: Exponential) -> Result<()> {
        let decay = Decay::new(of.alpha.get(), of.min_weight.get());
        match of.statistic {
            ExponentialStatistic::Sum => self.run(WeightedSum::<T>::new(decay, Weighted::Sum)),
            ExponentialStatistic::Mean => self.run(WeightedSum::<T>::new(decay, Weighted::Mean)),
            ExponentialStatistic::Count => self.run(WeightedSum::<T>::new(decay, Weighted::Count)),
            ExponentialStatistic::Var => self.run(WeightedVariance::<T>::new(decay, false)),
            ExponentialStatistic::Std => self.run(WeightedVariance::<T>::new(decay, true)),
            ExponentialStatistic::Cov => self.run_pairs(WeightedCovariance::<T>::new(decay, false)),
            ExponentialStatistic::Corr => self.run_pairs(WeightedCovariance::<T>::new(decay, true)),
        }
    }

    /// Folds two arrays as one of pairs.
    fn run_pairs<T: Real, const W: usize, F: Fold<W, Item = [T; 2], Value = T>>(self, of: F) -> Result<()>
    where
        F::Word: Element,
    {
        let pairs: Vec<[T; 2]> = match self.parts {
            [x, y, ..] if self.scan.pass != Pass::Carries => {
                let (x, y) = (T::slice(x.buffer()).unwrap_or(&[]), T::slice(y.buffer()).unwrap_or(&[]));
                x.iter().zip(y).map(|(x, y)| [*x, *y]).collect()
            }
            _ => Vec::new(),
        };
        self.fold(of, &pairs)
    }

    /// Folds the items of the block, or the totals that are the only part where carries are computed.
    fn fold<const W: usize, F: Fold<W>>(self, of: F, items: &[F::Item]) -> Result<()>
    where
        F::Value: Element,
        F::Word: Element,
    {
        let Self { scan, parts, out } = self;
        let lost = || Error::defect(format!("{} got parts of another dtype", scan.label()));
        let x = parts.first().ok_or_else(lost)?;
        if scan.pass != Pass::Carries && items.len() != x.shape().iter().product::<usize>() {
            return Err(lost());
        }
        let lanes = Lanes::along(x.shape(), scan.axis);
        match scan.pass {
            Pass::Carries => {
                let states = F::Word::slice(x.buffer()).ok_or_else(lost)?;
                merge(of, states, lanes, F::Word::slice_mut(out.buffer_mut()).ok_or_else(lost)?);
            }
            Pass::Totals => {
                let states = F::Word::slice_mut(out.buffer_mut()).ok_or_else(lost)?;
                fold(of, items, lanes, None, &mut Out::States(states));
            }
            Pass::Values { exclusive } => {
                let carry =
                    parts.get(scan.arrays()).map(|carry| F::Word::slice(carry.buffer()).ok_or_else(lost));
                let values = F::Value::slice_mut(out.buffer_mut()).ok_or_else(lost)?;
                fold(of, items, lanes, carry.transpose()?, &mut Out::Values { values, exclusive });
            }
        }
        Ok(())
    }
}
