//! Windows whose weights decay exponentially into the past.

use graticule_array::{Array, DType};

use self::sums::{Sums, row};
use crate::attrs::Encoding;
use crate::dims::Dim;
use crate::error::{Error, Result};
use crate::labeled::{DataArray, DataVars, Labeled};
use crate::ops::only;

/// How fast weights decay, in one of the ways it is usually said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decay {
    /// As a moving mean over so many elements: `alpha = 2 / (span + 1)`. At least 1.
    Span(f64),
    /// By their centre of mass: `alpha = 1 / (com + 1)`. At least 0.
    Com(f64),
    /// To a half over so many elements. More than 0.
    HalfLife(f64),
    /// The weight of the newest element, more than 0 and less than 1; each one before has `1 - alpha` times that of the next.
    Alpha(f64),
}

impl From<f64> for Decay {
    fn from(span: f64) -> Self {
        Self::Span(span)
    }
}

impl Decay {
    fn alpha(self) -> Result<f64> {
        let (alpha, valid, hint) = match self {
            Self::Span(span) => (2.0 / (span + 1.0), span >= 1.0, "give at least 1"),
            Self::Com(com) => (1.0 / (com + 1.0), com >= 0.0, "give at least 0"),
            Self::HalfLife(half) => {
                (1.0 - (-std::f64::consts::LN_2 / half).exp(), half > 0.0, "give more than 0")
            }
            Self::Alpha(alpha) => (alpha, alpha > 0.0 && alpha < 1.0, "give more than 0 and less than 1"),
        };
        match valid {
            true => Ok(alpha),
            false => Err(Error::argument("window", format!("{self:?}"), hint)),
        }
    }
}

/// Exponentially weighted statistics along a dimension, made by [`Labeled::rolling_exp`]. Results are float64. Weights decay
/// through missing values, at which the last result is repeated; before the first value there is none.
#[derive(Clone)]
pub struct RollingExp<V> {
    obj: Labeled<V>,
    dim: Dim,
    decay: Decay,
}

impl<V: DataVars> Labeled<V> {
    /// Statistics along a dimension with weights that decay exponentially into the past: a span in elements, or another
    /// [`Decay`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// use graticule_dataset::{DataArray, Decay, Variable};
    /// let x = DataArray::new(None, Variable::new(["time"], Array::linspace(1.0, 3.0, 3)?)?, [])?;
    /// let smooth = x.rolling_exp("time", Decay::Alpha(0.5)).mean()?;
    /// assert!((smooth.isel("time", 1)?.item()? - (0.5 * 1.0 + 2.0) / 1.5).abs() < 1e-15);
    /// # Ok::<(), graticule_dataset::Error>(())
    /// ```
    pub fn rolling_exp(&self, dim: impl AsRef<str>, decay: impl Into<Decay>) -> RollingExp<V> {
        RollingExp { obj: self.clone(), dim: Dim::new(dim), decay: decay.into() }
    }
}

macro_rules! statistics {
    ($($name:ident $sums:ident $doc:literal)+) => {
        impl<V: DataVars> RollingExp<V> {$(
            #[doc = $doc]
            ///
            /// Variables of a dataset that lack the dimension stay as they are.
            ///
            /// # Errors
            /// [`Error::UnknownDim`] for a dimension that is not there, [`Error::Argument`] for a decay outside of its bounds.
            pub fn $name(&self) -> Result<Labeled<V>> {
                self.of_one(stringify!($name), Sums::$sums)
            }
        )+}
    };
}

statistics! {
    mean mean "The weighted mean of the values so far."
    sum sum "The weighted sum of the values so far; the newest has weight 1."
    var var "The unbiased weighted variance of the values so far."
    std std "The square root of [`RollingExp::var`]."
}

impl<V: DataVars> RollingExp<V> {
    fn of_one(&self, name: &str, statistic: fn(&Sums) -> f64) -> Result<Labeled<V>> {
        self.obj.size(&self.dim)?;
        let alpha = self.decay.alpha()?;
        let vars = only(&self.obj.vars, |variable| {
            variable.axis(&self.dim).is_none() || variable.dtype().is_numeric()
        });
        let vars = vars.map(|variable| {
            let Some(axis) = variable.axis(&self.dim) else { return Ok(variable.clone()) };
            let len = variable.size(&self.dim).unwrap_or(0);
            let run = move |values: &[f64]| Ok(row(values, values, alpha, statistic));
            variable.apply(|data| {
                let data = data.astype(DType::F64)?;
                if data.size() == 0 { Ok(data) } else { data.apply_along_axis(name, axis as isize, len, run) }
            })
        })?;
        Ok(Labeled::from_parts(vars, self.obj.coords.clone()))
    }
}

impl RollingExp<crate::labeled::One> {
    /// The unbiased weighted covariance with another array so far, of pairs of which both are there.
    ///
    /// # Errors
    /// As [`RollingExp::mean`] and [`Labeled::binary`].
    pub fn cov(&self, other: &DataArray) -> Result<DataArray> {
        self.of_two("cov", other, Sums::cov)
    }

    /// The weighted correlation with another array so far, of pairs of which both are there.
    ///
    /// # Errors
    /// As [`RollingExp::mean`] and [`Labeled::binary`].
    pub fn corr(&self, other: &DataArray) -> Result<DataArray> {
        self.of_two("corr", other, Sums::corr)
    }

    fn of_two(&self, name: &str, other: &DataArray, statistic: fn(&Sums) -> f64) -> Result<DataArray> {
        let alpha = self.decay.alpha()?;
        let len = self.obj.size(&self.dim)?;
        // A sum has the dimensions, coordinates and name of the result; its values are not computed.
        let both = self.obj.binary(graticule_array::Binary::Add, other)?;
        let dims = both.dims().to_vec();
        let shape = both.shape().to_vec();
        let axis = both.variable().axis(&self.dim).unwrap_or(0) as isize;
        let arranged = |array: &DataArray| -> Result<Array> {
            Ok(array.variable().arranged(&dims)?.astype(DType::F64)?.broadcast_to(&shape)?)
        };
        if len == 0 {
            return both.astype(DType::F64);
        }
        // One after the other along the axis, so that one row has both.
        let pairs = Array::concatenate(&[arranged(&self.obj)?, arranged(other)?], axis)?;
        let run = move |values: &[f64]| {
            let (first, second) = values.split_at(len.min(values.len()));
            Ok(row(first, second, alpha, statistic))
        };
        let data = pairs.apply_along_axis(name, axis, len, run)?;
        let variable = both.variable().with_dims_and_data(dims, data)?.with_encoding(Encoding::new());
        let mut vars = both.vars.clone();
        vars.variable = variable;
        Ok(Labeled::from_parts(vars, both.coords))
    }
}

/// The sums that decay, after numbagg's `move_exp_nan*`.
mod sums {
    /// Sums of the values so far, all of which decay, and whose weights are normalised when they are used.
    #[derive(Default)]
    pub(super) struct Sums {
        weight: f64,
        weight_squared: f64,
        mean_x: f64,
        mean_y: f64,
        /// Weighted sums of products of deviations from the means.
        xx: f64,
        yy: f64,
        xy: f64,
    }

    impl Sums {
        fn decay(&mut self, factor: f64) {
            self.weight *= factor;
            self.weight_squared *= factor * factor;
            self.xx *= factor;
            self.yy *= factor;
            self.xy *= factor;
        }

        /// Adds a pair with weight 1. Means and deviations are moved along (West 1979), so that nothing cancels.
        fn add(&mut self, x: f64, y: f64) {
            let before = self.weight;
            self.weight += 1.0;
            self.weight_squared += 1.0;
            let (dx, dy) = (x - self.mean_x, y - self.mean_y);
            self.mean_x += dx / self.weight;
            self.mean_y += dy / self.weight;
            let share = before / self.weight;
            self.xx += share * dx * dx;
            self.yy += share * dy * dy;
            self.xy += share * dx * dy;
        }

        /// One less the sum of the squared weights, once these add up to 1: what is left for a variance without bias.
        fn unbiased(&self, sum_of_products: f64) -> f64 {
            let bias = 1.0 - self.weight_squared / (self.weight * self.weight);
            if bias > 0.0 { sum_of_products / self.weight / bias } else { f64::NAN }
        }

        pub(super) fn mean(&self) -> f64 {
            if self.weight > 0.0 { self.mean_x } else { f64::NAN }
        }

        pub(super) fn sum(&self) -> f64 {
            if self.weight > 0.0 { self.mean_x * self.weight } else { f64::NAN }
        }

        pub(super) fn var(&self) -> f64 {
            self.unbiased(self.xx)
        }

        pub(super) fn std(&self) -> f64 {
            self.var().sqrt()
        }

        pub(super) fn cov(&self) -> f64 {
            self.unbiased(self.xy)
        }

        pub(super) fn corr(&self) -> f64 {
            let scale = (self.xx * self.yy).sqrt();
            if scale > 0.0 && !self.unbiased(self.xy).is_nan() { self.xy / scale } else { f64::NAN }
        }
    }

    /// A statistic of the pairs up to each.
    pub(super) fn row(x: &[f64], y: &[f64], alpha: f64, statistic: fn(&Sums) -> f64) -> Vec<f64> {
        let mut sums = Sums::default();
        let of_pair = |(&x, &y): (&f64, &f64)| {
            sums.decay(1.0 - alpha);
            if !(x.is_nan() || y.is_nan()) {
                sums.add(x, y);
            }
            statistic(&sums)
        };
        x.iter().zip(y).map(of_pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_say_a_decay_agree_with_pandas() {
        assert_eq!(Decay::Span(3.0).alpha().unwrap(), 0.5);
        assert_eq!(Decay::Com(1.0).alpha().unwrap(), 0.5);
        assert!((Decay::HalfLife(1.0).alpha().unwrap() - 0.5).abs() < 1e-15);
        assert!(Decay::Alpha(1.0).alpha().is_err());
        assert!(Decay::Span(0.5).alpha().is_err());
    }
}
