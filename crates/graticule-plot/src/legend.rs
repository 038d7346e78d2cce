//! The legend of a line plot, and how curves are told apart.

use crate::colormap::Rgb;
use crate::figure::Series;
use crate::font::Font;
use crate::layout::{LABEL_COLOR, TICK_SIZE};
use crate::scene::{Mark, Rect};
use crate::trace::clip_segment;

/// The colours of Okabe and Ito, told apart by the colour-blind too; without yellow, too pale on white.
const CYCLE: [Rgb; 7] = [
    Rgb(0, 114, 178),
    Rgb(213, 94, 0),
    Rgb(0, 158, 115),
    Rgb(204, 121, 167),
    Rgb(230, 159, 0),
    Rgb(86, 180, 233),
    Rgb(40, 40, 40),
];

const DASHES: [&[f32]; 4] = [&[], &[6.0, 3.0], &[2.0, 2.0], &[7.0, 2.5, 1.5, 2.5]];

const ROW: f64 = 18.0;
const SAMPLE: f64 = 22.0;
const GAP: f64 = 7.0;
const INSET: f64 = 10.0;
const WIDEST_NAME: f64 = 200.0;

/// The colour and dashes of the curve at `index`.
pub(crate) fn style(index: usize) -> (Rgb, &'static [f32]) {
    (CYCLE[index % CYCLE.len()], DASHES[index / CYCLE.len() % DASHES.len()])
}

/// A legend, measured but not yet placed.
pub(crate) struct Legend {
    rows: Vec<(Option<usize>, String)>,
    width: f64,
    height: f64,
}

impl Legend {
    /// The legend of those of `series` that have a label, in at most `room` pixels of height; `None` when
    /// there are none.
    pub(crate) fn new(series: &[Series], font: &Font, room: f64) -> Option<Self> {
        let name = |label: &str| font.wrap(label, TICK_SIZE, WIDEST_NAME, 1).concat();
        let mut rows: Vec<(Option<usize>, String)> = series
            .iter()
            .enumerate()
            .filter(|(_, series)| !series.label.trim().is_empty())
            .map(|(i, series)| (Some(i), name(&series.label)))
            .collect();
        if rows.is_empty() {
            return None;
        }
        let most = ((room / ROW) as usize).max(2);
        if rows.len() > most {
            let hidden = rows.len() - (most - 1);
            rows.truncate(most - 1);
            rows.push((None, format!("and {hidden} more")));
        }
        let widest = rows.iter().map(|(_, name)| font.width(name, TICK_SIZE)).fold(0.0, f64::max);
        let height = rows.len() as f64 * ROW;
        Some(Self { rows, width: SAMPLE + GAP + widest, height })
    }

    /// The room the legend takes to the right of the axes.
    pub(crate) fn outside_width(&self) -> f64 {
        self.width + 14.0
    }

    /// The corner of `axes` where the legend covers no curve.
    pub(crate) fn free_corner(&self, axes: &Rect, curves: &[Vec<(f64, f64)>]) -> Option<(f64, f64)> {
        if self.width + 2.0 * INSET > axes.width / 2.0 || self.height + 2.0 * INSET > axes.height / 2.0 {
            return None;
        }
        let left = axes.x + INSET;
        let right = axes.right() - INSET - self.width;
        let top = axes.y + INSET;
        let bottom = axes.bottom() - INSET - self.height;
        [(right, top), (left, top), (right, bottom), (left, bottom)].into_iter().find(|&(x, y)| {
            let margin = 4.0;
            let area = Rect {
                x: x - margin,
                y: y - margin,
                width: self.width + 2.0 * margin,
                height: self.height + 2.0 * margin,
            };
            let covers = |pair: &[(f64, f64)]| clip_segment(pair[0], pair[1], &area).is_some();
            !curves.iter().any(|curve| curve.windows(2).any(covers))
        })
    }

    /// Where the legend goes outside `axes`.
    pub(crate) fn outside(axes: &Rect) -> (f64, f64) {
        (axes.right() + 14.0, axes.y)
    }

    /// Draws the legend with its top left corner at `(x, y)`.
    pub(crate) fn draw(&self, (x, y): (f64, f64), font: &Font, marks: &mut Vec<Mark>) {
        // The paper behind hides grid lines that would cross the names.
        let paper = Rect { x: x - 4.0, y: y - 2.0, width: self.width + 8.0, height: self.height + 4.0 };
        marks.push(Mark::Fill { rect: paper, color: Rgb(255, 255, 255) });
        for (row, (index, name)) in self.rows.iter().enumerate() {
            let middle = y + ROW * (row as f64 + 0.5);
            if let Some(index) = index {
                let (color, dashes) = style(*index);
                let points = vec![(x, middle), (x + SAMPLE, middle)];
                marks.push(Mark::Path { points, width: 2.0, color, dashes });
            }
            let at = (x + SAMPLE + GAP, (middle + font.cap_height(TICK_SIZE) / 2.0).round());
            marks.push(Mark::Text {
                at,
                text: name.clone(),
                size: TICK_SIZE,
                color: LABEL_COLOR,
                upright: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(count: usize) -> Vec<Series> {
        (0..count).map(|i| Series { label: format!("line {i}"), ..Series::default() }).collect()
    }

    #[test]
    fn only_named_curves_have_a_row_and_too_many_are_summed_up() {
        let font = Font::load().unwrap();
        assert!(Legend::new(&[Series::default()], &font, 300.0).is_none());
        assert_eq!(Legend::new(&named(3), &font, 300.0).unwrap().rows.len(), 3);
        let many = Legend::new(&named(30), &font, 5.0 * ROW).unwrap();
        assert_eq!(many.rows.last().unwrap(), &(None, "and 26 more".to_string()));
    }

    #[test]
    fn a_corner_under_a_curve_is_avoided() {
        let font = Font::load().unwrap();
        let legend = Legend::new(&named(2), &font, 300.0).unwrap();
        let axes = Rect { x: 0.0, y: 0.0, width: 400.0, height: 300.0 };
        let rising = vec![vec![(0.0, 300.0), (400.0, 0.0)]];
        assert_eq!(legend.free_corner(&axes, &rising), Some((INSET, INSET)));
        let cross = vec![vec![(0.0, 300.0), (400.0, 0.0)], vec![(0.0, 0.0), (400.0, 300.0)]];
        assert_eq!(legend.free_corner(&axes, &cross), None);
    }

    #[test]
    fn the_first_28_curves_look_different() {
        let styles: Vec<_> = (0..28).map(style).collect();
        for (i, style) in styles.iter().enumerate() {
            assert!(!styles[..i].contains(style), "{i}");
        }
    }
}
