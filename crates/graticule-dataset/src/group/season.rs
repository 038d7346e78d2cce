//! Seasons as groups: any runs of months, over all years or year by year.

use graticule_array::{Buffer, Chunk, DType};

use super::factor::Factor;
use super::key::Found;
use super::times::Times;
use crate::error::{Error, Result};
use crate::time::{Civil, nanos_per};

/// Seasons of all years as groups, by the initials of their months: `["DJF", "MAM", "JJA", "SON"]`. They come out in the
/// order given, may overlap, and need not cover the year.
///
/// ```
/// use graticule_dataset::SeasonGrouper;
/// let monsoon = SeasonGrouper::new(["JF", "MAM", "JJAS", "OND"])?;
/// assert!(SeasonGrouper::new(["JJX"]).is_err());
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeasonGrouper {
    seasons: Vec<Season>,
}

/// The seasons of each year as groups, labeled by their first day. A season that crosses the turn of the year stays whole:
/// December belongs to the January after it.
///
/// ```
/// use graticule_dataset::SeasonResampler;
/// let seasons = SeasonResampler::new(["DJF", "MAM", "JJA", "SON"])?.drop_incomplete(false);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeasonResampler {
    seasons: Vec<Season>,
    drop_incomplete: bool,
}

#[derive(Debug, Clone)]
struct Season {
    name: String,
    /// Its months in order, from 1.
    months: Vec<u8>,
}

impl Season {
    fn first(&self) -> u8 {
        self.months.first().copied().unwrap_or(1)
    }

    fn last(&self) -> u8 {
        self.months.last().copied().unwrap_or(12)
    }

    /// The year in which the season began that has a month of a year.
    fn start_year(&self, year: i64, month: u8) -> i64 {
        if month < self.first() { year - 1 } else { year }
    }
}

/// Reads the initials of months. A single letter is the month that the next season's first letter follows.
fn parse(names: &[String]) -> Result<Vec<Season>> {
    const INITIALS: &str = "JFMAMJJASONDJFMAMJJASOND";
    if names.is_empty() {
        return Err(Error::argument("seasons", "[]", "give at least one season, such as \"DJF\""));
    }
    let following = names.iter().cycle().skip(1);
    let seasons = names.iter().zip(following).map(|(name, next)| {
        let wanted = match name.chars().count() {
            1 => format!("{name}{}", next.chars().next().unwrap_or('_')),
            _ => name.clone(),
        };
        let start = INITIALS.find(&wanted).filter(|_| (1..=12).contains(&name.len()) && wanted.len() > 1);
        let Some(start) = start else {
            let hint = "write the initials of months that follow each other, such as \"DJF\" or \"JJAS\"";
            return Err(Error::argument("seasons", format!("{name:?}"), hint));
        };
        let months = (start..start + name.len()).map(|month| (month % 12 + 1) as u8).collect();
        Ok(Season { name: name.clone(), months })
    });
    seasons.collect()
}

fn names(seasons: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    seasons.into_iter().map(Into::into).collect()
}

impl SeasonGrouper {
    /// Seasons by the initials of their months.
    ///
    /// # Errors
    /// [`Error::Argument`] for initials that are not those of months in order.
    pub fn new(seasons: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        Ok(Self { seasons: parse(&names(seasons))? })
    }

    pub(super) fn factorize(&self, found: &Found) -> Result<Factor> {
        let months = Times::of(found)?.months;
        let members = |season: &Season| -> Vec<usize> {
            let holds =
                |time: &Option<(i64, u8)>| time.is_some_and(|(_, month)| season.months.contains(&month));
            months.iter().enumerate().filter(|(_, time)| holds(time)).map(|(position, _)| position).collect()
        };
        let members: Vec<Vec<usize>> = self.seasons.iter().map(members).collect();
        let mut codes = vec![-1; months.len()];
        let mut overlap = false;
        for (positions, code) in members.iter().zip(0..) {
            for &position in positions {
                if let Some(known) = codes.get_mut(position) {
                    overlap |= *known >= 0;
                    *known = code;
                }
            }
        }
        let repeated = overlap.then(|| members.concat());
        if overlap {
            codes =
                members.iter().zip(0..).flat_map(|(positions, code)| vec![code; positions.len()]).collect();
        }
        let labels: Vec<std::sync::Arc<str>> =
            self.seasons.iter().map(|season| season.name.as_str().into()).collect();
        let labels = ndarray::Array1::from_vec(labels).into();
        Ok(Factor { repeated, ..Factor::new(found, "season", codes, labels)? })
    }
}

impl SeasonResampler {
    /// Seasons by the initials of their months, in the order of the year and without overlap.
    ///
    /// # Errors
    /// [`Error::Argument`] for initials that are not those of months in order, and for seasons that overlap or are not in
    /// the order of the year.
    pub fn new(seasons: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let seasons = parse(&names(seasons))?;
        let months: Vec<u8> = seasons.iter().flat_map(|season| season.months.iter().copied()).collect();
        let falls = months.iter().zip(months.iter().cycle().skip(1)).filter(|(a, b)| b <= a).count();
        let occurs_twice = (1..=12).any(|month| months.iter().filter(|m| **m == month).count() > 1);
        if falls > 1 || occurs_twice {
            let value = seasons.iter().map(|season| season.name.as_str()).collect::<Vec<_>>().join(", ");
            let hint = "give seasons in the order of the year that share no month; SeasonGrouper takes any";
            return Err(Error::argument("seasons", value, hint));
        }
        Ok(Self { seasons, drop_incomplete: true })
    }

    /// Whether the first season is left out if the data begin after its first month, and the last one if they end before
    /// its last month. This is the default.
    pub fn drop_incomplete(mut self, drop_incomplete: bool) -> Self {
        self.drop_incomplete = drop_incomplete;
        self
    }

    pub(super) fn factorize(&self, found: &Found) -> Result<Factor> {
        let times = Times::of(found)?;
        let mut in_year: Vec<&Season> = self.seasons.iter().collect();
        in_year.sort_by_key(|season| season.first());
        let per_year = in_year.len() as i64;
        // Seasons are numbered through all years, by when they begin.
        let numbered = |&(year, month): &(i64, u8)| {
            let (rank, season) =
                in_year.iter().zip(0i64..).map(|(s, i)| (i, s)).find(|(_, s)| s.months.contains(&month))?;
            Some((season.start_year(year, month) * per_year + rank, year, month))
        };
        let numbers: Vec<Option<(i64, i64, u8)>> =
            times.months.iter().map(|time| time.as_ref().and_then(numbered)).collect();
        let earliest = numbers.iter().flatten().min();
        let latest = numbers.iter().flatten().max();
        let (Some(&(first, _, first_month)), Some(&(last, _, last_month))) = (earliest, latest) else {
            let hint = "none of its times lies in one of the seasons";
            return Err(Error::argument("key", format!("{:?}", found.name), hint));
        };
        let season = |number: i64| in_year.get(number.rem_euclid(per_year) as usize).copied();
        let is =
            |number: i64, month: u8, of: fn(&Season) -> u8| season(number).is_some_and(|s| of(s) == month);
        let skip_first = self.drop_incomplete && !is(first, first_month, Season::first);
        let skip_last = self.drop_incomplete && !is(last, last_month, Season::last);
        let (from, to) = (first + i64::from(skip_first), last - i64::from(skip_last));
        let code = |number: &Option<(i64, i64, u8)>| match number {
            Some((number, ..)) if (from..=to).contains(number) => number - from,
            _ => -1,
        };
        let codes = numbers.iter().map(code).collect();
        let start = |number: i64| -> Option<i64> {
            let year = times.calendar.written(number.div_euclid(per_year));
            let nanos = Civil::midnight((year, season(number)?.first(), 1)).to_nanos_in(times.calendar)?;
            i64::try_from(nanos.div_euclid(nanos_per(times.unit))).ok()
        };
        let starts: Option<Vec<i64>> = (from..=to).map(start).collect();
        let Some(starts) = starts else {
            let hint = "the start of a season is beyond what their unit of time can hold; use a coarser one";
            return Err(Error::argument("key", format!("{:?}", found.name), hint));
        };
        let labels =
            Chunk::from_buffer(vec![starts.len()], DType::Datetime(times.unit), Buffer::I64(starts))?;
        Ok(Factor::new(found, &found.name, codes, labels)?.labels_like(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(names: &[&str]) -> Vec<Vec<u8>> {
        let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
        parse(&names).unwrap().into_iter().map(|season| season.months).collect()
    }

    #[test]
    fn initials_are_read_as_runs_of_months() {
        assert_eq!(months(&["DJF", "MAM"]), [vec![12, 1, 2], vec![3, 4, 5]]);
        assert_eq!(months(&["DJFM", "SOND"]), [vec![12, 1, 2, 3], vec![9, 10, 11, 12]]);
        assert_eq!(months(&["J", "FMA"]), [vec![1], vec![2, 3, 4]]);
        assert_eq!(months(&["JJA"]), [vec![6, 7, 8]]);
        assert!(SeasonGrouper::new(["DJFX"]).is_err());
        assert!(SeasonGrouper::new([] as [&str; 0]).is_err());
    }

    #[test]
    fn seasons_of_years_are_in_order_and_apart() {
        assert!(SeasonResampler::new(["DJF", "MAM", "JJA", "SON"]).is_ok());
        assert!(SeasonResampler::new(["MAM", "JJA", "SON", "DJF"]).is_ok());
        assert!(SeasonResampler::new(["DJF", "JJA"]).is_ok());
        assert!(SeasonResampler::new(["MAM", "DJF", "JJA"]).is_err());
        assert!(SeasonResampler::new(["DJFM", "MAM"]).is_err());
    }
}
