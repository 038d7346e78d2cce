//! Paths of nodes, and patterns of paths.

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
    fits && names.iter().rev().zip(wanted.iter().rev()).all(|(name, glob)| {
        let (name, glob): (Vec<char>, Vec<char>) = (name.chars().collect(), glob.chars().collect());
        name_matches(&name, &glob)
    })
}

/// Whether a name fits a pattern. What the last star stands for grows until the rest fits: no pattern takes long.
fn name_matches(name: &[char], glob: &[char]) -> bool {
    let (mut at, mut wanted) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() || wanted < glob.len() {
        let step = match glob.get(wanted) {
            Some('*') => {
                star = Some((wanted + 1, at));
                wanted += 1;
                continue;
            }
            Some(_) => name.get(at).and_then(|&c| one_matches(c, glob.get(wanted..).unwrap_or_default())),
            None => None,
        };
        match (step, star) {
            (Some(used), _) => {
                at += 1;
                wanted += used;
            }
            (None, Some((after, from))) if from < name.len() => {
                star = Some((after, from + 1));
                (wanted, at) = (after, from + 1);
            }
            (None, _) => return false,
        }
    }
    true
}

/// How many characters of the pattern stand for this one; nothing where they do not.
fn one_matches(c: char, glob: &[char]) -> Option<usize> {
    match glob {
        ['?', ..] => Some(1),
        ['[', rest @ ..] => {
            // A bracket that comes first is one of the set, and a set that is not closed is a bracket.
            let negated = rest.first() == Some(&'!');
            let set = rest.get(usize::from(negated)..)?;
            let Some(end) = set.iter().skip(1).position(|&c| c == ']').map(|position| position + 1) else {
                return (c == '[').then_some(1);
            };
            let set = set.get(..end)?;
            let has = (0..set.len()).any(|i| match set.get(i..) {
                Some([low, '-', high, ..]) => (*low..=*high).contains(&c),
                Some([one, ..]) => *one == c && !(*one == '-' && i > 0 && i + 1 < set.len()),
                _ => false,
            });
            (has != negated).then_some(end + 2 + usize::from(negated))
        }
        [one, ..] => (*one == c).then_some(1),
        [] => None,
    }
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
