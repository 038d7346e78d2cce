//! The machine types that windows are computed in.

use crate::dtype::NAT;

/// A number that windows can be folded over.
pub(crate) trait Number: Copy + Default + PartialOrd {
    const ONE: Self;
    const LOWEST: Self;
    const HIGHEST: Self;

    fn is_missing(self) -> bool;

    /// The sum; of integers it wraps around, as numpy's.
    fn add(self, other: Self) -> Self;

    /// The product; of integers it wraps around, as numpy's.
    fn mul(self, other: Self) -> Self;
}

/// A count of a unit of time, which may be "not a time".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) i64);

macro_rules! numbers {
    ($($t:ty, $one:expr, $lowest:expr, $highest:expr, $missing:expr, $add:expr, $mul:expr;)+) => {$(
        impl Number for $t {
            const ONE: Self = $one;
            const LOWEST: Self = $lowest;
            const HIGHEST: Self = $highest;

            #[inline(always)]
            fn is_missing(self) -> bool {
                let is_missing: fn(Self) -> bool = $missing;
                is_missing(self)
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                let add: fn(Self, Self) -> Self = $add;
                add(self, other)
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                let mul: fn(Self, Self) -> Self = $mul;
                mul(self, other)
            }
        }
    )+};
}

numbers! {
    f64, 1.0, Self::NEG_INFINITY, Self::INFINITY, f64::is_nan, |a, b| a + b, |a, b| a * b;
    i64, 1, Self::MIN, Self::MAX, |_| false, i64::wrapping_add, i64::wrapping_mul;
    u64, 1, Self::MIN, Self::MAX, |_| false, u64::wrapping_add, u64::wrapping_mul;
    Time, Self(1), Self(i64::MIN), Self(i64::MAX), |t| t.0 == NAT,
        |a, b| Self(a.0.wrapping_add(b.0)), |a, b| Self(a.0.wrapping_mul(b.0));
}

/// How the result of a window is stored.
pub(crate) trait Outcome<V>: Copy {
    /// What stands where too few values are there.
    const MISSING: Self;

    fn of(value: V) -> Self;
}

macro_rules! outcomes {
    ($($v:ty => $o:ty, $missing:expr, $of:expr;)+) => {$(
        impl Outcome<$v> for $o {
            const MISSING: Self = $missing;

            #[inline(always)]
            fn of(value: $v) -> Self {
                let of: fn($v) -> Self = $of;
                of(value)
            }
        }
    )+};
}

outcomes! {
    f64 => f64, Self::NAN, |x| x;
    i64 => f64, Self::NAN, |x| x as Self;
    u64 => f64, Self::NAN, |x| x as Self;
    // Integers stay integers only where nothing can be missing.
    i64 => i64, 0, |x| x;
    u64 => u64, 0, |x| x;
    Time => Time, Self(NAT), |t| t;
}
