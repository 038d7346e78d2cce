//! What is to be known about many datasets before they are put together.

use std::fmt;

use super::by_coords::combined;
use super::options::CombineOptions;
use super::series::Extent;
use super::source::{Combinable, Found, entries, restored};
use crate::disagreement::{Disagreement, DisagreementKind, Policy, lines};
use crate::error::{Error, Result};
use crate::labeled::Labeled;

/// Everything that datasets disagree about, and what is done about each point. Its text is for reading, its fields are
/// for programs; with the feature `serde` it can be written.
///
/// ```
/// use graticule_dataset::{CombineOptions, DataArray, Variable, combine};
/// let day = |day: i64, units: &str| {
///     let time = Variable::from_vec("time", vec![day])?;
///     let mut adt = DataArray::new(Some("adt"), Variable::from_vec("time", vec![0.5])?, [("time".into(), time)])?;
///     adt.attrs_mut().insert("units".into(), units.into());
///     Ok::<_, graticule_dataset::Error>((format!("{day}.nc"), adt))
/// };
/// let days = [day(1, "m")?, day(2, "m")?, day(3, "cm")?, day(4, "cm")?, day(5, "cm")?, day(7, "m")?];
/// let report = combine::report(&days, &CombineOptions::new())?;
/// assert!(!report.combines());
/// let text = "\
/// 6 datasets, 6 labels along time from 1 to 7, steps of 1
/// They do not combine:
///   units
///     3.nc to 5.nc (3 in all): adt: has units \"cm\", but in 1.nc units \"m\"
/// Accepted:
///   gaps
///     7.nc: time: about 1 step of 1 missing between 5 and 7
/// ";
/// assert_eq!(report.to_string(), text);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CombineReport {
    /// The names of the datasets, in the order in which they were given.
    pub sources: Vec<String>,
    /// The dimensions along which they are put together.
    pub extents: Vec<Extent>,
    /// What they disagree about. Values of variables that do not vary along these dimensions are compared only where
    /// nothing else keeps the datasets from being combined.
    pub disagreements: Vec<Disagreement>,
    /// What keeps them from being combined beside disagreements, in words.
    pub problem: Option<String>,
}

impl CombineReport {
    /// Whether the datasets are combined under the options that the report was made with.
    pub fn combines(&self) -> bool {
        self.problem.is_none() && self.errors().next().is_none()
    }

    /// What keeps the datasets from being combined.
    pub fn errors(&self) -> impl Iterator<Item = &Disagreement> {
        self.disagreements.iter().filter(|found| found.policy == Policy::Error)
    }

    /// What the options accept or see to, and somebody may want to know.
    pub fn accepted(&self) -> impl Iterator<Item = &Disagreement> {
        self.disagreements.iter().filter(|found| found.policy != Policy::Error)
    }

    /// Adds what is known from elsewhere, such as that a file cannot be opened.
    pub fn add(&mut self, disagreement: Disagreement) {
        self.disagreements.push(disagreement);
    }
}

/// What data that are to be combined by their coordinates disagree about. Nothing is combined.
///
/// # Errors
/// [`Error::Argument`] for options that exclude each other, and what comparing values can meet.
pub fn report<S: Combinable>(data: &[S], options: &CombineOptions) -> Result<CombineReport> {
    let (report, result) = combine_by_coords_reporting(data, options);
    match result {
        Ok(_) | Err(Error::Combine { .. }) => Ok(report),
        Err(_) if report.problem.is_some() => Ok(report),
        Err(error) => Err(error),
    }
}

/// [`combine_by_coords_with`](crate::combine_by_coords_with) with the report, whether it succeeds or not.
pub fn combine_by_coords_reporting<S: Combinable>(
    data: &[S],
    options: &CombineOptions,
) -> (CombineReport, Result<Labeled<S::Vars>>) {
    let mut found = Found::new(options);
    let mut extents = Vec::new();
    let entries = entries(data);
    let combine = |found: &mut Found<'_>, extents: &mut Vec<Extent>| {
        options.check()?;
        restored(data, combined(&entries, found, extents)?)
    };
    let result = combine(&mut found, &mut extents);
    let problem = match &result {
        Err(error @ (Error::Argument { argument: "datasets", .. } | Error::Alignment { .. })) => {
            Some(error.to_string())
        }
        _ => None,
    };
    let sources = entries.into_iter().map(|entry| entry.source).collect();
    found.disagreements.sort_by_key(|found| found.number);
    (CombineReport { sources, extents, disagreements: found.disagreements, problem }, result)
}

/// How many lines a kind of disagreement has in a report.
const LINES_OF_A_KIND: usize = 12;

impl fmt::Display for CombineReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} datasets", self.sources.len())?;
        for Extent { dim, len, first, last, step } in &self.extents {
            write!(f, ", {len} labels along {dim} from {first} to {last}")?;
            if let Some(step) = step {
                write!(f, ", steps of {step}")?;
            }
        }
        writeln!(f)?;
        if let Some(problem) = &self.problem {
            writeln!(f, "They do not combine: {problem}")?;
        }
        let errors: Vec<&Disagreement> = self.errors().collect();
        if !errors.is_empty() {
            writeln!(f, "They do not combine:")?;
            section(f, &errors, |kind| kind.to_string())?;
        }
        let accepted: Vec<&Disagreement> = self.accepted().collect();
        if !accepted.is_empty() {
            writeln!(f, "Accepted:")?;
            section(f, &accepted, |kind| match accepted.iter().find(|found| found.kind == kind) {
                Some(found) => format!("{kind}{}", done(found.policy)),
                None => kind.to_string(),
            })?;
        }
        if self.disagreements.is_empty() && self.problem.is_none() {
            writeln!(f, "They agree.")?;
        }
        Ok(())
    }
}

/// What a policy does, after the kind of disagreement.
fn done(policy: Policy) -> &'static str {
    match policy {
        Policy::Error | Policy::Accept => "",
        Policy::First => ": the first decides",
        Policy::Convert => ": made to agree",
        Policy::Drop => ": left out",
    }
}

fn section(
    f: &mut fmt::Formatter<'_>,
    disagreements: &[&Disagreement],
    title: impl Fn(DisagreementKind) -> String,
) -> fmt::Result {
    let mut kinds: Vec<DisagreementKind> = disagreements.iter().map(|found| found.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        writeln!(f, "  {}", title(kind))?;
        let of_kind: Vec<&Disagreement> =
            disagreements.iter().filter(|found| found.kind == kind).copied().collect();
        for line in lines(&of_kind, LINES_OF_A_KIND) {
            writeln!(f, "    {line}")?;
        }
    }
    Ok(())
}
