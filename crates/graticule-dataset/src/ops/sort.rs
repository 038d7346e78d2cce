//! Data in the order of labels or values: `sortby`.

use indexmap::IndexMap;

use crate::align::{self, Join};
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, keys};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::select::Pick;

/// What data are sorted by: coordinates, or arrays of one dimension, the first of them deciding first.
///
/// ```
/// use graticule_dataset::By;
/// let _: [By; 3] = ["lat".into(), ["lat", "lon"].into(), By::from("time").descending()];
/// ```
#[derive(Debug, Clone)]
pub struct By {
    keys: Vec<SortKey>,
    descending: bool,
}

#[derive(Debug, Clone)]
enum SortKey {
    Name(String),
    Array(Box<DataArray>),
}

impl By {
    fn of(keys: Vec<SortKey>) -> Self {
        Self { keys, descending: false }
    }

    /// And, where these are equal, by others.
    pub fn then(mut self, more: impl Into<Self>) -> Self {
        self.keys.extend(more.into().keys);
        self
    }

    /// From the largest to the smallest: the increasing order backwards, so missing values come first, as in xarray.
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }
}

impl From<&str> for By {
    fn from(name: &str) -> Self {
        Self::of(vec![SortKey::Name(name.into())])
    }
}

impl<const N: usize> From<[&str; N]> for By {
    fn from(names: [&str; N]) -> Self {
        Self::of(names.into_iter().map(|name| SortKey::Name(name.into())).collect())
    }
}

impl From<&DataArray> for By {
    fn from(array: &DataArray) -> Self {
        Self::of(vec![SortKey::Array(Box::new(array.clone()))])
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data in the order of coordinates, variables or arrays that have one dimension; several dimensions are each
    /// sorted by their own. Equal ones stay in their order, and missing ones come last.
    ///
    /// What is sorted by is computed.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{By, DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![20.0, -20.0, 60.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(3)?)?, [("lat".into(), lat)])?;
    /// assert_eq!(da.sortby("lat")?.values::<i64>()?.into_raw_vec_and_offset().0, [1, 0, 2]);
    /// assert_eq!(da.sortby(By::from("lat").descending())?.values::<i64>()?.into_raw_vec_and_offset().0, [2, 0, 1]);
    /// assert_eq!(da.sortby(&da)?.coords().labels("lat").map(|lat| lat.to_f64()), Some(vec![20.0, -20.0, 60.0]));
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::Argument`] for what has not one dimension, and what computing it meets.
    pub fn sortby(&self, by: impl Into<By>) -> Result<Self> {
        let by = by.into();
        let mut columns: IndexMap<Dim, Vec<Vec<Key>>> = IndexMap::new();
        for key in &by.keys {
            let (name, array) = match key {
                SortKey::Name(name) => (name.clone(), self.sort_key(name)?),
                SortKey::Array(array) => {
                    let picks = align::picks(&[&self.coords, &array.coords], Join::Left)?;
                    (array.name().unwrap_or("an array").to_owned(), align::apply(&**array, &picks, 1)?)
                }
            };
            let [dim] = array.dims() else {
                let hint = "data are sorted by what has one dimension; select or reduce it first";
                return Err(Error::argument(
                    "by",
                    format!("{name} over ({})", crate::error::listed(array.dims())),
                    hint,
                ));
            };
            let len = self.size(dim)?;
            let values = keys(array.variable().values()?.as_ref());
            if values.len() != len {
                let hint = format!("dimension {dim:?} has length {len}; give as many values");
                return Err(Error::argument("by", format!("{name} of length {}", values.len()), hint));
            }
            columns.entry(dim.clone()).or_default().push(values);
        }
        let mut result = self.clone();
        for (dim, columns) in columns {
            let len = columns.first().map_or(0, Vec::len);
            let mut order: Vec<usize> = (0..len).collect();
            let compare = |a: usize, b: usize| {
                columns.iter().map(|column| column.get(a).cmp(&column.get(b))).find(|order| order.is_ne())
            };
            order.sort_by(|&a, &b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
            if by.descending {
                order.reverse();
            }
            result = result.pick(&dim, &Pick::of_positions(order))?;
        }
        Ok(result)
    }

    /// A coordinate, a dimension's positions or a variable of a dataset.
    fn sort_key(&self, name: &str) -> Result<DataArray> {
        if self.coords.contains(name) {
            return self.coord(name);
        }
        match self.vars.variables().find(|(data, _)| *data == Some(name)) {
            Some((_, variable)) => DataArray::new(Some(name), variable.clone(), []),
            None => self.coord(name),
        }
    }
}
