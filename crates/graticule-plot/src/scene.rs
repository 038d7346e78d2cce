//! A figure laid out: the few kinds of marks that both renderers draw, in drawing order.
//!
//! Coordinates are pixels of the figure from its top left corner, y downward.

use crate::colormap::Rgb;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// A filled rectangle.
    Fill { rect: Rect, color: Rgb },
    /// Connected points; dashes are lengths of line and gap, none for a solid line.
    Path { points: Vec<(f64, f64)>, width: f64, color: Rgb, dashes: &'static [f32] },
    /// A straight line with square ends, as for ticks and spines.
    Rule { from: (f64, f64), to: (f64, f64), width: f64, color: Rgb },
    /// A filled circle.
    Dot { center: (f64, f64), radius: f64, color: Rgb },
    /// RGB pixels, rows from the top, stretched over a rectangle.
    Image { rect: Rect, columns: usize, rows: usize, pixels: Vec<u8> },
    /// Text from the start of its baseline; upright text reads upwards.
    Text { at: (f64, f64), text: String, size: f64, color: Rgb, upright: bool },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Describes the picture to those who cannot see it.
    pub(crate) title: String,
    pub(crate) marks: Vec<Mark>,
}

/// The whole pixels, `density` to a unit, that `start` to `start + length` cover: the first, and how many.
/// Layout and painting both round through here, so an image always fits its place exactly.
pub(crate) fn device_span(start: f64, length: f64, density: f64) -> (usize, usize) {
    let first = (start * density).round().max(0.0) as usize;
    let end = ((start + length) * density).round().max(0.0) as usize;
    (first, end.saturating_sub(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_spans_touch() {
        let (first, count) = device_span(10.0, 33.0, 1.3);
        let (next, _) = device_span(43.0, 5.0, 1.3);
        assert_eq!((first, first + count), (13, next));
    }
}
