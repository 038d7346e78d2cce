//! The one error of this crate: the fact, what would have been possible, what to do.

use crate::calendar::Calendar;
use crate::dims::Dim;
use crate::disagreement::{Disagreement, DisagreementKind, lines};

/// Everything that can go wrong with labeled arrays.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine refused or failed.
    #[error(transparent)]
    Array(#[from] graticule_array::Error),
    /// Dimension names that do not describe an array.
    #[error("dimensions ({}) do not fit an array of shape {shape:?}: {problem}", listed(dims))]
    Dims {
        /// The names that were given.
        dims: Vec<Dim>,
        /// The shape they were given for.
        shape: Vec<usize>,
        /// What does not fit.
        problem: String,
    },
    /// A dimension that is not there.
    #[error("there is no dimension {dim:?}; {}", have(dims, "dimensions", dim))]
    UnknownDim {
        /// The name that was asked for.
        dim: String,
        /// The dimensions there are.
        dims: Vec<Dim>,
    },
    /// A variable or coordinate that is not there.
    #[error("there is no {kind} {name:?}; {}", have(names, "names", name))]
    UnknownName {
        /// What was looked for: `variable` or `coordinate`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// Two variables that give one dimension different lengths.
    #[error(
        "dimension {dim:?} has length {left_len} in {left} but {right_len} in {right}; \
         rename the dimension of one of them, or select so that the lengths agree"
    )]
    SizeConflict {
        /// The dimension.
        dim: Dim,
        /// The first variable.
        left: String,
        /// The length it gives.
        left_len: usize,
        /// The second variable.
        right: String,
        /// The length it gives.
        right_len: usize,
    },
    /// A name that would stand for two things.
    #[error("{name:?} would be used twice: {problem}")]
    DuplicateName {
        /// The name.
        name: String,
        /// Where the two uses meet and what to do.
        problem: String,
    },
    /// A coordinate with a dimension that the data do not have.
    #[error(
        "coordinate {coord:?} has dimensions ({}), but the data have ({}); {hint}",
        listed(coord_dims),
        listed(dims)
    )]
    CoordDims {
        /// The coordinate.
        coord: String,
        /// Its dimensions.
        coord_dims: Vec<Dim>,
        /// The dimensions of the data.
        dims: Vec<Dim>,
        /// What to do.
        hint: String,
    },
    /// A position outside a dimension.
    #[error("index {index} is outside dimension {dim:?} of length {len}; {}", positions(*len))]
    Index {
        /// The dimension.
        dim: Dim,
        /// The position asked for.
        index: isize,
        /// The length of the dimension.
        len: usize,
    },
    /// A label that a coordinate does not have.
    #[error("coordinate {dim:?} has no label {label}; {hint}")]
    Label {
        /// The dimension.
        dim: Dim,
        /// The label asked for.
        label: String,
        /// What there is, and what to do.
        hint: String,
    },
    /// A label that occurs several times where one is wanted.
    #[error("coordinate {dim:?} has the label {label} {count} times; {hint}")]
    AmbiguousLabel {
        /// The dimension.
        dim: Dim,
        /// The label.
        label: String,
        /// How often it occurs.
        count: usize,
        /// What to do.
        hint: String,
    },
    /// A dimension that has no labels to select by, or labels that the operation cannot use.
    #[error("dimension {dim:?} {problem}; {hint}")]
    Unindexed {
        /// The dimension.
        dim: Dim,
        /// What is missing.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// Index coordinates that differ where they must agree.
    #[error("coordinate {dim:?} differs between the operands: {difference}; {hint}")]
    Alignment {
        /// The dimension.
        dim: Dim,
        /// How the labels differ.
        difference: String,
        /// What to do.
        hint: String,
    },
    /// A date, a unit of time or a calendar that cannot be understood.
    #[error("{what} {text:?} {problem}; {hint}")]
    Time {
        /// What was read: `time units`, `date`, `calendar`, …
        what: &'static str,
        /// The text or value.
        text: String,
        /// What is wrong with it.
        problem: String,
        /// What would have been possible.
        hint: String,
    },
    /// Times of two calendars where they must be of one.
    #[error(
        "{what} needs times of one calendar, but one is in {left}, the other in {right}; \
         bring one of them to the other's with convert_calendar"
    )]
    Calendars {
        /// What was to be done.
        what: String,
        /// The calendar of the first.
        left: Calendar,
        /// The calendar of the second.
        right: Calendar,
    },
    /// Datasets that do not combine. All disagreements that were found are kept.
    #[error("the datasets do not combine:{}", disagreements_listed(disagreements))]
    Combine {
        /// Every disagreement found.
        disagreements: Vec<Disagreement>,
    },
    /// An argument outside its domain.
    #[error("{argument} = {value} is not possible: {hint}")]
    Argument {
        /// The name of the argument.
        argument: &'static str,
        /// The value that was given.
        value: String,
        /// What would have been accepted.
        hint: String,
    },
    /// A node of a tree whose labels or lengths are not those of the nodes above it.
    #[error("node {path:?} is not aligned with its parents along {dim:?}: {difference}; {hint}")]
    Unaligned {
        /// The path of the node.
        path: String,
        /// The dimension.
        dim: Dim,
        /// How labels or lengths differ.
        difference: String,
        /// What to do.
        hint: String,
    },
    /// A step that failed in one node of a tree.
    #[error("in node {path:?}: {cause}")]
    Node {
        /// The path of the node.
        path: String,
        /// Why.
        cause: Box<Self>,
    },
}

/// The result of an operation on labeled arrays.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether a dimension, variable, coordinate or label was not found.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self.innermost(),
            Self::UnknownDim { .. } | Self::UnknownName { .. } | Self::Label { .. } | Self::Index { .. }
        )
    }

    /// Whether index coordinates differ where they must agree.
    pub fn is_alignment(&self) -> bool {
        match self.innermost() {
            Self::Alignment { .. } | Self::Unaligned { .. } => true,
            Self::Combine { disagreements } => {
                disagreements.iter().all(|found| found.kind == DisagreementKind::Labels)
            }
            _ => false,
        }
    }

    /// Whether datasets could not be combined.
    pub fn is_combine(&self) -> bool {
        matches!(self.innermost(), Self::Combine { .. })
    }

    /// Whether a plan was refused because of the memory limit.
    pub fn is_memory(&self) -> bool {
        matches!(self.innermost(), Self::Array(error) if error.is_memory())
    }

    /// Whether a computation was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.innermost(), Self::Array(error) if error.is_cancelled())
    }

    /// The disagreements between datasets that could not be combined; empty for other errors.
    pub fn disagreements(&self) -> &[Disagreement] {
        match self.innermost() {
            Self::Combine { disagreements } => disagreements,
            _ => &[],
        }
    }

    /// What failed, without the node of a tree where it did.
    fn innermost(&self) -> &Self {
        match self {
            Self::Node { cause, .. } => cause.innermost(),
            error => error,
        }
    }

    pub(crate) fn argument(
        argument: &'static str,
        value: impl std::fmt::Display,
        hint: impl Into<String>,
    ) -> Self {
        Self::Argument { argument, value: value.to_string(), hint: hint.into() }
    }

    pub(crate) fn unknown_dim(dim: &str, dims: impl IntoIterator<Item = Dim>) -> Self {
        Self::UnknownDim { dim: dim.into(), dims: dims.into_iter().collect() }
    }
}

/// How many disagreements a message spells out.
const DISAGREEMENTS_SHOWN: usize = 10;

fn disagreements_listed(disagreements: &[Disagreement]) -> String {
    let all: Vec<&Disagreement> = disagreements.iter().collect();
    lines(&all, DISAGREEMENTS_SHOWN).iter().map(|line| format!("\n  {line}")).collect()
}

/// `a, b, c`
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn have(names: &[impl AsRef<str>], what: &str, wanted: &str) -> String {
    if names.is_empty() {
        return format!("there are no {what}");
    }
    match closest(wanted, names) {
        Some(close) => format!("did you mean {close:?}? The {what} are {}", listed(names)),
        None => format!("the {what} are {}", listed(names)),
    }
}

fn positions(len: usize) -> String {
    match len {
        0 => "the dimension is empty".into(),
        n => format!("use -{n} to {}", n - 1),
    }
}

/// The name most like `wanted`, where one is like it at all.
fn closest<'a>(wanted: &str, names: &'a [impl AsRef<str>]) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 3).max(1);
    let scored = names.iter().map(|name| (edits(wanted, name.as_ref()), name.as_ref()));
    scored.filter(|(edits, _)| *edits <= limit).min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

/// The number of single-character edits from `a` to `b`, ignoring case.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(x != y);
            next.push(replaced.min(row[j + 1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disagreement::Policy;

    #[test]
    fn an_unknown_name_suggests_the_closest() {
        let names = vec!["adt".to_string(), "sla".to_string(), "latitude".to_string()];
        let error = Error::UnknownName { kind: "variable", name: "latitud".into(), names: names.clone() };
        let text =
            "there is no variable \"latitud\"; did you mean \"latitude\"? The names are adt, sla, latitude";
        assert_eq!(error.to_string(), text);
        let error = Error::UnknownName { kind: "variable", name: "wind".into(), names };
        assert_eq!(error.to_string(), "there is no variable \"wind\"; the names are adt, sla, latitude");
    }

    #[test]
    fn a_long_list_of_disagreements_is_cut() {
        let one = |i: usize| Disagreement {
            source: format!("{i}.nc"),
            number: i,
            variable: "lat".into(),
            kind: DisagreementKind::Labels,
            policy: Policy::Error,
            what: format!("differs by {i}"),
            largest: None,
        };
        let error = Error::Combine { disagreements: (0..12).map(one).collect() };
        let text = error.to_string();
        assert!(text.starts_with("the datasets do not combine:\n  0.nc: lat: differs by 0\n"), "{text}");
        assert!(text.ends_with("and 2 more"), "{text}");
        assert_eq!(error.disagreements().len(), 12);
        let same = |i: usize| Disagreement { what: "differs".into(), ..one(i) };
        let error = Error::Combine { disagreements: [0, 3, 4, 5, 9].map(same).to_vec() };
        let text = "the datasets do not combine:\n  0.nc, 3.nc to 5.nc, 9.nc (5 in all): lat: differs";
        assert_eq!(error.to_string(), text);
    }
}
