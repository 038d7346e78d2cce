//! Named colormaps.

use crate::error::{Error, Result};

/// A colour: red, green and blue, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

type Table = [u8; 768];

/// The tables shipped in `colormaps/`; their origins and licences are listed there.
const TABLES: [(&str, &Table); 10] = [
    ("viridis", include_bytes!("../colormaps/viridis.rgb")),
    ("plasma", include_bytes!("../colormaps/plasma.rgb")),
    ("inferno", include_bytes!("../colormaps/inferno.rgb")),
    ("magma", include_bytes!("../colormaps/magma.rgb")),
    ("cividis", include_bytes!("../colormaps/cividis.rgb")),
    ("batlow", include_bytes!("../colormaps/batlow.rgb")),
    ("thermal", include_bytes!("../colormaps/thermal.rgb")),
    ("vik", include_bytes!("../colormaps/vik.rgb")),
    ("balance", include_bytes!("../colormaps/balance.rgb")),
    ("RdBu", include_bytes!("../colormaps/RdBu.rgb")),
];

/// A sequence of 256 colours for the values from smallest to largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colormap {
    name: &'static str,
    table: &'static Table,
    reversed: bool,
}

impl Colormap {
    /// The default for values on one side of zero: viridis, even to the eye and to the colour-blind.
    pub const SEQUENTIAL: Self = Self { name: TABLES[0].0, table: TABLES[0].1, reversed: false };
    /// The default for values that cross zero: vik, blue below, brown above and pale at the centre.
    pub const DIVERGING: Self = Self { name: TABLES[7].0, table: TABLES[7].1, reversed: false };

    /// The colormap called `name`; `name_r` is the same one reversed.
    ///
    /// ```
    /// use graticule_plot::{Colormap, Rgb};
    ///
    /// assert_eq!(Colormap::named("viridis")?.color(0.0), Rgb(68, 1, 84));
    /// assert_eq!(Colormap::named("viridis_r")?.color(1.0), Rgb(68, 1, 84));
    /// # Ok::<(), graticule_plot::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when there is no colormap of that name; the error lists those there are.
    pub fn named(name: &str) -> Result<Self> {
        let (base, reversed) = match name.strip_suffix("_r") {
            Some(base) => (base, true),
            None => (name, false),
        };
        match TABLES.iter().find(|(known, _)| *known == base) {
            Some((name, table)) => Ok(Self { name, table, reversed }),
            None => Err(Error::UnknownColormap { name: name.to_string(), known: Self::names().collect() }),
        }
    }

    /// The names [`Colormap::named`] knows, without their reversals.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLES.iter().map(|(name, _)| *name)
    }

    /// The name of this colormap, without `_r`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The colour at `position`, from 0 for the first to 1 for the last; beyond them the nearest end.
    pub fn color(&self, position: f64) -> Rgb {
        let index = (position * 256.0).clamp(0.0, 255.0) as usize;
        let index = 3 * if self.reversed { 255 - index } else { index };
        Rgb(self.table[index], self.table[index + 1], self.table[index + 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_beyond() {
        let viridis = Colormap::SEQUENTIAL;
        assert_eq!(viridis.color(-3.0), Rgb(68, 1, 84));
        assert_eq!(viridis.color(0.5), Rgb(33, 145, 140));
        assert_eq!(viridis.color(1.0), Rgb(253, 231, 37));
        assert_eq!(viridis.color(f64::INFINITY), Rgb(253, 231, 37));
        assert_eq!(Colormap::DIVERGING.name(), "vik");
    }

    #[test]
    fn every_name_resolves_and_others_do_not() {
        for name in Colormap::names() {
            assert_eq!(Colormap::named(name).unwrap().name(), name);
        }
        assert!(matches!(Colormap::named("jet"), Err(Error::UnknownColormap { .. })));
        assert!(Colormap::named("_r").is_err());
    }
}
