//! What is inside the axes: its extent and its marks.

use crate::axis::Axis;
use crate::colormap::Rgb;
use crate::error::Result;
use crate::figure::{Content, Figure, Series};
use crate::histogram::Histogram;
use crate::layout::{Frame, Span};
use crate::legend::style;
use crate::mesh::{Mesh, Raster, cell_edges};
use crate::norm::{Norm, finite_range, widened};
use crate::scene::{Mark, Rect, device_span};
use crate::trace::{clipped, runs, thinned};

/// The colour of mesh cells without a value: darker than the pale middle of diverging colours and unlike any
/// colour of the default colormaps.
pub(crate) const BLANK: Rgb = Rgb(208, 208, 208);
const BAR_COLOR: Rgb = Rgb(76, 134, 182);

/// The values the axes span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranges {
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    /// The colours of a mesh that has any values, or limits to show without.
    pub(crate) norm: Option<Norm>,
    /// Whether there is nothing to show.
    pub(crate) empty: bool,
    /// Whether the vertical values are counts, which only whole ticks suit.
    pub(crate) whole_counts: bool,
}

pub(crate) fn ranges(figure: &Figure) -> Ranges {
    let (x, y, empty, whole_counts) = match &figure.content {
        Content::Lines(series) => {
            let points = || series.iter().flat_map(points);
            let x = finite_range(points().map(|p| p.0));
            let y = finite_range(points().map(|p| p.1));
            (x.map(|r| padded(r, 0.02)), y.map(|r| padded(r, 0.05)), x.is_none(), false)
        }
        Content::Mesh(mesh) => {
            let ends = |centers: &[f64], axis: &Axis| {
                finite_range(cell_edges(centers, axis.resolved_scale()).into_iter())
            };
            let empty = !mesh.z.iter().any(|v| v.is_finite());
            (ends(&mesh.x, &figure.x_axis), ends(&mesh.y, &figure.y_axis), empty, false)
        }
        Content::Histogram(histogram) => {
            let x = finite_range(histogram.edges.iter().copied());
            let counts = finite_range(histogram.counts.iter().copied().chain([0.0]));
            let whole = histogram.counts.iter().all(|c| c.fract() == 0.0);
            let y = counts.map(|(low, high)| (low * 1.05, if high > 0.0 { high * 1.05 } else { 1.0 }));
            (x.map(|r| padded(r, 0.02)), y, histogram.counts.is_empty(), whole)
        }
    };
    let norm = match &figure.content {
        Content::Mesh(mesh) if !empty || (figure.colors.vmin.is_some() && figure.colors.vmax.is_some()) => {
            Some(Norm::of(&mesh.z, &figure.colors))
        }
        _ => None,
    };
    let range = |axis: &Axis, fitted: Option<(f64, f64)>| {
        let (low, high) = axis.limits.or(fitted).unwrap_or((0.0, 1.0));
        widened(low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300))
    };
    Ranges { x: range(&figure.x_axis, x), y: range(&figure.y_axis, y), norm, empty, whole_counts }
}

fn padded((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let (low, high) = widened(low, high);
    let by = (high - low) * share;
    (low - by, high + by)
}

/// The points of a curve that are finite.
fn points(series: &Series) -> impl Iterator<Item = (f64, f64)> {
    let both = |&(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    series.x.iter().copied().zip(series.y.iter().copied()).filter(both)
}

/// A curve in pixels.
pub(crate) struct Curve {
    pub(crate) parts: Vec<Vec<(f64, f64)>>,
    dots: Vec<(f64, f64)>,
    width: f64,
}

pub(crate) fn curves(series: &[Series], frame: &Frame) -> Vec<Curve> {
    series.iter().map(|series| curve(series, frame)).collect()
}

fn curve(series: &Series, frame: &Frame) -> Curve {
    let pixels = series.x.iter().zip(&series.y).map(|(&x, &y)| (frame.x.pixel(x), frame.y.pixel(y)));
    let mut curve = Curve { parts: Vec::new(), dots: Vec::new(), width: 1.8 };
    // Dense curves would close up into a blot.
    if series.x.len() as f64 > 2.0 * frame.axes.width {
        curve.width = 1.2;
    }
    let axes = &frame.axes;
    for run in runs(pixels) {
        match run.as_slice() {
            [(x, y)] => {
                if (axes.x..=axes.right()).contains(x) && (axes.y..=axes.bottom()).contains(y) {
                    curve.dots.push((*x, *y));
                }
            }
            _ => curve.parts.extend(clipped(&thinned(run), axes)),
        }
    }
    curve
}

/// Draws the content of `figure` into `marks`, with images of `density` pixels to the unit.
pub(crate) fn draw(
    figure: &Figure,
    ranges: &Ranges,
    frame: &Frame,
    density: f64,
    marks: &mut Vec<Mark>,
) -> Result<()> {
    match &figure.content {
        Content::Lines(series) => {
            for (i, curve) in curves(series, frame).into_iter().enumerate() {
                let (color, dashes) = style(i);
                let width = curve.width;
                let paths = curve.parts.into_iter().map(|points| Mark::Path { points, width, color, dashes });
                marks.extend(paths);
                let radius = width.max(1.5);
                marks.extend(curve.dots.into_iter().map(|center| Mark::Dot { center, radius, color }));
            }
        }
        Content::Mesh(mesh) => marks.push(image(figure, mesh, ranges.norm, frame, density)?),
        Content::Histogram(histogram) => bars(histogram, frame, marks),
    }
    Ok(())
}

fn image(figure: &Figure, mesh: &Mesh, norm: Option<Norm>, frame: &Frame, density: f64) -> Result<Mark> {
    let axes = frame.axes;
    let (_, columns) = device_span(axes.x, axes.width, density);
    let (_, rows) = device_span(axes.y, axes.height, density);
    let ends = |span: Span, reversed| if reversed { (span.high, span.low) } else { (span.low, span.high) };
    let raster = Raster {
        columns,
        rows,
        x_span: ends(frame.x, figure.x_axis.reversed),
        y_span: ends(frame.y, figure.y_axis.reversed),
        x_scale: figure.x_axis.resolved_scale(),
        y_scale: figure.y_axis.resolved_scale(),
    };
    // Without a norm every cell is blank, so any will do.
    let norm = norm.unwrap_or(Norm { vmin: 0.0, vmax: 1.0, diverging: false });
    let colormap = norm.colormap(&figure.colors)?;
    Ok(Mark::Image { rect: axes, columns, rows, pixels: mesh.paint(&raster, &norm, &colormap, BLANK) })
}

fn bars(histogram: &Histogram, frame: &Frame, marks: &mut Vec<Mark>) {
    let axes = &frame.axes;
    let within_x = |value: f64| frame.x.pixel(value).round().clamp(axes.x, axes.right());
    let within_y = |value: f64| frame.y.pixel(value).clamp(axes.y, axes.bottom());
    for (count, edges) in histogram.counts.iter().zip(histogram.edges.windows(2)) {
        let (a, b) = (within_x(edges[0]), within_x(edges[1]));
        let (left, right) = (a.min(b), a.max(b));
        // A hairline keeps neighbours apart where there is room for it.
        let gap = if right - left > 4.0 { 1.0 } else { 0.0 };
        let (a, b) = (within_y(*count), within_y(0.0));
        let rect = Rect { x: left, y: a.min(b), width: right - left - gap, height: (a - b).abs() };
        if rect.width > 0.0 && rect.height > 0.0 {
            marks.push(Mark::Fill { rect, color: BAR_COLOR });
        }
    }
}
