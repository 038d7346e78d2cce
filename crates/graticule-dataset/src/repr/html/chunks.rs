//! Chunks of lazy data: a drawing and a table.

use graticule_array::{Array, AxisChunks};

use super::markup::{escaped, shortened};
use crate::dims::Dim;
use crate::repr::values;
use crate::variable::Variable;

/// The longest edge of a drawing, and the shortest.
const LONGEST: f64 = 130.0;
const SHORTEST: f64 = 22.0;

/// More lines than this across an edge would be a solid area; then only so many are drawn.
const LINES: usize = 40;

/// Width of a character of a label, about.
const CHARACTER: f64 = 6.2;

/// The drawing and the table of a lazy variable.
pub(super) fn lazy(variable: &Variable) -> String {
    let mut drawings = String::new();
    for axes in drawn(variable.ndim()) {
        let axes: Vec<Edge> = variable
            .dims()
            .iter()
            .zip(variable.data().chunks().axes())
            .skip(axes.0)
            .take(axes.1)
            .map(|(dim, chunks)| Edge::new(dim, chunks))
            .collect();
        drawings.push_str(&drawing(&axes));
    }
    format!(
        "<div class=\"gr-lazy\">{}<div class=\"gr-drawn\">{drawings}</div></div>",
        table(variable.data(), &variable.dtype_text())
    )
}

/// The axes of each drawing: first and number. Beyond three there are two, of the first and of the last three.
fn drawn(ndim: usize) -> Vec<(usize, usize)> {
    match ndim {
        0 => Vec::new(),
        1..=3 => vec![(0, ndim)],
        _ => vec![(0, (ndim - 3).min(3)), (ndim - 3, 3)],
    }
}

fn table(data: &Array, dtype: &str) -> String {
    let grid = data.chunks();
    let chunk = grid.max_chunk();
    let bytes = chunk.iter().product::<usize>() * data.dtype().size();
    let count = grid.count();
    let count = if count == 1 { "1 chunk".into() } else { format!("{count} chunks") };
    let row = |title: &str, array: &str, chunk: &str| {
        format!("<tr><th>{title}</th><td>{array}</td><td>{chunk}</td></tr>")
    };
    format!(
        "<table><thead><tr><th></th><th>Array</th><th>Chunk</th></tr></thead><tbody>{}{}{}{}</tbody></table>",
        row("Bytes", &values::size(data.nbytes()), &values::size(bytes)),
        row("Shape", &shape(data.shape()), &shape(&chunk)),
        row("Count", &count, ""),
        row("Type", &escaped(dtype), "lazy"),
    )
}

fn shape(lengths: &[usize]) -> String {
    match lengths {
        [] => "one value".into(),
        lengths => lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × "),
    }
}

/// One axis: its label, its length, and where chunks meet, from 0 to 1.
struct Edge {
    label: String,
    len: usize,
    cuts: Vec<f64>,
}

impl Edge {
    fn new(dim: &Dim, chunks: &AxisChunks) -> Self {
        let count = chunks.count();
        let shown = count.clamp(1, LINES);
        let cut = |line: usize| chunks.range(line * count / shown).start as f64 / chunks.len().max(1) as f64;
        Self {
            label: format!("{} {}", shortened(dim, 16), chunks.len()),
            len: chunks.len(),
            cuts: (1..shown).map(cut).collect(),
        }
    }

    fn width(&self) -> f64 {
        self.label.chars().count() as f64 * CHARACTER
    }
}

type Point = (f64, f64);

/// The axes as a line of boxes, a rectangle or a block. Edges grow with the root of their length, so that a long axis
/// leaves something of a short one.
fn drawing(axes: &[Edge]) -> String {
    let most = axes.iter().map(|axis| axis.len).max().unwrap_or(0).max(1) as f64;
    let size = |axis: &Edge| (LONGEST * (axis.len as f64 / most).sqrt()).max(SHORTEST);
    match axes {
        [] => String::new(),
        [x] => {
            let (width, height) = (size(x), SHORTEST);
            let face = face((0.0, 0.0), (width, 0.0), (0.0, height), (&x.cuts, &[]), "");
            svg((width, height), 0.0, x.width(), &format!("{face}{}", below(x, width, height)))
        }
        [y, x] => {
            let (width, height) = (size(x), size(y));
            let face = face((0.0, 0.0), (width, 0.0), (0.0, height), (&x.cuts, &y.cuts), "");
            let labels = format!("{}{}", below(x, width, height), beside(y, 0.0, height));
            svg((width, height), 18.0, x.width(), &format!("{face}{labels}"))
        }
        [z, y, x, ..] => {
            let (width, height, depth) = (size(x), size(y), size(z) * 0.72);
            let back = (depth * 0.8, -depth * 0.6);
            let front = (0.0, -back.1);
            let faces = [
                face(front, (width, 0.0), back, (&x.cuts, &z.cuts), "gr-side"),
                face((width, front.1), back, (0.0, height), (&z.cuts, &y.cuts), "gr-side"),
                face(front, (width, 0.0), (0.0, height), (&x.cuts, &y.cuts), ""),
            ]
            .concat();
            let bottom = front.1 + height;
            let at = (width + back.0 / 2.0 + 7.0, bottom + back.1 / 2.0 + 9.0);
            let along = format!("<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", at.0, at.1, escaped(&z.label));
            let labels = format!("{}{}{along}", below(x, width, bottom), beside(y, front.1, height));
            let right = (width + back.0).max(at.0 + z.width());
            svg((right, bottom), 18.0, x.width(), &format!("{faces}{labels}"))
        }
    }
}

/// A parallelogram with the lines where chunks meet.
fn face(origin: Point, u: Point, v: Point, (along_u, along_v): (&[f64], &[f64]), class: &str) -> String {
    let at = |a: f64, b: f64| (origin.0 + a * u.0 + b * v.0, origin.1 + a * u.1 + b * v.1);
    let corners = [at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0)];
    let corners = corners.map(|(x, y)| format!("{x:.1},{y:.1}")).join(" ");
    let lines = along_u.iter().map(|&a| (at(a, 0.0), at(a, 1.0)));
    let lines = lines.chain(along_v.iter().map(|&b| (at(0.0, b), at(1.0, b))));
    let lines: String =
        lines.map(|(from, to)| format!("M{:.1} {:.1}L{:.1} {:.1}", from.0, from.1, to.0, to.1)).collect();
    let cuts = if lines.is_empty() { lines } else { format!("<path class=\"gr-cut\" d=\"{lines}\"/>") };
    format!("<polygon class=\"gr-face {class}\" points=\"{corners}\"/>{cuts}").replace(" \"", "\"")
}

fn below(axis: &Edge, width: f64, bottom: f64) -> String {
    let (x, y) = (width / 2.0, bottom + 15.0);
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escaped(&axis.label))
}

fn beside(axis: &Edge, top: f64, height: f64) -> String {
    let y = top + height / 2.0;
    let label = escaped(&axis.label);
    format!(
        "<text x=\"-7\" y=\"{y:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 -7 {y:.1})\">{label}</text>"
    )
}

/// A drawing with room for its labels: `left` of it, and as wide as the one below it.
fn svg((width, height): Point, left: f64, below: f64, body: &str) -> String {
    let left = left.max((below - width) / 2.0).max(0.0) + 2.0;
    let (full_width, full_height) = (left + width.max(below) + 2.0, height + 24.0);
    format!(
        "<svg role=\"img\" aria-label=\"chunks\" width=\"{full_width:.0}\" height=\"{full_height:.0}\" \
         viewBox=\"{:.1} -3 {full_width:.1} {full_height:.1}\">{body}</svg>",
        -left
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_three_axes_are_two_drawings() {
        assert_eq!(drawn(0), []);
        assert_eq!(drawn(3), [(0, 3)]);
        assert_eq!(drawn(4), [(0, 1), (1, 3)]);
        assert_eq!(drawn(8), [(0, 3), (5, 3)]);
    }

    #[test]
    fn a_line_stands_where_chunks_meet() {
        let edge = Edge::new(&Dim::new("x"), &AxisChunks::from_sizes(&[1, 3]));
        assert_eq!(edge.cuts, [0.25]);
        assert_eq!(Edge::new(&Dim::new("x"), &AxisChunks::regular(0, 5)).cuts.len(), 0);
        assert_eq!(Edge::new(&Dim::new("x"), &AxisChunks::regular(100_000, 1)).cuts.len(), LINES - 1);
        let rectangle = drawing(&[edge, Edge::new(&Dim::new("<y>"), &AxisChunks::regular(4, 2))]);
        assert_eq!(rectangle.matches('M').count(), 2, "{rectangle}");
        assert!(rectangle.contains("&lt;y&gt; 4"), "{rectangle}");
    }
}
