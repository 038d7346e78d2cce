//! SVG text. Each glyph is defined once as an outline and then referred to.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ttf_parser::OutlineBuilder;

use crate::colormap::Rgb;
use crate::error::{Error, Result};
use crate::font::Font;
use crate::render::png::encode;
use crate::scene::{Mark, Scene};

pub(crate) fn render(scene: &Scene) -> Result<String> {
    let font = Font::load()?;
    let mut svg = Svg { font, glyphs: BTreeMap::new(), body: String::new() };
    for mark in &scene.marks {
        svg.draw(mark).map_err(|e| failed(&e))?;
    }
    let mut out = String::with_capacity(svg.body.len() + 32_768);
    svg.assemble(scene, &mut out).map_err(|e| failed(&e))?;
    Ok(out)
}

fn failed(error: &DrawError) -> Error {
    Error::Encode { format: "SVG", reason: error.0.clone() }
}

/// Carries formatting and image errors alike out of the drawing functions.
struct DrawError(String);

impl From<std::fmt::Error> for DrawError {
    fn from(error: std::fmt::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Error> for DrawError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

struct Svg {
    font: Font,
    /// Outlines of the glyphs used so far, by glyph number.
    glyphs: BTreeMap<u16, String>,
    body: String,
}

impl Svg {
    fn assemble(&self, scene: &Scene, out: &mut String) -> Result<(), DrawError> {
        let (width, height) = (scene.width, scene.height);
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">"
        )?;
        if !scene.title.is_empty() {
            writeln!(out, "<title>{}</title>", escaped(&scene.title))?;
        }
        out.push_str("<defs>\n");
        for (id, outline) in &self.glyphs {
            writeln!(out, "<path id=\"g{id}\" d=\"{outline}\"/>")?;
        }
        out.push_str("</defs>\n");
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        Ok(())
    }

    fn draw(&mut self, mark: &Mark) -> Result<(), DrawError> {
        let out = &mut self.body;
        match mark {
            Mark::Fill { rect, color } => writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                short(rect.x),
                short(rect.y),
                short(rect.width),
                short(rect.height),
                hex(*color)
            )?,
            Mark::Path { points, width, color, dashes } => {
                out.push_str("<path d=\"");
                for (i, (x, y)) in points.iter().enumerate() {
                    write!(out, "{}{} {}", if i == 0 { "M" } else { "L" }, short(*x), short(*y))?;
                }
                write!(
                    out,
                    "\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                    hex(*color),
                    short(*width)
                )?;
                match dashes {
                    [] => out.push_str(" stroke-linecap=\"round\"/>\n"),
                    dashes => {
                        let lengths: Vec<String> = dashes.iter().map(ToString::to_string).collect();
                        writeln!(out, " stroke-dasharray=\"{}\"/>", lengths.join(" "))?;
                    }
                }
            }
            Mark::Rule { from, to, width, color } => writeln!(
                out,
                "<path d=\"M{} {}L{} {}\" stroke=\"{}\" stroke-width=\"{}\"/>",
                short(from.0),
                short(from.1),
                short(to.0),
                short(to.1),
                hex(*color),
                short(*width)
            )?,
            Mark::Dot { center, radius, color } => writeln!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>",
                short(center.0),
                short(center.1),
                short(*radius),
                hex(*color)
            )?,
            Mark::Image { rect, columns, rows, pixels } => {
                if *columns == 0 || *rows == 0 {
                    return Ok(());
                }
                let data = STANDARD.encode(encode(*columns, *rows, pixels)?);
                writeln!(
                    out,
                    "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
                     xlink:href=\"data:image/png;base64,{data}\"/>",
                    short(rect.x),
                    short(rect.y),
                    short(rect.width),
                    short(rect.height)
                )?;
            }
            Mark::Text { at, text, size, color, upright } => {
                self.text(*at, text, *size, *color, *upright)?;
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        at: (f64, f64),
        text: &str,
        size: f64,
        color: Rgb,
        upright: bool,
    ) -> Result<(), DrawError> {
        let unit = self.font.unit(size);
        write!(
            self.body,
            "<g aria-label=\"{}\" fill=\"{}\" transform=\"translate({} {}){} scale({unit:.6} -{unit:.6})\">",
            escaped(text),
            hex(color),
            short(at.0),
            short(at.1),
            if upright { " rotate(-90)" } else { "" }
        )?;
        for (glyph, x) in self.font.glyphs(text) {
            let outline = self.glyphs.entry(glyph.0).or_insert_with(|| {
                let mut outline = Outline(String::new());
                self.font.outline(glyph, &mut outline);
                outline.0
            });
            // A space has no outline to refer to.
            if !outline.is_empty() {
                write!(self.body, "<use xlink:href=\"#g{}\" x=\"{x}\"/>", glyph.0)?;
            }
        }
        self.glyphs.retain(|_, outline| !outline.is_empty());
        self.body.push_str("</g>\n");
        Ok(())
    }
}

struct Outline(String);

impl Outline {
    fn push(&mut self, command: char, numbers: &[f32]) {
        self.0.push(command);
        for (i, number) in numbers.iter().enumerate() {
            if i > 0 {
                self.0.push(' ');
            }
            // Font coordinates are whole, or nearly, in units of a two-thousandth of the letter height.
            self.0.push_str(&(number.round() as i32).to_string());
        }
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('M', &[x, y]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('L', &[x, y]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push('Q', &[x1, y1, x, y]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.push('C', &[x1, y1, x2, y2, x, y]);
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}

/// `value` to a hundredth of a pixel, without trailing zeros.
fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding zero turns a negative zero positive.
    (rounded + 0.0).to_string()
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// `text` with the characters XML reserves written as entities and those it forbids dropped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_text_is_escaped() {
        assert_eq!(short(1.0 / 3.0), "0.33");
        assert_eq!(short(-0.001), "0");
        assert_eq!(short(12.50), "12.5");
        assert_eq!(escaped("a<b & \"c\"\u{7}\n"), "a&lt;b &amp; &quot;c&quot; ");
    }

    #[test]
    fn glyphs_are_defined_once_and_referred_to() {
        let text = |text: &str| Mark::Text {
            at: (10.0, 20.0),
            text: text.into(),
            size: 12.0,
            color: Rgb(0, 0, 0),
            upright: false,
        };
        let scene = Scene {
            width: 100,
            height: 50,
            title: "a & b".into(),
            marks: vec![text("noon & <on>"), text("no")],
        };
        let svg = render(&scene).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        // n, o, &, < and >; the spaces need none.
        assert_eq!(count("path"), 5);
        assert_eq!(count("use"), 11);
        let label = document.descendants().find_map(|node| node.attribute("aria-label"));
        assert_eq!(label, Some("noon & <on>"));
    }
}
