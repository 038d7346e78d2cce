//! The operators `+ - * / %`, negation and `!`.
//!
//! Every operator gives a `Result`, and one may stand on the right of an operator, so steps chain:
//! `(&ssh - ssh.mean("time"))?`. Numbers are `f64` or `i64`, so that a literal has one meaning; they are weak and
//! do not widen a float32 array.

use std::ops::{Add, Div, Mul, Neg, Not, Rem, Sub};

use graticule_array::{Binary, Unary};
use indexmap::IndexMap;

use super::operand::Joined;
use crate::align::{self, Alignment, Join};
use crate::attrs::{Encoding, drop_conflicts};
use crate::error::Result;
use crate::labeled::{DataArray, DataVars, Dataset, Labeled, Many, One};

macro_rules! operators {
    ($($op:ident $method:ident;)+) => {$(
        operators!(@left &Labeled<V>, $op $method: &DataArray, DataArray, Result<DataArray>, Joined<One>, f64, i64);
        operators!(@left Labeled<V>, $op $method: &DataArray, DataArray, Result<DataArray>, Joined<One>, f64, i64);
        operators!(@scalar $op $method: f64 i64);
        operators!(@datasets $op $method);
    )+};
    (@left $left:ty, $op:ident $method:ident: $($right:ty),+) => {$(
        impl<V: DataVars> $op<$right> for $left {
            type Output = Result<Labeled<V>>;

            fn $method(self, right: $right) -> Self::Output {
                self.binary(operators!(@function $op), right)
            }
        }
    )+};
    (@scalar $op:ident $method:ident: $($left:ty)+) => {$(
        impl<V: DataVars> $op<&Labeled<V>> for $left {
            type Output = Result<Labeled<V>>;

            fn $method(self, right: &Labeled<V>) -> Self::Output {
                right.unary(|data| self.$method(data))
            }
        }

        impl<V: DataVars> $op<Labeled<V>> for $left {
            type Output = Result<Labeled<V>>;

            fn $method(self, right: Labeled<V>) -> Self::Output {
                right.unary(|data| self.$method(data))
            }
        }
    )+};
    (@datasets $op:ident $method:ident) => {
        impl $op<&Dataset> for &Dataset {
            type Output = Result<Dataset>;

            fn $method(self, right: &Dataset) -> Self::Output {
                between_datasets(operators!(@function $op), self, right, Join::Exact.into())
            }
        }

        impl $op<Joined<Many>> for &Dataset {
            type Output = Result<Dataset>;

            fn $method(self, right: Joined<Many>) -> Self::Output {
                between_datasets(operators!(@function $op), self, &right.data, right.alignment)
            }
        }
    };
    (@function Add) => { Binary::Add };
    (@function Sub) => { Binary::Subtract };
    (@function Mul) => { Binary::Multiply };
    (@function Div) => { Binary::Divide };
    (@function Rem) => { Binary::Remainder };
}

operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
    Rem rem;
}

/// The variables that both datasets have, combined by name.
pub(crate) fn between_datasets(
    function: Binary,
    left: &Dataset,
    right: &Dataset,
    alignment: Alignment,
) -> Result<Dataset> {
    let picks = align::picks(&[left.coords(), right.coords()], alignment)?;
    let (left, right) = (align::apply(left, &picks, 0)?, align::apply(right, &picks, 1)?);
    let mut variables = IndexMap::new();
    for (name, variable) in left.data_vars() {
        if let Some(other) = right.data_vars().get(name) {
            variables.insert(name.clone(), variable.binary(function, other)?);
        }
    }
    let attrs = drop_conflicts(left.attrs(), right.attrs());
    let vars = Many { variables, attrs, encoding: Encoding::new() };
    Ok(Labeled::from_parts(vars, left.coords().merged(right.coords())?))
}

impl<V: DataVars> Neg for &Labeled<V> {
    type Output = Result<Labeled<V>>;

    fn neg(self) -> Self::Output {
        self.unary(|data| data.unary(Unary::Negative))
    }
}

impl<V: DataVars> Neg for Labeled<V> {
    type Output = Result<Self>;

    fn neg(self) -> Self::Output {
        -&self
    }
}

impl<V: DataVars> Not for &Labeled<V> {
    type Output = Result<Labeled<V>>;

    fn not(self) -> Self::Output {
        self.unary(|data| data.unary(Unary::LogicalNot))
    }
}

impl<V: DataVars> Not for Labeled<V> {
    type Output = Result<Self>;

    fn not(self) -> Self::Output {
        !&self
    }
}
