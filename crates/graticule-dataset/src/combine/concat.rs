//! Datasets one after another along a dimension.

use graticule_array::{Array, Buffer, Chunk, Element, with_buffer};

use super::Compat;
use super::checks::{self, Found, Source};
use crate::align::{self, Join};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{Dataset, Many};
use crate::variable::Variable;

/// How datasets are put one after another.
#[derive(Debug, Clone, Default)]
pub struct ConcatOptions {
    /// What happens to variables that do not vary along the dimension.
    pub compat: Compat,
    /// What happens where the labels of the other dimensions differ.
    pub join: Join,
}

/// Datasets one after another along a dimension, in the order given.
///
/// Variables that have the dimension are joined; where no variable has it, all data variables are stacked
/// along it. Other variables must be equal in all datasets and are kept once. Attributes and encoding are
/// those of the first dataset; dtypes are promoted.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{Attrs, ConcatOptions, Dataset, Variable, concat};
/// let month = |days: Vec<f64>| {
///     let adt = Variable::new(["time"], Array::ones(days.len(), "auto")?)?;
///     Dataset::new([("adt".into(), adt)], [("time".into(), Variable::from_vec("time", days)?)], Attrs::new())
/// };
/// let both = concat(&[month(vec![0.0, 1.0])?, month(vec![2.0])?], "time", &ConcatOptions::default())?;
/// assert_eq!(both.size("time")?, 3);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Combine`] with everything that the datasets disagree about; [`Error::Argument`] for no datasets.
pub fn concat(datasets: &[Dataset], dim: &str, options: &ConcatOptions) -> Result<Dataset> {
    let names: Vec<String> = (0..datasets.len()).map(|i| format!("dataset {i}")).collect();
    let sources: Vec<Source<'_>> = names.iter().map(String::as_str).zip(datasets).collect();
    concat_sources(&sources, dim, options)
}

/// The same with a name for each dataset, such as that of its file, that messages call it by.
///
/// # Errors
/// As [`concat()`].
pub fn concat_named(datasets: &[(String, Dataset)], dim: &str, options: &ConcatOptions) -> Result<Dataset> {
    let sources: Vec<Source<'_>> = datasets.iter().map(|(name, dataset)| (name.as_str(), dataset)).collect();
    concat_sources(&sources, dim, options)
}

pub(super) fn concat_sources(sources: &[Source<'_>], dim: &str, options: &ConcatOptions) -> Result<Dataset> {
    if sources.is_empty() {
        return Err(Error::argument("datasets", "[]", "give at least one dataset"));
    }
    let prepared = prepare(sources, dim, options.join)?;
    let sources: Vec<Source<'_>> = sources.iter().map(|(source, _)| *source).zip(&prepared).collect();
    let mut found = Found::default();
    checks::structure(&sources, dim, &mut found);
    found.check()?;
    let Some(&(_, first)) = sources.first() else {
        return Err(Error::argument("datasets", "[]", "give one"));
    };
    let varies = |variable: &Variable| variable.axis(dim).is_some();
    if options.compat == Compat::Equals {
        let mut found = Found::default();
        for name in first.names() {
            if first.variable(name).is_some_and(|variable| !varies(variable))
                && !first.coords().is_index(name)
            {
                checks::values(name, &sources, &mut found)?;
            }
        }
        found.check()?;
    }
    let joined = |name: &str, variable: &Variable| -> Result<Variable> {
        if !varies(variable) {
            return Ok(variable.clone());
        }
        let mut parts: Vec<&Variable> =
            sources.iter().filter_map(|(_, dataset)| dataset.variable(name)).collect();
        if parts.iter().any(|part| part.size(dim) != Some(0)) {
            parts.retain(|part| part.size(dim) != Some(0));
        }
        join(variable, &parts, dim)
    };
    let variables =
        first.data_vars().iter().map(|(name, variable)| Ok((name.clone(), joined(name, variable)?)));
    let vars = Many {
        variables: variables.collect::<Result<_>>()?,
        attrs: first.attrs().clone(),
        encoding: first.encoding().clone(),
    };
    let mut coords = Coords::new(
        first
            .coords()
            .iter()
            .map(|(name, v)| Ok((name.to_owned(), joined(name, v)?)))
            .collect::<Result<Vec<_>>>()?,
    )?;
    coords.inherit_levels(first.coords())?;
    Ok(Dataset::from_parts(vars, coords))
}

/// The datasets with the dimension where they lack it, and with the labels of other dimensions joined.
fn prepare(sources: &[Source<'_>], dim: &str, join: Join) -> Result<Vec<Dataset>> {
    let is_new = !sources.iter().any(|(_, dataset)| dataset.sizes().contains_key(dim));
    let prepared = sources.iter().map(
        |(_, dataset)| {
            if is_new { stacked(dataset, dim) } else { Ok((*dataset).clone()) }
        },
    );
    let prepared = prepared.collect::<Result<Vec<_>>>()?;
    if join == Join::Exact || prepared.len() < 2 {
        return Ok(prepared);
    }
    let others: Vec<Coords> =
        prepared.iter().map(|dataset| dataset.coords().filtered(|name, _| name != dim)).collect();
    let picks = align::picks(&others.iter().collect::<Vec<_>>(), join)?;
    let aligned = prepared.iter().enumerate().map(|(i, dataset)| align::apply(dataset, &picks, i));
    let mut aligned = aligned.collect::<Result<Vec<_>>>()?;
    if join == Join::Override {
        override_labels(&mut aligned, dim)?;
    }
    Ok(aligned)
}

/// Gives all datasets the labels of the first, where lengths agree.
fn override_labels(datasets: &mut [Dataset], dim: &str) -> Result<()> {
    let Some((first, others)) = datasets.split_first_mut() else { return Ok(()) };
    for dataset in others {
        for (name, variable) in first.coords().iter() {
            let same_len = dataset.coords().get(name).is_some_and(|own| own.shape() == variable.shape());
            if name != dim && first.coords().is_index(name) && same_len {
                dataset.coords.insert(name.into(), variable.clone())?;
            }
        }
    }
    Ok(())
}

/// A dataset whose data variables, and whose coordinate of this name, have a new first dimension.
fn stacked(dataset: &Dataset, dim: &str) -> Result<Dataset> {
    let expand = |variable: &Variable| {
        let mut dims = vec![Dim::new(dim)];
        dims.extend_from_slice(variable.dims());
        variable.with_dims_and_data(dims, variable.data().expand_dims(0)?)
    };
    let mut vars = dataset.vars.clone();
    for variable in vars.variables.values_mut() {
        *variable = expand(variable)?;
    }
    let coords = dataset
        .coords()
        .mapped(|name, variable| Ok(Some(if name == dim { expand(variable)? } else { variable.clone() })))?;
    Ok(Dataset::from_parts(vars, coords))
}

/// Variables of equal dimensions one after another.
fn join(first: &Variable, parts: &[&Variable], dim: &str) -> Result<Variable> {
    let Some(axis) = first.axis(dim) else { return Ok(first.clone()) };
    for part in parts {
        first.check_calendar(part, &format!("concatenating along {dim:?}"))?;
    }
    let blocks: Option<Vec<&Chunk>> = parts.iter().map(|part| part.resident().map(AsRef::as_ref)).collect();
    if let Some(blocks) = blocks
        && first.ndim() == 1
        && blocks.iter().all(|block| block.dtype() == first.dtype())
    {
        return first.with_data(Array::from_chunk(join_blocks(first, &blocks)?)?);
    }
    let arrays: Vec<Array> = parts.iter().map(|part| part.data().clone()).collect();
    first.with_data(Array::concatenate(&arrays, axis as isize)?)
}

/// Blocks with one axis and one dtype, one after another in memory.
fn join_blocks(first: &Variable, blocks: &[&Chunk]) -> Result<Chunk> {
    fn joined<T: Element>(_first: &[T], blocks: &[&Chunk]) -> Result<Buffer> {
        let mut values: Vec<T> = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
        for block in blocks {
            values.extend_from_slice(block.as_slice::<T>()?);
        }
        Ok(T::into_buffer(values))
    }
    let Some(block) = blocks.first() else { return Ok(Chunk::empty(first.dtype())) };
    let buffer = with_buffer!(block.buffer(), values => joined(values, blocks))?;
    Ok(Chunk::from_buffer(vec![buffer.len()], first.dtype(), buffer)?)
}
