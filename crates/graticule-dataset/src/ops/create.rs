//! Arrays shaped like others, and choices between arrays.

use graticule_array::{Array, Chunks, DType, Scalar};

use super::operand::{IntoOperand, Operand};
use crate::attrs::Attrs;
use crate::error::Result;
use crate::labeled::{DataArray, DataVars, Dataset, Labeled};

impl<V: DataVars> Labeled<V> {
    /// One value in every place, under the same names, coordinates, attributes and chunks. The dtype stays and must
    /// be able to hold the value; [`Labeled::full_like_as`] gives another.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] for a value that the dtype cannot hold, such as 2.5 in integers.
    pub fn full_like(&self, value: impl Into<Scalar>) -> Result<Self> {
        let value = value.into();
        self.unary(|data| data.full_like(value.clone()))
    }

    /// One value in every place, of a dtype: xarray's `full_like(.., dtype=..)`.
    ///
    /// ```
    /// use graticule_array::{Array, DType};
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(3)?)?, [])?;
    /// assert!(x.full_like(2.5).is_err());
    /// assert_eq!(x.full_like_as(2.5, DType::F32)?.sum(())?.item()?, 7.5);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::full_like`].
    pub fn full_like_as(&self, value: impl Into<Scalar>, dtype: DType) -> Result<Self> {
        let value = value.into();
        self.unary(|data| {
            let sizes = data.chunks().axes().iter().map(|chunks| chunks.sizes().collect());
            let chunks = Chunks::Sizes(sizes.collect());
            Array::zeros(data.shape(), chunks)?.astype(dtype)?.full_like(value.clone())
        })
    }

    /// Zeros under the same names, coordinates, attributes, dtype and chunks; `false` of bools, and for times the
    /// count 0.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] for texts.
    pub fn zeros_like(&self) -> Result<Self> {
        self.unary(Array::zeros_like)
    }

    /// Ones under the same names, coordinates, attributes, dtype and chunks.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] for texts.
    pub fn ones_like(&self) -> Result<Self> {
        self.unary(Array::ones_like)
    }

    /// The values to a number of decimals, halves to even; with negative numbers to tens, hundreds and so on:
    /// xarray's `round(decimals)`.
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] where rounding is not defined.
    pub fn around(&self, decimals: i32) -> Result<Self> {
        self.unary(|data| data.around(decimals))
    }
}

/// `x` where `cond` is true and `y` elsewhere: xarray's function `where`. Any of them may be a number.
///
/// Labels must be equal. The name is that of the first array, attributes are those of `x`.
///
/// ```
/// use graticule_dataset::{DataArray, Variable, where_};
/// let x = DataArray::new(Some("x"), Variable::from_vec("x", vec![1.0, 5.0])?, [])?;
/// assert_eq!(where_(&x.gt(2.0)?, 1, 0)?.variable().values()?.as_slice::<i64>()?, [0, 1]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// As [`Labeled::binary`].
pub fn where_(cond: &DataArray, x: impl IntoOperand, y: impl IntoOperand) -> Result<DataArray> {
    let (x, y) = (x.into_operand()?, y.into_operand()?);
    let attrs = match &x {
        Operand::Array(x) => x.attrs().clone(),
        Operand::Scalar(_) => Attrs::new(),
    };
    let dtype = match (&x, &y) {
        (Operand::Array(_), _) | (_, Operand::Array(_)) => None,
        (Operand::Scalar(x), Operand::Scalar(y)) => Some(x.dtype().promote(y.dtype())?),
    };
    let x = match (x, &y, dtype) {
        (Operand::Array(x), ..) => *x,
        // A number beside an array is weak: it has the dtype of the array, where that can hold it.
        (Operand::Scalar(x), Operand::Array(y), _) => {
            let weak = y.full_like(x.clone());
            let dtype = weak.as_ref().map_or_else(|_| x.dtype(), |weak| weak.dtype());
            cond.full_like_as(x, dtype)?
        }
        (Operand::Scalar(x), Operand::Scalar(_), dtype) => {
            let dtype = dtype.unwrap_or_else(|| x.dtype());
            cond.full_like_as(x, dtype)?
        }
    };
    let name = cond.name().map(Into::into);
    let mut chosen = x.where_else(cond, y)?.with_attrs(attrs);
    chosen.vars.name = name;
    // xarray's order: the dimensions of the condition first.
    let mut order = cond.dims().to_vec();
    order.extend(chosen.dims().iter().filter(|dim| !cond.dims().contains(dim)).cloned());
    chosen.transpose(order)
}

impl Dataset {
    /// All variables in the same chunks along the dimensions that they share: the cuts of all of them together.
    ///
    /// # Errors
    /// None for data that exist.
    pub fn unify_chunks(&self) -> Result<Self> {
        let arrays: Vec<_> = self.vars.variables().map(|(_, variable)| variable).collect();
        let cuts = super::chunks::Cuts::of(&arrays);
        let vars = self.vars.map(|variable| cuts.apply(variable))?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}
