//! Text for people, in the layout of xarray. Nothing is computed for it: values are shown where they are in
//! memory, elsewhere the chunks.

mod html;
mod preview;
mod tree;
mod values;

use std::fmt;

use indexmap::IndexSet;

use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::dims::{Dim, Sizes};
use crate::labeled::{DataArray, Dataset, Labeled, Many, One};
use crate::variable::Variable;

/// How wide a line is.
const WIDTH: usize = 80;

/// Of more variables, coordinates or attributes only so many are shown, as in xarray.
const ROWS: usize = 12;

/// The shortest column of names, as in xarray.
const NAME_WIDTH: usize = 7;

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.sizes();
        let names = self.names().map(str::to_owned);
        let column = column_width(names);
        writeln!(f, "<graticule.Dataset> Size: {}", values::size(self.nbytes()))?;
        writeln!(f, "{}", dimensions(&sizes, column))?;
        write_coords(f, "Coordinates", self.coords(), column)?;
        write_unlabeled(f, &sizes, self.coords())?;
        match self.data_vars().is_empty() {
            true => write!(f, "Data variables:\n    *empty*")?,
            false => write!(f, "{}", data_vars(self, column))?,
        }
        write_attrs(f, self.attrs())
    }
}

impl fmt::Display for DataArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Sizes = self.variable().sizes().collect();
        let name = self.name().map(|name| format!("{name:?} ").replace('"', "'")).unwrap_or_default();
        let size = values::size(self.nbytes());
        let front = format!("<graticule.DataArray {name}(");
        let dims = listed_within(sizes_text(&sizes), front.chars().count());
        writeln!(f, "{front}{dims})> Size: {size}")?;
        match self.data().resident() {
            Some(chunk) => {
                write!(f, "{}", preview::array(chunk, self.variable().calendar().unwrap_or_default()))?
            }
            None if self.dims().is_empty() => write!(f, "lazy {}", self.variable().dtype_text())?,
            None => write!(f, "lazy {}, chunks {}", self.variable().dtype_text(), self.data().chunks())?,
        }
        if !self.coords().is_empty() {
            writeln!(f)?;
            let column = column_width(self.coords().names().map(str::to_owned));
            let mut text = String::new();
            write_coords(&mut text, "Coordinates", self.coords(), column)?;
            write!(f, "{}", text.trim_end_matches('\n'))?;
        }
        let mut text = String::new();
        write_unlabeled(&mut text, &sizes, self.coords())?;
        if !text.is_empty() {
            write!(f, "\n{}", text.trim_end_matches('\n'))?;
        }
        write_attrs(f, self.attrs())
    }
}

impl fmt::Debug for Labeled<One> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Labeled<Many> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn column_width(names: impl Iterator<Item = String>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).max(NAME_WIDTH) + 6
}

/// `time: 365`, `lat: 72`
fn sizes_text(sizes: &Sizes) -> Vec<String> {
    sizes.iter().map(|(dim, len)| format!("{dim}: {len}")).collect()
}

/// `Dimensions:  (time: 365, lat: 72)`
fn dimensions(sizes: &Sizes, column: usize) -> String {
    format!("{:column$}({})", "Dimensions:", listed_within(sizes_text(sizes), column + 1))
}

/// Names with commas between them, in further lines where one is full; `indent` stands before them.
fn listed_within(names: Vec<String>, indent: usize) -> String {
    let mut text = String::new();
    let mut column = indent;
    let count = names.len();
    for (i, name) in names.into_iter().enumerate() {
        let name = if i + 1 < count { format!("{name}, ") } else { name };
        let width = name.chars().count();
        if column + width > WIDTH && column > indent {
            text.truncate(text.trim_end().len());
            text.push_str(&format!("\n{:indent$}", ""));
            column = indent;
        }
        column += width;
        text.push_str(&name);
    }
    text
}

/// Lines under a title. Of many the first and the last are shown, and the title says how many of how many.
fn rows(title: &str, rows: Vec<String>, column: usize) -> String {
    let count = rows.len();
    if count <= ROWS {
        return std::iter::once(format!("{title}:")).chain(rows).collect::<Vec<_>>().join("\n");
    }
    let hidden = ROWS / 2..count - ROWS / 2;
    let mut lines = vec![format!("{title}: ({ROWS}/{count})")];
    for (i, row) in rows.into_iter().enumerate() {
        if i == hidden.start {
            lines.push(format!("{:column$} ...", "    ..."));
        } else if !hidden.contains(&i) {
            lines.push(row);
        }
    }
    lines.join("\n")
}

fn data_vars(dataset: &Dataset, column: usize) -> String {
    let lines = dataset.data_vars().iter().map(|(name, variable)| summary(name, ' ', variable, column));
    rows("Data variables", lines.collect(), column)
}

fn unlabeled(sizes: &Sizes, coords: &Coords) -> impl Iterator<Item = String> {
    let dims = sizes.keys().filter(|dim| !coords.contains(dim) && coords.index_names(dim).len() < 2);
    dims.map(Dim::to_string).collect::<Vec<_>>().into_iter()
}

fn write_coords(f: &mut impl fmt::Write, title: &str, coords: &Coords, column: usize) -> fmt::Result {
    if coords.is_empty() {
        return Ok(());
    }
    let marker = |name: &str| if coords.is_index(name) { '*' } else { ' ' };
    let lines = coords.iter().map(|(name, variable)| summary(name, marker(name), variable, column));
    writeln!(f, "{}", rows(title, lines.collect(), column))?;
    for dim in coords.iter().flat_map(|(_, variable)| variable.dims()).collect::<IndexSet<_>>() {
        if let levels @ [_, _, ..] = coords.index_names(dim).as_slice() {
            writeln!(f, "{:column$}({dim}) MultiIndex: {}", format!("  * {dim} "), levels.join(", "))?;
        }
    }
    Ok(())
}

fn write_unlabeled(f: &mut impl fmt::Write, sizes: &Sizes, coords: &Coords) -> fmt::Result {
    let dims: Vec<String> = unlabeled(sizes, coords).collect();
    let title = "Dimensions without coordinates: ";
    if dims.is_empty() { Ok(()) } else { writeln!(f, "{title}{}", listed_within(dims, title.len())) }
}

fn write_attrs(f: &mut impl fmt::Write, attrs: &Attrs) -> fmt::Result {
    if attrs.is_empty() {
        return Ok(());
    }
    let column = column_width(attrs.keys().cloned());
    let line = |(key, value): (&String, &crate::Attr)| {
        let value = value.to_string().replace('\n', "\\n").replace('\t', "\\t");
        truncated(&format!("{:column$} {value}", format!("    {key}:")), WIDTH)
    };
    write!(f, "\n{}", rows("Attributes", attrs.iter().map(line).collect(), column))
}

/// `  * time     (time) datetime64[ns] 3kB 2015-01-01 2015-01-02 ... 2015-12-31`
fn summary(name: &str, marker: char, variable: &Variable, column: usize) -> String {
    let dims = match variable.dims() {
        [] => String::new(),
        dims => format!("({}) ", crate::error::listed(dims)),
    };
    let first = format!("{:column$}", format!("  {marker} {name} "));
    let front = format!("{first}{dims}{} {} ", variable.dtype_text(), values::size(variable.nbytes()));
    match variable.resident() {
        Some(chunk) => {
            let width = WIDTH.saturating_sub(front.chars().count());
            format!("{front}{}", values::flat(chunk, width, variable.calendar().unwrap_or_default()))
                .trim_end()
                .into()
        }
        None if variable.ndim() == 0 => format!("{front}lazy"),
        None => format!("{front}chunks {}", variable.data().chunks()),
    }
}

fn truncated(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    text.chars().take(width.saturating_sub(3)).chain("...".chars()).collect()
}
