//! Statistics of windows that slide along an axis.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::aggregation::Statistic;
use crate::blockwise::{Kernel, Operand, Part, Target};
use crate::chunk::{Buffer, Chunk};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::{AxisChunks, ChunkGrid};
use crate::kernel::window::{self, Layout, Number, Outcome, Rule, Span, Time};

/// What is computed of the values of a window that are not missing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowStatistic {
    /// A statistic that reductions have as well.
    Of(Statistic),
    /// The median; the mean of the two middle values where they are even in number.
    Median,
}

/// A statistic of the window around each element along one axis. Missing values are left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// What is computed.
    pub(crate) statistic: WindowStatistic,
    /// The axis along which windows slide.
    pub(crate) axis: usize,
    /// The number of elements of a window.
    pub(crate) size: usize,
    /// How many of them lie before the element that the result belongs to.
    pub(crate) behind: usize,
    /// How many values must not be missing; with fewer the result is missing.
    pub(crate) min_periods: usize,
    /// Whether there are results only of windows that lie inside the axis; `behind` is then 0.
    pub(crate) valid: bool,
}

impl Window {
    /// How many elements of a window lie after the one that the result belongs to.
    fn ahead(&self) -> usize {
        self.size - 1 - self.behind
    }

    /// The dtype of the result: that of a reduction where nothing can be missing, otherwise one that has missing values.
    fn result(&self, dtype: DType) -> Result<DType> {
        let refuse = |hint: &str| {
            Err(Error::Dtype { operation: format!("moving {}", self.statistic), dtype, hint: hint.into() })
        };
        let kind = match &self.statistic {
            WindowStatistic::Median if dtype.is_float() => return Ok(dtype),
            WindowStatistic::Median => return refuse("cast it to float64 first"),
            WindowStatistic::Of(kind) => kind,
        };
        if !matches!(dtype, DType::F32 | DType::F64 | DType::I64 | DType::U64) && !dtype.is_time() {
            return refuse("cast it to int64 or float64 first");
        }
        let result = match kind {
            Statistic::Sum
            | Statistic::Prod
            | Statistic::Mean
            | Statistic::Var { .. }
            | Statistic::Std { .. }
            | Statistic::Min
            | Statistic::Max => {
                let aggregation = crate::aggregation::Aggregation { kind: kind.clone(), skipna: true };
                let (argument, result) = aggregation.dtypes(dtype)?;
                if argument != dtype {
                    return refuse("cast it to float64 first");
                }
                result
            }
            Statistic::Count | Statistic::Argmin | Statistic::Argmax => DType::F64,
            Statistic::Cov { .. } | Statistic::Corr if dtype.is_float() => dtype,
            Statistic::Cov { .. } | Statistic::Corr => return refuse("cast it to float64 first"),
            Statistic::Any | Statistic::All => return refuse("take the max or the min of zeros and ones"),
            Statistic::Histogram { .. } => return refuse("histograms are of whole arrays"),
            Statistic::First
            | Statistic::Last
            | Statistic::Skew
            | Statistic::Kurtosis
            | Statistic::ExactSum
            | Statistic::ExactMean => return refuse("use sliding_window_view and fold its last axis"),
        };
        Ok(if result.has_missing() || self.valid { result } else { DType::F64 })
    }

    fn layout(&self, shape: &[usize]) -> Layout {
        Layout { outer: shape[..self.axis].iter().product(), inner: shape[self.axis + 1..].iter().product() }
    }

    /// How many arrays the windows are of.
    fn arrays(&self) -> usize {
        match &self.statistic {
            WindowStatistic::Of(Statistic::Cov { .. } | Statistic::Corr) => 2,
            WindowStatistic::Of(_) | WindowStatistic::Median => 1,
        }
    }

    /// Bytes of state for each window.
    fn state_bytes(&self) -> usize {
        match &self.statistic {
            WindowStatistic::Median => 0,
            WindowStatistic::Of(Statistic::Var { .. } | Statistic::Std { .. }) => 32,
            WindowStatistic::Of(Statistic::Argmin | Statistic::Argmax) => 24,
            // A value is a pair, which has 8 bytes more.
            WindowStatistic::Of(Statistic::Cov { .. } | Statistic::Corr) => 64 + 8,
            WindowStatistic::Of(_) => 16,
        }
    }
}

/// The elements of an axis of `len` that windows need whose results are at `range`.
pub(crate) fn halo(range: &Range<usize>, behind: usize, ahead: usize, len: usize) -> Range<usize> {
    range.start.saturating_sub(behind)..range.end.saturating_add(ahead).min(len)
}

/// The chunks of the windows of `size` elements that lie inside an axis: cut where the axis is.
pub(crate) fn valid_chunks(chunks: &AxisChunks, size: usize) -> Result<AxisChunks> {
    match (chunks.len() + 1).checked_sub(size) {
        Some(windows) if size > 0 && windows > 0 => chunks.select(0, 1, windows),
        _ => {
            let hint = format!("no window of that size lies inside an axis of {} elements", chunks.len());
            Err(Error::argument("window", size, hint))
        }
    }
}

impl Kernel for Window {
    fn label(&self) -> String {
        format!("moving {} of {} along axis {}", self.statistic, self.size, self.axis)
    }

    fn infer(&self, inputs: &[Operand<'_>]) -> Result<(DType, ChunkGrid)> {
        let Some((input, others)) = inputs.split_first().filter(|_| inputs.len() == self.arrays()) else {
            let hint = format!("windows slide over exactly {}", self.arrays());
            return Err(Error::argument("inputs", inputs.len(), hint));
        };
        if let Some(other) =
            others.iter().find(|other| other.dtype != input.dtype || other.grid != input.grid)
        {
            return Err(Error::Chunks {
                problem: format!("{} of {} and {} of {}", input.dtype, input.grid, other.dtype, other.grid),
                hint: "windows slide over arrays of one dtype in equal chunks".into(),
            });
        }
        if self.axis >= input.ndim() {
            return Err(Error::Axis { axis: self.axis as isize, ndim: input.ndim() });
        }
        if self.size == 0 || self.behind >= self.size || self.size > isize::MAX as usize / 64 {
            return Err(Error::argument("window", self.size, "use a window of at least one element"));
        }
        if self.min_periods == 0 || self.min_periods > self.size {
            let hint = format!("use 1 to {}, the length of the window", self.size);
            return Err(Error::argument("min_periods", self.min_periods, hint));
        }
        let dtype = self.result(input.dtype)?;
        let mut axes = input.grid.axes().to_vec();
        let len = input.len(self.axis);
        if self.valid {
            axes[self.axis] = valid_chunks(&axes[self.axis], self.size)?;
        } else if self.min_periods > len && len > 0 {
            let hint = format!(
                "an axis of {len} elements has no window with so many; use a shorter window, or set min_periods"
            );
            return Err(Error::argument("min_periods", self.min_periods, hint));
        }
        Ok((dtype, ChunkGrid::new(axes)))
    }

    fn parts(&self, index: &[usize], grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<Part> {
        let mut region = grid.region(index);
        let range = &mut region[self.axis];
        *range = halo(range, self.behind, self.ahead(), inputs[0].len(self.axis));
        (0..inputs.len()).map(|input| Part { input, region: region.clone() }).collect()
    }

    fn largest_parts(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> Vec<(usize, Vec<usize>)> {
        let mut shape = grid.max_chunk();
        let len = &mut shape[self.axis];
        *len = len.saturating_add(self.size - 1).min(inputs[0].len(self.axis));
        (0..inputs.len()).map(|input| (input, shape.clone())).collect()
    }

    fn scratch_bytes(&self, grid: &ChunkGrid, inputs: &[Operand<'_>]) -> usize {
        let (_, shape) = self.largest_parts(grid, inputs).swap_remove(0);
        let Layout { outer, inner } = self.layout(&shape);
        let rows = shape[self.axis];
        match self.statistic {
            WindowStatistic::Median => self.size.min(rows).saturating_mul(8),
            WindowStatistic::Of(_) => {
                // A smaller chunk may have fewer lanes, whose segments are computed side by side.
                let many = window::slide_bytes(self.size, rows, outer * inner, self.state_bytes());
                let slide = many.max(window::slide_bytes(self.size, rows, 1, self.state_bytes()));
                // Two arrays are seen as one of pairs of float64.
                let pairs =
                    if self.arrays() == 2 { shape.iter().product::<usize>().saturating_mul(16) } else { 0 };
                slide.saturating_add(pairs)
            }
        }
    }

    fn is_disjoint(&self, grid: &ChunkGrid, _: &[Operand<'_>]) -> bool {
        self.size == 1 || grid.axes()[self.axis].count() <= 1
    }

    fn independent_axes(&self, ndim: usize) -> Vec<usize> {
        (0..ndim).filter(|&axis| axis != self.axis).collect()
    }

    fn run(&self, target: &Target<'_>, parts: &[Chunk], out: &mut Chunk) -> Result<()> {
        let Some(values) = parts.first() else { return Err(Error::defect("windows without their values")) };
        let range = &target.region[self.axis];
        let span = Span {
            size: self.size,
            input: target.parts[target.first].region[self.axis].clone(),
            ends: range.start + self.ahead()..range.end + self.ahead(),
        };
        let job = Job { window: self, layout: self.layout(values.shape()), span };
        let dtype = values.dtype();
        if let [x, y] = parts {
            return match (x.buffer(), y.buffer(), out.buffer_mut()) {
                (Buffer::F64(x), Buffer::F64(y), Buffer::F64(to)) => job.pairs(x, y, to, |x| x, |x| x),
                (Buffer::F32(x), Buffer::F32(y), Buffer::F32(to)) => {
                    job.pairs(x, y, to, f64::from, |x| x as f32)
                }
                _ => Err(Error::defect(format!("{} of {dtype}", self.label()))),
            };
        }
        match (values.buffer(), out.buffer_mut()) {
            (Buffer::F64(from), Buffer::F64(to)) => job.floats(from, to, |x| x, |x| x),
            (Buffer::F32(from), Buffer::F32(to)) => job.floats(from, to, f64::from, |x| x as f32),
            (Buffer::F32(from), Buffer::F64(to)) => job.floats(from, to, f64::from, |x| x),
            (Buffer::I64(from), Buffer::I64(to)) if dtype.is_time() => {
                job.ordered::<_, _, Time, Time>(from, to, Time, |t| t.0);
            }
            (Buffer::I64(from), Buffer::F64(to)) if dtype.is_time() => {
                job.positions::<_, _, Time>(from, to, Time, |x| x);
            }
            (Buffer::I64(from), Buffer::I64(to)) => job.ordered(from, to, |x| x, |x: i64| x),
            (Buffer::U64(from), Buffer::U64(to)) => job.ordered(from, to, |x| x, |x: u64| x),
            (Buffer::I64(from), Buffer::F64(to)) => job.integers::<i64>(from, to),
            (Buffer::U64(from), Buffer::F64(to)) => job.integers::<u64>(from, to),
            _ => return Err(Error::defect(format!("{} of {dtype}", self.label()))),
        }
        Ok(())
    }
}

/// The windows of one block.
struct Job<'a> {
    window: &'a Window,
    layout: Layout,
    span: Span,
}

impl Job<'_> {
    fn rule(&self) -> Rule {
        let (ddof, root) = match self.window.statistic {
            WindowStatistic::Of(Statistic::Var { ddof } | Statistic::Cov { ddof }) => (ddof, false),
            WindowStatistic::Of(Statistic::Std { ddof }) => (ddof, true),
            WindowStatistic::Of(_) | WindowStatistic::Median => (0, false),
        };
        Rule { least: self.window.min_periods as f64, ddof: ddof as f64, root }
    }

    fn floats<S: Copy, T: Copy>(
        &self,
        from: &[S],
        to: &mut [T],
        load: impl Fn(S) -> f64 + Copy,
        store: impl Fn(f64) -> T + Copy,
    ) {
        let (rule, io) = (self.rule(), (load, store));
        match &self.window.statistic {
            WindowStatistic::Median => window::median((from, to), io, self.layout, &self.span, rule),
            WindowStatistic::Of(Statistic::Mean) => {
                window::slide::<window::Means, _, _>((from, to), io, self.layout, &self.span, rule);
            }
            WindowStatistic::Of(Statistic::Var { .. } | Statistic::Std { .. }) => {
                window::slide::<window::Moments, _, _>((from, to), io, self.layout, &self.span, rule);
            }
            WindowStatistic::Of(Statistic::Count | Statistic::Argmin | Statistic::Argmax) => {
                self.positions(from, to, load, store);
            }
            WindowStatistic::Of(_) => self.ordered::<_, _, f64, f64>(from, to, load, store),
        }
    }

    fn pairs<S: Copy, T: Copy>(
        &self,
        x: &[S],
        y: &[S],
        to: &mut [T],
        load: impl Fn(S) -> f64,
        store: impl Fn(f64) -> T + Copy,
    ) -> Result<()> {
        let pairs: Vec<[f64; 2]> = x.iter().zip(y).map(|(x, y)| [load(*x), load(*y)]).collect();
        let (ends, io) = ((pairs.as_slice(), to), (|pair: [f64; 2]| pair, store));
        if self.window.statistic == WindowStatistic::Of(Statistic::Corr) {
            window::slide::<window::CoMoments<true>, _, _>(ends, io, self.layout, &self.span, self.rule());
        } else {
            window::slide::<window::CoMoments<false>, _, _>(ends, io, self.layout, &self.span, self.rule());
        }
        Ok(())
    }

    fn integers<V: Number>(&self, from: &[V], to: &mut [f64])
    where
        f64: Outcome<V>,
    {
        match self.window.statistic {
            WindowStatistic::Of(Statistic::Count | Statistic::Argmin | Statistic::Argmax) => {
                self.positions(from, to, |x| x, |x| x);
            }
            WindowStatistic::Of(_) | WindowStatistic::Median => {
                self.ordered::<_, _, V, f64>(from, to, |x| x, |x| x);
            }
        }
    }

    /// What is defined for all numbers.
    fn ordered<S: Copy, T: Copy, V: Number, O: Outcome<V>>(
        &self,
        from: &[S],
        to: &mut [T],
        load: impl Fn(S) -> V + Copy,
        store: impl Fn(O) -> T + Copy,
    ) {
        let (ends, io, layout, span, rule) =
            ((from, to), (load, store), self.layout, &self.span, self.rule());
        match &self.window.statistic {
            WindowStatistic::Of(Statistic::Prod) => {
                window::slide::<window::Products<V, O>, _, _>(ends, io, layout, span, rule);
            }
            WindowStatistic::Of(Statistic::Min) => {
                window::slide::<window::Extremes<V, O, false>, _, _>(ends, io, layout, span, rule);
            }
            WindowStatistic::Of(Statistic::Max) => {
                window::slide::<window::Extremes<V, O, true>, _, _>(ends, io, layout, span, rule);
            }
            // The others were refused, or have kernels of their own.
            WindowStatistic::Of(_) | WindowStatistic::Median => {
                window::slide::<window::Sums<V, O>, _, _>(ends, io, layout, span, rule);
            }
        }
    }

    /// What is a number of elements or a position.
    fn positions<S: Copy, T: Copy, V: Number>(
        &self,
        from: &[S],
        to: &mut [T],
        load: impl Fn(S) -> V + Copy,
        store: impl Fn(f64) -> T + Copy,
    ) {
        let (ends, io, layout, span, rule) =
            ((from, to), (load, store), self.layout, &self.span, self.rule());
        match &self.window.statistic {
            WindowStatistic::Of(Statistic::Argmin) => {
                window::slide::<window::Argextremes<V, false>, _, _>(ends, io, layout, span, rule);
            }
            WindowStatistic::Of(Statistic::Argmax) => {
                window::slide::<window::Argextremes<V, true>, _, _>(ends, io, layout, span, rule);
            }
            WindowStatistic::Of(_) | WindowStatistic::Median => {
                window::slide::<window::Counts<V>, _, _>(ends, io, layout, span, rule);
            }
        }
    }
}

impl fmt::Display for WindowStatistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(statistic) => fmt::Display::fmt(statistic, f),
            Self::Median => f.write_str("median"),
        }
    }
}
