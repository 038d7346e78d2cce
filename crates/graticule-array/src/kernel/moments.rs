//! Mean and variance in one pass, with the accuracy of two.
//!
//! Values are taken relative to the first one seen, so that a mean far from zero costs no digits, and
//! updated and merged by the formulas of Welford (1962) and of Chan, Golub & LeVeque (1983).

use multiversion::multiversion;

use crate::kernel::sums;

/// The moments of the values seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    count: f64,
    /// The first value; the others are taken relative to it.
    shift: f64,
    /// The mean of the shifted values.
    mean: f64,
    /// The sum of squared deviations from the mean.
    m2: f64,
}

impl Moments {
    /// The moments of a row that is in cache: its mean first, then the deviations from it.
    pub(crate) fn of(row: &[f64], skipna: bool) -> Self {
        let first = row.iter().copied().find(|x| !(skipna && x.is_nan()));
        let Some(shift) = first else { return Self::default() };
        let (total, count) = sums::sum_shifted(row, shift, skipna);
        let count = count as f64;
        let mean = total / count;
        let (squares, rest) = squares(row, shift, mean, skipna);
        // The second term repairs the rounding of the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
        Self { count, shift, mean, m2: squares - rest * rest / count }
    }

    /// Adds one value.
    pub(crate) fn push(&mut self, x: f64) {
        if self.count == 0.0 {
            self.shift = x;
        }
        self.count += 1.0;
        let x = x - self.shift;
        let delta = x - self.mean;
        self.mean += delta / self.count;
        self.m2 += delta * (x - self.mean);
    }

    /// Adds the moments of other values.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = *other;
            return;
        }
        let total = self.count + other.count;
        let delta = (other.shift - self.shift) + (other.mean - self.mean);
        self.mean += delta * (other.count / total);
        self.m2 += other.m2 + delta * delta * (self.count * other.count / total);
        self.count = total;
    }

    /// The variance with divisor `n - ddof`. Where that is not positive, numpy divides by 0, but calls the
    /// variance of too few values that are not missing NaN.
    pub(crate) fn variance(&self, ddof: usize, skipna: bool) -> f64 {
        let divisor = self.count - ddof as f64;
        if skipna && divisor <= 0.0 { f64::NAN } else { self.m2 / divisor.max(0.0) }
    }
}

/// The moments of many cells, one list for each number, so that a row that is folded cell by cell is a loop over vectors.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    count: Vec<f64>,
    shift: Vec<f64>,
    mean: Vec<f64>,
    m2: Vec<f64>,
}

impl Cells {
    /// Cells that have seen nothing.
    pub(crate) fn new(cells: usize) -> Self {
        let zeros = || vec![0.0; cells];
        Self { count: zeros(), shift: zeros(), mean: zeros(), m2: zeros() }
    }

    fn get(&self, cell: usize) -> Moments {
        Moments { count: self.count[cell], shift: self.shift[cell], mean: self.mean[cell], m2: self.m2[cell] }
    }

    fn set(&mut self, cell: usize, moments: Moments) {
        self.count[cell] = moments.count;
        self.shift[cell] = moments.shift;
        self.mean[cell] = moments.mean;
        self.m2[cell] = moments.m2;
    }

    /// Adds one value to a cell.
    pub(crate) fn push(&mut self, cell: usize, x: f64) {
        let mut moments = self.get(cell);
        moments.push(x);
        self.set(cell, moments);
    }

    /// Adds the moments of other values to a cell.
    pub(crate) fn merge_into(&mut self, cell: usize, other: &Moments) {
        let mut moments = self.get(cell);
        moments.merge(other);
        self.set(cell, moments);
    }

    /// Adds the values of a row to the cells from `first` on, one to each.
    pub(crate) fn push_row(&mut self, first: usize, row: &[f64], skipna: bool) {
        let cells = first..first + row.len();
        push_row(
            &mut self.count[cells.clone()],
            &mut self.shift[cells.clone()],
            &mut self.mean[cells.clone()],
            &mut self.m2[cells],
            row,
            skipna,
        );
    }

    /// Adds the moments of as many other cells.
    pub(crate) fn merge(&mut self, other: &Self) {
        merge(self, other);
    }

    /// The variance of every cell.
    pub(crate) fn variances(&self, ddof: usize, skipna: bool) -> impl Iterator<Item = f64> {
        (0..self.count.len()).map(move |cell| self.get(cell).variance(ddof, skipna))
    }
}

/// [`Moments::push`] for neighbouring cells, the same operations in the same order.
#[multiversion(targets("x86_64+avx2"))]
fn push_row(
    count: &mut [f64],
    shift: &mut [f64],
    mean: &mut [f64],
    m2: &mut [f64],
    row: &[f64],
    skipna: bool,
) {
    let cells = count.iter_mut().zip(shift).zip(mean).zip(m2).zip(row);
    for ((((count, shift), mean), m2), &x) in cells {
        // A value that is left out is computed with and not kept: a choice of numbers, not of code.
        let keeps = !(skipna && x.is_nan());
        let origin = if *count == 0.0 { x } else { *shift };
        let total = *count + 1.0;
        let x = x - origin;
        let delta = x - *mean;
        let moved = *mean + delta / total;
        let squares = *m2 + delta * (x - moved);
        *shift = if keeps { origin } else { *shift };
        *count = if keeps { total } else { *count };
        *mean = if keeps { moved } else { *mean };
        *m2 = if keeps { squares } else { *m2 };
    }
}

/// [`Moments::merge`] for every cell, as choices of numbers.
#[multiversion(targets("x86_64+avx2"))]
fn merge(to: &mut Cells, other: &Cells) {
    let to = to.count.iter_mut().zip(&mut to.shift).zip(&mut to.mean).zip(&mut to.m2);
    let other = other.count.iter().zip(&other.shift).zip(&other.mean).zip(&other.m2);
    for ((((count, shift), mean), m2), (((&n, &origin), &average), &squares)) in to.zip(other) {
        let (is_first, is_none) = (*count == 0.0, n == 0.0);
        let total = *count + n;
        let delta = (origin - *shift) + (average - *mean);
        let moved = *mean + delta * (n / total);
        let joined = *m2 + (squares + delta * delta * (*count * n / total));
        let choose = |mine: f64, new: f64, its: f64| {
            let seen = if is_first { its } else { new };
            if is_none { mine } else { seen }
        };
        *mean = choose(*mean, moved, average);
        *m2 = choose(*m2, joined, squares);
        *shift = choose(*shift, *shift, origin);
        *count = total;
    }
}

/// The sums of squared deviations and of deviations of shifted values from their mean.
#[multiversion(targets("x86_64+avx2"))]
fn squares(row: &[f64], shift: f64, mean: f64, skipna: bool) -> (f64, f64) {
    const WIDTH: usize = 8;
    let (mut squares, mut rest) = ([0.0; WIDTH], [0.0; WIDTH]);
    let deviation = |x: f64| if skipna && x.is_nan() { 0.0 } else { (x - shift) - mean };
    let (blocks, tail) = row.as_chunks::<WIDTH>();
    for block in blocks {
        for i in 0..WIDTH {
            let d = deviation(block[i]);
            squares[i] += d * d;
            rest[i] += d;
        }
    }
    for (i, &x) in tail.iter().enumerate() {
        let d = deviation(x);
        squares[i] += d * d;
        rest[i] += d;
    }
    (squares.iter().sum(), rest.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variance_keeps_its_digits_far_from_zero() {
        let near: Vec<f64> = (0..1000).map(|i| f64::from(i % 7)).collect();
        let far: Vec<f64> = near.iter().map(|x| x + 1e8).collect();
        let expected = Moments::of(&near, false).variance(0, false);
        let (mut pushed, mut merged) = (Moments::default(), Moments::default());
        far.iter().for_each(|&x| pushed.push(x));
        far.chunks(77).for_each(|part| merged.merge(&Moments::of(part, true)));
        for moments in [Moments::of(&far, false), pushed, merged] {
            assert!((moments.variance(0, false) / expected - 1.0).abs() < 1e-13, "{moments:?}");
        }
    }

    #[test]
    fn an_outlier_in_front_costs_no_more_than_its_own_size() {
        let mut row = vec![1e9];
        row.extend((0..1000).map(|i| f64::from(i % 7)));
        let exact = {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            row.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / row.len() as f64
        };
        assert!((Moments::of(&row, true).variance(0, true) / exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_row_is_pushed_as_its_values_are_one_by_one() {
        let rows: Vec<Vec<f64>> = (0..20)
            .map(|row| (0..37).map(|i| f64::from((row * 37 + i) * 389 % 101) - 1e6).collect())
            .map(|mut row: Vec<f64>| {
                row[5] = f64::NAN;
                row[7] = f64::INFINITY;
                row
            })
            .collect();
        for skipna in [false, true] {
            let (mut by_row, mut one_by_one) = (Cells::new(40), Cells::new(40));
            for row in &rows {
                by_row.push_row(2, row, skipna);
                for (i, &x) in row.iter().enumerate().filter(|(_, x)| !(skipna && x.is_nan())) {
                    one_by_one.push(2 + i, x);
                }
            }
            let (by_row, one_by_one) = (by_row.variances(1, skipna), one_by_one.variances(1, skipna));
            assert!(by_row.zip(one_by_one).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
        }
    }

    #[test]
    fn no_values_have_no_variance() {
        assert!(Moments::of(&[f64::NAN], true).variance(0, true).is_nan());
        assert!(Moments::of(&[3.0], true).variance(1, true).is_nan());
        assert_eq!(Moments::of(&[3.0], true).variance(0, true), 0.0);
        assert!(Moments::of(&[3.0, f64::NAN], false).variance(0, false).is_nan());
        assert!(Moments::of(&[f64::INFINITY; 16], true).variance(0, true).is_nan());
        assert_eq!(Moments::of(&[3.0, 5.0], false).variance(2, false), f64::INFINITY);
    }
}
