//! Times: CF units and calendars, numbers to datetime64 and back, ISO texts and the spans they stand for.
//!
//! ```
//! use graticule_array::Chunk;
//! use graticule_dataset::time;
//! let days = Chunk::new(vec![2], vec![23_741i32, 23_742])?;
//! let units = time::parse_units("days since 1950-01-01 00:00:00 UTC")?;
//! let (times, calendar) = time::decode(&days, &units, time::Calendar::Standard, &[])?;
//! let text = time::format_in(times.as_slice::<i64>()?[0], graticule_array::TimeUnit::Nanosecond, calendar);
//! assert_eq!(text, "2015-01-01");
//! # Ok::<(), graticule_dataset::Error>(())
//! ```

mod bins;
mod civil;
mod decode;
mod encode;
pub(crate) mod fields;
mod frequency;
mod infer;
mod offset;
mod partial;
mod range;
pub(crate) mod strftime;
mod units;

pub use bins::{Binning, Bins, Origin, Side};
pub(crate) use civil::DAY_NANOS;
pub use civil::{Civil, format, format_in};
pub use decode::{decode, decode_as, decode_variable};
pub use encode::{encode, encode_variable, infer_units};
pub use fields::Field;
pub use frequency::Frequency;
pub use infer::infer_freq;
pub use partial::{PartialDate, Resolution};
pub(crate) use range::variable as times_variable;
pub use range::{DateRange, date_range};
pub use units::{Step, Units, parse_units};

pub use crate::calendar::Calendar;

use graticule_array::TimeUnit;

/// Nanoseconds in one count of a unit.
pub(crate) fn nanos_per(unit: TimeUnit) -> i128 {
    1_000_000_000 / i128::from(unit.per_second())
}

/// The units from fine to coarse.
pub(crate) const TIME_UNITS: [TimeUnit; 4] =
    [TimeUnit::Nanosecond, TimeUnit::Microsecond, TimeUnit::Millisecond, TimeUnit::Second];
