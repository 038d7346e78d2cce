//! Whether an answer is the golden one: labels, dtypes and what is counted exactly, floats as far as rounding goes.

use std::collections::BTreeSet;

use serde_json::Value;

/// How far floats may be away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tolerance {
    /// In parts of the golden value.
    pub(super) relative: f64,
    /// In units of the data.
    pub(super) absolute: f64,
}

impl Tolerance {
    /// What rounding to a dtype leaves.
    pub(super) fn of_dtype(dtype: &str) -> Self {
        Self { relative: if dtype == "float32" { 1e-5 } else { 1e-9 }, absolute: 0.0 }
    }

    fn accepts(self, golden: f64, mine: f64, size: f64) -> bool {
        golden == mine || (golden - mine).abs() <= self.relative * size + self.absolute
    }
}

/// What differs, a line each. `widen` makes the tolerance for a dtype that of the operation.
pub(super) fn differences(
    golden: &Value,
    mine: &Value,
    widen: &dyn Fn(Tolerance) -> Tolerance,
) -> Vec<String> {
    let mut judge = Judge { widen, found: Vec::new() };
    judge.answers("", golden, mine);
    judge.found
}

struct Judge<'a> {
    widen: &'a dyn Fn(Tolerance) -> Tolerance,
    found: Vec<String>,
}

fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str)).collect()
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 160 { text } else { text.chars().take(157).chain("...".chars()).collect() }
}

/// Texts are objects, bytes or of a fixed width there, and of one dtype here.
fn same_dtype(golden: &str, mine: &str) -> bool {
    let is_text = golden == "object" || golden.starts_with("<U") || golden.starts_with("bytes");
    golden == mine || (mine == "str" && is_text)
}

impl Judge<'_> {
    fn exact(&mut self, path: &str, golden: &Value, mine: &Value) {
        // A missing element of an array of objects is NaN there, also where the others are times.
        let both_missing = golden == "NaN" && mine == "NaT";
        let bytes = golden.as_str().and_then(|text| text.strip_prefix("b'")?.strip_suffix('\''));
        if golden != mine && !both_missing && (bytes.is_none() || bytes != mine.as_str()) {
            self.found.push(format!("{path}: {} and not {}", brief(mine), brief(golden)));
        }
    }

    fn answers(&mut self, path: &str, golden: &Value, mine: &Value) {
        if golden["kind"] != mine["kind"] {
            return self.exact(&format!("{path}kind"), &golden["kind"], &mine["kind"]);
        }
        match golden["kind"].as_str() {
            Some("DataArray") => self.arrays(path, golden, mine),
            Some("Dataset") => {
                for part in ["sizes", "coords", "data_vars"] {
                    self.exact(&format!("{path}{part}"), &golden[part], &mine[part]);
                }
                for name in keys(&golden["vars"]) {
                    self.answers(&format!("{path}{name}."), &golden["vars"][name], &mine["vars"][name]);
                }
            }
            Some("list") => {
                let (theirs, ours) = (&golden["items"], &mine["items"]);
                let lens = [theirs, ours].map(|items| items.as_array().map_or(0, Vec::len));
                self.exact(&format!("{path}len"), &lens[0].into(), &lens[1].into());
                for i in 0..lens[0].min(lens[1]) {
                    self.answers(&format!("{path}{i}."), &theirs[i], &ours[i]);
                }
            }
            _ => self.exact(&format!("{path}value"), &golden["value"], &mine["value"]),
        }
    }

    fn arrays(&mut self, path: &str, golden: &Value, mine: &Value) {
        for part in ["name", "dims", "shape", "attrs"] {
            self.exact(&format!("{path}{part}"), &golden[part], &mine[part]);
        }
        let dtype = golden["dtype"].as_str().unwrap_or_default();
        if !same_dtype(dtype, mine["dtype"].as_str().unwrap_or_default()) {
            self.exact(&format!("{path}dtype"), &golden["dtype"], &mine["dtype"]);
        }
        let (theirs, ours) = (&golden["coords"], &mine["coords"]);
        for name in keys(theirs).union(&keys(ours)) {
            self.coords(&format!("{path}coords.{name}"), &theirs[name], &ours[name]);
        }
        if golden["shape"] == mine["shape"] {
            let tolerance = (self.widen)(Tolerance::of_dtype(dtype));
            let is_float = dtype.starts_with("float");
            self.stats(&format!("{path}stats"), &golden["stats"], &mine["stats"], is_float, tolerance);
            self.pairs(&format!("{path}samples"), &golden["samples"], &mine["samples"], tolerance);
        }
    }

    fn coords(&mut self, path: &str, golden: &Value, mine: &Value) {
        if golden.is_null() || mine.is_null() {
            let which = if mine.is_null() { "missing" } else { "extra" };
            return self.found.push(format!("{path}: {which}"));
        }
        for part in ["dims", "size"] {
            self.exact(&format!("{path}.{part}"), &golden[part], &mine[part]);
        }
        let dtype = golden["dtype"].as_str().unwrap_or_default();
        if !same_dtype(dtype, mine["dtype"].as_str().unwrap_or_default()) {
            self.exact(&format!("{path}.dtype"), &golden["dtype"], &mine["dtype"]);
        }
        // Labels are taken or are simple means: only their last bits may differ.
        let relative = if dtype == "float32" { 1e-6 } else { 1e-14 };
        for part in ["first", "last"] {
            let tolerance = Tolerance { relative, absolute: 0.0 };
            self.value(&format!("{path}.{part}"), &golden[part], &mine[part], tolerance);
        }
    }

    fn stats(&mut self, path: &str, golden: &Value, mine: &Value, is_float: bool, tolerance: Tolerance) {
        let count = golden["count"].as_f64().unwrap_or_default();
        let moments = [&golden["mean"], &golden["std"]].map(|value| number(value).unwrap_or_default());
        // If each element may be off by a part of its size, a moment may be by that part of the typical size.
        let typical = moments[0].hypot(moments[1]);
        // Where an array of objects begins with NaN, times are only told as texts.
        let is_mixed = golden["sha256_nulsep"].is_string() && mine["cftime_calendar"].is_string();
        for key in keys(golden) {
            let path = format!("{path}.{key}");
            match key {
                "count" | "sha256_nulsep" if is_mixed => {}
                "sha256_le" if is_float => {}
                "probe" => self.pairs(&path, &golden[key], &mine[key], tolerance),
                "first_valid" | "last_valid" => self.pair(&path, &golden[key], &mine[key], tolerance),
                "sum" | "mean" | "std" if is_float => {
                    let times = if key == "sum" { count } else { 1.0 };
                    let (Some(theirs), Some(ours)) = (number(&golden[key]), number(&mine[key])) else {
                        self.exact(&path, &golden[key], &mine[key]);
                        continue;
                    };
                    let both_nan = theirs.is_nan() && ours.is_nan();
                    if !both_nan && !tolerance.accepts(theirs / times, ours / times, typical) {
                        self.exact(&path, &golden[key], &mine[key]);
                    }
                }
                "min" | "max" if is_float => self.value(&path, &golden[key], &mine[key], tolerance),
                "mean" => self.value(&path, &golden[key], &mine[key], Tolerance::of_dtype("float64")),
                _ => self.exact(&path, &golden[key], &mine[key]),
            }
        }
        for extra in keys(mine).difference(&keys(golden)) {
            if *extra != "sha256_le" && !is_mixed {
                self.found.push(format!("{path}.{extra}: extra"));
            }
        }
    }

    fn pairs(&mut self, path: &str, golden: &Value, mine: &Value, tolerance: Tolerance) {
        let [theirs, ours] = [golden, mine].map(|pairs| pairs.as_array().cloned().unwrap_or_default());
        self.exact(&format!("{path}.len"), &theirs.len().into(), &ours.len().into());
        for (theirs, ours) in theirs.iter().zip(&ours) {
            self.pair(path, theirs, ours, tolerance);
        }
    }

    /// A place and the value there.
    fn pair(&mut self, path: &str, golden: &Value, mine: &Value, tolerance: Tolerance) {
        self.exact(&format!("{path} (place)"), &golden[0], &mine[0]);
        self.value(&format!("{path} {}", golden[0]), &golden[1], &mine[1], tolerance);
    }

    fn value(&mut self, path: &str, golden: &Value, mine: &Value, tolerance: Tolerance) {
        let is_close = match (number(golden), number(mine)) {
            (Some(theirs), Some(ours)) if golden.is_f64() || mine.is_f64() => {
                tolerance.accepts(theirs, ours, theirs.abs())
            }
            _ => false,
        };
        if !is_close {
            self.exact(path, golden, mine);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn array() -> Value {
        json!({
            "kind": "DataArray", "name": "t", "dims": ["x"], "shape": [2], "dtype": "float64", "attrs": ["units"],
            "stats": {"size": 2, "count": 2, "nan": 0, "min": 1.0, "max": 2.0, "sum": 3.0, "mean": 1.5, "std": 0.5,
                "first_valid": [0, 1.0], "last_valid": [1, 2.0], "probe": [[0, 1.0], [1, 2.0]]},
            "coords": {"x": {"dims": ["x"], "dtype": "int64", "size": 2, "first": 0, "last": 1}},
            "samples": [[[0], 1.0], [[1], 2.0]],
        })
    }

    fn found(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut mine = array();
        change(&mut mine);
        differences(&array(), &mine, &|tolerance| tolerance)
    }

    #[test]
    fn every_part_of_an_answer_is_compared() {
        assert_eq!(found(|_| {}), [""; 0]);
        assert_eq!(found(|mine| mine["name"] = "u".into()).len(), 1);
        assert_eq!(found(|mine| mine["dtype"] = "float32".into()).len(), 1);
        assert_eq!(found(|mine| mine["attrs"] = json!([])).len(), 1);
        assert_eq!(found(|mine| mine["samples"][1][1] = json!(2.000_001)).len(), 1);
        assert_eq!(found(|mine| mine["samples"][1][1] = "NaN".into()).len(), 1);
        assert_eq!(found(|mine| mine["stats"]["mean"] = json!(1.500_001)).len(), 1);
        assert_eq!(found(|mine| mine["stats"]["nan"] = json!(1)).len(), 1);
        assert_eq!(found(|mine| mine["stats"]["last_valid"] = json!([0, 2.0])).len(), 1);
        assert_eq!(found(|mine| mine["coords"]["x"]["dtype"] = "int32".into()).len(), 1);
        assert_eq!(found(|mine| mine["coords"]["x"]["last"] = json!(2)).len(), 1);
        assert_eq!(found(|mine| mine["coords"] = json!({})), ["coords.x: missing"]);
        assert_eq!(found(|mine| mine["coords"]["y"] = json!({})), ["coords.y: extra"]);
    }

    #[test]
    fn rounding_is_accepted() {
        assert_eq!(found(|mine| mine["samples"][1][1] = json!(2.0 + 1e-10)), [""; 0]);
        assert_eq!(found(|mine| mine["stats"]["std"] = json!(0.5 + 1e-10)), [""; 0]);
    }
}
