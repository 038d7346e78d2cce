//! Interpolation to the times of another calendar.

use super::relabeled;
use super::target::bare;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled, One};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The data at times of any calendar, on lines between those that are known, measured in years with the part of them
    /// that has passed: the middle of a year is the middle of a year in every calendar. The time of day is of no
    /// importance to it.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Calendar, DataArray, Variable, time::date_range, time::DateRange};
    /// let time = date_range("time", "2001-01-01", "2001-12-31", "D")?;
    /// let days = Variable::new(["time"], Array::linspace(0.0, 364.0, 365)?)?;
    /// let days = DataArray::new(None, days, [("time".into(), time)])?;
    /// let range = DateRange::new("D")?.start("2001-01-01").periods(30);
    /// let january = range.calendar(Calendar::Day360).along("time")?;
    /// let in_360 = days.interp_calendar(&DataArray::new(None, january, [])?, "time")?;
    /// assert!((in_360.isel("time", 1)?.item()? - 365.0 / 360.0).abs() < 1e-9);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] where it or the target has no times or the
    /// target has not one dimension, and as [`Labeled::interp`].
    pub fn interp_calendar(&self, target: &DataArray, dim: &str) -> Result<Self> {
        self.size(dim)?;
        let known = self.coords.get(dim).filter(|known| known.calendar().is_some());
        let Some(known) = known else {
            let hint = "it has no times as labels; decode them first";
            return Err(Error::argument("dim", format!("{dim:?}"), hint));
        };
        if target.variable().calendar().is_none() || target.dims().len() != 1 {
            let value = format!("{} over ({})", target.dtype(), crate::error::listed(target.dims()));
            return Err(Error::argument("target", value, "give times along one dimension"));
        }
        let wanted =
            target.variable().with_dims_and_data(vec![dim.into()], target.data().clone())?.persist()?;
        let years = years(&wanted)?;
        let interpolated = relabeled(self, dim, self::years(known)?)?.interp(dim, &bare(&years)?)?;
        relabeled(&interpolated, dim, wanted)
    }
}

/// Times as years with the part of them that has passed.
fn years(times: &Variable) -> Result<Variable> {
    let times =
        Labeled::from_parts(One { name: None, variable: times.clone() }, crate::coords::Coords::default());
    times.dt()?.decimal_year()?.variable().persist()
}
