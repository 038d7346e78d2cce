//! Least squares with few unknowns, for fits along an axis.

/// The singular values of a tall matrix with few columns, with its singular vectors.
pub(super) struct Svd {
    /// A column for each singular value.
    left: Vec<Vec<f64>>,
    pub(super) values: Vec<f64>,
    right: Vec<Vec<f64>>,
}

impl Svd {
    /// By rotations of pairs of columns (one-sided Jacobi; Hestenes 1958), which is accurate to the last digits also for
    /// small singular values. Values are in descending order.
    pub(super) fn of(mut columns: Vec<Vec<f64>>) -> Self {
        let n = columns.len();
        let mut right: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for _ in 0..60 {
            let mut rotated = false;
            for i in 0..n {
                for j in i + 1..n {
                    rotated |= rotate(&mut columns, &mut right, i, j);
                }
            }
            if !rotated {
                break;
            }
        }
        let mut triples: Vec<(f64, Vec<f64>, Vec<f64>)> =
            columns.into_iter().zip(right).map(|(u, v)| (dot(&u, &u).sqrt(), u, v)).collect();
        triples.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut svd = Self { left: Vec::new(), values: Vec::new(), right: Vec::new() };
        for (value, mut u, v) in triples {
            u.iter_mut().for_each(|x| *x = if value > 0.0 { *x / value } else { 0.0 });
            svd.left.push(u);
            svd.values.push(value);
            svd.right.push(v);
        }
        svd
    }

    /// How many singular values are above `rcond` times the largest.
    pub(super) fn rank(&self, rcond: f64) -> usize {
        let largest = self.values.first().copied().unwrap_or(0.0);
        self.values.iter().filter(|&&value| value > rcond * largest).count()
    }

    /// The shortest of the vectors that come nearest to `y`.
    pub(super) fn solve(&self, y: &[f64], rcond: f64) -> Vec<f64> {
        let mut x = vec![0.0; self.right.first().map_or(0, Vec::len)];
        let triples = self.left.iter().zip(&self.values).zip(&self.right);
        for ((u, value), v) in triples.take(self.rank(rcond)) {
            let share = dot(u, y) / value;
            x.iter_mut().zip(v).for_each(|(x, v)| *x += share * v);
        }
        x
    }

    /// The inverse of `AᵀA`.
    pub(super) fn inverse_gram(&self) -> Vec<Vec<f64>> {
        let n = self.right.len();
        let entry = |i: usize, j: usize| {
            let at = |v: &Vec<f64>, i: usize| v.get(i).copied().unwrap_or(0.0);
            self.right.iter().zip(&self.values).map(|(v, s)| at(v, i) * at(v, j) / (s * s)).sum()
        };
        (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Makes two columns orthogonal; whether they were not.
fn rotate(columns: &mut [Vec<f64>], right: &mut [Vec<f64>], i: usize, j: usize) -> bool {
    let (Some(a), Some(b)) = (columns.get(i), columns.get(j)) else { return false };
    let (alpha, beta, gamma) = (dot(a, a), dot(b, b), dot(a, b));
    if gamma.abs() <= f64::EPSILON * (alpha * beta).sqrt() || !gamma.is_finite() {
        return false;
    }
    let zeta = (beta - alpha) / (2.0 * gamma);
    let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cos = 1.0 / t.hypot(1.0);
    let sin = cos * t;
    for vectors in [columns, right] {
        let (low, high) = vectors.split_at_mut(j);
        if let (Some(a), Some(b)) = (low.get_mut(i), high.first_mut()) {
            for (a, b) in a.iter_mut().zip(b.iter_mut()) {
                (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_is_found() {
        let x = [0.0, 1.0, 2.0, 4.0];
        let svd = Svd::of(vec![x.to_vec(), vec![1.0; 4]]);
        let line = svd.solve(&x.map(|x| 3.0 * x - 1.0), 1e-15);
        assert!((line[0] - 3.0).abs() < 1e-14 && (line[1] + 1.0).abs() < 1e-14);
        assert!(svd.values[0] > svd.values[1]);
        assert_eq!(svd.rank(1e-15), 2);
    }

    #[test]
    fn of_many_solutions_it_is_the_shortest() {
        let svd = Svd::of(vec![vec![1.0, 1.0], vec![1.0, 1.0]]);
        let x = svd.solve(&[2.0, 2.0], 1e-14);
        assert!((x[0] - 1.0).abs() < 1e-14 && (x[1] - 1.0).abs() < 1e-14);
        assert_eq!(svd.rank(1e-14), 1);
    }
}
