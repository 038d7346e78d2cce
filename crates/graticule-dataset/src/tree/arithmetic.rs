//! Trees with numbers, arrays and trees.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use graticule_array::Binary;

use super::{DataTree, map_over_datasets};
use crate::align::{Alignment, Join};
use crate::error::Result;
use crate::ops::{IntoOperand, Operand, between_datasets};

/// What stands beside a tree: another with the same nodes, or what every node is combined with.
#[derive(Clone)]
pub enum TreeOperand {
    /// A tree with the same nodes, which are combined one by one.
    Tree(Box<DataTree>),
    /// A number or an array, and how labels are made to agree.
    Same(Operand, Alignment),
}

/// Anything that becomes a [`TreeOperand`]; results of earlier operations too, so that steps chain.
pub trait IntoTreeOperand {
    /// The operand.
    ///
    /// # Errors
    /// That of the step that was to give the operand.
    fn into_tree_operand(self) -> Result<TreeOperand>;
}

impl<T: IntoOperand> IntoTreeOperand for T {
    fn into_tree_operand(self) -> Result<TreeOperand> {
        let alignment = self.alignment();
        Ok(TreeOperand::Same(self.into_operand()?, alignment))
    }
}

impl IntoTreeOperand for DataTree {
    fn into_tree_operand(self) -> Result<TreeOperand> {
        Ok(TreeOperand::Tree(Box::new(self)))
    }
}

impl IntoTreeOperand for &DataTree {
    fn into_tree_operand(self) -> Result<TreeOperand> {
        Ok(TreeOperand::Tree(Box::new(self.clone())))
    }
}

impl IntoTreeOperand for Result<DataTree> {
    fn into_tree_operand(self) -> Result<TreeOperand> {
        self.map(|tree| TreeOperand::Tree(Box::new(tree)))
    }
}

impl DataTree {
    /// A numpy ufunc of two arguments in every node, this tree's first, as [`Dataset::binary`](crate::Labeled::binary).
    ///
    /// # Errors
    /// [`crate::Error::Argument`] for a tree with other nodes, and what a node meets.
    pub fn binary(&self, function: Binary, other: impl IntoTreeOperand) -> Result<Self> {
        match other.into_tree_operand()? {
            TreeOperand::Same(other, alignment) => self.map_over_datasets(|dataset| {
                dataset.binary_joined(function, other.clone(), alignment.clone())
            }),
            TreeOperand::Tree(other) => map_over_datasets([self, &other], |[left, right]| {
                between_datasets(function, left, right, Join::Exact.into())
            }),
        }
    }
}

macro_rules! operators {
    ($($op:ident $method:ident $function:ident;)+) => {$(
        impl<T: IntoTreeOperand> $op<T> for &DataTree {
            type Output = Result<DataTree>;

            fn $method(self, right: T) -> Self::Output {
                self.binary(Binary::$function, right)
            }
        }

        impl<T: IntoTreeOperand> $op<T> for DataTree {
            type Output = Result<DataTree>;

            fn $method(self, right: T) -> Self::Output {
                self.binary(Binary::$function, right)
            }
        }

        operators!(@number f64, $op $method);
        operators!(@number i64, $op $method);
    )+};
    (@number $left:ty, $op:ident $method:ident) => {
        impl $op<&DataTree> for $left {
            type Output = Result<DataTree>;

            fn $method(self, right: &DataTree) -> Self::Output {
                right.map_over_datasets(|dataset| self.$method(dataset))
            }
        }
    };
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
    Rem rem Remainder;
}

impl Neg for &DataTree {
    type Output = Result<DataTree>;

    fn neg(self) -> Self::Output {
        self.map_over_datasets(|dataset| -dataset)
    }
}
