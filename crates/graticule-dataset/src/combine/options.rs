//! How data are put together.

use graticule_array::Scalar;
use indexmap::IndexMap;

use crate::align::{Alignment, Join};
use crate::disagreement::{DisagreementKind, Policy};
use crate::error::{Error, Result};
use crate::select::Tolerance;

/// What happens to variables of one name that should be the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compat {
    /// Values and dimensions must be equal. To tell, lazy data are computed, unless they come from the same place.
    #[default]
    Equals,
    /// Attributes must be equal too.
    Identical,
    /// They must be equal after broadcasting to each other, and are broadcast.
    BroadcastEquals,
    /// They must be equal where both have values; what is missing in one is taken from the next.
    NoConflicts,
    /// That of the first dataset is taken, without a look at the others.
    Override,
    /// As `BroadcastEquals`, but coordinates that conflict are left out.
    Minimal,
}

/// What becomes of attributes that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CombineAttrs {
    /// Those of the first.
    #[default]
    Override,
    /// None stay.
    Drop,
    /// All must be equal.
    Identical,
    /// All stay, and those of one name must be equal.
    NoConflicts,
    /// All stay but those of one name that are not equal.
    DropConflicts,
}

/// Which variables vary along the dimension of concatenation, beside those that have it already.
///
/// ```
/// use graticule_dataset::ConcatVars;
/// let _: [ConcatVars; 2] = [ConcatVars::All, ["time_bnds"].into()];
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ConcatVars {
    /// All data variables where the dimension is new, else none. No coordinates.
    #[default]
    Auto,
    /// No others.
    Minimal,
    /// Those that differ between the datasets. To tell, lazy data are computed.
    Different,
    /// All.
    All,
    /// These.
    Named(Vec<String>),
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for ConcatVars {
    fn from(names: [S; N]) -> Self {
        Self::Named(names.iter().map(|name| name.as_ref().to_owned()).collect())
    }
}

impl<S: AsRef<str>> From<Vec<S>> for ConcatVars {
    fn from(names: Vec<S>) -> Self {
        Self::Named(names.iter().map(|name| name.as_ref().to_owned()).collect())
    }
}

/// How arrays and datasets are put together: options of [`concat_with`](crate::concat_with()),
/// [`merge_with`](crate::merge_with()), [`combine_nested_with`](crate::combine_nested_with()) and
/// [`combine_by_coords_with`](crate::combine_by_coords_with()).
///
/// As long as nothing else is asked for, whatever could change a number unseen is an error.
///
/// ```
/// use graticule_dataset::{CombineAttrs, CombineOptions, Compat, DisagreementKind, Join, Policy};
/// let options = CombineOptions::new()
///     .compat(Compat::NoConflicts)
///     .join(Join::Outer)
///     .combine_attrs(CombineAttrs::DropConflicts)
///     .policy(DisagreementKind::Duplicate, Policy::First);
/// ```
#[derive(Debug, Clone, Default)]
pub struct CombineOptions {
    pub(super) compat: Compat,
    pub(super) alignment: Alignment,
    pub(super) attrs: CombineAttrs,
    pub(super) data_vars: ConcatVars,
    pub(super) coords: ConcatVars,
    pub(super) dim: Option<String>,
    policies: IndexMap<DisagreementKind, Policy>,
}

impl From<Compat> for CombineOptions {
    fn from(compat: Compat) -> Self {
        Self::new().compat(compat)
    }
}

impl From<Join> for CombineOptions {
    fn from(join: Join) -> Self {
        Self::new().join(join)
    }
}

impl CombineOptions {
    /// The strict ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// What happens to variables that should be the same in all datasets.
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    /// What happens where labels differ that are not those of the dimension of concatenation.
    pub fn join(mut self, join: Join) -> Self {
        self.alignment.join = join;
        self
    }

    /// Such labels are the same when they are no farther apart; those of the first dataset stand for all.
    pub fn tolerance(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.alignment = self.alignment.tolerance(tolerance);
        self
    }

    /// The value where a dataset has nothing for a label or lacks a variable; by default it is missing.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.alignment = self.alignment.fill_value(value);
        self
    }

    /// The same for single variables.
    pub fn fill_values<K: Into<String>, T: Into<Scalar>>(
        mut self,
        values: impl IntoIterator<Item = (K, T)>,
    ) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.alignment.fill.by_name.extend(values);
        self
    }

    /// What becomes of attributes, of datasets and of variables. Encodings are those of the first.
    pub fn combine_attrs(mut self, attrs: CombineAttrs) -> Self {
        self.attrs = attrs;
        self
    }

    /// Which data variables vary along the dimension of concatenation, beside those that have it.
    pub fn data_vars(mut self, vars: impl Into<ConcatVars>) -> Self {
        self.data_vars = vars.into();
        self
    }

    /// Which coordinates vary along the dimension of concatenation, beside those that have it.
    pub fn coords(mut self, coords: impl Into<ConcatVars>) -> Self {
        self.coords = coords.into();
        self
    }

    /// The only dimension that `combine_by_coords` looks at. Without it, the labels tell.
    pub fn along(mut self, dim: impl Into<String>) -> Self {
        self.dim = Some(dim.into());
        self
    }

    /// What is done about a kind of disagreement. [`DisagreementKind::policies`] has what is possible.
    pub fn policy(mut self, kind: DisagreementKind, policy: Policy) -> Self {
        self.policies.insert(kind, policy);
        self
    }

    /// What is done about a kind of disagreement.
    pub fn policy_of(&self, kind: DisagreementKind) -> Policy {
        self.policies.get(&kind).copied().unwrap_or_else(|| kind.strict())
    }

    /// An error for what cannot be together.
    pub(super) fn check(&self) -> Result<()> {
        for (kind, policy) in &self.policies {
            if !kind.policies().contains(policy) {
                let possible: Vec<String> =
                    kind.policies().iter().map(|p| format!("Policy::{p:?}")).collect();
                return Err(Error::argument(
                    "policy",
                    format!("{policy:?} for {kind}"),
                    match possible.as_slice() {
                        [only] => {
                            format!("there is only {only}, and options of their own such as join and compat")
                        }
                        several => format!("possible are {}", several.join(", ")),
                    },
                ));
            }
        }
        let different = [("data_vars", &self.data_vars), ("coords", &self.coords)];
        let different = different.into_iter().find(|(_, vars)| **vars == ConcatVars::Different);
        match different {
            Some((argument, _)) if self.compat == Compat::Override => Err(Error::argument(
                argument,
                "Different",
                "Compat::Override never looks whether variables differ; give another compat",
            )),
            _ => Ok(()),
        }
    }
}
