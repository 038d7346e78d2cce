//! Systems of linear equations and Cholesky factors, of matrices in C order.

/// Solves `matrix · x = right` for several columns, by elimination with partial pivoting. `matrix` is used up, `right`
/// becomes the solution. Gives the number of the column without a pivot where the matrix is singular.
pub(crate) fn solve(size: usize, matrix: &mut [f64], columns: usize, right: &mut [f64]) -> Result<(), usize> {
    for step in 0..size {
        let pivot = (step..size).fold(step, |best, row| {
            let larger = matrix[row * size + step].abs() > matrix[best * size + step].abs();
            if larger { row } else { best }
        });
        if pivot != step {
            swap_rows(matrix, size, step, pivot);
            swap_rows(right, columns, step, pivot);
        }
        let (above, below) = matrix.split_at_mut((step + 1) * size);
        let pivot_row = &above[step * size..];
        let (solved, unsolved) = right.split_at_mut((step + 1) * columns);
        let pivot_right = &solved[step * columns..];
        if pivot_row[step] == 0.0 {
            return Err(step);
        }
        for (number, row) in below.chunks_exact_mut(size).enumerate() {
            let factor = row[step] / pivot_row[step];
            subtract(&mut row[step..], &pivot_row[step..], factor);
            subtract(&mut unsolved[number * columns..(number + 1) * columns], pivot_right, factor);
        }
    }
    for step in (0..size).rev() {
        let (above, below) = right.split_at_mut(step * columns);
        let row = &mut below[..columns];
        row.iter_mut().for_each(|x| *x /= matrix[step * size + step]);
        for before in 0..step {
            let factor = matrix[before * size + step];
            subtract(&mut above[before * columns..(before + 1) * columns], row, factor);
        }
    }
    Ok(())
}

fn subtract(from: &mut [f64], row: &[f64], factor: f64) {
    from.iter_mut().zip(row).for_each(|(x, y)| *x -= factor * y);
}

fn swap_rows(matrix: &mut [f64], columns: usize, i: usize, j: usize) {
    let (before, from) = matrix.split_at_mut(i.max(j) * columns);
    before[i.min(j) * columns..][..columns].swap_with_slice(&mut from[..columns]);
}

/// The lower triangle whose product with its transpose is the matrix, of which the lower triangle is read. Gives the
/// number of the row where the matrix turns out not to be positive definite.
pub(crate) fn cholesky(size: usize, matrix: &[f64], out: &mut [f64]) -> Result<(), usize> {
    out.fill(0.0);
    for i in 0..size {
        let (above, below) = out.split_at_mut(i * size);
        let row = &mut below[..size];
        for j in 0..=i {
            let other: &[f64] = if j == i { &row[..j] } else { &above[j * size..j * size + j] };
            let product: f64 = row[..j].iter().zip(other).map(|(x, y)| x * y).sum();
            let left = matrix[i * size + j] - product;
            if j < i {
                row[j] = left / above[j * size + j];
            } else if left > 0.0 && left.is_finite() {
                row[i] = left.sqrt();
            } else {
                return Err(i);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved_with_a_pivot_in_any_row() {
        let mut matrix = [0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 4.0, 0.0, 3.0];
        // Of x = (1, 2, 3) and of twice that.
        let mut right = [7.0, 14.0, 3.0, 6.0, 13.0, 26.0];
        solve(3, &mut matrix, 2, &mut right).unwrap();
        for (x, expected) in right.iter().zip([1.0, 2.0, 2.0, 4.0, 3.0, 6.0]) {
            assert!((x - expected).abs() < 1e-14);
        }
        let mut singular = [1.0, 2.0, 2.0, 4.0];
        assert_eq!(solve(2, &mut singular, 1, &mut [1.0, 1.0]), Err(1));
    }

    #[test]
    fn a_cholesky_factor_gives_its_matrix() {
        let matrix = [4.0, 9.0, 2.0, 5.0];
        let mut lower = [f64::NAN; 4];
        cholesky(2, &matrix, &mut lower).unwrap();
        assert_eq!(lower, [2.0, 0.0, 1.0, 2.0]);
        assert_eq!(cholesky(2, &[1.0, 0.0, 2.0, 1.0], &mut lower), Err(1));
        assert_eq!(cholesky(1, &[f64::NAN], &mut lower[..1]), Err(0));
    }
}
