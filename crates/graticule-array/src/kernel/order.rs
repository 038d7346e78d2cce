//! The order of values: every dtype as keys whose own order is numpy's, with NaN and NaT last.
//!
//! Sorting, selecting and searching work on keys, so each is written once. A float becomes a signed integer of its
//! width (the bits, with those of negative numbers flipped), which compares in one instruction. Missing values have the
//! largest key, which no other value has.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::chunk::Element;
use crate::dtype::NAT;

/// A kind of values that can be put in order.
pub(crate) trait Ordered {
    /// What the values are stored as.
    type Element: Element;
    /// What is compared in their place.
    type Key: Ord + Clone + Send;

    /// The key of a value.
    fn key(value: &Self::Element) -> Self::Key;

    /// The value of a key. Of NaN there is one.
    fn value(key: &Self::Key) -> Self::Element;

    /// Whether a key stands for NaN or NaT.
    fn is_missing(key: &Self::Key) -> bool;

    /// The key of a value, equal for values that are equal: those of `0.0` and `-0.0` are not told apart.
    fn equal_key(value: &Self::Element) -> Self::Key {
        Self::key(value)
    }
}

/// Values that can be counted by the bits of their keys, and averaged.
pub(crate) trait Measured: Ordered<Key: Copy> {
    /// The type of a value between two.
    type Between: Element;
    /// How many bits a key has.
    const BITS: u32;

    /// The key as an unsigned number of [`Measured::BITS`] bits with the same order.
    fn to_bits(key: Self::Key) -> u64;

    /// The key of such a number.
    fn from_bits(bits: u64) -> Self::Key;

    /// The value at `weight` of the way from one to another, by numpy's arithmetic (`_lerp` of numpy 2): from the end
    /// that is nearer.
    fn lerp(low: Self::Key, high: Self::Key, weight: f64) -> Self::Between;

    /// The mean of two values, as numpy's `median` takes it.
    fn mean(low: Self::Key, high: Self::Key) -> Self::Between;

    /// A value as the type of means.
    fn as_mean(key: Self::Key) -> Self::Between;

    /// What stands for no value among means.
    fn no_mean() -> Self::Between;

    /// What stands for no value; of types that cannot say it, the largest value.
    fn no_value() -> Self::Key;
}

/// datetime64 and timedelta64.
#[derive(Debug)]
pub(crate) struct Time;

/// Text, by its Unicode code points.
#[derive(Debug)]
pub(crate) struct Text;

macro_rules! floats {
    ($($t:ty, $signed:ty, $unsigned:ty;)+) => {$(
        impl Ordered for $t {
            type Element = Self;
            type Key = $signed;

            #[inline]
            fn key(value: &Self) -> $signed {
                let bits = value.to_bits() as $signed;
                let key = bits ^ (((bits >> (<$signed>::BITS - 1)) as $unsigned) >> 1) as $signed;
                if value.is_nan() { <$signed>::MAX } else { key }
            }

            #[inline]
            fn value(key: &$signed) -> Self {
                let bits = key ^ (((key >> (<$signed>::BITS - 1)) as $unsigned) >> 1) as $signed;
                if *key == <$signed>::MAX { Self::NAN } else { Self::from_bits(bits as $unsigned) }
            }

            #[inline]
            fn is_missing(key: &$signed) -> bool {
                *key == <$signed>::MAX
            }

            #[inline]
            fn equal_key(value: &Self) -> $signed {
                // -0.0 + 0.0 is 0.0; every other value stays as it is.
                Self::key(&(value + 0.0))
            }
        }

        impl Measured for $t {
            type Between = Self;
            const BITS: u32 = <$signed>::BITS;

            #[inline]
            fn to_bits(key: $signed) -> u64 {
                u64::from((key ^ <$signed>::MIN) as $unsigned)
            }

            fn from_bits(bits: u64) -> $signed {
                (bits as $signed) ^ <$signed>::MIN
            }

            fn lerp(low: $signed, high: $signed, weight: f64) -> Self {
                let (low, high) = (Self::value(&low), Self::value(&high));
                let difference = high - low;
                if weight >= 0.5 {
                    high - difference * (1.0 - weight) as Self
                } else {
                    low + difference * weight as Self
                }
            }

            fn mean(low: $signed, high: $signed) -> Self {
                (Self::value(&low) + Self::value(&high)) / 2.0
            }

            fn as_mean(key: $signed) -> Self {
                Self::value(&key)
            }

            fn no_mean() -> Self {
                Self::NAN
            }

            fn no_value() -> $signed {
                <$signed>::MAX
            }
        }
    )+};
}

floats! {
    f32, i32, u32;
    f64, i64, u64;
}

macro_rules! integers {
    ($($t:ty, $unsigned:ty;)+) => {$(
        impl Ordered for $t {
            type Element = Self;
            type Key = Self;

            #[inline]
            fn key(value: &Self) -> Self {
                *value
            }

            #[inline]
            fn value(key: &Self) -> Self {
                *key
            }

            #[inline]
            fn is_missing(_: &Self) -> bool {
                false
            }
        }

        impl Measured for $t {
            type Between = f64;
            const BITS: u32 = Self::BITS;

            #[inline]
            fn to_bits(key: Self) -> u64 {
                // Of signed types the smallest becomes 0.
                u64::from((key ^ Self::MIN) as $unsigned)
            }

            fn from_bits(bits: u64) -> Self {
                (bits as Self) ^ Self::MIN
            }

            fn lerp(low: Self, high: Self, weight: f64) -> f64 {
                // numpy subtracts in the narrow type, which wraps; the difference is exact here.
                let difference = (i128::from(high) - i128::from(low)) as f64;
                if weight >= 0.5 {
                    high as f64 - difference * (1.0 - weight)
                } else {
                    low as f64 + difference * weight
                }
            }

            fn mean(low: Self, high: Self) -> f64 {
                (low as f64 + high as f64) / 2.0
            }

            fn as_mean(key: Self) -> f64 {
                key as f64
            }

            fn no_mean() -> f64 {
                f64::NAN
            }

            fn no_value() -> Self {
                Self::MAX
            }
        }
    )+};
}

integers! {
    i8, u8;
    i16, u16;
    i32, u32;
    i64, u64;
    u8, u8;
    u16, u16;
    u32, u32;
    u64, u64;
}

impl Ordered for bool {
    type Element = Self;
    type Key = u8;

    fn key(value: &Self) -> u8 {
        u8::from(*value)
    }

    fn value(key: &u8) -> Self {
        *key != 0
    }

    fn is_missing(_: &u8) -> bool {
        false
    }
}

impl Measured for bool {
    type Between = f64;
    const BITS: u32 = 8;

    fn to_bits(key: u8) -> u64 {
        u64::from(key)
    }

    fn from_bits(bits: u64) -> u8 {
        bits as u8
    }

    fn lerp(low: u8, high: u8, weight: f64) -> f64 {
        u8::lerp(low, high, weight)
    }

    fn mean(low: u8, high: u8) -> f64 {
        u8::mean(low, high)
    }

    fn as_mean(key: u8) -> f64 {
        f64::from(key)
    }

    fn no_mean() -> f64 {
        f64::NAN
    }

    fn no_value() -> u8 {
        1
    }
}

impl Ordered for Time {
    type Element = i64;
    type Key = i64;

    /// NaT is the smallest count: one step down it wraps to the largest key.
    #[inline]
    fn key(value: &i64) -> i64 {
        value.wrapping_sub(1)
    }

    #[inline]
    fn value(key: &i64) -> i64 {
        key.wrapping_add(1)
    }

    #[inline]
    fn is_missing(key: &i64) -> bool {
        *key == i64::MAX
    }
}

impl Measured for Time {
    type Between = i64;
    const BITS: u32 = 64;

    #[inline]
    fn to_bits(key: i64) -> u64 {
        (key ^ i64::MIN) as u64
    }

    fn from_bits(bits: u64) -> i64 {
        (bits as i64) ^ i64::MIN
    }

    /// numpy multiplies a timedelta by a float and drops the fraction.
    fn lerp(low: i64, high: i64, weight: f64) -> i64 {
        let (low, high) = (Self::value(&low), Self::value(&high));
        let difference = (i128::from(high) - i128::from(low)) as f64;
        if weight >= 0.5 {
            high.wrapping_sub((difference * (1.0 - weight)) as i64)
        } else {
            low.wrapping_add((difference * weight) as i64)
        }
    }

    fn mean(low: i64, high: i64) -> i64 {
        let sum = i128::from(Self::value(&low)) + i128::from(Self::value(&high));
        (sum / 2) as i64
    }

    fn as_mean(key: i64) -> i64 {
        Self::value(&key)
    }

    fn no_mean() -> i64 {
        NAT
    }

    fn no_value() -> i64 {
        i64::MAX
    }
}

impl Ordered for Text {
    type Element = Arc<str>;
    type Key = Arc<str>;

    fn key(value: &Arc<str>) -> Arc<str> {
        Arc::clone(value)
    }

    fn value(key: &Arc<str>) -> Arc<str> {
        Arc::clone(key)
    }

    fn is_missing(_: &Arc<str>) -> bool {
        false
    }
}

/// Runs one expression with `$kind` as the [`Measured`] kind of a dtype, or another where it is text.
macro_rules! with_measured {
    ($dtype:expr, $kind:ident => $body:expr, text => $text:expr) => {
        match $dtype {
            $crate::dtype::DType::Bool => {
                type $kind = bool;
                $body
            }
            $crate::dtype::DType::I8 => {
                type $kind = i8;
                $body
            }
            $crate::dtype::DType::I16 => {
                type $kind = i16;
                $body
            }
            $crate::dtype::DType::I32 => {
                type $kind = i32;
                $body
            }
            $crate::dtype::DType::I64 => {
                type $kind = i64;
                $body
            }
            $crate::dtype::DType::U8 => {
                type $kind = u8;
                $body
            }
            $crate::dtype::DType::U16 => {
                type $kind = u16;
                $body
            }
            $crate::dtype::DType::U32 => {
                type $kind = u32;
                $body
            }
            $crate::dtype::DType::U64 => {
                type $kind = u64;
                $body
            }
            $crate::dtype::DType::F32 => {
                type $kind = f32;
                $body
            }
            $crate::dtype::DType::F64 => {
                type $kind = f64;
                $body
            }
            $crate::dtype::DType::Datetime(_) | $crate::dtype::DType::Timedelta(_) => {
                type $kind = $crate::kernel::order::Time;
                $body
            }
            $crate::dtype::DType::Str => $text,
        }
    };
}

/// Runs one expression with `$kind` as the [`Ordered`] kind of a dtype.
macro_rules! with_ordered {
    ($dtype:expr, $kind:ident => $body:expr) => {
        $crate::kernel::order::with_measured!($dtype, $kind => $body, text => {
            type $kind = $crate::kernel::order::Text;
            $body
        })
    };
}

pub(crate) use {with_measured, with_ordered};

/// Bytes of a key of a dtype.
pub(crate) fn key_bytes(dtype: crate::dtype::DType) -> usize {
    with_ordered!(dtype, K => size_of::<<K as Ordered>::Key>())
}

/// Puts the keys that belong at some positions of the sorted order there, and no smaller key behind or larger key before
/// them. Positions are increasing and inside.
pub(crate) fn place<K: Ord>(keys: &mut [K], positions: &[usize]) {
    place_from(keys, positions, 0);
}

/// As [`place`], where the keys begin at `start` of all.
fn place_from<K: Ord>(keys: &mut [K], positions: &[usize], start: usize) {
    if keys.len() <= 1 || positions.is_empty() {
        return;
    }
    if keys.len() <= 32 || positions.len() * 8 > keys.len() {
        keys.sort_unstable();
        return;
    }
    // Of two neighbours, which is what quantiles ask for, the second is then found in the smaller part.
    let middle = match positions {
        [low, high] if high - start <= keys.len() / 2 => usize::from(low < high),
        positions => (positions.len() - 1) / 2,
    };
    let position = positions[middle];
    let (below, _, above) = keys.select_nth_unstable(position - start);
    place_from(below, &positions[..middle], start);
    place_from(above, &positions[middle + 1..], position + 1);
}

/// Positions `0..keys.len()` by their keys, those of equal keys in order.
pub(crate) fn argsort<K: Ord + Clone>(keys: &[K], pairs: &mut Vec<(K, usize)>) {
    pairs.clear();
    pairs.extend(keys.iter().cloned().enumerate().map(|(position, key)| (key, position)));
    pairs.sort_unstable();
}

/// The ranks from 1 of keys, equal keys sharing the mean of theirs; those of missing values are NaN.
pub(crate) fn rank<O: Ordered>(
    keys: &[O::Key],
    pairs: &mut Vec<(O::Key, usize)>,
    mut put: impl FnMut(usize, f64),
) {
    argsort(keys, pairs);
    let mut start = 0;
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        let end = start + group.len();
        let mean = (start + 1 + end) as f64 / 2.0;
        for (key, position) in group {
            put(*position, if O::is_missing(key) { f64::NAN } else { mean });
        }
        start = end;
    }
}

/// The `count` last pairs in order, the last first; or the first, the first first. Of pairs with equal keys, those with
/// the smaller positions are taken, in order.
pub(crate) fn best<K: Ord>(pairs: &mut Vec<(K, usize)>, count: usize, largest: bool) {
    let order = |a: &(K, usize), b: &(K, usize)| {
        let by_key: Ordering = if largest { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
        by_key.then(a.1.cmp(&b.1))
    };
    if count == 0 {
        pairs.clear();
        return;
    }
    if count < pairs.len() {
        pairs.select_nth_unstable_by(count - 1, order);
        pairs.truncate(count);
    }
    pairs.sort_unstable_by(order);
}

/// Puts the `count` best keys first, the best of them before the others.
pub(crate) fn best_first<K: Ord>(keys: &mut [K], count: usize, largest: bool) {
    let order = |a: &K, b: &K| if largest { b.cmp(a) } else { a.cmp(b) };
    if count == 0 {
        return;
    }
    if count < keys.len() {
        keys.select_nth_unstable_by(count - 1, order);
    }
    let count = count.min(keys.len());
    keys[..count].sort_unstable_by(order);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_values_and_missing_ones_are_last() {
        let values = [f64::NEG_INFINITY, -2.5, -1e-300, -0.0, 0.0, 1e-300, 3.0, f64::INFINITY, f64::NAN];
        let keys: Vec<i64> = values.iter().map(<f64 as Ordered>::key).collect();
        assert!(keys.is_sorted());
        for (value, key) in values.iter().zip(&keys) {
            let again = <f64 as Ordered>::value(key);
            assert!(again.to_bits() == value.to_bits() || (again.is_nan() && value.is_nan()));
            assert_eq!(<f64 as Measured>::from_bits(<f64 as Measured>::to_bits(*key)), *key);
        }
        let negative_nan = -f64::NAN;
        assert!(<f64 as Ordered>::is_missing(&<f64 as Ordered>::key(&negative_nan)));
        assert_eq!(<f32 as Ordered>::equal_key(&-0.0), <f32 as Ordered>::key(&0.0));
        let times = [i64::MIN + 1, -1, 0, i64::MAX, NAT];
        assert!(times.map(|t| Time::key(&t)).is_sorted());
        assert!(times.iter().all(|t| Time::value(&Time::key(t)) == *t));
        assert!([i8::MIN, -1, 0, i8::MAX].map(<i8 as Measured>::to_bits).is_sorted());
    }

    #[test]
    fn a_few_positions_of_the_sorted_order_are_found() {
        let keys: Vec<u32> = (0..1000u32).map(|i| i.wrapping_mul(2_654_435_761) % 500).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        for positions in [vec![0], vec![999], vec![3, 4, 500, 501, 998], (0..1000).collect()] {
            let mut placed = keys.clone();
            place(&mut placed, &positions);
            assert!(positions.iter().all(|&position| placed[position] == sorted[position]));
        }
    }

    #[test]
    fn equal_keys_share_their_ranks() {
        let keys = [3.0, 1.0, f64::NAN, 3.0, 2.0].map(|x| <f64 as Ordered>::equal_key(&x));
        let mut ranks = [0.0; 5];
        rank::<f64>(&keys, &mut Vec::new(), |position, rank| ranks[position] = rank);
        assert_eq!(ranks[..2], [3.5, 1.0]);
        assert!(ranks[2].is_nan());
        assert_eq!(ranks[3..], [3.5, 2.0]);
    }

    #[test]
    fn of_equal_keys_the_first_positions_are_the_best() {
        let mut pairs: Vec<(i32, usize)> = [5, 7, 5, 7, 1].into_iter().zip(0..).collect();
        let mut smallest = pairs.clone();
        best(&mut pairs, 3, true);
        assert_eq!(pairs, [(7, 1), (7, 3), (5, 0)]);
        best(&mut smallest, 2, false);
        assert_eq!(smallest, [(1, 4), (5, 0)]);
    }
}
