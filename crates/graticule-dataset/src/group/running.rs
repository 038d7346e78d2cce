//! What runs through the members of each group: sums, products, gaps filled.

use graticule_array::Array;

use super::grouped::GroupBy;
use crate::align::able_to_miss;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::ops::only;

macro_rules! running {
    ($($name:ident $engine:ident $doc:literal)+) => {
        impl<V: DataVars> GroupBy<V> {$(
            #[doc = $doc]
            ///
            /// Dimensions stay in their place, where xarray puts the one that was grouped last. Members of no group are
            /// missing. Variables of a dataset without the dimension, and texts, are left out.
            ///
            /// # Errors
            /// [`Error::Argument`] for keys with several dimensions, and what the engine refuses.
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.running(Array::$engine)
            }
        )+}
    };
}

running! {
    cumsum group_nancumsum "The sums of the members of each group so far; missing values count as 0."
    cumprod group_nancumprod "The products of the members of each group so far; missing values count as 1."
}

impl<V: DataVars> GroupBy<V> {
    fn running(
        &self,
        scan: impl Fn(&Array, isize, &[i64]) -> graticule_array::Result<Array>,
    ) -> Result<Labeled<V>> {
        let dim = self.one_dim()?;
        let vars = only(&self.obj.vars, |variable| {
            variable.axis(dim).is_some() && variable.dtype() != graticule_array::DType::Str
        });
        let has_outsiders = self.codes.iter().any(|&code| code < 0);
        let vars = vars.map(|variable| {
            let axis = variable.axis(dim).ok_or_else(|| Error::unknown_dim(dim, variable.dims().to_vec()))?;
            variable.apply(|data| {
                let data = if has_outsiders { able_to_miss(data.clone())? } else { data.clone() };
                scan(&data, axis as isize, &self.codes)
            })
        })?;
        Ok(Labeled::from_parts(vars, self.obj.coords.clone()))
    }

    fn one_dim(&self) -> Result<&Dim> {
        match self.dims.as_slice() {
            [dim] => Ok(dim),
            several => {
                let hint = "values run along one dimension; give keys with one";
                Err(Error::argument("keys", crate::error::listed(several), hint))
            }
        }
    }
}
