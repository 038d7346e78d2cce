//! Data that are put together, and how messages call them.

use std::sync::Arc;

use indexmap::IndexMap;

use super::options::CombineOptions;
use crate::attrs::{Attrs, Encoding};
use crate::disagreement::{Disagreement, DisagreementKind, Policy};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Dataset, Labeled, Many};

/// What can be put together with others of its kind: an array or a dataset, alone or with the name that messages call
/// it by, such as that of its file.
pub trait Combinable {
    /// The data variables.
    type Vars: DataVars;

    /// The data.
    fn data(&self) -> &Labeled<Self::Vars>;

    /// The name for messages, where there is one.
    fn source(&self) -> Option<&str>;
}

impl<V: DataVars> Combinable for Labeled<V> {
    type Vars = V;

    fn data(&self) -> &Self {
        self
    }

    fn source(&self) -> Option<&str> {
        None
    }
}

impl<T: Combinable> Combinable for &T {
    type Vars = T::Vars;

    fn data(&self) -> &Labeled<Self::Vars> {
        (*self).data()
    }

    fn source(&self) -> Option<&str> {
        (*self).source()
    }
}

impl<S: AsRef<str>, T: Combinable> Combinable for (S, T) {
    type Vars = T::Vars;

    fn data(&self) -> &Labeled<Self::Vars> {
        self.1.data()
    }

    fn source(&self) -> Option<&str> {
        Some(self.0.as_ref())
    }
}

/// A dataset on its way to be combined. It goes through many lists, so its variables and attributes are shared.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) source: String,
    /// Which of the datasets it is, or the first of those that it was made from.
    pub(super) number: usize,
    pub(super) dataset: Arc<Dataset>,
}

impl Entry {
    pub(super) fn with(&self, dataset: Dataset) -> Self {
        Self { source: self.source.clone(), number: self.number, dataset: Arc::new(dataset) }
    }

    /// What became of several.
    pub(super) fn of_several(members: &[Self], dataset: Dataset) -> Self {
        let first = members.iter().min_by_key(|entry| entry.number);
        let source = first.map(|entry| entry.source.clone()).unwrap_or_default();
        let source = match members.len() {
            0 | 1 => source,
            n => format!("{source} and {} more", n - 1),
        };
        Self { source, number: first.map_or(0, |entry| entry.number), dataset: Arc::new(dataset) }
    }
}

/// The name of the variable of arrays without a name, or whose name is that of a coordinate.
const UNNAMED: &str = "the values";

/// The name that the variables of arrays have meanwhile.
fn array_name<'a, V: DataVars + 'a>(arrays: impl Iterator<Item = &'a Labeled<V>> + Clone) -> String {
    let name = arrays.clone().next().and_then(|array| array.vars.variables().next()?.0.map(str::to_owned));
    let taken = |name: &str| {
        arrays.clone().any(|array| array.coords().contains(name) || array.sizes().contains_key(name))
    };
    name.filter(|name| !taken(name)).unwrap_or_else(|| UNNAMED.into())
}

/// Arrays or datasets as datasets.
pub(super) fn entries<S: Combinable>(sources: &[S]) -> Vec<Entry> {
    let name = array_name(sources.iter().map(Combinable::data));
    let kind = if S::Vars::IS_ARRAY { "array" } else { "dataset" };
    let entry = |(number, source): (usize, &S)| Entry {
        source: source.source().map_or_else(|| format!("{kind} {number}"), str::to_owned),
        number,
        dataset: Arc::new(as_dataset(source.data(), &name)),
    };
    sources.iter().enumerate().map(entry).collect()
}

pub(super) fn as_dataset<V: DataVars>(data: &Labeled<V>, name: &str) -> Dataset {
    let variables: IndexMap<_, _> =
        data.vars.variables().map(|(own, variable)| (own_name::<V>(own, name), variable.clone())).collect();
    let (attrs, encoding) = match V::IS_ARRAY {
        true => (Attrs::new(), Encoding::new()),
        false => (data.attrs().clone(), data.encoding().clone()),
    };
    Dataset::from_parts(Many { variables, attrs, encoding }, data.coords().clone())
}

fn own_name<V: DataVars>(own: Option<&str>, array: &str) -> String {
    own.filter(|_| !V::IS_ARRAY).unwrap_or(array).to_owned()
}

/// The result in the form of what was given.
pub(super) fn restored<S: Combinable>(sources: &[S], dataset: Dataset) -> Result<Labeled<S::Vars>> {
    let first = sources.first().ok_or_else(nothing)?;
    Ok(Labeled::from_parts(first.data().vars.replaced(dataset.vars), dataset.coords))
}

pub(super) fn nothing() -> Error {
    Error::argument("datasets", "[]", "give at least one")
}

/// The disagreements found so far.
pub(super) struct Found<'a> {
    pub(super) options: &'a CombineOptions,
    pub(super) disagreements: Vec<Disagreement>,
}

impl<'a> Found<'a> {
    pub(super) fn new(options: &'a CombineOptions) -> Self {
        Self { options, disagreements: Vec::new() }
    }

    /// A disagreement that is treated as the options say.
    pub(super) fn add(&mut self, entry: &Entry, variable: &str, kind: DisagreementKind, what: String) {
        self.add_as(entry, variable, kind, self.options.policy_of(kind), what);
    }

    pub(super) fn add_as(
        &mut self,
        entry: &Entry,
        variable: &str,
        kind: DisagreementKind,
        policy: Policy,
        what: String,
    ) {
        self.disagreements.push(Disagreement {
            source: entry.source.clone(),
            number: entry.number,
            variable: variable.into(),
            kind,
            policy,
            what,
            largest: None,
        });
    }

    pub(super) fn has_errors(&self) -> bool {
        self.disagreements.iter().any(|found| found.policy == Policy::Error)
    }

    /// An error where there are disagreements that nothing is to be done about.
    pub(super) fn check(&self) -> Result<()> {
        if !self.has_errors() {
            return Ok(());
        }
        let errors = self.disagreements.iter().filter(|found| found.policy == Policy::Error);
        let mut disagreements: Vec<Disagreement> = errors.cloned().collect();
        disagreements.sort_by_key(|found| found.number);
        Err(Error::Combine { disagreements })
    }
}
