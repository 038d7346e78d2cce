//! Selecting by position: `isel`.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use graticule_array::{Array, Buffer, Chunk, Scalar};
use ndarray::{SliceInfo, SliceInfoElem};

use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::gather;
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::variable::Variable;

/// Positions along a dimension: one, a range, or several. Negative numbers count from the end.
///
/// A range that reaches past an end stops there, as in Python. `s![..;2]` makes a range with a step; with a
/// negative step it is taken backwards, so `s![..;-1]` reverses. Clippy takes a literal such as `1..-1` for an
/// empty range: select in two steps, `1..` and then `..-1`.
#[derive(Debug, Clone)]
pub enum Positions {
    /// One position; the dimension disappears.
    One(isize),
    /// The positions from `start` up to but without `end`, every `step`-th.
    Slice {
        /// The first position.
        start: isize,
        /// The position after the last; nothing for the end of the dimension.
        end: Option<isize>,
        /// From one position to the next; negative takes the range backwards.
        step: isize,
    },
    /// Positions in any order.
    Many(Vec<isize>),
    /// The positions where a mask, as long as the dimension, holds.
    Mask(Vec<bool>),
    /// The positions that an array of integers holds, or where an array of bools along the dimension holds. The
    /// result has the dimensions and the coordinates of the array in place of the dimension; see
    /// [`Labeled::isel_dims`].
    Array(Box<DataArray>),
}

/// A position of any integer type. What is too large for any dimension stays so, and does not become a position
/// counted from the end.
fn signed<T: TryInto<isize>>(position: T) -> isize {
    position.try_into().unwrap_or(isize::MAX)
}

macro_rules! positions_from {
    ($($t:ty)+) => {$(
        impl From<$t> for Positions {
            fn from(position: $t) -> Self {
                Self::One(signed(position))
            }
        }

        impl From<Range<$t>> for Positions {
            fn from(range: Range<$t>) -> Self {
                Self::Slice { start: signed(range.start), end: Some(signed(range.end)), step: 1 }
            }
        }

        impl From<RangeInclusive<$t>> for Positions {
            fn from(range: RangeInclusive<$t>) -> Self {
                Self::Slice { start: signed(*range.start()), end: after(signed(*range.end())), step: 1 }
            }
        }

        impl From<RangeFrom<$t>> for Positions {
            fn from(range: RangeFrom<$t>) -> Self {
                Self::Slice { start: signed(range.start), end: None, step: 1 }
            }
        }

        impl From<RangeTo<$t>> for Positions {
            fn from(range: RangeTo<$t>) -> Self {
                Self::Slice { start: 0, end: Some(signed(range.end)), step: 1 }
            }
        }

        impl From<RangeToInclusive<$t>> for Positions {
            fn from(range: RangeToInclusive<$t>) -> Self {
                Self::Slice { start: 0, end: after(signed(range.end)), step: 1 }
            }
        }

        impl From<Vec<$t>> for Positions {
            fn from(positions: Vec<$t>) -> Self {
                Self::Many(positions.into_iter().map(signed).collect())
            }
        }

        impl From<&[$t]> for Positions {
            fn from(positions: &[$t]) -> Self {
                Self::Many(positions.iter().copied().map(signed).collect())
            }
        }

        impl<const N: usize> From<[$t; N]> for Positions {
            fn from(positions: [$t; N]) -> Self {
                Self::Many(positions.into_iter().map(signed).collect())
            }
        }
    )+};
}

positions_from! { i32 i64 isize usize }

/// The position after an inclusive end: after the last one, -1, comes the end of the dimension.
fn after(end: isize) -> Option<isize> {
    (end != -1).then(|| end.saturating_add(1))
}

impl From<Vec<bool>> for Positions {
    fn from(mask: Vec<bool>) -> Self {
        Self::Mask(mask)
    }
}

impl From<&[bool]> for Positions {
    fn from(mask: &[bool]) -> Self {
        Self::Mask(mask.to_vec())
    }
}

impl<const N: usize> From<[bool; N]> for Positions {
    fn from(mask: [bool; N]) -> Self {
        Self::Mask(mask.to_vec())
    }
}

impl From<&DataArray> for Positions {
    fn from(positions: &DataArray) -> Self {
        Self::Array(Box::new(positions.clone()))
    }
}

impl From<RangeFull> for Positions {
    fn from(_: RangeFull) -> Self {
        Self::Slice { start: 0, end: None, step: 1 }
    }
}

impl From<ndarray::Slice> for Positions {
    fn from(slice: ndarray::Slice) -> Self {
        Self::Slice { start: slice.start, end: slice.end, step: slice.step }
    }
}

impl<D: ndarray::Dimension, E: ndarray::Dimension> From<SliceInfo<[SliceInfoElem; 1], D, E>> for Positions {
    fn from(info: SliceInfo<[SliceInfoElem; 1], D, E>) -> Self {
        match info[0] {
            SliceInfoElem::Index(position) => Self::One(position),
            SliceInfoElem::Slice { start, end, step } => Self::Slice { start, end, step },
            // `s![NewAxis]` takes nothing from the dimension, so all of it stays.
            SliceInfoElem::NewAxis => (..).into(),
        }
    }
}

/// Positions that are known to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    One(usize),
    Stride { start: usize, step: isize, len: usize },
    Many(Vec<usize>),
}

impl Pick {
    /// Positions as a stride, where they are at equal distances.
    pub(crate) fn of_positions(positions: Vec<usize>) -> Self {
        let (Some(&start), second) = (positions.first(), positions.get(1)) else {
            return Self::Stride { start: 0, step: 1, len: 0 };
        };
        let step = second.map_or(1, |&second| second as isize - start as isize);
        let even =
            positions.iter().enumerate().all(|(i, &p)| p as isize == start as isize + step * i as isize);
        if even && step != 0 {
            Self::Stride { start, step, len: positions.len() }
        } else {
            Self::Many(positions)
        }
    }

    /// The positions in order.
    pub(crate) fn positions(&self) -> Vec<usize> {
        match self {
            Self::One(position) => vec![*position],
            Self::Stride { start, step, len } => {
                (0..*len as isize).map(|i| (*start as isize + i * step) as usize).collect()
            }
            Self::Many(positions) => positions.clone(),
        }
    }
}

impl Positions {
    pub(crate) fn resolve(&self, dim: &Dim, len: usize) -> Result<Pick> {
        let one = |index: isize| {
            let wrapped = if index < 0 { index.saturating_add(len as isize) } else { index };
            usize::try_from(wrapped).ok().filter(|&position| position < len).ok_or_else(|| Error::Index {
                dim: dim.clone(),
                index,
                len,
            })
        };
        match self {
            Self::Mask(mask) if mask.len() == len => {
                let held = mask.iter().enumerate().filter(|(_, held)| **held);
                Ok(Pick::of_positions(held.map(|(position, _)| position).collect()))
            }
            Self::Mask(mask) => {
                let hint = format!("dimension {dim:?} has length {len}; give a mask as long");
                Err(Error::argument("mask", format!("{} values", mask.len()), hint))
            }
            Self::Array(array) => {
                let values = array.variable().values()?;
                match positions_in(&values, dim)? {
                    Self::Array(_) => Err(Error::argument("positions", dim, "give integers or bools")),
                    positions => positions.resolve(dim, len),
                }
            }
            Self::One(index) => Ok(Pick::One(one(*index)?)),
            Self::Many(indices) => {
                let positions = indices.iter().map(|&index| one(index)).collect::<Result<Vec<_>>>()?;
                Ok(Pick::of_positions(positions))
            }
            Self::Slice { start, end, step } => {
                if *step == 0 {
                    let hint = "use a positive step, or a negative one to go backwards";
                    return Err(Error::argument("step", 0, hint));
                }
                let bound = |index: isize| {
                    let wrapped = if index < 0 { index.saturating_add(len as isize) } else { index };
                    wrapped.clamp(0, len as isize) as usize
                };
                let (start, end) = (bound(*start), end.map_or(len, bound));
                let count = end.saturating_sub(start).div_ceil(step.unsigned_abs());
                let first = if *step > 0 || count == 0 { start } else { end - 1 };
                Ok(Pick::Stride { start: first.min(len.saturating_sub(1)), step: *step, len: count })
            }
        }
    }
}

/// The positions that a block of integers or bools holds, in C order.
pub(super) fn positions_in(values: &Chunk, dim: &str) -> Result<Positions> {
    if let Buffer::Bool(mask) = values.buffer() {
        return Ok(Positions::Mask(mask.clone()));
    }
    let positions = (0..values.len()).map(|i| match values.get(i) {
        Some(Scalar::Int(position)) => Ok(signed(position)),
        Some(Scalar::UInt(position)) => Ok(signed(position)),
        _ => {
            let hint = "positions are integers, masks are bools; to select by label use sel";
            Err(Error::argument("positions", format!("{} along {dim:?}", values.dtype()), hint))
        }
    });
    Ok(Positions::Many(positions.collect::<Result<_>>()?))
}

impl Variable {
    /// The elements at some positions of a dimension; the variable itself where it lacks the dimension.
    pub(crate) fn pick(&self, dim: &str, pick: &Pick) -> Result<Self> {
        let Some(axis) = self.axis(dim) else { return Ok(self.clone()) };
        let mut dims = self.dims().to_vec();
        if matches!(pick, Pick::One(_)) {
            dims.remove(axis);
        }
        if let Some(chunk) = self.resident()
            && self.ndim() == 1
            && self.data().chunks().count() <= 1
        {
            // Labels and other short vectors stay in memory, without a detour through a plan.
            let picked = gather(chunk, &pick.positions())?;
            let shape = if dims.is_empty() { Vec::new() } else { vec![picked.len()] };
            let picked = Chunk::from_buffer(shape, picked.dtype(), picked.buffer().clone())?;
            return self.with_dims_and_data(dims, Array::from_chunk(picked)?);
        }
        let axis = axis as isize;
        let data = match pick {
            Pick::One(position) => self.data().index_axis(axis, *position as isize)?,
            Pick::Stride { start, step, len } => self.data().stride_axis(axis, *start, *step, *len)?,
            Pick::Many(positions) => {
                let positions: Vec<isize> = positions.iter().map(|&position| position as isize).collect();
                self.data().take(axis, &positions)?
            }
        };
        self.with_dims_and_data(dims, data)
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data at some positions of a dimension: one, a range, or several.
    ///
    /// With one position the dimension disappears and its coordinate stays as a value without axes.
    ///
    /// ```
    /// use graticule_array::{Array, s};
    /// use graticule_dataset::{DataArray, Variable};
    /// let data = Variable::new(["time", "lat"], Array::ones((6, 4), "auto")?)?;
    /// let da = DataArray::new(None, data, [])?;
    /// assert_eq!(da.isel("time", 0)?.shape(), [4]);
    /// assert_eq!(da.isel("time", -2..)?.shape(), [2, 4]);
    /// assert_eq!(da.isel("lat", [3, 0])?.shape(), [6, 2]);
    /// assert_eq!(da.isel("lat", s![..;-2])?.shape(), [6, 2]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`] when there is no such dimension, [`Error::Index`] for a position outside it.
    pub fn isel(&self, dim: &str, positions: impl Into<Positions>) -> Result<Self> {
        match positions.into() {
            array @ Positions::Array(_) => self.isel_dims([(dim, array)]),
            positions => self.pick(dim, &positions.resolve(&Dim::new(dim), self.size(dim)?)?),
        }
    }

    /// The data at positions that are known to exist.
    pub(crate) fn pick(&self, dim: &str, pick: &Pick) -> Result<Self> {
        let vars = self.vars.map(|variable| variable.pick(dim, pick))?;
        let coords = self.coords.mapped(|_, variable| Ok(Some(variable.pick(dim, pick)?)))?;
        Ok(Self::from_parts(vars, coords))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(positions: impl Into<Positions>) -> Vec<usize> {
        positions.into().resolve(&Dim::new("x"), 5).unwrap().positions()
    }

    #[test]
    fn ranges_follow_python() {
        assert_eq!(resolved(1..3), [1, 2]);
        assert_eq!(resolved(..=1), [0, 1]);
        assert_eq!(resolved(-2..), [3, 4]);
        assert_eq!(resolved(-3..=-1), [2, 3, 4]);
        assert_eq!(resolved(2..100), [2, 3, 4]);
        assert_eq!(resolved(..-3), [0, 1]);
        assert!(resolved(ndarray::Slice::new(3, Some(1), 1)).is_empty());
        assert_eq!(resolved(ndarray::Slice::new(1, Some(-1), 1)), [1, 2, 3]);
        assert!(resolved(7..9).is_empty());
        assert_eq!(resolved(ndarray::s![..;-2]), [4, 2, 0]);
        assert_eq!(resolved(ndarray::s![1..4;2]), [1, 3]);
        assert_eq!(resolved([4, -5, 4]), [4, 0, 4]);
    }

    #[test]
    fn a_position_outside_says_what_is_inside() {
        let error = Positions::from(5).resolve(&Dim::new("time"), 5).unwrap_err();
        assert_eq!(error.to_string(), "index 5 is outside dimension \"time\" of length 5; use -5 to 4");
        assert!(Positions::from(isize::MIN).resolve(&Dim::new("time"), 5).is_err());
    }

    #[test]
    fn even_positions_are_a_stride() {
        assert_eq!(Pick::of_positions(vec![6, 4, 2]), Pick::Stride { start: 6, step: -2, len: 3 });
        assert_eq!(Pick::of_positions(vec![1, 1]), Pick::Many(vec![1, 1]));
        assert_eq!(Pick::of_positions(vec![3]), Pick::Stride { start: 3, step: 1, len: 1 });
    }
}
