//! Sums of products, and how two arrays vary together.

use graticule_array::{Array, Chunks, DType, einsum};

use super::operand::union;
use crate::align::{Join, able_to_miss, align};
use crate::attrs::{Encoding, drop_conflicts};
use crate::coords::Coords;
use crate::dims::{Dim, Over};
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars};
use crate::variable::Variable;

/// The sums of products of arrays over the dimensions that two or more of them share: xarray's `dot`.
///
/// Labels must be equal. Integers give int64 or uint64. Name and attributes are those of the first.
///
/// ```
/// use graticule_dataset::{DataArray, Variable, dot, dot_over};
/// let x = DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0])?, [])?;
/// let y = DataArray::new(None, Variable::from_vec("y", vec![3.0, 4.0])?, [])?;
/// assert_eq!(dot(&[&x, &x])?.item()?, 5.0);
/// assert_eq!(dot(&[&x, &y])?.shape(), [2, 2]);
/// assert_eq!(dot_over(&[&x, &y], ())?.item()?, 21.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Alignment`] when labels differ, [`Error::SizeConflict`] when lengths do; times and texts have no product.
pub fn dot(arrays: &[&DataArray]) -> Result<DataArray> {
    let shared = |dim: &Dim| arrays.iter().filter(|array| array.dims().contains(dim)).count() > 1;
    let dims: Vec<Dim> = all_dims(arrays).into_iter().filter(shared).collect();
    dot_over(arrays, dims)
}

/// The sums of products of arrays over one dimension, several, or with `()` all.
///
/// # Errors
/// As [`dot`], and [`Error::UnknownDim`] for a dimension that none of them has.
pub fn dot_over(arrays: &[&DataArray], dims: impl Into<Over>) -> Result<DataArray> {
    let Some(first) = arrays.first() else {
        return Err(Error::argument("arrays", "none", "give at least one array"));
    };
    let arrays = align(arrays, Join::Exact)?;
    let all = all_dims(&arrays.iter().collect::<Vec<_>>());
    let over = dims.into().resolve(&all)?;
    let letters: Vec<(&Dim, char)> = all.iter().zip(('a'..='z').chain('A'..='Z')).collect();
    if letters.len() < all.len() {
        return Err(Error::argument("arrays", format!("{} dimensions", all.len()), "use up to 52"));
    }
    let text = |dims: &[Dim]| -> String {
        dims.iter().filter_map(|dim| letters.iter().find(|(name, _)| *name == dim)).map(|(_, c)| *c).collect()
    };
    let kept: Vec<Dim> = all.iter().filter(|dim| !over.contains(dim)).cloned().collect();
    let inputs: Vec<String> = arrays.iter().map(|array| text(array.dims())).collect();
    let factors: Vec<&Array> = arrays.iter().map(|array| array.data()).collect();
    let data = einsum(&format!("{}->{}", inputs.join(","), text(&kept)), &factors)?;
    let variable = first.variable().with_dims_and_data(kept.clone(), data)?.with_encoding(Encoding::new());
    named_as(first, variable, merged_coords(&arrays)?.within(&kept))
}

fn all_dims(arrays: &[&DataArray]) -> Vec<Dim> {
    let mut all: Vec<Dim> = Vec::new();
    for dim in arrays.iter().flat_map(|array| array.dims()) {
        if !all.contains(dim) {
            all.push(dim.clone());
        }
    }
    all
}

/// The coordinates of aligned arrays.
pub(super) fn merged_coords(arrays: &[DataArray]) -> Result<Coords> {
    let mut coords = Coords::default();
    for array in arrays {
        coords = coords.merged(array.coords())?;
    }
    Ok(coords)
}

/// An array under the name of another.
pub(super) fn named_as(other: &DataArray, variable: Variable, coords: Coords) -> Result<DataArray> {
    let mut named = other.clone();
    named.vars.variable = variable;
    named.coords = coords;
    Ok(named)
}

/// The covariance of two arrays over dimensions, with divisor `n - 1` as in xarray. Pairs of which one is missing are
/// left out. Labels must be equal; xarray takes those that both have.
///
/// ```
/// use graticule_dataset::{Covariance, DataArray, Variable, corr, cov};
/// let x = DataArray::new(None, Variable::from_vec("x", vec![1.0, 2.0, 3.0])?, [])?;
/// let y = (&x * 2.0)?;
/// assert_eq!(cov(&x, &y, "x")?.item()?, 2.0);
/// assert!((corr(&x, &y, ())?.item()? - 1.0).abs() < 1e-15);
/// assert_eq!(Covariance::new().ddof(0).cov(&x, &x, "x")?.item()?, 2.0 / 3.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Alignment`] when labels differ, [`Error::UnknownDim`] for a dimension that neither has; times and texts do
/// not vary together.
pub fn cov(a: &DataArray, b: &DataArray, dims: impl Into<Over>) -> Result<DataArray> {
    Covariance::new().cov(a, b, dims)
}

/// Pearson's correlation of two arrays over dimensions; NaN where one does not vary. The rest is as in [`cov`].
///
/// # Errors
/// As [`cov`].
pub fn corr(a: &DataArray, b: &DataArray, dims: impl Into<Over>) -> Result<DataArray> {
    Covariance::new().corr(a, b, dims)
}

/// Covariance and correlation with options.
#[derive(Debug, Clone)]
pub struct Covariance {
    ddof: usize,
    weights: Option<DataArray>,
}

impl Default for Covariance {
    fn default() -> Self {
        Self::new()
    }
}

impl Covariance {
    /// With divisor `n - 1`, all pairs counting the same.
    pub fn new() -> Self {
        Self { ddof: 1, weights: None }
    }

    /// Delta degrees of freedom: the divisor of the covariance is `n - ddof`.
    pub fn ddof(mut self, ddof: usize) -> Self {
        self.ddof = ddof;
        self
    }

    /// How much each pair counts. As in xarray, `ddof` still counts pairs and not weights.
    pub fn weights(mut self, weights: &DataArray) -> Self {
        self.weights = Some(weights.clone());
        self
    }

    /// The covariance over one dimension, several, or with `()` all; float64.
    ///
    /// # Errors
    /// As [`cov`].
    pub fn cov(&self, a: &DataArray, b: &DataArray, dims: impl Into<Over>) -> Result<DataArray> {
        self.of(a, b, dims.into(), |pairs, axes| match &pairs.weights {
            None => {
                let both = |x: &Array| x.astype(DType::F64);
                both(&pairs.a)?.covariance(&both(&pairs.b)?, axes, self.ddof, true)
            }
            Some(_) => {
                let n = pairs.valid()?.sum(axes)?.astype(DType::F64)?;
                (pairs.moment(&pairs.a, &pairs.b, axes)? * (&n / (&n - self.ddof as f64)?)?)?
                    .astype(DType::F64)
            }
        })
    }

    /// Pearson's correlation over one dimension, several, or with `()` all.
    ///
    /// # Errors
    /// As [`cov`].
    pub fn corr(&self, a: &DataArray, b: &DataArray, dims: impl Into<Over>) -> Result<DataArray> {
        self.of(a, b, dims.into(), |pairs, axes| match &pairs.weights {
            None => pairs.a.correlation(&pairs.b, axes, true),
            Some(_) => {
                let square =
                    pairs.moment(&pairs.a, &pairs.a, axes)? * pairs.moment(&pairs.b, &pairs.b, axes)?;
                pairs.moment(&pairs.a, &pairs.b, axes)? / square?.sqrt()?
            }
        })
    }

    fn of(
        &self,
        a: &DataArray,
        b: &DataArray,
        over: Over,
        f: impl Fn(&Pairs, &[usize]) -> graticule_array::Result<Array>,
    ) -> Result<DataArray> {
        let mut arrays = vec![a, b];
        arrays.extend(&self.weights);
        let aligned = align(&arrays, Join::Exact)?;
        let variables: Vec<&Variable> = aligned.iter().map(DataArray::variable).collect();
        let dims = union(&variables)?;
        let over = over.resolve(&dims)?;
        let axes: Vec<usize> = over.iter().filter_map(|dim| dims.iter().position(|d| d == dim)).collect();
        let arranged =
            |variable: &&Variable| -> Result<Array> { Ok(able_to_miss(variable.arranged(&dims)?)?) };
        let arranged = variables.iter().map(arranged).collect::<Result<Vec<_>>>()?;
        let mut operands = Array::broadcast_arrays(&arranged)?.into_iter();
        let (Some(left), Some(right)) = (operands.next(), operands.next()) else {
            return Err(Error::argument("arrays", "none", "give two arrays"));
        };
        let data = f(&Pairs { a: left, b: right, weights: operands.next() }, &axes)?;
        let kept: Vec<Dim> = dims.iter().filter(|dim| !over.contains(dim)).cloned().collect();
        let attrs = drop_conflicts(a.attrs(), b.attrs());
        let variable = Variable::new(&kept, data)?.with_attrs(attrs);
        let mut result = named_as(a, variable, merged_coords(&aligned)?.within(&kept))?;
        result.vars.merge_name(b.name());
        Ok(result)
    }
}

/// Two arrays of one shape, and how much their elements count.
struct Pairs {
    a: Array,
    b: Array,
    weights: Option<Array>,
}

impl Pairs {
    fn valid(&self) -> graticule_array::Result<Array> {
        (!&self.a.isnan()?)? & (!&self.b.isnan()?)?
    }

    /// The weighted mean of products of deviations from weighted means.
    fn moment(&self, x: &Array, y: &Array, axes: &[usize]) -> graticule_array::Result<Array> {
        let Some(weights) = &self.weights else { return x.covariance(y, axes, 0, true) };
        let valid = self.valid()?;
        let weights = valid.choose(weights, 0.0)?;
        let total = weights.sum(axes)?;
        let kept: Vec<usize> = {
            let mut sorted = axes.to_vec();
            sorted.sort_unstable();
            sorted
        };
        let stretched = |sum: Array| kept.iter().try_fold(sum, |sum, &axis| sum.expand_dims(axis as isize));
        let deviations = |x: &Array| {
            let x = valid.choose(x, 0.0)?;
            let mean = ((&x * &weights)?.sum(axes)? / &total)?;
            &x - stretched(mean)?
        };
        ((deviations(x)? * deviations(y)?)? * weights)?.sum(axes)? / total
    }
}

/// The vector products of vectors with two or three components along a dimension: xarray's `cross`.
///
/// Of vectors with two components each, the result is the third component alone, without the dimension. A missing third
/// component is zero. Labels along the other dimensions must be equal; name and attributes are those of the first.
///
/// ```
/// use graticule_dataset::{DataArray, Variable, cross};
/// let vector = |v: Vec<f64>| DataArray::new(None, Variable::from_vec("axis", v)?, []);
/// let z = cross(&vector(vec![1.0, 0.0, 0.0])?, &vector(vec![0.0, 1.0, 0.0])?, "axis")?;
/// assert_eq!(z.variable().values()?.as_slice::<f64>()?, [0.0, 0.0, 1.0]);
/// assert_eq!(cross(&vector(vec![1.0, 0.0])?, &vector(vec![0.0, 1.0])?, "axis")?.item()?, 1.0);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownDim`] where a vector lacks the dimension, [`Error::Argument`] for another number of components,
/// [`Error::Alignment`] when labels differ.
pub fn cross(a: &DataArray, b: &DataArray, dim: &str) -> Result<DataArray> {
    let mut components: Vec<Vec<Option<DataArray>>> = Vec::new();
    for array in [a, b] {
        let len = array.variable().size(dim).ok_or_else(|| Error::unknown_dim(dim, array.dims().to_vec()))?;
        if !(2..=3).contains(&len) {
            let hint = "vectors have two or three components along the dimension";
            return Err(Error::argument("components", format!("{len} along {dim:?}"), hint));
        }
        let component = |i: usize| -> Result<Option<DataArray>> {
            let is_along = |name: &str| array.coords().get(name).is_some_and(|c| c.axis(dim).is_some());
            let along: Vec<&str> = array.coords().names().filter(|name| is_along(name)).collect();
            if i < len { Ok(Some(array.isel(dim, i)?.drop_vars(along)?)) } else { Ok(None) }
        };
        components.push((0..3).map(component).collect::<Result<_>>()?);
    }
    let part = |array: usize, i: usize| components.get(array).and_then(|c| c.get(i)).and_then(Option::as_ref);
    let product = |left: Option<&DataArray>, right: Option<&DataArray>| match (left, right) {
        (Some(left), Some(right)) => (left * right).map(Some),
        _ => Ok(None),
    };
    let along = |i: usize| -> Result<Option<DataArray>> {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        match (product(part(0, j), part(1, k))?, product(part(0, k), part(1, j))?) {
            (Some(plus), Some(minus)) => Ok(Some((plus - minus)?)),
            (Some(plus), None) => Ok(Some(plus)),
            (None, Some(minus)) => Ok(Some((-minus)?)),
            (None, None) => Ok(None),
        }
    };
    let Some(third) = along(2)? else {
        return Err(Error::argument("components", "none", "vectors have two or three components"));
    };
    let parts = [along(0)?, along(1)?, Some(third.clone())];
    let result_dims = third.dims().to_vec();
    let attrs = a.attrs().clone();
    let [Some(x), Some(y), Some(z)] = parts else {
        let variable = third.variable().clone().with_attrs(attrs);
        return named_as(a, variable, third.coords().clone());
    };
    let stacked = Array::stack(&[x.data().clone(), y.data().clone(), z.data().clone()], 0)?;
    let mut dims = vec![Dim::new(dim)];
    dims.extend(result_dims);
    let order: Vec<Dim> = all_dims(&[a, b]).into_iter().filter(|d| dims.contains(d)).collect();
    let stacked = stacked.rechunk(Chunks::Sizes(
        std::iter::once(vec![3])
            .chain(third.data().chunks().axes().iter().map(|chunks| chunks.sizes().collect()))
            .collect(),
    ))?;
    let variable = third.variable().with_dims_and_data(dims, stacked)?.transpose(&order)?.with_attrs(attrs);
    let mut coords = third.coords().clone();
    let longer = if a.variable().size(dim) == Some(3) { a } else { b };
    for (name, coord) in longer.coords().iter().filter(|(_, coord)| coord.axis(dim).is_some()) {
        coords.insert(name.into(), coord.clone())?;
    }
    named_as(a, variable, coords)
}

impl DataArray {
    /// The sums of products with another array over the dimensions that both have: [`dot`] of two.
    ///
    /// # Errors
    /// As [`dot`].
    pub fn dot(&self, other: &Self) -> Result<Self> {
        dot(&[self, other])
    }
}
