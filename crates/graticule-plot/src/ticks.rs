//! Where the ticks of an axis go and what they say, for numbers and degrees.

use crate::label::{fixed, superscript};

/// One tick.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
    /// What completes the label where it changes, such as the year below a month.
    pub(crate) context: Option<String>,
}

/// The ticks of one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ticks {
    pub(crate) ticks: Vec<Tick>,
    /// What all labels are to be multiplied by or added to, such as `×10⁻⁵`.
    pub(crate) note: Option<String>,
}

/// A step of 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    digit: i32,
    exponent: i32,
}

impl Step {
    /// The smallest step not below `raw`, a positive number.
    fn at_least(raw: f64) -> Self {
        let exponent = raw.log10().floor() as i32;
        let lead = raw / pow10(exponent);
        match [1, 2, 5].into_iter().find(|&digit| f64::from(digit) >= lead * (1.0 - 1e-9)) {
            Some(digit) => Self { digit, exponent },
            None => Self { digit: 1, exponent: exponent + 1 },
        }
    }

    fn size(self) -> f64 {
        self.times(1.0)
    }

    /// `count` steps. Dividing by a power of ten rounds correctly where multiplying by a tenth does not.
    fn times(self, count: f64) -> f64 {
        let digits = count * f64::from(self.digit);
        if self.exponent >= 0 { digits * pow10(self.exponent) } else { digits / pow10(-self.exponent) }
    }

    fn decimals(self) -> usize {
        usize::try_from(-self.exponent).unwrap_or(0)
    }

    /// All multiples of the step from `low` to `high`.
    fn multiples(self, low: f64, high: f64) -> Vec<f64> {
        let first = (low / self.size() - 1e-6).ceil();
        let last = (high / self.size() + 1e-6).floor();
        // No caller asks for more; the bound keeps a mistake from filling memory.
        let count = (last - first + 1.0).clamp(0.0, 1000.0) as usize;
        (0..count).map(|i| self.times(first + i as f64)).collect()
    }
}

fn pow10(exponent: i32) -> f64 {
    10f64.powi(exponent)
}

/// Ticks at round numbers from `low` to `high`, about `most` at most.
pub(crate) fn linear(low: f64, high: f64, most: usize) -> Ticks {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return Ticks::default();
    }
    let step = Step::at_least(span / most.max(1) as f64);
    let values = step.multiples(low, high);
    let largest = values.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
    if largest == 0.0 {
        return labelled(&values, 0.0, 0, step);
    }
    let magnitude = largest.log10().floor() as i32;
    if magnitude - step.exponent >= 6 {
        // The labels would differ in their last digits only: show what they have in common once.
        let common = Step { digit: 1, exponent: span.log10().ceil() as i32 };
        let offset = common.times((low / common.size() + 1e-9).floor());
        let rest = values.iter().fold(0.0, |a: f64, v| a.max((v - offset).abs()));
        let rest = if rest > 0.0 { rest.log10().floor() as i32 } else { step.exponent };
        return labelled(&values, offset, shared_exponent(rest), step);
    }
    labelled(&values, 0.0, shared_exponent(magnitude), step)
}

/// The power of ten to take out of labels of this magnitude.
fn shared_exponent(magnitude: i32) -> i32 {
    if (-3..6).contains(&magnitude) { 0 } else { magnitude }
}

fn labelled(values: &[f64], offset: f64, exponent: i32, step: Step) -> Ticks {
    let decimals = Step { exponent: step.exponent - exponent, ..step }.decimals();
    let text = |value: f64| {
        let rest = value - offset;
        fixed(if exponent >= 0 { rest / pow10(exponent) } else { rest * pow10(-exponent) }, decimals)
    };
    let ticks = values.iter().map(|&at| Tick { at, label: text(at), context: None }).collect();
    let factor = (exponent != 0).then(|| format!("×10{}", superscript(exponent)));
    let plus = (offset != 0.0).then(|| {
        let sign = if offset < 0.0 { '−' } else { '+' };
        format!("{sign} {}", plain_or_scientific(offset.abs()))
    });
    let notes: Vec<String> = factor.into_iter().chain(plus).collect();
    Ticks { ticks, note: (!notes.is_empty()).then(|| notes.join(" ")) }
}

fn plain_or_scientific(value: f64) -> String {
    if (1e-4..1e12).contains(&value) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e').map(|(digits, exponent)| (digits, exponent.parse())) {
        Some((digits, Ok(exponent))) => format!("{digits}×10{}", superscript(exponent)),
        _ => text,
    }
}

/// Divisors of a circle that make familiar meridians and parallels.
const DEGREE_STEPS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 90.0, 180.0];

fn degrees(low: f64, high: f64, most: usize, text: impl Fn(f64, usize) -> String) -> Ticks {
    let raw = (high - low) / most.max(1) as f64;
    let (values, decimals) = match DEGREE_STEPS.into_iter().find(|step| *step >= raw) {
        Some(step) if raw > 0.5 => {
            let first = (low / step - 1e-6).ceil() as i32;
            let last = (high / step + 1e-6).floor() as i32;
            ((first..=last).map(|i| f64::from(i) * step).collect(), 0)
        }
        _ => {
            let step = Step::at_least(raw);
            (step.multiples(low, high), step.decimals())
        }
    };
    let tick = |at| Tick { at, label: text(at, decimals), context: None };
    Ticks { ticks: values.into_iter().map(tick).collect(), note: None }
}

/// Ticks like 60°E; longitudes beyond 180 read as degrees west.
pub(crate) fn longitude(low: f64, high: f64, most: usize) -> Ticks {
    if low < -720.0 || high > 720.0 || high - low < 1e-6 {
        return linear(low, high, most);
    }
    degrees(low, high, most, |at, decimals| {
        let east = (at + 180.0).rem_euclid(360.0) - 180.0;
        let size = fixed(east.abs(), decimals);
        match east {
            _ if east.abs() < 1e-9 || east.abs() > 180.0 - 1e-9 => format!("{size}°"),
            _ if east > 0.0 => format!("{size}°E"),
            _ => format!("{size}°W"),
        }
    })
}

/// Ticks like 30°N, none beyond the poles.
pub(crate) fn latitude(low: f64, high: f64, most: usize) -> Ticks {
    if low < -180.0 || high > 180.0 || high - low < 1e-6 {
        return linear(low, high, most);
    }
    let mut ticks = degrees(low, high, most, |at, decimals| {
        let size = fixed(at.abs(), decimals);
        match at {
            _ if at.abs() < 1e-9 => format!("{size}°"),
            _ if at > 0.0 => format!("{size}°N"),
            _ => format!("{size}°S"),
        }
    });
    ticks.ticks.retain(|tick| tick.at.abs() <= 90.0 + 1e-9);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn round_numbers_without_binary_noise() {
        let ticks = linear(-0.2, 0.42, 7);
        assert_eq!(labels(&ticks), ["−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(ticks.ticks[5].at, 0.3);
        assert_eq!(ticks.note, None);
        assert_eq!(labels(&linear(271.3, 309.0, 5)), ["280", "290", "300"]);
    }

    #[test]
    fn very_small_and_large_numbers_share_an_exponent() {
        let ticks = linear(0.0, 4.2e-5, 5);
        assert_eq!(labels(&ticks), ["0", "1", "2", "3", "4"]);
        assert_eq!(ticks.note.as_deref(), Some("×10⁻⁵"));
        let ticks = linear(-1.5e7, 1.5e7, 4);
        assert_eq!(labels(&ticks), ["−1", "0", "1"]);
        assert_eq!(ticks.note.as_deref(), Some("×10⁷"));
        assert_eq!(labels(&linear(100_000.0, 102_000.0, 2)), ["100000", "101000", "102000"]);
    }

    #[test]
    fn a_large_common_part_is_shown_once() {
        let ticks = linear(273.150_002, 273.150_041, 4);
        assert_eq!(labels(&ticks), ["1", "2", "3", "4"]);
        assert_eq!(ticks.note.as_deref(), Some("×10⁻⁵ + 273.15"));
    }

    #[test]
    fn extreme_ranges_neither_hang_nor_overflow() {
        for (low, high) in [(-1e300, 1e300), (0.0, 5e-310), (1.0, 1.0), (f64::NAN, 1.0), (3.0, 2.0)] {
            assert!(linear(low, high, 6).ticks.len() < 20, "{low} {high}");
        }
    }

    #[test]
    fn longitudes_wrap_and_latitudes_stop_at_the_poles() {
        let expected = ["0°", "60°E", "120°E", "180°", "120°W", "60°W", "0°"];
        assert_eq!(labels(&longitude(-0.5, 360.0, 7)), expected);
        assert_eq!(labels(&latitude(-95.0, 95.0, 7)), ["90°S", "60°S", "30°S", "0°", "30°N", "60°N", "90°N"]);
        assert_eq!(labels(&latitude(44.9, 45.6, 4)), ["45.0°N", "45.2°N", "45.4°N", "45.6°N"]);
    }
}
