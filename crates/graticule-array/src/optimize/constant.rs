//! What formulas and folds give where every element is the same.

use std::sync::Arc;

use crate::aggregation::{Aggregation, Statistic};
use crate::dtype::{DType, NAT};
use crate::expr::{Formula, Step};
use crate::function::Unary;
use crate::kernel::lane::{Lane, Unpack, Values, unpack_in_place};
use crate::kernel::{cast, evaluate, table};
use crate::scalar::{Float, Scalar};

/// What a formula gives for one element of each input: the same bits as in a tile. Nothing where computing would fail.
pub(super) fn of_formula(formula: &Formula, inputs: &[&Scalar]) -> Option<Scalar> {
    let steps: Vec<(&Step, DType)> = formula.steps().collect();
    let mut done: Vec<Lane> = Vec::with_capacity(steps.len());
    for &(step, dtype) in &steps {
        let one = || {
            let mut lane = Lane::empty(dtype);
            lane.reset(dtype, 1);
            lane
        };
        let lane = match step {
            Step::Input(input) => filled(inputs.get(*input)?, dtype)?,
            Step::Const(value) => filled(value, dtype)?,
            Step::Unary(function @ (Unary::Isnan | Unary::Isinf | Unary::Isfinite | Unary::Signbit), x) => {
                let mut out = [false];
                evaluate::classify(*function, done[*x].values(), steps[*x].1, &mut out);
                Lane::Bool(out.to_vec())
            }
            Step::Unary(function, x) => applied(*function, &done[*x], steps[*x].1),
            Step::Binary(function, x, y) => {
                let argument = steps[*x].1;
                let small = match steps[*y].0 {
                    Step::Const(exponent) => function.with_constant(exponent, argument),
                    _ => None,
                };
                let (a, b) = (done[*x].values(), done[*y].values());
                match small {
                    Some(function) => applied(function, &done[*x], argument),
                    None if evaluate::comparison(*function).is_some() => {
                        let mut out = [false];
                        evaluate::compare(*function, a, b, argument, &mut out);
                        Lane::Bool(out.to_vec())
                    }
                    None => {
                        let mut out = one();
                        match (a, b, &mut out) {
                            (Values::I64(a), Values::I64(b), Lane::F64(out)) => {
                                evaluate::divide_times(a, b, out);
                            }
                            (a, b, out) => evaluate::binary_into(*function, a, b, out, dtype),
                        }
                        out
                    }
                }
            }
            Step::Where { cond, yes, no } => {
                let mut out = done[*yes].clone();
                evaluate::choose(done[*cond].values(), &mut out, done[*no].values());
                out
            }
            Step::Cast { x, casting } => {
                let mut out = one();
                cast::cast(done[*x].values(), steps[*x].1, dtype, *casting, &mut out).ok()?;
                out
            }
            Step::Lookup { x, table } => {
                let mut out = one();
                table::lookup(table, done[*x].values(), &mut out);
                out
            }
            Step::MaskScale { packed, missing, scale, offset } => {
                let mut out = Lane::F64(vec![0.0]);
                let (packed, from) = (done[*packed].values(), steps[*packed].1);
                cast::cast(packed, from, DType::F64, Default::default(), &mut out).ok()?;
                let unpack = Unpack {
                    missing: missing.iter().map(Scalar::to_f64).collect(),
                    scale: scale.map(Float::get),
                    offset: offset.map(Float::get),
                    single: dtype == DType::F32,
                };
                if let Lane::F64(values) = &mut out {
                    unpack_in_place(values, &unpack);
                }
                out
            }
        };
        done.push(lane);
    }
    value(done.last()?, formula.dtype())
}

fn filled(value: &Scalar, dtype: DType) -> Option<Lane> {
    let mut lane = Lane::empty(dtype);
    lane.reset(dtype, 1);
    lane.fill(&value.convert(dtype)?);
    Some(lane)
}

fn applied(function: Unary, x: &Lane, argument: DType) -> Lane {
    let mut lane = x.clone();
    evaluate::unary(function, &mut lane, argument);
    lane
}

/// The only value of a tile.
fn value(lane: &Lane, dtype: DType) -> Option<Scalar> {
    let value = match (lane, dtype) {
        (Lane::F64(v), _) => Scalar::from(*v.first()?),
        (Lane::I64(v), DType::Datetime(unit)) => Scalar::Datetime(*v.first()?, unit),
        (Lane::I64(v), DType::Timedelta(unit)) => Scalar::Timedelta(*v.first()?, unit),
        (Lane::I64(v), _) => Scalar::Int(*v.first()?),
        (Lane::U64(v), _) => Scalar::UInt(*v.first()?),
        (Lane::Bool(v), _) => Scalar::Bool(*v.first()?),
        (Lane::Str(v), _) => Scalar::Str(Arc::clone(v.first()?)),
    };
    value.convert(dtype)
}

/// A statistic of `n` equal values, where it is exact.
pub(super) fn of_fold(aggregation: &Aggregation, value: &Scalar, n: usize) -> Option<Scalar> {
    let is_missing = match value {
        Scalar::Float(x) => x.get().is_nan(),
        Scalar::Datetime(t, _) | Scalar::Timedelta(t, _) => *t == NAT,
        Scalar::Bool(_) | Scalar::Int(_) | Scalar::UInt(_) | Scalar::Str(_) => false,
    };
    match (&aggregation.kind, value) {
        (Statistic::Count, _) => Some(Scalar::Int(if is_missing { 0 } else { n as i64 })),
        (Statistic::Min | Statistic::Max | Statistic::First | Statistic::Last, value) if n > 0 => {
            Some(value.clone())
        }
        (Statistic::Argmin | Statistic::Argmax, _) if n > 0 && !is_missing => Some(Scalar::Int(0)),
        (Statistic::Any, Scalar::Bool(value)) => Some((*value && n > 0).into()),
        (Statistic::All, Scalar::Bool(value)) => Some((*value || n == 0).into()),
        (Statistic::Sum, Scalar::Int(value)) => Some(value.wrapping_mul(n as i64).into()),
        (Statistic::Sum, Scalar::UInt(value)) => Some(value.wrapping_mul(n as u64).into()),
        (kind, Scalar::Float(x)) => of_floats(kind, aggregation.skipna, x.get(), n).map(Scalar::from),
        _ => None,
    }
}

fn of_floats(kind: &Statistic, skipna: bool, x: f64, n: usize) -> Option<f64> {
    let is_finite = x.is_finite();
    match kind {
        Statistic::Sum if n == 0 || skipna && x.is_nan() => Some(0.0),
        Statistic::Sum if !is_finite => Some(x),
        // Sums begin with 0, to which -0 adds nothing.
        Statistic::Sum => adds_up(x, n).then_some(x * n as f64 + 0.0),
        Statistic::Mean if n == 0 || x.is_nan() => Some(f64::NAN),
        Statistic::Mean => (!is_finite || adds_up(x, n)).then_some(x + 0.0),
        Statistic::Var { ddof } | Statistic::Std { ddof } => (is_finite && n > *ddof).then_some(0.0),
        _ => None,
    }
}

/// Whether every sum of up to `n` of these values is exact, in whatever order they are added.
fn adds_up(x: f64, n: usize) -> bool {
    const WHOLE: u64 = 1 << f64::MANTISSA_DIGITS;
    let mantissa = x.to_bits() & ((1 << (f64::MANTISSA_DIGITS - 1)) - 1);
    let significand = if x.is_normal() { mantissa | (WHOLE / 2) } else { mantissa };
    let odd = significand >> significand.trailing_zeros().min(63);
    odd.checked_mul(n as u64).is_some_and(|most| most <= WHOLE) && (x * n as f64).is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_add_up_as_long_as_their_digits_have_room() {
        assert!(adds_up(0.5, 1 << 53) && adds_up(3.0, 1000) && adds_up(0.0, usize::MAX) && adds_up(-0.0, 3));
        assert!(adds_up(5e-324, 1 << 50) && adds_up(0.1, 1));
        assert!(!adds_up(0.1, 3) && !adds_up(3.0, 1 << 52) && !adds_up(f64::MAX, 2));
    }

    #[test]
    fn folds_of_equal_values_begin_with_zero() {
        let sum = |x, n| of_floats(&Statistic::Sum, false, x, n).map(f64::to_bits);
        assert_eq!(sum(-0.0, 4), Some(0.0f64.to_bits()));
        assert_eq!(sum(2.5, 4), Some(10.0f64.to_bits()));
        assert_eq!(sum(0.1, 3), None);
        assert_eq!(of_floats(&Statistic::Sum, true, f64::NAN, 4), Some(0.0));
        assert!(of_floats(&Statistic::Mean, false, 1.0, 0).is_some_and(f64::is_nan));
    }
}
