//! The architecture, held against the code: which crate may use which, which module may import which, how
//! long a file may be, and which licences may come in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each crate may depend on, of ours.
const CRATES: [(&str, &[&str]); 4] = [
    ("graticule-array", &[]),
    ("graticule-dataset", &["graticule-array"]),
    ("graticule-io", &["graticule-array", "graticule-dataset"]),
    ("graticule-plot", &["graticule-array", "graticule-dataset"]),
];

/// The modules of each crate in layers. A module may import from the layers before its own, and from
/// modules of its own layer.
const LAYERS: [(&str, &[&[&str]]); 4] = [
    (
        "graticule-array",
        &[
            &["bytes", "dtype", "error"],
            &["scalar"],
            &["chunk", "function", "grid"],
            &["aggregation"],
            &["kernel"],
            &["random", "source"],
            &["sink", "blockwise"],
            &["expr"],
            &["optimize"],
            &["plan"],
            &["observe"],
            &["exec"],
            &["runtime"],
            &["array"],
            &["ops"],
            &["conformance"],
        ],
    ),
    (
        "graticule-dataset",
        &[
            &["attrs", "calendar", "dims", "disagreement", "error"],
            &["variable"],
            &["time"],
            &["index"],
            &["coords"],
            &["labeled"],
            &["select"],
            &["align"],
            &["combine", "compare", "convert", "ops"],
            &["group", "interp", "window"],
            &["tree"],
            &["repr"],
        ],
    ),
    (
        "graticule-io",
        &[
            &["error", "limits", "text"],
            &["file", "paths"],
            &["backend", "load", "unreadable"],
            &["adapt", "netcdf"],
            &["cf"],
            &["open"],
            &["groups", "multi"],
        ],
    ),
    (
        "graticule-plot",
        &[
            &["axis", "label"],
            &["colormap", "error", "figure", "histogram", "mesh", "norm", "ticks"],
            &["font", "plot", "save", "scene", "time_ticks"],
            &["render", "trace"],
            &["colorbar", "content", "layout", "legend"],
        ],
    ),
];

/// The longest a source file may be, tests included.
const MAX_LINES: usize = 800;

/// Licences that may be linked into users' programs.
const LICENCES: [&str; 9] =
    ["MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0", "MPL-2.0"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The module that a file of a crate belongs to: the first folder or file name below `src`.
fn module(src: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(src).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules that a text imports with `crate::`.
fn imports(text: &str) -> Vec<String> {
    let code =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.split("crate::")
        .skip(1)
        .filter(|rest| !rest.starts_with('{'))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

fn violations(layers: &[&[&str]], module: &str, text: &str) -> Vec<String> {
    let layer = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let Some(own) = layer(module) else { return vec![format!("module `{module}` is in no layer")] };
    imports(text)
        .into_iter()
        .filter(|import| layer(import).is_some_and(|other| other > own))
        .map(|import| format!("`{module}` imports `{import}`, which stands above it"))
        .collect()
}

#[test]
fn crates_depend_on_each_other_one_way() {
    for (name, allowed) in CRATES {
        let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        for line in manifest.lines().filter(|line| line.starts_with("graticule-")) {
            let used = line.split(['.', ' ', '=']).next().unwrap();
            assert!(
                allowed.contains(&used),
                "{name} depends on {used}, against the arrows of ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn modules_import_one_way() {
    let mut wrong = Vec::new();
    for (name, layers) in LAYERS {
        let src = root().join("crates").join(name).join("src");
        for file in rust_files(&src) {
            let module = module(&src, &file);
            if module != "lib" {
                let text = std::fs::read_to_string(&file).unwrap();
                let found = violations(layers, &module, &text);
                wrong.extend(found.into_iter().map(|what| format!("{}: {what}", file.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_against_the_arrows_is_noticed() {
    let layers: &[&[&str]] = &[&["low"], &["high"]];
    assert_eq!(violations(layers, "low", "use crate::high::Thing;").len(), 1);
    assert_eq!(violations(layers, "low", "let x = crate::high::thing();").len(), 1);
    assert!(violations(layers, "high", "use crate::low::Thing;").is_empty());
    assert!(violations(layers, "low", "// see crate::high").is_empty());
    assert_eq!(violations(layers, "new", "").len(), 1);
}

#[test]
fn no_file_is_too_long_to_read() {
    for file in rust_files(&root().join("crates")).iter().chain(&rust_files(&root().join("src"))) {
        let lines = std::fs::read_to_string(file).unwrap().lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines: split it", file.display());
    }
}

#[test]
fn every_dependency_has_a_licence_that_may_come_in() {
    // Dependencies that are linked into users' programs on this platform, under whichever features, one a line: name,
    // version, licence. Cargo.lock names more, such as arrow's CC0 tiny-keccak, which is built for wasm alone.
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges", "normal,build", "--prefix", "none", "--format", "{p}\t{l}"])
        .args(["--all-features", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut refused = BTreeMap::new();
    let text = String::from_utf8(output.stdout).unwrap();
    for (package, licence) in text.lines().filter_map(|line| line.split_once('\t')) {
        // `A OR B` offers a choice, `A AND B` asks for both; a `WITH` exception only adds permissions.
        let plain = licence.trim_end_matches("(*)").replace(['(', ')'], " ").replace('/', " OR ");
        let accepted = plain.split(" OR ").any(|choice| {
            choice.split(" AND ").all(|one| LICENCES.contains(&one.split(" WITH ").next().unwrap().trim()))
        });
        if !accepted {
            refused.insert(package.to_owned(), licence.to_owned());
        }
    }
    assert!(text.lines().count() > 20, "{text}");
    assert!(refused.is_empty(), "{refused:?}");
}
