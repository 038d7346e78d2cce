//! Arrays or datasets one after another along a dimension.

use graticule_array::{Array, Buffer, Chunk, Element, with_buffer};
use indexmap::{IndexMap, IndexSet};

use super::attrs;
use super::checks;
use super::options::{CombineOptions, ConcatVars};
use super::source::{Combinable, Entry, Found, entries, nothing, restored};
use super::unify::{Part, differs, unified};
use crate::align::{self, Alignment, Join, Taken, Values};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::disagreement::{DisagreementKind, Policy};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, Dataset, Labeled, Many};
use crate::select::Pick;
use crate::variable::Variable;

/// The dimension of concatenation: a name, or a name with labels.
///
/// ```
/// use graticule_dataset::{ConcatDim, Variable};
/// let _: [ConcatDim; 3] = [
///     "time".into(),
///     ConcatDim::labels("member", ["a", "b"]),
///     Variable::from_vec("scale", vec![1.5, 2.5])?.into(),
/// ];
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConcatDim {
    pub(super) name: Dim,
    labels: Option<Result<Variable>>,
}

impl ConcatDim {
    /// A dimension whose labels are these, whatever the data have.
    pub fn labels(dim: impl AsRef<str>, labels: impl Into<Values>) -> Self {
        let name = Dim::new(dim);
        let variable = labels.into().into_parts().and_then(|(block, calendar)| {
            Ok(Variable::from_chunk([&name], block)?.with_calendar(calendar.unwrap_or_default()))
        });
        Self { labels: Some(variable), name }
    }

    /// The labels, of which there must be `len`.
    fn checked(&self, len: usize) -> Result<Option<Variable>> {
        let Some(labels) = self.labels.clone().transpose()? else { return Ok(None) };
        match labels.shape() {
            [count] if *count == len => Ok(Some(labels)),
            shape => Err(Error::argument(
                "dim",
                format!("labels of shape {shape:?} along {:?}", self.name),
                format!("the data have length {len} along it; give one label for each position"),
            )),
        }
    }
}

impl<S: AsRef<str> + ?Sized> From<&S> for ConcatDim {
    fn from(name: &S) -> Self {
        Self { name: Dim::new(name), labels: None }
    }
}

impl From<String> for ConcatDim {
    fn from(name: String) -> Self {
        Self { name: name.into(), labels: None }
    }
}

impl From<Variable> for ConcatDim {
    fn from(labels: Variable) -> Self {
        let name = labels.dims().first().cloned().unwrap_or_else(|| Dim::new("concat_dim"));
        Self { name, labels: Some(Ok(labels)) }
    }
}

impl From<DataArray> for ConcatDim {
    fn from(labels: DataArray) -> Self {
        labels.vars.variable.into()
    }
}

/// Arrays or datasets one after another along a dimension, in the order given.
///
/// Variables that have the dimension are joined; along a new dimension, all data variables are stacked, and the
/// dimension comes first. Other variables must be equal in all and are kept once. Attributes and encoding are those of
/// the first; dtypes are promoted.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{ConcatDim, DataArray, Variable, concat};
/// let month = |days: Vec<f64>| {
///     let adt = Variable::new(["time"], Array::ones(days.len(), "auto")?)?;
///     DataArray::new(Some("adt"), adt, [("time".into(), Variable::from_vec("time", days)?)])
/// };
/// let both = concat(&[month(vec![0.0, 1.0])?, month(vec![2.0])?], "time")?;
/// assert_eq!(both.shape(), [3]);
/// let runs = [month(vec![0.0])?, month(vec![0.0])?];
/// let runs = concat(&runs, ConcatDim::labels("run", ["control", "warmer"]))?;
/// assert_eq!(runs.sel("run", "warmer")?.shape(), [1]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Combine`] with everything that they disagree about; [`Error::Argument`] for none, or for labels that
/// are not as many as positions.
pub fn concat<S: Combinable>(data: &[S], dim: impl Into<ConcatDim>) -> Result<Labeled<S::Vars>> {
    concat_with(data, dim, &CombineOptions::new())
}

/// [`concat()`] with options.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{CombineOptions, DataArray, Join, Variable, concat_with};
/// let on = |lat: Vec<f64>| {
///     let data = Variable::new(["lat"], Array::ones(lat.len(), "auto")?)?;
///     DataArray::new(None, data, [("lat".into(), Variable::from_vec("lat", lat)?)])
/// };
/// let (a, b) = (on(vec![0.5, 1.5])?, on(vec![1.5, 2.5])?);
/// let both = concat_with(&[("a.nc", a), ("b.nc", b)], "run", &CombineOptions::new().join(Join::Outer))?;
/// assert_eq!(both.shape(), [2, 3]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`concat()`], and [`Error::Argument`] for options that exclude each other.
pub fn concat_with<S: Combinable>(
    data: &[S],
    dim: impl Into<ConcatDim>,
    options: &CombineOptions,
) -> Result<Labeled<S::Vars>> {
    options.check()?;
    let mut found = Found::new(options);
    restored(data, concatenated(&entries(data), &dim.into(), &mut found)?)
}

/// Datasets one after another, after all checks.
pub(super) fn concatenated(entries: &[Entry], dim: &ConcatDim, found: &mut Found<'_>) -> Result<Dataset> {
    if entries.is_empty() {
        return Err(nothing());
    }
    checks::structure(entries, std::slice::from_ref(&dim.name), found)?;
    found.check()?;
    joined(entries, dim, found)
}

/// Datasets one after another that are known to agree.
pub(super) fn joined(entries: &[Entry], dim: &ConcatDim, found: &mut Found<'_>) -> Result<Dataset> {
    let entries = aligned(entries, &dim.name, found)?;
    let Some(first) = entries.first() else { return Err(nothing()) };
    let concatenation = Concatenation::new(&entries, &dim.name, found)?;
    let mut variables: IndexMap<String, Variable> = IndexMap::new();
    let mut coords: Vec<(String, Variable)> = Vec::new();
    for (name, is_coord) in concatenation.names(found) {
        let Some(variable) = concatenation.variable(name, found)? else { continue };
        if is_coord {
            coords.push((name.to_owned(), variable));
        } else {
            variables.insert(name.to_owned(), variable);
        }
    }
    let all: Vec<_> = entries.iter().map(|entry| (entry, entry.dataset.attrs())).collect();
    let attrs = attrs::combined(&all, "", found);
    found.check()?;
    let mut coords = Coords::new(coords)?;
    coords.inherit_levels(first.dataset.coords())?;
    if let Some(labels) = dim.checked(concatenation.lens.iter().sum())? {
        coords.insert(dim.name.to_string(), labels)?;
        variables.shift_remove(dim.name.as_str());
    }
    let vars = Many { variables, attrs, encoding: first.dataset.encoding().clone() };
    Dataset::checked(vars, coords)
}

/// The datasets with the labels of other dimensions joined.
fn aligned(entries: &[Entry], dim: &Dim, found: &Found<'_>) -> Result<Vec<Entry>> {
    let alignment = &found.options.alignment;
    let is_exact = alignment.join == Join::Exact && alignment.tolerance.is_none();
    if is_exact || entries.len() < 2 {
        return Ok(entries.to_vec());
    }
    relabeled(entries, alignment.clone().exclude([dim]))
}

/// The datasets under labels that agree.
pub(super) fn relabeled(entries: &[Entry], alignment: Alignment) -> Result<Vec<Entry>> {
    let datasets: Vec<&Dataset> = entries.iter().map(|entry| entry.dataset.as_ref()).collect();
    let aligned = align::align(&datasets, alignment)?;
    Ok(entries.iter().zip(aligned).map(|(entry, dataset)| entry.with(dataset)).collect())
}

/// What is concatenated, and how.
struct Concatenation<'a> {
    entries: &'a [Entry],
    dim: &'a Dim,
    /// The length of each dataset along the dimension.
    lens: Vec<usize>,
    /// The variables that vary along it.
    varying: IndexSet<&'a str>,
}

impl<'a> Concatenation<'a> {
    fn new(entries: &'a [Entry], dim: &'a Dim, found: &Found<'_>) -> Result<Self> {
        let lens = entries.iter().map(|entry| entry.dataset.sizes().get(dim).copied().unwrap_or(1)).collect();
        let is_new = !entries.iter().any(|entry| entry.dataset.sizes().contains_key(dim));
        let mut varying: IndexSet<&str> = IndexSet::new();
        for Entry { dataset, .. } in entries {
            let has = |name: &&str| dataset.variable(name).is_some_and(|v| v.axis(dim).is_some());
            // A value of the name of a dimension becomes its label.
            varying.extend(dataset.names().filter(|name| has(name) || *name == dim.as_str()));
        }
        let mut concatenation = Self { entries, dim, lens, varying };
        let CombineOptions { data_vars, coords, .. } = found.options;
        if is_new
            && *data_vars == ConcatVars::Minimal
            && matches!(coords, ConcatVars::Minimal | ConcatVars::Auto)
        {
            let hint = format!("nothing would vary along the new dimension {dim:?}; use ConcatVars::All");
            return Err(Error::argument("data_vars", "Minimal", hint));
        }
        let more = concatenation.chosen("data_vars", data_vars, false, is_new, found)?;
        concatenation.varying.extend(more);
        let more = concatenation.chosen("coords", coords, true, false, found)?;
        concatenation.varying.extend(more);
        Ok(concatenation)
    }

    /// Every name once, and whether it is a coordinate. Those that are left out are not among them.
    fn names(&self, found: &Found<'_>) -> Vec<(&'a str, bool)> {
        let mut names: IndexMap<&str, (usize, bool)> = IndexMap::new();
        for Entry { dataset, .. } in self.entries {
            for name in dataset.names() {
                names.entry(name).or_insert((0, dataset.coords().contains(name))).0 += 1;
            }
        }
        let drops = found.options.policy_of(DisagreementKind::Missing) == Policy::Drop;
        let stays = |(_, (count, _)): &(&str, (usize, bool))| !drops || *count == self.entries.len();
        names.into_iter().filter(stays).map(|(name, (_, is_coord))| (name, is_coord)).collect()
    }

    /// The variables that an option chooses, beside those that have the dimension.
    fn chosen(
        &self,
        argument: &'static str,
        vars: &ConcatVars,
        coords: bool,
        is_new: bool,
        found: &Found<'_>,
    ) -> Result<Vec<&'a str>> {
        let eligible = |(name, is_coord): &(&'a str, bool)| {
            let is_index = |entry: &Entry| entry.dataset.coords().is_index(name);
            *is_coord == coords && !self.varying.contains(name) && !self.entries.iter().any(is_index)
        };
        let names: Vec<&str> = self.names(found).into_iter().filter(eligible).map(|(name, _)| name).collect();
        match vars {
            ConcatVars::Auto if is_new => Ok(names),
            ConcatVars::Auto | ConcatVars::Minimal => Ok(Vec::new()),
            ConcatVars::All => Ok(names),
            ConcatVars::Different => {
                let mut differing = Vec::new();
                for name in names {
                    if differs(&self.parts(name), found.options.compat)? {
                        differing.push(name);
                    }
                }
                Ok(differing)
            }
            ConcatVars::Named(wanted) => {
                for name in wanted.iter().filter(|name| !names.contains(&name.as_str())) {
                    if !self.varying.contains(name.as_str()) {
                        let names = names.iter().chain(&self.varying).map(ToString::to_string).collect();
                        return Err(Error::UnknownName { kind: argument, name: name.clone(), names });
                    }
                }
                Ok(names.into_iter().filter(|name| wanted.iter().any(|wanted| wanted == name)).collect())
            }
        }
    }

    fn parts(&self, name: &str) -> Vec<Part<'a>> {
        self.entries.iter().filter_map(|entry| Some((entry, entry.dataset.variable(name)?))).collect()
    }

    /// The variable of the result, where there is one.
    fn variable(&self, name: &str, found: &mut Found<'_>) -> Result<Option<Variable>> {
        let parts = self.parts(name);
        let Some(&(first, _)) = parts.first() else { return Ok(None) };
        let variable = if self.varying.contains(name) {
            self.joined(name, found)?
        } else if first.dataset.coords().is_index(name) {
            parts.first().map(|(_, variable)| (*variable).clone())
        } else {
            let argument = if first.dataset.coords().contains(name) { "coords" } else { "data_vars" };
            let hint = format!(
                "{argument}(ConcatVars::Different) keeps each along {:?}, Compat::Override takes the first",
                self.dim.as_str()
            );
            unified(name, &parts, &hint, found)?
        };
        let Some(variable) = variable else { return Ok(None) };
        let all: Vec<_> = parts.iter().map(|(entry, variable)| (*entry, variable.attrs())).collect();
        let attrs = attrs::combined(&all, name, found);
        Ok(Some(variable.with_attrs(attrs).with_encoding(attrs::encoding(&parts, found))))
    }

    /// A variable one after another, missing where a dataset lacks it.
    fn joined(&self, name: &str, found: &Found<'_>) -> Result<Option<Variable>> {
        let parts = self.parts(name);
        // The order of dimensions is that of the first that has this one.
        let model = parts.iter().find(|(_, variable)| variable.axis(self.dim).is_some()).or(parts.first());
        let Some(&(_, model)) = model else { return Ok(None) };
        let model = stretched(model, self.dim, 1)?;
        let fill = found.options.alignment.fill.of(Some(name));
        let is_coord = parts.first().is_some_and(|(entry, _)| entry.dataset.coords().contains(name));
        let mut all: Vec<Variable> = Vec::with_capacity(self.entries.len());
        for (entry, &len) in self.entries.iter().zip(&self.lens) {
            let part = match entry.dataset.variable(name) {
                Some(variable) => {
                    let part = stretched(variable, self.dim, len)?;
                    if part.dims() == model.dims() { part } else { part.transpose(model.dims())? }
                }
                None => {
                    let nothing = model.pick(self.dim, &Pick::of_positions(Vec::new()))?;
                    nothing.taken(self.dim, &Taken::Gaps(vec![None; len]), fill, is_coord)?
                }
            };
            all.push(part);
        }
        let mut parts: Vec<&Variable> = all.iter().collect();
        if parts.iter().any(|part| part.size(self.dim) != Some(0)) {
            parts.retain(|part| part.size(self.dim) != Some(0));
        }
        join(&model, &parts, self.dim).map(Some)
    }
}

/// A variable with a dimension, first where it is new; its values repeat along it.
fn stretched(variable: &Variable, dim: &Dim, len: usize) -> Result<Variable> {
    if variable.axis(dim).is_some() {
        return Ok(variable.clone());
    }
    let mut dims = vec![dim.clone()];
    dims.extend_from_slice(variable.dims());
    let mut data = variable.data().expand_dims(0)?;
    if len != 1 {
        let shape: Vec<usize> = std::iter::once(len).chain(variable.shape().iter().copied()).collect();
        data = data.broadcast_to(shape)?;
    }
    variable.with_dims_and_data(dims, data)
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
