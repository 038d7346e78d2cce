//! The colour bar beside a mesh.

use crate::colormap::{Colormap, Rgb};
use crate::error::Result;
use crate::figure::Figure;
use crate::font::Font;
use crate::label::typeset_units;
use crate::layout::{
    LABEL_COLOR, LABEL_ROW, LABEL_SIZE, Span, TICK_COLOR, TICK_GAP, TICK_LENGTH, TICK_SIZE, sharp, text,
    upright,
};
use crate::norm::Norm;
use crate::scene::{Mark, Rect, device_span};
use crate::ticks::{Ticks, linear};

/// Between the axes and the bar.
const APART: f64 = 18.0;
const WIDTH: f64 = 14.0;

/// A colour bar in its place.
pub(crate) struct Bar {
    rect: Rect,
    span: Span,
    colormap: Colormap,
    ticks: Ticks,
    label: Vec<String>,
}

impl Bar {
    /// The bar right of `axes` that explains the colours of `norm`.
    pub(crate) fn new(figure: &Figure, norm: Norm, font: &Font, axes: &Rect) -> Result<Self> {
        let rect = Rect { x: axes.right() + APART, y: axes.y, width: WIDTH, height: axes.height };
        let span = Span { low: norm.vmin, high: norm.vmax, start: rect.bottom(), end: rect.y };
        let most = ((rect.height / 40.0) as usize).max(2);
        Ok(Self {
            rect,
            span,
            colormap: norm.colormap(&figure.colors)?,
            ticks: linear(norm.vmin, norm.vmax, most),
            label: font.wrap(&typeset_units(&figure.color_label), LABEL_SIZE, axes.height.max(60.0), 2),
        })
    }

    /// From the axes to the far edge of the bar's label.
    pub(crate) fn width(&self, font: &Font) -> f64 {
        let label = match self.label.len() {
            0 => 0.0,
            n => 6.0 + LABEL_ROW * n as f64,
        };
        APART + WIDTH + TICK_LENGTH + TICK_GAP + self.widest_tick(font) + label
    }

    /// Whether a note stands above the bar.
    pub(crate) fn noted(&self) -> bool {
        self.ticks.note.is_some()
    }

    fn widest_tick(&self, font: &Font) -> f64 {
        self.ticks.ticks.iter().map(|tick| font.width(&tick.label, TICK_SIZE)).fold(0.0, f64::max)
    }

    pub(crate) fn draw(&self, density: f64, font: &Font, marks: &mut Vec<Mark>) {
        let rect = self.rect;
        let (_, columns) = device_span(rect.x, rect.width, density);
        let (_, rows) = device_span(rect.y, rect.height, density);
        let mut pixels = Vec::with_capacity(columns * rows * 3);
        for row in (0..rows).rev() {
            let Rgb(r, g, b) = self.colormap.color((row as f64 + 0.5) / rows as f64);
            for _ in 0..columns {
                pixels.extend_from_slice(&[r, g, b]);
            }
        }
        marks.push(Mark::Image { rect, columns, rows, pixels });

        let (left, right) = (rect.x - 0.5, rect.right() + 0.5);
        let (top, bottom) = (rect.y - 0.5, rect.bottom() + 0.5);
        let mut rule = |from, to| marks.push(Mark::Rule { from, to, width: 1.0, color: TICK_COLOR });
        rule((left, top - 0.5), (left, bottom + 0.5));
        rule((right, top - 0.5), (right, bottom + 0.5));
        rule((left - 0.5, top), (right + 0.5, top));
        rule((left - 0.5, bottom), (right + 0.5, bottom));
        for tick in &self.ticks.ticks {
            let y = sharp(self.span.pixel(tick.at));
            rule((right + 0.5, y), (right + 0.5 + TICK_LENGTH, y));
        }

        let cap = font.cap_height(TICK_SIZE);
        let beside = rect.right() + TICK_LENGTH + TICK_GAP + 1.0;
        for tick in &self.ticks.ticks {
            let y = (self.span.pixel(tick.at) + cap / 2.0).round();
            marks.push(text(&tick.label, (beside, y), TICK_SIZE, TICK_COLOR));
        }
        if let Some(note) = &self.ticks.note {
            marks.push(text(note, (rect.x, rect.y - 7.0), TICK_SIZE, TICK_COLOR));
        }
        let column = beside + self.widest_tick(font) + 6.0;
        for (line, label) in self.label.iter().enumerate() {
            let x = column + LABEL_ROW * (line as f64 + 0.5);
            marks.push(upright(font, label, (x, rect.middle().1), LABEL_SIZE, LABEL_COLOR));
        }
    }
}
