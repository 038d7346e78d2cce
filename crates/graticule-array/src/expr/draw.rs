//! The expression as a drawing: DOT for other programs, SVG by a small layout of our own.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::expr::children::postorder;
use crate::expr::{Expr, NodeId, Op};

/// A node as it is drawn: a long join shows its first and last inputs and how many are between.
struct Drawing {
    /// Nodes from sources to the result; the key tells them apart.
    nodes: Vec<Shown>,
    /// From a node to one that uses it, as positions in `nodes`.
    edges: Vec<(usize, usize)>,
}

struct Shown {
    title: String,
    detail: String,
    color: &'static str,
    layer: usize,
}

const JOIN_SHOWN: usize = 4;

fn drawing(expr: &Expr) -> Drawing {
    let mut kept: Vec<(NodeId, Vec<NodeId>, usize)> = Vec::new();
    let mut by_id: HashMap<NodeId, Expr> = HashMap::new();
    // Walk from the result, so that what a long join hides is not visited at all.
    let mut stack = vec![expr.clone()];
    while let Some(expr) = stack.pop() {
        if by_id.contains_key(&expr.id()) {
            continue;
        }
        let inputs = expr.inputs();
        let (shown, hidden) = if inputs.len() > JOIN_SHOWN + 1 {
            let ends = inputs[..JOIN_SHOWN - 1].iter().chain(&inputs[inputs.len() - 1..]);
            (ends.cloned().collect::<Vec<_>>(), inputs.len() - JOIN_SHOWN)
        } else {
            (inputs.to_vec(), 0)
        };
        kept.push((expr.id(), shown.iter().map(Expr::id).collect(), hidden));
        stack.extend(shown);
        by_id.insert(expr.id(), expr);
    }
    let children: HashMap<NodeId, (&[NodeId], usize)> =
        kept.iter().map(|(id, inputs, hidden)| (*id, (inputs.as_slice(), *hidden))).collect();
    let order: Vec<Expr> = postorder([expr]).into_iter().filter(|e| by_id.contains_key(&e.id())).collect();

    let mut result = Drawing { nodes: Vec::new(), edges: Vec::new() };
    let mut position: HashMap<NodeId, usize> = HashMap::new();
    for expr in &order {
        let (inputs, hidden) = children.get(&expr.id()).copied().unwrap_or((&[], 0));
        let layer = inputs.iter().filter_map(|id| position.get(id)).map(|&i| result.nodes[i].layer + 1).max();
        let mut layer = layer.unwrap_or(0);
        let mut used: Vec<usize> = inputs.iter().filter_map(|id| position.get(id)).copied().collect();
        used.dedup();
        if hidden > 0 {
            layer = layer.max(1);
            result.nodes.push(Shown {
                title: format!("{hidden} more"),
                detail: String::new(),
                color: "#f2f2f2",
                layer: layer - 1,
            });
            used.push(result.nodes.len() - 1);
        }
        let number = result.nodes.len();
        result.edges.extend(used.into_iter().map(|input| (input, number)));
        position.insert(expr.id(), number);
        let shape: Vec<String> = expr.shape().iter().map(ToString::to_string).collect();
        let chunks = expr.grid().count();
        let detail = match expr.ndim() {
            0 => expr.dtype().to_string(),
            _ => format!(
                "{} {} · {chunks} chunk{}",
                shape.join("×"),
                expr.dtype(),
                if chunks == 1 { "" } else { "s" }
            ),
        };
        result.nodes.push(Shown { title: expr.label(), detail, color: color(expr.op()), layer });
    }
    result
}

fn color(op: &Op) -> &'static str {
    match op {
        Op::Source(_) | Op::Full { .. } | Op::Range { .. } | Op::Random { .. } => "#dcebf7",
        Op::Map(_) => "#fdeacc",
        Op::Reduce { .. } | Op::Group { .. } => "#d9efdb",
        Op::Blockwise(_) => "#f6dce4",
        Op::Select(_) | Op::Reshape(_) | Op::Join { .. } | Op::Rechunk(_) => "#ebe4f4",
    }
}

/// The expression in Graphviz' DOT language.
pub fn to_dot(expr: &Expr) -> String {
    let drawing = drawing(expr);
    let mut text = String::from("digraph expression {\n  rankdir=BT\n  node [shape=box, style=filled]\n");
    // Writing into a String cannot fail.
    for (i, node) in drawing.nodes.iter().enumerate() {
        let label = format!("{}\n{}", node.title, node.detail);
        let _ = writeln!(text, "  n{i} [label={:?}, fillcolor=\"{}\"]", label.trim(), node.color);
    }
    for (from, to) in &drawing.edges {
        let _ = writeln!(text, "  n{from} -> n{to}");
    }
    text + "}\n"
}

/// The expression as an SVG picture: sources below, the result on top, every arrow in the direction that
/// data flow.
pub fn to_svg(expr: &Expr) -> String {
    const CHAR: f64 = 7.0;
    const HEIGHT: f64 = 42.0;
    const GAP: f64 = 24.0;
    const LAYER: f64 = 84.0;
    const SWING: f64 = 18.0;
    let drawing = drawing(expr);
    let texts: Vec<String> = drawing.nodes.iter().map(|node| shortened(&node.title)).collect();
    let width = |i: usize| {
        let chars = texts[i].chars().count().max(drawing.nodes[i].detail.chars().count() * 6 / 7);
        (chars as f64 * CHAR + 24.0).max(60.0)
    };
    let layers = drawing.nodes.iter().map(|node| node.layer + 1).max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers];
    for (i, node) in drawing.nodes.iter().enumerate() {
        rows[node.layer].push(i);
    }
    let row_width =
        |row: &[usize]| row.iter().map(|&i| width(i)).sum::<f64>() + GAP * (row.len().max(1) - 1) as f64;
    let total = rows.iter().map(|row| row_width(row)).fold(0.0, f64::max) + 2.0 * (GAP + SWING);
    let height = layers as f64 * LAYER + GAP;
    let mut center = vec![(0.0, 0.0); drawing.nodes.len()];
    for (layer, row) in rows.iter().enumerate() {
        let mut x = (total - row_width(row)) / 2.0;
        for &i in row {
            center[i] = (x + width(i) / 2.0, height - GAP - HEIGHT / 2.0 - layer as f64 * LAYER);
            x += width(i) + GAP;
        }
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total:.0} {height:.0}\" width=\"{total:.0}\" \
         height=\"{height:.0}\" font-family=\"Inter, Helvetica, Arial, sans-serif\">\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#666\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for &(from, to) in &drawing.edges {
        let ((x1, y1), (x2, y2)) = (center[from], center[to]);
        let (y1, y2) = (y1 - HEIGHT / 2.0, y2 + HEIGHT / 2.0);
        // An arrow past other layers swings out to the right of what stands between.
        let between = drawing.nodes[from].layer + 1..drawing.nodes[to].layer;
        let rights = (0..drawing.nodes.len()).filter(|&i| between.contains(&drawing.nodes[i].layer));
        let right = rights.map(|i| center[i].0 + width(i) / 2.0 + SWING).fold(f64::NEG_INFINITY, f64::max);
        let (start, end, control) = if between.is_empty() {
            (x1, x2, (x1, x2))
        } else {
            let (start, end) = (x1 + width(from) / 4.0, x2 + width(to) / 4.0);
            // A cubic curve comes three quarters of the way to its control points.
            (start, end, (start + (right - start) / 0.75, end + (right - end) / 0.75))
        };
        let (low, high) = (y1 - (y1 - y2) / 3.0, y2 + (y1 - y2) / 3.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{start:.1} {y1:.1}C{:.1} {low:.1} {:.1} {high:.1} {end:.1} {y2:.1}\" fill=\"none\" \
             stroke=\"#666\" marker-end=\"url(#tip)\"/>",
            control.0, control.1,
        );
    }
    for (i, node) in drawing.nodes.iter().enumerate() {
        let (x, y) = center[i];
        let (w, left, top) = (width(i), x - width(i) / 2.0, y - HEIGHT / 2.0);
        let title_y = if node.detail.is_empty() { y + 4.0 } else { y - 3.0 };
        let _ = writeln!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{w:.1}\" height=\"{HEIGHT}\" rx=\"5\" fill=\"{}\" \
             stroke=\"#888\"/><text x=\"{x:.1}\" y=\"{title_y:.1}\" font-size=\"13\" text-anchor=\"middle\">{}</text>\
             <text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"11\" fill=\"#555\" text-anchor=\"middle\">{}</text>",
            node.color,
            escaped(&texts[i]),
            y + 13.0,
            escaped(&node.detail),
        );
    }
    svg + "</svg>\n"
}

fn shortened(text: &str) -> String {
    match text.chars().count() {
        0..=60 => text.to_owned(),
        _ => text.chars().take(59).collect::<String>() + "…",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(crate) fn draw_to(expr: &Expr, path: &Path) -> Result<()> {
    let text = match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => to_svg(expr),
        Some("dot" | "gv") => to_dot(expr),
        _ => {
            let hint = "end the name in .svg or .dot";
            return Err(Error::argument("path", path.display(), hint));
        }
    };
    std::fs::write(path, text)
        .map_err(|error| Error::Write { path: path.display().to_string(), cause: Arc::new(error) })
}
