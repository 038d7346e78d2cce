//! What each rule of the optimizer makes of an expression, and that the results stay what they were.

use graticule_array::{
    Aggregation, Array, Chunk, DType, Expr, Op, Result, Runtime, Statistic, Unary, optimize, s,
};

use crate::supply::Supply;

fn optimized(array: &Array) -> String {
    Array::from_expr(optimize(array.expr()).unwrap()).tree()
}

fn label(array: &Array) -> String {
    optimize(array.expr()).unwrap().label()
}

/// Every label of the optimized expression, the result's first.
fn labels(array: &Array) -> Vec<String> {
    let mut labels = Vec::new();
    let mut stack: Vec<Expr> = vec![optimize(array.expr()).unwrap()];
    while let Some(expr) = stack.pop() {
        labels.push(expr.label());
        stack.extend(expr.inputs().iter().rev().cloned());
    }
    labels
}

fn values(array: &Array) -> Vec<f64> {
    array.compute().unwrap().to_f64()
}

fn x() -> Array {
    Array::random_normal(0.0, 1.0, 7, (40, 6, 10), (3, 6, 10)).unwrap()
}

fn holes(x: &Array) -> Array {
    x.greater(-1.0).unwrap().choose(x, f64::NAN).unwrap()
}

fn kept(x: &Array, kind: Statistic, skipna: bool, axes: &[isize]) -> Array {
    x.reduce(Aggregation { kind, skipna }, axes.to_vec(), true).unwrap()
}

fn deviation(x: &Array, skipna: bool, axes: &[isize]) -> Array {
    (x - kept(x, Statistic::Mean, skipna, axes)).unwrap()
}

fn assert_close(a: &[f64], b: &[f64], relative: f64) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= relative * b.abs() || a.is_nan() && b.is_nan(), "{a} {b}");
    }
}

#[test]
fn a_mean_of_squared_deviations_is_a_variance_however_it_is_written() -> Result<()> {
    let x = x();
    let d = deviation(&x, false, &[0]);
    let by_broadcast = (&x - x.mean(0)?)?;
    let by_expand = (&x - x.mean(1)?.expand_dims(1)?)?;
    let turned = x.permute(&[1, 2, 0])?;
    let back = (&turned - turned.mean(2)?.expand_dims(2)?)?;
    for square in [d.pow(2)?, d.pow(2.0)?, d.square()?, (&d * &d)?, by_broadcast.square()?] {
        assert_eq!(label(&square.mean(0)?), "var over axes [0]");
        assert_eq!(labels(&square.mean(0)?.sqrt()?)[1], "var over axes [0]");
    }
    assert_eq!(label(&by_expand.square()?.mean(1)?), "var over axes [1]");
    assert_eq!(label(&back.square()?.mean(2)?), "var over axes [2]");
    let all = (&x - x.mean(())?)?;
    assert_eq!(label(&all.square()?.mean(())?), "var");
    Ok(())
}

#[test]
fn what_is_not_a_variance_stays_what_it_is() -> Result<()> {
    let x = x();
    let y = Array::random_normal(0.0, 1.0, 8, (40, 6, 10), (3, 6, 10))?;
    let d = deviation(&x, false, &[0]);
    let gap = deviation(&holes(&x), false, &[0]);
    let wrong = [
        // Over other axes than the mean.
        d.square()?.mean(1)?,
        // Of other values than those averaged.
        (&x - kept(&y, Statistic::Mean, false, &[0]))?.square()?.mean(0)?,
        // About something else than the mean.
        (&x - kept(&x, Statistic::Max, false, &[0]))?.square()?.mean(0)?,
        // Values that the mean did not leave out.
        gap.square()?.nanmean(0)?,
        // Pairs of which one is missing.
        (deviation(&holes(&x), true, &[0]) * deviation(&y, true, &[0]))?.nanmean(0)?,
        (&d * d.square()?)?.mean(0)?,
        d.mean(0)?,
    ];
    for array in &wrong {
        let labels = labels(array);
        assert!(!labels.iter().any(|label| label.contains("var") || label.contains("cov")), "{labels:?}");
    }
    Ok(())
}

#[test]
fn a_mean_over_more_axes_adds_up_the_squares_over_those_of_the_mean() -> Result<()> {
    let x = holes(&x());
    insta::assert_snapshot!(optimized(&deviation(&x, true, &[0]).square()?.nanmean([0, 2])?));
    insta::assert_snapshot!(optimized(&deviation(&x, false, &[0]).square()?.mean([0, 2])?));
    Ok(())
}

#[test]
fn one_pass_gives_what_two_passes_give_far_from_zero() -> Result<()> {
    // Eighths around 1e8: the values, but not their mean, are exact.
    let small = (Array::random_integers(0..1000, 3, (50, 8, 9), (7, 8, 4))?.astype(DType::F64)? / 8.0)?;
    let far = (&small + 1e8)?;
    let gaps = |x: &Array| small.not_equal(3.0)?.choose(x, f64::NAN);
    let (near, far) = (gaps(&small)?, gaps(&far)?);
    for outer in [vec![0], vec![0, 1], vec![0, 2], vec![0, 1, 2]] {
        for kind in [Statistic::Mean, Statistic::Sum] {
            for skipna in [false, true] {
                let wanted = |x: &Array| {
                    // The deviations are computed into memory first: two passes, whatever the optimizer does.
                    let d = deviation(x, skipna, &[0]).persist()?;
                    d.square()?.reduce(Aggregation { kind: kind.clone(), skipna }, outer.clone(), false)
                };
                let one = deviation(&far, skipna, &[0]).square()?.reduce(
                    Aggregation { kind: kind.clone(), skipna },
                    outer.clone(),
                    false,
                )?;
                assert!(labels(&one).iter().any(|label| label.contains("var")));
                assert_close(&values(&one), &values(&wanted(&near)?), 1e-13);
            }
        }
    }
    Ok(())
}

#[test]
fn where_no_value_is_left_one_pass_gives_what_two_give() -> Result<()> {
    let nan = f64::NAN;
    let table = ndarray::arr2(&[[1.0, nan, nan], [4.0, nan, -6.0]]);
    let x = Array::from_array(table, (1, 2))?;
    let d = deviation(&x, true, &[0]);
    let two = d.persist()?;
    for (axes, skipna) in [(vec![0], true), (vec![0, 1], true), (vec![0], false), (vec![0, 1], false)] {
        for kind in [Statistic::Mean, Statistic::Sum] {
            let of = |d: &Array| {
                d.square()?.reduce(Aggregation { kind: kind.clone(), skipna }, axes.clone(), false)
            };
            assert_close(&values(&of(&d)?), &values(&of(&two)?), 1e-15);
        }
    }
    let empty = deviation(&Array::ones((0, 3), (1, 3))?, false, &[0]).square()?;
    assert_eq!(values(&empty.sum(0)?), [0.0; 3]);
    assert!(values(&empty.mean(0)?).iter().all(|x| x.is_nan()));
    Ok(())
}

#[test]
fn products_of_deviations_are_a_covariance() -> Result<()> {
    let x = x();
    let y = (Array::random_normal(0.0, 1.0, 8, (40, 6, 10), (3, 6, 10))? + &x)?;
    let product = (deviation(&x, false, &[0]) * deviation(&y, false, &[0]))?;
    assert_eq!(label(&product.mean(0)?), "cov over axes [0]");
    assert_eq!(label(&product.mean([0, 1])?), "mean over axes [0, 1]");
    let (dx, dy) = (deviation(&x, false, &[0]).persist()?, deviation(&y, false, &[0]).persist()?);
    for axes in [vec![0], vec![0, 1], vec![0, 1, 2]] {
        assert_close(
            &values(&product.mean(axes.clone())?),
            &values(&(&dx * &dy)?.mean(axes.clone())?),
            1e-11,
        );
        assert_close(&values(&product.sum(axes.clone())?), &values(&(&dx * &dy)?.sum(axes)?), 1e-11);
    }
    Ok(())
}

#[test]
fn packed_and_single_and_whole_numbers_have_variances_too() -> Result<()> {
    let packed = Array::random_integers(-500..500, 5, (40, 6), (7, 6))?.astype(DType::I16)?;
    let unpacked = packed.mask_scale(DType::F64, vec![7.into()], Some(0.01), Some(3.0))?;
    let square = (&unpacked - unpacked.nanmean(0)?)?.pow(2)?;
    assert_eq!(labels(&square.nanmean(0)?)[0], "nanvar over axes [0]");
    let whole = (&packed - packed.mean(0)?)?.pow(2)?.mean(0)?;
    assert_eq!(label(&whole), "var over axes [0]");
    let single = unpacked.astype(DType::F32)?;
    let variance = (&single - single.nanmean(0)?)?.pow(2)?.nanmean(0)?;
    assert_eq!((label(&variance).as_str(), variance.dtype()), ("nanvar over axes [0]", DType::F32));
    let all = (&single - single.nanmean(0)?)?.pow(2)?.nanmean(())?;
    assert_eq!(all.dtype(), DType::F32);
    let double = values(&square.nanmean(())?)[0];
    assert!((values(&all)[0] / double - 1.0).abs() < 1e-6);
    Ok(())
}

#[test]
fn deviations_that_others_want_too_are_computed_once_for_all() -> Result<()> {
    let x = x();
    let d = deviation(&x, false, &[0]);
    let (variance, series) = (d.square()?.mean([0, 2])?, d.mean([1, 2])?);
    let runtime = Runtime::builder().threads(1).build();
    let alone = runtime.plan(&[&variance])?.explain();
    assert!(alone.contains("var over axes [0]"), "{alone}");
    let both = runtime.plan(&[&variance, &series])?.explain();
    assert!(!both.contains("var") && both.matches("(40, 6, 10) in").count() == 2, "{both}");
    // Two variances of the same deviations are one pass.
    let square = d.square()?;
    let two = runtime.plan(&[&square.mean(0)?, &square.mean([0, 2])?])?.explain();
    assert_eq!(two.matches("(40, 6, 10) in").count(), 1, "{two}");
    Ok(())
}

#[test]
fn several_reductions_of_what_they_share_are_one_scan() -> Result<()> {
    let x = holes(&x());
    let root = x.abs()?.sqrt()?;
    let wanted =
        [x.nanmean(())?, x.nanvar((), 1)?, root.nanmax(0)?, root.histogram(5, (0.0, 2.0))?, x.count([0, 1])?];
    let text = Runtime::builder().threads(1).build().plan(&wanted.iter().collect::<Vec<_>>())?.explain();
    assert_eq!(text.matches("(40, 6, 10) in").count(), 1, "{text}");
    Ok(())
}

#[test]
fn statistics_of_equal_values_are_known() -> Result<()> {
    let seven = Array::full(7, (6, 8), (2, 3))?;
    assert_eq!(label(&seven.sum(0)?), "full 42");
    assert_eq!(label(&seven.max(())?), "full 7");
    assert_eq!(label(&Array::full(f64::NAN, (6, 8), (2, 3))?.count(1)?), "full 0");
    // A sum of floats is rounded on the way, but not of those that have few digits.
    assert_eq!(label(&Array::full(0.1, (6, 8), (2, 3))?.sum(0)?), "sum over axes [0]");
    assert_eq!(label(&Array::full(0.75, (6, 8), (2, 3))?.sum(0)?), "full 4.5");
    assert_eq!(label(&Array::full(-0.75, (6, 8), (2, 3))?.mean(())?), "full -0.75");
    assert_eq!(label(&seven.mean(1)?), "full 7");
    assert_eq!(label(&Array::full(0.1, (6, 8), (2, 3))?.std((), 1)?), "full 0");
    Ok(())
}

#[test]
fn steps_that_change_nothing_are_left_out() -> Result<()> {
    let x = x();
    let source = x.expr().label();
    let kept = |array: Result<Array>| labels(&array.unwrap())[0].clone();
    for same in [&x * 1.0, &x / 1.0, &x - 0.0, &x + -0.0, x.pow(1), 1.0 * &x, -&(-&x)?] {
        assert_eq!(kept(same), source);
    }
    // -0.0 + 0.0 is 0.0, and 0.0 - x is not -x.
    assert_eq!(kept(&x + 0.0), "x + 0");
    assert_eq!(kept(0.0 - &x), "0 - x");
    let zero = Array::from_array(ndarray::arr1(&[-0.0, 0.0, f64::NAN]), 3)?;
    let bits = |array: Result<Array>| -> Vec<u64> {
        values(&array.unwrap()).iter().map(|x| if x.is_nan() { 1 } else { x.to_bits() }).collect()
    };
    assert_eq!(bits(&zero - 0.0), bits(Ok(zero.clone())));
    assert_eq!(bits(&zero + 0.0), [0, 0, 1]);
    let whole = Array::random_integers(0..9, 1, 10, 10)?;
    assert_eq!(kept(&whole + 0), whole.expr().label());
    // A true quotient is a float.
    assert_eq!(kept(&whole / 1), "float64(x)");
    let always = Array::full(true, (40, 6, 10), (3, 6, 10))?;
    assert_eq!(kept(always.choose(&x, 0.0)), source);
    assert_eq!(kept((!&always)?.choose(&x, &x)), source);
    let square = x.pow(&Array::full(2.0, 1, 1)?)?;
    assert_eq!(label(&square), "x ** y");
    Ok(())
}

#[test]
fn casts_that_lose_nothing_are_merged() -> Result<()> {
    let small = Array::random_integers(0..9, 1, 10, 10)?.astype(DType::I16)?.persist()?;
    let twice = small.astype(DType::F32)?.astype(DType::F64)?;
    assert_eq!(label(&twice), "float64(x)");
    assert_eq!(label(&small.astype(DType::F64)?.astype(DType::I16)?), "memory");
    let rounded = x().astype(DType::F32)?.astype(DType::F64)?;
    assert_eq!(label(&rounded), "float64(float32(x))");
    Ok(())
}

#[test]
fn parts_of_constants_and_ranges_are_constants_and_ranges() -> Result<()> {
    let full = Array::full(2.5, (6, 8), (2, 3))?;
    for part in [full.slice(s![1..4, ..;2])?, full.transpose()?, full.rechunk((6, 8))?, full.expand_dims(0)?]
    {
        assert_eq!(label(&part), "full 2.5");
        assert!(values(&part).iter().all(|&x| x == 2.5));
    }
    let range = Array::arange(100)?;
    let part = range.slice(s![10..50;-3])?.rechunk(4)?;
    assert_eq!(label(&part), "range from 49 step -3");
    assert_eq!(values(&part)[..2], [49.0, 46.0]);
    assert_eq!(label(&range.index_axis(0, 7)?), "full 7");
    let floats = Array::linspace(0.0, 1.0, 11)?;
    assert_eq!(values(&floats.slice(s![3..])?), values(&floats)[3..]);
    for (part, wanted) in [(s![..5], 0..5), (s![..11], 0..11), (s![10..11], 10..11), (s![3..4], 3..4)] {
        assert_eq!(values(&floats.slice(part)?), values(&floats)[wanted]);
    }
    assert!(label(&floats.slice(s![..5])?).starts_with("range from 0"));
    assert_eq!(label(&floats.index_axis(0, 10)?), "full 1");
    assert_eq!(values(&floats.index_axis(0, 7)?), values(&floats)[7..8]);
    Ok(())
}

#[test]
fn a_selection_reads_only_its_blocks_through_every_kind_of_node() -> Result<()> {
    let (x, reads) = Supply::new(&[100, 60], &[10, 10]).counted();
    let mean = Aggregation { kind: Statistic::Mean, skipna: false };
    let codes = Array::from_array(ndarray::Array2::from_shape_fn((1, 60), |(_, i)| (i % 3) as i64), (1, 60))?;
    let doubled = x.map_blocks("doubled", DType::F64, |block| {
        Chunk::new(block.shape().to_vec(), block.as_slice::<f64>()?.iter().map(|x| 2.0 * x).collect())
    })?;
    // One row of one block of rows: six blocks where its columns are folded, one where a column is chosen as well.
    let cases: Vec<(&str, Array, usize)> = vec![
        ("map", x.unary(Unary::Sqrt)?.slice(s![35, 7])?, 1),
        ("stretched map", (&x + x.slice(s![0..1, ..])?)?.slice(s![35, 7])?, 2),
        ("permute", x.transpose()?.slice(s![7, 35])?, 1),
        ("expand", x.expand_dims(1)?.slice(s![35, 0, 7])?, 1),
        ("broadcast", x.broadcast_to((4, 100, 60))?.slice(s![2..4, 35, 7])?, 1),
        ("rechunk", x.rechunk((50, 60))?.slice(s![35, 7])?, 1),
        ("select", x.slice(s![..;-1, ..;2])?.slice(s![35, 7])?, 1),
        ("join", Array::concatenate(&[x.clone(), (&x + 1.0)?], 0)?.slice(s![135, 7])?, 1),
        ("stack", Array::stack(&[x.clone(), (&x + 1.0)?], 1)?.slice(s![35, 1, 7])?, 1),
        ("reduce", x.mean(1)?.slice(s![35])?, 6),
        ("reduce, axes kept", x.reduce(mean.clone(), 1, true)?.slice(s![35, 0])?, 6),
        ("group", x.group_reduce(mean.clone(), 1, &codes, 3)?.slice(s![35, 1])?, 6),
        ("blocks", doubled.slice(s![35, 7])?, 1),
        ("centred", deviation(&x, false, &[1]).square()?.mean(1)?.slice(s![35])?, 6),
    ];
    for (name, array, blocks) in cases {
        reads.take();
        Runtime::builder().threads(1).build().compute(&array)?;
        assert_eq!(reads.count(), blocks, "{name}\n{}", optimized(&array));
    }
    Ok(())
}

#[test]
fn a_selection_of_what_others_use_whole_is_made_afterwards() -> Result<()> {
    let x = x();
    let mean = x.mean(0)?;
    let text = Runtime::builder().threads(1).build().plan(&[&mean, &mean.slice(s![2, ..])?])?.explain();
    assert_eq!(text.matches("mean over axes [0] ->").count(), 1, "{text}");
    Ok(())
}

#[test]
fn rewriting_ends_and_rewrites_nothing_again() -> Result<()> {
    let x = holes(&x());
    let d = deviation(&x, true, &[0]);
    let array = d.square()?.nanmean([0, 2])?.expand_dims(0)?.slice(s![0, 2..4])?.rechunk(1)?;
    let once = optimize(array.expr())?;
    assert_eq!(optimize(&once)?, once);
    assert!(!matches!(once.op(), Op::Select(_)));
    Ok(())
}
