//! Lists of lists of data, each level put together along its own dimension.

use std::sync::Arc;

use super::concat::{ConcatDim, concatenated};
use super::merge::merged;
use super::options::CombineOptions;
use super::source::{Combinable, Entry, Found, entries, restored};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Dataset, Labeled};

/// Data in lists, which may be in lists themselves: rows of tiles, for example.
///
/// ```
/// use graticule_dataset::{DataArray, Nested, Variable};
/// let one = || DataArray::new(None, Variable::scalar(1.0)?, []);
/// let _: Nested<DataArray> = [[one()?, one()?], [one()?, one()?]].into();
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub enum Nested<T> {
    /// The data.
    One(T),
    /// A list.
    Many(Vec<Self>),
}

impl<V: DataVars> From<Labeled<V>> for Nested<Labeled<V>> {
    fn from(data: Labeled<V>) -> Self {
        Self::One(data)
    }
}

impl<S: AsRef<str>, V: DataVars> From<(S, Labeled<V>)> for Nested<(S, Labeled<V>)> {
    fn from(data: (S, Labeled<V>)) -> Self {
        Self::One(data)
    }
}

macro_rules! nested_names {
    ($($t:ty)+) => {$(
        impl From<$t> for Nested<$t> {
            fn from(name: $t) -> Self {
                Self::One(name)
            }
        }
    )+};
}

nested_names! { String std::path::PathBuf }

impl<'a> From<&'a str> for Nested<&'a str> {
    fn from(name: &'a str) -> Self {
        Self::One(name)
    }
}

impl<T, U: Into<Self>> From<Vec<U>> for Nested<T> {
    fn from(list: Vec<U>) -> Self {
        Self::Many(list.into_iter().map(Into::into).collect())
    }
}

impl<T, U: Into<Self>, const N: usize> From<[U; N]> for Nested<T> {
    fn from(list: [U; N]) -> Self {
        Self::Many(list.into_iter().map(Into::into).collect())
    }
}

impl<T> Nested<T> {
    /// The data in order, and the same lists of their numbers in it.
    pub fn flattened(self) -> (Vec<T>, Nested<usize>) {
        let mut all = Vec::new();
        let numbers = self.numbered(&mut all);
        (all, numbers)
    }

    /// The same lists of something else.
    ///
    /// # Errors
    /// The first that `f` gives.
    pub fn try_map<U, E>(self, f: &mut impl FnMut(T) -> Result<U, E>) -> Result<Nested<U>, E> {
        Ok(match self {
            Self::One(data) => Nested::One(f(data)?),
            Self::Many(list) => {
                Nested::Many(list.into_iter().map(|data| data.try_map(f)).collect::<Result<_, E>>()?)
            }
        })
    }

    fn numbered(self, all: &mut Vec<T>) -> Nested<usize> {
        match self {
            Self::One(data) => {
                all.push(data);
                Nested::One(all.len() - 1)
            }
            Self::Many(list) => Nested::Many(list.into_iter().map(|data| data.numbered(all)).collect()),
        }
    }

    /// The length of the list at each level.
    fn shape(&self) -> Result<Vec<usize>> {
        let Self::Many(list) = self else { return Ok(Vec::new()) };
        let mut inner: Option<Vec<usize>> = None;
        for (number, member) in list.iter().enumerate() {
            let shape = member.shape()?;
            match &inner {
                Some(first) if *first != shape => {
                    let value =
                        format!("a list whose member 0 has shape {first:?}, member {number} {shape:?}");
                    let hint = "all lists of a level are of one length, and nested as deeply";
                    return Err(Error::argument("data", value, hint));
                }
                Some(_) => {}
                None => inner = Some(shape),
            }
        }
        let mut shape = vec![list.len()];
        shape.extend(inner.unwrap_or_default());
        Ok(shape)
    }
}

/// What is done with the lists of one level.
#[derive(Debug, Clone)]
pub enum NestedDim {
    /// They are concatenated along a dimension.
    Concat(ConcatDim),
    /// They are merged.
    Merge,
}

impl<T: Into<ConcatDim>> From<T> for NestedDim {
    fn from(dim: T) -> Self {
        Self::Concat(dim.into())
    }
}

impl From<Option<&str>> for NestedDim {
    fn from(dim: Option<&str>) -> Self {
        dim.map_or(Self::Merge, Self::from)
    }
}

/// Lists of lists of arrays or datasets as one: the outermost lists are concatenated along the first dimension, those
/// within them along the second, and so on. In place of a dimension, `None` merges the variables of different datasets.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Variable, combine_nested};
/// let tile = |value: f64| DataArray::new(None, Variable::new(["y", "x"], Array::full(value, (1, 2), "auto")?)?, []);
/// let map = combine_nested([[tile(1.0)?, tile(2.0)?], [tile(3.0)?, tile(4.0)?]], ["y", "x"])?;
/// assert_eq!(map.values::<f64>()?.into_raw_vec_and_offset().0, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`concat()`](crate::concat()) and [`merge()`](crate::merge()); [`Error::Argument`] for lists that are not nested
/// alike, or not as deeply as there are dimensions.
pub fn combine_nested<T: Combinable>(
    data: impl Into<Nested<T>>,
    dims: impl IntoIterator<Item = impl Into<NestedDim>>,
) -> Result<Labeled<T::Vars>> {
    combine_nested_with(data, dims, &CombineOptions::new())
}

/// [`combine_nested`] with options.
///
/// # Errors
/// As [`combine_nested`].
pub fn combine_nested_with<T: Combinable>(
    data: impl Into<Nested<T>>,
    dims: impl IntoIterator<Item = impl Into<NestedDim>>,
    options: &CombineOptions,
) -> Result<Labeled<T::Vars>> {
    options.check()?;
    let dims: Vec<NestedDim> = dims.into_iter().map(Into::into).collect();
    let data = data.into();
    let shape = data.shape()?;
    if shape.len() != dims.len() {
        let hint =
            format!("the lists are {} deep, give a dimension for each level, or None to merge", shape.len());
        return Err(Error::argument("dims", format!("{} of them", dims.len()), hint));
    }
    if T::Vars::IS_ARRAY && dims.iter().any(|dim| matches!(dim, NestedDim::Merge)) {
        return Err(Error::argument("dims", "None", "to merge arrays make datasets of them with to_dataset"));
    }
    let (flat, numbers) = data.flattened();
    let entries = entries(&flat);
    let mut found = Found::new(options);
    let whole = level(&numbers, &entries, &dims, &mut found)?.dataset;
    restored(&flat, Arc::unwrap_or_clone(whole))
}

fn level(
    numbers: &Nested<usize>,
    entries: &[Entry],
    dims: &[NestedDim],
    found: &mut Found<'_>,
) -> Result<Entry> {
    let (list, Some((dim, inner))) = (numbers, dims.split_first()) else {
        return match numbers {
            Nested::One(number) => entries.get(*number).cloned().ok_or_else(super::source::nothing),
            Nested::Many(_) => Err(super::source::nothing()),
        };
    };
    let Nested::Many(list) = list else { return Err(super::source::nothing()) };
    let members =
        list.iter().map(|member| level(member, entries, inner, found)).collect::<Result<Vec<_>>>()?;
    let dataset: Dataset = match dim {
        NestedDim::Concat(dim) => concatenated(&members, dim, found)?,
        NestedDim::Merge => merged(&members, found)?,
    };
    Ok(Entry::of_several(&members, dataset))
}
