//! Selecting by conditions: `where_` that drops, and membership.

use std::sync::Arc;

use graticule_array::{Array, Scalar};

use super::operand::{IntoOperand, Operand};
use crate::align::{self, Alignment, Join, Values};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::select::Positions;

impl<V: DataVars> Labeled<V> {
    /// The data where `cond` is true and missing elsewhere, without the labels for which it is true nowhere:
    /// xarray's `where(cond, drop=True)`.
    ///
    /// How much is left is part of the shape of the result, so the condition is computed at once; the data stay lazy.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![60.0, 20.0, -20.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::ones(3, "auto")?)?, [("lat".into(), lat)])?;
    /// assert_eq!(da.where_drop(da.coord("lat")?.gt(0.0))?.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::where_`], and what computing the condition meets; [`Error::Argument`] for a condition that is a
    /// single value.
    pub fn where_drop(&self, cond: impl IntoOperand) -> Result<Self> {
        let alignment = cond.alignment();
        let (data, cond) = self.dropped(cond.into_operand()?, alignment)?;
        data.where_(&cond)
    }

    /// The data where `cond` is true and `other` elsewhere, without the labels for which it is true nowhere.
    ///
    /// # Errors
    /// As [`Labeled::where_drop`].
    pub fn where_else_drop(&self, cond: impl IntoOperand, other: impl IntoOperand) -> Result<Self> {
        let alignment = cond.alignment();
        let (data, cond) = self.dropped(cond.into_operand()?, alignment)?;
        match other.into_operand()? {
            Operand::Array(other) => {
                let picks = align::picks(&[&data.coords, &other.coords], Join::Left)?;
                data.where_else(&cond, align::apply(&*other, &picks, 1)?)
            }
            value @ Operand::Scalar(_) => data.where_else(&cond, value),
        }
    }

    /// Data and condition where the condition holds somewhere, along each of its dimensions.
    fn dropped(&self, cond: Operand, alignment: Alignment) -> Result<(Self, DataArray)> {
        let Operand::Array(cond) = cond else {
            return Err(Error::argument(
                "cond",
                "a single value",
                "give an array: one value has no labels to drop",
            ));
        };
        let picks = align::picks(&[&self.coords, &cond.coords], alignment)?;
        let (mut data, mut cond) = (align::apply(self, &picks, 0)?, align::apply(&*cond, &picks, 1)?);
        let dims = cond.dims().to_vec();
        let held = dims.iter().map(|dim| {
            let others: Vec<_> = dims.iter().filter(|other| *other != dim).collect();
            cond.any(others)
        });
        let held = super::compute_all(&held.collect::<Result<Vec<_>>>()?)?;
        for (dim, held) in dims.iter().zip(held) {
            let positions = Positions::Mask(held.variable().values()?.as_slice::<bool>()?.to_vec());
            if data.size(dim).is_ok() {
                data = data.isel(dim, positions.clone())?;
            }
            cond = cond.isel(dim, positions)?;
        }
        Ok((data, cond))
    }

    /// Whether the elements are among some values. NaN is among none.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
    /// assert_eq!(x.isin([1, 3, 9])?.sum(())?.item()?, 2.0);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`graticule_array::Error::Dtype`] for texts among numbers and the like.
    pub fn isin(&self, values: impl Into<Values>) -> Result<Self> {
        let (values, calendar) = values.into().into_parts()?;
        let members: Arc<[Scalar]> = (0..values.len()).filter_map(|i| values.get(i)).collect();
        let vars = self.vars.map(|variable| {
            if let (Some(own), Some(calendar)) = (variable.calendar(), calendar) {
                own.check_same(calendar, "isin")?;
            }
            variable.apply(|data: &Array| data.isin(members.iter().cloned()))
        })?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}
