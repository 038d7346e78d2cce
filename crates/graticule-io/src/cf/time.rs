//! Times: numbers in `days since …` as datetime64, and durations that say that they are some.

use std::sync::Arc;

use graticule_array::{Array, ChunkSource, TimeUnit};
use graticule_dataset::Attr;
use graticule_dataset::time::{Calendar, Step, parse_units};

use super::mask_scale::missing_values;
use super::{Context, Data, Pending};
use crate::adapt::{LazyTimes, Meaning, TimeCoding};
use crate::backend::RawVariable;
use crate::error::Result;
use crate::load::load;

/// Variables up to this many elements are decoded at once, so that a unit is found that holds all moments.
const DECODED_AT_ONCE: usize = 1 << 20;

/// Bounds of times often leave units and calendar to the times that they bound.
pub(super) fn share_with_bounds(variables: &mut [RawVariable]) {
    let mut shared: Vec<(String, &'static str, Attr)> = Vec::new();
    for variable in variables.iter() {
        let text = |name: &str| variable.attrs.get(name).and_then(Attr::as_str);
        let (Some(units), Some(bounds)) = (text("units"), text("bounds")) else { continue };
        if !units.contains("since") {
            continue;
        }
        shared.push((bounds.to_owned(), "units", units.into()));
        shared.extend(text("calendar").map(|calendar| (bounds.to_owned(), "calendar", calendar.into())));
    }
    for (bounds, name, attr) in shared {
        if let Some(variable) = variables.iter_mut().find(|variable| variable.name == bounds) {
            variable.attrs.entry(name.to_owned()).or_insert(attr);
        }
    }
}

/// Decodes numbers whose units count from a moment. What cannot be decoded stays as it is, with a warning: the
/// attributes still say what the numbers mean.
pub(super) fn decode(variable: &mut Pending, context: &mut Context<'_>) -> Result<()> {
    let Some(text) =
        variable.attrs.get("units").and_then(Attr::as_str).filter(|units| units.contains("since"))
    else {
        return Ok(());
    };
    let Data::Source(source) = &variable.data else { return Ok(()) };
    if !(source.dtype().is_integer() || source.dtype().is_float()) {
        return Ok(());
    }
    let source = Arc::clone(source);
    let calendar = variable.attrs.get("calendar").and_then(Attr::as_str).unwrap_or("standard");
    let units = parse_units(text).and_then(|units| Ok((units, Calendar::parse(calendar)?)));
    let (units, calendar) = match units {
        Ok(known) => known,
        Err(error) => {
            context.warn(&variable.name, format!("its times are left as numbers: {error}"));
            return Ok(());
        }
    };
    let packing = packing(variable, context)?;
    let before = (variable.attrs.clone(), variable.encoding.clone());
    let missing =
        if context.decode.mask_and_scale { missing_values(variable) } else { None }.unwrap_or_default();
    let coding = TimeCoding { meaning: Meaning::Moments { units, calendar }, packing, missing };
    if is_large(&source) && !variable.is_index() {
        variable.calendar = coding.lazy_calendar();
        variable.data = Data::Source(Arc::new(LazyTimes::new(&source, coding)));
    } else {
        let numbers = load(context.file, &variable.name, &source)?;
        match coding.decode(&numbers) {
            Ok((times, calendar)) => {
                variable.calendar = calendar;
                variable.data = Data::Array(Array::from_chunk(times)?);
            }
            Err(error) => {
                context.warn(&variable.name, format!("its times are left as numbers: {error}"));
                (variable.attrs, variable.encoding) = before;
                return Ok(());
            }
        }
    }
    for name in ["units", "calendar", "scale_factor", "add_offset"] {
        variable.take(name);
    }
    Ok(())
}

fn is_large(source: &Arc<dyn ChunkSource>) -> bool {
    source.grid().shape().iter().product::<usize>() > DECODED_AT_ONCE
}

/// The scale and offset of packed times, where there are any and they are to be applied.
fn packing(variable: &Pending, context: &Context<'_>) -> Result<Option<(f64, f64)>> {
    let mut packing = None;
    for (name, neutral) in [("scale_factor", 1.0), ("add_offset", 0.0)] {
        let Some(attr) = variable.attrs.get(name).filter(|_| context.decode.mask_and_scale) else { continue };
        let Some(value) = attr.to_f64().filter(|_| attr.dtype().is_numeric()) else {
            let problem = format!("{name} = {attr} is not one number");
            return Err(context.undecodable(&variable.name, problem, "mask_and_scale"));
        };
        let (scale, offset) = packing.unwrap_or((1.0, 0.0));
        packing = Some(if neutral == 1.0 { (value, offset) } else { (scale, value) });
    }
    Ok(packing)
}

/// Decodes durations. As xarray does since 2025, only those that a `dtype` attribute declares: `days` alone may
/// just be the unit of a number.
pub(super) fn decode_durations(variable: &mut Pending, context: &Context<'_>) -> Result<()> {
    let text = |name: &str| variable.attrs.get(name).and_then(Attr::as_str);
    let (Some(units), Some(dtype)) = (text("units"), text("dtype")) else { return Ok(()) };
    let Some(unit) = dtype.strip_prefix("timedelta64") else { return Ok(()) };
    let wanted = dtype.to_owned();
    let unit = match unit {
        "[ms]" => TimeUnit::Millisecond,
        "[us]" => TimeUnit::Microsecond,
        "[ns]" => TimeUnit::Nanosecond,
        // Seconds, and what is coarser.
        _ => TimeUnit::Second,
    };
    let known = ["nanoseconds", "microseconds", "milliseconds", "seconds", "minutes", "hours", "days"]
        .contains(&units);
    let Some(step) = Step::parse(units).ok().filter(|_| known) else { return Ok(()) };
    let Data::Source(source) = &variable.data else { return Ok(()) };
    if !(source.dtype().is_integer() || source.dtype().is_float()) {
        return Ok(());
    }
    let source = Arc::clone(source);
    let packing = packing(variable, context)?;
    let missing =
        if context.decode.mask_and_scale { missing_values(variable) } else { None }.unwrap_or_default();
    let coding = TimeCoding { meaning: Meaning::Durations { step, unit }, packing, missing };
    if is_large(&source) && !variable.is_index() {
        variable.data = Data::Source(Arc::new(LazyTimes::new(&source, coding)));
    } else {
        let numbers = load(context.file, &variable.name, &source)?;
        let (durations, _) = coding.decode(&numbers).map_err(|error| {
            context.undecodable(&variable.name, format!("as {wanted}: {error}"), "decode_times")
        })?;
        variable.data = Data::Array(Array::from_chunk(durations)?);
    }
    for name in ["units", "dtype", "scale_factor", "add_offset"] {
        variable.take(name);
    }
    Ok(())
}
