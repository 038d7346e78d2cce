//! The order and number of dimensions.

use graticule_array::Array;

use crate::dims::{Dim, Over, dims_from};
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// The dimensions in another order. `"..."` stands for all that are not named.
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
        let vars = self.vars.map(|variable| {
            let own: Vec<&Dim> = order.iter().filter(|dim| variable.axis(dim).is_some()).collect();
            variable.transpose(own)
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }

    /// The data with a new first dimension of length 1. A coordinate of that name without dimensions becomes
    /// its index.
    ///
    /// # Errors
    /// [`Error::DuplicateName`] when there is such a dimension already.
    pub fn expand_dims(&self, dim: &str) -> Result<Self> {
        if self.size(dim).is_ok() {
            let problem = "there is a dimension of this name; choose another".into();
            return Err(Error::DuplicateName { name: dim.into(), problem });
        }
        let vars = self.vars.map(|variable| expanded(variable, dim))?;
        let coords = self.coords.mapped(|name, variable| {
            Ok(Some(if name == dim { expanded(variable, dim)? } else { variable.clone() }))
        })?;
        Ok(Self::from_parts(vars, coords))
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
}

/// An array of another shape with as many elements.
pub(crate) fn reshaped(data: &Array, shape: &[usize]) -> graticule_array::Result<Array> {
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

fn expanded(variable: &Variable, dim: &str) -> Result<Variable> {
    let mut dims = vec![Dim::new(dim)];
    dims.extend_from_slice(variable.dims());
    let data: Array = variable.data().expand_dims(0)?;
    variable.with_dims_and_data(dims, data)
}
