//! What datasets that are put together can disagree about, and what is done about it.

use std::fmt;

/// One thing that a dataset has otherwise than the first one.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Disagreement {
    /// The dataset that disagrees, such as the name of its file.
    pub source: String,
    /// Which of the datasets it is, from 0, in the order in which they were given.
    pub number: usize,
    /// The variable, coordinate or dimension concerned; empty for the whole dataset.
    pub variable: String,
    /// What disagrees.
    pub kind: DisagreementKind,
    /// What is done about it.
    pub policy: Policy,
    /// The disagreement in words.
    pub what: String,
    /// For labels that are numbers or times: the largest difference, in their unit or in seconds.
    pub largest: Option<f64>,
}

/// What two datasets can disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum DisagreementKind {
    /// A variable is in one dataset but not in the other.
    Missing,
    /// The dimensions of a variable or their lengths differ.
    Dims,
    /// A variable is a coordinate in one dataset and data in the other.
    Role,
    /// The labels of a coordinate differ.
    Labels,
    /// A label appears twice, in one dataset or in two.
    Duplicate,
    /// The labels of two datasets overlap, so neither comes first.
    Overlap,
    /// The labels of a dataset are not in order, or in the other order than those of the first.
    Unsorted,
    /// Steps are missing along a coordinate that is otherwise regular.
    Gap,
    /// The units of a variable differ.
    Units,
    /// The times of a variable are those of another calendar.
    Calendar,
    /// The dtypes of a variable differ, and one does not hold all values of the other.
    DType,
    /// A variable was packed otherwise: another scale, offset or fill value. Its values are unpacked all the same.
    Packing,
    /// The values of a variable that should be the same everywhere differ.
    Values,
    /// Attributes differ that should not.
    Attrs,
    /// A file ends before its data do.
    Truncated,
    /// A file cannot be opened.
    Unreadable,
}

/// What is done about a disagreement. Which policies a kind of disagreement has is in [`DisagreementKind::policies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Policy {
    /// The datasets are not combined.
    Error,
    /// What the first dataset says holds for all: its units are those of all, its label stays and the other goes.
    First,
    /// All are made to agree: dtypes are promoted, labels sorted, absent variables filled with missing values.
    Convert,
    /// What is concerned is left out of all.
    Drop,
    /// It stays as it is.
    Accept,
}

impl DisagreementKind {
    /// What can be done about it; the first is what is done unless something else is asked for.
    pub fn policies(self) -> &'static [Policy] {
        use Policy::{Accept, Convert, Drop, Error, First};
        match self {
            Self::Missing => &[Error, Convert, Drop],
            Self::Duplicate | Self::Units => &[Error, First],
            Self::Overlap | Self::Unsorted | Self::DType => &[Error, Convert],
            Self::Packing => &[Convert, First, Error],
            Self::Gap => &[Accept, Error],
            Self::Truncated | Self::Unreadable => &[Error, Drop],
            // These have options of their own, or no way out.
            Self::Dims | Self::Role | Self::Labels | Self::Calendar | Self::Values | Self::Attrs => &[Error],
        }
    }

    /// What is done unless something else is asked for.
    pub(crate) fn strict(self) -> Policy {
        self.policies().first().copied().unwrap_or(Policy::Error)
    }
}

/// In words, as a title.
impl fmt::Display for DisagreementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "absent variables",
            Self::Dims => "dimensions",
            Self::Role => "coordinates that are data elsewhere",
            Self::Labels => "labels",
            Self::Duplicate => "labels that appear twice",
            Self::Overlap => "labels that overlap",
            Self::Unsorted => "labels out of order",
            Self::Gap => "gaps",
            Self::Units => "units",
            Self::Calendar => "calendars",
            Self::DType => "dtypes",
            Self::Packing => "packing",
            Self::Values => "values",
            Self::Attrs => "attributes",
            Self::Truncated => "truncated files",
            Self::Unreadable => "files that cannot be opened",
        })
    }
}

/// Disagreements as lines, `limit` of them at most. Datasets that disagree in the same way are one line.
pub(crate) fn lines(disagreements: &[&Disagreement], limit: usize) -> Vec<String> {
    let mut groups: Vec<(&Disagreement, Vec<&Disagreement>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for &found in disagreements {
        let place = *places.entry((found.kind, &found.variable, &found.what)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(found),
            None => groups.push((found, vec![found])),
        }
    }
    let text = |(first, members): &(&Disagreement, Vec<&Disagreement>)| {
        let variable =
            if first.variable.is_empty() { String::new() } else { format!("{}: ", first.variable) };
        format!("{}: {variable}{}", sources(members), first.what)
    };
    let mut lines: Vec<String> = groups.iter().take(limit).map(text).collect();
    let more: usize = groups.iter().skip(limit).map(|(_, members)| members.len()).sum();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// How many runs of datasets a line names.
const RUNS_SHOWN: usize = 4;

/// `a.nc`, or `a.nc, c.nc to f.nc (5 in all)`.
fn sources(members: &[&Disagreement]) -> String {
    let mut runs: Vec<(&Disagreement, &Disagreement)> = Vec::new();
    for &member in members {
        match runs.last_mut() {
            Some((_, last)) if last.number + 1 == member.number => *last = member,
            _ => runs.push((member, member)),
        }
    }
    let text = |(first, last): &(&Disagreement, &Disagreement)| match last.number - first.number {
        0 => first.source.clone(),
        1 => format!("{}, {}", first.source, last.source),
        _ => format!("{} to {}", first.source, last.source),
    };
    let mut shown: Vec<String> = runs.iter().take(RUNS_SHOWN).map(text).collect();
    if runs.len() > RUNS_SHOWN {
        shown.push("…".into());
    }
    match members.len() {
        0..=2 => shown.join(", "),
        n => format!("{} ({n} in all)", shown.join(", ")),
    }
}
