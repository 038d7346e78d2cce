//! Texts that were damaged on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use graticule_array::{Array, Expr, Runtime, StoredExpr, StoredPlan};
use serde_json::{Number, Value, json};

use crate::MEMORY;
use crate::cases::cases;
use crate::numbers::registry;

/// Numbers without a seed of their own: the same damage in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

/// All places in a text, as paths of JSON, but those in what names a source: any change there names another.
fn places(value: &Value, path: String, all: &mut Vec<String>) {
    if path.ends_with("/Source") {
        return;
    }
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                places(item, format!("{path}/{i}"), all);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                places(item, format!("{path}/{name}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all.push(path);
}

const WORDS: [&str; 14] = [
    "",
    "F32",
    "F64",
    "I8",
    "I64",
    "U64",
    "Bool",
    "Str",
    "Sum",
    "Mean",
    "Argmax",
    "Histogram",
    "Sin",
    "numbers",
];

/// One place changed.
fn damage(text: &Value, dice: &mut Dice) -> Value {
    let mut damaged = text.clone();
    let mut all = Vec::new();
    places(text, String::new(), &mut all);
    let other = text.pointer(&all[dice.roll(all.len())]).cloned().unwrap_or(Value::Null);
    // Most of a text are names, of which most changes are unreadable. What is interesting are numbers.
    let is_number = |path: &String| text.pointer(path).is_some_and(Value::is_number);
    let numbers: Vec<&String> = all.iter().filter(|path| is_number(path)).collect();
    let place = match dice.roll(4) {
        0 => all[dice.roll(all.len())].clone(),
        _ => numbers.get(dice.roll(numbers.len())).map_or_else(String::new, |path| String::clone(path)),
    };
    let Some(value) = damaged.pointer_mut(&place) else { return damaged };
    *value = match value.clone() {
        Value::Number(number) => {
            let n = number.as_i64().unwrap_or(0);
            let large =
                [u64::MAX, i64::MAX as u64, 1 << 61, 1 << 56, 1 << 40, 1 << 33, 1 << 32, 1 << 24, 1 << 16];
            let some = [json!(0), json!(1), json!(-1), json!(2), json!(7), json!(i64::MIN), json!(1.5)];
            match dice.roll(5) {
                0 => Value::Number(Number::from(large[dice.roll(large.len())])),
                1 => some[dice.roll(some.len())].clone(),
                2 => json!(n.wrapping_add(1)),
                3 => json!(n.wrapping_sub(1)),
                _ => json!(n.wrapping_mul(dice.roll(1000) as i64)),
            }
        }
        Value::String(_) if dice.roll(3) > 0 => json!(WORDS[dice.roll(WORDS.len())]),
        Value::Bool(value) => json!(!value),
        Value::Array(mut items) => {
            match dice.roll(4) {
                0 => drop(items.pop()),
                1 => items.extend(items.first().cloned()),
                2 => items.reverse(),
                _ => items.push(other),
            }
            Value::Array(items)
        }
        Value::Object(_) | Value::String(_) | Value::Null => other,
    };
    damaged
}

/// How many elements all nodes have together.
fn work(expr: &Expr) -> usize {
    let mut sum = 0usize;
    let mut stack = vec![expr.clone()];
    while let Some(expr) = stack.pop() {
        sum = sum.saturating_add(expr.shape().iter().fold(1usize, |all, &len| all.saturating_mul(len)));
        sum = sum.saturating_add(expr.grid().count());
        stack.extend(expr.inputs().iter().cloned());
    }
    sum
}

/// What became of a damaged text.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Unreadable,
    Impossible,
    Refused,
    Planned,
    Failed(String),
    Computed,
}

fn fate(text: &str, runtime: &Runtime) -> Fate {
    let Ok(stored) = serde_json::from_str::<StoredExpr>(text) else { return Fate::Unreadable };
    let Ok(expr) = stored.open(&registry()) else { return Fate::Impossible };
    let array = Array::from_expr(expr);
    let Ok(plan) = runtime.plan(&[&array]) else { return Fate::Refused };
    // What can be written can be read.
    drop(StoredPlan::from(&plan));
    if work(array.expr()) > 1 << 18 {
        return Fate::Planned;
    }
    match runtime.compute(&array) {
        Ok(_) => Fate::Computed,
        Err(error) => Fate::Failed(error.to_string()),
    }
}

/// Each text is damaged so often, where the environment does not say.
const TIMES: usize = 25;

pub(crate) fn never_panics() {
    let runtime = Runtime::builder().threads(2).memory_limit("64MiB").unwrap().build();
    let mut dice = Dice(1);
    let asked = std::env::var("DAMAGE_TIMES").ok().and_then(|times| times.parse().ok());
    let mut fates = [0usize; 4];
    for (name, array) in cases() {
        let text = serde_json::to_value(StoredExpr::from(array.expr())).unwrap();
        for _ in 0..asked.unwrap_or(TIMES) {
            let mut damaged = damage(&text, &mut dice);
            for _ in 0..dice.roll(4).saturating_sub(2) {
                damaged = damage(&damaged, &mut dice);
            }
            let damaged = damaged.to_string();
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            let start = Instant::now();
            let fate = catch_unwind(AssertUnwindSafe(|| fate(&damaged, &runtime)));
            let Ok(fate) = fate else { panic!("{name}: a panic on {damaged}") };
            let took = start.elapsed();
            assert!(took < Duration::from_secs(5), "{name}: {took:?} for {damaged}");
            let peak = MEMORY.peak_usage().saturating_sub(before);
            assert!(peak < 96 << 20, "{name}: {peak} bytes for {damaged}");
            match fate {
                Fate::Unreadable | Fate::Impossible => fates[0] += 1,
                Fate::Refused => fates[1] += 1,
                Fate::Planned => fates[2] += 1,
                Fate::Computed => fates[3] += 1,
                Fate::Failed(error) => {
                    let is_inside = error.contains("panicked") || error.contains("defect");
                    assert!(!is_inside, "{name}: {error} for {damaged}");
                }
            }
        }
    }
    // All of these happen, or nothing was tried.
    assert!(fates.iter().all(|&n| n > 0), "{fates:?}");
}

pub(crate) fn particular() {
    let cases = cases();
    let runtime = Runtime::builder().threads(2).memory_limit("64MiB").unwrap().build();
    for (name, from, to, says) in [
        ("blocks from nothing", "\"ends\":[5,8,12]", "\"ends\":[8,5,12]", "increasing positions"),
        ("blocks from nothing", "\"ends\":[5,8,12]", "\"ends\":[]", "increasing positions"),
        ("blocks from nothing", "\"size\":12}", "\"size\":0}", "at least 1 element"),
        (
            "a function of two",
            "\"scratch_bytes\":5000",
            "\"scratch_bytes\":18446744073709551615",
            "scratch bytes",
        ),
        ("a function of two", "\"output\":[\"i\",\"j\"]", "\"output\":[\"i\",\"i\"]", "name each axis once"),
        ("a range", "\"dtype\":\"I64\"", "\"dtype\":\"U8\"", "int64 or float64"),
        ("a text", "\"dtype\":\"Str\"", "\"dtype\":\"F64\"", "does not hold"),
        ("groups that are known before", "\"groups\":501", "\"groups\":4294967296", "memory"),
        ("groups that are known before", "\"groups\":501", "\"groups\":4294967297", "groups"),
        ("a sum of one number", "\"axes\":[1]", "\"axes\":[1,1]", "once"),
        ("moves", "\"step\":3", "\"step\":9223372036854775807", "step"),
        ("moves", "\"step\":3", "\"step\":0", "step"),
        ("isin", "\"Signed\":[-7,1,2,3]", "\"Unsigned\":[1,2,3]", "dtypes"),
        ("digitize", "\"dtypes\":[\"F64\",\"I64\"]", "\"dtypes\":[\"F64\",\"F64\"]", "dtypes"),
        (
            "anomalies",
            "\"dtypes\":[\"F64\",\"F64\",\"F64\"]",
            "\"dtypes\":[\"F64\",\"Bool\",\"F64\"]",
            "dtypes",
        ),
    ] {
        let (_, array) = cases.iter().find(|(case, _)| case == name).unwrap();
        let text = serde_json::to_string(&StoredExpr::from(array.expr())).unwrap();
        assert!(text.contains(from), "{name} has no {from}: {text}");
        let error = match serde_json::from_str::<StoredExpr>(&text.replace(from, to)) {
            Err(error) => error.to_string(),
            Ok(stored) => match stored.open(&registry()) {
                Err(error) => error.to_string(),
                Ok(expr) => runtime.plan(&[&Array::from_expr(expr)]).unwrap_err().to_string(),
            },
        };
        assert!(error.contains(says), "{name} with {to}: {error}");
    }
}
