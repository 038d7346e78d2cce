//! Arithmetic of groups with what was computed for each: anomalies from a climatology.

use std::ops::{Add, Div, Mul, Sub};

use graticule_array::{Binary, DType};

use super::grouped::GroupBy;
use crate::align::{Join, able_to_miss};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Key, keys};
use crate::labeled::{DataArray, DataVars, Dataset, Labeled, Many};
use crate::ops::reshaped;
use crate::select::Pick;
use crate::variable::Variable;

/// What stands beside groups in an operation: values with the groups as a dimension, or the step that was to give them.
pub trait GroupOperand<W> {
    /// The values.
    ///
    /// # Errors
    /// That of the step that was to give them.
    fn into_values(self) -> Result<Labeled<W>>;
}

impl<W: DataVars> GroupOperand<W> for Labeled<W> {
    fn into_values(self) -> Result<Self> {
        Ok(self)
    }
}

impl<W: DataVars> GroupOperand<W> for &Labeled<W> {
    fn into_values(self) -> Result<Labeled<W>> {
        Ok(self.clone())
    }
}

impl<W: DataVars> GroupOperand<W> for Result<Labeled<W>> {
    fn into_values(self) -> Self {
        self
    }
}

impl<V: DataVars> GroupBy<V> {
    /// A function of the data and of what `other` has for the group of each value.
    ///
    /// The result has the dimensions of the data. Groups that `other` lacks give missing values, and members of no group
    /// are left out. The label of each value's group is added as a coordinate. Coordinates without dimensions stay as they
    /// are.
    ///
    /// # Errors
    /// [`Error::UnknownDim`] when `other` has no dimension of the groups, [`Error::Argument`] for groups of several keys, and
    /// as [`Labeled::binary`].
    pub fn binary(
        &self,
        function: Binary,
        other: impl GroupOperand<crate::labeled::One>,
    ) -> Result<Labeled<V>> {
        let (members, expanded) = self.beside(&other.into_values()?)?;
        members.binary(function, expanded)
    }

    /// The data with missing values replaced by what `other` has for their group.
    ///
    /// # Errors
    /// As [`GroupBy::binary`].
    pub fn fillna(&self, other: impl GroupOperand<crate::labeled::One>) -> Result<Labeled<V>> {
        let (members, expanded) = self.beside(&other.into_values()?)?;
        members.fillna(expanded)
    }

    /// The data where `cond` is true for their group, missing elsewhere.
    ///
    /// # Errors
    /// As [`GroupBy::binary`].
    pub fn where_(&self, cond: impl GroupOperand<crate::labeled::One>) -> Result<Labeled<V>> {
        let (members, expanded) = self.beside(&cond.into_values()?)?;
        members.where_(expanded)
    }

    /// The members of all groups, and for each of them what `other` has for its group.
    fn beside<W: DataVars>(&self, other: &Labeled<W>) -> Result<(Labeled<V>, Labeled<W>)> {
        let factor = self.one_factor("arithmetic")?;
        let name = &factor.name;
        if other.size(name).is_err() {
            return Err(Error::unknown_dim(name, other.all_dims()));
        }
        let at = self.places(other, name)?;
        let place =
            |&code: &i64| usize::try_from(code).ok().and_then(|code| at.get(code).copied()).unwrap_or(-1);
        let (members, own) = match self.dims.as_slice() {
            [dim] if self.codes.iter().any(|&code| code < 0) => {
                let (positions, own): (Vec<usize>, Vec<i64>) = self
                    .codes
                    .iter()
                    .enumerate()
                    .filter(|(_, code)| **code >= 0)
                    .map(|(at, code)| (at, *code))
                    .unzip();
                (self.obj.pick(dim, &Pick::of_positions(positions))?, own)
            }
            _ => (self.obj.clone(), self.codes.clone()),
        };
        let codes: Vec<i64> = own.iter().map(place).collect();
        let sizes = members.sizes();
        let shape: Vec<usize> = self.dims.iter().filter_map(|dim| sizes.get(dim).copied()).collect();
        let spread = |variable: &Variable| spread(variable, name, &codes, &self.dims, &shape);
        let vars = other.vars.map(&spread)?;
        let mut coords = Coords::default();
        let lacks = |codes: &[i64], variable: &Variable| {
            variable.axis(name).is_some()
                && variable.dtype() == DType::Str
                && codes.iter().any(|&code| code < 0)
        };
        for (coord, variable) in other.coords.iter() {
            // What is named like a dimension would be taken for its index; texts cannot be missing.
            let is_index = coord == name.as_str() || self.dims.iter().any(|dim| *dim == coord);
            if !is_index && !lacks(&codes, variable) {
                coords.insert(coord.into(), spread(variable)?)?;
            }
        }
        if let Some(labels) =
            factor.labels.as_ref().filter(|labels| !self.dims.contains(name) && !lacks(&own, labels))
        {
            coords.insert(name.to_string(), self::spread(labels, name, &own, &self.dims, &shape)?)?;
        }
        coords.inherit_levels(&other.coords)?;
        Ok((members, Labeled::from_parts(vars, coords)))
    }

    /// Where `other` has each group along its dimension; -1 where it lacks it.
    fn places<W: DataVars>(&self, other: &Labeled<W>, name: &Dim) -> Result<Vec<i64>> {
        let factor = self.one_factor("arithmetic")?;
        match (factor.labels.as_ref(), other.coords.index(name)) {
            (Some(own), Some(index)) => {
                if let (Some(own), Some(other)) = (own.calendar(), index.calendar()) {
                    own.check_same(other, &format!("arithmetic of the groups of {name:?}"))?;
                }
                let lookup = index.lookup();
                let place = |key: &Key| -> Result<i64> {
                    match lookup.get(key).map(Vec::as_slice) {
                        None | Some([]) => Ok(-1),
                        Some([position]) => Ok(*position as i64),
                        Some(several) => Err(Error::AmbiguousLabel {
                            dim: name.clone(),
                            label: index.text(several.first().copied().unwrap_or(0)),
                            count: several.len(),
                            hint: "each group needs one value; reduce the others first".into(),
                        }),
                    }
                };
                keys(own.values()?.as_ref()).iter().map(place).collect()
            }
            (_, _) if other.size(name)? == self.groups => Ok((0..self.groups as i64).collect()),
            (_, _) => Err(Error::SizeConflict {
                dim: name.clone(),
                left: "the groups".into(),
                left_len: self.groups,
                right: "the values beside them".into(),
                right_len: other.size(name)?,
            }),
        }
    }
}

/// A variable with the group of each member in place of the groups.
fn spread(variable: &Variable, name: &Dim, codes: &[i64], dims: &[Dim], shape: &[usize]) -> Result<Variable> {
    let Some(axis) = variable.axis(name) else { return Ok(variable.clone()) };
    let mut data = variable.data().clone();
    if codes.iter().any(|&code| code < 0) {
        data = able_to_miss(data)?;
    }
    let mut data = data.group_broadcast(axis as isize, codes)?;
    let mut names = variable.dims().to_vec();
    names.splice(axis..=axis, dims.iter().cloned());
    if dims.len() != 1 {
        let mut whole = data.shape().to_vec();
        whole.splice(axis..=axis, shape.iter().copied());
        data = reshaped(&data, &whole)?;
    }
    variable.with_dims_and_data(names, data)
}

impl GroupBy<Many> {
    /// A function of two datasets, variable by variable, as [`GroupBy::binary`] with the groups of the first.
    ///
    /// # Errors
    /// As [`GroupBy::binary`].
    pub fn binary_dataset(&self, function: Binary, other: &Dataset) -> Result<Dataset> {
        let (members, expanded) = self.beside(other)?;
        crate::ops::between_datasets(function, &members, &expanded, Join::Exact.into())
    }
}

macro_rules! operators {
    ($($op:ident $method:ident $function:ident;)+) => {$(
        operators!(@arrays $op $method $function: &DataArray, DataArray, Result<DataArray>);
        operators!(@datasets $op $method $function: &Dataset, Dataset, Result<Dataset>);
    )+};
    (@arrays $op:ident $method:ident $function:ident: $($right:ty),+) => {$(
        impl<V: DataVars> $op<$right> for &GroupBy<V> {
            type Output = Result<Labeled<V>>;

            fn $method(self, right: $right) -> Self::Output {
                self.binary(Binary::$function, right)
            }
        }

        impl<V: DataVars> $op<$right> for GroupBy<V> {
            type Output = Result<Labeled<V>>;

            fn $method(self, right: $right) -> Self::Output {
                self.binary(Binary::$function, right)
            }
        }
    )+};
    (@datasets $op:ident $method:ident $function:ident: $($right:ty),+) => {$(
        impl $op<$right> for &GroupBy<Many> {
            type Output = Result<Dataset>;

            fn $method(self, right: $right) -> Self::Output {
                self.binary_dataset(Binary::$function, &GroupOperand::into_values(right)?)
            }
        }

        impl $op<$right> for GroupBy<Many> {
            type Output = Result<Dataset>;

            fn $method(self, right: $right) -> Self::Output {
                (&self).$method(right)
            }
        }
    )+};
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
}
