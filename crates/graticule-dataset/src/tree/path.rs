//! Paths of nodes, and patterns of paths.

use glob::Pattern;

use crate::error::{Error, Result};

/// The names that lead from the root to `path`, which may begin at the node of the names `from`.
///
/// # Errors
/// [`Error::Argument`] for a path that leaves the tree.
pub(super) fn resolve<'a>(from: &[&'a str], path: &'a str) -> Result<Vec<&'a str>> {
    let mut names = if path.starts_with('/') { Vec::new() } else { from.to_vec() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if names.pop().is_some() => {}
            ".." => {
                return Err(Error::argument("path", format!("{path:?}"), "it leads above the root"));
            }
            name => names.push(name),
        }
    }
    Ok(names)
}

/// `/a/b`, or `/` for the root.
pub(super) fn absolute(names: &[&str]) -> String {
    format!("/{}", names.join("/"))
}

/// The way from one node to another: `../b`, or `.` where they are the same.
pub(super) fn relative(from: &[&str], to: &[&str]) -> String {
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    let steps: Vec<&str> = up.chain(to.iter().skip(shared).copied()).collect();
    if steps.is_empty() { ".".into() } else { steps.join("/") }
}

/// Whether a path fits a pattern: from its end, or all of it where the pattern begins with `/`. As in Python's
/// `PurePath.match`, `*`, `?`, `[abc]` and `[!abc]` stand for parts of one name.
pub(super) fn matches(names: &[&str], pattern: &str) -> bool {
    let wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let fits = match pattern.starts_with('/') {
        true => wanted.len() == names.len(),
        false => !wanted.is_empty() && wanted.len() <= names.len(),
    };
    fits && names.iter().rev().zip(wanted.iter().rev()).all(|(name, glob)| name_matches(name, glob))
}

fn name_matches(name: &str, pattern: &str) -> bool {
    // Two stars are one, which within a name means the same.
    let mut simple = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        if c != '*' || !simple.ends_with('*') {
            simple.push(c);
        }
    }
    // A set that is not closed is a bracket.
    let parsed = Pattern::new(&simple).or_else(|_| Pattern::new(&simple.replace('[', "[[]")));
    parsed.is_ok_and(|pattern| pattern.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_walked_as_in_a_file_system() {
        let from = ["a", "b"];
        for (path, names) in [
            ("c", vec!["a", "b", "c"]),
            ("/c/d", vec!["c", "d"]),
            ("..", vec!["a"]),
            ("../c", vec!["a", "c"]),
            ("./c/", vec!["a", "b", "c"]),
            ("/", vec![]),
            ("", vec!["a", "b"]),
        ] {
            assert_eq!(resolve(&from, path).unwrap(), names, "{path}");
        }
        let error = resolve(&from, "../../..").unwrap_err();
        assert_eq!(error.to_string(), "path = \"../../..\" is not possible: it leads above the root");
    }

    #[test]
    fn the_way_between_two_nodes() {
        assert_eq!(relative(&["fine"], &["coarse", "deep"]), "../coarse/deep");
        assert_eq!(relative(&[], &["coarse"]), "coarse");
        assert_eq!(relative(&["coarse", "deep"], &[]), "../..");
        assert_eq!(relative(&["a"], &["a"]), ".");
    }

    // Python: PurePosixPath(path).match(pattern).
    #[test]
    fn patterns_match_as_in_python() {
        let fits = |path: &str, pattern: &str| matches(&resolve(&[], path).unwrap(), pattern);
        assert!(fits("/a/B", "*/B") && fits("/a/B", "B") && fits("/a/B", "/a/B") && fits("/a/B", "/*/?"));
        assert!(!fits("/a/B", "/B") && !fits("/a/B", "b") && !fits("/a", "*/a") && !fits("/a", ""));
        assert!(fits("/run_12", "run_*") && fits("/run_12", "*_1[0-9]") && fits("/run_12", "*[!0]"));
        assert!(!fits("/run_12", "run_?") && !fits("/run_12", "*[!2]") && fits("/a[b", "a[b"));
        assert!(fits("/x-y", "x[a-]y") && !fits("/xby", "x[a-]y") && fits("/aab", "*ab") && fits("/", "/"));
        let long = "a".repeat(200);
        assert!(!fits(&long, &format!("{}b", "*a".repeat(50))));
    }
}
