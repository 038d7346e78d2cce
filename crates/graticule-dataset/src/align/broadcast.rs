//! Arrays stretched over each other's dimensions.

use indexmap::IndexMap;

use super::{Alignment, Join};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::Result;
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// Arrays with the same dimensions and labels: each is stretched over the dimensions that others have, in the order
/// in which they appear. Labels that differ are joined outer, as in xarray; [`align`](super::align) first for
/// another join.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Variable, broadcast};
/// let a = DataArray::new(None, Variable::new(["lat"], Array::ones(3, "auto")?)?, [])?;
/// let b = DataArray::new(None, Variable::new(["lon"], Array::ones(4, "auto")?)?, [])?;
/// let both = broadcast(&[&a, &b])?;
/// assert_eq!(both[1].dims(), ["lat", "lon"]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`align`](super::align).
pub fn broadcast<V: DataVars>(arrays: &[&Labeled<V>]) -> Result<Vec<Labeled<V>>> {
    let aligned = super::align(arrays, Join::Outer)?;
    let mut frame = Frame::default();
    for array in &aligned {
        frame.add(array)?;
    }
    aligned.iter().map(|array| array.stretched(&frame)).collect()
}

/// The dimensions and labels of several arrays.
#[derive(Default)]
struct Frame {
    sizes: IndexMap<Dim, usize>,
    indexes: Coords,
}

impl Frame {
    fn add<V: DataVars>(&mut self, array: &Labeled<V>) -> Result<()> {
        for (dim, len) in array.sizes() {
            self.sizes.entry(dim).or_insert(len);
        }
        for (name, variable) in array.coords.iter() {
            if array.coords.is_index(name) && !self.indexes.contains(name) {
                self.indexes.insert(name.into(), variable.clone())?;
            }
        }
        self.indexes.adopt_levels(&array.coords)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data stretched over the dimensions of other data, which come first, under the labels of both, joined outer.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let map = DataArray::new(None, Variable::new(["lat", "lon"], Array::ones((2, 3), "auto")?)?, [])?;
    /// let zonal = map.mean("lon")?;
    /// assert_eq!(zonal.broadcast_like(&map)?.shape(), [2, 3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`align`](super::align).
    pub fn broadcast_like<W: DataVars>(&self, other: &Labeled<W>) -> Result<Self> {
        let picks = super::picks(&[&other.coords, &self.coords], Alignment::new(Join::Outer))?;
        let (other, this) = (super::apply(other, &picks, 0)?, super::apply(self, &picks, 1)?);
        let mut frame = Frame::default();
        frame.add(&other)?;
        frame.add(&this)?;
        this.stretched(&frame)
    }

    fn stretched(&self, frame: &Frame) -> Result<Self> {
        let vars = self.vars.map(|variable| variable.stretched(&frame.sizes))?;
        let mut coords = self.coords.clone();
        for (name, variable) in frame.indexes.iter() {
            // A value of that name that an array had beside its data gives way to the labels, as in xarray.
            if !coords.is_index(name) {
                coords = coords.filtered(|coord, _| coord != name);
                coords.insert(name.into(), variable.clone())?;
            }
        }
        coords.adopt_levels(&frame.indexes)?;
        Ok(Self::from_parts(vars, coords))
    }
}

impl Variable {
    /// The variable with all of these dimensions, in their order, stretched over those that it lacks.
    pub(crate) fn stretched(&self, sizes: &IndexMap<Dim, usize>) -> Result<Self> {
        let dims: Vec<Dim> = sizes.keys().cloned().collect();
        for (dim, len) in self.sizes() {
            if sizes.get(&dim).is_some_and(|&wanted| wanted != len) {
                return Err(crate::error::Error::SizeConflict {
                    dim: dim.clone(),
                    left: "one array".into(),
                    left_len: len,
                    right: "another".into(),
                    right_len: sizes.get(&dim).copied().unwrap_or(0),
                });
            }
        }
        let shape: Vec<usize> = sizes.values().copied().collect();
        self.with_dims_and_data(dims.clone(), self.arranged(&dims)?.broadcast_to(shape)?)
    }
}
