//! The inner loops of sums and histograms.

use multiversion::multiversion;

/// The sum of a row and the number of values in it.
///
/// Sixteen partial sums are added up in a fixed order: fast, and the rounding error of a tile grows with
/// `len / 16` instead of `len`.
pub(crate) fn sum(row: &[f64], skipna: bool) -> (f64, u64) {
    sum_shifted(row, 0.0, skipna)
}

/// The sum of `x - shift` over a row and the number of values in it.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn sum_shifted(row: &[f64], shift: f64, skipna: bool) -> (f64, u64) {
    const WIDTH: usize = 16;
    let mut sums = [0.0; WIDTH];
    let mut missing = [0u64; WIDTH];
    let (blocks, rest) = row.as_chunks::<WIDTH>();
    if skipna {
        for block in blocks {
            for i in 0..WIDTH {
                let x = block[i];
                sums[i] += if x.is_nan() { 0.0 } else { x - shift };
                missing[i] += u64::from(x.is_nan());
            }
        }
    } else {
        for block in blocks {
            for i in 0..WIDTH {
                sums[i] += block[i] - shift;
            }
        }
    }
    for (i, &x) in rest.iter().enumerate() {
        let gone = skipna && x.is_nan();
        sums[i] += if gone { 0.0 } else { x - shift };
        missing[i] += u64::from(gone);
    }
    let mut width = WIDTH / 2;
    while width > 0 {
        for i in 0..width {
            sums[i] += sums[i + width];
        }
        width /= 2;
    }
    (sums[0], row.len() as u64 - missing.iter().sum::<u64>())
}

/// Adds a row to sums and counts, element by element.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn add(sum: &mut [f64], count: &mut [u64], row: &[f64], skipna: bool) {
    if skipna {
        for ((s, n), &x) in sum.iter_mut().zip(count).zip(row) {
            *s += if x.is_nan() { 0.0 } else { x };
            *n += u64::from(!x.is_nan());
        }
    } else {
        for ((s, n), &x) in sum.iter_mut().zip(count).zip(row) {
            *s += x;
            *n += 1;
        }
    }
}

/// Counts values into equal parts of `[low, high]`. The edges are those of numpy's `linspace`; a value that
/// rounding puts beside its part is moved to where the edges say.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn histogram(values: &[f64], low: f64, high: f64, counts: &mut [i64]) {
    const WIDTH: usize = 8;
    let parts = Parts::new(low, high, counts.len());
    let limit = i32::try_from(counts.len()).unwrap_or(i32::MAX);
    let (blocks, rest) = values.as_chunks::<WIDTH>();
    for block in blocks {
        let (mut bins, mut is_plain) = ([0i32; WIDTH], true);
        for i in 0..WIDTH {
            let position = (block[i] - low) * parts.scale;
            let bin = position as i32;
            let fraction = position - f64::from(bin);
            // NaN and what is out of range are near no middle of a part.
            let is_inside = (position > 0.0) & (fraction >= parts.near) & (fraction <= 1.0 - parts.near);
            is_plain &= is_inside & (bin < limit);
            bins[i] = bin;
        }
        if is_plain {
            bins.iter().for_each(|&bin| counts[bin as usize] += 1);
        } else {
            block.iter().filter_map(|&x| parts.of(x)).for_each(|bin| counts[bin] += 1);
        }
    }
    rest.iter().filter_map(|&x| parts.of(x)).for_each(|bin| counts[bin] += 1);
}

/// Equal parts of a range.
struct Parts {
    low: f64,
    high: f64,
    bins: usize,
    step: f64,
    scale: f64,
    /// Only a value this close to an edge, in parts, can have been put on its wrong side: by rounding of the value's
    /// position, or of the edge.
    near: f64,
}

impl Parts {
    fn new(low: f64, high: f64, bins: usize) -> Self {
        let (step, scale) = ((high - low) / bins as f64, bins as f64 / (high - low));
        let rounding = bins as f64 + low.abs().max(high.abs()) * scale;
        Self { low, high, bins, step, scale, near: (8.0 * f64::EPSILON * rounding).max(1e-9) }
    }

    fn edge(&self, i: usize) -> f64 {
        if i == self.bins { self.high } else { i as f64 * self.step + self.low }
    }

    /// The part that a value is in.
    fn of(&self, x: f64) -> Option<usize> {
        // Also false for NaN.
        if !(x >= self.low && x <= self.high) {
            return None;
        }
        let position = (x - self.low) * self.scale;
        let mut bin = (position as usize).min(self.bins - 1);
        let fraction = position - bin as f64;
        if !(self.near..=1.0 - self.near).contains(&fraction) {
            if x < self.edge(bin) && bin > 0 {
                bin -= 1;
            } else if x >= self.edge(bin + 1) && bin + 1 < self.bins {
                bin += 1;
            }
        }
        Some(bin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_on_edges_are_counted_as_numpy_does() {
        // np.histogram(np.arange(11) / 10, bins=10, range=(0, 1))
        let values: Vec<f64> = (0..11).map(|i| f64::from(i) / 10.0).collect();
        let mut counts = [0; 10];
        histogram(&values, 0.0, 1.0, &mut counts);
        let edges: Vec<f64> = (0..=10).map(|i| f64::from(i) * 0.1).collect();
        let mut expected = [0; 10];
        for &x in &values {
            let bin = (0..10).rev().find(|&i| x >= edges[i]).unwrap_or(0);
            expected[bin] += 1;
        }
        assert_eq!(counts, expected);
        let mut counts = [0; 2];
        histogram(&[f64::NAN, -0.1, 1.1, 1.0, 0.5], 0.0, 1.0, &mut counts);
        assert_eq!(counts, [0, 2]);
    }

    #[test]
    fn edges_count_where_they_are_rounded() {
        // np.histogram(x, bins=10, range=(1e9, 1e9 + 1)) for x on the edges, whose rounding is up to 6e-8, and just below.
        let (low, high) = (1e9, 1e9 + 1.0);
        let edges: Vec<f64> =
            (0..=10).map(|i| if i == 10 { high } else { f64::from(i) * 0.1 + low }).collect();
        let values: Vec<f64> = edges[1..10].iter().flat_map(|&x| [x, x.next_down()]).collect();
        let mut expected = [0; 10];
        for &x in &values {
            expected[(0..10).rev().find(|&i| x >= edges[i]).unwrap_or(0)] += 1;
        }
        let mut counts = [0; 10];
        histogram(&values, low, high, &mut counts);
        assert_eq!(counts, expected);
        let mut counts = [0; 1];
        histogram(&[-1.0, -0.1, 1.1, 2.0, f64::NAN, f64::INFINITY, 0.5, 0.25], 0.0, 1.0, &mut counts);
        assert_eq!(counts, [2]);
    }

    #[test]
    fn a_sum_leaves_missing_values_out_only_on_request() {
        let mut row = vec![1.0; 37];
        row[20] = f64::NAN;
        assert_eq!(sum(&row, true), (36.0, 36));
        assert!(sum(&row, false).0.is_nan());
    }
}
