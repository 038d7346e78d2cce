//! Years and months of times in memory.

use graticule_array::{Buffer, DType};

use super::key::Found;
use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::time::Civil;

/// The times of a key with one dimension, in memory.
pub(super) struct Times {
    /// Year, counted without a gap at year 0, and month; nothing for NaT.
    pub(super) months: Vec<Option<(i64, u8)>>,
    pub(super) calendar: Calendar,
    pub(super) unit: graticule_array::TimeUnit,
}

impl Times {
    pub(super) fn of(found: &Found) -> Result<Self> {
        let values = found.values()?;
        let calendar = found.variable.calendar().unwrap_or_default();
        match (values.dtype(), values.buffer()) {
            (DType::Datetime(unit), Buffer::I64(counts)) if found.variable.ndim() == 1 => {
                let month = |&count: &i64| {
                    let civil = Civil::from_count_in(count, unit, calendar)?;
                    Some((calendar.astronomical(civil.year), civil.month))
                };
                Ok(Self { months: counts.iter().map(month).collect(), calendar, unit })
            }
            (dtype, _) => {
                let value = format!("{:?} of {dtype} with {} dimensions", found.name, found.variable.ndim());
                Err(Error::argument("key", value, "give times along one dimension, such as \"time\""))
            }
        }
    }
}
