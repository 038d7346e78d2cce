//! Running sums, products and extremes, and gaps filled, group by group.

use graticule_array::{Array, Buffer, Chunk, DType, NAT, Registry, Result, Runtime, StoredExpr, TimeUnit, s};
use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;

const NAN: f64 = f64::NAN;

/// The values with one bit pattern for every NaN.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| if v.is_nan() { NAN.to_bits() } else { v.to_bits() }).collect()
}

fn sum(so_far: f64, x: f64) -> f64 {
    so_far + x
}

/// Each lane with every group folded apart; what has no group is missing.
fn naive(x: &ArrayD<f64>, axis: usize, codes: &[i64], start: f64, step: fn(f64, f64) -> f64) -> Vec<f64> {
    let mut y = x.clone();
    for mut lane in y.lanes_mut(Axis(axis)) {
        let mut states = std::collections::HashMap::new();
        for (x, &code) in lane.iter_mut().zip(codes) {
            let state = states.entry(code).or_insert(start);
            *state = step(*state, *x);
            *x = if code < 0 { NAN } else { *state };
        }
    }
    y.iter().copied().collect()
}

fn filled(x: &ArrayD<f64>, axis: usize, codes: &[i64], limit: usize) -> Vec<f64> {
    let mut y = x.clone();
    for mut lane in y.lanes_mut(Axis(axis)) {
        let mut last = std::collections::HashMap::new();
        for (x, &code) in lane.iter_mut().zip(codes) {
            let (value, steps) = last.entry(code).or_insert((NAN, 0));
            (*value, *steps) = if x.is_nan() { (*value, *steps + 1) } else { (*x, 0) };
            *x = if code < 0 || *steps > limit { NAN } else { *value };
        }
    }
    y.iter().copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_group_of_every_lane_is_accumulated_from_its_first_element(
        len in prop_oneof![0..3usize, 30..200usize],
        others in prop::collection::vec(0..5usize, 0..3),
        place in 0..3usize,
        chunks in (1..70usize, 1..4usize),
        groups in 1..20i64,
        kind in 0..4usize,
        limit in prop_oneof![Just(None), (0..4usize).prop_map(Some)],
        seed in any::<u64>(),
        threads in 2..5usize,
    ) {
        let axis = place % (others.len() + 1);
        let mut shape = others.clone();
        shape.insert(axis, len);
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 40
        };
        // Months that come again, years that follow each other, any order, and some without a group.
        let codes: Vec<i64> = (0..len as i64).map(|i| match kind {
            0 => i % groups,
            1 => 2000 + i / groups,
            2 => (draw() % groups as u64) as i64,
            _ => (draw() % (groups as u64 + 1)) as i64 - 1,
        }).collect();
        // Whole numbers, whose sums are exact.
        let numbers = ArrayD::from_shape_simple_fn(IxDyn(&shape), || {
            if draw() % 8 == 0 { NAN } else { (draw() % 100) as f64 - 50.0 }
        });
        let signs = numbers.mapv(|x| if x.is_nan() { x } else if x > 0.0 { 2.0 } else { -0.5 });
        let sizes: Vec<usize> = (0..shape.len()).map(|i| if i == axis { chunks.0 } else { chunks.1 }).collect();
        let x = Array::from_array(numbers.clone(), sizes.clone()).unwrap();
        let p = Array::from_array(signs.clone(), sizes).unwrap();
        let signed = axis as isize - if seed % 2 == 0 { shape.len() as isize } else { 0 };
        let back: Vec<i64> = codes.iter().rev().copied().collect();
        let mut turned = numbers.clone();
        turned.invert_axis(Axis(axis));
        let mut behind = ArrayD::from_shape_vec(IxDyn(&shape), filled(&turned, axis, &back, limit.unwrap_or(usize::MAX))).unwrap();
        behind.invert_axis(Axis(axis));
        let of = |start: f64, step: fn(f64, f64) -> f64| naive(&numbers, axis, &codes, start, step);
        let cases = [
            ("cumsum", x.group_cumsum(signed, &codes), of(-0.0, sum)),
            ("nancumsum", x.group_nancumsum(signed, &codes), of(0.0, |a, b| if b.is_nan() { a } else { a + b })),
            ("cummax", x.group_cummax(signed, &codes), of(f64::NEG_INFINITY, |a, b| if b >= a || b.is_nan() { b } else { a })),
            ("cummin", x.group_cummin(signed, &codes), of(f64::INFINITY, |a, b| if b <= a || b.is_nan() { b } else { a })),
            ("cumprod", p.group_cumprod(signed, &codes), naive(&signs, axis, &codes, 1.0, |a, b| a * b)),
            ("nancumprod", p.group_nancumprod(signed, &codes), naive(&signs, axis, &codes, 1.0, |a, b| if b.is_nan() { a } else { a * b })),
            ("ffill", x.group_ffill(signed, &codes, limit), filled(&numbers, axis, &codes, limit.unwrap_or(usize::MAX))),
            ("bfill", x.group_bfill(signed, &codes, limit), behind.iter().copied().collect()),
        ];
        for (name, y, expected) in &cases {
            let y = y.as_ref().unwrap();
            prop_assert_eq!(y.shape(), &shape);
            for threads in [1, threads] {
                let values = Runtime::builder().threads(threads).build().compute(y).unwrap().to_f64();
                prop_assert_eq!(bits(&values), bits(expected), "{} by {:?} of {:?}\n{}", name, codes, numbers, y.tree());
            }
        }
        if kind < 3 {
            let whole = numbers.mapv(|x| if x.is_nan() { 7.0 } else { x });
            for dtype in [DType::I8, DType::F32] {
                let w = Array::from_array(whole.clone(), chunks.0).unwrap().astype(dtype).unwrap();
                let sums = w.group_cumsum(signed, &codes).unwrap().compute().unwrap();
                prop_assert_eq!(sums.to_f64(), naive(&whole, axis, &codes, 0.0, sum));
                prop_assert_eq!(sums.dtype(), if dtype == DType::I8 { DType::I64 } else { DType::F32 });
            }
        }
    }

    #[test]
    fn one_group_is_accumulated_as_all(chunk in 16..60usize, seed in 0..50u64) {
        let x = Array::random_normal(0.0, 1e9, seed, (300, 3), (chunk, 2)).unwrap();
        let of = |y: Result<Array>| bits(&y.unwrap().compute().unwrap().to_f64());
        let codes = [5; 300];
        prop_assert_eq!(of(x.group_cumsum(0, &codes)), of(x.cumsum(0)));
        prop_assert_eq!(of(x.group_cumprod(0, &codes)), of(x.cumprod(0)));
    }
}

#[test]
fn sums_of_groups_are_compensated_over_chunks() -> Result<()> {
    // In each group the ones would be lost beside 1e100.
    let values: Vec<f64> = (0..400).map(|i| [1.0, 1e100, 1.0, -1e100][i / 100]).collect();
    let codes: Vec<i64> = (0..400).map(|i| i % 2).collect();
    let x = Array::from_array(ndarray::arr1(&values), 100)?;
    let sums = x.group_cumsum(0, &codes)?.slice(s![-2..])?.compute()?;
    assert_eq!(sums.as_slice::<f64>()?, [100.0, 100.0]);
    Ok(())
}

#[test]
fn only_what_goes_on_is_carried() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 3, (720, 8), (72, 8))?;
    let tree = |codes: Vec<i64>| Ok::<_, graticule_array::Error>(x.group_cumsum(0, &codes)?.tree());
    // Each group in one chunk: the data are read once.
    assert!(!tree((0..720).map(|day| day / 36).collect())?.contains("totals"));
    assert!(
        tree((0..720).map(|day| day / 36 % 4).collect())?.contains("totals of cumsum by group along axis 0")
    );
    assert!(tree((0..720).map(|day| (day + 1) / 72).collect())?.contains("float64 18×8"));
    // A state for each of 360 days of the year would be half of the data: chunks become longer.
    assert!(tree((0..720).map(|day| day % 360).collect())?.contains("chunks (720, 8)"));
    Ok(())
}

#[test]
fn what_is_no_group_is_missing_where_something_can_be() -> Result<()> {
    let x = Array::arange(4)?;
    let error = x.group_cumsum(0, &[0, -1, 0, 0]).unwrap_err().to_string();
    assert!(error.contains("without a group") && error.contains("float64"), "{error}");
    assert!(x.group_ffill(0, &[0, -1, 0, 0], None).is_err());
    assert_eq!(x.group_ffill(0, &[0, 1, 0, 0], None)?.compute()?.as_slice::<i64>()?, [0, 1, 2, 3]);
    let error = x.group_cumsum(0, &[0, 0, 0]).unwrap_err().to_string();
    assert!(error.contains("codes") && error.contains('4'), "{error}");
    assert!(x.group_cumsum(1, &[0; 4]).is_err());
    let dtype = DType::Timedelta(TimeUnit::Second);
    let times = Chunk::from_buffer(vec![4], dtype, Buffer::I64(vec![1, 2, NAT, 4]))?;
    let times = Array::from_chunk(times)?;
    let sums = times.group_nancumsum(0, &[0, -1, 0, 0])?.compute()?;
    assert_eq!((sums.as_slice::<i64>()?, sums.dtype()), (&[1, NAT, 1, 5][..], dtype));
    assert_eq!(times.group_ffill(0, &[3, 1, 1, 3], None)?.compute()?.as_slice::<i64>()?, [1, 2, 2, 4]);
    Ok(())
}

#[test]
fn a_selection_of_other_axes_is_made_before() -> Result<()> {
    let x = Array::random_normal(0.0, 1.0, 3, (200, 8), (20, 4))?;
    let codes: Vec<i64> = (0..200).map(|i| i % 2).collect();
    let all = x.group_cumsum(0, &codes)?;
    let column = all.slice(s![.., 5])?;
    assert_eq!(column.compute()?, x.slice(s![.., 5..6])?.group_cumsum(0, &codes)?.squeeze(1)?.compute()?);
    let text = Array::from_expr(graticule_array::optimize(column.expr())?).tree();
    assert!(text.contains("200×1"), "{text}");
    Ok(())
}

#[test]
fn scans_by_group_are_data() -> Result<()> {
    let x = Array::arange(100)?.rechunk(40)?.astype(DType::F64)?;
    let codes: Vec<i64> = (0..100).map(|i| i % 3 - 1).collect();
    let sums = x.group_cumsum(0, &codes)?;
    let text = serde_json::to_string(&StoredExpr::from(sums.expr())).unwrap();
    let stored: StoredExpr = serde_json::from_str(&text).unwrap();
    let again = Array::from_expr(stored.open(&Registry::default())?);
    assert_eq!(again.expr(), sums.expr());
    assert_eq!(bits(&again.compute()?.to_f64()), bits(&sums.compute()?.to_f64()));
    Ok(())
}
