//! Values in memory: as views, and one by one with their labels.

use std::sync::Arc;

use graticule_array::{Chunk, Element, Scalar};
use ndarray::{ArrayD, ArrayViewD};

use crate::error::{Error, Result};
use crate::labeled::DataArray;
use crate::variable::Variable;

impl Variable {
    /// The values as an ndarray view, without a copy. They must be in memory. Times are `i64` counts of their unit.
    ///
    /// # Errors
    /// [`Error::Argument`] for values that are not in memory, [`graticule_array::Error::Dtype`] when the elements are of
    /// another type.
    pub fn view<T: Element>(&self) -> Result<ArrayViewD<'_, T>> {
        match self.resident() {
            Some(chunk) => Ok(chunk.view()?),
            None => {
                let hint = "they are not in memory; call compute, load or persist first, or take values";
                Err(Error::argument("view", "of lazy values", hint))
            }
        }
    }

    /// The values as an ndarray of their own; what is lazy is computed. Times are `i64` counts of their unit.
    ///
    /// # Errors
    /// What computing can meet, and [`graticule_array::Error::Dtype`] when the elements are of another type.
    pub fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        Ok(self.values()?.to_ndarray()?)
    }
}

impl DataArray {
    /// The values as an ndarray view, without a copy. They must be in memory. Times are `i64` counts of their unit.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lazy = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
    /// let loaded = lazy.compute()?;
    /// assert_eq!(loaded.view::<i64>()?[3], 3);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Variable::view`].
    pub fn view<T: Element>(&self) -> Result<ArrayViewD<'_, T>> {
        self.variable().view()
    }

    /// The values as an ndarray of their own; what is lazy is computed.
    ///
    /// # Errors
    /// As [`Variable::to_ndarray`].
    pub fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        self.variable().to_ndarray()
    }

    /// Each value with its label along each dimension, in C order. Along a dimension without labels that is the
    /// position. All values are computed into memory first.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = Variable::from_vec("x", vec![10.0, 20.0])?;
    /// let da = DataArray::new(None, Variable::from_vec("x", vec![1, 2])?, [("x".into(), x)])?;
    /// let items: Vec<_> = da.items()?.map(|(labels, value)| (labels[0].to_f64(), value.to_f64())).collect();
    /// assert_eq!(items, [(10.0, 1.0), (20.0, 2.0)]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// What computing can meet.
    pub fn items(&self) -> Result<Items> {
        let labels =
            self.dims().iter().map(|dim| self.coords().index_variable(dim)?.resident().map(Arc::clone));
        let (labels, shape) = (labels.collect(), self.shape().to_vec());
        Ok(Items { values: self.variable().values()?, labels, place: vec![0; shape.len()], shape, next: 0 })
    }
}

/// The values of an array with their labels.
#[derive(Debug, Clone)]
pub struct Items {
    values: Arc<Chunk>,
    labels: Vec<Option<Arc<Chunk>>>,
    shape: Vec<usize>,
    place: Vec<usize>,
    next: usize,
}

impl Iterator for Items {
    type Item = (Vec<Scalar>, Scalar);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.values.get(self.next)?;
        let label = |(labels, &position): (&Option<Arc<Chunk>>, &usize)| {
            let label = labels.as_ref().and_then(|labels| labels.get(position));
            label.unwrap_or(Scalar::Int(position as i64))
        };
        let labels = self.labels.iter().zip(&self.place).map(label).collect();
        self.next += 1;
        for (position, len) in self.place.iter_mut().zip(&self.shape).rev() {
            *position += 1;
            if *position < *len {
                break;
            }
            *position = 0;
        }
        Some((labels, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.values.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Items {}
