//! Singular values by one-sided Jacobi rotations (Hestenes 1958; Demmel & Veselić 1992), which find the small ones as
//! accurately as the large.

use ndarray::{Array1, Array2, ArrayViewMut1, Axis, ShapeBuilder, Zip};

/// The singular value decomposition of a matrix, `left · diag(values) · rightᵀ`, values decreasing.
///
/// In each right vector (left, of a matrix with more columns than rows) the largest component is positive, which makes
/// the vectors unique where the values are distinct.
#[derive(Debug)]
pub(crate) struct Svd {
    /// The left vectors as columns.
    pub(crate) left: Array2<f64>,
    /// The singular values.
    pub(crate) values: Vec<f64>,
    /// The right vectors as columns.
    pub(crate) right: Array2<f64>,
}

/// Rounds over all pairs of columns after which rotations have come to an end, with room to spare.
const SWEEPS: usize = 60;

/// Columns that are shorter than this part of the largest element count as zero: squares of their elements vanish.
const VANISHING: f64 = 1e-145;

impl Svd {
    /// The bytes that decomposing takes.
    pub(crate) fn bytes(rows: usize, columns: usize) -> usize {
        let (long, short) = (rows.max(columns), rows.min(columns));
        8 * (2 * long * short + 2 * short * short + 4 * (long + short))
    }

    /// Decomposes a matrix in C order. Nothing where an element is not finite.
    pub(crate) fn of(rows: usize, columns: usize, matrix: &[f64]) -> Option<Self> {
        if rows < columns {
            let turned = Array2::from_shape_fn((columns, rows).f(), |(i, j)| matrix[j * columns + i]);
            let Self { left, values, right } = Self::tall(turned)?;
            return Some(Self { left: right, values, right: left });
        }
        Self::tall(Array2::from_shape_fn((rows, columns).f(), |(i, j)| matrix[i * columns + j]))
    }

    fn tall(mut work: Array2<f64>) -> Option<Self> {
        let (rows, columns) = work.dim();
        if !work.iter().all(|x| x.is_finite()) {
            return None;
        }
        let size = work.iter().fold(0.0f64, |size, x| size.max(x.abs()));
        let size = if size == 0.0 { 1.0 } else { size };
        work.mapv_inplace(|x| x / size);
        let mut right = Array2::zeros((columns, columns).f());
        right.diag_mut().fill(1.0);
        // A round without a rotation is the end.
        for _ in 0..SWEEPS {
            if !sweep(&mut work, &mut right) {
                break;
            }
        }
        let mut order: Vec<(f64, usize)> =
            work.columns().into_iter().map(|column| column.dot(&column).sqrt()).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut left = Array2::zeros((rows, columns).f());
        let mut sorted = Array2::zeros((columns, columns).f());
        let mut values = Vec::with_capacity(columns);
        for (to, &(value, from)) in order.iter().enumerate() {
            let largest =
                right.column(from).iter().fold(0.0f64, |m, &x| if x.abs() > m.abs() { x } else { m });
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            sorted.column_mut(to).assign(&(&right.column(from) * sign));
            if value > VANISHING {
                left.column_mut(to).assign(&(&work.column(from) * (sign / value)));
                values.push(value * size);
            } else {
                complete(&mut left, to);
                values.push(0.0);
            }
        }
        Some(Self { left, values, right: sorted })
    }
}

/// Makes every pair of columns orthogonal once. Says whether any was not.
fn sweep(work: &mut Array2<f64>, right: &mut Array2<f64>) -> bool {
    let (rows, columns) = work.dim();
    let tolerance = f64::EPSILON * (rows as f64).sqrt();
    let mut squares: Vec<f64> = work.columns().into_iter().map(|column| column.dot(&column)).collect();
    let mut rotated = false;
    for i in 0..columns {
        // The longest of the columns that are left goes first (de Rijk 1989), so that long ones come to the front.
        let longest = (i..columns).fold(i, |best, j| if squares[j] > squares[best] { j } else { best });
        if longest != i {
            squares.swap(i, longest);
            swap(work, i, longest);
            swap(right, i, longest);
        }
        for j in i + 1..columns {
            let (a, b) = (squares[i], squares[j]);
            if b.sqrt() <= VANISHING {
                continue;
            }
            let (x, y) = pair(work, i, j);
            let product = x.dot(&y);
            if product.abs() <= tolerance * a.sqrt() * b.sqrt() {
                continue;
            }
            rotated = true;
            let zeta = (b - a) / (2.0 * product);
            let tangent = 1.0f64.copysign(zeta) / (zeta.abs() + zeta.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let sine = cosine * tangent;
            rotate(x, y, cosine, sine);
            let (x, y) = pair(right, i, j);
            rotate(x, y, cosine, sine);
            let (x, y) = pair(work, i, j);
            squares[i] = x.dot(&x);
            squares[j] = y.dot(&y);
        }
    }
    rotated
}

fn pair(matrix: &mut Array2<f64>, i: usize, j: usize) -> (ArrayViewMut1<'_, f64>, ArrayViewMut1<'_, f64>) {
    let (left, right) = matrix.view_mut().split_at(Axis(1), j);
    (left.index_axis_move(Axis(1), i), right.index_axis_move(Axis(1), 0))
}

fn swap(matrix: &mut Array2<f64>, i: usize, j: usize) {
    let (x, y) = pair(matrix, i, j);
    Zip::from(x).and(y).for_each(std::mem::swap);
}

fn rotate(x: ArrayViewMut1<'_, f64>, y: ArrayViewMut1<'_, f64>, cosine: f64, sine: f64) {
    Zip::from(x).and(y).for_each(|x, y| (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y));
}

/// Makes a column a unit vector that is orthogonal to those before it.
fn complete(matrix: &mut Array2<f64>, column: usize) {
    for axis in 0..matrix.nrows() {
        let mut vector = Array1::zeros(matrix.nrows());
        vector[axis] = 1.0;
        // Once is not enough where little is left; twice is (Kahan; Parlett 1980).
        for _ in 0..2 {
            for before in 0..column {
                let share = matrix.column(before).dot(&vector);
                vector.scaled_add(-share, &matrix.column(before));
            }
        }
        let length = vector.dot(&vector).sqrt();
        // Of all axes at least one has this much outside the space of fewer vectors.
        if length * length * matrix.nrows() as f64 >= 0.5 {
            matrix.column_mut(column).assign(&(vector / length));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: usize, columns: usize, matrix: &[f64]) -> Vec<f64> {
        let Svd { left, values, right } = Svd::of(rows, columns, matrix).unwrap();
        let rank = rows.min(columns);
        assert_eq!((left.dim(), right.dim(), values.len()), ((rows, rank), (columns, rank), rank));
        let scaled = &left * &Array1::from(values.clone());
        let size = values.first().copied().unwrap_or(0.0);
        for (x, y) in scaled.dot(&right.t()).iter().zip(matrix) {
            assert!((x - y).abs() <= 1e-13 * size, "{rows}x{columns}: {x} {y}");
        }
        for basis in [&left, &right] {
            let gram = basis.t().dot(basis) - Array2::<f64>::eye(rank);
            assert!(gram.iter().all(|x| x.abs() < 1e-13), "{rows}x{columns} {gram}");
        }
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]) && values.iter().all(|&v| v >= 0.0));
        values
    }

    #[test]
    fn decompositions_of_any_shape_are_orthogonal_and_give_the_matrix() {
        for (rows, columns) in [(1, 1), (5, 3), (3, 5), (60, 40), (40, 60), (0, 3), (3, 0), (30, 30)] {
            let matrix: Vec<f64> =
                (0..rows * columns).map(|i| (i as f64 * 1.7).sin() + 0.1 * i as f64).collect();
            check(rows, columns, &matrix);
        }
    }

    #[test]
    fn matrices_without_full_rank_have_complete_vectors() {
        check(4, 3, &[0.0; 12]);
        let once: Vec<f64> = (0..30).map(|i| f64::from(i / 5) * f64::from(i % 5 + 1)).collect();
        let values = check(6, 5, &once);
        assert!(values[1] < 1e-14 * values[0]);
        let mut diagonal = vec![0.0; 16];
        (diagonal[0], diagonal[5], diagonal[10]) = (1e-300, 1e300, 3.0);
        let values = check(4, 4, &diagonal);
        assert_eq!(values[0], 1e300);
    }

    #[test]
    fn small_singular_values_are_as_accurate_as_large_ones() {
        // Columns of lengths 1 to 1e-12 that are orthogonal up to a rotation of the rows.
        let (c, s) = (0.3f64.cos(), 0.3f64.sin());
        let matrix = [c, -s * 1e-12, s, c * 1e-12];
        let values = check(2, 2, &matrix);
        assert!((values[1] / 1e-12 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn there_are_no_singular_values_of_what_is_not_a_number() {
        assert!(Svd::of(2, 1, &[f64::NAN, 1.0]).is_none());
        assert!(Svd::of(1, 2, &[f64::INFINITY, 1.0]).is_none());
    }
}
