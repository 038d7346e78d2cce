//! Sums of products over axes that arrays share.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::blockwise::{Blockwise, Contract, Diagonal};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::function::Binary;
use crate::grid::{AUTO_CHUNK_BYTES, AxisChunks, ChunkGrid};
use crate::ops::normalize_axis;

/// Which axes of two arrays are summed over together.
///
/// A number `n`: the last `n` of the left and the first `n` of the right. A pair of numbers or of lists: those of the
/// left and those of the right, one for one; negative numbers count from the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractAxes {
    /// The last axes of the left with the first of the right.
    Count(usize),
    /// Those of the left with those of the right.
    Pairs(Vec<isize>, Vec<isize>),
}

impl From<usize> for ContractAxes {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<(isize, isize)> for ContractAxes {
    fn from((left, right): (isize, isize)) -> Self {
        Self::Pairs(vec![left], vec![right])
    }
}

impl<const N: usize> From<([isize; N], [isize; N])> for ContractAxes {
    fn from((left, right): ([isize; N], [isize; N])) -> Self {
        Self::Pairs(left.to_vec(), right.to_vec())
    }
}

impl From<(Vec<isize>, Vec<isize>)> for ContractAxes {
    fn from((left, right): (Vec<isize>, Vec<isize>)) -> Self {
        Self::Pairs(left, right)
    }
}

impl Array {
    /// The sum of products over pairs of axes, as `numpy.tensordot`: the result has the left array's other axes, then
    /// the right's.
    ///
    /// Blocks are multiplied chunk by chunk. Where the contracted axes are in one chunk, each block of the result is
    /// one product; else partial products are added up, in a fixed order, and the result is in memory meanwhile.
    /// Floats are multiplied and added in their own precision, partial products of float32 added in float64. Integers
    /// give int64 or uint64, as `sum` does, where numpy would keep int32 and wrap; booleans say whether any pair is
    /// true. A processor with fused multiply-add may round differently from one without; the number of threads never
    /// matters.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((4, 5, 6), (2, 5, 3))?;
    /// let y = Array::ones((6, 5, 7), (3, 5, 7))?;
    /// let z = x.tensordot(&y, ([1, 2], [1, 0]))?;
    /// assert_eq!(z.shape(), [4, 7]);
    /// assert_eq!(z.max(())?.compute()?.item::<f64>()?, 30.0);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] for an axis named twice or lists of different
    /// lengths, [`Error::Shape`] when paired axes differ in length, [`Error::Dtype`] for text and times.
    pub fn tensordot(&self, other: &Self, axes: impl Into<ContractAxes>) -> Result<Self> {
        let (left, right) = match axes.into() {
            ContractAxes::Count(n) if n > self.ndim().min(other.ndim()) => {
                let hint = format!("the arrays have {} and {} axes", self.ndim(), other.ndim());
                return Err(Error::argument("axes", n, hint));
            }
            ContractAxes::Count(n) => ((self.ndim() - n..self.ndim()).collect(), (0..n).collect()),
            ContractAxes::Pairs(left, right) => {
                (distinct(&left, self.ndim())?, distinct(&right, other.ndim())?)
            }
        };
        if left.len() != right.len() {
            let hint = "name as many axes of the right array as of the left";
            return Err(Error::argument("axes", format!("{left:?} and {right:?}"), hint));
        }
        if left.iter().zip(&right).any(|(&a, &b)| self.shape()[a] != other.shape()[b]) {
            return Err(Error::Shape {
                operation: format!("summing over axes {left:?} and {right:?}"),
                left: self.shape().to_vec(),
                right: other.shape().to_vec(),
                hint: "axes that are summed over together must have equal lengths".into(),
            });
        }
        let own: Vec<usize> = (0..self.ndim()).collect();
        let theirs: Vec<usize> = (0..other.ndim())
            .map(|axis| right.iter().position(|&r| r == axis).map_or(self.ndim() + axis, |pair| left[pair]))
            .collect();
        let kept = own
            .iter()
            .filter(|axis| !left.contains(axis))
            .chain(theirs.iter().filter(|&&l| l >= self.ndim()));
        let kept: Vec<usize> = kept.copied().collect();
        Named::contract(vec![Named::new(self, own), Named::new(other, theirs)], &kept)
    }

    /// The product of matrices, as `numpy.matmul` (`@`): the last two axes are those of matrices, the axes before them
    /// are broadcast; an array with one axis is a row on the left and a column on the right.
    ///
    /// See [`Array::tensordot`] for how it is computed.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::ones((10, 4, 6), (5, 4, 6))?;
    /// let y = Array::ones((6, 3), (6, 3))?;
    /// assert_eq!(x.matmul(&y)?.shape(), [10, 4, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when the shapes do not fit, [`Error::Argument`] for an array without axes, [`Error::Dtype`] for
    /// text and times.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        if self.ndim() == 0 || other.ndim() == 0 {
            let hint =
                "a product of matrices needs at least one axis on both sides; use `*` with a single value";
            return Err(Error::argument("axes", 0, hint));
        }
        let inner = other.ndim().saturating_sub(2);
        if self.shape()[self.ndim() - 1] != other.shape()[inner] {
            return Err(Error::Shape {
                operation: "matmul".into(),
                left: self.shape().to_vec(),
                right: other.shape().to_vec(),
                hint: "the last axis of the left must be as long as the last but one of the right".into(),
            });
        }
        let batch = self.ndim().max(other.ndim()).saturating_sub(2);
        let (row, column, sum) = (batch, batch + 1, batch + 2);
        let stack = |ndim: usize| batch - ndim.saturating_sub(2)..batch;
        let mut left: Vec<usize> = stack(self.ndim()).collect();
        let mut right: Vec<usize> = stack(other.ndim()).collect();
        let mut kept: Vec<usize> = (0..batch).collect();
        if self.ndim() > 1 {
            left.push(row);
            kept.push(row);
        }
        left.push(sum);
        right.push(sum);
        if other.ndim() > 1 {
            right.push(column);
            kept.push(column);
        }
        Named::contract(vec![Named::new(self, left), Named::new(other, right)], &kept)
    }

    /// The dot product, as `numpy.dot`: the sum over the last axis of the left and the last but one of the right. An
    /// array without axes multiplies.
    ///
    /// # Errors
    /// As [`Array::tensordot`].
    pub fn dot(&self, other: &Self) -> Result<Self> {
        if self.ndim() == 0 || other.ndim() == 0 {
            return self.binary(Binary::Multiply, other);
        }
        let axis = if other.ndim() == 1 { 0 } else { -2 };
        self.tensordot(other, (-1, axis))
    }

    /// The sum over the last axes of both, as `numpy.inner`. An array without axes multiplies.
    ///
    /// # Errors
    /// As [`Array::tensordot`].
    pub fn inner(&self, other: &Self) -> Result<Self> {
        if self.ndim() == 0 || other.ndim() == 0 {
            return self.binary(Binary::Multiply, other);
        }
        self.tensordot(other, (-1, -1))
    }

    /// The sum of the products of all elements of two arrays of one shape, as `numpy.vdot`.
    ///
    /// # Errors
    /// As [`Array::tensordot`].
    pub fn vdot(&self, other: &Self) -> Result<Self> {
        if self.shape() != other.shape() {
            return Err(Error::Shape {
                operation: "vdot".into(),
                left: self.shape().to_vec(),
                right: other.shape().to_vec(),
                hint: "both arrays must have one shape".into(),
            });
        }
        self.tensordot(other, self.ndim())
    }

    /// The diagonal of two axes, which becomes the last axis, as `numpy.diagonal`: with an offset the elements
    /// `[i, i + offset]`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::from_fn((3, 4), (2, 2), |at| (10 * at[0] + at[1]) as i64)?;
    /// assert_eq!(x.diagonal(1, 0, 1)?.compute()?.as_slice::<i64>()?, [1, 12, 23]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] for an axis that is not there, [`Error::Argument`] when both are the same.
    pub fn diagonal(&self, offset: isize, axis1: isize, axis2: isize) -> Result<Self> {
        let axes = distinct(&[axis1, axis2], self.ndim())?;
        let rest = (0..self.ndim()).filter(|axis| !axes.contains(axis));
        let order: Vec<isize> = rest.chain(axes.iter().copied()).map(|axis| axis as isize).collect();
        let last = self.permute(&order)?;
        let (row, column) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
        let left = |axis: usize, start: usize| self.shape()[axis].saturating_sub(start);
        let len = left(axes[0], row).min(left(axes[1], column));
        // An offset beyond the array leaves nothing, wherever nothing begins.
        let (row, column) = if len == 0 { (0, 0) } else { (row, column) };
        let op = Op::Blockwise(Blockwise::Diagonal(Diagonal { row, column, len }));
        Ok(Self::from_expr(Expr::new(op, vec![last.expr().clone()])?))
    }

    /// The sum of a diagonal, as `numpy.trace`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(6)?.reshape(&[2, 3])?;
    /// assert_eq!(x.trace(1, 0, 1)?.compute()?.item::<i64>()?, 6);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::diagonal`] and [`Array::sum`].
    pub fn trace(&self, offset: isize, axis1: isize, axis2: isize) -> Result<Self> {
        self.diagonal(offset, axis1, axis2)?.sum(-1)
    }
}

/// The axes that possibly negative numbers mean, each once.
fn distinct(axes: &[isize], ndim: usize) -> Result<Vec<usize>> {
    let resolved = axes.iter().map(|&axis| normalize_axis(axis, ndim)).collect::<Result<Vec<_>>>()?;
    let twice = resolved.iter().enumerate().any(|(i, axis)| resolved[..i].contains(axis));
    if twice {
        return Err(Error::argument("axes", format!("{axes:?}"), "name each axis once"));
    }
    Ok(resolved)
}

/// An array whose axes have names: axes of several arrays with one name are the same.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    array: Array,
    names: Vec<usize>,
}

impl Named {
    pub(crate) fn new(array: &Array, names: Vec<usize>) -> Self {
        Self { array: array.clone(), names }
    }

    /// The sum of products of some arrays over all axes that are not kept, with those that are in the order given. Of
    /// several arrays two at a time are contracted, those first whose result is smallest.
    pub(crate) fn contract(operands: Vec<Self>, kept: &[usize]) -> Result<Array> {
        let mut dtype = DType::Bool;
        for operand in &operands {
            dtype = dtype.promote(operand.array.dtype())?;
        }
        let dtype = match dtype {
            DType::F32 | DType::F64 | DType::Bool => dtype,
            _ if dtype.is_signed() => DType::I64,
            _ if dtype.is_unsigned() => DType::U64,
            _ => {
                let hint = "only numbers have products; convert times to numbers first";
                return Err(Error::Dtype { operation: "a sum of products".into(), dtype, hint: hint.into() });
            }
        };
        let mut operands = operands;
        for operand in &mut operands {
            operand.array = operand.array.astype(dtype)?;
        }
        fit(&mut operands)?;
        while operands.len() > 1 {
            let (i, j) = smallest_pair(&operands, kept);
            let right = operands.remove(j);
            let left = operands.remove(i);
            let needed =
                |name: usize| kept.contains(&name) || operands.iter().any(|o| o.names.contains(&name));
            let product = left.times(right, &needed)?;
            operands.insert(i, product);
        }
        let Some(last) = operands.pop() else {
            return Err(Error::argument("arrays", "[]", "give at least one array"));
        };
        let last = last.summed(&|name| kept.contains(&name))?;
        let order = kept.iter().filter_map(|name| last.axis(*name)).map(|axis| axis as isize);
        last.array.permute(&order.collect::<Vec<_>>())
    }

    fn axis(&self, name: usize) -> Option<usize> {
        self.names.iter().position(|n| *n == name)
    }

    /// The array without the axes that nobody needs, summed over them.
    fn summed(self, needed: &dyn Fn(usize) -> bool) -> Result<Self> {
        let (names, over): (Vec<usize>, Vec<usize>) = self.names.iter().partition(|name| needed(**name));
        let axes: Vec<usize> = over.iter().filter_map(|name| self.axis(*name)).collect();
        if axes.is_empty() {
            return Ok(self);
        }
        Ok(Self { array: total(&self.array, &axes)?, names })
    }

    /// The product with another array, summed over the axes that nobody needs any more.
    fn times(self, other: Self, needed: &dyn Fn(usize) -> bool) -> Result<Self> {
        let shared: Vec<usize> =
            self.names.iter().copied().filter(|name| other.names.contains(name)).collect();
        let left = self.summed(&|name| needed(name) || shared.contains(&name))?;
        let right = other.summed(&|name| needed(name) || shared.contains(&name))?;
        let (batch, contracted): (Vec<usize>, Vec<usize>) = shared.iter().partition(|name| needed(**name));
        let own = |of: &Self| -> Vec<usize> {
            of.names.iter().copied().filter(|name| !shared.contains(name)).collect()
        };
        let (left_own, right_own) = (own(&left), own(&right));
        let names = [batch.clone(), left_own.clone(), right_own.clone()].concat();
        if contracted.is_empty() {
            let left = left.ordered(&[batch.clone(), left_own].concat())?;
            let right = right.ordered(&[batch.clone(), right_own.clone()].concat())?;
            let mut stretched = left.array;
            for _ in &right_own {
                stretched = stretched.expand_dims(stretched.ndim() as isize)?;
            }
            let mut other = right.array;
            for _ in 0..left.names.len() - batch.len() {
                other = other.expand_dims(batch.len() as isize)?;
            }
            return Ok(Self { array: stretched.binary(Binary::Multiply, other)?, names });
        }
        let left = left.ordered(&[batch.clone(), left_own, contracted.clone()].concat())?;
        let right = right.ordered(&[batch.clone(), contracted.clone(), right_own].concat())?;
        Ok(Self { array: product(&left.array, &right.array, batch.len(), contracted.len())?, names })
    }

    fn ordered(&self, names: &[usize]) -> Result<Self> {
        let order = names.iter().filter_map(|name| self.axis(*name)).map(|axis| axis as isize);
        Ok(Self { array: self.array.permute(&order.collect::<Vec<_>>())?, names: names.to_vec() })
    }
}

/// Checks that axes of one name have one length. An axis of length 1 goes with any other and is dropped where another
/// array has it.
fn fit(operands: &mut [Named]) -> Result<()> {
    let shapes: Vec<Named> = operands.to_vec();
    for operand in operands {
        for name in operand.names.clone() {
            let Some(axis) = operand.axis(name) else { continue };
            let len = operand.array.shape()[axis];
            let others =
                shapes.iter().filter_map(|other| Some((other, other.array.shape()[other.axis(name)?])));
            for (other, theirs) in others {
                if theirs == len || theirs == 1 {
                    continue;
                }
                if len != 1 {
                    return Err(Error::Shape {
                        operation: format!("axes that go together, of {len} and {theirs} elements"),
                        left: operand.array.shape().to_vec(),
                        right: other.array.shape().to_vec(),
                        hint: "they must have equal lengths, or one of them 1".into(),
                    });
                }
                operand.array = operand.array.index_axis(axis as isize, 0)?;
                operand.names.remove(axis);
                break;
            }
        }
    }
    Ok(())
}

/// The two arrays whose product is smallest once it is summed over what nobody else needs.
fn smallest_pair(operands: &[Named], kept: &[usize]) -> (usize, usize) {
    let size = |i: usize, j: usize| -> f64 {
        let mut names: Vec<(usize, usize)> = Vec::new();
        for operand in [&operands[i], &operands[j]] {
            names.extend(operand.names.iter().copied().zip(operand.array.shape().iter().copied()));
        }
        names.sort_unstable();
        names.dedup_by_key(|(name, _)| *name);
        let elsewhere = |name: usize| {
            operands.iter().enumerate().any(|(n, other)| n != i && n != j && other.names.contains(&name))
        };
        let needed = names.iter().filter(|(name, _)| kept.contains(name) || elsewhere(*name));
        needed.map(|(_, len)| *len as f64).product()
    };
    let mut best = (0, 1);
    for j in 1..operands.len() {
        for i in 0..j {
            if size(i, j) < size(best.0, best.1) {
                best = (i, j);
            }
        }
    }
    best
}

/// The sum over axes; of booleans whether any is true.
fn total(array: &Array, axes: &[usize]) -> Result<Array> {
    let kind = if array.dtype() == DType::Bool { Statistic::Any } else { Statistic::Sum };
    array.reduce(Aggregation { kind, skipna: false }, axes, false)
}

/// The contraction of arrays whose axes are in the order that [`Contract`] asks for.
fn product(left: &Array, right: &Array, batch: usize, contracted: usize) -> Result<Array> {
    let shared = |axis: usize| if axis < batch { axis } else { axis + left.ndim() - batch - contracted };
    let mut left_axes = left.chunks().axes().to_vec();
    let mut right_axes = right.chunks().axes().to_vec();
    for axis in 0..batch + contracted {
        let (a, b) = (&left_axes[shared(axis)], &right_axes[axis]);
        let finer = if b.count() > a.count() { b.clone() } else { a.clone() };
        left_axes[shared(axis)] = finer.clone();
        right_axes[axis] = finer;
    }
    shrink(&mut left_axes, &mut right_axes, batch, contracted, left.dtype().size());
    let cut = |array: &Array, axes: Vec<AxisChunks>| -> Result<Expr> {
        let grid = ChunkGrid::new(axes);
        if grid == *array.chunks() {
            return Ok(array.expr().clone());
        }
        Expr::new(Op::Rechunk(grid), vec![array.expr().clone()])
    };
    let inputs = vec![cut(left, left_axes)?, cut(right, right_axes)?];
    let op = Op::Blockwise(Blockwise::Contract(Contract { batch, contracted }));
    let partial = Array::from_expr(Expr::new(op, inputs)?);
    let steps = partial.ndim() - contracted..partial.ndim();
    if partial.shape()[steps.clone()].iter().all(|&count| count == 1) {
        let mut whole = partial;
        for _ in steps {
            whole = whole.index_axis(-1, 0)?;
        }
        return Ok(whole);
    }
    total(&partial, &steps.collect::<Vec<_>>())
}

/// Cuts the own axes of both arrays finer until a block of the product has at most 64 MiB, or as much as the larger
/// of the two blocks it is made of.
fn shrink(left: &mut [AxisChunks], right: &mut [AxisChunks], batch: usize, contracted: usize, size: usize) {
    let elements =
        |axes: &[AxisChunks]| axes.iter().map(AxisChunks::max_size).fold(1usize, usize::saturating_mul);
    let room = (AUTO_CHUNK_BYTES / size).max(elements(left)).max(elements(right));
    let (left, _) = left.split_at_mut(left.len() - contracted);
    let (_, right) = right.split_at_mut(batch + contracted);
    while elements(left).saturating_mul(elements(right)) > room {
        let own = left[batch..].iter_mut().chain(right.iter_mut());
        match own.max_by_key(|axis| axis.max_size()) {
            Some(largest) if largest.max_size() > 1 => {
                *largest = AxisChunks::regular(largest.len(), largest.max_size().div_ceil(2));
            }
            Some(_) | None => return,
        }
    }
}
