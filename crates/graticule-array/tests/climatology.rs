//! Anomalies from climatologies: values less the means of their groups, and that their variances are one pass.

use graticule_array::{
    Aggregation, Array, Buffer, Chunk, DType, NAT, Result, Runtime, Statistic, TimeUnit, optimize,
};
use proptest::prelude::*;

fn fold(kind: Statistic, skipna: bool) -> Aggregation {
    Aggregation { kind, skipna }
}

fn labels(array: &Array) -> Vec<String> {
    let mut labels = Vec::new();
    let mut stack = vec![optimize(array.expr()).unwrap()];
    while let Some(expr) = stack.pop() {
        labels.push(expr.label());
        stack.extend(expr.inputs().iter().rev().cloned());
    }
    labels
}

fn is_one_pass(array: &Array) -> bool {
    let labels = labels(array);
    let has = |text: &str| labels.iter().any(|label| label.contains(text));
    (has("var") || has("std") || has("cov")) && !has("mean over") && !has("mean by") && !has("take")
}

/// Codes along an axis of an array.
fn along(x: &Array, axis: usize, codes: &[i64]) -> Array {
    let shape: Vec<usize> = (0..x.ndim()).map(|own| if own == axis { codes.len() } else { 1 }).collect();
    Array::from_chunk(Chunk::new(shape, codes.to_vec()).unwrap()).unwrap()
}

fn months(days: usize) -> Vec<i64> {
    (0..days).map(|day| (day / 30 % 12) as i64).collect()
}

/// Values less the means of their groups over some axes, of which `axis` is the one that codes are along.
struct Climate {
    skipna: bool,
    axes: Vec<isize>,
    axis: usize,
    codes: Vec<i64>,
    groups: usize,
}

impl Climate {
    fn anomaly(&self, x: &Array) -> Array {
        let mean = fold(Statistic::Mean, self.skipna);
        let codes = along(x, self.axis, &self.codes);
        let means = x.group_reduce(mean, self.axes.clone(), &codes, self.groups).unwrap();
        let at = self.axes[0];
        let mut spread = means.group_broadcast(at, &self.codes).unwrap();
        // The axis of the groups stands where the first averaged axis was; the others are there no more.
        for &other in &self.axes[1..] {
            spread = spread.expand_dims(other).unwrap();
        }
        if at as usize != self.axis {
            let mut order: Vec<isize> = (0..x.ndim() as isize).collect();
            order.swap(at as usize, self.axis);
            spread = spread.permute(&order).unwrap();
        }
        (x - spread).unwrap()
    }
}

fn monthly(days: usize, skipna: bool) -> Climate {
    Climate { skipna, axes: vec![0], axis: 0, codes: months(days), groups: 12 }
}

fn x(days: usize) -> Array {
    Array::random_normal(0.0, 1.0, 7, (days, 6, 10), (25, 6, 10)).unwrap()
}

fn values(array: &Array) -> Vec<f64> {
    Runtime::builder().threads(2).build().compute(array).unwrap().to_f64()
}

fn assert_close(a: &[f64], b: &[f64], relative: f64) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= relative * b.abs() || a == b || a.is_nan() && b.is_nan(), "{a} {b}");
    }
}

#[test]
fn what_is_written_of_anomalies_is_one_pass() -> Result<()> {
    let x = x(800);
    let daily: Vec<i64> = (0..800).map(|day| day % 366).collect();
    for skipna in [false, true] {
        let var = fold(Statistic::Var { ddof: 1 }, skipna);
        let mean = fold(Statistic::Mean, skipna);
        // Few runs of months become slices, 366 days a year are taken one by one.
        for codes in [months(800), daily.clone()] {
            let climate = Climate { codes: codes.clone(), groups: 366, ..monthly(800, skipna) };
            let anomaly = climate.anomaly(&x);
            let by_month = along(&x, 0, &codes);
            for array in [
                anomaly.reduce(var.clone(), 0, false)?,
                anomaly.reduce(fold(Statistic::Std { ddof: 0 }, skipna), 0, true)?,
                anomaly.pow(2)?.reduce(mean.clone(), 0, false)?,
                anomaly.square()?.reduce(mean.clone(), [0, 2], false)?,
                (&anomaly * &anomaly)?.reduce(fold(Statistic::Sum, skipna), (), false)?,
                anomaly.square()?.group_reduce(mean.clone(), 0, &by_month, 366)?,
                anomaly.square()?.group_reduce(fold(Statistic::Sum, skipna), [0, 2], &by_month, 366)?,
                anomaly.group_reduce(fold(Statistic::Std { ddof: 1 }, skipna), 0, &by_month, 366)?,
                anomaly.group_reduce(var.clone(), [0, 1], &by_month, 366)?,
            ] {
                assert!(is_one_pass(&array), "{:?}", labels(&array));
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_no_variance_of_groups_stays_what_it_is() -> Result<()> {
    let x = x(100);
    let climate = monthly(100, false);
    let anomaly = climate.anomaly(&x);
    let gaps = x.greater(-1.0)?.choose(&x, f64::NAN)?;
    let other = Climate { codes: (0..100).map(|day| day % 12).collect(), ..monthly(100, false) };
    let by_month = along(&x, 0, &climate.codes);
    let none = Climate { codes: std::iter::once(-1).chain(months(99)).collect(), ..monthly(100, true) };
    // Code -1 is no group, but to `take` it is the last one.
    let means = x.group_reduce(fold(Statistic::Mean, true), 0, &along(&x, 0, &none.codes), 12)?;
    let positions: Vec<isize> = none.codes.iter().map(|&code| code as isize).collect();
    let wrapped = (&x - means.take(0, &positions)?)?;
    for array in [
        // Over other axes than the means.
        anomaly.square()?.mean(1)?,
        anomaly.var([1, 2], 0)?,
        // By other groups.
        anomaly.square()?.group_reduce(fold(Statistic::Mean, false), 0, &along(&x, 0, &other.codes), 12)?,
        anomaly.square()?.group_reduce(fold(Statistic::Mean, false), 0, &by_month, 13)?,
        // The means of other groups or of other values.
        (&x - x
            .group_reduce(fold(Statistic::Mean, false), 0, &by_month, 12)?
            .group_broadcast(0, &other.codes)?)?
        .square()?
        .mean(0)?,
        (&gaps - (&x - &anomaly)?)?.square()?.mean(0)?,
        // Missing values that the means did not leave out.
        climate.anomaly(&gaps).square()?.nanmean(0)?,
        // A value without a group makes all missing.
        none.anomaly(&x).square()?.mean(0)?,
        wrapped.square()?.nanmean(0)?,
        anomaly.mean(0)?,
    ] {
        assert!(!is_one_pass(&array), "{:?}", labels(&array));
    }
    assert!(values(&none.anomaly(&x).square()?.mean(0)?).iter().all(|x| x.is_nan()));
    Ok(())
}

#[test]
fn a_climatology_asked_for_with_the_variance_shares_its_pass() -> Result<()> {
    let x = x(400);
    let climate = monthly(400, false);
    let means = x.group_reduce(fold(Statistic::Mean, false), 0, &along(&x, 0, &climate.codes), 12)?;
    let anomaly = climate.anomaly(&x);
    let variance = anomaly.var([0, 2], 1)?;
    let runtime = Runtime::builder().threads(1).build();
    let text = runtime.plan(&[&means, &variance])?.explain();
    assert_eq!(text.matches("(400, 6, 10) in").count(), 1, "{text}");
    // What wants the anomalies themselves takes a second pass, and the variance with it.
    let text = runtime.plan(&[&anomaly.max(0)?, &variance])?.explain();
    assert_eq!(text.matches("(400, 6, 10) in").count(), 2, "{text}");
    insta::assert_snapshot!(Array::from_expr(optimize(variance.expr())?).tree());
    let gaps = x.greater(-1.0)?.choose(&x, f64::NAN)?;
    let averaged = monthly(400, true).anomaly(&gaps).square()?.nanmean([0, 2])?;
    insta::assert_snapshot!(Array::from_expr(optimize(averaged.expr())?).tree());
    Ok(())
}

#[test]
fn one_pass_keeps_its_digits_far_from_zero() -> Result<()> {
    // Eighths around 1e8, with a season of their own: the values, but not their means, are exact.
    let small = (Array::random_integers(0..1000, 3, (200, 8, 9), (7, 8, 4))?.astype(DType::F64)? / 8.0)?;
    let far = (&small + 1e8)?;
    for skipna in [false, true] {
        let gaps = |x: &Array| small.not_equal(3.0)?.choose(x, f64::NAN);
        let (near, far) = if skipna { (gaps(&small)?, gaps(&far)?) } else { (small.clone(), far.clone()) };
        let climate = monthly(200, skipna);
        let by_month = along(&far, 0, &climate.codes);
        // In memory, so that there are two passes whatever the optimizer does.
        let (one, two) = (climate.anomaly(&far), climate.anomaly(&near).persist()?);
        for axes in [vec![0], vec![0, 1], vec![0, 2], vec![0, 1, 2]] {
            for kind in [Statistic::Mean, Statistic::Sum] {
                let of = |d: &Array| d.square()?.reduce(fold(kind.clone(), skipna), axes.clone(), false);
                assert!(is_one_pass(&of(&one)?));
                assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-13);
                let of = |d: &Array| {
                    d.square()?.group_reduce(fold(kind.clone(), skipna), axes.clone(), &by_month, 12)
                };
                assert!(is_one_pass(&of(&one)?));
                assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-13);
            }
        }
    }
    Ok(())
}

#[test]
fn pairs_of_anomalies_covary_in_one_pass() -> Result<()> {
    let (x, climate) = (x(400), monthly(400, false));
    let y = (Array::random_normal(0.0, 1.0, 8, (400, 6, 10), (25, 6, 10))? + &x)?;
    let by_month = along(&x, 0, &climate.codes);
    let (dx, dy) = (climate.anomaly(&x), climate.anomaly(&y));
    let (px, py) = (dx.persist()?, dy.persist()?);
    for axes in [vec![0], vec![0, 1], vec![0, 1, 2]] {
        for kind in [Statistic::Mean, Statistic::Sum] {
            let of = |x: &Array, y: &Array| (x * y)?.reduce(fold(kind.clone(), false), axes.clone(), false);
            assert!(is_one_pass(&of(&dx, &dy)?));
            assert_close(&values(&of(&dx, &dy)?), &values(&of(&px, &py)?), 1e-11);
            let of = |x: &Array, y: &Array| {
                (x * y)?.group_reduce(fold(kind.clone(), false), axes.clone(), &by_month, 12)
            };
            assert!(is_one_pass(&of(&dx, &dy)?));
            assert_close(&values(&of(&dx, &dy)?), &values(&of(&px, &py)?), 1e-11);
        }
    }
    let gaps = |x: &Array| x.greater(-1.0)?.choose(x, f64::NAN);
    let climate = monthly(400, true);
    let product = (climate.anomaly(&gaps(&x)?) * climate.anomaly(&gaps(&y)?))?;
    assert!(!is_one_pass(&product.nanmean(0)?));
    Ok(())
}

#[test]
fn packed_and_single_precision_data_are_one_pass_too() -> Result<()> {
    let packed = Array::random_integers(-500..500, 5, (90, 6), (7, 6))?.astype(DType::I16)?;
    let unpacked = packed.mask_scale(DType::F64, vec![7.into()], Some(0.01), Some(3.0))?;
    let climate = monthly(90, true);
    let double = climate.anomaly(&unpacked).nanvar((), 1)?;
    assert!(is_one_pass(&double));
    let single = climate.anomaly(&unpacked.astype(DType::F32)?).nanvar((), 1)?;
    assert!(is_one_pass(&single));
    assert_eq!(single.dtype(), DType::F32);
    assert!((values(&single)[0] / values(&double)[0] - 1.0).abs() < 1e-6);
    assert!(is_one_pass(&climate.anomaly(&packed).std(0, 0)?));
    Ok(())
}

#[test]
fn groups_with_too_few_values_give_what_numpy_gives_for_them() -> Result<()> {
    let nan = f64::NAN;
    let table = ndarray::arr2(&[[1.0, nan, nan], [4.0, nan, -6.0], [2.0, nan, nan], [5.0, 1.0, nan]]);
    let x = Array::from_array(table, (1, 2))?;
    // Groups 1 and 4 are empty.
    for codes in [vec![0, 2, 0, 3], vec![0, 0, 0, 3], vec![-1, 2, 0, -1]] {
        for skipna in [false, true] {
            let climate = Climate { skipna, axes: vec![0], axis: 0, codes: codes.clone(), groups: 5 };
            let by = along(&x, 0, &codes);
            let (one, two) = (climate.anomaly(&x), climate.anomaly(&x).persist()?);
            for kind in [Statistic::Mean, Statistic::Sum] {
                for axes in [vec![0], vec![0, 1]] {
                    let of = |d: &Array| d.square()?.reduce(fold(kind.clone(), skipna), axes.clone(), false);
                    assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-15);
                    let of = |d: &Array| {
                        d.square()?.group_reduce(fold(kind.clone(), skipna), axes.clone(), &by, 5)
                    };
                    assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-15);
                }
            }
            for ddof in [0, 1, 2, 5] {
                for kind in [Statistic::Var { ddof }, Statistic::Std { ddof }] {
                    for axes in [vec![0], vec![0, 1]] {
                        let of = |d: &Array| d.reduce(fold(kind.clone(), skipna), axes.clone(), false);
                        assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-15);
                        let of = |d: &Array| d.group_reduce(fold(kind.clone(), skipna), axes.clone(), &by, 5);
                        assert_close(&values(&of(&one)?), &values(&of(&two)?), 1e-15);
                    }
                }
            }
        }
    }
    Ok(())
}

#[test]
fn what_belongs_to_no_group_is_missing() -> Result<()> {
    let x = Array::from_array(ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]), (1, 2))?;
    let spread = x.group_broadcast(0, &[1, -1, 0])?.compute()?;
    let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(spread.shape(), [3, 2]);
    assert_eq!(bits(&spread.to_f64()), bits(&[3.0, 4.0, f64::NAN, f64::NAN, 1.0, 2.0]));
    assert_eq!(x.group_broadcast(-1, &[])?.shape(), [2, 0]);
    let whole = x.astype(DType::I32)?;
    assert_eq!(whole.group_broadcast(1, &[1, 1, 0])?.compute()?.as_slice::<i32>()?, [2, 2, 1, 4, 4, 3]);
    let error = whole.group_broadcast(1, &[-1]).unwrap_err().to_string();
    assert!(error.contains("no group") && error.contains("float64"), "{error}");
    let error = x.group_broadcast(0, &[0, 2]).unwrap_err().to_string();
    assert!(error.contains('2'), "{error}");
    let dtype = DType::Datetime(TimeUnit::Second);
    let times = Array::from_chunk(Chunk::from_buffer(vec![2], dtype, Buffer::I64(vec![5, 6]))?)?;
    assert_eq!(times.group_broadcast(0, &[-1, 1])?.compute()?.as_slice::<i64>()?, [NAT, 6]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_gives_what_two_give_with_any_threads(
        shape in prop::collection::vec(1usize..6, 3),
        long in 1usize..40,
        chunks in prop::collection::vec(1usize..9, 3),
        axis in 0usize..3,
        inner in 0usize..8,
        more in 0usize..8,
        groups in 1usize..5,
        without in any::<bool>(),
        (skipna, outer_skipna) in (any::<bool>(), any::<bool>()),
        (kind, keepdims, by_group) in (0usize..5, any::<bool>(), any::<bool>()),
        seed in 0u64..1000,
    ) {
        let mut shape = shape;
        shape[axis] = long;
        let mut state = seed;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64
        };
        let table = ndarray::ArrayD::from_shape_fn(ndarray::IxDyn(&shape), |_| {
            let x = random() % 41;
            if x == 0 { f64::NAN } else { x as f64 + 1000.0 }
        });
        let x = Array::from_array(table, chunks).unwrap();
        let codes: Vec<i64> = (0..long)
            .map(|_| random().rem_euclid(groups as i64 + i64::from(without)) - i64::from(without))
            .collect();
        let on = |mask: usize| (0..3).filter(move |own| *own == axis || mask & (1 << own) != 0);
        let axes: Vec<isize> = on(inner).map(|axis| axis as isize).collect();
        let outer: Vec<isize> = on(inner | more).map(|axis| axis as isize).collect();
        let climate = Climate { skipna, axes, axis, codes, groups };
        let one = climate.anomaly(&x);
        let two = one.persist().unwrap();
        let by = along(&x, axis, &climate.codes);
        let of = |d: &Array| -> Result<Array> {
            let (array, kind) = match kind {
                0 => (d.square()?, Statistic::Mean),
                1 => ((d * d)?, Statistic::Sum),
                2 => (d.clone(), Statistic::Var { ddof: 0 }),
                3 => (d.clone(), Statistic::Var { ddof: 1 }),
                _ => (d.clone(), Statistic::Std { ddof: 2 }),
            };
            match by_group {
                true => array.group_reduce(fold(kind, outer_skipna), outer.clone(), &by, groups),
                false => array.reduce(fold(kind, outer_skipna), outer.clone(), keepdims),
            }
        };
        let (one, two) = (of(&one).unwrap(), of(&two).unwrap());
        let computed = [1, 3].map(|threads| Runtime::builder().threads(threads).build().compute(&one).unwrap().to_f64());
        let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&computed[0]), bits(&computed[1]));
        for (a, b) in computed[0].iter().zip(values(&two)) {
            // Values that do not vary have a variance of rounding errors in two passes.
            let same = (a - b).abs() <= 1e-9 * b.abs() + 1e-18 || *a == b || a.is_nan() && b.is_nan();
            prop_assert!(same || (a - b).abs() < 1e-9 && kind == 4, "{} instead of {}\n{}", a, b, one.tree());
        }
    }
}
