//! Where the elements of an array come from when nodes only move, repeat and select them.

use std::ops::Range;

use crate::blockwise::Blockwise;
use crate::expr::{AxisSelect, Expr, Op, Reshape};
use crate::scalar::Scalar;

/// So many nodes that move elements are looked through.
const MAX_NODES: usize = 64;

/// So many positions are written down one by one.
const MAX_LISTED: usize = 1 << 22;

/// An array as elements of another one.
pub(super) struct Origin {
    /// The array that is below all nodes that only move elements.
    pub(super) base: Expr,
    /// For each axis of the base, where on it the elements are.
    pub(super) axes: Vec<Along>,
}

/// Where elements are on an axis of the base.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Along {
    /// All at one position.
    Fixed(usize),
    /// At positions that follow an axis of the array.
    Axis(usize, Positions),
}

/// The position for each element along an axis.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Positions {
    /// `start + step * i`.
    Steps { start: usize, step: isize },
    /// One for each element; nothing where a missing value stands that comes from nowhere.
    Listed(Vec<Option<usize>>),
}

impl Positions {
    pub(super) const ALL: Self = Self::Steps { start: 0, step: 1 };

    pub(super) fn at(&self, i: usize) -> Option<usize> {
        match self {
            Self::Steps { start, step } => start.checked_add_signed(step * i as isize),
            Self::Listed(positions) => positions.get(i).copied().flatten(),
        }
    }

    /// Those of some of the elements.
    fn of(&self, elements: impl ExactSizeIterator<Item = usize>) -> Option<Self> {
        (elements.len() <= MAX_LISTED).then(|| Self::Listed(elements.map(|i| self.at(i)).collect()))
    }

    fn slice(&self, start: usize, step: isize, len: usize) -> Option<Self> {
        match self {
            Self::Steps { start: first, step: stride } => {
                let start = first.checked_add_signed(stride.checked_mul(start as isize)?)?;
                Some(Self::Steps { start, step: stride.checked_mul(step)? })
            }
            Self::Listed(_) => self.of((0..len).map(|i| (start as isize + step * i as isize) as usize)),
        }
    }
}

impl Origin {
    /// The origin of an array. Of one that moves nothing, it is the array itself.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        Self::within(expr, MAX_NODES)
    }

    /// The origin of an array that is stretched to a shape, as inputs of a map are.
    pub(super) fn stretched(expr: &Expr, shape: &[usize]) -> Option<Self> {
        Self::of(expr)?.broadcast(expr.shape(), shape)
    }

    fn within(expr: &Expr, nodes: usize) -> Option<Self> {
        let nodes = nodes.checked_sub(1)?;
        let itself = || {
            let axes = (0..expr.ndim()).map(|axis| Along::Axis(axis, Positions::ALL)).collect();
            Some(Self { base: expr.clone(), axes })
        };
        match (expr.op(), expr.inputs()) {
            (Op::Rechunk(_), [input]) => Self::within(input, nodes),
            (Op::Reshape(Reshape::Permute(order)), [input]) => {
                Self::within(input, nodes)?.moved(|axis| order.iter().position(|&from| from == axis))
            }
            (Op::Reshape(Reshape::Expand { axis: new }), [input]) => {
                Self::within(input, nodes)?.moved(|axis| Some(axis + usize::from(axis >= *new)))
            }
            (Op::Reshape(Reshape::Broadcast(shape)), [input]) => {
                Self::within(input, nodes)?.broadcast(input.shape(), shape)
            }
            (Op::Select(selects), [input]) => Self::within(input, nodes)?.selected(selects),
            (Op::Join { axis }, inputs) => Self::joined(*axis, inputs, nodes),
            (Op::Blockwise(Blockwise::Gather(gather)), [input]) => {
                let Some((axis, at, positions)) = gather.along() else { return itself() };
                let gathered = Self::within(input, nodes)?.changed(|own, along| {
                    if own == axis { along.of(positions.iter().copied()) } else { Some(along.clone()) }
                });
                gathered?.moved(|own| Some(if own == axis { at } else { gather.result_axis(own) }))
            }
            _ => itself(),
        }
    }

    /// With the positions along each axis of the array replaced.
    fn changed(self, change: impl Fn(usize, &Positions) -> Option<Positions>) -> Option<Self> {
        let axes = self.axes.into_iter().map(|along| match along {
            Along::Fixed(at) => Some(Along::Fixed(at)),
            Along::Axis(axis, positions) => Some(Along::Axis(axis, change(axis, &positions)?)),
        });
        Some(Self { base: self.base, axes: axes.collect::<Option<_>>()? })
    }

    /// With other numbers for the axes of the array.
    fn moved(self, number: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        let axes = self.axes.into_iter().map(|along| match along {
            Along::Fixed(at) => Some(Along::Fixed(at)),
            Along::Axis(axis, positions) => Some(Along::Axis(number(axis)?, positions)),
        });
        Some(Self { base: self.base, axes: axes.collect::<Option<_>>()? })
    }

    fn broadcast(self, from: &[usize], to: &[usize]) -> Option<Self> {
        let missing = to.len().checked_sub(from.len())?;
        let axes = self.axes.into_iter().map(|along| match along {
            Along::Axis(axis, positions) if from.get(axis) != to.get(axis + missing) => {
                Some(Along::Fixed(positions.at(0)?))
            }
            Along::Axis(axis, positions) => Some(Along::Axis(axis + missing, positions)),
            Along::Fixed(at) => Some(Along::Fixed(at)),
        });
        Some(Self { base: self.base, axes: axes.collect::<Option<_>>()? })
    }

    fn selected(self, selects: &[AxisSelect]) -> Option<Self> {
        let kept = |axis: usize| {
            let before = selects.get(..axis)?;
            Some(before.iter().filter(|select| matches!(select, AxisSelect::Slice { .. })).count())
        };
        let axes = self.axes.into_iter().map(|along| match along {
            Along::Fixed(at) => Some(Along::Fixed(at)),
            Along::Axis(axis, positions) => match *selects.get(axis)? {
                AxisSelect::Index(i) => Some(Along::Fixed(positions.at(i)?)),
                AxisSelect::Slice { start, step, len } => {
                    Some(Along::Axis(kept(axis)?, positions.slice(start, step, len)?))
                }
            },
        });
        Some(Self { base: self.base, axes: axes.collect::<Option<_>>()? })
    }

    /// Parts of one array after another, and missing values among them.
    fn joined(axis: usize, inputs: &[Expr], nodes: usize) -> Option<Self> {
        let len = |input: &Expr| input.shape().get(axis).copied().unwrap_or(0);
        let mut whole: Option<Self> = None;
        let mut listed: Vec<Option<usize>> = Vec::new();
        for input in inputs {
            if listed.len().checked_add(len(input))? > MAX_LISTED {
                return None;
            }
            if is_missing(input) {
                listed.extend(std::iter::repeat_n(None, len(input)));
                continue;
            }
            let mut part = Self::within(input, nodes)?;
            let positions = part.take(axis)?;
            listed.extend((0..len(input)).map(|i| positions.at(i)));
            match &whole {
                Some(whole) if whole.base != part.base || whole.axes != part.axes => return None,
                Some(_) => {}
                None => whole = Some(part),
            }
        }
        whole?.changed(|own, along| {
            Some(if own == axis { Positions::Listed(listed.clone()) } else { along.clone() })
        })
    }

    /// The positions that follow an axis of the array, with all of them left in their place.
    fn take(&mut self, axis: usize) -> Option<Positions> {
        self.axes.iter_mut().find_map(|along| match along {
            Along::Axis(own, positions) if *own == axis => Some(std::mem::replace(positions, Positions::ALL)),
            Along::Axis(..) | Along::Fixed(_) => None,
        })
    }
}

/// Whether an array is NaN everywhere.
fn is_missing(expr: &Expr) -> bool {
    matches!(expr.op(), Op::Full { value: Scalar::Float(value), .. } if value.get().is_nan())
}

/// Integers in memory that vary along a single axis of an array: that axis, and the value at each position of it.
pub(super) fn known_along(expr: &Expr) -> Option<(usize, Vec<i64>)> {
    let Origin { base, axes } = Origin::of(expr)?;
    let Op::Source(source) = base.op() else { return None };
    let data = source.source().resident()?.as_slice::<i64>().ok()?;
    let mut varies: Option<(usize, &Positions, usize)> = None;
    let (mut first, mut stride) = (0, 1);
    for (along, &len) in axes.iter().zip(base.shape()).rev() {
        match along {
            Along::Fixed(at) => first += at * stride,
            Along::Axis(axis, positions) if expr.shape()[*axis] == 1 => first += positions.at(0)? * stride,
            Along::Axis(axis, positions) if varies.is_none() => varies = Some((*axis, positions, stride)),
            Along::Axis(..) => return None,
        }
        stride *= len;
    }
    let (axis, positions, stride) = varies?;
    let along: Range<usize> = 0..expr.shape()[axis];
    if along.len() > MAX_LISTED {
        return None;
    }
    let values = along.map(|i| data.get(first + positions.at(i)? * stride).copied());
    Some((axis, values.collect::<Option<_>>()?))
}
