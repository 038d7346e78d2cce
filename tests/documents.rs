//! The tables of names in `docs/`, held against the code: every name of ours exists, none of theirs is left out, and the
//! counts are right.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::architecture::{root, rust_files};

/// What stands in a table for an operator of Rust.
const OPERATORS: [&str; 9] = ["+", "-", "*", "/", "%", "&", "|", "^", "!"];

/// What stands in the middle column where nothing of ours does.
const NOTHING: [&str; 2] = ["not there", "not yet"];

/// A document with tables of their names and ours.
struct Document {
    path: &'static str,
    /// Where ours are.
    crates: &'static [&'static str],
    /// The types whose methods stand in the tables without the type.
    bare: &'static [&'static str],
}

const ENGINE: Document =
    Document { path: "docs/operations.md", crates: &["graticule-array"], bare: &["Array"] };

const LABELS: Document = Document {
    path: "docs/for_xarray_users.md",
    crates: &["graticule-array", "graticule-dataset", "graticule-io", "graticule-plot"],
    bare: &["Labeled", "DataArray", "Dataset", "Plot"],
};

/// A row of a table: their names and ours, or what stands in the place of ours.
struct Row {
    theirs: Vec<String>,
    ours: Vec<String>,
    nothing: Option<String>,
}

impl Document {
    fn text(&self) -> String {
        std::fs::read_to_string(root().join(self.path)).unwrap()
    }

    fn rows(&self) -> Vec<Row> {
        rows(&self.text())
    }

    /// The public functions of the crates.
    fn functions(&self) -> BTreeSet<String> {
        let folders = self.crates.iter().map(|name| root().join("crates").join(name).join("src"));
        let files = folders.flat_map(|folder| rust_files(&folder));
        files.flat_map(|file| functions(&std::fs::read_to_string(file).unwrap(), self.bare)).collect()
    }

    fn check_names(&self) {
        let there = self.functions();
        let rows = self.rows();
        let ours = rows.iter().flat_map(|row| &row.ours);
        let missing: Vec<&String> =
            ours.filter(|name| !there.contains(*name) && !OPERATORS.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "{} names what is no public function: {missing:?}", self.path);
    }

    /// The names on the left, none of which may stand there twice.
    fn theirs(&self) -> BTreeSet<String> {
        let rows = self.rows();
        let all: Vec<&String> = rows.iter().flat_map(|row| &row.theirs).collect();
        let once: BTreeSet<String> = all.iter().map(|name| (*name).clone()).collect();
        let twice: Vec<&&String> =
            all.iter().filter(|name| all.iter().filter(|other| other == name).count() > 1).collect();
        assert_eq!(once.len(), all.len(), "{}: names stand in two rows: {twice:?}", self.path);
        once
    }

    /// How many of their names have ours, and how many are marked by each of the words for nothing.
    fn counts(&self) -> (usize, [usize; 2]) {
        let rows = self.rows();
        let count = |accept: &dyn Fn(&Row) -> bool| -> usize {
            rows.iter().filter(|row| accept(row)).map(|row| row.theirs.len()).sum()
        };
        let marked = NOTHING.map(|word| count(&|row| row.nothing.as_deref() == Some(word)));
        (count(&|row| row.nothing.is_none()), marked)
    }

    fn check_says(&self, sentence: &str) {
        let text = self.text().replace('\n', " ");
        assert!(text.contains(sentence), "{} should say: {sentence}", self.path);
    }
}

/// What stands between backticks.
fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows(document: &str) -> Vec<Row> {
    // The tables of names begin with a line of their own; what stands in others is not a name.
    let tables = document.split("\n\n").filter(|table| table.lines().next().is_some_and(is_header));
    let rows = tables.flat_map(|table| table.lines().filter(|line| line.starts_with("| `")));
    rows.map(|row| {
        // A bar inside of a cell is written `\|`.
        let row = row.replace("\\|", "\0");
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().replace('\0', "|")).collect();
        assert_eq!(cells.len(), 5, "three columns: {row}");
        let ours = codes(&cells[2]);
        let nothing = NOTHING.contains(&cells[2].as_str()).then(|| cells[2].clone());
        assert_eq!(ours.is_empty(), nothing.is_some(), "names of ours, or one of {NOTHING:?}: {row}");
        Row { theirs: codes(&cells[1]), ours, nothing }
    })
    .collect()
}

/// Whether a line is the first of a table of their names and ours.
fn is_header(line: &str) -> bool {
    line.starts_with("| ") && line.contains("| ours |")
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// The names of the functions that a macro makes of a line such as `sqrt Sqrt "The square root."`, or
/// `cumsum cumsum_with_missing "The sum."`.
fn made_by_macro(line: &str) -> Vec<&str> {
    let Some((words, _)) = line.split_once('"').filter(|_| line.starts_with("    ") && line.ends_with('"'))
    else {
        return Vec::new();
    };
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_lowercase()) && identifier(word) == *word;
    if words.contains('=') {
        Vec::new()
    } else {
        words.split(' ').filter(|word| !word.is_empty()).take_while(is_name).collect()
    }
}

/// The type that a block `impl … for Type<…> {` is about, and a block `pub trait Type {`.
fn owner_of(code: &str) -> Option<&str> {
    if let Some(name) = code.strip_prefix("pub trait ") {
        return Some(identifier(name));
    }
    let mut target = code.strip_prefix("impl")?;
    if target.starts_with('<') {
        let mut depth = 0;
        let close = target.find(|c: char| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        })?;
        target = &target[close + 1..];
    }
    target.starts_with(' ').then(|| identifier(target.rsplit(" for ").next().unwrap_or(target).trim_start()))
}

/// The public functions of a file: `name` for free functions and methods of the types that are `bare`, else `Type::name`.
fn functions(text: &str, bare: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut owner = "";
    let mut is_trait = false;
    for line in text.lines() {
        let code = line.trim_start();
        if let Some(found) = owner_of(code) {
            owner = found;
            is_trait = code.starts_with("pub trait");
            continue;
        }
        let methods = if let Some(free) = line.strip_prefix("pub fn ") {
            names.insert(identifier(free).to_owned());
            continue;
        } else if let Some(method) = code.strip_prefix("pub fn ") {
            vec![identifier(method)]
        } else if let Some(method) = code.strip_prefix("fn ").filter(|_| is_trait) {
            vec![identifier(method)]
        } else {
            made_by_macro(line)
        };
        let qualified = |method: &str| match bare.contains(&owner) {
            true => method.to_owned(),
            false => format!("{owner}::{method}"),
        };
        names.extend(methods.into_iter().map(qualified));
    }
    names
}

#[test]
fn every_operation_of_the_engine_that_is_named_exists() {
    ENGINE.check_names();
}

#[test]
fn every_operation_on_labels_that_is_named_exists() {
    LABELS.check_names();
}

#[test]
fn the_names_of_dask_are_counted() {
    let all = ENGINE.theirs().len();
    let (ours, [none, _]) = ENGINE.counts();
    ENGINE
        .check_says(&format!("Of the {all} names of dask.array below, {ours} have ours and {none} have not"));
}

#[test]
fn the_names_of_xarray_are_counted() {
    let all = LABELS.theirs().len();
    let (ours, [not_there, not_yet]) = LABELS.counts();
    LABELS.check_says(&format!(
        "Of the {all} names below, {ours} have ours, {not_yet} do not yet, and {not_there} have no use here"
    ));
}

#[test]
fn no_public_name_of_xarray_is_left_out() {
    let path = root().join("data-fixtures/golden/names.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let theirs = LABELS.theirs();
    let mut missing = Vec::new();
    for (family, prefix) in [("xarray", ""), ("containers", ""), ("dt", "dt.")] {
        let names = golden[family]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| format!("{prefix}{}", name.as_str().unwrap()));
        missing.extend(names.filter(|name| !theirs.contains(name)));
    }
    assert!(missing.is_empty(), "{} does not name {missing:?}", LABELS.path);
}

#[test]
fn a_name_that_does_not_exist_is_noticed() {
    let source = "impl Array {\n    pub fn sort(&self) {}\n}\nimpl<V: Of<T>> Rolling<V> {$(\n    pub fn $name() {}\n)+}\n    \
                  mean Mean \"The mean.\"\npub fn einsum() {}\n    let hint = \"none\";\npub trait Plot {\n    fn plot();\n}";
    let there = functions(source, &["Array"]);
    for name in ["sort", "Rolling::mean", "einsum", "Plot::plot"] {
        assert!(there.contains(name), "{name} is missing in {there:?}");
    }
    for name in ["mean", "hint", "Rolling::let", "argsort"] {
        assert!(!there.contains(name), "{name} is no method of Array");
    }
    let rows = rows(
        "| a | ours | |\n|---|---|---|\n| `sort` | `sort` | |\n| `or` | `\\|` | |\n| `view` | not there | `x` |",
    );
    assert_eq!(rows[1].ours, ["|"]);
    assert!(rows[2].ours.is_empty());
    assert!(self::rows("| a | b | |\n|---|---|---|\n| `sort` | `sort` | |").is_empty());
}
