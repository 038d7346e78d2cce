//! Paths and patterns to the files they stand for.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Files given as a pattern, a path or a list of paths.
pub trait IntoPaths {
    /// The paths: those that match a pattern in order of their names, those of a list in its own order.
    ///
    /// # Errors
    /// [`Error::NoFiles`] when nothing matches, [`Error::Argument`] when a pattern is none.
    fn into_paths(self) -> Result<Vec<PathBuf>>;
}

impl IntoPaths for &str {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        expand(self)
    }
}

impl IntoPaths for &String {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        expand(self)
    }
}

impl IntoPaths for String {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        expand(&self)
    }
}

impl IntoPaths for &Path {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        Ok(vec![self.to_owned()])
    }
}

impl IntoPaths for PathBuf {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        Ok(vec![self])
    }
}

impl<P: AsRef<Path>> IntoPaths for Vec<P> {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>> IntoPaths for &[P] {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        if self.is_empty() {
            let hint = "the list of files is empty: give at least one";
            return Err(Error::NoFiles { pattern: String::new(), hint: hint.into() });
        }
        Ok(self.iter().map(|path| path.as_ref().to_owned()).collect())
    }
}

impl<P: AsRef<Path>> IntoPaths for &Vec<P> {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>, const N: usize> IntoPaths for [P; N] {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>, const N: usize> IntoPaths for &[P; N] {
    fn into_paths(self) -> Result<Vec<PathBuf>> {
        self.as_slice().into_paths()
    }
}

/// The files that match a pattern. A text that is the name of a file stands for it, whatever is in it.
fn expand(pattern: &str) -> Result<Vec<PathBuf>> {
    let literal = Path::new(pattern);
    if !pattern.contains(['*', '?', '[']) || literal.exists() {
        return Ok(vec![literal.to_owned()]);
    }
    let invalid = |error: glob::PatternError| Error::Argument {
        argument: "pattern",
        value: format!("{pattern:?}"),
        hint: error.msg.into(),
    };
    let found = glob::glob(pattern).map_err(invalid)?;
    let mut paths = Vec::new();
    for path in found {
        paths.push(path.map_err(|error| {
            let (path, kind) = (error.path().to_owned(), error.error().kind());
            Error::io("search", &path, kind.into())
        })?);
    }
    if paths.is_empty() {
        return Err(Error::NoFiles { pattern: pattern.into(), hint: searched(literal) });
    }
    paths.sort();
    Ok(paths)
}

/// Where a pattern or path leads to, for somebody who expected it to lead to a file.
pub(crate) fn searched(pattern: &Path) -> String {
    let special = |path: &Path| path.to_string_lossy().contains(['*', '?', '[']);
    // The deepest directory that the pattern names in full.
    let mut directory = pattern.parent().unwrap_or(Path::new(""));
    while special(directory) {
        directory = directory.parent().unwrap_or(Path::new(""));
    }
    let shown = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let shown_absolute = std::path::absolute(shown).unwrap_or_else(|_| shown.to_owned());
    let Ok(entries) = std::fs::read_dir(shown) else {
        return format!("there is no directory {}", shown_absolute.display());
    };
    // Enough to find what was meant, in whatever order the system lists them.
    let mut names: Vec<String> = entries
        .take(10_000)
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let wanted = pattern.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut near: Vec<(usize, &String)> =
        names.iter().map(|name| (shared_letters(&wanted, name), name)).collect();
    near.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.retain(|(shared, _)| *shared >= 3);
    let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("{name:?}")).collect();
    let files = match names.len() {
        0 => "is empty".to_owned(),
        1 => "has 1 entry".to_owned(),
        n => format!("has {n} entries"),
    };
    let like = if near.is_empty() { String::new() } else { format!(", among them {}", near.join(", ")) };
    format!("{} was searched and {files}{like}", shown_absolute.display())
}

/// How many letters two names have in common at their starts and ends.
fn shared_letters(wanted: &str, name: &str) -> usize {
    let literal = |c: &char| !['*', '?', '[', ']'].contains(c);
    let same = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
    let start = wanted.chars().filter(literal).zip(name.chars()).take_while(same).count();
    let end = wanted.chars().rev().filter(literal).zip(name.chars().rev()).take_while(same).count();
    start + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_pattern_says_where_it_looked() {
        let pattern = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.tom?x");
        let error = pattern.into_paths().unwrap_err();
        assert!(error.is_not_found());
        let text = error.to_string();
        assert!(text.contains("Cargo.tom?x") && text.contains("\"Cargo.toml\""), "{text}");
        let text = "/no/such/place/*.nc".into_paths().unwrap_err().to_string();
        assert!(text.contains("there is no directory /no/such/place"), "{text}");
        assert!(Vec::<PathBuf>::new().into_paths().unwrap_err().is_not_found());
    }

    #[test]
    fn a_list_keeps_its_order() {
        assert_eq!(["b.nc", "a.nc"].into_paths().unwrap(), [PathBuf::from("b.nc"), PathBuf::from("a.nc")]);
    }
}
