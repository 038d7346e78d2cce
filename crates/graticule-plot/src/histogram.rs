//! Counting values into bins.

use crate::error::{Error, Result};
use crate::figure::{check_length, check_monotonic};
use crate::norm::{finite_range, widened};

/// More bins than any picture has pixels for.
const MOST_BINS: usize = 100_000;

/// How many values fall between consecutive edges.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// The count of each bin.
    pub counts: Vec<f64>,
    /// The rising bounds of the bins, one more than there are bins; none when there are no bins.
    pub edges: Vec<f64>,
}

impl Histogram {
    /// Counts the finite `values` into `bins` bins (1 to 100 000) of equal width from the smallest to the
    /// largest.
    ///
    /// Without `bins`, the number follows the rule of Freedman and Diaconis, but at least that of Sturges and
    /// at most 100, so that neither few values nor a long tail spoil it. A value on an edge belongs to
    /// the bin above it, except the largest.
    ///
    /// ```
    /// use graticule_plot::Histogram;
    ///
    /// let histogram = Histogram::of(&[0.0, 0.5, 1.0, 2.0, f64::NAN], Some(2));
    /// assert_eq!(histogram.edges, [0.0, 1.0, 2.0]);
    /// assert_eq!(histogram.counts, [2.0, 2.0]);
    /// ```
    pub fn of(values: &[f64], bins: Option<usize>) -> Self {
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let Some((low, high)) = finite_range(finite.iter().copied()) else { return Self::default() };
        let (low, high) = widened(low, high);
        let bins = bins.unwrap_or_else(|| suitable_bins(&finite, high - low)).clamp(1, MOST_BINS);
        let width = (high - low) / bins as f64;
        let mut counts = vec![0.0; bins];
        for value in finite {
            let bin = (((value - low) / width) as usize).min(bins - 1);
            counts[bin] += 1.0;
        }
        let edge = |i: usize| if i == bins { high } else { low + width * i as f64 };
        Self { counts, edges: (0..=bins).map(edge).collect() }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let edges = if self.counts.is_empty() && self.edges.is_empty() { 0 } else { self.counts.len() + 1 };
        check_length(|| "edges of the histogram".into(), edges, self.edges.len())?;
        check_monotonic("edges of the histogram", &self.edges)?;
        if self.edges.first() > self.edges.last() {
            return Err(Error::NonMonotonic { what: "edges of the histogram".into(), index: 1 });
        }
        match self.counts.iter().position(|c| !c.is_finite()) {
            Some(index) => {
                let value = self.counts.get(index).copied().unwrap_or(f64::NAN);
                Err(Error::NonFinite { what: "counts of the histogram".into(), index, value })
            }
            None => Ok(()),
        }
    }
}

fn suitable_bins(finite: &[f64], span: f64) -> usize {
    let n = finite.len() as f64;
    let sturges = n.log2().ceil() + 1.0;
    let mut sorted = finite.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted.get((n * share) as usize).copied().unwrap_or(0.0);
    let width = 2.0 * (at(0.75) - at(0.25)) / n.cbrt();
    let freedman_diaconis = if width > 0.0 { (span / width).ceil() } else { 0.0 };
    freedman_diaconis.clamp(sturges, 100.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_every_finite_value_once() {
        let values: Vec<f64> = (0..997).map(|i| f64::from(i).sin()).collect();
        let histogram = Histogram::of(&values, None);
        assert_eq!(histogram.counts.iter().sum::<f64>(), 997.0);
        assert_eq!(histogram.edges.len(), histogram.counts.len() + 1);
        assert!((11..=100).contains(&histogram.counts.len()), "{}", histogram.counts.len());
    }

    #[test]
    fn empty_and_constant_values_are_fine() {
        assert_eq!(Histogram::of(&[f64::NAN], None), Histogram::default());
        assert!(Histogram::default().check().is_ok());
        let constant = Histogram::of(&[2.0; 8], Some(4));
        assert_eq!(constant.counts.iter().sum::<f64>(), 8.0);
        assert!(constant.edges[0] < 2.0 && constant.edges[4] > 2.0);
    }

    #[test]
    fn inconsistent_counts_are_refused() {
        let edges = |counts: Vec<f64>, edges: Vec<f64>| Histogram { counts, edges }.check();
        assert!(matches!(edges(vec![1.0], vec![0.0]), Err(Error::LengthMismatch { expected: 2, .. })));
        assert!(matches!(edges(vec![1.0], vec![1.0, 0.0]), Err(Error::NonMonotonic { .. })));
        assert!(matches!(edges(vec![f64::NAN], vec![0.0, 1.0]), Err(Error::NonFinite { index: 0, .. })));
    }
}
