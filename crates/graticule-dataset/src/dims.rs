//! Names of dimensions.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::{Error, Result};

/// The name of a dimension. Cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim(Arc<str>);

/// The length of every dimension, in order.
pub type Sizes = IndexMap<Dim, usize>;

impl Dim {
    /// A name.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Arc::from(name.as_ref()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Dim {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Dim {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Dim {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Dim {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Dim {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl PartialEq<str> for Dim {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Dim {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl PartialEq<String> for Dim {
    fn eq(&self, other: &String) -> bool {
        &*self.0 == other.as_str()
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Which dimensions an operation works over: `()` for all, one name, or several.
///
/// ```
/// use graticule_dataset::Over;
/// let _: [Over; 3] = [().into(), "time".into(), ["lat", "lon"].into()];
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over(Option<Vec<Dim>>);

impl Over {
    /// Every dimension.
    pub const ALL: Self = Self(None);

    /// The names; nothing for all.
    pub(crate) fn names(&self) -> Option<&[Dim]> {
        self.0.as_deref()
    }

    /// The dimensions meant, out of those there are; each once.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a name that is not among them.
    pub(crate) fn resolve(&self, dims: &[Dim]) -> Result<Vec<Dim>> {
        let Some(names) = &self.0 else { return Ok(dims.to_vec()) };
        let mut resolved: Vec<Dim> = Vec::with_capacity(names.len());
        for name in names {
            if !dims.contains(name) {
                return Err(Error::unknown_dim(name, dims.to_vec()));
            }
            if !resolved.contains(name) {
                resolved.push(name.clone());
            }
        }
        Ok(resolved)
    }
}

impl From<()> for Over {
    fn from((): ()) -> Self {
        Self::ALL
    }
}

impl From<&str> for Over {
    fn from(name: &str) -> Self {
        Self(Some(vec![name.into()]))
    }
}

impl From<&Dim> for Over {
    fn from(name: &Dim) -> Self {
        Self(Some(vec![name.clone()]))
    }
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for Over {
    fn from(names: [S; N]) -> Self {
        Self(Some(names.into_iter().map(Dim::new).collect()))
    }
}

impl<S: AsRef<str>> From<&[S]> for Over {
    fn from(names: &[S]) -> Self {
        Self(Some(names.iter().map(Dim::new).collect()))
    }
}

impl<S: AsRef<str>> From<Vec<S>> for Over {
    fn from(names: Vec<S>) -> Self {
        Self(Some(names.into_iter().map(Dim::new).collect()))
    }
}

/// Names as dimensions.
pub(crate) fn dims_from(names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Dim> {
    names.into_iter().map(Dim::new).collect()
}

/// Adds the dimensions of `more` that `sizes` does not have; complains where lengths differ.
pub(crate) fn unify_sizes(
    sizes: &mut IndexMap<Dim, (usize, String)>,
    owner: &str,
    more: impl IntoIterator<Item = (Dim, usize)>,
) -> Result<()> {
    for (dim, len) in more {
        match sizes.get(&dim) {
            None => {
                sizes.insert(dim, (len, owner.into()));
            }
            Some((known, _)) if *known == len => {}
            Some((known, first)) => {
                return Err(Error::SizeConflict {
                    dim,
                    left: first.clone(),
                    left_len: *known,
                    right: owner.into(),
                    right_len: len,
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_is_looked_up_by_its_text() {
        let sizes: Sizes = [(Dim::new("time"), 3), (Dim::new("lat"), 2)].into_iter().collect();
        assert_eq!(sizes.get("lat"), Some(&2));
        assert_eq!(dims_from(["time", "lat"]), ["time", "lat"]);
    }

    #[test]
    fn over_names_each_dimension_once_and_refuses_unknown_ones() {
        let dims = dims_from(["time", "lat", "lon"]);
        assert_eq!(Over::from(()).resolve(&dims).unwrap(), dims);
        assert_eq!(Over::from(["lon", "lon"]).resolve(&dims).unwrap(), ["lon"]);
        let error = Over::from("tiem").resolve(&dims).unwrap_err();
        let text = "there is no dimension \"tiem\"; the dimensions are time, lat, lon";
        assert_eq!(error.to_string(), text);
    }
}
