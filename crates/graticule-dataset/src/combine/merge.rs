//! The variables of several as one dataset.

use std::sync::Arc;

use indexmap::IndexMap;

use super::attrs;
use super::checks;
use super::concat::relabeled;
use super::options::CombineOptions;
use super::source::{Combinable, Entry, Found, as_dataset, nothing};
use super::unify::{Part, unified};
use crate::align::{self, Join};
use crate::attrs::Attrs;
use crate::coords::Coords;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Dataset, Many};
use crate::variable::Variable;

/// All variables of several datasets or named arrays as one dataset.
///
/// Labels must be equal, and so must variables of one name; [`merge_with`] has options for both. The attributes are
/// those of the first.
///
/// ```
/// use graticule_dataset::{DataArray, Variable, merge};
/// let on = |name: &str, values: Vec<f64>| {
///     let lat = Variable::from_vec("lat", vec![-45.0, 45.0])?;
///     DataArray::new(Some(name), Variable::from_vec("lat", values)?, [("lat".into(), lat)])
/// };
/// let ds = merge(&[on("adt", vec![0.1, 0.2])?, on("sla", vec![0.0, 0.1])?])?;
/// assert_eq!(ds.data_vars().keys().collect::<Vec<_>>(), ["adt", "sla"]);
/// let error = merge(&[on("adt", vec![0.1, 0.2])?, on("adt", vec![0.1, 0.3])?]).unwrap_err().to_string();
/// assert!(error.contains("1 of 2 values differ, first at lat 45: left 0.2, right 0.3"), "{error}");
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Combine`] with everything that they disagree about, [`Error::Argument`] for an array without a name.
pub fn merge<S: Combinable>(data: &[S]) -> Result<Dataset> {
    merge_with(data, CombineOptions::new())
}

/// [`merge()`] with options, such as only a [`Join`] or only a [`Compat`](crate::Compat).
///
/// ```
/// use graticule_dataset::{Compat, DataArray, Join, Variable, merge_with};
/// let on = |labels: Vec<f64>, values: Vec<f64>| {
///     let x = Variable::from_vec("x", labels)?;
///     DataArray::new(Some("v"), Variable::from_vec("x", values)?, [("x".into(), x)])
/// };
/// let parts = [on(vec![0.0, 1.0], vec![5.0, f64::NAN])?, on(vec![1.0, 2.0], vec![6.0, 7.0])?];
/// let options = graticule_dataset::CombineOptions::from(Join::Outer).compat(Compat::NoConflicts);
/// let whole = merge_with(&parts, options)?;
/// assert_eq!(whole.get("v")?.values::<f64>()?.into_raw_vec_and_offset().0, [5.0, 6.0, 7.0]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`merge()`], and those of [`align`](crate::align).
pub fn merge_with<S: Combinable>(data: &[S], options: impl Into<CombineOptions>) -> Result<Dataset> {
    let options = options.into();
    options.check()?;
    let mut found = Found::new(&options);
    merged(&named(data)?, &mut found)
}

impl Dataset {
    /// The variables of this dataset and of another, or of a named array, as one dataset. See [`merge()`].
    ///
    /// # Errors
    /// As [`merge()`].
    pub fn merge<V: DataVars>(&self, other: &crate::labeled::Labeled<V>) -> Result<Self> {
        self.merge_with(other, CombineOptions::new())
    }

    /// [`Dataset::merge`] with options.
    ///
    /// # Errors
    /// As [`merge_with`].
    pub fn merge_with<V: DataVars>(
        &self,
        other: &crate::labeled::Labeled<V>,
        options: impl Into<CombineOptions>,
    ) -> Result<Self> {
        let options = options.into();
        options.check()?;
        let mut pair = named(&[self])?;
        pair.extend(named(&[other])?.into_iter().map(|entry| Entry { number: 1, ..entry }));
        for (entry, name) in pair.iter_mut().zip(["this dataset", "the other"]) {
            entry.source = name.into();
        }
        merged(&pair, &mut Found::new(&options))
    }

    /// The dataset with the variables and coordinates of another added, in place of its own of the same name. Labels
    /// must be equal; the attributes stay.
    ///
    /// ```
    /// use graticule_dataset::{Attrs, Dataset, Variable};
    /// let of = |name: &str, value: f64| Dataset::new([(name.to_owned(), Variable::scalar(value)?)], [], Attrs::new());
    /// let ds = of("a", 1.0)?.update(&of("a", 2.0)?)?.update(&of("b", 3.0)?)?;
    /// assert_eq!((ds.get("a")?.item()?, ds.get("b")?.item()?), (2.0, 3.0));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Alignment`] when labels differ, [`Error::SizeConflict`] when lengths do.
    pub fn update(&self, other: &Self) -> Result<Self> {
        align::picks(&[self.coords(), other.coords()], Join::Exact)?;
        let new = |(name, variable): (&String, &Variable)| (name.clone(), variable.clone());
        let data = self.assign(other.data_vars().iter().map(new))?;
        let coords: Vec<(String, Variable)> =
            other.coords().iter().map(|(name, variable)| (name.to_owned(), variable.clone())).collect();
        data.assign_coords(coords)
    }
}

/// Arrays or datasets as datasets whose variables have the names of the arrays.
fn named<S: Combinable>(data: &[S]) -> Result<Vec<Entry>> {
    let one = |(number, source): (usize, &S)| {
        let labeled = source.data();
        let kind = if S::Vars::IS_ARRAY { "array" } else { "dataset" };
        let shown = source.source().map_or_else(|| format!("{kind} {number}"), str::to_owned);
        let name = labeled.vars.variables().next().and_then(|(name, _)| name);
        if S::Vars::IS_ARRAY && name.is_none() {
            let hint = "a variable of a dataset has a name; give the array one by with_name";
            return Err(Error::argument("data", format!("{shown} without a name"), hint));
        }
        let mut dataset = as_dataset(labeled, name.unwrap_or_default());
        if S::Vars::IS_ARRAY {
            // A coordinate as an array is that coordinate.
            dataset.vars.variables.retain(|name, _| !dataset.coords.contains(name));
            *dataset.attrs_mut() = labeled.attrs().clone();
        }
        Ok(Entry { source: shown, number, dataset: Arc::new(dataset) })
    };
    data.iter().enumerate().map(one).collect()
}

/// The variables of all as one dataset.
pub(super) fn merged(entries: &[Entry], found: &mut Found<'_>) -> Result<Dataset> {
    let Some(first) = entries.first() else { return Err(nothing()) };
    checks::shared(entries, &[], found)?;
    found.check()?;
    let entries = relabeled(entries, found.options.alignment.clone())?;
    let mut parts: IndexMap<&str, Vec<Part<'_>>> = IndexMap::new();
    for entry in &entries {
        for name in entry.dataset.names() {
            if let Some(variable) = entry.dataset.variable(name) {
                parts.entry(name).or_default().push((entry, variable));
            }
        }
    }
    let is_coord = |name: &str| entries.iter().any(|entry| entry.dataset.coords().contains(name));
    let mut variables: IndexMap<String, Variable> = IndexMap::new();
    let mut coords: Vec<(String, Variable)> = Vec::new();
    for (name, parts) in parts {
        let is_index = parts.iter().find(|(entry, _)| entry.dataset.coords().is_index(name));
        let variable = match is_index {
            // Aligned, so all have the same.
            Some((_, variable)) => Some((*variable).clone()),
            None => {
                let hint = "Compat::NoConflicts takes what is missing in one from the other, Compat::Override \
                            the first";
                unified(name, &parts, hint, found)?
            }
        };
        let Some(variable) = variable else { continue };
        let all: Vec<(&Entry, &Attrs)> = parts.iter().map(|(entry, v)| (*entry, v.attrs())).collect();
        let attrs = attrs::combined(&all, name, found);
        let variable = variable.with_attrs(attrs).with_encoding(attrs::encoding(&parts, found));
        if is_coord(name) {
            coords.push((name.to_owned(), variable));
        } else {
            variables.insert(name.to_owned(), variable);
        }
    }
    let all: Vec<(&Entry, &Attrs)> = entries.iter().map(|entry| (entry, entry.dataset.attrs())).collect();
    let attrs = attrs::combined(&all, "", found);
    found.check()?;
    let mut coords = Coords::new(coords)?;
    for entry in &entries {
        coords.inherit_levels(entry.dataset.coords())?;
    }
    Dataset::checked(Many { variables, attrs, encoding: first.dataset.encoding().clone() }, coords)
}
