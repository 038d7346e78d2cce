//! Values and dtypes of elementwise maths, as numpy gives them.

use graticule_array::{Array, Binary, Buffer, Chunk, DType, NAT, Result, Scalar, TimeUnit, Unary};

fn vector<T: graticule_array::Element>(values: Vec<T>) -> Array {
    Array::from_chunk(Chunk::new(vec![values.len()], values).unwrap()).unwrap()
}

#[test]
fn operators_chain_and_stop_at_the_first_error() -> Result<()> {
    let x = vector(vec![1.0, 2.0, 3.0]);
    let y = (((&x - x.mean(())?)? / 2.0)? + 1)?;
    let y = y.compute()?;
    assert_eq!(y.as_slice::<f64>()?, [0.5, 1.0, 1.5]);
    let short = vector(vec![1.0, 2.0]);
    let error = (&x + (&short * 2.0)?).unwrap_err();
    assert!(error.to_string().contains("[3] and [2]"), "{error}");
    assert!((&x + (&x + &short)).is_err());
    Ok(())
}

#[test]
fn integer_maths_wraps_and_divides_as_numpy_does() -> Result<()> {
    let x = vector(vec![7i8, -7, 127, -128]);
    let both = |f, y: i64| x.binary(f, y)?.compute();
    assert_eq!(both(Binary::Add, 1)?.as_slice::<i8>()?, [8, -6, -128, -127]);
    assert_eq!(both(Binary::FloorDivide, 2)?.as_slice::<i8>()?, [3, -4, 63, -64]);
    assert_eq!(both(Binary::Remainder, 2)?.as_slice::<i8>()?, [1, 1, 1, 0]);
    assert_eq!(both(Binary::FloorDivide, 0)?.as_slice::<i8>()?, [0, 0, 0, 0]);
    assert_eq!(both(Binary::Divide, 2)?.as_slice::<f64>()?, [3.5, -3.5, 63.5, -64.0]);
    assert_eq!(both(Binary::Power, 2)?.as_slice::<i8>()?, [49, 49, 1, 0]);
    let u = vector(vec![1u64, u64::MAX]);
    assert_eq!(u.binary(Binary::Maximum, 2)?.compute()?.as_slice::<u64>()?, [2, u64::MAX]);
    assert_eq!((&u + 1)?.compute()?.as_slice::<u64>()?, [2, 0]);
    Ok(())
}

#[test]
fn float32_stays_float32_and_rounds_like_it() -> Result<()> {
    let x = vector(vec![0.1f32, 1.0e-3, 3.0]);
    let y = ((&x * 0.3)? + &x)?.compute()?;
    let expected: Vec<f32> = [0.1f32, 1.0e-3, 3.0].iter().map(|&x| x * 0.3f32 + x).collect();
    assert_eq!(y.as_slice::<f32>()?, expected);
    assert_eq!(x.sum(())?.dtype(), DType::F32);
    Ok(())
}

#[test]
fn comparisons_and_masks_know_nan() -> Result<()> {
    let x = vector(vec![1.0, f64::NAN, -1.0]);
    assert_eq!(x.greater(0.0)?.compute()?.as_slice::<bool>()?, [true, false, false]);
    assert_eq!(x.not_equal(&x)?.compute()?.as_slice::<bool>()?, [false, true, false]);
    let filled = x.isnan()?.choose(0.0, &x)?;
    assert_eq!(filled.compute()?.as_slice::<f64>()?, [1.0, 0.0, -1.0]);
    assert_eq!(x.maximum(0.0)?.compute()?.to_f64()[2], 0.0);
    assert!(x.maximum(0.0)?.compute()?.to_f64()[1].is_nan());
    assert_eq!((!&x.isnan()?)?.compute()?.as_slice::<bool>()?, [true, false, true]);
    Ok(())
}

#[test]
fn a_cast_that_would_lose_a_value_fails_and_says_which() -> Result<()> {
    let x = vector(vec![1.0, f64::NAN]);
    let error = x.astype(DType::I32)?.compute().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("NaN") && text.contains("int32"), "{text}");
    assert_eq!(vector(vec![300i64]).astype(DType::U16)?.compute()?.as_slice::<u16>()?, [300]);
    assert!(vector(vec![300i64]).astype(DType::U8)?.compute().is_err());
    Ok(())
}

#[test]
fn times_subtract_and_compare_across_units() -> Result<()> {
    let times = |unit, values: Vec<i64>| {
        let chunk = Chunk::from_buffer(vec![values.len()], DType::Datetime(unit), Buffer::I64(values))?;
        Array::from_chunk(chunk)
    };
    let s = times(TimeUnit::Second, vec![10, NAT, 5])?;
    let ms = times(TimeUnit::Millisecond, vec![9_500, 1, 5_000])?;
    let difference = (&s - &ms)?;
    assert_eq!(difference.dtype(), DType::Timedelta(TimeUnit::Millisecond));
    assert_eq!(difference.compute()?.as_slice::<i64>()?, [500, NAT, 0]);
    assert_eq!(s.greater(&ms)?.compute()?.as_slice::<bool>()?, [true, false, false]);
    assert_eq!(s.max(())?.compute()?.get(0), Some(Scalar::Datetime(NAT, TimeUnit::Second)));
    assert_eq!(s.nanmax(())?.compute()?.get(0), Some(Scalar::Datetime(10, TimeUnit::Second)));
    assert!((&s + &ms).is_err());
    Ok(())
}

#[test]
fn text_can_be_compared_and_selected() -> Result<()> {
    let names = vector(vec!["a".into(), "b".into(), "a".into()] as Vec<std::sync::Arc<str>>);
    assert_eq!(names.equal("a")?.compute()?.as_slice::<bool>()?, [true, false, true]);
    let reversed = names.stride_axis(0, 2, -1, 2)?.compute()?;
    assert_eq!(reversed.get(1), Some(Scalar::from("b")));
    assert_eq!(names.count(())?.compute()?.item::<i64>()?, 3);
    assert!(names.sum(()).is_err());
    Ok(())
}

#[test]
fn unpacking_masks_before_it_scales() -> Result<()> {
    let packed = vector(vec![100i16, -999, 0]);
    let x = packed.mask_scale(DType::F64, vec![(-999).into()], Some(0.01), Some(5.0))?.compute()?;
    let x = x.as_slice::<f64>()?;
    assert_eq!([x[0], x[2]], [6.0, 5.0]);
    assert!(x[1].is_nan());
    let single = packed.mask_scale(DType::F32, vec![], Some(0.1), None)?.compute()?;
    assert_eq!(single.as_slice::<f32>()?[0], 100f32 * 0.1f32);
    Ok(())
}

#[test]
fn every_function_agrees_with_the_standard_library() -> Result<()> {
    let values = [-2.5, -0.75, -0.0, 0.25, 0.5, 0.999, 1.0, 7.5];
    let x = vector(values.to_vec());
    type Function = fn(f64) -> f64;
    let functions: [(Unary, Function); 22] = [
        (Unary::Sqrt, f64::sqrt),
        (Unary::Cbrt, f64::cbrt),
        (Unary::Exp, f64::exp),
        (Unary::Exp2, f64::exp2),
        (Unary::Expm1, f64::exp_m1),
        (Unary::Log, f64::ln),
        (Unary::Log2, f64::log2),
        (Unary::Log10, f64::log10),
        (Unary::Log1p, f64::ln_1p),
        (Unary::Sin, f64::sin),
        (Unary::Cos, f64::cos),
        (Unary::Tan, f64::tan),
        (Unary::Arcsin, f64::asin),
        (Unary::Arccos, f64::acos),
        (Unary::Arctan, f64::atan),
        (Unary::Sinh, f64::sinh),
        (Unary::Cosh, f64::cosh),
        (Unary::Tanh, f64::tanh),
        (Unary::Arcsinh, f64::asinh),
        (Unary::Arctanh, f64::atanh),
        (Unary::Floor, f64::floor),
        (Unary::Rint, f64::round_ties_even),
    ];
    for (function, expected) in functions {
        let y = x.unary(function)?.compute()?;
        for (&y, &x) in y.as_slice::<f64>()?.iter().zip(&values) {
            let expected = expected(x);
            let same = y == expected || (y.is_nan() && expected.is_nan());
            assert!(
                same || (y - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(),
                "{function}({x}) = {y}"
            );
        }
    }
    Ok(())
}

#[test]
fn constants_take_the_dtype_of_the_array() -> Result<()> {
    let single = vector(vec![0.1f32, 0.2]);
    assert_eq!(single.equal(0.1)?.compute()?.as_slice::<bool>()?, [true, false]);
    assert_eq!((&single * 0.1)?.compute()?.as_slice::<f32>()?, [0.1f32 * 0.1, 0.2f32 * 0.1]);
    let chosen = vector(vec![true, false]).choose(&single, 0.1)?;
    assert!(chosen.equal(&chosen.persist()?)?.all(())?.compute()?.item::<bool>()?);

    let small = vector(vec![1i8, 100]);
    for error in [small.binary(Binary::Add, 300), vector(vec![true, false]).choose(&small, 300)] {
        assert!(error.unwrap_err().to_string().contains("300"));
    }
    assert_eq!(small.less(300)?.compute()?.as_slice::<bool>()?, [true, true]);
    assert_eq!(small.greater(300)?.compute()?.as_slice::<bool>()?, [false, false]);
    let unsigned = vector(vec![1u64, u64::MAX]);
    assert_eq!(unsigned.greater(-1)?.compute()?.as_slice::<bool>()?, [true, true]);
    assert_eq!(unsigned.equal(-1)?.compute()?.as_slice::<bool>()?, [false, false]);
    assert_eq!(vector(vec![1i64, -5]).less(u64::MAX)?.compute()?.as_slice::<bool>()?, [true, true]);
    Ok(())
}

#[test]
fn large_integers_of_both_signs_compare_by_value() -> Result<()> {
    let unsigned = vector(vec![(1u64 << 53) + 1, u64::MAX, 3]);
    let signed = vector(vec![1i64 << 53, -1, 3]);
    assert_eq!(unsigned.equal(&signed)?.compute()?.as_slice::<bool>()?, [false, false, true]);
    assert_eq!(signed.less(&unsigned)?.compute()?.as_slice::<bool>()?, [true, true, false]);
    Ok(())
}

#[test]
fn constant_times_are_in_the_unit_of_the_array() -> Result<()> {
    let chunk = Chunk::from_buffer(
        vec![2],
        DType::Datetime(TimeUnit::Nanosecond),
        Buffer::I64(vec![4_000_000_000, 6_000_000_000]),
    )?;
    let times = Array::from_chunk(chunk)?;
    let later = times.binary(Binary::Add, Scalar::Timedelta(1, TimeUnit::Second))?;
    assert_eq!(later.compute()?.as_slice::<i64>()?, [5_000_000_000, 7_000_000_000]);
    let after = times.greater(Scalar::Datetime(5, TimeUnit::Second))?;
    assert_eq!(after.compute()?.as_slice::<bool>()?, [false, true]);
    let far = times.greater(Scalar::Datetime(i64::MAX, TimeUnit::Second));
    assert!(far.unwrap_err().to_string().contains("does not fit"));
    Ok(())
}

#[test]
fn packed_integers_of_64_bits_are_masked_exactly() -> Result<()> {
    let packed = vector(vec![1i64 << 53, (1 << 53) + 1]);
    let x = packed.mask_scale(DType::F64, vec![(1i64 << 53).into()], None, None)?.compute()?.to_f64();
    assert!(x[0].is_nan() && !x[1].is_nan());
    let single = vector(vec![0.1f32, 0.2]).mask_scale(DType::F32, vec![0.1.into()], None, None)?;
    assert!(single.compute()?.to_f64()[0].is_nan());
    Ok(())
}

#[test]
fn the_corners_of_integer_and_float_maths() -> Result<()> {
    let x = vector(vec![2i64, 3]);
    let huge = (1i64 << 33) + 1;
    let odd = 3i64.wrapping_pow(1 << 31).wrapping_pow(4).wrapping_mul(3);
    assert_eq!(x.pow(huge)?.compute()?.as_slice::<i64>()?, [0, odd]);
    assert_eq!(x.binary(Binary::RightShift, -1)?.compute()?.as_slice::<i64>()?, [0, 0]);
    let y = vector(vec![-1.0, 1.0])
        .binary(Binary::FloorDivide, vector(vec![f64::INFINITY, f64::NEG_INFINITY]))?;
    assert_eq!(y.compute()?.to_f64(), [-1.0, -1.0]);
    let line = Array::linspace(0.0, 1.0, 50)?.compute()?.to_f64();
    assert_eq!((line[0], line[49]), (0.0, 1.0));
    assert!(vector(vec![true]).square().is_err());
    Ok(())
}

#[test]
fn a_clip_beyond_the_dtype_bounds_nothing() -> Result<()> {
    let x = vector(vec![1u8, 5, 200]);
    assert_eq!(x.clip(-10, 300)?.compute()?.as_slice::<u8>()?, [1, 5, 200]);
    assert_eq!(x.clip(3, 100)?.compute()?.as_slice::<u8>()?, [3, 5, 100]);
    assert_eq!(vector(vec![-5i16]).clip(-1_000_000, -6)?.compute()?.as_slice::<i16>()?, [-6]);
    Ok(())
}

#[test]
fn a_condition_may_be_what_it_chooses() -> Result<()> {
    let a = vector(vec![true, false, true, false]);
    let b = vector(vec![true, true, false, false]);
    assert_eq!(a.choose(&a, &b)?.compute()?.as_slice::<bool>()?, [true, true, true, false]);
    let x = vector(vec![3.0, -1.0]);
    assert_eq!((&x * &x)?.compute()?.to_f64(), [9.0, 1.0]);
    Ok(())
}
