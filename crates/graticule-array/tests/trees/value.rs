//! One value of the naive interpreter, with a bound on how far another order of rounding may be from it.

use graticule_array::{Binary, DType, Unary};

/// A value. Floats carry a bound on their error: where it is 0, the engine must give the same bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Val {
    Float(f64, f64),
    Int(i64),
    Bool(bool),
    /// What rounding decides, such as a comparison of two nearly equal numbers: anything is right.
    Unknown,
}

use Val::{Bool, Float, Int, Unknown};

/// Twice the distance between neighbouring doubles near 1: the rounding of a step, generously.
pub(super) const EPS: f64 = 2.0 * f64::EPSILON;

/// A float in `dtype` whose operands were off by no more than leads to `error`.
pub(super) fn float(value: f64, error: f64, dtype: DType) -> Val {
    let (mut value, mut error) = (value, error);
    let most = if dtype == DType::F32 { 1e35 } else { 1e200 };
    if error != 0.0 && value.is_nan() {
        return Unknown;
    }
    if dtype == DType::F32 {
        value = f64::from(value as f32);
    }
    if error == 0.0 {
        return Float(value, 0.0);
    }
    if dtype == DType::F32 {
        error += 1.2e-7 * value.abs() + 1e-45;
    }
    // An error that is too small to write down is still one.
    error = error.max(f64::MIN_POSITIVE);
    if error.is_finite() && value.abs() + error < most { Float(value, error) } else { Unknown }
}

impl Val {
    /// Whether a value that was computed can be this one.
    pub(super) fn allows(self, got: Self) -> bool {
        match (self, got) {
            (Unknown, _) | (_, Unknown) => true,
            (Float(x, _), Float(y, _)) if x.is_nan() || y.is_nan() => x.is_nan() && y.is_nan(),
            (Float(x, 0.0), Float(y, 0.0)) => x.to_bits() == y.to_bits(),
            (Float(x, e), Float(y, f)) => (x - y).abs() <= e + f,
            (a, b) => a == b,
        }
    }

    pub(super) fn is_nan(self) -> bool {
        matches!(self, Float(x, _) if x.is_nan())
    }

    pub(super) fn is_true(self) -> Option<bool> {
        match self {
            Bool(b) => Some(b),
            Int(i) => Some(i != 0),
            Float(x, e) if e == 0.0 || x.abs() > e => Some(x != 0.0),
            Float(..) | Unknown => None,
        }
    }

    pub(super) fn to_float(self) -> (f64, f64) {
        match self {
            Float(x, e) => (x, e),
            Int(i) => (i as f64, 0.0),
            Bool(b) => (f64::from(u8::from(b)), 0.0),
            Unknown => (0.0, f64::INFINITY),
        }
    }
}

/// A value in another dtype.
pub(super) fn cast(x: Val, from: DType, to: DType) -> Val {
    match (x, to) {
        (x, to) if from == to => x,
        (Unknown, _) => Unknown,
        (x, DType::Bool) => x.is_true().map_or(Unknown, Bool),
        (x, DType::F32 | DType::F64) => {
            let (value, error) = x.to_float();
            float(value, error, to)
        }
        (Float(value, error), _) if (value - error).trunc() == (value + error).trunc() => {
            Int(value.trunc() as i64)
        }
        (Float(..), _) => Unknown,
        (Int(i), _) => Int(wrap(i, to)),
        (Bool(b), _) => Int(i64::from(b)),
    }
}

fn wrap(i: i64, dtype: DType) -> i64 {
    if dtype == DType::I32 { i64::from(i as i32) } else { i }
}

pub(super) fn unary(function: Unary, x: Val, dtype: DType) -> Val {
    match (function, x) {
        (_, Unknown) => Unknown,
        (Unary::Isnan, x) => Bool(x.is_nan()),
        (Unary::Isfinite, Float(x, _)) => Bool(x.is_finite()),
        (Unary::Isfinite, _) => Bool(true),
        (Unary::LogicalNot | Unary::Invert, Bool(b)) => Bool(!b),
        (Unary::Invert, Int(i)) => Int(!i),
        (Unary::Negative, Int(i)) => Int(wrap(i.wrapping_neg(), dtype)),
        (Unary::Absolute, Int(i)) => Int(wrap(i.wrapping_abs(), dtype)),
        (Unary::Sign, Int(i)) => Int(i.signum()),
        (Unary::Square, Int(i)) => Int(wrap(i.wrapping_mul(i), dtype)),
        (Unary::Floor | Unary::Rint | Unary::Absolute, x @ (Int(_) | Bool(_))) => x,
        (function, Float(x, e)) => unary_float(function, x, e, dtype),
        (function, x) => panic!("no naive {function} of {x:?}"),
    }
}

fn unary_float(function: Unary, x: f64, e: f64, dtype: DType) -> Val {
    let step = |f: fn(f64) -> f64| {
        if e == 0.0 || f(x - e).to_bits() == f(x + e).to_bits() { Float(f(x), 0.0) } else { Unknown }
    };
    match function {
        Unary::Negative => Float(-x, e),
        Unary::Absolute => Float(x.abs(), e),
        Unary::Sign if x.is_nan() => Float(x, 0.0),
        Unary::Sign => step(|x| if x == 0.0 { 0.0 } else { x.signum() }),
        Unary::Square => {
            let error = if e == 0.0 { 0.0 } else { 2.0 * x.abs() * e + e * e + EPS * x * x };
            float(x * x, error, dtype)
        }
        Unary::Sqrt if e == 0.0 => float(x.sqrt(), 0.0, dtype),
        Unary::Sqrt if x > 2.0 * e => float(x.sqrt(), e / (x - e).sqrt() + EPS * x.sqrt(), dtype),
        Unary::Sqrt => Unknown,
        Unary::Cos => float(x.cos(), e + 4.0 * EPS + EPS * x.abs(), dtype),
        Unary::Floor => step(f64::floor),
        Unary::Rint => step(f64::round_ties_even),
        function => panic!("no naive {function}"),
    }
}

pub(super) fn binary(function: Binary, x: Val, y: Val, argument: DType, result: DType) -> Val {
    match (x, y) {
        (Unknown, _) | (_, Unknown) => Unknown,
        (Float(a, e), Float(b, f)) => binary_float(function, (a, e), (b, f), result),
        (Int(a), Int(b)) => binary_int(function, a, b, argument),
        (Bool(a), Bool(b)) => Bool(match function {
            Binary::Add | Binary::LogicalOr | Binary::BitwiseOr | Binary::Maximum | Binary::Fmax => a | b,
            Binary::Multiply | Binary::LogicalAnd | Binary::BitwiseAnd | Binary::Minimum | Binary::Fmin => {
                a & b
            }
            Binary::LogicalXor | Binary::BitwiseXor | Binary::NotEqual => a != b,
            Binary::Equal => a == b,
            Binary::Less => !a & b,
            Binary::LessEqual => !a | b,
            Binary::Greater => a & !b,
            Binary::GreaterEqual => a | !b,
            function => panic!("no naive {function} of booleans"),
        }),
        (x, y) => panic!("no naive {function} of {x:?} and {y:?}"),
    }
}

fn binary_int(function: Binary, a: i64, b: i64, dtype: DType) -> Val {
    let value = match function {
        Binary::Equal => return Bool(a == b),
        Binary::NotEqual => return Bool(a != b),
        Binary::Less => return Bool(a < b),
        Binary::LessEqual => return Bool(a <= b),
        Binary::Greater => return Bool(a > b),
        Binary::GreaterEqual => return Bool(a >= b),
        Binary::Add => a.wrapping_add(b),
        Binary::Subtract => a.wrapping_sub(b),
        Binary::Multiply => a.wrapping_mul(b),
        Binary::Maximum | Binary::Fmax => a.max(b),
        Binary::Minimum | Binary::Fmin => a.min(b),
        Binary::BitwiseAnd => a & b,
        Binary::BitwiseOr => a | b,
        Binary::BitwiseXor => a ^ b,
        Binary::FloorDivide | Binary::Remainder if b == 0 => 0,
        // The quotient is rounded down, and the remainder has the sign of the divisor.
        Binary::FloorDivide => {
            let quotient = a.wrapping_div(b);
            if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        Binary::Remainder => {
            let rest = a.wrapping_rem(b);
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
        Binary::Power => (0..b).fold(1i64, |power, _| power.wrapping_mul(a)),
        function => panic!("no naive {function} of integers"),
    };
    Int(wrap(value, dtype))
}

fn binary_float(function: Binary, (a, e): (f64, f64), (b, f): (f64, f64), dtype: DType) -> Val {
    let is_exact = e == 0.0 && f == 0.0;
    let compared = |test: bool| {
        let apart = is_exact || a.is_nan() || b.is_nan() || (a - b).abs() > e + f;
        if apart { Bool(test) } else { Unknown }
    };
    let (value, error) = match function {
        Binary::Equal => return compared(a == b),
        Binary::NotEqual => return compared(a != b),
        Binary::Less => return compared(a < b),
        Binary::LessEqual => return compared(a <= b),
        Binary::Greater => return compared(a > b),
        Binary::GreaterEqual => return compared(a >= b),
        Binary::Add => (a + b, e + f),
        Binary::Subtract => (a - b, e + f),
        Binary::Multiply => (a * b, a.abs() * f + b.abs() * e + e * f),
        Binary::Divide if is_exact => (a / b, 0.0),
        Binary::Divide if b.is_infinite() || b.abs() <= 2.0 * f => {
            return if a.is_nan() || b.is_nan() { Float(f64::NAN, 0.0) } else { Unknown };
        }
        Binary::Divide => (a / b, (e + (a / b).abs() * f) / (b.abs() - f)),
        Binary::Maximum => (if a >= b || a.is_nan() { a } else { b }, e.max(f)),
        Binary::Minimum => (if a <= b || a.is_nan() { a } else { b }, e.max(f)),
        Binary::Fmax => (if a >= b || b.is_nan() { a } else { b }, e.max(f)),
        Binary::Fmin => (if a <= b || b.is_nan() { a } else { b }, e.max(f)),
        Binary::Power if f == 0.0 && b == 2.0 => return unary_float(Unary::Square, a, e, dtype),
        Binary::Power if is_exact && b == 1.0 => (a, 0.0),
        Binary::Power if is_exact && b == 0.0 => (1.0, 0.0),
        Binary::Power if is_exact && b == 3.0 && a.is_finite() => (a * a * a, 2.0 * EPS * (a * a * a).abs()),
        Binary::Power => return if a.is_nan() && b == 3.0 { Float(a, 0.0) } else { Unknown },
        function => panic!("no naive {function} of floats"),
    };
    if is_exact && function != Binary::Power {
        return float(value, 0.0, dtype);
    }
    if value.is_nan() && (a.is_nan() || b.is_nan()) {
        return Float(value, 0.0);
    }
    match function {
        Binary::Maximum | Binary::Minimum | Binary::Fmax | Binary::Fmin => float(value, error, dtype),
        _ if !value.is_finite() => Unknown,
        _ => {
            float(value, error + if is_exact { error } else { EPS * value.abs() + f64::MIN_POSITIVE }, dtype)
        }
    }
}
