//! Arrays of indices: choosing among arrays by number, flat positions and their coordinates.

use crate::array::Array;
use crate::blockwise::Blockwise;
use crate::blockwise::in_range::InRange;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::function::Binary;
use crate::grid::IntoShape;

impl Array {
    /// For each element, which is a number from 0 on, the element of the array of that number: numpy's `choose`. All
    /// arrays broadcast together, and their dtypes are promoted to one that holds all.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// let y = (&x % 2)?.choose_from(&[x.clone(), (&x * 10)?])?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [0, 10, 2, 30]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for no choices, [`Error::Dtype`] when the numbers are no integers, [`Error::Shape`] when the
    /// arrays do not broadcast; while computing, [`Error::Argument`] for a number that there is no choice for.
    pub fn choose_from(&self, choices: &[Self]) -> Result<Self> {
        let Some((last, others)) = choices.split_last() else {
            return Err(Error::argument("choices", "[]", "give at least one array to choose from"));
        };
        let number = self.checked_index(choices.len(), "choose")?;
        let mut dtype = last.dtype();
        for choice in others {
            dtype = dtype.promote(choice.dtype())?;
        }
        // The last is chosen where no other is; a choice of one still takes the shape of all.
        let mut chosen =
            number.equal(others.len() as i64)?.choose(&last.astype(dtype)?, &last.astype(dtype)?)?;
        for (i, choice) in others.iter().enumerate().rev() {
            chosen = number.equal(i as i64)?.choose(&choice.astype(dtype)?, &chosen)?;
        }
        Ok(chosen)
    }

    /// The coordinates, one array an axis, of elements that are given by their position in C order in a shape: numpy's
    /// `unravel_index`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let at = Array::arange(24)?.unravel_index((2, 3, 4))?;
    /// let second: Vec<i64> = at.iter().map(|axis| axis.index_axis(0, 17)?.compute()?.item()).collect::<Result<_, _>>()?;
    /// assert_eq!(second, [1, 1, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dtype`] when the positions are no integers, [`Error::Argument`] for a shape without end; while
    /// computing, [`Error::Argument`] for a position outside the shape.
    pub fn unravel_index(&self, shape: impl IntoShape) -> Result<Vec<Self>> {
        let shape = shape.into_shape();
        let (strides, size) = strides(&shape)?;
        let position = self.checked_index(size, "unravel_index")?;
        let axes = shape.iter().zip(strides);
        axes.map(|(&len, stride)| {
            // An empty shape has no positions, but a formula divides by what it is given.
            let row = position.binary(Binary::FloorDivide, stride.max(1) as i64)?;
            row.binary(Binary::Remainder, len.max(1) as i64)
        })
        .collect()
    }

    /// Coordinates, one array an axis, as positions in C order in a shape: numpy's `ravel_multi_index`. The arrays
    /// broadcast together.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let [rows, columns] = [Array::arange(2)?, Array::full(3, 2, "auto")?];
    /// let flat = Array::ravel_multi_index(&[rows, columns], (2, 4))?;
    /// assert_eq!(flat.compute()?.as_slice::<i64>()?, [3, 7]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there is not one array for each axis or the shape has no end, [`Error::Dtype`] when
    /// coordinates are no integers, [`Error::Shape`] when they do not broadcast; while computing, [`Error::Argument`]
    /// for a coordinate outside the shape.
    pub fn ravel_multi_index(coordinates: &[Self], shape: impl IntoShape) -> Result<Self> {
        let shape = shape.into_shape();
        if coordinates.len() != shape.len() || shape.is_empty() {
            let hint = format!("give one array for each of the axes of {shape:?}");
            return Err(Error::argument("coordinates", format!("{} arrays", coordinates.len()), hint));
        }
        let (strides, _) = strides(&shape)?;
        let mut sum: Option<Self> = None;
        for ((coordinate, &len), stride) in coordinates.iter().zip(&shape).zip(strides) {
            let term = (coordinate.checked_index(len, "ravel_multi_index")? * stride as i64)?;
            sum = Some(match sum {
                Some(sum) => (sum + term)?,
                None => term,
            });
        }
        sum.ok_or_else(|| Error::defect("no coordinates"))
    }

    /// The array as int64, refused while computing where an element is not in `0..len`.
    fn checked_index(&self, len: usize, what: &str) -> Result<Self> {
        if !(self.dtype().is_integer() || self.dtype() == DType::Bool) {
            return Err(Error::Dtype {
                operation: what.into(),
                dtype: self.dtype(),
                hint: "it takes integers; cast with astype(DType::I64) first".into(),
            });
        }
        let op = Op::Blockwise(Blockwise::InRange(InRange { len: len as u64, what: what.into() }));
        Ok(Self::from_expr(Expr::new(op, vec![self.astype(DType::I64)?.expr().clone()])?))
    }
}

/// The distance, in elements in C order, between neighbours on each axis, and how many elements there are.
fn strides(shape: &[usize]) -> Result<(Vec<usize>, usize)> {
    let mut strides = vec![1usize; shape.len()];
    let beyond =
        || Error::argument("shape", format!("{shape:?}"), "it has more elements than int64 can count");
    let mut stride = 1usize;
    for (own, &len) in strides.iter_mut().zip(shape).rev() {
        *own = stride;
        stride = stride.checked_mul(len).filter(|&size| size <= i64::MAX as usize).ok_or_else(beyond)?;
    }
    Ok((strides, stride))
}
