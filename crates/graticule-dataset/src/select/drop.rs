//! What is left when labels or positions are taken away, and the ends of dimensions.

use std::collections::{HashMap, HashSet};

use super::label::Indexed;
use super::position::{Pick, Positions};
use super::sel::Sel;
use crate::coords::Coords;
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::index::Key;
use crate::labeled::{DataVars, Labeled};

/// The length of `head` and `tail` where none is given: xarray's.
const DEFAULT_LENGTH: usize = 5;

/// Numbers by dimension: one for all of them, or `[("time", 3)]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByDim(Option<usize>, Vec<(Dim, usize)>);

impl From<()> for ByDim {
    fn from((): ()) -> Self {
        Self(None, Vec::new())
    }
}

impl From<usize> for ByDim {
    fn from(all: usize) -> Self {
        Self(Some(all), Vec::new())
    }
}

impl<S: AsRef<str>, const N: usize> From<[(S, usize); N]> for ByDim {
    fn from(by_dim: [(S, usize); N]) -> Self {
        Self(None, by_dim.into_iter().map(|(dim, number)| (Dim::new(dim), number)).collect())
    }
}

impl<S: AsRef<str>> From<Vec<(S, usize)>> for ByDim {
    fn from(by_dim: Vec<(S, usize)>) -> Self {
        Self(None, by_dim.into_iter().map(|(dim, number)| (Dim::new(dim), number)).collect())
    }
}

/// Which of several equal labels stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Keep {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
    /// None of them.
    Never,
}

impl<V: DataVars> Labeled<V> {
    /// The data with each label once along one dimension, several, or with `()` all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Keep, Variable};
    /// let x = Variable::from_vec("x", vec![1.0, 1.0, 2.0])?;
    /// let da = DataArray::new(None, Variable::new(["x"], Array::arange(3)?)?, [("x".into(), x)])?;
    /// let values = |keep| Ok::<_, graticule_dataset::Error>(da.drop_duplicates("x", keep)?.sum(())?.item()?);
    /// assert_eq!((values(Keep::First)?, values(Keep::Last)?, values(Keep::Never)?), (2.0, 3.0, 2.0));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn drop_duplicates(&self, dims: impl Into<Over>, keep: Keep) -> Result<Self> {
        let mut result = self.clone();
        for dim in dims.into().resolve(&self.all_dims())? {
            let Some(keys) = self.coords.index_keys(&dim) else { continue };
            let mut seen: HashMap<&Key, (usize, usize, usize)> = HashMap::with_capacity(keys.len());
            for (position, key) in keys.iter().enumerate() {
                let (count, _, last) = seen.entry(key).or_insert((0, position, position));
                *count += 1;
                *last = position;
            }
            let stays = |position: &usize| match (keep, keys.get(*position).and_then(|key| seen.get(key))) {
                (Keep::First, Some((_, first, _))) => position == first,
                (Keep::Last, Some((_, _, last))) => position == last,
                (Keep::Never, Some((count, _, _))) => *count == 1,
                (_, None) => false,
            };
            let kept = (0..keys.len()).filter(stays).collect();
            result = result.pick(&dim, &Pick::of_positions(kept))?;
        }
        Ok(result)
    }

    /// The data without some labels of a dimension.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![60.0, 20.0, -20.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(3)?)?, [("lat".into(), lat)])?;
    /// assert_eq!(da.drop_sel("lat", [20.0])?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::sel`].
    pub fn drop_sel(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        match self.indexed(dim)? {
            Indexed::Whole(along, index) => {
                let dropped = labels.into().resolve(&index)?.positions();
                self.without(&along, &dropped)
            }
            Indexed::Level(along, index) => {
                let dropped = self.level_positions(&along, &labels.into(), &index)?;
                self.without(&along, &dropped)
            }
        }
    }

    /// [`Labeled::drop_sel`] that passes over labels that are not there: xarray's `errors="ignore"`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![60.0, 20.0, -20.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(3)?)?, [("lat".into(), lat)])?;
    /// assert_eq!(da.drop_sel_if_present("lat", [20.0, 30.0])?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::sel`], but for labels that are not there.
    pub fn drop_sel_if_present(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        let (along, mut dropped) = (self.indexed(dim)?, Vec::new());
        for sel in labels.into().each()? {
            let found = match &along {
                Indexed::Whole(_, index) => sel.resolve(index).map(|pick| pick.positions()),
                Indexed::Level(along, index) => self.level_positions(along, &sel, index),
            };
            match found {
                Ok(positions) => dropped.extend(positions),
                Err(Error::Label { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        match along {
            Indexed::Whole(along, _) | Indexed::Level(along, _) => self.without(&along, &dropped),
        }
    }

    /// The data without some positions of a dimension. Negative numbers count from the end.
    ///
    /// # Errors
    /// As [`Labeled::isel`].
    pub fn drop_isel(&self, dim: &str, positions: impl Into<Positions>) -> Result<Self> {
        let dropped = positions.into().resolve(&Dim::new(dim), self.size(dim)?)?;
        self.without(dim, &dropped.positions())
    }

    fn without(&self, dim: &str, dropped: &[usize]) -> Result<Self> {
        let dropped: HashSet<usize> = dropped.iter().copied().collect();
        let kept = (0..self.size(dim)?).filter(|position| !dropped.contains(position)).collect();
        self.pick(dim, &Pick::of_positions(kept))
    }

    /// The data at some positions, as [`Labeled::isel`], without the coordinates that would stay as values:
    /// xarray's `drop=True`.
    ///
    /// # Errors
    /// As [`Labeled::isel`].
    pub fn isel_drop(&self, dim: &str, positions: impl Into<Positions>) -> Result<Self> {
        Ok(self.isel(dim, positions)?.without_new_scalars(&self.coords))
    }

    /// The data at some labels, as [`Labeled::sel`], without the coordinates that would stay as values:
    /// xarray's `drop=True`.
    ///
    /// # Errors
    /// As [`Labeled::sel`].
    pub fn sel_drop(&self, dim: &str, labels: impl Into<Sel>) -> Result<Self> {
        Ok(self.sel(dim, labels)?.without_new_scalars(&self.coords))
    }

    /// The data without coordinates that have no dimensions, unless they had none before.
    pub(crate) fn without_new_scalars(&self, before: &Coords) -> Self {
        let had_none = |name: &str| before.get(name).is_none_or(|variable| variable.ndim() == 0);
        let coords = self.coords.filtered(|name, variable| variable.ndim() > 0 || had_none(name));
        Self::from_parts(self.vars.clone(), coords)
    }

    /// The first elements along dimensions: `head(3)` of all, `head([("time", 3)])` of one, `head(())` five of all.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn head(&self, lengths: impl Into<ByDim>) -> Result<Self> {
        self.each_dim(lengths.into(), Some(DEFAULT_LENGTH), |len, n| Ok((0, 1, n.min(len))))
    }

    /// The last elements along dimensions, as [`Labeled::head`].
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there.
    pub fn tail(&self, lengths: impl Into<ByDim>) -> Result<Self> {
        self.each_dim(lengths.into(), Some(DEFAULT_LENGTH), |len, n| Ok((len - n.min(len), 1, n.min(len))))
    }

    /// Every n-th element along dimensions: `thin(2)` of all, `thin([("lon", 4)])` of one.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for a step of 0 or none.
    pub fn thin(&self, steps: impl Into<ByDim>) -> Result<Self> {
        self.each_dim(steps.into(), None, |len, step| match step {
            0 => Err(Error::argument("steps", 0, "use a positive step")),
            step => Ok((0, step as isize, len.div_ceil(step))),
        })
    }

    /// The elements that `part` gives as start, step and number, from length and number of each dimension.
    fn each_dim(
        &self,
        numbers: ByDim,
        default: Option<usize>,
        part: impl Fn(usize, usize) -> Result<(usize, isize, usize)>,
    ) -> Result<Self> {
        let ByDim(all, by_dim) = numbers;
        let by_dim = if by_dim.is_empty() {
            let Some(all) = all.or(default) else {
                return Err(Error::argument("steps", "()", "give a step for all dimensions, or for each"));
            };
            self.all_dims().into_iter().map(|dim| (dim, all)).collect()
        } else {
            by_dim
        };
        let mut result = self.clone();
        for (dim, number) in by_dim {
            let (start, step, len) = part(self.size(&dim)?, number)?;
            result =
                result.pick(&dim, &Pick::Stride { start: if len == 0 { 0 } else { start }, step, len })?;
        }
        Ok(result)
    }
}
