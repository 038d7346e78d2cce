//! Arrays, datasets and trees as HTML, for notebooks and browsers. Nothing is computed for it.

mod chunks;
mod markup;
mod sections;
mod tree;

use std::path::Path;
use std::sync::Arc;

use self::markup::{escaped, part};
use self::sections::Columns;
use super::values;
use crate::error::Result;
use crate::labeled::{DataArray, Dataset};
use crate::tree::{DataTree, Node};
use crate::variable::Variable;

/// Colours follow the page or the system; everything is below one class.
const STYLE: &str = include_str!("style.css");

/// What stands at the top, and what stands below it.
trait Page {
    /// `Dataset`, and the name if there is one.
    fn heading(&self) -> (&'static str, Option<String>);

    /// What is said beside them.
    fn about(&self) -> String;

    /// The parts.
    fn body(&self) -> String;
}

impl Page for DataArray {
    fn heading(&self) -> (&'static str, Option<String>) {
        ("DataArray", self.name().map(Into::into))
    }

    fn about(&self) -> String {
        format!("{}, {}", self.variable().dtype_text(), values::size(self.nbytes()))
    }

    fn body(&self) -> String {
        let title = if self.data().resident().is_some() { "Values" } else { "Chunks" };
        [
            sections::dims(&self.variable().sizes().collect(), self.coords()),
            part(title, None, true, &sections::contents(self.variable())),
            sections::coordinates("Coordinates", self.coords(), &Columns::of(self.coords().iter())),
            sections::indexes(self.coords()),
            sections::attributes(self.attrs()),
        ]
        .concat()
    }
}

impl Page for Dataset {
    fn heading(&self) -> (&'static str, Option<String>) {
        ("Dataset", None)
    }

    fn about(&self) -> String {
        values::size(self.nbytes())
    }

    fn body(&self) -> String {
        let columns = Columns::of(self.named());
        [
            sections::dims(&self.sizes(), self.coords()),
            sections::coordinates("Coordinates", self.coords(), &columns),
            sections::variables(self.data_vars(), &columns),
            sections::indexes(self.coords()),
            sections::attributes(self.attrs()),
        ]
        .concat()
    }
}

impl Page for Node<'_> {
    fn heading(&self) -> (&'static str, Option<String>) {
        ("DataTree", self.name().map(Into::into))
    }

    fn about(&self) -> String {
        let path = if self.is_root() { String::new() } else { format!("{}, ", self.path()) };
        format!("{path}{}", tree::about(self))
    }

    fn body(&self) -> String {
        tree::node(self)
    }
}

impl Page for DataTree {
    fn heading(&self) -> (&'static str, Option<String>) {
        self.root().heading()
    }

    fn about(&self) -> String {
        self.root().about()
    }

    fn body(&self) -> String {
        self.root().body()
    }
}

impl Dataset {
    /// Data variables and coordinates with their names.
    fn named(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.data_vars().iter().map(|(name, variable)| (name.as_str(), variable)).chain(self.coords().iter())
    }
}

/// All of it, to stand anywhere in a page.
fn fragment(page: &impl Page) -> String {
    let (kind, name) = page.heading();
    let name =
        name.map(|name| format!("<span class=\"gr-title\">{}</span>", escaped(&name))).unwrap_or_default();
    format!(
        "<div class=\"graticule\"><style>{STYLE}</style>\n<div class=\"gr-head\"><span class=\"gr-kind\">{kind}</span>{name}\
         <span class=\"gr-soft\">{}</span></div>\n{}</div>\n",
        escaped(&page.about()),
        page.body(),
    )
}

/// A page with nothing else in it.
fn document(page: &impl Page) -> String {
    let (kind, name) = page.heading();
    let title = name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"color-scheme\" content=\"light dark\"></head><body>\n{}</body></html>\n",
        escaped(&title),
        fragment(page),
    )
}

macro_rules! html {
    ($($type:ty)+) => {$(
        impl $type {
            /// The data as HTML, to stand anywhere in a page: parts that open and close, the first values of what is in
            /// memory, a drawing of the chunks of what is not. Nothing is computed, and no script is needed.
            pub fn to_html(&self) -> String {
                fragment(self)
            }

            /// Writes [`Self::to_html`] as a page of its own.
            ///
            /// # Errors
            /// [`graticule_array::Error::Write`] when the file cannot be written.
            pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
                let path = path.as_ref();
                std::fs::write(path, document(self)).map_err(|cause| {
                    graticule_array::Error::Write { path: path.display().to_string(), cause: Arc::new(cause) }.into()
                })
            }

            /// Shows [`Self::to_html`] in a notebook: the Jupyter kernel of evcxr calls this for the last value of a cell.
            pub fn evcxr_display(&self) {
                println!("EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT", self.to_html());
            }
        }
    )+};
}

html!(DataArray Dataset DataTree Node<'_>);
