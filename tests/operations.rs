//! `docs/operations.md`, held against the code: every name of ours in its tables exists, and its counts are right.

use std::collections::BTreeSet;

use crate::architecture::{root, rust_files};

/// What stands in a table for an operator of Rust.
const OPERATORS: [&str; 9] = ["+", "-", "*", "/", "%", "&", "|", "^", "!"];

/// A row of a table: dask's names and ours, of which there are none where the row says so.
struct Row {
    theirs: Vec<String>,
    ours: Vec<String>,
}

/// What stands between backticks.
fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows(document: &str) -> Vec<Row> {
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        // A bar inside of a cell is written `\|`.
        let row = row.replace("\\|", "\0");
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().replace('\0', "|")).collect();
        assert_eq!(cells.len(), 5, "three columns: {row}");
        let ours = codes(&cells[2]);
        assert_eq!(ours.is_empty(), cells[2] == "not there", "names of ours, or `not there`: {row}");
        Row { theirs: codes(&cells[1]), ours }
    })
    .collect()
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// The name of the method that a macro makes of a line such as `sqrt Sqrt "The square root."`.
fn made_by_macro(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("    ")?.split_once(' ')?;
    let variant = rest.starts_with(|c: char| c.is_uppercase());
    (variant && line.ends_with('"') && identifier(name) == name).then_some(name)
}

/// The public functions of a file: `name` for free functions and methods of `Array`, else `Type::name`.
fn functions(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut owner = "";
    for line in text.lines() {
        let code = line.trim_start();
        let method = if let Some(target) = code.strip_prefix("impl ") {
            owner = identifier(target.rsplit(" for ").next().unwrap());
            continue;
        } else if let Some(free) = line.strip_prefix("pub fn ") {
            names.insert(identifier(free).to_owned());
            continue;
        } else if let Some(method) = code.strip_prefix("pub fn ") {
            identifier(method)
        } else if let Some(method) = made_by_macro(line) {
            method
        } else {
            continue;
        };
        names.insert(if owner == "Array" { method.to_owned() } else { format!("{owner}::{method}") });
    }
    names
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/operations.md")).unwrap()
}

#[test]
fn every_operation_in_the_table_exists() {
    let sources = rust_files(&root().join("crates/graticule-array/src"));
    let there: BTreeSet<String> =
        sources.iter().flat_map(|file| functions(&std::fs::read_to_string(file).unwrap())).collect();
    let rows = rows(&document());
    let ours = rows.iter().flat_map(|row| &row.ours);
    let missing: Vec<&String> =
        ours.filter(|name| !there.contains(*name) && !OPERATORS.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "docs/operations.md names what is no public function: {missing:?}");
}

#[test]
fn the_table_counts_its_operations() {
    let document = document();
    let rows = rows(&document);
    let all: Vec<&String> = rows.iter().flat_map(|row| &row.theirs).collect();
    let once: BTreeSet<&String> = all.iter().copied().collect();
    assert_eq!(once.len(), all.len(), "a name of dask's stands in two rows");
    let ours: usize = rows.iter().filter(|row| !row.ours.is_empty()).map(|row| row.theirs.len()).sum();
    let sentence = format!(
        "Of the {} names of dask.array below, {ours} have ours and {} have not",
        all.len(),
        all.len() - ours
    );
    assert!(document.contains(&sentence), "docs/operations.md should say: {sentence}");
}

#[test]
fn a_name_that_does_not_exist_is_noticed() {
    let source = "impl Array {\n    pub fn sort(&self) {}\n}\nimpl Rolling {$(\n    pub fn $name() {}\n)+}\n    \
                  mean Mean \"The mean.\"\npub fn einsum() {}\n    let hint = \"none\";";
    let there = functions(source);
    for name in ["sort", "Rolling::mean", "einsum"] {
        assert!(there.contains(name), "{name} is missing in {there:?}");
    }
    for name in ["mean", "hint", "let", "argsort"] {
        assert!(!there.contains(name), "{name} is no method of Array");
    }
    let rows = rows("| `sort` | `sort` | |\n| `or` | `\\|` | |\n| `view` | not there | `x` |");
    assert_eq!(rows[1].ours, ["|"]);
    assert!(rows[2].ours.is_empty());
}
