//! The inner loops of sums, moments and histograms.

use multiversion::multiversion;

/// The sum of a row and the number of values in it.
///
/// Sixteen partial sums are added up in a fixed order: fast, and the rounding error of a tile grows with
/// `len / 16` instead of `len`.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn sum(row: &[f64], skipna: bool) -> (f64, u64) {
    const WIDTH: usize = 16;
    let mut sums = [0.0; WIDTH];
    let mut missing = [0u64; WIDTH];
    let (blocks, rest) = row.as_chunks::<WIDTH>();
    if skipna {
        for block in blocks {
            for i in 0..WIDTH {
                let x = block[i];
                sums[i] += if x.is_nan() { 0.0 } else { x };
                missing[i] += u64::from(x.is_nan());
            }
        }
    } else {
        for block in blocks {
            for i in 0..WIDTH {
                sums[i] += block[i];
            }
        }
    }
    for (i, &x) in rest.iter().enumerate() {
        let gone = skipna && x.is_nan();
        sums[i] += if gone { 0.0 } else { x };
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

/// The number, the mean and the sum of squared deviations of a row, in two passes over the cached tile.
pub(crate) fn moments(row: &[f64], skipna: bool) -> (f64, f64, f64) {
    let (total, count) = sum(row, skipna);
    if count == 0 {
        return (0.0, 0.0, 0.0);
    }
    let mean = total / count as f64;
    let (m2, shift) = squares(row, mean, skipna);
    // The second term repairs the rounding of the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
    (count as f64, mean, m2 - shift * shift / count as f64)
}

#[multiversion(targets("x86_64+avx2"))]
fn squares(row: &[f64], mean: f64, skipna: bool) -> (f64, f64) {
    const WIDTH: usize = 8;
    let (mut m2, mut shift) = ([0.0; WIDTH], [0.0; WIDTH]);
    let deviation = |x: f64| if skipna && x.is_nan() { 0.0 } else { x - mean };
    let (blocks, rest) = row.as_chunks::<WIDTH>();
    for block in blocks {
        for i in 0..WIDTH {
            let d = deviation(block[i]);
            m2[i] += d * d;
            shift[i] += d;
        }
    }
    for (i, &x) in rest.iter().enumerate() {
        let d = deviation(x);
        m2[i] += d * d;
        shift[i] += d;
    }
    (m2.iter().sum(), shift.iter().sum())
}

/// Merges the moments `(n, mean, m2)` of later values into those of earlier ones (Chan, Golub & LeVeque
/// 1983).
pub(crate) fn merge_moments(count: &mut f64, mean: &mut f64, m2: &mut f64, n: f64, m: f64, s: f64) {
    if n == 0.0 {
        return;
    }
    if *count == 0.0 {
        (*count, *mean, *m2) = (n, m, s);
        return;
    }
    let total = *count + n;
    let delta = m - *mean;
    *mean += delta * (n / total);
    *m2 += s + delta * delta * (*count * n / total);
    *count = total;
}

/// Counts values into equal parts of `[low, high]`. The edges are those of numpy's `linspace`; a value that
/// rounding puts beside its part is moved to where the edges say.
pub(crate) fn histogram(values: &[f64], low: f64, high: f64, counts: &mut [i64]) {
    let bins = counts.len();
    let step = (high - low) / bins as f64;
    let scale = bins as f64 / (high - low);
    let edge = |i: usize| if i == bins { high } else { i as f64 * step + low };
    for &x in values {
        // Also false for NaN.
        if !(x >= low && x <= high) {
            continue;
        }
        let position = (x - low) * scale;
        let mut bin = (position as usize).min(bins - 1);
        // Only a value this close to an edge can have been put on its wrong side.
        let fraction = position - bin as f64;
        if !(1e-9..=1.0 - 1e-9).contains(&fraction) {
            if x < edge(bin) && bin > 0 {
                bin -= 1;
            } else if x >= edge(bin + 1) && bin + 1 < bins {
                bin += 1;
            }
        }
        counts[bin] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_digits_far_from_zero() {
        let row: Vec<f64> = (0..1000).map(|i| 1e8 + f64::from(i % 7)).collect();
        let exact: Vec<f64> = (0..1000).map(|i| f64::from(i % 7)).collect();
        let (n, _, m2) = moments(&row, false);
        let (_, _, expected) = moments(&exact, false);
        assert_eq!(n, 1000.0);
        assert!((m2 - expected).abs() / expected < 1e-12, "{m2} {expected}");
    }

    #[test]
    fn merging_moments_is_taking_them_together() {
        let row: Vec<f64> = (0..777).map(|i| (f64::from(i) * 0.37).sin() + 3.0).collect();
        let (mut n, mut mean, mut m2) = (0.0, 0.0, 0.0);
        for part in row.chunks(100) {
            let (a, b, c) = moments(part, true);
            merge_moments(&mut n, &mut mean, &mut m2, a, b, c);
        }
        let (total, whole_mean, whole_m2) = moments(&row, true);
        assert_eq!(n, total);
        assert!((mean - whole_mean).abs() < 1e-14 && (m2 - whole_m2).abs() < 1e-11);
    }

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
    fn a_sum_leaves_missing_values_out_only_on_request() {
        let mut row = vec![1.0; 37];
        row[20] = f64::NAN;
        assert_eq!(sum(&row, true), (36.0, 36));
        assert!(sum(&row, false).0.is_nan());
    }
}
