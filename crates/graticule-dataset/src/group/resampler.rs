//! Spans of time as groups.

use super::factor::Factor;
use super::key::Found;
use crate::error::{Error, Result};
use crate::time::{Binning, Frequency, Origin, Side};

/// Spans of time as groups: months, seasons, days, each labeled by its start or its end.
///
/// ```
/// use graticule_dataset::TimeResampler;
/// use graticule_dataset::time::Side;
/// let _ = TimeResampler::new("2MS").closed(Side::Right).label(Side::Right);
/// ```
#[derive(Debug, Clone)]
pub struct TimeResampler {
    freq: String,
    binning: Binning,
    offset: Option<String>,
}

impl From<&str> for TimeResampler {
    fn from(freq: &str) -> Self {
        Self::new(freq)
    }
}

impl From<Frequency> for TimeResampler {
    fn from(freq: Frequency) -> Self {
        Self::new(&freq.to_string())
    }
}

impl TimeResampler {
    /// Spans of a frequency such as `D`, `6h`, `MS`, `QS-DEC`, `YE`.
    pub fn new(freq: &str) -> Self {
        Self { freq: freq.into(), binning: Binning::default(), offset: None }
    }

    /// The side at which a span contains its edge.
    pub fn closed(mut self, side: Side) -> Self {
        self.binning.closed = Some(side);
        self
    }

    /// The side whose edge is the label.
    pub fn label(mut self, side: Side) -> Self {
        self.binning.label = Some(side);
        self
    }

    /// Where spans of a fixed length are counted from.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.binning.origin = origin;
        self
    }

    /// A length of time such as `12h` that is added to the origin.
    pub fn offset(mut self, offset: &str) -> Self {
        self.offset = Some(offset.into());
        self
    }

    pub(super) fn factorize(&self, found: &Found) -> Result<Factor> {
        let freq = Frequency::parse(&self.freq)?;
        let mut binning = self.binning;
        if let Some(offset) = &self.offset {
            let nanos = Frequency::parse(offset)?.nanos();
            binning.offset_nanos += nanos.ok_or_else(|| {
                Error::argument("offset", offset, "give a length that is always the same, such as 12h or 3D")
            })?;
        }
        let times = found.values()?;
        let bins = freq.bins(&times, found.variable.calendar().unwrap_or_default(), &binning)?;
        Ok(Factor::new(found, &found.name, bins.codes, bins.labels)?.labels_like(found))
    }
}
