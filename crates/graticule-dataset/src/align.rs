//! Making the labels of several arrays agree.

mod broadcast;
mod fill;
mod join;
mod reindex;

use graticule_array::{Array, Chunk, Scalar};
use indexmap::IndexMap;

pub use broadcast::broadcast;
pub(crate) use fill::{Fill, able_to_miss, missing_value};
pub use reindex::{Reindex, Values};

use crate::calendar::Calendar;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::select::{Pick, Tolerance};
use crate::variable::Variable;

/// How labels that differ are made to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Join {
    /// Labels must be equal, in the same order.
    #[default]
    Exact,
    /// The labels that all have, in the order of the first. It is an error if there are none.
    Inner,
    /// The labels that any has, sorted; where one has nothing for a label, its values are missing.
    Outer,
    /// The labels of the first.
    Left,
    /// The labels of the last.
    Right,
    /// The labels are not compared; lengths must be equal and those of the first are taken.
    Override,
}

/// A [`Join`] with its options; a `Join` alone has none.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{Alignment, DataArray, Join, Tolerance, Variable, align};
/// let on = |labels: Vec<f64>| {
///     let data = Variable::new(["x"], Array::ones(labels.len(), "auto")?)?;
///     DataArray::new(None, data, [("x".into(), Variable::from_vec("x", labels)?)])
/// };
/// let (a, b) = (on(vec![0.1, 0.3])?, on(vec![0.1, 0.1 + 0.2])?);
/// assert!(align(&[&a, &b], Join::Exact).is_err());
/// let rounding = Alignment::new(Join::Exact).tolerance(Tolerance::Ulps(2));
/// assert!(align(&[&a, &b], rounding).is_ok());
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Alignment {
    pub(crate) join: Join,
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) fill: Fill,
    pub(crate) exclude: Vec<Dim>,
}

impl From<Join> for Alignment {
    fn from(join: Join) -> Self {
        Self::new(join)
    }
}

impl Alignment {
    /// A join without options.
    pub fn new(join: Join) -> Self {
        Self { join, ..Self::default() }
    }

    /// This way, unless it only wants labels to be equal and another says more.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.join == Join::Exact && self.tolerance.is_none() { other } else { self }
    }

    /// Labels no farther apart are the same: those of the first array stand for the others.
    pub fn tolerance(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.tolerance = Some(tolerance.into());
        self
    }

    /// The value where an array has nothing for a label; by default it is missing.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.fill.default = Some(value.into());
        self
    }

    /// Dimensions that are left as they are.
    pub fn exclude(mut self, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.exclude.extend(crate::dims::dims_from(dims));
        self
    }
}

/// Arrays with equal labels along every dimension that they share and that has labels in one of them.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Join, Variable, align};
/// let on = |labels: Vec<f64>| {
///     let data = Variable::new(["x"], Array::ones(labels.len(), "auto")?)?;
///     DataArray::new(None, data, [("x".into(), Variable::from_vec("x", labels)?)])
/// };
/// let (a, b) = (on(vec![1.0, 2.0, 3.0])?, on(vec![2.0, 3.0, 4.0])?);
/// assert!(align(&[&a, &b], Join::Exact).is_err());
/// let aligned = align(&[&a, &b], Join::Inner)?;
/// assert_eq!(aligned[1].coords().labels("x").map(|x| x.to_f64()), Some(vec![2.0, 3.0]));
/// assert_eq!(align(&[&a, &b], Join::Outer)?[0].shape(), [4]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Alignment`] when labels differ and the join does not bring them together, when nothing would be left,
/// and when dimensions without labels have different lengths; [`Error::AmbiguousLabel`] for labels that repeat.
pub fn align<V: DataVars>(arrays: &[&Labeled<V>], join: impl Into<Alignment>) -> Result<Vec<Labeled<V>>> {
    let alignment = join.into();
    let coords: Vec<&Coords> = arrays.iter().map(|array| array.coords()).collect();
    let picks = picks(&coords, alignment.clone())?;
    let aligned = arrays.iter().enumerate().map(|(i, array)| apply(array, &picks, i));
    let aligned = aligned.collect::<Result<Vec<_>>>()?;
    let mut sizes: IndexMap<Dim, usize> = IndexMap::new();
    for array in &aligned {
        for (dim, len) in array.sizes() {
            if *sizes.entry(dim.clone()).or_insert(len) != len && !alignment.exclude.contains(&dim) {
                let hint = "give it labels, or select the wanted positions with isel first";
                same_length(&aligned, &dim, hint)?;
            }
        }
    }
    if alignment.join == Join::Override { overridden(aligned, &alignment.exclude) } else { Ok(aligned) }
}

/// The arrays under the labels of the first that has some.
fn overridden<V: DataVars>(arrays: Vec<Labeled<V>>, exclude: &[Dim]) -> Result<Vec<Labeled<V>>> {
    let is_index =
        |coords: &Coords, name: &str| coords.indexed_dim(name).is_some_and(|dim| !exclude.contains(dim));
    let mut labels: IndexMap<Dim, Variable> = IndexMap::new();
    for array in &arrays {
        for (name, variable) in array.coords().iter().filter(|(name, _)| is_index(array.coords(), name)) {
            labels.entry(Dim::new(name)).or_insert_with(|| variable.clone());
        }
    }
    let relabel = |array: Labeled<V>| {
        let coords = array.coords().mapped(|name, variable| {
            let replaced = labels.get(&Dim::new(name)).filter(|_| is_index(array.coords(), name));
            Ok(Some(replaced.unwrap_or(variable).clone()))
        })?;
        Ok(Labeled::from_parts(array.vars, coords))
    };
    arrays.into_iter().map(relabel).collect()
}

fn same_length<V: DataVars>(arrays: &[Labeled<V>], dim: &Dim, hint: &str) -> Result<()> {
    let mut lengths = arrays.iter().filter_map(|array| array.sizes().get(dim).copied());
    let Some(first) = lengths.next() else { return Ok(()) };
    match lengths.find(|&len| len != first) {
        None => Ok(()),
        Some(other) => Err(Error::Alignment {
            dim: dim.clone(),
            difference: format!("one has length {first}, another {other}"),
            hint: hint.into(),
        }),
    }
}

/// What is to be done so that the labels of several operands agree.
#[derive(Debug)]
pub(crate) struct Picks {
    dims: Vec<Joined>,
    fill: Fill,
}

/// What is to be done along one dimension.
#[derive(Debug)]
struct Joined {
    dim: Dim,
    /// For each operand what it takes; nothing where it stays as it is.
    taken: Vec<Option<Taken>>,
    /// The index of the result, where it is not that of every operand already.
    index: Coords,
}

/// Where the elements along a dimension come from.
#[derive(Debug, Clone)]
pub(crate) enum Taken {
    /// All from somewhere.
    Whole(Pick),
    /// Some from nowhere.
    Gaps(Vec<Option<usize>>),
}

impl Taken {
    pub(crate) fn of(positions: Vec<Option<usize>>) -> Self {
        match positions.iter().copied().collect::<Option<Vec<usize>>>() {
            Some(all) => Self::Whole(Pick::of_positions(all)),
            None => Self::Gaps(positions),
        }
    }
}

/// The selections that make the labels of several operands agree.
pub(crate) fn picks(operands: &[&Coords], join: impl Into<Alignment>) -> Result<Picks> {
    let alignment = join.into();
    let mut dims: Vec<Dim> = Vec::new();
    for coords in operands {
        for (name, _) in coords.iter() {
            if let Some(dim) = coords.indexed_dim(name)
                && !dims.contains(dim)
                && !alignment.exclude.contains(dim)
            {
                dims.push(dim.clone());
            }
        }
    }
    let mut joined = Vec::new();
    if alignment.join != Join::Override {
        for dim in dims {
            joined.extend(join::joined(dim, operands, &alignment)?);
        }
    }
    Ok(Picks { dims: joined, fill: alignment.fill })
}

/// An error when operands label a dimension by times of different calendars.
pub(crate) fn same_calendar(operands: &[&Coords], dim: &Dim) -> Result<()> {
    let what = format!("bringing the labels of {dim:?} together");
    let mut levels: IndexMap<&str, &Variable> = IndexMap::new();
    for coords in operands {
        for (name, level) in
            coords.index_names(dim).into_iter().filter_map(|name| Some((name, coords.get(name)?)))
        {
            levels.entry(name).or_insert(level).check_calendar(level, &what)?;
        }
    }
    Ok(())
}

/// One operand under the selections of its dimensions.
pub(crate) fn apply<V: DataVars>(array: &Labeled<V>, picks: &Picks, operand: usize) -> Result<Labeled<V>> {
    let mut result = array.clone();
    for joined in &picks.dims {
        let Some(&len) = result.sizes().get(&joined.dim) else { continue };
        if let Some(Some(taken)) = joined.taken.get(operand) {
            result = result.taken(&joined.dim, taken, &joined.index, &picks.fill)?;
        } else if !result.coords.index_names(&joined.dim).is_empty() {
            result.coords = with_index(&result.coords, &joined.index)?;
        } else if let Some((_, labels)) = joined.index.iter().next() {
            if labels.shape() != [len] {
                return Err(Error::Alignment {
                    dim: joined.dim.clone(),
                    difference: format!(
                        "one has length {}, another {len} and no labels",
                        labels.data().size()
                    ),
                    hint: "give it labels, or select the wanted positions with isel first".into(),
                });
            }
            result.coords = with_index(&result.coords, &joined.index)?;
        }
    }
    Ok(result)
}

/// Coordinates under new labels along a dimension; attributes of labels that were there stay.
fn with_index(coords: &Coords, index: &Coords) -> Result<Coords> {
    let mut relabeled = coords.mapped(|name, variable| match index.get(name) {
        Some(new) => Ok(Some(
            new.clone().with_attrs(variable.attrs().clone()).with_encoding(variable.encoding().clone()),
        )),
        None => Ok(Some(variable.clone())),
    })?;
    for (name, variable) in index.iter() {
        if !relabeled.contains(name) {
            relabeled.insert(name.into(), variable.clone())?;
        }
    }
    relabeled.adopt_levels(index)?;
    Ok(relabeled)
}

impl<V: DataVars> Labeled<V> {
    /// The data with the elements along a dimension taken from elsewhere, under the labels of `index`.
    pub(crate) fn taken(&self, dim: &Dim, taken: &Taken, index: &Coords, fill: &Fill) -> Result<Self> {
        let vars = self.vars.map_named(|name, variable| variable.taken(dim, taken, fill.of(name), false))?;
        let coords = self.coords.mapped(|name, variable| match index.get(name) {
            // Its labels are replaced below.
            Some(_) => Ok(Some(variable.clone())),
            None => Ok(Some(variable.taken(dim, taken, fill.default.as_ref(), true)?)),
        })?;
        Ok(Self::from_parts(vars, with_index(&coords, index)?))
    }
}

/// A block in memory as the labels of a coordinate along a dimension; times are those of a calendar.
fn labels_variable(dim: &Dim, labels: Chunk, calendar: Option<Calendar>) -> Result<Variable> {
    Ok(Variable::new([dim], Array::from_chunk(labels)?)?.with_calendar(calendar.unwrap_or_default()))
}
