//! Blocks of neighbouring elements as one element each.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::blockwise::{Blockwise, Coarsen, Windows};
use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::grid::{AUTO_CHUNK_BYTES, ChunkGrid};
use crate::ops::normalize_axis;
use crate::ops::pad::PadMode;
use crate::ops::window_chunks::cut_others;
use crate::scalar::Scalar;

/// What happens to elements that do not fill a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Excess {
    /// It is an error that there are any.
    #[default]
    Exact,
    /// They are left out.
    Trim,
    /// They are a window of their own, as if it were filled up with missing values that are skipped.
    Pad,
}

/// At which end of an axis the windows start: what does not fill a window is at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindowSide {
    /// The first element begins a window.
    #[default]
    Left,
    /// The last element ends a window.
    Right,
}

/// Blocks of neighbouring elements, made by [`Array::coarsen`], before it is said what is computed of them.
///
/// Missing values are skipped unless [`Coarsening::skipna`] says otherwise. Dtypes are those of reductions. Results do not
/// depend on chunks, except in the last bits those of windows that do not fit into memory (see below).
///
/// # Chunks
/// A chunk of the result is made of the windows whose last element lies in one chunk of the array, so chunks of a multiple
/// of the window are read once. A window that is longer than its chunk is computed whole: where it then has more than 64 MiB,
/// each window along that axis becomes a reduction of its own, which needs no room, or the other axes are cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coarsening {
    array: Array,
    sizes: Vec<usize>,
    excess: Excess,
    side: WindowSide,
    skipna: bool,
}

impl Array {
    /// Blocks of neighbouring elements: axes, and how many elements along each become one.
    ///
    /// ```
    /// use graticule_array::{Array, Excess};
    /// let x = Array::arange(7)?;
    /// let sum = x.coarsen(&[(0, 3)])?.excess(Excess::Pad).sum()?;
    /// assert_eq!(sum.compute()?.as_slice::<i64>()?, [3, 12, 6]);
    /// let mean = x.coarsen(&[(0, 3)])?.excess(Excess::Trim).mean()?;
    /// assert_eq!(mean.compute()?.as_slice::<f64>()?, [1.0, 4.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for one that is named twice, and for windows of
    /// no elements.
    pub fn coarsen(&self, windows: &[(isize, usize)]) -> Result<Coarsening> {
        let mut sizes = vec![None; self.ndim()];
        for &(axis, size) in windows {
            let axis = normalize_axis(axis, self.ndim())?;
            if size == 0 {
                return Err(Error::argument("window", 0, "use windows of at least one element"));
            }
            if sizes[axis].replace(size).is_some() {
                return Err(Error::argument("axis", axis, "name every axis once"));
            }
        }
        let sizes = sizes.into_iter().map(|size| size.unwrap_or(1)).collect();
        Ok(Coarsening {
            array: self.clone(),
            sizes,
            excess: Excess::default(),
            side: WindowSide::default(),
            skipna: true,
        })
    }
}

impl Coarsening {
    /// What happens to elements that do not fill a window.
    pub fn excess(self, excess: Excess) -> Self {
        Self { excess, ..self }
    }

    /// At which end the windows start.
    pub fn side(self, side: WindowSide) -> Self {
        Self { side, ..self }
    }

    /// Whether missing values are skipped, which is the default.
    pub fn skipna(self, skipna: bool) -> Self {
        Self { skipna, ..self }
    }

    fn windows(&self, axis: usize) -> Result<Windows> {
        let (len, size) = (self.array.shape()[axis], self.sizes[axis]);
        let rest = len % size;
        let count = match self.excess {
            Excess::Exact if rest != 0 => {
                let hint = format!(
                    "axis {axis} of {len} elements is no multiple of it; use Excess::Trim or Excess::Pad"
                );
                return Err(Error::argument("window", size, hint));
            }
            Excess::Exact | Excess::Trim => len / size,
            Excess::Pad => len.div_ceil(size),
        };
        let start = match (self.side, self.excess) {
            (WindowSide::Left, _) => 0,
            (WindowSide::Right, Excess::Exact | Excess::Trim) => rest as isize,
            (WindowSide::Right, Excess::Pad) if rest == 0 => 0,
            (WindowSide::Right, Excess::Pad) => rest as isize - size as isize,
        };
        Ok(Windows { size, count, start })
    }

    /// A statistic of each window; its method says which.
    ///
    /// # Errors
    /// [`Error::Argument`] when windows do not fit and [`Excess::Exact`] is asked for, [`Error::Dtype`] where the statistic
    /// is not defined.
    pub fn reduce(&self, statistic: Statistic) -> Result<Array> {
        let aggregation = Aggregation { kind: statistic, skipna: self.skipna };
        let windows = (0..self.sizes.len()).map(|axis| self.windows(axis)).collect::<Result<Vec<_>>>()?;
        let (argument, _) = aggregation.dtypes(self.array.dtype())?;
        let input = self.array.astype(argument)?;
        let skipna = aggregation.skipna && input.dtype().has_missing();
        let aggregation = Aggregation { skipna, ..aggregation };
        let is_long = |axis: usize| windows[axis].size > input.chunks().axes()[axis].max_size();
        let long: Vec<usize> = (0..windows.len()).filter(|&axis| is_long(axis)).collect();
        let chunk = input.chunks().max_chunk();
        let elements = |axis: usize| chunk[axis].max(windows[axis].size.min(input.shape()[axis]));
        let together = (0..windows.len()).map(elements).fold(1, usize::saturating_mul);
        let limit = chunk.iter().product::<usize>().max(AUTO_CHUNK_BYTES / input.dtype().size());
        let op = |aggregation| {
            Op::Blockwise(Blockwise::Coarsen(Coarsen { aggregation, windows: windows.clone() }))
        };
        if long.is_empty() || together <= limit {
            return Ok(Array::from_expr(Expr::new(op(aggregation), vec![input.expr().clone()])?));
        }
        if let [axis] = *long
            && let Some(result) = self.one_by_one(&input, &aggregation, &windows, axis)?
        {
            return Ok(result);
        }
        let mut axes = input.chunks().axes().to_vec();
        cut_others(&mut axes, &long, together, limit);
        let input = Expr::new(Op::Rechunk(ChunkGrid::new(axes)), vec![input.expr().clone()])?;
        Ok(Array::from_expr(Expr::new(op(aggregation), vec![input])?))
    }

    /// Each window along an axis as a reduction, where nothing else is coarsened and there are not too many.
    fn one_by_one(
        &self,
        input: &Array,
        aggregation: &Aggregation,
        windows: &[Windows],
        axis: usize,
    ) -> Result<Option<Array>> {
        const MOST: usize = 1000;
        let Windows { size, count, start } = windows[axis];
        let alone = windows.iter().enumerate().all(|(other, windows)| other == axis || windows.size == 1);
        let is_position = matches!(aggregation.kind, Statistic::Argmin | Statistic::Argmax);
        if !alone || !(1..=MOST).contains(&count) || (is_position && start < 0) {
            return Ok(None);
        }
        let parts = (0..count).map(|window| {
            let begin = start + (window * size) as isize;
            let end = (begin + size as isize).min(input.shape()[axis] as isize);
            let begin = begin.max(0);
            let part = input.stride_axis(axis as isize, begin as usize, 1, (end - begin) as usize)?;
            part.reduce(aggregation.clone(), axis as isize, true)
        });
        Array::concatenate(&parts.collect::<Result<Vec<_>>>()?, axis as isize).map(Some)
    }

    /// The elements of each window: every axis that is coarsened becomes two, that of the windows and that inside a window.
    /// What [`Excess::Pad`] adds is missing, for which integers become float64.
    ///
    /// Chunks are those of [`Array::reshape`].
    ///
    /// ```
    /// use graticule_array::{Array, Excess};
    /// let windows = Array::arange(7)?.coarsen(&[(0, 3)])?.excess(Excess::Trim).construct()?;
    /// assert_eq!(windows.shape(), [2, 3]);
    /// assert_eq!(windows.index_axis(0, 1)?.compute()?.as_slice::<i64>()?, [3, 4, 5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when windows do not fit and [`Excess::Exact`] is asked for, [`Error::Dtype`] for text that would
    /// have to be padded.
    pub fn construct(&self) -> Result<Array> {
        let mut array = self.array.clone();
        let (mut shape, mut widths) = (Vec::new(), Vec::new());
        for (axis, &size) in self.sizes.iter().enumerate() {
            let Windows { count, start, .. } = self.windows(axis)?;
            let len = array.shape()[axis];
            let from = usize::try_from(start).unwrap_or(0);
            let end = (start + (count * size) as isize).max(0) as usize;
            array = array.part(axis, from..end.min(len))?;
            widths.push((start.min(0).unsigned_abs(), end.saturating_sub(len)));
            shape.extend(if size == 1 { vec![len] } else { vec![count, size] });
        }
        if widths.iter().any(|widths| *widths != (0, 0)) {
            let dtype = array.dtype();
            let missing = match dtype {
                DType::Datetime(unit) => Scalar::Datetime(NAT, unit),
                DType::Timedelta(unit) => Scalar::Timedelta(NAT, unit),
                _ => f64::NAN.into(),
            };
            let array = if dtype.has_missing() { array } else { array.astype(DType::F64)? };
            return array.pad(&widths, &PadMode::constant(missing))?.reshape_to(shape);
        }
        array.reshape_to(shape)
    }

    /// The median of each window; the mean of the two middle values where they are even in number. Dtypes are those of
    /// [`Array::median`].
    ///
    /// # Errors
    /// As [`Coarsening::construct`] and [`Array::median`].
    pub fn median(&self) -> Result<Array> {
        let windows = self.construct()?;
        let mut inside = Vec::new();
        let mut axis = 0;
        for &size in &self.sizes {
            axis += 1;
            if size > 1 {
                inside.push(axis as isize);
                axis += 1;
            }
        }
        // What is padded is skipped whatever else is.
        let skipna = self.skipna || windows.size() > self.array.size();
        match (inside.is_empty(), skipna) {
            (true, _) => windows.astype(self.array.dtype().to_float()),
            (false, true) => windows.nanmedian(inside),
            (false, false) => windows.median(inside),
        }
    }

    /// The variance with divisor `n - ddof`.
    ///
    /// # Errors
    /// As [`Coarsening::reduce`].
    pub fn var(&self, ddof: usize) -> Result<Array> {
        self.reduce(Statistic::Var { ddof })
    }

    /// The standard deviation with divisor `n - ddof`.
    ///
    /// # Errors
    /// As [`Coarsening::reduce`].
    pub fn std(&self, ddof: usize) -> Result<Array> {
        self.reduce(Statistic::Std { ddof })
    }
}

macro_rules! statistics {
    ($($name:ident $kind:ident $doc:literal)+) => {
        impl Coarsening {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Coarsening::reduce`].
            pub fn $name(&self) -> Result<Array> {
                self.reduce(Statistic::$kind)
            }
        )+}
    };
}

statistics! {
    sum Sum "The sum. Integers sum in 64 bits; float32 accumulates in float64."
    prod Prod "The product."
    mean Mean "The arithmetic mean."
    min Min "The smallest value."
    max Max "The largest value."
    argmin Argmin "Where in its window the first smallest value is, in C order."
    argmax Argmax "Where in its window the first largest value is, in C order."
    any Any "Whether any value is true (not zero)."
    all All "Whether all values are true (not zero)."
    count Count "How many values are there and not missing."
}
