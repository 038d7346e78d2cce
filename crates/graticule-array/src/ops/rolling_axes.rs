//! Windows that slide along several axes at once.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::normalize_axis;

/// Windows that slide along several axes, made by [`Array::rolling_axes`], before it is said what is computed of them.
///
/// The result has the shape of the array. Missing values are left out, and where fewer than `min_periods` values are left,
/// or lie inside the array, the result is missing. Results are of float64, of float32 for float32.
///
/// Each window is put together and folded, as in xarray, so time grows with its size (one axis at a time,
/// [`Array::rolling`] takes the same time however long the windows are). Chunks are those of [`crate::Rolling::construct`]:
/// the windows of one have at most 64 MiB for each of the axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollingAxes {
    array: Array,
    windows: Vec<(usize, usize)>,
    center: bool,
    min_periods: Option<usize>,
}

impl Array {
    /// Windows that slide along several axes: axes, and how many elements along each are in a window.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(9)?.reshape(&[3, 3])?;
    /// let mean = x.rolling_axes(&[(0, 3), (1, 3)])?.center(true).min_periods(4).mean()?;
    /// assert_eq!(mean.compute()?.as_slice::<f64>()?, [2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for one that is named twice and for windows of no
    /// elements, [`Error::Dtype`] for times and text.
    pub fn rolling_axes(&self, windows: &[(isize, usize)]) -> Result<RollingAxes> {
        if !self.dtype().is_numeric() {
            let hint = "windows over several axes are of numbers".into();
            return Err(Error::Dtype { operation: "rolling over axes".into(), dtype: self.dtype(), hint });
        }
        let mut named: Vec<(usize, usize)> = Vec::new();
        for &(axis, size) in windows {
            let axis = normalize_axis(axis, self.ndim())?;
            if named.iter().any(|(other, _)| *other == axis) {
                return Err(Error::argument("axis", axis, "name every axis once"));
            }
            if size == 0 {
                return Err(Error::argument("window", 0, "use windows of at least one element"));
            }
            named.push((axis, size));
        }
        let array = self.astype(self.dtype().to_float())?;
        Ok(RollingAxes { array, windows: named, center: false, min_periods: None })
    }
}

impl RollingAxes {
    /// Whether a result belongs to the middle of its window instead of its end, on all axes.
    pub fn center(self, center: bool) -> Self {
        Self { center, ..self }
    }

    /// How many values must be there and not missing: 1 to the size of the window, which is the default.
    pub fn min_periods(self, min_periods: usize) -> Self {
        Self { min_periods: Some(min_periods), ..self }
    }

    /// The elements of each window, along one new last axis for each that windows slide along; NaN outside the array.
    ///
    /// # Errors
    /// As [`crate::Rolling::construct`].
    pub fn construct(&self) -> Result<Array> {
        self.windows.iter().try_fold(self.array.clone(), |array, &(axis, size)| {
            array.rolling(axis as isize, size)?.center(self.center).construct()
        })
    }

    /// What is computed of windows where enough values are there.
    fn of_windows(&self, statistic: impl FnOnce(&Array, Vec<isize>) -> Result<Array>) -> Result<Array> {
        let size = self.windows.iter().map(|(_, size)| size).product();
        let least = self.min_periods.unwrap_or(size);
        if least == 0 || least > size {
            let hint = format!("use 1 to {size}, the size of the window");
            return Err(Error::argument("min_periods", least, hint));
        }
        let windows = self.construct()?;
        let axes: Vec<isize> = (1..=self.windows.len()).map(|axis| -(axis as isize)).collect();
        let count =
            windows.reduce(Aggregation { kind: Statistic::Count, skipna: true }, axes.clone(), false)?;
        let result = statistic(&windows, axes)?;
        count.greater_equal(least as i64)?.choose(&result, f64::NAN)
    }

    /// A statistic of each window that reductions have as well.
    ///
    /// # Errors
    /// [`Error::Argument`] for `min_periods` of 0 or above the size of the window, [`Error::Dtype`] where the statistic is
    /// not defined.
    pub fn reduce(&self, kind: Statistic) -> Result<Array> {
        let dtype = self.array.dtype();
        self.of_windows(|windows, axes| {
            let result = windows.reduce(Aggregation { kind, skipna: true }, axes, false)?;
            if result.dtype().is_float() {
                Ok(result)
            } else {
                result.astype(if dtype == DType::F32 { dtype } else { DType::F64 })
            }
        })
    }

    /// The variance with divisor `n - ddof`; NaN where that is not positive.
    ///
    /// # Errors
    /// As [`RollingAxes::reduce`].
    pub fn var(&self, ddof: usize) -> Result<Array> {
        self.reduce(Statistic::Var { ddof })
    }

    /// The standard deviation with divisor `n - ddof`; NaN where that is not positive.
    ///
    /// # Errors
    /// As [`RollingAxes::reduce`].
    pub fn std(&self, ddof: usize) -> Result<Array> {
        self.reduce(Statistic::Std { ddof })
    }

    /// The median; the mean of the two middle values where they are even in number.
    ///
    /// # Errors
    /// As [`RollingAxes::reduce`].
    pub fn median(&self) -> Result<Array> {
        self.of_windows(|windows, axes| windows.nanmedian(axes))
    }
}

macro_rules! statistics {
    ($($name:ident $kind:ident $doc:literal)+) => {
        impl RollingAxes {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`RollingAxes::reduce`].
            pub fn $name(&self) -> Result<Array> {
                self.reduce(Statistic::$kind)
            }
        )+}
    };
}

statistics! {
    sum Sum "The sum."
    prod Prod "The product."
    mean Mean "The arithmetic mean."
    min Min "The smallest value."
    max Max "The largest value."
    count Count "How many values are there and not missing."
}
