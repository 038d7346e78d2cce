//! Reductions over named dimensions.

use graticule_array::{Aggregation, DType, Statistic};

use crate::attrs::Encoding;
use crate::dims::{Dim, Over};
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// A reduction with its options: what is computed and what happens to missing values.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Reduction, Variable};
/// let x = DataArray::new(None, Variable::new(["x"], Array::linspace(1.0, 3.0, 3)?)?, [])?;
/// assert_eq!(x.reduce(Reduction::var().ddof(1).skipna(false), "x")?.item()?, 1.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    statistic: Statistic,
    skipna: bool,
}

impl Reduction {
    /// A statistic of the engine, missing values left out.
    pub fn new(statistic: Statistic) -> Self {
        Self { statistic, skipna: true }
    }

    /// Whether missing values are left out, which is the default; otherwise they make the result missing.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// Delta degrees of freedom: the divisor of variance and deviation is `n - ddof`. Others ignore it.
    pub fn ddof(mut self, ddof: usize) -> Self {
        self.statistic = match self.statistic {
            Statistic::Var { .. } => Statistic::Var { ddof },
            Statistic::Std { .. } => Statistic::Std { ddof },
            other => other,
        };
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

reductions! {
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
}

impl<V: DataVars> Labeled<V> {
    /// A reduction over one dimension, several, or with `()` all.
    ///
    /// Coordinates along the reduced dimensions vanish; attributes stay, as in xarray. In a dataset each
    /// variable is reduced over those of the dimensions that it has, and variables that the statistic is not
    /// defined for, such as texts for the mean, are left out.
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
        let mut vars = self.vars.clone();
        let undefined = |variable: &Variable| !is_defined(&reduction.statistic, variable.dtype());
        let left_out: Vec<String> = vars
            .variables()
            .filter(|(_, variable)| undefined(variable))
            .filter_map(|(name, _)| name.map(Into::into))
            .collect();
        vars.retain(|name| !left_out.iter().any(|left_out| left_out == name));
        let vars = vars.map(|variable| reduced(variable, &reduction, &over))?;
        let coords =
            self.coords.filtered(|_, variable| !variable.dims().iter().any(|dim| over.contains(dim)));
        Ok(Self::from_parts(vars, coords))
    }
}

/// Whether there is such a statistic of values of a dtype.
fn is_defined(statistic: &Statistic, dtype: DType) -> bool {
    match statistic {
        Statistic::Count => true,
        Statistic::Min | Statistic::Max | Statistic::Argmin | Statistic::Argmax => dtype != DType::Str,
        Statistic::Sum => dtype.is_numeric() || matches!(dtype, DType::Timedelta(_)),
        _ => dtype.is_numeric(),
    }
}

fn reduced(variable: &Variable, reduction: &Reduction, over: &[Dim]) -> Result<Variable> {
    let axes: Vec<usize> = over.iter().filter_map(|dim| variable.axis(dim)).collect();
    let kept = variable.dims().iter().filter(|dim| !over.contains(dim)).cloned().collect();
    let aggregation = Aggregation { kind: reduction.statistic.clone(), skipna: reduction.skipna };
    let data = variable.data().reduce(aggregation, axes.as_slice(), false)?;
    Ok(variable.with_dims_and_data(kept, data)?.with_encoding(Encoding::new()))
}
