//! Windows that slide along an axis: moving means and the like.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::blockwise::{Blockwise, Sliding, Window, WindowStatistic};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Expr, Op};
use crate::ops::normalize_axis;
use crate::ops::window_chunks::{view_chunks, window_chunks};

/// Windows that slide along an axis, made by [`Array::rolling`], before it is said what is computed of them.
///
/// The result has the shape of the array, as in xarray: element `i` belongs to the window that ends at `i`, or with
/// [`Rolling::center`] to the one around it. Missing values are left out, and where fewer than `min_periods` values are
/// left, or lie inside the array, the result is missing.
///
/// Results are of float64 (float32 of float32, computed in float64), times of times. With [`Rolling::valid`] there are
/// only the windows that lie inside the axis, as in numpy's `sliding_window_view`; then integers give what reductions give.
///
/// A result takes the same time however long its window is (for the median it grows with the window), depends on
/// nothing outside its window, and is the same to the last bit under any chunks. The rounding error of a sum is at most
/// `size` times that of one addition of its values' absolute values. Variances have the accuracy of two passes.
///
/// # Chunks
/// A block of the result reads its windows' other elements from its neighbours. So that this stays little, neighbouring
/// chunks along the axis become one until it is four windows long, as far as it stays below 64 MiB, or the size of the
/// array's own chunks where they are larger. If not even two windows fit, the other axes are cut, the slowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rolling {
    array: Array,
    axis: usize,
    size: usize,
    center: bool,
    min_periods: Option<usize>,
    valid: bool,
}

impl Array {
    /// Windows of `size` elements that slide along an axis.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(6)?;
    /// let mean = x.rolling(0, 3)?.center(true).mean()?;
    /// assert_eq!(mean.compute()?.as_slice::<f64>()?[1..5], [1.0, 2.0, 3.0, 4.0]);
    /// assert!(mean.index_axis(0, 0)?.compute()?.item::<f64>()?.is_nan());
    /// let sum = x.rolling(0, 3)?.min_periods(1).sum()?;
    /// assert_eq!(sum.compute()?.as_slice::<f64>()?, [0.0, 1.0, 3.0, 6.0, 9.0, 12.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Axis`] for an axis that is not there. What else cannot be, the statistics say.
    pub fn rolling(&self, axis: isize, size: usize) -> Result<Rolling> {
        let axis = normalize_axis(axis, self.ndim())?;
        Ok(Rolling { array: self.clone(), axis, size, center: false, min_periods: None, valid: false })
    }
}

impl Array {
    /// The windows of `size` elements that lie inside an axis, along a new last axis: numpy's `sliding_window_view`, but each
    /// chunk is a copy when it is computed.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let windows = Array::arange(4)?.sliding_window_view(3, 0)?;
    /// assert_eq!(windows.compute()?.as_slice::<i64>()?, [0, 1, 2, 1, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Axis`] for an axis that is not there, [`crate::Error::Argument`] for a window of no elements and one
    /// longer than the axis.
    pub fn sliding_window_view(&self, size: usize, axis: isize) -> Result<Self> {
        self.rolling(axis, size)?.valid().construct()
    }
}

impl Rolling {
    /// Whether a result belongs to the middle of its window instead of its end. Of an even number of elements, the one
    /// after the middle is meant, as in xarray and pandas.
    pub fn center(self, center: bool) -> Self {
        Self { center, ..self }
    }

    /// How many values must be there and not missing: 1 to the length of the window, which is the default.
    pub fn min_periods(self, min_periods: usize) -> Self {
        Self { min_periods: Some(min_periods), ..self }
    }

    /// Gives results only for windows that lie inside the axis, which becomes `size - 1` elements shorter: element `i`
    /// then belongs to the window that starts at `i`.
    pub fn valid(self) -> Self {
        Self { valid: true, ..self }
    }

    /// A statistic of each window; its method says which.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where the statistic is not defined. [`crate::Error::Argument`] for a window of no elements, for
    /// `min_periods` above the length of the window or, as no window has as many, of the axis, and with
    /// [`Rolling::valid`] for a window longer than the axis.
    pub fn reduce(&self, statistic: WindowStatistic) -> Result<Array> {
        let dtype = self.array.dtype();
        let (argument, result) = match &statistic {
            WindowStatistic::Median => {
                let mean = Aggregation { kind: Statistic::Mean, skipna: true };
                mean.dtypes(dtype)?
            }
            WindowStatistic::Of(kind) => Aggregation { kind: kind.clone(), skipna: true }.dtypes(dtype)?,
        };
        // Windows are computed in 64 bits; what is narrower comes back as it was where nothing can be missing.
        let computed_in = match argument {
            DType::Bool | DType::I8 | DType::I16 | DType::I32 | DType::U8 | DType::U16 | DType::U32 => {
                DType::I64
            }
            DType::F32
            | DType::F64
            | DType::I64
            | DType::U64
            | DType::Datetime(_)
            | DType::Timedelta(_)
            | DType::Str => argument,
        };
        let input = self.array.astype(argument)?.astype(computed_in)?;
        let moving = self.windows(&input, statistic)?;
        if self.valid && !argument.has_missing() { moving.astype(result) } else { Ok(moving) }
    }

    /// The node that computes a statistic of what the windows hold.
    fn windows(&self, input: &Array, statistic: WindowStatistic) -> Result<Array> {
        self.windows_of(&[input], statistic)
    }

    fn windows_of(&self, arrays: &[&Array], statistic: WindowStatistic) -> Result<Array> {
        let window = Window {
            statistic,
            axis: self.axis,
            size: self.size,
            behind: self.behind(),
            min_periods: self.min_periods.unwrap_or(self.size),
            valid: self.valid,
        };
        // What cannot be is found before chunks are made for it.
        let op = Op::Blockwise(Blockwise::Window(window));
        let inputs: Vec<Expr> = arrays.iter().map(|array| array.expr().clone()).collect();
        let result = Expr::new(op.clone(), inputs)?;
        let Some(chunks) =
            arrays.first().map(|array| window_chunks(array.chunks(), array.dtype(), self.axis, self.size))
        else {
            return Ok(Array::from_expr(result));
        };
        if arrays.iter().all(|array| *array.chunks() == chunks) {
            return Ok(Array::from_expr(result));
        }
        let inputs =
            arrays.iter().map(|array| Expr::new(Op::Rechunk(chunks.clone()), vec![array.expr().clone()]));
        Ok(Array::from_expr(Expr::new(op, inputs.collect::<Result<_>>()?)?))
    }

    fn of_pairs(&self, other: &Array, statistic: Statistic) -> Result<Array> {
        let dtype = self.array.dtype().promote(other.dtype())?.to_float();
        let other =
            other.astype(dtype)?.broadcast_to(self.array.shape())?.with_grid(self.array.chunks().clone())?;
        self.windows_of(&[&self.array.astype(dtype)?, &other], WindowStatistic::Of(statistic))
    }

    /// The covariance with another array, with divisor `n - ddof`, of the pairs of which both values are there; NaN where
    /// the divisor is not positive, and of fewer than `min_periods` pairs. It has the accuracy of two passes, and takes the
    /// same time however long the windows are.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.square()?;
    /// let slope = x.rolling(0, 3)?.cov(&Array::arange(5)?, 1)?;
    /// assert_eq!(slope.compute()?.as_slice::<f64>()?[2..], [2.0, 4.0, 6.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Rolling::reduce`]; [`crate::Error::Shape`] when the other array does not broadcast to this one.
    pub fn cov(&self, other: &Array, ddof: usize) -> Result<Array> {
        self.of_pairs(other, Statistic::Cov { ddof })
    }

    /// Pearson's correlation with another array, of the pairs of which both values are there; NaN where one of them does not
    /// vary, and of fewer than `min_periods` pairs. Otherwise as [`Rolling::cov`].
    ///
    /// # Errors
    /// As [`Rolling::cov`].
    pub fn corr(&self, other: &Array) -> Result<Array> {
        self.of_pairs(other, Statistic::Corr)
    }

    /// The elements of each window along a new last axis. What lies outside the array is missing: integers become float64.
    /// `min_periods` has no part in this.
    ///
    /// Chunks are cut so that the windows of one have at most 64 MiB, or the size of the array's largest chunk.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let windows = Array::arange(4)?.rolling(0, 2)?.construct()?;
    /// assert_eq!(windows.shape(), [4, 2]);
    /// assert_eq!(windows.sum(1)?.compute()?.as_slice::<f64>()?[1..], [1.0, 3.0, 5.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Rolling::reduce`].
    pub fn construct(&self) -> Result<Array> {
        let dtype = self.array.dtype();
        let padded = !self.valid && dtype.is_numeric() && !dtype.has_missing();
        let input = if padded { self.array.astype(DType::F64)? } else { self.array.clone() };
        let behind = if self.valid { None } else { Some(self.behind()) };
        let op = Op::Blockwise(Blockwise::Sliding(Sliding { axis: self.axis, size: self.size, behind }));
        // What cannot be is found before chunks are made for it.
        Expr::new(op.clone(), vec![input.expr().clone()])?;
        let chunks = view_chunks(input.chunks(), input.dtype(), self.axis, self.size);
        let input = match chunks == *input.chunks() {
            true => input.expr().clone(),
            false => Expr::new(Op::Rechunk(chunks), vec![input.expr().clone()])?,
        };
        Ok(Array::from_expr(Expr::new(op, vec![input])?))
    }

    /// How many elements of a window lie before the one that the result belongs to.
    fn behind(&self) -> usize {
        match (self.valid, self.center) {
            (true, _) => 0,
            (false, true) => self.size / 2,
            (false, false) => self.size.saturating_sub(1),
        }
    }

    /// The variance with divisor `n - ddof`; NaN where that is not positive.
    ///
    /// # Errors
    /// As [`Rolling::reduce`].
    pub fn var(&self, ddof: usize) -> Result<Array> {
        self.reduce(WindowStatistic::Of(Statistic::Var { ddof }))
    }

    /// The standard deviation with divisor `n - ddof`; NaN where that is not positive.
    ///
    /// # Errors
    /// As [`Rolling::reduce`].
    pub fn std(&self, ddof: usize) -> Result<Array> {
        self.reduce(WindowStatistic::Of(Statistic::Std { ddof }))
    }

    /// The median; the mean of the two middle values where they are even in number.
    ///
    /// # Errors
    /// As [`Rolling::reduce`].
    pub fn median(&self) -> Result<Array> {
        self.reduce(WindowStatistic::Median)
    }
}

macro_rules! statistics {
    ($($name:ident $kind:ident $doc:literal)+) => {
        impl Rolling {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Rolling::reduce`].
            pub fn $name(&self) -> Result<Array> {
                self.reduce(WindowStatistic::Of(Statistic::$kind))
            }
        )+}
    };
}

statistics! {
    sum Sum "The sum. Integers are summed in 64 bits."
    prod Prod "The product."
    mean Mean "The arithmetic mean."
    min Min "The smallest value."
    max Max "The largest value."
    argmin Argmin "Where in its window the first smallest value is, counted from the start of the window."
    argmax Argmax "Where in its window the first largest value is, counted from the start of the window."
    count Count "How many values are there and not missing."
}
