//! How values between known ones are found.

use crate::error::{Error, Result};

/// How values between known ones are found, under the names that xarray and scipy have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum InterpMethod {
    /// On the straight line between the two neighbours.
    #[default]
    Linear,
    /// The nearer neighbour; of two at the same distance the one with the lower label.
    Nearest,
    /// The neighbour with the lower label.
    Zero,
    /// A spline of order 1: as [`InterpMethod::Linear`], but a label itself is on the line to the next one, not on that
    /// from the one before. It matters only where one of them is missing.
    Slinear,
    /// A spline of order 2, with knots halfway between labels.
    Quadratic,
    /// A spline of order 3, smooth at the second and the last but one label as well (`not-a-knot`).
    Cubic,
    /// A spline of order 5.
    Quintic,
    /// A spline of some order, at least 1: xarray's `polynomial`.
    Polynomial(usize),
    /// Cubics that rise and fall where the values do (Fritsch & Butland 1984).
    Pchip,
    /// Cubics whose slopes at a label are those of its four neighbours (Akima 1970).
    Akima,
    /// The same, with less overshoot next to flat parts.
    Makima,
}

/// The names of the methods that have one.
const NAMES: [(InterpMethod, &str); 10] = [
    (InterpMethod::Linear, "linear"),
    (InterpMethod::Nearest, "nearest"),
    (InterpMethod::Zero, "zero"),
    (InterpMethod::Slinear, "slinear"),
    (InterpMethod::Quadratic, "quadratic"),
    (InterpMethod::Cubic, "cubic"),
    (InterpMethod::Quintic, "quintic"),
    (InterpMethod::Pchip, "pchip"),
    (InterpMethod::Akima, "akima"),
    (InterpMethod::Makima, "makima"),
];

impl InterpMethod {
    /// Reads the name of a method, such as `cubic`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for another name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(method, _)| *method).ok_or_else(|| Error::UnknownName {
            kind: "method of interpolation",
            name: name.into(),
            names: NAMES.iter().map(|(_, known)| (*known).into()).collect(),
        })
    }

    /// How many known values there have to be at least.
    pub(super) fn least(self) -> usize {
        match self {
            Self::Linear | Self::Nearest | Self::Zero | Self::Slinear => 1,
            Self::Quadratic => 3,
            Self::Cubic => 4,
            Self::Quintic => 6,
            Self::Polynomial(order) => order.saturating_add(1),
            Self::Pchip | Self::Akima | Self::Makima => 2,
        }
    }

    /// Whether a value depends on no other values than its neighbours and theirs.
    pub(super) fn is_local(self) -> bool {
        match self {
            Self::Linear | Self::Nearest | Self::Zero | Self::Slinear => true,
            Self::Pchip | Self::Akima | Self::Makima => true,
            Self::Quadratic | Self::Cubic | Self::Quintic | Self::Polynomial(_) => false,
        }
    }

    /// Whether results are sums of values times weights that labels alone decide.
    pub(super) fn is_weighted(self) -> bool {
        !matches!(self, Self::Pchip | Self::Akima | Self::Makima)
    }
}

/// What stands where a label lies outside the known ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Beyond {
    /// These numbers, below and above.
    Values(f64, f64),
    /// What the method gives there.
    Extrapolated,
}

/// How [`Labeled::interp_with`](crate::Labeled::interp_with) works: a method with options. A method alone has none.
///
/// ```
/// use graticule_dataset::{Interp, InterpMethod};
/// let _ = Interp::new(InterpMethod::Cubic).extrapolate();
/// let _ = Interp::new(InterpMethod::Linear).fill_value(0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interp {
    pub(super) method: InterpMethod,
    pub(super) beyond: Beyond,
}

impl Interp {
    /// A method; outside the known labels values are missing.
    pub fn new(method: InterpMethod) -> Self {
        Self { method, beyond: Beyond::Values(f64::NAN, f64::NAN) }
    }

    /// The number that stands where a label lies outside the known ones.
    pub fn fill_value(self, value: f64) -> Self {
        self.fill_values(value, value)
    }

    /// The numbers that stand below the lowest known label and above the highest.
    pub fn fill_values(self, below: f64, above: f64) -> Self {
        Self { beyond: Beyond::Values(below, above), ..self }
    }

    /// Goes on outside the known labels as the method does at the ends: on the first and the last line, or on their
    /// polynomials, or with the first and the last value.
    pub fn extrapolate(self) -> Self {
        Self { beyond: Beyond::Extrapolated, ..self }
    }
}

impl Default for Interp {
    fn default() -> Self {
        Self::new(InterpMethod::default())
    }
}

impl From<InterpMethod> for Interp {
    fn from(method: InterpMethod) -> Self {
        Self::new(method)
    }
}
