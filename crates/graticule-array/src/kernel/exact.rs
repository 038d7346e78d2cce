//! Sums without rounding, so that the order of their terms does not matter.
//!
//! A small superaccumulator (Neal 2015, arXiv:1505.05571): the sum is held as digits to base 2^32 that cover all of
//! double precision. Adding a number touches two digits; carries are passed on before digits can overflow.

/// Digits of 32 bits from the smallest subnormal (2^-1074) to beyond the largest number times 2^64.
const DIGITS: usize = 70;

/// How many numbers may be added before carries are passed on: each adds less than 2^32 to a digit of 63 bits.
const ADDITIONS: u32 = 1 << 30;

/// An exact sum of doubles.
#[derive(Debug, Clone)]
pub(crate) struct ExactSum {
    digits: [i64; DIGITS],
    /// The sum of what is not finite.
    special: f64,
    pending: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { digits: [0; DIGITS], special: 0.0, pending: 0 }
    }
}

impl ExactSum {
    /// Adds a number.
    pub(crate) fn push(&mut self, x: f64) {
        if !x.is_finite() {
            self.special += x;
            return;
        }
        let bits = x.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        // The number is mantissa * 2^(shift - 1074).
        let (mantissa, shift) =
            if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        let (digit, within) = (shift / 32, shift % 32);
        let wide = u128::from(mantissa) << within;
        let sign = if x.is_sign_negative() { -1 } else { 1 };
        for i in 0..3 {
            let part = ((wide >> (32 * i)) & 0xffff_ffff) as i64;
            self.digits[digit + i] += sign * part;
        }
        self.pending += 1;
        if self.pending == ADDITIONS {
            self.carry();
        }
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.carry();
        let mut other = other.clone();
        other.carry();
        for (a, b) in self.digits.iter_mut().zip(other.digits) {
            *a += b;
        }
        self.special += other.special;
        self.carry();
    }

    /// Brings all digits but the last into `0..2^32`.
    fn carry(&mut self) {
        let mut carry = 0;
        for digit in &mut self.digits[..DIGITS - 1] {
            let value = *digit + carry;
            carry = value >> 32;
            *digit = value & 0xffff_ffff;
        }
        self.digits[DIGITS - 1] += carry;
        self.pending = 0;
    }

    /// The sum, rounded once to the nearest double, ties to even.
    pub(crate) fn value(&self) -> f64 {
        if self.special != 0.0 || self.special.is_nan() {
            return self.special;
        }
        let mut sum = self.clone();
        sum.carry();
        let negative = sum.digits[DIGITS - 1] < 0;
        if negative {
            sum.digits.iter_mut().for_each(|digit| *digit = -*digit);
            sum.carry();
        }
        let Some(top) = sum.digits.iter().rposition(|&digit| digit != 0) else { return 0.0 };
        // The highest 96 bits hold a mantissa and more; what is below only decides ties.
        let digit = |i: usize| sum.digits.get(i).map_or(0, |&digit| digit as u128);
        let low = top.saturating_sub(2);
        let mut head = (digit(low + 2) << 64) | (digit(low + 1) << 32) | digit(low);
        if sum.digits[..low].iter().any(|&digit| digit != 0) {
            head |= 1;
        }
        let magnitude = scale(head, 32 * low as i32 - 1074);
        if negative { -magnitude } else { magnitude }
    }
}

/// `head * 2^exponent`, rounded once.
fn scale(head: u128, exponent: i32) -> f64 {
    let length = 128 - head.leading_zeros() as i32;
    // As many bits as a double of this size has; fewer for subnormal numbers.
    let room = 53.min(length + exponent + 1074).max(0);
    let drop = length - room;
    if drop <= 0 {
        return power_of_two(head as f64, exponent);
    }
    let kept = head >> drop;
    let rest = head & ((1 << drop) - 1);
    let half = 1u128 << (drop - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    power_of_two((kept + u128::from(up)) as f64, exponent + drop)
}

/// `x * 2^exponent` in steps that are exact.
fn power_of_two(mut x: f64, mut exponent: i32) -> f64 {
    while exponent > 0 {
        let step = exponent.min(1000);
        x *= 2f64.powi(step);
        exponent -= step;
    }
    while exponent < 0 {
        let step = exponent.max(-1000);
        x *= 2f64.powi(step);
        exponent -= step;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|&x| sum.push(x));
        sum.value()
    }

    #[test]
    fn nothing_is_lost_between_large_and_small() {
        assert_eq!(sum(&[1e308, 1.0, -1e308, 1e-300]), 1.0);
        assert_eq!(sum(&[1e16, 1.0, 1.0, -1e16]), 2.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[5e-324, 5e-324]), 1e-323);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[-0.5, 0.25]), -0.25);
        assert_eq!(sum(&[]), 0.0);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
    }

    #[test]
    fn the_order_of_the_terms_does_not_matter() {
        let values: Vec<f64> = (0..2000u32)
            .map(|i| f64::from(i.wrapping_mul(2_654_435_761)) * 10f64.powi((i % 37) as i32 - 18))
            .collect();
        let expected = sum(&values);
        let mut backwards = values.clone();
        backwards.reverse();
        assert_eq!(sum(&backwards), expected);
        let mut merged = ExactSum::default();
        for part in values.chunks(97) {
            let mut part_sum = ExactSum::default();
            part.iter().for_each(|&x| part_sum.push(x));
            merged.merge(&part_sum);
        }
        assert_eq!(merged.value(), expected);
        // Against a sum in 128 bits of integers.
        let whole: Vec<f64> = (0..1000).map(|i| f64::from(i) * 2f64.powi(40) + f64::from(i % 3)).collect();
        let integer: i128 = whole.iter().map(|&x| x as i128).sum();
        assert_eq!(sum(&whole), integer as f64);
    }
}
