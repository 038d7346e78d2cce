//! Data with groups, before it is said what becomes of them.

use graticule_array::{Array, Chunk, Scalar};

use super::bins::BinGrouper;
use super::factor::Factor;
use super::grouper::Grouper;
use super::key::{GroupKey, GroupKeys};
use crate::coords::Coords;
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::Pick;
use crate::variable::Variable;

/// Data divided into groups, made by [`Labeled::groupby`], [`Labeled::groupby_bins`] and [`Labeled::resample`].
///
/// Its methods say what becomes of the groups: a statistic such as [`GroupBy::mean`], a function of each
/// ([`GroupBy::map`]), arithmetic with what was computed for each (`&groups - &climatology`), or a running sum in each
/// ([`GroupBy::cumsum`]).
#[derive(Clone)]
pub struct GroupBy<V> {
    pub(super) obj: Labeled<V>,
    pub(super) factors: Vec<Factor>,
    /// The dimensions of all keys.
    pub(super) dims: Vec<Dim>,
    /// The number of the group of each value of these dimensions in C order; with several keys that of the combination.
    pub(super) codes: Vec<i64>,
    /// How many groups, or combinations, there are.
    pub(super) groups: usize,
    /// Dimensions to be reduced beside those of the keys.
    pub(super) over: Option<Over>,
}

impl<V: DataVars> Labeled<V> {
    /// Divides the data into groups by one key or several: names of coordinates, fields of times such as `time.month`,
    /// arrays. [`GroupKeys`] tells how to make groups of bins, seasons or given labels.
    ///
    /// Keys are computed now, where they are lazy; the data stay lazy. Missing keys belong to no group.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::time::date_range;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "x"], Array::ones((24, 3), "auto")?)?;
    /// let time = date_range("time", "2000-01-01", "2001-12-01", "MS")?;
    /// let da = DataArray::new(Some("t2m"), data, [("time".into(), time)])?;
    /// let climatology = da.groupby("time.month")?.mean()?;
    /// assert_eq!((climatology.dims()[0].as_str(), climatology.shape()), ("month", &[12, 3][..]));
    /// let anomaly = (da.groupby("time.month")? - climatology)?;
    /// assert_eq!(anomaly.shape(), [24, 3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a key that is not there, [`Error::Argument`] for one without values or whose values belong
    /// to no group, [`Error::Alignment`] for an array with other labels than the data.
    pub fn groupby(&self, keys: impl Into<GroupKeys>) -> Result<GroupBy<V>> {
        let keys = keys.into().0;
        let factors = keys.into_iter().map(|(key, grouper)| grouper.factorize(&self.group_key(key)?));
        GroupBy::new(self, factors.collect::<Result<_>>()?)
    }

    /// Divides the data into groups by the intervals that the values of a key lie in: a number of equal ones, or those
    /// between edges. The result has a dimension `KEY_bins`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![-60.0, -10.0, 10.0, 60.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(4)?)?, [("lat".into(), lat)])?;
    /// let zones = da.groupby_bins("lat", [-90.0, 0.0, 90.0])?.mean()?;
    /// assert_eq!(zones.values::<f64>()?.into_raw_vec_and_offset().0, [0.5, 2.5]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::groupby`]; [`Error::Argument`] for edges that do not increase.
    pub fn groupby_bins(&self, key: impl Into<GroupKey>, bins: impl Into<BinGrouper>) -> Result<GroupBy<V>> {
        let grouper = Grouper::from(bins.into());
        GroupBy::new(self, vec![grouper.factorize(&self.group_key(key.into())?)?])
    }
}

impl<V: DataVars> GroupBy<V> {
    pub(super) fn new(obj: &Labeled<V>, mut factors: Vec<Factor>) -> Result<Self> {
        let mut obj = obj.clone();
        if factors.is_empty() {
            return Err(Error::argument("keys", "[]", "give at least one key"));
        }
        if factors.iter().any(|factor| factor.repeated.is_some()) {
            let [factor] = factors.as_mut_slice() else {
                let hint = "seasons that overlap can only be grouped by alone";
                return Err(Error::argument("keys", format!("{} keys", factors.len()), hint));
            };
            if let (Some(positions), [dim]) = (factor.repeated.take(), factor.dims.as_slice()) {
                obj = obj.pick(dim, &Pick::of_positions(positions))?;
            }
        }
        let sizes = obj.sizes();
        let mut dims: Vec<Dim> = Vec::new();
        for dim in factors.iter().flat_map(|factor| &factor.dims) {
            if !dims.contains(dim) {
                dims.push(dim.clone());
            }
        }
        for (i, factor) in factors.iter().enumerate() {
            let is_taken = sizes.contains_key(&factor.name) && !dims.contains(&factor.name);
            if is_taken || factors.iter().take(i).any(|other| other.name == factor.name) {
                let problem =
                    "it is a dimension of the result beside the groups; rename the key or the dimension";
                return Err(Error::DuplicateName { name: factor.name.to_string(), problem: problem.into() });
            }
        }
        let shape: Vec<usize> = dims.iter().filter_map(|dim| sizes.get(dim).copied()).collect();
        let (codes, groups) = combined(&factors, &dims, &shape)?;
        Ok(Self { obj, factors, dims, codes, groups, over: None })
    }

    /// Other dimensions that reductions fold away too: one, several, or with `()` all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let zone = Variable::from_vec("lat", vec![0i64, 0, 1, 1])?;
    /// let data = Variable::new(["lat", "lon"], Array::ones((4, 6), "auto")?)?;
    /// let da = DataArray::new(None, data, [("zone".into(), zone)])?;
    /// assert_eq!(da.groupby("zone")?.over(()).sum()?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn over(mut self, dims: impl Into<Over>) -> Self {
        self.over = Some(dims.into());
        self
    }

    /// How many groups there are, those without members included.
    pub fn len(&self) -> usize {
        self.groups
    }

    /// Whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.groups == 0
    }

    /// Whether a group has no members.
    pub(super) fn has_empty(&self) -> bool {
        let mut met = vec![false; self.groups];
        for &code in &self.codes {
            if let Some(met) = usize::try_from(code).ok().and_then(|code| met.get_mut(code)) {
                *met = true;
            }
        }
        met.contains(&false)
    }

    /// The positions of the members of each group, counted over the dimensions of the keys in C order.
    pub(super) fn members(&self) -> Vec<Vec<usize>> {
        members(&self.codes, self.groups)
    }

    /// The label of each key in a group.
    pub(super) fn label(&self, group: usize) -> Vec<Scalar> {
        let mut rest = group;
        let mut labels: Vec<Scalar> = Vec::with_capacity(self.factors.len());
        for factor in self.factors.iter().rev() {
            labels.push(factor.label(rest % factor.groups.max(1)));
            rest /= factor.groups.max(1);
        }
        labels.reverse();
        labels
    }

    /// The codes as a variable over the dimensions of the keys.
    pub(super) fn code_variable(&self) -> Result<Variable> {
        let sizes = self.obj.sizes();
        let shape: Vec<usize> = self.dims.iter().filter_map(|dim| sizes.get(dim).copied()).collect();
        Variable::from_chunk(&self.dims, Chunk::new(shape, self.codes.clone())?)
    }

    /// A variable that has all dimensions of the keys; those it lacks are added at the end.
    pub(super) fn with_all_dims(&self, variable: &Variable) -> Result<Variable> {
        let sizes = self.obj.sizes();
        let mut dims = variable.dims().to_vec();
        let mut shape = variable.shape().to_vec();
        let mut data: Array = variable.data().clone();
        for dim in &self.dims {
            if variable.axis(dim).is_none() {
                data = data.expand_dims(dims.len() as isize)?;
                dims.push(dim.clone());
                shape.push(sizes.get(dim).copied().unwrap_or(1));
            }
        }
        variable.with_dims_and_data(dims, data.broadcast_to(shape)?)
    }

    /// The dimensions of a result in order: those of the data, the groups in the place of the one dimension that was
    /// grouped, or at the end.
    pub(super) fn ordered(&self, variable: Variable, original: &[Dim]) -> Result<Variable> {
        let names = || self.factors.iter().map(|factor| factor.name.clone());
        let mut order: Vec<Dim> = Vec::with_capacity(variable.ndim());
        let mut add = |dim: &Dim| {
            if variable.axis(dim).is_some() && !order.contains(dim) {
                order.push(dim.clone());
            }
        };
        for dim in original {
            match self.dims.as_slice() {
                [grouped] if grouped == dim => names().for_each(|name| add(&name)),
                _ if names().any(|name| name == *dim) => {}
                _ => add(dim),
            }
        }
        names().for_each(|name| add(&name));
        variable.dims().iter().for_each(add);
        variable.transpose(order)
    }

    /// The labels of the groups as coordinates beside others.
    pub(super) fn with_labels(&self, mut coords: Coords) -> Result<Coords> {
        for factor in &self.factors {
            if let Some(labels) = &factor.labels {
                coords.insert(factor.name.to_string(), labels.clone())?;
            }
        }
        Ok(coords)
    }

    /// The only key's groups.
    pub(super) fn one_factor(&self, what: &'static str) -> Result<&Factor> {
        match self.factors.as_slice() {
            [factor] => Ok(factor),
            several => {
                let value = several.iter().map(|factor| factor.name.as_str()).collect::<Vec<_>>().join(", ");
                let hint = format!(
                    "{what} works with one key; make one key of these, or map a function over the groups"
                );
                Err(Error::argument("keys", value, hint))
            }
        }
    }
}

/// The positions of each code.
pub(super) fn members(codes: &[i64], groups: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); groups];
    for (position, &code) in codes.iter().enumerate() {
        if let Some(group) = usize::try_from(code).ok().and_then(|code| members.get_mut(code)) {
            group.push(position);
        }
    }
    members
}

/// The codes of combinations of several keys, over the dimensions of all of them.
fn combined(factors: &[Factor], dims: &[Dim], shape: &[usize]) -> Result<(Vec<i64>, usize)> {
    if let [factor] = factors {
        return Ok((factor.codes.clone(), factor.groups));
    }
    let groups = factors.iter().map(|factor| factor.groups).try_fold(1usize, usize::checked_mul);
    let Some(groups) = groups.filter(|&groups| i64::try_from(groups).is_ok()) else {
        return Err(Error::argument(
            "keys",
            factors.len(),
            "there are more combinations than can be counted",
        ));
    };
    let mut codes = vec![0i64; shape.iter().product()];
    for factor in factors {
        // The distance in the codes of the factor from one position of each dimension to the next.
        let mut steps = vec![0; dims.len()];
        let mut step = 1;
        for dim in factor.dims.iter().rev() {
            if let Some(axis) = dims.iter().position(|d| d == dim) {
                steps[axis] = step;
                step *= shape[axis];
            }
        }
        for (position, code) in codes.iter_mut().enumerate() {
            let (mut rest, mut at) = (position, 0);
            for (len, step) in shape.iter().zip(&steps).rev() {
                at += rest % len * step;
                rest /= len;
            }
            let own = factor.codes.get(at).copied().unwrap_or(-1);
            *code = if *code < 0 || own < 0 { -1 } else { *code * factor.groups as i64 + own };
        }
    }
    Ok((codes, groups))
}
