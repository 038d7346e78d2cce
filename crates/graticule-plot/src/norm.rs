//! From values to positions along a colormap.

use crate::colormap::Colormap;
use crate::error::{Error, Result};
use crate::figure::check_limits;

/// Choices about the colours of a mesh; what is `None` is decided from the values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColorOptions {
    /// Name of the colormap.
    pub colormap: Option<String>,
    /// Value of the first colour.
    pub vmin: Option<f64>,
    /// Value of the last colour.
    pub vmax: Option<f64>,
    /// Value the colours are centred on.
    pub center: Option<f64>,
    /// Whether the limits are the 2nd and 98th percentiles rather than the extremes.
    pub robust: bool,
}

impl ColorOptions {
    pub(crate) fn check(&self) -> Result<()> {
        let what = "the colours";
        match (self.vmin, self.vmax) {
            (Some(min), Some(max)) => check_limits(what, min, max)?,
            (Some(value), None) | (None, Some(value)) if !value.is_finite() => {
                return Err(Error::BadLimits { what, min: value, max: value });
            }
            _ => {}
        }
        match self.center {
            Some(center) if !center.is_finite() => {
                Err(Error::BadLimits { what: "the colours around their centre", min: center, max: center })
            }
            _ => Ok(()),
        }
    }
}

/// The values of the first and last colour of a mesh, and whether the colours diverge from the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    /// Value of the first colour.
    pub vmin: f64,
    /// Value of the last colour, above `vmin`.
    pub vmax: f64,
    /// Whether the middle is a centre that the colours diverge from.
    pub diverging: bool,
}

impl Norm {
    /// The norm for `values` under `options`, by the rules of xarray: when not both limits are given and the
    /// limits lie on both sides of zero (or a centre is given), the colours diverge and the limits are made
    /// symmetric around the centre. Values that are not finite do not count; without any, it is 0 to 1.
    ///
    /// ```
    /// use graticule_plot::{ColorOptions, Norm};
    ///
    /// let norm = Norm::of(&[-1.0, f64::NAN, 3.0], &ColorOptions::default());
    /// assert_eq!(norm, Norm { vmin: -3.0, vmax: 3.0, diverging: true });
    /// let norm = Norm::of(&[250.0, 310.0], &ColorOptions::default());
    /// assert_eq!(norm, Norm { vmin: 250.0, vmax: 310.0, diverging: false });
    /// ```
    pub fn of(values: &[f64], options: &ColorOptions) -> Self {
        let (low, high) = extent(values, options.robust).unwrap_or((0.0, 1.0));
        let vmin = options.vmin.unwrap_or(low);
        let vmax = options.vmax.unwrap_or(high);
        let both_given = options.vmin.is_some() && options.vmax.is_some();
        let diverging = options.center.is_some() || (!both_given && vmin < 0.0 && vmax > 0.0);
        if !diverging {
            // A lone limit beyond all values would leave nothing between the two.
            let (vmin, vmax) = match (options.vmin, options.vmax) {
                (Some(vmin), None) if vmax <= vmin => (vmin, vmin + widening(vmin)),
                (None, Some(vmax)) if vmax <= vmin => (vmax - widening(vmax), vmax),
                _ => widened(vmin, vmax),
            };
            return Self { vmin, vmax, diverging };
        }
        let center = options.center.unwrap_or(0.0);
        let reach = match (options.vmin, options.vmax) {
            (Some(vmin), None) => (center - vmin).abs(),
            (None, Some(vmax)) => (vmax - center).abs(),
            _ => (center - vmin).abs().max((vmax - center).abs()),
        };
        let reach = if reach > 0.0 { reach } else { widening(center) };
        Self { vmin: center - reach, vmax: center + reach, diverging }
    }

    /// Where `value` lies between the limits: 0 at `vmin`, 1 at `vmax`, beyond them outside that range.
    pub fn position(&self, value: f64) -> f64 {
        (value - self.vmin) / (self.vmax - self.vmin)
    }

    /// The colormap that `options` name, or the default for this norm.
    ///
    /// # Errors
    ///
    /// Fails when `options` name a colormap there is not.
    pub fn colormap(&self, options: &ColorOptions) -> Result<Colormap> {
        match &options.colormap {
            Some(name) => Colormap::named(name),
            None if self.diverging => Ok(Colormap::DIVERGING),
            None => Ok(Colormap::SEQUENTIAL),
        }
    }
}

/// The smallest and largest finite value, or percentiles 2 and 98 when `robust`.
fn extent(values: &[f64], robust: bool) -> Option<(f64, f64)> {
    if !robust {
        return finite_range(values.iter().copied());
    }
    let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let last = finite.len().checked_sub(1)?;
    let mut at = |share: f64| {
        let index = (last as f64 * share).round() as usize;
        *finite.select_nth_unstable_by(index, f64::total_cmp).1
    };
    Some((at(0.02), at(0.98)))
}

/// The smallest and largest finite value, kept far enough from overflow that their difference is finite.
pub(crate) fn finite_range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).map(|v| v.clamp(-1e300, 1e300)).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((f64::min(low, v), f64::max(high, v))),
    })
}

/// `low` and `high`, moved apart when they are too close to tell apart along an axis.
pub(crate) fn widened(low: f64, high: f64) -> (f64, f64) {
    if high - low > (1e-12 * low.abs().max(high.abs())).max(TINY) {
        return (low, high);
    }
    let by = widening(low) / 2.0;
    (low - by, high + by)
}

/// Differences below this are beyond what powers of ten can be computed with.
const TINY: f64 = 1e-290;

fn widening(value: f64) -> f64 {
    if value.abs() < TINY { 1.0 } else { 0.1 * value.abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norm(values: &[f64], set: impl FnOnce(&mut ColorOptions)) -> (f64, f64, bool) {
        let mut options = ColorOptions::default();
        set(&mut options);
        let norm = Norm::of(values, &options);
        (norm.vmin, norm.vmax, norm.diverging)
    }

    #[test]
    fn crossing_zero_diverges_unless_both_limits_are_given() {
        assert_eq!(norm(&[-1.0, 4.0], |_| ()), (-4.0, 4.0, true));
        assert_eq!(norm(&[-1.0, 4.0], |o| o.vmax = Some(2.0)), (-2.0, 2.0, true));
        assert_eq!(norm(&[-1.0, 4.0], |o| (o.vmin, o.vmax) = (Some(-1.0), Some(5.0))), (-1.0, 5.0, false));
        assert_eq!(norm(&[0.0, 4.0], |_| ()), (0.0, 4.0, false));
        assert_eq!(norm(&[280.0, 300.0], |o| o.center = Some(285.0)), (270.0, 300.0, true));
    }

    #[test]
    fn constant_empty_and_nan_values_still_span_a_range() {
        assert_eq!(norm(&[5.0, 5.0], |_| ()), (4.75, 5.25, false));
        assert_eq!(norm(&[0.0], |_| ()), (-0.5, 0.5, false));
        assert_eq!(norm(&[f64::NAN, f64::INFINITY], |_| ()), (0.0, 1.0, false));
        assert_eq!(norm(&[5.0], |o| o.center = Some(5.0)), (4.5, 5.5, true));
        assert_eq!(norm(&[1.0, 2.0], |o| o.vmin = Some(10.0)), (10.0, 11.0, false));
    }

    #[test]
    fn robust_ignores_a_few_extremes() {
        let mut values: Vec<f64> = (0..=100).map(f64::from).collect();
        values.push(1e9);
        assert_eq!(norm(&values, |o| o.robust = true), (2.0, 99.0, false));
        assert_eq!(norm(&[f64::NAN], |o| o.robust = true), (0.0, 1.0, false));
    }

    #[test]
    fn limits_must_be_finite_and_ordered() {
        let bad = ColorOptions { vmin: Some(2.0), vmax: Some(1.0), ..ColorOptions::default() };
        assert!(bad.check().is_err());
        let bad = ColorOptions { center: Some(f64::NAN), ..ColorOptions::default() };
        assert!(bad.check().is_err());
    }
}
