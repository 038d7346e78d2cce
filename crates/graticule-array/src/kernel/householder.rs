//! QR factorization by Householder reflections, in panels (Bischof & Van Loan 1987, in the compact form of Schreiber &
//! Van Loan 1989).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, ShapeBuilder, s};

use crate::kernel::gemm::PACKING_BYTES;

/// Columns that are reflected together.
const PANEL: usize = 32;

/// A matrix as reflections and a triangle. The triangle's diagonal is not negative, which makes the factors of a matrix
/// of full rank unique.
#[derive(Debug)]
pub(crate) struct Qr {
    /// The triangle, and below it the reflections without their leading ones.
    factors: Array2<f64>,
    /// The scale of each reflection.
    scales: Vec<f64>,
}

impl Qr {
    /// The bytes that factorizing takes, and applying the reflections to `carried` columns.
    pub(crate) fn bytes(rows: usize, columns: usize, carried: usize) -> usize {
        let panel = PANEL.min(rows).min(columns);
        let elements = rows * (columns + carried + panel) + panel * (2 * columns.max(carried) + 2 * panel);
        // A matrix of a single panel is factorized without products.
        let has_products = carried > 0 || columns > panel;
        elements * 8 + if has_products { PACKING_BYTES } else { 0 }
    }

    /// Factorizes a matrix in C order.
    pub(crate) fn of(rows: usize, columns: usize, matrix: &[f64]) -> Self {
        let mut factors = Array2::from_shape_fn((rows, columns).f(), |(i, j)| matrix[i * columns + j]);
        let rank = rows.min(columns);
        let mut scales = vec![0.0; rank];
        for start in (0..rank).step_by(PANEL) {
            let end = (start + PANEL).min(rank);
            for (column, scale) in scales.iter_mut().enumerate().take(end).skip(start) {
                *scale = reflect(&mut factors, column, end);
            }
            if end < columns {
                let (vectors, triangle) = panel(&factors, &scales, start, end);
                update(&vectors, triangle.t(), factors.slice_mut(s![start.., end..]));
            }
        }
        Self { factors, scales }
    }

    /// Whether a row of the triangle, and with it a column of Q, is turned around.
    fn is_flipped(&self, row: usize) -> bool {
        self.factors[[row, row]] < 0.0
    }

    /// The triangle in C order, as many rows as there are reflections.
    pub(crate) fn triangle(&self, out: &mut [f64]) {
        let columns = self.factors.ncols();
        for (i, row) in out.chunks_exact_mut(columns.max(1)).take(self.scales.len()).enumerate() {
            let sign = if self.is_flipped(i) { -1.0 } else { 1.0 };
            for (j, out) in row.iter_mut().enumerate() {
                *out = if j < i { 0.0 } else { sign * self.factors[[i, j]] };
            }
        }
    }

    /// Q times a matrix in C order with as many rows as there are reflections; Q itself where there is none.
    pub(crate) fn times(&self, carried: Option<&[f64]>, columns: usize, out: &mut [f64]) {
        let (rows, rank) = (self.factors.nrows(), self.scales.len());
        let mut product = Array2::zeros((rows, columns).f());
        for i in 0..rank {
            let sign = if self.is_flipped(i) { -1.0 } else { 1.0 };
            match carried {
                Some(carried) => {
                    for j in 0..columns {
                        product[[i, j]] = sign * carried[i * columns + j];
                    }
                }
                None => product[[i, i]] = sign,
            }
        }
        for start in (0..rank).step_by(PANEL).rev() {
            let end = (start + PANEL).min(rank);
            let (vectors, triangle) = panel(&self.factors, &self.scales, start, end);
            update(&vectors, triangle.view(), product.slice_mut(s![start.., ..]));
        }
        for (out, value) in out.iter_mut().zip(product.iter()) {
            *out = *value;
        }
    }
}

/// Turns a column below its diagonal into zeros, applies the reflection to the columns up to `end`, and gives its scale.
fn reflect(factors: &mut Array2<f64>, column: usize, end: usize) -> f64 {
    let (mut left, mut right) = factors.slice_mut(s![column.., ..end]).split_at(Axis(1), column + 1);
    let mut vector = left.column_mut(column);
    let norm = norm(vector.iter().copied());
    let first = vector[0];
    if norm == 0.0 || vector.len() == 1 {
        return 0.0;
    }
    let diagonal = -norm.copysign(first);
    let scale = (diagonal - first) / diagonal;
    vector.slice_mut(s![1..]).mapv_inplace(|x| x / (first - diagonal));
    vector[0] = 1.0;
    for mut other in right.columns_mut() {
        let share = scale * vector.dot(&other);
        other.scaled_add(-share, &vector);
    }
    vector[0] = diagonal;
    scale
}

/// The length of a vector, without overflow; NaN where an element is.
fn norm(vector: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = vector.clone().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if largest == 0.0 {
        return vector.sum();
    }
    largest * vector.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}

/// The reflections of some columns as one: their vectors, and the triangle between them.
fn panel(factors: &Array2<f64>, scales: &[f64], start: usize, end: usize) -> (Array2<f64>, Array2<f64>) {
    let width = end - start;
    let vectors = Array2::from_shape_fn((factors.nrows() - start, width).f(), |(i, j)| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => factors[[start + i, start + j]],
    });
    let mut triangle = Array2::zeros((width, width));
    for j in 0..width {
        let scale = scales[start + j];
        let before: Array1<f64> = vectors.slice(s![.., ..j]).t().dot(&vectors.column(j));
        let column = triangle.slice(s![..j, ..j]).dot(&before) * -scale;
        triangle.slice_mut(s![..j, j]).assign(&column);
        triangle[[j, j]] = scale;
    }
    (vectors, triangle)
}

/// Reflects the columns of a matrix: `matrix -= vectors · triangle · vectorsᵀ · matrix`.
fn update(vectors: &Array2<f64>, triangle: ArrayView2<'_, f64>, mut matrix: ArrayViewMut2<'_, f64>) {
    let shares = triangle.dot(&vectors.t().dot(&matrix));
    general_mat_mul(-1.0, vectors, &shares, 1.0, &mut matrix);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: usize, columns: usize, matrix: &[f64]) {
        let rank = rows.min(columns);
        let qr = Qr::of(rows, columns, matrix);
        let (mut q, mut r) = (vec![f64::NAN; rows * rank], vec![f64::NAN; rank * columns]);
        qr.times(None, rank, &mut q);
        qr.triangle(&mut r);
        let q = Array2::from_shape_vec((rows, rank), q).unwrap();
        let r = Array2::from_shape_vec((rank, columns), r).unwrap();
        let size = matrix.iter().fold(1.0f64, |m, x| m.max(x.abs()));
        let product = q.dot(&r);
        for (x, y) in product.iter().zip(matrix) {
            assert!((x - y).abs() < 1e-13 * size * rows as f64, "{rows}x{columns}");
        }
        let gram = q.t().dot(&q) - Array2::<f64>::eye(rank);
        assert!(gram.iter().all(|x| x.abs() < 1e-13), "{rows}x{columns}");
        for i in 0..rank {
            assert!(r[[i, i]] >= 0.0 && (0..i).all(|j| r[[i, j]] == 0.0));
        }
    }

    #[test]
    fn factors_of_any_shape_are_orthogonal_and_give_the_matrix() {
        for (rows, columns) in
            [(1, 1), (5, 3), (3, 5), (100, 70), (70, 100), (40, 40), (0, 3), (3, 0), (200, 33)]
        {
            let matrix: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * 1.7).sin()).collect();
            check(rows, columns, &matrix);
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_or_are_zero_do_no_harm() {
        let matrix: Vec<f64> = (0..60).map(|i| if i % 3 == 1 { 0.0 } else { f64::from(i / 3) }).collect();
        check(20, 3, &matrix);
        check(20, 3, &matrix.iter().map(|x| x * 1e200).collect::<Vec<_>>());
        let tiny: Vec<f64> = (0..60).map(|i| (f64::from(i) * 1.3).cos() * 1e-200).collect();
        let qr = Qr::of(20, 3, &tiny);
        let mut r = vec![0.0; 9];
        qr.triangle(&mut r);
        assert!(r[0] > 1e-200);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        let mut matrix = vec![1.0; 12];
        matrix[7] = f64::NAN;
        let qr = Qr::of(4, 3, &matrix);
        let mut r = vec![0.0; 9];
        qr.triangle(&mut r);
        assert!(r[4].is_nan() && r[0] == 2.0);
    }
}
