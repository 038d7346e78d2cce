//! An array whose axes have names.

use std::sync::Arc;

use graticule_array::{Array, Binary, Chunk, DType, Element, Expr, Op, Scalar};

use crate::attrs::{Attrs, Encoding};
use crate::calendar::Calendar;
use crate::dims::{Dim, dims_from};
use crate::error::{Error, Result};

/// An array with named axes, attributes and encoding, but without labels along the axes.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::Variable;
/// let adt = Variable::new(["time", "lat"], Array::ones((3, 2), "auto")?)?;
/// assert_eq!(adt.dims(), ["time", "lat"]);
/// assert_eq!(adt.shape(), [3, 2]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Variable {
    dims: Vec<Dim>,
    data: Array,
    attrs: Attrs,
    encoding: Encoding,
    /// That of the times; the default where there are none.
    calendar: Calendar,
}

impl Variable {
    /// An array with a name for each of its axes.
    ///
    /// # Errors
    /// [`Error::Dims`] when the number of names is not that of axes, or a name appears twice.
    pub fn new(dims: impl IntoIterator<Item = impl AsRef<str>>, data: Array) -> Result<Self> {
        let dims = dims_from(dims);
        check(&dims, &data)?;
        let calendar = Calendar::default();
        Ok(Self { dims, data, attrs: Attrs::new(), encoding: Encoding::new(), calendar })
    }

    /// A value without axes.
    ///
    /// # Errors
    /// None today; the signature leaves room for values that the engine cannot hold.
    pub fn scalar(value: impl Into<Scalar>) -> Result<Self> {
        Self::from_chunk([] as [&str; 0], Chunk::from_scalar(&value.into()))
    }

    /// One axis of values in memory.
    ///
    /// ```
    /// use graticule_dataset::Variable;
    /// let lat = Variable::from_vec("lat", vec![-45.0, 0.0, 45.0])?;
    /// assert_eq!(lat.shape(), [3]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// None today, as [`Variable::scalar`].
    pub fn from_vec<T: Element>(dim: impl AsRef<str>, values: Vec<T>) -> Result<Self> {
        Self::from_chunk([dim], Chunk::new(vec![values.len()], values)?)
    }

    /// A block in memory with a name for each of its axes.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn from_chunk(
        dims: impl IntoIterator<Item = impl AsRef<str>>,
        chunk: impl Into<Arc<Chunk>>,
    ) -> Result<Self> {
        Self::new(dims, Array::from_chunk(chunk)?)
    }

    /// An ndarray of any layout with a name for each of its axes.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn from_array<T: Element, D: ndarray::Dimension>(
        dims: impl IntoIterator<Item = impl AsRef<str>>,
        array: ndarray::Array<T, D>,
    ) -> Result<Self> {
        Self::from_chunk(dims, Chunk::from(array))
    }

    /// The names of the axes.
    pub fn dims(&self) -> &[Dim] {
        &self.dims
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        self.data.shape()
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.dims.len()
    }

    /// The name and the length of every axis.
    pub fn sizes(&self) -> impl Iterator<Item = (Dim, usize)> + '_ {
        self.dims.iter().cloned().zip(self.shape().iter().copied())
    }

    /// The length of a dimension, where the variable has it.
    pub fn size(&self, dim: &str) -> Option<usize> {
        self.axis(dim).and_then(|axis| self.shape().get(axis)).copied()
    }

    /// The number of the axis of a name, where there is one.
    pub fn axis(&self, dim: &str) -> Option<usize> {
        self.dims.iter().position(|d| *d == dim)
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// The calendar of the times, where the dtype is datetime64; else nothing.
    pub fn calendar(&self) -> Option<Calendar> {
        matches!(self.dtype(), DType::Datetime(_)).then_some(self.calendar)
    }

    /// The same counts as times of a calendar, whose 1970-01-01 they count from. This is not a conversion of dates,
    /// which `convert_calendar` is. Values that are no datetime64 have no calendar and stay as they are.
    pub fn with_calendar(mut self, calendar: Calendar) -> Self {
        if matches!(self.dtype(), DType::Datetime(_)) {
            self.calendar = calendar;
        }
        self
    }

    /// An error when both hold times, but of different calendars.
    pub(crate) fn check_calendar(&self, other: &Self, what: &str) -> Result<()> {
        match (self.calendar(), other.calendar()) {
            (Some(left), Some(right)) => left.check_same(right, what),
            _ => Ok(()),
        }
    }

    /// The dtype, with the calendar where it is not that of plain datetime64: `datetime64[us, noleap]`.
    pub(crate) fn dtype_text(&self) -> String {
        match (self.calendar().unwrap_or_default(), self.dtype()) {
            (Calendar::ProlepticGregorian, dtype) => dtype.to_string(),
            (calendar, dtype) => dtype.to_string().replace(']', &format!(", {calendar}]")),
        }
    }

    /// Bytes the values take when they are computed.
    pub fn nbytes(&self) -> usize {
        self.data.nbytes()
    }

    /// The array.
    pub fn data(&self) -> &Array {
        &self.data
    }

    /// The values, where they are in memory already.
    pub fn resident(&self) -> Option<&Arc<Chunk>> {
        self.data.resident()
    }

    /// The attributes.
    pub fn attrs(&self) -> &Attrs {
        &self.attrs
    }

    /// The attributes, to change.
    pub fn attrs_mut(&mut self) -> &mut Attrs {
        &mut self.attrs
    }

    /// How the variable was stored, or is to be stored.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// How the variable is to be stored, to change.
    pub fn encoding_mut(&mut self) -> &mut Encoding {
        &mut self.encoding
    }

    /// The variable with these attributes in place of its own.
    pub fn with_attrs(mut self, attrs: Attrs) -> Self {
        self.attrs = attrs;
        self
    }

    /// The variable with this encoding in place of its own.
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Another array under the same names, attributes and encoding.
    ///
    /// # Errors
    /// [`Error::Dims`] when the array has another number of axes.
    pub fn with_data(&self, data: Array) -> Result<Self> {
        self.with_dims_and_data(self.dims.clone(), data)
    }

    /// Another array under other names, with the same attributes and encoding.
    pub(crate) fn with_dims_and_data(&self, dims: Vec<Dim>, data: Array) -> Result<Self> {
        check(&dims, &data)?;
        let same_kind = matches!(data.dtype(), DType::Datetime(_));
        let calendar = if same_kind { self.calendar } else { Calendar::default() };
        Ok(Self { dims, data, attrs: self.attrs.clone(), encoding: self.encoding.clone(), calendar })
    }

    /// The result of an operation that keeps the axes.
    pub(crate) fn map(&self, f: impl FnOnce(&Array) -> graticule_array::Result<Array>) -> Result<Self> {
        self.with_data(f(&self.data)?)
    }

    /// The variable computed into memory, under the same chunks.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn persist(&self) -> Result<Self> {
        self.map(Array::persist)
    }

    /// The values.
    ///
    /// # Errors
    /// What computing can meet.
    pub fn values(&self) -> Result<Arc<Chunk>> {
        match self.resident() {
            Some(chunk) => Ok(Arc::clone(chunk)),
            None => Ok(Arc::new(self.data.compute()?)),
        }
    }

    /// Whether another variable holds the same values at the same positions, missing ones where this does. What is
    /// lazy is computed chunk by chunk, unless both are the same expression over the same source.
    pub(crate) fn same_data(&self, other: &Self) -> Result<bool> {
        let (a, b) = (&self.data, &other.data);
        if self.calendar() != other.calendar() {
            return Ok(false);
        }
        if unchunked(a.expr()) == unchunked(b.expr()) {
            return Ok(true);
        }
        if a.shape() != b.shape() || a.dtype().promote(b.dtype()).is_err() {
            return Ok(false);
        }
        let mut same = a.equal(b)?;
        if a.dtype().has_missing() && b.dtype().has_missing() {
            let both_missing = a.isnan()?.binary(Binary::LogicalAnd, b.isnan()?)?;
            same = same.binary(Binary::LogicalOr, both_missing)?;
        }
        Ok(same.all(())?.compute()?.item::<bool>()?)
    }

    /// The axes in another order, every one named once.
    ///
    /// # Errors
    /// [`Error::Dims`] when the names are not exactly those of the axes.
    pub fn transpose(&self, dims: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let dims = dims_from(dims);
        let order: Option<Vec<isize>> =
            dims.iter().map(|dim| self.axis(dim).map(|axis| axis as isize)).collect();
        match order {
            Some(order) if order.len() == self.ndim() => {
                self.with_dims_and_data(dims, self.data.permute(&order)?)
            }
            _ => Err(Error::Dims {
                dims,
                shape: self.shape().to_vec(),
                problem: format!("name each of ({}) once", crate::error::listed(&self.dims)),
            }),
        }
    }

    /// The array arranged to broadcast against an array with the dimensions `dims`, which holds all of this
    /// variable's. Leading dimensions that the variable lacks are left to the engine's broadcasting.
    pub(crate) fn arranged(&self, dims: &[Dim]) -> Result<Array> {
        let own: Vec<isize> =
            dims.iter().filter_map(|dim| self.axis(dim)).map(|axis| axis as isize).collect();
        let mut data = self.data.permute(&own)?;
        let first = dims.iter().position(|dim| self.axis(dim).is_some()).unwrap_or(dims.len());
        for (axis, dim) in dims.iter().enumerate().skip(first) {
            if self.axis(dim).is_none() {
                data = data.expand_dims((axis - first) as isize)?;
            }
        }
        Ok(data)
    }
}

fn check(dims: &[Dim], data: &Array) -> Result<()> {
    let wrong =
        |problem: String| Err(Error::Dims { dims: dims.to_vec(), shape: data.shape().to_vec(), problem });
    if dims.len() != data.ndim() {
        return wrong(format!("give one name for each of the {} axes", data.ndim()));
    }
    match dims.iter().enumerate().find(|(i, dim)| dims.iter().take(*i).any(|d| d == *dim)) {
        Some((_, twice)) => wrong(format!("{twice:?} appears twice, but each axis needs its own name")),
        None => Ok(()),
    }
}

/// The expression below changes of chunks, which change no value.
fn unchunked(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let (Op::Rechunk(_), Some(input)) = (expr.op(), expr.inputs().first()) {
        expr = input;
    }
    expr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_must_fit_the_axes() {
        let data = Array::ones((3, 2), "auto").unwrap();
        let few = Variable::new(["time"], data.clone()).unwrap_err();
        let text =
            "dimensions (time) do not fit an array of shape [3, 2]: give one name for each of the 2 axes";
        assert_eq!(few.to_string(), text);
        let twice = Variable::new(["x", "x"], data).unwrap_err();
        assert!(twice.to_string().contains("\"x\" appears twice"), "{twice}");
    }

    #[test]
    fn transposing_names_every_axis() {
        let x = Variable::new(["a", "b", "c"], Array::ones((2, 3, 4), "auto").unwrap()).unwrap();
        assert_eq!(x.transpose(["c", "a", "b"]).unwrap().shape(), [4, 2, 3]);
        assert!(x.transpose(["c", "a"]).is_err());
        assert!(x.transpose(["c", "a", "d"]).is_err());
    }

    #[test]
    fn arranging_adds_axes_only_where_broadcasting_needs_them() {
        let x = Variable::new(["b", "a"], Array::ones((2, 3), "auto").unwrap()).unwrap();
        let dims = dims_from(["time", "a", "z", "b", "y"]);
        assert_eq!(x.arranged(&dims).unwrap().shape(), [3, 1, 2, 1]);
    }
}
