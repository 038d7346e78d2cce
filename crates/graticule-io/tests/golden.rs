use std::path::Path;
use std::sync::Arc;

use graticule_array::{Buffer, Chunk, DType, NAT};
use graticule_dataset::time::PartialDate;
use graticule_dataset::{Attr, Attrs};
use graticule_io::{OpenOptions, RawGroup, RawKind, Request};
use serde_json::{Map, Value};

use crate::support::{Scratch, aviso_files, fixtures, open_raw, read_all};

fn golden() -> Value {
    let text = std::fs::read_to_string(fixtures().join("golden/netcdf.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("NaN" | "NaT") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap(),
    }
}

/// Whether a number is the one that the golden file has, exactly for integers.
fn equal(chunk: &Chunk, at: usize, expected: &Value, tolerance: f64) -> bool {
    match chunk.buffer() {
        Buffer::Str(texts) => expected.as_str() == Some(&*texts[at]),
        Buffer::I64(values) => expected.as_i64() == Some(values[at]),
        Buffer::U64(values) => expected.as_u64() == Some(values[at]),
        Buffer::Bool(values) => expected.as_bool().or(expected.as_i64().map(|i| i != 0)) == Some(values[at]),
        _ => {
            let (found, expected) = (chunk.to_f64()[at], number(expected));
            found == expected
                || found.is_nan() && expected.is_nan()
                || (found - expected).abs() <= tolerance * expected.abs()
        }
    }
}

fn assert_attrs(attrs: &Attrs, expected: &Value, what: &str) {
    let expected = object(expected);
    assert_eq!(attrs.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{what}");
    for (name, attr) in attrs {
        let what = format!("{what}, attribute {name}");
        let (kind, value) = (expected[name]["type"].as_str().unwrap(), &expected[name]["value"]);
        match attr {
            Attr::Str(text) => assert_eq!(value.as_str(), Some(text.as_str()), "{what}"),
            Attr::Strs(texts) => assert_eq!(&names(value), texts, "{what}"),
            Attr::Number(scalar, dtype) => {
                assert_eq!(dtype.to_string(), kind, "{what}");
                assert!(
                    equal(&Chunk::from_scalar(scalar), 0, value, 1e-7),
                    "{what}: {scalar} is not {value}"
                );
            }
            Attr::Numbers(values) => {
                assert_eq!(values.dtype().to_string(), kind, "{what}");
                assert_values(values, value, 0.0, &what);
            }
        }
    }
}

fn assert_values(chunk: &Chunk, expected: &Value, tolerance: f64, what: &str) {
    let expected = expected.as_array().unwrap();
    assert_eq!(chunk.len(), expected.len(), "{what}");
    for (at, expected) in expected.iter().enumerate() {
        assert!(
            equal(chunk, at, expected, tolerance),
            "{what}, element {at}: {:?} is not {expected}",
            chunk.get(at)
        );
    }
}

fn assert_raw(group: &RawGroup, expected: &Value, what: &str) {
    let variables = object(&expected["variables"]);
    let found: Vec<&String> = group.variables.iter().map(|variable| &variable.name).collect();
    assert_eq!(found, variables.keys().collect::<Vec<_>>(), "{what}");
    assert_attrs(&group.attrs, &expected["attrs"], what);
    let dims = expected["dims"].as_array().unwrap();
    assert_eq!(group.dims.len(), dims.len(), "{what}: {:?}", group.dims);
    for (dim, expected) in group.dims.iter().zip(dims) {
        assert_eq!(Some(dim.name.as_str()), expected["name"].as_str(), "{what}");
        assert_eq!(Some(dim.len as u64), expected["size"].as_u64(), "{what}: {}", dim.name);
        assert_eq!(Some(dim.unlimited), expected["unlimited"].as_bool(), "{what}: {}", dim.name);
    }
    for variable in &group.variables {
        let what = format!("{what}, variable {}", variable.name);
        let expected = &variables[&variable.name];
        assert_eq!(variable.dims, names(&expected["dims"]), "{what}");
        assert_attrs(&variable.attrs, &expected["attrs"], &what);
        let chunk = read_all(&variable.source).unwrap_or_else(|error| panic!("{what}: {error}"));
        match (variable.kind, expected["dtype"].as_str().unwrap()) {
            (RawKind::Char, "char") => {
                let codes = chunk.as_slice::<u8>().unwrap();
                let expected: Vec<u8> = names(&expected["values"])
                    .iter()
                    .map(|c| c.chars().next().unwrap() as u32 as u8)
                    .collect();
                assert_eq!(codes, expected, "{what}");
            }
            (RawKind::Text, "string") => assert_values(&chunk, &expected["values"], 0.0, &what),
            // Half floats are widened.
            (RawKind::Number, "float16") => assert_values(&chunk, &expected["values"], 0.0, &what),
            (RawKind::Number, dtype) => {
                assert_eq!(chunk.dtype().to_string(), dtype, "{what}");
                assert_values(
                    &chunk,
                    &expected["values"],
                    if dtype == "float32" { 1e-7 } else { 0.0 },
                    &what,
                );
            }
            (kind, dtype) => panic!("{what}: {kind:?} instead of {dtype}"),
        }
    }
    assert_eq!(&group.groups, &object(&expected["groups"]).keys().cloned().collect::<Vec<_>>(), "{what}");
}

fn each_group(expected: &Value, group: &str, check: &mut impl FnMut(&str, &Value)) {
    check(group, expected);
    for (name, inner) in object(&expected["groups"]) {
        each_group(inner, &format!("{group}/{name}"), check);
    }
}

#[test]
fn raw_values_attributes_and_dimensions_are_those_of_netcdf4() {
    for (name, expected) in object(&golden()["files"]) {
        let path = fixtures().join("netcdf").join(name);
        each_group(expected, "", &mut |group, expected| {
            let request = Request { group: group.to_owned(), ..Request::default() };
            assert_raw(&open_raw(&path, &request).unwrap(), expected, &format!("{name}{group}"));
        });
    }
}

/// The dtype that the golden file gives in its own words.
fn is_dtype(found: DType, expected: &str) -> bool {
    match expected {
        "bytes" | "string" => found == DType::Str,
        expected => found.to_string() == expected,
    }
}

fn assert_decoded(path: &Path, group: &str, expected: &Value) {
    let dataset =
        OpenOptions::new().group(group).open(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    for (name, expected) in object(&expected["decoded"]) {
        let what = format!("{}{group}, variable {name}", path.file_name().unwrap().display());
        let dtype = expected["dtype"].as_str().unwrap();
        let variable = dataset.variable(name).unwrap_or_else(|| panic!("{what} is missing"));
        let dims: Vec<&str> = variable.dims().iter().map(AsRef::as_ref).collect();
        assert_eq!(dims, names(&expected["dims"]), "{what}");
        let is_calendar_time = dtype == "cftime" && matches!(variable.dtype(), DType::Datetime(_));
        assert!(
            is_calendar_time || is_dtype(variable.dtype(), dtype),
            "{what}: {} instead of {dtype}",
            variable.dtype()
        );
        let is_coord = dataset.coords().contains(name);
        assert_eq!(Some(is_coord), expected["coordinate"].as_bool(), "{what}: whether it is a coordinate");
        let values = variable.values().unwrap_or_else(|error| panic!("{what}: {error}"));
        match values.dtype() {
            DType::Datetime(unit) => {
                for (&count, expected) in
                    values.as_slice::<i64>().unwrap().iter().zip(&names(&expected["values"]))
                {
                    let calendar = variable.calendar().unwrap();
                    let found = graticule_dataset::time::format_in(count, unit, calendar);
                    if expected == "NaT" {
                        assert_eq!(count, NAT, "{what}");
                        continue;
                    }
                    let expected_count = PartialDate::parse_in(expected, calendar).unwrap().bounds(unit).0;
                    // Floats are rounded to what their precision is worth, where xarray cuts nanoseconds off.
                    let tolerance = unit.per_second() / 1_000_000;
                    assert!(
                        count.abs_diff(expected_count) <= tolerance as u64,
                        "{what}: {found} is not {expected}"
                    );
                }
            }
            DType::Str if dtype == "bytes" => {
                // xarray leaves bytes, which the golden file has as Latin-1; here text is decoded.
                let bytes = |text: &String| {
                    text.trim_end_matches(char::MIN).chars().map(|c| c as u32 as u8).collect::<Vec<u8>>()
                };
                let expected = names(&expected["values"]);
                let texts = expected.iter().map(bytes).map(|b| Arc::from(String::from_utf8(b).unwrap()));
                assert_eq!(
                    values.as_slice::<Arc<str>>().unwrap(),
                    texts.collect::<Vec<Arc<str>>>(),
                    "{what}"
                );
            }
            DType::F32 => assert_values(&values, &expected["values"], 1.2e-7, &what),
            _ => assert_values(&values, &expected["values"], 2.3e-16, &what),
        }
    }
}

#[test]
fn decoded_values_dtypes_and_coordinates_are_those_of_xarray() {
    for (name, expected) in object(&golden()["files"]) {
        let path = fixtures().join("netcdf").join(name);
        each_group(expected, "", &mut |group, expected| assert_decoded(&path, group, expected));
    }
}

#[test]
fn attributes_come_in_the_order_in_which_they_were_made() {
    // In these files the last to be made lies first.
    let group = open_raw(&aviso_files()[0], &Request::default()).unwrap();
    let adt = group.variables.iter().find(|variable| variable.name == "adt").unwrap();
    let names: Vec<&str> = adt.attrs.keys().map(String::as_str).collect();
    let made = ["_FillValue", "long_name", "standard_name", "units", "scale_factor", "grid_mapping"];
    assert_eq!(names, made);
}

#[test]
fn how_many_digits_were_kept_is_no_attribute() {
    let word = |value: u32| value.to_be_bytes().to_vec();
    let name = |name: &str| {
        let padded = name.bytes().chain(std::iter::repeat_n(0, name.len().next_multiple_of(4) - name.len()));
        [word(name.len() as u32), padded.collect()].concat()
    };
    // A classic file of one variable without dimensions, with one attribute.
    let header = [b"CDF\x01".to_vec(), word(0), vec![0; 16], word(0x0b), word(1), name("v"), word(0)];
    let attribute = [word(0x0c), word(1), name("least_significant_digit"), word(4), word(1), word(2)];
    let mut bytes = [header.concat(), attribute.concat(), word(5), word(4)].concat();
    bytes.extend(word(bytes.len() as u32 + 4));
    bytes.extend(1.5f32.to_be_bytes());
    let folder = Scratch::new("digits");
    let path = folder.path().join("v.nc");
    std::fs::write(&path, bytes).unwrap();
    let v = OpenOptions::new().open(&path).unwrap().get("v").unwrap();
    assert!(v.attrs().is_empty());
    assert_eq!(v.encoding()["least_significant_digit"].to_i64(), Some(2));
    assert_eq!(v.item().unwrap(), 1.5);
}
