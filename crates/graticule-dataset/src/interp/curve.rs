//! Curves through points: which coefficients they have, and how these make up a value.

use super::method::InterpMethod;
use super::slopes::{akima, pchip};
use super::spline::Spline;

/// A way from values at known places to those at others, in two steps: the values become coefficients, and a few of these,
/// times weights, make up a value. The first step is nothing for lines; the second does not depend on the values.
pub(super) struct Curve {
    places: Vec<f64>,
    kind: Kind,
}

enum Kind {
    Nearest(Tie),
    Before,
    Line(Touch),
    Spline(Spline),
    /// Cubics with slopes, which are coefficients behind the values.
    Cubics(fn(&[f64], &[f64]) -> Vec<f64>),
}

/// Which of two neighbours at the same distance is the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    Lower,
    Upper,
}

/// On which line a known place itself is, which matters where a neighbour is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// That from the place before: scipy's `interp1d`.
    Before,
    /// That to the place behind: scipy's `interpn`.
    Behind,
    /// None: `numpy.interp`.
    Alone,
}

impl Curve {
    /// A curve through values at places that rise. There have to be as many as the method needs, and one for
    /// any.
    pub(super) fn new(method: InterpMethod, places: Vec<f64>, touch: Touch) -> Self {
        let kind = match method {
            InterpMethod::Nearest => Kind::Nearest(Tie::Lower),
            InterpMethod::Zero => Kind::Before,
            InterpMethod::Linear => Kind::Line(touch),
            InterpMethod::Slinear => Kind::Line(Touch::Behind),
            InterpMethod::Polynomial(0) => Kind::Before,
            InterpMethod::Quadratic => Kind::Spline(Spline::new(2, &places)),
            InterpMethod::Cubic => Kind::Spline(Spline::new(3, &places)),
            InterpMethod::Quintic => Kind::Spline(Spline::new(5, &places)),
            InterpMethod::Polynomial(order) => Kind::Spline(Spline::new(order, &places)),
            InterpMethod::Pchip => Kind::Cubics(pchip),
            InterpMethod::Akima => Kind::Cubics(|x, y| akima(x, y, false)),
            InterpMethod::Makima => Kind::Cubics(|x, y| akima(x, y, true)),
        };
        Self { places, kind }
    }

    /// The nearest of the places.
    pub(super) fn nearest(places: Vec<f64>, tie: Tie) -> Self {
        Self { places, kind: Kind::Nearest(tie) }
    }

    /// Where the values are.
    pub(super) fn places(&self) -> &[f64] {
        &self.places
    }

    /// How many coefficients make up a value.
    pub(super) fn width(&self) -> usize {
        match &self.kind {
            Kind::Nearest(_) | Kind::Before => 1,
            Kind::Line(_) => 2,
            Kind::Spline(spline) => spline.order() + 1,
            Kind::Cubics(_) => 4,
        }
    }

    /// How many of these, from the first, are like values: their weights add up to 1.
    pub(super) fn values(&self) -> usize {
        if matches!(self.kind, Kind::Cubics(_)) { 2 } else { self.width() }
    }

    /// How many coefficients there are, where they are not the values themselves.
    pub(super) fn coefficients_len(&self) -> Option<usize> {
        match &self.kind {
            Kind::Nearest(_) | Kind::Before | Kind::Line(_) => None,
            Kind::Spline(_) => Some(self.places.len()),
            Kind::Cubics(_) => Some(2 * self.places.len()),
        }
    }

    /// The coefficients of the curve through values.
    pub(super) fn coefficients(&self, values: &[f64]) -> Vec<f64> {
        match &self.kind {
            Kind::Nearest(_) | Kind::Before | Kind::Line(_) => values.to_vec(),
            Kind::Spline(spline) => spline.coefficients(values),
            Kind::Cubics(slopes) => [values, &slopes(&self.places, values)].concat(),
        }
    }

    /// Whether a place lies below the known ones, or above.
    pub(super) fn is_beyond(&self, at: f64) -> (bool, bool) {
        let ends = self.places.first().zip(self.places.last());
        ends.map_or((false, false), |(first, last)| (at < *first, at > *last))
    }

    /// Appends the numbers of the coefficients that make up the value at a place, and their weights.
    pub(super) fn append(&self, at: f64, numbers: &mut Vec<usize>, weights: &mut Vec<f64>) {
        let last = self.places.len().saturating_sub(1);
        let behind = self.places.partition_point(|place| *place <= at);
        // The interval of a place, that at an end for those outside.
        let interval =
            |behind: usize| (behind.clamp(1, last.max(1)) - 1, behind.clamp(1, last.max(1)).min(last));
        let (lower, upper) = interval(behind);
        match &self.kind {
            Kind::Nearest(tie) => {
                // Half of each first, as in scipy, so that ties are the same.
                let middle = self.places[lower] / 2.0 + self.places[upper] / 2.0;
                let is_upper = if *tie == Tie::Lower { at > middle } else { at >= middle };
                numbers.push(if is_upper { upper } else { lower });
                weights.push(1.0);
            }
            Kind::Before => {
                numbers.push(behind.max(1) - 1);
                weights.push(1.0);
            }
            Kind::Line(_) if lower == upper => {
                numbers.extend([lower; 2]);
                weights.extend([1.0, 0.0]);
            }
            Kind::Line(touch) => {
                let is_known = behind > 0 && self.places[behind - 1] == at;
                let (lower, upper) = match touch {
                    Touch::Alone if is_known => (behind - 1, behind - 1),
                    Touch::Before if is_known => interval(behind - 1),
                    Touch::Before | Touch::Behind | Touch::Alone => (lower, upper),
                };
                let (low, high) = (self.places[lower], self.places[upper]);
                let weight = if lower == upper { 0.0 } else { (at - low) / (high - low) };
                numbers.extend([lower, upper]);
                weights.extend([1.0 - weight, weight]);
            }
            Kind::Spline(spline) => {
                let (first, basis) = spline.basis(at);
                numbers.extend(first..first + basis.len());
                weights.extend(basis);
            }
            Kind::Cubics(_) => {
                let width = self.places[upper] - self.places[lower];
                let s = (at - self.places[lower]) / width;
                let rising = s * s * (3.0 - 2.0 * s);
                numbers.extend([lower, upper, lower + last + 1, upper + last + 1]);
                weights.extend([
                    1.0 - rising,
                    rising,
                    width * s * (1.0 - s) * (1.0 - s),
                    width * s * s * (s - 1.0),
                ]);
            }
        }
    }

    /// The value at a place.
    pub(super) fn at(&self, coefficients: &[f64], at: f64) -> f64 {
        let (mut numbers, mut weights) = (Vec::new(), Vec::new());
        self.append(at, &mut numbers, &mut weights);
        let of = |number: usize| coefficients.get(number).copied().unwrap_or(f64::NAN);
        let base = numbers.first().map_or(f64::NAN, |first| of(*first));
        let parts = numbers.iter().zip(&weights).enumerate().skip(1);
        parts.fold(base, |sum, (i, (number, weight))| {
            let part = if i < self.values() { of(*number) - base } else { of(*number) };
            sum + part * weight
        })
    }
}
