use std::path::{Path, PathBuf};

/// Modules from the bottom up. Those on one line stand on the same level.
const LEVELS: &[&[&str]] = &[
    &["error"],
    &["dims"],
    &["attrs"],
    &["variable"],
    &["time"],
    &["index"],
    &["coords"],
    &["labeled"],
    &["select"],
    &["align"],
    &["ops"],
    &["combine"],
    &["repr"],
];

/// `error` names dimensions in its messages, so the two know each other.
const EXCEPTIONS: &[(&str, &str)] = &[("error", "dims")];

fn level(module: &str) -> usize {
    LEVELS
        .iter()
        .position(|level| level.contains(&module))
        .unwrap_or_else(|| panic!("unknown module {module}"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn modules_import_only_from_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files(&src) {
        let inside = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        let module = inside.split(['/', '.']).next().unwrap().to_owned();
        if module == "lib" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap();
        let code = production.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        for used in code.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if used == module || EXCEPTIONS.contains(&(module.as_str(), used.as_str())) {
                continue;
            }
            assert!(
                level(&used) < level(&module),
                "{inside} imports {used}, which stands above or beside it"
            );
        }
    }
}

#[test]
fn files_stay_short() {
    for path in files(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 600, "{} has {lines} lines; split it", path.display());
        }
    }
}
