//! Missing values: finding them, filling them, making them.

use graticule_array::{Argument, Array, Scalar};
use indexmap::IndexMap;

use super::operand::{IntoOperand, Operand, union};
use crate::align::{self, Alignment, Join, able_to_miss, missing_value};
use crate::attrs::Encoding;
use crate::coords::Coords;
use crate::error::Result;
use crate::labeled::{DataArray, DataVars, Dataset, Labeled, Many};
use crate::variable::Variable;

impl<V: DataVars> Labeled<V> {
    /// Whether the elements are missing: NaN or NaT. Integers, bools and texts never are.
    ///
    /// # Errors
    /// None for data that exist.
    pub fn isnull(&self) -> Result<Self> {
        self.unary(|data| match data.dtype().has_missing() {
            true => data.isnan(),
            false => Array::full(false, data.shape(), vec![0; data.ndim()]),
        })
    }

    /// Whether the elements are not missing.
    ///
    /// # Errors
    /// None for data that exist.
    pub fn notnull(&self) -> Result<Self> {
        let null = self.isnull()?;
        !null
    }

    /// The data where `cond` is true, missing elsewhere.
    ///
    /// Small integers become float32 and others float64, so that they can be missing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let x = DataArray::new(None, Variable::new(["x"], Array::arange(4)?)?, [])?;
    /// assert_eq!(x.where_(x.ge(2))?.mean(())?.item()?, 2.5);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// Labels that differ are an error unless the condition is [`Labeled::joined`]: `x.where_(cond.joined(Join::Inner))`
    /// keeps those that both have, as xarray does.
    ///
    /// # Errors
    /// As [`Labeled::binary`]; texts have no missing value.
    pub fn where_(&self, cond: impl IntoOperand) -> Result<Self> {
        let alignment = cond.alignment();
        self.choose(cond.into_operand()?, None, alignment)
    }

    /// The data where `cond` is true, `other` elsewhere. How labels are made to agree is said of the condition or, where
    /// nothing is said of that, of `other`.
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn where_else(&self, cond: impl IntoOperand, other: impl IntoOperand) -> Result<Self> {
        let alignment = cond.alignment().or(other.alignment());
        self.choose(cond.into_operand()?, Some(other.into_operand()?), alignment)
    }

    /// The data with missing values replaced. `x.fillna(y.joined(Join::Left))` keeps the labels of `x`, as xarray does.
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn fillna(&self, value: impl IntoOperand) -> Result<Self> {
        let alignment = value.alignment();
        let value = value.into_operand()?;
        let (vars, coords) = match &value {
            Operand::Scalar(value) => {
                let vars = self.vars.map(|variable| {
                    variable.apply(|data| match data.dtype().has_missing() {
                        true => data.isnan()?.choose(value.clone(), data),
                        false => Ok(data.clone()),
                    })
                })?;
                (vars, self.coords.clone())
            }
            Operand::Array(other) => {
                let picks = align::picks(&[&self.coords, &other.coords], alignment)?;
                let (left, right) = (align::apply(self, &picks, 0)?, align::apply(other, &picks, 1)?);
                let vars = left.vars.map(|variable| filled(variable, right.variable()))?;
                (vars, left.coords.merged(&right.coords)?)
            }
        };
        Ok(Self::from_parts(vars, coords))
    }

    fn choose(&self, cond: Operand, other: Option<Operand>, alignment: Alignment) -> Result<Self> {
        let mut parts: Vec<&Coords> = vec![&self.coords];
        for operand in [Some(&cond), other.as_ref()].into_iter().flatten() {
            if let Operand::Array(array) = operand {
                parts.push(&array.coords);
            }
        }
        let picks = align::picks(&parts, alignment)?;
        let data = align::apply(self, &picks, 0)?;
        let mut operand = 0;
        let mut coords = data.coords.clone();
        let mut aligned = |array: &DataArray| -> Result<Variable> {
            operand += 1;
            let array = align::apply(array, &picks, operand)?;
            coords = coords.merged(&array.coords)?;
            Ok(array.variable().clone())
        };
        let cond = match &cond {
            Operand::Array(array) => Condition::Variable(aligned(array)?),
            Operand::Scalar(value) => Condition::Scalar(value.clone()),
        };
        let other = match &other {
            None => Choice::Missing,
            Some(Operand::Scalar(value)) => Choice::Scalar(value.clone()),
            Some(Operand::Array(array)) => Choice::Variable(aligned(array)?),
        };
        let vars = data.vars.map(|variable| chosen(variable, &cond, &other, false))?;
        Ok(Self::from_parts(vars, coords))
    }
}

impl DataArray {
    /// The array with its missing values taken from another, under the labels that any of the two has.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable};
    /// let on = |labels: Vec<f64>, values: Vec<f64>| {
    ///     DataArray::new(None, Variable::from_vec("x", values)?, [("x".into(), Variable::from_vec("x", labels)?)])
    /// };
    /// let (a, b) = (on(vec![1.0, 2.0], vec![5.0, f64::NAN])?, on(vec![2.0, 3.0], vec![6.0, 7.0])?);
    /// assert_eq!(a.combine_first(&b)?.values::<f64>()?.into_raw_vec_and_offset().0, [5.0, 6.0, 7.0]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`align`](crate::align).
    pub fn combine_first(&self, other: &Self) -> Result<Self> {
        let picks = align::picks(&[&self.coords, &other.coords], Join::Outer)?;
        let (left, right) = (align::apply(self, &picks, 0)?, align::apply(other, &picks, 1)?);
        let vars = left.vars.map(|variable| filled(variable, right.variable()))?;
        Ok(Self::from_parts(vars, left.coords.merged(&right.coords)?))
    }
}

impl Dataset {
    /// The dataset with missing values, variables and coordinates taken from another, under the labels that any of
    /// the two has.
    ///
    /// # Errors
    /// As [`align`](crate::align).
    pub fn combine_first(&self, other: &Self) -> Result<Self> {
        let picks = align::picks(&[&self.coords, &other.coords], Join::Outer)?;
        let (left, right) = (align::apply(self, &picks, 0)?, align::apply(other, &picks, 1)?);
        let mut variables: IndexMap<String, Variable> = IndexMap::new();
        for (name, variable) in left.data_vars() {
            let variable = match right.data_vars().get(name) {
                Some(other) => filled(variable, other)?,
                None => variable.clone(),
            };
            variables.insert(name.clone(), variable);
        }
        for (name, variable) in right.data_vars() {
            variables.entry(name.clone()).or_insert_with(|| variable.clone());
        }
        let coords = left.coords.merged(&right.coords)?;
        Self::checked(Many { variables, ..left.vars }, coords)
    }
}

/// A variable with its missing values taken from another.
pub(crate) fn filled(variable: &Variable, other: &Variable) -> Result<Variable> {
    if !variable.dtype().has_missing() {
        return Ok(variable.clone());
    }
    let missing = Condition::Variable(variable.map(|data| data.isnan())?);
    chosen(variable, &missing, &Choice::Variable(other.clone()), true)
}

enum Condition {
    Scalar(Scalar),
    Variable(Variable),
}

enum Choice {
    Missing,
    Scalar(Scalar),
    Variable(Variable),
}

/// `variable` where `cond` holds, else `other`; the other way round when `inverted`.
fn chosen(variable: &Variable, cond: &Condition, other: &Choice, inverted: bool) -> Result<Variable> {
    let mut parts = vec![variable];
    if let Condition::Variable(cond) = cond {
        parts.push(cond);
    }
    if let Choice::Variable(other) = other {
        parts.push(other);
    }
    if let Choice::Variable(other) = other {
        variable.check_calendar(other, "choosing between values")?;
    }
    let dims = union(&parts)?;
    let data = variable.arranged(&dims)?;
    let cond = match cond {
        Condition::Variable(cond) => cond.arranged(&dims)?,
        Condition::Scalar(value) => Array::full(value.clone(), vec![1; data.ndim()], vec![0; data.ndim()])?,
    };
    let (yes, no): (Argument, Argument) = match other {
        Choice::Missing => {
            let data = able_to_miss(data)?;
            let missing = missing_value(data.dtype());
            return finish(variable, dims, cond.choose(&data, missing)?);
        }
        Choice::Scalar(value) => (data.into(), Argument::from(value.clone())),
        Choice::Variable(other) => (data.into(), other.arranged(&dims)?.into()),
    };
    let result = if inverted { cond.choose(no, yes)? } else { cond.choose(yes, no)? };
    finish(variable, dims, result)
}

fn finish(variable: &Variable, dims: Vec<crate::dims::Dim>, data: Array) -> Result<Variable> {
    Ok(variable.with_dims_and_data(dims, data)?.with_encoding(Encoding::new()))
}
