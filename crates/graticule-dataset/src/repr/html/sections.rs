//! The parts of an array or a dataset: coordinates, variables, indexes, attributes.

use indexmap::{IndexMap, IndexSet};

use super::chunks;
use super::markup::{escaped, part, shortened};
use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::dims::Sizes;
use crate::error::listed;
use crate::index::Order;
use crate::repr::{preview, values};
use crate::variable::Variable;

/// More variables than these are in a window of their own; more attributes are closed at first.
const MANY: usize = 25;
const OPEN_ATTRS: usize = 10;

/// Attributes longer than this are folded; what is beyond the second is left out.
const FOLDED: usize = 300;
const CUT: usize = 20_000;

/// The dimensions with their lengths; those with labels stand out.
pub(super) fn dims(sizes: &Sizes, coords: &Coords) -> String {
    let one = |(dim, len): (&crate::Dim, &usize)| {
        let name = format!("<bdi>{}</bdi>", escaped(dim));
        let name = if coords.index_names(dim).is_empty() { name } else { format!("<b>{name}</b>") };
        format!("<span class=\"gr-dim\">{name}: {len}</span>")
    };
    if sizes.is_empty() {
        String::new()
    } else {
        format!("<div class=\"gr-dims\">{}</div>\n", sizes.iter().map(one).collect::<String>())
    }
}

/// How wide the columns of names and of dimensions are, in characters: the same everywhere on a page.
pub(super) struct Columns {
    names: usize,
    over: usize,
}

impl Columns {
    pub(super) fn of<'a>(variables: impl Iterator<Item = (&'a str, &'a Variable)>) -> Self {
        let mut columns = Self { names: 8, over: 6 };
        for (name, variable) in variables {
            columns.names = columns.names.max(name.chars().count() + 2);
            columns.over = columns.over.max(over(variable).chars().count() + 1);
        }
        Self { names: columns.names.min(28), over: columns.over.min(24) }
    }

    /// How many characters of values fit beside them; characters of values are narrower.
    fn line(&self) -> usize {
        98 - (self.names + self.over) * 8 / 7
    }
}

/// `(time, lat)`
fn over(variable: &Variable) -> String {
    match variable.dims() {
        [] => String::new(),
        dims => format!("({})", listed(dims)),
    }
}

/// Coordinates, each in a line that opens; nothing where there are none.
pub(super) fn coordinates(title: &str, coords: &Coords, columns: &Columns) -> String {
    match coords.len() {
        0 => String::new(),
        len => part(title, Some(len), true, &rows(coords.iter(), columns, |name| coords.is_index(name))),
    }
}

/// Data variables, each in a line that opens.
pub(super) fn variables(variables: &IndexMap<String, Variable>, columns: &Columns) -> String {
    let named = variables.iter().map(|(name, variable)| (name.as_str(), variable));
    let body = match variables.len() {
        0 => "<div class=\"gr-none\">none</div>".into(),
        _ => rows(named, columns, |_| false),
    };
    part("Data variables", Some(variables.len()), true, &body)
}

/// Lines under each other, in a window of their own where they are many.
fn rows<'a>(
    variables: impl Iterator<Item = (&'a str, &'a Variable)>,
    columns: &Columns,
    is_index: impl Fn(&str) -> bool,
) -> String {
    let lines: Vec<String> =
        variables.map(|(name, variable)| row(name, variable, columns, is_index(name))).collect();
    let class = if lines.len() > MANY { " class=\"gr-many\"" } else { "" };
    let Columns { names, over } = columns;
    format!("<div{class} style=\"--name:{names}ch;--over:{over}ch\">{}</div>", lines.concat())
}

fn row(name: &str, variable: &Variable, columns: &Columns, is_index: bool) -> String {
    let class = if is_index { "gr-name gr-index" } else { "gr-name" };
    let bytes = values::size(variable.nbytes());
    let shown = match variable.resident() {
        Some(chunk) => {
            format!(
                "<span class=\"gr-values\">{}</span>",
                escaped(&values::flat(chunk, columns.line(), variable.calendar().unwrap_or_default()))
            )
        }
        None if variable.ndim() == 0 => "<span class=\"gr-soft\">lazy</span>".into(),
        None => format!("<span class=\"gr-soft\">chunks {}</span>", variable.data().chunks()),
    };
    format!(
        "<details class=\"gr-row\"><summary><bdi class=\"{class}\">{}</bdi><bdi class=\"gr-over\">{}</bdi>\
         <span class=\"gr-type\" title=\"{bytes}\">{}</span>{shown}</summary>\
         <div class=\"gr-more\">{}{}</div></details>\n",
        escaped(name),
        escaped(&over(variable)),
        escaped(&variable.dtype_text()),
        attributes_list(variable.attrs()),
        contents(variable),
    )
}

/// The values of a variable in memory, the chunks of one that is not.
pub(super) fn contents(variable: &Variable) -> String {
    match variable.resident() {
        Some(chunk) => {
            let text = preview::array(chunk, variable.calendar().unwrap_or_default());
            format!("<pre>{}</pre>", escaped(&text))
        }
        None => chunks::lazy(variable),
    }
}

/// The indexes: what each dimension is selected and aligned by.
pub(super) fn indexes(coords: &Coords) -> String {
    let dims: IndexSet<_> = coords.iter().filter_map(|(name, _)| coords.indexed_dim(name)).collect();
    let entries: String = dims
        .iter()
        .map(|dim| {
            let levels = coords.index_names(dim);
            let text = match levels.as_slice() {
                [_, _, ..] => format!("levels {}", levels.join(", ")),
                _ => match coords.index(dim) {
                    Some(index) => {
                        let order = match index.order() {
                            Order::Increasing => "rising",
                            Order::Decreasing => "falling",
                            Order::Unsorted => "in no order",
                        };
                        let len = index.labels().len();
                        format!("{len} labels of {}, {order}", index.labels().dtype())
                    }
                    None => String::new(),
                },
            };
            format!("<dt>{}</dt><dd>{}</dd>", escaped(dim), escaped(&text))
        })
        .collect();
    match dims.len() {
        0 => String::new(),
        len => part("Indexes", Some(len), false, &format!("<dl class=\"gr-attrs\">{entries}</dl>")),
    }
}

/// The attributes as a part of the page; nothing where there are none.
pub(super) fn attributes(attrs: &Attrs) -> String {
    match attrs.len() {
        0 => String::new(),
        len => part("Attributes", Some(len), len <= OPEN_ATTRS, &attributes_list(attrs)),
    }
}

fn attributes_list(attrs: &Attrs) -> String {
    if attrs.is_empty() {
        return String::new();
    }
    let one = |(name, value): (&String, &crate::Attr)| {
        let text = value.to_string();
        let len = text.chars().count();
        let value = if len <= FOLDED {
            escaped(&text)
        } else {
            let rest = if len > CUT { format!("\n({len} characters)") } else { String::new() };
            format!(
                "<details class=\"gr-long\"><summary>{}</summary>{}{rest}</details>",
                escaped(&shortened(&text.replace('\n', " "), 90)),
                escaped(&shortened(&text, CUT)),
            )
        };
        format!("<dt>{}</dt><dd>{value}</dd>", escaped(name))
    };
    format!("<dl class=\"gr-attrs\">{}</dl>", attrs.iter().map(one).collect::<String>())
}
