//! Results of groups put together again.

use graticule_array::Array;

use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// Parts one after another along a dimension. Where they lack it, it is new.
///
/// Coordinates without the dimension stay where they are the same in all parts; where they differ they get it.
pub(super) fn joined<V: DataVars>(parts: &[Labeled<V>], dim: &Dim) -> Result<Labeled<V>> {
    let Some(first) = parts.first() else {
        return Err(Error::argument("groups", 0, "there is no group with members"));
    };
    let names = |part: &Labeled<V>| -> Vec<Option<String>> {
        part.vars.variables().map(|(name, _)| name.map(Into::into)).collect()
    };
    let wanted = names(first);
    if let Some(other) = parts.iter().find(|part| names(part).len() != wanted.len()) {
        return Err(different(format!("{} variables", wanted.len()), format!("{}", names(other).len())));
    }
    let is_dataset = wanted.iter().all(Option::is_some) && parts.iter().any(|part| names(part) != wanted);
    if is_dataset && parts.iter().any(|part| sorted(names(part)) != sorted(wanted.clone())) {
        return Err(different("other variables".into(), "not in all groups".into()));
    }
    let is_new = parts.iter().all(|part| part.size(dim).is_err());
    let mut position = 0;
    let vars = first.vars.map(|variable| {
        let same = parts.iter().map(|part| {
            let by_name = wanted.get(position).and_then(|name| {
                part.vars.variables().find(|(known, _)| is_dataset && *known == name.as_deref())
            });
            by_name.or_else(|| part.vars.variables().nth(position)).map(|(_, variable)| variable)
        });
        let same: Option<Vec<&Variable>> = same.collect();
        position += 1;
        let same = same.ok_or_else(|| different("other variables".into(), "not in all groups".into()))?;
        if variable.axis(dim).is_none() && !is_new {
            return Ok(variable.clone());
        }
        together(&same, dim)
    })?;
    let mut coords = Coords::default();
    for (name, variable) in first.coords.iter() {
        let others: Option<Vec<&Variable>> = parts.iter().map(|part| part.coords.get(name)).collect();
        let Some(all) = others else { continue };
        if variable.axis(dim).is_some() {
            coords.insert(name.into(), together(&all, dim)?)?;
            continue;
        }
        let mut is_same = true;
        for other in &all {
            is_same = is_same && variable.dims() == other.dims() && variable.same_data(other)?;
        }
        match is_same {
            true => coords.insert(name.into(), variable.clone())?,
            false if first.coords.is_index(name) => {
                return Err(Error::Alignment {
                    dim: Dim::new(name),
                    difference: "the results of two groups have other labels".into(),
                    hint: "give results with equal labels for all groups".into(),
                });
            }
            false => coords.insert(name.into(), together(&all, dim)?)?,
        }
    }
    coords.inherit_levels(&first.coords)?;
    Ok(Labeled::from_parts(vars, coords))
}

fn sorted(mut names: Vec<Option<String>>) -> Vec<Option<String>> {
    names.sort();
    names
}

fn different(one: String, other: String) -> Error {
    let hint = "the function has to give results of the same variables and dimensions for all groups";
    Error::argument("function", format!("{one} and {other}"), hint)
}

/// Variables one after another along a dimension that all have, or that is new and first.
fn together(parts: &[&Variable], dim: &Dim) -> Result<Variable> {
    let Some(first) = parts.first() else { return Err(different("no".into(), "variables".into())) };
    let arranged = parts.iter().map(|part| {
        if part.ndim() != first.ndim() || !part.dims().iter().all(|dim| first.axis(dim).is_some()) {
            let text =
                |variable: &Variable| format!("dimensions ({})", crate::error::listed(variable.dims()));
            return Err(different(text(first), text(part)));
        }
        first.check_calendar(part, "putting the results of groups together")?;
        Ok(part.transpose(first.dims())?.data().clone())
    });
    let arranged = arranged.collect::<Result<Vec<Array>>>()?;
    match first.axis(dim) {
        Some(axis) => first.with_data(Array::concatenate(&arranged, axis as isize)?),
        None => {
            let mut dims = vec![dim.clone()];
            dims.extend_from_slice(first.dims());
            first.with_dims_and_data(dims, Array::stack(&arranged, 0)?)
        }
    }
}
