//! What follows from constants alone is known without computing, to the bit.

use graticule_array::{
    Aggregation, Array, Binary, Casting, Chunk, DType, NAT, Op, Result, Scalar, Statistic, TimeUnit, Unary,
    optimize,
};

/// What an expression of constants gives, folded and not: the same values in memory are no constants.
fn folded_and_computed(of: impl Fn(&[Array]) -> Result<Array>, values: &[Scalar]) -> Option<[Vec<u64>; 2]> {
    let constants: Vec<Array> =
        values.iter().map(|value| Array::full(value.clone(), (3, 5), (2, 3)).unwrap()).collect();
    let folded = of(&constants).ok()?;
    let expr = optimize(folded.expr()).unwrap();
    let memory: Vec<Array> = constants.iter().map(|x| x.persist().unwrap()).collect();
    let computed = of(&memory).unwrap();
    let Ok(wanted) = computed.compute() else {
        // What fails is left to fail while it is computed.
        assert!(!matches!(expr.op(), Op::Full { .. }), "{}", folded.tree());
        return None;
    };
    assert_eq!((expr.dtype(), expr.grid()), (computed.dtype(), folded.chunks()));
    assert!(matches!(expr.op(), Op::Full { .. }), "{}", Array::from_expr(expr).tree());
    // The sign of a NaN is none of anybody's business.
    let bits =
        |chunk: Chunk| chunk.to_f64().iter().map(|x| if x.is_nan() { 1 } else { x.to_bits() }).collect();
    Some([bits(folded.compute().unwrap()), bits(wanted)])
}

#[test]
fn formulas_of_constants_are_constants_of_the_same_bits() {
    let scalars: Vec<Scalar> = vec![
        0.1.into(),
        (-0.0).into(),
        (-2.5).into(),
        1e300.into(),
        f64::NAN.into(),
        f64::INFINITY.into(),
        3.into(),
        (-7).into(),
        0.into(),
        true.into(),
        Scalar::UInt(u64::MAX),
        Scalar::Timedelta(90, TimeUnit::Second),
        Scalar::Datetime(NAT, TimeUnit::Second),
    ];
    let unary = [
        Unary::Negative,
        Unary::Absolute,
        Unary::Sign,
        Unary::Square,
        Unary::Sqrt,
        Unary::Exp,
        Unary::Log,
        Unary::Sin,
        Unary::Cos,
        Unary::Tan,
        Unary::Tanh,
        Unary::Floor,
        Unary::Rint,
        Unary::Isnan,
        Unary::Isfinite,
        Unary::Signbit,
        Unary::LogicalNot,
        Unary::Invert,
        Unary::Spacing,
        Unary::Arcsin,
        Unary::BitwiseCount,
    ];
    let binary = [
        Binary::Add,
        Binary::Subtract,
        Binary::Multiply,
        Binary::Divide,
        Binary::FloorDivide,
        Binary::Remainder,
        Binary::Power,
        Binary::Arctan2,
        Binary::Hypot,
        Binary::Copysign,
        Binary::Nextafter,
        Binary::Maximum,
        Binary::Fmin,
        Binary::Equal,
        Binary::Less,
        Binary::GreaterEqual,
        Binary::LogicalXor,
        Binary::BitwiseAnd,
        Binary::LeftShift,
        Binary::Gcd,
    ];
    let dtypes = [DType::F64, DType::F32, DType::I64, DType::I8, DType::U16, DType::U64, DType::Bool];
    let mut tried = 0;
    let mut same = |of: &dyn Fn(&[Array]) -> Result<Array>, values: &[Scalar]| {
        if let Some([folded, computed]) = folded_and_computed(of, values) {
            assert_eq!(folded, computed, "{values:?}");
            tried += 1;
        }
    };
    for a in &scalars {
        for function in unary {
            same(&|x| x[0].unary(function), std::slice::from_ref(a));
            same(&|x| x[0].astype(DType::F32)?.unary(function), std::slice::from_ref(a));
        }
        for dtype in dtypes {
            same(&|x| x[0].astype(dtype), std::slice::from_ref(a));
            same(&|x| x[0].astype_with(dtype, Casting::Wrap)?.square(), std::slice::from_ref(a));
        }
        same(&|x| x[0].pow(2), std::slice::from_ref(a));
        same(&|x| x[0].isin([3.0, 0.1]), std::slice::from_ref(a));
        same(&|x| x[0].digitize(&[-1.0, 0.1, 4.0], false), std::slice::from_ref(a));
        same(&|x| x[0].mask_scale(DType::F32, vec![3.into()], Some(0.1), Some(5.0)), std::slice::from_ref(a));
        for b in &scalars {
            let pair = [a.clone(), b.clone()];
            for function in binary {
                same(&|x| x[0].binary(function, &x[1]), &pair);
            }
            same(&|x| x[0].less(&x[1])?.choose(&x[0], &x[1]), &pair);
            same(
                &|x| x[0].binary(Binary::Divide, &x[1])?.binary(Binary::Add, 0.3)?.floor()?.mean(0),
                &pair[..],
            );
        }
    }
    assert!(tried > 1500, "{tried}");
}

#[test]
fn folds_of_constants_are_what_computing_them_gives() {
    let kinds = [
        Statistic::Sum,
        Statistic::Mean,
        Statistic::Var { ddof: 1 },
        Statistic::Std { ddof: 0 },
        Statistic::Min,
        Statistic::Max,
        Statistic::Argmax,
        Statistic::Count,
        Statistic::First,
        Statistic::Prod,
        Statistic::Any,
    ];
    let values: Vec<Scalar> = vec![
        0.1.into(),
        (-0.0).into(),
        2.5.into(),
        1e308.into(),
        f64::NAN.into(),
        f64::NEG_INFINITY.into(),
        7.into(),
        i64::MAX.into(),
        true.into(),
        Scalar::UInt(9),
        Scalar::Timedelta(3, TimeUnit::Second),
        Scalar::Datetime(NAT, TimeUnit::Second),
    ];
    let bits = |array: Array| {
        array
            .compute()
            .unwrap()
            .to_f64()
            .iter()
            .map(|x| if x.is_nan() { 1 } else { x.to_bits() })
            .collect::<Vec<u64>>()
    };
    for value in &values {
        let full = Array::full(value.clone(), (3, 5), (2, 3)).unwrap();
        let singles = full.astype(DType::F32).ok().filter(|x| x.compute().is_ok());
        for constant in std::iter::once(full).chain(singles) {
            let memory = constant.persist().unwrap();
            for kind in &kinds {
                for (skipna, axes) in [(false, vec![0]), (true, vec![0, 1]), (true, vec![])] {
                    let of =
                        |x: &Array| x.reduce(Aggregation { kind: kind.clone(), skipna }, axes.clone(), false);
                    if let Ok(folded) = of(&constant) {
                        assert_eq!(bits(folded), bits(of(&memory).unwrap()), "{kind} of {value}");
                    }
                }
            }
        }
    }
}
