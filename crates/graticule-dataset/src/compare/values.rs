//! The values of two variables side by side.

use graticule_array::{Array, DType, Runtime};

use super::Agreement;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::Result;
use crate::index::label_text;
use crate::select::Pick;
use crate::variable::Variable;

/// Whether the values of two variables agree; their dimensions must, unless they are broadcast.
pub(crate) fn same(left: &Variable, right: &Variable, how: Agreement) -> Result<bool> {
    match how {
        Agreement::Equal | Agreement::Identical => Ok(left.dims() == right.dims() && left.same_data(right)?),
        Agreement::BroadcastEqual => match broadcast(left, right)? {
            Some((left, right)) => left.same_data(&right),
            None => Ok(false),
        },
        Agreement::NoConflict => match broadcast(left, right)? {
            Some((left, right)) if left.calendar() == right.calendar() => {
                if left.data() == right.data() {
                    return Ok(true);
                }
                match differing(left.data(), right.data(), how)? {
                    Some(differing) => Ok(!differing.any(())?.compute()?.item::<bool>()?),
                    None => Ok(false),
                }
            }
            _ => Ok(false),
        },
        Agreement::Close { .. } => {
            if left.dims() != right.dims() || left.shape() != right.shape() {
                return Ok(false);
            }
            // Equal dtypes that cannot be close are compared for equality.
            match differing(left.data(), right.data(), how)? {
                Some(differing) => Ok(!differing.any(())?.compute()?.item::<bool>()?),
                None => Ok(false),
            }
        }
    }
}

/// Two variables with the dimensions of both, where their lengths agree.
fn broadcast(left: &Variable, right: &Variable) -> Result<Option<(Variable, Variable)>> {
    let mut dims: Vec<Dim> = left.dims().to_vec();
    dims.extend(right.dims().iter().filter(|dim| left.axis(dim).is_none()).cloned());
    let len = |dim: &Dim| match (left.size(dim), right.size(dim)) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    };
    let Some(shape) = dims.iter().map(len).collect::<Option<Vec<usize>>>() else { return Ok(None) };
    let stretched = |variable: &Variable| {
        let data = variable.arranged(&dims)?.broadcast_to(shape.clone())?;
        Ok::<_, crate::error::Error>(
            Variable::new(&dims, data)?.with_calendar(variable.calendar().unwrap_or_default()),
        )
    };
    Ok(Some((stretched(left)?, stretched(right)?)))
}

/// Where values differ; nothing for dtypes that cannot be compared.
fn differing(left: &Array, right: &Array, how: Agreement) -> Result<Option<Array>> {
    if left.dtype().promote(right.dtype()).is_err() {
        return Ok(None);
    }
    let are_numbers = left.dtype().is_numeric() && right.dtype().is_numeric();
    let agree = match how {
        Agreement::Close { relative, absolute } if are_numbers => {
            left.astype(DType::F64)?.isclose(&right.astype(DType::F64)?, relative, absolute, true)?
        }
        _ => {
            let equal = left.equal(right)?;
            if left.dtype().has_missing() && right.dtype().has_missing() {
                (equal | (left.isnan()? & right.isnan()?)?)?
            } else {
                equal
            }
        }
    };
    let mut differ = agree.logical_not()?;
    if how == Agreement::NoConflict {
        for side in [left, right] {
            if side.dtype().has_missing() {
                differ = (differ & side.isnan()?.logical_not()?)?;
            }
        }
    }
    Ok(Some(differ))
}

/// How many values differ, the first place where they do, and where they differ most.
pub(crate) fn describe(left: &Variable, right: &Variable, how: Agreement, coords: &Coords) -> Result<String> {
    let Some((left, right)) = broadcast(left, right)? else {
        return Ok("lengths along a dimension differ".into());
    };
    let (a, b) = (left.data(), right.data());
    let Some(differing) = differing(a, b, how)? else {
        return Ok(format!("{} and {} cannot be compared", a.dtype(), b.dtype()));
    };
    let mut wanted = vec![differing.sum(())?, differing.argmax(())?];
    let are_numbers = a.dtype().is_numeric() && b.dtype().is_numeric();
    if are_numbers {
        let distance = (a.astype(DType::F64)? - b.astype(DType::F64)?)?.abs()?;
        let distance = differing.choose(distance, f64::NAN)?;
        wanted.extend([distance.nanmax(())?, distance.nanargmax(())?.astype(DType::I64)?]);
    }
    let results = Runtime::current().compute_all(&wanted.iter().collect::<Vec<_>>())?;
    let number = |i: usize| results.get(i).and_then(|chunk| chunk.get(0)).map_or(f64::NAN, |x| x.to_f64());
    let side_by_side = |flat: usize| -> Result<String> {
        let place = unravel(flat, left.shape());
        let value = |variable: &Variable| -> Result<String> {
            let dims = variable.dims().to_vec();
            let picked =
                dims.iter().zip(&place).try_fold(variable.clone(), |variable, (dim, &position)| {
                    variable.pick(dim, &Pick::One(position))
                })?;
            Ok(label_text(picked.values()?.as_ref(), 0, variable.calendar().unwrap_or_default()))
        };
        let at = place_text(left.dims(), &place, coords);
        Ok(format!("{at}left {}, right {}", value(&left)?, value(&right)?))
    };
    let count = number(0);
    let plural = if count == 1.0 { "value differs" } else { "values differ" };
    let total = a.size();
    let mut text = if total == 1 {
        side_by_side(0)?
    } else {
        let plural = if total > 1 { "values differ" } else { plural };
        format!("{count} of {total} {plural}, first {}", side_by_side(number(1) as usize)?)
    };
    let (largest, at) = (number(2), number(3));
    if are_numbers && largest.is_finite() && count > 1.0 && at >= 0.0 {
        text.push_str(&format!("; the largest difference is {largest} {}", side_by_side(at as usize)?));
    }
    Ok(text)
}

/// A position in C order as a position along each axis.
fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut place: Vec<usize> = Vec::with_capacity(shape.len());
    for &len in shape.iter().rev() {
        let len = len.max(1);
        place.push(flat % len);
        flat /= len;
    }
    place.reverse();
    place
}

/// `at time 2015-01-01, x position 3: `
fn place_text(dims: &[Dim], place: &[usize], coords: &Coords) -> String {
    if dims.is_empty() {
        return String::new();
    }
    let text = |(dim, &position): (&Dim, &usize)| match coords.labels(dim) {
        Some(labels) if position < labels.len() => {
            let calendar = coords.get(dim).and_then(Variable::calendar).unwrap_or_default();
            format!("{dim} {}", label_text(labels, position, calendar))
        }
        _ => format!("{dim} position {position}"),
    };
    let places: Vec<String> = dims.iter().zip(place).map(text).collect();
    format!("at {}: ", places.join(", "))
}
