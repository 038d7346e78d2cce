//! Products of matrices in C order.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, LinalgScalar};

/// The sizes of a stack of products: `batch` times (`rows` x `inner`) · (`inner` x `columns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) batch: usize,
    pub(crate) rows: usize,
    pub(crate) inner: usize,
    pub(crate) columns: usize,
}

impl Sizes {
    /// Calls `product` with the matrices of each product of the stack.
    fn each<T>(self, a: &[T], b: &[T], out: &mut [T], mut product: impl FnMut(&[T], &[T], &mut [T])) {
        let (left, right, result) =
            (self.rows * self.inner, self.inner * self.columns, self.rows * self.columns);
        for i in 0..self.batch {
            let a = &a[i * left..(i + 1) * left];
            let b = &b[i * right..(i + 1) * right];
            product(a, b, &mut out[i * result..(i + 1) * result]);
        }
    }
}

/// What packing a product takes at most: a panel of each matrix (64 x 256 and 256 x 1024 elements of 8 bytes).
pub(crate) const PACKING_BYTES: usize = (64 + 1024) * 256 * 8 + 4096;

/// A float that matrices are made of.
pub(crate) trait Real: LinalgScalar + Into<f64> {
    /// The nearest value.
    fn round(value: f64) -> Self;
}

impl Real for f32 {
    fn round(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn round(value: f64) -> Self {
        value
    }
}

/// Products of floats, added up in their own precision as a BLAS does; where the result is a vector, in float64.
///
/// NaN and infinity go where IEEE arithmetic takes them: no term is left out because a factor is 0.
pub(crate) fn floats<T: Real>(sizes: Sizes, a: &[T], b: &[T], out: &mut [T]) {
    let Sizes { rows, inner, columns, .. } = sizes;
    sizes.each(a, b, out, |a, b, out| {
        if inner == 0 {
            out.fill(T::zero());
        } else if columns == 1 {
            for (row, out) in a.chunks_exact(inner).zip(out) {
                *out = T::round(dot(row, b));
            }
        } else {
            let a = ArrayView2::from_shape((rows, inner), a);
            let b = ArrayView2::from_shape((inner, columns), b);
            let out = ArrayViewMut2::from_shape((rows, columns), out);
            if let (Ok(a), Ok(b), Ok(mut out)) = (a, b, out) {
                general_mat_mul(T::one(), &a, &b, T::zero(), &mut out);
            }
        }
    });
}

/// The sum of products, over eight running sums.
fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_eights, b_eights) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_eights.remainder().iter().zip(b_eights.remainder());
    let rest: f64 = rest.map(|(&x, &y)| Into::<f64>::into(x) * Into::<f64>::into(y)).sum();
    for (x, y) in a_eights.zip(b_eights) {
        for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *sum += Into::<f64>::into(x) * Into::<f64>::into(y);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
}

/// Products of 64-bit integers, exact as long as they fit and wrapping beyond, as numpy's.
pub(crate) fn signed(sizes: Sizes, a: &[i64], b: &[i64], out: &mut [i64]) {
    by_rows(sizes, a, b, out, 0, |sum, x, y| sum.wrapping_add(x.wrapping_mul(y)));
}

/// Products of unsigned 64-bit integers, exact as long as they fit and wrapping beyond, as numpy's.
pub(crate) fn unsigned(sizes: Sizes, a: &[u64], b: &[u64], out: &mut [u64]) {
    by_rows(sizes, a, b, out, 0, |sum, x, y| sum.wrapping_add(x.wrapping_mul(y)));
}

/// Products of booleans: whether any pair is true.
pub(crate) fn booleans(sizes: Sizes, a: &[bool], b: &[bool], out: &mut [bool]) {
    by_rows(sizes, a, b, out, false, |sum, x, y| sum | (x & y));
}

/// Rows of `b`, weighted and added up: everything is walked in the order in which it lies in memory.
fn by_rows<T: Copy>(sizes: Sizes, a: &[T], b: &[T], out: &mut [T], zero: T, add: impl Fn(T, T, T) -> T) {
    let Sizes { inner, columns, .. } = sizes;
    sizes.each(a, b, out, |a, b, out| {
        out.fill(zero);
        if inner == 0 || columns == 0 {
            return;
        }
        for (a, out) in a.chunks_exact(inner).zip(out.chunks_exact_mut(columns)) {
            for (&x, b) in a.iter().zip(b.chunks_exact(columns)) {
                for (out, &y) in out.iter_mut().zip(b) {
                    *out = add(*out, x, y);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(sizes: Sizes, a: &[f64], b: &[f64]) -> Vec<f64> {
        let Sizes { batch, rows, inner, columns } = sizes;
        let mut out = Vec::new();
        for s in 0..batch {
            for i in 0..rows {
                for j in 0..columns {
                    let terms =
                        (0..inner).map(|k| a[(s * rows + i) * inner + k] * b[(s * inner + k) * columns + j]);
                    out.push(terms.sum());
                }
            }
        }
        out
    }

    #[test]
    fn products_of_any_size_are_sums_of_products() {
        for (batch, rows, inner, columns) in
            [(1, 1, 1, 1), (2, 3, 4, 5), (1, 70, 300, 9), (3, 5, 0, 2), (2, 0, 3, 4), (1, 9, 100, 1)]
        {
            let sizes = Sizes { batch, rows, inner, columns };
            let a: Vec<f64> = (0..batch * rows * inner).map(|i| (i as f64 * 0.7).sin()).collect();
            let b: Vec<f64> = (0..batch * inner * columns).map(|i| (i as f64 * 0.3).cos()).collect();
            let mut out = vec![f64::NAN; batch * rows * columns];
            floats(sizes, &a, &b, &mut out);
            for (x, y) in out.iter().zip(naive(sizes, &a, &b)) {
                assert!((x - y).abs() < 1e-12, "{sizes:?}");
            }
        }
    }

    #[test]
    fn zero_times_infinity_is_not_a_number() {
        for columns in [1, 2, 9] {
            let sizes = Sizes { batch: 1, rows: 2, inner: 2, columns };
            let mut b = vec![1.0; 2 * columns];
            b[0] = f64::INFINITY;
            let mut out = vec![0.0; 2 * columns];
            floats(sizes, &[0.0, 1.0, 2.0, 1.0], &b, &mut out);
            assert!(out[0].is_nan() && out[columns] == f64::INFINITY, "{out:?}");
        }
    }

    #[test]
    fn integers_wrap_and_booleans_say_whether_any_pair_is_true() {
        let sizes = Sizes { batch: 1, rows: 1, inner: 2, columns: 1 };
        let mut out = [7];
        signed(sizes, &[i64::MAX, 1], &[1, 1], &mut out);
        assert_eq!(out, [i64::MIN]);
        let mut out = [true];
        booleans(sizes, &[true, false], &[false, true], &mut out);
        assert_eq!(out, [false]);
    }

    #[test]
    fn vectors_of_float32_add_up_in_float64() {
        let a = vec![1.0f32; 1 << 25];
        let mut out = [0.0f32];
        floats(Sizes { batch: 1, rows: 1, inner: a.len(), columns: 1 }, &a, &a, &mut out);
        assert_eq!(out, [a.len() as f32]);
    }
}
