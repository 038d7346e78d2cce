//! Operations on real data, held against the answers that xarray gave.
//!
//! The data and the answers are found in the folder that the environment variable `GRATICULE_CONFORMANCE` names; without
//! it nothing is judged. There is one function for each name of an operation; it is told the data and their parameters,
//! never which file they are.

mod alignment;
mod case;
mod climate;
mod combining;
mod cumulative;
mod fits;
mod groups;
mod interpolation;
mod judge;
mod missing;
mod record;
mod reductions;
mod rules;
mod selection;
mod shape;
mod times;
mod windows;

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use graticule::dataset::Result;
use serde_json::Value;

use case::Case;
use record::{Answer, error_class, record};
use rules::{DECISIONS, NOISE, NOT_YET, Noise};

type Operation = fn(&Case) -> Result<Answer>;
type Operations = &'static [(&'static str, Operation)];

const FAMILIES: &[(&str, Operations)] = &[
    ("selection", selection::OPERATIONS),
    ("missing values", missing::OPERATIONS),
    ("reductions", reductions::OPERATIONS),
    ("along a dimension", cumulative::OPERATIONS),
    ("windows and blocks", windows::OPERATIONS),
    ("groups and spans of time", groups::OPERATIONS),
    ("parts of times", times::OPERATIONS),
    ("weights", climate::OPERATIONS),
    ("interpolation", interpolation::OPERATIONS),
    ("alignment and arithmetic", alignment::OPERATIONS),
    ("shape and names", shape::OPERATIONS),
    ("combining", combining::OPERATIONS),
    ("fits and correlation", fits::OPERATIONS),
];

/// What became of one operation on one set of data.
enum Verdict {
    Passed,
    Decided,
    NotYet,
    Failed(Vec<String>),
}

fn function(name: &str) -> Option<(&'static str, Operation)> {
    FAMILIES.iter().find_map(|(family, operations)| {
        operations.iter().find(|(known, _)| *known == name).map(|(_, operation)| (*family, *operation))
    })
}

/// What differs between an answer and the golden one, which may be errors.
fn differences(name: &str, golden: &Value, answer: Result<Answer>, input: &Value) -> Vec<String> {
    let answer = answer.and_then(|answer| record(&answer));
    match (golden["error"]["type"].as_str(), answer) {
        (Some(class), Err(error)) if error_class(&error) == class => Vec::new(),
        (Some(class), Err(error)) => vec![format!("not a {class}: {error}")],
        (Some(class), Ok(_)) => vec![format!("no error, where xarray has {}", class)],
        (None, Err(error)) => vec![format!("error: {error}")],
        (None, Ok(mine)) => {
            judge::differences(&golden["result"], &mine, &|tolerance| Noise::widened(name, input, tolerance))
        }
    }
}

fn judged(case: &Case, name: &str, golden: &Value, input: &Value) -> Verdict {
    let not_yet = NOT_YET.iter().any(|(known, _)| *known == name);
    let operation = match function(name) {
        None if not_yet => return Verdict::NotYet,
        None => return Verdict::Failed(vec!["there is no function".into()]),
        Some(_) if not_yet => {
            return Verdict::Failed(vec!["there is a function: take it off NOT_YET".into()]);
        }
        Some((_, operation)) => operation,
    };
    let Ok(answer) = catch_unwind(AssertUnwindSafe(|| operation(case))) else {
        return Verdict::Failed(vec!["it panicked".into()]);
    };
    let decision = DECISIONS
        .iter()
        .find(|decision| decision.operation == name && golden["error"].is_null() && (decision.applies)(case));
    let Some(decision) = decision else {
        return match differences(name, golden, answer, input) {
            none if none.is_empty() => Verdict::Passed,
            some => Verdict::Failed(some),
        };
    };
    if differences(name, golden, answer.clone(), input).is_empty() {
        let line = format!("xarray's answer, against the decision {:?}", decision.because);
        return Verdict::Failed(vec![line]);
    }
    let rest = match (decision.as_xarray, answer) {
        (Some(as_xarray), Ok(answer)) => differences(name, golden, as_xarray(case, answer), input),
        (None, _) => Vec::new(),
        (Some(_), Err(error)) => vec![format!("error: {error}")],
    };
    if rest.is_empty() { Verdict::Decided } else { Verdict::Failed(rest) }
}

/// The counts of one family, and what did not pass.
#[derive(Default)]
struct Row {
    passed: usize,
    decided: Vec<String>,
    not_yet: Vec<String>,
    failed: Vec<(String, Vec<String>)>,
}

fn judge_file(path: &Path, data: &Path, rows: &mut BTreeMap<String, Row>) {
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let id = golden["id"].as_str().unwrap();
    let case = Case::open(&golden, data);
    let input = &golden["input"];
    let mut verdict = |name: &str, family: &str, verdict: Verdict| {
        let row = rows.entry(family.to_owned()).or_default();
        let name = format!("{name} of {id}");
        match verdict {
            Verdict::Passed => row.passed += 1,
            Verdict::Decided => row.decided.push(name),
            Verdict::NotYet => row.not_yet.push(name),
            Verdict::Failed(why) => row.failed.push((name, why)),
        }
    };
    let opened = judge::differences(input, &record(&case.da.clone().into()).unwrap(), &|tolerance| tolerance);
    verdict("open", "opening", if opened.is_empty() { Verdict::Passed } else { Verdict::Failed(opened) });
    let only = std::env::var("GRATICULE_CONFORMANCE_ONLY").ok();
    for (name, golden) in golden["ops"].as_object().unwrap() {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let start = Instant::now();
        let family = function(name).map_or("others", |(family, _)| family);
        verdict(name, family, judged(&case, name, golden, input));
        if std::env::var_os("GRATICULE_CONFORMANCE_TIMES").is_some() {
            say(&format!("{:8.3} s  {name} of {id}\n", start.elapsed().as_secs_f64()));
        }
    }
}

/// Writes where the test harness does not catch it: the table is for those who look at a run that passes.
fn say(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

fn table(rows: &BTreeMap<String, Row>) -> String {
    let mut text = format!("\n{:26}{:>8}{:>9}{:>9}{:>8}\n", "", "passed", "decided", "not yet", "failed");
    let mut total = [0; 4];
    for (family, row) in rows {
        let counts = [row.passed, row.decided.len(), row.not_yet.len(), row.failed.len()];
        total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        let [passed, decided, not_yet, failed] = counts;
        text += &format!("{family:26}{passed:8}{decided:9}{not_yet:9}{failed:8}\n");
    }
    let [passed, decided, not_yet, failed] = total;
    text += &format!("{:26}{passed:8}{decided:9}{not_yet:9}{failed:8}\n", "all");
    for decision in DECISIONS {
        let names: Vec<&str> = rows
            .values()
            .flat_map(|row| &row.decided)
            .filter_map(|name| {
                name.split_once(" of ").filter(|(operation, _)| *operation == decision.operation)
            })
            .map(|(_, id)| id)
            .collect();
        text += &format!("decided: {} ({}): {}\n", decision.operation, names.join(", "), decision.because);
    }
    for noise in NOISE {
        text += &format!("rounding: {}: {}\n", noise.operation, noise.because);
    }
    for (operation, what) in NOT_YET {
        text += &format!("not yet: {operation}: {what}\n");
    }
    text
}

#[test]
fn operations_on_real_data_give_what_xarray_gives() {
    let Some(folder) = std::env::var_os("GRATICULE_CONFORMANCE").map(PathBuf::from) else {
        say("skipped: GRATICULE_CONFORMANCE does not name the folder of data and answers\n");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("golden/ops"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut rows = BTreeMap::new();
    for file in &files {
        judge_file(file, &folder.join("data"), &mut rows);
    }
    say(&table(&rows));
    let failed: Vec<String> = rows
        .values()
        .flat_map(|row| &row.failed)
        .map(|(name, why)| {
            let more =
                if why.len() > 6 { format!("\n    and {} more", why.len() - 6) } else { String::new() };
            format!("{name}:\n    {}{more}", why.iter().take(6).cloned().collect::<Vec<_>>().join("\n    "))
        })
        .collect();
    assert!(failed.is_empty(), "{} operations fail:\n{}", failed.len(), failed.join("\n"));
    assert!(!files.is_empty(), "no golden files in {}", folder.display());
}

#[test]
fn every_decision_is_written_down() {
    let text = std::fs::read_to_string(crate::architecture::root().join("docs/differences.md")).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for decision in DECISIONS {
        assert!(text.contains(decision.because), "docs/differences.md does not say {:?}", decision.because);
    }
}
