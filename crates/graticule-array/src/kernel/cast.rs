//! Casting a tile from one dtype to another.

use std::fmt;

use crate::dtype::{DType, NAT};
use crate::error::{Error, Result};
use crate::function::Casting;
use crate::kernel::lane::{Lane, Values};

/// Writes a tile of `from` as a tile of `to`.
///
/// # Errors
/// [`Error::Dtype`] for a value that `to` cannot hold and that `casting` has no value for.
pub(crate) fn cast(
    values: Values<'_>,
    from: DType,
    to: DType,
    casting: Casting,
    out: &mut Lane,
) -> Result<()> {
    let cast = Cast::new(from, to, casting);
    match (values, out) {
        (Values::I64(v), Lane::I64(out)) if from.is_time() && to.is_time() => {
            let (a, b) = (per_second(from), per_second(to));
            for (out, &t) in out.iter_mut().zip(v) {
                *out = rescale_time(t, a, b).ok_or_else(|| cast.refused(&t))?;
            }
        }
        (values, Lane::Bool(out)) => match values {
            Values::F64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = x != 0.0),
            Values::I64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = x != 0),
            Values::U64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = x != 0),
            Values::Bool(v) => out.copy_from_slice(v),
            Values::Str(_) => debug_assert!(false, "a text as bool"),
        },
        (values, Lane::F64(out)) if to == DType::F32 => match values {
            Values::F64(v) => {
                out.iter_mut().zip(v).for_each(|(out, &x)| *out = f64::from(x as f32));
                // Looked for without branches first: it hardly ever happens.
                let lost = |out: f64, x: f64| out.is_infinite() & x.is_finite();
                if out.iter().zip(v).fold(false, |any, (&out, &x)| any | lost(out, x)) {
                    for (out, &x) in out.iter_mut().zip(v) {
                        if lost(*out, x) {
                            *out = cast.beyond_single(x)?;
                        }
                    }
                }
            }
            // Straight to float32: rounding to float64 first would round twice.
            Values::I64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = f64::from(x as f32)),
            Values::U64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = f64::from(x as f32)),
            Values::Bool(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = f64::from(u8::from(x))),
            Values::Str(_) => debug_assert!(false, "a text as float"),
        },
        (values, Lane::F64(out)) => match values {
            Values::F64(v) => out.copy_from_slice(v),
            Values::I64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = x as f64),
            Values::U64(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = x as f64),
            Values::Bool(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = f64::from(u8::from(x))),
            Values::Str(_) => debug_assert!(false, "a text as float"),
        },
        (values, Lane::I64(out)) => match values {
            Values::F64(v) => each(out, v, |x| Ok(cast.float(x)? as i64))?,
            Values::I64(v) => each(out, v, |x| Ok(cast.integer(x)? as i64))?,
            Values::U64(v) => each(out, v, |x| Ok(cast.integer(x)? as i64))?,
            Values::Bool(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = i64::from(x)),
            Values::Str(_) => debug_assert!(false, "a text as integer"),
        },
        (values, Lane::U64(out)) => match values {
            Values::F64(v) => each(out, v, |x| Ok(cast.float(x)? as u64))?,
            Values::I64(v) => each(out, v, |x| Ok(cast.integer(x)? as u64))?,
            Values::U64(v) => out.copy_from_slice(v),
            Values::Bool(v) => out.iter_mut().zip(v).for_each(|(out, &x)| *out = u64::from(x)),
            Values::Str(_) => debug_assert!(false, "a text as integer"),
        },
        (values, Lane::Str(_)) => debug_assert!(false, "{values:?} as text"),
    }
    Ok(())
}

fn each<A: Copy, B>(out: &mut [B], values: &[A], convert: impl Fn(A) -> Result<B>) -> Result<()> {
    for (out, &x) in out.iter_mut().zip(values) {
        *out = convert(x)?;
    }
    Ok(())
}

/// One cast, with the integers that its target holds.
struct Cast {
    from: DType,
    to: DType,
    casting: Casting,
    low: i128,
    high: i128,
}

impl Cast {
    fn new(from: DType, to: DType, casting: Casting) -> Self {
        let (low, high) = bounds(to);
        // A time that wrapped around would be another time.
        let casting = if to.is_time() { Casting::Strict } else { casting };
        Self { from, to, casting, low, high }
    }

    fn refused(&self, value: &dyn fmt::Display) -> Error {
        Error::Dtype {
            operation: format!("casting {value} to {}", self.to),
            dtype: self.from,
            hint: "the value does not fit; mask or clip such values first, or choose another Casting".into(),
        }
    }

    fn integer(&self, x: impl Into<i128> + Copy + fmt::Display) -> Result<i128> {
        self.fitted(x.into()).ok_or_else(|| self.refused(&x))
    }

    fn float(&self, x: f64) -> Result<i128> {
        const TWO_64: f64 = 18_446_744_073_709_551_616.0;
        let fitted = match self.casting {
            // Far inside i128, and far outside what any target holds.
            _ if x.abs() < 1e30 => self.fitted(x as i128),
            Casting::Strict => None,
            Casting::Wrap if x.is_finite() => self.fitted((x % TWO_64) as i128),
            Casting::Wrap => None,
            // Rust's `as` saturates, and gives 0 for NaN.
            Casting::Saturate => self.fitted(x as i128),
        };
        fitted.ok_or_else(|| self.refused(&x))
    }

    /// The value that stands for an integer in the target, if any.
    fn fitted(&self, x: i128) -> Option<i128> {
        if (self.low..=self.high).contains(&x) {
            return Some(x);
        }
        match self.casting {
            Casting::Strict => None,
            Casting::Wrap => {
                let size = self.high - self.low + 1;
                // Reduced before the difference is taken, which could not be held otherwise.
                Some(self.low + (x.rem_euclid(size) - self.low).rem_euclid(size))
            }
            Casting::Saturate => Some(x.clamp(self.low, self.high)),
        }
    }

    /// The float32 that stands for a finite number beyond all of them.
    fn beyond_single(&self, x: f64) -> Result<f64> {
        match self.casting {
            Casting::Strict => Err(self.refused(&x)),
            Casting::Wrap => Ok(f64::INFINITY.copysign(x)),
            Casting::Saturate => Ok(f64::from(f32::MAX).copysign(x)),
        }
    }
}

fn per_second(dtype: DType) -> i64 {
    match dtype {
        DType::Datetime(unit) | DType::Timedelta(unit) => unit.per_second(),
        _ => 1,
    }
}

/// A count of `1/from` seconds as a count of `1/to` seconds, rounded down; nothing where it does not fit.
fn rescale_time(t: i64, from: i64, to: i64) -> Option<i64> {
    if t == NAT {
        Some(NAT)
    } else if to >= from {
        t.checked_mul(to / from)
    } else {
        Some(t.div_euclid(from / to))
    }
}

fn bounds(dtype: DType) -> (i128, i128) {
    match dtype {
        DType::I8 => (i8::MIN.into(), i8::MAX.into()),
        DType::I16 => (i16::MIN.into(), i16::MAX.into()),
        DType::I32 => (i32::MIN.into(), i32::MAX.into()),
        DType::U8 => (0, u8::MAX.into()),
        DType::U16 => (0, u16::MAX.into()),
        DType::U32 => (0, u32::MAX.into()),
        DType::U64 => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(x: f64, to: DType, casting: Casting) -> Result<Lane> {
        let mut out = Lane::empty(to);
        out.reset(to, 1);
        cast(Values::F64(&[x]), DType::F64, to, casting, &mut out).map(|()| out)
    }

    #[test]
    fn a_strict_cast_that_loses_a_value_is_an_error() {
        assert!(matches!(one(-3.9, DType::I8, Casting::Strict), Ok(Lane::I64(v)) if v == [-3]));
        for (x, to) in [
            (f64::NAN, DType::I64),
            (300.0, DType::I8),
            (-1.0, DType::U16),
            (1e19, DType::I64),
            (9_223_372_036_854_775_808.0, DType::I64),
            (18_446_744_073_709_551_616.0, DType::U64),
            (1e39, DType::F32),
        ] {
            assert!(one(x, to, Casting::Strict).is_err(), "{x} {to}");
        }
    }

    #[test]
    fn a_wrapping_cast_is_arithmetic_modulo_the_size_of_the_dtype() {
        let huge = 2f64.powi(70) + 2f64.powi(40);
        for (x, to, expected) in [
            (300.7, DType::U8, 44),
            (-129.5, DType::I8, 127),
            (2f64.powi(63), DType::I64, i64::MIN),
            (huge, DType::I64, 1 << 40),
            (-1e300, DType::I64, 0),
            (2f64.powi(33) + 5.0, DType::I32, 5),
        ] {
            assert!(matches!(one(x, to, Casting::Wrap), Ok(Lane::I64(v)) if v == [expected]), "{x} {to}");
        }
        assert!(matches!(one(-1.0, DType::U64, Casting::Wrap), Ok(Lane::U64(v)) if v == [u64::MAX]));
        assert!(one(f64::NAN, DType::I8, Casting::Wrap).is_err());
        assert!(one(f64::INFINITY, DType::I8, Casting::Wrap).is_err());
        assert!(matches!(one(1e39, DType::F32, Casting::Wrap), Ok(Lane::F64(v)) if v == [f64::INFINITY]));
    }

    #[test]
    fn a_saturating_cast_takes_the_nearest_value() {
        for (x, to, expected) in [
            (300.0, DType::U8, 255),
            (-1.0, DType::U8, 0),
            (f64::NEG_INFINITY, DType::I16, i16::MIN.into()),
            (f64::NAN, DType::I64, 0),
            (1e300, DType::I64, i64::MAX),
        ] {
            assert!(matches!(one(x, to, Casting::Saturate), Ok(Lane::I64(v)) if v == [expected]), "{x} {to}");
        }
        let mut out = Lane::F64(vec![0.0]);
        let halfway = (1i64 << 60) + (1 << 36) + 1;
        cast(Values::I64(&[halfway]), DType::I64, DType::F32, Casting::Strict, &mut out).unwrap();
        assert!(matches!(out, Lane::F64(v) if v == [2f64.powi(60) + 2f64.powi(37)]));
        let single = f64::from(f32::MAX);
        assert!(matches!(one(-1e39, DType::F32, Casting::Saturate), Ok(Lane::F64(v)) if v == [-single]));
        assert!(
            matches!(one(f64::INFINITY, DType::F32, Casting::Strict), Ok(Lane::F64(v)) if v[0].is_infinite())
        );
    }
}
