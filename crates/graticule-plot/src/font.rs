//! The built-in font: measuring, breaking and outlining text.

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::error::{Error, Result};

static FONT: &[u8] = include_bytes!("../fonts/Inter-subset.otf");

/// The built-in font.
pub(crate) struct Font {
    face: Face<'static>,
}

impl Font {
    pub(crate) fn load() -> Result<Self> {
        match Face::parse(FONT, 0) {
            Ok(face) => Ok(Self { face }),
            Err(error) => Err(Error::Encode { format: "text of the", reason: error.to_string() }),
        }
    }

    /// Size of the units of [`glyphs`](Self::glyphs) and [`outline`](Self::outline) when text is `size`
    /// pixels high.
    pub(crate) fn unit(&self, size: f64) -> f64 {
        size / f64::from(self.face.units_per_em())
    }

    /// Height of capital letters and digits.
    pub(crate) fn cap_height(&self, size: f64) -> f64 {
        f64::from(self.face.capital_height().unwrap_or(2048)) * self.unit(size)
    }

    /// The glyphs of `text`, each with its distance from the start in font units. Characters the font lacks
    /// become its empty box; control characters vanish.
    pub(crate) fn glyphs(&self, text: &str) -> Vec<(GlyphId, u32)> {
        let mut at = 0;
        let mut glyphs = Vec::with_capacity(text.len());
        for c in text.chars().filter(|c| !c.is_control()) {
            let glyph = self.face.glyph_index(c).unwrap_or(GlyphId(0));
            glyphs.push((glyph, at));
            at += self.advance(glyph);
        }
        glyphs
    }

    fn advance(&self, glyph: GlyphId) -> u32 {
        self.face.glyph_hor_advance(glyph).unwrap_or(0).into()
    }

    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        let end = self.glyphs(text).last().map_or(0, |&(glyph, at)| at + self.advance(glyph));
        f64::from(end) * self.unit(size)
    }

    /// Draws the outline of `glyph` into `builder`, y upward; whether it has one.
    pub(crate) fn outline(&self, glyph: GlyphId, builder: &mut dyn OutlineBuilder) -> bool {
        self.face.outline_glyph(glyph, builder).is_some()
    }

    /// `text` broken at spaces into at most `most` lines no wider than `room`; what does not fit ends in an
    /// ellipsis.
    pub(crate) fn wrap(&self, text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
        // No line of a picture holds more; measuring all of a very long text would take very long.
        let text: String = text.chars().take(1000).collect();
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_ascii_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_string()),
            }
        }
        if lines.len() > most {
            let rest = lines.split_off(most.max(1) - 1).join(" ");
            lines.push(rest);
        }
        lines.iter().map(|line| self.shortened(line, size, room)).collect()
    }

    fn shortened(&self, line: &str, size: f64, room: f64) -> String {
        if self.width(line, size) <= room {
            return line.to_string();
        }
        let mut kept = line.to_string();
        while kept.pop().is_some() {
            let cut = format!("{}…", kept.trim_end());
            if self.width(&cut, size) <= room {
                return cut;
            }
        }
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_that_labels_use_has_a_glyph() {
        let font = Font::load().unwrap();
        for c in "−×°⁰¹²³⁴⁵⁶⁷⁸⁹⁻µμσΔ…±".chars() {
            assert!(font.face.glyph_index(c).is_some(), "{c}");
        }
    }

    #[test]
    fn text_is_measured_broken_and_cut() {
        let font = Font::load().unwrap();
        let width = font.width("temperature", 13.0);
        assert!((60.0..100.0).contains(&width), "{width}");
        assert_eq!(font.wrap("sea temperature", 13.0, width + 1.0, 2), ["sea", "temperature"]);
        let cut = font.wrap("sea surface temperature", 13.0, width, 1);
        assert_eq!(cut.len(), 1);
        assert!(cut[0].ends_with('…') && font.width(&cut[0], 13.0) <= width, "{cut:?}");
        assert!(font.wrap("   ", 13.0, 10.0, 2).is_empty());
    }
}
