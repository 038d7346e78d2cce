//! Moving values against their labels: shifting, rolling, padding.

use graticule_array::{Array, Chunks, DType, PadMode, Scalar};

use crate::align::{able_to_miss, missing_value};
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// How far values move along some dimensions, and what comes after them.
///
/// ```
/// use graticule_dataset::Shift;
/// let shift = Shift::by([("time", 1), ("x", -2)]).fill_value(0.0);
/// # let _ = shift;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    by: Vec<(Dim, isize)>,
    fill: Option<Scalar>,
}

impl Shift {
    /// Moves values by so many positions: to the end, or for negative numbers to the start.
    pub fn by(counts: impl IntoIterator<Item = (impl AsRef<str>, isize)>) -> Self {
        Self { by: per_dim(counts), fill: None }
    }

    /// What comes in from outside, in place of missing values. The dtype stays and must be able to hold it.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.fill = Some(value.into());
        self
    }
}

impl<S: AsRef<str>, const N: usize> From<[(S, isize); N]> for Shift {
    fn from(counts: [(S, isize); N]) -> Self {
        Self::by(counts)
    }
}

fn per_dim<T>(pairs: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Vec<(Dim, T)> {
    pairs.into_iter().map(|(dim, value)| (Dim::new(dim), value)).collect()
}

impl<V: DataVars> Labeled<V> {
    /// The values moved against their labels, which stay. Missing values come in from outside: small integers become
    /// float32 and others float64, unless [`Shift::fill_value`] says what comes in.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Shift, Variable};
    /// let x = DataArray::new(None, Variable::from_vec("x", vec![1, 2, 3])?, [])?;
    /// assert_eq!(x.shift([("x", 1)])?.sum("x")?.item()?, 3.0);
    /// assert_eq!(x.shift(Shift::by([("x", -1)]).fill_value(0))?.variable().values()?.as_slice::<i32>()?, [2, 3, 0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there; for bools and texts without a fill value, which
    /// cannot be missing.
    pub fn shift(&self, shift: impl Into<Shift>) -> Result<Self> {
        let Shift { by, fill } = shift.into();
        self.check_dims(&by)?;
        let vars = self.vars.map(|variable| {
            let steps: Vec<(usize, isize)> =
                by.iter().filter_map(|(dim, count)| Some((variable.axis(dim)?, *count))).collect();
            if steps.is_empty() {
                return Ok(variable.clone());
            }
            let (data, fill) = with_fill(variable.data(), fill.as_ref(), "fill_value")?;
            variable.apply(|_| {
                let shifted = steps.iter().try_fold(data, |data, &(axis, count)| {
                    shifted(&data, axis, count, &PadMode::constant(fill.clone()))
                })?;
                under_chunks_of(variable.data(), shifted)
            })
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }

    /// The values moved along dimensions as if those were circles; labels stay.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn roll(&self, counts: impl IntoIterator<Item = (impl AsRef<str>, isize)>) -> Result<Self> {
        let counts = per_dim(counts);
        self.check_dims(&counts)?;
        let vars = self.vars.map(|variable| rolled(variable, &counts))?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }

    /// The values moved along dimensions as if those were circles, and their labels with them.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let lon = Variable::from_vec("lon", vec![0.0, 90.0, 180.0, 270.0])?;
    /// let x = DataArray::new(None, Variable::from_vec("lon", vec![1, 2, 3, 4])?, [("lon".into(), lon)])?;
    /// let rolled = x.roll_coords([("lon", 2)])?;
    /// assert_eq!(rolled.coords().labels("lon").map(|x| x.to_f64()), Some(vec![180.0, 270.0, 0.0, 90.0]));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn roll_coords(&self, counts: impl IntoIterator<Item = (impl AsRef<str>, isize)>) -> Result<Self> {
        let counts = per_dim(counts);
        self.check_dims(&counts)?;
        let vars = self.vars.map(|variable| rolled(variable, &counts))?;
        let coords = self.coords.mapped(|_, variable| {
            let encoding = variable.encoding().clone();
            Ok(Some(rolled(variable, &counts)?.with_encoding(encoding)))
        })?;
        Ok(Self::from_parts(vars, coords))
    }

    /// The data with more elements before and after, along some dimensions; by default missing ones.
    ///
    /// Coordinates are continued in the same way where the new elements are others again (`Edge`, `Reflect`,
    /// `Symmetric`, `Wrap`), and else with missing labels, for which integers become floats.
    ///
    /// ```
    /// use graticule_array::PadMode;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0])?, [])?;
    /// assert!(x.pad([("x", (1, 0))], None)?.values::<f64>()?[0].is_nan());
    /// assert_eq!(x.pad([("x", (1, 2))], PadMode::Edge)?.variable().values()?.as_slice::<f64>()?, [1.0, 1.0, 2.0, 2.0, 2.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there; as [`Array::pad`]; for bools and texts that would be
    /// missing.
    pub fn pad(
        &self,
        widths: impl IntoIterator<Item = (impl AsRef<str>, (usize, usize))>,
        mode: impl Into<Option<PadMode>>,
    ) -> Result<Self> {
        let (widths, mode) = (per_dim(widths), mode.into());
        self.check_dims(&widths)?;
        let vars = self.vars.map(|variable| padded(variable, &widths, mode.as_ref()))?;
        let continued = mode.as_ref().filter(|mode| match mode {
            PadMode::Edge | PadMode::Reflect { .. } | PadMode::Symmetric { .. } | PadMode::Wrap => true,
            PadMode::Constant(_)
            | PadMode::Empty
            | PadMode::LinearRamp(_)
            | PadMode::Maximum(_)
            | PadMode::Minimum(_)
            | PadMode::Mean(_)
            | PadMode::Median(_) => false,
        });
        let coords = self.coords.mapped(|name, variable| {
            let encoding = variable.encoding().clone();
            let padded = padded(variable, &widths, continued).map_err(|error| match error {
                Error::Argument { argument, value, hint } => {
                    Error::Argument { argument, value: format!("{value} of coordinate {name:?}"), hint }
                }
                other => other,
            })?;
            Ok(Some(padded.with_encoding(encoding)))
        })?;
        Ok(Self::from_parts(vars, coords))
    }

    fn check_dims<T>(&self, wanted: &[(Dim, T)]) -> Result<()> {
        let all = self.all_dims();
        match wanted.iter().find(|(dim, _)| !all.contains(dim)) {
            Some((unknown, _)) => Err(Error::unknown_dim(unknown, all)),
            None => Ok(()),
        }
    }
}

/// The data in a dtype that can hold what fills them, and what fills them: missing values unless it is said.
fn with_fill(data: &Array, fill: Option<&Scalar>, argument: &'static str) -> Result<(Array, Scalar)> {
    match (fill, data.dtype()) {
        (Some(value), _) => Ok((data.clone(), value.clone())),
        (None, dtype @ (DType::Bool | DType::Str)) => {
            let hint = format!("{dtype} cannot be missing; say what to put there, or cast to a float first");
            Err(Error::argument(argument, format!("missing in {dtype} data"), hint))
        }
        (None, _) => {
            let data = able_to_miss(data.clone())?;
            let fill = missing_value(data.dtype());
            Ok((data, fill))
        }
    }
}

fn shifted(data: &Array, axis: usize, count: isize, fill: &PadMode) -> graticule_array::Result<Array> {
    let len = data.shape().get(axis).copied().unwrap_or(0);
    let width = count.unsigned_abs().min(len);
    let start = if count < 0 { width } else { 0 };
    let kept = data.stride_axis(axis as isize, start.min(len.saturating_sub(1)), 1, len - width)?;
    let mut widths = vec![(0, 0); data.ndim()];
    if let Some(widths) = widths.get_mut(axis) {
        *widths = if count < 0 { (0, width) } else { (width, 0) };
    }
    kept.pad(&widths, fill)
}

/// Moved data in the chunks they had, so that they combine with what stayed.
fn under_chunks_of(original: &Array, moved: Array) -> graticule_array::Result<Array> {
    let sizes = original.chunks().axes().iter().map(|chunks| chunks.sizes().collect());
    moved.rechunk(Chunks::Sizes(sizes.collect()))
}

fn rolled(variable: &Variable, counts: &[(Dim, isize)]) -> Result<Variable> {
    let mut data = variable.data().clone();
    for (dim, count) in counts {
        if let Some(axis) = variable.axis(dim) {
            data = data.roll(*count, axis as isize)?;
        }
    }
    variable.apply(|original| under_chunks_of(original, data))
}

fn padded(variable: &Variable, widths: &[(Dim, (usize, usize))], mode: Option<&PadMode>) -> Result<Variable> {
    let of = |dim: &Dim| widths.iter().find(|(name, _)| name == dim).map(|(_, widths)| *widths);
    if !variable.dims().iter().any(|dim| of(dim).is_some()) {
        return Ok(variable.clone());
    }
    let widths: Vec<(usize, usize)> = variable.dims().iter().map(|dim| of(dim).unwrap_or((0, 0))).collect();
    match mode {
        Some(mode) => variable.apply(|data| data.pad(&widths, mode)),
        None => {
            let (data, fill) = with_fill(variable.data(), None, "mode")?;
            variable.apply(|_| data.pad(&widths, &PadMode::constant(fill)))
        }
    }
}
