//! A tree: nodes inside each other.

use super::markup::escaped;
use super::sections::{self, Columns};
use crate::coords::Coords;
use crate::repr::values;
use crate::tree::Node;

/// Nodes with more nodes below them than this, and those on deeper levels, are closed at first.
const OPEN_CHILDREN: usize = 12;
const OPEN_LEVELS: usize = 3;

/// What a node has and inherits, and the nodes below it.
pub(super) fn node(node: &Node<'_>) -> String {
    let Ok(all) = node.dataset() else { return String::new() };
    let own = node.own();
    let inherited: Coords = all.coords().filtered(|name, _| !own.coords().contains(name));
    let columns = Columns::of(node.subtree().flat_map(|node| node.own().named()).chain(inherited.iter()));
    parts(node, &inherited, node.level(), &columns)
}

fn parts(node: &Node<'_>, inherited: &Coords, top: usize, columns: &Columns) -> String {
    let own = node.own();
    let mut html = String::new();
    let sizes = own.sizes();
    if node.has_data() {
        let all = node.dataset().map(|dataset| dataset.coords().clone()).unwrap_or_default();
        html.push_str(&sections::dims(&sizes, &all));
    }
    html.push_str(&sections::coordinates("Coordinates", own.coords(), columns));
    html.push_str(&sections::coordinates("Inherited coordinates", inherited, columns));
    if !own.data_vars().is_empty() {
        html.push_str(&sections::variables(own.data_vars(), columns));
    }
    html.push_str(&sections::indexes(own.coords()));
    html.push_str(&sections::attributes(node.attrs()));
    let open = node.children().count() <= OPEN_CHILDREN && node.level() + 1 < top + OPEN_LEVELS;
    for child in node.children() {
        html.push_str(&format!(
            "<details class=\"gr-node\"{}><summary><span class=\"gr-group\">{}</span> <span class=\"gr-soft\">{}</span></summary>\n{}</details>\n",
            if open { " open" } else { "" },
            escaped(&child.path()),
            about(&child),
            parts(&child, &Coords::default(), top, columns),
        ));
    }
    html
}

/// `3 variables, 2 groups, 30MB`
pub(super) fn about(node: &Node<'_>) -> String {
    let count = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        number => Some(format!("{number} {what}s")),
    };
    let bytes: usize = node.subtree().map(|node| node.own().nbytes()).sum();
    let parts = [
        count(node.own().data_vars().len(), "variable"),
        count(node.descendants().count(), "group"),
        Some(values::size(bytes)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
