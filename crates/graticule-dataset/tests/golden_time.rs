//! Times as xarray decodes, encodes and makes them: `golden/time.json` below the folder that `GRATICULE_CONFORMANCE`
//! names. Without it there is nothing to compare with.

use graticule_array::{Buffer, Chunk, DType, TimeUnit};
use graticule_dataset::time::{self, Calendar, Civil, DateRange, Field, PartialDate, Side, parse_units};
use graticule_dataset::{Attr, DataArray, Variable};
use serde_json::Value;

fn golden() -> Option<Value> {
    let Ok(folder) = std::env::var("GRATICULE_CONFORMANCE") else {
        println!("skipped: GRATICULE_CONFORMANCE names no folder");
        return None;
    };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("golden/time.json")).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Every case of a part, and what is wrong with those that differ.
fn check(part: &str, case: impl Fn(&Value) -> Result<(), String>) {
    let Some(golden) = golden() else { return };
    let cases = golden[part].as_array().unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|value| {
            case(value).err().map(|problem| format!("{problem}\n    of {}", cut(&value.to_string())))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} {part} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|item| short(text(item))).collect()
}

/// A date as text without what is zero.
fn short(text: &str) -> String {
    let Some((date, clock)) = text.split_once('T') else { return text.into() };
    let clock = if clock.contains('.') { clock.trim_end_matches('0').trim_end_matches('.') } else { clock };
    if clock == "00:00:00" { date.into() } else { format!("{date}T{clock}") }
}

fn dates(variable: &Variable) -> Vec<String> {
    let DType::Datetime(unit) = variable.dtype() else { return Vec::new() };
    let (chunk, calendar) = (variable.values().unwrap(), variable.calendar().unwrap());
    chunk.as_slice::<i64>().unwrap().iter().map(|&t| short(&time::format_in(t, unit, calendar))).collect()
}

fn numbers(dtype: &str, values: &[Value]) -> Variable {
    let ints = || values.iter().map(|v| v.as_i64().unwrap());
    match dtype {
        "int16" => Variable::from_vec("time", ints().map(|v| v as i16).collect()),
        "int32" => Variable::from_vec("time", ints().map(|v| v as i32).collect()),
        "int64" => Variable::from_vec("time", ints().collect()),
        "float32" => Variable::from_vec("time", values.iter().map(|v| number(v) as f32).collect()),
        _ => Variable::from_vec("time", values.iter().map(number).collect()),
    }
    .unwrap()
}

/// Why a case of decoding is answered in another way.
fn decoded_otherwise(case: &Value) -> Option<&'static str> {
    let (units, calendar) = (text(&case["units"]), text(&case["calendar"]).to_lowercase());
    let standard = matches!(calendar.as_str(), "" | "standard" | "gregorian" | "proleptic_gregorian");
    let refused = case.get("error").is_some();
    let far = case["values"].as_array().unwrap().iter().any(|v| number(v) > 1e12);
    Some(match () {
        () if case.get("option").is_some() => "the calendar and the unit are not chosen by options",
        () if refused && units.starts_with("weeks") => "weeks have a length",
        () if refused && units.starts_with("nanoseconds") && !standard => "every calendar has nanoseconds",
        () if refused && far => "far dates take a coarser unit",
        () if refused
            && !standard
            && ["jan 1899", "JAN-1980", "19800101", "since 1980"].iter().any(|t| units.contains(t)) =>
        {
            "texts of dates are the same in all calendars"
        }
        () if units.ends_with("-6:00") && !standard => "cftime overlooks a time zone of one digit",
        () if units.starts_with("microseconds") && !refused => {
            "what is between two counts is rounded, not cut"
        }
        () if !refused
            && units.starts_with("sec")
            && case["value_dtype"] == "float64"
            && (!standard || units.starts_with("sec ")) =>
        {
            "cftime takes 58.999999 seconds for 59"
        }
        () if units.starts_with("months") && !refused => "cftime counts months in floats of microseconds",
        () => return None,
    })
}

#[test]
fn numbers_decode_as_in_xarray() {
    check("decode", |case| {
        let mut variable = numbers(text(&case["value_dtype"]), case["values"].as_array().unwrap());
        if let Some(attrs) = case["attrs"].as_object() {
            for (name, value) in attrs {
                let attr = value.as_i64().map_or_else(|| Attr::from(text(value)), Attr::from);
                variable.attrs_mut().insert(name.clone(), attr);
            }
        } else {
            variable.attrs_mut().insert("units".into(), text(&case["units"]).into());
            if let Some(calendar) = case["calendar"].as_str() {
                variable.attrs_mut().insert("calendar".into(), calendar.into());
            }
        }
        if decoded_otherwise(case).is_some() {
            return Ok(());
        }
        let decoded = time::decode_variable(&variable);
        let Some(expected) = case.get("ok") else {
            return match decoded {
                Err(_) => Ok(()),
                Ok(decoded) => Err(format!("xarray refuses it, here it is {:?}", dates(&decoded))),
            };
        };
        let decoded = decoded.map_err(|error| error.to_string())?;
        let kind = text(&expected["dtype"]);
        if !kind.contains("datetime") && kind != "cftime" {
            return if decoded.dtype() == variable.dtype() {
                Ok(())
            } else {
                Err("it stays a number".into())
            };
        }
        let (found, mut wanted) = (dates(&decoded), texts(&expected["iso"]));
        // cftime makes the date counted from of NaN.
        let inputs = case["values"].as_array().unwrap().iter().zip(&mut wanted);
        inputs
            .filter(|(input, _)| input.as_str() == Some("NaN"))
            .for_each(|(_, wanted)| *wanted = "NaT".into());
        let calendar = decoded.calendar().unwrap().name();
        let wanted_calendar = expected["calendar"].as_str().unwrap_or("proleptic_gregorian");
        match found == wanted && calendar == wanted_calendar {
            true => Ok(()),
            false => Err(format!("{found:?} {calendar}\n not {wanted:?} {wanted_calendar}")),
        }
    });
}

#[test]
fn times_encode_as_in_xarray() {
    check("encode", |case| {
        let name = text(&case["name"]);
        let calendar = match name {
            "cf_noleap" => Calendar::NoLeap,
            "cf_360" => Calendar::Day360,
            "cf_julian" => Calendar::Julian,
            _ => Calendar::ProlepticGregorian,
        };
        let unit = match text(&case["input_dtype"]) {
            "datetime64[ns]" => TimeUnit::Nanosecond,
            "datetime64[ms]" => TimeUnit::Millisecond,
            _ => TimeUnit::Microsecond,
        };
        let count = |date: &Value| match text(date) {
            "NaT" => graticule_array::NAT,
            date => PartialDate::parse_in(date, calendar).unwrap().bounds(unit).0,
        };
        let counts: Vec<i64> = case["input"].as_array().unwrap().iter().map(count).collect();
        let missing = counts.contains(&graticule_array::NAT);
        let chunk =
            Chunk::from_buffer(vec![counts.len()], DType::Datetime(unit), Buffer::I64(counts)).unwrap();
        let mut times = Variable::from_chunk(["time"], chunk).unwrap().with_calendar(calendar);
        for (name, value) in case["encoding"].as_object().unwrap() {
            times.encoding_mut().insert(name.clone(), text(value).into());
        }
        let encoded = time::encode_variable(&times);
        let Some(expected) = case.get("ok") else {
            // A time that is missing can be written.
            return if encoded.is_err() || missing { Ok(()) } else { Err("xarray refuses it".into()) };
        };
        let encoded = encoded.map_err(|error| error.to_string())?;
        let attr = |name: &str| encoded.attrs().get(name).and_then(Attr::as_str).unwrap().to_owned();
        let units = (parse_units(&attr("units")).unwrap(), parse_units(text(&expected["units"])).unwrap());
        if units.0 != units.1 || attr("calendar") != text(&expected["calendar"]) {
            return Err(format!("{} {}", attr("units"), attr("calendar")));
        }
        let values = encoded.values().unwrap();
        // xarray writes NaT as an integer that nothing says to be missing; here it is NaN.
        let dtype_differs = values.dtype().to_string() != text(&expected["dtype"]) && !missing;
        let wanted = expected["values"].as_array().unwrap().iter();
        let same = values.to_f64().iter().zip(wanted).all(|(&found, wanted)| {
            found == number(wanted)
                || found.is_nan() && (number(wanted).is_nan() || wanted.as_i64() == Some(i64::MIN))
        });
        if dtype_differs || !same { Err(format!("{} {:?}", values.dtype(), values.to_f64())) } else { Ok(()) }
    });
}

#[test]
fn ranges_are_those_of_xarray() {
    check("range", |case| {
        let calendar = Calendar::parse(text(&case["calendar"])).unwrap();
        let mut range =
            DateRange::new(text(&case["freq"])).unwrap().start(text(&case["start"])).calendar(calendar);
        if let Some(end) = case["end"].as_str() {
            range = range.end(end);
        }
        if let Some(periods) = case["periods"].as_u64() {
            range = range.periods(periods as usize);
        }
        if case["inclusive"].as_str() == Some("left") {
            range = range.without(Side::Right);
        }
        let range = range.along("time");
        if case.get("error").is_some() {
            // Weeks are days of the calendar's own count here, so every calendar has them.
            let weeks = text(&case["freq"]).starts_with('W');
            return if range.is_err() || weeks { Ok(()) } else { Err("xarray refuses it".into()) };
        }
        let found = dates(&range.map_err(|error| error.to_string())?);
        let expected = &case["ok"];
        let (first, last) = (texts(&expected["first"]), texts(&expected["last"]));
        let same = found.len() as u64 == expected["n"].as_u64().unwrap()
            && found.starts_with(&first)
            && found.ends_with(&last);
        if same {
            Ok(())
        } else {
            Err(format!("{} dates from {:?}", found.len(), &found[..found.len().min(6)]))
        }
    });
}

#[test]
fn days_are_added_and_counted_as_in_cftime() {
    check("arith", |case| {
        let calendar = Calendar::parse(text(&case["calendar"])).unwrap();
        let nanos = |date: &str| PartialDate::parse_in(date, calendar).unwrap().bounds(TimeUnit::Second).0;
        let count = nanos(text(&case["date"]));
        let moved = count + 86_400 * case["plus_days"].as_i64().unwrap();
        let moved = Civil::from_count_in(moved, TimeUnit::Second, calendar).unwrap().to_string();
        let chunk =
            Chunk::from_buffer(vec![1], DType::Datetime(TimeUnit::Second), Buffer::I64(vec![count])).unwrap();
        let times = Variable::from_chunk(["time"], chunk).unwrap().with_calendar(calendar);
        let times = DataArray::new(None, times, []).unwrap();
        let field = |field| times.dt().unwrap().field(field).unwrap().values::<i64>().unwrap()[0];
        let found =
            (moved, field(Field::DayOfYear), field(Field::DayOfWeek), (count - nanos("1850-01-01")) / 86_400);
        let day = |name: &str| case[name]["ok"].as_i64().unwrap();
        let expected = (
            short(text(&case["ok"])),
            case["dayofyr"].as_i64().unwrap(),
            day("dayofwk"),
            day("num_days_since_1850"),
        );
        if found == expected { Ok(()) } else { Err(format!("{found:?} not {expected:?}")) }
    });
}

#[test]
fn numbers_of_days_stay_numbers() {
    check("timedelta", |case| {
        let mut variable = numbers("float64", case["values"].as_array().unwrap());
        variable.attrs_mut().insert("units".into(), text(&case["units"]).into());
        let same = time::decode_variable(&variable).unwrap().dtype() == DType::F64;
        if same { Ok(()) } else { Err("it is decoded".into()) }
    });
}
