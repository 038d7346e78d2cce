//! How values become groups.

use graticule_array::Chunk;

use super::bins::BinGrouper;
use super::factor::Factor;
use super::key::Found;
use super::resampler::TimeResampler;
use super::season::{SeasonGrouper, SeasonResampler};
use crate::error::{Error, Result};

/// How the values of a key become groups.
#[derive(Debug, Clone)]
pub enum Grouper {
    /// Each value that occurs is a group.
    Unique(UniqueGrouper),
    /// Intervals are groups.
    Bin(BinGrouper),
    /// Seasons of all years are groups.
    Season(SeasonGrouper),
    /// The seasons of each year are groups.
    SeasonOfYear(SeasonResampler),
    /// Spans of time are groups.
    Time(TimeResampler),
}

/// Each value is a group, in increasing order; missing values belong to none.
#[derive(Debug, Clone, Default)]
pub struct UniqueGrouper {
    labels: Option<Chunk>,
}

impl UniqueGrouper {
    /// A group for each value that occurs.
    pub fn new() -> Self {
        Self::default()
    }

    /// A group for each of these labels, in their order. Other values belong to none, and labels that do not occur have
    /// missing results.
    ///
    /// ```
    /// use graticule_dataset::UniqueGrouper;
    /// let winter = UniqueGrouper::new().labels(graticule_array::Chunk::new(vec![3], vec![12i64, 1, 2])?);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn labels(mut self, labels: impl Into<Chunk>) -> Self {
        self.labels = Some(labels.into());
        self
    }
}

macro_rules! grouper_from {
    ($($t:ident $kind:ident)+) => {$(
        impl From<$t> for Grouper {
            fn from(grouper: $t) -> Self {
                Self::$kind(grouper)
            }
        }
    )+};
}

grouper_from! {
    UniqueGrouper Unique
    BinGrouper Bin
    SeasonGrouper Season
    SeasonResampler SeasonOfYear
    TimeResampler Time
}

impl Grouper {
    pub(super) fn factorize(&self, found: &Found) -> Result<Factor> {
        if found.variable.data().size() == 0 {
            let hint = "it has no values, so there are no groups; check the selection before";
            return Err(Error::argument("key", format!("{:?}", found.name), hint));
        }
        let factor = match self {
            Self::Unique(UniqueGrouper { labels: None }) => Factor::unique(found)?,
            Self::Unique(UniqueGrouper { labels: Some(labels) }) => Factor::given(found, labels)?,
            Self::Bin(grouper) => grouper.factorize(found)?,
            Self::Season(grouper) => grouper.factorize(found)?,
            Self::SeasonOfYear(grouper) => grouper.factorize(found)?,
            Self::Time(grouper) => grouper.factorize(found)?,
        };
        if factor.codes.iter().all(|&code| code < 0) {
            let hint =
                "none of its values belongs to a group: all are missing, or outside of the groups given";
            return Err(Error::argument("key", format!("{:?}", found.name), hint));
        }
        Ok(factor)
    }
}
