//! New dimensions: `expand_dims`.

use graticule_array::Array;

use crate::align::Values;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataVars, Labeled};
use crate::variable::Variable;

/// Dimensions to be added: names, or names with lengths or labels, and where they stand.
///
/// ```
/// use graticule_dataset::NewDims;
/// let _: [NewDims; 4] = [
///     "time".into(),
///     ["time", "member"].into(),
///     [("member", 10)].into(),
///     NewDims::labels("depth", [0.0, 10.0, 20.0]).at([-1]),
/// ];
/// ```
#[derive(Debug, Clone)]
pub struct NewDims {
    dims: Vec<(Dim, Extent)>,
    axes: Option<Vec<isize>>,
}

/// How long a new dimension is.
#[derive(Debug, Clone)]
enum Extent {
    /// Of length 1; a value of that name beside the data becomes its label.
    One,
    Len(usize),
    Labels(Values),
}

impl NewDims {
    fn of(dims: impl IntoIterator<Item = (Dim, Extent)>) -> Self {
        Self { dims: dims.into_iter().collect(), axes: None }
    }

    /// A dimension with labels.
    pub fn labels(dim: impl AsRef<str>, labels: impl Into<Values>) -> Self {
        Self::of([(Dim::new(dim), Extent::Labels(labels.into()))])
    }

    /// These and other dimensions.
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.dims.extend(more.into().dims);
        self
    }

    /// The axes of the result at which the dimensions stand, in their order; negative numbers count from the end.
    /// By default they come first.
    pub fn at(mut self, axes: impl Into<Vec<isize>>) -> Self {
        self.axes = Some(axes.into());
        self
    }
}

impl From<&str> for NewDims {
    fn from(dim: &str) -> Self {
        Self::of([(dim.into(), Extent::One)])
    }
}

impl From<&Dim> for NewDims {
    fn from(dim: &Dim) -> Self {
        Self::of([(dim.clone(), Extent::One)])
    }
}

impl<const N: usize> From<[&str; N]> for NewDims {
    fn from(dims: [&str; N]) -> Self {
        Self::of(dims.into_iter().map(|dim| (dim.into(), Extent::One)))
    }
}

impl<const N: usize> From<[(&str, usize); N]> for NewDims {
    fn from(dims: [(&str, usize); N]) -> Self {
        Self::of(dims.into_iter().map(|(dim, len)| (dim.into(), Extent::Len(len))))
    }
}

impl<V: DataVars> Labeled<V> {
    /// The data with new dimensions, first unless [`NewDims::at`] says otherwise. Along a dimension of some length the
    /// data repeat. A coordinate of the name of a new dimension that has no dimensions becomes its index.
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, NewDims, Variable};
    /// let da = DataArray::new(None, Variable::new(["lat"], Array::ones(4, "auto")?)?, [])?;
    /// assert_eq!(da.expand_dims("time")?.shape(), [1, 4]);
    /// assert_eq!(da.expand_dims([("member", 10)])?.shape(), [10, 4]);
    /// assert_eq!(da.expand_dims(NewDims::labels("depth", [0.0, 5.0]).at([1]))?.dims(), ["lat", "depth"]);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DuplicateName`] when there is such a dimension, or a coordinate of that name with dimensions,
    /// [`Error::Argument`] for axes that do not go with the dimensions.
    pub fn expand_dims(&self, dims: impl Into<NewDims>) -> Result<Self> {
        let NewDims { dims: new, axes } = dims.into();
        let mut names: Vec<Dim> = Vec::with_capacity(new.len());
        let mut sizes = Vec::with_capacity(new.len());
        let mut labels = Vec::new();
        for (dim, extent) in new {
            let scalar = self.coords.get(&dim).filter(|variable| variable.ndim() == 0);
            if names.contains(&dim)
                || self.size(&dim).is_ok()
                || (self.coords.contains(&dim) && scalar.is_none())
                || self.vars.holds(&dim)
            {
                let problem =
                    "there is a dimension, a coordinate or a variable of this name; choose another".into();
                return Err(Error::DuplicateName { name: dim.to_string(), problem });
            }
            let len = match (extent, scalar) {
                (Extent::Labels(values), _) => {
                    let (values, calendar) = values.into_parts()?;
                    let values =
                        Variable::from_chunk([&dim], values)?.with_calendar(calendar.unwrap_or_default());
                    let len = values.shape().first().copied().unwrap_or(1);
                    labels.push((dim.clone(), values));
                    len
                }
                (Extent::One | Extent::Len(1), Some(value)) => {
                    labels.push((dim.clone(), inserted(value, &[(dim.clone(), 1)], &[0])?));
                    1
                }
                (Extent::Len(len), Some(_)) => {
                    let hint =
                        format!("coordinate {dim:?} is one value; give as many labels by NewDims::labels");
                    return Err(Error::argument("dims", len, hint));
                }
                (Extent::One, None) => 1,
                (Extent::Len(len), None) => len,
            };
            names.push(dim.clone());
            sizes.push((dim, len));
        }
        let axes = axes.unwrap_or_else(|| (0..sizes.len() as isize).collect());
        let vars = self.vars.map(|variable| inserted(variable, &sizes, &axes))?;
        // The new labels stand where the coordinate stood, or first.
        let mut coords = crate::coords::Coords::default();
        for (dim, variable) in labels {
            coords.insert(dim.to_string(), variable)?;
        }
        for (name, variable) in self.coords.iter() {
            if !coords.contains(name) {
                coords.insert(name.into(), variable.clone())?;
            }
        }
        coords.inherit_levels(&self.coords)?;
        Ok(Self::from_parts(vars, coords))
    }
}

/// The variable with new dimensions at some axes of the result.
fn inserted(variable: &Variable, new: &[(Dim, usize)], axes: &[isize]) -> Result<Variable> {
    let ndim = (variable.ndim() + new.len()) as isize;
    let wrong = || {
        let hint =
            format!("give one of {} axes for each of the {} new dimensions, each once", ndim, new.len());
        Error::argument("axes", format!("{axes:?}"), hint)
    };
    if axes.len() != new.len() {
        return Err(wrong());
    }
    let mut placed: Vec<Option<&(Dim, usize)>> = vec![None; ndim as usize];
    for (axis, dim) in axes.iter().zip(new) {
        let wrapped = if *axis < 0 { axis + ndim } else { *axis };
        let place = usize::try_from(wrapped).ok().and_then(|axis| placed.get_mut(axis)).ok_or_else(wrong)?;
        if place.replace(dim).is_some() {
            return Err(wrong());
        }
    }
    let mut own = variable.sizes();
    let mut data: Array = variable.data().clone();
    let (mut dims, mut shape) = (Vec::new(), Vec::new());
    for (axis, place) in placed.into_iter().enumerate() {
        let (dim, len) = match place {
            Some(dim) => {
                data = data.expand_dims(axis as isize)?;
                dim.clone()
            }
            None => own.next().ok_or_else(wrong)?,
        };
        dims.push(dim);
        shape.push(len);
    }
    variable.with_dims_and_data(dims, data.broadcast_to(shape)?)
}
