//! The order and number of dimensions.

use graticule_array::{Array, Chunk};
use indexmap::IndexMap;

use crate::dims::{Dim, Over, dims_from};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The dimensions in another order, of coordinates with several dimensions too. `"..."` stands for all that are not
    /// named.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "lat", "lon"], Array::ones((4, 3, 2), "auto")?)?;
    /// let da = DataArray::new(None, data, [])?;
    /// assert_eq!(da.transpose(["lon", "..."])?.shape(), [2, 4, 3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Dims`] when one is named twice or,
    /// without `"..."`, left out.
    pub fn transpose(&self, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let all = self.all_dims();
        let order = full_order(&dims_from(dims), &all)?;
        let transposed = |variable: &Variable| {
            let own: Vec<&Dim> = order.iter().filter(|dim| variable.axis(dim).is_some()).collect();
            if variable.dims().iter().eq(own.iter().copied()) {
                Ok(variable.clone())
            } else {
                variable.transpose(own)
            }
        };
        let coords = self.coords.mapped(|_, variable| transposed(variable).map(Some))?;
        Ok(Self::from_parts(self.vars.map(transposed)?, coords))
    }

    /// The data without dimensions of length 1: one, several, or with `()` all. Their coordinates stay as
    /// values.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for one that is longer.
    pub fn squeeze(&self, dims: impl Into<Over>) -> Result<Self> {
        let over = dims.into();
        let sizes = self.sizes();
        let mut result = self.clone();
        for dim in over.resolve(&self.all_dims())? {
            match sizes.get(&dim) {
                Some(1) => result = result.isel(&dim, 0)?,
                _ if over == Over::ALL => {}
                len => {
                    let value = format!("{dim:?} of length {}", len.copied().unwrap_or(0));
                    return Err(Error::argument(
                        "dims",
                        value,
                        "only dimensions of length 1 can be squeezed",
                    ));
                }
            }
        }
        Ok(result)
    }

    /// The same without the coordinates that would stay as values.
    ///
    /// # Errors
    /// As [`Labeled::squeeze`].
    pub fn squeeze_drop(&self, dims: impl Into<Over>) -> Result<Self> {
        Ok(self.squeeze(dims)?.without_new_scalars(&self.coords))
    }

    /// The data with a coordinate of one dimension in place of that dimension: `swap_dims([("lat", "station")])`
    /// makes `station`, which lies along `lat`, the dimension and its index. A name that is no coordinate just takes
    /// the place.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let name = Variable::new(["x"], Array::from_chunk(graticule_array::Chunk::new(vec![2], vec![7i64, 9])?)?)?;
    /// let da = DataArray::new(None, Variable::new(["x"], Array::arange(2)?)?, [("station".into(), name)])?;
    /// assert_eq!(da.swap_dims([("x", "station")])?.sel("station", 9)?.item()?, 1.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::CoordDims`] when the new name is a coordinate that does not lie along the
    /// dimension alone, [`Error::DuplicateName`] when it is a dimension already.
    pub fn swap_dims<K: AsRef<str>, T: AsRef<str>>(
        &self,
        dims: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Self> {
        let mut table: IndexMap<String, String> = IndexMap::new();
        for (old, new) in dims {
            let (old, new) = (old.as_ref(), new.as_ref());
            self.size(old)?;
            if new != old && self.size(new).is_ok() {
                let problem = "there is a dimension of this name; choose another, or stack the two".into();
                return Err(Error::DuplicateName { name: new.into(), problem });
            }
            if let Some(variable) = self.coords.get(new)
                && variable.dims() != [Dim::new(old)]
            {
                return Err(Error::CoordDims {
                    coord: new.into(),
                    coord_dims: variable.dims().to_vec(),
                    dims: vec![old.into()],
                    hint: "only a coordinate along the dimension alone can take its place".into(),
                });
            }
            table.insert(old.into(), new.into());
        }
        let renamed = |variable: &Variable| {
            let dims = variable
                .dims()
                .iter()
                .map(|dim| table.get(dim.as_str()).map_or_else(|| dim.clone(), Dim::new));
            variable.with_dims_and_data(dims.collect(), variable.data().clone())
        };
        let vars = self.vars.map(renamed)?;
        Ok(Self::from_parts(vars, self.coords.mapped(|_, variable| Ok(Some(renamed(variable)?)))?))
    }
}

/// An array of another shape with as many elements; what is in memory as one block stays there.
pub(crate) fn reshaped(data: &Array, shape: &[usize]) -> graticule_array::Result<Array> {
    if let Some(chunk) = data.resident()
        && data.chunks().count() <= 1
    {
        return Array::from_chunk(Chunk::from_buffer(shape.to_vec(), chunk.dtype(), chunk.buffer().clone())?);
    }
    let shape: Vec<isize> = shape.iter().map(|&len| isize::try_from(len).unwrap_or(isize::MAX)).collect();
    data.reshape(&shape)
}

/// The order with `"..."` written out.
fn full_order(order: &[Dim], all: &[Dim]) -> Result<Vec<Dim>> {
    let mut full: Vec<Dim> = Vec::with_capacity(all.len());
    for dim in order {
        if *dim == "..." {
            full.extend(all.iter().filter(|dim| !order.contains(dim)).cloned());
        } else if all.contains(dim) {
            full.push(dim.clone());
        } else {
            return Err(Error::unknown_dim(dim, all.to_vec()));
        }
    }
    let complete = full.len() == all.len() && all.iter().all(|dim| full.contains(dim));
    if complete {
        return Ok(full);
    }
    Err(Error::Dims {
        dims: order.to_vec(),
        shape: Vec::new(),
        problem: format!("name each of ({}) once, or use \"...\" for the rest", crate::error::listed(all)),
    })
}
