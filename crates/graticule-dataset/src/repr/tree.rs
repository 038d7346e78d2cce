//! A tree as text.

use std::fmt;

use super::{column_width, data_vars, dimensions, write_attrs, write_coords};
use crate::coords::Coords;
use crate::dims::Sizes;
use crate::tree::{DataTree, Node};

/// A node with more children than this shows the first and the last of them, half as many each.
const CHILDREN: usize = 12;

impl fmt::Display for DataTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.root(), f)
    }
}

impl fmt::Debug for DataTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name().map(|name| format!(" '{name}'")).unwrap_or_default();
        write!(f, "<graticule.DataTree{name}>")?;
        write_node(f, self, true, "", "")
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A node and those below it. `first` stands before its path, `rest` before every other line.
fn write_node(
    f: &mut fmt::Formatter<'_>,
    node: &Node<'_>,
    top: bool,
    first: &str,
    rest: &str,
) -> fmt::Result {
    write!(f, "\n{first}Group: {}", node.path())?;
    let mut text = String::new();
    write_data(&mut text, node, top)?;
    let bar = if node.is_leaf() { ' ' } else { '│' };
    for line in text.lines().filter(|line| !line.is_empty()) {
        write!(f, "\n{rest}{bar}   {line}")?;
    }
    let children: Vec<Node<'_>> = node.children().collect();
    for (position, child) in children.iter().enumerate() {
        let hidden = CHILDREN / 2..children.len().saturating_sub(CHILDREN / 2);
        if hidden.contains(&position) {
            if position == hidden.start {
                write!(f, "\n{rest}... {} more", hidden.len())?;
            }
            continue;
        }
        let (corner, bar) =
            if position + 1 == children.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
        write_node(f, child, false, &format!("{rest}{corner}"), &format!("{rest}{bar}"))?;
    }
    Ok(())
}

/// What a node has itself, and at the top of what is shown also what it inherits.
fn write_data(f: &mut String, node: &Node<'_>, top: bool) -> fmt::Result {
    use fmt::Write as _;
    let own = node.own();
    let Ok(all) = node.dataset() else { return Err(fmt::Error) };
    let is_inherited = |name: &str| !own.coords().contains(name);
    let inherited: Coords = all.coords().filtered(|name, _| top && is_inherited(name));
    if node.has_data() || !inherited.is_empty() {
        let sizes: Sizes = if top { all.sizes() } else { own.sizes() };
        let names = own.names().chain(inherited.names()).map(str::to_owned);
        let column = column_width(names);
        writeln!(f, "{}", dimensions(&sizes, column))?;
        write_coords(f, "Coordinates", own.coords(), column)?;
        write_coords(f, "Inherited coordinates", &inherited, column)?;
        super::write_unlabeled(f, &sizes, all.coords())?;
        if !own.data_vars().is_empty() {
            writeln!(f, "{}", data_vars(own, column))?;
        }
    }
    write_attrs(f, node.attrs())
}
