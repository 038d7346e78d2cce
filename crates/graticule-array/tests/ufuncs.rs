//! numpy's universal functions, casts, and functions given by tables, against numpy.

use graticule_array::{Array, Binary, Casting, Chunk, DType, Result, Side, StoredExpr, Unary};

use crate::golden::{Case, Precision, cases};

fn vector<T: graticule_array::Element>(values: Vec<T>) -> Array {
    Array::from_chunk(Chunk::new(vec![values.len()], values).unwrap()).unwrap()
}

fn unary(name: &str, x: &Array) -> Result<Array> {
    match name {
        "absolute" => x.abs(),
        "log" => x.ln(),
        "rint" => x.round(),
        "fix" => x.trunc(),
        "fabs" => x.fabs(),
        "sinc" => x.sinc(),
        "positive" => x.positive(),
        "isposinf" => x.isposinf(),
        "isneginf" => x.isneginf(),
        "bitwise_count" => x.bitwise_count(),
        "negative" => x.unary(Unary::Negative),
        "sign" => x.sign(),
        "square" => x.square(),
        "reciprocal" => x.reciprocal(),
        "sqrt" => x.sqrt(),
        "cbrt" => x.cbrt(),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "expm1" => x.expm1(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "log1p" => x.log1p(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "arcsin" => x.arcsin(),
        "arccos" => x.arccos(),
        "arctan" => x.arctan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "arcsinh" => x.arcsinh(),
        "arccosh" => x.arccosh(),
        "arctanh" => x.arctanh(),
        "deg2rad" => x.deg2rad(),
        "rad2deg" => x.rad2deg(),
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        "trunc" => x.trunc(),
        "spacing" => x.spacing(),
        "i0" => x.i0(),
        "isnan" => x.isnan(),
        "isinf" => x.isinf(),
        "isfinite" => x.isfinite(),
        "signbit" => x.signbit(),
        "logical_not" => x.logical_not(),
        "invert" => x.invert(),
        other => panic!("no function {other}"),
    }
}

fn binary(name: &str, x: &Array, y: &Array) -> Result<Array> {
    match name {
        "floor_divide" => x.floor_divide(y),
        "remainder" => x.remainder(y),
        "fmod" => x.fmod(y),
        "maximum" => x.maximum(y),
        "minimum" => x.minimum(y),
        "fmax" => x.fmax(y),
        "fmin" => x.fmin(y),
        "arctan2" => x.arctan2(y),
        "hypot" => x.hypot(y),
        "copysign" => x.copysign(y),
        "nextafter" => x.nextafter(y),
        "heaviside" => x.heaviside(y),
        "ldexp" => x.ldexp(y),
        "logaddexp" => x.logaddexp(y),
        "logaddexp2" => x.logaddexp2(y),
        "gcd" => x.gcd(y),
        "lcm" => x.lcm(y),
        "logical_and" => x.logical_and(y),
        "logical_or" => x.logical_or(y),
        "logical_xor" => x.logical_xor(y),
        "bitwise_and" => x & y,
        "bitwise_or" => x | y,
        "bitwise_xor" => x ^ y,
        "left_shift" => x.left_shift(y),
        "right_shift" => x.right_shift(y),
        other => panic!("no function {other}"),
    }
}

fn applied(case: &Case, inputs: &[Array]) -> Result<Vec<Array>> {
    let x = &inputs[0];
    let pair = |(a, b)| Ok(vec![a, b]);
    let one = match case.op() {
        "unary" => unary(case.text("name"), x),
        "binary" => binary(case.text("name"), x, &inputs[1]),
        "around" => x.around(case.int("decimals") as i32),
        "float_power" => x.float_power(&inputs[1]),
        "isclose" => x.isclose(&inputs[1], 1e-5, 1e-8, case.flag("equal_nan")),
        "nan_to_num" => x.nan_to_num(0.0, None, None),
        "divmod" => return pair(x.divmod(&inputs[1])?),
        "frexp" => return pair(x.frexp()?),
        "modf" => return pair(x.modf()?),
        other => panic!("no operation {other}"),
    };
    Ok(vec![one?])
}

/// What is not computed by one rounding of an exact value.
const ROUNDED: [&str; 28] = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "deg2rad",
    "rad2deg",
    "i0",
    "sinc",
    "arctan2",
    "hypot",
    "logaddexp",
    "logaddexp2",
];

#[test]
fn every_function_gives_what_numpy_gives() {
    for case in cases(include_str!("golden/ufuncs.json")) {
        let is_rounded = case.has("name") && ROUNDED.contains(&case.text("name"));
        let is_either =
            case.has("name") && ["maximum", "minimum", "fmax", "fmin"].contains(&case.text("name"));
        let precision = match case.op() {
            // Which of two zeros is the larger is not said.
            _ if is_either => Precision::Ulps(0.0),
            "float_power" => Precision::Ulps(2.0),
            _ if is_rounded => Precision::Ulps(8.0),
            _ => Precision::Exact,
        };
        case.check(precision, |inputs| applied(&case, inputs));
    }
}

fn looked_up(case: &Case, x: &Array) -> Result<Array> {
    let optional = |name: &str| case.has(name).then(|| case.number(name));
    match case.op() {
        "digitize" => x.digitize(&case.numbers("edges"), case.flag("right")),
        "searchsorted" => {
            let side = if case.text("side") == "left" { Side::Left } else { Side::Right };
            let edges = ndarray::Array1::from_vec(case.numbers("edges"));
            let len = edges.len();
            Array::from_array(edges, len.max(1))?.searchsorted(&x.astype(graticule_array::DType::F64)?, side)
        }
        "interp" if case.has("period") => {
            x.interp_periodic(&case.numbers("xs"), &case.numbers("ys"), case.number("period"))
        }
        "interp" => x.interp(&case.numbers("xs"), &case.numbers("ys"), optional("left"), optional("right")),
        "isin" => x.isin(case.ints("values").iter().map(|&value| value as i64)),
        other => panic!("no operation {other}"),
    }
}

#[test]
fn tables_give_what_numpy_gives() {
    for case in cases(include_str!("golden/lookups.json")) {
        case.check(Precision::Exact, |inputs| Ok(vec![looked_up(&case, &inputs[0])?]));
    }
}

#[test]
fn membership_is_of_the_arrays_own_values() -> Result<()> {
    let single = vector(vec![0.1f32, 0.2, f32::NAN]).isin([0.1, f64::NAN])?;
    assert_eq!(single.compute()?.as_slice::<bool>()?, [true, false, false]);
    let large = vector(vec![(1i64 << 53) + 1, 1 << 53]).isin([(1i64 << 53) + 1])?;
    assert_eq!(large.compute()?.as_slice::<bool>()?, [true, false]);
    let names = vector(vec!["a".into(), "b".into()] as Vec<std::sync::Arc<str>>);
    assert_eq!(names.isin(["b", "c"])?.compute()?.as_slice::<bool>()?, [false, true]);
    assert!(names.isin([1]).is_err() && large.isin(["a"]).is_err());
    Ok(())
}

#[test]
fn tables_that_are_not_sorted_are_refused() -> Result<()> {
    let x = vector(vec![1.0, 2.0]);
    for error in [
        x.digitize(&[1.0, 3.0, 2.0], false),
        x.digitize(&[1.0, f64::NAN], false),
        x.interp(&[1.0, 0.0], &[1.0, 1.0], None, None),
        x.interp(&[1.0], &[1.0, 1.0], None, None),
        x.interp(&[], &[], None, None),
        x.interp_periodic(&[], &[], 360.0),
        x.interp_periodic(&[1.0], &[], 360.0),
        x.interp_periodic(&[1.0], &[1.0], 0.0),
        x.interp_periodic(&[f64::NAN], &[1.0], 1.0),
    ] {
        assert!(error.is_err(), "{error:?}");
    }
    let text = serde_json::to_string(&StoredExpr::from(x.zeros_like()?.digitize(&[1.0, 3.0], false)?.expr()))
        .unwrap();
    let [one, three] = [1f64.to_bits().to_string(), 3f64.to_bits().to_string()];
    let swapped = text.replace(&one, "#").replace(&three, &one).replace('#', &three);
    let open = |text: &str| {
        serde_json::from_str::<StoredExpr>(text).unwrap().open(&graticule_array::Registry::default())
    };
    assert!(open(&text).is_ok());
    assert_ne!(text, swapped);
    assert!(open(&swapped).is_err());
    Ok(())
}

#[test]
fn a_cast_loses_values_only_by_a_rule_that_was_asked_for() -> Result<()> {
    let x = vector(vec![-129.5, -1.0, 3.9, 300.0, 1e300]);
    let wrapped = x.astype_with(DType::U8, Casting::Wrap)?.compute()?;
    assert_eq!(wrapped.as_slice::<u8>()?, [127, 255, 3, 44, 0]);
    let saturated = x.astype_with(DType::I8, Casting::Saturate)?.compute()?;
    assert_eq!(saturated.as_slice::<i8>()?, [-128, -1, 3, 127, 127]);
    let error = x.astype(DType::F32)?.compute().unwrap_err().to_string();
    assert!(error.contains("float32") && error.contains("Casting"), "{error}");
    let nan = vector(vec![f64::NAN]);
    assert_eq!(nan.astype_with(DType::I32, Casting::Saturate)?.compute()?.as_slice::<i32>()?, [0]);
    assert!(nan.astype_with(DType::I32, Casting::Wrap)?.compute().is_err());
    assert!(nan.astype(DType::F32)?.compute()?.to_f64()[0].is_nan());
    // The rule is part of the expression.
    let casts = [Casting::Strict, Casting::Wrap, Casting::Saturate].map(|c| x.astype_with(DType::U8, c));
    let [strict, wrap, saturate] = casts;
    let (strict, wrap, saturate) = (strict?, wrap?, saturate?);
    assert!(strict != wrap && wrap != saturate);
    assert!(wrap.tree().contains("uint8(x, wrap)"), "{}", wrap.tree());
    let stored = serde_json::to_string(&StoredExpr::from(
        Array::arange(3)?.astype_with(DType::U8, Casting::Wrap)?.expr(),
    ));
    let stored: StoredExpr = serde_json::from_str(&stored.unwrap()).unwrap();
    let opened = Array::from_expr(stored.open(&graticule_array::Registry::default())?);
    assert_eq!(opened, Array::arange(3)?.astype_with(DType::U8, Casting::Wrap)?);
    Ok(())
}

#[test]
fn integers_wrap_as_numpys_casts_do() -> Result<()> {
    // np.array([-2**63, -129, -1, 0, 255, 256, 2**63 - 1]).astype(..)
    let x = vector(vec![i64::MIN, -129, -1, 0, 255, 256, i64::MAX]);
    let cast = |dtype| x.astype_with(dtype, Casting::Wrap)?.compute();
    assert_eq!(cast(DType::I8)?.as_slice::<i8>()?, [0, 127, -1, 0, -1, 0, -1]);
    assert_eq!(cast(DType::U16)?.as_slice::<u16>()?, [0, 65407, 65535, 0, 255, 256, 65535]);
    assert_eq!(
        cast(DType::U64)?.as_slice::<u64>()?,
        [1 << 63, u64::MAX - 128, u64::MAX, 0, 255, 256, i64::MAX as u64]
    );
    let u = vector(vec![u64::MAX, 1 << 63]);
    assert_eq!(u.astype_with(DType::I64, Casting::Wrap)?.compute()?.as_slice::<i64>()?, [-1, i64::MIN]);
    assert_eq!(u.astype_with(DType::I64, Casting::Saturate)?.compute()?.as_slice::<i64>()?, [i64::MAX; 2]);
    Ok(())
}

#[test]
fn choices_have_one_dtype() -> Result<()> {
    let x = vector(vec![-1i8, 0, 5]);
    let small = Array::select(&[x.less(0)?, x.equal(0)?], &[7.into(), (&x).into()], -3)?;
    assert_eq!(small.compute()?.as_slice::<i8>()?, [7, 0, -3]);
    let only_numbers = Array::select(&[x.less(0)?, x.equal(0)?], &[1.into(), 2.5.into()], 0)?;
    assert_eq!(only_numbers.compute()?.as_slice::<f64>()?, [1.0, 2.5, 0.0]);
    let pieces = x.piecewise(&[x.less(1)?, x.less(0)?], &[1.into(), 2.into(), 3.into()])?;
    assert_eq!(pieces.compute()?.as_slice::<i8>()?, [2, 1, 3]);
    assert_eq!(x.piecewise(&[], &[])?.compute()?.as_slice::<i8>()?, [0; 3]);
    for error in [
        Array::select(&[x.less(0)?], &[], 0),
        Array::select(&[], &[], 0),
        Array::select(std::slice::from_ref(&x), &[1.into()], 0),
        Array::select(&[x.less(0)?], &[(&x).into()], 300),
        x.piecewise(&[x.less(0)?], &[300.into()]),
        x.piecewise(&[], &[1.into(), 2.into()]),
    ] {
        assert!(error.is_err(), "{error:?}");
    }
    Ok(())
}

#[test]
fn equality_of_arrays_is_one_lazy_bool() -> Result<()> {
    let x = vector(vec![1.0, f64::NAN]);
    let is = |array: Array| array.compute()?.item::<bool>();
    assert!(!is(x.array_equal(&x, false)?)?);
    assert!(is(x.array_equal(&x, true)?)?);
    assert!(!is(x.array_equal(&x.expand_dims(0)?, true)?)?);
    assert!(is(x.allclose((&x + 1e-9)?, 1e-5, 1e-8, true)?)?);
    assert!(!is(x.allclose(1.0, 1e-5, 1e-8, false)?)?);
    Ok(())
}

#[test]
fn functions_that_a_dtype_has_not_are_refused() -> Result<()> {
    let floats = vector(vec![1.5]);
    let flags = vector(vec![true]);
    for error in [
        floats.gcd(2),
        floats.bitwise_count(),
        floats.ldexp(0.5),
        floats.binary(Binary::LeftShift, 1),
        flags.positive(),
        flags.gcd(&flags),
        flags.around(0),
        vector(vec![1i64]).around(-19),
        floats.around(301),
    ] {
        assert!(error.is_err(), "{error:?}");
    }
    Ok(())
}

#[test]
fn bounds_may_be_given_on_one_side() -> Result<()> {
    let x = vector(vec![1u8, 5, 200]);
    assert_eq!(x.clip_min(3)?.compute()?.as_slice::<u8>()?, [3, 5, 200]);
    assert_eq!(x.clip_max(3)?.compute()?.as_slice::<u8>()?, [1, 3, 3]);
    assert_eq!(x.clip_min(-3)?.compute()?.as_slice::<u8>()?, [1, 5, 200]);
    Ok(())
}

#[test]
fn numbers_too_large_for_decimals_stay_when_rounded() -> Result<()> {
    let x = vector(vec![9.96921e36f32, 1.25, f32::INFINITY]).around(2)?.compute()?;
    assert_eq!(x.as_slice::<f32>()?, [9.96921e36, 1.25, f32::INFINITY]);
    assert_eq!(vector(vec![1e300, 0.125]).around(300)?.compute()?.to_f64(), [1e300, 0.125]);
    Ok(())
}
