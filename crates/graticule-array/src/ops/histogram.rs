//! Histograms: of one array or of several together, over equal bins or given edges, weighted or not.

use crate::aggregation::{Aggregation, Statistic};
use crate::array::Array;
use crate::chunk::Chunk;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The bins of a histogram along one dimension.
///
/// ```
/// use graticule_array::Bins;
/// let equal: Bins = (4, (0.0, 2.0)).into();
/// assert_eq!(equal.edges()?, [0.0, 0.5, 1.0, 1.5, 2.0]);
/// let uneven: Bins = [0.0, 1.0, 10.0, 100.0].into();
/// assert_eq!(uneven.edges()?.len(), 4);
/// # Ok::<(), graticule_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Bins {
    /// Equal parts of a range.
    Equal {
        /// How many parts.
        bins: usize,
        /// The start of the first and the end of the last.
        range: (f64, f64),
    },
    /// The edges between bins, which do not decrease: one more than there are bins.
    Edges(Vec<f64>),
}

/// The most bins along one dimension.
const MAX_BINS: usize = 1 << 24;

impl Bins {
    /// The edges between bins: one more than there are bins. Those of equal parts are numpy's `linspace`.
    ///
    /// # Errors
    /// [`Error::Argument`] for no bins, for a range that is empty or not finite, and for edges that decrease or are
    /// NaN.
    pub fn edges(&self) -> Result<Vec<f64>> {
        match self {
            Self::Equal { bins, range: (low, high) } => {
                if *bins == 0 || *bins > MAX_BINS {
                    return Err(Error::argument("bins", bins, format!("use 1 to {MAX_BINS} bins")));
                }
                if !(low.is_finite() && high.is_finite() && low < high) {
                    let hint = "low must be below high, both finite";
                    return Err(Error::argument("range", format!("({low}, {high})"), hint));
                }
                let step = (high - low) / *bins as f64;
                let mut edges: Vec<f64> = (0..*bins).map(|i| i as f64 * step + low).collect();
                edges.push(*high);
                Ok(edges)
            }
            Self::Edges(edges) => {
                if (2..=MAX_BINS + 1).contains(&edges.len())
                    && edges.is_sorted_by(|a, b| a <= b)
                    && !edges.iter().any(|edge| edge.is_nan())
                {
                    return Ok(edges.clone());
                }
                let hint = "give at least two edges that do not decrease; none is NaN";
                let shown: Vec<f64> = edges.iter().copied().take(8).collect();
                Err(Error::argument("edges", format!("{} edges {shown:?}", edges.len()), hint))
            }
        }
    }
}

impl From<(usize, (f64, f64))> for Bins {
    fn from((bins, range): (usize, (f64, f64))) -> Self {
        Self::Equal { bins, range }
    }
}

impl From<&[f64]> for Bins {
    fn from(edges: &[f64]) -> Self {
        Self::Edges(edges.to_vec())
    }
}

impl From<Vec<f64>> for Bins {
    fn from(edges: Vec<f64>) -> Self {
        Self::Edges(edges)
    }
}

impl<const N: usize> From<[f64; N]> for Bins {
    fn from(edges: [f64; N]) -> Self {
        Self::Edges(edges.to_vec())
    }
}

/// What falls into each bin, with the edges of the bins.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Lazy: how many values are in each bin, int64; with weights the sums of these. One axis for each dimension.
    pub counts: Array,
    /// The edges of the bins along each dimension.
    pub edges: Vec<Vec<f64>>,
}

impl Histogram {
    /// The density, float64: counts over their total and over the size of the bin, so that the integral over all
    /// bins is 1. NaN where nothing was counted, and infinite in bins without a size that have counts.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let histogram = Array::arange(10)?.histogram_over([0.0, 5.0, 15.0], None)?;
    /// assert_eq!(histogram.density()?.compute()?.as_slice::<f64>()?, [0.1, 0.05]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for a histogram that [`Array::histogram_over`] or [`Array::histogramdd`] gave.
    pub fn density(&self) -> Result<Array> {
        let mut density = self.counts.astype(DType::F64)?;
        let total = density.sum(())?;
        for (axis, edges) in self.edges.iter().enumerate() {
            let widths: Vec<f64> =
                edges.iter().zip(edges.iter().skip(1)).map(|(low, high)| high - low).collect();
            let mut shape = vec![1; self.edges.len()];
            shape[axis] = widths.len();
            density = (density / Array::from_chunk(Chunk::new(shape, widths)?)?)?;
        }
        density / total
    }
}

impl Array {
    /// How many values fall between each two of some edges, int64. As in numpy, bins are closed on the left, the last
    /// on both sides; other values and NaN are not counted. Edges need not be at equal distances, values are compared
    /// with them as float64.
    ///
    /// For bins of one size [`Array::histogram`] is faster.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let counts = Array::arange(11)?.histogram_edges(&[0.0, 1.0, 5.0, 10.0])?;
    /// assert_eq!(counts.compute()?.as_slice::<i64>()?, [1, 4, 6]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::histogram_over`].
    pub fn histogram_edges(&self, edges: &[f64]) -> Result<Self> {
        Ok(self.histogram_over(edges, None)?.counts)
    }

    /// The sums of the weights of the values that fall into each bin. The dtype is that of [`Array::sum`] of the
    /// weights. A NaN among the weights of a bin makes its sum NaN; numpy, which takes differences of running sums,
    /// loses all bins after it.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// let sums = x.histogram_weighted((2, (0.0, 4.0)), &(&x * 0.5)?)?;
    /// assert_eq!(sums.compute()?.as_slice::<f64>()?, [0.5, 2.5]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::histogram_over`].
    pub fn histogram_weighted(&self, bins: impl Into<Bins>, weights: &Self) -> Result<Self> {
        Ok(self.histogram_over(bins, Some(weights))?.counts)
    }

    /// The histogram of all values over bins, with its edges: counts, or with weights their sums. Weights have the
    /// shape of the array or broadcast to it. [`Histogram::density`] gives the density.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let histogram = Array::linspace(0.0, 1.0, 5)?.histogram_over((2, (0.0, 1.0)), None)?;
    /// assert_eq!(histogram.counts.compute()?.as_slice::<i64>()?, [2, 3]);
    /// assert_eq!(histogram.edges[0], [0.0, 0.5, 1.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Bins::edges`]; [`Error::Dtype`] for texts and times, and for weights that have no sum; [`Error::Shape`]
    /// for weights that do not broadcast to the array.
    pub fn histogram_over(&self, bins: impl Into<Bins>, weights: Option<&Self>) -> Result<Histogram> {
        Self::histogramdd(&[self], &[bins.into()], weights)
    }

    /// The histogram of pairs of values: axis 0 of the counts has the bins of this array, axis 1 those of `other`.
    /// See [`Array::histogramdd`].
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// let pairs = x.histogram2d(&(&x * 10)?, (2, (0.0, 4.0)), [0.0, 10.0, 30.0], None)?;
    /// assert_eq!(pairs.counts.compute()?.as_slice::<i64>()?, [1, 1, 0, 2]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::histogramdd`].
    pub fn histogram2d(
        &self,
        other: &Self,
        bins: impl Into<Bins>,
        other_bins: impl Into<Bins>,
        weights: Option<&Self>,
    ) -> Result<Histogram> {
        Self::histogramdd(&[self, other], &[bins.into(), other_bins.into()], weights)
    }

    /// The histogram of points, of which each of the `samples` has one coordinate. A point is counted where all its
    /// coordinates fall into bins. Where numpy counts in float64, counts are int64 here.
    ///
    /// Where the points are the rows of one array, [`Array::histogramdd_rows`] takes that.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let [x, y] = [Array::arange(4)?, (Array::arange(4)? % 2)?];
    /// let histogram = Array::histogramdd(&[&x, &y], &[(2, (0.0, 4.0)).into(), (2, (0.0, 2.0)).into()], None)?;
    /// assert_eq!(histogram.counts.compute()?.as_slice::<i64>()?, [1, 1, 1, 1]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::histogram_over`]; [`Error::Argument`] for no samples, for another number of bins, and for more than
    /// 2^32 bins together; [`Error::Shape`] for samples of different shapes.
    pub fn histogramdd(samples: &[&Self], bins: &[Bins], weights: Option<&Self>) -> Result<Histogram> {
        let Some((&first, others)) = samples.split_first() else {
            return Err(Error::argument("samples", "[]", "give at least one array"));
        };
        if bins.len() != samples.len() {
            let hint = format!("give the bins of each of the {} samples", samples.len());
            return Err(Error::argument("bins", bins.len(), hint));
        }
        if let Some(other) = others.iter().find(|other| other.shape() != first.shape()) {
            return Err(Error::Shape {
                operation: "histogram".into(),
                left: first.shape().to_vec(),
                right: other.shape().to_vec(),
                hint: "each sample has one coordinate of every point, so all have one shape".into(),
            });
        }
        let edges = bins.iter().map(Bins::edges).collect::<Result<Vec<_>>>()?;
        let counts: Vec<usize> = edges.iter().map(|edges| edges.len() - 1).collect();
        let total = counts.iter().try_fold(1usize, |all, &bins| all.checked_mul(bins));
        let total = total.filter(|&total| total <= MAX_TOTAL).ok_or_else(|| {
            let hint = format!("use at most {MAX_TOTAL} bins together");
            Error::argument("bins", format!("{counts:?}"), hint)
        })?;
        let mut codes = first.bin_numbers(&edges[0])?;
        for (sample, edges) in others.iter().zip(edges.iter().skip(1)) {
            let number = sample.bin_numbers(edges)?;
            let is_outside = (codes.less(0)? | number.less(0)?)?;
            codes = is_outside.choose(-1, ((codes * (edges.len() as i64 - 1))? + number)?)?;
        }
        let values = match weights {
            Some(weights) => weights.broadcast_to(first.shape().to_vec())?,
            None => codes.clone(),
        };
        let kind = if weights.is_some() { Statistic::Sum } else { Statistic::Count };
        // A single value is a point too.
        let (values, codes) = match first.ndim() {
            0 => (values.expand_dims(0)?, codes.expand_dims(0)?),
            _ => (values, codes),
        };
        let axes: Vec<isize> = (0..codes.ndim() as isize).collect();
        let flat = values.group_reduce(Aggregation { kind, skipna: false }, axes, &codes, total)?;
        Ok(Histogram { counts: flat.reshape_to(counts)?, edges })
    }

    /// [`Array::histogramdd`] of the rows of an array with two axes: each row is a point.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let points = Array::from_array(ndarray::arr2(&[[0.5, 0.5], [0.5, 1.5], [9.0, 0.5]]), (3, 2))?;
    /// let bins = [[0.0, 1.0, 2.0].into(), (2, (0.0, 2.0)).into()];
    /// let histogram = points.histogramdd_rows(&bins, None)?;
    /// assert_eq!(histogram.counts.compute()?.as_slice::<i64>()?, [1, 1, 0, 0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::histogramdd`]; [`Error::Argument`] for an array that has not two axes.
    pub fn histogramdd_rows(&self, bins: &[Bins], weights: Option<&Self>) -> Result<Histogram> {
        let &[_, dimensions] = self.shape() else {
            return Err(Error::argument(
                "axes",
                self.ndim(),
                "use axis 0 for points and axis 1 for coordinates",
            ));
        };
        if dimensions != bins.len() {
            let hint = format!("give the bins of each of the {dimensions} coordinates");
            return Err(Error::argument("bins", bins.len(), hint));
        }
        let samples = (0..dimensions as isize).map(|i| self.index_axis(1, i)).collect::<Result<Vec<_>>>()?;
        Self::histogramdd(&samples.iter().collect::<Vec<_>>(), bins, weights)
    }

    /// The number of the bin of each value, -1 where it is in none.
    fn bin_numbers(&self, edges: &[f64]) -> Result<Self> {
        let Some((&last, lower)) = edges.split_last() else {
            return Err(Error::argument("edges", "[]", "give at least two edges"));
        };
        // The last bin is closed on the right: edge by edge from below, all but the last decide. A number beside the
        // array would be rounded to its dtype, so the comparison is made in float64 too.
        let number = (self.digitize(lower, false)? - 1)?;
        self.astype(DType::F64)?.less_equal(last)?.choose(number, -1)
    }
}

/// The most bins of all dimensions together.
const MAX_TOTAL: usize = 1 << 32;
