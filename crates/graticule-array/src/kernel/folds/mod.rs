//! The folds that can run along an axis.

pub(crate) mod exponential;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;
use std::ops::Add;

use crate::chunk::Element;
use crate::dtype::NAT;
use crate::kernel::scan::Fold;

/// Floats that are folded in double precision.
pub(crate) trait Real: Element + Copy {
    /// The same number, exactly.
    fn widen(self) -> f64;

    /// The nearest number of this type.
    fn narrow(value: f64) -> Self;
}

impl Real for f32 {
    fn widen(self) -> f64 {
        f64::from(self)
    }

    fn narrow(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn widen(self) -> f64 {
        self
    }

    fn narrow(value: f64) -> Self {
        value
    }
}

/// Sums of floats, as a sum and what rounding has taken from it so far (Neumaier 1974).
///
/// With `u = 2^-53` a sum `S` of `n` terms is off by at most `u|S| + (n u)² Σ|x|` (to first order; Ogita, Rump & Oishi
/// 2005, proposition 4.5), and so are sums of sums, since what is taken is added up in the same way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FloatSum<T, const SKIPNA: bool>(pub(crate) PhantomData<T>);

/// Adds a number to a sum and the rounding error to what was taken.
#[inline(always)]
fn add([sum, taken]: [f64; 2], x: f64) -> [f64; 2] {
    let total = sum + x;
    let (large, small) = if sum.abs() >= x.abs() { (sum, x) } else { (x, sum) };
    let error = (large - total) + small;
    // Of an infinite or missing sum there is no error.
    [total, taken + if total.is_finite() { error } else { 0.0 }]
}

impl<T: Real, const SKIPNA: bool> Fold<2> for FloatSum<T, SKIPNA> {
    type Item = T;
    type Value = T;
    type Word = f64;

    // The one zero that leaves the sign of a zero that is added to it.
    const START: [f64; 2] = [-0.0, 0.0];

    #[inline(always)]
    fn push(self, state: [f64; 2], x: T) -> [f64; 2] {
        let x = x.widen();
        add(state, if SKIPNA && x.is_nan() { 0.0 } else { x })
    }

    #[inline(always)]
    fn merge(self, before: [f64; 2], [sum, taken]: [f64; 2]) -> [f64; 2] {
        let [total, before_taken] = add(before, sum);
        [total, before_taken + taken]
    }

    #[inline(always)]
    fn value(self, [sum, taken]: [f64; 2]) -> T {
        // Adding a zero would lose the sign of a negative zero.
        T::narrow(if taken == 0.0 { sum } else { sum + taken })
    }
}

/// Products of floats, as a number of moderate size and a power of [`Self::LARGE`]: so the products of parts never leave
/// the range of a float where the product of all does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FloatProduct<T, const SKIPNA: bool>(pub(crate) PhantomData<T>);

/// 2^600 and 2^-600: multiplying by them is exact.
const LARGE: f64 = f64::from_bits((1023 + 600) << 52);
const SMALL: f64 = f64::from_bits((1023 - 600) << 52);

/// A number of the size of `1 / bound` to `bound`, as far as one power of [`LARGE`] suffices, and that power.
#[inline(always)]
fn moderate(x: f64, bound: f64) -> [f64; 2] {
    let size = x.abs();
    let (factor, power) = if size > bound {
        (SMALL, 1.0)
    } else if size < 1.0 / bound {
        (LARGE, -1.0)
    } else {
        (1.0, 0.0)
    };
    [x * factor, power]
}

/// The product of a state and a number of at most 2^512 and at least 2^-512, times a power.
#[inline(always)]
fn multiply([product, power]: [f64; 2], [x, of_x]: [f64; 2]) -> [f64; 2] {
    const BOUND: f64 = f64::from_bits((1023 + 300) << 52);
    let [product, carried] = moderate(product * x, BOUND);
    [product, power + of_x + carried]
}

impl<T: Real, const SKIPNA: bool> Fold<2> for FloatProduct<T, SKIPNA> {
    type Item = T;
    type Value = T;
    type Word = f64;
    const START: [f64; 2] = [1.0, 0.0];

    #[inline(always)]
    fn push(self, state: [f64; 2], x: T) -> [f64; 2] {
        const BOUND: f64 = f64::from_bits((1023 + 512) << 52);
        let x = x.widen();
        multiply(state, moderate(if SKIPNA && x.is_nan() { 1.0 } else { x }, BOUND))
    }

    #[inline(always)]
    fn merge(self, before: [f64; 2], after: [f64; 2]) -> [f64; 2] {
        multiply(before, after)
    }

    #[inline(always)]
    fn value(self, [product, power]: [f64; 2]) -> T {
        // Beyond the third power everything is infinite or zero.
        let step = |at: f64| {
            if power >= at {
                LARGE
            } else if power <= -at {
                SMALL
            } else {
                1.0
            }
        };
        T::narrow(product * step(1.0) * step(2.0) * step(3.0))
    }
}

/// Integers that are folded modulo 2^64.
pub(crate) trait Integer: Element + Copy {
    const ZERO: Self;
    const ONE: Self;

    fn plus(self, other: Self) -> Self;

    fn times(self, other: Self) -> Self;
}

macro_rules! integers {
    ($($t:ty)+) => {$(
        impl Integer for $t {
            const ZERO: Self = 0;
            const ONE: Self = 1;

            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
        }
    )+};
}

integers! { i64 u64 }

/// Sums of integers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IntegerSum<T>(pub(crate) PhantomData<T>);

impl<T: Integer> Fold<1> for IntegerSum<T> {
    type Item = T;
    type Value = T;
    type Word = T;
    const START: [T; 1] = [T::ZERO];

    #[inline(always)]
    fn push(self, [sum]: [T; 1], x: T) -> [T; 1] {
        [sum.plus(x)]
    }

    #[inline(always)]
    fn merge(self, before: [T; 1], [after]: [T; 1]) -> [T; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [sum]: [T; 1]) -> T {
        sum
    }
}

/// Products of integers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IntegerProduct<T>(pub(crate) PhantomData<T>);

impl<T: Integer> Fold<1> for IntegerProduct<T> {
    type Item = T;
    type Value = T;
    type Word = T;
    const START: [T; 1] = [T::ONE];

    #[inline(always)]
    fn push(self, [product]: [T; 1], x: T) -> [T; 1] {
        [product.times(x)]
    }

    #[inline(always)]
    fn merge(self, before: [T; 1], [after]: [T; 1]) -> [T; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [product]: [T; 1]) -> T {
        product
    }
}

/// Sums of durations: NaT spreads, or counts as zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DurationSum<const SKIPNA: bool>;

impl<const SKIPNA: bool> Fold<1> for DurationSum<SKIPNA> {
    type Item = i64;
    type Value = i64;
    type Word = i64;
    const START: [i64; 1] = [0];

    #[inline(always)]
    fn push(self, [sum]: [i64; 1], x: i64) -> [i64; 1] {
        [match (SKIPNA, x) {
            (true, NAT) => sum,
            (false, NAT) => NAT,
            (false, _) if sum == NAT => NAT,
            (true | false, x) => sum.wrapping_add(x),
        }]
    }

    #[inline(always)]
    fn merge(self, before: [i64; 1], [after]: [i64; 1]) -> [i64; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [sum]: [i64; 1]) -> i64 {
        sum
    }
}

/// Elements that have an order, and maybe values that are missing.
pub(crate) trait Ordered: Element + Copy + PartialOrd {
    const LEAST: Self;
    const GREATEST: Self;

    /// Not equal to itself, which only floats can be.
    fn is_nan(self) -> bool;
}

macro_rules! ordered {
    ($($t:ty: $least:expr, $greatest:expr;)+) => {$(
        impl Ordered for $t {
            const LEAST: Self = $least;
            const GREATEST: Self = $greatest;

            fn is_nan(self) -> bool {
                self != self
            }
        }
    )+};
}

ordered! {
    bool: false, true;
    i8: Self::MIN, Self::MAX;
    i16: Self::MIN, Self::MAX;
    i32: Self::MIN, Self::MAX;
    i64: Self::MIN, Self::MAX;
    u8: Self::MIN, Self::MAX;
    u16: Self::MIN, Self::MAX;
    u32: Self::MIN, Self::MAX;
    u64: Self::MIN, Self::MAX;
    f32: Self::NEG_INFINITY, Self::INFINITY;
    f64: Self::NEG_INFINITY, Self::INFINITY;
}

/// The largest value so far or, where not `MAX`, the smallest; NaN spreads. Of equal values the last counts, which shows
/// in the sign of zeros.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extreme<T, const MAX: bool>(pub(crate) PhantomData<T>);

impl<T: Ordered, const MAX: bool> Fold<1> for Extreme<T, MAX> {
    type Item = T;
    type Value = T;
    type Word = T;
    const START: [T; 1] = [if MAX { T::LEAST } else { T::GREATEST }];

    #[inline(always)]
    fn push(self, [best]: [T; 1], x: T) -> [T; 1] {
        let is_better = if MAX { x >= best } else { x <= best };
        [if is_better || x.is_nan() { x } else { best }]
    }

    #[inline(always)]
    fn merge(self, before: [T; 1], [after]: [T; 1]) -> [T; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [best]: [T; 1]) -> T {
        best
    }
}

/// The latest time so far or, where not `MAX`, the earliest; NaT spreads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeExtreme<const MAX: bool>;

impl<const MAX: bool> Fold<1> for TimeExtreme<MAX> {
    type Item = i64;
    type Value = i64;
    type Word = i64;
    // The least count stands for NaT.
    const START: [i64; 1] = [if MAX { NAT + 1 } else { i64::MAX }];

    #[inline(always)]
    fn push(self, [best]: [i64; 1], x: i64) -> [i64; 1] {
        let is_missing = best == NAT || x == NAT;
        [if is_missing {
            NAT
        } else if MAX {
            best.max(x)
        } else {
            best.min(x)
        }]
    }

    #[inline(always)]
    fn merge(self, before: [i64; 1], [after]: [i64; 1]) -> [i64; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [best]: [i64; 1]) -> i64 {
        best
    }
}

/// Elements of which some are missing: floats, and the counts of times.
pub(crate) trait Gappy: Element + Copy {
    /// What a value and a number of steps can both be held in.
    type Word: Copy + PartialOrd + Add<Output = Self::Word> + From<u32>;
    const MISSING: Self;
    /// A value that is missing, and no steps.
    const NOTHING: [Self::Word; 2];

    fn is_missing(self) -> bool;

    fn to_word(self) -> Self::Word;

    fn from_word(word: Self::Word) -> Self;

    fn steps(count: usize) -> Self::Word;
}

macro_rules! gappy_floats {
    ($($t:ty)+) => {$(
        impl Gappy for $t {
            // Numbers of steps are exact up to 2^53.
            type Word = f64;
            const MISSING: Self = Self::NAN;
            const NOTHING: [f64; 2] = [f64::NAN, 0.0];

            fn is_missing(self) -> bool {
                self.is_nan()
            }

            fn to_word(self) -> f64 {
                self.widen()
            }

            fn from_word(word: f64) -> Self {
                Self::narrow(word)
            }

            fn steps(count: usize) -> f64 {
                count as f64
            }
        }
    )+};
}

gappy_floats! { f32 f64 }

impl Gappy for i64 {
    type Word = Self;
    const MISSING: Self = NAT;
    const NOTHING: [Self; 2] = [NAT, 0];

    fn is_missing(self) -> bool {
        self == NAT
    }

    fn to_word(self) -> Self {
        self
    }

    fn from_word(word: Self) -> Self {
        word
    }

    fn steps(count: usize) -> Self {
        Self::try_from(count).unwrap_or(Self::MAX)
    }
}

/// The last value that is not missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Last<T>(pub(crate) PhantomData<T>);

impl<T: Gappy> Fold<1> for Last<T> {
    type Item = T;
    type Value = T;
    type Word = T;
    const START: [T; 1] = [T::MISSING];

    #[inline(always)]
    fn push(self, [last]: [T; 1], x: T) -> [T; 1] {
        [if x.is_missing() { last } else { x }]
    }

    #[inline(always)]
    fn merge(self, before: [T; 1], [after]: [T; 1]) -> [T; 1] {
        self.push(before, after)
    }

    #[inline(always)]
    fn value(self, [last]: [T; 1]) -> T {
        last
    }
}

/// The last value that is not missing, as long as it is at most `limit` steps away. The state is that value and the steps
/// since; before the first value the steps since the start.
#[derive(Clone, Copy)]
pub(crate) struct LastWithin<T: Gappy> {
    limit: T::Word,
}

impl<T: Gappy> LastWithin<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: T::steps(limit) }
    }
}

impl<T: Gappy> Fold<2> for LastWithin<T> {
    type Item = T;
    type Value = T;
    type Word = T::Word;
    const START: [T::Word; 2] = T::NOTHING;

    #[inline(always)]
    fn push(self, [last, steps]: [T::Word; 2], x: T) -> [T::Word; 2] {
        if x.is_missing() { [last, steps + T::Word::from(1)] } else { [x.to_word(), T::NOTHING[1]] }
    }

    #[inline(always)]
    fn merge(self, [before, steps]: [T::Word; 2], [last, since]: [T::Word; 2]) -> [T::Word; 2] {
        if T::from_word(last).is_missing() { [before, steps + since] } else { [last, since] }
    }

    #[inline(always)]
    fn value(self, [last, steps]: [T::Word; 2]) -> T {
        if steps <= self.limit { T::from_word(last) } else { T::MISSING }
    }
}
