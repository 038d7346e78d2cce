//! The figure: what is to be drawn, as plain data.

use std::path::Path;

use crate::axis::{Axis, Scale};
use crate::colormap::Colormap;
use crate::error::{Error, Result};
use crate::histogram::Histogram;
use crate::mesh::Mesh;
use crate::norm::ColorOptions;
use crate::{layout, render, save};

pub(crate) const MIN_SIDE: u32 = 100;
pub(crate) const MAX_SIDE: u32 = 10_000;
pub(crate) const MAX_PIXELS: u64 = 100_000_000;

/// One curve of a line plot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Name in the legend; empty for none.
    pub label: String,
    /// Horizontal values.
    pub x: Vec<f64>,
    /// Vertical values, as many as `x`. A NaN in either interrupts the curve.
    pub y: Vec<f64>,
}

/// What fills the axes of a figure.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// One or more curves.
    Lines(Vec<Series>),
    /// A coloured map of values on a grid.
    Mesh(Mesh),
    /// Bars counting values.
    Histogram(Histogram),
}

/// A picture of data: its contents, labels and size.
///
/// Build one with [`Figure::line`], [`Figure::lines`], [`Figure::mesh`], [`Figure::histogram`] or
/// [`Figure::histogram_from_counts`], adjust it with the setters, and end with [`Figure::save`],
/// [`Figure::to_svg`] or [`Figure::to_png`]. Nothing is checked before that end, so one `?` is enough;
/// [`Figure::check`] tells sooner.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// Text above the axes; empty for none.
    pub title: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Pixels of the PNG per pixel of `size`.
    pub scale: f64,
    /// The horizontal axis.
    pub x_axis: Axis,
    /// The vertical axis.
    pub y_axis: Axis,
    /// Text beside the colour bar; empty for none.
    pub color_label: String,
    /// How a mesh turns values into colours.
    pub colors: ColorOptions,
    /// What fills the axes.
    pub content: Content,
}

impl Figure {
    fn new(content: Content) -> Self {
        Self {
            title: String::new(),
            size: (900, 500),
            scale: 1.0,
            x_axis: Axis::default(),
            y_axis: Axis::default(),
            color_label: String::new(),
            colors: ColorOptions::default(),
            content,
        }
    }

    /// A line plot of `y` against `x`.
    ///
    /// ```
    /// use graticule_plot::Figure;
    ///
    /// let figure = Figure::line(vec![0.0, 1.0, 2.0], vec![3.0, f64::NAN, 4.0]).y_label("height [m]");
    /// assert!(figure.to_svg()?.starts_with("<svg"));
    /// # Ok::<(), graticule_plot::Error>(())
    /// ```
    pub fn line(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>) -> Self {
        Self::lines([Series { label: String::new(), x: x.into(), y: y.into() }])
    }

    /// A line plot of several curves, with a legend of those that have a label.
    ///
    /// ```
    /// use graticule_plot::{Figure, Series};
    ///
    /// let day = vec![0.0, 1.0, 2.0];
    /// let figure = Figure::lines([
    ///     Series { label: "Oslo".into(), x: day.clone(), y: vec![1.0, 2.0, 1.5] },
    ///     Series { label: "Rome".into(), x: day, y: vec![9.0, 8.5, 11.0] },
    /// ]);
    /// assert!(figure.to_png()?.starts_with(b"\x89PNG"));
    /// # Ok::<(), graticule_plot::Error>(())
    /// ```
    pub fn lines(series: impl IntoIterator<Item = Series>) -> Self {
        Self::new(Content::Lines(series.into_iter().collect()))
    }

    /// A map of `z` over a grid, with a colour bar.
    ///
    /// `x` and `y` are the cell centres, evenly spaced or not, rising or falling; `z` holds the rows one
    /// after another, so the value at `x[i]`, `y[j]` is `z[j * x.len() + i]`. Cells that are not finite are
    /// left grey. When the values cross zero and no limits are set, the colours are centred on zero.
    ///
    /// ```
    /// use graticule_plot::Figure;
    ///
    /// let figure = Figure::mesh(vec![0.0, 1.0], vec![10.0, 20.0, 40.0], vec![1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN])
    ///     .color_label("rain [mm]")
    ///     .colormap("viridis");
    /// assert!(figure.to_png()?.starts_with(b"\x89PNG"));
    /// # Ok::<(), graticule_plot::Error>(())
    /// ```
    pub fn mesh(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>, z: impl Into<Vec<f64>>) -> Self {
        Self::new(Content::Mesh(Mesh { x: x.into(), y: y.into(), z: z.into() }))
    }

    /// A histogram of `values`, in bins of equal width whose number suits them; see
    /// [`Histogram::of`]. Values that are not finite are not counted.
    ///
    /// ```
    /// use graticule_plot::Figure;
    ///
    /// let values: Vec<f64> = (0..1000).map(|i| f64::from(i).sin()).collect();
    /// let svg = Figure::histogram(&values).x_label("sin(i)").to_svg()?;
    /// assert!(svg.ends_with("</svg>\n"));
    /// # Ok::<(), graticule_plot::Error>(())
    /// ```
    pub fn histogram(values: &[f64]) -> Self {
        Self::new(Content::Histogram(Histogram::of(values, None))).y_label("count")
    }

    /// A histogram already counted: `counts[i]` values between `edges[i]` and `edges[i + 1]`.
    ///
    /// ```
    /// use graticule_plot::{Figure, Histogram};
    ///
    /// let five_bins = Histogram::of(&[1.0, 2.0, 2.5, 7.0], Some(5));
    /// let figure = Figure::histogram_from_counts(five_bins.counts, five_bins.edges);
    /// assert!(figure.check().is_ok());
    /// ```
    pub fn histogram_from_counts(counts: impl Into<Vec<f64>>, edges: impl Into<Vec<f64>>) -> Self {
        Self::new(Content::Histogram(Histogram { counts: counts.into(), edges: edges.into() }))
            .y_label("count")
    }

    /// Sets the text above the axes.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the width and height in pixels; 900 x 500 unless told.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// Sets how many pixels of the PNG make one pixel of [`size`](Self::size): 2 draws the same picture
    /// twice as fine, for print or dense screens.
    #[must_use]
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    /// Sets the text below the horizontal axis, by habit `name [units]`.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_axis.label = label.into();
        self
    }

    /// Sets the text beside the vertical axis, by habit `name [units]`.
    #[must_use]
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.y_axis.label = label.into();
        self
    }

    /// Sets how the horizontal values read.
    #[must_use]
    pub fn x_scale(mut self, scale: Scale) -> Self {
        self.x_axis.scale = scale;
        self
    }

    /// Sets how the vertical values read.
    #[must_use]
    pub fn y_scale(mut self, scale: Scale) -> Self {
        self.y_axis.scale = scale;
        self
    }

    /// Sets the smallest and largest horizontal value shown.
    #[must_use]
    pub fn x_limits(mut self, min: f64, max: f64) -> Self {
        self.x_axis.limits = Some((min, max));
        self
    }

    /// Sets the smallest and largest vertical value shown.
    #[must_use]
    pub fn y_limits(mut self, min: f64, max: f64) -> Self {
        self.y_axis.limits = Some((min, max));
        self
    }

    /// Lets horizontal values grow to the left.
    #[must_use]
    pub fn reverse_x(mut self) -> Self {
        self.x_axis.reversed = true;
        self
    }

    /// Lets vertical values grow downwards, as suits depth and pressure.
    #[must_use]
    pub fn reverse_y(mut self) -> Self {
        self.y_axis.reversed = true;
        self
    }

    /// Sets the text beside the colour bar of a mesh, by habit `name [units]`.
    #[must_use]
    pub fn color_label(mut self, label: impl Into<String>) -> Self {
        self.color_label = label.into();
        self
    }

    /// Sets the colormap of a mesh by name; [`Colormap::names`] lists them, and a final `_r` reverses one.
    #[must_use]
    pub fn colormap(mut self, name: impl Into<String>) -> Self {
        self.colors.colormap = Some(name.into());
        self
    }

    /// Sets the value of the first colour of a mesh.
    #[must_use]
    pub fn vmin(mut self, vmin: f64) -> Self {
        self.colors.vmin = Some(vmin);
        self
    }

    /// Sets the value of the last colour of a mesh.
    #[must_use]
    pub fn vmax(mut self, vmax: f64) -> Self {
        self.colors.vmax = Some(vmax);
        self
    }

    /// Centres the colours of a mesh on this value, with diverging colours.
    #[must_use]
    pub fn center(mut self, center: f64) -> Self {
        self.colors.center = Some(center);
        self
    }

    /// Spreads the colours of a mesh over the 2nd to 98th percentile of the values, so that a few extreme
    /// cells do not wash out the rest.
    #[must_use]
    pub fn robust(mut self) -> Self {
        self.colors.robust = true;
        self
    }

    /// Whether this figure can be drawn.
    ///
    /// # Errors
    ///
    /// Fails when lists that belong together differ in length, a mesh coordinate is not finite and monotonic,
    /// limits are the wrong way round, the colormap is unknown, or the size is out of range.
    pub fn check(&self) -> Result<()> {
        let (width, height) = self.size;
        let sides = MIN_SIDE..=MAX_SIDE;
        let pixels = f64::from(width) * f64::from(height) * self.scale * self.scale;
        if !sides.contains(&width)
            || !sides.contains(&height)
            || !(0.1..=20.0).contains(&self.scale)
            || pixels > MAX_PIXELS as f64
        {
            return Err(Error::BadSize { width, height, scale: self.scale });
        }
        for (what, axis) in [("the x axis", &self.x_axis), ("the y axis", &self.y_axis)] {
            if let Some((min, max)) = axis.limits {
                check_limits(what, min, max)?;
            }
        }
        match &self.content {
            Content::Lines(series) => series.iter().enumerate().try_for_each(|(i, series)| {
                let name = || match series.label.as_str() {
                    "" => format!("y values of line {i}"),
                    label => format!("y values of line {label:?}"),
                };
                check_length(name, series.x.len(), series.y.len())
            }),
            Content::Mesh(mesh) => {
                if let Some(name) = &self.colors.colormap {
                    Colormap::named(name)?;
                }
                self.colors.check()?;
                mesh.check()
            }
            Content::Histogram(histogram) => histogram.check(),
        }
    }

    /// Writes the picture to `path`, as PNG or SVG by its extension.
    ///
    /// The file appears whole or not at all: it is written beside `path` under another name, then renamed.
    ///
    /// ```
    /// use graticule_plot::{Error, Figure};
    ///
    /// let figure = Figure::line(vec![0.0, 1.0], vec![1.0, 0.0]);
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("line.svg");
    /// figure.save(&path)?;
    /// assert!(matches!(figure.save("line.jpeg"), Err(Error::UnknownExtension { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as [`check`](Self::check) does, when the extension is neither `png` nor `svg`, and when the file
    /// cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = match save::Format::of(path)? {
            save::Format::Png => self.to_png()?,
            save::Format::Svg => self.to_svg()?.into_bytes(),
        };
        save::write_whole(path, &bytes)
    }

    /// The picture as SVG text. Letters are outlines, so it looks the same whatever fonts the reader has.
    ///
    /// # Errors
    ///
    /// Fails as [`check`](Self::check) does.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        // Twice the nominal resolution keeps cell edges of a map crisp when a picture of common size is
        // enlarged.
        let large = u64::from(self.size.0) * u64::from(self.size.1) > MAX_PIXELS / 10;
        let scene = layout::scene(self, if large { 1.0 } else { 2.0 })?;
        render::svg::render(&scene)
    }

    /// The picture as the bytes of a PNG file.
    ///
    /// # Errors
    ///
    /// Fails as [`check`](Self::check) does.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.check()?;
        let scene = layout::scene(self, self.scale)?;
        render::png::render(&scene, self.scale)
    }
}

pub(crate) fn check_limits(what: &'static str, min: f64, max: f64) -> Result<()> {
    if min.is_finite() && max.is_finite() && min < max {
        return Ok(());
    }
    Err(Error::BadLimits { what, min, max })
}

pub(crate) fn check_length(what: impl FnOnce() -> String, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: what(), expected, found })
}

/// Checks that `values` are finite and only rise, or only fall.
pub(crate) fn check_monotonic(what: &str, values: &[f64]) -> Result<()> {
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, v)| !v.is_finite()) {
        return Err(Error::NonFinite { what: what.to_string(), index, value });
    }
    let rising = values.first() <= values.last();
    let turns_back = |pair: &[f64]| if rising { pair[1] < pair[0] } else { pair[1] > pair[0] };
    match values.windows(2).position(turns_back) {
        Some(at) => Err(Error::NonMonotonic { what: what.to_string(), index: at + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mismatched_lists_are_named() {
        let error = Figure::line(vec![1.0, 2.0], vec![1.0]).to_svg().unwrap_err();
        assert_eq!(
            error.to_string(),
            "y values of line 0: expected 2 values, found 1; pass lists of matching length"
        );
    }

    #[test]
    fn sizes_and_limits_are_checked() {
        let line = Figure::line(vec![0.0], vec![0.0]);
        assert!(matches!(line.clone().size(10, 500).check(), Err(Error::BadSize { .. })));
        assert!(matches!(line.clone().scale(f64::NAN).check(), Err(Error::BadSize { .. })));
        assert!(matches!(line.clone().x_limits(1.0, 1.0).check(), Err(Error::BadLimits { .. })));
        assert!(line.check().is_ok());
    }

    #[test]
    fn coordinates_must_be_finite_and_monotonic() {
        assert!(matches!(check_monotonic("x", &[1.0, f64::NAN]), Err(Error::NonFinite { index: 1, .. })));
        assert!(matches!(
            check_monotonic("x", &[3.0, 2.0, 2.5, 1.0]),
            Err(Error::NonMonotonic { index: 2, .. })
        ));
        assert!(check_monotonic("x", &[3.0, 2.0, 2.0, 1.0]).is_ok());
        assert!(check_monotonic("x", &[]).is_ok());
    }

    #[test]
    fn unknown_colormap_lists_the_known() {
        let error = Figure::mesh(vec![0.0], vec![0.0], vec![0.0]).colormap("jett").check().unwrap_err();
        assert!(error.to_string().contains("viridis"), "{error}");
    }
}
