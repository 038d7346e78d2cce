//! What to group by: names, fields of times, arrays.

use graticule_array::{Array, Chunk};

use super::grouper::{Grouper, UniqueGrouper};
use crate::align::{self, Join};
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::time::{Field, fields};
use crate::variable::Variable;

/// What to group by: a coordinate, a variable or a dimension by name; a field of times such as `time.month`; an array.
#[derive(Debug, Clone)]
pub enum GroupKey {
    /// A name, or a name and a field of times after a dot.
    Name(String),
    /// An array over dimensions of the data.
    Array(Box<DataArray>),
}

/// One key or several, each with how its values become groups.
///
/// ```
/// use graticule_dataset::{BinGrouper, GroupKeys, UniqueGrouper};
/// let _: [GroupKeys; 3] = [
///     "time.month".into(),
///     ["time.year", "time.month"].into(),
///     GroupKeys::from([("time.month", UniqueGrouper::new())]).and("lat", BinGrouper::new([-90.0, 0.0, 90.0])),
/// ];
/// ```
#[derive(Debug, Clone)]
pub struct GroupKeys(pub(super) Vec<(GroupKey, Grouper)>);

impl From<&str> for GroupKey {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl From<&Dim> for GroupKey {
    fn from(name: &Dim) -> Self {
        Self::Name(name.to_string())
    }
}

impl From<&DataArray> for GroupKey {
    fn from(array: &DataArray) -> Self {
        Self::Array(Box::new(array.clone()))
    }
}

impl From<DataArray> for GroupKey {
    fn from(array: DataArray) -> Self {
        Self::Array(Box::new(array))
    }
}

impl GroupKeys {
    /// These keys and another.
    pub fn and(mut self, key: impl Into<GroupKey>, grouper: impl Into<Grouper>) -> Self {
        self.0.push((key.into(), grouper.into()));
        self
    }
}

impl<K: Into<GroupKey>> From<K> for GroupKeys {
    fn from(key: K) -> Self {
        Self(vec![(key.into(), UniqueGrouper::new().into())])
    }
}

impl<const N: usize> From<[&str; N]> for GroupKeys {
    fn from(keys: [&str; N]) -> Self {
        Self(keys.into_iter().map(|key| (key.into(), UniqueGrouper::new().into())).collect())
    }
}

impl<K: Into<GroupKey>, G: Into<Grouper>, const N: usize> From<[(K, G); N]> for GroupKeys {
    fn from(keys: [(K, G); N]) -> Self {
        Self(keys.into_iter().map(|(key, grouper)| (key.into(), grouper.into())).collect())
    }
}

impl<K: Into<GroupKey>, G: Into<Grouper>> From<Vec<(K, G)>> for GroupKeys {
    fn from(keys: Vec<(K, G)>) -> Self {
        Self(keys.into_iter().map(|(key, grouper)| (key.into(), grouper.into())).collect())
    }
}

/// A key that was found: its name, its values in memory, and whether these are only the positions of a dimension.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) variable: Variable,
    pub(super) is_position: bool,
}

impl Found {
    pub(super) fn values(&self) -> Result<std::sync::Arc<Chunk>> {
        self.variable.values()
    }

    /// Whether the key is the coordinate of its own dimension.
    pub(super) fn is_index(&self) -> bool {
        matches!(self.variable.dims(), [dim] if *dim == self.name)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The values to group by, in memory. What is lazy is computed: groups are known when the data are grouped.
    pub(super) fn group_key(&self, key: GroupKey) -> Result<Found> {
        match key {
            GroupKey::Array(array) => self.array_key(*array),
            GroupKey::Name(name) => {
                if let Some(variable) = self.variable_named(&name) {
                    return Ok(Found { name, variable: variable.persist()?, is_position: false });
                }
                if let Some((coord, part)) = name.split_once('.')
                    && let Some(times) = self.variable_named(coord)
                {
                    let field = Field::parse(part)?;
                    let calendar = times.calendar().unwrap_or_default();
                    let parts = fields::field(times.persist()?.data(), calendar, field)?.persist()?;
                    let variable = Variable::new(times.dims(), parts)?;
                    return Ok(Found { name: part.into(), variable, is_position: false });
                }
                match self.size(&name) {
                    Ok(len) => {
                        let variable = Variable::new([&name], Array::arange(len)?.persist()?)?;
                        Ok(Found { name, variable, is_position: true })
                    }
                    Err(_) => Err(self.unknown_key(name)),
                }
            }
        }
    }

    fn array_key(&self, array: DataArray) -> Result<Found> {
        align::picks(&[&self.coords, array.coords()], Join::Exact)?;
        let sizes = self.sizes();
        for (dim, len) in array.variable().sizes() {
            match sizes.get(&dim) {
                None => return Err(Error::unknown_dim(&dim, sizes.into_keys())),
                Some(&known) if known != len => {
                    return Err(Error::SizeConflict {
                        dim,
                        left: "the data".into(),
                        left_len: known,
                        right: "the array to group by".into(),
                        right_len: len,
                    });
                }
                Some(_) => {}
            }
        }
        let name = array.name().unwrap_or("group").to_owned();
        Ok(Found { name, variable: array.variable().persist()?, is_position: false })
    }

    /// A coordinate or a data variable.
    fn variable_named(&self, name: &str) -> Option<&Variable> {
        let data =
            || self.vars.variables().find(|(known, _)| *known == Some(name)).map(|(_, variable)| variable);
        self.coords.get(name).or_else(data)
    }

    fn unknown_key(&self, name: String) -> Error {
        let mut names: Vec<String> = self.coords.names().map(Into::into).collect();
        names.extend(self.vars.variables().filter_map(|(name, _)| name.map(Into::into)));
        for dim in self.all_dims() {
            if !names.iter().any(|known| dim == *known) {
                names.push(dim.to_string());
            }
        }
        Error::UnknownName { kind: "coordinate to group by", name, names }
    }
}
