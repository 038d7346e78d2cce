//! Splines through points: B-splines and their coefficients (de Boor, A Practical Guide to Splines).

/// The splines of an order through values at given places, by scipy's choice of knots.
pub(super) struct Spline {
    order: usize,
    knots: Vec<f64>,
    len: usize,
    /// The matrix of the B-splines at the places, factored into a lower and an upper triangle without exchanging rows,
    /// which is stable because the matrix is totally positive. Of each row the elements up to `order` beside the diagonal.
    factors: Vec<f64>,
}

impl Spline {
    /// For values at places that rise, more than `order` of them. The order is at least 1.
    pub(super) fn new(order: usize, places: &[f64]) -> Self {
        let (len, width) = (places.len(), 2 * order + 1);
        let mut spline = Self { order, knots: knots(order, places), len, factors: Vec::new() };
        let mut rows = vec![0.0; len * width];
        for (i, &place) in places.iter().enumerate() {
            let (first, basis) = spline.basis(place);
            for (j, value) in (first..).zip(basis) {
                rows[i * width + j + order - i] = value;
            }
        }
        for i in 0..len {
            let pivot = rows[i * width + order];
            for below in i + 1..len.min(i + order + 1) {
                let factor = rows[below * width + i + order - below] / pivot;
                rows[below * width + i + order - below] = factor;
                for j in (i + 1..len.min(i + order + 1)).take_while(|_| factor != 0.0) {
                    rows[below * width + j + order - below] -= factor * rows[i * width + j + order - i];
                }
            }
        }
        spline.factors = rows;
        spline
    }

    pub(super) fn order(&self) -> usize {
        self.order
    }

    /// The coefficients of the spline through some values.
    pub(super) fn coefficients(&self, values: &[f64]) -> Vec<f64> {
        let (order, width) = (self.order, 2 * self.order + 1);
        let mut solved = values.to_vec();
        for i in 0..self.len {
            for j in i.saturating_sub(order)..i {
                solved[i] -= self.factors[i * width + j + order - i] * solved[j];
            }
        }
        for i in (0..self.len).rev() {
            for j in i + 1..self.len.min(i + order + 1) {
                solved[i] -= self.factors[i * width + j + order - i] * solved[j];
            }
            solved[i] /= self.factors[i * width + order];
        }
        solved
    }

    /// The first B-spline that is not zero at a place, and the values of it and of the next `order` there. Outside the
    /// knots, those of the polynomials at the ends.
    pub(super) fn basis(&self, place: f64) -> (usize, Vec<f64>) {
        let (order, knots) = (self.order, &self.knots);
        let interval = order + knots[order + 1..self.len].partition_point(|knot| *knot <= place);
        let mut basis = vec![1.0; order + 1];
        for degree in 1..=order {
            let mut saved = 0.0;
            for r in 0..degree {
                let (lower, upper) = (knots[interval + 1 + r - degree], knots[interval + 1 + r]);
                let share = basis[r] / (upper - lower);
                basis[r] = saved + (upper - place) * share;
                saved = (place - lower) * share;
            }
            basis[degree] = saved;
        }
        (interval - order, basis)
    }
}

/// The places between which the spline is one polynomial: of an odd order the values' own, of an even one those halfway
/// between, without the outermost, so that there are as many coefficients as values.
fn knots(order: usize, places: &[f64]) -> Vec<f64> {
    let inner: Vec<f64> = match order % 2 {
        1 => places.to_vec(),
        _ => places.iter().zip(places.iter().skip(1)).map(|(a, b)| (a + b) / 2.0).collect(),
    };
    let left_out = order.div_ceil(2);
    let (first, last) = (places[0], places[places.len() - 1]);
    let inner = &inner[left_out..inner.len() - left_out];
    [&vec![first; order + 1], inner, &vec![last; order + 1]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_goes_through_its_values_and_is_exact_for_polynomials() {
        let places = [0.0, 0.5, 2.0, 2.25, 4.0, 7.0, 7.5, 9.0];
        for order in 1..=5 {
            let spline = Spline::new(order, &places);
            let polynomial = |x: f64| (0..=order).map(|k| x.powi(k as i32) / (k + 1) as f64).sum::<f64>();
            let values: Vec<f64> = places.iter().map(|&x| polynomial(x)).collect();
            let coefficients = spline.coefficients(&values);
            for x in places.into_iter().chain([0.1, 3.0, 8.9, -1.0, 10.0]) {
                let (first, basis) = spline.basis(x);
                let at: f64 = basis.iter().zip(&coefficients[first..]).map(|(b, c)| b * c).sum();
                let expected = polynomial(x);
                assert!(
                    (at - expected).abs() < 1e-9 * expected.abs().max(1.0),
                    "{order} {x} {at} {expected}"
                );
                assert!((basis.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
    }
}
