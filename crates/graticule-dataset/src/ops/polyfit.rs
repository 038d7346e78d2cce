//! Polynomials: fitting them along a coordinate, and their values.

use std::sync::Arc;

use graticule_array::{Array, DType};

use super::least_squares::{Svd, dot};
use super::scale::{Origin, Scale, numbers_since_epoch};
use crate::align::{self, Join};
use crate::attrs::{Attrs, Encoding};
use crate::coords::Coords;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Dataset, Labeled};
use crate::select::Pick;
use crate::time::Step;
use crate::variable::Variable;

const DEGREE: &str = "degree";

/// A polynomial to fit, with options. A number is a degree.
///
/// ```
/// use graticule_dataset::Polyfit;
/// let line = Polyfit::degree(1).full(true).cov(true);
/// # let _ = line;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Polyfit {
    degree: usize,
    skipna: bool,
    rcond: Option<f64>,
    weights: Option<Vec<f64>>,
    full: bool,
    covariance: Option<Scaling>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scaling {
    ByResiduals,
    Unscaled,
}

impl Polyfit {
    /// A polynomial of a degree.
    pub fn degree(degree: usize) -> Self {
        Self { degree, skipna: true, rcond: None, weights: None, full: false, covariance: None }
    }

    /// Whether missing values are left out, which is the default; otherwise they make coefficients missing.
    pub fn skipna(mut self, skipna: bool) -> Self {
        self.skipna = skipna;
        self
    }

    /// Singular values up to `rcond` times the largest count as zero; without, the number of points times the machine's
    /// precision.
    pub fn rcond(mut self, rcond: f64) -> Self {
        self.rcond = Some(rcond);
        self
    }

    /// Weights of the deviations, one for each point: `1 / sigma` for known uncertainties, and not `1 / sigma²`.
    pub fn weights(mut self, weights: Vec<f64>) -> Self {
        self.weights = Some(weights);
        self
    }

    /// Whether residuals, rank and singular values are given too.
    pub fn full(mut self, full: bool) -> Self {
        self.full = full;
        self
    }

    /// Whether the covariance of the coefficients is given too, scaled by the residuals.
    pub fn cov(mut self, cov: bool) -> Self {
        self.covariance = cov.then_some(Scaling::ByResiduals);
        self
    }

    /// The covariance of the coefficients is given too, as weights alone say: xarray's `cov="unscaled"`.
    pub fn unscaled_cov(mut self) -> Self {
        self.covariance = Some(Scaling::Unscaled);
        self
    }
}

impl From<usize> for Polyfit {
    fn from(degree: usize) -> Self {
        Self::degree(degree)
    }
}

impl DataArray {
    /// The polynomial that comes nearest to the values along a coordinate, by least squares.
    ///
    /// The result has `polyfit_coefficients` along a new dimension `degree`, the highest first, and what
    /// [`Polyfit::full`] and [`Polyfit::cov`] ask for. Times are nanoseconds after 1970 as in xarray, so that
    /// [`polyval`] of the same coordinate gives the fitted values; their powers are scaled, but degrees above 3 lose
    /// digits all the same: subtract a time and divide by a duration first for those. Missing values are left out
    /// for each place by itself. The axis is needed in one chunk.
    ///
    /// ```
    /// use graticule_dataset::{DataArray, Variable, polyval};
    /// let x = Variable::from_vec("x", vec![0.0, 1.0, 2.0, 3.0])?;
    /// let y = DataArray::new(None, Variable::from_vec("x", vec![1.0, 3.0, 5.0, 7.0])?, [("x".into(), x)])?;
    /// let fit = y.polyfit("x", 1)?.get("polyfit_coefficients")?;
    /// assert!((fit.sel("degree", 1)?.item()? - 2.0).abs() < 1e-14);
    /// assert!((polyval(&y.coord("x")?, &fit)? - &y)?.abs()?.max(())?.item()? < 1e-14);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a coordinate that is not there, [`Error::Argument`] for one that is missing somewhere,
    /// for weights that do not fit, and for too few points to scale a covariance.
    pub fn polyfit(&self, coord: &str, fit: impl Into<Polyfit>) -> Result<Dataset> {
        fit.into().apply(self, coord, &[(String::new(), self.variable())], Attrs::new())
    }
}

impl Dataset {
    /// The polynomials that come nearest to each variable that has the coordinate's dimension, named
    /// `NAME_polyfit_coefficients`. The rest is as in [`DataArray::polyfit`].
    ///
    /// # Errors
    /// As [`DataArray::polyfit`].
    pub fn polyfit(&self, coord: &str, fit: impl Into<Polyfit>) -> Result<Self> {
        let variables: Vec<(String, &Variable)> =
            self.data_vars().iter().map(|(name, variable)| (format!("{name}_"), variable)).collect();
        fit.into().apply(self, coord, &variables, self.attrs().clone())
    }
}

impl Polyfit {
    fn apply<V: DataVars>(
        &self,
        on: &Labeled<V>,
        coord: &str,
        variables: &[(String, &Variable)],
        attrs: Attrs,
    ) -> Result<Dataset> {
        let scale = on.scale(coord, Some(Step::Nanoseconds), Origin::Epoch)?;
        let design = Arc::new(Design::new(self, coord, &scale)?);
        let order = self.degree + 1;
        let all = on.all_dims();
        let degree = if all.iter().any(|dim| *dim == DEGREE) { "_degree" } else { DEGREE };
        let mut results: Vec<(String, Variable)> = Vec::new();
        if self.full {
            let rank = design.svd.rank(f64::EPSILON * design.points().max(order) as f64);
            results.push((format!("{coord}_matrix_rank"), Variable::scalar(rank as i64)?));
            let mut values = design.svd.values.clone();
            values.resize(order, f64::NAN);
            results.push((format!("{coord}_singular_values"), Variable::from_vec(degree, values)?));
        }
        let mut others: Vec<Dim> = Vec::new();
        for (prefix, variable) in variables {
            let Some(axis) = variable.axis(&scale.dim) else { continue };
            let mut dims: Vec<Dim> = variable.dims().to_vec();
            dims.remove(axis);
            others.extend(dims.iter().filter(|dim| !others.contains(dim)).cloned().collect::<Vec<_>>());
            let fitted = design.fit(variable.data(), axis)?;
            let coefficients = fitted.stride_axis(0, 0, 1, order)?;
            let named = |what: &str| format!("{prefix}polyfit_{what}");
            let with_degree = std::iter::once(Dim::new(degree)).chain(dims.iter().cloned());
            results.push((named("coefficients"), Variable::new(with_degree, coefficients)?));
            let residuals = fitted.index_axis(0, -1)?;
            if self.full || self.covariance == Some(Scaling::ByResiduals) {
                results.push((named("residuals"), Variable::new(&dims, residuals.clone())?));
            }
            if let Some(scaling) = self.covariance {
                let covariance = self.covariance(&design, scaling, &dims, &residuals)?;
                results.push((named("covariance"), covariance));
            }
        }
        let degrees: Vec<i64> = (0..order as i64).rev().collect();
        let mut coords = vec![(degree.to_owned(), Variable::from_vec(degree, degrees)?)];
        let indexes =
            others.iter().filter_map(|dim| Some((dim.to_string(), on.coords.index_variable(dim)?.clone())));
        coords.extend(indexes);
        Dataset::new(results, coords, attrs)
    }

    fn covariance(
        &self,
        design: &Design,
        scaling: Scaling,
        dims: &[Dim],
        residuals: &Array,
    ) -> Result<Variable> {
        let order = self.degree + 1;
        let gram = design.svd.inverse_gram();
        let scaled = gram
            .iter()
            .zip(&design.scales)
            .flat_map(|(row, a)| row.iter().zip(&design.scales).map(move |(entry, b)| entry / (a * b)));
        let base = graticule_array::Chunk::new(vec![order, order], scaled.collect())?;
        let base = Variable::from_chunk(["cov_i", "cov_j"], base)?;
        if scaling == Scaling::Unscaled {
            return Ok(base);
        }
        let points = design.points();
        if points <= order {
            let hint = format!("with {points} points nothing is left to scale by; use unscaled_cov");
            return Err(Error::argument("cov", format!("of {order} coefficients"), hint));
        }
        let factor = Variable::new(dims, (residuals / (points - order) as f64)?)?;
        base.binary(graticule_array::Binary::Multiply, &factor)
    }
}

/// The powers of a coordinate, ready to be fitted.
struct Design {
    /// A column for each power, the highest first, weighted, and scaled to length 1.
    columns: Vec<Vec<f64>>,
    scales: Vec<f64>,
    weights: Option<Vec<f64>>,
    svd: Svd,
    rcond: f64,
    skipna: bool,
}

impl Design {
    fn new(fit: &Polyfit, coord: &str, scale: &Scale) -> Result<Self> {
        let points = scale.numbers.len();
        if scale.numbers.iter().any(|x| !x.is_finite()) {
            let hint = "it is missing or infinite somewhere; select where it is not";
            return Err(Error::argument("coord", format!("{coord:?}"), hint));
        }
        if let Some(weights) = fit.weights.as_ref().filter(|weights| weights.len() != points) {
            let hint = format!("give one for each of the {points} points along {:?}", &*scale.dim);
            return Err(Error::argument("weights", format!("{} numbers", weights.len()), hint));
        }
        let weight =
            |i: usize| fit.weights.as_ref().and_then(|weights| weights.get(i)).copied().unwrap_or(1.0);
        let power = |exponent: usize| -> Vec<f64> {
            let powers = scale.numbers.iter().map(|x| (0..exponent).fold(1.0, |power, _| power * x));
            powers.enumerate().map(|(i, power)| power * weight(i)).collect()
        };
        let mut columns: Vec<Vec<f64>> = (0..=fit.degree).rev().map(power).collect();
        let mut scales = Vec::with_capacity(columns.len());
        for column in &mut columns {
            let length = dot(column, column).sqrt();
            column.iter_mut().for_each(|x| *x /= length);
            scales.push(length);
        }
        let svd = Svd::of(columns.clone());
        let rcond = fit.rcond.unwrap_or(points as f64 * f64::EPSILON);
        Ok(Self { columns, scales, weights: fit.weights.clone(), svd, rcond, skipna: fit.skipna })
    }

    fn points(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Coefficients along the first axis, and behind them the sum of squared residuals.
    fn fit(self: &Arc<Self>, data: &Array, axis: usize) -> Result<Array> {
        let design = Arc::clone(self);
        let len = self.columns.len() + 1;
        let data = data.astype(DType::F64)?;
        let fitted =
            data.apply_along_axis("polyfit", axis as isize, len, move |y: &[f64]| Ok(design.fit_row(y)))?;
        Ok(fitted.moveaxis(&[axis as isize], &[0])?)
    }

    fn fit_row(&self, y: &[f64]) -> Vec<f64> {
        let weigh =
            |(i, y): (usize, &f64)| self.weights.as_ref().and_then(|w| w.get(i)).map_or(*y, |w| w * y);
        let y: Vec<f64> = y.iter().enumerate().map(weigh).collect();
        let known: Vec<bool> = y.iter().map(|y| !y.is_nan()).collect();
        let count = known.iter().filter(|known| **known).count();
        if count == y.len() {
            return self.solved(&self.svd, &self.columns, &y);
        }
        if count == 0 || !self.skipna {
            return vec![f64::NAN; self.columns.len() + 1];
        }
        let select = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&known).filter(|(_, known)| **known).map(|(value, _)| *value).collect()
        };
        let columns: Vec<Vec<f64>> = self.columns.iter().map(|column| select(column)).collect();
        self.solved(&Svd::of(columns.clone()), &columns, &select(&y))
    }

    fn solved(&self, svd: &Svd, columns: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        let x = svd.solve(y, self.rcond);
        // As numpy, which gives no residuals where there is nothing left over or not one solution.
        let residuals = if y.len() > columns.len() && svd.rank(self.rcond) == columns.len() {
            let mut rest = y.to_vec();
            for (column, x) in columns.iter().zip(&x) {
                rest.iter_mut().zip(column).for_each(|(rest, a)| *rest -= a * x);
            }
            dot(&rest, &rest)
        } else {
            f64::NAN
        };
        let mut result: Vec<f64> = x.iter().zip(&self.scales).map(|(x, scale)| x / scale).collect();
        result.push(residuals);
        result
    }
}

/// The values of polynomials at the places of a coordinate, by Horner's scheme.
///
/// Coefficients lie along the dimension `degree`, whose labels say to which powers they belong; powers without a label
/// have none. Times are nanoseconds after 1970, as in [`DataArray::polyfit`].
///
/// ```
/// use graticule_dataset::{DataArray, Variable, polyval};
/// let degree = Variable::from_vec("degree", vec![2i64, 0])?;
/// let coefficients = Variable::from_vec("degree", vec![3.0, 1.0])?;
/// let coefficients = DataArray::new(None, coefficients, [("degree".into(), degree)])?;
/// let x = DataArray::new(None, Variable::from_vec("x", vec![0.0, 1.0, 2.0])?, [])?;
/// assert_eq!(polyval(&x, &coefficients)?.variable().values()?.as_slice::<f64>()?, [1.0, 4.0, 13.0]);
/// # Ok::<(), graticule_dataset::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unindexed`] when `degree` has no labels or none that are whole numbers from 0, [`Error::Alignment`] when
/// other labels differ.
pub fn polyval<V: DataVars>(coord: &DataArray, coeffs: &Labeled<V>) -> Result<Labeled<V>> {
    let places = degrees(&coeffs.coords)?;
    let picks = align::picks(&[&coord.coords, &coeffs.coords], Join::Exact)?;
    let (coord, coeffs) = (align::apply(coord, &picks, 0)?, align::apply(coeffs, &picks, 1)?);
    let x = coord.variable().map(numbers_since_epoch)?.with_encoding(Encoding::new());
    let mut vars = coeffs.vars.map(|coefficients| {
        let at = |place: &Option<usize>| match place {
            Some(position) => coefficients.pick(DEGREE, &Pick::One(*position)),
            None => coefficients.pick(DEGREE, &Pick::One(0))?.map(Array::zeros_like),
        };
        let mut places = places.iter().rev();
        let highest = places.next().unwrap_or(&None);
        let start = x.map(Array::zeros_like)?.binary(graticule_array::Binary::Add, &at(highest)?)?;
        places.try_fold(start, |value, place| {
            let product = value.binary(graticule_array::Binary::Multiply, &x)?;
            product.binary(graticule_array::Binary::Add, &at(place)?)
        })
    })?;
    vars.merge_name(coord.name());
    let others = coeffs.coords.filtered(|_, variable| variable.axis(DEGREE).is_none());
    Ok(Labeled::from_parts(vars, coord.coords.merged(&others)?))
}

/// For each power from 0 the position of its coefficient.
fn degrees(coords: &Coords) -> Result<Vec<Option<usize>>> {
    let wrong = |problem: &str| Error::Unindexed {
        dim: Dim::new(DEGREE),
        problem: problem.into(),
        hint: "give it a coordinate with the power of each coefficient, such as 2, 1, 0".into(),
    };
    let labels = coords.labels(DEGREE).ok_or_else(|| wrong("has no labels"))?;
    if !labels.dtype().is_integer() {
        return Err(wrong("has labels that are not integers"));
    }
    let powers =
        (0..labels.len()).map(|i| labels.get(i)?.to_i64().and_then(|power| usize::try_from(power).ok()));
    let powers: Option<Vec<usize>> = powers.collect();
    let powers = powers.ok_or_else(|| wrong("has a negative label"))?;
    let highest = powers.iter().max().copied().ok_or_else(|| wrong("is empty"))?;
    Ok((0..=highest).map(|power| powers.iter().position(|&p| p == power)).collect())
}
