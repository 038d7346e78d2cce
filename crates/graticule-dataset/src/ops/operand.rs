//! What can stand beside a labeled array in an operation, and how the two are brought together.

use graticule_array::{Array, Binary, Scalar};

use crate::align::{self, Alignment, Join};
use crate::attrs::{Encoding, drop_conflicts};
use crate::coords::Coords;
use crate::dims::{Dim, unify_sizes};
use crate::error::Result;
use crate::index::labels_equal;
use crate::labeled::{DataArray, DataVars, Labeled, One};
use crate::variable::Variable;

/// What stands beside a labeled array: another array, or one value.
///
/// Values are weak, as Python's are in numpy: `2.0` does not widen a float32 array.
#[derive(Clone)]
pub enum Operand {
    /// An array, aligned and broadcast by its labels and dimension names.
    Array(Box<DataArray>),
    /// One value.
    Scalar(Scalar),
}

/// Anything that becomes an [`Operand`]; results of earlier operations too, so that steps chain.
pub trait IntoOperand {
    /// The operand.
    ///
    /// # Errors
    /// That of the step that was to give the operand.
    fn into_operand(self) -> Result<Operand>;

    /// How labels that differ are made to agree: exactly, unless [`Labeled::joined`] says otherwise.
    fn alignment(&self) -> Alignment {
        Join::Exact.into()
    }
}

/// An operand with a way to make labels agree, from [`Labeled::joined`].
#[derive(Clone)]
pub struct Joined<V> {
    pub(super) data: Labeled<V>,
    pub(super) alignment: Alignment,
}

impl IntoOperand for Joined<One> {
    fn into_operand(self) -> Result<Operand> {
        self.data.into_operand()
    }

    fn alignment(&self) -> Alignment {
        self.alignment.clone()
    }
}

impl IntoOperand for Operand {
    fn into_operand(self) -> Result<Operand> {
        Ok(self)
    }
}

impl IntoOperand for DataArray {
    fn into_operand(self) -> Result<Operand> {
        Ok(Operand::Array(Box::new(self)))
    }
}

impl IntoOperand for &DataArray {
    fn into_operand(self) -> Result<Operand> {
        Ok(Operand::Array(Box::new(self.clone())))
    }
}

impl IntoOperand for Result<DataArray> {
    fn into_operand(self) -> Result<Operand> {
        self.map(|array| Operand::Array(Box::new(array)))
    }
}

macro_rules! operand_from_scalar {
    ($($t:ty)+) => {$(
        impl IntoOperand for $t {
            fn into_operand(self) -> Result<Operand> {
                Ok(Operand::Scalar(self.into()))
            }
        }
    )+};
}

operand_from_scalar! { f64 f32 i64 i32 bool &str Scalar }

impl Variable {
    /// A function of this variable and another, broadcast by dimension name: this one's dimensions come first.
    pub(crate) fn binary(&self, function: Binary, other: &Self) -> Result<Self> {
        self.check_calendar(other, &format!("`{function}`"))?;
        let dims = union(&[self, other])?;
        let data = self.arranged(&dims)?.binary(function, other.arranged(&dims)?)?;
        let attrs = drop_conflicts(self.attrs(), other.attrs());
        let result = self.with_dims_and_data(dims, data)?.with_attrs(attrs).with_encoding(Encoding::new());
        Ok(result.with_calendar(self.calendar().or(other.calendar()).unwrap_or_default()))
    }

    /// The result of a function of the values alone: attributes stay, the encoding of the old values does not.
    pub(crate) fn apply(&self, f: impl FnOnce(&Array) -> graticule_array::Result<Array>) -> Result<Self> {
        Ok(self.map(f)?.with_encoding(Encoding::new()))
    }
}

/// The dimensions of variables together, those of the first first; lengths must agree.
pub(crate) fn union(variables: &[&Variable]) -> Result<Vec<Dim>> {
    let mut sizes = indexmap::IndexMap::new();
    let owners = ["the left operand", "the right operand", "the third operand"];
    for (variable, owner) in variables.iter().zip(owners) {
        unify_sizes(&mut sizes, owner, variable.sizes())?;
    }
    Ok(sizes.into_keys().collect())
}

impl Coords {
    /// The coordinates of two aligned operands. Indexes stay; where others differ, neither is kept.
    ///
    /// Coordinates that are not in memory are computed to compare them, chunk by chunk, unless they are the same
    /// expression over the same source.
    pub(crate) fn merged(&self, other: &Self) -> Result<Self> {
        let mut differing = Vec::new();
        for (name, left) in self.iter() {
            if let Some(right) = other.get(name)
                && !self.is_index(name)
                && (other.is_index(name) || !coords_equal(left, right)?)
            {
                differing.push(name);
            }
        }
        let mut merged = self.filtered(|name, _| !differing.contains(&name));
        for (name, variable) in other.iter() {
            let is_only_right = !self.contains(name) || (other.is_index(name) && !self.is_index(name));
            if is_only_right {
                merged.insert(name.into(), variable.clone())?;
            }
        }
        merged.adopt_levels(other)?;
        Ok(merged)
    }
}

fn coords_equal(left: &Variable, right: &Variable) -> Result<bool> {
    if left.dims() != right.dims() || left.calendar() != right.calendar() {
        return Ok(false);
    }
    match (left.resident(), right.resident()) {
        (Some(a), Some(b)) => Ok(labels_equal(a, b)),
        _ => left.same_data(right),
    }
}

impl<V: DataVars> Labeled<V> {
    /// A numpy ufunc of two arguments, these data first, under exact alignment.
    ///
    /// Coordinates without an index are kept where both have the same or only one has them. To tell, those that
    /// are lazy are computed, unless both come from the same place.
    ///
    /// # Errors
    /// [`crate::Error::Alignment`] when labels differ, [`crate::Error::SizeConflict`] when lengths do, and
    /// what the engine refuses, such as adding texts.
    pub fn binary(&self, function: Binary, other: impl IntoOperand) -> Result<Self> {
        let alignment = other.alignment();
        self.binary_joined(function, other, alignment)
    }

    /// These data as the right operand of an operation that makes labels agree in this way, where `a + b` alone wants
    /// them equal: xarray's option `arithmetic_join`, said where it matters.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{Alignment, DataArray, Join, Tolerance, Variable};
    /// let on = |labels: Vec<f64>| {
    ///     let data = Variable::new(["x"], Array::ones(labels.len(), "auto")?)?;
    ///     DataArray::new(None, data, [("x".into(), Variable::from_vec("x", labels)?)])
    /// };
    /// let (a, b) = (on(vec![1.0, 2.0])?, on(vec![2.0, 3.0])?);
    /// assert!((&a + &b).is_err());
    /// assert_eq!((&a + b.joined(Join::Inner))?.shape(), [1]);
    /// assert_eq!((&a + b.joined(Alignment::new(Join::Outer).fill_value(0.0)))?.shape(), [3]);
    /// let rounded = on(vec![1.0 + 1e-12, 2.0])?;
    /// let difference = (&a - rounded.joined(Alignment::new(Join::Exact).tolerance(Tolerance::Number(1e-6))))?;
    /// assert_eq!(difference.shape(), [2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn joined(&self, join: impl Into<Alignment>) -> Joined<V> {
        Joined { data: self.clone(), alignment: join.into() }
    }

    /// The same after aligning labels in another way.
    ///
    /// ```
    /// use graticule_array::{Array, Binary};
    /// use graticule_dataset::{DataArray, Join, Variable};
    /// let on = |labels: Vec<f64>| {
    ///     let data = Variable::new(["x"], Array::ones(labels.len(), "auto")?)?;
    ///     DataArray::new(None, data, [("x".into(), Variable::from_vec("x", labels)?)])
    /// };
    /// let sum = on(vec![1.0, 2.0])?.binary_joined(Binary::Add, on(vec![2.0, 3.0])?, Join::Inner)?;
    /// assert_eq!(sum.shape(), [1]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Labeled::binary`].
    pub fn binary_joined(
        &self,
        function: Binary,
        other: impl IntoOperand,
        join: impl Into<Alignment>,
    ) -> Result<Self> {
        match other.into_operand()? {
            Operand::Scalar(value) => {
                let vars =
                    self.vars.map(|variable| variable.apply(|data| data.binary(function, value.clone())))?;
                Ok(Self::from_parts(vars, self.coords.clone()))
            }
            Operand::Array(other) => {
                let picks = align::picks(&[&self.coords, &other.coords], join)?;
                let (left, right) = (align::apply(self, &picks, 0)?, align::apply(&other, &picks, 1)?);
                let mut vars = left.vars.map(|variable| variable.binary(function, right.variable()))?;
                vars.merge_name(right.name());
                Ok(Self::from_parts(vars, left.coords.merged(&right.coords)?))
            }
        }
    }

    /// A function of one argument.
    pub(crate) fn unary(&self, f: impl Fn(&Array) -> graticule_array::Result<Array>) -> Result<Self> {
        let vars = self.vars.map(|variable| variable.apply(&f))?;
        Ok(Self::from_parts(vars, self.coords.clone()))
    }
}
