use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use graticule_dataset::Attrs;
use graticule_io::{
    Backend, DataFile, Error, NetcdfC, OpenOptions, RawGroup, RawVariable, Request, Truncated,
};

use crate::support::{Scratch, aviso_files, fixtures, netcdf_files, open_raw, read_all};

#[derive(Default)]
struct Count {
    files: usize,
    equal: usize,
    /// Variables that only one of the two reads.
    only_c: usize,
    only_rust: usize,
    neither: usize,
    different: Vec<String>,
}

fn by_c(path: &Path, request: &Request) -> Result<RawGroup, Error> {
    NetcdfC.open(&DataFile::open(path)?, request)
}

/// Compares a group and those inside it.
fn compare(path: &Path, group: &str, count: &mut Count) {
    let request = Request { group: group.to_owned(), ..Request::default() };
    let (rust, c) = match (open_raw(path, &request), by_c(path, &request)) {
        (Ok(rust), Ok(c)) => (rust, c),
        _ => return,
    };
    count.files += usize::from(group.is_empty());
    let what = format!("{}{group}", path.display());
    let mut differ = |is: bool, problem: String| {
        if is {
            count.different.push(format!("{what}: {problem}"));
        }
    };
    differ(rust.dims != c.dims, format!("dims {:?} by C {:?}", rust.dims, c.dims));
    differ(rust.groups != c.groups, format!("groups {:?} by C {:?}", rust.groups, c.groups));
    let problem = attributes(&rust.attrs, &c.attrs);
    differ(!problem.is_empty(), format!("attributes{problem}"));
    let names = |group: &RawGroup| group.variables.iter().map(|v| v.name.clone()).collect::<Vec<_>>();
    differ(names(&rust) != names(&c), format!("variables {:?} by C {:?}", names(&rust), names(&c)));
    for variable in &rust.variables {
        if let Some(same) = c.variables.iter().find(|other| other.name == variable.name) {
            compare_variables(variable, same, &what, count);
        }
    }
    for inner in &rust.groups {
        compare(path, &format!("{group}/{inner}"), count);
    }
}

fn compare_variables(rust: &RawVariable, c: &RawVariable, what: &str, count: &mut Count) {
    let mut problem = attributes(&rust.attrs, &c.attrs);
    if rust.dims != c.dims {
        let _ = write!(problem, " dims {:?} by C {:?}", rust.dims, c.dims);
    }
    match (read_all(&rust.source), read_all(&c.source)) {
        (Ok(values), Ok(same)) => {
            let bits = |chunk: &graticule_array::Chunk| format!("{:?}", chunk.buffer());
            if rust.kind != c.kind || rust.source.dtype() != c.source.dtype() {
                let of = |v: &RawVariable| format!("{:?} of {}", v.kind, v.source.dtype());
                let _ = write!(problem, " {} by C {}", of(rust), of(c));
            } else if values.shape() != same.shape() || bits(&values) != bits(&same) {
                problem += " values";
            }
            count.equal += usize::from(problem.is_empty());
        }
        (Ok(_), Err(_)) => count.only_rust += 1,
        (Err(error), Ok(_)) => {
            println!("only in C: {what}: {error}");
            count.only_c += 1;
        }
        (Err(_), Err(_)) => count.neither += 1,
    }
    if !problem.is_empty() {
        count.different.push(format!("{what}: variable {}:{problem}", rust.name));
    }
}

/// How attributes differ; NaN equals itself.
fn attributes(rust: &Attrs, c: &Attrs) -> String {
    let mut problem = String::new();
    for (name, value) in rust {
        match c.get(name) {
            Some(same) if format!("{same:?}") == format!("{value:?}") => {}
            other => {
                let _ = write!(problem, " {name} = {value:?} by C {other:?}");
            }
        }
    }
    for name in c.keys().filter(|name| !rust.contains_key(*name)) {
        let _ = write!(problem, " {name} only by C");
    }
    if problem.is_empty() && !rust.keys().eq(c.keys()) {
        let of = |attrs: &Attrs| attrs.keys().cloned().collect::<Vec<_>>().join(", ");
        let _ = write!(problem, " order {} by C {}", of(rust), of(c));
    }
    problem
}

#[test]
fn both_ways_give_the_same_variables() {
    let mut count = Count::default();
    for path in netcdf_files().iter().chain(aviso_files().iter().step_by(60)) {
        compare(path, "", &mut count);
    }
    assert!(count.different.is_empty(), "{}", count.different.join("\n"));
    println!("{} files, {} variables equal, {} only in Rust", count.files, count.equal, count.only_rust);
    assert!(count.files > 25 && count.equal > 200);
    assert_eq!((count.only_rust, count.only_c), (0, 0));
}

/// Why the two differ where they do: a part of the path, a part of the difference, the reason.
const DIFFERENCES: [(&str, &str, &str); 7] = [
    ("", ": _FillValue = Number", "the crate does not read attributes that are enumerations"),
    ("tst_ncml.nc", "gnul =", "the crate cuts texts of attributes at the first NUL"),
    ("tst_nul3.nc", "global =", "the crate cuts texts of attributes at the first NUL"),
    ("ref_nc_test_netcdf4_4_0.nc", "{80}", "the crate replaces what is not UTF-8 in texts of attributes"),
    ("compound-dtype-complex.h5", "dims", "the library does not list complex numbers"),
    ("compound-dtype-complex.h5", "variables", "the library does not list complex numbers"),
    ("nested_groups.h5", "phony_dim", "the library numbers dimensions without a name through all groups"),
];

/// Files that the library, or a version of it, does not survive.
const DEADLY: [&str; 6] = [
    "/damaged/",
    "/pnetcdf/bad_",
    "/jhdf/float_special_values_",
    "/jhdf/compound_datasets_latest",
    "/jhdf/globalheaps_test",
    "/recoded/uv300.h5py_latest.h5",
];

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let is_known =
            path.extension().is_some_and(|end| ["nc", "nc4", "h5"].iter().any(|known| end == *known));
        if path.is_dir() {
            walk(&path, files);
        } else if is_known && !DEADLY.iter().any(|part| path.to_string_lossy().contains(part)) {
            files.push(path);
        }
    }
}

#[test]
fn both_ways_give_the_same_of_files_from_everywhere() {
    let Ok(folder) = std::env::var("GRATICULE_CONFORMANCE") else { return };
    let mut files = Vec::new();
    walk(&Path::new(&folder).join("data"), &mut files);
    let mut count = Count::default();
    for path in files {
        compare(&path, "", &mut count);
    }
    let unknown = |text: &&String| {
        !DIFFERENCES.iter().any(|(path, part, _)| text.contains(path) && text.contains(part))
    };
    let unknown: Vec<&String> = count.different.iter().filter(unknown).collect();
    println!(
        "{} files; variables: {} equal, {} only in C, {} only in Rust, {} in neither; {} known differences",
        count.files,
        count.equal,
        count.only_c,
        count.only_rust,
        count.neither,
        count.different.len() - unknown.len()
    );
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(count.files > 200 && count.equal > 1500 && count.only_rust == 0);
}

#[test]
fn an_option_chooses_the_library() {
    let path = fixtures().join("netcdf/strings.nc");
    let options = || OpenOptions::new().backend(NetcdfC);
    let (c, rust) = (options().open(&path).unwrap(), OpenOptions::new().open(&path).unwrap());
    let values =
        |ds: &graticule_dataset::Dataset| format!("{:?}", ds.variable("words").unwrap().values().unwrap());
    assert_eq!(values(&c), values(&rust));
    let days = aviso_files();
    let year = options().open_many(&days[..20]).unwrap();
    let mean =
        |ds: &graticule_dataset::Dataset| ds.get("adt").unwrap().mean(()).unwrap().values::<f64>().unwrap();
    let expected = OpenOptions::new().open_many(&days[..20]).unwrap();
    assert_eq!(mean(&year), mean(&expected));
    let error = options().open(fixtures().join("netcdf/damaged/text.nc")).err().unwrap();
    assert!(error.to_string().contains("netCDF (C library) was chosen"), "{error}");
    let error = options().group("/forecst").open(fixtures().join("netcdf/groups.nc")).err().unwrap();
    assert!(error.is_not_found() && error.to_string().contains("/forecast"), "{error}");
}

#[test]
fn what_is_not_there_is_an_error_here_too() {
    let options = || OpenOptions::new().backend(NetcdfC);
    for name in ["truncated_netcdf3.nc", "truncated_netcdf4.nc"] {
        let path = fixtures().join("netcdf/damaged").join(name);
        let error = options().open(&path).err().unwrap();
        assert!(error.is_corrupt() && error.to_string().contains(name), "{error}");
        assert!(options().truncated(Truncated::Missing).open(&path).is_err());
    }
    // A file that is overwritten after it was opened, while the library still has it open.
    let scratch = Scratch::new("changed_c");
    let path = scratch.path().join("a.nc");
    std::fs::copy(fixtures().join("netcdf/chunks.nc"), &path).unwrap();
    let group = by_c(&path, &Request::default()).unwrap();
    read_all(&group.variables[0].source).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::copy(fixtures().join("netcdf/filters.nc"), &path).unwrap();
    let error = read_all(&group.variables[0].source).unwrap_err();
    assert!(error.to_string().contains("has changed since it was opened"), "{error}");
}
