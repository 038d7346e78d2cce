//! New labels along a dimension: `reindex`.

use std::collections::HashMap;
use std::sync::Arc;

use graticule_array::{Buffer, Chunk, DType, Scalar};

use super::{Fill, Taken, join, labels_variable};
use crate::calendar::Calendar;
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::index::{Index, Key, keys};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::select::{Method, Tolerance};
use crate::time::PartialDate;
use crate::variable::Variable;

/// Values in memory, such as labels for [`Reindex`]: a list of numbers or texts, a block, a variable, an array.
///
/// A variable or an array that is lazy is computed.
#[derive(Debug, Clone)]
pub struct Values {
    block: Result<Arc<Chunk>>,
    /// That of times from a variable; others count in that of what they meet.
    calendar: Option<Calendar>,
}

impl Values {
    fn of(block: Result<Arc<Chunk>>) -> Self {
        Self { block, calendar: None }
    }

    /// The block that holds the values, and the calendar of times where it is known.
    ///
    /// # Errors
    /// What computing lazy values met.
    pub(crate) fn into_parts(self) -> Result<(Arc<Chunk>, Option<Calendar>)> {
        Ok((self.block?, self.calendar))
    }
}

macro_rules! labels_from {
    ($($t:ty)+) => {$(
        impl From<Vec<$t>> for Values {
            fn from(labels: Vec<$t>) -> Self {
                Self::of(Chunk::new(vec![labels.len()], labels).map(Arc::new).map_err(Error::from))
            }
        }

        impl<const N: usize> From<[$t; N]> for Values {
            fn from(labels: [$t; N]) -> Self {
                labels.to_vec().into()
            }
        }

        impl From<Vec<$t>> for Reindex {
            fn from(labels: Vec<$t>) -> Self {
                Self::to(labels)
            }
        }

        impl<const N: usize> From<[$t; N]> for Reindex {
            fn from(labels: [$t; N]) -> Self {
                Self::to(labels)
            }
        }
    )+};
}

labels_from! { f64 f32 i64 i32 u64 bool Arc<str> }

impl From<Vec<&str>> for Values {
    fn from(labels: Vec<&str>) -> Self {
        labels.into_iter().map(Arc::<str>::from).collect::<Vec<_>>().into()
    }
}

impl<const N: usize> From<[&str; N]> for Values {
    fn from(labels: [&str; N]) -> Self {
        labels.to_vec().into()
    }
}

impl From<Arc<Chunk>> for Values {
    fn from(labels: Arc<Chunk>) -> Self {
        Self::of(Ok(labels))
    }
}

impl From<&Variable> for Values {
    fn from(labels: &Variable) -> Self {
        Self { block: labels.values(), calendar: labels.calendar() }
    }
}

impl From<&DataArray> for Values {
    fn from(labels: &DataArray) -> Self {
        labels.variable().into()
    }
}

impl<const N: usize> From<[&str; N]> for Reindex {
    fn from(labels: [&str; N]) -> Self {
        Self::to(labels)
    }
}

impl From<&Variable> for Reindex {
    fn from(labels: &Variable) -> Self {
        Self::to(labels)
    }
}

impl From<&DataArray> for Reindex {
    fn from(labels: &DataArray) -> Self {
        Self::to(labels)
    }
}

/// New labels with the way they are looked for among the old ones.
///
/// ```
/// use graticule_array::Array;
/// use graticule_dataset::{DataArray, Method, Reindex, Variable};
/// let lat = Variable::from_vec("lat", vec![10.0, 20.0, 30.0])?;
/// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(3)?)?, [("lat".into(), lat)])?;
/// let values = |da: DataArray| Ok::<_, graticule_dataset::Error>(da.values::<i64>()?.into_raw_vec_and_offset().0);
/// let to = Reindex::to([30.0, 40.0]).fill_value(-1);
/// assert_eq!(values(da.reindex("lat", to)?)?, [2, -1]);
/// let to = Reindex::to([12.0, 19.0]).method(Method::Nearest).tolerance(3.0);
/// assert_eq!(values(da.reindex("lat", to)?)?, [0, 1]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reindex {
    labels: Values,
    method: Method,
    tolerance: Option<Tolerance>,
    fill: Fill,
}

impl Reindex {
    /// These labels, which are looked for exactly.
    pub fn to(labels: impl Into<Values>) -> Self {
        Self { labels: labels.into(), method: Method::Exact, tolerance: None, fill: Fill::default() }
    }

    /// How a label is found that is not there.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The largest distance accepted between a wanted label and the one taken.
    pub fn tolerance(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.tolerance = Some(tolerance.into());
        self
    }

    /// The value where no label is found; by default it is missing.
    pub fn fill_value(mut self, value: impl Into<Scalar>) -> Self {
        self.fill.default = Some(value.into());
        self
    }

    /// The value for one variable of a dataset.
    pub fn fill_value_of(mut self, variable: impl Into<String>, value: impl Into<Scalar>) -> Self {
        self.fill.by_name.insert(variable.into(), value.into());
        self
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data under other labels of a dimension: values are taken where a label is found, and missing elsewhere.
    ///
    /// The labels of the result are those that are asked for, in their dtype. Among float32 labels a float64 is found
    /// that rounds to one of them. Integers become floats only where something is missing and no [`Reindex::fill_value`] is given. A dimension
    /// without labels gets them, if there are as many.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Variable};
    /// let lat = Variable::from_vec("lat", vec![10.0, 20.0, 30.0])?;
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::arange(3)?)?, [("lat".into(), lat)])?;
    /// assert_eq!(da.reindex("lat", [30.0, 10.0])?.values::<i64>()?.into_raw_vec_and_offset().0, [2, 0]);
    /// assert!(da.reindex("lat", [30.0, 40.0])?.values::<f64>()?[1].is_nan());
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownDim`], [`Error::AmbiguousLabel`] when labels repeat among the old ones, [`Error::Alignment`]
    /// for another number of labels than a dimension without labels has, [`Error::Unindexed`] for a multi-index,
    /// [`Error::Calendars`] for times of another calendar.
    pub fn reindex(&self, dim: &str, labels: impl Into<Reindex>) -> Result<Self> {
        let Reindex { labels, method, tolerance, fill } = labels.into();
        let len = self.size(dim)?;
        let (labels, calendar) = labels.into_parts()?;
        if labels.shape().len() != 1 {
            return Err(Error::argument(
                "labels",
                format!("an array of shape {:?}", labels.shape()),
                "give one axis",
            ));
        }
        let names = self.coords.index_names(dim);
        if names.len() > 1 {
            return Err(Error::Unindexed {
                dim: dim.into(),
                problem: "has an index of several levels".into(),
                hint: "unstack it first, or use reindex_like".into(),
            });
        }
        let dim = Dim::new(dim);
        let Some(index) = self.coords.index(&dim) else {
            if labels.len() != len {
                return Err(Error::Alignment {
                    dim,
                    difference: format!("it has length {len} and no labels, and {} are given", labels.len()),
                    hint: "give as many labels as positions, or labels to the data first".into(),
                });
            }
            let named = labels_variable(&dim, labels.as_ref().clone(), calendar)?;
            return self.assign_index(&dim, named);
        };
        if let (Some(own), Some(wanted)) = (index.calendar(), calendar) {
            own.check_same(wanted, &format!("reindexing {dim:?}"))?;
        }
        let labels = like(&index, &labels)?;
        let wanted = sought(&index, &labels, method);
        if wanted == index.keys() && labels.dtype() == index.dtype() {
            return Ok(self.clone());
        }
        let positions = match method {
            Method::Exact => join::positions(&dim, index.keys(), &wanted, |row| index.text(row))?,
            method => nearby(&index, &wanted, method, tolerance)?,
        };
        let name = names.first().copied().unwrap_or(&dim).to_owned();
        let new =
            Coords::new([(name.clone(), labels_variable(&dim, labels, calendar.or(index.calendar()))?)])?;
        self.taken(&dim, &Taken::of(positions), &new, &fill)
    }

    /// The data under the labels that other data have along the dimensions of both.
    ///
    /// # Errors
    /// As [`Labeled::reindex`]; [`Error::Alignment`] where the other has no labels and another length.
    pub fn reindex_like<W: DataVars>(&self, other: &Labeled<W>) -> Result<Self> {
        self.reindex_like_with(other, Reindex::to(Vec::<f64>::new()))
    }

    /// The same with the method, the tolerance and the value of a [`Reindex`], whose labels do not matter.
    ///
    /// # Errors
    /// As [`Labeled::reindex_like`].
    pub fn reindex_like_with<W: DataVars>(&self, other: &Labeled<W>, options: Reindex) -> Result<Self> {
        let mut result = self.clone();
        for (dim, len) in self.sizes() {
            let names = other.coords.index_names(&dim);
            match (names.as_slice(), other.sizes().get(&dim)) {
                ([_, _, ..], _) => {
                    let alignment =
                        super::Alignment { fill: options.fill.clone(), ..super::Join::Right.into() };
                    let only = other.coords.filtered(|name, _| names.contains(&name));
                    let picks =
                        super::picks(&[&result.coords, &only], alignment.exclude(result.other_dims(&dim)))?;
                    result = super::apply(&result, &picks, 0)?;
                }
                ([name], _) => {
                    if let Some(labels) = other.coords.get(name) {
                        result =
                            result.reindex(&dim, Reindex { labels: labels.into(), ..options.clone() })?;
                    }
                }
                ([], Some(&other_len)) if other_len != len => {
                    return Err(Error::Alignment {
                        dim,
                        difference: format!("it has length {len} here and {other_len} there, without labels"),
                        hint: "give the other labels along it".into(),
                    });
                }
                ([], _) => {}
            }
        }
        Ok(result)
    }

    fn other_dims(&self, dim: &Dim) -> Vec<Dim> {
        self.all_dims().into_iter().filter(|other| other != dim).collect()
    }

    fn assign_index(&self, dim: &Dim, labels: Variable) -> Result<Self> {
        let mut result = self.clone();
        result.coords.insert(dim.to_string(), labels)?;
        Ok(result)
    }
}

/// The positions of the labels that a method takes.
fn nearby(
    index: &Index,
    wanted: &[Key],
    method: Method,
    tolerance: Option<Tolerance>,
) -> Result<Vec<Option<usize>>> {
    let one = |key: &Key| {
        if key.is_missing() {
            return Ok(None);
        }
        let Some(position) = index.find(key, method)? else { return Ok(None) };
        let Some(tolerance) = tolerance else { return Ok(Some(position)) };
        let allowed = tolerance.allowed(index.dtype(), key)?;
        let distance = index.keys().get(position).and_then(|found| found.distance(key));
        Ok(distance.filter(|distance| *distance <= allowed).map(|_| position))
    };
    // Each label once must be known, as for exact labels.
    let distinct: HashMap<&Key, usize> = index.keys().iter().zip(0..).collect();
    if distinct.len() < index.len() {
        join::positions(index.dim(), index.keys(), &[], |row| index.text(row))?;
    }
    wanted.iter().map(one).collect()
}

/// What is looked for in an index. As in `sel`, 0.1 is the float32 0.1 among float32 labels; to be near one it need not be.
fn sought(index: &Index, labels: &Chunk, method: Method) -> Vec<Key> {
    match (index.dtype(), labels.buffer()) {
        (DType::F32, Buffer::F64(values)) if method != Method::Nearest => {
            let rounded: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            keys(&ndarray::Array1::from_vec(rounded).into())
        }
        _ => keys(labels),
    }
}

/// Labels as they go with those of an index: dates for texts.
fn like(index: &Index, labels: &Chunk) -> Result<Chunk> {
    let calendar = index.calendar().unwrap_or_default();
    match (index.dtype(), labels.buffer()) {
        (dtype @ DType::Datetime(unit), Buffer::Str(texts)) => {
            let per_unit = crate::time::nanos_per(unit);
            let count = |text: &Arc<str>| {
                let nanos = PartialDate::parse_in(text, calendar)?.start_nanos();
                let count = i64::try_from(nanos / per_unit).ok().filter(|_| nanos % per_unit == 0);
                count.ok_or_else(|| Error::Label {
                    dim: index.dim().clone(),
                    label: format!("{text:?}"),
                    hint: format!("its labels are {dtype}, which cannot hold it"),
                })
            };
            let counts = texts.iter().map(count).collect::<Result<Vec<i64>>>()?;
            Ok(Chunk::from_buffer(vec![counts.len()], dtype, Buffer::I64(counts))?)
        }
        _ => Ok(labels.clone()),
    }
}
