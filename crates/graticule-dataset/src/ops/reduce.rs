//! Reductions over named dimensions.

use graticule_array::{Aggregation, Array, Casting, DType, Statistic};

use crate::align::missing_value;
use crate::attrs::Encoding;
use crate::dims::{Dim, Over};
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// A reduction with its options: what is computed, and what becomes of missing values, axes and attributes.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Reduction, Variable};
/// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(1.0, 3.0, 3)?)?, [])?;
/// assert_eq!(x.reduce(Reduction::var().ddof(1).skipna(false), "x")?.item()?, 1.0);
/// assert!(x.reduce(Reduction::sum().min_count(4), "x")?.item()?.is_nan());
/// assert_eq!(x.reduce(Reduction::median().keepdims(true), "x")?.shape(), [1]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    kind: Kind,
    skipna: bool,
    min_count: usize,
    keepdims: bool,
    keep_attrs: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Statistic(Statistic),
    Median,
}

/// What a reduction folds together: axes as a whole, groups along them, blocks of neighbours.
pub(crate) trait Fold {
    /// A statistic of the engine.
    fn statistic(&self, data: &Array, aggregation: Aggregation) -> graticule_array::Result<Array>;

    /// The median, of float64 or times.
    fn median(&self, data: &Array, skipna: bool) -> graticule_array::Result<Array>;
}

/// Axes that vanish.
struct Whole<'a>(&'a [usize]);

impl Fold for Whole<'_> {
    fn statistic(&self, data: &Array, aggregation: Aggregation) -> graticule_array::Result<Array> {
        data.reduce(aggregation, self.0, false)
    }

    fn median(&self, data: &Array, skipna: bool) -> graticule_array::Result<Array> {
        let folded: usize = self.0.iter().filter_map(|&axis| data.shape().get(axis)).product();
        match (self.0.is_empty(), folded) {
            (true, _) => Ok(data.clone()),
            (false, 0) => of_nothing(data, self.0),
            _ if skipna => data.nanmedian(self.0),
            _ => data.median(self.0),
        }
    }
}

impl Reduction {
    /// A statistic of the engine, missing values left out.
    pub fn new(statistic: Statistic) -> Self {
        Self::of(Kind::Statistic(statistic))
    }

    /// The middle value, or the mean of the two.
    pub fn median() -> Self {
        Self::of(Kind::Median)
    }

    fn of(kind: Kind) -> Self {
        Self { kind, skipna: true, min_count: 0, keepdims: false, keep_attrs: true }
    }

    /// Whether missing values are left out, which is the default; otherwise they make the result missing.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// Delta degrees of freedom: the divisor of variance and deviation is `n - ddof`. Others ignore it.
    pub fn ddof(mut self, ddof: usize) -> Self {
        self.kind = match self.kind {
            Kind::Statistic(Statistic::Var { .. }) => Kind::Statistic(Statistic::Var { ddof }),
            Kind::Statistic(Statistic::Std { .. }) => Kind::Statistic(Statistic::Std { ddof }),
            other => other,
        };
        self
    }

    /// How many values there must be for a result; with fewer it is missing. As in xarray, integers and bools,
    /// which cannot be missing, have a result all the same, and so has everything with `skipna(false)`.
    pub fn min_count(mut self, min_count: usize) -> Self {
        self.min_count = min_count;
        self
    }

    /// Whether reduced dimensions stay, with length 1 and without coordinates.
    pub fn keepdims(mut self, keepdims: bool) -> Self {
        self.keepdims = keepdims;
        self
    }

    /// Whether attributes stay, which is the default.
    pub fn keep_attrs(mut self, keep_attrs: bool) -> Self {
        self.keep_attrs = keep_attrs;
        self
    }
}

macro_rules! reductions {
    ($($name:ident $statistic:expr, $doc:literal)+) => {
        impl Reduction {$(
            #[doc = $doc]
            pub fn $name() -> Self {
                Self::new($statistic)
            }
        )+}

        impl<V: DataVars> Labeled<V> {$(
            #[doc = $doc]
            ///
            /// Over one dimension, several, or with `()` all. Missing values are left out;
            /// [`Labeled::reduce`] has options.
            ///
            /// # Errors
            /// [`crate::Error::UnknownDim`] for a dimension that is not there, and what the engine refuses.
            pub fn $name(&self, dims: impl Into<Over>) -> Result<Self> {
                self.reduce(Reduction::$name(), dims)
            }
        )+}
    };
}

/// The list of statistics with a method of their own, handed to a macro that writes the methods of a container.
macro_rules! each_statistic {
    ($methods:ident) => {
        $methods! {
            sum Statistic::Sum, "The sum; 0 where there is no value."
            prod Statistic::Prod, "The product; 1 where there is no value."
            mean Statistic::Mean, "The arithmetic mean; NaN where there is no value."
            var Statistic::Var { ddof: 0 }, "The variance with divisor `n`."
            std Statistic::Std { ddof: 0 }, "The standard deviation with divisor `n`."
            min Statistic::Min, "The smallest value; NaN where there is none."
            max Statistic::Max, "The largest value; NaN where there is none."
            argmin Statistic::Argmin, "The position of the first smallest value; -1 where there is none."
            argmax Statistic::Argmax, "The position of the first largest value; -1 where there is none."
            any Statistic::Any, "Whether any value is true (not zero)."
            all Statistic::All, "Whether all values are true (not zero)."
            count Statistic::Count, "How many values are not missing."
            first Statistic::First, "The first value that is not missing, in C order over the dimensions."
            last Statistic::Last, "The last value that is not missing, in C order over the dimensions."
            skew Statistic::Skew, "The skewness, biased as scipy's default: 0 for symmetric values."
            kurtosis Statistic::Kurtosis, "The excess kurtosis, biased as scipy's default: 0 for a normal distribution."
        }
    };
}

pub(crate) use each_statistic;

each_statistic!(reductions);

impl<V: DataVars> Labeled<V> {
    /// The middle value, or the mean of the two; float64 of numbers, and the dtype of times.
    ///
    /// Over one dimension, several, or with `()` all. Missing values are left out; [`Labeled::reduce`] has options.
    ///
    /// # Errors
    /// As [`Labeled::reduce`].
    pub fn median(&self, dims: impl Into<Over>) -> Result<Self> {
        self.reduce(Reduction::median(), dims)
    }

    /// A reduction over one dimension, several, or with `()` all.
    ///
    /// Coordinates along the reduced dimensions vanish; attributes stay, as in xarray. In a dataset each
    /// variable is reduced over those of the dimensions that it has, and variables that the statistic is not
    /// defined for, such as texts for the mean, are left out. Missing times are left out like missing numbers.
    /// The mean of times is exact, rounded down to their unit.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "lat", "lon"], Array::ones((4, 3, 2), "auto")?)?;
    /// let da = DataArray::new(None, data, [])?;
    /// assert_eq!(da.mean("time")?.dims(), ["lat", "lon"]);
    /// assert_eq!(da.sum(["lon", "lat"])?.values::<f64>()?.into_raw_vec_and_offset().0, [6.0; 4]);
    /// assert_eq!(da.count(())?.item()?, 24.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::UnknownDim`] for a dimension that is not there, and what the engine refuses, such as
    /// the mean of texts.
    pub fn reduce(&self, reduction: Reduction, dims: impl Into<Over>) -> Result<Self> {
        let over = dims.into().resolve(&self.all_dims())?;
        let vars = only(&self.vars, |variable| reduction.is_defined(variable.dtype()));
        let mut vars = vars.map(|variable| reduction.apply(variable, &over))?;
        if !reduction.keep_attrs {
            vars.attrs_mut().clear();
        }
        let coords =
            self.coords.filtered(|_, variable| !variable.dims().iter().any(|dim| over.contains(dim)));
        Ok(Self::from_parts(vars, coords))
    }
}

/// The variables that `keep` accepts; that of an array always.
pub(crate) fn only<V: DataVars>(vars: &V, keep: impl Fn(&Variable) -> bool) -> V {
    let refused = vars.variables().filter(|(_, variable)| !keep(variable));
    let names: Vec<String> = refused.filter_map(|(name, _)| name.map(Into::into)).collect();
    let mut vars = vars.clone();
    vars.retain(|name| !names.iter().any(|refused| refused == name));
    vars
}

impl Reduction {
    /// Whether there is such a statistic of values of a dtype.
    pub(crate) fn is_defined(&self, dtype: DType) -> bool {
        let statistic = match &self.kind {
            Kind::Statistic(statistic) => statistic,
            Kind::Median => return dtype != DType::Str,
        };
        match statistic {
            Statistic::Count => true,
            Statistic::Min
            | Statistic::Max
            | Statistic::Argmin
            | Statistic::Argmax
            | Statistic::First
            | Statistic::Last
            | Statistic::Mean => dtype != DType::Str,
            Statistic::Sum => dtype.is_numeric() || matches!(dtype, DType::Timedelta(_)),
            _ => dtype.is_numeric(),
        }
    }

    /// How many values there must be.
    pub(crate) fn least(&self) -> usize {
        self.min_count
    }

    /// The reduction without a number of values that there must be.
    pub(crate) fn of_any_count(&self) -> Self {
        Self { min_count: 0, ..self.clone() }
    }

    pub(crate) fn is_median(&self) -> bool {
        self.kind == Kind::Median
    }

    /// Whether attributes stay.
    pub(crate) fn keeps_attrs(&self) -> bool {
        self.keep_attrs
    }

    pub(crate) fn apply(&self, variable: &Variable, over: &[Dim]) -> Result<Variable> {
        let axes: Vec<usize> = over.iter().filter_map(|dim| variable.axis(dim)).collect();
        let data = variable.data();
        let mut reduced = self.fold(data, &Whole(&axes))?;
        let mut dims = variable.dims().to_vec();
        if self.keepdims {
            let mut sorted = axes;
            sorted.sort_unstable();
            for axis in sorted {
                reduced = reduced.expand_dims(axis as isize)?;
            }
        } else {
            dims.retain(|dim| !over.contains(dim));
        }
        let mut variable = variable.with_dims_and_data(dims, reduced)?.with_encoding(Encoding::new());
        if !self.keep_attrs {
            variable.attrs_mut().clear();
        }
        Ok(variable)
    }

    /// The statistic of what is folded together; missing where too few values are there.
    pub(crate) fn fold(&self, data: &Array, how: &impl Fold) -> graticule_array::Result<Array> {
        let reduced = match &self.kind {
            // float64 of numbers, as xarray's.
            Kind::Median if data.dtype().is_time() => how.median(data, self.skipna)?,
            Kind::Median => how.median(&data.astype(DType::F64)?, self.skipna)?,
            Kind::Statistic(Statistic::Mean) if data.dtype().is_time() => mean_time(data, how, self.skipna)?,
            Kind::Statistic(statistic) => {
                how.statistic(data, Aggregation { kind: statistic.clone(), skipna: self.skipna })?
            }
        };
        if self.min_count == 0 || !self.skipna || !data.dtype().has_missing() {
            return Ok(reduced);
        }
        let count = how.statistic(data, Aggregation { kind: Statistic::Count, skipna: true })?;
        count.greater_equal(self.min_count as i64)?.choose(&reduced, missing_value(reduced.dtype()))
    }
}

/// What a statistic that needs values gives over axes without any: missing values.
pub(crate) fn of_nothing(data: &Array, axes: &[usize]) -> graticule_array::Result<Array> {
    let kept = data.shape().iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
    let shape: Vec<usize> = kept.map(|(_, &len)| len).collect();
    Array::full(missing_value(data.dtype()), shape, "auto")
}

/// The mean of times, exact: as float64 a count of nanoseconds would be rounded to hundreds of them.
///
/// A count is `high * 2^32 + low`, and the sums of either part fit into 64 bits.
fn mean_time(data: &Array, how: &impl Fold, skipna: bool) -> graticule_array::Result<Array> {
    const BASE: i64 = 1 << 32;
    let fold = |x: &Array, kind: Statistic| how.statistic(x, Aggregation { kind, skipna: false });
    let dtype = data.dtype();
    let null = data.isnan()?;
    let counts = null.choose(0i64, data.astype_with(DType::I64, Casting::Wrap)?)?;
    let count = fold(&null.logical_not()?, Statistic::Sum)?;
    let high = counts.floor_divide(BASE)?;
    let low = (&counts - (&high * BASE)?)?;
    let (high, low) = (fold(&high, Statistic::Sum)?, fold(&low, Statistic::Sum)?);
    let whole = high.floor_divide(&count)?;
    let rest = (((high - (&whole * &count)?)? * BASE)? + low)?;
    let mean = ((whole * BASE)? + rest.floor_divide(&count)?)?.astype(dtype)?;
    let mut known = count.greater(0i64)?;
    if !skipna {
        known = (known & fold(&null, Statistic::Any)?.logical_not()?)?;
    }
    known.choose(mean, missing_value(dtype))
}

#[cfg(test)]
mod tests {
    use graticule_array::{Buffer, Chunk, NAT, TimeUnit};

    use super::*;

    fn times(counts: Vec<i64>) -> Array {
        let dtype = DType::Datetime(TimeUnit::Nanosecond);
        let chunk = Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts)).unwrap();
        Array::from_chunk(chunk).unwrap().rechunk(2).unwrap()
    }

    fn mean(counts: Vec<i64>, skipna: bool) -> i64 {
        mean_time(&times(counts), &Whole(&[0]), skipna).unwrap().compute().unwrap().item::<i64>().unwrap()
    }

    #[test]
    fn the_mean_of_times_is_exact_far_from_1970() {
        let day = 1_783_000_000_123_456_789;
        assert_eq!(mean(vec![day, day + 1, day + 2], true), day + 1);
        assert_eq!(mean(vec![-day, -day - 1], true), -day - 1);
        assert_eq!(mean(vec![i64::MIN + 1, i64::MAX], true), 0);
        assert_eq!(mean(vec![day, NAT, day + 4], true), day + 2);
        assert_eq!(mean(vec![day, NAT, day + 4], false), NAT);
        assert_eq!(mean(vec![NAT, NAT], true), NAT);
        assert_eq!(mean(vec![], true), NAT);
    }
}
