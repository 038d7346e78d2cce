//! PNG pixels.

use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, Stroke, StrokeDash,
    Transform,
};
use ttf_parser::OutlineBuilder;

use crate::colormap::Rgb;
use crate::error::{Error, Result};
use crate::font::Font;
use crate::scene::{Mark, Scene, device_span};

/// The scene as a PNG file with `scale` pixels per unit.
pub(crate) fn render(scene: &Scene, scale: f64) -> Result<Vec<u8>> {
    let pixmap = rasterize(scene, scale)?;
    let mut rgb = Vec::with_capacity(pixmap.data().len() / 4 * 3);
    // Everything is painted on opaque paper, so no alpha is left to keep.
    for pixel in pixmap.data().chunks_exact(4) {
        rgb.extend_from_slice(&pixel[..3]);
    }
    encode(pixmap.width() as usize, pixmap.height() as usize, &rgb)
}

/// `pixels`, three bytes each, as a PNG file.
pub(crate) fn encode(columns: usize, rows: usize, pixels: &[u8]) -> Result<Vec<u8>> {
    let failed = |reason: String| Error::Encode { format: "PNG", reason };
    let side = |side: usize| u32::try_from(side).map_err(|e| failed(e.to_string()));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side(columns)?, side(rows)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|e| failed(e.to_string()))?;
    writer.write_image_data(pixels).map_err(|e| failed(e.to_string()))?;
    writer.finish().map_err(|e| failed(e.to_string()))?;
    Ok(bytes)
}

fn rasterize(scene: &Scene, scale: f64) -> Result<Pixmap> {
    let side = |side: u32| (f64::from(side) * scale).round() as u32;
    let (width, height) = (side(scene.width), side(scene.height));
    let pixmap = Pixmap::new(width, height).ok_or_else(|| Error::Encode {
        format: "PNG",
        reason: format!("no room for {width} x {height} pixels"),
    })?;
    let mut canvas = Canvas {
        pixmap,
        font: Font::load()?,
        scale,
        whole: Transform::from_scale(scale as f32, scale as f32),
    };
    for mark in &scene.marks {
        canvas.draw(mark);
    }
    Ok(canvas.pixmap)
}

struct Canvas {
    pixmap: Pixmap,
    font: Font,
    scale: f64,
    whole: Transform,
}

impl Canvas {
    fn draw(&mut self, mark: &Mark) {
        match mark {
            Mark::Fill { rect, color } => {
                let (x, y) = (rect.x as f32, rect.y as f32);
                if let Some(rect) = tiny_skia::Rect::from_xywh(x, y, rect.width as f32, rect.height as f32) {
                    self.pixmap.fill_rect(rect, &paint(*color), self.whole, None);
                }
            }
            Mark::Path { points, width, color, dashes } => {
                let stroke = Stroke {
                    width: *width as f32,
                    line_join: LineJoin::Round,
                    line_cap: if dashes.is_empty() { LineCap::Round } else { LineCap::Butt },
                    dash: StrokeDash::new(dashes.to_vec(), 0.0),
                    ..Stroke::default()
                };
                self.stroke(points, &stroke, *color);
            }
            Mark::Rule { from, to, width, color } => {
                self.stroke(&[*from, *to], &Stroke { width: *width as f32, ..Stroke::default() }, *color);
            }
            Mark::Dot { center, radius, color } => {
                let circle = PathBuilder::from_circle(center.0 as f32, center.1 as f32, *radius as f32);
                if let Some(circle) = circle {
                    self.fill(&circle, *color, self.whole);
                }
            }
            Mark::Image { rect, columns, rows, pixels } => {
                let (left, width) = device_span(rect.x, rect.width, self.scale);
                let (top, height) = device_span(rect.y, rect.height, self.scale);
                debug_assert_eq!((width, height), (*columns, *rows), "an image is laid out at this scale");
                self.blit(left, top, *columns, pixels);
            }
            Mark::Text { at, text, size, color, upright } => self.text(*at, text, *size, *color, *upright),
        }
    }

    fn stroke(&mut self, points: &[(f64, f64)], stroke: &Stroke, color: Rgb) {
        let mut builder = PathBuilder::new();
        for (i, (x, y)) in points.iter().enumerate() {
            let (x, y) = (*x as f32, *y as f32);
            if i == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
        }
        if let Some(path) = builder.finish() {
            self.pixmap.stroke_path(&path, &paint(color), stroke, self.whole, None);
        }
    }

    fn fill(&mut self, path: &Path, color: Rgb, transform: Transform) {
        self.pixmap.fill_path(path, &paint(color), FillRule::Winding, transform, None);
    }

    fn blit(&mut self, left: usize, top: usize, columns: usize, pixels: &[u8]) {
        let width = self.pixmap.width() as usize;
        if columns == 0 {
            return;
        }
        let targets = self.pixmap.pixels_mut().chunks_mut(width).skip(top);
        for (target, row) in targets.zip(pixels.chunks(columns * 3)) {
            for (pixel, rgb) in target.iter_mut().skip(left).zip(row.chunks_exact(3)) {
                if let Some(opaque) = PremultipliedColorU8::from_rgba(rgb[0], rgb[1], rgb[2], 255) {
                    *pixel = opaque;
                }
            }
        }
    }

    fn text(&mut self, at: (f64, f64), text: &str, size: f64, color: Rgb, upright: bool) {
        let unit = self.font.unit(size) as f32;
        let turn = if upright { -90.0 } else { 0.0 };
        let place = Transform::from_scale(unit, -unit)
            .post_concat(Transform::from_rotate(turn))
            .post_translate(at.0 as f32, at.1 as f32)
            .post_concat(self.whole);
        let mut outline = Outline { builder: PathBuilder::new(), x: 0.0 };
        for (glyph, x) in self.font.glyphs(text) {
            outline.x = x as f32;
            self.font.outline(glyph, &mut outline);
        }
        if let Some(path) = outline.builder.finish() {
            self.fill(&path, color, place);
        }
    }
}

fn paint(Rgb(r, g, b): Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

/// Collects the outlines of a line of text, each shifted by `x`.
struct Outline {
    builder: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.builder.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Rect;

    #[test]
    fn marks_land_where_they_belong() {
        let rect = Rect { x: 2.0, y: 1.0, width: 2.0, height: 1.0 };
        let scene = Scene {
            width: 8,
            height: 4,
            title: String::new(),
            marks: vec![
                Mark::Fill {
                    rect: Rect { x: 0.0, y: 0.0, width: 8.0, height: 4.0 },
                    color: Rgb(255, 255, 255),
                },
                Mark::Image { rect, columns: 2, rows: 1, pixels: vec![1, 2, 3, 4, 5, 6] },
                Mark::Rule { from: (0.0, 3.5), to: (8.0, 3.5), width: 1.0, color: Rgb(9, 9, 9) },
            ],
        };
        let pixmap = rasterize(&scene, 1.0).unwrap();
        let rgb = |x, y| pixmap.pixel(x, y).map(|p| [p.red(), p.green(), p.blue()]).unwrap();
        assert_eq!(rgb(0, 0), [255, 255, 255]);
        assert_eq!([rgb(2, 1), rgb(3, 1), rgb(4, 1)], [[1, 2, 3], [4, 5, 6], [255, 255, 255]]);
        assert_eq!([rgb(5, 2), rgb(5, 3)], [[255, 255, 255], [9, 9, 9]]);
    }
}
