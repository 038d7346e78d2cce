//! Whether two arrays or datasets are the same, and how they differ.

mod structure;
mod values;

use std::fmt;

pub(crate) use values::{describe, same};

use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};

/// What has to agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Agreement {
    /// Dimensions, coordinates and values.
    Equal,
    /// The same after broadcasting each variable to the other.
    BroadcastEqual,
    /// The same after broadcasting, where both have values.
    NoConflict,
    /// Names and attributes too.
    Identical,
    /// Values up to `absolute + relative * |right|`.
    Close { relative: f64, absolute: f64 },
}

impl<V: DataVars> Labeled<V> {
    /// Whether dimensions, coordinates and values are equal, whatever names, attributes and dtypes are. Missing values
    /// equal each other. What is lazy is computed.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let of = |values: Vec<f64>| DataArray::new(None, Variable::from_vec("x", values)?, []);
    /// assert!(of(vec![1.0, f64::NAN])?.equals(&of(vec![1.0, f64::NAN])?.with_name("b"))?);
    /// assert!(!of(vec![1.0])?.equals(&of(vec![2.0])?)?);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// What computing can meet.
    pub fn equals(&self, other: &Self) -> Result<bool> {
        structure::agree(self, other, Agreement::Equal)
    }

    /// Whether names and attributes are equal as well, those of coordinates included. Dtypes may differ, as in xarray.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn identical(&self, other: &Self) -> Result<bool> {
        structure::agree(self, other, Agreement::Identical)
    }

    /// Whether they would be equal after broadcasting each variable and coordinate to the other.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn broadcast_equals(&self, other: &Self) -> Result<bool> {
        structure::agree(self, other, Agreement::BroadcastEqual)
    }
}

/// How two arrays or datasets differ, as text with a line for each part that does.
///
/// [`fmt::Debug`] is that text too, so that a test that unwraps the result shows it.
#[derive(Clone)]
pub struct Difference {
    wanted: &'static str,
    lines: Vec<String>,
}

impl Difference {
    /// A line for each part that differs.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "left and right are not {}:", self.wanted)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Difference {}

/// Nothing if dimensions, coordinates and values are equal, as in [`Labeled::equals`]; else where they differ.
///
/// ```
/// use graticule_dataset::{DataArray, Variable, assert_equal};
/// let of = |values: Vec<f64>| DataArray::new(Some("depth"), Variable::from_vec("x", values)?, []);
/// let difference = assert_equal(&of(vec![1.0, 2.0])?, &of(vec![1.0, 2.5])?).unwrap_err();
/// assert!(difference.to_string().contains("1 of 2 values differ, first at x position 1: left 2, right 2.5"));
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Difference`], also when they could not be computed.
pub fn assert_equal<V: DataVars>(left: &Labeled<V>, right: &Labeled<V>) -> Result<(), Difference> {
    judge(left, right, Agreement::Equal, "equal")
}

/// Nothing if names and attributes are equal as well, as in [`Labeled::identical`]; else where they differ.
///
/// # Errors
/// [`Difference`], also when they could not be computed.
pub fn assert_identical<V: DataVars>(left: &Labeled<V>, right: &Labeled<V>) -> Result<(), Difference> {
    judge(left, right, Agreement::Identical, "identical")
}

/// Nothing if dimensions are equal and numbers close, those of coordinates included: `|left - right|` up to `1e-8 + 1e-5
/// * |right|`, as in xarray. Times, bools and texts must be equal.
///
/// # Errors
/// [`Difference`], also when they could not be computed.
pub fn assert_allclose<V: DataVars>(left: &Labeled<V>, right: &Labeled<V>) -> Result<(), Difference> {
    assert_allclose_within(left, right, 1e-5, 1e-8)
}

/// The same with tolerances: `|left - right|` up to `absolute + relative * |right|`.
///
/// # Errors
/// [`Difference`], also when they could not be computed.
pub fn assert_allclose_within<V: DataVars>(
    left: &Labeled<V>,
    right: &Labeled<V>,
    relative: f64,
    absolute: f64,
) -> Result<(), Difference> {
    judge(left, right, Agreement::Close { relative, absolute }, "close")
}

fn judge<V: DataVars>(
    left: &Labeled<V>,
    right: &Labeled<V>,
    agreement: Agreement,
    wanted: &'static str,
) -> Result<(), Difference> {
    let could_not = |error: Error| vec![format!("they could not be compared: {error}")];
    let lines = structure::differences(left, right, agreement).unwrap_or_else(could_not);
    if lines.is_empty() { Ok(()) } else { Err(Difference { wanted, lines }) }
}
