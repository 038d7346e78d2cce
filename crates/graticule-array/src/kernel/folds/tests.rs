//! The folds, against numpy and against themselves in parts.

use super::*;

fn running<const W: usize, F: Fold<W>>(fold: F, x: &[F::Item]) -> Vec<F::Value> {
    let mut state = F::START;
    let push = |&x: &F::Item| {
        state = fold.push(state, x);
        fold.value(state)
    };
    x.iter().map(push).collect()
}

/// The same, but with a state of its own for each part, merged.
fn in_parts<const W: usize, F: Fold<W>>(fold: F, x: &[F::Item], size: usize) -> Vec<F::Value> {
    let (mut carry, mut values) = (F::START, Vec::new());
    for part in x.chunks(size) {
        let (mut state, mut total) = (carry, F::START);
        for &x in part {
            state = fold.push(state, x);
            total = fold.push(total, x);
            values.push(fold.value(state));
        }
        carry = fold.merge(carry, total);
    }
    values
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() }).collect()
}

#[test]
fn a_sum_keeps_what_rounding_takes() {
    let sum = FloatSum::<f64, false>(PhantomData);
    assert_eq!(running(sum, &[1.0, 1e100, 1.0, -1e100]), [1.0, 1e100, 1e100, 2.0]);
    for size in 1..4 {
        assert_eq!(in_parts(sum, &[1.0, 1e100, 1.0, -1e100], size), [1.0, 1e100, 1e100, 2.0]);
    }
}

#[test]
fn infinities_and_signed_zeros_sum_as_in_numpy() {
    let sum = FloatSum::<f64, false>(PhantomData);
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    // np.cumsum([1, inf, 2, -inf, 3])
    let infinite = [1.0, inf, 2.0, -inf, 3.0];
    for size in 1..6 {
        assert_eq!(bits(&in_parts(sum, &infinite, size)), bits(&[1.0, inf, inf, nan, nan]));
        assert_eq!(bits(&in_parts(sum, &[-0.0, -0.0], size)), bits(&[-0.0, -0.0]));
    }
    assert_eq!(running(sum, &[1e308, 1e308, -1e308]), [1e308, inf, inf]);
    let skipping = FloatSum::<f64, true>(PhantomData);
    assert_eq!(bits(&running(skipping, &[nan, 1.0, nan, 2.0])), bits(&[0.0, 1.0, 1.0, 3.0]));
}

#[test]
fn a_product_is_in_range_wherever_its_value_is() {
    let product = FloatProduct::<f64, false>(PhantomData);
    let x = [1e-300, 1e-300, 1e300, 1e300, 1e300, 1e300, 1e-300, 5e-324, 1e300, 1e24];
    let expected = [1e-300, 0.0, 1e-300, 1.0, 1e300, f64::INFINITY, 1e300, 4.94e-24, 4.94e276, 4.94e300];
    for size in 1..x.len() {
        for (a, b) in in_parts(product, &x, size).into_iter().zip(expected) {
            assert!(a == b || (a / b - 1.0).abs() < 1e-3, "{a} {b}");
        }
    }
    let zero = running(product, &[2.0, -0.0, 1e300, f64::INFINITY, 1.0]);
    assert_eq!(bits(&zero), bits(&[2.0, -0.0, -0.0, f64::NAN, f64::NAN]));
    // Subnormal numbers one after another.
    assert_eq!(running(product, &[5e-324; 50])[49], 0.0);
}

#[test]
fn products_of_usual_size_are_those_of_numpy() {
    // np.cumprod of the same.
    let x: Vec<f64> = (1..20).map(|i| f64::from(i) / 7.0).collect();
    let mut so_far = 1.0;
    let expected: Vec<f64> = x
        .iter()
        .map(|x| {
            so_far *= x;
            so_far
        })
        .collect();
    assert_eq!(running(FloatProduct::<f64, false>(PhantomData), &x), expected);
}

#[test]
fn a_value_is_filled_as_far_as_the_limit_across_parts() {
    let nan = f64::NAN;
    let x = [nan, 1.0, nan, nan, nan, 2.0, nan];
    for size in 1..8 {
        let two = in_parts(LastWithin::<f64>::new(2), &x, size);
        assert_eq!(bits(&two), bits(&[nan, 1.0, 1.0, 1.0, nan, 2.0, 2.0]));
        let all = in_parts(Last::<f64>(PhantomData), &x, size);
        assert_eq!(bits(&all), bits(&[nan, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]));
    }
    assert_eq!(running(LastWithin::<i64>::new(1), &[NAT, 5, NAT, NAT]), [NAT, 5, 5, NAT]);
}

#[test]
fn extremes_spread_what_is_missing() {
    // np.maximum.accumulate and np.minimum.accumulate
    let max = running(Extreme::<f64, true>(PhantomData), &[-f64::INFINITY, -0.0, 0.0, -1.0, f64::NAN, 3.0]);
    assert_eq!(bits(&max), bits(&[-f64::INFINITY, -0.0, 0.0, 0.0, f64::NAN, f64::NAN]));
    assert_eq!(running(Extreme::<bool, false>(PhantomData), &[true, false, true]), [true, false, false]);
    assert_eq!(running(TimeExtreme::<true>, &[-5, -7, NAT, 3]), [-5, -5, NAT, NAT]);
    assert_eq!(running(TimeExtreme::<false>, &[5, 7, 3, NAT, 1]), [5, 5, 3, NAT, NAT]);
}

#[test]
fn durations_spread_or_skip_what_is_missing() {
    assert_eq!(running(DurationSum::<false>, &[1, 2, NAT, 4]), [1, 3, NAT, NAT]);
    assert_eq!(running(DurationSum::<true>, &[1, 2, NAT, 4]), [1, 3, 3, 7]);
}

#[test]
fn integers_wrap() {
    assert_eq!(running(IntegerSum::<i64>(PhantomData), &[i64::MAX, 1]), [i64::MAX, i64::MIN]);
    assert_eq!(running(IntegerSum::<u64>(PhantomData), &[u64::MAX, 2]), [u64::MAX, 1]);
    assert_eq!(running(IntegerProduct::<i64>(PhantomData), &[1 << 32, 1 << 32, 3]), [1 << 32, 0, 0]);
}
