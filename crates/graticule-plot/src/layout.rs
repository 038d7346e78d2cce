//! Laying a figure out: margins, axes, ticks and labels, and the marks they become.

use crate::axis::{Axis, Scale};
use crate::colorbar::Bar;
use crate::colormap::Rgb;
use crate::content::{self, Ranges};
use crate::error::Result;
use crate::figure::{Content, Figure};
use crate::font::Font;
use crate::label::fixed;
use crate::legend::Legend;
use crate::scene::{Mark, Rect, Scene};
use crate::ticks::{self, Tick, Ticks};
use crate::time_ticks;

pub(crate) const TICK_SIZE: f64 = 12.0;
pub(crate) const LABEL_SIZE: f64 = 13.0;
const TITLE_SIZE: f64 = 16.0;

pub(crate) const PAPER: Rgb = Rgb(255, 255, 255);
pub(crate) const LABEL_COLOR: Rgb = Rgb(38, 38, 38);
pub(crate) const TICK_COLOR: Rgb = Rgb(64, 64, 64);
const GRID_COLOR: Rgb = Rgb(232, 232, 232);
const REMARK_COLOR: Rgb = Rgb(90, 90, 90);

/// Between the picture's edge and the outermost text.
const EDGE: f64 = 14.0;
pub(crate) const TICK_LENGTH: f64 = 4.0;
/// Between a tick and its label.
pub(crate) const TICK_GAP: f64 = 4.0;
/// Height of a row of tick labels, and of a line of an axis label and of the title.
const TICK_ROW: f64 = 15.0;
pub(crate) const LABEL_ROW: f64 = 17.0;
const TITLE_ROW: f64 = 21.0;

/// A range of values along the pixels from `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Span {
    pub(crate) fn pixel(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }
}

/// Where everything goes.
pub(crate) struct Frame {
    pub(crate) axes: Rect,
    pub(crate) x: Span,
    pub(crate) y: Span,
    x_ticks: Ticks,
    y_ticks: Ticks,
    bar: Option<Bar>,
    picture_width: f64,
    title: Vec<String>,
    x_label: Vec<String>,
    y_label: Vec<String>,
}

/// What surrounds the axes, in pixels.
#[derive(Clone, Copy)]
struct Margins {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// Lays `figure` out, with images of `density` pixels to the unit.
pub(crate) fn scene(figure: &Figure, density: f64) -> Result<Scene> {
    let font = Font::load()?;
    let ranges = content::ranges(figure);
    let (width, height) = figure.size;
    let paper = Rect { x: 0.0, y: 0.0, width: width.into(), height: height.into() };
    let mut marks = vec![Mark::Fill { rect: paper, color: PAPER }];

    let mut frame = Frame::new(figure, &font, &ranges, 0.0)?;
    let mut legend = None;
    if let Content::Lines(series) = &figure.content
        && let Some(measured) = Legend::new(series, &font, frame.axes.height)
    {
        let curves: Vec<_> = content::curves(series, &frame).into_iter().flat_map(|c| c.parts).collect();
        let corner = measured.free_corner(&frame.axes, &curves);
        if corner.is_none() {
            frame = Frame::new(figure, &font, &ranges, measured.outside_width())?;
        }
        let at = corner.unwrap_or_else(|| Legend::outside(&frame.axes));
        legend = Some((measured, at));
    }

    let boxed = matches!(figure.content, Content::Mesh(_));
    if !boxed {
        frame.draw_grid(matches!(figure.content, Content::Lines(_)), &mut marks);
    }
    content::draw(figure, &ranges, &frame, density, &mut marks)?;
    frame.draw_axes(boxed, &font, &mut marks);
    if let Some(bar) = &frame.bar {
        bar.draw(density, &font, &mut marks);
    }
    if let Some((legend, at)) = &legend {
        legend.draw(*at, &font, &mut marks);
    }
    if ranges.empty {
        let text = "no valid data";
        let (x, y) = frame.axes.middle();
        marks.push(centered(&font, text, (x, y), LABEL_SIZE, REMARK_COLOR));
    }
    Ok(Scene { width, height, title: figure.title.clone(), marks })
}

impl Frame {
    fn new(figure: &Figure, font: &Font, ranges: &Ranges, beside: f64) -> Result<Self> {
        let width = f64::from(figure.size.0);
        let mut margins = Margins { left: 60.0, right: 60.0, top: 30.0, bottom: 50.0 };
        let mut frame = Self::within(figure, font, ranges, margins)?;
        // Margins depend on the tick labels, these on the size of the axes, and that on the margins.
        for _ in 0..2 {
            margins = frame.margins(font, width, beside);
            frame = Self::within(figure, font, ranges, margins)?;
        }
        Ok(frame)
    }

    fn within(figure: &Figure, font: &Font, ranges: &Ranges, margins: Margins) -> Result<Self> {
        let (width, height) = (f64::from(figure.size.0), f64::from(figure.size.1));
        let room = Rect {
            x: margins.left,
            y: margins.top,
            width: (width - margins.left - margins.right).max(20.0),
            height: (height - margins.top - margins.bottom).max(20.0),
        };
        let axes = if matches!(figure.content, Content::Mesh(_)) {
            geographic(room, &figure.x_axis, &figure.y_axis, ranges)
        } else {
            room
        };
        // Whole pixels keep spines and the edges of images sharp.
        let axes = Rect {
            x: axes.x.round(),
            y: axes.y.round(),
            width: axes.width.round(),
            height: axes.height.round(),
        };
        let x = span(&figure.x_axis, ranges.x, (axes.x, axes.right()));
        let y = span(&figure.y_axis, ranges.y, (axes.bottom(), axes.y));
        Ok(Self {
            axes,
            x,
            y,
            x_ticks: fitted_x_ticks(&figure.x_axis, &x, font),
            y_ticks: y_ticks(&figure.y_axis, &y, ranges.whole_counts),
            bar: ranges.norm.map(|norm| Bar::new(figure, norm, font, &axes)).transpose()?,
            picture_width: width,
            title: font.wrap(&figure.title, TITLE_SIZE, width - 2.0 * EDGE, 2),
            x_label: font.wrap(&figure.x_axis.printed_label(), LABEL_SIZE, axes.width, 2),
            y_label: font.wrap(&figure.y_axis.printed_label(), LABEL_SIZE, axes.height, 2),
        })
    }

    /// The margins that the texts of this frame need.
    fn margins(&self, font: &Font, width: f64, beside: f64) -> Margins {
        let rows = |lines: &[String], row: f64, gap: f64| match lines.len() {
            0 => 0.0,
            n => n as f64 * row + gap,
        };
        let half = |tick: Option<&Tick>| tick.map_or(0.0, |t| font.width(&t.label, TICK_SIZE) / 2.0);
        let first = half(self.x_ticks.ticks.iter().min_by(|a, b| self.x.by_pixel(a, b)));
        let last = half(self.x_ticks.ticks.iter().max_by(|a, b| self.x.by_pixel(a, b)));
        let y_ticks = self.widest_y_tick(font) + TICK_GAP + TICK_LENGTH;
        let left = EDGE + (rows(&self.y_label, LABEL_ROW, 6.0) + y_ticks).max(first);
        let right = match &self.bar {
            Some(bar) => bar.width(font) + EDGE,
            None if beside > 0.0 => beside + EDGE,
            None => (last + EDGE / 2.0).max(EDGE + 4.0),
        };
        let noted = self.y_ticks.note.is_some() || self.bar.as_ref().is_some_and(Bar::noted);
        let note = if noted { 18.0 } else { 0.0 };
        let context =
            if self.x_ticks.ticks.iter().any(|tick| tick.context.is_some()) { TICK_ROW } else { 0.0 };
        let x_note = if self.x_ticks.note.is_some() { TICK_ROW } else { 0.0 };
        let x_ticks = TICK_LENGTH + TICK_GAP + TICK_ROW + context;
        Margins {
            left: left.min(width * 0.4),
            right: right.min(width * 0.4),
            top: EDGE + rows(&self.title, TITLE_ROW, 4.0).max(4.0) + note,
            bottom: x_ticks + rows(&self.x_label, LABEL_ROW, 4.0).max(x_note) + EDGE - 4.0,
        }
    }

    fn widest_y_tick(&self, font: &Font) -> f64 {
        self.y_ticks.ticks.iter().map(|tick| font.width(&tick.label, TICK_SIZE)).fold(0.0, f64::max)
    }

    fn draw_grid(&self, vertical: bool, marks: &mut Vec<Mark>) {
        let axes = &self.axes;
        let mut rule = |from, to| marks.push(Mark::Rule { from, to, width: 1.0, color: GRID_COLOR });
        for tick in &self.y_ticks.ticks {
            let y = sharp(self.y.pixel(tick.at));
            rule((axes.x, y), (axes.right(), y));
        }
        for tick in self.x_ticks.ticks.iter().filter(|_| vertical) {
            let x = sharp(self.x.pixel(tick.at));
            rule((x, axes.y), (x, axes.bottom()));
        }
    }

    fn draw_axes(&self, boxed: bool, font: &Font, marks: &mut Vec<Mark>) {
        let axes = &self.axes;
        // Spines run just outside the axes, so they never cover a row of an image.
        let (left, right) = (axes.x - 0.5, axes.right() + 0.5);
        let (top, bottom) = (axes.y - 0.5, axes.bottom() + 0.5);
        let mut rule = |from, to| marks.push(Mark::Rule { from, to, width: 1.0, color: TICK_COLOR });
        rule((left, top - 0.5), (left, bottom + 0.5));
        rule((left - 0.5, bottom), (right + 0.5, bottom));
        if boxed {
            rule((right, top - 0.5), (right, bottom + 0.5));
            rule((left - 0.5, top), (right + 0.5, top));
        }
        for tick in &self.x_ticks.ticks {
            let x = sharp(self.x.pixel(tick.at));
            rule((x, bottom + 0.5), (x, bottom + 0.5 + TICK_LENGTH));
        }
        for tick in &self.y_ticks.ticks {
            let y = sharp(self.y.pixel(tick.at));
            rule((left - 0.5 - TICK_LENGTH, y), (left - 0.5, y));
        }
        self.draw_tick_labels(font, marks);
        self.draw_labels(font, marks);
    }

    fn draw_tick_labels(&self, font: &Font, marks: &mut Vec<Mark>) {
        let axes = &self.axes;
        let cap = font.cap_height(TICK_SIZE);
        let row = axes.bottom() + TICK_LENGTH + TICK_GAP + TICK_ROW / 2.0;
        for tick in &self.x_ticks.ticks {
            let x = self.x.pixel(tick.at);
            marks.push(centered(font, &tick.label, (x, row), TICK_SIZE, TICK_COLOR));
            if let Some(context) = &tick.context {
                marks.push(centered(font, context, (x, row + TICK_ROW), TICK_SIZE, TICK_COLOR));
            }
        }
        if let Some(note) = &self.x_ticks.note {
            let at = (axes.right() - font.width(note, TICK_SIZE), (row + TICK_ROW + 2.0 + cap / 2.0).round());
            marks.push(text(note, at, TICK_SIZE, TICK_COLOR));
        }
        for tick in &self.y_ticks.ticks {
            let x = axes.x - TICK_LENGTH - TICK_GAP - 1.0 - font.width(&tick.label, TICK_SIZE);
            let y = (self.y.pixel(tick.at) + cap / 2.0).round();
            marks.push(text(&tick.label, (x, y), TICK_SIZE, TICK_COLOR));
        }
        if let Some(note) = &self.y_ticks.note {
            marks.push(text(note, (axes.x, axes.y - 7.0), TICK_SIZE, TICK_COLOR));
        }
    }

    fn draw_labels(&self, font: &Font, marks: &mut Vec<Mark>) {
        let axes = &self.axes;
        let (x, y) = axes.middle();
        let noted = self.y_ticks.note.is_some() || self.bar.as_ref().is_some_and(Bar::noted);
        let above = if noted { 24.0 } else { 6.0 };
        for (line, title) in self.title.iter().rev().enumerate() {
            let row = axes.y - above - TITLE_ROW * (line as f64 + 0.5);
            // A title wider than the axes is centred on them as far as the picture goes.
            let half = font.width(title, TITLE_SIZE) / 2.0 + EDGE;
            let x = x.min(self.picture_width - half).max(half);
            marks.push(centered(font, title, (x, row), TITLE_SIZE, LABEL_COLOR));
        }
        let context =
            if self.x_ticks.ticks.iter().any(|tick| tick.context.is_some()) { TICK_ROW } else { 0.0 };
        let below = axes.bottom() + TICK_LENGTH + TICK_GAP + TICK_ROW + context + 4.0;
        for (line, label) in self.x_label.iter().enumerate() {
            let row = below + LABEL_ROW * (line as f64 + 0.5);
            marks.push(centered(font, label, (x, row), LABEL_SIZE, LABEL_COLOR));
        }
        let beside = axes.x - TICK_LENGTH - TICK_GAP - self.widest_y_tick(font) - 6.0;
        for (line, label) in self.y_label.iter().rev().enumerate() {
            let column = beside - LABEL_ROW * (line as f64 + 0.5);
            marks.push(upright(font, label, (column, y), LABEL_SIZE, LABEL_COLOR));
        }
    }
}

impl Span {
    fn by_pixel(&self, a: &Tick, b: &Tick) -> std::cmp::Ordering {
        self.pixel(a.at).total_cmp(&self.pixel(b.at))
    }
}

fn span(axis: &Axis, (low, high): (f64, f64), (start, end): (f64, f64)) -> Span {
    let (start, end) = if axis.reversed { (end, start) } else { (start, end) };
    Span { low, high, start, end }
}

/// The largest part of `room` with the proportions of a map, when both axes are degrees on the globe: as
/// tall, degree for degree, as it is wide at the middle latitude, though never very slender.
fn geographic(room: Rect, x_axis: &Axis, y_axis: &Axis, ranges: &Ranges) -> Rect {
    if x_axis.resolved_scale() != Scale::Longitude || y_axis.resolved_scale() != Scale::Latitude {
        return room;
    }
    let middle = (ranges.y.0 + ranges.y.1) / 2.0;
    let shrink = middle.to_radians().cos().clamp(0.2, 1.0);
    let wanted = (ranges.x.1 - ranges.x.0) * shrink / (ranges.y.1 - ranges.y.0);
    let ratio = wanted.clamp(0.4, 4.0);
    let width = room.width.min(room.height * ratio);
    let height = room.height.min(room.width / ratio);
    Rect { x: room.x + (room.width - width) / 2.0, y: room.y + (room.height - height) / 2.0, width, height }
}

fn axis_ticks(axis: &Axis, span: &Span, most: usize) -> Ticks {
    let place = match axis.resolved_scale() {
        Scale::Auto | Scale::Linear => ticks::linear,
        Scale::Time => time_ticks::time,
        Scale::Longitude => ticks::longitude,
        Scale::Latitude => ticks::latitude,
    };
    place(span.low, span.high, most)
}

/// As many ticks as have room for their labels side by side.
fn fitted_x_ticks(axis: &Axis, span: &Span, font: &Font) -> Ticks {
    let gap = 12.0;
    let crowded = |ticks: &Ticks| {
        let overlap = |text: fn(&Tick) -> Option<&str>| {
            let mut labels: Vec<(f64, f64)> = ticks
                .ticks
                .iter()
                .filter_map(|tick| {
                    let half = font.width(text(tick)?, TICK_SIZE) / 2.0;
                    let x = span.pixel(tick.at);
                    Some((x - half, x + half))
                })
                .collect();
            labels.sort_by(|a, b| a.0.total_cmp(&b.0));
            labels.windows(2).any(|pair| pair[1].0 < pair[0].1 + gap)
        };
        overlap(|tick| Some(&tick.label)) || overlap(|tick| tick.context.as_deref())
    };
    let most = (((span.end - span.start).abs() / 70.0) as usize).clamp(2, 40);
    let mut fitted = Ticks::default();
    for most in (1..=most).rev() {
        fitted = axis_ticks(axis, span, most);
        if !crowded(&fitted) {
            return fitted;
        }
    }
    // Not even two labels fit: one is better than none.
    fitted.ticks.truncate(1);
    fitted
}

fn y_ticks(axis: &Axis, span: &Span, whole: bool) -> Ticks {
    let most = (((span.end - span.start).abs() / 45.0) as usize).clamp(2, 40);
    let mut ticks = axis_ticks(axis, span, most);
    if whole && axis.resolved_scale() == Scale::Linear && ticks.note.is_none() {
        ticks.ticks.retain(|tick| tick.at.fract() == 0.0);
        ticks.ticks.iter_mut().for_each(|tick| tick.label = fixed(tick.at, 0));
    }
    for tick in &mut ticks.ticks {
        if let Some(context) = tick.context.take() {
            tick.label = format!("{} {context}", tick.label);
        }
    }
    ticks
}

/// The middle of the pixel nearest to `at`, where a rule one pixel wide is sharp.
pub(crate) fn sharp(at: f64) -> f64 {
    (at - 0.5).round() + 0.5
}

pub(crate) fn text(text: &str, at: (f64, f64), size: f64, color: Rgb) -> Mark {
    Mark::Text { at, text: text.to_string(), size, color, upright: false }
}

fn centered(font: &Font, text: &str, (x, y): (f64, f64), size: f64, color: Rgb) -> Mark {
    let at = (x - font.width(text, size) / 2.0, (y + font.cap_height(size) / 2.0).round());
    Mark::Text { at, text: text.to_string(), size, color, upright: false }
}

/// Text reading upwards, centred on a point.
pub(crate) fn upright(font: &Font, text: &str, (x, y): (f64, f64), size: f64, color: Rgb) -> Mark {
    let at = ((x + font.cap_height(size) / 2.0).round(), y + font.width(text, size) / 2.0);
    Mark::Text { at, text: text.to_string(), size, color, upright: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colormap::Colormap;
    use crate::figure::Series;

    fn globe() -> Figure {
        let lon: Vec<f64> = (0..36).map(|i| 5.0 + 10.0 * f64::from(i)).collect();
        let lat: Vec<f64> = (0..18).map(|i| -85.0 + 10.0 * f64::from(i)).collect();
        let z: Vec<f64> = (0..36 * 18).map(|i| f64::from(i) * 1e-9).collect();
        Figure::mesh(lon, lat, z)
            .title("A field over the globe")
            .x_label("longitude [degrees_east]")
            .y_label("latitude [degrees_north]")
            .color_label("a quantity whose name is long enough to need a second line [kg m-2 s-1]")
    }

    fn curves() -> Figure {
        let x: Vec<f64> = (0..100).map(|i| 1.6e9 + 3e5 * f64::from(i)).collect();
        Figure::lines(["first", "second"].map(|label| Series {
            label: label.into(),
            x: x.clone(),
            y: x.iter().map(|x| 1e9 + (x / 1e6).sin()).collect(),
        }))
        .title("Two curves with a title that will not fit on one line of a picture as narrow as some of these are")
        .x_label("time of observation")
        .x_scale(Scale::Time)
        .y_label("height above the geoid [m]")
    }

    /// Name and extent of every text of a scene.
    fn texts(scene: &Scene) -> Vec<(&str, Rect)> {
        let font = Font::load().unwrap();
        let extent = |mark| match mark {
            &Mark::Text { at: (x, y), ref text, size, upright, .. } => {
                let (width, height) = (font.width(text, size), font.cap_height(size));
                let rect = if upright {
                    Rect { x: x - height, y: y - width, width: height, height: width }
                } else {
                    Rect { x, y: y - height, width, height }
                };
                Some((text.as_str(), rect))
            }
            _ => None,
        };
        scene.marks.iter().filter_map(extent).collect()
    }

    #[test]
    fn texts_stay_in_the_picture_and_apart() {
        let sizes = [(900, 500), (500, 900), (420, 300), (1600, 400)];
        let figures =
            [globe(), curves(), globe().x_label("").title(""), Figure::histogram(&[0.0, 1e-7, 3e-7])];
        for (figure, (width, height)) in figures.iter().flat_map(|f| sizes.map(|size| (f, size))) {
            let scene = scene(&figure.clone().size(width, height), 1.0).unwrap();
            let texts = texts(&scene);
            assert!(texts.len() > 6, "{texts:?}");
            for (i, (name, a)) in texts.iter().enumerate() {
                assert!(
                    a.x >= 0.0 && a.y >= 0.0 && a.right() <= width.into() && a.bottom() <= height.into(),
                    "{name:?} at {a:?} leaves {width} x {height}"
                );
                for (other, b) in &texts[..i] {
                    let apart =
                        a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
                    assert!(apart, "{name:?} at {a:?} covers {other:?} at {b:?} in {width} x {height}");
                }
            }
        }
    }

    #[test]
    fn a_globe_is_twice_as_wide_as_tall_and_its_bar_as_tall_as_it() {
        let scene = scene(&globe(), 1.0).unwrap();
        let images: Vec<_> = scene
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Image { rect, pixels, .. } => Some((rect, pixels)),
                _ => None,
            })
            .collect();
        let [(map, _), (bar, colors)] = images.as_slice() else { panic!("{} images", images.len()) };
        assert!((map.width / map.height - 2.0).abs() < 0.01, "{map:?}");
        assert_eq!((map.y, map.height), (bar.y, bar.height));
        let Rgb(r, g, b) = Colormap::SEQUENTIAL.color(1.0);
        assert_eq!(colors[..3], [r, g, b], "the largest value is on top");
    }

    #[test]
    fn reversed_axes_swap_their_ends() {
        let font = Font::load().unwrap();
        let figure = Figure::line([0.0, 1.0], [0.0, 1.0]).reverse_y();
        let frame = Frame::new(&figure, &font, &content::ranges(&figure), 0.0).unwrap();
        assert!(frame.y.pixel(1.0) > frame.y.pixel(0.0));
        assert!(frame.x.pixel(1.0) > frame.x.pixel(0.0));
    }

    #[test]
    fn counts_have_whole_ticks_only() {
        let scene = scene(&Figure::histogram_from_counts([1.0, 0.0], [10.0, 20.0, 30.0]), 1.0).unwrap();
        let names: Vec<&str> = texts(&scene).into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"1") && !names.iter().any(|name| name.contains('.')), "{names:?}");
    }
}
