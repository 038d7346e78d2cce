//! Maps of values on a grid: where their cells lie, and painting them into pixels.

use crate::axis::Scale;
use crate::colormap::{Colormap, Rgb};
use crate::error::Result;
use crate::figure::{check_length, check_monotonic};
use crate::norm::{Norm, widened};

/// Values on a grid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// Horizontal cell centres, rising or falling.
    pub x: Vec<f64>,
    /// Vertical cell centres, rising or falling.
    pub y: Vec<f64>,
    /// The values row by row: the one at `x[i]`, `y[j]` is `z[j * x.len() + i]`.
    pub z: Vec<f64>,
}

impl Mesh {
    pub(crate) fn check(&self) -> Result<()> {
        check_monotonic("x coordinate of the mesh", &self.x)?;
        check_monotonic("y coordinate of the mesh", &self.y)?;
        let what = || format!("values of a mesh of {} columns and {} rows", self.x.len(), self.y.len());
        check_length(what, self.x.len().saturating_mul(self.y.len()), self.z.len())
    }

    /// Paints the cells into `columns` x `rows` RGB pixels, rows from top to bottom, where the pixels span
    /// `x_span` from left to right and `y_span` from bottom to top.
    ///
    /// A pixel holding the centres of several cells shows the mean of their finite values, or is blank when
    /// fewer than half are finite; a pixel holding no centre shows the cell around its own centre.
    pub(crate) fn paint(&self, raster: &Raster, norm: &Norm, colormap: &Colormap, blank: Rgb) -> Vec<u8> {
        let across = Lookup::new(&self.x, raster.x_scale, raster.x_span, raster.columns);
        // Pixel rows count down from the top.
        let y_down = (raster.y_span.1, raster.y_span.0);
        let down = Lookup::new(&self.y, raster.y_scale, y_down, raster.rows);
        let Rgb(r, g, b) = blank;
        let blank = [r, g, b];
        let mut pixels = Vec::with_capacity(raster.columns * raster.rows * 3);
        let mut previous: Option<(Cells, usize)> = None;
        for rows in down.cells {
            if let Some((cells, start)) = previous
                && cells == rows
            {
                pixels.extend_from_within(start..start + raster.columns * 3);
                continue;
            }
            previous = Some((rows, pixels.len()));
            for &columns in &across.cells {
                let color = self.mean(columns, rows).map_or(blank, |value| {
                    let Rgb(r, g, b) = colormap.color(norm.position(value));
                    [r, g, b]
                });
                pixels.extend_from_slice(&color);
            }
        }
        pixels
    }

    fn mean(&self, columns: Cells, rows: Cells) -> Option<f64> {
        let width = self.x.len();
        let (mut sum, mut finite, mut all) = (0.0, 0_u32, 0_u32);
        for row in rows.first..rows.end {
            for &value in self.z.get(row * width + columns.first..row * width + columns.end)? {
                all += 1;
                if value.is_finite() {
                    sum += value;
                    finite += 1;
                }
            }
        }
        (finite > 0 && 2 * finite >= all).then(|| sum / f64::from(finite))
    }
}

/// The pixels a mesh is painted into, and the part of the axes they span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raster {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) x_span: (f64, f64),
    pub(crate) y_span: (f64, f64),
    pub(crate) x_scale: Scale,
    pub(crate) y_scale: Scale,
}

/// A range of cell indices along one axis; empty outside the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cells {
    first: usize,
    end: usize,
}

/// For each pixel along one axis, the cells it shows.
struct Lookup {
    cells: Vec<Cells>,
}

impl Lookup {
    fn new(centers: &[f64], scale: Scale, span: (f64, f64), pixels: usize) -> Self {
        let edges = cell_edges(centers, scale);
        let falling = edges.first() > edges.last();
        // Number of entries of a monotonic list that come before `at` in rising order of value.
        let below = |list: &[f64], at: f64| {
            if falling { list.partition_point(|&v| v >= at) } else { list.partition_point(|&v| v < at) }
        };
        let step = (span.1 - span.0) / pixels as f64;
        let cells = (0..pixels).map(|pixel| {
            let start = span.0 + step * pixel as f64;
            let (a, b) = (below(centers, start), below(centers, start + step));
            let (first, end) = (a.min(b), a.max(b));
            if end > first + 1 {
                return Cells { first, end };
            }
            let middle = below(&edges, start + step / 2.0);
            if middle == 0 || middle >= edges.len() {
                return Cells { first: 0, end: 0 };
            }
            Cells { first: middle - 1, end: middle }
        });
        Self { cells: cells.collect() }
    }
}

/// The edges between cells of which only the centres are known: midway between neighbours, and as far beyond
/// the first and last centre. One more than there are centres; none for none; a single cell is one wide.
///
/// ```
/// use graticule_plot::infer_edges;
///
/// assert_eq!(infer_edges(&[0.0, 1.0, 3.0]), [-0.5, 0.5, 2.0, 4.0]);
/// assert_eq!(infer_edges(&[10.0, 0.0]), [15.0, 5.0, -5.0]);
/// ```
pub fn infer_edges(centers: &[f64]) -> Vec<f64> {
    match centers {
        [] => Vec::new(),
        [only] => vec![only - 0.5, only + 0.5],
        [first, second, ..] => {
            let mut edges = Vec::with_capacity(centers.len() + 1);
            edges.push(first - (second - first) / 2.0);
            edges.extend(centers.windows(2).map(|pair| pair[0] + (pair[1] - pair[0]) / 2.0));
            if let [.., before, last] = centers {
                edges.push(last + (last - before) / 2.0);
            }
            edges
        }
    }
}

/// [`infer_edges`], adapted to what the values mean: latitudes end at the poles, and a single instant is a
/// day wide.
pub(crate) fn cell_edges(centers: &[f64], scale: Scale) -> Vec<f64> {
    let mut edges = infer_edges(centers);
    match (scale, centers) {
        (Scale::Time, [only]) => edges = vec![only - 43_200.0, only + 43_200.0],
        (Scale::Latitude, _) if centers.iter().all(|lat| lat.abs() <= 90.0) => {
            edges.iter_mut().for_each(|edge| *edge = edge.clamp(-90.0, 90.0));
        }
        _ => {}
    }
    if let (Some(&first), Some(&last)) = (edges.first(), edges.last()) {
        let (low, high) = (first.min(last), first.max(last));
        let wide = widened(low, high);
        if wide != (low, high) {
            return vec![wide.0; centers.len()].into_iter().chain([wide.1]).collect();
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLANK: Rgb = Rgb(1, 2, 3);

    fn paint(mesh: &Mesh, columns: usize, rows: usize) -> Vec<[u8; 3]> {
        let ends = |centers: &[f64]| {
            let edges = infer_edges(centers);
            let (a, b) = (edges[0], edges[centers.len()]);
            (a.min(b), a.max(b))
        };
        let raster = Raster {
            columns,
            rows,
            x_span: ends(&mesh.x),
            y_span: ends(&mesh.y),
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
        };
        let norm = Norm { vmin: 0.0, vmax: 1.0, diverging: false };
        let pixels = mesh.paint(&raster, &norm, &Colormap::SEQUENTIAL, BLANK);
        pixels.chunks(3).map(|p| [p[0], p[1], p[2]]).collect()
    }

    fn shade(value: f64) -> [u8; 3] {
        let Rgb(r, g, b) = Colormap::SEQUENTIAL.color(value);
        [r, g, b]
    }

    #[test]
    fn first_row_is_at_the_bottom() {
        let mesh = Mesh { x: vec![0.0, 1.0], y: vec![0.0, 1.0], z: vec![0.0, 0.25, 0.5, f64::NAN] };
        assert_eq!(paint(&mesh, 2, 2), [shade(0.5), [1, 2, 3], shade(0.0), shade(0.25)]);
    }

    #[test]
    fn falling_coordinates_turn_the_picture() {
        let mesh = Mesh { x: vec![1.0, 0.0], y: vec![1.0, 0.0], z: vec![0.0, 0.25, 0.5, 0.75] };
        assert_eq!(paint(&mesh, 2, 2), [shade(0.25), shade(0.0), shade(0.75), shade(0.5)]);
    }

    #[test]
    fn uneven_cells_get_uneven_pixels() {
        // Edges -0.5, 0.5, 2, 4: in nine pixels of half a unit, two, three and four.
        let mesh = Mesh { x: vec![0.0, 1.0, 3.0], y: vec![0.0], z: vec![0.0, 0.5, 1.0] };
        let expected: Vec<[u8; 3]> =
            [0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0].into_iter().map(shade).collect();
        assert_eq!(paint(&mesh, 9, 1), expected);
    }

    #[test]
    fn crowded_cells_are_averaged_and_mostly_missing_ones_blank() {
        let x: Vec<f64> = (0..8).map(f64::from).collect();
        let nan = f64::NAN;
        let mesh = Mesh { x, y: vec![0.0], z: vec![0.0, 0.2, 0.4, 0.6, 0.5, nan, nan, nan] };
        assert_eq!(paint(&mesh, 2, 1), [shade(0.3), [1, 2, 3]]);
    }

    #[test]
    fn latitudes_end_at_the_poles() {
        assert_eq!(cell_edges(&[-90.0, 0.0, 90.0], Scale::Latitude), [-90.0, -45.0, 45.0, 90.0]);
        assert_eq!(cell_edges(&[-90.0, 0.0, 90.0], Scale::Linear), [-135.0, -45.0, 45.0, 135.0]);
    }

    #[test]
    fn coinciding_centers_still_span_a_range() {
        let edges = cell_edges(&[5.0, 5.0], Scale::Linear);
        assert_eq!(edges.len(), 3);
        assert!(edges[0] < edges[2]);
    }
}
