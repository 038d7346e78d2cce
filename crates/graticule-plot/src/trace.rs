//! Curves in pixels: broken at missing values, thinned to what can be seen, and cut at the axes.

use crate::scene::Rect;

type Point = (f64, f64);

/// Runs of consecutive points that are finite; one of a single point is an isolated value.
pub(crate) fn runs(points: impl Iterator<Item = Point>) -> Vec<Vec<Point>> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    for point in points {
        if point.0.is_finite() && point.1.is_finite() {
            run.push(point);
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

/// `points` without those that make no visible difference: of consecutive points within half a pixel column,
/// the first, lowest, highest and last remain.
pub(crate) fn thinned(points: Vec<Point>) -> Vec<Point> {
    let column = |point: &Point| (point.0 * 2.0).floor();
    let mut kept = Vec::with_capacity(points.len().min(8192));
    for group in points.chunk_by(|a, b| column(a) == column(b)) {
        let by_y = |a: &(usize, &Point), b: &(usize, &Point)| a.1.1.total_cmp(&b.1.1);
        let low = group.iter().enumerate().min_by(by_y).map_or(0, |(i, _)| i);
        let high = group.iter().enumerate().max_by(by_y).map_or(0, |(i, _)| i);
        let mut picks = [0, low.min(high), low.max(high), group.len() - 1].map(Some);
        for i in 1..picks.len() {
            if picks[..i].contains(&picks[i]) {
                picks[i] = None;
            }
        }
        kept.extend(picks.into_iter().flatten().filter_map(|i| group.get(i)).copied());
    }
    kept
}

/// The parts of the polyline through `points` inside `rect`.
pub(crate) fn clipped(points: &[Point], rect: &Rect) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut end = None;
    for pair in points.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let Some((a, b)) = clip_segment(from, to, rect) else {
            end = None;
            continue;
        };
        match parts.last_mut() {
            Some(part) if end == Some(a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
        // Where the line leaves the rectangle, the next part starts afresh.
        end = (b == to).then_some(b);
    }
    parts
}

/// The part of a segment inside `rect`, by the method of Liang and Barsky.
pub(crate) fn clip_segment(from: Point, to: Point, rect: &Rect) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let sides = [
        (-dx, from.0 - rect.x),
        (dx, rect.right() - from.0),
        (-dy, from.1 - rect.y),
        (dy, rect.bottom() - from.1),
    ];
    for (toward, distance) in sides {
        if toward == 0.0 {
            if distance < 0.0 {
                return None;
            }
        } else if toward < 0.0 {
            enter = enter.max(distance / toward);
        } else {
            leave = leave.min(distance / toward);
        }
    }
    if enter > leave {
        return None;
    }
    let start = if enter == 0.0 { from } else { (from.0 + dx * enter, from.1 + dy * enter) };
    let end = if leave == 1.0 { to } else { (from.0 + dx * leave, from.1 + dy * leave) };
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };

    #[test]
    fn missing_values_break_a_curve() {
        let nan = f64::NAN;
        let points = [(0.0, 1.0), (1.0, nan), (2.0, 3.0), (3.0, 4.0), (nan, 1.0)];
        assert_eq!(runs(points.into_iter()), [vec![(0.0, 1.0)], vec![(2.0, 3.0), (3.0, 4.0)]]);
    }

    #[test]
    fn curves_are_cut_at_the_axes() {
        let zigzag = [(-5.0, 5.0), (5.0, 5.0), (5.0, 15.0), (7.0, 15.0), (7.0, 5.0)];
        let expected = [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(7.0, 10.0), (7.0, 5.0)]];
        assert_eq!(clipped(&zigzag, &RECT), expected);
        assert_eq!(clip_segment((-1.0, -1.0), (-1.0, 20.0), &RECT), None);
    }

    #[test]
    fn thinning_keeps_the_envelope() {
        let points: Vec<Point> =
            (0..100_000).map(|i| (f64::from(i) / 1000.0, f64::from(i * 7919 % 101))).collect();
        let kept = thinned(points.clone());
        assert!(kept.len() <= 800, "{}", kept.len());
        assert_eq!(kept.first(), points.first());
        assert_eq!(kept.last(), points.last());
        assert!(kept.iter().any(|p| p.1 == 0.0) && kept.iter().any(|p| p.1 == 100.0));
        let few = vec![(0.0, 1.0), (3.0, 2.0), (3.0, 2.0), (9.0, 0.0)];
        assert_eq!(thinned(few), [(0.0, 1.0), (3.0, 2.0), (3.0, 2.0), (9.0, 0.0)]);
    }
}
